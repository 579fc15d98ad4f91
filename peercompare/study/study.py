"""A study: its file, its framework, its corpora, its results."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from peercompare.corpus import Corpus, open_corpus
from peercompare.corpus.folder import CONSENTS, MANIFEST, UNREGISTERED
from peercompare.corpus.person_keys import keyed_people, people_heard
from peercompare.errors import Problem, StudyError
from peercompare.files import sha256_of
from peercompare.framework import Framework, read_framework
from peercompare.study.runner import read_result_table, run_stages
from peercompare.study.settings import CorpusSection, Settings, read_settings


@dataclass(frozen=True, eq=False)
class Study:
    """What a study file asks for.

    Parameters
    ----------
    path : Path
        The study file; the paths in it are read from its folder.
    settings : Settings
        Its content, checked.
    """

    path: Path
    settings: Settings

    @property
    def folder(self) -> Path:
        """The study file's folder."""
        return self.path.parent

    @property
    def results(self) -> Path:
        """The folder that the results go into."""
        return (self.folder / self.settings.study.results).resolve()

    @cached_property
    def framework(self) -> Framework:
        """The framework that the study codes by: one shipped with the package, or a file beside the study."""
        name = self.settings.study.framework
        return read_framework(self.folder / name if name.endswith(".toml") else name)

    def open_corpora(self) -> dict[str, Corpus]:
        """Open every corpus for analysis, past the consent gate, as of the study's day.

        Returns
        -------
        dict of str to Corpus
            By the corpus's name, in the order of the study file. Opened once and kept.
        """
        return self._corpora

    @cached_property
    def _corpora(self) -> dict[str, Corpus]:
        wanted = self.settings.study
        opened = [
            open_corpus(
                self.folder / section.path,
                purpose="analysis",
                as_of=wanted.as_of,
                policy=wanted.consent_policy,
                framework=self.framework,
            )
            for section in self.settings.corpus
        ]
        return {corpus.name: corpus for corpus in opened}

    @cached_property
    def at_hand(self) -> dict[str, object]:
        """What one stage leaves in memory for the next, so that it is not made twice."""
        return {}

    def sections(self) -> list[tuple[Corpus, CorpusSection]]:
        """Pair every corpus with its section of the study file."""
        return list(zip(self.open_corpora().values(), self.settings.corpus, strict=True))

    def whose_words(self) -> dict[str, list[str]]:
        """Return by corpus, as keyed hashes, the people whose words the study reads; sorted.

        By these a withdrawal finds what it must remove. Corpora in which nobody speaks are not among them.
        """
        found = {}
        for corpus in self.open_corpora().values():
            heard = people_heard(corpus).values()
            hashes = keyed_people(corpus, {person for people in heard for person in people})
            if hashes:
                found[corpus.name] = sorted(hashes.values())
        return found

    def check(self) -> None:
        """Raise where the corpora cannot be opened, or the study asks for what they do not have.

        Raises
        ------
        StudyError, CorpusError, ConsentError
            Each with all faults that it found.
        """
        from peercompare.study.questions import check_questions

        check_questions(self)

    def notebooks(self) -> list[Path]:
        """List the notebooks beside the study file that the study executes, in order."""
        pattern = self.settings.study.notebooks
        return sorted(self.folder.glob(pattern)) if pattern else []

    def fingerprint(self, stage: str) -> str:
        """Hash what a stage reads: the framework, the corpora (consents too) and, late, the notebooks.

        Raises
        ------
        StudyError
            Where a file that the study names is not there; all of them.
        """
        files = sorted(self._inputs(stage))
        absent = [Problem(path.name, "there is no such file") for path in files if not path.is_file()]
        if absent:
            raise StudyError(f"{self.path.name} names files that are not in its folder", absent)
        total = hashlib.sha256(self.framework.sha256.encode())
        for path in files:
            total.update(f"{path.name}\0{sha256_of(path)}\n".encode())
        return total.hexdigest()

    def _inputs(self, stage: str) -> Iterator[Path]:
        """Yield the files that a stage reads."""
        for section in self.settings.corpus:
            yield from _read_by_a_study(self.folder / section.path)
            if section.predictions is not None:
                yield self.folder / section.predictions
            if section.context is not None and section.context.external is not None:
                yield self.folder / section.context.external
        if stage == "notebooks":
            yield from self.notebooks()


def _read_by_a_study(folder: Path) -> list[Path]:
    """List the files of a corpus on which results depend: not its log, not its locks, not its secret."""
    ours = {MANIFEST, CONSENTS}
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and (path.name in ours or path.name not in UNREGISTERED)
    ]


@dataclass(frozen=True)
class Results:
    """What a study wrote: tables, figures, notebooks, a report.

    Parameters
    ----------
    folder : Path
        Where the study wrote: ``tables``, ``figures`` and ``report.html`` stand in it, as far as its stages
        have run.
    """

    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        """Return one of the tables, e.g. ``"agreement"``."""
        return read_result_table(self.folder, name)

    @property
    def table_names(self) -> list[str]:
        """The names of the tables there are."""
        return sorted(path.stem for path in (self.folder / "tables").glob("*.csv"))

    @property
    def figure_paths(self) -> dict[str, Path]:
        """The figures there are, by name."""
        return {path.stem: path for path in sorted((self.folder / "figures").glob("*.png"))}

    @property
    def report(self) -> Path:
        """The report; it exists once the last stage has run."""
        return self.folder / "report.html"


def read_study(path: str | Path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path : str or Path
        A ``study.toml``.

    Returns
    -------
    Study
        Nothing is opened or run yet.

    Raises
    ------
    StudyError
        All faults of the file in one go.
    """
    path = Path(path)
    return Study(path.resolve(), read_settings(path))


def run_study(
    study: Study | str | Path, *, until: str | None = None, tell: Callable[[str], None] = lambda _: None
) -> Results:
    """Run a study's stages in order; a stage whose inputs did not change is not run again.

    Parameters
    ----------
    study : Study or path
        The study, or its file.
    until : str, optional
        The last stage wanted: ``corpora``, ``agreement``, ``classifier``, ``drift``, ``roles``, ``figures``,
        ``notebooks``, ``report`` or ``manifest``. All where left out.
    tell : callable
        Called with a line about each stage.

    Returns
    -------
    Results
        The results folder, with its tables and figures.
    """
    from peercompare.study.stages import STAGES

    study = study if isinstance(study, Study) else read_study(study)
    run_stages(study, STAGES, until=until, tell=tell)
    return Results(study.results)
