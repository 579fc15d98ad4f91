"""Words that are gone: a corpus opened as of an earlier day says what of that day cannot be had again."""

import pytest

from peercompare.cli import main
from peercompare.errors import CorpusError

REMOVED = {
    "removal_id": "R1", "document_id": "D9", "removed_on": "2024-03-01", "n_turns": "4", "n_segments": "2",
    "why": "withdrawn",
}  # fmt: skip


@pytest.fixture
def shrunk(folder):
    """The two sessions, from which a third was removed later."""
    folder.tables["removals.csv"] = [dict(REMOVED)]
    folder.headers["removals.csv"] = list(REMOVED)
    return folder


def test_as_of_a_day_before_the_removal_the_corpus_says_what_is_gone(shrunk):
    gone = shrunk.write().open(as_of="2024-02-29").gone
    assert gone[["document_id", "n_turns", "n_segments"]].values.tolist() == [["D9", 4, 2]]


@pytest.mark.parametrize("day", ["2024-03-01", "2024-06-30"])
def test_from_the_day_of_the_removal_on_nothing_is_missed(shrunk, day):
    corpus = shrunk.write().open(as_of=day)
    assert corpus.gone.empty
    assert "removed since" not in corpus._repr_html_()


def test_a_notebook_shows_how_many_documents_are_gone(shrunk):
    shown = shrunk.write().open(as_of="2024-01-31")._repr_html_()
    assert "Documents whose words were removed since that day" in shown


def test_a_corpus_without_removals_misses_nothing(folder):
    assert folder.write().open().gone.empty


def test_a_removal_on_no_day_is_refused(shrunk):
    shrunk.change("removals.csv", 0, removed_on="March")
    with pytest.raises(CorpusError, match=r"removals\.csv, row 2 \(R1\)"):
        shrunk.write().open()


def test_the_command_line_names_documents_whose_numbers_cannot_be_reproduced(shrunk, tmp_path, capsys):
    shrunk.write()
    asked = ["sheet", str(shrunk.path), "--coder", "ann", "--seed", "1", "--as-of", "2024-01-31"]
    main([*asked, "--out", str(tmp_path / "sheet.csv"), "--key", str(tmp_path / "key.csv")])
    said = "".join(capsys.readouterr())
    assert "words of 1 documents were removed after 2024-01-31 (D9)" in said
    assert "cannot be reproduced" in said
