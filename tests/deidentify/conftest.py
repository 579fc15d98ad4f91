"""A small made-up corpus in which people are named, and what the tests share."""

import csv
import hashlib
import io

import pytest

from peercompare.corpus import register
from peercompare.deidentify import detector
from peercompare.readers.roster import read_roster

DAY = "2024-01-31"

ROSTER = """label,speaker_id,person_id,role
Maria Lopez,A1,V1,peer
José,B1,P1,participant
Interviewer,I1,I1,other
"""

TEXTS = {
    # a letter outside the basic plane: offsets are code points
    "D1": (
        "A1: Hi 𝄞 José, I'm Maria. It was March 3rd, 2021.\nB1: Maria Lopez said 413-555-0147.\n"
        "A1: Maria's, yes.\n"
    ),
    "D2": "A1: Nothing in it.\nC1: José told me.\n",
}

MANIFEST = """name = "named"
title = "People who are named"
genre = "session_transcript"
composed = true
framework = "deegan2017"
licence = "CC BY 4.0"
citation = "Made up for tests"
coding = "by hand"
cluster = "worker_id"
"""

TABLES = {
    "documents.csv": """document_id,worker_id,worker_role,site_id,setting,date,speakers,employer
D1,V1,peer,S1,community,2023-05-01,A1=V1 B1=P1,Lopez Brothers
D2,V1,peer,S1,community,2023-06-01,A1=V1 C1=P2,Hill House
""",
    "segments.csv": """segment_id,document_id,position,start,end,speaker
D1:1,D1,1,4,25,A1
D1:2,D1,2,26,49,A1
D1:3,D1,3,89,102,A1
D2:1,D2,1,4,18,A1
""",
    "codings.csv": """segment_id,coder_id,code,is_primary,tags,memo
D1:1,ann,none,true,,says that Maria is at ease
D1:2,ann,experience/peer,true,,
D2:1,ann,none,true,,=José again
""",
    "consents.csv": (
        "person_id,purposes,granted_on,expires_on,withdrawn_on,age_group,guardian_consent,assent,"
        "legal_standing,extra_review\n"
        "V1,analysis training quotation,2023-01-01,,,adult,,,free,\n"
        "P1,analysis,2023-01-01,,,adult,,,free,\n"
        "P2,training,2023-01-01,,,adult,,,free,\n"
    ),
}


@pytest.fixture
def named(tmp_path):
    """A corpus folder: in D1 everybody agrees to analysis, in D2 P2 does not."""
    folder = tmp_path / "named"
    (folder / "texts").mkdir(parents=True)
    for document_id, text in TEXTS.items():
        (folder / "texts" / f"{document_id}.txt").write_bytes(text.encode())
    for name, table in TABLES.items():
        (folder / name).write_bytes(table.encode())
    (folder / "DATASHEET.md").write_text("# Datasheet\n\nAsk Maria Lopez.\n", encoding="utf-8")
    (folder / "stray.json").write_text("{}", encoding="utf-8")
    (folder / "corpus.toml").write_text(MANIFEST, encoding="utf-8")
    register(folder)
    return folder


@pytest.fixture
def roster_file(tmp_path):
    path = tmp_path / "private" / "roster.csv"
    path.parent.mkdir()
    path.write_text(ROSTER, encoding="utf-8")
    return path


@pytest.fixture
def finder(roster_file):
    return detector(roster=read_roster(roster_file))


def file_hashes(folder):
    """SHA-256 of every file that is not hidden, to show that nothing changed."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.name != "access_log.jsonl"
    }


def rows_of(path):
    """The rows of a review table as they stand in the file."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def write_rows(path, rows):
    """Write rows of a review table as a reviewer saves them."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8")


def decide(path, accept=lambda row: "yes"):
    """Answer every row of a review table."""
    write_rows(path, [row | {"accept": accept(row), "reviewer": "rev"} for row in rows_of(path)])
