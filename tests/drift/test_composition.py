"""What a change is made of, as far as what is published allows."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import COLUMNS, Plan, draft_estimates, publish, score_table
from peercompare.drift.composition import OTHERS, composition_table
from peercompare.errors import InputError

PLAN = Plan("plots", "worker_id")
TOPICS = ("tools", "harvest")


@pytest.fixture
def scored(gold, tiny_framework):
    """Workers seen in 2022 or 2023 or both, with more harvest in the second year."""

    def make(years, *, thin=False):
        rows, codes = [], {}
        for worker, seen in enumerate(years):
            for year in seen:
                name = f"D{worker}Y{year}"
                rows.append(
                    {"document_id": name, "worker_id": f"W{worker}", "date": pd.Timestamp(f"{year}-05-01")}
                )
                for place in range(6):
                    late = year == 2023
                    topic = TOPICS[place < (4 if late else 2)]
                    if thin and worker > 1:
                        topic = "tools"
                    stance = "managed" if place < worker % 3 + 2 * late else "shared"
                    codes[f"{name}:{place}"] = f"{topic}/{stance}"
        segments = pd.DataFrame([{"segment_id": one, "document_id": one.split(":")[0]} for one in codes])
        return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)

    return make


def made_of(scores, framework, plan=PLAN, pair=("2022", "2023")):
    shown = publish([draft_estimates(scores, framework, plan=plan, group_by=["all", "year"])], plan=plan)
    return composition_table(scores, framework, plan=plan, column="year", pair=pair, published=shown), shown


def test_all_parts_add_up_to_the_change_that_is_published(scored, tiny_framework):
    table, shown = made_of(scored([(2022, 2023)] * 8 + [(2023,)] * 5), tiny_framework)
    whole = table[table["dimension"] == "all"].set_index("estimand")["estimate"]
    index = shown[(shown["estimand"] == "index") & (shown["dimension"] == "all")].set_index("group")[
        "estimate"
    ]
    assert whole["change"] == pytest.approx(index["2023"] - index["2022"])
    assert whole["change_topic_mix"] + whole["change_within_topics"] == pytest.approx(whole["change"])
    assert whole["change_who_was_seen"] + whole["change_within_workers"] == pytest.approx(whole["change"])
    parts = table[table["dimension"] != "all"].groupby("estimand")["estimate"].sum()
    assert parts["change_topic_mix"] == pytest.approx(whole["change_topic_mix"])
    assert parts["change_within_topics"] == pytest.approx(whole["change_within_topics"])
    assert list(table.columns) == list(COLUMNS)
    assert set(table["group"]) == {"2023 less 2022"}
    assert (table["lower"].notna() | (table["reason"] != "")).all()


def test_a_dimension_of_few_workers_stands_with_others(scored, tiny_framework):
    # Harvest is said by two workers: alone it is withheld, and its sizes could be worked out from the rest.
    table, _ = made_of(scored([(2022, 2023)] * 8, thin=True), tiny_framework)
    assert set(table["dimension"]) <= {"all", OTHERS}
    whole = table[table["dimension"] == "all"].set_index("estimand")["estimate"]
    assert whole["change_topic_mix"] == pytest.approx(0, abs=1e-12)
    assert not table["waiver"].any()


def test_a_year_of_few_workers_is_withheld_with_all_its_parts(scored, tiny_framework):
    table, _ = made_of(scored([(2022, 2023)] * 4 + [(2022,)] * 5), tiny_framework)
    assert table["estimate"].isna().all()
    assert table["reason"].str.startswith("withheld").all()
    assert table["n_segments"].isna().all()


def test_few_seen_in_both_withhold_what_they_did(scored, tiny_framework):
    years = [(2022, 2023)] * 2 + [(2022,)] * 6 + [(2023,)] * 6
    table, _ = made_of(scored(years), tiny_framework)
    rows = table.set_index(["estimand", "dimension"])
    assert rows.loc[("change_within_workers", "all"), "reason"].startswith("withheld: fewer than 5 workers")
    assert np.isfinite(rows.loc[("change", "all"), "estimate"])


def test_nobody_seen_in_both_says_so(scored, tiny_framework):
    table, _ = made_of(scored([(2022,)] * 6 + [(2023,)] * 6), tiny_framework)
    reasons = table.set_index("estimand")["reason"]
    assert "none of the workers was seen in both" in reasons["change_who_was_seen"]


def test_groups_that_are_not_published_are_not_taken_apart(scored, tiny_framework):
    scores = scored([(2022, 2023)] * 8)
    shown = publish([draft_estimates(scores, tiny_framework, plan=PLAN, group_by=["all"])], plan=PLAN)
    table = composition_table(
        scores, tiny_framework, plan=PLAN, column="year", pair=("2022", "2023"), published=shown
    )
    assert table["estimate"].isna().all()
    assert table["reason"].str.contains("not published").all()


def test_a_value_that_no_document_has_is_an_error(scored, tiny_framework):
    with pytest.raises(InputError, match="year = '2021'"):
        made_of(scored([(2022, 2023)] * 8), tiny_framework, pair=("2021", "2023"))
