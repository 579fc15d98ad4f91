"""Shares of documents with a marker, with intervals over employers."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift.ratios import ratio_of_totals
from peercompare.errors import DisclosureError, InputError
from peercompare.roles import marker_shares


@pytest.fixture
def yards():
    """Fourteen documents of six gardens, nine of them in yards; two columns more."""
    gardens = ["G0"] * 4 + ["G1"] * 3 + ["G2"] * 2 + ["G3"] * 2 + ["G4"] * 2 + ["G5"]
    settings = ["yard"] * 9 + ["allotment"] * 5
    ids = [f"d{n:02d}" for n in range(14)]
    return pd.DataFrame({"document_id": ids, "employer_id": gardens, "setting": settings, "corpus": "plots"})


@pytest.fixture
def found(tiny_framework):
    """The first marker in five documents, in one of them twice over; the second excluded in one."""
    first, second = (marker.id for marker in tiny_framework.markers[:2])
    rows = [(f"d{n:02d}", first, "present") for n in (0, 1, 4, 9, 11)]
    rows += [("d00", first, "present"), ("d00", first, "excluded"), ("d13", second, "excluded")]
    return pd.DataFrame(
        [*rows, ("elsewhere", first, "present")], columns=["document_id", "marker", "finding"]
    )


def row_of(table, group, marker, finding="present"):
    """The one row of a group, marker and finding."""
    rows = table[(table["setting"] == group) & (table["marker"] == marker) & (table["finding"] == finding)]
    (row,) = rows.to_dict("records")
    return row


def test_every_group_marker_and_finding_has_a_row_with_its_counts(found, yards, tiny_framework):
    table = marker_shares(found, yards, tiny_framework)
    first, second = (marker.id for marker in tiny_framework.markers[:2])
    assert len(table) == 3 * len(tiny_framework.markers) * 2
    assert list(dict.fromkeys(table["setting"])) == ["all", "allotment", "yard"]
    assert set(table["corpus"]) == {"plots"}
    counts = ["n", "n_documents", "n_employers"]
    assert [row_of(table, "all", first)[name] for name in counts] == [5, 14, 6]
    assert [row_of(table, "yard", first)[name] for name in counts] == [3, 9, 3]
    assert [row_of(table, "allotment", second, "excluded")[name] for name in counts] == [1, 5, 3]
    assert row_of(table, "all", first, "excluded")["n"] == 1
    assert table["share"].tolist() == pytest.approx((table["n"] / table["n_documents"]).tolist())


def test_the_interval_is_over_employers_and_not_over_documents(found, yards, tiny_framework):
    row = row_of(marker_shares(found, yards, tiny_framework), "all", tiny_framework.markers[0].id)
    expected = ratio_of_totals(
        np.array([[2.0], [1.0], [0.0], [1.0], [1.0], [0.0]]),
        np.array([[4.0], [3.0], [2.0], [2.0], [2.0], [1.0]]),
        bounds=(0.0, 1.0),
    )
    assert (row["lower"], row["upper"]) == pytest.approx((expected.lower[0], expected.upper[0]))
    assert row["reason"] == ""
    wider = marker_shares(found, yards, tiny_framework, confidence_level=0.99)
    assert row_of(wider, "all", tiny_framework.markers[0].id)["lower"] < row["lower"]


def test_few_employers_and_markers_that_nobody_shows_get_a_reason_and_no_interval(
    found, yards, tiny_framework
):
    table = marker_shares(found, yards, tiny_framework)
    assert ((table["reason"] == "") == table["lower"].notna()).all()
    first, second = (marker.id for marker in tiny_framework.markers[:2])
    assert "at least five employers and this rests on 3" in row_of(table, "yard", first)["reason"]
    assert "the same in all employers" in row_of(table, "all", second)["reason"]
    assert row_of(table, "all", second)["share"] == 0.0


def test_other_columns_may_group_and_documents_without_an_employer_stand_alone(found, yards, tiny_framework):
    alone = yards.assign(employer_id=None, office=yards["employer_id"]).drop(columns="corpus")
    table = marker_shares(found, alone, tiny_framework, by="office")
    assert set(table.loc[table["office"] == "all", "n_employers"]) == {14}
    assert set(table.loc[table["office"] == "G0", "n_employers"]) == {4}
    assert "corpus" not in table


def test_the_tables_stay_as_they_were(found, yards, tiny_framework):
    before = found.copy(), yards.copy()
    marker_shares(found, yards, tiny_framework)
    pd.testing.assert_frame_equal(found, before[0])
    pd.testing.assert_frame_equal(yards, before[1])


def test_people_two_corpora_and_missing_columns_are_refused(found, yards, tiny_framework):
    with pytest.raises(DisclosureError, match="worker_id"):
        marker_shares(found, yards.assign(worker_id="W1"), tiny_framework)
    with pytest.raises(InputError, match="several corpora: plots, fields"):
        marker_shares(found, yards.assign(corpus=["plots"] * 9 + ["fields"] * 5), tiny_framework)
    with pytest.raises(InputError, match="'county' is missing"):
        marker_shares(found, yards, tiny_framework, by="county")


def test_each_marker_names_the_source_that_it_comes_from(found, yards, tiny_framework):
    table = marker_shares(found, yards, tiny_framework)
    sources = {marker.id: marker.source for marker in tiny_framework.markers}
    assert dict(zip(table["marker"], table["source"], strict=True)) == sources
