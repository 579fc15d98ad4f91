"""What a figure says to somebody who does not see it: alt text, summary, caption and the data behind it.

All of it is written from the rows that were drawn, so that it cannot disagree with the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

WAIVER = "Composed corpus: rests on fewer than five workers; would be withheld for real people"
"""Printed on every figure that shows a cell which only a composed corpus may show."""

_ATTRIBUTE = "_peercompare_texts"
_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w])")


@dataclass(frozen=True)
class FigureText:
    """The words that go with a figure.

    Parameters
    ----------
    title : str
        What is shown.
    alt : str
        A few sentences for the ``alt`` attribute: kind of chart, what is on it, its main pattern.
    caption : str
        Numbers of segments, documents and clusters, estimand, method and confidence level.
    summary : str
        Every value that is drawn, in words, one line for each row.
    data : DataFrame
        The rows that were drawn.
    """

    title: str
    alt: str
    caption: str
    summary: str
    data: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)


def attach_text(axes: Axes | Sequence[Axes], text: FigureText) -> None:
    """Fasten the words to the figure of their axes; drawing again on the same axes replaces them."""
    first = axes if isinstance(axes, Axes) else axes[0]
    figure = first.get_figure(root=True)
    texts = getattr(figure, _ATTRIBUTE, None)
    if texts is None:
        texts = {}
        setattr(figure, _ATTRIBUTE, texts)
    texts[id(first)] = text


def get_text(figure: Figure | Axes | Sequence[Axes]) -> FigureText:
    """Return the words of a figure, or of the figure that an axes (or the first of several) stands in.

    Where several charts share one figure their words follow one another.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        A chart's return value will do.

    Returns
    -------
    FigureText
        Its `data` hold the rows of all charts of the figure, one chart under the other.

    Raises
    ------
    LookupError
        Where nothing drew on the figure that left words.
    """
    texts = list(getattr(root_figure(figure), _ATTRIBUTE, {}).values())
    if not texts:
        raise LookupError("this figure carries no text: it was not drawn by peercompare.figures")
    if len(texts) == 1:
        return texts[0]
    return FigureText(
        *(
            "\n".join(getattr(text, name) for text in texts)
            for name in ("title", "alt", "caption", "summary")
        ),
        data=pd.concat([text.data for text in texts], ignore_index=True),
    )


def set_alt_text(figure: Figure | Axes, alt: str) -> None:
    """Set the alt text of a figure by hand, for a figure that peercompare did not draw.

    Parameters
    ----------
    figure : Figure or Axes
        The figure, or an axes in it. Words that it carries already are replaced.
    alt : str
        What the figure shows, in a few sentences; it serves as summary too. Title and caption stay empty.

    Raises
    ------
    ValueError
        Where the text is empty: a figure without words shuts readers out.
    """
    if not alt.strip():
        raise ValueError("alt text must say what the figure shows; it was empty")
    alt = alt.strip()
    setattr(root_figure(figure), _ATTRIBUTE, {0: FigureText("", alt, "", alt)})


def get_alt_text(figure: Figure | Axes | Sequence[Axes]) -> str:
    """Return the alt text of a figure.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        A chart's return value, or a figure that `set_alt_text` gave words.

    Returns
    -------
    str
        One line for each chart of the figure.

    Raises
    ------
    LookupError
        Where it has none.
    """
    return get_text(figure).alt


def root_figure(figure: Figure | Axes | Sequence[Axes]) -> Figure:
    """Return the figure that a figure, an axes or a sequence of axes stands in."""
    if isinstance(figure, FigureBase | Axes):
        return figure.get_figure(root=True)
    return next(iter(figure)).get_figure(root=True)


def missing(value: object) -> bool:
    """Say whether a value of a table is absent (None, NaN, NaT, or empty text)."""
    return bool(pd.isna(value)) or value == ""


def percent(share: float) -> str:
    """Write a share as a whole percentage; shares that round to an end without reaching it say so.

    Examples
    --------
    >>> percent(0.384), percent(0.001), percent(0.998), percent(1.0)
    ('38%', '<1%', '>99%', '100%')
    """
    if missing(share):
        return "–"
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "<1%"
    if whole == 100 and share < 1:
        return ">99%"
    return f"{whole}%"


def number(value: float, *, digits: int = 2, signed: bool = False) -> str:
    """Write a number with a true minus sign.

    Examples
    --------
    >>> number(-0.066), number(0.5, signed=True), number(-0.001)
    ('−0.07', '+0.50', '0.00')
    """
    if missing(value):
        return "–"
    value = round(float(value), digits) + 0.0
    text = f"{value:+.{digits}f}" if signed and value else f"{value:.{digits}f}"
    return text.replace("-", "−")


def count(value: float) -> str:
    """Write a count with thousands set apart.

    Examples
    --------
    >>> count(1966)
    '1,966'
    """
    return "–" if missing(value) else f"{int(value):,}"


def plural(value: float, noun: str) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> plural(1, "posting"), plural(63, "posting")
    ('1 posting', '63 postings')
    """
    return f"{count(value)} {noun}" if value == 1 else f"{count(value)} {noun}s"


def listing(words: Iterable[str]) -> str:
    """Join words as prose does.

    Examples
    --------
    >>> listing(["peer", "overlap", "clinical"])
    'peer, overlap and clinical'
    """
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def confidence(table: pd.DataFrame) -> str:
    """Name the confidence level of a table, e.g. ``"95%"``; empty where it has none."""
    if "confidence_level" not in table:
        return ""
    levels = sorted({float(level) for level in table["confidence_level"] if not missing(level)})
    return listing(f"{100 * level:g}%" for level in levels)


def with_interval(row: pd.Series, write: Callable[[float], str] = number) -> str:
    """Write an estimate with its interval, or with the reason why there is none."""
    reason = reason_of(row)
    if missing(row.get("estimate")):
        return reason if reason.startswith("withheld") else f"not given: {reason}"
    text = write(row["estimate"])
    if has_interval(row):
        return f"{text} ({write(row['lower'])} to {write(row['upper'])})"
    return f"{text} (no interval: {reason})"


def has_interval(row: pd.Series) -> bool:
    """Say whether a row has both ends of an interval."""
    return not (missing(row.get("lower")) or missing(row.get("upper")))


def reason_of(row: pd.Series) -> str:
    """Return the reason a row gives, or plain words where it gives none."""
    reason = row.get("reason")
    return "no reason given" if missing(reason) else _bare(str(reason))


def _bare(reason: str) -> str:
    """Return a reason without the words that every place puts before it, and without its full stop."""
    return reason.strip().removeprefix("no interval: ").rstrip(". ")


def merged(sentences: Iterable[str]) -> list[str]:
    """Join sentences that differ in their numbers alone, with the range of each number.

    Examples
    --------
    >>> merged(["this rests on 2 workers", "withheld", "this rests on 1 workers"])
    ['this rests on 1 to 2 workers', 'withheld']
    """
    families = {}
    for sentence in sentences:
        families.setdefault(_words_of(sentence), []).append(_NUMBER.findall(sentence))
    found = []
    for words, numbers in families.items():
        ranges = [_range_of_texts(column) for column in zip(*numbers, strict=True)]
        found.append("".join(part for pair in zip(words, [*ranges, ""], strict=True) for part in pair))
    return found


def _words_of(sentence: str) -> tuple[str, ...]:
    """Return a sentence without its numbers."""
    return tuple(_NUMBER.split(sentence)[::2])


def footnotes(reasons: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Give each reason a letter, the same to reasons that differ in their numbers alone, and write the notes.

    Examples
    --------
    >>> footnotes(["rests on 2 clusters", "no such title", "rests on 1 clusters"])[1]
    ['a: rests on 1 to 2 clusters', 'b: no such title']
    """
    reasons = list(dict.fromkeys(reasons))
    kinds = list(dict.fromkeys(_words_of(reason) for reason in reasons))
    letters = {kind: ascii_lowercase[place % 26] * (1 + place // 26) for place, kind in enumerate(kinds)}
    notes = [f"{letters[kind]}: {text}" for kind, text in zip(kinds, merged(reasons), strict=True)]
    return {reason: letters[_words_of(reason)] for reason in reasons}, notes


def _range_of_texts(numbers: Iterable[str]) -> str:
    """Write the range of numbers that were read from text, as they stood there."""
    ordered = sorted(set(numbers), key=float)
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"


def range_of(table: pd.DataFrame, column: str, noun: str) -> str:
    """Write the range of a count over rows: ``"12 to 240 segments"``; empty without any."""
    if column not in table:
        return ""
    values = pd.to_numeric(table[column], errors="coerce").dropna()
    if values.empty:
        return ""
    low, high = int(values.min()), int(values.max())
    return plural(low, noun) if low == high else f"{count(low)} to {plural(high, noun)}"


def sizes(table: pd.DataFrame) -> str:
    """Say in words on how many segments, documents and clusters the rows rest."""
    columns = [
        ("n_segments", "segment"),
        ("n_coded", "coded segment"),
        ("n_documents", "document"),
        ("n_peer_titles", "such title"),
        ("n_employers", "employer"),
        ("n_clusters", "cluster"),
        ("n_workers", "worker"),
        ("n_coders", "coder"),
        ("n_groups", "group"),
    ]
    if {"n_segments", "n_coded"} <= set(table.columns) and (table["n_coded"] == table["n_segments"]).all():
        columns.pop(1)
    parts = [range_of(table, column, noun) for column, noun in columns]
    return listing(part for part in parts if part)


def caption_for(table: pd.DataFrame, what: str) -> str:
    """Write a caption from the rows that were drawn.

    Parameters
    ----------
    table : DataFrame
        The rows, with whichever of the shared columns they have: counts ``n_...``, ``method``,
        ``confidence_level``, ``target``, ``reason``, ``waiver``.
    what : str
        What is shown and by which estimand, one sentence without its full stop.

    Returns
    -------
    str
        Sentences: what, on how many, interval and method, about whom, what is missing and why, the waiver.
    """
    sentences = [what]
    if size := sizes(table):
        sentences.append(f"Each value rests on {size}" if len(table) > 1 else f"The value rests on {size}")
    bounded = {"lower", "upper"} <= set(table)
    held = table[all_finite(table, "lower", "upper")] if bounded and len(table) else table[:0]
    methods = "; ".join(_clauses(held))
    if len(held) and (methods or confidence(held)):
        said = f"Intervals: {confidence(held)} confidence" if confidence(held) else "Intervals"
        sentences.append(f"{said} ({methods})" if methods else said)
    elif bounded and not len(held):
        sentences.append("No intervals")
    if targets := distinct(table, "target"):
        sentences.append(f"About {listing(targets)}")
    if reasons := merged(_bare(reason) for reason in distinct(table, "reason")):
        sentences.append(f"Without a value or an interval: {'; '.join(reasons)}")
    if uses_waiver(table):
        sentences.append(WAIVER)
    return " ".join(f"{sentence.rstrip('. ')}." for sentence in sentences)


def _clauses(table: pd.DataFrame) -> list[str]:
    """Return what the methods of a table say, each clause once and with the range of its numbers."""
    clauses = (clause.strip() for method in distinct(table, "method") for clause in method.split(";"))
    return merged(dict.fromkeys(clause for clause in clauses if clause))


def distinct(table: pd.DataFrame, column: str) -> list[str]:
    """Return the different words in a column, in order of appearance, without empty ones."""
    if column not in table:
        return []
    return list(dict.fromkeys(str(value).strip() for value in table[column] if not missing(value)))


def uses_waiver(table: pd.DataFrame) -> bool:
    """Say whether any row is shown only because its corpus is composed."""
    if "waiver" not in table:
        return False
    return any(not missing(value) and str(value).lower() in {"true", "1", "1.0"} for value in table["waiver"])


def finite(value: object) -> bool:
    """Say whether a value is a number that can be drawn."""
    return not missing(value) and math.isfinite(float(value))  # type: ignore[arg-type]


def all_finite(table: pd.DataFrame, *columns: str) -> pd.Series:
    """Say for each row whether all these columns hold numbers that can be drawn."""
    numbers = table[list(columns)].apply(pd.to_numeric, errors="coerce").astype(float)
    return pd.Series(np.isfinite(numbers).all(axis=1), index=table.index, dtype=bool)
