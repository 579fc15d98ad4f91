"""Proposals: a row each, private, complete, and nothing changed by them."""

import stat

import pytest

from peercompare.deidentify import Detector, Hit, propose
from peercompare.deidentify.material import Place
from peercompare.deidentify.proposals import hits_in, write_review
from peercompare.deidentify.pseudonyms import Pseudonyms
from peercompare.errors import ConsentError, InputError
from tests.deidentify.conftest import DAY, TEXTS, file_hashes, rows_of


def proposed(named, finder, **how):
    return propose(named, finder, as_of=DAY, **how)


def test_every_finding_of_texts_cells_and_datasheet_is_a_row(named, finder):
    rows = proposed(named, finder).rows
    assert [(row["place"], row["kind"], row["found"]) for row in rows] == [
        ("text", "name", "José"),
        ("text", "name", "Maria"),
        ("text", "date", "March 3rd, 2021"),
        ("text", "name", "Maria Lopez"),
        ("text", "phone", "413-555-0147"),
        ("text", "name", "Maria"),
        ("codings.csv, row 2, memo", "name", "Maria"),
        ("DATASHEET.md", "name", "Maria Lopez"),
    ]
    text = TEXTS["D1"]
    assert all(text[row["start"] : row["end"]] == row["found"] for row in rows if row["place"] == "text")
    assert all(row["accept"] == row["reviewer"] == "" for row in rows)


def test_whoever_does_not_agree_to_analysis_is_not_read(named, finder):
    found = proposed(named, finder)
    assert "D2" not in {row["document_id"] for row in found.rows}
    assert found.about["documents"] == ["D1"]
    with pytest.raises(ConsentError):
        propose(named, finder, as_of="2022-01-01")


def test_a_person_has_one_pseudonym_under_every_form(named, finder):
    names = Pseudonyms("named", bytes(32))
    rows = proposed(named, finder, pseudonyms=names).rows
    of_maria = {row["replacement"] for row in rows if row["found"].startswith("Maria")}
    assert of_maria == {names.of("V1")}
    assert {row["replacement"] for row in rows if row["found"] == "José"} == {names.of("P1")}
    assert {row["replacement"] for row in proposed(named, finder).rows if row["kind"] == "name"} == {"[name]"}


def test_columns_that_are_named_are_looked_through_too(named, finder):
    rows = proposed(named, finder, columns=["documents.csv:employer"]).rows
    assert ("documents.csv, row 2, employer", "Lopez") in {(row["place"], row["found"]) for row in rows}
    with pytest.raises(InputError, match=r"documents.csv:boss: no such column"):
        proposed(named, finder, columns=["documents.csv:boss"])


def test_labels_of_turns_are_never_proposed():
    place = Place("D", "text", "A1: Maria", ((4, 9),))
    assert [(hit.start, hit.end) for hit in hits_in(place, Everything())] == [(4, 9)]


def test_a_stretch_over_the_edge_of_a_segment_is_cut_there_and_has_no_blanks_at_its_ends():
    place = Place("D", "text", "A1: Maria Lopez", ((4, 15),), edges=(4, 9, 10))
    assert [(hit.start, hit.end) for hit in hits_in(place, Everything())] == [(4, 9), (10, 15)]


def test_the_table_and_the_file_about_it_are_private_and_say_so(named, finder, tmp_path):
    out, about = write_review(proposed(named, finder), tmp_path / "review.csv")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (out, about)] == [0o600, 0o600]
    assert "PRIVATE" in about.read_text(encoding="utf-8").splitlines()[0]
    assert rows_of(out)[2]["found"] == "⟦March 3rd, 2021⟧"
    assert rows_of(out)[2]["replacement"] == "[date in 2021]"


def test_nothing_is_written_over_and_no_other_ending_is_taken(named, finder, tmp_path):
    found = proposed(named, finder)
    (tmp_path / "review.about.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists already"):
        write_review(found, tmp_path / "review.csv")
    assert not (tmp_path / "review.csv").exists()
    with pytest.raises(InputError, match=r"ends in \.csv"):
        write_review(found, tmp_path / "review.xlsx")


def test_proposing_changes_nothing(named, finder):
    before = file_hashes(named)
    proposed(named, finder)
    assert file_hashes(named) == before


class Everything(Detector):
    """Finds every text whole."""

    def __init__(self):
        super().__init__(())

    def find(self, text, *, document_id=""):
        return [Hit(0, len(text), "name", "full_name")]
