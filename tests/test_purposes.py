"""Nothing returns a person's text without a purpose that their record covers: every public name is tried.

Each public name stands on a list. `RECIPES` calls it on a corpus in which everybody has a canary and in which
each purpose is lacking in somebody's record in turn. `GIVEN` names what works on texts that its caller hands
over, with who asked. `KEEPING` names units that handle files for whoever keeps them, before there is a corpus
or below its gate. `WORDLESS` names what no text can come out of. A name on no list fails the test.
"""

import importlib
import inspect
import pkgutil
from functools import cached_property
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from canaries import ALL_PURPOSES, AS_OF, PEOPLE, Written, canaries_in, phrase, write_corpus

import peercompare
from peercompare.errors import PeercompareError

matplotlib.use("Agg")

NOBODY = "nobody's words come out"
CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
LACKING = {
    "analysis": ("W1", "P2"), "training": ("W1", "P2"), "quotation": ("W1", "P2"), "sharing": ("W1", "P2"),
    "individual_feedback": ("W1", "W2"),
}  # fmt: skip
"""Whose record lacks each purpose, one purpose at a time."""


class Desk:
    """A canary corpus and what is made of it, as recipes need it."""

    def __init__(self, folder, out, policy="exclude"):
        self.folder, self.out, self.policy = folder, out, policy

    def open(self, purpose="analysis"):
        from peercompare.corpus import open_corpus

        return open_corpus(self.folder, purpose=purpose, as_of=AS_OF, policy=self.policy)

    @cached_property
    def corpus(self):
        return self.open()

    @cached_property
    def framework(self):
        return self.corpus.framework

    @cached_property
    def model(self):
        from peercompare.classifier import train, training_table

        return train(training_table(self.corpus), self.framework, seed=1)

    @cached_property
    def predictions(self):
        from peercompare.classifier import out_of_fold

        return out_of_fold(self.corpus, n_folds=2, seed=1)

    @cached_property
    def scores(self):
        from peercompare.drift import corpus_scores

        return corpus_scores(self.corpus)

    @cached_property
    def plan(self):
        from peercompare.drift import Plan

        return Plan.of(self.corpus)

    @cached_property
    def documents(self):
        """Documents as tables of roles take them, nobody named."""
        return self.corpus.documents.drop(columns=["worker_id", "worker_role", "speakers"]).assign(
            employer_id=self.corpus.documents["site_id"], title="Peer specialist"
        )

    @cached_property
    def segments(self):
        return self.corpus.segments.drop(columns="speaker")

    @cached_property
    def findings(self):
        from peercompare.roles import find_markers

        return find_markers(self.segments, self.framework, documents=self.documents)

    @cached_property
    def roles(self):
        from peercompare.roles import classify_roles

        return classify_roles(self.documents, self.segments, self.predictions, self.framework)

    def named(self):
        return {"framework": self.framework, "corpus_name": self.corpus.name}


def of(module, name):
    """A public name of the package."""
    return getattr(importlib.import_module(f"peercompare.{module}"), name)


def written(desk, name, call):
    """Run something that writes to a place, and hand on what it returned with all that stands there."""
    desk.out.mkdir(parents=True, exist_ok=True)
    place = desk.out / name
    return call(place), Written(desk.out)


def feedback(desk):
    """Ask for the table of every worker."""
    found = {}
    for worker in sorted(set(desk.corpus.documents["worker_id"])):
        try:
            found[worker] = of("drift", "worker_feedback")(
                desk.scores, desk.framework, worker, permits=desk.corpus.person_permits, plan=desk.plan
            )
        except PeercompareError as error:
            found[worker] = str(error)
    return found


def streamed(desk):
    """Predict a file of the segments part by part."""
    desk.segments.to_parquet(desk.folder / "texts.parquet")
    return written(
        desk,
        "parts",
        lambda out: of("classifier.fast", "predict_stream")(desk.model, desk.folder / "texts.parquet", out),
    )


def contested(desk):
    """Ask for the sheet of every worker in which they contest their codes."""
    found = {}
    for worker in sorted(set(desk.corpus.documents["worker_id"])):
        try:
            found[worker] = of("contests", "contest_sheet")(desk.corpus, worker)
        except PeercompareError as error:
            found[worker] = str(error)
    return found


def quotes(desk):
    """Quote all that may be quoted, and one segment after the other that may not."""
    corpus, said = desk.corpus, []
    allowed = corpus.quotable
    for segment in allowed.index[~allowed]:
        with pytest.raises(PeercompareError) as refused:
            corpus.quote([segment])
        said.append(str(refused.value))
    return corpus.quote(allowed.index[allowed]), said


def opened(desk):
    """Hand on what a corpus holds; whom it leaves out it lists by id alone."""
    return desk.corpus


def shared(desk):
    return of("exchange.from_corpus", "corpus_to_project")(desk.corpus)


def qdpx(desk):
    return written(desk, "a.qdpx", lambda place: of("exchange.refi_writer", "write_qdpx")(desk.corpus, place))


def convokit(desk):
    corpus = desk.open(("analysis", "sharing")) if desk.policy == "exclude" else desk.open("sharing")
    return written(desk, "convokit", lambda place: of("readers", "write_convokit")(corpus, place))


def packed(desk):
    """The package of a study of the corpus, with no more results than a package needs."""
    import io

    from peercompare.packing.pack import package_files
    from peercompare.study import read_study
    from peercompare.study.manifest import write_manifest
    from peercompare.study.runner import WORKING, Bench

    desk.out.mkdir(parents=True, exist_ok=True)
    asked = f'title = "t"\nas_of = {AS_OF}\nconsent_policy = "{desk.policy}"'
    (desk.out / "study.toml").write_text(f'[study]\n{asked}\n[[corpus]]\npath = "{desk.folder}"\n')
    study = read_study(desk.out / "study.toml")
    bench = Bench(study)
    bench.write_table(desk.predictions.assign(corpus=desk.corpus.name), "predictions", folder=WORKING)
    bench.write_table(agreement(desk), "agreement")
    write_manifest(bench)
    day = desk.corpus.as_of
    handed = {desk.corpus.name: of("packing", "handed_on")(desk.corpus, day=day)}
    files = package_files(study, handed, day=day)
    tables = {name for name in files if name.endswith(".parquet")}
    return {
        name: pd.read_parquet(io.BytesIO(data)) if name in tables else data for name, data in files.items()
    }


def saved_model(desk):
    return written(desk, "m.skops", lambda place: of("classifier", "save_model")(desk.model, place))


def loaded_model(desk):
    saved_model(desk)
    return of("classifier", "load_model")(desk.out / "m.skops", desk.framework)


class Letters:
    """Stands for a model on embeddings, without torch: counts the letters of a text."""

    encoder = cache = None
    pipeline = SimpleNamespace(estimators_=[])

    def embed(self, texts):
        return np.array([[text.lower().count(each) for each in "aeionrst"] for text in texts], dtype=float)


def nearest(desk):
    texts = pd.DataFrame({"segment_id": ["x"], "text": ["What is said in this house?"]})
    look = importlib.import_module("peercompare.classifier.embeddings").nearest_coded
    return look(Letters(), texts, desk.corpus, n_neighbours=len(desk.segments))


def sheet(desk):
    """A sheet for coders, from a corpus that was opened for something else."""
    corpus = desk.open("training")
    return [of("sheets", "coding_sheet")(each, seed=1, coder_id="cy") for each in (desk.corpus, corpus)]


def figure(name, table):
    """A recipe that draws a table made of the corpus."""

    def draw(desk):
        drawn = of("figures", name)(table(desk), desk.framework)
        place = desk.out / "figure.svg"
        desk.out.mkdir(parents=True, exist_ok=True)
        matplotlib.rcParams["svg.fonttype"] = "none"
        of("figures", "save_figure")(drawn, place)
        texts = of("figures", "get_text")(drawn), of("figures", "get_alt_text")(drawn)
        bundle = of("figures", "notebook_bundle")(drawn)
        return texts, bundle, of("figures", "figure_bytes")(drawn, format="svg"), Written(desk.out)

    return draw


def agreement(desk):
    return of("agreement", "agreement_table")(desk.corpus.codings, desk.corpus.segments, **desk.named())


def by_background(desk):
    coders = pd.DataFrame({"coder_id": ["ann", "bo"], "lived_experience": ["yes", "no"], "background": ""})
    return of("agreement", "agreement_by_background")(
        desk.corpus.codings, desk.corpus.segments, coders, **desk.named()
    )


def estimates(desk):
    groups = of("drift", "read_groupings")(["all", "site_id", "site_id x half_year"])
    return of("drift", "estimate_table")(desk.scores, desk.framework, plan=desk.plan, group_by=groups)


def drafted(desk):
    draft = of("drift", "draft_estimates")(desk.scores, desk.framework, plan=desk.plan)
    return of("drift", "publish")([draft], plan=desk.plan), draft.estimates


def scored(desk, **more):
    return of("classifier", "scores_table")(desk.corpus, desk.predictions, **more)


def brought(desk):
    """Read somebody else's predictions, with the texts standing beside them."""
    desk.out.mkdir(parents=True, exist_ok=True)
    texts = desk.corpus.segments["text"].to_numpy()
    desk.predictions.assign(text=texts).to_csv(desk.out / "theirs.csv", index=False)
    return of("predictions", "read_predictions")(desk.out / "theirs.csv", desk.corpus)


def evaluated(desk):
    """Judge our model in every group that there is."""
    plan = of("classifier", "EvaluationPlan")(
        seed=1, n_folds=2, by=("dimension", "site_id", "near_duplicate"), n_permutations=19
    )
    return of("classifier", "evaluate")(desk.corpus, plan)


def sampled(desk, by="draw_sample"):
    segments = desk.corpus.segments.merge(desk.corpus.documents[["document_id", "worker_id"]])
    segments = segments[["segment_id", "worker_id"]]
    size = {"share": 0.5} if by == "draw_sample" else {"n": len(segments)}
    return of("drift", by)(segments, strata="worker_id", rng=1, **size)


def differences(desk):
    column, values = "site_id", sorted(set(desk.scores["site_id"]))[:2]
    groups = {"column": column, "first": values[0], "second": values[-1]}
    return of("drift", "difference_table")(desk.scores, desk.framework, plan=desk.plan, **groups)


def terms(desk, **more):
    return of("classifier", "telling_terms")(desk.model, desk.corpus, n_terms=500, kinds=("word", "char"))


def domain_said(desk):
    """Predictions by a model that says how unlike a document is; two folds of few groups say it not."""
    return desk.model.answers(desk.corpus.segments)


def changes(desk):
    return of("classifier", "change_contributions")(
        desk.model, desk.corpus, "year", "2022", "2023", n_terms=500
    )


def share_of(desk):
    """A worker's share of the documents, which it opens itself."""
    return of("scale.corpora", "Share")(desk.folder, 0, 2, AS_OF, desk.policy, str(desk.out))


def summed(module, job, *told):
    """What a worker sends back of its share."""
    return lambda desk: of(module, job)(share_of(desk), *told).run()


RECIPES = {
    # reading for analysis
    "corpus.open_corpus": (("analysis",), opened),
    "corpus.Corpus": (("analysis",), lambda d: (d.corpus, d.corpus._repr_html_())),
    "sheets.coding_sheet": (("analysis",), sheet),
    # learning
    "classifier.training_table": (
        ("analysis", "training"),
        lambda d: of("classifier", "training_table")(d.corpus),
    ),
    "classifier.train": (("analysis", "training"), lambda d: d.model),
    "classifier.Model": (("analysis", "training"), lambda d: d.model),
    "classifier.save_model": (("analysis", "training"), saved_model),
    "classifier.load_model": (("analysis", "training"), loaded_model),
    # showing words to readers
    "corpus.Corpus.quote": (("analysis", "quotation"), quotes),
    "classifier.telling_terms": (("analysis", "training", "quotation"), terms),
    "classifier.embeddings.nearest_coded": (("analysis", "quotation"), nearest),
    "figures.term_bars": (("analysis", "training", "quotation"), figure("term_bars", terms)),
    "classifier.change_contributions": (("analysis", "training", "quotation"), changes),
    # handing on
    "exchange.from_corpus.corpus_to_project": (("analysis", "sharing"), shared),
    "exchange.refi_writer.write_qdpx": (("analysis", "sharing"), qdpx),
    "readers.write_convokit": (("sharing",), convokit),
    "packing.pack_study": (("analysis", "sharing"), packed),
    # telling one worker
    "drift.worker_feedback": (("analysis", "individual_feedback"), feedback),
    "contests.contest_sheet": (("analysis", "individual_feedback"), contested),
    # what is counted and estimated holds nobody's words
    "corpus.Corpus.permits": (NOBODY, lambda d: [d.corpus.permits(each) for each in ALL_PURPOSES]),
    "packing.handed_on": (
        NOBODY,
        lambda d: of("packing", "handed_on")(d.corpus, day=d.corpus.as_of),
    ),
    "corpus.Corpus.refusals": (NOBODY, lambda d: d.corpus.refusals("training", d.corpus.as_of)),
    "corpus.Corpus.withdrawn_by": (NOBODY, lambda d: d.corpus.withdrawn_by(d.corpus.as_of)),
    "corpus.Corpus.person_permits": (NOBODY, lambda d: d.corpus.person_permits("W1", "training")),
    "contests.contests_table": (NOBODY, lambda d: of("contests", "contests_table")(d.corpus)),
    "corpus.consent_status": (NOBODY, lambda d: of("corpus", "consent_status")(d.corpus, people=True)),
    "agreement.agreement_by_background": (NOBODY, by_background),
    "corpus.Corpus.quotable": (NOBODY, lambda d: d.corpus.quotable),
    "agreement.agreement_table": (NOBODY, agreement),
    "scale.corpora.Share": (NOBODY, lambda d: (share_of(d).open().documents, share_of(d).open().segments)),
    "scale.agreeing.Agreeing": (NOBODY, summed("scale.agreeing", "Agreeing")),
    "scale.agreeing.agreement_share": (NOBODY, lambda d: of("scale.agreeing", "agreement_share")(d.corpus)),
    "scale.drifting.Drifting": (
        NOBODY,
        lambda d: summed("scale.drifting", "Drifting", of("scale.drifting", "Asked")())(d),
    ),
    "scale.drifting.drift_share": (
        NOBODY,
        lambda d: of("scale.drifting", "drift_share")(
            d.corpus, d.scores, "all_codings", of("scale.drifting", "Asked")()
        ),
    ),
    "predictions.scores_of": (NOBODY, lambda d: of("predictions", "scores_of")(d.corpus)),
    "agreement.disagreement_table": (
        NOBODY,
        lambda d: of("agreement", "disagreement_table")(d.corpus.codings, d.corpus.segments, **d.named()),
    ),
    "agreement.segments_to_discuss": (
        NOBODY,
        lambda d: of("agreement", "segments_to_discuss")(
            d.corpus.codings, d.corpus.segments, framework=d.framework
        ),
    ),
    "agreement.discussion_counts": (
        NOBODY,
        lambda d: of("agreement", "discussion_counts")(
            d.corpus.codings, d.corpus.segments, framework=d.framework
        ),
    ),
    "codings.primary_codes": (NOBODY, lambda d: of("codings", "primary_codes")(d.corpus.codings, "gold")),
    "codings.coders": (NOBODY, lambda d: of("codings", "coders")(d.corpus.codings)),
    "codings.reliability_data": (
        NOBODY,
        lambda d: of("codings", "reliability_data")(d.corpus.codings, framework=d.framework),
    ),
    "codings.vote_table": (
        NOBODY,
        lambda d: of("codings", "vote_table")(d.corpus.codings, framework=d.framework),
    ),
    "classifier.out_of_fold": (NOBODY, lambda d: d.predictions),
    "classifier.dictionary_predictions": (
        NOBODY,
        lambda d: of("classifier", "dictionary_predictions")(d.corpus),
    ),
    "classifier.majority_predictions": (
        NOBODY,
        lambda d: of("classifier", "majority_predictions")(d.corpus, n_folds=2, seed=1),
    ),
    "classifier.source_only_predictions": (
        NOBODY,
        lambda d: of("classifier", "source_only_predictions")(d.corpus, n_folds=2, seed=1),
    ),
    "classifier.Model.predict_table": (NOBODY, lambda d: d.model.predict_table(d.segments)),
    "classifier.Model.domain": (NOBODY, lambda d: d.model.domain(d.segments)),
    "classifier.Model.answers": (NOBODY, lambda d: d.model.answers(d.segments)),
    "classifier.with_label_sets": (
        NOBODY,
        lambda d: of("classifier", "with_label_sets")(d.corpus, d.predictions),
    ),
    "classifier.coverage_table": (
        NOBODY,
        lambda d: of("classifier", "coverage_table")(
            d.corpus, of("classifier", "with_label_sets")(d.corpus, d.predictions)
        ),
    ),
    "classifier.domain_table": (
        NOBODY,
        lambda d: of("classifier", "domain_table")(d.corpus, domain_said(d)),
    ),
    "classifier.fairness_table": (
        NOBODY,
        lambda d: of("classifier", "fairness_table")(d.corpus, d.predictions),
    ),
    "classifier.Model.probabilities": (NOBODY, lambda d: d.model.probabilities(d.segments["text"])),
    "classifier.fast.predict_stream": (NOBODY, streamed),
    "classifier.fast.quickened": (
        NOBODY,
        lambda d: of("classifier.fast", "quickened")(d.model).predict_table(d.segments),
    ),
    "classifier.scores_table": (NOBODY, scored),
    "classifier.coder_scores": (NOBODY, lambda d: of("classifier", "coder_scores")(d.corpus)),
    "classifier.confusion_table": (
        NOBODY,
        lambda d: of("classifier", "confusion_table")(d.corpus, d.predictions),
    ),
    "classifier.calibration_table": (
        NOBODY,
        lambda d: of("classifier", "calibration_table")(d.corpus, d.predictions),
    ),
    "predictions.read_predictions": (NOBODY, brought),
    "classifier.evaluate": (NOBODY, evaluated),
    "classifier.compare_predictions": (
        NOBODY,
        lambda d: of("classifier", "compare_predictions")(d.corpus, d.predictions, d.predictions, seed=1),
    ),
    "classifier.recalibrated": (
        NOBODY,
        lambda d: of("classifier", "recalibrated")(d.corpus, d.predictions, seed=1),
    ),
    "drift.corpus_scores": (NOBODY, lambda d: d.scores),
    "drift.score_table": (
        NOBODY,
        lambda d: of("drift", "score_table")(
            d.corpus.codings, d.corpus.segments, d.corpus.documents, d.framework
        ),
    ),
    "drift.with_predictions": (
        NOBODY,
        lambda d: of("drift", "with_predictions")(d.scores, d.predictions, d.framework),
    ),
    "drift.with_sample": (NOBODY, lambda d: of("drift", "with_sample")(d.scores, sampled(d))),
    "drift.draw_sample": (NOBODY, sampled),
    "drift.draw_wave": (NOBODY, lambda d: sampled(d, by="draw_wave")),
    "drift.difference_table": (NOBODY, differences),
    "drift.with_periods": (NOBODY, lambda d: of("drift", "with_periods")(d.scores, years=1)),
    "drift.population": (
        NOBODY,
        lambda d: of("drift", "population")(d.scores, "worker_role", "peer", words="peer workers"),
    ),
    "drift.estimate_table": (NOBODY, estimates),
    "drift.trend_table": (
        NOBODY,
        lambda d: of("drift", "trend_table")(d.scores, d.framework, per="year", plan=d.plan),
    ),
    "drift.draft_estimates": (NOBODY, drafted),
    "drift.publish": (NOBODY, drafted),
    "drift.timeline_table": (
        NOBODY,
        lambda d: of("drift", "timeline_table")(d.scores, d.framework, per="year", plan=d.plan),
    ),
    "drift.change_point_table": (
        NOBODY,
        lambda d: of("drift", "change_point_table")(d.scores, d.framework, per="month", plan=d.plan),
    ),
    "drift.sensitivity_table": (
        NOBODY,
        lambda d: of("drift", "sensitivity_table")(d.scores, d.framework, plan=d.plan, leave_out=["site_id"]),
    ),
    "drift.check_groups": (NOBODY, lambda d: of("drift", "check_groups")(d.corpus, ["site_id", "colour"])),
    "drift.Plan": (NOBODY, lambda d: d.plan),
    "drift.session_measures": (NOBODY, lambda d: of("drift", "session_measures")(d.corpus)),
    "drift.measures_table": (
        NOBODY,
        lambda d: of("drift", "measures_table")(of("drift", "session_measures")(d.corpus), plan=d.plan),
    ),
    "roles.find_markers": (NOBODY, lambda d: d.findings),
    "roles.role_features": (
        NOBODY,
        lambda d: of("roles", "role_features")(d.documents, d.segments, d.predictions, d.framework),
    ),
    "roles.classify_roles": (NOBODY, lambda d: d.roles),
    "roles.marker_shares": (
        NOBODY,
        lambda d: of("roles", "marker_shares")(d.findings, d.documents, d.framework),
    ),
    "roles.title_against_duties": (NOBODY, lambda d: of("roles", "title_against_duties")(d.roles)),
    "figures.agreement_dots": (NOBODY, figure("agreement_dots", agreement)),
    "figures.stance_chart": (NOBODY, figure("stance_chart", estimates)),
    "figures.framework_chart": (NOBODY, figure("framework_chart", estimates)),
    "figures.site_drift": (NOBODY, figure("site_drift", estimates)),
    "figures.confusion_matrix": (
        NOBODY,
        figure("confusion_matrix", lambda d: of("classifier", "confusion_table")(d.corpus, d.predictions)),
    ),
    "figures.calibration_curves": (
        NOBODY,
        figure(
            "calibration_curves", lambda d: of("classifier", "calibration_table")(d.corpus, d.predictions)
        ),
    ),
}
"""How each public name is called on a corpus, and which purposes it must have asked."""

GIVEN = {
    "the caller, who has the texts already (a corpus gives them by `open_corpus` alone)": [
        "segments.cut_segments", "segments.sentences", "sheets.guarded", "sheets.unguarded",
        "sheets.read_coding_sheet", "sheets.read_saved_csv", "roles.mask_titles", "report.html_table",
        "report.show_table", "corpus.Turn", "classifier.bare_training_table", "classifier.text_contributions",
        "classifier.StanceClassifier", "scale.predicting.predict_on_cluster", "scale.predicting.Scoring",
        "scale.predicting.Survey",
    ],
    "each worker, which opens its share by `scale.corpora.Share`": [
        "scale.agreeing.agree_on_cluster", "scale.drifting.drift_on_cluster", "scale.summing.sums_of",
        "scale.running.outcomes", "scale.working.work", "scale.corpora.documents_of",
    ],
    "the notebook's own calls of the functions listed here": [
        "report.run_notebook", "report.render_notebook", "report.strip_notebook", "report.notebook_faults",
        "report.ReportExporter", "report.page_faults",
    ],
    "the study, whose tables are made by the functions listed here": [
        "packing.verify_package",
        "study.run_study", "study.Results", "study.Study", "study.read_study", "report.summarise_study",
        "report.render_report", "report.write_document", "report.Document", "report.Quotation",
        "report.ReportFigure", "report.read_figures",
    ],
    "whoever made the table that is drawn": [
        "figures.consent_chart", "figures.employer_years", "figures.marker_chart", "figures.stance_plane",
        "figures.timeline_chart", "figures.sensitivity_chart", "figures.title_duties",
        "figures.planning_curves", "figures.change_parts", "figures.event_change",
        "figures.duty_chart", "figures.validity_chart", "figures.ablation_chart",
        "figures.comparison_chart", "figures.learning_curve_chart",
        "figures.document_shares", "figures.get_text", "figures.get_alt_text", "figures.set_alt_text",
        "figures.figure_bytes", "figures.save_figure", "figures.notebook_bundle", "figures.show",
        "figures.caption_for", "figures.FigureText",
    ],
}  # fmt: skip
"""What works on texts or tables that the caller hands over, by who asked for consent."""

KEEPING = {
    "readers": "turns files into a corpus, which asks when it is opened",
    "exchange": "reads and writes projects of other tools; `corpus_to_project` alone lets a corpus into one",
    "deidentify": "works on the files for whoever keeps the corpus, before anybody analyses it",
    "safekeeping": "moves, locks and encrypts files for whoever keeps the corpus",
    "withdrawal": "removes words for whoever keeps the corpus, because consent ended",
    "contests": "carries a worker's own objections to how their words were coded",
    "files": "writes what it is given",
    "usertables": "reads a user's own tables, which have no record of consent",
}
"""Units that handle files below the gate; but for recipes, none of their functions takes an opened corpus."""

WORDLESS = {
    "framework": "its words are its authors'",
    "frameworks": "its words are its authors'",
    "consent": "records of consent hold nobody's words",
    "errors": "messages name places and ids; faulty files are tried below",
    "disclosure": "counts people",
    "persons": "names of columns",
    "progress": "how far a loop is",
    "caches": "keeps what it is given, by a hash",
}
"""Units that never see the text of a session."""

WORDLESS_NAMES = {
    "numbers, from arrays or tables without text": [
        "worksheet.Checked", "worksheet.Worksheet", "worksheet.practice_codes",
        "agreement.AgreementEstimate", "agreement.agreement_interval", "agreement.gwet_ac1",
        "agreement.krippendorff_alpha", "agreement.raw_agreement", "agreement.document_agreement_table",
        "classifier.grouped_folds", "classifier.near_duplicates", "classifier.leave_one_genre_out",
        "drift.anchor", "drift.anchored_table", "drift.draft_anchored", "drift.draft_trend", "drift.refused",
        "drift.publish_beside",
        "drift.coder_scores", "drift.draft_coder_pool",
        "drift.draft_differences", "drift.draft_shrunken", "drift.draft_standardised", "drift.joint_sample",
        "drift.simulate", "drift.Design", "drift.Draft", "drift.References", "drift.read_groupings",
        "drift.with_role_types",
        "drift.Assumptions", "drift.Components", "drift.Designs", "drift.LearningCurve",
        "drift.allocation_table", "drift.Claim", "drift.judge_claims", "drift.ordered_differences",
        "drift.assumptions_from", "drift.needed_codes", "drift.pilot_components",
        "drift.composition_table", "drift.draft_adjusted_slope", "drift.draft_events",
        "drift.draft_moderator", "drift.external_table", "drift.read_external",
        "drift.planning_table", "drift.read_assumptions", "roles.score_markers",
        "roles.score_roles", "roles.RoleRules",
        "roles.title_family", "roles.duties_under_titles", "roles.role_confusion",
        "roles.role_ladder", "codings.ReliabilityData", "codings.stances", "codings.dimensions",
        "codings.has_tag", "codings.tie_shares", "predictions.speaks_of", "codings.alone",
        "scale.agreeing.AgreementShare", "scale.agreeing.agreement_of", "scale.drifting.Asked",
        "scale.drifting.DriftShare", "scale.drifting.drift_of", "scale.predicting.Predicted",
    ],
    "names, hashes and settings": [
        "corpus.Corpus.record", "packing.Handed", "packing.Packed",
        "scale.connecting.connected", "scale.connecting.expected_facts", "scale.corpora.Seen",
        "scale.corpora.forget", "scale.corpora.shares_of", "scale.working.Facts", "scale.working.Job",
        "scale.working.Outcome", "scale.working.facts_here",
        "corpus.Manifest", "corpus.ConsentStatus", "corpus.read_manifest", "corpus.register",
        "corpus.Consents", "figures.house_style", "classifier.make_classifier", "classifier.EvaluationPlan",
        "classifier.Model.named",
    ],
    "sentences composed for a suite of minimal pairs": [
        "classifier.read_suite", "classifier.behaviour_cases", "classifier.behaviour_table",
    ],
}  # fmt: skip
"""Single names out of which no text can come."""

OUTSIDE = {"cli"}
"""The command line calls the names listed here; its own commands are tried below."""

BY_NAME = {"exchange.from_corpus.document_guid"}
"""Takes a corpus for its name alone."""


def public_names():
    """Every public name: what `__all__` lists or modules define, and the methods of what holds texts."""
    for unit in pkgutil.iter_modules(peercompare.__path__):
        if unit.name in OUTSIDE:
            continue
        module = importlib.import_module(f"peercompare.{unit.name}")
        if hasattr(module, "__all__") or not unit.ispkg:
            yield from names_of(module, unit.name)
        if unit.ispkg and not hasattr(module, "__all__"):
            for inner in pkgutil.iter_modules(module.__path__):
                place = f"{unit.name}.{inner.name}"
                yield from names_of(importlib.import_module(f"peercompare.{place}"), place)


def names_of(module, place):
    """The public functions and classes of a module, and the methods of those that hold texts."""
    own = [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    for name in getattr(module, "__all__", own):
        value = getattr(module, name)
        if name.startswith("_") or not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        yield f"{place}.{name}"
        if name in ("Corpus", "Model"):
            fields = getattr(value, "__dataclass_fields__", {})
            methods = (each for each in vars(value) if not each.startswith("_") and each not in fields)
            yield from (f"{place}.{name}.{each}" for each in methods)


def found(name):
    """What a public name stands for, or None."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            value = importlib.import_module(".".join(["peercompare", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            value = getattr(value, part, None)
        return value
    return None


def listed():
    """Every name on one of the lists of single names."""
    return [
        *RECIPES,
        *(name for each in (GIVEN, WORDLESS_NAMES) for names in each.values() for name in names),
    ]


def test_every_public_name_asks_for_a_purpose_or_says_why_it_needs_none():
    known, units = set(listed()), {*KEEPING, *WORDLESS}
    missing = [name for name in public_names() if name not in known and name.split(".")[0] not in units]
    assert not missing, f"give each a recipe, or a place on a list with its reason: {missing}"


def test_no_list_holds_a_name_that_is_gone_or_stands_twice():
    names = listed()
    assert len(names) == len(set(names))
    assert not [name for name in names if found(name) is None]


def test_units_below_the_gate_take_no_opened_corpus_but_in_recipes():
    takers = {
        name
        for name in public_names()
        if name.split(".")[0] in KEEPING
        and name not in RECIPES
        and inspect.isfunction(value := found(name))
        and any(
            "Corpus" in str(each.annotation).split() for each in inspect.signature(value).parameters.values()
        )
    }
    assert takers <= BY_NAME


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    """A desk for each purpose that is lacking: documents left out, and turns blacked out."""
    made = {}
    for purpose, people in LACKING.items():
        folder = tmp_path_factory.mktemp(purpose)
        write_corpus(folder / "corpus", CODES, lacking=dict.fromkeys(people, purpose))
        for policy in ("exclude", "redact"):
            made[purpose, policy] = Desk(folder / "corpus", folder, policy)
    return made


def call(name, desk, label):
    """Call a recipe with a folder of its own to write to."""
    desk.out = desk.folder.parent / f"{label}_{desk.policy}_{name}"
    return RECIPES[name][1](desk)


CASES = [
    (name, purpose, policy)
    for name, (asked, _) in RECIPES.items()
    for purpose in ALL_PURPOSES
    for policy in ("exclude", "redact")
    if purpose in asked or (asked == NOBODY and (purpose, policy) == ("training", "exclude"))
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "purpose", "policy"), CASES)
def test_nobody_is_heard_whose_record_lacks_the_purpose(desks, name, purpose, policy, capsys):
    try:
        value = call(name, desks[purpose, policy], "tried")
    except PeercompareError as error:
        value = str(error)
        assert RECIPES[name][0] != NOBODY, value
        assert not canaries_in(value)
    heard = canaries_in([value, *capsys.readouterr()])
    assert not heard & (set(PEOPLE) if RECIPES[name][0] == NOBODY else set(LACKING[purpose]))


SILENT = {
    "classifier.telling_terms", "classifier.change_contributions", "figures.term_bars",
    "drift.worker_feedback",
}  # fmt: skip
"""What asks for a purpose and shows no word that one person alone uses."""


@pytest.mark.parametrize(
    "name", [name for name in RECIPES if RECIPES[name][0] != NOBODY and name not in SILENT]
)
def test_everybody_else_is_heard_so_that_silence_means_something(desks, name):
    assert canaries_in(call(name, desks["individual_feedback", "exclude"], "heard")) >= {"W3", "W8"}


def test_terms_that_many_use_are_shown(desks):
    assert {"chart", "hospital"} & set(terms(desks["individual_feedback", "exclude"])["term"])
    assert {"chart", "hospital"} & set(changes(desks["individual_feedback", "exclude"])["term"])


def test_feedback_goes_to_workers_who_agreed_and_to_nobody_else(desks):
    given = feedback(desks["individual_feedback", "exclude"])
    assert isinstance(given["W3"], pd.DataFrame)
    assert isinstance(given["W1"], str)
    assert isinstance(given["W2"], str)


FAULTS = {
    "documents.csv": [("2022-03-03", "{}"), ("community", "{}"), ("A=W3 B=P3", "{}")],
    "segments.csv": [("D31:01,D31", "D31:01,{}"), ("D32:02", "{}"), (",A\nD31:02", ",{}\nD31:02")],
    "codings.csv": [("focus/peer", "{}"), ("true", "{}"), ("gold", "gold,{}"), ("D11:01", '"{}')],
    "consents.csv": [("2021-01-01", "{}"), ("analysis", "{}"), ("adult", "{}"), ("free", "{}")],
    "texts/D31.txt": [("A: ", ""), ("A: ", "{}: "), ("B: ", "{}\n")],
}
"""Faults put into files, with somebody's words where a cell or a label should be."""


@pytest.mark.parametrize(
    ("file", "old", "new"), [(file, *fault) for file, faults in FAULTS.items() for fault in faults]
)
def test_messages_about_faulty_files_hold_nobodys_words(tmp_path, file, old, new, capsys):
    from peercompare.cli import main
    from peercompare.corpus import open_corpus, register

    folder = write_corpus(tmp_path / "corpus", CODES)
    place = folder / file
    text = place.read_text(encoding="utf-8")
    assert old in text
    # as people write: a sentence; a single word without blanks would be taken for an id
    place.write_text(text.replace(old, new.format("she told me " + phrase("P5")), 1), encoding="utf-8")
    register(folder)
    with pytest.raises(PeercompareError) as refused:
        open_corpus(folder, as_of=AS_OF)
    assert main(["check", str(folder), "--as-of", AS_OF]) != 0
    assert not canaries_in([str(refused.value), *capsys.readouterr()])


def asked_of(name):
    """The purposes of a recipe in words."""
    asked = RECIPES[name][0]
    return "none: it shows nobody's words" if asked == NOBODY else ", ".join(asked)


def purposes_table():
    """The table of the documentation: each public function that could show words, and what it asks for."""
    rows = [f"| `{name}` | {asked_of(name)} |" for name in RECIPES if RECIPES[name][0] != NOBODY]
    silent = sum(asked == NOBODY for asked, _ in RECIPES.values())
    given = [
        f"- {', '.join(f'`{name}`' for name in names)}: consent is a matter of {who}."
        for who, names in GIVEN.items()
    ]
    kept = [f"- `{unit}` {why}." for unit, why in KEEPING.items()]
    return "\n".join(
        [
            "| Public name | Purposes that it asks for |",
            "| --- | --- |",
            *rows,
            "",
            f"{silent} further names take a corpus or its tables, are tried too, and show nobody's words.",
            "",
            *given,
            *kept,
        ]
    )  # fmt: skip


BEGIN, END = "<!-- purposes: tests/test_purposes.py keeps this table -->\n", "\n<!-- end of purposes -->"


def test_the_documentation_shows_what_each_function_asks_for(request):
    page = (request.config.rootpath / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = page.partition(BEGIN)[2].partition(END)[0]
    assert shown == purposes_table(), f"paste this between the two marks:\n{purposes_table()}"


ORDERS_PEOPLE = {
    "rank",
    "ranking",
    "ranked",
    "position_of_worker",
    "percentile",
    "top",
    "league",
    "flag",
    "flagged",
}


def frames_in(value):
    """Every table in what a recipe returned."""
    if isinstance(value, pd.DataFrame):
        yield value
    elif isinstance(value, dict):
        yield from (frame for each in value.values() for frame in frames_in(each))
    elif isinstance(value, list | tuple):
        yield from (frame for each in value for frame in frames_in(each))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in RECIPES if not name.startswith("figures.")])
def test_no_function_ranks_people(desks, name):
    workers = {person for person in PEOPLE if person.startswith("W")}
    for table in frames_in(call(name, desks["individual_feedback", "exclude"], "ranked")):
        assert not ORDERS_PEOPLE & {str(column).lower() for column in table.columns}
        for column in table.columns:
            named = [cell for cell in table[column].tolist() if isinstance(cell, str) and cell in workers]
            # Where workers are named at all they come in the order of the corpus, never in that of a number.
            assert list(dict.fromkeys(named)) == sorted(set(named)), (name, column)
