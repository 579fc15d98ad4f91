"""Files that say what to look for."""

import pytest

from peercompare.deidentify.settings import KEYS, read_places, read_settings
from peercompare.errors import InputError


def test_without_a_file_every_list_is_empty():
    assert read_settings(None) == {key: [] for key in KEYS}
    assert read_places(None) == []


def test_a_file_of_switches_is_read(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('without = ["url"]\nplaces = ["Harlow"]\n', encoding="utf-8")
    told = read_settings(path)
    assert (told["without"], told["places"], told["only"]) == (["url"], ["Harlow"], [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("witout = []", "unknown key 'witout'"),
        ("only = 3", "only is no list"),
        ("also = [1]", "also is no"),
        ("= 3", "TOML"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path, content, words):
    path = tmp_path / "s.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_settings(path)


def test_places_are_one_a_line(tmp_path):
    path = tmp_path / "places.txt"
    path.write_text("# towns\n Harlow Falls \n\nBrockley\n", encoding="utf-8")
    assert read_places(path) == ["Harlow Falls", "Brockley"]
