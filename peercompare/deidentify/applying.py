"""Writing a de-identified corpus as a new folder: whole, private, and only from a review that is complete."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from glob import escape
from pathlib import Path

import pandas as pd

from peercompare.corpus.checks import text_name
from peercompare.corpus.folder import MANIFEST, register
from peercompare.corpus.opening import open_corpus
from peercompare.deidentify.changes import apply_changes
from peercompare.deidentify.kinds import KINDS, NOT_ANONYMOUS, NOT_IN_TEXT
from peercompare.deidentify.material import DATASHEET, PURPOSE, TEXT, Material, read_material
from peercompare.deidentify.review import Decision, Review, fit_problems, read_review
from peercompare.errors import InputError, Problem
from peercompare.files import refuse_to_overwrite, write_atomically

Accepted = Mapping[tuple[str, str], list[Decision]]


@dataclass(frozen=True)
class Applied:
    """What a review changed.

    Parameters
    ----------
    folder : Path
        The new corpus folder.
    counts : DataFrame
        ``kind, accepted, rejected``: rows of the review by kind.
    left_out_documents : tuple of str
        Documents that consent leaves out; they are not in the new folder.
    left_out_files : tuple of str
        Files of the old folder that nobody looked through; they are not in the new one.
    caution : tuple of str
        What was not looked for, and what this is not.
    """

    folder: Path
    counts: pd.DataFrame
    left_out_documents: tuple[str, ...]
    left_out_files: tuple[str, ...]
    caution: tuple[str, ...]


def apply_review(
    path: str | Path, review: str | Path, out: str | Path, *, as_of: date | str | None = None
) -> Applied:
    """Make a new corpus folder in which a review's accepted changes are made; the old one stays as it is.

    Parameters
    ----------
    path : str or Path
        The corpus folder for which the changes were proposed.
    review : str or Path
        The review table, every row decided.
    out : str or Path
        A folder that does not exist. All its files are for their owner alone (mode 0600).
    as_of : date or str, optional
        The day on which consent must hold; needed where people speak.

    Returns
    -------
    Applied
        Codings keep their segments; offsets of segments go along as `apply_changes` says.

    Raises
    ------
    InputError
        Where the folder exists; where a row is undecided or does not fit; where the corpus is not the one for
        which the changes were proposed; where a segment would be empty. Nothing is written then.
    """
    out = Path(out)
    refuse_to_overwrite(out)
    read = read_review(review)
    columns = [str(name) for name in read.about["columns"]]
    material = read_material(path, as_of=as_of, columns=columns)
    _refuse_another(read, material, Path(path))
    problems = fit_problems(read, material)
    files, emptied = _new_files(material, read)
    if problems or emptied:
        raise InputError(f"The review {review} cannot be applied; nothing was written", problems + emptied)
    _write_folder(files, out, as_of)
    kept = {name for name in files if name != MANIFEST}
    gone = tuple(sorted(name for name in material.contents if name not in kept and not _is_text(name)))
    left_out = tuple(dict.fromkeys(material.corpus.left_out["document_id"]))
    return Applied(out, _counts(read), left_out, gone, cautions(read.about))


def cautions(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return in sentences what was looked for, what was not, and what this is not.

    Parameters
    ----------
    about : mapping
        With ``looked_for`` and ``switched_off``, as a review and a check have them.
    """
    off = [str(each) for each in about["switched_off"]]
    return (
        f"Looked for: {', '.join(map(str, about['looked_for']))}.",
        f"Not looked for (switched off, or without a roster, a list of places or a model): {', '.join(off)}."
        if off
        else "No rule was switched off.",
        f"Cannot stand in a text: {', '.join(NOT_IN_TEXT)}; keep sound and pictures away from the corpus.",
        "Not changed: ids, labels of speakers, and the days in documents.csv, consents.csv and events.csv.",
        NOT_ANONYMOUS,
    )


def _refuse_another(review: Review, material: Material, path: Path) -> None:
    """Raise where the corpus changed since, or has documents now that nobody looked through."""
    if review.about["fingerprint"] != material.fingerprint:
        what = "its files are not those for which the changes were proposed"
        problems = [Problem(str(path), what)]
    else:
        known = set(review.about["documents"])
        now = [each for each in material.corpus.documents["document_id"] if each not in known]
        what = "consent covers it now and did not when the changes were proposed"
        problems = [Problem(each, what) for each in now]
    if problems:
        remedy = "propose anew, and review that"
        raise InputError(
            f"The review is not for {path} as it is now; nothing was written", problems, remedy=remedy
        )


def _new_files(material: Material, review: Review) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the files of the new folder by name, and segments that would be empty."""
    accepted = review.accepted()
    corpus, problems = material.corpus, []
    files = {
        name: data for name, data in material.contents.items() if name == corpus_framework_file(material)
    }
    offsets: dict[str, tuple[int, int]] = {}
    segments = dict(iter(corpus.segments.groupby("document_id")))
    for document_id, text in zip(corpus.documents["document_id"], corpus.documents["text"], strict=True):
        own = segments.get(document_id, corpus.segments.iloc[:0])
        spans = list(zip(own["start"].tolist(), own["end"].tolist(), strict=True))
        new, moved = _changed(text, accepted.get((document_id, TEXT), []), spans)
        files[text_name(document_id)] = new.encode("utf-8")
        offsets |= dict(zip(own["segment_id"], moved, strict=True))
    problems += [
        Problem(
            f"segments.csv, {each}", "nothing would be left of it", "reject the change, or split it in two"
        )
        for each, (start, end) in offsets.items()
        if start == end
    ]
    for name, table in material.tables.items():
        files[name] = _csv(_new_table(name, table, material, accepted, offsets))
    files[DATASHEET] = _datasheet(material, review).encode("utf-8")
    source = (corpus.folder / MANIFEST).read_bytes()
    return {**files, MANIFEST: source}, problems


def corpus_framework_file(material: Material) -> str:
    """Return the name of the framework's file in the folder, empty where the framework is a shipped one."""
    name = material.manifest.framework
    return name if name.endswith(".toml") else ""


def _changed(
    text: str, decisions: list[Decision], spans: list[tuple[int, int]]
) -> tuple[str, list[tuple[int, int]]]:
    """Return a text with its accepted changes; one whose changes do not fit is told elsewhere and stays."""
    try:
        return apply_changes(text, [each.change for each in decisions], spans)
    except InputError:
        return text, spans


def _new_table(
    name: str,
    table: pd.DataFrame,
    material: Material,
    accepted: Accepted,
    offsets: Mapping[str, tuple[int, int]],
) -> pd.DataFrame:
    """Return a table with its cells changed and, where it is that of segments, with their new offsets."""
    table = table.copy()
    if name == "segments.csv":
        moved = table["segment_id"].map(offsets)
        return table.assign(start=moved.str[0].astype("str"), end=moved.str[1].astype("str"))
    by_place = {place: decisions for (_, place), decisions in accepted.items()}
    for column in material.columns.get(name, ()):
        for row in table.index:
            decisions = by_place.get(f"{name}, row {row + 2}, {column}")
            if decisions:
                table.at[row, column] = _changed(table.at[row, column], decisions, [])[0]
    return table


def _csv(table: pd.DataFrame) -> bytes:
    """Return a table of strings as CSV, cells as they are."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.itertuples(index=False, name=None))
    return stream.getvalue().encode("utf-8")


def _datasheet(material: Material, review: Review) -> str:
    """Return the datasheet, changed where that was accepted, with a section on what was done."""
    page = material.contents[DATASHEET].decode("utf-8", "replace")
    page, _ = _changed(page, review.accepted().get(("", DATASHEET), []), [])
    counts = _counts(review)
    told = [f"{row.kind}: {row.accepted} replaced, {row.rejected} kept" for row in counts.itertuples()]
    lines = ["", "## De-identification", "", "Rules proposed changes; a person decided on each.", ""]
    lines += [f"- {line}" for line in (*told, *cautions(review.about))]
    return page.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def _counts(review: Review) -> pd.DataFrame:
    """Return how many rows were accepted and rejected, by kind."""
    rows = [
        (kind, sum(each.accepted for each in own), sum(not each.accepted for each in own))
        for kind in KINDS
        if (own := [each for each in review.decisions if each.kind == kind])
    ]
    return pd.DataFrame(rows, columns=["kind", "accepted", "rejected"])


def _is_text(name: str) -> bool:
    """Say whether a file is the text of a document."""
    return name.startswith("texts/")


def _write_folder(files: Mapping[str, bytes], out: Path, as_of: date | str | None) -> None:
    """Write a corpus folder beside its place, open it to see that it is sound, and give it its name.

    What an earlier run that was killed left beside it holds people's words and is deleted.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    for left in out.parent.glob(f".{escape(out.name)}.????????.part"):
        shutil.rmtree(left)
    part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    try:
        for name, data in files.items():
            write_atomically(part / name, data, private=True)
        register(part)
        for path in part.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        open_corpus(part, purpose=PURPOSE, as_of=as_of, policy="raise")
        os.rename(part, out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
