"""The coder's codebook: everything that somebody needs who codes by a framework, as Markdown, HTML or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from peercompare.framework.model import Code, Framework
from peercompare.framework.rendering import Items, Section, Table, Text, html_page, html_table, markdown

FORMATS = ("markdown", "html", "csv")
MARKERS_IN_WORDS = (
    "Findings about a whole document: present where the text asks for it, excluded where it refuses it. One "
    "document can do both, for different acts. Give the segments that show it."
)
CSV_COLUMNS = (
    "kind", "id", "label", "dimension", "stance", "definition", "when_to_use", "when_not_to_use", "example_1",
    "example_2", "signs", "source",
)  # fmt: skip


def codebook(framework: Framework, format: str = "markdown") -> str:
    """Render a framework as a codebook for coders.

    Holds the scope, who has reviewed the framework, the unit of analysis, rules, codes with examples and
    signs, tags, notes from adjudication, markers, role types, settings, words of the system, crosswalk,
    lenses and sources.

    Parameters
    ----------
    framework : Framework
        Any framework, from `read_framework`.
    format : {"markdown", "html", "csv"}, default "markdown"
        ``"html"`` gives a complete page that needs no other file. ``"csv"`` gives one row for each rule,
        code, tag, marker and so on, told apart by the column ``kind``.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    ValueError
        If `format` is none of the three.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> codebook(read_framework("deegan2017")).splitlines()[0]
    '# Peer, overlap and clinical practice, after Deegan (2017)'
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}; allowed: {', '.join(FORMATS)}")
    if format == "csv":
        return _csv(framework)
    title = framework.title
    sections = list(_sections(framework))
    return markdown(title, sections) if format == "markdown" else html_page(title, sections)


def overview_html(framework: Framework) -> str:
    """An accessible table of the framework's cells, for notebooks."""
    caption = (
        f"{framework.title}, version {framework.version}. Reviewed by: {framework.reviewed_in_words()}. "
        f"{framework.not_for}"
    )
    return html_table(_grid(framework, caption=caption))


def code_html(code: Code) -> str:
    """One code's entry as an accessible table, for notebooks."""
    return html_table(_entry(code))


def _sections(framework: Framework) -> Iterator[Section]:
    yield Section("What this is for", _purpose(framework))
    yield Section("What is coded: the unit of analysis", [_units(framework)])
    yield Section("The stances", [_stances(framework)])
    yield Section("The framework on one page", [_grid(framework, caption="Dimensions and stances")])
    yield Section("Rules for coders", [Items(tuple(rule.text for rule in framework.rules), numbered=True)])
    yield Section("Codes", [])
    for dimension in framework.dimensions:
        yield Section(
            dimension.label,
            [
                Text(dimension.question),
                *(_entry(code, framework) for code in _codes_of(framework, dimension.id)),
            ],
            level=3,
        )
    yield Section("Tags", [_tags(framework)])
    if framework.notes:
        yield Section("Notes from adjudication", [Items(tuple(note.text for note in framework.notes))])
    yield from _document_sections(framework)
    yield from _further_sections(framework)
    yield Section("Sources", [_sources(framework)])


def _purpose(framework: Framework) -> list[Text]:
    return [
        Text(framework.scope),
        Text(framework.not_for),
        Text(f"Reviewed by: {framework.reviewed_in_words()}."),
        Text(f"Framework {framework.id}, version {framework.version}, sha256 {framework.sha256}."),
    ]


def _units(framework: Framework) -> Table:
    rows = [(unit.genre.replace("_", " "), unit.text) for unit in framework.units]
    return Table("One segment, by genre", ("Genre", "One segment is"), rows)


def _stances(framework: Framework) -> Table:
    rows = [
        (f"{stance.label} ({stance.id})", stance.definition)
        for stance in (*framework.stances, framework.none)
    ]
    return Table("Stances, in order, and the label for no stance", ("Stance", "Meaning"), rows)


def _codes_of(framework: Framework, dimension: str) -> tuple[Code, ...]:
    return tuple(code for code in framework.codes if code.dimension == dimension)


def _grid(framework: Framework, *, caption: str) -> Table:
    header = ("Dimension", *(stance.label for stance in framework.stances))
    rows = [
        (dimension.label, *(code.label for code in _codes_of(framework, dimension.id)))
        for dimension in framework.dimensions
    ]
    return Table(caption, header, rows)


def _entry(code: Code, framework: Framework | None = None) -> Table:
    """A code's entry; signs name their source in full where the framework is given."""
    sources = framework.sources if framework else ()
    titles = {source.id: f"{source.authors} ({source.year})" for source in sources}
    rows = [
        ("Definition", code.definition),
        ("When to use", code.when_to_use),
        ("When not to use", code.when_not_to_use),
        *((f"Example {number}", example) for number, example in enumerate(code.examples, start=1)),
        *(
            ("Further sign", f"{sign.text}. Source: {titles.get(sign.source, sign.source)}")
            for sign in code.signs
        ),
    ]
    return Table(f"{code.id}: {code.label}", ("Part", "Text"), rows)


def _tags(framework: Framework) -> Table:
    rows = [(tag.id, tag.meaning, "yes" if tag.outside_control else "no") for tag in framework.tags]
    return Table(
        "Tags stand beside a code, none or several", ("Tag", "Meaning", "Results also shown without"), rows
    )


def _document_sections(framework: Framework) -> Iterator[Section]:
    if framework.markers:
        rows = [
            (marker.label, marker.id, marker.definition, marker.code or "a condition of work", marker.source)
            for marker in framework.markers
        ]
        header = ("Marker", "Id", "Present when", "Code where it is asked for", "Source")
        yield Section("Markers of role integrity", [Text(MARKERS_IN_WORDS), Table("Markers", header, rows)])
    if framework.role_types:
        rows = [(role.label, role.id, role.definition, role.source) for role in framework.role_types]
        yield Section(
            "Role types", [Table("Role types of a document", ("Role", "Id", "Meaning", "Source"), rows)]
        )
    if framework.settings:
        rows = [(setting.label, setting.id, setting.definition) for setting in framework.settings]
        yield Section("Settings", [Table("Settings", ("Setting", "Id", "Meaning"), rows)])


def _further_sections(framework: Framework) -> Iterator[Section]:
    if framework.system_words:
        rows = [
            (entry.country, ", ".join(entry.words), ", ".join(entry.exempt))
            for entry in framework.system_words
        ]
        header = ("Country", "Words, in singular or plural", "Exempt: names people claim for themselves")
        yield Section("Words of the system for a person", [Table("Words by country", header, rows)])
    crosswalk = framework.crosswalk
    parts = {
        "Areas of focus": crosswalk.areas,
        "Values": crosswalk.values,
        "Actions": crosswalk.actions,
        "Activities to stay out of": crosswalk.stay_out_of,
        "Surroundings to avoid": crosswalk.surroundings,
    }
    tables = [
        Table(
            f"{name} ({len(items)})",
            ("Point", "Dimension", "Stance", "Marker"),
            [(item.text, item.dimension, item.stance, item.marker or "none") for item in items],
        )
        for name, items in parts.items()
        if items
    ]
    if tables:
        source = next(source for source in framework.sources if source.id == crosswalk.source)
        yield Section(f"Crosswalk: {source.title}", [Text(f"After: {source.citation}"), *tables])
    if framework.lenses:
        rows = [
            (lens.label, lens.question, ", ".join(lens.dimensions), lens.source) for lens in framework.lenses
        ]
        header = ("Lens", "Question", "Dimensions", "Source")
        yield Section("Further lenses on the same dimensions", [Table("Lenses", header, rows)])


def _sources(framework: Framework) -> Table:
    rows = [(source.id, source.citation, source.adds, source.licence_note) for source in framework.sources]
    return Table("Sources and what each adds", ("Id", "Citation", "Adds", "Licence"), rows)


def _csv(framework: Framework) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CSV_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_csv_rows(framework))
    return out.getvalue()


def _csv_rows(framework: Framework) -> Iterator[dict[str, str]]:
    for name in ("title", "version", "scope", "not_for"):
        yield {"kind": "framework", "id": name, "definition": getattr(framework, name)}
    yield {"kind": "framework", "id": "reviewed_by", "definition": framework.reviewed_in_words()}
    for unit in framework.units:
        yield {"kind": "unit", "id": unit.genre, "definition": unit.text}
    for stance in (*framework.stances, framework.none):
        yield {"kind": "stance", "id": stance.id, "label": stance.label, "definition": stance.definition}
    for rule in framework.rules:
        yield {"kind": "rule", "id": str(rule.number), "definition": rule.text}
    for code in framework.codes:
        yield _code_row(code)
    for tag in framework.tags:
        yield {"kind": "tag", "id": tag.id, "definition": tag.meaning}
    for note in framework.notes:
        yield {"kind": "note", "id": note.id, "definition": note.text}
    for kind, entries in (
        ("marker", framework.markers),
        ("role_type", framework.role_types),
        ("setting", framework.settings),
    ):
        for entry in entries:
            yield {
                "kind": kind,
                "id": entry.id,
                "label": entry.label,
                "definition": entry.definition,
                "source": getattr(entry, "source", ""),
            }
    for source in framework.sources:
        yield {"kind": "source", "id": source.id, "label": source.citation, "definition": source.adds}


def _code_row(code: Code) -> dict[str, str]:
    first, second = code.examples
    return {
        "kind": "code",
        "id": code.id,
        "label": code.label,
        "dimension": code.dimension,
        "stance": code.stance,
        "definition": code.definition,
        "when_to_use": code.when_to_use,
        "when_not_to_use": code.when_not_to_use,
        "example_1": first,
        "example_2": second,
        "signs": "; ".join(f"{sign.text} [{sign.source}]" for sign in code.signs),
    }
