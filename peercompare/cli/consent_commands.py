"""The subcommands of ``peercompare consent``: one module each, gathered under one word."""

from __future__ import annotations

import argparse
from types import ModuleType

from peercompare.cli import audit_commands, consent_record_commands, governance_commands, withdrawal_commands
from peercompare.cli.shared import CAUTION

MODULES: tuple[ModuleType, ...] = (
    consent_record_commands,
    governance_commands,
    audit_commands,
    withdrawal_commands,
)
"""Each has ``add_to(commands)``, as the subcommands above it have."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add ``consent`` and its own subcommands."""
    words = "Keep, ask, show and withdraw consent."
    parser = commands.add_parser("consent", help=words, description=f"{words} {CAUTION}")
    own = parser.add_subparsers(metavar="STEP", required=True, title="steps")
    for module in MODULES:
        module.add_to(own)
