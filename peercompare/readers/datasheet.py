"""The datasheet that an import leaves to be filled in."""

from __future__ import annotations

from collections.abc import Mapping

from peercompare.persons import MIN_WORKERS

_FILL = "(fill in)"
_SPOKEN = (
    f"- *Who speaks, and on what terms?* {_FILL}. Consent stands in consents.csv; names were replaced by the "
    "ids of a roster that is no part of the corpus. Names that people say still stand in the texts: look for "
    "them before sharing."
)
_WRITTEN = f"- *Are people named?* {_FILL}: postings often name a contact person."


def datasheet(
    told: Mapping[str, object], *, n_documents: int, n_segments: int, spoken: bool, reviewed: str
) -> str:
    """Return DATASHEET.md of an imported corpus: what is known, and the questions that its owner must answer.

    Parameters
    ----------
    told : mapping
        The keys of corpus.toml.
    n_documents, n_segments : int
        How many there are.
    spoken : bool
        Whether people speak in the texts.
    reviewed : str
        Who has reviewed the framework, in words.

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
        *for_review_board(spoken=spoken, reviewed=reviewed),
    ]
    return "\n".join(lines) + "\n"


def for_review_board(*, spoken: bool, reviewed: str) -> list[str]:
    """Return the section with what a review board of peers asks, answered as far as a corpus folder knows.

    Parameters
    ----------
    spoken : bool
        Whether people speak in the texts.
    reviewed : str
        Who has reviewed the framework, in words.

    Returns
    -------
    list of str
        Lines of Markdown; what only its owner can answer stands to be filled in.
    """
    of_people = [
        "- *Who agreed to what?* consents.csv says it; `peercompare consent status FOLDER --as-of DAY` "
        "counts it by role and purpose and names nobody. What consent does not cover is left out.",
        f"- *How was consent asked for: by whom, with which form, in which languages, could people say no?* "
        f"{_FILL}",
        "- *How does somebody stop it?* `peercompare consent withdraw PERSON --corpus FOLDER` records it and "
        "lists what used their words; `--apply` removes it. Whom do they tell, and who carries it out? "
        f"{_FILL}",
        "- *How is it kept?* What is done with the folder is recorded in access_log.jsonl. Who can read it, "
        f"is it encrypted, where do sound and roster lie, and until when? {_FILL}",
        f"- *What could happen to a worker?* Nothing is shown that rests on fewer than {MIN_WORKERS} "
        "workers, and nobody is ranked. Could an employer, a funder or a court ask for the words or the "
        f"codes, and what then? {_FILL}",
        f"- *What could happen to a participant?* {_FILL}",
        "- *Can workers contest how they were coded?* With `peercompare consent contest`, before anything is "
        f"released. Were they asked? {_FILL}",
    ]
    of_texts = [
        "- *Who agreed to what?* Nobody speaks in the texts, so nobody is asked.",
        f"- *How is it kept, and who answers when somebody named in a text objects?* {_FILL}",
        f"- *What could happen to a worker?* {_FILL}: a post with one holder is about that person.",
    ]
    return [
        "",
        "## For a review board of peers",
        *(of_people if spoken else of_texts),
        f"- *Who with lived experience of peer work has reviewed it?* The framework: {reviewed}. The "
        f"codings: {_FILL}",
        f"- *Who decided that this may be done, and when: which board, which peers on it?* {_FILL}",
    ]


def _section(title: str, question: str) -> list[str]:
    """Return a heading and the first question under it."""
    return ["", f"## {title}", f"- {question} {_FILL}"]
