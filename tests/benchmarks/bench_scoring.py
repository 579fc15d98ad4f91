"""Scoring by the linear model, fast and by its pipeline: python tests/benchmarks/bench_scoring.py [MODEL].

MODEL is one of the shipped corpora, by default the one that `make report` leaves in results/models.

Texts are composed, since nobody may have a million sessions: the first half of a shipped segment's words and
the second half of another's, and in a share of the words (``--new 0.02``) two letters that stood nowhere, as
misspelt words and names have. Every text is another one. Texts made so have fewer different words than real
ones of that number; the share of new words is there to make up for it, and both are shown.

Side by side in one process, in one order, the rounds interleaved: ratios of processor time with their lowest
and highest, never seconds alone.

``pipeline`` is the equal pipeline of scikit-learn's own parts: its vectorizers, each text read anew, and its
regression; ``model`` is `Model.probabilities`, which remembers texts and pieces that it met before.
``fastText`` is timed where ``--fasttext PYTHON`` names an interpreter that has it (it is no dependency): its
own supervised model of the shipped segments (50 dimensions, pairs of words, 2 to 5 characters), predict of
every label, one text a call. The floor is reading the bytes: hashing them.

How time and memory grow with the number of texts is measured by bench_growth.py.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from peercompare.classifier import load_model
from peercompare.classifier.fast import FastScorer
from peercompare.classifier.features import KIND_WEIGHTS
from peercompare.classifier.reading import read
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = [ROOT / "corpora" / name for name in ("job_descriptions", "session_transcripts")]
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))

FASTTEXT = """
import fasttext, json, sys, time
path, train = sys.argv[1:3]
model = fasttext.train_supervised(train, epoch=5, wordNgrams=2, minn=2, maxn=5, dim=50, thread=1, verbose=0)
texts = json.load(open(path))
for _ in range(int(sys.argv[3])):
    began = time.process_time()
    for text in texts:
        model.f.predict(text, -1, 0.0, "strict")
    print(time.process_time() - began)
"""


def segments():
    corpora = [open_corpus(path, as_of="2024-06-30", purpose="training") for path in CORPORA]
    return pd.concat([corpus.segments for corpus in corpora], ignore_index=True)["text"].tolist()


def composed(texts, n, *, new, seed):
    """Texts of halves of others, a share of whose words is new."""
    rng = np.random.default_rng(seed)
    words = [text.split(" ") for text in texts]
    found = []
    for first, second in rng.integers(len(words), size=(n, 2)):
        halves = words[first][: max(1, len(words[first]) // 2)] + words[second][len(words[second]) // 2 :]
        if new:
            odd = (rng.random(len(halves)) < new).nonzero()[0]
            for place, letters in zip(odd, rng.choice(LETTERS, size=(len(odd), 3)), strict=True):
                halves[place] = halves[place][:2] + "".join(letters) + halves[place][2:]
        found.append(" ".join(halves))
    return found


def spent(act):
    """Processor seconds that something takes."""
    began = time.process_time()
    act()
    return time.process_time() - began


def by_scikit_learn(model, texts):
    """Probabilities of texts by scikit-learn's own vectorizers and regression, as the model was fitted."""
    features, regression = model.pipeline.named_steps["features"], model.pipeline[-1]
    how = {"titles": features.titles, "mask": features.mask, "refusals": features.refusals}
    readings = [read(text, **how) for text in texts]
    kinds = {
        "word": features.word_.transform([each.marked for each in readings]),
        "char": features.char_.transform([each.plain for each in readings]),
        "kept": features.char_.transform([each.kept for each in readings]),
    }
    blocks = [weight * kinds[kind] for kind, weight in KIND_WEIGHTS.items()]
    if features.in_context_:
        before = int((~features.alone_columns()).sum())
        blocks = [sparse.csr_matrix((len(texts), before)), *blocks, np.ones((len(texts), 1))]
    return regression.predict_proba(sparse.hstack(blocks, format="csr"))


def fasttext_seconds(python, texts, big, labels, rounds):
    """Processor seconds of fastText for the texts, in each round."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        named = [
            f"__label__{label} {' '.join(text.split())}\n" for text, label in zip(texts, labels, strict=True)
        ]
        (folder / "train.txt").write_text("".join(named), encoding="utf-8")
        (folder / "texts.json").write_text(json.dumps([" ".join(text.split()) + "\n" for text in big]))
        names = [folder / name for name in ("texts.json", "train.txt")]
        told = subprocess.run(
            [python, "-c", FASTTEXT, *map(str, names), str(rounds)],
            capture_output=True,
            text=True,
            check=True,
        )
    return [float(line) for line in told.stdout.split()]


def compared(model, texts, options, new):
    """Rows of the table: each way, its ratio to the pipeline, lowest and highest of the rounds."""
    big = composed(texts, options.rows, new=new, seed=1)
    scorer, raw = FastScorer(model), "\n".join(big).encode()
    scorer.probabilities(composed(texts, options.rows, new=new, seed=2))
    found = [by_scikit_learn(model, big[:1000]), model.probabilities(big[:1000])]
    differ = max(np.abs(each - scorer.probabilities(big[:1000])).max() for each in found)
    times = {"pipeline": [], "model": [], "fast": [], "floor": []}
    for number in range(options.rounds):
        fresh = composed(texts, options.rows, new=new, seed=10 + number)
        times["pipeline"].append(spent(lambda: by_scikit_learn(model, big)))
        times["model"].append(spent(lambda given=fresh: model.probabilities(given)))
        times["fast"].append(spent(lambda given=fresh: scorer.probabilities(given)))
        times["floor"].append(spent(lambda: [hashlib.sha256(raw) for _ in range(100)]) / 100)
    if options.fasttext:
        named = model.named(model.probabilities(texts))
        times["fastText"] = fasttext_seconds(options.fasttext, texts, big, named, options.rounds)
    rows = []
    for name, seconds in times.items():
        ratios = [slow / one for slow, one in zip(times["pipeline"], seconds, strict=True)]
        each = statistics.median(seconds) / len(big) * 1e6
        rows.append([new, name, len(big), statistics.median(ratios), min(ratios), max(ratios), each])
    sys.stderr.write(f"largest difference of a probability, {new:.0%} new words: {differ:.1e}\n")
    return rows


def show(table):
    sys.stdout.write(f"{table.to_string(index=False)}\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", default=ROOT / "results" / "models" / "stance.skops")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--new", type=float, nargs="+", default=[0.0, 0.02])
    parser.add_argument("--fasttext", metavar="PYTHON")
    options = parser.parse_args()
    model, texts = load_model(options.model, corpora=CORPORA), segments()
    rows = [row for new in options.new for row in compared(model, texts, options, new)]
    columns = "new_words way n_texts ratio lowest highest microseconds".split()
    show(pd.DataFrame(rows, columns=columns).round(2))


if __name__ == "__main__":
    main()
