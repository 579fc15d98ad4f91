"""What is asked under titles of the first stance: shares of duties of each stance, in any groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.drift import COLUMNS, Plan, draft_estimates, population, publish
from peercompare.drift.groups import BESIDE, TIMES, Grouping, columns_in
from peercompare.drift.measures import ALL
from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework
from peercompare.roles.markers import check_columns
from peercompare.roles.titles import title_against_duties

PROMISES = "title_promises"
OVER = "titles_over_duties"
"""The estimand that counts titles: the share of them whose main duties are of the last stance."""


def duties_under_titles(
    scores: pd.DataFrame,
    roles: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Estimate what is asked under titles that promise the first stance, by segments and by titles.

    Of the segments that take a stance in postings with such a title, the share of each stance; and of these
    titles, the share that stand over main duties of the last stance (`title_against_duties`). The first
    weighs segments alike, so that long postings weigh more; the second weighs titles alike. Employers are
    taken as independent draws from those that might have been studied.

    Parameters
    ----------
    scores : DataFrame
        From `peercompare.drift.corpus_scores`, with whatever `labels` needs.
    roles : DataFrame
        From `classify_roles`: which titles promise the first stance, and which stand over other duties. Gold
        role types are taken where every document has one.
    framework : Framework
    plan : Plan
        The corpus and its clusters; its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("all",)
        Columns of `scores`: setting, year or period, kind of employer, whatever documents have; a tuple
        crosses several.
    labels : {"all_codings", "probability_sample", "predicted_only"}
        Where the stances of segments come from, as in `peercompare.drift.estimate_table`.

    Returns
    -------
    DataFrame
        With the columns of `peercompare.drift.COLUMNS`: estimands ``share_<stance>``, the index and the share
        of none of the duties, and ``titles_over_duties``. ``reason`` says why there is no interval, or no
        estimate. In the rows of titles ``n_coded`` counts titles judged.

    Raises
    ------
    InputError
        For an unknown column, labels or target, or where the documents of the two tables differ.
    UndefinedError
        Where no title promises the first stance, or the framework has no such titles.
    DisclosureError
        Where grouped by a column that names people.
    """
    plan.only_like_these("what is asked under titles")
    check_columns(roles, ("document_id", "promises_first", "over_last", plan.cluster), "roles")
    absent = set(scores["document_id"]) - set(roles["document_id"])
    if absent:
        shown = ", ".join(sorted(absent)[:5])
        raise InputError(f"{len(absent)} documents have no row among the roles: {shown}")
    words = population_words(framework)
    promising = roles.set_index("document_id")["promises_first"]
    marked = scores.assign(**{PROMISES: scores["document_id"].map(promising).map({True: "yes", False: "no"})})
    chosen = population(marked, PROMISES, "yes", words=words)
    draft = draft_estimates(chosen, framework, plan=plan, group_by=group_by, labels=labels, dimensions=False)
    segments = publish([draft], plan=plan)
    titles = _titles(scores, roles, plan, group_by, words)
    return pd.concat([segments, titles], ignore_index=True)[list(COLUMNS)]


def population_words(framework: Framework) -> str:
    """Name the postings whose title promises the first stance.

    Parameters
    ----------
    framework : Framework

    Returns
    -------
    str
        Such as ``postings with a peer title``.

    Raises
    ------
    UndefinedError
        Where no title family promises the first stance.
    """
    families = [f for f in framework.title_families if f.duties == framework.axis[0] and not f.leads_workers]
    if not families:
        raise UndefinedError(f"{framework.id} has no title that promises the first stance")
    labels = " or ".join(family.label.lower() for family in families)
    return f"postings with a {labels} title" if "title" not in labels else f"postings with a {labels}"


def _titles(
    scores: pd.DataFrame, roles: pd.DataFrame, plan: Plan, group_by: Sequence[Grouping], words: str
) -> pd.DataFrame:
    """Count titles over other duties in the same groups, in the same columns."""
    gold = "role_type_gold" in roles and (roles["role_type_gold"] != "").all()
    documents = scores.drop_duplicates("document_id").set_index("document_id")
    parts = []
    for grouping in group_by:
        names = columns_in(grouping)
        named = _group_names(documents, names).reindex(roles["document_id"]).to_numpy() if names else None
        table = title_against_duties(
            roles if named is None else roles.assign(_group=named),
            by=None if named is None else "_group",
            cluster=plan.cluster,
            role_type="role_type_gold" if gold else "role_type",
            confidence_level=plan.confidence_level,
        )
        wanted = table if named is None else table[(table["group_by"] != ALL) & (table["n_peer_titles"] > 0)]
        parts.append(wanted.assign(group_by=TIMES.join(names) if names else ALL))
    return _in_columns(pd.concat(parts, ignore_index=True), plan, words, found_by="gold" if gold else "rules")


def _group_names(documents: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """The group of each document, as estimates write it."""
    values = documents[list(names)].astype("string").fillna("not given")
    return values.agg(BESIDE.join, axis=1) if len(names) > 1 else values[names[0]]


def _in_columns(table: pd.DataFrame, plan: Plan, words: str, *, found_by: str) -> pd.DataFrame:
    """Write counts of titles in the columns of estimates."""
    return table.rename(columns={"share": "estimate", "n_employers": "n_clusters"}).assign(
        corpus=plan.corpus,
        estimand=OVER,
        dimension=ALL,
        variant="as_coded",
        labels=f"role types by {found_by}",
        n_workers=pd.array([pd.NA] * len(table), dtype="Int64"),
        n_segments=pd.array([pd.NA] * len(table), dtype="Int64"),
        n_coded=table["n_peer_titles"],
        reason=np.where(table["reason"] == "", "", table["reason"].str.replace("clusters", plan.clusters)),
        waiver=False,
        target=[plan.words(words, corpus=n < MIN_CLUSTERS) for n in table["n_employers"]],
    )
