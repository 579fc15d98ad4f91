"""The framework as frozen objects: what can be coded, by which rules, and who has reviewed it.

Objects come from `peercompare.framework.read_framework`, which has checked them; nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

SEPARATOR = "/"
"""What joins dimension and stance in a code's id."""

NONE = "none"
"""The label of a segment that takes no stance. A label that coders give, not a missing value."""


@dataclass(frozen=True)
class Source:
    """A published work that the framework rests on.

    Parameters
    ----------
    id : str
        What the `source` of other entries points at.
    authors, year, title, venue, url : str
        The citation as it is printed; the year is text, since a work may be "undated".
    adds : str
        What the framework takes from this work.
    licence_note : str
        Whose the rights are and how the work is used here; may be empty.
    """

    id: str
    authors: str
    year: str
    title: str
    venue: str
    url: str
    adds: str
    licence_note: str

    @property
    def citation(self) -> str:
        """Authors (year). Title. Venue. URL."""
        return f"{self.authors} ({self.year}). {self.title}. {self.venue}. {self.url}"


@dataclass(frozen=True)
class Stance:
    """One column of the framework, or the label of segments that take no stance.

    Parameters
    ----------
    id : str
        The second half of the ids of its codes; what classifiers predict.
    label, definition : str
        The column's heading, and which words belong under it.
    value : float or None
        Default place on the index: -1 for the first stance, +1 for the last, rising between them; None for
        the label that takes no stance.
    """

    id: str
    label: str
    definition: str
    value: float | None = None


@dataclass(frozen=True)
class Dimension:
    """One row of the framework.

    Parameters
    ----------
    id : str
        The first half of the ids of its codes.
    label, question : str
        The row's heading, and what it asks of a text.
    position : int
        Counts from 1 in the order of the file, which is that of its source.
    source : str
        Id of the `Source` that names it.
    """

    id: str
    label: str
    question: str
    position: int
    source: str


@dataclass(frozen=True)
class Sign:
    """A further sign of a code that its chart does not name, with the source that does.

    Parameters
    ----------
    text : str
        What in a segment speaks for the code.
    source : str
        Id of the `Source`.
    """

    text: str
    source: str


@dataclass(frozen=True)
class Code:
    """One cell of the framework: a dimension crossed with a stance.

    Parameters
    ----------
    dimension, stance : str
        Ids of the row and of the column; together they make the code's id.
    label, definition : str
        The cell's heading, and what a segment says that has the code.
    when_to_use, when_not_to_use : str
        Directions for coders at the borders of the code.
    examples : tuple of str
        Two segments that have it.
    signs : tuple of Sign
        What other sources add; empty where they add nothing.
    """

    dimension: str
    stance: str
    label: str
    definition: str
    when_to_use: str
    when_not_to_use: str
    examples: tuple[str, ...]
    signs: tuple[Sign, ...] = ()

    @property
    def id(self) -> str:
        """The code's id, ``dimension/stance``."""
        return f"{self.dimension}{SEPARATOR}{self.stance}"

    def _repr_html_(self) -> str:
        from peercompare.framework.codebook import code_html

        return code_html(self)


@dataclass(frozen=True)
class Rule:
    """A numbered rule for coders.

    Parameters
    ----------
    number : int
        By which memos and notes name it; rules are kept in this order.
    text : str
        What to do.
    """

    number: int
    text: str


@dataclass(frozen=True)
class Tag:
    """A mark beside the code, off the axis; a coding may have several, or none.

    Parameters
    ----------
    id : str
        As coders write it.
    definition : str
        What a segment says that is to be marked.
    outside_control : bool
        Whether law or payer asks for the act: estimates are also shown without such segments.
    """

    id: str
    definition: str
    outside_control: bool

    @property
    def meaning(self) -> str:
        """The definition."""
        return self.definition


@dataclass(frozen=True)
class Note:
    """How a rule was settled where coders parted.

    Parameters
    ----------
    id : str
        Names the question.
    text : str
        The answer that holds from then on.
    """

    id: str
    text: str


@dataclass(frozen=True)
class UnitOfAnalysis:
    """How texts of one genre are cut into segments.

    Parameters
    ----------
    genre : str
        The genre as a corpus gives it; one unit for each.
    unit : {"item_or_sentence", "turn"}
        A list item or sentence, or what one speaker says before the next speaks.
    max_words : int
        Longer units are cut at sentence ends, and a longer sentence at a comma or dash, else at a blank; 0
        means that units have no ceiling.
    text : str
        The same in words, for coders.
    """

    genre: str
    unit: str
    max_words: int
    text: str


@dataclass(frozen=True)
class Marker:
    """A yes-or-no finding about a whole document.

    Parameters
    ----------
    id, label, definition : str
        Its name in tables, its name in print, and when it is present.
    code : str
        The code that a segment has which asks for it; ``""`` for a condition of work, which has none.
    kind : {"act", "condition"}
        What the holder does, or under what they do it. Acts alone count among the duties of a role.
    source : str
        Id of the `Source` that names it.
    side : str
        The stance it speaks for: that of its code unless the file says otherwise, or ``""``.
    cues, excluded_cues : tuple of str
        Regular expressions, searched without regard to case in one segment at a time; an excluded cue is a
        wording that looks like a cue and is not one.
    word_list : bool
        Whether the words of the system of a country (`SystemWords`) are further cues.
    min_segments : int
        In so many segments of a document it must be seen to be found there.
    """

    id: str
    label: str
    definition: str
    code: str
    kind: str
    source: str
    side: str
    cues: tuple[str, ...]
    excluded_cues: tuple[str, ...] = ()
    word_list: bool = False
    min_segments: int = 1


@dataclass(frozen=True)
class RoleType:
    """A type of role that a document may describe; no two agree in their last three fields.

    Parameters
    ----------
    id, label, definition : str
        Its name in tables, its name in print, and which documents are of this type.
    source : str
        Id of the `Source` that tells it from the others.
    duties : str
        The stance, first or last, on which its main duties rest.
    lived_experience : {"central", "credited", "absent"}
        Whether it is asked for, is welcomed, or is not named.
    leads_workers : bool
        Whether the holder leads, trains or speaks for workers.
    """

    id: str
    label: str
    definition: str
    source: str
    duties: str
    lived_experience: str
    leads_workers: bool


@dataclass(frozen=True)
class TitleFamily:
    """Titles that promise alike.

    Parameters
    ----------
    id, label : str
        Its name in tables and in print.
    duties : str
        The stance, first or last, that a reader expects under such a title, or ``""``.
    leads_workers : bool
        Whether the title is one of leading others.
    cues : tuple of str
        Regular expressions that find the family of a title, without regard to case. The first family with a
        cue in the title has it; one without cues takes the titles that are left.
    words : tuple of str
        Plain words such titles are made of, in the singular, to be masked where a title must not give its
        text away.
    """

    id: str
    label: str
    duties: str
    leads_workers: bool
    cues: tuple[str, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextCues:
    """Regular expressions for what a text says beyond its markers, searched without regard to case.

    Parameters
    ----------
    negation_before, negation_after : tuple of str
        Where one stands before, or after, a cue in its clause, the text refuses what the cue names.
    negation_exempt : tuple of str
        Wordings that look like a refusal and are none.
    clause_breaks : tuple of str
        End a clause, and with it the reach of a refusal.
    exclusion_headings : tuple of str
        Headings under which everything is refused.
    lived_experience : tuple of str
        Name lived experience.
    requirements, softeners, invitations : tuple of str
        In a segment that names lived experience: ask for it; welcome it; say no more than that people who
        have it may apply.
    leads_workers : tuple of str
        Speak of leading, training or speaking for workers.
    """

    negation_before: tuple[str, ...] = ()
    negation_after: tuple[str, ...] = ()
    negation_exempt: tuple[str, ...] = ()
    clause_breaks: tuple[str, ...] = ()
    exclusion_headings: tuple[str, ...] = ()
    lived_experience: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    softeners: tuple[str, ...] = ()
    invitations: tuple[str, ...] = ()
    leads_workers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """A kind of place in which a role is found.

    Parameters
    ----------
    id : str
        As the documents of a corpus give it.
    label, definition : str
        Its name in print, and which places are of this kind.
    """

    id: str
    label: str
    definition: str


@dataclass(frozen=True)
class CrosswalkItem:
    """One point of another document, in our words.

    Parameters
    ----------
    id : str
        Unique in its part of the crosswalk.
    text : str
        The point, paraphrased.
    dimension, stance : str
        Ids of the code that the point speaks to.
    marker : str
        Id of the marker that shows it, or ``""``.
    """

    id: str
    text: str
    dimension: str
    stance: str
    marker: str = ""


@dataclass(frozen=True)
class Crosswalk:
    """Another document's points on this framework's dimensions, so that findings can be told in its terms.

    Parameters
    ----------
    source : str
        Id of the `Source`; ``""`` where the framework has no crosswalk.
    areas, values, actions : tuple of CrosswalkItem
        What the document asks of a role: areas of focus, values, and things to do.
    stay_out_of, surroundings : tuple of CrosswalkItem
        What it warns of: activities to stay out of, and surroundings to avoid.
    """

    source: str = ""
    areas: tuple[CrosswalkItem, ...] = ()
    values: tuple[CrosswalkItem, ...] = ()
    actions: tuple[CrosswalkItem, ...] = ()
    stay_out_of: tuple[CrosswalkItem, ...] = ()
    surroundings: tuple[CrosswalkItem, ...] = ()


@dataclass(frozen=True)
class Lens:
    """A question from another source that looks across several dimensions.

    Parameters
    ----------
    id, label : str
        Its name in tables and in print.
    question : str
        What a reader asks of the findings.
    source : str
        Id of the `Source` that asks it.
    dimensions : tuple of str
        Ids of the dimensions that bear on it, one at least.
    """

    id: str
    label: str
    question: str
    source: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class Reviewer:
    """Somebody who reviewed the framework.

    Parameters
    ----------
    name : str
        As they wish to be named.
    lived_experience : str
        In their own words, what they bring to the review.
    date : str
        When they reviewed it, as the file has it; no form is asked for.
    note : str
        What they said of it; may be empty.
    """

    name: str
    lived_experience: str
    date: str
    note: str


@dataclass(frozen=True)
class SystemWords:
    """A country's words of the system for a person, and names that people there claim for themselves.

    Parameters
    ----------
    country : str
        The country as a user names it, such as ``US``; one entry for each.
    words, exempt : tuple of str
        Words of the system, and names that hold one and are not to be counted. Plain words and phrases in the
        singular; the plural in s is meant too.
    """

    country: str
    words: tuple[str, ...]
    exempt: tuple[str, ...]


@dataclass(frozen=True)
class CuesSeen:
    """Which clusters of a corpus the authors of the cues had read: scores on them flatter.

    Parameters
    ----------
    corpus : str
        The corpus by its name.
    clusters : tuple of str
        Ids of its clusters, such as employers; scores are also told for all others.
    """

    corpus: str
    clusters: tuple[str, ...]


@dataclass(frozen=True)
class Framework:
    """An instrument: stances, dimensions, the codes where they cross, rules, markers and role types.

    Frozen. `read_framework` checks that ids are unique and that whatever one entry names is there.

    Parameters
    ----------
    id, title, version : str
        Its name in other files, its name in print, and which edition of it this is.
    scope, not_for : str
        For which texts it was made and tried, and for what it must not be used; printed wherever it is shown.
    sha256 : str
        Of the bytes of the file it was read from.
    sources : tuple of Source
        The works it rests on.
    stances : tuple of Stance
        At least two, in order along the axis.
    none : Stance
        The label of segments that take no stance; it crosses no dimension.
    dimensions : tuple of Dimension
        In the order of their source.
    codes : tuple of Code
        One for each dimension and stance: dimension by dimension, in the order of the stances.
    rules, notes : tuple of Rule, tuple of Note
        What coders go by, and how they settled what the rules left open.
    tags : tuple of Tag
        Marks that stand beside a code.
    units : tuple of UnitOfAnalysis
        How the texts of each genre are cut.
    markers, role_types, settings, title_families : tuples
        What can be found in a document, and what can be said of it as a whole, of its place and of its
        title; each may be empty.
    text_cues : TextCues
        Refusals, lived experience and leading in the words of a text.
    crosswalk, lenses : Crosswalk, tuple of Lens
        How findings are told in the terms of other sources.
    reviewed_by : tuple of Reviewer
        Who has reviewed it; empty until somebody has.
    system_words : tuple of SystemWords
        By country.
    cues_seen : tuple of CuesSeen
        By corpus: what the authors of the cues had read.
    """

    id: str
    title: str
    version: str
    scope: str
    not_for: str
    sha256: str
    sources: tuple[Source, ...]
    stances: tuple[Stance, ...]
    none: Stance
    dimensions: tuple[Dimension, ...]
    codes: tuple[Code, ...]
    rules: tuple[Rule, ...]
    tags: tuple[Tag, ...]
    units: tuple[UnitOfAnalysis, ...]
    markers: tuple[Marker, ...]
    role_types: tuple[RoleType, ...]
    settings: tuple[Setting, ...]
    notes: tuple[Note, ...] = ()
    title_families: tuple[TitleFamily, ...] = ()
    text_cues: TextCues = field(default_factory=TextCues)
    crosswalk: Crosswalk = field(default_factory=Crosswalk)
    lenses: tuple[Lens, ...] = ()
    reviewed_by: tuple[Reviewer, ...] = ()
    system_words: tuple[SystemWords, ...] = ()
    cues_seen: tuple[CuesSeen, ...] = ()

    @cached_property
    def stance_ids(self) -> tuple[str, ...]:
        """Ids of the stances, in order along the axis."""
        return tuple(stance.id for stance in self.stances)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels a classifier predicts: none first, then the stances in order."""
        return (self.none.id, *self.stance_ids)

    @property
    def axis(self) -> tuple[str, str]:
        """The two ends of the drift axis: first and last stance."""
        return self.stance_ids[0], self.stance_ids[-1]

    @property
    def middle(self) -> tuple[str, ...]:
        """The stances between the ends."""
        return self.stance_ids[1:-1]

    @cached_property
    def dimension_ids(self) -> tuple[str, ...]:
        """Ids of the dimensions, in the order of the framework."""
        return tuple(dimension.id for dimension in self.dimensions)

    @cached_property
    def code_ids(self) -> tuple[str, ...]:
        """Ids of the codes, dimension by dimension, without none."""
        return tuple(code.id for code in self.codes)

    @cached_property
    def _code_set(self) -> frozenset[str]:
        return frozenset(self.code_ids) | {self.none.id}

    def is_code(self, code: object) -> bool:
        """Whether coders may give `code`; true for none too."""
        return isinstance(code, str) and code in self._code_set

    def split(self, code: str) -> tuple[str, str]:
        """Dimension and stance of a code; none gives none twice.

        Raises
        ------
        ValueError
            If the framework has no such code.
        """
        if not self.is_code(code):
            allowed = ", ".join((*self.code_ids, self.none.id))
            raise ValueError(f"{self.id} has no code {code!r}; allowed: {allowed}")
        if code == self.none.id:
            return self.none.id, self.none.id
        dimension, stance = code.split(SEPARATOR)
        return dimension, stance

    def dimension_of(self, code: str) -> str:
        """Dimension of a code; none for none."""
        return self.split(code)[0]

    def stance_of(self, code: str) -> str:
        """Stance of a code; none for none."""
        return self.split(code)[1]

    def code(self, code: str) -> Code:
        """The code with this id, with its definition and examples."""
        self.split(code)
        for candidate in self.codes:
            if candidate.id == code:
                return candidate
        raise ValueError(f"{self.none.label} is a label, not a cell of the framework: it has no entry")

    @property
    def unit_of_analysis(self) -> Mapping[str, UnitOfAnalysis]:
        """How each genre is cut."""
        return {unit.genre: unit for unit in self.units}

    @property
    def system_language(self) -> Mapping[str, tuple[str, ...]]:
        """Words of the system for a person, by country."""
        return {entry.country: entry.words for entry in self.system_words}

    @property
    def system_language_exempt(self) -> Mapping[str, tuple[str, ...]]:
        """Names that people claim for themselves, by country: exempt there."""
        return {entry.country: entry.exempt for entry in self.system_words}

    def marker(self, marker_id: str) -> Marker:
        """The marker with this id."""
        for marker in self.markers:
            if marker.id == marker_id:
                return marker
        raise ValueError(f"{self.id} has no marker {marker_id!r}")

    def role_type(self, role_type_id: str) -> RoleType:
        """The role type with this id."""
        for role_type in self.role_types:
            if role_type.id == role_type_id:
                return role_type
        raise ValueError(f"{self.id} has no role type {role_type_id!r}")

    def reviewed_in_words(self) -> str:
        """Who has reviewed the framework, as printed wherever it is shown."""
        if not self.reviewed_by:
            return "nobody yet"
        return "; ".join(
            f"{who.name} ({who.lived_experience}), {who.date}" + (f": {who.note}" if who.note else "")
            for who in self.reviewed_by
        )

    def __repr__(self) -> str:
        counts = (
            f"{len(self.stances)} stances, {len(self.dimensions)} dimensions, {len(self.codes)} codes, "
            f"{len(self.markers)} markers"
        )
        return f"<Framework {self.id} {self.version}: {counts}; reviewed by {self.reviewed_in_words()}>"

    def _repr_html_(self) -> str:
        from peercompare.framework.codebook import overview_html

        return overview_html(self)
