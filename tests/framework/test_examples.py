"""Coded examples of a framework: read whole or refused, and apart from all that models are judged on."""

import pandas as pd
import pytest

from peercompare.classifier import near_duplicates
from peercompare.classifier.suites import read_suite
from peercompare.errors import FrameworkError
from peercompare.framework.examples import COLUMNS, GENRES, read_examples

LEAST = 30
"""Shorter lines ("Full driving licence") are anybody's."""
LEAST_CODED = 60


@pytest.fixture(scope="module")
def examples(deegan):
    return read_examples(deegan)


@pytest.fixture
def rewritten(examples, deegan, tmp_path):
    def read(change, **options):
        table = examples.head(6).copy()
        table = change(table)
        path = tmp_path / "examples.csv"
        table.to_csv(path, index=False, **options)
        return read_examples(deegan, path)

    return read


def test_every_label_has_examples_in_both_genres(examples, deegan):
    coded = examples[examples["code"] != ""]
    assert coded["code"].map(deegan.is_code).all()
    counts = pd.crosstab(coded["genre"], coded["code"].map(deegan.stance_of))
    assert list(counts.index) == list(GENRES)
    assert (counts[list(deegan.labels)] >= LEAST_CODED).all(axis=None)


def test_only_turns_of_others_are_without_a_code(examples):
    assert set(examples.loc[examples["code"] == "", "speaker"]) == {"other"}
    assert set(examples.loc[examples["speaker"] == "other", "code"]) == {""}


def test_no_example_stands_in_a_corpus_or_in_the_suite_of_behaviour(examples, deegan, corpora_folder):
    texts = [path.read_text(encoding="utf-8") for path in sorted(corpora_folder.glob("*/texts/*.txt"))]
    lines = [line.partition(": ")[2] or line for text in texts for line in text.splitlines()]
    asked = [sentence for test in read_suite(deegan.id).tests for sentence in test.sentences]
    judged = [line for line in (*lines, *asked) if len(line) >= LEAST]
    ours = [text for text in examples["text"] if len(text) >= LEAST]
    families = near_duplicates([*judged, *ours])
    shared = set(families[: len(judged)]) & set(families[len(judged) :])
    assert shared == set()


def test_a_framework_without_examples_has_none(tiny_framework):
    found = read_examples(tiny_framework)
    assert found.empty
    assert list(found.columns) == list(COLUMNS)


def test_every_fault_is_told_with_its_row(rewritten):
    def spoil(table):
        table.loc[1, "example_id"] = table.loc[0, "example_id"]
        table.loc[2, "text"] = " "
        table.loc[3, "code"] = "focus/nothing"
        table.loc[4, "genre"] = "poem"
        return table

    with pytest.raises(FrameworkError) as refusal:
        rewritten(spoil)
    said = str(refusal.value)
    for place in ("row 3, example_id", "row 4, text", "row 5, code", "row 6, genre"):
        assert place in said


def test_a_missing_column_is_named(rewritten):
    with pytest.raises(FrameworkError, match="no column speaker"):
        rewritten(lambda table: table.drop(columns="speaker"))


def test_a_file_that_is_not_utf8_or_is_not_there_is_refused(rewritten, deegan, tmp_path):
    with pytest.raises(FrameworkError, match="UTF-8"):
        rewritten(lambda table: table.assign(title="café"), encoding="utf-16")
    with pytest.raises(FrameworkError, match="cannot be read"):
        read_examples(deegan, tmp_path / "nowhere.csv")


def test_the_hash_follows_the_file(rewritten, examples):
    same = rewritten(lambda table: table).attrs["sha256"]
    other = rewritten(lambda table: table.assign(text="x")).attrs["sha256"]
    assert len({same, other, examples.attrs["sha256"]}) == 3
