"""Notebooks and outputs for the tests of reports."""

import base64
import io

import nbformat
import pytest

ALT = "A line that rises from one to three."


def png_bytes():
    """One white pixel, as PNG."""
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    imsave(buffer, [[[1.0, 1.0, 1.0]]], format="png")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def png():
    """One white pixel, as base64."""
    return base64.b64encode(png_bytes()).decode()


@pytest.fixture
def output():
    """Make an output of the given kind."""

    def make(data, kind="display_data", metadata=None):
        extra = {"execution_count": 1} if kind == "execute_result" else {}
        return nbformat.v4.new_output(kind, data=data, metadata=metadata or {}, **extra)

    return make


@pytest.fixture
def figure(png, output):
    """Make a figure's output; pass ``alt=None`` for one without alternative text."""

    def make(alt=ALT, caption="Figure 1. A line."):
        metadata = {"caption": caption} if alt is None else {"alt": alt, "caption": caption}
        return output({"image/png": png, "text/plain": "<Figure size 1x1>"}, metadata={"image/png": metadata})

    return make


@pytest.fixture
def notebook():
    """Make a notebook from strings (words) and lists (outputs of a code cell)."""

    def make(*parts):
        cells = []
        for number, part in enumerate(parts):
            if isinstance(part, str):
                cells.append(nbformat.v4.new_markdown_cell(part, id=f"c{number}"))
            else:
                cells.append(nbformat.v4.new_code_cell("secret_name = 1", outputs=part, id=f"c{number}"))
        return nbformat.v4.new_notebook(cells=cells)

    return make


@pytest.fixture
def code_notebook(tmp_path):
    """Write a notebook of code cells and return its path; a cell given as (source, tag) is tagged."""

    def make(*sources, name="try.ipynb"):
        cells = []
        for number, source in enumerate(sources):
            text, tags = source if isinstance(source, tuple) else (source, None)
            metadata = {"tags": [tags]} if tags else {}
            cells.append(nbformat.v4.new_code_cell(text, id=f"c{number}", metadata=metadata))
        path = tmp_path / name
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return make
