"""The framework as frozen objects: what can be coded, by which rules, and who has reviewed it.

Objects come from `peercompare.framework.read_framework`, which has checked them; nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from peercompare.framework.entries import (
    Crosswalk,
    CuesSeen,
    Lens,
    Marker,
    Reviewer,
    RoleType,
    Setting,
    SystemWords,
    TextCues,
    TitleFamily,
)

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
