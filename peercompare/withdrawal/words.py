"""What only one person said: word and character sequences that nobody else in a study's corpora uses.

Consent is not asked here: what is looked for is what must be gone. The words are returned to code that looks
for them in files, and are never shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from peercompare.consent.asking import speakers_of
from peercompare.corpus.checks import text_name
from peercompare.corpus.folder import decode, read_files, read_manifest, read_table
from peercompare.corpus.turns import REDACTED, turns

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
"""A word, with what an apostrophe joins to it."""

LONGEST = 3
"""Words in a sequence that is looked for, at most."""

CHARACTERS = (2, 5)
"""Characters in a sequence, as the classifier's vocabulary has them (inside words, a blank at either end)."""


@dataclass(frozen=True)
class OnlyTheirs:
    """What one person said and nobody else.

    Parameters
    ----------
    words : frozenset of str
        Sequences of one to three words in small letters, parted by one blank. A sequence of digits alone is
        none: it stands in every table.
    characters : frozenset of str
        Sequences of two to five characters inside words, as the classifier cuts them.
    """

    words: frozenset[str]
    characters: frozenset[str]


def only_theirs(corpora: Iterable[str | Path], person: str) -> OnlyTheirs:
    """Find what one person said in some corpora and nobody else.

    Parameters
    ----------
    corpora : iterable of str or Path
        The corpus folders of a study: words of other corpora, spoken or posted, are other people's words.
    person : str
        A person's id.

    Returns
    -------
    OnlyTheirs
        Empty where the person said nothing, or no longer.
    """
    mine, others = _parted(corpora, person)
    return OnlyTheirs(
        frozenset(_sequences(mine) - _sequences(others)),
        frozenset(_characters(mine) - _characters(others)),
    )


def words_only_theirs(corpora: Iterable[str | Path], person: str) -> frozenset[str]:
    """Find the word sequences that one person used and nobody else, as `only_theirs` does."""
    mine, others = _parted(corpora, person)
    return frozenset(_sequences(mine) - _sequences(others))


def word_sequences(text: str) -> Iterator[str]:
    """Go through the sequences of one to three words of a text, in small letters.

    Examples
    --------
    >>> sorted(word_sequences("Don't go, now"))
    ["don't", "don't go", "don't go now", 'go', 'go now', 'now']
    """
    words = [word.casefold().replace("\u2019", "'") for word in WORD.findall(text)]
    for size in range(1, LONGEST + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def _parted(corpora: Iterable[str | Path], person: str) -> tuple[list[str], list[str]]:
    """Return what a person said, and what everybody else said or wrote."""
    mine: list[str] = []
    others: list[str] = []
    for folder in corpora:
        for speaker, words in _said(Path(folder)):
            (mine if speaker == person else others).append(words)
    return mine, others


def _said(folder: Path) -> Iterator[tuple[str, str]]:
    """Go through a corpus: who says what; nobody says what stands in a text without speakers."""
    contents = read_files(folder, read_manifest(folder))
    documents, _ = read_table(contents["documents.csv"].decode("utf-8"), "documents.csv")
    names = [text_name(each) for each in documents["document_id"]]
    texts, _ = decode(contents, names)
    for name, row in zip(names, documents.to_dict("records"), strict=True):
        if "speakers" not in row:
            yield "", texts[name]
            continue
        people = speakers_of(row["speakers"])
        for turn in turns(texts[name]):
            yield people.get(turn.label, ""), texts[name][turn.start : turn.end].replace(REDACTED, " ")


def _sequences(texts: Iterable[str]) -> set[str]:
    """Return the word sequences of some texts, those of digits alone left out."""
    found = {each for text in texts for each in word_sequences(text)}
    return {each for each in found if not each.replace(" ", "").isdigit()}


def _characters(texts: Iterable[str]) -> set[str]:
    """Return the character sequences of some texts as the classifier's vocabulary counts them."""
    from sklearn.feature_extraction.text import CountVectorizer

    cut = CountVectorizer(analyzer="char_wb", ngram_range=CHARACTERS).build_analyzer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(cut(text))
    return set(counts)
