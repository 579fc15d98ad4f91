"""The stage that follows the index over dates, looks for jumps, and says what could be wrong with it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift import (
    CONTESTED,
    VARIANTS,
    Draft,
    Plan,
    corpus_scores,
    population,
    refused,
    with_periods,
    with_predictions,
)
from peercompare.drift.change_points import JUMP, draft_change_points, with_found
from peercompare.drift.classifier_error import draft_errors
from peercompare.drift.coder_drift import opposite_share
from peercompare.drift.diagnosis import (
    coder_rows,
    diagnosis_table,
    drawn_for_inference,
    sampling_rows,
    sensitivity_rows,
    wrong_coding_rows,
)
from peercompare.drift.findings import Row
from peercompare.drift.groups import read_groupings
from peercompare.drift.prediction_checks import error_rows, label_shift_rows
from peercompare.drift.publishing import publish_beside
from peercompare.drift.sensitivity import choices_table, draft_choices, leave_one_out
from peercompare.drift.timelines import CURVES, draft_timeline, mark_thin
from peercompare.errors import UndefinedError
from peercompare.framework import Framework
from peercompare.study.drift_stage import DRAFTS, SAMPLE, drafts_of, plan_of, told_of
from peercompare.study.runner import Bench
from peercompare.study.settings import CorpusSection, PopulationSection, SampleSection

TABLES = ("timelines", "change_points", "sensitivity", "diagnosis")
PLACES = ("site_id", "setting")
"""Where clusters are, for the checks by place: the first of these that documents have."""

TIMES = {"month": "half_year", "year": "period"}
"""The calendar by which errors of predictions are told apart, by the slope's unit of time."""


def diagnose_drift(bench: Bench) -> None:
    """Write timelines, jumps, the index under other choices, and the diagnosis, of every corpus."""
    study = bench.study
    predictions, samples = bench.table("predictions"), bench.table("sample")
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for corpus, section in study.sections():
        settings = study.settings
        desk = Desk(corpus, section, plan_of(corpus, settings.study), settings.study.seed, settings.sample)
        drawn = {"sample": samples, "predictions": predictions}
        mine = {name: table[table["corpus"] == corpus.name] for name, table in drawn.items()}
        known = study.at_hand.pop(DRAFTS + corpus.name, None)
        for name, table in tables_of(desk, **mine, known=known).items():
            found[name].append(table)
    for name, tables in found.items():
        if any(len(table) for table in tables):
            bench.write_table(pd.concat([table for table in tables if len(table)], ignore_index=True), name)


@dataclass(frozen=True)
class Desk:
    """A corpus, what is asked of it, how it is inferred from, the seed of draws, and how samples are used."""

    corpus: Corpus
    section: CorpusSection
    plan: Plan
    seed: int = 0
    drawing: SampleSection = SAMPLE

    @property
    def framework(self) -> Framework:
        """The framework that the corpus is coded by."""
        return self.corpus.framework

    @property
    def per(self) -> str:
        """The unit of time."""
        return self.section.slope.unit if self.section.slope else "month"

    def scores(self, variant: str = VARIANTS[0], *, of_slope: bool = False) -> pd.DataFrame:
        """Score the population of the index, or of the slope."""
        scores = corpus_scores(self.corpus, variant=variant)
        scores = with_periods(scores, years=self.section.period_years) if "date" in scores else scores
        wanted: list[PopulationSection | None] = [self.section.population]
        wanted += [self.section.slope.population] if of_slope and self.section.slope else []
        for one in wanted:
            if one is not None:
                scores = population(scores, one.column, one.value, words=one.words)
        return scores


@dataclass
class _Asked:
    """Drafts that go to one publication, and what each published table becomes."""

    drafts: list[Draft] = field(default_factory=list)
    uses: list[Callable[[pd.DataFrame], None]] = field(default_factory=list)

    def add(self, draft: Draft, use: Callable[[pd.DataFrame], None]) -> None:
        """Ask for a draft's publication."""
        self.drafts.append(draft)
        self.uses.append(use)


def tables_of(
    desk: Desk, *, sample: pd.DataFrame, predictions: pd.DataFrame, known: list[Draft] | None = None
) -> dict[str, pd.DataFrame]:
    """Make the tables of one corpus; all that rests on groups is published beside the study's estimates.

    Parameters
    ----------
    desk : Desk
    sample : DataFrame
        The seeded sample of the corpus.
    predictions : DataFrame
        Out-of-fold probabilities of every segment.
    known : list of Draft, optional
        What `drafts_of` makes of all this, where it is at hand; made anew where left out.

    Returns
    -------
    dict of str to DataFrame
        By the names of `TABLES`; a table that a corpus does not ask for is empty.
    """
    asked, parts = _Asked(), {name: [] for name in (*TABLES, "errors")}
    try:
        scores = desk.scores()
    except UndefinedError:
        return {name: pd.DataFrame() for name in TABLES}
    predicted = with_predictions(scores, predictions, desk.framework)
    _ask_over_time(desk, asked, parts)
    _ask_errors(desk, predicted, asked, parts)
    choices = _choices(desk, scores)
    for choice in choices:
        asked.add(choice.draft, parts["sensitivity"].append)
    drawn = {"sample": sample, "predictions": predictions, "settings": desk.drawing}
    if known is None:
        known = drafts_of(desk.corpus, desk.section, desk.plan, **drawn)
    told = told_of(desk.corpus, desk.section)
    published = publish_beside(asked.drafts, known, plan=desk.plan, told=told)
    for use, table in zip(asked.uses, published, strict=True):
        use(table)
    if choices:
        one_out = leave_one_out(scores, desk.framework, plan=desk.plan)
        parts["sensitivity"] = [choices_table(choices, parts["sensitivity"], one_out)]
    errors = pd.concat(parts.pop("errors"), ignore_index=True) if parts["errors"] else None
    rows = [*_checks(desk, scores, predicted, errors)]
    rows += sensitivity_rows(parts["sensitivity"][0], desk.framework, desk.plan) if choices else []
    parts["diagnosis"] = [diagnosis_table(rows)]
    return {
        name: pd.concat(parts[name], ignore_index=True) if parts[name] else pd.DataFrame() for name in TABLES
    }


def _ask_over_time(desk: Desk, asked: _Asked, parts: dict[str, list[pd.DataFrame]]) -> None:
    """Ask for both curves and for jumps, of the slope's population and groups."""
    slope = desk.section.slope
    if slope is None:
        return
    ask = {"per": desk.per, "plan": desk.plan, "group_by": read_groupings(slope.groups)}

    def of_curve(table: pd.DataFrame) -> None:
        parts["timelines"].append(mark_thin(table, desk.plan))

    for curve in CURVES:
        try:
            scores = desk.scores(of_slope=True)
            asked.add(draft_timeline(scores, desk.framework, curve=curve, **ask), of_curve)
        except UndefinedError as error:
            asked.add(refused(desk.plan, str(error), estimand=curve), parts["timelines"].append)
    try:
        draft, found = draft_change_points(desk.scores(of_slope=True), desk.framework, seed=desk.seed, **ask)
    except UndefinedError as error:
        asked.add(refused(desk.plan, str(error), estimand=JUMP), parts["change_points"].append)
        return
    asked.add(draft, lambda table: parts["change_points"].append(with_found(table, found)))


def _ask_errors(
    desk: Desk, predicted: pd.DataFrame, asked: _Asked, parts: dict[str, list[pd.DataFrame]]
) -> None:
    """Ask for the errors of predictions over all, by place and by time."""
    groups = ["all", _place(predicted), TIMES[desk.per] if "date" in predicted else None]
    wanted = [name for name in groups if name is not None]
    try:
        draft = draft_errors(predicted, desk.framework, plan=desk.plan, group_by=wanted)
    except UndefinedError:
        return
    asked.add(draft, parts["errors"].append)


def _choices(desk: Desk, scores: pd.DataFrame) -> list:
    """Draft the index under other choices; none where there is no index."""
    variants = {}
    for variant in VARIANTS[1:]:
        if variant != CONTESTED or len(desk.corpus.contests):
            variants[variant] = desk.scores(variant)
    ask = {"plan": desk.plan, "leave_out": desk.section.leave_out, "variants": variants}
    try:
        return draft_choices(scores, desk.framework, **ask)
    except UndefinedError:
        return []


def _checks(
    desk: Desk, scores: pd.DataFrame, predicted: pd.DataFrame, errors: pd.DataFrame | None
) -> Iterator[Row]:
    """Make the checks that need no publication of their own: they rest on the whole population."""
    plan, framework, per = desk.plan, desk.framework, desk.per
    yield from sampling_rows(scores, plan, drawn=drawn_for_inference(desk.corpus))
    yield from label_shift_rows(predicted, framework, plan, per=per, place=_place(scores))
    if errors is not None:
        yield from error_rows(errors, predicted, framework, plan, per=per)
    yield from coder_rows(desk.corpus.codings, scores, framework, plan, per=per)
    try:
        moving = desk.scores(of_slope=True)
    except UndefinedError:
        moving = scores
    opposite = opposite_share(desk.corpus.codings, scores, framework)
    slope = per if desk.section.slope else None
    yield from wrong_coding_rows(scores, framework, plan, per=slope, moving=moving, opposite=opposite)


def _place(scores: pd.DataFrame) -> str | None:
    return next((name for name in PLACES if name in scores), None)
