"""The default study gives the numbers that are kept under version control, and a changed one is found."""

import copy

import pytest

from peercompare.cli import main
from peercompare.study import read_study, run_study
from peercompare.study.comparing import compare
from peercompare.study.manifest import MAIN, make_manifest, manifest_text, read_manifest_file
from peercompare.study.verifying import keys_of, verify

MEANT = """
{n} numbers of the default study are not those of notebooks/manifest.json:
{lines}
If the change is meant, say it first in CHANGELOG.md, then keep the new numbers:
    make manifest
or: peercompare run notebooks/study.toml && \\
    peercompare verify notebooks/study.toml --write notebooks/manifest.json --force
"""
SHOWN = 10


@pytest.fixture(scope="module")
def kept(request):
    return read_manifest_file(request.config.rootpath / "notebooks" / "manifest.json")


def said(differences):
    lines = [f"  {each.old} -> {each.new} ({each.kind}) {each.id}" for each in differences[:SHOWN]]
    return MEANT.format(n=len(differences), lines="\n".join(lines))


FIRST = "agreement"
"""The last stage that reads no prediction: everything up to it is made anew in seconds."""


def test_the_first_stages_of_the_default_study_give_the_numbers_that_are_kept(request, kept):
    folder = request.config.rootpath / "notebooks"
    found = verify(folder / "study.toml", against=folder / "manifest.json", until=FIRST)
    assert found.accepted, said(found.comparison.differences)
    (_, n_left, _), *more = found.not_rerun
    assert not more
    assert found.comparison.n_compared == len(kept["numbers"]) - n_left > 300


def test_a_perturbed_number_of_the_default_study_fails_when_it_is_verified(request, kept, tmp_path, capsys):
    other = copy.deepcopy(kept)
    number = next(
        n for n in other["numbers"] if n["id"].startswith("agreement[") and n["id"].endswith(".estimate")
    )
    number["value"] += 1e-6
    (tmp_path / "manifest.json").write_text(manifest_text(other), encoding="utf-8")
    study = request.config.rootpath / "notebooks" / "study.toml"
    words = ["verify", study, "--against", tmp_path / "manifest.json", "--until", FIRST]
    assert main([str(word) for word in words]) == 1
    told = capsys.readouterr().out
    assert number["id"] in told
    assert "1 differences" in told


@pytest.mark.notebook
def test_the_default_study_gives_the_numbers_that_are_kept(workplace, kept):
    # The notebooks that are executed here run the same stages in the same place, once.
    run_study(workplace / "study.toml", until="roles")
    now = make_manifest(read_study(workplace / "study.toml"), scope=MAIN, keys=keys_of(kept))
    found = compare(kept, now)
    assert not found.differences, said(found.differences)
    assert found.n_compared == len(kept["numbers"]) > 100


def test_a_number_that_is_perturbed_fails_and_the_message_says_what_to_do(kept):
    other = copy.deepcopy(kept)
    number = next(each for each in other["numbers"] if each["value"])
    number["value"] *= 1.001
    (difference,) = compare(kept, other).differences
    assert difference.id == number["id"]
    assert "make manifest" in said([difference])


def test_the_kept_numbers_are_as_a_command_writes_them_and_no_burden(kept, request):
    path = request.config.rootpath / "notebooks" / "manifest.json"
    assert path.read_text(encoding="utf-8") == manifest_text(kept)
    assert kept["scope"] == MAIN
    assert path.stat().st_size < 500_000
