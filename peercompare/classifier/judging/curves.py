"""How a score grows with the documents that teach, and how far that may be drawn out beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.agreement.intervals import MIN_CLUSTERS, jackknife_error
from peercompare.classifier import scoring
from peercompare.classifier.decision import decided
from peercompare.classifier.evaluation import score_row
from peercompare.classifier.judging.designs import Fit, Material
from peercompare.classifier.splits import grouped_folds, held_out
from peercompare.errors import UndefinedError
from peercompare.progress import progress

SMALLEST = 8
"""Documents below which nothing is trained: fewer hold too few employers or workers to calibrate on."""

N_SIZES = 6
EXPONENTS = np.geomspace(0.05, 3.0, 120)
LEAST_EXPLAINED = 0.8
"""Share of the variance between sizes that a power law must explain before anything is drawn out from it."""

FURTHEST = 4.0
"""Nothing is drawn out beyond this multiple of the documents at hand."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Scores by number of teaching documents.

    Parameters
    ----------
    sizes : np.ndarray of int, shape (n_sizes,)
        Documents that taught.
    sums : tuple of ScoreSums, length n_sizes
        By cluster, over all draws of as many documents.
    n_draws : int
        Draws of each size in each fold.
    """

    sizes: np.ndarray
    sums: tuple[scoring.ScoreSums, ...]
    n_draws: int


@dataclass(frozen=True)
class PowerLaw:
    """A fitted ``score = ceiling - gap * n ** -exponent``.

    Parameters
    ----------
    ceiling, gap, exponent : float
        Of the law; `n` counts documents.
    explained : float
        Share of the weighted variance between sizes that it explains.
    """

    ceiling: float
    gap: float
    exponent: float
    explained: float

    def at(self, n: float | np.ndarray) -> float | np.ndarray:
        """Return the score at a number of documents."""
        return self.ceiling - self.gap * np.asarray(n, dtype=float) ** -self.exponent

    def needed(self, score: float) -> float:
        """Return the number of documents at which a score is reached; infinite above the ceiling."""
        if score >= self.ceiling:
            return np.inf
        return float((self.gap / (self.ceiling - score)) ** (1 / self.exponent))


def learning_curve(
    material: Material, *, fit: Fit, n_folds: int = 5, n_draws: int = 3, n_sizes: int = N_SIZES, seed: int
) -> Curve:
    """Train on ever more documents and score on the same held-out employers or workers.

    In each grouped fold the documents that may teach are put in a random order, `n_draws` times, and the
    first n of them teach, so that a larger draw holds the smaller one. Every size is scored on every coded
    segment as often as there are draws.

    Parameters
    ----------
    material : Material
        Of one corpus.
    fit : callable
        As in `nested_predictions`.
    n_folds : int, default 5
    n_draws : int, default 3
    n_sizes : int, default 6
        Numbers of documents, evenly spaced in logarithm from `SMALLEST` to all that the smallest fold leaves.
    seed : int
        Of folds and draws.

    Returns
    -------
    Curve

    Raises
    ------
    UndefinedError
        If there are too few documents for two sizes, or fewer groups than folds.
    """
    folds = grouped_folds(material.labels, material.segments["group"], n_folds=n_folds, seed=seed)
    parts = list(held_out(folds, material.families))
    sizes = _sizes([_documents(material, teaching) for _, _, teaching in parts], n_sizes)
    turns = [(part, draw) for part in parts for draw in range(n_draws)]
    labels = pd.Index(material.framework.labels)
    found = {size: np.zeros((n_draws, len(folds), len(labels))) for size in sizes}
    named = {size: np.zeros((n_draws, len(folds)), dtype=int) for size in sizes}
    for (fold, test, teaching), draw in progress(turns, description="learning curve"):
        order = np.random.default_rng([seed, fold, draw]).permutation(_documents(material, teaching))
        for size in sizes:
            rows = teaching & material.segments["document_id"].isin(set(order[:size])).to_numpy()
            fitted = fit(material.only(rows).table, {})
            told = fitted.answers(material.segments[test])
            found[size][draw, test] = told[list(labels)]
            named[size][draw, test] = decided(told, material.segments["segment_id"][test], labels)
    return Curve(sizes, tuple(_sums(material, found[size], named[size]) for size in sizes), n_draws)


def _documents(material: Material, rows: np.ndarray) -> np.ndarray:
    """Return the coded documents among some segments, in their order."""
    coded = set(material.table["segment_id"])
    of = material.segments[rows & material.segments["segment_id"].isin(coded).to_numpy()]
    return of["document_id"].drop_duplicates().to_numpy()


def _sizes(documents: Sequence[np.ndarray], n_sizes: int) -> np.ndarray:
    """Choose how many documents teach."""
    most = min(len(each) for each in documents)
    if most <= SMALLEST:
        raise UndefinedError(
            f"a learning curve needs more than {SMALLEST} coded documents beside those held out, not {most}"
        )
    return np.unique(np.geomspace(SMALLEST, most, n_sizes).round().astype(int))


def _sums(material: Material, found: np.ndarray, named: np.ndarray) -> scoring.ScoreSums:
    """Sum over draws by cluster; shapes (n_draws, n_segments, n_labels) and (n_draws, n_segments)."""
    truth = label_places(material)
    coded = truth >= 0
    n_draws = len(found)
    clusters = np.tile(material.segments["group"].to_numpy()[coded], n_draws)
    told, predicted = np.concatenate(found[:, coded]), named[:, coded].ravel()
    return scoring.score_sums(np.tile(truth[coded], n_draws), told, clusters, predicted=predicted)


def label_places(material: Material) -> np.ndarray:
    """Return the position of each segment's leading label; -1 where it is not coded."""
    places = {label: at for at, label in enumerate(material.framework.labels)}
    return np.array([places.get(label, -1) for label in material.labels])


def fit_power_law(sizes: np.ndarray, scores: np.ndarray) -> PowerLaw:
    """Fit an inverse power law by weighted least squares; larger sizes weigh more.

    The exponent is searched on a grid, since for each exponent the rest is a straight line; the result does
    not depend on where a search starts.

    Parameters
    ----------
    sizes, scores : np.ndarray, shape (n_sizes,)
        Documents that taught, and the score.

    Returns
    -------
    PowerLaw
        The best one, whether it fits well or not: `why_no_law` judges.

    References
    ----------
    Figueroa, R. L., Zeng-Treitler, Q., Kandula, S. and Ngo, L. H. (2012). Predicting sample size required for
    classification performance. BMC Medical Informatics and Decision Making 12, 8. doi:10.1186/1472-6947-12-8

    Examples
    --------
    >>> n = np.array([10, 20, 40, 80])
    >>> law = fit_power_law(n, 0.7 - 0.9 * n ** -0.5)
    >>> round(law.ceiling, 2), round(law.gap, 1), round(law.exponent, 1)
    (0.7, 0.9, 0.5)
    """
    weights = np.arange(1, len(sizes) + 1) / len(sizes)
    weights = weights / weights.sum()
    falling = np.asarray(sizes, dtype=float) ** -EXPONENTS[:, None]
    mean_x, mean_y = falling @ weights, float(scores @ weights)
    spread = ((falling - mean_x[:, None]) ** 2) @ weights
    slope = ((falling - mean_x[:, None]) * (scores - mean_y)) @ weights / spread
    left = ((scores - mean_y - slope[:, None] * (falling - mean_x[:, None])) ** 2) @ weights
    best, total = int(np.argmin(left)), float((scores - mean_y) ** 2 @ weights)
    explained = 1 - float(left[best]) / total if total > 0 else 0.0
    ceiling = mean_y - float(slope[best] * mean_x[best])
    return PowerLaw(ceiling, -float(slope[best]), float(EXPONENTS[best]), explained)


def why_no_law(sizes: np.ndarray, law: PowerLaw) -> str:
    """Say why nothing may be drawn out from a fit; "" where it may."""
    if len(sizes) < 4:
        return f"not drawn out: {len(sizes)} sizes, and a power law needs at least 4"
    if law.gap <= 0:
        return "not drawn out: the score does not grow with more documents"
    if law.explained < LEAST_EXPLAINED:
        return (
            f"not drawn out: a power law explains {law.explained:.0%} of the differences between sizes, and "
            f"{LEAST_EXPLAINED:.0%} are asked"
        )
    if law.ceiling > 1 or law.exponent <= EXPONENTS[0]:
        return "not drawn out: the curve does not yet say where it levels off"
    return ""


def curve_rows(curve: Curve, labels: Sequence[str], *, confidence_level: float) -> list[dict[str, object]]:
    """Score every size of a learning curve.

    Parameters
    ----------
    curve : Curve
    labels : sequence of str
        In the order of the sums.
    confidence_level : float
        In (0, 1).

    Returns
    -------
    list of dict
        ``n_taught`` and what `score_row` gives, for macro-F1 and the F1 of each label.
    """
    rows = []
    for size, sums in zip(curve.sizes.tolist(), curve.sums, strict=True):
        for score, of, names in (("macro_f1", scoring.macro_f1, [""]), ("f1", scoring.f1, labels)):
            found = scoring.with_intervals(sums, of, confidence_level=confidence_level)
            for name, each in zip(names, found, strict=True):
                row = score_row(score, name, each)
                row["method"] += f"; {curve.n_draws} draws of {size} documents"
                rows.append({"n_taught": float(size), "gain": np.nan, **row})
    return rows


def drawn_out(
    curve: Curve, *, sizes: Sequence[float], gains: Sequence[float], confidence_level: float
) -> list[dict]:
    """Draw a learning curve of macro-F1 out, by a power law, with jackknife intervals over clusters.

    The law is fitted anew without each cluster, so that the interval holds what the held-out employers or
    workers leave open about the curve; it does not hold the doubt whether a power law goes on.

    Parameters
    ----------
    curve : Curve
    sizes : sequence of float
        Multiples of the largest size, above 1 and at most `FURTHEST`.
    gains : sequence of float
        Gains in macro-F1 over the curve at the largest size, for which documents are counted.
    confidence_level : float
        In (0, 1).

    Returns
    -------
    list of dict
        ``score`` "macro_f1_extrapolated" (by ``n_taught``) and "documents_needed" (by ``gain``), with
        ``estimate, lower, upper, n_clusters, method, reason``. Where the law does not fit, every estimate is
        NaN and the reason says why.
    """
    scores = np.array([float(scoring.macro_f1(each.pooled())) for each in curve.sums])
    law = fit_power_law(curve.sizes, scores)
    without = np.array([scoring.macro_f1(each.leave_one_out()) for each in curve.sums]).T
    laws = [fit_power_law(curve.sizes, each) for each in without]
    why, most = why_no_law(curve.sizes, law), float(curve.sizes[-1])
    method = (
        f"EXTRAPOLATED beyond {most:.0f} documents: {law.ceiling:.3f} - {law.gap:.3f} n^-{law.exponent:.2f}, "
        f"fitted to {len(scores)} sizes, explains {law.explained:.0%}; refitted without each cluster, "
        f"t({len(laws) - 1})"
    )
    rows = []
    for size in sizes:
        ahead = np.array([each.at(size * most) for each in laws])
        row = _ahead(float(law.at(size * most)), ahead, why, confidence_level)
        rows.append({"score": "macro_f1_extrapolated", "n_taught": size * most, "gain": np.nan, **row})
    for gain in gains:
        row = _needed(law, laws, most, gain, why, confidence_level)
        rows.append({"score": "documents_needed", "n_taught": np.nan, "gain": gain, **row})
    return [{**row, "n_clusters": len(laws), "method": method} for row in rows]


def _ahead(estimate: float, without: np.ndarray, why: str, confidence_level: float) -> dict[str, object]:
    """Give a score further along its interval, or the reason why not."""
    if why:
        return {"estimate": np.nan, "lower": np.nan, "upper": np.nan, "reason": why}
    found = scoring.interval(estimate, without, confidence_level, 1.0)
    return {"estimate": estimate, "lower": found.lower, "upper": found.upper, "reason": found.reason}


def _needed(
    law: PowerLaw, laws: Sequence[PowerLaw], most: float, gain: float, why: str, confidence_level: float
) -> dict[str, object]:
    """Count the documents that a gain would need, with an interval in logarithms."""
    nothing = {"estimate": np.nan, "lower": np.nan, "upper": np.nan}
    if why:
        return {**nothing, "reason": why}
    target = float(law.at(most)) + gain
    needed = law.needed(target)
    if needed > FURTHEST * most:
        where = (
            f"levels off at {law.ceiling:.3f}" if np.isinf(needed) else f"would need {needed:.0f} documents"
        )
        return {
            **nothing,
            "reason": f"not drawn out: {target:.3f} lies further than {FURTHEST:g} times; the curve {where}",
        }
    logs = np.log([each.needed(float(each.at(most)) + gain) for each in laws])
    if len(laws) < MIN_CLUSTERS or not np.isfinite(logs).all():
        return {
            **nothing,
            "estimate": needed,
            "reason": "no interval: without one cluster it is out of reach",
        }
    reach = scoring.t_reach(len(laws), confidence_level) * jackknife_error(logs)
    lower, upper = np.exp(np.log(needed) + np.array([-reach, reach]))
    return {"estimate": needed, "lower": float(lower), "upper": float(upper), "reason": ""}
