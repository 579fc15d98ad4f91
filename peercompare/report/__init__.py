"""Summarise, then render: pages that everybody can read, built from the study's tables alone."""

from importlib import import_module

_PUBLIC = {
    "ReportExporter": "exporter",
    "render_notebook": "exporter",
    "run_notebook": "execute",
    "notebook_faults": "execute",
    "strip_notebook": "execute",
    "page_faults": "page",
    "html_table": "tables",
    "show_table": "tables",
    "summarise_study": "summarise",
    "Document": "document",
    "Quotation": "quotations",
    "write_document": "render",
    "render_report": "render",
    "ReportFigure": "figure_files",
    "read_figures": "figure_files",
}

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use, since nbconvert takes half a second to import."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'peercompare.report' has no attribute {name!r}")
    value = getattr(import_module(f"peercompare.report.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
