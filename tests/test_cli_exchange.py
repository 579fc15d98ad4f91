"""The command line brings files in and takes results back; what it refuses leaves nothing behind."""

import pandas as pd
import pytest

from peercompare.cli import main
from peercompare.corpus import open_corpus

NEEDED = ["document_id", "date", "setting", "employer_id"]


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture
def exported(small_study_file, tmp_path):
    """Small postings as a project of another tool, with what such a project does not know."""
    folder = small_study_file.parent / "postings"
    assert run("export", folder, "--out", tmp_path / "project.qdpx") == 0
    documents = pd.read_csv(folder / "documents.csv", dtype="str", keep_default_na=False)
    facts = documents.rename(columns={"document_id": "source"}).drop(columns=["title"])
    facts.to_csv(tmp_path / "facts.csv", index=False)
    return tmp_path / "project.qdpx"


def test_a_second_export_has_the_same_bytes(exported, small_study_file, tmp_path):
    assert run("export", small_study_file.parent / "postings", "--out", tmp_path / "again.qdpx") == 0
    assert (tmp_path / "again.qdpx").read_bytes() == exported.read_bytes()


def test_check_says_how_positions_are_counted(capsys, exported):
    assert run("check", exported) == 0
    assert "a REFI-QDA project" in capsys.readouterr().out


def test_a_project_needs_a_reviewed_map(capsys, exported, tmp_path):
    assert run("import", exported, "--out", tmp_path / "corpus") == 1
    assert "--suggest-map" in capsys.readouterr().err
    assert run("import", exported, "--suggest-map", tmp_path / "map.csv") == 0
    words = ["import", exported, "--code-map", tmp_path / "map.csv", "--out", tmp_path / "corpus"]
    assert run(*words, "--facts", tmp_path / "facts.csv") == 1
    assert "by" in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()


def test_a_project_comes_back_as_a_corpus_with_the_same_coders(exported, small_study_file, tmp_path):
    run("import", exported, "--suggest-map", tmp_path / "map.csv")
    table = pd.read_csv(tmp_path / "map.csv", dtype="str", keep_default_na=False).assign(by="a reviewer")
    table.loc[table["our_code"] == "", "our_code"] = "ignore"
    table.to_csv(tmp_path / "map.csv", index=False)
    words = ["import", exported, "--code-map", tmp_path / "map.csv", "--facts", tmp_path / "facts.csv"]
    assert run(*words, "--out", tmp_path / "corpus", "--about", "licence=CC BY 4.0") == 0
    ours, theirs = open_corpus(small_study_file.parent / "postings"), open_corpus(tmp_path / "corpus")
    assert set(theirs.codings["coder_id"]) == set(ours.codings["coder_id"])
    assert len(theirs.documents) == len(ours.documents)


def test_postings_become_a_corpus(capsys, tmp_path):
    folder = tmp_path / "postings"
    folder.mkdir()
    for name in ("one", "two"):
        text = f"Peer Specialist {name}\n\nYou share your own story.\n\n- Write notes\n- Drive people home\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    facts = {"document_id": ["one", "two"], "date": ["2020-01-02", "2021-03-04"], "employer_id": ["E1", "E2"]}
    pd.DataFrame(facts).to_csv(tmp_path / "facts.csv", index=False)
    words = ["import", folder, "--out", tmp_path / "corpus", "--facts", tmp_path / "facts.csv"]
    assert run(*words) == 1
    assert "setting" in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()
    assert run(*words, "--set", "setting=community") == 0
    corpus = open_corpus(tmp_path / "corpus")
    assert set(NEEDED) <= set(corpus.documents.columns)
    assert (corpus.segments["text"] == "- Write notes").any() or (
        corpus.segments["text"] == "Write notes"
    ).any()
    assert run(*words, "--set", "setting=community") == 1
    assert "exists" in capsys.readouterr().err


def test_a_roster_is_drafted_from_transcripts(tmp_path):
    (tmp_path / "session.txt").write_text("Ann: Hello.\nBob: Hello back.\n", encoding="utf-8")
    words = ["import", tmp_path / "session.txt", "--genre", "session_transcript"]
    assert run(*words, "--suggest-roster", tmp_path / "roster.csv") == 0
    assert set(pd.read_csv(tmp_path / "roster.csv")["label"]) == {"Ann", "Bob"}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "qdpx"])
def test_a_sheet_goes_out_in_the_form_that_the_coder_can_use(corpora_folder, tmp_path, ending):
    words = ["sheet", corpora_folder / "job_descriptions", "--coder", "me", "--key", tmp_path / "key.csv"]
    assert run(*words, "--out", tmp_path / f"sheet.{ending}") == 0
    assert (tmp_path / f"sheet.{ending}").stat().st_size > 1000


def test_export_keeps_what_may_not_be_shared(capsys, corpora_folder, tmp_path):
    words = ["export", corpora_folder / "session_transcripts", "--as-of", "2024-06-30"]
    assert run(*words, "--out", tmp_path / "s.qdpx") == 0
    assert "17 documents without consent to sharing" in capsys.readouterr().out
    assert run(*words, "--out", tmp_path / "convokit") == 0
    assert (tmp_path / "convokit" / "utterances.jsonl").exists()


def test_a_codebook_needs_no_corpus(tmp_path):
    assert run("export", "--out", tmp_path / "codes.qdc") == 0
    assert run("export", "--out", tmp_path / "codes.qdpx") == 1
