from html.parser import HTMLParser
from itertools import pairwise

import pytest

from peercompare.consent import PURPOSES
from peercompare.consent.form import FORMATS, consent_form, reading_level
from peercompare.consent.purposes import EXPLANATIONS
from peercompare.consent.readability import grade
from peercompare.errors import ConsentError


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.setdefault(tag, dict(attributes))

    def handle_data(self, data):
        self.text.append(data)


def test_every_purpose_is_explained_with_how_to_stop_it():
    assert tuple(EXPLANATIONS) == PURPOSES
    for purpose, each in EXPLANATIONS.items():
        assert each.purpose == purpose
        assert each.question.count("?") == 1
        assert each.means
        assert each.does_not_mean
        assert len(each.to_stop) >= 2


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_explanation_is_harder_than_the_seventh_grade(purpose):
    assert grade(EXPLANATIONS[purpose].text()) < 7


@pytest.mark.parametrize("format", FORMATS)
def test_the_form_asks_for_each_purpose_by_itself_and_shows_its_reading_level(format):
    form = consent_form(format=format)
    assert form.count("Your answer:") == len(PURPOSES)
    assert f"grade {reading_level(EXPLANATIONS.values()):.1f} (Flesch-Kincaid)" in form
    for each in EXPLANATIONS.values():
        assert each.question in form


def test_a_study_asks_only_for_what_it_needs():
    form = consent_form(["analysis"])
    assert form.count("Your answer:") == 1
    assert EXPLANATIONS["sharing"].title not in form
    assert consent_form("analysis") == form


def test_the_page_is_made_for_everybody():
    page = Page(consent_form(format="html"))
    assert page.attributes["html"]["lang"] == "en"
    assert {"title", "main"} <= set(page.tags)
    assert "table" not in page.tags
    headings = [int(tag[1]) for tag in page.tags if tag in ("h1", "h2", "h3")]
    assert headings.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(headings))
    assert headings.count(3) == 3 * len(PURPOSES)


def test_unknown_purposes_languages_and_formats_are_refused():
    with pytest.raises(ConsentError, match="'gossip' is not a purpose"):
        consent_form(["gossip"])
    with pytest.raises(ConsentError, match="no explanation of the purposes in 'es'"):
        consent_form(language="es")
    with pytest.raises(ValueError, match="unknown format 'pdf'"):
        consent_form(format="pdf")
