"""Role-integrity markers: what a whole document asks for or refuses, with the segments that show it.

Cues are the framework's regular expressions; a refusal in the same clause, or a heading that refuses, turns a
finding from present to excluded. Nothing here is learnt from data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from peercompare.errors import InputError, Problem
from peercompare.framework import Framework, Marker
from peercompare.persons import refuse_person_columns
from peercompare.roles.cues import (
    cue_spans,
    marker_patterns,
    refusals,
    under_refusing_heading,
)

PRESENT, EXCLUDED = "present", "excluded"
FINDINGS = (PRESENT, EXCLUDED)
FINDING_COLUMNS = ["document_id", "marker", "finding", "segment_ids"]
BLANK_LINE = "\n\n"
SURE = 0.5
"""A prediction overrules a cue only where one label holds more than half of the probability."""


def find_markers(
    segments: pd.DataFrame,
    framework: Framework,
    *,
    documents: pd.DataFrame | None = None,
    predictions: pd.DataFrame | None = None,
    country: str = "US",
) -> pd.DataFrame:
    """Find a framework's markers in documents.

    A marker is `present` in a document where a cue stands in a segment and is not refused there, and
    `excluded` where the text refuses it: by a negation in the same clause, or under a heading such as "not
    part of this job". A document can do both, for different acts. A marker that speaks for the first stance
    is never excluded: such a cue under a negation is nearly always a way of putting it, and is dropped.

    Parameters
    ----------
    segments : DataFrame
        ``segment_id, document_id, text``, one row for each segment; ``position`` orders them where it is
        there.
    framework : Framework
        Markers, cues and ways of refusing.
    documents : DataFrame, optional
        ``document_id, text``: with it (and ``start, end`` in `segments`) blank lines are seen, which end the
        reach of a refusing heading. Without it such a heading reaches over the next segment alone.
    predictions : DataFrame, optional
        ``segment_id`` and one probability column for each label. A cue for the last stance in a segment that
        is surely of the first is then dropped: it is a refusal in other words, or tells what others do.
    country : str, default "US"
        Whose words of the system count; an unknown country has none.

    Returns
    -------
    DataFrame
        ``document_id, marker, finding, segment_ids`` (ids separated by a space, in the order of the text).

    Raises
    ------
    InputError
        If columns are missing.
    DisclosureError
        If a column of `segments` or `documents` says who a person is.

    Notes
    -----
    The cues of the shipped framework were written with ten of the twenty-one employers of the shipped job
    descriptions in view (E01 to E10), so only scores on the other eleven say how well they serve: F1 over all
    markers is 0.65 there for what is present and 0.49 for what is excluded, against 0.88 and 0.67 on the ten.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> rows = {"segment_id": ["a:1", "a:2"], "document_id": "a",
    ...         "text": ["You never hand out medication.", "You write progress notes."]}
    >>> find_markers(pd.DataFrame(rows), read_framework("deegan2017"))[["marker", "finding"]].values.tolist()
    [['medication_administration', 'excluded'], ['routine_documentation', 'present']]
    """
    check_columns(segments, ("segment_id", "document_id", "text"), "segments")
    refuse_people(segments, "segments")
    if documents is not None:
        refuse_people(documents, "documents")
    ordered = segments.sort_values(["document_id", "position"]) if "position" in segments else segments
    sure = _sure_labels(predictions, framework)
    reader = _Reader(framework, country)
    hits: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for document_id, group in ordered.groupby("document_id", sort=False):
        refused = under_refusing_heading(group["text"].tolist(), _gaps(group, documents), framework)
        for segment_id, text, under in zip(group["segment_id"], group["text"], refused, strict=True):
            for marker, finding in reader.findings(text):
                finding = EXCLUDED if under else finding
                places = hits[document_id, marker.id, finding]
                if segment_id not in places and _kept(marker, finding, sure.get(segment_id, ""), framework):
                    places.append(segment_id)
    return _table(hits, framework)


class _Reader:
    """Reads markers off texts, each text once however often it comes."""

    def __init__(self, framework: Framework, country: str) -> None:
        self._patterns = [
            (marker, *marker_patterns(marker, framework, country)) for marker in framework.markers
        ]
        self._ways = refusals(framework)
        self._last = framework.axis[1]
        self._known: dict[str, tuple[tuple[Marker, str], ...]] = {}

    def findings(self, text: str) -> tuple[tuple[Marker, str], ...]:
        """Each marker that one segment shows, once for each finding."""
        if text not in self._known:
            self._known[text] = tuple(self._read(text))
        return self._known[text]

    def _read(self, text: str) -> Iterator[tuple[Marker, str]]:
        for marker, cues, excluded in self._patterns:
            inside = marker.side == self._last
            found = {
                EXCLUDED if self._ways.holds(text, start, end, inside=inside) else PRESENT
                for start, end in cue_spans(cues, excluded, text)
            }
            for finding in FINDINGS:
                if finding in found:
                    yield marker, finding


def _kept(marker: Marker, finding: str, label: str, framework: Framework) -> bool:
    """Whether a finding stands in a segment that is surely of `label` (empty: of none in particular)."""
    first, last = framework.axis
    if finding == EXCLUDED:
        return marker.side != first
    return marker.word_list or not (marker.side == last and label == first)


def _sure_labels(predictions: pd.DataFrame | None, framework: Framework) -> dict[str, str]:
    """The label of each segment that holds more than half of its probability."""
    if predictions is None:
        return {}
    check_columns(predictions, ("segment_id", *framework.labels), "predictions")
    table = predictions.set_index("segment_id")[list(framework.labels)]
    likely = table.idxmax(axis=1)[table.max(axis=1) > SURE]
    return dict(likely.items())


def _gaps(group: pd.DataFrame, documents: pd.DataFrame | None) -> list[str]:
    """What stands before each segment in its document; a blank line where the text is not at hand."""
    if documents is None or not {"start", "end"} <= set(group.columns) or "text" not in documents:
        return [BLANK_LINE] * len(group)
    texts = documents.loc[documents["document_id"] == group["document_id"].iloc[0], "text"]
    if texts.empty:
        return [BLANK_LINE] * len(group)
    ends = [0, *group["end"].tolist()[:-1]]
    return [texts.iloc[0][end:start] for end, start in zip(ends, group["start"], strict=True)]


def _table(hits: dict[tuple[str, str, str], list[str]], framework: Framework) -> pd.DataFrame:
    order = {marker.id: number for number, marker in enumerate(framework.markers)}
    needed = {marker.id: marker.min_segments for marker in framework.markers}
    rows = [
        (document_id, marker, finding, " ".join(places))
        for (document_id, marker, finding), places in hits.items()
        if places and len(places) >= needed[marker]
    ]
    rows.sort(key=lambda row: (row[0], order[row[1]], FINDINGS.index(row[2])))
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)


def check_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    """Refuse a table without the columns, naming each."""
    missing = [
        Problem(name, f"column {column!r} is missing", f"found: {', '.join(map(str, table.columns))}")
        for column in columns
        if column not in table
    ]
    if missing:
        raise InputError(f"the table of {name} cannot be used", missing)


def refuse_people(table: pd.DataFrame, name: str) -> None:
    """Refuse a table that says who people are: what is found in a session is found about its worker.

    Raises
    ------
    DisclosureError
        Names the columns.
    """
    refuse_person_columns(
        table,
        summary=f"Markers and role types are of job descriptions, not of people: the table of {name} says "
        "who they are",
        remedy="give job descriptions; what sessions show is estimated for groups of workers, by drift",
    )
