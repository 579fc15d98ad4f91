from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from peercompare.agreement import agreement_by_background, agreement_table
from peercompare.agreement.withholding import withheld_agreement
from peercompare.corpus import open_corpus
from peercompare.errors import CodingError
from peercompare.scale.agreeing import agreement_of, agreement_share
from peercompare.scale.corpora import Seen, documents_of

CUTS = {"halves": [10], "uneven": [1, 3, 4, 19], "empty ones": [0, 0, 7, 7, 7, 21, 21], "each": range(1, 21)}


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2026-01-31")


@pytest.fixture(scope="module")
def with_backgrounds(sessions):
    """The same, whose coders said what they bring with them."""
    names = sorted(set(sessions.codings["coder_id"]) - {"gold"})
    said = pd.DataFrame(
        {"coder_id": names, "lived_experience": ["yes", "no", "yes", "no", "yes"][: len(names)]}
    )
    return replace(sessions, coders=said.assign(background=""))


def locally(corpus):
    told = {"framework": corpus.framework, "corpus_name": corpus.name}
    coded = (corpus.codings, corpus.segments)
    table = withheld_agreement(agreement_table(*coded, **told), corpus)
    return table, withheld_agreement(agreement_by_background(*coded, corpus.coders, **told), corpus)


def in_shares(corpus, cuts):
    edges = [0, *cuts, len(corpus.documents)]
    parts = [documents_of(corpus, start, end) for start, end in pairwise(edges)]
    seen = [Seen.of(part) for part in parts]
    whole = replace(seen[0], n_documents=sum(each.n_documents for each in seen))
    return agreement_of([agreement_share(part) for part in parts], whole)


@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("composed", [True, False])
def test_sums_of_shares_give_the_tables_of_the_whole(with_backgrounds, cuts, composed):
    corpus = replace(with_backgrounds, composed=composed)
    for ours, whole in zip(in_shares(corpus, cuts), locally(corpus), strict=True):
        assert len(whole)
        pd.testing.assert_frame_equal(ours, whole, check_exact=False, rtol=0, atol=1e-9)


def test_what_rests_on_few_workers_is_withheld_by_what_all_shares_know(sessions):
    few = sessions.documents["worker_id"].unique()[:4]
    places = sessions.documents["worker_id"].isin(few).to_numpy().nonzero()[0]
    corpus = replace(sessions, composed=False)
    some = [documents_of(corpus, at, at + 1) for at in places]
    seen = replace(Seen.of(some[0]))
    table, _ = agreement_of([agreement_share(part) for part in some], seen)
    assert table["reason"].str.startswith("withheld").all()
    assert table["estimate"].isna().all()


def test_one_coder_in_all_shares_is_refused_as_on_one_machine(sessions):
    ann = sorted(set(sessions.codings["coder_id"]) - {"gold"})[0]
    alone = replace(sessions, codings=sessions.codings[sessions.codings["coder_id"].isin([ann, "gold"])])
    with pytest.raises(CodingError, match="Agreement needs two coders") as ours:
        in_shares(alone, [3, 8])
    with pytest.raises(CodingError) as local:
        locally(alone)
    assert str(ours.value) == str(local.value)


def test_a_share_in_which_one_coder_worked_still_counts(sessions):
    first = sessions.documents["document_id"].iloc[0]
    there = set(sessions.segments.loc[sessions.segments["document_id"] == first, "segment_id"])
    coder = sorted(set(sessions.codings["coder_id"]) - {"gold"})[0]
    gone = sessions.codings["segment_id"].isin(there) & (sessions.codings["coder_id"] != coder)
    corpus = replace(sessions, codings=sessions.codings[~gone])
    ours, whole = in_shares(corpus, [1])[0], locally(corpus)[0]
    pd.testing.assert_frame_equal(ours, whole, check_exact=False, rtol=0, atol=1e-9)
