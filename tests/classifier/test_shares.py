"""Shares over clusters, and how many segments a difference needs."""

import numpy as np
import pytest

from peercompare.classifier.shares import design_effect, mean_over_segments, needed_per_group


def test_an_interval_is_over_clusters_and_not_over_segments():
    values = np.repeat([1, 0, 1, 0, 1, 0], 50).astype(bool)
    clustered = mean_over_segments(values, np.repeat(np.arange(6), 50))
    scattered = mean_over_segments(values, np.arange(300))
    assert clustered.estimate == scattered.estimate == 0.5
    assert clustered.upper - clustered.lower > 5 * (scattered.upper - scattered.lower)


def test_no_segment_gives_no_share_but_a_reason():
    found = mean_over_segments(np.array([], dtype=bool), [])
    assert np.isnan(found.estimate)
    assert "no such segment" in found.reason


def test_the_design_effect_of_whole_clusters_is_about_their_size():
    values = np.repeat([1, 0, 1, 0, 1, 0, 1, 0], 30).astype(bool)
    assert design_effect(values, np.repeat(np.arange(8), 30)) == pytest.approx(30 * 8 / 7, rel=0.01)
    rng = np.random.default_rng(2)
    assert design_effect(rng.random(4000) < 0.3, np.arange(4000)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("values", "clusters"), [([1, 1], "ab"), ([1, 0], "aa")])
def test_there_is_no_design_effect_without_variation_or_clusters(values, clusters):
    assert np.isnan(design_effect(np.array(values), clusters))


def test_smaller_differences_and_larger_clusters_need_more():
    assert needed_per_group(0.15, 0.05, 1.0) == 906
    assert needed_per_group(0.15, 0.10, 3.0) == 750
    assert np.isnan(needed_per_group(0.95, 0.10, 1.0))
    assert np.isnan(needed_per_group(0.15, 0.10, np.nan))
