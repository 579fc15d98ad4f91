"""Made-up studies as arrays, quick to draw by the thousand, whose truth is known without simulation.

`simulation` makes whole corpora, with tables, to try a pipeline on; here are the numbers alone, to try
estimators on (`validity`) and to plan studies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

LABELS = ("none", "start", "between", "end")
"""What a made-up segment is coded as: no stance, or one of three along the axis."""

VALUES = np.array([0.0, -1.0, 0.0, 1.0])
"""What each label counts for in the index."""

QUALITIES = {"useless": 0.0, "weak": 1.22, "strong": 1.95}
"""Qualities at which the made-up classifier's macro-F1 over the four labels is .24 (chance), .60 and .80."""

ERRORS = {"stable": (0.0, 0.0), "differential": (0.6, 0.08)}
"""Leanings by site and by month, in logits, of a classifier that errs alike everywhere or does not."""

EVEN, UNEVEN = "even", "uneven"
SITES = 12


@dataclass(frozen=True)
class Scenario:
    """What kind of study to make up.

    Parameters
    ----------
    n_workers, months : int
        Workers, and the length of the study; about one session of each worker a month, 85% of them held.
    segments : float
        Middle of the number of segments in a session.
    coded : float
        Share of each worker's segments drawn for coding; two at least.
    chances : {"even", "uneven"}
        Uneven: segments of which the classifier is unsure are drawn more often, with known probabilities.
    shares : tuple of float
        Shares of the three stances among stance-taking segments that workers vary around.
    alike : float
        Dirichlet concentration of workers around the shares; sessions vary around their worker with four
        times that.
    none_share : float
    move, move_sd : float
        How far a worker goes from their own shares to the last stance from the first to the last day: mean
        and standard deviation over workers (1 would be all the way; below 0 they come from there).
    talk_sd : float
        Standard deviation of the logarithm of workers' lengths of talk.
    quality : float
        How well the classifier tells labels apart; 0: not at all. See `QUALITIES`.
    lean_site, lean_month : float
        Differential error, in logits of the last stance: from minus to plus `lean_site` over the sites, and
        `lean_month` more each month.
    """

    n_workers: int = 60
    months: int = 12
    segments: float = 40.0
    coded: float = 0.05
    chances: str = EVEN
    shares: tuple[float, float, float] = (0.58, 0.26, 0.16)
    alike: float = 15.0
    none_share: float = 0.3
    move: float = 0.15
    move_sd: float = 0.11
    talk_sd: float = 0.5
    quality: float = 1.95
    lean_site: float = 0.0
    lean_month: float = 0.0

    def truth(self) -> dict[str, float]:
        """Return the true values over all workers who might have been studied.

        Each worker's shares go on a straight line in time, and sizes, silence and times do not depend on
        them, so the truth follows from means alone.

        Returns
        -------
        dict
            ``share_start``, ``share_between``, ``share_end``, ``share_none``, ``index`` and ``slope`` (of the
            index, a month).
        """
        mean, sd = self.move, self.move_sd
        # A worker who moves by u is at |u| / 2 of the way on average, in whichever direction.
        size = mean
        if sd > 0:
            size = sd * np.sqrt(2 / np.pi) * np.exp(-(mean**2) / (2 * sd**2)) + mean * special.erf(
                mean / (sd * np.sqrt(2))
            )
        end = np.array([0.0, 0.0, 1.0])
        average = (1 - abs(size) / 2) * np.array(self.shares) + abs(size) / 2 * end
        named = {f"share_{name}": float(share) for name, share in zip(LABELS[1:], average, strict=True)}
        slope = self.move * float(VALUES[1:] @ (end - np.array(self.shares))) / self.months
        return {
            **named,
            "share_none": self.none_share,
            "index": float(VALUES[1:] @ average),
            "slope": slope,
        }


@dataclass(frozen=True)
class Drawn:
    """One made-up study; arrays have a row for each segment.

    Parameters
    ----------
    truth : ndarray of shape (n_segments, 4)
        1 under the label that a coder gives, in the order of `LABELS`.
    features : ndarray of shape (n_segments, 4)
        The classifier's probabilities.
    coded : ndarray of bool, shape (n_segments,)
    pi, times : ndarray of shape (n_segments,)
        Times in months.
    clusters : ndarray of int, shape (n_segments,)
        The worker.
    """

    truth: np.ndarray
    features: np.ndarray
    coded: np.ndarray
    pi: np.ndarray
    times: np.ndarray
    clusters: np.ndarray


def draw(scenario: Scenario, rng: np.random.Generator | int) -> Drawn:
    """Make up one study.

    Parameters
    ----------
    scenario : Scenario
    rng : Generator or int seed

    Returns
    -------
    Drawn
    """
    rng = np.random.default_rng(rng)
    worker, when = _sessions(scenario, rng)
    talk = np.exp(scenario.talk_sd * rng.normal(size=scenario.n_workers))
    counts = 2 + rng.poisson(np.maximum(scenario.segments * talk[worker] - 2, 0.1))
    shares = _session_shares(scenario, worker, when, rng)
    session = np.repeat(np.arange(len(worker)), counts)
    clusters, times = worker[session], when[session]
    ladder = shares.cumsum(axis=1)
    stance = (rng.random(len(session))[:, None] > ladder[session]).sum(axis=1)
    quiet = rng.beta(10 * scenario.none_share, 10 * (1 - scenario.none_share), size=scenario.n_workers)
    silent = rng.random(len(session)) < quiet[clusters]
    label = np.where(silent, 0, np.minimum(stance, 2) + 1)
    features = _features(scenario, label, clusters, times, rng)
    pi, coded = _sampled(scenario, features, clusters, rng)
    return Drawn(np.eye(4)[label], features, coded, pi, times, clusters)


def _sessions(scenario: Scenario, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Give each session its worker and its time: on some day of most months, two sessions at least."""
    held = rng.random((scenario.n_workers, scenario.months)) < 0.85
    held[:, [0, -1]] |= held.sum(axis=1, keepdims=True) < 2
    worker, month = np.nonzero(held)
    return worker, month + rng.random(len(month))


def _session_shares(
    scenario: Scenario, worker: np.ndarray, when: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Give each session its shares of the stances, around a straight line of its worker's own."""
    own = rng.dirichlet(scenario.alike * np.array(scenario.shares), size=scenario.n_workers)[worker]
    move = rng.normal(scenario.move, scenario.move_sd, size=scenario.n_workers)[worker]
    way = when / scenario.months
    part = np.clip(np.abs(move) * np.where(move >= 0, way, 1 - way), 0.0, 1.0)[:, None]
    line = (1 - part) * own + part * np.array([0.0, 0.0, 1.0])
    around = rng.standard_gamma(np.maximum(4 * scenario.alike * line, 1e-3))
    return around / around.sum(axis=1, keepdims=True)


def _features(
    scenario: Scenario,
    label: np.ndarray,
    clusters: np.ndarray,
    times: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Probabilities of a classifier that is calibrated but for its leanings."""
    signal = rng.normal(size=(len(label), 4)) + scenario.quality * np.eye(4)[label]
    prior = np.r_[scenario.none_share, (1 - scenario.none_share) * np.array(scenario.shares)]
    logits = max(scenario.quality, 1.0) * signal + np.log(prior)
    sites = min(SITES, scenario.n_workers)
    site = clusters * sites // scenario.n_workers
    logits[:, -1] += scenario.lean_site * (2 * site / max(sites - 1, 1) - 1)
    logits[:, -1] += scenario.lean_month * (times - scenario.months / 2)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def _sampled(
    scenario: Scenario, features: np.ndarray, clusters: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw segments within each worker, systematically in random order, a fixed number of each worker's."""
    size = np.ones(len(clusters))
    if scenario.chances == UNEVEN:
        unsure = np.sqrt(np.clip(1 - (features**2).sum(axis=1), 0.0, None))
        size = 0.5 + 0.5 * unsure / unsure.mean()
    members = np.bincount(clusters)
    quota = np.minimum(np.maximum(np.round(scenario.coded * members), 2), members)
    pi = np.minimum((quota / np.bincount(clusters, size))[clusters] * size, 1.0)
    order = np.argsort(clusters + rng.random(len(clusters)))
    ends = np.cumsum(pi[order])
    before = np.r_[0.0, np.cumsum(np.bincount(clusters, pi))][:-1]
    steps = ends - before[clusters[order]] - rng.random(len(members))[clusters[order]]
    # Whether a whole number lies within a segment's stretch of its worker's running sum.
    drawn = np.ceil(steps - 1e-9) > np.ceil(steps - pi[order] - 1e-9)
    coded = np.zeros(len(clusters), dtype=bool)
    coded[order] = drawn
    return pi, coded
