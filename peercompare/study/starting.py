"""Starting a study: a folder with study file, empty tables, a notebook and a small export to try it with."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

from peercompare.corpus import register
from peercompare.errors import InputError
from peercompare.files import write_atomically

TEMPLATE = "template"
SAMPLE = "sample_export"
CORPUS = "my_corpus"
POSTINGS, SESSIONS = "job_description", "session_transcript"

_COLUMNS: dict[str, dict[str, dict[str, str]]] = {
    POSTINGS: {
        "documents": {
            "document_id": "unique; letters, digits, `.`, `_`, `-`; the text is `texts/<document_id>.txt`",
            "title": "as posted; coders never see it",
            "employer_id": "who posted it; an employer is never split between training and test",
            "date": "when it was posted, `YYYY-MM-DD`",
            "setting": "a setting of the framework; `peercompare codebook` lists them",
        },
        "segments": {
            "segment_id": "unique; such as the document's id, a colon and a number",
            "document_id": "the document it belongs to",
            "position": "its number in the document, from 1",
            "start": "where it starts in the text, in Unicode code points from 0",
            "end": "where it ends, exclusive",
        },
    },
    SESSIONS: {
        "documents": {
            "document_id": "unique; letters, digits, `.`, `_`, `-`; the text is `texts/<document_id>.txt`",
            "worker_id": "who works in the session, by a pseudonym; one of the persons in `speakers`",
            "worker_role": "`peer` or `clinician`",
            "site_id": "where, by a pseudonym",
            "setting": "a setting of the framework; `peercompare codebook` lists them",
            "date": "when it took place, `YYYY-MM-DD`",
            "speakers": "who is behind each label of the text, `W01=W01 P01=S1-P01`",
        },
        "segments": {
            "segment_id": "unique; such as the document's id, a colon and a number",
            "document_id": "the document it belongs to",
            "position": "its number in the document, from 1",
            "start": "where it starts in the text, in Unicode code points from 0, past the label",
            "end": "where it ends, exclusive, inside one turn",
            "speaker": "the label of that turn",
        },
        "consents": {
            "person_id": "somebody whom `speakers` names",
            "purposes": "any of `analysis training quotation sharing individual_feedback`, parted by blanks",
            "granted_on": "consent counts from this day, `YYYY-MM-DD`",
            "expires_on": "through this day; may be empty",
            "withdrawn_on": "it ends on this day; may be empty",
            "age_group": "`adult` or `minor`",
            "guardian_consent": "the day of it; a minor needs it",
            "assent": "the day of the minor's own",
            "legal_standing": "`free`, `court_order`, `detained` or `jail`",
            "extra_review": "the day of the extra review that anybody needs who is not free",
        },
    },
}
"""By genre and table, every column and what belongs in it."""

_CODINGS = {
    "segment_id": "which segment",
    "coder_id": "who coded; `gold` is what was settled, never a coder",
    "code": "`dimension/stance`, or `none`; no row means not coded",
    "is_primary": "`true` once for each coder and segment, `false` for further codes",
    "tags": "tags of the framework, parted by blanks; may be empty",
    "memo": "the coder's remark; may be empty",
}

_QUESTIONS = {
    POSTINGS: """
# [corpus.slope]                    # change of the index per year within the same employers
# unit = "year"
""",
    SESSIONS: """
population = { column = "worker_role", value = "peer", words = "peer workers" }
individual_feedback = false         # true: each worker who agreed to it gets a file of their own

# [corpus.slope]                    # change of the index per month within the same workers
# unit = "month"
""",
}

_CORPUS_TOML = """# What the corpus is; `peercompare check --register` writes the hashes of its files below.
name = "{corpus}"
title = "My corpus"
genre = "{genre}"
composed = false                    # true only where no real person speaks in the texts
framework = "deegan2017"
licence = "not stated"
citation = "not stated"
coding = "not coded yet"
cluster = "{cluster}"               # its groups are never split between training and test
"""

_DATASHEET = """# Datasheet of my corpus

After Gebru et al., "Datasheets for Datasets" (2021). Answer before you collect, and again before you share.

- Why was it made, and who paid for it?
- Who or what is in it, and who is not?
- How were people asked, by whom, and how can they stop?
- Who coded it, and what do they bring with them?
- What should it not be used for? Never for hiring, discipline or pay.
"""


def start_study(folder: str | Path, *, genre: str = POSTINGS, as_of: date | None = None) -> Path:
    """Make a study folder: study.toml, a corpus with empty tables, a notebook, a sample export, and a guide.

    Parameters
    ----------
    folder : str or Path
        It must not exist, or be empty.
    genre : {"job_description", "session_transcript"}
        What the corpus will hold; in sessions people speak, and there is a table of consents.
    as_of : date, optional
        The day for which consent is asked, today by default; it stands in study.toml and stays.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        Where the folder has something in it, or the genre is another. Nothing is written then.
    """
    folder = Path(folder)
    if genre not in _COLUMNS:
        raise InputError(f"{genre!r} is not a genre to start with", remedy=f"one of {', '.join(_COLUMNS)}")
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise InputError(
            f"{folder} exists already and is not empty; nothing was written",
            remedy="name a new folder: peercompare init my-study",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    try:
        _fill(part, genre, as_of or date.today())
        part.chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        os.rename(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return folder


def _fill(folder: Path, genre: str, day: date) -> None:
    """Write everything into a new folder."""
    with as_file(files("peercompare.study") / TEMPLATE) as template:
        for path in sorted(template.rglob("*")):
            name = path.relative_to(template)
            if path.is_file() and (path.suffix == ".ipynb" or name.parts[0] == SAMPLE):
                write_atomically(folder / name, path.read_bytes())
        study = (template / "study.toml").read_text(encoding="utf-8")
        about = (template / "about.md").read_text(encoding="utf-8")
    asked = f" --as-of {day}" if genre == SESSIONS else ""
    write_atomically(folder / "study.toml", study.format(as_of=day, questions=_QUESTIONS[genre].strip("\n")))
    write_atomically(folder / "README.md", about.format(as_of=asked))
    _empty_corpus(folder / CORPUS, genre)


def _empty_corpus(folder: Path, genre: str) -> None:
    """Write a corpus whose tables have headers and no rows, with what belongs in each column beside them."""
    tables = {**_COLUMNS[genre], "codings": _CODINGS}
    for name, columns in tables.items():
        write_atomically(folder / f"{name}.csv", ",".join(columns) + "\n", private=True)
    cluster = "worker_id" if genre == SESSIONS else "employer_id"
    write_atomically(folder / "corpus.toml", _CORPUS_TOML.format(corpus=CORPUS, genre=genre, cluster=cluster))
    write_atomically(folder / "DATASHEET.md", _DATASHEET)
    write_atomically(folder / "COLUMNS.md", _guide(tables))
    (folder / "texts").mkdir()
    register(folder)


def _guide(tables: dict[str, dict[str, str]]) -> str:
    """Say what belongs in each column."""
    lines = [
        "# What belongs in each column",
        "",
        "Tables are CSV in UTF-8 with a header; further columns are free. Keep the header as it is.",
    ]
    for name, columns in tables.items():
        lines += ["", f"## {name}.csv", "", "| column | what |", "|---|---|"]
        lines += [f"| `{column}` | {what} |" for column, what in columns.items()]
    return "\n".join(lines) + "\n"
