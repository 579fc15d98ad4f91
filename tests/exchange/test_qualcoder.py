"""Projects are built with the statements by which QualCoder itself creates its tables."""

import os
import sqlite3

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.project import UNKNOWN_CODER, code_paths
from peercompare.exchange.qualcoder import read_qualcoder

SCHEMA = """
CREATE TABLE project (databaseversion text, date text, memo text, about text, bookmarkfile integer,
 bookmarkpos integer, codername text, recently_used_codes text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text,
 owner text, date text, av_text_id integer, risid integer, unique(name));
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer, width integer,
 height integer, cid integer, memo text, date text, owner text, important integer, pdf_page integer);
CREATE TABLE code_av (avid integer primary key, id integer, pos0 integer, pos1 integer, cid
 integer, memo text,
 date text, owner text, important integer);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer, memo text,
 owner text, date text, unique(fid,pos0,pos1,owner));
CREATE TABLE attribute_type (name text primary key, date text, owner text, memo text, caseOrFile text,
 valuetype text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer,
 date text, owner text, unique(name,attr_type,id));
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer,
 owner text, date text, memo text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text,
 constraint ucm unique(name));
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text,
 supercatid integer, unique(name));
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer,
 pos1 integer, owner text, date text, memo text, avid integer, important integer,
 unique(cid,fid,pos0,pos1,owner));
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text,
 color text, supercid integer, unique(name));
CREATE TABLE journal (jid integer primary key, name text, jentry text, date text, owner text, unique(name));
"""
TEXT = "Hello 😀 there.\nWe share what we know, as peers do.\n"


@pytest.fixture
def project(tmp_path):
    """Make a project of rows by table, and return its folder."""

    def make(codings=(), *, sources=((1, "A.txt", TEXT),), more=""):
        folder = tmp_path / "study.qda"
        folder.mkdir(exist_ok=True)
        with sqlite3.connect(folder / "data.qda") as db:
            db.executescript(SCHEMA)
            db.execute("INSERT INTO project (memo) VALUES ('About us')")
            db.executemany("INSERT INTO source (id, name, fulltext) VALUES (?, ?, ?)", sources)
            db.executescript(
                "INSERT INTO code_cat (catid, name) VALUES (1, 'Roles');"
                "INSERT INTO code_cat (catid, name, supercatid) VALUES (2, 'Peer roles', 1);"
                "INSERT INTO code_name (cid, name, memo, catid, color) VALUES"
                " (1, 'Sharing', 'gives and takes', 2, '#ff0000');"
                "INSERT INTO code_name (cid, name, supercid) VALUES (2, 'Small talk', 1);"
            )
            db.executemany(
                "INSERT INTO code_text (cid, fid, seltext, pos0, pos1, owner, memo, important)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                codings,
            )
            db.executescript(more)
        db.close()
        return folder

    return make


def coded(words, code=1, owner="ann", memo="", source=1, text=TEXT, important=None):
    start = text.index(words)
    return (code, source, words, start, start + len(words), owner, memo, important)


def test_codings_keep_their_words_coder_code_and_memo(project):
    rows = [coded("We share", memo="clear"), coded("as peers", owner="bo"), coded("Hello", 2)]
    found = read_qualcoder(project(rows))
    assert [(each.quote, each.coder_id, each.code_id, each.memo) for each in found.spans] == [
        ("Hello", "coder ann", "code 2", ""),
        ("We share", "coder ann", "code 1", "clear"),
        ("as peers", "coder bo", "code 1", ""),
    ]
    assert [coder.name for coder in found.coders] == ["ann", "bo"]
    assert found.memo == "About us"
    assert found.name == "study"


def test_the_tree_of_codes_has_categories_as_folders_and_codes_below_codes(project):
    found = read_qualcoder(project())
    assert list(code_paths(found.codes).values()) == [
        "Roles",
        "Roles > Peer roles",
        "Roles > Peer roles > Sharing",
        "Roles > Peer roles > Sharing > Small talk",
    ]
    assert [code.is_codable for code in found.codes] == [False, False, True, True]
    assert found.codes[2].description == "gives and takes"
    assert found.codes[2].colour == "#ff0000"


def test_positions_in_utf16_after_an_emoji_are_told_by_the_words(project):
    rows = [
        (code, fid, words, start + 1, end + 1, owner, memo, important)
        for code, fid, words, start, end, owner, memo, important in [coded("We share"), coded("as peers")]
    ]
    found = read_qualcoder(project(rows))
    assert [each.quote for each in found.spans] == ["We share", "as peers"]
    assert found.calibrations[0].convention.startswith("utf16")


def test_positions_that_no_words_settle_are_refused_until_named(project):
    start = TEXT.index("We share")
    folder = project([(1, 1, "", start, start + 8, "ann", "", None)])
    with pytest.raises(ExchangeError, match="nothing was written") as caught:
        read_qualcoder(folder)
    assert "ctid 1" in str(caught.value)
    found = read_qualcoder(folder, convention={"A.txt": "codepoint-raw-nobom"})
    assert found.spans[0].quote == "We share"


def test_attributes_of_files_and_of_their_cases_are_metadata(project):
    more = """
    INSERT INTO attribute (name, attr_type, value, id) VALUES ('date', 'file', '2024-01-02', 1);
    INSERT INTO attribute (name, attr_type, value, id) VALUES ('site', 'case', 'north', 7);
    INSERT INTO attribute (name, attr_type, value, id) VALUES ('age', 'case', '', 7);
    INSERT INTO cases (caseid, name, memo) VALUES (7, 'Kim', 'a worker');
    INSERT INTO case_text (caseid, fid, pos0, pos1) VALUES (7, 1, 0, 20);
    INSERT INTO journal (jid, name, jentry) VALUES (1, 'Day one', 'We began.');
    """
    found = read_qualcoder(project(more=more))
    assert dict(found.documents[0].metadata) == {"date": "2024-01-02", "site": "north"}
    assert found.cases[0].name == "Kim"
    assert found.cases[0].document_ids == ("source 1",)
    assert found.notes[0].text == "We began."


def test_what_is_left_behind_is_counted(project):
    more = """
    INSERT INTO source (id, name, mediapath) VALUES (2, 'p.jpg', '/images/p.jpg');
    INSERT INTO code_image (id, cid) VALUES (2, 1), (2, 2);
    INSERT INTO annotation (fid, pos0, pos1, memo) VALUES (1, 0, 3, 'look');
    UPDATE code_text SET date = '2024-01-02 10:00:00'; UPDATE source SET date = '';
    """
    found = read_qualcoder(project([coded("We share", important=1)], more=more))
    assert {each.what: each.count for each in found.not_carried} == {
        "files without a text (pictures, sound, film)": 1,
        "marks of importance": 1,
        "codings of pictures": 2,
        "annotations of places in a text": 1,
        "dates of codings": 1,
    }


def test_a_coding_without_owner_goes_to_the_unknown_coder(project):
    found = read_qualcoder(project([coded("We share", owner=None)]))
    assert found.spans[0].coder_id == UNKNOWN_CODER
    # no option says who coded in a project that has its own coders
    assert "codings of which nothing says who coded" in {each.what for each in found.not_carried}


def test_every_fault_is_listed_with_its_row_and_nothing_is_changed(project):
    rows = [
        coded("We share", code=9),
        (1, 5, "x", 0, 1, "ann", "", None),
        (1, 1, "x", 30, 20, "ann", "", None),
        (1, 1, "x", 0, 9999, "ann", "", None),
        (1, 1, "x", "a", 2, "ann", "", None),
    ]
    folder = project(rows)
    before = (folder / "data.qda").read_bytes()
    with pytest.raises(ExchangeError) as caught:
        read_qualcoder(folder)
    places = sorted(each.where for each in caught.value.problems)
    assert places == [f"study.qda, table code_text, ctid {n}" for n in (1, 2, 3, 4, 5)]
    assert (folder / "data.qda").read_bytes() == before
    assert os.listdir(folder) == ["data.qda"]


def test_a_category_above_itself_is_a_fault(project):
    with pytest.raises(ExchangeError, match="stands above itself"):
        read_qualcoder(project(more="UPDATE code_cat SET supercatid = 2 WHERE catid = 1"))


def test_a_database_in_use_is_refused(project):
    folder = project()
    (folder / "data.qda-wal").write_bytes(b"changes")
    with pytest.raises(ExchangeError, match="close QualCoder first"):
        read_qualcoder(folder)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_database_is_refused(project, share):
    file = project([coded("We share")]) / "data.qda"
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ExchangeError, match="damaged"):
        read_qualcoder(file)


def test_a_database_with_garbled_names_is_refused(project):
    file = project() / "data.qda"
    file.write_bytes(file.read_bytes().replace(b"supercatid", b"supercat\xff\xfe"))
    with pytest.raises(ExchangeError):
        read_qualcoder(file)


def test_another_file_is_no_project(tmp_path):
    (tmp_path / "notes.qda").write_text("hello")
    with pytest.raises(ExchangeError, match="no SQLite database"):
        read_qualcoder(tmp_path / "notes.qda")
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE source (id integer, name text)")
        db.execute("CREATE VIEW code_text AS SELECT 1 AS ctid")
    db.close()
    with pytest.raises(ExchangeError) as caught:
        read_qualcoder(tmp_path / "other.db")
    said = [each.what for each in caught.value.problems]
    assert "the table 'code_text' is missing" in said
    assert "the column 'fulltext' is missing" in said


def test_a_folder_without_database_is_refused(tmp_path):
    with pytest.raises(ExchangeError, match=r"has no data\.qda"):
        read_qualcoder(tmp_path)


def test_text_that_is_not_utf8_is_named_by_table_and_row(project):
    more = "UPDATE source SET fulltext = CAST(x'4869ff' AS TEXT)"
    with pytest.raises(ExchangeError, match="table source, row 1: the column fulltext is not UTF-8"):
        read_qualcoder(project(more=more))
