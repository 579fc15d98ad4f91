"""Every number of a table has an id that stays, and a tolerance that fits how it was made."""

import pandas as pd
import pytest

from peercompare.study.numbers import (
    canonical_csv,
    key_columns,
    numbers_of,
    plain_number,
    table_hash,
    value_columns,
)


@pytest.fixture
def scores():
    return pd.DataFrame(
        {
            "corpus": ["a", "a", "b"],
            "model": ["ngram", "majority", "ngram"],
            "truth": "gold",
            "estimate": [0.5, 0.25, None],
            "lower": [None, None, None],
            "confidence_level": 0.95,
            "n_segments": [7, 7, 5],
            "method": ["by hand", "by hand", "by sight"],
            "shown": [True, True, False],
        }
    )


def ids(table, stage=""):
    return {each["id"]: each for each in numbers_of("scores", table, key_columns(table), stage=stage)}


def test_ids_name_table_row_and_column_and_leave_prose_and_settings_out(scores):
    found = ids(scores)
    assert set(found) == {
        f"scores[corpus={corpus};model={model}].{column}"
        for corpus, model in (("a", "ngram"), ("a", "majority"), ("b", "ngram"))
        for column in ("estimate", "lower", "n_segments")
    }
    assert found["scores[corpus=b;model=ngram].estimate"]["value"] is None


def test_the_corpus_is_named_even_where_there_is_one(scores):
    assert key_columns(scores[scores["corpus"] == "b"])[0] == "corpus"


def test_a_changed_method_changes_no_id(scores):
    assert set(ids(scores)) == set(ids(scores.assign(method="otherwise", truth="gold")))


def test_rows_that_nothing_tells_apart_are_numbered():
    table = pd.DataFrame({"label": ["x", "x", "y"], "weight": [0.1, 0.2, 0.3]})
    assert [each["id"] for each in numbers_of("terms", table, key_columns(table))] == [
        "terms[label=x].weight",
        "terms[label=x;row=2].weight",
        "terms[label=y].weight",
    ]


def test_a_column_with_nothing_in_it_counts_as_numbers_whatever_its_kind(scores):
    empty = scores.assign(lower=pd.Series([None] * 3, dtype="object"))
    keys = key_columns(scores)
    assert value_columns(empty, keys) == value_columns(scores, keys)


def test_counts_are_exact_and_what_a_classifier_had_no_part_in_is_held_closer(scores):
    counted = "scores[corpus=a;model=ngram].n_segments"
    assert ids(scores)[counted]["abs_tol"] == ids(scores)[counted]["rel_tol"] == 0
    estimate = "scores[corpus=a;model=ngram].estimate"
    assert ids(scores, "agreement")[estimate]["rel_tol"] < ids(scores, "classifier")[estimate]["rel_tol"]
    mixed = pd.DataFrame({"labels": ["all_codings", "predicted_only"], "estimate": [0.1, 0.2]})
    close, wide = (each["abs_tol"] for each in numbers_of("estimates", mixed, ["labels"], stage="drift"))
    assert close < wide


@pytest.mark.parametrize(
    ("cell", "plain"),
    [(1 / 3, 0.333333333333), (pd.NA, None), (float("nan"), None), (float("-inf"), "-inf"), (7, 7)],
)
def test_numbers_are_written_with_as_many_digits_as_mean_something(cell, plain):
    assert plain_number(cell) == plain


def test_the_hash_of_a_table_sees_no_noise_and_every_digit_that_counts(scores):
    noisy = scores.assign(estimate=scores["estimate"] + 1e-13)
    moved = scores.assign(estimate=scores["estimate"] + 1e-3)
    assert table_hash(scores) == table_hash(noisy)
    assert len({table_hash(scores), table_hash(moved), table_hash(scores.assign(method="other"))}) == 3


def test_the_canonical_form_writes_days_and_gaps_plainly():
    table = pd.DataFrame({"day": pd.to_datetime(["2024-01-02", None]), "x": [-0.0, 1234567.0], "n": [1, 2]})
    assert canonical_csv(table) == "day,x,n\n2024-01-02,0,1\n,1.23457e+06,2\n"
