"""Pseudonyms: the same each time, private, and told by nothing in the name."""

import re
import stat

import pytest

from peercompare.deidentify.pseudonyms import Pseudonyms, beside, open_pseudonyms
from peercompare.errors import InputError

KEY = bytes(32)


def test_a_person_keeps_a_pseudonym_and_nobody_shares_it():
    names = Pseudonyms("c", KEY)
    all_of_them = {names.of(f"P{number}") for number in range(500)}
    assert len(all_of_them) == 500
    assert names.of("P7") == Pseudonyms("c", KEY).of("P7")


def test_two_people_whose_letters_begin_alike_get_longer_ones():
    first = Pseudonyms("c", KEY).of("P1")
    other = Pseudonyms("c", KEY, {"P2": first}).of("P1")
    assert other != first
    assert other.startswith(first[:-1])


def test_key_and_corpus_tell_the_pseudonym_and_the_id_alone_does_not():
    assert (
        len({Pseudonyms("c", KEY).of("P1"), Pseudonyms("d", KEY).of("P1"), Pseudonyms("c", b"k").of("P1")})
        == 3
    )


def test_a_pseudonym_holds_no_word_and_no_figure():
    names = Pseudonyms("c", KEY)
    assert all(re.fullmatch(r"\[person [B-DF-HJ-NP-TV-Z]{5,}\]", names.of(f"P{at}")) for at in range(50))


def test_a_second_run_reads_what_the_first_wrote(tmp_path):
    path = tmp_path / "names.toml"
    first = open_pseudonyms(path, "c")
    told = first.of('a "quoted" id')
    first.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" in path.read_text(encoding="utf-8").splitlines()[0]
    again = open_pseudonyms(path, "c")
    assert again.of('a "quoted" id') == told
    assert again.of("P2") == first.of("P2")


def test_two_new_tables_have_keys_of_their_own(tmp_path):
    assert open_pseudonyms(tmp_path / "a", "c").of("P1") != open_pseudonyms(tmp_path / "a", "c").of("P1")


def test_the_table_of_another_corpus_is_refused(tmp_path):
    path = open_pseudonyms(tmp_path / "n.toml", "c").write(tmp_path / "n.toml")
    with pytest.raises(InputError, match="holds the pseudonyms of 'c', not of 'd'"):
        open_pseudonyms(path, "d")


@pytest.mark.parametrize(
    "content", ["corpus = ", 'corpus = "c"', 'corpus = "c"\nkey = "xy"\n[persons]', "key = 1"]
)
def test_a_damaged_table_is_refused_and_not_made_anew(tmp_path, content):
    path = tmp_path / "n.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be used as a table of pseudonyms"):
        open_pseudonyms(path, "c")


def test_the_table_stands_beside_the_roster(tmp_path):
    assert beside(tmp_path / "who.csv", "c") == tmp_path / "who.c.pseudonyms.toml"
