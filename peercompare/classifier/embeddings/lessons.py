"""What coded rows teach: each different text once, with the shares of its votes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Lesson(NamedTuple):
    """What is learned: different texts (or texts with documents), their votes' shares, and their weights."""

    texts: list[Any]
    shares: np.ndarray
    weights: np.ndarray


def lesson_of(texts: Sequence[Hashable], codes: np.ndarray, weights: np.ndarray) -> Lesson:
    """Gather the rows of each text: a text that coders read differently is learned once, with soft labels."""
    of_text = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    votes = np.zeros((len(of_text), codes.max() + 1))
    np.add.at(votes, ([of_text[text] for text in texts], codes), weights)
    totals = votes.sum(axis=1)
    kept = totals > 0
    return Lesson(
        [text for text, keep in zip(of_text, kept, strict=True) if keep],
        votes[kept] / totals[kept, None],
        totals[kept],
    )
