"""The subcommands of ``peercompare consent`` about records: form, import, export, check."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import DONE, PROBLEM, add_command, add_out, must_exist, put, tell
from peercompare.errors import ConsentError, InputError
from peercompare.files import refuse_to_overwrite, write_atomically

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.consent.redcap import Imported

ENDINGS = {".html": "html", ".htm": "html"}


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_form(commands)
    _add_import(commands)
    _add_export(commands)
    words = "Say what is amiss with consent records, and which restrictions people must obey themselves."
    check = add_command(commands, "check", words, _check)
    check.add_argument("source", type=Path, metavar="FILE", help="a consents.csv, or a corpus folder")


def _add_form(commands: argparse._SubParsersAction) -> None:
    words = "Print what each purpose means, in plain words, for a consent form; the reading level is shown."
    parser = add_command(commands, "form", words, _form)
    parser.add_argument("--language", default="en", help="language of the form (default: en)")
    parser.add_argument("--purposes", nargs="+", metavar="PURPOSE", help="what is asked for (default: all)")
    add_out(parser, what="a .md or .html file")


def _form(options: argparse.Namespace) -> int:
    """Print the form, or write it by the ending of its name."""
    from peercompare.consent.form import consent_form
    from peercompare.consent.purposes import EXPLANATIONS

    form = consent_form(
        options.purposes or tuple(EXPLANATIONS),
        language=options.language,
        format=ENDINGS.get(options.out.suffix, "markdown") if options.out else "markdown",
    )
    put(form, options)
    tell("Before it is used: see that every sentence is true of your study, and have people read it.")
    return DONE


def _add_import(commands: argparse._SubParsersAction) -> None:
    words = "Bring consents in from REDCap, a plain table or FHIR; no person's row is overwritten."
    parser = add_command(commands, "import", words, _import)
    parser.add_argument("source", type=Path, metavar="FILE", help="an export (CSV, JSON or NDJSON)")
    parser.add_argument("--format", required=True, choices=["redcap", "csv", "fhir"], help="what it is")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="what it calls what (TOML)")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="FILE", help="a consents.csv, made or added to")
    where.add_argument(
        "--corpus", type=Path, metavar="CORPUS", help="the corpus whose consents.csv is added to"
    )


def _import(options: argparse.Namespace) -> int:
    """Read the records and add them to a file or a corpus."""
    must_exist(options.source)
    imported = _imported(options)
    skipped = (
        f"; {imported.n_skipped} passed over (not completed, not given, or none)"
        if imported.n_skipped
        else ""
    )
    tell(f"{options.source}: {len(imported.records)} records{skipped}")
    if options.corpus is not None:
        from peercompare.corpus.enrolling import add_consents

        must_exist(options.corpus)
        enrolled = add_consents(options.corpus, imported.records)
        tell(
            f"{options.corpus}: {enrolled.n_new} records added, {enrolled.n_known} stood there, "
            f"{enrolled.n_elsewhere} of people who do not speak in it left aside"
        )
        return DONE
    from peercompare.consent.table import merged, records_table

    if options.out.exists():
        table = _table(options.out)
        whole = merged(table, imported.records, options.out.name)
        n_new = len(whole) - len(table)
    else:
        whole, n_new = records_table(imported.records), len(imported.records)
    if n_new or not options.out.exists():
        write_atomically(options.out, whole.to_csv(index=False, lineterminator="\n"), private=True)
    tell(f"{options.out}: {n_new} records added.")
    return DONE


def _imported(options: argparse.Namespace) -> Imported:
    """Read the records of a file by its format."""
    from peercompare.consent.fhir import records_of_fhir
    from peercompare.consent.mapping import read_mapping
    from peercompare.consent.redcap import records_of_csv

    mapping = read_mapping(options.mapping) if options.mapping else None
    if options.format == "redcap" and mapping is None:
        remedy = "pass --mapping; corpora/README.md shows one"
        raise ConsentError("The fields of a REDCap project have names of its own", remedy=remedy)
    if options.format == "redcap" and not mapping.instrument:
        remedy = 'add instrument = "..." to the mapping: a form that was not completed is no consent'
        raise ConsentError("The mapping does not name REDCap's consent instrument", remedy=remedy)
    if options.format == "fhir":
        return records_of_fhir(_text(options.source), mapping, file=options.source.name)
    return records_of_csv(_table(options.source), mapping, file=options.source.name)


def _add_export(commands: argparse._SubParsersAction) -> None:
    words = "Give consent records out as FHIR R4 or as receipts to take home."
    parser = add_command(commands, "export", words, _export)
    parser.add_argument("source", type=Path, metavar="FILE", help="a consents.csv, or a corpus folder")
    parser.add_argument("--format", required=True, choices=["fhir", "receipt"], help="what is written")
    parser.add_argument("--person", default="", metavar="ID", help="the records of one person alone")
    parser.add_argument("--controller", type=Path, metavar="FILE", help="who answers for the study (TOML)")
    add_out(parser, required=True, what="a .json file")


def _export(options: argparse.Namespace) -> int:
    """Write records as a Bundle of FHIR R4, or as receipts."""
    from peercompare.consent.fhir import to_bundle
    from peercompare.consent.receipt import read_controller, receipt
    from peercompare.consent.table import read_records

    must_exist(options.source)
    refuse_to_overwrite(options.out, force=options.force)
    records = read_records(_records(options.source))
    if options.person:
        records = tuple(each for each in records if each.person_id == options.person)
    if not records:
        raise InputError("There is no record to give out", remedy="name a person who has one")
    if options.format == "fhir":
        content = to_bundle(records)
    elif options.controller is None:
        raise InputError(
            "A receipt says who answers for the study",
            remedy="pass --controller FILE.toml with name and address",
        )
    else:
        controller = read_controller(options.controller)
        content = [receipt(each, controller) for each in records]
    write_atomically(options.out, json.dumps(content, indent=2, ensure_ascii=False) + "\n", private=True)
    tell(f"Wrote {len(records)} records to {options.out}.")
    return DONE


def _check(options: argparse.Namespace) -> int:
    """Print every fault of the records, and the restrictions that no code enforces."""
    from peercompare.consent.table import strict_problems
    from peercompare.corpus.enrolling import consent_faults

    must_exist(options.source)
    table = _records(options.source)
    is_corpus = options.source.is_dir()
    problems = consent_faults(options.source) if is_corpus else strict_problems(table, options.source.name)
    for problem in problems:
        print(problem)
    if not problems:
        print(
            f"{options.source}: {len(table)} records of {table['person_id'].nunique()} people, nothing amiss"
        )
    _print_restrictions(table)
    return PROBLEM if problems else DONE


def _print_restrictions(table: pd.DataFrame) -> None:
    """Print which restrictions stand in the records, and who must see to each."""
    from peercompare.consent.restrictions import RESTRICTIONS

    cells = [set(cell.split()) for cell in table.get("restrictions", [])]
    for term in RESTRICTIONS.values():
        n_records = sum(term.id in cell for cell in cells)
        if n_records:
            who = "the gate enforces it" if term.enforced else "no code can see to it: you must"
            print(f"{term.id} {term.label} ({n_records} records; {who}): {term.here}")


def _records(source: Path) -> pd.DataFrame:
    """Return the records of a file or of a corpus folder as text."""
    if source.is_dir():
        from peercompare.corpus.enrolling import consents_of

        return consents_of(source)
    return _table(source)


def _table(path: Path) -> pd.DataFrame:
    """Return a CSV file as a table of text."""
    from peercompare.corpus.folder import read_table

    table, problems = read_table(_text(path), path.name)
    if problems:
        raise ConsentError(f"{path} cannot be read as a table", problems)
    return table


def _text(path: Path) -> str:
    """Return a file's text."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConsentError(
            f"{path}: byte {error.start + 1} is not UTF-8", remedy="export or save it as UTF-8"
        ) from None
