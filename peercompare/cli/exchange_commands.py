"""Subcommands that bring other people's files in and take results back: import, export."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peercompare.cli.shared import (
    CAUTION,
    DONE,
    add_command,
    add_framework,
    add_gate,
    framework_of,
    must_exist,
    open_named,
    tell,
)
from peercompare.errors import InputError
from peercompare.files import refuse_to_overwrite, write_atomically, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.exchange.project import CodedProject
    from peercompare.exchange.project_documents import CorpusFacts
    from peercompare.framework import Framework


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_import(commands)
    _add_export(commands)


def _add_import(commands: argparse._SubParsersAction) -> None:
    words = "Make a corpus folder of a coded project, of transcripts or of job postings; take a sheet back."
    parser = add_command(commands, "import", words, _import)
    parser.add_argument(
        "source", type=Path, metavar="SOURCE", help="a project, a file, a folder of files, or a coded sheet"
    )
    parser.add_argument(
        "--out", type=Path, metavar="PATH", help="the corpus folder to make (of a sheet: its codings, .csv)"
    )
    parser.add_argument("--name", default="", help="the corpus's short name (default: the folder's)")
    parser.add_argument(
        "--genre", default="job_description", help="how texts are cut (default: job_description)"
    )
    parser.add_argument(
        "--facts", type=Path, metavar="FILE", help="dates, settings, sites ...: a row a document"
    )
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="COLUMN=VALUE", help="what holds for all other documents"
    )
    parser.add_argument("--about", nargs="+", default=[], metavar="KEY=VALUE", help="keys of corpus.toml")
    parser.add_argument(
        "--mapping", metavar="FILE", help="which column of a table is what (or a tool's name)"
    )
    parser.add_argument(
        "--encoding", metavar="NAME", help="of texts and tables that are not UTF-8, e.g. cp1252"
    )
    add_framework(parser)
    _add_coded(parser)
    _add_sheet_back(parser)
    spoken = parser.add_argument_group("transcripts")
    spoken.add_argument(
        "--roster", type=Path, metavar="FILE", help="who is who: label, speaker_id, person_id, role"
    )
    spoken.add_argument("--suggest-roster", type=Path, metavar="FILE", help="only write a roster to fill in")


def _add_coded(parser: argparse.ArgumentParser) -> None:
    """Add the options of coded projects."""
    coded = parser.add_argument_group("coded projects")
    coded.add_argument(
        "--tool", default="", help="whose file it is, where it cannot be told (list: all names)"
    )
    coded.add_argument(
        "--code-map", type=Path, metavar="FILE", help="the reviewed map of their codes to ours"
    )
    coded.add_argument("--suggest-map", type=Path, metavar="FILE", help="only write a draft of that map")
    add_convention(coded)
    coded.add_argument(
        "--suggest-facts", type=Path, metavar="FILE", help="only write a table of documents to fill in"
    )
    coded.add_argument("--documents", type=Path, metavar="FOLDER", help="the texts, where the file has none")
    coded.add_argument(
        "--coder", default="", metavar="NAME", help="who coded, where the file does not say; of a sheet: who"
    )
    coded.add_argument(
        "--min-share", type=float, default=0.5, metavar="SHARE",
        help="share of a segment that a span must cover to give its code (default: 0.5)",
    )  # fmt: skip
    coded.add_argument("--consents", type=Path, metavar="FILE", help="consents.csv of the people who speak")
    coded.add_argument(
        "--reading", nargs="+", default=[], metavar="KEY=VALUE",
        help="what one tool's reader can be told: project=, text_key=, positions=no, max_bytes= ...",
    )  # fmt: skip


def _add_sheet_back(parser: argparse.ArgumentParser) -> None:
    """Add the options of a coded sheet that comes back."""
    back = parser.add_argument_group("coded sheets (.csv, .xlsx, .qdpx that `peercompare sheet` wrote)")
    back.add_argument("--key", type=Path, metavar="FILE", help="the key that was made with the sheet")
    back.add_argument(
        "--into", type=Path, metavar="CORPUS",
        help="instead of --out: join the codings to those of this corpus, whose own framework holds",
    )  # fmt: skip
    add_reading_back(back)


def add_reading_back(back: argparse._ActionsContainer) -> None:
    """Add what can be told of a sheet that a coder gives back."""
    back.add_argument("--unfinished", action="store_true", help="take rows without a code as not coded")
    back.add_argument(
        "--who", default="", metavar="NAME", help="the coder's name in the tool, where several coded"
    )


def add_convention(to: argparse._ActionsContainer) -> None:
    """Add the option that names how a tool counted positions."""
    to.add_argument(
        "--convention", action="append", default=[], metavar="NAME",
        help="how positions were counted, where quotes can't tell; SOURCE=NAME, once for each source, "
        "where they differ",
    )  # fmt: skip


def _import(options: argparse.Namespace) -> int:
    must_exist(options.source)
    if options.key is not None or options.into is not None:
        return _import_sheet(options)
    if _is_coded(options):
        return _import_project(options, framework_of(options))
    try:
        return _import_documents(options, framework_of(options))
    except InputError as error:
        raise _with_hint(error, options) from None


def _with_hint(error: InputError, options: argparse.Namespace) -> InputError:
    """Return an error that says too how a table of codings is brought in, where the file may be one."""
    if options.mapping or options.source.suffix.lower() not in (".csv", ".tsv", ".xlsx", ".json", ".jsonl"):
        return error
    hint = (
        "a coded sheet needs --key KEY; a coded project's file --tool NAME, or --mapping maxqda and the like"
    )
    return type(error)(error.summary, error.problems, remedy="; ".join(filter(None, (error.remedy, hint))))


def _is_coded(options: argparse.Namespace) -> bool:
    """Say whether the source is a coded project: by what was asked for, or by what it holds."""
    from peercompare.exchange.reading import PRESETS, is_coded

    drafts = options.suggest_map or options.suggest_facts
    asked = options.tool or options.code_map or drafts or options.mapping in PRESETS
    return bool(asked) or is_coded(options.source)


def _import_sheet(options: argparse.Namespace) -> int:
    """Read a coded sheet back into codings."""
    missing = [f"--{name}" for name in ("key", "coder") if not getattr(options, name)]
    missing += [] if options.out or options.into else ["--out"]
    if missing or (options.out and options.into):
        needed = f"{' and '.join(missing)} must be given" if missing else "--out or --into is given, not both"
        raise InputError(
            f"To take a sheet back, {needed}",
            remedy="--key FILE was made with the sheet, --coder NAME is whom it was made for, --out FILE.csv "
            "is where the codings go, or --into CORPUS the corpus that they are joined to",
        )
    must_exist(options.key)
    if options.into:
        return _join(options)
    refuse_to_overwrite(options.out)
    read_back(options)
    return DONE


def _join(options: argparse.Namespace) -> int:
    """Read a coded sheet and join its codings to those of a corpus."""
    from peercompare.corpus import read_manifest
    from peercompare.corpus.opening import own_framework
    from peercompare.exchange.joining import join_codings

    must_exist(options.into)
    codings = _codings_of(options, own_framework(read_manifest(options.into), options.into))
    path = join_codings(options.into, codings)
    tell(f"Joined {len(codings)} codings by {options.coder} to {path}.")
    return DONE


def read_back(options: argparse.Namespace) -> None:
    """Read a coded sheet and write its codings."""
    codings = _codings_of(options, framework_of(options))
    _write_codings(codings, options.out, coder=options.coder)


def _codings_of(options: argparse.Namespace, framework: Framework) -> pd.DataFrame:
    """Read the codings of a coded sheet."""
    from peercompare.exchange.sheet_formats import read_coded_sheet

    return read_coded_sheet(
        options.source,
        options.key,
        coder_id=options.coder,
        framework=framework,
        unfinished=options.unfinished,
        who=options.who,
        convention=_convention(options.convention),
    )


def _write_codings(codings: pd.DataFrame, path: Path, *, coder: str) -> None:
    """Write codings of one coder as the folder format spells them, and say what to do with them."""
    from peercompare.sheets import guarded

    # A table of truth values would say True and False.
    spelt = codings["is_primary"].map({True: "true", False: "false"})
    write_table(codings.assign(is_primary=spelt, memo=codings["memo"].map(guarded)), path, private=True)
    tell(f"Wrote {len(codings)} codings by {coder} to {path}.")
    tell("Put the rows of every coder under one header into the corpus's codings.csv,")
    tell("then: peercompare check --register CORPUS; or let `peercompare import --into CORPUS` do both")


def _import_project(options: argparse.Namespace, framework: Framework) -> int:
    """Read a coded project; draft what a person must decide, or place its codings by a reviewed map."""
    from peercompare.exchange.mapping import project_to_corpus
    from peercompare.exchange.overlap import OverlapRule
    from peercompare.exchange.reading import read_project

    rule, facts = OverlapRule(options.min_share), _facts(options, framework)
    project = read_project(
        options.source,
        tool=options.tool,
        documents=options.documents,
        mapping=options.mapping or "",
        coder=options.coder,
        convention=_convention(options.convention),
        **_pairs(options.reading),
        **({"encoding": options.encoding} if options.encoding else {}),
    )
    _tell_project(project)
    if options.suggest_map or options.suggest_facts:
        return _draft(options, project, framework, facts)
    if not project.documents:
        raise InputError(
            f"{options.source} holds no documents, so no corpus can be made of it",
            remedy="of a codebook only a map of codes can be drafted: --suggest-map code_map.csv",
        )
    if not options.code_map:
        remedy = (
            f"draft one with --suggest-map code_map.csv, review it, then pass --code-map ({options.source})"
        )
        raise InputError("A map of their codes to ours is needed", remedy=remedy)
    must_exist(options.code_map)
    report = project_to_corpus(
        project,
        options.code_map,
        framework=framework,
        genre=options.genre,
        out_folder=_out(options),
        overlap_rule=rule,
        facts=facts,
    )
    print(report)
    return DONE


def _draft(
    options: argparse.Namespace, project: CodedProject, framework: Framework, facts: CorpusFacts
) -> int:
    """Write drafts of the map of codes and of the table of documents, for a person to fill in."""
    from peercompare.exchange.code_map import suggest_map, write_code_map
    from peercompare.exchange.project_documents import draft_facts

    for path in (options.suggest_map, options.suggest_facts):
        if path:
            refuse_to_overwrite(path)
    if options.suggest_facts:
        drafted = draft_facts(project, framework, options.genre, facts)
        write_table(drafted, options.suggest_facts, private=True)
        tell(f"Wrote {options.suggest_facts}: fill in what is empty, then pass it as --facts.")
    if options.suggest_map:
        write_code_map(suggest_map(project, framework), options.suggest_map)
        tell(f"Wrote a draft to {options.suggest_map}: sign each row that you have read in the column `by`.")
    return DONE


def _tell_project(project: CodedProject) -> None:
    """Say what was read, how its positions were understood, and what was left behind."""
    from peercompare.exchange.naming import told

    tell(
        f"{project.name}: {len(project.documents)} documents, {len(project.codes)} codes, "
        f"{len(project.coders)} coders, {len(project.spans)} codings"
    )
    for line in told(project.calibrations):
        tell(f"  {line}")
    for lost in project.not_carried:
        tell(f"  not carried: {lost}")


def _import_documents(options: argparse.Namespace, framework: Framework) -> int:
    """Read transcripts or postings and write them as a corpus without codings."""
    from peercompare.readers import documents_to_corpus, draft_roster, read_documents, with_facts

    constants = _constants(options, framework)
    documents = read_documents(
        options.source,
        genre=options.genre,
        framework=framework,
        mapping=options.mapping,
        encoding=options.encoding,
    )
    if options.suggest_roster:
        refuse_to_overwrite(options.suggest_roster)
        write_atomically(options.suggest_roster, draft_roster(documents), private=True)
        tell(f"Wrote {options.suggest_roster}: fill in who is who, then pass it as --roster.")
        return DONE
    report = documents_to_corpus(
        with_facts(documents, options.facts, defaults=constants),
        _out(options),
        genre=options.genre,
        name=_name(options),
        framework=options.framework if options.framework.endswith(".toml") else framework,
        roster=options.roster,
        about=_about(options),
    )
    print(
        f"{report.folder}: {report.n_documents} documents, {report.n_segments} segments, "
        f"{report.n_duplicates} like an earlier one, {report.n_boilerplate} segments marked as boilerplate"
    )
    for line in (*_likeness(report.folder, options), *report.warnings, *report.to_do):
        print(f"  {line}")
    return DONE


def _likeness(folder: Path, options: argparse.Namespace) -> tuple[str, ...]:
    """Say which documents of a new folder are alike, and which groups are one for that."""
    from peercompare.exchange.project_documents import told_likeness
    from peercompare.usertables import read_table

    documents = read_table(folder / "documents.csv")
    spoken = "worker_id" if "worker_id" in documents else "employer_id"
    return told_likeness(documents, _about(options).get("cluster") or spoken)


def _constants(options: argparse.Namespace, framework: Framework) -> dict[str, str]:
    """Return what holds for all documents, once it was found to be possible."""
    from peercompare.readers.building import check_constants

    constants = _pairs(options.set)
    check_constants(constants, framework)
    return constants


def _facts(options: argparse.Namespace, framework: Framework) -> CorpusFacts:
    """Gather what a project of another tool does not know."""
    from peercompare.exchange.project_documents import CorpusFacts

    return CorpusFacts(
        name=options.name or (options.out.name if options.out else ""),
        documents=_table(options.facts) if options.facts else None,
        defaults=_constants(options, framework),
        consents=_table(options.consents) if options.consents else None,
        framework_file=options.framework if options.framework.endswith(".toml") else None,
        **_about(options),
    )


def _table(path: Path) -> pd.DataFrame:
    """Read a table that a person filled in: CSV with commas or semicolons, XLSX, or Parquet."""
    must_exist(path)
    if path.suffix == ".parquet":
        from peercompare.usertables import read_table

        return read_table(path)
    import pandas as pd

    from peercompare.exchange.table_files import read_sheet

    sheet = read_sheet(path)
    return pd.DataFrame([row for _, row in sheet.rows], columns=list(sheet.columns), dtype="str")


def _about(options: argparse.Namespace) -> dict[str, Any]:
    """Read the keys of corpus.toml that were given; `composed` is yes or no, and only yes waives a rule."""
    from peercompare.errors import Problem
    from peercompare.readers.building import ABOUT

    about: dict[str, Any] = _pairs(options.about)
    problems = [
        Problem("--about", f"unknown key {key!r}", f"keys are {', '.join(ABOUT)}")
        for key in about
        if key not in ABOUT
    ]
    composed = about.get("composed", "false").lower()
    if composed not in ("true", "false"):
        problems.append(Problem("--about", f"composed is {composed!r}", "true or false"))
    if problems:
        raise InputError("The corpus cannot be described so", problems)
    return {**about, **({"composed": composed == "true"} if "composed" in about else {})}


def _out(options: argparse.Namespace) -> Path:
    if options.out is None:
        raise InputError("Where to?", remedy="name the corpus folder to make with --out FOLDER")
    return options.out


def _name(options: argparse.Namespace) -> str:
    return options.name or _out(options).name


def _pairs(words: list[str]) -> dict[str, str]:
    from peercompare.usertables import pair

    return dict(pair(word) for word in words)


def _convention(words: list[str]) -> str | dict[str, str] | None:
    """Return the convention named for all sources, or for each of some."""
    if len(words) == 1 and "=" not in words[0]:
        return words[0]
    strange = [word for word in words if "=" not in word]
    if strange:
        raise InputError(
            "One convention is named for all sources, or one for each",
            remedy="--convention NAME once, or --convention SOURCE=NAME as often as there are sources",
        )
    # a source's name may hold the sign itself
    return dict(word.rsplit("=", 1) for word in words) or None


def _add_export(commands: argparse._SubParsersAction) -> None:
    words = "Take a corpus back to other tools, as far as consent to sharing goes."
    parser = add_command(commands, "export", words, _export)
    parser.add_argument(
        "source", type=Path, metavar="CORPUS", help="a corpus folder; for .qdc it may be left out", nargs="?"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="a project (.qdpx), the codebook alone (.qdc), or a new folder in ConvoKit's format",
    )
    add_framework(parser)
    add_gate(parser)
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def _export(options: argparse.Namespace) -> int:
    from peercompare.exchange.refi_writer import write_qdc, write_qdpx

    ending = options.out.suffix.lower()
    if ending not in ("", ".qdc", ".qdpx"):
        remedy = "a project is FILE.qdpx, a codebook FILE.qdc, ConvoKit's format a folder without an ending"
        raise InputError(f"Nothing is exported to {options.out.name}", remedy=remedy)
    if ending == ".qdc":
        print(write_qdc(framework_of(options), options.out, force=options.force))
        return DONE
    if options.source is None:
        raise InputError("Which corpus?", remedy="name its folder; only a codebook (.qdc) needs none")
    if ending == ".qdpx":
        # Writing leaves out what may not be shared; to redact it, or to stop, the gate itself must ask.
        purpose = "analysis" if options.policy == "exclude" else ("analysis", "sharing")
        corpus = open_named(options.source, options, purpose=purpose)
        print(write_qdpx(corpus, options.out, force=options.force))
    else:
        from peercompare.readers import write_convokit

        # The format has no place for what is left out, so only documents that may be shared are opened.
        shared = open_named(options.source, options, purpose=("analysis", "sharing"))
        print(write_convokit(shared, options.out))
    tell(CAUTION)
    return DONE
