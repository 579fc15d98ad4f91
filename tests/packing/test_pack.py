"""Packing: whole or not at all, the same bytes again, and noted so that a withdrawal names it."""

import json
import re
import shutil
import tomllib
import zipfile

import pytest

from peercompare.cli import main
from peercompare.errors import InputError, StudyError
from peercompare.packing import pack, pack_study
from peercompare.packing.pack import package_files
from peercompare.packing.sharing import handed_on
from peercompare.withdrawal.results import PACKAGES


@pytest.fixture
def study(composed_study, monkeypatch):
    """A study that was run as far as its packing needs, and whose notes are taken away again."""
    monkeypatch.setattr(pack, "_need_results", lambda study: None)
    yield composed_study
    (composed_study.results / PACKAGES).unlink(missing_ok=True)


def test_a_package_has_what_it_should_and_its_study_file_knows_no_other_folder(packed):
    names = {path.relative_to(packed / "data").as_posix() for path in (packed / "data").rglob("*")}
    assert names >= {
        "README.md",
        "study.toml",
        "manifest.json",
        "package.json",
        "ro-crate-metadata.json",
        "datapackage.json",
        "environment/requirements.lock",
        "environment/versions.json",
        "results/tables/estimates.csv",
        "derived/canaries/predictions.csv",
        "corpora/canaries/texts/D21.txt",
    }
    asked = tomllib.loads((packed / "data" / "study.toml").read_text(encoding="utf-8"))
    assert [each["path"] for each in asked["corpus"]] == ["corpora/canaries"]
    assert json.loads((packed / "data" / "manifest.json").read_text())["study"]["file"] == "study.toml"


def test_the_readme_says_what_is_held_back_and_what_it_is_not_for(packed):
    text = (packed / "data" / "README.md").read_text(encoding="utf-8")
    assert "Not for hiring, discipline or pay" in text
    assert "the words of 12 of 16 documents" in text
    assert "rows without words" in text
    assert "peercompare verify PACKAGE" in text


def test_two_packages_of_one_study_are_the_same_bytes(study, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pack_study(study, tmp_path / name / "study.zip")
    one, two = (tmp_path / name / "study.zip" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_package_is_noted_and_a_withdrawal_names_it_for_issuing_again(study, tmp_path, capsys):
    pack_study(study, tmp_path / "sent.zip")
    corpus = shutil.copytree(study.folder / "corpus", tmp_path / "corpus")
    words = ["--corpus", str(corpus), "--study", str(study.results), "--on", "2024-06-01"]
    assert main(["consent", "withdraw", "P2", *words]) == 0
    said = capsys.readouterr().out
    assert re.search(r"the replication package sent\.zip.*issue it again", said)
    assert PACKAGES not in said
    assert str(tmp_path / "sent.zip") not in (study.results / PACKAGES).read_text(encoding="utf-8")


def test_who_is_behind_no_number_of_a_package_does_not_take_it_back(study, tmp_path, capsys):
    noted = {"packages": [{"name": "x.zip", "sha256": "0", "whose": {"canaries": []}}]}
    (study.results / PACKAGES).write_text(json.dumps(noted), encoding="utf-8")
    corpus = shutil.copytree(study.folder / "corpus", tmp_path / "corpus")
    main(["consent", "withdraw", "P2", "--corpus", str(corpus), "--study", str(study.results)])
    assert "x.zip" not in capsys.readouterr().out


def test_what_exists_is_not_written_over(study, tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="exists already"):
        pack_study(study, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_results_that_are_out_of_date_are_not_packed(composed_study, tmp_path, capsys):
    with pytest.raises(StudyError, match="figures"):
        pack_study(composed_study, tmp_path / "out")
    assert main(["pack", str(composed_study.path), "-o", str(tmp_path / "out")]) == 1
    assert "peercompare run" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_half_way_leaves_nothing(study, tmp_path, monkeypatch):
    written = 0

    def full(path, content, **more):
        nonlocal written
        written += 1
        if written > 20:
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    monkeypatch.setattr(pack, "write_atomically", full)
    with pytest.raises(OSError, match="No space left"):
        pack_study(study, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_went_and_what_stayed(study, tmp_path, capsys):
    assert main(["pack", str(study.path), "-o", str(tmp_path / "out"), "--on", "2024-07-01"]) == 0
    said = capsys.readouterr().out
    assert "canaries: words of 12 of 16 documents; rows without words of the others" in said
    info = (tmp_path / "out" / "bag-info.txt").read_text(encoding="utf-8")
    assert "Bagging-Date: 2024-07-01" in info
    assert "External-Description: Canaries <&> friends" in info


def test_a_study_in_which_nobody_may_be_heard_still_packs_its_numbers(composed_study):
    (corpus,) = composed_study.open_corpora().values()
    handed = handed_on(corpus, day=corpus.as_of)
    everybody = dict.fromkeys([*handed.words, *handed.held_back], "they said no")
    nothing = type(handed)(words=(), held_back=everybody, rows=False)
    files = package_files(composed_study, {corpus.name: nothing}, day=corpus.as_of)
    assert not [name for name in files if name.startswith(("data/corpora", "data/derived"))]
