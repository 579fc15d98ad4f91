"""What more coded documents bring: python tests/benchmarks/bench_learning_curve.py [OUT.csv].

On each shipped corpus: macro-F1 of the base classifier, by the number of
documents that teach beside the framework's examples (whole employers or workers held out), what lies ahead
where a power law fits, and what two coders reach with each other. Columns as those of
`peercompare.classifier.judging.evaluate`.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from peercompare.classifier import coder_scores
from peercompare.classifier.judging.curves import curve_rows, drawn_out, learning_curve
from peercompare.classifier.judging.designs import linear_fit, material_of
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ("session_transcripts", "job_descriptions")
COLUMNS = "corpus part design score label n_taught gain estimate lower upper n_clusters method reason".split()
LEVEL = 0.95


def curve_of(corpus, *, n_draws, n_sizes, seed):
    """Lay out the learning curve of a corpus and the coders beside it."""
    fit = linear_fit(corpus.framework, seed=seed, apart_from=corpus.segments["text"])
    curve = learning_curve(material_of(corpus), fit=fit, n_draws=n_draws, n_sizes=n_sizes, seed=seed)
    rows = curve_rows(curve, corpus.framework.labels, confidence_level=LEVEL)
    rows += drawn_out(curve, sizes=(1.5, 2.0, 4.0), gains=(0.02, 0.05), confidence_level=LEVEL)
    coders = coder_scores(corpus, waive=True)
    coders = coders[coders["score"] == "macro_f1"].assign(part="ladder", design="coders")
    return pd.concat([pd.DataFrame(rows).assign(part="curve"), coders]).assign(corpus=corpus.name)


def main():
    """Run both corpora and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--corpora", nargs="+", default=CORPORA)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--sizes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    how = {"n_draws": options.draws, "n_sizes": options.sizes, "seed": options.seed}
    found = []
    for name in options.corpora:
        found.append(curve_of(open_corpus(ROOT / "corpora" / name, as_of="2024-06-30"), **how))
        table = pd.concat(found, ignore_index=True).reindex(columns=COLUMNS).round(4)
        sys.stdout.write(table[table["label"].fillna("") == ""].to_string() + "\n")
        if options.out:
            table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
