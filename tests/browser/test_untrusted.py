"""What a notebook from a stranger does once somebody opens the page made of it: nothing."""

import pytest
from browser.payloads import hostile_notebook
from nbconvert import HTMLExporter

from peercompare.report import render_notebook

RAN = "() => window.ran || []"
SEEN = "() => document.body.checkVisibility() && document.body.innerText.includes('The page says this.')"


@pytest.fixture
def opened(open_page, tmp_path):
    def make(html):
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        page = open_page(path)
        page.wait_for_timeout(300)
        return page

    return make


def test_nothing_runs_nothing_is_loaded_and_nothing_hides_the_page(opened):
    page = opened(render_notebook(hostile_notebook(), show_code=True))
    assert page.evaluate(RAN) == []
    assert page.asked == []
    assert page.evaluate(SEEN)


def test_the_same_notebook_does_run_where_it_is_not_cleaned(opened):
    page = opened(HTMLExporter().from_notebook_node(hostile_notebook())[0])
    assert {"script", "drawing", "frame", "words"} <= set(page.evaluate(RAN))
    assert not page.evaluate(SEEN)
