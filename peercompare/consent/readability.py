"""How hard a text is to read: the Flesch-Kincaid grade, for English.

The formula looks at the length of sentences and words alone. It does not know whether a short word is known,
whether an order makes sense, or whether somebody has read the text; it was fitted on sailors reading manuals.
A low grade is a beginning: have the text read by those for whom it is meant.

No library is used: those at hand count syllables with word lists under the GPL.

References
----------
J. P. Kincaid, R. P. Fishburne, R. L. Rogers and B. S. Chissom (1975), "Derivation of New Readability
Formulas (Automated Readability Index, Fog Count and Flesch Reading Ease Formula) for Navy Enlisted
Personnel", Research Branch Report 8-75, Naval Technical Training Command, Millington.
"""

from __future__ import annotations

import re

from peercompare.errors import UndefinedError

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
_SENTENCE = re.compile(r"[^.!?]*[A-Za-z][^.!?]*(?:[.!?]+|$)")
# "like", "names", "jumped": the e is not heard; "table", "changes", "wanted": it is
_SILENT = re.compile(r"(?:[^aeiouyl]e|[aeiouy]le|[^aeiouytd]ed|[^aeiouycgszxh]es)$")


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of an English text.

    ``0.39 words / sentences + 11.8 syllables / words - 15.59``: about the school year of the United States
    whose pupils could read it.

    Parameters
    ----------
    text : str
        Running text. A sentence ends with a full stop, an exclamation or a question mark, or with the text.

    Returns
    -------
    float
        May be below 0 for very short words.

    Raises
    ------
    UndefinedError
        Where the text has no word.

    Examples
    --------
    >>> round(grade("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."), 1)
    11.3
    """
    words = _WORD.findall(text)
    if not words:
        raise UndefinedError("a text without words has no reading level")
    n_sentences = len(_SENTENCE.findall(text))
    n_syllables = sum(syllables(word) for word in words)
    return 0.39 * len(words) / n_sentences + 11.8 * n_syllables / len(words) - 15.59


def syllables(word: str) -> int:
    """Count the syllables of an English word by its groups of vowels, silent e's left out.

    Of 76 words tried when this was written 9 came out wrong, 8 of them one too low: a group of vowels may be
    two syllables ("being", "idea"). Grades of texts with many such words come out too low.

    Examples
    --------
    >>> [syllables(word) for word in ("team", "people", "computer", "jumped", "changes")]
    [1, 2, 3, 1, 2]
    """
    plain = re.sub(r"[^a-z]", "", word.lower())
    n_groups = len(re.findall(r"[aeiouy]+", plain))
    return max(1, n_groups - (1 if _SILENT.search(plain) else 0))
