"""Verifying results: the study is run again in a folder of its own, and its numbers are compared."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from peercompare.caches import making_anew
from peercompare.errors import StudyError
from peercompare.files import csv_text
from peercompare.study.comparing import CHANGED, EXTRA, MISSING, Comparison, Difference, compare
from peercompare.study.manifest import MAIN, MANIFEST, make_manifest, read_manifest_file, result_tables
from peercompare.study.numbers import table_hash, table_of
from peercompare.study.runner import TABLES, refuse_while_pending, run_stages
from peercompare.study.study import Study, read_study

LEFT_OUT_STAGES = ("notebooks", "manifest")
"""Stages without numbers of their own; the manifest is made in memory."""


@dataclass(frozen=True)
class Verification:
    """What came of verifying results.

    Parameters
    ----------
    comparison : Comparison
        The numbers of the new run beside the earlier ones.
    not_rerun : tuple of (str, int, str)
        What was not run again: what it is, how many numbers stand in it, and why. Empty for a study that has
        all its texts.
    """

    comparison: Comparison
    not_rerun: tuple[tuple[str, int, str], ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether every number is as it was, within its tolerance."""
        return not self.comparison.differences


def verify(
    results: str | Path,
    *,
    against: str | Path | None = None,
    study: str | Path | None = None,
    until: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Run a study again in a temporary folder and compare its numbers with those of an earlier run.

    Parameters
    ----------
    results : str or Path
        The results folder of a study, or its study file. Nothing in it is changed.
    against : str or Path, optional
        The manifest to compare with; by default the one that stands in the results folder, and then the
        tables there are compared with it too.
    study : str or Path, optional
        The study file, where the manifest cannot say where it is.
    until : str, optional
        The last stage to run again: tables that later ones make are not compared.
    tell : callable
        Called with a line about each stage.

    Returns
    -------
    Verification

    Raises
    ------
    StudyError
        Where there is no study or no manifest, the manifest is of another format, or no stage is called so.
    CorpusError, ConsentError
        Where the study cannot be run any more.
    """
    folder, asked = find_study(Path(results), study)
    reference = read_manifest_file(against or folder / MANIFEST)
    refuse_while_pending(folder)
    edited = changed_files(folder, reference) if against is None else []
    with tempfile.TemporaryDirectory(prefix="peercompare-verify-") as place:
        again = run_again(asked, Path(place), reference, until=until, tell=tell)
    part, left = (reference, ()) if until is None else until_stage(reference, until)
    found = compare(part, again)
    return Verification(replace(found, differences=(*edited, *found.differences)), left)


def until_stage(manifest: dict, until: str) -> tuple[dict, tuple[tuple[str, int, str], ...]]:
    """Return what of a manifest the stages up to one of them make, and how much of it is left out.

    Parameters
    ----------
    manifest : dict
    until : str
        The last stage; one that there is.

    Returns
    -------
    manifest : dict
        With the tables and numbers of those stages alone, and figures where they are drawn by then.
    left_out : tuple of (str, int, str)
        As the `not_rerun` of a `Verification`.
    """
    from peercompare.study.stages import STAGES

    names = [stage.name for stage in STAGES]
    run = set(names[: names.index(until) + 1])
    tables = [each for each in manifest["tables"] if each["stage"] in run]
    kept = {each["name"] for each in tables}
    numbers = [each for each in manifest["numbers"] if table_of(each["id"]) in kept]
    figures = manifest["figures"] if "figures" in run else []
    n_left = len(manifest["numbers"]) - len(numbers)
    left = (f"stages after {until}", n_left, f"only those until {until} were asked for")
    return {**manifest, "tables": tables, "numbers": numbers, "figures": figures}, (left,)


def run_again(
    study: Study, place: Path, reference: dict, *, until: str | None, tell: Callable[[str], None]
) -> dict:
    """Run a study into another folder and return its manifest, in the scope of an earlier one."""
    from peercompare.study.stages import STAGES

    wanted = study.settings.study.model_copy(update={"results": str(place)})
    elsewhere = replace(study, settings=study.settings.model_copy(update={"study": wanted}))
    last = "figures" if reference["scope"] == MAIN else ""
    stages = []
    for stage in STAGES:
        if stage.name == last:
            break
        if stage.name not in LEFT_OUT_STAGES:
            stages.append(stage)
    with making_anew():
        run_stages(elsewhere, tuple(stages), until=until, tell=tell)
    return make_manifest(elsewhere, scope=reference["scope"], keys=keys_of(reference))


def keys_of(manifest: dict) -> dict[str, list[str]]:
    """Return by table the columns that tell its rows apart."""
    return {each["name"]: each["keys"] for each in manifest["tables"]}


def find_study(results: Path, study: str | Path | None = None) -> tuple[Path, Study]:
    """Return a results folder and its study, of which either the folder or the study file is named.

    Raises
    ------
    StudyError
        Where the results do not say where their study file is, or it is not there.
    """
    if results.is_file() and results.suffix == ".toml":
        found = read_study(results)
        return found.results, found
    if study is not None:
        return results, read_study(study)
    named = read_manifest_file(results / MANIFEST)["study"].get("file", "")
    path = results / named
    if not named or not path.is_file():
        raise StudyError(
            f"{results / MANIFEST} does not say where the study file is, or it is not there",
            remedy="name it: peercompare verify RESULTS --study STUDY.toml",
        )
    return results, read_study(path)


def changed_files(results: Path, manifest: dict) -> list[Difference]:
    """List the tables of a results folder that are not those which its manifest describes.

    Parameters
    ----------
    results : Path
        A results folder.
    manifest : dict
        Its own.

    Returns
    -------
    list of Difference
        One for each table that is absent, was added, or was changed since, be it only the CSV for people.
    """
    noted = {each["name"]: each["sha256"] for each in manifest["tables"]}
    found = []
    for name, table in result_tables(results).items():
        now = table_hash(table)
        path = results / TABLES / f"{name}.csv"
        if name not in noted:
            found.append(Difference(f"file {TABLES}/{name}.csv", EXTRA, None, now))
        elif now != noted[name] or not path.is_file() or path.read_text(encoding="utf-8") != csv_text(table):
            found.append(Difference(f"file {TABLES}/{name}.csv", CHANGED, noted[name], now))
    there = {path.stem for path in (results / TABLES).glob("*.parquet")}
    lost = sorted(noted.keys() - there)
    return found + [Difference(f"file {TABLES}/{name}.csv", MISSING, noted[name]) for name in lost]
