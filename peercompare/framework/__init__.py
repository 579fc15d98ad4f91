"""The framework: what can be coded, read from a file, checked and frozen; and its codebook for coders."""

from peercompare.framework.codebook import codebook
from peercompare.framework.entries import (
    Crosswalk,
    CrosswalkItem,
    CuesSeen,
    Lens,
    Marker,
    Reviewer,
    RoleType,
    Setting,
    SystemWords,
    TextCues,
    TitleFamily,
)
from peercompare.framework.model import (
    Code,
    Dimension,
    Framework,
    Note,
    Rule,
    Sign,
    Source,
    Stance,
    Tag,
    UnitOfAnalysis,
)
from peercompare.framework.reading import read_framework, shipped_framework

__all__ = [
    "Code",
    "Crosswalk",
    "CrosswalkItem",
    "CuesSeen",
    "Dimension",
    "Framework",
    "Lens",
    "Marker",
    "Note",
    "Reviewer",
    "RoleType",
    "Rule",
    "Setting",
    "Sign",
    "Source",
    "Stance",
    "SystemWords",
    "Tag",
    "TextCues",
    "TitleFamily",
    "UnitOfAnalysis",
    "codebook",
    "read_framework",
    "shipped_framework",
]
