"""Fixtures that every part of the test suite shares."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]

os.environ["PEERCOMPARE_CACHE"] = "off"  # what earlier runs kept must not answer for the code at hand

collect_ignore_glob = ["benchmarks/*"]
"""Benchmarks are called by themselves, and some need what the tests do without."""


@pytest.fixture(scope="session")
def corpora_folder():
    """The folder of the shipped corpora."""
    return ROOT / "corpora"


@pytest.fixture(scope="session")
def data_folder():
    """The folder of small test files, one for each fault."""
    return ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def deegan():
    """The shipped framework."""
    from peercompare.framework import read_framework

    return read_framework("deegan2017")


@pytest.fixture(scope="session")
def tiny_framework(data_folder):
    """A framework that is not Deegan's: code that works with it names nothing of hers."""
    from peercompare.framework import read_framework

    return read_framework(data_folder / "tiny_framework.toml")


@pytest.fixture
def rng():
    """A seeded generator, new for each test."""
    return np.random.default_rng(20170621)


@pytest.fixture(scope="session")
def fixtures_folder():
    """Real files for trials; tests that need them are skipped, with the reason, where they are absent."""
    folder = Path(os.environ.get("PEERCOMPARE_FIXTURES", ROOT.parent / "shared" / "fixtures"))
    if not folder.is_dir():
        pytest.skip(f"the folder of real files is absent: {folder} (set PEERCOMPARE_FIXTURES)")
    return folder


def copy_part(source, target, *, column, values):
    """Copy the documents of a corpus that have one of some values in a column, with what belongs to them."""
    import pandas as pd

    from peercompare.corpus import register

    (target / "texts").mkdir(parents=True)
    read = {"dtype": "str", "keep_default_na": False}
    documents = pd.read_csv(source / "documents.csv", **read)
    documents = documents[documents[column].isin(values)]
    kept = set(documents["document_id"])
    people = {pair.split("=")[1] for cell in documents.get("speakers", []) for pair in cell.split()}
    for path in source.glob("*.csv"):
        table = pd.read_csv(path, **read)
        if "document_id" in table:
            table = table[table["document_id"].isin(kept)]
        elif "segment_id" in table:
            table = table[table["segment_id"].str.split(":").str[0].isin(kept)]
        elif "person_id" in table:
            table = table[table["person_id"].isin(people)]
        elif "site_id" in table:
            table = table[table["site_id"].isin(documents["site_id"])]
        table.to_csv(target / path.name, index=False)
    for name in kept:
        (target / "texts" / f"{name}.txt").write_bytes((source / "texts" / f"{name}.txt").read_bytes())
    for name in ("corpus.toml", "DATASHEET.md"):
        (target / name).write_bytes((source / name).read_bytes())
    register(target)


SMALL_STUDY = """
[study]
title = "A small study"
results = "results"
as_of = 2024-06-30
seed = 3
notebooks = ""
waive_small_cells_if_composed = true

[[corpus]]
path = "postings"
groups = ["all", "setting"]
fine_groups = ["employer_id x year", "document_id"]
slope = { unit = "year" }

[[corpus]]
path = "sessions"
population = { column = "worker_role", value = "peer", words = "peer workers" }
groups = ["all", "site_id", "site_id x half_year"]
slope = { unit = "month", groups = ["all", "site_id"] }
individual_feedback = true

[corpus.context]
moderators = ["kind"]
adjust_slope_for = ["kind"]
events = ["billing_rule", "second_post"]
session_groups = ["all", "worker_role"]
external = "climate.csv"
composition = { column = "year", first = "2022", second = "2023" }

[classifier]
n_folds = 2
"""


CLIMATE = """site_id,month,instrument,score
S1,2022-03,warmth,3.5
S2,2022-05,warmth,2.5
S3,2022-05,warmth,4
"""


@pytest.fixture(scope="session")
def small_study_file(tmp_path_factory, corpora_folder):
    """A study file over small parts of both shipped corpora, the same for every worker of the run.

    Nothing is written into its folder but the results: a test that changes something changes a copy.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "small_study"
    if not shared.exists():
        made = tmp_path_factory.mktemp("making") / "study"
        _write_small_study(made, corpora_folder)
        with suppress(OSError):  # another worker was quicker
            made.rename(shared)
    return shared / "study.toml"


def _write_small_study(folder, corpora_folder):
    employers = ["E01", "E04", "E06", "E08", "E16"]
    copy_part(
        corpora_folder / "job_descriptions", folder / "postings", column="employer_id", values=employers
    )
    workers = ["W01", "W02", "W03", "W05", "W07", "C01", "C05"]
    copy_part(corpora_folder / "session_transcripts", folder / "sessions", column="worker_id", values=workers)
    (folder / "climate.csv").write_text(CLIMATE, encoding="utf-8")
    (folder / "study.toml").write_text(SMALL_STUDY, encoding="utf-8")


@pytest.fixture(scope="session")
def small_results(small_study_file):
    """The small study, run once for all tests that look at its results.

    A stage that another worker is running is waited for, and then up to date.
    """
    from peercompare.study import run_study

    return run_study(small_study_file)


@pytest.fixture(scope="session")
def workplace(tmp_path_factory, corpora_folder):
    """A copy of the notebooks beside the corpora, so that a test writes nothing into the project.

    Results of an earlier run come along: a stage that is up to date is not run again, one that is not is, and
    once for all tests that look at the default study.
    """
    root = tmp_path_factory.mktemp("study")
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (root / "corpora").symlink_to(corpora_folder)
    (root / "tests" / "benchmarks").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "benchmarks" / "coverage.csv", root / "tests" / "benchmarks")
    if (ROOT / "results").is_dir():
        shutil.copytree(ROOT / "results", root / "results")
    return root / "notebooks"


LONGEST = ("test_notebooks.py", "test_withdrawing.py")
"""Files to begin with: a long one that begins last would leave the other workers idle."""


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest; each stays with one worker (``--dist loadfile``)."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))
