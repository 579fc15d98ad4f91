"""The command line: each stage on files that the user names, clear refusals, three exit statuses."""

import errno
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from peercompare.cli import main

COMMANDS = (
    "import export deidentify consent codebook check sheet agree encrypt decrypt next train predict drift "
    "roles evaluate behave report run diagnosis"
).split()


@pytest.fixture
def texts(tmp_path):
    """A bare table of three texts."""
    rows = {
        "segment_id": ["a:1", "a:2", "b:1"],
        "document_id": ["a", "a", "b"],
        "text": ["Writes treatment plans and progress notes.", "We sit and have coffee.", "Paid weekly."],
    }
    path = tmp_path / "texts.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def model(small_results):
    """The model that the small study trained."""
    return small_results.folder / "models" / "stance.skops"


def run(*words):
    return main([str(word) for word in words])


def test_help_of_every_command_carries_the_caution(capsys):
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            run(command, "--help")
        assert ended.value.code == 0
        assert "Not for hiring, discipline or pay" in " ".join(capsys.readouterr().out.split())


def test_help_comes_at_once():
    # A loose budget: what keeps it fast is that no heavy library is loaded (test_layers.py).
    # Processor time, the best of three: a busy machine says nothing of this program.
    code = "import time; start = time.process_time(); from peercompare.cli import parser; "
    code += "parser().format_help(); print(time.process_time() - start)"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(3)]
    assert min(float(done.stdout) for done in runs) < 0.3


def test_a_full_disk_could_not_run_names_the_file_and_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = tmp_path / "codebook.md"
    kept.write_text("of an earlier day", encoding="utf-8")
    monkeypatch.setattr("os.fsync", full)
    assert run("codebook", "--out", kept, "--force") == 2
    said = capsys.readouterr().err
    assert str(kept) in said
    assert "make room, then give the same command again" in said
    assert kept.read_text(encoding="utf-8") == "of an earlier day"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_folder_that_nothing_may_be_written_into_could_not_run(tmp_path, monkeypatch, capsys):
    def read_only(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path / ".codebook.md.x.part"))

    monkeypatch.setattr("tempfile.mkstemp", read_only)
    assert run("codebook", "--out", tmp_path / "codebook.md") == 2
    said = capsys.readouterr().err
    assert f"Read-only file system: '{tmp_path / 'codebook.md'}'" in said
    assert ".part" not in said


def test_an_unknown_command_could_not_run(capsys):
    with pytest.raises(SystemExit) as ended:
        run("rank-workers")
    assert ended.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_the_codebook_is_printed_and_written(capsys, tmp_path):
    assert run("codebook") == 0
    assert "nobody yet" in capsys.readouterr().out
    for ending, kind in (("html", "html"), ("csv", "csv"), ("md", "markdown")):
        assert run("codebook", "--format", kind, "--out", tmp_path / f"codebook.{ending}") == 0
    assert (tmp_path / "codebook.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_a_file_of_the_users_is_not_overwritten_unless_forced(capsys, tmp_path):
    path = tmp_path / "codebook.md"
    path.write_text("mine")
    assert run("codebook", "--out", path) == 1
    assert path.read_text() == "mine"
    assert "exists already" in capsys.readouterr().err
    assert run("codebook", "--out", path, "--force") == 0
    assert path.read_text() != "mine"


def test_check_says_what_is_usable_and_what_is_not(capsys, corpora_folder, model, small_study_file, tmp_path):
    assert run("check", corpora_folder / "job_descriptions", model, small_study_file) == 0
    out = capsys.readouterr().out
    assert "63 documents, 1966 segments" in out
    assert "a usable model for the labels none, peer, overlap, clinical" in out
    assert "a usable study" in out
    broken = tmp_path / "model.skops"
    broken.write_bytes(model.read_bytes()[:2000])
    assert run("check", broken) == 1
    assert "NOT USABLE" in capsys.readouterr().out


def test_check_names_a_misspelt_key_of_a_framework(capsys, data_folder, tmp_path):
    text = (
        (data_folder / "tiny_framework.toml")
        .read_text(encoding="utf-8")
        .replace("[[stances]]", "[[stanses]]", 1)
    )
    (tmp_path / "framework.toml").write_text(text, encoding="utf-8")
    assert run("check", tmp_path / "framework.toml") == 1
    assert "stanses" in capsys.readouterr().out


def test_what_is_not_there_could_not_run(capsys, tmp_path):
    for words in (["check", tmp_path / "x"], ["run", tmp_path / "x.toml"], ["agree", tmp_path / "x"]):
        assert run(*words) == 2
        assert "there is nothing at" in capsys.readouterr().err


def test_transcripts_need_the_day_of_consent(capsys, corpora_folder):
    assert run("agree", corpora_folder / "session_transcripts") == 1
    assert "--as-of" in capsys.readouterr().err


def test_agreement_is_shown_and_written(capsys, corpora_folder, tmp_path):
    path = tmp_path / "agreement.csv"
    assert run("agree", corpora_folder / "session_transcripts", "--as-of", "2024-06-30", "--out", path) == 0
    shown = capsys.readouterr()
    assert "6 documents excluded by the consent gate" in shown.err
    assert "0.890" in shown.out
    assert len(pd.read_csv(path)) > 100


def test_a_sheet_goes_out_blind_and_comes_back_as_codings(capsys, corpora_folder, tmp_path):
    sheet, key, codings = tmp_path / "sheet.csv", tmp_path / "key.csv", tmp_path / "codings.csv"
    words = ["sheet", corpora_folder / "job_descriptions", "--coder", "me", "--key", key, "--seed", 5]
    assert run(*words, "--out", sheet) == 0
    table = pd.read_csv(sheet, dtype="str", keep_default_na=False)
    assert not table.apply(lambda column: column.str.contains("JD0")).to_numpy().any()
    assert run("sheet", sheet, "--read", "--coder", "me", "--key", key, "--out", codings) == 1
    assert not codings.exists()
    column = next(name for name in table.columns if "code" in name and name != "further_codes")
    to_code = table["sheet_id"].ne("") if "sheet_id" in table else slice(None)
    table.loc[to_code, column] = "none"
    table.to_csv(sheet, index=False)
    capsys.readouterr()
    assert run("sheet", sheet, "--read", "--coder", "me", "--key", key, "--out", codings) == 0
    assert set(pd.read_csv(codings)["coder_id"]) == {"me"}
    assert "check --register" in capsys.readouterr().err


def test_codings_of_two_sheets_become_a_corpus_on_which_agreement_is_measured(small_study_file, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(small_study_file.parent / "postings", folder)
    read = []
    for coder, code in (("ann", "none"), ("bob", "focus/peer")):
        sheet, key, out = (tmp_path / f"{coder}_{name}.csv" for name in ("sheet", "key", "codings"))
        assert run("sheet", folder, "--coder", coder, "--key", key, "--out", sheet) == 0
        table = pd.read_csv(sheet, dtype="str", keep_default_na=False)
        to_code = table["sheet_id"].ne("")
        table.loc[to_code, "code"] = "none"
        table.loc[to_code[to_code].index[:5], "code"] = code
        table.to_csv(sheet, index=False)
        assert run("sheet", sheet, "--read", "--coder", coder, "--key", key, "--out", out) == 0
        read.append(out.read_text(encoding="utf-8").splitlines())
    lines = [*read[0], *read[1][1:]]
    (folder / "codings.csv").write_text("\n".join(lines).replace(",true,", ",TRUE,") + "\n", encoding="utf-8")
    assert run("check", "--register", folder) == 0
    assert run("agree", folder, "--out", tmp_path / "agreement.csv") == 0
    raw = pd.read_csv(tmp_path / "agreement.csv").query("scope == 'overall' and coefficient == 'raw'")
    assert raw["estimate"].between(0.9, 0.9999).all()


def test_a_reader_who_has_seen_enough_is_no_fault():
    command = f"{sys.executable} -m peercompare.cli codebook | head -2; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "could not run" not in done.stderr


def test_a_folder_is_no_table_to_predict(capsys, corpora_folder, model, tmp_path):
    assert run("predict", model, corpora_folder, "--out", tmp_path / "p.csv") == 1
    assert "is a folder, not a table" in capsys.readouterr().err


def test_a_bare_table_trains_and_is_predicted(capsys, texts, tmp_path):
    labelled = pd.read_csv(texts)
    rows = [
        {"segment_id": f"{n}:{label}", "document_id": f"d{n}", "text": f"{text} number {n}", "label": label}
        for n in range(12)
        for label, text in [
            ("clinical", "writes treatment plans"),
            ("peer", "shares her own story"),
            ("none", "paid weekly"),
        ]
    ]
    table = tmp_path / "labelled.csv"
    pd.DataFrame(rows).to_csv(table, index=False)
    assert run("train", table, "--out", tmp_path / "m.skops") == 0
    assert run("predict", tmp_path / "m.skops", texts, "--out", tmp_path / "p.csv") == 0
    predicted = pd.read_csv(tmp_path / "p.csv")
    assert predicted["segment_id"].tolist() == labelled["segment_id"].tolist()
    assert predicted[["none", "peer", "overlap", "clinical"]].sum(axis=1).round(9).eq(1).all()
    assert predicted.loc[0, "clinical"] > predicted.loc[0, "peer"]


def test_predict_gives_one_column_for_each_label(model, texts, tmp_path):
    assert run("predict", model, texts, "--out", tmp_path / "p.parquet") == 0
    columns = pd.read_parquet(tmp_path / "p.parquet").columns.tolist()
    labels = ["none", "peer", "overlap", "clinical"]
    answers = ["named", "label_set", "abstained", "unlike", "out_of_domain", "why_unlike"]
    assert columns == ["segment_id", "document_id", "fold", "model_id", *labels, *answers]


def test_predict_says_what_the_model_does_not_know(capsys, model, texts, tmp_path):
    assert run("predict", model, texts, "--out", tmp_path / "p.csv") == 0
    said = capsys.readouterr().err
    found = pd.read_csv(tmp_path / "p.csv").drop_duplicates("document_id")
    assert f"{found['out_of_domain'].sum()} of 2 documents are unlike" in said
    assert "of 3 segments" in said
    assert found["out_of_domain"].any()
    assert (found["why_unlike"].notna() == found["out_of_domain"]).all()


@pytest.mark.parametrize("column", ["worker_id", "person_id", "speaker", "participant", "email"])
def test_predict_refuses_a_table_that_says_who_the_people_are(capsys, model, texts, tmp_path, column):
    pd.read_csv(texts).assign(**{column: "W01"}).to_csv(texts, index=False)
    assert run("predict", model, texts, "--out", tmp_path / "p.csv") == 1
    assert column in capsys.readouterr().err
    assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda t: t.drop(columns="text"), "text"),
        (lambda t: t.assign(segment_id="same"), "same"),
        (lambda t: t.assign(text=""), "empty"),
        (lambda t: t.head(0), "no row"),
    ],
)
def test_predict_refuses_a_faulty_table_and_writes_nothing(capsys, model, texts, tmp_path, fault, words):
    fault(pd.read_csv(texts)).to_csv(texts, index=False)
    assert run("predict", model, texts, "--out", tmp_path / "p.csv") == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "p.csv").exists()


def test_a_table_that_is_not_utf8_is_refused(capsys, model, texts, tmp_path):
    texts.write_bytes("segment_id,document_id,text\na,b,caf\xe9\n".encode("latin-1"))
    assert run("predict", model, texts, "--out", tmp_path / "p.csv") == 1
    assert "save it as CSV in UTF-8" in capsys.readouterr().err


def test_whole_documents_are_cut_and_columns_renamed(capsys, model, tmp_path):
    table = {"file": ["x", "y"], "body": ["You write notes. You drive people home.", ""], "group": ["g", "g"]}
    pd.DataFrame(table).to_csv(tmp_path / "t.csv", index=False)
    named = ["--columns", "document_id=file", "text=body"]
    words = ["predict", model, tmp_path / "t.csv", "--cut", "job_description", "--out", tmp_path / "p.csv"]
    assert run(*words, *named) == 0
    assert "1 documents hold no text" in capsys.readouterr().err
    assert pd.read_csv(tmp_path / "p.csv")["document_id"].tolist() == ["x", "x"]
    assert run(*words, "--force", "--columns", "document_id=file", "text=bdy") == 1
    assert "there is no column 'bdy'" in capsys.readouterr().err


def test_roles_are_read_from_a_table_of_documents(capsys, model, tmp_path):
    text = "You write progress notes after every visit.\nYou will never be asked to give out medication.\n"
    table = {"document_id": ["x"], "title": ["Peer Specialist"], "text": [text]}
    pd.DataFrame(table).to_csv(tmp_path / "t.csv", index=False)
    assert run("roles", tmp_path / "t.csv", "--model", model, "--out", tmp_path / "out") == 0
    findings = pd.read_csv(tmp_path / "out" / "markers.csv")
    assert {"present", "excluded"} == set(findings["finding"])
    assert run("roles", tmp_path / "t.csv", "--model", model, "--out", tmp_path / "out") == 1
    assert "exists already" in capsys.readouterr().err


def test_drift_withholds_small_cells_unless_waived(capsys, corpora_folder, tmp_path):
    words = [
        "drift",
        corpora_folder / "session_transcripts",
        "--as-of",
        "2024-06-30",
        "--only",
        "worker_role=peer",
    ]
    assert run(*words, "--by", "site_id", "--out", tmp_path / "a.csv") == 0
    assert "Estimates speak of" in capsys.readouterr().out
    assert run(*words, "--by", "site_id", "--waive-if-composed", "--out", tmp_path / "b.csv") == 0
    withheld, shown = (
        pd.read_csv(tmp_path / name).query("group_by == 'site_id'") for name in ("a.csv", "b.csv")
    )
    assert withheld["estimate"].isna().all()
    assert shown["estimate"].notna().any()


def test_roles_are_not_read_from_sessions(capsys, corpora_folder, model, tmp_path):
    words = ["roles", corpora_folder / "session_transcripts", "--as-of", "2024-06-30", "--model", model]
    assert run(*words, "--out", tmp_path / "out") == 1
    assert "would be a row for a worker" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_person_column_is_refused_under_any_name(capsys, model, texts, tmp_path):
    pd.read_csv(texts).rename(columns={"document_id": "worker_id"}).to_csv(texts, index=False)
    named = ["--columns", "segment_id=segment_id", "document_id=worker_id", "text=text"]
    assert run("predict", model, texts, "--out", tmp_path / "p.csv", *named) == 1
    assert "worker_id" in capsys.readouterr().err


def test_a_sheet_never_replaces_its_key(capsys, corpora_folder, tmp_path):
    words = ["sheet", corpora_folder / "job_descriptions", "--coder", "me"]
    assert run(*words, "--key", tmp_path / "a.csv", "--out", tmp_path / "a.csv") == 1
    assert not (tmp_path / "a.csv").exists()


def test_no_report_is_made_of_a_study_that_was_not_run(capsys, small_study_file, tmp_path):
    text = small_study_file.read_text(encoding="utf-8")
    for name in ("postings", "sessions"):
        text = text.replace(f'path = "{name}"', f'path = "{small_study_file.parent / name}"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    shutil.copy(small_study_file.parent / "climate.csv", tmp_path)
    assert run("report", tmp_path / "study.toml") == 1
    assert "peercompare run" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_drift_never_groups_by_person(capsys, corpora_folder):
    words = ["drift", corpora_folder / "session_transcripts", "--as-of", "2024-06-30"]
    assert run(*words, "--by", "worker_id") == 1
    assert "worker_id" in capsys.readouterr().err


def test_drift_gives_slopes_references_and_variants_in_one_publication(capsys, corpora_folder, tmp_path):
    words = ["drift", corpora_folder / "job_descriptions", "--only", "title_family=peer", "--slope", "year"]
    anchor = ["--anchor", "role_type", "peer_role", "traditional_role", "--by", "role_type"]
    assert run(*words, *anchor, "--variant", "without_required", "--out", tmp_path / "e.csv") == 0
    estimates = pd.read_csv(tmp_path / "e.csv")
    assert {"index", "slope", "index_anchored"} <= set(estimates["estimand"])
    assert set(estimates["variant"]) == {"without_required"}
    assert run(*words, "--variant", "without_everything") == 1
    assert "ties_split" in capsys.readouterr().err
    assert run(*words, "--coder", "coder_x") == 1
    assert "coder_a" in capsys.readouterr().err


def test_drift_is_about_this_corpus_where_that_is_asked(capsys, small_study_file, tmp_path):
    postings = small_study_file.parent / "postings"
    assert run("drift", postings, "--about", "this_corpus", "--out", tmp_path / "e.csv") == 0
    estimates = pd.read_csv(tmp_path / "e.csv")
    assert set(estimates["target"]) == {"this corpus"}
    assert estimates.query("estimand == 'index'")["lower"].isna().all()
    assert "this is a count of the corpus" in capsys.readouterr().out


def test_a_sample_puts_predictions_right(capsys, corpora_folder, small_results, small_study_file, tmp_path):
    for name in ("predictions", "sample"):
        table = small_results.table(name)
        table[table["corpus"] == "job_descriptions"].to_csv(tmp_path / f"{name}.csv", index=False)
    words = ["drift", small_study_file.parent / "postings", "--predictions", tmp_path / "predictions.csv"]
    assert run(*words, "--sample", tmp_path / "sample.csv", "--out", tmp_path / "e.csv") == 0
    estimates = pd.read_csv(tmp_path / "e.csv")
    assert set(estimates["labels"]) == {"probability_sample"}
    (tmp_path / "sample.csv").write_text("segment_id,pi,sampled\nx,much,perhaps\n")
    assert run(*words, "--sample", tmp_path / "sample.csv") == 1
    assert "row 2" in capsys.readouterr().err


def test_predictions_that_are_only_counted_are_called_biased_beside_their_intervals(
    capsys, small_results, small_study_file, tmp_path
):
    table = small_results.table("predictions")
    table[table["corpus"] == "job_descriptions"].to_csv(tmp_path / "predictions.csv", index=False)
    words = ["drift", small_study_file.parent / "postings", "--predictions", tmp_path / "predictions.csv"]
    assert run(*words) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "biased, and its interval leaves that bias out. Codings of a drawn sample" in said


def test_a_study_runs_again_only_what_changed(capsys, small_study_file, small_results):
    assert run("run", small_study_file, "--until", "agreement") == 0
    assert "agreement: nothing changed" in capsys.readouterr().err
    assert run("run", small_study_file, "--until", "agrement") == 1
    assert "the stages are corpora, agreement" in capsys.readouterr().err


def test_the_report_is_rendered_from_the_results(small_study_file, small_results, tmp_path):
    assert run("report", small_study_file, "--out", tmp_path / "r.html") == 0
    assert (tmp_path / "r.html").read_bytes() == small_results.report.read_bytes()


def test_a_study_with_a_misspelt_key_changes_nothing(capsys, small_study_file, tmp_path):
    text = small_study_file.read_text(encoding="utf-8").replace("seed =", "sede =")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert run("run", tmp_path / "study.toml") == 1
    assert "did you mean 'seed'?" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]
