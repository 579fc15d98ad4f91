"""Other ways to count the same codings, so that a reader sees what a choice does to a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.codings import dimensions, has_tag, stances, tie_shares
from peercompare.framework import Framework

CONTESTED = "contested"
VARIANTS = ("as_coded", "without_required", "ties_split", CONTESTED)
"""As coded; without segments that law or payer requires; with ties between two stances split (rule 8); as the
workers who spoke contest it."""


@dataclass(frozen=True)
class Counted:
    """What each segment counts for; arrays have a row for each segment.

    Parameters
    ----------
    shares : ndarray of shape (n_segments, n_labels)
        For each label in the framework's order; all 0 where the segment is left out, or is not coded.
    dimensions : ndarray of object, shape (n_segments,)
        The dimension that it counts in; missing where its code has none.
    taking : ndarray of bool, shape (n_segments,)
        Whether it takes a stance, as coded or as counted.
    changed : ndarray of bool, shape (n_segments,)
        Whether it is counted otherwise than as coded.
    """

    shares: np.ndarray
    dimensions: np.ndarray
    taking: np.ndarray
    changed: np.ndarray


def count_as(
    variant: str,
    codes: pd.Series,
    own: pd.DataFrame,
    framework: Framework,
    *,
    contests: pd.DataFrame | None = None,
) -> Counted:
    """Say what segments count for under a variant.

    Parameters
    ----------
    variant : str
        One of `VARIANTS`. ``without_required`` and ``contested`` leave segments out where they give them no
        weight; under ``contested`` the code that the worker proposes stands, dimension and all, and a segment
        without a proposed code is left out.
    codes : Series of str
        Primary codes by ``segment_id``; missing where not coded.
    own : DataFrame
        The codings that the codes were taken from, for tags and ties.
    framework : Framework
    contests : DataFrame, optional
        ``segment_id``, ``proposed_code`` ("" where none is proposed).

    Returns
    -------
    Counted
    """
    plain = _one_hot(codes, framework)
    place = dimensions(codes, framework).to_numpy(dtype=object)
    shares, moved = plain, place
    if variant == "ties_split":
        shares = _with_ties_split(plain, own, codes.index, framework)
    elif variant == "without_required":
        shares = np.where(_required(own, codes.index, framework)[:, None], 0.0, plain)
    elif variant == CONTESTED and contests is not None:
        standing = _as_contested(codes, contests)
        shares, moved = _one_hot(standing, framework), dimensions(standing, framework).to_numpy(dtype=object)
    known = codes.notna().to_numpy()
    # Missing is unlike itself, and so both dimensions are put into words before they are compared.
    elsewhere = (pd.Series(moved).fillna("") != pd.Series(place).fillna("")).to_numpy()
    return Counted(
        shares,
        moved,
        taking=known & ((plain[:, 1:].sum(axis=1) > 0) | (shares[:, 1:].sum(axis=1) > 0)),
        changed=known & ((np.abs(shares - plain).max(axis=1) > 0) | elsewhere),
    )


def _one_hot(codes: pd.Series, framework: Framework) -> np.ndarray:
    """Return 1 under the label of each code, and nothing but 0 where there is none."""
    labels = stances(codes, framework).to_numpy()
    return np.column_stack([labels == label for label in framework.labels]).astype(float)


def _as_contested(codes: pd.Series, contests: pd.DataFrame) -> pd.Series:
    """Return the codes with those proposed in the place of contested ones; missing where none is."""
    proposed = contests.set_index("segment_id")["proposed_code"].reindex(codes.index)
    touched = proposed.notna() & codes.notna()
    return codes.where(~touched, proposed.where(proposed != ""))


def _with_ties_split(
    shares: np.ndarray, own: pd.DataFrame, segment_id: pd.Index, framework: Framework
) -> np.ndarray:
    """Return the shares with those of ties parted between their stances."""
    split = tie_shares(own, framework).reindex(index=segment_id, columns=list(framework.labels))
    return np.where(split.notna().all(axis=1).to_numpy()[:, None], split.to_numpy(dtype=float), shares)


def _required(own: pd.DataFrame, segment_id: pd.Index, framework: Framework) -> np.ndarray:
    """Say which segments carry a tag that says that law or payer demands the act."""
    outside = [tag.id for tag in framework.tags if tag.outside_control]
    return segment_id.isin(_tagged(own, outside))


def _tagged(own: pd.DataFrame, tags: Sequence[str]) -> pd.Index:
    """Ids of the segments that carry any of the tags."""
    tagged = has_tag(own, tags)
    return tagged.index[tagged.to_numpy(dtype=bool)]
