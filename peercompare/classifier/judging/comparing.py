"""Two models on the same segments: how far apart, and whether whole employers or workers could make it so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import stdtr

from peercompare.agreement.intervals import MIN_CLUSTERS, jackknife_error
from peercompare.classifier import scoring
from peercompare.classifier.decision import decided
from peercompare.classifier.evaluation import aligned, true_labels
from peercompare.classifier.judging.costs import cost_matrix
from peercompare.classifier.showing import TOO_FEW, hide, rests_on_too_few, workers_of
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.errors import InputError

EXACT_UP_TO = 12
"""With so many clusters or fewer every way of swapping is tried: 2 ** 12 are 4096."""

COMPARED_COLUMNS = (
    "corpus model against truth score label estimate lower upper confidence_level p p_swapped n_permutations "
    "n_clusters n_documents n_segments method reason waiver"
).split()


@dataclass(frozen=True)
class Difference:
    """A difference of two scores, with its interval and two p values; NaN where there is none.

    Parameters
    ----------
    estimate, lower, upper : float
        First minus second.
    p : float
        Of a jackknife t test with n_clusters - 1 degrees of freedom.
    p_swapped : float
        Share of the ways of swapping the two models in whole clusters, the actual one among them, that put
        them at least as far apart.
    n_permutations : int
        How many ways were tried.
    reason : str
        Why something is missing, or how little the clusters can show.
    """

    estimate: float
    lower: float
    upper: float
    p: float
    p_swapped: float
    n_permutations: int
    reason: str


def compare_predictions(
    corpus: Corpus,
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    names: tuple[str, str] = ("first", "second"),
    seed: int,
    confidence_level: float = 0.95,
    waive: bool = False,
) -> pd.DataFrame:
    """Compare two predictions tables on the segments that gold has coded.

    Parameters
    ----------
    corpus : Corpus
        Whose gold codings are the truth.
    first, second : DataFrame
        ``segment_id`` and a probability column for each label, from anywhere.
    names : pair of str
        What to call them.
    seed : int
        Of the swaps that are drawn where there are too many to try all.
    confidence_level : float, default 0.95
        In (0, 1).
    waive : bool, default False
        As in `scores_table`.

    Returns
    -------
    DataFrame
        Columns as `COMPARED_COLUMNS`: the first model's score less the second's, for macro_f1, accuracy,
        cost, brier and calibration_error, and for the F1 of each label. Of cost, brier and
        calibration_error less is better. ``p`` is of a jackknife t test over clusters; ``p_swapped`` of a
        permutation test that swaps the models in whole clusters. ``reason`` says why one is missing.

    Raises
    ------
    InputError, CodingError
        As in `scores_table`.

    Notes
    -----
    Both tests take employers or workers, not segments, for what was drawn at random. They speak of models as
    they were trained; that other training texts would have given other models is not in them.

    References
    ----------
    Yeh, A. (2000). More accurate tests for the statistical significance of result differences. COLING 2000,
    vol. 2, 947-953. doi:10.3115/992730.992783. Efron, B. and Stein, C. (1981). Annals of Statistics 9(3),
    586-596. doi:10.1214/aos/1176345462
    """
    labels, framework = true_labels(corpus, GOLD), corpus.framework
    segments = analysed_segments(corpus).set_index("segment_id").loc[labels.index]
    truth = pd.Index(framework.labels).get_indexer(labels)
    pair = [
        scoring.score_sums(
            truth,
            aligned(each, labels.index, framework.labels),
            segments["group"],
            predicted=decided(each, labels.index, framework.labels),
        )
        for each in (first, second)
    ]
    rows = []
    for score, of in _scores(cost_matrix(framework)).items():
        found = differences(*pair, of, confidence_level=confidence_level, seed=seed)
        named = framework.labels if score == "f1" else [""]
        rows += [
            _row(score, label, each, len(pair[0].confusion)) for label, each in zip(named, found, strict=True)
        ]
    table = pd.DataFrame(rows).assign(
        corpus=corpus.name, model=names[0], against=names[1], truth=GOLD, confidence_level=confidence_level,
        n_documents=segments["document_id"].nunique(), n_segments=len(segments),
    )  # fmt: skip
    few = TOO_FEW if rests_on_too_few(workers_of(corpus, labels.index)) else ""
    blank = ["estimate", "lower", "upper", "p", "p_swapped"]
    return hide(table, [few] * len(table), columns=blank, composed=corpus.composed, waive=waive)[
        COMPARED_COLUMNS
    ]


def _scores(costs: np.ndarray) -> dict[str, Callable[[scoring.ScoreSums], np.ndarray]]:
    """Name what is compared."""
    return {
        "macro_f1": scoring.macro_f1,
        "accuracy": scoring.accuracy,
        "cost": partial(scoring.mean_cost, costs=costs),
        "brier": scoring.brier,
        "calibration_error": scoring.calibration_error,
        "f1": scoring.f1,
    }


def _row(score: str, label: str, found: Difference, n_clusters: int) -> dict[str, object]:
    """Lay out one difference."""
    method = f"difference of {score}; delete-one-cluster jackknife, t({n_clusters - 1})"
    how = "all" if found.n_permutations == 2**n_clusters else "drawn"
    method += f"; models swapped in whole clusters, {found.n_permutations} ways ({how})"
    return {"score": score, "label": label, "n_clusters": n_clusters, "method": method, **vars(found)}


def differences(
    first: scoring.ScoreSums,
    second: scoring.ScoreSums,
    score: Callable[[scoring.ScoreSums], np.ndarray],
    *,
    confidence_level: float = 0.95,
    n_permutations: int = 9999,
    seed: int,
) -> list[Difference]:
    """Compute the difference of one score, or of one for each label, with interval and p values.

    Parameters
    ----------
    first, second : ScoreSums
        Of the same segments by the same clusters.
    score : callable
        One of `peercompare.classifier.scoring`'s.
    confidence_level : float, default 0.95
        In (0, 1).
    n_permutations : int, default 9999
        Swaps drawn where there are more than `EXACT_UP_TO` clusters.
    seed : int
        Of the swaps.

    Returns
    -------
    list of Difference
        One, or one for each label. Where the score of either model is undefined, so is the difference.

    Raises
    ------
    InputError
        If the two are not of the same segments.
    """
    if not np.array_equal(first.confusion.sum(axis=-1), second.confusion.sum(axis=-1)):
        raise InputError("Two models can be compared on the same segments with the same truth alone")
    estimates = np.atleast_1d(score(first.pooled()) - score(second.pooled()))
    n_clusters, shape = len(first.confusion), (len(first.confusion), len(estimates))
    replicates = np.reshape(score(first.leave_one_out()) - score(second.leave_one_out()), shape)
    signs = _signs(n_clusters, n_permutations, seed)
    swapped = np.reshape(_swapped(first, second, score, signs), (len(signs), len(estimates)))
    return [
        _difference(float(estimate), without, by_swap, confidence_level)
        for estimate, without, by_swap in zip(estimates, replicates.T, swapped.T, strict=True)
    ]


def _signs(n_clusters: int, n_permutations: int, seed: int) -> np.ndarray:
    """Return who is swapped, 1 or -1, shape (n_permutations, n_clusters): all ways, or some drawn."""
    if n_clusters <= EXACT_UP_TO:
        return np.array(list(product([1.0, -1.0], repeat=n_clusters)))
    drawn = np.random.default_rng(seed).choice([1.0, -1.0], size=(n_permutations, n_clusters))
    drawn[0] = 1.0  # The actual way is one of them, so that p is never 0.
    return drawn


def _swapped(
    first: scoring.ScoreSums,
    second: scoring.ScoreSums,
    score: Callable[[scoring.ScoreSums], np.ndarray],
    signs: np.ndarray,
) -> np.ndarray:
    """Compute the difference under each way of swapping; shape (n_permutations, ...)."""
    one, other = {}, {}
    for field in fields(scoring.ScoreSums):
        mine, theirs = getattr(first, field.name), getattr(second, field.name)
        half_sum = (mine + theirs).sum(axis=0) / 2
        half_gap = np.tensordot(signs, mine - theirs, axes=1) / 2
        one[field.name], other[field.name] = half_sum + half_gap, half_sum - half_gap
    return score(scoring.ScoreSums(**one)) - score(scoring.ScoreSums(**other))


def _difference(
    estimate: float, without: np.ndarray, swapped: np.ndarray, confidence_level: float
) -> Difference:
    """Turn a difference, its leave-one-out values and its swapped values into a result with reasons."""
    n_clusters, n_ways = len(without), len(swapped)
    nothing = [np.nan] * 3
    if np.isnan(estimate):
        reason = "undefined: one of the models has no such score"
        return Difference(estimate, *nothing, np.nan, n_ways, reason)
    p_swapped = float((np.abs(swapped) >= abs(estimate) - 1e-12).mean())
    reason = _why_no_test(without, n_clusters)
    if reason:
        return Difference(estimate, *nothing, p_swapped, n_ways, reason)
    error = jackknife_error(without)
    reach = scoring.t_reach(n_clusters, confidence_level) * error
    p = 2 * float(stdtr(n_clusters - 1, -abs(estimate) / error))
    lowest = 2 / 2**n_clusters
    few = f"with {n_clusters} clusters p_swapped cannot fall under {lowest:.3g}" if lowest > 0.05 else ""
    return Difference(estimate, estimate - reach, estimate + reach, p, p_swapped, n_ways, few)


def _why_no_test(without: np.ndarray, n_clusters: int) -> str:
    """Say why there is no jackknife interval; "" where there is one."""
    if n_clusters < MIN_CLUSTERS:
        lowest = 2 / 2**n_clusters
        return (
            f"no interval: {n_clusters} clusters, and an interval needs at least {MIN_CLUSTERS}; "
            f"p_swapped cannot fall under {lowest:.3g}"
        )
    if np.isnan(without).any():
        return "no interval: the score rests on one cluster, and without it is undefined"
    if np.ptp(without) < 1e-12:
        return "no interval: no cluster left out changes the difference, which does not make it certain"
    return ""
