"""Judging models as they will fare elsewhere: who is held out, groups, costs, chance, curves, comparisons."""

from peercompare.classifier.judging.comparing import compare_predictions
from peercompare.classifier.judging.costs import cost_matrix
from peercompare.classifier.judging.evaluating import EvaluationPlan, evaluate
from peercompare.classifier.judging.parts import EVALUATION_COLUMNS
from peercompare.classifier.judging.recalibrating import recalibrated

__all__ = [
    "EVALUATION_COLUMNS",
    "EvaluationPlan",
    "compare_predictions",
    "cost_matrix",
    "evaluate",
    "recalibrated",
]
