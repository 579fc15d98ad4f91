"""Reading a package: unpacked, checked, and made into a study whose corpora are its rows."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from peercompare.consent.asking import Consents
from peercompare.corpus import Corpus
from peercompare.corpus.corpus import CODERS, CONTESTED
from peercompare.corpus.turns import REDACTED
from peercompare.errors import Problem, StudyError
from peercompare.framework import Framework
from peercompare.packing.bag import DECLARATION, PAYLOAD, check_bag
from peercompare.packing.pack import FORMAT, PACKAGE, VERSION
from peercompare.packing.rows import PEOPLE
from peercompare.study.learning import NGRAM
from peercompare.study.study import Study, read_study

MAX_FILES, MAX_BYTES = 200_000, 4_000_000_000
"""An archive that promises to unpack to more is refused."""

_EMPTY = {
    "role_types": ("document_id", "coder_id", "role_type", "memo"),
    "markers": ("document_id", "coder_id", "marker", "finding", "segment_ids"),
    "events": ("event_id", "date", "kind", "description"),
    "contests": CONTESTED,
    "coders": CODERS,
}
"""Tables that a corpus may lack, with their columns."""


_WHOLE, _YES_OR_NO = ("position", "start", "end"), ("words", "is_primary")
"""Columns that are no words."""


@dataclass(frozen=True)
class Package:
    """A package that was unpacked and whose checksums are right.

    Parameters
    ----------
    folder : Path
        Its payload.
    facts : tuple of mapping
        What of each corpus is in it, as package.json says.
    """

    folder: Path
    facts: tuple[Mapping, ...]

    @property
    def whole(self) -> bool:
        """Whether every text of the study is in the package, and no prediction came from elsewhere."""
        return all(
            each["rows"] and each["n_with_words"] == each["n_documents"] and not each["brought_predictions"]
            for each in self.facts
        )

    def table(self, corpus: str, name: str) -> pd.DataFrame | None:
        """Return one of a corpus's tables of rows; None where the package has none."""
        path = self.folder / "derived" / corpus / f"{name}.csv"
        if not path.is_file():
            return None
        if name == "predictions":
            return pd.read_parquet(path.with_suffix(".parquet"))
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        for column in _WHOLE:
            if column in table:
                table[column] = table[column].astype("int64")
        for column in _YES_OR_NO:
            if column in table:
                table[column] = table[column] == "True"
        if "date" in table:
            table["date"] = pd.to_datetime(table["date"])
        return table


class PackagedStudy(Study):
    """A study whose corpora are the rows of a package; of corpora without rows nothing is opened."""

    @property
    def whole(self) -> bool:
        """Whether the study can be run from its beginning: with all its texts and without an encoder."""
        return self.package.whole and self.settings.classifier.model == NGRAM

    @cached_property
    def package(self) -> Package:
        """The package that the study file lies in."""
        return Package(self.folder, tuple(_description(self.folder)["corpora"]))

    def into(self, results: Path) -> PackagedStudy:
        """Return the study as it writes into another folder, sessions not read anew."""
        wanted = self.settings.study.model_copy(update={"results": str(results)})
        sections = [
            section.model_copy(
                update={
                    "context": section.context and section.context.model_copy(update={"session_groups": []})
                }
            )
            for section in self.settings.corpus
        ]
        update = {"study": wanted, "corpus": sections}
        return PackagedStudy(self.path, self.settings.model_copy(update=update))

    @cached_property
    def _corpora(self) -> dict[str, Corpus]:
        return {
            facts["name"]: corpus_of(self.package, facts, self.framework)
            for facts in self.package.facts
            if facts["rows"]
        }

    def sections(self):
        """Pair every corpus that has rows with its section of the study file."""
        pairs = zip(self.package.facts, self.settings.corpus, strict=True)
        return [(self._corpora[facts["name"]], section) for facts, section in pairs if facts["rows"]]


def is_package(path: Path) -> bool:
    """Say whether a path is a replication package: a bag, or an archive with one."""
    if path.is_dir():
        return (path / DECLARATION).is_file()
    return path.suffix == ".zip" and zipfile.is_zipfile(path)


@contextmanager
def opened(path: Path) -> Iterator[PackagedStudy]:
    """Check a package's checksums and give it as a study; an archive is unpacked to a folder of its own.

    Raises
    ------
    StudyError
        Where it is no package, is not as it was packed, or is of a format that this version does not read.
    """
    if path.is_dir():
        yield _study(path)
        return
    with TemporaryDirectory(prefix="peercompare-package-") as place:
        yield _study(_unpacked(path, Path(place)))


def _study(bag: Path) -> PackagedStudy:
    """Return the study in a bag whose checksums are right."""
    check_bag(bag)
    folder = bag / PAYLOAD
    found = _description(folder)
    if found.get("format") != FORMAT or found.get("format_version") != VERSION:
        raise StudyError(
            f"{bag} is of a format that this version does not read: {found.get('format')!r}, version "
            f"{found.get('format_version')!r}",
            remedy="verify it with the version of peercompare in its environment/versions.json",
        )
    study = read_study(folder / "study.toml")
    return PackagedStudy(study.path, study.settings)


def _description(folder: Path) -> dict:
    """Read what a package says of its corpora."""
    try:
        return json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise StudyError(f"{folder / PACKAGE} cannot be read", [Problem(PACKAGE, str(error))]) from None


def _unpacked(path: Path, place: Path) -> Path:
    """Unpack an archive and return the bag in it."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > MAX_FILES or sum(each.file_size for each in members) > MAX_BYTES:
            raise StudyError(f"{path} promises to unpack to too much", remedy="unpack it by hand and look")
        archive.extractall(place)
    found = sorted(each.parent for each in place.glob(f"*/{DECLARATION}"))
    if (place / DECLARATION).is_file():
        return place
    if len(found) != 1:
        raise StudyError(f"{path} holds no replication package", remedy="name what `peercompare pack` wrote")
    return found[0]


def corpus_of(package: Package, facts: Mapping, framework: Framework) -> Corpus:
    """Make a corpus of a package's rows; words that were held back are blocks.

    Parameters
    ----------
    package : Package
    facts : mapping
        What package.json says of the corpus.
    framework : Framework
        The study's.
    """
    name = facts["name"]
    segments = package.table(name, "segments")
    documents, texts = _documents(package, facts, segments)
    cut = zip(segments["document_id"], segments["start"], segments["end"], strict=True)
    segments["text"] = [texts[document][start:end] for document, start, end in cut]
    others = {
        each: pd.DataFrame(columns=list(columns), dtype="str")
        if (found := package.table(name, each)) is None
        else found
        for each, columns in _EMPTY.items()
    }
    return Corpus(
        name=name, title=facts["title"], genre=facts["genre"], composed=facts["composed"],
        cluster=facts["cluster"], licence=facts["licence"], citation=facts["citation"],
        folder=package.folder / "corpora" / name, framework=framework, purposes=("analysis",),
        as_of=date.fromisoformat(facts["as_of"]) if facts["as_of"] else None, policy=facts["policy"],
        sha256="", documents=documents, segments=segments, codings=package.table(name, "codings"),
        left_out=_nobody(), consents=_consents(package, name), **others,
    )  # fmt: skip


def _documents(
    package: Package, facts: Mapping, segments: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a corpus's documents with their texts, or with blocks as far as their segments reach."""
    documents = package.table(facts["name"], "documents")
    folder = package.folder / "corpora" / facts["name"] / "texts"
    ends = segments.groupby("document_id")["end"].max()
    texts = {
        each: (folder / f"{each}.txt").read_bytes().decode("utf-8")
        if words
        else REDACTED * int(ends.get(each, 0))
        for each, words in zip(documents["document_id"], documents["words"], strict=True)
    }
    joined = {"corpus": facts["name"], "genre": facts["genre"], "text": documents["document_id"].map(texts)}
    return documents.drop(columns="words").assign(**joined), texts


def _nobody() -> pd.DataFrame:
    """Return the table of what consent left out with no row: the gate was passed before packing."""
    from peercompare.corpus.policies import nobody_left_out

    return nobody_left_out()


def _consents(package: Package, name: str) -> Consents:
    """Return what people agreed to, as it was asked on the day of the study."""
    people = package.table(name, PEOPLE)
    if people is None:
        people = pd.DataFrame(columns=["person_id", "purposes"], dtype="str")
    empty = dict.fromkeys(("expires_on", "withdrawn_on", "guardian_consent", "assent", "extra_review"), "")
    asked = {"granted_on": "0001-01-01", "age_group": "adult", "legal_standing": "free"}
    return Consents(people.assign(**asked, **empty).set_index("person_id"))
