"""A model card, written from what a model recorded and how it was measured; no number in it is typed.

Its sections are those of Mitchell et al. (2019), "Model cards for model reporting", FAT*, 220-229,
doi:10.1145/3287560.3287596, and one on when the model does not answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from peercompare.classifier import card_words as words
from peercompare.classifier.card_scores import as_it_is, limits_found, measured
from peercompare.classifier.model import Model
from peercompare.corpus import Corpus, read_manifest
from peercompare.corpus.folder import MANIFEST
from peercompare.corpus.person_keys import COMPOSED
from peercompare.files import write_atomically
from peercompare.framework import Framework
from peercompare.framework.rendering import Items, Section, Table, Text, html_page, markdown
from peercompare.persons import MIN_WORKERS

ENDINGS = (".card.md", ".card.html")
"""What stands in place of a model's ending in the names of its card."""


@dataclass(frozen=True)
class Card:
    """A model card.

    Parameters
    ----------
    title : str
    sections : tuple of Section
    """

    title: str
    sections: tuple[Section, ...]

    @property
    def markdown(self) -> str:
        """The card as a Markdown document."""
        return markdown(self.title, self.sections)

    @property
    def html(self) -> str:
        """The card as one accessible HTML page that needs no other file."""
        return html_page(self.title, self.sections, kind="model card")


def model_card(
    model: Model,
    scores: pd.DataFrame | None = None,
    *,
    framework: Framework,
    corpora: Sequence[Corpus] = (),
    calibration: pd.DataFrame | None = None,
    name: str = "ngram",
    further: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> Card:
    """Write a model's card.

    Parameters
    ----------
    model : Model
        Its facts are what the card says of data, consent, versions and seeds.
    scores : DataFrame, optional
        As `scores_table` gives it, of one corpus or several one under the other; rows of other models,
        `coder_scores` and `leave_one_genre_out` may stand among them and are shown as what they are. Without
        it the card says that nothing was measured.
    framework : Framework
        The one that the model was trained for.
    corpora : sequence of Corpus
        Those that trained it, for their titles, licences and citations.
    calibration : DataFrame, optional
        As `calibration_table` gives it.
    name : str, default "ngram"
        What the model is called in `scores`.
    further : mapping of str to DataFrame, optional
        Other tables of results by caption, shown as they are: coverage, pass rates, documents out of domain.
        They must be fit to be shown.

    Returns
    -------
    Card
        What was withheld in the tables stays withheld: the reason stands in place of the number. No term of
        the model and no word of a text is in it, and people are counted, not named.

    References
    ----------
    Mitchell et al. (2019), Model cards for model reporting. FAT* '19, 220-229. doi:10.1145/3287560.3287596
    """
    facts = model.facts
    data = [Text(words.NO_CORPUS)] if not corpora else [_corpora(facts, corpora)]
    found = [Text(words.NOT_MEASURED)] if scores is None else measured(scores, calibration, name=name)
    found = [*found, *(as_it_is(caption, table) for caption, table in further.items())]
    limits = () if scores is None else limits_found(scores, name=name)
    sections = (
        Section("Model details", [_details(model, framework), _versions(facts)]),
        Section("Intended use", [Text(words.INTENDED), Text(framework.scope)]),
        Section("Out-of-scope use", [Items((str(facts["not_for"]), *words.OUT_OF_SCOPE))]),
        Section("Factors", [Text(words.FACTORS.format(labels=", ".join(model.labels)))]),
        Section("Metrics and evaluation data", [Text(words.METRICS)]),
        Section("Quantitative analyses", found),
        Section("When it does not answer", _abstention(facts)),
        Section("Training data", [*data, _counts(facts)]),
        Section("Consent", _consent(facts)),
        Section("Ethical considerations", [Items((*words.ETHICS, _reviewed(framework)))]),
        Section("Caveats and recommendations", [Items((*limits, *words.CAVEATS))]),
        Section("Licence and how to cite", [Items(_citing(model, corpora))]),
    )
    return Card(f"Model card: {model.model_id}", sections)


def card_paths(model_path: str | Path) -> tuple[Path, Path]:
    """Return where the card of a model file stands: beside it, as Markdown and as HTML.

    Examples
    --------
    >>> [path.name for path in card_paths("models/stance.skops")]
    ['stance.card.md', 'stance.card.html']
    """
    path = Path(model_path)
    bare = path.name.removesuffix(".skops").removesuffix(".zip")
    plain, page = (path.with_name(bare + ending) for ending in ENDINGS)
    return plain, page


def save_card(card: Card, model_path: str | Path) -> tuple[Path, Path]:
    """Write a card beside its model, as Markdown and as HTML.

    Parameters
    ----------
    card : Card
    model_path : str or Path
        The model file; files of the card that stand there are replaced.

    Returns
    -------
    tuple of Path
        The files written.
    """
    plain, page = card_paths(model_path)
    return write_atomically(plain, card.markdown), write_atomically(page, card.html)


def _details(model: Model, framework: Framework) -> Table:
    """Say what the model is."""
    facts = model.facts
    rows = [
        ("Name", model.model_id),
        *(map(tuple, facts["parts"]) if "parts" in facts else _linear_parts(model)),
        ("Labels", ", ".join(model.labels)),
        ("Labels seen in training", ", ".join(facts["labels_seen"])),
        ("Framework", f"{facts['framework_id']}: {framework.title}, version {framework.version}"),
        ("Framework's sha256", str(facts["framework_sha256"])),
        ("Seed", str(facts["seed"])),
    ]
    return Table("What the model is", ("Part", "Value"), rows)


def _linear_parts(model: Model) -> list[tuple[str, str]]:
    """Describe the n-gram model; a model on embeddings describes itself in its facts."""
    facts, features = model.facts, model.pipeline.named_steps["features"]
    n_terms = model.pipeline.named_steps["model"].coef_.shape[1]
    spans = "; ".join(
        f"{kind}: {part.ngram_range[0]} to {part.ngram_range[1]}, in {part.min_df} rows or more"
        for kind, part in features.vectorizers()
    )
    scaled = facts["calibration"]
    return [
        ("Kind", f"{words.KIND}, {n_terms} weights for each label"),
        ("n-grams", spans),
        ("Context", words.CONTEXT if features.in_context_ else words.NO_CONTEXT),
        ("Calibration", words.CALIBRATED.format(factor=scaled["factor"]) if scaled else words.UNCALIBRATED),
        ("Label named", words.RULE if facts.get("rule") else words.NO_RULE),
    ]


def _versions(facts: Mapping[str, Any]) -> Table:
    """Say with what it was made."""
    rows = [(name, str(version)) for name, version in facts["versions"].items()]
    return Table("Made with", ("Package", "Version"), rows)


def _corpora(facts: Mapping[str, Any], corpora: Sequence[Corpus]) -> Table:
    """Say which corpora trained it."""
    hashes = dict(facts["provenance"].get("corpora", {}))
    rows = [
        (
            f"{corpus.name}: {corpus.title}",
            "composed: nobody real speaks in it" if corpus.composed else "real texts",
            _coding(corpus),
            corpus.licence,
            hashes.get(corpus.name, "not recorded"),
        )
        for corpus in corpora
    ]
    return Table("Corpora", ("Corpus", "Origin", "Coding", "Licence", "sha256, as opened"), rows)


def _coding(corpus: Corpus) -> str:
    """Say who coded a corpus, in its manifest's words."""
    manifest = corpus.folder / MANIFEST
    return read_manifest(corpus.folder).coding if manifest.is_file() else "not said"


def _counts(facts: Mapping[str, Any]) -> Table:
    """Count what it was trained on."""
    rows = [
        ("Segments", str(facts["n_segments"])),
        ("Documents", str(facts["n_documents"])),
        ("Employers or workers", str(facts["n_groups"])),
    ]
    if examples := facts.get("examples"):
        rows.append(("Beside them", words.EXAMPLES.format(**examples)))
    told = {key: value for key, value in facts["provenance"].items() if key != "corpora"}
    rows += [(key.replace("_", " "), str(value)) for key, value in told.items() if str(value)]
    return Table("Trained on", ("What", "Value"), rows)


def _consent(facts: Mapping[str, Any]) -> list[Text | Table]:
    """Count whose words trained it, and give the hash by which the list can be compared."""
    rows = []
    for corpus, hashes in facts["whose"].items():
        composed = all(each.startswith(COMPOSED) for each in hashes)
        few = not composed and len(hashes) < MIN_WORKERS
        digest = hashlib.sha256("\n".join(sorted(hashes)).encode("utf-8")).hexdigest()
        number = f"fewer than {MIN_WORKERS}" if few else str(len(hashes))
        rows.append((corpus, f"{number}, composed" if composed else number, digest))
    if not rows:
        return [Text(words.NOBODY_SPEAKS)]
    header = ("Corpus", "People heard", "sha256 of the list of their keyed hashes")
    return [Text(words.CONSENT), Table("People whose words trained it", header, rows)]


def _abstention(facts: Mapping[str, Any]) -> list[Text]:
    """Say how the model marks what it does not know."""
    found = []
    if sets := facts.get("sets"):
        limits = ", ".join(f"{label} {limit:.3f}" for label, limit in sets["thresholds"].items())
        found.append(Text(words.SETS.format(level=sets["level"], limits=limits)))
    if domain := facts.get("domain"):
        low, high = domain["words"]
        found.append(Text(words.DOMAIN.format(n=domain["n_documents"], low=f"{low:.0f}", high=f"{high:.0f}")))
    return found or [Text(words.ALWAYS_ANSWERS)]


def _reviewed(framework: Framework) -> str:
    return f"The framework's codes were reviewed by: {framework.reviewed_in_words()}."


def _citing(model: Model, corpora: Sequence[Corpus]) -> tuple[str, ...]:
    """Say on what terms the model may be used and how to cite it."""
    version = model.facts["versions"]["peercompare"]
    licences = [f"{corpus.name}: {corpus.licence}. {corpus.citation}" for corpus in corpora]
    return (words.LICENCE, words.CITE.format(version=version, model=model.model_id), *licences)
