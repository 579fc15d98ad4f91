"""Two small made-up corpora, and a factory that puts faults into them."""

import csv
import hashlib
import io
from pathlib import Path

import pytest

from peercompare.corpus import open_corpus, register

AS_OF = "2024-01-31"

SPOKEN = {
    "name": "two_sessions",
    "title": "Two made-up sessions",
    "genre": "session_transcript",
    "composed": True,
    "framework": "deegan2017",
    "licence": "CC BY 4.0",
    "citation": "Made up for tests",
    "coding": "by hand",
    "cluster": "worker_id",
}

TEXTS = {
    # an accent and a letter outside the basic plane: offsets are code points, not bytes or UTF-16 units
    "D1": "A1: Café 𝄞 first?\nB1: Yes.\nand tea too\nA1: I was there too.\n",
    "D2": "A2: How did you sleep?\nB1: Badly.\nC1: He did.\n",
}

DOCUMENTS = [
    {
        "document_id": "D1", "worker_id": "V1", "worker_role": "peer", "site_id": "S1",
        "setting": "community", "date": "2023-05-01", "speakers": "A1=V1 B1=P1",
    },
    {
        "document_id": "D2", "worker_id": "V2", "worker_role": "clinician", "site_id": "S1",
        "setting": "inpatient", "date": "2023-06-01", "speakers": "A2=V2 B1=P2 C1=P3",
    },
]  # fmt: skip

SEGMENTS = [
    {"segment_id": "D1:1", "document_id": "D1", "position": "1", "start": "4", "end": "17", "speaker": "A1"},
    {"segment_id": "D1:2", "document_id": "D1", "position": "2", "start": "43", "end": "59", "speaker": "A1"},
    {"segment_id": "D2:1", "document_id": "D2", "position": "1", "start": "4", "end": "22", "speaker": "A2"},
]


def coding(segment_id, code, tags=""):
    """A primary code by ann."""
    row = {"segment_id": segment_id, "coder_id": "ann", "code": code}
    return row | {"is_primary": "true", "tags": tags, "memo": ""}


CODINGS = [
    coding("D1:1", "none"),
    coding("D1:2", "experience/peer"),
    coding("D2:1", "focus/clinical", "limit"),
]


def consent(person_id, **cells):
    """A record that covers everything, changed where cells say so."""
    record = {
        "person_id": person_id, "purposes": "analysis training quotation", "granted_on": "2023-01-01",
        "expires_on": "", "withdrawn_on": "", "age_group": "adult", "guardian_consent": "", "assent": "",
        "legal_standing": "free", "extra_review": "",
    }  # fmt: skip
    return record | cells


class Folder:
    """A corpus folder in the making: its tables and texts can be changed before it is written and opened."""

    def __init__(self, path, manifest, tables, texts):
        self.path, self.manifest, self.texts = Path(path), dict(manifest), dict(texts)
        self.tables = {name: [dict(row) for row in rows] for name, rows in tables.items()}
        self.headers = {name: list(rows[0]) for name, rows in tables.items()}

    def change(self, name, row, **cells):
        self.tables[name][row] |= cells
        return self

    def append(self, name, **cells):
        self.tables[name].append(self.tables[name][-1] | cells)
        return self

    def empty(self, name):
        self.tables[name] = []
        return self

    def without_column(self, name, column):
        self.headers[name].remove(column)
        return self

    def write(self):
        (self.path / "texts").mkdir(parents=True, exist_ok=True)
        for document_id, text in self.texts.items():
            data = text if isinstance(text, bytes) else text.encode("utf-8")
            (self.path / "texts" / f"{document_id}.txt").write_bytes(data)
        for name, rows in self.tables.items():
            stream = io.StringIO()
            writer = csv.DictWriter(stream, self.headers[name], extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            (self.path / name).write_bytes(stream.getvalue().encode("utf-8"))
        (self.path / "DATASHEET.md").write_text("# Datasheet\n", encoding="utf-8")
        lines = [
            f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
            for key, value in self.manifest.items()
        ]
        (self.path / "corpus.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        register(self.path)
        return self

    def open(self, **how):
        return open_corpus(self.path, **{"as_of": AS_OF, **how})

    def bytes(self):
        """SHA-256 of every file, to show that nothing changed."""
        files = (path for path in sorted(self.path.rglob("*")) if path.is_file())
        return {
            path.relative_to(self.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        }


@pytest.fixture
def folder(tmp_path):
    """Two sessions: worker V1 with P1, clinician V2 with P2 and P3; everybody consents."""
    tables = {
        "documents.csv": DOCUMENTS,
        "segments.csv": SEGMENTS,
        "codings.csv": CODINGS,
        "consents.csv": [consent(person) for person in ("V1", "P1", "V2", "P2", "P3")],
    }
    return Folder(tmp_path / "two_sessions", SPOKEN, tables, TEXTS)


@pytest.fixture
def garden(tmp_path):
    """Two public notes coded under a framework that is not Deegan's; nobody speaks in them."""
    manifest = SPOKEN | {
        "name": "notes",
        "genre": "garden_note",
        "framework": "garden2020",
        "cluster": "office_id",
    }
    documents = [
        {
            "document_id": "N1",
            "title": "Notice",
            "office_id": "O1",
            "setting": "allotment",
            "date": "2020-02-01",
        },
        {
            "document_id": "N2",
            "title": "Rota",
            "office_id": "O2",
            "setting": "allotment",
            "date": "2020-03-01",
        },
    ]
    segments = [
        {"segment_id": "N1:1", "document_id": "N1", "position": "1", "start": "7", "end": "28"},
        {"segment_id": "N2:1", "document_id": "N2", "position": "1", "start": "5", "end": "22"},
    ]
    codings = [coding("N1:1", "tools/shared"), coding("N2:1", "harvest/managed")]
    markers = [
        {
            "document_id": "N1",
            "coder_id": "ann",
            "marker": "open_shed",
            "finding": "present",
            "segment_ids": "N1:1",
        }
    ]
    roles = [{"document_id": "N1", "coder_id": "ann", "role_type": "warden", "memo": ""}]
    events = [{"event_id": "E1", "date": "2020-02-02", "kind": "frost", "description": "late"}]
    tables = {
        "documents.csv": documents, "segments.csv": segments, "codings.csv": codings,
        "markers.csv": markers, "role_types.csv": roles, "events.csv": events,
    }  # fmt: skip
    texts = {"N1": "Notice\nThe shed stands open.\n", "N2": "Rota\nI weigh the beans.\n"}
    return Folder(tmp_path / "notes", manifest, tables, texts)
