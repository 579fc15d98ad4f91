import re

import pytest

from peercompare.readers.datasheet import datasheet, for_review_board

TOLD = {
    "name": "n",
    "title": "t",
    "genre": "g",
    "coding": "c",
    "cluster": "k",
    "framework": "f",
    "licence": "l",
}
ASKED = (
    "agreed to what",
    "asked for",
    "stop it",
    "kept",
    "worker",
    "participant",
    "contest",
    "reviewed",
    "decided",
)


def test_the_section_for_a_review_board_asks_what_boards_ask():
    page = datasheet(TOLD, n_documents=1, n_segments=2, spoken=True, reviewed="nobody yet")
    board = page.split("## For a review board of peers\n")[1]
    questions = " ".join(re.findall(r"\*([^*]+)\*", board))
    assert all(words in questions for words in ASKED)
    assert "The framework: nobody yet. The codings: (fill in)" in board


def test_what_the_folder_cannot_know_is_left_to_be_filled_in():
    for line in for_review_board(spoken=True, reviewed="nobody yet"):
        if line.startswith("-") and "Who agreed" not in line:
            assert "(fill in)" in line


def test_of_texts_in_which_nobody_speaks_nobody_is_asked():
    board = "\n".join(for_review_board(spoken=False, reviewed="nobody yet"))
    assert "nobody is asked" in board
    assert "withdraw" not in board


@pytest.mark.parametrize("name", ["job_descriptions", "session_transcripts"])
def test_the_shipped_datasheets_have_the_section(request, name):
    page = (request.config.rootpath / "corpora" / name / "DATASHEET.md").read_text(encoding="utf-8")
    board = page.split("## For a review board of peers\n")[1]
    assert "nobody yet" in board
    assert "(fill in)" not in board
