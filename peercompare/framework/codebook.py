"""The framework on paper: an overview for notebooks and the coder's codebook."""

from __future__ import annotations

from html import escape

from peercompare.framework.model import Framework


def overview_html(framework: Framework) -> str:
    """An accessible table of the framework's codes, for notebooks."""
    head = "".join(f'<th scope="col">{escape(stance.label)}</th>' for stance in framework.stances)
    rows = []
    for dimension in framework.dimensions:
        cells = "".join(
            f"<td>{escape(code.label)}</td>" for code in framework.codes if code.dimension == dimension.id
        )
        rows.append(f'<tr><th scope="row">{escape(dimension.label)}</th>{cells}</tr>')
    caption = (
        f"{escape(framework.title)}, version {escape(framework.version)}. "
        f"Reviewed by: {escape(framework.reviewed_in_words())}. {escape(framework.not_for)}"
    )
    return (
        f'<table><caption>{caption}</caption><thead><tr><th scope="col">Dimension</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def codebook(framework: Framework, format: str = "markdown") -> str:
    """Placeholder until the codebook is written."""
    raise NotImplementedError(format)
