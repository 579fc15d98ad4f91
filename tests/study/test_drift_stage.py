"""The stage that estimates drift: one publication for each corpus, and no study stops on a small one."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, draw_sample
from peercompare.study.drift_stage import estimates_of
from peercompare.study.settings import CorpusSection, SampleSection

PEERS = {"column": "worker_role", "value": "peer", "words": "peer workers"}


class Hall:
    """Stands in for an opened corpus of sessions."""

    name, cluster, composed = "hall", "worker_id", False

    def __init__(self, rows, framework, *, dated=True):
        documents = pd.DataFrame(rows)
        documents.insert(0, "document_id", [f"D{place:03d}" for place in range(len(documents))])
        self.documents = documents.assign(date=pd.to_datetime(documents["date"])) if dated else documents
        names = [f"{document}:{place}" for document in documents["document_id"] for place in range(4)]
        codes = [code for _ in rows for code in ("tools/shared", "tools/managed", "harvest/both", "none")]
        self.framework = framework
        self.segments = pd.DataFrame({"segment_id": names, "document_id": [one[:4] for one in names]})
        self.codings = pd.DataFrame({"segment_id": names, "coder_id": "gold", "code": codes, "memo": ""})
        self.codings = self.codings.assign(is_primary=True, tags="")
        self.role_types = pd.DataFrame(columns=["document_id", "coder_id", "role_type"])
        self.contests = pd.DataFrame(columns=["segment_id", "worker_id", "proposed_code"])

    def estimates(self, *, settings=None, **section):
        segments = self.segments.merge(self.documents, on="document_id")
        shares = np.full((len(segments), len(self.framework.labels)), 1 / len(self.framework.labels))
        predictions = pd.DataFrame(shares, columns=list(self.framework.labels))
        return estimates_of(
            self,
            CorpusSection.model_validate({"path": "hall", **section}),
            Plan(self.name, self.cluster),
            sample=draw_sample(segments, strata="worker_id", share=0.5, rng=1),
            predictions=predictions.assign(segment_id=segments["segment_id"]),
            settings=SampleSection.model_validate(settings or {}),
        )


def session(worker, role="peer", kind="walk", date="2022-01-01", **more):
    return {"worker_id": worker, "worker_role": role, "kind": kind, "date": date, **more}


@pytest.fixture
def once(tiny_framework):
    """Seven peers, seen once each."""
    return Hall([session(f"P{n}") for n in range(7)], tiny_framework)


def test_one_session_a_worker_gives_a_slope_with_its_reason_and_all_else(once):
    table = once.estimates(groups=["all"], population=PEERS, slope={"unit": "month"})
    slopes = table[table["estimand"] == "slope"]
    assert set(zip(slopes["labels"], slopes["variant"], strict=True)) == {
        ("all_codings", "as_coded"),
        ("all_codings", "without_required"),
        ("all_codings", "ties_split"),
        ("probability_sample", "as_coded"),
        ("predicted_only", "as_coded"),
    }
    assert slopes["estimate"].isna().all()
    assert slopes["reason"].str.contains("none of the workers was seen on two dates").all()
    assert set(slopes["group_by"]) == set(slopes["group"]) == {"all"}
    assert set(slopes["target"]) == {"workers like these (peer workers)"}
    assert not slopes["waiver"].any()
    assert table.loc[table["estimand"] == "index", "estimate"].notna().any()


def test_what_workers_contest_is_estimated_beside_what_was_coded(once):
    own = once.segments.groupby("document_id")["segment_id"].first()
    proposed = {"worker_id": once.documents["worker_id"], "proposed_code": "tools/managed"}
    once.contests = pd.DataFrame({"segment_id": own.to_numpy(), **proposed})
    index = once.estimates(groups=["all"]).query("estimand == 'index' and dimension == 'all'")
    index = index[index["labels"] == "all_codings"].set_index("variant")["estimate"]
    # One stance-taking segment of three moves from one end of the axis to the other.
    assert index["contested"] - index["as_coded"] == pytest.approx(2 / 3)


def test_a_population_that_nobody_belongs_to_gives_rows_with_the_reason(once):
    nobody = {"column": "worker_role", "value": "gardener", "words": "gardeners"}
    table = once.estimates(population=nobody, compare=["worker_role"], slope={"unit": "month"})
    refusals = table[table["method"] == "not estimated"]
    assert set(refusals["estimand"]) == {"index", "slope"}
    assert refusals["reason"].str.startswith("no segments of gardeners").all()
    assert refusals["target"].str.contains("gardeners").all()
    assert table.loc[table["group_by"] == "worker_role", "estimate"].notna().any()


def test_documents_without_dates_are_estimated_without_periods(tiny_framework):
    rows = [{key: value for key, value in session(f"P{n}").items() if key != "date"} for n in range(6)]
    table = Hall(rows, tiny_framework, dated=False).estimates(groups=["all", "kind"])
    assert table.loc[table["estimand"] == "index", "estimate"].notna().any()


def test_the_tables_of_a_study_are_withheld_together(tiny_framework):
    # Everybody on the phone less the peers on the phone would be one clinician.
    rows = [session(f"P{n}", kind=kind) for n in range(6) for kind in ("phone", "walk")]
    rows += [session(f"C{n}", "clinical") for n in range(6)] + [session("C0", "clinical", "phone")]
    table = Hall(rows, tiny_framework).estimates(groups=["all", "kind"], compare=["kind"], population=PEERS)
    coded = table.query("estimand == 'index' and dimension == 'all' and labels == 'all_codings'")
    shown = coded[(coded["variant"] == "as_coded") & (coded["group"] == "phone")]
    assert shown.set_index("n_workers")["estimate"].notna().to_dict() == {6: False, 7: True}


def test_the_groups_are_estimated_from_a_sample_too(tiny_framework):
    rows = [session(f"P{n}", kind=kind) for n in range(8) for kind in ("phone", "walk")]
    table = Hall(rows, tiny_framework).estimates(groups=["all", "kind"])
    sampled = table[(table["labels"] == "probability_sample") & (table["estimand"] == "index")]
    assert set(sampled["group"]) == {"all", "phone", "walk"}
    assert (sampled["lower"].notna() | (sampled["reason"] != "")).all()
    assert set(table.loc[table["labels"] == "predicted_only", "group"]) == {"all"}


def sampled(table):
    rows = table[(table["estimand"] == "index") & (table["dimension"] == "all") & (table["group"] == "all")]
    return [name for name in rows["labels"] if name not in ("all_codings", "predicted_only")]


def test_a_study_names_its_estimator_and_those_beside_it(once):
    assert sampled(once.estimates()) == ["probability_sample"]
    asked = {"estimator": "expert_only", "beside": ["ppi", "rectified", "expert_only"]}
    table = once.estimates(settings=asked)
    assert sampled(table) == ["expert_only", "power_tuned", "probability_sample"]
    tuned = table[table["labels"] == "power_tuned"]
    assert tuned["estimate"].isna().all()
    assert tuned["reason"].str.contains("at least 100 workers").all()


def test_a_study_asks_for_a_standardised_and_a_shrunken_index_and_for_differences(tiny_framework):
    rows = [
        session(f"P{n}", date=date, site_id=f"S{n // 5}")
        for n in range(25)
        for date in ("2022-01-01", "2022-09-01")
    ]
    table = Hall(rows, tiny_framework).estimates(
        standardised=True,
        shrink=["site_id"],
        differences=[{"column": "half_year", "first": "2022-H1", "second": "2022-H2"}],
    )
    found = table[table["dimension"] == "all"].groupby("estimand").size()
    assert found["index_standardised"] == 1
    assert found["index_difference"] == 1
    # Everybody's codes are the same here, so that there is no variance to draw sites together by.
    shrunken = table[table["estimand"] == "index_shrunken"]
    assert shrunken["reason"].tolist() == ["shrinkage needs at least 5 areas with an interval; there are 0"]


def test_a_study_may_ask_about_this_corpus_alone(tiny_framework):
    rows = [
        session(f"P{n}", date=date) for n in range(8) for date in ("2022-01-01", "2022-03-01", "2022-09-01")
    ]
    hall = Hall(rows, tiny_framework)
    asked = {"slope": {"unit": "month"}, "standardised": True}
    tables = hall.estimates(**asked), hall.estimates(target="this_corpus", **asked)
    usual, alone = (table.query("dimension == 'all' and labels != 'predicted_only'") for table in tables)
    shares = ["index", "slope"]
    assert set(usual["target"]) == {"workers like these"}
    assert set(alone.loc[alone["estimand"].isin(shares), "target"]) == {"this corpus"}
    assert set(alone.loc[alone["estimand"] == "index_standardised", "target"]) == {"workers like these"}
    counted = alone.query("labels == 'all_codings' and estimand == 'index'").iloc[0]
    assert "this is a count of the corpus" in counted["reason"]
    assert np.isnan(counted["lower"])
    wanted = "labels == 'probability_sample' and estimand == 'index'"
    wide, narrow = (table.query(wanted).iloc[0] for table in (usual, alone))
    assert narrow["estimate"] == wide["estimate"]
    assert "interval of the sampling of segments" in narrow["method"]


def test_a_refused_slope_says_that_it_would_be_about_this_corpus(once):
    table = once.estimates(target="this_corpus", slope={"unit": "month"})
    assert set(table.loc[table["estimand"] == "slope", "target"]) == {"this corpus"}
