import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import (
    calibration_table,
    coder_scores,
    out_of_fold,
    scores_table,
    train,
    training_table,
)
from peercompare.classifier.card import card_paths, model_card, save_card
from peercompare.classifier.training import bare_training_table
from peercompare.report import page_faults

MITCHELL = [
    "Model details", "Intended use", "Factors", "Metrics", "data", "Training data", "Quantitative analyses",
    "Ethical considerations", "Caveats and recommendations",
]  # fmt: skip


@pytest.fixture(scope="module")
def tables(garden):
    predictions = out_of_fold(garden, n_folds=3, seed=1).drop(columns="named")
    labels = list(garden.framework.labels)
    mistaken = np.random.default_rng(1).random(len(predictions)) < 0.4
    predictions.loc[mistaken, labels] = predictions.loc[mistaken, labels[::-1]].to_numpy()
    own = scores_table(garden, predictions)
    return pd.concat([own, coder_scores(garden)], ignore_index=True), calibration_table(garden, predictions)


@pytest.fixture(scope="module")
def card(trained, tables, garden, tiny_framework):
    scores, calibration = tables
    return model_card(trained, scores, framework=tiny_framework, corpora=[garden], calibration=calibration)


def test_a_card_has_the_sections_of_model_cards_and_says_what_the_model_is_not_for(card, trained):
    for title in MITCHELL:
        assert re.search(rf"^## .*{title}", card.markdown, flags=re.MULTILINE), title
    assert trained.facts["not_for"] in card.markdown
    assert "No evaluation of an individual worker" in card.markdown
    assert "No hiring, discipline, pay" in card.markdown


def test_every_fact_that_a_model_records_stands_in_its_card(card, trained, garden):
    facts = trained.facts
    for said in (
        trained.model_id, facts["framework_sha256"], garden.sha256, garden.licence, garden.citation,
        *facts["versions"].values(), f"| Seed | {facts['seed']} |", f"| Segments | {facts['n_segments']} |",
        f"| Documents | {facts['n_documents']} |", *trained.labels,
    ):  # fmt: skip
        assert str(said) in card.markdown


def test_numbers_are_those_of_the_tables_with_their_intervals(card, tables):
    scores, calibration = tables
    for row in scores[scores["score"].isin(["macro_f1", "f1"]) & (scores["model"] == "ngram")].itertuples():
        assert f"{row.estimate:.3f} ({row.lower:.3f} to {row.upper:.3f})" in card.markdown
    assert f"{calibration['predicted'].iloc[0]:.3f}" in card.markdown
    assert "coder" in card.markdown.lower()
    assert "ann vs bo" in card.markdown


def test_another_number_in_the_table_is_another_number_in_the_card(trained, tables, tiny_framework):
    scores = tables[0].copy()
    at = scores.index[(scores["score"] == "macro_f1") & (scores["model"] == "ngram")][0]
    scores.loc[at, ["estimate", "lower", "upper"]] = [0.1234, 0.0456, 0.2345]
    assert "0.123 (0.046 to 0.234)" in model_card(trained, scores, framework=tiny_framework).markdown


def test_what_is_withheld_stays_withheld(trained, tables, tiny_framework):
    scores = tables[0].copy()
    here = scores["score"] == "accuracy"
    scores.loc[here, ["estimate", "lower", "upper"]] = np.nan
    scores.loc[here, "reason"] = "withheld: fewer than five"
    card = model_card(trained, scores, framework=tiny_framework)
    assert "withheld: fewer than five" in card.markdown


def test_a_weak_label_and_a_fall_out_of_domain_are_among_the_limits(trained, tables, tiny_framework):
    scores = tables[0].copy()
    weak = (scores["score"] == "f1") & (scores["label"] == "both") & (scores["model"] == "ngram")
    scores.loc[weak, ["estimate", "lower", "upper"]] = [0.31, 0.2, 0.42]
    away = scores[(scores["score"] == "macro_f1") & (scores["model"] == "ngram")].assign(
        model="garden_letter to garden_note", estimate=0.05
    )
    said = model_card(trained, pd.concat([scores, away]), framework=tiny_framework).markdown
    limits = said.split("## Caveats and recommendations")[1].split("\n## ")[0]
    assert "the label both is poorly told (F1 0.31, from 0.20 to 0.42)" in limits
    assert re.search(r"macro-F1 falls from 0\.[3-9]\d to 0\.05", limits)
    assert "Out of domain" in said


def test_without_scores_the_card_says_that_nothing_was_measured(trained, tiny_framework):
    said = model_card(trained, framework=tiny_framework).markdown
    assert "Not measured when this card was written" in said
    assert "F1 0" not in said


def test_people_are_counted_and_never_named_and_few_are_not_even_counted(
    garden, with_speakers, tiny_framework, tmp_path
):
    real = replace(with_speakers(garden), composed=False, folder=tmp_path)
    model = train(training_table(real), tiny_framework, seed=2)
    said = model_card(model, framework=tiny_framework, corpora=[real]).markdown
    hashes = model.facts["whose"]["garden"]
    assert f"| garden | {len(hashes)} |" in said
    assert not any(each in said for each in hashes)
    few = replace(model, facts={**model.facts, "whose": {"garden": hashes[:3]}})
    assert "| garden | fewer than 5 |" in model_card(few, framework=tiny_framework).markdown


def test_a_card_holds_no_word_of_a_text(card, garden):
    assert not any(text in card.markdown or text in card.html for text in garden.segments["text"])
    assert "warden" not in card.markdown


def test_a_model_of_a_plain_table_says_that_its_origin_is_not_known(garden, tiny_framework):
    labels = garden.codings[garden.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    table = garden.segments.assign(label=garden.segments["segment_id"].map(labels))
    model = train(bare_training_table(table, tiny_framework), tiny_framework, seed=1)
    said = model_card(model, framework=tiny_framework).markdown
    assert "nothing is known of its licence" in said
    assert "nobody was asked" in said


def test_the_page_is_accessible_and_stands_beside_the_model(card, tmp_path):
    plain, page = save_card(card, tmp_path / "stance.skops")
    assert (plain, page) == card_paths(tmp_path / "stance.skops")
    assert plain.name == "stance.card.md"
    html = page.read_text(encoding="utf-8")
    assert page_faults(html) == ()
    # Wide tables scroll by themselves on a narrow screen, and a command is code.
    assert html.count('<div role="region"') == html.count("<table") > 0
    assert "<code>peercompare drift --sample</code>" in html
    assert "`" not in html
    assert html.count("<h1>") == 1
    assert plain.read_text(encoding="utf-8") == card.markdown


def test_what_is_shown_only_because_the_corpus_is_composed_is_marked(trained, tables, tiny_framework):
    scores = tables[0].assign(waiver=True)
    said = model_card(trained, scores, framework=tiny_framework).markdown
    assert re.search(r"\d\.\d{3}\* \(", said)
    assert "* rests on fewer than five workers; shown because the corpus is composed." in said


def test_a_score_without_an_interval_says_why(trained, tables, tiny_framework):
    scores = tables[0].assign(lower=np.nan, upper=np.nan, reason="no interval: 4 clusters")
    said = model_card(trained, scores, framework=tiny_framework).markdown
    assert re.search(r"\d\.\d{3} \(no interval: 4 clusters\)", said)


def test_further_tables_are_shown_as_they_are(trained, tiny_framework):
    table = pd.DataFrame({"label": ["both", "none"], "covered": [0.91234, np.nan], "method": "counted"})
    card = model_card(trained, framework=tiny_framework, further={"Coverage of the sets": table})
    assert "**Coverage of the sets**\n\n| label | covered |\n|---|---|\n| both | 0.912 |" in card.markdown
    assert "| none |  |" in card.markdown
    assert page_faults(card.html) == ()
