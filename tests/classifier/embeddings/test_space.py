"""How unlike training documents are, in a space: made of known vectors, without torch."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.embeddings.space import documents_of, learn_space, space_columns


def made_up(rng, *, n_groups=12, spread=0.2, towards=0):
    """Documents of six segments around one direction; a group has two documents."""
    rows = [(g, f"d{g}-{d}", f"s{g}-{d}-{s}") for g in range(n_groups) for d in range(2) for s in range(6)]
    table = pd.DataFrame(rows, columns=["group", "document_id", "segment_id"]).astype({"group": str})
    table = table.assign(corpus="c", text="seven words stand in this one segment")
    vectors = rng.normal(scale=spread, size=(len(table), 8))
    vectors[:, towards] += 1
    return vectors, table


@pytest.fixture
def learned(rng):
    vectors, table = made_up(rng, n_groups=50)
    return learn_space(vectors, table, seed=1)


def test_about_one_document_in_twenty_like_the_training_is_outside(learned, rng):
    landmarks, facts = learned
    vectors, table = made_up(rng, n_groups=60)
    found = space_columns(vectors, landmarks, facts, table)
    share = found.groupby(table["document_id"])["out_of_domain"].first().mean()
    assert 0 < share < 0.15


def test_documents_in_another_direction_are_outside_and_the_words_say_by_how_much(learned, rng):
    landmarks, facts = learned
    vectors, table = made_up(rng, n_groups=2, towards=5)
    found = space_columns(vectors, landmarks, facts, table)
    assert found["out_of_domain"].all()
    assert "nearest training corpus (usual: up to" in found["why_unlike"][0]
    assert "nearest kind of training segment" in found["why_unlike"][0]


def test_what_is_kept_are_means_over_five_groups_or_more(rng):
    vectors, table = made_up(rng)
    lone = table["group"] == "3"
    vectors[lone] = 0
    vectors[lone, 7] = 1.0
    landmarks, facts = learn_space(vectors, table, seed=1)
    assert facts["n_means"] == 1
    assert (landmarks[:, 7] < 0.9).all()


def test_a_segment_that_stands_in_two_rows_counts_once(rng):
    vectors, table = made_up(rng)
    twice = np.append(np.arange(len(table)), np.arange(20))
    once = learn_space(vectors, table, seed=1)
    again = learn_space(vectors[twice], table.iloc[twice], seed=1)
    assert np.array_equal(once[0], again[0])
    assert once[1] == again[1]


def test_a_document_is_averaged_over_its_segments():
    found = documents_of(np.array([[2.0, 0], [0, 1], [3, 0]]), ["a b", "c", "d e f"], ["x", "y", "x"])
    assert found.ids.tolist() == ["x", "y"]
    assert found.n_words.tolist() == [5, 1]
    assert found.means().tolist() == [[1, 0], [0, 1]]
