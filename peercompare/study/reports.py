"""A study's report: for whom it is, in which format, and what stands in it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from peercompare.study.quotations import quotations_of
from peercompare.study.runner import LIBRARIES

if TYPE_CHECKING:
    from peercompare.report import Document
    from peercompare.study.study import Study


def study_report(study: Study, audience: str = "methods") -> Document:
    """Return the report of a study that has been run.

    Parameters
    ----------
    study : Study
        Its tables and figures must be there.
    audience : {"funder", "team", "methods"}
        For whom it is.

    Returns
    -------
    Document
        For `peercompare.report.write_document`.

    Raises
    ------
    StudyError
        Where the study names words to be quoted that no corpus has, or that consent does not cover.
    """
    from peercompare.report import read_figures, render_report
    from peercompare.study.study import Results

    results = Results(study.results)
    settings = study.settings.study
    facts = {
        "title": settings.title,
        "as_of": str(settings.as_of),
        "consent_policy": settings.consent_policy,
        "confidence_level": settings.confidence_level,
        "seed": settings.seed,
        "versions": {name: version(name) for name in ("peercompare", *LIBRARIES)},
    }
    return render_report(
        {name: results.table(name) for name in results.table_names},
        framework=study.framework,
        study_facts=facts,
        figures=read_figures(results.folder / "figures"),
        audience=audience,
        quotations=quotations_of(study),
    )
