"""Subcommand diagnosis: what could be wrong with a study's drift; and the warnings that others print."""

from __future__ import annotations

import argparse
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from peercompare.cli.shared import CAUTION, DONE, add_command, must_exist, tell

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.corpus import Corpus
    from peercompare.drift import Plan
    from peercompare.study import Results

WIDTH = 100
DIAGNOSIS = "diagnosis"


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    words = "Print a study's index and slope with what could be wrong with them, warnings first."
    parser = add_command(commands, "diagnosis", words, _diagnosis)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    parser.add_argument("--all", action="store_true", help="print every check, not only those that warn")


def _diagnosis(options: argparse.Namespace) -> int:
    from peercompare.study import run_study

    must_exist(options.study)
    results = run_study(options.study, until=DIAGNOSIS, tell=tell)
    for line in _headline(results.table("estimates")):
        print(line)
    table = results.table(DIAGNOSIS)
    for line in warning_lines(table):
        print(line)
    if options.all:
        for row in table[~table["warns"]].to_dict("records"):
            print("\n".join(_check_lines(row, mark="-")))
    quiet = int((~table["warns"]).sum())
    told = "" if options.all else "; --all prints them"
    print(
        f"{quiet} of {len(table)} checks do not warn{told}. Every one stands in {results.folder / 'tables'}."
    )
    print(CAUTION)
    return DONE


def tell_warnings(results: Results) -> None:
    """Say on standard error what the diagnosis of a study warns of, where there is one."""
    if DIAGNOSIS in results.table_names:
        for line in warning_lines(results.table(DIAGNOSIS)):
            tell(line)


def warn_of_corpus(corpus: Corpus, scores: pd.DataFrame, plan: Plan, *, per: str) -> None:
    """Say on standard error what warns of a corpus alone: how it was sampled, its coders, its predictions.

    Parameters
    ----------
    corpus : Corpus
    scores : DataFrame
        With the sample and the predictions that an estimate is made from.
    plan : Plan
    per : {"month", "year"}
    """
    from peercompare.drift import diagnosis
    from peercompare.drift.prediction_checks import label_shift_rows

    rows = diagnosis.sampling_rows(scores, plan, drawn=diagnosis.drawn_for_inference(corpus))
    rows += diagnosis.coder_rows(corpus.codings, scores, corpus.framework, plan, per=per)
    place = "site_id" if "site_id" in scores else None
    rows += label_shift_rows(scores, corpus.framework, plan, per=per, place=place)
    for line in warning_lines(diagnosis.diagnosis_table(rows)):
        tell(line)


def warning_lines(table: pd.DataFrame) -> list[str]:
    """Write what warns, one check after another: what was found, which way it pushes, what to do."""
    rows = table[table["warns"]].to_dict("records")
    return [line for row in rows for line in _check_lines(row, mark="Warning:")]


def _check_lines(row: dict[str, object], *, mark: str) -> list[str]:
    """Write one check."""
    numbers = _numbers(row)
    reason = f" ({row['reason']})" if row["reason"] and row["verdict"] != "withheld" else ""
    text = f"{mark} {row['corpus']}, {row['what']}{numbers}: {row['verdict']}{reason}."
    text += f" Pushes {row['pushes']}." if row["pushes"] else ""
    text += f" To do: {row['remedy']}." if row["remedy"] else ""
    text += " Composed corpus: would be withheld for real people." if row["waiver"] else ""
    return wrap(text, WIDTH, subsequent_indent="  ")


def _numbers(row: dict[str, object]) -> str:
    """Write value, interval and p, as far as there are any."""
    known = {name: row[name] for name in ("value", "lower", "upper", "p") if row[name] == row[name]}
    said = f" {known['value']:.3f}" if "value" in known else ""
    if "lower" in known and "upper" in known:
        said += f" ({known['lower']:.3f} to {known['upper']:.3f})"
    return said + (f", p {known['p']:.3f}" if "p" in known else "")


def _headline(estimates: pd.DataFrame) -> list[str]:
    """Write index and slope of the whole of each corpus, each with its interval or its reason."""
    whole = estimates[
        (estimates["group_by"] == "all")
        & (estimates["dimension"] == "all")
        & estimates["estimand"].isin(["index", "slope"])
        & (estimates["variant"] == "as_coded")
        & (estimates["labels"] == "all_codings")
    ]
    lines = []
    for row in whole.to_dict("records"):
        interval = (
            f"{row['lower']:.3f} to {row['upper']:.3f}" if row["lower"] == row["lower"] else row["reason"]
        )
        value = f"{row['estimate']:.3f}" if row["estimate"] == row["estimate"] else "not given"
        text = f"{row['corpus']}, {row['estimand']}: {value} ({interval}), about {row['target']}"
        lines += wrap(f"{text}.", WIDTH, subsequent_indent="  ")
    return lines
