"""What a framework itself teaches: the words of its codebook, and the titles that coders do not see."""

from __future__ import annotations

from peercompare.framework import Framework


def codebook_examples(framework: Framework) -> tuple[tuple[str, int], ...]:
    """Return the codebook's definitions, examples and signs as texts with their stance.

    Parameters
    ----------
    framework : Framework

    Returns
    -------
    tuple of (str, int)
        Each text with the position of its code's stance among ``framework.labels``. What a code is not to be
        used for is left out, since it speaks of other codes.
    """
    found = []
    for code in framework.codes:
        place = framework.labels.index(framework.stance_of(code.id))
        texts = [code.definition, code.when_to_use, *code.examples, *(sign.text for sign in code.signs)]
        found += [(text, place) for text in texts if text.strip()]
    return tuple(found)


def title_words(framework: Framework) -> tuple[str, ...]:
    """Return the titles of posts that a framework knows; coders do not see them, and no more does a model."""
    return tuple(word for family in framework.title_families for word in family.words)
