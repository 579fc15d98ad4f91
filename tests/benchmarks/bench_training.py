"""Training side by side: this classifier, a scikit-learn pipeline, fastText and spaCy, on the same segments.

Run from the root of the repository: ``python tests/benchmarks/bench_training.py [--corpus NAME]``. The coded
segments of a shipped corpus; a fifth of its employers or workers is held out, and the value is
macro-F1 on these, so that fast training of a bad model shows. All get a segment's words and nothing else;
ours comes once more as it is trained by default, with context and the framework's examples. None was tuned
here: the others have what their documentation shows (fastText: 25 rounds, pairs of words, 2 to 5 characters;
spaCy: bag of words, ten rounds). fastText and spaCy get environments of their own. The floor is reading the
file and counting words.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from side_by_side import ROOT, Way, in_turn, keep

from peercompare.classifier import grouped_folds, training_table
from peercompare.classifier.training import leading_labels
from peercompare.corpus import open_corpus

READ = """
import json

def load(path):
    with open(path, encoding="utf-8") as stream:
        held = json.load(stream)
    return held["train"], held["test"], held["corpus"]

def macro_f1(named, truth):
    scores = []
    for label in sorted(set(truth)):
        both = sum(a == b == label for a, b in zip(named, truth))
        scores.append(2 * both / (named.count(label) + truth.count(label)))
    return sum(scores) / len(scores)
"""
OURS = """
from peercompare.classifier import StanceClassifier

def work(state):
    train, test, _ = state
    model = StanceClassifier(random_state=1)
    model.fit([row["text"] for row in train], [row["label"] for row in train],
              groups=[row["group"] for row in train])
    return macro_f1(list(model.predict([row["text"] for row in test])), [row["label"] for row in test])
"""
DEFAULT = """
from peercompare.classifier import train as train_model
from peercompare.classifier.training import analysed_segments, training_table
from peercompare.corpus import open_corpus

def work(state):
    _, test, folder = state
    corpus = open_corpus(folder, as_of="2024-06-30", purpose="training")
    truth = {row["segment_id"]: row["label"] for row in test}
    groups = {row["group"] for row in test}
    table = training_table(corpus)
    model = train_model(table[~table["group"].isin(groups)], corpus.framework, seed=1)
    held = analysed_segments(corpus)
    held = held[held["segment_id"].isin(truth)]
    named = list(model.named(model.probabilities(held)))
    return macro_f1(named, [truth[each] for each in held["segment_id"]])
"""
SKLEARN = """
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

def work(state):
    train, test, _ = state
    terms = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    fit = LogisticRegression(C=5.0, max_iter=1000, class_weight="balanced")
    model = make_pipeline(terms, CalibratedClassifierCV(fit, cv=5))
    model.fit([row["text"] for row in train], [row["label"] for row in train])
    return macro_f1(list(model.predict([row["text"] for row in test])), [row["label"] for row in test])
"""
FASTTEXT = """
import os
import tempfile
import fasttext

def work(state):
    train, test, _ = state
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "train.txt")
        with open(path, "w", encoding="utf-8") as stream:
            stream.writelines(f"__label__{row['label']} {' '.join(row['text'].split())}\\n" for row in train)
        model = fasttext.train_supervised(path, epoch=25, wordNgrams=2, minn=2, maxn=5, thread=1, verbose=0)
    named = [model.f.predict(" ".join(row["text"].split()) + "\\n", 1, 0.0, "strict")[0][1] for row in test]
    return macro_f1([name.removeprefix("__label__") for name in named], [row["label"] for row in test])
"""
SPACY = """
import random
import spacy
from spacy.training import Example
from spacy.util import minibatch

def work(state):
    train, test, _ = state
    nlp, labels = spacy.blank("en"), sorted({row["label"] for row in train})
    bow = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 2,
           "no_output_layer": False}
    kind = nlp.add_pipe("textcat", config={"model": bow})
    for label in labels:
        kind.add_label(label)
    rows = []
    for row in train:
        answer = {each: each == row["label"] for each in labels}
        rows.append(Example.from_dict(nlp.make_doc(row["text"]), {"cats": answer}))
    random.seed(1)
    nlp.initialize(lambda: rows)
    for _ in range(10):
        random.shuffle(rows)
        for batch in minibatch(rows, size=64):
            nlp.update(batch)
    named = [max(doc.cats, key=doc.cats.get) for doc in nlp.pipe(row["text"] for row in test)]
    return macro_f1(named, [row["label"] for row in test])
"""
FLOOR = """
def work(state):
    return float(sum(len(row["text"].split()) for rows in state[:2] for row in rows))
"""
WAYS = (
    Way("scikit-learn", READ + SKLEARN),
    Way("ours, words alone", READ + OURS),
    Way("ours, as by default", READ + DEFAULT),
    Way("fastText", READ + FASTTEXT, ("fasttext-wheel", "numpy")),
    Way("spaCy", READ + SPACY, ("spacy",)),
    Way("counting words", READ + FLOOR),
)


def write_data(path, name):
    """Write the coded segments of a corpus, each with its leading label, and which groups are held out."""
    folder = ROOT / "corpora" / name
    table = training_table(open_corpus(folder, as_of="2024-06-30", purpose="training"))
    rows = table.drop_duplicates("segment_id").set_index("segment_id")
    rows = rows.assign(label=leading_labels(table).reindex(rows.index))
    held = grouped_folds(rows["label"].tolist(), rows["group"].tolist(), n_folds=5, seed=1) == 0
    rows = rows.reset_index()[["segment_id", "text", "label", "group"]]
    parts = {"train": rows[~held], "test": rows[held]}
    content = {key: part.to_dict("records") for key, part in parts.items()} | {"corpus": str(folder)}
    path.write_text(json.dumps(content), encoding="utf-8")
    return int(np.sum(~held))


def main():
    """Compare, and keep the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", default="job_descriptions")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "segments.json"
        n_taught = write_data(data, options.corpus)
        table = in_turn(WAYS, data, rounds=options.rounds)
    keep("training", table, title=f"Training on {n_taught:,} segments, then naming those held out")


if __name__ == "__main__":
    main()
