"""On the shipped job descriptions the rules hold for employers that the cues were not written on."""

import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.roles import classify_roles, find_markers, score_markers, score_roles, title_against_duties


@pytest.fixture(scope="module")
def found(corpora_folder):
    """Corpus, findings and roles, with gold stances in place of predictions."""
    corpus = open_corpus(corpora_folder / "job_descriptions")
    framework = corpus.framework
    gold = corpus.codings[(corpus.codings["coder_id"] == "gold") & corpus.codings["is_primary"]]
    stances = gold["code"].map(framework.stance_of)
    labels = pd.DataFrame({label: (stances == label).astype(float) for label in framework.labels})
    predictions = labels.assign(segment_id=gold["segment_id"])
    findings = find_markers(corpus.segments, framework, documents=corpus.documents, predictions=predictions)
    types = corpus.role_types[corpus.role_types["coder_id"] == "gold"]
    roles = classify_roles(
        corpus.documents, corpus.segments, predictions, framework, findings=findings, gold=types
    )
    return corpus, findings, roles


def score(table, label, name, scope, task):
    """One estimate."""
    keys = {"label": label, "score": name, "scope": scope, "task": task}
    chosen = table
    for column, value in keys.items():
        chosen = chosen[chosen[column] == value]
    return chosen["estimate"].item()


def test_role_types_are_far_better_than_the_commonest_type_on_unseen_employers(found):
    corpus, _, roles = found
    table = score_roles(roles, corpus.framework)
    accuracy = score(table, "", "accuracy", "unseen", "role_type")
    assert accuracy > 0.8
    assert accuracy > score(table, "", "accuracy_of_commonest", "unseen", "role_type") + 0.3


def test_markers_on_unseen_employers_are_worse_than_on_all_and_still_useful(found):
    corpus, findings, _ = found
    gold = corpus.markers[corpus.markers["coder_id"] == "gold"]
    table = score_markers(findings, gold, corpus.documents, corpus.framework)
    unseen = score(table, "", "f1", "unseen", "marker")
    assert 0.55 < unseen < score(table, "", "f1", "all", "marker")


def test_findings_point_to_segments_of_their_own_document(found):
    corpus, findings, _ = found
    home = corpus.segments.set_index("segment_id")["document_id"]
    for finding in findings.itertuples():
        assert {home[segment_id] for segment_id in finding.segment_ids.split()} == {finding.document_id}


def test_titles_against_duties_by_rule_and_by_gold_stand_close(found):
    _, _, roles = found
    by_rule = title_against_duties(roles, by="setting")
    by_gold = title_against_duties(roles, by="setting", role_type="role_type_gold")
    assert by_rule["n_peer_titles"].equals(by_gold["n_peer_titles"])
    assert by_rule.loc[0, "lower"] < by_gold.loc[0, "share"] < by_rule.loc[0, "upper"]
