"""Whether estimates keep their promises: the estimators, tried on thousands of made-up studies.

For notebooks and benchmarks. `try_estimators` tries one kind of study, `grid` lists the kinds that our
figures are about, `judge` says which of the results keep the promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from peercompare.drift.design_based import corpus_interval, ratio_influence
from peercompare.drift.expert import expert_only
from peercompare.drift.few_clusters import two_stage_slope
from peercompare.drift.powertuned import augmentation, tuned_ratio, tuned_slope
from peercompare.drift.ratios import RatioEstimate, ratio_of_totals, slope_totals
from peercompare.drift.rectified import cluster_totals, rectify
from peercompare.drift.scenarios import ERRORS, QUALITIES, VALUES, Drawn, Scenario, draw

RESULTS = (
    "n_workers",
    "classifier",
    "error",
    "chances",
    "estimator",
    "estimand",
    "target",
    "truth",
    "bias",
    "bias_error",
    "coverage",
    "coverage_error",
    "width",
    "n_replicates",
    "n_intervals",
)
"""Columns of the results.

``n_workers``, ``classifier`` (useless, weak, strong), ``error`` (stable, differential) and ``chances`` (even,
uneven) say what kind of study was made up; ``estimator``, ``estimand`` and ``target`` what was estimated.
``truth`` is known beforehand (for ``this_corpus``: the mean of what each corpus holds); ``bias`` is the mean
error and ``bias_error`` its Monte Carlo standard error; ``coverage`` is the share of intervals that held the
truth and ``coverage_error`` its Monte Carlo standard error, were the coverage .95; ``width`` is the mean
width. ``n_replicates`` studies were made up, ``n_intervals`` of which gave an interval.
"""

ESTIMATORS = ("rectified", "power_tuned", "expert_only", "all_codings", "predicted_only")
"""With predictions put right; tuned; sampled codings alone; every segment coded; predicted labels counted."""

PUT_RIGHT = ESTIMATORS[:2]

WORKERS = (8, 12, 20, 40, 60)
LEVEL = 0.95
LEAST, MOST = 0.93, 0.97
"""Between which measured coverage of 95% intervals is to lie."""

TAKING = np.array([0.0, 1.0, 1.0, 1.0])
MEASURES = {
    "share_end": (np.array([0.0, 0.0, 0.0, 1.0]), TAKING, (0.0, 1.0)),
    "index": (VALUES, TAKING, (-1.0, 1.0)),
    "share_none": (np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4), (0.0, 1.0)),
}
NUMERATORS = np.column_stack([top for top, _, _ in MEASURES.values()])
DENOMINATORS = np.column_stack([bottom for _, bottom, _ in MEASURES.values()])
BOUNDS = tuple(np.array(ends) for ends in zip(*(ends for _, _, ends in MEASURES.values()), strict=True))


def grid() -> list[tuple[dict, Scenario]]:
    """List the kinds of study that are tried: sizes, classifiers, their errors, and chances of being coded.

    Returns
    -------
    list of (names, Scenario)
        `names` holds the first four columns of `RESULTS`.
    """
    kinds = [(n, c, e, "even") for n in WORKERS for c in ("weak", "strong") for e in ERRORS]
    kinds += [(n, "useless", "stable", "even") for n in WORKERS]
    kinds += [(60, c, "differential", "uneven") for c in ("weak", "strong")]
    listed = []
    for n_workers, classifier, error, chances in kinds:
        site, month = ERRORS[error]
        scenario = Scenario(
            n_workers=n_workers,
            quality=QUALITIES[classifier],
            lean_site=site,
            lean_month=month,
            chances=chances,
        )
        names = {"n_workers": n_workers, "classifier": classifier, "error": error, "chances": chances}
        listed.append((names, scenario))
    return listed


def try_estimators(
    scenario: Scenario,
    *,
    replicates: int = 1000,
    seed: int | Sequence[int] = 0,
    estimators: Sequence[str] = ESTIMATORS,
) -> pd.DataFrame:
    """Make up studies of one kind and sum up how each estimator did.

    Parameters
    ----------
    scenario : Scenario
    replicates : int, default 1000
        The Monte Carlo standard error of a coverage of .95 is then .0069.
    seed : int or sequence of int
        Study number r is drawn with the seed ``[*seed, r]``; all estimators are tried on the same studies.
    estimators : sequence of str
        Some of `ESTIMATORS`.

    Returns
    -------
    DataFrame
        One row for each estimator, estimand and target, with the columns of `RESULTS` from ``estimator`` on.
    """
    truth, rows = scenario.truth(), []
    for number in range(replicates):
        drawn = draw(scenario, np.random.default_rng([*np.atleast_1d(seed).tolist(), number]))
        rows += estimates_of(drawn, truth, estimators=estimators)
    table = pd.DataFrame(
        rows, columns=["estimator", "estimand", "target", "truth", "estimate", "lower", "upper"]
    )
    return summed_up(table, replicates)


def summed_up(table: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Sum up estimates of many made-up studies: bias, coverage and width, each with its Monte Carlo error.

    Parameters
    ----------
    table : DataFrame
        ``estimator, estimand, target, truth, estimate, lower, upper``, one row for each study and estimate.
    replicates : int

    Returns
    -------
    DataFrame
        The columns of `RESULTS` from ``estimator`` on.
    """
    rows = []
    for names, part in table.groupby(["estimator", "estimand", "target"], sort=False):
        error = (part["estimate"] - part["truth"]).dropna()
        known = part.dropna(subset="lower")
        hit = (known["lower"] <= known["truth"]) & (known["truth"] <= known["upper"])
        rows.append(
            {
                **dict(zip(("estimator", "estimand", "target"), names, strict=True)),
                "truth": part["truth"].mean(),
                "bias": error.mean(),
                "bias_error": error.std() / np.sqrt(len(error)),
                "coverage": hit.mean(),
                "coverage_error": np.sqrt(LEVEL * (1 - LEVEL) / max(len(known), 1)),
                "width": (known["upper"] - known["lower"]).mean(),
                "n_replicates": replicates,
                "n_intervals": len(known),
            }
        )
    return pd.DataFrame(rows)


def judge(results: pd.DataFrame) -> pd.DataFrame:
    """Say of each result whether its coverage lies in [.93, .97] and its bias within two standard errors.

    Where the coverage is .95 exactly, 1,000 replicates put one result in about 270 outside by chance; where
    there is no bias, one in 22 lies beyond two Monte Carlo standard errors.

    Parameters
    ----------
    results : DataFrame
        From `try_estimators`.

    Returns
    -------
    DataFrame
        A copy with ``covers`` and ``unbiased`` (bool), and ``p_covers``, the two-sided probability of a
        coverage at least so far from .95 by chance.
    """
    table = results.astype(dict.fromkeys(("bias", "bias_error", "coverage", "coverage_error"), float))
    table["covers"] = table["coverage"].between(LEAST, MOST)
    away = (table["coverage"] - LEVEL).abs() / table["coverage_error"]
    table["p_covers"] = 2 * stats.norm.sf(away)
    table["unbiased"] = table["bias"].abs() <= 2 * table["bias_error"]
    return table


def estimates_of(
    drawn: Drawn, truth: dict[str, float], *, estimators: Sequence[str] = ESTIMATORS
) -> Iterator[tuple]:
    """Estimate one made-up study by each estimator.

    Parameters
    ----------
    drawn : Drawn
    truth : dict
        From `Scenario.truth`.
    estimators : sequence of str

    Yields
    ------
    tuple
        Estimator, estimand, target, truth, estimate, lower, upper.
    """
    rectified = None
    for estimator in estimators:
        if estimator in PUT_RIGHT:
            rectified = rectified or _values(drawn, estimator)
        found = rectified if estimator in PUT_RIGHT else _values(drawn, estimator)
        yield from _estimates(drawn, truth, estimator, found)


def _estimates(
    drawn: Drawn, truth: dict[str, float], estimator: str, found: tuple[np.ndarray, np.ndarray]
) -> Iterator[tuple]:
    values, predicted = found
    added = augmentation(predicted, drawn.coded, drawn.pi) if estimator == "power_tuned" else None
    shares, names = _shares(drawn, values, added), list(MEASURES)
    yield from _named(shares, names, (estimator, "like_these"), [truth[name] for name in names])
    pair = values @ VALUES[:, None], values @ TAKING[:, None]
    slope = _slope(drawn, pair, added)
    yield from _named(slope, ["slope"], (estimator, "like_these"), [truth["slope"]])
    if estimator == "rectified":
        two_stage = two_stage_slope(*pair, drawn.times, drawn.clusters)
        yield from _named(two_stage, ["slope_two_stage"], (estimator, "like_these"), [truth["slope"]])
    if estimator in ("rectified", "expert_only"):
        yield from _within_corpus(drawn, estimator, values, predicted)


def _values(drawn: Drawn, estimator: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what each segment counts for by an estimator, and the predictions that were put right."""
    if estimator == "predicted_only":
        return np.eye(4)[drawn.features.argmax(axis=1)], np.zeros_like(drawn.truth)
    if estimator == "all_codings":
        return drawn.truth, np.zeros_like(drawn.truth)
    if estimator == "expert_only":
        result = expert_only(drawn.truth, drawn.coded, drawn.pi)
    else:
        result = rectify(drawn.truth, drawn.coded, drawn.pi, drawn.clusters, features=drawn.features)
    return result.values, result.predicted


def _shares(drawn: Drawn, values: np.ndarray, added: np.ndarray | None) -> RatioEstimate:
    """Estimate shares and index as the tables do."""
    top, bottom = _ratio_totals(values, drawn.clusters)
    if added is not None:
        top, bottom, _ = tuned_ratio((top, bottom), _ratio_totals(added, drawn.clusters))
    return ratio_of_totals(top, bottom, confidence_level=LEVEL, bounds=BOUNDS)


def _ratio_totals(values: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    totals = cluster_totals(values, clusters, int(clusters.max()) + 1)
    return totals @ NUMERATORS, totals @ DENOMINATORS


def _slope(drawn: Drawn, pair: tuple[np.ndarray, np.ndarray], added: np.ndarray | None) -> RatioEstimate:
    """Estimate the slope of the index as the tables do."""
    if added is None:
        top, bottom = slope_totals(*pair, drawn.times, drawn.clusters)
    else:
        more = added @ VALUES[:, None], added @ TAKING[:, None]
        top, bottom, _ = tuned_slope(pair, more, drawn.times, drawn.clusters)
    return ratio_of_totals(top, bottom, confidence_level=LEVEL)


def _within_corpus(
    drawn: Drawn, estimator: str, values: np.ndarray, predicted: np.ndarray
) -> Iterator[tuple]:
    """Estimate what the corpus itself holds, with the interval of the drawing of segments alone."""
    counted, total = drawn.truth.sum(axis=0), values.sum(axis=0)
    census = (counted @ NUMERATORS) / (counted @ DENOMINATORS)
    estimate = (total @ NUMERATORS) / (total @ DENOMINATORS)
    influence = ratio_influence(
        drawn.truth - predicted, NUMERATORS, DENOMINATORS, estimate, total @ DENOMINATORS
    )
    ends = corpus_interval(estimate, influence, drawn.coded, drawn.pi, strata=drawn.clusters, bounds=BOUNDS)
    for place, name in enumerate(MEASURES):
        yield estimator, name, "this_corpus", census[place], estimate[place], ends[0][place], ends[1][place]


def _named(
    found: RatioEstimate, names: Sequence[str], source: tuple[str, str], truth: Sequence[float]
) -> Iterator[tuple]:
    estimator, target = source
    for place, name in enumerate(names):
        ends = found.lower[place], found.upper[place]
        yield estimator, name, target, truth[place], found.estimate[place], *ends
