import numpy as np
import pandas as pd
import pytest

from peercompare.drift import draw_sample
from peercompare.errors import InputError


@pytest.fixture
def segments():
    return pd.DataFrame(
        {
            "segment_id": [f"s{place:02d}" for place in range(23)],
            "worker_id": ["A"] * 12 + ["B"] * 8 + ["C"] * 3,
        }
    )


def test_each_stratum_gives_its_share_and_the_probability_is_the_share_drawn(segments):
    sample = draw_sample(segments, strata="worker_id", share=0.25, rng=5)
    drawn = sample.groupby("stratum")["sampled"].sum()
    assert drawn.to_dict() == {"A": 3, "B": 2, "C": 2}
    expected = sample.groupby("stratum")["sampled"].transform("mean")
    assert np.allclose(sample["pi"], expected)


def test_the_same_seed_draws_the_same_segments_in_any_order(segments):
    first = draw_sample(segments, strata="worker_id", share=0.3, rng=11)
    shuffled = segments.sample(frac=1.0, random_state=2)
    again = draw_sample(shuffled, strata="worker_id", share=0.3, rng=11)
    assert set(first.loc[first["sampled"], "segment_id"]) == set(again.loc[again["sampled"], "segment_id"])
    assert again["segment_id"].tolist() == shuffled["segment_id"].tolist()


def test_another_seed_draws_other_segments(segments):
    draws = {
        tuple(draw_sample(segments, strata="worker_id", share=0.3, rng=seed)["sampled"]) for seed in range(6)
    }
    assert len(draws) > 1


def test_over_many_seeds_every_segment_is_drawn_as_often_as_its_probability_says(segments):
    draws = [draw_sample(segments, strata="worker_id", share=0.25, rng=seed) for seed in range(400)]
    often = np.mean([draw["sampled"] for draw in draws], axis=0)
    # Four standard errors of a binomial share of 400 draws.
    assert np.abs(often - draws[0]["pi"]).max() < 4 * np.sqrt(0.25 / 400)


def test_a_whole_sample_has_probability_one(segments):
    sample = draw_sample(segments, strata="worker_id", share=1.0, rng=0)
    assert sample["sampled"].all()
    assert (sample["pi"] == 1).all()


@pytest.mark.parametrize("share", [0.0, -1.0, 1.2])
def test_a_share_outside_its_range_is_refused(segments, share):
    with pytest.raises(InputError, match=str(share)):
        draw_sample(segments, strata="worker_id", share=share, rng=0)


def test_segments_without_a_stratum_are_refused(segments):
    segments.loc[4, "worker_id"] = None
    with pytest.raises(InputError, match="1 segments have no worker_id"):
        draw_sample(segments, strata="worker_id", share=0.5, rng=0)


def test_an_absent_stratum_column_is_refused(segments):
    with pytest.raises(InputError, match="site_id"):
        draw_sample(segments, strata="site_id", share=0.5, rng=0)
