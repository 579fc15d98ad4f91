"""What we write ourselves: no number that no table gave, no word of the system for people."""

import ast
import re
from string import Formatter

import pytest

from peercompare.report import sentences, wording
from peercompare.report.references import PLACE

DOCS = (
    "README.md",
    "FOR_PARTICIPANTS.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "notebooks/GUIDE.md",
    "notebooks/README.md",
    "corpora/README.md",
)


def templates():
    """Every sentence with a reference, by its name."""
    found = {}
    for name, value in vars(sentences).items():
        if name.isupper():
            found |= {name: value} if isinstance(value, str) else {f"{name}.{k}": v for k, v in value.items()}
    return found


def test_no_template_holds_a_number():
    assert len(templates()) > 40
    for name, template in templates().items():
        assert re.search(r"\d", PLACE.sub("", template).replace("macro-F1", "")) is None, name


def test_no_fixed_words_hold_a_number():
    for text in wording.ALL_WORDS:
        assert re.search(r"\d", text) is None, text


def test_the_tests_above_would_see_a_number():
    assert re.search(r"\d", PLACE.sub("", "Of {row.n_documents:n document}, 13 are peer."))


def test_every_fixed_text_is_on_the_list_that_is_read():
    own = {value for name, value in vars(wording).items() if name.isupper() and isinstance(value, str)}
    for name, value in vars(wording).items():
        if name.isupper() and isinstance(value, dict):
            own |= set(value.values())
    assert own - {wording.CREDIT_OF} <= set(wording.ALL_WORDS)


def test_sentences_with_numbers_are_made_in_one_place(request):
    """A claim made by hand could hold any number: `say` alone makes them, but for words that are listed."""
    folder = request.config.rootpath / "peercompare" / "report"
    wrong = []
    for path in folder.glob("*.py"):
        if path.name in {"references.py", "claims.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "claim":
                text = node.args[0]
                numbers = [
                    part for part in getattr(text, "values", []) if isinstance(part, ast.FormattedValue)
                ]
                if any("reasons_in_words" not in ast.unparse(part) for part in numbers):
                    wrong.append(f"{path.name}:{node.lineno}")
    assert not wrong


def prose(text):
    """Return a document without code, which names columns of other tools."""
    return re.sub(r"```.*?```|`[^`]*`|<!--.*?-->", " ", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def our_words(request):
    root = request.config.rootpath
    found = {name: prose((root / name).read_text(encoding="utf-8")) for name in DOCS}
    found |= {name: " ".join(f[0] for f in Formatter().parse(text)) for name, text in templates().items()}
    found |= {f"wording {place}": text for place, text in enumerate(wording.ALL_WORDS)}
    for path in (root / "peercompare" / "report" / "templates").rglob("*.*"):
        found[path.name] = path.read_text(encoding="utf-8")
    return found


def system_words(text, framework):
    """Return words of the system for people, without names that people claim for themselves."""
    for country, words in framework.system_language.items():
        kept = re.sub("|".join(framework.system_language_exempt[country]), " ", text, flags=re.IGNORECASE)
        yield from (word for word in words if re.search(rf"\b(?:{word})s?\b", kept, re.IGNORECASE))


def test_our_own_words_hold_no_word_of_the_system_for_people(our_words, deegan):
    assert len(our_words) > 100
    for name, text in our_words.items():
        assert not list(system_words(text, deegan)), name


def test_the_test_above_would_see_one(deegan):
    assert "client" in list(system_words("They see four clients a day.", deegan))
    assert not list(system_words("A consumer/survivor and ex-patient group.", deegan))
