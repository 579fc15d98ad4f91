"""What was tried on frozen embeddings: python tests/benchmarks/bench_embedding_trials.py ENCODER [OUT.csv].

On each shipped corpus, out of five grouped folds (whole employers or workers held out, near-duplicates with
them), the framework's examples of its genre teaching: n-grams pooled with a head on frozen embeddings, as
`--model hybrid` is, and the same with one thing done otherwise. For each, macro-F1 and the difference from
the usual pool, paired on the same segments, with the interval of `compare_predictions` over employers or
workers; the mean over the fold seeds. Classifiers are fitted once in each fold, the n-grams uncalibrated;
pool and rule are fitted to the answers of the other folds. With OUT.csv the table is written after each
corpus.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from bench_embeddings import CORPORA, ROOT, pooled
from bench_model_ablations import COLUMNS, WHOLE, row_of
from scipy.linalg import cho_factor, cho_solve
from scipy.special import softmax
from sklearn.preprocessing import normalize

from peercompare.classifier import training_table
from peercompare.classifier.codebook import codebook_examples, title_words
from peercompare.classifier.embeddings.encoder import BATCH, batches, by_length, load_encoder, worded
from peercompare.classifier.embeddings.network import layers_of
from peercompare.classifier.embeddings.quadratic import SHARPNESS
from peercompare.classifier.examples import EXAMPLES_WEIGHT, example_rows, with_examples
from peercompare.classifier.prediction import UNCODED
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.stance import StanceClassifier
from peercompare.classifier.training import analysed_segments, leading_labels
from peercompare.corpus import open_corpus

OWN, DOCUMENT, BEFORE, AFTER = "text", "document", "before", "after"
LAST, MIDDLE, LARGEST = "sentence", "middle layer", "largest states"
USUAL = {(OWN, LAST): 1.0, (DOCUMENT, LAST): 0.7}
"""What the head of the package sees, and the length of each part."""

DEEPER = {(OWN, LAST): 0.8, (OWN, MIDDLE): 0.6, (DOCUMENT, LAST): 0.7}
BESIDE = {(BEFORE, MIDDLE): 0.35, (AFTER, MIDDLE): 0.35}
HEADS = {
    WHOLE: {"blocks": USUAL},
    "no document": {"blocks": {(OWN, LAST): 1.0}},
    "no examples for the head": {"weight": 0.0},
    "examples count 1 for the head": {"weight": 1.0},
    "neighbours' embeddings too": {"blocks": {**USUAL, (BEFORE, LAST): 0.4, (AFTER, LAST): 0.4}},
    "the middle layer too": {"blocks": DEEPER},
    "the middle layer and neighbours too": {"blocks": {**DEEPER, **BESIDE}},
    "the largest states of words too": {"blocks": {**DEEPER, (OWN, MIDDLE): 0.0, (OWN, LARGEST): 0.6}},
    "a cubic head": {"degree": 3, "alpha": 10.0},
}
POOLS = {
    "n-grams alone": ("ngram",),
    "the head alone": (WHOLE,),
    "the head alone, the middle layer and neighbours too": ("the middle layer and neighbours too",),
    "two heads pooled": ("ngram", WHOLE, "the middle layer and neighbours too"),
}
SECOND = "a second pass over neighbours' labels"


def states_of(encoder, texts, titles):
    """Embed texts, and pool what the middle layer and the last make of their words; by kind, unit rows."""
    import torch

    body = layers_of(encoder.network)
    kept, found = {}, {kind: np.zeros((len(texts), encoder.n_dimensions)) for kind in (LAST, MIDDLE, LARGEST)}
    for kind, layer in ((MIDDLE, body[(len(body) - 1) // 2]), (LARGEST, body[-1])):
        layer.register_forward_hook(lambda module, given, told, kind=kind: kept.update({kind: told}))
    plain = worded(texts, titles)
    with torch.inference_mode():
        for rows in batches(by_length(plain), BATCH):
            features = encoder.network.preprocess([plain[row] for row in rows])
            mask = features["attention_mask"].unsqueeze(-1)
            found[LAST][rows] = encoder.network(features)["sentence_embedding"].numpy()
            told = (kept[MIDDLE], kept[LARGEST])
            middle, last = (each[0] if isinstance(each, tuple) else each for each in told)
            found[MIDDLE][rows] = ((middle * mask).sum(1) / mask.sum(1)).numpy()
            found[LARGEST][rows] = last.masked_fill(mask == 0, -1e9).max(1).values.numpy()
    return {kind: normalize(values).astype(np.float32) for kind, values in found.items()}


def blocks_of(encoder, table, titles):
    """Embed segments, documents (as the mean of their lines) and neighbours, in every way."""
    lines = [[line for line in each.split("\n") if line.strip()] for each in table[DOCUMENT]]
    sides = table[[OWN, BEFORE, AFTER]].to_numpy().ravel()
    texts = sorted({*sides, *(line for each in lines for line in each)} - {""})
    states, at = states_of(encoder, texts, titles), {text: place for place, text in enumerate(texts)}
    found = {}
    for kind, values in states.items():
        padded = np.vstack([values, np.zeros_like(values[:1])])
        for side in (OWN, BEFORE, AFTER):
            found[side, kind] = padded[[at.get(text, -1) for text in table[side]]]
        mean = [padded[[at[line] for line in each]].mean(axis=0) if each else padded[-1] for each in lines]
        found[DOCUMENT, kind] = normalize(np.stack(mean))
    return found


def fitted(features, shares, weights, *, alpha, degree):
    """Fit the kernel regression of `fit_quadratic`, of any degree, kept as sums over rows."""
    weights = weights * (shares @ (weights.sum() / (shares.shape[1] * (weights @ shares))))
    root = np.sqrt(weights)[:, None].astype(np.float32)
    mean = weights @ shares / weights.sum()
    kernel = root * (1 + features @ features.T) ** degree * root.T
    kernel[np.diag_indices_from(kernel)] += alpha
    dual = root * cho_solve(cho_factor(kernel, lower=True), root * (shares - mean).astype(np.float32))
    return lambda asked: mean + (1 + asked @ features.T) ** degree @ dual


class Folds:
    """A corpus with its examples and folds, in which classifiers answer what they have not seen."""

    def __init__(self, corpus, encoder, seed):
        self.corpus, self.labels = corpus, list(corpus.framework.labels)
        self.segments, table = analysed_segments(corpus), training_table(corpus)
        whole = with_examples(table, corpus.framework, weight=EXAMPLES_WEIGHT)
        self.rows, self.examples = table, whole[len(table) :].reset_index(drop=True)
        votes = table.pivot_table(index="segment_id", columns="label", values="weight", aggfunc="sum")
        votes = votes.reindex(index=self.segments["segment_id"], columns=self.labels)
        self.coded, self.votes = votes.notna().any(axis=1).to_numpy(), votes.fillna(0.0).to_numpy()
        leading = self.segments["segment_id"].map(leading_labels(table)).fillna(UNCODED)
        self.folds = grouped_folds(leading, self.segments["group"], n_folds=5, seed=seed)
        self.turns = list(held_out(self.folds, near_duplicates(self.segments[OWN])))

    def ngrams(self, seed):
        """Return the probabilities of the n-gram classifier, uncalibrated."""
        told, framework = np.zeros(self.votes.shape), self.corpus.framework
        words = {"titles": title_words(framework), "codebook": codebook_examples(framework)}
        for _, test, teaching in self.turns:
            known = self.rows["segment_id"].isin(set(self.segments["segment_id"][teaching]))
            rows = pd.concat([self.rows[known], self.examples], ignore_index=True)
            model = StanceClassifier(calibrate=False, random_state=seed, **words)
            model.fit(rows, pd.Index(self.labels).get_indexer(rows["label"]), sample_weight=rows["weight"])
            told[test] = model.predict_proba(self.segments[test])
        return told

    def head(self, parts, *, blocks=USUAL, weight=EXAMPLES_WEIGHT, alpha=3.0, degree=2):
        """Return the probabilities of a head; `parts` are of the segments, then of the examples."""
        features = np.hstack([length * parts[each] for each, length in blocks.items() if length])
        own, examples = features[: len(self.votes)], features[len(self.votes) :]
        shares = np.eye(len(self.labels))[pd.Index(self.labels).get_indexer(self.examples["label"])]
        examples, shares = (examples, shares) if weight else (examples[:0], shares[:0])
        told = np.zeros(self.votes.shape)
        for _, test, teaching in self.turns:
            some = teaching & self.coded
            weights = np.append(np.ones(some.sum()), np.full(len(shares), weight))
            votes = np.vstack([self.votes[some], shares])
            answer = fitted(np.vstack([own[some], examples]), votes, weights, alpha=alpha, degree=degree)
            told[test] = softmax(SHARPNESS * answer(own[test]), axis=1)
        return told

    def second_pass(self, told):
        """Put beside what is told of each segment what is told of its neighbours and of its document."""
        frame, documents = pd.DataFrame(told), self.segments["document_id"].to_numpy()
        beside = frame.groupby(documents)
        sides = [beside.shift(step).fillna(1 / told.shape[1]).to_numpy() for step in (1, -1)]
        return {
            "own": told,
            "before": sides[0],
            "after": sides[1],
            "mean": beside.transform("mean").to_numpy(),
        }


def trials(corpus, encoder, seed, parts=None):
    """Yield what was tried and its predictions; and the embeddings, for the next seed."""
    folds = Folds(corpus, encoder, seed)
    if parts is None:
        both = pd.concat([folds.segments, folds.examples], ignore_index=True)
        parts = blocks_of(encoder, both, title_words(corpus.framework))
    found = {name: folds.head(parts, **how) for name, how in HEADS.items()}
    found["ngram"] = folds.ngrams(seed)
    pools = {**{name: ("ngram", name) for name in HEADS}, **POOLS}
    tables = {name: pooled(corpus, members, found, folds.folds) for name, members in pools.items()}
    again = folds.second_pass(tables[WHOLE][folds.labels].to_numpy())
    tables[SECOND] = pooled(corpus, tuple(again), again, folds.folds)
    return tables, parts


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--corpora", nargs="+", default=CORPORA, choices=CORPORA)
    options = parser.parse_args()
    encoder, rows = load_encoder(options.encoder), []
    for name in options.corpora:
        corpus = open_corpus(ROOT / "corpora" / name, purpose=("analysis", "training"), as_of="2024-06-30")
        parts, found = None, []
        for seed in options.seeds:
            tables, parts = trials(corpus, encoder, seed, parts)
            found.append(tables)
        n_examples = len(example_rows(corpus.framework, [corpus.genre]))
        about = {"n_examples": n_examples, "measured": date.today().isoformat()}
        for tried in found[0]:
            pair = ([each[of] for each in found] for of in (tried, WHOLE))
            rows.append({**row_of(corpus, tried, *pair), **about})
        table = pd.DataFrame(rows).reindex(columns=[*COLUMNS, *about])
        table = table.rename(columns={"left_out": "tried"}).round(4)
        sys.stdout.write(f"{table[table['corpus'] == name].to_string(index=False)}\n")
        sys.stdout.flush()
        if options.out:
            table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
