"""Restrictions on the use of what somebody said, in terms of the GA4GH Data Use Ontology (DUO).

Only terms that mean something for recorded talk are known here; others (genetic studies, ancestry) are
refused rather than kept without effect. Of each term it is said whether the consent gate can enforce it: what
code cannot see (who profits, where a reader lives) is printed for people to obey.

References
----------
J. Lawson et al. (2021), "The Data Use Ontology to streamline responsible access to human biomedical
datasets", Cell Genomics 1(2):100028. https://doi.org/10.1016/j.xgen.2021.100028. Ids and labels are those of
the ontology's table of terms, duo.csv.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DUO_SYSTEM = "http://purl.obolibrary.org/obo/duo.owl"
"""The ontology's own address, which names the code system in FHIR."""


@dataclass(frozen=True)
class Restriction:
    """One term and what it means here.

    Parameters
    ----------
    id : str
        E.g. ``"DUO:0000015"``.
    label : str
        The ontology's label.
    here : str
        What it asks of a study with peercompare.
    forbids : tuple of str, default ()
        Purposes that the gate refuses under the term, whatever else the record says.
    needs_end : bool, default False
        Whether the gate refuses every use while the record has no day on which it expires.
    """

    id: str
    label: str
    here: str
    forbids: tuple[str, ...] = ()
    needs_end: bool = False

    @property
    def enforced(self) -> bool:
        """Whether the gate enforces the term; otherwise people must."""
        return bool(self.forbids) or self.needs_end


_APPROVED = "Nothing is handed on, for the tool cannot know who receives it."

_TERMS = (
    Restriction("DUO:0000004", "no restriction", "No further restriction."),
    Restriction(
        "DUO:0000042", "general research use", "Research of any kind; use for anything else is not agreed to."
    ),
    Restriction("DUO:0000006", "health or medical or biomedical research", "Only research on health."),
    Restriction("DUO:0000007", "disease specific research", "Only research on what the form names."),
    Restriction(
        "DUO:0000012", "research specific restrictions", "Only the kind of research that the form names."
    ),
    Restriction(
        "DUO:0000015",
        "no general methods research",
        "No software learns from the words: training is refused.",
        forbids=("training",),
    ),
    Restriction(
        "DUO:0000018",
        "not for profit, non commercial use only",
        "Only by organisations without profit, and not for profit.",
    ),
    Restriction(
        "DUO:0000045", "not for profit organisation use only", "Only by organisations without profit."
    ),
    Restriction("DUO:0000046", "non-commercial use only", "Not for profit, whoever uses it."),
    Restriction("DUO:0000019", "publication required", "Results are published."),
    Restriction(
        "DUO:0000020", "collaboration required", "Others work together with the study that recorded."
    ),
    Restriction("DUO:0000021", "ethics approval required", "Others show that a review board has approved."),
    Restriction("DUO:0000022", "geographical restriction", "Only in the region that the form names."),
    Restriction("DUO:0000024", "publication moratorium", "No results before the day that the form names."),
    Restriction(
        "DUO:0000025",
        "time limit on use",
        "Use ends on expires_on; without that day every use is refused.",
        needs_end=True,
    ),
    Restriction(
        "DUO:0000026",
        "user specific restriction",
        f"Only by approved people. {_APPROVED}",
        forbids=("sharing",),
    ),
    Restriction(
        "DUO:0000027",
        "project specific restriction",
        f"Only in this project. {_APPROVED}",
        forbids=("sharing",),
    ),
    Restriction(
        "DUO:0000028",
        "institution specific restriction",
        f"Only in approved institutions. {_APPROVED}",
        forbids=("sharing",),
    ),
    Restriction("DUO:0000029", "return to database or resource", "What is derived goes back to the archive."),
)

RESTRICTIONS: Mapping[str, Restriction] = {term.id: term for term in _TERMS}
"""The terms by id, in an order for reading."""


def restriction_refusal(terms: str, purpose: str, expires_on: str) -> str:
    """Say which restriction of a record forbids a purpose; empty where none does.

    Parameters
    ----------
    terms : str
        Ids of DUO parted by blanks, as in consents.csv.
    purpose : str
        A purpose of consent.
    expires_on : str
        The day on which the record ends; may be empty.

    Returns
    -------
    str
        ``""`` or a reason of few words. A term that nobody knows forbids everything.

    Examples
    --------
    >>> restriction_refusal("DUO:0000006 DUO:0000015", "training", "")
    'restricted by DUO:0000015'
    >>> restriction_refusal("DUO:0000006 DUO:0000015", "analysis", "")
    ''
    """
    for each in terms.split():
        if each not in RESTRICTIONS:
            return "restricted by an unknown term"
        term = RESTRICTIONS[each]
        if purpose in term.forbids or (term.needs_end and not expires_on):
            return f"restricted by {term.id}"
    return ""
