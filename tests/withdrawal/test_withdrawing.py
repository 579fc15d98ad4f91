"""Withdrawal from end to end: what a person said leaves the corpus and everything that studies made of it."""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import copy_part

from peercompare.classifier import load_model, train, training_table
from peercompare.cli import main
from peercompare.corpus import open_corpus
from peercompare.errors import ConsentError
from peercompare.study import read_study
from peercompare.study.runner import PENDING, read_result_table
from peercompare.withdrawal import only_theirs, scan
from peercompare.withdrawal.scanning import terms_in

PERSON = "W02"
MODEL = "results/models/stance.skops"
OUR_OWN = (".py", ".toml", ".html", ".css", ".md", ".ipynb", ".j2", ".js", ".csv")


def our_own_words(root):
    """Every sequence of words in the package, its framework and templates, nbconvert's and the notebooks."""
    places = [root / "peercompare", root / "notebooks", Path(sys.prefix) / "share" / "jupyter" / "nbconvert"]
    files = [path for place in places for path in place.rglob("*") if path.suffix in OUR_OWN]
    return terms_in(path.read_text(encoding="utf-8") for path in files)


def left(folder, terms, taught_without=frozenset()):
    """Return by file the terms that are still there; in a model, those that others taught it do not count."""
    found = {}
    for hit in scan(folder, terms):
        if kept := hit.terms - (taught_without if hit.path.suffix == ".skops" else frozenset()):
            found[hit.path.relative_to(folder).as_posix()] = sorted(kept)
    return found


@pytest.fixture(scope="module")
def study_folder(tmp_path_factory, small_study_file, small_results):
    """The small study, run, with a package of its results, a model copied aside and a file of a person's."""
    folder = shutil.copytree(small_study_file.parent, tmp_path_factory.mktemp("copied") / "study")
    results = folder / "results"
    with zipfile.ZipFile(results / "replication.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.write(results / "tables" / "terms.csv", "tables/terms.csv")
        package.write(results / "working" / "predictions.parquet", "predictions.parquet")
    shutil.copy(results / "models" / "stance.skops", results / "a_copy.skops")
    (results / "my_notes.txt").write_text("Discuss on Monday.")
    return folder


@pytest.fixture
def study(study_folder, tmp_path):
    """A copy of the study that a test may change."""
    return shutil.copytree(study_folder, tmp_path / "study")


@pytest.fixture(scope="module")
def theirs(study_folder):
    return only_theirs([study_folder / "postings", study_folder / "sessions"], PERSON)


@pytest.fixture(scope="module")
def terms(theirs, request):
    """What only the person said; what our own files hold too is left out, and counted."""
    own = theirs.words & our_own_words(request.config.rootpath)
    assert len(own) < 0.2 * len(theirs.words)
    return theirs.words - own


def vocabulary(model):
    """Return the words and the characters that a model learnt, as it reads them."""
    named = [name.split("__", 1) for name in model.pipeline.named_steps["features"].get_feature_names_out()]
    return tuple({term for kind, term in named if kind == wanted} for wanted in ("word", "char"))


def vocabulary_without(folder, postings, sessions):
    """Return what a model learns where the person's sessions never were: what a rebuilt one may know.

    A model reads more than it is told in so many words: where somebody else says "Great, I'm in" it learns
    "great i", and the framework's coded examples teach it too.
    """
    workers = set(pd.read_csv(sessions / "documents.csv")["worker_id"]) - {PERSON}
    copy_part(sessions, folder, column="worker_id", values=workers)
    corpora = [open_corpus(path, as_of="2024-06-30") for path in (postings, folder)]
    return vocabulary(train(training_table(corpora), corpora[0].framework, seed=0, calibrate=False))


def learnt(study):
    """Return the vocabulary of a study's model."""
    return vocabulary(load_model(study / MODEL, corpora=[study / "sessions"]))


@pytest.fixture(scope="module")
def others_taught(study_folder, tmp_path_factory):
    """The vocabulary of the small study's model had the person never taken part."""
    folder = tmp_path_factory.mktemp("without") / "sessions"
    return vocabulary_without(folder, study_folder / "postings", study_folder / "sessions")


def test_the_scan_finds_the_words_before(study, terms):
    hit = {path.relative_to(study).parts[0:2] for path in (each.path for each in scan(study, terms))}
    assert {("sessions", "texts"), ("results", "models"), ("results", "a_copy.skops")} <= hit


def test_what_only_a_withdrawn_person_said_is_nowhere_after_removal_and_rebuilding(
    study, terms, others_taught, withdraw
):
    taught_without = terms_in(each for known in others_taught for each in known)
    before = [known - without for known, without in zip(learnt(study), others_taught, strict=True)]
    assert min(map(len, before)) > 100
    assert left(study, terms, taught_without)[MODEL]
    asked = ["--study", study / "study.toml", "--apply"]
    status, said = withdraw(PERSON, study / "sessions", *asked, "--rebuild")
    assert status == 0
    remaining = left(study, terms, taught_without)
    # Of remarks on other people's words it is told, since nobody can find the person in them.
    assert set(remaining) <= {"sessions/codings.csv"}, remaining
    assert ("codings.csv holds a sequence of words" in said) == bool(remaining)
    assert learnt(study) == others_taught
    assert (study / "results" / "report.html").exists()
    assert "0 files removed" in withdraw(PERSON, study / "sessions", *asked)[1]


def test_without_rebuilding_nothing_of_them_is_left_either(study, terms, withdraw):
    status, said = withdraw(PERSON, study / "sessions", "--study", study / "study.toml", "--apply")
    assert status == 0
    assert set(left(study, terms)) <= {"sessions/codings.csv"}
    results = study / "results"
    assert sorted(path.name for path in results.iterdir()) == [".stages", "my_notes.txt", "removed.json"]
    (removal,) = json.loads((results / "removed.json").read_text())["removals"]
    assert removal["n_files"]["model with its vocabulary"] == 3  # and its card, as two files
    assert removal["n_files"]["package"] == 1
    assert PERSON not in (results / "removed.json").read_text()
    assert "my_notes.txt, of which nothing is known" in said
    assert "cannot be reached from here" in said


def test_without_apply_everything_is_listed_and_only_the_record_changes(study, withdraw, contents_of):
    before = contents_of(study)
    status, said = withdraw(PERSON, study / "sessions", "--study", study / "results", "--on", "2024-07-01")
    assert status == 0
    after = contents_of(study)
    assert {name for name in after if after[name] != before.get(name)} == {"sessions/consents.csv"}
    for name in (
        "models/stance.skops",
        "working/predictions.csv",
        "report.html",
        "replication.zip",
        "a_copy.skops",
    ):
        assert name in said
    assert "W02.csv  (feedback file" in said
    assert "Nothing was removed" in said
    again = withdraw(PERSON, study / "sessions", "--study", study / "results", "--on", "2024-08-01")[1]
    assert "stands in consents.csv already" in again
    assert contents_of(study) == after


def test_somebody_whose_words_were_not_used_leaves_nothing_to_remove(study, withdraw, contents_of):
    # Left out by the gate already: S2-P34's record expired before the study's day.
    before = contents_of(study / "results")
    people = [row.split(",")[0] for row in (study / "sessions" / "consents.csv").read_text().splitlines()]
    assert "S2-P34" in people
    said = withdraw("S2-P34", study / "sessions", "--study", study / "study.toml", "--apply")[1]
    assert "0 files removed" in said
    assert contents_of(study / "results") == before


def test_a_model_elsewhere_is_refused_after_the_withdrawal(study, tmp_path, withdraw):
    path = shutil.copy(study / "results" / "models" / "stance.skops", tmp_path / "elsewhere.skops")
    withdraw(PERSON, study / "sessions", "--on", "2024-07-01")
    with pytest.raises(ConsentError, match="has withdrawn"):
        load_model(path, corpora=[study / "sessions"])
    assert main(["check", str(path), "--corpus", str(study / "sessions")]) == 1


def test_results_are_refused_while_a_removal_is_unfinished_and_the_command_goes_on(
    study, withdraw, contents_of
):
    undisturbed = shutil.copytree(study, study.parent / "undisturbed")
    withdraw(PERSON, undisturbed / "sessions", "--study", undisturbed / "study.toml", "--apply")
    from peercompare.withdrawal import results, withdrawing

    def killed(*_, **__):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdrawing, "remove_marked", killed)
        assert withdraw(PERSON, study / "sessions", "--study", study / "study.toml", "--apply")[0] == 2
    assert (study / "results" / results.PENDING).exists()
    with pytest.raises(ConsentError, match="not finished"):
        read_result_table(study / "results", "estimates")
    assert main(["run", str(study / "study.toml")]) == 1
    assert withdraw(PERSON, study / "sessions", "--study", study / "study.toml", "--apply")[0] == 0
    assert contents_of(study / "results") == contents_of(undisturbed / "results")
    assert contents_of(study / "sessions") == contents_of(undisturbed / "sessions")


def test_files_of_a_stage_that_was_cut_off_go_too(study, withdraw):
    stamp = study / "results" / ".stages" / "figures.json"
    whose = json.loads(stamp.read_text())["whose"]
    stamp.write_text(json.dumps({"key": None, "files": {}, "whose": whose}))
    (study / "results" / "figures" / ".half.png.x.part").write_bytes(b"words")
    withdraw(PERSON, study / "sessions", "--study", study / "study.toml", "--apply")
    assert not (study / "results" / "figures").exists()


def test_a_study_that_cannot_be_rebuilt_says_so_before_anything_is_removed(study, withdraw, contents_of):
    before = contents_of(study)
    status, said = withdraw(PERSON, study / "sessions", "--study", study / "results", "--apply", "--rebuild")
    assert status == 1
    assert "name the study file" in said
    assert contents_of(study) == before


def test_a_day_to_come_is_recorded_and_not_applied(sessions, withdraw, contents_of):
    before = contents_of(sessions)
    status, said = withdraw(PERSON, sessions, "--on", "2999-01-01", "--apply")
    assert status == 1
    assert "still to come" in said
    assert contents_of(sessions) == before
    assert withdraw(PERSON, sessions, "--on", "2999-01-01")[0] == 0


def test_a_changed_corpus_is_refused_and_nothing_is_lost(sessions, withdraw, contents_of):
    (sessions / "codings.csv").write_bytes((sessions / "codings.csv").read_bytes() + b"\n")
    before = contents_of(sessions)
    status, said = withdraw(PERSON, sessions, "--apply")
    assert status == 1
    assert "codings.csv" in said
    assert contents_of(sessions) == before


def test_the_withdrawal_stands_in_the_log_of_a_real_corpus_without_the_person(sessions, withdraw):
    manifest = sessions / "corpus.toml"
    manifest.write_text(manifest.read_text().replace("composed = true", "composed = false"))
    assert withdraw(PERSON, sessions, "--apply")[0] == 0
    log = (sessions / "access_log.jsonl").read_text()
    assert '"did":"withdraw"' in log
    assert PERSON not in log.replace("W02=", "")
    open_corpus(sessions, as_of="2024-06-30")


def test_an_encrypted_corpus_stays_encrypted_and_loses_the_words_too(
    sessions, withdraw, tmp_path, monkeypatch, contents_of
):
    pytest.importorskip("pyrage")
    from peercompare.safekeeping.encryption import decrypt_corpus, encrypt_corpus

    plain = shutil.copytree(sessions, tmp_path / "plain")
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(tmp_path / "keys" / "key"))
    encrypt_corpus(sessions)
    assert only_theirs([sessions], PERSON) == only_theirs([plain], PERSON)
    assert withdraw(PERSON, sessions, "--apply")[0] == 0
    assert (sessions / "consents.csv.age").exists()
    decrypt_corpus(sessions)
    withdraw(PERSON, plain, "--apply")
    assert contents_of(sessions) == contents_of(plain)


def test_a_study_of_real_people_finds_by_its_secret_whose_words_it_used(tmp_path, small_study_file, withdraw):
    folder = shutil.copytree(
        small_study_file.parent, tmp_path / "real", ignore=shutil.ignore_patterns("results")
    )
    manifest = folder / "sessions" / "corpus.toml"
    manifest.write_text(manifest.read_text().replace("composed = true", "composed = false"))
    assert main(["run", str(folder / "study.toml"), "--until", "corpora"]) == 0
    assert (folder / "sessions" / ".person_key").exists()
    stamp = json.loads((folder / "results" / ".stages" / "corpora.json").read_text())
    assert len(stamp["whose"]["session_transcripts"][0]) == 64
    told = withdraw(PERSON, folder / "sessions", "--study", folder / "study.toml", "--apply")[1]
    assert "tables/corpora.csv" in told
    assert main(["run", str(folder / "study.toml"), "--until", "corpora"]) == 0
    again = json.loads((folder / "results" / ".stages" / "corpora.json").read_text())
    assert len(stamp["whose"]["session_transcripts"]) - len(again["whose"]["session_transcripts"]) == 1
    assert (
        "0 files removed"
        in withdraw(PERSON, folder / "sessions", "--study", folder / "study.toml", "--apply")[1]
    )


def test_a_study_file_that_names_the_corpus_finds_its_results_folder(study):
    assert read_study(study / "study.toml").results == (study / "results").resolve()
    assert not (study / "results" / PENDING).exists()


@pytest.mark.slow
def test_of_the_shipped_study_nothing_is_left_either(tmp_path, corpora_folder, request, withdraw):
    for name in ("corpora", "notebooks"):
        shutil.copytree(request.config.rootpath / name, tmp_path / name, copy_function=shutil.copyfile)
    coverage = Path("tests") / "benchmarks" / "coverage.csv"  # what notebook 10 reads
    (tmp_path / coverage).parent.mkdir(parents=True)
    shutil.copyfile(request.config.rootpath / coverage, tmp_path / coverage)
    corpora = [tmp_path / "corpora" / path.name for path in corpora_folder.iterdir() if path.is_dir()]
    postings, sessions = (tmp_path / "corpora" / name for name in ("job_descriptions", "session_transcripts"))
    study = tmp_path / "notebooks" / "study.toml"
    known = vocabulary_without(tmp_path / "without", postings, sessions)
    taught_without = terms_in(each for kind in known for each in kind)
    read_me = [path.read_text(encoding="utf-8") for path in (tmp_path / "corpora").rglob("*.[mt][do]*")]
    terms = only_theirs(corpora, PERSON).words - our_own_words(request.config.rootpath) - terms_in(read_me)
    assert main(["run", str(study)]) == 0
    shutil.rmtree(tmp_path / "without")
    assert len(left(tmp_path, terms, taught_without)) > 5
    assert withdraw(PERSON, sessions, "--study", study, "--apply", "--rebuild")[0] == 0
    assert set(left(tmp_path, terms, taught_without)) <= {"corpora/session_transcripts/codings.csv"}
