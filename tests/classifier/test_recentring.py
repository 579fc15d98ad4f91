"""Labels named beside their mean over the texts of another genre."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.decision import NAMED
from peercompare.classifier.recentring import recentred
from peercompare.cli import main
from peercompare.errors import InputError

LABELS = ("none", "low", "high")


@pytest.fixture
def shy(rng):
    """Predictions that lean to the right label and hardly ever name "high", since it was rare in training."""
    truth = rng.choice(3, size=300)
    lean = 1.5 * np.eye(3)[truth] + np.log([0.70, 0.28, 0.02]) + rng.normal(scale=0.3, size=(300, 3))
    found = np.exp(lean) / np.exp(lean).sum(axis=1, keepdims=True)
    rows = pd.DataFrame(found, columns=list(LABELS)).assign(segment_id=[f"s{n}" for n in range(300)])
    return rows, np.array(LABELS)[truth]


def test_labels_that_were_rare_in_training_are_named_again(shy):
    rows, truth = shy
    before = rows[list(LABELS)].idxmax(axis=1)
    after = recentred(rows, LABELS)[NAMED]
    assert (before == "high").sum() == 0
    assert (after == truth).mean() > 0.85 > (before == truth).mean()


def test_probabilities_and_other_columns_stay(shy):
    rows, _ = shy
    pd.testing.assert_frame_equal(recentred(rows, LABELS).drop(columns=NAMED), rows)


def test_a_label_that_no_segment_can_have_is_never_named(shy):
    rows, _ = shy
    assert "high" not in set(recentred(rows.assign(high=0.0), LABELS)[NAMED])


def test_few_segments_are_refused(shy):
    with pytest.raises(InputError, match="99 segments are too few"):
        recentred(shy[0].head(99), LABELS)


@pytest.fixture
def model(tmp_path):
    """The n-gram model of a table of labelled texts, of six employers."""
    told = {
        "none": "bus leaves at nine",
        "peer": "we dig together here",
        "clinical": "the warden counts rakes",
    }
    rows = [
        (f"d{group}:{number}", f"d{group}", f"{words} {number}", label, f"E{group}")
        for group in range(6)
        for number, (label, words) in enumerate(list(told.items()) * 3)
    ]
    columns = ["segment_id", "document_id", "text", "label", "group"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "coded.csv", index=False)
    words = ["train", tmp_path / "coded.csv", "--examples-weight", 0, "--out", tmp_path / "m.skops"]
    assert main([str(word) for word in words]) == 0
    return tmp_path / "m.skops"


def predicted(model, texts, name, *options):
    """Predict by the command and read what it wrote."""
    path, out = model.with_name(f"{name}.texts.csv"), model.with_name(f"{name}.csv")
    table = pd.DataFrame({"segment_id": [f"s{n}" for n in range(len(texts))], "text": texts})
    table.assign(document_id=table.index // 5).to_csv(path, index=False)
    status = main(["predict", str(model), str(path), "--out", str(out), *options])
    return status, pd.read_csv(out) if out.exists() else None


def test_the_command_recentres_where_it_is_asked_to(model):
    texts = [*["leaves at nine"] * 60, *["we dig at nine"] * 60, *["the warden leaves at nine"] * 30]
    _, plain = predicted(model, texts, "plain")
    status, found = predicted(model, texts, "recentred", "--another-genre")
    labels = ["none", "peer", "overlap", "clinical"]
    assert status == 0
    assert found[NAMED].tolist() == recentred(plain, labels)[NAMED].tolist()
    assert (found[NAMED] != plain[NAMED]).any()
    pd.testing.assert_frame_equal(found.drop(columns=NAMED), plain.drop(columns=NAMED))


def test_the_command_refuses_to_recentre_few_segments_and_writes_nothing(model, capsys):
    status, found = predicted(model, ["we dig at nine"] * 20, "few", "--another-genre")
    assert status == 1
    assert found is None
    assert "20 segments are too few" in capsys.readouterr().err
