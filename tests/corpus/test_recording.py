"""What is done with a corpus of real people is in its audit log, and what cannot be recorded is not done."""

import pytest

from peercompare.cli import main
from peercompare.corpus import open_corpus, register
from peercompare.errors import ConsentError
from peercompare.safekeeping.access_log import ACCESS_LOG, verify_log


@pytest.fixture
def real(folder, monkeypatch):
    """The two sessions as if real people spoke in them; C1 (P3) does not agree to be quoted, P1 withdrew."""
    monkeypatch.delenv("PEERCOMPARE_ACCESS_LOG", raising=False)
    monkeypatch.setenv("PEERCOMPARE_USER", "ann")
    folder.manifest["composed"] = False
    folder.change("consents.csv", 4, purposes="analysis training")
    return folder.write()


def entries(folder):
    return verify_log(folder.path / ACCESS_LOG).entries


def test_an_opening_is_recorded_with_its_purpose_its_documents_and_what_was_left_out(real):
    real.change("consents.csv", 1, withdrawn_on="2023-12-01").write()
    real.open(purpose=["analysis", "training"])
    (entry,) = entries(real)
    kept = {key: entry[key] for key in ("who", "corpus", "did", "purposes", "as_of", "policy", "outcome")}
    assert kept == {
        "who": "ann", "corpus": "two_sessions", "did": "open", "purposes": ["analysis", "training"],
        "as_of": "2024-01-31", "policy": "exclude", "outcome": "allowed",
    }  # fmt: skip
    assert entry["documents"] == {"n": 1, "ids": ["D2"]}
    assert entry["reasons"] == {"analysis: withdrawn": 1, "training: withdrawn": 1}


def test_a_refused_opening_is_recorded_too(real):
    real.change("consents.csv", 1, withdrawn_on="2023-12-01").write()
    with pytest.raises(ConsentError, match="Consent is lacking"):
        real.open(policy="raise")
    (entry,) = entries(real)
    assert (entry["outcome"], entry["reasons"]) == ("refused", {"analysis: withdrawn": 1})


def test_each_call_for_quotations_is_one_entry_and_a_refused_one_too(real):
    corpus = real.open()
    corpus.quote(["D1:1", "D1:2"])
    with pytest.raises(ConsentError):
        corpus.quote(["D1:1", "D2:1"])
    _, given, refused = entries(real)
    assert (given["did"], given["outcome"], given["documents"]["ids"]) == ("quote", "allowed", ["D1"])
    assert (refused["did"], refused["outcome"]) == ("quote", "refused")
    assert refused["reasons"] == {"quotation: segments not covered": 1}


def test_a_question_for_another_purpose_is_recorded_once(real):
    corpus = real.open()
    for _ in range(3):
        assert corpus.quotable.sum() == 2
        corpus.permits("analysis")  # what it was opened for
    _, asked = entries(real)
    assert (asked["did"], asked["purposes"], asked["documents"]["ids"]) == ("ask", ["quotation"], ["D1"])
    assert asked["reasons"] == {"quotation: purpose not covered": 1}
    corpus.permits("quotation", when="2024-02-01")
    assert len(entries(real)) == 3


def test_the_log_holds_nobodys_words_and_nobodys_id(real):
    corpus = real.open(policy="redact")
    corpus.quote(["D1:1"])
    with pytest.raises(ConsentError):
        corpus.quote(["D2:1"])
    text = (real.path / ACCESS_LOG).read_text(encoding="utf-8")
    assert not [word for word in ("first", "sleep", "Badly", "V1", "P1", "V2", "P2", "P3") if word in text]


def test_where_the_log_cannot_be_written_nothing_is_opened(real):
    (real.path / ACCESS_LOG).mkdir()
    with pytest.raises(ConsentError, match=r"cannot be written .*\n.*PEERCOMPARE_ACCESS_LOG"):
        real.open()


def test_where_the_log_stops_being_writable_nothing_is_quoted(real):
    corpus = real.open()
    (real.path / ACCESS_LOG).unlink()
    (real.path / ACCESS_LOG).mkdir()
    with pytest.raises(ConsentError, match="cannot be written"):
        corpus.quote(["D1:1"])


def test_the_environment_can_name_another_place_for_the_log(real, tmp_path, monkeypatch):
    monkeypatch.setenv("PEERCOMPARE_ACCESS_LOG", str(tmp_path / "log.jsonl"))
    before = real.bytes()
    real.open()
    assert real.bytes() == before
    assert verify_log(tmp_path / "log.jsonl").entries[0]["corpus"] == "two_sessions"


def test_a_composed_corpus_stays_as_it_is_unless_it_has_a_log(folder):
    folder.write()
    before = folder.bytes()
    folder.open().quote(["D1:1"])
    assert folder.bytes() == before
    (folder.path / ACCESS_LOG).touch()
    folder.open()
    assert [entry["did"] for entry in entries(folder)] == ["open"]


def test_the_log_needs_no_hash_and_does_not_change_what_a_corpus_is(real):
    first = real.open().sha256
    register(real.path)
    assert ACCESS_LOG not in (real.path / "corpus.toml").read_text(encoding="utf-8")
    assert real.open().sha256 == first


def test_a_corpus_of_which_a_change_was_broken_off_is_whole_when_it_is_opened(real, monkeypatch):
    from peercompare.safekeeping import journal
    from peercompare.safekeeping.transactions import exclusive

    text = "A2: How did you dream?\nB1: Badly.\nC1: He did.\n"
    with exclusive(real.path) as change, monkeypatch.context() as patch:
        patch.setattr(journal, "finish", lambda *_: None)  # killed at the moment of decision
        change.replace({"texts/D2.txt": text.encode()})
    with pytest.raises(Exception, match="changed since its hash"):
        real.open()
    assert (real.path / "texts/D2.txt").read_text(encoding="utf-8") == text
    register(real.path)
    assert open_corpus(real.path, as_of="2024-01-31").documents["text"].iloc[1] == text


def run(capsys, *words):
    status = main(["consent", "log", *map(str, words)])
    return status, *capsys.readouterr()


def test_the_command_line_shows_the_log_its_head_and_that_it_should_be_noted(real, capsys):
    real.open().quote(["D1:1"])
    status, out, err = run(capsys, real.path)
    head = entries(real)[-1]["hash"]
    assert status == 0
    assert "ann open for analysis as of 2024-01-31 (exclude) allowed: 2 documents" in out
    assert f"Head: {head}" in out
    assert "Note this head" in err
    status, out, _ = run(capsys, real.path, "--verify", "--head", head)
    assert (status, "2 entries, a whole chain" in out, "ann open" in out) == (0, True, False)


def test_the_command_line_names_the_broken_entry_of_a_tampered_log(real, capsys):
    real.open().quote(["D1:1"])
    log = real.path / ACCESS_LOG
    head = entries(real)[-1]["hash"]
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b'"ann"', b'"eve"', 1))
    status, _, err = run(capsys, real.path, "--verify")
    assert status == 1
    assert "line 1: the entry was changed" in err
    log.write_bytes(whole.split(b"\n")[0] + b"\n")
    assert run(capsys, real.path, "--verify")[0] == 0
    status, _, err = run(capsys, real.path, "--head", head)
    assert (status, "entries were cut off" in err) == (1, True)


def test_without_a_log_the_command_line_could_not_run(folder, capsys, tmp_path):
    status, _, err = run(capsys, folder.write().path)
    assert (status, "has no audit log" in err) == (2, True)
    assert run(capsys, tmp_path / "absent")[0] == 2


def test_what_is_handed_on_is_recorded_as_shared(real, tmp_path):
    from peercompare.exchange.from_corpus import corpus_to_project
    from peercompare.readers.convokit import write_convokit

    real.change("consents.csv", 4, purposes="analysis sharing")
    for row in range(4):
        real.change("consents.csv", row, purposes="analysis sharing")
    corpus = real.write().open(purpose=["analysis", "sharing"])
    corpus_to_project(corpus)
    write_convokit(corpus, tmp_path / "dump")
    _, project, dump = entries(real)
    assert [project["did"], dump["did"]] == ["share", "share"]
    assert project["documents"]["ids"] == dump["documents"]["ids"] == ["D1", "D2"]
