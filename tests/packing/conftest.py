"""Small studies to pack."""

import shutil

import pytest
from canaries import AS_OF, write_corpus

from peercompare.corpus import register
from peercompare.packing.pack import package_files, write_package_files
from peercompare.packing.sharing import handed_on
from peercompare.study import read_study
from peercompare.study.manifest import write_manifest
from peercompare.study.runner import Bench, run_stages
from peercompare.study.stages import STAGES

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
STUDY = f"""
[study]
title = "Canaries <&> friends"
as_of = {AS_OF}
notebooks = ""
waive_small_cells_if_composed = true

[[corpus]]
path = "corpus"
groups = ["all", "site_id"]
slope = {{ unit = "month" }}
individual_feedback = true

[classifier]
n_folds = 2
"""

SILENT = {"W1": "sharing", "P4": "sharing"}
"""Who did not agree to sharing: the documents of the first and the fourth pair."""


def write_study(folder):
    """Write a study of a canary corpus and return its file."""
    write_corpus(folder / "corpus", CODES, lacking=SILENT)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def run_to_roles(path):
    """Run the stages that make numbers, and write the manifest of them."""
    study = read_study(path)
    run_stages(study, STAGES, until="roles")
    write_manifest(Bench(study))
    return study


@pytest.fixture(scope="session")
def composed_study(tmp_path_factory):
    """A composed corpus in which two people did not agree to sharing, run."""
    return run_to_roles(write_study(tmp_path_factory.mktemp("composed")))


@pytest.fixture(scope="session")
def real_study(tmp_path_factory, composed_study):
    """The same study with the same results, the corpus said to be of real people."""
    folder = shutil.copytree(composed_study.folder, tmp_path_factory.mktemp("real") / "study")
    path = folder / "corpus" / "corpus.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("composed = true", "composed = false"))
    register(folder / "corpus")
    return read_study(folder / "study.toml")


@pytest.fixture(scope="session")
def packed(composed_study, tmp_path_factory):
    """The package of the composed study, as a folder."""
    return write_package(composed_study, tmp_path_factory.mktemp("package") / "bag")


def write_package(study, out):
    """Write the package of a study that was run as far as its numbers go, and return its folder."""
    day = study.settings.study.as_of
    handed = {name: handed_on(corpus, day=day) for name, corpus in study.open_corpora().items()}
    write_package_files(package_files(study, handed, day=day), out)
    return out


@pytest.fixture(scope="session")
def pack_to():
    """Write the package of a study into a folder, whether or not its report was made."""
    return write_package


@pytest.fixture
def copy(packed, tmp_path):
    """A copy of the package that a test may harm."""
    return shutil.copytree(packed, tmp_path / "bag")
