"""What a study says of duties under peer titles, and of how well role types are read."""

import shutil

import numpy as np
import pytest

from peercompare.errors import StudyError
from peercompare.study import read_study


def test_duties_under_titles_are_grouped_by_setting_where_a_study_names_no_groups(small_results):
    duties = small_results.table("duties_under_titles")
    assert set(duties["group_by"]) == {"all", "setting"}
    assert set(duties["corpus"]) == {"job_descriptions"}
    assert {"share_clinical", "titles_over_duties"} <= set(duties["estimand"])


def test_titles_agree_with_the_table_that_counts_them(small_results):
    duties = small_results.table("duties_under_titles").query("estimand == 'titles_over_duties'")
    titles = small_results.table("title_against_duties")
    both = duties.merge(titles, on=["group_by", "group"])
    assert len(both) == len(duties)
    assert np.allclose(both["estimate"], both["share"])
    assert both["found_by"].eq("gold").all()


def test_every_share_has_an_interval_or_a_reason(small_results):
    for name in ("duties_under_titles", "role_ladder", "role_confusion", "marker_shares_by_title"):
        table = small_results.table(name)
        assert ((table["lower"].notna()) | (table["reason"].fillna("") != "")).all(), name


def test_the_program_stands_beside_the_title_alone_and_the_coders(small_results):
    ladder = small_results.table("role_ladder")
    assert set(ladder["reader"]) == {"program", "title_alone", "coder_b"}


def test_the_chart_of_duties_is_among_the_figures(small_results):
    assert "titles_duties_job_descriptions" in small_results.figure_paths


def test_groups_that_documents_do_not_have_are_refused_before_anything_runs(small_study_file, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(small_study_file.parent, folder, ignore=shutil.ignore_patterns("results"))
    text = small_study_file.read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace('path = "postings"', 'path = "postings"\ntitle_groups = ["settng"]'), encoding="utf-8"
    )
    with pytest.raises(StudyError, match="title_groups: there is no column 'settng'"):
        read_study(folder / "study.toml").check()
