"""Widths before anything is coded: against numbers worked out elsewhere, and against each other."""

import numpy as np
import pytest
from scipy import stats

from peercompare.drift.planning import (
    SLOPE,
    Components,
    Size,
    codes_needed,
    coding_variance,
    detectable_errors,
    people_variance,
    reach,
    time_variance,
)
from peercompare.errors import InputError

YEAR = 11.0
"""Twelve months, numbered 0 to 11."""


def sixty(coded, **more):
    """Sixty workers, twelve monthly sessions of forty segments each."""
    return Size(np.array(60), np.array(12), np.array(40), np.array(coded), YEAR, **more)


def width(components, size, of="level"):
    variance = people_variance(components, size, of=of) + coding_variance(components, size, of=of)
    return float(reach(size.workers - 1, 0.95) * np.sqrt(variance))


def with_census(share, slope, error):
    """Components that leave these widths where every segment of `sixty` is coded."""
    of_share, of_slope = (60 * (value / reach(59, 0.95)) ** 2 for value in (share, slope))
    return Components("share", of_share, of_slope, 0.0, 0.0, error)


def test_the_width_of_a_share_and_of_a_slope_is_that_of_the_worked_example():
    # Simulated with 60 workers, 12 months, 5% coded: .0600 and .0101 to .0104.
    components = with_census(share=0.0529, slope=0.0057, error=0.082)
    assert width(components, sixty(1440)) == pytest.approx(0.0605, abs=5e-5)
    assert width(components, sixty(1440), SLOPE) == pytest.approx(0.01026, abs=5e-6)


@pytest.mark.parametrize(
    ("error", "of_share", "of_change"), [(0.082, 516, 1275), (0.135, 840, 2040), (0.173, 1068, 2564)]
)
def test_the_codes_that_a_width_takes_are_those_of_the_worked_table(error, of_share, of_change):
    components = Components("share", 0.0, 0.0, 0.0, 0.0, error)
    size = sixty(1)
    # The table was worked out with variances of three digits.
    assert codes_needed(components, size, 0.05) == pytest.approx(of_share, rel=0.02)
    assert codes_needed(components, size, 0.10 / YEAR, of=SLOPE) == pytest.approx(of_change, rel=0.02)


def test_coding_as_many_as_needed_gives_the_width_and_one_fewer_does_not():
    components = Components("index", 0.004, 0.0, 0.01, 0.4, 0.3, unevenness=0.4)
    size = sixty(1)
    degrees = 60 / (1 + 0.4**2) - 1
    n = float(codes_needed(components, size, 0.07))

    def reached(coded):
        variance = people_variance(components, sixty(coded)) + coding_variance(components, sixty(coded))
        return reach(degrees, 0.95) * np.sqrt(variance)

    assert reached(n) <= 0.07 < reached(n - 1)


def test_no_number_of_codes_buys_what_only_workers_can():
    components = Components("share", 0.04, 0.0, 0.0, 0.1, 0.1)
    assert np.isnan(codes_needed(components, sixty(1), 0.05))
    assert np.isfinite(codes_needed(components, sixty(1), 0.15))


def test_where_all_is_coded_coding_adds_nothing():
    components = Components("share", 0.01, 0.0, 0.0, 0.1, 0.1)
    assert coding_variance(components, sixty(60 * 12 * 40)) == pytest.approx(0.0)


def test_unequal_workers_count_for_fewer():
    size = sixty(1440)
    even, uneven = (Components("share", 0.01, 0.0, 0.0, 0.0, 0.1, unevenness=v) for v in (0.0, 1.0))
    assert people_variance(uneven, size) == pytest.approx(2 * people_variance(even, size))


def test_whole_sessions_cost_more_where_their_errors_are_alike():
    components = Components("share", 0.0, 0.0, 0.0, 0.2, 0.1, error_icc=0.1)
    alone, whole = (coding_variance(components, sixty(1440, whole_sessions=v)) for v in (False, True))
    assert whole == pytest.approx(alone * (1 + 39 * 0.1))


def test_times_of_sessions_spread_as_the_months_do():
    assert time_variance(np.array(12), YEAR) == pytest.approx(np.var(np.arange(12)))
    assert time_variance(np.array(2), 6.0) == pytest.approx(9.0)
    assert np.isnan(time_variance(np.array(1), 6.0))


@pytest.mark.parametrize("degrees", [4.0, 7.0, 19.0, 59.0])
def test_the_detectable_effect_is_found_as_often_as_it_says(degrees):
    effect = detectable_errors(degrees, power=0.8)
    bar = stats.t.ppf(0.975, degrees)
    draws = np.random.default_rng(5)
    error = np.sqrt(draws.chisquare(degrees, 200_000) / degrees)
    found = np.abs((draws.normal(size=200_000) + effect) / error) > bar
    assert found.mean() == pytest.approx(0.8, abs=0.005)


def test_the_slope_that_sixty_workers_can_show_is_that_of_the_worked_example():
    # Standard error .0026 a month: .0072 with the normal's 2.80, a little more with 59 degrees of freedom.
    assert 0.0026 * detectable_errors(1e6) == pytest.approx(0.0073, abs=5e-5)
    assert 0.0026 * detectable_errors(59) == pytest.approx(0.0074, abs=5e-5)


def test_numbers_that_are_no_variances_are_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        Components("share", -1.0, 0.0, float("nan"), 0.1, 0.1, error_icc=1.5)
    assert [problem.where for problem in refused.value.problems] == ["between", "session", "error_icc"]


def test_the_cautious_components_let_workers_differ_more():
    components = Components("share", 0.01, 0.001, 0.0, 0.1, 0.1, between_high=0.03, slope_high=0.002)
    assert (components.cautious().between, components.cautious().between_slope) == (0.03, 0.002)
    bare = Components("share", 0.01, 0.001, 0.0, 0.1, 0.1)
    assert (bare.cautious().between, bare.cautious().between_slope) == (0.01, 0.001)
