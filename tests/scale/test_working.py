import errno
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from peercompare.errors import InputError, Problem, UndefinedError
from peercompare.scale.working import FULL, Outcome, facts_here, work

WORDS = "she told me of the river"


@dataclass(frozen=True)
class Raising:
    """A job that fails with somebody's words at hand."""

    error: Exception
    where: str = "a.jsonl, lines 1 to 9"
    model: Path | None = None

    def run(self):
        raise self.error


@dataclass(frozen=True)
class Counting:
    model: Path | None
    where: str = "b"

    def run(self):
        return 7


@pytest.mark.parametrize(
    "error",
    [ValueError(WORDS), json.JSONDecodeError("cut", WORDS, 3), KeyError(WORDS), RecursionError(WORDS)],
)
def test_what_nobody_expected_is_told_by_its_kind_and_line_and_never_in_its_words(error):
    outcome = work(Raising(error), facts_here(None))
    (problem,) = outcome.problems
    assert problem.where == "a.jsonl, lines 1 to 9"
    assert problem.what.startswith(f"{type(error).__name__} in test_working.py, line ")
    assert WORDS not in repr(outcome)


def test_what_we_refuse_is_told_as_on_one_machine():
    told = Problem("a.jsonl, line 3", "text is missing")
    expected = facts_here(None)
    assert work(Raising(InputError("no", [told])), expected).problems == (told,)
    bare = work(Raising(InputError("no consent", remedy="ask")), expected)
    assert bare.problems == (Problem("a.jsonl, lines 1 to 9", "no consent", "ask"),)
    assert work(Raising(UndefinedError("nothing")), expected).problems[0].what == "nothing"
    assert work(Raising(OSError(errno.ENOSPC, WORDS)), expected).problems[0].what == FULL


def test_a_job_is_done_by_a_worker_that_is_like_us_alone(tmp_path):
    model = tmp_path / "model.skops"
    model.write_bytes(b"one")
    expected = facts_here(model)
    assert work(Counting(model), expected) == Outcome(7)
    model.write_bytes(b"another")
    assert "another model in that file" in work(Counting(model), expected).unlike
    model.unlink()
    assert "does not see" in work(Counting(model), expected).unlike
    other = work(Counting(None), facts_here(None)._replace(code="other"))
    assert (other.value, other.unlike.endswith("with other code")) == (None, True)
