"""Tables that a user names on the command line."""

import pandas as pd

from peercompare.usertables import cut


def test_segments_that_are_cut_from_whole_documents_bring_their_context(deegan):
    text = "Duties\n- Listens to callers\n- Writes no notes"
    table = pd.DataFrame({"document_id": ["d", "e"], "text": [text, " "]})
    segments, silent = cut(table, deegan, "job_description")
    assert silent == ["e"]
    last = segments.iloc[-1]
    assert (last["before"], last["heading"], last["position"]) == ("Listens to callers", "Duties", 3)
    assert last["document"] == "Duties\nListens to callers\nWrites no notes"


def test_turns_that_are_cut_hear_who_speaks_beside_them(deegan):
    table = pd.DataFrame({"document_id": ["s"], "text": ["A: Morning.\nB: Bad night.\nA: Mine too."]})
    segments, _ = cut(table, deegan, "session_transcript")
    assert segments["before"].tolist() == ["", "Morning.", "Bad night."]
    assert "speaker" not in segments
