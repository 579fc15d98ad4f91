"""`peercompare plan`: a study planned from a pilot, and from what one expects."""

import pandas as pd
import pytest

from peercompare.cli import main

DAY = ["--as-of", "2024-06-30"]
FEW = ["--workers", "8", "20", "--coded", "100", "400"]


def run(*words):
    return main([str(word) for word in words])


def test_a_plan_from_assumptions_is_printed_and_written(tmp_path, capsys):
    out, figure = tmp_path / "plan.csv", tmp_path / "plan.svg"
    asked = ["--expect", "value=0.2", "worker_sd=0.05", "--span", "12", "--width", "0.1", "--budget", "300"]
    assert run("plan", *FEW, *asked, "--out", out, "--figure", figure) == 0
    said = capsys.readouterr().out
    assert "share of this corpus" in said
    assert "slope of share of workers like these" in said
    assert "Fewest codes for a width of 0.1" in said
    assert "300 codes shared out" in said
    assert "A forecast, no promise" in said
    table = pd.read_csv(out)
    assert len(table) == 2 * 2 * 2 * 2
    assert table["width"].notna().all()
    assert figure.read_bytes().startswith(b"<?xml")


def test_a_pilot_tells_how_workers_differ(corpora_folder, capsys):
    folder = corpora_folder / "session_transcripts"
    assert run("plan", folder, *DAY, *FEW, "--only", "worker_role=peer", "--estimand", "share_clinical") == 0
    said = capsys.readouterr().out
    assert "Planned from pilot session_transcripts: 8 workers" in said
    assert "share_clinical of workers like these" in said


def test_employers_are_called_employers(corpora_folder, capsys):
    assert (
        run(
            "plan",
            corpora_folder / "job_descriptions",
            *FEW,
            "--per",
            "year",
            "--slope-width",
            "0.1",
            "--span",
            "10",
        )
        == 0
    )
    assert "index of employers like these" in capsys.readouterr().out


def test_a_study_lends_its_population(corpora_folder, tmp_path, capsys):
    study = tmp_path / "study.toml"
    study.write_text(
        '[study]\ntitle = "t"\nas_of = 2024-06-30\n'
        f'[[corpus]]\npath = "{corpora_folder / "session_transcripts"}"\n'
        'population = { column = "worker_role", value = "peer", words = "peer workers" }\n',
        encoding="utf-8",
    )
    assert run("plan", study, *FEW) == 0
    assert "8 workers" in capsys.readouterr().out
    assert run("plan", study, *FEW, "--corpus", "letters") == 1
    assert "no corpus 'letters'" in capsys.readouterr().err


def test_options_that_do_not_fit_are_said_all_at_once_and_nothing_is_written(tmp_path, capsys):
    out = tmp_path / "plan.csv"
    asked = ["--only", "a=b", "--slope-width", "1", "--figure", tmp_path / "plan.gif", "--out", out]
    assert run("plan", *asked) == 1
    said = capsys.readouterr().err
    for words in ("--only: goes with a pilot", "--slope-width: needs --span", "does not end in .png"):
        assert words in said
    assert not out.exists()


def test_a_pilot_and_assumptions_together_are_refused(corpora_folder, capsys):
    assert run("plan", corpora_folder / "job_descriptions", "--expect", "value=0.2", "--corpus", "x") == 1
    said = capsys.readouterr().err
    assert "--expect: a pilot stands in the place of assumptions" in said
    assert "--corpus: goes with a study.toml" in said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--expect", "value=much"], "value: 'much' is not allowed"),
        (["--expect", "wrker_sd=1"], "did you mean 'worker_sd'"),
        (["--workers", "0"], "workers: 0 is no number of them"),
        (["--power", "1.5"], "power: 1.5 does not lie in (0, 1)"),
        (["--width", "-1"], "cannot be -1.0 wide"),
        (["--budget", "3"], "cannot be shared out"),
    ],
)
def test_numbers_that_cannot_be_are_refused_by_name(asked, words, capsys):
    assert run("plan", *asked) == 1
    assert words in capsys.readouterr().err


def test_a_table_that_exists_is_not_replaced_unasked(tmp_path, capsys):
    out = tmp_path / "plan.csv"
    out.write_text("mine", encoding="utf-8")
    assert run("plan", *FEW, "--out", out) == 1
    assert out.read_text(encoding="utf-8") == "mine"
    assert run("plan", *FEW, "--out", out, "--force") == 0
    assert "width" in out.read_text(encoding="utf-8")
    assert "cannot" not in capsys.readouterr().out


def test_what_is_not_there_is_said(tmp_path, capsys):
    assert run("plan", tmp_path / "nowhere") == 2
    assert "nothing at" in capsys.readouterr().err
