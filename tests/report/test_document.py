"""A summary becomes a document: text stays text, figures find their place."""

import pytest

from peercompare.report.document import (
    Formula,
    Grid,
    Listing,
    Paragraph,
    Run,
    Words,
    clean,
    document_of,
    markdown_blocks,
    plain,
)


def summary_of(*blocks, **more):
    part = {"id": "p", "title": "Part", "level": 2, "blocks": list(blocks)}
    return {"title": "Title", "sections": [part], **more}


def blocks_of(*blocks):
    return list(document_of(summary_of(*blocks)).blocks())


def claims(kind, *texts):
    return {"kind": kind, "claims": [{"text": text, "table": "", "rows": []} for text in texts]}


def test_our_markdown_is_paragraphs_lists_and_emphasis():
    first, second = markdown_blocks("One **two**\nthree.\n\n- a\n- *b*\n  c")
    assert first == Paragraph((Run("One "), Run("two", strong=True), Run(" "), Run("three.")))
    assert [plain(item) for item in second.items] == ["a", "b c"]


@pytest.mark.parametrize("text", ["<script>x</script>", "[here](javascript:x)", "# not a heading *", "a_b_c"])
def test_text_from_tables_is_never_read_as_markdown(text):
    (paragraph,) = blocks_of(claims("claims", text))
    assert plain(paragraph.runs) == text
    (listing,) = blocks_of(claims("list", text))
    assert plain(listing.items[0]) == text


def test_every_kind_of_block_becomes_one():
    table = {"kind": "table", "caption": "C", "headings": ["a"], "rows": [["1"]], "note": "n"}
    made = blocks_of(
        {"kind": "words", "text": "w"},
        claims("list", "x"),
        table,
        {"kind": "formula", "words": "f", "tree": ["i", "D"]},
        {"kind": "quotation", "source": "s", "lines": [["Worker", "hm"]], "at": 0},
    )
    assert [type(block) for block in made] == [Paragraph, Listing, Grid, Formula, Words]
    assert made[2] == Grid("C", ("a",), (("1",),), "n")


def test_nothing_said_makes_no_block():
    assert blocks_of(claims("claims"), claims("list")) == []


def test_characters_that_no_file_may_hold_are_replaced():
    assert clean("a\x00b\ud800c\nd") == "a\ufffdb\ufffdc\nd"


def test_figures_that_readers_are_not_shown_are_left_out(report_figures):
    hidden = summary_of({"kind": "figures", "names": ["agreement"]}, without_figures=["drift", "something"])
    names = {block.name for block in document_of(hidden, report_figures).blocks()}
    assert "agreement_job_descriptions" in names
    assert not {name for name in names if name.startswith(("drift", "something"))}
    assert names < set(report_figures)
