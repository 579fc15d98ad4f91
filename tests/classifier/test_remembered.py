"""Folds that were predicted once are recalled where all that they were made of is the same, and only then."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from peercompare.caches import SWITCH
from peercompare.classifier import out_of_fold, remembered, train
from peercompare.classifier.remembered import answers_store, remembered_answers
from peercompare.cli import main


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The user's cache folder, empty."""
    monkeypatch.setenv(SWITCH, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def rows(garden):
    from peercompare.classifier import training_table

    return training_table(garden)


@pytest.fixture
def trained(monkeypatch):
    """Counts how often a model is trained."""
    calls = []

    def counting(*given, **more):
        calls.append(1)
        return train(*given, **more)

    monkeypatch.setattr(remembered, "train", counting)
    return calls, counting


def test_the_same_fold_is_recalled_nothing_of_it_differs_and_no_text_is_kept(kept, garden, trained):
    calls, learn = trained
    how = {"n_folds": 2, "seed": 3, "learn": learn}
    first = out_of_fold(garden, **how)
    assert len(calls) == answers_store().size()[0] == 2
    again = out_of_fold(garden, **how)
    assert len(calls) == 2
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    words = {word for text in garden.segments["text"] for word in text.split() if len(word) > 6}
    for path in (kept / "answers").iterdir():
        data = path.read_bytes()
        assert b"segment_id" in data
        assert not [word for word in words if word.encode() in data]


def test_whatever_a_fold_is_made_of_makes_another(kept, rows, tiny_framework, trained, monkeypatch):
    calls, learn = trained
    held = rows.drop_duplicates("segment_id").head(4)
    plain = {"fold": 0, "seed": 1, "calibrate": False, "apart_from": held["text"]}
    text = rows.assign(text=rows["text"].where(rows.index > 0, "other words"))
    asked = [
        (learn, rows, held, plain),
        (learn, text, held, plain),
        (learn, rows.assign(whose="other"), held, plain),
        (learn, rows, held.iloc[::-1], plain),
        (learn, rows, held.rename(columns={"heading": "other"}), plain),
        (learn, rows, held, {**plain, "fold": 1}),
        (learn, rows, held, {**plain, "seed": 2}),
        (learn, rows, held, {**plain, "apart_from": held["text"].head(1)}),
        (partial(learn, examples_weight=0.25), rows, held, plain),
    ]
    keys = set()
    for how, teaching, texts, settings in asked:
        given = {**remembered._settings(how), **settings}
        keys.add(remembered._key(teaching, tiny_framework, texts, given))
    monkeypatch.setattr(remembered, "package_hash", lambda: "other code")
    keys.add(remembered._key(rows, tiny_framework, held, plain))
    assert len(keys) == len(asked) + 1
    assert not calls


def test_a_learner_that_cannot_be_told_apart_is_never_recalled(kept, rows, tiny_framework):
    class Said:
        def answers(self, held, *, fold):
            return pd.DataFrame({"segment_id": held["segment_id"], "fold": fold})

    calls = []

    def other(*given, **more):
        calls.append(1)
        return Said()

    for learn in (other, partial(other, examples_weight=0.5)):
        for _ in range(2):
            remembered_answers(learn, rows, tiny_framework, rows.head(2), fold=0, seed=1)
    assert len(calls) == 4
    assert answers_store().size() == (0, 0)
    held = {"weights": np.ones(3)}
    assert remembered._key(rows, tiny_framework, rows.head(2), held) is None


def test_off_keeps_nothing(tmp_path, garden, monkeypatch, trained):
    calls, learn = trained
    monkeypatch.setenv(SWITCH, "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "base"))
    out_of_fold(garden, n_folds=2, seed=3, learn=partial(learn, examples_weight=0.0))
    assert len(calls) == 2
    assert not (tmp_path / "base").exists()


def test_the_command_line_shows_what_is_kept_and_removes_it(kept, capsys):
    answers_store().put("a" * 64, b"numbers")
    assert main(["cache"]) == 0
    shown = capsys.readouterr().out
    assert str(kept) in shown
    assert "1 predictions of folds, 0.0 MB" in shown
    assert "0 embeddings" in shown
    assert main(["cache", "clean"]) == 0
    assert "1 predictions of folds removed" in capsys.readouterr().out
    assert answers_store().size() == (0, 0)
    assert main(["cache", "clean"]) == 0
    assert "nothing removed" in capsys.readouterr().out


def test_the_command_line_says_that_nothing_is_kept(monkeypatch, capsys):
    monkeypatch.setenv(SWITCH, "off")
    assert main(["cache", "clean"]) == 0
    assert "Nothing is kept" in capsys.readouterr().err
