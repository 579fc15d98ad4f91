"""Files have the shape of INCEpTION's UIMA CAS XMI; without dkpro-cassis to read them nothing is tested."""

import io
import zipfile
from xml.sax.saxutils import quoteattr

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.inception import read_inception

pytest.importorskip("cassis", reason="dkpro-cassis is not installed")

TEXT = "Hi \U0001f600 all.\nWe share what we know."


def feature(name, kind="uima.cas.String"):
    return (
        f"<featureDescription><name>{name}</name><description/><rangeTypeName>{kind}</rangeTypeName>"
        "</featureDescription>"
    )


def layer(name, *features, above="uima.tcas.Annotation"):
    return (
        f"<typeDescription><name>{name}</name><description/><supertypeName>{above}</supertypeName>"
        f"<features>{''.join(features)}</features></typeDescription>"
    )


TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><typeSystemDescription '
    'xmlns="http://uima.apache.org/resourceSpecifier"><types>'
    + layer("webanno.custom.Stance", feature("value"))
    + layer("webanno.custom.Note", feature("who"), feature("why"))
    + layer("webanno.custom.Mark")
    + layer(
        "webanno.custom.Link",
        feature("Governor", "uima.tcas.Annotation"),
        feature("Dependent", "uima.tcas.Annotation"),
    )
    + layer("de.example.Token")
    + layer(
        "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData",
        feature("documentTitle"),
        above="uima.tcas.DocumentAnnotation",
    )
    + "</types></typeSystemDescription>"
)


def utf16(words, text=TEXT):
    start = text.index(words)
    return tuple(len(text[:at].encode("utf-16-le")) // 2 for at in (start, start + len(words)))


def annotation(number, kind, words="", start=None, end=None, **values):
    first, last = utf16(words) if words else (start, end)
    given = "".join(f" {name}={quoteattr(value)}" for name, value in values.items())
    return f'<{kind} xmi:id="{number}" sofa="1" begin="{first}" end="{last}"{given}/>'


def xmi(*annotations, text=TEXT, title="Doc one", prolog="", version="1.1"):
    members = " ".join(str(number) for number in range(10, 10 + len(annotations)))
    escaped = quoteattr(text, {"\n": "&#10;"})
    meta = (
        f'<metadata:DocumentMetaData xmi:id="2" sofa="1" begin="0" end="{len(text) + 1}" '
        f'language="x" documentTitle={quoteattr(title)}/>'
    )
    return (
        f'<?xml version="{version}" encoding="UTF-8"?>{prolog}<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" '
        'xmlns:cas="http:///uima/cas.ecore" xmlns:custom="http:///webanno/custom.ecore" '
        'xmlns:example="http:///de/example.ecore" '
        'xmlns:metadata="http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore" xmi:version="2.0">'
        f'<cas:NULL xmi:id="0"/>{meta}{"".join(annotations)}<cas:Sofa xmi:id="1" sofaNum="1" '
        f'sofaID="_InitialView" mimeType="text" sofaString={escaped}/>'
        f'<cas:View sofa="1" members="2 {members}"/></xmi:XMI>'
    )


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def annotator(*annotations, **how):
    return zipped({"x.xmi": xmi(*annotations, **how), "TypeSystem.xml": TYPES})


@pytest.fixture
def single(tmp_path):
    def write(content, types=TYPES):
        (tmp_path / "one.xmi").write_text(content, encoding="utf-8")
        (tmp_path / "TypeSystem.xml").write_text(types, encoding="utf-8")
        return tmp_path / "one.xmi"

    return write


def test_utf16_positions_become_code_points(single):
    content = xmi(
        annotation(10, "custom:Stance", "share", value="peer"), annotation(11, "custom:Mark", "know")
    )
    found = read_inception(single(content), coder="ann")
    assert [(each.quote, each.code_id, each.coder_id) for each in found.spans] == [
        ("share", "Stance > peer", "coder ann"),
        ("know", "Mark", "coder ann"),
    ]
    assert found.documents[0].name == "Doc one"
    assert found.documents[0].text == TEXT


def test_several_features_are_named_and_layers_can_be_chosen(single):
    content = xmi(
        annotation(10, "custom:Note", "share", who="kim", why="asked"),
        annotation(11, "example:Token", "all"),
        annotation(12, "custom:Stance", "we", value="peer"),
    )
    found = read_inception(single(content))
    assert [each.code_id for each in found.spans] == [
        "Note > who > kim",
        "Note > why > asked",
        "Stance > peer",
    ]
    chosen = read_inception(single(content), layers=("Token",))
    assert [each.quote for each in chosen.spans] == ["all"]
    assert {each.what for each in chosen.not_carried} == {
        "annotations of the layer Note",
        "annotations of the layer Stance",
        "codings of which nothing says who coded (--coder NAME does)",
    }
    with pytest.raises(ExchangeError, match="no layer 'Tokens'"):
        read_inception(single(content), layers=("Tokens",))


def test_relations_are_counted(single):
    content = xmi(
        annotation(10, "custom:Mark", "share"),
        annotation(11, "custom:Link", "share", Governor="10", Dependent="10"),
    )
    found = read_inception(single(content), coder="ann")
    assert len(found.spans) == 1
    assert [each.what for each in found.not_carried] == ["relations of the layer Link"]


@pytest.mark.parametrize("folder", [True, False])
def test_a_project_keeps_who_annotated(tmp_path, folder):
    files = {
        "annotation/a.txt/INITIAL_CAS.zip": annotator(),
        "annotation/a.txt/ann.zip": annotator(annotation(10, "custom:Stance", "share", value="peer")),
        "annotation/a.txt/bo.zip": annotator(annotation(10, "custom:Stance", "share", value="talk")),
        "curation/a.txt/CURATION_USER.zip": annotator(annotation(10, "custom:Mark", "know")),
    }
    path = tmp_path / "project"
    if folder:
        for name, data in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    else:
        path = tmp_path / "project.zip"
        path.write_bytes(zipped(files))
    found = read_inception(path)
    assert [each.id for each in found.documents] == ["a.txt"]
    assert [(each.code_id, each.coder_id) for each in found.spans] == [
        ("Stance > peer", "coder ann"),
        ("Stance > talk", "coder bo"),
        ("Mark", "coder CURATION_USER"),
    ]


def test_a_zip_of_one_document_is_read(tmp_path):
    path = tmp_path / "one.zip"
    path.write_bytes(annotator(annotation(10, "custom:Mark", "know")))
    assert read_inception(path, coder="ann").spans[0].coder_id == "coder ann"


def test_every_fault_is_listed(tmp_path):
    files = {
        "annotation/a.txt/ann.zip": annotator(annotation(10, "custom:Mark", start=0, end=999)),
        "annotation/a.txt/bo.zip": annotator(annotation(10, "custom:Mark", start=4, end=9)),
        "annotation/a.txt/cy.zip": annotator(text="another text"),
        "annotation/a.txt/di.zip": annotator(annotation(10, "custom:Unknown", "know")),
        "annotation/b.txt/ed.zip": zipped({"x.xmi": xmi()[:300], "TypeSystem.xml": TYPES}),
    }
    path = tmp_path / "project.zip"
    path.write_bytes(zipped(files))
    with pytest.raises(ExchangeError) as caught:
        read_inception(path)
    said = "\n".join(str(each) for each in caught.value.problems)
    for name in ("ann.zip", "bo.zip", "cy.zip", "di.zip", "x.xmi"):
        assert name in said
    assert len(caught.value.problems) == 5


def test_a_document_type_is_refused(single):
    path = single(xmi(prolog='<!DOCTYPE a [<!ENTITY b "c">]>', version="1.0"))
    with pytest.raises(ExchangeError, match="document type"):
        read_inception(path)


def test_what_holds_no_annotations_is_refused(tmp_path, single):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExchangeError, match="holds no annotations"):
        read_inception(tmp_path / "empty")
    (tmp_path / "two.zip").write_bytes(zipped({"x.xmi": xmi()}))
    with pytest.raises(ExchangeError, match=r"0 files TypeSystem\.xml"):
        read_inception(tmp_path / "two.zip")
    path = single(xmi())
    (tmp_path / "TypeSystem.xml").unlink()
    with pytest.raises(ExchangeError, match="cannot be read"):
        read_inception(path)
