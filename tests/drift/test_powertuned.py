import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from peercompare.drift.powertuned import augmentation, tuned_ratio, tuned_slope, tuning
from peercompare.drift.ratios import ratio_of_totals, slope_totals
from peercompare.drift.rectified import cluster_totals, pseudo_outcome


@pytest.fixture(scope="module")
def reference(data_folder):
    """Point estimates that ppi-python made of numbers given in the file."""
    found = json.loads((data_folder / "ppi_reference.json").read_text(encoding="utf-8"))
    coded = np.zeros(len(found["codes"]), dtype=bool)
    coded[found["coded"]] = True
    arrays = {name: np.array(found[name], dtype=float)[:, None] for name in ("codes", "predicted")}
    return found, arrays["codes"], arrays["predicted"], coded, np.array(found["months"])


@pytest.mark.parametrize("trust", [1, 0.4, 0])
def test_mean_and_slope_equal_those_of_ppi_python_at_the_same_trust(reference, trust):
    found, codes, predicted, coded, months = reference
    values = pseudo_outcome(codes, predicted, coded, np.full(60, 1 / 3), tuning=trust)
    assert_allclose(values.mean(), found["mean"][str(trust)], rtol=0, atol=1e-10)
    top, bottom = slope_totals(values, np.ones((60, 1)), months, np.zeros(60, dtype=int))
    assert_allclose((top / bottom).item(), found["slope"][str(trust)], rtol=0, atol=1e-10)


def study(rng, *, n_clusters, quality):
    """Rectified values, what predictions added, clusters and times, of labels in {0, 1}."""
    clusters = np.repeat(np.arange(n_clusters), 40)
    times = np.tile(np.arange(40.0), n_clusters)
    level = rng.beta(4, 6, size=n_clusters)[clusters]
    label = (rng.random(len(clusters)) < level)[:, None].astype(float)
    noise = rng.random(label.shape)
    predicted = quality * label + (1 - quality) * noise
    coded, pi = rng.random(len(clusters)) < 0.2, np.full(len(clusters), 0.2)
    values = pseudo_outcome(label, predicted, coded, pi)
    return values, augmentation(predicted, coded, pi), clusters, times


def pairs(values, clusters):
    totals = cluster_totals(values, clusters, clusters.max() + 1)
    sizes = np.bincount(clusters)[:, None].astype(float)
    return totals, sizes


@pytest.mark.parametrize(("quality", "low", "high"), [(0.9, 0.85, 1.0), (0.0, 0.0, 0.6)])
def test_good_predictions_are_trusted_and_noise_is_not(rng, quality, low, high):
    values, added, clusters, _ = study(rng, n_clusters=300, quality=quality)
    top, bottom = pairs(values, clusters)
    more, _ = pairs(added, clusters)
    _, _, trust = tuned_ratio((top, bottom), (more, np.zeros_like(more)))
    assert low <= trust[0] <= high


def test_tuned_intervals_are_no_wider_than_those_with_full_trust_or_none(rng):
    values, added, clusters, times = study(rng, n_clusters=300, quality=0.2)
    top, bottom = pairs(values, clusters)
    more, _ = pairs(added, clusters)
    errors = [
        ratio_of_totals(each, bottom).standard_error[0]
        for each in (tuned_ratio((top, bottom), (more, 0 * more))[0], top, top - more)
    ]
    assert errors[0] <= min(errors[1:]) * 1.001
    ones = np.ones_like(values)
    tuned = tuned_slope((values, ones), (added, 0 * added), times, clusters)[:2]
    slopes = [
        ratio_of_totals(*each).standard_error[0]
        for each in (tuned, slope_totals(values, ones, times, clusters))
    ]
    assert slopes[0] <= slopes[1] * 1.001


def test_trust_is_cut_at_none_and_at_full():
    expert = np.array([[1.0, 1.0], [-1.0, -1.0]])
    assert_allclose(tuning(expert, np.array([[1.0, -0.1], [-1.0, 0.1]])), [0.0, 1.0])


def test_where_predictions_add_nothing_they_are_trusted():
    assert_allclose(tuning(np.array([[1.0], [2.0]]), np.zeros((2, 1))), [1.0])


def test_what_predictions_add_has_mean_zero_over_all_samples(rng):
    predicted = rng.random((4, 1))
    total = 0.0
    for picked in range(4):
        coded = np.arange(4) == picked
        total += augmentation(predicted, coded, np.full(4, 0.25)).sum() / 4
    assert_allclose(total, 0.0, atol=1e-12)
