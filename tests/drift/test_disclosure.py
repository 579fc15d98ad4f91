from dataclasses import replace

import numpy as np
import pytest

from peercompare.drift.disclosure import (
    CHANGED,
    DIFFERENCE,
    TOO_FEW,
    check_columns,
    check_waiver,
)
from peercompare.drift.withholding import Cells, withheld
from peercompare.errors import DisclosureError


def cells_by(workers, **columns):
    """Everybody, and each group of each column."""
    workers = np.asarray(workers)
    keys, rows = [frozenset()], [np.ones(len(workers), dtype=bool)]
    for column, values in columns.items():
        for value in sorted(set(values)):
            keys.append(frozenset({(column, value)}))
            rows.append(np.array([other == value for other in values]))
    return Cells(tuple(keys), np.array(rows), workers)


def test_groups_of_five_workers_and_more_are_shown():
    cells = cells_by(range(11), site="AAAAABBBBBB")
    assert withheld(cells).tolist() == ["", "", ""]


def test_a_group_of_four_workers_is_withheld_however_many_segments_they_have():
    workers = np.repeat(np.arange(14), 7)
    site = np.where(workers < 4, "A", np.where(workers < 9, "B", "C"))
    assert withheld(cells_by(workers, site=list(site)))[1] == TOO_FEW


def test_a_lone_withheld_group_takes_the_smallest_shown_group_with_it():
    cells = cells_by(range(15), site="AABBBBBBCCCCCCC")
    assert withheld(cells).tolist() == ["", TOO_FEW, DIFFERENCE, ""]


def test_two_withheld_groups_that_make_five_workers_together_cover_each_other():
    cells = cells_by(range(11), site="AABBBCCCCCC")
    assert withheld(cells).tolist() == ["", TOO_FEW, TOO_FEW, ""]


def test_two_withheld_groups_of_four_workers_together_do_not():
    cells = cells_by(range(15), site="AABBCCCCCDDDDDD")
    assert withheld(cells).tolist() == ["", TOO_FEW, TOO_FEW, DIFFERENCE, ""]


def test_what_is_left_between_a_cell_and_one_inside_it_counts_too():
    # The year less its first half is the second half, which rests on two workers.
    workers = np.array([0, 1, 2, 3, 4, 5, 0, 1])
    year = np.ones(8, dtype=bool)
    first_half = np.arange(8) < 6
    keys = (frozenset({("year", "1")}), frozenset({("half", "1a")}))
    assert withheld(Cells(keys, np.array([year, first_half]), workers)).tolist() == ["", DIFFERENCE]


def test_no_published_difference_of_nested_cells_rests_on_fewer_than_five_workers(rng):
    for _ in range(30):
        workers = rng.integers(0, 9, size=60)
        site = rng.choice(list("ABC"), size=60)
        half = rng.choice(list("xyz"), size=60)
        cells = cells_by(workers, site=list(site), half=list(half))
        both = [(s, h) for s in "ABC" for h in "xyz"]
        keys = (*cells.keys, *(frozenset({("site", s), ("half", h)}) for s, h in both))
        rows = np.array([*cells.rows, *((site == s) & (half == h) for s, h in both)])
        reasons = withheld(Cells(keys, rows, workers))
        shown = [row for row, reason in zip(rows, reasons, strict=True) if not reason and row.any()]
        for large in shown:
            assert len(set(workers[large])) >= 5
            for small in shown:
                if (small & ~large).sum() == 0 and (large & ~small).any():
                    assert len(set(workers[large & ~small])) >= 5


def test_a_cell_without_segments_hides_nothing():
    cells = Cells((frozenset(),), np.zeros((1, 4), dtype=bool), np.arange(4))
    assert withheld(cells).tolist() == [""]


def test_a_variant_that_changes_the_segments_of_few_workers_is_withheld():
    cells = Cells(
        (frozenset(), frozenset()),
        np.array([np.ones(6, dtype=bool), np.arange(6) == 2]),
        np.arange(6),
        layers=np.array([0, 1]),
        follows=np.array([[1, 0], [0, 1]]),
        changed=np.array([False, True]),
    )
    assert withheld(cells).tolist() == [CHANGED, CHANGED]
    many = replace(cells, rows=np.array([np.ones(6, dtype=bool), np.arange(6) != 2]))
    assert withheld(many).tolist() == ["", ""]


@pytest.mark.parametrize("column", ["worker_id", "speaker", "speakers", "person_id"])
def test_grouping_by_people_is_refused(column):
    with pytest.raises(DisclosureError, match=column):
        check_columns(["site_id", column])


def test_a_waiver_needs_a_composed_corpus():
    check_waiver(composed=True, waive=True)
    check_waiver(composed=False, waive=False)
    with pytest.raises(DisclosureError, match="composed = true"):
        check_waiver(composed=False, waive=True)
