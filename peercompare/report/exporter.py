"""From an executed notebook to one page: no prompts, no scripts, no network, and readable by everybody.

``jupyter nbconvert --to peercompare_report notebook.ipynb`` finds the exporter by its entry point;
`render_notebook` is the same from Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import mistune
import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import Bool, Unicode, default

from peercompare.errors import Problem, ReportError
from peercompare.report import page
from peercompare.report.cleaning import clean_html
from peercompare.report.outputs import TEX, alt_fault, chosen_format, output_html

TEMPLATES = Path(__file__).parent / "templates"
CODE_STYLE = "xcode"  # of Pygments' styles one whose contrast on white is above 4.5 throughout
PLUGINS = ("strikethrough", "table", "url", "task_lists", "def_list")
FOOTER = "Made with peercompare. Not for hiring, discipline or pay; never to rank or flag a person."


class ReportExporter(HTMLExporter):
    """Export a notebook as an accessible page.

    The traits that matter are `show_code` (code cells folded into ``details``; the default leaves them out),
    `title` (default: the notebook's first heading), `footer` and `language_code`.

    Parameters
    ----------
    config : traitlets.config.Config, optional
        Traits by class, as in ``Config({"ReportExporter": {"show_code": True}})``.
    **kw
        Traits by name, as in ``title="Site report"``, and what nbconvert's `HTMLExporter` takes beyond them.
    """

    export_from_notebook = "Report (accessible HTML)"

    show_code = Bool(False, help="Show code cells, folded.").tag(config=True)
    title = Unicode("", help="Title of the page; by default the notebook's first heading.").tag(config=True)
    footer = Unicode(FOOTER, help="One line at the end of the page.").tag(config=True)

    @default("template_name")
    def _template_name_default(self) -> str:
        return "peercompare"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    def default_filters(self):
        """Add the filters that the template uses."""
        yield from super().default_filters()
        yield "markdown_cell", markdown_cell
        yield "output_html", lambda output: output_html(output, markdown=markdown_html)
        yield "code_html", code_html

    def from_notebook_node(self, nb, resources=None, **kw):
        """Convert a notebook, or raise where the page would shut somebody out or lose an output.

        Raises
        ------
        ReportError
            With all faults that were found: images without alternative text, TeX that would stay raw, remote
            images.
        """
        refuse_faults(nb)
        html, resources = super().from_notebook_node(nb, resources, **kw)
        html = self._finished(html)
        _refuse_lost_outputs(html, self._shown)
        faults = page.page_faults(html)
        if faults:
            raise ReportError("The page cannot be read by everybody", faults)
        return html, resources

    def _init_resources(self, resources):
        resources = super()._init_resources(resources)
        resources["show_code"] = self.show_code
        resources["page_title"] = self.title or resources.get("metadata", {}).get("name") or "Notebook"
        resources["page_footer"] = self.footer
        resources["page_style"] = page_style(show_code=self.show_code)
        return resources

    def _preprocess(self, nb, resources):
        nb, resources = super()._preprocess(nb, resources)
        self._shown = sum(len(cell.get("outputs", ())) for cell in nb.cells)
        return nb, resources

    def _finished(self, html: str) -> str:
        """Return the page with its title lifted, headings ordered, contents filled and tables mended."""
        soup = page.parse(html)
        title = page.lift_title(soup)
        if title and not self.title:
            soup.title.string = title
        page.order_headings(soup)
        page.finish(soup)
        return str(soup)


def render_notebook(
    notebook, *, show_code: bool = False, title: str = "", language: str = "en", footer: str = FOOTER
) -> str:
    """Return an executed notebook as one accessible page.

    Parameters
    ----------
    notebook : NotebookNode, str or Path
        A notebook with its outputs, or the path of one.
    show_code : bool, default False
        Show code cells, folded, for students.
    title : str, default ""
        Title of the page; by default the notebook's first heading.
    language : str, default "en"
        ISO 639-1 code of the text's language.
    footer : str
        One line at the end of the page.

    Returns
    -------
    str
        HTML that loads nothing and runs nothing.

    Raises
    ------
    ReportError
        Where an image has no alternative text, TeX would stay raw, or the page fails its own check.
    """
    if isinstance(notebook, str | Path):
        notebook = nbformat.read(notebook, as_version=4)
    exporter = ReportExporter(show_code=show_code, title=title, language_code=language, footer=footer)
    return exporter.from_notebook_node(notebook)[0]


def refuse_faults(notebook: Mapping) -> None:
    """Raise where a notebook holds what a page cannot show to everybody, with all such places at once.

    Raises
    ------
    ReportError
    """
    faults = [
        fault
        for number, cell in enumerate(notebook["cells"], start=1)
        for fault in _cell_faults(number, cell)
    ]
    if faults:
        raise ReportError(
            "The notebook cannot become a page that everybody can read",
            faults,
            remedy="show figures with peercompare.figures.show; write formulas in words",
        )


def _cell_faults(number: int, cell: Mapping) -> list[Problem]:
    """Return the faults of one cell: TeX in its words, images without alternative text in its outputs."""
    where = f"cell {number}"
    if cell["cell_type"] == "markdown":
        tex = TEX.search(re.sub(r"(?s)```.*?```|`[^`\n]*`", "", cell["source"]))
        return [Problem(where, f"TeX would stay raw: {tex.group(0)!r}")] if tex else []
    faults = []
    for position, output in enumerate(cell.get("outputs", ()), start=1):
        chosen = chosen_format(output.get("data", {}))
        if chosen.startswith("image/"):
            alt = output.get("metadata", {}).get(chosen, {}).get("alt")
            fault = alt_fault(None if alt is None else str(alt))
            faults += (
                [Problem(f"{where}, output {position}", f"a figure cannot be shown: {fault}")]
                if fault
                else []
            )
    return faults


def _refuse_lost_outputs(html: str, expected: int) -> None:
    """Raise where the page does not hold each output once."""
    found = len(page.parse(html).find_all(attrs={"data-output": True}))
    if found != expected:
        raise ReportError(
            f"The page shows {found} outputs; the notebook has {expected}",
            remedy="a changed template must pass every output through the filter output_html",
        )


def markdown_html(source: str, attachments: Mapping | None = None) -> str:
    """Return Markdown as clean HTML. Mathematics is not interpreted."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=dict(attachments or {}))
    return clean_html(str(mistune.create_markdown(renderer=renderer, plugins=list(PLUGINS))(source)))


def markdown_cell(cell: Mapping) -> str:
    """Return a markdown cell as clean HTML, with the images attached to it."""
    return markdown_html(cell["source"], cell.get("attachments"))


def code_html(source: str) -> str:
    """Return Python source with its syntax coloured."""
    return highlight(source, PythonLexer(), HtmlFormatter(cssclass="highlight"))


def page_style(*, show_code: bool) -> str:
    """Return the page's style sheet, with the colours of code where code is shown or quoted."""
    own = (TEMPLATES / "peercompare" / "page.css").read_text(encoding="utf-8")
    colours = HtmlFormatter(style=CODE_STYLE, nobackground=True).get_style_defs(".highlight")
    return f"{own}\n{colours}" if show_code else own
