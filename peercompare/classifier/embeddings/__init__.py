"""Classifiers on sentence embeddings, frozen or fine-tuned, and stacks of them (extra `embeddings`).

Nothing heavy is imported here: torch is, where an encoder is loaded.
"""

from peercompare.classifier.embeddings.cache import EmbeddingCache, user_cache
from peercompare.classifier.embeddings.encoder import Encoder, load_encoder
from peercompare.classifier.embeddings.fine_tuning import FineTunedClassifier
from peercompare.classifier.embeddings.head import EmbeddingClassifier
from peercompare.classifier.embeddings.learning import EncoderModel, learner, make_stack, train_encoder
from peercompare.classifier.embeddings.nearest import nearest_coded
from peercompare.classifier.embeddings.stack import StackedClassifier

__all__ = [
    "EmbeddingCache",
    "EmbeddingClassifier",
    "Encoder",
    "EncoderModel",
    "FineTunedClassifier",
    "StackedClassifier",
    "learner",
    "load_encoder",
    "make_stack",
    "nearest_coded",
    "train_encoder",
    "user_cache",
]
