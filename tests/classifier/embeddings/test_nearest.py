"""The nearest coded segments: in order, not the text's own, quoted only where everybody agreed."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra embeddings: make test-embeddings")

from peercompare.classifier.embeddings.nearest import NEAREST_COLUMNS, nearest_coded
from peercompare.errors import CodingError, InputError


@pytest.fixture
def asked():
    return pd.DataFrame(
        {"segment_id": ["x:1", "x:2"], "text": ["Sign the quota sheet near", "Parking hall bus"]}
    )


def test_the_nearest_come_first_with_gold_labels_and_words(embedding_model, garden, asked):
    found = nearest_coded(embedding_model, asked, garden, n_neighbours=4)
    assert found.columns.tolist() == list(NEAREST_COLUMNS)
    assert found["segment_id"].tolist() == ["x:1"] * 4 + ["x:2"] * 4
    assert found["place"].tolist() == [1, 2, 3, 4] * 2
    assert found.groupby("segment_id")["similarity"].apply(lambda s: s.is_monotonic_decreasing).all()
    assert found.loc[found["segment_id"] == "x:1", "label"].tolist() == ["managed"] * 4
    words = garden.segments.set_index("segment_id")["text"]
    assert (found["text"] == words[found["coded_segment"]].to_numpy()).all()


def test_similarity_is_the_cosine(embedding_model, garden, asked, encoder):
    found = nearest_coded(embedding_model, asked, garden, n_neighbours=1)
    one, other = encoder.embed([asked["text"][0], found["text"][0]])
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert found["similarity"][0] == pytest.approx(cosine, abs=1e-5)


def test_a_coded_segment_is_not_its_own_neighbour(embedding_model, garden):
    mine = garden.segments[["segment_id", "text"]].head(3)
    found = nearest_coded(embedding_model, mine, garden)
    assert (found["segment_id"] != found["coded_segment"]).all()


def test_words_of_people_who_did_not_agree_to_quotation_are_counted_and_not_shown(
    embedding_model, garden, with_speakers, asked
):
    spoken = with_speakers(garden)
    records = spoken.consents.records.copy()
    refusing = ["P0", "P1", "P2", "P3"]
    records.loc[refusing, "purposes"] = "analysis training"
    from dataclasses import replace

    spoken = replace(spoken, consents=type(spoken.consents)(records))
    found = nearest_coded(embedding_model, asked, spoken, n_neighbours=20)
    plots = spoken.documents.set_index("document_id")["plot_id"]
    owners = found["coded_segment"].str.split(":").str[0].map(plots)
    assert not owners.isin(refusing).any()
    shown = found.groupby("segment_id").size()
    hidden = found.groupby("segment_id")["n_not_shown"].first()
    assert (shown + hidden == 20).all()
    assert (hidden > 0).all()


def test_where_nobody_agreed_each_text_has_a_row_that_says_so(embedding_model, garden, with_speakers, asked):
    from dataclasses import replace

    spoken = with_speakers(garden)
    spoken = replace(
        spoken, consents=type(spoken.consents)(spoken.consents.records.assign(purposes="analysis training"))
    )
    found = nearest_coded(embedding_model, asked, spoken)
    assert found["segment_id"].tolist() == ["x:1", "x:2"]
    assert found["n_not_shown"].tolist() == [5, 5]
    assert (found["text"] == "").all()


def test_a_fine_tuned_model_uses_its_own_space(stack_model, garden, asked):
    found = nearest_coded(stack_model, asked, garden, n_neighbours=2)
    assert len(found) == 4


def test_the_n_gram_model_has_no_space(trained, garden, asked):
    with pytest.raises(InputError, match="no embeddings"):
        nearest_coded(trained, asked, garden)


def test_no_neighbours_are_refused(embedding_model, garden, asked):
    with pytest.raises(InputError, match="1 or more"):
        nearest_coded(embedding_model, asked, garden, n_neighbours=0)


def test_a_corpus_without_gold_is_refused(embedding_model, garden, asked):
    from dataclasses import replace

    bare = replace(garden, codings=garden.codings[garden.codings["coder_id"] != "gold"])
    with pytest.raises(CodingError):
        nearest_coded(embedding_model, asked, bare)
