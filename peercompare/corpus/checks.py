"""Whether the tables and texts of a corpus fit each other: every function returns all faults that it finds.

The tables come in as strings, each already sound by itself (see schemas). Messages name file, row and id, and
never hold anybody's words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

import pandas as pd

from peercompare.consent.asking import speakers_of
from peercompare.consent.table import relation_problems
from peercompare.corpus.schemas import MAX_FURTHER_CODES, at_row, shown
from peercompare.corpus.turns import Turn, turns
from peercompare.errors import Problem

TEXTS = "texts"


def text_name(document_id: str) -> str:
    """Return the path of a document's text in the corpus folder."""
    return f"{TEXTS}/{document_id}.txt"


def text_file_problems(documents: pd.DataFrame, files: Collection[str]) -> list[Problem]:
    """Return documents without a text file, and text files of no document."""
    problems = [
        Problem(
            at_row("documents.csv", row, document_id), f"{text_name(document_id)} is absent", "add the text"
        )
        for row, document_id in enumerate(documents["document_id"])
        if text_name(document_id) not in files
    ]
    known = {text_name(document_id) for document_id in documents["document_id"]}
    strays = (name for name in sorted(files) if name.startswith(f"{TEXTS}/") and name not in known)
    remedy = "name it in documents.csv or take it away"
    return problems + [Problem(name, "no document has this text", remedy) for name in strays]


def text_problems(documents: pd.DataFrame, texts: Mapping[str, str], *, spoken: bool) -> list[Problem]:
    """Return faults of the texts, by document id: empty ones, and words of a speaker whom nobody can name."""
    problems = []
    for row in documents.to_dict("records"):
        name, text = text_name(row["document_id"]), texts[row["document_id"]]
        if not text.strip():
            problems.append(Problem(name, "the text is empty", "add the text, or take the document away"))
        elif spoken:
            problems += _label_problems(name, text, speakers_of(row["speakers"]))
    return problems


def segment_problems(
    segments: pd.DataFrame, documents: pd.DataFrame, texts: Mapping[str, str], *, spoken: bool
) -> list[Problem]:
    """Return segments of no document, empty, past their text, overlapping, misordered or in no turn."""
    problems: list[tuple[int, Problem]] = []
    rows = segments.assign(
        row=range(len(segments)), start=segments["start"].map(int), end=segments["end"].map(int)
    )
    rows["position"] = rows["position"].map(int)
    known = set(documents["document_id"])
    for record in rows[~rows["document_id"].isin(known)].to_dict("records"):
        problems.append(
            _segment(record, f"no document {shown(record['document_id'])} in documents.csv", "name it there")
        )
    for document_id, group in rows[rows["document_id"].isin(known)].groupby("document_id", sort=False):
        records = group.sort_values(["position", "start"]).to_dict("records")
        problems += _placing_problems(records, texts[document_id], spoken=spoken)
    return [problem for _, problem in sorted(problems, key=lambda pair: pair[0])]


def worker_problems(
    documents: pd.DataFrame, segments: pd.DataFrame, codings: pd.DataFrame, faulty: Collection[str] = ()
) -> list[Problem]:
    """Return sessions whose worker does not speak in them, and codings of somebody else's words.

    Parameters
    ----------
    documents, segments, codings : DataFrame
        Of a corpus in which people speak.
    faulty : collection of str
        Places of segments with a fault already named, which are left out.
    """
    problems, whose = [], {}
    for row, record in enumerate(documents.to_dict("records")):
        people, worker = speakers_of(record["speakers"]), record["worker_id"]
        if worker in people.values():
            whose[record["document_id"]] = (people, worker)
            continue
        where = at_row("documents.csv", row, record["document_id"])
        what = f"worker_id is {shown(worker)}, who is nobody in the column speakers"
        problems.append(Problem(where, what, "name the worker there as label=worker_id, or mend worker_id"))
    coded = set(codings["segment_id"])
    for row, record in enumerate(segments.to_dict("records")):
        where = at_row("segments.csv", row, record["segment_id"])
        if record["segment_id"] not in coded or record["document_id"] not in whose or where in faulty:
            continue
        people, worker = whose[record["document_id"]]
        person = people.get(record["speaker"], worker)
        if person != worker:
            what = f"it is coded, and {shown(record['speaker'])} is not the worker {shown(worker)}"
            remedy = "code the worker's words alone, or mend speaker or worker_id"
            problems.append(Problem(where, what, remedy))
    return problems


def coding_problems(codings: pd.DataFrame, segments: pd.DataFrame) -> list[Problem]:
    """Return codings of no segment, and coders with more or fewer codes on a segment than the rules allow."""
    rows = codings.assign(row=range(len(codings)), primary=codings["is_primary"] == "true")
    strays = rows[~rows["segment_id"].isin(set(segments["segment_id"]))]
    problems = [
        (row, Problem(at_row("codings.csv", row, each), "segments.csv has no such segment", "mend the id"))
        for row, each in zip(strays["row"], strays["segment_id"], strict=True)
    ]
    groups = rows.groupby(["segment_id", "coder_id"], sort=False)
    counts = groups.agg(row=("row", "last"), primary=("primary", "sum"), rows=("row", "size")).reset_index()
    counts["further"] = counts["rows"] - counts["primary"]
    for record in counts[(counts["primary"] != 1) | (counts["further"] > MAX_FURTHER_CODES)].to_dict(
        "records"
    ):
        where = at_row("codings.csv", record["row"], record["segment_id"])
        what, remedy = _coder_fault(record)
        problems.append((record["row"], Problem(where, f"coder {record['coder_id']} {what}", remedy)))
    return [problem for _, problem in sorted(problems, key=lambda pair: pair[0])]


def document_table_problems(table: pd.DataFrame, file: str, documents: pd.DataFrame) -> list[Problem]:
    """Return rows of a table about documents that name no document."""
    known = set(documents["document_id"])
    return [
        Problem(at_row(file, row, document_id), "documents.csv has no such document", "mend the id")
        for row, document_id in enumerate(table["document_id"])
        if document_id not in known
    ]


def marker_problems(markers: pd.DataFrame, segments: pd.DataFrame) -> list[Problem]:
    """Return markers that point to segments which their document does not have."""
    home = dict(zip(segments["segment_id"], segments["document_id"], strict=True))
    return [
        Problem(
            at_row("markers.csv", row, document_id), f"{segment_id!r} is no segment of it", "mend segment_ids"
        )
        for row, (document_id, cell) in enumerate(
            zip(markers["document_id"], markers["segment_ids"], strict=True)
        )
        for segment_id in cell.split()
        if home.get(segment_id) != document_id
    ]


def contest_problems(
    contests: pd.DataFrame, segments: pd.DataFrame, documents: pd.DataFrame
) -> list[Problem]:
    """Return contests of no segment, and those by anybody else than the worker whose words they are."""
    if contests.empty:
        return []
    if "worker_id" not in documents.columns:
        where = at_row("contests.csv", 0)
        return [Problem(where, "nobody speaks in this corpus", "words are contested by whoever said them")]
    home = dict(zip(segments["segment_id"], segments["document_id"], strict=True))
    whose = dict(zip(documents["document_id"], documents["worker_id"], strict=True))
    problems = []
    for row, record in enumerate(contests.to_dict("records")):
        where = at_row("contests.csv", row, record["segment_id"])
        if record["segment_id"] not in home:
            problems.append(Problem(where, "segments.csv has no such segment", "mend the id"))
        elif whose.get(home[record["segment_id"]]) != record["worker_id"]:
            what = f"{shown(record['worker_id'])} is not the worker whose words these are"
            problems.append(Problem(where, what, "each worker contests how their own words were coded"))
    return problems


def consent_problems(consents: pd.DataFrame, documents: pd.DataFrame) -> list[Problem]:
    """Return consent records of nobody, and those that contradict themselves or each other."""
    known = {person for cell in documents["speakers"] for person in speakers_of(cell).values()}
    known |= set(documents["worker_id"]) if "worker_id" in documents.columns else set()
    remedy = "name the person in documents.csv, column speakers, or take the row away"
    strangers = [
        Problem(at_row("consents.csv", row, person), "no document names this person", remedy)
        for row, person in enumerate(consents["person_id"])
        if person not in known
    ]
    return strangers + relation_problems(consents)


def _label_problems(name: str, text: str, people: Mapping[str, str]) -> list[Problem]:
    """Return words before the first label, and labels that stand for no person."""
    found = turns(text)
    problems, seen = _hidden_turns(name, text, people, found), set()
    for turn in found:
        if not turn.label:
            problems.append(Problem(f"{name}, line {turn.line}", "words without a speaker's label", _LABELS))
        elif turn.label not in people and turn.label not in seen:
            seen.add(turn.label)
            label = f"the label {turn.label!r}" if _like_an_id(turn.label) else "a label"
            what = f"{label} maps to no person in documents.csv, column speakers"
            problems.append(
                Problem(f"{name}, line {turn.line}", what, "add label=person there, or mend the label")
            )
    return problems


def _like_an_id(label: str) -> bool:
    """Say whether a label looks like an id; another may be a word that somebody said, and is not shown."""
    return bool(re.fullmatch(r"[A-Z]+[0-9]+", label))


def _label_shown(label: str) -> str:
    """Return a label fit for a message."""
    return repr(label) if _like_an_id(label) else "another label"


def _hidden_turns(name: str, text: str, people: Mapping[str, str], found: tuple[Turn, ...]) -> list[Problem]:
    """Return places that look like the turn of a known speaker and would be read as part of somebody else's.

    Such words would escape redaction and be taken for another person's.
    """
    labels = "|".join(re.escape(label) for label in people)
    begins = {turn.begin for turn in found}
    likely = re.finditer(rf"(?:\A|[\n\r\v\f\x85\u2028\u2029])\s*({labels})\s*:", text, re.IGNORECASE)
    lines = (text.count("\n", 0, match.start(1)) + 1 for match in likely if match.start(1) not in begins)
    what = "this looks like a turn of a known speaker and is not written as one"
    return [Problem(f"{name}, line {line}", what, _LABELS) for line in lines]


_LABELS = "begin every turn on a new line with the label as documents.csv has it, a colon and a blank"


def _segment(record: Mapping, what: str, remedy: str) -> tuple[int, Problem]:
    """Return the fault of a segment with the row that it is sorted by."""
    return record["row"], Problem(at_row("segments.csv", record["row"], record["segment_id"]), what, remedy)


def _placing_problems(records: list[dict], text: str, *, spoken: bool) -> list[tuple[int, Problem]]:
    """Return faults of where the segments of one document stand, one slip as one fault.

    A segment whose own offsets are wrong would overlap its neighbours, stand before them and lie in no turn:
    of those only the first is told.
    """
    problems = _extent_problems(records, len(text))
    if spoken:
        problems += _speaker_problems(_without(records, problems), turns(text))
    problems += _order_problems(_without(records, problems))
    return problems + _overlap_problems(_without(records, problems)) + _position_problems(records)


def _without(records: list[dict], problems: list[tuple[int, Problem]]) -> list[dict]:
    """Return the segments in which no fault was found."""
    faulty = {row for row, _ in problems}
    return [record for record in records if record["row"] not in faulty]


def _extent_problems(records: list[dict], length: int) -> list[tuple[int, Problem]]:
    """Return segments of one document that are empty or run past its text."""
    problems = []
    for record in records:
        if record["end"] <= record["start"]:
            what = f"it ends at {record['end']} and starts at {record['start']}"
            problems.append(_segment(record, what, "the end is exclusive and after the start"))
        if record["end"] > length:
            what = f"it ends at {record['end']}, past its text of {length} code points"
            problems.append(_segment(record, what, "count offsets in Unicode code points, not in bytes"))
    return problems


def _position_problems(records: list[dict]) -> list[tuple[int, Problem]]:
    """Return segments of one document that share a position."""
    return [
        _segment(
            record,
            f"position {record['position']} is that of {before['segment_id']} too",
            "number the segments of a document once each",
        )
        for before, record in pairwise(records)
        if record["position"] == before["position"]
    ]


def _order_problems(records: list[dict]) -> list[tuple[int, Problem]]:
    """Return segments of one document whose positions do not follow the text."""
    return [
        _segment(
            record,
            f"it stands before {before['segment_id']} in the text and after it by position",
            "number the segments in the order of the text, or mend the offsets",
        )
        for before, record in pairwise(records)
        if record["start"] < before["start"]
    ]


def _overlap_problems(records: list[dict]) -> list[tuple[int, Problem]]:
    """Return segments of one document that overlap; one that reaches over several others is told once."""
    over: dict[int, list[dict]] = {}
    reaching: list[dict] = []
    for record in sorted(records, key=lambda record: (record["start"], record["end"])):
        if reaching and record["start"] < reaching[-1]["end"]:
            over.setdefault(len(reaching) - 1, []).append(record)
        if not reaching or record["end"] > reaching[-1]["end"]:
            reaching.append(record)
    remedy = "end one before the other starts"
    problems = []
    for at, others in over.items():
        furthest = reaching[at]
        if len(others) == 1:
            what = f"it overlaps {furthest['segment_id']}, which ends at {furthest['end']}"
            problems.append(_segment(others[0], what, remedy))
        else:
            what = (
                f"it ends at {furthest['end']} and overlaps {len(others)} others, from "
                f"{others[0]['segment_id']} to {others[-1]['segment_id']}"
            )
            problems.append(_segment(furthest, what, remedy))
    return problems


def _speaker_problems(records: list[dict], spoken: tuple[Turn, ...]) -> list[tuple[int, Problem]]:
    """Return segments of one transcript that do not lie inside one turn of the speaker they name."""
    problems = []
    for record in records:
        inside = (turn for turn in spoken if turn.start <= record["start"] and record["end"] <= turn.end)
        turn = next(inside, None)
        if turn is None:
            problems.append(
                _segment(record, "it does not lie inside one turn", "a segment is (part of) one turn")
            )
        elif turn.label != record["speaker"]:
            what = f"its speaker is {shown(record['speaker'])} and the turn is of {_label_shown(turn.label)}"
            problems.append(_segment(record, what, "mend the speaker or the offsets"))
    return problems


def _coder_fault(record: Mapping) -> tuple[str, str]:
    """Return what is wrong with the rows of one coder on one segment, and the remedy."""
    if record["primary"] > 1:
        return f"has {record['primary']} primary codes there", "keep one; the others are further codes"
    if record["primary"] == 0:
        return "has further codes there and no primary one", "set is_primary to true on one of the rows"
    return f"has {record['further']} further codes there", f"give {MAX_FURTHER_CODES} at most"
