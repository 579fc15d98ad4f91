"""Words go only where everybody agreed to sharing on both days, and nothing else forbids it."""

from datetime import date

import pandas as pd
import pytest
from canaries import AS_OF, write_corpus

from peercompare.corpus import open_corpus
from peercompare.errors import ConsentError
from peercompare.packing.sharing import BLACKED_OUT, PROTECTED, SINCE, handed_on

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
DAY = date.fromisoformat(AS_OF)
PAIR = {"D11", "D12"}


def change_records(path, records):
    """Put cells into single people's records."""
    table = (
        pd.read_csv(path, dtype="str", keep_default_na=False).set_index("person_id").assign(restrictions="")
    )
    for person, cells in records.items():
        for column, cell in cells.items():
            table.loc[person, column] = cell
    table.reset_index().to_csv(path, index=False)


def asked(folder, *, lacking=None, policy="exclude", day=DAY, obeyed=(), **records):
    write_corpus(folder / "corpus", CODES, lacking=lacking)
    change_records(folder / "corpus" / "consents.csv", records)
    corpus = open_corpus(folder / "corpus", as_of=AS_OF, policy=policy)
    return handed_on(corpus, day=day, obeyed=obeyed)


def test_where_everybody_agreed_everything_goes(tmp_path):
    handed = asked(tmp_path)
    assert handed.whole
    assert handed.rows
    assert len(handed.words) == 16


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({"expires_on": "2024-12-31"}, "sharing: expired"),
        ({"restrictions": "DUO:0000026"}, "sharing: restricted by DUO:0000026"),
        ({"restrictions": "DUO:0000024"}, "restricted by DUO:0000024, which no program can see to"),
        ({"age_group": "minor", "guardian_consent": "2021-01-01", "assent": "2021-01-01"}, PROTECTED),
        ({"legal_standing": "jail", "extra_review": "2021-01-01"}, PROTECTED),
    ],
)
def test_each_reason_holds_the_documents_of_that_person_back(tmp_path, records, reason):
    handed = asked(tmp_path, P1=records, day=date(2026, 1, 1))
    assert set(handed.held_back) == PAIR
    assert handed.reasons == {reason: 2}
    assert not PAIR & set(handed.words)


def test_who_did_not_agree_to_sharing_is_held_back(tmp_path):
    assert asked(tmp_path, lacking={"W1": "sharing"}).reasons == {"sharing: purpose not covered": 2}


def test_who_withdrew_since_is_held_back_whatever_day_is_named(tmp_path):
    assert asked(tmp_path, W1={"withdrawn_on": "2025-01-01"}).reasons == {SINCE: 2}


def test_a_term_that_somebody_sees_to_holds_nothing_back_and_no_restriction_is_none(tmp_path):
    records = {"P1": {"restrictions": "DUO:0000046"}, "P2": {"restrictions": "DUO:0000004"}}
    assert asked(tmp_path, obeyed=["DUO:0000046"], **records).whole


def test_an_unknown_term_is_refused(tmp_path):
    with pytest.raises(ConsentError, match="DUO:99"):
        asked(tmp_path, obeyed=["DUO:99"])


def test_blacked_out_documents_stay(tmp_path):
    handed = asked(tmp_path, lacking={"P1": "analysis"}, policy="redact")
    assert handed.reasons == {BLACKED_OUT: 2}


def test_rows_of_real_people_go_only_where_nothing_is_held_back(composed_study, real_study):
    (composed,) = composed_study.open_corpora().values()
    (real,) = real_study.open_corpora().values()
    assert handed_on(composed, day=DAY).rows
    assert not handed_on(real, day=DAY).rows


def test_public_postings_go_whole(corpora_folder):
    postings = open_corpus(corpora_folder / "job_descriptions")
    handed = handed_on(postings, day=DAY)
    assert (handed.whole, handed.rows, len(handed.words)) == (True, True, 63)
