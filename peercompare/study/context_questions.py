"""Checking that what a study asks about context can be asked, before the first stage runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peercompare.corpus import Corpus
from peercompare.drift import check_groups, corpus_scores, with_periods
from peercompare.drift.event_designs import faults_of_events
from peercompare.drift.external import read_external
from peercompare.drift.groups import TIMES
from peercompare.errors import InputError, Problem
from peercompare.study.settings import ContextSection, CorpusSection

if TYPE_CHECKING:
    from peercompare.study.study import Study


def faults_of_context(study: Study, corpus: Corpus, section: CorpusSection, where: str) -> Iterator[Problem]:
    """Find what is wrong with a corpus's section ``context``.

    Parameters
    ----------
    study : Study
    corpus : Corpus
    section : CorpusSection
    where : str
        What to call the section's place.

    Returns
    -------
    iterator of Problem
        Columns, kinds of events, values and files that are not there, each with the nearest right name.
    """
    asked = section.context
    if asked is None:
        return
    yield from _of_columns(corpus, section, asked, where)
    if asked.events:
        yield from faults_of_events(corpus, asked.events, where=f"{where}, context.events")
    if asked.composition is not None:
        yield from _of_composition(corpus, section, asked, f"{where}, context.composition")
    if asked.external is not None:
        yield from _of_external(study, corpus, asked, f"{where}, context.external")


def _of_columns(
    corpus: Corpus, section: CorpusSection, asked: ContextSection, where: str
) -> Iterator[Problem]:
    """Check every column named."""
    lists = {"moderators": asked.moderators, "adjust_slope_for": asked.adjust_slope_for}
    for name, columns in lists.items():
        place = f"{where}, context.{name}"
        single = [column for column in columns if column != "all" and TIMES not in column]
        yield from check_groups(corpus, single, where=place)
        for column in sorted(set(columns) - set(single)):
            yield Problem(place, f"{column!r} is not one column", "name columns of documents.csv")
    if asked.adjust_slope_for and section.slope is None:
        remedy = "add [corpus.slope], which gives the unit of time"
        yield Problem(f"{where}, context.adjust_slope_for", "there is no slope to adjust", remedy)
    if asked.session_groups:
        place = f"{where}, context.session_groups"
        yield from check_groups(corpus, asked.session_groups, where=place)
        if "speakers" not in corpus.documents:
            yield Problem(place, "nobody speaks in this corpus", "leave it out: it has no turns")


def _of_composition(
    corpus: Corpus, section: CorpusSection, asked: ContextSection, where: str
) -> Iterator[Problem]:
    """Check the column and both of its values."""
    wanted = asked.composition
    faults = check_groups(corpus, [wanted.column], where=where)
    yield from faults
    if faults:
        return
    scores = corpus_scores(corpus)
    scores = with_periods(scores, years=section.period_years) if "date" in scores else scores
    there = sorted(set(scores[wanted.column].astype(str)))
    for value in (wanted.first, wanted.second):
        if value not in there:
            yield Problem(
                where, f"no document has {wanted.column} = {value!r}", f"there are {', '.join(there)}"
            )
    if wanted.first == wanted.second:
        yield Problem(where, "both groups are the same", "name two")


def _of_external(study: Study, corpus: Corpus, asked: ContextSection, where: str) -> Iterator[Problem]:
    """Check the file of scores from outside."""
    if "site_id" not in corpus.documents:
        yield Problem(where, "the corpus has no sites to join by", "leave it out")
        return
    try:
        read_external(study.folder / asked.external, sites=list(corpus.documents["site_id"]))
    except FileNotFoundError:
        yield Problem(where, f"there is no file {asked.external!r}", "paths are read from the study's folder")
    except InputError as error:
        yield from error.problems or [Problem(where, error.summary, error.remedy)]
