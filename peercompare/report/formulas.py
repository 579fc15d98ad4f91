"""The report's few formulas, once, written as MathML, as Office's mathematics and for the PDF.

A formula is a tree of nodes; each node is a tuple of its kind and its parts:

- ``("i", "D")`` a letter, ``("t", "clinical")`` a word, ``("n", "1")`` a number, ``("o", "−")`` an operator;
- ``("row", node, ...)``, ``("sub", base, below)``, ``("frac", above, below)``.

Each carries the words that say it, for whoever hears the page.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

Node = tuple
"""A kind, and text or nodes."""

MATHML = {"i": "mi", "t": "mtext", "n": "mn", "o": "mo"}
OMML = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
OPERATORS = {"−": "-"}
"""Signs that the PDF's mathematics calls otherwise."""


@dataclass(frozen=True)
class Formula:
    """A formula and the words that say it.

    Parameters
    ----------
    words : str
        As one would read it aloud.
    tree : tuple
        Its nodes.
    """

    words: str
    tree: Node

    @property
    def mathml(self) -> str:
        """The formula as a MathML element that stands by itself."""
        words = html.escape(self.words)
        return f'<math display="block" alttext="{words}" aria-label="{words}">{_mathml(self.tree)}</math>'

    @property
    def omml(self) -> str:
        """The formula as Office's mathematics, a paragraph of its own."""
        return f"<m:oMathPara {OMML}><m:oMath>{_omml(self.tree)}</m:oMath></m:oMathPara>"

    @property
    def typst(self) -> str:
        """The formula in the mathematics of Typst, which writes the PDF."""
        return _typst(self.tree)


def index_formula(low: str, high: str) -> Formula:
    """Return the index: the share of one end less the share of the other."""
    tree = ("row", ("i", "D"), ("o", "="), _share(high), ("o", "−"), _share(low))
    return Formula(f"D equals the share of {high} minus the share of {low}.", tree)


def share_formula(stance: str) -> Formula:
    """Return a share: segments of one stance among those of any."""
    tree = ("row", _share(stance), ("o", "="), ("frac", _counted(stance), _counted("stance-taking")))
    words = f"The share of {stance} equals the {stance} segments over all that take a stance."
    return Formula(words, tree)


ALPHA = Formula(
    "Alpha equals one minus the observed disagreement over the disagreement expected by chance.",
    (
        "row", ("i", "α"), ("o", "="), ("n", "1"), ("o", "−"),
        ("frac", ("sub", ("i", "D"), ("i", "o")), ("sub", ("i", "D"), ("i", "e"))),
    ),
)  # fmt: skip
GWET = Formula(
    "Gwet's coefficient equals the observed agreement minus that expected by chance, over one minus that "
    "expected by chance.",
    (
        "row", ("t", "AC1"), ("o", "="),
        (
            "frac",
            ("row", ("sub", ("i", "p"), ("i", "a")), ("o", "−"), ("sub", ("i", "p"), ("i", "e"))),
            ("row", ("n", "1"), ("o", "−"), ("sub", ("i", "p"), ("i", "e"))),
        ),
    ),
)  # fmt: skip


def _share(stance: str) -> Node:
    return ("sub", ("i", "p"), ("t", stance))


def _counted(stance: str) -> Node:
    return ("sub", ("i", "n"), ("t", stance))


def _mathml(node: Node) -> str:
    kind, *parts = node
    if kind in MATHML:
        return f"<{MATHML[kind]}>{html.escape(parts[0])}</{MATHML[kind]}>"
    tag = {"row": "mrow", "sub": "msub", "frac": "mfrac"}[kind]
    return f"<{tag}>{''.join(map(_mathml, parts))}</{tag}>"


def _omml(node: Node) -> str:
    kind, *parts = node
    if kind in MATHML:
        plain = '<m:rPr><m:sty m:val="p"/></m:rPr>' if kind == "t" else ""
        return f'<m:r>{plain}<m:t xml:space="preserve">{html.escape(parts[0])}</m:t></m:r>'
    inner = [_omml(part) for part in parts]
    if kind == "row":
        return "".join(inner)
    if kind == "sub":
        return f"<m:sSub><m:e>{inner[0]}</m:e><m:sub>{inner[1]}</m:sub></m:sSub>"
    return f"<m:f><m:num>{inner[0]}</m:num><m:den>{inner[1]}</m:den></m:f>"


def _typst(node: Node) -> str:
    kind, *parts = node
    if kind == "t":
        quoted = parts[0].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    if kind in MATHML:
        return OPERATORS.get(parts[0], parts[0])
    inner = [_typst(part) for part in parts]
    if kind == "row":
        return " ".join(inner)
    if kind == "sub":
        return f"{inner[0]}_({inner[1]})"
    return f"({inner[0]}) / ({inner[1]})"
