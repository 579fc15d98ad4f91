"""Contributions add up exactly, and no rare term is ever among them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import bare_training_table, train, training_table
from peercompare.classifier.contributions import (
    CHANGE_COLUMNS,
    CONTRIBUTION_COLUMNS,
    change_contributions,
    text_contributions,
)
from peercompare.classifier.training import analysed_segments
from peercompare.errors import DisclosureError, InputError


@pytest.fixture
def dated(garden):
    """The garden, noted in two years: in the second one all plots speak of a steward."""
    year = garden.documents["document_id"].str[-1].map({"0": "2020", "1": "2021"})
    late = garden.segments["document_id"].str.endswith("1")
    segments = garden.segments.copy()
    segments.loc[late, "text"] = segments.loc[late, "text"] + " the steward counts"
    return replace(garden, segments=segments, documents=garden.documents.assign(date=year + "-05-01"))


def mean_log_odds(model, corpus, year):
    documents = set(corpus.documents.loc[corpus.documents["date"].str[:4] == year, "document_id"])
    segments = analysed_segments(corpus)
    found = model.probabilities(segments[segments["document_id"].isin(documents)])
    low, high = (model.labels.index(end) for end in corpus.framework.axis)
    return np.log(found[:, high] / found[:, low]).mean()


def test_contributions_of_a_segment_sum_to_its_log_odds(trained, garden):
    texts = garden.segments.set_index("segment_id")["text"].iloc[:20]
    table = text_contributions(trained, texts, label="managed", against="shared")
    assert list(table.columns) == list(CONTRIBUTION_COLUMNS)
    found = trained.probabilities(texts)
    odds = np.log(found[:, trained.labels.index("managed")] / found[:, trained.labels.index("shared")])
    sums = table.groupby("segment_id")["contribution"].sum().loc[texts.index]
    assert np.abs(sums.to_numpy() - odds).max() < 1e-9
    assert np.abs(table["value"] * table["weight"] - table["contribution"]).max() < 1e-12


def test_contributions_of_a_model_of_two_labels_sum_too(tiny_framework):
    rows = [(f"s{n}", f"d{n}", "dig here with us", "shared") for n in range(4)]
    rows += [(f"n{n}", f"e{n}", "bus there at nine", "none") for n in range(4)]
    table = pd.DataFrame(rows, columns=["segment_id", "document_id", "text", "label"])
    model = train(bare_training_table(table, tiny_framework), tiny_framework, seed=0)
    texts = pd.Series(["dig there", "bus"], index=["a", "b"])
    found = model.probabilities(texts)
    for label, against in (("none", "shared"), ("shared", "none")):
        sums = text_contributions(model, texts, label=label, against=against).groupby("segment_id")
        odds = np.log(found[:, model.labels.index(label)] / found[:, model.labels.index(against)])
        assert np.abs(sums["contribution"].sum().to_numpy() - odds).max() < 1e-9


def test_the_largest_contribution_stands_first_after_the_constant(trained):
    table = text_contributions(
        trained, pd.Series(["The warden counts rakes"], ["a"]), label="managed", against="none"
    )
    assert table.loc[0, "kind"] == "constant"
    assert table["contribution"].iloc[1:].abs().is_monotonic_decreasing


@pytest.mark.parametrize(("label", "against"), [("managed", "managed"), ("managed", "lost")])
def test_labels_that_make_no_odds_are_refused(trained, label, against):
    with pytest.raises(InputError, match="cannot be taken apart"):
        text_contributions(trained, pd.Series(["x"], ["a"]), label=label, against=against)


def test_contributions_to_a_change_sum_to_the_change(trained, dated):
    table = change_contributions(trained, dated, "year", "2020", "2021")
    change = mean_log_odds(trained, dated, "2021") - mean_log_odds(trained, dated, "2020")
    assert table["contribution"].sum() == pytest.approx(change, abs=1e-9)
    assert list(table.columns) == list(CHANGE_COLUMNS)
    assert table["kind"].iloc[-1] == "other terms"
    assert (table["n_groups"].iloc[:-1] >= 5).all()


def test_a_term_that_all_begin_to_use_is_listed(dated):
    model = train(training_table(dated), dated.framework, seed=1)
    table = change_contributions(model, dated, "year", "2020", "2021", n_terms=1000).set_index("term")
    assert table.loc["steward", ["first", "n_groups"]].tolist() == [0, 7]
    assert table.loc["steward", "second"] > 0


def test_more_terms_change_only_how_much_is_summed_up(trained, dated):
    few, many = (change_contributions(trained, dated, "year", "2020", "2021", n_terms=n) for n in (2, 9))
    assert (len(few), len(many)) == (3, 10)
    assert set(many["kind"]) == {"word", "other terms"}
    assert few["contribution"].sum() == pytest.approx(many["contribution"].sum(), abs=1e-9)


@pytest.mark.parametrize(("plots", "shown"), [("0123", False), ("01234", True)])
def test_a_term_that_fewer_than_five_use_is_never_listed(dated, plots, shown):
    segments = dated.segments.copy()
    own = segments["document_id"].str[7].isin(list(plots)) & segments["document_id"].str.endswith("1")
    segments.loc[own, "text"] = segments.loc[own, "text"] + " kohlrabi kohlrabi"
    corpus = replace(dated, segments=segments)
    model = train(training_table(corpus), corpus.framework, seed=1)
    both = ("word", "char")
    table = change_contributions(model, corpus, "year", "2020", "2021", n_terms=100_000, kinds=both)
    assert table["term"].str.contains("kohl").any() == shown


@pytest.mark.parametrize("spoken", [True, False])
def test_a_term_that_few_say_in_one_of_the_groups_is_not_listed(dated, with_speakers, spoken):
    segments = dated.segments.copy()
    late = segments["document_id"].str.endswith("1")
    segments.loc[~late | segments["document_id"].str[7].isin(["0", "1"]), "text"] += " kohlrabi"
    corpus = replace(dated, segments=segments)
    corpus = with_speakers(corpus) if spoken else corpus
    model = train(training_table(corpus), corpus.framework, seed=1)
    table = change_contributions(model, corpus, "year", "2020", "2021", n_terms=100_000)
    assert ("kohlrabi" in set(table["term"])) == (not spoken)


def test_a_term_of_people_who_do_not_consent_is_not_counted(dated, with_speakers):
    spoken = with_speakers(dated, without_training=["P0", "P1", "P2"])
    model = train(training_table(dated), dated.framework, seed=1)
    table = change_contributions(model, spoken, "year", "2020", "2021", n_terms=1000)
    assert len(table) == 1
    change = mean_log_odds(model, dated, "2021") - mean_log_odds(model, dated, "2020")
    assert table["contribution"].sum() == pytest.approx(change, abs=1e-9)


def test_groups_of_fewer_than_five_workers_are_refused(trained, dated):
    worker = dated.documents["plot_id"].map(lambda plot: f"W{int(plot[1:]) % 4}")
    corpus = replace(dated, documents=dated.documents.assign(worker_id=worker))
    with pytest.raises(DisclosureError, match="rests on fewer than 5 workers"):
        change_contributions(trained, corpus, "year", "2020", "2021")


def test_columns_that_are_absent_or_name_people_are_refused(trained, dated):
    with pytest.raises(InputError, match="has no column 'colour'"):
        change_contributions(trained, dated, "colour", "red", "blue")
    with pytest.raises(InputError, match="No segment of garden has year '1999'"):
        change_contributions(trained, dated, "year", "1999", "2021")
    with pytest.raises(DisclosureError, match="worker_id"):
        change_contributions(trained, dated, "worker_id", "a", "b")
