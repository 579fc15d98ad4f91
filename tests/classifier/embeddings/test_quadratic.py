"""The quadratic regression: which rows it rests on where there are too many."""

import numpy as np

from peercompare.classifier.embeddings import quadratic
from peercompare.classifier.embeddings.quadratic import fit_quadratic


def test_of_too_many_rows_the_heavier_stay_and_of_equal_ones_some_by_chance(rng, monkeypatch):
    monkeypatch.setattr(quadratic, "MOST_ROWS", 40)
    features, shares = rng.normal(size=(60, 3)) / 2, np.eye(2)[rng.integers(0, 2, size=60)]
    light = np.where(np.arange(60) < 40, 1.0, 0.5)
    kept = fit_quadratic(features, shares, light, alpha=1.0, rng=np.random.default_rng(1))
    own = fit_quadratic(features[:40], shares[:40], light[:40], alpha=1.0, rng=np.random.default_rng(2))
    assert np.allclose(kept.scores(features), own.scores(features))
    one, other = (
        fit_quadratic(features, shares, np.ones(60), alpha=1.0, rng=np.random.default_rng(seed))
        for seed in (1, 2)
    )
    assert not np.allclose(one.scores(features), other.scores(features))
