"""Verifying a package: its numbers made again from its rows, on any machine, with nothing else at hand."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from peercompare import classifier
from peercompare.classifier.conformal import SET_COLUMNS
from peercompare.classifier.domain import DOMAIN_COLUMNS
from peercompare.packing.unpacking import PackagedStudy, opened
from peercompare.study.comparing import compare
from peercompare.study.manifest import MANIFEST, SHOWING, describe_results, read_manifest_file
from peercompare.study.numbers import table_of
from peercompare.study.runner import WORKING, Bench
from peercompare.study.verifying import Verification, keys_of

CORPORA, CLASSIFIER = "corpora", "classifier"
COUNTED = "words, and what consent left out, are counted from what stays with the corpus"
LEARNED = "it needs words that were held back; the classifier's predictions are taken as they were made"
SHOWN = "it counts what the tables of all stages withhold"
DRAWN = "they are drawn from the tables that are compared here"
NO_ROWS = "a session rests on one worker, so that no row about one leaves a corpus of real people"


def verify_package(path: str | Path, *, tell: Callable[[str], None] = lambda _: None) -> Verification:
    """Check a package's files, make its numbers again, and compare them with its manifest.

    Parameters
    ----------
    path : str or Path
        A folder or archive that `pack_study` wrote. Nothing in it is changed.
    tell : callable
        Called with a line about each stage.

    Returns
    -------
    Verification
        Its `not_rerun` names what cannot be made again from the package, and why.

    Raises
    ------
    StudyError
        Where a file is not as it was packed, or the package is of another format.
    """
    with opened(Path(path)) as study, tempfile.TemporaryDirectory(prefix="peercompare-verify-") as place:
        reference = read_manifest_file(study.folder / MANIFEST)
        _replay(study.into(Path(place)), tell)
        current = describe_results(Path(place), keys=keys_of(reference))
        return _judged(reference, _without_left_behind(current, study.whole), study)


NEED_WORDS = ("composition_terms",)
"""Tables that other stages than the classifier's make of words."""

NEED_RECORDS = ("session_turns", "session_measures")
"""Tables that read sessions anew, past a gate that needs the records of everybody."""


def _replay(study: PackagedStudy, tell: Callable[[str], None]) -> None:
    """Run every stage that the package has enough for."""
    from peercompare.study.stages import STAGES

    bench = Bench(study)
    if not study.open_corpora():
        return
    for stage in STAGES:
        if stage.name in (CORPORA, *SHOWING):
            continue
        tell(f"{stage.name} ...")
        if stage.name == CLASSIFIER and not study.whole:
            _score_again(study, bench)
        else:
            stage.work(bench)


def _score_again(study: PackagedStudy, bench: Bench) -> None:
    """Lay out the predictions as they were made, and judge our own ones again."""
    wanted = study.settings.study
    shown = {"confidence_level": wanted.confidence_level, "waive": wanted.waive_small_cells_if_composed}
    model = study.settings.classifier.model
    found: dict[str, list[pd.DataFrame]] = {}
    brought = {facts["name"] for facts in study.package.facts if facts["brought_predictions"]}
    for name, corpus in study.open_corpora().items():
        predictions = study.package.table(name, "predictions")
        own = {} if name in brought else _judge(corpus, predictions.drop(columns="corpus"), model, shown)
        for each, table in {**own, "predictions": predictions}.items():
            found.setdefault(each, []).append(table)
        found.setdefault("scores", []).append(classifier.coder_scores(corpus, **shown))
    for each, tables in found.items():
        together = pd.concat(tables, ignore_index=True)
        bench.write_table(together, each, **({"folder": WORKING} if each == "predictions" else {}))


def _judge(corpus, predictions: pd.DataFrame, model: str, shown: Mapping) -> dict[str, pd.DataFrame]:
    """Score predictions of one of our own models as the study did."""
    tables = {
        "scores": classifier.scores_table(corpus, predictions, model=model, **shown),
        "confusion": classifier.confusion_table(corpus, predictions, waive=bool(shown["waive"])),
        "calibration": classifier.calibration_table(corpus, predictions, **shown),
    }
    if predictions.reindex(columns=SET_COLUMNS).notna().all(axis=None):
        tables["coverage"] = classifier.coverage_table(corpus, predictions, **shown)
    if predictions.reindex(columns=DOMAIN_COLUMNS).notna().all(axis=None):
        tables["domain"] = classifier.domain_table(corpus, predictions, **shown)
    return tables


def _without_left_behind(current: dict, whole: bool) -> dict:
    """Return what was made without tables that came out otherwise because something stayed behind."""
    gone = {each["name"] for each in current["tables"] if _of_table(each["name"], "", whole)}
    return {
        **current,
        "tables": [each for each in current["tables"] if each["name"] not in gone],
        "numbers": [each for each in current["numbers"] if table_of(each["id"]) not in gone],
    }


def _judged(reference: dict, current: dict, study: PackagedStudy) -> Verification:
    """Compare what was made again; count what was not, by reason."""
    stages = {each["name"]: each["stage"] for each in reference["tables"]}
    without_rows = {facts["name"] for facts in study.package.facts if not facts["rows"]}
    made = {each["id"] for each in current["numbers"]}
    kept, left = [], Counter()
    for number in reference["numbers"]:
        why = "" if number["id"] in made else _why_not(number["id"], stages, without_rows, study.whole)
        if why:
            left[(table_of(number["id"]), why)] += 1
        else:
            kept.append(number)
    there = {each["name"] for each in current["tables"]}
    partly = {name for name, why in left} | (set(stages) if without_rows else set())
    tables = [
        each
        for each in reference["tables"]
        if each["name"] not in partly
        and (each["name"] in there or not _of_table(each["name"], each["stage"], study.whole))
    ]
    wanted = {each["name"] for each in tables}
    old = {**reference, "numbers": kept, "tables": tables, "figures": [], "inputs": []}
    now = {
        **current,
        "tables": [
            each for each in current["tables"] if each["name"] in wanted or each["name"] not in stages
        ],
        "figures": [],
        "inputs": [],
    }
    not_rerun = [(f"table {name}", n, why) for (name, why), n in sorted(left.items())]
    not_rerun.append((f"{len(reference['figures'])} figures", 0, DRAWN))
    return Verification(compare(old, now), tuple(not_rerun))


def _why_not(number: str, stages: Mapping[str, str], without_rows: set[str], whole: bool) -> str:
    """Say why a number cannot be made again from the package; empty where it should have been."""
    name, _, cells = number.partition("[")
    if why := _of_table(name, stages.get(name, ""), whole):
        return why
    of = (
        cells.removeprefix("corpus=").split(";", 1)[0].split("]", 1)[0] if cells.startswith("corpus=") else ""
    )
    return NO_ROWS if of in without_rows or (without_rows and not of) else ""


def _of_table(name: str, stage: str, whole: bool) -> str:
    """Say why a table is not made again, by its stage or by what it is made of; empty where it is."""
    if stage == CORPORA or name in NEED_RECORDS:
        return COUNTED
    if (stage == CLASSIFIER or name in NEED_WORDS) and not whole:
        return LEARNED
    return SHOWN if stage in SHOWING else ""
