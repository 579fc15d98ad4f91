"""The stages that show a study: figures, executed notebooks, the report. Nothing is estimated here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from peercompare.errors import Problem, ReportError, StudyError
from peercompare.study.manifest import DRAWN
from peercompare.study.numbers import canonical_csv
from peercompare.study.processes import side_by_side
from peercompare.study.runner import Bench

if TYPE_CHECKING:
    from peercompare.corpus import Corpus
    from peercompare.framework import Framework

Drawing = Callable[[], object]
"""Draws a figure when it is called."""

AS_CODED = {"variant": "as_coded", "labels": "all_codings"}


def draw_figures(bench: Bench) -> None:
    """Draw every figure that the study's tables allow, with its words and the rows it shows beside it."""
    from peercompare.figures import get_text, save_figure
    from peercompare.figures.canvas import laid_out
    from peercompare.report.figure_files import ReportFigure

    own, drawings = bench.study.settings.figures, dict(_drawings(bench))
    refuse_unknown_figures(own, drawings)
    folder = bench.study.results / "figures"

    def draw(name: str) -> tuple[str, list[Path], str]:
        drawing = drawings[name]()
        with laid_out(drawing):
            figure = ReportFigure.of(name, drawing)
            paths = [save_figure(drawing, folder / f"{name}.svg")]
        paths += replace(figure, alt=own[name].alt if name in own else figure.alt).save(folder)
        return name, paths, canonical_csv(get_text(drawing).data)

    def note(drawn: tuple[str, list[Path], str]) -> None:
        name, paths, rows = drawn
        for path in paths:
            bench.note(path)
        bench.write_file(rows, f"figures/{name}{DRAWN}")

    side_by_side(draw, list(drawings), done=note)


def refuse_unknown_figures(own: Iterable[str], drawn: Iterable[str]) -> None:
    """Raise where a study file has words for figures that are not drawn, with all such names at once."""
    drawn = list(drawn)
    if problems := [Problem(f"[figures.{name}]", "no such figure") for name in own if name not in drawn]:
        raise StudyError(
            "The study file has words for figures that are not drawn",
            problems,
            remedy=f"the figures of this study are {', '.join(drawn)}",
        )


def _drawings(bench: Bench) -> Iterator[tuple[str, Drawing]]:
    """Name one figure after another, by where in the report it belongs and by its corpus; none is drawn."""
    from peercompare import figures

    framework = bench.study.framework
    estimates = bench.table("estimates")
    terms = bench.table("terms")
    for corpus in bench.study.open_corpora().values():
        mine = {"corpus": corpus.name}
        yield (
            f"agreement_{corpus.name}",
            partial(figures.agreement_dots, bench.table("agreement"), framework, where=mine),
        )
        whole = {**mine, "group_by": "all", **AS_CODED}
        yield f"shares_{corpus.name}", partial(figures.stance_chart, estimates, framework, where=whole)
        yield f"dimensions_{corpus.name}", partial(figures.framework_chart, estimates, framework, where=whole)
        yield (
            f"confusion_{corpus.name}",
            partial(figures.confusion_matrix, bench.table("confusion"), framework, where=mine),
        )
        yield (
            f"calibration_{corpus.name}",
            partial(figures.calibration_curves, bench.table("calibration"), framework, where=mine),
        )
        yield from _over_time(corpus, estimates, framework)
        yield from _of_context(bench, corpus, estimates, framework)
        yield from _of_diagnosis(bench, corpus, framework)
    yield "terms", partial(figures.term_bars, terms, framework)
    yield from _of_postings(bench, framework)


def _over_time(
    corpus: Corpus, estimates: pd.DataFrame, framework: Framework
) -> Iterator[tuple[str, Drawing]]:
    """Draw sites over time, and employers over the years, where the study estimated them."""
    from peercompare import figures

    rows = estimates[(estimates["corpus"] == corpus.name) & (estimates["dimension"] == "all")]
    groupings = set(rows["group_by"])
    for grouping in sorted(g for g in groupings if g.startswith("site_id x ")):
        events = corpus.events if len(corpus.events) else None
        drawn = rows[rows["group_by"].isin([grouping, "site_id"])]
        name = f"drift_{grouping.removeprefix('site_id x ')}_{corpus.name}"
        yield name, partial(figures.site_drift, drawn, framework, events=events, where=AS_CODED)
    if "employer_id x year" in groupings:
        drawn = rows[rows["group_by"] == "employer_id x year"]
        names = _employer_names(corpus.documents)
        yield (
            f"employers_{corpus.name}",
            partial(figures.employer_years, drawn, framework, names=names, where=AS_CODED),
        )


def _of_context(
    bench: Bench, corpus: Corpus, estimates: pd.DataFrame, framework: Framework
) -> Iterator[tuple[str, Drawing]]:
    """Draw what changed around events, and what a change is made of, where the study asked for them."""
    from peercompare import figures

    mine = {"corpus": corpus.name, **AS_CODED}
    asked = estimates[(estimates["corpus"] == corpus.name) & (estimates["group_by"] == "event")]
    for kind in dict.fromkeys(group.split(" | ")[0] for group in asked["group"]):
        # A kind that is not estimated at all has its reason in the table, and no picture.
        if asked.loc[asked["group"] == kind, "estimate"].notna().any():
            drawing = partial(
                figures.event_change, estimates, framework, kind=kind, events=corpus.events, where=mine
            )
            yield f"event_{kind}_{corpus.name}", drawing
    try:
        parts = bench.table("composition")
    except StudyError:
        return
    if (parts["corpus"] == corpus.name).any():
        yield f"composition_{corpus.name}", partial(figures.change_parts, parts, framework, where=mine)


def _of_diagnosis(bench: Bench, corpus: Corpus, framework: Framework) -> Iterator[tuple[str, Drawing]]:
    """Draw the index over dates where a band could be drawn, and the index under other choices."""
    from peercompare import figures

    mine = {"corpus": corpus.name}
    try:
        lines, jumps = bench.table("timelines"), bench.table("change_points")
    except StudyError:
        lines = pd.DataFrame({"corpus": [], "group_by": [], "lower": []})
    lines = lines[lines["corpus"] == corpus.name]
    for grouping, rows in lines.groupby("group_by", sort=False):
        if rows["lower"].notna().any():
            name = str(grouping).removesuffix("date").removesuffix(" x ").replace(" x ", "_") or "all"
            drawn = {"where": mine, "change_points": jumps}
            yield f"timeline_{name}_{corpus.name}", partial(figures.timeline_chart, rows, framework, **drawn)
    try:
        choices = bench.table("sensitivity")
    except StudyError:
        return
    if (choices["corpus"] == corpus.name).any():
        yield f"sensitivity_{corpus.name}", partial(figures.sensitivity_chart, choices, framework, where=mine)


def _employer_names(documents: pd.DataFrame) -> dict[str, str]:
    """Return what each employer called itself last, or its id where the corpus gives no names."""
    latest = documents.sort_values("date").drop_duplicates("employer_id", keep="last")
    return dict(zip(latest["employer_id"], latest.get("employer", latest["employer_id"]), strict=True))


def _of_postings(bench: Bench, framework: Framework) -> Iterator[tuple[str, Drawing]]:
    """Draw what the stage of roles found, corpus by corpus."""
    from peercompare import figures

    try:
        roles = bench.table("roles")
    except StudyError:
        return
    titles, shares = bench.table("title_against_duties"), bench.table("marker_shares")
    for name, documents in roles.groupby("corpus", sort=False):
        yield f"titles_{name}", partial(figures.title_duties, titles[titles["corpus"] == name], framework)
        yield f"markers_{name}", partial(figures.marker_chart, shares[shares["corpus"] == name], framework)
        yield from _under_titles(bench, name, framework)
        yield (
            f"plane_{name}",
            partial(figures.stance_plane, _placed(bench, name, documents, framework), framework),
        )


def _under_titles(bench: Bench, corpus: str, framework: Framework) -> Iterator[tuple[str, Drawing]]:
    """Draw what is asked under peer titles, where any title is one."""
    from peercompare import figures

    try:
        duties = bench.table("duties_under_titles")
    except StudyError:
        return
    yield f"titles_duties_{corpus}", partial(figures.duty_chart, duties, framework, where={"corpus": corpus})


def _placed(bench: Bench, corpus: str, documents: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Lay out the documents' estimated shares with their role types, gold where there is gold."""
    from peercompare import figures

    gold = documents["role_type_gold"]
    kinds = documents[["document_id"]].assign(role_type=gold.where(gold != "", documents["role_type"]))
    return figures.document_shares(bench.table("estimates"), kinds, framework, where={"corpus": corpus})


def execute_notebooks(bench: Bench) -> None:
    """Execute the notebooks beside the study file and show each as a page, code folded.

    Where a cell fails, the other notebooks are executed all the same. What was done of this one becomes a
    page under a name of its own, which shows the cell; the page of an earlier run stays until a new one is
    whole.

    Raises
    ------
    ReportError
        After all were tried, with every notebook that stopped and the cell at which it did.
    """
    stopped = []
    # Kernels are processes of their own: threads are enough to keep the cores busy. There are more of them
    # than cores, so that a long notebook near the end does not run alone.
    with ThreadPoolExecutor(max_workers=min(4, 2 * (os.cpu_count() or 1))) as pool:
        for name, page, error in pool.map(_executed, bench.study.notebooks()):
            if page:
                bench.write_file(page, f"notebooks/{name}{'.stopped' if error else ''}.html")
            if error is not None:
                stopped.append(error)
    if len(stopped) == 1:
        raise stopped[0]
    if stopped:
        faults = [
            Problem(f"{error.summary}, {fault.where}", fault.what)
            for error in stopped
            for fault in error.problems
        ]
        raise ReportError(
            f"{len(stopped)} notebooks stopped", faults, remedy="\n".join(error.remedy for error in stopped)
        )


def _executed(path: Path) -> tuple[str, str, ReportError | None]:
    """Execute a notebook; return its name, its page as far as there is one, and what stopped it."""
    from peercompare.report import render_notebook, run_notebook
    from peercompare.report.execute import CellError

    try:
        run, stopped = run_notebook(path), None
    except CellError as error:
        run, stopped = error.notebook, error
    except ReportError as error:
        return path.stem, "", error
    try:
        return path.stem, render_notebook(run, show_code=True), stopped
    except ReportError as error:
        unfit = ReportError(f"{path.name}: {error.summary}", error.problems, remedy=error.remedy)
        return path.stem, "", stopped or unfit


def write_report(bench: Bench) -> None:
    """Count what the tables withhold, and render the report from the study's tables and figures."""
    from peercompare.disclosure import count_withheld
    from peercompare.report import write_document
    from peercompare.study.reports import study_report
    from peercompare.study.study import Results

    results = Results(bench.study.results)
    tables = {name: results.table(name) for name in results.table_names if name != "withheld"}
    bench.write_table(count_withheld(tables), "withheld")
    bench.write_file(write_document(study_report(bench.study)), "report.html")
