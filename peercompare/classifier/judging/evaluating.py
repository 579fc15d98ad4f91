"""One function that judges models as they will fare on texts from elsewhere, and one tidy table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Any

import pandas as pd

from peercompare.classifier.baselines import (
    dictionary_predictions,
    majority_predictions,
    source_only_predictions,
)
from peercompare.classifier.evaluation import coder_scores, genre_out_predictions, true_labels
from peercompare.classifier.examples import EXAMPLES_WEIGHT
from peercompare.classifier.judging import parts
from peercompare.classifier.judging.comparing import compare_predictions
from peercompare.classifier.judging.curves import curve_rows, drawn_out, learning_curve
from peercompare.classifier.judging.designs import (
    Fit,
    Material,
    left_out_predictions,
    linear_fit,
    material_of,
    nested_predictions,
)
from peercompare.classifier.judging.grouping import (
    DIMENSION,
    NEAR_DUPLICATE,
    check_grouping,
    groupings,
    values_of,
)
from peercompare.classifier.judging.parts import (
    EVALUATION_COLUMNS,
    Judged,
    Showing,
    judged,
    reason_row,
    shown,
)
from peercompare.classifier.model import Learn, train
from peercompare.classifier.prediction import out_of_fold
from peercompare.classifier.recentring import LEAST, recentred
from peercompare.classifier.showing import TOO_FEW, rests_on_too_few, workers_of
from peercompare.codings import GOLD, coders
from peercompare.corpus import Corpus
from peercompare.errors import InputError, UndefinedError
from peercompare.progress import progress

NGRAM, NESTED = "ngram", "ngram, settings chosen inside"
BASELINES = ("majority", "dictionary", "source_only")
LADDER_SCORES = ("macro_f1", "accuracy", "cost", "f1")
GAINS, MULTIPLES = (0.02, 0.05), (1.5, 2.0, 4.0)


@dataclass(frozen=True)
class EvaluationPlan:
    """What an evaluation asks, decided before anything is seen.

    Parameters
    ----------
    seed : int
        Of folds, fits, draws and permutations.
    n_folds : int, default 5
        Outer grouped folds.
    candidates : tuple of mapping, default ()
        Settings among which inner folds choose, for a further model whose choice is part of what is judged;
        none by default.
    by : tuple of str, default ("dimension", "near_duplicate")
        By what scores are told apart: "dimension" (of gold's code), "year", "near_duplicate", or a column of
        documents.
    leave_out : tuple of str, default ()
        Columns of which each value is left out in turn, such as a site, an employer, a setting or the year.
    ladder : bool, default True
        Judge our n-gram model and the baselines too; False judges the predictions that are brought alone.
    curve : bool, default False
        Train on ever more documents.
    n_permutations : int, default 999
        Of labels within clusters.
    confidence_level : float, default 0.95
        In (0, 1).
    waive : bool, default False
        Show what rests on fewer than five workers where the corpus is composed.
    weights : mapping
        ``gold_weight`` and ``coder_weight`` of `training_table`, where they are not the usual ones.
    learners : mapping of str to callable
        By name what else learns in the same folds and without the same genre, beside our n-gram model; see
        `peercompare.classifier.embeddings.learner`.
    examples_weight : float, default 0.5
        What each of the framework's coded examples counts to our n-gram model; see `train`.
    """

    seed: int
    n_folds: int = 5
    candidates: tuple[Mapping[str, Any], ...] = ()
    by: tuple[str, ...] = (DIMENSION, NEAR_DUPLICATE)
    leave_out: tuple[str, ...] = ()
    ladder: bool = True
    curve: bool = False
    n_permutations: int = 999
    confidence_level: float = 0.95
    waive: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    learners: Mapping[str, Learn] = field(default_factory=dict)
    examples_weight: float = EXAMPLES_WEIGHT

    @property
    def ngram(self) -> Learn:
        """What learns our n-gram model."""
        return partial(train, examples_weight=self.examples_weight)

    @property
    def showing(self) -> Showing:
        """How results are shown."""
        return Showing(self.confidence_level, self.n_permutations, self.seed, self.waive)


def evaluate(
    corpora: Corpus | Sequence[Corpus],
    plan: EvaluationPlan,
    *,
    predictions: Mapping[str, Mapping[str, pd.DataFrame]] | None = None,
    texts: Mapping[str, Callable[[str], str]] | None = None,
) -> pd.DataFrame:
    """Judge models on texts of employers or workers that they never saw, in one tidy table.

    Parameters
    ----------
    corpora : Corpus or sequence of Corpus
        Coded by gold. Each is judged by itself; with two genres or more, each genre is also left out.
    plan : EvaluationPlan
    predictions : mapping of str to mapping of str to DataFrame, optional
        Other models by name, each with a predictions table by corpus name (see
        `peercompare.predictions.read_predictions`). They are judged exactly like ours.
    texts : mapping of str to callable, optional
        By a name such as "titles masked", what makes of each segment's text the one that our model sees, in
        training and in the test.

    Returns
    -------
    DataFrame
        Columns as `EVALUATION_COLUMNS`, one row for each number. ``part`` is

        - scores, groups, confusion, calibration, permuted: for each model judged;
        - ladder: majority, dictionary, source only, the models judged, and the coders against each other, all
          on the segments that gold and two coders have coded;
        - compared: every pair of models judged, and our model with each baseline, paired;
        - left_out, genre_out: our model trained without a site, year, setting ..., or without a genre (of
          another genre labels are also named beside their mean over it, see `recentred`);
        - settings: which settings the inner folds chose;
        - curve: macro-F1 by number of teaching documents, and what lies ahead, marked as extrapolated.

        Estimates have delete-one-cluster jackknife intervals, t(n_clusters - 1). Where a number is undefined,
        has no interval or is withheld, ``reason`` says why.

    Raises
    ------
    InputError
        Where the plan names a column that no corpus has, or predictions for no corpus at hand.
    DisclosureError
        Where scores by person are asked for.
    ConsentError, CodingError
        As in `training_table`.
    """
    several = [corpora] if isinstance(corpora, Corpus) else list(corpora)
    brought = dict(predictions or {})
    _check(several, plan, brought)
    tables = [
        table.assign(part=part)
        for corpus in several
        for part, table in _of_one(corpus, plan, brought, dict(texts or {}))
    ]
    if plan.ladder and len({corpus.genre for corpus in several}) > 1:
        tables += [table.assign(part="genre_out") for table in _genre_out(several, plan)]
    found = pd.concat(tables, ignore_index=True)[EVALUATION_COLUMNS]
    words = found[parts.WORDS].astype(object)
    return found.assign(**words.where(words.notna(), ""))


def _check(
    several: list[Corpus], plan: EvaluationPlan, brought: Mapping[str, Mapping[str, pd.DataFrame]]
) -> None:
    """Refuse what cannot be asked, before anything is trained."""
    for name in (*plan.by, *plan.leave_out):
        check_grouping(name, several)
    taken = {*BASELINES, *plan.learners}
    ours = [name for name in brought if name in taken or name.startswith(NGRAM)]
    if ours:
        raise InputError(
            f"Predictions cannot be called {', '.join(ours)}: models of ours are called so",
            remedy="call them something else; on the command line, rename the file",
        )
    names = {corpus.name for corpus in several}
    strangers = [name for name, tables in brought.items() if not names & set(tables)]
    if not several or (not plan.ladder and not brought) or strangers:
        raise InputError(
            f"There is nothing to evaluate{' by ' + ', '.join(strangers) if strangers else ''}",
            remedy="give a corpus, and predictions for it or the ladder of our own models",
        )


def _of_one(
    corpus: Corpus,
    plan: EvaluationPlan,
    brought: Mapping[str, Mapping[str, pd.DataFrame]],
    texts: Mapping[str, Callable[[str], str]],
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Judge everything on one corpus."""
    models = {name: tables[corpus.name] for name, tables in brought.items() if corpus.name in tables}
    baselines: dict[str, pd.DataFrame] = {}
    if plan.ladder:
        ours, chosen = _our_models(corpus, plan, texts)
        models, baselines = {**ours, **models}, _baselines(corpus, plan)
        yield from (("settings", table) for table in chosen)
    absent = [name for name in plan.by if name not in groupings(corpus)]
    groups = [(name, values_of(corpus, name)) for name in plan.by if name not in absent]
    for name in absent:
        yield "groups", reason_row(corpus, f"{corpus.name} has no column {name!r}", group_by=name)
    for name, table in progress(models.items(), description=f"judging {corpus.name}", total=len(models)):
        for part, found in parts.model_parts(judged(corpus, table), table, groups, plan.showing):
            yield part, found.assign(model=name)
    yield "ladder", _ladder(corpus, {**baselines, **models}, plan)
    yield from (("compared", table) for table in _compared(corpus, models, baselines, plan))
    if plan.ladder:
        yield from _trained_otherwise(corpus, plan)


def _our_models(
    corpus: Corpus, plan: EvaluationPlan, texts: Mapping[str, Callable[[str], str]]
) -> tuple[dict[str, pd.DataFrame], list[pd.DataFrame]]:
    """Predict a corpus out of fold by our own model, as it is, with changed texts, with chosen settings."""
    folding = {"n_folds": plan.n_folds, "seed": plan.seed}
    found = {
        name: out_of_fold(corpus, learn=learn, **folding, **plan.weights)
        for name, learn in {NGRAM: plan.ngram, **plan.learners}.items()
    }
    chosen = []
    for name, change in texts.items():
        changed = replace(corpus, segments=corpus.segments.assign(text=corpus.segments["text"].map(change)))
        found[f"{NGRAM}, {name}"] = out_of_fold(changed, learn=plan.ngram, **folding, **plan.weights)
    if plan.candidates:
        material = material_of(corpus, **plan.weights)
        fit = _linear(corpus, plan)
        found[NESTED], told = nested_predictions(material, plan.candidates, fit=fit, **folding)
        chosen.append(_settings_rows(told, corpus, plan))
    return found, chosen


def _linear(corpus: Corpus, plan: EvaluationPlan) -> Fit:
    """Return the fit of our n-gram model, which no example that stands in the corpus teaches."""
    texts = corpus.segments["text"]
    return linear_fit(corpus.framework, seed=plan.seed, learn=plan.ngram, apart_from=texts)


def _settings_rows(told: pd.DataFrame, corpus: Corpus, plan: EvaluationPlan) -> pd.DataFrame:
    """Lay out what inner folds found of each candidate."""
    rows = pd.DataFrame({
        "model": NESTED, "design": "outer fold " + told["fold"].astype(str), "group_by": "settings",
        "group": told["settings"], "score": "macro_f1 in inner folds", "estimate": told["macro_f1"],
        "method": "mean of F1 over the labels that occur; inner grouped folds",
        "reason": told["chosen"].map({True: "chosen; no interval: it served to choose, and flatters",
                                      False: "not chosen; no interval: it served to choose"}),
    })  # fmt: skip
    return shown(rows, "", corpus, plan.showing)


def _baselines(corpus: Corpus, plan: EvaluationPlan) -> dict[str, pd.DataFrame]:
    """Predict a corpus by what any model must beat."""
    folding = {"n_folds": plan.n_folds, "seed": plan.seed, **plan.weights}
    found = (
        majority_predictions(corpus, **folding),
        dictionary_predictions(corpus),
        source_only_predictions(corpus, **folding),
    )
    return dict(zip(BASELINES, found, strict=True))


def _ladder(corpus: Corpus, models: Mapping[str, pd.DataFrame], plan: EvaluationPlan) -> pd.DataFrame:
    """Score every model, and coders against each other, on the segments that gold and two coders coded."""
    names = coders(corpus.codings)
    counted = corpus.codings[
        corpus.codings["coder_id"].isin(names) & corpus.codings["is_primary"].astype(bool)
    ]
    twice = counted.groupby("segment_id")["coder_id"].nunique()
    both = set(twice.index[twice > 1]) & set(true_labels(corpus, GOLD).index)
    why = (
        ""
        if both
        else f"{corpus.name} has no segment that gold and two coders have coded: there is no ceiling"
    )
    codings = corpus.codings
    same = replace(corpus, codings=codings[codings["segment_id"].isin(both)]) if both else corpus
    tables = [
        parts.overall(judged(same, table), plan.showing).assign(model=name) for name, table in models.items()
    ]
    if both:
        ceiling = coder_scores(same, confidence_level=plan.confidence_level, waive=plan.waive)
        tables.append(ceiling.reindex(columns=EVALUATION_COLUMNS).assign(design="coders"))
    found = pd.concat(tables, ignore_index=True)
    found = found[found["score"].isin(LADDER_SCORES)]
    return pd.concat([found, reason_row(corpus, why, design="coders")]) if why else found


def _compared(
    corpus: Corpus,
    models: Mapping[str, pd.DataFrame],
    baselines: Mapping[str, pd.DataFrame],
    plan: EvaluationPlan,
) -> Iterator[pd.DataFrame]:
    """Compare every pair of models judged, and our model with each baseline."""
    pairs = list(combinations(models.items(), 2))
    pairs += [((NGRAM, models[NGRAM]), each) for each in baselines.items()]
    for (one, first), (other, second) in pairs:
        found = compare_predictions(
            corpus, first, second, names=(one, other), seed=plan.seed,
            confidence_level=plan.confidence_level, waive=plan.waive,
        )  # fmt: skip
        yield found.reindex(columns=EVALUATION_COLUMNS)


def _trained_otherwise(corpus: Corpus, plan: EvaluationPlan) -> Iterator[tuple[str, pd.DataFrame]]:
    """Train our model without each value of a column, and on ever more documents."""
    if not (plan.leave_out or plan.curve):
        return
    material = material_of(corpus, **plan.weights)
    for column in plan.leave_out:
        yield "left_out", _left_out(corpus, material, column, plan).assign(model=NGRAM)
    if plan.curve:
        yield "curve", _curve(corpus, material, plan).assign(model=NGRAM)


def _left_out(corpus: Corpus, material: Material, column: str, plan: EvaluationPlan) -> pd.DataFrame:
    """Score what was left out, together and value by value."""
    design = f"leave one {column} out"
    if column not in groupings(corpus):
        return reason_row(corpus, f"{corpus.name} has no column {column!r}", design=design)
    values = values_of(corpus, column)
    fit = _linear(corpus, plan)
    try:
        found = judged(corpus, left_out_predictions(material, values, fit=fit, column=column))
    except UndefinedError as error:
        return reason_row(corpus, str(error), design=design)
    tables = [parts.overall(found, plan.showing), parts.by_group(found, values, column, plan.showing)]
    return pd.concat(tables, ignore_index=True).assign(design=design)


def _genre_out(several: Sequence[Corpus], plan: EvaluationPlan) -> Iterator[pd.DataFrame]:
    """Score each genre by what was trained on the others."""
    for model, learn in {NGRAM: plan.ngram, **plan.learners}.items():
        left_out = genre_out_predictions(several, seed=plan.seed, learn=learn, **plan.weights)
        for corpus, name, table in left_out:
            designs = {name: table}
            if len(table) >= LEAST:
                designs[f"{name}, labels recentred"] = recentred(table, corpus.framework.labels)
            for design, predictions in designs.items():
                found: Judged = judged(corpus, predictions)
                yield parts.overall(found, plan.showing).assign(model=model, design=design)


def _curve(corpus: Corpus, material: Material, plan: EvaluationPlan) -> pd.DataFrame:
    """Lay out the learning curve and what lies ahead of it."""
    fit, showing = _linear(corpus, plan), plan.showing
    try:
        curve = learning_curve(material, fit=fit, n_folds=plan.n_folds, seed=plan.seed)
    except UndefinedError as error:
        return reason_row(corpus, str(error), design="learning curve")
    level = showing.confidence_level
    rows = curve_rows(curve, corpus.framework.labels, confidence_level=level)
    rows += drawn_out(curve, sizes=MULTIPLES, gains=GAINS, confidence_level=level)
    coded = material.segments[material.segments["segment_id"].isin(set(material.table["segment_id"]))]
    counts = {"n_documents": coded["document_id"].nunique(), "n_segments": len(coded)}
    few = TOO_FEW if rests_on_too_few(workers_of(corpus, coded["segment_id"])) else ""
    return shown(pd.DataFrame(rows).assign(**counts), few, corpus, showing)
