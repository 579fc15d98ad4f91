"""Predictions from anywhere: read against the corpus, all faults at once, used like our own."""

import numpy as np
import pandas as pd
import pytest
from canaries import AS_OF, write_corpus

from peercompare.corpus import open_corpus
from peercompare.errors import InputError
from peercompare.predictions import read_predictions

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
LABELS = ["none", "peer", "overlap", "clinical"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return open_corpus(write_corpus(tmp_path_factory.mktemp("own") / "corpus", CODES), as_of=AS_OF)


@pytest.fixture
def table(corpus):
    """A prediction of every segment, with three decimals."""
    rng = np.random.default_rng(4)
    found = rng.dirichlet(np.ones(4), size=len(corpus.segments)).round(3)
    return pd.DataFrame(found, columns=LABELS).assign(segment_id=corpus.segments["segment_id"])


@pytest.fixture
def write(tmp_path):
    """Write a table and return its path."""

    def to(table, name="theirs.csv"):
        path = tmp_path / name
        table.to_parquet(path) if name.endswith("parquet") else table.to_csv(path, index=False)
        return path

    return to


def test_rounded_probabilities_are_read_in_the_order_of_the_corpus(corpus, table, write):
    found = read_predictions(write(table.sample(frac=1, random_state=1)), corpus)
    assert list(found.columns) == ["segment_id", "fold", "model_id", *LABELS]
    assert found["segment_id"].tolist() == corpus.segments["segment_id"].tolist()
    assert np.allclose(found[LABELS].sum(axis=1), 1, atol=1e-12)
    assert np.abs(found[LABELS].to_numpy() - table[LABELS].to_numpy()).max() < 0.005
    assert set(found["fold"]) == {-1}
    assert set(found["model_id"]) == {"theirs"}


def test_csv_and_parquet_say_the_same_and_keep_fold_and_model(corpus, table, write):
    named = table.assign(fold=np.arange(len(table)) % 3, model_id="llm-7")
    text, binary = (read_predictions(write(named, f"t.{kind}"), corpus) for kind in ("csv", "parquet"))
    pd.testing.assert_frame_equal(text, binary)
    assert text["fold"].tolist() == named["fold"].tolist()
    assert set(text["model_id"]) == {"llm-7"}


def test_a_label_or_a_code_alone_is_certain(corpus, table, write):
    given = ["focus/clinical" if at % 2 else "peer" for at in range(len(table))]
    found = read_predictions(write(table[["segment_id"]].assign(label=given)), corpus)
    assert found["clinical"].tolist() == [float(at % 2) for at in range(len(table))]
    assert found["peer"].tolist() == [float(1 - at % 2) for at in range(len(table))]


def test_probabilities_count_where_a_label_stands_beside_them(corpus, table, write):
    beside = read_predictions(write(table.assign(label="peer")), corpus)
    pd.testing.assert_frame_equal(beside, read_predictions(write(table), corpus))


def broken(table):
    """Every fault once, each in a row of its own but the last, which lets a segment out."""
    table = table.astype(object)
    table.loc[0, "segment_id"] = "D99:01"
    table.loc[1, "segment_id"] = ""
    table.loc[2, "segment_id"] = table.loc[3, "segment_id"]
    table.loc[4, "peer"] = "much"
    table.loc[5, "peer"] = 1.5
    table.loc[6, LABELS] = [0.5, 0.5, 0.5, 0.5]
    return table


def test_all_faults_are_said_at_once(corpus, table, write):
    with pytest.raises(InputError) as refused:
        read_predictions(write(broken(table)), corpus)
    said = {(each.where, each.what) for each in refused.value.problems}
    ids = table["segment_id"]
    assert said == {
        ("theirs.csv, row 2", f"'D99:01' is no segment of {corpus.name}"),
        ("theirs.csv, row 3", "segment_id is missing"),
        ("theirs.csv, row 5", f"{ids[3]!r} is predicted already"),
        ("theirs.csv, row 6", "peer = 'much'"),
        ("theirs.csv, row 7", "peer = '1.5'"),
        ("theirs.csv, row 8", "the probabilities sum to 2.000, not 1"),
        *(("theirs.csv", f"{ids[at]!r} is not predicted") for at in (0, 1, 2)),
    }
    assert "9 in all" in str(refused.value)


def test_unknown_labels_are_said_with_those_allowed_and_no_words(corpus, table, write):
    labels = pd.Series("peer", index=table.index)
    labels[3], labels[7] = "helper", "she told me that she slept badly"
    with pytest.raises(InputError) as refused:
        read_predictions(write(table[["segment_id"]].assign(label=labels)), corpus)
    first, second = refused.value.problems
    assert (first.where, first.what) == ("theirs.csv, row 5", "unknown label 'helper'")
    assert "none, peer, overlap, clinical" in first.remedy
    assert second.what == "unknown label a text of 32 characters"


def test_missing_columns_are_all_named(corpus, table, write):
    with pytest.raises(InputError) as refused:
        read_predictions(write(table.drop(columns=["segment_id", "peer", "overlap"])), corpus)
    assert [each.what for each in refused.value.problems] == [
        f"the column {name!r} is missing" for name in ("segment_id", "peer", "overlap")
    ]


def test_a_file_about_two_corpora_is_parted_by_its_column_or_by_what_is_at_hand(
    corpus, table, write, tmp_path
):
    place = write_corpus(tmp_path / "other", CODES, name="other")
    for path in [place / "segments.csv", place / "codings.csv"]:
        path.write_text(
            path.read_text(encoding="utf-8").replace(
                "\nD",
                "\nX",
            ),
            encoding="utf-8",
        )
    segments = (place / "segments.csv").read_text(encoding="utf-8").replace(",X", ",D")
    (place / "segments.csv").write_text(segments, encoding="utf-8")
    from peercompare.corpus import register

    register(place)
    other = open_corpus(place, as_of=AS_OF)
    both = pd.concat([table, table.assign(segment_id=other.segments["segment_id"])], ignore_index=True)
    alone = read_predictions(write(table), corpus)
    assert read_predictions(write(both), corpus, among=[other]).equals(alone)
    parted = both.assign(corpus=[corpus.name] * len(table) + ["other"] * len(table))
    assert read_predictions(write(parted), corpus).equals(alone)
    with pytest.raises(InputError, match="is no segment of"):
        read_predictions(write(both), corpus)


def test_segments_that_the_consent_gate_left_out_are_no_fault(table, write, tmp_path):
    open_now = open_corpus(write_corpus(tmp_path / "gate", CODES, lacking={"W1": "analysis"}), as_of=AS_OF)
    found = read_predictions(write(table), open_now)
    assert len(found) == len(open_now.segments) < len(table)
    assert not found["segment_id"].str.startswith("D1").any()


def test_drift_takes_a_table_from_elsewhere_exactly_like_ours(corpus, table, write):
    from peercompare.drift import corpus_scores, with_predictions

    ours = table.copy()
    ours[LABELS] = ours[LABELS].div(ours[LABELS].sum(axis=1), axis=0)
    theirs = read_predictions(write(table), corpus)
    scores = corpus_scores(corpus)
    pd.testing.assert_frame_equal(
        with_predictions(scores, theirs, corpus.framework), with_predictions(scores, ours, corpus.framework)
    )
