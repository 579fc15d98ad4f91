import pytest

from peercompare.corpus.turns import REDACTED
from peercompare.errors import ConsentError, CorpusError


@pytest.fixture
def lacking(folder):
    """P3, who speaks in D2, has no record; P1, who speaks in D1, lacks training and quotation."""
    folder.tables["consents.csv"].pop()
    return folder.change("consents.csv", 1, purposes="analysis").write()


def test_exclude_leaves_the_whole_document_out_and_counts_it(lacking):
    corpus = lacking.open()
    assert corpus.documents["document_id"].tolist() == ["D1"]
    assert corpus.segments["segment_id"].tolist() == ["D1:1", "D1:2"]
    assert corpus.codings["segment_id"].tolist() == ["D1:1", "D1:2"]
    assert corpus.left_out.to_dict("records") == [
        {
            "document_id": "D2",
            "person_id": "P3",
            "purpose": "analysis",
            "reason": "no record",
            "n_segments": 1,
            "outcome": "excluded",
        }
    ]


def test_raise_names_everybody_and_every_purpose(lacking):
    with pytest.raises(ConsentError) as caught:
        lacking.open(policy="raise", purpose="analysis")
    assert [str(each) for each in caught.value.problems] == ["D2, P3: analysis: no record"]
    assert "enter it in consents.csv" in str(caught.value)


def test_raise_opens_where_everybody_consents(folder):
    assert len(folder.write().open(policy="raise").documents) == 2


def test_redact_blacks_out_one_person_and_keeps_the_rest_at_its_place(lacking):
    corpus = lacking.open(policy="redact")
    text = corpus.documents["text"].iloc[1]
    assert text == lacking.texts["D2"].replace("He did.", 7 * REDACTED)
    segment = corpus.segments.iloc[2]
    assert text[segment["start"] : segment["end"]] == segment["text"] == "How did you sleep?"
    assert corpus.left_out[["person_id", "n_segments", "outcome"]].to_numpy().tolist() == [
        ["P3", 0, "redacted"]
    ]


def test_redact_drops_and_counts_the_segments_of_the_person(folder):
    folder.change("consents.csv", 0, purposes="sharing")
    corpus = folder.write().open(policy="redact")
    assert corpus.segments["segment_id"].tolist() == ["D2:1"]
    assert corpus.codings["segment_id"].tolist() == ["D2:1"]
    assert corpus.left_out[["document_id", "person_id", "n_segments"]].to_numpy().tolist() == [
        ["D1", "V1", 2]
    ]
    assert "there too" not in corpus.documents["text"].iloc[0]
    assert "and tea too" in corpus.documents["text"].iloc[0]


def test_every_purpose_asked_for_must_be_covered(lacking):
    with pytest.raises(ConsentError, match="leaves no document"):
        lacking.open(purpose=["analysis", "training"])
    corpus = lacking.open(purpose=["analysis", "training"], policy="redact")
    assert corpus.purposes == ("analysis", "training")
    assert corpus.left_out[["document_id", "person_id", "purpose"]].to_numpy().tolist() == [
        ["D1", "P1", "training"], ["D2", "P3", "analysis"], ["D2", "P3", "training"],
    ]  # fmt: skip


def test_permits_asks_everybody_whose_words_still_stand_in_the_document(lacking):
    assert lacking.open().permits("training").to_dict() == {"D1:1": False, "D1:2": False}
    redacted = lacking.open(policy="redact")
    assert redacted.permits("training").to_dict() == {"D1:1": False, "D1:2": False, "D2:1": True}
    assert redacted.permits("analysis").all()


def test_permits_asks_for_another_day(folder):
    corpus = folder.change("consents.csv", 1, withdrawn_on="2024-03-01").write().open()
    assert corpus.permits("analysis").all()
    assert corpus.permits("analysis", when="2024-03-01").to_dict() == {
        "D1:1": False,
        "D1:2": False,
        "D2:1": True,
    }


def test_feedback_is_asked_of_the_worker_alone(folder):
    folder.change("consents.csv", 0, purposes="analysis individual_feedback")
    corpus = folder.write().open()
    assert corpus.permits("individual_feedback").to_dict() == {"D1:1": True, "D1:2": True, "D2:1": False}
    assert corpus.person_permits("V1", "individual_feedback")
    assert not corpus.person_permits("V2", "individual_feedback")
    assert not corpus.person_permits("nobody", "analysis")


def test_a_person_cannot_be_asked_without_a_day(garden, tiny_framework):
    corpus = garden.write().open(as_of=None, framework=tiny_framework)
    with pytest.raises(ConsentError, match="none was given"):
        corpus.person_permits("P1", "analysis")
    assert not corpus.person_permits("P1", "analysis", when="2024-01-01")


def test_quotes_come_in_the_order_asked_for(folder):
    quotes = folder.write().open().quote(["D2:1", "D1:2"])
    assert quotes.to_dict() == {"D2:1": "How did you sleep?", "D1:2": "I was there too."}
    assert quotes.index.tolist() == ["D2:1", "D1:2"]


def test_a_quotation_that_somebody_does_not_allow_is_refused_whole(lacking):
    corpus = lacking.open(policy="redact")
    with pytest.raises(ConsentError) as caught:
        corpus.quote(["D2:1", "D1:1", "D1:2"])
    assert [each.where for each in caught.value.problems] == ["D1:1", "D1:2"]
    assert "Café" not in str(caught.value)
    assert corpus.quotable.tolist() == [False, False, True]


def test_a_segment_that_was_left_out_cannot_be_quoted(lacking):
    with pytest.raises(CorpusError, match="D2:1: no such segment"):
        lacking.open().quote("D2:1")


def test_a_corpus_shows_counts_and_reasons_and_nobodys_words_or_ids(lacking):
    corpus = lacking.open()
    page = corpus._repr_html_()
    assert '<th scope="row">… analysis: no record</th><td>1</td>' in page
    assert "composed: no real person speaks in it" in page
    for hidden in ("Café", "P3", "P1", "V1"):
        assert hidden not in page
        assert hidden not in repr(corpus)
    assert (
        repr(corpus) == "<Corpus two_sessions: 1 documents, 2 segments, 1 left out by consent, for analysis>"
    )


def test_nothing_of_an_excluded_document_is_left_in_any_table(lacking):
    corpus = lacking.open()
    for table in (corpus.documents, corpus.segments, corpus.codings, corpus.role_types, corpus.markers):
        assert not table.astype(str).apply(lambda cells: cells.str.contains("D2|sleep")).to_numpy().any()
