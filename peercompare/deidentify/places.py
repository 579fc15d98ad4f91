"""Rules for places smaller than a state: paragraph (B) of the list. No gazetteer is shipped.

A place that stands on nobody's list and in no address ("Harlow Falls") is not found by a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from peercompare.deidentify.patterns import PatternRule, compiled

STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|"
    "Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|"
    "Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    "South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    "Wisconsin|Wyoming"
)
"""They may stay."""

_SHORT = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|"
    "W[AIVY]"
)
_WAY = (
    "Street|Avenue|Road|Boulevard|Lane|Drive|Court|Terrace|Highway|Parkway|Circle|Crescent|Turnpike|Alley|"
    "Square|Plaza|Place|Way|Close|Row|St|Ave|Rd|Blvd|Ln|Dr|Ct|Hwy|Pkwy|Sq|Pl"
)
_SURE_WAY = (
    "Street|Avenue|Road|Boulevard|Lane|Drive|Terrace|Highway|Parkway|Crescent|Turnpike|Ave|Rd|Blvd|Hwy|Pkwy"
)
_NAME = r"(?-i:[A-Z][\w'’.-]*|\d{1,3}(?:st|nd|rd|th))"
_UNIT = r"(?:,?[ \t]*(?:apt|apartment|unit|suite|ste|room|\#)\.?[ \t]*\#?[A-Z0-9-]+)?"
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th)"

PLACE_RULES = (
    PatternRule("address", "place", compiled(
        rf"(?<![\w-])\d{{1,6}}[A-Z]?[ \t]+(?:{_NAME}[ \t]+){{1,4}}(?:{_WAY})\b\.?{_UNIT}")),
    PatternRule("street", "place", compiled(rf"\b(?:{_NAME}[ \t]+){{1,3}}(?-i:{_SURE_WAY}|St\.)(?!\w)")),
    PatternRule("corner", "place", compiled(rf"\b{_ORDINAL}[ \t]+(?:and|&)[ \t]+{_NAME}")),
    PatternRule("post_box", "place", compiled(r"\bp\.?[ \t]*o\.?[ \t]*box[ \t]+\w+")),
    PatternRule("town_and_state", "place", re.compile(
        r"\b(?P<it>(?:(?:St|Ft|Mt)\.[ \t]+)?[A-Z][\w-]+(?:[ \t]+[A-Z][\w-]+){0,2}),"
        rf"[ \t]+(?:(?:{_SHORT})\b|(?:{STATES})\b)")),
    PatternRule("county", "place", re.compile(
        r"\b(?:[A-Z][\w'’-]+[ \t]+){1,2}(?:County|Parish|Borough|Township|Precinct)\b")),
    PatternRule("town_named", "place", re.compile(
        r"\b(?:[Cc]ity|[Tt]own|[Vv]illage|[Cc]ounty|[Bb]orough)[ \t]+of[ \t]+"
        r"(?P<it>[A-Z][\w'’-]+(?:[ \t]+[A-Z][\w'’-]+)?)")),
    PatternRule("zip", "place", compiled(
        rf"(?:\b(?:zip|zip code|post ?code)\b[^\n\d]{{0,12}}|\b(?-i:{_SHORT})[ \t]+|\b(?:{STATES})[ \t]+)"
        r"(?P<it>\d{5}(?:-\d{4})?)(?![\w-])")),
    PatternRule("zip_plus_four", "place", re.compile(r"(?<![\w-])\d{5}-\d{4}(?![\w-])")),
    PatternRule("postcode", "place", re.compile(
        r"\b(?:[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}|[A-Z]\d[A-Z][ \t]\d[A-Z]\d)\b")),
    PatternRule("coordinates", "place", re.compile(
        r"(?<![\w.-])-?\d{1,2}\.\d{3,}°?[ \t]*[NS]?,[ \t]*-?\d{1,3}\.\d{3,}°?[ \t]*[EW]?")),
)  # fmt: skip


def listed_places(places: Iterable[str]) -> PatternRule | None:
    """Return the rule for places on the user's list, longest first; None where the list is empty.

    Parameters
    ----------
    places : iterable of str
        Names as they are written; case and the number of blanks do not count.
    """
    names = sorted({" ".join(place.split()) for place in places} - {""}, key=len, reverse=True)
    if not names:
        return None
    each = "|".join(r"[ \t]+".join(map(re.escape, name.split())) for name in names)
    return PatternRule("place_listed", "place", compiled(rf"(?<!\w)(?:{each})(?!\w)"))
