"""What a study asks about the context of practice, drafted so that it is withheld together with all else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift import Draft, Plan, draft_estimates, population, refused
from peercompare.drift.adjusted import ADJUSTED, draft_adjusted_slope
from peercompare.drift.events import draft_events
from peercompare.drift.moderators import DIFFERENCE, draft_moderator
from peercompare.errors import UndefinedError
from peercompare.study.settings import ContextSection, CorpusSection

KEY = ["corpus", "estimand", "group_by", "group", "dimension", "variant", "labels", "target"]
"""What tells the rows of the estimates apart."""


def context_drafts(
    corpus: Corpus, section: CorpusSection, plan: Plan, scores: pd.DataFrame, labels: str = "all_codings"
) -> Iterator[Draft]:
    """Draft moderators, the adjusted slope, changes around events, and the groups that a change lies between.

    Parameters
    ----------
    corpus : Corpus
    section : CorpusSection
        What is asked of the corpus.
    plan : Plan
    scores : DataFrame
        Of everybody, with periods and whatever `labels` needs.
    labels : {"all_codings", "probability_sample"}

    Returns
    -------
    iterator of Draft
        What is not defined is a draft with its reason.
    """
    asked = section.context
    if asked is None:
        return
    try:
        scores = chosen(scores, section)
    except UndefinedError as error:
        yield refused(plan, str(error), estimand=DIFFERENCE, labels=labels)
        return
    for ask, named in _questions(corpus, section, asked):
        try:
            drafts = ask(scores, corpus.framework, plan=plan, labels=labels)
            yield from [drafts] if isinstance(drafts, Draft) else drafts
        except UndefinedError as error:
            words = scores["population"].iloc[0]
            draft = refused(plan, str(error), estimand=named["estimand"], population=words, labels=labels)
            yield replace(draft, estimates=draft.estimates.assign(**named))


def chosen(scores: pd.DataFrame, section: CorpusSection) -> pd.DataFrame:
    """Keep the section's population."""
    wanted = section.population
    return scores if wanted is None else population(scores, wanted.column, wanted.value, words=wanted.words)


def without_repeats(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the first of estimates that a study asks for twice, as a group and as a condition of work."""
    return table.drop_duplicates(KEY, ignore_index=True)


def _questions(
    corpus: Corpus, section: CorpusSection, asked: ContextSection
) -> Iterator[tuple[Callable[..., Draft | list[Draft]], dict[str, str]]]:
    """Name every question, and the row that says so where it has no answer."""

    def moderator(column: str) -> Callable[..., Draft]:
        return lambda scores, framework, **more: draft_moderator(scores, framework, column=column, **more)

    def around(kind: str) -> Callable[..., list[Draft]]:
        return lambda scores, framework, **more: draft_events(
            scores,
            framework,
            events=corpus.events,
            kind=kind,
            window_months=asked.event_window_months,
            **more,
        )

    for column in asked.moderators:
        yield moderator(column), {"estimand": DIFFERENCE, "group_by": column}
    if asked.adjust_slope_for and section.slope is not None:
        slope = {"per": section.slope.unit, "adjust_for": asked.adjust_slope_for}
        yield (
            lambda scores, framework, **more: draft_adjusted_slope(scores, framework, **slope, **more),
            {"estimand": ADJUSTED},
        )
    for kind in asked.events:
        yield around(kind), {"estimand": "event_difference", "group_by": "event", "group": kind}
    if asked.composition is not None and asked.composition.column not in section.groups:
        column = asked.composition.column
        yield (
            lambda scores, framework, **more: draft_estimates(scores, framework, group_by=[column], **more),
            {"estimand": "index", "group_by": column},
        )
