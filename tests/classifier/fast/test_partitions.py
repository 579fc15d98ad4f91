import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peercompare.classifier.fast import partitions
from peercompare.classifier.fast.partitions import Part, parts_in, read_part
from peercompare.classifier.fast.sources import parts_of
from peercompare.errors import InputError


def table(n):
    return pd.DataFrame(
        {
            "segment_id": [f"s{at}" for at in range(n)],
            "document_id": [f"d{at // 7}" for at in range(n)],
            "text": [f"wörd {at} " + "x" * (at % 13) for at in range(n)],
        }
    )


def as_parquet(rows, path, *, group, categories=()):
    found = pa.Table.from_pandas(rows, preserve_index=False)
    for name in categories:
        at = found.schema.get_field_index(name)
        found = found.set_column(at, name, found.column(at).dictionary_encode())
    pq.write_table(found, path, row_group_size=group)
    return path


def as_jsonl(rows, path, *, end="\n", last=True):
    lines = end.join(json.dumps(row, ensure_ascii=False) for row in rows.to_dict("records"))
    path.write_bytes((lines + (end if last else "")).encode())
    return path


def same_as_one_after_another(path, rows):
    parts = parts_in(path, rows)
    others = list(parts_of([path], rows))
    assert [part.n_rows for part in parts] == [len(other) for other in others]
    for part, other in zip(parts, others, strict=True):
        got = read_part(part)
        assert got.astype(object).to_dict("list") == other.astype(object).to_dict("list")
    return parts


@pytest.mark.parametrize("categories", [(), ("text", "document_id")])
@pytest.mark.parametrize(("group", "rows"), [(13, 9), (9, 40), (500, 20), (13, 1000)])
def test_parts_of_parquet_are_those_read_one_after_another(tmp_path, categories, group, rows):
    path = as_parquet(table(97), tmp_path / "a.parquet", group=group, categories=categories)
    parts = same_as_one_after_another(path, rows)
    assert [part.n_rows for part in parts[:-1]] == [rows] * (len(parts) - 1)


@pytest.mark.parametrize(("block", "rows"), [(1, 9), (64, 5), (7, 24), (2**24, 9), (64, 1000)])
@pytest.mark.parametrize(("end", "last"), [("\n", True), ("\n", False), ("\r\n", True)])
def test_parts_of_jsonl_are_those_read_one_after_another(tmp_path, monkeypatch, block, rows, end, last):
    monkeypatch.setattr(partitions, "BLOCK", block)
    path = as_jsonl(table(48), tmp_path / "a.jsonl", end=end, last=last)
    parts = same_as_one_after_another(path, rows)
    assert sum(part.n_rows for part in parts) == 48


def test_parts_are_told_without_reading_a_text(tmp_path, monkeypatch):
    def never(*given, **more):
        raise AssertionError

    path = as_parquet(table(20), tmp_path / "a.parquet", group=5)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", never)
    parts = parts_in(path, 8)
    assert parts == [Part(path, 0, 8), Part(path, 8, 8), Part(path, 16, 4)]
    assert parts[1].where == "a.parquet, rows 10 to 17"


def test_a_line_that_is_not_utf8_is_named(tmp_path):
    path = as_jsonl(table(30), tmp_path / "a.jsonl")
    data = path.read_bytes().split(b"\n")
    data[17] = data[17].replace("ö".encode(), b"\xf6")
    path.write_bytes(b"\n".join(data))
    first, second, third = parts_in(path, 10)
    assert len(read_part(first)) == len(read_part(third)) == 10
    with pytest.raises(InputError, match=r"a\.jsonl, line 18: a byte"):
        read_part(second)


def test_damage_in_the_middle_of_a_parquet_file_is_named(tmp_path):
    path = as_parquet(table(4000), tmp_path / "a.parquet", group=1000)
    with pq.ParquetFile(path) as file:
        column = file.metadata.row_group(2).column(2)
        start = column.dictionary_page_offset or column.data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    parts = parts_in(path, 1000)
    assert len(read_part(parts[1])) == 1000
    with pytest.raises(InputError, match=r"a\.parquet, row 2002: cannot be read"):
        read_part(parts[2])


def test_a_line_of_other_columns_and_a_row_without_text_are_named(tmp_path):
    path = as_jsonl(table(6), tmp_path / "a.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[4] = '{"segment_id": "s4"}'
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match="line 5: other columns than line 1"):
        read_part(parts_in(path, 3)[1])
    empty = as_parquet(table(6).assign(text=["a"] * 5 + [" "]), tmp_path / "b.parquet", group=2)
    with pytest.raises(InputError, match=r"b\.parquet, row 7 \('s5'\): text is missing"):
        read_part(parts_in(empty, 4)[1])
