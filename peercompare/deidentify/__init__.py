"""De-identification: rules propose changes, a person accepts or rejects each, a new folder is written."""

from peercompare.deidentify.applying import apply_review
from peercompare.deidentify.changes import Change, apply_changes
from peercompare.deidentify.checking import remaining
from peercompare.deidentify.kinds import KINDS, NOT_ANONYMOUS
from peercompare.deidentify.proposals import propose
from peercompare.deidentify.rules import Detector, Hit, detector

__all__ = [
    "KINDS",
    "NOT_ANONYMOUS",
    "Change",
    "Detector",
    "Hit",
    "apply_changes",
    "apply_review",
    "detector",
    "propose",
    "remaining",
]
