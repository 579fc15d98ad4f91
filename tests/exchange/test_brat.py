import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.brat import read_brat

TEXT = "We \U0001f600 share.\r\nWe listen, we share.\r\n"


def line(number, label, words, text=TEXT, at=0):
    start = text.index(words, at)
    quoted = words.replace("\r\n", " ")
    return f"T{number}\t{label} {start} {start + len(words)}\t{quoted}\n"


@pytest.fixture
def make(tmp_path):
    def write(ann, name="doc", text=TEXT, folder="."):
        base = tmp_path / "study" / folder
        base.mkdir(parents=True, exist_ok=True)
        if text is not None:
            (base / f"{name}.txt").write_bytes(text.encode())
        (base / f"{name}.ann").write_bytes(ann.encode())
        return tmp_path / "study"

    return write


def test_text_bound_annotations_keep_label_words_and_notes(make):
    ann = line(1, "Peer", "listen") + line(2, "Talk", "share.\r\nWe") + "#1\tAnnotatorNotes T1\tnot sure\n"
    found = read_brat(make(ann), coder="ann")
    assert [(each.quote, each.code_id, each.memo, each.coder_id) for each in found.spans] == [
        ("share.\nWe", "Talk", "", "coder ann"),
        ("listen", "Peer", "not sure", "coder ann"),
    ]


def test_one_document_in_several_coders_folders_is_one_document(make):
    make(line(1, "Peer", "listen"), folder="ann")
    folder = make(line(1, "Talk", "listen"), folder="bo")
    found = read_brat(folder, folders_are_coders=True)
    assert [each.id for each in found.documents] == ["doc"]
    assert [(each.coder_id, each.code_id) for each in found.spans] == [
        ("coder ann", "Peer"),
        ("coder bo", "Talk"),
    ]
    make("", folder="cy", text="another")
    with pytest.raises(ExchangeError, match="another than that of the same name"):
        read_brat(folder, folders_are_coders=True)


def test_folders_that_may_be_coders_are_asked_about(make):
    make(line(1, "Peer", "listen"), folder="ann")
    folder = make(line(1, "Talk", "listen"), folder="bo")
    with pytest.raises(ExchangeError, match=r"(?s)doc\.ann: it stands in ann, bo.*folders_are_coders=yes"):
        read_brat(folder)
    assert len(read_brat(folder, folders_are_coders=False).documents) == 2


def test_what_is_no_span_in_one_piece_is_listed(make):
    ann = (
        "T1\tPeer 0 2;5 10\tWe share\n" + line(2, "Peer", "listen") + "A1\tSure T2\nM2\tSure T2 yes\n"
        "E1\tPeer:T2\nR1\tNear Arg1:T2 Arg2:T2\t\n*\tEquiv T2 T2\n#2\tAnnotatorNotes E1\tx\n"
    )
    found = read_brat(make(ann))
    assert len(found.spans) == 1
    assert {(each.what, each.where): each.count for each in found.not_carried} == {
        ("annotations in several pieces", "doc.ann, line 1"): 1,
        ("attributes", "study"): 2,
        ("events", "study"): 1,
        ("relations", "study"): 1,
        ("equivalences", "study"): 1,
        ("notes on what is no text", "study"): 1,
        ("codings of which nothing says who coded (--coder NAME does)", "study"): 1,
    }
    assert "codings" not in str([each.what for each in read_brat(make(ann), coder="ann").not_carried])


def test_every_fault_is_listed_with_file_and_line(make):
    make("nonsense\nT1\tPeer 5 2\tx\nT2\tPeer 0 999\tx\n")
    folder = make("", name="lonely", text=None)
    (folder / "bad.txt").write_bytes(b"\xff")
    (folder / "bad.ann").write_bytes(b"")
    with pytest.raises(ExchangeError) as caught:
        read_brat(folder)
    assert sorted(each.where.removeprefix("study, ") for each in caught.value.problems) == [
        "bad.ann",
        "doc.ann, line 1",
        "doc.ann, line 2",
        "doc.ann, line 3",
        "lonely.ann",
    ]


def test_words_that_stand_elsewhere_are_refused(make):
    path = make("T1\tPeer 0 6\tlisten\n")
    with pytest.raises(ExchangeError, match="nothing was written"):
        read_brat(path)


def test_a_folder_without_annotations_is_refused(tmp_path):
    with pytest.raises(ExchangeError, match=r"no \.ann"):
        read_brat(tmp_path)
