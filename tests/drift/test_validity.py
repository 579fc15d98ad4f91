import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from peercompare.drift.scenarios import Scenario
from peercompare.drift.validity import ESTIMATORS, RESULTS, grid, judge, summed_up, try_estimators


@pytest.fixture(scope="module")
def results():
    return try_estimators(Scenario(n_workers=8, months=4, segments=10, coded=0.2), replicates=5, seed=3)


def test_every_estimator_is_tried_on_every_estimand(results):
    assert list(results) == list(RESULTS[4:])
    slopes = results[results["estimand"] == "slope"]
    assert list(slopes["estimator"]) == list(ESTIMATORS)
    within = results[results["target"] == "this_corpus"]
    assert set(within["estimator"]) == {"rectified", "expert_only"}
    assert (results["n_intervals"] <= results["n_replicates"]).all()


def test_the_same_seed_gives_the_same_results(results):
    again = try_estimators(Scenario(n_workers=8, months=4, segments=10, coded=0.2), replicates=5, seed=3)
    pd.testing.assert_frame_equal(results, again)


def test_the_kinds_of_study_are_those_that_the_figures_are_about():
    kinds = pd.DataFrame([names for names, _ in grid()])
    full = kinds[(kinds["chances"] == "even") & (kinds["classifier"] != "useless")]
    assert full.groupby("n_workers").size().to_dict() == dict.fromkeys((8, 12, 20, 40, 60), 4)
    assert not kinds.duplicated().any()


def test_bias_coverage_and_width_are_summed_up_with_their_monte_carlo_errors():
    names = {"estimator": "rectified", "estimand": "index", "target": "like_these", "truth": 0.5}
    ends = {
        "estimate": [0.4, 0.6, 0.8, 0.5],
        "lower": [0.3, 0.45, 0.7, np.nan],
        "upper": [0.6, 0.75, 0.9, np.nan],
    }
    row = summed_up(pd.DataFrame({**ends, **names}), 4).iloc[0]
    assert_allclose(row["bias"], 0.075)
    assert_allclose(row["bias_error"], np.std([-0.1, 0.1, 0.3, 0.0], ddof=1) / 2)
    assert_allclose(row["coverage"], 2 / 3)
    assert_allclose(row["coverage_error"], np.sqrt(0.95 * 0.05 / 3))
    assert_allclose(row["width"], 0.8 / 3)
    assert row["n_intervals"] == 3


def test_results_are_judged_by_the_figures_to_reach():
    table = pd.DataFrame(
        {
            "bias": [0.0, 0.03, -0.01],
            "bias_error": [0.01] * 3,
            "coverage": [0.95, 0.96, 0.92],
            "coverage_error": [0.0069] * 3,
        }
    )
    found = judge(table)
    assert found["covers"].tolist() == [True, True, False]
    assert found["unbiased"].tolist() == [True, False, True]
    assert found["p_covers"].iloc[2] < 0.0001
