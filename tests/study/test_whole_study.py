"""A whole study runs from corpora to report, once; every number says what it rests on."""

import re
import shutil

import pandas as pd
import pytest

from peercompare.errors import CorpusError
from peercompare.study import read_study, run_study

TABLES = {
    "corpora",
    "left_out",
    "agreement",
    "scores",
    "confusion",
    "calibration",
    "terms",
    "estimates",
    "roles",
    "marker_findings",
    "role_scores",
    "title_against_duties",
}


def test_every_table_is_there(small_results):
    assert set(small_results.table_names) >= TABLES


def test_a_second_run_runs_nothing(small_study_file, small_results):
    told = []
    run_study(small_study_file, tell=told.append)
    assert told
    assert all(line.endswith("nothing changed") for line in told)


def test_what_consent_left_out_is_counted(small_results):
    left_out = small_results.table("left_out")
    assert set(left_out["document_id"]) == {"ST005", "ST014", "ST018", "ST050"}
    counts = small_results.table("corpora").set_index("corpus")["n_documents_touched_by_consent"]
    assert counts.to_dict() == {"job_descriptions": 0, "session_transcripts": 4}


def test_every_estimate_has_an_interval_or_a_reason_and_a_method(small_results):
    estimates = small_results.table("estimates")
    has_interval = estimates["lower"].notna() & estimates["upper"].notna()
    assert (has_interval | (estimates["reason"] != "")).all()
    assert (estimates.loc[has_interval, "lower"] <= estimates.loc[has_interval, "upper"]).all()
    assert (estimates["method"] != "").all()
    assert (estimates["target"] != "").all()


def test_shares_of_stances_add_up_to_one(small_results, deegan):
    estimates = small_results.table("estimates")
    shares = estimates[estimates["estimand"].isin([f"share_{s}" for s in deegan.stance_ids])]
    keys = ["corpus", "group_by", "group", "dimension", "variant", "labels"]
    sums = shares.dropna(subset=["estimate"]).groupby(keys)["estimate"].agg(["sum", "size"])
    full = sums[sums["size"] == len(deegan.stance_ids)]
    assert len(full) > 50
    assert (full["sum"] - 1).abs().max() < 1e-9


def test_small_cells_are_shown_only_with_the_waiver_said(small_results):
    estimates = small_results.table("estimates")
    sites = estimates[(estimates["corpus"] == "session_transcripts") & (estimates["group_by"] == "site_id")]
    shown = sites[sites["estimate"].notna()]
    assert len(shown)
    assert shown["waiver"].all()


def test_each_worker_who_asked_for_it_gets_a_file_of_their_own(small_results):
    files = sorted(path.name for path in (small_results.folder / "individual_feedback").iterdir())
    assert files == [f"session_transcripts_{worker}.csv" for worker in ("W02", "W05", "W07")]
    for path in (small_results.folder / "individual_feedback").iterdir():
        others = {"W01", "W02", "W03", "W05", "W07"} - {path.stem[-3:]}
        assert not others & set(re.findall(r"W\d\d", path.read_text()))


def test_no_table_names_a_worker(small_results):
    for name in small_results.table_names:
        table = small_results.table(name)
        texts = table.select_dtypes(["object", "str"])
        found = texts.apply(lambda column: column.astype(str).str.fullmatch(r"[WC]\d\d")).to_numpy().any()
        assert not found, name


def test_every_figure_has_its_words(small_results):
    names = set(small_results.figure_paths)
    assert {
        "terms",
        "drift_half_year_session_transcripts",
        "titles_job_descriptions",
        "shares_job_descriptions",
    } <= names
    for path in small_results.figure_paths.values():
        assert path.with_suffix(".svg").exists()
        assert path.with_name(f"{path.stem}.words.json").exists()


def test_the_report_says_what_it_must(small_results):
    page = small_results.report.read_text(encoding="utf-8")
    assert "not for hiring, discipline or pay" in page.lower()
    assert "nobody yet" in page
    assert "composed by a language model" in page
    assert "<script" not in page


@pytest.fixture(scope="module")
def changed_results(small_study_file, tmp_path_factory):
    """The small study after one worker withdrew, and without the waiver."""
    folder = tmp_path_factory.mktemp("changed")
    for name in ("postings", "sessions"):
        shutil.copytree(small_study_file.parent / name, folder / name)
    text = small_study_file.read_text(encoding="utf-8").replace("composed = true", "composed = false")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    consents = pd.read_csv(folder / "sessions" / "consents.csv", dtype="str", keep_default_na=False)
    consents.loc[consents["person_id"] == "W02", "withdrawn_on"] = "2024-01-01"
    consents.to_csv(folder / "sessions" / "consents.csv", index=False)
    return run_study(folder / "study.toml", until="drift")


def test_without_the_waiver_small_cells_are_withheld(changed_results):
    estimates = changed_results.table("estimates")
    sites = estimates[(estimates["corpus"] == "session_transcripts") & (estimates["group_by"] == "site_id")]
    assert len(sites) > 20
    assert sites["estimate"].isna().all()
    assert sites["reason"].ne("").all()
    assert sites["reason"].str.contains("withheld").mean() > 0.8
    assert not estimates["waiver"].any()


def test_withdrawn_consent_reaches_every_stage(changed_results):
    feedback = changed_results.folder / "individual_feedback"
    assert not (feedback / "session_transcripts_W02.csv").exists()
    predicted = changed_results.table("predictions")["segment_id"].str.split(":").str[0]
    assert not set(predicted) & {"ST007", "ST008", "ST009", "ST010", "ST011", "ST012"}


def test_a_changed_text_stops_the_study_before_anything_is_written(small_study_file, tmp_path):
    for part in ("postings", "sessions"):
        shutil.copytree(small_study_file.parent / part, tmp_path / part)
    shutil.copy(small_study_file, tmp_path / "study.toml")
    text = next((tmp_path / "postings" / "texts").iterdir())
    text.write_text(text.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(CorpusError, match=text.name):
        run_study(read_study(tmp_path / "study.toml"))
    assert not (tmp_path / "results").exists()
