"""Small corpora whose answers can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, score_table, with_predictions


def coding_rows(codes, *, tags=None, further=None):
    """Gold codings of segments ``D1:1``, ...: ``codes`` maps a segment to its code (None: not coded)."""
    rows = [
        {
            "segment_id": segment,
            "coder_id": "gold",
            "code": code,
            "is_primary": True,
            "tags": (tags or {}).get(segment, ""),
            "memo": "rule 8: both are here" if segment in (further or {}) else "",
        }
        for segment, code in codes.items()
        if code is not None
    ]
    for segment, code in (further or {}).items():
        rows.append(
            {
                "segment_id": segment,
                "coder_id": "gold",
                "code": code,
                "is_primary": False,
                "tags": "",
                "memo": "",
            }
        )
    return pd.DataFrame(rows)


def segment_rows(codes):
    return pd.DataFrame([{"segment_id": segment, "document_id": segment.split(":")[0]} for segment in codes])


@pytest.fixture
def garden():
    """Three documents by two employers under the small framework: tables and codes.

    Employer A: shared, shared, managed, none; employer B: both, managed, managed.
    """
    codes = {
        "D1:1": "tools/shared",
        "D1:2": "harvest/shared",
        "D1:3": "none",
        "D2:1": "tools/managed",
        "D3:1": "tools/both",
        "D3:2": "tools/managed",
        "D3:3": "harvest/managed",
    }
    documents = pd.DataFrame(
        {
            "document_id": ["D1", "D2", "D3"],
            "title": ["t1", "t2", "t3"],
            "text": ["x", "y", "z"],
            "employer_id": ["A", "A", "B"],
            "date": pd.to_datetime(["2020-03-01", "2022-09-01", None]),
            "setting": ["plot", "plot", None],
        }
    )
    return codes, segment_rows(codes), documents


@pytest.fixture
def sessions():
    """Nine workers at three sites, six at N, two at S and one at E; two sessions of two segments each."""
    rows, codes = [], {}
    sites = ["N"] * 6 + ["S"] * 2 + ["E"]
    for worker, site in enumerate(sites, start=1):
        for session, date in enumerate(["2022-01-01", "2022-07-01"], start=1):
            document = f"D{worker}{session}"
            rows.append(
                {
                    "document_id": document,
                    "worker_id": f"W{worker}",
                    "site_id": site,
                    "date": pd.Timestamp(date),
                }
            )
            codes[f"{document}:1"] = "tools/shared" if worker % 3 else "tools/managed"
            codes[f"{document}:2"] = "harvest/managed" if session == 2 else "harvest/both"
    return codes, segment_rows(codes), pd.DataFrame(rows)


@pytest.fixture
def postings_plan():
    return Plan("garden", "employer_id")


@pytest.fixture
def sessions_plan():
    return Plan("sessions", "worker_id")


@pytest.fixture
def one():
    """Picks the only row of a table that has the given values."""

    def pick(table, **values):
        chosen = table
        for column, value in values.items():
            chosen = chosen[chosen[column] == value]
        if len(chosen) != 1:
            raise LookupError(f"{len(chosen)} rows have {values}")
        return chosen.iloc[0]

    return pick


@pytest.fixture
def gold():
    return coding_rows


@pytest.fixture
def studied(tiny_framework):
    """Makes codings and predicted scores of workers at three sites over a year; the model may shift."""

    def make(n_workers=9, *, shift=0.0, uncoded=0, chance=0.5):
        rng = np.random.default_rng(6)
        rows, codes = [], {}
        for worker in range(n_workers):
            for month in range(1, 13, 2):
                name = f"D{worker:02d}{month:02d}"
                date = pd.Timestamp(2022, month, 2 + worker)
                rows.append(
                    {
                        "document_id": name,
                        "worker_id": f"W{worker}",
                        "site_id": f"S{worker % 3}",
                        "date": date,
                    }
                )
                stances = np.where(rng.random(8) < chance, "managed", "shared")
                codes |= {f"{name}:{n}": f"tools/{stance}" for n, stance in enumerate(stances)}
        names = list(codes)
        known = {name: None if place < uncoded else codes[name] for place, name in enumerate(names)}
        segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in names])
        codings = coding_rows(known)
        scores = score_table(codings, segments, pd.DataFrame(rows), tiny_framework)
        truth = np.array([codes[name] == "tools/managed" for name in names])
        month = scores["date"].dt.month.to_numpy()
        odds = np.where(truth, 1.0, -1.0) + shift * month + rng.normal(0, 0.4, len(truth))
        last = 0.9 / (1 + np.exp(-odds))
        predictions = pd.DataFrame({"none": 0.05, "both": 0.05, "managed": last, "shared": 0.9 - last})
        predictions["segment_id"] = names
        return codings, with_predictions(scores, predictions, tiny_framework)

    return make
