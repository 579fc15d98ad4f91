"""A study file written anew for a package: the same questions, relative paths, nobody's remarks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from peercompare.study.settings import ContextSection, ReportSection, Settings

HEAD = """# Written by `peercompare pack` from the study's own file. Paths are read from this file's folder.
# `peercompare verify` on the package makes the published numbers again, as far as they can be made from it.
# `peercompare run study.toml` runs the study on the documents whose words could be handed on; where others
# were held back its numbers differ.
"""

RESULTS = "../../rerun"
"""Where a run of the packaged study file writes: beside the package, whose checksums stay right."""


def packaged_settings(
    settings: Settings, paths: list[str], *, framework: str, outside: Mapping[str, str]
) -> Settings:
    """Return a study's settings with the paths of a package.

    Parameters
    ----------
    settings : Settings
        The study's.
    paths : list of str
        The folder of each corpus in the package, in the order of the study.
    framework : str
        The framework's id, or its file in the package.
    outside : mapping of str to str
        By folder of a corpus, the file of scores from outside, where it is in the package.

    Returns
    -------
    Settings
        Without notebooks, quotations, individual feedback and predictions from elsewhere: these stay behind.
    """
    study = settings.study.model_copy(update={"results": RESULTS, "notebooks": "", "framework": framework})
    sections = [
        section.model_copy(
            update={
                "path": path,
                "predictions": None,
                "individual_feedback": False,
                "context": _with_scores(section.context, outside.get(path)),
            }
        )
        for section, path in zip(settings.corpus, paths, strict=True)
    ]
    update = {"study": study, "corpus": sections, "report": ReportSection()}
    return settings.model_copy(update=update)


def _with_scores(context: ContextSection | None, path: str | None) -> ContextSection | None:
    """Return a section on context that names the scores from outside where they are in the package."""
    return context and context.model_copy(update={"external": path})


def settings_text(settings: Settings) -> str:
    """Return settings as a study file."""
    raw = settings.model_dump(mode="python", exclude_none=True)
    lines = [HEAD.rstrip("\n")]
    for name, value in raw.items():
        for section in value if isinstance(value, list) else [value]:
            header = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            lines += ["", header, *_table(section, name)]
    return "\n".join(lines) + "\n"


def _table(section: Mapping[str, object], name: str) -> Iterator[str]:
    """Yield the lines of a table, the tables in it after its own keys."""
    inner = {key: value for key, value in section.items() if _is_tables(value)}
    for key, value in section.items():
        if key not in inner:
            yield f"{key} = {_value(value)}"
    for key, value in inner.items():
        for each in value if isinstance(value, list) else [value]:
            yield ""
            yield f"[[{name}.{key}]]" if isinstance(value, list) else f"[{name}.{key}]"
            yield from _table(each, f"{name}.{key}")


def _is_tables(value: object) -> bool:
    """Say whether a value is a table, or a list of some."""
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)
    )


def _value(value: object) -> str:
    """Return a value as TOML has it; its strings and lists are those of JSON."""
    if isinstance(value, bool | int | float | str | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
