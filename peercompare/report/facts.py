"""What is no finding as tables too, so that prose refers to it as it refers to findings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from peercompare.figures.text import missing
from peercompare.framework import Framework

FRAMEWORK, RUN, VERSIONS = "framework", "run", "versions"


def fact_tables(framework: Framework, facts: Mapping[str, object]) -> dict[str, pd.DataFrame]:
    """Return tables about the framework, the run and the libraries that it used.

    Parameters
    ----------
    framework : Framework
    facts : mapping
        ``confidence_level``, ``seed`` and ``versions`` (library to version), each optional.
    """
    run = {name: facts[name] for name in ("confidence_level", "seed") if not missing(facts.get(name))}
    run |= {"seed": str(run["seed"])} if "seed" in run else {}
    versions = dict(facts.get("versions") or {})
    return {
        FRAMEWORK: pd.DataFrame([_counted(framework)]),
        RUN: pd.DataFrame([run]) if run else pd.DataFrame(),
        VERSIONS: pd.DataFrame({"library": list(versions), "version": list(versions.values())}),
    }


def _counted(framework: Framework) -> dict[str, object]:
    """Count what the framework holds."""
    return {
        "framework_id": framework.id,
        "version": framework.version,
        "sha256": framework.sha256[:12],
        "n_stances": len(framework.stances),
        "n_dimensions": len(framework.dimensions),
        "n_codes": len(framework.codes),
        "n_markers": len(framework.markers),
        "n_role_types": len(framework.role_types),
    }
