"""An encrypted corpus opens with its key as it did before, and with nothing else."""

import hashlib
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from killing import Victims

from peercompare.corpus import open_corpus, register
from peercompare.errors import CorpusError
from peercompare.safekeeping import keys
from peercompare.safekeeping.encryption import decrypt_corpus, encrypt_corpus
from peercompare.safekeeping.store import read_file
from peercompare.safekeeping.transactions import change_folder, recover

TEXT = "Writes care plans.\nWe sit and talk.\n"
FILES = {
    "documents.csv": "document_id,date,setting,title,employer_id\nJ1,2020-01-02,community,Peer,E1\n",
    "segments.csv": "segment_id,document_id,position,start,end\nJ1:1,J1,1,0,18\nJ1:2,J1,2,19,35\n",
    "codings.csv": "segment_id,coder_id,code,is_primary,tags,memo\n",
    "DATASHEET.md": "# Datasheet\n",
    "texts/J1.txt": TEXT,
}
MANIFEST = """name = "postings"
title = "Postings"
genre = "job_description"
composed = true
framework = "deegan2017"
licence = "CC0"
citation = "Made up"
coding = "not coded"
cluster = "employer_id"
"""


def contents(folder):
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A corpus of one posting, and where its key will be; nothing names the key yet."""
    monkeypatch.delenv("PEERCOMPARE_KEY_FILE", raising=False)
    corpus = tmp_path / "corpora" / "postings"
    (corpus / "texts").mkdir(parents=True)
    for name, text in FILES.items():
        (corpus / name).write_text(text, encoding="utf-8")
    (corpus / "corpus.toml").write_text(MANIFEST, encoding="utf-8")
    register(corpus)
    return SimpleNamespace(corpus=corpus, key=tmp_path / "keys" / "key.txt")


@pytest.fixture
def encrypted(place, monkeypatch):
    """The corpus encrypted, its key named by the environment."""
    encrypt_corpus(place.corpus, key_file=place.key)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(place.key))
    return place


def test_an_encrypted_corpus_opens_as_before_and_decrypted_it_is_as_before(place, monkeypatch):
    before, plain = contents(place.corpus), open_corpus(place.corpus)
    done = encrypt_corpus(place.corpus, key_file=place.key)
    assert (done.n_files, done.key_made) == (5, True)
    held = contents(place.corpus)
    assert {name for name in held if not name.endswith(".age")} == {"corpus.toml"}
    assert held["corpus.toml"] == before["corpus.toml"]
    assert not any(b"care plans" in content for content in held.values())
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(place.key))
    opened = open_corpus(place.corpus)
    assert opened.sha256 == plain.sha256
    assert opened.segments["text"].tolist() == ["Writes care plans.", "We sit and talk."]
    assert contents(place.corpus) == held  # decrypted in memory only
    assert decrypt_corpus(place.corpus).n_files == 5
    assert contents(place.corpus) == before


def test_the_key_is_made_for_its_owner_alone_in_the_form_that_age_knows(encrypted):
    assert encrypted.key.stat().st_mode & 0o777 == 0o600
    assert encrypted.key.read_text().splitlines()[-1].startswith("AGE-SECRET-KEY-1")
    assert (encrypted.corpus / "texts/J1.txt.age").read_bytes().startswith(b"age-encryption.org/v1\n")


def test_encrypting_twice_encrypts_once(encrypted):
    before = contents(encrypted.corpus)
    done = encrypt_corpus(encrypted.corpus)
    assert (done.n_files, done.key_made) == (0, False)
    assert contents(encrypted.corpus) == before


def test_a_framework_beside_the_tables_is_encrypted_and_read_too(place, data_folder, monkeypatch):
    framework = (data_folder / "tiny_framework.toml").read_bytes()
    (place.corpus / "ours.toml").write_bytes(framework)
    manifest = MANIFEST.replace("deegan2017", "ours.toml").replace("job_description", "garden_note")
    (place.corpus / "corpus.toml").write_text(manifest, encoding="utf-8")
    documents = FILES["documents.csv"].replace("community", "allotment")
    (place.corpus / "documents.csv").write_text(documents, encoding="utf-8")
    register(place.corpus)
    encrypt_corpus(place.corpus, key_file=place.key)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(place.key))
    assert open_corpus(place.corpus).framework.sha256 == hashlib.sha256(framework).hexdigest()


def test_without_a_key_an_encrypted_corpus_says_how_to_name_it(encrypted, monkeypatch):
    monkeypatch.delenv("PEERCOMPARE_KEY_FILE")
    with pytest.raises(CorpusError, match=r"no key file was named\n.*PEERCOMPARE_KEY_FILE"):
        open_corpus(encrypted.corpus)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(encrypted.key.parent / "lost"))
    with pytest.raises(CorpusError, match=r"There is no key at .*lost"):
        open_corpus(encrypted.corpus)
    with pytest.raises(CorpusError, match=r"There is no key at .*lost"):
        encrypt_corpus(encrypted.corpus)  # a new key would not open what is there
    assert not (encrypted.key.parent / "lost").exists()


@pytest.mark.parametrize("use", [open_corpus, decrypt_corpus, encrypt_corpus, register])
def test_a_wrong_key_is_one_clear_error_and_changes_nothing(encrypted, monkeypatch, use):
    other = encrypted.key.parent / "other.txt"
    keys.make_key(other)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(other))
    before = contents(encrypted.corpus)
    with pytest.raises(CorpusError, match=r"other\.txt is not the key of .*postings") as caught:
        use(encrypted.corpus)
    assert "AGE-SECRET-KEY" not in str(caught.value)
    assert contents(encrypted.corpus) == before


def test_a_change_of_an_encrypted_corpus_with_a_wrong_key_changes_nothing(encrypted, monkeypatch):
    other = encrypted.key.parent / "other.txt"
    keys.make_key(other)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(other))
    before = contents(encrypted.corpus)
    with pytest.raises(CorpusError, match="is not the key of"):
        change_folder(encrypted.corpus, {"texts/J1.txt": b"x"})
    assert contents(encrypted.corpus) == before


def test_a_half_encrypted_corpus_names_what_is_plain_and_encrypting_mends_it(encrypted):
    for number in range(7):
        (encrypted.corpus / f"note{number}.md").write_text("secret words", encoding="utf-8")
    with pytest.raises(CorpusError, match="is half encrypted") as caught:
        open_corpus(encrypted.corpus)
    message = str(caught.value)
    assert "note0.md: the file is not encrypted" in message
    assert "2 more (7 in all)" in message
    assert "peercompare encrypt" in message
    assert "secret words" not in message
    assert encrypt_corpus(encrypted.corpus).n_files == 7
    register(encrypted.corpus)
    open_corpus(encrypted.corpus)


def test_a_file_both_plain_and_encrypted_is_told_by_all_and_neither_is_overwritten(encrypted):
    (encrypted.corpus / "texts/J1.txt").write_text("other", encoding="utf-8")
    before = contents(encrypted.corpus)
    for use in (open_corpus, decrypt_corpus, encrypt_corpus):
        with pytest.raises(CorpusError, match=r"texts/J1\.txt: texts/J1\.txt\.age is there too"):
            use(encrypted.corpus)
    assert contents(encrypted.corpus) == before


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-1], lambda d: d[:30], lambda d: b"", lambda d: d[:-4] + b"xxxx"]
)
def test_files_cut_off_or_damaged_are_named_and_nothing_is_decrypted(encrypted, damage):
    for name in ("texts/J1.txt.age", "codings.csv.age"):
        path = encrypted.corpus / name
        path.write_bytes(damage(path.read_bytes()))
    before = contents(encrypted.corpus)
    for use in (open_corpus, decrypt_corpus):
        with pytest.raises(CorpusError, match="cannot be decrypted") as caught:
            use(encrypted.corpus)
        assert "texts/J1.txt.age: it is damaged or cut off" in str(caught.value)
        assert "codings.csv.age: it is damaged or cut off" in str(caught.value)
    assert contents(encrypted.corpus) == before


def test_a_file_of_another_key_is_named(encrypted, tmp_path):
    import pyrage

    stranger = pyrage.x25519.Identity.generate()
    path = encrypted.corpus / "codings.csv.age"
    path.write_bytes(pyrage.encrypt(b"x", [stranger.to_public()]))
    with pytest.raises(CorpusError, match=r"codings\.csv\.age: it was encrypted for another key"):
        open_corpus(encrypted.corpus)


@pytest.mark.parametrize(
    "where", ["corpora/postings/key", "corpora/postings/texts/key", "key", "out/models/key"]
)
def test_a_key_in_a_corpus_or_study_is_refused(place, where):
    study = place.corpus.parents[1]
    (study / "my_study.toml").write_text("[study]\nresults = 'out'\n", encoding="utf-8")
    before = contents(place.corpus)
    with pytest.raises(CorpusError, match="whoever gets the one would get the other"):
        encrypt_corpus(place.corpus, key_file=study / where)
    assert not (study / where).exists()
    assert contents(place.corpus) == before


def test_a_key_that_was_moved_into_the_corpus_is_refused_at_its_use(encrypted, monkeypatch):
    encrypted.key.rename(encrypted.corpus / ".key")
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(encrypted.corpus / ".key"))
    with pytest.raises(CorpusError, match="lies in the corpus"):
        open_corpus(encrypted.corpus)


def test_a_key_that_others_may_read_is_refused(encrypted):
    encrypted.key.chmod(0o640)
    with pytest.raises(CorpusError, match=r"Others may read the key file .*\n.*chmod 600"):
        open_corpus(encrypted.corpus)


@pytest.mark.parametrize("content", [b"", b"AGE-SECRET-KEY-1WRONG", b"\xff\xfe", b"a password"])
def test_a_file_that_is_no_key_is_told_without_its_content(place, content):
    place.key.parent.mkdir()
    place.key.write_bytes(content)
    place.key.chmod(0o600)
    with pytest.raises(CorpusError, match="holds no age key") as caught:
        encrypt_corpus(place.corpus, key_file=place.key)
    assert "password" not in str(caught.value)


def test_a_folder_that_is_no_corpus_is_not_encrypted(tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"x")
    with pytest.raises(CorpusError, match="no corpus folder"):
        encrypt_corpus(tmp_path, key_file=tmp_path.parent / "k")
    assert (tmp_path / "thesis.docx").exists()


def test_without_the_library_the_extra_is_named(encrypted, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(CorpusError, match=r"peercompare\[encryption\]"):
        open_corpus(encrypted.corpus)


def test_a_change_of_an_encrypted_folder_is_encrypted(encrypted):
    change_folder(
        encrypted.corpus, {"texts/J1.txt": b"changed", "new.csv": b"n", "codings.csv": None, ".h": b"h"}
    )
    held = contents(encrypted.corpus)
    assert "codings.csv.age" not in held
    assert {"texts/J1.txt.age", "new.csv.age"} <= set(held)
    assert "new.csv" not in held
    assert read_file(encrypted.corpus, "texts/J1.txt") == b"changed"
    assert read_file(encrypted.corpus, ".h") == b"h"
    assert read_file(encrypted.corpus, "absent") is None


def test_what_a_killed_writer_left_is_cleared_when_a_corpus_is_encrypted(place):
    (place.corpus / "texts" / ".J1.txt.abc.part").write_text("care plans", encoding="utf-8")
    encrypt_corpus(place.corpus, key_file=place.key)
    assert not (place.corpus / "texts" / ".J1.txt.abc.part").exists()


def test_an_encryption_that_does_not_come_back_changes_nothing(place, monkeypatch):
    before = contents(place.corpus)
    real = keys.age_library()
    lying = SimpleNamespace(
        x25519=real.x25519, encrypt=real.encrypt, decrypt=lambda *_: b"", DecryptError=real.DecryptError
    )
    monkeypatch.setattr("peercompare.safekeeping.store.age_library", lambda: lying)
    with pytest.raises(CorpusError, match="did not give back"):
        encrypt_corpus(place.corpus, key_file=place.key)
    assert contents(place.corpus) == before


@pytest.mark.parametrize("act", ["encrypt_corpus", "decrypt_corpus"])
def test_killed_at_any_moment_a_corpus_is_all_plain_or_all_encrypted(encrypted, rng, act):
    decrypt_corpus(encrypted.corpus)
    plain, back = contents(encrypted.corpus), {"encrypt_corpus": decrypt_corpus}.get(act, encrypt_corpus)
    code = f"{act}({str(encrypted.corpus)!r}, key_file={str(encrypted.key)!r})"
    seen = []
    with Victims(f"from peercompare.safekeeping.encryption import {act}") as victims:
        back(encrypted.corpus)
        lasting = victims.run(code)
        # At random moments, and once at the start and once long after the end: a busy machine may miss those.
        for within in [*[1.1 * lasting] * 15, 0, None]:
            back(encrypted.corpus)
            if within is None:
                victims.run(code)
            else:
                victims.kill_at_random(code, rng, within=within)
            recover(encrypted.corpus)
            held = contents(encrypted.corpus)
            seen.append(all(name.endswith(".age") for name in held if name != "corpus.toml"))
            assert seen[-1] or held == plain
            assert open_corpus(encrypted.corpus).segments["text"].iloc[0] == "Writes care plans."
    assert set(seen) == {True, False}


def test_the_command_line_encrypts_opens_and_decrypts(place):
    def run(*words, **environment):
        command = [sys.executable, "-m", "peercompare.cli", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)

    done = run("encrypt", place.corpus, "--key-file", place.key)
    assert (done.returncode, "5 files encrypted" in done.stdout) == (0, True), done.stderr
    assert "Whoever loses it loses the corpus" in done.stderr
    refused = run("check", place.corpus)
    assert (refused.returncode, "no key file was named" in refused.stdout) == (1, True)
    assert run("check", place.corpus, PEERCOMPARE_KEY_FILE=str(place.key)).returncode == 0
    assert run("decrypt", place.corpus, PEERCOMPARE_KEY_FILE=str(place.key)).returncode == 0
    assert (place.corpus / "texts/J1.txt").read_text(encoding="utf-8") == TEXT
    assert run("encrypt", place.corpus.parent / "absent", "--key-file", place.key).returncode == 2


def test_nothing_is_left_in_the_temporary_folder(place, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    encrypt_corpus(place.corpus, key_file=place.key)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(place.key))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: pytest.fail("a temporary file was made"))
    open_corpus(place.corpus)
    decrypt_corpus(place.corpus)
    assert not list((tmp_path / "tmp").iterdir())
