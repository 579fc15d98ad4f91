import pytest

from peercompare.corpus import open_corpus, register
from peercompare.errors import CorpusError

AS_OF = "2024-06-30"
HEADER = "coder_id,lived_experience,background\n"


def with_coders(folder, text):
    folder.write()
    (folder.path / "coders.csv").write_text(HEADER + text, encoding="utf-8")
    register(folder.path)
    return folder.path


def test_what_coders_say_of_themselves_comes_with_the_corpus(folder):
    path = with_coders(folder, 'ann,yes,"ten years, in two towns"\nbo,,\n')
    coders = open_corpus(path, as_of=AS_OF).coders
    assert coders.to_dict("list") == {
        "coder_id": ["ann", "bo"],
        "lived_experience": ["yes", ""],
        "background": ["ten years, in two towns", ""],
    }


def test_without_the_file_nothing_is_said_of_coders(folder):
    assert folder.write().open().coders.empty


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ann,maybe,\n", "unknown word 'maybe'"),
        ("ann,yes,\nann,no,\n", "the coder_id stands there twice"),
        ("two words,yes,\n", "coder_id is a text of 9 characters"),
    ],
)
def test_faults_are_named(folder, text, words):
    path = with_coders(folder, text)
    with pytest.raises(CorpusError, match=words):
        open_corpus(path, as_of=AS_OF)


def test_what_a_coder_said_of_themselves_is_not_repeated_in_a_message(folder):
    path = with_coders(folder, "ann,I was a patient there,\n")
    with pytest.raises(CorpusError) as refused:
        open_corpus(path, as_of=AS_OF)
    assert "patient" not in str(refused.value)
