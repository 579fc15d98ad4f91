"""Coders who change while they code."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import score_table
from peercompare.drift.coder_drift import coder_drift, opposite_share
from peercompare.errors import UndefinedError

ASK = {"cluster": "worker_id", "days_per_unit": 30.4375}


@pytest.fixture
def coded(gold, tiny_framework):
    """Makes codings by gold and two coders of eight workers over a year; ann may turn to the last end."""

    def make(*, turning=False, careless=False, coders=("ann", "bo"), coded_on=None):
        rng = np.random.default_rng(4)
        rows, codes = [], {}
        for worker in range(8):
            for month in range(1, 13, 2):
                name = f"D{worker}{month:02d}"
                rows.append(
                    {"document_id": name, "worker_id": f"W{worker}", "date": pd.Timestamp(2022, month, 5)}
                )
                codes |= {
                    f"{name}:{n}": f"tools/{rng.choice(['shared', 'both', 'managed'])}" for n in range(6)
                }
        tables = [gold(codes)]
        for coder in coders:
            own = {}
            for name, code in codes.items():
                late = int(name[2:4]) / 12
                turns = turning and coder == "ann" and rng.random() < late
                slips = careless and rng.random() < 0.5 * late
                own[name] = (
                    "tools/managed" if turns else rng.choice(["none", "tools/both"]) if slips else code
                )
            tables.append(gold(own).assign(coder_id=coder))
        codings = pd.concat(tables, ignore_index=True)
        if coded_on is not None:
            codings["coded_on"] = coded_on(codings["segment_id"])
        segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in codes])
        return codings, score_table(tables[0], segments, pd.DataFrame(rows), tiny_framework)

    return make


def test_coders_who_agree_show_no_drift(coded, tiny_framework):
    found = coder_drift(*coded(), tiny_framework, **ASK)
    assert found.disagreement.estimate == 0
    assert found.lean.estimate == pytest.approx(0, abs=1e-12)
    assert (found.n_coders, found.n_segments) == (2, 288)
    assert not found.by_coding_order


def test_a_coder_who_turns_to_one_end_is_seen_and_not_named(coded, tiny_framework):
    codings, scores = coded(turning=True)
    found = coder_drift(codings, scores, tiny_framework, **ASK)
    assert found.lean.p < 0.01
    assert found.disagreement.estimate > 0.02
    assert "ann" not in repr(found)


def test_coding_that_grows_careless_raises_disagreement(coded, tiny_framework):
    found = coder_drift(*coded(careless=True), tiny_framework, **ASK)
    assert found.disagreement.lower > 0


def test_the_order_of_coding_comes_before_the_date_of_the_document(coded, tiny_framework):
    backwards = {f"{month:02d}": f"2023-{13 - month:02d}-01" for month in range(1, 13)}
    codings, scores = coded(turning=True, coded_on=lambda names: names.str[2:4].map(backwards))
    found = coder_drift(codings, scores, tiny_framework, **ASK)
    assert found.by_coding_order
    assert found.disagreement.estimate < 0


def test_only_two_stances_can_be_opposite(coded, tiny_framework):
    codings, scores = coded(turning=True)
    wide = codings[codings["coder_id"] != "gold"].pivot_table(
        index="segment_id", columns="coder_id", values="code", aggfunc="first"
    )
    ends = (wide == "tools/shared").any(axis=1) & (wide == "tools/managed").any(axis=1)
    assert opposite_share(codings, scores, tiny_framework) == pytest.approx(ends.mean())
    assert np.isnan(opposite_share(*coded(coders=("ann",)), tiny_framework))


def test_one_coder_or_one_date_cannot_show_drift(coded, tiny_framework):
    with pytest.raises(UndefinedError, match="two coders"):
        coder_drift(*coded(coders=("ann",)), tiny_framework, **ASK)
    codings, scores = coded()
    with pytest.raises(UndefinedError, match="two dates"):
        coder_drift(codings, scores.assign(date=pd.Timestamp("2022-01-01")), tiny_framework, **ASK)
    with pytest.raises(UndefinedError, match="have a date"):
        coder_drift(codings, scores.drop(columns="date"), tiny_framework, **ASK)
