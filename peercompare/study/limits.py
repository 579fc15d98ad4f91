"""What a study says of its classifier's limits: sets, abstention, unlike documents, groups, behaviour."""

from __future__ import annotations

import pandas as pd

from peercompare.classifier import (
    Model,
    behaviour_cases,
    behaviour_table,
    coverage_table,
    domain_table,
    fairness_table,
    read_suite,
)
from peercompare.classifier.abstention import COVERAGE_COLUMNS
from peercompare.classifier.conformal import SET_COLUMNS
from peercompare.classifier.domain import DOMAIN_COLUMNS
from peercompare.classifier.fairness import FAIRNESS_COLUMNS
from peercompare.classifier.suites import shipped_suites
from peercompare.classifier.unlike import DOMAIN_TABLE_COLUMNS
from peercompare.corpus import Corpus
from peercompare.errors import UndefinedError


def limits_of(corpus: Corpus, predictions: pd.DataFrame, shown: dict) -> dict[str, pd.DataFrame]:
    """Return coverage, domain and fairness of one corpus; empty where its predictions or codings say nothing.

    Parameters
    ----------
    corpus : Corpus
    predictions : DataFrame
        Out of fold. Models that could not be calibrated give neither sets nor a judgement of documents.
    shown : dict
        ``confidence_level``, ``waive``, and ``model``, the name of what predicted.
    """
    found = {
        "coverage": pd.DataFrame(columns=COVERAGE_COLUMNS),
        "domain": pd.DataFrame(columns=DOMAIN_TABLE_COLUMNS),
        "fairness": pd.DataFrame(columns=FAIRNESS_COLUMNS),
    }
    if predictions.reindex(columns=SET_COLUMNS).notna().all(axis=None):
        found["coverage"] = coverage_table(corpus, predictions, **shown)
    if predictions.reindex(columns=DOMAIN_COLUMNS).notna().all(axis=None):
        found["domain"] = domain_table(corpus, predictions, **shown)
    try:
        found["fairness"] = fairness_table(corpus, predictions, **shown)
    except UndefinedError:
        pass  # nobody's words stand at that end, so nobody's can be misread
    return found


def behaviour_of(model: Model, confidence_level: float) -> pd.DataFrame | None:
    """Try a model on its framework's suite of minimal pairs; None where there is none."""
    framework = model.facts["framework_id"]
    if framework not in shipped_suites():
        return None
    suite = read_suite(framework)
    return behaviour_table(behaviour_cases(model, suite), suite, confidence_level=confidence_level)
