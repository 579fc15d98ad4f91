"""What a confusion costs, by the framework's own order of stances, and who is taken for what."""

from __future__ import annotations

import numpy as np

from peercompare.classifier import scoring
from peercompare.framework import Framework

SHARE_METHOD = "share of the segments of a label that were taken for another; cost in steps along the axis"


def cost_matrix(framework: Framework) -> np.ndarray:
    """Say what it costs to take each label for each other.

    The distance between two stances is the number of steps between them in the framework's order, so that one
    end of the axis taken for the other costs most, and neighbours cost 1. `none` lies on no axis: a stance
    taken for none, or none for a stance, costs 1.

    Parameters
    ----------
    framework : Framework

    Returns
    -------
    np.ndarray, shape (n_labels, n_labels)
        Rows are true labels, columns predicted ones, both in the order of ``framework.labels``.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> framework = read_framework("deegan2017")
    >>> framework.labels
    ('none', 'peer', 'overlap', 'clinical')
    >>> cost_matrix(framework).astype(int).tolist()
    [[0, 1, 1, 1], [1, 0, 1, 2], [1, 1, 0, 1], [1, 2, 1, 0]]
    """
    places = np.array([np.nan if label == framework.none.id else framework.stance_ids.index(label)
                       for label in framework.labels])  # fmt: skip
    steps = np.abs(places[:, None] - places)
    return np.where(np.eye(len(places), dtype=bool), 0.0, np.where(np.isnan(steps), 1.0, steps))


def confusion_rows(
    sums: scoring.ScoreSums, framework: Framework, *, confidence_level: float
) -> list[dict[str, object]]:
    """Compute for each true label the share taken for each label, with its interval and its cost.

    Parameters
    ----------
    sums : ScoreSums
        By cluster.
    framework : Framework
        Gives the labels and the costs.
    confidence_level : float
        In (0, 1).

    Returns
    -------
    list of dict
        ``score`` "confusion", ``label`` (true), ``taken_for`` (predicted), ``estimate`` (share of the label's
        segments), its interval, ``cost`` (what this confusion adds to the mean cost of a segment),
        ``n_segments`` (of the label), ``n_clusters`` (that have the label), ``method``, ``reason``. A label
        that is never true has shares that are undefined, and says so.
    """
    costs, labels = cost_matrix(framework), framework.labels
    total = sums.confusion.sum()
    rows = []
    for true, of in enumerate(labels):
        held = sums.confusion[sums.confusion[:, true].sum(axis=-1) > 0][:, true]
        for taken, name in enumerate(labels):
            found = share_of(held[:, taken], held.sum(axis=-1), confidence_level)
            interval = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}
            method = SHARE_METHOD + _jackknife(found)
            about = {"n_clusters": len(held), "n_segments": int(held.sum()), "method": method}
            added = costs[true, taken] * held[:, taken].sum() / total
            row = {"score": "confusion", "label": of, "taken_for": name, "cost": added}
            rows.append({**row, **interval, **about, "reason": found.reason})
    return rows


def _jackknife(found: scoring.Score) -> str:
    return "" if found.reason else f"; delete-one-cluster jackknife, t({found.n_clusters - 1})"


def share_of(parts: np.ndarray, wholes: np.ndarray, confidence_level: float) -> scoring.Score:
    """Estimate a share from counts by cluster, with its jackknife interval or a reason.

    Parameters
    ----------
    parts, wholes : np.ndarray, shape (n_clusters,)
        Counts of what has the property, and of all.
    confidence_level : float
        In (0, 1).

    Returns
    -------
    Score
        Undefined, with the reason, where the whole is empty.
    """
    whole = wholes.sum()
    estimate = float(parts.sum() / whole) if whole else np.nan
    if np.isnan(estimate):
        return scoring.Score(np.nan, np.nan, np.nan, len(wholes), "undefined: no segment has the label")
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (parts.sum() - parts) / (whole - wholes)
    return scoring.interval(estimate, without, confidence_level, 1.0)
