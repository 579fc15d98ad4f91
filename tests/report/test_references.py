"""Sentences get their numbers from tables when the report is made, or not at all."""

import pandas as pd
import pytest

from peercompare.errors import ReportError
from peercompare.report.references import say

ROW = pd.Series(
    {"n": 1966, "share": 0.384, "estimate": -0.5, "lower": -0.7, "upper": -0.3, "reason": "", "word": "peer"},
    name=7,
)
BARE = pd.Series({"estimate": 0.5, "lower": None, "upper": None, "reason": "two workers"}, name=8)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{row.n:count}", "1,966"),
        ("{row.n:n text}", "1,966 texts"),
        ("{row.share:percent}", "38%"),
        ("{row.estimate:signed}", "−0.50"),
        ("{row.word:text}", "peer"),
        ("{row:fine}", "−0.500 (−0.700 to −0.300)"),
        ("{bare:number}", "0.50 (no interval: two workers)"),
        ("{bare:number!}", "0.50 (no interval)"),
        ("{bare:reason}", "two workers"),
    ],
)
def test_a_reference_is_written_as_it_asks(template, text):
    name = template[1:].split(".")[0].split(":")[0]
    assert say(template, "t", **{name: ROW if name == "row" else BARE})["text"] == text


@pytest.mark.parametrize(
    "template",
    [
        "{absent.n:count}",
        "{row.absent:count}",
        "{row.n:sideways}",
        "{row.n}",
        "{row}",
        "{row:text}",
        "{row.n:count",
    ],
)
def test_a_reference_that_nothing_answers_is_an_error(template):
    with pytest.raises(ReportError, match="cannot be resolved"):
        say(template, "t", row=ROW)


def test_all_faults_of_a_sentence_are_told_at_once():
    with pytest.raises(ReportError) as caught:
        say("{absent.n:count} and {row.gone:count}", "t", row=ROW)
    assert [problem.where for problem in caught.value.problems] == ["{absent.n:count}", "{row.gone:count}"]


def test_a_word_that_a_sentence_lost_is_an_error():
    with pytest.raises(ReportError, match="does not refer"):
        say("{row.n:count}", "t", row=ROW, label="peer")


def test_a_sentence_cites_every_row_that_it_was_given():
    parts = [say("{row:percent}", "t", row=BARE), say("{row.n:count}", "t", row=ROW)]
    made = say("All: {parts:and}.", "t", parts=parts, row=ROW)
    assert made["rows"] == [8, 7]
    assert made["text"] == "All: 50% (no interval: two workers) and 1,966."
    assert say("Nothing is told.", "t", row=ROW)["rows"] == [7]


def test_words_from_data_are_not_read_as_references():
    assert say("{name}", "t", name="{row.n:count}")["text"] == "{row.n:count}"
