"""The stages of a study, in order: each reads the tables before it and writes its own.

What estimates or draws is imported by the stage that needs it: a notebook that asks for results which are up
to date waits for none of it.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from peercompare.codings import coders
from peercompare.corpus import Corpus
from peercompare.persons import MIN_WORKERS
from peercompare.study.consents import agreed_table
from peercompare.study.runner import TABLES, WORKING, Bench, Stage

MODEL = "models/stance.skops"
LIMITS = ("coverage", "domain", "fairness")
"""Tables on the limits of the classifier; see `limits_of`."""


def describe_corpora(bench: Bench) -> None:
    """Count what the consent gate let through, what it left out, and who agreed to what; nobody is named."""
    corpora = bench.study.open_corpora().values()
    bench.write_table(pd.DataFrame([_counts(corpus) for corpus in corpora]), "corpora")
    left_out = [count_left_out(corpus) for corpus in corpora]
    bench.write_table(pd.concat(left_out, ignore_index=True), "left_out")
    agreed = [agreed_table(corpus, told) for corpus, told in zip(corpora, left_out, strict=True)]
    bench.write_table(pd.concat(agreed, ignore_index=True), "consent")


def count_left_out(corpus: Corpus) -> pd.DataFrame:
    """Count by reason what consent left out.

    Parameters
    ----------
    corpus : Corpus
        Opened past the gate.

    Returns
    -------
    DataFrame
        ``corpus, purpose, outcome, reason, n_people, n_documents, withheld``. Where a real corpus has a
        reason that fewer than five people share, its reasons are one row without their names, and `withheld`
        says why: a handful of documents over as many reasons would tell the count of each. People are counted
        there only where they are five or more.
    """
    lost = corpus.left_out
    few = lost.groupby(["purpose", "outcome", "reason"])["person_id"].nunique() < MIN_WORKERS
    why = ""
    if not corpus.composed and few.any():
        why = f"withheld: a reason is shared by fewer than {MIN_WORKERS} people"
        joined = {name: " and ".join(sorted(set(lost[name]))) for name in ("purpose", "outcome")}
        lost = lost.assign(**joined, reason="all reasons together")
    table = (
        lost.groupby(["purpose", "outcome", "reason"], as_index=False)
        .agg(n_people=("person_id", "nunique"), n_documents=("document_id", "nunique"))
        .assign(withheld=why)
        .astype({"n_people": "Int64", "n_documents": "Int64"})
    )
    if why and (table["n_people"] < MIN_WORKERS).any():
        table[["n_people", "n_documents"]] = pd.NA
    table.insert(0, "corpus", corpus.name)
    return table


def _counts(corpus: Corpus) -> dict[str, object]:
    """Describe one corpus in a row."""
    documents = corpus.documents
    lost = corpus.left_out
    # A document that several people keep out is lost once; each person's blacked-out turns are lost beside.
    once = lost[(lost["outcome"] != "excluded") | ~lost.duplicated(["document_id", "outcome"])]
    few = not corpus.composed and 0 < lost["person_id"].nunique() < MIN_WORKERS
    return {
        "corpus": corpus.name,
        "title": corpus.title,
        "genre": corpus.genre,
        "composed": corpus.composed,
        "cluster": corpus.cluster,
        "licence": corpus.licence,
        "citation": corpus.citation,
        "as_of": str(corpus.as_of or ""),
        "policy": corpus.policy,
        "first_date": documents["date"].min(),
        "last_date": documents["date"].max(),
        "n_documents": len(documents),
        "n_segments": len(corpus.segments),
        "n_coded": corpus.codings["segment_id"].nunique(),
        "n_words": int(documents["text"].str.split().str.len().sum()),
        "n_clusters": documents[corpus.cluster].nunique(),
        "n_coders": len(coders(corpus.codings)),
        "n_documents_left_out": pd.NA if few else int(lost["document_id"].nunique()),
        "n_segments_left_out": pd.NA if few else int(once["n_segments"].sum()),
        "n_documents_gone": int(corpus.gone["document_id"].nunique()),
        "outcome": " and ".join(sorted(set(lost["outcome"]))),
    }


def measure_agreement(bench: Bench) -> None:
    """Say how far the coders of each corpus agree on segments, and of job descriptions on whole documents."""
    from peercompare.agreement import (
        agreement_by_background,
        agreement_table,
        disagreement_table,
        document_agreement_table,
    )
    from peercompare.agreement.withholding import withheld_agreement, withheld_disagreement

    level = bench.study.settings.study.confidence_level
    tables, confused, whole = [], [], []
    for corpus in bench.study.open_corpora().values():
        named = {"framework": corpus.framework, "corpus_name": corpus.name}
        if len(coders(corpus.codings)) < 2:
            tables.append(_no_agreement(corpus))
            continue
        coded = (corpus.codings, corpus.segments)
        found = [agreement_table(*coded, confidence_level=level, **named)]
        if len(corpus.coders):
            found.append(agreement_by_background(*coded, corpus.coders, confidence_level=level, **named))
        tables += [withheld_agreement(table, corpus) for table in found]
        confused.append(withheld_disagreement(disagreement_table(*coded, **named), corpus))
        if len(corpus.role_types):
            whole.append(
                document_agreement_table(
                    corpus.role_types, corpus.markers, corpus.documents, confidence_level=level, **named
                )
            )
    bench.write_table(pd.concat(tables, ignore_index=True), "agreement")
    if confused:
        bench.write_table(pd.concat(confused, ignore_index=True), "disagreement")
    if whole:
        bench.write_table(pd.concat(whole, ignore_index=True), "document_agreement")


def _no_agreement(corpus: Corpus) -> pd.DataFrame:
    """Say in a row why a corpus with one coder has no agreement; the study goes on."""
    from peercompare.agreement import COLUMNS

    who = ", ".join(coders(corpus.codings)) or "nobody"
    reason = f"agreement needs two coders, and {corpus.name} was coded by {who} alone"
    row = {"corpus": corpus.name, "scope": "overall", "level": "stance", "value": "", "coefficient": "alpha"}
    counts = {"n_documents": len(corpus.documents), "n_segments": len(corpus.segments)}
    return pd.DataFrame([{**row, **counts, "method": "not estimated", "reason": reason}]).reindex(
        columns=COLUMNS
    )


def train_classifier(bench: Bench) -> None:
    """Predict every segment out of fold, judge the predictions beside baselines, and keep a model of all."""
    corpora = list(bench.study.open_corpora().values())
    judged = _judged(corpora, bench)
    found = {}
    for name in ("predictions", "scores", "confusion", "calibration", *LIMITS):
        found[name] = pd.concat([tables[name] for tables in judged if name in tables], ignore_index=True)
        bench.write_table(found[name], name, folder=WORKING if name == "predictions" else TABLES)
    _keep_model(corpora, bench, found)


def _judged(corpora: list[Corpus], bench: Bench) -> list[dict[str, pd.DataFrame]]:
    """Judge each corpus and, where there are several genres, what is learnt of one on the other."""
    from peercompare.study.learning import NGRAM  # and with it all that copies of this process will need
    from peercompare.study.processes import side_by_side

    works = [partial(_judge, corpus, bench) for corpus in corpora]
    if len({corpus.genre for corpus in corpora}) > 1:
        works.append(partial(_across_genres, corpora, bench))
    found: dict[int, dict[str, pd.DataFrame]] = {}
    places = list(range(len(works)))
    if bench.study.settings.classifier.model == NGRAM:
        side_by_side(lambda place: (place, works[place]()), places, done=lambda each: found.update([each]))
    else:  # libraries of encoders cannot be copied with a process
        found = {place: works[place]() for place in places}
    return [found[place] for place in places]


def _judge(corpus: Corpus, bench: Bench) -> dict[str, pd.DataFrame]:
    """Predict one corpus out of fold, by the classifier and by the baselines, and score each."""
    from peercompare import classifier
    from peercompare.study.learning import NGRAM, learner_of, ngram_learner
    from peercompare.study.limits import limits_of
    from peercompare.study.own_predictions import own_predictions

    study = bench.study.settings
    learning = {"n_folds": study.classifier.n_folds, "seed": study.study.seed, **_weights(bench)}
    name, learn = learner_of(bench.study)
    by_model = {
        NGRAM: classifier.out_of_fold(corpus, learn=ngram_learner(bench.study), **learning),
        **({} if name == NGRAM else {name: classifier.out_of_fold(corpus, learn=learn, **learning)}),
        "source_only": classifier.source_only_predictions(corpus, **learning),
        "dictionary": classifier.dictionary_predictions(corpus),
        "majority": classifier.majority_predictions(corpus, **learning),
    }
    brought = own_predictions(bench.study, corpus)
    by_model |= brought
    shown = _shown(bench)
    scores = [
        classifier.scores_table(corpus, predicted, model=name, **shown)
        for name, predicted in by_model.items()
    ]
    best = by_model[name]
    predictions = next(iter(brought.values()), best).copy()
    predictions.insert(0, "corpus", corpus.name)
    return {
        "predictions": predictions,
        "scores": pd.concat([*scores, classifier.coder_scores(corpus, **shown)], ignore_index=True),
        "confusion": classifier.confusion_table(corpus, best, waive=bool(shown["waive"])),
        "calibration": classifier.calibration_table(corpus, best, **shown),
        **limits_of(corpus, best, {**shown, "model": name}),
    }


def _across_genres(corpora: list[Corpus], bench: Bench) -> dict[str, pd.DataFrame]:
    """Train on one genre and score on the other."""
    from peercompare.classifier import leave_one_genre_out
    from peercompare.study.learning import learner_of

    seed, (_, learn) = bench.study.settings.study.seed, learner_of(bench.study)
    scores = leave_one_genre_out(corpora, seed=seed, learn=learn, **_shown(bench), **_weights(bench))
    return {"scores": scores}


def _keep_model(corpora: list[Corpus], bench: Bench, found: dict[str, pd.DataFrame]) -> None:
    """Train on all segments that consent to training lets in, save the model, its card and telling terms."""
    from peercompare.classifier import telling_terms, training_table
    from peercompare.study.learning import NGRAM, keep, learner_of, ngram_learner
    from peercompare.study.limits import behaviour_of

    study = bench.study.settings.study
    provenance = {
        "study": study.title,
        "as_of": str(study.as_of),
        "corpora": {corpus.name: corpus.sha256 for corpus in corpora},
        **_weights(bench),
    }
    table = training_table(corpora, **_weights(bench))
    teaching = {"seed": study.seed, "provenance": provenance}
    model = ngram_learner(bench.study)(table, bench.study.framework, **teaching)
    keep(model, bench, MODEL, name=NGRAM, corpora=corpora, found=found)
    bench.write_table(telling_terms(model, corpora), "terms")
    name, learn = learner_of(bench.study)
    if name != NGRAM:
        model = learn(table, bench.study.framework, **teaching)
        keep(model, bench, f"models/{name}.zip", name=name, corpora=corpora, found=found)
    if (behaviour := behaviour_of(model, study.confidence_level)) is not None:
        bench.write_table(behaviour, "behaviour")


def _shown(bench: Bench) -> dict[str, object]:
    """How sure intervals are, and whether composed corpora may show small cells."""
    study = bench.study.settings.study
    return {"confidence_level": study.confidence_level, "waive": study.waive_small_cells_if_composed}


def _weights(bench: Bench) -> dict[str, float]:
    """How much gold and each coder count, from the study file."""
    section = bench.study.settings.classifier
    return {"gold_weight": section.gold_weight, "coder_weight": section.coder_weight}


def estimate_drift(bench: Bench) -> None:
    """Estimate shares, index, slopes and what else the study asks for."""
    from peercompare.study import drift_stage

    drift_stage.estimate_drift(bench)


def diagnose_drift(bench: Bench) -> None:
    """Say what could be wrong with the estimates."""
    from peercompare.study import diagnosis_stage

    diagnosis_stage.diagnose_drift(bench)


def read_roles(bench: Bench) -> None:
    """Find markers and role types in job descriptions."""
    from peercompare.study import roles_stage

    roles_stage.read_roles(bench)


def draw_figures(bench: Bench) -> None:
    """Draw every figure that the tables allow."""
    from peercompare.study import output_stages

    output_stages.draw_figures(bench)


def execute_notebooks(bench: Bench) -> None:
    """Execute the notebooks beside the study file."""
    from peercompare.study import output_stages

    output_stages.execute_notebooks(bench)


def write_report(bench: Bench) -> None:
    """Render the report."""
    from peercompare.study import output_stages

    output_stages.write_report(bench)


def write_manifest(bench: Bench) -> None:
    """Write every main number with its tolerance."""
    from peercompare.study import manifest

    manifest.write_manifest(bench)


STAGES = (
    Stage("corpora", (), ("study", "corpus"), describe_corpora),
    Stage("agreement", ("corpora",), ("study",), measure_agreement),
    Stage("classifier", ("corpora",), ("study", "classifier"), train_classifier),
    Stage("drift", ("classifier",), ("study", "corpus", "sample"), estimate_drift),
    Stage("diagnosis", ("classifier", "drift"), ("study", "corpus", "sample"), diagnose_drift),
    Stage("roles", ("classifier",), ("study", "corpus"), read_roles),
    Stage(
        "figures",
        ("agreement", "classifier", "drift", "diagnosis", "roles"),
        ("study", "corpus", "figures"),
        draw_figures,
    ),
    Stage("notebooks", ("figures",), ("study", "corpus"), execute_notebooks),
    Stage("report", ("figures",), ("study", "corpus", "report"), write_report),
    Stage("manifest", ("report",), ("study", "corpus"), write_manifest),
)
