"""Joining the codings of one more coder into the codings.csv of a corpus: all of them or none."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from peercompare.corpus.folder import MANIFEST, decode, read_files, read_manifest, registering
from peercompare.corpus.folder import read_table as read_corpus_table
from peercompare.corpus.opening import own_framework
from peercompare.errors import CodingError, CorpusError, Problem
from peercompare.framework import Framework
from peercompare.safekeeping.access_log import Access
from peercompare.safekeeping.recording import recorder_of
from peercompare.safekeeping.transactions import exclusive
from peercompare.sheets import CODINGS, guarded

FILE = "codings.csv"
_SEGMENTS = "segments.csv"


def join_codings(folder: str | Path, codings: pd.DataFrame) -> Path:
    """Add codings to those of a corpus and write the file's hash anew, in one change.

    The rows that stand there keep every byte. Cells that a spreadsheet would run are guarded by an
    apostrophe. Consent is not asked: every opening of the corpus asks it of codings old and new. The audit
    log names the documents, where the corpus keeps one.

    Parameters
    ----------
    folder : str or Path
        The corpus folder, encrypted or not.
    codings : DataFrame
        ``segment_id, coder_id, code, is_primary, tags, memo``, as
        `peercompare.exchange.sheet_formats.read_coded_sheet` returns them.

    Returns
    -------
    Path
        The folder's codings.csv.

    Raises
    ------
    CodingError
        Lists every segment that the corpus does not have, every one that its coder has coded there before,
        and every code that is not of the corpus's framework; or there is no coding.
    CorpusError
        Where the folder's files differ from their hashes or cannot be read.
    ConsentError
        Where the audit log cannot be written. In all cases nothing was changed.
    """
    folder = Path(folder)
    with exclusive(folder) as change:
        manifest = read_manifest(folder)
        texts, problems = decode(read_files(folder, manifest), (_SEGMENTS, FILE))
        before, segments = (_table(texts, name, problems) for name in (FILE, _SEGMENTS))
        if problems:
            raise CorpusError(f"The tables of {folder} cannot be read", problems)
        faults = list(_faults(codings, before, segments, own_framework(manifest, folder)))
        if faults:
            raise CodingError(f"The codings cannot be joined to {manifest.name}", faults, remedy=_NOTHING)
        own = segments.loc[segments["segment_id"].isin(codings["segment_id"]), "document_id"]
        recorder = recorder_of(folder, manifest.name, composed=manifest.composed)
        recorder.record(Access("add codings", documents=own.unique()))
        content = _appended(texts[FILE], list(before.columns), codings).encode("utf-8")
        change.replace(registering((folder / MANIFEST).read_bytes(), {FILE: content}))
    return folder / FILE


_NOTHING = "nothing was joined; codings that stand there already are never replaced"


def _table(texts: dict[str, str], name: str, problems: list[Problem]) -> pd.DataFrame:
    """Return a table of the corpus, noting what is wrong with it."""
    if name not in texts:
        return pd.DataFrame()
    table, found = read_corpus_table(texts[name], name)
    problems += found
    return table


def _faults(
    codings: pd.DataFrame, before: pd.DataFrame, segments: pd.DataFrame, framework: Framework
) -> Iterator[Problem]:
    """Yield what keeps codings out of a corpus, segment by segment."""
    if codings.empty:
        yield Problem("sheet", "it holds no coding", "code at least one row")
    known = set(segments["segment_id"])
    coded = set(zip(before["segment_id"], before["coder_id"], strict=True))
    for segment_id, coder_id in dict.fromkeys(zip(codings["segment_id"], codings["coder_id"], strict=True)):
        if segment_id not in known:
            remedy = "is it the corpus that the sheet was made of? was it withdrawn since?"
            yield Problem(f"segment {segment_id}", "the corpus has no such segment", remedy)
        elif (segment_id, coder_id) in coded:
            what = f"{coder_id} has coded it already"
            yield Problem(f"segment {segment_id}", what, f"change it in {FILE} itself, if it must be")
    for segment_id, code in zip(codings["segment_id"], codings["code"], strict=True):
        if not framework.is_code(code):
            what = f"its code is none of {framework.id}"
            yield Problem(f"segment {segment_id}", what, "read the sheet with the corpus's framework")


def _appended(text: str, columns: list[str], codings: pd.DataFrame) -> str:
    """Return the file's text with rows after it, in the order of its columns and with its line ends."""
    # a table of truth values would say True and False
    spelt = codings["is_primary"].map({True: "true", False: "false"})
    rows = codings[list(CODINGS)].assign(is_primary=spelt, memo=codings["memo"].map(guarded))
    end = "\r\n" if text.split("\n", 1)[0].endswith("\r") else "\n"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end)
    writer.writerows(rows.reindex(columns=columns, fill_value="").itertuples(index=False, name=None))
    return text.rstrip("\r\n") + end + out.getvalue()
