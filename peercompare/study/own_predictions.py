"""Somebody else's predictions in a study: read as the study file names them, used as our own are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.errors import InputError, Problem
from peercompare.predictions import read_predictions
from peercompare.study.settings import CorpusSection

if TYPE_CHECKING:
    from peercompare.study.study import Study


def own_predictions(study: Study, corpus: Corpus) -> dict[str, pd.DataFrame]:
    """Return the predictions that a study brings for a corpus.

    Parameters
    ----------
    study : Study
    corpus : Corpus
        One of the study's.

    Returns
    -------
    dict of str to DataFrame
        By "own: " and the file's name without its ending, in the form that
        `peercompare.predictions.read_predictions` gives; empty where the study brings none. They are scored
        beside our model, and taken in its place for drift and roles.

    Raises
    ------
    InputError
        With all faults of the file.
    """
    sections = {each.name: section for each, section in study.sections()}
    named = sections[corpus.name].predictions
    if named is None:
        return {}
    return {f"own: {Path(named).stem}": read_predictions(study.folder / named, corpus)}


def faults_of_predictions(
    study: Study, corpus: Corpus, section: CorpusSection, where: str
) -> Iterator[Problem]:
    """Say what is wrong with the predictions that a corpus's section names.

    Parameters
    ----------
    study : Study
    corpus : Corpus
    section : CorpusSection
        The corpus's own.
    where : str
        The section's place in the study file.

    Yields
    ------
    Problem
        That there is no such file, or each fault of it.
    """
    if section.predictions is None:
        return
    path = study.folder / section.predictions
    if not path.is_file():
        yield Problem(f"{where}, predictions", f"there is no file {section.predictions}")
        return
    try:
        read_predictions(path, corpus)
    except InputError as error:
        yield from error.problems or [Problem(f"{where}, predictions", error.summary, error.remedy)]
