"""A notebook somebody else sent: outputs and words that would run, load, or hide the page around them."""

import nbformat

AWAY = "https://example.org"


def runs(name, window="window"):
    """Return a script that leaves its name behind in ``window.ran``."""
    return f'({window}.ran = {window}.ran || []).push("{name}")'


HTML = (
    f"<script>{runs('script')}</script>",
    f"<audio preload='auto' src='{AWAY}/a.mp3' onerror='{runs('sound')}'></audio>",
    f"<svg onload='{runs('drawing')}' width='9' height='9'></svg>",
    f"<iframe src='{AWAY}/frame'></iframe>"
    f"<iframe srcdoc='<script>{runs('frame', 'parent')}</script>'></iframe>",
    "<style>body { display: none !important; }</style>",
)
"""As output of a cell."""


def hostile_notebook():
    """Return a notebook with seven payloads: five as HTML, one as JavaScript, one in a cell of words.

    An image from elsewhere is not among them: our exporter refuses the notebook that holds one.
    """
    cells = [nbformat.v4.new_markdown_cell("# Words that should stay\n\nThe page says this.", id="c0")]
    outputs = [nbformat.v4.new_output("display_data", data={"text/html": value}) for value in HTML]
    script = {"application/javascript": runs("javascript"), "text/plain": "<Javascript>"}
    outputs.append(nbformat.v4.new_output("display_data", data=script))
    cells.append(nbformat.v4.new_code_cell("1", outputs=outputs, execution_count=1, id="c1"))
    words = f"## More\n\n<script>{runs('words')}</script>"
    cells.append(nbformat.v4.new_markdown_cell(words, id="c2"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
