"""Suites of minimal pairs are read whole or refused with every fault."""

import pytest

from peercompare.classifier.suites import BehaviourTest, read_suite
from peercompare.errors import InputError
from peercompare.framework import read_framework, shipped_framework

HEAD = 'framework = "garden2020"\ntitle = "Pairs"\nmin_change = 0.05\n'
TEST = '[[tests]]\nid = "who"\nkind = "invariance"\nabout = "x"\n'
TEST += 'sentences = ["Ann digs"]\nwords = [["Ann", "Bo"]]\n'


def written(folder, text):
    path = folder / "suite.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_exchange_is_a_case_and_words_stand_whole():
    test = BehaviourTest(
        "who",
        "x",
        "invariance",
        ("Ann plants, Ann digs", "Anna rests"),
        (("Ann", "Bo", "Cy"), ("rests", "naps")),
    )
    found = [(case.sentence, case.after) for case in test.cases]
    assert found == [(0, "Bo plants, Bo digs"), (0, "Cy plants, Cy digs"), (1, "Anna naps")]


def test_shipped_suites_speak_of_shipped_frameworks_and_their_labels():
    (name,) = (name for name in shipped_framework() if name == "deegan2017")
    suite, framework = read_suite(name), read_framework(name)
    assert suite.framework == framework.id
    assert {test.label for test in suite.tests} - {""} <= set(framework.labels)
    assert {test.kind for test in suite.tests} == {"invariance", "direction"}
    assert all(case.before != case.after for test in suite.tests for case in test.cases)


def test_sentences_of_the_shipped_suite_stand_in_no_corpus(corpora_folder):
    texts = "\n".join(path.read_text(encoding="utf-8") for path in corpora_folder.glob("*/texts/*.txt"))
    sentences = {sentence for test in read_suite("deegan2017").tests for sentence in test.sentences}
    # short everyday sentences may stand anywhere
    assert not [each for each in sentences if each in texts and len(each.split()) > 6]


def test_a_suite_of_ones_own_is_read(tmp_path):
    suite = read_suite(written(tmp_path, HEAD + TEST))
    assert (suite.framework, suite.min_change, len(suite.tests[0].cases)) == ("garden2020", 0.05, 1)


FAULTS = [
    ("title = 1\n" + TEST, ["framework: missing", "title: missing, or no text", "min_change: missing"]),
    (HEAD, ["tests: there is none"]),
    ("colour = 1\n" + HEAD + TEST, ["colour: unknown key"]),
    (HEAD + TEST + TEST, ["number 2 (who): the id stands twice"]),
    (
        HEAD + TEST.replace('"invariance"', '"guess"'),
        ["unknown kind 'guess' (allowed: invariance, direction)"],
    ),
    (HEAD + TEST.replace('"invariance"', '"direction"'), ["label is missing", "unknown move None"]),
    (HEAD + TEST.replace('[["Ann", "Bo"]]', '[["Ann"]]'), ["lists of two or more texts"]),
    (HEAD + TEST.replace('"Ann digs"', '"Ann digs", "Cy digs"'), ["nothing is exchanged in sentence 2"]),
    (HEAD + TEST.replace('"Ann digs"', '"An digs"'), ["the first of words 1 stands in no sentence"]),
    (HEAD + TEST.replace('"Ann digs"', "3"), ["a sentence is no text"]),
    (HEAD + TEST + 'moves = "falls"\n', ["unknown key 'moves'"]),
    (HEAD.replace("0.05", "5") + TEST, ["min_change: missing, or not a number between 0 and 1"]),
    ('tests = ["a"]\n' + HEAD, ["number 1: no table of its own"]),
    ("framework =", ["cannot be read as TOML"]),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_faulty_suite_is_refused_with_all_its_faults(tmp_path, text, said):
    with pytest.raises(InputError) as refused:
        read_suite(written(tmp_path, text))
    assert [words for words in said if words not in str(refused.value)] == []


def test_a_suite_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no suite of minimal pairs garden2020"):
        read_suite("garden2020")
    with pytest.raises(InputError, match=r"no suite of minimal pairs .*absent\.toml"):
        read_suite(tmp_path / "absent.toml")
