import numpy as np
import pandas as pd
import pytest

from peercompare.agreement import COLUMNS, agreement_by_background, agreement_table

CODES = ["tools/shared", "tools/managed", "harvest/shared", "none", "tools/both", "harvest/managed"]


@pytest.fixture
def coded():
    """Four coders of forty segments in ten documents, each with slips of their own."""
    rng = np.random.default_rng(3)
    truth = rng.choice(CODES, size=40)
    segments = pd.DataFrame(
        {"segment_id": [f"s{n}" for n in range(40)], "document_id": [f"d{n // 4}" for n in range(40)]}
    )
    rows = []
    for coder, slips in {"ann": 4, "bo": 6, "cy": 8, "di": 10}.items():
        given = truth.copy()
        at = rng.choice(40, size=slips, replace=False)
        given[at] = rng.choice(CODES, size=slips)
        rows += [
            {"segment_id": segment, "coder_id": coder, "code": code, "is_primary": True}
            for segment, code in zip(segments["segment_id"], given, strict=True)
        ]
    return pd.DataFrame(rows), segments


def backgrounds(**said):
    return pd.DataFrame(
        {"coder_id": list(said), "lived_experience": list(said.values()), "background": ""}, dtype="str"
    )


def by_kind(table, kind, coefficient="alpha", level="stance"):
    rows = table[(table["value"] == kind) & (table["coefficient"] == coefficient) & (table["level"] == level)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_single_pair_agrees_as_the_agreement_table_says(coded, tiny_framework):
    codings, segments = coded
    told = {"framework": tiny_framework, "corpus_name": "c"}
    pair = codings[codings["coder_id"].isin(["ann", "bo"])]
    whole = agreement_table(pair, segments, **told)
    whole = whole[(whole["scope"] == "overall") & (whole["level"] == "stance")].set_index("coefficient")
    table = agreement_by_background(codings, segments, backgrounds(ann="yes", bo="yes", cy="no"), **told)
    assert tuple(table.columns) == COLUMNS
    for coefficient in ("alpha", "ac1", "raw"):
        row = by_kind(table, "both with", coefficient)
        for name in ("estimate", "lower", "upper", "n_clusters", "n_segments"):
            assert row[name] == pytest.approx(whole.loc[coefficient, name]), (coefficient, name)


def test_mixed_pairs_are_pooled_and_agree_raw_as_their_mean(coded, tiny_framework):
    codings, segments = coded
    said = backgrounds(ann="yes", bo="no", cy="no")
    table = agreement_by_background(codings, segments, said, framework=tiny_framework, corpus_name="c")
    wide = codings.pivot(index="segment_id", columns="coder_id", values="code")
    stance = wide.map(tiny_framework.stance_of)
    raw = np.mean([(stance["ann"] == stance[other]).mean() for other in ("bo", "cy")])
    row = by_kind(table, "one with, one without", "raw")
    assert row["estimate"] == pytest.approx(raw)
    assert (row["n_coders"], row["n_segments"], row["n_documents"]) == (3, 40, 10)


def test_kinds_without_a_pair_say_why(coded, tiny_framework):
    codings, segments = coded
    table = agreement_by_background(
        codings, segments, backgrounds(ann="yes", bo="no"), framework=tiny_framework, corpus_name="c"
    )
    for kind in ("both with", "both without"):
        row = by_kind(table, kind)
        assert np.isnan(row["estimate"])
        assert row["reason"].startswith(f"no two coders ({kind} lived experience")


def test_who_did_not_say_is_in_no_pair(coded, tiny_framework):
    codings, segments = coded
    said = backgrounds(ann="yes", bo="", cy="", di="yes")
    table = agreement_by_background(codings, segments, said, framework=tiny_framework, corpus_name="c")
    assert by_kind(table, "both with")["n_coders"] == 2
    assert by_kind(table, "one with, one without")["n_coders"] == 0


def test_without_the_table_there_are_no_rows_and_nobodys_words_come_along(coded, tiny_framework):
    codings, segments = coded
    told = {"framework": tiny_framework, "corpus_name": "c"}
    assert agreement_by_background(codings, segments, backgrounds(), **told).empty
    said = backgrounds(ann="yes", bo="yes").assign(background="grew up with it")
    table = agreement_by_background(codings, segments, said, **told)
    assert not table.astype(str).apply(lambda column: column.str.contains("grew up")).any(axis=None)
