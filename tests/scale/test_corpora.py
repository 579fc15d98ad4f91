from dataclasses import replace

import pandas as pd
import pytest
from conftest import copy_part

from peercompare.agreement import agreement_table
from peercompare.corpus import open_corpus
from peercompare.drift import Plan, corpus_scores, estimate_table
from peercompare.errors import CorpusError
from peercompare.scale.agreeing import agreement_of, agreement_share
from peercompare.scale.corpora import Seen, Share, forget, shares_of
from peercompare.scale.drifting import Asked, Drifting, drift_of

DAY = {"as_of": "2026-01-31", "policy": "exclude"}
WORKERS = [["W01", "W02", "W03"], ["W05", "C01"], ["W07", "C05"]]


@pytest.fixture(scope="module")
def whole(corpora_folder, tmp_path_factory):
    """A part of the sessions in one folder."""
    folder = tmp_path_factory.mktemp("one") / "sessions"
    names = [name for group in WORKERS for name in group]
    copy_part(corpora_folder / "session_transcripts", folder, column="worker_id", values=names)
    return folder


@pytest.fixture(scope="module")
def parted(corpora_folder, tmp_path_factory):
    """The same documents in three folders."""
    base = tmp_path_factory.mktemp("many")
    for number, names in enumerate(WORKERS):
        copy_part(
            corpora_folder / "session_transcripts", base / f"part{number}", column="worker_id", values=names
        )
    return base


def opened(path, n_shares=4, call="a", **changed):
    shares = shares_of(path, n_shares, call=call, **(DAY | changed))
    return [(share, share.open()) for share in shares]


def test_shares_hold_every_document_once_and_no_text(whole):
    corpus = open_corpus(whole, as_of="2026-01-31")
    for n_shares in (1, 50):
        parts = [part for _, part in opened(whole, n_shares)]
        assert len(parts) == n_shares
        ids = [name for part in parts for name in part.documents["document_id"]]
        assert ids == corpus.documents["document_id"].tolist()
        assert sum(len(part.codings) for part in parts) == len(corpus.codings)
        assert not any("text" in table for part in parts for table in (part.documents, part.segments))


def test_every_worker_asks_for_consent_and_says_what_its_gate_left_out(whole):
    corpus = open_corpus(whole, as_of="2026-01-31")
    parts = opened(whole)
    seen = Seen.together([(share, Seen.of(part)) for share, part in parts])
    left_out = set(corpus.left_out["document_id"])
    assert left_out
    assert {document for document, _ in seen.left_out} == left_out
    assert not left_out & seen.documents
    assert (seen.n_documents, seen.n_segments) == (len(corpus.documents), len(corpus.segments))
    assert f"{len(left_out)} documents excluded by the consent gate" in seen.gate()


def test_a_withdrawal_reaches_the_next_call_of_a_worker_that_went_on(whole):
    (before,) = [part for _, part in opened(whole, 1, call="before")]
    path = whole / "consents.csv"
    kept = path.read_text(encoding="utf-8")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    someone = before.documents["worker_id"].iloc[0]
    table.loc[table["person_id"] == someone, "withdrawn_on"] = "2025-12-01"
    table.to_csv(path, index=False)
    try:
        (after,) = [part for _, part in opened(whole, 1, call="after")]
    finally:
        path.write_text(kept, encoding="utf-8")
        forget()
    assert someone not in set(after.documents["worker_id"])


def test_a_corpus_in_several_folders_is_estimated_as_one(whole, parted):
    corpus = open_corpus(whole, as_of="2026-01-31")
    parts = opened(parted)
    assert [share.where for share, _ in parts] == ["part0", "part1", "part2"]
    seen = Seen.together([(share, Seen.of(part)) for share, part in parts])
    table, _ = agreement_of([agreement_share(part) for _, part in parts], seen)
    told = {"framework": corpus.framework, "corpus_name": corpus.name}
    one = agreement_table(corpus.codings, corpus.segments, **told)
    pd.testing.assert_frame_equal(table, one, check_exact=False, rtol=0, atol=1e-9)


@pytest.mark.parametrize("only", [(), ("site_id", "S1")])
def test_shares_give_the_estimates_of_one_process(whole, parted, only):
    corpus = open_corpus(whole, as_of="2026-01-31")
    scores = corpus_scores(corpus)
    if only:
        scores = scores[scores[only[0]] == only[1]].assign(population=" ".join(only)).reset_index(drop=True)
    plan = Plan.of(corpus, waive=True)
    one = estimate_table(scores, corpus.framework, plan=plan, group_by=["all", "half_year"])
    asked = Asked(by=("all", "half_year"), only=only)
    for path in (whole, parted):
        done = [Drifting(share, asked).run() for share in shares_of(path, 7, call="b", **DAY)]
        seen = replace(done[0][0], n_documents=0)
        table = drift_of([sums for _, sums in done], seen, asked, waive=True)
        pd.testing.assert_frame_equal(table, one, check_exact=False, rtol=0, atol=1e-9)


def test_folders_that_are_not_one_corpus_are_refused(whole, corpora_folder, tmp_path):
    with pytest.raises(CorpusError, match="No corpus at"):
        shares_of(tmp_path, 2, call="c", **DAY)
    ((share, part),) = opened(whole, 1)
    seen, other = Seen.of(part), Share(tmp_path / "other", 0, 1, "", "exclude", "c")
    with pytest.raises(CorpusError, match="stands elsewhere too") as twice:
        Seen.together([(share, seen), (other, seen)])
    assert len(twice.value.problems) == seen.n_documents
    with pytest.raises(CorpusError, match="other: another name than sessions"):
        Seen.together([(share, seen), (other, replace(seen, name="x", documents=frozenset()))])
