"""Training tables: votes, consent, groups, and plain tables."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import bare_training_table, training_table
from peercompare.classifier.examples import GENRE
from peercompare.classifier.inputs import CONTEXT_COLUMNS
from peercompare.classifier.training import COLUMNS, analysed_segments, leading_labels
from peercompare.errors import CodingError, ConsentError, CorpusError, FrameworkError, InputError


def test_each_segment_counts_one_however_many_labels_it_got(garden):
    table = training_table(garden)
    assert list(table.columns) == [*COLUMNS, *CONTEXT_COLUMNS, GENRE]
    assert np.allclose(table.groupby("segment_id")["weight"].sum(), 1.0)
    assert len(table) > table["segment_id"].nunique() == len(garden.segments)


def test_gold_counts_twice_what_both_coders_count(garden, coding_rows):
    ids = garden.segments["segment_id"].iloc[:1]
    given = {"ann": "both", "bo": "both", "gold": "none"}
    codings = [coding_rows(ids, [label], who) for who, label in given.items()]
    table = training_table(replace(garden, codings=pd.concat(codings)))
    assert table.set_index("label")["weight"].to_dict() == pytest.approx({"none": 2 / 3, "both": 1 / 3})


def test_weights_of_the_vote_can_be_set(garden):
    table = training_table(garden, gold_weight=1.0, coder_weight=0.0)
    assert (table["weight"] == 1.0).all()
    assert table["segment_id"].is_unique


def test_groups_carry_the_name_of_their_corpus(garden, garden_letters):
    table = training_table([garden, garden_letters])
    assert table.loc[table["corpus"] == "letters", "group"].str.startswith("letters:P").all()
    assert table["group"].nunique() == 7 + 6


def test_segments_whose_people_do_not_consent_to_training_teach_nothing(garden, with_speakers):
    spoken = with_speakers(garden, without_training=["P2", "P4"])
    groups = set(training_table(spoken)["group"])
    assert groups == {f"garden:P{number}" for number in (0, 1, 3, 5, 6)}


def test_nobodys_consent_is_an_error_that_says_so(garden, with_speakers):
    spoken = with_speakers(garden, without_training=[f"P{number}" for number in range(7)])
    with pytest.raises(ConsentError, match="Nobody in garden consents to training"):
        training_table(spoken)


def test_an_uncoded_corpus_is_an_error_that_says_so(garden):
    with pytest.raises(CodingError, match="No segment of garden is coded"):
        training_table(replace(garden, codings=garden.codings.iloc[:0]))


def test_no_corpus_is_an_error():
    with pytest.raises(CorpusError, match="no corpus to learn from"):
        training_table([])


def test_corpora_of_different_frameworks_cannot_be_mixed(garden, garden_letters, deegan):
    with pytest.raises(FrameworkError, match=r"garden: garden2020, letters: deegan2017"):
        training_table([garden, replace(garden_letters, framework=deegan)])


def test_a_document_without_a_group_is_a_group_of_its_own(garden):
    documents = garden.documents.assign(
        plot_id=garden.documents["plot_id"].where(garden.documents.index != 0)
    )
    segments = analysed_segments(replace(garden, documents=documents))
    assert segments["group"].iloc[0] == garden.documents["document_id"].iloc[0]
    assert segments["group"].notna().all()


def test_the_leading_label_is_the_one_with_most_votes():
    table = pd.DataFrame({"segment_id": list("aabb"), "label": list("xyyx"), "weight": [0.2, 0.8, 0.5, 0.5]})
    assert leading_labels(table).to_dict() == {"a": "y", "b": "y"}


def bare():
    return pd.DataFrame(
        {
            "segment_id": ["s1", "s2", "s3"],
            "document_id": ["d1", "d1", "d2"],
            "text": ["One digs", "Two dig", "Three dig"],
            "label": ["none", "shared", "tools/managed"],
        }
    )


def test_a_plain_table_trains_with_its_documents_as_groups_and_codes_as_stances(tiny_framework):
    table = bare_training_table(bare(), tiny_framework)
    assert table["label"].tolist() == ["none", "shared", "managed"]
    assert table["group"].tolist() == ["d1", "d1", "d2"]
    assert (table["weight"] == 1.0).all()


def test_a_plain_tables_group_column_is_used_where_it_is_filled(tiny_framework):
    table = bare_training_table(bare().assign(group=["g1", None, "g1"]), tiny_framework)
    assert table["group"].tolist() == ["g1", "d1", "g1"]


def test_an_unknown_label_is_named_with_its_row_and_the_labels_allowed(tiny_framework):
    table = bare().assign(label=["none", "sharing", None])
    with pytest.raises(CodingError, match=r"(?s)row 3 \(s2\).*'sharing'.*row 4.*none, shared, both, managed"):
        bare_training_table(table, tiny_framework)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"segment_id": ["s1", "s1", "s3"]}, r"row 3 \(s1\): segment_id stands twice"),
        ({"text": ["One digs", np.nan, "Three dig"]}, r"row 3 \(s2\): text is missing"),
        ({"text": ["One digs", "Two dig", " "]}, r"row 4 \(s3\): text is empty"),
    ],
)
def test_a_plain_table_with_a_fault_is_refused_with_the_row(tiny_framework, change, said):
    with pytest.raises(InputError, match=said):
        bare_training_table(bare().assign(**change), tiny_framework)


def test_a_plain_table_without_labels_is_refused(tiny_framework):
    with pytest.raises(InputError, match=r"'label'.*missing"):
        bare_training_table(bare().drop(columns="label"), tiny_framework)


def test_a_corpus_in_which_nothing_is_cut_yet_is_called_so_and_nobody_is_said_to_refuse(garden):
    uncut = replace(garden, segments=garden.segments.iloc[:0], codings=garden.codings.iloc[:0])
    with pytest.raises(CodingError, match="in garden: nothing is cut or coded yet"):
        training_table(uncut)
