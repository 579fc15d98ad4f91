"""Words are quoted with the turns around them, and only where everybody who speaks in them agreed."""

import dataclasses
import shutil

import pytest

from peercompare.corpus.turns import redact, turns
from peercompare.errors import StudyError
from peercompare.study import read_study, run_study
from peercompare.study.quotations import NOT_SHOWN, _spoken, faults_of_quotations, quotations_of


@pytest.fixture
def study_quoting(small_study_file, tmp_path):
    """The small study, with segments to be quoted."""

    def make(*segments):
        text = small_study_file.read_text(encoding="utf-8")
        for name in ("postings", "sessions"):
            text = text.replace(f'path = "{name}"', f'path = "{small_study_file.parent / name}"')
        for path in small_study_file.parent.glob("*.csv"):
            shutil.copy(path, tmp_path)
        listed = ", ".join(f'"{segment}"' for segment in segments)
        (tmp_path / "study.toml").write_text(f"{text}\n[report]\nquotations = [{listed}]\n", encoding="utf-8")
        return read_study(tmp_path / "study.toml")

    return make


@pytest.fixture
def sessions(small_study_file):
    return read_study(small_study_file).open_corpora()["session_transcripts"]


@pytest.fixture
def allowed(sessions):
    """Segments that may be quoted."""
    quotable = sessions.quotable
    return list(quotable[quotable].index)


@pytest.fixture
def refused(sessions):
    """A segment of which somebody who speaks around it did not agree to quotation."""
    quotable = sessions.quotable
    return quotable[~quotable].index[0]


def test_a_quotation_comes_with_the_turns_before_and_after(study_quoting, sessions, allowed):
    (made,) = quotations_of(study_quoting(allowed[5]))
    words = sessions.segments.set_index("segment_id").loc[allowed[5], "text"]
    assert made.lines[made.at] == ("Worker", words)
    assert len(made.lines) >= 3
    assert made.spoken
    text = " ".join(sessions.documents.set_index("document_id").loc[allowed[5].split(":")[0], "text"].split())
    assert all(said in text for _, said in made.lines)


def test_nobody_is_named_by_more_than_a_role(study_quoting, sessions, allowed):
    people = set(sessions.documents["worker_id"])
    for made in quotations_of(study_quoting(*allowed[:20])):
        assert {who for who, _ in made.lines} <= {"Worker", "Participant"}
        assert not people & set(" ".join(who for who, _ in made.lines).split())


def test_words_are_not_quoted_without_everybodys_consent(study_quoting, refused, allowed):
    study = study_quoting(allowed[0], refused)
    assert [problem.what for problem in faults_of_quotations(study)] == [
        f"consent does not cover quotation of {refused!r}"
    ]
    with pytest.raises(StudyError, match="cannot be quoted"):
        quotations_of(study)


def test_a_segment_that_no_corpus_has_is_not_passed_over(study_quoting, allowed):
    with pytest.raises(StudyError, match="no corpus has the segment 'ST999:001'"):
        quotations_of(study_quoting(allowed[0], "ST999:001"))


def test_a_study_that_quotes_what_it_may_not_stops_before_it_begins(study_quoting, refused):
    study = study_quoting(refused, "ST999:001")
    with pytest.raises(StudyError) as caught:
        run_study(study)
    said = str(caught.value)
    assert "consent does not cover quotation" in said
    assert "no corpus has the segment 'ST999:001'" in said
    assert not study.results.exists()


def test_what_was_said_at_the_last_stance_is_marked_so(study_quoting, sessions, allowed):
    codings, framework = sessions.codings, sessions.framework
    clinical = codings[codings["code"].isin([c.id for c in framework.codes if c.stance == framework.axis[1]])]
    wanted = [each for each in allowed if each in set(clinical["segment_id"])]
    peer = [each for each in allowed if each not in set(clinical["segment_id"])]
    assert quotations_of(study_quoting(wanted[0]))[0].high_end
    assert not quotations_of(study_quoting(peer[0]))[0].high_end


def test_postings_are_quoted_with_the_lines_around_them(study_quoting, small_study_file):
    postings = read_study(small_study_file).open_corpora()["job_descriptions"].segments
    (made,) = quotations_of(study_quoting(postings["segment_id"].iloc[3]))
    assert [who for who, _ in made.lines] == ["Before", "Quoted", "After"]
    assert [said for _, said in made.lines] == list(postings["text"].iloc[2:5])
    assert not made.spoken


def test_blacked_out_turns_around_a_quotation_are_not_shown(sessions, allowed):
    (row,) = sessions.segments[sessions.segments["segment_id"] == allowed[5]].itertuples()
    documents = sessions.documents.copy()
    mine = documents["document_id"] == row.document_id
    text = documents.loc[mine, "text"].iloc[0]
    others = {turn.label for turn in turns(text)} - {row.speaker}
    documents.loc[mine, "text"] = redact(text, others)
    lines, at = _spoken(dataclasses.replace(sessions, documents=documents), row, row.text)
    assert lines[at] == ("Worker", row.text)
    assert {said for who, said in lines if who != "Worker"} == {NOT_SHOWN}
