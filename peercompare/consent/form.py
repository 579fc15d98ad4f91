"""The explanation of each purpose for the consent form: a page to print, with its measured reading level."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from peercompare.consent.asking import checked_purposes
from peercompare.consent.purposes import CLOSING, EXPLANATIONS, LANGUAGES, OPENING, Explanation
from peercompare.consent.readability import grade
from peercompare.errors import ConsentError

FORMATS = ("markdown", "html")
TITLE = "What may we do with your words?"

_PARTS = (
    ("means", "If you say yes"),
    ("does_not_mean", "What it does not mean"),
    ("to_stop", "How to stop it"),
)
_STYLE = (
    "body{font:1.15rem/1.6 sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;color:#111;"
    "background:#fff}h2{margin-top:2rem}.answer{border:1px solid #111;padding:.6rem}"
    "@media print{section{break-inside:avoid}}"
)


def consent_form(
    purposes: str | Iterable[str] = tuple(EXPLANATIONS), *, language: str = "en", format: str = "markdown"
) -> str:
    """Return the explanation of each purpose in plain language, to stand in a study's consent form.

    The page says what a yes means for somebody's words, what it does not mean and how to stop it, asks for a
    yes or no to each purpose by itself, and ends with its own reading level.

    Parameters
    ----------
    purposes : str or iterable of str, default all five
        What the study asks for.
    language : str, default "en"
        Only English is there; a translation is a study's own, to be read by people who speak the language.
    format : {"markdown", "html"}, default "markdown"
        HTML is a complete page with its language, headings in order and no table.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    ConsentError
        Where a purpose or the language is unknown.
    ValueError
        Where the format is.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}; allowed: {', '.join(FORMATS)}")
    if language not in LANGUAGES:
        raise ConsentError(
            f"There is no explanation of the purposes in {language!r}",
            remedy=f"there is one in {', '.join(LANGUAGES)}: have it translated by somebody who speaks both",
        )
    explained = [EXPLANATIONS[each] for each in checked_purposes(purposes)]
    level = reading_level(explained)
    return _markdown(explained, level) if format == "markdown" else _html(explained, level, language)


def reading_level(explained: Iterable[Explanation]) -> float:
    """Return the Flesch-Kincaid grade of a whole page: opening, purposes and closing."""
    return grade(" ".join([*OPENING, *(each.text() for each in explained), *CLOSING]))


def _level(level: float) -> str:
    """Return the reading level in words."""
    return (
        f"Reading level of this page: grade {level:.1f} (Flesch-Kincaid), measured on its own words. The "
        "measure counts long words and long sentences. It does not show that a person has understood."
    )


def _markdown(explained: Iterable[Explanation], level: float) -> str:
    """Return the page as Markdown."""
    lines = [f"# {TITLE}", "", *_paragraphs(OPENING)]
    for number, each in enumerate(explained, start=1):
        lines += [f"## {number}. {each.title}", "", f"**{each.question}**", ""]
        for part, heading in _PARTS:
            lines += [f"### {heading}", "", *(f"- {sentence}" for sentence in getattr(each, part)), ""]
        lines += ["Your answer:  ☐ Yes  ☐ No", ""]
    lines += ["## What else you should know", "", *_paragraphs(CLOSING), f"*{_level(level)}*", ""]
    return "\n".join(lines)


def _paragraphs(sentences: Iterable[str]) -> Iterator[str]:
    """Yield paragraphs with a blank line after each."""
    for each in sentences:
        yield from (each, "")


def _html(explained: Iterable[Explanation], level: float, language: str) -> str:
    """Return the page as HTML."""
    body = [f"<h1>{TITLE}</h1>", *(f"<p>{html.escape(each)}</p>" for each in OPENING)]
    for number, each in enumerate(explained, start=1):
        body += [
            f'<section aria-labelledby="p{number}">',
            f'<h2 id="p{number}">{number}. {html.escape(each.title)}</h2>',
            f"<p><strong>{html.escape(each.question)}</strong></p>",
        ]
        for part, heading in _PARTS:
            items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in getattr(each, part))
            body += [f"<h3>{heading}</h3>", f"<ul>{items}</ul>"]
        body += ['<p class="answer">Your answer: ☐ Yes ☐ No</p>', "</section>"]
    body += ["<h2>What else you should know</h2>", *(f"<p>{html.escape(each)}</p>" for each in CLOSING)]
    body += [f"<footer><p>{_level(level)}</p></footer>"]
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{TITLE}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )
