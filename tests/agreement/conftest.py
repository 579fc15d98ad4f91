"""Published reliability data and plain reference computations."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""Four coders, twelve units: Krippendorff (2011), Computing Krippendorff's alpha-reliability, section C."""

THREE_BY_FIFTEEN = [
    [None, None, None, None, None, 3, 4, 1, 2, 1, 1, 3, 3, None, 3],
    [1, None, 2, 1, 3, 3, 4, 3, None, None, None, None, None, None, None],
    [None, None, 2, 1, 3, 4, 4, None, 2, 1, 1, 3, 3, None, 4],
]
"""Three coders, fifteen units, published with .691 nominal and .811 interval."""

PARADOX = [[0] * 118 + [0] * 5 + [1] * 2, [0] * 118 + [1] * 5 + [0] * 2]
"""Two coders, 125 units, 118 alike and none alike on the other value: the table that AC1 was made for."""


def plain_alpha(values, domain, metric):
    """Compute alpha by looping over all pairs of values, as the definition has it."""
    units = [[v for v in column if v is not None] for column in zip(*values, strict=True)]
    units = [unit for unit in units if len(unit) >= 2]
    everything = [v for unit in units for v in unit]
    observed = sum(
        metric(a, b, everything, domain) / (len(unit) - 1)
        for unit in units
        for a, b in itertools.permutations(unit, 2)
    ) / len(everything)
    expected = sum(metric(a, b, everything, domain) for a, b in itertools.permutations(everything, 2))
    return 1 - observed / (expected / (len(everything) * (len(everything) - 1)))


def plain_raw(values):
    shares = []
    for column in zip(*values, strict=True):
        pairs = list(itertools.combinations([v for v in column if v is not None], 2))
        if pairs:
            shares.append(sum(a == b for a, b in pairs) / len(pairs))
    return sum(shares) / len(shares)


def plain_ac1(values, domain):
    rated = [[v for v in column if v is not None] for column in zip(*values, strict=True)]
    rated = [unit for unit in rated if unit]
    prevalence = [sum(unit.count(k) / len(unit) for unit in rated) / len(rated) for k in domain]
    chance = sum(p * (1 - p) for p in prevalence) / (len(domain) - 1)
    return (plain_raw(values) - chance) / (1 - chance)


def nominal(a, b, everything, domain):
    return float(a != b)


def interval(a, b, everything, domain):
    return float(a - b) ** 2


def ordinal(a, b, everything, domain):
    low, high = sorted((domain.index(a), domain.index(b)))
    between = sum(everything.count(v) for v in domain[low : high + 1])
    return (between - (everything.count(a) + everything.count(b)) / 2) ** 2 if a != b else 0.0


METRICS = {"nominal": nominal, "ordinal": ordinal, "interval": interval}


def draw_reliability_data(rng, *, n_coders=3, n_units=40, n_values=4, missing=0.25, error=0.3):
    """Draw reliability data as a list of lists with None; the last column is always coded by everybody."""
    truth = rng.integers(n_values, size=n_units)
    drawn = np.where(
        rng.random((n_coders, n_units)) < error, rng.integers(n_values, size=(n_coders, n_units)), truth
    )
    gaps = rng.random((n_coders, n_units)) < missing
    gaps[:, -1] = False
    return [
        [None if gap else int(v) for v, gap in zip(*row, strict=True)]
        for row in zip(drawn, gaps, strict=True)
    ]


@pytest.fixture(scope="session")
def published():
    """Reliability data whose coefficients are in print."""
    return SimpleNamespace(
        four_by_twelve=KRIPPENDORFF_2011, three_by_fifteen=THREE_BY_FIFTEEN, paradox=PARADOX
    )


@pytest.fixture(scope="session")
def plain():
    """The definitions as loops, slow and plain: ``alpha(values, domain, level)``, ``raw``, ``ac1``."""
    return SimpleNamespace(
        alpha=lambda values, domain, level="nominal": plain_alpha(values, domain, METRICS[level]),
        raw=plain_raw,
        ac1=plain_ac1,
    )


@pytest.fixture(scope="session")
def made_up():
    """The function that draws reliability data from a generator."""
    return draw_reliability_data


@pytest.fixture
def tiny_codings(tiny_framework):
    """Two coders and gold on six documents of three segments, and what they agree on.

    Coders part on the second segment of documents D2 and D5; D6:3 was coded by one coder alone.
    """
    codes = tiny_framework.code_ids
    rows, segments = [], []
    for document in range(1, 7):
        for position in range(1, 4):
            segment = f"D{document}:{position}"
            segments.append({"segment_id": segment, "document_id": f"D{document}"})
            code = "none" if position == 3 else codes[(document + position) % 3]
            other = codes[5] if position == 2 and document in (2, 5) else code
            rows.append((segment, "ann", code))
            if segment != "D6:3":
                rows.append((segment, "ben", other))
            rows.append((segment, "gold", codes[4]))
    codings = pd.DataFrame(rows, columns=["segment_id", "coder_id", "code"])
    codings["is_primary"] = True
    codings["tags"] = ""
    codings["memo"] = ""
    return codings, pd.DataFrame(segments)
