"""Learning curves, and how far they may be drawn out."""

from dataclasses import replace

import numpy as np
import pytest

from peercompare.classifier import scoring
from peercompare.classifier.judging.curves import (
    Curve,
    PowerLaw,
    curve_rows,
    drawn_out,
    fit_power_law,
    learning_curve,
    why_no_law,
)
from peercompare.classifier.judging.designs import material_of
from peercompare.errors import UndefinedError

SIZES = np.array([8, 12, 18, 27, 40, 60])


def curve_of(shares, *, n_clusters=10, n_segments=400, seed=1):
    """A curve whose model is right in given shares, about equally in every cluster."""
    rng, sums = np.random.default_rng(seed), []
    truth = np.tile(np.arange(4), n_clusters * n_segments // 4)
    clusters = np.repeat(np.arange(n_clusters), n_segments)
    luck = rng.random(len(truth))
    for share in shares:
        given = np.where(luck < share, truth, (truth + 1) % 4)
        sums.append(scoring.score_sums(truth, np.eye(4)[given], clusters))
    return Curve(SIZES[: len(shares)], tuple(sums), 1)


def test_a_power_law_is_found_again():
    law = fit_power_law(SIZES, 0.8 - 1.1 * SIZES**-0.6)
    assert law.ceiling == pytest.approx(0.8, abs=0.01)
    assert law.exponent == pytest.approx(0.6, abs=0.02)
    assert law.explained > 0.999
    assert law.at(200) == pytest.approx(0.8 - 1.1 * 200**-0.6, abs=0.003)
    assert law.needed(float(law.at(123))) == pytest.approx(123)
    assert law.needed(0.9) == np.inf


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (0.5 + 0 * SIZES, "does not grow"),
        (0.6 - 0.002 * SIZES, "does not grow"),
        (np.array([0.4, 0.6, 0.41, 0.62, 0.45, 0.6]), "explains"),
        (0.1 + 0.01 * SIZES, "levels off"),
    ],
)
def test_where_no_power_law_fits_nothing_is_drawn_out(scores, said):
    assert said in why_no_law(SIZES, fit_power_law(SIZES, scores))


def test_three_sizes_are_too_few():
    assert "at least 4" in why_no_law(SIZES[:3], PowerLaw(0.8, 1.0, 0.5, 1.0))


def test_what_lies_ahead_has_an_interval_and_says_that_it_is_extrapolated():
    curve = curve_of(0.8 - 1.1 * SIZES**-0.6)
    rows = drawn_out(curve, sizes=[2.0], gains=[0.02, 0.5], confidence_level=0.95)
    ahead, near, far = rows
    assert ahead["n_taught"] == 120
    assert ahead["lower"] < 0.8 - 1.1 * 120**-0.6 < ahead["upper"]
    assert all("EXTRAPOLATED beyond 60 documents" in row["method"] for row in rows)
    assert 60 < near["estimate"] < 120
    assert near["lower"] < near["estimate"] < near["upper"]
    assert np.isnan(far["estimate"])
    assert "levels off" in far["reason"]


def test_a_flat_curve_says_why_there_is_nothing_ahead():
    rows = drawn_out(curve_of([0.5] * 6), sizes=[2.0], gains=[0.02], confidence_level=0.95)
    assert all(np.isnan(row["estimate"]) and "does not grow" in row["reason"] for row in rows)


def test_sizes_grow_over_whole_documents_that_never_hold_what_is_scored(make_garden, noting):
    corpus, (fit, models) = make_garden(n_plots=8, n_documents=5, n_segments=4), noting

    material = material_of(corpus)
    apart = replace(material, families=np.arange(len(material.segments)))
    curve = learning_curve(apart, fit=fit, n_folds=2, n_draws=2, n_sizes=3, seed=1)
    taught = [model.rows for model in models]
    sizes = curve.sizes.tolist()
    assert sizes[0] == 8
    assert len(sizes) == 3
    assert [rows["document_id"].nunique() for rows in taught] == sizes * 4
    for small, large in zip(taught[::3], taught[1::3], strict=True):
        assert set(small["document_id"]) < set(large["document_id"])
    assert all(sums.confusion.sum() == 2 * 160 for sums in curve.sums)
    rows = curve_rows(curve, corpus.framework.labels, confidence_level=0.95)
    assert [row["n_taught"] for row in rows if row["score"] == "macro_f1"] == sizes


def test_few_documents_give_no_curve(make_garden, noting):
    with pytest.raises(UndefinedError, match="more than 8 coded documents"):
        learning_curve(material_of(make_garden(n_plots=5, n_documents=1)), fit=noting[0], n_folds=2, seed=1)
