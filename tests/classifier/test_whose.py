"""Whose words trained a model: known by keyed hash, asked when the model is loaded."""

import stat
from dataclasses import replace
from datetime import date

import pytest

from peercompare.classifier import load_model, save_model, train, training_table
from peercompare.classifier.whose import ask_whose_words, gathered, whose_words
from peercompare.consent.asking import Consents
from peercompare.corpus.person_keys import COMPOSED, KEY_FILE
from peercompare.errors import ConsentError


@pytest.fixture
def real(garden, with_speakers, tmp_path):
    """A corpus in which real people speak, as far as corpus.toml says."""
    folder = tmp_path / "garden"
    folder.mkdir()
    return replace(with_speakers(garden), composed=False, folder=folder)


@pytest.fixture
def model(real, tiny_framework, tmp_path):
    return save_model(train(training_table(real), tiny_framework, seed=1), tmp_path / "model.skops")


def changed(corpus, person, **cells):
    """The corpus with one person's record changed."""
    records = corpus.consents.records.copy()
    for name, value in cells.items():
        records.loc[person, name] = value
    return replace(corpus, consents=Consents(records))


def test_a_model_knows_its_people_by_keyed_hash_alone(model, real):
    facts = load_model(model, corpora=[real]).facts
    (hashes,) = facts["whose"].values()
    assert len(hashes) == 7
    assert all(len(each) == 64 for each in hashes)
    assert stat.S_IMODE((real.folder / KEY_FILE).stat().st_mode) == 0o600


def test_the_same_people_have_other_hashes_in_another_corpus(real, tmp_path):
    (tmp_path / "other").mkdir()
    mine, other = whose_words(real), whose_words(replace(real, folder=tmp_path / "other"))
    assert not set(mine.values()) & set(other.values())


def test_a_composed_corpus_gets_no_key_file(garden, with_speakers, tmp_path):
    spoken = replace(with_speakers(garden), folder=tmp_path)
    assert all(each.startswith(COMPOSED) for each in gathered(training_table(spoken))["garden"])
    assert not (tmp_path / KEY_FILE).exists()


def test_people_who_did_not_train_are_not_among_the_hashes(garden, with_speakers):
    everybody = gathered(training_table(with_speakers(garden)))["garden"]
    fewer = gathered(training_table(with_speakers(garden, without_training=["P2"])))["garden"]
    assert len(everybody) == 7
    assert set(fewer) < set(everybody)
    assert len(fewer) == 6


def test_a_model_of_real_people_is_not_loaded_without_their_corpus(model):
    with pytest.raises(ConsentError, match=r"(?s)'garden'.*not at hand.*--corpus FOLDER"):
        load_model(model)


def test_a_model_that_a_withdrawn_person_trained_is_refused_with_the_remedy(model, real):
    gone = changed(real, "P3", withdrawn_on="2024-08-01")
    with pytest.raises(
        ConsentError, match=r"(?s)somebody who trained the model has withdrawn.*train the model"
    ) as error:
        load_model(model, corpora=[gone])
    assert "P3" not in str(error.value)


def test_a_withdrawal_to_come_refuses_nothing_yet(real):
    whose = gathered(training_table(real))
    later = changed(real, "P3", withdrawn_on="2024-08-01")
    ask_whose_words("m", whose, [later], today=date(2024, 7, 31))
    with pytest.raises(ConsentError):
        ask_whose_words("m", whose, [later], today=date(2024, 8, 1))


def test_who_agrees_to_training_no_more_counts_like_withdrawn_and_an_expired_record_does_not(real):
    whose = gathered(training_table(real))
    ask_whose_words("m", whose, [changed(real, "P3", expires_on="2024-07-01")])
    with pytest.raises(ConsentError, match="agrees to training no more"):
        ask_whose_words("m", whose, [changed(real, "P3", purposes="analysis")])


def test_an_expiry_does_not_hide_a_withdrawal(real):
    whose = gathered(training_table(real))
    gone = changed(real, "P3", expires_on="2024-07-01", withdrawn_on="2024-06-01")
    with pytest.raises(ConsentError, match="withdrawn"):
        ask_whose_words("m", whose, [gone])


def test_somebody_whose_record_is_gone_cannot_be_asked(model, real):
    fewer = replace(real, consents=Consents(real.consents.records.drop(index="P3")))
    with pytest.raises(ConsentError, match="1 of those who trained the model have no consent record"):
        load_model(model, corpora=[fewer])


@pytest.mark.parametrize(("content", "state"), [(None, "is absent"), (b"short", "is damaged")])
def test_a_key_that_is_gone_or_damaged_is_one_clear_error(model, real, content, state):
    path = real.folder / KEY_FILE
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConsentError, match=state):
        load_model(model, corpora=[real])
