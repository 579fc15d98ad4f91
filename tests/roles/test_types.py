import dataclasses

import numpy as np
import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.errors import DisclosureError, InputError
from peercompare.roles import RoleRules, classify_roles, find_markers, role_features


def test_shares_markers_titles_and_texts_are_gathered_for_each_document(
    documents, segments, predictions, tiny_framework
):
    table = role_features(documents, segments, predictions, tiny_framework).set_index("document_id")
    assert table["n_segments"].tolist() == [3] * 5
    assert table.loc["b", "share_managed"] == pytest.approx(2 / 3)
    assert table.loc["d", "share_both"] == pytest.approx(1 / 2)
    assert table["n_asked"].tolist() == [0, 1, 1, 0, 1]
    assert table["title_family"].tolist() == ["gardener", "gardener", "warden", "", "warden"]
    assert table.loc["a", "lived_experience"] == "central"
    assert table.loc["b", "lived_experience"] == "absent"


def test_each_document_gets_the_type_it_was_made_for(documents, segments, predictions, tiny_framework):
    roles = classify_roles(documents, segments, predictions, tiny_framework)
    assert roles["document_id"].tolist() == list("abcde")
    assert roles["role_type"].tolist()[:3] == ["gardener", "gardener_who_manages", "warden"]
    assert roles["over_last"].tolist() == [False, True, False, False, False]
    assert roles["promises_first"].tolist() == [True, True, False, False, False]
    assert (roles["role_type_gold"] == "").all()


def test_the_evidence_says_what_decided_in_words(documents, segments, predictions, tiny_framework):
    evidence = classify_roles(documents, segments, predictions, tiny_framework)["evidence"]
    assert "67% of stance-taking segments managed" in evidence[1]
    assert "(counting)" in evidence[1]
    assert "Gardener's title (title)" in evidence[1]
    assert "by the title" in evidence[1]
    assert "the nearest" in evidence[3]


def test_gold_is_copied_and_decides_nothing(documents, segments, predictions, tiny_framework):
    gold = pd.DataFrame({"document_id": ["b", "c"], "role_type": ["gardener", "gardener_who_manages"]})
    without = classify_roles(documents, segments, predictions, tiny_framework)
    roles = classify_roles(documents, segments, predictions, tiny_framework, gold=gold)
    assert roles["role_type_gold"].tolist() == ["", "gardener", "gardener_who_manages", "", ""]
    assert roles["over_last_gold"].tolist() == [False, False, True, False, False]
    assert roles["role_type"].equals(without["role_type"])


def test_what_the_documents_table_states_goes_before_what_the_text_says(
    documents, segments, predictions, tiny_framework
):
    stated = documents.assign(title_family="warden", lived_experience="required")
    table = role_features(stated, segments, predictions, tiny_framework)
    assert set(table["title_family"]) == {"warden"}
    assert set(table["lived_experience"]) == {"central"}
    assert set(table["family_from"]) == {"documents table"}


def test_documents_without_titles_are_judged_by_their_texts(documents, segments, predictions, tiny_framework):
    roles = classify_roles(documents[["document_id"]], segments, predictions, tiny_framework)
    assert roles["role_type"].tolist() == ["gardener", "warden", "warden", "warden", "warden"]
    assert roles["evidence"].str.contains("title: none").all()


@pytest.mark.parametrize(
    ("sentence", "level"),
    [
        ("The holder must have dug; whoever has dug knows.", "central"),
        ("The holder has dug.", "central"),
        ("Having dug is welcome.", "credited"),
        ("Whoever has dug may apply.", "credited"),
        ("Nobody here has dug.", "absent"),
        ("Nothing of the kind.", "absent"),
    ],
)
def test_lived_experience_is_asked_for_welcomed_or_absent(predictions, tiny_framework, sentence, level):
    documents = pd.DataFrame({"document_id": ["x"], "title": ["Helper"]})
    segments = pd.DataFrame({"segment_id": ["a:1"], "document_id": ["x"], "text": [sentence]})
    table = role_features(documents, segments, predictions, tiny_framework)
    assert table.loc[0, "lived_experience"] == level


def test_under_a_title_of_the_last_stance_naming_lived_experience_is_no_requirement(
    predictions, tiny_framework
):
    documents = pd.DataFrame({"document_id": ["x"], "title": ["Warden"]})
    segments = pd.DataFrame({"segment_id": ["a:1"], "document_id": ["x"], "text": ["The holder has dug."]})
    table = role_features(documents, segments, predictions, tiny_framework)
    assert table.loc[0, "lived_experience"] == "credited"


def test_leading_is_found_by_title_or_by_two_sentences(deegan):
    texts = ["Supervises peer specialists.", "Hires and trains peer staff.", "Nothing."]
    segments = pd.DataFrame({"segment_id": ["x:1", "x:2", "x:3"], "document_id": "x", "text": texts})
    labels = pd.DataFrame(0.0, index=range(3), columns=list(deegan.labels))
    labels[deegan.axis[0]] = 1.0
    predictions = labels.assign(segment_id=segments["segment_id"])
    leading = next(role_type.id for role_type in deegan.role_types if role_type.leads_workers)
    documents = pd.DataFrame({"document_id": ["x"], "title": ["Helper"], "lived_experience": ["required"]})
    titled = documents.assign(title="Director of Peer Support")
    assert classify_roles(documents, segments, predictions, deegan).loc[0, "role_type"] == leading
    assert classify_roles(titled, segments[:1], predictions, deegan).loc[0, "role_type"] == leading
    assert classify_roles(documents, segments[:1], predictions, deegan).loc[0, "role_type"] != leading


def test_marked_acts_count_where_the_share_alone_would_not_do(
    documents, segments, predictions, tiny_framework
):
    strict = RoleRules(main_duties=0.9, some_duties=0.5, n_markers=1)
    stricter = RoleRules(main_duties=0.9, some_duties=0.5, n_markers=2)
    assert classify_roles(documents, segments, predictions, tiny_framework, rules=strict)["over_last"][1]
    assert not classify_roles(documents, segments, predictions, tiny_framework, rules=stricter)["over_last"][
        1
    ]


def test_a_document_that_takes_no_stance_has_no_share_and_is_judged_by_its_acts(tiny_framework):
    documents = pd.DataFrame({"document_id": ["x"], "title": ["Gardener"]})
    segments = pd.DataFrame({"segment_id": ["x:1"], "document_id": ["x"], "text": ["Rest."]})
    none = pd.DataFrame(
        {"segment_id": ["x:1"], "none": [1.0], "shared": [0.0], "both": [0.0], "managed": [0.0]}
    )
    roles = classify_roles(documents, segments, none, tiny_framework)
    assert np.isnan(roles.loc[0, "share_managed"])
    assert "no segment takes a stance" in roles.loc[0, "evidence"]


def test_a_document_without_segments_is_refused_by_name(documents, segments, predictions, tiny_framework):
    with pytest.raises(InputError, match="1 documents have no segment with a prediction: e"):
        classify_roles(documents, segments[segments["document_id"] != "e"], predictions, tiny_framework)


def test_missing_label_columns_are_named(documents, segments, predictions, tiny_framework):
    with pytest.raises(InputError, match="'managed' is missing"):
        classify_roles(documents, segments, predictions.drop(columns="managed"), tiny_framework)


def test_a_framework_without_role_types_is_refused(documents, segments, predictions, tiny_framework):
    bare = dataclasses.replace(tiny_framework, role_types=())
    with pytest.raises(InputError, match="no role types"):
        classify_roles(documents, segments, predictions, bare)


def test_tables_of_the_caller_are_left_as_they_were(documents, segments, predictions, tiny_framework):
    before = documents.copy(), segments.copy(), predictions.copy()
    classify_roles(documents, segments, predictions, tiny_framework)
    for table, copy in zip((documents, segments, predictions), before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


@pytest.mark.parametrize("column", ["speakers", "worker_id", "peer_id", "Staff Name"])
def test_documents_that_say_whose_they_are_get_no_role_type(
    documents, segments, predictions, tiny_framework, column
):
    whose = documents.assign(**{column: "W01"})
    for read in (classify_roles, role_features):
        with pytest.raises(DisclosureError, match=rf"(?s)not of people: the table of documents.*'{column}'"):
            read(whose, segments, predictions, tiny_framework)


def test_sessions_get_no_role_types_and_no_markers(corpora_folder, deegan):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30")
    alike = corpus.segments[["segment_id"]].assign(**dict.fromkeys(deegan.labels, 0.25))
    with pytest.raises(DisclosureError, match=r"(?s)worker_id.*speakers"):
        classify_roles(corpus.documents, corpus.segments, alike, deegan)
    with pytest.raises(DisclosureError, match="speaker"):
        find_markers(corpus.segments, deegan)
    plain = corpus.segments.drop(columns="speaker")
    with pytest.raises(DisclosureError, match="worker_id"):
        find_markers(plain, deegan, documents=corpus.documents)
