"""The descriptor tells every table's columns, size and hash, as Frictionless Data Package v1 asks."""

import hashlib
import json
import re

import pandas as pd
import pytest

from peercompare.packing.descriptor import descriptor

TYPES = {"string", "number", "integer", "boolean", "date"}


def test_every_column_has_its_type():
    table = pd.DataFrame(
        {
            "name": ["a"],
            "n": pd.Series([1], dtype="Int64"),
            "x": [0.5],
            "yes": [True],
            "day": pd.to_datetime(["2024-01-02"]),
        }
    )
    data = b"name,n,x,yes,day\na,1,0.5,True,2024-01-02\n"
    text = descriptor(
        {"t/a.csv": table}, {"t/a.csv": data}, {"name": "N", "description": "d", "licence": "l"}
    )
    (resource,) = json.loads(text)["resources"]
    kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    assert kinds == {"name": "string", "n": "integer", "x": "number", "yes": "boolean", "day": "date"}
    assert resource["bytes"] == len(data)
    assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture(scope="module")
def package(packed):
    return json.loads((packed / "data" / "datapackage.json").read_text(encoding="utf-8"))


def test_the_package_says_what_the_specification_asks(package):
    assert package["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert all(each.get("name") or each.get("path") for each in package["licenses"])
    names = [each["name"] for each in package["resources"]]
    assert len(set(names)) == len(names)
    for each in package["resources"]:
        assert each["profile"] == "tabular-data-resource"
        assert re.fullmatch(r"[-a-z0-9._/]+", each["name"])
        assert {field["type"] for field in each["schema"]["fields"]} <= TYPES


def test_every_table_of_the_package_is_described_as_it_stands(package, packed):
    there = {p.relative_to(packed / "data").as_posix() for p in (packed / "data").rglob("*.csv")}
    assert {each["path"] for each in package["resources"]} == there
    for each in package["resources"]:
        data = (packed / "data" / each["path"]).read_bytes()
        assert each["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        header = data.decode("utf-8").split("\n", 1)[0].split(",")
        assert [field["name"] for field in each["schema"]["fields"]] == header
