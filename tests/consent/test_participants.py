import re

import pytest

from peercompare.cli import main
from peercompare.consent.participants import PAGE
from peercompare.consent.readability import grade

SECTIONS = re.split(r"(?m)^## ", PAGE)[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=[each.split("\n")[0] for each in SECTIONS])
def test_no_section_is_harder_than_the_seventh_grade(section):
    heading, words = section.split("\n", 1)
    assert grade(f"{heading}. " + re.sub(r"(?m)^- ", "", words)) <= 7


def test_the_page_in_the_repository_is_the_one_that_is_printed(request, capsys):
    page = (request.config.rootpath / "FOR_PARTICIPANTS.md").read_text(encoding="utf-8")
    assert main(["consent", "explain"]) == 0
    assert page == PAGE == capsys.readouterr().out


def test_the_readme_leads_to_the_page(request):
    assert "(FOR_PARTICIPANTS.md)" in (request.config.rootpath / "README.md").read_text(encoding="utf-8")


def test_the_page_says_how_to_stop_what_stopping_cannot_undo_and_how_to_object():
    headings = [each.split("\n")[0] for each in SECTIONS]
    assert "How to stop it" in headings
    assert "What stopping can do, and what it can not" in headings
    assert "If you work in the talks: how to object" in headings
