"""The limits of a study's classifier are tables; what cannot be said is an empty one."""

from peercompare.classifier import read_suite
from peercompare.study.limits import behaviour_of


def test_the_limits_of_the_classifier_are_tables_of_a_study(small_results):
    coverage, fairness = small_results.table("coverage"), small_results.table("fairness")
    assert set(coverage["measure"]) == {"coverage", "set_size", "abstained", "accuracy_answered"}
    assert set(fairness["corpus"]) == {"job_descriptions", "session_transcripts"}
    # models of the small study's few job descriptions cannot be calibrated, so they promise no coverage
    assert set(coverage["corpus"]) == {"session_transcripts"}
    assert (small_results.table("domain")["n_documents"] > 0).all()
    behaviour = small_results.table("behaviour")
    tests = [test.id for test in read_suite("deegan2017").tests]
    assert behaviour["test"].fillna("").tolist() == [*tests, "", ""]


def test_a_framework_without_a_suite_has_no_table_of_behaviour():
    class Other:
        facts = {"framework_id": "garden2020"}

    assert behaviour_of(Other(), 0.95) is None
