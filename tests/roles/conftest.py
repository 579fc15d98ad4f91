"""Small gardens: documents of the tiny framework whose roles are known because they were made so."""

import pandas as pd
import pytest


@pytest.fixture
def segments():
    """Five documents by three gardens, three sentences each."""
    texts = {
        "a": ["The shed is open.", "We eat together.", "Whoever holds the post has dug for years."],
        "b": ["You count the rakes.", "You weigh the beans.", "You never count the spades."],
        "c": ["You count the rakes.", "You weigh the beans.", "Nice view."],
        "d": ["The shed is open.", "The beans are good.", "Nice view."],
        "e": ["Count on us.", "You count the hoes, but nobody counts the seeds.", "Nice view."],
    }
    rows = [
        {"segment_id": f"{document}:{place}", "document_id": document, "position": place, "text": text}
        for document, sentences in texts.items()
        for place, text in enumerate(sentences, start=1)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def documents():
    """Title and garden of each document."""
    return pd.DataFrame(
        {
            "document_id": list("abcde"),
            "title": ["Gardener", "Gardener", "Warden", "Helper", "Warden"],
            "employer_id": ["G1", "G1", "G2", "G2", "G3"],
            "setting": ["allotment", "allotment", "allotment", "yard", "yard"],
        }
    )


@pytest.fixture
def predictions(segments):
    """One label for certain in each segment."""
    given = {
        "a": ["shared", "shared", "none"],
        "b": ["managed", "managed", "shared"],
        "c": ["managed", "managed", "none"],
        "d": ["shared", "both", "none"],
        "e": ["none", "managed", "none"],
    }
    labels = [label for row in given.values() for label in row]
    table = pd.get_dummies(pd.Series(labels)).astype(float)
    return table[["none", "shared", "both", "managed"]].assign(segment_id=segments["segment_id"])
