"""Agreement on whole documents: role types and markers."""

import numpy as np
import pandas as pd
import pytest

from peercompare.agreement import COLUMNS, document_agreement_table, krippendorff_alpha
from peercompare.errors import CodingError, InputError


@pytest.fixture
def judged(tiny_framework):
    """Twelve documents of six employers, two coders who part on D3's role type and on a marker in D5."""
    types = [role_type.id for role_type in tiny_framework.role_types]
    marker = tiny_framework.markers[0].id
    documents = pd.DataFrame(
        {"document_id": [f"D{n}" for n in range(12)], "employer_id": [f"E{n // 2}" for n in range(12)]}
    )
    role_types, markers = [], []
    for n in range(12):
        for coder in ("ann", "ben", "gold"):
            parted = coder == "ben" and n == 3
            role_types.append((f"D{n}", coder, types[(n + parted) % 2]))
            if n % 3 == 0 or (coder == "ben" and n == 5):
                markers.append((f"D{n}", coder, marker, "present"))
            if n == 1:
                markers.append((f"D{n}", coder, marker, "excluded"))
    return (
        pd.DataFrame(role_types, columns=["document_id", "coder_id", "role_type"]),
        pd.DataFrame(markers, columns=["document_id", "coder_id", "marker", "finding"]),
        documents,
    )


@pytest.fixture
def table(judged, tiny_framework):
    return document_agreement_table(*judged, framework=tiny_framework, corpus_name="garden")


def row(table, scope, value, coefficient):
    found = table[
        (table["scope"] == scope) & (table["value"] == value) & (table["coefficient"] == coefficient)
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_it_has_the_columns_of_every_agreement_table(table, tiny_framework):
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 3 * (1 + len(tiny_framework.role_types) + 1 + len(tiny_framework.markers))
    assert set(table["scope"]) == set(table["level"]) == {"role_type", "marker"}


def test_role_types_are_compared_by_document_and_clustered_by_employer(table):
    found = row(table, "role_type", "", "raw")
    assert found["estimate"] == pytest.approx(11 / 12)
    assert (found["n_documents"], found["n_clusters"], found["n_coders"], found["n_segments"]) == (
        12,
        6,
        2,
        0,
    )
    assert found["method"] == "raw agreement; delete-one-employer jackknife, t(5)"


def test_a_marker_without_a_row_was_not_found_and_an_excluded_one_is_not_present(table, tiny_framework):
    ann = [n % 3 == 0 for n in range(12)]
    ben = [n % 3 == 0 or n == 5 for n in range(12)]
    found = row(table, "marker", tiny_framework.markers[0].id, "alpha")
    assert found["estimate"] == pytest.approx(krippendorff_alpha([ann, ben], level_of_measurement="nominal"))
    assert found["prevalence"] == pytest.approx(9 / 24)


def test_a_marker_that_no_coder_lists_is_undefined_rather_than_agreed_to_be_absent(table, tiny_framework):
    found = table[table["value"] == tiny_framework.markers[1].id]
    assert found["estimate"].isna().all()
    assert found["reason"].str.contains("no coder lists this marker").all()


def test_documents_that_a_coder_did_not_judge_are_missing_for_markers_too(judged, tiny_framework):
    role_types, markers, documents = judged
    unread = role_types[~((role_types["coder_id"] == "ben") & (role_types["document_id"] == "D0"))]
    found = document_agreement_table(
        unread, markers, documents, framework=tiny_framework, corpus_name="garden"
    )
    ann = [n % 3 == 0 for n in range(12)]
    ben = [None] + [n % 3 == 0 or n == 5 for n in range(1, 12)]
    expected = krippendorff_alpha([ann, ben], level_of_measurement="nominal")
    assert row(found, "marker", tiny_framework.markers[0].id, "alpha")["estimate"] == pytest.approx(expected)
    assert row(found, "role_type", "", "raw")["n_documents"] == 11


def test_role_types_alone_make_a_table(judged, tiny_framework):
    role_types, markers, documents = judged
    found = document_agreement_table(
        role_types, markers.iloc[:0], documents, framework=tiny_framework, corpus_name="garden"
    )
    assert set(found["scope"]) == {"role_type"}


def test_what_cannot_be_compared_is_refused(judged, tiny_framework):
    role_types, markers, documents = judged
    arguments = {"framework": tiny_framework, "corpus_name": "garden"}
    with pytest.raises(CodingError, match="needs two coders"):
        document_agreement_table(role_types[role_types["coder_id"] != "ben"], markers, documents, **arguments)
    with pytest.raises(CodingError, match="ann is named twice"):
        document_agreement_table(
            pd.concat([role_types, role_types.iloc[:1]]), markers, documents, **arguments
        )
    with pytest.raises(CodingError, match="not in the documents table"):
        document_agreement_table(role_types, markers, documents.iloc[1:], **arguments)
    with pytest.raises(InputError, match=r"role_types: column 'coder_id'(.|\n)*markers: column 'finding'"):
        document_agreement_table(
            role_types.drop(columns="coder_id"), markers.drop(columns="finding"), documents, **arguments
        )
    with pytest.raises(InputError, match="'sailor' stands outside"):
        document_agreement_table(
            role_types.replace({"role_type": {role_types["role_type"].iloc[0]: "sailor"}}),
            markers,
            documents,
            **arguments,
        )


def test_the_shipped_markers_say_which_were_looked_for_by_gold_alone(corpora_folder, deegan):
    folder = corpora_folder / "job_descriptions"
    tables = [pd.read_csv(folder / name) for name in ("role_types.csv", "markers.csv", "documents.csv")]
    found = document_agreement_table(*tables, framework=deegan, corpus_name="job_descriptions")
    assert row(found, "role_type", "", "alpha")["estimate"] > 0.9
    unseen = found[found["reason"].str.contains("no coder lists")]["value"].nunique()
    assert unseen == 4
    assert np.isfinite(row(found, "marker", "", "alpha")["lower"])
