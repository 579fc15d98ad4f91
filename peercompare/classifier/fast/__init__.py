"""Scoring many texts by the linear model: the same probabilities, several times as fast."""

from peercompare.classifier.fast.scorer import FastScorer

__all__ = ["FastScorer"]
