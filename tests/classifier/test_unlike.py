"""Documents that are unlike the training texts are counted, and few workers are not told apart."""

from dataclasses import replace

import pandas as pd
import pytest

from peercompare.classifier.unlike import DOMAIN_TABLE_COLUMNS, domain_table
from peercompare.errors import InputError


@pytest.fixture
def predicted(garden):
    strange = garden.segments["document_id"].isin(["garden-2-0", "garden-4-1"])
    return pd.DataFrame({"segment_id": garden.segments["segment_id"], "out_of_domain": strange})


def test_documents_are_counted_once(garden, predicted):
    table = domain_table(garden, predicted)
    assert list(table.columns) == DOMAIN_TABLE_COLUMNS
    row = table.iloc[0]
    assert (row["n_out_of_domain"], row["n_documents"], row["n_clusters"]) == (2, 14, 7)
    assert row["estimate"] == pytest.approx(1 / 7)
    assert row["lower"] < row["estimate"] < row["upper"]


def test_documents_of_few_workers_are_withheld(garden, predicted):
    worker = garden.documents["plot_id"].map(lambda plot: f"W{int(plot[1:]) % 4}")
    real = replace(garden, documents=garden.documents.assign(worker_id=worker), composed=False)
    row = domain_table(real, predicted, waive=True).iloc[0]
    assert pd.isna(row["estimate"])
    assert pd.isna(row["n_out_of_domain"])
    assert row["reason"].startswith("withheld")
    assert domain_table(replace(real, composed=True), predicted, waive=True).loc[0, "n_out_of_domain"] == 2


def test_predictions_that_do_not_say_it_are_refused(garden, predicted):
    with pytest.raises(InputError, match="have no column out_of_domain"):
        domain_table(garden, predicted.drop(columns="out_of_domain"))
    with pytest.raises(InputError, match="1 segments of garden have no prediction"):
        domain_table(garden, predicted.iloc[1:])
