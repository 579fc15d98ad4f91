"""Counts of few people are suppressed, and so is what would give them back."""

import numpy as np
import pandas as pd
import pytest

from peercompare.disclosure import count_withheld, possible_range, suppress, suppressed, withheld_cells
from peercompare.errors import DisclosureError


def cross(counts):
    """A table of roles by sites with all its totals, from a matrix of counts."""
    inner = pd.DataFrame(
        [(f"r{i}", f"s{j}", n) for i, row in enumerate(counts) for j, n in enumerate(row)],
        columns=["role", "site", "n_people"],
    )
    by_role = inner.groupby("role", as_index=False)["n_people"].sum().assign(site="all")
    by_site = inner.groupby("site", as_index=False)["n_people"].sum().assign(role="all")
    whole = pd.DataFrame({"role": ["all"], "site": ["all"], "n_people": [inner["n_people"].sum()]})
    return pd.concat([inner, by_role, by_site, whole], ignore_index=True)[["role", "site", "n_people"]]


def fitting(counts, shown):
    """Every way to fill a matrix with numbers to 20 so that all that is shown holds: (n_ways, n_rows)."""
    keys = list(shown[["role", "site"]].itertuples(index=False, name=None))
    n = np.array(counts).size
    adds = np.array(
        [[all(a in ("all", b) for a, b in zip(k, keys[c], strict=True)) for c in range(n)] for k in keys]
    )
    known = shown["n_people"].to_numpy(dtype=float, na_value=np.nan)
    open_to = [np.arange(1, 21) if np.isnan(known[c]) else np.array([int(known[c])]) for c in range(n)]
    ways = np.stack([each.ravel() for each in np.meshgrid(*open_to, indexing="ij")], axis=1)
    totals = ways @ adds.T.astype(int)
    return totals[((totals == known) | np.isnan(known)).all(axis=1)]


def test_a_small_count_is_suppressed_and_the_next_smallest_with_it():
    table = pd.DataFrame({"role": ["peer", "clinician", "nurse", "all"], "n_people": [3, 9, 7, 19]})
    shown = suppress(table, "n_people", ["role"])
    assert shown["n_people"].isna().tolist() == [True, False, True, False]
    assert shown["withheld"].ne("").tolist() == [True, False, True, False]


def test_the_words_do_not_tell_which_of_the_suppressed_counts_is_small():
    table = pd.DataFrame({"role": ["peer", "clinician", "all"], "n_people": [2, 11, 13]})
    why = suppress(table, "n_people", ["role"])["withheld"]
    assert why[0] == why[1] != ""


def test_without_a_total_the_small_count_alone_is_suppressed():
    table = pd.DataFrame({"role": ["peer", "clinician"], "n_people": [2, 11]})
    assert suppress(table, "n_people", ["role"])["n_people"].isna().tolist() == [True, False]


def test_nobody_is_no_small_count():
    table = pd.DataFrame({"role": ["peer", "clinician", "all"], "n_people": [0, 11, 11]})
    assert suppress(table, "n_people", ["role"])["n_people"].tolist() == [0, 11, 11]


def test_a_total_goes_where_its_parts_do_not_suffice():
    table = pd.DataFrame({"role": ["peer", "nurse", "all"], "n_people": [2, 0, 2]})
    assert suppress(table, "n_people", ["role"])["n_people"].isna().tolist() == [True, False, True]


def test_two_small_counts_whose_sum_is_small_too_are_not_enough():
    table = pd.DataFrame({"role": ["a", "b", "c", "all"], "n_people": [1, 2, 30, 33]})
    assert suppress(table, "n_people", ["role"])["n_people"].isna().tolist() == [True, True, True, False]


def test_the_threshold_can_be_raised():
    table = pd.DataFrame({"role": ["a", "b", "c", "all"], "n_people": [7, 20, 30, 57]})
    assert not suppress(table, "n_people", ["role"])["n_people"].isna().any()
    assert suppress(table, "n_people", ["role"], threshold=10)["n_people"].isna().sum() == 2


def test_what_would_tell_the_count_is_blanked_with_it():
    table = pd.DataFrame({"role": ["a", "b"], "n_people": [2, 20], "share": [0.1, 0.9]})
    assert suppress(table, "n_people", blank=["share"])["share"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    "counts",
    [
        [[2, 8], [9, 11]],
        [[1, 6, 0], [0, 7, 9]],
        [[3, 0], [12, 8]],
        [[4, 1], [1, 4]],
        [[2, 0], [0, 9]],
        [[0, 5, 1], [1, 6, 0]],
    ],
)
def test_whoever_tries_every_table_that_fits_cannot_pin_a_small_count_down(counts):
    table = cross(counts)
    shown = suppress(table, "n_people", ["role", "site"])
    small = table[table["n_people"].between(1, 4)]
    assert shown.loc[small.index, "n_people"].isna().all()
    guesses = fitting(counts, shown)
    assert all(len(set(guesses[:, at])) >= 5 for at in small.index)


def test_the_range_is_that_of_all_tables_that_fit(rng):
    for _ in range(10):
        counts = rng.integers(1, 6, size=(2, 2))
        table = cross(counts)
        hidden = np.array([True] * 4 + [False] * (len(table) - 4))
        sums = [(4, (0, 1)), (5, (2, 3)), (6, (0, 2)), (7, (1, 3)), (8, (0, 1, 2, 3))]
        shown = table.assign(n_people=table["n_people"].astype("Int64").mask(pd.Series(hidden)))
        guesses = fitting(counts, shown)[:, 0]
        numbers = table["n_people"].to_numpy()
        assert possible_range(numbers, hidden, sums, 0) == (min(guesses), max(guesses))


def test_random_tables_keep_every_small_count_and_hide_no_zero(rng):
    for _ in range(6):
        counts = rng.choice([0, 1, 3, 6, 9, 20], size=(3, 4))
        table = cross(counts)
        shown = suppress(table, "n_people", ["role", "site"])
        hidden = shown["n_people"].isna().to_numpy()
        numbers = table["n_people"].to_numpy()
        assert not (hidden & (numbers == 0)).any()
        assert hidden[(numbers > 0) & (numbers < 5)].all()


def test_hierarchies_are_given_as_places():
    numbers = np.array([2, 9, 11, 8, 19])  # two teams of a site, the site, another site, both
    hidden = suppressed(numbers, [(2, (0, 1)), (4, (2, 3))])
    assert hidden[[0, 1]].all()
    assert not hidden[[2, 3, 4]].any()


@pytest.mark.parametrize("wrong", [[2.5, 9, 11], [-1, 9, 8], [None, 9, 9]])
def test_a_count_that_is_none_is_refused(wrong):
    table = pd.DataFrame({"role": ["a", "b", "all"], "n_people": wrong})
    with pytest.raises(DisclosureError, match="does not count people"):
        suppress(table, "n_people", ["role"])


def test_totals_that_count_somebody_twice_are_refused():
    table = pd.DataFrame({"role": ["a", "b", "all"], "n_people": [6, 9, 14]})
    with pytest.raises(DisclosureError, match="not the sums"):
        suppress(table, "n_people", ["role"])


def test_an_unknown_margin_is_refused():
    with pytest.raises(DisclosureError, match="no column 'site'"):
        suppress(pd.DataFrame({"n_people": [6]}), "n_people", ["site"])


def test_what_tables_withhold_is_counted_by_reason():
    tables = {
        "scores": pd.DataFrame({"reason": ["withheld: few", "", None, "withheld: few"]}),
        "left_out": pd.DataFrame({"withheld": ["withheld: a reason"]}),
        "estimates": pd.DataFrame({"reason": ["", "four workers"], "waiver": [True, False]}),
        "terms": pd.DataFrame({"term": ["tea"]}),
    }
    counted = count_withheld(tables)
    assert counted["table"].tolist() == ["scores", "left_out", "estimates"]
    assert counted["n_rows"].tolist() == [2, 1, 1]
    assert counted["n_rows_all"].tolist() == [4, 1, 2]
    assert counted["reason"].str.contains("composed").tolist() == [False, False, True]


def lines_of(n_rows, n_columns):
    """The sums of rows, of columns and of the whole that readers know."""
    places = np.arange(n_rows * n_columns).reshape(n_rows, n_columns)
    return [*places, *places.T, places.ravel()]


def worked_out(sizes, hidden, lines, at):
    """Whether whole-number programming over all sums leaves one number alone for a cell."""
    numbers = np.concatenate([sizes, [sizes[line].sum() for line in lines]])
    sums = [(len(sizes) + number, tuple(line)) for number, line in enumerate(lines)]
    least, greatest = possible_range(numbers, np.concatenate([hidden, np.zeros(len(lines), bool)]), sums, at)
    return least == greatest


def test_a_chain_of_sums_gives_no_cell_of_few_workers_back():
    present = np.ones((16, 12), dtype=bool)
    present[14, 3:] = False
    lines = lines_of(4, 4)
    hidden = withheld_cells(present, lines)
    assert not worked_out(present.sum(axis=1), hidden, lines, 14)
    chain = np.isin(np.arange(16), [14, 12, 6])  # one more in its row and one in its column, as a chain
    assert worked_out(present.sum(axis=1), chain, lines, 14)


def test_no_cell_of_few_workers_can_be_worked_out_from_the_sums_of_rows_and_columns():
    rng = np.random.default_rng(8)
    for _ in range(20):
        present = rng.random((16, 14)) < rng.choice([0.25, 0.9], size=(16, 1))
        lines, sizes = lines_of(4, 4), present.sum(axis=1)
        hidden = withheld_cells(present, lines)
        for at in np.flatnonzero((sizes > 0) & (sizes < 5)):
            filled = [line[sizes[line] > 0] for line in lines[:8] if at in line]
            if all(len(line) > 1 for line in filled) and not hidden[sizes > 0].all():
                assert not worked_out(sizes, hidden, lines, at)


def test_where_nothing_is_small_or_nobody_speaks_nothing_is_withheld():
    present = np.ones((4, 7), dtype=bool)
    present[3] = False
    assert not withheld_cells(present, lines_of(2, 2)).any()
    assert not withheld_cells(present, []).any()


@pytest.mark.parametrize("known", [(), (0,)])
def test_a_total_known_from_elsewhere_is_not_relied_on(known):
    numbers = np.array([8, 7, 0, 1, 1, 3, 0, 5, 5, 8, 0, 0])
    sums = [(0, (1, 2, 3)), (3, (4,)), (0, (5, 6, 7)), (7, (8,)), (0, (9, 10, 11))]
    hidden = suppressed(numbers, sums, known=known)
    assert not hidden[[0, 9]].any()
    for at in (3, 4, 5):
        least, greatest = possible_range(numbers, hidden, sums, at)
        assert greatest - least + 1 >= 5


def test_a_known_total_is_hidden_where_nothing_else_helps():
    assert suppressed(np.array([5, 1, 4]), [(0, (1, 2))], known=[0]).all()
