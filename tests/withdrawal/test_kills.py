"""A withdrawal killed at any moment: as it was or as it should be, and the same command finishes.

Every trial is a real process that gets SIGKILL. Most are forked from this one, where the libraries are loaded
already, so that the moments are spread over the command's own life and not over its imports.
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from peercompare.cli import main
from peercompare.corpus import open_corpus
from peercompare.corpus.person_keys import keyed_hash, person_key
from peercompare.errors import ConsentError
from peercompare.safekeeping.journal import JOURNAL, STAGE
from peercompare.study.runner import PENDING, read_result_table

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")

PERSON = "W02"
FILES = ["tables/estimates.csv", "working/predictions.csv", "models/stance.txt", "report.html"]


@pytest.fixture(scope="module")
def start(few_sessions, tmp_path_factory):
    """A folder with a corpus and with results that used it."""
    folder = tmp_path_factory.mktemp("start")
    shutil.copytree(few_sessions, folder / "sessions")
    results = folder / "results"
    for name in FILES:
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text(f"made of their words: {name}")
    (results / ".stages").mkdir()
    key = person_key(folder / "sessions", "session_transcripts", composed=True)
    stamp = {
        "key": "k",
        "files": {name: hashlib.sha256((results / name).read_bytes()).hexdigest() for name in FILES},
        "whose": {"session_transcripts": [keyed_hash(key, PERSON, composed=True)]},
    }
    (results / ".stages" / "report.json").write_text(json.dumps(stamp))
    return folder


def words_for(folder, person=PERSON):
    corpus, results = str(folder / "sessions"), str(folder / "results")
    return ["consent", "withdraw", person, "--corpus", corpus, "--study", results, "--apply"]


@pytest.fixture(scope="module")
def states(start, tmp_path_factory, contents_of):
    """Contents before and after, of the corpus and of the results, and how long the command takes."""
    folder = tmp_path_factory.mktemp("after") / "whole"
    shutil.copytree(start, folder)
    main(words_for(folder))  # once to load what is imported late
    seconds = []
    for number in range(3):
        trial = shutil.copytree(start, folder.parent / str(number))
        began = time.monotonic()
        assert ended(forked(words_for(trial))) == 0
        seconds.append(time.monotonic() - began)
    before = contents_of(start / "sessions"), contents_of(start / "results")
    after = contents_of(folder / "sessions"), contents_of(folder / "results")
    assert before[0] != after[0]
    assert set(after[1]) == {"removed.json"}
    return before, after, sorted(seconds)[1]


def forked(words, *, largest_file=None):
    """Start the command in a process of its own and return its id."""
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        status = main(words)
    finally:
        os._exit(status)


def ended(child):
    """Wait for a process and return its exit status, negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_after(child, seconds):
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return ended(child)


def wait_for_stage(folder, child):
    """Wait until the change of the corpus begins, or the process has ended."""
    stage = folder / "sessions" / STAGE
    while not stage.exists():
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return


def moment_of(folder):
    """Say where in its life the process was killed, by what it left behind."""
    stage, marker = folder / "sessions" / STAGE, folder / "results" / PENDING
    if (stage / JOURNAL).exists():
        return "between decision and end of the corpus's change"
    if stage.exists():
        return "while the corpus's change was prepared"
    if (folder / "sessions" / "removals.csv").exists():
        if marker.exists():
            return "after the corpus's change, results half removed"
        return "after everything was done"
    return "before, results marked" if marker.exists() else "before anything"


def check_trial(folder, states, contents_of):
    """As it was or as it should be, results whole or refused; then the command finishes what is left."""
    before, after, _ = states
    open_corpus(folder / "sessions", as_of="2024-06-30")
    corpus, results = contents_of(folder / "sessions"), contents_of(folder / "results")
    assert corpus in (before[0], after[0])
    if (folder / "results" / PENDING).exists():
        with pytest.raises(ConsentError, match="not finished"):
            read_result_table(folder / "results", "estimates")
    else:
        whole = {name: data for name, data in results.items() if not name.endswith(".part")}
        assert whole in (before[1], after[1])
        assert corpus == after[0] or whole == before[1]
    assert main(words_for(folder)) == 0
    assert contents_of(folder / "sessions") == after[0]
    assert contents_of(folder / "results") == after[1]


def trials(n, start, states, tmp_path, contents_of):
    """Kill n processes: half spread over the command's life, half over the change of the corpus.

    A process that ended before its signal is no kill; it shows that life is shorter than was thought.
    """
    counts, spans = Counter(), [states[2], states[2] / 10]
    number = 0
    while sum(counts.values()) < n:
        folder = shutil.copytree(start, tmp_path / str(number))
        done, late = sum(counts.values()), number % 2
        child = forked(words_for(folder))
        if late:
            wait_for_stage(folder, child)
        status = kill_after(child, spans[late] * done / n)
        if status == -signal.SIGKILL:
            counts[moment_of(folder)] += 1
        else:
            assert status == 0
            spans[late] *= 0.9
        check_trial(folder, states, contents_of)
        shutil.rmtree(folder)
        number += 1
    return counts


def test_a_killed_withdrawal_is_done_or_not_begun(start, states, tmp_path, contents_of, capsys):
    counts = trials(10, start, states, tmp_path, contents_of)
    with capsys.disabled():
        sys.stdout.write(f"\n10 kills: {dict(counts)}\n")
    assert sum(counts.values()) == 10


@pytest.mark.slow
def test_two_hundred_killed_withdrawals_are_done_or_not_begun(start, states, tmp_path, contents_of, capsys):
    counts = trials(190, start, states, tmp_path, contents_of)
    for number in range(10):
        folder = shutil.copytree(start, tmp_path / f"fresh{number}")
        process = subprocess.Popen(
            [sys.executable, "-m", "peercompare.cli", *words_for(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_stage(folder, process.pid)
        time.sleep(number * 0.001)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        counts[moment_of(folder)] += 1
        check_trial(folder, states, contents_of)
    with capsys.disabled():
        sys.stdout.write(f"\n200 kills: {dict(counts)}\n")
    assert sum(counts.values()) == 200
    assert len(counts) >= 4


def test_two_withdrawals_at_once_are_both_carried_out(start, tmp_path, contents_of):
    together, one_by_one = (shutil.copytree(start, tmp_path / name) for name in ("together", "apart"))
    children = [forked(words_for(together, person)) for person in (PERSON, "C01")]
    assert [ended(child) for child in children] == [0, 0]
    for person in (PERSON, "C01"):
        assert main(words_for(one_by_one, person)) == 0
    both, apart = contents_of(together / "sessions"), contents_of(one_by_one / "sessions")
    numbered = ("removals.csv", "corpus.toml")  # who comes first is numbered first
    assert {n: d for n, d in both.items() if n not in numbered} == {
        n: d for n, d in apart.items() if n not in numbered
    }
    assert len(both["removals.csv"].splitlines()) == len(apart["removals.csv"].splitlines())
    open_corpus(together / "sessions", as_of="2024-06-30", policy="redact")


def test_the_same_withdrawal_twice_at_once_is_carried_out_once(start, states, tmp_path, contents_of):
    folder = shutil.copytree(start, tmp_path / "same")
    children = [forked(words_for(folder)) for _ in range(2)]
    assert [ended(child) for child in children] == [0, 0]
    assert contents_of(folder / "sessions") == states[1][0]
    assert contents_of(folder / "results") == states[1][1]


@pytest.mark.parametrize("largest_file", [0, 300, 1_000, 3_000])
def test_a_full_disk_changes_nothing_in_the_corpus_and_the_command_goes_on(
    largest_file, start, states, tmp_path, contents_of
):
    folder = shutil.copytree(start, tmp_path / "full")
    assert ended(forked(words_for(folder), largest_file=largest_file)) in (1, 2)
    assert contents_of(folder / "sessions") == states[0][0]
    check_trial(folder, states, contents_of)
