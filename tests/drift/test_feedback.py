import pandas as pd
import pytest

from peercompare.drift import COLUMNS, score_table, worker_feedback
from peercompare.errors import DisclosureError, InputError


@pytest.fixture
def scored(sessions, gold, tiny_framework):
    codes, segments, documents = sessions
    return score_table(gold(codes), segments, documents, tiny_framework)


def agreed(person_id, purpose):
    return (person_id, purpose) == ("W7", "individual_feedback")


@pytest.fixture
def many_scored(gold, tiny_framework, rng):
    """Eight workers, six sessions each, eight segments a session; W7 is nearly always managed."""
    codes, documents = {}, []
    for worker in range(1, 9):
        chance = 0.9 if worker == 7 else 0.4
        for session in range(6):
            document = f"D{worker}{session}"
            documents.append(
                {"document_id": document, "worker_id": f"W{worker}", "date": pd.Timestamp("2022-01-01")}
            )
            for place in range(8):
                stance = "managed" if rng.random() < chance else "shared"
                codes[f"{document}:{place}"] = f"tools/{stance}" if place else "none"
    segments = pd.DataFrame([{"segment_id": name, "document_id": name.split(":")[0]} for name in codes])
    return score_table(gold(codes), segments, pd.DataFrame(documents), tiny_framework)


def test_every_estimate_is_drawn_towards_others_and_has_an_interval(
    many_scored, tiny_framework, sessions_plan, one
):
    table = worker_feedback(many_scored, tiny_framework, "W7", permits=agreed, plan=sessions_plan)
    assert set(table["group"]) == {"W7"}
    assert set(table["n_workers"]) <= {0, 1}
    assert tuple(table) == (*COLUMNS, "cannot_tell")
    assert table["estimand"].str.endswith("_shrunken").all()
    row = one(table, estimand="share_managed_shrunken", dimension="all")
    own = many_scored.query("worker_id == 'W7' and share_none == 0")["share_managed"].mean()
    rest = many_scored.query("worker_id != 'W7' and share_none == 0")["share_managed"].mean()
    assert rest < row["estimate"] < own
    assert row["lower"] < row["estimate"] < row["upper"] <= 1
    assert "towards the mean of 8 workers" in row["method"]


def test_nothing_of_a_worker_is_given_that_is_not_drawn_in(scored, tiny_framework, sessions_plan):
    # Two sessions each: nobody has an interval, so there is nothing to draw in.
    table = worker_feedback(scored, tiny_framework, "W7", permits=agreed, plan=sessions_plan)
    assert table[["estimate", "lower", "upper"]].isna().all(axis=None)
    assert table["reason"].str.contains("too unsure").all()
    assert table["cannot_tell"].str.contains("not for hiring, discipline or pay").all()


def test_one_worker_and_four_others_are_too_few_to_draw_in(many_scored, tiny_framework, sessions_plan):
    few = many_scored[many_scored["worker_id"].isin(["W3", "W4", "W5", "W6", "W7"])].reset_index(drop=True)
    table = worker_feedback(few, tiny_framework, "W7", permits=agreed, plan=sessions_plan)
    assert table["estimate"].isna().all()


def test_a_worker_who_did_not_agree_gets_no_table(scored, tiny_framework, sessions_plan):
    with pytest.raises(DisclosureError, match="W1: consent does not cover individual_feedback"):
        worker_feedback(scored, tiny_framework, "W1", permits=agreed, plan=sessions_plan)


def test_several_workers_at_a_time_are_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(InputError, match="one worker at a time"):
        worker_feedback(scored, tiny_framework, ["W7", "W1"], permits=lambda *_: True, plan=sessions_plan)


def test_a_worker_without_sessions_is_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(InputError, match="W99 has no sessions"):
        worker_feedback(scored, tiny_framework, "W99", permits=lambda *_: True, plan=sessions_plan)
