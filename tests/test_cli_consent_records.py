"""The command line: consent form, import, export and check."""

import json
import shutil
import stat

import pandas as pd
import pytest

from peercompare.cli import main

ROW = {
    "person_id": "P1", "role": "worker", "purposes": "analysis", "granted_on": "2024-01-31",
    "expires_on": "", "withdrawn_on": "", "form_version": "1", "obtained": "written", "language": "en",
    "age_group": "adult", "guardian_consent": "", "assent": "", "legal_standing": "free", "extra_review": "",
    "jurisdiction": "US", "restrictions": "DUO:0000045 DUO:0000015",
}  # fmt: skip

REDCAP = """
instrument = "consent"
[columns]
person_id = "record_id"
granted_on = "consent_timestamp"
[purposes]
analysis = "purposes___1"
[constants]
role = "participant"
form_version = "2"
obtained = "electronic"
language = "en"
age_group = "adult"
legal_standing = "free"
"""

CONTROLLER = """
name = "A university"
contact = "The study team"
address = "1 Street"
email = "team@example.org"
phone = "555 0100"
policy_url = "https://example.org/notice"
service = "A study"
"""


def run(*words):
    return main(["consent", *(str(word) for word in words)])


def written(path, *rows):
    pd.DataFrame([ROW | row for row in rows]).to_csv(path, index=False)
    return path


@pytest.fixture
def consents(tmp_path):
    return written(tmp_path / "consents.csv", {}, {"person_id": "P2"})


def test_the_form_is_printed_and_written_by_the_ending_of_its_name(tmp_path, capsys):
    assert run("form") == 0
    assert capsys.readouterr().out.startswith("# What may we do with your words?")
    assert run("form", "--purposes", "analysis", "--out", tmp_path / "form.html") == 0
    assert (tmp_path / "form.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert run("form", "--out", tmp_path / "form.html") == 1
    assert run("form", "--language", "fr") == 1
    assert "have it translated" in capsys.readouterr().err


def test_an_export_of_redcap_becomes_a_private_consents_csv(tmp_path, capsys):
    export, mapping, out = tmp_path / "export.csv", tmp_path / "m.toml", tmp_path / "consents.csv"
    export.write_text(
        "record_id,consent_timestamp,purposes___1,consent_complete\n"
        "R1,2024-01-31 09:00,1,2\nR2,2024-02-01 09:00,0,2\nR3,[not completed],1,0\n"
    )
    mapping.write_text(REDCAP)
    words = ["import", export, "--format", "redcap", "--mapping", mapping, "--out", out]
    assert run(*words) == 0
    assert "2 records; 1 passed over" in capsys.readouterr().err
    assert pd.read_csv(out, keep_default_na=False)["purposes"].tolist() == ["analysis", ""]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = out.read_bytes()
    assert run(*words) == 0
    assert "0 records added" in capsys.readouterr().err
    assert out.read_bytes() == before


def test_records_go_into_a_corpus_for_those_who_speak_in_it(tmp_path, capsys, corpora_folder):
    folder = shutil.copytree(corpora_folder / "session_transcripts", tmp_path / "sessions")
    new = written(tmp_path / "new.csv", {"person_id": "S2-P29", "role": "participant"}, {"person_id": "Z9"})
    assert run("import", new, "--format", "csv", "--corpus", folder) == 0
    assert "1 records added, 0 stood there, 1 of people who do not speak" in capsys.readouterr().err
    assert run("check", folder) == 1
    assert "has no record" not in capsys.readouterr().out


def test_redcap_needs_a_mapping_that_names_its_instrument(tmp_path, capsys, consents):
    assert run("import", consents, "--format", "redcap", "--out", tmp_path / "o.csv") == 1
    assert "pass --mapping" in capsys.readouterr().err
    (tmp_path / "m.toml").write_text(REDCAP.replace('instrument = "consent"', ""))
    words = ["--mapping", tmp_path / "m.toml", "--out", tmp_path / "o.csv"]
    assert run("import", consents, "--format", "redcap", *words) == 1
    assert "a form that was not completed is no consent" in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


def test_an_import_that_contradicts_a_row_changes_nothing(tmp_path, capsys, consents):
    other = written(tmp_path / "other.csv", {"purposes": "sharing"}, {"person_id": "P3"})
    before = consents.read_bytes()
    assert run("import", other, "--format", "csv", "--out", consents) == 1
    assert "row 4 (P1): it contradicts row 2" in capsys.readouterr().err
    assert consents.read_bytes() == before


def test_records_go_out_as_fhir_and_come_back(tmp_path, consents):
    out, back = tmp_path / "bundle.json", tmp_path / "back.csv"
    assert run("export", consents, "--format", "fhir", "--out", out) == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))["entry"]) == 2
    assert run("import", out, "--format", "fhir", "--out", back) == 0
    read = {"dtype": "str", "keep_default_na": False}
    # restrictions come back in the order of their list
    again = pd.read_csv(back, **read)[list(ROW)]
    assert again.equals(pd.read_csv(consents, **read).assign(restrictions="DUO:0000015 DUO:0000045"))


def test_receipts_need_to_know_who_answers_for_the_study(tmp_path, capsys, consents):
    out = tmp_path / "receipts.json"
    assert run("export", consents, "--format", "receipt", "--out", out) == 1
    assert "pass --controller" in capsys.readouterr().err
    (tmp_path / "us.toml").write_text(CONTROLLER)
    words = ["--controller", tmp_path / "us.toml", "--person", "P2", "--out", out]
    assert run("export", consents, "--format", "receipt", *words) == 0
    (receipt,) = json.loads(out.read_text(encoding="utf-8"))
    assert receipt["piiPrincipalId"] == "P2"
    assert run("export", consents, "--format", "receipt", *words) == 1
    assert run("export", consents, "--format", "fhir", "--person", "P7", "--out", tmp_path / "x.json") == 1


def test_the_check_prints_every_fault_and_what_people_must_obey(tmp_path, capsys, consents):
    assert run("check", consents) == 0
    printed = capsys.readouterr().out
    assert "2 records of 2 people, nothing amiss" in printed
    assert "DUO:0000045 not for profit organisation use only (2 records; no code can see to it" in printed
    assert "DUO:0000015 no general methods research (2 records; the gate enforces it)" in printed
    faulty = written(tmp_path / "f.csv", *({"person_id": f"P{n}", "granted_on": "soon"} for n in range(7)))
    assert run("check", faulty) == 1
    printed = capsys.readouterr().out
    assert printed.count("granted_on: written as 'aaaa', not a day") == 7
    assert "soon" not in printed


def test_the_check_of_a_corpus_knows_who_speaks(corpora_folder, capsys):
    assert run("check", corpora_folder / "session_transcripts") == 1
    assert "(S1-P14): somebody who is not free, without extra review" in capsys.readouterr().out


def test_what_is_no_table_is_refused(tmp_path, capsys):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n\xff\n")
    assert run("check", path) == 1
    assert "byte 5 is not UTF-8" in capsys.readouterr().err
    path.write_text("a,b\n1\n")
    assert run("check", path) == 1
    assert "1 cells where the header has 2" in capsys.readouterr().err
    assert run("check", tmp_path / "absent.csv") == 2
