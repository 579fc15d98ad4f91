"""From a study's tables to a plain dictionary that says what a report says, in its order.

Numbers come only from the tables: each sentence and each printed row carries the table and the rows it was
written from (`peercompare.report.claims`). The dictionary holds only text, lists, numbers and dictionaries,
so that it can be kept as JSON, compared between runs, and rendered elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from peercompare.errors import ReportError
from peercompare.figures.text import count, missing
from peercompare.framework import Framework
from peercompare.report import published, sentences, wording
from peercompare.report.audiences import AUDIENCES, Audience
from peercompare.report.checklists import checklist_sections
from peercompare.report.claims import (
    Tables,
    claims_block,
    list_block,
    section,
    table_block,
    texts_block,
    words_block,
)
from peercompare.report.doubts import doubts_section, warnings_block
from peercompare.report.duties import duties_sections
from peercompare.report.estimates import stance_label
from peercompare.report.facts import FRAMEWORK, fact_tables
from peercompare.report.limits import limits_section
from peercompare.report.methods import methods_section
from peercompare.report.plain import plain_section
from peercompare.report.practice import practice_sections
from peercompare.report.quality import quality_section
from peercompare.report.quotations import Quotation, quotation_section
from peercompare.report.references import say
from peercompare.report.reflection import reflection_section
from peercompare.report.trust import agreement_section, classifier_section


def summarise_study(
    tables: Mapping[str, pd.DataFrame],
    *,
    framework: Framework,
    study_facts: Mapping[str, object],
    audience: str = "methods",
    quotations: Sequence[Quotation] = (),
) -> dict:
    """Say what a study found, as a plain dictionary.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The study's tables by name: ``corpora`` (columns ``corpus, title, genre, composed, cluster, licence,
        citation, n_documents, n_segments, n_coders, n_documents_left_out, n_segments_left_out, outcome``),
        ``left_out`` (``corpus, reason, n_people, withheld``), ``consent``, ``agreement``, ``scores``,
        ``estimates``, ``session_measures``, ``session_turns``, ``external``, ``title_against_duties``,
        ``marker_findings``, ``marker_shares``, ``marker_shares_by_title``, ``role_scores``, ``role_ladder``,
        ``diagnosis``, ``sensitivity``, ``composition``, ``withheld``. A table that is absent leaves its
        section out. They are not changed.
    framework : Framework
        Gives labels, sources and who reviewed it.
    study_facts : mapping
        What is not a finding: ``title``, ``as_of``, ``consent_policy``, ``confidence_level``, ``seed``,
        ``versions`` (library to version). All are optional.
    audience : {"funder", "team", "methods"}
        For whom the report is.
    quotations : sequence of Quotation
        Words that may be quoted; whoever made them has asked.

    Returns
    -------
    dict
        ``title`` and ``sections``; a section has ``id, title, level`` and ``blocks``, each of kind
        ``claims``, ``list``, ``words``, ``table``, ``figures``, ``formula`` or ``quotation``; and
        ``without_figures``, beginnings of the names of figures that these readers are not shown.

    Raises
    ------
    ReportError
        Where the audience is unknown, or a sentence refers to what a table lacks.
    """
    if audience not in AUDIENCES:
        raise ReportError(
            f"There is no report for {audience!r}", remedy=f"it may be for {', '.join(AUDIENCES)}"
        )
    reader = AUDIENCES[audience]
    kept = Tables({**tables, **fact_tables(framework, study_facts)})
    titles = corpus_titles(kept)
    title = str(study_facts.get("title") or "A study of practice")
    quoted = quotation_section(quotations, framework, reader)
    sections = [
        plain_section(kept, framework, titles),
        _before(framework, reader),
        _questions(kept, framework),
        _corpora(kept),
        *_findings(kept, framework, titles, reader, quoted),
        *_use(reader),
        quality_section(kept, study_facts, titles),
        methods_section(kept, framework, detail=reader.detail),
        section("limits", "Limits", [words_block(wording.LIMITS)]),
        _references(kept, framework, reader),
        *_ending(kept, framework, reader, title=title, quoted=quoted is not None),
    ]
    found = [part for part in sections if part and part["blocks"]]
    return {
        "title": f"{title}: {reader.title}",
        "sections": found,
        "without_figures": list(reader.without_figures),
    }


def corpus_titles(tables: Tables) -> dict[str, str]:
    """Return each corpus's name as people read it, in the order of the study."""
    names = [
        corpus
        for table in ("corpora", "estimates", "agreement", "scores")
        for corpus in tables.values(table, "corpus")
    ]
    return {corpus: str(corpus).replace("_", " ").capitalize() for corpus in dict.fromkeys(names)}


def _before(framework: Framework, reader: Audience) -> dict:
    """Return what to know before the findings: for whom, whose framework, what the Declaration says."""
    source = next((source for source in framework.sources if source.id == wording.CREDIT_OF), None)
    credit = f"{source.authors}, {source.year}" if source is not None else ""
    blocks = [
        words_block(wording.FOR_WHOM[reader.name]),
        words_block("**Not for hiring, discipline or pay.**"),
        words_block(wording.SYSTEMS, declaration=wording.DECLARATION, credit=credit) if source else None,
        words_block(wording.REVIEWED, reviewed=framework.reviewed_in_words()),
    ]
    return section("reviewed", "Before you read on", blocks)


def _questions(tables: Tables, framework: Framework) -> dict:
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    row = tables.rows(FRAMEWORK).iloc[0]
    blocks = [
        words_block(wording.QUESTION, low=low, high=high),
        claims_block([say(sentences.YARDSTICK, FRAMEWORK, row=row, framework=framework.title)]),
        words_block(wording.CDC_ABOUT),
        table_block(
            "The steps of the evaluation framework, and where each stands here",
            ["Step", "Where it stands"],
            list(wording.CDC_STEPS.items()),
            table="",
            source=pd.DataFrame(),
        ),
    ]
    return section("question", "Questions", blocks)


def _corpora(tables: Tables) -> dict | None:
    """Return the section on what was looked at."""
    if "corpora" not in tables:
        return None
    rows = tables.rows("corpora")
    body = [
        [
            str(row["title"]),
            *(count(row.get(name)) for name in ("n_documents", "n_segments", "n_coders")),
            "yes" if bool(row.get("composed")) else "no",
            "–" if missing(row.get("licence")) else str(row["licence"]),
        ]
        for _, row in rows.iterrows()
    ]
    headings = ["Corpus", "Documents", "Coded segments", "Coders", "Composed by a language model", "Licence"]
    blocks = [
        list_block(_corpus_claims(tables)),
        table_block("The corpora, after consent", headings, body, table="corpora", source=rows),
    ]
    return section("corpora", "What was looked at", blocks)


def _corpus_claims(tables: Tables) -> list[dict]:
    """Say how much of each corpus was read, or that nothing was left to read."""
    titles = corpus_titles(tables)
    return [
        say(
            sentences.CORPUS_SIZE if row["n_documents"] else sentences.NOTHING_LEFT,
            "corpora",
            row=row,
            title=titles[row["corpus"]],
        )
        for _, row in tables.rows("corpora").iterrows()
    ]


def _findings(
    tables: Tables, framework: Framework, titles: dict[str, str], reader: Audience, quoted: dict | None
) -> list[dict | None]:
    """Return what was found, and how far it can be trusted, each under a heading of its own."""
    found = duties_sections(tables, framework, reader)
    for name, title in titles.items():
        found += practice_sections(tables, framework, name, title, reader)
    found += [quoted] if quoted else []
    trust = [
        agreement_section(tables, framework, titles, detail=reader.detail),
        classifier_section(tables, framework, titles, detail=reader.detail),
        limits_section(tables, framework, titles) if reader.detail else None,
        doubts_section(tables, titles) if reader.detail else None,
    ]
    about = words_block(wording.FINDINGS if found else wording.NO_FINDINGS)
    findings = [section("findings", "Findings", [about, warnings_block(tables, titles)]), *found]
    if not any(trust):
        return findings
    heading = section("trust", "How far the numbers can be trusted", [words_block(wording.TRUST)])
    return [*findings, heading, *trust]


def _use(reader: Audience) -> list[dict]:
    use = [words_block(wording.USE), words_block(wording.USE_FOR[reader.name])]
    return [
        section("use", "How to use this report", use),
        section("not-use", "How not to use it", [words_block(wording.NOT_USE)]),
    ]


def _references(tables: Tables, framework: Framework, reader: Audience) -> dict:
    """Return what is cited: the framework's sources, the corpora, the methods' own."""
    cited = [f"{source.citation} (adds {source.adds})" for source in framework.sources]
    cited += [str(text) for text in tables.values("corpora", "citation")]
    cited += [published.CDC, published.KINCAID]
    cited += [published.KRIPPENDORFF, published.GWET] if "agreement" in tables else []
    cited += [published.COREQ, published.SRQR] if reader.ending == "checklists" else []
    return section("references", "References", [texts_block(cited)])


def _ending(
    tables: Tables, framework: Framework, reader: Audience, *, title: str, quoted: bool
) -> list[dict]:
    if reader.ending == "reflection":
        return [reflection_section(tables, framework)]
    if reader.ending == "checklists":
        return checklist_sections(tables, framework, title=title, quoted=quoted)
    return []
