import pytest

from peercompare.drift.assumptions import Assumptions, assumptions_from, read_assumptions
from peercompare.errors import InputError


def test_the_variance_of_a_segment_is_that_of_its_share_or_index():
    share = Assumptions(value=0.2, stance_taking=0.5, worker_sd=0.1, session_sd=0.0, explained=0.25)
    made = share.components()
    assert made.total == pytest.approx(0.2 * 0.8 / 0.5)
    assert made.between == pytest.approx(0.01)
    assert made.error == pytest.approx(0.75 * made.total)
    index = Assumptions(estimand="index", value=0.1, middle=0.2, stance_taking=1.0).components()
    assert index.total == pytest.approx(1 - 0.2 - 0.01)


def test_every_number_that_is_not_allowed_is_named():
    with pytest.raises(InputError) as refused:
        Assumptions(value=2.0, explained=-0.1, stance_taking=0.0)
    assert [problem.where for problem in refused.value.problems] == ["value", "stance_taking", "explained"]


def test_people_cannot_differ_by_more_than_the_scale_has():
    with pytest.raises(InputError, match=r"people would differ by more than share of 0\.02 allows"):
        Assumptions(value=0.02, worker_sd=0.3)
    with pytest.raises(InputError, match=r"a share of -0\.2"):
        Assumptions(value=-0.2)


def test_a_file_of_assumptions_is_read_and_flags_stand_above_it(tmp_path):
    path = tmp_path / "expected.toml"
    path.write_text('estimand = "index"\nvalue = -0.1\nworker_sd = 0.2\n', encoding="utf-8")
    found = {**read_assumptions(path), "worker_sd": 0.15}
    assert assumptions_from(found) == Assumptions("index", -0.1, worker_sd=0.15)


def test_a_misspelt_key_names_the_right_one_and_all_faults_are_said_at_once(tmp_path):
    path = tmp_path / "expected.toml"
    path.write_text("worker_ds = 0.2\nwings = 2\nestimand = 3\nvalue = 5\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_assumptions(path)
    assert "did you mean 'worker_sd'" in str(refused.value)
    assert len(refused.value.problems) == 4


def test_a_text_for_a_number_is_refused(tmp_path):
    path = tmp_path / "expected.toml"
    path.write_text('value = "a quarter"\n', encoding="utf-8")
    with pytest.raises(InputError, match="value: 'a quarter' is not allowed"):
        read_assumptions(path)


@pytest.mark.parametrize("content", [b"value = ", b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_refused(tmp_path, content):
    path = tmp_path / "expected.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a readable TOML file"):
        read_assumptions(path)
    with pytest.raises(InputError, match="no file of assumptions"):
        read_assumptions(tmp_path / "absent.toml")
