"""One output of a notebook's cell, as HTML that everybody can read.

Each output gives exactly one element with ``data-output``, so that the exporter can count: a template that
drops an output without a word is the one fault that no accessibility check finds.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping

from peercompare.errors import ReportError
from peercompare.report.cleaning import clean_html, strip_ansi

PRIORITY = ("text/html", "text/markdown", "image/png", "image/jpeg", "image/svg+xml", "text/plain")
"""Formats a page can show, best first. For scripts, widgets and TeX their plain text stands in."""

PLACEHOLDERS = re.compile(
    r"^(no description has been provided.*|image|figure|plot|chart|alt( text)?|todo|tbd|untitled"
    r"|<figure size.*|[\w-]+\.(png|jpe?g|svg|gif))\W*$",
    re.IGNORECASE,
)
TEX = re.compile(r"\$\$|\\begin\{|\\\(|\\\[|(?<!\\)\$[^$\n]*\\[a-zA-Z]+[^$\n]*\$")


def alt_fault(alt: str | None) -> str:
    """Say what is wrong with an image's alternative text, or return "" where nothing is.

    Examples
    --------
    >>> alt_fault("Figure 3")
    "its alternative text 'Figure 3' is a placeholder"
    >>> alt_fault("Four lines, one for each site; all rise from 2021 to 2024.")
    ''
    """
    if alt is None or not alt.strip():
        return "it has no alternative text"
    if PLACEHOLDERS.match(alt.strip()) or re.match(r"^(figure|image|plot|chart)\s*\d*$", alt.strip(), re.I):
        return f"its alternative text {alt!r} is a placeholder"
    return ""


def chosen_format(data: Mapping[str, object]) -> str:
    """Return the best format of an output that a page without scripts can show, or "" where there is none."""
    if "sk-top-container" in str(data.get("text/html", "")) and "text/plain" in data:
        return "text/plain"  # scikit-learn's diagram needs its own style sheet; its text says the same
    return next((kind for kind in PRIORITY if kind in data), "")


def output_html(output: Mapping, *, markdown) -> str:
    """Return one output as one HTML element.

    Parameters
    ----------
    output : mapping
        An nbformat 4 output: ``stream``, ``display_data``, ``execute_result`` or ``error``.
    markdown : callable
        From Markdown to clean HTML.

    Returns
    -------
    str
        An element that carries the attribute ``data-output``.

    Raises
    ------
    ReportError
        Where the output is an image without alternative text, or of an unknown type.
    """
    kind = output["output_type"]
    if kind == "stream":
        return _preformatted(output["text"], output["name"])
    if kind == "error":
        return _preformatted(f"{output['ename']}: {output['evalue']}", "error")
    if kind not in {"display_data", "execute_result"}:
        raise ReportError(
            f"A notebook's output has the unknown type {kind!r}", remedy="run the notebook again"
        )
    return _data_html(output, markdown=markdown)


def _data_html(output: Mapping, *, markdown) -> str:
    """Return displayed data in its best format."""
    data = output["data"]
    chosen = chosen_format(data)
    if not chosen:
        kinds = ", ".join(sorted(data)) or "nothing"
        words = f"An output that this page cannot show ({html.escape(kinds)})."
        return f'<p class="output" data-output="none">{words}</p>'
    value = "".join(data[chosen]) if isinstance(data[chosen], list) else data[chosen]
    metadata = output.get("metadata", {}).get(chosen, {}) or {}
    if chosen.startswith("image/"):
        return figure_html(chosen, value, metadata)
    if chosen == "text/plain":
        return _preformatted(value, "plain")
    cleaned = markdown(value) if chosen == "text/markdown" else clean_html(value)
    return f'<div class="output" data-output="rich">{cleaned}</div>'


def figure_html(kind: str, value: str, metadata: Mapping[str, object]) -> str:
    """Return an image as a ``figure`` with its alternative text and its caption.

    Parameters
    ----------
    kind : str
        ``image/png``, ``image/jpeg`` or ``image/svg+xml``.
    value : str
        Base64, or the text of an SVG file. An SVG goes into the page as an image, where its scripts do not
        run.
    metadata : mapping
        ``alt`` (required), and ``caption``, ``width``, and ``summary``: every drawn value in words, one line
        for each, which is folded under the figure.

    Raises
    ------
    ReportError
        Where the alternative text is missing or a placeholder.
    """
    alt = metadata.get("alt")
    fault = alt_fault(alt if alt is None else str(alt))
    if fault:
        raise ReportError(
            f"A figure cannot be shown: {fault}",
            remedy="show it with peercompare.figures.show, or put a sentence on what it shows into the "
            f"output's metadata as metadata[{kind!r}]['alt']",
        )
    payload = (
        base64.b64encode(value.encode()).decode() if kind == "image/svg+xml" else re.sub(r"\s", "", value)
    )
    width = f' width="{int(metadata["width"])}"' if str(metadata.get("width", "")).isdigit() else ""
    caption = str(metadata.get("caption", "") or "")
    words = html.escape(caption) + _folded(str(metadata.get("summary", "") or ""))
    below = f"<figcaption>{words}</figcaption>" if words else ""
    source = f"data:{kind};base64,{html.escape(payload)}"
    image = f'<img src="{source}" alt="{html.escape(str(alt))}"{width}>'
    return f'<figure class="output" data-output="figure">{image}{below}</figure>'


def _folded(summary: str) -> str:
    """Return a figure's values in words, folded, where there are several."""
    lines = [line for line in summary.splitlines() if line.strip()]
    if len(lines) < 2:
        return ""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<details><summary>The values of this figure in words</summary><ul>{items}</ul></details>"


def _preformatted(text: str | list[str], kind: str) -> str:
    """Return text as it stands, without terminal colours."""
    plain = strip_ansi("".join(text)).rstrip("\n")
    return f'<pre class="output" data-output="{html.escape(kind)}" tabindex="0">{html.escape(plain)}</pre>'
