"""`peercompare deidentify` from end to end."""

import pytest

from peercompare.cli import main
from peercompare.deidentify import NOT_ANONYMOUS
from tests.deidentify.conftest import DAY, decide, rows_of


def run(*words):
    return main([str(word) for word in words])


def test_propose_review_apply_check(named, roster_file, tmp_path, capsys):
    review, new = tmp_path / "private" / "review.csv", tmp_path / "new"
    assert run("deidentify", "propose", named, "--as-of", DAY, "--roster", roster_file, "--out", review) == 0
    told = capsys.readouterr()
    assert "phone: 1 proposed" in told.out
    assert NOT_ANONYMOUS in told.err
    assert "Not looked for" in told.err
    assert "Maria" not in told.out + told.err
    decide(review)
    assert run("deidentify", "apply", named, review, "--as-of", DAY, "--out", new) == 0
    told = capsys.readouterr()
    assert "name: 6 replaced, 0 kept" in told.out
    assert "D2" in told.err
    assert run("deidentify", "check", new, "--as-of", DAY, "--roster", roster_file) == 0
    told = capsys.readouterr()
    assert "date" in told.out
    assert NOT_ANONYMOUS in told.err


def test_a_second_run_gives_the_same_pseudonyms(named, roster_file, tmp_path):
    for name in ("one.csv", "two.csv"):
        run("deidentify", "propose", named, "--as-of", DAY, "--roster", roster_file, "--out", tmp_path / name)
    assert rows_of(tmp_path / "one.csv") == rows_of(tmp_path / "two.csv")
    assert roster_file.with_name("roster.named.pseudonyms.toml").is_file()


def test_switches_come_from_a_file_and_from_words(named, tmp_path, capsys):
    settings = tmp_path / "s.toml"
    settings.write_text('without = ["phone", "other_number"]\nplaces = ["Hill House"]\n', encoding="utf-8")
    out = tmp_path / "r.csv"
    run(
        "deidentify", "propose", named, "--as-of", DAY, "--settings", settings, "--without", "date",
        "--columns", "documents.csv:employer", "--out", out,
    )  # fmt: skip
    assert [(row["place"], row["rule"]) for row in rows_of(out)] == []
    assert "phone" in capsys.readouterr().err
    assert (
        run("deidentify", "propose", named, "--as-of", DAY, "--only", "fone", "--out", tmp_path / "n.csv")
        == 1
    )
    assert not (tmp_path / "n.csv").exists()


def test_an_undecided_review_exits_with_one(named, roster_file, tmp_path, capsys):
    review = tmp_path / "r.csv"
    run("deidentify", "propose", named, "--as-of", DAY, "--roster", roster_file, "--out", review)
    assert run("deidentify", "apply", named, review, "--as-of", DAY, "--out", tmp_path / "new") == 1
    assert "accept is empty" in capsys.readouterr().err


def test_rules_are_listed_with_the_paragraphs(capsys):
    assert run("deidentify", "rules") == 0
    out = capsys.readouterr().out
    assert "place (B)" in out
    assert "weekday (off unless asked for)" in out
    assert "164.514(b)(2)" in out


@pytest.mark.parametrize("step", ["propose", "apply", "check", "rules"])
def test_help_carries_the_caution(step, capsys):
    with pytest.raises(SystemExit):
        run("deidentify", step, "--help")
    assert "Not for hiring, discipline or pay" in " ".join(capsys.readouterr().out.split())
