"""A trained model's card, beside the model, from the command line and from a study."""

import pandas as pd
import pytest

from peercompare.classifier.persistence import read_facts
from peercompare.cli import main
from peercompare.files import sha256_of
from peercompare.report import page_faults


@pytest.fixture
def table(tmp_path):
    """A plain table of labelled texts."""
    texts = {
        "clinical": ["Writes treatment plans weekly.", "Keeps treatment plans and progress notes."],
        "peer": ["We sit together and have coffee.", "We sit and talk as peers together."],
    }
    rows = [
        {"segment_id": f"{label}:{at}:{copy}", "document_id": f"d{copy}", "text": text, "label": label}
        for label, each in texts.items()
        for at, text in enumerate(each)
        for copy in range(3)
    ]
    path = tmp_path / "labelled.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def run(*words):
    return main([str(word) for word in words])


def test_training_writes_a_card_beside_the_model(table, tmp_path, capsys):
    model = tmp_path / "m.skops"
    assert run("train", table, "--out", model) == 0
    assert "m.card.md" in capsys.readouterr().err
    facts = read_facts(model)
    assert facts["provenance"] == {"table": "labelled.csv", "table_sha256": sha256_of(table)}
    said = (tmp_path / "m.card.md").read_text(encoding="utf-8")
    assert facts["framework_sha256"] in said
    assert sha256_of(table) in said
    assert "Not measured when this card was written" in said
    assert page_faults((tmp_path / "m.card.html").read_text(encoding="utf-8")) == ()


def test_a_card_of_somebodys_is_not_overwritten_and_no_model_is_written(table, tmp_path):
    (tmp_path / "m.card.md").write_text("mine")
    assert run("train", table, "--out", tmp_path / "m.skops") == 1
    assert (tmp_path / "m.card.md").read_text() == "mine"
    assert not (tmp_path / "m.skops").exists()
    assert run("train", table, "--out", tmp_path / "m.skops", "--force") == 0
    assert (tmp_path / "m.card.md").read_text() != "mine"


def test_a_plain_table_cannot_be_evaluated(table, tmp_path, capsys):
    assert run("train", table, "--evaluate", "--out", tmp_path / "m.skops") == 1
    assert "--evaluate measures on corpora" in capsys.readouterr().err
    assert not (tmp_path / "m.skops").exists()


def test_evaluated_training_puts_its_scores_into_the_card(small_study_file, tmp_path):
    model = tmp_path / "m.skops"
    assert run("train", small_study_file.parent / "postings", "--evaluate", "--out", model) == 0
    said = (tmp_path / "m.card.md").read_text(encoding="utf-8")
    assert "Over all labels, with 95% intervals" in said
    assert "Not measured" not in said


def test_a_study_keeps_the_card_of_its_model_with_the_numbers_of_its_tables(small_results):
    folder = small_results.folder
    said = (folder / "models" / "stance.card.md").read_text(encoding="utf-8")
    scores = pd.read_csv(folder / "tables" / "scores.csv")
    shown = scores[(scores["model"] == "ngram") & (scores["score"] == "macro_f1") & scores["lower"].notna()]
    assert len(shown)
    for row in shown.itertuples():
        assert f"{row.estimate:.3f}" in said
        assert f"({row.lower:.3f} to {row.upper:.3f})" in said
    facts = read_facts(folder / "models" / "stance.skops")
    for digest in (facts["framework_sha256"], *facts["provenance"]["corpora"].values()):
        assert digest in said
    assert set(facts["provenance"]) == {"study", "as_of", "corpora", "gold_weight", "coder_weight"}
    assert page_faults((folder / "models" / "stance.card.html").read_text(encoding="utf-8")) == ()
