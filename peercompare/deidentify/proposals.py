"""Proposing changes: every one a row of a private table, which a person accepts or rejects.

The review table holds people's words, with some words around them. It is written 0600 and is to stay with the
roster; the file beside it says so, and says what was looked for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from peercompare.deidentify.kinds import KINDS, NOT_ANONYMOUS
from peercompare.deidentify.material import Place, read_material
from peercompare.deidentify.pseudonyms import Pseudonyms
from peercompare.deidentify.rules import Detector, Hit
from peercompare.errors import InputError
from peercompare.files import refuse_to_overwrite, write_atomically
from peercompare.sheets import guarded

REVIEW = (
    "proposal_id", "document_id", "place", "start", "end", "kind", "rule", "found", "context", "replacement",
    "accept", "reviewer",
)  # fmt: skip
"""Columns of the review table."""

OPEN, CLOSE = "\u27e6", "\u27e7"
"""What stands around found words, so that no spreadsheet turns ``5/3`` into a day of its own."""

AROUND = 30
"""Code points shown on either side."""

_HEADER = (
    "# PRIVATE. The review table beside this file holds people's words. Keep both with the roster,\n"
    "# away from the corpus, pass neither on, and delete both when the new folder is made.\n"
    f"# {NOT_ANONYMOUS}\n"
)


@dataclass(frozen=True)
class Proposals:
    """What is proposed for a corpus.

    Parameters
    ----------
    rows : tuple of mapping
        The rows of the review table, `REVIEW`; found and replacement as they stand in the texts.
    about : mapping
        For the file beside it: corpus, fingerprint, day, what was looked for, how many proposals.
    """

    rows: tuple[Mapping[str, str | int], ...]
    about: Mapping[str, object]

    def counts(self) -> dict[str, int]:
        """Return how many proposals there are of each kind, in the order of the list."""
        return {kind: sum(row["kind"] == kind for row in self.rows) for kind in KINDS}


def propose(
    path: str | Path,
    finder: Detector,
    *,
    as_of: date | str | None = None,
    pseudonyms: Pseudonyms | None = None,
    columns: Iterable[str] = (),
) -> Proposals:
    """Propose changes for the texts of a corpus, its free cells and its datasheet. Nothing is changed.

    Parameters
    ----------
    path : str or Path
        The corpus folder, opened for analysis; people who do not agree to that are not read.
    finder : Detector
        The rules in use.
    as_of : date or str, optional
        The day on which consent must hold; needed where people speak.
    pseudonyms : Pseudonyms, optional
        Names of the roster are replaced by these, without them by ``[name]``. It is filled, not written.
    columns : iterable of str
        Further columns to look through, as ``documents.csv:employer``.

    Returns
    -------
    Proposals
        A stretch that reaches over the edge of a segment is two proposals, one on each side. Labels of
        turns, ids, and columns of days are not looked through.

    Raises
    ------
    InputError
        As `open_corpus`, and where a column is not there.
    """
    material = read_material(path, as_of=as_of, columns=columns)
    found = [(place, hit) for place in material.places() for hit in hits_in(place, finder)]
    width = max(4, len(str(len(found))))
    rows = [
        {"proposal_id": f"p{number:0{width}}", **_row(place, hit, pseudonyms)}
        for number, (place, hit) in enumerate(found, start=1)
    ]
    about = {
        "corpus": material.manifest.name, "fingerprint": material.fingerprint,
        "as_of": str(material.corpus.as_of or ""), "n_proposals": len(rows), "width": width,
        "documents": material.corpus.documents["document_id"].tolist(),
        "columns": [f"{file}:{name}" for file, names in material.columns.items() for name in names],
        "looked_for": list(finder.kinds_on), "switched_off": list(finder.off),
    }  # fmt: skip
    return Proposals(tuple(rows), about)


def hits_in(place: Place, finder: Detector) -> Iterator[Hit]:
    """Yield what is found in a text or a cell, cut at the edges of segments, by its offsets there.

    Parameters
    ----------
    place : Place
        Where to look.
    finder : Detector
        The rules in use.
    """
    for start, end in place.pieces:
        for hit in finder.find(place.text[start:end], document_id=place.document_id):
            edges = [edge for edge in place.edges if start + hit.start < edge < start + hit.end]
            cuts = [start + hit.start, *edges, start + hit.end]
            for begin, stop in pairwise(cuts):
                words = place.text[begin:stop]
                begin += len(words) - len(words.lstrip())
                if words.strip():
                    length = len(words.strip())
                    yield Hit(begin, begin + length, hit.kind, hit.rule, hit.replacement, hit.person_id)


def write_review(proposals: Proposals, out: str | Path) -> tuple[Path, Path]:
    """Write the review table and the file about it, both for their owner alone (mode 0600).

    Parameters
    ----------
    proposals : Proposals
        As `propose` gives them.
    out : str or Path
        A name that ends in .csv and is not taken; the other file's ends in .about.toml.

    Returns
    -------
    tuple of Path
        The table, and the file about it.

    Raises
    ------
    InputError
        Where one of the two exists already, or the name ends otherwise.
    """
    out = Path(out)
    if out.suffix.lower() != ".csv":
        raise InputError(f"Cannot write a review table to {out.name}", remedy="give a name that ends in .csv")
    about = about_file(out)
    for path in (out, about):
        refuse_to_overwrite(path)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, REVIEW, lineterminator="\n")
    writer.writeheader()
    for row in proposals.rows:
        cells = {**row, "found": f"{OPEN}{row['found']}{CLOSE}"}
        writer.writerow({name: guarded(str(cell)) for name, cell in cells.items()})
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in proposals.about.items()]
    write_atomically(about, _HEADER + "\n".join(lines) + "\n", private=True)
    return write_atomically(out, stream.getvalue(), private=True), about


def about_file(review: str | Path) -> Path:
    """Return the path of the file about a review table."""
    return Path(review).with_suffix(".about.toml")


def _row(place: Place, hit: Hit, pseudonyms: Pseudonyms | None) -> dict[str, str | int]:
    """Return the row of a proposal without its id."""
    text = place.text
    before, after = text[max(0, hit.start - AROUND) : hit.start], text[hit.end : hit.end + AROUND]
    found = text[hit.start : hit.end]
    replacement = hit.replacement or KINDS[hit.kind].placeholder
    if hit.person_id and pseudonyms is not None:
        replacement = pseudonyms.of(hit.person_id)
    return {
        "document_id": place.document_id, "place": place.place, "start": hit.start, "end": hit.end,
        "kind": hit.kind, "rule": hit.rule, "found": found,
        "context": " ".join(f"{before}{OPEN}{found}{CLOSE}{after}".split()), "replacement": replacement,
        "accept": "", "reviewer": "",
    }  # fmt: skip
