import numpy as np
import pytest
from numpy.testing import assert_allclose

from peercompare.drift import Design, Plan, draw_sample, estimate_table, score_table, simulate, trend_table
from peercompare.drift.evidence import gather
from peercompare.drift.scores import with_predictions, with_sample
from peercompare.errors import InputError

PLAN = Plan("made_up", "worker_id")


@pytest.fixture(scope="module")
def scores(tiny_framework):
    """A hundred and twelve workers, half of whose segments were drawn for coding."""
    design = Design(n_workers=112, sessions=3, segments=7, slope=0.01)
    corpus = simulate(tiny_framework, design, 8)
    whole = score_table(corpus.codings, corpus.segments, corpus.documents, tiny_framework)
    whole = with_predictions(whole, corpus.predictions, tiny_framework)
    return with_sample(whole, draw_sample(whole, strata="worker_id", share=0.5, rng=2))


def widths(table):
    return (table["upper"] - table["lower"]).to_numpy(dtype=float)


def test_tuned_estimates_say_how_far_predictions_are_trusted_and_lie_beside_the_others(
    scores, tiny_framework
):
    tables = {
        labels: estimate_table(scores, tiny_framework, plan=PLAN, labels=labels, dimensions=False)
        for labels in ("probability_sample", "power_tuned", "expert_only")
    }
    tuned = tables["power_tuned"]
    assert tuned["method"].str.contains(r"trust in predictions tuned to [01]\.\d\d$").all()
    assert (
        widths(tuned)
        <= 1.02 * np.minimum(*(widths(tables[n]) for n in ("probability_sample", "expert_only")))
    ).all()
    assert_allclose(tuned["estimate"], tables["probability_sample"]["estimate"], atol=0.05)
    assert "without predictions" in tables["expert_only"]["method"].iloc[0]


def test_slopes_are_tuned_too(scores, tiny_framework, one):
    row, plain = (
        one(trend_table(scores, tiny_framework, per="month", plan=PLAN, labels=labels), dimension="all")
        for labels in ("power_tuned", "probability_sample")
    )
    assert "trust in predictions tuned" in row["method"]
    assert row["upper"] - row["lower"] <= 1.02 * (plain["upper"] - plain["lower"])


def test_with_fewer_than_a_hundred_clusters_nothing_is_tuned(scores, tiny_framework):
    few = scores[scores["worker_id"].isin([f"W{n:02d}" for n in range(1, 100)])].reset_index(drop=True)
    shares = estimate_table(few, tiny_framework, plan=PLAN, labels="power_tuned", dimensions=False)
    slope = trend_table(few, tiny_framework, per="month", plan=PLAN, labels="power_tuned")
    for table in (shares, slope):
        assert table["estimate"].isna().all()
        assert table["reason"].str.contains("at least 100 workers with sampled codings").all()


def test_what_is_not_tuned_elsewhere_is_refused(scores, tiny_framework):
    with pytest.raises(InputError, match="power-tuned, and nothing else"):
        gather(scores, tiny_framework, cluster="worker_id", labels="power_tuned")
    with pytest.raises(InputError, match="like these only"):
        estimate_table(
            scores,
            tiny_framework,
            plan=Plan("made_up", "worker_id", target="this_corpus"),
            labels="power_tuned",
        )


def test_codings_that_were_not_drawn_and_predictions_do_not_touch_expert_only(scores, tiny_framework):
    bare = scores.drop(columns=[name for name in scores if name.startswith("p_")])
    one, other = (
        estimate_table(each, tiny_framework, plan=PLAN, labels="expert_only", dimensions=False)
        for each in (scores, bare)
    )
    assert_allclose(one["estimate"], other["estimate"])
