"""Corpus folders from documents: opened at once, whole or not there, gone on with after a stop."""

import csv
import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import grouped_folds
from peercompare.classifier.training import analysed_segments
from peercompare.corpus import open_corpus, register
from peercompare.errors import InputError
from peercompare.readers import building, documents_to_corpus, finishing, read_documents, with_facts
from peercompare.readers.document import ReadDocument, SpokenTurn, spoken_document
from peercompare.readers.roster import read_roster
from peercompare.segments import cut_segments

FACTS = {"date": "2024-02-03", "setting": "community"}


def posting(number, text, employer="E1", **metadata):
    title = f"Post {number}"
    told = {"source": f"p{number}.txt", "employer_id": employer, **FACTS, **metadata}
    return ReadDocument(f"p{number}", title, f"{title}\n\n{text}\n", (), told)


def postings(n, rng):
    lines = [
        [" ".join(f"w{word}" for word in rng.integers(500, size=8)) + "." for _ in range(12)]
        for _ in range(n)
    ]
    return [
        posting(at, "\n".join([*body, "- We are an equal opportunity employer."]), f"E{at}")
        for at, body in enumerate(lines)
    ]


def build(documents, folder, **how):
    how = {"genre": "job_description", "name": "mine", "framework": "deegan2017", **how}
    return documents_to_corpus(documents, folder, **how)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_postings_become_a_corpus_that_opens(tmp_path, rng, deegan):
    documents = postings(7, rng)
    report = build(iter(documents), tmp_path / "out", about={"licence": "CC0", "citation": "Me (2024)."})
    corpus = open_corpus(tmp_path / "out")
    assert corpus.documents["text"].tolist() == [document.text for document in documents]
    assert corpus.codings.empty
    cut = cut_segments(corpus.documents, deegan, "job_description")
    pd.testing.assert_frame_equal(corpus.segments[list(cut.columns)], cut, check_dtype=False)
    assert (report.n_documents, report.n_segments, report.cluster) == (7, len(cut), "employer_id")
    assert report.to_do == (
        "DATASHEET.md: answer the questions marked (fill in), then: peercompare check --register FOLDER",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    manifest = (tmp_path / "out" / "corpus.toml").read_bytes()
    assert register(tmp_path / "out").read_bytes() == manifest


def test_boilerplate_is_marked_and_stays(tmp_path, rng):
    report = build(postings(7, rng), tmp_path / "out")
    segments = open_corpus(tmp_path / "out").segments
    marked = segments[segments["boilerplate"] == "true"]
    assert report.n_boilerplate == len(marked) == 7
    assert set(marked["text"]) == {"We are an equal opportunity employer."}


def test_duplicates_are_grouped_over_employers_so_that_folds_keep_them_together(tmp_path, rng):
    documents = postings(4, rng)
    body = documents[1].text.partition("\n\n")[2]
    documents.append(posting(9, body, "E9"))
    report = build(documents, tmp_path / "out")
    corpus = open_corpus(tmp_path / "out")
    groups = corpus.documents.set_index("document_id")
    assert report.n_duplicates == 1
    assert groups["duplicate_group"].to_dict() == {"p0": "", "p1": "p1", "p2": "", "p3": "", "p9": "p1"}
    assert corpus.cluster == report.cluster == "split_group"
    assert groups["split_group"].to_dict() == {
        "p0": "E0",
        "p1": "E1+E9",
        "p2": "E2",
        "p3": "E3",
        "p9": "E1+E9",
    }
    assert groups.loc["p9", "employer_id"] == "E9"


def test_folds_split_no_duplicates_and_no_employer(tmp_path, rng):
    documents = postings(16, rng)
    for copy, of in ((16, 0), (17, 5), (18, 17), (19, 9)):
        body = documents[of].text.partition("\n\n")[2]
        documents.append(posting(copy, body.replace(" w1 ", " w2 "), f"E{copy % 12}"))
    build(documents, tmp_path / "out")
    corpus = open_corpus(tmp_path / "out")
    segments = analysed_segments(corpus).merge(corpus.documents.drop(columns="text"), on="document_id")
    assert segments["duplicate_group"].nunique() == 4
    for seed in range(5):
        folds = grouped_folds(["x"] * len(segments), segments["group"], n_folds=4, seed=seed)
        for column in ("duplicate_group", "employer_id"):
            names = segments[column]
            assert pd.Series(folds)[names != ""].groupby(names[names != ""]).nunique().max() == 1


def test_copies_of_one_posting_make_no_boilerplate(tmp_path):
    lines = "\n".join(f"- this line has number {at} in it" for at in range(9))
    report = build([posting(at, lines) for at in range(8)], tmp_path / "out")
    assert (report.n_duplicates, report.n_boilerplate) == (7, 0)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"date": "3.2.2024"}, r"p1\.txt: date is '3\.2\.2024', not a day"),
        ({"date": ""}, r"p1\.txt: date is missing"),
        ({"setting": "moon"}, r"p1\.txt: unknown setting 'moon' \(one of peer_run"),
        ({"employer_id": ""}, r"p1\.txt: employer_id is missing"),
    ],
)
def test_faulty_facts_leave_nothing_behind(tmp_path, rng, change, what):
    documents = postings(3, rng)
    documents[1] = documents[1].with_metadata(change)
    with pytest.raises(InputError, match=what):
        build(documents, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_faults_tell_the_postings_of_one_page_apart(tmp_path):
    about = {"source": "jobs.html", "date": "2024-01-01", "employer_id": "E1", "setting": "community"}
    texts = (("jobs-001", {**about, "date": ""}), ("jobs-002", {**about, "date": ""}))
    pages = [ReadDocument(each, "Guide", "Guide\n\nWalk along.\n", (), facts) for each, facts in texts]
    alone = {**about, "source": "one.html", "setting": ""}
    pages += [ReadDocument("one", "Guide", "Guide\n\nWalk along.\n", (), alone)]
    with pytest.raises(InputError) as caught:
        build(pages, tmp_path / "out")
    assert [each.where for each in caught.value.problems] == [
        "jobs.html, jobs-001",
        "jobs.html, jobs-002",
        "one.html",
    ]


def test_a_reader_that_fails_midway_leaves_nothing_behind(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(building, "BATCH", 2)

    def failing():
        yield from postings(5, rng)
        raise InputError("a file is broken")

    with pytest.raises(InputError, match="a file is broken"):
        build(failing(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_two_documents_of_one_id_no_documents_and_lone_surrogates_are_refused(tmp_path, rng):
    one, two = postings(2, rng)
    for documents, what in (
        ([one, two, one], "a second document has the id 'p0'"),
        ([], "documents: there is none"),
        ([posting(1, "half \ud83d of a sign")], r"p1\.txt: the text holds half a character"),
    ):
        with pytest.raises(InputError, match=what):
            build(documents, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_never_overwritten(tmp_path, rng):
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="exists already"):
        build(postings(1, rng), tmp_path / "out")


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ({"genre": "poem"}, "has no genre 'poem'"),
        ({"name": "a b"}, "'a b' is no short name"),
        ({"about": {"licens": "x"}}, "unknown key 'licens'"),
        ({"genre": "session_transcript"}, "no roster says who"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_read(tmp_path, how, what):
    def unread():
        raise AssertionError
        yield

    with pytest.raises(InputError, match=what):
        build(unread(), tmp_path / "out", **how)


class Stopped(Exception):
    """Stands for power that goes, or Ctrl-C."""


def test_a_stopped_import_goes_on_and_gives_the_same_bytes(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(building, "BATCH", 4)
    documents = postings(19, rng)
    build(documents, tmp_path / "whole")

    def stopping(n):
        yield from documents[:n]
        raise Stopped

    cut = []
    real = building.cut_segments
    monkeypatch.setattr(
        building, "cut_segments", lambda table, *how: cut.append(len(table)) or real(table, *how)
    )
    for n in (9, 14):
        with pytest.raises(Stopped):
            build(stopping(n), tmp_path / "out")
        assert not (tmp_path / "out").exists()
        with open(tmp_path / ".out.part" / ".spool" / "segments.jsonl", "ab") as stream:
            stream.write(b'{"half": ')
    build(documents, tmp_path / "out")
    assert sum(cut) == 19
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]


def test_a_stopped_import_of_other_documents_is_not_mixed_in(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(building, "BATCH", 2)
    documents = postings(5, rng)

    def stopping():
        yield from documents[:4]
        raise Stopped

    with pytest.raises(Stopped):
        build(stopping(), tmp_path / "out")
    with pytest.raises(InputError, match="another genre, name, framework or cluster"):
        build(documents, tmp_path / "out", name="other")
    changed = [documents[0], documents[1].with_metadata({"date": "2020-01-01"}), *documents[2:]]
    with pytest.raises(InputError, match="document 2 is 'p1' now"):
        build(changed, tmp_path / "out")
    with pytest.raises(InputError, match="there are 3 documents now; it had 4 already"):
        build(documents[:3], tmp_path / "out")
    # what was written is still there for the right documents
    build(documents, tmp_path / "out")
    build(documents, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def stopped_after(documents, folder):
    def stopping():
        yield from documents
        raise Stopped

    with pytest.raises(Stopped):
        build(stopping(), folder)
    return folder.parent / f".{folder.name}.part"


def test_texts_that_a_power_cut_emptied_are_written_again(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(building, "BATCH", 2)
    documents = postings(5, rng)
    part = stopped_after(documents[:4], tmp_path / "out")
    (part / "texts" / "p1.txt").write_bytes(b"")
    (part / "texts" / "p2.txt").unlink()
    build(documents, tmp_path / "out")
    build(documents, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("name", ["state.json", "segments.jsonl"])
def test_an_import_begins_anew_where_less_is_there_than_was_promised(tmp_path, rng, monkeypatch, name):
    monkeypatch.setattr(building, "BATCH", 2)
    documents = postings(5, rng)
    part = stopped_after(documents[:4], tmp_path / "out")
    path = part / ".spool" / name
    path.write_bytes(path.read_bytes()[:50])
    build(documents, tmp_path / "out")
    build(documents, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_long_texts_make_small_batches(rng, monkeypatch):
    monkeypatch.setattr(building, "BATCH_LETTERS", 3000)
    sizes = [len(batch) for batch in building._batches(iter(postings(9, rng)))]
    assert sum(sizes) == 9
    assert max(sizes) < 9


def test_memory_hardly_grows_with_the_number_of_documents(tmp_path, monkeypatch):
    peaks = []
    write = building.Finish.write

    def measured(finish):
        tracemalloc.start()
        try:
            return write(finish)
        finally:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    def body(at):
        return "\n".join(" ".join(f"w{at}x{line}x{word}" for word in range(6)) + "." for line in range(4))

    monkeypatch.setattr(building.Finish, "write", measured)
    monkeypatch.setattr(finishing, "_CHUNK", 64)
    for n in (1, 300, 1500):
        build((posting(at, body(at), f"E{at}") for at in range(n)), tmp_path / f"out{n}")
    # a few numbers are kept of each document; its id and hash as text would be over 200 bytes
    assert peaks[2] - peaks[1] < 1200 * 100


def test_a_cell_that_a_spreadsheet_would_run_is_guarded_and_the_text_is_not(tmp_path):
    document = ReadDocument(
        "p1", "=1+1", "=1+1\n\nBe with people.\n", (), {"employer_id": "E", "who": "@x", **FACTS}
    )
    build([document], tmp_path / "out")
    (row,) = csv.DictReader((tmp_path / "out" / "documents.csv").read_text("utf-8").splitlines())
    assert (row["title"], row["who"]) == ("'=1+1", "'@x")
    assert open_corpus(tmp_path / "out").documents["text"].tolist() == ["=1+1\n\nBe with people.\n"]


@pytest.fixture
def roster(write):
    rows = "label,speaker_id,person_id,role\nAnn,W01,W01,peer\nBen,P01,S1-P01,participant\n"
    return write("roster.csv", rows)


def session(number=1):
    turns = [
        SpokenTurn("Ann", "You can stay as long as you like.", 0.0, 2.5, place="line 1"),
        SpokenTurn("Ben", "[inaudible]\nThanks, Ann.", 2.0, 3.25, place="line 2"),
        SpokenTurn("Ann", "W01: is what I am called here.", place="line 4"),
    ]
    told = {"source": f"S-{number}.txt", "site_id": "S1", "preamble": "Ann and Ben", **FACTS}
    return spoken_document(f"S-{number}", turns, metadata=told)


def test_transcripts_become_a_corpus_that_opens_once_consent_is_written(tmp_path, roster):
    report = build([session()], tmp_path / "out", genre="session_transcript", roster=roster)
    assert report.to_do[-1].startswith("consents.csv: write one row for each person")
    template = (tmp_path / "out" / "consents.csv").read_text("utf-8")
    row = {"purposes": "analysis", "granted_on": "2024-01-01", "age_group": "adult", "legal_standing": "free"}
    header = template.strip().split(",")
    rows = [",".join({**row, "person_id": who}.get(name, "") for name in header) for who in ("W01", "S1-P01")]
    (tmp_path / "out" / "consents.csv").write_text(template + "\n".join(rows) + "\n", "utf-8")
    corpus = open_corpus(tmp_path / "out", as_of="2024-06-30")
    assert corpus.segments["text"].tolist() == [
        "You can stay as long as you like.", "W01: is what I am called here.",
    ]  # fmt: skip
    assert corpus.documents.loc[0, "speakers"] == "W01=W01 P01=S1-P01"
    assert corpus.documents.loc[0, "worker_role"] == "peer"


def test_times_and_marks_of_turns_stand_in_a_table_without_words(tmp_path, roster):
    build([session()], tmp_path / "out", genre="session_transcript", roster=read_roster(roster))
    text = (tmp_path / "out" / "turns.csv").read_text("utf-8")
    assert text.splitlines()[1:] == [
        "S-1,1,W01,0,2.5,false,0,line 1", "S-1,2,P01,2,3.25,true,1,line 2", "S-1,3,W01,,,false,0,line 4",
    ]  # fmt: skip


def test_no_name_of_the_roster_gets_into_the_tables(tmp_path, roster):
    build([session()], tmp_path / "out", genre="session_transcript", roster=roster)
    tables = [path for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert not [
        path.name for path in tables if "Ben" in path.read_text("utf-8") or "Ann" in path.read_text("utf-8")
    ]


def test_unknown_speakers_of_all_documents_are_told_at_once(tmp_path, write):
    path = write("roster.csv", "label,speaker_id,person_id,role\nAnn,W01,W01,peer\n")
    with pytest.raises(InputError) as caught:
        build([session(1), session(2)], tmp_path / "out", genre="session_transcript", roster=path)
    assert [problem.where for problem in caught.value.problems] == ["S-1.txt, line 2", "S-2.txt, line 2"]
    assert not (tmp_path / "out").exists()


def test_another_framework_comes_along_as_a_file(tmp_path, data_folder, tiny_framework):
    genre = next(iter(tiny_framework.unit_of_analysis))
    setting = tiny_framework.settings[0].id if tiny_framework.settings else ""
    path = data_folder / "tiny_framework.toml"
    spoken = tiny_framework.unit_of_analysis[genre].unit == "turn"
    if spoken or not setting:
        pytest.skip("the tiny framework has no written genre or no setting")
    build([posting(1, "Be with people.", setting=setting)], tmp_path / "out", genre=genre, framework=path)
    assert open_corpus(tmp_path / "out").framework.id == tiny_framework.id


def test_facts_replace_what_files_told_and_defaults_fill_what_nobody_told(write, rng):
    documents = [one.with_metadata({"date": "", "region": "MA"}) for one in postings(2, rng)]
    path = write("facts.csv", "source,date,region\np0.txt,2020-01-01,\np1.txt,,NH\n")
    found = list(with_facts(documents, path, defaults={"date": "1999-09-09", "kind": "x"}))
    assert [(each.metadata["date"], each.metadata["region"], each.metadata["kind"]) for each in found] == [
        ("2020-01-01", "MA", "x"), ("1999-09-09", "NH", "x"),
    ]  # fmt: skip


def test_facts_about_nothing_and_facts_twice_are_refused(write, rng):
    with pytest.raises(InputError, match="facts, p7: no document has this id"):
        list(with_facts(postings(1, rng), pd.DataFrame({"document_id": ["p0", "p7"], "date": ["", ""]})))
    with pytest.raises(InputError, match=r"facts\.csv, row 3: 'p0' stands there twice"):
        list(with_facts([], write("facts.csv", "document_id,date\np0,\np0,\n")))


def test_the_shipped_corpora_survive_the_whole_way(tmp_path, corpora_folder):
    shipped = corpora_folder / "job_descriptions"
    facts = pd.read_csv(shipped / "documents.csv", dtype=str, keep_default_na=False)
    documents = with_facts(read_documents(shipped / "texts", genre="job_description"), facts)
    build(documents, tmp_path / "out")
    ours, theirs = open_corpus(tmp_path / "out"), open_corpus(shipped)
    assert ours.documents["text"].str.split().tolist() == theirs.documents["text"].str.split().tolist()
    for column in ("title", "employer_id", "setting", "date"):
        assert ours.documents[column].tolist() == theirs.documents[column].tolist()


def test_a_jsonl_dump_goes_the_whole_way(tmp_path, write, rng):
    rows = [
        {
            "id": f"J{at}",
            "t": "Guide",
            "b": " ".join(f"w{each}" for each in rng.integers(999, size=40)) + ".",
            "e": "The Loft",
        }
        for at in range(5)
    ]
    dump = write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    mapping = write("m.toml", 'document_id = "id"\ntitle = "t"\ntext = "b"\nemployer = "e"\n')
    documents = read_documents(dump, genre="job_description", mapping=mapping)
    build(with_facts(documents, defaults=FACTS), tmp_path / "out")
    corpus = open_corpus(tmp_path / "out")
    assert set(corpus.documents["employer_id"]) == {"the-loft"}
    assert len(corpus.segments) == 5
    assert np.all(corpus.segments["start"] == len("Guide\n\n"))
