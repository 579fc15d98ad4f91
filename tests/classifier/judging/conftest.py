"""A model that remembers who taught it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest


@dataclass
class Noted:
    """A model that predicts the first label, or by a word, and remembers who taught it."""

    rows: pd.DataFrame
    settings: dict
    model_id: str = "noted"

    def answers(self, table, fold=-1):
        found = self.probabilities(table)
        labels = ["none", "shared", "both", "managed"]
        rows = pd.DataFrame(found, columns=labels).assign(segment_id=table["segment_id"].to_numpy())
        named = np.array(labels, dtype=object)[found.argmax(axis=1)]
        return rows.assign(fold=fold, model_id=self.model_id, named=named)

    def probabilities(self, table):
        texts = list(table["text"])
        found = np.full((len(texts), 4), 0.1)
        knows = self.settings.get("knows")
        words = {
            "Fresh": 2,
            "Clean": 2,
            "Oil": 2,
            "We": 1,
            "Our": 1,
            "Everyone": 1,
            "The": 3,
            "Sign": 3,
            "Each": 3,
        }
        places = [words.get(text.split()[0], 0) if knows else 0 for text in texts]
        found[np.arange(len(found)), places] = 0.7
        return found


@pytest.fixture
def noting():
    """A fit that keeps what it was given."""
    taught = []

    def fit(rows, settings):
        taught.append(Noted(rows, dict(settings)))
        return taught[-1]

    return fit, taught
