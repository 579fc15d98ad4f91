"""A bag holds a hash of every file, and tells which file is not as it was packed."""

import shutil

import pytest

from peercompare.errors import StudyError
from peercompare.packing.bag import bagged, check_bag

PAYLOAD = {"a.txt": b"one", "b/c d%.csv": b"x\n1\n"}


@pytest.fixture
def bag(tmp_path):
    folder = tmp_path / "bag"
    for name, data in bagged(PAYLOAD, {"External-Description": "a bag"}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_bag_is_as_the_rfc_says(bag):
    assert (bag / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert (bag / "bag-info.txt").read_text() == "External-Description: a bag\nPayload-Oxum: 7.2\n"
    lines = (bag / "manifest-sha256.txt").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == ["data/a.txt", "data/b/c d%25.csv"]
    assert (bag / "data" / "b" / "c d%.csv").read_bytes() == b"x\n1\n"
    check_bag(bag)


def test_the_same_payload_gives_the_same_bag():
    again = dict(reversed(PAYLOAD.items()))
    assert bagged(PAYLOAD, {"x": "y"}) == bagged(again, {"x": "y"})


def change(bag):
    (bag / "data" / "a.txt").write_bytes(b"onf")


def change_tag(bag):
    (bag / "bag-info.txt").write_text("other\n")


def lose(bag):
    (bag / "data" / "a.txt").unlink()


def add(bag):
    (bag / "data" / "b" / "new.txt").write_text("x")


def climb(bag):
    (bag.parent / "secret").write_text("x")
    with (bag / "manifest-sha256.txt").open("a") as stream:
        stream.write(f"{'0' * 64}  data/../../secret\n")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (change, "data/a.txt: the file was changed"),
        (change_tag, "bag-info.txt: the file was changed"),
        (lose, "data/a.txt: the file is absent"),
        (add, "data/b/new.txt: the file was not packed"),
        (climb, "data/../../secret: the path leads out of the package"),
        (lambda bag: shutil.rmtree(bag / "data"), "data/a.txt: the file is absent"),
        (lambda bag: (bag / "bagit.txt").unlink(), "is no replication package"),
    ],
)
def test_every_file_that_is_not_as_it_was_packed_is_named(bag, harm, words):
    harm(bag)
    with pytest.raises(StudyError) as refused:
        check_bag(bag)
    assert words in str(refused.value)
