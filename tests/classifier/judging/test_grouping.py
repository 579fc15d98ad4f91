"""By what scores may be told apart."""

from dataclasses import replace

import pytest

from peercompare.classifier.judging.grouping import check_grouping, groupings, values_of
from peercompare.errors import DisclosureError, InputError


def dated(corpus):
    dates = [f"20{10 + at % 3}-05-01" if at else None for at in range(len(corpus.documents))]
    return replace(
        corpus, documents=corpus.documents.assign(date=dates, worker_id=corpus.documents["plot_id"])
    )


def test_columns_year_dimension_and_doubles_make_groups_and_people_do_not(garden):
    corpus = dated(garden)
    assert groupings(corpus) == ["dimension", "year", "near_duplicate", "plot_id", "setting"]
    assert groupings(garden) == ["dimension", "near_duplicate", "plot_id", "setting"]


def test_a_missing_date_is_a_group_of_its_own(garden):
    found = values_of(dated(garden), "year")
    assert set(found) == {"not given", "2010", "2011", "2012"}
    assert (found[found == "not given"].index.str.startswith("garden-0-0")).all()


def test_the_dimension_is_that_of_golds_code(garden):
    gold = garden.codings[garden.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    found = values_of(garden, "dimension")
    assert found.to_dict() == gold.map(garden.framework.dimension_of).to_dict()
    partly = replace(garden, codings=garden.codings[garden.codings["segment_id"] != "garden-0-0:001"])
    assert values_of(partly, "dimension")["garden-0-0:001"] == "not given"


def test_doubles_are_texts_that_another_group_has_too(garden):
    texts = [
        f"{'abcdefghij'[at % 10] * 9} {'klmnopqrst'[at // 10 % 10] * 9} {at // 100}" for at in range(126)
    ]
    segments = garden.segments.assign(text=texts)
    segments.loc[[0, 1], "text"] = "The same hand writes this twice"
    segments.loc[[2, 125], "text"] = "Two hands write this"
    found = values_of(replace(garden, segments=segments), "near_duplicate")
    twice = set(found.index[found == "stands elsewhere too"])
    assert {segments["segment_id"][2], segments["segment_id"][125]} <= twice
    assert not {segments["segment_id"][0], segments["segment_id"][1]} & twice


def test_scores_by_person_are_refused_and_unknown_columns_named(garden):
    with pytest.raises(DisclosureError, match="single people"):
        check_grouping("worker_id", [dated(garden)])
    with pytest.raises(InputError, match="plot_id, setting"):
        check_grouping("colour", [garden])
