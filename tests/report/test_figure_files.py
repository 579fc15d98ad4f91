"""Words beside a figure: why a value is lacking is told once, however often it is lacking."""

from peercompare.report.figure_files import reasons_once


def test_a_reason_that_comes_again_is_told_once_with_the_range_of_its_numbers():
    lines = [
        "S1: 2022-H1 −0.65 (no interval: this rests on 1: the point alone is given); "
        "2022-H2 0.10 (−0.20 to 0.40).",
        "S2: 2022-H1 −0.15 (no interval: this rests on 2: the point alone is given).",
    ]
    assert reasons_once(lines) == [
        "S1: 2022-H1 −0.65 (no interval: a); 2022-H2 0.10 (−0.20 to 0.40).",
        "S2: 2022-H1 −0.15 (no interval: a).",
        "a: this rests on 1 to 2: the point alone is given.",
    ]


def test_dates_are_never_made_a_range_of():
    gaps = ("gap: nobody was seen from 2021-10 to 2022-01", "gap: nobody was seen from 2023-10 to 2024-01")
    dates = (("2021-11-15", 0), ("2021-12-15", 0), ("2023-11-15", 1))
    line = f"as it was: {'; '.join(f'{date} not given: {gaps[gap]}' for date, gap in dates)}."
    assert reasons_once([line]) == [
        "as it was: 2021-11-15 not given: a; 2021-12-15 not given: a; 2023-11-15 not given: b.",
        f"a: {gaps[0]}.",
        f"b: {gaps[1]}.",
    ]


def test_reasons_that_stand_once_stay_where_they_are():
    lines = ["All: 5% (no interval: one cluster).", "Peer: not given: withheld; 3% (1% to 9%)."]
    assert reasons_once(lines) == lines


def test_words_without_reasons_stay_as_they_are():
    lines = ["Peer: 50% (33% to 67%), 21 of 42.", "None."]
    assert reasons_once(lines) == lines
