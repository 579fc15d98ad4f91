"""Picking the next segments to code, from the command line: drawn, coded, read back, and estimated from."""

import shutil

import numpy as np
import pandas as pd
import pytest

from peercompare.cli import main
from peercompare.corpus import register
from peercompare.sheets import SHEET, TO_CODE

DAY = ["--as-of", "2024-06-30"]
LABELS = ["none", "peer", "overlap", "clinical"]


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture
def sessions(corpora_folder, tmp_path):
    """A copy of the sessions."""
    return copied(corpora_folder / "session_transcripts", tmp_path / "sessions")


@pytest.fixture
def half(sessions):
    """A copy of the sessions in which every second document is not coded yet."""
    codings = pd.read_csv(sessions / "codings.csv", dtype="str", keep_default_na=False)
    number = codings["segment_id"].str[2:5].astype(int)
    codings[number % 2 == 0].to_csv(sessions / "codings.csv", index=False)
    register(sessions)
    return sessions


def copied(source, target):
    """Copy a corpus so that it can be written, whatever the rights of what was copied."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for folder in (target, *(each for each in target.rglob("*") if each.is_dir())):
        folder.chmod(0o755)
    return target


def ask(folder, tmp_path, *more, coder="ann", name="a", ending=".csv"):
    """Run the command; return its status, the sheet and the key."""
    out, key = tmp_path / f"{name}{ending}", tmp_path / f"{name}_key.csv"
    status = run("next", folder, *DAY, "--coder", coder, "--key", key, "--out", out, *more)
    return status, out, key


def read(path):
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def predicted(folder, tmp_path):
    """Made-up probabilities of every segment."""
    ids = read(folder / "segments.csv")["segment_id"]
    values = np.random.default_rng(3).dirichlet([0.4] * 4, size=len(ids))
    table = pd.DataFrame(values / values.sum(axis=1, keepdims=True), columns=LABELS)
    table.insert(0, "segment_id", ids)
    table.to_csv(tmp_path / "predicted.csv", index=False)
    return tmp_path / "predicted.csv"


def coded_by_ann(folder, sheet, key, tmp_path):
    """Code a sheet as gold did, read it back, and put ann's codings into the corpus."""
    codings, keys, table = read(folder / "codings.csv"), read(key), read(sheet)
    gold = codings[(codings["coder_id"] == "gold") & (codings["is_primary"] == "true")]
    code = keys.set_index("sheet_id")["segment_id"].map(gold.set_index("segment_id")["code"])
    rows = table["status"] == TO_CODE
    table.loc[rows, "code"] = table.loc[rows, "sheet_id"].map(code)
    table.to_csv(tmp_path / "coded.csv", index=False)
    out = tmp_path / "ann.csv"
    asked = ["--read", "--coder", "ann", "--key", key, "--out", out, "--force"]
    assert run("sheet", tmp_path / "coded.csv", *asked) == 0
    pd.concat([codings, read(out)]).to_csv(folder / "codings.csv", index=False)
    register(folder)


def test_a_drawn_wave_is_coded_read_back_and_estimated_from(sessions, tmp_path, capsys):
    prediction = predicted(sessions, tmp_path)
    more = ["--n", 300, "--for", "inference", "--predictions", prediction]
    status, sheet, key = ask(sessions, tmp_path, *more)
    assert status == 0
    assert len(read(key)) == 300
    draws = read(sessions / "samples.csv")
    assert (draws["sampled"] == "true").sum() == 300
    assert draws["pi"].astype(float).sum() == pytest.approx(300)
    assert set(read(key)["segment_id"]) == set(draws.loc[draws["sampled"] == "true", "segment_id"])
    coded_by_ann(sessions, sheet, key, tmp_path)
    capsys.readouterr()
    out = tmp_path / "estimates.csv"
    asked = ["--coder", "ann", "--sample", sessions / "samples.csv", "--waive-if-composed", "--out", out]
    assert run("drift", sessions, *DAY, *asked) == 0
    found = pd.read_csv(out)
    assert set(found["labels"]) == {"probability_sample"}
    assert run("drift", sessions, *DAY, "--waive-if-composed", "--out", tmp_path / "all.csv") == 0
    where = "group_by == 'all' and dimension == 'all' and estimand == 'index'"
    sampled, truth = found.query(where).iloc[0], pd.read_csv(tmp_path / "all.csv").query(where).iloc[0]
    assert sampled["lower"] < truth["estimate"] < sampled["upper"]
    assert sampled["estimate"] == pytest.approx(truth["estimate"], abs=0.12)


def test_a_second_wave_joins_the_first_and_asks_for_no_segment_twice(sessions, tmp_path, capsys):
    _, sheet, key = ask(sessions, tmp_path, "--n", 400, "--for", "inference")
    coded_by_ann(sessions, sheet, key, tmp_path)
    status, more, more_key = ask(sessions, tmp_path, "--n", 200, "--for", "inference", name="b")
    assert status == 0
    assert "are coded already" in capsys.readouterr().err
    assert not set(read(more_key)["segment_id"]) & set(read(key)["segment_id"])
    assert not set(read(more_key)["sheet_id"]) & set(read(key)["sheet_id"])
    sample = ["--coder", "ann", "--sample", sessions / "samples.csv", "--waive-if-composed"]
    assert run("drift", sessions, *DAY, *sample) == 1
    assert "segments were sampled but not coded" in capsys.readouterr().err
    assert run("drift", sessions, *DAY, *sample, "--wave", 1) == 0
    coded_by_ann(sessions, more, more_key, tmp_path)
    assert run("drift", sessions, *DAY, *sample) == 0


def test_a_pick_for_training_is_recorded_and_no_estimate_can_be_made_from_it(half, tmp_path, capsys):
    before = set(read(half / "codings.csv")["segment_id"])
    status, _, key = ask(half, tmp_path, "--n", 30, "--for", "training", "--by", "diversity")
    assert status == 0
    assert "for training alone" in capsys.readouterr().err
    assert not set(read(key)["segment_id"]) & before
    draws = read(half / "samples.csv")
    assert set(draws["use"]) == {"training"}
    assert set(draws["pi"]) == {""}
    assert run("drift", half, *DAY, "--sample", half / "samples.csv") == 1
    assert "wave 1: was picked for training" in capsys.readouterr().err


def test_unsure_segments_are_picked_by_predictions_that_the_coder_never_sees(half, tmp_path):
    path = predicted(half, tmp_path)
    status, sheet, key = ask(half, tmp_path, "--n", 20, "--for", "training", "--predictions", path)
    assert status == 0
    assert read(sheet).columns.tolist() == list(SHEET)
    two = np.sort(pd.read_csv(path).set_index("segment_id")[LABELS].to_numpy(), axis=1)[:, -2:]
    margin = pd.Series(two[:, 1] - two[:, 0], index=read(path)["segment_id"])
    assert margin[read(key)["segment_id"]].max() < margin.quantile(0.4)
    order = read(key)["segment_id"].tolist()
    assert order == sorted(order), "the key, like the sheet, is not in the order of the margins"


def test_only_people_who_permit_it_are_picked(half, tmp_path):
    _, _, key = ask(half, tmp_path, "--n", 300, "--for", "inference")
    _, _, taught = ask(half, tmp_path, "--n", 200, "--for", "training", "--by", "diversity", name="b")
    consents = read(half / "consents.csv").set_index("person_id")["purposes"]
    documents = read(half / "documents.csv").set_index("document_id")["speakers"]
    for path, purpose in ((key, "analysis"), (taught, "training")):
        for document in set(read(path)["segment_id"].str[:5]):
            people = [pair.split("=")[1] for pair in documents[document].split()]
            assert all(purpose in consents[person].split() for person in people), document


def test_the_same_wave_is_given_to_another_coder(sessions, tmp_path, capsys):
    _, _, key = ask(sessions, tmp_path, "--n", 60, "--for", "inference")
    before = (sessions / "samples.csv").read_bytes()
    status, other, other_key = ask(sessions, tmp_path, "--wave", 1, coder="ben", name="b")
    assert status == 0
    assert other.is_file()
    assert read(other_key)["segment_id"].tolist() == read(key)["segment_id"].tolist()
    assert not set(read(other_key)["sheet_id"]) & set(read(key)["sheet_id"])
    assert (sessions / "samples.csv").read_bytes() == before
    assert ask(sessions, tmp_path, "--wave", 4, coder="cy", name="c")[0] == 1
    assert "waves: 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--n", 5], "--n, --for"),
        (["--wave", 1, "--n", 5], "picks nothing"),
        (["--n", 50, "--for", "inference", "--by", "both"], "--by: goes with --for training"),
        (["--n", 50, "--for", "training", "--floor", 0.2], "--floor: goes with --for inference"),
        (["--n", 50, "--for", "inference", "--floor", 0.2], "--floor needs predictions"),
        (["--n", 9000, "--for", "inference"], "give a number from"),
        (["--n", 50, "--for", "inference", "--seed", -1], "--seed: -1 is below 0"),
        (["--n", 50, "--for", "training"], "coded already"),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_is_written(sessions, tmp_path, capsys, more, said):
    status, sheet, key = ask(sessions, tmp_path, *more)
    assert status == 1
    assert said in capsys.readouterr().err
    assert not any(path.exists() for path in (sheet, key, sessions / "samples.csv"))


def test_files_that_exist_stay_and_no_wave_is_recorded(sessions, tmp_path, capsys):
    (tmp_path / "a_key.csv").write_text("mine")
    assert ask(sessions, tmp_path, "--n", 50, "--for", "inference")[0] == 1
    assert ask(sessions, tmp_path, "--n", 50, "--for", "inference", name="z", ending=".doc")[0] == 1
    assert "does not end in" in capsys.readouterr().err
    assert (tmp_path / "a_key.csv").read_text() == "mine"
    assert not (sessions / "samples.csv").exists()


def test_waves_are_named_only_with_a_sample(sessions, capsys):
    assert run("drift", sessions, *DAY, "--wave", 1) == 1
    assert "--wave says which waves of --sample" in capsys.readouterr().err
