"""A whole study runs from corpora to report, once; every number says what it rests on."""

import dataclasses
import re
import shutil

import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.errors import ConsentError, CorpusError, StudyError
from peercompare.study import read_study, run_study
from peercompare.study.stages import count_left_out

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
    "marker_shares",
    "role_scores",
    "title_against_duties",
    "duties_under_titles",
    "marker_shares_by_title",
    "role_confusion",
    "role_ladder",
}


def test_every_table_is_there(small_results):
    assert set(small_results.table_names) >= TABLES


def test_a_second_run_runs_nothing(small_study_file, small_results):
    told = []
    run_study(small_study_file, tell=told.append)
    assert told
    assert all(line.endswith("nothing changed") for line in told)


def test_what_consent_left_out_is_counted_and_nobody_is_named(small_results):
    counts = small_results.table("corpora").set_index("corpus")
    assert counts["n_documents_left_out"].to_dict() == {"job_descriptions": 0, "session_transcripts": 4}
    left_out = small_results.table("left_out")
    assert dict(zip(left_out["reason"], left_out["n_people"], strict=True)) == {
        "expired": 1,
        "not free and without extra review": 1,
        "purpose not covered": 1,
        "withdrawn": 1,
    }
    assert not {"person_id", "document_id"} & set(left_out.columns)


def test_counts_of_few_real_people_are_withheld(corpora_folder):
    sessions = open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30")
    sessions = dataclasses.replace(sessions, composed=False)
    (real,) = count_left_out(sessions).to_dict("records")
    assert real["reason"] == "all reasons together"  # six documents over five reasons would tell each
    assert real["n_people"] == sessions.left_out["person_id"].nunique() >= 5
    assert "fewer than 5 people" in real["withheld"]
    (few,) = count_left_out(dataclasses.replace(sessions, left_out=sessions.left_out[:3])).to_dict("records")
    assert pd.isna(few["n_people"])
    assert pd.isna(few["n_documents"])


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
    # A rectified share of a thin cell may fall outside its scale; it is set to the end of it, which is said.
    moved = shares["reason"].str.contains("set to the end") | shares["method"].str.contains("set to the end")
    shares = shares.assign(moved=moved)
    sums = (
        shares.dropna(subset=["estimate"])
        .groupby(keys)
        .agg(sum=("estimate", "sum"), size=("estimate", "size"), moved=("moved", "any"))
    )
    sums = sums[~sums["moved"]]
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
    files = sorted(path.name for path in (small_results.folder / "individual_feedback").glob("*.csv"))
    assert files == [f"session_transcripts_{worker}.csv" for worker in ("W02", "W05", "W07")]
    said = (small_results.folder / "individual_feedback" / "README.txt").read_text(encoding="utf-8")
    assert "for that worker alone" in said
    for path in (small_results.folder / "individual_feedback").glob("*.csv"):
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
    """The small study of sessions alone after one worker withdrew, and without the waiver."""
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(small_study_file.parent / "sessions", folder / "sessions")
    shutil.copy(small_study_file.with_name("climate.csv"), folder)
    head, _, sessions = small_study_file.read_text(encoding="utf-8").split("[[corpus]]")
    text = f"{head}[[corpus]]{sessions}".replace("composed = true", "composed = false")
    assert 'path = "sessions"' in text
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
    for name in ("study.toml", "climate.csv"):
        shutil.copy(small_study_file.with_name(name), tmp_path / name)
    text = next((tmp_path / "postings" / "texts").iterdir())
    text.write_text(text.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(CorpusError, match=text.name):
        run_study(read_study(tmp_path / "study.toml"))
    assert not (tmp_path / "results").exists()


def test_where_consent_leaves_nothing_the_study_stops_and_earlier_results_stay(small_study_file, tmp_path):
    text = small_study_file.read_text(encoding="utf-8").replace("as_of = 2024-06-30", "as_of = 1990-01-01")
    for name in ("postings", "sessions"):
        text = text.replace(f'path = "{name}"', f'path = "{small_study_file.parent / name}"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    shutil.copy(small_study_file.with_name("climate.csv"), tmp_path)
    earlier = tmp_path / "results" / "report.html"
    earlier.parent.mkdir()
    earlier.write_text("of an earlier day", encoding="utf-8")
    with pytest.raises(ConsentError, match=r"leaves no document .* as of 1990-01-01"):
        run_study(tmp_path / "study.toml")
    assert earlier.read_text(encoding="utf-8") == "of an earlier day"
    assert [path.name for path in earlier.parent.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('"setting"]', '"seting"]', "setting"),
        ('value = "peer"', 'value = "pear"', "there are clinician, peer"),
        ('"site_id", "site_id x half_year"', '"worker_id"', "worker_id"),
    ],
)
def test_a_question_that_cannot_be_asked_stops_the_study_first(
    small_study_file, tmp_path, right, wrong, words
):
    text = small_study_file.read_text(encoding="utf-8")
    assert right in text
    text = text.replace(right, wrong)
    for name in ("postings", "sessions"):
        text = text.replace(f'path = "{name}"', f'path = "{small_study_file.parent / name}"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    shutil.copy(small_study_file.with_name("climate.csv"), tmp_path)
    with pytest.raises(StudyError, match=words):
        run_study(tmp_path / "study.toml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["climate.csv", "study.toml"]
