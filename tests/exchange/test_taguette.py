"""Databases are built with the tables of Taguette's own models, exports with the markup of its templates."""

import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peercompare.errors import ExchangeError
from peercompare.exchange.taguette import Page, read_taguette, read_taguette_highlights

SCHEMA = """
CREATE TABLE users (login VARCHAR(30) NOT NULL, created DATETIME, PRIMARY KEY (login));
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
 description TEXT NOT NULL, created DATETIME);
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
 description TEXT NOT NULL, filename VARCHAR(200), created DATETIME, project_id INTEGER NOT NULL,
 text_direction VARCHAR(13), contents TEXT NOT NULL, FOREIGN KEY(project_id) REFERENCES projects (id));
CREATE TABLE commands (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, date DATETIME,
 user_login VARCHAR(30) NOT NULL, project_id INTEGER NOT NULL, document_id INTEGER, payload TEXT NOT NULL);
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, document_id INTEGER NOT NULL,
 start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, snippet TEXT NOT NULL);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL,
 path VARCHAR(200) NOT NULL, description TEXT NOT NULL, UNIQUE (project_id, path));
CREATE TABLE highlight_tags (highlight_id INTEGER NOT NULL, tag_id INTEGER NOT NULL,
 PRIMARY KEY (highlight_id, tag_id));
INSERT INTO projects (id, name, description) VALUES (1, 'Study', 'about peers');
"""
HTML = "<p>Caf\u00e9 \U0001f600 <u>talk</u> here</p><p>We share &amp; listen</p>"
TEXT = "Caf\u00e9 \U0001f600 talk here\nWe share & listen"


def in_bytes(words, html=HTML):
    counted = Page(html).counted
    start = counted.index(words)
    return len(counted[:start].encode()), len(counted[: start + len(words)].encode())


@pytest.fixture
def make(tmp_path):
    def write(highlights=(), commands=(), more="", html=HTML):
        path = tmp_path / "db.sqlite3"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as db:
            db.executescript(SCHEMA)
            db.execute("INSERT INTO documents VALUES (1, 'One', 'memo', 'a.html', '', 1, '', ?)", [html])
            db.executemany(
                "INSERT INTO tags (id, project_id, path, description) VALUES (?, 1, ?, ?)",
                [(1, "sharing", "gives and takes"), (2, "talk", "")],
            )
            for at, (start, end, snippet, tags) in enumerate(highlights, start=1):
                db.execute("INSERT INTO highlights VALUES (?, 1, ?, ?, ?)", [at, start, end, snippet])
                db.executemany("INSERT INTO highlight_tags VALUES (?, ?)", [(at, tag) for tag in tags])
            db.executemany(
                "INSERT INTO commands (user_login, project_id, payload) VALUES (?, 1, ?)",
                [(who, json.dumps(payload)) for who, payload in commands],
            )
            db.executescript(more)
        db.close()
        return path

    return write


def added(highlight, *tags):
    return {
        "type": "highlight_add",
        "highlight_id": highlight,
        "start_offset": 0,
        "end_offset": 1,
        "tags": tags,
    }


def test_bytes_over_text_nodes_become_places_in_a_text_with_line_ends(make):
    rows = [
        (*in_bytes("talk"), "<p><u>talk</u></p>", [2]),
        (*in_bytes("hereWe share & listen"), "<p>here</p><p>We share &amp; listen</p>", [1, 2]),
    ]
    found = read_taguette(make(rows))
    assert found.documents[0].text == TEXT
    assert [(each.quote, each.code_id) for each in found.spans] == [
        ("talk", "tag 2"),
        ("here\nWe share & listen", "tag 1"),
        ("here\nWe share & listen", "tag 2"),
    ]
    assert (found.name, found.memo, found.documents[0].memo) == ("Study", "about peers", "memo")
    assert found.codes[0].description == "gives and takes"


def test_the_log_says_who_gave_each_tag(make):
    rows = [
        (*in_bytes("talk"), "talk", [1, 2]),
        (*in_bytes("here"), "here", [2]),
        (*in_bytes("We"), "We", [1]),
    ]
    log = [
        ("ann", added(1, 2)),
        ("bo", added(1, 2, 1)),
        ("ann", added(2, 9)),
        ("bo", {"type": "tag_merge", "src_tag_id": 9, "dest_tag_id": 2}),
        ("bo", {"type": "tag_add", "tag_id": 1, "tag_path": "x", "description": ""}),
    ]
    found = read_taguette(make(rows, log))
    names = {each.id: each.name for each in found.coders}
    given_by = {(each.quote, each.code_id): names[each.coder_id] for each in found.spans}
    assert given_by == {
        ("talk", "tag 2"): "ann",
        ("talk", "tag 1"): "bo",
        ("here", "tag 2"): "ann",
        ("We", "tag 1"): "unknown",
    }


def test_a_tag_taken_away_and_given_again_is_by_who_gave_it_last(make):
    log = [("ann", added(1, 2)), ("ann", added(1, 1)), ("bo", added(1, 1, 2))]
    found = read_taguette(make([(*in_bytes("talk"), "talk", [1, 2])], log))
    assert [each.coder_id for each in found.spans] == ["coder ann", "coder bo"]


def test_words_that_are_not_the_snippets_are_refused_with_their_highlight(make):
    start, end = in_bytes("talk")
    rows = [(start - 1, end - 1, "talk", [1]), (5, 7, "x", [1]), (3, 1, "x", [1]), (0, 999, "x", [1])]
    with pytest.raises(ExchangeError) as caught:
        read_taguette(make(rows))
    assert {each.where for each in caught.value.problems} == {
        f"db.sqlite3, table highlights, id {n}" for n in (1, 2, 3, 4)
    }


def test_a_database_of_several_projects_needs_one_named(make):
    path = make(more="INSERT INTO projects (id, name, description) VALUES (2, 'Other', '')")
    with pytest.raises(ExchangeError, match="has 2 projects") as caught:
        read_taguette(path)
    assert [each.what for each in caught.value.problems] == ["it is called 'Study'", "it is called 'Other'"]
    assert read_taguette(path, project="Study").documents[0].name == "One"
    assert read_taguette(path, project=2).documents == ()
    with pytest.raises(ExchangeError, match="names none"):
        read_taguette(path, project="Third")


def test_highlights_without_a_tag_are_counted_and_newer_tags_have_parents(make):
    more = "ALTER TABLE tags ADD COLUMN parent_id INTEGER; UPDATE tags SET parent_id = 1 WHERE id = 2"
    found = read_taguette(make([(*in_bytes("We"), "We", [])], more=more))
    assert [(each.what, each.count) for each in found.not_carried] == [("highlights without a tag", 1)]
    assert [code.parent for code in found.codes] == ["", "tag 1"]


def test_a_log_that_cannot_be_read_is_a_fault(make):
    path = make(more="INSERT INTO commands (user_login, project_id, payload) VALUES ('ann', 1, '{')")
    with pytest.raises(ExchangeError, match="table commands, id 1"):
        read_taguette(path)


@given(st.lists(st.text("a\u00e9\U0001f600 \n&<", max_size=6), min_size=1, max_size=5), st.data())
def test_any_stretch_of_any_page_is_the_same_in_bytes_and_in_the_text(parts, data):
    escaped = [part.replace("&", "&amp;").replace("<", "&lt;") for part in parts]
    page = Page("".join(f"<p>{part}</p>" for part in escaped))
    counted = page.counted
    assert counted == "".join(parts)
    start = data.draw(st.integers(0, len(counted)))
    end = data.draw(st.integers(start, len(counted)))
    at = [len(counted[:each].encode()) for each in (start, end)]
    placed = page.placed(at[:1], at[1:])
    assert placed.sound.all()
    words = page.text[placed.starts[0] : placed.ends[0]]
    assert words.replace("\n", "") == counted[start:end].replace("\n", "")


def test_the_line_end_after_the_start_of_preformatted_text_does_not_count():
    assert Page("<pre>\n\na</pre><p>\nb</p>").counted == "\na\nb"


HIGHLIGHTS = """<!DOCTYPE html><html><head><title>Taguette highlights</title></head><body>
    <h1>Taguette highlights</h1>
    <p>We share &amp;</p>
    <p>
      <strong>Document:</strong> One
      <strong>Tags:</strong>
        a, b,
        talk
    </p>
    <hr>
    <p>talk</p><p>more</p>
    <p>
      <strong>Document:</strong> One
      <strong>Tags:</strong>
    </p>
  </body></html>"""


def test_exported_highlights_are_found_by_their_words(tmp_path):
    texts = {"One": TEXT}
    page = tmp_path / "all_tags.html"
    page.write_text(HIGHLIGHTS)
    found = read_taguette_highlights(page, texts, coder="ann", project="Study")
    assert [(each.quote, each.code_id, each.coder_id) for each in found.spans] == [
        ("We share &", "a, b", "coder ann"),
        ("We share &", "talk", "coder ann"),
    ]
    assert [each.what for each in found.not_carried] == ["rows without a code"]
    table = tmp_path / "all_tags.csv"
    table.write_text('id,document,tag,content\n1,One,talk,"talk here\n"\n')
    assert read_taguette_highlights(table, texts).spans[0].quote == "talk here"
    table.write_text("id,document,tag,content\n1,One,talk,e\n1,One,talk,nothing\n")
    with pytest.raises(ExchangeError) as caught:
        read_taguette_highlights(table, texts)
    assert len(caught.value.problems) == 2


def test_a_document_with_its_highlights_is_refused_with_what_to_export_instead(tmp_path):
    page = tmp_path / "one.html"
    page.write_text('<h1>One</h1><p>We <span class="highlight">share</span> [talk, peer]</p>')
    with pytest.raises(ExchangeError, match="highlighted document") as caught:
        read_taguette_highlights(page, {"One": TEXT})
    assert "SQLite" in str(caught.value)


def test_another_page_is_no_export(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<h1>Hello</h1><p>words</p>")
    with pytest.raises(ExchangeError, match="no export of highlights"):
        read_taguette_highlights(page, {"One": TEXT})
