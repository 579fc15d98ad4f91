"""Telling terms tell, and never who."""

from dataclasses import replace

import pytest

from peercompare.classifier import telling_terms, train, training_table
from peercompare.errors import InputError


def test_the_words_that_make_a_label_are_found(trained, garden):
    terms = telling_terms(trained, garden, n_terms=6)
    words = terms.groupby("label")["term"].apply(set)
    assert {"warden", "quota", "weighed"} & words["managed"]
    assert {"together", "shed", "bowl"} & words["shared"]
    assert terms["label"].drop_duplicates().tolist() == list(garden.framework.labels)
    assert (terms["weight"] > 0).all()
    assert (terms.groupby("label")["weight"].apply(lambda weight: weight.is_monotonic_decreasing)).all()
    assert (terms["n_groups"] >= 5).all()


def marked(garden, plots):
    """The garden with a word that tells a label perfectly, used on some plots alone."""
    segments = garden.segments.copy()
    gold = garden.codings[garden.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    managed = segments["segment_id"].map(gold).eq("harvest/managed")
    here = managed & segments["segment_id"].str[7].isin(list(plots))
    segments.loc[here, "text"] = segments.loc[here, "text"] + " kohlrabi"
    return replace(garden, segments=segments)


@pytest.mark.parametrize(("plots", "shown"), [("0123", False), ("01234", True)])
def test_a_word_used_on_fewer_than_five_plots_is_never_shown(garden, plots, shown):
    corpus = marked(garden, plots)
    model = train(training_table(corpus), corpus.framework, seed=1)
    terms = telling_terms(model, corpus, n_terms=200, kinds=("word", "char"))
    found = terms["term"].str.contains("kohl|lrabi", regex=True)
    assert found.any() == shown


def test_a_word_used_on_many_plots_by_few_speakers_is_not_shown(garden, with_speakers):
    corpus = with_speakers(marked(garden, "0123456"))
    travelling = corpus.documents["plot_id"].replace({"P4": "P0", "P5": "P1", "P6": "P2"})
    corpus = replace(corpus, documents=corpus.documents.assign(speakers="W=" + travelling))
    model = train(training_table(corpus), corpus.framework, seed=1)
    assert telling_terms(model, corpus, n_terms=200).empty


def test_people_who_do_not_consent_to_training_are_not_counted(garden, with_speakers):
    corpus = with_speakers(marked(garden, "01234"), without_training=["P0"])
    model = train(training_table(garden), corpus.framework, seed=1)
    assert not telling_terms(model, corpus, n_terms=200)["term"].str.contains("kohlrabi").any()


def test_fewer_than_five_groups_cannot_be_asked_for(trained, garden):
    with pytest.raises(InputError, match="fewer than 5 groups are never shown"):
        telling_terms(trained, garden, min_groups=4)


def test_an_unknown_kind_is_refused(trained, garden):
    with pytest.raises(InputError, match="Unknown kinds of terms: topic"):
        telling_terms(trained, garden, kinds=("topic",))


def test_employers_do_not_hide_the_one_person_who_says_a_word(garden, make_garden, with_speakers):
    public, spoken = marked(garden, "0123"), with_speakers(marked(make_garden(name="parley", seed=9), "0"))
    model = train(training_table([public, spoken]), garden.framework, seed=1)
    shown = telling_terms(model, [public, spoken], n_terms=200)["term"]
    assert not shown.str.contains("kohlrabi").any()
    assert shown.str.contains("warden").any()


def test_people_who_do_not_consent_to_quotation_are_not_counted(garden, with_speakers):
    corpus = with_speakers(marked(garden, "01234"))
    silent = corpus.consents.records.copy()
    silent.loc["P0", "purposes"] = "analysis training"
    corpus = replace(corpus, consents=type(corpus.consents)(silent))
    model = train(training_table(corpus), corpus.framework, seed=1)
    assert not telling_terms(model, corpus, n_terms=200)["term"].str.contains("kohlrabi").any()
