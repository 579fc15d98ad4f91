"""What is said stays, who is named and how it is spelt go, and what is refused is marked."""

import pytest

from peercompare.classifier.reading import read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We'll go, won't we?", "We will go, will not we?"),
        ("Lemme say I\u2019m tired", "let me say I am tired"),
        ("They were talkin' to me", "They were talking to me"),
        ("It costs $40.50 now", "It costs 7% now"),
        ("Ask for Dolores at noon please", "Ask for Bao Linh at noon please"),
        ("Elm Row Trust pays for lunch today", "Oak Hall pays for lunch today"),
    ],
)
def test_two_ways_to_say_it_read_the_same(one, other):
    assert read(one).plain == read(other).plain


def test_a_word_of_a_heading_is_no_name_for_its_capital():
    assert read("Essential Duties And Tasks").plain == "essential duties and tasks"


def test_i_is_no_name():
    assert read("When I left I'd had enough").plain == "when i left i would had enough"


def test_titles_of_several_words_are_masked_and_others_left():
    found = read(
        "a shed-keeper helps the row hosts; any host may", titles=("row host", "host", "shed keeper")
    )
    assert found.plain == "a xtitle helps the xtitle; any host may"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("be here at 9, and stay", "be here at xfigure, and stay"),
        (
            "it pays $1,200.50. apply by 12:30pm; or 5%: 1st",
            "it pays xfigure. apply by xfigure; or xfigure: xfigure",
        ),
    ],
)
def test_a_mark_behind_a_figure_is_no_part_of_it(text, plain):
    assert read(text).plain == plain


def test_a_figure_ends_no_clause_but_the_mark_behind_it_does():
    assert read("do not come at 9; you dig").kept == "do not you dig"
    assert read("do not pay $9.50 for it").kept == "do not"


def test_a_refusal_reaches_to_the_end_of_its_clause():
    found = read("you never count rakes, ever; you dig. nobody counts but we do")
    assert found.marked.split()[:5] == ["you", "not", "not_count", "not_rakes", "not_ever"]
    assert found.kept == "you not you dig not but we do"


def test_nothing_is_masked_where_it_is_asked_not_to_be():
    assert read("Ask for Dolores at 7", mask=False).plain == "ask for dolores at 7"


@pytest.mark.parametrize("text", ["", " ", "...", "\u2019", "7"])
def test_a_text_without_words_is_read(text):
    assert isinstance(read(text).marked, str)
