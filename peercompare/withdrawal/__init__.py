"""Withdrawal that reaches everywhere: the corpus, what studies made of it, and proof that nothing is left."""

from peercompare.withdrawal.scanning import Hit, scan
from peercompare.withdrawal.withdrawing import (
    Findings,
    Withdrawal,
    apply_withdrawal,
    rebuild,
    record_withdrawal,
)
from peercompare.withdrawal.words import OnlyTheirs, only_theirs

__all__ = [
    "Findings",
    "Hit",
    "OnlyTheirs",
    "Withdrawal",
    "apply_withdrawal",
    "only_theirs",
    "rebuild",
    "record_withdrawal",
    "scan",
]
