"""Where coders part: pairs of values, and segments to discuss."""

import pandas as pd
import pytest

from peercompare.agreement import disagreement_table, discussion_counts, segments_to_discuss
from peercompare.errors import CodingError


def test_pairs_of_values_are_counted_in_the_frameworks_order(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    codes = tiny_framework.code_ids
    found = disagreement_table(codings, segments, framework=tiny_framework, corpus_name="garden")
    assert found.to_dict("records") == [
        {
            "corpus": "garden",
            "level": "code",
            "value": codes[1],
            "other_value": codes[5],
            "n_pairs": 2,
            "share": 1.0,
            "n_segments": 2,
            "n_documents": 2,
        }
    ]


def test_a_third_coder_makes_more_pairs_of_the_same_segment(tiny_codings, tiny_framework):
    """On D2:2 and D5:2 ann and cat both part from ben."""
    codings, segments = tiny_codings
    third = codings[codings["coder_id"] == "ann"].assign(coder_id="cat")
    found = disagreement_table(
        pd.concat([codings, third]), segments, framework=tiny_framework, corpus_name="garden", level="stance"
    )
    assert found["n_pairs"].tolist() == [4]
    assert found["n_segments"].tolist() == [2]
    assert found["value"].tolist() + found["other_value"].tolist() == ["both", "managed"]


def test_coders_who_never_part_give_an_empty_table(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    same = codings[~codings["segment_id"].isin(["D2:2", "D5:2"])]
    found = disagreement_table(same, segments, framework=tiny_framework, corpus_name="garden")
    assert found.empty
    assert segments_to_discuss(same, segments, framework=tiny_framework).empty


def test_segments_to_discuss_show_what_each_coder_gave_and_no_text(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    codes = tiny_framework.code_ids
    found = segments_to_discuss(codings, segments.assign(text="private words"), framework=tiny_framework)
    assert found.columns.tolist() == ["document_id", "segment_id", "ann", "ben"]
    assert found.to_numpy().tolist() == [
        ["D2", "D2:2", codes[1], codes[5]],
        ["D5", "D5:2", codes[1], codes[5]],
    ]


def test_a_coder_who_did_not_code_a_disputed_segment_stays_blank(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    third = codings[(codings["coder_id"] == "ann") & (codings["segment_id"] != "D2:2")].assign(coder_id="cat")
    found = segments_to_discuss(pd.concat([codings, third]), segments, framework=tiny_framework)
    assert found["cat"].tolist() == ["", tiny_framework.code_ids[1]]


def test_counts_by_document_follow_the_corpus_and_count_what_two_coders_coded(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    found = discussion_counts(codings, segments, framework=tiny_framework)
    assert found["document_id"].tolist() == [f"D{n}" for n in range(1, 7)]
    assert found["n_segments"].tolist() == [3, 3, 3, 3, 3, 2]
    assert found["segments_to_discuss"].tolist() == [0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("compute", [segments_to_discuss, discussion_counts])
def test_one_coder_alone_has_nobody_to_discuss_with(tiny_codings, tiny_framework, compute):
    codings, segments = tiny_codings
    with pytest.raises(CodingError, match="two coders"):
        compute(codings[codings["coder_id"] != "ben"], segments, framework=tiny_framework)
