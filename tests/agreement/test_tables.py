"""The agreement table, on made-up codings and on the shipped corpora."""

import numpy as np
import pandas as pd
import pytest

from peercompare.agreement import COLUMNS, agreement_table, gwet_ac1, krippendorff_alpha, raw_agreement
from peercompare.codings import reliability_data
from peercompare.errors import CodingError, InputError


@pytest.fixture
def table(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    return agreement_table(codings, segments, framework=tiny_framework, corpus_name="garden")


def row(table, scope, level, value, coefficient):
    found = table[
        (table["scope"] == scope)
        & (table["level"] == level)
        & (table["value"] == value)
        & (table["coefficient"] == coefficient)
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_the_table_has_a_row_for_everything_compared(table, tiny_framework):
    assert tuple(table.columns) == COLUMNS
    compared = (
        3 + len(tiny_framework.dimension_ids) + len(tiny_framework.labels) + len(tiny_framework.code_ids)
    )
    assert len(table) == 3 * compared
    assert not table.duplicated(["scope", "level", "value", "coefficient"]).any()
    assert set(table["corpus"]) == {"garden"}


@pytest.mark.parametrize("level", ["code", "stance", "dimension"])
def test_overall_rows_are_the_coefficients_of_the_reliability_data(
    table, tiny_codings, tiny_framework, level
):
    """The table collapses sums over codes; this recodes the data instead."""
    values = reliability_data(tiny_codings[0], framework=tiny_framework, level=level).values
    offered = {
        "code": ("none", *tiny_framework.code_ids),
        "stance": tiny_framework.labels,
        "dimension": ("none", *tiny_framework.dimension_ids),
    }[level]
    expected = {
        "alpha": krippendorff_alpha(values, level_of_measurement="nominal"),
        "ac1": gwet_ac1(values, values_domain=offered),
        "raw": raw_agreement(values),
    }
    for coefficient, value in expected.items():
        assert row(table, "overall", level, "", coefficient)["estimate"] == pytest.approx(value, abs=1e-12)


def test_a_code_is_compared_with_all_the_rest(table, tiny_codings, tiny_framework):
    code = tiny_framework.code_ids[0]
    values = reliability_data(tiny_codings[0], framework=tiny_framework, level="code").values
    chosen = np.where(values == None, None, values == code)  # noqa: E711 - by element
    expected = krippendorff_alpha(chosen, level_of_measurement="nominal")
    assert row(table, "code", "code", code, "alpha")["estimate"] == pytest.approx(expected, abs=1e-12)


def test_counts_are_of_what_two_coders_coded_and_gold_is_no_coder(table):
    """Eighteen segments, one of them coded by one coder alone; fifteen of the rest alike."""
    raw = row(table, "overall", "code", "", "raw")
    assert (raw["n_segments"], raw["n_documents"], raw["n_clusters"], raw["n_coders"]) == (17, 6, 6, 2)
    assert raw["estimate"] == pytest.approx(15 / 17)
    assert "delete-one-document jackknife, t(5)" in raw["method"]
    assert raw["lower"] < raw["estimate"] < raw["upper"]


def test_prevalence_is_a_share_for_each_value_and_missing_overall(table, tiny_framework):
    assert table.loc[table["scope"] == "overall", "prevalence"].isna().all()
    stances = table[(table["scope"] == "stance") & (table["coefficient"] == "raw")]
    assert stances["prevalence"].sum() == pytest.approx(1.0)
    assert row(table, "stance", "stance", "none", "raw")["prevalence"] == pytest.approx(6 / 18)


def test_every_cell_that_is_missing_has_its_reason(table):
    without = table["lower"].isna()
    assert without.any()
    assert (table.loc[without, "reason"] != "").all()
    assert (table.loc[~without, "reason"] == "").all()
    of_alpha = (table["coefficient"] == "alpha") & ~without
    assert table.loc[of_alpha, "p_below_667"].between(0, 1).all()
    assert table.loc[table["coefficient"] != "alpha", "p_below_667"].isna().all()


def test_a_code_that_nobody_chose_is_said_to_be_so(table, tiny_framework):
    unused = tiny_framework.code_ids[3]
    alpha = row(table, "code", "code", unused, "alpha")
    assert np.isnan(alpha["estimate"])
    assert alpha["reason"] == f"alpha is undefined: no coder chose the code {unused}"
    raw = row(table, "code", "code", unused, "raw")
    assert raw["estimate"] == 1.0
    assert "no evidence" in raw["reason"]


def test_rows_may_come_in_any_order_and_the_tables_are_left_alone(tiny_codings, tiny_framework, table, rng):
    codings, segments = tiny_codings
    kept = codings.copy(), segments.copy()
    shuffled = codings.iloc[rng.permutation(len(codings))]
    found = agreement_table(
        shuffled,
        segments.iloc[rng.permutation(len(segments))],
        framework=tiny_framework,
        corpus_name="garden",
    )
    pd.testing.assert_frame_equal(found, table)
    pd.testing.assert_frame_equal(codings, kept[0])
    pd.testing.assert_frame_equal(segments, kept[1])


def test_further_codes_do_not_count(tiny_codings, tiny_framework, table):
    codings, segments = tiny_codings
    further = codings[codings["coder_id"] == "ann"].assign(is_primary=False, code=tiny_framework.code_ids[5])
    found = agreement_table(
        pd.concat([codings, further]), segments, framework=tiny_framework, corpus_name="garden"
    )
    pd.testing.assert_frame_equal(found, table)


def test_another_cluster_may_be_named(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    segments = segments.assign(
        site_id=segments["document_id"].isin(["D1", "D2", "D3"]).map({True: "N", False: "S"})
    )
    found = agreement_table(
        codings, segments, framework=tiny_framework, corpus_name="garden", cluster="site_id"
    )
    first = found.iloc[0]
    assert first["n_clusters"] == 2
    assert first["n_documents"] == 6
    assert first["reason"] == "no interval: 2 sites, and an interval needs at least 5"


def test_one_coder_alone_is_refused_with_the_remedy(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    alone = codings[codings["coder_id"] != "ben"]
    with pytest.raises(CodingError, match=r"two coders; garden has 1(.|\n)*second coder"):
        agreement_table(alone, segments, framework=tiny_framework, corpus_name="garden")


def test_coders_who_share_no_segment_get_a_table_of_reasons(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    early = codings["segment_id"].str.startswith(("D1", "D2", "D3"))
    apart = codings[((codings["coder_id"] == "ann") & early) | ((codings["coder_id"] == "ben") & ~early)]
    found = agreement_table(apart, segments, framework=tiny_framework, corpus_name="garden")
    assert found["estimate"].isna().all()
    assert (found["n_segments"] == 0).all()
    overall = found[found["scope"] == "overall"]
    assert overall["reason"].str.contains("no unit was coded by two coders").all()


def test_segments_that_the_codings_do_not_fit_are_refused(tiny_codings, tiny_framework):
    codings, segments = tiny_codings
    with pytest.raises(CodingError, match=r"3 coded segments are not in the segments table(.|\n)*D4:1"):
        agreement_table(
            codings,
            segments[segments["document_id"] != "D4"],
            framework=tiny_framework,
            corpus_name="garden",
        )
    with pytest.raises(InputError, match="lacks the column 'employer_id'"):
        agreement_table(
            codings, segments, framework=tiny_framework, corpus_name="garden", cluster="employer_id"
        )


@pytest.mark.parametrize(
    ("corpus", "on_stance", "on_code", "n_segments"),
    [("job_descriptions", 0.926, 0.896, 1966), ("session_transcripts", 0.887, 0.865, 1022)],
)
def test_the_shipped_corpora_agree_as_their_datasheets_say(
    corpora_folder, deegan, corpus, on_stance, on_code, n_segments
):
    codings = pd.read_csv(
        corpora_folder / corpus / "codings.csv", keep_default_na=False, true_values=["true"]
    )
    codings["is_primary"] = codings["is_primary"].astype(str).str.lower() == "true"
    segments = pd.read_csv(corpora_folder / corpus / "segments.csv")
    found = agreement_table(codings, segments, framework=deegan, corpus_name=corpus)
    stance, code = (row(found, "overall", level, "", "alpha") for level in ("stance", "code"))
    assert stance["estimate"] == pytest.approx(on_stance, abs=5e-4)
    assert code["estimate"] == pytest.approx(on_code, abs=5e-4)
    assert stance["n_segments"] == n_segments
    assert stance["p_below_667"] < 1e-6
