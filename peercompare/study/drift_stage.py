"""The stage that estimates drift: every estimate in one table, each with its interval or its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from peercompare.contests import contests_table
from peercompare.corpus import Corpus
from peercompare.drift import (
    CONTESTED,
    VARIANTS,
    Draft,
    Plan,
    References,
    corpus_scores,
    draft_anchored,
    draft_differences,
    draft_estimates,
    draft_shrunken,
    draft_standardised,
    draft_trend,
    draw_sample,
    population,
    publish,
    read_groupings,
    refused,
    with_periods,
    with_predictions,
    with_sample,
    worker_feedback,
)
from peercompare.drift.evidence import ESTIMATOR_LABELS
from peercompare.errors import UndefinedError
from peercompare.study.context_drafts import context_drafts, without_repeats
from peercompare.study.context_stage import write_context
from peercompare.study.runner import WORKING, Bench
from peercompare.study.settings import CorpusSection, PopulationSection, SampleSection, StudySection

ALL = "all"
AS_CODED, *OTHER_VARIANTS = VARIANTS
ALL_CODINGS = "all_codings"
SAMPLE = SampleSection()
DRAFTS = "drafts of "
"""Names, with a corpus, the drafts that a study keeps at hand for its diagnosis."""


def estimate_drift(bench: Bench) -> None:
    """Estimate shares, index, slopes and anchored index, from all codings and from a seeded sample."""
    study = bench.study
    predictions = bench.table("predictions")
    estimates, samples, plans = [], [], {}
    for corpus, section in study.sections():
        plan = plans[corpus.name] = plan_of(corpus, study.settings.study)
        sample = _sample(corpus, bench)
        samples.append(sample.assign(corpus=corpus.name))
        mine = predictions[predictions["corpus"] == corpus.name]
        asked = {"sample": sample, "predictions": mine, "settings": study.settings.sample}
        drafts = drafts_of(corpus, section, plan, **asked)
        study.at_hand[DRAFTS + corpus.name] = drafts
        estimates.append(_published(drafts, corpus, section, plan))
        if section.individual_feedback:
            _give_feedback(corpus, plan, bench)
    bench.write_table(pd.concat(estimates, ignore_index=True), "estimates")
    contested = pd.concat([contests_table(corpus) for corpus, _ in study.sections()], ignore_index=True)
    if len(contested):
        bench.write_table(contested, "contests")
    bench.write_table(pd.concat(samples, ignore_index=True), "sample", folder=WORKING)
    write_context(bench, pd.concat(estimates), pd.concat(samples), plans)


def plan_of(corpus: Corpus, settings: StudySection) -> Plan:
    """Say how a corpus is inferred from; only a composed corpus may waive the rule of five workers."""
    return Plan.of(
        corpus,
        confidence_level=settings.confidence_level,
        waive=settings.waive_small_cells_if_composed and corpus.composed,
    )


def estimates_of(
    corpus: Corpus,
    section: CorpusSection,
    plan: Plan,
    *,
    sample: pd.DataFrame,
    predictions: pd.DataFrame,
    settings: SampleSection = SAMPLE,
) -> pd.DataFrame:
    """Estimate all that a study publishes of a corpus, and withhold what any of it would give away.

    Parameters
    ----------
    corpus : Corpus
    section : CorpusSection
        What is asked of the corpus.
    plan : Plan
    sample : DataFrame
        Which segments a probability sample drew: ``segment_id``, ``pi``, ``sampled``.
    predictions : DataFrame
        Out-of-fold probabilities of every segment.
    settings : SampleSection, optional
        By which estimators the sample is used; rectified where left out.

    Returns
    -------
    DataFrame
        The estimates; what is not defined is a row with its reason.
    """
    drafts = drafts_of(corpus, section, plan, sample=sample, predictions=predictions, settings=settings)
    return _published(drafts, corpus, section, plan)


def _published(drafts: list[Draft], corpus: Corpus, section: CorpusSection, plan: Plan) -> pd.DataFrame:
    """Withhold, over all drafts of a corpus, what would give somebody away."""
    return without_repeats(publish(drafts, plan=plan, told=told_of(corpus, section)))


def drafts_of(
    corpus: Corpus,
    section: CorpusSection,
    plan: Plan,
    *,
    sample: pd.DataFrame,
    predictions: pd.DataFrame,
    settings: SampleSection = SAMPLE,
) -> list[Draft]:
    """Draft all that `estimates_of` publishes; whatever else is published of a corpus stands beside it."""
    desk = _Desk(corpus, section, plan)
    fewer = _with_fewer_labels(desk, sample, predictions, settings)
    return [*_as_coded(desk), *_in_variants(desk), *fewer]


@dataclass(frozen=True)
class _Desk:
    """What every draft of a corpus needs."""

    corpus: Corpus
    section: CorpusSection
    plan: Plan

    @property
    def about(self) -> Plan:
        """The plan of shares, index and slopes, which alone may speak of this corpus and no other."""
        return replace(self.plan, target=self.section.target)

    def scores(self, variant: str = AS_CODED) -> pd.DataFrame:
        """Score the corpus, with periods where documents have dates."""
        scores = corpus_scores(self.corpus, variant=variant)
        return with_periods(scores, years=self.section.period_years) if "date" in scores else scores

    def shares(
        self,
        scores: pd.DataFrame,
        groups: list[str],
        *,
        chosen: bool = True,
        labels: str = ALL_CODINGS,
        dimensions: bool = True,
    ) -> Draft:
        """Draft shares and index, of the section's population or of everybody."""
        wanted = [self.section.population] if chosen else []
        ask = partial(draft_estimates, group_by=read_groupings(groups), dimensions=dimensions)
        return self._draft(ask, scores, wanted, estimand="index", labels=labels, plan=self.about)

    def slopes(self, scores: pd.DataFrame, *, labels: str = ALL_CODINGS) -> list[Draft]:
        """Draft the slopes where the section asks for any."""
        slope = self.section.slope
        if slope is None:
            return []
        ask = partial(draft_trend, per=slope.unit, group_by=read_groupings(slope.groups))
        wanted = [self.section.population, slope.population]
        return [self._draft(ask, scores, wanted, estimand="slope", labels=labels, plan=self.about)]

    def anchored(self, scores: pd.DataFrame) -> list[Draft]:
        """Draft the anchored index where the section asks for it."""
        ends = self.section.anchor
        if ends is None:
            return []
        references = References(ends.column, ends.start, ends.end)
        ask = partial(draft_anchored, references=references, group_by=read_groupings(ends.groups))
        return [self._draft(ask, scores, [], estimand="index_anchored", labels=ALL_CODINGS)]

    def further(self, scores: pd.DataFrame) -> Iterator[Draft]:
        """Draft the index standardised or drawn in, and differences, where the section asks for them."""
        wanted = [self.section.population]
        if self.section.standardised:
            ask = partial(draft_standardised, group_by=read_groupings(self.section.groups))
            yield self._draft(ask, scores, wanted, estimand="index_standardised", labels=ALL_CODINGS)
        for column in self.section.shrink:
            ask = partial(draft_shrunken, group_by=column)
            yield self._draft(ask, scores, wanted, estimand="index_shrunken", labels=ALL_CODINGS)
        for asked in self.section.differences:
            ask = partial(draft_differences, **asked.model_dump())
            yield self._draft(ask, scores, wanted, estimand="index_difference", labels=ALL_CODINGS)

    def _draft(
        self,
        ask: Callable[..., Draft],
        scores: pd.DataFrame,
        wanted: list[PopulationSection | None],
        *,
        estimand: str,
        labels: str,
        plan: Plan | None = None,
    ) -> Draft:
        """Ask for a draft about a population; what is not defined becomes a row with its reason."""
        plan, chosen = plan or self.plan, [one for one in wanted if one is not None]
        try:
            for one in chosen:
                scores = population(scores, one.column, one.value, words=one.words)
            return ask(scores, self.corpus.framework, plan=plan, labels=labels)
        except UndefinedError as error:
            return refused(
                plan,
                str(error),
                estimand=estimand,
                population=chosen[-1].words if chosen else "",
                labels=labels,
                variant=scores["variant"].iloc[0],
            )


def _as_coded(desk: _Desk) -> Iterator[Draft]:
    """Draft everything that the study asks of a corpus, from all its codings."""
    section, everybody = desk.section, desk.scores()
    yield desk.shares(everybody, section.groups)
    if section.fine_groups:
        yield desk.shares(everybody, section.fine_groups, dimensions=False)
    if section.compare:
        yield desk.shares(everybody, section.compare, chosen=False)
    yield from desk.slopes(everybody)
    yield from desk.anchored(everybody)
    yield from desk.further(everybody)
    yield from context_drafts(desk.corpus, section, desk.plan, everybody)


def _in_variants(desk: _Desk) -> Iterator[Draft]:
    """Draft the whole again without what law or payer requires, ties split, as workers contest it."""
    for variant in OTHER_VARIANTS:
        if variant == CONTESTED and desk.corpus.contests.empty:
            continue
        scores = desk.scores(variant)
        yield desk.shares(scores, [ALL])
        yield from desk.slopes(scores)


def _with_fewer_labels(
    desk: _Desk, sample: pd.DataFrame, predictions: pd.DataFrame, settings: SampleSection
) -> Iterator[Draft]:
    """Draft the groups again from a sample, by each estimator asked for, and the whole from predictions."""
    predicted = with_predictions(desk.scores(), predictions, desk.corpus.framework)
    sampled = with_sample(predicted, sample)
    groups = list(dict.fromkeys([ALL, *desk.section.groups]))
    for estimator in dict.fromkeys([settings.estimator, *settings.beside]):
        yield desk.shares(sampled, groups, labels=ESTIMATOR_LABELS[estimator])
        yield from desk.slopes(sampled, labels=ESTIMATOR_LABELS[estimator])
    yield from context_drafts(desk.corpus, desk.section, desk.plan, sampled, "probability_sample")
    yield desk.shares(predicted, [ALL], labels="predicted_only")
    yield from desk.slopes(predicted, labels="predicted_only")


def _sample(corpus: Corpus, bench: Bench) -> pd.DataFrame:
    """Draw the seeded probability sample within each worker or employer."""
    clusters = corpus.documents[["document_id", corpus.cluster]]
    segments = corpus.segments[["segment_id", "document_id"]].merge(clusters, on="document_id")
    settings = bench.study.settings
    return draw_sample(segments, strata=corpus.cluster, share=settings.sample.share, rng=settings.study.seed)


def _workers_who_agreed(corpus: Corpus) -> list[str]:
    """Return the workers whose consent covers feedback on their own sessions, in the order of their ids."""
    workers = sorted(set(corpus.documents["worker_id"]))
    return [each for each in workers if corpus.person_permits(each, "individual_feedback")]


def told_of(corpus: Corpus, section: CorpusSection) -> list[str]:
    """Return the workers who get a table of their own in this study."""
    return _workers_who_agreed(corpus) if section.individual_feedback else []


FOR_WHOM = """Each table in this folder is about one worker's own sessions and is for that worker alone.
The worker's id is in its name. Hand each over by itself, to that worker and to nobody else: not to
a supervisor, an employer, a funder or a colleague. Do not put two side by side. A table stands here
only for a worker whose record of consent covers individual feedback; delete it when it has been
handed over.
"""
"""What stands beside the tables of single workers."""


def _give_feedback(corpus: Corpus, plan: Plan, bench: Bench) -> None:
    """Write each worker who asked for it a file of their own; nobody else's numbers are in it."""
    scores = corpus_scores(corpus)
    for worker in _workers_who_agreed(corpus):
        if worker not in set(scores["worker_id"]):
            continue
        try:
            table = worker_feedback(
                scores, corpus.framework, worker, permits=corpus.person_permits, plan=plan
            )
        except UndefinedError as error:
            table = pd.DataFrame([{"corpus": corpus.name, "reason": str(error)}])
        text, name = table.to_csv(index=False, lineterminator="\n"), f"{corpus.name}_{worker}.csv"
        bench.write_file(text, f"individual_feedback/{name}", private=True)
        bench.write_file(FOR_WHOM, "individual_feedback/README.txt", private=True)
