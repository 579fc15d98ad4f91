"""Quotations in a report: with the turns around them, and never as evidence against who spoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peercompare.framework import Framework
from peercompare.report import wording
from peercompare.report.audiences import Audience
from peercompare.report.claims import quotation_block, section, words_block
from peercompare.report.estimates import stance_label


@dataclass(frozen=True)
class Quotation:
    """Words that everybody who speaks in them agreed to have quoted.

    Parameters
    ----------
    source : str
        What they are from, as readers are told: the corpus's name, never a person's.
    lines : tuple of (str, str)
        Who speaks, by role, and the words: the turns before, the quoted one, and those after.
    at : int
        Which of the lines is quoted.
    spoken : bool
        Whether somebody said it; a job description is written by nobody in person.
    code : str
        Label of the code that it was settled to have; empty where there is none.
    high_end : bool
        Whether any coder gave it a code of the last stance.
    """

    source: str
    lines: tuple[tuple[str, str], ...]
    at: int
    spoken: bool
    code: str = ""
    high_end: bool = False


def quotation_section(
    quotations: Sequence[Quotation], framework: Framework, audience: Audience
) -> dict | None:
    """Return the quotations that this kind of reader is shown, or None.

    Parameters
    ----------
    quotations : sequence of Quotation
        Consent has been asked by whoever made them.
    framework : Framework
    audience : Audience
        Where codes do not stand beside speech, what somebody said has no code printed, and is left out where
        a coder read it as the last stance.
    """
    beside = audience.codes_beside_speech
    shown = [one for one in quotations if beside or not (one.spoken and one.high_end)]
    if not shown:
        return None
    high = stance_label(framework, framework.axis[1])
    blocks = [words_block(wording.QUOTATIONS)]
    if not beside:
        blocks.append(words_block(wording.QUOTATIONS_UNCODED, high=high))
    blocks += [_block(one, coded=beside or not one.spoken) for one in shown]
    return section("quotations", "In their own words", blocks, level=3)


def _block(one: Quotation, *, coded: bool) -> dict:
    """Return one quotation; the quoted line is marked."""
    source = f"{one.source}, coded as “{one.code}”" if coded and one.code else one.source
    return quotation_block(source, one.lines, one.at)
