"""A package is verified in an empty folder: its numbers are made again, and what is not is named with why."""

import json
import shutil
import zipfile

import pandas as pd
import pytest
from canaries import PEOPLE, Written, canaries_in

from peercompare.cli import main
from peercompare.corpus import open_corpus
from peercompare.packing import verify_package
from peercompare.packing.bag import bagged
from peercompare.packing.replaying import COUNTED, LEARNED, NO_ROWS
from peercompare.packing.unpacking import is_package, opened

HELD_BACK = {"W1", "P1", "W4", "P4"}
"""Everybody in the documents of somebody who did not agree to sharing."""


def run(capsys, *words):
    status = main(["verify", *map(str, words)])
    return status, capsys.readouterr()


def repacked(bag, change):
    """Change files of a package and write its checksums anew, as somebody with bad intent would."""
    data = bag / "data"
    payload = {p.relative_to(data).as_posix(): p.read_bytes() for p in data.rglob("*") if p.is_file()}
    change(payload)
    shutil.rmtree(bag)
    for name, content in bagged(payload, {}).items():
        (bag / name).parent.mkdir(parents=True, exist_ok=True)
        (bag / name).write_bytes(content)
    return bag


def test_it_is_accepted_elsewhere_with_nothing_else_at_hand(packed, tmp_path, monkeypatch, capsys):
    place = tmp_path / "empty"
    place.mkdir()
    bag = shutil.copytree(packed, tmp_path / "elsewhere")
    monkeypatch.chdir(place)
    status, said = run(capsys, bag, "--json")
    found = json.loads(said.out)
    assert (status, found["differences"]) == (0, [])
    assert found["n_compared"] > 1000
    why = {each["what"]: each["because"] for each in found["not_rerun"]}
    assert why["table corpora"] == COUNTED
    assert why["table scores"] == why["table behaviour"] == LEARNED
    assert not {"table agreement", "table estimates", "table confusion"} & set(why)
    assert list(place.iterdir()) == []


def test_no_word_of_anybody_who_held_back_is_in_it_and_everybody_else_is_heard(packed):
    heard = canaries_in(Written(packed))
    assert not heard & HELD_BACK
    assert heard == set(PEOPLE) - HELD_BACK


def test_a_table_of_words_stays_behind_and_its_words_stand_in_no_other_file(packed, composed_study):
    terms = pd.read_csv(composed_study.results / "tables" / "terms.csv")["term"]
    assert len(terms)
    assert not list((packed / "data" / "results").rglob("terms.*"))
    manifest = (packed / "data" / "manifest.json").read_text(encoding="utf-8")
    assert not [term for term in terms if f"term={term}" in manifest]
    assert '"name": "terms"' not in manifest


def test_no_id_key_log_model_remark_or_feedback_is_in_it(packed):
    names = {path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file()}
    assert not [name for name in names if "/." in name or name.endswith((".skops", ".jsonl", ".lock.part"))]
    assert not [name for name in names if "feedback" in name or "working" in name or "contests" in name]
    records = (packed / "data" / "corpora" / "canaries" / "consents.csv").read_text(encoding="utf-8")
    assert "W2" not in records
    assert "P2" not in records
    manifest = json.loads((packed / "data" / "manifest.json").read_text(encoding="utf-8"))
    read = {each["path"] for each in manifest["inputs"]}
    assert "canaries/texts/D21.txt" in read
    assert not {"canaries/texts/D11.txt", "canaries/consents.csv"} & read
    everything = b"".join(path.read_bytes() for path in packed.rglob("*.*") if path.suffix != ".parquet")
    assert b"composed:" not in everything  # the mark of keyed hashes


def test_the_documents_with_words_open_as_a_corpus(packed):
    corpus = open_corpus(packed / "data" / "corpora" / "canaries", purpose="sharing", as_of="2024-06-30")
    assert len(corpus.documents) == 12
    assert corpus.left_out.empty


def test_a_perturbed_row_and_a_perturbed_number_are_found(copy, capsys):
    def perturb(payload):
        name = "derived/canaries/codings.csv"
        old = payload[name].decode()
        line = next(each for each in old.splitlines() if ",gold,focus/peer" in each)
        payload[name] = old.replace(line, line.replace("focus/peer", "focus/clinical")).encode()
        found = json.loads(payload["manifest.json"])
        row = next(each for each in found["numbers"] if each["of"].startswith("agreement["))
        row["counts"][min(row["counts"])] += 1
        payload["manifest.json"] = json.dumps(found).encode()

    status, said = run(capsys, repacked(copy, perturb))
    assert status == 1
    assert "estimates[corpus=canaries;estimand=index;" in said.out
    assert said.out.count("agreement[") == 1


def test_a_changed_byte_stops_it_and_the_file_is_named(copy, capsys):
    path = copy / "data" / "corpora" / "canaries" / "texts" / "D21.txt"
    path.write_bytes(b"X" + path.read_bytes()[1:])
    status, said = run(capsys, copy)
    assert status == 2
    assert "data/corpora/canaries/texts/D21.txt: the file was changed" in said.err


def test_a_package_is_compared_with_nothing_but_its_own_manifest(packed, capsys):
    status, said = run(capsys, packed, "--against", packed / "data" / "manifest.json")
    assert status == 2
    assert "leave out --against, --study and --until" in said.err


@pytest.mark.parametrize(
    ("name", "words"), [("package.json", "a format that this version"), ("manifest.json", "format version 8")]
)
def test_another_format_version_cannot_be_verified(copy, capsys, name, words):
    def later(payload):
        payload[name] = json.dumps({**json.loads(payload[name]), "format_version": 8}).encode()

    status, said = run(capsys, repacked(copy, later))
    assert status == 2
    assert words in said.err


def test_an_archive_is_unpacked_apart_and_one_without_a_package_is_refused(copy, tmp_path, capsys):
    shutil.make_archive(str(tmp_path / "package"), "zip", copy.parent, copy.name)
    assert is_package(tmp_path / "package.zip")
    with opened(tmp_path / "package.zip") as study:
        (corpus,) = study.open_corpora().values()
        assert len(corpus.documents) == 16
        place = study.folder
    assert not place.exists()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("x.txt", "x")
    status, said = run(capsys, tmp_path / "other.zip")
    assert status == 2
    assert "holds no replication package" in said.err


def test_of_real_people_who_held_back_no_row_goes_and_their_numbers_are_not_made_again(
    real_study, tmp_path, pack_to
):
    bag = pack_to(real_study, tmp_path / "bag")
    assert not (bag / "data" / "derived").exists()
    assert len(list((bag / "data" / "corpora" / "canaries" / "texts").iterdir())) == 12
    assert not canaries_in(Written(bag)) & HELD_BACK
    assert "not everybody in them agreed" in (bag / "data" / "package.json").read_text(encoding="utf-8")
    found = verify_package(bag)
    assert found.accepted
    assert found.comparison.n_compared == 0
    assert {why for what, _, why in found.not_rerun if what == "table estimates"} == {NO_ROWS}
