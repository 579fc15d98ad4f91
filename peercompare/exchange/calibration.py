"""In what units a tool counted positions: inferred from the quotes of the selections, or not at all.

One of the twelve conventions of `peercompare.exchange.counting` is taken only where every convention that
explains all quotes places every selection in the same spot; no guess ever moves a coding.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peercompare.exchange.counting import BOM, CONVENTIONS, Convention, Placement, Ruler

ELLIPSES = ("\u2026", "...", "[\u2026]", "[...]")
"""How tools mark a quote that they cut short."""


@dataclass(frozen=True)
class Score:
    """How well a convention fits a source: quotes that it explains, starts and ends on word edges."""

    convention: str
    n_verified: int
    n_word_edges: int
    n_word_ends: int = 0


@dataclass(frozen=True)
class SourceCalibration:
    """How the positions of one source were understood.

    Parameters
    ----------
    source_id, source : str
        Which source.
    status : {"quotes", "any", "named", "known", "own", "refused", "empty"}
        Settled by the quotes; without need of them, since all conventions agree; named by the user; known
        of the tool; by identifiers that show the positions as peercompare wrote them; not settled; nothing
        to place.
    convention : str
        Id of the convention used; ``""`` where refused.
    n_selections, n_quoted, n_verified : int
        Selections, those with a quote, and those whose quote stands where the convention puts them.
    scores : tuple of Score
        Every convention's score, in the order of `CONVENTIONS`.
    suggestion : str
        Where refused, the convention whose selections start on word edges most often, if one leads; among
        those that start so equally often, the one whose selections end so most often.
    undecided : tuple of int
        Where refused, indices of the selections whose place depends on the convention.
    ruled_out : str
        Where refused although the user named a convention: the one named, against which quotes speak.
    """

    source_id: str
    source: str
    status: str
    convention: str
    n_selections: int
    n_quoted: int
    n_verified: int
    scores: tuple[Score, ...] = ()
    suggestion: str = ""
    undecided: tuple[int, ...] = ()
    ruled_out: str = ""

    def __str__(self) -> str:
        if self.status == "empty":
            return f"{self.source}: no selections"
        if self.status == "refused":
            return f"{self.source}: no convention can be told; {self.advice()}"
        counted = f"{self.n_verified} of {self.n_selections} selections verified by quote"
        return f"{self.source}: {CONVENTIONS[self.convention]} ({self.status}); {counted}"

    def advice(self) -> str:
        """Return the suggestion with its score beside the others', in words."""
        edges = {score.convention: score.n_word_edges for score in self.scores}
        if self.ruled_out:
            return f"its quotes speak against {self.ruled_out}; they leave {', '.join(self.left())}"
        if not self.suggestion:
            tie = "none of the twelve starts or ends on word edges more often than another"
            return f"{tie}; the quotes leave {', '.join(self.left())}" if self.left() else tie
        best = next(score for score in self.scores if score.convention == self.suggestion)
        alike = [score for score in self.scores if score.n_word_edges == best.n_word_edges]
        rest = max((n for n in edges.values() if n < best.n_word_edges), default=0)
        words = f"{self.suggestion} ({CONVENTIONS[self.suggestion]})"
        starts = f"starts on word edges {_times(best.n_word_edges)} of {self.n_selections}"
        fewer = max(
            (score.n_word_ends for score in alike if score.n_word_ends < best.n_word_ends), default=-1
        )
        if fewer >= 0:
            ends = f"ends on them {_times(best.n_word_ends)}, the others that start so {_times(fewer)}"
            return f"{words} {starts} and {ends} or fewer"
        return f"{words} {starts}, every other {_times(rest)} or fewer"

    def left(self) -> tuple[str, ...]:
        """Return the conventions that explain every quote; none where there is no quote, or no such one."""
        every = (score.convention for score in self.scores if score.n_verified == self.n_quoted)
        return tuple(every) if self.n_quoted else ()


def calibrate(
    ruler: Ruler,
    starts: Sequence[int],
    ends: Sequence[int],
    quotes: Sequence[str],
    *,
    convention: Convention | None = None,
    source_id: str = "",
    source: str = "",
) -> tuple[SourceCalibration, Placement | None]:
    """Tell how the selections of one source were counted, and place them.

    A convention explains a quote where the stretch that it gives reads like the quote, blanks between words
    and Unicode normalisation aside; a quote that ends in an ellipsis need only begin like the stretch.
    Selections without a quote explain nothing and must be placed alike by all that remain.

    Parameters
    ----------
    ruler : Ruler
        The scales of the source's text.
    starts, ends : sequence of int, length n_selections
        Positions as the tool counted them.
    quotes : sequence of str, length n_selections
        What each selection is said to read; ``""`` where the tool does not say.
    convention : Convention, optional
        Known: it is used whatever the quotes say, which are still counted. What a user names is less than
        that; see `peercompare.exchange.naming`.
    source_id, source : str
        For the report.

    Returns
    -------
    calibration : SourceCalibration
        Its `status` is "refused" where nothing could be settled.
    placement : Placement or None
        None where refused. Selections that are not `sound` lie past the text or inside a character.
    """
    trial = _Trial(ruler, starts, ends, quotes)
    about = {"source_id": source_id, "source": source, **trial.counts()}
    if not len(trial.starts):
        return SourceCalibration(status="empty", convention="", n_verified=0, **about), trial.placed(None)
    if convention is not None:
        placement = trial.placed(convention)
        n_verified = int(trial.verified(placement).sum())
        report = SourceCalibration(status="named", convention=convention.id, n_verified=n_verified, **about)
        return report, placement
    alike = ruler.alike()
    placements = {name: trial.placed(CONVENTIONS[name]) for name in dict.fromkeys(alike.values())}
    explain = [name for name, each in placements.items() if trial.explains(each)]
    undecided = trial.undecided([placements[name] for name in explain])
    if explain and not undecided.any():
        status = "quotes" if len(explain) < len(placements) or trial.quoted.all() else "any"
        about["n_verified"] = about["n_quoted"]
        report = SourceCalibration(status=status, convention=explain[0], **about)
        return report, placements[explain[0]]
    return _refusal(trial, alike, placements, explain, undecided, about), None


SAMPLE = 64
"""How many selections are tried first, to rule most conventions out."""


class _Trial:
    """The selections of one source, to be held against conventions."""

    def __init__(
        self, ruler: Ruler, starts: Sequence[int], ends: Sequence[int], quotes: Sequence[str]
    ) -> None:
        self._ruler = ruler
        self.starts, self.ends = np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)
        self.quotes = quotes
        self.quoted = np.array([quote.strip() != "" for quote in quotes], dtype=bool)

    def counts(self) -> dict[str, int]:
        """Return how many selections there are, and how many with a quote."""
        return {"n_selections": len(self.quotes), "n_quoted": int(self.quoted.sum())}

    def placed(self, convention: Convention | None) -> Placement:
        """Return where a convention puts the selections; any will do where there are none."""
        return self._ruler.place(self.starts, self.ends, convention or next(iter(CONVENTIONS.values())))

    def verified(self, placement: Placement, which: np.ndarray | None = None) -> np.ndarray:
        """Say of some selections whether their quotes stand where they are put; no quote never does."""
        which = np.arange(len(self.quotes)) if which is None else which
        text, quotes = self._ruler.text, self.quotes
        places = (each.tolist() for each in (which, placement.starts[which], placement.ends[which]))
        rows = zip(*places, strict=True)
        same = [text[a:b] == quotes[at] or _reads(text[a:b], quotes[at]) for at, a, b in rows]
        return np.array(same, dtype=bool) & self.quoted[which] & placement.sound[which]

    def explains(self, placement: Placement) -> bool:
        """Say whether a placement explains all quotes; a few that lie apart are tried first."""
        which = np.flatnonzero(self.quoted)
        few = which[:: len(which) // SAMPLE + 1]
        return all(self.verified(placement, each).all() for each in (few[-2:], few, which))

    def undecided(self, placements: Sequence[Placement]) -> np.ndarray:
        """Say which selections the placements that explain all quotes do not place alike."""
        if not placements:
            return np.ones(len(self.quotes), dtype=bool)
        alike = [placements[0].same_as(other) for other in placements[1:]]
        return ~np.all(alike, axis=0) if alike else np.zeros(len(self.quotes), dtype=bool)

    def word_edges(self, placement: Placement) -> tuple[int, int]:
        """Count the selections that start on a word edge, and those that end on one."""
        return _word_edges(self._ruler.text, placement), _word_ends(self._ruler.text, placement)


def _refusal(
    trial: _Trial,
    alike: dict[str, str],
    placements: dict[str, Placement],
    explain: list[str],
    undecided: np.ndarray,
    about: dict,
) -> SourceCalibration:
    """Return the report of a source that stays unsettled, with every convention's score."""
    verified = {name: trial.verified(each) for name, each in placements.items()}
    if not explain:
        contradicted = trial.quoted & ~np.any(list(verified.values()), axis=0)
        undecided = contradicted if contradicted.any() else undecided
    edges = {name: trial.word_edges(each) for name, each in placements.items()}
    scores = tuple(Score(name, int(verified[one].sum()), *edges[one]) for name, one in alike.items())
    return SourceCalibration(
        status="refused", convention="", n_verified=max(int(each.sum()) for each in verified.values()),
        scores=scores, suggestion=_suggestion(scores, explain, alike),
        undecided=tuple(np.flatnonzero(undecided).tolist()), **about,
    )  # fmt: skip


def _reads(words: str, quote: str) -> bool:
    """Say whether a stretch of text reads like a quote that may have been cut short."""
    words, quote = _plain(words), _plain(quote)
    if words == quote:
        return True
    for mark in ELLIPSES:
        if quote.endswith(mark):
            stem = quote.removesuffix(mark).rstrip()
            return bool(stem) and words.startswith(stem)
    return False


def _plain(words: str) -> str:
    """Return words with single blanks between them, in the composed form of Unicode.

    XML turns line ends in an attribute to blanks, and tools trim what they quote.
    """
    return unicodedata.normalize("NFC", " ".join(words.replace(BOM, "").split()))


def _word_edges(text: str, placement: Placement) -> int:
    """Count the selections that start on a word: on no blank, after a blank or at the start of the text."""
    starts = placement.starts[placement.sound].tolist()
    return sum(
        start < len(text) and not text[start].isspace() and (start == 0 or text[start - 1].isspace())
        for start in starts
    )


def _times(count: int) -> str:
    """Return how often, in words."""
    return f"{count} time{'' if count == 1 else 's'}"


def _word_ends(text: str, placement: Placement) -> int:
    """Count the selections that end on a word: behind no blank, before what is no letter or digit."""
    ends = placement.ends[placement.sound].tolist()
    return sum(
        0 < end <= len(text) and not text[end - 1].isspace() and (end == len(text) or not text[end].isalnum())
        for end in ends
    )


def _suggestion(scores: tuple[Score, ...], explain: list[str], alike: dict[str, str]) -> str:
    """Return what leads by word edges among the conventions that the quotes leave, or ``""``."""
    left = [score for score in scores if alike[score.convention] == score.convention]
    if explain:
        left = [score for score in left if score.convention in explain]
    edges = {score.convention: (score.n_word_edges, score.n_word_ends) for score in left}
    ranked = sorted(left, key=lambda score: edges[score.convention], reverse=True)
    if len(ranked) > 1 and edges[ranked[0].convention] == edges[ranked[1].convention]:
        return ""
    return ranked[0].convention if ranked and ranked[0].n_word_edges else ""
