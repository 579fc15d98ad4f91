"""What a framework teaches by itself."""

from peercompare.classifier.codebook import codebook_examples, title_words


def test_every_stance_of_the_codebook_has_examples(deegan):
    found = codebook_examples(deegan)
    assert {deegan.labels[place] for _, place in found} == {"peer", "overlap", "clinical"}
    assert all(text.strip() for text, _ in found)


def test_what_a_code_is_not_for_teaches_nothing(deegan):
    texts = {text for text, _ in codebook_examples(deegan)}
    assert not texts & {code.when_not_to_use for code in deegan.codes}


def test_titles_are_those_of_the_framework(deegan):
    assert "peer specialist" in title_words(deegan)
