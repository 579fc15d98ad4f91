"""Fixtures that every part of the test suite shares."""

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


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
