"""Made-up corpora whose true shares and slope are known, to try estimators and to plan studies.

Workers differ, sessions are unequal, and a make-believe classifier errs as badly, and as unevenly over time,
as asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.codings import GOLD
from peercompare.framework import Framework

DAYS_PER_MONTH = 30.4375
START = pd.Timestamp("2022-01-01")


@dataclass(frozen=True)
class Design:
    """What to simulate.

    Parameters
    ----------
    shares : tuple of float
        True shares of the stances, in the framework's order, among stance-taking segments; they sum to 1.
    n_workers, sessions, segments : int
        Workers, sessions of each, and the middle of the number of segments in a session.
    none_share : float
        Share of segments without a stance.
    spread : float
        Concentration of workers around the shares: the larger, the more alike they are.
    slope : float
        True rise of the index for each month; half of it is taken from the first stance, half given to the
        last.
    months : float
        Length of the study.
    quality : float
        How well the predictions tell labels apart; 0 is noise.
    differential : float
        How far the classifier leans towards the last stance at the end of the study and away from it at the
        start.
    """

    shares: tuple[float, ...] = (0.4, 0.2, 0.4)
    n_workers: int = 8
    sessions: int = 6
    segments: int = 12
    none_share: float = 0.4
    spread: float = 30.0
    slope: float = 0.0
    months: float = 24.0
    quality: float = 2.0
    differential: float = 0.0


@dataclass(frozen=True)
class SimulatedCorpus:
    """The tables of a simulated corpus and the truth behind them.

    `truth` holds ``share_<stance>`` for each stance, ``share_none``, ``index`` and ``slope``.
    """

    documents: pd.DataFrame
    segments: pd.DataFrame
    codings: pd.DataFrame
    predictions: pd.DataFrame
    truth: dict[str, float]


def simulate(framework: Framework, design: Design, rng: np.random.Generator | int) -> SimulatedCorpus:
    """Draw a corpus of sessions, all of it coded, with predictions for every segment.

    Parameters
    ----------
    framework : Framework
        Any framework with as many stances as `design` has shares.
    design : Design
    rng : Generator or int seed

    Returns
    -------
    SimulatedCorpus
        Columns as in a corpus folder; workers are ``W01``, ... and two of them share a site.
    """
    rng = np.random.default_rng(rng)
    documents = _documents(design, rng)
    segments = _segments(documents, design, rng)
    months = segments["document_id"].map(documents.set_index("document_id")["months"]).to_numpy()
    worker = segments["document_id"].str[1:3].astype(int).to_numpy() - 1
    labels = _labels(design, worker, months, rng)
    codings = _codings(framework, segments["segment_id"], labels, rng)
    predictions = _predictions(framework, segments["segment_id"], labels, months, design, rng)
    documents = documents.drop(columns="months")
    return SimulatedCorpus(documents, segments, codings, predictions, _truth(framework, design))


def _documents(design: Design, rng: np.random.Generator) -> pd.DataFrame:
    """Sessions at unequal times, from three to twice the asked number of them for each worker."""
    rows = []
    for worker in range(design.n_workers):
        n_sessions = int(rng.integers(min(3, design.sessions), 2 * design.sessions - 2))
        times = np.sort(rng.uniform(0, design.months, max(n_sessions, 2)))
        for number, month in enumerate(times):
            rows.append(
                {
                    "document_id": f"D{worker + 1:02d}-{number + 1:02d}",
                    "worker_id": f"W{worker + 1:02d}",
                    "worker_role": "peer",
                    "site_id": f"S{worker // 2 + 1}",
                    "date": START + pd.Timedelta(days=round(month * DAYS_PER_MONTH)),
                    "months": month,
                }
            )
    return pd.DataFrame(rows)


def _segments(documents: pd.DataFrame, design: Design, rng: np.random.Generator) -> pd.DataFrame:
    talk = rng.lognormal(0.0, 0.5, size=design.n_workers)
    worker = documents["worker_id"].str[1:].astype(int).to_numpy() - 1
    counts = np.maximum(2, np.round(design.segments * talk[worker])).astype(int)
    document_id = np.repeat(documents["document_id"].to_numpy(), counts)
    position = np.concatenate([np.arange(1, count + 1) for count in counts])
    names = [f"{document}:{place:03d}" for document, place in zip(document_id, position, strict=True)]
    return pd.DataFrame({"segment_id": names, "document_id": document_id, "position": position})


def _labels(design: Design, worker: np.ndarray, months: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Index of each segment's label: 0 for none, then the stances."""
    own = rng.dirichlet(design.spread * np.array(design.shares), size=design.n_workers)[worker]
    pace = rng.normal(design.slope, abs(design.slope) / 2, size=design.n_workers)[worker]
    shift = pace * (months - design.months / 2) / 2
    own[:, 0] -= shift
    own[:, -1] += shift
    own = np.clip(own, 0.0, None)
    own /= own.sum(axis=1, keepdims=True)
    stance = (rng.random(len(worker))[:, None] > own.cumsum(axis=1)).sum(axis=1)
    quiet = rng.beta(10 * design.none_share, 10 * (1 - design.none_share), size=design.n_workers)[worker]
    return np.where(rng.random(len(worker)) < quiet, 0, np.minimum(stance, own.shape[1] - 1) + 1)


def _codings(
    framework: Framework, segment_id: pd.Series, labels: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    dimension = rng.integers(0, len(framework.dimension_ids), size=len(labels))
    by_stance = np.array(
        [
            [code for code in framework.code_ids if framework.stance_of(code) == stance]
            for stance in framework.stance_ids
        ]
    )
    codes = np.where(labels == 0, framework.none.id, by_stance[np.maximum(labels - 1, 0), dimension])
    return pd.DataFrame(
        {
            "segment_id": segment_id.to_numpy(),
            "coder_id": GOLD,
            "code": codes,
            "is_primary": True,
            "tags": "",
            "memo": "",
        }
    )


def _predictions(
    framework: Framework,
    segment_id: pd.Series,
    labels: np.ndarray,
    months: np.ndarray,
    design: Design,
    rng: np.random.Generator,
) -> pd.DataFrame:
    truth = np.eye(len(framework.labels))[labels]
    logits = design.quality * truth + rng.normal(size=truth.shape)
    logits[:, -1] += design.differential * (2 * months / design.months - 1)
    odds = np.exp(logits)
    table = pd.DataFrame(odds / odds.sum(axis=1, keepdims=True), columns=list(framework.labels))
    table.insert(0, "segment_id", segment_id.to_numpy())
    table.insert(1, "fold", 0)
    table.insert(2, "model_id", "simulated")
    return table


def _truth(framework: Framework, design: Design) -> dict[str, float]:
    truth = {
        f"share_{stance}": share for stance, share in zip(framework.stance_ids, design.shares, strict=True)
    }
    truth[f"share_{framework.none.id}"] = design.none_share
    values = [stance.value for stance in framework.stances]
    truth["index"] = float(np.dot(values, design.shares))
    truth["slope"] = design.slope
    return truth
