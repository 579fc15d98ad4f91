"""Finding what may identify people: every rule that is switched on, over one text, overlaps settled."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from peercompare.deidentify.dates import DATE_RULES
from peercompare.deidentify.kinds import KINDS, NOT_IN_TEXT
from peercompare.deidentify.names import CALLED_RULES, NAME_RULES, NameFinder
from peercompare.deidentify.numbers import NUMBER_RULES
from peercompare.deidentify.patterns import PatternRule
from peercompare.deidentify.places import PLACE_RULES, listed_places
from peercompare.deidentify.presidio import MODEL_RULES, TextModel
from peercompare.errors import InputError, Problem
from peercompare.readers.roster import Roster

PATTERN_RULES = (*CALLED_RULES, *DATE_RULES, *PLACE_RULES, *NUMBER_RULES)
LISTED = "place_listed"

ALL_RULES: Mapping[str, str] = {
    **dict.fromkeys(NAME_RULES, "name"),
    LISTED: "place",
    **MODEL_RULES,
    **{rule.id: rule.kind for rule in PATTERN_RULES},
}
"""The kind of every rule, in the order in which they go before each other."""

_RANK = {rule: at for at, rule in enumerate(ALL_RULES)}
OFF_UNLESS_ASKED = tuple(rule.id for rule in PATTERN_RULES if not rule.on)


@dataclass(frozen=True)
class Hit:
    """A stretch of text that may identify somebody.

    Parameters
    ----------
    start, end : int
        Code points, end exclusive.
    kind, rule : str
        What it is, and which rule says so.
    replacement : str, default ""
        What the rule would put there; empty for the placeholder of the kind.
    person_id : str, default ""
        Whose name it is, where the roster tells.
    """

    start: int
    end: int
    kind: str
    rule: str
    replacement: str = ""
    person_id: str = ""


@dataclass(frozen=True)
class Switches:
    """Which kinds and rules are used; ids of either may stand in each.

    Parameters
    ----------
    only : sequence of str, default ()
        Use these alone; empty for all but those that are off unless asked for.
    without : sequence of str, default ()
        Do not use these.
    also : sequence of str, default ()
        Use these too, which are off unless asked for.
    """

    only: Sequence[str] = ()
    without: Sequence[str] = ()
    also: Sequence[str] = ()

    def on(self) -> tuple[str, ...]:
        """Return the ids of the rules that are used.

        Raises
        ------
        InputError
            Where an id is neither a kind's nor a rule's, or no rule is left.
        """
        problems = [
            _unknown(switch, each)
            for switch in ("only", "without", "also")
            for each in getattr(self, switch)
            if each not in KINDS and each not in ALL_RULES
        ]
        if problems:
            remedy = f"kinds are {', '.join(KINDS)}; `peercompare deidentify rules` lists the rules of each"
            raise InputError("These rules cannot be switched", problems, remedy=remedy)
        found = tuple(rule for rule, kind in ALL_RULES.items() if self._is_on(rule, kind))
        if not found:
            raise InputError("Every rule is switched off", remedy="leave at least one kind on")
        return found

    def _is_on(self, rule: str, kind: str) -> bool:
        """Say whether a rule is used; one named itself goes before its kind."""
        if rule in self.without:
            return False
        if rule in (*self.only, *self.also):
            return True
        if kind in self.without:
            return False
        return kind in self.also or (kind in (self.only or KINDS) and rule not in OFF_UNLESS_ASKED)


@dataclass(frozen=True)
class Detector:
    """The rules in use; make one with `detector`.

    Parameters
    ----------
    on : tuple of str
        Ids of the rules in use.
    names : NameFinder or None
        Finds names of the roster.
    patterns : tuple of PatternRule
        The rules by pattern in use, and the user's list of places.
    model : TextModel or None
        A local model that finds names and places by their context.
    """

    on: tuple[str, ...]
    names: NameFinder | None = None
    patterns: tuple[PatternRule, ...] = ()
    model: TextModel | None = None

    def find(self, text: str, *, document_id: str = "") -> list[Hit]:
        """Return what may identify somebody in a text, in its order and without overlaps.

        Parameters
        ----------
        text : str
            One turn, one document or one cell of a table.
        document_id : str, default ""
            Names of the roster's rows for this document go before those of other rows.

        Returns
        -------
        list of Hit
            Stretches that overlap are one hit over all of them, so that nothing that any rule found is left
            over; its kind and rule are those of the longest, and of two alike, of the rule that stands
            earlier in `ALL_RULES`. A name of the roster goes before any other name. What is switched off
            counts for nothing here, so that a telephone number may still be found as any other number.
        """
        found = [hit for hit in self._found(text, document_id) if hit.rule in self.on]
        return merged(found)

    def _found(self, text: str, document_id: str) -> Iterable[Hit]:
        """Yield what each rule finds."""
        if self.names is not None:
            for start, end, rule, person_id in self.names.find(text, document_id):
                yield Hit(start, end, "name", rule, person_id=person_id)
        for rule in self.patterns:
            for start, end, replacement in rule.find(text):
                yield Hit(start, end, rule.kind, rule.id, replacement)
        if self.model is not None:
            for start, end, rule in self.model.find(text):
                yield Hit(start, end, ALL_RULES[rule], rule)

    @property
    def kinds_on(self) -> tuple[str, ...]:
        """The kinds that at least one rule in use looks for."""
        used = {ALL_RULES[rule] for rule in self.on if self._has(rule)}
        return tuple(kind for kind in KINDS if kind in used)

    @property
    def off(self) -> tuple[str, ...]:
        """Kinds that nothing looks for and can stand in a text, and single rules that are off."""
        kinds = [kind for kind in KINDS if kind not in self.kinds_on and kind not in NOT_IN_TEXT]
        rules = [
            rule
            for rule, kind in ALL_RULES.items()
            if (rule not in self.on or not self._has(rule)) and kind not in kinds
        ]
        return (*kinds, *rules)

    def _has(self, rule: str) -> bool:
        """Say whether what a rule needs is there: a roster, a list of places, a model."""
        if rule in NAME_RULES:
            return self.names is not None
        if rule in MODEL_RULES:
            return self.model is not None
        return rule != LISTED or any(each.id == LISTED for each in self.patterns)


def detector(
    *,
    roster: Roster | None = None,
    places: Iterable[str] = (),
    switches: Switches | None = None,
    model: TextModel | None = None,
) -> Detector:
    """Return the rules that are switched on.

    Parameters
    ----------
    roster : Roster, optional
        Whose names to look for, with their inflections, titles and initials; without it only names that a
        title or the like tells are found, and those that a model finds.
    places : iterable of str, optional
        Places to look for.
    switches : Switches, optional
        Which kinds and rules to use; by default all but those that are off unless asked for.
    model : TextModel, optional
        As `peercompare.deidentify.presidio.load_presidio` gives it.

    Returns
    -------
    Detector
        With `find`.

    Raises
    ------
    InputError
        Where a switch names an unknown kind or rule, or nothing is left to look for.
    """
    on = (switches or Switches()).on()
    listed = listed_places(places)
    patterns = [rule for rule in ((listed,) if listed else ()) + PATTERN_RULES if rule.id in on]
    return Detector(on, None if roster is None else NameFinder(roster), tuple(patterns), model)


def merged(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits with those that overlap joined, as `Detector.find` says."""
    groups: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        if groups and hit.start < max(each.end for each in groups[-1]):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    return [_joined(group) for group in groups]


def _joined(group: Sequence[Hit]) -> Hit:
    """Return one hit over several that overlap."""
    best = min(group, key=lambda hit: (hit.start - hit.end, _RANK[hit.rule]))
    if best.kind == "name":
        best = min(
            (hit for hit in group if hit.kind == "name"), key=lambda hit: (not hit.person_id, _RANK[hit.rule])
        )
    end = max(hit.end for hit in group)
    # a year that another stretch of the group would have kept is not put in: its words are gone
    same = (best.start, best.end) == (group[0].start, end)
    return Hit(
        group[0].start, end, best.kind, best.rule, best.replacement if same else "", best.person_id
    )  # fmt: skip


def _unknown(switch: str, name: str) -> Problem:
    """Return the fault of a switch that names nothing, with the nearest that there is."""
    near = difflib.get_close_matches(name, [*KINDS, *ALL_RULES], n=1)
    return Problem(switch, f"no kind or rule {name!r}", f"did you mean {near[0]}?" if near else "")
