"""A student's worksheet: questions on a study, and answers that are checked against what its tables say.

The right answers stand nowhere: each is worked out when it is asked for, from twelve codes that are made up
for the worksheet's seed, or from the study's published tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

__all__ = ["Checked", "Worksheet", "practice_codes"]

N_PRACTICE = 12
OVERLAP_HIGH = 0.25
"""Where the middle stance is put on the axis for the index with overlap counted towards its end."""

YES_OR_NO = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}


class Tables(Protocol):
    """What holds a study's tables, such as `peercompare.study.Results`."""

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name."""


@dataclass(frozen=True)
class Checked:
    """What became of one answer.

    Parameters
    ----------
    question : str
        Its name.
    right : bool or None
        None where there was no answer, or where the study gives none to hold it against.
    words : str
        What to tell the student; never the right answer itself.
    """

    question: str
    right: bool | None
    words: str

    def __repr__(self) -> str:
        """Show the words alone, as a notebook does with a cell's last value."""
        return self.words


@dataclass(frozen=True)
class Question:
    """What is asked, how near an answer must come, and how the right one is worked out."""

    words: str
    tolerance: float
    work_out: Callable[[Worksheet], float]
    is_yes_or_no: bool = False


def practice_codes(framework: Framework, seed: int) -> pd.DataFrame:
    """Make up what two coders say of twelve segments: for sums by hand, about nobody.

    Parameters
    ----------
    framework : Framework
        Its stances and its label for none are dealt out.
    seed : int
        The same seed gives the same codes.

    Returns
    -------
    DataFrame
        Columns `segment` (1 to 12), `coder_a`, `coder_b`. Every label occurs with coder A, and the coders
        part on two to four segments.
    """
    rng = np.random.default_rng([N_PRACTICE, seed])
    labels = [framework.none.id, *framework.stance_ids]
    first = rng.permutation(np.concatenate([labels, rng.choice(labels, N_PRACTICE - len(labels))]))
    second = first.copy()
    for place in rng.choice(N_PRACTICE, size=rng.integers(2, 5), replace=False):
        second[place] = rng.choice([label for label in labels if label != first[place]])
    return pd.DataFrame({"segment": range(1, N_PRACTICE + 1), "coder_a": first, "coder_b": second})


@dataclass(frozen=True)
class Worksheet:
    """Questions on a study, with answers that can be checked.

    Parameters
    ----------
    framework : Framework
    results : Tables
        The study's results; `table` is called with names of its published tables.
    corpus : str
        Which corpus the questions are about.
    seed : int, default 1
        Of the twelve practice codes: give each student another.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> sheet = Worksheet(read_framework("deegan2017"), results=None, corpus="")
    >>> sheet.check_answer("segments_with_a_stance", 40)
    segments_with_a_stance: too high, by about 30. Try again.
    >>> sheet.check_answer("index", None)
    index: not answered yet.
    """

    framework: Framework
    results: Tables
    corpus: str
    seed: int = 1

    @property
    def practice(self) -> pd.DataFrame:
        """The twelve codes that the first questions are about."""
        return practice_codes(self.framework, self.seed)

    def questions(self) -> pd.DataFrame:
        """List the questions: their names, what they ask, and how near an answer must come."""
        rows = [(name, asked.words, asked.tolerance) for name, asked in QUESTIONS.items()]
        return pd.DataFrame(rows, columns=["question", "words", "tolerance"])

    def check_answer(self, question: str, answer: object, *, tolerance: float | None = None) -> Checked:
        """Say whether an answer is right, and if it is not, about how far off and to which side.

        Parameters
        ----------
        question : str
            A name from `questions`.
        answer : number, str or None
            A number; words such as ``"42%"`` or ``"-0.07"``; yes or no where that is asked; None: no answer.
        tolerance : float, optional
            How near the answer must come. Default: the question's own, half of the last place asked for.

        Returns
        -------
        Checked

        Raises
        ------
        InputError
            Where there is no such question, or the answer is no number where one is asked for.
        """
        if question not in QUESTIONS:
            raise InputError(
                f"There is no question {question!r}", remedy=f"the questions are {', '.join(QUESTIONS)}"
            )
        asked = QUESTIONS[question]
        if answer is None:
            return Checked(question, None, f"{question}: not answered yet.")
        given = _as_number(question, answer, asked)
        try:
            off = given - asked.work_out(self)
        except UndefinedError as error:
            return Checked(question, None, f"{question}: this study gives no answer. {error}")
        near = asked.tolerance if tolerance is None else tolerance
        if abs(off) <= near + 1e-12:
            return Checked(question, True, f"{question}: right.")
        if asked.is_yes_or_no:
            return Checked(question, False, f"{question}: no. Look at both ends of the interval.")
        side = "high" if off > 0 else "low"
        return Checked(
            question, False, f"{question}: too {side}, by about {float(f'{abs(off):.1g}'):g}. Try again."
        )


def _as_number(question: str, answer: object, asked: Question) -> float:
    """Read an answer as a number, or say which forms it may have."""
    text = str(answer).strip().lower().replace("−", "-")
    if asked.is_yes_or_no:
        if text in YES_OR_NO:
            return YES_OR_NO[text]
        raise InputError(f"{question}: {answer!r} is not yes or no", remedy="answer 'yes' or 'no'")
    share = text.endswith("%")
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = np.nan
    if isinstance(answer, bool) or not np.isfinite(value):
        remedy = "answer with a number, such as 0.42, '42%' or -0.07"
        raise InputError(f"{question}: {answer!r} is not a number", remedy=remedy)
    return value / 100 if share else value


def _counts(sheet: Worksheet) -> list[int]:
    """Count coder A's stances, in the framework's order."""
    given = sheet.practice["coder_a"]
    return [int((given == stance).sum()) for stance in sheet.framework.stance_ids]


def _end_share(sheet: Worksheet) -> float:
    counts = _counts(sheet)
    return counts[-1] / sum(counts)


def _index(sheet: Worksheet, *, overlap: float = 0.0) -> float:
    counts = _counts(sheet)
    return (counts[-1] - counts[0] + overlap * sum(counts[1:-1])) / sum(counts)


def _alike(sheet: Worksheet) -> float:
    return float((sheet.practice["coder_a"] == sheet.practice["coder_b"]).mean())


def _row(sheet: Worksheet, table: str, **where: str) -> pd.Series:
    """Return the one row of a table that a question is about.

    Raises
    ------
    UndefinedError
        Where there is no such row, with the row's own reason where there is no number in it.
    """
    rows = sheet.results.table(table)
    for column, value in {"corpus": sheet.corpus, **where}.items():
        rows = rows[rows[column].fillna("") == value]
    if len(rows) != 1:
        raise UndefinedError(f"The table {table} has no such row for {sheet.corpus}.")
    row = rows.iloc[0]
    if pd.isna(row["estimate"]):
        raise UndefinedError(f"The table {table} says: {row['reason']}")
    return row


def _estimate(sheet: Worksheet, estimand: str) -> pd.Series:
    """Return the row of an estimate for the whole corpus as coded, which must have an interval."""
    whole = {"group_by": "all", "dimension": "all", "variant": "as_coded", "labels": "all_codings"}
    row = _row(sheet, "estimates", estimand=estimand, **whole)
    if pd.isna(row["lower"]):
        raise UndefinedError(f"The table estimates says: {row['reason']}")
    return row


def _width(sheet: Worksheet) -> float:
    row = _estimate(sheet, "index")
    return float(row["upper"] - row["lower"])


def _holds_zero(sheet: Worksheet) -> float:
    row = _estimate(sheet, "slope")
    return float(row["lower"] <= 0 <= row["upper"])


def _alpha(sheet: Worksheet) -> float:
    where = {"scope": "overall", "level": "stance", "coefficient": "alpha"}
    return float(_row(sheet, "agreement", **where)["estimate"])


def _lead(sheet: Worksheet) -> float:
    of = {"score": "macro_f1", "truth": "gold", "label": ""}
    model, plain = (_row(sheet, "scores", model=name, **of)["estimate"] for name in ("ngram", "majority"))
    return float(model - plain)


QUESTIONS = {
    "segments_with_a_stance": Question(
        "By hand: to how many of the twelve segments did coder A give a stance?",
        0,
        lambda sheet: sum(_counts(sheet)),
    ),
    "share_of_the_last_stance": Question(
        "By hand: which share of coder A's segments with a stance has the last stance?", 0.005, _end_share
    ),
    "index": Question("By hand: what is the index of coder A's codes?", 0.005, _index),
    "index_with_overlap_higher": Question(
        "By hand: what is it if overlap counts a quarter of the way to the last stance?",
        0.005,
        lambda sheet: _index(sheet, overlap=OVERLAP_HIGH),
    ),
    "raw_agreement": Question(
        "By hand: on which share of all twelve segments do both coders say the same?", 0.005, _alike
    ),
    "alpha": Question(
        "From the table of agreement: what is alpha of the coders on the stance, overall?", 0.005, _alpha
    ),
    "width_of_the_interval": Question(
        "From the table of estimates: how wide is the interval of the index of the whole corpus?",
        0.005,
        _width,
    ),
    "clusters": Question(
        "On how many workers or employers does that interval rest?",
        0,
        lambda sheet: float(_estimate(sheet, "index")["n_clusters"]),
    ),
    "slope_may_be_zero": Question(
        "Does the interval of the slope hold zero? (yes or no)", 0, _holds_zero, is_yes_or_no=True
    ),
    "lead_of_the_classifier": Question(
        "From the table of scores: by how much is macro-F1 of the classifier above that of always naming the "
        "commonest label?",
        0.005,
        _lead,
    ),
}
"""By name, in the order of the worksheet."""
