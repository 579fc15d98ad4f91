"""An error names the first five offenders, the total and the remedy."""

import pickle

import pytest

from peercompare.errors import CorpusError, InputError, PeercompareError, Problem


def faults(count):
    return [Problem(f"codings.csv, row {row}", "unknown code 'x/y'") for row in range(2, 2 + count)]


@pytest.mark.parametrize(("count", "shown", "rest"), [(1, 1, False), (5, 5, False), (8, 5, True)])
def test_five_offenders_are_named_and_the_total_given(count, shown, rest):
    text = str(InputError("codings.csv cannot be used", faults(count), remedy="use the codebook's codes"))
    assert text.count("unknown code") == shown
    assert ("... and 3 more (8 in all)" in text) == rest
    assert text.endswith("What to do: use the codebook's codes")


def test_every_fault_stays_on_the_error_after_pickling():
    error = pickle.loads(pickle.dumps(CorpusError("no", faults(7), remedy="mend")))
    assert isinstance(error, CorpusError)
    assert len(error.problems) == 7
    assert isinstance(error, PeercompareError)
    assert isinstance(error, ValueError)


def test_a_problem_prints_its_remedy_in_brackets():
    assert str(Problem("a.csv, row 2", "no id", "give one")) == "a.csv, row 2: no id (give one)"
