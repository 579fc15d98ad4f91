"""Terms counted once are the terms that scikit-learn's vectorizers count each time."""

from functools import partial

import numpy as np
import pytest

from peercompare.classifier import counting
from peercompare.classifier.counting import (
    TermCounter,
    fit_to,
    letter_vectorizer,
    term_counter,
    weighed,
    word_vectorizer,
)
from peercompare.classifier.reading import read

TEXTS = [
    "We dig here, and we dig there!",
    "You will not count rakes; we do.",
    "a\u00a0b  a\tb",
    "",
    "We dig here, and we dig there!",
    "oh oh oh, I\u2019m in it: na\u00efve caf\u00e9",
]
WAY = ((1, 2), (2, 5), (), True, True)


@pytest.fixture
def counter():
    return term_counter.__wrapped__(*WAY)


def by_term(counts):
    """In how many texts each term stands."""
    return dict(zip(counts.numbers, counts.frequency().tolist(), strict=True))


@pytest.mark.parametrize("min_df", [1, 2])
@pytest.mark.parametrize(
    ("kind", "part", "made"),
    [
        ("words", "marked", partial(word_vectorizer, (1, 2))),
        ("plain", "plain", partial(letter_vectorizer, (2, 5))),
        ("kept", "kept", partial(letter_vectorizer, (2, 5))),
    ],
)
def test_counts_fit_and_weigh_as_a_vectorizer_does(counter, kind, part, made, min_df):
    told = [getattr(read(text), part) for text in TEXTS]
    usual = made(min_df).fit(told)
    counts = getattr(counter, kind)(TEXTS)
    fitted = fit_to(counts, made(min_df))
    assert fitted.vocabulary_ == usual.vocabulary_
    assert fitted.idf_.tolist() == usual.idf_.tolist()
    assert abs(weighed(counts, fitted) - usual.transform(told)).max() < 1e-15
    assert abs(fitted.transform(told) - usual.transform(told)).max() == 0


def test_terms_that_were_not_learnt_are_left_out(counter):
    fitted = fit_to(counter.words(TEXTS[:1]), word_vectorizer((1, 2)))
    found = weighed(counter.words(["we dig rakes", "rakes"]), fitted)
    assert found.shape == (2, len(fitted.vocabulary_))
    assert np.diff(found.indptr).tolist() == [3, 0]


def test_terms_met_later_find_their_columns_too(counter):
    other = term_counter.__wrapped__(*WAY)
    fitted = fit_to(other.words(["we dig", "rakes dig"]), word_vectorizer((1, 2)))
    for texts in (["we dig"], ["rakes dig"], ["dig rakes"]):
        told = [read(text).marked for text in texts]
        assert abs(weighed(counter.words(texts), fitted) - fitted.transform(told)).max() < 1e-15


def test_a_text_is_read_one_time_whoever_asks():
    asked = []
    counter = TermCounter(lambda text: asked.append(text) or read(text), str.split, list)
    for kind in (counter.words, counter.plain, counter.kept, counter.words):
        kind(TEXTS)
    assert asked == list(dict.fromkeys(TEXTS))


def test_all_who_read_in_one_way_share_what_was_counted():
    assert term_counter(*WAY) is term_counter(*WAY)
    assert term_counter(*WAY) is not term_counter(*WAY[:3], False, True)


def test_what_was_counted_before_changes_no_weight(counter):
    fresh = term_counter.__wrapped__(*WAY)
    counter.words(["rakes do count", "there"]), counter.plain(["rakes do count"])
    for kind, made in (("words", word_vectorizer((1, 2))), ("plain", letter_vectorizer((2, 5)))):
        one, other = (getattr(each, kind)(TEXTS) for each in (fresh, counter))
        fitted = fit_to(one, made)
        assert (weighed(one, fitted) != weighed(other, fitted)).nnz == 0


def test_counts_are_forgotten_beyond_a_number_of_texts_and_come_again(counter, monkeypatch):
    before = by_term(counter.plain(TEXTS))
    monkeypatch.setattr(counting, "MOST_TEXTS", 3)
    counter.plain(["dig"])
    assert list(counter._readings) == ["dig"]
    again = by_term(counter.plain(TEXTS))
    assert {term: again[term] for term in before} == before


def test_no_texts_have_no_terms(counter):
    assert counter.words([]).matrix.shape == counter.plain([]).matrix.shape == (0, 0)


def test_too_few_rows_for_any_term_is_an_error(counter):
    with pytest.raises(ValueError, match="no terms remain"):
        fit_to(counter.words(["dig", "rake"]), word_vectorizer((1, 2), 2))
