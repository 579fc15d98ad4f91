"""Variance components from what one expects of a study, where there is no pilot yet."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from peercompare.drift.planning import Components
from peercompare.errors import InputError, Problem

INDEX = "index"

RANGES: Mapping[str, tuple[float, float]] = {
    "value": (-1.0, 1.0),
    "middle": (0.0, 1.0),
    "stance_taking": (0.01, 1.0),
    "worker_sd": (0.0, 1.0),
    "slope_sd": (0.0, 1.0),
    "session_sd": (0.0, 1.0),
    "explained": (0.0, 0.99),
    "error_icc": (0.0, 1.0),
    "unevenness": (0.0, 5.0),
}
"""What each number may be."""


@dataclass(frozen=True)
class Assumptions:
    """What one expects of the people and the predictions, before anything is coded.

    Parameters
    ----------
    estimand : str, default "share"
        ``index``, or a share: the word stands on the tables.
    value : float, default 0.25
        Expected share (0 to 1) or index (-1 to 1).
    middle : float, default 0.0
        For the index: the share of stances between the ends, which count 0.
    stance_taking : float, default 0.6
        Share of segments that take a stance: only these are in a share's denominator.
    worker_sd : float, default 0.1
        How far workers' own values lie apart (standard deviation).
    slope_sd : float, default 0.0
        How far workers' own slopes lie apart, per unit of time.
    session_sd : float, default 0.05
        How far sessions of one worker lie apart.
    explained : float, default 0.3
        Part of the codings' variance that predictions explain; 0 is no classifier.
    error_icc : float, default 0.05
        How alike errors of prediction are within a session.
    unevenness : float, default 0.3
        Coefficient of variation of workers' numbers of segments.

    Raises
    ------
    InputError
        Names every number outside its range.
    """

    estimand: str = "share"
    value: float = 0.25
    middle: float = 0.0
    stance_taking: float = 0.6
    worker_sd: float = 0.1
    slope_sd: float = 0.0
    session_sd: float = 0.05
    explained: float = 0.3
    error_icc: float = 0.05
    unevenness: float = 0.3

    def __post_init__(self) -> None:
        """Check every number, and that a segment's variance leaves room for workers and sessions."""
        problems = [
            Problem(name, f"{getattr(self, name)!r} is not allowed", f"a number from {low:g} to {high:g}")
            for name, (low, high) in RANGES.items()
            if not _within(getattr(self, name), low, high)
        ]
        if not problems and self.estimand != INDEX and self.value < 0:
            problems.append(Problem("value", f"a share of {self.value:g}", "from 0 to 1; or estimand index"))
        if not problems and self._inner() <= 0:
            problems.append(
                Problem(
                    "worker_sd, session_sd",
                    f"people would differ by more than {self.estimand} of {self.value:g} allows",
                    "make them smaller, or bring the value nearer to the middle of its scale",
                )
            )
        if problems:
            raise InputError("A study cannot be planned from these assumptions", problems)

    def components(self) -> Components:
        """Turn the assumptions into variance components.

        A segment that takes a stance varies by ``p (1 - p)`` for a share and by ``1 - middle - value**2`` for
        the index; divided by the share that takes a stance this is the variance of a segment's part.

        Returns
        -------
        Components
            Its `source` is the assumptions in words.

        Examples
        --------
        >>> made = Assumptions(value=0.222, stance_taking=1.0, worker_sd=0, session_sd=0, explained=0)
        >>> round(made.components().error, 3), round(made.components().within, 3)
        (0.173, 0.173)
        """
        return Components(
            self.estimand,
            between=self.worker_sd**2,
            between_slope=self.slope_sd**2,
            session=self.session_sd**2,
            within=self._inner(),
            error=self._spread() * (1 - self.explained),
            error_icc=self.error_icc,
            unevenness=self.unevenness,
            source=self.words,
        )

    @property
    def words(self) -> str:
        """The assumptions in a line."""
        numbers = (f"{name} {getattr(self, name):g}" for name in RANGES if name != "middle" or self.middle)
        return f"assumed: {self.estimand}, {', '.join(numbers)}"

    def _spread(self) -> float:
        one = 1 - self.middle - self.value**2 if self.estimand == INDEX else self.value * (1 - self.value)
        return one / self.stance_taking

    def _inner(self) -> float:
        return self._spread() - self.worker_sd**2 - self.session_sd**2


def _within(value: object, low: float, high: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return number and low <= value <= high


def assumptions_from(found: Mapping[str, object], *, where: str = "assumptions") -> Assumptions:
    """Make assumptions of names and values; what is not named keeps its default.

    Parameters
    ----------
    found : mapping of str to object
        Names are those of `Assumptions`.
    where : str, default "assumptions"
        What to call the place that they stand in.

    Returns
    -------
    Assumptions
        Checked; what `found` does not name has its default.

    Raises
    ------
    InputError
        For unknown names (the nearest right one is named) and for values that are not allowed.
    """
    known = [field.name for field in fields(Assumptions)]
    problems = []
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(known)}"
            problems.append(Problem(where, f"unknown name {name!r}", hint))
    if not isinstance(found.get("estimand", ""), str):
        problems.append(Problem(where, "estimand is not a word", '"share" or "index"'))
    try:
        made = Assumptions(**{name: value for name, value in found.items() if name in known})
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError("A study cannot be planned from these assumptions", problems)
    return made


def read_assumptions(path: str | Path) -> dict[str, object]:
    """Read names and values of assumptions from a TOML file of ``name = number`` lines.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to object
        For `assumptions_from`.

    Raises
    ------
    InputError
        Where the file is absent or not TOML, or names something that is no assumption.
    """
    path = Path(path)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"There is no file of assumptions at {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        summary = f"{path} is not a readable TOML file: {error}"
        raise InputError(summary, remedy="write name = number") from None
    assumptions_from(found, where=path.name)
    return found
