"""Damaged files of every kind: read, or refused with the file's name; never another error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.errors import InputError
from peercompare.readers import TableMapping, read_documents

EAF = (
    '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="5"/></TIME_ORDER>'
    '<TIER TIER_ID="a"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="x" TIME_SLOT_REF1="t1" '
    'TIME_SLOT_REF2="t1"><ANNOTATION_VALUE>hi you</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>'
    "</TIER></ANNOTATION_DOCUMENT>"
)
PAGE = (
    '<html><head><script type="application/ld+json">{"@type": "JobPosting", "title": "T", "description": '
    '"&lt;p&gt;x&lt;/p&gt;"}</script></head><body><ol><li>a</li></ol></body></html>'
)
SPOKEN = {
    "a.vtt": "WEBVTT\n\n1\n00:01.000 --> 00:02.000\n<v Ann>one &amp; two</v>\n",
    "a.txt": "Ann (00:01): one\nmore\n\nBen: two\n",
    "a.cha": "@UTF8\n@Begin\n@Participants:\tPAR Ann\n*PAR:\t<one> [/] two \x151_2\x15\n@End\n",
    "a.eaf": EAF,
}
WRITTEN = {
    "a.html": PAGE,
    "a.json": '{"@graph": [{"@type": "JobPosting", "title": "T", "description": "x", "jobLocation": [{}]}]}',
    "a.jsonl": '{"t": "x", "b": "y"}\n{"t": "x", "b": ["z"]}\n',
    "a.csv": 't,b\nx,y\n"q","r ""s"""\n',
    "a.md": "---\na: b\n---\n# T\n\n* x\n[a](b) **c**\n",
}
MAPPING = TableMapping({"title": ("t",), "text": ("b",)}, {}, {})
PIECES = st.sampled_from(
    [
        b'"',
        b"{",
        b"}",
        b"<",
        b">",
        b"-->",
        b"null",
        b"[]",
        b"\0",
        b"\xff",
        b"9" * 5000,
        b"\\ud83d",
        b":",
        b"\r",
    ]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), PIECES), min_size=1, max_size=4)


@pytest.mark.parametrize("name", [*SPOKEN, *WRITTEN])
@settings(max_examples=30, deadline=None)
@given(edits=EDITS)
def test_a_damaged_file_is_read_or_refused_by_name(tmp_path_factory, name, edits):
    data = (SPOKEN | WRITTEN)[name].encode("utf-8")
    for at, n_gone, piece in edits:
        place = int(at * len(data))
        data = data[:place] + piece + data[place + n_gone :]
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(data)
    genre = "session_transcript" if name in SPOKEN else "job_description"
    try:
        for document in read_documents(path, genre=genre, mapping=MAPPING):
            assert document.text.strip()
    except InputError as error:
        problem = str(error)
    else:
        problem = name
    assert name in problem
