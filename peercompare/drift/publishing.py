"""Everything that is published of a corpus, taken together: what of it must be withheld."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from peercompare.drift import disclosure
from peercompare.drift.atoms import atoms
from peercompare.drift.disclosure import BESIDE_FEEDBACK, DIFFERENCE, MIN_WORKERS
from peercompare.drift.groups import Cell, whole
from peercompare.drift.measures import ALL
from peercompare.drift.plan import COLUMNS, WORKER, Plan, worker_index
from peercompare.drift.showing import SILENT, TAKING, TIMES, Draft, hide
from peercompare.drift.withholding import DIMENSION, Cells, differ_thinly, withheld

MASTER = ("all_codings", "as_coded")
"""Labels and variant that lead: what is withheld of them is withheld of all others."""


def publish(drafts: Sequence[Draft], *, plan: Plan, told: Collection[str] = ()) -> pd.DataFrame:
    """Withhold, over all that is published of a corpus together, what would expose individuals.

    Cells are judged over all drafts at once, whatever their population or grouping (`withholding.withheld`).
    Subtraction makes sense between estimates of the same labels and variant; what is withheld of all codings
    as coded is withheld of other labels and variants too, and a variant is withheld where the segments that
    it changes rest on fewer than five workers. Slopes are compared with slopes; a slope whose sizes differ
    from those of a published share by one to four workers is shown without its sizes. Where documents name
    no workers they are public postings by organisations, and nothing is withheld.

    Parameters
    ----------
    drafts : sequence of Draft
        Everything that is published of one corpus: from `draft_estimates`, `draft_trend`, `draft_anchored`.
    plan : Plan
        Says whether the rule is waived.
    told : collection of str, default ()
        Workers who are given a table of their own sessions (`worker_feedback`). Whoever has such a table can
        take it away from what is published: that must leave five other workers too.

    Returns
    -------
    DataFrame
        The estimates of all drafts in their order, with the columns of `COLUMNS`. ``waiver`` is True on rows
        whose estimate is shown only because the corpus is composed.

    Raises
    ------
    DisclosureError
        When a waiver is asked for a corpus that is not composed.
    """
    disclosure.check_waiver(composed=plan.composed, waive=plan.waive)
    return _shown(drafts, *_decided(drafts, told), plan)


def publish_beside(
    drafts: Sequence[Draft], published: Sequence[Draft], *, plan: Plan, told: Collection[str] = ()
) -> list[pd.DataFrame]:
    """Publish further tables of a corpus beside those that are published already, which stay as they are.

    Parameters
    ----------
    drafts : sequence of Draft
        What comes on top.
    published : sequence of Draft
        What `publish` was given: what it shows is known to a reader, so wherever the two together would
        expose somebody, the further table gives way. A draft that cannot be shown without taking back what
        was published is withheld whole.
    plan, told
        As `publish` was given them.

    Returns
    -------
    list of DataFrame
        One for each of `drafts`, as `publish` makes them.

    Raises
    ------
    DisclosureError
        When a waiver is asked for a corpus that is not composed.
    """
    disclosure.check_waiver(composed=plan.composed, waive=plan.waive)
    reasons, sizes = _decided([*published, *drafts], told, first=len(published))
    # Under a waiver nothing is blanked: what is decided here only marks what a real corpus would not show.
    if not plan.waive and not _same(reasons, known := _decided(published, told)[0]):
        reasons, sizes = _one_by_one(drafts, published, known, told)
    own = zip(drafts, reasons[len(published) :], sizes[len(published) :], strict=True)
    return [_shown([draft], [why], [bare], plan) for draft, why, bare in own]


def _one_by_one(
    drafts: Sequence[Draft], published: Sequence[Draft], known: Flags, told: Collection[str]
) -> tuple[Flags, Flags]:
    """Take in one further draft after another, and withhold whole what would take back what is known."""
    accepted, reasons, sizes = list(published), list(known), [np.zeros(len(one), dtype=bool) for one in known]
    for draft in drafts:
        tried, bare = _decided([*accepted, draft], told, first=len(published))
        if _same(tried, known):
            accepted, known = [*accepted, draft], tried
            reasons, sizes = [*reasons, tried[-1]], [*sizes, bare[-1]]
        else:
            reasons.append(np.full(len(draft.estimates), DIFFERENCE, dtype=object))
            sizes.append(np.zeros(len(draft.estimates), dtype=bool))
    return reasons, sizes


Flags = list[np.ndarray]
"""For each draft an array with an entry for each of its rows."""


def _same(found: Flags, known: Flags) -> bool:
    """Whether what is withheld of the drafts that are known is what was withheld before."""
    return all(
        ((one == "") == (other == "")).all() for one, other in zip(found[: len(known)], known, strict=True)
    )


def _decided(drafts: Sequence[Draft], told: Collection[str], *, first: int = 0) -> tuple[Flags, Flags]:
    """Say why each row is withheld ("" where not) and whose sizes are; the `first` drafts give way last."""
    reasons = [np.full(len(draft.estimates), "", dtype=object) for draft in drafts]
    sizes = [np.zeros(len(draft.estimates), dtype=bool) for draft in drafts]
    filled = [number for number, draft in enumerate(drafts) if draft.cells]
    # One draft that names workers puts all under the rule: a population may be a part without names.
    if any(worker_index(drafts[number].scores) is not None for number in filled):
        union = _union([drafts[number] for number in filled])
        entries = [entry for number in filled for entry in _entries(number, drafts[number], union)]
        entries = [replace(entry, known=entry.draft < first) for entry in entries]
        entries, union = _condensed(entries, union)
        found = _found(entries, union, told)
        blank = _telling_sizes(entries, found == "", union)
        for place, entry in enumerate(entries):
            if not entry.changed and not entry.thought:
                reasons[entry.draft][entry.out] = found[place]
                sizes[entry.draft][entry.out] = blank[place]
        for draft, reason, bare in zip(drafts, reasons, sizes, strict=True):
            _follow_parts(draft, reason, bare)
    return reasons, sizes


def _shown(drafts: Sequence[Draft], reasons: Flags, sizes: Flags, plan: Plan) -> pd.DataFrame:
    """Blank what is withheld and put the tables together."""
    tables = [
        hide(draft.estimates, reason, sizes=bare, waive=plan.waive)
        for draft, reason, bare in zip(drafts, reasons, sizes, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _follow_parts(draft: Draft, reason: np.ndarray, bare: np.ndarray) -> None:
    """Withhold contrasts, in place, with anything that they are made of: the one would give the other."""
    for row, parts in draft.contrasts.items():
        reason[row] = next((reason[part] for part in parts if reason[part]), "")
        bare[row] = bare[list(parts)].any()


def _found(entries: list[_Entry], union: _Union, told: Collection[str]) -> np.ndarray:
    """Decide what is withheld: of everybody, and again of everybody but those who know their own part."""
    found = withheld(_cells(entries, union))
    others = ~np.isin(union.names, list(told))
    if others.all():
        return found
    # Withholding more never shows more: what either decision withholds may be put together.
    beside = withheld(_cells([entry.without(others) for entry in entries], union))
    return np.where((found == "") & (beside != ""), BESIDE_FEEDBACK, found)


@dataclass(frozen=True)
class _Union:
    """The segments of a publication, each one's worker, and the populations whose whole it tells."""

    segments: pd.Index
    workers: np.ndarray
    names: np.ndarray
    told: frozenset[bytes]
    sizes: np.ndarray | None = None

    def places(self, draft: Draft) -> np.ndarray:
        """Where the segments of a draft stand in the union."""
        return self.segments.get_indexer(draft.scores["segment_id"])

    def spread(self, places: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Rows of a draft as rows of the union."""
        table = np.zeros(len(self.segments), dtype=bool)
        table[places[rows]] = True
        return table


@dataclass(frozen=True)
class _Entry:
    """A cell within one scope of a draft, or what a variant changes there."""

    draft: int
    out: np.ndarray
    kind: str
    scope: str
    source: tuple[str, str]
    key: frozenset
    asked: np.ndarray
    rows: np.ndarray
    moving: np.ndarray | None = None
    changed: bool = False
    thought: bool = False
    known: bool = False

    @property
    def definition(self) -> tuple[str, str, bytes]:
        """What the cell is, whatever its labels and variant."""
        return self.kind, self.scope, np.packbits(self.asked).tobytes()

    def few(self, workers: np.ndarray) -> bool:
        """Whether a slope, or predictions of segments that may not be coded, rest on one to four workers."""
        behind = [] if self.moving is None else [self.moving]
        if self.source[0] != MASTER[0] and not self.changed:
            behind.append(self.asked)
        return any(0 < len(np.unique(workers[rows])) < MIN_WORKERS for rows in behind)

    def without(self, others: np.ndarray) -> _Entry:
        """The cell as it is for the segments of others alone; it is still the same cell."""
        moving = None if self.moving is None else self.moving & others
        return replace(self, asked=self.asked & others, rows=self.rows & others, moving=moving)

    @property
    def full_key(self) -> frozenset:
        """What defines the cell and its scope."""
        return self.key if self.scope == ALL else self.key | {(DIMENSION, self.scope)}


def _union(drafts: Sequence[Draft]) -> _Union:
    columns = ["segment_id", WORKER, TIMES]
    rows = pd.concat([draft.scores.reindex(columns=columns) for draft in drafts], ignore_index=True)
    rows = rows.sort_values(WORKER).drop_duplicates("segment_id")
    names = rows[WORKER].to_numpy(dtype=object)
    times = rows[TIMES].fillna(1).to_numpy(dtype=np.int64)
    union = _Union(pd.Index(rows["segment_id"]), worker_index(rows), names, frozenset(), times)
    whole_of = [np.packbits(union.spread(union.places(draft))).tobytes() for draft in drafts]
    told = {
        asked
        for draft, asked in zip(drafts, whole_of, strict=True)
        if len(drafts) == 1 or any(not cell.key for cell in draft.cells)
    }
    return replace(union, told=frozenset(told))


def _entries(number: int, draft: Draft, union: _Union) -> Iterator[_Entry]:
    """All cells of a draft within each scope, with the whole where the publication tells it elsewhere."""
    scores, width, cells = draft.scores, len(draft.table.estimands), list(draft.cells)
    places = union.places(draft)
    if all(cell.key for cell in cells) and np.packbits(union.spread(places)).tobytes() in union.told:
        cells.append(whole(scores))
    for place, cell in enumerate(cells):
        thought = place >= len(draft.cells)
        asked = union.spread(places, cell.rows)
        for (kind, scope), measures in draft.scopes().items():
            entry = _Entry(
                number,
                place * width + np.array(measures),
                kind,
                scope,
                source=(draft.labels, draft.variant),
                key=cell.key,
                asked=asked,
                rows=union.spread(places, cell.rows & draft.held[:, measures[0]]),
                thought=thought,
            )
            moves = None if draft.moving is None or thought else draft.moving[place][:, measures[0]]
            yield entry if moves is None else replace(entry, moving=union.spread(places, moves))
            altered = _altered(cell, draft, kind, scope)
            if altered.any():
                yield replace(entry, rows=union.spread(places, altered), changed=True)


def _condensed(entries: list[_Entry], union: _Union) -> tuple[list[_Entry], _Union]:
    """Let segments of one worker that no entry tells apart stand as one."""
    sets = {id(rows): rows for entry in entries for rows in (entry.asked, entry.rows, entry.moving)}
    sets.pop(id(None), None)
    first, sizes = atoms(sets.values(), union.workers, union.sizes)
    fewer = {name: rows[first] for name, rows in sets.items()} | {id(None): None}
    chosen = [
        replace(entry, **{name: fewer[id(getattr(entry, name))] for name in ("asked", "rows", "moving")})
        for entry in entries
    ]
    ours = {"workers": union.workers[first], "names": union.names[first], "sizes": sizes}
    return chosen, replace(union, segments=union.segments[first], **ours)


def _altered(cell: Cell, draft: Draft, kind: str, scope: str) -> np.ndarray:
    """Segments in the denominator, as coded or in the variant, that the variant counts otherwise."""
    changed = cell.rows & draft.scores["changed"].to_numpy(dtype=bool)
    if not changed.any():
        return changed
    if scope != ALL:
        places = draft.scores[["dimension", "coded_dimension"]].to_numpy(dtype=object)
        return changed & (places == scope).any(axis=1)
    return changed if kind == SILENT else changed & draft.scores["taking"].to_numpy(dtype=bool)


def _cells(entries: list[_Entry], union: _Union) -> Cells:
    """Put the entries into the words of the rule."""
    return Cells(
        keys=tuple(entry.full_key for entry in entries),
        rows=np.array([entry.rows for entry in entries]),
        workers=union.workers,
        tables=_numbers([(entry.draft, entry.kind, entry.changed) for entry in entries]),
        layers=_numbers([(entry.kind, entry.source, entry.changed) for entry in entries]),
        follows=_follows(entries),
        changed=np.array([entry.changed for entry in entries]),
        few=np.array([entry.few(union.workers) for entry in entries]),
        thought=np.array([entry.thought or entry.known for entry in entries]),
        sizes=union.sizes,
    )


def _numbers(names: list[tuple]) -> np.ndarray:
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names])


def _follows(entries: list[_Entry]) -> np.ndarray:
    """Who is withheld with whom: a cell asked twice, other labels and variants, what a variant changes."""
    same: dict[tuple, list[int]] = {}
    for place, entry in enumerate(entries):
        same.setdefault((entry.definition, entry.source), []).append(place)
    links = []
    for (definition, source), places in same.items():
        links += [(one, other) for one in places for other in places if one != other]
        leaders = same.get((definition, MASTER), [])
        if source != MASTER and leaders:
            links += [(leaders[0], place) for place in places]
    return np.array(links, dtype=int).reshape(-1, 2)


def _telling_sizes(entries: list[_Entry], shown: np.ndarray, union: _Union) -> np.ndarray:
    """Mark slopes whose sizes, beside those of a published share, tell of fewer than five workers."""
    blank = np.zeros(len(entries), dtype=bool)
    told = [shown[place] and not entry.changed and not entry.thought for place, entry in enumerate(entries)]
    for place in np.flatnonzero(told):
        entry = entries[place]
        if entry.moving is not None:
            others = [
                other.rows
                for at, other in enumerate(entries)
                if told[at] and other.kind == TAKING and other.source == entry.source
            ]
            blank[place] = differ_thinly(entry.moving, np.array([entry.rows, *others]), union.workers).any()
    return blank
