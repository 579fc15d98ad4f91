"""Names of the roster in running text: whole, in parts, with titles, plurals, initials, and without accents.

A name is found word by word. Nicknames, slips of the pen, and people who are not on the roster are not found;
a roster may have several rows for a person, one for each name that is used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from peercompare.deidentify.patterns import PatternRule
from peercompare.readers.roster import GENERAL_WORDS, IGNORE, WORDS, Roster, Speaker, folded

NAME_RULES = ("full_name", "part_of_a_name", "initials", "shared_name")
"""A whole name; one word of it; letters alone; a form that belongs to several people of the roster."""

TITLES = frozenset(
    "mr mrs ms miss mx mister dr doctor prof professor nurse pastor father sister brother reverend rev "
    "rabbi imam officer judge sergeant captain aunt auntie uncle".split()
)
_PARTICLES = frozenset("de del della di da dos das van von der den la le el al bin ibn st".split())
"""Words of names that are nobody's name alone."""

COMMON_WORDS = frozenset(
    "will mark rose grace hope faith joy may june april august art bill rob sue pat frank dean drew "
    "grant jack ray chase miles dawn holly ivy iris lily daisy ruby amber pearl summer autumn angel "
    "christian heather hazel olive penny robin rusty sandy sky star stone wade ward wood woods young "
    "white black brown green gray grey price long short small best day love king page park parks field "
    "hill lake rice bean cook baker carter hunter mason potter case chance clay cliff cole curt don "
    "earnest ford gene guy harmony herb jean josh ken lance merry mercy nick nova patience peace rich "
    "rod skip sonny trip van victor wise worth bush banks cash cross fields flowers glass hand head "
    "hall house law little moon more noble power prince rain reed rivers sharp snow storm strong swift "
    "walker waters weeks winter wolf in so an no do he we me my to on it is as at be by go if or up us "
    "am".split()
)
"""Words that are names too: as such they begin with a capital."""

_CALLED = r"[A-Z][a-z][\w’-]*(?:[ \t]+[A-Z][a-z][\w’-]*)?"
CALLED_RULES = (
    PatternRule("name_after_a_title", "name", re.compile(
        r"\b(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Sgt|Capt|Fr|Sr)\.?|(?:[Mm]iss|[Dd]octor|[Pp]rofessor|[Nn]urse|"
        r"[Pp]astor|[Ff]ather|[Ss]ister|[Bb]rother|[Rr]everend|[Rr]abbi|[Ii]mam|[Oo]fficer|[Jj]udge|[Ss]ergeant|"
        rf"[Cc]aptain|[Aa]unt|[Aa]untie|[Uu]ncle))[ \t]+{_CALLED}")),
    PatternRule("name_after_a_relation", "name", re.compile(
        r"\b(?:[Mm]y|[Hh]is|[Hh]er|[Oo]ur|[Tt]heir|[Yy]our)[ \t]+(?:\w+[ \t]+)?(?:cousin|sister|brother|"
        r"friend|buddy|neighbou?r|husband|wife|son|daughter|boss|landlord|landlady|caseworker|case manager|"
        r"social worker|ex|boyfriend|girlfriend|nephew|niece|sponsor|roommate|housemate|therapist|"
        rf"counsell?or|doctor|nurse|worker),?[ \t]+(?P<it>{_CALLED})")),
)  # fmt: skip
"""Names told by the word before them; these need no roster."""

_TOKEN = re.compile(r"(?:[DdOoLl]['’](?=[A-Z]))?[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")
_GAP = re.compile(r"(?:[ \t]*[.,]?[ \t]*|-)")
_TITLE_GAP = re.compile(r"\.?[ \t]+")


@dataclass(frozen=True)
class _Word:
    """One word of a text."""

    start: int
    end: int
    text: str
    plain: str


class NameFinder:
    """Finds the people of a roster in texts.

    Parameters
    ----------
    roster : Roster
        Labels that are ids, general words ("Interviewer") or no speakers are nobody's names.
    """

    def __init__(self, roster: Roster) -> None:
        self._forms: dict[tuple[str, ...], set[tuple[str, str]]] = {}
        self._words: set[str] = set()
        for (document_id, _), speaker in roster.speakers.items():
            if speaker.role in (WORDS, IGNORE) or folded(speaker.label) == folded(speaker.speaker_id):
                continue
            words = _name_words(speaker)
            self._words.update(words)
            for form in _forms(words):
                self._forms.setdefault(form, set()).add((document_id, speaker.person_id))
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for form in sorted(self._forms, key=len, reverse=True):
            self._by_first.setdefault(form[0], []).append(form)

    def find(self, text: str, document_id: str = "") -> Iterator[tuple[int, int, str, str]]:
        """Yield start, end, rule and person id for every name in a text, the longest form at each word.

        The person id is empty where the form belongs to several people and the roster's rows for the document
        do not settle it.
        """
        words = [_word(match) for match in _TOKEN.finditer(text)]
        at = 0
        while at < len(words):
            form, end = self._form_at(text, words, at)
            if not form:
                at += 1
                continue
            start = _with_title(text, words, at)
            persons = self._persons(form, document_id)
            rule = self._rule(form) if len(persons) == 1 else "shared_name"
            yield start, end, rule, next(iter(persons)) if len(persons) == 1 else ""
            while at < len(words) and words[at].start < end:
                at += 1

    def _form_at(self, text: str, words: Sequence[_Word], at: int) -> tuple[tuple[str, ...], int]:
        """Return the longest form that starts at a word, and where it ends; nothing where there is none."""
        for first in _singulars(words[at].plain):
            for form in self._by_first.get(first, ()):
                here = words[at : at + len(form)]
                end = _end_of(form, text, here)
                if end and (self._rule(form) != "initials" or all(word.text.isupper() for word in here)):
                    return form, end
        return (), 0

    def _rule(self, form: tuple[str, ...]) -> str:
        """Return the rule of a form; one word that is no word of a name is initials written together."""
        if all(len(part) == 1 for part in form) or (len(form) == 1 and form[0] not in self._words):
            return "initials"
        return "full_name" if len(form) > 1 else "part_of_a_name"

    def _persons(self, form: tuple[str, ...], document_id: str) -> set[str]:
        """Return whose form it is; rows for the document go before the others."""
        own = {person for document, person in self._forms[form] if document and document == document_id}
        return own or {person for _, person in self._forms[form]}


def plain(text: str) -> str:
    """Return a word by which names are compared: small letters, without accents and apostrophes.

    Examples
    --------
    >>> plain("José"), plain("O’Brien")
    ('jose', 'obrien')
    """
    parted = unicodedata.normalize("NFKD", text)
    return re.sub(r"['’]", "", "".join(each for each in parted if not unicodedata.combining(each))).casefold()


def _word(match: re.Match[str]) -> _Word:
    """Return a word of a text with how it is compared."""
    return _Word(*match.span(), match.group(), plain(match.group()))


def _name_words(speaker: Speaker) -> list[str]:
    """Return the words of a label in the order given name, surname; "Lopez, Maria" is turned round."""
    parts = speaker.label.split(",")
    label = " ".join([*parts[1:], parts[0]])
    found = [plain(word) for word in _TOKEN.findall(unicodedata.normalize("NFKC", label))]
    return [word for word in found if word not in TITLES and word not in GENERAL_WORDS]


def _forms(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the forms under which a name may stand, as words; an initial is a word of one letter."""
    size = len(words)
    runs = {tuple(words[at:end]) for at in range(size) for end in range(at + 2, size + 1)}
    singles = {(word,) for word in words if len(word) > 1 and word not in _PARTICLES}
    if size < 2:
        return singles
    first, last, letters = words[0], words[-1], tuple(word[0] for word in words)
    short = {(first, last), (last, first), (first[0], last), (first, last[0]), (last, first[0])}
    initials = {letters, (letters[0], letters[-1]), ("".join(letters),), (letters[0] + letters[-1],)}
    return runs | singles | short | initials


def _end_of(form: tuple[str, ...], text: str, words: Sequence[_Word]) -> int:
    """Return where a form ends that stands in some words of a text; 0 where it does not stand there."""
    if len(words) < len(form) or not _capitals_fit(form, words):
        return 0
    for before, after in pairwise(words):
        if not _GAP.fullmatch(text, before.end, after.start):
            return 0
    if any(word.plain != part for word, part in zip(words[:-1], form[:-1], strict=True)):
        return 0
    if form[-1] not in _singulars(words[-1].plain):
        return 0
    end = words[-1].end
    return end + 1 if len(form[-1]) == 1 and text[end : end + 1] == "." else end


def _capitals_fit(form: tuple[str, ...], words: Sequence[_Word]) -> bool:
    """Say whether letters alone are capitals, and words that mean something else begin with one."""
    if any(len(part) == 1 and not word.text.isupper() for part, word in zip(form, words, strict=True)):
        return False
    if len(form) > 1:
        return True
    (part,), (word,) = form, words
    return (len(part) > 2 and part not in COMMON_WORDS) or word.text[0].isupper()


def _singulars(word: str) -> tuple[str, ...]:
    """Return a word as it is, and what it may be the plural of: the Lopezes, two Marias."""
    found = [word]
    if len(word) > 4 and word.endswith("s"):
        found.append(word[:-1])
    if len(word) > 5 and word.endswith("es"):
        found.append(word[:-2])
    return tuple(found)


def _with_title(text: str, words: Sequence[_Word], at: int) -> int:
    """Return where a name starts, with the title before it."""
    if (
        at
        and words[at - 1].plain in TITLES
        and _TITLE_GAP.fullmatch(text, words[at - 1].end, words[at].start)
    ):
        return words[at - 1].start
    return words[at].start
