"""Duplicates: near ones are grouped, different ones are not; repeated lines are found in any number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.readers.boilerplate import document_digests, line_digest, repeated_digests
from peercompare.readers.duplicates import (
    N_PERMUTATIONS,
    THRESHOLD,
    duplicate_groups,
    joined_groups,
    sketch,
    text_digest,
)


def words(rng, n):
    return [f"w{number}" for number in rng.integers(10_000, size=n)]


def groups_of(texts):
    sketches = np.stack([sketch(text) for text in texts])
    digests = np.array([text_digest(text) for text in texts], dtype="uint64")
    return duplicate_groups(sketches, digests).tolist()


def shingles(text):
    parts = text.split()
    return {tuple(parts[at : at + 5]) for at in range(len(parts) - 4)}


def test_sketches_estimate_the_share_of_common_shingles(rng):
    base = words(rng, 400)
    for n_changed in (0, 3, 10, 40):
        other = list(base)
        for at in rng.choice(400, n_changed, replace=False):
            other[at] = "other"
        one, two = " ".join(base), " ".join(other)
        jaccard = len(shingles(one) & shingles(two)) / len(shingles(one) | shingles(two))
        estimate = (sketch(one) == sketch(two)).mean()
        assert (
            abs(estimate - jaccard) < 4 * np.sqrt(max(jaccard * (1 - jaccard), 1e-9) / N_PERMUTATIONS) + 1e-9
        )


def test_exact_and_near_duplicates_are_one_group_and_others_are_not(rng):
    base = words(rng, 300)
    near = [*base[:150], "changed", *base[151:]]
    other, half = words(rng, 300), [*base[:150], *words(rng, 150)]
    texts = [" ".join(each) for each in (other, base, near, half)] + [" ".join(base).upper() + "!", ""]
    assert groups_of(texts) == [0, 1, 1, 3, 1, 5]


def test_a_chain_of_likeness_is_one_group(rng):
    base = words(rng, 400)
    chain = [base]
    for step in range(6):
        chain.append([*chain[-1][: step * 20], "new", f"s{step}", *chain[-1][step * 20 + 2 :]])
    assert set(groups_of([" ".join(each) for each in chain])) == {0}


def test_a_pair_is_found_among_hundreds_that_share_a_band_and_are_not_alike(rng):
    sketches = rng.integers(2**32, size=(300, N_PERMUTATIONS), dtype="uint32")
    sketches[:, :6] = 7
    sketches[299] = sketches[298]
    groups = duplicate_groups(sketches, np.arange(300, dtype="uint64"))
    assert groups.tolist() == [*range(299), 298]


def test_short_texts_are_alike_only_where_they_are_the_same():
    assert groups_of(["peer guide", "Peer Guide.", "peer", "", "..."]) == [0, 0, 2, 3, 3]


def test_a_threshold_out_of_range_is_refused():
    with pytest.raises(ValueError, match="threshold is 0"):
        duplicate_groups(np.zeros((1, N_PERMUTATIONS), "uint32"), np.zeros(1, "uint64"), threshold=0)
    assert 0 < THRESHOLD < 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_joined_groups_are_the_connected_ones(rows):
    found = joined_groups(zip(*rows, strict=True))
    for at, (one, other) in enumerate(rows):
        for before in range(at):
            if one == rows[before][0] or other == rows[before][1]:
                assert found[at] == found[before]
    # nothing is joined without a chain: merge by brute force and compare the number of groups
    left = [{("a", one), ("b", other)} for one, other in rows]
    merged = []
    for each in left:
        touching = [group for group in merged if group & each]
        merged = [group for group in merged if not group & each] + [set.union(each, *touching)]
    assert len(set(found.tolist())) == len(merged)


def test_lines_that_repeat_over_documents_are_found_in_parts_as_in_one(rng, monkeypatch):
    statement = "We are an equal opportunity employer."
    documents = [[statement, *(" ".join(words(rng, 6)) for _ in range(20)), "Apply now"] for _ in range(7)]
    documents[0].append(statement)
    digests = np.concatenate([document_digests(lines) for lines in documents])
    whole = repeated_digests(lambda: [digests], 7)
    assert whole.tolist() == [line_digest(statement)]
    monkeypatch.setattr("peercompare.readers.boilerplate._PART", 10)
    assert repeated_digests(lambda: np.array_split(digests, 9), 7).tolist() == whole.tolist()


def test_a_line_of_few_documents_or_few_words_is_no_boilerplate():
    few = np.concatenate([document_digests(["a line of four words", "too short"])] * 4)
    assert len(repeated_digests(list, 3)) == 0
    assert len(repeated_digests(lambda: [few], 4)) == 0
    five = np.concatenate([few, document_digests(["a line of four words"])])
    assert len(repeated_digests(lambda: [five], 5)) == 1
    assert len(repeated_digests(lambda: [five], 1000)) == 0
