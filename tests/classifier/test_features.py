"""Blocks of terms: of a segment's own words, and of what stands around it."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from peercompare.classifier.features import CONTEXT_WEIGHTS, KIND_WEIGHTS, SegmentFeatures
from peercompare.classifier.inputs import as_inputs

TEXTS = ["we dig here", "we dig there", "they count rakes", "they count beds"]


@pytest.fixture
def table():
    return pd.DataFrame(
        {"text": TEXTS, "document": "\n".join(TEXTS), "before": ["", *TEXTS[:3]], "heading": "we dig"}
    )


def norms(features, X, kinds):
    names, found = features.get_feature_names_out(), features.transform(X).toarray()
    of = np.array([name.split("__")[0] for name in names])
    return {kind: np.linalg.norm(found[:, of == kind], axis=1).round(6).tolist() for kind in kinds}


def test_every_feature_has_a_name_and_every_block_its_weight(table):
    features = SegmentFeatures(min_df=1).fit(table)
    assert len(features.get_feature_names_out()) == features.transform(table).shape[1]
    weights = {**KIND_WEIGHTS, "document": CONTEXT_WEIGHTS["document"], "heading": CONTEXT_WEIGHTS["heading"]}
    assert norms(features, table, weights) == {kind: [weight] * 4 for kind, weight in weights.items()}


def test_rows_without_a_document_have_columns_of_their_own(table):
    features = SegmentFeatures(min_df=1).fit(table)
    alone = features.alone_columns()
    assert features.transform(table)[:, alone].nnz == 0
    assert features.transform(TEXTS)[:, ~alone].nnz == 0
    assert features.transform(TEXTS)[:, -1].toarray().ravel().tolist() == [1.0] * 4


def test_texts_alone_have_the_first_blocks_alone():
    features = SegmentFeatures(min_df=1).fit(TEXTS)
    assert not features.alone_columns().any()
    assert (features.transform(TEXTS) != features.own_terms(TEXTS)).nnz == 0
    assert len(features.blocks(as_inputs(TEXTS), np.ones(4, dtype=bool))) == 1


def test_blocks_are_the_rows_as_they_are_or_as_they_would_be_without_context(table):
    features, inputs = SegmentFeatures(min_df=1).fit(table), as_inputs(table)
    for known, X in ((np.ones(4, dtype=bool), table), (np.zeros(4, dtype=bool), TEXTS)):
        blocks = [each.as_matrix() for each in features.blocks(inputs, known)]
        assert (sparse.hstack(blocks, format="csr") != features.transform(X)).nnz == 0


def test_words_of_others_are_learnt_too(table):
    heard = table.assign(before=["alas poor rake", "alas poor spade", "", ""])
    assert "alas poor" in SegmentFeatures().fit(heard).word_.vocabulary_
    assert "alas poor" not in SegmentFeatures(context=False).fit(heard).word_.vocabulary_


def test_segments_of_a_document_weigh_the_same_however_long(table):
    features = SegmentFeatures(min_df=1).fit(table)
    short, long = "we dig", "they count rakes and beds and rakes again"
    one, turned = (features._of_documents([text]) for text in (f"{short}\n{long}", f"{long}\n{short}"))
    assert abs(one - turned).max() < 1e-12
    assert one.toarray().ravel()[features.word_.vocabulary_["dig"]] > 0.3
