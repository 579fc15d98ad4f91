import json

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.label_studio import read_label_studio
from peercompare.exchange.project import UNKNOWN_CODER

TEXT = "Hi \U0001f4a9 all.\r\nWe share what we know."


def region(words, *labels, shift=0, quote=None, text=TEXT):
    start = text.index(words) + shift
    value = {"start": start, "end": start + len(words), "labels": list(labels)}
    if quote != "":
        value["text"] = words if quote is None else quote
    return {"id": f"r{start}", "type": "labels", "from_name": "label", "to_name": "text", "value": value}


def task(*annotations, number=1, **data):
    return {"id": number, "data": {"text": TEXT, **data}, "annotations": list(annotations), "predictions": []}


def by(who, *results, **more):
    return {"id": 9, "completed_by": who, "result": list(results), **more}


@pytest.fixture
def write(tmp_path):
    def make(tasks):
        path = tmp_path / "export.json"
        path.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
        return path

    return make


def test_each_annotator_keeps_their_labels(write):
    tasks = [
        task(
            by({"id": 3, "email": "ann@x.org"}, region("We share", "peer", "talk")),
            by(4, region("know", "talk")),
            by(None, region("all", "talk")),
            site="north",
        )
    ]
    found = read_label_studio(write(tasks))
    names = {each.id: each.name for each in found.coders}
    assert [(each.quote, each.code_id, names[each.coder_id]) for each in found.spans] == [
        ("all", "talk", "unknown"),
        ("We share", "peer", "ann@x.org"),
        ("We share", "talk", "ann@x.org"),
        ("know", "talk", "4"),
    ]
    assert dict(found.documents[0].metadata) == {"site": "north"}
    assert found.documents[0].text == TEXT.replace("\r\n", "\n")
    assert UNKNOWN_CODER in names


@pytest.mark.parametrize("shift", [0, 1])
def test_the_words_of_the_regions_tell_how_positions_were_counted(write, shift):
    found = read_label_studio(write([task(by(1, region("share", "a", shift=shift)))]))
    assert found.spans[0].quote == "share"
    assert found.calibrations[0].convention.split("-")[0] == ("utf16" if shift else "codepoint")


def test_without_words_after_an_emoji_nothing_is_guessed(write):
    path = write([task(by(1, region("share", "a", quote="")))])
    with pytest.raises(ExchangeError, match="cannot be told") as caught:
        read_label_studio(path)
    assert "task 1, region" in str(caught.value)
    assert read_label_studio(path, convention="codepoint-raw-nobom").spans[0].quote == "share"


def test_a_line_end_written_as_a_backslash_is_understood(write):
    words = "all.\r\nWe"
    found = read_label_studio(write([task(by(1, region(words, "a", quote="all.\\nWe")))]))
    assert found.spans[0].quote == "all.\nWe"


def test_a_choice_about_a_task_covers_its_text(write):
    choice = {"id": "c", "type": "choices", "value": {"choices": ["peer"]}}
    found = read_label_studio(write([task(by(1, choice, region("share", "a")))]))
    assert [(each.start, each.end, each.code_id) for each in found.spans] == [
        (0, len(TEXT) - 1, "peer"),
        (13, 18, "a"),
    ]


def test_what_is_no_coding_of_text_is_counted(write):
    tasks = task(
        by(1, region("share"), {"type": "relation"}, {"type": "textarea", "value": {"text": ["x"]}}),
        by(2, region("share", "a"), was_cancelled=True),
    )
    tasks["predictions"] = [{}, {}]
    found = read_label_studio(write([tasks]))
    assert found.spans == ()
    assert {each.what: each.count for each in found.not_carried} == {
        "predictions": 2,
        "regions without a label": 1,
        "results of the kind 'relation'": 1,
        "results of the kind 'textarea'": 1,
        "annotations that were skipped": 1,
    }


@pytest.mark.parametrize("kind", ["hypertextlabels", "paragraphlabels", "labels"])
def test_a_region_of_a_page_is_refused_and_never_taken_for_a_stretch_of_text(write, kind):
    value = {"start": "/div[1]/text()[1]", "end": "/div[1]/text()[1]", "startOffset": 2, "endOffset": 8}
    tasks = [task(by(1, {"id": "h", "type": kind, "value": {**value, kind: ["a"]}}))]
    with pytest.raises(ExchangeError, match="paths, not characters") as caught:
        read_label_studio(write(tasks))
    assert [each.where for each in caught.value.problems] == ["export.json, task 1, region h"]


def test_pictures_are_counted_and_a_text_kept_elsewhere_is_refused(write):
    box = {"id": "b", "type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["a"]}}
    picture = {"id": 7, "data": {"image": "/data/upload/1.jpg"}, "annotations": [by(1, box)]}
    found = read_label_studio(write([task(by(1, region("share", "a"))), picture]))
    assert [each.name for each in found.documents] == ["task 1"]
    assert [(each.count, "pictures" in each.what) for each in found.not_carried] == [(1, True)]
    linked = {
        "id": 8,
        "data": {"text": "https://example.org/a.txt"},
        "annotations": [by(1, region("Hi", "a"))],
    }
    with pytest.raises(ExchangeError, match="task 8: its text is a link"):
        read_label_studio(write([linked]))


def test_every_fault_is_listed_by_task(write):
    bad = region("share", "a")
    bad["value"]["start"] = "3"
    far = region("share", "a")
    far["value"]["end"] = 10**30
    tasks = [task(by(1, bad)), task(by(1, far), number=2), {"id": 3, "data": {"a": "x", "b": "y"}}, task()]
    with pytest.raises(ExchangeError) as caught:
        read_label_studio(write(tasks))
    said = sorted(each.where.removeprefix("export.json, ")[:6] for each in caught.value.problems)
    assert said == ["task 1", "task 1", "task 2", "task 3"]


@pytest.mark.parametrize(
    "broken",
    [
        {"annotations": 3},
        {"annotations": [None]},
        {"annotations": [{"result": {"a": 1}}]},
        {"annotations": [{"result": [{"type": "labels", "value": {"start": 0, "end": 1, "labels": "x"}}]}]},
        {"annotations": [{"result": [{"type": "choices", "value": {"choices": [1]}}]}]},
        {"annotations": [], "predictions": "many"},
    ],
)
def test_what_has_another_shape_is_a_fault_of_its_task(write, broken):
    with pytest.raises(ExchangeError) as caught:
        read_label_studio(write([{"id": 5, "data": {"text": TEXT}, **broken}]))
    assert caught.value.problems[0].where.startswith("export.json, task 5")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"id": 1', "part of one"),
        ("{}", "no list of tasks"),
        ('[{"text": "a", "label": []}]', "JSON-MIN"),
        ('[{"annotations": [], "data": {"text": NaN}}]', "NaN is no number"),
        ("[" * 100_000, "nested without end"),
    ],
)
def test_another_file_is_refused(write, content, words):
    with pytest.raises(ExchangeError, match=words):
        read_label_studio(write(content))
