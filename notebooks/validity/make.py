"""Make simulated.csv: python notebooks/validity/make.py.

Draws 1,000 studies of each kind anew from the peer workers of the composed sessions (their words, their
codings, our out-of-fold predictions), tries every estimator on them, and keeps bias, coverage and width
beside this file. A kind that stands there with as many studies is not tried again, so that a run that was cut
short goes on; --again starts from nothing. Takes some five minutes of computing, shared out over two cores.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.classifier import out_of_fold
from peercompare.corpus import open_corpus
from peercompare.drift import corpus_scores, population, with_predictions
from peercompare.drift.redrawn import CLASSIFIERS, LEANS, Population, macro_f1, try_redrawn
from peercompare.drift.validity import RESULTS

HERE = Path(__file__).parent
CORPUS = HERE.parent.parent / "corpora" / "session_transcripts"
SEED = 20170621
AS_OF = "2024-06-30"
WORKERS = (8, 20, 60)
CODED = 0.25
ALWAYS = ("rectified", "expert_only", "predicted_only")
KIND = ["n_workers", "classifier", "error"]


def people():
    """Return the peer workers of the corpus as a population to draw from."""
    corpus = open_corpus(CORPUS, as_of=AS_OF)
    predictions = out_of_fold(corpus, seed=SEED)
    scores = with_predictions(corpus_scores(corpus), predictions, corpus.framework)
    chosen = population(scores, "worker_role", "peer", words="peer workers")
    return Population.of(chosen, corpus.framework)


def kinds():
    """List the kinds of study; codings of all segments know no classifier and are tried once a size."""
    for n_workers in WORKERS:
        for classifier in CLASSIFIERS:
            for error in LEANS:
                whole = (classifier, error) == ("ours", "stable")
                names = {"n_workers": n_workers, "classifier": classifier, "error": error}
                yield names, (*ALWAYS, "all_codings") if whole else ALWAYS


def tried(drawn_from, truth, number, names, estimators, replicates):
    """Try one kind of study, with a seed of its own."""
    asked = {"coded": CODED, "estimators": estimators, "replicates": replicates, "seed": (SEED, number)}
    table = try_redrawn(drawn_from, names, truth, **asked)
    guess = drawn_from.predicted(names["classifier"], names["error"], np.random.default_rng(SEED))
    return table.assign(macro_f1=macro_f1(drawn_from.truth, guess), coded=CODED)


def run(replicates, processes, path, *, again):
    """Try what was not tried yet, and keep each result as it comes."""
    columns = [*RESULTS, "macro_f1", "coded"]
    table = pd.read_csv(path) if path.exists() and not again else pd.DataFrame(columns=columns)
    table = table[table["n_replicates"] == replicates]
    done = set(table[KIND].itertuples(index=False, name=None))
    drawn_from = people()
    truth = drawn_from.truth_of(SEED)
    left = [(n, *kind) for n, kind in enumerate(kinds()) if tuple(kind[0].values()) not in done]
    with ProcessPoolExecutor(processes) as pool:
        waiting = [pool.submit(tried, drawn_from, truth, *kind, replicates) for kind in left]
        for number, future in enumerate(as_completed(waiting), start=1):
            table = pd.concat([table, future.result()], ignore_index=True) if len(table) else future.result()
            table = table.sort_values(KIND, kind="stable", ignore_index=True)[columns]
            table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
            sys.stderr.write(f"{number} of {len(left)} kinds of study\n")


def main():
    """Make the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "simulated.csv")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    run(options.replicates, options.processes, options.out, again=options.again)


if __name__ == "__main__":
    main()
