"""Which segments to buy codes for: a seeded probability sample whose probabilities are written down."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.errors import InputError

MIN_PER_STRATUM = 2


def draw_sample(
    segments: pd.DataFrame,
    *,
    strata: str,
    share: float,
    rng: np.random.Generator | int,
    at_least: int = MIN_PER_STRATUM,
) -> pd.DataFrame:
    """Draw segments at random within each worker or employer.

    Within a stratum every segment has the same known probability, so any estimate can be put right with it.
    A convenience sample has no such numbers, and no estimator can rescue it.

    Parameters
    ----------
    segments : DataFrame
        ``segment_id`` and the column of the strata, one row a segment.
    strata : str
        Column of the clusters, e.g. ``worker_id``.
    share : float
        Share of each stratum to draw, in (0, 1].
    rng : Generator or int seed
    at_least : int, default 2
        Fewest segments in a stratum (all of it where it is smaller).

    Returns
    -------
    DataFrame
        ``segment_id``, ``stratum``, ``pi`` (number drawn over number there) and ``sampled`` (bool), in the
        order of `segments`. The draw does not depend on that order.

    Raises
    ------
    InputError
        When the share is outside (0, 1], the column is absent, or segments lack a stratum.

    Examples
    --------
    >>> table = pd.DataFrame({"segment_id": list("abcdef"), "worker_id": ["W1"] * 4 + ["W2"] * 2})
    >>> sample = draw_sample(table, strata="worker_id", share=0.5, rng=1)
    >>> sample.groupby("stratum")["sampled"].sum().to_dict(), sample["pi"].tolist()
    ({'W1': 2, 'W2': 2}, [0.5, 0.5, 0.5, 0.5, 1.0, 1.0])
    """
    if not 0 < share <= 1:
        raise InputError(f"the share to draw must lie in (0, 1], not {share}")
    check_strata(segments, strata)
    rng = np.random.default_rng(rng)
    key = deal_keys(segments, strata, rng)
    _, group, sizes = np.unique(segments[strata].to_numpy(str), return_inverse=True, return_counts=True)
    wanted = np.minimum(np.maximum(np.round(share * sizes), at_least), sizes)
    order = np.lexsort((key, group))
    rank = np.empty(len(key))
    rank[order] = np.arange(len(key)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return pd.DataFrame(
        {
            "segment_id": segments["segment_id"].to_numpy(),
            "stratum": segments[strata].to_numpy(),
            "pi": (wanted / sizes)[group],
            "sampled": rank < wanted[group],
        }
    )


def check_strata(segments: pd.DataFrame, strata: str) -> None:
    """Raise where segments cannot be drawn within a column.

    Raises
    ------
    InputError
        Where the column is absent, or segments lack a stratum.
    """
    if strata not in segments:
        raise InputError(f"there is no column {strata!r} to draw within")
    if segments[strata].isna().any():
        raise InputError(f"{int(segments[strata].isna().sum())} segments have no {strata}")


def deal_keys(segments: pd.DataFrame, strata: str, rng: np.random.Generator) -> np.ndarray:
    """Deal each segment a random key, in the order of names: the order of rows makes no difference.

    Returns
    -------
    ndarray of shape (n_segments,)
        Uniform in [0, 1).
    """
    names, stratum = segments["segment_id"].to_numpy(str), segments[strata].to_numpy(str)
    key = np.empty(len(names))
    key[np.lexsort((names, stratum))] = rng.random(len(names))
    return key
