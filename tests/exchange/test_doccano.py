import json
import zipfile

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.doccano import read_doccano

TEXT = "We share what we know."


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def spans(project):
    names = {each.id: each.name for each in project.coders}
    return [(each.quote, each.code_id, names[each.coder_id]) for each in project.spans]


def test_a_folder_of_files_by_annotator_keeps_who_coded(tmp_path):
    (tmp_path / "ann.jsonl").write_text(lines({"id": 7, "text": TEXT, "label": [[3, 8, "peer"]]}))
    (tmp_path / "bo.jsonl").write_text(lines({"id": 7, "text": TEXT, "label": [[3, 8, "talk"]]}))
    (tmp_path / "unknown.jsonl").write_text(lines({"id": 8, "text": "x", "label": []}))
    found = read_doccano(tmp_path)
    assert spans(found) == [("share", "peer", "ann"), ("share", "talk", "bo")]
    assert [each.id for each in found.documents] == ["text 7", "text 8"]


def test_an_archive_reads_as_its_folder(tmp_path):
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ann.jsonl", lines({"id": 7, "text": TEXT, "label": [[3, 8, "peer"]]}))
    assert spans(read_doccano(path)) == [("share", "peer", "ann")]


def test_all_shapes_of_labels_are_read(tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text(
        lines(
            {"id": 1, "data": TEXT, "label": ["warm"], "Comments": ["sure?"]},
            {
                "id": 2,
                "text": TEXT,
                "entities": [{"id": 5, "label": "peer", "start_offset": 0, "end_offset": 2}],
                "relations": [{"id": 1, "from_id": 5, "to_id": 5, "type": "x"}],
            },
            {"id": 3, "text": TEXT, "cats": ["ask"], "labels": [[9, 13, "what"]], "username": "cy"},
        )
    )
    found = read_doccano(path, coder="ann")
    assert spans(found) == [
        (TEXT, "warm", "ann"),
        ("We", "peer", "ann"),
        (TEXT, "ask", "cy"),
        ("what", "what", "cy"),
    ]
    assert {each.what: each.count for each in found.not_carried} == {"comments": 1, "relations": 1}


@pytest.mark.parametrize("label", [{"label": [[3, 8, "peer"]]}, {"cats": ["peer"]}])
def test_labels_that_nobody_signed_are_listed(tmp_path, label):
    path = tmp_path / "all.jsonl"
    path.write_text(lines({"id": 1, "text": TEXT, **label}))
    assert [str(each) for each in read_doccano(path).not_carried] == [
        "all.jsonl: 1 codings of which nothing says who coded (--coder NAME does)"
    ]
    assert not read_doccano(path, coder="ann").not_carried


def test_after_an_emoji_a_convention_must_be_named(tmp_path):
    path = tmp_path / "ann.jsonl"
    path.write_text(lines({"id": 1, "text": "\U0001f600 " + TEXT, "label": [[5, 10, "peer"]]}))
    with pytest.raises(ExchangeError, match="cannot be told"):
        read_doccano(path)
    found = read_doccano(path, convention={"text 1": "codepoint-raw-nobom"})
    assert spans(found) == [("share", "peer", "ann")]


def test_faults_are_listed_by_line(tmp_path):
    path = tmp_path / "ann.jsonl"
    path.write_text(
        lines(
            {"id": 1, "text": TEXT, "label": [[3, 99, "a"]]},
            {"id": 1, "text": "other", "label": []},
            {"id": 2, "label": []},
            {"id": 3, "text": TEXT, "label": [[1, 2]]},
            {"id": 4, "text": TEXT, "label": [[5, 2, "a"]]},
        )
    )
    with pytest.raises(ExchangeError) as caught:
        read_doccano(path)
    assert sorted(each.where[-6:] for each in caught.value.problems) == [f"line {n}" for n in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize(("content", "n"), [('{"id": 1\n[]\n', 2), ("", 0), ("nonsense", 1)])
def test_lines_that_are_no_objects_are_refused(tmp_path, content, n):
    path = tmp_path / "ann.jsonl"
    path.write_text(content)
    with pytest.raises(ExchangeError) as caught:
        read_doccano(path)
    assert len(caught.value.problems) == max(n, 1)


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(ExchangeError, match=r"no \.jsonl"):
        read_doccano(tmp_path)
