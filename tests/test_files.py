"""Files are written whole or not at all."""

import errno
import os

import pandas as pd
import pytest

from peercompare.errors import InputError
from peercompare.files import make_private, refuse_to_overwrite, sha256_of, write_atomically, write_table


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = write_atomically(tmp_path / "kept.txt", "old")

    def full_disk(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["os.fsync", "tempfile.mkstemp", "os.replace"])
def test_a_full_disk_names_the_file_that_did_not_fit(tmp_path, monkeypatch, step):
    path = write_atomically(tmp_path / "kept.txt", "old")

    def full_disk(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(step, full_disk)
    with pytest.raises(OSError, match=r"No space left on device: '.*kept\.txt'") as caught:
        write_atomically(path, "new")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_newlines_are_written_as_they_are(tmp_path):
    assert write_atomically(tmp_path / "a.txt", "one\r\ntwo\n").read_bytes() == b"one\r\ntwo\n"


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_private_file_is_its_owners_alone_and_another_is_as_the_mask_says(tmp_path):
    old = os.umask(0o022)
    try:
        write_atomically(tmp_path / "open", "x")
        write_atomically(tmp_path / "private", "x", private=True)
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv", private=True)
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.parquet", private=True)
    finally:
        os.umask(old)
    modes = {path.name: mode(path) for path in tmp_path.iterdir()}
    assert modes == {"open": 0o644, "private": 0o600, "t.csv": 0o600, "t.parquet": 0o600}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_is_made_private_with_all_that_is_in_it_and_nothing_behind_links(tmp_path):
    outside = write_atomically(tmp_path / "outside", "x")
    outside.chmod(0o644)
    folder = write_atomically(tmp_path / "corpus" / "texts" / "a.txt", "x").parents[1]
    (folder / "link").symlink_to(outside)
    make_private(folder)
    found = [mode(folder), mode(folder / "texts"), mode(folder / "texts" / "a.txt"), mode(outside)]
    assert found == [0o700, 0o700, 0o600, 0o644]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_comes_back_as_it_went(tmp_path, ending):
    table = pd.DataFrame({"segment_id": ["a", "b", "c"], "peer": [0.25, 0.5, 1.0]})
    path = write_table(table, tmp_path / f"t.{ending}")
    read = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path)
    pd.testing.assert_frame_equal(read, table)


def test_a_table_with_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"ends in \.csv or in \.parquet"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.xls")
    assert not list(tmp_path.iterdir())


def test_what_a_person_made_is_not_overwritten(tmp_path):
    path = write_atomically(tmp_path / "mine.csv", "x")
    with pytest.raises(InputError, match="exists already; nothing was written"):
        refuse_to_overwrite(path)
    refuse_to_overwrite(path, force=True)
    refuse_to_overwrite(tmp_path / "new.csv")


def test_the_hash_is_of_the_bytes(tmp_path):
    path = write_atomically(tmp_path / "empty", b"")
    assert sha256_of(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
