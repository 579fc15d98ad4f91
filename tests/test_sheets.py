import dataclasses

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peercompare.corpus import open_corpus
from peercompare.errors import CodingError
from peercompare.files import write_table
from peercompare.sheets import CONTEXT, TO_CODE, coding_sheet, guarded, read_coding_sheet, unguarded


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30", policy="redact")


@pytest.fixture(scope="module")
def postings(corpora_folder):
    return open_corpus(corpora_folder / "job_descriptions")


@pytest.fixture(scope="module")
def given_out(sessions):
    return coding_sheet(sessions, seed=4, coder_id="ann")


@pytest.fixture(scope="module")
def few(sessions):
    """Three sessions, so that a test of faults is quick to read."""
    keep = sessions.documents["document_id"].isin(["ST001", "ST002", "ST023"])
    documents = sessions.documents[keep].reset_index(drop=True)
    segments = sessions.segments[sessions.segments["document_id"].isin(documents["document_id"])]
    return dataclasses.replace(sessions, documents=documents, segments=segments.reset_index(drop=True))


@pytest.fixture
def coded(few, deegan):
    """A sheet on which every row is coded none, and its key."""
    sheet, key = coding_sheet(few, seed=4, coder_id="ann")
    sheet.loc[sheet["status"] == TO_CODE, "code"] = deegan.none.id
    return sheet, key


def rows_to_code(sheet):
    return sheet.index[sheet["status"] == TO_CODE]


def refused(sheet, key, framework, **how):
    with pytest.raises(CodingError) as caught:
        read_coding_sheet(sheet, key, **{"coder_id": "ann", "framework": framework, **how})
    return [str(each) for each in caught.value.problems]


def test_a_sheet_shows_every_segment_once_and_nothing_that_names_anybody(given_out, sessions):
    sheet, key = given_out
    assert (sheet["status"] == TO_CODE).sum() == len(key) == len(sessions.segments)
    cells = sheet.drop(columns="text").to_numpy().ravel().tolist()
    for column in ("document_id", "worker_id", "site_id"):
        assert not set(cells) & set(sessions.documents[column])
    assert not set(cells) & set(sessions.segments["segment_id"])
    assert set(sheet["speaker"].str.split().str[0]) == {"Speaker"}
    assert not set(key["sheet_id"]) & set(sessions.segments["segment_id"])


def test_the_turns_of_others_are_shown_as_context_and_redacted_ones_as_such(given_out):
    sheet, _ = given_out
    context = sheet[sheet["status"] == CONTEXT]
    assert (context["sheet_id"] == "").all()
    assert len(context) > 1000
    assert (context["text"] == "[redacted]").sum() > 50
    assert not sheet["text"].str.contains("\u2588").any()


def test_the_letter_of_a_speaker_does_not_tell_who_works_there_or_as_what(given_out, sessions):
    sheet, key = given_out
    segment_of = dict(zip(key["sheet_id"], key["segment_id"], strict=True))
    home = sessions.segments.set_index("segment_id")["document_id"]
    role = sessions.documents.set_index("document_id")["worker_role"]
    to_code = sheet[sheet["status"] == TO_CODE]
    roles = to_code["sheet_id"].map(segment_of).map(home).map(role)
    letters = to_code.assign(role=roles).drop_duplicates("document").groupby(["role", "speaker"]).size()
    for each in ("peer", "clinician"):
        assert letters[each, "Speaker A"] > 1
        assert letters[each, "Speaker B"] > 1


def test_documents_stay_whole_and_in_the_order_of_their_text(given_out, sessions):
    sheet, key = given_out
    segment_of = dict(zip(key["sheet_id"], key["segment_id"], strict=True))
    to_code = sheet[sheet["status"] == TO_CODE].assign(
        segment_id=lambda rows: rows["sheet_id"].map(segment_of)
    )
    place = {segment: at for at, segment in enumerate(sessions.segments["segment_id"])}
    for _, rows in to_code.groupby("document"):
        places = rows["segment_id"].map(place).tolist()
        assert places == list(range(places[0], places[0] + len(places)))
    assert sheet["document"].tolist() == sorted(sheet["document"])


def test_a_title_is_shown_nowhere(postings):
    sheet, key = coding_sheet(postings, seed=1, coder_id="ann")
    assert len(sheet) == len(key) == len(postings.segments)
    assert not set(sheet["text"]) & set(postings.documents["title"])


def test_lines_that_no_segment_covers_are_context_but_the_title_is_not(postings):
    fewer = dataclasses.replace(postings, segments=postings.segments.iloc[1:40])
    sheet, _ = coding_sheet(fewer, seed=1, coder_id="ann")
    context = sheet.loc[sheet["status"] == CONTEXT, "text"]
    assert len(context) > 1000
    assert not set(context) & set(postings.documents["title"])


def test_seed_and_coder_fix_the_order(few):
    first = coding_sheet(few, seed=4, coder_id="ann")
    again = coding_sheet(few, seed=4, coder_id="ann")
    other = coding_sheet(few, seed=4, coder_id="bob")
    pd.testing.assert_frame_equal(first[0], again[0])
    pd.testing.assert_frame_equal(first[1], again[1])
    assert not set(first[1]["sheet_id"]) & set(other[1]["sheet_id"])
    orders = {tuple(coding_sheet(few, seed=seed, coder_id="ann")[0]["text"]) for seed in range(20)}
    assert len(orders) > 2


@pytest.mark.parametrize("like", ["gold", "coder_a"])
def test_a_full_round_trip_gives_the_codings_back(sessions, deegan, tmp_path, like):
    sheet, key = coding_sheet(sessions, seed=9, coder_id="zoe")
    given_codes = sessions.codings[sessions.codings["coder_id"] == like]
    filled = fill(sheet, key, given_codes)
    write_table(filled, tmp_path / "sheet.csv")
    write_table(key, tmp_path / "key.csv")
    codings = read_coding_sheet(
        tmp_path / "sheet.csv", tmp_path / "key.csv", coder_id="zoe", framework=deegan
    )
    kept = ["segment_id", "code", "is_primary", "tags"]
    order = ["segment_id", "is_primary", "code"]
    expected = given_codes[kept].sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(codings[kept].sort_values(order, ignore_index=True), expected)
    memos = given_codes[given_codes["is_primary"]].set_index("segment_id")["memo"].str.strip()
    assert codings[codings["is_primary"]].set_index("segment_id")["memo"].to_dict() == memos.to_dict()
    assert (codings["coder_id"] == "zoe").all()


def fill(sheet, key, codings):
    """Return the sheet as a coder would give it back who codes as `codings` do."""
    segment_of = dict(zip(key["sheet_id"], key["segment_id"], strict=True))
    primary = codings[codings["is_primary"]].set_index("segment_id")
    further = codings[~codings["is_primary"]].groupby("segment_id")["code"].agg("; ".join)
    filled = sheet.copy()
    segments = filled["sheet_id"].map(segment_of)
    for column in ("code", "tags", "memo"):
        filled[column] = segments.map(primary[column]).fillna("")
    filled["further_codes"] = segments.map(further).fillna("")
    return filled


def test_a_sheet_may_come_back_with_semicolons_a_mark_and_other_blanks(coded, deegan, tmp_path):
    sheet, key = coded
    changed = sheet.assign(text=sheet["text"].str.replace(" ", "  "), code=" " + sheet["code"] + " ")
    changed.to_csv(tmp_path / "sheet.csv", index=False, sep=";", encoding="utf-8-sig", lineterminator="\r\n")
    codings = read_coding_sheet(tmp_path / "sheet.csv", key, coder_id="ann", framework=deegan)
    assert len(codings) == len(key)
    assert (codings["code"] == deegan.none.id).all()


def test_the_order_of_rows_does_not_matter(coded, deegan):
    sheet, key = coded
    shuffled = sheet.sample(frac=1, random_state=1)
    codings = read_coding_sheet(shuffled, key, coder_id="ann", framework=deegan)
    assert codings["segment_id"].tolist() == key["segment_id"].tolist()


def test_all_faults_of_a_sheet_come_at_once_with_their_rows(coded, deegan):
    sheet, key = coded
    rows = rows_to_code(sheet)
    context = sheet.index[sheet["status"] == CONTEXT][0]
    sheet.loc[rows[0], "code"] = "focus/clinicl"
    sheet.loc[rows[1], "tags"] = "limit odd"
    sheet.loc[rows[2], "further_codes"] = "focus/peer focus/overlap choice/peer"
    sheet.loc[rows[3], "code"] = ""
    sheet.loc[rows[4], ["code", "further_codes"]] = ["focus/peer", "focus/peer"]
    sheet.loc[rows[5], "text"] = "something else"
    sheet.loc[rows[6], ["code", "further_codes"]] = ["", "focus/peer"]
    sheet.loc[rows[7], "sheet_id"] = "Rffffffffff"
    sheet.loc[context, "code"] = "none"
    words = "\n".join(refused(sheet, key, deegan))
    at = {row: f"sheet, row {row + 2} ({sheet['sheet_id'][row]})" for row in rows}
    for fault in (
        f"{at[rows[0]]}: unknown code 'focus/clinicl' (did you mean focus/clinical?)",
        f"{at[rows[1]]}: unknown tag 'odd'",
        f"{at[rows[2]]}: 3 further codes (give 2 at most)",
        f"{at[rows[3]]}: it has no code (write none",
        f"{at[rows[4]]}: the same code stands there twice",
        f"{at[rows[5]]}: the text was changed",
        f"{at[rows[6]]}: it has further codes or tags and no code",
        f"row {rows[7] + 2} (Rffffffffff): the key has no such sheet_id",
        f"row {context + 2}: this row is context and was coded",
        "is missing (give back every row)",
    ):
        assert fault in words
    assert "something else" not in words


def test_rows_given_back_twice_or_not_at_all_are_named(coded, deegan):
    sheet, key = coded
    rows = rows_to_code(sheet)
    twice = pd.concat([sheet.drop(index=rows[0]), sheet.loc[[rows[1]]]], ignore_index=True)
    gone, doubled = sheet["sheet_id"][rows[0]], sheet["sheet_id"][rows[1]]
    assert refused(twice, key, deegan) == [
        f"sheet, row {len(twice) + 1} ({doubled}): the sheet_id stands there twice (keep one of the rows)",
        f"sheet: the row {gone} is missing (give back every row)",
    ]


def test_an_unfinished_sheet_is_taken_only_where_that_is_said(coded, deegan):
    sheet, key = coded
    sheet.loc[rows_to_code(sheet)[:3], "code"] = ""
    assert len(refused(sheet, key, deegan)) == 3
    codings = read_coding_sheet(sheet, key, coder_id="ann", framework=deegan, unfinished=True)
    assert len(codings) == len(key) - 3


def test_a_key_of_another_coder_or_sheet_is_refused(coded, few, deegan):
    sheet, key = coded
    assert "it was made for 'ann'" in refused(sheet, key, deegan, coder_id="bob")[-1]
    _, other = coding_sheet(few, seed=5, coder_id="ann")
    assert any("the key has no such sheet_id" in each for each in refused(sheet, other, deegan))
    assert "the column 'code' is missing" in refused(sheet.drop(columns="code"), key, deegan)[0]


def test_a_sheet_that_is_not_utf8_or_is_empty_is_refused(coded, deegan, tmp_path):
    _, key = coded
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"sheet_id,text\nR1,\xe9\n")
    with pytest.raises(CodingError, match="CSV UTF-8"):
        read_coding_sheet(path, key, coder_id="ann", framework=deegan)
    path.write_bytes(b"")
    with pytest.raises(CodingError, match="is empty"):
        read_coding_sheet(path, key, coder_id="ann", framework=deegan)
    path.write_bytes(b"a,b\n1,2,3\n")
    with pytest.raises(CodingError, match="row 2: more cells than columns"):
        read_coding_sheet(path, key, coder_id="ann", framework=deegan)


def test_a_corpus_without_segments_or_a_coder_without_a_name_is_refused(few):
    with pytest.raises(CodingError, match="no segment to code"):
        coding_sheet(dataclasses.replace(few, segments=few.segments.iloc[:0]), seed=1, coder_id="ann")
    with pytest.raises(CodingError, match="no coder_id"):
        coding_sheet(few, seed=1, coder_id="ann b")


def test_no_cell_of_a_sheet_starts_a_formula(few):
    words = ["=HYPERLINK(1)", "+1", "-- well", "@x", "\uff1d1", "'tis", "fine"]
    texts = [(words + few.segments["text"].tolist())[at] for at in range(len(few.segments))]
    sheet, _ = coding_sheet(
        dataclasses.replace(few, segments=few.segments.assign(text=texts)), seed=1, coder_id="ann"
    )
    assert {f"'{each}" for each in words[:-1]} <= set(sheet["text"])
    assert "fine" in set(sheet["text"])
    assert not sheet["text"].str.startswith(("=", "+", "-", "@", "\uff1d")).any()


@given(st.text())
def test_guarding_can_always_be_undone(cell):
    assert unguarded(guarded(cell)) == cell


@given(st.text(" \n\u00a0", max_size=3), st.sampled_from("=+-@\t\r＝＋－＠"), st.text())
def test_nothing_that_a_spreadsheet_runs_stays_unguarded(blanks, first, rest):
    assert guarded(blanks + first + rest).startswith("'")


@pytest.mark.parametrize("coder", ["gold", "Gold"])
def test_gold_is_no_coder_and_gets_no_sheet(few, coder):
    with pytest.raises(CodingError, match=r"(?s)settled between coders.*codings\.csv with coder_id gold"):
        coding_sheet(few, seed=1, coder_id=coder)


def test_a_sheet_of_some_segments_shows_the_rest_of_their_documents_as_context(few):
    chosen = few.segments["segment_id"][few.segments["document_id"] != "ST002"].iloc[[0, 3, -1]].tolist()
    sheet, key = coding_sheet(few, seed=4, coder_id="ann", only=chosen)
    assert key["segment_id"].tolist() == chosen
    words = dict(zip(few.segments["segment_id"], few.segments["text"], strict=True))
    shown = sheet.loc[sheet["status"] == TO_CODE, "text"].map(unguarded)
    assert sorted(shown) == sorted(words[each] for each in chosen)
    context = set(sheet.loc[sheet["status"] == CONTEXT, "text"].map(unguarded))
    assert {words[each] for each in words if each not in chosen and not each.startswith("ST002")} <= context
    assert not set(few.segments["text"][few.segments["document_id"] == "ST002"]) & set(
        sheet["text"].map(unguarded)
    ) - set(few.segments["text"][few.segments["document_id"] != "ST002"])


def test_segments_that_consent_leaves_out_are_not_put_on_a_sheet(few):
    with pytest.raises(CodingError, match="ST999:001"):
        coding_sheet(few, seed=4, coder_id="ann", only=["ST999:001", few.segments["segment_id"].iloc[0]])
    with pytest.raises(CodingError, match="cannot be shown"):
        coding_sheet(few, seed=4, coder_id="ann", only=[])
