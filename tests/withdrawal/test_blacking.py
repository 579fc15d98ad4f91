"""The corpus side: turns blacked out, segments gone, everything else byte for byte as it was."""

from datetime import date

import pandas as pd
import pytest

from peercompare.corpus import open_corpus, register
from peercompare.corpus.turns import REDACTED
from peercompare.errors import ConsentError
from peercompare.withdrawal.blacking import corpus_change, read_contents, record_change, traces_of

DAY = date(2024, 7, 1)


def write(folder, changes):
    for name, data in changes.items():
        (folder / name).write_bytes(data)


def consents(folder, **cells):
    """Change the record of W02."""
    table = pd.read_csv(folder / "consents.csv", dtype=str, keep_default_na=False)
    for name, value in cells.items():
        table.loc[table["person_id"] == "W02", name] = value
    table.to_csv(folder / "consents.csv", index=False)


def test_only_the_record_of_the_person_changes(sessions):
    before = (sessions / "consents.csv").read_text().splitlines()
    change = record_change(read_contents(sessions), "W02", DAY)
    after = change["consents.csv"].decode().splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    assert changed[0].startswith("W02,")
    assert ",2024-07-01," in changed[0]


def test_a_second_withdrawal_changes_nothing(sessions):
    write(sessions, record_change(read_contents(sessions), "W02", DAY))
    assert record_change(read_contents(sessions), "W02", date(2024, 8, 1)) == {}


def test_of_several_versions_the_one_in_force_ends(sessions):
    table = pd.read_csv(sessions / "consents.csv", dtype=str, keep_default_na=False)
    mine = table[table["person_id"] == "W02"]
    later = mine.assign(granted_on="2024-01-01", form_version="2024-1")
    ended = table["person_id"].eq("W02")
    table.loc[ended, "expires_on"] = "2023-12-31"
    pd.concat([table, later]).to_csv(sessions / "consents.csv", index=False)
    write(sessions, record_change(read_contents(sessions), "W02", DAY))
    rows = pd.read_csv(sessions / "consents.csv", dtype=str, keep_default_na=False)
    assert rows.loc[rows["person_id"] == "W02", "withdrawn_on"].tolist() == ["", "2024-07-01"]


def test_a_withdrawal_before_the_grant_is_refused(sessions):
    with pytest.raises(ConsentError, match=r"(?s)W02 cannot withdraw on 2020-01-01.*which is after that day"):
        record_change(read_contents(sessions), "W02", date(2020, 1, 1))


def test_who_agreed_anew_after_that_day_is_not_withdrawn_by_mistake(sessions):
    table = pd.read_csv(sessions / "consents.csv", dtype=str, keep_default_na=False)
    anew = table[table["person_id"] == "W02"].assign(granted_on="2024-09-01")
    table.loc[table["person_id"] == "W02", "expires_on"] = "2024-08-01"
    pd.concat([table, anew]).to_csv(sessions / "consents.csv", index=False)
    with pytest.raises(ConsentError, match="agreed anew on 2024-09-01"):
        record_change(read_contents(sessions), "W02", DAY)


def test_an_unknown_person_is_refused_with_the_remedy(sessions):
    with pytest.raises(ConsentError, match=r"(?s)Nobody in .* 'W99'.*two ids, withdraw each"):
        traces_of(read_contents(sessions), "W99", sessions)


def test_nobody_withdraws_from_a_corpus_in_which_nobody_speaks(corpora_folder):
    folder = corpora_folder / "job_descriptions"
    with pytest.raises(ConsentError, match="Nobody speaks"):
        traces_of(read_contents(folder), "E01", folder)


def test_the_words_leave_and_every_other_offset_stays(sessions):
    before = open_corpus(sessions, as_of="2024-06-30", policy="redact")
    contents = read_contents(sessions)
    traces = traces_of(contents, "W02", sessions)
    write(sessions, corpus_change(contents, "W02", traces, removed_on=DAY, why="consent_withdrawn"))
    after = open_corpus(sessions, as_of="2024-06-30", policy="redact")
    others = before.segments[~before.segments["segment_id"].isin(traces.segment_ids)]
    pd.testing.assert_frame_equal(after.segments, others.reset_index(drop=True))
    assert not set(after.codings["segment_id"]) & traces.segment_ids
    for document in traces.documents:
        old = before.documents.set_index("document_id")["text"][document]
        new = after.documents.set_index("document_id")["text"][document]
        assert len(old) == len(new)
        assert REDACTED in new
        for line_before, line_after in zip(old.splitlines(), new.splitlines(), strict=True):
            if line_before.startswith("W02: "):
                assert set(line_after.removeprefix("W02: ")) == {REDACTED}
            else:
                assert line_before == line_after


def test_what_was_removed_is_counted_without_person_and_words(sessions):
    contents = read_contents(sessions)
    traces = traces_of(contents, "W02", sessions)
    change = corpus_change(contents, "W02", traces, removed_on=DAY, why="law_requires")
    rows = change["removals.csv"].decode().splitlines()
    assert rows[0] == "removal_id,document_id,removed_on,n_turns,n_segments,why"
    assert all(row.startswith("R0001,ST0") and row.endswith(",law_requires") for row in rows[1:])
    assert "W02" not in change["removals.csv"].decode()
    assert sum(int(row.split(",")[4]) for row in rows[1:]) == len(traces.segment_ids)


def test_a_second_removal_is_numbered_on_and_a_repeated_one_does_nothing(sessions):
    for person in ("W02", "C01"):
        contents = read_contents(sessions)
        traces = traces_of(contents, person, sessions)
        write(sessions, corpus_change(contents, person, traces, removed_on=DAY, why="consent_withdrawn"))
    ids = {row.split(",")[0] for row in (sessions / "removals.csv").read_text().splitlines()[1:]}
    assert ids == {"R0001", "R0002"}
    contents = read_contents(sessions)
    traces = traces_of(contents, "W02", sessions)
    assert corpus_change(contents, "W02", traces, removed_on=DAY, why="consent_withdrawn") == {}


def test_contests_and_markers_of_the_words_go_too(sessions):
    segments = pd.read_csv(sessions / "segments.csv", dtype=str)
    mine = segments.loc[segments["speaker"] == "W02", "segment_id"].iloc[0]
    other = segments.loc[segments["speaker"] != "W02", "segment_id"].iloc[0]
    document = segments.loc[segments["segment_id"] == mine, "document_id"].iloc[0]
    contests = (
        "segment_id,worker_id,reason,proposed_code,contested_on\n"
        f"{mine},W02,I meant it otherwise,none,2024-06-01\n{other},C01,no,none,2024-06-01\n"
    )
    markers = (
        "document_id,coder_id,marker,finding,segment_ids\n"
        f"{document},gold,m,present,{mine}\n"
        f"{document},coder_a,m,present,{mine} {other}\n"
        f"{document},b,m,excluded,\n"
    )
    contents = {**read_contents(sessions), "contests.csv": contests.encode(), "markers.csv": markers.encode()}
    traces = traces_of(contents, "W02", sessions)
    assert traces.n_contests == 1
    change = corpus_change(contents, "W02", traces, removed_on=DAY, why="consent_withdrawn")
    assert change["contests.csv"].decode().splitlines()[1:] == [f"{other},C01,no,none,2024-06-01"]
    assert [row.split(",")[1:] for row in change["markers.csv"].decode().splitlines()[1:]] == [
        ["coder_a", "m", "present", other],
        ["b", "m", "excluded", ""],
    ]


def test_a_participant_without_segments_is_blacked_out_too(sessions):
    documents = pd.read_csv(sessions / "documents.csv", dtype=str)
    person = documents["speakers"].iloc[0].split()[1].split("=")[1]
    contents = read_contents(sessions)
    traces = traces_of(contents, person, sessions)
    assert traces.documents
    assert not traces.segment_ids
    write(sessions, corpus_change(contents, person, traces, removed_on=DAY, why="consent_withdrawn"))
    register_again = (sessions / "corpus.toml").read_bytes()
    register(sessions)
    assert (sessions / "corpus.toml").read_bytes() == register_again
