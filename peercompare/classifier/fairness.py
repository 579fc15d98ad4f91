"""Whether a model errs more often on some groups' words: practice of one end taken for the other's.

Asked is how often segments that truly stand at the framework's first end (in the shipped one, peer practice)
are given the label of its last (clinical), group by group: by setting, site and region of the document, and
by plain features of how the segment is written.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.classifier import scoring
from peercompare.classifier.decision import decided
from peercompare.classifier.dialect import dialect_features
from peercompare.classifier.evaluation import aligned, true_labels
from peercompare.classifier.shares import design_effect, mean_over_segments, needed_per_group
from peercompare.classifier.showing import TOO_FEW, hide, rests_on_too_few, withheld_parts, workers_of
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.errors import InputError, UndefinedError
from peercompare.persons import refuse_person_columns

FAIRNESS_COLUMNS = (
    "corpus model truth group_by group estimate lower upper difference difference_lower difference_upper "
    "confidence_level n_clusters n_documents n_segments design_effect needed_05 needed_10 "
    "method reason waiver"
).split()
USUAL_GROUPS = ("setting", "site_id", "region")
ALL = "all"
DIALECT = "dialect: "
WITH, WITHOUT = "with", "without"
METHOD = "share of segments of the first end that are given the label of the last"
REFUSAL = "Errors are not counted for people"
_NUMBERS = ["estimate", "lower", "upper", "difference", "difference_lower", "difference_upper"]


def fairness_table(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    by: Sequence[str] | None = None,
    model: str = "ngram",
    confidence_level: float = 0.95,
    waive: bool = False,
) -> pd.DataFrame:
    """Compare between groups how often truly peer segments are taken for clinical.

    Parameters
    ----------
    corpus : Corpus
        Its gold says what is true; the ends of its framework's axis are what is confused.
    predictions : DataFrame
        ``segment_id`` and one column for each label, by models that saw nobody's own codings.
    by : sequence of str, optional
        Columns of documents, none that names people; setting, site_id and region where left out, if there.
    model : str, default "ngram"
        Name of what predicted, for the table.
    confidence_level : float, default 0.95
        In (0, 1).
    waive : bool, default False
        Show groups of fewer than five workers where the corpus is composed; of another they are withheld
        whatever this says.

    Returns
    -------
    DataFrame
        Columns as `FAIRNESS_COLUMNS`: the share in all segments, in each group, and with and without each
        feature of `dialect.FEATURES` that occurs. ``difference`` is the group's share less that of all other
        segments. Intervals are delete-one-cluster jackknife intervals over employers or workers.
        ``design_effect`` is that of the share in all segments; ``needed_05`` and ``needed_10`` are the truly
        peer segments that each of two groups would need for a difference of .05 or .10 to be seen with 80%
        power, given that share and that effect.

    Raises
    ------
    DisclosureError
        If a column names people.
    InputError
        If a column is not there, or the predictions do not fit the corpus.
    UndefinedError
        If gold has no segment of the first end.

    Notes
    -----
    A group without a visible difference is not thereby treated alike: see what it would need. The features
    are of the surface; see `dialect`.
    """
    by = _columns(corpus, by)
    low, high = corpus.framework.axis
    truth = true_labels(corpus, GOLD)
    truth = truth[truth == low]
    if truth.empty:
        raise UndefinedError(f"Gold of {corpus.name} has no segment with the label {low!r}")
    names = corpus.framework.labels
    aligned(predictions, truth.index, names)
    wrong = decided(predictions, truth.index, names) == names.index(high)
    segments = analysed_segments(corpus).set_index("segment_id").loc[truth.index].assign(wrong=wrong)
    workers = workers_of(corpus, truth.index)
    rows, reasons = [], []
    for column, values in _groupings(corpus, segments, by).items():
        groups = [value for value in dict.fromkeys(sorted(values)) if value]
        masks = [(values == value).to_numpy() for value in groups]
        rows += [
            {"group_by": column, "group": value, **_cell(segments, mask, confidence_level)}
            for value, mask in zip(groups, masks, strict=True)
        ]
        reasons += _why_withheld(workers, masks)
    table = pd.DataFrame(rows).assign(**_needed(segments))
    table = table.assign(
        corpus=corpus.name, model=model, truth=GOLD, confidence_level=confidence_level, method=METHOD
    )
    return hide(table, reasons, columns=_NUMBERS, composed=corpus.composed, waive=waive)[FAIRNESS_COLUMNS]


def _columns(corpus: Corpus, by: Sequence[str] | None) -> list[str]:
    """Return the columns to group by, or refuse them."""
    if by is None:
        return [column for column in USUAL_GROUPS if column in corpus.documents]
    refuse_person_columns(pd.DataFrame(columns=list(by)), summary=REFUSAL)
    absent = [column for column in by if column not in corpus.documents]
    if absent:
        allowed = ", ".join(corpus.documents.columns)
        raise InputError(f"{corpus.name} has no column {', '.join(absent)}", remedy=f"choose from {allowed}")
    return list(by)


def _groupings(corpus: Corpus, segments: pd.DataFrame, by: Sequence[str]) -> dict[str, pd.Series]:
    """Return the value of each segment by grouping; the empty value belongs to no group."""
    documents = corpus.documents.set_index("document_id")
    found = {ALL: pd.Series(ALL, index=segments.index)}
    for column in by:
        values = documents[column].astype(object).where(documents[column].notna(), "").astype(str)
        found[column] = segments["document_id"].map(values)
    features = dialect_features(segments["text"]).set_index(segments.index)
    for name in features:
        if features[name].any():
            found[DIALECT + name] = features[name].map({True: WITH, False: WITHOUT})
    return found


def _why_withheld(workers: np.ndarray | None, masks: Sequence[np.ndarray]) -> list[str]:
    """Say why groups are withheld; "" where they are shown."""
    if workers is None:
        return [""] * len(masks)
    if len(masks) == 1:
        return [TOO_FEW if rests_on_too_few(workers[masks[0]]) else ""]
    present = np.zeros((len(masks), workers.max() + 1), dtype=bool)
    for row, mask in zip(present, masks, strict=True):
        row[workers[mask]] = True
    return list(withheld_parts(present))


def _cell(segments: pd.DataFrame, mask: np.ndarray, confidence_level: float) -> dict[str, object]:
    """Compute the share of one group and its difference from all others."""
    part = segments[mask]
    score = mean_over_segments(
        part["wrong"].to_numpy(), list(part["group"]), confidence_level=confidence_level
    )
    counts = {"n_clusters": score.n_clusters, "n_documents": part["document_id"].nunique()}
    interval = {"estimate": score.estimate, "lower": score.lower, "upper": score.upper}
    difference = _difference(segments, mask, confidence_level)
    return {**interval, **difference, **counts, "n_segments": len(part), "reason": score.reason}


def _difference(segments: pd.DataFrame, mask: np.ndarray, confidence_level: float) -> dict[str, float]:
    """Compare a group's share with that of all other segments; a cluster may be in both."""
    names = ("difference", "difference_lower", "difference_upper")
    if mask.all():
        return dict.fromkeys(names, np.nan)
    of, clusters = scoring.factorized(list(segments["group"]))
    wrong = segments["wrong"].to_numpy(dtype=float)
    sums = np.zeros((2, 2, len(clusters)))
    np.add.at(sums, (mask.astype(int), 0, of), wrong)
    np.add.at(sums, (mask.astype(int), 1, of), 1.0)
    totals = sums.sum(axis=2)
    estimate = float(totals[1, 0] / totals[1, 1] - totals[0, 0] / totals[0, 1])
    few = min((sums[side, 1] > 0).sum() for side in (0, 1)) < scoring.MIN_CLUSTERS
    without = totals[:, :, None] - sums
    with np.errstate(invalid="ignore", divide="ignore"):
        replicates = without[1, 0] / without[1, 1] - without[0, 0] / without[0, 1]
    # The difference lies in [-1, 1]; moved up by one it is a share of two, as `interval` cuts it.
    found = scoring.interval(estimate + 1, replicates + 1, confidence_level, 2.0)
    ends = (np.nan, np.nan) if few else (found.lower - 1, found.upper - 1)
    return dict(zip(names, (estimate, *ends), strict=True))


def _needed(segments: pd.DataFrame) -> dict[str, float]:
    """Say how many segments each of two groups would need."""
    wrong = segments["wrong"].to_numpy()
    effect = design_effect(wrong, list(segments["group"]))
    share = float(wrong.mean())
    return {
        "design_effect": effect,
        "needed_05": needed_per_group(share, 0.05, effect),
        "needed_10": needed_per_group(share, 0.10, effect),
    }
