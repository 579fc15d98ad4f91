"""Whether the intervals keep their promise: simulated corpora with a known truth, few and unequal workers."""

from collections import defaultdict

import numpy as np
import pytest
from scipy import stats

from peercompare.drift import (
    Design,
    Plan,
    draw_sample,
    estimate_table,
    score_table,
    simulate,
    trend_table,
    with_predictions,
    with_sample,
)

REPEATS = 300
LEVEL = 0.95
PLAN = Plan("simulated", "worker_id", confidence_level=LEVEL)

pytestmark = pytest.mark.slow


def rows_of(scores, framework, labels):
    """Estimates of one simulated corpus by estimand."""
    shares = estimate_table(scores, framework, plan=PLAN, labels=labels, dimensions=False)
    slope = trend_table(scores, framework, per="month", plan=PLAN, labels=labels)
    table = {row.estimand: row for row in shares.itertuples()}
    table["slope"] = next(slope.itertuples())
    return table


def repeat(framework, design, *, repeats=REPEATS, share=0.3):
    """Coverage and mean error of each estimand by labels: {labels: {estimand: (covered, errors)}}."""
    results = defaultdict(lambda: defaultdict(list))
    for seed in range(repeats):
        corpus = simulate(framework, design, 7000 + seed)
        scores = score_table(corpus.codings, corpus.segments, corpus.documents, framework)
        scores = with_predictions(scores, corpus.predictions, framework)
        sample = with_sample(scores, draw_sample(scores, strata="worker_id", share=share, rng=seed))
        for labels in ("all_codings", "probability_sample", "predicted_only"):
            chosen = sample if labels == "probability_sample" else scores
            for estimand, row in rows_of(chosen, framework, labels).items():
                if estimand in corpus.truth:
                    truth = corpus.truth[estimand]
                    results[labels][estimand].append((row.lower <= truth <= row.upper, row.estimate - truth))
    return results


def covered(results, labels, estimand):
    return sum(hit for hit, _ in results[labels][estimand])


def bias(results, labels, estimand):
    """Mean error in its own standard errors."""
    errors = np.array([error for _, error in results[labels][estimand]])
    return errors.mean() / (errors.std() / np.sqrt(len(errors)))


# The bounds hold 99.98% of binomial draws, so that twenty-odd looks do not fail by chance.
LEAST, MOST = stats.binom.ppf([0.0001, 0.9999], REPEATS, LEVEL)


@pytest.mark.parametrize("n_workers", [8, 12, 21])
def test_intervals_cover_the_truth_with_few_unequal_workers(tiny_framework, n_workers):
    design = Design(n_workers=n_workers, slope=0.01, differential=0.8)
    results = repeat(tiny_framework, design)
    for labels in ("all_codings", "probability_sample"):
        for estimand in ("share_managed", "share_shared", "index", "slope"):
            assert LEAST <= covered(results, labels, estimand) <= MOST, (labels, estimand)


def test_intervals_of_a_rare_stance_cover_the_truth(tiny_framework):
    design = Design(shares=(0.65, 0.3, 0.05), n_workers=12, spread=15)
    results = repeat(tiny_framework, design)
    for estimand in ("share_managed", "index"):
        assert LEAST <= covered(results, "all_codings", estimand) <= MOST, estimand


def test_predictions_alone_are_biased_where_the_rectified_estimates_are_not(tiny_framework):
    # The classifier leans one way early and the other way late: it makes up a slope of its own.
    design = Design(n_workers=21, slope=0.01, differential=1.5, quality=1.5)
    results = repeat(tiny_framework, design, repeats=200)
    assert covered(results, "predicted_only", "slope") < 0.7 * 200
    assert covered(results, "predicted_only", "share_none") < 0.7 * 200
    assert bias(results, "predicted_only", "slope") > 8
    for estimand in ("slope", "share_none", "index"):
        assert abs(bias(results, "probability_sample", estimand)) < 4, estimand
        assert covered(results, "probability_sample", estimand) > stats.binom.ppf(0.0001, 200, LEVEL)
