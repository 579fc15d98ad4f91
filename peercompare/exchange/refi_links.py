"""Finding the text of a source: in the project file itself, in the archive, or beside it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from peercompare.exchange.archive import Archive, Limits, is_inside
from peercompare.exchange.refi_collect import RawSource
from peercompare.exchange.refi_xml import Faults

Where = tuple[int, str]
"""The line of a source, and what it is called."""

INTERNAL, RELATIVE = "internal://", "relative:///"
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16",
}  # fmt: skip


class Links:
    """Resolves the links of one project.

    Parameters
    ----------
    archive : Archive
        The open project.
    folder : Path
        The folder in which the project lies; nothing outside it is read.
    base : str
        Folder of the project file inside the archive, ``""`` at its top.
    limits : Limits
        How large a text beside the archive may be.
    """

    def __init__(self, archive: Archive, folder: Path, base: str, limits: Limits) -> None:
        self._archive = archive
        self._folder = folder
        self._base = base
        self._limits = limits
        self._names = {name.replace("\\", "/").lower(): name for name in archive.names}

    def text(self, source: RawSource, faults: Faults, *, crlf: bool) -> str | None:
        """Return the text of a source as its file holds it, or None with a fault noted.

        An XML reader turns CRLF to LF before anybody sees it. Where the project file has CRLF line ends, the
        text of a source inside it is given back with them; which of the two its tool counted is left to the
        calibration.
        """
        if source.content or not source.plain_path:
            return (
                source.content.replace("\n", "\r\n")
                if crlf and "\r" not in source.content
                else source.content
            )
        where = source.line, f"{source.kind} {source.name[:60]!r}"
        data = self._bytes(source.plain_path.strip(), where, faults)
        if data is None:
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            other = next((name for mark, name in _OTHER_ENCODINGS.items() if data.startswith(mark)), "")
            what = f"its text {source.plain_path[:80]!r} is {other or f'not UTF-8 at byte {error.start + 1}'}"
            faults.at(*where, what, "the standard asks for UTF-8; save the text so, or export again")
            return None

    def rich_bytes(self, source: RawSource, faults: Faults) -> bytes | None:
        """Return the file of a source's rich text, or None with a fault noted."""
        where = source.line, f"{source.kind} {source.name[:60]!r}"
        return self._bytes(source.rich_path.strip(), where, faults)

    def _bytes(self, link: str, where: Where, faults: Faults) -> bytes | None:
        """Return the bytes behind a link, or None with a fault noted."""
        lowered = link.lower()
        if lowered.startswith(RELATIVE):
            name = unquote(link[len(RELATIVE) :])
            return self._beside(name, where, faults)
        if lowered.startswith(INTERNAL) or "://" not in link:
            name = link[len(INTERNAL) :] if lowered.startswith(INTERNAL) else link
            return self._inside(name.lstrip("/") if lowered.startswith(INTERNAL) else name, where, faults)
        what = f"the link {link[:80]!r} is absolute or leads to a network"
        faults.at(*where, what, "export the project with its sources inside it")
        return None

    def _inside(self, name: str, where: Where, faults: Faults) -> bytes | None:
        """Return a file of the archive."""
        if not is_inside(name):
            faults.at(*where, f"the link {name[:80]!r} leads out of the archive", "do not trust this file")
            return None
        for each in dict.fromkeys((name, unquote(name))):
            for folder in dict.fromkeys((f"{self._base}sources/", self._base, "sources/", "")):
                found = self._names.get((folder + each.replace("\\", "/")).lower())
                if found is not None:
                    return self._archive.read(found)
        faults.at(
            *where, f"the archive has no file {name[:80]!r}", "export the project again, with its sources"
        )
        return None

    def _beside(self, name: str, where: Where, faults: Faults) -> bytes | None:
        """Return a file that lies beside the project or in a folder there."""
        path = self._folder / name.replace("\\", "/")
        if not is_inside(name) or not Path(os.path.realpath(path)).is_relative_to(
            os.path.realpath(self._folder)
        ):
            faults.at(
                *where, f"the link {name[:80]!r} leads out of the project's folder", "do not trust this file"
            )
        elif not path.is_file():
            faults.at(*where, f"no file {name[:80]!r} beside the project", "copy it there, as it lay before")
        elif path.stat().st_size > self._limits.entry_bytes:
            remedy = self._limits.more(path.stat().st_size)
            faults.at(*where, f"the file {name[:80]!r} is larger than the limit", remedy)
        else:
            return path.read_bytes()
        return None
