"""A second look counts and never quotes."""

from peercompare.deidentify import remaining
from tests.deidentify.conftest import DAY


def test_what_is_left_is_counted_by_kind(named, finder):
    table = remaining(named, finder, as_of=DAY).set_index("kind")
    assert table.loc["name", ["n_hits", "n_documents", "n_cells"]].tolist() == [6, 1, 2]
    assert table.loc["phone", ["n_hits", "n_documents", "n_cells"]].tolist() == [1, 1, 0]
    assert table.loc["email", "n_hits"] == 0


def test_no_word_of_anybody_is_shown(named, finder):
    shown = remaining(named, finder, as_of=DAY).to_string()
    assert not any(name in shown for name in ("Maria", "Lopez", "José", "413"))


def test_a_kind_that_is_not_looked_for_has_no_row(named, finder):
    assert "photo" not in remaining(named, finder, as_of=DAY)["kind"].tolist()
