import csv
import io

import pytest
from canaries import AS_OF, canaries_in, phrase, write_corpus

from peercompare.cli import main
from peercompare.consent.asking import checked_day
from peercompare.contests import COLUMNS, contest_sheet, contests_table, record_contests
from peercompare.corpus import open_corpus, register
from peercompare.drift import Plan, corpus_scores, draft_estimates, publish
from peercompare.errors import CodingError, CorpusError, DisclosureError

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}
DAY = checked_day(AS_OF)


@pytest.fixture
def folder(tmp_path):
    return write_corpus(tmp_path / "corpus", CODES, lacking={"W2": "individual_feedback"})


def sheet_of(folder, worker="W1"):
    return contest_sheet(open_corpus(folder, as_of=AS_OF), worker)


def filled(sheet, **rows):
    """A sheet with what a worker wrote: (contested, proposed_code, reason) by number of row."""
    for at, cells in rows.items():
        sheet.loc[int(at[1:]), ["contested", "proposed_code", "reason"]] = cells
    return sheet


def read(folder, sheet, worker="W1"):
    return record_contests(folder, worker, sheet, on=DAY)


def stands(folder):
    text = (folder / "contests.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_sheet_holds_the_workers_own_words_and_nobody_elses(folder):
    sheet = sheet_of(folder)
    assert len(sheet) == 12
    assert canaries_in(sheet) == {"W1"}
    assert set(sheet["coded_as"]) == set(CODES.values())
    assert (sheet[["contested", "proposed_code", "reason"]] == "").all(axis=None)


def test_a_worker_who_did_not_agree_to_feedback_gets_no_sheet_and_contests_nothing(folder):
    with pytest.raises(DisclosureError, match="W2"):
        sheet_of(folder, "W2")
    sheet = filled(sheet_of(folder), r0=("yes", "", "no"))
    with pytest.raises(DisclosureError, match="W2"):
        read(folder, sheet, "W2")
    assert not (folder / "contests.csv").exists()


def test_what_is_contested_is_kept_with_its_hash_and_the_corpus_opens(folder):
    sheet = filled(sheet_of(folder), r0=("yes", "none", "small talk"), r1=("Yes", "", "=not so"))
    first, second = sheet["segment_id"].head(2)
    assert read(folder, sheet).n_new == 2
    corpus = open_corpus(folder, as_of=AS_OF)
    assert corpus.contests["segment_id"].tolist() == [first, second]
    assert corpus.contests["proposed_code"].tolist() == ["none", ""]
    assert stands(folder)[1] == dict(zip(COLUMNS, (second, "W1", "=not so", "", AS_OF), strict=True))
    assert (folder / "contests.csv").stat().st_mode & 0o777 == 0o600


def test_reasons_stay_in_the_file(folder):
    read(folder, filled(sheet_of(folder), r0=("yes", "none", f"{phrase('W1')} was meant otherwise")))
    corpus = open_corpus(folder, as_of=AS_OF)
    assert "reason" not in corpus.contests
    assert not canaries_in([corpus.contests, contests_table(corpus)])


def test_the_same_sheet_read_twice_adds_nothing_and_a_new_sheet_shows_what_stands(folder):
    sheet = filled(sheet_of(folder), r0=("yes", "", "not so"))
    read(folder, sheet)
    again = sheet_of(folder)
    assert again.loc[0, ["contested", "reason"]].tolist() == ["yes", "not so"]
    done = read(folder, again)
    assert (done.n_new, done.n_known) == (0, 1)
    assert len(stands(folder)) == 1


FAULTS = {
    "no reason": ({"r0": ("yes", "none", " ")}, "reason is empty"),
    "unknown code": ({"r0": ("yes", "focus/nobody", "so")}, "unknown code 'focus/nobody'"),
    "no yes": ({"r0": ("", "", "so")}, "contested is not yes"),
    "another word": ({"r0": ("perhaps", "", "so")}, "neither yes nor empty"),
}


@pytest.mark.parametrize(("rows", "words"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_row_is_named_and_nothing_is_written(folder, rows, words):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(CodingError, match=words):
        read(folder, filled(sheet_of(folder), **rows))
    assert {
        p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".peercompare.lock"
    } == {path: data for path, data in before.items() if path.name != ".peercompare.lock"}


def test_the_code_that_stands_is_no_other_code(folder):
    sheet = sheet_of(folder)
    with pytest.raises(CodingError, match="the one that it has"):
        read(folder, filled(sheet, r0=("yes", sheet.loc[0, "coded_as"], "so")))


def test_segments_of_somebody_else_are_refused(folder):
    sheet = filled(sheet_of(folder), r0=("yes", "", "so"), r1=("yes", "", "so"))
    sheet.loc[0, "segment_id"] = "D31:01"
    with pytest.raises(CodingError, match="'D31:01' is no coded segment of this worker"):
        read(folder, sheet)


def test_a_segment_contested_twice_is_refused_in_the_sheet_and_in_the_corpus(folder):
    sheet = filled(sheet_of(folder), r0=("yes", "", "so"), r1=("yes", "", "so"))
    doubled = sheet.assign(segment_id=sheet["segment_id"].where(sheet.index != 1, sheet.loc[0, "segment_id"]))
    with pytest.raises(CodingError, match="stands there twice"):
        read(folder, doubled)
    read(folder, sheet)
    with pytest.raises(CodingError, match="contested before, in other words"):
        read(folder, filled(sheet, r0=("yes", "", "in truth")))
    assert [row["reason"] for row in stands(folder)] == ["so", "so"]


def test_messages_hold_nobodys_words(folder):
    words = phrase("W1")
    sheet = filled(sheet_of(folder), r0=(words, words, ""), r1=("", words.split()[0], words))
    with pytest.raises(CodingError) as refused:
        read(folder, sheet)
    assert not canaries_in(str(refused.value))


def test_a_sheet_without_its_columns_is_refused(folder):
    with pytest.raises(CodingError, match="'reason' is missing"):
        read(folder, sheet_of(folder).drop(columns="reason"))


def write_contests(folder, *rows):
    lines = [",".join(COLUMNS), *(",".join(row) for row in rows)]
    (folder / "contests.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    register(folder)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("D11:01", "W3", "so", "", AS_OF), "'W3' is not the worker whose words these are"),
        (("D99:01", "W1", "so", "", AS_OF), "segments.csv has no such segment"),
        (("D11:01", "W1", "", "", AS_OF), "the column reason is empty"),
        (("D11:01", "W1", "so", "focus/nobody", AS_OF), "unknown code"),
        (("D11:01", "W1", "so", "", "yesterday"), "not a day"),
    ],
)
def test_a_faulty_table_of_contests_does_not_open(folder, row, words):
    write_contests(folder, row)
    with pytest.raises(CorpusError, match=words):
        open_corpus(folder, as_of=AS_OF)


def contest_all(folder, workers, code="focus/clinical"):
    """Every worker contests the first of their segments that has another code."""
    corpus = open_corpus(folder, as_of=AS_OF)
    gold = corpus.codings[corpus.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    rows = []
    for worker in workers:
        own = [each for each in gold.index if each.startswith(f"D{worker[1:]}1") and gold[each] != code]
        rows.append((own[0], worker, "so", code, AS_OF))
    write_contests(folder, *rows)
    return open_corpus(folder, as_of=AS_OF)


def shown(corpus, variant):
    draft = draft_estimates(corpus_scores(corpus, variant=variant), corpus.framework, plan=Plan.of(corpus))
    table = publish([draft], plan=Plan.of(corpus))
    return table[(table["estimand"] == "share_clinical") & (table["dimension"] == "all")].iloc[0]


def test_estimates_as_contested_count_the_codes_that_workers_propose(folder):
    corpus = contest_all(folder, [f"W{n}" for n in range(1, 9)])
    coded, contested = shown(corpus, "as_coded"), shown(corpus, "contested")
    n_none = sum(
        corpus.codings.set_index(["segment_id", "coder_id"])["code"][(each, "gold")] == "none"
        for each in corpus.contests["segment_id"]
    )
    n_clinical = round(coded["estimate"] * coded["n_segments"])
    assert contested["n_segments"] == coded["n_segments"] + n_none
    assert contested["estimate"] == pytest.approx((n_clinical + 8) / contested["n_segments"])


def test_what_fewer_than_five_workers_contest_is_withheld(folder):
    corpus = contest_all(folder, ["W1", "W3"])
    assert shown(corpus, "contested")["reason"].startswith("withheld: what this variant changes")


def test_counts_of_what_few_workers_contest_are_withheld_where_people_are_real(folder):
    corpus = contest_all(folder, ["W1", "W3"])
    assert contests_table(corpus)["n_contested"].tolist() == [2]
    manifest = folder / "corpus.toml"
    manifest.write_text(manifest.read_text().replace("composed = true", "composed = false"))
    table = contests_table(open_corpus(folder, as_of=AS_OF))
    assert table["n_contested"].isna().all()
    assert "fewer than 5 workers" in table["withheld"].iloc[0]


def test_a_contest_leaves_with_the_document_that_consent_leaves_out(folder):
    contest_all(folder, ["W1", "W3"])
    consents = folder / "consents.csv"
    text = consents.read_text().replace("P1,analysis ", "P1,")
    consents.write_text(text)
    assert open_corpus(folder, as_of=AS_OF).contests["worker_id"].tolist() == ["W3"]


def test_the_command_line_writes_and_reads_a_sheet(folder, tmp_path, capsys):
    out = tmp_path / "sheet.csv"
    words = ["consent", "contest", str(folder), "--worker", "W1", "--as-of", AS_OF]
    assert main([*words, "--out", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert main([*words, "--out", str(out)]) == 1
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"))))
    rows[1][-3:] = ["yes", "", "I was joking"]
    with out.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    assert main([*words, "--read", str(out), "--on", AS_OF]) == 0
    assert stands(folder)[0]["reason"] == "I was joking"
    assert not canaries_in(list(capsys.readouterr()))
    assert main(["drift", str(folder), "--as-of", AS_OF, "--variant", "contested"]) == 0


def test_the_audit_log_says_that_a_sheet_was_given_and_what_came_back(folder):
    (folder / "access_log.jsonl").touch()
    read(folder, filled(sheet_of(folder), r0=("yes", "", f"{phrase('W1')} was a joke")))
    log = (folder / "access_log.jsonl").read_text(encoding="utf-8")
    assert '"did":"give to the worker","purposes":["individual_feedback"]' in log
    assert '"did":"contest"' in log
    assert not canaries_in(log)


def test_a_corpus_that_nobody_contests_has_no_such_variant(folder, capsys):
    assert main(["drift", str(folder), "--as-of", AS_OF, "--variant", "contested"]) == 1
    assert "Nobody has contested" in capsys.readouterr().err
