"""The part of the drift stage that looks at the context: composition, scores from outside, whole sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from peercompare.corpus import Corpus, open_corpus
from peercompare.drift import Plan, corpus_scores, read_groupings, with_periods, with_predictions, with_sample
from peercompare.drift.composition import composition_table
from peercompare.drift.external import external_table, read_external
from peercompare.drift.whole_sessions import measures_table, session_measures, turns_left_out
from peercompare.errors import InputError, UndefinedError
from peercompare.persons import MIN_WORKERS
from peercompare.study.context_drafts import chosen
from peercompare.study.runner import Bench
from peercompare.study.settings import ContextSection, CorpusSection

if TYPE_CHECKING:
    from peercompare.classifier import Model

MODEL = "models/stance.skops"
INDEX_CANNOT = "coded in the worker's turns alone, it does not see what the other person says or does"
FEW_PEOPLE = f"withheld: turns of fewer than {MIN_WORKERS} people are left out"


def write_context(
    bench: Bench, published: pd.DataFrame, sample: pd.DataFrame, plans: Mapping[str, Plan]
) -> None:
    """Write what a change is made of, correlations with scores from outside, and session measures.

    Parameters
    ----------
    bench : Bench
    published : DataFrame
        The estimates of all corpora, as they are shown.
    sample : DataFrame
        The seeded sample of every corpus.
    plans : mapping of str to Plan
        How each corpus is inferred from.
    """
    found: dict[str, list[pd.DataFrame]] = {}

    @cache
    def model() -> Model:
        from peercompare.classifier import load_model

        return load_model(bench.study.results / MODEL, bench.study.framework)

    for corpus, section in bench.study.sections():
        if section.context is None:
            continue
        mine = {"published": published[published["corpus"] == corpus.name], "plan": plans[corpus.name]}
        drawn = sample[sample["corpus"] == corpus.name]
        for name, table in _tables(bench, corpus, section, drawn=drawn, model=model, **mine):
            found.setdefault(name, []).append(table)
    for name, tables in found.items():
        bench.write_table(pd.concat(tables, ignore_index=True), name)


def _tables(
    bench: Bench,
    corpus: Corpus,
    section: CorpusSection,
    *,
    drawn: pd.DataFrame,
    published: pd.DataFrame,
    plan: Plan,
    model: Callable[[], Model],
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Make the tables that one corpus's section asks for."""
    asked = section.context
    scores = corpus_scores(corpus)
    scores = with_periods(scores, years=section.period_years) if "date" in scores else scores
    predictions = bench.table("predictions")
    mine = predictions[predictions["corpus"] == corpus.name]
    sampled = with_sample(with_predictions(scores, mine, corpus.framework), drawn)
    by_labels = {"all_codings": scores, "probability_sample": sampled}
    if asked.composition is not None:
        for labels, table in by_labels.items():
            yield "composition", _composition(table, corpus, section, plan, published, labels)
        yield "composition_terms", _terms(model, corpus, asked)
    if asked.external is not None:
        known = read_external(bench.study.folder / asked.external, sites=list(corpus.documents["site_id"]))
        for labels, table in by_labels.items():
            own = chosen(table, section)
            yield "external", external_table(own, corpus.framework, known, plan=plan, labels=labels)
    if asked.session_groups:
        yield "session_measures", _sessions(corpus, asked, plan, published)
        yield "session_turns", count_turns(corpus)


def _composition(
    scores: pd.DataFrame,
    corpus: Corpus,
    section: CorpusSection,
    plan: Plan,
    published: pd.DataFrame,
    labels: str,
) -> pd.DataFrame:
    """Take a change apart; what is not defined is a row with its reason."""
    asked = section.context.composition
    pair = (asked.first, asked.second)
    try:
        return composition_table(
            chosen(scores, section),
            corpus.framework,
            plan=plan,
            column=asked.column,
            pair=pair,
            published=published,
            labels=labels,
        )
    except UndefinedError as error:
        row = {"corpus": corpus.name, "estimand": "change", "group_by": asked.column, "dimension": "all"}
        row |= {"group": f"{pair[1]} less {pair[0]}", "labels": labels, "variant": "as_coded"}
        row |= {"method": "not estimated", "reason": str(error), "waiver": False, "target": plan.words("")}
        return pd.DataFrame([row]).reindex(columns=published.columns)


def _terms(model: Callable[[], Model], corpus: Corpus, asked: ContextSection) -> pd.DataFrame:
    """Say which terms move the classifier's scores between the two groups, or why that is not told."""
    from peercompare.classifier import change_contributions

    pair = asked.composition
    named = {"corpus": corpus.name, "group_by": pair.column, "group": f"{pair.second} less {pair.first}"}
    try:
        table = change_contributions(model(), corpus, pair.column, pair.first, pair.second)
    except InputError as error:
        return pd.DataFrame([{**named, "reason": str(error).splitlines()[0]}])
    return table.assign(**named, reason="")


def _sessions(corpus: Corpus, asked: ContextSection, plan: Plan, published: pd.DataFrame) -> pd.DataFrame:
    """Average session measures over groups, with the index of the same groups of everybody beside them."""
    groups = read_groupings(asked.session_groups)
    sessions = session_measures(corpus)
    for name, rule in {"year": "%Y", "month": "%Y-%m"}.items():
        sessions[name] = sessions["date"].dt.strftime(rule)
    table = measures_table(sessions, plan=plan, group_by=groups)
    index = published[
        (published["estimand"] == "index")
        & (published["dimension"] == "all")
        & (published["variant"] == "as_coded")
        & (published["labels"] == "all_codings")
        & published["group_by"].isin(set(table["group_by"]))
        & ~published["target"].str.contains("(", regex=False)
    ]
    return pd.concat([index.assign(cannot_tell=INDEX_CANNOT), table], ignore_index=True)[list(table.columns)]


def count_turns(corpus: Corpus) -> pd.DataFrame:
    """Count the turns that session measures rest on, and those that consent to analysis leaves out.

    Parameters
    ----------
    corpus : Corpus
        Opened past the gate. Its folder is opened once more with those who refuse blacked out, so that
        their turns can be counted and not read.

    Returns
    -------
    DataFrame
        ``corpus, n_turns, n_turns_refused, n_turns_beside, withheld``, one row. Where a real corpus leaves
        out fewer than five people, what is left out is not counted.
    """
    whole = open_corpus(
        corpus.folder, purpose="analysis", as_of=corpus.as_of, policy="redact", framework=corpus.framework
    )
    row = pd.DataFrame([{"corpus": corpus.name, **turns_left_out(whole, corpus)}]).astype(
        dict.fromkeys(["n_turns", "n_turns_refused", "n_turns_beside"], "Int64")
    )
    few = not corpus.composed and 0 < whole.left_out["person_id"].nunique() < MIN_WORKERS
    if few:
        row[["n_turns_refused", "n_turns_beside"]] = pd.NA
    return row.assign(withheld=FEW_PEOPLE if few else "")
