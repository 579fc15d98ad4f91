import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from peercompare.drift import Plan, coder_scores, draft_coder_pool, estimate_table, publish
from peercompare.drift.coder_pool import add_coder_component
from peercompare.drift.measures import outcomes
from peercompare.drift.ratios import ratio_of_totals
from peercompare.errors import CodingError, InputError

PLAN = Plan("made_up", "worker_id")


@pytest.fixture
def codings():
    """Six workers with five segments, two coders; the second calls managed what the first calls shared."""
    rows, segments, documents = [], [], []
    for worker in range(6):
        documents.append({"document_id": f"D{worker}", "worker_id": f"W{worker}"})
        for place in range(5):
            name = f"D{worker}:{place}"
            first = ["tools/shared", "tools/managed", "harvest/both", "none", "harvest/shared"][place]
            other = "harvest/managed" if place == 4 and worker < 4 else first
            other = "tools/both" if worker == 5 and place == 2 else other
            segments.append({"segment_id": name, "document_id": f"D{worker}"})
            for coder, code in (("ann", first), ("ben", other)):
                rows.append(
                    {
                        "segment_id": name,
                        "coder_id": coder,
                        "code": code,
                        "is_primary": True,
                        "tags": "",
                        "memo": "",
                    }
                )
    return pd.DataFrame(rows), pd.DataFrame(segments), pd.DataFrame(documents)


def test_a_segment_counts_with_the_share_of_its_coders_in_each_dimension(codings, tiny_framework):
    scores = coder_scores(*codings, tiny_framework, coder_ids=["ann", "ben"])
    pooled = scores[""].set_index("segment_id")
    assert pooled.loc["D0:4", ["share_shared", "share_managed"]].tolist() == [0.5, 0.5]
    assert pooled.loc["D5:2", ["share_tools/both", "share_harvest/both"]].tolist() == [0.5, 0.5]
    mean = (outcomes(scores["ann"], tiny_framework) + outcomes(scores["ben"], tiny_framework)) / 2
    assert_allclose(outcomes(scores[""], tiny_framework), mean)


def test_a_segment_that_one_coder_left_out_counts_by_the_other(codings, tiny_framework):
    rows, segments, documents = codings
    rows = rows[~((rows["coder_id"] == "ben") & (rows["segment_id"] == "D0:0"))]
    pooled = coder_scores(rows, segments, documents, tiny_framework, coder_ids=["ann", "ben"])[""]
    assert pooled.set_index("segment_id").loc["D0:0", "share_shared"] == 1.0


def test_the_mean_over_coders_is_estimated_and_their_component_stated(codings, tiny_framework, one):
    scores = coder_scores(*codings, tiny_framework, coder_ids=["ann", "ben"])
    row = one(
        publish([draft_coder_pool(scores, tiny_framework, plan=PLAN)], plan=PLAN), estimand="share_managed"
    )
    plain = one(
        estimate_table(scores[""], tiny_framework, plan=PLAN, dimensions=False), estimand="share_managed"
    )
    each = [
        one(
            estimate_table(scores[coder], tiny_framework, plan=PLAN, dimensions=False),
            estimand="share_managed",
        )
        for coder in ("ann", "ben")
    ]
    assert_allclose(row["estimate"], np.mean([own["estimate"] for own in each]))
    assert row["upper"] - row["lower"] > plain["upper"] - plain["lower"]
    error = abs(each[0]["estimate"] - each[1]["estimate"]) / 2
    assert f"the choice of coders brings a standard error of {error:.3f}" in row["method"]


def test_with_few_segments_in_common_the_coders_part_is_said_to_be_missing(codings, tiny_framework, one):
    rows, segments, documents = codings
    kept = (rows["coder_id"] == "ann") | rows["segment_id"].str.endswith((":0", ":4"))
    scores = coder_scores(rows[kept], segments, documents, tiny_framework, coder_ids=["ann", "ben"])
    table = publish([draft_coder_pool(scores, tiny_framework, plan=PLAN)], plan=PLAN)
    assert "not in the interval" in one(table, estimand="index")["reason"]


def test_degrees_of_freedom_are_those_of_the_part_that_weighs_more():
    top, bottom = np.arange(8.0)[:, None], np.full((8, 1), 10.0)
    ratio = ratio_of_totals(top, bottom)
    alike, _ = add_coder_component(ratio, np.full((3, 1), 0.35))
    assert_allclose(alike.degrees, ratio.degrees)
    apart, _ = add_coder_component(ratio, np.array([[-9.0], [0.0], [9.0]]))
    assert_allclose(apart.degrees, 2.0, rtol=0.01)


@pytest.mark.parametrize(("names", "words"), [(["ann"], "two coders"), (["ann", "eve"], "by 'eve'")])
def test_a_pool_of_one_and_a_coder_without_codings_are_refused(codings, tiny_framework, names, words):
    with pytest.raises((InputError, CodingError), match=words):
        coder_scores(*codings, tiny_framework, coder_ids=names)
