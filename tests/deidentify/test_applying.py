"""Applying a review: a new folder with every segment in its place, or nothing at all."""

import stat

import pytest

from peercompare.corpus import open_corpus, register
from peercompare.deidentify import apply_review, propose
from peercompare.deidentify.proposals import write_review
from peercompare.deidentify.pseudonyms import Pseudonyms
from peercompare.errors import CorpusError, InputError
from tests.deidentify.conftest import DAY, decide, file_hashes, rows_of, write_rows

NAMES = Pseudonyms("named", bytes(32))
MARIA, JOSE = NAMES.of("V1"), NAMES.of("P1")


@pytest.fixture
def review(named, finder, tmp_path):
    """A review table not yet decided."""
    proposals = propose(named, finder, as_of=DAY, pseudonyms=NAMES)
    return write_review(proposals, tmp_path / "private" / "review.csv")[0]


def applied(named, review):
    return apply_review(named, review, named.parent / "new", as_of=DAY)


def refused(named, review, *words):
    """Apply, and see that it is refused in these words, without anybody's, and that nothing is left."""
    before = sorted(path.name for path in named.parent.iterdir())
    with pytest.raises(InputError) as error:
        applied(named, review)
    assert all(each in str(error.value) for each in words), str(error.value)
    assert not any(name in str(error.value) for name in ("Maria", "Lopez", "José", "0147"))
    assert sorted(path.name for path in named.parent.iterdir()) == before


def test_accepted_changes_are_made_and_segments_stand_on_the_same_words(named, review):
    decide(review, lambda row: "no" if row["kind"] == "phone" else "Yes")
    new = open_corpus(applied(named, review).folder, as_of=DAY)
    assert new.documents["text"].tolist() == [
        f"A1: Hi 𝄞 {JOSE}, I'm {MARIA}. It was [date in 2021].\n"
        f"B1: {MARIA} said 413-555-0147.\nA1: {MARIA}'s, yes.\n"
    ]
    assert new.segments["text"].tolist() == [
        f"Hi 𝄞 {JOSE}, I'm {MARIA}.", "It was [date in 2021].", f"{MARIA}'s, yes."
    ]  # fmt: skip
    assert new.codings["memo"].tolist() == [f"says that {MARIA} is at ease", ""]
    assert new.codings["code"].tolist() == ["none", "experience/peer"]


def test_the_old_folder_stays_as_it_was(named, review):
    before = file_hashes(named)
    decide(review)
    applied(named, review)
    assert file_hashes(named) == before


def test_the_new_folder_is_for_its_owner_alone(named, review):
    decide(review)
    folder = applied(named, review).folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_people_and_files_that_nobody_looked_at_are_not_carried_on(named, review):
    decide(review)
    done = applied(named, review)
    assert done.left_out_documents == ("D2",)
    assert done.left_out_files == ("stray.json",)
    assert "P2" not in (done.folder / "consents.csv").read_text(encoding="utf-8")
    assert "José" not in (done.folder / "codings.csv").read_text(encoding="utf-8")


def test_the_datasheet_says_what_was_done_and_what_this_is_not(named, review):
    decide(review, lambda row: "no" if row["kind"] == "phone" else "yes")
    page = (applied(named, review).folder / "DATASHEET.md").read_text(encoding="utf-8")
    assert f"Ask {MARIA}." in page
    assert "- phone: 0 replaced, 1 kept" in page
    assert "Nothing here is anonymised" in page
    assert "weekday" in page


def test_a_reviewers_own_row_is_applied_too(named, review):
    decide(review)
    rows = rows_of(review)
    own = rows[0] | {"proposal_id": "mine", "start": "29", "end": "32", "found": "was", "replacement": "IS"}
    write_rows(review, [*rows, own])
    assert "It IS [date" in (applied(named, review).folder / "texts" / "D1.txt").read_text(encoding="utf-8")


def test_an_undecided_review_is_refused_with_every_row(named, review):
    refused(named, review, "row 2: accept is empty", "row 2: reviewer is empty", "16 in all")


def test_other_answers_than_yes_and_no_are_refused(named, review):
    decide(review, lambda row: "maybe")
    refused(named, review, "neither yes nor no")


def test_a_proposal_that_was_deleted_is_missed(named, review):
    decide(review)
    write_rows(review, rows_of(review)[1:])
    refused(named, review, "the proposal p0001 is missing")


def test_a_proposal_that_stands_twice_is_refused(named, review):
    decide(review)
    write_rows(review, rows_of(review) + rows_of(review)[:1])
    refused(named, review, "stands in review.csv, row 2 too")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"start": "8"}, "other words stand there"),
        ({"start": "x"}, "no whole number"),
        ({"replacement": " "}, "replacement is empty"),
        ({"replacement": "a\nb"}, "several lines"),
        ({"kind": "nickname"}, "kind is none of the list"),
        ({"document_id": "D9"}, "no such text or cell"),
        ({"start": "40", "end": "54", "found": "]"}, "other words stand there"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(named, review, cells, words):
    decide(review)
    rows = rows_of(review)
    write_rows(review, [rows[0] | cells, *rows[1:]])
    refused(named, review, "row 2", words)


def test_accepted_changes_that_overlap_are_refused(named, review):
    decide(review)
    rows = rows_of(review)
    own = rows[1] | {"proposal_id": "mine", "start": rows[1]["start"], "end": str(int(rows[1]["end"]) - 1)}
    own["found"] = rows[1]["found"][1:-2]
    write_rows(review, [*rows, own])
    refused(named, review, "overlaps the change before it")


def test_a_change_that_reaches_over_a_label_is_refused(named, review):
    decide(review)
    text = (named / "texts" / "D1.txt").read_text(encoding="utf-8")
    at = text.index("\nB1:")
    own = rows_of(review)[0] | {"proposal_id": "mine", "start": str(at - 1), "end": str(at + 3)}
    own["found"] = text[at - 1 : at + 3]
    write_rows(review, [*rows_of(review), own])
    refused(named, review, "reaches over a speaker's label")


def test_a_segment_of_which_nothing_would_be_left_is_refused(named, finder, tmp_path):
    table = (named / "segments.csv").read_text(encoding="utf-8")
    (named / "segments.csv").write_text(table.replace("D1:2,D1,2,26,49", "D1:2,D1,2,42,48"), encoding="utf-8")
    register(named)
    review, _ = write_review(propose(named, finder, as_of=DAY, pseudonyms=NAMES), tmp_path / "r.csv")
    decide(review)
    text = (named / "texts" / "D1.txt").read_text(encoding="utf-8")
    rows = rows_of(review)
    dates = [row for row in rows if row["kind"] == "date"]
    assert [row["found"] for row in dates] == ["⟦March 3rd⟧", "⟦, 2021⟧"]
    for row in dates:
        row["accept"] = "no"
    whole = dates[0] | {"proposal_id": "mine", "end": dates[1]["end"], "accept": "yes"}
    whole["found"] = text[int(whole["start"]) : int(whole["end"])]
    write_rows(review, [*rows, whole])
    with pytest.raises(InputError, match="D1:2: nothing would be left of it"):
        applied(named, review)


def test_a_corpus_that_changed_since_is_refused(named, review):
    decide(review)
    (named / "DATASHEET.md").write_text("# Other\n", encoding="utf-8")
    register(named)
    refused(named, review, "its files are not those")


def test_a_document_that_consent_covers_only_now_is_refused(named, review):
    decide(review)
    consents = (named / "consents.csv").read_text(encoding="utf-8")
    (named / "consents.csv").write_text(consents.replace("P2,training", "P2,analysis"), encoding="utf-8")
    refused(named, review, "D2: consent covers it now")


def test_a_document_that_consent_covers_no_more_is_left_out(named, finder, tmp_path):
    consents = (named / "consents.csv").read_text(encoding="utf-8")
    (named / "consents.csv").write_text(consents.replace("P2,training", "P2,analysis"), encoding="utf-8")
    review, _ = write_review(propose(named, finder, as_of=DAY, pseudonyms=NAMES), tmp_path / "r.csv")
    decide(review)
    (named / "consents.csv").write_text(consents, encoding="utf-8")
    done = applied(named, review)
    assert done.left_out_documents == ("D2",)
    assert not (done.folder / "texts" / "D2.txt").exists()


def test_a_review_without_the_file_about_it_is_refused(named, review):
    decide(review)
    about = review.with_suffix(".about.toml")
    told = about.read_text(encoding="utf-8")
    about.write_text(told.replace("fingerprint", "finger"), encoding="utf-8")
    refused(named, review, "the key fingerprint is missing")
    about.unlink()
    refused(named, review, "review.about.toml, is absent")


def test_a_folder_that_exists_is_never_written_into(named, review):
    decide(review)
    (named.parent / "new").mkdir()
    refused(named, review, "exists already")


def test_a_replacement_that_would_be_a_label_leaves_nothing_behind(named, finder, tmp_path):
    text = (named / "texts" / "D1.txt").read_text(encoding="utf-8").replace("B1: ", "B1: so\n", 1)
    text = text.replace("Maria Lopez said", "Maria Lopez: said")
    (named / "texts" / "D1.txt").write_text(text, encoding="utf-8")
    segments = (named / "segments.csv").read_text(encoding="utf-8").replace("89,102", "93,106")
    (named / "segments.csv").write_text(segments, encoding="utf-8")
    register(named)
    review, _ = write_review(propose(named, finder, as_of=DAY, pseudonyms=NAMES), tmp_path / "r.csv")
    decide(review)
    rows = rows_of(review)
    write_rows(review, [row | ({"replacement": "Anna"} if "Lopez" in row["found"] else {}) for row in rows])
    with pytest.raises(CorpusError, match="maps to no person"):
        applied(named, review)
    assert not [path for path in named.parent.iterdir() if "new" in path.name]


def test_what_a_killed_run_left_behind_leaves_with_the_next_one(named, review):
    decide(review)
    left = named.parent / ".new.k2j4h5g6.part"
    (left / "texts").mkdir(parents=True)
    (left / "texts" / "J1.txt").write_text("care plans", encoding="utf-8")
    other = named.parent / ".another.k2j4h5g6.part"
    other.mkdir()
    applied(named, review)
    assert not left.exists()
    assert other.exists()
