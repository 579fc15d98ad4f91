"""Names and places found by their context, with Presidio and a model that lies on this computer.

Presidio (MIT licence) is an extra: ``pip install "peercompare[deid]"``. Of its recognisers only the one that
reads the model's entities is used: the rules here cover the rest, and its e-mail recogniser fetches a list
from the network. Its spaCy engine downloads a model that is absent (``SpacyNlpEngine.load``); here an absent
model is refused before the engine sees its name, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from peercompare.deidentify.places import STATES
from peercompare.errors import InputError

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

MODEL_RULES = {"model_name": "name", "model_place": "place"}
"""Dates are left to the rules: a model takes "ten years" and "six o'clock" for dates too."""

ENTITIES = {"PERSON": "model_name", "LOCATION": "model_place"}
"""Presidio's entities, and the rules under which they are proposed."""

_EXTRA = 'pip install "peercompare[deid]"'


class TextModel(Protocol):
    """What finds names and places by context."""

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start and end in code points, and one of `MODEL_RULES`."""
        ...


class PresidioModel:
    """Presidio's analyser behind the narrow interface of `TextModel`.

    Parameters
    ----------
    engine : AnalyzerEngine
        With a recogniser of a model's entities.
    language : str
        The language of the texts, as Presidio calls it.
    threshold : float
        Least score, 0 to 1, of what is proposed.
    """

    def __init__(self, engine: AnalyzerEngine, language: str, threshold: float) -> None:
        self._engine = engine
        self._language = language
        self._threshold = threshold

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield names and places; states of the USA may stay and are passed over."""
        if not text.strip():
            return
        found = self._engine.analyze(
            text, language=self._language, entities=list(ENTITIES), score_threshold=self._threshold
        )
        for each in found:
            if each.entity_type in ENTITIES and text[each.start : each.end] not in _STATES:
                yield each.start, each.end, ENTITIES[each.entity_type]


def load_presidio(model: str, *, language: str = "en", threshold: float = 0.4) -> PresidioModel:
    """Load Presidio with a spaCy model that is installed here.

    Parameters
    ----------
    model : str
        Name of an installed model package, or the path of a model's folder.
    language : str, default "en"
        Its language.
    threshold : float, default 0.4
        Least score of what is proposed.

    Returns
    -------
    PresidioModel
        Ready to find.

    Raises
    ------
    InputError
        Where Presidio is not installed, or the model is not here. Nothing is downloaded.
    """
    try:
        import spacy.util
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NlpEngineProvider
    except ImportError:
        raise InputError("Presidio is not installed here", remedy=f"install the extra: {_EXTRA}") from None
    if not (spacy.util.is_package(model) or Path(model).is_dir()):
        raise InputError(
            f"The model {model!r} is not on this computer, and nothing is downloaded",
            remedy="install it yourself (python -m spacy download NAME), or give the path of its folder",
        )
    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": language, "model_name": model}]}
    engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
    registry = RecognizerRegistry(recognizers=[], supported_languages=[language])
    registry.add_nlp_recognizer(nlp_engine=engine)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])
    return PresidioModel(analyzer, language, threshold)


_STATES = frozenset(STATES.split("|"))
