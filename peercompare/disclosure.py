"""Tables that count people: which counts are suppressed so that neither they nor subtraction show few people.

A count of one to four people is suppressed, and further counts until no total that is shown gives it back.
What a reader can still work out is computed exactly, by whole-number programming over the sums that hold
between the counts of the table; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.linalg import null_space
from scipy.optimize import Bounds, LinearConstraint, milp

from peercompare.errors import DisclosureError
from peercompare.persons import MIN_WORKERS

ALL = "all"
"""What stands in a column of a table in the rows that count over all its values."""

SHOWN_BY_WAIVER = "would be withheld for real people; shown since the corpus is composed"

Sum = tuple[int, tuple[int, ...]]
"""Place of a total, and the places of the parts that add up to it."""


def suppress(
    table: pd.DataFrame,
    counts: str,
    margins: Sequence[str] | Sequence[Sum] = (),
    *,
    threshold: int = MIN_WORKERS,
    blank: Sequence[str] = (),
    known: Sequence[int] = (),
) -> pd.DataFrame:
    """Suppress counts of few people in a table, and what would give them back.

    Parameters
    ----------
    table : DataFrame
        One row for each count.
    counts : str
        The column with numbers of people, whole and not below 0. Nobody is counted in two rows that add up to
        a third.
    margins : sequence of str, or of (total, parts), default ()
        Columns in which ``"all"`` marks the rows that count over all other values of the column; or, for
        tables of another shape, pairs of the place of a total and the places of its parts. A total that
        readers know from elsewhere must be a row of the table.
    threshold : int, default 5
        Counts from 1 to ``threshold - 1`` are suppressed. 0 stays: nobody is shown by it.
    blank : sequence of str, default ()
        Further columns that would tell the count, such as a share of it.
    known : sequence of int, default ()
        Places of counts that readers may know from elsewhere: they are suppressed only where nothing else
        helps, since hiding them may hide nothing.

    Returns
    -------
    DataFrame
        A copy. Suppressed counts are missing (the column is of type Int64), `blank` too, and ``withheld``
        says why, in the same words whether a count is small or would give a small one back; "" where it is
        shown.

    Raises
    ------
    DisclosureError
        If a count is missing, negative or no whole number, a margin is none, or the sums do not hold.

    Notes
    -----
    A small count is protected where a reader who knows every count shown, all sums, and that no suppressed
    count is 0 is left with as many possible whole numbers for it as the threshold. Further counts are taken
    the smallest first, parts before totals, and given back where the protection holds without them; fewer
    might do (the least number is a hard problem; Fischetti & Salazar 2001, doi:10.1287/mnsc.47.7.1008.9805).
    What a reader knows from outside the table, such as being one of those counted, is not allowed for.

    Examples
    --------
    >>> table = pd.DataFrame({"role": ["peer", "clinician", "all"], "n_people": [2, 11, 13]})
    >>> suppress(table, "n_people", ["role"])["n_people"].tolist()
    [<NA>, <NA>, 13]
    """
    numbers = _numbers(table, counts)
    sums = _sums(table, margins)
    _check_sums(numbers, sums)
    hidden = suppressed(numbers, sums, threshold=threshold, known=known)
    shown = table.assign(**{counts: pd.array(numbers, dtype="Int64")})
    shown.loc[hidden, [counts]] = pd.NA
    for column in blank:
        shown[column] = shown[column].astype(object).where(~hidden, None)
    why = f"withheld: it counts, or would give back, fewer than {threshold} people"
    return shown.assign(withheld=np.where(hidden, why, ""))


def count_withheld(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count what tables withhold, by table and reason.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name. A row is withheld where its column ``reason`` or ``withheld`` begins with "withheld", and
        would be where ``waiver`` is True: it is shown since the corpus is composed.

    Returns
    -------
    DataFrame
        ``table, reason, n_rows, n_rows_all``, tables and reasons in the order of their coming; `n_rows_all`
        counts all rows of the table. Tables that withhold nothing have no row.
    """
    rows = []
    for name, table in tables.items():
        for column in ("reason", "withheld"):
            said = table[column].astype("object").where(table[column].notna(), "") if column in table else []
            counts = pd.Series(
                [str(each) for each in said if str(each).startswith("withheld")], dtype="object"
            )
            rows += [(name, why, int(n), len(table)) for why, n in counts.value_counts(sort=False).items()]
        if "waiver" in table and (n_waived := int(table["waiver"].astype(bool).sum())):
            rows.append((name, SHOWN_BY_WAIVER, n_waived, len(table)))
    return pd.DataFrame(rows, columns=["table", "reason", "n_rows", "n_rows_all"])


def suppressed(
    numbers: np.ndarray, sums: Sequence[Sum], *, threshold: int = MIN_WORKERS, known: Sequence[int] = ()
) -> np.ndarray:
    """Decide which counts are suppressed.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_counts,)
        Numbers of people.
    sums : sequence of (total, parts)
        Places in `numbers`; every total is the sum of its parts.
    threshold, known
        As in `suppress`.

    Returns
    -------
    ndarray of bool, shape (n_counts,)
        True where the count is suppressed.
    """
    small = (numbers > 0) & (numbers < threshold)
    hidden = small.copy()
    totals = {total for total, _ in sums}
    order = sorted(np.flatnonzero(numbers > 0), key=lambda at: (at in known, at in totals, numbers[at], at))
    while (bare := _unprotected(numbers, hidden, small, sums, threshold)) is not None:
        hidden[_next_to_hide(bare, hidden, sums, order, set(known))] = True
    for at in reversed(order):  # a later choice may have made an earlier one needless
        if hidden[at] and not small[at]:
            hidden[at] = False
            hidden[at] = _unprotected(numbers, hidden, small, sums, threshold) is not None
    return hidden


def withheld_cells(
    present: np.ndarray, lines: Sequence[Sequence[int]], totals: Sequence[Sum] = ()
) -> np.ndarray:
    """Decide which counts of workers' segments are withheld where the sums over some of them are known.

    Cells that hold the words of fewer than five workers are; and further ones, the smallest first, until no
    such cell can be worked out from the sums and the cells shown, and what a sum leaves over when everything
    known is taken from it rests on five workers or more.

    Parameters
    ----------
    present : ndarray of bool, shape (n_cells, n_workers)
        Whose words each cell holds. A cell that holds nobody's is shown as it is.
    lines : sequence of sequence of int
        Places of cells whose sum readers know or can work out.
    totals : sequence of (total, parts), optional
        Cells that are themselves the sum of others.

    Returns
    -------
    ndarray of bool, shape (n_cells,)
        True where the cell is withheld. Where every cell of a line is, nothing more can be done here: then
        the line's sum itself must not be shown.

    Notes
    -----
    A cell can be worked out where the sums determine it (linear algebra over the cells that are withheld),
    not only where it alone is missing in a line: a cell shown to be known is taken from the next line.

    Examples
    --------
    Two workers alone stand behind the first cell; rows and columns have known sums. One more cell in its row
    and one more in its column would not do: the fourth corner must go too.

    >>> present = np.ones((9, 6), dtype=bool)
    >>> present[0, 2:] = False
    >>> grid = np.arange(9).reshape(3, 3)
    >>> withheld_cells(present, [*grid, *grid.T]).reshape(3, 3).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    """
    sizes = present.sum(axis=1)
    small = (sizes > 0) & (sizes < MIN_WORKERS)
    hidden = small.copy()
    groups = [np.unique(np.asarray(line, dtype=int)) for line in lines if len(line)]
    known = len(groups)
    groups += [np.unique([total, *parts]) for total, parts in totals]
    signs = np.array([np.isin(np.arange(len(hidden)), group) for group in groups], dtype=float)
    for row, (total, _) in enumerate(totals, start=known):
        signs[row, total] = -1.0
    while len(near := _too_open(present, hidden, small, groups, signs, known)):
        bare = [group for group in groups if hidden[group].sum() == 1]
        # What closes several sums at once spares others.
        closed = [sum(at in group for group in bare) for at in near]
        hidden[near[np.lexsort((near, sizes[near], np.negative(closed)))[0]]] = True
    return hidden


def _too_open(
    present: np.ndarray,
    hidden: np.ndarray,
    small: np.ndarray,
    groups: Sequence[np.ndarray],
    signs: np.ndarray,
    known: int,
) -> np.ndarray:
    """Return cells of which one must be withheld next; none where nothing shows too few workers."""
    free = hidden & ~_worked_out(hidden, signs)
    shown = present.any(axis=1) & ~hidden
    for at in np.flatnonzero(small & ~free):
        linked = _linked(int(at), hidden, groups)
        touching = [group for group in groups if np.isin(group, linked).any()]
        bare = [group for group in touching if hidden[group].sum() == 1]
        for some in (bare, touching):
            near = np.unique(np.concatenate([group[shown[group]] for group in some] or [np.array([], int)]))
            if len(near):
                return near
    for group in groups[:known]:
        left = present[group[free[group]]].any(axis=0).sum()
        if 0 < left < MIN_WORKERS and shown[group].any():
            return group[shown[group]]
    return np.array([], dtype=int)


def _linked(at: int, hidden: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """Return the withheld cells that sums link to one of them, that one too."""
    linked = np.array([at])
    while True:
        near = [group[hidden[group]] for group in groups if np.isin(group, linked).any()]
        wider = np.unique(np.concatenate([linked, *near]))
        if len(wider) == len(linked):
            return linked
        linked = wider


def _worked_out(hidden: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Say which withheld cells the sums determine; their signs have shape (n_sums, n_cells)."""
    places = np.flatnonzero(hidden)
    known = np.zeros(len(hidden), dtype=bool)
    matrix = signs[:, places] if len(signs) else np.empty((0, 0))
    if matrix.any():
        known[places] = (np.abs(null_space(matrix)) < 1e-9).all(axis=1)
    return known


def possible_range(
    numbers: np.ndarray, hidden: np.ndarray, sums: Sequence[Sum], at: int
) -> tuple[float, float]:
    """Return the least and the greatest number that a suppressed count may be, for all that readers know.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_counts,)
        The true counts; those that are hidden are not used.
    hidden : ndarray of bool, shape (n_counts,)
        Which are suppressed. A reader knows that none of these is 0.
    sums : sequence of (total, parts)
        Every sum that holds between them.
    at : int
        The count asked about.

    Returns
    -------
    least, greatest : float
        Whole numbers; `greatest` is infinite where nothing bounds it.
    """
    if not hidden[at]:
        return float(numbers[at]), float(numbers[at])
    places = np.flatnonzero(hidden)
    known = _equations(numbers, places, sums)
    wanted = (places == at).astype(float)
    return _extreme(wanted, known, len(places)), -_extreme(-wanted, known, len(places))


def _extreme(wanted: np.ndarray, known: tuple[np.ndarray, np.ndarray], n_places: int) -> float:
    """Return the least value of a count among the whole numbers that fit what is known."""
    matrix, right = known
    constraints = [LinearConstraint(matrix, right, right)] if len(right) else []
    found = milp(wanted, integrality=np.ones(n_places), bounds=Bounds(1, np.inf), constraints=constraints)
    # The true counts fit, so that a program without an answer is unbounded, never infeasible.
    return float(np.round(found.fun)) if found.success else -np.inf


def _equations(numbers: np.ndarray, places: np.ndarray, sums: Sequence[Sum]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums as equations over the suppressed counts alone: coefficients and right-hand sides."""
    rows, right = [], []
    for total, parts in sums:
        row = np.zeros(len(numbers))
        np.add.at(row, list(parts), 1.0)
        row[total] -= 1.0
        if row[places].any():
            rows.append(row[places])
            right.append(-float(np.delete(row, places) @ np.delete(numbers, places)))
    return np.array(rows), np.array(right)


def _unprotected(
    numbers: np.ndarray, hidden: np.ndarray, small: np.ndarray, sums: Sequence[Sum], threshold: int
) -> int | None:
    """Return the first small count that leaves a reader too few possible numbers, or None."""
    for at in np.flatnonzero(small):
        least, greatest = possible_range(numbers, hidden, sums, int(at))
        if greatest - least + 1 < threshold:
            return int(at)
    return None


def _next_to_hide(
    bare: int, hidden: np.ndarray, sums: Sequence[Sum], order: Sequence[int], known: set[int]
) -> int:
    """Choose what is hidden next: in the sum that pins a count down, or else in one that leads there."""
    spared: list[int] = []
    reached = {bare}
    while True:
        near = [{total, *parts} for total, parts in sums if reached & {total, *parts}]
        # The sum with the fewest suppressed counts tells most.
        for group in sorted(near, key=lambda each: sum(hidden[list(each)])):
            choice = [at for at in order if at in group and not hidden[at]]
            if found := [at for at in choice if at not in known]:
                return int(found[0])
            spared += choice
        # What is linked by a count that is shown is known already, and hiding it hides nothing here.
        wider = reached.union(*({at for at in group if hidden[at]} for group in near))
        if wider == reached:
            break
        reached = wider
    if not spared:
        raise AssertionError("a count that no shown number is summed with cannot be worked out")
    return int(spared[0])


def _numbers(table: pd.DataFrame, counts: str) -> np.ndarray:
    """Return the counts as whole numbers."""
    values = pd.to_numeric(table[counts], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.round(values)).any():
        raise DisclosureError(
            f"the column {counts!r} does not count people in every row",
            remedy="give whole numbers, 0 or more; a count that is unknown is no row",
        )
    return values.astype(int)


def _sums(table: pd.DataFrame, margins: Sequence[str] | Sequence[Sum]) -> list[Sum]:
    """Return the sums that hold, from columns with rows over all or as they were given."""
    if not all(isinstance(each, str) for each in margins):
        return [(int(total), tuple(int(part) for part in parts)) for total, parts in margins]
    if unknown := [each for each in margins if each not in table]:
        raise DisclosureError(
            f"there is no column {unknown[0]!r} to add up over", remedy=f"name one of {', '.join(table)}"
        )
    return list(_sums_over(table, list(margins)))


def _sums_over(table: pd.DataFrame, margins: list[str]) -> Iterator[Sum]:
    """Yield every total over one column with its parts, all other columns being the same."""
    keys = list(table[margins].astype(str).itertuples(index=False, name=None))
    for column in range(len(margins)):
        groups: dict[tuple, list[int]] = {}
        for at, key in enumerate(keys):
            groups.setdefault((*key[:column], *key[column + 1 :]), []).append(at)
        for places in groups.values():
            totals = [at for at in places if keys[at][column] == ALL]
            parts = tuple(at for at in places if keys[at][column] != ALL)
            if len(totals) == 1 and parts:
                yield totals[0], parts


def _check_sums(numbers: np.ndarray, sums: Sequence[Sum]) -> None:
    """Raise where a total is not what its parts add up to: then subtraction is not what it seems."""
    wrong = [total for total, parts in sums if numbers[total] != numbers[list(parts)].sum()]
    if wrong:
        raise DisclosureError(
            f"{len(wrong)} totals are not the sums of their parts, the first in row {wrong[0]}",
            remedy="count everybody once, or name no margin",
        )
