"""The stages of a study, in order: each reads the tables before it and writes its own."""

from __future__ import annotations

import pandas as pd

from peercompare.codings import coders
from peercompare.corpus import Corpus
from peercompare.study.runner import Bench, Stage


def describe_corpora(bench: Bench) -> None:
    """Count what the consent gate let through and list what it left out."""
    corpora = bench.study.open_corpora().values()
    bench.write_table(pd.DataFrame([_counts(corpus) for corpus in corpora]), "corpora")
    left_out = [corpus.left_out.assign(corpus=corpus.name) for corpus in corpora]
    bench.write_table(pd.concat(left_out, ignore_index=True), "left_out")


def _counts(corpus: Corpus) -> dict[str, object]:
    """Describe one corpus in a row."""
    documents = corpus.documents
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
        "n_documents_touched_by_consent": corpus.left_out["document_id"].nunique(),
        "n_people_not_covered": corpus.left_out["person_id"].nunique(),
    }


def measure_agreement(bench: Bench) -> None:
    """Say how far the coders of each corpus agree on segments, and of job descriptions on whole documents."""
    from peercompare.agreement import agreement_table, disagreement_table, document_agreement_table

    level = bench.study.settings.study.confidence_level
    tables, confused, whole = [], [], []
    for corpus in bench.study.open_corpora().values():
        named = {"framework": corpus.framework, "corpus_name": corpus.name}
        tables.append(agreement_table(corpus.codings, corpus.segments, confidence_level=level, **named))
        confused.append(disagreement_table(corpus.codings, corpus.segments, **named))
        if len(corpus.role_types):
            whole.append(
                document_agreement_table(
                    corpus.role_types, corpus.markers, corpus.documents, confidence_level=level, **named
                )
            )
    bench.write_table(pd.concat(tables, ignore_index=True), "agreement")
    bench.write_table(pd.concat(confused, ignore_index=True), "disagreement")
    if whole:
        bench.write_table(pd.concat(whole, ignore_index=True), "document_agreement")


STAGES = (
    Stage("corpora", (), ("study", "corpus"), describe_corpora),
    Stage("agreement", ("corpora",), ("study",), measure_agreement),
)
