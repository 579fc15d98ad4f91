"""Counts of a table with rows and columns that would show few workers are withheld."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from peercompare import figures
from peercompare.classifier import confusion_table, out_of_fold, scores_table
from peercompare.classifier.showing import standing, withheld_grid, withheld_scores


def grid(cells):
    """Which workers stand in which cell, from a list for each cell of a table with two rows."""
    n_workers = 1 + max(worker for row in cells for cell in row for worker in cell)
    present = np.zeros((len(cells), len(cells[0]), n_workers), dtype=bool)
    for i, j in product(range(len(cells)), range(len(cells[0]))):
        present[i, j, list(cells[i][j])] = True
    return present


def test_a_cell_of_few_workers_takes_others_with_it_in_its_row_and_its_column():
    many = range(9)
    hidden = withheld_grid(grid([[[0, 1], many, many], [many, many, many], [many, many, many]])) != ""
    assert hidden[0, 0]
    assert hidden[0].sum() >= 2
    assert hidden[:, 0].sum() >= 2
    assert not hidden.all()


def test_cells_of_many_workers_and_empty_ones_stay():
    assert not (withheld_grid(grid([[range(6), []], [[], range(6)]])) != "").any()


def test_what_is_withheld_in_a_line_rests_on_five_workers_together():
    rng = np.random.default_rng(4)
    for _ in range(50):
        present = rng.random((4, 4, 9)) < 0.5
        hidden = withheld_grid(present) != ""
        for lines in (range(4), range(4)):
            for line in lines:
                for part, mask in ((present[line], hidden[line]), (present[:, line], hidden[:, line])):
                    together = part[mask].any(axis=0).sum()
                    assert together == 0 or together >= 5 or mask[part.any(axis=1)].all()


def spoken(garden, with_speakers):
    """The garden as a corpus of real speakers: seven workers."""
    corpus = with_speakers(garden)
    documents = corpus.documents.assign(worker_id=corpus.documents["plot_id"])
    return replace(corpus, documents=documents, composed=False)


def with_mistakes(corpus):
    """Predict the garden, and take for another label what the first two workers said."""
    found = out_of_fold(corpus, n_folds=2, seed=1)
    labels = list(corpus.framework.labels)
    few = sorted(set(corpus.documents["worker_id"]))[:2]
    document = found["segment_id"].map(corpus.segments.set_index("segment_id")["document_id"])
    theirs = document.map(corpus.documents.set_index("document_id")["worker_id"]).isin(few)
    found.loc[theirs, labels] = found.loc[theirs, [*labels[1:], labels[0]]].to_numpy()
    named = {label: labels[place - 1] for place, label in enumerate(labels)}
    return found.assign(named=found["named"].where(~theirs, found["named"].map(named)))


def test_confusions_of_few_workers_are_withheld_of_real_people_whatever_is_asked(garden, with_speakers):
    corpus = spoken(garden, with_speakers)
    found = with_mistakes(corpus)
    table = confusion_table(corpus, found, waive=True)
    assert table["n"].isna().any()
    assert table.loc[table["n"].isna(), "reason"].str.startswith("withheld").all()
    assert not table["waiver"].any()
    composed = confusion_table(replace(corpus, composed=True), found, waive=True)
    assert not composed["n"].isna().any()
    assert composed["waiver"].any()


def test_the_figure_says_how_many_confusions_are_withheld(garden, with_speakers):
    corpus = spoken(garden, with_speakers)
    table = confusion_table(corpus, with_mistakes(corpus))
    drawn = figures.confusion_matrix(table, corpus.framework)
    said = [text.get_text() for text in drawn.figure.findobj(lambda each: hasattr(each, "get_text"))]
    n = int(table["n"].isna().sum())
    assert said.count("withheld") == n
    assert any(f"Counts withheld: {n}" in " ".join(text.split()) for text in said)


SCORES = pd.DataFrame(
    [("accuracy", ""), ("brier", ""), ("cost", ""), ("recall", "a"), ("recall", "b"), ("recall", "c")],
    columns=["score", "label"],
)


def test_scores_do_not_give_back_hits_that_are_withheld():
    many = range(9)
    hit = withheld_scores(SCORES, "abc", grid([[[0, 1], many, many], [many, many, many], [many, many, many]]))
    assert [bool(each) for each in hit] == [True, False, True, True, True, True]
    none = withheld_scores(SCORES, "abc", grid([[many] * 3] * 3))
    assert not any(none)


def test_a_label_of_few_workers_shows_no_score_of_hits():
    many = range(9)
    present = grid([[[], [0, 1], []], [[], many, many], [[], many, many]])
    shown = dict(zip(SCORES["label"], withheld_scores(SCORES, "abc", present), strict=True))
    assert shown["a"].startswith("withheld")


def test_recall_of_real_people_gives_no_withheld_confusion_back(garden, with_speakers):
    corpus = spoken(garden, with_speakers)
    found = with_mistakes(corpus)
    table, scores = confusion_table(corpus, found), scores_table(corpus, found)
    hits = table[table["true"] == table["predicted"]]
    of_hits = scores[scores["score"].isin(["accuracy", "recall", "precision", "f1", "macro_f1"])]
    assert hits["n"].isna().any()
    assert of_hits["estimate"].isna().all()
    assert not scores[scores["score"] == "brier"]["estimate"].isna().any()


def test_whose_words_stand_where_is_counted_by_pair():
    present = standing((np.array([0, 0, 1]), np.array([0, 1, 1])), 2, np.array([0, 1, 1]))
    assert present.astype(int).tolist() == [[[1, 0], [0, 1]], [[0, 0], [0, 1]]]
