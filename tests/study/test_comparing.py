"""Two manifests beside each other: what moved, what is gone, what is new, and what only needs saying."""

import pytest

from peercompare.study.comparing import CHANGED, EXTRA, MISSING, Difference, compare


def manifest(values, **more):
    numbers = [
        {"id": name, "value": value, "abs_tol": 0.01, "rel_tol": 0.1} for name, value in values.items()
    ]
    whole = {"versions": {"numpy": "2"}, "tables": [], "figures": [], "inputs": [], "numbers": numbers}
    return whole | more


def test_equal_manifests_have_no_difference_and_no_note():
    found = compare(manifest({"t[a=1].x": 0.5}), manifest({"t[a=1].x": 0.5}))
    assert (found.n_compared, found.differences, found.notes) == (1, (), ())


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        (0.0, 0.009, False),
        (0.0, 0.011, True),
        (2.0, 2.19, False),
        (2.0, 2.21, True),
        (-2.0, -2.21, True),
        (None, None, False),
        (None, 0.0, True),
        (0.0, None, True),
        ("inf", "inf", False),
        ("inf", 3.0, True),
    ],
)
def test_a_number_may_move_as_far_as_the_larger_tolerance(old, new, fails):
    assert bool(compare(manifest({"n": old}), manifest({"n": new})).differences) is fails


def test_differences_come_by_how_far_out_they_are_and_missing_and_extra_ids_are_named():
    old = manifest({"near": 1.0, "far": 1.0, "gone": 1.0, "same": 1.0, "hidden": 1.0})
    new = manifest({"near": 1.2, "far": 9.0, "same": 1.0, "added": 2.0, "hidden": None})
    found = [(each.id, each.kind) for each in compare(old, new).differences]
    assert found == [
        ("hidden", CHANGED),
        ("far", CHANGED),
        ("near", CHANGED),
        ("gone", MISSING),
        ("added", EXTRA),
    ]


def test_how_far_out_is_told_in_tolerances():
    assert Difference("n", CHANGED, 1.0, 1.5, 0.01, 0.1).out == pytest.approx(5.0)
    assert Difference("n", CHANGED, 3, 4).out == float("inf")


def test_tables_without_numbers_are_compared_by_their_hash_and_others_give_a_note():
    def tables(finding, words):
        named = {"findings": finding, "t": words}
        return [{"name": name, "sha256": digest} for name, digest in named.items()]

    numbers = {"t[a=1].x": 1.0}
    found = compare(manifest(numbers, tables=tables("1", "1")), manifest(numbers, tables=tables("2", "2")))
    assert [each.id for each in found.differences] == ["table findings"]
    assert found.notes == ("tables that differ in words, or in a last digit shown: t",)


def test_a_missing_figure_fails_and_another_picture_of_the_same_rows_is_a_note():
    def figures(*names, rows="r", png="p"):
        pictures = {"3.11": {"png": png}}
        return [{"name": name, "data_sha256": rows, "pictures": pictures} for name in names]

    found = compare(manifest({}, figures=figures("a", "b")), manifest({}, figures=figures("a", png="q")))
    assert [(each.id, each.kind) for each in found.differences] == [("figure b", MISSING)]
    assert found.notes == ("figures of the same rows, drawn by the same matplotlib, as other files: a",)
    other = compare(manifest({}, figures=figures("a")), manifest({}, figures=figures("a", rows="s")))
    assert other.notes == ("figures that show other rows: a",)


def test_other_versions_and_inputs_are_told_and_fail_nothing():
    old = manifest({"n": 1.0}, inputs=[{"path": "c/codings.csv", "sha256": "1"}])
    new = manifest({"n": 1.0}, inputs=[{"path": "c/codings.csv", "sha256": "2"}], versions={"numpy": "3"})
    found = compare(old, new)
    assert found.differences == ()
    assert found.notes == ("numpy was 2 and is 3", "1 inputs are not the same files: c/codings.csv")
