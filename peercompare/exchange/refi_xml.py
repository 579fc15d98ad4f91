"""Hardened reading of REFI-QDA XML: no document type, no entities, no network, no recovery."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import BinaryIO
from xml.parsers import expat

from lxml import etree

from peercompare.errors import ExchangeError, Problem

GUID = re.compile(r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?")
CHUNK = 65_536

Opener = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens the same bytes from their start, each time it is called."""


class Faults:
    """Everything wrong with one file, gathered to be raised at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, where: str, what: str, remedy: str = "") -> None:
        """Note one fault at a place of the file."""
        self.problems.append(Problem(f"{self.file}, {where}" if where else self.file, what, remedy))

    def stop(self) -> None:
        """Raise where there are faults."""
        if self.problems:
            raise ExchangeError(
                f"{self.file} cannot be imported; nothing was written", self.problems, remedy=_ANEW
            )


class Guids:
    """The identifiers of one file: normalised, and each used once."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen: set[str] = set()
        self._normal: dict[str, str] = {}

    def new(self, element: etree._Element) -> str:
        """Return the identifier that an element bears; note one that is malformed, missing or used before."""
        match = GUID.fullmatch(element.get("guid") or "")
        found = match.group(1).lower() if match else self._malformed(element, "guid")
        if found in self._seen:
            remedy = "every GUID names one thing"
            self._faults.add(place(element), f"the GUID {found} is used twice", remedy)
        if found:
            self._seen.add(found)
        return found

    def of(self, element: etree._Element, attribute: str) -> str:
        """Return an identifier in lower case without braces, ``""`` where it is no GUID."""
        value = element.get(attribute) or ""
        found = self._normal.get(value)
        if found is None:
            match = GUID.fullmatch(value)
            if match is None:
                return self._malformed(element, attribute)
            found = self._normal[value] = match.group(1).lower()
        return found

    def _malformed(self, element: etree._Element, attribute: str) -> str:
        """Note an attribute that is no identifier; blanks around one are allowed."""
        value = element.get(attribute)
        match = GUID.fullmatch(value.strip()) if value else None
        if match:
            return match.group(1).lower()
        what = f"{attribute} is {value[:60]!r}, no GUID" if value else f"{attribute} is missing"
        self._faults.add(place(element), what, "a GUID has 8-4-4-4-12 hexadecimal digits")
        return ""


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace; ``""`` for comments and the like."""
    return _local(element.tag)


@lru_cache(maxsize=1024)
def _local(tag: object) -> str:
    """Return a tag without its namespace; comments have a function for a tag."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def place(element: etree._Element) -> str:
    """Return where an element stands, for a message."""
    return f"line {element.sourceline} ({local(element)})"


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of one name, in any namespace."""
    return element.iterchildren(f"{{*}}{name}")


def child_text(element: etree._Element, name: str) -> str:
    """Return the text of the first child of a name, ``""`` where there is none."""
    for found in children(element, name):
        return found.text or ""
    return ""


def parsed(
    opener: Opener, file: str, root: str, tags: Collection[str], growing: Collection[str] = ()
) -> Iterator[tuple[str, etree._Element]]:
    """Yield the elements of some names as they end.

    The caller empties what it has used: the tree is kept otherwise. Elements that nobody asked for stay in
    the tree until their parent goes.

    Parameters
    ----------
    opener : callable
        Opens the file.
    file : str
        Its name, for messages.
    root : str
        What the root element must be called.
    tags : collection of str
        Local names of the elements to yield, in any namespace.
    growing : collection of str
        Those of `tags` whose children are many: while one is open it is yielded too, with the name ``""``,
        after each piece of the file. All its children but the last have ended then, and may be taken out.

    Raises
    ------
    ExchangeError
        Where the file is truncated or malformed, has a document type (and so could have entities), an
        encoding nobody knows, or another root.
    """
    _look_at_prolog(opener, file, root)
    parser = etree.XMLPullParser(
        events=("start", "end"), tag=[f"{{*}}{name}" for name in tags], resolve_entities=False,
        no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    held: list[etree._Element] = []
    try:
        with opener() as stream:
            while chunk := stream.read(CHUNK):
                parser.feed(chunk)
                yield from _ended(parser, growing, held, file)
                if held:
                    yield "", held[-1]
            parser.close()
        yield from _ended(parser, growing, held, file)
    except etree.XMLSyntaxError as error:
        raise _not_xml(file, str(error)) from None


def _ended(
    parser: etree.XMLPullParser, growing: Collection[str], held: list[etree._Element], file: str
) -> Iterator[tuple[str, etree._Element]]:
    """Yield the elements that have ended since the last look; keep those that are open in `held`."""
    for event, element in parser.read_events():
        name = local(element)
        if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
            _refuse_doctype(file)
        if event == "end":
            if name in growing:
                held.pop()
            yield name, element
        elif name in growing:
            held.append(element)


_ANEW = "mend them in the tool that wrote the file, and export it again"


class _PrologEnd(Exception):
    """The first element was reached."""


def _look_at_prolog(opener: Opener, file: str, root: str) -> None:
    """Raise where a document type, an unknown encoding or another root stands at the start of the file.

    libxml2 expands entities in attributes even where it is told not to; without a document type there are
    none.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_doctype(file)
    parser.StartElementHandler = lambda name, _: _first_element(file, name, root)
    try:
        with opener() as stream:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except _PrologEnd:
        return
    except ExchangeError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _not_xml(file, str(error)) from None


def _refuse_doctype(file: str) -> None:
    """Raise: project files have no document type, and entities need one."""
    what = "it declares a document type, through which entities could be defined"
    raise ExchangeError(f"{file} is refused", [Problem(file, what, "do not trust this file")])


def _first_element(file: str, name: str, root: str) -> None:
    """End the look at the prolog, or raise where the root is another."""
    if name.rpartition(":")[2] != root:
        fault = Problem(file, f"its root element is {name[:60]!r}, not {root!r}", "give another file")
        raise ExchangeError(f"{file} is not a REFI-QDA {root.lower()}", [fault])
    raise _PrologEnd


def _not_xml(file: str, words: str) -> ExchangeError:
    """Return the error of a file that is not whole, well-formed XML, or too large in one place."""
    what, remedy = f"it is no whole, well-formed XML: {words}", "export the project again and copy it whole"
    if "Resource limit" in words:
        what = f"a text or tag in it is larger than is safe to read: {words}"
        remedy = "export the project with its texts as files beside project.qde"
    return ExchangeError(f"{file} cannot be read", [Problem(file, what, remedy)])
