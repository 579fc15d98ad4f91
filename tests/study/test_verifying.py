"""Results are verified by running the study again; one number moved is found, and nothing is changed."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from canaries import AS_OF, write_corpus

from peercompare import files
from peercompare.cli import main
from peercompare.errors import ConsentError, StudyError
from peercompare.study import read_study, run_study, stages
from peercompare.study.manifest import MANIFEST, manifest_text, read_manifest_file
from peercompare.study.runner import PENDING, Stage
from peercompare.study.verifying import changed_files, find_study, verify

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
STUDY = f"""
[study]
title = "A study that is soon done"
as_of = {AS_OF}
notebooks = ""

[[corpus]]
path = "corpus"
"""


def count(bench):
    """Write a table with a number that depends on the corpus."""
    (corpus,) = bench.study.open_corpora().values()
    sizes = corpus.segments.groupby("document_id").size().rename("n_segments").reset_index()
    bench.write_table(sizes.assign(corpus=corpus.name, share=sizes["n_segments"] / 7), "sizes")
    bench.write_table(pd.DataFrame({"document_id": sizes["document_id"], "finding": "present"}), "findings")


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of a tiny corpus with one cheap stage and its manifest, run."""
    last = next(stage for stage in stages.STAGES if stage.name == "manifest")
    cheap = Stage("manifest", ("counts",), ("study", "corpus"), last.work)
    monkeypatch.setattr(stages, "STAGES", (Stage("counts", (), ("study",), count), cheap))
    write_corpus(tmp_path / "corpus", CODES)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    run_study(tmp_path / "study.toml")
    return tmp_path


def kept(folder):
    return {path: path.read_bytes() for path in sorted((folder / "results").rglob("*")) if path.is_file()}


def perturbed(folder, change):
    """Write a copy of the manifest in which something is otherwise."""
    found = read_manifest_file(folder / "results" / MANIFEST)
    change(found)
    path = folder / "other.json"
    path.write_text(manifest_text(found), encoding="utf-8")
    return path


def run(capsys, *words):
    status = main(["verify", *map(str, words)])
    return status, capsys.readouterr()


def test_results_as_they_were_are_accepted_and_left_alone(study, capsys):
    before = kept(study)
    status, said = run(capsys, study / "results")
    assert status == 0
    assert "32 numbers compared: all within their tolerances." in said.out
    assert kept(study) == before
    assert sorted(path.name for path in study.iterdir()) == ["corpus", "results", "study.toml"]


def test_one_number_moved_farther_than_it_may_fails_with_old_new_and_tolerance(study, capsys):
    def nudge(found):
        found["numbers"][-1]["value"] += 1e-3

    status, said = run(capsys, study / "results", "--against", perturbed(study, nudge))
    assert status == 1
    header, row, last = said.out.splitlines()
    assert header.split() == ["old", "new", "tolerance", "number"]
    old, new, tolerance, name = row.split()
    assert float(old) - float(new) == pytest.approx(1e-3, rel=1e-4)
    assert float(tolerance) == pytest.approx(1e-6, rel=0.2)
    assert name == "sizes[corpus=canaries;document_id=D82].share"
    assert last == "32 numbers compared: 1 differences."


def test_a_move_within_the_tolerance_passes(study):
    def nudge(found):
        found["numbers"][-1]["value"] += 1e-8

    assert verify(study / "results", against=perturbed(study, nudge)).accepted


def test_missing_and_extra_ids_fail_and_are_named(study, capsys):
    def rename(found):
        found["numbers"][0]["id"] = "sizes[corpus=canaries;document_id=D99].n_segments"

    status, said = run(capsys, study / "results", "--against", perturbed(study, rename), "--json")
    found = json.loads(said.out)
    assert status == found["status"] == 1
    assert [(each["kind"], each["id"]) for each in found["differences"]] == [
        ("missing", "sizes[corpus=canaries;document_id=D99].n_segments"),
        ("extra", "sizes[corpus=canaries;document_id=D11].n_segments"),
    ]


def test_an_edited_table_is_found_before_anything_is_run(study, capsys):
    path = study / "results" / "tables" / "sizes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("6,", "7,", 1), encoding="utf-8")
    status, said = run(capsys, study / "results")
    assert status == 1
    assert "file tables/sizes.csv" in said.out


def test_lost_and_added_tables_are_named(study):
    tables = study / "results" / "tables"
    (tables / "findings.csv").rename(tables / "more.csv")
    (tables / "findings.parquet").rename(tables / "more.parquet")
    manifest = json.loads((study / "results" / MANIFEST).read_text(encoding="utf-8"))
    found = [(each.id, each.kind) for each in changed_files(study / "results", manifest)]
    assert found == [("file tables/more.csv", "extra"), ("file tables/findings.csv", "missing")]


def test_a_changed_corpus_shows_in_the_numbers(study, capsys):
    for name in ("W3", "P3"):
        consents = pd.read_csv(study / "corpus" / "consents.csv", dtype="str", keep_default_na=False)
        consents.loc[consents["person_id"] == name, "withdrawn_on"] = "2022-01-01"
        consents.to_csv(study / "corpus" / "consents.csv", index=False)
    status, said = run(capsys, study / "results")
    assert status == 1
    assert "missing  sizes[corpus=canaries;document_id=D31].share" in said.out
    assert "1 inputs are not the same files: canaries/consents.csv" in said.out


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_cannot_be_run_is_told_apart_from_what_differs(study, capsys, form):
    (study / "corpus" / "texts" / "D11.txt").unlink()
    status, said = run(capsys, study / "results", *form)
    assert status == 2
    assert "texts/D11.txt" in said.err
    assert not form or json.loads(said.out)["status"] == 2


def test_a_manifest_of_another_format_version_cannot_be_verified(study, capsys):
    status, said = run(
        capsys, study / "results", "--against", perturbed(study, lambda m: m.update(format_version=9))
    )
    assert status == 2
    assert "format version 9" in said.err


def test_results_that_do_not_know_their_study_ask_for_it(study, capsys):
    (study / "study.toml").rename(study / "moved.toml")
    status, said = run(capsys, study / "results")
    assert status == 2
    assert "--study STUDY.toml" in said.err
    assert run(capsys, study / "results", "--study", study / "moved.toml")[0] == 0


def test_a_study_file_stands_for_its_results(study):
    folder, found = find_study(study / "study.toml")
    assert (folder, found.path) == (study / "results", study / "study.toml")


def test_results_in_which_a_withdrawal_is_unfinished_are_not_verified(study):
    (study / "results" / PENDING).write_text("{}", encoding="utf-8")
    with pytest.raises(ConsentError, match="is not finished"):
        verify(study / "results")


def test_main_numbers_are_written_to_be_kept_and_replaced_on_demand_alone(study, capsys):
    kept_at = study / "kept.json"
    assert run(capsys, study / "results", "--write", kept_at)[0] == 0
    assert json.loads(kept_at.read_text(encoding="utf-8"))["scope"] == "main"
    assert run(capsys, study / "results", "--write", kept_at)[0] == 2
    assert run(capsys, study / "results", "--write", kept_at, "--force")[0] == 0
    assert verify(study / "results", against=kept_at).accepted


def agreed_later(study):
    """Change a record of consent, so that every stage is out of date."""
    consents = study / "corpus" / "consents.csv"
    text = consents.read_text(encoding="utf-8")
    consents.write_text(text.replace("P3,analysis ", "P3,"), encoding="utf-8")


def test_a_results_folder_that_cannot_be_written_stays_as_it_was(study, monkeypatch, capsys):
    def read_only(*_, **__):
        raise PermissionError(13, "Permission denied")

    before = kept(study)
    agreed_later(study)
    with monkeypatch.context() as patch:
        patch.setattr(files.tempfile, "mkstemp", read_only)
        assert main(["run", str(study / "study.toml")]) == 2
    assert "Permission denied" in capsys.readouterr().err
    assert kept(study) == before | {study / "results" / ".stages" / "counts.lock": b""}


def test_a_disk_that_fills_half_way_leaves_whole_files_and_the_earlier_manifest(study, monkeypatch):
    before = kept(study)
    agreed_later(study)
    n_written = 0

    def full(descriptor):
        nonlocal n_written
        n_written += 1
        if n_written > 2:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        assert main(["run", str(study / "study.toml")]) == 2
    after = kept(study)
    assert after[study / "results" / MANIFEST] == before[study / "results" / MANIFEST]
    assert not [path for path in after if path.name.endswith(".part")]
    lines = [data.count(b"\n") for path, data in after.items() if path.name == "sizes.csv"]
    assert lines == [15]
    assert main(["run", str(study / "study.toml")]) == 0
    assert verify(study / "results").accepted


def test_the_scope_of_the_earlier_manifest_says_how_far_the_study_is_run(study):
    told = []
    verify(study / "results", tell=told.append)
    assert told == ["counts ..."]


@pytest.fixture
def longer(study, monkeypatch):
    """The same study with a stage more, which nothing can run again."""
    first, last = stages.STAGES
    once = []

    def doubled(bench):
        assert not once, "this stage is not run again"
        once.append(True)
        bench.write_table(bench.table("sizes")[["share"]] * 2, "doubled")

    later = Stage("later", ("counts",), (), doubled)
    monkeypatch.setattr(stages, "STAGES", (first, later, replace(last, needs=("later",))))
    run_study(study / "study.toml")
    return study


def test_what_the_first_stages_make_can_be_verified_alone_and_the_rest_is_counted(longer, capsys):
    whole = read_manifest_file(longer / "results" / MANIFEST)
    status, said = run(capsys, longer / "results", "--until", "counts")
    assert status == 0
    n_left = sum(each["id"].startswith("doubled[") for each in whole["numbers"])
    assert n_left
    assert f"Not run again: stages after counts ({n_left} numbers)" in said.out
    assert f"{len(whole['numbers']) - n_left} numbers compared" in said.out


def test_a_number_of_the_first_stages_that_moved_is_found_and_one_of_a_later_stage_is_not_asked(
    longer, capsys
):
    def later(found):
        next(each for each in found["numbers"] if each["id"].startswith("doubled["))["value"] += 1

    assert (
        run(capsys, longer / "study.toml", "--until", "counts", "--against", perturbed(longer, later))[0] == 0
    )

    def first(found):
        next(each for each in found["numbers"] if each["id"].startswith("sizes["))["value"] += 1

    status, said = run(
        capsys, longer / "study.toml", "--until", "counts", "--against", perturbed(longer, first)
    )
    assert status == 1
    assert "1 differences" in said.out


def test_an_unknown_stage_to_stop_at_is_named_with_those_there_are(study, capsys):
    status, said = run(capsys, study / "results", "--until", "cuonts")
    assert status == 2
    assert "the stages are counts" in said.err


def test_a_study_without_results_says_to_run_it(study):
    (study / "results" / MANIFEST).unlink()
    with pytest.raises(StudyError, match="run the study first"):
        verify(study / "study.toml")
    assert read_study(study / "study.toml").results.is_dir()
