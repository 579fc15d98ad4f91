"""Variance components of a pilot, against corpora whose components are known."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Design, Plan, draw_sample, score_table, simulate, with_predictions, with_sample
from peercompare.drift.pilot import pilot_components
from peercompare.errors import InputError, UndefinedError

PLAN = Plan("simulated", "worker_id")


def scores_of(corpus, framework, *, predictions=False):
    scores = score_table(corpus.codings, corpus.segments, corpus.documents, framework)
    return with_predictions(scores, corpus.predictions, framework) if predictions else scores


@pytest.fixture(scope="module")
def pilot(tiny_framework):
    """A large pilot, so that its components lie near the truth."""
    design = Design(shares=(0.4, 0.2, 0.4), n_workers=80, sessions=6, segments=15, spread=15.0, quality=2.0)
    return scores_of(simulate(tiny_framework, design, 4), tiny_framework, predictions=True)


def test_how_far_workers_differ_is_found_again(pilot, tiny_framework):
    found = pilot_components(pilot, tiny_framework, estimand="share_managed", plan=PLAN)
    # Dirichlet shares vary by p (1 - p) / (spread + 1); sessions are all alike.
    assert found.between == pytest.approx(0.4 * 0.6 / 16, rel=0.35)
    assert found.session == pytest.approx(0.0, abs=0.01)
    assert found.between_slope == pytest.approx(0.0, abs=1e-4)
    assert found.total == pytest.approx(0.4 * 0.6 / 0.6, rel=0.1)
    assert "80 workers" in found.source


def test_predictions_make_the_error_smaller_and_useless_ones_do_not(pilot, tiny_framework):
    plain = pilot.drop(columns=[name for name in pilot if name.startswith("p_")])
    with_them, without = (
        pilot_components(scores, tiny_framework, estimand="index", plan=PLAN) for scores in (pilot, plain)
    )
    assert with_them.error < 0.8 * without.error
    assert without.error == pytest.approx(without.total, rel=0.1)
    assert "without predictions" in without.source


def test_a_sample_of_codings_tells_the_same_as_all_of_them(pilot, tiny_framework):
    sampled = with_sample(pilot, draw_sample(pilot, strata="worker_id", share=0.5, rng=2))
    part, whole = (
        pilot_components(scores, tiny_framework, estimand="share_managed", plan=PLAN)
        for scores in (sampled, pilot)
    )
    assert part.within == pytest.approx(whole.within, rel=0.1)
    assert part.between == pytest.approx(whole.between, rel=0.5)
    assert part.error == pytest.approx(whole.error, rel=0.15)


def test_workers_who_change_at_their_own_pace_are_told_from_chance(tiny_framework):
    moving = Design(n_workers=60, sessions=8, segments=25, slope=0.02, spread=200.0, none_share=0.1)
    found = pilot_components(
        scores_of(simulate(tiny_framework, moving, 8), tiny_framework),
        tiny_framework,
        estimand="index",
        plan=PLAN,
    )
    # Paces vary by half the slope; the index of the small framework gives the middle stance 0.2.
    assert found.between_slope == pytest.approx(0.01**2, rel=0.5)
    assert found.slope_high > found.between_slope


def test_the_cautious_component_lies_above_the_estimate(pilot, tiny_framework):
    found = pilot_components(pilot, tiny_framework, estimand="index", plan=PLAN)
    assert found.between < found.between_high < 2 * found.between


def test_without_dates_nothing_is_said_of_slopes(pilot, tiny_framework):
    found = pilot_components(pilot.drop(columns="date"), tiny_framework, estimand="index", plan=PLAN)
    assert found.between_slope == 0.0
    assert "slopes of workers unknown" in found.source


def test_a_pilot_of_four_workers_is_refused(pilot, tiny_framework):
    few = pilot[pilot["worker_id"].isin(["W01", "W02", "W03", "W04"])].reset_index(drop=True)
    with pytest.raises(UndefinedError, match="five of them on, and this one has 4"):
        pilot_components(few, tiny_framework, estimand="index", plan=PLAN)


def test_a_pilot_of_one_session_each_is_refused(pilot, tiny_framework):
    first = pilot.groupby("worker_id")["document_id"].transform("first")
    single = pilot[pilot["document_id"] == first].reset_index(drop=True)
    with pytest.raises(UndefinedError, match="two sessions of a worker"):
        pilot_components(single, tiny_framework, estimand="index", plan=PLAN)


def test_an_unknown_estimand_names_those_that_there_are(pilot, tiny_framework):
    with pytest.raises(InputError, match="index, share_both"):
        pilot_components(pilot, tiny_framework, estimand="share_lost", plan=PLAN)
    with pytest.raises(InputError, match="month or year"):
        pilot_components(pilot, tiny_framework, estimand="index", plan=PLAN, per="week")


def test_codings_that_are_the_same_everywhere_leave_no_variance(pilot, tiny_framework):
    same = pilot.assign(
        share_managed=1.0, share_shared=0.0, share_both=0.0, share_none=0.0, dimension="tools"
    )
    found = pilot_components(same, tiny_framework, estimand="share_managed", plan=PLAN)
    assert (found.between, found.within, found.error_icc) == (0.0, 0.0, 0.0)
    assert not np.isnan(found.error)
    assert pd.notna(found.unevenness)
