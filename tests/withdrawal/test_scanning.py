"""A folder is looked through whole, hidden files and names of files too."""

import gzip

import pytest

from peercompare.errors import InputError
from peercompare.withdrawal import scan


def test_each_file_with_a_term_is_named_with_the_terms(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".hidden").write_bytes(b"The zebra sleeps.")
    (tmp_path / "my_zebra.png").write_bytes(b"nothing")
    (tmp_path / "other.txt").write_bytes(b"zebras sleep")
    hits = {hit.path.name: set(hit.terms) for hit in scan(tmp_path, {"zebra", "zebra sleeps", "the owl"})}
    assert hits == {".hidden": {"zebra", "zebra sleeps"}, "my_zebra.png": {"zebra"}}


def test_a_hit_does_not_show_the_words(tmp_path):
    (tmp_path / "f.txt").write_text("zebra")
    (hit,) = scan(tmp_path, {"zebra"})
    assert "zebra" not in repr(hit)


def test_nothing_at_the_path_is_an_error(tmp_path):
    with pytest.raises(InputError, match="nothing at"):
        scan(tmp_path / "nowhere", {"zebra"})


def test_a_file_that_cannot_be_taken_apart_is_an_error_and_no_clean_bill(tmp_path):
    data = b"x"
    for _ in range(12):
        data = gzip.compress(data)
    (tmp_path / "f.gz").write_bytes(data)
    with pytest.raises(InputError, match="cannot be looked through"):
        scan(tmp_path, {"zebra"})
