"""What is asked under peer titles in the groups of a study, and role types beside simpler readers."""

from __future__ import annotations

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift import Plan, corpus_scores, read_groupings, with_periods
from peercompare.errors import UndefinedError
from peercompare.roles import duties_under_titles, marker_shares, role_confusion, role_ladder
from peercompare.study.runner import Bench
from peercompare.study.settings import CorpusSection

USUAL = ("all", "setting")
"""Groups of titles where a study names none."""


def read_titles(
    corpus: Corpus, roles: pd.DataFrame, findings: pd.DataFrame, section: CorpusSection, bench: Bench
) -> dict[str, pd.DataFrame]:
    """Estimate duties and markers under titles, and judge role types; each table by its name.

    Parameters
    ----------
    corpus : Corpus
        Of job descriptions.
    roles : DataFrame
        From `classify_roles`, with gold where there is gold.
    findings : DataFrame
        Markers, gold where there is gold.
    section : CorpusSection
        Its ``title_groups``.
    bench : Bench

    Returns
    -------
    dict of str to DataFrame
        ``duties_under_titles``; ``marker_shares_by_title``; where there is gold, ``role_ladder`` and
        ``role_confusion``. A table that cannot be made is absent.
    """
    asked = {"cluster": corpus.cluster, "confidence_level": bench.study.settings.study.confidence_level}
    tables = {
        "marker_shares_by_title": marker_shares(
            findings, roles.drop_duplicates("document_id"), corpus.framework, by="title_family", **asked
        )
    }
    if (duties := _duties(corpus, roles, section, bench)) is not None:
        tables["duties_under_titles"] = duties
    if (roles["role_type_gold"] != "").any():
        tables["role_ladder"] = role_ladder(roles, corpus.role_types, corpus.framework, **asked)
        tables["role_confusion"] = role_confusion(roles, corpus.framework, **asked)
    return tables


def _duties(corpus: Corpus, roles: pd.DataFrame, section: CorpusSection, bench: Bench) -> pd.DataFrame | None:
    """Estimate from all codings; none where nothing is coded or no title promises the first stance."""
    scores = corpus_scores(corpus)
    if "date" in scores:
        scores = with_periods(scores, years=section.period_years)
    groups = section.title_groups or [name for name in USUAL if name == "all" or name in scores]
    plan = Plan.of(corpus, confidence_level=bench.study.settings.study.confidence_level)
    try:
        return duties_under_titles(
            scores, roles, corpus.framework, plan=plan, group_by=read_groupings(groups)
        )
    except UndefinedError:
        return None
