"""What is unlike the training texts is said to be so, with the reason, and without a word of it."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import out_of_fold, train, training_table
from peercompare.classifier.domain import _weighed, document_terms, known_terms


def told(model, texts, document="d"):
    ids = [f"{document}:{number}" for number in range(len(texts))]
    table = pd.DataFrame({"segment_id": ids, "document_id": document, "text": texts})
    return model.predict_table(table)


STRANGE = ["Zymurgy exhilarates quixotic jackdaws", "Vexed knights pry open crypts"] * 4


def test_a_document_of_new_words_is_out_of_domain_and_says_why(trained):
    found = told(trained, STRANGE)
    assert found["out_of_domain"].all()
    assert found["unlike"].nunique() == 1
    why = found["why_unlike"].iloc[0]
    assert "of its words and pairs of words is new" in why
    assert "letter sequences is new" in why
    assert "words (usual:" in why


def test_no_word_of_a_document_is_shown(trained):
    why = " ".join(told(trained, STRANGE)["why_unlike"]).lower()
    assert not any(word.lower() in why for text in STRANGE for word in text.split())


def test_few_documents_of_groups_held_out_are_out_of_domain(make_garden):
    wide = make_garden(n_plots=20)
    found = out_of_fold(wide, n_folds=4, seed=1)
    documents = found.assign(document=found["segment_id"].str[:-4]).drop_duplicates("document")
    assert documents["out_of_domain"].mean() < 0.15
    assert (documents.loc[~documents["out_of_domain"], "why_unlike"] == "").all()


def test_all_segments_of_a_document_get_the_same_and_order_does_not_matter(trained, garden):
    table = garden.segments[["segment_id", "document_id", "text"]]
    found = trained.predict_table(table).set_index("segment_id")
    assert (found["unlike"].groupby(table.set_index("segment_id")["document_id"]).nunique() == 1).all()
    turned = trained.predict_table(table.iloc[::-1]).set_index("segment_id").loc[found.index]
    assert np.allclose(found["unlike"], turned["unlike"])


def test_terms_known_have_no_unseen_share_and_terms_new_have_all(trained):
    terms = document_terms(trained.pipeline, ["zzz qqq", "warden"], ["new", "old"])
    shares, vectors = _weighed(terms, known_terms(trained.pipeline))
    assert shares[0, 0] == 1
    assert vectors[0].nnz < vectors[1].nnz
    assert shares[1].tolist() == [0, 0]
    assert np.linalg.norm(vectors[1].toarray()) == pytest.approx(1)


def test_what_is_usual_is_learnt_from_documents_whose_group_was_held_out(garden, tiny_framework):
    table = training_table(garden)
    own = table["group"] == "garden:P3"
    table.loc[own, "text"] = table.loc[own, "text"] + " quagga quokka quetzal quoll"
    with_own = train(table, tiny_framework, seed=5).facts["domain"]
    without = train(training_table(garden), tiny_framework, seed=5).facts["domain"]
    # the plot's own words stand in many of its rows, so a model that had seen them would not call them new
    assert with_own["usual"][0] > without["usual"][0] + 0.1


def test_a_corpus_of_few_groups_has_no_mean_document_of_its_own(garden, garden_letters, make_garden):
    few = make_garden(n_plots=3, name="few", seed=4)
    both = train(training_table([garden, garden_letters]), garden.framework, seed=1)
    pooled = train(training_table([garden, few]), garden.framework, seed=1)
    assert (len(both.centroids), len(pooled.centroids)) == (2, 1)


def test_a_model_that_was_not_calibrated_says_nothing_of_it(garden):
    model = train(training_table(garden), garden.framework, seed=1, calibrate=False)
    assert list(told(model, ["The warden counts"]).columns[-2:]) == ["managed", "named"]
