"""Drawing a wave of segments to code, of a given size, with exact chances; and several waves used together.

`sampling` draws a share of each worker or employer with equal chances. Here the number is given, and the
chances may follow predictions: a segment whose prediction is unsure tells more about the predictions' errors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.corpus.draws import INFERENCE, TRAINING
from peercompare.drift.sampling import MIN_PER_STRATUM, check_strata, deal_keys
from peercompare.errors import InputError, Problem

FLOOR = 0.5
"""Part of a segment's chance that does not depend on predictions, where they are used."""

LEAST_FLOOR = 0.01


def draw_wave(
    segments: pd.DataFrame,
    *,
    strata: str,
    n: int,
    rng: np.random.Generator | int | Sequence[int],
    predictions: pd.DataFrame | None = None,
    labels: Sequence[str] = (),
    floor: float = FLOOR,
) -> pd.DataFrame:
    """Draw a number of segments within workers or employers, with exact chances above zero.

    Each stratum gets at least two (all where it is smaller) and, beyond that, in proportion to its sizes.
    Within a stratum segments are drawn systematically, from a random start, with chances in proportion to
    size. Without predictions all sizes are 1 and the order is random: a simple random sample of the stratum.
    With them a segment's size is ``floor + (1 - floor) * u / mean(u)``, ``u`` the square root of the
    probability that a label drawn from its prediction differs from another so drawn, and segments stand in
    the order of their predicted label, at random within it: each predicted label gets its share too.
    Estimates with these chances are unbiased however bad the predictions are.

    Parameters
    ----------
    segments : DataFrame
        ``segment_id`` and the column of the strata, one row a segment: every one that may be coded, coded
        already or not.
    strata : str
        Column of the clusters, e.g. ``worker_id``.
    n : int
        How many to draw.
    rng : Generator or seed
    predictions : DataFrame, optional
        ``segment_id`` and one probability column for each label, from any model.
    labels : sequence of str
        The labels' columns, where there are predictions.
    floor : float, default 0.5
        From 0.01 to 1; 1 takes no heed of how sure predictions are.

    Returns
    -------
    DataFrame
        ``segment_id``, ``stratum``, ``pi`` (in (0, 1]) and ``sampled`` (bool), in the order of `segments`,
        on which the draw does not depend. Exactly `n` are sampled.

    Raises
    ------
    InputError
        When `n` is more than there are, or fewer than the strata need; the floor is out of range;
        predictions are missing, doubled or no probabilities; or segments lack a stratum.

    References
    ----------
    Madow (1949), On the theory of systematic sampling, II. Annals of Mathematical Statistics 20, 333-354.
    doi:10.1214/aoms/1177729988. Zrnic & Candes (2024), Active statistical inference. ICML, PMLR 235
    (sampling by uncertainty, mixed with equal chances). doi:10.48550/arXiv.2403.03208

    Examples
    --------
    >>> table = pd.DataFrame({"segment_id": list("abcdef"), "worker_id": ["W1"] * 4 + ["W2"] * 2})
    >>> wave = draw_wave(table, strata="worker_id", n=4, rng=1)
    >>> wave.groupby("stratum")["sampled"].sum().to_dict(), wave["pi"].tolist()
    ({'W1': 2, 'W2': 2}, [0.5, 0.5, 0.5, 0.5, 1.0, 1.0])
    """
    check_strata(segments, strata)
    if not LEAST_FLOOR <= floor <= 1:
        raise InputError(f"the floor of the chances must lie in [{LEAST_FLOOR}, 1], not {floor}")
    rng = np.random.default_rng(rng)
    key = deal_keys(segments, strata, rng)
    names, group = np.unique(segments[strata].to_numpy(str), return_inverse=True)
    size, leading = _sizes(segments["segment_id"], predictions, labels, floor)
    quota = _quotas(np.bincount(group, weights=size), np.bincount(group), n, strata)
    pi, drawn = np.empty(len(segments)), np.zeros(len(segments), dtype=bool)
    for number in range(len(names)):
        inside = np.flatnonzero(group == number)
        inside = inside[np.lexsort((key[inside], leading[inside]))]
        pi[inside] = chances(size[inside], int(quota[number]))
        drawn[inside] = _systematic(pi[inside], rng.random())
    table = segments[["segment_id", strata]].rename(columns={strata: "stratum"})
    return table.assign(pi=pi, sampled=drawn).reset_index(drop=True)


def joint_sample(draws: pd.DataFrame, waves: Sequence[int] | None = None) -> pd.DataFrame:
    """Join waves drawn for inference into one sample, with the chance of being in any of them.

    Waves are drawn independently of each other, each from all segments, so a segment's chance of being in at
    least one is ``1 - prod(1 - pi_w)``, with ``pi_w`` 0 where it did not exist yet. That holds while no
    wave's chances depend on what an earlier wave drew. Predictions learned from an earlier wave's codings do:
    then each wave stands alone, with chances of its own that are right given what came before.

    Parameters
    ----------
    draws : DataFrame
        From `peercompare.corpus.draws.typed_draws`.
    waves : sequence of int, optional
        Which to use; every wave for inference where left out.

    Returns
    -------
    DataFrame
        ``segment_id, pi, sampled``, one row for each segment that could have been drawn in one of the waves,
        and ``stratum`` where there is a single wave, within whose strata fixed numbers were drawn; for
        `with_sample`.

    Raises
    ------
    InputError
        Where a wave was picked for training, does not exist, or none was drawn for inference; or where the
        chances of a later wave rest on predictions that the first one did not have.
    """
    use = draws.drop_duplicates("wave").set_index("wave")["use"]
    chosen = list(use.index[use == INFERENCE]) if waves is None else sorted(set(waves))
    _refuse_waves(use, chosen)
    table = draws[draws["wave"].isin(chosen)]
    _refuse_dependent(table)
    missed = (1.0 - table["pi"]).groupby(table["segment_id"], sort=False).prod()
    sampled = table.groupby("segment_id", sort=False)["sampled"].any()
    # A single wave keeps its chance to the last digit; 1 - (1 - pi) would not.
    pi = table.set_index("segment_id")["pi"] if len(chosen) == 1 else 1.0 - missed
    found = pd.DataFrame({"pi": pi.reindex(missed.index), "sampled": sampled.reindex(missed.index)})
    if len(chosen) == 1 and "stratum" in table:
        found["stratum"] = table.set_index("segment_id")["stratum"].reindex(missed.index)
    return found.rename_axis("segment_id").reset_index()


def chances(size: np.ndarray, n: int) -> np.ndarray:
    """Return chances in proportion to size that sum to n, none above 1.

    Whoever would be above 1 is drawn for certain, and the rest share what is left.

    Parameters
    ----------
    size : ndarray of shape (n_segments,)
        Above 0.
    n : int
        From 0 to n_segments.

    Returns
    -------
    ndarray of shape (n_segments,)

    Examples
    --------
    >>> chances(np.array([1.0, 1.0, 2.0, 8.0]), 2).tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    certain = np.zeros(len(size), dtype=bool)
    while True:
        rest = size[~certain].sum()
        left = n - int(certain.sum())
        pi = np.where(certain, 1.0, size * left / rest if rest else 1.0)
        above = (pi >= 1.0 - 1e-12) & ~certain
        if not above.any():
            return pi
        certain |= above


def _sizes(
    segment_ids: pd.Series, predictions: pd.DataFrame | None, labels: Sequence[str], floor: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return each segment's size and the position of its predicted label."""
    if predictions is None:
        return np.ones(len(segment_ids)), np.zeros(len(segment_ids), dtype=int)
    absent = [Problem("predictions", f"no column {label!r}") for label in labels if label not in predictions]
    if absent or not labels:
        raise InputError("The predictions lack labels", absent, remedy="give a column for each label")
    if predictions["segment_id"].duplicated().any():
        raise InputError("segments are predicted more than once", remedy="keep one model's predictions")
    found = predictions.set_index("segment_id")[list(labels)].reindex(segment_ids)
    probabilities = found.to_numpy(dtype=float)
    faulty = ~(np.isfinite(probabilities).all(axis=1) & (np.abs(probabilities.sum(axis=1) - 1) < 0.01))
    if faulty.any() or (probabilities < 0).any():
        wrong = faulty | (probabilities < 0).any(axis=1)
        problems = [Problem("predictions", f"{each}") for each in segment_ids[wrong]]
        remedy = "predict every segment; its probabilities are at least 0 and sum to 1"
        raise InputError("Segments have no probabilities", problems, remedy=remedy)
    unsure = np.sqrt(np.clip(1.0 - (probabilities**2).sum(axis=1), 0.0, None))
    mean = unsure.mean()
    size = floor + (1.0 - floor) * unsure / mean if mean > 0 else np.ones(len(unsure))
    return size, probabilities.argmax(axis=1)


def _quotas(total: np.ndarray, members: np.ndarray, n: int, strata: str) -> np.ndarray:
    """Share n out among strata in proportion to their total size, within what each needs and has.

    Whole numbers come from the largest remainders; chance has no part in them.
    """
    least = np.minimum(MIN_PER_STRATUM, members)
    if not least.sum() <= n <= members.sum():
        raise InputError(
            f"{n} segments cannot be drawn: there are {members.sum()}, and {MIN_PER_STRATUM} of each of the "
            f"{len(members)} values of {strata} make {least.sum()}",
            remedy=f"give a number from {least.sum()} to {members.sum()}",
        )
    low, high = 0.0, float(members.max() / total.min()) + 1.0
    for _ in range(60):  # bisection for the factor whose bounded shares sum to n
        factor = (low + high) / 2
        low, high = (factor, high) if np.clip(factor * total, least, members).sum() < n else (low, factor)
    share = np.clip(high * total, least, members)
    quota = np.floor(share + 1e-9).astype(int)
    order = np.argsort(-(share - quota), kind="stable")
    order = order[quota[order] < members[order]]
    quota[order[: n - quota.sum()]] += 1
    return quota


def _systematic(pi: np.ndarray, start: float) -> np.ndarray:
    """Draw systematically: those in whose stretch of the running sum of chances a whole step falls."""
    drawn = pi >= 1.0
    rest = np.flatnonzero(~drawn)
    ends = np.cumsum(pi[rest])
    if len(rest):
        ends *= np.round(ends[-1]) / ends[-1]  # whole to the last digit, so that the number drawn is exact
        drawn[rest] = np.diff(np.ceil(np.r_[0.0, ends] - start)) > 0
    return drawn


def _refuse_waves(use: pd.Series, chosen: Sequence[int]) -> None:
    """Raise where waves cannot be estimated from."""
    absent = [Problem(f"wave {wave}", "was never drawn") for wave in chosen if wave not in use.index]
    picked = [
        Problem(f"wave {wave}", "was picked for training: what a model was unsure of, not what chance drew")
        for wave in chosen
        if wave in use.index and use[wave] == TRAINING
    ]
    if absent or picked or not chosen:
        picked = picked or [
            Problem(f"wave {wave}", "was picked for training") for wave in use.index if not chosen
        ]
        remedy = "draw a probability sample: peercompare next CORPUS --for inference"
        raise InputError("This is no probability sample to estimate from", absent + picked, remedy=remedy)


def _refuse_dependent(table: pd.DataFrame) -> None:
    """Raise where a wave's chances may depend on what an earlier one drew."""
    rests_on = table.drop_duplicates("wave").sort_values("wave").set_index("wave")["predictions_sha256"]
    later = [wave for wave, digest in rests_on.items() if digest and digest != rests_on.iloc[0]]
    if later:
        problems = [
            Problem(f"wave {wave}", "its chances rest on predictions that the first wave did not use")
            for wave in later
        ]
        named = ", ".join(str(wave) for wave in rests_on.index)
        raise InputError(
            f"Waves {named} cannot be used together: predictions may have learned from the earlier codings",
            problems,
            remedy="use one wave (--wave N), or draw later waves with the first one's predictions or none",
        )
