"""Stages run in order, once; what changed is run again; what was cut off is run again."""

import dataclasses
import errno
import multiprocessing
import os
import time

import pandas as pd
import pytest

from peercompare.errors import ConsentError, ReportError, StudyError
from peercompare.study import runner
from peercompare.study.runner import Stage, read_result_table, run_stages
from peercompare.study.settings import Settings


@dataclasses.dataclass
class PretendStudy:
    """A study with a results folder, settings and a fingerprint that a test can change."""

    results: object
    settings: Settings
    prints: dict

    def fingerprint(self, stage):
        return self.prints.get(stage, "")

    def whose_words(self):
        return {"c": ["a hash"]}

    def check(self):
        if "fault" in self.prints:
            raise StudyError(self.prints["fault"])


@pytest.fixture
def study(tmp_path):
    raw = {"study": {"title": "t", "as_of": "2024-06-30"}, "corpus": [{"path": "c"}]}
    return PretendStudy(tmp_path, Settings.model_validate(raw), {})


@pytest.fixture
def stages():
    def first(bench):
        bench.write_table(pd.DataFrame({"n": [3]}), "first")

    def second(bench):
        bench.write_table(bench.table("first") * 2, "second")

    def third(bench):
        bench.write_file("done", "third.txt")

    return (
        Stage("first", (), ("sample",), first),
        Stage("second", ("first",), (), second),
        Stage("third", ("second",), ("classifier",), third),
    )


def test_a_second_run_does_nothing(study, stages):
    assert run_stages(study, stages) == ["first", "second", "third"]
    assert run_stages(study, stages) == []
    assert read_result_table(study.results, "second")["n"].tolist() == [6]


def test_a_changed_setting_runs_its_stage_and_all_that_need_it(study, stages):
    run_stages(study, stages)
    changed = study.settings.model_copy(
        update={"classifier": study.settings.classifier.model_copy(update={"n_folds": 7})}
    )
    assert run_stages(dataclasses.replace(study, settings=changed), stages) == ["third"]
    sampled = changed.model_copy(update={"sample": changed.sample.model_copy(update={"share": 0.5})})
    assert run_stages(dataclasses.replace(study, settings=sampled), stages) == ["first", "second", "third"]


def test_a_changed_input_runs_what_depends_on_it(study, stages):
    run_stages(study, stages)
    study.prints["second"] = "other bytes"
    assert run_stages(study, stages) == ["second", "third"]


@pytest.mark.parametrize("harm", ["unlink", "edit"])
def test_a_lost_or_edited_output_is_made_again(study, stages, harm):
    run_stages(study, stages)
    path = study.results / "tables" / "second.parquet"
    path.unlink() if harm == "unlink" else path.write_bytes(b"other")
    assert run_stages(study, stages) == ["second"]
    assert read_result_table(study.results, "second")["n"].tolist() == [6]


def test_a_stage_that_was_cut_off_is_run_again(study, stages):
    def cut_off(bench):
        bench.write_file("half", "half.txt")
        raise KeyboardInterrupt

    broken = (stages[0], dataclasses.replace(stages[1], work=cut_off), stages[2])
    with pytest.raises(KeyboardInterrupt):
        run_stages(study, broken)
    assert run_stages(study, stages) == ["second", "third"]


def test_where_a_stage_that_none_needs_fails_the_others_are_run_first_and_its_files_are_known(study, stages):
    def page_and_fault(bench):
        bench.write_file("half", "half.txt")
        raise ReportError("a cell failed")

    broken = (stages[0], Stage("shown", ("first",), (), page_and_fault), *stages[1:])
    told = []
    with pytest.raises(ReportError, match="a cell failed"):
        run_stages(study, broken, tell=told.append)
    assert "shown: a cell failed" in told
    assert (study.results / "third.txt").read_text() == "done"
    stamp = runner.read_stamp(study.results, "shown")
    assert (stamp["key"], list(stamp["files"])) == (None, ["half.txt"])
    mended = dataclasses.replace(broken[1], work=lambda bench: bench.write_file("whole", "whole.txt"))
    assert run_stages(study, (stages[0], mended, *stages[1:])) == ["shown"]
    assert not (study.results / "half.txt").exists()


def test_where_a_stage_fails_that_others_need_none_is_run_after_it(study, stages):
    def fail(bench):
        raise ReportError("a cell failed")

    with pytest.raises(ReportError, match="a cell failed"):
        run_stages(study, (stages[0], dataclasses.replace(stages[1], work=fail), stages[2]))
    assert not (study.results / "third.txt").exists()


def test_a_file_that_a_new_run_no_longer_makes_is_removed(study, stages):
    many = dataclasses.replace(
        stages[0], work=lambda bench: [bench.write_file("x", f"{i}.txt") for i in range(3)]
    )
    few = dataclasses.replace(stages[0], work=lambda bench: bench.write_file("x", "0.txt"))
    run_stages(study, (many,))
    study.prints["first"] = "fewer people agreed"
    run_stages(study, (few,))
    assert sorted(p.name for p in study.results.glob("*.txt")) == ["0.txt"]


def test_until_stops_after_a_stage_and_an_unknown_one_is_refused(study, stages):
    assert run_stages(study, stages, until="second") == ["first", "second"]
    with pytest.raises(StudyError, match="the stages are first, second, third"):
        run_stages(study, stages, until="secnod")


def test_changed_code_makes_every_stage_run_again(study, stages, monkeypatch):
    run_stages(study, stages)
    monkeypatch.setattr(runner, "_code_hash", lambda: "other code")
    assert run_stages(study, stages) == ["first", "second", "third"]


def test_a_stamp_says_whose_words_its_stage_read_even_where_the_stage_was_cut_off(study, stages):
    def fails(bench):
        bench.write_file("half", "third.txt")
        raise OSError("disk full")

    run_stages(study, stages, until="second")
    assert runner.read_stamp(study.results, "first")["whose"] == {"c": ["a hash"]}
    with pytest.raises(OSError, match="disk full"):
        run_stages(study, (*stages[:2], dataclasses.replace(stages[2], work=fails)))
    stamp = runner.read_stamp(study.results, "third")
    assert (stamp["key"], stamp["whose"]) == (None, {"c": ["a hash"]})
    assert run_stages(study, stages) == ["third"]


def full_after(n_files, monkeypatch):
    """Let the disk take some files more, then nothing."""
    left = [n_files]

    def write(descriptor, mode):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return fdopen(descriptor, mode)

    fdopen = os.fdopen
    monkeypatch.setattr("os.fdopen", write)


@pytest.mark.parametrize("n_files", range(8))
def test_a_disk_that_fills_half_way_leaves_every_earlier_result_whole(study, stages, monkeypatch, n_files):
    run_stages(study, stages)
    study.prints["first"] = "other bytes"
    before = {path: path.read_bytes() for path in study.results.rglob("*.csv")}
    with monkeypatch.context() as patch:
        full_after(n_files, patch)
        with pytest.raises(OSError, match=r"No space left on device: '.+'") as caught:
            run_stages(study, stages)
    assert caught.value.errno == errno.ENOSPC
    assert {path: path.read_bytes() for path in study.results.rglob("*.csv")} == before
    assert not list(study.results.rglob("*.part"))
    assert run_stages(study, stages)[-1] == "third"


def test_results_in_a_folder_that_nobody_may_write_into_stay_and_the_file_is_named(
    study, stages, monkeypatch
):
    run_stages(study, stages)
    study.prints["first"] = "other bytes"
    before = {path: path.read_bytes() for path in study.results.rglob("*") if path.is_file()}

    def read_only(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkstemp", read_only)
        with pytest.raises(PermissionError, match=r"Permission denied: '.*first\.json'"):
            run_stages(study, stages)
    assert {path: path.read_bytes() for path in study.results.rglob("*") if path.is_file()} == before
    assert runner.unfinished(study, stages, before="third") == ["first", "second"]


@pytest.mark.parametrize("n_files", range(1, 4))
def test_what_no_stamp_could_name_on_a_full_disk_is_removed(study, stages, monkeypatch, n_files):
    with monkeypatch.context() as patch:
        full_after(n_files, patch)
        with pytest.raises(OSError, match="No space left"):
            run_stages(study, stages)
    assert not list(study.results.rglob("first.*[tv]"))


@pytest.mark.parametrize("part", ["code", "versions"])
def test_where_the_program_alone_changed_whoever_needs_results_is_told_so(study, stages, monkeypatch, part):
    study.path = study.results / "study.toml"
    run_stages(study, stages)
    runner.need_results(study, stages, before="third")
    other = {**runner._program(), part: "another"}
    monkeypatch.setattr(runner, "_program", lambda: other)
    with pytest.raises(StudyError, match="made by another version of peercompare or of a library"):
        runner.need_results(study, stages, before="third")
    study.prints["first"] = "other bytes"
    with pytest.raises(StudyError, match="absent or out of date: first, second") as caught:
        runner.need_results(study, stages, before="third")
    assert f"peercompare run {study.path}" in str(caught.value)


def test_results_are_not_read_nor_made_while_a_withdrawal_is_unfinished(study, stages):
    run_stages(study, stages)
    (study.results / runner.PENDING).write_text("{}")
    with pytest.raises(ConsentError, match="is not finished"):
        read_result_table(study.results, "first")
    with pytest.raises(ConsentError, match=r"consent withdraw \.\.\. --apply"):
        run_stages(study, stages)


def test_a_stage_is_not_run_where_its_input_changed_since_the_run_began(study, stages):
    def changes(bench):
        bench.write_table(pd.DataFrame({"n": [3]}), "first")
        study.prints["second"] = "other bytes"

    with pytest.raises(StudyError, match="changed while the study ran"):
        run_stages(study, (dataclasses.replace(stages[0], work=changes), *stages[1:]))
    assert not (study.results / "tables" / "second.csv").exists()


def test_a_damaged_stamp_counts_as_none(study, stages):
    run_stages(study, stages)
    (study.results / ".stages" / "first.json").write_text("{")
    assert run_stages(study, stages) == ["first"]


def test_a_table_keeps_its_column_types_between_stages(study):
    table = pd.DataFrame(
        {"reason": ["", ""], "lower": [0.5, None], "date": pd.to_datetime(["2024-01-02"] * 2)}
    )
    runner.Bench(study).write_table(table, "t")
    pd.testing.assert_frame_equal(read_result_table(study.results, "t"), table)
    assert (study.results / "tables" / "t.csv").read_text().splitlines()[1] == ",0.5,2024-01-02"


def run_as_told(folder, queue, seconds):
    """Run one slow stage in a process of its own and say whether it was run."""
    raw = {"study": {"title": "t", "as_of": "2024-06-30"}, "corpus": [{"path": "c"}]}

    def slow(bench):
        time.sleep(seconds)
        bench.write_file("done", "slow.txt")

    study = PretendStudy(folder, Settings.model_validate(raw), {})
    queue.put(run_stages(study, (Stage("slow", (), (), slow),)))


def test_two_processes_do_not_run_a_stage_twice(tmp_path):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=run_as_told, args=(tmp_path, queue, 1.0)) for _ in range(2)]
    for worker in workers:
        worker.start()
    ran = [queue.get(timeout=30) for _ in workers]
    for worker in workers:
        worker.join()
    assert sorted(ran) == [[], ["slow"]]


def test_faults_of_the_input_are_told_before_anything_is_written(study, stages):
    study.prints["fault"] = "the corpus cannot be opened"
    with pytest.raises(StudyError, match="cannot be opened"):
        run_stages(study, stages)
    assert list(study.results.iterdir()) == []
