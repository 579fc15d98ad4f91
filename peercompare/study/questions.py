"""Checking that a study's questions can be asked of its corpora, before the first stage runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peercompare.corpus import Corpus
from peercompare.drift.groups import check_groups
from peercompare.drift.plan import THIS_CORPUS
from peercompare.errors import Problem, StudyError
from peercompare.study.context_questions import faults_of_context
from peercompare.study.own_predictions import faults_of_predictions
from peercompare.study.quotations import faults_of_quotations
from peercompare.study.settings import CorpusSection

if TYPE_CHECKING:
    from peercompare.study.study import Study


def check_questions(study: Study) -> None:
    """Raise where a study asks for columns or values that its corpora do not have.

    Parameters
    ----------
    study : Study
        Its corpora are opened, so faults of theirs are raised too.

    Raises
    ------
    StudyError
        Names each group, population and reference that cannot be found, with the nearest right name.
    CorpusError, ConsentError
        From opening the corpora.
    """
    problems = []
    for number, (corpus, section) in enumerate(study.sections(), start=1):
        where = f"{study.path.name}, [[corpus]] (number {number})"
        problems += [*_of_groups(corpus, section, where), *_of_values(corpus, section, where)]
        problems += _of_target(study, section, where)
        problems += faults_of_predictions(study, corpus, section, where)
        problems += faults_of_context(study, corpus, section, where)
    problems += faults_of_quotations(study)
    if problems:
        summary = f"{study.path.name} asks for what its corpora cannot answer"
        raise StudyError(summary, problems, remedy="mend these; nothing was run")


def _of_target(study: Study, section: CorpusSection, where: str) -> Iterator[Problem]:
    """Check that the estimators of the sample can speak of a corpus alone, where that is asked."""
    sample = study.settings.sample
    if section.target == THIS_CORPUS and "ppi" in (sample.estimator, *sample.beside):
        yield Problem(
            where,
            f"target = {section.target!r} beside the estimator 'ppi'",
            "power-tuned estimates speak of workers or employers like these alone: leave one of the two out",
        )


def _of_groups(corpus: Corpus, section: CorpusSection, where: str) -> Iterator[Problem]:
    """Check every list of groups."""
    lists = {"groups": section.groups, "fine_groups": section.fine_groups, "compare": section.compare}
    lists |= {"shrink": section.shrink}
    lists |= {"title_groups": section.title_groups, "leave_out": section.leave_out}
    if section.slope is not None:
        lists["slope.groups"] = section.slope.groups
    if section.anchor is not None:
        lists["anchor.groups"] = section.anchor.groups
        lists["anchor.column"] = [section.anchor.column]
    for name, groups in lists.items():
        yield from check_groups(corpus, groups, where=f"{where}, {name}")


def _of_values(corpus: Corpus, section: CorpusSection, where: str) -> Iterator[Problem]:
    """Check that populations and references name values that some document has."""
    wanted = {"population": section.population}
    if section.slope is not None:
        wanted["slope.population"] = section.slope.population
    for name, population in wanted.items():
        if population is not None:
            yield from check_groups(corpus, [population.column], where=f"{where}, {name}")
            yield from _absent(corpus, population.column, population.value, f"{where}, {name}")
    if section.anchor is not None:
        for value in (section.anchor.start, section.anchor.end):
            yield from _absent(corpus, section.anchor.column, value, f"{where}, anchor")
    for asked in section.differences:
        yield from check_groups(corpus, [asked.column], where=f"{where}, differences")
        for value in (asked.first, asked.second):
            yield from _absent(corpus, asked.column, value, f"{where}, differences")


def _absent(corpus: Corpus, column: str, value: str, where: str) -> Iterator[Problem]:
    """Say that no document has a value; role types stand in a table of their own."""
    table = corpus.documents if column in corpus.documents else corpus.role_types
    if column in table and value not in set(table[column].astype(str)):
        there = ", ".join(sorted(set(table[column].astype(str))))
        yield Problem(where, f"no document has {column} = {value!r}", f"there are {there}")
