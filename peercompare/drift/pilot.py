"""What a pilot says about planning: variance components of its coded segments, by moments.

Nested analysis of variance of each segment's part in the estimate: workers, sessions, segments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from peercompare.drift.dates import DAYS
from peercompare.drift.evidence import Evidence, gather
from peercompare.drift.measures import ALL, measures
from peercompare.drift.plan import Plan
from peercompare.drift.planning import CAUTION, Components
from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.drift.rectified import crossfit
from peercompare.drift.scores import PREDICTED, has_predictions, shares
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework


def pilot_components(
    scores: pd.DataFrame, framework: Framework, *, estimand: str, plan: Plan, per: str = "month"
) -> Components:
    """Estimate what makes an estimand vary from the coded segments of a pilot.

    Each segment's part in the estimate is linearised (`Components`) and its variance is split into workers,
    sessions and segments by nested analysis of variance with unequal sizes; a component that comes out
    negative is 0. Slopes are split likewise: the variance of workers' own least-squares slopes less what
    their sessions and segments alone would bring. The error of predictions is that of their cross-fit on the
    codings, each worker left out in turn; without predictions the mean of the other workers stands in. Coded
    segments are taken as drawn at random within their sessions.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, the pilot's population chosen; with `with_predictions` where there is a
        classifier, and with `with_sample` where a sample was coded. Documents are sessions.
    framework : Framework
    estimand : str
        ``index`` or ``share_<stance>``.
    plan : Plan
        Names the clusters, that is the workers or employers.
    per : {"month", "year"}
        Unit of time of slopes.

    Returns
    -------
    Components
        `between_slope` is 0, and said so in `source`, where the pilot cannot tell of slopes: no dates, or
        fewer than five workers seen on two dates.

    Raises
    ------
    InputError
        For an unknown estimand or unit of time.
    UndefinedError
        When fewer than five workers have codings, or none has two sessions: what differs between workers
        cannot be told from what differs between sessions.

    References
    ----------
    Searle, Casella & McCulloch (1992), Variance Components, chapter 5 and appendix F.
    doi:10.1002/9780470316856
    Browne (1995), On the use of a pilot sample for sample size determination. Statistics in Medicine 14,
    1933-1940 (why the cautious width takes an upper limit). doi:10.1002/sim.4780141709
    """
    if per not in DAYS:
        raise InputError(f"a slope is per {' or '.join(DAYS)}, not {per!r}")
    parts = _parts(scores, framework, estimand, plan)
    worker, session = parts["worker"].to_numpy(), pd.factorize(parts["session"])[0]
    n_workers = parts["worker"].nunique()
    if n_workers < MIN_CLUSTERS:
        raise UndefinedError(
            f"a pilot tells how {plan.clusters} differ from five of them on, and this one has {n_workers}"
        )
    nested = _nested(parts["part"].to_numpy(), worker, session)
    slope, slope_high, around, words = _slopes(parts, plan, nested, DAYS[per])
    return Components(
        estimand,
        between=nested.between(1.0),
        between_slope=slope,
        session=around,
        within=nested.within,
        error=float(np.var(parts["error"])),
        error_icc=_alike(parts["error"].to_numpy(), session),
        unevenness=_unevenness(parts),
        between_high=nested.between(_factor(n_workers - 1)),
        slope_high=slope_high,
        clusters=plan.clusters,
        source=_source(parts, plan, words, predicted=has_predictions(scores)),
    )


@dataclass(frozen=True)
class _Nested:
    """Moments of a nested analysis of variance: `k2` sessions and `k3` workers weigh in the outer square."""

    outer: float
    within: float
    session: float
    k2: float
    k3: float

    def between(self, factor: float) -> float:
        """Variance between workers, had the outer mean square been so many times as large."""
        return float(max(0.0, (self.outer * factor - self.within - self.k2 * self.session) / self.k3))


def _parts(scores: pd.DataFrame, framework: Framework, estimand: str, plan: Plan) -> pd.DataFrame:
    """Each coded segment's part in the estimate, and in the error of its prediction."""
    plan.check(scores)
    table = measures(framework)
    known = sorted({name for name in table.estimands if name == "index" or name.startswith("share_")})
    if estimand not in known:
        raise InputError(f"nothing is planned for {estimand!r}", remedy=f"use one of {', '.join(known)}")
    sampled = bool((scores["pi"] < 1).any())
    labels = "probability_sample" if sampled else "all_codings"
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    place = table.column(estimand, ALL)
    top, bottom = table.numerators[:, place], table.denominators[:, place]
    used = evidence.used
    value = (evidence.values @ top).sum() / (evidence.values @ bottom).sum()
    scale = (evidence.known[used] @ bottom).mean()
    error = _errors(scores, framework, evidence)
    days = scores["date"] if "date" in scores else pd.Series(pd.NaT, index=scores.index)
    return pd.DataFrame(
        {
            "worker": evidence.clusters[used],
            "session": scores.loc[used, "document_id"].to_numpy(),
            "days": (days - days.min()).dt.days.to_numpy(dtype=float)[used],
            "taking": evidence.known[used] @ bottom,
            "part": (evidence.known[used] @ (top - value * bottom)) / scale,
            "error": (error[used] @ (top - value * bottom)) / scale,
        }
    )


def _errors(scores: pd.DataFrame, framework: Framework, evidence: Evidence) -> np.ndarray:
    """Coding less cross-fitted prediction, also where everything is coded."""
    if evidence.labels == "probability_sample":
        return evidence.error
    features = shares(scores, framework, prefix=PREDICTED) if has_predictions(scores) else None
    pi = np.ones(len(scores))
    guess = crossfit(evidence.known, evidence.used, pi, evidence.clusters, features=features)
    return evidence.known - guess


def _nested(part: np.ndarray, worker: np.ndarray, session: np.ndarray) -> _Nested:
    """Split a variance into workers, sessions and segments; sessions lie within workers."""
    n_all, grand = len(part), part.mean()
    of_session, owner = _means(part, session), _owner(worker, session)
    n_session = np.bincount(session)
    of_worker, n_worker = _means(part, worker), np.bincount(worker)
    seen = n_worker > 0
    n_workers, n_sessions = int(seen.sum()), len(n_session)
    if n_sessions == n_workers or n_all == n_sessions:
        raise UndefinedError(
            "a pilot needs two sessions of a worker and two coded segments of a session: without them what "
            "differs between workers cannot be told from what differs between sessions"
        )
    within = ((part - of_session[session]) ** 2).sum() / (n_all - n_sessions)
    middle = (n_session * (of_session - of_worker[owner]) ** 2).sum() / (n_sessions - n_workers)
    outer = (n_worker[seen] * (of_worker[seen] - grand) ** 2).sum() / (n_workers - 1)
    inner_sizes = (n_session**2 / n_worker[owner]).sum()
    k1 = (n_all - inner_sizes) / (n_sessions - n_workers)
    k2 = (inner_sizes - (n_session**2).sum() / n_all) / (n_workers - 1)
    k3 = (n_all - (n_worker**2).sum() / n_all) / (n_workers - 1)
    return _Nested(outer, float(within), float(max(0.0, (middle - within) / k1)), k2, k3)


def _slopes(parts: pd.DataFrame, plan: Plan, nested: _Nested, unit: float) -> tuple[float, float, float, str]:
    """Variance of workers' slopes, the same at its high end, that of sessions around lines, and a remark."""
    dated = parts.dropna(subset=["days"])
    moving = dated.groupby("worker")["days"].transform("nunique") >= 2
    dated = dated[moving].assign(worker=lambda rows: pd.factorize(rows["worker"])[0])
    n_workers = dated["worker"].nunique()
    if n_workers < MIN_CLUSTERS:
        return 0.0, 0.0, nested.session, f"; slopes of {plan.clusters} unknown and taken as alike"
    worker, session = dated["worker"].to_numpy(), pd.factorize(dated["session"])[0]
    owner, sizes = _owner(worker, session), np.bincount(session)
    mean, time = _means(dated["part"].to_numpy(), session), _means(dated["days"].to_numpy(), session) / unit
    time = time - _weighted(time, sizes, owner)[owner]
    moments = np.bincount(owner, sizes * time**2)
    slope = np.bincount(owner, sizes * time * mean) / moments
    around = _around(mean - slope[owner] * time, sizes, owner, nested)
    chance = np.bincount(owner, sizes**2 * time**2 * (around + nested.within / sizes)) / moments**2
    weight = moments / moments.sum()
    spread = (weight * (slope - weight @ slope) ** 2).sum() / (1 - (weight**2).sum())
    by_chance = (weight * (1 - weight) * chance).sum() / (1 - (weight**2).sum())
    high = spread * _factor(n_workers - 1) - by_chance
    return float(max(0.0, spread - by_chance)), float(max(0.0, high)), around, ""


def _around(rest: np.ndarray, sizes: np.ndarray, owner: np.ndarray, nested: _Nested) -> float:
    """Variance of sessions around their worker's line; around the worker's mean where lines fit exactly."""
    free = len(rest) - 2 * (int(owner.max()) + 1)
    if free < 1:
        return nested.session
    rest = rest - _weighted(rest, sizes, owner)[owner]
    square = (sizes * rest**2).sum() / free
    return float(max(0.0, (square - nested.within) / (sizes.sum() / len(sizes))))


def _alike(error: np.ndarray, session: np.ndarray) -> float:
    """Intraclass correlation of errors within sessions, by one-way analysis of variance, 0 at least."""
    sizes, mean = np.bincount(session), _means(error, session)
    n_all, n_sessions = len(error), len(sizes)
    inner = ((error - mean[session]) ** 2).sum() / (n_all - n_sessions)
    outer = (sizes * (mean - error.mean()) ** 2).sum() / (n_sessions - 1)
    size = (n_all - (sizes**2).sum() / n_all) / (n_sessions - 1)
    whole = outer + (size - 1) * inner
    return float(np.clip((outer - inner) / whole, 0.0, 1.0)) if whole > 0 else 0.0


def _unevenness(parts: pd.DataFrame) -> float:
    """How unequal workers' numbers of stance-taking segments are: their coefficient of variation."""
    taking = parts.groupby("worker")["taking"].sum().to_numpy()
    return float(taking.std() / taking.mean())


def _factor(degrees: int) -> float:
    """By how much a mean square may be too small, at the confidence of the cautious width."""
    return float(degrees / stats.chi2.ppf(1 - CAUTION, degrees))


def _source(parts: pd.DataFrame, plan: Plan, words: str, *, predicted: bool) -> str:
    people = f"{parts['worker'].nunique()} {plan.clusters}, {parts['session'].nunique()} documents"
    with_what = "with predictions" if predicted else "without predictions"
    return f"pilot {plan.corpus}: {people}, {len(parts)} coded segments, {with_what}{words}"


def _means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.bincount(group, values) / np.bincount(group)


def _weighted(values: np.ndarray, weights: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.bincount(group, weights * values) / np.bincount(group, weights)


def _owner(worker: np.ndarray, session: np.ndarray) -> np.ndarray:
    """The worker of each session."""
    owner = np.empty(int(session.max()) + 1, dtype=int)
    owner[session] = worker
    return owner
