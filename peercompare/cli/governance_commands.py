"""The subcommands of ``peercompare consent`` that people govern by: status, contest, explain."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import DONE, add_command, must_exist, show, tell
from peercompare.errors import InputError
from peercompare.files import refuse_to_overwrite, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.corpus import ConsentStatus

PRIVATE = (
    "This names people and counts fewer than five: it is for whoever keeps the corpus, and is not handed on."
)


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_status(commands)
    _add_contest(commands)
    words = "Print the page for peer workers and participants: what happens to their words, how to stop it."
    add_command(commands, "explain", words, _explain)


def _add_status(commands: argparse._SubParsersAction) -> None:
    words = "Say who agreed to what, what ends soon, and what is withheld from which result."
    parser = add_command(commands, "status", words, _status)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--as-of", metavar="DAY", required=True, help="the day, YYYY-MM-DD")
    parser.add_argument(
        "--soon", type=int, default=90, metavar="DAYS", help="ends within so many days (default: 90)"
    )
    parser.add_argument(
        "--people", action="store_true", help="name people and count exactly; for the data steward alone"
    )
    parser.add_argument(
        "--figure", type=Path, metavar="FILE", help="draw who agreed to what (.svg, .png or .pdf)"
    )
    parser.add_argument("--force", action="store_true", help="replace a figure that exists")


def _status(options: argparse.Namespace) -> int:
    """Print the tables of the status, and draw its figure from counts that may be shown."""
    from peercompare.corpus import consent_status

    must_exist(options.corpus)
    if options.figure is not None:
        refuse_to_overwrite(options.figure, force=options.force)
    asked = {"as_of": options.as_of, "soon": options.soon}
    status = consent_status(options.corpus, people=options.people, **asked)
    _print_status(status)
    if options.figure is not None:
        from peercompare.figures import consent_chart, save_figure

        shown = consent_status(options.corpus, **asked)
        title = f"Who agreed to what, {status.corpus.replace('_', ' ')}, {status.as_of}"
        tell(f"Wrote {save_figure(consent_chart(shown.agreed, title=title), options.figure)}.")
    return DONE


def _print_status(status: ConsentStatus) -> None:
    """Print one table after the other, each under what it says."""
    _print_table(f"Who agreed to what, as of {status.as_of}", _wide(status.agreed))
    _print_table("Why not", status.reasons.drop(columns="withheld"))
    _print_table(f"What ends within {status.soon} days", status.ending.drop(columns="withheld"))
    _print_table("Limits that no code can see to: you must", status.restrictions.drop(columns="withheld"))
    _print_table("What is left out of which result", status.results)
    if status.people is not None:
        _print_table("Who (by id)", status.people)
        tell(PRIVATE)
    elif status.composed:
        print("Composed corpus: for real people, counts of fewer than five would be withheld.")
    else:
        print("An empty cell is withheld: it counts, or would give back, fewer than five people.")


def _wide(agreed: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each role and purpose with its states side by side."""
    order = agreed[["role", "purpose"]].drop_duplicates()
    wide = agreed.pivot(index=["role", "purpose"], columns="state", values="n_people").reset_index()
    states = [name for name in ("all", "agreed", "ended", "not agreed") if name in wide]
    return order.merge(wide[["role", "purpose", *states]])


def _print_table(heading: str, table: pd.DataFrame) -> None:
    """Print a heading and a table, or that there is nothing."""
    print(f"{heading}:")
    if table.empty:
        print("nothing")
    else:
        show(table.astype(object).where(table.notna(), ""))
    print()


def _add_contest(commands: argparse._SubParsersAction) -> None:
    words = "Give a worker their own coded words to contest, or take back what they contest."
    parser = add_command(commands, "contest", words, _contest)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--worker", required=True, metavar="ID", help="a worker_id who agreed to feedback")
    parser.add_argument("--as-of", metavar="DAY", help="consent as of this day (default: today)")
    parser.add_argument("--coder", default="gold", help="whose codes are contested (default: gold)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FILE", help="write the sheet (.csv) for this worker alone")
    what.add_argument("--read", type=Path, metavar="FILE", help="read the filled sheet into contests.csv")
    parser.add_argument(
        "--on", metavar="DAY", help="with --read: the day on which they contested (default: today)"
    )
    parser.add_argument("--force", action="store_true", help="replace a sheet that exists")


def _contest(options: argparse.Namespace) -> int:
    """Write the sheet, or read it."""
    from datetime import date

    from peercompare.consent.asking import checked_day
    from peercompare.contests import contest_sheet, record_contests
    from peercompare.corpus import open_corpus

    must_exist(options.corpus, *([options.read] if options.read else []))
    day = checked_day(options.as_of) or date.today()
    if options.read:
        on = checked_day(options.on) or date.today()
        done = record_contests(
            options.corpus, options.worker, options.read, on=on, as_of=day, coder_id=options.coder
        )
        tell(
            f"{options.corpus}: {done.n_new} segments contested by {options.worker}, "
            f"{done.n_known} stood there. Keep the sheet private, or delete it."
        )
        return DONE
    if options.out.suffix.lower() != ".csv":
        raise InputError(f"{options.out.name} is no .csv file", remedy="give a name that ends in .csv")
    refuse_to_overwrite(options.out, force=options.force)
    sheet = contest_sheet(open_corpus(options.corpus, as_of=day), options.worker, coder_id=options.coder)
    write_table(sheet, options.out, private=True)
    tell(f"Wrote {len(sheet)} segments to {options.out}. Hand it to {options.worker} and to nobody else.")
    return DONE


def _explain(options: argparse.Namespace) -> int:
    """Print the page."""
    from peercompare.consent.participants import PAGE

    print(PAGE, end="")
    return DONE
