"""Reading INCEpTION's annotations: UIMA CAS XMI with its type system, alone, zipped, or as a whole project.

A project export has ``annotation/<document>/<annotator>.zip``, each with an XMI file and
``TypeSystem.xml``. Positions are UTF-16 units by the UIMA specification. The package dkpro-cassis (Apache
2.0) reads the CAS; this module looks at the files before it does, and says what is in them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peercompare.errors import ExchangeError, InputError, Problem
from peercompare.exchange.archive import Archive, Limits, open_archive
from peercompare.exchange.assembling import Assembly
from peercompare.exchange.counting import CONVENTIONS
from peercompare.exchange.project import CodedProject
from peercompare.readers.sources import parsed_xml

if TYPE_CHECKING:
    from cassis import Cas

TYPE_SYSTEM = "TypeSystem.xml"
CUSTOM = "webanno.custom."
"""How the names of layers begin that people make in INCEpTION."""

INITIAL = "INITIAL_CAS"
"""The annotator that is none: a document before anybody annotated it."""

CURATOR = "CURATION_USER"
"""The name under which INCEpTION keeps what was settled between annotators."""

_TITLE = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_PLAIN_FEATURES = frozenset({"identifier"})
_AFTER_CASSIS = CONVENTIONS["codepoint-raw-bom"]


@dataclass(frozen=True)
class _Cas:
    """One annotator's CAS of one document, as bytes."""

    where: str
    document: str
    coder: str
    xmi: bytes
    types: bytes


def read_inception(
    path: str | Path, *, layers: tuple[str, ...] = (), coder: str = "", limits: Limits | None = None
) -> CodedProject:
    """Read documents annotated in INCEpTION (or WebAnno).

    Parameters
    ----------
    path : str or Path
        An .xmi file with ``TypeSystem.xml`` beside it; a zip archive of the two; or a project export (a zip
        archive or its unpacked folder) in the format UIMA CAS XMI.
    layers : tuple of str, default ()
        Names of the layers to take, whole or after their last dot; by default all span layers that people
        made themselves.
    coder : str, default ""
        Who annotated, for a single file; in a project the name of each annotator's file says it.
    limits : Limits, optional
        How much an archive may hold.

    Returns
    -------
    CodedProject
        One span for each value of an annotation's features, its code named by layer and value (and by the
        feature between them where an annotation has several); by the layer alone where it has no value. The
        curator's annotations come as those of `CURATOR`. Annotations of other layers, and relations, are
        counted in `not_carried`.

    Raises
    ------
    ExchangeError
        Where dkpro-cassis is not installed, or lists every fault: broken XML, a type system that does not
        fit, positions past the text or inside a character, one document with two texts.
    """
    path = Path(path)
    gathered = Assembly(path.name, "INCEpTION", takes_coder=True)
    texts: dict[str, str] = {}
    for each in _casses(path, coder, limits or Limits()):
        try:
            cas = _loaded(each)
        except ExchangeError as error:
            gathered.problems += error.problems
            continue
        _take(gathered, texts, each, cas, layers)
    if not texts and not gathered.problems:
        raise ExchangeError(f"{path} holds no annotations", remedy="export the project as UIMA CAS XMI")
    return gathered.project(path.stem, known=_AFTER_CASSIS)


def _casses(path: Path, coder: str, limits: Limits) -> Iterator[_Cas]:
    """Yield what every annotator made of every document."""
    if path.is_dir():
        for file in sorted(path.glob("annotation/*/*.zip")) + sorted(path.glob("curation/*/*.zip")):
            yield from _annotator(file.read_bytes(), file.relative_to(path).as_posix(), limits)
    elif path.suffix.lower() == ".zip":
        with open_archive(path, limits=limits) as archive:
            whole = [name for name in archive.names if name.lower().endswith(".zip")]
            for name in sorted(whole):
                if name.split("/")[0] in ("annotation", "curation"):
                    yield from _annotator(archive.read(name), name, limits)
            if not whole:
                yield from _pairs(archive, path.name, path.stem, coder)
    else:
        try:
            files = path.read_bytes(), path.with_name(TYPE_SYSTEM).read_bytes()
        except OSError as error:
            raise ExchangeError(
                f"{path.name}: {error.filename} cannot be read",
                remedy=f"put {TYPE_SYSTEM} beside the .xmi file",
            ) from None
        yield _Cas(path.name, path.stem, coder, *files)


def _annotator(data: bytes, name: str, limits: Limits) -> Iterator[_Cas]:
    """Yield the CAS in the archive of one annotator; the one of nobody has nothing to say."""
    document, file = name.split("/")[-2:]
    who = Path(file).stem
    if who == INITIAL:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            yield from _pairs(Archive(opened, name, limits), name, document, who)
    except zipfile.BadZipFile as error:
        fault = Problem(name, f"it is no zip archive, or a part of one: {error}", "export the project again")
        raise ExchangeError(f"{name} cannot be read", [fault]) from None


def _pairs(archive: Archive, where: str, document: str, coder: str) -> Iterator[_Cas]:
    """Yield every XMI file of an archive with the type system in it."""
    types = [name for name in archive.names if Path(name).name == TYPE_SYSTEM]
    found = [name for name in archive.names if name.lower().endswith(".xmi")]
    if found and len(types) != 1:
        fault = Problem(where, f"it holds {len(types)} files {TYPE_SYSTEM}", "export as UIMA CAS XMI")
        raise ExchangeError(f"{where} cannot be read", [fault])
    for name in found:
        named = document if len(found) == 1 else Path(name).stem
        yield _Cas(f"{where}, {name}", named, coder, archive.read(name), archive.read(types[0]))


def _loaded(each: _Cas) -> Cas:
    """Return a CAS, its files looked at before they are read."""
    try:
        import cassis
    except ImportError:
        raise ExchangeError(
            "Annotations of INCEpTION need the package dkpro-cassis", remedy="pip install dkpro-cassis"
        ) from None
    try:
        for data, name in ((each.xmi, each.where), (each.types, f"{each.where}, {TYPE_SYSTEM}")):
            parsed_xml(data, name)
    except InputError as error:
        raise ExchangeError(error.summary, error.problems) from None
    try:
        types = cassis.load_typesystem(io.BytesIO(each.types))
        return cassis.load_cas_from_xmi(io.BytesIO(each.xmi), typesystem=types)
    except Exception as error:
        # cassis raises what its parts raise: KeyError, TypeError, ValueError, RuntimeError and its own
        what = f"the annotations cannot be read: {type(error).__name__}: {error}"
        fault = Problem(each.where, what, "is the type system that of the file?")
        raise ExchangeError(f"{each.where} cannot be read", [fault]) from None


def _take(gathered: Assembly, texts: dict[str, str], each: _Cas, cas: Cas, layers: tuple[str, ...]) -> None:
    """Add one document and one annotator's annotations of it."""
    text = cas.sofa_string or ""
    if texts.setdefault(each.document, text) != text:
        gathered.fault(each.where, "its text is another than that of the same name before it")
        return
    if not gathered.has_document(each.document):
        gathered.document(each.document, _title(cas) or each.document, text)
    coder = gathered.coder(each.coder)
    strange = set(layers)
    for annotation in cas.select_all_annotations():
        layer = annotation.type.name
        short = layer.rpartition(".")[2]
        strange -= {layer, short}
        if not (layer in layers or short in layers if layers else layer.startswith(CUSTOM)):
            if layer.startswith(CUSTOM):
                gathered.miss(f"annotations of the layer {short}")
        elif _is_relation(annotation):
            gathered.miss(f"relations of the layer {short}")
        else:
            _take_annotation(gathered, annotation, each, coder, text)
    for name in strange & {*layers}:
        if not any(name in (t.name, t.name.rpartition(".")[2]) for t in cas.typesystem.get_types()):
            gathered.fault(each.where, f"there is no layer {name!r}")


def _take_annotation(gathered: Assembly, annotation: Any, each: _Cas, coder: str, text: str) -> None:
    """Add one annotation, once for each of its values."""
    where = f"{each.where}, annotation {annotation.xmiID}"
    start, end = annotation.begin, annotation.end
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= len(text):
        gathered.fault(where, "its positions lie past the text or inside a character")
        return
    short = annotation.type.name.rpartition(".")[2]
    values = list(_values(annotation))
    several = len({name for name, _ in values}) > 1
    for name, value in values or [("", "")]:
        path = [short, *([name] if several else []), *([value] if value else [])]
        gathered.mark(each.document, (start, end), code=gathered.code(*path), coder=coder, where=where)


def _values(annotation: Any) -> Iterator[tuple[str, str]]:
    """Yield the values of an annotation's features that are words."""
    for feature in annotation.type.all_features:
        if feature.name in _PLAIN_FEATURES:
            continue
        value = getattr(annotation, feature.name, None)
        kind = feature.rangeType.name
        if kind == "uima.cas.String" and value:
            yield feature.name, str(value)
        elif kind == "uima.cas.StringArray" and value is not None:
            for item in getattr(value, "elements", value) or ():
                yield feature.name, str(item)


def _is_relation(annotation: Any) -> bool:
    """Say whether an annotation leads from one to another."""
    names = {feature.name for feature in annotation.type.all_features}
    return {"Governor", "Dependent"} <= names


def _title(cas: Cas) -> str:
    """Return what a document calls itself."""
    if cas.typesystem.contains_type(_TITLE):
        for found in cas.select(_TITLE):
            return str(getattr(found, "documentTitle", "") or "")
    return ""
