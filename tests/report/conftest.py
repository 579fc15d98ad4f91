"""Notebooks and outputs for the tests of reports."""

import base64
import io

import nbformat
import pytest

ALT = "A line that rises from one to three."


def png_bytes():
    """One white pixel, as PNG."""
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    imsave(buffer, [[[1.0, 1.0, 1.0]]], format="png")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def picture():
    """One white pixel, as the bytes of a PNG file."""
    return png_bytes()


@pytest.fixture(scope="session")
def png():
    """One white pixel, as base64."""
    return base64.b64encode(png_bytes()).decode()


@pytest.fixture
def output():
    """Make an output of the given kind."""

    def make(data, kind="display_data", metadata=None):
        extra = {"execution_count": 1} if kind == "execute_result" else {}
        return nbformat.v4.new_output(kind, data=data, metadata=metadata or {}, **extra)

    return make


@pytest.fixture
def figure(png, output):
    """Make a figure's output; pass ``alt=None`` for one without alternative text."""

    def make(alt=ALT, caption="Figure 1. A line."):
        metadata = {"caption": caption} if alt is None else {"alt": alt, "caption": caption}
        return output({"image/png": png, "text/plain": "<Figure size 1x1>"}, metadata={"image/png": metadata})

    return make


@pytest.fixture
def notebook():
    """Make a notebook from strings (words) and lists (outputs of a code cell)."""

    def make(*parts):
        cells = []
        for number, part in enumerate(parts):
            if isinstance(part, str):
                cells.append(nbformat.v4.new_markdown_cell(part, id=f"c{number}"))
            else:
                cells.append(nbformat.v4.new_code_cell("secret_name = 1", outputs=part, id=f"c{number}"))
        return nbformat.v4.new_notebook(cells=cells)

    return make


@pytest.fixture
def code_notebook(tmp_path):
    """Write a notebook of code cells and return its path; a cell given as (source, tag) is tagged."""

    def make(*sources, name="try.ipynb"):
        cells = []
        for number, source in enumerate(sources):
            text, tags = source if isinstance(source, tuple) else (source, None)
            metadata = {"tags": [tags]} if tags else {}
            cells.append(nbformat.v4.new_code_cell(text, id=f"c{number}", metadata=metadata))
        path = tmp_path / name
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return make


CORPORA = ("job_descriptions", "session_transcripts")


def estimate_row(corpus, estimand, estimate, **given):
    """One row of the table ``estimates``, with an interval unless a reason is given."""
    reason = given.get("reason", "")
    row = {
        "corpus": corpus,
        "estimand": estimand,
        "group_by": "all",
        "group": "all",
        "dimension": "all",
        "variant": "as_coded",
        "labels": "all_codings",
        "estimate": estimate,
        "lower": float("nan") if reason else estimate - 0.071,
        "upper": float("nan") if reason else estimate + 0.083,
        "confidence_level": 0.95,
        "n_clusters": 21 if corpus == CORPORA[0] else 8,
        "n_workers": float("nan") if corpus == CORPORA[0] else 8,
        "n_documents": 63 if corpus == CORPORA[0] else 43,
        "n_segments": 747 if corpus == CORPORA[0] else 673,
        "n_coded": 747,
        "method": "ratio of totals, clustered",
        "waiver": corpus != CORPORA[0],
        "target": "workers like these",
    }
    return row | given | {"reason": reason}


def estimates_of(framework):
    """A table of estimates with every kind of row that a report prints."""
    rows = []
    shares = [0.463, 0.117, 0.42]

    def block(corpus, **where):
        for stance, share in zip(framework.stance_ids, shares, strict=True):
            rows.append(estimate_row(corpus, f"share_{stance}", share, **where))
        rows.append(estimate_row(corpus, "index", shares[-1] - shares[0], **where))

    for corpus in CORPORA:
        block(corpus)
        rows.append(estimate_row(corpus, f"share_{framework.none.id}", 0.377, n_segments=1022))
        rows.append(estimate_row(corpus, "index_overlap_low", -0.072))
        rows.append(estimate_row(corpus, "index_overlap_high", -0.014))
        for dimension in framework.dimension_ids:
            block(corpus, dimension=dimension, n_segments=97)
        for variant in ("without_required", "ties_split"):
            block(corpus, variant=variant)
        for labels in ("probability_sample", "predicted_only"):
            block(corpus, labels=labels, n_coded=188)
    for role in framework.role_types:
        block(CORPORA[0], group_by="role_type", group=role.id, n_segments=150)
    for year in (2005, 2015, 2025):
        block(CORPORA[0], group_by="year", group=str(year), n_segments=240)
    for site in ("S1", "S2"):
        block(CORPORA[1], group_by="site_id", group=site, n_clusters=4, reason="fewer than five clusters")
    nothing = float("nan")
    withheld = {"reason": "withheld: fewer than five workers", "n_segments": nothing, "n_documents": nothing}
    for name in [f"share_{stance}" for stance in framework.stance_ids] + ["index"]:
        row = estimate_row(CORPORA[1], name, nothing, group_by="setting", group="peer_run", **withheld)
        rows.append(row | {"n_clusters": nothing})
    rows.append(estimate_row(CORPORA[0], "slope", 0.031, method="within employers, per year"))
    rows.append(estimate_row(CORPORA[1], "slope", 0.113, method="within workers, per month"))
    rows.append(estimate_row(CORPORA[0], "index_anchored", 0.612))
    rows.append(
        estimate_row(
            CORPORA[1], "index_anchored", nothing, reason="refused: fewer than five reference workers"
        )
    )
    return rows


@pytest.fixture(scope="session")
def report_figures(picture):
    """A figure of each name that a report knows, and one that it does not."""
    from peercompare.report import ReportFigure

    return {
        name: ReportFigure(name=name, png=picture, alt=ALT, caption=f"Caption of {name}.") for name in FIGURES
    }


@pytest.fixture(scope="session")
def report_for(deegan, report_figures):
    """Lay out the report on the small tables for a kind of reader, with whatever is changed of it."""
    from peercompare.report import render_report

    def make(audience="methods", *, tables=None, framework=deegan, facts=FACTS, **more):
        tables = make_tables(framework) if tables is None else tables
        more = {"figures": report_figures} | more
        return render_report(tables, framework=framework, study_facts=facts, audience=audience, **more)

    return make


@pytest.fixture(scope="session")
def report_html(report_for):
    """The report on the small tables, with figures, as one page."""
    from peercompare.report import write_document

    return write_document(report_for()).decode("utf-8")


@pytest.fixture(scope="session")
def team_files(report_for, quotation):
    """The team's report in each format, as bytes, with the document that they were written from."""
    from peercompare.report import write_document

    document = report_for("team", quotations=[quotation()])
    files = {format: write_document(document, format) for format in ("html", "docx", "pdf")}
    return document, files


@pytest.fixture(scope="session")
def summary_for(deegan, quotation):
    """What the report says of the small tables to a kind of reader, made once for each."""
    from functools import cache

    from peercompare.report import summarise_study

    spoken = [quotation(), quotation(high_end=True, code="Assessing")]
    posted = [quotation(source="Job descriptions", spoken=False, high_end=True, code="Assessing")]

    @cache
    def make(audience):
        given = {"audience": audience, "quotations": [*spoken, *posted]}
        return summarise_study(make_tables(deegan), framework=deegan, study_facts=FACTS, **given)

    return make


@pytest.fixture(scope="session")
def summary(deegan):
    """What the report says of the small tables."""
    from peercompare.report import summarise_study

    return summarise_study(make_tables(deegan), framework=deegan, study_facts=FACTS)


@pytest.fixture
def study_tables(deegan):
    """Small tables with the columns of a study's, for the shipped framework."""
    return make_tables(deegan)


@pytest.fixture
def tables_for():
    """Make a study's tables for any framework."""
    return make_tables


def make_tables(framework):
    """Make a study's tables for any framework."""
    import pandas as pd

    corpora = pd.DataFrame(
        {
            "corpus": CORPORA,
            "title": ["Job descriptions, composed", "Session transcripts, composed"],
            "genre": ["job_description", "session_transcript"],
            "composed": True,
            "cluster": ["employer_id", "worker_id"],
            "licence": "CC-BY-4.0",
            "citation": ["The project (2026). Job descriptions.", "The project (2026). Session transcripts."],
            "n_documents": [63, 54],
            "n_segments": [1966, 917],
            "n_coders": 2,
            "n_documents_left_out": [0, 3],
            "n_segments_left_out": [0, 56],
            "outcome": ["", "excluded"],
        }
    )
    left_out = pd.DataFrame(
        {
            "corpus": CORPORA[1],
            "purpose": "analysis",
            "outcome": "excluded",
            "reason": ["purpose not covered", "expired", "withdrawn"],
            "n_people": [1, 1, 2],
            "n_documents": [1, 1, 1],
            "withheld": "",
        }
    )
    states = {"all": 9, "agreed": 6, "ended": 1, "not agreed": 2}
    consent = pd.DataFrame(
        [
            {"corpus": CORPORA[1], "role": "worker", "purpose": "all" if state == "all" else "analysis",
             "state": state, "n_people": n, "withheld": "", "waiver": True}
            for state, n in states.items()
        ]
    )  # fmt: skip
    return {
        "corpora": corpora,
        "left_out": left_out,
        "consent": consent,
        "estimates": pd.DataFrame(estimates_of(framework)),
        "agreement": agreement_of(framework),
        "scores": scores_of(framework),
        **role_tables(framework),
        **title_tables(framework),
        **session_tables(),
    }


def title_tables(framework):
    """Tables on what stands under titles, and on who reads types of role how well."""
    import pandas as pd

    nothing = float("nan")
    shares = [
        {"corpus": CORPORA[0], "title_family": family, "marker": marker.id, "finding": finding,
         "n": n if place < 2 else 0, "n_documents": size, "n_employers": employers,
         "share": n / size if place < 2 else 0.0, "lower": 0.117 if bounded and place < 2 else nothing,
         "upper": 0.533 if bounded and place < 2 else nothing, "confidence_level": 0.95,
         "method": "jackknife over employers", "reason": "" if bounded else "fewer than five employers"}
        for family, size, employers, n, bounded in (("all", 63, 21, 19, True), ("clinical", 7, 4, 3, False))
        for place, marker in enumerate(framework.markers)
        for finding in ("present", "excluded")
    ]  # fmt: skip
    readers = (("program", "gold"), ("title_alone", "gold"), ("coder_b", "coder_a"))
    ladder = [
        {"corpus": CORPORA[0], "reader": reader, "against": against, "task": "role_type", "scope": "all",
         "label": "", "score": score, "estimate": 0.857 - 0.2 * place, "lower": 0.722 - 0.2 * place,
         "upper": 0.933 - 0.2 * place, "confidence_level": 0.95, "n_clusters": 21, "n_documents": 63,
         "n_gold": 63, "n_found": 63, "method": "jackknife over employers", "reason": ""}
        for place, (reader, against) in enumerate(readers)
        for score in ("accuracy", "accuracy_of_commonest", "macro_f1")
    ]  # fmt: skip
    return {"marker_shares_by_title": pd.DataFrame(shares), "role_ladder": pd.DataFrame(ladder)}


def session_tables():
    """Tables that stand beside the index of sessions: measures of whole sessions, scores from outside."""
    import pandas as pd

    nothing = float("nan")
    measures = [
        estimate_row(CORPORA[1], name, value, group_by=by, group=group, labels="all_turns", n_segments=n,
                     n_documents=n, n_coded=0, method=f"{name} counted; sessions weigh the same")
        | {"cannot_tell": f"what {name.replace('_', ' ')} hides"}
        for name, value in (("worker_talk_share", 0.572), ("worker_turn_words", 19.63), ("index", -0.138))
        for by, group, n in (("all", "all", 54), ("worker_role", "peer", 43), ("site_id", "S1", 17))
    ]  # fmt: skip
    turns = {"corpus": CORPORA[1], "n_turns": 1892, "n_turns_refused": 88, "n_turns_beside": 144}
    few = "a correlation needs at least five sites"
    outside = [
        estimate_row(CORPORA[1], name, nothing if few else 0.41, group_by="instrument", group="warmth",
                     n_clusters=3, n_documents=11, n_workers=7, reason=few, method="not estimated")
        for name in ("correlation_within_sites", "correlation_between_sites")
    ]  # fmt: skip
    return {
        "session_measures": pd.DataFrame(measures),
        "session_turns": pd.DataFrame([turns | {"withheld": ""}]),
        "external": pd.DataFrame(outside),
    }


def agreement_of(framework):
    """A table of agreement, with one coefficient undefined."""
    import pandas as pd

    scopes = [("overall", "stance", ""), ("overall", "code", "")]
    scopes += [("stance", "stance", label) for label in framework.labels]
    scopes += [("dimension", "dimension", name) for name in framework.dimension_ids]
    rows = []
    for corpus in CORPORA:
        for place, (scope, level, value) in enumerate(scopes):
            for coefficient in ("alpha", "ac1", "raw"):
                undefined = place == 4 and coefficient == "alpha"
                estimate = float("nan") if undefined else 0.887 - 0.01 * place
                row = {"corpus": corpus, "scope": scope, "level": level, "value": value}
                row |= {"coefficient": coefficient, "estimate": estimate, "lower": estimate - 0.04}
                row |= {
                    "upper": estimate + 0.03,
                    "confidence_level": 0.95,
                    "n_clusters": 54,
                    "n_documents": 54,
                }
                row |= {"n_segments": 917, "n_coders": 2, "prevalence": 0.29, "p_below_667": 0.0004}
                row |= {"method": "jackknife over documents"}
                rows.append(row | {"reason": "only one value was used" if undefined else ""})
    return pd.DataFrame(rows)


def scores_of(framework):
    """A table of scores: classifier, baselines, coders."""
    import pandas as pd

    rows = []
    for corpus in CORPORA:
        for place, model in enumerate(
            ("ngram", "majority", "dictionary", "source_only", "coder_a vs coder_b")
        ):
            for score in ("macro_f1", "accuracy"):
                value = 0.71 - 0.1 * place
                rows.append(score_row(corpus, model, score, "", value))
        for label in framework.labels:
            for score in ("precision", "recall", "f1"):
                rows.append(score_row(corpus, "ngram", score, label, 0.66))
    return pd.DataFrame(rows)


def score_row(corpus, model, score, label, value):
    """One row of the table ``scores``."""
    return {
        "corpus": corpus, "model": model, "truth": "gold", "score": score, "label": label, "estimate": value,
        "lower": value - 0.05, "upper": value + 0.04, "confidence_level": 0.95, "n_clusters": 8,
        "n_documents": 54, "n_segments": 917, "method": "bootstrap of workers", "reason": "",
    }  # fmt: skip


def role_tables(framework):
    """Tables on titles, markers and the scores of both."""
    import pandas as pd

    titles = pd.DataFrame(
        {
            "setting": ["all", *(setting.id for setting in framework.settings), "elsewhere"][:3],
            "n_documents": [63, 21, 12],
            "n_employers": [21, 7, 4],
            "n_peer_titles": [34, 12, 5],
            "n_over_clinical_duties": [13, 3, 2],
            "share": [13 / 34, 3 / 12, 2 / 5],
            "lower": [0.24, 0.08, float("nan")],
            "upper": [0.55, 0.51, float("nan")],
            "confidence_level": 0.95,
            "method": "clustered by employer",
            "reason": ["", "", "fewer than five employers"],
        }
    )
    markers = [marker.id for marker in framework.markers][:3]
    findings = pd.DataFrame(
        {
            "document_id": [f"JD{place:03d}" for place in range(9)],
            "marker": [markers[place % len(markers)] for place in range(9)],
            "finding": ["present", "present", "excluded"] * 3,
            "segment_ids": "",
        }
    )
    shares = pd.DataFrame(
        {"marker": [marker.id for marker in framework.markers], "finding": "present", "setting": "all",
         "n": 17, "n_documents": 63}
    )  # fmt: skip
    scores = pd.DataFrame(
        {
            "task": ["role_type", "marker"],
            "scope": ["all", "unseen"],
            "label": ["", markers[0]],
            "score": ["accuracy", "f1"],
            "estimate": [0.73, 0.81],
            "lower": [0.6, float("nan")],
            "upper": [0.84, float("nan")],
            "n_documents": 63,
            "n_gold": [63, 11],
            "reason": ["", "one class only in a cluster"],
        }
    )
    return {
        "title_against_duties": titles,
        "title_against_duties_by_rules": titles.assign(
            n_over_clinical_duties=[19, 4, 3], share=[0.56, 0.33, 0.6]
        ),
        "marker_findings": findings,
        "marker_findings_by_rules": findings.head(5),
        "marker_shares": shares,
        "role_scores": scores,
    }


FIGURES = (
    "agreement_job_descriptions",
    "stance_shares_session_transcripts",
    "drift_by_site_session_transcripts",
    "titles_against_duties",
    "markers_by_setting",
    "confusion_job_descriptions",
    "something_new",
)

FACTS = {
    "title": "Practice in two composed corpora",
    "as_of": "2024-06-30",
    "consent_policy": "exclude",
    "confidence_level": 0.95,
    "seed": 20170621,
    "versions": {"numpy": "2.4.6"},
}


@pytest.fixture(scope="session")
def quotation():
    """Make a quotation with its neighbours."""
    from peercompare.report import Quotation

    lines = (("Participant", "It was raining."), ("Worker", "I sat with you."), ("Participant", "You did."))

    def make(**given):
        given = {"source": "Session transcripts", "lines": lines, "at": 1, "spoken": True} | given
        return Quotation(**({"code": "Own meaning"} | given))

    return make


@pytest.fixture
def facts():
    """What a study says about itself."""
    return dict(FACTS)
