import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from peercompare.drift import Plan, draft_standardised, publish, score_table
from peercompare.drift.ratios import ratio_of_totals
from peercompare.drift.standardised import STANDARDISED, mean_of_ratios
from peercompare.errors import InputError


def corpus(framework, gold, *, workers=7, tools=24, harvest=4):
    """Scores of workers at one site: many segments on tools, all shared; fewer on harvest, mostly managed."""
    codes, documents = {}, []
    for worker in range(workers):
        document = f"D{worker}"
        documents.append({"document_id": document, "worker_id": f"W{worker}", "site_id": "N"})
        names = ["tools/shared"] * tools + ["harvest/managed"] * harvest
        names[0] = "tools/managed" if worker % 2 else "tools/both"
        names[-1] = "harvest/shared" if worker % 3 else "harvest/managed"
        codes |= {f"{document}:{place}": code for place, code in enumerate(names)}
    segments = pd.DataFrame({"segment_id": list(codes)})
    segments["document_id"] = segments["segment_id"].str.split(":").str[0]
    return score_table(gold(codes), segments, pd.DataFrame(documents), framework)


PLAN = Plan("made_up", "worker_id")


def test_one_ratio_alone_is_estimated_as_a_ratio_of_totals(rng):
    tops, bottoms = rng.random((8, 1)) * 5, rng.random((8, 1)) * 10 + 5
    found, plain = mean_of_ratios(tops, bottoms, bounds=(0, 1)), ratio_of_totals(tops, bottoms, bounds=(0, 1))
    for name in ("estimate", "lower", "upper", "degrees"):
        assert_allclose(getattr(found, name), getattr(plain, name))


def test_the_jackknife_leaves_each_cluster_out_of_all_ratios(rng):
    tops, bottoms = rng.random((6, 2)), rng.random((6, 2)) + 1
    whole = (tops.sum(axis=0) / bottoms.sum(axis=0)).mean()
    kept = [np.arange(6) != out for out in range(6)]
    without = [(tops[some].sum(axis=0) / bottoms[some].sum(axis=0)).mean() for some in kept]
    error = np.sqrt(5 / 6 * ((np.array(without) - whole) ** 2).sum())
    assert_allclose(mean_of_ratios(tops, bottoms).standard_error, error)


def test_dimensions_count_the_same_however_often_they_come_up(tiny_framework, gold, one):
    table = publish([draft_standardised(corpus(tiny_framework, gold), tiny_framework, plan=PLAN)], plan=PLAN)
    row = one(table, estimand=STANDARDISED)
    parts = table[table["estimand"] == "index"]
    assert len(parts) == 2
    assert_allclose(row["estimate"], parts["estimate"].mean())
    assert row["lower"] < row["estimate"] < row["upper"]
    assert row["n_workers"] == 7
    assert row["target"] == "workers like these"


def test_a_dimension_with_too_few_segments_refuses_the_whole_and_is_named(tiny_framework, gold, one):
    scores = corpus(tiny_framework, gold, harvest=2)
    table = publish([draft_standardised(scores, tiny_framework, plan=PLAN)], plan=PLAN)
    row = one(table, estimand=STANDARDISED)
    assert np.isnan(row["estimate"])
    assert row["reason"].startswith("too few: ")
    assert row["reason"].endswith(": harvest")


def test_it_is_withheld_where_a_dimension_is(tiny_framework, gold, one):
    scores = corpus(tiny_framework, gold, workers=4)
    table = publish([draft_standardised(scores, tiny_framework, plan=PLAN)], plan=PLAN)
    row = one(table, estimand=STANDARDISED)
    assert row["reason"].startswith("withheld")
    assert np.isnan(row["estimate"])


def test_it_is_not_inferred_for_this_corpus_alone(tiny_framework, gold):
    with pytest.raises(InputError, match="like these"):
        draft_standardised(
            corpus(tiny_framework, gold),
            tiny_framework,
            plan=Plan("made_up", "worker_id", target="this_corpus"),
        )
