import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from peercompare.drift import Plan, References, anchor, anchored_table, score_table
from peercompare.errors import InputError, UndefinedError

ENDS = References("role_type", "digger", "planner")


@pytest.fixture
def postings(gold, tiny_framework):
    """Fourteen employers, each with a posting of one of two kinds; the first has one of a third kind too."""
    rng = np.random.default_rng(2)
    rows, codes = [], {}
    for employer in range(14):
        kinds = ["digger" if employer % 2 else "planner"] + (["mixed"] if employer == 0 else [])
        for kind in kinds:
            document = f"D{employer:02d}{kind[0]}"
            rows.append({"document_id": document, "employer_id": f"E{employer:02d}", "role_type": kind})
            share = {"digger": 0.2, "planner": 0.8, "mixed": 0.5}[kind]
            for place in range(9 + employer):
                stance = "managed" if rng.random() < share else "shared"
                codes[f"{document}:{place}"] = f"tools/{stance}"
    segments = pd.DataFrame([{"segment_id": name, "document_id": name.split(":")[0]} for name in codes])
    return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)


def index_of(scores, rows):
    return (scores["share_managed"] - scores["share_shared"])[rows].mean()


def test_references_anchor_themselves_at_the_ends():
    for value, expected in ((-0.6, -1.0), (0.4, 1.0), (-0.1, 0.0), (0.9, 2.0)):
        result = anchor(np.array([value, -0.6, 0.4]), np.zeros((3, 3)), degrees=6)
        assert result.estimate == pytest.approx(expected)


def test_with_distant_references_the_interval_is_the_delta_methods():
    variances = np.array([0.004, 0.001, 0.002])
    result = anchor(np.array([0.1, -0.6, 0.4]), np.diag(variances), degrees=9)
    # The published form for independent corpora.
    own, start, end = 0.1, -0.6, 0.4
    variance = 4 * variances[0] + 4 * (end - own) ** 2 * variances[1] + 4 * (own - start) ** 2 * variances[2]
    half = stats.t.ppf(0.975, 9) * np.sqrt(variance)
    assert_allclose([result.lower, result.upper], [result.estimate - half, result.estimate + half])
    assert result.method == "delta method"


def test_with_near_references_the_interval_is_fiellers_and_lopsided():
    result = anchor(np.array([0.5, -0.3, 0.3]), np.diag([0.01, 0.02, 0.02]), degrees=30)
    assert result.method == "Fieller's interval"
    assert result.upper - result.estimate > result.estimate - result.lower > 0


def test_the_ends_of_fiellers_interval_solve_its_equation():
    covariance = np.diag([0.01, 0.02, 0.02])
    result = anchor(np.array([0.5, -0.3, 0.3]), covariance, degrees=30)
    contrast = np.array([[2.0, -1.0, -1.0], [0.0, -1.0, 1.0]])
    top, distance = contrast @ np.array([0.5, -0.3, 0.3])
    spread = contrast @ covariance @ contrast.T
    for end in (result.lower, result.upper):
        error = np.sqrt(spread[0, 0] - 2 * end * spread[0, 1] + end**2 * spread[1, 1])
        assert abs(top - end * distance) / error == pytest.approx(stats.t.ppf(0.975, 30))


def test_references_that_cannot_be_told_apart_are_refused():
    with pytest.raises(UndefinedError, match="cannot be told apart"):
        anchor(np.array([0.1, -0.1, 0.1]), np.diag([0.01, 0.02, 0.02]), degrees=6)


def test_references_the_wrong_way_round_are_refused():
    with pytest.raises(UndefinedError, match="cannot be told apart"):
        anchor(np.array([0.1, 0.5, -0.5]), np.diag([0.0001, 0.0001, 0.0001]), degrees=6)


def test_a_posting_is_compared_with_other_employers_only(postings, tiny_framework, postings_plan, one):
    table = anchored_table(postings, tiny_framework, references=ENDS, plan=postings_plan)
    row = one(table, group="D00m")
    others = postings["employer_id"] != "E00"
    start = index_of(postings, others & (postings["role_type"] == "digger"))
    end = index_of(postings, others & (postings["role_type"] == "planner"))
    own = index_of(postings, postings["document_id"] == "D00m")
    assert row["estimate"] == pytest.approx((2 * own - start - end) / (end - start))
    assert row["lower"] < row["estimate"] < row["upper"]
    assert "employers left out" in row["method"]
    assert row["target"] == "this corpus against employers like those of the references"


def test_a_group_that_is_the_reference_stands_at_its_end(postings, tiny_framework, postings_plan, one):
    table = anchored_table(
        postings, tiny_framework, references=ENDS, plan=postings_plan, group_by=["role_type"]
    )
    assert one(table, group="digger")["estimate"] == pytest.approx(-1, abs=0.1)
    assert one(table, group="planner")["estimate"] == pytest.approx(1, abs=0.1)
    assert one(table, group="planner")["target"] == "employers like these"


def test_a_reference_of_fewer_than_five_others_is_refused(postings, tiny_framework, postings_plan, one):
    fewer = postings[~postings["employer_id"].isin(["E02", "E04"])].reset_index(drop=True)
    table = anchored_table(fewer, tiny_framework, references=ENDS, plan=postings_plan)
    # Five planners are left: enough for others, too few for one of their own.
    assert np.isnan(one(table, group="D06p")["estimate"])
    assert "at least five employers" in one(table, group="D06p")["reason"]
    assert one(table, group="D01d")["estimate"] < 0


def test_sessions_with_too_few_reference_workers_are_refused_in_words(sessions, gold, tiny_framework):
    codes, segments, documents = sessions
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    plan = Plan("sessions", "worker_id", composed=True, waive=True)
    table = anchored_table(
        scores, tiny_framework, references=References("site_id", "N", "S"), plan=plan, group_by=["all"]
    )
    assert table["estimate"].isna().all()
    assert table["reason"].str.contains("at least five workers").all()


def test_a_reference_that_nobody_has_is_refused(postings, tiny_framework, postings_plan):
    with pytest.raises(InputError, match="'baker'"):
        anchored_table(
            postings,
            tiny_framework,
            references=References("role_type", "digger", "baker"),
            plan=postings_plan,
        )


def test_a_column_of_references_that_does_not_exist_is_refused(postings, tiny_framework, postings_plan):
    elsewhere = References("kind_of_role", "a", "b")
    with pytest.raises(InputError, match="kind_of_role"):
        anchored_table(postings, tiny_framework, references=elsewhere, plan=postings_plan)
