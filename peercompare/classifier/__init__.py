"""A linear classifier of stances: trained past consent, judged on unseen employers and workers, no pickle."""

from peercompare.classifier.abstention import coverage_table, with_label_sets
from peercompare.classifier.baselines import (
    dictionary_predictions,
    majority_predictions,
    source_only_predictions,
)
from peercompare.classifier.behaviour import behaviour_cases, behaviour_table
from peercompare.classifier.calibration import calibration_table
from peercompare.classifier.contributions import change_contributions, text_contributions
from peercompare.classifier.evaluation import (
    coder_scores,
    confusion_table,
    leave_one_genre_out,
    scores_table,
)
from peercompare.classifier.explanation import telling_terms
from peercompare.classifier.fairness import fairness_table
from peercompare.classifier.judging import EvaluationPlan, compare_predictions, evaluate, recalibrated
from peercompare.classifier.model import Model, train
from peercompare.classifier.persistence import load_model, save_model
from peercompare.classifier.pipeline import make_classifier
from peercompare.classifier.prediction import out_of_fold
from peercompare.classifier.splits import grouped_folds, near_duplicates
from peercompare.classifier.stance import StanceClassifier
from peercompare.classifier.suites import read_suite
from peercompare.classifier.training import bare_training_table, training_table
from peercompare.classifier.unlike import domain_table

__all__ = [
    "EvaluationPlan",
    "Model",
    "StanceClassifier",
    "bare_training_table",
    "behaviour_cases",
    "behaviour_table",
    "calibration_table",
    "change_contributions",
    "coder_scores",
    "compare_predictions",
    "confusion_table",
    "coverage_table",
    "dictionary_predictions",
    "domain_table",
    "evaluate",
    "fairness_table",
    "grouped_folds",
    "leave_one_genre_out",
    "load_model",
    "majority_predictions",
    "make_classifier",
    "near_duplicates",
    "out_of_fold",
    "read_suite",
    "recalibrated",
    "save_model",
    "scores_table",
    "source_only_predictions",
    "telling_terms",
    "text_contributions",
    "train",
    "training_table",
    "with_label_sets",
]
