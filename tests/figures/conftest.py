"""Tables of every chart in small, for any framework, with odd sizes on each axis."""

import pandas as pd
import pytest

from peercompare import figures
from peercompare.roles import marker_shares

COUNTS = {"confidence_level": 0.95, "n_clusters": 9, "n_workers": 9, "n_documents": 12, "n_coded": 40}


def estimate_row(framework, estimand, *, group_by="all", group="all", dimension="all", estimate=0.4, **more):
    row = {
        "corpus": "allotments",
        "estimand": estimand,
        "group_by": group_by,
        "group": group,
        "dimension": dimension,
        "variant": "as_coded",
        "labels": "all_codings",
        "estimate": estimate,
        "lower": estimate - 0.1,
        "upper": estimate + 0.1,
        **COUNTS,
        "n_segments": 40,
        "method": "jackknife over workers, t with 8 degrees of freedom",
        "reason": "",
        "waiver": False,
        "target": "workers like these",
    }
    return {**row, **more}


@pytest.fixture(scope="session")
def agreement():
    def make(framework):
        keys = [("overall", "stance", ""), *(("stance", "stance", label) for label in framework.labels)]
        keys += [("dimension", "dimension", name) for name in framework.dimension_ids]
        rows = []
        for place, (scope, level, value) in enumerate(keys):
            for coefficient, estimate in (("alpha", 0.7), ("ac1", 0.8), ("raw", 0.9)):
                estimate = estimate + 0.01 * place
                rows.append(
                    {
                        "corpus": "allotments",
                        "scope": scope,
                        "level": level,
                        "value": value,
                        "coefficient": coefficient,
                        "estimate": estimate,
                        "lower": estimate - 0.1,
                        "upper": min(1.0, estimate + 0.1),
                        "confidence_level": 0.95,
                        "n_clusters": 13,
                        "n_documents": 13,
                        "n_segments": 217,
                        "n_coders": 2,
                        "method": "delete-one-document jackknife, t(12)",
                        "reason": "",
                    }
                )
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def shares():
    def make(framework):
        rows = []
        for dimension in ("all", *framework.dimension_ids):
            for place, stance in enumerate(framework.stance_ids):
                estimate = (0.5, 0.125, 0.375)[place]
                more = {"dimension": dimension, "estimate": estimate}
                rows.append(estimate_row(framework, f"share_{stance}", **more))
        rows.append(estimate_row(framework, f"share_{framework.none.id}", estimate=0.61, n_segments=103))
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def documents():
    def make(framework):
        mixes = [(0.8, 0.1, 0.1), (0.2, 0.2, 0.6), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0), (0.3, 0.3, 0.4)]
        types = [role_type.id for role_type in framework.role_types]
        rows = [
            {
                "document_id": f"D{number}",
                "role_type": types[number % len(types)],
                **{f"share_{s}": share for s, share in zip(framework.stance_ids, mix, strict=True)},
                "n_segments": 11 + number,
            }
            for number, mix in enumerate(mixes)
        ]
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def over_time():
    def make(framework, *, by="site_id", time="half_year", groups=("S1", "S2", "S3")):
        rows = []
        periods = ("2021", "2022") if time == "year" else ("2022-H1", "2022-H2", "2023-H1")
        for number, group in enumerate(groups):
            for place, period in enumerate(periods):
                estimate = -0.4 + 0.2 * place + 0.05 * (number % 5)
                more = {"group_by": f"{by} x {time}", "group": f"{group} | {period}", "estimate": estimate}
                rows.append(estimate_row(framework, "index", **more))
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def confusion():
    def make(framework):
        return pd.DataFrame(
            [
                {
                    "corpus": "allotments",
                    "true": true,
                    "predicted": predicted,
                    "n": 9 if true == predicted else 2,
                }
                for true in framework.labels
                for predicted in framework.labels
            ]
        )

    return make


@pytest.fixture(scope="session")
def calibration():
    def make(framework):
        rows = []
        for label in framework.labels:
            for number in range(5):
                says = 0.1 + 0.2 * number
                seen = {
                    "predicted": says,
                    "observed": says - 0.05,
                    "lower": says - 0.15,
                    "upper": says + 0.05,
                }
                size = {"n_segments": 1200 if number == 0 else 31, "n_clusters": 9}
                rows.append({"corpus": "allotments", "label": label, "bin": number, **seen, **size})
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def titles():
    def make(framework):
        rows = [("all", 7, 3), *((setting.id, 4, 1) for setting in framework.settings)]
        return pd.DataFrame(
            [
                {
                    "group_by": "all" if group == "all" else "setting",
                    "group": group,
                    "n_documents": n,
                    "n_documents_all": n + 2,
                    "n_employers": n,
                    "n_peer_titles": n,
                    "n_over_clinical_duties": over,
                    "share": over / n,
                    "lower": over / n - 0.1,
                    "upper": over / n + 0.1,
                    "confidence_level": 0.95,
                    "method": "jackknife",
                    "reason": "",
                }
                for group, n, over in rows
            ]
        )

    return make


@pytest.fixture(scope="session")
def markers():
    def make(framework):
        settings = [setting.id for setting in framework.settings]
        documents = pd.DataFrame(
            {
                "document_id": [f"D{n}" for n in range(7)],
                "setting": [settings[n % len(settings)] for n in range(7)],
                "employer_id": [f"E{n}" for n in range(7)],
                "corpus": "some_postings",
            }
        )
        first, second = framework.markers[0].id, framework.markers[1].id
        rows = [
            ("D0", first, "present"),
            ("D0", first, "excluded"),
            ("D3", first, "present"),
            ("D5", second, "excluded"),
        ]
        findings = pd.DataFrame(rows, columns=["document_id", "marker", "finding"])
        return marker_shares(findings, documents, framework)

    return make


@pytest.fixture(scope="session")
def terms():
    def make(framework):
        return pd.DataFrame(
            [
                {
                    "label": label,
                    "term": f"word {number}",
                    "weight": 2.5 - 0.3 * number,
                    "kind": "word",
                    "n_groups": 6,
                }
                for label in framework.labels
                for number in range(5)
            ]
        )

    return make


@pytest.fixture(scope="session")
def around_event():
    def make(framework):
        levels = {
            "with | before": -0.4,
            "with | after": 0.1,
            "without | before": -0.2,
            "without | after": -0.1,
        }
        groups = [("index", f"new_rule | {where}", level) for where, level in levels.items()]
        groups += [
            ("change_after_event", "new_rule | with", 0.5),
            ("change_after_event", "new_rule | without", 0.1),
        ]
        groups += [("pretrend_difference", "new_rule", 0.01), ("event_difference", "new_rule", 0.4)]
        rows = [
            estimate_row(framework, name, group_by="event", group=group, estimate=value)
            for name, group, value in groups
        ]
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def parts_of_change():
    def make(framework):
        parts = [
            ("change", "all", 0.3),
            ("change_topic_mix", "all", 0.1),
            ("change_within_topics", "all", 0.2),
        ]
        for name, whole in (("change_topic_mix", 0.1), ("change_within_topics", 0.2)):
            size = len(framework.dimension_ids)
            parts += [(name, dimension, whole / size) for dimension in framework.dimension_ids]
        parts += [("change_who_was_seen", "all", 0.05), ("change_within_workers", "all", 0.25)]
        return pd.DataFrame(
            [
                estimate_row(
                    framework, name, group_by="year", group="2023 less 2022", dimension=inner, estimate=value
                )
                for name, inner, value in parts
            ]
        )

    return make


@pytest.fixture(scope="session")
def over_dates():
    """Two curves of three dates, a gap in one of them."""

    def make(framework):
        rows = []
        for curve in ("index_over_time", "index_within"):
            for place, date in enumerate(("2022-01-15", "2022-02-15", "2022-03-15", "2022-06-15")):
                more = {"group_by": "date", "group": date, "estimate": -0.3 + 0.15 * place}
                rows.append(estimate_row(framework, curve, **more))
        gap = {"estimate": None, "lower": None, "upper": None, "reason": "gap: nobody was seen"}
        rows[1] |= gap
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def choices():
    """The index as planned, under two other choices, one of them withheld, and a range."""

    def make(framework):
        named = [("as_planned", "as planned"), ("ties_split", "ties between two stances split")]
        named += [
            ("leave_out_kind", "without kind: walk"),
            ("leave_out_one_cluster", "without any one worker"),
        ]
        rows = [
            {**estimate_row(framework, "index", estimate=0.1 * place), "choice_id": choice, "words": words}
            for place, (choice, words) in enumerate(named)
        ]
        rows[2] |= {"estimate": None, "lower": None, "upper": None, "reason": "withheld: few workers"}
        rows[3] |= {"estimate": None, "reason": "a range, not an interval"}
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def charts(
    agreement,
    shares,
    documents,
    over_time,
    confusion,
    calibration,
    titles,
    markers,
    terms,
    around_event,
    parts_of_change,
    over_dates,
    choices,
):
    """Every chart by name, with the table it draws: (function, table maker)."""

    def employers(framework):
        return over_time(framework, by="employer_id", time="year", groups=("E1", "E2", "E3", "E4"))

    return {
        "agreement": (figures.agreement_dots, agreement),
        "shares": (figures.stance_chart, shares),
        "framework": (figures.framework_chart, shares),
        "plane": (figures.stance_plane, documents),
        "sites": (figures.site_drift, over_time),
        "employers": (figures.employer_years, employers),
        "confusion": (figures.confusion_matrix, confusion),
        "calibration": (figures.calibration_curves, calibration),
        "titles": (figures.title_duties, titles),
        "markers": (figures.marker_chart, markers),
        "terms": (figures.term_bars, terms),
        "timelines": (figures.timeline_chart, over_dates),
        "choices": (figures.sensitivity_chart, choices),
        "events": (figures.event_change, around_event),
        "composition": (figures.change_parts, parts_of_change),
    }
