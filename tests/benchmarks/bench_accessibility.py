"""One notebook through nbconvert's own templates and through ours: what axe-core finds, and what runs.

`make test-browser` installs what this needs; then

    PEERCOMPARE_BROWSER_TOOLS=.venv-browser PYTHONPATH=.venv-browser/python:tests python
    tests/benchmarks/bench_accessibility.py

The first table counts axe-core's violations (rules / nodes, every rule that it has switched on by itself)
with the folds of the page closed and open, the images whose alternative text is a placeholder, how far the
page reaches beyond a window of 320 pixels, and the addresses that it asks for. The second is the notebook of
`browser/payloads.py`, opened without a network: which payloads ran, what the page asked of other machines,
and whether its words could still be seen.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from browser import scripts
from browser.payloads import hostile_notebook
from nbconvert import HTMLExporter
from playwright.sync_api import sync_playwright

from peercompare.report import render_notebook
from peercompare.report.outputs import alt_fault

NOTEBOOK = Path(__file__).parents[1] / "data" / "notebooks" / "every_output.ipynb"
TEMPLATES = {
    "nbconvert lab": {"template_name": "lab"},
    "nbconvert classic": {"template_name": "classic"},
    "nbconvert basic": {"template_name": "basic"},
    "nbconvert lab, sanitize_html": {"template_name": "lab", "sanitize_html": True},
}


def converters():
    """Yield each way to a page: its name, and a function of a notebook."""
    for name, options in TEMPLATES.items():
        yield name, lambda notebook, options=options: HTMLExporter(**options).from_notebook_node(notebook)[0]
    yield "peercompare", lambda notebook: render_notebook(notebook, show_code=True)


def opened(browser, html, folder):
    """Open a page without a network; return it and the addresses that it asked for."""
    path = Path(folder) / "page.html"
    path.write_text(html, encoding="utf-8")
    page = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    return page, [url for url in asked if url.startswith("http")]


def counted(page):
    """Return axe-core's violations as rules / nodes."""
    found = page.evaluate(scripts.AXE)
    return f"{len({line.split(':')[0] for line in found})} / {len(found)}"


def audit(browser, axe, html, folder):
    """Return one line of the first table."""
    page, asked = opened(browser, html, folder)
    page.evaluate(axe + "; 0")
    found = []
    for unfolded in (False, True):
        page.evaluate(scripts.FOLDS, unfolded)
        found.append(counted(page))
    bad = sum(bool(alt_fault(alt)) for _, alt in page.evaluate(scripts.IMAGES))
    page.set_viewport_size({"width": 320, "height": 640})
    needed, given = page.evaluate(scripts.WIDTHS)
    return [f"{len(html) // 1024} KB", *found, bad, f"{needed - given} px", len(asked)]


def attack(browser, html, folder):
    """Return one line of the second table."""
    page, asked = opened(browser, html, folder)
    seen = page.evaluate(
        "() => document.body.checkVisibility() && document.body.innerText.includes('The page says this.')"
    )
    ran = page.evaluate("() => [...new Set(window.ran)].sort()")
    return [f"{len(ran)} {' '.join(ran)}", len(asked), "yes" if seen else "no"]


def show(headings, rows):
    """Print a table as Markdown."""
    lines = ["|".join(map(str, row)) for row in (headings, ["---"] * len(headings), *rows)]
    sys.stdout.write("".join(f"|{line}|\n" for line in lines) + "\n")


def main():
    tools = Path(os.environ["PEERCOMPARE_BROWSER_TOOLS"])
    axe = (tools / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    chromium = os.environ.get("PEERCOMPARE_CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    audits, attacks = [], []
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, convert in converters():
            audits.append([name, *audit(browser, axe, convert(notebook), folder)])
            attacks.append([name, *attack(browser, convert(hostile_notebook()), folder)])
        browser.close()
    columns = ["size", "axe, folded", "axe, unfolded", "bad alt", "beyond 320 px", "addresses asked for"]
    show(["template", *columns], audits)
    show(["template", "payloads that ran", "addresses asked for", "words still seen"], attacks)


if __name__ == "__main__":
    main()
