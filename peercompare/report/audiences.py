"""For whom a report is written, and what each is shown.

A funder's report names no single site and no employer: few people stand behind each, and a list of them
would be read as a ranking. What a team sees is about its role; whoever checks methods sees all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FINE = ("site_id", "employer_id", "document_id", "event")
"""Groups behind which single places stand; what happened, happened at one."""

OF_PLACES = ("drift", "event", "timeline_site")
OF_METHODS = ("confusion", "calibration", "terms", "sensitivity", "composition")
"""Beginnings of the names of figures in which single places stand, and of those about methods."""


@dataclass(frozen=True)
class Audience:
    """What one kind of reader is shown.

    Parameters
    ----------
    name : str
        As on the command line.
    title : str
        What the title of the report ends with.
    places : bool
        Show groups behind which single sites or employers stand.
    sessions : bool
        Show measures of whole sessions.
    detail : bool
        Show how sturdy the numbers are, and coefficient and score tables.
    codes_beside_speech : bool
        Print the code beside what somebody said; else words coded at the last stance are left out too.
    ending : str
        What the report ends with: ``reflection``, ``checklists`` or nothing.
    without_figures : tuple of str
        Beginnings of the names of figures that are left out.
    """

    name: str
    title: str
    places: bool
    sessions: bool
    detail: bool
    codes_beside_speech: bool
    ending: str = ""
    without_figures: tuple[str, ...] = ()

    def shows_groups(self, group_by: str) -> bool:
        """Say whether a grouping is shown."""
        return self.places or not any(part.strip() in FINE for part in str(group_by).split(" x "))


AUDIENCES: Mapping[str, Audience] = {
    "funder": Audience(
        "funder",
        "report for funders",
        places=False,
        sessions=False,
        detail=False,
        codes_beside_speech=False,
        without_figures=(*OF_PLACES, *OF_METHODS, "employers", "plane"),
    ),
    "team": Audience(
        "team",
        "report for teams",
        places=True,
        sessions=True,
        detail=False,
        codes_beside_speech=False,
        ending="reflection",
        without_figures=(*OF_METHODS, "employers"),
    ),
    "methods": Audience(
        "methods",
        "report on methods and findings",
        places=True,
        sessions=True,
        detail=True,
        codes_beside_speech=True,
        ending="checklists",
    ),
}
"""By name."""
