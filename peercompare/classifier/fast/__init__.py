"""Scoring many texts by the linear model: the same probabilities, several times as fast, part by part."""

from peercompare.classifier.fast.quick import quickened
from peercompare.classifier.fast.scorer import FastScorer
from peercompare.classifier.fast.streaming import Streamed, predict_stream

__all__ = ["FastScorer", "Streamed", "predict_stream", "quickened"]
