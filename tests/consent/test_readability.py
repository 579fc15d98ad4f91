import pytest

from peercompare.consent.readability import grade, syllables
from peercompare.errors import UndefinedError


@pytest.mark.parametrize(
    ("word", "n"),
    [
        ("team", 1), ("people", 2), ("computer", 3), ("written", 2), ("table", 2), ("makes", 1), ("pages", 2),
        ("wanted", 2), ("saved", 1), ("the", 1), ("don't", 1), ("promises", 3), ("psst", 1), ("Rhythm", 1),
    ],
)  # fmt: skip
def test_syllables_are_counted_by_groups_of_vowels(word, n):
    assert syllables(word) == n


def test_the_grade_is_the_published_formula():
    # 2 sentences, 10 words, 12 syllables
    text = "We read the report to the team. People go home."
    assert grade(text) == pytest.approx(0.39 * 10 / 2 + 11.8 * 12 / 10 - 15.59)


def test_longer_words_and_longer_sentences_raise_the_grade():
    plain = grade("We read it. We count it.")
    assert plain < grade("We read it and we count it.")
    assert plain < grade("Researchers analyse it. Computers tabulate it.")


def test_marks_and_numbers_are_no_words():
    assert grade("We read it 12 times (or so).") == grade("We read it times or so.")
    with pytest.raises(UndefinedError, match="without words"):
        grade("12, 13!")
