"""Consent records that come into a corpus folder."""

import pandas as pd
import pytest

from peercompare.consent.record import ConsentRecord
from peercompare.corpus.enrolling import Enrolled, add_consents, consent_faults, consents_of
from peercompare.errors import ConsentError, CorpusError

WHOLE = {
    "role": "participant", "purposes": "analysis", "granted_on": "2023-02-01", "form_version": "1",
    "obtained": "written", "language": "en", "age_group": "adult", "legal_standing": "free",
}  # fmt: skip


def record(person_id, **cells):
    return ConsentRecord(person_id=person_id, **WHOLE | cells)


def test_records_of_people_who_speak_are_added_and_the_corpus_opens(folder):
    folder.tables["consents.csv"].pop()
    folder.write()
    before = folder.bytes()
    assert set(folder.open().left_out["person_id"]) == {"P3"}
    enrolled = add_consents(folder.path, [record("P3"), record("Z99")])
    assert enrolled == Enrolled(n_new=1, n_known=0, n_elsewhere=1)
    assert folder.open().left_out.empty
    after = folder.bytes()
    assert {name for name in before if before[name] != after[name]} == {"consents.csv"}
    assert consents_of(folder.path)["person_id"].tolist() == ["V1", "P1", "V2", "P2", "P3"]


def test_what_stands_there_already_is_not_added_again(folder):
    folder.tables["consents.csv"].pop()
    folder.write()
    add_consents(folder.path, [record("P3")])
    before = (folder.path / "consents.csv").read_bytes()
    assert add_consents(folder.path, [record("P3")]) == Enrolled(0, 1, 0)
    assert (folder.path / "consents.csv").read_bytes() == before


def test_a_persons_row_is_never_overwritten(folder):
    before = folder.write().bytes()
    with pytest.raises(ConsentError, match="never overwritten"):
        add_consents(folder.path, [record("P3", purposes="sharing")])
    assert folder.bytes() == before


def test_records_go_into_a_corpus_that_has_none_yet(folder):
    del folder.tables["consents.csv"]
    folder.write()
    add_consents(folder.path, [record(each) for each in ("V1", "P1", "V2", "P2", "P3")])
    assert len(folder.open().segments) == 3


def test_the_check_names_what_the_gate_would_refuse_and_who_has_no_record(folder):
    folder.change("consents.csv", 1, legal_standing="jail").tables["consents.csv"].pop()
    folder.append("consents.csv", person_id="P9")
    faults = [str(each) for each in consent_faults(folder.write().path)]
    assert any("row 3 (P1): somebody who is not free, without extra review" in each for each in faults)
    assert any("P3 speaks and has no record" in each for each in faults)
    assert any("row 6: no document names this person" in each for each in faults)


def test_the_shipped_sessions_have_one_record_that_lacks_a_review_and_one_person_without(corpora_folder):
    faults = [str(each) for each in consent_faults(corpora_folder / "session_transcripts")]
    assert len(faults) == 2
    assert "(S1-P14): somebody who is not free, without extra review" in faults[0]
    assert "speaks and has no record" in faults[1]


def test_a_folder_without_a_table_that_can_be_read_is_refused(folder, tmp_path):
    with pytest.raises(CorpusError):
        add_consents(tmp_path, [])
    (folder.write().path / "consents.csv").write_bytes(b"person_id\nP1,x\n")
    with pytest.raises(ConsentError, match="cannot be read"):
        consents_of(folder.path)


def test_a_corpus_in_which_nobody_speaks_has_nothing_to_check(garden):
    assert consents_of(garden.write().path).equals(pd.DataFrame())
