"""A real browser, axe-core, and every page that peercompare makes, rendered once.

`make test-browser` installs what is needed into a folder of its own and names it in
``PEERCOMPARE_BROWSER_TOOLS``. Elsewhere these tests are skipped, with the reason.
"""

import os
import shutil
from pathlib import Path

import nbformat
import pytest

PAGES = ("methods", "funder", "team", "notebook", "lesson", "codebook", "card", "form")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WINDOW = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def tools():
    """The folder into which `make test-browser` installed the driver and axe-core."""
    folder = os.environ.get("PEERCOMPARE_BROWSER_TOOLS")
    if not folder:
        pytest.skip("needs a browser and axe-core: run `make test-browser`")
    return Path(folder)


@pytest.fixture(scope="session")
def axe_source(tools):
    """The text of axe-core."""
    return (tools / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser(tools, page_files):
    """One browser for all tests, without a window.

    It starts after the pages are made: the driver keeps an event loop running, under which no notebook runs.
    """
    from playwright.sync_api import sync_playwright

    found = os.environ.get("PEERCOMPARE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.exit(
            "No browser was found: install Chromium or Chrome, or name one in PEERCOMPARE_CHROMIUM. "
            f"Looked for {', '.join(BROWSERS)}.",
            returncode=2,
        )
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def executed(data_folder):
    """A notebook with every kind of output, as it was executed."""
    return nbformat.read(data_folder / "notebooks" / "every_output.ipynb", as_version=4)


@pytest.fixture(scope="session")
def page_files(tools, tmp_path_factory, small_results, deegan, executed, corpora_folder):
    """Every kind of page that peercompare makes, as files, by name."""
    from peercompare.consent.form import consent_form
    from peercompare.framework import codebook
    from peercompare.report import render_notebook, run_notebook, write_document
    from peercompare.study import read_study
    from peercompare.study.reports import study_report

    folder = tmp_path_factory.mktemp("pages")
    study = read_study(small_results.folder.parent / "study.toml")
    lesson = corpora_folder.parent / "notebooks" / "01_the_framework.ipynb"
    made = {name: write_document(study_report(study, name)).decode() for name in PAGES[:3]}
    made["notebook"] = render_notebook(executed, show_code=True)
    made["lesson"] = render_notebook(run_notebook(lesson), show_code=True)
    made["codebook"] = codebook(deegan, format="html")
    made["card"] = next((small_results.folder / "models").glob("*.card.html")).read_text(encoding="utf-8")
    made["form"] = consent_form(format="html")
    for name, html in made.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.fixture
def open_page(browser):
    """Open a file in a window of its own; what it asks of any network is kept in ``page.asked``."""
    contexts = []

    def opened(path, *, width=WINDOW["width"], **media):
        context = browser.new_context(viewport={**WINDOW, "width": width}, offline=True, **media)
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(Path(path).resolve().as_uri())
        page.asked = [url for url in page.asked if not url.startswith(("file:", "data:"))]
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=PAGES)
def page_file(request, page_files):
    """Each page in turn."""
    return page_files[request.param]
