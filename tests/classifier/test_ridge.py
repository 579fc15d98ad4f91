"""Many ridge regressions side by side are what each of them is alone."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from peercompare.classifier import ridge
from peercompare.classifier.ridge import Block, Rows, fit_ridges

N_ROWS, N_DISTINCT, ALPHA = 30, 12, 0.7


@pytest.fixture
def blocks(rng):
    """Two blocks: rows of their own, and rows that several share or lack."""
    own = sparse.random(N_ROWS, 40, density=0.3, random_state=1, format="csr")
    shared = sparse.random(N_DISTINCT, 25, density=0.4, random_state=2, format="csr")
    return [Block(own, np.arange(N_ROWS)), Block(shared, rng.integers(-1, N_DISTINCT, N_ROWS))]


@pytest.fixture
def targets(rng):
    return np.eye(3)[rng.integers(0, 3, N_ROWS)]


@pytest.fixture
def weights(rng):
    """Three fits, of which each leaves other rows out."""
    found = rng.uniform(0.2, 2.0, (N_ROWS, 3))
    found[np.arange(N_ROWS), np.arange(N_ROWS) % 3] = 0.0
    return found


def matrix_of(blocks):
    return sparse.hstack([block.as_matrix() for block in blocks], format="csr")


def test_a_row_without_a_part_has_zeros_there(blocks):
    found = blocks[1].as_matrix().toarray()
    assert (found[blocks[1].rows < 0] == 0).all()
    assert (found[blocks[1].rows == 4] == blocks[1].weights[4].toarray()).all()


def test_each_fit_is_the_ridge_regression_of_the_rows_that_it_weighs(blocks, targets, weights, monkeypatch):
    monkeypatch.setattr(ridge, "TOLERANCE", 1e-12)
    rows, matrix = Rows(blocks), matrix_of(blocks)
    found = fit_ridges(rows, targets, weights, alpha=ALPHA)
    for fit in range(3):
        kept = weights[:, fit] > 0
        alone = Ridge(alpha=ALPHA).fit(
            matrix[kept].toarray(), targets[kept], sample_weight=weights[kept, fit]
        )
        assert np.allclose(rows.coefficients(found.values[:, fit]).T, alone.coef_, atol=1e-9)
        assert np.allclose(found.intercepts[fit], alone.intercept_, atol=1e-9)
        assert np.allclose(found.scores[:, fit], alone.predict(matrix.toarray()), atol=1e-9)


def test_it_stops_where_scikit_learn_does(blocks, targets, weights, monkeypatch):
    monkeypatch.setattr(ridge, "TOLERANCE", 1e-4)
    matrix = matrix_of(blocks)
    found = fit_ridges(Rows(blocks), targets, weights, alpha=ALPHA)
    kept = weights[:, 0] > 0
    usual = Ridge(alpha=ALPHA, solver="sparse_cg", tol=ridge.TOLERANCE)
    usual.fit(matrix[kept], targets[kept], sample_weight=weights[kept, 0])
    assert np.allclose(found.scores[:, 0], usual.predict(matrix), atol=1e-9)


def test_the_last_of_targets_that_sum_to_one_follows_from_the_others(blocks, targets, weights):
    rows = Rows(blocks)
    found = fit_ridges(rows, targets[:, :-1], weights, alpha=ALPHA).with_rest()
    asked = fit_ridges(rows, targets, weights, alpha=ALPHA)
    for part in ("values", "scores", "intercepts"):
        assert np.allclose(getattr(found, part), getattr(asked, part), atol=1e-7)


def test_a_target_that_never_changes_is_its_intercept(blocks, weights):
    found = fit_ridges(Rows(blocks), np.ones((N_ROWS, 1)), weights, alpha=ALPHA)
    assert np.allclose(found.intercepts, 1, atol=1e-12)
    assert np.allclose(found.values, 0, atol=1e-12)
