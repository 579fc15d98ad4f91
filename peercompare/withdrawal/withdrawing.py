"""Withdrawal of consent from end to end: find what used a person's words, and make it leave.

The order makes every point a point to go on from. The results folders are marked first, and nobody reads
them from then on. The corpus changes in one step. Then the marked files go, a record of the removal takes
their place, and the marker leaves last. Killed anywhere, the same command finishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from peercompare.corpus.folder import CONSENTS, MANIFEST, read_manifest
from peercompare.corpus.person_keys import keyed_hash, person_key
from peercompare.errors import ConsentError, InputError, Problem
from peercompare.safekeeping.access_log import Access, append, log_path
from peercompare.safekeeping.transactions import exclusive
from peercompare.study import read_study, run_study
from peercompare.withdrawal.blacking import (
    WHYS,
    Contents,
    Traces,
    corpus_change,
    has_record,
    read_contents,
    record_change,
    traces_of,
)
from peercompare.withdrawal.decoding import texts_in
from peercompare.withdrawal.results import (
    Artefact,
    Whose,
    mark,
    no_stage_runs,
    packages_with,
    remove_marked,
    used,
)
from peercompare.withdrawal.scanning import terms_in
from peercompare.withdrawal.words import words_only_theirs

BEYOND_REACH = (
    "Copies in version control, in backups, in exports, in other folders (de-identified ones too) and with "
    "other people cannot be reached from here: whoever keeps them has to remove them there."
)


@dataclass(frozen=True)
class Withdrawal:
    """Who withdraws from what.

    Parameters
    ----------
    person : str
        A ``person_id``.
    corpus : Path
        The corpus folder.
    day : date
        The day on which consent ends.
    why : str, default "consent_withdrawn"
        One of `WHYS`.
    studies : sequence of Path, optional
        Study files or results folders in which the corpus was used.
    today : date
        The day on which words are removed.
    """

    person: str
    corpus: Path
    day: date
    why: str = WHYS[0]
    studies: Sequence[Path] = ()
    today: date = field(default_factory=date.today)

    def __post_init__(self) -> None:
        """Refuse a reason that is none of ours, and what cannot be a study."""
        problems = []
        if self.why not in WHYS:
            problems.append(Problem("why", f"{self.why!r} is not a reason", f"one of {', '.join(WHYS)}"))
        problems += [
            Problem(str(path), "neither a study file nor a folder", "name STUDY.toml or its results folder")
            for path in self.studies
            if not (path.is_dir() or (path.is_file() and path.suffix == ".toml"))
        ]
        if problems:
            raise InputError("The withdrawal cannot be carried out; nothing was changed", problems)

    @property
    def results(self) -> list[Path]:
        """The results folders of the studies, each once."""
        folders = [path if path.is_dir() else read_study(path).results for path in self.studies]
        return list(dict.fromkeys(folder.resolve() for folder in folders))


@dataclass(frozen=True)
class Findings:
    """What used a person's words.

    Parameters
    ----------
    recorded : str
        ``"recorded"``, ``"already"`` or ``"no record"``: what became of consents.csv.
    traces : Traces
        What the corpus held.
    artefacts : mapping of Path to sequence of Artefact
        By results folder, the files that used the words.
    unknown : mapping of Path to sequence of Artefact
        By results folder, files of which nobody can tell.
    to_look_at : tuple of str
        What a person has to look at, in sentences.
    """

    recorded: str
    traces: Traces
    artefacts: Mapping[Path, Sequence[Artefact]]
    unknown: Mapping[Path, Sequence[Artefact]]
    to_look_at: tuple[str, ...]


def record_withdrawal(asked: Withdrawal) -> Findings:
    """Record a withdrawal in consents.csv and list what used the person's words; remove nothing.

    Parameters
    ----------
    asked : Withdrawal
        Who withdraws from what.

    Returns
    -------
    Findings
        As found; a second withdrawal of the same person changes nothing.

    Raises
    ------
    ConsentError
        Where nobody has that id, or the person agreed to something after that day.
    CorpusError
        Where the corpus cannot be read.
    """
    with exclusive(asked.corpus) as change:
        contents = read_contents(asked.corpus)
        found = _findings(asked, contents)
        changes = record_change(contents, asked.person, asked.day)
        if changes:
            _log(asked, found.traces)
            change.replace(changes)
    return found


def apply_withdrawal(asked: Withdrawal, *, tell: Callable[[str], None] = lambda _: None) -> Findings:
    """Record a withdrawal, and remove the person's words and what was made of them.

    Killed at any moment the corpus is as it was or as it should be, results folders are whole or refused, and
    the same call finishes what is left.

    Parameters
    ----------
    asked : Withdrawal
        Who withdraws from what.
    tell : callable
        Called with a line about each step.

    Returns
    -------
    Findings
        What was there before.

    Raises
    ------
    ConsentError, CorpusError, InputError
        As `record_withdrawal`, and for a day to come; nothing was removed then.
    """
    if asked.day > asked.today:
        raise ConsentError(
            f"{asked.day} is still to come: words are removed when consent has ended",
            remedy="leave --apply out to record it now, and apply it on that day",
        )
    folders = asked.results
    with ExitStack() as held:
        for folder in folders:
            held.enter_context(no_stage_runs(folder))
        change = held.enter_context(exclusive(asked.corpus))
        contents = read_contents(asked.corpus)
        changes = record_change(contents, asked.person, asked.day)
        found = _findings(asked, contents)
        changes |= corpus_change(contents, asked.person, found.traces, removed_on=asked.today, why=asked.why)
        person, day = _whose(asked), asked.today.isoformat()
        for folder in folders:
            mark(folder, person, found.artefacts[folder], removed_on=day, why=asked.why)
        if changes:
            _log(asked, found.traces)
            change.replace(changes)
            tell(f"{asked.corpus}: {len(changes)} files changed in one step.")
        for folder in folders:
            if n := remove_marked(folder):
                tell(f"{folder}: {n} files removed.")
    return found


def rebuild(asked: Withdrawal, *, tell: Callable[[str], None] = lambda _: None) -> None:
    """Run the studies again on what the corpus holds now.

    Raises
    ------
    InputError
        Where a results folder was named and not its study file.
    """
    for path in asked.studies:
        run_study(path, tell=tell)


def check_rebuildable(asked: Withdrawal) -> None:
    """Raise where a study cannot be run again, before anything is removed."""
    folders = [Problem(str(path), "a results folder") for path in asked.studies if path.is_dir()]
    if folders or not asked.studies:
        raise InputError(
            "There is no study to run again; nothing was changed",
            folders,
            remedy="with --rebuild, name the study file: --study STUDY.toml",
        )


def _findings(asked: Withdrawal, contents: Contents) -> Findings:
    """Find everything that used a person's words."""
    traces = traces_of(contents, asked.person, asked.corpus)
    person = _whose(asked)
    found = {folder: used(folder, person) for folder in asked.results}
    return Findings(
        recorded=_state(asked, contents),
        traces=traces,
        artefacts={folder: theirs for folder, (theirs, _) in found.items()},
        unknown={folder: unknown for folder, (_, unknown) in found.items() if unknown},
        to_look_at=(*_packages(asked, person), *_to_look_at(asked, contents, traces)),
    )


def _state(asked: Withdrawal, contents: Contents) -> str:
    """Say what becomes of consents.csv."""
    if record_change(contents, asked.person, asked.day):
        return "recorded"
    return "already" if has_record(contents, asked.person) else "no record"


def _whose(asked: Withdrawal) -> Whose:
    """Return the person as stamps and models know them."""
    manifest = read_manifest(asked.corpus)
    try:
        key = person_key(asked.corpus, manifest.name, composed=manifest.composed)
    except ConsentError:
        return Whose(manifest.name, "")
    return Whose(manifest.name, keyed_hash(key, asked.person, composed=manifest.composed))


def _packages(asked: Withdrawal, person: Whose) -> list[str]:
    """Name the packages that were handed on with the person's words behind their numbers."""
    return [
        f"the replication package {name}, made of {folder}, rests on their words: take it back wherever it "
        "went, ask whoever has a copy to delete it, and issue it again (peercompare pack)"
        for folder in asked.results
        for name in packages_with(folder, person)
    ]


def _to_look_at(asked: Withdrawal, contents: Contents, traces: Traces) -> list[str]:
    """Say what no program can find: the person's words in other people's mouths, and words about them."""
    found = []
    if traces.labels:
        named = ", ".join(traces.labels)
        found.append(f"turns of others, and coders' remarks on them, may quote or name the person: {named}")
    after = {
        **contents,
        **corpus_change(contents, asked.person, traces, removed_on=asked.today, why=asked.why),
    }
    terms = {each for each in words_only_theirs([asked.corpus], asked.person) if " " in each}
    for name in sorted(set(after) - {MANIFEST, CONSENTS}):
        if terms & terms_in(texts_in(after[name])):
            found.append(f"{asked.corpus / name} holds a sequence of words that only this person used")
    return found


def _log(asked: Withdrawal, traces: Traces) -> None:
    """Write the withdrawal into the audit log, before it is done."""
    manifest = read_manifest(asked.corpus)
    path = log_path(asked.corpus, composed=manifest.composed)
    if path is not None:
        append(path, manifest.name, Access("withdraw", documents=traces.documents, as_of=asked.day))
