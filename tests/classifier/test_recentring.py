"""Labels named beside their mean over the texts of another genre."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.decision import NAMED
from peercompare.classifier.recentring import recentred
from peercompare.errors import InputError

LABELS = ("none", "low", "high")


@pytest.fixture
def shy(rng):
    """Predictions that lean to the right label and hardly ever name "high", since it was rare in training."""
    truth = rng.choice(3, size=300)
    lean = 1.5 * np.eye(3)[truth] + np.log([0.70, 0.28, 0.02]) + rng.normal(scale=0.3, size=(300, 3))
    found = np.exp(lean) / np.exp(lean).sum(axis=1, keepdims=True)
    rows = pd.DataFrame(found, columns=list(LABELS)).assign(segment_id=[f"s{n}" for n in range(300)])
    return rows, np.array(LABELS)[truth]


def test_labels_that_were_rare_in_training_are_named_again(shy):
    rows, truth = shy
    before = rows[list(LABELS)].idxmax(axis=1)
    after = recentred(rows, LABELS)[NAMED]
    assert (before == "high").sum() == 0
    assert (after == truth).mean() > 0.85 > (before == truth).mean()


def test_probabilities_and_other_columns_stay(shy):
    rows, _ = shy
    pd.testing.assert_frame_equal(recentred(rows, LABELS).drop(columns=NAMED), rows)


def test_a_label_that_no_segment_can_have_is_never_named(shy):
    rows, _ = shy
    assert "high" not in set(recentred(rows.assign(high=0.0), LABELS)[NAMED])


def test_few_segments_are_refused(shy):
    with pytest.raises(InputError, match="99 segments are too few"):
        recentred(shy[0].head(99), LABELS)
