"""The page on what many segments cost is made of what was measured, and what it foretells was tried."""

import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bench_cost():
    sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
    try:
        import bench_cost as module
    finally:
        sys.path.pop(0)
    return module


@pytest.fixture(scope="module")
def table(bench_cost):
    return pd.read_csv(bench_cost.TABLE)


def test_the_page_says_what_the_measurements_say(bench_cost, table):
    assert bench_cost.PAGE.read_text(encoding="utf-8") == bench_cost.page(table)


def test_times_at_a_size_that_was_not_fitted_were_foretold_to_a_fifth(bench_cost, table):
    checked = bench_cost.checks(table)
    assert set(checked["step"]) == {bench_cost.SCORING, bench_cost.ESTIMATING}
    assert (checked["error"].abs() <= bench_cost.NEAR).all()


def test_constants_are_those_that_made_up_times(bench_cost):
    sizes = [10, 1000, 20_000]
    rows = pd.DataFrame({"n_segments": sizes, "use": bench_cost.FITTED, "step": "estimating"})
    rows = rows.assign(seconds=[3 + 0.002 * n for n in sizes], megabytes=200.0)
    assert bench_cost.foretold(rows, 10**6) == pytest.approx((2003.0, 200.0))


def test_the_measured_rows_name_no_machine(table):
    for words in table["machine"]:
        assert {part.split()[-1] for part in words.split(", ")} >= {"cores"}, words
