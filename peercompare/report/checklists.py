"""COREQ and SRQR: every item by its published name, answered where the study knows the answer, else blank.

Item names are those of the published lists; what each asks for is in the lists themselves.

References
----------
Tong, Sainsbury and Craig (2007), doi:10.1093/intqhc/mzm042, table 1; O'Brien, Harris, Beckman, Reed and Cook
(2014), doi:10.1097/ACM.0000000000000388, table 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from peercompare.framework import Framework
from peercompare.report import sentences, wording
from peercompare.report.claims import Tables, section, table_block, words_block
from peercompare.report.facts import FRAMEWORK, VERSIONS
from peercompare.report.references import say
from peercompare.report.trust import AGREEMENT

COREQ = (
    "Interviewer/facilitator", "Credentials", "Occupation", "Gender", "Experience and training",
    "Relationship established", "Participant knowledge of the interviewer", "Interviewer characteristics",
    "Methodological orientation and theory", "Sampling", "Method of approach", "Sample size",
    "Non-participation", "Setting of data collection", "Presence of non-participants",
    "Description of sample", "Interview guide", "Repeat interviews", "Audio/visual recording", "Field notes",
    "Duration", "Data saturation", "Transcripts returned", "Number of data coders",
    "Description of the coding tree", "Derivation of themes", "Software", "Participant checking",
    "Quotations presented", "Data and findings consistent", "Clarity of major themes",
    "Clarity of minor themes",
)  # fmt: skip
SRQR = (
    "Title", "Abstract", "Problem formulation", "Purpose or research question",
    "Qualitative approach and research paradigm", "Researcher characteristics and reflexivity", "Context",
    "Sampling strategy", "Ethical issues pertaining to human subjects", "Data collection methods",
    "Data collection instruments and technologies", "Units of study", "Data processing", "Data analysis",
    "Techniques to enhance trustworthiness", "Synthesis and interpretation", "Links to empirical data",
    "Integration with prior work, implications, transferability, and contribution(s) to the field",
    "Limitations", "Conflicts of interest", "Funding",
)  # fmt: skip
"""In the order of the published lists, which number them from one."""


def checklist_sections(tables: Tables, framework: Framework, *, title: str, quoted: bool) -> list[dict]:
    """Return both checklists, each as a table.

    Parameters
    ----------
    tables : Tables
        The study's, and those of `fact_tables`.
    framework : Framework
    title : str
        Of the study.
    quoted : bool
        Whether the report holds quotations.
    """
    known = _Known(tables, framework, title, quoted)
    return [
        section("checklists", "Checklists", [words_block(wording.CHECKLISTS)]),
        section("coreq", "COREQ", [_table("COREQ", COREQ, known.coreq())], level=3),
        section("srqr", "SRQR", [_table("SRQR", SRQR, known.srqr())], level=3),
    ]


def _table(name: str, items: Sequence[str], answers: Mapping[str, str]) -> dict:
    """Return a checklist, a row for each item; what nobody knows stays blank."""
    rows = [[str(number), item, answers.get(item, "")] for number, item in enumerate(items, start=1)]
    headings = ["No.", "Item", "Answer"]
    return table_block(f"{name}: every item", headings, rows, table="", source=pd.DataFrame())


class _Known:
    """What the study answers by itself."""

    def __init__(self, tables: Tables, framework: Framework, title: str, quoted: bool) -> None:
        self.tables, self.framework, self.title, self.quoted = tables, framework, title, quoted

    def coreq(self) -> dict[str, str]:
        """Return answers by item of COREQ."""
        found = {
            "Methodological orientation and theory": self._theory(),
            "Sample size": self._said("corpora", sentences.SIZE, needs=("n_coders",)),
            "Non-participation": self._left_out(),
            "Description of sample": self._sample(),
            "Number of data coders": self._said("corpora", sentences.CODERS, needs=("n_coders",)),
            "Description of the coding tree": self._said(FRAMEWORK, sentences.TREE),
            "Derivation of themes": wording.ANSWERS["themes"],
            "Software": self._software(),
            "Quotations presented": wording.ANSWERS["quoted" if self.quoted else "not_quoted"],
            "Clarity of major themes": wording.ANSWERS["findings"],
        }
        return {item: answer for item, answer in found.items() if answer}

    def srqr(self) -> dict[str, str]:
        """Return answers by item of SRQR."""
        found = {
            "Title": self.title,
            "Abstract": wording.ANSWERS["abstract"],
            "Purpose or research question": wording.ANSWERS["questions"],
            "Qualitative approach and research paradigm": self._theory(),
            "Ethical issues pertaining to human subjects": self._left_out(),
            "Units of study": self._said("corpora", sentences.SIZE, needs=("n_coders",)),
            "Data processing": wording.ANSWERS["processing"],
            "Data analysis": wording.ANSWERS["analysis"],
            "Techniques to enhance trustworthiness": wording.ANSWERS[("trust")]
            if AGREEMENT in self.tables
            else (),
            "Synthesis and interpretation": wording.ANSWERS["findings"],
            "Links to empirical data": wording.ANSWERS["quoted" if self.quoted else "not_quoted"],
            "Limitations": wording.ANSWERS["limits"],
        }
        return {item: answer for item, answer in found.items() if answer}

    def _said(self, table: str, template: str, *, needs: Sequence[str] = ()) -> str:
        """Resolve a sentence for each row of a table that has the columns."""
        rows = self.tables.rows(table)
        if not set(needs) <= set(rows.columns):
            return ""
        return " ".join(say(template, table, row=row)["text"] for _, row in rows.iterrows())

    def _theory(self) -> str:
        return wording.ANSWERS["theory"].format(title=self.framework.title)

    def _sample(self) -> str:
        return self._said("corpora", sentences.SAMPLE, needs=("first_date", "last_date"))

    def _software(self) -> str:
        rows = self.tables.rows(VERSIONS)
        said = [say(sentences.RUN_VERSION, VERSIONS, row=row)["text"] for _, row in rows.iterrows()]
        return f"{', '.join(said)}." if said else ""

    def _left_out(self) -> str:
        return wording.ANSWERS["consent"] if "left_out" in self.tables else ""
