"""The subcommand `plan`: what workers, sessions and codes buy, from a pilot or from assumptions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import (
    CAUTION,
    DONE,
    add_command,
    add_gate,
    add_out,
    must_exist,
    open_named,
    save,
    show,
    tell,
)
from peercompare.errors import InputError, Problem
from peercompare.files import refuse_to_overwrite

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.corpus import Corpus
    from peercompare.drift.planning import Components
    from peercompare.drift.planning_tables import Designs

WORDS = "Plan a study: what workers, sessions and coded segments buy, from a pilot or from assumptions."
NO_PROMISE = (
    "A forecast, no promise: it holds for people, sessions and predictions like those it was made from, and "
    "for segments coded at random."
)


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "plan", WORDS, _plan)
    parser.add_argument(
        "pilot", nargs="?", type=Path, metavar="PILOT",
        help="a coded corpus, or the study.toml of one; without it the plan rests on assumptions",
    )  # fmt: skip
    _add_pilot(parser)
    _add_assumptions(parser)
    _add_designs(parser)
    add_gate(parser)
    add_out(parser, what="the table of all designs (.csv or .parquet)")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw the widths (.png, .svg or .pdf)")
    parser.add_argument(
        "--figure-of", choices=["level", "slope"], default="level", help="what to draw (default: level)"
    )


def _add_pilot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", metavar="NAME", help="which corpus of a study.toml (default: its first)")
    parser.add_argument(
        "--only", metavar="COLUMN=VALUE", help="only documents with this value, such as worker_role=peer"
    )
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="a prediction of every segment")
    parser.add_argument(
        "--estimand", metavar="NAME", help="index or share_<stance> (default: index)", default="index"
    )
    parser.add_argument(
        "--per", choices=["month", "year"], default="month", help="unit of time (default: month)"
    )


def _add_assumptions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--assume", type=Path, metavar="FILE", help="assumptions in a .toml file")
    parser.add_argument(
        "--expect", nargs="+", default=[], metavar="NAME=NUMBER",
        help="single assumptions: value, stance_taking, worker_sd, slope_sd, session_sd, explained, ...",
    )  # fmt: skip


def _add_designs(parser: argparse.ArgumentParser) -> None:
    for name, words, usual in (
        ("workers", "numbers of workers (or employers)", [8, 20, 40]),
        ("sessions", "sessions of each", [6]),
        ("segments", "segments of a session", [20]),
        ("coded", "segments coded in all, at random", [200, 400, 800]),
    ):
        shown = " ".join(map(str, usual))
        about = f"{words} (default: {shown})"
        parser.add_argument(f"--{name}", nargs="+", type=int, default=usual, metavar="N", help=about)
    parser.add_argument(
        "--span", type=float, default=0.0, metavar="T",
        help="time from the first session to the last, in the unit of time; with it slopes are planned too",
    )  # fmt: skip
    parser.add_argument("--whole-sessions", action="store_true", help="sessions are coded whole")
    parser.add_argument(
        "--width", type=float, metavar="W", help="how few codes make an interval this narrow?"
    )
    parser.add_argument("--slope-width", type=float, metavar="W", help="the same for the slope's interval")
    parser.add_argument(
        "--budget", type=int, metavar="N", help="split so many codes between teaching and estimating"
    )
    parser.add_argument(
        "--half", type=float, default=400.0, metavar="N",
        help="assumed: codes at which a classifier has learnt half of what it can (default: 400)",
    )  # fmt: skip
    parser.add_argument("--confidence-level", type=float, default=0.95)
    parser.add_argument("--power", type=float, default=0.8)


def _plan(options: argparse.Namespace) -> int:
    from peercompare.drift.planning_tables import planning_table

    _check(options)
    designs = _designs(options)
    components, n_pilot = _from_pilot(options) if options.pilot else (_assumed(options), 0)
    table = planning_table(components, designs)
    print(f"Planned from {components.source}.\n")
    _print_widths(table)
    _print_needed(components, designs, options)
    _print_allocation(components, n_pilot, designs, options)
    print(f"{NO_PROMISE} {CAUTION}")
    save(table, options)
    _draw(table, options)
    return DONE


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not fit one another, all at once, before anything is opened."""
    problems = []
    of_pilot = {"--corpus": options.corpus, "--only": options.only, "--predictions": options.predictions}
    if options.pilot:
        problems += [
            Problem(name, "a pilot stands in the place of assumptions", "leave one of the two out")
            for name, given in {"--assume": options.assume, "--expect": options.expect}.items()
            if given
        ]
        if options.corpus and options.pilot.suffix != ".toml":
            problems.append(Problem("--corpus", "goes with a study.toml"))
    else:
        problems += [Problem(name, "goes with a pilot") for name, given in of_pilot.items() if given]
    wants_slope = {"--slope-width": options.slope_width, "--figure-of slope": options.figure_of == "slope"}
    if not options.span:
        problems += [Problem(name, "needs --span") for name, given in wants_slope.items() if given]
    if options.figure and options.figure.suffix not in (".png", ".svg", ".pdf"):
        problems.append(Problem("--figure", f"{options.figure.name} does not end in .png, .svg or .pdf"))
    if problems:
        raise InputError("Nothing was planned", problems, remedy="see `peercompare plan --help`")
    must_exist(*(path for path in (options.pilot, options.predictions) if path))
    for path in (options.out, options.figure):
        if path:
            refuse_to_overwrite(path, force=options.force)


def _designs(options: argparse.Namespace) -> Designs:
    from peercompare.drift.planning_tables import Designs

    names = (
        "workers",
        "sessions",
        "segments",
        "coded",
        "span",
        "whole_sessions",
        "confidence_level",
        "power",
    )
    return Designs(**{name: getattr(options, name) for name in names})


def _assumed(options: argparse.Namespace) -> Components:
    """Read the assumptions from a file and from the command line, which stands above it."""
    from peercompare.drift.assumptions import assumptions_from, read_assumptions

    found = read_assumptions(options.assume) if options.assume else {}
    return assumptions_from({**found, **_expected(options.expect)}).components()


def _expected(words: list[str]) -> dict[str, object]:
    """Read ``NAME=NUMBER``; what is no number stays a text and is refused with the rest."""
    from peercompare.usertables import pair

    found: dict[str, object] = {}
    for name, value in map(pair, words):
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found


def _from_pilot(options: argparse.Namespace) -> tuple[Components, int]:
    """Estimate the components from a corpus, or from one of a study; return the number of its codes too."""
    from peercompare.drift import Plan, corpus_scores, population, with_predictions
    from peercompare.drift.pilot import pilot_components

    corpus, only, predictions = _of_study(options) if options.pilot.suffix == ".toml" else _of_folder(options)
    scores = corpus_scores(corpus)
    if predictions is not None:
        scores = with_predictions(scores, predictions, corpus.framework)
    if only:
        scores = population(scores, *only, words=f"{only[0]} {only[1]}")
    found = pilot_components(
        scores, corpus.framework, estimand=options.estimand, plan=Plan.of(corpus), per=options.per
    )
    return found, int(scores["coded"].sum())


def _of_folder(options: argparse.Namespace) -> tuple[Corpus, tuple[str, str] | None, pd.DataFrame | None]:
    """Open a corpus, with somebody's predictions where a file is named."""
    corpus = open_named(options.pilot, options)
    return corpus, _only(options), _predictions(options, corpus)


def _of_study(options: argparse.Namespace) -> tuple[Corpus, tuple[str, str] | None, pd.DataFrame | None]:
    """Open a study's corpus as the study does, with its population and the predictions among its results."""
    from peercompare.study import Results, read_study

    study = read_study(options.pilot)
    found = {corpus.name: (corpus, section) for corpus, section in study.sections()}
    name = options.corpus or next(iter(found))
    if name not in found:
        raise InputError(f"The study has no corpus {name!r}", remedy=f"use one of {', '.join(found)}")
    corpus, section = found[name]
    usual = section.population or (section.slope.population if section.slope else None)
    only = _only(options) or ((usual.column, usual.value) if usual else None)
    predictions = _predictions(options, corpus)
    results = Results(study.results)
    if predictions is None and "predictions" in results.table_names:
        table = results.table("predictions")
        predictions = table[table["corpus"] == name].drop(columns="corpus")
    return corpus, only, predictions


def _only(options: argparse.Namespace) -> tuple[str, str] | None:
    from peercompare.usertables import pair

    return pair(options.only) if options.only else None


def _predictions(options: argparse.Namespace, corpus: Corpus) -> pd.DataFrame | None:
    from peercompare.predictions import read_predictions

    return read_predictions(options.predictions, corpus) if options.predictions else None


def _print_widths(table: pd.DataFrame) -> None:
    """Print the widths of each estimand and target, workers down and codes across, and why some are empty."""
    design = ["n_sessions", "n_segments"]
    for (estimand, target, *numbers), rows in table.groupby(["estimand", "target", *design], sort=False):
        whom = "this corpus" if target == "this_corpus" else f"{rows['clusters'].iloc[0]} like these"
        print(f"{estimand} of {whom}, {numbers[0]} sessions each, {numbers[1]} segments a session")
        for column, words in (("width", "full width"), ("detectable", "found with this power")):
            across = rows.pivot(index="n_workers", columns="n_coded", values=column)
            across.columns = [f"{n} codes" for n in across.columns]
            show(across.reset_index().rename(columns={"n_workers": words}))
        for reason in dict.fromkeys(rows.loc[rows["reason"] != "", "reason"]):
            print(f"  empty: {reason}")
        print()


def _print_needed(components: Components, designs: Designs, options: argparse.Namespace) -> None:
    """Print the fewest codes that reach the widths that were asked."""
    from peercompare.drift.planning_tables import needed_codes

    for of, width in (("level", options.width), ("slope", options.slope_width)):
        if width is not None:
            print(f"Fewest codes for a width of {width:g}, {components.clusters} like these")
            show(needed_codes(components, designs, width=width, of=of).drop(columns=["width", "share_coded"]))
            print()


def _print_allocation(
    components: Components, n_pilot: int, designs: Designs, options: argparse.Namespace
) -> None:
    """Print how a budget of codes is best shared out between teaching and estimating."""
    from peercompare.drift.planning_tables import LearningCurve, allocation_table

    if options.budget is None:
        return
    taught = n_pilot or options.budget
    curve = LearningCurve.through(components, taught, half=options.half)
    found = allocation_table(components, curve, designs, budget=options.budget)
    print(f"{options.budget} codes shared out, this corpus ({curve.words})")
    show(found[["estimand", "use", "n_training", "n_coded", "explained", "width", "best"]])
    print()


def _draw(table: pd.DataFrame, options: argparse.Namespace) -> None:
    """Draw the first number of sessions and of segments."""
    if options.figure is None:
        return
    from peercompare.figures import planning_curves, save_figure

    estimands = list(dict.fromkeys(table["estimand"]))
    where = {
        "estimand": estimands[-1] if options.figure_of == "slope" else estimands[0],
        **{name: str(table[name].iloc[0]) for name in ("n_sessions", "n_segments")},
    }
    tell(f"Wrote {save_figure(planning_curves(table, where=where), options.figure)}.")
