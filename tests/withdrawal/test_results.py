"""Which files of a results folder used somebody's words: by stamps, models and packages, not by names."""

import json
import zipfile

import pytest

from peercompare.classifier.embeddings.archive import packed
from peercompare.errors import ConsentError
from peercompare.study.runner import PENDING, refuse_while_pending
from peercompare.withdrawal.results import HALF, Whose, mark, remove_marked, used

HERS = Whose("c", "her hash")


@pytest.fixture
def results(tmp_path):
    """Results of two stages, one of which read her words."""
    for name, whose in {"drift": {"c": ["her hash", "his hash"]}, "roles": {"c": ["his hash"]}}.items():
        (tmp_path / "tables").mkdir(exist_ok=True)
        (tmp_path / "tables" / f"{name}.csv").write_text(name)
        stamp = {"key": "k", "files": {f"tables/{name}.csv": "digest"}, "whose": whose}
        (tmp_path / ".stages").mkdir(exist_ok=True)
        (tmp_path / ".stages" / f"{name}.json").write_text(json.dumps(stamp))
        (tmp_path / ".stages" / f"{name}.lock").write_text("")
    return tmp_path


def names(results, person=HERS):
    theirs, unknown = used(results, person)
    return {each.path for each in theirs}, {each.path for each in unknown}


def remove(results):
    mark(results, HERS, used(results, HERS)[0], removed_on="2024-07-01", why="consent_withdrawn")
    return remove_marked(results)


def test_what_a_stamp_names_is_found_and_nothing_else(results):
    assert names(results) == ({"tables/drift.csv", ".stages/drift.json"}, set())


def test_somebody_with_the_same_id_in_another_corpus_is_somebody_else(results):
    assert names(results, Whose("other", "her hash")) == (set(), set())


def test_without_the_corpuss_secret_everything_made_of_it_counts(results):
    assert {"tables/drift.csv", "tables/roles.csv"} <= names(results, Whose("c", ""))[0]


def test_a_stamp_that_says_nothing_counts_as_a_yes(results):
    (results / ".stages" / "roles.json").write_text('{"key": "k", "files": {"tables/roles.csv": "d"}}')
    assert "tables/roles.csv" in names(results)[0]


def test_a_file_that_no_stamp_names_is_for_somebody_to_look_at(results):
    (results / "notes.txt").write_text("mine")
    assert names(results)[1] == {"notes.txt"}


def test_a_package_is_known_by_what_is_in_it(results):
    for name, inside in {"hers.zip": "drift", "other.zip": "roles"}.items():
        with zipfile.ZipFile(results / name, "w") as package:
            package.write(results / "tables" / f"{inside}.csv", "under/another/name.csv")
    theirs, unknown = names(results)
    assert "hers.zip" in theirs
    assert unknown == {"other.zip"}


def test_a_model_that_cannot_say_counts_as_a_yes(results):
    (results / "old.skops").write_bytes(b"no model")
    assert "old.skops" in names(results)[0]


def test_removal_leaves_a_record_and_no_marker(results):
    assert remove(results) == 1
    left = sorted(path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file())
    assert left == [
        ".stages/drift.lock",
        ".stages/roles.json",
        ".stages/roles.lock",
        "removed.json",
        "tables/roles.csv",
    ]
    (removal,) = json.loads((results / "removed.json").read_text())["removals"]
    assert removal["n_files"] == {"table": 1}
    assert removal["removed_on"] == "2024-07-01"
    assert "her hash" not in json.dumps(removal)


def test_what_was_marked_first_is_removed_even_where_it_is_not_found_again(results):
    mark(results, HERS, used(results, HERS)[0], removed_on="2024-07-01", why="consent_withdrawn")
    (results / ".stages" / "drift.json").unlink()
    with pytest.raises(ConsentError, match="not finished"):
        refuse_while_pending(results)
    assert mark(results, HERS, [], removed_on="2024-07-02", why="law_requires")
    assert json.loads((results / PENDING).read_text())["removed_on"] == "2024-07-01"
    remove_marked(results)
    assert not (results / "tables" / "drift.csv").exists()


def test_a_removal_that_was_recorded_and_not_unmarked_is_recorded_once(results):
    mark(results, HERS, used(results, HERS)[0], removed_on="2024-07-01", why="consent_withdrawn")
    marker = (results / PENDING).read_bytes()
    remove_marked(results)
    (results / PENDING).write_bytes(marker)
    remove_marked(results)
    assert len(json.loads((results / "removed.json").read_text())["removals"]) == 1


def test_what_a_killed_write_left_goes_and_is_not_counted(results):
    clean, half = json.dumps({"table": 1}), results / f"..{PENDING}.abc.part"
    half.write_text("{")
    assert {each.kind for each in used(results, HERS)[0] if each.path == half.name} == {HALF}
    remove(results)
    assert not half.exists()
    assert json.dumps(json.loads((results / "removed.json").read_text())["removals"][0]["n_files"]) == clean


def test_where_nothing_was_used_nothing_is_marked(results):
    assert not mark(results, HERS, [], removed_on="2024-07-01", why="consent_withdrawn")
    assert remove_marked(results) == 0
    assert not (results / "removed.json").exists()


def test_a_model_on_embeddings_is_known_by_whose_words_trained_it(results):
    for name, whose in {"hers": ["her hash", "his hash"], "his": ["his hash"]}.items():
        content = packed({"facts": {"whose": {"c": whose}}}, {"numbers.safetensors": b"1"})
        (results / f"{name}.zip").write_bytes(content)
    theirs, unknown = names(results)
    assert "hers.zip" in theirs
    assert "his.zip" not in theirs | unknown
