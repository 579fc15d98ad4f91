import re
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from peercompare.corpus import open_corpus
from peercompare.corpus.turns import REDACTED
from peercompare.errors import ConsentError, ExchangeError, InputError
from peercompare.exchange.from_corpus import corpus_to_project, framework_codes
from peercompare.exchange.project import (
    CodedProject,
    ProjectCase,
    ProjectCode,
    ProjectCoder,
    ProjectNote,
    ProjectSet,
    SourceDocument,
    Span,
    project_tables,
)
from peercompare.exchange.refi_reader import read_qdc, read_qdpx
from peercompare.exchange.refi_writer import write_qdc, write_qdpx

TEXT = 'One 😀 day,\nthe café <is> open & "warm".\nThe end.\n'


@pytest.fixture
def study():
    """A project with everything that a project can hold."""
    codes = (ProjectCode("a", "Role", colour="#00ff00"), ProjectCode("b", "Shared", "a", "words\nof it"))
    at = TEXT.index("the café")
    return CodedProject(
        "Study", "Tests",
        documents=(
            SourceDocument("d1", "First", TEXT, {"site": "North"}, "a memo"),
            SourceDocument("d2", "Two", "x"),
        ),
        codes=codes, coders=(ProjectCoder("u1", "Ann"), ProjectCoder("u2", "Bo")),
        spans=(
            Span("s1", "d1", 4, 5, "a", "u1", "", "😀"),
            Span("s2", "d1", at, at + 8, "b", "u1", "seen", "the café"),
            Span("s3", "d1", at, at + 8, "b", "u2", "", "the café"),
            Span("s4", "d1", at - 1, at + 8, "b", "u2", "", "\nthe café"),
        ),
        cases=(ProjectCase("c", "Case", "one", ("d1",), {"year": "2024"}),),
        sets=(ProjectSet("s", "Set", "", ("a",), ("d2",)),), notes=(ProjectNote("n", "Note", "free\nwords"),),
        memo="about it",
    )  # fmt: skip


@pytest.fixture(scope="module")
def shipped(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2026-01-01")


def told(project):
    """The tables of a project without what is never compared."""
    tables = project_tables(project)
    del tables["not_carried"]
    return tables


def assert_same(one, other):
    for name, table in told(one).items():
        pd.testing.assert_frame_equal(table.astype(str), told(other)[name].astype(str), obj=name)


def project_file(path):
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("project.qde"))


def test_import_export_import_gives_equal_tables(study, tmp_path):
    write_qdpx(study, tmp_path / "one.qdpx")
    first = read_qdpx(tmp_path / "one.qdpx")
    write_qdpx(first, tmp_path / "two.qdpx")
    second = read_qdpx(tmp_path / "two.qdpx")
    assert_same(first, second)
    assert [document.text for document in first.documents] == [TEXT, "x"]
    assert dict(first.documents[0].metadata) == {"site": "North", "year": "2024"}
    assert {(span.quote, span.memo) for span in first.spans} == {
        ("😀", ""), ("\nthe café", ""), ("the café", "seen"), ("the café", ""),
    }  # fmt: skip
    assert first.notes[0].text == "free\nwords"
    assert first.memo == "about it"
    assert not first.not_carried


def test_a_second_export_is_the_same_byte_for_byte(study, tmp_path):
    for name in ("one", "two"):
        write_qdpx(study, tmp_path / f"{name}.qdpx")
        write_qdc(study, tmp_path / f"{name}.qdc")
    assert (tmp_path / "one.qdpx").read_bytes() == (tmp_path / "two.qdpx").read_bytes()
    assert (tmp_path / "one.qdc").read_bytes() == (tmp_path / "two.qdc").read_bytes()


def test_the_file_counts_as_the_standard_says_and_names_no_path(study, tmp_path):
    text = replace(study.documents[0], text="\ufeff" + TEXT.replace("\n", "\r\n"))
    moved = [study.spans[0]._replace(start=5, end=6)]
    write_qdpx(replace(study, documents=(text, study.documents[1]), spans=tuple(moved)), tmp_path / "a.qdpx")
    root = project_file(tmp_path / "a.qdpx")
    (selection,) = root.iter("{*}PlainTextSelection")
    assert (selection.get("startPosition"), selection.get("endPosition"), selection.get("name")) == (
        "4",
        "5",
        "😀",
    )
    assert root.get("basePath") is None
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        (name,) = [each for each in archive.namelist() if archive.read(each) == TEXT.encode()]
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
    assert re.fullmatch(r"sources/[0-9a-f-]{36}\.txt", name)
    assert str(tmp_path).encode() not in (tmp_path / "a.qdpx").read_bytes()


def test_two_coders_of_one_selection_are_kept_apart(study, tmp_path):
    bare = tuple(span._replace(memo="") for span in study.spans)
    write_qdpx(replace(study, spans=bare), tmp_path / "a.qdpx")
    root = project_file(tmp_path / "a.qdpx")
    by = [[c.get("creatingUser") for c in s.iter("{*}Coding")] for s in root.iter("{*}PlainTextSelection")]
    assert sorted(len(set(each)) for each in by) == [1, 1, 2]


def test_what_xml_cannot_hold_stays_in_the_text_and_leaves_the_quote(tmp_path, study):
    text = SourceDocument("d1", "First", "bell\x07 rings\x0b")
    span = Span("s", "d1", 0, 11, "a", "u1", "odd \x01 memo", "bell\x07 rings")
    write_qdpx(replace(study, documents=(text,), spans=(span,), sets=(), cases=()), tmp_path / "a.qdpx")
    found = read_qdpx(tmp_path / "a.qdpx")
    assert found.documents[0].text == text.text
    assert found.spans[0].quote == "bell\x07 rings"
    assert found.spans[0].memo == "odd \ufffd memo"


def test_positions_that_somebody_moved_are_no_longer_taken_for_our_own(study, tmp_path):
    write_qdpx(study, tmp_path / "a.qdpx")
    assert {each.status for each in read_qdpx(tmp_path / "a.qdpx").calibrations} == {"own", "empty"}
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["project.qde"] = files["project.qde"].replace(
        b'startPosition="4" endPosition="5"', b'startPosition="5" endPosition="6"'
    )
    with zipfile.ZipFile(tmp_path / "b.qdpx", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with pytest.raises(ExchangeError, match="wrong words"):
        read_qdpx(tmp_path / "b.qdpx")


def test_a_file_of_somebody_is_not_replaced(study, tmp_path):
    write_qdpx(study, tmp_path / "a.qdpx")
    with pytest.raises(InputError, match="exists already"):
        write_qdpx(study, tmp_path / "a.qdpx")
    write_qdpx(study, tmp_path / "a.qdpx", force=True)
    with pytest.raises(ExchangeError, match=r"\.qdpx"):
        write_qdpx(study, tmp_path / "a.zip")


def test_a_project_that_does_not_hold_together_is_not_written(study, tmp_path):
    wrong = (
        Span("x", "d9", 0, 1, "zz", "u9"),
        Span("y", "d1", 0, 999, "a", "u1"),
        *study.spans[:1],
        study.spans[0],
    )
    with pytest.raises(ExchangeError) as error:
        write_qdpx(replace(study, spans=wrong), tmp_path / "a.qdpx")
    assert len(error.value.problems) == 5
    assert not list(tmp_path.iterdir())


def test_an_export_of_a_corpus_asks_for_consent_to_sharing(shipped, tmp_path):
    report = write_qdpx(shipped, tmp_path / "a.qdpx")
    may = set(shipped.segments["document_id"][shipped.permits("sharing").to_numpy()])
    found = read_qdpx(tmp_path / "a.qdpx")
    assert 0 < len(may) < len(shipped.documents)
    assert {document.name for document in found.documents} == may
    left = {each.what: each.count for each in report.left_out}
    assert left["documents without consent to sharing"] == len(shipped.documents) - len(may)
    assert "without consent to sharing" in str(report)
    with pytest.raises(ConsentError, match="cannot be exported whole") as error:
        write_qdpx(shipped, tmp_path / "b.qdpx", policy="raise")
    assert len(error.value.problems) == len(shipped.documents) - len(may)
    with pytest.raises(ConsentError, match="No document"):
        write_qdpx(shipped, tmp_path / "b.qdpx", when="1999-01-01")
    assert not (tmp_path / "b.qdpx").exists()


def test_a_corpus_opened_to_redact_is_exported_with_turns_blacked_out(corpora_folder, tmp_path):
    corpus = open_corpus(
        corpora_folder / "session_transcripts",
        as_of="2026-01-01", policy="redact", purpose=("analysis", "sharing"),
    )  # fmt: skip
    report = write_qdpx(corpus, tmp_path / "a.qdpx")
    found = read_qdpx(tmp_path / "a.qdpx")
    whole = open_corpus(corpora_folder / "session_transcripts", as_of="2026-01-01")
    texts = dict(zip(whole.documents["document_id"], whole.documents["text"], strict=True))
    black = [each for each in found.documents if REDACTED in each.text]
    assert len(found.documents) > len(set(whole.segments["document_id"][whole.permits("sharing").to_numpy()]))
    assert black
    assert all(len(each.text) == len(texts[each.name]) for each in black if each.name in texts)
    assert not any(REDACTED in span.quote for span in found.spans)
    left = {each.what: each.count for each in report.left_out}
    assert left["documents of which the gate had redacted turns"] >= len(black)
    with pytest.raises(ConsentError, match='policy="redact"'):
        write_qdpx(corpus, tmp_path / "b.qdpx", policy="redact")


def test_codings_of_a_corpus_are_spans_over_their_segments(shipped):
    project, _ = corpus_to_project(shipped)
    names = {coder.id: coder.name for coder in project.coders}
    codes = {code.id: code.name for code in project.codes}
    texts = {document.id: (document.name, document.text) for document in project.documents}
    found = {
        (texts[span.document_id][0], span.start, names[span.coder_id], codes[span.code_id])
        for span in project.spans
    }
    rows = shipped.codings.merge(shipped.segments, on="segment_id")
    rows = rows[rows["document_id"].isin({name for name, _ in texts.values()})]
    given = {(row.document_id, row.start, row.coder_id, row.code) for row in rows.itertuples()}
    tags = {
        (row.document_id, row.start, row.coder_id, tag)
        for row in rows.itertuples()
        for tag in row.tags.split()
    }
    assert found == given | tags
    assert all(span.quote == texts[span.document_id][1][span.start : span.end] for span in project.spans)


def test_a_framework_goes_out_as_a_codebook_and_comes_back(tiny_framework, tmp_path):
    report = write_qdc(tiny_framework, tmp_path / "a.qdc")
    found = read_qdc(tmp_path / "a.qdc")
    assert found.codes == framework_codes(tiny_framework)
    assert report.n_codes == len(found.codes)
    code = next(code for code in found.codes if code.name == tiny_framework.code_ids[0])
    assert "When not to use: " in code.description
    assert {code.name for code in found.codes if code.is_codable} >= {*tiny_framework.code_ids, "none"}


letters = st.characters(exclude_categories=["Cs"])
texts = st.text(st.one_of(st.sampled_from("ab é\r\n😀\ufeff\x0b"), letters), max_size=20)


@given(texts, st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_project_of_ours_comes_back_as_it_was(tmp_path, text, data):
    places = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(places, places).map(sorted), max_size=4))
    project = CodedProject(
        "P", "Tests", (SourceDocument("d", "D", text),), (ProjectCode("c", "C"),), (ProjectCoder("u", "U"),),
        tuple(Span(str(at), "d", *span, "c", "u") for at, span in enumerate(spans)),
    )  # fmt: skip
    write_qdpx(project, tmp_path / "a.qdpx", force=True)
    first = read_qdpx(tmp_path / "a.qdpx")
    write_qdpx(first, tmp_path / "b.qdpx", force=True)
    assert_same(first, read_qdpx(tmp_path / "b.qdpx"))
    assert len(first.spans) == len(spans)


class TestOthersReadIt:
    """What the standard's schema and another library say of our files."""

    @pytest.fixture(params=["study", "shipped"])
    def path(self, request, tmp_path):
        write_qdpx(request.getfixturevalue(request.param), tmp_path / "a.qdpx")
        return tmp_path / "a.qdpx"

    @pytest.mark.fixtures
    def test_it_is_valid_against_the_schema(self, path, fixtures_folder):
        schema = fixtures_folder / "refi_qda" / "Project.xsd"
        if not schema.is_file():
            pytest.skip(f"the schema is absent: {schema}")
        etree.XMLSchema(etree.parse(schema)).assertValid(project_file(path))

    def test_pyrefiqda_finds_the_same_codings(self, path, tmp_path):
        pyrefiqda = pytest.importorskip(
            "pyrefiqda", reason="pyrefiqda is not installed (a test-only cross-check)"
        )
        theirs = pyrefiqda.RefiProject.load(path, extract_dir=tmp_path / "unpacked")
        ours = read_qdpx(path)
        found = set()
        for source in theirs.sources.text_source:
            file = tmp_path / "unpacked" / "sources" / source.plain_text_path.removeprefix("internal://")
            text = file.read_bytes().decode("utf-8")
            for each in source.plain_text_selection:
                words = text[each.start_position : each.end_position]
                assert each.name == words
                found |= {(c.guid, words, c.code_ref.target_guid, c.creating_user) for c in each.coding}
        assert found == {(span.id, span.quote, span.code_id, span.coder_id) for span in ours.spans}
        assert {user.name for user in theirs.users.user} == {coder.name for coder in ours.coders}
