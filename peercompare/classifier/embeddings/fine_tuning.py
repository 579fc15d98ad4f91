"""A sentence encoder whose upper layers are trained on coded segments.

Plain fine-tuning: the mean of the last hidden states goes into a linear layer, the loss is the cross-entropy
against the shares of the votes, and the lower two thirds of the encoder stay as they are. Training all of it,
or half, took longer and was no better on employers and workers held out; nor were a second task (the
dimension of each code) and the words before a segment as the first of a pair.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.embeddings.encoder import (
    BATCH,
    Encoder,
    batches,
    by_length,
    deterministic,
    load_encoder,
    seed_of,
    worded,
)
from peercompare.classifier.embeddings.lessons import Lesson, lesson_of
from peercompare.classifier.embeddings.network import StanceNetwork, half_precision
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.targets import check_targets, text_tags
from peercompare.errors import InputError
from peercompare.progress import progress

if TYPE_CHECKING:
    import torch

BALANCE = 0.7
"""Classes count as the power of their shares that lies between none (0) and all the same (1)."""

WARM_UP = 0.1
WEIGHT_DECAY = 0.01
LONGEST_STEP = 1.0
COMMON = 1.5
"""An epoch reads of each class at most this many times the median number of texts of a class."""


class FineTunedClassifier(ClassifierMixin, BaseEstimator):
    """A sentence encoder with a linear layer on top, both trained, the encoder's lower layers left alone.

    Parameters
    ----------
    encoder : str, Path or Encoder
        As `load_encoder` takes it; it is copied, never changed.
    n_layers : int, optional
        How many of the upper layers are trained; a third of them where left out.
    epochs : int, default 5
        How often the texts are read.
    learning_rate : float, default 1.5e-4
        Of the topmost layer; each layer below takes nine tenths of the one above.
    head_rate : float, default 1e-3
        Of the linear layer.
    batch_size : int, default 32
    titles : tuple of str, default ()
        Titles of posts that are masked.
    random_state : int, RandomState or None
        Of the linear layer's start, of the order of the texts and of dropout. The same seed, rows, encoder
        and computer give the same model.

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    encoder_ : Encoder
        The one it started from.
    network_ : StanceNetwork
    precision_ : str
        In which it was trained: "bfloat16" where the processor computes with it, else "float32". Predictions
        are made in float32 everywhere.

    References
    ----------
    Howard, J. and Ruder, S. (2018). Universal language model fine-tuning for text classification. ACL,
    328-339. doi:10.18653/v1/P18-1031
    """

    def __init__(
        self,
        encoder: str | Path | Encoder = "sentence-transformers/all-MiniLM-L6-v2",
        *,
        n_layers: int | None = None,
        epochs: int = 5,
        learning_rate: float = 1.5e-4,
        head_rate: float = 1e-3,
        batch_size: int = 32,
        titles: tuple[str, ...] = (),
        random_state: Any = None,
    ) -> None:
        self.encoder = encoder
        self.n_layers = n_layers
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.head_rate = head_rate
        self.batch_size = batch_size
        self.titles = titles
        self.random_state = random_state

    def fit(self, X: Texts, y: Any, sample_weight: Any = None) -> FineTunedClassifier:
        """Train.

        Parameters
        ----------
        X : sequence of str, or DataFrame with ``text``
        y : array-like, shape (n_texts,)
        sample_weight : array-like, shape (n_texts,), optional
            Rows of one text with several classes are learned as shares of a vote.

        Returns
        -------
        FineTunedClassifier
        """
        texts = worded(as_inputs(X)["text"], self.titles)
        y, weights = check_targets(y, sample_weight, len(texts))
        if self.epochs < 1 or self.batch_size < 1:
            raise InputError("epochs and batch_size must be 1 or more")
        self.encoder_ = load_encoder(self.encoder)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.precision_ = "bfloat16" if half_precision() else "float32"
        seed = seed_of(self.random_state)
        with deterministic(seed):
            self.network_ = StanceNetwork(self.encoder_, len(self.classes_), n_layers=self.n_layers)
            self._train(lesson_of(texts, codes, weights), np.random.default_rng(seed))
        return self

    def _train(self, lesson: Lesson, rng: np.random.Generator) -> None:
        """Go through the epochs."""
        import torch

        network = self.network_.train()
        plans = [self._plan(lesson, rng) for _ in range(self.epochs)]
        total = sum(map(len, plans))
        steps = [rows for plan in plans for rows in plan]
        optimizer = torch.optim.AdamW(
            network.rates(self.learning_rate, self.head_rate), weight_decay=WEIGHT_DECAY
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, total))
        targets = torch.tensor(lesson.shares * _class_weights(lesson), dtype=torch.float32)
        for rows in progress(steps, description="fine-tuning"):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision_ == "bfloat16"):
                logits = network([lesson.texts[row] for row in rows])
            loss = _loss(logits.float(), targets[rows], lesson.weights[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.trained(), LONGEST_STEP)
            optimizer.step()
            schedule.step()
        network.eval()

    def _plan(self, lesson: Lesson, rng: np.random.Generator) -> list[np.ndarray]:
        """Draw the batches of an epoch: texts of like length together, batches in any order."""
        leading = lesson.shares.argmax(axis=1)
        counts = np.bincount(leading, minlength=lesson.shares.shape[1])
        most = int(np.ceil(COMMON * np.median(counts[counts > 0])))
        drawn = [rng.permutation(np.flatnonzero(leading == each))[:most] for each in range(len(counts))]
        rows = rng.permutation(np.concatenate(drawn))
        lengths = np.array([len(lesson.texts[row]) for row in rows]) + rng.uniform(0, 40, size=len(rows))
        parts = batches(rows[np.argsort(lengths, kind="stable")], self.batch_size)
        return [parts[place] for place in rng.permutation(len(parts))]

    def decision_function(self, X: Texts) -> np.ndarray:
        """Return the scores before the softmax, shape (n_texts, n_classes)."""
        import torch

        check_is_fitted(self)
        texts = worded(as_inputs(X)["text"], self.titles)
        found = np.empty((len(texts), len(self.classes_)))
        with deterministic(), torch.inference_mode():
            for rows in progress(batches(by_length(texts), BATCH), description="reading"):
                found[rows] = self.network_([texts[row] for row in rows]).float().numpy()
        return found

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Return one probability for each class and text, shape (n_texts, n_classes)."""
        return softmax(self.decision_function(X), axis=1)

    def predict(self, X: Texts) -> np.ndarray:
        """Return the most probable class of each text."""
        return self.classes_[self.decision_function(X).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())


def _rate(step: int, total: int) -> float:
    """Let the learning rate rise over the first tenth of the steps and then fall to nothing."""
    return min(1.0, (step + 1) / max(WARM_UP * total, 1)) * max(0.0, 1 - step / total)


def _class_weights(lesson: Lesson) -> np.ndarray:
    """Weigh classes against their shares."""
    totals = lesson.weights @ lesson.shares
    return (totals.sum() / (len(totals) * totals)) ** BALANCE


def _loss(logits: torch.Tensor, targets: torch.Tensor, weights: np.ndarray) -> torch.Tensor:
    """Return the mean cross-entropy of a batch; a text of twice the weight counts twice."""
    import torch

    each = -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1)
    shares = torch.tensor(weights / weights.sum(), dtype=torch.float32)
    return (shares * each).sum()
