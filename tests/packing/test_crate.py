"""The crate describes every file of the package, as RO-Crate 1.1 asks."""

import json

from peercompare.packing.crate import crate

FACTS = {
    "name": "A study", "description": "What it is", "licence": "corpus c: CC0", "published": "2024-06-30",
    "version": "0.1.0",
}  # fmt: skip


def entities(text):
    graph = json.loads(text)["@graph"]
    assert len({each["@id"] for each in graph}) == len(graph)
    return {each["@id"]: each for each in graph}


def test_the_descriptor_and_the_root_say_what_the_specification_asks():
    whole = json.loads(crate({}, FACTS, {}))
    assert whole["@context"] == "https://w3id.org/ro/crate/1.1/context"
    found = entities(crate({}, FACTS, {}))
    about = found["ro-crate-metadata.json"]
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert about["about"] == {"@id": "./"}
    root = found["./"]
    assert root["@type"] == "Dataset"
    assert all(root[key] for key in ("name", "description", "datePublished", "license"))


def test_every_file_is_a_part_and_the_run_made_the_results_of_the_rest():
    payload = {"results/tables/a b.csv": b"x\n", "study.toml": b"", "manifest.json": b"{}"}
    found = entities(crate(payload, FACTS, {"study.toml": "The questions"}))
    parts = {each["@id"] for each in found["./"]["hasPart"]}
    assert parts == {"results/tables/a%20b.csv", "study.toml", "manifest.json"}
    assert found["results/tables/a%20b.csv"]["encodingFormat"] == "text/csv"
    assert found["results/tables/a%20b.csv"]["contentSize"] == "2"
    assert found["study.toml"]["description"] == "The questions"
    assert found["#run"]["object"] == [{"@id": "study.toml"}]
    assert {each["@id"] for each in found["#run"]["result"]} == parts - {"study.toml"}


def test_whatever_is_named_is_described(packed):
    found = entities((packed / "data" / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    beyond = "https://w3id.org/ro/crate/1.1"

    def named(value):
        if isinstance(value, dict):
            if set(value) == {"@id"}:
                yield value["@id"]
            for each in value.values():
                yield from named(each)
        elif isinstance(value, list):
            for each in value:
                yield from named(each)

    assert {each for entity in found.values() for each in named(entity)} <= {*found, beyond}
    files = {p.relative_to(packed / "data").as_posix() for p in (packed / "data").rglob("*") if p.is_file()}
    assert {each["@id"] for each in found["./"]["hasPart"]} == files - {"ro-crate-metadata.json"}
