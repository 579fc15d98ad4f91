"""Whether coders changed while they coded: then a change in the codings is not a change in practice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.codings import GOLD, primary_codes, stances
from peercompare.drift.classifier_error import stance_values
from peercompare.drift.label_shift import Coefficient, time_coefficient
from peercompare.drift.ratios import holm
from peercompare.errors import UndefinedError
from peercompare.framework import Framework

CODED_ON = "coded_on"
"""A further column of codings that says on which day a segment was coded."""


@dataclass(frozen=True)
class CoderDrift:
    """How coders moved against each other.

    Parameters
    ----------
    disagreement : Coefficient
        Change, for each unit of time, of the share of segments on whose stance coders disagree.
    lean : Coefficient
        Of all coders, the one whose stance moved furthest from that of all: change for each unit of time; p
        is adjusted by Holm for having looked at each. The coder is not named.
    by_coding_order : bool
        True where the day of coding is known; else time is that of the documents.
    n_segments, n_coders : int
    """

    disagreement: Coefficient
    lean: Coefficient
    by_coding_order: bool
    n_segments: int
    n_coders: int


def coder_drift(
    codings: pd.DataFrame,
    scores: pd.DataFrame,
    framework: Framework,
    *,
    cluster: str,
    days_per_unit: float,
    confidence_level: float = 0.95,
) -> CoderDrift:
    """Look for change in how coders code, on segments that two or more of them coded.

    Parameters
    ----------
    codings : DataFrame
        A codings table; a further column ``coded_on`` gives the day of coding.
    scores : DataFrame
        Says which segments are looked at, their clusters and dates.
    framework : Framework
    cluster : str
    days_per_unit : float
        Days in the unit of time.
    confidence_level : float, default 0.95

    Returns
    -------
    CoderDrift

    Raises
    ------
    UndefinedError
        When no segment was coded by two coders, or none of those has a time.

    Notes
    -----
    Over the documents' dates this is blind to two coders who change alike, and a slope may be practice that
    grew harder to code. Coders who are given segments in shuffled order, blind to date, and some segments
    twice, are what tells the two apart.
    """
    table = _labels(codings, scores, framework)
    times, by_order = _times(codings, scores, table.index, days_per_unit)
    table = table[np.isfinite(times)]
    clusters = pd.factorize(scores.set_index("segment_id")[cluster].reindex(table.index))[0]
    times = times[np.isfinite(times)]
    labels = table.to_numpy(dtype=float)
    if not len(table) or len(np.unique(times)) < 2:
        raise UndefinedError("no segments that two coders coded have two dates")
    apart = (np.nanmax(labels, axis=1) > np.nanmin(labels, axis=1)).astype(float)
    ask = {"confidence_level": confidence_level}
    even = np.ones((len(times), 1))
    changed = time_coefficient(apart, times, even, even[:, 0], clusters, **ask)
    return CoderDrift(
        changed,
        _furthest(_on_axis(labels, framework), times, clusters, confidence_level),
        by_order,
        len(table),
        labels.shape[1],
    )


def opposite_share(codings: pd.DataFrame, scores: pd.DataFrame, framework: Framework) -> float:
    """Share, among segments to which two coders gave a stance, of those put at opposite ends of the axis.

    Returns
    -------
    float
        NaN where no segment was coded by two coders.
    """
    try:
        labels = _labels(codings, scores, framework).to_numpy(dtype=float)
    except UndefinedError:
        return float("nan")
    taking, last = (labels > 0).sum(axis=1) >= 2, len(framework.labels) - 1
    ends = (labels == 1).any(axis=1) & (labels == last).any(axis=1)
    return float(ends[taking].mean()) if taking.any() else float("nan")


def _furthest(values: np.ndarray, times: np.ndarray, clusters: np.ndarray, level: float) -> Coefficient:
    """Find the largest change of one coder's stance against the mean of all."""
    away = values - np.nanmean(values, axis=1, keepdims=True)
    found = []
    for own in away.T:
        there = np.isfinite(own)
        if len(np.unique(times[there])) > 1:
            even = np.ones((int(there.sum()), 1))
            kept = pd.factorize(clusters[there])[0]
            found.append(
                time_coefficient(own[there], times[there], even, even[:, 0], kept, confidence_level=level)
            )
    adjusted = holm(np.array([one.p for one in found]))
    size = [abs(one.estimate) if np.isfinite(one.estimate) else -1.0 for one in found]
    place = int(np.argmax(size))
    best = found[place]
    return Coefficient(
        best.estimate, best.lower, best.upper, float(adjusted[place]), best.n_clusters, best.reason
    )


def _labels(codings: pd.DataFrame, scores: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Place of the label that each coder gave, 0 for none; segments of two coders or more, by coder."""
    place = {label: float(at) for at, label in enumerate(framework.labels)}
    people = sorted(set(codings["coder_id"]) - {GOLD})
    columns = {
        coder: stances(primary_codes(codings, coder), framework).map(place).astype(float) for coder in people
    }
    table = pd.DataFrame(columns).reindex(scores["segment_id"])
    table = table[table.notna().sum(axis=1) >= 2]
    if table.empty:
        raise UndefinedError("no segment was coded by two coders")
    return table


def _on_axis(labels: np.ndarray, framework: Framework) -> np.ndarray:
    """Values on the axis of places of labels; missing stays missing."""
    known = np.isfinite(labels)
    return np.where(known, stance_values(framework)[np.where(known, labels, 0).astype(int)], np.nan)


def _times(
    codings: pd.DataFrame, scores: pd.DataFrame, segments: pd.Index, days_per_unit: float
) -> tuple[np.ndarray, bool]:
    """Time of each segment: of its coding where that is known, else of its document."""
    known = CODED_ON in codings and codings[CODED_ON].notna().any()
    if known:
        days = pd.to_datetime(codings[CODED_ON], errors="coerce").groupby(codings["segment_id"]).mean()
    elif "date" in scores:
        days = scores.set_index("segment_id")["date"]
    else:
        raise UndefinedError("neither documents nor codings have a date")
    found = days.reindex(segments)
    return ((found - found.min()).dt.total_seconds() / 86400 / days_per_unit).to_numpy(dtype=float), known
