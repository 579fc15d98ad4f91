"""Measure peer, overlap and clinical practice in coded corpora.

The public names stand here in the order of a study and are resolved on first use, so that importing the
package costs nothing (PEP 562).
"""

from importlib import import_module

__version__ = "0.1.0"

_PUBLIC = {
    # what can be coded
    "Framework": "framework",
    "read_framework": "framework",
    "codebook": "framework",
    # documents, past the consent gate
    "Corpus": "corpus",
    "open_corpus": "corpus",
    # segments and codings
    "cut_segments": "segments",
    "coding_sheet": "sheets",
    "read_coding_sheet": "sheets",
    "reliability_data": "codings",
    "primary_codes": "codings",
    # how far the coders agree
    "agreement_table": "agreement",
    # a classifier
    "out_of_fold": "classifier",
    "train": "classifier",
    "training_table": "classifier",
    "save_model": "classifier",
    "load_model": "classifier",
    # drift
    "estimate_table": "drift",
    "score_table": "drift",
    # roles
    "find_markers": "roles",
    "classify_roles": "roles",
    "title_against_duties": "roles",
    # the whole study
    "Study": "study",
    "read_study": "study",
    "run_study": "study",
}

__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> object:
    """Resolve a public name from its module on first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'peercompare' has no attribute {name!r}")
    value = getattr(import_module(f"peercompare.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
