"""Somebody else's predictions in a study file: checked first, then used in the place of ours."""

import numpy as np
import pandas as pd
import pytest
from canaries import AS_OF, write_corpus

from peercompare.errors import StudyError
from peercompare.study import read_study, run_study

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
LABELS = ["none", "peer", "overlap", "clinical"]
STUDY = f"""
[study]
title = "Somebody else's model"
as_of = {AS_OF}
notebooks = ""

[[corpus]]
path = "corpus"
predictions = "theirs.csv"

[classifier]
n_folds = 2
"""


@pytest.fixture
def study_file(tmp_path):
    """A study of a tiny corpus; the predictions are still to be written."""
    write_corpus(tmp_path / "corpus", CODES)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path / "study.toml"


def write_predictions(study_file, seed=2):
    ids = pd.read_csv(study_file.parent / "corpus" / "segments.csv")["segment_id"]
    found = np.random.default_rng(seed).dirichlet(np.ones(4), size=len(ids)).round(3)
    table = pd.DataFrame(found, columns=LABELS).assign(segment_id=ids)
    table.to_csv(study_file.parent / "theirs.csv", index=False)
    return table


def test_drift_rests_on_them_and_they_are_scored_beside_ours(study_file):
    theirs = write_predictions(study_file)
    results = run_study(study_file, until="drift")
    kept = results.table("predictions")
    assert set(kept["model_id"]) == {"theirs"}
    assert np.abs(kept[LABELS].to_numpy() - theirs[LABELS].to_numpy()).max() < 0.005
    assert {"own: theirs", "ngram", "majority"} <= set(results.table("scores")["model"])
    estimates = results.table("estimates")
    share = estimates[
        (estimates["labels"] == "predicted_only") & (estimates["estimand"].str.contains("share"))
    ]
    assert len(share)


def test_a_changed_file_is_a_changed_study(study_file):
    write_predictions(study_file)
    before = read_study(study_file).fingerprint("classifier")
    assert read_study(study_file).fingerprint("classifier") == before
    write_predictions(study_file, seed=3)
    assert read_study(study_file).fingerprint("classifier") != before


def test_a_missing_file_and_every_fault_of_one_stop_the_study_first(study_file):
    with pytest.raises(StudyError, match=r"there is no file theirs\.csv"):
        read_study(study_file).check()
    table = write_predictions(study_file)
    table.loc[0, "segment_id"], table.loc[1, "peer"] = "elsewhere", 7.0
    table.to_csv(study_file.parent / "theirs.csv", index=False)
    with pytest.raises(StudyError) as refused:
        read_study(study_file).check()
    said = [each.what for each in refused.value.problems]
    assert len(said) == 3
    assert any("is no segment of" in each for each in said)
    assert "peer = '7.0'" in said
    assert any("is not predicted" in each for each in said)
