import errno
import io
import json
import os
import signal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peercompare.classifier.fast import FastScorer, checking, lines, predict_stream, sources, streaming
from peercompare.classifier.fast.parts_folder import STATE
from peercompare.classifier.fast.streaming import Remembering
from peercompare.errors import DisclosureError, InputError


@pytest.fixture(scope="module")
def texts(notes):
    """Twenty rows, four of them texts that stood before."""
    table = notes.drop_duplicates("segment_id").head(16)[["segment_id", "document_id", "text"]]
    again = table.head(4).assign(segment_id=[f"again-{number}" for number in range(4)])
    return pd.concat([table, again], ignore_index=True).astype(object)


@pytest.fixture
def parquet(texts, tmp_path):
    texts.to_parquet(tmp_path / "texts.parquet", index=False)
    return tmp_path / "texts.parquet"


def parts_in(folder):
    return [pd.read_parquet(path) for path in sorted(folder.glob("part-*.parquet"))]


def as_jsonl(table, path):
    path.write_text("".join(json.dumps(row) + "\n" for row in table.to_dict("records")), encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_parts_together_are_what_the_model_says_of_the_table(noted, texts, parquet, tmp_path, ending):
    source = parquet if ending == "parquet" else as_jsonl(texts, tmp_path / "texts.jsonl")
    found = predict_stream(noted, source, tmp_path / "out", rows=7)
    assert found == (3, 20, True)
    whole = noted.predict_table(texts)
    got = pd.concat(parts_in(tmp_path / "out"), ignore_index=True)
    labels = list(noted.labels)
    assert got["segment_id"].tolist() == texts["segment_id"].tolist()
    assert np.abs(got[labels].to_numpy() - whole[labels].to_numpy()).max() < 1e-9
    for name in ["named", "label_set", "abstained", "model_id", "fold"]:
        assert got[name].tolist() == whole[name].tolist()


def test_context_is_read_where_it_is_there(noted, notes, tmp_path):
    table = notes.drop_duplicates("segment_id").head(9)
    columns = ["segment_id", "document_id", "text", "before", "after", "heading", "document", "position"]
    table[columns].to_parquet(tmp_path / "texts.parquet", index=False)
    predict_stream(noted, tmp_path / "texts.parquet", tmp_path / "out")
    (got,) = parts_in(tmp_path / "out")
    assert np.abs(got[list(noted.labels)].to_numpy() - noted.probabilities(table)).max() < 1e-9


def test_files_of_a_folder_follow_one_another_by_name(noted, texts, tmp_path):
    (tmp_path / "in").mkdir()
    texts.iloc[10:].to_parquet(tmp_path / "in" / "b.parquet", index=False)
    as_jsonl(texts.iloc[:10], tmp_path / "in" / "a.jsonl")
    (tmp_path / "in" / "readme.txt").write_text("passed over")
    assert predict_stream(noted, tmp_path / "in", tmp_path / "out", rows=8).n_parts == 4
    got = pd.concat(parts_in(tmp_path / "out"))
    assert got["segment_id"].tolist() == texts["segment_id"].tolist()


def test_parts_are_for_their_owner_alone(noted, parquet, tmp_path):
    predict_stream(noted, parquet, tmp_path / "out")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


def test_sigterm_finishes_the_part_and_the_same_call_goes_on(noted, parquet, tmp_path, monkeypatch):
    predict_stream(noted, parquet, tmp_path / "whole", rows=5)
    predicted, met = streaming.predicted, []

    def terminated(scorer, part):
        met.append(len(part))
        if len(met) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return predicted(scorer, part)

    monkeypatch.setattr(streaming, "predicted", terminated)
    before = signal.getsignal(signal.SIGTERM)
    assert predict_stream(noted, parquet, tmp_path / "out", rows=5) == (2, 10, False)
    assert signal.getsignal(signal.SIGTERM) is before
    assert predict_stream(noted, parquet, tmp_path / "out", rows=5) == (4, 20, True)
    assert len(met) == 4
    for one, other in zip(parts_in(tmp_path / "whole"), parts_in(tmp_path / "out"), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert predict_stream(noted, parquet, tmp_path / "out", rows=5).complete
    assert len(met) == 4


def test_a_full_disk_names_the_file_leaves_whole_parts_and_the_same_call_goes_on(
    noted, parquet, tmp_path, monkeypatch
):
    flush, calls = os.fsync, []

    def full(descriptor):
        calls.append(1)
        if len(calls) == 4:  # state, part, state, part
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(InputError, match=r"part-000001\.parquet was not written: the disk is full"):
            predict_stream(noted, parquet, tmp_path / "out", rows=5)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["part-000000.parquet", STATE]
    assert [len(part) for part in parts_in(tmp_path / "out")] == [5]
    assert predict_stream(noted, parquet, tmp_path / "out", rows=5) == (4, 20, True)


def test_other_texts_parts_or_a_lost_part_are_not_gone_on_with(noted, texts, parquet, tmp_path):
    predict_stream(noted, parquet, tmp_path / "out", rows=5)
    with pytest.raises(InputError, match="another rows_of_part"):
        predict_stream(noted, parquet, tmp_path / "out", rows=6)
    texts.head(3).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(InputError, match="another source_sha256"):
        predict_stream(noted, tmp_path / "other.parquet", tmp_path / "out", rows=5)
    (tmp_path / "out" / "part-000001.parquet").unlink()
    with pytest.raises(InputError, match="1 of its parts missing"):
        predict_stream(noted, parquet, tmp_path / "out", rows=5)
    (tmp_path / "out" / STATE).write_text("{")
    with pytest.raises(InputError, match="damaged"):
        predict_stream(noted, parquet, tmp_path / "out", rows=5)


def test_a_folder_that_holds_something_else_is_left_alone(noted, parquet, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        predict_stream(noted, parquet, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_what_is_wrong_with_parquet_files_is_told_of_all_before_anything_is_written(noted, texts, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    texts.to_parquet(folder / "a.parquet")
    texts.rename(columns={"text": "words"}).to_parquet(folder / "b.parquet")
    texts.assign(document_id=range(len(texts))).to_parquet(folder / "c.parquet")
    pq.write_table(pa.Table.from_pandas(texts.head(0).astype(str)), folder / "d.parquet")
    (folder / "e.parquet").write_bytes((folder / "a.parquet").read_bytes()[:-20])
    (folder / "f.jsonl").touch()
    with pytest.raises(InputError) as caught:
        predict_stream(noted, folder, tmp_path / "out")
    told = [str(problem) for problem in caught.value.problems]
    assert told[0] == "b.parquet: the column 'text' is missing"
    assert "c.parquet: the column 'document_id' holds int64, not text" in told
    assert "d.parquet: it has no row" in told
    assert "f.jsonl: it is empty" in told
    assert any(each.startswith("e.parquet: it is no whole Parquet file") for each in told)
    assert not (tmp_path / "out").exists()


def test_lines_that_cannot_be_read_are_told_of_the_whole_file_before_anything_is_written(
    noted, texts, tmp_path
):
    path = as_jsonl(texts, tmp_path / "texts.jsonl")
    lines = path.read_bytes().splitlines()
    lines[2] = b'{"segment_id": "x", "text": "we dig", "she told me": "of the river"}'
    lines[9] = lines[9][:30]
    lines[12] = lines[12].replace(b'"text": "', b'"text": "\xe9', 1)
    lines[13] = b"[1]"
    lines[15] = b'{"segment_id": "y", "document_id": "d", "text": "\\ud83c alone"}'
    lines[19] = b""
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(InputError) as caught:
        predict_stream(noted, path, tmp_path / "out", rows=10)
    told = {problem.where: problem.what for problem in caught.value.problems}
    assert list(told) == [f"{path.name}, line {n}" for n in (3, 10, 13, 14, 16, 20)]
    assert "missing: document_id" in told["texts.jsonl, line 3"]
    assert "not UTF-8" in told["texts.jsonl, line 13"]
    assert "half a character" in told["texts.jsonl, line 16"]
    message = str(caught.value)
    assert message.count("texts.jsonl, line") == 5
    assert "6 in all" in message
    assert "she told" not in message
    assert not (tmp_path / "out").exists()


def test_faults_of_all_files_are_told_and_too_many_are_not_all_looked_for(
    noted, texts, tmp_path, monkeypatch
):
    (tmp_path / "in").mkdir()
    texts.assign(text=" ").to_parquet(tmp_path / "in" / "a.parquet")
    as_jsonl(texts.assign(document_id=7), tmp_path / "in" / "b.jsonl")
    with pytest.raises(InputError) as caught:
        predict_stream(noted, tmp_path / "in", tmp_path / "out", rows=8)
    problems = caught.value.problems
    assert len(problems) == 40
    assert problems[0].where.startswith("a.parquet, row 2 (")
    assert problems[20].where.startswith("b.jsonl, line 1 (")
    assert problems[20].what.startswith("document_id is missing")
    monkeypatch.setattr(checking, "MOST_FAULTS", 25)
    with pytest.raises(InputError, match="after 25 of them nothing more was read"):
        predict_stream(noted, tmp_path / "in", tmp_path / "out", rows=8)
    assert not (tmp_path / "out").exists()


def test_damage_in_the_middle_of_a_parquet_file_is_told_before_anything_is_written(noted, texts, tmp_path):
    many = pd.concat([texts.assign(segment_id=texts["segment_id"] + f"-{n}") for n in range(40)])
    path = tmp_path / "texts.parquet"
    many.to_parquet(path, index=False, row_group_size=200)
    with pq.ParquetFile(path) as file:
        column = file.metadata.row_group(2).column(0)
    data = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"texts\.parquet, row 402: cannot be read"):
        predict_stream(noted, path, tmp_path / "out", rows=100)
    assert not (tmp_path / "out").exists()


def test_a_row_group_is_read_piece_by_piece(tmp_path, monkeypatch):
    ids = [f"s{number}" for number in range(30_000)]
    path = tmp_path / "texts.parquet"
    table = pa.table({"segment_id": ids, "document_id": ids, "text": [each * 9 for each in ids]})
    pq.write_table(table, path, use_dictionary=False, compression="none", data_page_size=4096)
    read, files, whole = [], [], pq.ParquetFile

    class Watched(io.FileIO):
        def read(self, size=-1):
            data = super().read(size)
            read.append(len(data))
            return data

    def opened(path, **how):
        files.append(Watched(path))
        return whole(pa.PythonFile(files[-1], mode="r"), **how)

    monkeypatch.setattr(sources, "BUFFER", 2**14)
    monkeypatch.setattr(pq, "ParquetFile", opened)
    first, part = next(sources.chunks_of(path, 100))
    assert (first, len(part())) == (0, 100)
    assert sum(read) < path.stat().st_size / 5
    for file in files:
        file.close()


def test_parts_of_long_texts_have_fewer_rows(noted, texts, tmp_path, monkeypatch):
    long = texts.assign(text=texts["text"] + " we dig" * 300)
    long.to_parquet(tmp_path / "texts.parquet", index=False)
    as_jsonl(long, tmp_path / "texts.jsonl")
    monkeypatch.setattr(sources, "LARGEST_PART", 17_000)
    for name in ("texts.parquet", "texts.jsonl"):
        sizes = [len(part) for part in sources.parts_of([tmp_path / name], 1000)]
        assert sum(sizes) == 20
        assert 3 <= len(sizes) < 20


def test_a_text_in_the_place_of_a_line_that_is_too_long_is_told_and_later_lines_keep_their_numbers(
    texts, tmp_path, monkeypatch
):
    monkeypatch.setattr(lines, "LARGEST_LINE", 300)
    path = as_jsonl(texts, tmp_path / "texts.jsonl")
    given = path.read_bytes().splitlines()
    given[3], given[5] = given[3][:-2] + b"x" * 700 + b'"}', b"{"
    path.write_bytes(b"\n".join(given))
    with pytest.raises(InputError) as caught:
        list(sources.parts_of([path], 50))
    assert [problem.where for problem in caught.value.problems] == [f"texts.jsonl, line {n}" for n in (4, 6)]
    assert caught.value.problems[0].what.startswith("longer than")


def test_files_with_other_context_than_the_first_are_refused(noted, notes, tmp_path):
    (tmp_path / "in").mkdir()
    rows = notes.drop_duplicates("segment_id").head(9)[["segment_id", "document_id", "text", "heading"]]
    rows.to_parquet(tmp_path / "in" / "a.parquet", index=False)
    rows.drop(columns="heading").to_parquet(tmp_path / "in" / "b.parquet", index=False)
    as_jsonl(rows.drop(columns="heading"), tmp_path / "in" / "c.jsonl")
    with pytest.raises(InputError) as caught:
        predict_stream(noted, tmp_path / "in", tmp_path / "out")
    assert [str(problem) for problem in caught.value.problems] == [
        f"{name}: other columns than a.parquet: they differ in heading" for name in ("b.parquet", "c.jsonl")
    ]


def test_rows_without_words_or_id_are_told_by_their_row(noted, texts, tmp_path):
    wrong = texts.copy()
    wrong.loc[3, "text"], wrong.loc[5, "segment_id"], wrong.loc[6, "text"] = " ", None, None
    wrong.loc[8, "segment_id"] = wrong.loc[7, "segment_id"]
    wrong.to_parquet(tmp_path / "texts.parquet")
    with pytest.raises(InputError) as caught:
        predict_stream(noted, tmp_path / "texts.parquet", tmp_path / "out")
    assert len(caught.value.problems) == 4
    assert [problem.where.split(" (")[0] for problem in caught.value.problems] == [
        f"texts.parquet, row {row}" for row in (5, 7, 8, 10)
    ]


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_columns_about_people_are_refused(noted, texts, tmp_path, ending):
    table = texts.assign(worker_id="W1")
    path = tmp_path / f"texts.{ending}"
    table.to_parquet(path) if ending == "parquet" else as_jsonl(table, path)
    with pytest.raises(DisclosureError, match="worker_id"):
        predict_stream(noted, path, tmp_path / "out")


def test_a_file_of_another_kind_and_an_empty_folder_are_refused(noted, tmp_path):
    (tmp_path / "texts.xlsx").touch()
    (tmp_path / "empty").mkdir()
    for name in ["texts.xlsx", "empty"]:
        with pytest.raises(InputError, match="no Parquet and no JSONL"):
            predict_stream(noted, tmp_path / name, tmp_path / "out")


def test_a_file_that_is_not_utf_8_is_refused(noted, tmp_path):
    (tmp_path / "texts.jsonl").write_bytes(b'{"segment_id": "a", "document_id": "d", "text": "caf\xe9"}\n')
    with pytest.raises(InputError, match="not UTF-8"):
        predict_stream(noted, tmp_path / "texts.jsonl", tmp_path / "out")


def test_texts_that_come_again_are_scored_once_and_memory_is_bounded(noted, said, monkeypatch):
    scored = []
    score = FastScorer.probabilities
    monkeypatch.setattr(
        FastScorer, "probabilities", lambda self, texts: scored.append(len(texts)) or score(self, texts)
    )
    remembering = Remembering(FastScorer(noted), most=6)
    first = remembering.probabilities(pd.DataFrame({"text": [*said[:4], *said[:4]]}))
    again = remembering.probabilities(pd.DataFrame({"text": said[:5]}))
    assert scored == [4, 1]
    assert np.array_equal(first[:4], again[:4])
    assert np.abs(again - noted.probabilities(said[:5])).max() < 1e-9
    remembering.probabilities(pd.DataFrame({"text": said}))
    assert len(remembering._said) <= 6


def test_the_folder_of_a_corpus_is_not_read_past_consent(noted, texts, tmp_path):
    as_jsonl(texts, tmp_path / "access_log.jsonl")
    (tmp_path / "corpus.toml").touch()
    with pytest.raises(InputError, match="folder of a corpus; nothing in it was read"):
        predict_stream(noted, tmp_path, tmp_path / "out")


def test_what_a_kill_leaves_in_the_making_is_cleared_and_the_same_call_goes_on(
    noted, parquet, tmp_path, monkeypatch
):
    class Killed(BaseException):
        pass

    def killed(table, path, *, private):
        path.with_name(f".{path.name}.x.part").write_bytes(b"half")
        raise Killed

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f".{STATE}.x.part").touch()
    with monkeypatch.context() as patched:
        patched.setattr(streaming, "write_table", killed)
        with pytest.raises(Killed):
            predict_stream(noted, parquet, tmp_path / "out")
    assert predict_stream(noted, parquet, tmp_path / "out").complete
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["part-000000.parquet", STATE]
