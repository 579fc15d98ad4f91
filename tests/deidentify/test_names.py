"""Names of a roster: their forms, whose they are, and what is left alone."""

import pytest

from peercompare.deidentify.names import NameFinder, plain
from peercompare.readers.roster import read_roster


def finder(tmp_path, *rows):
    path = tmp_path / "roster.csv"
    lines = ["label,speaker_id,person_id,role,document_id", *rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return NameFinder(read_roster(path))


@pytest.fixture
def people(tmp_path):
    return finder(
        tmp_path,
        '"Lopez, Maria",A1,V1,peer,',
        "Seán O'Brien,B1,P1,participant,",
        "Jo,B2,P2,participant,",
        "Grace,B3,P3,participant,",
        "Interviewer,I1,I1,other,",
        "P07,P07,P7,participant,",
    )


def found(people, text, document_id=""):
    return [(text[start:end], rule, person) for start, end, rule, person in people.find(text, document_id)]


@pytest.mark.parametrize(
    ("text", "words", "person"),
    [
        ("So Maria Lopez came.", "Maria Lopez", "V1"),
        ("So Lopez, Maria came.", "Lopez, Maria", "V1"),
        ("So Ms. Lopez came.", "Ms. Lopez", "V1"),
        ("So Ms Lopez came.", "Ms Lopez", "V1"),
        ("So maria came.", "maria", "V1"),
        ("So MARIA came.", "MARIA", "V1"),
        ("So Maria's coat.", "Maria", "V1"),
        ("So the Lopezes came.", "Lopezes", "V1"),
        ("So two Marias came.", "Marias", "V1"),
        ("So M. Lopez came.", "M. Lopez", "V1"),
        ("So Maria L. came.", "Maria L.", "V1"),
        ("So M.L. came.", "M.L.", "V1"),
        ("So ML came.", "ML", "V1"),
        ("So O’Brien came.", "O’Brien", "P1"),
        ("So Sean O'Brien came.", "Sean O'Brien", "P1"),
        ("So Sea\u0301n came.", "Sea\u0301n", "P1"),
        ("So Dr. Maria Lopez-Garcia came.", "Dr. Maria Lopez", "V1"),
        ("So Jo came.", "Jo", "P2"),
        ("So Grace came.", "Grace", "P3"),
    ],
)
def test_a_person_is_found_under_every_form(people, text, words, person):
    assert [(each[0], each[2]) for each in found(people, text)] == [(words, person)]


@pytest.mark.parametrize(
    "text",
    [
        "So jo and grace under fire.",  # words that mean something else, in small letters
        "The ml of it, m. l.",  # initials are capitals
        "Mariachi and Lopezian.",  # parts of other words
        "The interviewer and P07 and Interviewer.",  # roles and ids are nobody's names
    ],
)
def test_other_words_are_left_alone(people, text):
    assert not found(people, text)


def test_a_name_of_two_people_is_nobodys_alone(tmp_path):
    two = finder(tmp_path, "Maria Lopez,A1,V1,peer,", "Maria Silva,B1,P1,participant,")
    assert found(two, "Maria and Maria Silva") == [
        ("Maria", "shared_name", ""),
        ("Maria Silva", "full_name", "P1"),
    ]


def test_the_rows_for_a_document_settle_whose_a_name_is(tmp_path):
    two = finder(tmp_path, "Maria,A1,V1,peer,D1", "Maria,B1,P1,participant,D2")
    assert [each[2] for each in found(two, "Maria", "D1")] == ["V1"]
    assert [each[2] for each in found(two, "Maria", "D2")] == ["P1"]
    assert [each[2] for each in found(two, "Maria", "D3")] == [""]


def test_several_rows_of_one_person_are_one_person(tmp_path):
    one = finder(tmp_path, "Elizabeth Stone,A1,V1,peer,", "Liz,A1,V1,peer,")
    assert {each[2] for each in found(one, "Liz and Elizabeth and Ms Stone")} == {"V1"}


def test_accents_and_apostrophes_do_not_count():
    assert plain("Renée") == plain("RENEE")
    assert plain("D’Arcy") == "darcy"
