"""Coefficients against published values, against their definitions, and where they are undefined."""

import numpy as np
import pytest

from peercompare.agreement import gwet_ac1, krippendorff_alpha, raw_agreement
from peercompare.errors import InputError, UndefinedError

LEVELS = ["nominal", "ordinal", "interval"]
SEEDS = range(8)


@pytest.mark.parametrize(
    ("data", "level", "value"),
    [
        ("four_by_twelve", "nominal", 0.743),
        ("four_by_twelve", "ordinal", 0.815),
        ("four_by_twelve", "interval", 0.849),
        ("three_by_fifteen", "nominal", 0.691),
        ("three_by_fifteen", "ordinal", 0.807),
        ("three_by_fifteen", "interval", 0.811),
    ],
)
def test_alpha_is_the_published_one(published, data, level, value):
    found = krippendorff_alpha(getattr(published, data), level_of_measurement=level)
    assert found == pytest.approx(value, abs=5e-4)


def test_ac1_is_the_published_one_where_values_are_missing(published):
    """Prevalence counts units with a single coding too; without them the result is .77515."""
    assert gwet_ac1(published.four_by_twelve, values_domain=[1, 2, 3, 4, 5]) == pytest.approx(
        0.77544, abs=5e-6
    )


def test_a_rare_value_parts_alpha_from_ac1_as_published(published):
    assert raw_agreement(published.paradox) == pytest.approx(0.944, abs=5e-4)
    assert gwet_ac1(published.paradox, values_domain=[0, 1]) == pytest.approx(0.9408, abs=5e-5)
    assert krippendorff_alpha(published.paradox, level_of_measurement="nominal") == pytest.approx(
        -0.0247, abs=5e-5
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("level", LEVELS)
def test_alpha_follows_its_definition(made_up, plain, seed, level):
    values = made_up(np.random.default_rng(seed))
    expected = plain.alpha(values, [0, 1, 2, 3], level)
    assert krippendorff_alpha(values, level_of_measurement=level) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_ac1_and_raw_agreement_follow_their_definitions(made_up, plain, seed):
    values = made_up(np.random.default_rng(seed), n_coders=4)
    assert raw_agreement(values) == pytest.approx(plain.raw(values), abs=1e-12)
    assert gwet_ac1(values, values_domain=range(4)) == pytest.approx(plain.ac1(values, range(4)), abs=1e-12)


def coefficients(values, domain):
    return [
        *(krippendorff_alpha(values, level_of_measurement=level, values_domain=domain) for level in LEVELS),
        gwet_ac1(values, values_domain=domain),
        raw_agreement(values),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_coders_and_of_units_does_not_matter(made_up, seed):
    rng = np.random.default_rng(seed)
    values = np.array(made_up(rng), dtype=object)
    shuffled = values[rng.permutation(3)][:, rng.permutation(40)]
    np.testing.assert_allclose(coefficients(shuffled, range(4)), coefficients(values, range(4)), atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_values_may_change_places_between_coders_within_a_unit(made_up, seed):
    """Coders are interchangeable: who gave which value to a unit is not part of any of the coefficients."""
    rng = np.random.default_rng(seed)
    values = np.array(made_up(rng), dtype=object)
    mixed = np.column_stack([column[rng.permutation(3)] for column in values.T])
    np.testing.assert_allclose(coefficients(mixed, range(4)), coefficients(values, range(4)), atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_new_names_for_values_leave_nominal_coefficients_alone(made_up, seed):
    values = made_up(np.random.default_rng(seed))
    names = ["pear", "fig", "quince", "none"]
    renamed = [[None if value is None else names[value] for value in row] for row in values]
    assert krippendorff_alpha(renamed, level_of_measurement="nominal") == pytest.approx(
        krippendorff_alpha(values, level_of_measurement="nominal"), abs=1e-12
    )
    assert gwet_ac1(renamed, values_domain=names) == pytest.approx(gwet_ac1(values, values_domain=range(4)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_coder_who_coded_nothing_and_units_that_nobody_coded_change_nothing(made_up, seed):
    values = np.array(made_up(np.random.default_rng(seed)), dtype=object)
    padded = np.full((5, 47), None, dtype=object)
    padded[1:4, 3:43] = values
    np.testing.assert_allclose(coefficients(padded, range(4)), coefficients(values, range(4)), atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_units_coded_once_count_for_ac1_alone(made_up, seed):
    values = np.array(made_up(np.random.default_rng(seed)), dtype=object)
    once = np.full((3, 9), None, dtype=object)
    once[0] = 2
    longer = np.hstack([values, once])
    before, after = coefficients(values, range(4)), coefficients(longer, range(4))
    np.testing.assert_allclose(after[:3], before[:3], atol=1e-12)
    assert after[4] == pytest.approx(before[4])
    assert abs(after[3] - before[3]) > 1e-6


def test_nan_and_none_are_both_missing(published):
    as_nan = np.array(
        [[np.nan if value is None else float(value) for value in row] for row in published.four_by_twelve]
    )
    mixed = as_nan.astype(object)
    mixed[0, 9] = None
    for values in (as_nan, mixed):
        assert krippendorff_alpha(values, level_of_measurement="nominal") == pytest.approx(0.7434, abs=5e-5)


def test_values_that_nobody_chose_raise_ac1_and_leave_alpha_alone(published):
    narrow, wide = [1, 2, 3, 4, 5], range(1, 23)
    assert gwet_ac1(published.four_by_twelve, values_domain=wide) > gwet_ac1(
        published.four_by_twelve, values_domain=narrow
    )
    for level in LEVELS:
        assert krippendorff_alpha(
            published.four_by_twelve, level_of_measurement=level, values_domain=wide
        ) == pytest.approx(krippendorff_alpha(published.four_by_twelve, level_of_measurement=level))


def test_the_order_of_the_domain_is_the_order_of_ordinal_values():
    values = [list("abcabcaacb"), list("abbabcbacc")]
    forward = krippendorff_alpha(values, level_of_measurement="ordinal", values_domain=["a", "b", "c"])
    backward = krippendorff_alpha(values, level_of_measurement="ordinal", values_domain=["c", "b", "a"])
    other = krippendorff_alpha(values, level_of_measurement="ordinal", values_domain=["b", "a", "c"])
    assert forward == pytest.approx(backward)
    assert forward > other


def test_perfect_agreement_is_one_and_systematic_disagreement_is_negative():
    assert coefficients([[0, 1, 2, 1], [0, 1, 2, 1]], range(3)) == pytest.approx([1.0] * 5)
    assert krippendorff_alpha([[0, 1] * 10, [1, 0] * 10], level_of_measurement="nominal") < -0.9


def test_one_value_alone_leaves_alpha_undefined_and_says_what_to_report_instead():
    values = [["none"] * 7, ["none"] * 7]
    with pytest.raises(UndefinedError, match=r"one value alone \('none'\).*AC1 and raw agreement"):
        krippendorff_alpha(values, level_of_measurement="nominal")
    assert raw_agreement(values) == 1.0
    assert gwet_ac1(values, values_domain=["none", "other"]) == 1.0


@pytest.mark.parametrize(
    "values", [[["a", None, "b"], [None, "a", None]], [["a", "b", "a"]], [[None], [None]]]
)
def test_nothing_is_defined_where_no_unit_was_coded_by_two(values):
    for compute in (
        lambda: krippendorff_alpha(values, level_of_measurement="nominal"),
        lambda: gwet_ac1(values, values_domain=["a", "b"]),
        lambda: raw_agreement(values),
    ):
        with pytest.raises(UndefinedError, match="no unit was coded by two coders"):
            compute()


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (
            lambda v: krippendorff_alpha(v, level_of_measurement="ratio"),
            "Unknown level of measurement 'ratio'",
        ),
        (lambda v: krippendorff_alpha(v, level_of_measurement="interval"), "Interval alpha needs numbers"),
        (lambda v: krippendorff_alpha(v, level_of_measurement="ordinal"), "give values_domain in its order"),
        (lambda v: gwet_ac1(v, values_domain=["a", "b"]), "'c' stands outside the values domain"),
        (lambda v: gwet_ac1([["a"], ["a"]], values_domain=["a"]), "AC1 needs two values on offer"),
        (lambda v: gwet_ac1(v, values_domain=["a", "b", "c", "a"]), "names a value twice"),
        (lambda v: raw_agreement(v[0]), "two axes"),
        (lambda v: raw_agreement([["a", 1], ["a", 1]]), "several kinds: int, str"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_a_remedy(compute, message):
    with pytest.raises(InputError, match=message):
        compute([["a", "b", "c"], ["a", "b", None]])


def test_the_level_of_measurement_and_the_offered_values_are_never_guessed(published):
    with pytest.raises(TypeError):
        krippendorff_alpha(published.paradox)
    with pytest.raises(TypeError):
        gwet_ac1(published.paradox)


def test_the_callers_data_are_left_alone(published):
    values = np.array(published.four_by_twelve, dtype=object)
    kept = values.copy()
    coefficients(values, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(values, kept)
