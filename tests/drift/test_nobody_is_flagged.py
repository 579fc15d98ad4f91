"""No one is flagged: nothing ranks people, and nothing about one worker is told but to that worker."""

import ast
import inspect
import re

import numpy as np
import pandas as pd
import pytest

from peercompare import drift, roles
from peercompare.drift import Plan, population, score_table, worker_feedback
from peercompare.drift.disclosure import PERSON_COLUMNS
from peercompare.errors import DisclosureError, InputError, PeercompareError

TELLTALE = re.compile(
    r"(^|_)(rank|ranked|ranking|flag|flagged|worst|league|outlier|outliers|leaderboard)(_|$)"
)
"""Words in the name of a function that would order people or point at one."""

PLAN = Plan("sessions", "worker_id")

TWO = {"first": "W1", "second": "W2"}

GROUPED = {
    "estimate_table": lambda s, f, c: drift.estimate_table(s, f, plan=PLAN, group_by=[c]),
    "draft_estimates": lambda s, f, c: drift.draft_estimates(s, f, plan=PLAN, group_by=[c]),
    "trend_table": lambda s, f, c: drift.trend_table(s, f, per="month", plan=PLAN, group_by=[c]),
    "draft_trend": lambda s, f, c: drift.draft_trend(s, f, per="month", plan=PLAN, group_by=[c]),
    "anchored_table": lambda s, f, c: drift.anchored_table(
        s, f, references=drift.References("kind", "a", "b"), plan=PLAN, group_by=[c]
    ),
    "draft_anchored": lambda s, f, c: drift.draft_anchored(
        s, f, references=drift.References("kind", "a", "b"), plan=PLAN, group_by=[c]
    ),
    "change_point_table": lambda s, f, c: drift.change_point_table(
        s, f, per="month", plan=PLAN, group_by=[c]
    ),
    "timeline_table": lambda s, f, c: drift.timeline_table(s, f, per="month", plan=PLAN, group_by=[c]),
    "difference_table": lambda s, f, c: drift.difference_table(s, f, plan=PLAN, column=c, **TWO),
    "draft_differences": lambda s, f, c: drift.draft_differences(s, f, plan=PLAN, column=c, **TWO),
    "draft_shrunken": lambda s, f, c: drift.draft_shrunken(s, f, plan=PLAN, group_by=c),
    "draft_standardised": lambda s, f, c: drift.draft_standardised(s, f, plan=PLAN, group_by=[c]),
    "draft_coder_pool": lambda s, f, c: drift.draft_coder_pool(
        {"": s, "ann": s, "bo": s}, f, plan=PLAN, group_by=[c]
    ),
    "draft_moderator": lambda s, f, c: drift.draft_moderator(s, f, plan=PLAN, column=c),
    "composition_table": lambda s, f, c: drift.composition_table(
        s, f, plan=PLAN, column=c, pair=("W1", "W2"), published=pd.DataFrame()
    ),
    "measures_table": lambda s, f, c: drift.measures_table(s, plan=PLAN, group_by=[c]),
    "ordered_differences": lambda s, f, c: drift.ordered_differences(
        s, f, plan=PLAN, column=c, order=sorted(set(s[c]))[:2]
    ),
}
"""Every public function of drift that is asked for groups, asked for people."""

EXEMPT = {"population": "keeps segments; what is then estimated of one worker is withheld, as tried below"}


@pytest.fixture(scope="module")
def scored(tiny_framework):
    """Ten workers at two sites, three sessions each, with every column that names people."""
    rng = np.random.default_rng(7)
    rows, codes = [], []
    for number in range(10):
        for session in range(3):
            document = f"D{number}{session}"
            rows.append(
                {
                    "document_id": document,
                    "worker_id": f"W{number}",
                    "site_id": f"S{number % 2}",
                    "kind": "ab"[number % 2],
                    "date": pd.Timestamp("2022-01-01") + pd.DateOffset(months=4 * session),
                }
            )
            for place in range(6):
                code = rng.choice(["tools/shared", "tools/both", "tools/managed", "none"])
                codes.append((f"{document}:{place}", document, code))
    documents = pd.DataFrame(rows)
    named = dict.fromkeys((name for name in PERSON_COLUMNS if name not in documents), documents["worker_id"])
    segments = pd.DataFrame(codes, columns=["segment_id", "document_id", "code"])
    codings = segments.assign(coder_id="gold", is_primary=True, tags="", memo="")
    return score_table(codings, segments, documents.assign(**named), tiny_framework)


def public_functions(module):
    return {
        name: getattr(module, name) for name in module.__all__ if inspect.isfunction(getattr(module, name))
    }


def test_every_function_that_takes_groups_is_tried_here():
    asked = {
        name
        for name, function in public_functions(drift).items()
        if {"group_by", "column"} & set(inspect.signature(function).parameters)
    }
    assert asked == set(GROUPED) | set(EXEMPT)


@pytest.mark.parametrize("name", GROUPED)
@pytest.mark.parametrize("column", ["worker_id", "speaker"])
def test_nobody_is_set_beside_others(name, column, scored, tiny_framework):
    with pytest.raises(DisclosureError):
        GROUPED[name](scored, tiny_framework, column)


def test_a_population_of_one_worker_is_withheld(scored, tiny_framework):
    alone = population(scored, "worker_id", "W3", words="one of them")
    table = drift.estimate_table(alone, tiny_framework, plan=PLAN)
    assert table["estimate"].isna().all()
    withheld = table["reason"].str.contains("fewer than 5 workers")
    assert (withheld | table["reason"].str.contains("no stance-taking segments")).all()
    assert withheld[table["dimension"] == "all"].all()


def test_a_single_session_cannot_be_singled_out_either(scored, tiny_framework):
    table = drift.estimate_table(
        scored, tiny_framework, plan=PLAN, group_by=["document_id"], dimensions=False
    )
    assert table["estimate"].isna().all()


@pytest.mark.parametrize("unit", ["drift", "roles", "figures", "report", "study", "cli", "classifier"])
def test_no_function_ranks_or_flags_anybody(request, unit):
    found = [
        f"{path.name}: {node.name}"
        for path in (request.config.rootpath / "peercompare" / unit).rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and TELLTALE.search(node.name.lower())
    ]
    assert not found


def test_a_worker_is_told_of_themselves_with_the_index_drawn_in_and_what_it_cannot_tell(
    scored, tiny_framework
):
    asked = []

    def permits(person_id, purpose):
        asked.append((person_id, purpose))
        return person_id == "W3"

    table = worker_feedback(scored, tiny_framework, "W3", permits=permits, plan=PLAN)
    assert asked == [("W3", "individual_feedback")]
    assert set(table["group"]) == {"W3"}
    assert table["estimand"].str.endswith("_shrunken").all()
    assert table["cannot_tell"].str.contains("cannot tell how good the work was").all()
    assert table["cannot_tell"].str.contains("not for comparing people").all()
    texts = table.astype(str).to_string()
    assert not [f"W{n}" for n in range(10) if n != 3 and f"W{n}" in texts]
    with pytest.raises(DisclosureError):
        worker_feedback(scored, tiny_framework, "W4", permits=permits, plan=PLAN)


@pytest.mark.parametrize("name", sorted(public_functions(roles)))
def test_roles_are_of_postings_and_refuse_tables_that_name_people(name, scored, tiny_framework):
    if name not in ("find_markers", "marker_shares", "role_features", "classify_roles"):
        return
    documents = pd.DataFrame(
        {"document_id": ["a"], "worker_id": ["W1"], "text": ["x"], "employer_id": "E", "setting": "s"}
    )
    segments = pd.DataFrame({"segment_id": ["a:1"], "document_id": ["a"], "text": ["x"], "worker_id": "W1"})
    findings = pd.DataFrame({"document_id": ["a"], "marker": ["m"], "finding": ["present"]})
    labels = dict.fromkeys(tiny_framework.labels, 0.25)
    predictions = pd.DataFrame([{"segment_id": "a:1", **labels}])
    calls = {
        "find_markers": lambda: roles.find_markers(segments, tiny_framework),
        "marker_shares": lambda: roles.marker_shares(findings, documents, tiny_framework),
        "role_features": lambda: roles.role_features(documents, segments, predictions, tiny_framework),
        "classify_roles": lambda: roles.classify_roles(documents, segments, predictions, tiny_framework),
    }
    with pytest.raises(DisclosureError):
        calls[name]()


def test_duties_under_titles_cannot_be_grouped_by_people(scored, tiny_framework):
    made = pd.DataFrame({"document_id": scored["document_id"].unique()}).assign(
        promises_first=True, over_last=False, worker_id="W1", role_type_gold=""
    )
    with pytest.raises(DisclosureError):
        roles.duties_under_titles(scored, made, tiny_framework, plan=PLAN, group_by=["worker_id"])


def test_a_pilot_of_few_workers_tells_nothing_of_them(scored, tiny_framework):
    few = scored[scored["worker_id"].isin(["W1", "W2", "W3", "W4"])].reset_index(drop=True)
    with pytest.raises(PeercompareError, match="five of them on"):
        drift.pilot_components(few, tiny_framework, estimand="index", plan=PLAN)
    with pytest.raises(InputError):
        drift.pilot_components(scored, tiny_framework, estimand="W1", plan=PLAN)
