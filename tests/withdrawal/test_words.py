"""What only one person said."""

from peercompare.withdrawal import only_theirs
from peercompare.withdrawal.words import word_sequences, words_only_theirs


def test_what_others_say_or_write_too_is_not_theirs_alone(sessions, corpora_folder):
    alone = words_only_theirs([sessions], "W02")
    with_postings = words_only_theirs([sessions, corpora_folder / "job_descriptions"], "W02")
    assert with_postings < alone
    text = next((sessions / "texts").glob("*.txt")).read_text(encoding="utf-8")
    assert alone - set(word_sequences(text)) != alone


def test_one_word_put_into_one_mouth_is_found_as_word_and_as_characters(sessions):
    from peercompare.corpus import register

    path = sessions / "texts" / "ST007.txt"
    path.write_text(path.read_text(encoding="utf-8") + "\nW02: My qzebraq sleeps.\n", encoding="utf-8")
    register(sessions)
    mine, others = only_theirs([sessions], "W02"), only_theirs([sessions], "C01")
    assert {"qzebraq", "my qzebraq", "my qzebraq sleeps"} <= mine.words
    assert "qzebr" in mine.characters
    assert not {"qzebraq"} & others.words


def test_numbers_alone_are_nobodys_words(sessions):
    assert not any(each.replace(" ", "").isdigit() for each in words_only_theirs([sessions], "W02"))


def test_who_said_nothing_has_no_words_of_their_own(sessions):
    assert only_theirs([sessions], "nobody").words == frozenset()
