"""Write the example of somebody else's predictions: the framework's own words as a model of job descriptions.

Any model can stand in its place. What matters is the form of the table: a row for every segment, its id, and
a probability for each label that sums to 1 over the labels; see the README beside the notebooks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from peercompare.classifier import dictionary_predictions
from peercompare.corpus import open_corpus
from peercompare.files import write_atomically

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / "corpora" / "job_descriptions"
EXAMPLE = HERE / "framework_words.csv"


def example(corpus_folder: Path = CORPUS) -> str:
    """Return the example as the text of a CSV file, probabilities to three decimals."""
    corpus = open_corpus(corpus_folder)
    table = dictionary_predictions(corpus)[["segment_id", *corpus.framework.labels]]
    return table.to_csv(index=False, float_format="%.3f", lineterminator="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=EXAMPLE)
    write_atomically(parser.parse_args().out, example())
