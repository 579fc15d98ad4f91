"""Quotations stand with their neighbours, and no code of the last stance beside what somebody said."""

import json

import pytest

from peercompare.report.audiences import AUDIENCES
from peercompare.report.quotations import quotation_section


def quoted(summary):
    part = next(part for part in summary["sections"] if part["id"] == "quotations")
    return [block for block in part["blocks"] if block["kind"] == "quotation"]


@pytest.mark.parametrize("audience", ["funder", "team"])
def test_speech_has_no_code_beside_it_and_none_that_was_read_as_clinical_is_shown(summary_for, audience):
    blocks = quoted(summary_for(audience))
    assert [block["source"] for block in blocks] == [
        "Session transcripts",
        "Job descriptions, coded as “Assessing”",
    ]
    assert "a quotation is not evidence against a worker" in json.dumps(summary_for(audience)).replace(
        "\\n", " "
    )


def test_methods_show_the_code_beside_every_quotation(summary_for):
    sources = [block["source"] for block in quoted(summary_for("methods"))]
    assert sources[:2] == [
        "Session transcripts, coded as “Own meaning”",
        "Session transcripts, coded as “Assessing”",
    ]


def test_a_quotation_stands_with_the_turns_around_it(summary_for):
    block = quoted(summary_for("team"))[0]
    assert [who for who, _ in block["lines"]] == ["Participant", "Worker", "Participant"]
    assert block["lines"][block["at"]] == ["Worker", "I sat with you."]


def test_no_quotations_make_no_section(deegan, quotation):
    assert quotation_section([], deegan, AUDIENCES["team"]) is None
    assert quotation_section([quotation(high_end=True)], deegan, AUDIENCES["funder"]) is None
