"""Frictionless: a descriptor of the package's tables, column by column.

References
----------
Open Knowledge Foundation, "Data Package (v1)" and "Table Schema (v1)", specs.frictionlessdata.io.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

import pandas as pd

DESCRIPTOR = "datapackage.json"


def descriptor(
    tables: Mapping[str, pd.DataFrame], payload: Mapping[str, bytes], facts: Mapping[str, str]
) -> str:
    """Return the text of datapackage.json.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By path in the package, the tables that stand there as CSV.
    payload : mapping of str to bytes
        The files, of which size and hash are taken.
    facts : mapping of str to str
        ``name``, ``description`` and ``licence``.

    Returns
    -------
    str
        Data Package v1, tabular resources with a schema each; an empty cell is a missing one.
    """
    resources = [_resource(name, tables[name], payload[name]) for name in sorted(tables)]
    whole = {
        "profile": "tabular-data-package",
        "name": slug(facts["name"]),
        "title": facts["name"],
        "description": facts["description"],
        "licenses": [{"name": "see-description", "title": facts["licence"]}],
        "resources": resources,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def slug(name: str) -> str:
    """Return a name as descriptors want it: small letters, figures, hyphens.

    Examples
    --------
    >>> slug("Peer, overlap & clinical: 2024"), slug("漂流")
    ('peer-overlap-clinical-2024', 'study')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "study"


def _resource(name: str, table: pd.DataFrame, data: bytes) -> dict:
    """Describe one table."""
    return {
        "profile": "tabular-data-resource",
        "name": slug(name.removesuffix(".csv")),
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "schema": {
            "fields": [{"name": str(column), "type": _kind(table[column])} for column in table],
            "missingValues": [""],
        },
    }


def _kind(column: pd.Series) -> str:
    """Return a column's type in the words of Table Schema."""
    kinds = pd.api.types
    if kinds.is_bool_dtype(column):
        return "boolean"
    if kinds.is_integer_dtype(column):
        return "integer"
    if kinds.is_numeric_dtype(column):
        return "number"
    return "date" if kinds.is_datetime64_any_dtype(column) else "string"
