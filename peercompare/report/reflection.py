"""The sheet that ends a team's report: what the Declaration asks, what the duties ask, what to talk over."""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import finite
from peercompare.framework import Crosswalk, Framework
from peercompare.report import sentences, wording
from peercompare.report.claims import Tables, list_block, section, texts_block, words_block
from peercompare.report.duties import title_claims
from peercompare.report.references import say

SHARES = "marker_shares"


def reflection_section(tables: Tables, framework: Framework) -> dict:
    """Return the reflection sheet for peer workers and supervisors.

    Parameters
    ----------
    tables : Tables
        ``marker_shares`` and ``title_against_duties``; what is absent is left out.
    framework : Framework
        Gives the Declaration's points, in the framework's words, and the questions of its lenses.
    """
    crosswalk = framework.crosswalk
    duties = [*title_claims(tables, framework), *duty_claims(tables, framework)]
    blocks: list[dict | None] = [words_block(wording.REFLECTION), *_asked(framework, crosswalk)]
    if duties:
        blocks += [words_block(wording.REFLECTION_DUTIES), list_block(duties)]
    questions = [f"{lens.label}: {lens.question}" for lens in framework.lenses]
    blocks += [words_block(wording.REFLECTION_TALK), words_block(wording.REFLECTION_QUESTIONS)]
    blocks += [words_block(wording.REFLECTION_LENSES), texts_block(questions)] if questions else []
    return section("reflection", "A sheet for talking it over", blocks)


def _asked(framework: Framework, crosswalk: Crosswalk) -> list[dict]:
    """Return what the framework's other document asks of a role, and what it warns of."""
    source = next((each for each in framework.sources if each.id == crosswalk.source), None)
    if source is None:
        return []
    credit = f"{source.authors}, {source.year}"
    asked = [*crosswalk.areas, *crosswalk.values, *crosswalk.actions]
    return [
        words_block(wording.REFLECTION_ASKS, credit=credit),
        texts_block(item.text for item in asked),
        words_block(wording.REFLECTION_AVOIDS),
        words_block(
            "\n".join(f"- {item.text}" for item in (*crosswalk.stay_out_of, *crosswalk.surroundings))
        ),
    ]


def duty_claims(tables: Tables, framework: Framework) -> list[dict]:
    """Return in how many job descriptions each thing that the Declaration names was found.

    Parameters
    ----------
    tables : Tables
        ``marker_shares``: ``marker, finding, setting, n, n_documents``.
    framework : Framework
        Its crosswalk names the markers.
    """
    crosswalk = framework.crosswalk
    named = [*crosswalk.areas, *crosswalk.values, *crosswalk.actions]
    named += [*crosswalk.stay_out_of, *crosswalk.surroundings]
    labels = {marker.id: marker.label for marker in framework.markers}
    claims = []
    for marker in dict.fromkeys(item.marker for item in named if item.marker):
        rows = tables.rows(SHARES, marker=marker, finding="present", setting="all")
        claims += [_duty(row, labels[marker]) for _, row in rows.iterrows() if finite(row["n"])]
    return claims


def _duty(row: pd.Series, label: str) -> dict:
    return say(sentences.DUTY, SHARES, row=row, label=label)
