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
    """A published work that the framework rests on."""

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
    """One column of the framework; `value` is its default place on the index, from -1 to +1."""

    id: str
    label: str
    definition: str
    value: float | None = None


@dataclass(frozen=True)
class Dimension:
    """One row of the framework; `position` counts from 1 in the order of its source."""

    id: str
    label: str
    question: str
    position: int
    source: str


@dataclass(frozen=True)
class Sign:
    """A further sign of a code that its chart does not name, with the source that does."""

    text: str
    source: str


@dataclass(frozen=True)
class Code:
    """One cell of the framework: a dimension crossed with a stance."""

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
    """A numbered rule for coders."""

    number: int
    text: str


@dataclass(frozen=True)
class Tag:
    """A mark beside the code, off the axis; `outside_control` says that law or payer asks for the act."""

    id: str
    definition: str
    outside_control: bool

    @property
    def meaning(self) -> str:
        """The definition."""
        return self.definition


@dataclass(frozen=True)
class Note:
    """How a rule was settled where coders parted."""

    id: str
    text: str


@dataclass(frozen=True)
class UnitOfAnalysis:
    """How texts of one genre are cut; `max_words` 0 means that units have no ceiling."""

    genre: str
    unit: str
    max_words: int
    text: str


@dataclass(frozen=True)
class Marker:
    """A yes-or-no finding about a whole document, with the code it carries where it is asked for.

    `side` is the stance it speaks for, or ``""``. `cues` and `excluded_cues` are regular expressions that are
    searched without regard to case; `excluded_cues` name wordings that look like a cue and are not one. A
    marker with `word_list` takes the framework's words of the system as further cues. It is found where at
    least `min_segments` segments of the document show it.
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
    """A type of role; `duties` is the stance at an end of the axis on which its main duties rest."""

    id: str
    label: str
    definition: str
    source: str
    duties: str
    lived_experience: str
    leads_workers: bool


@dataclass(frozen=True)
class TitleFamily:
    """Titles that promise alike; `duties` is the stance a reader expects under them, or ``""``.

    `cues` are regular expressions that find the family of a title; `words` are the plain words that such
    titles are made of, to be masked where a title must not give its text away.
    """

    id: str
    label: str
    duties: str
    leads_workers: bool
    cues: tuple[str, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextCues:
    """Regular expressions for what a text says beyond its markers.

    `negation_before` and `negation_after` turn a cue around that shares their clause; `negation_exempt` are
    wordings that look like a refusal and are none; `clause_breaks` end a clause. Under `exclusion_headings`
    everything is refused. `lived_experience` names it; in the same segment `requirements` ask for it,
    `softeners` welcome it, and `invitations` say no more than that people who have it may apply.
    `leads_workers` speaks of leading, training or speaking for workers.
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
    """A kind of place in which a role is found."""

    id: str
    label: str
    definition: str


@dataclass(frozen=True)
class CrosswalkItem:
    """One point of another document in our words, with the dimension (and marker) it speaks to."""

    id: str
    text: str
    dimension: str
    stance: str
    marker: str = ""


@dataclass(frozen=True)
class Crosswalk:
    """Another document's points on this framework's dimensions, so that findings can be told in its terms."""

    source: str = ""
    areas: tuple[CrosswalkItem, ...] = ()
    values: tuple[CrosswalkItem, ...] = ()
    actions: tuple[CrosswalkItem, ...] = ()
    stay_out_of: tuple[CrosswalkItem, ...] = ()
    surroundings: tuple[CrosswalkItem, ...] = ()


@dataclass(frozen=True)
class Lens:
    """A question from another source that looks across several dimensions."""

    id: str
    label: str
    question: str
    source: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class Reviewer:
    """Somebody who reviewed the framework."""

    name: str
    lived_experience: str
    date: str
    note: str


@dataclass(frozen=True)
class SystemWords:
    """A country's words of the system for a person, and names that people there claim for themselves.

    Plain words and phrases in the singular; the plural in s is meant too.
    """

    country: str
    words: tuple[str, ...]
    exempt: tuple[str, ...]


@dataclass(frozen=True)
class CuesSeen:
    """Which clusters of a corpus the authors of the cues had read: scores on them flatter."""

    corpus: str
    clusters: tuple[str, ...]


@dataclass(frozen=True)
class Framework:
    """An instrument: stances, dimensions, the codes where they cross, rules, markers and role types.

    Frozen and checked. `sha256` is that of the file it was read from.
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
