"""`peercompare diagnosis`: the headline, what warns, on demand every check; and what cannot be diagnosed."""

import pytest

from peercompare.cli import main
from peercompare.cli.diagnosis_commands import warning_lines


@pytest.fixture
def diagnosed(capsys, small_study_file, small_results):
    """Run the command on the small study, which has been run already; return what it printed and told."""

    def run(*options):
        capsys.readouterr()
        assert main(["diagnosis", str(small_study_file), *options]) == 0
        return capsys.readouterr()

    return run


def as_one_line(text):
    return " ".join(text.split())


def test_index_and_slope_come_first_with_interval_or_reason_and_whom_they_speak_of(diagnosed, small_results):
    lines = diagnosed().out
    headline = as_one_line(lines[: lines.index("Warning:")])
    for corpus in ("job_descriptions", "session_transcripts"):
        for estimand in ("index", "slope"):
            assert f"{corpus}, {estimand}: " in headline
    wanted = "group_by == 'all' and dimension == 'all' and variant == 'as_coded' and labels == 'all_codings'"
    rows = small_results.table("estimates").query(f"{wanted} and estimand in ['index', 'slope']")
    for row in rows.to_dict("records"):
        shown = f"{row['estimate']:.3f} ({row['lower']:.3f} to {row['upper']:.3f}), about {row['target']}"
        assert shown in headline


def test_all_that_warns_is_printed_and_the_rest_is_counted(diagnosed, small_results):
    said = diagnosed().out
    table = small_results.table("diagnosis")
    warned = int(table["warns"].sum())
    assert said.count("Warning:") == warned > 0
    assert "\n".join(warning_lines(table)) in said
    assert f"{len(table) - warned} of {len(table)} checks do not warn; --all prints them." in as_one_line(
        said
    )
    assert "Not for hiring, discipline or pay" in said


def test_all_prints_the_checks_that_do_not_warn_too(diagnosed, small_results):
    said = diagnosed("--all").out
    table = small_results.table("diagnosis")
    shown = as_one_line(said)
    for row in table.to_dict("records"):
        assert as_one_line(f"{row['corpus']}, {row['what']}") in shown
    assert "--all prints them" not in shown
    assert sum(line.startswith("- ") for line in said.splitlines()) == int((~table["warns"]).sum())


def test_nothing_is_run_again_for_it(diagnosed):
    told = diagnosed().err.splitlines()
    assert told[-1] == "diagnosis: nothing changed"
    assert all(line.endswith("nothing changed") for line in told)


def test_no_worker_is_named(diagnosed):
    said = diagnosed("--all").out
    assert not {f"{kind}0{n}" for kind in "WC" for n in range(1, 8)} & set(said.replace(",", " ").split())


def test_a_study_that_is_not_there_cannot_be_diagnosed(capsys, tmp_path):
    assert main(["diagnosis", str(tmp_path / "study.toml")]) == 2
    assert "there is nothing at" in capsys.readouterr().err


def test_a_study_with_a_misspelt_key_is_refused(capsys, small_study_file, tmp_path):
    text = small_study_file.read_text(encoding="utf-8").replace("seed =", "sede =")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert main(["diagnosis", str(tmp_path / "study.toml")]) == 1
    said = capsys.readouterr()
    assert "did you mean 'seed'?" in said.err
    assert said.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]
