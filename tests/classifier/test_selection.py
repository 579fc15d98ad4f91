from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.selection import candidates, select_for_training
from peercompare.errors import CodingError, InputError

TEXTS = {
    "a1": "we dig the garden together",
    "a2": "we dig the garden together today",
    "a3": "we dig the garden together again",
    "b1": "the warden counts every rake",
    "c1": "parking behind the long hall",
    "d1": "beans taste fresh in june",
    "e1": "sign the quota sheet here",
}
MARGINS = {"a1": 0.01, "a2": 0.02, "a3": 0.03, "b1": 0.1, "c1": 0.2, "d1": 0.3, "e1": 0.9}


@pytest.fixture
def uncoded():
    return pd.DataFrame({"segment_id": list(TEXTS), "text": list(TEXTS.values())})


@pytest.fixture
def predictions():
    sure = np.array([(1 + each) / 2 for each in MARGINS.values()])
    return pd.DataFrame(
        {"segment_id": list(MARGINS), "fold": 3, "model_id": "m", "x": sure, "y": 1 - sure, "z": 0.0}
    )


def test_uncertainty_picks_the_smallest_margins_in_their_order(uncoded, predictions):
    picked = select_for_training(uncoded, n=4, seed=1, by="uncertainty", predictions=predictions)
    assert picked["segment_id"].tolist() == ["a1", "a2", "a3", "b1"]
    assert np.allclose(picked["margin"], [0.01, 0.02, 0.03, 0.1])


def test_both_picks_unsure_segments_that_are_not_one_sentence_over_and_over(uncoded, predictions):
    picked = select_for_training(uncoded, n=2, seed=1, by="both", predictions=predictions)
    chosen = set(picked["segment_id"])
    assert len({each[0] for each in chosen}) == 2
    assert "e1" not in chosen, "the surest is not among the six unsure ones"


def test_diversity_needs_no_predictions_and_stays_away_from_what_is_coded(uncoded):
    coded = pd.DataFrame({"text": ["the warden counts every rake twice", "beans taste fresh in july"]})
    picked = select_for_training(uncoded, n=3, seed=1, by="diversity", coded=coded)
    assert {each[0] for each in picked["segment_id"]} == {"a", "c", "e"}
    assert picked["margin"].isna().all()


@pytest.mark.parametrize("by", ["both", "uncertainty", "diversity"])
def test_the_pick_is_the_same_for_a_seed_and_any_order_of_rows(uncoded, predictions, by):
    asked = {"n": 3, "seed": 5, "by": by, "predictions": predictions}
    first = select_for_training(uncoded, **asked)
    assert first.equals(select_for_training(uncoded.iloc[::-1], **asked))
    assert first["segment_id"].is_unique
    assert len(select_for_training(uncoded, **{**asked, "n": 7})) == 7


def test_what_cannot_be_picked_is_refused(uncoded, predictions):
    for n in (0, 8):
        with pytest.raises(InputError, match="from 1 to 7"):
            select_for_training(uncoded, n=n, seed=1, by="diversity")
    with pytest.raises(InputError, match="no way to pick"):
        select_for_training(uncoded, n=1, seed=1, by="luck")
    with pytest.raises(InputError, match="no predictions to be unsure of"):
        select_for_training(uncoded, n=1, seed=1)
    with pytest.raises(InputError, match="c1 has none"):
        select_for_training(uncoded, n=1, seed=1, predictions=predictions[predictions["segment_id"] != "c1"])
    with pytest.raises(InputError, match="more than once"):
        select_for_training(uncoded, n=1, seed=1, predictions=pd.concat([predictions, predictions]))


def test_only_uncoded_segments_of_people_who_consent_to_training_are_candidates(garden, with_speakers):
    documents = garden.documents.set_index("document_id")["plot_id"]
    plot = garden.segments["document_id"].map(documents)
    coded_by_somebody = garden.segments["segment_id"][plot.isin(["P0", "P1"])]
    codings = garden.codings[garden.codings["segment_id"].isin(coded_by_somebody)]
    half = replace(with_speakers(garden, without_training=("P1", "P3")), codings=codings)
    uncoded, coded = candidates(half)
    assert set(uncoded["document_id"].map(documents)) == {"P2", "P4", "P5", "P6"}
    assert set(coded["document_id"].map(documents)) == {"P0"}


def test_a_corpus_that_is_coded_throughout_has_no_candidates(garden):
    with pytest.raises(CodingError, match="coded already"):
        candidates(garden)
