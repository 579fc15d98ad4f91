"""Cleaning what a notebook brings: nothing that runs, loads, restyles or hides survives.

Notebooks travel between people, and their outputs hold whatever a library put there. Every piece of HTML that
did not come from our own template passes through `clean_html` before it enters a page.
"""

from __future__ import annotations

import re

TAGS = frozenset(
    (
        "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption"
        " figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub"
        " summary sup table tbody td tfoot th thead tr u ul var"
    ).split()
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "div": {"class"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"start"},
    "span": {"class"},
    "td": {"class", "colspan", "rowspan", "headers"},
    "th": {"class", "colspan", "rowspan", "scope", "abbr"},
}
KEPT_CLASSES = re.compile(r"^(highlight|long|language-[\w+-]+|[a-z]{1,3}\d?)$")
"""Classes of code highlighting, `num` and `long` of our tables; any other could take a rule of the style."""

IMAGE_DATA = re.compile(r"^data:image/(png|jpeg|gif|svg\+xml);base64,", re.IGNORECASE)
LINKS = re.compile(r"^(https?:|mailto:|#|[^:]*$)", re.IGNORECASE)
ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def clean_html(html: str) -> str:
    """Return the HTML with scripts, styles, frames, forms, event handlers and remote resources removed.

    Images keep their source only where it is in the page itself (a ``data:`` address of an image); links keep
    web and mail addresses. Classes, identifiers and inline styles go, except the classes of code
    highlighting, so that an output can neither restyle nor hide the page around it.

    Parameters
    ----------
    html : str
        A fragment from a markdown cell or an output.

    Returns
    -------
    str

    Examples
    --------
    >>> clean_html('<p onclick="steal()">Hello<script>steal()</script></p>')
    '<p>Hello</p>'
    >>> clean_html('<a href="data:text/html,x">here</a>')
    '<a rel="noopener noreferrer">here</a>'
    """
    import nh3

    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_kept_value,
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto", "data"},
    )


def strip_ansi(text: str) -> str:
    r"""Return the text without the escape sequences that colour a terminal.

    Examples
    --------
    >>> strip_ansi("\x1b[0;31mKeyError\x1b[0m: 'code'")
    "KeyError: 'code'"
    """
    return ANSI.sub("", text)


def _kept_value(tag: str, attribute: str, value: str) -> str | None:
    """Return an attribute's value where it is harmless, else None, which removes the attribute."""
    if attribute == "src":
        return value if IMAGE_DATA.match(value) else None
    if attribute == "href":
        return value if LINKS.match(value) else None
    if attribute == "class":
        kept = [name for name in value.split() if KEPT_CLASSES.match(name)]
        return " ".join(kept) or None
    return value
