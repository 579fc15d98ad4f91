"""What fewer than five workers' words stand behind is not told by agreement tables of real people."""

from dataclasses import replace

import pandas as pd
import pytest

from peercompare.agreement import agreement_by_background, agreement_table, disagreement_table
from peercompare.agreement.withholding import withheld_agreement, withheld_disagreement
from peercompare.corpus import open_corpus


@pytest.fixture(scope="module")
def composed(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30")


@pytest.fixture(scope="module")
def real(composed):
    return replace(composed, composed=False)


@pytest.fixture(scope="module")
def tables(composed):
    told = {"framework": composed.framework, "corpus_name": composed.name}
    coded = (composed.codings, composed.segments)
    return agreement_table(*coded, **told), disagreement_table(*coded, **told)


def workers_who(corpus, *, holds):
    """How many workers' words the segments hold for which a test of all codes given them is true."""
    home = corpus.segments.merge(corpus.documents[["document_id", "worker_id"]], on="document_id")
    rows = corpus.codings[corpus.codings["is_primary"] & (corpus.codings["coder_id"] != "gold")]
    given = rows.groupby("segment_id")["code"].agg(set)
    return home[home["segment_id"].map(given).map(lambda codes: isinstance(codes, set) and holds(codes))][
        "worker_id"
    ].nunique()


def test_a_composed_corpus_shows_its_tables_whole(composed, tables):
    agreed, parted = tables
    pd.testing.assert_frame_equal(withheld_agreement(agreed, composed), agreed)
    shown = withheld_disagreement(parted, composed)
    pd.testing.assert_frame_equal(shown.drop(columns="withheld"), parted)
    assert (shown["withheld"] == "").all()


def test_a_code_given_to_few_workers_words_shows_neither_agreement_nor_prevalence(real, tables):
    shown = withheld_agreement(tables[0], real)
    hidden = shown["reason"].str.startswith("withheld")
    assert (
        shown.loc[hidden, ["estimate", "lower", "upper", "prevalence", "p_below_667"]].isna().all(axis=None)
    )
    for code in real.framework.code_ids:
        n_workers = workers_who(real, holds=lambda codes, code=code: code in codes)
        if 0 < n_workers < 5:
            assert hidden[(shown["level"] == "code") & (shown["value"] == code)].all(), code
    assert hidden.any()
    assert not hidden[shown["scope"] == "overall"].any()
    assert list(shown.columns) == list(tables[0].columns)


def test_prevalences_that_add_up_give_no_withheld_one_back(real, tables):
    shown = withheld_agreement(tables[0], real)
    shown = shown[shown["coefficient"] == "alpha"]
    codes = shown[(shown["level"] == "code") & (shown["scope"] == "code")].set_index("value")["prevalence"]
    for level, of in (("dimension", real.framework.dimension_of), ("stance", real.framework.stance_of)):
        sums = shown[(shown["level"] == level) & (shown["scope"] == level)].set_index("value")["prevalence"]
        for total in sums.dropna().index:
            parts = codes[[of(code) == total for code in codes.index]]
            few = list(parts.index[parts.isna()]) if parts.isna().sum() == 1 else []
            for code in few:  # what one sum gives back rests on five workers or more
                assert workers_who(real, holds=lambda codes, code=code: code in codes) >= 5
    dimensions = shown[shown["scope"] == "dimension"]["prevalence"]
    assert dimensions.isna().sum() != 1


def test_partings_on_few_workers_words_are_withheld_and_stand_in_no_telling_order(real, tables):
    shown = withheld_disagreement(tables[1], real)
    hidden = shown["withheld"] != ""
    assert shown.loc[hidden, ["n_pairs", "share", "n_segments", "n_documents"]].isna().all(axis=None)
    assert hidden.any()
    assert not hidden[: hidden.to_numpy().argmax()].any()
    assert hidden[hidden.to_numpy().argmax() :].all()
    for row in shown[~hidden].itertuples():
        assert workers_who(real, holds=lambda codes, row=row: codes == {row.value, row.other_value}) >= 5
    values = ["none", *real.framework.code_ids]
    order = [(values.index(row.value), values.index(row.other_value)) for row in shown[hidden].itertuples()]
    assert order == sorted(order)


def test_of_four_workers_nothing_is_shown(real, tables):
    four = real.documents.assign(worker_id=[f"W{at % 4}" for at in range(len(real.documents))])
    shown = withheld_agreement(tables[0], replace(real, documents=four))
    assert shown["estimate"].isna().all()
    assert shown["reason"].str.startswith("withheld").all()


def test_pairs_of_one_background_that_coded_few_workers_words_are_withheld(real):
    said = pd.DataFrame({"coder_id": ["coder_a", "coder_b"], "lived_experience": ["yes", "no"]})
    home = real.segments.merge(real.documents[["document_id", "worker_id"]], on="document_id")
    three = set(home[home["worker_id"].isin(sorted(home["worker_id"].unique())[:3])]["segment_id"])
    rows = real.codings
    few = rows[(rows["coder_id"] != "coder_b") | rows["segment_id"].isin(three)]
    third = rows[rows["coder_id"] == "coder_b"].assign(coder_id="coder_c")
    corpus = replace(real, codings=pd.concat([few, third], ignore_index=True), coders=said)
    told = {"framework": real.framework, "corpus_name": real.name}
    table = agreement_by_background(corpus.codings, corpus.segments, said, **told)
    shown = withheld_agreement(table, corpus)
    mixed = shown["value"] == "one with, one without"
    assert shown.loc[mixed, "reason"].str.startswith("withheld").all()
    assert shown.loc[mixed, "estimate"].isna().all()
