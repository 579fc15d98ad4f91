"""What a model does when one thing in a sentence changes: pass rates of a suite of minimal pairs.

Scores on held-out texts do not show why a model is right. A suite asks directly: may names, titles, spellings
and slips of the finger change an answer (they may not), and does a "not" change it (it must)?
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import ndtri

from peercompare.classifier.suites import DIRECTION, FALLS, INVARIANCE, BehaviourTest, Suite
from peercompare.errors import InputError

BEHAVIOUR_COLUMNS = (
    "test kind label moves estimate lower upper confidence_level n_cases n_sentences n_passed mean_change "
    "about method"
).split()
CASE_COLUMNS = "test kind sentence before after label_before label_after change passed".split()
METHOD = "share of cases passed; Wilson interval for as many independent ones as there are sentences"


class Classifier(Protocol):
    """What a suite needs of a model: its labels, and probabilities for texts."""

    labels: tuple[str, ...]

    def probabilities(self, texts: Iterable[str]) -> np.ndarray:
        """Return probabilities, shape (n_texts, n_labels)."""
        ...


def behaviour_cases(model: Classifier, suite: Suite) -> pd.DataFrame:
    """Try a model on every case of a suite.

    Parameters
    ----------
    model : Model
        Or anything else with ``labels`` and ``probabilities``.
    suite : Suite
        From `read_suite`.

    Returns
    -------
    DataFrame
        Columns as `CASE_COLUMNS`, a row for each case. ``change`` is by how much the probability of the
        test's label moved; in an invariance, the largest move of any label's. An invariance is passed where
        the most probable label stays the same, a direction where the probability moves as it should by
        ``suite.min_change`` at least.

    Raises
    ------
    InputError
        If a test speaks of a label that the model does not have.
    """
    unknown = sorted({test.label for test in suite.tests if test.kind == DIRECTION} - set(model.labels))
    if unknown:
        raise InputError(
            f"The suite speaks of labels that the model does not have: {', '.join(unknown)}",
            remedy=f"use a suite for {', '.join(model.labels)}",
        )
    tables = [_cases_of(model, test, suite.min_change) for test in suite.tests]
    return pd.concat(tables, ignore_index=True)[CASE_COLUMNS]


def _cases_of(model: Classifier, test: BehaviourTest, min_change: float) -> pd.DataFrame:
    """Try a model on one test."""
    cases = test.cases
    before = model.probabilities(case.before for case in cases)
    after = model.probabilities(case.after for case in cases)
    names = np.array(model.labels, dtype=object)
    first, second = names[before.argmax(axis=1)], names[after.argmax(axis=1)]
    if test.kind == INVARIANCE:
        change = np.abs(after - before).max(axis=1)
        passed = first == second
    else:
        change = (after - before)[:, model.labels.index(test.label)]
        passed = (-change if test.moves == FALLS else change) >= min_change
    table = pd.DataFrame([vars(case) for case in cases])
    return table.assign(
        test=test.id, kind=test.kind, label_before=first, label_after=second, change=change, passed=passed
    )


def behaviour_table(cases: pd.DataFrame, suite: Suite, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Summarise the cases of a suite: the pass rate of each test, and of each kind.

    Parameters
    ----------
    cases : DataFrame
        From `behaviour_cases`.
    suite : Suite
        The same.
    confidence_level : float, default 0.95
        In (0, 1).

    Returns
    -------
    DataFrame
        Columns as `BEHAVIOUR_COLUMNS`, tests in the order of the suite; rows whose ``test`` is "" sum up a
        kind. Cases that share a sentence are alike, so the interval is that of as many independent cases as
        there are sentences. It speaks of sentences like these, which nobody drew at random.

    Raises
    ------
    InputError
        If `confidence_level` is outside (0, 1).

    References
    ----------
    Ribeiro, M. T., Wu, T., Guestrin, C. and Singh, S. (2020). Beyond accuracy: behavioral testing of NLP
    models with CheckList. ACL 2020, 4902-4912. doi:10.18653/v1/2020.acl-main.442. Wilson, E. B. (1927).
    Probable inference, the law of succession, and statistical inference. JASA 22(158), 209-212.
    doi:10.1080/01621459.1927.10502953
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level must be in (0, 1), for instance 0.95; it is {confidence_level}")
    rows = []
    for test in suite.tests:
        part = cases[cases["test"] == test.id]
        about = {"test": test.id, "label": test.label, "moves": test.moves, "about": test.about}
        rows.append({**about, "kind": test.kind, **_pass_rate(part, confidence_level)})
    for kind in (INVARIANCE, DIRECTION):
        part = cases[cases["kind"] == kind]
        if len(part):
            about = {"test": "", "label": "", "moves": "", "about": f"all tests of {kind}"}
            rows.append({**about, "kind": kind, **_pass_rate(part, confidence_level)})
    return pd.DataFrame(rows).assign(confidence_level=confidence_level, method=METHOD)[BEHAVIOUR_COLUMNS]


def _pass_rate(cases: pd.DataFrame, confidence_level: float) -> dict[str, float]:
    """Compute a pass rate with its interval and counts."""
    n_sentences = len(cases[["test", "sentence"]].drop_duplicates())
    share = float(cases["passed"].mean())
    lower, upper = wilson(share, n_sentences, confidence_level)
    return {
        "estimate": share,
        "lower": lower,
        "upper": upper,
        "n_cases": len(cases),
        "n_sentences": n_sentences,
        "n_passed": int(cases["passed"].sum()),
        "mean_change": float(cases["change"].mean()),
    }


def wilson(share: float, n: int, confidence_level: float) -> tuple[float, float]:
    """Compute Wilson's interval for a share.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(1.0, 10, 0.95)]
    [0.722, 1.0]
    """
    z2 = float(ndtri(0.5 + confidence_level / 2)) ** 2
    middle = share + z2 / (2 * n)
    reach = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2)))
    lower, upper = ((middle + sign * reach) / (1 + z2 / n) for sign in (-1, 1))
    return max(0.0, float(lower)), min(1.0, float(upper))
