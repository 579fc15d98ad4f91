"""The first page: what was found, in words that most people can read, and how hard they are to read.

Nothing stands here that is not said again below with its sources. The reading level is measured on the page
as it is printed, and printed on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from peercompare.consent.readability import grade
from peercompare.errors import UndefinedError
from peercompare.figures.text import finite, has_interval
from peercompare.framework import Framework
from peercompare.report import sentences, wording
from peercompare.report.claims import Tables, claims_block, list_block, section, words_block
from peercompare.report.doubts import warnings_block
from peercompare.report.duties import TITLES, titles_overall
from peercompare.report.estimates import SHARE, TABLE, stance_label
from peercompare.report.practice import shares_of, slopes_of, unit_of_time
from peercompare.report.references import say
from peercompare.report.trust import AGREEMENT, alpha_by_stance

READING = "reading_level"
NUMERAL = re.compile(r"[+−<>]?\d+(?:[,.]\d+)*")


def plain_section(tables: Tables, framework: Framework, titles: Mapping[str, str]) -> dict:
    """Return the page in plain words.

    Parameters
    ----------
    tables : Tables
    framework : Framework
        Gives the names of the two ends, and who reviewed it.
    titles : mapping of str to str
        Each corpus's name as people read it.
    """
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    composed = any(bool(value) for value in tables.values("corpora", "composed"))
    found = [
        *_titles(tables, low, high),
        *(one for corpus, title in titles.items() for one in _practice(tables, framework, corpus, title)),
        *_agreement(tables, titles),
    ]
    blocks = [
        words_block(wording.PLAIN_ABOUT),
        words_block(wording.PLAIN_ASKED, low=low, high=high),
        list_block(_read(tables, titles)) if "corpora" in tables else None,
        words_block(wording.PLAIN_COMPOSED) if composed else None,
        list_block(found) if found else None,
        words_block(wording.PLAIN_WARNS) if warnings_block(tables, dict(titles)) else None,
        words_block(wording.PLAIN_CARE),
        words_block(wording.REVIEWED, reviewed=framework.reviewed_in_words()),
    ]
    blocks = [block for block in blocks if block]
    return section("in-short", "In plain words", [*blocks, _level(blocks)])


def text_of(blocks: Sequence[Mapping]) -> str:
    """Return the running text of some blocks without marks, numerals as a word: they are read aloud too."""
    said = [
        block["text"] if block["kind"] == "words" else " ".join(one["text"] for one in block["claims"])
        for block in blocks
        if block["kind"] in {"words", "claims", "list"}
    ]
    return NUMERAL.sub(" forty ", " ".join(said).replace("*", "").replace("%", " percent"))


def _level(blocks: Sequence[Mapping]) -> dict | None:
    """Measure the page and say how hard it is to read."""
    try:
        row = pd.Series({"grade": grade(text_of(blocks))}, name=0)
    except UndefinedError:
        return None
    return claims_block([say(sentences.PLAIN_LEVEL, READING, row=row)])


def _read(tables: Tables, titles: Mapping[str, str]) -> list[dict]:
    """Say what was read, and that some was left out."""
    claims = []
    for _, row in tables.rows("corpora").iterrows():
        if not row["n_documents"]:
            claims.append(say(sentences.PLAIN_NOTHING, "corpora", row=row, title=titles[row["corpus"]]))
            continue
        template = sentences.PLAIN_READ.get(str(row.get("genre")), sentences.PLAIN_READ[""])
        claims.append(say(template, "corpora", row=row))
        if finite(row.get("n_documents_left_out")) and row["n_documents_left_out"] > 0:
            claims.append(say(sentences.PLAIN_LEFT_OUT, "corpora", row=row))
    return claims


def _titles(tables: Tables, low: str, high: str) -> list[dict]:
    """Say how many titles of one end stand over tasks of the other."""
    rows = titles_overall(tables)
    known = rows[[finite(value) for value in rows["estimate"]]] if len(rows) else rows
    return [say(sentences.PLAIN_TITLES, TITLES, row=row, low=low, high=high) for _, row in known.iterrows()]


def _practice(tables: Tables, framework: Framework, corpus: str, title: str) -> list[dict]:
    """Say the shares of both ends, and whether they moved."""
    claims = []
    low, high = framework.axis
    ends = {"low": stance_label(framework, low), "high": stance_label(framework, high)}
    rows = shares_of(tables, framework, corpus)
    shares = {row["estimand"]: row for _, row in rows.iterrows() if finite(row["estimate"])}
    if {SHARE + low, SHARE + high} <= set(shares):
        both = {"low_row": shares[SHARE + low], "high_row": shares[SHARE + high]}
        claims.append(say(sentences.PLAIN_SHARES, TABLE, title=title, **both, **ends))
    for _, row in slopes_of(tables, corpus).iterrows():
        claims += _moved(row, ends, title, unit_of_time(tables, corpus, row))
    return claims


def _moved(row: pd.Series, ends: Mapping[str, str], title: str, unit: str) -> list[dict]:
    """Say toward which end the index moved, where the interval tells."""
    if not has_interval(row):
        return []
    if row["lower"] <= 0 <= row["upper"]:
        return [say(sentences.PLAIN_STILL, TABLE, row=row, title=title, unit=unit)]
    end = ends["high" if row["estimate"] > 0 else "low"]
    return [say(sentences.PLAIN_MOVED, TABLE, row=row, title=title, end=end, unit=unit)]


def _agreement(tables: Tables, titles: Mapping[str, str]) -> list[dict]:
    """Say how far those who marked the texts agree."""
    rows = alpha_by_stance(tables)
    known = rows[[finite(value) for value in rows["estimate"]]] if len(rows) else rows
    return [
        say(sentences.PLAIN_AGREE, AGREEMENT, row=row, title=titles.get(row["corpus"], row["corpus"]))
        for _, row in known.iterrows()
    ]
