import csv
import dataclasses
import io
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from peercompare.framework import Reviewer, codebook

FORMATS = ("markdown", "html", "csv")


class Tags(HTMLParser):
    """Every start tag with its attributes, and the tags left open."""

    VOID = ("meta", "br")

    def __init__(self, text):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("which", ["deegan", "tiny_framework"])
def test_every_format_holds_each_code_rule_tag_and_example(request, which, format):
    framework = request.getfixturevalue(which)
    text = codebook(framework, format)
    plain = text.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&").replace('""', '"')
    for code in framework.codes:
        for part in (code.id, code.definition, code.when_to_use, code.when_not_to_use, *code.examples):
            assert part in plain
    for part in (*(rule.text for rule in framework.rules), *(tag.meaning for tag in framework.tags)):
        assert part in plain


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_that_nobody_has_reviewed_it_and_what_it_is_not_for(deegan, format):
    text = codebook(deegan, format)
    assert "nobody yet" in text
    assert "Not for hiring, discipline or pay" in text
    assert "Family peers" in text


def test_reviewers_are_named_once_somebody_has_reviewed(tiny_framework):
    who = Reviewer(name="A. Reader", lived_experience="gardener for nine years", date="2026-01-02", note="")
    text = codebook(dataclasses.replace(tiny_framework, reviewed_by=(who,)))
    assert "Reviewed by: A. Reader (gardener for nine years), 2026-01-02." in text
    assert "nobody yet" not in text


def test_the_page_is_complete_and_its_tables_can_be_read_aloud(deegan):
    page = Tags(codebook(deegan, "html"))
    assert page.open == []
    names = [tag for tag, _ in page.seen]
    assert dict(page.seen)["html"]["lang"] == "en"
    assert names.count("title") == names.count("h1") == names.count("main") == 1
    assert names.count("caption") == names.count("table") > len(deegan.codes)
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.seen if tag == "th")
    assert not any(key in attrs for _, attrs in page.seen for key in ("src", "onclick"))


def test_headings_never_skip_a_level(deegan):
    tags = [tag for tag, _ in Tags(codebook(deegan, "html")).seen]
    levels = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_text_of_the_framework_is_escaped_in_html(tiny_framework):
    page = codebook(dataclasses.replace(tiny_framework, scope="<script>dig()</script>"), "html")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_bar_in_a_text_does_not_break_a_markdown_table(tiny_framework):
    marker = dataclasses.replace(tiny_framework.markers[0], definition="rakes | spades")
    text = codebook(dataclasses.replace(tiny_framework, markers=(marker,)))
    line = next(line for line in text.splitlines() if "spades" in line)
    assert line.replace(r"\|", "").count("|") == 6


def test_the_csv_has_one_row_for_each_code_with_its_two_examples(deegan):
    rows = [row for row in csv.DictReader(io.StringIO(codebook(deegan, "csv"))) if row["kind"] == "code"]
    assert [row["id"] for row in rows] == list(deegan.code_ids)
    assert all(row["example_1"] and row["example_2"] for row in rows)


def test_an_unknown_format_is_refused(tiny_framework):
    with pytest.raises(ValueError, match="allowed: markdown, html, csv"):
        codebook(tiny_framework, "docx")


def test_a_framework_and_a_code_show_themselves_in_a_notebook(deegan):
    table = deegan._repr_html_()
    assert Tags(table).open == []
    assert "<caption>" in table
    assert "nobody yet" in table
    assert table.count('scope="row"') == len(deegan.dimensions)
    assert deegan.codes[0].definition in deegan.codes[0]._repr_html_()
