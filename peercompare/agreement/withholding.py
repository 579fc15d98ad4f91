"""What of the agreement tables is withheld because it rests on fewer than five workers.

Of a composed corpus, and of public postings, nothing is withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from peercompare.agreement.background import KINDS, pairs_of_kind
from peercompare.agreement.background import SCOPE as BACKGROUND
from peercompare.agreement.tables import offered_values
from peercompare.codings import ReliabilityData, reliability_data
from peercompare.corpus import Corpus
from peercompare.disclosure import Sum, withheld_cells
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS

TOO_FEW = f"withheld: it rests on fewer than {MIN_WORKERS} workers"
SUM = f"withheld: with the rest it would give back what rests on fewer than {MIN_WORKERS} workers"

_ESTIMATES = ["estimate", "lower", "upper", "prevalence", "p_below_667"]
_COUNTS = ["n_pairs", "share", "n_segments", "n_documents"]


def withheld_agreement(table: pd.DataFrame, corpus: Corpus) -> pd.DataFrame:
    """Withhold what an agreement table says of values that coders gave to fewer than five workers' words.

    The prevalences of codes add up to those of dimensions and stances, and these to one: values are withheld
    until no sum gives such a one back. Where fewer than five workers stand behind all that two coders have
    coded, or behind what pairs of one background have, nothing of it is shown.

    Parameters
    ----------
    table : DataFrame
        As `agreement_table` and `agreement_by_background` give it.
    corpus : Corpus
        Whose codings it is about.

    Returns
    -------
    DataFrame
        A copy; estimates and prevalence are missing where ``reason`` begins with "withheld".
    """
    if not has_workers(corpus):
        return table
    return withheld_by(table, behind(corpus), corpus.framework)


@dataclass(frozen=True)
class Behind:
    """Whose words stand behind an agreement table; parts of a corpus are joined by `joined`.

    Parameters
    ----------
    both : frozenset of str
        Workers on whose words two coders or more gave a code.
    given : mapping of str to frozenset of str
        For each code, the workers to whose words a coder gave it.
    kinds : mapping of str to frozenset of str
        For each kind of pair of coders, the workers on whose words such a pair gave codes.
    """

    both: frozenset[str]
    given: Mapping[str, frozenset[str]]
    kinds: Mapping[str, frozenset[str]]

    @classmethod
    def joined(cls, parts: Sequence[Behind]) -> Behind:
        """Join what is known of the parts of a corpus."""
        return cls(
            frozenset().union(*(part.both for part in parts)),
            _joined([part.given for part in parts]),
            _joined([part.kinds for part in parts]),
        )


def _joined(parts: Sequence[Mapping[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: frozenset().union(*(part.get(name, ()) for part in parts)) for name in names}


def behind(corpus: Corpus) -> Behind:
    """Say whose words stand behind what agreement tables tell of a corpus or a part of one.

    Parameters
    ----------
    corpus : Corpus
        In which workers speak.
    """
    data = reliability_data(corpus.codings, framework=corpus.framework, level="code", fewest=0)
    names = _worker_names(corpus, data.units)
    said = dict(zip(corpus.coders["coder_id"], corpus.coders["lived_experience"], strict=True))
    kinds = {kind: _coded_by(pairs_of_kind(kind, data, said), data) for kind in KINDS}
    codes = offered_values(corpus.framework)["code"]
    both = (data.values != None).sum(axis=0) >= 2  # noqa: E711 - compared element by element
    return Behind(
        frozenset(names[both]),
        {code: frozenset(names[(data.values == code).any(axis=0)]) for code in codes},
        {kind: frozenset(names[coded]) for kind, coded in kinds.items()},
    )


def _coded_by(pairs: list[tuple[int, int]], data: ReliabilityData) -> np.ndarray:
    """Say which segments a pair of coders both gave a code, any of some pairs."""
    shared = [(data.values[list(pair)] != None).all(axis=0) for pair in pairs]  # noqa: E711
    return np.logical_or.reduce(shared) if shared else np.zeros(len(data.units), dtype=bool)


def withheld_by(table: pd.DataFrame, known: Behind, framework: Framework) -> pd.DataFrame:
    """Withhold from an agreement table as `withheld_agreement` does, by what is known of the words behind it.

    Parameters
    ----------
    table : DataFrame
    known : Behind
    framework : Framework
    """
    reasons = _of_values(known, framework)
    said = [
        TOO_FEW * _few(known.kinds.get(row.value, ()))
        if row.scope == BACKGROUND
        else reasons.get((row.level, row.value), reasons["", ""])
        for row in table.itertuples()
    ]
    return _blanked(table, said, _ESTIMATES, column="reason")


def withheld_disagreement(table: pd.DataFrame, corpus: Corpus) -> pd.DataFrame:
    """Withhold which values coders parted on, where they did so on fewer than five workers' words.

    All partings together are known, and so is how often coders parted over one value: raw agreement tells it.
    More pairs of values are withheld until no sum gives a pair back. Where all partings over a value rest on
    fewer than five workers, raw agreement still tells how many there are.

    Parameters
    ----------
    table : DataFrame
        As `disagreement_table` gives it.
    corpus : Corpus
        Whose codings it is about.

    Returns
    -------
    DataFrame
        With the column ``withheld``; withheld pairs of values stand last, in the framework's order.
    """
    said = np.full(len(table), "", dtype=object)
    if has_workers(corpus) and len(table):
        said = _of_partings(table, corpus)
    order = {
        value: at for level in offered_values(corpus.framework).values() for at, value in enumerate(level)
    }
    shown = _blanked(table, list(said), _COUNTS, column="withheld")
    places = [shown[name].map(order) for name in ("value", "other_value")]
    last = np.lexsort((*[np.where(said != "", place, 0) for place in reversed(places)], said != ""))
    return shown.iloc[last].reset_index(drop=True)


def has_workers(corpus: Corpus) -> bool:
    """Say whether the rule holds of a corpus: real workers speak in it.

    Parameters
    ----------
    corpus : Corpus
    """
    return not corpus.composed and "worker_id" in corpus.documents.columns


def _workers(corpus: Corpus, segment_ids: Sequence) -> np.ndarray:
    """Number the worker of each segment, from 0."""
    return pd.factorize(_worker_names(corpus, segment_ids))[0]


def _worker_names(corpus: Corpus, segment_ids: Sequence) -> np.ndarray:
    """Return the worker of each segment."""
    home = corpus.segments.set_index("segment_id")["document_id"].loc[list(segment_ids)]
    return home.map(corpus.documents.set_index("document_id")["worker_id"]).to_numpy(dtype=object)


def _present(rows: Sequence[np.ndarray], workers: np.ndarray) -> np.ndarray:
    """Say whose words stand in which set of segments, shape (n_sets, n_workers)."""
    found = np.zeros((len(rows), int(workers.max(initial=-1)) + 1), dtype=bool)
    for at, row in enumerate(rows):
        found[at, workers[row]] = True
    return found


def _thin(present: np.ndarray) -> np.ndarray:
    """Say which sets rest on one to four workers."""
    sizes = present.sum(axis=-1)
    return (sizes > 0) & (sizes < MIN_WORKERS)


def _few(workers: Collection[str]) -> bool:
    """Say whether something rests on one to four workers."""
    return 0 < len(workers) < MIN_WORKERS


def _of_values(known: Behind, framework: Framework) -> dict[tuple[str, str], str]:
    """Return by level and value why it is withheld, and by ("", "") what holds of everything."""
    if _few(known.both):
        return {("", ""): TOO_FEW}
    cells, totals = _cells(framework)
    codes, none = offered_values(framework)["code"], framework.none.id
    sets = [known.given.get(code, frozenset()) for code in codes]
    sets += [frozenset().union(*(sets[part] for part in parts)) for _, parts in totals]
    whole = [
        [at for at, (level, value) in enumerate(cells) if level == each or value == none]
        for each in ("code", "dimension", "stance")
    ]
    names = sorted(frozenset().union(*sets))
    present = np.array([[name in workers for name in names] for workers in sets], dtype=bool)
    hidden, few = withheld_cells(present, whole, totals), _thin(present)
    found = {cell: TOO_FEW if few[at] else SUM if hidden[at] else "" for at, cell in enumerate(cells)}
    return {**found, ("", ""): "", ("stance", none): found["code", none]}


def _cells(framework: Framework) -> tuple[list[tuple[str, str]], list[Sum]]:
    """Return what has a prevalence, codes first, and which of it is the sum of which codes."""
    codes = offered_values(framework)["code"]
    cells, totals = [("code", code) for code in codes], []
    for level, names, of in (
        ("dimension", framework.dimension_ids, framework.dimension_of),
        ("stance", framework.stance_ids, framework.stance_of),
    ):
        for name in names:
            totals.append((len(cells), tuple(at for at, code in enumerate(codes) if of(code) == name)))
            cells.append((level, name))
    return cells, totals


def _of_partings(table: pd.DataFrame, corpus: Corpus) -> np.ndarray:
    """Return why pairs of values are withheld, row by row."""
    framework, level = corpus.framework, str(table["level"].iloc[0])
    data = reliability_data(corpus.codings, framework=framework, level=level)
    workers = _workers(corpus, data.units)
    pairs = list(zip(table["value"], table["other_value"], strict=True))
    rows = [_parted(data.values, {one, other}) for one, other in pairs]
    present = _present(rows, workers)
    lines = [range(len(pairs)), *_lines(pairs, offered_values(framework)[level])]
    if level == "code":
        for of in (framework.dimension_of, framework.stance_of):
            grouped = [(of(one), of(other)) for one, other in pairs]
            lines += _lines(grouped, sorted({name for pair in grouped for name in pair}))
    hidden, few = withheld_cells(present, lines), _thin(present)
    return np.where(few, TOO_FEW, np.where(hidden, SUM, "")).astype(object)


def _parted(values: np.ndarray, both: Collection[str]) -> np.ndarray:
    """Say on which segments two coders parted over two values."""
    found = np.zeros(values.shape[1], dtype=bool)
    for one, other in combinations(values, 2):
        found |= np.array([{a, b} == set(both) for a, b in zip(one, other, strict=True)], dtype=bool)
    return found


def _lines(pairs: Sequence[tuple[str, str]], values: Sequence[str]) -> list[list[int]]:
    """Return for each value the places of the pairs of which one alone is that value."""
    found = [
        [at for at, pair in enumerate(pairs) if (pair[0] == each) != (pair[1] == each)] for each in values
    ]
    return [line for line in found if line]


def _blanked(
    table: pd.DataFrame, reasons: Sequence[str], columns: Sequence[str], *, column: str
) -> pd.DataFrame:
    """Return a copy in which what is withheld is missing and the reason stands beside."""
    touched = np.array([bool(reason) for reason in reasons], dtype=bool)
    shown = table.copy()
    if column not in shown:
        shown[column] = ""
    for name in columns:
        if touched.any():
            shown[name] = (
                shown[name].astype("Int64" if shown[name].dtype.kind == "i" else float).mask(touched)
            )
    shown[column] = np.where(touched, np.array(reasons, dtype=object), shown[column])
    return shown
