"""The stage of the diagnosis: its tables stand beside the study's estimates and take nothing back."""

import pytest

from peercompare.cli.diagnosis_commands import tell_warnings
from peercompare.study.diagnosis_stage import TABLES, Desk, tables_of
from peercompare.study.drift_stage import plan_of
from peercompare.study.study import read_study


def test_the_tables_are_there(small_results):
    assert set(TABLES) <= set(small_results.table_names)


def test_every_check_has_a_verdict_and_a_reason_where_it_has_no_number(small_results):
    table = small_results.table("diagnosis")
    assert {"sampling", "label_shift_time", "coder_lean", "wrong_codings_index"} <= set(table["check"])
    assert (table["verdict"] != "").all()
    unchecked = table[table["verdict"] == "not checked"]
    assert (unchecked["reason"] != "").all()
    assert (table.loc[table["warns"], "remedy"] != "").all()


def test_the_plans_own_index_is_that_of_the_estimates(small_results):
    choices = small_results.table("sensitivity").query("choice_id == 'as_planned'").set_index("corpus")
    whole = "estimand == 'index' and group_by == 'all' and dimension == 'all' and variant == 'as_coded'"
    estimates = small_results.table("estimates").query(f"{whole} and labels == 'all_codings'")
    estimates = estimates[~estimates["target"].str.contains("title")].set_index("corpus")
    for name, row in choices.iterrows():
        assert row["estimate"] == pytest.approx(estimates.loc[name, "estimate"])


def test_curves_have_bands_or_reasons(small_results):
    table = small_results.table("timelines")
    assert (table["lower"].notna() | (table["reason"] != "")).all()


def test_a_real_corpus_withholds_what_rests_on_few_workers(small_results, small_study_file):
    study = read_study(small_study_file)
    (corpus, section), *_ = [
        (corpus, section) for corpus, section in study.sections() if corpus.cluster == "worker_id"
    ]
    settings = study.settings.study.model_copy(update={"waive_small_cells_if_composed": False})
    section = section.model_copy(update={"leave_out": ["site_id"]})
    mine = {
        name: small_results.table(name).query(f"corpus == {corpus.name!r}")
        for name in ("sample", "predictions")
    }
    tables = tables_of(Desk(corpus, section, plan_of(corpus, settings)), **mine)
    for table in tables.values():
        few = table["n_workers"].fillna(99) < 5
        numbers = [name for name in ("estimate", "value", "lower", "upper", "p") if name in table]
        assert table.loc[few, numbers].isna().all(axis=None)
        assert not table["waiver"].any()
    left = tables["sensitivity"].query("choice_id == 'leave_out_site_id'")
    assert left["estimate"].isna().all()


def test_run_says_what_warns_on_standard_error(small_results, capsys):
    tell_warnings(small_results)
    said = capsys.readouterr()
    warned = small_results.table("diagnosis")["warns"].sum()
    assert said.out == ""
    assert said.err.count("Warning:") == warned
