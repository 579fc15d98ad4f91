"""The command line: one stage a subcommand, on files that the user names. The only module that prints.

Heavy libraries are imported inside the subcommands, so that help comes at once. Results go to standard output,
progress and messages to standard error. Exit status: 0 done, 1 a problem was found, 2 it could not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare import __version__
from peercompare.errors import InputError, PeercompareError, Problem
from peercompare.files import refuse_to_overwrite, write_atomically, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.corpus import Corpus

CAUTION = "Not for hiring, discipline or pay: peercompare never ranks or flags a person."

DONE, PROBLEM, COULD_NOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``peercompare``; the process's own where left out.

    Returns
    -------
    int
        0 done, 1 a problem was found, 2 it could not run.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        _tell(str(error))
        return PROBLEM
    except (PeercompareError, OSError) as error:
        _tell(f"peercompare could not run: {error}")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        _tell("Stopped. What was finished is kept; the same command goes on from there.")
        return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="peercompare",
        description="Measure peer, overlap and clinical practice in coded corpora.",
        epilog=f"Exit status: 0 done, 1 a problem was found, 2 it could not run. {CAUTION}",
    )
    parser.add_argument("--version", action="version", version=f"peercompare {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")
    for add in (
        _add_codebook,
        _add_check,
        _add_sheet,
        _add_agree,
        _add_train,
        _add_predict,
        _add_drift,
        _add_roles,
        _add_report,
        _add_run,
    ):
        add(commands)
    return parser


def _command(
    commands: argparse._SubParsersAction, name: str, help_text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text, description=f"{help_text} {CAUTION}")
    parser.set_defaults(run=run)
    return parser


def _add_gate(parser: argparse.ArgumentParser) -> None:
    """Add the options of the consent gate."""
    parser.add_argument(
        "--as-of", metavar="DAY", help="apply consent as it stood on this day, YYYY-MM-DD (needed where people speak)"
    )
    parser.add_argument(
        "--policy",
        choices=["exclude", "redact", "raise"],
        default="exclude",
        help="what happens to documents with a speaker whose consent does not cover the purpose (default: exclude)",
    )


def _add_out(parser: argparse.ArgumentParser, *, required: bool = False, what: str = "a file") -> None:
    parser.add_argument("--out", metavar="FILE", type=Path, required=required, help=f"write to {what}")
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def _add_framework(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--framework",
        metavar="NAME",
        default="deegan2017",
        help="a shipped framework or a .toml file (default: deegan2017)",
    )


# --- codebook ---------------------------------------------------------------------------------------------------------


def _add_codebook(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "codebook", "Print the coder's codebook.", _codebook)
    _add_framework(parser)
    parser.add_argument("--format", choices=["markdown", "html", "csv"], default="markdown")
    _add_out(parser)


def _codebook(options: argparse.Namespace) -> int:
    from peercompare.framework import codebook, read_framework

    _put(codebook(read_framework(options.framework), format=options.format), options)
    return DONE


# --- check ------------------------------------------------------------------------------------------------------------


def _add_check(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands, "check", "Say whether a corpus, framework, study or model can be used, with every fault.", _check
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="corpus folder, .toml file or model")
    parser.add_argument("--register", action="store_true", help="write the hashes of a corpus's files anew, then check")
    _add_gate(parser)


def _check(options: argparse.Namespace) -> int:
    status = DONE
    for path in options.paths:
        _must_exist(path)
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
        return _describe(_open(path, options))
    if path.suffix == ".toml":
        return _checked_toml(path)
    from peercompare.classifier import load_model

    model = load_model(path)
    return f"a usable model for the labels {', '.join(model.labels)}"


def _checked_toml(path: Path) -> str:
    import tomllib

    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8")).keys()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a readable TOML file: {error}", remedy="mend it and check again") from None
    if "study" in keys or "corpus" in keys:
        from peercompare.study import read_study

        study = read_study(path)
        described = [_describe(corpus) for corpus in study.open_corpora().values()]
        return "\n  ".join(["a usable study", *described])
    from peercompare.framework import read_framework

    framework = read_framework(path)
    return f"a usable framework with {len(framework.code_ids)} codes in {len(framework.dimensions)} dimensions"


def _describe(corpus: Corpus) -> str:
    text = f"{corpus.name}: {len(corpus.documents)} documents, {len(corpus.segments)} segments"
    if len(corpus.left_out):
        reasons = corpus.left_out.drop_duplicates("document_id")
        text += f"; {len(reasons)} documents left out by the consent gate ({', '.join(reasons['document_id'])})"
    return text


# --- sheet ------------------------------------------------------------------------------------------------------------


def _add_sheet(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "sheet", "Write a blind coding sheet, or read a coded one back.", _sheet)
    parser.add_argument("source", type=Path, metavar="CORPUS|SHEET", help="a corpus folder; with --read, a coded sheet")
    parser.add_argument("--read", action="store_true", help="read a coded sheet back into codings")
    parser.add_argument("--coder", required=True, metavar="NAME", help="who codes; stands in coder_id")
    parser.add_argument("--key", required=True, type=Path, metavar="FILE", help="the key from sheet ids to segments")
    parser.add_argument("--seed", type=int, default=0, help="seed of the order of documents (default: 0)")
    _add_framework(parser)
    _add_gate(parser)
    _add_out(parser, required=True, what="the sheet (.csv), or with --read the codings (.csv)")


def _sheet(options: argparse.Namespace) -> int:
    from peercompare.sheets import coding_sheet, read_coding_sheet

    _must_exist(options.source)
    refuse_to_overwrite(options.out, force=options.force)
    if options.read:
        from peercompare.framework import read_framework

        codings = read_coding_sheet(
            options.source, options.key, coder_id=options.coder, framework=read_framework(options.framework)
        )
        write_table(codings, options.out)
        _tell(f"Wrote {len(codings)} codings by {options.coder} to {options.out}.")
        return DONE
    refuse_to_overwrite(options.key, force=options.force)
    sheet, key = coding_sheet(_open(options.source, options), seed=options.seed, coder_id=options.coder)
    write_table(key, options.key)
    write_table(sheet, options.out)
    _tell(f"Wrote {len(key)} segments to code to {options.out}; keep {options.key} away from the coder.")
    return DONE


# --- agree ------------------------------------------------------------------------------------------------------------


def _add_agree(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "agree", "Say how far the coders agree.", _agree)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    _add_gate(parser)
    _add_out(parser, what="a table with every coefficient (.csv or .parquet)")


def _agree(options: argparse.Namespace) -> int:
    from peercompare.agreement import agreement_table

    corpus = _open(options.corpus, options)
    table = agreement_table(
        corpus.codings, corpus.segments, framework=corpus.framework, corpus_name=corpus.name
    )
    overall = table[table["scope"] == "overall"]
    _show(overall[["level", "coefficient", "estimate", "lower", "upper", "n_clusters", "n_segments", "reason"]])
    _save(table, options)
    return DONE


# --- train ------------------------------------------------------------------------------------------------------------


def _add_train(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "train", "Train a classifier of stances.", _train)
    parser.add_argument(
        "sources",
        nargs="+",
        type=Path,
        metavar="CORPUS|TABLE",
        help="corpus folders, or one table with segment_id, document_id, text and label",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the fit (default: 0)")
    _add_framework(parser)
    _add_gate(parser)
    _add_out(parser, required=True, what="the model (.skops)")


def _train(options: argparse.Namespace) -> int:
    from peercompare.classifier import save_model, train

    refuse_to_overwrite(options.out, force=options.force)
    table, framework, provenance = _training_input(options)
    _tell(f"Training on {table['segment_id'].nunique()} segments ...")
    model = train(table, framework, seed=options.seed, provenance=provenance)
    save_model(model, options.out)
    _tell(f"Wrote the model to {options.out}.")
    return DONE


def _training_input(options: argparse.Namespace):
    """Gather the training rows from corpora, or from one bare table."""
    from peercompare.classifier import bare_training_table, training_table
    from peercompare.framework import read_framework

    for source in options.sources:
        _must_exist(source)
    if len(options.sources) == 1 and options.sources[0].is_file():
        framework = read_framework(options.framework)
        path = options.sources[0]
        return bare_training_table(_read_table(path), framework), framework, {"table": path.name}
    corpora = [_open(source, options, purpose="training") for source in options.sources]
    provenance = {"corpora": {corpus.name: corpus.sha256 for corpus in corpora}, "as_of": options.as_of or ""}
    return training_table(corpora), corpora[0].framework, provenance


# --- predict ----------------------------------------------------------------------------------------------------------


def _add_predict(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands, "predict", "Give every segment of a table one probability for each stance label.", _predict
    )
    parser.add_argument("model", type=Path, metavar="MODEL")
    parser.add_argument(
        "texts",
        type=Path,
        metavar="TEXTS",
        help="a table with segment_id, document_id, text and no column about a person; with --cut, one row a document",
    )
    _add_cut(parser)
    _add_out(parser, required=True, what="the predictions (.csv or .parquet)")


def _add_cut(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cut", metavar="GENRE", help="cut whole documents (document_id, text) into segments of this genre first"
    )
    parser.add_argument(
        "--columns",
        metavar="OURS=THEIRS",
        nargs="+",
        default=[],
        help="read a column under another name, e.g. document_id=file text=body; only named columns are read",
    )


def _predict(options: argparse.Namespace) -> int:
    from peercompare.classifier import load_model

    _must_exist(options.model, options.texts)
    refuse_to_overwrite(options.out, force=options.force)
    model = load_model(options.model)
    texts = _read_texts(options)
    predictions = model.predict_table(texts)
    predictions.insert(1, "document_id", texts["document_id"].to_numpy())
    write_table(predictions, options.out)
    _tell(f"Wrote the probabilities of {len(predictions)} segments to {options.out}. {CAUTION}")
    return DONE


# --- drift ------------------------------------------------------------------------------------------------------------


def _add_drift(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "drift", "Estimate shares of stances and the index, with honest intervals.", _drift)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="where only part is coded: every segment's")
    parser.add_argument("--by", nargs="*", default=[], metavar="COLUMN", help="also by these columns of documents.csv")
    parser.add_argument("--confidence-level", type=float, default=0.95)
    parser.add_argument("--waive-if-composed", action="store_true", help="show small cells of a composed corpus")
    _add_gate(parser)
    _add_out(parser, what="the estimates (.csv or .parquet)")


def _drift(options: argparse.Namespace) -> int:
    from peercompare.drift import estimate_table, score_table

    corpus = _open(options.corpus, options)
    predictions = _read_table(options.predictions) if options.predictions else None
    raise NotImplementedError((estimate_table, score_table, predictions, corpus))


# --- roles ------------------------------------------------------------------------------------------------------------


def _add_roles(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "roles", "Find role-integrity markers and role types in job descriptions.", _roles)
    parser.add_argument("source", type=Path, metavar="CORPUS|TABLE", help="a corpus, or a table with document_id, text")
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL")
    _add_cut(parser)
    _add_gate(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="write roles.csv and markers.csv there")
    parser.add_argument("--force", action="store_true", help="replace files that exist")


def _roles(options: argparse.Namespace) -> int:
    raise NotImplementedError


# --- report and run ---------------------------------------------------------------------------------------------------


def _add_report(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "report", "Render the report from the results of a study.", _report)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    _add_out(parser, what="the page (.html; default: report.html among the results)")


def _report(options: argparse.Namespace) -> int:
    raise NotImplementedError


def _add_run(commands: argparse._SubParsersAction) -> None:
    parser = _command(commands, "run", "Run a whole study; what did not change is not run again.", _run)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    parser.add_argument("--until", metavar="STAGE", help="stop after this stage")


def _run(options: argparse.Namespace) -> int:
    from peercompare.study import read_study, run_study

    _must_exist(options.study)
    study = read_study(options.study)
    results = run_study(study, until=options.until, tell=_tell)
    print(f"tables    {results.folder / 'tables'}")
    print(f"figures   {results.folder / 'figures'}")
    print(f"notebooks {results.folder / 'notebooks'}")
    if results.report.exists():
        print(f"report    {results.report}")
    return DONE


# --- what they share --------------------------------------------------------------------------------------------------


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _must_exist(*paths: Path) -> None:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"there is nothing at {path}")


def _open(path: Path, options: argparse.Namespace, *, purpose: str = "analysis") -> Corpus:
    from peercompare.corpus import open_corpus

    _must_exist(path)
    corpus = open_corpus(path, purpose=purpose, as_of=options.as_of, policy=options.policy)
    if len(corpus.left_out):
        _tell(f"Consent gate: {_describe(corpus)}.")
    return corpus


def _read_table(path: Path) -> pd.DataFrame:
    """Read a table of a user's: every cell as it stands, nothing guessed to be a missing value."""
    import pandas as pd

    _must_exist(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path} cannot be read as a table: {error}", remedy="save it as CSV in UTF-8") from None


def _read_texts(options: argparse.Namespace) -> pd.DataFrame:
    """Read the texts that a user names, renamed and cut where asked for."""
    table = _renamed(_read_table(options.texts), options)
    if not options.cut:
        return table
    raise NotImplementedError


def _renamed(table: pd.DataFrame, options: argparse.Namespace) -> pd.DataFrame:
    """Keep and rename the columns that ``--columns`` names."""
    if not options.columns:
        return table
    pairs = [pair.split("=", 1) for pair in options.columns if "=" in pair]
    theirs = {their: our for our, their in pairs}
    problems = [Problem("--columns", f"{word!r} is not OURS=THEIRS") for word in options.columns if "=" not in word]
    problems += [Problem("--columns", f"there is no column {t!r}") for t in theirs if t not in table]
    if problems:
        raise InputError(
            "The columns cannot be read", problems, remedy=f"the table has the columns {', '.join(table.columns)}"
        )
    return table[list(theirs)].rename(columns=theirs)


def _put(text: str, options: argparse.Namespace) -> None:
    """Print a text, or write it where ``--out`` says."""
    if options.out is None:
        print(text)
        return
    refuse_to_overwrite(options.out, force=options.force)
    write_atomically(options.out, text)
    _tell(f"Wrote {options.out}.")


def _save(table: pd.DataFrame, options: argparse.Namespace) -> None:
    """Write a table where ``--out`` says."""
    if options.out is not None:
        refuse_to_overwrite(options.out, force=options.force)
        write_table(table, options.out)
        _tell(f"Wrote {len(table)} rows to {options.out}.")


def _show(table: pd.DataFrame) -> None:
    """Print a table to read: three decimals, an empty cell where there is no number."""
    print(table.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep=""))


if __name__ == "__main__":
    sys.exit(main())
