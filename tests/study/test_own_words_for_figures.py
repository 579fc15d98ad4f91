"""Words for figures in a study file: they replace the alternative text, and must belong to a figure."""

import json

import pytest

from peercompare.errors import StudyError
from peercompare.study import output_stages


def test_words_for_figures_that_are_not_drawn_are_refused_all_at_once():
    with pytest.raises(StudyError, match="shares_b, terms") as caught:
        output_stages.refuse_unknown_figures(["shares_a", "shares_b", "plane"], ["shares_b", "terms"])
    assert [fault.where for fault in caught.value.problems] == ["[figures.shares_a]", "[figures.plane]"]


def test_own_words_replace_the_alternative_text_and_nothing_else(monkeypatch, tmp_path, deegan):
    import pandas as pd

    from peercompare.figures import get_text, term_bars
    from peercompare.study.runner import Bench
    from peercompare.study.settings import FigureSection

    terms = pd.DataFrame({"label": [deegan.axis[0]], "term": ["hope"], "weight": [1.0]})
    chart = term_bars(terms, deegan)
    monkeypatch.setattr(
        output_stages, "_drawings", lambda bench: iter([("terms", lambda: chart), ("more", lambda: chart)])
    )
    settings = type("Settings", (), {"figures": {"terms": FigureSection(alt="One bar, for hope.")}})
    bench = Bench(type("Study", (), {"results": tmp_path, "settings": settings})())
    output_stages.draw_figures(bench)
    words, other = (
        json.loads((tmp_path / "figures" / f"{name}.words.json").read_text(encoding="utf-8"))
        for name in ("terms", "more")
    )
    assert words["alt"] == "One bar, for hope."
    assert other["alt"] == get_text(chart).alt
    assert words | {"alt": ""} == other | {"alt": ""}
