"""Write the small project files of this folder anew: ``python tests/data/exchange/make.py``.

Each is composed by hand in the manner of one tool; none of it is anybody's data.
"""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

HERE = Path(__file__).parent
TEXT = (
    "\ufeffSession 1\r\nKim 😀😀😀😀 asked: What would you like?\r\n"
    "Ro said: a walk, and no form to fill in.\r\n"
)
WORDS = ("What would you like?", "a walk", "no form to fill in")
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="urn:QDA-XML:project:1.0" name="Walks" '


def guid(name: str) -> str:
    """Return the GUID of something by its name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"exchange:{name}"))


def units(text: str, unit: str) -> int:
    """Return the length of a text in a tool's units."""
    return len(text.encode("utf-16-le")) // 2 if unit == "utf16" else len(text)


def selections(text: str, unit: str, cut: int | None) -> str:
    """Return the selections of the words, their quotes cut short, or none where `cut` is 0."""
    found = []
    for number, words in enumerate(WORDS):
        start = units(text[: text.index(words)], unit)
        quote = words if cut is None else f"{words[:cut]}…" if cut else ""
        found.append(
            f'<PlainTextSelection guid="{guid(f"s{number}")}" name={quoteattr(quote)} '
            f'startPosition="{start}" endPosition="{start + units(words, unit)}">'
            f'<Coding guid="{guid(f"c{number}")}" '
            f'creatingUser="{guid("kim")}"><CodeRef targetGUID="{guid("asks" if number == 0 else "says")}"/>'
            "</Coding></PlainTextSelection>"
        )
    return "".join(found)


def project(origin: str, marks: str, *, content: str = "", plain: str = "") -> bytes:
    """Return a project file."""
    path = f' plainTextPath="{plain}"' if plain else ""
    body = f"<PlainTextContent>{content}</PlainTextContent>" if content else ""
    return (
        f'{HEAD}origin="{origin}"><Users><User guid="{guid("kim")}" name="Kim"/></Users><CodeBook><Codes>'
        f'<Code guid="{guid("talk")}" name="Talk" isCodable="true"><Code guid="{guid("asks")}" name="Asks" '
        f'isCodable="true"/><Code guid="{guid("says")}" name="Says" isCodable="true"/></Code></Codes>'
        "</CodeBook>"
        f'<Sources><TextSource guid="{guid("t")}" name="Session 1"{path}>{body}{marks}</TextSource></Sources>'
        "</Project>"
    ).encode()


def write(name: str, files: dict[str, bytes]) -> bytes:
    """Write an archive with a fixed date, and return its bytes."""
    with zipfile.ZipFile(HERE / name, "w") as archive:
        for each, data in files.items():
            info = zipfile.ZipInfo(each, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return (HERE / name).read_bytes()


def main() -> None:
    """Write all files."""
    bare = TEXT.removeprefix("\ufeff")
    text = {f"Sources/{guid('t')}.txt": TEXT.encode("utf-8")}
    link = f"internal://{guid('t')}.txt"
    quoted = project("in the manner of NVivo", selections(bare, "utf16", 10), plain=link)
    whole = write("utf16_cut_quotes.qdpx", {"project.qde": quoted, **text})
    silent = project("in the manner of NVivo", selections(bare, "utf16", 0), plain=link)
    write("utf16_no_quotes.qdpx", {"project.qde": silent, **text})
    lines = bare.replace("\r\n", "\n")
    inside = project("in the manner of ATLAS.ti", selections(lines, "codepoint", None), content=lines)
    write("named_otherwise.qdpx", {"Walks.qde": inside})
    write("truncated_xml.qdpx", {"project.qde": quoted[:-40], **text})
    (HERE / "truncated_zip.qdpx").write_bytes(whole[: len(whole) // 2])


if __name__ == "__main__":
    main()
