"""What workers contest: a sheet with their own coded words for one worker, and their objections back in.

A worker may say of any of their segments that it was coded wrongly, why, and which code would be right. The
sheet goes to that worker alone and needs their consent to individual feedback. The reason is the worker's own
words: it stands in contests.csv and goes into no result. Estimates are shown as coded and as contested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from peercompare.codings import GOLD
from peercompare.corpus import Corpus, open_corpus
from peercompare.corpus.folder import CONTESTS, MANIFEST, read_manifest, read_table, registering
from peercompare.errors import CodingError, DisclosureError, Problem, shown
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS
from peercompare.safekeeping.store import read_file
from peercompare.safekeeping.transactions import exclusive
from peercompare.sheets import guarded, read_saved_csv, unguarded

PURPOSE = "individual_feedback"
"""What a worker must have agreed to before their own coded words are given to them."""

COLUMNS = ("segment_id", "worker_id", "reason", "proposed_code", "contested_on")
TO_FILL = ("contested", "proposed_code", "reason")
SHEET = ("segment_id", "document_id", "date", "your_words", "coded_as", "which_means", *TO_FILL)
YES, NO = ("yes", "y"), ("", "no", "n")

FEW = f"withheld: a part of it would rest on fewer than {MIN_WORKERS} workers"


def contest_sheet(corpus: Corpus, worker_id: str, *, coder_id: str = GOLD) -> pd.DataFrame:
    """Return a worker's own coded segments, with columns in which to contest the codes.

    Parameters
    ----------
    corpus : Corpus
        Opened for analysis on the day on which consent is asked. Sessions that consent leaves out are in no
        result, so that there is nothing to contest in them.
    worker_id : str
        One worker. There is no call that takes several.
    coder_id : str, default "gold"
        Whose primary codes are shown: those that estimates rest on.

    Returns
    -------
    DataFrame
        ``segment_id, document_id, date, your_words, coded_as, which_means, contested, proposed_code, reason``
        in the order of the corpus; nobody else's words. The last three are to be filled, and filled already
        where the worker contested the segment before. Cells that a spreadsheet would run as a formula start
        with an apostrophe.

    Raises
    ------
    DisclosureError
        Where the worker's consent does not cover feedback.
    CodingError
        Where the worker has no coded segment in the corpus.
    """
    own = _own_segments(corpus, worker_id, coder_id)
    before = _contests(corpus.folder).set_index("segment_id").reindex(own["segment_id"]).fillna("")
    corpus.record("give to the worker", PURPOSE, own["document_id"].unique())
    return pd.DataFrame(
        {
            "segment_id": own["segment_id"].to_numpy(),
            "document_id": own["document_id"].to_numpy(),
            "date": own["date"].dt.strftime("%Y-%m-%d").fillna("").to_numpy(),
            "your_words": [guarded(text) for text in own["text"]],
            "coded_as": own["code"].to_numpy(),
            "which_means": [_meaning(code, corpus.framework) for code in own["code"]],
            "contested": ["yes" if reason else "" for reason in before["reason"]],
            "proposed_code": before["proposed_code"].to_numpy(),
            "reason": [guarded(reason) for reason in before["reason"]],
        },
        columns=list(SHEET),
        dtype="str",
    )


@dataclass(frozen=True)
class Contested:
    """What came in with a sheet.

    Parameters
    ----------
    n_new : int
        Segments contested for the first time.
    n_known : int
        Rows that stood in contests.csv already, word for word.
    """

    n_new: int
    n_known: int


def record_contests(
    folder: str | Path,
    worker_id: str,
    sheet: str | Path | pd.DataFrame,
    *,
    on: date,
    as_of: date | str | None = None,
    coder_id: str = GOLD,
) -> Contested:
    """Write what a worker contests into contests.csv of a corpus and register its hash, all or nothing.

    Parameters
    ----------
    folder : str or Path
        The corpus folder; nobody else can change it meanwhile.
    worker_id : str
        Whose objections these are.
    sheet : path or DataFrame
        The filled sheet. Rows without a word in the columns to fill are passed over, and may be left out.
    on : date
        The day on which the worker contested.
    as_of : date or str, optional
        The day on which consent is asked; by default `on`.
    coder_id : str, default "gold"
        Whose codes stood in the sheet.

    Returns
    -------
    Contested
        Counts.

    Raises
    ------
    DisclosureError
        Where the worker's consent does not cover feedback.
    CodingError
        Lists every fault: segments of somebody else, unknown codes, no reason, twice, contested before in
        other words. Nothing is written then, and no message holds the worker's words.
    """
    folder = Path(folder)
    read_manifest(folder)
    with exclusive(folder) as change:
        corpus = open_corpus(folder, as_of=as_of or on)
        own = _own_segments(corpus, worker_id, coder_id).set_index("segment_id")
        before = _contests(folder)
        rows = _rows(_loaded(sheet), worker_id, own["code"], corpus.framework, on)
        new = _not_known(rows, before)
        if new:
            touched = own.loc[[row["segment_id"] for row in new], "document_id"]
            corpus.record("contest", PURPOSE, touched.unique())
            change.replace(_changes(folder, before, new))
    return Contested(len(new), len(rows) - len(new))


def contests_table(corpus: Corpus) -> pd.DataFrame:
    """Count what the workers of a corpus contest; nobody is named, and no reason is given.

    Parameters
    ----------
    corpus : Corpus
        Opened past the gate: contests of segments that it left out are not counted.

    Returns
    -------
    DataFrame
        One row: ``corpus, n_segments`` (coded), ``n_contested, n_with_another_code, n_without, n_workers,
        withheld``. Where real people speak and one to four workers stand behind a count or behind the
        difference of two, the counts are blank and `withheld` says why. No row where nothing is contested.
    """
    contests = corpus.contests
    another = contests["proposed_code"] != ""
    counts = {
        "corpus": corpus.name,
        "n_segments": corpus.codings["segment_id"].nunique(),
        "n_contested": len(contests),
        "n_with_another_code": int(another.sum()),
        "n_without": int((~another).sum()),
        "n_workers": contests["worker_id"].nunique(),
    }
    table = pd.DataFrame([counts]).assign(withheld="").head(1 if len(contests) else 0)
    blank = ["n_contested", "n_with_another_code", "n_without", "n_workers"]
    table = table.astype(dict.fromkeys(blank, "Int64"))
    behind = (contests.loc[rows, "worker_id"].nunique() for rows in (another, ~another))
    if len(table) and not corpus.composed and any(0 < n < MIN_WORKERS for n in behind):
        table[blank], table["withheld"] = pd.NA, FEW
    return table


def _own_segments(corpus: Corpus, worker_id: str, coder_id: str) -> pd.DataFrame:
    """Return a worker's coded segments with code and date, once their consent covers it."""
    if "worker_id" not in corpus.documents.columns:
        remedy = "words are contested by whoever said them"
        raise CodingError(f"Nobody speaks in {corpus.name}", remedy=remedy)
    if not corpus.person_permits(worker_id, PURPOSE):
        remedy = "ask the worker, and enter it in consents.csv; nothing was given or written"
        raise DisclosureError(f"The consent of {shown(worker_id)} does not cover {PURPOSE}", remedy=remedy)
    own = corpus.documents.loc[corpus.documents["worker_id"] == worker_id, ["document_id", "date"]]
    codings = corpus.codings[corpus.codings["is_primary"] & (corpus.codings["coder_id"] == coder_id)]
    found = corpus.segments.merge(own, on="document_id").merge(codings[["segment_id", "code"]])
    if found.empty:
        remedy = "sessions that consent leaves out are in no result; else look at worker_id in documents.csv"
        raise CodingError(f"{shown(worker_id)} has no segment coded by {coder_id} here", remedy=remedy)
    return found


def _meaning(code: str, framework: Framework) -> str:
    """Say in a few words what a code stands for."""
    if code == framework.none.id:
        return f"{framework.none.label}: {framework.none.definition}"
    return next(f"{each.label}: {each.definition}" for each in framework.codes if each.id == code)


def _contests(folder: Path) -> pd.DataFrame:
    """Return contests.csv as it stands in a folder, reasons and all."""
    content = read_file(folder, CONTESTS)
    if content is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype="str")
    return read_table(content.decode("utf-8"), CONTESTS)[0]


def _loaded(sheet: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Return a sheet as a table of text, with commas or semicolons, or say which columns it lacks."""
    table = sheet if isinstance(sheet, pd.DataFrame) else read_saved_csv(Path(sheet))
    needed = ("segment_id", *TO_FILL)
    missing = [
        Problem("sheet, row 1", f"the column {each!r} is missing") for each in needed if each not in table
    ]
    if missing:
        remedy = "give back the sheet that `peercompare consent contest` wrote"
        raise CodingError("This is no sheet to contest codes in", missing, remedy=remedy)
    return table[list(needed)].fillna("").astype("str")


def _rows(
    table: pd.DataFrame, worker_id: str, codes: Mapping[str, str], framework: Framework, on: date
) -> list[dict[str, str]]:
    """Return the rows of contests.csv that a sheet asks for, or raise with every fault."""
    rows, problems, seen = [], [], set()
    for row, cells in enumerate(table.to_dict("records")):
        segment_id, answer = cells["segment_id"].strip(), cells["contested"].strip().lower()
        code, reason = cells["proposed_code"].strip(), unguarded(cells["reason"]).strip()
        if answer in NO and not code and not reason:
            continue
        where = f"sheet, row {row + 2}" + (f" ({segment_id})" if segment_id in codes else "")
        faults = _faults(segment_id, answer, code, reason, codes=codes, framework=framework)
        if segment_id in seen:
            faults.append(("the segment stands there twice", "keep one of the rows"))
        problems += [Problem(where, what, remedy) for what, remedy in faults]
        seen.add(segment_id)
        values = (segment_id, worker_id, reason, code, on.isoformat())
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    if problems:
        remedy = "mend the sheet and read it again; nothing was taken over"
        raise CodingError(f"What {worker_id} contests cannot be read", problems, remedy=remedy)
    return rows


def _faults(
    segment_id: str, answer: str, code: str, reason: str, *, codes: Mapping[str, str], framework: Framework
) -> list[tuple[str, str]]:
    """Return what is wrong with a row of the sheet, with remedies; the worker's words are not repeated."""
    faults = []
    if segment_id not in codes:
        faults.append(
            (
                f"{shown(segment_id)} is no coded segment of this worker",
                "each worker contests their own words; leave the ids of the sheet as they are",
            )
        )
    if answer in NO:
        faults.append(("it has a code or a reason, and contested is not yes", "write yes, or empty the row"))
    elif answer not in YES:
        faults.append(("contested is neither yes nor empty", "write yes, or leave it empty"))
    if code and not framework.is_code(code):
        value = shown(code) if "/" in code else "in proposed_code"  # else it may be a word of the reason
        faults.append((f"unknown code {value}", "the codebook lists the codes; it may stay empty"))
    elif code and code == codes.get(segment_id):
        faults.append(("the proposed code is the one that it has", "leave it empty, or name another"))
    if not reason:
        faults.append(("the reason is empty", "say in your own words what is wrong with the code"))
    return faults


def _not_known(rows: list[dict[str, str]], before: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows that do not stand in contests.csv yet; what stands there is never overwritten."""
    stands = before.set_index("segment_id")[["reason", "proposed_code"]].to_dict("index")
    new = [row for row in rows if row["segment_id"] not in stands]
    known = [row for row in rows if row["segment_id"] in stands]
    other = [
        Problem(f"sheet ({row['segment_id']})", "it was contested before, in other words")
        for row in known
        if stands[row["segment_id"]] != {name: row[name] for name in ("reason", "proposed_code")}
    ]
    if other:
        raise CodingError(
            "These segments are contested twice",
            other,
            remedy="take the earlier row out of contests.csv first (peercompare check --register writes the "
            "hash anew), or leave the row as it was; nothing was taken over",
        )
    return new


def _changes(folder: Path, before: pd.DataFrame, new: list[dict[str, str]]) -> dict[str, bytes]:
    """Return contests.csv with the new rows, and corpus.toml with its hash."""
    table = pd.concat([before, pd.DataFrame(new, dtype="str")], ignore_index=True).fillna("")
    content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    return registering((folder / MANIFEST).read_bytes(), {CONTESTS: content})
