"""The command line: one stage a subcommand, on files that the user names. The only package that prints.

Heavy libraries are imported inside the subcommands, so that help comes at once. Results go to standard
output, progress and messages to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from peercompare import __version__
from peercompare.cli import (
    behaviour_commands,
    cache_commands,
    consent_commands,
    corpus_commands,
    deidentify_commands,
    diagnosis_commands,
    evaluation_commands,
    exchange_commands,
    init_commands,
    model_commands,
    nearest_commands,
    planning_commands,
    replication_commands,
    safekeeping_commands,
    sampling_commands,
    study_commands,
)
from peercompare.cli.shared import CAUTION, COULD_NOT_RUN, DONE, PROBLEM, tell, why_not
from peercompare.errors import InputError, PeercompareError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``peercompare``; the process's own where left out.

    Returns
    -------
    int
        0 done, 1 a problem was found, 2 it could not run.
    """
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        tell(str(error))
        return PROBLEM
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (PeercompareError, OSError) as error:
        tell(f"peercompare could not run: {why_not(error)}")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        tell("Stopped. What was finished is kept; the same command goes on from there.")
        return COULD_NOT_RUN


def parser() -> argparse.ArgumentParser:
    """Return the parser of all subcommands."""
    whole = argparse.ArgumentParser(
        prog="peercompare",
        description="Measure peer, overlap and clinical practice in coded corpora.",
        epilog=f"Exit status: 0 done, 1 a problem was found, 2 it could not run. {CAUTION}",
    )
    whole.add_argument("--version", action="version", version=f"peercompare {__version__}")
    commands = whole.add_subparsers(metavar="COMMAND", required=True, title="commands")
    for module in (
        init_commands,
        exchange_commands,
        deidentify_commands,
        consent_commands,
        corpus_commands,
        safekeeping_commands,
        cache_commands,
        planning_commands,
        sampling_commands,
        model_commands,
        nearest_commands,
        evaluation_commands,
        behaviour_commands,
        diagnosis_commands,
        study_commands,
        replication_commands,
    ):
        module.add_to(commands)
    return whole
