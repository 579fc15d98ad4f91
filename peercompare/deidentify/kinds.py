"""The 18 kinds of identifiers of the HIPAA safe harbour, which the rules look for.

The list is that of 45 CFR 164.514(b)(2)(i), paragraphs (A) to (R). The regulation asks besides that nobody
knows how what is left could identify a person, (b)(2)(ii): no program can say that.
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_ANONYMOUS = (
    "Nothing here is anonymised: rules miss things, and people can be known by what they tell of their lives."
)
"""What every output says. No text is called more than de-identified in part."""


@dataclass(frozen=True)
class Kind:
    """One paragraph of the list.

    Parameters
    ----------
    id : str
        What it is called in tables and on the command line.
    paragraph : str
        Its letter in 45 CFR 164.514(b)(2)(i).
    words : str
        What it is.
    placeholder : str
        What stands in the text instead; empty where it cannot stand in a text.
    """

    id: str
    paragraph: str
    words: str
    placeholder: str


KINDS = {
    kind.id: kind
    for kind in (
        Kind("name", "A", "names", "[name]"),
        Kind("place", "B", "places smaller than a state, addresses, postal codes", "[place]"),
        Kind("date", "C", "dates other than the year, and ages over 89", "[date]"),
        Kind("phone", "D", "telephone numbers", "[phone number]"),
        Kind("fax", "E", "fax numbers", "[fax number]"),
        Kind("email", "F", "e-mail addresses", "[e-mail address]"),
        Kind("ssn", "G", "social security numbers", "[social security number]"),
        Kind("medical_record", "H", "medical record numbers", "[record number]"),
        Kind("health_plan", "I", "health plan beneficiary numbers", "[health plan number]"),
        Kind("account", "J", "account numbers", "[account number]"),
        Kind("licence", "K", "certificate and licence numbers", "[licence number]"),
        Kind("vehicle", "L", "vehicle identifiers and licence plates", "[vehicle number]"),
        Kind("device", "M", "device identifiers and serial numbers", "[device number]"),
        Kind("url", "N", "web addresses", "[web address]"),
        Kind("ip", "O", "internet protocol addresses", "[IP address]"),
        Kind("biometric", "P", "finger and voice prints, other biometric identifiers", ""),
        Kind("photo", "Q", "full-face photographs and images like them", ""),
        Kind("other_number", "R", "any other unique number or code", "[number]"),
    )
}
"""By id, in the order of the regulation."""

NOT_IN_TEXT = tuple(kind.id for kind in KINDS.values() if not kind.placeholder)
"""Kinds that cannot stand in a text: no rule looks for them. Sound and pictures stay outside a corpus."""
