"""Scores from outside: what is read, what is refused, and how they are correlated."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import COLUMNS, Plan, score_table
from peercompare.drift.external import between_sites, external_table, read_external, within_sites
from peercompare.errors import DisclosureError, InputError

PLAN = Plan("plots", "worker_id")
HEAD = "site_id,month,instrument,score,se\n"


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "climate.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def scored(gold, tiny_framework):
    """Six sites of two workers over three months; more is managed from month to month."""

    def make(n_sites=6):
        rows, codes = [], {}
        for site in range(n_sites):
            for worker in range(2):
                for month in range(3):
                    name = f"S{site}W{worker}M{month}"
                    day = pd.Timestamp(f"2022-0{month + 1}-10")
                    rows.append(
                        {
                            "document_id": name,
                            "worker_id": f"S{site}W{worker}",
                            "site_id": f"S{site}",
                            "date": day,
                        }
                    )
                    for place in range(8):
                        managed = place < 2 * month + (site + worker) % 3
                        codes[f"{name}:{place}"] = "tools/managed" if managed else "tools/shared"
        segments = pd.DataFrame([{"segment_id": one, "document_id": one.split(":")[0]} for one in codes])
        return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)

    return make


def climate(n_sites=6, se=""):
    """Scores that fall as the index rises, with a little noise of their own."""
    lines = [
        f"S{site},2022-0{month + 1},warmth v2,{5 - month + 0.2 * ((site + month) % 3)},{se}"
        for site in range(n_sites)
        for month in range(3)
    ]
    return HEAD + "\n".join(lines) + "\n"


def test_scores_that_fall_as_the_index_rises_correlate_within_sites(written, scored, tiny_framework):
    known = read_external(written(climate(se="0.1")), sites=["S0", "S1"])
    table = external_table(scored(), tiny_framework, known, plan=PLAN).set_index("estimand")
    assert list(table.reset_index()[list(COLUMNS)].columns) == list(COLUMNS)
    row = table.loc["correlation_within_sites"]
    assert -1 <= row["lower"] < row["estimate"] < row["upper"] < -0.8
    assert (row["n_clusters"], row["n_documents"], row["n_workers"]) == (6, 18, 12)
    assert row["group"] == "warmth v2"
    assert "reliability of the scores by their standard errors 0.9" in row["method"]
    assert row["target"] == "sites like these"


def test_below_five_sites_nothing_is_estimated(written, scored, tiny_framework):
    known = read_external(written(climate(4)), sites=["S0"])
    table = external_table(scored(4), tiny_framework, known, plan=PLAN)
    assert table["estimate"].isna().all()
    assert table["reason"].str.contains("at least 5 sites").all()
    assert set(table["method"]) == {"not estimated"}


def test_scores_that_never_vary_give_a_reason(written, scored, tiny_framework):
    flat = HEAD + "".join(f"S{s},2022-0{m + 1},flat,3,\n" for s in range(6) for m in range(3))
    table = external_table(scored(), tiny_framework, read_external(written(flat), sites=["S0"]), plan=PLAN)
    assert table["reason"].str.contains("the same throughout").all()


def test_sites_count_the_same_between_and_their_means_fall_out_within():
    site = np.repeat(np.arange(6), 4)
    level = np.arange(6.0)[site] * 10
    wave = np.tile([0.0, 1.0, 2.0, 3.0], 6)
    jitter = np.tile([0.1, 0.0, -0.1, 0.2, 0.0, -0.2], 4)
    within = within_sites(level + wave, -level + wave + jitter, site, np.ones(24))
    between = between_sites(level + wave, -level + wave + jitter, site, np.ones(24))
    assert within.estimate > 0.9
    assert between.estimate < -0.9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("site_id,month,score\nS0,2022-01,3\n", "the column 'instrument' is missing"),
        (HEAD + "S0,2022-13,warmth,3,\n", "month is '2022-13'"),
        (HEAD + "S0,2022-01,warmth,high,\n", "score is 'high'"),
        (HEAD + "S0,2022-01,warmth,inf,\n", "score is 'inf'"),
        (HEAD + "S0,2022-01,warmth,3,-1\n", "se is '-1'"),
        (HEAD + ",2022-01,warmth,3,\n", "the column site_id is empty"),
        (
            HEAD + "S0,2022-01,warmth,3,\nS0,2022-01,warmth,4,\n",
            "row 3: its site, month and instrument stand",
        ),
        (HEAD + "S9,2022-01,warmth,3,\n", "none of its sites is in the corpus"),
    ],
)
def test_faults_are_named_with_their_row(written, text, words):
    with pytest.raises(InputError, match="cannot be used as scores") as caught:
        read_external(written(text), sites=["S0"])
    assert words in str(caught.value)


def test_all_faults_are_told_at_once_and_nobodys_words_are_repeated(written):
    text = HEAD + "S0,someday,warmth,she told me so,\nS1,2022-01,warmth,,x y z\n"
    with pytest.raises(InputError) as caught:
        read_external(written(text), sites=["S0"])
    assert len(caught.value.problems) == 4
    assert "she told" not in str(caught.value)


def test_scores_of_people_are_refused(written):
    with pytest.raises(DisclosureError, match="scores people"):
        read_external(written("worker_id," + HEAD + "W1,S0,2022-01,warmth,3,\n"), sites=["S0"])
