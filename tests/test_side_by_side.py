"""What the benchmarks share: ways in turn, ratios round by round; peers that cannot be had are left out."""

import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
SPIN = """
def load(path):
    return path

def work(path):
    print("what a way prints does not get between")
    return float(sum(range({n})))
"""


@pytest.fixture(scope="module")
def shared():
    sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
    try:
        import side_by_side as module
    finally:
        sys.path.pop(0)
    return module


def test_ways_work_in_turn_in_processes_of_their_own(shared, capsys):
    ways = [
        shared.Way("little", SPIN.replace("{n}", "100")),
        shared.Way("much", SPIN.replace("{n}", "2000000")),
    ]
    broken = shared.Way("broken", "import a_module_that_is_not_there")
    table = shared.in_turn([*ways, broken], "nowhere", rounds=2).set_index("way")
    assert list(table.index) == ["little", "much"]
    assert table.loc["little", ["ratio", "lowest", "highest"]].tolist() == [1.0, 1.0, 1.0]
    assert table.loc["much", "lowest"] > 1
    assert table["value"].tolist() == [4950.0, 1999999000000.0]
    assert "broken is left out" in capsys.readouterr().err


def test_ratios_are_taken_within_rounds_and_the_first_round_does_not_count(shared):
    rounds = pd.DataFrame(
        {
            "round": [0, 0, 1, 1, 2, 2, 3, 3],
            "way": ["a", "b"] * 4,
            "seconds": [1.0, 50.0, 1.0, 2.0, 10.0, 30.0, 2.0, 8.0],
            "megabytes": [100.0, 50.0] * 4,
            "value": [1.0] * 8,
        }
    )
    found = shared.compared(rounds, ["a", "b"]).set_index("way").loc["b"]
    assert found[["ratio", "lowest", "highest", "memory_ratio", "n_rounds"]].tolist() == [3, 2, 4, 0.5, 3]
