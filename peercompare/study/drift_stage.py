"""The stage that estimates drift: every estimate in one table, each with its interval or its reason."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift import (
    VARIANTS,
    Plan,
    References,
    anchored_table,
    corpus_scores,
    draw_sample,
    estimate_table,
    population,
    trend_table,
    with_periods,
    with_predictions,
    with_sample,
    worker_feedback,
)
from peercompare.errors import UndefinedError
from peercompare.study.runner import Bench
from peercompare.study.settings import CorpusSection, PopulationSection, StudySection

AS_CODED, *OTHER_VARIANTS = VARIANTS
CROSS = " x "


def estimate_drift(bench: Bench) -> None:
    """Estimate shares, index, slopes and anchored index, from all codings and from a seeded sample."""
    study = bench.study
    predictions = bench.table("predictions")
    estimates, samples = [], []
    for corpus, section in study.sections():
        plan = plan_of(corpus, study.settings.study)
        mine = predictions[predictions["corpus"] == corpus.name]
        sample = _sample(corpus, bench)
        samples.append(sample.assign(corpus=corpus.name))
        estimates += _as_coded(corpus, section, plan)
        estimates += _in_variants(corpus, section, plan)
        estimates += _with_fewer_labels(corpus, section, plan, sample=sample, predictions=mine)
        if section.individual_feedback:
            _give_feedback(corpus, plan, bench)
    bench.write_table(pd.concat(estimates, ignore_index=True), "estimates")
    bench.write_table(pd.concat(samples, ignore_index=True), "sample")


def plan_of(corpus: Corpus, settings: StudySection) -> Plan:
    """Say how a corpus is inferred from; only a composed corpus may waive the rule of five workers."""
    return Plan.of(
        corpus,
        confidence_level=settings.confidence_level,
        waive=settings.waive_small_cells_if_composed and corpus.composed,
    )


def groupings(names: list[str]) -> list[str | tuple[str, ...]]:
    """Read the groups of a study file: a column, or several crossed."""
    return [tuple(name.split(CROSS)) if CROSS in name else name for name in names]


def _as_coded(corpus: Corpus, section: CorpusSection, plan: Plan) -> Iterator[pd.DataFrame]:
    """Estimate everything that the study asks of a corpus, from all its codings."""
    everybody = _scores(corpus, section)
    chosen = _chosen(everybody, section.population)
    yield estimate_table(chosen, corpus.framework, plan=plan, group_by=groupings(section.groups))
    if section.fine_groups:
        fine = groupings(section.fine_groups)
        yield estimate_table(chosen, corpus.framework, plan=plan, group_by=fine, dimensions=False)
    if section.compare:
        yield estimate_table(everybody, corpus.framework, plan=plan, group_by=groupings(section.compare))
    if section.slope is not None:
        yield _slopes(chosen, corpus, section, plan)
    if section.anchor is not None:
        anchor = section.anchor
        yield anchored_table(
            everybody,
            corpus.framework,
            references=References(anchor.column, anchor.start, anchor.end),
            plan=plan,
            group_by=groupings(anchor.groups),
        )


def _in_variants(corpus: Corpus, section: CorpusSection, plan: Plan) -> Iterator[pd.DataFrame]:
    """Estimate the whole again without what law or payer requires, and with ties split."""
    for variant in OTHER_VARIANTS:
        chosen = _chosen(_scores(corpus, section, variant=variant), section.population)
        yield estimate_table(chosen, corpus.framework, plan=plan)
        if section.slope is not None:
            yield _slopes(chosen, corpus, section, plan)


def _with_fewer_labels(
    corpus: Corpus, section: CorpusSection, plan: Plan, *, sample: pd.DataFrame, predictions: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    """Estimate the whole again from a sample put right by predictions, and from predictions alone."""
    predicted = with_predictions(_scores(corpus, section), predictions, corpus.framework)
    sampled = _chosen(with_sample(predicted, sample), section.population)
    for scores, labels in (
        (sampled, "probability_sample"),
        (_chosen(predicted, section.population), "predicted_only"),
    ):
        yield estimate_table(scores, corpus.framework, plan=plan, labels=labels)
        if section.slope is not None:
            yield _slopes(scores, corpus, section, plan, labels=labels)


def _slopes(
    scores: pd.DataFrame, corpus: Corpus, section: CorpusSection, plan: Plan, *, labels: str = "all_codings"
) -> pd.DataFrame:
    slope = section.slope
    return trend_table(
        _chosen(scores, slope.population),
        corpus.framework,
        per=slope.unit,
        plan=plan,
        group_by=groupings(slope.groups),
        labels=labels,
    )


def _scores(corpus: Corpus, section: CorpusSection, *, variant: str = AS_CODED) -> pd.DataFrame:
    return with_periods(corpus_scores(corpus, variant=variant), years=section.period_years)


def _chosen(scores: pd.DataFrame, wanted: PopulationSection | None) -> pd.DataFrame:
    return scores if wanted is None else population(scores, wanted.column, wanted.value, words=wanted.words)


def _sample(corpus: Corpus, bench: Bench) -> pd.DataFrame:
    """Draw the seeded probability sample within each worker or employer."""
    clusters = corpus.documents[["document_id", corpus.cluster]]
    segments = corpus.segments[["segment_id", "document_id"]].merge(clusters, on="document_id")
    settings = bench.study.settings
    return draw_sample(segments, strata=corpus.cluster, share=settings.sample.share, rng=settings.study.seed)


def _give_feedback(corpus: Corpus, plan: Plan, bench: Bench) -> None:
    """Write each worker who asked for it a file of their own; nobody else's numbers are in it."""
    scores = corpus_scores(corpus)
    workers = corpus.documents.loc[corpus.documents["document_id"].isin(scores["document_id"]), "worker_id"]
    for worker in sorted(set(workers)):
        if not corpus.person_permits(worker, "individual_feedback"):
            continue
        try:
            table = worker_feedback(
                scores, corpus.framework, worker, permits=corpus.person_permits, plan=plan
            )
        except UndefinedError as error:
            table = pd.DataFrame([{"corpus": corpus.name, "reason": str(error)}])
        bench.write_file(
            table.to_csv(index=False, lineterminator="\n"), f"individual_feedback/{corpus.name}_{worker}.csv"
        )
