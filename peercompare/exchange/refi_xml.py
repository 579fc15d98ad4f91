"""Hardened reading of REFI-QDA XML: no document type, no entities, no network, no recovery.

The file is read once, in pieces. Selections, of which there may be very many, go straight into the columns
of `peercompare.exchange.refi_selections`; everything else becomes a small tree, element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol
from xml.parsers import expat

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.refi_selections import Selections

CHUNK = 2**17
LONGEST_TAG = 10_000_000
"""Bytes of one tag with its attributes; expat reads a tag anew with each piece of it, so it must end."""

DEEPEST = 256
"""How deep elements may nest."""

WORDS = frozenset(
    (
        "Description", "PlainTextContent", "TextValue", "BooleanValue", "IntegerValue", "FloatValue",
        "DateValue", "DateTimeValue",
    )
)  # fmt: skip
"""Elements whose text matters; what stands between others is nobody's words."""

Opener = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens a file from its start."""


class Faults:
    """Everything wrong with one file, gathered to be raised at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[tuple[int, Problem]] = []

    def at(self, line: int, name: str, what: str, remedy: str = "") -> None:
        """Note one fault at a line of the file (0 where it has none) and in what stands there."""
        place = f"line {line} ({name})" if line and name else f"line {line}" if line else name
        where = f"{self.file}, {place}" if place else self.file
        self._found.append((line, Problem(where, what, remedy)))

    def stop(self) -> None:
        """Raise where there are faults, in the order of the file."""
        if self._found:
            problems = [problem for _, problem in sorted(self._found, key=lambda row: row[0])]
            raise ExchangeError(
                f"{self.file} cannot be imported; nothing was written", problems, remedy=_ANEW
            )


class Element:
    """An element that has ended: its name without a namespace, its attributes, text and children."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name, self.attributes, self.line = name, attributes, line
        self.children: list[Element] = []
        self.text = ""

    def get(self, attribute: str) -> str:
        """Return an attribute, ``""`` where it is missing."""
        return self.attributes.get(attribute, "")

    def each(self, *names: str) -> Iterator[Element]:
        """Yield the children of some names."""
        return (child for child in self.children if child.name in names)

    def below(self, *names: str) -> Iterator[Element]:
        """Yield the element and all below it, of some names, in the order of the file."""
        waiting = [self]
        while waiting:
            found = waiting.pop()
            if found.name in names:
                yield found
            waiting += reversed(found.children)

    def text_of(self, name: str) -> str:
        """Return the text of the first child of a name, ``""`` where there is none."""
        return next((child.text for child in self.each(name)), "")


class Taker(Protocol):
    """Who is handed what a file says.

    `tags` are the elements that are handed over; they are not kept in the tree. The selections whose tags are
    among `streamed`, inside elements among `holders`, go into `rows`, which may be exchanged at any time.
    """

    tags: Collection[str]
    holders: Collection[str]
    streamed: str
    rows: Selections

    def take(self, element: Element, parent: Element | None) -> None:
        """Read an element that has ended, in the element around it, which is still open."""


def scan(opener: Opener, file: str, root: str, taker: Taker) -> None:
    """Read a file once and hand what it says to the taker.

    Parameters
    ----------
    opener : callable
        Opens the file.
    file : str
        Its name, for messages.
    root : str
        What the root element must be called, in any namespace.
    taker : Taker
        Gets the elements and selections.

    Raises
    ------
    ExchangeError
        Where the file is truncated or malformed, has a document type (and so could have entities), an
        encoding nobody knows, another root, tags larger than is safe or nested too deep.
    """
    reading = _Scan(file, root, taker)
    try:
        with opener() as stream:
            while chunk := stream.read(CHUNK):
                reading.feed(chunk)
        reading.close()
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise _not_xml(file, str(error)) from None
    finally:
        reading.let_go()


class _Scan:
    """One file while it is read: the elements that are open, handlers for inside and outside selections."""

    def __init__(self, file: str, root: str, taker: Taker) -> None:
        self._file, self._root, self._taker = file, root, taker
        self._names = _LocalNames()
        self._open: list[Element] = []
        self._words: list[str] = []
        self._fed = 0
        # with a namespace separator expat refuses prefixes that nobody declared
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        self._tune()

    def feed(self, chunk: bytes) -> None:
        """Read a piece of the file."""
        self._fed += len(chunk)
        self._parser.Parse(chunk, False)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > LONGEST_TAG:
            self._refuse(f"a tag in it is longer than {LONGEST_TAG:,} bytes", _BESIDE)

    def close(self) -> None:
        """Read the end of the file."""
        self._parser.Parse(b"", True)

    def let_go(self) -> None:
        """Take the handlers off, so that parser and reading no longer hold each other."""
        parser = self._parser
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        parser.StartDoctypeDeclHandler = None

    def _tune(self) -> None:
        """Listen for selections where they may come next, and only there."""
        parser, start, end = self._parser, self._start, self._end
        if self._open and self._open[-1].name in self._taker.holders:
            start, end = self._selecting()
        parser.StartElementHandler, parser.EndElementHandler = start, end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element outside selections."""
        tag, opened = self._names[name], self._open
        if not opened and tag != self._root:
            fault = Problem(self._file, f"its root element is {tag[:60]!r}, not {self._root!r}", _OTHER)
            raise ExchangeError(f"{self._file} is not a REFI-QDA {self._root.lower()}", [fault])
        self._deeper(len(opened))
        opened.append(Element(tag, attributes, self._parser.CurrentLineNumber))
        if tag in WORDS:
            self._listen()
        self._tune()

    def _end(self, name: str) -> None:
        """Close an element outside selections; hand it over, or keep it for the element around it."""
        element = self._open.pop()
        if element.name in WORDS:
            element.text = self._heard()
        parent = self._open[-1] if self._open else None
        if element.name in self._taker.tags:
            self._taker.take(element, parent)
        elif parent is not None:
            parent.children.append(element)
        self._tune()

    def _selecting(self) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
        """Return the handlers for an element that holds selections: nothing else is called so often.

        What nearly every element is, is done here; the rest is left to `within`.
        """
        rows, names, parser, streamed = self._taker.rows, self._names, self._parser, self._taker.streamed
        open_selection, open_coding, codes = rows.open, rows.coding, rows.codes
        level, in_coding, by = 0, False, ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal level, in_coding, by
            tag = names[name]
            level += 1
            if level == 3 and in_coding and tag == "CodeRef" and not codes[-1]:
                codes[-1] = attributes.get("targetGUID", "")
            elif level == 2 and tag == "Coding":
                in_coding = True
                open_coding(attributes, by)
            elif level == 1 and tag == streamed:
                by = open_selection(attributes, parser.CurrentLineNumber)
            elif level == 1:
                level = 0
                self._start(name, attributes)
            else:
                in_coding = in_coding and level > 2
                self._within(tag, attributes, level, in_coding)

        def end(name: str) -> None:
            nonlocal level
            if level == 0:
                self._end(name)
                return
            level -= 1
            if level == 1 and names[name] == "Description":
                rows.remark(self._heard(), by)

        return start, end

    def _within(self, tag: str, attributes: dict[str, str], level: int, in_coding: bool) -> None:
        """Take what stands in a selection and is no coding, or in a coding and is no code."""
        if level == 2 and tag == "Description":
            self._listen()
        elif level == 2:
            self._taker.rows.within_selection(tag, attributes)
        elif level == 3 and in_coding:
            self._taker.rows.within_coding(tag, attributes)
        self._deeper(level)

    def _deeper(self, level: int) -> None:
        """Raise where elements nest deeper than is safe to read."""
        if level >= DEEPEST:
            self._refuse(f"its elements nest more than {DEEPEST} deep", _AGAIN)

    def _listen(self) -> None:
        """Gather the characters that come."""
        self._words = []
        self._parser.CharacterDataHandler = self._words.append

    def _heard(self) -> str:
        """Return the characters that came, and gather no more."""
        self._parser.CharacterDataHandler = None
        words, self._words = "".join(self._words), []
        return words

    def _doctype(self, *_: object) -> None:
        """Raise: project files have no document type, and entities need one."""
        what = "it declares a document type, through which entities could be defined"
        raise ExchangeError(f"{self._file} is refused", [Problem(self._file, what, "do not trust this file")])

    def _refuse(self, what: str, remedy: str) -> None:
        """Raise: the file is larger or deeper in one place than is safe to read."""
        raise ExchangeError(f"{self._file} cannot be read", [Problem(self._file, what, remedy)])


class _LocalNames(dict):
    """The names of elements without their namespace, each cut once."""

    def __missing__(self, name: str) -> str:
        self[name] = found = name.rpartition(" ")[2]
        return found


_ANEW = "mend them in the tool that wrote the file, and export it again"
_AGAIN = "export the project again and copy it whole"
_BESIDE = "export the project with its texts as files beside project.qde"
_OTHER = "give another file"


def _not_xml(file: str, words: str) -> ExchangeError:
    """Return the error of a file that is not whole, well-formed XML."""
    what = f"it is no whole, well-formed XML: {words}"
    return ExchangeError(f"{file} cannot be read", [Problem(file, what, _AGAIN)])
