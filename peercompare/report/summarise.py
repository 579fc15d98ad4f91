"""From a study's tables to a plain dictionary that says what the report says, in its order.

Numbers come only from the tables: each sentence and each printed row carries the table and the rows it was
written from (`peercompare.report.claims`). The dictionary holds only text, lists, numbers and dictionaries,
so that it can be kept as JSON, compared between runs, and rendered elsewhere.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

import pandas as pd

from peercompare.figures.text import count, finite, missing, plural
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS
from peercompare.report import wording
from peercompare.report.claims import (
    Tables,
    claim,
    claims_block,
    list_block,
    methods_in_words,
    section,
    table_block,
    words_block,
)
from peercompare.report.duties import duties_sections, title_claims
from peercompare.report.estimates import stance_label
from peercompare.report.limits import limits_section
from peercompare.report.practice import practice_sections, share_claims, slope_claims
from peercompare.report.trust import (
    agreement_claims,
    agreement_section,
    classifier_section,
    withheld_section,
)


def summarise_study(
    tables: Mapping[str, pd.DataFrame], *, framework: Framework, study_facts: Mapping[str, object]
) -> dict:
    """Say what a study found, as a plain dictionary.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The study's tables by name: ``corpora`` (columns ``corpus, title, genre, composed, cluster, licence,
        citation, n_documents, n_segments, n_coders, n_documents_left_out, n_segments_left_out, outcome``),
        ``left_out`` (``corpus, reason, n_people, withheld``), ``agreement``, ``scores``, ``estimates``,
        ``title_against_duties``, ``marker_findings``, ``role_scores``. A table that is absent leaves its
        section out. They are not changed.
    framework : Framework
        Gives labels, sources and who reviewed it.
    study_facts : mapping
        What is not a finding: ``title``, ``as_of``, ``consent_policy``, ``confidence_level``, ``seed``,
        ``versions`` (library to version). All are optional.

    Returns
    -------
    dict
        ``title`` and ``sections``; a section has ``id, title, level`` and ``blocks``, each of kind
        ``claims``, ``list``, ``words``, ``table`` or ``figures``.
    """
    kept = Tables(tables)
    titles = corpus_titles(kept)
    sections = [
        _in_short(kept, framework, titles),
        _question(framework),
        _corpora(kept, framework),
        _consent(kept, study_facts),
        *duties_sections(kept, framework),
        *(part for name, title in titles.items() for part in practice_sections(kept, framework, name, title)),
        agreement_section(kept, framework, titles),
        classifier_section(kept, framework, titles),
        limits_section(kept, framework, titles),
        withheld_section(kept),
        _methods(kept, framework, study_facts),
        section("limits", "Limits", [words_block(wording.LIMITS)]),
        section("use", "How to use this report", [words_block(wording.USE)]),
        section("not-use", "How not to use it", [words_block(wording.NOT_USE)]),
        _reviewed(framework),
        _references(kept, framework),
    ]
    found = [part for part in sections if part and part["blocks"]]
    return {"title": str(study_facts.get("title") or "A study of practice"), "sections": found}


def corpus_titles(tables: Tables) -> dict[str, str]:
    """Return each corpus's name as people read it, in the order of the study."""
    names = [
        corpus
        for table in ("corpora", "estimates", "agreement", "scores")
        for corpus in tables.values(table, "corpus")
    ]
    return {corpus: str(corpus).replace("_", " ").capitalize() for corpus in dict.fromkeys(names)}


def _in_short(tables: Tables, framework: Framework, titles: Mapping[str, str]) -> dict:
    """Return the plain-language summary: a few short sentences, nothing that is not said again below."""
    blocks: list[dict | None] = [list_block(_corpus_claims(tables))] if "corpora" in tables else []
    if _composed(tables):
        blocks.append(words_block(wording.COMPOSED))
    found = title_claims(tables, framework) if "title_against_duties" in tables else []
    for corpus, title in titles.items():
        said = [
            *share_claims(tables, framework, corpus)[:1],
            *slope_claims(tables, framework, corpus)[:1],
        ]
        found += [{**one, "text": f"{title}: {one['text'][0].lower()}{one['text'][1:]}"} for one in said]
    found += agreement_claims(tables, dict(titles), brief=True)
    blocks.append(list_block(found) if found else None)
    reviewed = wording.REVIEWED.format(reviewed=framework.reviewed_in_words())
    blocks.append(words_block(f"**Not for hiring, discipline or pay.** {reviewed}"))
    return section("in-short", "In short", blocks)


def _question(framework: Framework) -> dict:
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    text = wording.QUESTION.format(
        low=low,
        high=high,
        title=f"“{framework.title}”",
        n_dimensions=count(len(framework.dimensions)),
        n_stances=count(len(framework.stances)),
    )
    return section("question", "What was asked", [words_block(text)])


def _corpora(tables: Tables, framework: Framework) -> dict | None:
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
        table_block("The corpora, after consent", headings, body, table="corpora", source=rows),
    ]
    return section("corpora", "What was looked at", blocks)


def _corpus_claims(tables: Tables) -> list[dict]:
    claims = []
    titles = corpus_titles(tables)
    for _, row in tables.rows("corpora").iterrows():
        text = f"{titles[row['corpus']]}: {plural(row['n_documents'], 'document')}, "
        text += f"{plural(row['n_segments'], 'coded segment')}."
        claims.append(claim(text, "corpora", row))
    return claims


def _composed(tables: Tables) -> bool:
    """Tell whether any corpus of the study is composed."""
    return any(bool(value) for value in tables.values("corpora", "composed"))


def _all_composed(tables: Tables) -> bool:
    rows = tables.rows("corpora")
    return not rows.empty and bool(rows["composed"].astype(bool).all())


def _consent(tables: Tables, facts: Mapping[str, object]) -> dict:
    """Return the section on what consent left out, counted and never named."""
    day = f" The day is {facts['as_of']}." if facts.get("as_of") else ""
    policy = {
        "exclude": " Here a document is left out whole.",
        "redact": " Here the turns of a person who did not agree are blacked out.",
        "raise": " Here the study stops where consent is lacking.",
    }.get(str(facts.get("consent_policy", "")), "")
    blocks: list[dict | None] = [words_block(wording.CONSENT + policy + day)]
    if "left_out" in tables:
        blocks += [claims_block(_left_out_claims(tables)), _left_out_table(tables)]
    elif "corpora" in tables:
        blocks.append(words_block("Nothing was left out."))
    if gone := _gone_claims(tables):
        blocks.append(claims_block(gone))
    return section("consent", "What consent left out", blocks)


def _gone_claims(tables: Tables) -> list[dict]:
    """Say of each corpus how many documents lost words since the day of the study."""
    claims, titles = [], corpus_titles(tables)
    for _, row in tables.rows("corpora").iterrows():
        if finite(row.get("n_documents_gone")) and row["n_documents_gone"] > 0:
            gone = plural(int(row["n_documents_gone"]), "document")
            text = (
                f"{titles[row['corpus']]}: words of {gone} were removed after the day of the study; numbers "
                "as of that day cannot be reproduced, and these are of what is left."
            )
            claims.append(claim(text, "corpora", row))
    return claims


def _left_out_claims(tables: Tables) -> list[dict]:
    """Say of each corpus how many documents consent touched."""
    claims = []
    titles, rows = corpus_titles(tables), tables.rows("corpora")
    hidden = rows[rows["n_documents_left_out"].isna()] if len(rows) else rows
    for _, row in hidden.iterrows():
        text = "how much consent left out is withheld, since it tells of too few people."
        claims.append(claim(f"{titles[row['corpus']]}: {text}", "corpora", row))
    touched = rows[rows["n_documents_left_out"] > 0] if len(rows) else rows
    for _, row in touched.iterrows():
        n_documents, n_segments = int(row["n_documents_left_out"]), int(row["n_segments_left_out"])
        text = (
            f"{titles[row['corpus']]}: {plural(n_documents, 'document')} {row['outcome']}, "
            f"{plural(n_segments, 'segment')}."
        )
        claims.append(claim(text, "corpora", row))
    return claims


def _left_out_table(tables: Tables) -> dict | None:
    """Return the reasons with their counts, or why the counts are withheld."""
    rows = tables.rows("left_out")
    titles = corpus_titles(tables)
    body = [
        [
            f"{titles[row['corpus']]}: {row['reason']}",
            count(row["n_people"]) if finite(row["n_people"]) else "withheld",
        ]
        for _, row in rows.iterrows()
    ]
    note = "Counts of people by reason; nobody is named."
    if _all_composed(tables):
        note += f" Composed corpora: counts below {MIN_WORKERS} would not be printed for real people."
    note += "".join(f" {text[:1].upper()}{text[1:]}." for text in dict.fromkeys(rows["withheld"]) if text)
    return table_block(
        "Why consent did not cover them", ["Reason", "People"], body, table="left_out", source=rows, note=note
    )


def _methods(tables: Tables, framework: Framework, facts: Mapping[str, object]) -> dict:
    """Return the methods: fixed words, the estimators that ran, and with what."""
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    blocks: list[dict | None] = [words_block(wording.METHODS.format(low=low, high=high)), _estimators(tables)]
    said = [
        ("confidence level", facts.get("confidence_level")),
        ("seed of everything drawn by chance", facts.get("seed")),
        ("framework", f"{framework.id}, version {framework.version}, sha256 {framework.sha256[:12]}…"),
        *((f"version of {name}", value) for name, value in dict(facts.get("versions") or {}).items()),
    ]
    lines = [f"- {name}: {value}" for name, value in said if not missing(value)]
    blocks.append(words_block("This run was made with:\n\n" + "\n".join(lines)))
    return section("methods", "Methods", blocks)


def _estimators(tables: Tables) -> dict | None:
    """Return which estimator stands behind which estimand, and how many rows it gave."""
    rows = tables.rows("estimates")
    if rows.empty or "method" not in rows:
        return None
    body = [
        [
            str(estimand).replace("_", " "),
            str(labels).replace("_", " "),
            methods_in_words(part),
            count(len(part)),
        ]
        for (estimand, labels), part in rows.groupby(["estimand", "labels"], sort=False)
    ]
    headings = ["Estimand", "Labels", "Estimator", "Rows"]
    return table_block(
        "The estimators that ran", headings, body, table="estimates", source=rows, waiver=False
    )


def _reviewed(framework: Framework) -> dict:
    text = wording.REVIEWED.format(reviewed=framework.reviewed_in_words())
    source = next((source for source in framework.sources if source.id == wording.CREDIT_OF), None)
    blocks = [words_block(text)]
    if source is not None:
        blocks.append(words_block(wording.SYSTEMS.format(credit=f"{source.authors}, {source.year}")))
    return section("reviewed", "Whose framework this is", blocks)


def _references(tables: Tables, framework: Framework) -> dict:
    lines = [f"- {source.citation} (adds {source.adds})" for source in framework.sources]
    lines += [f"- {html.escape(str(text))}" for text in tables.values("corpora", "citation")]
    return section("references", "References", [words_block("\n".join(lines))])
