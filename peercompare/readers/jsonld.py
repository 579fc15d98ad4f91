"""schema.org JobPosting in JSON-LD: in web pages or files, in arrays and graphs, broken or not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peercompare.readers.document import ReadDocument, named_id
from peercompare.readers.sources import decoded, read_bytes, refusal
from peercompare.readers.webpage import html_to_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

POSTING = "JobPosting"
FURTHER_TEXTS = (
    "responsibilities", "qualifications", "skills", "educationRequirements", "experienceRequirements",
    "physicalRequirement", "securityClearanceRequirement", "specialCommitments", "jobBenefits",
    "incentiveCompensation", "workHours",
)  # fmt: skip
"""Properties whose text belongs to a posting where its description does not hold it already."""

MAX_DEPTH = 200


@dataclass(frozen=True)
class Posting:
    """One JobPosting, as plain text.

    Parameters
    ----------
    title, text : str
        Title, and description with further texts, list items one a line.
    metadata : mapping
        ``employer``, ``date``, ``place``, ``posting_id``, ``url``, ``employment_type`` where given.
    warnings : tuple of str
        What is lacking.
    """

    title: str
    text: str
    metadata: Mapping[str, object]
    warnings: tuple[str, ...] = ()


def read_jsonld(path: str | Path, *, encoding: str | None = None) -> Iterator[ReadDocument]:
    """Yield the job postings of a JSON-LD file (.json, .jsonld).

    Parameters
    ----------
    path : str or Path
        A file of one JSON value: a posting, an array, or an object with ``@graph``.
    encoding : str, optional
        By default UTF-8 or what a byte order mark says.

    Raises
    ------
    InputError
        Where the file is no JSON, with line and column, or holds no JobPosting with a text.
    """
    path = Path(path)
    text = decoded(read_bytes(path), path, encoding=encoding)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise refusal(path, f"the JSON is broken: {error.msg}", "export it anew", where=where) from None
    except ValueError as error:
        raise refusal(path, f"the JSON cannot be read: {error}", "export it anew") from None
    except RecursionError:
        raise refusal(path, "the JSON is nested too deeply", "is it the right file?") from None
    found = [posting_of(node) for node in posting_nodes(value)]
    if not any(posting.text.strip() for posting in found):
        raise refusal(path, f"no {POSTING} with a description is in it", 'one has "@type": "JobPosting"')
    yield from documents_of(found, path)


def postings_in_page(root: HtmlElement, path: str | Path) -> tuple[list[Posting], list[str]]:
    """Return the JobPostings in a page's JSON-LD blocks, and warnings about blocks that are broken.

    Parameters
    ----------
    root : HtmlElement
        A parsed page.
    path : str or Path
        Its name, for messages.
    """
    found, warnings = [], []
    for number, script in enumerate(root.iter("script"), start=1):
        if (script.get("type") or "").split(";")[0].strip().lower() != "application/ld+json":
            continue
        try:
            value = json.loads(_bare(script.text or ""), strict=False)
        except (ValueError, RecursionError) as error:
            name = Path(path).name
            warnings.append(
                f"{name}, script {number}: a JSON-LD block is broken and was passed over: {error}"
            )
            continue
        found += [posting_of(node) for node in posting_nodes(value)]
    return [posting for posting in found if posting.text.strip()], warnings


def documents_of(
    postings: list[Posting], path: Path, warnings: tuple[str, ...] = ()
) -> Iterator[ReadDocument]:
    """Yield postings of one file as documents; where there are several their ids are numbered."""
    for number, posting in enumerate(postings, start=1):
        stem = named_id(path.stem)
        document_id = stem if len(postings) == 1 else f"{stem}-{number:03d}"
        faults = tuple(f"{path.name}, posting {number}: {what}" for what in posting.warnings)
        title = posting.title or "Untitled posting"
        yield ReadDocument(
            document_id=document_id, title=title, text=f"{title}\n\n{posting.text}",
            metadata={"source": path.name, **posting.metadata},
            warnings=(*(warnings if number == 1 else ()), *faults),
        )  # fmt: skip


def posting_nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object of the type JobPosting in a JSON value, wherever it stands, in its order."""
    stack = [(value, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(node, Mapping):
            if _is_posting(node):
                yield node
            stack += [(child, depth + 1) for child in reversed(list(node.values()))]
        elif isinstance(node, list):
            stack += [(child, depth + 1) for child in reversed(node)]


def posting_of(node: Mapping[str, Any]) -> Posting:
    """Return a JobPosting object as plain text with what it tells besides."""
    title = _line(node.get("title") or node.get("name"))
    text = html_to_text(_words(node.get("description")))
    for key in FURTHER_TEXTS:
        further = html_to_text(_words(node.get(key)))
        if further.strip() and _squeezed(further) not in _squeezed(text):
            text = f"{text}\n{_heading(key)}\n{further}"
    metadata = {
        "employer": _line(_named(node.get("hiringOrganization"))),
        "date": _line(node.get("datePosted"))[:10],
        "place": _places(node.get("jobLocation")),
        "posting_id": _line(_named(node.get("identifier"), "value")),
        "url": _line(node.get("url")),
        "employment_type": _line(node.get("employmentType")),
    }
    warnings = () if title else ("it has no title",)
    return Posting(title, text, {key: value for key, value in metadata.items() if value}, warnings)


def _bare(script: str) -> str:
    """Return a script without the comment or CDATA marks that pages put around JSON."""
    text = script.strip()
    for start, end in (
        ("<!--", "-->"),
        ("//<![CDATA[", "//]]>"),
        ("/*<![CDATA[*/", "/*]]>*/"),
        ("<![CDATA[", "]]>"),
    ):
        text = text.removeprefix(start).removesuffix(end).strip()
    return text.removesuffix(";")


def _is_posting(node: Mapping[str, Any]) -> bool:
    """Say whether an object's type is JobPosting, alone or among others, as a name or an address."""
    types = node.get("@type") or node.get("type")
    types = types if isinstance(types, list) else [types]
    return any(
        isinstance(each, str) and each.rsplit("/", 1)[-1].rsplit(":", 1)[-1] == POSTING for each in types
    )


def _words(value: Any) -> str:
    """Return a property as text: lists one item a line, objects by their name or description."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list):
        parts = [part for part in map(_words, value) if part]
        return parts[0] if len(parts) == 1 else "\n".join(f"- {part}" for part in parts)
    if isinstance(value, Mapping):
        return _words(value.get("@value") or value.get("description") or value.get("name"))
    return str(value)


def _line(value: Any) -> str:
    """Return a property as one line."""
    text = html_to_text(", ".join(map(_words, value)) if isinstance(value, list) else _words(value))
    return " ".join(text.split())


def _named(value: Any, key: str = "name") -> Any:
    """Return the name of an object, or the value itself."""
    if isinstance(value, list):
        return next((name for name in (_named(each, key) for each in value) if name), None)
    return (
        value.get(key) or value.get("name") or value.get("legalName") if isinstance(value, Mapping) else value
    )


def _places(value: Any) -> str:
    """Return one or more places as a line."""
    found = []
    for place in value if isinstance(value, list) else [value]:
        address = place.get("address", place) if isinstance(place, Mapping) else place
        if isinstance(address, Mapping):
            keys = ("streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry")
            address = ", ".join(filter(None, (_line(_named(address.get(key))) for key in keys)))
            address = address or _line(_named(place))
        found.append(_line(address))
    return "; ".join(dict.fromkeys(filter(None, found)))


def _heading(key: str) -> str:
    """Return a property's name as words: ``jobBenefits`` becomes ``Job benefits``."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in key)
    return words.strip().capitalize()


def _squeezed(text: str) -> str:
    """Return a text by which contents are compared: letters and figures only."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
