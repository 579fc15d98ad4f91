"""Comparing two manifests of a study: which numbers moved farther than they may, which are gone or new."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from peercompare.study.numbers import table_of

CHANGED, MISSING, EXTRA = "changed", "missing", "extra"


@dataclass(frozen=True)
class Difference:
    """A number (or a whole table or figure) that is not as it was.

    Parameters
    ----------
    id : str
        As in the manifest; ``table NAME`` or ``figure NAME`` where the whole is meant.
    kind : str
        ``changed``, ``missing`` (there before, not now) or ``extra`` (there now, not before).
    old, new : number, str or None
        What it was and what it is; None where it is undefined, withheld or not there.
    abs_tol, rel_tol : float
        What it was allowed.
    """

    id: str
    kind: str
    old: float | str | None = None
    new: float | str | None = None
    abs_tol: float = 0.0
    rel_tol: float = 0.0

    @property
    def allowed(self) -> float:
        """How far the number was allowed to move."""
        return allowed(self.old, self.abs_tol, self.rel_tol)

    @property
    def out(self) -> float:
        """How far it moved, as a multiple of what it was allowed; infinite where that cannot be said."""
        if self.kind != CHANGED or not (_is_number(self.old) and _is_number(self.new)) or not self.allowed:
            return math.inf
        return abs(self.new - self.old) / self.allowed


@dataclass(frozen=True)
class Comparison:
    """What came of comparing two manifests.

    Parameters
    ----------
    n_compared : int
        Numbers that both have.
    differences : tuple of Difference
        The farthest out first; what is missing or extra after what changed.
    notes : tuple of str
        What is not the same and explains or illustrates, and fails nothing: versions, inputs, pictures.
    """

    n_compared: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def compare(reference: Mapping, current: Mapping) -> Comparison:
    """Compare the manifest of a study that was run again with an earlier one.

    Parameters
    ----------
    reference, current : mapping
        Manifests of one scope. The earlier one's tolerances hold.

    Returns
    -------
    Comparison
        A number fails where it is farther off than the larger of its two tolerances, where it is defined in
        one manifest alone, and where its id is. A table without numbers fails where its hash differs. Hashes
        of other tables, of figures, inputs and versions give notes: a hash differs by a digit that is rounded
        the other way, or by another version of a library that draws, and the numbers tell whether it matters.
    """
    before = {each["id"]: each for each in reference["numbers"]}
    after = {each["id"]: each["value"] for each in current["numbers"]}
    moved = [
        Difference(name, CHANGED, each["value"], after[name], each["abs_tol"], each["rel_tol"])
        for name, each in before.items()
        if name in after and not agrees(each["value"], after[name], each["abs_tol"], each["rel_tol"])
    ]
    moved += _wordy_tables(reference, current)
    moved.sort(key=lambda each: (-each.out, each.id))
    lost = [Difference(name, MISSING, before[name]["value"]) for name in before if name not in after]
    new = [Difference(name, EXTRA, None, after[name]) for name in after if name not in before]
    return Comparison(
        n_compared=len(before.keys() & after.keys()),
        differences=(*moved, *_whole(reference, current), *lost, *new),
        notes=tuple(_notes(reference, current)),
    )


def agrees(old: object, new: object, abs_tol: float, rel_tol: float) -> bool:
    """Say whether a number is as it was, within its tolerance; what is undefined must stay undefined.

    Examples
    --------
    >>> agrees(0.5, 0.50001, 1e-4, 0.0), agrees(0.5, None, 1.0, 1.0), agrees(None, None, 0.0, 0.0)
    (True, False, True)
    """
    if _is_number(old) and _is_number(new):
        return abs(new - old) <= allowed(old, abs_tol, rel_tol)
    return old == new


def allowed(old: object, abs_tol: float, rel_tol: float) -> float:
    """Return how far a number may move."""
    return max(abs_tol, rel_tol * abs(old)) if _is_number(old) else 0.0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _with_numbers(manifest: Mapping) -> set[str]:
    """Return the tables of which a manifest has numbers."""
    return {table_of(each["id"]) for each in manifest["numbers"]}


def _hashes(manifest: Mapping, key: str, field: str = "sha256") -> dict[str, str]:
    return {each["name"]: each[field] for each in manifest[key]}


def _wordy_tables(reference: Mapping, current: Mapping) -> Iterator[Difference]:
    """Yield the tables that hold no number and are not as they were."""
    old, new = _hashes(reference, "tables"), _hashes(current, "tables")
    for name in sorted((old.keys() & new.keys()) - _with_numbers(reference)):
        if old[name] != new[name]:
            yield Difference(f"table {name}", CHANGED, old[name], new[name])


def _whole(reference: Mapping, current: Mapping) -> Iterator[Difference]:
    """Yield the tables and figures that only one of two manifests has."""
    for kind, key in (("table", "tables"), ("figure", "figures")):
        old, new = ({each["name"] for each in manifest[key]} for manifest in (reference, current))
        yield from (Difference(f"{kind} {name}", MISSING) for name in sorted(old - new))
        yield from (Difference(f"{kind} {name}", EXTRA) for name in sorted(new - old))


def _notes(reference: Mapping, current: Mapping) -> Iterator[str]:
    """Say what else is not the same."""
    for name, old in reference["versions"].items():
        new = current["versions"].get(name, "absent")
        if new != old:
            yield f"{name} was {old} and is {new}"
    old, new = ({each["path"]: each["sha256"] for each in one["inputs"]} for one in (reference, current))
    changed = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    if changed:
        yield f"{len(changed)} inputs are not the same files: {_some(changed)}"
    numbers = _with_numbers(reference)
    old, new = _hashes(reference, "tables"), _hashes(current, "tables")
    words = sorted(name for name in old.keys() & new.keys() & numbers if old[name] != new[name])
    if words:
        yield f"tables that differ in words, or in a last digit shown: {_some(words)}"
    yield from _of_figures(reference, current)


def _of_figures(reference: Mapping, current: Mapping) -> Iterator[str]:
    """Say which figures show other rows, and which are other pictures of the same rows."""
    old, new = (_hashes(manifest, "figures", "data_sha256") for manifest in (reference, current))
    both = old.keys() & new.keys()
    if rows := sorted(name for name in both if old[name] != new[name]):
        yield f"figures that show other rows: {_some(rows)}"
    drawn_before, drawn_now = (_hashes(manifest, "figures", "pictures") for manifest in (reference, current))
    pictures = [
        name
        for name in sorted(both - set(rows))
        for drawn_by in drawn_before[name].keys() & drawn_now[name].keys()
        if drawn_before[name][drawn_by] != drawn_now[name][drawn_by]
    ]
    if pictures:
        yield f"figures of the same rows, drawn by the same matplotlib, as other files: {_some(pictures)}"


def _some(names: list[str], shown: int = 5) -> str:
    """Name the first few."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")
