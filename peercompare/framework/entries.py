"""What stands beside the framework's grid: markers, role types, titles, settings, crosswalk, lenses, words.

Frozen entries, as `peercompare.framework.model` holds them; nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass


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
