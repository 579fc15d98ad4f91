"""Whether the intervals keep their promise: simulated corpora with a known truth, few and unequal workers."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from peercompare.drift import (
    Design,
    Plan,
    References,
    anchored_table,
    draw_sample,
    estimate_table,
    score_table,
    simulate,
    trend_table,
    with_predictions,
    with_sample,
)
from peercompare.drift.validity import grid, try_estimators

REPEATS = 200
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


def repeat(framework, design, labels, *, share=0.3):
    """Coverage and mean error of each estimand by labels and estimand."""
    results = defaultdict(lambda: defaultdict(list))
    for seed in range(REPEATS):
        corpus = simulate(framework, design, 7000 + seed)
        scores = score_table(corpus.codings, corpus.segments, corpus.documents, framework)
        scores = with_predictions(scores, corpus.predictions, framework)
        sample = with_sample(scores, draw_sample(scores, strata="worker_id", share=share, rng=seed))
        for kind in labels:
            chosen = sample if kind == "probability_sample" else scores
            for estimand, row in rows_of(chosen, framework, kind).items():
                if estimand in corpus.truth:
                    truth = corpus.truth[estimand]
                    results[kind][estimand].append((row.lower <= truth <= row.upper, row.estimate - truth))
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
    results = repeat(tiny_framework, design, ("all_codings", "probability_sample"))
    for labels in results:
        for estimand in ("share_managed", "share_shared", "index", "slope"):
            assert LEAST <= covered(results, labels, estimand) <= MOST, (labels, estimand)


def test_intervals_of_a_rare_stance_cover_the_truth(tiny_framework):
    design = Design(shares=(0.65, 0.3, 0.05), n_workers=12, spread=15)
    results = repeat(tiny_framework, design, ("all_codings",))
    for estimand in ("share_managed", "index"):
        assert LEAST <= covered(results, "all_codings", estimand) <= MOST, estimand


def test_predictions_alone_are_biased_where_the_rectified_estimates_are_not(tiny_framework):
    # The classifier leans one way early and the other way late: it makes up a slope of its own.
    design = Design(n_workers=21, slope=0.01, differential=1.5, quality=1.5)
    results = repeat(tiny_framework, design, ("predicted_only", "probability_sample"))
    assert covered(results, "predicted_only", "slope") < 0.7 * REPEATS
    assert covered(results, "predicted_only", "share_none") < 0.7 * REPEATS
    assert bias(results, "predicted_only", "slope") > 8
    for estimand in ("slope", "share_none", "index"):
        assert abs(bias(results, "probability_sample", estimand)) < 4, estimand
        assert covered(results, "probability_sample", estimand) >= LEAST


TRIED = 200
"""Made-up studies of each kind here; bench_coverage.py tries 1,000."""


def tried(n_workers, classifier, error):
    """Results of the estimators by name, estimand and target, on made-up studies of one kind."""
    wanted = {"n_workers": n_workers, "classifier": classifier, "error": error, "chances": "even"}
    scenario = next(kind for names, kind in grid() if names == wanted)
    seed = [n_workers, len(classifier), len(error)]
    found = try_estimators(scenario, replicates=TRIED, seed=seed)
    return found.set_index(["estimator", "estimand", "target"])


@pytest.mark.parametrize("n_workers", [8, 12, 20, 40])
@pytest.mark.parametrize(("classifier", "error"), [("weak", "differential"), ("strong", "stable")])
def test_rectified_intervals_hold_and_are_unbiased_where_counting_labels_is_not(n_workers, classifier, error):
    found = tried(n_workers, classifier, error)
    for place, row in found.loc["rectified"].iterrows():
        if place[0] != "slope_two_stage":
            hits = row["coverage"] * row["n_intervals"]
            least, most = stats.binom.ppf([0.0001, 0.9999], row["n_intervals"], LEVEL)
            assert least <= hits <= most, place
            assert abs(row["bias"]) < 4 * row["bias_error"], place
    naive = found.loc[("predicted_only", "index", "like_these")]
    assert abs(naive["bias"]) > 8 * naive["bias_error"]


def test_a_good_classifier_narrows_intervals_and_a_useless_one_costs_nothing():
    for classifier, share, slope in (("strong", 0.11, 0.25), ("useless", -0.02, -0.02)):
        width = tried(60 if classifier == "strong" else 20, classifier, "stable")["width"].unstack(
            "estimator"
        )
        narrower = 1 - width["rectified"] / width["expert_only"]
        assert narrower["share_end", "like_these"] >= share
        assert narrower["slope", "like_these"] >= slope


def posting_scores(rng, counts):
    """Postings of unequal length: each employer has its own shares around those of its kind."""
    shares = {"start": (0.8, 0.1, 0.1), "end": (0.15, 0.2, 0.65), "group": (0.3, 0.15, 0.55)}
    rows = []
    for kind, count in counts.items():
        for employer in range(count):
            own = rng.dirichlet(12 * np.array(shares[kind]))
            for stance in rng.choice(3, p=own, size=max(4, int(rng.lognormal(np.log(14), 0.5)))):
                rows.append((f"{kind}{employer}", kind, stance))
    table = pd.DataFrame(rows, columns=["employer_id", "kind", "stance"])
    table["document_id"] = table["employer_id"]
    table[["share_none", "share_shared", "share_both", "share_managed"]] = np.eye(4)[table["stance"] + 1]
    constants = {"dimension": "tools", "coded": True, "pi": 1.0, "variant": "as_coded", "population": ""}
    return table.assign(taking=True, changed=False, **constants)


@pytest.mark.parametrize(("n_end", "n_group"), [(6, 1), (9, 11)])
def test_anchored_intervals_cover_the_truth(tiny_framework, rng, n_end, n_group):
    # The small framework values the middle stance at 0.2.
    start, end, like_these = -0.8 + 0.02 + 0.1, -0.15 + 0.04 + 0.65, -0.3 + 0.03 + 0.55
    hits = []
    for _ in range(REPEATS):
        scores = posting_scores(rng, {"start": 15, "end": n_end, "group": n_group})
        row = anchored_table(
            scores,
            tiny_framework,
            references=References("kind", "start", "end"),
            plan=Plan("simulated", "employer_id"),
            group_by=["kind"],
        ).set_index("group")
        own = scores.loc[scores["kind"] == "group", ["share_shared", "share_both", "share_managed"]].mean()
        # One posting is taken as it stands; eleven stand for others like them.
        index = own @ [-1.0, 0.2, 1.0] if n_group == 1 else like_these
        truth = (2 * index - start - end) / (end - start)
        if row.loc["group", "reason"] == "":
            hits.append(row.loc["group", "lower"] <= truth <= row.loc["group", "upper"])
    assert len(hits) > 0.95 * REPEATS
    assert sum(hits) >= stats.binom.ppf(0.0001, len(hits), LEVEL)
