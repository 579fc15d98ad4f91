"""Whose words trained a model, known by keyed hash, and asking whether they still agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from peercompare.consent.asking import Consents
from peercompare.corpus import Corpus
from peercompare.corpus.folder import CONSENTS, read_manifest, read_table
from peercompare.corpus.person_keys import COMPOSED, keyed_hash, keyed_people, people_heard, person_key
from peercompare.errors import ConsentError, Problem
from peercompare.safekeeping.store import read_file

RETRAIN = "train the model again: `peercompare train`, or `peercompare run` where a study made it"


def whose_words(corpus: Corpus) -> dict[str, str]:
    """Return by document the keyed hashes of everybody heard in it, parted by blanks.

    Everybody is meant: what a worker says in a session tells of the person it is said to, and training on it
    rests on the consent of both.
    """
    heard = people_heard(corpus)
    hashes = keyed_people(corpus, {person for people in heard.values() for person in people})
    return {document: " ".join(hashes[each] for each in people) for document, people in heard.items()}


def gathered(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return by corpus the keyed hashes in the column ``whose`` of a training table, sorted."""
    found: dict[str, set[str]] = {}
    for corpus, cell in zip(table["corpus"], table["whose"], strict=True):
        if cell:
            found.setdefault(corpus, set()).update(cell.split())
    return {corpus: sorted(hashes) for corpus, hashes in sorted(found.items())}


def ask_whose_words(
    model: str | Path,
    whose: Mapping[str, Iterable[str]],
    corpora: Iterable[Corpus | str | Path],
    *,
    today: date | None = None,
) -> None:
    """Ask everybody whose words trained a model whether they still agree to training.

    Somebody who has withdrawn is asked as of today and not as of a study's day: a model is used now.

    Parameters
    ----------
    model : str or Path
        Names the model in messages.
    whose : mapping of str to iterable of str
        Keyed hashes by corpus.
    corpora : iterable of Corpus, str or Path
        The corpora at hand, or their folders. One in which real people speak must be among them.
    today : date, optional
        The day of use; the present day where left out.

    Raises
    ------
    ConsentError
        Where a corpus of real people is not at hand, somebody is not known in it, or somebody withdrew.
    """
    at_hand = {each["name"]: each for each in map(_at_hand, corpora)}
    day, problems = today or date.today(), []
    for name, hashes in whose.items():
        if name in at_hand:
            problems += _withdrawn(name, set(hashes), at_hand[name], day)
        elif not all(each.startswith(COMPOSED) for each in hashes):
            what = "people who speak in it trained the model, and it is not at hand to ask for them"
            remedy = "name its folder: corpora=[...], or --corpus FOLDER on the command line, or train anew"
            problems.append(Problem(f"corpus {name!r}", what, remedy))
    if problems:
        raise ConsentError(f"The model {model} may not be used", problems, remedy=RETRAIN)


def _at_hand(corpus: Corpus | str | Path) -> dict[str, Any]:
    """Return a corpus's name, secret and consent records, from an opened corpus or from its folder."""
    if isinstance(corpus, Corpus):
        about = {"name": corpus.name, "folder": corpus.folder, "composed": corpus.composed}
        return {**about, "consents": corpus.consents}
    folder = Path(corpus)
    manifest = read_manifest(folder)
    records = pd.DataFrame(columns=["person_id", "withdrawn_on"])
    if (content := read_file(folder, CONSENTS)) is not None:
        records, problems = read_table(content.decode("utf-8"), CONSENTS)
        if problems:
            raise ConsentError(f"The consent records of {folder} cannot be read", problems)
    consents = Consents(records.set_index("person_id"))
    return {"name": manifest.name, "folder": folder, "composed": manifest.composed, "consents": consents}


def _withdrawn(name: str, hashes: set[str], corpus: Mapping[str, Any], day: date) -> list[Problem]:
    """Return why people of one corpus may no longer be used; nobody is named."""
    composed, consents = corpus["composed"], corpus["consents"]
    key = person_key(corpus["folder"], name, composed=composed)
    known = {keyed_hash(key, person, composed=composed): person for person in set(consents.records.index)}
    where = f"corpus {name!r}"
    strangers = len(hashes - known.keys())
    problems = []
    if strangers:
        what = f"{strangers} of those who trained the model have no consent record in {corpus['folder']}"
        problems.append(Problem(where, what, "name the folder that it was trained on"))
    gone = sum(_agrees_no_more(consents, known[each], day) for each in hashes & known.keys())
    if gone:
        who = "somebody who trained the model has" if gone == 1 else f"{gone} who trained the model have"
        problems.append(Problem(where, f"{who} withdrawn, or agrees to training no more"))
    return problems


def _agrees_no_more(consents: Consents, person: str, day: date) -> bool:
    """Say whether the record that counts on a day is withdrawn, or does not cover training any more.

    A record that expired was good for training while it stood; it is no withdrawal.
    """
    purposes = consents.in_force(person, day)["purposes"].split()
    return consents.has_withdrawn(person, day) or "training" not in purposes
