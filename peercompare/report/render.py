"""From the summary to a notebook of words and outputs, and from that to the page.

The notebook in between holds no code: whoever wants to write around the findings can open it.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from peercompare.framework import Framework
from peercompare.report.exporter import FOOTER, render_notebook
from peercompare.report.figure_files import ReportFigure
from peercompare.report.summarise import summarise_study
from peercompare.report.tables import cells_table

FOLDED_FROM = 15
"""A table with more rows is folded: it is there for whoever looks something up."""

MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
REST = ("figures", "Further figures")
"""Id and title of the section for figures that no section claims: none is left out."""


def report_notebook(
    summary: Mapping, figures: Mapping[str, ReportFigure] | None = None
) -> nbformat.NotebookNode:
    """Return the report as a notebook of words, tables and figures, without code.

    Parameters
    ----------
    summary : mapping
        From `summarise_study`.
    figures : mapping of str to ReportFigure, optional
        The study's figures by name. Each stands in the first section whose place for figures its name begins
        with; where a name also holds the name of the section's corpus it stands there. Those that no section
        claims get one of their own.

    Returns
    -------
    NotebookNode
        Deterministic: ids of cells are made of the sections' ids.
    """
    waiting = dict(figures or {})
    cells = [new_markdown_cell(f"# {escaped(summary['title'])}", id="title")]
    placed = _placed(summary["sections"], waiting)
    for part in summary["sections"]:
        heading = "#" * part["level"]
        cells.append(new_markdown_cell(f"{heading} {escaped(part['title'])}", id=_id(part["id"], "head")))
        for number, block in enumerate(part["blocks"]):
            cells += _block_cells(block, _id(part["id"], number), placed.get((part["id"], number), []))
    if left := [figure for name, figure in waiting.items() if name not in _names(placed)]:
        cells.append(new_markdown_cell(f"## {REST[1]}", id=_id(REST[0], "head")))
        cells += [_figure_cell(figure, _id(REST[0], number)) for number, figure in enumerate(left)]
    return new_notebook(cells=cells, metadata={"title": summary["title"]})


def render_report(
    tables: Mapping[str, pd.DataFrame],
    *,
    framework: Framework,
    study_facts: Mapping[str, object],
    figures: Mapping[str, ReportFigure] | None = None,
    language: str = "en",
) -> str:
    """Return a study's report as one accessible page.

    Parameters
    ----------
    tables, framework, study_facts
        As in `summarise_study`.
    figures : mapping of str to ReportFigure, optional
        As in `report_notebook`; `read_figures` reads them from a folder.
    language : str, default "en"
        Language of the page; our own words are English.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ReportError
        Where a figure lacks its words, or the page would shut somebody out.
    """
    summary = summarise_study(tables, framework=framework, study_facts=study_facts)
    return render_notebook(
        report_notebook(summary, figures), title=summary["title"], language=language, footer=FOOTER
    )


def _placed(sections, figures: Mapping[str, ReportFigure]) -> dict[tuple[str, int], list[ReportFigure]]:
    """Return which figures stand at which place of which section."""
    places = [
        (part["id"], number, beginning)
        for part in sections
        for number, block in enumerate(part["blocks"])
        if block["kind"] == "figures"
        for beginning in block["names"]
    ]
    corpora = [
        part["id"].removeprefix("practice-") for part in sections if part["id"].startswith("practice-")
    ]
    placed: dict[tuple[str, int], list[ReportFigure]] = {}
    for name, figure in figures.items():
        about = next((corpus for corpus in corpora if corpus in name), "")
        fitting = [place for place in places if place[2] in name.removesuffix(about)]
        own = [place for place in fitting if about and place[0].endswith(f"-{about}")]
        if chosen := own or fitting:
            placed.setdefault(chosen[0][:2], []).append(figure)
    return placed


def _names(placed: Mapping[tuple[str, int], list[ReportFigure]]) -> set[str]:
    return {figure.name for figures in placed.values() for figure in figures}


def _block_cells(block: Mapping, name: str, figures: list[ReportFigure]) -> list[nbformat.NotebookNode]:
    """Return the cells of one block."""
    if block["kind"] in {"claims", "list"}:
        said = [escaped(one["text"]) for one in block["claims"]]
        text = " ".join(said) if block["kind"] == "claims" else "\n".join(f"- {one}" for one in said)
        return [new_markdown_cell(text, id=name)] if said else []
    if block["kind"] == "words":
        return [new_markdown_cell(block["text"], id=name)]
    if block["kind"] == "figures":
        return [_figure_cell(figure, f"{name}-{place}") for place, figure in enumerate(figures)]
    cells = [_table_cell(block, name)]
    if block["note"]:
        cells.append(new_markdown_cell(escaped(block["note"]), id=f"{name}-note"))
    return cells


def _table_cell(block: Mapping, name: str) -> nbformat.NotebookNode:
    made = cells_table(block["headings"], block["rows"], caption=block["caption"])
    if len(block["rows"]) > FOLDED_FROM:
        summary = f"Table of {len(block['rows'])} rows: {html.escape(block['caption'])}"
        made = f"<details><summary>{summary}</summary>{made}</details>"
    lines = [block["caption"], "\t".join(block["headings"]), *("\t".join(row) for row in block["rows"])]
    output = new_output("display_data", data={"text/html": made, "text/plain": "\n".join(lines)})
    return new_code_cell("", outputs=[output], id=name)


def _figure_cell(figure: ReportFigure, name: str) -> nbformat.NotebookNode:
    data = {
        "image/png": base64.b64encode(figure.png).decode("ascii"),
        "text/plain": html.unescape(figure.alt),
    }
    output = new_output("display_data", data=data, metadata=figure.metadata)
    return new_code_cell("", outputs=[output], id=name)


def escaped(text: str) -> str:
    r"""Return text that comes from data so that Markdown shows it as it stands.

    Examples
    --------
    >>> print(escaped("coder_a <b>"))
    coder\_a \<b\>
    """
    return MARKUP.sub(r"\\\1", text.replace("&", "&amp;"))


def _id(section: str, place: object) -> str:
    """Return a cell's id: letters, digits and hyphens, at most 64."""
    kept = "".join(
        letter if letter.isalnum() and letter.isascii() else "-" for letter in f"{section}-{place}"
    )
    return kept[-60:].strip("-")
