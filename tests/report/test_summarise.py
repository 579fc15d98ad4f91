"""The report's words: every number from a table, nobody named, nothing promised that is not there."""

import json
import re

import pandas as pd
import pytest

from peercompare.errors import ReportError
from peercompare.report import summarise_study, wording
from peercompare.report.claims import Tables, methods_in_words, reasons_in_words
from peercompare.report.estimates import written
from peercompare.report.facts import fact_tables
from peercompare.report.plain import READING

NUMBER = re.compile(r"[+−<>]?\d(?:[\d,]*\d)?(?:\.\d+)?|(?<![\w.])\.\d+")


def blocks_of(summary, kind):
    return [block for part in summary["sections"] for block in part["blocks"] if block["kind"] == kind]


def claims_of(summary):
    return [
        one for kind in ("claims", "list") for block in blocks_of(summary, kind) for one in block["claims"]
    ]


def text_of(summary):
    return json.dumps(summary, ensure_ascii=False)


def section_of(summary, name):
    return next(part for part in summary["sections"] if part["id"] == name)


def spellings(rows):
    """Every way in which a report may write the values of some rows."""
    from peercompare.figures.text import count, number, percent

    found = set()
    for value in rows.select_dtypes("number").to_numpy().ravel():
        if pd.isna(value):
            continue
        found |= {number(value, digits=d, signed=s) for d in (2, 3) for s in (True, False)}
        found |= {percent(value).rstrip("%")} if 0 <= value <= 1 else set()
        found |= {count(value)} if float(value).is_integer() else set()
    for column in rows.select_dtypes(exclude="number"):
        found |= {each for text in rows[column].astype(str) for each in NUMBER.findall(text)}
    return found


def test_every_number_of_a_sentence_stands_in_the_rows_that_it_cites(summary, study_tables, deegan, facts):
    tables = study_tables | fact_tables(deegan, facts)
    checked = 0
    for one in claims_of(summary):
        if one["table"] in {"", READING}:
            continue
        rows = tables[one["table"]].iloc[one["rows"]]
        assert len(rows), one["text"]
        known = spellings(rows)
        if one["table"] == "framework":
            known |= set(NUMBER.findall(deegan.title))
        for found in NUMBER.findall(re.sub(r"macro-F1|AC1", "", one["text"])):
            assert found in known, f"{found!r} in {one['text']!r}"
            checked += 1
    assert checked > 60


def test_every_number_of_a_table_stands_in_the_rows_that_it_cites(summary, study_tables):
    for block in blocks_of(summary, "table"):
        if block["table"] in {"", "left_out", "marker_findings"} or "estimators" in block["caption"]:
            continue
        known = spellings(study_tables[block["table"]].iloc[block["source_rows"]])
        for row in block["rows"]:
            for cell in row[1:]:
                assert set(NUMBER.findall(cell)) <= known | {"0", "4.0", "1"}, (block["caption"], cell)


def test_the_test_above_would_see_an_invented_number(study_tables):
    rows = study_tables["estimates"].iloc[[0]]
    assert "46" in spellings(rows)
    assert "47" not in spellings(rows)


def test_a_changed_table_changes_the_sentence(study_tables, deegan, facts):
    changed = dict(study_tables)
    changed["corpora"] = changed["corpora"].assign(n_documents=[64, 54])
    made = summarise_study(changed, framework=deegan, study_facts=facts)
    assert "64 documents" in text_of(made)
    assert "We read 64 job descriptions." in text_of(made)
    assert "63 documents, 1,966" not in text_of(made)
    assert "63 documents, 1,966" in text_of(
        summarise_study(study_tables, framework=deegan, study_facts=facts)
    )


def test_the_summary_is_plain_data_and_the_same_each_time(study_tables, deegan, facts):
    one, two = (summarise_study(study_tables, framework=deegan, study_facts=facts) for _ in range(2))
    assert json.loads(json.dumps(one)) == one == two


def test_tables_are_not_changed(study_tables, deegan, facts):
    before = {name: table.copy() for name, table in study_tables.items()}
    summarise_study(study_tables, framework=deegan, study_facts=facts)
    for name, table in study_tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_the_plain_summary_comes_first_and_says_what_the_texts_are(summary):
    first = summary["sections"][0]
    assert first["id"] == "in-short"
    said = json.dumps(first, ensure_ascii=False)
    assert "A computer program made up these texts" in said
    assert "Not for hiring, discipline or pay" in said
    assert "nobody yet" in said


def test_titles_against_duties_come_before_every_other_finding(summary):
    names = [part["id"] for part in summary["sections"]]
    assert names.index("titles") < names.index("practice-job_descriptions") < names.index("agreement")


MUST = ["in-short", "reviewed", "question", "corpora", "findings", "use", "not-use", "consent", "methods"]
MUST += ["limits", "references"]


@pytest.mark.parametrize("audience", ["funder", "team", "methods"])
def test_what_every_report_must_hold_is_there_in_its_order(study_tables, deegan, facts, audience):
    made = summarise_study(study_tables, framework=deegan, study_facts=facts, audience=audience)
    names = [part["id"] for part in made["sections"]]
    assert [name for name in names if name in MUST] == MUST
    said = text_of(made)
    assert "within which we work.”" in said.replace("\\n", " ")
    assert "Not for hiring, discipline or pay" in said
    assert "reviewed the framework: **nobody yet**" in said


def test_who_reviewed_the_framework_is_read_from_its_file(study_tables, deegan, facts):
    from dataclasses import replace

    from peercompare.framework import Reviewer

    who = Reviewer(name="A. *Person*", lived_experience="peer worker", date="2026-05-01", note="")
    made = summarise_study(study_tables, framework=replace(deegan, reviewed_by=(who,)), study_facts=facts)
    assert "nobody yet" not in text_of(made)
    assert r"A. \\*Person\\* (peer worker), 2026-05-01" in text_of(made)


def test_a_report_for_somebody_else_is_refused(study_tables, deegan, facts):
    with pytest.raises(ReportError, match="funder, team, methods"):
        summarise_study(study_tables, framework=deegan, study_facts=facts, audience="board")


def test_the_steps_of_the_evaluation_framework_are_all_named(summary):
    said = json.dumps(section_of(summary, "question"))
    for step in ("Assess the context", "Describe the program", "Focus the evaluation", "Gather credible",
                 "Generate and support", "Act on findings"):  # fmt: skip
        assert step in said


def test_a_study_with_nothing_left_after_consent_says_so(study_tables, deegan, facts):
    empty = study_tables["corpora"].assign(n_documents=0, n_segments=0)
    tables = {"corpora": empty, "left_out": study_tables["left_out"]}
    made = summarise_study(tables, framework=deegan, study_facts=facts)
    said = text_of(made)
    assert "Job descriptions: after consent nothing is left to read" in said
    assert "no text was left to read" in json.dumps(section_of(made, "in-short"))
    assert "There is nothing to report" in json.dumps(section_of(made, "findings"))


def test_the_declaration_is_quoted_with_credit(summary):
    said = json.dumps(section_of(summary, "reviewed"), ensure_ascii=False)
    line = "We recognize that our roles are also influenced by the systems and programs within which we work."
    assert f"“{line}”" in said.replace("\\n", " ")
    assert "Western Mass Peer Network, 2014" in said


def test_every_source_of_the_framework_is_cited(summary, deegan):
    said = json.dumps(section_of(summary, "references"), ensure_ascii=False)
    for source in deegan.sources:
        assert source.title in said


def test_consent_is_counted_and_nobody_is_named(summary, study_tables):
    said = json.dumps(section_of(summary, "consent"), ensure_ascii=False)
    assert "3 documents excluded, 56 segments" in said
    assert "withdrawn" in said


def test_counts_that_were_withheld_say_so(study_tables, deegan, facts):
    blank = study_tables["left_out"].assign(n_people=pd.NA, n_documents=pd.NA, withheld="withheld: too few")
    consent = section_of(
        summarise_study({**study_tables, "left_out": blank}, framework=deegan, study_facts=facts), "consent"
    )
    block = next(block for block in consent["blocks"] if block.get("table") == "left_out")
    assert {row[1] for row in block["rows"]} == {"withheld"}
    assert "Withheld: too few." in block["note"]


def test_a_corpus_of_real_people_is_not_called_composed(study_tables, deegan, facts):
    real = {**study_tables, "corpora": study_tables["corpora"].assign(composed=False)}
    said = str(summarise_study(real, framework=deegan, study_facts=facts))
    assert wording.COMPOSED not in said
    assert wording.PLAIN_COMPOSED not in said


def test_withheld_and_refused_values_say_why(summary):
    said = text_of(summary)
    assert "withheld: fewer than five workers" in said
    assert "refused: fewer than five reference workers" in said
    assert "nan" not in said.lower().replace("finan", "")


def test_the_waiver_is_named_where_it_is_used_and_nowhere_else(summary):
    tables = {block["caption"]: block["note"] for block in blocks_of(summary, "table")}
    assert "would be withheld for real people" in tables["By site"]
    assert "would be withheld for real people" not in tables["By type of role"]


def test_no_change_is_said_only_where_the_interval_holds_it(summary):
    slopes = [one["text"] for one in claims_of(summary) if "Over time the index" in one["text"]]
    assert [("No change at all" in text) for text in slopes] == [True, False]
    assert "toward clinical" in slopes[1]
    assert " a year" in slopes[0]
    assert " a month" in slopes[1]


@pytest.mark.parametrize(
    "gone", ["estimates", "agreement", "scores", "title_against_duties", "left_out", "corpora"]
)
def test_a_study_without_a_step_has_no_section_on_it(study_tables, deegan, gone):
    fewer = {name: table for name, table in study_tables.items() if name != gone}
    made = summarise_study(fewer, framework=deegan, study_facts={})
    assert gone not in {block.get("table") for block in blocks_of(made, "table")}
    assert section_of(made, "not-use")


def test_no_tables_at_all_still_say_how_not_to_use_the_report(deegan):
    made = summarise_study({}, framework=deegan, study_facts={})
    assert "Not for hiring" in text_of(made)


def test_another_framework_gives_its_own_words(tiny_framework, tables_for, facts):
    made = summarise_study(tables_for(tiny_framework), framework=tiny_framework, study_facts=facts)
    said = text_of(made)
    for stance in tiny_framework.stances:
        assert stance.label in said
    assert "clinical titles" not in said.lower()


def test_numbers_have_true_minus_signs(summary):
    assert (
        re.search(r"(?<![\w-])-\d", text_of({"s": [b["rows"] for b in blocks_of(summary, "table")]})) is None
    )


def test_methods_that_differ_in_a_number_are_one_method_with_a_range():
    rows = pd.DataFrame(
        {"method": ["a 3 b; c 0.5", "a 11 b; c 0.5", "a 7 b"], "lower": [0.0, 0.0, float("nan")]}
    )
    assert methods_in_words(rows) == "a 3 to 11 b; c 0.5"
    assert (
        reasons_in_words(pd.DataFrame({"reason": ["rests on 2: no", "", "rests on 4: no."]}))
        == "rests on 2 to 4: no"
    )


def test_rows_keep_their_numbers_when_they_are_chosen(study_tables):
    shuffled = study_tables["estimates"].sample(frac=1, random_state=3)
    rows = Tables({"estimates": shuffled}).rows("estimates", estimand="slope", corpus="job_descriptions")
    assert len(rows) == 1
    assert shuffled.iloc[rows.index[0]]["method"] == "within employers, per year"


def test_an_estimate_without_interval_says_so():
    row = pd.Series({"estimate": -0.5, "lower": None, "upper": None, "reason": "two workers."})
    assert written(row) == "−0.50 (no interval: two workers)"
    assert written(pd.Series({"estimate": float("nan"), "reason": "withheld"})) == "not given: withheld"


def test_the_report_says_what_is_withheld_and_why(study_tables, deegan):
    rows = [("scores", "withheld: it rests on fewer than 5 workers", 12, 340)]
    counted = pd.DataFrame(rows, columns=["table", "reason", "n_rows", "n_rows_all"])
    summary = summarise_study({**study_tables, "withheld": counted}, framework=deegan, study_facts={})
    (block,) = [one for one in section_of(summary, "consent")["blocks"] if one.get("table") == "withheld"]
    assert block["rows"] == [["scores", "it rests on fewer than 5 workers", "12", "340"]]


def test_what_workers_contest_is_counted_and_never_quoted(study_tables, deegan):
    contests = pd.DataFrame(
        {
            "corpus": ["session_transcripts"], "n_segments": [1022], "n_contested": [31],
            "n_with_another_code": [17], "n_without": [14], "n_workers": [6], "withheld": [""],
        }
    )  # fmt: skip
    said = str(summarise_study({**study_tables, "contests": contests}, framework=deegan, study_facts={}))
    assert "Workers contest the codes of 31 of 1,022 segments and name another code for 17." in said
    blank = contests.assign(n_contested=pd.NA, withheld="withheld: a part of it would rest on few")
    said = str(summarise_study({**study_tables, "contests": blank}, framework=deegan, study_facts={}))
    assert "how many is withheld" in said
    assert "31 of" not in said


def test_agreement_by_lived_experience_is_shown_where_coders_said(study_tables, deegan):
    agreement = study_tables["agreement"]
    rows = agreement[(agreement["scope"] == "overall") & (agreement["level"] == "stance")]
    mixed = rows.assign(scope="background", value="one with, one without", n_coders=4)
    tables = {**study_tables, "agreement": pd.concat([agreement, mixed], ignore_index=True)}
    said = str(summarise_study(tables, framework=deegan, study_facts={}))
    assert "One with, one without, by stance" in said
    assert "agreement by coders' lived experience" in said
    plain = str(summarise_study(study_tables, framework=deegan, study_facts={}))
    assert 'lived experience of peer work", "headings' not in plain
    assert "agreement by coders' lived experience" not in plain


def test_words_removed_since_the_day_are_told(study_tables, deegan):
    corpora = study_tables["corpora"].assign(n_documents_gone=[3] + [0] * (len(study_tables["corpora"]) - 1))
    summary = summarise_study({**study_tables, "corpora": corpora}, framework=deegan, study_facts={})
    said = json.dumps(section_of(summary, "consent"), ensure_ascii=False)
    assert said.count("words of 3 documents were removed after the day of the study") == 1


def test_how_much_consent_left_out_is_not_told_of_too_few_people(study_tables, deegan):
    corpora = study_tables["corpora"].assign(
        n_documents_left_out=float("nan"), n_segments_left_out=float("nan")
    )
    summary = summarise_study({**study_tables, "corpora": corpora}, framework=deegan, study_facts={})
    assert "is withheld, since it tells of too few people" in json.dumps(section_of(summary, "consent"))


def test_a_grouping_of_which_only_the_index_was_asked_has_no_empty_columns(study_tables, deegan):
    estimates = study_tables["estimates"]
    shares = estimates["estimand"].str.startswith("share_") & (estimates["group_by"] == "role_type")
    made = summarise_study(
        {**study_tables, "estimates": estimates[~shares]}, framework=deegan, study_facts={}
    )
    headings = {block["caption"]: block["headings"] for block in blocks_of(made, "table")}
    assert headings["By type of role"] == ["Type of role", "Index", "Segments", "Documents", "Employers"]
    assert headings["By year"][1:5] == ["Peer", "Overlap", "Clinical", "Index"]
