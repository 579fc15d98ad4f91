"""Postings as text, Markdown, pages and JSON-LD."""

import html
import json

import pytest

from peercompare.errors import InputError
from peercompare.readers import read_documents
from peercompare.readers.jsonld import read_jsonld
from peercompare.readers.postings import (
    markdown_text,
    read_html_postings,
    read_markdown_posting,
    read_text_posting,
)
from peercompare.readers.webpage import html_to_text

POSTING = {
    "@context": "https://schema.org", "@type": ["Thing", "JobPosting"], "title": "Peer &amp; Guide",
    "datePosted": "2024-02-03T10:00:00Z", "hiringOrganization": {"@type": "Organization", "name": "The Loft"},
    "jobLocation": [{"@type": "Place", "address": {"addressLocality": "Tolliver", "addressRegion": "MA"}}],
    "identifier": {"@type": "PropertyValue", "name": "The Loft", "value": 17},
    "description": html.escape("<p>You listen.</p><ul><li>one</li><li>two &amp; three</li></ul>"),
    "skills": ["patience", "humour"], "qualifications": "You listen.",
}  # fmt: skip


def page(*blocks, body="<h1>Not this</h1>"):
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'>{scripts}</head><body>{body}</body></html>"


def check_posting(document):
    assert document.title == "Peer & Guide"
    assert document.text == (
        "Peer & Guide\n\nYou listen.\n\n- one\n- two & three\n\nSkills\n- patience\n- humour\n"
    )
    told = {"employer": "The Loft", "date": "2024-02-03", "place": "Tolliver, MA", "posting_id": "17"}
    assert told.items() <= document.metadata.items()


@pytest.mark.parametrize(
    "value",
    [POSTING, [POSTING], {"@graph": [{"@type": "WebSite"}, POSTING]}, {"mainEntity": {"item": POSTING}}],
)
def test_a_posting_is_found_wherever_it_stands(write, value):
    (document,) = read_jsonld(write("a.json", json.dumps(value)))
    check_posting(document)


def test_one_broken_block_does_not_lose_the_others(write):
    documents = list(
        read_html_postings(write("a.html", page('{"@type": "JobPosting",}', json.dumps(POSTING))))
    )
    assert len(documents) == 1
    check_posting(documents[0])
    assert "a.html, script 1: a JSON-LD block is broken" in documents[0].warnings[0]


def test_several_postings_of_one_page_are_numbered(write):
    other = {**POSTING, "title": "Other"}
    documents = list(read_html_postings(write("a b.html", page(json.dumps([POSTING, other])))))
    assert [document.document_id for document in documents] == ["a-b-001", "a-b-002"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"@type": "JobPosting"', "line 1, column 23: the JSON is broken"),
        ('{"@type": "Thing"}', "no JobPosting with a description"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_json_without_a_posting_is_refused(write, text, what):
    with pytest.raises(InputError, match=what):
        list(read_jsonld(write("a.json", text)))


def test_a_page_keeps_items_paragraphs_and_rows_and_drops_scripts_and_menus(write):
    body = (
        "<nav>Home | Jobs</nav><main><h1>Peer  Guide</h1><script>var x = 'no';</script><p>First<br>second "
        "&amp;\n<b>bo</b>ld.</p><ul><li><p>one</p></li><li>two<ol start=3><li>in</li></ol></li></ul>"
        "<table><tr><th>Pay</th><td>20</td></tr></table>tail <style>p{}</style></main><footer>(c)</footer>"
    )
    (document,) = read_html_postings(write("a.html", page(body=body)))
    assert document.title == "Peer Guide"
    assert [line for line in document.text.split("\n") if line] == [
        "Peer Guide", "First", "second & bold.", "- one", "- two", "3. in", "Pay | 20", "tail",
    ]  # fmt: skip
    assert document.warnings == ("a.html: 12 characters outside the page's main matter are left out",)


def test_a_page_in_another_encoding_says_so_itself(write):
    text = "<html><head><meta charset='windows-1252'><title>Café</title></head><body><p>é</p></body></html>"
    (document,) = read_html_postings(write("a.html", text.encode("cp1252")))
    assert document.text == "Café\n\né\n"


def test_a_page_of_100_mb_is_refused(tmp_path):
    path = tmp_path / "a.html"
    with open(path, "wb") as stream:
        stream.truncate(100 * 2**20)
    with pytest.raises(InputError, match=r"a\.html: the file has 100 MB; 20 MB are the most"):
        list(read_html_postings(path))


def test_a_deeply_nested_page_is_read(write):
    depth = 1000
    (document,) = read_html_postings(
        write("a.html", page(body="<div>" * depth + "deep words" + "</div>" * depth))
    )
    assert "deep words" in document.text


def test_a_page_nested_past_the_parser_s_limit_is_refused_not_cut(write):
    body = "<div>" * 3000 + "deep words" + "</div>" * 3000
    with pytest.raises(InputError, match="nested too deeply to be read whole"):
        list(read_html_postings(write("a.html", page(body=body))))


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb\n"),
        ("&amp;lt;p&amp;gt;a &amp;amp;amp; b&amp;lt;/p&amp;gt;", "a & b\n"),
        ("one\ntwo <b>three</b>", "one\ntwo three\n"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2\n"),
        ("R&amp;D", "R&D\n"),
        ("plain\n\n- item", "plain\n\n- item\n"),
    ],
)
def test_descriptions_of_every_kind_become_text(fragment, text):
    assert html_to_text(fragment) == text


def test_markdown_loses_its_marks_and_no_words(write, words):
    text = (
        "---\ntitle: Peer *Guide*\nemployer: The Loft\ndate: 2024-02-03\n---\n# Duties\n\nYou listen\n"
        "and learn.\n\n"
        "* one **two**\n  goes on\n+ [site](https://a.org/b_c) snake_case 2*3*4\n1. first\n\n> said\n"
    )
    document = read_markdown_posting(write("a.md", text))
    assert document.metadata["employer"] == "The Loft"
    assert document.text.split("\n")[2:] == [
        "Duties", "", "You listen and learn.", "", "- one two goes on",
        "- site (https://a.org/b_c) snake_case 2*3*4", "1. first", "", "said", "",
    ]  # fmt: skip
    assert set(words(text.partition("---\n# ")[2])) <= set(words(document.text))


def test_markdown_text_keeps_tables_and_hard_breaks():
    assert markdown_text("a  \nb\n| c | d |\n| e | f |") == "a\nb\n| c | d |\n| e | f |\n"


def test_a_long_first_line_is_no_title(write):
    document = read_text_posting(write("peer_guide.txt", "word " * 60 + "\nsecond"))
    assert document.title == "peer guide"
    assert document.text.startswith("peer guide\n\nword word")
    assert "line 1" in document.warnings[0]


def test_files_of_a_folder_are_read_in_order_and_all_faults_told_at_once(write, tmp_path):
    write("in/b.txt", "B title\nwords")
    write("in/a.html", page(json.dumps(POSTING)))
    write("in/.hidden", "x")
    assert [
        document.document_id for document in read_documents(tmp_path / "in", genre="job_description")
    ] == ["a", "b"]
    write("in/c.txt", b"\xff\xfe\x00\x00")
    write("in/d.json", "{")
    with pytest.raises(InputError) as caught:
        list(read_documents(tmp_path / "in", genre="job_description"))
    assert [problem.where.split(",")[0] for problem in caught.value.problems] == ["c.txt", "d.json"]


def test_files_that_cannot_be_read_are_listed_not_passed_over(write, tmp_path):
    write("in/a.txt", "x")
    write("in/b.mp3", "x")
    with pytest.raises(InputError, match=r"b\.mp3: \.mp3 is not read"):
        list(read_documents(tmp_path / "in", genre="job_description"))


def test_two_files_of_one_id_are_refused_with_both_names(write, tmp_path):
    write("in/a.txt", "x")
    write("in/A.md", "x")
    with pytest.raises(InputError, match=r"a\.txt: its id 'a' is that of A\.md too"):
        list(read_documents(tmp_path / "in", genre="job_description"))


def test_an_unknown_genre_and_an_absent_path_are_refused(tmp_path):
    with pytest.raises(InputError, match="no genre 'poem'"):
        list(read_documents(tmp_path, genre="poem"))
    with pytest.raises(InputError, match="no such file or folder"):
        list(read_documents(tmp_path / "none", genre="job_description"))
    with pytest.raises(InputError, match="the folder is empty"):
        list(read_documents(tmp_path, genre="job_description"))
