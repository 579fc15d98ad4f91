"""The command line brings files in and takes results back; what it refuses leaves nothing behind."""

import io
import json
import re
import shutil
import sqlite3
import zipfile

import pandas as pd
import pytest
from openpyxl import load_workbook

from peercompare.cli import main
from peercompare.corpus import open_corpus

NEEDED = ["document_id", "date", "setting", "employer_id"]


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture
def exported(small_study_file, tmp_path):
    """Small postings as a project of another tool, with what such a project does not know."""
    folder = small_study_file.parent / "postings"
    assert run("export", folder, "--out", tmp_path / "project.qdpx") == 0
    documents = pd.read_csv(folder / "documents.csv", dtype="str", keep_default_na=False)
    facts = documents.rename(columns={"document_id": "source"}).drop(columns=["title"])
    facts.to_csv(tmp_path / "facts.csv", index=False)
    return tmp_path / "project.qdpx"


def test_a_second_export_has_the_same_bytes(exported, small_study_file, tmp_path):
    assert run("export", small_study_file.parent / "postings", "--out", tmp_path / "again.qdpx") == 0
    assert (tmp_path / "again.qdpx").read_bytes() == exported.read_bytes()


def test_check_says_how_positions_are_counted(capsys, exported):
    assert run("check", exported) == 0
    assert "a REFI-QDA project" in capsys.readouterr().out


def test_a_convention_is_named_for_all_sources_or_for_each(capsys, exported, tmp_path):
    draft = ["import", exported, "--suggest-map", tmp_path / "map.csv"]
    assert run(*draft, "--convention", "no=such-source=utf8-raw-nobom") == 1
    assert "no=such-source" in capsys.readouterr().err
    assert run(*draft, "--convention", "utf8-raw-nobom", "--convention", "a=utf8-raw-nobom") == 1
    assert "as often as there are sources" in capsys.readouterr().err
    assert not (tmp_path / "map.csv").exists()
    assert run("import", "--convention", "utf8-raw-nobom", *draft[1:]) == 0
    assert "selections verified by quote" in capsys.readouterr().err


def test_a_project_needs_a_reviewed_map(capsys, exported, tmp_path):
    assert run("import", exported, "--out", tmp_path / "corpus") == 1
    assert "--suggest-map" in capsys.readouterr().err
    assert run("import", exported, "--suggest-map", tmp_path / "map.csv") == 0
    words = ["import", exported, "--code-map", tmp_path / "map.csv", "--out", tmp_path / "corpus"]
    assert run(*words, "--facts", tmp_path / "facts.csv") == 1
    assert "by" in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()


def test_a_project_comes_back_as_a_corpus_with_the_same_coders(exported, small_study_file, tmp_path):
    run("import", exported, "--suggest-map", tmp_path / "map.csv")
    table = pd.read_csv(tmp_path / "map.csv", dtype="str", keep_default_na=False).assign(by="a reviewer")
    table.loc[table["our_code"] == "", "our_code"] = "ignore"
    table.to_csv(tmp_path / "map.csv", index=False)
    words = ["import", exported, "--code-map", tmp_path / "map.csv", "--facts", tmp_path / "facts.csv"]
    assert run(*words, "--out", tmp_path / "corpus", "--about", "licence=CC BY 4.0") == 0
    ours, theirs = open_corpus(small_study_file.parent / "postings"), open_corpus(tmp_path / "corpus")
    assert set(theirs.codings["coder_id"]) == set(ours.codings["coder_id"])
    assert len(theirs.documents) == len(ours.documents)


def test_postings_become_a_corpus(capsys, tmp_path):
    folder = tmp_path / "postings"
    folder.mkdir()
    for name in ("one", "two"):
        text = f"Peer Specialist {name}\n\nYou share your own story.\n\n- Write notes\n- Drive people home\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    facts = {"document_id": ["one", "two"], "date": ["2020-01-02", "2021-03-04"], "employer_id": ["E1", "E2"]}
    pd.DataFrame(facts).to_csv(tmp_path / "facts.csv", index=False)
    words = ["import", folder, "--out", tmp_path / "corpus", "--facts", tmp_path / "facts.csv"]
    assert run(*words) == 1
    assert "setting" in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()
    assert run(*words, "--set", "setting=community") == 0
    corpus = open_corpus(tmp_path / "corpus")
    assert set(NEEDED) <= set(corpus.documents.columns)
    assert (corpus.segments["text"] == "- Write notes").any() or (
        corpus.segments["text"] == "Write notes"
    ).any()
    assert run(*words, "--set", "setting=community") == 1
    assert "exists" in capsys.readouterr().err


def test_a_file_taken_for_a_bomb_is_read_as_the_refusal_says(capsys, tmp_path):
    path, draft = tmp_path / "study.zip", ["--suggest-map", tmp_path / "map.csv"]
    row = json.dumps({"id": 1, "text": "We share. " + " " * 2_000_000, "label": [[0, 2, "peer"]]})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann.jsonl", row + "\n")
    assert run("import", path, *draft) == 1
    told = re.search(r"--reading max_bytes=\d+", capsys.readouterr().err).group().split()
    assert run("import", path, *draft, "--reading", "max_bytes=1000") == 1
    assert "the limit is 1,000" in capsys.readouterr().err
    assert run("import", path, *draft, "--reading", "max_bytes=all") == 1
    assert "max_bytes: it is 'all' (a whole number, 1 or more)" in capsys.readouterr().err
    assert not (tmp_path / "map.csv").exists()
    assert run("import", path, *draft, *told) == 0
    assert (tmp_path / "map.csv").exists()


def test_a_constant_that_cannot_be_meant_is_one_fault_and_not_one_for_each_document(capsys, tmp_path):
    folder = tmp_path / "postings"
    folder.mkdir()
    for name in "abcdefg":
        (folder / f"{name}.txt").write_text(f"Guide {name}\n\nWalk along.\n", encoding="utf-8")
    words = ["import", folder, "--out", tmp_path / "corpus", "--set", "date=2024-01-02", "employer_id=E1"]
    assert run(*words, "setting=moon") == 1
    said = capsys.readouterr().err
    assert said.count("unknown setting 'moon'") == 1
    assert "--set: unknown setting" in said
    assert "peer_run" in said
    assert not (tmp_path / "corpus").exists()


def test_a_roster_is_drafted_from_transcripts(tmp_path):
    (tmp_path / "session.txt").write_text("Ann: Hello.\nBob: Hello back.\n", encoding="utf-8")
    words = ["import", tmp_path / "session.txt", "--genre", "session_transcript"]
    assert run(*words, "--suggest-roster", tmp_path / "roster.csv") == 0
    assert set(pd.read_csv(tmp_path / "roster.csv")["label"]) == {"Ann", "Bob"}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "qdpx"])
def test_a_sheet_goes_out_in_the_form_that_the_coder_can_use(corpora_folder, tmp_path, ending):
    words = ["sheet", corpora_folder / "job_descriptions", "--coder", "me", "--key", tmp_path / "key.csv"]
    assert run(*words, "--out", tmp_path / f"sheet.{ending}") == 0
    assert (tmp_path / f"sheet.{ending}").stat().st_size > 1000


def test_export_keeps_what_may_not_be_shared(capsys, corpora_folder, tmp_path):
    words = ["export", corpora_folder / "session_transcripts", "--as-of", "2024-06-30"]
    assert run(*words, "--out", tmp_path / "s.qdpx") == 0
    assert "17 documents without consent to sharing" in capsys.readouterr().out
    assert run(*words, "--out", tmp_path / "convokit") == 0
    assert (tmp_path / "convokit" / "utterances.jsonl").exists()


def test_a_codebook_needs_no_corpus(tmp_path):
    assert run("export", "--out", tmp_path / "codes.qdc") == 0
    assert run("export", "--out", tmp_path / "codes.qdpx") == 1


def test_a_codebook_alone_makes_no_corpus_but_a_draft_of_a_map(capsys, tmp_path):
    run("export", "--out", tmp_path / "codes.qdc")
    assert run("import", tmp_path / "codes.qdc", "--out", tmp_path / "corpus") == 1
    assert "holds no documents" in capsys.readouterr().err
    assert run("import", tmp_path / "codes.qdc", "--suggest-map", tmp_path / "map.csv") == 0


def test_an_ending_of_no_format_is_refused(capsys, small_study_file, tmp_path):
    assert run("export", small_study_file.parent / "postings", "--out", tmp_path / "codings.csv") == 1
    assert "FILE.qdpx" in capsys.readouterr().err
    assert run("import", small_study_file.parent / "postings", "--suggest-map", tmp_path / "map.csv") == 1
    assert "a corpus folder already" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


NOTE = "We share what we know.\nEach person decides.\n"
MORE = "Somebody cleans the rake on Sundays, weighs the hose, and writes the numbers into a list.\n"


@pytest.fixture
def segments(tmp_path):
    """A spreadsheet of coded segments with its documents, as MAXQDA exports it, and the facts about them."""
    (tmp_path / "texts").mkdir()
    for name in ("One", "Two"):
        (tmp_path / "texts" / f"{name}.txt").write_text(f"{name}\n\n{NOTE}{MORE}", encoding="utf-8")
    rows = [("One", "Role > Shared", "what we know"), ("Two", "Role > Shared", "person decides.")]
    table = pd.DataFrame(rows, columns=["Document name", "Code", "Segment"])
    table.assign(Comment="=1+1").to_excel(tmp_path / "segments.xlsx", index=False)
    return ["import", tmp_path / "segments.xlsx", "--mapping", "maxqda", "--documents", tmp_path / "texts"]


def signed(path, code="focus/peer"):
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table.assign(by="me", our_code=code).to_csv(path, index=False)
    return path


def test_a_spreadsheet_of_codings_becomes_a_corpus_step_by_step(capsys, segments, tmp_path):
    assert run(*segments) == 1
    assert "--suggest-map" in capsys.readouterr().err
    assert run(*segments, "--suggest-map", tmp_path / "map.csv") == 0
    assert run(*segments, "--set", "setting=community", "--suggest-facts", tmp_path / "facts.csv") == 0
    facts = pd.read_csv(tmp_path / "facts.csv", dtype="str", keep_default_na=False)
    assert facts["setting"].tolist() == ["community"] * 2
    facts.assign(date="2024-01-02", employer_id=["E1", "E2"]).to_csv(tmp_path / "facts.csv", index=False)
    words = [*segments, "--code-map", signed(tmp_path / "map.csv"), "--facts", tmp_path / "facts.csv"]
    capsys.readouterr()
    assert run(*words, "--out", tmp_path / "corpus") == 0
    told = capsys.readouterr().out
    assert "2 values of employer_id share documents that are alike" in told
    corpus = open_corpus(tmp_path / "corpus")
    assert corpus.codings["memo"].tolist() == ["'=1+1"] * 2
    assert run("export", tmp_path / "corpus", "--out", tmp_path / "back.qdpx") == 0
    assert run("check", tmp_path / "back.qdpx") == 0


def test_what_holds_for_all_documents_needs_no_table(segments, tmp_path):
    run(*segments, "--suggest-map", tmp_path / "map.csv")
    words = [*segments, "--code-map", signed(tmp_path / "map.csv"), "--out", tmp_path / "corpus"]
    same = ["--set", "date=2024-01-02", "setting=community", "employer_id=E1"]
    assert run(*words, *same, "--about", "composed=false", "title=Notes", "--min-share", "0.9") == 0
    corpus = open_corpus(tmp_path / "corpus")
    assert (corpus.composed, corpus.title) == (False, "Notes")
    assert set(corpus.documents["employer_id"]) == {"E1"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--about", "licnce=mine"], "unknown key 'licnce'"),
        (["--about", "composed=perhaps"], "composed is 'perhaps'"),
        (["--min-share", "0"], "min_share"),
        (["--reading", "colour=red"], "colour"),
        (["--set", "date"], "COLUMN=VALUE"),
        (["--set", "setting=moon"], "--set: unknown setting 'moon'"),
        (["--set", "date=3.2.2024"], "--set: date is '3.2.2024', not a day"),
    ],
)
def test_a_word_that_cannot_be_meant_stops_the_import(capsys, segments, tmp_path, more, said):
    assert run(*segments, *more, "--out", tmp_path / "corpus") == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()


def code_it(path, key):
    """Fill a sheet as a coder does in the tool of its form."""
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        table.loc[table["sheet_id"] != "", ["code", "memo"]] = ["none", "=1+1"]
        table.to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        book = load_workbook(path)
        page = book["to code"]
        column = {cell.value: cell.column for cell in page[1]}
        for row in range(2, page.max_row + 1):
            if page.cell(row, column["sheet_id"]).value:
                page.cell(row, column["code"]).value = "none"
                memo = page.cell(row, column["memo"])
                memo.value, memo.data_type = "=1+1", "s"
        book.save(path)
    else:
        code_project(path, set(pd.read_csv(key)["sheet_id"]))


def code_project(path, ids):
    """Give every row of a sheet's project the code for no stance."""
    from dataclasses import replace

    from peercompare.exchange.project import ProjectCoder, Span
    from peercompare.exchange.refi_reader import read_qdpx
    from peercompare.exchange.refi_writer import write_qdpx

    project = read_qdpx(path)
    none = next(code.id for code in project.codes if code.name == "none")
    spans = []
    for document in project.documents:
        for line in document.text.split("\n\n["):
            sheet_id = line.removeprefix("[").split("]")[0]
            if sheet_id in ids:
                words = line.split("] ", 1)[1].strip()
                start = document.text.index(words, document.text.index(sheet_id))
                spans.append(
                    Span(f"s{sheet_id}", document.id, start, start + len(words), none, "c", "=1+1", words)
                )
    write_qdpx(replace(project, coders=(ProjectCoder("c", "Me"),), spans=tuple(spans)), path, force=True)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "qdpx"])
def test_a_sheet_goes_out_is_coded_and_comes_back_by_import(capsys, small_study_file, tmp_path, ending):
    corpus, key = small_study_file.parent / "postings", tmp_path / "key.csv"
    sheet = tmp_path / f"sheet.{ending}"
    assert run("sheet", corpus, "--coder", "me", "--key", key, "--out", sheet) == 0
    back = ["import", sheet, "--key", key, "--coder", "me", "--out", tmp_path / "codings.csv"]
    assert run(*back) == 1
    said = capsys.readouterr().err
    assert "it has no code" in said
    assert f"\nsheet.{ending}: " in said
    assert not (tmp_path / "codings.csv").exists()
    same = ["sheet", sheet, "--read", *back[2:-1], tmp_path / "so_far.csv"]
    assert run(*same) == 1
    assert run(*same, "--unfinished") == 0
    assert pd.read_csv(tmp_path / "so_far.csv").empty
    code_it(sheet, key)
    assert run(*back) == 0
    codings = pd.read_csv(tmp_path / "codings.csv", dtype="str", keep_default_na=False)
    assert len(codings) == len(open_corpus(corpus).segments)
    assert set(codings["code"]) == {"none"}
    assert set(codings["memo"]) == {"'=1+1"}
    assert set(codings["is_primary"]) == {"true"}
    assert run(*back) == 1
    assert "exists already" in capsys.readouterr().err


def test_a_coded_sheet_joins_the_codings_of_its_corpus(capsys, small_study_file, tmp_path):
    corpus, key, sheet = tmp_path / "corpus", tmp_path / "key.csv", tmp_path / "sheet.csv"
    shutil.copytree(small_study_file.parent / "postings", corpus)
    n_before = len(open_corpus(corpus).codings)
    assert run("sheet", corpus, "--coder", "me", "--key", key, "--out", sheet) == 0
    code_it(sheet, key)
    back = ["import", sheet, "--key", key, "--coder", "me", "--into", corpus]
    assert run(*back, "--out", tmp_path / "codings.csv") == 1
    assert "not both" in capsys.readouterr().err
    assert run(*back) == 0
    opened = open_corpus(corpus)
    assert len(opened.codings) == n_before + len(opened.segments)
    assert set(opened.codings.loc[opened.codings["coder_id"] == "me", "code"]) == {"none"}
    assert run(*back) == 1
    assert "me has coded it already" in capsys.readouterr().err
    assert run("import", sheet, "--into", corpus) == 1
    assert "--key and --coder must be given" in capsys.readouterr().err
    assert len(open_corpus(corpus).codings) == len(opened.codings)


def test_a_sheet_that_cannot_be_written_leaves_no_key_behind(capsys, small_study_file, tmp_path):
    key, sheet = tmp_path / "key.csv", tmp_path / "sheet.doc"
    assert (
        run("sheet", small_study_file.parent / "postings", "--coder", "me", "--key", key, "--out", sheet) == 1
    )
    assert ".qdpx" in capsys.readouterr().err
    assert not key.exists()


def test_a_table_that_may_hold_codings_is_told_how_it_comes_in(capsys, tmp_path):
    (tmp_path / "sheet.csv").write_text("sheet_id,code\nR1,none\n")
    assert run("import", tmp_path / "sheet.csv", "--out", tmp_path / "corpus") == 1
    said = capsys.readouterr().err
    assert "--key" in said
    assert "--mapping maxqda" in said


def test_a_sheet_cannot_come_back_without_its_coder_and_a_place(capsys, tmp_path):
    (tmp_path / "sheet.csv").write_text("a\n")
    assert run("import", tmp_path / "sheet.csv", "--key", tmp_path / "sheet.csv") == 1
    assert "--coder and --out" in capsys.readouterr().err


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_jsonl", ".jsonl"), data)
    return buffer.getvalue()


def label_studio(start, end):
    value = {"start": start, "end": end, "labels": ["a"]}
    region = {"id": "r", "type": "labels", "value": value}
    return json.dumps([{"id": 1, "data": {"text": NOTE}, "annotations": [{"result": [region]}]}]).encode()


def doccano(label, text=NOTE):
    return json.dumps({"id": 1, "text": text, "label": [label]}).encode()


OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB = zipped(ann_jsonl=b"0" * 4 * 2**20)
BAD = {
    "an archive cut short": ("d.zip", zipped(ann_jsonl=doccano([0, 2, "a"]))[:90], "doccano", "d.zip"),
    "an archive that is a bomb": ("d.zip", BOMB, "doccano", "ann.jsonl"),
    "a path out of the archive": ("d.zip", zipped(**{"..__ann_jsonl": b"{}"}), "doccano", "../ann.jsonl"),
    "XML cut short": ("a.xmi", b"<?xml version='1.0'?><xmi:XMI xmlns:xmi='http://x'>", "inception", "a.xmi"),
    "an entity bomb": ("a.xmi", b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>", "", "a.xmi"),
    "JSON cut short": ("a.json", label_studio(0, 2)[:-9], "label-studio", "a.json"),
    "a start after the end": ("a.json", label_studio(9, 3), "", "task 1, region r"),
    "a selection past the text": ("a.jsonl", doccano([0, 999, "a"]), "", "line 1"),
    "a table of unknown encoding": ("t.csv", b"document,content,tag\nOne,\xe9t\xe9,a\n", "segments", "t.csv"),
    "an encrypted spreadsheet": (
        "t.xlsx", OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), "segments", "is encrypted",
    ),
    "a spreadsheet that is a bomb": ("t.xlsx", BOMB, "segments", "zip bomb"),
    "an annotation of unknown encoding": ("a.ann", b"T1\tPeer 0 2\t\xff\n", "", "a.ann"),
    "a database cut short": ("t.sqlite3", b"SQLite format 3\x00" + b"\x00" * 84, "taguette", "t.sqlite3"),
    "an empty file": ("a.json", b"", "label-studio", "a.json"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD)
def test_bad_input_is_one_clear_error_with_its_place_and_nothing_is_written(capsys, tmp_path, fault):
    name, data, tool, place = BAD[fault]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "a.txt").write_text(NOTE)
    (tmp_path / "TypeSystem.xml").write_text("<typeSystemDescription/>")
    (tmp_path / "map.csv").write_text("their_code,our_code,by,why\na,none,me,\n")
    before = sorted(each.name for each in tmp_path.iterdir())
    words = ["import", tmp_path / name, "--code-map", tmp_path / "map.csv", "--out", tmp_path / "corpus"]
    words += ["--tool", tool] if tool else []
    words += ["--mapping", "taguette", "--documents", tmp_path] if tool == "segments" else []
    assert run(*words) == 1
    said = capsys.readouterr().err
    assert place in said
    assert "Traceback" not in said
    assert "We share" not in said
    assert sorted(each.name for each in tmp_path.iterdir()) == before


def test_a_highlight_that_starts_after_its_end_is_refused_with_its_row(capsys, tmp_path):
    with sqlite3.connect(tmp_path / "t.sqlite3") as db:
        db.executescript(
            """CREATE TABLE projects (id, name, description); INSERT INTO projects VALUES (1, 'S', '');
            CREATE TABLE documents (id, name, description, project_id, contents);
            INSERT INTO documents VALUES (1, 'One', '', 1, '<p>We share.</p>');
            CREATE TABLE highlights (id, document_id, start_offset, end_offset, snippet);
            INSERT INTO highlights VALUES (1, 1, 5, 2, 'x'), (2, 1, 0, 999, 'x');
            CREATE TABLE tags (id, project_id, path, description);
            CREATE TABLE highlight_tags (highlight_id, tag_id);
            CREATE TABLE commands (id, user_login, project_id, payload);"""
        )
    db.close()
    assert run("import", tmp_path / "t.sqlite3", "--suggest-map", tmp_path / "map.csv") == 1
    said = capsys.readouterr().err
    assert "table highlights, id 1" in said
    assert "table highlights, id 2" in said
    assert not (tmp_path / "map.csv").exists()


def test_export_blacks_out_what_may_not_be_shared_where_asked(capsys, corpora_folder, tmp_path):
    source = corpora_folder / "session_transcripts"
    words = ["export", source, "--as-of", "2024-06-30", "--policy"]
    assert run(*words, "raise", "--out", tmp_path / "stopped.qdpx") == 1
    assert not (tmp_path / "stopped.qdpx").exists()
    assert run(*words, "redact", "--out", tmp_path / "whole.qdpx") == 0
    assert "60 documents" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "whole.qdpx") as archive:
        texts = [archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith(".txt")]
    refused = open_corpus(source, purpose=("analysis", "sharing"), as_of="2024-06-30").left_out
    assert sum("\u2588" in text for text in texts) == refused["document_id"].nunique()
