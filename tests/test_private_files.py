"""What holds people's words is its owner's alone on disk, whatever the mask of the process says."""

import os
from pathlib import Path

import pandas as pd
import pytest

from peercompare.cli import main
from peercompare.corpus import open_corpus
from peercompare.exchange.mapping import CorpusFacts, project_to_corpus
from peercompare.exchange.project import CodedProject, ProjectCode, ProjectCoder, SourceDocument
from peercompare.exchange.refi_writer import write_qdpx
from peercompare.exchange.sheet_formats import write_sheet
from peercompare.readers import documents_to_corpus
from peercompare.readers.convokit import write_convokit
from peercompare.readers.document import ReadDocument
from peercompare.sheets import coding_sheet

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")

FACTS = {"date": "2024-02-03", "setting": "community", "employer_id": "E1"}
TEXT = "Peer\n\nWe sit and have coffee.\n"


@pytest.fixture(autouse=True)
def open_mask():
    old = os.umask(0o000)
    yield
    os.umask(old)


def modes(folder):
    found = [folder, *folder.rglob("*")]
    return {
        oct(path.stat().st_mode & 0o777) for path in found if not path.is_dir() or path.stat().st_mode & 0o077
    }


def test_an_imported_corpus_is_private_and_so_is_its_log(tmp_path):
    document = ReadDocument("p1", "Peer", TEXT, (), {"source": "p1.txt", **FACTS})
    documents_to_corpus(
        [document], tmp_path / "out", genre="job_description", name="mine", framework="deegan2017"
    )
    open_corpus(tmp_path / "out")
    assert (tmp_path / "out" / "access_log.jsonl").exists()
    assert modes(tmp_path / "out") == {"0o600"}


def test_an_import_under_way_lets_nobody_else_in(tmp_path):
    seen = []

    def documents():
        yield ReadDocument("p1", "Peer", TEXT, (), {"source": "p1.txt", **FACTS})
        seen.extend(oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir())

    documents_to_corpus(
        documents(), tmp_path / "out", genre="job_description", name="mine", framework="deegan2017"
    )
    assert seen == ["0o700"]


def test_a_corpus_made_of_a_project_is_private(tmp_path):
    project = CodedProject(
        "Study", "Tests", (SourceDocument("d", "Note 1", TEXT, FACTS),), (ProjectCode("c", "Sits"),),
        (ProjectCoder("u1", "Ann"),), (),
    )  # fmt: skip
    code_map = pd.DataFrame(
        [("Sits", "ignore", "Ann", "no")], columns=["their_code", "our_code", "by", "why"]
    )
    from peercompare.framework import read_framework

    project_to_corpus(
        project, code_map, framework=read_framework("deegan2017"), genre="job_description",
        out_folder=tmp_path / "out", facts=CorpusFacts(licence="CC BY 4.0"),
    )  # fmt: skip
    assert modes(tmp_path / "out") == {"0o600"}


def test_models_feedback_and_rows_about_segments_are_private_among_the_results(small_results):
    folder = Path(small_results.folder)
    named = ("working/*.*", "models/*.skops", "individual_feedback/*.*")  # a model's card is for everybody
    private = [path for pattern in named for path in folder.glob(pattern)]
    kinds = {path.suffix for path in private}
    assert {".skops", ".csv", ".parquet"} <= kinds
    assert {oct(path.stat().st_mode & 0o777) for path in private} == {"0o600"}


def test_sheets_exports_and_their_folders_are_private(tmp_path, corpora_folder):
    corpus = open_corpus(
        corpora_folder / "session_transcripts", purpose=("analysis", "sharing"), as_of="2024-06-30"
    )
    sheet, _ = coding_sheet(corpus, seed=1, coder_id="ann")
    for name in ("sheet.csv", "sheet.xlsx", "sheet.qdpx"):
        write_sheet(sheet, tmp_path / name, framework=corpus.framework)
    write_qdpx(corpus, tmp_path / "project.qdpx")
    write_convokit(corpus, tmp_path / "convokit")
    made = [path for path in tmp_path.iterdir() if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in made} == {"0o600"}
    assert len(made) == 4
    assert modes(tmp_path / "convokit") == {"0o600"}


def test_the_draft_of_a_roster_and_predictions_are_private(tmp_path, small_results):
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks" / "one.txt").write_text("Ann Lee: hello\nBen: hello\n", encoding="utf-8")
    told = ["--genre", "session_transcript", "--suggest-roster", str(tmp_path / "roster.csv")]
    assert main(["import", str(tmp_path / "talks"), *told]) == 0
    texts = tmp_path / "texts.csv"
    texts.write_text("segment_id,document_id,text\ns1,d1,We sat together.\n", encoding="utf-8")
    model = next((Path(small_results.folder) / "models").glob("*.skops"))
    assert main(["predict", str(model), str(texts), "--out", str(tmp_path / "found.csv")]) == 0
    for name in ("roster.csv", "found.csv"):
        assert oct((tmp_path / name).stat().st_mode & 0o777) == "0o600", name
