"""The page as a whole: headings in order, contents, tables that say which cell heads which, and a check.

The steps work on a parsed page, after cleaning, so that nothing a notebook holds can undo them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from bs4 import BeautifulSoup, Tag

from peercompare.errors import Problem
from peercompare.report.outputs import alt_fault

HEADINGS = re.compile(r"^h[1-6]$")


def parse(html: str) -> BeautifulSoup:
    """Parse a page or a fragment."""
    return BeautifulSoup(html, "html.parser")


def finish(soup: BeautifulSoup) -> None:
    """Name the headings, fill the contents and mend what keyboards and readers aloud need, in place."""
    name_headings(soup)
    fill_contents(soup)
    mend_tables(soup)
    let_keyboards_scroll(soup)


def order_headings(soup: BeautifulSoup) -> None:
    """Make the page's headings one tree, in place: one ``h1``, and no level left out on the way down.

    The first heading of level 1 is the page's title; others become sections. A heading more than one level
    below the one before it is raised, since a reader who moves by headings would look for what is missing.
    """
    before, title = 0, None
    for heading in soup.find_all(HEADINGS):
        level = int(heading.name[1])
        if level == 1 and title is None:
            title = heading
        elif level == 1:
            level = 2
        level = min(level, before + 1) if before else level
        heading.name = f"h{level}"
        before = level


def name_headings(soup: BeautifulSoup) -> None:
    """Give each heading an identifier made of its words, so that it can be linked to, in place."""
    taken = {str(element["id"]) for element in soup.find_all(id=True)}
    for heading in soup.find_all(HEADINGS):
        if heading.get("id"):
            continue
        base = slug(heading.get_text()) or "section"
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        heading["id"] = name


def slug(text: str) -> str:
    """Return words as an identifier.

    Examples
    --------
    >>> slug("Drift over time, by site")
    'drift-over-time-by-site'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def lift_title(soup: BeautifulSoup) -> str:
    """Move the notebook's title from the text into the page's header, in place, and return it."""
    slot, main = soup.find(id="title"), soup.find("main")
    found = main.find("h1") if main else None
    if slot is None:
        return found.get_text(strip=True) if found else ""
    if found is not None:
        slot.clear()
        for child in list(found.contents):
            slot.append(child.extract())
        parent = found.parent
        found.decompose()
        if parent.name == "section" and not parent.get_text(strip=True) and not parent.find("img"):
            parent.decompose()
    return " ".join(slot.get_text().split())


def fill_contents(soup: BeautifulSoup, *, depth: int = 3) -> None:
    """Write the contents from the headings of the text, in place; headings inside outputs stay out."""
    nav = soup.find("nav")
    headings = [
        heading
        for heading in soup.select("main h2, main h3")
        if int(heading.name[1]) <= depth and heading.find_parent(attrs={"data-output": True}) is None
    ]
    if nav is None:
        return
    if len(headings) < 2:
        nav.decompose()
        return
    items = soup.new_tag("ol")
    inner = None
    for heading in headings:
        item = soup.new_tag("li")
        link = soup.new_tag("a", href=f"#{heading['id']}")
        link.string = heading.get_text(" ", strip=True)
        item.append(link)
        if heading.name == "h2" or not items.contents:
            items.append(item)
            inner = None
            continue
        if inner is None:
            inner = soup.new_tag("ol")
            items.contents[-1].append(inner)
        inner.append(item)
    nav.append(items)


def mend_tables(soup: BeautifulSoup) -> None:
    """Say in each table which cells are headers and of what, and let a wide table scroll by itself, in place.

    Column headers get ``scope="col"``, row headers ``scope="row"``; an empty header cell becomes a plain
    cell, since it heads nothing. Each table stands in a region with a name that a keyboard can reach and
    scroll.
    """
    for number, table in enumerate(soup.find_all("table"), start=1):
        _mend_header_cells(table)
        caption = table.find("caption")
        words = caption.get_text(" ", strip=True) if caption else ""
        region = soup.new_tag("div", attrs={"class": "scroll", "role": "region", "tabindex": "0"})
        region["aria-label"] = f"Table {number}: {words}" if words else f"Table {number}"
        table.wrap(region)


def _mend_header_cells(table: Tag) -> None:
    """Set the scope of each header cell of one table and turn empty ones into plain cells."""
    for cell in table.find_all("th"):
        if not cell.get_text(strip=True):
            cell.name = "td"
            cell.attrs.pop("scope", None)
            continue
        across, down = _span(cell, "colspan"), _span(cell, "rowspan")
        if _is_column_header(cell):
            cell["scope"] = "colgroup" if across > 1 else "col"
        else:
            cell["scope"] = "rowgroup" if down > 1 else "row"


def _span(cell: Tag, name: str) -> int:
    """Return how many columns or rows a cell spans."""
    value = str(cell.get(name, "1"))
    return int(value) if value.isdigit() else 1


def _is_column_header(cell: Tag) -> bool:
    """Tell whether a header cell heads a column: it stands in the head, or in a row of header cells only."""
    if cell.find_parent("thead") is not None:
        return True
    row = cell.find_parent("tr")
    return row is not None and row.find("td") is None and cell.find_parent("tbody") is None


def let_keyboards_scroll(soup: BeautifulSoup) -> None:
    """Let a keyboard reach each block of preformatted text, which may be wider than a phone, in place."""
    for block in soup.find_all("pre"):
        block["tabindex"] = "0"


def page_faults(html: str) -> tuple[Problem, ...]:
    """Find what would shut a reader out of a page, or send their address to a stranger.

    A machine can find only part of what is wrong: the check does not judge whether an alternative text is
    true, a table clear, or a sentence readable.

    Parameters
    ----------
    html : str
        A whole page.

    Returns
    -------
    tuple of Problem
        In the order of the checks; empty where nothing was found.
    """
    soup = parse(html)
    return tuple(
        fault
        for check in (
            _frame_faults,
            _heading_faults,
            _image_faults,
            _table_faults,
            _name_faults,
            _remote_faults,
        )
        for fault in check(soup)
    )


def _frame_faults(soup: BeautifulSoup) -> Iterator[Problem]:
    """Check language, title and landmarks."""
    root = soup.find("html")
    if root is None or not root.get("lang"):
        yield Problem("html", "the page does not name its language", 'write lang="en" or another code')
    if soup.title is None or not soup.title.get_text(strip=True):
        yield Problem("title", "the page has no title")
    if len(soup.find_all("main")) != 1:
        yield Problem("main", f"{len(soup.find_all('main'))} main regions; a page has one")
    skip = soup.select_one("body > a[href^='#']")
    if skip is None or soup.find(id=str(skip["href"])[1:]) is None:
        yield Problem("body", "the page does not begin with a link that skips to its content")


def _heading_faults(soup: BeautifulSoup) -> Iterator[Problem]:
    """Check that there is one title and that no level is left out."""
    levels = [(int(h.name[1]), h.get_text(" ", strip=True)) for h in soup.find_all(HEADINGS)]
    if [level for level, _ in levels].count(1) != 1:
        yield Problem("headings", "a page has one heading of level 1")
    for (before, _), (level, words) in pairwise(levels):
        if level > before + 1:
            yield Problem(f"heading {words!r}", f"level {level} follows level {before}")
    for _, words in levels:
        if not words:
            yield Problem("headings", "a heading is empty")


def _image_faults(soup: BeautifulSoup) -> Iterator[Problem]:
    """Check that each image is in the page and says in words what it shows."""
    for number, image in enumerate(soup.find_all("img"), start=1):
        fault = alt_fault(image.get("alt"))
        if fault:
            yield Problem(f"image {number}", fault)
        if not str(image.get("src", "")).startswith("data:image/"):
            yield Problem(
                f"image {number}", "it is not stored in the page itself", "show it from a code cell"
            )


def _table_faults(soup: BeautifulSoup) -> Iterator[Problem]:
    """Check that header cells say what they head."""
    for number, table in enumerate(soup.find_all("table"), start=1):
        cells = table.find_all("th")
        if not cells:
            yield Problem(f"table {number}", "it has no header cells")
        if any(not cell.get("scope") or not cell.get_text(strip=True) for cell in cells):
            yield Problem(f"table {number}", "a header cell is empty or does not say what it heads")


def _name_faults(soup: BeautifulSoup) -> Iterator[Problem]:
    """Check that identifiers are unique and that links within the page arrive."""
    names = [str(element["id"]) for element in soup.find_all(id=True)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(f"id {name!r}", "two elements have it")
    for link in soup.select("a[href^='#']"):
        if str(link["href"])[1:] not in names:
            yield Problem(
                f"link {link.get_text(strip=True)!r}", f"it leads to {link['href']}, which is not there"
            )


def _remote_faults(soup: BeautifulSoup) -> Iterator[Problem]:
    """Check that the page runs nothing and loads nothing."""
    for name in ("script", "iframe", "object", "embed", "link", "form"):
        if soup.find(name) is not None:
            yield Problem(name, "the page holds an element that may run or load something")
    for style in soup.find_all("style"):
        if re.search(r"@import|url\((?!['\"]?data:)", style.get_text()):
            yield Problem("style", "the style sheet loads something from elsewhere")
