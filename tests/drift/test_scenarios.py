from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import f1_score

from peercompare.drift.scenarios import ERRORS, QUALITIES, VALUES, Scenario, draw


def test_the_same_seed_makes_the_same_study():
    one, other = (draw(Scenario(n_workers=6), 3) for _ in range(2))
    for name in ("truth", "features", "coded", "pi", "times", "clusters"):
        assert_allclose(getattr(one, name), getattr(other, name))


@pytest.fixture(scope="module")
def large():
    return draw(Scenario(n_workers=3000, segments=12), 5)


def test_a_large_study_comes_near_its_truth(large):
    truth = Scenario().truth()
    counts = large.truth.sum(axis=0)
    assert_allclose(
        counts[1:] / counts[1:].sum(), [truth[f"share_{n}"] for n in ("start", "between", "end")], atol=0.01
    )
    assert counts[0] / counts.sum() == pytest.approx(truth["share_none"], abs=0.01)
    assert counts @ VALUES / counts[1:].sum() == pytest.approx(truth["index"], abs=0.02)
    # Least squares without a constant for each worker: times do not depend on workers here.
    taking = large.truth[:, 0] == 0
    slope = np.polyfit(large.times[taking], (large.truth @ VALUES)[taking], 1)[0]
    assert slope == pytest.approx(truth["slope"], abs=0.0015)


def test_workers_who_move_both_ways_are_on_the_way_half_the_time():
    scenario = Scenario(n_workers=3000, segments=8, move=0.0, move_sd=0.3)
    counts = draw(scenario, 7).truth.sum(axis=0)
    assert counts[3] / counts[1:].sum() == pytest.approx(scenario.truth()["share_end"], abs=0.01)
    assert scenario.truth()["slope"] == 0


@pytest.mark.parametrize(("name", "score"), [("useless", 0.25), ("weak", 0.60), ("strong", 0.80)])
def test_classifiers_are_as_good_as_they_are_said_to_be(name, score):
    drawn = draw(Scenario(n_workers=60, quality=QUALITIES[name]), 2)
    found = f1_score(drawn.truth.argmax(axis=1), drawn.features.argmax(axis=1), average="macro")
    assert found == pytest.approx(score, abs=0.02)


def test_differential_error_leans_to_the_last_stance_late_and_at_the_last_sites():
    site, month = ERRORS["differential"]
    drawn = draw(Scenario(n_workers=120, lean_site=site, lean_month=month), 2)
    wrong = drawn.features[:, 3] - drawn.truth[:, 3]
    late, last = drawn.times > 8, drawn.clusters >= 60
    assert wrong[late & last].mean() > wrong[~late & ~last].mean() + 0.03


@pytest.mark.parametrize("chances", ["even", "uneven"])
def test_each_workers_number_drawn_is_fixed_and_chances_are_those_of_the_draw(chances):
    scenario = Scenario(n_workers=8, chances=chances, coded=0.1)
    drawn = draw(scenario, 1)
    assert_allclose(np.bincount(drawn.clusters, drawn.coded), np.bincount(drawn.clusters, drawn.pi))
    # The same study drawn anew: how often segments come up is their chance.
    times = 400
    small = replace(scenario, n_workers=2, months=3, segments=6, coded=0.3)
    hits, pi = [], []
    for seed in range(times):
        again = draw(small, seed)
        hits.append(again.coded.mean())
        pi.append(again.pi.mean())
    assert np.mean(hits) == pytest.approx(np.mean(pi), abs=0.005)
