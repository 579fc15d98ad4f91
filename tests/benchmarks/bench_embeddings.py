"""How models on embeddings fare: python tests/benchmarks/bench_embeddings.py ENCODER [OUT.csv] [--tuned].

On each shipped corpus, out of five grouped folds (whole employers or workers held out, near-duplicates with
them): the classifier of the base install, frozen embeddings, with --tuned a fine-tuned encoder, and pools of
them. In each fold every classifier is fitted once; what pools and calibrates them and the rule that names
labels are fitted to the predictions of the other folds. `peercompare evaluate --model stack` fits these in
inner folds of each fold instead, which takes four times as long; --product KIND measures that too, the kind
of model as `learner` makes it, and with --genres both ways. With OUT.csv the table is written after each
corpus; rows of it that are not measured again stay. With --examples the coded examples that come with the
framework teach too, those of the corpus's own genre. With --genres what is trained on the whole of one corpus
is tried on the other, its pool and rule fitted to the folds above: with --examples also after the examples of
the other genre. What was chosen (heads, layers, epochs) was chosen on folds of these same corpora, seed 1.
"""

import argparse
import sys
import time
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone

from peercompare.classifier import out_of_fold, scores_table, training_table
from peercompare.classifier.decision import NAMED, choose_rule
from peercompare.classifier.embeddings import learner, make_stack, user_cache
from peercompare.classifier.embeddings.learning import FINETUNED, KINDS, NGRAM
from peercompare.classifier.embeddings.stack import LEAST, fit_pool
from peercompare.classifier.evaluation import EXAMPLES_TOO, genre_out_predictions
from peercompare.classifier.examples import EXAMPLES_WEIGHT, example_rows, groups_of, with_examples
from peercompare.classifier.recentring import recentred
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.training import analysed_segments, leading_labels
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ("job_descriptions", "session_transcripts")
NONE, OWN, TESTED = "none", "own genre", "own and tested genre"
KEYS = ["corpus", "model", "seed", "examples", "n_examples", "naming"]


def classifiers(corpus, encoder, seed, *, tuned):
    """Make the unfitted classifiers, by name."""
    stack = make_stack("stack", encoder, seed=seed, framework=corpus.framework, cache=user_cache())
    return [(name, each) for name, each in stack.estimators if tuned or name != FINETUNED]


def fit(name, estimator, rows, labels):
    """Fit one classifier to training rows; examples among them are held out nowhere."""
    groups = {"groups": groups_of(rows)} if name == NGRAM else {}
    y = pd.Index(labels).get_indexer(rows["label"])
    return clone(estimator).fit(rows, y, sample_weight=rows["weight"].to_numpy(), **groups)


def members(corpus, chosen, seed, *, weight, n_folds=5):
    """Predict out of fold by each classifier; return probabilities by name, folds and seconds."""
    table, segments = training_table(corpus), analysed_segments(corpus)
    leading = segments["segment_id"].map(leading_labels(table)).fillna("")
    folds = grouped_folds(leading, segments["group"], n_folds=n_folds, seed=seed)
    found = {name: np.zeros((len(segments), len(corpus.framework.labels))) for name, _ in chosen}
    seconds = dict.fromkeys(found, 0.0)
    for _, test, teaching in held_out(folds, near_duplicates(segments["text"])):
        rows = table[table["segment_id"].isin(set(segments["segment_id"][teaching]))].reset_index(drop=True)
        rows = with_examples(rows, corpus.framework, weight=weight, apart_from=segments["text"])
        for name, each in chosen:
            start = time.perf_counter()
            fitted = fit(name, each, rows, corpus.framework.labels)
            found[name][np.ix_(test, fitted.classes_)] = fitted.predict_proba(segments[test])
            seconds[name] += time.perf_counter() - start
    return found, folds, seconds


def logs_of(names, found):
    """Lay out log probabilities, shape (n_segments, n_classifiers, n_labels)."""
    return np.log(np.clip(np.stack([found[name] for name in names], axis=1), LEAST, 1.0))


def learn_pool(corpus, logs, kept=None):
    """Fit a pool and a rule to out-of-fold answers, those of some segments if `kept` is given."""
    segments, table = analysed_segments(corpus), training_table(corpus)
    row = pd.Index(segments["segment_id"]).get_indexer(table["segment_id"])
    use = np.ones(len(row), dtype=bool) if kept is None else kept[row]
    y = pd.Index(corpus.framework.labels).get_indexer(table["label"])[use]
    weights, told = table["weight"].to_numpy()[use], logs[row[use]]
    pool = fit_pool(told, y, weights)
    return pool, choose_rule(pool.probabilities(told), y, weights)


def predictions(corpus, told, rule):
    """Lay out probabilities and the labels a rule names, as a predictions table."""
    labels = np.array(corpus.framework.labels)
    frame = pd.DataFrame(told, columns=labels).assign(segment_id=analysed_segments(corpus)["segment_id"])
    return frame.assign(**{NAMED: labels[(told * rule).argmax(axis=1)].astype(object)})


def pooled(corpus, names, found, folds):
    """Pool some classifiers; each fold's pool and rule are fitted to the other folds."""
    logs, rules = logs_of(names, found), np.ones((len(folds), len(corpus.framework.labels)))
    told = np.zeros_like(rules)
    for fold in range(folds.max() + 1):
        here = folds == fold
        pool, rules[here] = learn_pool(corpus, logs, ~here)
        told[here] = pool.probabilities(logs[here])
    return predictions(corpus, told, rules)


def score_row(corpus, predicted, about):
    """Score one predictions table."""
    at = scores_table(corpus, predicted, waive=True).set_index(["score", "label"])
    whole = at.loc[("macro_f1", "")]
    return {
        **about,
        "macro_f1": whole["estimate"],
        "lower": whole["lower"],
        "upper": whole["upper"],
        "calibration_error": at.loc[("calibration_error", ""), "estimate"],
        **{f"f1_{label}": at.loc[("f1", label), "estimate"] for label in corpus.framework.labels},
    }


def subsets(found):
    """Yield every classifier and every pool of some."""
    for size in range(1, len(found) + 1):
        yield from combinations(found, size)


def rows_of(corpus, found, folds, about):
    """Score every classifier and every pool of some on what they had not seen of the corpus."""
    for names in subsets(found):
        named = {"corpus": corpus.name, "model": " + ".join(names), "naming": "rule", **about}
        yield score_row(corpus, pooled(corpus, names, found, folds), named)


def genre_rows(corpus, other, chosen, found, *, tested, weight, about):
    """Train on the whole of one corpus and score on another; `tested` adds the examples of its genre."""
    rows = training_table(corpus)
    if tested:
        rows = pd.concat([rows, example_rows(corpus.framework, [other.genre])], ignore_index=True)
    segments = analysed_segments(other)
    rows = with_examples(rows, corpus.framework, weight=weight, apart_from=segments["text"])
    told = {name: np.zeros((len(segments), len(corpus.framework.labels))) for name, _ in chosen}
    for name, each in chosen:
        fitted = fit(name, each, rows, corpus.framework.labels)
        told[name][:, fitted.classes_] = fitted.predict_proba(segments)
    for names in subsets(found):
        pool, rule = learn_pool(corpus, logs_of(names, found))
        plain = predictions(other, pool.probabilities(logs_of(names, told)), rule)
        named = {"corpus": f"{corpus.name} to {other.name}", "model": " + ".join(names), **about}
        if tested:
            named |= taught_by(corpus, other, weight=weight)
        yield score_row(other, plain, {**named, "naming": "rule"})
        yield score_row(other, recentred(plain, other.framework.labels), {**named, "naming": "recentred"})


def taught_by(corpus, other=None, *, weight):
    """Say which examples teach: none, those of a corpus's genre, or of the genre that is tested too."""
    genres = [each.genre for each in (corpus, other) if each is not None] if weight else []
    words = TESTED if other is not None else OWN
    n_examples = len(example_rows(corpus.framework, genres))
    return {"examples": words if weight else NONE, "n_examples": n_examples}


def product_rows(several, kind, options, seed, *, weight):
    """Score a kind of model as the package makes it: out of fold, and from genre to genre."""
    learn = learner(kind, options.encoder, cache=user_cache(), examples_weight=weight)
    for corpus in (several[name] for name in options.corpora):
        named = {"corpus": corpus.name, "model": f"{kind}, nested", "seed": seed, "naming": "rule"}
        named |= taught_by(corpus, weight=weight)
        yield score_row(corpus, out_of_fold(corpus, seed=seed, learn=learn), named)
    if not options.genres:
        return
    for corpus, name, found in genre_out_predictions(list(several.values()), seed=seed, learn=learn):
        other = next(each for each in several.values() if each is not corpus)
        named = {"corpus": f"{other.name} to {corpus.name}", "model": f"{kind}, nested", "seed": seed}
        named |= taught_by(other, corpus if name.endswith(EXAMPLES_TOO) else None, weight=weight)
        yield score_row(corpus, found, {**named, "naming": "rule"})
        yield score_row(corpus, recentred(found, corpus.framework.labels), {**named, "naming": "recentred"})


def written(rows, out):
    """Write the rows, with what the file held beside them, and return the table."""
    table = pd.DataFrame(rows).assign(measured=date.today().isoformat())
    if out and out.exists():
        before = pd.read_csv(out)
        table = pd.concat([before, table]).drop_duplicates(KEYS, keep="last")
    table = table[KEYS + [name for name in table.columns if name not in KEYS]].round(4)
    if out:
        table.to_csv(out, index=False)
    return table


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--tuned", action="store_true", help="with a fine-tuned encoder, which takes an hour")
    parser.add_argument("--examples", action="store_true", help="with the framework's coded examples")
    parser.add_argument("--genres", action="store_true", help="also from each corpus to the other")
    parser.add_argument("--product", choices=KINDS, help="this kind of model, nested, and nothing else")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--corpora", nargs="+", default=CORPORA, choices=CORPORA)
    options = parser.parse_args()
    rows, weight = [], EXAMPLES_WEIGHT if options.examples else 0.0
    opened = {
        name: open_corpus(ROOT / "corpora" / name, purpose=("analysis", "training"), as_of="2024-06-30")
        for name in CORPORA
    }
    for seed in options.seeds:
        if options.product:
            for row in product_rows(opened, options.product, options, seed, weight=weight):
                rows.append(row)
                sys.stdout.write(f"{written(rows, options.out).tail(1).to_string(index=False)}\n")
            continue
        for corpus in (opened[name] for name in options.corpora):
            chosen = classifiers(corpus, options.encoder, seed, tuned=options.tuned)
            found, folds, seconds = members(corpus, chosen, seed, weight=weight)
            about = {"seed": seed, **taught_by(corpus, weight=weight)}
            rows += rows_of(corpus, found, folds, about)
            written(rows, options.out)
            if options.genres:
                other = next(each for each in opened.values() if each is not corpus)
                for tested in (False, True)[: 1 + options.examples]:
                    rows += genre_rows(
                        corpus, other, chosen, found, tested=tested, weight=weight, about=about
                    )
                    written(rows, options.out)
            table = written(rows, options.out)
            sys.stdout.write(f"{table.to_string(index=False)}\nseconds of five fits: {seconds}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
