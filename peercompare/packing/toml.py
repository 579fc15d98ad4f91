"""A study file written anew for a package: the same questions, relative paths, nobody's remarks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from peercompare.study.settings import Settings

HEAD = """# Written by `peercompare pack` from the study's own file. Paths are read from this file's folder.
# `peercompare verify` on the package makes the published numbers again, as far as they can be made from it.
# `peercompare run study.toml` runs the study on the documents whose words could be handed on; where others
# were held back its numbers differ.
"""

RESULTS = "../../rerun"
"""Where a run of the packaged study file writes: beside the package, whose checksums stay right."""


def packaged_settings(settings: Settings, paths: list[str], *, framework: str) -> Settings:
    """Return a study's settings with the paths of a package.

    Parameters
    ----------
    settings : Settings
        The study's.
    paths : list of str
        The folder of each corpus in the package, in the order of the study.
    framework : str
        The framework's id, or its file in the package.

    Returns
    -------
    Settings
        Without notebooks, individual feedback and predictions from elsewhere: their files stay behind.
    """
    study = settings.study.model_copy(update={"results": RESULTS, "notebooks": "", "framework": framework})
    sections = [
        section.model_copy(update={"path": path, "predictions": None, "individual_feedback": False})
        for section, path in zip(settings.corpus, paths, strict=True)
    ]
    return settings.model_copy(update={"study": study, "corpus": sections})


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
    inner = {key: value for key, value in section.items() if isinstance(value, Mapping)}
    for key, value in section.items():
        if key not in inner:
            yield f"{key} = {_value(value)}"
    for key, value in inner.items():
        yield ""
        yield f"[{name}.{key}]"
        yield from _table(value, f"{name}.{key}")


def _value(value: object) -> str:
    """Return a value as TOML has it; its strings and lists are those of JSON."""
    if isinstance(value, bool | int | float | str | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
