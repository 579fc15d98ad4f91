"""Who was seen on two dates, what was left out, and time in units."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan
from peercompare.drift.dates import dated_scores, elapsed, seen_twice
from peercompare.errors import InputError, UndefinedError

PLAN = Plan("shed", "worker_id")


@pytest.fixture
def seen():
    """A worker seen on two dates, one on one date, one whose second session has no date, one without any."""
    workers = ["A", "A", "B", "B", "C", "C", "D"]
    dates = ["2022-01-01", "2023-01-01", "2022-02-01", "2022-02-01", "2022-03-01", None, None]
    return pd.DataFrame({"worker_id": workers, "date": pd.to_datetime(dates)})


def test_a_change_rests_on_those_seen_on_two_dates_and_the_others_are_counted(seen):
    kept, words = dated_scores(seen, PLAN, what="slope")
    assert kept["worker_id"].tolist() == ["A", "A"]
    assert words == "; 2 segments without a date left out; 2 workers seen on one date left out"


def test_a_level_rests_on_all_that_have_a_date(seen):
    kept, words = dated_scores(seen, PLAN, what="curve over time", within=False)
    assert kept["worker_id"].tolist() == ["A", "A", "B", "B", "C"]
    assert words == "; 2 segments without a date left out"


def test_a_date_counts_only_where_a_segment_is_held(seen):
    held = np.array([True, False, True, True, True, False, False])
    assert not seen_twice(seen, held, PLAN).any()
    assert seen_twice(seen, ~held | held, PLAN).tolist() == [True, True, False, False, False, False, False]


def test_without_dates_or_anybody_seen_twice_it_is_said_what_there_cannot_be(seen):
    with pytest.raises(InputError, match="a slope needs a column 'date'"):
        dated_scores(seen.drop(columns="date"), PLAN, what="slope")
    with pytest.raises(UndefinedError, match="workers was seen on two dates, so there is no jump"):
        dated_scores(seen[2:], PLAN, what="jump")
    with pytest.raises(UndefinedError, match="no document has a date, so there is no curve over time"):
        dated_scores(seen[5:], PLAN, what="curve over time", within=False)


def test_time_is_told_in_months_or_years_since_the_first_date(seen):
    assert elapsed(seen, "year")[:2].tolist() == pytest.approx([0, 365 / 365.25])
    assert elapsed(seen, "month")[1] == pytest.approx(365 / 30.4375)
    assert np.isnan(elapsed(seen, "month")[-1])
