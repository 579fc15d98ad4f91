import numpy as np
import pandas as pd
import pytest

from peercompare.drift.rectified import rectify
from peercompare.drift.waves import chances, draw_wave, joint_sample
from peercompare.errors import InputError

LABELS = ("none", "peer", "overlap")
SIZES = {"A": 31, "B": 17, "C": 9, "D": 2}


@pytest.fixture(scope="module")
def truth():
    """Segments of four workers, predictions that are unsure, and wrong, where the truth is peer."""
    rng = np.random.default_rng(7)
    worker = np.repeat(list(SIZES), list(SIZES.values()))
    peer = rng.random(len(worker)) < 0.35
    sure = np.where(peer, rng.uniform(0.35, 0.6, len(worker)), rng.uniform(0.8, 0.99, len(worker)))
    table = pd.DataFrame({"segment_id": [f"s{at:02d}" for at in range(len(worker))], "worker_id": worker})
    spread = {"none": sure, "peer": (1 - sure) * 0.6, "overlap": (1 - sure) * 0.4}
    return table.assign(peer=peer.astype(float)), table[["segment_id"]].assign(**spread)


def drawn_by(truth, seed, n=22, **more):
    table, predictions = truth
    asked = {"predictions": predictions, "labels": LABELS, **more}
    return draw_wave(table, strata="worker_id", n=n, rng=[seed, 1], **asked)


def rows(wave, drawn, *, use="inference", digest=""):
    return drawn.assign(wave=wave, use=use, predictions_sha256=digest)


@pytest.mark.parametrize("with_predictions", [True, False])
def test_exactly_the_number_asked_for_is_drawn_and_every_chance_is_above_zero(truth, with_predictions):
    more = {} if with_predictions else {"predictions": None}
    for n in (8, 22, 40, 59):
        wave = drawn_by(truth, 3, n, **more)
        assert wave["sampled"].sum() == n
        assert np.isclose(wave["pi"].sum(), n)
        assert wave["pi"].between(0, 1, inclusive="right").all()
        assert (wave.groupby("stratum")["sampled"].sum() >= 2).all()


@pytest.mark.parametrize("floor", [0.05, 1.0])
def test_over_many_seeds_every_segment_is_drawn_as_often_as_its_chance_says(truth, floor):
    n_draws = 500
    draws = [drawn_by(truth, seed, floor=floor) for seed in range(n_draws)]
    often = np.mean([draw["sampled"] for draw in draws], axis=0)
    pi = draws[0]["pi"]
    assert np.ptp(pi) > (0.3 if floor < 1 else 0)
    # 4.5 standard errors of a binomial share: 59 segments stay inside it together with probability .9996.
    assert (np.abs(often - pi) <= 4.5 * np.sqrt(pi * (1 - pi) / n_draws) + 1e-12).all()


def test_unsure_segments_have_larger_chances_and_the_floor_keeps_the_others_up(truth):
    wave = drawn_by(truth, 1, floor=0.5)
    unsure = truth[1][list(LABELS)].max(axis=1) < 0.62
    inside = wave["stratum"] == "A"
    assert wave["pi"][inside & unsure].min() > wave["pi"][inside & ~unsure].max()
    share = wave["pi"][inside].sum() / SIZES["A"]
    assert wave["pi"][inside].min() > 0.35 * share
    even = drawn_by(truth, 1, floor=1.0)
    assert np.ptp(even["pi"][inside]) < 1e-12


def test_the_draw_does_not_depend_on_the_order_of_rows(truth):
    table, predictions = truth
    shuffled = table.sample(frac=1.0, random_state=4)
    first, again = drawn_by(truth, 9), drawn_by((shuffled, predictions.iloc[::-1]), 9)
    merged = first.merge(again, on="segment_id")
    assert merged["sampled_x"].equals(merged["sampled_y"])
    assert np.allclose(merged["pi_x"], merged["pi_y"])
    assert not first["sampled"].equals(drawn_by(truth, 10)["sampled"])


def test_estimates_with_the_chances_are_unbiased_and_a_training_pick_taken_for_random_is_not(truth):
    table, predictions = truth
    outcome, clusters = table[["peer"]].to_numpy(), pd.factorize(table["worker_id"])[0]
    features = predictions[list(LABELS)].to_numpy()

    def estimate(coded, pi):
        return rectify(outcome, coded, pi, clusters, features=features).values.mean()

    n_draws, n = 400, 22
    draws = [drawn_by(truth, seed, n, floor=0.3) for seed in range(n_draws)]
    right = np.array([estimate(d["sampled"].to_numpy(), d["pi"].to_numpy()) for d in draws])
    error = right.std(ddof=1) / np.sqrt(n_draws)
    assert abs(right.mean() - outcome.mean()) < 4 * error
    naive = np.array([outcome[d["sampled"].to_numpy()].mean() for d in draws])
    assert abs(naive.mean() - outcome.mean()) > 8 * error
    unsure = np.argsort(features.max(axis=1))[:n]
    picked = np.isin(np.arange(len(table)), unsure)
    assert abs(estimate(picked, np.full(len(table), n / len(table))) - outcome.mean()) > 0.1


def test_waves_together_are_unbiased_with_the_chance_of_being_in_any(truth):
    table, _ = truth
    estimates = []
    for seed in range(200):
        first = rows(1, drawn_by(truth, seed, 15), digest="p")
        second = rows(2, draw_wave(table, strata="worker_id", n=12, rng=[seed, 2]))
        joint = joint_sample(pd.concat([first, second])).set_index("segment_id").loc[table["segment_id"]]
        estimates.append((table["peer"].to_numpy() * joint["sampled"] / joint["pi"]).sum())
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - table["peer"].sum()) < 4 * error


def test_the_chance_of_being_in_any_of_two_waves_is_what_is_left_of_missing_both():
    first = pd.DataFrame({"segment_id": ["a", "b"], "pi": [0.5, 0.2], "sampled": [True, False]})
    second = pd.DataFrame({"segment_id": ["b", "c"], "pi": [0.5, 0.25], "sampled": [True, False]})
    joint = joint_sample(pd.concat([rows(1, first), rows(2, second)]))
    assert joint["segment_id"].tolist() == ["a", "b", "c"]
    assert np.allclose(joint["pi"], [0.5, 0.6, 0.25])
    assert joint["sampled"].tolist() == [True, True, False]
    assert joint_sample(pd.concat([rows(1, first), rows(2, second)]), [1])["pi"].tolist() == [0.5, 0.2]


def test_a_wave_picked_for_training_is_refused(truth):
    picked = pd.DataFrame({"segment_id": ["a"], "pi": [np.nan], "sampled": [True]})
    drawn = pd.DataFrame({"segment_id": ["a", "b"], "pi": [0.5, 0.5], "sampled": [True, False]})
    both = pd.concat([rows(1, picked, use="training"), rows(2, drawn)])
    assert joint_sample(both)["pi"].tolist() == [0.5, 0.5]
    with pytest.raises(InputError, match="wave 1: was picked for training"):
        joint_sample(both, [1, 2])
    with pytest.raises(InputError, match="no probability sample"):
        joint_sample(rows(1, picked, use="training"))
    with pytest.raises(InputError, match="wave 7: was never drawn"):
        joint_sample(both, [2, 7])


def test_waves_whose_chances_learned_from_earlier_ones_are_not_used_together():
    drawn = pd.DataFrame({"segment_id": ["a", "b"], "pi": [0.5, 0.5], "sampled": [True, False]})
    learned = pd.concat([rows(1, drawn), rows(2, drawn, digest="new")])
    with pytest.raises(InputError, match="wave 2: its chances rest on predictions"):
        joint_sample(learned)
    assert len(joint_sample(learned, [2])) == 2
    same = pd.concat([rows(1, drawn, digest="old"), rows(2, drawn, digest="old"), rows(3, drawn)])
    assert np.allclose(joint_sample(same)["pi"], 0.875)


@pytest.mark.parametrize("n", [0, 7, 60])
def test_a_number_that_the_strata_cannot_give_is_refused(truth, n):
    with pytest.raises(InputError, match="give a number from 8 to 59"):
        drawn_by(truth, 1, n)


def test_faulty_predictions_are_refused(truth):
    table, predictions = truth
    with pytest.raises(InputError, match="no column 'overlap'"):
        drawn_by((table, predictions.drop(columns="overlap")), 1)
    with pytest.raises(InputError, match="more than once"):
        drawn_by((table, pd.concat([predictions, predictions.iloc[:1]])), 1)
    with pytest.raises(InputError, match="s03"):
        drawn_by((table, predictions.drop(index=3)), 1)
    with pytest.raises(InputError, match="s05"):
        drawn_by((table, predictions.assign(none=predictions["none"].where(predictions.index != 5, 3.0))), 1)
    with pytest.raises(InputError, match="floor"):
        drawn_by(truth, 1, floor=0)


def test_whoever_would_be_above_one_is_certain_and_the_rest_share_what_is_left():
    pi = chances(np.array([10.0, 5.0, 1.0, 1.0, 1.0]), 3)
    assert pi.tolist() == pytest.approx([1, 1, 1 / 3, 1 / 3, 1 / 3])
