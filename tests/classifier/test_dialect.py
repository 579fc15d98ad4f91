"""Features of spelling and grammar are found where they stand, and not in the standard."""

import pytest

from peercompare.classifier.dialect import ANY, FEATURES, dialect_features

FOUND = {
    "dropped_g": ["I was talkin' to him", "nothin’ doing"],
    "aint": ["It ain't so", "ain’t nobody here"],
    "yall": ["y'all come in", "are youse there"],
    "doubled_negation": ["I don't need nothing", "he never did, and didn't tell nobody", "not got no money"],
    "levelled_was": ["we was there", "you wasn't there"],
    "habitual_be": ["they be checking on us", "she be workin' nights"],
    "fused": ["I'm gonna go", "Lemme see"],
    "british_spelling": ["our organisation", "a counselling programme", "her behaviour", "I recognised it"],
}
STANDARD = [
    "They will be checking on us.",
    "I do not need anything.",
    "No, I don't.",
    "We were there, and so was he.",
    "You are going to see the center of the organization.",
    "I realize that nothing was said.",
    "If they want to be going, let them.",
]


def test_every_feature_has_examples_here():
    assert list(FOUND) == [each.id for each in FEATURES]


@pytest.mark.parametrize("name", FOUND)
def test_a_feature_is_found_in_its_examples(name):
    found = dialect_features(FOUND[name])
    assert found[name].all()
    assert found[ANY].all()


def test_nothing_is_found_in_the_standard():
    found = dialect_features(STANDARD)
    assert not found.any(axis=None)


def test_no_texts_give_an_empty_table():
    assert dialect_features([]).shape == (0, len(FEATURES) + 1)
