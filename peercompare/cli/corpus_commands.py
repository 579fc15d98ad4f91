"""Subcommands about what is coded: codebook, check, sheet, agree."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.cluster_commands import add_cluster, agree_on, on_cluster
from peercompare.cli.exchange_commands import add_convention, add_reading_back, read_back
from peercompare.cli.shared import (
    DONE,
    PROBLEM,
    add_command,
    add_corpora,
    add_framework,
    add_gate,
    add_out,
    describe,
    framework_of,
    must_exist,
    open_named,
    put,
    save,
    show,
    tell,
)
from peercompare.errors import InputError, Problem
from peercompare.files import refuse_to_overwrite, write_table

if TYPE_CHECKING:
    import pandas as pd


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_codebook(commands)
    _add_check(commands)
    _add_sheet(commands)
    _add_agree(commands)


def _add_codebook(commands: argparse._SubParsersAction) -> None:
    parser = add_command(commands, "codebook", "Print the coder's codebook.", _codebook)
    add_framework(parser)
    parser.add_argument("--format", choices=["markdown", "html", "csv"], default="markdown")
    add_out(parser)


def _codebook(options: argparse.Namespace) -> int:
    from peercompare.framework import codebook

    put(codebook(framework_of(options), format=options.format), options)
    return DONE


def _add_check(commands: argparse._SubParsersAction) -> None:
    words = "Say whether a corpus, framework, study or model can be used, with every fault."
    parser = add_command(commands, "check", words, _check)
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="folder, .toml file or .skops model"
    )
    parser.add_argument("--register", action="store_true", help="first write a corpus's file hashes anew")
    add_corpora(parser)
    add_gate(parser)


def _check(options: argparse.Namespace) -> int:
    status = DONE
    must_exist(*options.paths, *options.corpus)
    for path in options.paths:
        try:
            print(f"{path}: {_checked(path, options)}")
        except InputError as error:
            print(f"{path}: NOT USABLE\n{error}")
            status = PROBLEM
    return status


def _checked(path: Path, options: argparse.Namespace) -> str:
    """Open what the path names and say in a line what it is."""
    if path.is_dir():
        if options.register:
            from peercompare.corpus import register

            register(path)
        return describe(open_named(path, options))
    if path.suffix == ".toml":
        return _checked_toml(path)
    if path.suffix == ".qdpx":
        return _checked_project(path)
    from peercompare.classifier import load_model

    model = load_model(path, corpora=options.corpus)
    return f"a usable model for the labels {', '.join(model.labels)}"


def _checked_project(path: Path) -> str:
    """Say in what units each source of a project counts, and refuse where that cannot be told."""
    from peercompare.exchange.refi_reader import check_qdpx

    sources = check_qdpx(path)
    untold = [Problem(path.name, str(source)) for source in sources if source.status == "refused"]
    if untold:
        remedy = "import it with --convention NAME, and look whether the codings stand on the right words"
        raise InputError(f"{path}: positions cannot be read for sure", untold, remedy=remedy)
    return "\n  ".join(["a REFI-QDA project", *map(str, sources)])


def _checked_toml(path: Path) -> str:
    """Tell a study from a framework by its keys, and open it."""
    import tomllib

    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8")).keys()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        summary = f"{path} is not a readable TOML file: {error}"
        raise InputError(summary, remedy="mend it and check again") from None
    if "study" in keys or "corpus" in keys:
        from peercompare.study import read_study

        study = read_study(path)
        study.check()
        return "\n  ".join(["a usable study", *map(describe, study.open_corpora().values())])
    from peercompare.framework import read_framework

    framework = read_framework(path)
    return f"a usable framework: {len(framework.code_ids)} codes, {len(framework.dimensions)} dimensions"


def _add_sheet(commands: argparse._SubParsersAction) -> None:
    parser = add_command(commands, "sheet", "Write a blind coding sheet, or read a coded one back.", _sheet)
    parser.add_argument(
        "source", type=Path, metavar="CORPUS|SHEET", help="a corpus folder; with --read, a coded sheet"
    )
    parser.add_argument("--read", action="store_true", help="read a coded sheet back into codings")
    parser.add_argument("--coder", required=True, metavar="NAME", help="who codes; stands in coder_id")
    parser.add_argument(
        "--key", required=True, type=Path, metavar="FILE", help="the key from sheet ids to segments"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the order of documents (default: 0)")
    add_framework(parser)
    add_gate(parser)
    add_out(parser, required=True, what="the sheet (.csv, .xlsx or .qdpx), or with --read the codings (.csv)")
    back = parser.add_argument_group("with --read")
    add_reading_back(back)
    add_convention(back)


def _sheet(options: argparse.Namespace) -> int:
    from peercompare.exchange.sheet_formats import write_sheet
    from peercompare.sheets import coding_sheet

    must_exist(options.source)
    if len({path.resolve() for path in (options.source, options.key, options.out)}) < 3:
        remedy = "name three different files: what is read, the key, and what is written"
        raise InputError("The sheet, its key and the source must not be one file", remedy=remedy)
    refuse_to_overwrite(options.out, force=options.force)
    if options.read:
        read_back(options)
        return DONE
    refuse_to_overwrite(options.key, force=options.force)
    corpus = open_named(options.source, options)
    sheet, key = coding_sheet(corpus, seed=options.seed, coder_id=options.coder)
    write_sheet(sheet, options.out, framework=corpus.framework, force=options.force)
    write_table(key, options.key, private=True)
    tell(f"Wrote {len(key)} segments to code to {options.out}; keep {options.key} away from the coder.")
    return DONE


def _add_agree(commands: argparse._SubParsersAction) -> None:
    parser = add_command(commands, "agree", "Say how far the coders agree.", _agree)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--confidence-level", type=float, default=0.95)
    add_gate(parser)
    add_cluster(parser)
    add_out(parser, what="a table with every coefficient (.csv or .parquet)")


def _agree(options: argparse.Namespace) -> int:
    import pandas as pd

    must_exist(options.corpus)
    table, background = agree_on(options) if on_cluster(options) else _agreement(options)
    columns = ["level", "coefficient", "estimate", "lower", "upper", "n_clusters", "n_segments", "reason"]
    show(table.loc[table["scope"] == "overall", columns])
    if len(background):
        print("By coders' lived experience of peer work:")
        show(background[["value", *columns]].rename(columns={"value": "pairs"}))
        table = pd.concat([table, background], ignore_index=True)
    save(table, options)
    return DONE


def _agreement(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate agreement overall and by value, and by what coders bring with them."""
    from peercompare.agreement import agreement_by_background, agreement_table
    from peercompare.agreement.withholding import withheld_agreement

    corpus = open_named(options.corpus, options)
    told = {
        "framework": corpus.framework,
        "corpus_name": corpus.name,
        "confidence_level": options.confidence_level,
    }
    coded = (corpus.codings, corpus.segments)
    table = withheld_agreement(agreement_table(*coded, **told), corpus)
    background = agreement_by_background(*coded, corpus.coders, **told)
    return table, withheld_agreement(background, corpus)
