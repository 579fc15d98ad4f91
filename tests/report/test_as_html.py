"""The page: self-contained, readable by everybody, whatever the names in the tables are."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from peercompare.report import page_faults, write_document
from peercompare.report.document import Document, Grid, Part

LONG = "Very " * 60 + "long"
NAMES = ["<script>alert(1)</script>", "שלום", "Hope 😀", LONG]


@pytest.fixture
def sites_named(study_tables):
    """The small tables with other sites."""

    def make(names):
        estimates = study_tables["estimates"]
        rest = estimates[estimates["group_by"] != "site_id"]
        rows = estimates[(estimates["group_by"] == "site_id") & (estimates["group"] == "S1")]
        more = [rows.assign(group=name) for name in names]
        return {**study_tables, "estimates": pd.concat([rest, *more], ignore_index=True)}

    return make


def page_of(document):
    return write_document(document, "html").decode("utf-8")


def test_whatever_a_site_is_called_the_page_is_whole(report_for, sites_named, facts):
    made = page_of(report_for(tables=sites_named(NAMES), facts=facts | {"title": LONG}, figures={}))
    assert page_faults(made) == ()
    soup = BeautifulSoup(made, "html.parser")
    heads = {cell.get_text(): cell for cell in soup.find_all("th", scope="row")}
    assert set(NAMES) <= set(heads)
    assert heads["שלום"]["dir"] == "auto"
    assert soup.title.get_text().startswith(LONG)
    assert soup.find("script") is None


def test_a_table_of_one_row_is_printed(report_for, sites_named):
    soup = BeautifulSoup(page_of(report_for(tables=sites_named(["S1"]), figures={})), "html.parser")
    (table,) = [each for each in soup.find_all("table") if each.caption.get_text() == "By site"]
    assert len(table.select("tbody tr")) == 1


def test_two_hundred_sites_are_not_printed_but_told(report_for, sites_named):
    soup = BeautifulSoup(
        page_of(report_for(tables=sites_named(map(str, range(200))), figures={})), "html.parser"
    )
    assert "By site: 200 groups, too many to print" in soup.find("main").get_text()
    assert "By site" not in [each.caption.get_text() for each in soup.find_all("table")]


def test_a_long_table_is_folded_and_says_how_long_it_is():
    rows = tuple((str(number), "x") for number in range(33))
    grids = Grid("Long", ("a", "b"), rows), Grid("Short", ("a", "b"), rows[:32])
    soup = BeautifulSoup(page_of(Document("T", (Part("p", "P", 2, grids),))), "html.parser")
    assert [each.get_text() for each in soup.find_all("summary")] == ["Table of 33 rows: Long"]
    assert len(soup.find_all("table")) == 2


def test_mathematics_is_mathml(report_html):
    formulas = BeautifulSoup(report_html, "html.parser").find_all("math")
    assert len(formulas) == 4
    assert all(formula.find("mi") and formula["alttext"] for formula in formulas)
    assert "$" not in "".join(formula.get_text() for formula in formulas)


def test_a_quotation_marks_the_quoted_words_and_names_who_speaks(team_files):
    quote = BeautifulSoup(team_files[1]["html"].decode(), "html.parser").find("blockquote")
    assert (
        quote.get_text(" ", strip=True)
        == "Participant: It was raining. Worker: I sat with you. Participant: You did."
    )
    assert quote.find("mark").get_text() == "I sat with you."


def test_the_page_names_its_language(report_html):
    assert BeautifulSoup(report_html, "html.parser").html["lang"] == "en-GB"
