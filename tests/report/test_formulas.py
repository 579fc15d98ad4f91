"""A formula is written three ways from one tree, and said in words."""

import re
import xml.etree.ElementTree as xml

import pytest

from peercompare.report.formulas import ALPHA, GWET, Formula, index_formula, share_formula

ALL = [ALPHA, GWET, index_formula("peer", "clinical"), share_formula("clinical")]


@pytest.mark.parametrize("formula", ALL)
def test_mathml_and_office_mathematics_are_well_formed_and_say_the_same(formula):
    mathml, omml = xml.fromstring(formula.mathml), xml.fromstring(formula.omml)
    letters = [element.text for element in mathml.iter() if element.tag in {"mi", "mn", "mo", "mtext"}]
    assert letters == [element.text for element in omml.iter() if element.tag.endswith("}t")]
    assert mathml.get("alttext") == formula.words
    assert len(letters) > 4


def test_a_fraction_keeps_what_is_above_and_below():
    assert ALPHA.mathml.endswith(
        "<mfrac><msub><mi>D</mi><mi>o</mi></msub><msub><mi>D</mi><mi>e</mi></msub></mfrac></mrow></math>"
    )
    assert ALPHA.typst == "α = 1 - (D_(o)) / (D_(e))"


def test_labels_of_a_framework_cannot_become_markup():
    formula = index_formula('<b>"low"', "high\\")
    assert "<b>" not in formula.mathml
    assert r'"<b>\"low\""' in formula.typst
    assert re.search(r'"high\\\\"', formula.typst)


def test_a_formula_survives_being_kept_as_json():
    import json

    kept = Formula(ALPHA.words, json.loads(json.dumps(ALPHA.tree)))
    assert kept.mathml == ALPHA.mathml
