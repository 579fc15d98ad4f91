"""The datasheet that an import leaves to be filled in."""

from __future__ import annotations

from collections.abc import Mapping

_FILL = "(fill in)"
_SPOKEN = (
    f"- *Who speaks, and on what terms?* {_FILL}. Consent stands in consents.csv; names were replaced by the "
    "ids of a roster that is no part of the corpus. Names that people say still stand in the texts: look for "
    "them before sharing."
)
_WRITTEN = f"- *Are people named?* {_FILL}: postings often name a contact person."


def datasheet(told: Mapping[str, object], *, n_documents: int, n_segments: int, spoken: bool) -> str:
    """Return DATASHEET.md of an imported corpus: what is known, and the questions that its owner must answer.

    Parameters
    ----------
    told : mapping
        The keys of corpus.toml.
    n_documents, n_segments : int
        How many there are.
    spoken : bool
        Whether people speak in the texts.

    Returns
    -------
    str
        Markdown.
    """
    lines = [
        f"# Datasheet: {told['name']}",
        "",
        'After Gebru et al., "Datasheets for Datasets", Communications of the ACM 64(12), 2021, '
        "doi:10.1145/3458723.",
        "",
        f"**In one sentence:** {told['title']}: {n_documents:,} documents of the genre {told['genre']}, cut "
        f"into {n_segments:,} segments by peercompare, {told['coding']}.",
        *_section("Motivation", "*For what purpose was it made, by whom, and who paid?*"),
        *_section("Composition", "*What do the documents represent, and are they a sample of what?*"),
        f"- *What is missing?* {_FILL}",
        _SPOKEN if spoken else _WRITTEN,
        f"- *Relations.* Documents with one value of `{told['cluster']}` belong together and are never split "
        "across training and test. `duplicate_group` names the first of documents that are the same or "
        "nearly so; `boilerplate` in segments.csv marks lines that repeat over the corpus.",
        *_section("Collection", "*How were they acquired, when, and who was asked?*"),
        "",
        "## Preprocessing and labelling",
        "- *Import.* peercompare read the files, made line ends even, and cut the texts by the framework "
        f"{told['framework']}.",
        f"- *Coding.* {told['coding']}.",
        *_section("Uses, distribution, maintenance", "*What should it not be used for?*"),
        "- *Never* to judge a single worker.",
        f"- *Licence.* {told['licence']}.",
        f"- *Who answers for it?* {_FILL}",
    ]
    return "\n".join(lines) + "\n"


def _section(title: str, question: str) -> list[str]:
    """Return a heading and the first question under it."""
    return ["", f"## {title}", f"- {question} {_FILL}"]
