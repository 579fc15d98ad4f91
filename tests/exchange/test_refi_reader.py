import gc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peercompare.errors import ExchangeError
from peercompare.exchange.archive import Limits
from peercompare.exchange.counting import BOM, CONVENTIONS, stored_text
from peercompare.exchange.project import UNKNOWN_CODER, code_paths, project_tables
from peercompare.exchange.reading import read_project
from peercompare.exchange.refi_reader import check_qdpx, read_qdc, read_qdpx

TEXT = "We walked, we talked.\nNobody took notes."


def span_of(text, words):
    return text.index(words), text.index(words) + len(words)


def whole(qde, text=TEXT, words="we talked", **more):
    return qde.project(
        qde.source("A", qde.selection("s1", *span_of(text, words), words), content=text, **more)
    )


def test_a_project_comes_with_documents_codes_coders_and_spans(qde, make):
    found = read_qdpx(make(whole(qde)))
    assert (found.name, found.origin) == ("Study", "Tests")
    assert [document.text for document in found.documents] == [TEXT]
    assert list(code_paths(found.codes).values()) == ["Role", "Role > Shared", "Folder", "Folder > Managed"]
    assert [code.is_codable for code in found.codes] == [True, True, False, True]
    assert found.codes[0].description == "What the role is"
    assert found.codes[0].colour == "#ff0000"
    assert [coder.name for coder in found.coders] == ["Ann", "Bo"]
    (span,) = found.spans
    assert (span.quote, span.code_id, span.coder_id) == ("we talked", qde.guid("shared"), qde.guid("ann"))
    assert found.calibrations[0].n_verified == 1


@pytest.mark.parametrize("inside", ["project.qde", "My study.qde", "folder/Study.QDE"])
def test_the_project_file_may_have_any_name(qde, make, inside):
    assert len(read_qdpx(make(whole(qde), inside=inside)).spans) == 1


@pytest.mark.parametrize("folder", ["sources", "Sources", ""])
def test_a_text_inside_the_archive_keeps_every_character(qde, make, folder):
    text = "One 😀😀😀😀\r\ntwo é three\r\n"
    stored = stored_text(text)
    start, end = qde.counted(BOM + text, *span_of(stored, "three"), "utf16-raw-nobom")
    marked = qde.selection("s1", start, end, "three")
    xml = qde.project(qde.source("A", marked, plain="internal://a%20b.txt"))
    data = (BOM + text).encode("utf-8")
    found = read_qdpx(make(xml, {f"{folder}/a b.txt".lstrip("/"): data}))
    assert found.documents[0].text == stored
    assert found.spans[0].quote == "three"
    assert found.calibrations[0].convention == "utf16-raw-nobom"


def test_a_text_may_lie_beside_the_project(qde, make, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT, encoding="utf-8")
    xml = qde.project(qde.source("A", qde.selection("s1", 0, 2, "We"), plain="relative:///texts/a.txt"))
    assert read_qdpx(make(xml)).documents[0].text == TEXT


def test_line_ends_that_xml_hides_are_counted_where_the_tool_counted_them(qde, make):
    text = "one\r\ntwo\r\nthree"
    xml = qde.project(qde.source("A", qde.selection("s1", 10, 15, "three"), content=text)).replace(
        "<Sources>", "<Sources>\r\n"
    )
    found = read_qdpx(make(xml))
    assert (found.spans[0].start, found.spans[0].quote) == (8, "three")


def test_several_coders_on_one_selection_are_kept_apart(qde, make):
    both = (
        qde.coding("c1", "shared", "ann") + qde.coding("c2", "managed", "bo") + qde.coding("c3", "role", None)
    )
    found = read_qdpx(make(qde.project(qde.source("A", qde.selection("s1", 0, 2, "We", both), content=TEXT))))
    assert {(span.code_id, span.coder_id) for span in found.spans} == {
        (qde.guid("shared"), qde.guid("ann")),
        (qde.guid("managed"), qde.guid("bo")),
        (qde.guid("role"), UNKNOWN_CODER),
    }
    assert found.coders[-1].name == "unknown"


def test_memos_cases_variables_and_sets_come_along(qde, make):
    note = f'<NoteRef targetGUID="{qde.guid("note")}"/>'
    value = f'<VariableValue><VariableRef targetGUID="{qde.guid("site")}"/><TextValue>North</TextValue>'
    value += "</VariableValue>"
    text = qde.source(
        "A",
        qde.selection("s1", 0, 2, "We", f"<Description>seen</Description>{qde.coding('c1')}{note}"),
        content=TEXT,
        before="<Description>first talk</Description>",
        more=value,
    )
    variables = "".join(
        f'<Variable guid="{qde.guid(name)}" name="{name}" typeOfVariable="Text"/>'
        for name in ("site", "year")
    )
    more = f"""<Notes><Note guid="{qde.guid("note")}" name="m">
    <PlainTextContent>and heard</PlainTextContent></Note>
    <Note guid="{qde.guid("free")}" name="free"><PlainTextContent>on its own</PlainTextContent></Note></Notes>
    <Sets><Set guid="{qde.guid("set")}" name="first"><MemberCode targetGUID="{qde.guid("role")}"/>
    <MemberSource targetGUID="{qde.guid("A")}"/></Set></Sets>"""
    cases = f"""<Variables>{variables}</Variables><Cases><Case guid="{qde.guid("case")}" name="Site one">
    <VariableValue><VariableRef targetGUID="{qde.guid("year")}"/><IntegerValue>2024</IntegerValue>
    </VariableValue>    <SourceRef targetGUID="{qde.guid("A")}"/></Case></Cases>"""
    found = read_qdpx(make(qde.project(text, more=more).replace("<Sources>", f"{cases}<Sources>")))
    assert dict(found.documents[0].metadata) == {"site": "North", "year": "2024"}
    assert found.documents[0].memo == "first talk"
    assert found.spans[0].memo == "seen\n\nand heard"
    assert [(note.name, note.text) for note in found.notes] == [("free", "on its own")]
    assert found.cases[0].document_ids == found.sets[0].document_ids == (qde.guid("A"),)
    assert found.sets[0].code_ids == (qde.guid("role"),)


def test_what_is_not_carried_is_listed(qde, make):
    xml = qde.project(
        qde.source(
            "A",
            qde.selection("s1", 0, 2, "We", inside="<Other/>"),
            content=TEXT,
            rich="internal://a.docx",
            more="<Colour/>",
        )
        + f'<PictureSource guid="{qde.guid("pic")}" name="P" path="internal://p.png"><PictureSelection '
        f'guid="{qde.guid("area")}" firstX="0" firstY="0" secondX="1" secondY="1">{qde.coding("in picture")}'
        "</PictureSelection></PictureSource>",
        more=f'<Links><Link guid="{qde.guid("link")}"/></Links><Vendor/>',
    )
    found = {each.what: each.count for each in read_qdpx(make(xml)).not_carried}
    assert found == {
        "<Other> inside a selection": 1,
        "<Colour> inside TextSource": 1,
        "the folder, authors and dates of the project": 1,
        "Picture sources (their texts, where they have one, are carried)": 1,
        "codings in Picture sources that are no selection of text": 1,
        "links": 1,
        "<Vendor>, which the standard does not know": 1,
        "rich texts (the plain text beside them is carried)": 1,
        "selections without a code": 1,
    }


def test_a_transcript_is_a_text_whose_ends_have_times(qde, make):
    points = "".join(
        f'<SyncPoint guid="{qde.guid(f"p{at}")}" timeStamp="{at}000" position="{at}"/>' for at in (0, 2)
    )
    xml = qde.project(
        f'<AudioSource guid="{qde.guid("audio")}" name="Talk"><Transcript guid="{qde.guid("T")}">'
        f"<PlainTextContent>{TEXT}</PlainTextContent>{points}"
        f'<TranscriptSelection guid="{qde.guid("s1")}" name="We" fromSyncPoint="{qde.guid("p0")}" '
        f'toSyncPoint="{qde.guid("p2")}">{qde.coding("c1")}</TranscriptSelection></Transcript></AudioSource>'
    )
    found = read_qdpx(make(xml))
    assert found.documents[0].name == "Talk"
    assert found.spans[0].quote == "We"


def test_a_remark_on_a_selection_is_by_whoever_selected_where_they_coded_too(qde, make):
    remark = "<Description>seen</Description>"
    both = remark + qde.coding("c1", coder="ann") + qde.coding("c2", coder="bo")
    others = remark.replace("seen", "heard") + qde.coding("c3", coder="bo")
    selections = qde.selection("s1", 0, 2, "We", both) + qde.selection("s2", 3, 8, "share", others)
    by_ann = selections.replace(
        "<PlainTextSelection ", f'<PlainTextSelection creatingUser="{qde.guid("ann")}" '
    )
    found = read_qdpx(make(qde.project(qde.source("A", by_ann, content="We share"))))
    names = {each.id: each.name for each in found.coders}
    told = {(names[span.coder_id], span.memo) for span in found.spans}
    assert told == {("Ann", "seen"), ("Bo", ""), ("Bo", "heard")}
    unsigned = read_qdpx(make(qde.project(qde.source("A", selections, content="We share"))))
    assert [span.memo for span in unsigned.spans] == ["seen", "seen", "heard"]


def test_without_quotes_the_import_stops_until_a_convention_is_named(qde, make):
    text = "One 😀 two three"
    start, end = qde.counted(text, *span_of(text, "three"), "utf16-lf-nobom")
    path = make(qde.project(qde.source("A", qde.selection("s1", start, end), content=text)))
    with pytest.raises(ExchangeError, match="utf16-raw-nobom") as refusal:
        read_qdpx(path)
    assert any(qde.guid("s1") in problem.where for problem in refusal.value.problems)
    assert [each.status for each in check_qdpx(path)] == ["refused"]
    assert read_qdpx(path, convention="utf16-raw-nobom").spans[0].quote == "three"
    assert read_qdpx(path, convention={"A": "utf16-lf-nobom"}).spans[0].quote == "three"
    with pytest.raises(ExchangeError, match="no such source"):
        read_qdpx(path, convention={"B": "utf16-lf-nobom"})


def broken_selection(qde, start, end):
    return qde.project(qde.source("A", qde.selection("s1", start, end), content="One two"))


def fault(qde, name):
    """A project with one fault, and what the error says of it."""
    text, guid = lambda *a, **k: qde.project(qde.source("A", *a, **k)), qde.guid
    twice = qde.selection("s1", 0, 2) + qde.selection("s1", 3, 4, inside="")
    nobody = qde.selection("s1", 0, 1, "a", qde.coding("c1", "shared", "cy"))
    codeless = qde.selection("s1", 0, 1, "a", f'<Coding guid="{guid("c")}"/>')
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
    coded = qde.selection("s1", 0, 1)
    bomb = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
    code, nowhere = (f'<CodeRef targetGUID="{guid(each)}"' for each in ("shared", "x"))
    stray = f'<Sets><Set guid="{guid("s")}" name="s"><MemberSource targetGUID="{guid("x")}"/></Set></Sets>'
    return {
        "an entity bomb": (qde.project(qde.source("A", content="&b;"), prolog=bomb), "document type"),
        "an external entity": (qde.project(prolog=outside), "document type"),
        "truncated XML": (whole(qde)[:-200], "no whole, well-formed XML"),
        "an unknown encoding in the XML": (whole(qde).replace("utf-8", "utf-99"), "well-formed XML"),
        "another root": ("<html/>", "its root element is 'html'"),
        "a duplicate GUID": (text(twice, content="abcd"), "is used twice"),
        "a malformed GUID": (whole(qde).replace(guid("s1"), "s1"), "no GUID"),
        "a missing GUID": (whole(qde).replace(f'guid="{guid("s1")}"', ""), "guid is missing"),
        "a dangling code": (whole(qde).replace(code, nowhere), "no code has the GUID"),
        "a dangling coder": (text(nobody, content="abc"), "no coder has"),
        "a dangling memo": (text(content="x", more=f'<NoteRef targetGUID="{guid("x")}"/>'), "no memo has"),
        "a dangling source": (qde.project(qde.source("A", content="x"), more=stray), "no source has"),
        "a start after the end": (broken_selection(qde, 5, 2), "starts at 5 and ends at 2"),
        "a selection past the text": (broken_selection(qde, 5, 99), "past a text of 7 units"),
        "a negative start": (broken_selection(qde, -5, 2), "whole number"),
        "an absolute link": (text(plain="absolute:///C:/Users/x/a.txt"), "absolute"),
        "a link to a network": (text(plain="https://example.org/a.txt"), "network"),
        "a link out of the archive": (text(plain="internal://../a.txt"), "out of the archive"),
        "a link out of the folder": (text(plain="relative:///../a.txt"), "out of the project's folder"),
        "a text that is not there": (text(plain="internal://a.txt"), "no file"),
        "a coded rich text alone": (text(coded, rich="internal://a.rtf"), "no plain text"),
        "a coding without a code": (text(codeless, content="abc"), "names no code"),
    }[name]


FAULTS = (
    "an entity bomb", "an external entity", "truncated XML", "an unknown encoding in the XML", "another root",
    "a duplicate GUID", "a malformed GUID", "a missing GUID", "a dangling code", "a dangling coder",
    "a dangling memo", "a dangling source", "a start after the end", "a selection past the text",
    "a negative start", "an absolute link", "a link to a network", "a link out of the archive",
    "a link out of the folder", "a text that is not there", "a coded rich text alone",
    "a coding without a code",
)  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_project_is_one_clear_error(qde, make, tmp_path, name):
    xml, words = fault(qde, name)
    path = make(xml)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExchangeError) as error:
        read_qdpx(path)
    (problem,) = error.value.problems
    assert words in str(problem)
    assert "study.qdpx" in problem.where
    assert sorted(tmp_path.rglob("*")) == before


def test_all_faults_come_at_once(qde, make):
    xml = qde.project(
        qde.source("A", qde.selection("s1", 5, 2) + qde.selection("s2", 0, 99), content="One two")
        + qde.source("B", plain="internal://b.txt")
        + qde.source("C", qde.selection("s3", 0, 1, "O", qde.coding("c", "nowhere")), content="One")
    )
    with pytest.raises(ExchangeError) as error:
        read_qdpx(make(xml))
    assert len(error.value.problems) == 4


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"\xff\xfea\x00", "UTF-16"), ("café".encode("latin-1"), "not UTF-8 at byte 4")],
    ids=["UTF-16", "Latin-1"],
)
def test_a_text_in_another_encoding_is_refused(qde, make, data, words):
    xml = qde.project(qde.source("A", plain="internal://a.txt"))
    with pytest.raises(ExchangeError, match=words):
        read_qdpx(make(xml, {"sources/a.txt": data}))


def test_a_symbolic_link_does_not_lead_out_of_the_folder(qde, make, tmp_path):
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("secret")
    (tmp_path / "a.txt").symlink_to(outside)
    with pytest.raises(ExchangeError, match="out of the project's folder"):
        read_qdpx(make(qde.project(qde.source("A", plain="relative:///a.txt"))))


def test_a_truncated_archive_is_refused(qde, tmp_path):
    data = qde.zipped({"project.qde": whole(qde).encode()})
    for n in (0, 30, len(data) // 2, len(data) - 1):
        (tmp_path / "cut.qdpx").write_bytes(data[:n])
        with pytest.raises(ExchangeError, match="no zip archive"):
            read_qdpx(tmp_path / "cut.qdpx")


def test_a_damaged_file_in_the_archive_is_refused(qde, tmp_path):
    data = bytearray(qde.zipped({"project.qde": whole(qde).encode()}))
    data[60] ^= 0xFF
    (tmp_path / "bad.qdpx").write_bytes(data)
    with pytest.raises(ExchangeError):
        read_qdpx(tmp_path / "bad.qdpx")


def test_a_zip_bomb_is_refused_before_it_unpacks(qde, make):
    xml = qde.project(qde.source("A", plain="internal://a.txt"))
    with pytest.raises(ExchangeError, match=r"zip bomb(?s:.*)--reading max_bytes=2147483648"):
        read_qdpx(make(xml, {"sources/a.txt": b"\0" * 8_000_000}))
    blank = make(xml, {"sources/a.txt": b" " * 8_000_000})
    assert len(read_project(blank, max_bytes="9000000").documents[0].text) == 8_000_000
    with pytest.raises(ExchangeError, match="zip bomb"):
        read_qdpx(make(xml, {"sources/a.txt": b"words"}), limits=Limits(entry_bytes=100))
    with pytest.raises(ExchangeError, match="3 files"):
        read_qdpx(make(xml, {"a": b"", "b": b""}), limits=Limits(entries=2))


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "C:\\evil.txt", "a\\..\\..\\evil"])
def test_a_name_that_leads_out_of_the_archive_is_refused(qde, make, name):
    with pytest.raises(ExchangeError, match="leads out of the archive"):
        read_qdpx(make(whole(qde), {name: b"x"}))


def test_a_film_that_is_not_read_counts_for_no_limit(qde, make):
    path = make(whole(qde), {"sources/film.mp4": b"\0" * 8_000_000})
    assert len(read_qdpx(path).spans) == 1


def test_a_codebook_is_read_with_its_sets(qde, tmp_path):
    member = f'<MemberCode targetGUID="{qde.guid("role")}"/>'
    sets = f'<Sets><Set guid="{qde.guid("set")}" name="s">{member}</Set></Sets>'
    inner = qde.CODES.replace("<CodeBook>", "").replace("</CodeBook>", "")
    xml = f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Tests">{inner}{sets}</CodeBook>'
    (tmp_path / "book.qdc").write_text(xml, encoding="utf-8")
    found = read_qdc(tmp_path / "book.qdc")
    assert len(found.codes) == 4
    assert found.sets[0].code_ids == (qde.guid("role"),)
    with pytest.raises(ExchangeError, match="cannot be read"):
        read_qdc(tmp_path / "none.qdc")


def test_a_codebook_says_what_it_leaves_behind(qde, tmp_path):
    inner = (
        qde.CODES.replace("<CodeBook>", "").replace("</CodeBook>", "").replace("</Code>", "<Sign/></Code>")
    )
    xml = f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Tests">{inner}<Sets/><Odd/></CodeBook>'
    (tmp_path / "book.qdc").write_text(xml, encoding="utf-8")
    found = {each.what: each.count for each in read_qdc(tmp_path / "book.qdc").not_carried}
    assert found == {"<Sign> inside Code": 2, "<Odd> inside CodeBook": 1}


def test_selections_hold_more_than_codings(qde, make):
    code = f'<CodeRef targetGUID="{qde.guid("shared")}"/>'
    note = f'<NoteRef targetGUID="{qde.guid("note")}"/>'
    inside = (
        f"<Odd><Coding><CodeRef/></Coding><Description>no memo</Description></Odd>"
        f'<Coding guid="{qde.guid("c")}" creationDateTime="2025-01-01T00:00:00Z">{code}{note}<Odd/></Coding>'
        "<Description>in <![CDATA[<two>]]> parts<!-- and a remark --></Description>"
    )
    notes = (
        f'<Notes><Note guid="{qde.guid("note")}"><PlainTextContent>heard</PlainTextContent></Note></Notes>'
    )
    xml = qde.project(qde.source("A", qde.selection("s", 0, 2, "We", inside), content=TEXT), more=notes)
    found = read_qdpx(make(xml))
    (span,) = found.spans
    assert span.memo == "in <two> parts\n\nheard"
    assert found.documents[0].memo == ""
    assert {each.what: each.count for each in found.not_carried} == {
        "<Odd> inside a selection": 1,
        "<Odd> inside a coding": 1,
        "dates of codings": 1,
        "the folder, authors and dates of the project": 1,
        "codings of which nothing says who coded": 1,
    }


@pytest.mark.parametrize(("wrong", "what"), [("guid", "no GUID"), ("coder", "no coder")])
def test_a_fault_of_a_coding_names_the_line_of_its_own_selection(qde, make, wrong, what):
    sound, odd = qde.coding("c1"), qde.coding("c2", coder="cy" if wrong == "coder" else "ann")
    if wrong == "guid":
        odd = odd.replace(qde.guid("c2"), "c2")
    marks = [
        qde.selection("s1", 0, 2, "We", sound),
        qde.selection("s2", 3, 9, "walked", odd),
        qde.selection("s3", 0, 2, "We", qde.coding("c3")),
    ]
    xml = qde.project(qde.source("A", "\n".join(marks), content="We walked"))
    with pytest.raises(ExchangeError, match=what) as refusal:
        read_qdpx(make(xml))
    (problem,) = refusal.value.problems
    line = xml[: xml.index(odd)].count("\n") + 1
    assert f", line {line} " in f"{problem.where} "


def test_a_memo_of_one_coding_is_not_that_of_its_neighbour(qde, make):
    note = f'<NoteRef targetGUID="{qde.guid("note")}"/>'
    second = qde.coding("c2", coder="bo").replace("</Coding>", f"{note}</Coding>")
    marks = qde.selection("s1", 0, 2, "We", qde.coding("c1") + second)
    notes = (
        f'<Notes><Note guid="{qde.guid("note")}"><PlainTextContent>heard</PlainTextContent></Note></Notes>'
    )
    found = read_qdpx(make(qde.project(qde.source("A", marks, content=TEXT), more=notes)))
    assert {span.coder_id: span.memo for span in found.spans} == {
        qde.guid("ann"): "",
        qde.guid("bo"): "heard",
    }


def test_identifiers_and_positions_may_be_written_in_other_ways(qde, make):
    marks = qde.selection("s1", " +0 ", "\n2", "We") + qde.selection("s2", 3, 9, "walked")
    xml = qde.project(qde.source("A", marks, content=TEXT))
    braced = xml.replace(qde.guid("s1"), f" {{{qde.guid('s1').upper()}}} ")
    found = read_qdpx(make(braced.replace(qde.guid("shared"), qde.guid("shared").upper())))
    assert [(span.start, span.end, span.code_id) for span in found.spans] == [
        (0, 2, qde.guid("shared")),
        (3, 9, qde.guid("shared")),
    ]


@pytest.mark.parametrize("number", ["1_0", "\u0661", "1.5", "1e1", "", "9" * 16])
def test_what_is_no_whole_number_is_no_position(qde, make, number):
    marks = qde.selection("s1", 0, number) + qde.selection("s2", 3, 9)
    with pytest.raises(ExchangeError, match="endPosition is") as error:
        read_qdpx(make(qde.project(qde.source("A", marks, content=TEXT))))
    assert len(error.value.problems) == 1


def test_faults_come_in_the_order_of_the_file(qde, make):
    marks = "\n".join(
        (
            qde.selection("s1", 0, "x"),
            qde.selection("s2", 0, 1, inside=f'<Coding guid="{qde.guid("c2")}"/>'),
            qde.selection("s2", "y", 1),
        )
    )
    with pytest.raises(ExchangeError) as error:
        read_qdpx(make(qde.project(qde.source("A", marks, content=TEXT))))
    lines = [int(problem.where.split("line ")[1].split()[0]) for problem in error.value.problems]
    assert lines == sorted(lines)
    assert len(lines) == 4


def test_elements_that_nest_too_deep_and_tags_too_long_are_refused(qde, make):
    deep = "<x>" * 300 + "</x>" * 300
    for xml in (
        qde.project(qde.source("A", content="x"), more=deep),
        qde.project(qde.source("A", qde.selection("s", 0, 1, inside=deep), content="x")),
    ):
        with pytest.raises(ExchangeError, match="256 deep"):
            read_qdpx(make(xml))
    long = qde.project(qde.source("A", qde.selection("s", 0, 1, "w" * 10_500_000), content="x"))
    with pytest.raises(ExchangeError, match="longer than"):
        read_qdpx(make(long), limits=Limits(ratio=10_000))


def test_a_long_text_may_stand_in_the_project_file(qde, make):
    words = "word " * 2_200_000
    xml = qde.project(qde.source("A", qde.selection("s", 5, 9, "word"), content=words))
    assert read_qdpx(make(xml), limits=Limits(ratio=10_000)).documents[0].text == words


def test_a_prefix_that_nobody_declared_is_refused(qde, make):
    with pytest.raises(ExchangeError, match="unbound prefix"):
        read_qdpx(make(whole(qde).replace("<Sources>", "<Sources><odd:x/>")))


def test_the_collector_of_cycles_is_on_again_after_reading(qde, make):
    path = make(whole(qde))
    read_qdpx(path)
    assert gc.isenabled()
    with pytest.raises(ExchangeError):
        read_qdpx(make(whole(qde)[:-50]))
    assert gc.isenabled()


letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
texts = st.text(st.one_of(st.sampled_from("ab é\n\r😀𝄞ñ\u0301\u200d.…"), letters), min_size=1, max_size=30)


@given(texts, st.data(), st.sampled_from(list(CONVENTIONS)), st.booleans(), st.booleans())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_project_is_recovered_exactly_or_refused(qde, make, body, data, convention, crlf, bom):
    raw = (BOM if bom else "") + (body.replace("\n", "\r\n") if crlf else body)
    text = stored_text(raw)
    places = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(places, places).map(sorted).map(tuple), min_size=1, max_size=4))
    quoting = data.draw(st.sampled_from([str, str.strip, lambda words: words[:3] + "…", lambda words: ""]))
    marks = "".join(
        qde.selection(f"s{at}", *qde.counted(raw, start, end, convention), quoting(text[start:end]))
        for at, (start, end) in enumerate(spans)
    )
    path = make(qde.project(qde.source("A", marks, plain="internal://a.txt")), {"a.txt": raw.encode("utf-8")})
    if any(each.status == "refused" for each in check_qdpx(path)):
        with pytest.raises(ExchangeError, match="wrong words"):
            read_qdpx(path)
    else:
        found = read_qdpx(path)
        assert found.documents[0].text == text
        assert [(s.start, s.end) for s in found.spans] == sorted(spans)
        assert all(span.quote == text[span.start : span.end] for span in found.spans)


@pytest.mark.fixtures
class TestARealExport:
    """An export of NVivo for Windows 12.6, Hungarian, whose selections have no quotes."""

    @pytest.fixture
    def path(self, fixtures_folder):
        path = fixtures_folder / "refi_qda" / "oltas0517.qdpx"
        if not path.is_file():
            pytest.skip(f"the real export is absent: {path}")
        return path

    def test_it_is_refused_with_a_suggestion_that_stands_out(self, path):
        (calibration,) = [each for each in check_qdpx(path) if each.status != "empty"]
        edges = {score.convention: score.n_word_edges for score in calibration.scores}
        assert calibration.status == "refused"
        assert calibration.suggestion == "utf16-raw-nobom"
        assert edges.pop("utf16-raw-nobom") == 300
        assert max(edges.values()) == 53
        with pytest.raises(ExchangeError) as refusal:
            read_qdpx(path)
        assert len(refusal.value.problems) == 304

    def test_all_codings_come_in_once_the_convention_is_named(self, path):
        found = read_qdpx(path, convention="utf16-raw-nobom")
        sizes = {name: len(table) for name, table in project_tables(found).items()}
        assert sizes == {
            "documents": 2, "codes": 152, "coders": 2, "spans": 303, "cases": 0, "sets": 0, "notes": 0,
            "not_carried": 5,
        }  # fmt: skip
        assert {each.what: each.count for each in found.not_carried} == {
            "authors and dates of documents": 2,
            "dates of codings": 303,
            "dates of selections": 303,
            "the folder, authors and dates of the project": 1,
            "rich texts (the plain text beside them is carried)": 2,
        }
