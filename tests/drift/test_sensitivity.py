"""The index under other choices: each estimated as its own, none of them telling of single workers."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, score_table, sensitivity_table
from peercompare.drift.sensitivity import AS_PLANNED, ONE_OUT, WITH_NONE
from peercompare.errors import DisclosureError

PLAN = Plan("shed", "worker_id")
WAIVED = Plan("shed", "worker_id", composed=True, waive=True)
CODES = ["tools/managed", "tools/both", "harvest/shared", "none"]


@pytest.fixture
def talk(gold, tiny_framework):
    """Makes scores of workers with a meeting and a walk each; walks lean one way, worker 0 the other."""

    def make(n_workers=8, *, walkers=None, sites=None, tags=None, variant="as_coded"):
        rows, codes = [], {}
        for worker in range(n_workers):
            for kind in ("meeting", "walk"):
                if kind == "walk" and walkers is not None and worker >= walkers:
                    continue
                name = f"D{worker}{kind}"
                site = (sites or {}).get(worker, "N")
                rows.append({"document_id": name, "worker_id": f"W{worker}", "kind": kind, "site_id": site})
                own = ["tools/managed"] * 3 if worker == 0 else CODES
                extra = ["tools/shared"] if kind == "walk" else ["tools/managed"]
                codes |= {f"{name}:{place}": code for place, code in enumerate([*own, *extra])}
        tagged = {name: "rule" for name in codes if tags and name.endswith(tags)}
        segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in codes])
        codings = gold(codes, tags=tagged)
        return score_table(codings, segments, pd.DataFrame(rows), tiny_framework, variant=variant)

    return make


def by_choice(table):
    return table.set_index("choice_id" if table["choice_id"].is_unique else "words")


def test_the_plans_own_index_comes_first_and_every_choice_has_words(talk, tiny_framework):
    table = sensitivity_table(talk(), tiny_framework, plan=PLAN)
    assert table["choice_id"].iloc[0] == AS_PLANNED
    assert table["words"].tolist() == [
        "as planned",
        "both counted a quarter of the way to shared",
        "both counted a quarter of the way to managed",
        "segments coded none counted as zeros",
        "without any one worker (range)",
    ]


def test_none_counted_as_zeros_divides_by_all_segments(talk, tiny_framework):
    scores = talk()
    table = by_choice(sensitivity_table(scores, tiny_framework, plan=PLAN))
    taking = scores["taking"].mean()
    planned = table.loc[AS_PLANNED, "estimate"]
    assert table.loc[WITH_NONE, "estimate"] == pytest.approx(planned * taking)
    assert table.loc[WITH_NONE, "n_segments"] == len(scores)


def test_each_kind_is_left_out_in_turn(talk, tiny_framework):
    scores = talk()
    table = sensitivity_table(scores, tiny_framework, plan=PLAN, leave_out=["kind"])
    left = table[table["choice_id"] == "leave_out_kind"].set_index("words")
    assert list(left.index) == ["without kind: meeting", "without kind: walk"]
    meetings = scores[(scores["kind"] == "meeting") & scores["taking"]]
    values = meetings["share_managed"] - meetings["share_shared"] + 0.2 * meetings["share_both"]
    assert left.loc["without kind: walk", "estimate"] == pytest.approx(values.mean())


def test_a_kind_of_few_workers_is_not_told_by_leaving_it_out(talk, tiny_framework):
    table = sensitivity_table(talk(walkers=3), tiny_framework, plan=PLAN, leave_out=["kind"])
    row = table[table["words"] == "without kind: walk"].iloc[0]
    assert np.isnan(row["estimate"])
    assert row["reason"].startswith("withheld")
    assert np.isfinite(table["estimate"].iloc[0])


def test_a_site_of_two_is_not_told_by_leaving_it_out(talk, tiny_framework):
    scores = talk(sites={0: "S", 1: "S"})
    real, composed = (
        sensitivity_table(scores, tiny_framework, plan=plan, leave_out=["site_id"]).set_index("words")
        for plan in (PLAN, WAIVED)
    )
    assert np.isnan(real.loc["without site: S", "estimate"])
    assert np.isfinite(composed.loc["without site: S", "estimate"])
    assert composed.loc["without site: S", "waiver"]


def test_what_nobody_is_left_for_is_no_choice(talk, tiny_framework):
    table = sensitivity_table(talk(), tiny_framework, plan=PLAN, leave_out=["site_id"])
    assert not (table["choice_id"] == "leave_out_site_id").any()


def test_the_range_over_single_workers_is_for_composed_corpora_alone(talk, tiny_framework):
    scores = talk()
    real, composed = (
        by_choice(sensitivity_table(scores, tiny_framework, plan=plan)).loc[ONE_OUT]
        for plan in (PLAN, WAIVED)
    )
    assert np.isnan(real["lower"])
    assert np.isnan(real["upper"])
    assert real["reason"].startswith("withheld")
    assert "typical shift" in real["method"]
    assert composed["waiver"]
    without = [
        by_choice(sensitivity_table(scores[scores["worker_id"] != name], tiny_framework, plan=PLAN)).loc[
            AS_PLANNED, "estimate"
        ]
        for name in ("W0", "W1")
    ]
    assert (composed["lower"], composed["upper"]) == pytest.approx((min(without), max(without)))
    assert not real.astype(str).str.contains(r"W\d").any()


def test_postings_show_the_range_since_nobody_is_in_them(talk, tiny_framework):
    scores = talk().rename(columns={"worker_id": "employer_id"})
    table = by_choice(sensitivity_table(scores, tiny_framework, plan=Plan("adverts", "employer_id")))
    assert table.loc[ONE_OUT, "lower"] < table.loc[AS_PLANNED, "estimate"] <= table.loc[ONE_OUT, "upper"]
    assert not table.loc[ONE_OUT, "waiver"]


def test_variants_are_choices_too(talk, tiny_framework):
    variants = {"ties_split": talk(variant="ties_split")}
    table = by_choice(sensitivity_table(talk(), tiny_framework, plan=PLAN, variants=variants))
    assert table.loc["ties_split", "words"] == "ties between two stances split"
    assert table.loc["ties_split", "estimate"] == pytest.approx(table.loc[AS_PLANNED, "estimate"])


def test_workers_are_never_left_out_by_name(talk, tiny_framework):
    with pytest.raises(DisclosureError):
        sensitivity_table(talk(), tiny_framework, plan=PLAN, leave_out=["worker_id"])


def test_four_workers_are_too_few_to_leave_one_out(talk, tiny_framework):
    table = by_choice(sensitivity_table(talk(4), tiny_framework, plan=WAIVED))
    assert "fewer than five workers" in table.loc[ONE_OUT, "reason"]
    assert np.isnan(table.loc[ONE_OUT, "lower"])
