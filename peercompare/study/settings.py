"""What a study file may say: every key, its meaning and its allowed values.

A misspelt key is an error that names the nearest right one; all faults of the file are given in one go.
"""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from peercompare.errors import Problem, StudyError


class Section(BaseModel):
    """A table of study.toml: unknown keys are refused and nothing is changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StudySection(Section):
    """``[study]``: what holds for every step."""

    title: str
    framework: str = "deegan2017"
    results: str = "results"
    as_of: date
    consent_policy: Literal["raise", "exclude", "redact"] = "exclude"
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    seed: int = Field(default=0, ge=0)
    waive_small_cells_if_composed: bool = False
    notebooks: str = "[0-9][0-9]_*.ipynb"


class PopulationSection(Section):
    """``[corpus.population]``: whose practice is estimated, and what to call them."""

    column: str
    value: str
    words: str


class SlopeSection(Section):
    """``[corpus.slope]``: change over time within the same employers or workers."""

    unit: Literal["month", "year"]
    population: PopulationSection | None = None
    groups: list[str] = ["all"]


class AnchorSection(Section):
    """``[corpus.anchor]``: the two references between which the index is placed, and what is placed there."""

    column: str
    start: str
    end: str
    groups: list[str] = ["all"]


class CompositionSection(Section):
    """``[corpus.context.composition]``: the two groups or times between which a change is taken apart.

    `column` is one of documents.csv, ``year``, ``half_year``, ``quarter`` or ``period``; `first` and `second`
    are two of its values.
    """

    column: str
    first: str
    second: str


class ContextSection(Section):
    """``[corpus.context]``: conditions of work, events, whole sessions and scores from outside.

    `moderators` are columns of documents.csv (funding, certification, ...) at whose levels the index is
    compared; `adjust_slope_for` are columns held fixed in the slope, such as the kind of session. `events`
    are kinds of events.csv around which change is compared with places that had none, up to
    `event_window_months` on either side. `session_groups` are groups for measures of whole sessions, of
    everybody. `external` names a CSV of scores from outside (``site_id, month, instrument, score`` and, if
    there is one, ``se``).
    """

    moderators: list[str] = []
    adjust_slope_for: list[str] = []
    events: list[str] = []
    event_window_months: float | None = Field(default=None, gt=0)
    session_groups: list[str] = []
    external: str | None = None
    composition: CompositionSection | None = None


class DifferenceSection(Section):
    """``[[corpus.differences]]``: two groups, or two periods; the second less the first is estimated.

    `column` is one of documents.csv, ``role_type``, ``year``, ``half_year``, ``quarter`` or ``period``;
    `first` and `second` are two of its values.
    """

    column: str
    first: str
    second: str


class CorpusSection(Section):
    """``[[corpus]]``: one corpus and the questions asked of it.

    Groups are columns of documents.csv, ``role_type``, ``year``, ``half_year``, ``quarter`` or ``period``;
    two joined with " x " are crossed. `compare` groups everybody in the corpus, `groups` the population
    alone, and `fine_groups` are those of many small groups, for which dimensions are not told apart.
    `target` is whom shares, index and slopes speak of: ``like_these``, workers (or employers) like these, or
    ``this_corpus``, these documents and no others, with intervals of what drawing segments for coding leaves
    open. All else speaks of workers like these and says so: nothing else is inferred for a corpus alone.
    `predictions` names a file of somebody else's predictions, which stand in the place of ours.
    `title_groups` group what is asked under peer titles in job descriptions; by setting where left out.
    `standardised` asks for the index with every dimension counting the same, of each of the groups.
    `shrink` names columns, such as ``site_id``, by whose values the index is drawn towards the common mean.
    `leave_out` names columns whose values are left out one at a time, to see what the index hangs on.
    """

    path: str
    target: Literal["like_these", "this_corpus"] = "like_these"
    population: PopulationSection | None = None
    groups: list[str] = ["all"]
    fine_groups: list[str] = []
    compare: list[str] = []
    title_groups: list[str] = []
    leave_out: list[str] = []
    period_years: int = Field(default=5, ge=1)
    slope: SlopeSection | None = None
    anchor: AnchorSection | None = None
    standardised: bool = False
    shrink: list[str] = []
    differences: list[DifferenceSection] = []
    context: ContextSection | None = None
    individual_feedback: bool = False
    predictions: str | None = None


class ClassifierSection(Section):
    """``[classifier]``: which kind of model, how the labels are softened and the folds are made.

    `model` is ``ngram``, or with the extra `embeddings` ``embedding`` (a frozen sentence encoder),
    ``finetuned``, ``hybrid`` (n-grams and embeddings, pooled) or ``stack`` (all three); these need an
    `encoder`: a folder beside the study file, or a name on a hub. Its predictions are then the study's; the
    n-gram model is judged beside it and kept too, since it alone can be taken apart term by term.

    `examples_weight` is what each coded example that comes with the framework counts, a segment counting 1;
    with 0 models learn from the study alone. They are of the genres of the corpora, and no part of any score.
    """

    model: Literal["ngram", "embedding", "finetuned", "hybrid", "stack"] = "ngram"
    encoder: str | None = None
    n_folds: int = Field(default=5, ge=2)
    gold_weight: float = Field(default=2.0, gt=0)
    coder_weight: float = Field(default=0.5, ge=0)
    examples_weight: float = Field(default=0.5, ge=0)

    @model_validator(mode="after")
    def _with_encoder(self) -> ClassifierSection:
        """Refuse a model on embeddings without an encoder, and an encoder for the n-gram model."""
        if (self.model == "ngram") != (self.encoder is None):
            raise ValueError(
                "the n-gram model has no encoder"
                if self.encoder
                else f"the model {self.model} needs an encoder: a folder, or a name on a hub"
            )
        return self


Estimator = Literal["rectified", "ppi", "expert_only"]


class SampleSection(Section):
    """``[sample]``: the seeded probability sample that shows what labels buy, and how to estimate from it.

    `estimator` is ``rectified`` (predictions put right by the sampled codings: never biased, and the choice
    where there is no reason for another), ``ppi`` (the trust in predictions tuned, PPI++; refused where fewer
    than 100 workers or employers hold sampled codings, since its intervals are too short there) or
    ``expert_only`` (the sampled codings alone). Those named in `beside` are shown next to it.
    """

    share: float = Field(default=0.25, gt=0, le=1)
    estimator: Estimator = "rectified"
    beside: list[Estimator] = []


class ReportSection(Section):
    """``[report]``: the segments that reports quote, where everybody who speaks in them agreed to it."""

    quotations: list[str] = []


class FigureSection(Section):
    """``[figures.NAME]``: your own words for a figure, under its name in the folder of figures.

    `alt` stands in place of the alternative text that is made of the rows drawn. Only you can keep it true
    when the numbers change; the values in words, under the figure, are made anew each time.
    """

    alt: str

    @field_validator("alt")
    @classmethod
    def _says_something(cls, alt: str) -> str:
        from peercompare.report.outputs import alt_fault

        if fault := alt_fault(alt):
            raise ValueError(f"{fault}: say in a sentence or two what the figure shows")
        return alt.strip()


class Settings(Section):
    """A whole study file."""

    study: StudySection
    corpus: list[CorpusSection] = Field(min_length=1)
    classifier: ClassifierSection = ClassifierSection()
    sample: SampleSection = SampleSection()
    report: ReportSection = ReportSection()
    figures: dict[str, FigureSection] = {}


def read_settings(path: str | Path) -> Settings:
    """Read and check a study file.

    Raises
    ------
    StudyError
        Where the file is absent, is not TOML, misses a key, or has a key or value that is not allowed: all
        at once.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(
            f"There is no study file at {path}", remedy="name the study.toml of your study"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(
            f"{path} is not a readable TOML file: {error}", remedy="see notebooks/study.toml for an example"
        ) from None
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        problems = [_problem(path, fault) for fault in error.errors()]
        raise StudyError(
            f"{path} cannot be used as a study", problems, remedy="mend the keys named above; nothing was run"
        ) from None


def _problem(path: Path, fault: dict) -> Problem:
    """Turn one of pydantic's faults into our words, with the nearest right key where one is misspelt."""
    *parents, key = fault["loc"]
    where = f"{path.name}, {_place(parents)}"
    if fault["type"] == "extra_forbidden":
        allowed = _allowed_keys(parents)
        near = difflib.get_close_matches(str(key), allowed, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(allowed)}"
        return Problem(where, f"unknown key {key!r}", hint)
    if fault["type"] == "missing":
        return Problem(where, f"the key {key!r} is missing")
    return Problem(where, f"{key} = {fault['input']!r}: {fault['msg'][:1].lower()}{fault['msg'][1:]}")


def _place(parents: list[int | str]) -> str:
    """Name a table of the file as its header does, counting from 1 where there are several."""
    if not parents:
        return "top level"
    names = [str(part) for part in parents if isinstance(part, str)]
    numbers = [f" (number {part + 1})" for part in parents if isinstance(part, int)]
    return f"[{'.'.join(names)}]{''.join(numbers)}"


def _allowed_keys(parents: list[int | str]) -> list[str]:
    """List the keys that a table of the file may have."""
    sections: dict[tuple[str, ...], type[Section]] = {
        (): Settings,
        ("study",): StudySection,
        ("corpus",): CorpusSection,
        ("corpus", "population"): PopulationSection,
        ("corpus", "slope"): SlopeSection,
        ("corpus", "slope", "population"): PopulationSection,
        ("corpus", "anchor"): AnchorSection,
        ("corpus", "differences"): DifferenceSection,
        ("corpus", "context"): ContextSection,
        ("corpus", "context", "composition"): CompositionSection,
        ("classifier",): ClassifierSection,
        ("sample",): SampleSection,
        ("report",): ReportSection,
    }
    if parents and parents[0] == "figures":
        return list(FigureSection.model_fields)
    section = sections[tuple(part for part in parents if isinstance(part, str))]
    return list(section.model_fields)
