"""Every fault that a corpus may have: one clear error with file, row and remedy, and no change on disk."""

import pytest

from peercompare.corpus import open_corpus, register
from peercompare.errors import ConsentError, CorpusError


def refused(folder, *, error=CorpusError, **how):
    """Open a faulty folder; return the error after making sure that the disk is as it was."""
    before = folder.bytes()
    with pytest.raises(error) as caught:
        folder.open(**how)
    assert folder.bytes() == before
    return caught.value


def only_problem(error):
    """The one problem of an error, as text."""
    (problem,) = error.problems
    return str(problem)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("documents.csv", "speakers"), ("documents.csv", "worker_id"), ("segments.csv", "end"),
        ("codings.csv", "tags"), ("consents.csv", "withdrawn_on"),
    ],
)  # fmt: skip
def test_a_missing_column_is_named(folder, table, column):
    text = only_problem(refused(folder.without_column(table, column).write()))
    assert text.startswith(f"{table}, row 1: the column '{column}' is missing")


@pytest.mark.parametrize(
    ("table", "name"), [("documents.csv", "D2"), ("segments.csv", "D2:1"), ("consents.csv", "P3")]
)
def test_a_duplicate_id_is_named_with_its_second_row(folder, table, name):
    folder.append(table)
    text = only_problem(refused(folder.write()))
    row = len(folder.tables[table]) + 1
    assert text.startswith(f"{table}, row {row} ({name}):")
    assert "twice" in text


def test_a_segment_past_its_text_is_named_with_the_length_of_the_text(folder):
    text = only_problem(refused(folder.change("segments.csv", 1, end="61").write()))
    assert "segments.csv, row 3 (D1:2)" in text
    assert "it ends at 61, past its text of 60 code points" in text


def test_a_segment_past_the_text_of_a_public_note_is_named(garden, tiny_framework):
    garden.change("segments.csv", 1, end="999").write()
    with pytest.raises(CorpusError, match=r"segments.csv, row 3 \(N2:1\).*past its text of 24 code points"):
        open_corpus(garden.path, framework=tiny_framework)


def test_overlapping_segments_are_named(folder):
    folder.change("segments.csv", 0, start="4", end="10").change("segments.csv", 1, position="3")
    folder.append(
        "segments.csv", segment_id="D1:9", document_id="D1", position="2", start="9", end="17", speaker="A1"
    )
    assert "row 5 (D1:9): it overlaps D1:1, which ends at 10" in only_problem(refused(folder.write()))


def notes_of_six_segments(garden, tiny_framework, **slip):
    """Problems of a note of six touching segments of which the second has a slip."""
    garden.texts["N1"] = "Notice\n" + "I weigh beans. " * 6
    rows = [
        {"segment_id": f"N1:{n}", "document_id": "N1", "position": n, "start": 15 * n - 8, "end": 15 * n + 6}
        for n in range(1, 7)
    ]
    rows[1] |= slip
    garden.tables["segments.csv"] = [*rows, garden.tables["segments.csv"][1]]
    garden.write()
    with pytest.raises(CorpusError) as caught:
        open_corpus(garden.path, framework=tiny_framework)
    return caught.value


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ({"end": "3600"}, r"it ends at 3600, past its text"),
        ({"end": "88"}, r"it ends at 88 and overlaps 4 others, from N1:3 to N1:6"),
        ({"start": "2"}, r"it stands before N1:1 in the text and after it by position"),
        ({"end": "20"}, r"it ends at 20 and starts at 22"),
    ],
)
def test_one_slip_in_an_offset_is_one_fault(garden, tiny_framework, slip, words):
    text = only_problem(notes_of_six_segments(garden, tiny_framework, **slip))
    assert text.startswith("segments.csv, row 3 (N1:2): " + words)


def test_a_worker_who_does_not_speak_in_the_session_is_named(folder):
    folder.change("documents.csv", 1, worker_id="V7")
    text = only_problem(refused(folder.write()))
    assert text.startswith("documents.csv, row 3 (D2): worker_id is 'V7', who is nobody in")


def test_coded_words_of_somebody_else_than_the_worker_are_named(folder):
    folder.append(
        "segments.csv", segment_id="D2:2", document_id="D2", position="2", start="27", end="33", speaker="B1"
    )
    assert len(folder.write().open().segments) == 4
    folder.append("codings.csv", segment_id="D2:2", code="none")
    text = only_problem(refused(folder.write()))
    assert "segments.csv, row 5 (D2:2): it is coded, and 'B1' is not the worker 'V2'" in text


def test_every_refusal_says_what_to_do(folder):
    folder.change("consents.csv", 0, withdrawn_on="2022-01-01").write()
    assert "What to do: mend consents.csv" in str(refused(folder, error=ConsentError))
    manifest = folder.path / "corpus.toml"
    text = manifest.read_text(encoding="utf-8")
    for damaged in (text.replace("licence", "lisence"), "name = "):
        manifest.write_text(damaged, encoding="utf-8")
        assert "What to do: mend" in str(refused(folder))


def test_an_empty_segment_and_one_out_of_order_are_named(folder):
    error = refused(folder.change("segments.csv", 0, start="8", end="8", position="3").write())
    words = [str(each) for each in error.problems]
    assert any("it ends at 8 and starts at 8" in each for each in words)
    assert any("row 3 (D1:2)" in each or "row 2 (D1:1)" in each for each in words)


def test_a_segment_of_no_document_or_in_nobodys_turn_is_named(folder):
    folder.append("segments.csv", segment_id="X:1", document_id="X", start="0", end="1")
    folder.change("segments.csv", 1, start="22", speaker="B1")
    words = " ".join(map(str, refused(folder.write()).problems))
    assert "row 5 (X:1): no document 'X'" in words
    assert "row 3 (D1:2): it does not lie inside one turn" in words


def test_a_segment_with_somebody_elses_name_is_named(folder):
    text = only_problem(refused(folder.change("segments.csv", 2, speaker="B1").write()))
    assert "its speaker is 'B1' and the turn is of 'A2'" in text


def test_all_unknown_codes_are_named_at_once(folder):
    folder.change("codings.csv", 0, code="focus/clinicl").change("codings.csv", 2, code="nothing")
    error = refused(folder.write())
    assert [str(each).split(":")[0] for each in error.problems] == [
        "codings.csv, row 2 (D1",
        "codings.csv, row 4 (D2",
    ]
    assert "'focus/clinicl'" in str(error)


def test_unknown_tags_and_a_bad_truth_value_are_named(folder):
    words = str(refused(folder.change("codings.csv", 0, tags="limit odd", is_primary="yes").write()))
    assert "unknown tag" in words
    assert "unknown value of is_primary 'yes'" in words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"code": "meaning/peer"}, "coder ann has 2 primary codes there"),
        ({"is_primary": "false"}, "the coder gives the same code twice"),
        ({"segment_id": "D9:9"}, "segments.csv has no such segment"),
    ],
)
def test_a_coder_named_twice_on_a_segment_or_on_none_is_named(folder, row, words):
    assert words in only_problem(refused(folder.append("codings.csv", **row).write()))


def test_further_codes_without_a_primary_one_or_too_many_are_named(folder):
    folder.change("codings.csv", 0, is_primary="false")
    for code in ("meaning/peer", "choice/peer", "focus/peer"):
        folder.append("codings.csv", code=code, is_primary="false")
    words = [str(each) for each in refused(folder.write()).problems]
    assert "no primary one" in words[0]
    assert "has 3 further codes" in words[1]


def test_an_absent_text_is_named(folder):
    folder.write()
    (folder.path / "texts" / "D2.txt").unlink()
    assert "texts/D2.txt: the file is absent" in only_problem(refused(folder))


def test_a_document_without_a_registered_text_is_named(folder):
    del folder.texts["D2"]
    assert "documents.csv, row 3 (D2): texts/D2.txt is absent" in only_problem(refused(folder.write()))


def test_a_text_of_no_document_is_named(folder):
    folder.texts["D3"] = "B1: Hello.\n"
    assert "texts/D3.txt: no document has this text" in only_problem(refused(folder.write()))


def test_a_text_that_is_not_utf8_is_named_with_the_byte(folder):
    folder.texts["D2"] = folder.texts["D2"].encode() + "é".encode("latin-1")
    text = only_problem(refused(folder.write()))
    assert text.startswith("texts/D2.txt: byte 47 is not UTF-8")


def test_an_empty_text_is_named(folder):
    folder.texts["D2"] = " \n"
    folder.tables["segments.csv"].pop()
    folder.tables["codings.csv"].pop()
    assert "texts/D2.txt: the text is empty" in only_problem(refused(folder.write()))


def test_a_file_that_changed_since_its_hash_is_named_with_the_way_to_register_it(folder):
    folder.write()
    with (folder.path / "texts" / "D1.txt").open("ab") as stream:
        stream.write(b"x")
    (folder.path / "notes.txt").write_text("new", encoding="utf-8")
    error = refused(folder)
    assert [each.where for each in error.problems] == ["notes.txt", "texts/D1.txt"]
    assert f"`peercompare check --register {folder.path}`" in str(error)


def test_consents_may_change_without_a_new_hash(folder):
    folder.write()
    with (folder.path / "consents.csv").open("ab") as stream:
        stream.write(b"")
    table = folder.path / "consents.csv"
    table.write_bytes(table.read_bytes().replace(b"P3,analysis", b"P3,sharing"))
    assert folder.open().left_out["person_id"].tolist() == ["P3"]


def test_a_consent_row_for_nobody_is_named(folder):
    text = only_problem(refused(folder.append("consents.csv", person_id="P9").write(), error=ConsentError))
    assert text.startswith("consents.csv, row 7 (P9): no document names this person")


@pytest.mark.parametrize("column", ["expires_on", "withdrawn_on"])
def test_a_consent_that_ends_before_it_begins_is_named(folder, column):
    folder.change("consents.csv", 2, **{column: "2022-12-31"})
    text = only_problem(refused(folder.write(), error=ConsentError))
    assert f"consents.csv, row 4 (V2): {column} 2022-12-31 is before granted_on 2023-01-01" in text


def test_unknown_purposes_and_age_groups_are_named(folder):
    folder.change("consents.csv", 0, purposes="analysis fun").change("consents.csv", 1, age_group="teen")
    words = str(refused(folder.write()))
    assert "consents.csv, row 2 (V1): unknown purpose" in words
    assert "consents.csv, row 3 (P1): unknown age group" in words


def test_a_label_that_maps_to_no_person_is_named_by_its_line(folder):
    folder.texts["D2"] += "Z9: Me too.\n"
    assert "texts/D2.txt, line 4: the label 'Z9' maps to no person" in only_problem(refused(folder.write()))


def test_words_before_the_first_label_are_named_by_their_line(folder):
    folder.texts["D2"] = "So she hit me\n" + folder.texts["D2"]
    folder.change("segments.csv", 2, start="18", end="36")
    error = refused(folder.write())
    assert "texts/D2.txt, line 1: words without a speaker's label" in only_problem(error)
    assert "hit me" not in str(error)


def test_a_word_that_somebody_said_is_not_shown_as_a_label(folder):
    folder.texts["D2"] += "Secretly: I left.\n"
    error = refused(folder.write())
    assert "line 4: a label maps to no person" in str(error)
    assert "Secretly" not in str(error)


def test_sentences_in_the_wrong_cell_are_not_shown(folder):
    words = "he never told anybody about it"
    error = refused(
        folder.change("codings.csv", 0, code=words).change("documents.csv", 0, date=words).write()
    )
    assert words not in str(error)
    assert "a text of 30 characters" in str(error)


def test_bad_speaker_pairs_are_named(folder):
    for cell in ("", "A1", "A1=V1 A1=P1", "A1="):
        folder.change("documents.csv", 0, speakers=cell)
        assert "speakers does not pair every label" in only_problem(refused(folder.write()))


def test_a_corpus_without_documents_is_refused(folder):
    for table in ("documents.csv", "segments.csv", "codings.csv", "consents.csv"):
        folder.empty(table)
    folder.texts = {}
    error = refused(folder.write())
    assert "is an empty corpus" in str(error)
    assert "documents.csv" in str(error)


@pytest.mark.parametrize("day", ["2023-02-30", "1 May 2023", "", "2023-5-1"])
def test_a_bad_date_is_named(folder, day):
    text = only_problem(refused(folder.change("documents.csv", 1, date=day).write()))
    assert text.startswith("documents.csv, row 3 (D2): date is")
    assert "YYYY-MM-DD" in text


def test_a_misspelt_key_of_the_manifest_is_named_with_the_one_meant(folder):
    folder.write()
    path = folder.path / "corpus.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("licence", "lisence"), encoding="utf-8")
    words = [str(each) for each in refused(folder).problems]
    assert words[0] == "corpus.toml: unknown key 'lisence' (did you mean licence?)"
    assert "the key licence is missing" in words[1]


def test_all_faults_of_the_manifest_come_at_once(folder):
    folder.manifest |= {"composed": "yes", "title": " "}
    del folder.manifest["citation"]
    words = " ".join(map(str, refused(folder.write()).problems))
    assert "composed is 'yes' (it must be a true or false)" in words
    assert "title is empty" in words
    assert "the key citation is missing" in words


def test_a_manifest_that_is_no_toml_and_a_folder_that_is_none_are_refused(folder, tmp_path):
    folder.write()
    (folder.path / "corpus.toml").write_text("name = ", encoding="utf-8")
    assert "cannot be read as TOML" in str(refused(folder))
    with pytest.raises(CorpusError, match="No corpus folder"):
        open_corpus(tmp_path / "nowhere")


def test_an_unknown_genre_setting_or_cluster_is_named(folder):
    assert "no genre 'sermon'" in only_problem(refused(folder_with(folder, genre="sermon").write()))
    folder_with(folder, genre="session_transcript").change("documents.csv", 0, setting="moon")
    assert "unknown setting 'moon'" in only_problem(refused(folder.write()))
    folder_with(folder, cluster="team_id").change("documents.csv", 0, setting="community")
    assert "the column 'team_id' is missing" in only_problem(refused(folder.write()))


def folder_with(folder, **manifest):
    folder.manifest |= manifest
    return folder


def test_faults_of_several_tables_come_at_once(folder):
    folder.change("documents.csv", 0, date="x").change("codings.csv", 0, code="x").change(
        "segments.csv", 0, start="-1"
    )
    assert [each.where.split(",")[0] for each in refused(folder.write()).problems] == [
        "documents.csv", "segments.csv", "codings.csv",
    ]  # fmt: skip


def test_more_faults_than_five_are_counted(folder):
    for number in range(7):
        folder.append("codings.csv", segment_id=f"X:{number}")
    error = refused(folder.write())
    assert len(error.problems) == 7
    assert "and 2 more (7 in all)" in str(error)


def test_ragged_rows_doubled_columns_and_a_missing_header_are_named(folder):
    folder.write()
    path = folder.path / "segments.csv"
    sound = path.read_text(encoding="utf-8")
    for content, words in [
        (sound + "a,b\n", "segments.csv, row 5: 2 cells where the header has 6"),
        (sound.replace("position", "start", 1), "the column 'start' stands there more than once"),
        ("", "the file has no header row"),
        ('a,"b"c\n', "the file is not CSV"),
    ]:
        path.write_text(content, encoding="utf-8")
        register(folder.path)
        assert words in only_problem(refused(folder))


def test_a_table_without_its_header_shows_nobodys_words(folder):
    folder.write()
    path = folder.path / "codings.csv"
    sound = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "she told me of the river,ann,none,true,tag,it was cold\n" + "".join(sound[1:]), encoding="utf-8"
    )
    register(folder.path)
    said = str(refused(folder))
    assert "the column 'segment_id' is missing" in said
    assert "river" not in said
    twice = "she told me of the river," * 2
    path.write_text(twice + "c,d,e,f\n" + "".join(sound[1:]), encoding="utf-8")
    register(folder.path)
    assert "river" not in str(refused(folder))


def test_markers_and_role_types_that_lead_nowhere_are_named(garden, tiny_framework):
    garden.append("markers.csv", document_id="N2").append("role_types.csv", document_id="N9")
    garden.append("role_types.csv", document_id="N2", role_type="king")
    garden.write()
    with pytest.raises(CorpusError, match="unknown role type 'king'"):
        open_corpus(garden.path, framework=tiny_framework)
    garden.tables["role_types.csv"].pop()
    garden.write()
    with pytest.raises(CorpusError) as caught:
        open_corpus(garden.path, framework=tiny_framework)
    words = [str(each) for each in caught.value.problems]
    assert words[0].startswith("role_types.csv, row 3 (N9): documents.csv has no such document")
    assert words[1].startswith("markers.csv, row 3 (N2): 'N1:1' is no segment of it")


@pytest.mark.parametrize("line", ["B1:Mine too.", " B1: Mine too.", " b1: Mine too.", "B1 : Mine too."])
def test_a_turn_that_would_pass_for_somebody_elses_is_named(folder, line):
    folder.texts["D2"] += f"{line}\n"
    text = only_problem(refused(folder.write()))
    assert text.startswith("texts/D2.txt, line 4: this looks like a turn of a known speaker")
    assert "Mine" not in text


def test_a_line_end_that_hides_a_turn_is_named(folder):
    folder.texts["D2"] = folder.texts["D2"].replace("\nC1", "\rC1")
    assert any("line 2: this looks like a turn" in str(each) for each in refused(folder.write()).problems)


def test_sessions_without_consent_records_are_refused(folder):
    del folder.tables["consents.csv"]
    text = only_problem(refused(folder.write()))
    assert text == "consents.csv: the file is absent, and people speak in the texts (add it)"


def test_a_column_of_speakers_brings_the_gate_into_any_genre(garden, tiny_framework):
    garden.headers["documents.csv"].append("speakers")
    garden.change("documents.csv", 0, speakers="A1=V1").change("documents.csv", 1, speakers="A1=V1")
    garden.write()
    with pytest.raises(CorpusError) as caught:
        open_corpus(garden.path, framework=tiny_framework)
    words = str(caught.value)
    assert "the column 'worker_id' is missing" in words
    assert "consents.csv: the file is absent" in words


def test_blank_lines_at_the_end_of_a_table_are_no_fault(folder):
    folder.write()
    with (folder.path / "segments.csv").open("ab") as stream:
        stream.write(b"\n\n")
    register(folder.path)
    assert len(folder.open().segments) == 3


def test_a_file_whose_name_needs_quoting_is_registered(folder):
    folder.write()
    (folder.path / 'notes "old".md').write_text("x", encoding="utf-8")
    register(folder.path)
    assert len(folder.open().documents) == 2


def test_segments_may_touch_and_may_not_lie_inside_an_earlier_one(garden, tiny_framework):
    garden.change("segments.csv", 0, end="15")
    garden.append("segments.csv", segment_id="N1:2", document_id="N1", position="2", start="15", end="20")
    garden.append("segments.csv", segment_id="N1:3", document_id="N1", position="3", start="20", end="28")
    garden.write()
    assert len(open_corpus(garden.path, framework=tiny_framework).segments) == 4
    garden.change("segments.csv", 0, end="28").write()
    with pytest.raises(CorpusError) as caught:
        open_corpus(garden.path, framework=tiny_framework)
    words = "row 2 (N1:1): it ends at 28 and overlaps 2 others, from N1:2 to N1:3"
    assert words in only_problem(caught.value)
