"""The subcommand `next`: pick the next segments to code, record how, and write a blind sheet of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import (
    DONE,
    add_command,
    add_gate,
    add_out,
    must_exist,
    open_named,
    tell,
)
from peercompare.errors import InputError, Problem
from peercompare.files import refuse_to_overwrite, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.corpus import Corpus
    from peercompare.corpus.draws import Design

INFERENCE, TRAINING = "inference", "training"


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    words = "Pick the next segments to code, and write a blind sheet of them."
    parser = add_command(commands, "next", words, _next)
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--n", type=int, metavar="N", help="how many segments to pick")
    parser.add_argument(
        "--for",
        dest="use",
        choices=[INFERENCE, TRAINING],
        help="inference: at random with known chances, to estimate from; training: where a classifier is "
        "unsure, to teach it and for nothing else",
    )
    parser.add_argument(
        "--wave", type=int, metavar="W", help="pick nothing: the sheet of wave W once more, for another coder"
    )
    parser.add_argument("--coder", required=True, metavar="NAME", help="who codes; stands in coder_id")
    parser.add_argument(
        "--key", required=True, type=Path, metavar="FILE", help="the key from sheet ids to segments"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed, with the wave's number (default: 0)")
    _add_predictions(parser)
    add_gate(parser)
    add_out(parser, required=True, what="the sheet (.csv, .xlsx or .qdpx)")


def _add_predictions(parser: argparse.ArgumentParser) -> None:
    """Add what the pick may lean on; none of it is shown to the coder."""
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FILE",
        help="a prediction of every segment: for inference, unsure segments then have larger chances",
    )
    parser.add_argument("--model", type=Path, metavar="MODEL", help="predict with this model instead")
    parser.add_argument(
        "--trained-on",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="further corpora that trained the model: their people are asked",
    )
    parser.add_argument(
        "--floor",
        type=float,
        metavar="F",
        help="inference: part of each chance that does not depend on predictions (default: 0.5)",
    )
    parser.add_argument(
        "--by",
        choices=["both", "uncertainty", "diversity"],
        help="training: unsure segments, segments unlike each other, or both (default: both)",
    )


def _next(options: argparse.Namespace) -> int:
    from peercompare.corpus.draws import next_wave, read_draws, record_draw

    _check(options)
    purposes = ("analysis", TRAINING) if options.use == TRAINING else "analysis"
    corpus = open_named(options.corpus, options, purpose=purposes)
    draws = read_draws(options.corpus)
    if options.wave is not None:
        return _again(corpus, draws, options)
    wave = next_wave(draws)
    drawn, design = (_for_training if options.use == TRAINING else _for_inference)(corpus, options, wave)
    chosen = drawn.loc[drawn["sampled"], "segment_id"]
    tables = _sheet(corpus, chosen, options, wave)
    record_draw(options.corpus, drawn, design, wave=wave)
    tell(f"Recorded wave {wave} in {options.corpus / 'samples.csv'}: {design.words}.")
    if options.use == TRAINING:
        tell("It is for training alone: no share or index may be estimated from it.")
    _write(corpus, tables, len(chosen), options)
    return DONE


def _check(options: argparse.Namespace) -> None:
    """Refuse what does not go together, before anything is opened."""
    from peercompare.exchange.sheet_formats import ENDINGS

    problems = []
    if options.wave is None and (options.n is None or options.use is None):
        problems.append(Problem("--n, --for", "say how many segments, and whether to estimate or to teach"))
    if options.wave is not None and (options.n is not None or options.use is not None):
        problems.append(Problem("--wave", "picks nothing, so that it goes with neither --n nor --for"))
    if options.predictions and options.model:
        problems.append(Problem("--predictions, --model", "one of the two"))
    if options.floor is not None and options.use != INFERENCE:
        problems.append(Problem("--floor", "goes with --for inference"))
    if options.by is not None and options.use != TRAINING:
        problems.append(Problem("--by", "goes with --for training"))
    if options.out.suffix.lower() not in ENDINGS:
        problems.append(Problem("--out", f"{options.out.name} does not end in {', '.join(ENDINGS)}"))
    if options.seed < 0:
        problems.append(Problem("--seed", f"{options.seed} is below 0"))
    if len({path.resolve() for path in (options.corpus, options.key, options.out)}) < 3:
        problems.append(Problem("--key, --out", "name different files for the key and the sheet"))
    if problems:
        raise InputError("No segments were picked", problems, remedy="see `peercompare next --help`")
    named = [options.predictions, options.model, *options.trained_on]
    must_exist(options.corpus, *(path for path in named if path))
    for path in (options.out, options.key):
        refuse_to_overwrite(path, force=options.force)


def _for_inference(corpus: Corpus, options: argparse.Namespace, wave: int) -> tuple[pd.DataFrame, Design]:
    """Draw within workers or employers, with chances that are written down."""
    from peercompare.classifier.training import analysed_segments
    from peercompare.drift.waves import FLOOR, draw_wave

    floor = FLOOR if options.floor is None else options.floor
    predictions = _predictions(corpus, options)
    if predictions is None and options.floor is not None:
        raise InputError("--floor needs predictions", remedy="give --predictions FILE or --model MODEL")
    drawn = draw_wave(
        analysed_segments(corpus),
        strata="group",
        n=options.n,
        rng=[options.seed, wave],
        predictions=predictions,
        labels=corpus.framework.labels,
        floor=floor,
    )
    how = (
        "equal chances"
        if predictions is None
        else f"chances after how unsure predictions are, floor {floor:g}"
    )
    words = f"stratified by {corpus.cluster}, systematic, {how}"
    return drawn, _design(INFERENCE, words, options, predictions)


def _for_training(corpus: Corpus, options: argparse.Namespace, wave: int) -> tuple[pd.DataFrame, Design]:
    """Pick unsure segments that are unlike each other, among those that nobody has coded."""
    from peercompare.classifier import out_of_fold
    from peercompare.classifier.selection import BOTH, DIVERSITY, IN_WORDS, candidates, select_for_training

    uncoded, coded = candidates(corpus)
    by, predictions = options.by or BOTH, None
    if by != DIVERSITY:
        predictions = _predictions(corpus, options)
        if predictions is None:
            tell("Predicting each segment from the codings of other employers or workers ...")
            predictions = out_of_fold(corpus, seed=options.seed)[["segment_id", *corpus.framework.labels]]
    picked = select_for_training(
        uncoded, n=options.n, seed=options.seed + wave, by=by, predictions=predictions, coded=coded
    )
    drawn = picked[["segment_id"]].assign(stratum="", sampled=True)
    return drawn, _design(TRAINING, IN_WORDS[by], options, predictions)


def _predictions(corpus: Corpus, options: argparse.Namespace) -> pd.DataFrame | None:
    """Read or make the predictions that the pick leans on; none where none are named."""
    if options.predictions:
        from peercompare.predictions import read_predictions

        return read_predictions(options.predictions, corpus)[["segment_id", *corpus.framework.labels]]
    if options.model:
        from peercompare.classifier import load_model

        model = load_model(options.model, corpus.framework, corpora=[corpus, *options.trained_on])
        predicted = model.predict_table(corpus.segments[["segment_id", "document_id", "text"]])
        return predicted[["segment_id", *corpus.framework.labels]]
    return None


def _design(use: str, words: str, options: argparse.Namespace, predictions: pd.DataFrame | None) -> Design:
    """Say how a wave was picked."""
    import hashlib
    from datetime import date

    from peercompare.corpus.draws import Design

    digest = ""
    if predictions is not None:
        told = predictions.sort_values("segment_id").to_csv(index=False)
        digest = hashlib.sha256(told.encode("utf-8")).hexdigest()
    return Design(use, words, options.seed, date.today().isoformat(), digest)


def _again(corpus: Corpus, draws: pd.DataFrame, options: argparse.Namespace) -> int:
    """Write the sheet of a wave that was picked before."""
    rows = draws[(draws["wave"] == options.wave) & draws["sampled"].astype(bool)]
    if rows.empty:
        known = ", ".join(str(wave) for wave in sorted(set(draws["wave"]))) or "none yet"
        raise InputError(f"There is no wave {options.wave} of {corpus.name}", remedy=f"waves: {known}")
    chosen = rows["segment_id"][rows["segment_id"].isin(corpus.segments["segment_id"])]
    if len(chosen) < len(rows):
        tell(f"{len(rows) - len(chosen)} segments of the wave are left out by consent, or gone.")
    tables = _sheet(corpus, chosen, options, options.wave)
    _write(corpus, tables, len(chosen), options)
    return DONE


def _sheet(
    corpus: Corpus, chosen: pd.Series, options: argparse.Namespace, wave: int
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Make the blind sheet and its key of what the coder has not coded; None where that is nothing."""
    import numpy as np

    from peercompare.sheets import coding_sheet

    own = corpus.codings.loc[corpus.codings["coder_id"] == options.coder, "segment_id"]
    left = chosen[~chosen.isin(own)].tolist()
    # The ids on the sheets of two waves differ, so that no sheet can be read with the other's key.
    seed = int(np.random.SeedSequence([options.seed, wave]).generate_state(1)[0])
    return coding_sheet(corpus, seed=seed, coder_id=options.coder, only=left) if left else None


def _write(
    corpus: Corpus,
    tables: tuple[pd.DataFrame, pd.DataFrame] | None,
    n_chosen: int,
    options: argparse.Namespace,
) -> None:
    """Write sheet and key, and say how many segments are to be coded."""
    from peercompare.exchange.sheet_formats import write_sheet

    if tables is None:
        tell(f"{options.coder} has coded all {n_chosen} already: there is no sheet to write.")
        return
    sheet, key = tables
    write_table(key, options.key, private=True)
    write_sheet(sheet, options.out, framework=corpus.framework, force=options.force)
    coded = f" ({n_chosen - len(key)} are coded already)" if len(key) < n_chosen else ""
    tell(
        f"Wrote {len(key)} segments to code to {options.out}{coded}; keep {options.key} away from the coder."
    )
