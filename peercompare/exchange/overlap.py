"""From free spans to codings of our segments, by a stated rule, with every span accounted for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from peercompare.corpus.schemas import MAX_FURTHER_CODES
from peercompare.errors import ExchangeError
from peercompare.exchange.code_map import IGNORE, TAG
from peercompare.exchange.from_corpus import FURTHER
from peercompare.exchange.project import Span
from peercompare.framework import Framework

CODINGS = ("segment_id", "coder_id", "code", "is_primary", "tags", "memo")


@dataclass(frozen=True)
class OverlapRule:
    """When a span gives its code to a segment.

    Parameters
    ----------
    min_share : float, default 0.5
        Share of the segment's characters that the span must cover.
    within : bool, default True
        Whether a span that lies wholly inside one segment gives its code to it, however short it is.
    """

    min_share: float = 0.5
    within: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.min_share <= 1:
            raise ExchangeError(
                f"min_share is {self.min_share}", remedy="give a share of the segment, above 0 and up to 1"
            )

    def __str__(self) -> str:
        wholly = ", and to the segment that contains it wholly" if self.within else ""
        return (
            f"A span gives its code to every segment of which it covers at least {self.min_share:.0%} of the "
            f"characters{wholly}. Of several codes that a coder gave to one segment the primary one covers "
            "most of it; where they cover the same, it is the one nearest to the last stance of the "
            f"framework, and then the first in the codebook. {MAX_FURTHER_CODES} further codes are kept."
        )


LEFT_OVER, SPLIT, DROPPED = "left over", "split", "dropped"
"""What can become of a span beside a coding of one segment."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A span that is not one coding of one segment: what became of it (one of the three above), and why."""

    span: Span
    became: str
    why: str


@dataclass(frozen=True)
class Placed:
    """Codings made of spans, and what became of each span.

    Parameters
    ----------
    codings : DataFrame
        ``segment_id, coder_id, code, is_primary, tags, memo``, in the order of segments and coders.
    n_spans, n_ignored, n_split : int
        Spans in all, those whose code is mapped to `ignore`, and those that gave their code to several
        segments.
    left_over : tuple of str
        Identifiers of the spans that gave their code to no segment.
    n_merged : int
        Times that a coder's spans gave one code to one segment again.
    n_beyond : int
        Codes dropped beyond the further codes that a segment may have.
    n_tied : int
        Segments where a coder's codes cover the same and the framework's order chose the primary one.
    n_tags_alone : int
        Tags on segments to which their coder gave no code; a coding is needed to carry them.
    remarks : tuple of Remark
        Every span that was left over or split, and every one whose code or tag was dropped from a segment.
    """

    codings: pd.DataFrame
    n_spans: int
    n_ignored: int
    n_split: int
    left_over: tuple[str, ...]
    n_merged: int
    n_beyond: int
    n_tied: int
    n_tags_alone: int
    remarks: tuple[Remark, ...] = ()


@dataclass(slots=True)
class _Given:
    """What one coder gave to one segment: the most that spans of a code cover, their memos, and tags."""

    shares: dict[str, float]
    further: set[str]
    memos: dict[str, list[str]]
    tags: dict[str, None]
    spans: dict[str, list[Span]]


def place_spans(
    spans: tuple[Span, ...],
    texts: Mapping[str, str],
    segments: pd.DataFrame,
    *,
    ours: Mapping[str, str],
    coders: Mapping[str, str],
    framework: Framework,
    rule: OverlapRule,
) -> Placed:
    """Return the codings that spans give to segments.

    A span's blanks at either end do not count. A span of no length gives its code to the segment in which it
    stands. A segment to which no span gives a code is not coded, which is not the same as no stance.

    Parameters
    ----------
    spans : tuple of Span
        With offsets into `texts`.
    texts : mapping of str to str
        Text of each document by its identifier.
    segments : DataFrame
        ``segment_id, document_id, start, end``; segments of a document do not overlap.
    ours : mapping of str to str
        Our code, ``tag:...`` or ``ignore`` by the project's code.
    coders : mapping of str to str
        Our coder_id by the project's coder.
    framework : Framework
        Its order settles what no cover settles.
    rule : OverlapRule
        When a span gives its code.
    """
    index = {name: _Index(group, texts[name]) for name, group in segments.groupby("document_id", sort=False)}
    given: dict[tuple[str, str], _Given] = defaultdict(lambda: _Given({}, set(), {}, {}, {}))
    counts = dict.fromkeys(("n_ignored", "n_split", "n_merged"), 0)
    remarks: list[Remark] = []
    for span in spans:
        code = ours[span.code_id]
        if code == IGNORE:
            counts["n_ignored"] += 1
            continue
        home = index.get(span.document_id)
        taken = list(home.taken(span, rule)) if home else []
        remarks += _remarks(span, taken, home, rule)
        counts["n_split"] += len(taken) > 1
        for segment_id, share in taken:
            counts["n_merged"] += _give(given[segment_id, coders[span.coder_id]], code, share, span)
    codings, after, dropped = _coding_rows(given, list(segments["segment_id"]), framework)
    left_over = tuple(each.span.id for each in remarks if each.became == LEFT_OVER)
    remarks += dropped
    return Placed(codings, len(spans), left_over=left_over, remarks=tuple(remarks), **counts, **after)


def _remarks(
    span: Span, taken: list[tuple[str, float]], home: _Index | None, rule: OverlapRule
) -> Iterator[Remark]:
    """Yield what is to be said of a span to which not one segment alone belongs."""
    if not taken:
        why = home.why_not(span, rule) if home else "its document has no segment"
        yield Remark(span, LEFT_OVER, why)
    elif len(taken) > 1:
        first, last = taken[0][0], taken[-1][0]
        yield Remark(span, SPLIT, f"it gave its code to {len(taken)} segments, {first} to {last}")


def _coding_rows(
    given: Mapping[tuple[str, str], _Given], segment_ids: list[str], framework: Framework
) -> tuple[pd.DataFrame, dict[str, int], list[Remark]]:
    """Return the codings table in the order of segments and coders, and what was dropped or tied."""
    order, rank = {name: at for at, name in enumerate(segment_ids)}, _rank(framework)
    counts = dict.fromkeys(("n_beyond", "n_tied", "n_tags_alone"), 0)
    rows: list[tuple] = []
    dropped: list[Remark] = []
    in_order = sorted(given.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    for (segment_id, coder_id), each in in_order:
        if not each.shares:
            counts["n_tags_alone"] += len(each.tags)
            why = f"its coder gave {segment_id} no code, which a tag needs"
            dropped += [Remark(span, DROPPED, why) for spans in each.spans.values() for span in spans]
            continue
        codes = sorted(each.shares, key=lambda code: (code in each.further, -each.shares[code], rank[code]))
        kept, beyond = codes[: 1 + MAX_FURTHER_CODES], codes[1 + MAX_FURTHER_CODES :]
        counts["n_tied"] += _is_tied(codes, each)
        counts["n_beyond"] += len(beyond)
        why = f"its coder gave {segment_id} more than {MAX_FURTHER_CODES} further codes"
        dropped += [Remark(span, DROPPED, why) for code in beyond for span in each.spans[code]]
        for number, code in enumerate(kept):
            tags = "" if number else " ".join(each.tags)
            memo = "\n\n".join(dict.fromkeys(each.memos[code]))
            rows.append((segment_id, coder_id, code, number == 0, tags, memo))
    codings = pd.DataFrame(rows, columns=list(CODINGS)).astype({"is_primary": bool})
    return codings, counts, dropped


class _Index:
    """The segments of one document, to be found by place."""

    def __init__(self, group: pd.DataFrame, text: str) -> None:
        self._text = text
        rows = sorted(zip(group["start"].tolist(), group["end"].tolist(), group["segment_id"], strict=True))
        self._rows = rows
        self._starts = [start for start, _, _ in rows]
        self._ends = [end for _, end, _ in rows]

    def taken(self, span: Span, rule: OverlapRule) -> Iterator[tuple[str, float]]:
        """Yield the segments to which a span gives its code, with the share of them that it covers."""
        words = self._text[span.start : span.end]
        start = span.start + len(words) - len(words.lstrip())
        end = max(start, span.start + len(words.rstrip()))
        if start == end:
            at = bisect_right(self._starts, span.start) - 1
            if at >= 0 and span.start < self._ends[at] and rule.within and not words:
                yield self._rows[at][2], 0.0
            return
        for first, last, segment_id in self._rows[
            bisect_right(self._ends, start) : bisect_left(self._starts, end)
        ]:
            share = (min(last, end) - max(first, start)) / (last - first)
            if share >= rule.min_share or (rule.within and first <= start and end <= last):
                yield segment_id, share

    def why_not(self, span: Span, rule: OverlapRule) -> str:
        """Return why no segment takes a span's code."""
        words = self._text[span.start : span.end]
        if not words.strip():
            return "it covers blanks alone" if words else "it has no length and stands in no segment"
        start = span.start + len(words) - len(words.lstrip())
        end = span.start + len(words.rstrip())
        shares = [
            (min(last, end) - max(first, start)) / (last - first)
            for first, last, _ in self._rows[bisect_right(self._ends, start) : bisect_left(self._starts, end)]
        ]
        if not shares:
            return "no segment stands there: a title, a label, or words of somebody who is not coded"
        return f"it covers {max(shares):.0%} of a segment at most, and the rule asks for {rule.min_share:.0%}"


def _give(given: _Given, code: str, share: float, span: Span) -> int:
    """Add one span's code or tag to what a coder gave to a segment; say whether it was there before."""
    given.spans.setdefault(code, []).append(span)
    if code.startswith(TAG):
        before = code.removeprefix(TAG) in given.tags
        given.tags[code.removeprefix(TAG)] = None
        return int(before)
    before = code in given.shares
    first, _, rest = span.memo.partition("\n")
    if first == FURTHER and not (before and code not in given.further):
        given.further.add(code)
    elif first != FURTHER:
        given.further.discard(code)
    given.shares[code] = max(given.shares.get(code, 0.0), share)
    kept = rest if first == FURTHER else span.memo
    given.memos.setdefault(code, []).extend([kept] if kept else [])
    return int(before)


def _rank(framework: Framework) -> dict[str, tuple[int, int]]:
    """Return the order in which codes that cover the same are primary: later stances first, none last."""
    stances = {stance: at for at, stance in enumerate(framework.stance_ids)}
    ranks = {code: (-stances[framework.stance_of(code)], at) for at, code in enumerate(framework.code_ids)}
    return ranks | {framework.none.id: (1, 0)}


def _is_tied(codes: list[str], given: _Given) -> bool:
    """Say whether only the framework's order put the first code before the second."""
    if len(codes) < 2:
        return False
    first, second = ((code in given.further, given.shares[code]) for code in codes[:2])
    return first == second
