"""What holds people's words is its owner's alone on disk, whatever the mask of the process says."""

import os
from pathlib import Path

import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.exchange.mapping import CorpusFacts, project_to_corpus
from peercompare.exchange.project import CodedProject, ProjectCode, ProjectCoder, SourceDocument
from peercompare.readers import documents_to_corpus
from peercompare.readers.document import ReadDocument

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
    private = [
        path for name in ("working", "models", "individual_feedback") for path in (folder / name).rglob("*.*")
    ]
    kinds = {path.suffix for path in private}
    assert {".skops", ".csv", ".parquet"} <= kinds
    assert {oct(path.stat().st_mode & 0o777) for path in private} == {"0o600"}
