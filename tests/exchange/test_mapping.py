from dataclasses import replace

import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.errors import ConsentError, ExchangeError, InputError
from peercompare.exchange.code_map import read_code_map, suggest_map, write_code_map
from peercompare.exchange.from_corpus import FURTHER, corpus_to_project
from peercompare.exchange.mapping import CorpusFacts, project_to_corpus
from peercompare.exchange.overlap import OverlapRule, place_spans
from peercompare.exchange.project import (
    CodedProject,
    NotCarried,
    ProjectCase,
    ProjectCode,
    ProjectCoder,
    ProjectNote,
    ProjectSet,
    SourceDocument,
    Span,
)

TEXT = "Garden note\nThe shed stands open to everybody. Each plot delivers nine kilos. Clean the rake.\n"
SENTENCES = ("The shed stands open to everybody.", "Each plot delivers nine kilos.", "Clean the rake.")
FACTS = {"date": "2024-05-01", "setting": "allotment", "employer_id": "E1"}

CODES = (
    ProjectCode("f", "Garden", is_codable=False),
    ProjectCode("c1", "tools shared", "f"),
    ProjectCode("c2", "Weighing", "f", "Food is weighed, a quota is assigned"),
    ProjectCode("c3", "Mood", "f"),
    ProjectCode("c4", "Bylaw", "f"),
)
MAP = pd.DataFrame(
    [
        ("Garden > tools shared", "tools/shared", "Ann", ""),
        ("c2", "harvest/managed", "Bo", ""),
        ("Garden > Mood", "ignore", "Ann", "another question"),
        ("Garden > Bylaw", "tag:by_bylaw", "Ann", ""),
    ],
    columns=["their_code", "our_code", "by", "why"],
)


def span(name, words, code, coder="u1", memo="", text=TEXT):
    start = text.index(words)
    return Span(name, "d", start, start + len(words), code, coder, memo, words)


def study(*spans, metadata=FACTS, text=TEXT):
    return CodedProject(
        "Garden study", "Tests", (SourceDocument("d", "Note 1", text, metadata),), CODES,
        (ProjectCoder("u1", "Ann A"), ProjectCoder("u2", "Bo")), tuple(spans),
        not_carried=(NotCarried("links", "project", 3),),
    )  # fmt: skip


@pytest.fixture
def bring(tiny_framework, data_folder, tmp_path):
    """Write a project into a corpus folder; return the report and the corpus."""
    facts = CorpusFacts(framework_file=data_folder / "tiny_framework.toml", licence="CC BY 4.0")

    def write(project, code_map=MAP, *, name="corpus", **more):
        report = project_to_corpus(
            project, code_map, framework=tiny_framework, genre="garden_note", out_folder=tmp_path / name,
            **{"facts": facts, **more},
        )  # fmt: skip
        return report, open_corpus(report.folder)

    return write


def rows(corpus):
    texts = corpus.segments.set_index("segment_id")["text"]
    return [
        (texts[row.segment_id], row.coder_id, row.code, row.is_primary, row.tags, row.memo)
        for row in corpus.codings.itertuples()
    ]


def test_spans_become_codings_on_our_segments(bring):
    report, corpus = bring(study(span("s", SENTENCES[0], "c1", memo="clear")))
    assert corpus.segments["text"].tolist() == list(SENTENCES)
    assert rows(corpus) == [(SENTENCES[0], "Ann_A", "tools/shared", True, "", "clear")]
    assert (report.n_documents, report.n_segments, len(report.placed.codings)) == (1, 3, 1)
    assert corpus.framework.id == "garden2020"


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("The shed stands op", [0]),
        ("to everybody. Each plot delivers nine kilos. Clea", [1]),
        ("shed", [0]),
        ("stands open to everybody. Each plot delivers", [0, 1]),
        (" Clean the rake.\n", [2]),
        ("y. Each pl", []),
        ("Garden note", []),
    ],
    ids=["half", "one whole, two scraps", "within", "two", "blanks aside", "neither", "title"],
)
def test_the_rule_takes_half_a_segment_or_a_span_within_one(bring, words, taken):
    report, corpus = bring(study(span("s", words, "c1")))
    assert [row[0] for row in rows(corpus)] == [SENTENCES[at] for at in taken]
    assert report.placed.n_split == (len(taken) > 1)
    assert report.placed.left_over == (() if taken else ("s",))


def test_another_share_is_another_rule_and_is_said(bring):
    rule = OverlapRule(min_share=0.9, within=False)
    report, corpus = bring(study(span("s", "The shed stands open", "c1")), overlap_rule=rule)
    assert corpus.codings.empty
    assert "at least 90%" in str(report)
    assert "contains it wholly" not in str(rule)
    with pytest.raises(ExchangeError, match="min_share"):
        OverlapRule(min_share=0)


def test_every_span_is_accounted_for(bring):
    report, corpus = bring(
        study(
            span("s1", SENTENCES[0], "c1"),
            span("s2", "shed", "c1"),
            span("s3", SENTENCES[1], "c3"),
            span("s4", "Garden", "c2"),
            span("s5", SENTENCES[2], "c4"),
            span("s6", SENTENCES[0], "c1", "u2"),
            span("s7", SENTENCES[0], "c4", "u2"),
        )
    )
    placed = report.placed
    assert (placed.n_spans, placed.n_merged, placed.n_ignored, placed.left_over) == (7, 1, 1, ("s4",))
    assert placed.n_tags_alone == 1
    assert [row[1:5] for row in rows(corpus)] == [
        ("Ann_A", "tools/shared", True, ""),
        ("Bo", "tools/shared", True, "by_bylaw"),
    ]
    told = str(report)
    assert "1 span was left over" in told
    assert "not carried: project: 3 links" in told
    assert "1 span was left over" in (report.folder / "DATASHEET.md").read_text(encoding="utf-8")


def test_what_a_corpus_folder_has_no_place_for_is_listed(bring):
    project = study(span("s1", SENTENCES[0], "c1"), metadata={**FACTS, "genre": "a note"})
    documents = tuple(replace(each, memo="Mud everywhere.") for each in project.documents)
    cases = (ProjectCase("k", "Plot 4", "By the gate.", ("d",), {"soil": "clay"}),)
    more = {"notes": (ProjectNote("n", "Plan", "Begin in May."),), "memo": "A study.", "cases": cases}
    report, _ = bring(replace(project, documents=documents, sets=(ProjectSet("x", "All"),), **more))
    assert [str(each) for each in report.not_carried] == [
        "project: 3 links",
        "project: 2 memos of the project",
        "project: 1 memos of documents",
        "project: 1 definitions of codes",
        "project: 1 names of cases (their variables are carried)",
        "project: 1 memos of cases",
        "project: 1 sets",
        "project: 1 values of the variable 'genre'",
    ]
    assert "1 memos of documents" in (report.folder / "DATASHEET.md").read_text(encoding="utf-8")
    assert "Mud" not in str(report)


def test_spans_left_over_split_or_dropped_are_listed_without_a_word_of_anybody(bring):
    report, _ = bring(
        study(
            span("s1", "Garden", "c2", memo="my secret"),
            span("s2", "y. Each pl", "c1"),
            span("s3", "stands open to everybody. Each plot delivers", "c1"),
            span("s4", SENTENCES[2], "c4", "u2"),
            span("s5", SENTENCES[1], "c3"),
            span("s6", SENTENCES[1], "c1"),
        )
    )
    path = report.folder / "left_over.csv"
    table = pd.read_csv(path, dtype=str)
    assert table[["their_code", "became"]].values.tolist() == [
        ["Garden > Weighing", "left over"],
        ["Garden > tools shared", "left over"],
        ["Garden > tools shared", "split"],
        ["Garden > Bylaw", "dropped"],
    ]
    places = [TEXT[int(row.start) : int(row.end)] for row in table.itertuples()]
    assert places[:2] == ["Garden", "y. Each pl"]
    assert set(table["document_id"]) == {"Note_1"}
    assert table["coder_id"].tolist() == ["Ann_A", "Ann_A", "Ann_A", "Bo"]
    assert ["no segment stands there" in table["why"][0], "asks for 50%" in table["why"][1]] == [True, True]
    assert "secret" not in path.read_text(encoding="utf-8")
    assert "left_over.csv lists" in str(report)


def test_where_every_span_found_its_segment_no_list_is_written(bring):
    report, _ = bring(study(span("s", SENTENCES[0], "c1")))
    assert not (report.folder / "left_over.csv").exists()
    assert "left_over.csv" not in str(report)


@pytest.mark.parametrize("memo", ["=1+1", " +1", "- see also", "@x", "\t=1", "'tis", "plain"])
def test_no_cell_of_the_folder_is_a_formula_and_the_memo_comes_back_as_it_was(bring, memo):
    report, corpus = bring(study(span("s", SENTENCES[0], "c1", memo=memo), metadata={**FACTS, "plot": memo}))
    for name in ("codings.csv", "documents.csv"):
        cells = pd.read_csv(report.folder / name, dtype=str, keep_default_na=False)
        assert not cells.map(lambda cell: cell.lstrip(" \n").startswith(tuple("=+-@\t\r"))).any().any()
    back, _ = corpus_to_project(corpus)
    assert [each.memo for each in back.spans] == [memo]
    assert back.documents[0].metadata["plot"] == memo


def test_the_primary_code_covers_most_and_ties_go_to_the_last_stance(bring):
    report, corpus = bring(
        study(
            span("s1", SENTENCES[0], "c1"),
            span("s2", "The shed stands open", "c2"),
            span("s3", SENTENCES[1], "c1"),
            span("s4", SENTENCES[1], "c2"),
            span("s5", SENTENCES[2], "c2", memo=FURTHER + "\nby the way"),
            span("s6", "Clean", "c1"),
        )
    )
    assert [(row[0], row[2], row[3], row[5]) for row in rows(corpus)] == [
        (SENTENCES[0], "tools/shared", True, ""),
        (SENTENCES[0], "harvest/managed", False, ""),
        (SENTENCES[1], "harvest/managed", True, ""),
        (SENTENCES[1], "tools/shared", False, ""),
        (SENTENCES[2], "tools/shared", True, ""),
        (SENTENCES[2], "harvest/managed", False, "by the way"),
    ]
    assert report.placed.n_tied == 1


def test_codes_beyond_the_further_ones_are_dropped_and_counted(tiny_framework):
    codes = dict(zip("abcd", tiny_framework.code_ids, strict=False))
    spans = tuple(Span(each, "d", 0, 4, each, "u") for each in codes)
    segments = pd.DataFrame({"segment_id": ["s"], "document_id": ["d"], "start": [0], "end": [4]})
    placed = place_spans(
        spans,
        {"d": "word"},
        segments,
        ours=codes,
        coders={"u": "u"},
        framework=tiny_framework,
        rule=OverlapRule(),
    )
    assert (len(placed.codings), placed.n_beyond) == (3, 1)
    place = place_spans(
        (Span("p", "d", 2, 2, "a", "u"),), {"d": "word"}, segments,
        ours=codes, coders={"u": "u"}, framework=tiny_framework, rule=OverlapRule(),
    )  # fmt: skip
    assert place.codings["segment_id"].tolist() == ["s"]


def test_unmapped_codes_stop_the_import_with_the_list(bring, tmp_path):
    project = study(
        span("s1", SENTENCES[0], "c1"), span("s2", SENTENCES[1], "c2"), span("s3", SENTENCES[2], "c3")
    )
    with pytest.raises(ExchangeError) as error:
        bring(project, MAP.head(1))
    assert [problem.where for problem in error.value.problems] == [
        "code 'Garden > Weighing'",
        "code 'Garden > Mood'",
    ]
    assert not list(tmp_path.iterdir())


def test_a_row_that_nobody_signed_is_refused(bring, tiny_framework):
    faulty = pd.DataFrame(
        [
            ("a", "tools/shared", "", ""),
            ("b", "tools/none", "Ann", ""),
            ("b", "", "Ann", ""),
            ("", "none", "Ann", ""),
        ],
        columns=MAP.columns,
    )
    with pytest.raises(ExchangeError) as error:
        read_code_map(faulty, framework=tiny_framework)
    assert [problem.what for problem in error.value.problems] == [
        "nobody has signed it",
        "'tools/none' is no code of garden2020",
        "it has no code of ours",
        "their code stands there twice",
        "it names no code of theirs",
    ]
    with pytest.raises(ExchangeError, match="'by' is missing"):
        read_code_map(MAP.drop(columns="by"), framework=tiny_framework)


def test_a_draft_suggests_by_name_and_by_words_and_is_signed_by_nobody(tiny_framework, tmp_path):
    draft = suggest_map(study(span("s", SENTENCES[0], "c1")), tiny_framework)
    ours = dict(zip(draft["their_code"], draft["our_code"], strict=True))
    assert ours["Garden > tools shared"] == "tools/shared"
    assert ours["Garden > Weighing"] == "harvest/managed"
    assert ours["Garden > Mood"] == ""
    assert "Garden" not in ours
    assert set(draft["by"]) == {""}
    assert draft["why"][0] == "draft: the same name; given 1 times"
    path = write_code_map(draft.assign(why="=1+1"), tmp_path / "code_map.csv")
    assert "'=1+1" in path.read_text(encoding="utf-8")
    with pytest.raises(ExchangeError, match="nobody has signed it"):
        read_code_map(path, framework=tiny_framework)
    with pytest.raises(InputError, match="exists already"):
        write_code_map(draft, path)


def test_a_signed_map_comes_back_from_its_file(tiny_framework, tmp_path):
    found = read_code_map(write_code_map(MAP, tmp_path / "code_map.csv"), framework=tiny_framework)
    assert dict(found.ours) == dict(zip(MAP["their_code"], MAP["our_code"], strict=True))
    assert found.by == ("Ann", "Bo")


def test_a_map_comes_back_as_a_spreadsheet_saves_it(tiny_framework, tmp_path):
    accents = MAP.assign(their_code=[f"\u00e9{each}" for each in MAP["their_code"]])
    path = write_code_map(accents, tmp_path / "code_map.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",", ";"), encoding="utf-8")
    wide = tmp_path / "code_map.xlsx"
    accents.to_excel(wide, index=False)
    for each in (path, wide):
        assert list(read_code_map(each, framework=tiny_framework).ours) == accents["their_code"].tolist()
    accents.assign(by=["Ann", "", "Ann", "Ann"]).to_excel(wide, index=False)
    with pytest.raises(ExchangeError, match=r"code_map\.xlsx, row 3 .*nobody has signed it"):
        read_code_map(wide, framework=tiny_framework)
    path.write_bytes(b"their_code,our_code,by,why\n\xe9t\xe9,none,me,\n")
    with pytest.raises(ExchangeError, match=r"code_map\.csv.*UTF-8"):
        read_code_map(path, framework=tiny_framework)


def test_codes_that_share_a_path_are_told_apart_by_their_identifier(tiny_framework):
    twins = (*CODES, ProjectCode("c9", "Mood", "f"))
    draft = suggest_map(replace(study(), codes=twins), tiny_framework)
    assert set(draft["their_code"]) >= {"c3", "c9"}


def test_facts_that_are_missing_are_listed_and_can_be_given(bring, tmp_path, data_folder):
    project = study(span("s", SENTENCES[0], "c1"), metadata={})
    with pytest.raises(ExchangeError) as error:
        bring(project)
    assert [problem.what for problem in error.value.problems] == [
        "date is not known", "setting is not known", "employer_id is not known",
    ]  # fmt: skip
    facts = CorpusFacts(
        documents=pd.DataFrame([{"source": "Note 1", **FACTS, "plot": "7"}]),
        framework_file=data_folder / "tiny_framework.toml",
    )
    _, corpus = bring(project, facts=facts)
    assert corpus.documents["plot"].tolist() == ["7"]
    strange = replace(facts, documents=pd.DataFrame([{"source": "Note 2"}]))
    with pytest.raises(ExchangeError, match="no such document"):
        bring(project, facts=strange, name="other")


def test_a_folder_that_would_be_no_sound_corpus_is_not_written(bring, tmp_path):
    with pytest.raises(ExchangeError, match="no sound corpus"):
        bring(study(span("s", SENTENCES[0], "c1"), metadata={**FACTS, "setting": "moon"}))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_is_not_touched(bring, tmp_path):
    (tmp_path / "corpus").mkdir()
    with pytest.raises(ExchangeError, match="exists already"):
        bring(study(span("s", SENTENCES[0], "c1")))
    assert not list((tmp_path / "corpus").iterdir())


def test_a_framework_that_is_not_shipped_needs_its_file(bring):
    with pytest.raises(ExchangeError, match="not one that is shipped"):
        bring(study(span("s", SENTENCES[0], "c1")), facts=CorpusFacts())


def test_a_corpus_that_went_out_comes_back_with_its_codings(corpora_folder, deegan, tmp_path):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of="2026-01-01")
    project, _ = corpus_to_project(corpus)
    signed = suggest_map(project, deegan).assign(by="Ann")
    consents = pd.read_csv(corpus.folder / "consents.csv", dtype=str, keep_default_na=False)
    facts = CorpusFacts(composed=True, consents=consents)
    report = project_to_corpus(
        project,
        signed,
        framework=deegan,
        genre="session_transcript",
        out_folder=tmp_path / "back",
        facts=facts,
    )
    back = open_corpus(tmp_path / "back", as_of="2026-01-01")
    assert set(back.documents["document_id"]) == {document.name for document in project.documents}
    assert not report.placed.left_over
    columns = ["document_id", "start", "end", "coder_id", "code", "is_primary", "tags", "memo"]
    was, now = (each.codings.merge(each.segments, on="segment_id")[columns] for each in (corpus, back))
    was = was[was["document_id"].isin(set(now["document_id"]))].sort_values(columns, ignore_index=True)
    pd.testing.assert_frame_equal(was, now.sort_values(columns, ignore_index=True))
    broken = replace(facts, consents=consents.drop(columns="purposes"))
    with pytest.raises(ConsentError, match="purposes"):
        project_to_corpus(
            project,
            signed,
            framework=deegan,
            genre="session_transcript",
            out_folder=tmp_path / "b",
            facts=broken,
        )
    assert not (tmp_path / "b").exists()
