"""From summary to page: all figures on it, every table whole, nobody shut out."""

import io
import re

import pytest
from bs4 import BeautifulSoup

from peercompare.errors import ReportError
from peercompare.report import (
    ReportFigure,
    html_table,
    page_faults,
    read_figures,
    write_document,
)
from peercompare.report.tables import cells_table, plain

ALT_OF_ALL = "A line that rises from one to three."
ALT = "Bars that show shares by dimension, the longest for the first."


@pytest.fixture
def figure_named(picture):
    """Make a figure of the given name."""

    def make(name, alt=ALT, summary=""):
        return ReportFigure(name=name, png=picture, alt=alt, caption=f"Caption of {name}.", summary=summary)

    return make


@pytest.fixture
def html(report_html):
    return report_html


@pytest.fixture
def page_of(report_for):
    """Write the report on some tables as a page."""
    return lambda *given, **more: write_document(report_for(*given, **more)).decode("utf-8")


@pytest.fixture
def soup(html):
    return BeautifulSoup(html, "html.parser")


def section_before(element):
    return element.find_previous(re.compile("^h[234]$")).get_text()


def test_the_report_passes_its_own_check(html):
    assert page_faults(html) == ()


def test_every_figure_stands_on_the_page_once_in_its_section(soup):
    where = {
        figure.find("figcaption").get_text(): section_before(figure) for figure in soup.find_all("figure")
    }
    assert len(where) == 7 == len(soup.find_all("img"))
    assert where["Caption of agreement_job_descriptions."] == "How far the coders agree"
    assert where["Caption of stance_shares_session_transcripts."].startswith("Session transcripts")
    assert where["Caption of drift_by_site_session_transcripts."] == "Change over time"
    assert where["Caption of titles_against_duties."] == "Titles against duties"
    assert where["Caption of something_new."] == "Further figures"


def test_every_table_has_a_caption_and_header_cells(soup):
    assert len(soup.find_all("table")) > 12
    for table in soup.find_all("table"):
        assert table.find("caption").get_text(strip=True)
        assert all(cell.get("scope") for cell in table.find_all("th"))
        assert all(row.find("th", scope="row") for row in table.select("tbody tr"))


def test_the_page_has_no_code_and_one_title(soup, facts):
    assert soup.find(class_="code") is None
    title = f"{facts['title']}: report on methods and findings"
    assert [h.get_text() for h in soup.find_all("h1")] == [title]
    assert soup.title.get_text() == title


def test_a_figure_without_words_stops_the_report(report_for, figure_named):
    with pytest.raises(ReportError, match="no alternative text"):
        report_for(figures={"agreement": figure_named("agreement", alt="")})


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_text_in_tables_cannot_become_markup(study_tables, page_of):
    study_tables["corpora"]["title"] = [HOSTILE, "Sessions"]
    study_tables["estimates"].loc[study_tables["estimates"]["group_by"] == "site_id", "group"] = HOSTILE
    soup = BeautifulSoup(page_of(tables=study_tables, figures={}), "html.parser")
    assert soup.find("script") is None
    assert soup.find("img") is None
    assert "<script>alert(1)</script>" in soup.find("main").get_text()


def test_figures_go_to_disk_with_their_words_and_come_back(tmp_path, figure_named):
    made = figure_named("agreement", summary="One.\nTwo.")
    made.save(tmp_path)
    assert read_figures(tmp_path) == {"agreement": made}


def test_pictures_without_words_beside_them_are_named_at_once(tmp_path, figure_named, picture):
    for name in ("one", "two"):
        (tmp_path / f"{name}.png").write_bytes(picture)
    figure_named("three").save(tmp_path)
    with pytest.raises(ReportError) as caught:
        read_figures(tmp_path)
    assert [problem.where for problem in caught.value.problems] == ["one.png", "two.png"]


def test_a_figure_brings_the_words_that_it_was_drawn_with(study_tables, deegan):
    from peercompare.figures import agreement_dots

    axes = agreement_dots(study_tables["agreement"], deegan, where={"corpus": "job_descriptions"})
    made = ReportFigure.of("agreement", axes)
    assert made.png.startswith(b"\x89PNG")
    assert "alpha" in made.alt.lower()
    assert len(made.summary.splitlines()) > 3


def test_the_values_of_a_figure_are_folded_under_it(page_of, figure_named):
    figure = figure_named("agreement", summary="First: 1.\nSecond: 2.")
    items = BeautifulSoup(page_of(figures={"agreement": figure}), "html.parser").select(
        "figcaption details li"
    )
    assert [item.get_text() for item in items] == ["First: 1.", "Second: 2."]


def words_of_html(content):
    main = BeautifulSoup(content.decode("utf-8"), "html.parser").find("main")
    headings = [h.get_text() for h in main.find_all(re.compile("^h[2-6]$"))]
    return headings, [img["alt"] for img in main.find_all("img")], main.get_text(" ")


def words_of_docx(content):
    docx = pytest.importorskip("docx")
    made = docx.Document(io.BytesIO(content))
    headings = [p.text for p in made.paragraphs if p.style.name.startswith("Heading")]
    alts = [shape._inline.docPr.get("descr") for shape in made.inline_shapes]
    formulas = [e.text for e in made.element.body.iter() if e.tag.endswith("}t") and "/math" in e.tag]
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return headings, alts, " ".join([*(p.text for p in made.paragraphs), *formulas, *cells])


def words_of_pdf(content):
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    tags = [(str(tag["/S"]), tag) for tag in walk(reader.trailer["/Root"]["/StructTreeRoot"])]
    alts = [str(tag["/Alt"]) for kind, tag in tags if kind == "/Figure"]
    text = " ".join(page.extract_text() for page in reader.pages[1:])
    return [str(entry["/Title"]) for entry in flat(reader.outline)], alts, text


def walk(tag):
    """Yield every element of a PDF's structure."""
    kids = tag.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from walk(kid)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")


def test_page_docx_and_pdf_have_the_same_headings_numbers_and_alternative_texts(team_files):
    document, files = team_files
    page, docx, pdf = (read(files[kind]) for kind, read in
                       (("html", words_of_html), ("docx", words_of_docx), ("pdf", words_of_pdf)))  # fmt: skip
    assert page[0] == docx[0] == [part.title for part in document.parts]
    assert [title for title in pdf[0] if title != "Contents"] == page[0]
    assert page[1] == docx[1] == pdf[1] == [ALT_OF_ALL] * len(page[1])
    assert len(page[1]) >= 4
    numbers = [sorted(NUMBERS.findall(words)) for _, _, words in (page, docx, pdf)]
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) > 300
    assert set(numbers[0]) <= set(numbers[2])


def test_the_same_report_gives_the_same_bytes_in_each_format(team_files):
    document, files = team_files
    for format, content in files.items():
        assert write_document(document, format) == content, format


def test_a_format_that_there_is_not_is_refused(report_for):
    with pytest.raises(ReportError, match="html, docx, pdf"):
        write_document(report_for(figures={}), "odt")


def test_tables_for_reading_write_numbers_one_way():
    import pandas as pd

    frame = pd.DataFrame(
        {"site": ["S1", "S<2"], "index": [-0.256, float("nan")], "n": [1966, 3], "new": [True, False]}
    )
    soup = BeautifulSoup(html_table(frame, caption="By site & year"), "html.parser")
    cells = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]
    assert cells == [
        ["site", "index", "n", "new"],
        ["S1", "−0.26", "1,966", "yes"],
        ["S<2", "–", "3", "no"],
    ]
    assert soup.find("caption").get_text() == "By site & year"
    assert [cell.get("class") for cell in soup.find_all("tr")[1].find_all("td")] == [["num"], ["num"], None]


def test_chosen_columns_have_their_headings_and_formats():
    import pandas as pd

    frame = pd.DataFrame({"a": ["x"], "b": [0.25], "c": [1]})
    made = html_table(
        frame, caption="C", columns={"a": "Name", "b": "Share"}, formats={"b": lambda v: f"{v:.0%}"}
    )
    assert ">Share<" in made
    assert ">25%<" in made
    assert "c" not in re.findall(r"<th[^>]*>([^<]*)<", made)


def test_an_interval_is_not_broken_between_lines():
    assert "46% (39%\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}55%)" in cells_table(
        ["a", "b"], [["x", "46% (39% to 55%)"]], caption="c"
    )


def test_a_cell_with_a_sentence_in_it_gets_a_wider_column():
    rows = [("Short.", "so few sites that no outcome could have told it from chance")]
    soup = BeautifulSoup(cells_table(["Claim", "Remark"], rows, caption="C"), "html.parser")
    assert [cell.get("class") for cell in soup.find("tbody").find_all(["th", "td"])] == [None, ["long"]]


@pytest.mark.parametrize(("value", "text"), [(["a", "b"], "a, b"), (0.0, "0.00"), ("", "–"), (None, "–")])
def test_single_values_are_written_plainly(value, text):
    assert plain(value) == text


COLOURS = {
    "ink": "#1b1b1b",
    "quiet": "#4a4a4a",
    "link": "#0b4f8a",
    "visited": "#5a2a7a",
}


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def test_each_colour_of_the_page_has_contrast_enough(soup):
    style = soup.find("style").get_text()
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", style.split("@media print")[0]))
    assert found.items() >= COLOURS.items()
    for name in COLOURS:
        for ground in ("paper", "shade"):
            assert contrast(found[name], found[ground]) >= 4.5, (name, ground)
    assert contrast(found["line"], found["paper"]) >= 3
    assert set(re.findall(r"(?<!-)\bcolor: ([^;]+);", style)) <= {f"var(--{name})" for name in found}


def test_the_colours_of_code_have_contrast_enough_on_paper():
    from peercompare.report.exporter import page_style

    colours = set(
        re.findall(r"(?<!-)color: (#[0-9A-Fa-f]{6})", page_style(show_code=True).split("@media print")[1])
    )
    assert len(colours) > 5
    assert all(contrast(colour.lower(), "#ffffff") >= 4.5 for colour in colours)
