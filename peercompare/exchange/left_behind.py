"""What a project holds and a corpus folder has no place for: counted, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable

from peercompare.exchange.project import CodedProject, NotCarried

RESERVED = ("corpus", "genre", "text")
"""Names of variables that mean something else in a corpus, so that no column is called so."""


def left_behind(project: CodedProject) -> tuple[NotCarried, ...]:
    """Return what of a project stays out of a corpus folder, beside what its reader had left behind before.

    Codings, their memos, texts and the variables of documents and cases are carried. The codes are those of
    the framework there; the project's own names of them stand in the reviewed map.

    Examples
    --------
    >>> from peercompare.exchange.project import ProjectNote
    >>> study = CodedProject("Study", "Tests", notes=(ProjectNote("1", "Plan", "We begin."),))
    >>> [str(each) for each in left_behind(study)]
    ['project: 1 memos of the project']
    """
    counts = {
        "memos of the project": len(project.notes) + bool(project.memo.strip()),
        "memos of documents": _n(document.memo for document in project.documents),
        "definitions of codes": _n(code.description for code in project.codes),
        "names of cases (their variables are carried)": _n(case.name for case in project.cases),
        "memos of cases": _n(case.description for case in project.cases),
        "sets": len(project.sets),
    }
    for name in RESERVED:
        counts[f"values of the variable {name!r}"] = _n(
            document.metadata.get(name, "") for document in project.documents
        )
    return tuple(NotCarried(what, "project", count) for what, count in counts.items() if count)


def _n(words: Iterable[str]) -> int:
    """Count those that say something."""
    return sum(bool(each.strip()) for each in words)
