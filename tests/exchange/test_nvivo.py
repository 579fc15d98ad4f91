import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.nvivo import read_nvivo_references

TEXTS = {
    "One.docx": "We share what we know.\nWe listen.\n\nYes.",
    "Two": "The plan is signed. The plan is kept.",
}
SHARING = """<Files\\\\Interviews\\\\One> - § 2 references coded  [ 6.78% Coverage]

Reference 1 - 5.80% Coverage

We share

Reference 2 - 0.98% Coverage

We listen.

Yes.

Files\\\\Interviews\\\\Two - § 1 reference coded [ 3,90% Coverage]
Reference 1 - 3,90% Coverage
signed
"""


@pytest.fixture
def folder(tmp_path):
    def make(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.txt").write_text(text, encoding="utf-16")
        return tmp_path

    return make


def test_references_are_found_in_their_documents_by_code(folder):
    found = read_nvivo_references(folder(Sharing=SHARING, Plans=SHARING), TEXTS, coder="ann")
    assert [(each.document_id, each.quote, each.code_id) for each in found.spans] == [
        ("One.docx", "We share", "Plans"),
        ("One.docx", "We share", "Sharing"),
        ("One.docx", "We listen.\n\nYes.", "Plans"),
        ("One.docx", "We listen.\n\nYes.", "Sharing"),
        ("Two", "signed", "Plans"),
        ("Two", "signed", "Sharing"),
    ]
    assert [each.name for each in found.coders] == ["ann"]


def test_a_single_file_can_be_given_its_code(folder):
    path = folder(x=SHARING) / "x.txt"
    found = read_nvivo_references(path, TEXTS, code="Roles\\Sharing")
    assert found.spans[0].code_id == "Roles > Sharing"


def test_words_in_several_places_are_refused_with_file_and_line(folder):
    text = "Two - § 1 reference coded [ 1% Coverage]\nReference 1 - 1% Coverage\nThe plan is\n"
    with pytest.raises(ExchangeError, match=r"Sharing\.txt, line 2: its words stand in 2 places"):
        read_nvivo_references(folder(Sharing=text), TEXTS)


def test_a_file_that_lost_a_reference_or_has_none_is_refused(folder):
    short = SHARING.replace("Reference 2 - 0.98% Coverage", "")
    with pytest.raises(ExchangeError) as caught:
        read_nvivo_references(folder(Short=short, Other="words"), TEXTS)
    assert [str(each) for each in caught.value.problems] == [
        "Other.txt: no line of it names a document and its references",
        "Short.txt, line 1: it announces 2 references, and 1 follow",
    ]


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(ExchangeError, match=r"no \.txt file"):
        read_nvivo_references(tmp_path, TEXTS)
