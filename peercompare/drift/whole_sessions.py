"""Measures of whole sessions over the turns of all who consented: talk, questions, words taken up, length.

Coding a worker's turns alone cannot see mutuality. These measures look at both sides, and see form alone: how
much each says and asks, never what it means.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.consent.asking import speakers_of
from peercompare.corpus import Corpus
from peercompare.corpus.policies import narrowed
from peercompare.corpus.turns import REDACTED, turns
from peercompare.drift.evidence import distinct
from peercompare.drift.groups import Cell, Grouping, cells_of, group_columns
from peercompare.drift.measures import ALL, Measures
from peercompare.drift.plan import COLUMNS, WORKER, Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import MIN_CLUSTERS, ratio_of_totals
from peercompare.drift.rectified import cluster_totals
from peercompare.drift.scores import LEFT_OUT
from peercompare.drift.showing import Draft
from peercompare.errors import InputError

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
ASIDE = re.compile(r"\[[^\]]*\]")
"""What stands in brackets was not said: a pause, a name taken out."""

QUESTION = re.compile(r"\?+")
LEAST_LETTERS = 4
COMMON = 0.5
"""A word that stands in at least this share of the sessions is no topic."""

MEASURES = {
    "worker_talk_share": (
        "words said by the worker, of all words of the session",
        "how much somebody speaks does not say whether they listen, or who decides",
    ),
    "worker_question_share": (
        "question marks in the worker's turns, of all in the session",
        "a question can open or cross-examine, and 'right?' counts as one; marks are the transcriber's",
    ),
    "worker_questions_a_turn": (
        "question marks a turn of the worker's",
        "as for the share of questions; longer turns hold more of them",
    ),
    "worker_first_use_share": (
        "of words of four letters or more that two or more people of the session use and fewer than half of "
        "the sessions hold, the share that the worker said first: a stand-in for who opens topics",
        "a word is no topic: a theme can come up without a shared word, whoever talks more says more words "
        "first, and the first turn has the first chance",
    ),
    "worker_turn_words": (
        "words a turn of the worker's",
        "long turns may be teaching, telling one's own story, or being interviewed",
    ),
    "other_turn_words": (
        "words a turn of everybody else's",
        "several people may stand behind it; short turns may be agreement, haste or silence",
    ),
}
"""What each measure counts, and what it cannot tell."""

WHOLE_SESSION = ("worker_talk_share", "worker_question_share", "worker_first_use_share")
"""Measures that need everybody's words: none where somebody's turns are blacked out."""

SHARES = frozenset(WHOLE_SESSION)


def session_measures(corpus: Corpus) -> pd.DataFrame:
    """Measure every session over the turns of people who consented to analysis.

    Words are runs of letters; what stands in brackets is not counted. Turns that consent blacked out are
    counted as left out and nothing else; a session that has any has no share of talk, of questions or of
    first uses, for these need both sides. Turns without any word, and words before the first label, count for
    nothing. The sessions that consent leaves out whole are not here: `turns_left_out` counts their turns.

    Parameters
    ----------
    corpus : Corpus
        Opened for whatever purpose; consent to analysis is asked here.

    Returns
    -------
    DataFrame
        One row for each session: the columns of its document without words and speakers, ``n_turns``,
        ``n_turns_left_out``, and the measures of `MEASURES`, NaN where a session has nothing to measure.
        Numbers about single sessions are about one worker: for aggregating, not for showing.

    Raises
    ------
    InputError
        Where nobody speaks in the texts.
    ConsentError
        Where consent to analysis leaves nothing.
    """
    if "speakers" not in corpus.documents:
        raise InputError(
            f"{corpus.name} has no turns: nobody speaks in it", remedy="ask this of sessions alone"
        )
    corpus = narrowed(corpus, "analysis")
    sessions = [_spoken(row) for row in corpus.documents.to_dict("records")]
    common = _common_words(sessions)
    measured = pd.DataFrame([_measure(session, common) for session in sessions])
    kept = [name for name in corpus.documents if name not in (*LEFT_OUT, "speakers")]
    return pd.concat([corpus.documents[kept].reset_index(drop=True), measured], axis=1)


def measures_table(
    sessions: pd.DataFrame, *, plan: Plan, group_by: Sequence[Grouping] = (ALL,), population: str = ""
) -> pd.DataFrame:
    """Average session measures over groups; every session in which a measure is defined weighs the same.

    Parameters
    ----------
    sessions : DataFrame
        From `session_measures`, the population chosen.
    plan : Plan
        Its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("all",)
        Ask for all groupings of a publication in one call.
    population : str, default ""
        Whose sessions they are, in words.

    Returns
    -------
    DataFrame
        Columns as `COLUMNS`, and ``cannot_tell``: what the measure does not show. A row for each group and
        measure, with intervals by a jackknife over workers (`ratio_of_totals`); withheld as `publish` does
        it. ``n_segments`` counts sessions here.

    Raises
    ------
    InputError
        For an unknown column or target.
    DisclosureError
        Where a column names people, or a waiver is asked for a corpus that is not composed.
    """
    plan.check(sessions)
    plan.only_like_these("a measure of sessions")
    group_columns(sessions, group_by)
    cells = cells_of(sessions, group_by)
    # Different measures cannot be taken from each other, so each is a publication of its own.
    drafts = [_draft(name, cells, sessions, plan, population) for name in MEASURES]
    table = pd.concat([publish([draft], plan=plan) for draft in drafts], ignore_index=True)
    cannot = [MEASURES[name][1] for name in table["estimand"]]
    return table[list(COLUMNS)].assign(cannot_tell=cannot)


def turns_left_out(whole: Corpus, used: Corpus) -> dict[str, int]:
    """Count the turns that consent to analysis leaves out of session measures.

    Parameters
    ----------
    whole : Corpus
        The corpus opened for analysis with the policy "redact": those who refuse are blacked out in it, so
        that their turns can be counted and not read.
    used : Corpus
        The same corpus as the measures were made from it.

    Returns
    -------
    dict
        ``n_turns`` that count, ``n_turns_refused`` of people whose consent is lacking, and
        ``n_turns_beside`` of people who consented in sessions that were left out whole for another's sake.
    """
    kept = set(used.documents["document_id"])
    found = {"n_turns": 0, "n_turns_refused": 0, "n_turns_beside": 0}
    for row in whole.documents.to_dict("records"):
        session = _spoken(row)
        here = row["document_id"] in kept
        found["n_turns" if here else "n_turns_beside"] += len(session["turns"])
        found["n_turns_refused"] += session["redacted"]
    return found


def _spoken(document: dict) -> dict:
    """Return a session's turns as (whether it is the worker's, who speaks, words, question marks)."""
    people = speakers_of(document["speakers"])
    found, redacted = [], 0
    for turn in turns(document["text"]):
        if not turn.label:
            continue
        said = document["text"][turn.start : turn.end]
        if REDACTED in said:
            redacted += 1
            continue
        words = [word.lower() for word in WORD.findall(ASIDE.sub(" ", said))]
        if words:
            person = people.get(turn.label, turn.label)
            found.append((person == document["worker_id"], person, words, len(QUESTION.findall(said))))
    return {"turns": found, "redacted": redacted}


def _common_words(sessions: list[dict]) -> set[str]:
    """Return the words that stand in so many sessions that they are no topic."""
    held: dict[str, int] = defaultdict(int)
    for session in sessions:
        for word in {word for _, _, words, _ in session["turns"] for word in words}:
            held[word] += 1
    return {word for word, n in held.items() if n >= COMMON * len(sessions)}


def _measure(session: dict, common: set[str]) -> dict:
    """Measure one session."""
    spoken = session["turns"]
    mine = [(words, marks) for own, _, words, marks in spoken if own]
    others = [(words, marks) for own, _, words, marks in spoken if not own]
    said = [sum(len(words) for words, _ in side) for side in (mine, others)]
    asked = [sum(marks for _, marks in side) for side in (mine, others)]
    found = {
        "worker_talk_share": _share(said[0], sum(said)),
        "worker_question_share": _share(asked[0], sum(asked)),
        "worker_questions_a_turn": _share(asked[0], len(mine)),
        "worker_first_use_share": _first_use(spoken, common),
        "worker_turn_words": _share(said[0], len(mine)),
        "other_turn_words": _share(said[1], len(others)),
    }
    if session["redacted"]:
        found |= dict.fromkeys(WHOLE_SESSION, np.nan)
    return {"n_turns": len(spoken), "n_turns_left_out": session["redacted"], **found}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _first_use(spoken: list[tuple], common: set[str]) -> float:
    """Return the share of the words that several people use which the worker said first."""
    first: dict[str, tuple[bool, str]] = {}
    taken: set[str] = set()
    for own, person, words, _ in spoken:
        for word in words:
            if len(word) < LEAST_LETTERS or word in common:
                continue
            if word not in first:
                first[word] = (own, person)
            elif first[word][1] != person:
                taken.add(word)
    return _share(sum(first[word][0] for word in taken), len(taken))


def _draft(name: str, cells: list[Cell], sessions: pd.DataFrame, plan: Plan, population: str) -> Draft:
    """Draft one measure for all groups."""
    values = sessions[[name]].to_numpy(dtype=float)
    known = np.isfinite(values)
    clusters = pd.factorize(sessions[plan.cluster])[0]
    rows = [_row(name, cell, np.nan_to_num(values), known, clusters, plan) for cell in cells]
    estimates = pd.DataFrame(rows).assign(
        corpus=plan.corpus,
        dimension=ALL,
        variant="as_coded",
        labels="all_turns",
        confidence_level=plan.confidence_level,
    )
    estimates["target"] = [plan.words(population, corpus=n < MIN_CLUSTERS) for n in estimates["n_clusters"]]
    estimates["n_workers"] = estimates["n_workers"].astype("Int64")
    scores = sessions.rename(columns={"document_id": "segment_id"}).assign(changed=False, taking=False)
    table = Measures((name,), (ALL,), np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1), np.ones(1))
    return Draft(estimates, cells, scores, table, known)


def _row(
    name: str, cell: Cell, values: np.ndarray, known: np.ndarray, clusters: np.ndarray, plan: Plan
) -> dict:
    """Lay out one measure of one group."""
    inside = cell.rows
    size = int(clusters.max()) + 1
    held = known[inside]
    n_clusters = distinct(held, clusters[inside])
    ratio = ratio_of_totals(
        cluster_totals(values[inside], clusters[inside], size),
        cluster_totals(held.astype(float), clusters[inside], size),
        confidence_level=plan.confidence_level,
        bounds=(0.0, 1.0) if name in SHARES else None,
        n_clusters=n_clusters,
    )
    spread = f"; jackknife over {plan.clusters}, t with {ratio.degrees[0]:.1f} degrees of freedom"
    n_sessions = int(held.sum())
    reason = (
        ratio.reason[0].replace("{clusters}", plan.clusters).replace("{what}", "session with this measure")
    )
    return {
        "estimand": name,
        "group_by": cell.group_by,
        "group": cell.group,
        "estimate": ratio.estimate[0],
        "lower": ratio.lower[0],
        "upper": ratio.upper[0],
        "n_clusters": int(n_clusters[0]),
        "n_workers": int(n_clusters[0]) if plan.cluster == WORKER else pd.NA,
        "n_documents": n_sessions,
        "n_segments": n_sessions,
        "n_coded": 0,
        "method": f"{MEASURES[name][0]}; sessions weigh the same" + ("" if reason else spread),
        "reason": reason,
    }
