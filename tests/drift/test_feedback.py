import pytest

from peercompare.drift import COLUMNS, score_table, worker_feedback
from peercompare.errors import DisclosureError, InputError


@pytest.fixture
def scored(sessions, gold, tiny_framework):
    codes, segments, documents = sessions
    return score_table(gold(codes), segments, documents, tiny_framework)


def agreed(person_id, purpose):
    return (person_id, purpose) == ("W7", "individual_feedback")


def test_a_worker_who_agreed_gets_a_table_about_themselves_alone(scored, tiny_framework, sessions_plan, one):
    table = worker_feedback(scored, tiny_framework, "W7", permits=agreed, plan=sessions_plan)
    assert set(table["group"]) == {"W7"}
    assert set(table["n_workers"]) == {1}
    # Four segments: shared, both, shared, managed.
    assert one(table, estimand="share_shared", dimension="all")["estimate"] == pytest.approx(0.5)
    assert tuple(table) == (*COLUMNS, "cannot_tell")


def test_feedback_says_what_it_cannot_tell_and_why_no_interval(scored, tiny_framework, sessions_plan, one):
    table = worker_feedback(scored, tiny_framework, "W7", permits=agreed, plan=sessions_plan)
    assert table["cannot_tell"].str.contains("not for hiring, discipline or pay").all()
    row = one(table, estimand="index", dimension="all")
    assert "at least five sessions and this rests on 2" in row["reason"]


def test_a_worker_who_did_not_agree_gets_no_table(scored, tiny_framework, sessions_plan):
    with pytest.raises(DisclosureError, match="W1: consent does not cover individual_feedback"):
        worker_feedback(scored, tiny_framework, "W1", permits=agreed, plan=sessions_plan)


def test_several_workers_at_a_time_are_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(InputError, match="one worker at a time"):
        worker_feedback(scored, tiny_framework, ["W7", "W1"], permits=lambda *_: True, plan=sessions_plan)


def test_a_worker_without_sessions_is_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(InputError, match="W99 has no sessions"):
        worker_feedback(scored, tiny_framework, "W99", permits=lambda *_: True, plan=sessions_plan)
