import errno
import json
import os
import signal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peercompare.classifier.fast import FastScorer, predict_stream, streaming
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


def test_a_full_disk_leaves_whole_parts_and_the_same_call_goes_on(noted, parquet, tmp_path, monkeypatch):
    write, calls = streaming.write_table, []

    def full(*given, **more):
        calls.append(1)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(*given, **more)

    monkeypatch.setattr(streaming, "write_table", full)
    with pytest.raises(InputError, match="is full; the parts that were written are whole"):
        predict_stream(noted, parquet, tmp_path / "out", rows=5)
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


def test_a_row_group_too_large_to_read_is_refused_by_its_footer(noted, parquet, tmp_path, monkeypatch):
    monkeypatch.setattr("peercompare.classifier.fast.sources.LARGEST_ROW_GROUP", 100)
    with pytest.raises(InputError, match=r"row group 0 unpacks to .* smaller row groups"):
        predict_stream(noted, parquet, tmp_path / "out")


def test_lines_with_other_columns_half_way_are_told_and_earlier_parts_kept(noted, texts, tmp_path):
    path = as_jsonl(texts, tmp_path / "texts.jsonl")
    lines = path.read_text().splitlines()
    lines[12] = json.dumps({"segment_id": "x", "text": "we dig", "she told me": "of the river"})
    lines[13] = lines[13][:30]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        predict_stream(noted, path, tmp_path / "out", rows=10)
    assert [problem.where for problem in caught.value.problems] == [
        f"{path.name}, line {n}" for n in (13, 14)
    ]
    assert "missing: document_id" in str(caught.value)
    assert "she told" not in str(caught.value)
    assert [len(part) for part in parts_in(tmp_path / "out")] == [10]


def test_rows_without_words_or_id_are_told_by_their_row(noted, texts, tmp_path):
    wrong = texts.copy()
    wrong.loc[3, "text"], wrong.loc[5, "segment_id"], wrong.loc[6, "text"] = " ", None, None
    wrong.loc[8, "segment_id"] = wrong.loc[7, "segment_id"]
    wrong.to_parquet(tmp_path / "texts.parquet")
    with pytest.raises(InputError) as caught:
        predict_stream(noted, tmp_path / "texts.parquet", tmp_path / "out")
    assert len(caught.value.problems) == 4
    assert {problem.where.split(" (")[0] for problem in caught.value.problems} == {
        f"texts.parquet, row {row}" for row in (5, 7, 8, 10)
    }


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
