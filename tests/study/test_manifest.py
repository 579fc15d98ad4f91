"""A manifest says what went in and what came out, the same bytes each time, and nothing of the machine."""

import json
import os
from pathlib import Path

import pytest

from peercompare.errors import StudyError
from peercompare.files import sha256_of
from peercompare.study import manifest as module
from peercompare.study.manifest import (
    MAIN,
    MANIFEST,
    make_manifest,
    manifest_text,
    read_manifest_file,
    study_file_from,
)
from peercompare.study.study import read_study


@pytest.fixture(scope="module")
def written(small_results):
    return read_manifest_file(small_results.folder / MANIFEST)


def test_it_lists_inputs_seeds_versions_lock_and_framework(written, small_study_file, deegan):
    inputs = {each["path"]: each["sha256"] for each in written["inputs"]}
    sessions = small_study_file.parent / "sessions"
    assert inputs["session_transcripts/codings.csv"] == sha256_of(sessions / "codings.csv")
    assert inputs["session_transcripts/consents.csv"] == sha256_of(sessions / "consents.csv")
    assert inputs["study.toml"] == sha256_of(small_study_file)
    assert sum(path.startswith("job_descriptions/texts/") for path in inputs) == 15
    assert written["seeds"] == {"study": 3}
    assert set(written["versions"]) >= {"python", "peercompare", "numpy", "scikit-learn"}
    assert written["framework"]["sha256"] == deegan.sha256
    assert written["study"]["file"] == "../study.toml"


def test_the_lock_is_that_of_the_checkout_or_its_absence_is_said(request, monkeypatch, tmp_path):
    assert module.lock_hash()["sha256"] == sha256_of(request.config.rootpath / "requirements.lock")
    monkeypatch.setattr(module.peercompare, "__file__", str(tmp_path / "peercompare" / "__init__.py"))
    assert module.lock_hash()["why"] == "peercompare is installed without its lock file"


def test_every_number_of_every_table_is_in_it(written, small_results):
    ids = {each["id"] for each in written["numbers"]}
    assert len(ids) == len(written["numbers"])
    for name in ("agreement", "scores", "estimates"):
        table = small_results.table(name)
        for column in ("estimate", "lower", "upper", "n_segments"):
            found = [one for one in ids if one.startswith(f"{name}[") and one.endswith(f"].{column}")]
            assert len(found) == len(table)
    assert {each["name"] for each in written["tables"]} == set(small_results.table_names)


def test_every_figure_has_the_hash_of_its_rows_and_of_its_pictures_by_version(written, small_results):
    figures = {each["name"]: each for each in written["figures"]}
    assert set(figures) == set(small_results.figure_paths)
    for name, path in small_results.figure_paths.items():
        (pictures,) = figures[name]["pictures"].values()
        assert pictures["png"] == sha256_of(path)
        assert figures[name]["data_sha256"] == sha256_of(path.with_name(f"{name}.data.csv"))


def test_the_same_study_gives_the_same_bytes(small_study_file, small_results):
    again = manifest_text(make_manifest(read_study(small_study_file)))
    assert again == (small_results.folder / MANIFEST).read_text(encoding="utf-8")


def test_a_file_has_a_line_for_each_row_and_reads_as_it_was_written(written, small_results):
    text = (small_results.folder / MANIFEST).read_text(encoding="utf-8")
    assert manifest_text(written) == text
    lines = [line for line in text.splitlines() if line.startswith('  {"of": ')]
    assert len(lines) == sum(each["n_rows"] for each in written["tables"] if has_numbers(each, written))
    assert len(text) < 100 * len(written["numbers"])


def has_numbers(table, manifest):
    return any(each["id"].startswith(f"{table['name']}[") for each in manifest["numbers"])


def test_nothing_of_the_machine_and_no_person_is_in_it(small_results, small_study_file):
    text = (small_results.folder / MANIFEST).read_text(encoding="utf-8")
    assert str(small_study_file.parent) not in text
    assert str(Path.home()) not in text
    assert os.uname().nodename not in json.dumps([line for line in text.split('"')])
    assert '"W02"' not in text
    assert "S1-P0" not in text


def test_the_main_numbers_are_few_and_are_about_wholes(small_study_file, small_results):
    main = make_manifest(read_study(small_study_file), scope=MAIN)
    ids = [each["id"] for each in main["numbers"]]
    assert 50 < len(ids) < 0.2 * len(make_manifest(read_study(small_study_file))["numbers"])
    assert main["figures"] == []
    assert any("estimand=index;" in one and one.endswith(".estimate") for one in ids)
    assert not [one for one in ids if ";group_by=" in one and ";group_by=all" not in one]


def harmed(path, **change):
    found = json.loads(path.read_text(encoding="utf-8")) | change
    return json.dumps({key: value for key, value in found.items() if value is not None})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"format_version": 1}, "format version 1; this peercompare"),
        ({"format": "something"}, "no manifest of a study"),
        ({"numbers": None}, "numbers is missing"),
        ({"numbers": [{"id": "estimates[group=all].estimate", "value": 1}]}, "numbers cannot be read"),
        ("{", "is no manifest"),
    ],
)
def test_what_is_no_manifest_of_ours_is_refused(small_results, tmp_path, content, words):
    text = content if isinstance(content, str) else harmed(small_results.folder / MANIFEST, **content)
    path = tmp_path / MANIFEST
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=words):
        read_manifest_file(path)


def test_an_absent_manifest_says_to_run_the_study(tmp_path):
    with pytest.raises(StudyError, match=r"peercompare run STUDY\.toml"):
        read_manifest_file(tmp_path / MANIFEST)


@pytest.mark.parametrize(
    ("results", "back"),
    [
        ("results", "../study.toml"),
        ("../results", "../notebooks/study.toml"),
        ("out/results", "../../study.toml"),
        ("./results", "../study.toml"),
    ],
)
def test_results_know_the_way_back_to_the_study_file(small_study_file, tmp_path, results, back):
    text = small_study_file.read_text(encoding="utf-8").replace(
        'results = "results"', f'results = "{results}"'
    )
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "study.toml"
    path.write_text(text, encoding="utf-8")
    study = read_study(path)
    assert study_file_from(study) == back
    assert (study.results / back).resolve() == path


def test_a_results_folder_elsewhere_on_the_machine_is_not_named(small_study_file, tmp_path):
    text = small_study_file.read_text(encoding="utf-8").replace('"results"', f'"{tmp_path}/results"', 1)
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert study_file_from(read_study(tmp_path / "study.toml")) == ""
