"""Blind coding sheets: segments out to a coder who cannot see whose they are, and codings back in.

A sheet hides title, speakers and file names, shuffles whole documents (coding needs context) and names its
rows by opaque ids. The key that leads back to segments is kept from the coder.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.corpus.policies import narrowed
from peercompare.corpus.schemas import MAX_FURTHER_CODES, shown
from peercompare.corpus.turns import REDACTED, turns
from peercompare.errors import CodingError, Problem
from peercompare.framework import Framework

SHEET = ("sheet_id", "document", "speaker", "text", "status", "code", "further_codes", "tags", "memo")
KEY = ("sheet_id", "segment_id", "coder_id", "text_sha256")
CODINGS = ("segment_id", "coder_id", "code", "is_primary", "tags", "memo")

TO_CODE, CONTEXT = "to code", "context"
"""What a row is for; context is read and not coded."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
"""How a cell starts that a spreadsheet would run; the apostrophe too, so that guarding can be undone."""

BLANKS = " \n\u00a0\u3000\ufeff"
"""What may stand before such a start without keeping a spreadsheet from running the cell."""


def coding_sheet(
    corpus: Corpus, *, seed: int, coder_id: str, only: Collection[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a blind sheet for one coder, and its key.

    Parameters
    ----------
    corpus : Corpus
        What to code: every segment, with the turns or lines between segments as context. The title is not
        shown.
    seed : int
        Seed of the order of documents, of the ids and of the speakers' letters. Every coder gets an order of
        their own from it.
    coder_id : str
        Who will code.
    only : collection of str, optional
        Ids of the segments to code. The documents that hold them are shown whole, their other segments as
        context; other documents are left out. Every segment where left out.

    Returns
    -------
    sheet : DataFrame
        ``sheet_id, document, speaker, text, status, code, further_codes, tags, memo``, the last four to be
        filled on the rows whose `status` is "to code". Cells that a spreadsheet would run as a formula start
        with an apostrophe.
    key : DataFrame
        ``sheet_id, segment_id, coder_id, text_sha256`` in the order of the corpus. Keep it from the coder.

    Raises
    ------
    CodingError
        Where the corpus has no segment, none of `only` or not all of them (consent may have left some out),
        or `coder_id` is no id or that of gold.
    ConsentError
        Where the corpus was opened for another purpose and nobody consents to analysis.
    """
    _check_coder(coder_id)
    corpus = narrowed(corpus, "analysis")
    if corpus.segments.empty:
        raise CodingError(
            f"{corpus.name} has no segment to code", remedy="cut its texts and fill segments.csv first"
        )
    wanted = _wanted(corpus, only)
    rng = np.random.default_rng([seed, zlib.crc32(coder_id.encode("utf-8"))])
    ids = dict(zip(wanted["segment_id"], _opaque_ids(len(wanted), rng), strict=True))
    documents = corpus.documents[corpus.documents["document_id"].isin(wanted["document_id"])]
    documents = corpus.documents if only is None else documents
    rows: list[tuple[str, ...]] = []
    for number, at in enumerate(rng.permutation(len(documents)), start=1):
        document = documents.iloc[at]
        segments = corpus.segments[corpus.segments["document_id"] == document["document_id"]]
        for sheet_id, speaker, text in _document_rows(document["text"], segments, ids, rng):
            status = TO_CODE if sheet_id else CONTEXT
            rows.append((sheet_id, f"Document {number:03d}", speaker, guarded(text), status, "", "", "", ""))
    key = pd.DataFrame(
        {
            "sheet_id": list(ids.values()),
            "segment_id": list(ids),
            "coder_id": coder_id,
            "text_sha256": [_fingerprint(text) for text in wanted["text"]],
        }
    )
    return pd.DataFrame(rows, columns=list(SHEET), dtype="str"), key


def read_coding_sheet(
    sheet: pd.DataFrame | str | Path,
    key: pd.DataFrame | str | Path,
    *,
    coder_id: str,
    framework: Framework,
    unfinished: bool = False,
) -> pd.DataFrame:
    """Read a coded sheet back into codings.

    Parameters
    ----------
    sheet : DataFrame or path
        The sheet as the coder gives it back; a CSV file with commas or semicolons.
    key : DataFrame or path
        The key that was made with it.
    coder_id : str
        Who coded: the coder that the key was made for.
    framework : Framework
        The framework whose codes and tags are allowed.
    unfinished : bool, default False
        Take a sheet whose coder left rows without a code; these are not coded, which is not the same as none.

    Returns
    -------
    DataFrame
        ``segment_id, coder_id, code, is_primary (bool), tags, memo`` in the order of the key: the primary
        code first, its further codes after it; tags and memo stand on the primary row.

    Raises
    ------
    CodingError
        Lists every fault: a column missing; a row of the key missing, unknown or there twice; text that was
        changed; unknown codes and tags; too many further codes; a row of context that was coded.
    """
    _check_coder(coder_id)
    table, keys = _loaded(sheet, SHEET, "sheet"), _loaded(key, KEY, "key")
    problems = _key_problems(keys, coder_id) + _row_problems(table, keys)
    coded = {
        record["sheet_id"].strip(): record
        for record in table.to_dict("records")
        if record["sheet_id"].strip()
    }
    rows: list[tuple] = []
    for record in keys.to_dict("records"):
        if record["sheet_id"] in coded:
            found, faults = _coding(coded[record["sheet_id"]], framework, unfinished=unfinished)
            places = (f"sheet, row {coded[record['sheet_id']]['row']} ({record['sheet_id']})",)
            problems += [Problem(*places, what, remedy) for what, remedy in faults]
            rows += [(record["segment_id"], coder_id, *row) for row in found]
    if problems:
        remedy = "mend the sheet and read it again; nothing was taken over"
        raise CodingError(
            f"The coding sheet of {coder_id} cannot be read", _in_row_order(problems), remedy=remedy
        )
    return pd.DataFrame(rows, columns=list(CODINGS)).astype({"is_primary": bool})


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe goes before what would start one.

    Parameters
    ----------
    cell : str
        Any text. A formula may start with ``=``, ``+``, ``-``, ``@``, a wide form of these, a tab or a
        carriage return, also after blanks.

    Returns
    -------
    str
        As it was where nothing starts a formula. A leading apostrophe is doubled, so that `unguarded` gives
        every cell back.

    References
    ----------
    OWASP Foundation, CSV Injection. https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> guarded("=1+1"), guarded("- well"), guarded("fine")
    ("'=1+1", "'- well", 'fine')
    """
    return f"'{cell}" if cell.lstrip(BLANKS).startswith(FORMULA_STARTS) else cell


def unguarded(cell: str) -> str:
    """Return a guarded cell as it was.

    Parameters
    ----------
    cell : str
        From `guarded`, or text that was never guarded.

    Returns
    -------
    str
        Without the apostrophe that guards it; an apostrophe before anything harmless stays.

    Examples
    --------
    >>> unguarded(guarded("'tis =not")), unguarded("fine")
    ("'tis =not", 'fine')
    """
    is_guarded = cell.startswith("'") and cell[1:].lstrip(BLANKS).startswith(FORMULA_STARTS)
    return cell[1:] if is_guarded else cell


def _wanted(corpus: Corpus, only: Collection[str] | None) -> pd.DataFrame:
    """Return the segments to code, in the order of the corpus."""
    if only is None:
        return corpus.segments
    absent = sorted(set(only) - set(corpus.segments["segment_id"]))
    if absent or not only:
        problems = [Problem("segment", f"{each} is not in {corpus.name} as it was opened") for each in absent]
        remedy = "code what consent permits as of the day; draw again where nothing is left"
        raise CodingError("The segments to code cannot be shown", problems, remedy=remedy)
    return corpus.segments[corpus.segments["segment_id"].isin(set(only))]


def _opaque_ids(n: int, rng: np.random.Generator) -> list[str]:
    """Return n different ids that say nothing about their segments."""
    found: dict[str, None] = {}
    while len(found) < n:
        found |= dict.fromkeys(f"R{number:010x}" for number in rng.integers(16**10, size=n - len(found)))
    return list(found)


def _document_rows(
    text: str, segments: pd.DataFrame, ids: dict[str, str], rng: np.random.Generator
) -> Iterator[tuple[str, str, str]]:
    """Yield (sheet id or "", speaker, words) of one document in the order of its text."""
    labels = sorted({turn.label for turn in turns(text)}) if "speaker" in segments.columns else []
    letters = dict(
        zip(labels, (f"Speaker {_letter(at)}" for at in rng.permutation(len(labels))), strict=True)
    )
    rows = [
        (row.start, ids.get(row.segment_id, ""), letters.get(getattr(row, "speaker", ""), ""), row.text)
        for row in segments.itertuples()
    ]
    taken = list(zip(segments["start"], segments["end"], strict=True))
    for start, end, label in _stretches(text, spoken=bool(labels)):
        if not any(first < end and start < last for first, last in taken):
            words = text[start:end]
            hidden = not words.strip(REDACTED + " \r\n")
            rows.append((start, "", letters.get(label, ""), "[redacted]" if hidden else words))
    for _, sheet_id, speaker, words in sorted(rows):
        yield sheet_id, speaker, words


def _stretches(text: str, *, spoken: bool) -> Iterator[tuple[int, int, str]]:
    """Yield what may be context: turns that are not empty, or the lines of a text after its title."""
    if spoken:
        yield from ((turn.start, turn.end, turn.label) for turn in turns(text) if turn.start < turn.end)
    else:
        lines = list(re.finditer(r"[^\r\n]*\S[^\r\n]*", text))
        yield from ((*line.span(), "") for line in lines[1:])


def _letter(number: int) -> str:
    """Return A to Z, then AA and so on, for 0, 1, ..."""
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _fingerprint(text: str) -> str:
    """Return a hash of a text's words; spreadsheets may change the blanks between them."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8")).hexdigest()


def _check_coder(coder_id: str) -> None:
    """Raise where a coder's name cannot stand in a table."""
    if not re.fullmatch(r"\S+", coder_id):
        raise CodingError(f"{coder_id!r} is no coder_id", remedy="give an id without blanks")
    if coder_id.casefold() == GOLD:
        raise CodingError(
            f"{coder_id!r} cannot be the coder_id of a sheet: {GOLD} is what was settled between coders",
            remedy="give the id of the person who codes; settled codes go into codings.csv with "
            f"coder_id {GOLD}",
        )


def _loaded(source: pd.DataFrame | str | Path, columns: Sequence[str], name: str) -> pd.DataFrame:
    """Return a sheet or a key as a table of strings with its row numbers, from a table or a CSV file."""
    table = source.copy() if isinstance(source, pd.DataFrame) else read_saved_csv(Path(source))
    missing = [
        Problem(f"{name}, row 1", f"the column {each!r} is missing") for each in columns if each not in table
    ]
    if missing:
        raise CodingError(
            f"This is no {name} of peercompare", missing, remedy=f"columns are {', '.join(columns)}"
        )
    table = table[list(columns)].fillna("").astype("str")
    return table.assign(row=range(2, len(table) + 2))


def read_saved_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file as a spreadsheet saves it: UTF-8 with or without its mark, commas or semicolons.

    Parameters
    ----------
    path : Path
        A file with a header; blank rows say nothing.

    Returns
    -------
    DataFrame
        Every cell as text, ``""`` where a row is shorter than the header.

    Raises
    ------
    CodingError
        Where it is not UTF-8, is empty, or has rows longer than the header, which are listed.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = 'save it from the spreadsheet as "CSV UTF-8"'
        raise CodingError(f"{path.name}: byte {error.start + 1} is not UTF-8", remedy=remedy) from None
    header = text.split("\n", 1)[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    if not rows:
        raise CodingError(f"{path.name} is empty", remedy="give the sheet that peercompare wrote")
    ragged = [
        Problem(f"{path.name}, row {n}", "more cells than columns")
        for n, row in enumerate(rows, 1)
        if len(row) > len(rows[0])
    ]
    if ragged:
        raise CodingError(f"{path.name} cannot be read", ragged, remedy="a cell with a comma needs quotes")
    return pd.DataFrame(
        [row + [""] * (len(rows[0]) - len(row)) for row in rows[1:]], columns=rows[0], dtype="str"
    )


def _key_problems(keys: pd.DataFrame, coder_id: str) -> list[Problem]:
    """Return faults of the key: made for somebody else, or ids twice."""
    others = sorted(set(keys["coder_id"]) - {coder_id})
    problems = [
        Problem("key", f"it was made for {other!r}", f"read it with that coder_id, not {coder_id!r}")
        for other in others
    ]
    twice = keys[keys["sheet_id"].duplicated() | keys["segment_id"].duplicated()]
    return problems + [
        Problem(f"key, row {row}", "the id stands there twice", "use the key as it was made")
        for row in twice["row"]
    ]


def _row_problems(table: pd.DataFrame, keys: pd.DataFrame) -> list[Problem]:
    """Return rows that are unknown, twice there, missing or changed, and context that somebody coded."""
    prints = dict(zip(keys["sheet_id"], keys["text_sha256"], strict=True))
    problems, seen = [], set()
    for record in table.to_dict("records"):
        sheet_id = record["sheet_id"].strip()
        where = f"sheet, row {record['row']} ({sheet_id})" if sheet_id else f"sheet, row {record['row']}"
        if not sheet_id:
            if any(record[name].strip() for name in ("code", "further_codes", "tags")):
                problems.append(
                    Problem(where, "this row is context and was coded", "code rows that are to be coded")
                )
        elif sheet_id not in prints:
            problems.append(
                Problem(where, "the key has no such sheet_id", "use the key made with this sheet")
            )
        elif sheet_id in seen:
            problems.append(Problem(where, "the sheet_id stands there twice", "keep one of the rows"))
        elif prints[sheet_id] not in {_fingerprint(record["text"]), _fingerprint(unguarded(record["text"]))}:
            problems.append(
                Problem(where, "the text was changed", "a code belongs to the text as it was given out")
            )
        seen.add(sheet_id)
    gone = [each for each in keys["sheet_id"] if each not in seen]
    return problems + [Problem("sheet", f"the row {each} is missing", "give back every row") for each in gone]


def _coding(
    record: dict[str, str], framework: Framework, *, unfinished: bool
) -> tuple[list[tuple[str, bool, str, str]], list[tuple[str, str]]]:
    """Return (code, is_primary, tags, memo) rows of one sheet row, and its faults."""
    code = record["code"].strip()
    further = [each for each in re.split(r"[\s,;]+", record["further_codes"].strip()) if each]
    tags = [each for each in re.split(r"[\s,;]+", record["tags"].strip()) if each]
    if not code:
        if further or tags:
            return [], [("it has further codes or tags and no code", "give the primary code")]
        return [], [] if unfinished else [
            (
                "it has no code",
                f"write {framework.none.id} where it takes no stance; --unfinished takes it as not coded",
            )
        ]
    faults = [_unknown(each, framework) for each in [code, *further] if not framework.is_code(each)]
    known = [tag.id for tag in framework.tags]
    faults += [
        (f"unknown tag {shown(each)}", f"tags are {', '.join(known)}") for each in tags if each not in known
    ]
    if len(further) > MAX_FURTHER_CODES:
        faults.append((f"{len(further)} further codes", f"give {MAX_FURTHER_CODES} at most"))
    if len({code, *further}) < len(further) + 1:
        faults.append(("the same code stands there twice", "give each code once"))
    memo = unguarded(record["memo"].strip())
    return [(code, True, " ".join(tags), memo), *((each, False, "", "") for each in further)], faults


def _unknown(code: str, framework: Framework) -> tuple[str, str]:
    """Return the fault of an unknown code, with the nearest that exists."""
    codes = [*framework.code_ids, framework.none.id]
    near = difflib.get_close_matches(code.lower(), codes, n=1)
    return (
        f"unknown code {shown(code)}",
        f"did you mean {near[0]}?" if near else "the codebook lists the codes",
    )


def _in_row_order(problems: list[Problem]) -> list[Problem]:
    """Return problems by row of the sheet, those without a row last."""

    def row(problem: Problem) -> float:
        found = re.search(r"row (\d+)", problem.where)
        return float(found.group(1)) if found else float("inf")

    return sorted(problems, key=row)
