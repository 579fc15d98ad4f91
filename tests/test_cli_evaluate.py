"""`peercompare evaluate`: models of ours and of others on the command line."""

import pandas as pd
import pytest
from canaries import AS_OF, canaries_in, write_corpus

from peercompare.cli import main

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
LABELS = ["none", "peer", "overlap", "clinical"]


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture
def folder(tmp_path):
    return write_corpus(tmp_path / "corpus", CODES)


@pytest.fixture
def theirs(folder, tmp_path):
    """Somebody's predictions: gold's label for two in three segments, and for the rest none."""
    codings = pd.read_csv(folder / "codings.csv")
    gold = codings[codings["coder_id"] == "gold"].reset_index(drop=True)
    label = gold["code"].str.rpartition("/")[2].where(gold.index % 3 > 0, "none")
    path = tmp_path / "theirs.csv"
    pd.DataFrame({"segment_id": gold["segment_id"], "label": label}).to_csv(path, index=False)
    return path


def test_a_file_is_judged_alone_without_training(capsys, folder, theirs, tmp_path):
    out = tmp_path / "table.csv"
    words = ["evaluate", folder, "--as-of", AS_OF, "--predictions", theirs, "--only-predictions"]
    assert run(*words, "--by", "dimension", "site_id", "--out", out) == 0
    table = pd.read_csv(out, keep_default_na=False)
    assert set(table["model"]) == {"theirs", "ann vs bo"}
    assert set(table["part"]) == {"scores", "groups", "confusion", "calibration", "permuted", "ladder"}
    shown = capsys.readouterr()
    assert "theirs" in shown.out
    assert "never ranks or flags a person" in shown.out
    # Four workers at each site are fewer than five: nothing by site is shown.
    assert set(table.loc[table["group_by"] == "site_id", "estimate"]) == {""}
    assert not canaries_in([*shown, out.read_text(encoding="utf-8")])


def test_ours_and_theirs_are_compared_and_calibrated_theirs_goes_into_drift(capsys, folder, theirs, tmp_path):
    mended = tmp_path / "mended.csv"
    words = ["evaluate", folder, "--as-of", AS_OF, "--predictions", theirs, "--folds", "2"]
    assert run(*words, "--calibrated", mended, "--out", tmp_path / "table.parquet") == 0
    table = pd.read_parquet(tmp_path / "table.parquet")
    compared = table[(table["part"] == "compared") & (table["against"] == "theirs")]
    assert set(compared["model"]) == {"ngram"}
    assert "compared" in capsys.readouterr().out
    drift = ["drift", folder, "--as-of", AS_OF, "--predictions"]
    assert run(*drift, theirs, "--out", tmp_path / "given.csv") == 0
    assert run(*drift, mended, "--out", tmp_path / "mended_drift.csv") == 0
    # Gold says none of a quarter, theirs of a third of the rest too; drift by predictions counts theirs.
    for name in ("given.csv", "mended_drift.csv"):
        found = pd.read_csv(tmp_path / name).set_index("estimand")["estimate"]
        assert found["share_none"] == pytest.approx(0.5)
    assert pd.read_csv(mended)[LABELS].max().max() < 1


def test_settings_are_tried_inside(folder, tmp_path):
    out = tmp_path / "table.csv"
    words = [
        "evaluate",
        folder,
        "--as-of",
        AS_OF,
        "--folds",
        "2",
        "--settings",
        "alpha=5.0",
        "alpha=500.0",
    ]
    assert run(*words, "--out", out) == 0
    table = pd.read_csv(out)
    assert set(table.loc[table["part"] == "settings", "group"]) == {'{"alpha": 5.0}', '{"alpha": 500.0}'}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--only-predictions"], "name a file with --predictions"),
        (["--calibrated", "x.csv"], "takes one corpus and one predictions file"),
        (["--by", "worker_id"], "single people"),
        (["--leave-out", "colour"], "There is no column 'colour'"),
        (["--settings", "alpha"], "is not COLUMN=VALUE"),
        (["--settings", "model__D=1"], "has no setting model__D"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_written(capsys, folder, tmp_path, more, said):
    out = tmp_path / "table.csv"
    assert run("evaluate", folder, "--as-of", AS_OF, "--folds", "2", *more, "--out", out) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_faulty_predictions_are_refused_with_every_fault(capsys, folder, theirs, tmp_path):
    table = pd.read_csv(theirs)
    table.loc[0, "label"], table.loc[1, "segment_id"] = "helper", "D99:01"
    table.to_csv(theirs, index=False)
    words = ["evaluate", folder, "--as-of", AS_OF, "--only-predictions", "--predictions", theirs]
    assert run(*words, "--out", tmp_path / "table.csv") == 1
    said = capsys.readouterr().err
    for part in ("unknown label 'helper'", "'D99:01' is no segment", "is not predicted"):
        assert part in said
    assert not (tmp_path / "table.csv").exists()


def test_a_table_that_exists_is_kept(capsys, folder, theirs, tmp_path):
    out = tmp_path / "table.csv"
    out.write_text("mine")
    assert run("evaluate", folder, "--as-of", AS_OF, "--predictions", theirs, "--out", out) == 1
    assert out.read_text() == "mine"


def test_the_example_is_what_its_script_writes_and_can_be_judged(capsys, request, corpora_folder, tmp_path):
    import runpy

    place = request.config.rootpath / "notebooks" / "own_predictions"
    made = runpy.run_path(str(place / "make.py"))["example"]()
    assert made == (place / "framework_words.csv").read_text(encoding="utf-8")
    words = ["evaluate", corpora_folder / "job_descriptions", "--predictions", place / "framework_words.csv"]
    assert run(*words, "--only-predictions", "--out", tmp_path / "table.csv") == 0
    assert "framework_words" in capsys.readouterr().out
