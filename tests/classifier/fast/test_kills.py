"""Predictions that are killed or ended at any moment are whole part by part, and the same call goes on."""

import json
import os
import signal
import time

import pandas as pd
import pytest
from killing import Victims

from peercompare.classifier import save_model
from peercompare.classifier.fast import predict_stream

IMPORTS = """
from peercompare.classifier import load_model
from peercompare.classifier.fast import predict_stream, FastScorer
"""


@pytest.fixture(scope="module")
def work(noted, notes, tmp_path_factory):
    """A folder with a model, sixty texts, and what they are predicted as undisturbed."""
    folder = tmp_path_factory.mktemp("work")
    rows = notes.drop_duplicates("segment_id").head(60)[["segment_id", "document_id", "text"]]
    rows.astype(object).to_parquet(folder / "texts.parquet", index=False)
    save_model(noted, folder / "model.skops")
    predict_stream(noted, folder / "texts.parquet", folder / "whole", rows=4)
    return folder


def parts_in(folder):
    return [pd.read_parquet(path) for path in sorted(folder.glob("part-*.parquet"))]


def call(work, out):
    return (
        f"predict_stream(load_model({str(work / 'model.skops')!r}), {str(work / 'texts.parquet')!r}, "
        f"{str(out)!r}, rows=4)"
    )


def test_a_killed_or_ended_call_leaves_whole_parts_and_the_same_call_goes_on(work, rng, tmp_path):
    killed = 0
    with Victims(IMPORTS) as victims:
        within = victims.run(call(work, tmp_path / "timed"))
        for number in range(3):
            killed += victims.kill_at_random(call(work, tmp_path / "out"), rng, within=within)
            whole = parts_in(tmp_path / "out")  # whatever has a name can be read
            assert all(len(part) == 4 for part in whole)
            if number == 1:
                child = victims.start(call(work, tmp_path / "out"))
                time.sleep(within / 2)
                os.kill(child, signal.SIGTERM)
                assert victims.finish() in (0, signal.SIGTERM)
        victims.run(call(work, tmp_path / "out"))
    assert killed
    state = json.loads((tmp_path / "out" / "state.json").read_text())
    assert (state["n_parts"], state["n_rows"], state["complete"]) == (15, 60, True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        path.name for path in (work / "whole").iterdir()
    )
    for one, other in zip(parts_in(work / "whole"), parts_in(tmp_path / "out"), strict=True):
        pd.testing.assert_frame_equal(one, other, rtol=0, atol=1e-9)
