"""Subcommands about models and what is estimated: train, predict, drift, roles."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.cluster_commands import add_cluster, drift_on, on_cluster, scored_by
from peercompare.cli.diagnosis_commands import warn_of_corpus
from peercompare.cli.nearest_commands import add_kind, learner_of
from peercompare.cli.shared import (
    CAUTION,
    DONE,
    add_command,
    add_corpora,
    add_cut,
    add_framework,
    add_gate,
    add_out,
    cut_documents,
    framework_of,
    must_exist,
    open_named,
    save,
    show,
    tell,
)
from peercompare.cli.streaming_commands import is_streamed, predict_parts
from peercompare.errors import DisclosureError, InputError
from peercompare.files import refuse_to_overwrite, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.classifier.model import Learn
    from peercompare.corpus import Corpus
    from peercompare.drift import Draft, Plan
    from peercompare.framework import Framework

ROLE_FILES = ("roles.csv", "markers.csv")


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_train(commands)
    _add_predict(commands)
    _add_drift(commands)
    _add_roles(commands)


def _add_train(commands: argparse._SubParsersAction) -> None:
    parser = add_command(commands, "train", "Train a classifier of stances.", _train)
    parser.add_argument(
        "sources",
        nargs="+",
        type=Path,
        metavar="CORPUS|TABLE",
        help="corpus folders, or one table with segment_id, document_id, text and label",
    )
    add_kind(parser)
    parser.add_argument("--seed", type=int, default=0, help="seed of the fit (default: 0)")
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="also measure on employers or workers left out, for the model's card (takes several fits)",
    )
    parser.add_argument(
        "--waive-if-composed", action="store_true", help="show in the card a composed corpus's small cells"
    )
    add_framework(parser)
    add_gate(parser)
    add_out(parser, required=True, what="the model (.skops; .zip with embeddings)")


def _train(options: argparse.Namespace) -> int:
    from peercompare.classifier import save_model
    from peercompare.classifier.card import card_paths, model_card, save_card

    must_exist(*options.sources)
    for path in (options.out, *card_paths(options.out)):
        refuse_to_overwrite(path, force=options.force)
    learn = learner_of(options)
    corpora, table, framework, provenance = _training_input(options)
    tell(f"Training on {table['segment_id'].nunique()} segments ...")
    model = learn(table, framework, seed=options.seed, provenance=provenance)
    scores, calibration = _measured(corpora, learn, options) if options.evaluate else (None, None)
    card = model_card(
        model, scores, framework=framework, corpora=corpora, calibration=calibration, name=options.model
    )
    save_model(model, options.out)
    written = ", ".join(path.name for path in save_card(card, options.out))
    tell(f"Wrote the model to {options.out}, and its card ({written}). {CAUTION}")
    return DONE


def _training_input(options: argparse.Namespace) -> tuple[list[Corpus], pd.DataFrame, Framework, dict]:
    """Gather the training rows from corpora, or from one bare table."""
    from peercompare.classifier import bare_training_table, training_table
    from peercompare.files import sha256_of
    from peercompare.usertables import read_table

    if len(options.sources) == 1 and options.sources[0].is_file():
        framework, path = framework_of(options), options.sources[0]
        if options.evaluate:
            raise InputError(
                "--evaluate measures on corpora, and a plain table is none",
                remedy="leave it out, or make a corpus of the table",
            )
        provenance = {"table": path.name, "table_sha256": sha256_of(path)}
        return [], bare_training_table(read_table(path), framework), framework, provenance
    corpora = [open_named(source, options, purpose="training") for source in options.sources]
    provenance = {
        "corpora": {corpus.name: corpus.sha256 for corpus in corpora},
        "as_of": options.as_of or "",
    }
    return corpora, training_table(corpora), corpora[0].framework, provenance


def _measured(
    corpora: list[Corpus], learn: Learn, options: argparse.Namespace
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score what models made in the same way say of employers or workers that they never saw."""
    import pandas as pd

    from peercompare.classifier import calibration_table, leave_one_genre_out, out_of_fold, scores_table

    scores, calibration, waive = [], [], options.waive_if_composed
    for corpus in corpora:
        predictions = out_of_fold(corpus, seed=options.seed, learn=learn)
        scores.append(scores_table(corpus, predictions, model=options.model, waive=waive))
        calibration.append(calibration_table(corpus, predictions, waive=waive))
    if len({corpus.genre for corpus in corpora}) > 1:
        scores.append(leave_one_genre_out(corpora, seed=options.seed, waive=waive, learn=learn))
    return pd.concat(scores, ignore_index=True), pd.concat(calibration, ignore_index=True)


def _add_predict(commands: argparse._SubParsersAction) -> None:
    words = "Give every segment of a table one probability for each stance label."
    parser = add_command(commands, "predict", words, _predict)
    parser.add_argument("model", type=Path, metavar="MODEL")
    parser.add_argument(
        "texts",
        type=Path,
        metavar="TEXTS",
        help="a table with segment_id, document_id, text; a column about a person is refused; also JSONL, or "
        "a folder of Parquet or JSONL files, where --out is a folder",
    )
    add_framework(parser)
    add_corpora(parser)
    add_cut(parser)
    parser.add_argument(
        "--another-genre", action="store_true",
        help="the texts are of a genre that training did not have: name labels beside their mean over them, "
        "which takes every label to be about as frequent there as any other",
    )  # fmt: skip
    parser.add_argument(
        "--rows-of-part", type=int, default=100_000, metavar="N",
        help="rows of a part, where --out is a folder (default: 100000)",
    )  # fmt: skip
    add_cluster(parser)
    what = "the predictions (.csv or .parquet; without an ending a folder of parts, for texts of any length)"
    add_out(parser, required=True, what=what)


def _predict(options: argparse.Namespace) -> int:
    must_exist(options.model, options.texts, *options.corpus)
    if is_streamed(options):
        return predict_parts(options)
    from peercompare.classifier import load_model
    from peercompare.classifier.fast import quickened
    from peercompare.classifier.recentring import recentred
    from peercompare.classifier.tables import refuse_person_columns
    from peercompare.usertables import read_table, renamed

    refuse_to_overwrite(options.out, force=options.force)
    texts = read_table(options.texts)
    refuse_person_columns(texts)  # before the model, which takes a while to read
    model = quickened(load_model(options.model, corpora=options.corpus))
    texts = renamed(texts, options.columns)
    if options.cut:
        texts = cut_documents(texts, framework_of(options), options.cut)
    predictions = model.predict_table(texts)
    if options.another_genre:
        predictions = recentred(predictions, model.labels)
    predictions.insert(1, "document_id", texts["document_id"].to_numpy())
    write_table(predictions, options.out, private=True)
    tell(f"Wrote the probabilities of {len(predictions)} segments to {options.out}. {CAUTION}")
    _tell_limits(predictions)
    return DONE


def _tell_limits(predictions: pd.DataFrame) -> None:
    """Say for how much the model does not know the answer, where it can say so."""
    if "abstained" in predictions:
        tell(
            f"It abstains from naming one label for {predictions['abstained'].sum()} of {len(predictions)} "
            "segments; keep them, since what counts labels uses their probabilities."
        )
    if "out_of_domain" in predictions:
        documents = predictions.drop_duplicates("document_id")
        tell(
            f"{documents['out_of_domain'].sum()} of {len(documents)} documents are unlike the texts that it "
            "learned from; the column why_unlike says in what."
        )


def _add_drift(commands: argparse._SubParsersAction) -> None:
    words = "Estimate shares of stances, the index and slopes, with honest intervals."
    parser = add_command(commands, "drift", words, _drift)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument(
        "--by", nargs="*", default=[], metavar="COLUMN", help="also by columns of documents.csv"
    )
    parser.add_argument("--only", metavar="COLUMN=VALUE", help="only these documents, e.g. worker_role=peer")
    parser.add_argument("--slope", choices=["month", "year"], help="also change over time within clusters")
    parser.add_argument(
        "--anchor", nargs=3, metavar=("COLUMN", "START", "END"), help="also the index between two references"
    )
    _add_labels(parser)
    parser.add_argument("--confidence-level", type=float, default=0.95)
    parser.add_argument(
        "--waive-if-composed", action="store_true", help="show a composed corpus's small cells"
    )
    parser.add_argument(
        "--about",
        choices=("like_these", "this_corpus"),
        default="like_these",
        help="whom estimates speak of: workers (or employers) like these (default), or this corpus and no "
        "other, whose intervals hold what drawing segments for coding leaves open",
    )
    add_gate(parser)
    add_cluster(parser)
    add_out(parser, what="the estimates (.csv or .parquet)")


def _add_labels(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which codings, predictions and samples estimates are made from."""
    parser.add_argument(
        "--variant", default="as_coded", help="as_coded, without_required, ties_split or contested"
    )
    parser.add_argument("--coder", default="gold", help="whose primary codes count (default: gold)")
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FILE",
        help="a prediction of every segment; alone it is only counted",
    )
    parser.add_argument(
        "--sample",
        type=Path,
        metavar="FILE",
        help="which segments were drawn for coding: a corpus's samples.csv, or a table with segment_id, pi, "
        "sampled; puts the predictions right",
    )
    parser.add_argument(
        "--estimator",
        choices=("rectified", "ppi", "expert_only"),
        default="rectified",
        help="how the sample is used: predictions put right by it (default), the trust in predictions tuned "
        "(needs 100 workers or employers), or the sampled codings alone",
    )
    parser.add_argument(
        "--wave", type=int, nargs="+", metavar="W", help="use these waves of the sample (default: all drawn)"
    )


def _drift(options: argparse.Namespace) -> int:
    from peercompare.drift import Plan, publish

    if on_cluster(options):
        table = drift_on(options)
        _show_estimates(table)
        save(table, options)
        return DONE
    corpus = open_named(options.corpus, options)
    plan = Plan.of(
        corpus,
        target=options.about,
        confidence_level=options.confidence_level,
        waive=options.waive_if_composed,
    )
    # All that one call shows is one publication: what is withheld depends on what else is shown.
    table = publish(_drafts(corpus, plan, options), plan=plan)
    _show_estimates(table)
    save(table, options)
    warn_of_corpus(corpus, _scores(corpus, options)[0], plan, per=options.slope or "month")
    return DONE


def _drafts(corpus: Corpus, plan: Plan, options: argparse.Namespace) -> list[Draft]:
    """Draft what the options ask for; nothing is shown before all of it is judged together."""
    from peercompare.drift import (
        References,
        draft_anchored,
        draft_estimates,
        draft_trend,
        population,
        read_groupings,
    )
    from peercompare.usertables import pair

    everybody, labels = _scores(corpus, options)
    chosen = everybody
    if options.only:
        column, value = pair(options.only)
        chosen = population(everybody, column, value, words=f"{column} {value}")
    groups = read_groupings(["all", *options.by])
    asked = {"plan": plan, "labels": labels}
    drafts = [draft_estimates(chosen, corpus.framework, group_by=groups, **asked)]
    if options.slope:
        drafts.append(draft_trend(chosen, corpus.framework, per=options.slope, group_by=groups, **asked))
    if options.anchor:
        references = References(*options.anchor)
        drafts.append(
            draft_anchored(everybody, corpus.framework, references=references, group_by=groups, **asked)
        )
    return drafts


def _scores(corpus: Corpus, options: argparse.Namespace) -> tuple[pd.DataFrame, str]:
    """Score the corpus by the codings, sample and predictions that the options name."""
    from peercompare.predictions import scores_of

    return scores_of(corpus, **scored_by(options))


def _show_estimates(table: pd.DataFrame) -> None:
    """Print the estimates over all dimensions, whom they speak of, and what is wrong with counted labels."""
    from peercompare.drift.evidence import COUNTED_LABELS

    rows = table[table["dimension"] == "all"]
    columns = [
        "group_by",
        "group",
        "estimand",
        "estimate",
        "lower",
        "upper",
        "n_clusters",
        "n_segments",
        "reason",
    ]
    show(rows[columns])
    for target in rows["target"].unique():
        print(f"Estimates speak of {target}.")
    if (rows["labels"] == "predicted_only").any():
        print(f"How: {COUNTED_LABELS}. Codings of a drawn sample (--sample) put it right.")
    print(CAUTION)


def _add_roles(commands: argparse._SubParsersAction) -> None:
    words = "Find role-integrity markers and role types in job descriptions."
    parser = add_command(commands, "roles", words, _roles)
    parser.add_argument(
        "source",
        type=Path,
        metavar="CORPUS|TABLE",
        help="a corpus, or a table with document_id, text[, title]",
    )
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL")
    add_corpora(parser)
    add_framework(parser)
    add_cut(parser)
    add_gate(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help=f"write {' and '.join(ROLE_FILES)} there"
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist")


def _roles(options: argparse.Namespace) -> int:
    from peercompare.classifier import load_model
    from peercompare.roles import classify_roles, find_markers

    must_exist(options.source, options.model, *options.corpus)
    for name in ROLE_FILES:
        refuse_to_overwrite(options.out / name, force=options.force)
    framework = framework_of(options)
    model = load_model(options.model, framework, corpora=options.corpus)
    documents, segments = _documents_and_segments(options, framework)
    predictions = model.predict_table(segments)
    findings = find_markers(segments, framework, documents=documents, predictions=predictions)
    roles = classify_roles(documents, segments, predictions, framework, findings=findings)
    for name, table in zip(ROLE_FILES, (roles, findings), strict=True):
        write_table(table, options.out / name)
    show(roles["role_type"].value_counts().rename_axis("role_type").reset_index(name="n_documents"))
    tell(f"Wrote {' and '.join(ROLE_FILES)} to {options.out}. {CAUTION}")
    return DONE


def _documents_and_segments(
    options: argparse.Namespace, framework: Framework
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take documents and segments from a corpus, or cut the documents of a table."""
    from peercompare.classifier.tables import refuse_person_columns
    from peercompare.usertables import read_table, renamed

    if options.source.is_dir():
        corpus = open_named(options.source, options)
        if "speakers" in corpus.documents:
            raise DisclosureError(
                f"{corpus.name}: a row for each session would be a row for a worker",
                remedy="roles are read from job descriptions, in which nobody speaks",
            )
        return corpus.documents, corpus.segments.drop(columns="speaker", errors="ignore")
    documents = read_table(options.source)
    refuse_person_columns(documents)
    documents = renamed(documents, options.columns)
    segments = cut_documents(documents, framework, options.cut or "job_description")
    return documents[documents["document_id"].isin(segments["document_id"])], segments
