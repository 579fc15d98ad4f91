"""Made-up garden notes whose labels follow from their words, so that the truth is known."""

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest

from peercompare.corpus import Consents, Corpus

NOWHERE = TemporaryDirectory(prefix="garden")
"""The folder that corpora of garden notes claim; a secret of theirs may be written there."""

TELLING = {
    "none": ["Bus leaves at nine", "Parking behind the hall", "Office phone number"],
    "shared": ["We dig together here", "Our shed stands open", "Everyone brings a bowl"],
    "both": ["Fresh beans taste good", "Clean rakes last longer", "Oil keeps the blade"],
    "managed": ["The warden counts rakes", "Sign the quota sheet", "Each plot is weighed"],
}
CODES = {"none": "none", "shared": "tools/shared", "both": "harvest/both", "managed": "harvest/managed"}
FILLER = "today tomorrow slowly often again near north south early late".split()


def rows_of_codings(segment_ids, labels, coder_id):
    """Primary codes by one coder."""
    return pd.DataFrame(
        {
            "segment_id": segment_ids,
            "coder_id": coder_id,
            "code": [CODES[label] for label in labels],
            "is_primary": True,
            "tags": "",
            "memo": "",
        }
    )


def note(label, rng):
    """A sentence that tells its label, with filler that does not."""
    return f"{rng.choice(TELLING[label])} {' '.join(rng.choice(FILLER, size=3, replace=False))}"


def slipped(labels, rng):
    """The labels as a coder gives them who draws one in ten at random."""
    return [str(rng.choice(list(TELLING))) if rng.random() < 0.1 else label for label in labels]


def garden_corpus(
    framework, *, n_plots=7, n_documents=2, n_segments=9, seed=3, name="garden", genre="garden_note"
):
    """A corpus of n_plots x n_documents x n_segments notes with gold and two coders who slip."""
    rng = np.random.default_rng(seed)
    documents, segments, labels = [], [], []
    for plot in range(n_plots):
        for number in range(n_documents):
            document = f"{name}-{plot}-{number}"
            documents.append(
                {
                    "document_id": document,
                    "title": f"Notes {number}",
                    "plot_id": f"P{plot}",
                    "setting": "allotment",
                }
            )
            for position in range(1, n_segments + 1):
                label = list(TELLING)[rng.choice(4, p=[0.4, 0.25, 0.1, 0.25])]
                labels.append(label)
                segment = f"{document}:{position:03d}"
                segments.append((segment, document, position, note(label, rng)))
    table = pd.DataFrame(segments, columns=["segment_id", "document_id", "position", "text"])
    ids = table["segment_id"]
    slips = [slipped(labels, rng) for _ in ("ann", "bo")]
    codings = pd.concat(
        [
            rows_of_codings(ids, given, who)
            for who, given in zip(["ann", "bo", "gold"], [*slips, labels], strict=True)
        ],
        ignore_index=True,
    )
    nothing = pd.DataFrame()
    return Corpus(
        name=name, title="Garden notes", genre=genre, composed=True, cluster="plot_id", licence="CC0",
        citation="made up", folder=Path(NOWHERE.name), framework=framework, purposes=("analysis",),
        as_of=None, policy="exclude", sha256="0" * 64, documents=pd.DataFrame(documents), segments=table,
        codings=codings, role_types=nothing, markers=nothing, events=nothing,
        left_out=pd.DataFrame(columns=["document_id", "person_id"]), consents=Consents(nothing),
    )  # fmt: skip


def spoken_corpus(corpus, *, without_training=()):
    """The same corpus, spoken: one worker on each plot, some of whom do not consent to training."""
    documents = corpus.documents.assign(speakers="W=" + corpus.documents["plot_id"])
    people = sorted(documents["plot_id"].unique())
    records = pd.DataFrame(
        {
            "purposes": [
                "analysis quotation" if who in without_training else "analysis quotation training"
                for who in people
            ],
            "granted_on": "2020-01-01", "expires_on": "", "withdrawn_on": "", "age_group": "adult",
            "guardian_consent": "", "assent": "", "legal_standing": "free", "extra_review": "",
        },
        index=pd.Index(people, name="person_id"),
    )  # fmt: skip
    segments = corpus.segments.assign(speaker="W")
    return replace(
        corpus, documents=documents, segments=segments, consents=Consents(records), as_of=date(2024, 6, 30)
    )


@pytest.fixture(scope="session")
def coding_rows():
    return rows_of_codings


@pytest.fixture(scope="session")
def make_garden(tiny_framework):
    return partial(garden_corpus, tiny_framework)


@pytest.fixture(scope="session")
def with_speakers():
    return spoken_corpus


@pytest.fixture(scope="session")
def garden(tiny_framework):
    return garden_corpus(tiny_framework)


@pytest.fixture(scope="session")
def garden_letters(tiny_framework):
    return garden_corpus(tiny_framework, n_plots=6, seed=11, name="letters", genre="garden_letter")


@pytest.fixture(scope="session")
def trained(garden, tiny_framework):
    from peercompare.classifier import train, training_table

    return train(
        training_table(garden), tiny_framework, seed=5, provenance={"corpora": {"garden": garden.sha256}}
    )


@pytest.fixture
def told_by_words(rng):
    """Make texts whose words tell the label in four cases of five; each group has a word of its own."""

    def made_up(n_groups, n_per_group):
        y = rng.choice(3, size=n_groups * n_per_group, p=[0.6, 0.1, 0.3])
        groups = np.repeat([f"group{number}" for number in range(n_groups)], n_per_group)
        told = np.where(rng.random(len(y)) < 0.8, y, rng.choice(3, size=len(y)))
        words = np.array(["bus car van", "apple pear plum", "red green blue"])
        texts = [f"{words[word]} {group}" for word, group in zip(told, groups, strict=True)]
        return texts, y, groups

    return made_up


@pytest.fixture
def taught_garden(monkeypatch, garden, tiny_framework):
    """Examples for the garden: its own words again, with as many others, said of another garden."""
    from peercompare.classifier import examples, training_table

    made = training_table(garden).assign(corpus=examples.EXAMPLES, weight=1.0, whose="")
    made = made.assign(segment_id="x:" + made["segment_id"], group="x:" + made["document_id"])
    made = made.assign(text=made["text"] + " beyond somebody else's wall, wherever that might be")
    made = made.drop_duplicates("segment_id")

    def rows_of(framework, genres=()):
        return made[made["genre"].isin(genres)].reset_index(drop=True)

    monkeypatch.setattr(examples, "example_rows", rows_of)
    monkeypatch.setattr(examples, "GENRES", ("garden_note", "garden_letter"))

    def facts_of(table, framework):
        n_taught = int(examples.are_examples(table).sum())
        return {"n": n_taught} if n_taught else None

    monkeypatch.setattr("peercompare.classifier.model.example_facts", facts_of)
    monkeypatch.setattr("peercompare.classifier.evaluation.example_rows", rows_of)
    return made
