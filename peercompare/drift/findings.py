"""Rows of the diagnosis: their columns, what is withheld of them, and the words of their verdicts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from peercompare.drift.dates import DAYS
from peercompare.drift.fragility import Fragility
from peercompare.drift.label_shift import Coefficient
from peercompare.drift.plan import WORKER, Plan
from peercompare.drift.sensitivity import ONE_OUT
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS

DIAGNOSIS = (
    "corpus",
    "check",
    "what",
    "value",
    "lower",
    "upper",
    "confidence_level",
    "p",
    "n_clusters",
    "n_workers",
    "n_coded",
    "verdict",
    "warns",
    "pushes",
    "remedy",
    "method",
    "reason",
    "waiver",
)
"""Columns of the diagnosis. ``warns`` is True where a reader must be told before any number."""

MARGIN = 0.01
"""Change of the log odds of a score in a month, given the code, within which the gate opens."""

HIDDEN = f"withheld: it rests on fewer than {MIN_WORKERS} workers"
NOT_CHECKED = "not checked"
OF_PREDICTIONS = "it concerns what is counted from predictions alone"
USE_CODINGS = "estimate from codings, or from a sample that puts predictions right; count no predicted labels"

Row = dict[str, object]


def new_row(plan: Plan, check: str, what: str, **known: object) -> Row:
    """Make a row of which nothing but its question is known."""
    empty: Row = dict.fromkeys(("value", "lower", "upper", "p"), np.nan)
    empty |= dict.fromkeys(("n_clusters", "n_workers", "n_coded"), pd.NA)
    empty |= dict.fromkeys(("verdict", "pushes", "remedy", "method", "reason"), "")
    level = {"confidence_level": plan.confidence_level, "warns": False, "waiver": False}
    return {"corpus": plan.corpus, "check": check, "what": what, **empty, **level, **known}


def unchecked(plan: Plan, check: str, what: str, reason: str) -> Row:
    """Make a row of a check that could not be made."""
    return new_row(plan, check, what, reason=reason, verdict=NOT_CHECKED)


def of_coefficient(plan: Plan, check: str, what: str, found: Coefficient, method: str) -> Row:
    """Make a row of a coefficient; without one it is not checked."""
    if found.reason:
        reason = found.reason.replace("{clusters}", plan.clusters)
        return unchecked(plan, check, what, reason) | {"n_clusters": found.n_clusters}
    numbers = {name: getattr(found, name) for name in ("lower", "upper", "p", "n_clusters")}
    spread = f"{method}; jackknife over {plan.clusters}, t"
    return new_row(plan, check, what, value=found.estimate, method=spread, **numbers)


def kept(row: Row, n_workers: int | None, plan: Plan) -> Row:
    """Withhold what rests on fewer than five workers, or mark it as shown by waiver."""
    row = row | {"n_workers": pd.NA if n_workers is None else n_workers}
    if n_workers is None or n_workers >= MIN_WORKERS:
        return row
    if plan.waive:
        return row | {"waiver": bool(np.isfinite(row["value"]) or np.isfinite(row["p"]))}
    blank = dict.fromkeys(("value", "lower", "upper", "p"), np.nan)
    words = {"verdict": "withheld", "reason": HIDDEN, "pushes": "", "method": "withheld", "warns": False}
    return row | blank | words


def count_workers(scores: pd.DataFrame) -> int | None:
    """Count the workers with coded segments; None where documents name no workers."""
    if WORKER not in scores or scores[WORKER].isna().all():
        return None
    return int(scores.loc[scores["coded"].to_numpy(dtype=bool), WORKER].nunique())


def gate_verdict(row: Row, framework: Framework, plan: Plan, per: str) -> Row:
    """Judge the gate: shut where scores move given the code, or where it cannot be excluded that they do."""
    if row["verdict"] == NOT_CHECKED:
        return row
    margin = MARGIN * DAYS[per] / DAYS["month"]
    if row["p"] < 1 - plan.confidence_level:
        verdict = f"shut: given the code, scores move with time ({OF_PREDICTIONS})"
        pushes = f"labels counted over time move too far towards {towards(row['value'], framework)}"
        return row | {"verdict": verdict, "warns": True, "pushes": pushes, "remedy": USE_CODINGS}
    if max(abs(row["lower"]), abs(row["upper"])) <= margin:
        verdict = f"open: given the code, scores move by less than {margin:g} a {per}; that is no proof"
        return row | {"verdict": verdict, "remedy": "corrections by confusion may stand beside, never alone"}
    verdict = f"shut: no move is seen, but one beyond {margin:g} a {per} is not excluded"
    return row | {"verdict": verdict, "remedy": USE_CODINGS}


def place_verdict(row: Row, plan: Plan) -> Row:
    """Judge whether places differ in scores, given the code."""
    if row["verdict"] == NOT_CHECKED:
        return row
    if row["p"] < 1 - plan.confidence_level:
        verdict = f"shut: given the code, scores differ between places ({OF_PREDICTIONS})"
        pushes = "places compared by counted labels differ by more, or less, than their practice does"
        return row | {"verdict": verdict, "warns": True, "pushes": pushes, "remedy": USE_CODINGS}
    return row | {"verdict": "no difference between places is seen; that is no proof"}


def calibration_verdict(row: Row, framework: Framework, plan: Plan) -> Row:
    """Judge the naive check, and say what it is not."""
    if row["verdict"] == NOT_CHECKED:
        return row
    said = "this asks whether predictions may be averaged as they are; it is not the gate, and fails in half "
    said += "of studies whose classifier errs alike throughout"
    if row["p"] < 1 - plan.confidence_level:
        pushes = f"averaged predictions move too little towards {towards(row['value'], framework)}"
        verdict = f"codings and predictions part with time ({said})"
        return row | {"verdict": verdict, "pushes": pushes, "remedy": USE_CODINGS}
    return row | {"verdict": f"codings and predictions are not seen to part with time ({said})"}


def error_verdict(row: Row, framework: Framework) -> Row:
    """Judge the error of predictions in a group by its interval."""
    if not np.isfinite(row["lower"]):
        verdict = "withheld" if str(row["reason"]).startswith("withheld") else "no interval"
        return row | {"verdict": verdict}
    if row["lower"] <= 0 <= row["upper"]:
        return row | {"verdict": "no error on the whole is seen"}
    pushes = f"predictions alone put this group too little towards {towards(row['value'], framework)}"
    verdict = f"predictions err here on the whole ({OF_PREDICTIONS}; one of several groups looked at)"
    return row | {"verdict": verdict, "pushes": pushes, "remedy": USE_CODINGS}


def tested(row: Row, plan: Plan, *, moved: str, pushes: str, remedy: str) -> Row:
    """Judge a change over time that should be none."""
    if row["verdict"] == NOT_CHECKED:
        return row
    if row["p"] < 1 - plan.confidence_level:
        return row | {"verdict": moved, "warns": True, "pushes": pushes, "remedy": remedy}
    return row | {"verdict": "no change is seen; that is no proof"}


def choice_row(
    record: Mapping[str, object], planned: Mapping[str, object], framework: Framework, plan: Plan
) -> Row:
    """Say what another choice does to the index, and to what it says of zero."""
    names = ("lower", "upper", "n_clusters", "n_workers", "n_coded", "method", "reason", "waiver")
    what = f"index {record['words']}"
    row = new_row(plan, f"sensitivity_{record['choice_id']}", what, value=record["estimate"])
    row |= {name: record[name] for name in names}
    if record["choice_id"] == ONE_OUT:
        return row | _of_range(row, planned)
    if not (np.isfinite(record["estimate"]) and np.isfinite(planned["estimate"])):
        hidden = str(record["reason"]).startswith("withheld")
        return row | {"verdict": "withheld" if hidden else "not estimated"}
    shift = record["estimate"] - planned["estimate"]
    before, after = said_of_zero(planned), said_of_zero(record)
    moved = f"the index moves by {shift:+.3f}"
    pushes = f"towards {towards(shift, framework)}" if abs(shift) >= 5e-4 else ""
    if before and after and before != after:
        verdict = f"{moved} and what it says of zero changes: {after}, as planned {before}"
        remedy = "report both, and say which was planned beforehand"
        return row | {"verdict": verdict, "warns": True, "pushes": pushes, "remedy": remedy}
    return row | {"verdict": f"{moved}; what it says of zero stays", "pushes": pushes}


def _of_range(row: Row, planned: Mapping[str, object]) -> Row:
    """Judge the range over leaving out one cluster."""
    typical = str(row["method"]).rsplit("; ", 1)[-1]
    if not np.isfinite(row["lower"]):
        return {"verdict": f"range not shown; {typical}" if "typical" in typical else NOT_CHECKED}
    same = row["lower"] * row["upper"] > 0 and row["lower"] * planned["estimate"] > 0
    verdict = "the sign stays whoever is left out" if same else "the sign hangs on single ones"
    remedy = "" if same else "say that the sign is open; study more of them"
    return {"verdict": f"{verdict}; {typical}", "warns": not same, "remedy": remedy}


def said_of_zero(record: Mapping[str, object]) -> str:
    """Say what an interval says of zero; "" where there is none."""
    if not (np.isfinite(record["lower"]) and np.isfinite(record["upper"])):
        return ""
    if record["lower"] > 0:
        return "above zero"
    return "below zero" if record["upper"] < 0 else "zero is within the interval"


def wrong_verdict(row: Row, found: Fragility, opposite: float) -> Row:
    """Say how wrong codings would have to be, beside how often coders differ that far."""
    if np.isnan(found.to_zero):
        verdict = "no such error would make it zero" if np.isfinite(row["value"]) else NOT_CHECKED
        return row | {"verdict": verdict}
    said = f"zero if {100 * found.to_zero:.1f}% of stance-taking codings belonged to the other end"
    if found.to_doubt == 0:
        said += "; its interval holds zero already"
    elif np.isfinite(found.to_doubt):
        said += f"; within reach of zero if {100 * found.to_doubt:.1f}% did"
    weak = np.isfinite(opposite) and 0 < found.to_doubt <= opposite
    if np.isfinite(opposite):
        said += f" (coders put {100 * opposite:.1f}% at opposite ends)"
    remedy = "have a second person code those at the leading end again" if weak else ""
    return row | {"verdict": said, "warns": bool(weak), "remedy": remedy}


def towards(value: float, framework: Framework) -> str:
    """Name the end of the axis that a positive, or a negative, number points to."""
    end = framework.axis[1 if value > 0 else 0]
    return next(stance.label.lower() for stance in framework.stances if stance.id == end)
