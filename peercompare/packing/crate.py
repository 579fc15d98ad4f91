"""RO-Crate: what a package holds, in JSON-LD that archives read.

References
----------
P. Sefton et al. (2020), "RO-Crate Metadata Specification 1.1". https://doi.org/10.5281/zenodo.4031327
S. Soiland-Reyes et al. (2022), "Packaging research artefacts with RO-Crate", Data Science 5(2):97-138.
https://doi.org/10.3233/DS-210053
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

CRATE = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROJECT_LICENCE = "https://spdx.org/licenses/BSD-3-Clause"

ENCODINGS = {
    "csv": "text/csv",
    "json": "application/json",
    "lock": "text/plain",
    "md": "text/markdown",
    "parquet": "application/vnd.apache.parquet",
    "toml": "application/toml",
    "txt": "text/plain",
}
"""Media types by ending."""


def crate(payload: Mapping[str, bytes], facts: Mapping[str, str], said: Mapping[str, str]) -> str:
    """Return the text of ro-crate-metadata.json.

    Parameters
    ----------
    payload : mapping of str to bytes
        Every other file of the package, by path.
    facts : mapping of str to str
        ``name``, ``description``, ``licence`` (in words), ``published`` (a day) and ``version`` (of
        peercompare).
    said : mapping of str to str
        What single files are, by path; others go by their name.

    Returns
    -------
    str
        The same for the same package: no time of day stands in it.
    """
    parts = [_file(name, data, said.get(name, "")) for name, data in sorted(payload.items())]
    graph = [*_about(facts, parts), *_program(facts), _run(parts), *parts]
    whole = {"@context": f"{SPECIFICATION}/context", "@graph": graph}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _about(facts: Mapping[str, str], parts: list[dict[str, object]]) -> list[dict[str, object]]:
    """Describe the package as a whole, and this description of it."""
    return [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": SPECIFICATION},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": facts["name"],
            "description": facts["description"],
            "datePublished": facts["published"],
            "license": {"@id": "#licence"},
            "hasPart": _ids(parts),
            "mentions": {"@id": "#run"},
        },
        {"@id": "#licence", "@type": "CreativeWork", "name": "Licences", "description": facts["licence"]},
    ]


def _program(facts: Mapping[str, str]) -> list[dict[str, object]]:
    """Describe what the study was made with."""
    return [
        {
            "@id": "#peercompare",
            "@type": "SoftwareApplication",
            "name": "peercompare",
            "softwareVersion": facts["version"],
            "license": {"@id": PROJECT_LICENCE},
        },
        {"@id": PROJECT_LICENCE, "@type": "CreativeWork", "name": "BSD 3-Clause License"},
    ]


def _run(parts: list[dict[str, object]]) -> dict[str, object]:
    """Say from which files the study made which."""
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "The run of the study",
        "instrument": {"@id": "#peercompare"},
        "object": _ids(part for part in parts if not _is_result(part["@id"])),
        "result": _ids(part for part in parts if _is_result(part["@id"])),
    }


def _ids(parts: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return [{"@id": part["@id"]} for part in parts]


def _file(name: str, data: bytes, said: str) -> dict[str, object]:
    """Describe a file of the package."""
    entity: dict[str, object] = {"@id": quote(name), "@type": "File", "name": name.rsplit("/", 1)[-1]}
    if said:
        entity["description"] = said
    kind = ENCODINGS.get(name.rsplit(".", 1)[-1])
    if kind:
        entity["encodingFormat"] = kind
    return entity | {"contentSize": str(len(data))}


def _is_result(name: object) -> bool:
    return str(name).startswith("results/") or name == "manifest.json"
