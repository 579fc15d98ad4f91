"""Jackknife intervals: leaving documents out by hand, honesty where that fails, coverage."""

import math

import numpy as np
import pytest
from scipy import stats

from peercompare.agreement import agreement_interval, gwet_ac1, krippendorff_alpha, raw_agreement
from peercompare.agreement.coincidences import agreement_sums
from peercompare.agreement.intervals import informative_clusters
from peercompare.errors import InputError, UndefinedError

COMPUTE = {
    "alpha": lambda values, level: krippendorff_alpha(
        values, level_of_measurement=level, values_domain=range(4)
    ),
    "ac1": lambda values, level: gwet_ac1(values, values_domain=range(4)),
    "raw": lambda values, level: raw_agreement(values),
}


def naive_jackknife(values, clusters, compute, confidence_level):
    """Recompute the coefficient from scratch without each cluster."""
    values, clusters = np.array(values, dtype=object), np.array(clusters)
    names = np.unique(clusters)
    n = len(names)
    whole = compute(values)
    pseudo = np.array([n * whole - (n - 1) * compute(values[:, clusters != name]) for name in names])
    error = pseudo.std(ddof=1) / math.sqrt(n)
    reach = stats.t.ppf(0.5 + confidence_level / 2, n - 1) * error
    return whole - reach, whole + reach, stats.t.cdf((0.667 - whole) / error, n - 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("coefficient", "level"),
    [
        ("alpha", "nominal"),
        ("alpha", "ordinal"),
        ("alpha", "interval"),
        ("ac1", "nominal"),
        ("raw", "nominal"),
    ],
)
def test_the_interval_is_the_naive_jackknife(made_up, seed, coefficient, level):
    values = made_up(np.random.default_rng(seed), n_units=90, error=0.4)
    clusters = [unit // 10 for unit in range(90)]
    found = agreement_interval(
        values,
        clusters,
        coefficient=coefficient,
        level_of_measurement=level,
        values_domain=range(4),
        confidence_level=0.9,
    )
    lower, upper, p_below = naive_jackknife(values, clusters, lambda v: COMPUTE[coefficient](v, level), 0.9)
    assert found.estimate == pytest.approx(COMPUTE[coefficient](values, level), abs=1e-12)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-9)
    assert found.n_clusters == 9
    assert found.reason == ""
    if coefficient == "alpha":
        assert found.p_below_667 == pytest.approx(p_below, abs=1e-9)
    else:
        assert math.isnan(found.p_below_667)


def interval_of(values, clusters, coefficient="alpha", domain=("a", "b")):
    return agreement_interval(
        values, clusters, coefficient=coefficient, level_of_measurement="nominal", values_domain=domain
    )


def has_no_interval(found):
    return math.isnan(found.lower) and math.isnan(found.upper) and math.isnan(found.p_below_667)


def test_under_five_clusters_there_is_a_point_and_a_reason_but_no_interval():
    found = interval_of([list("aabb") * 4, list("abbb") * 4], [unit // 4 for unit in range(16)])
    assert found.estimate == pytest.approx(1 - 31 * 8 / (2 * 12 * 20))
    assert has_no_interval(found)
    assert found.reason == "no interval: 4 clusters, and an interval needs at least 5"


def test_clusters_without_pairable_units_are_not_counted():
    first, second = list("aabb") * 6, list("abbb") * 4 + [None] * 8
    found = interval_of([first, second], [unit // 4 for unit in range(24)])
    assert found.n_clusters == 4
    assert found.n_units == 16
    assert has_no_interval(found)


@pytest.mark.parametrize("coefficient", ["alpha", "ac1", "raw"])
def test_perfect_agreement_gets_no_interval_of_width_zero(coefficient):
    found = interval_of([list("ab") * 9] * 2, [unit // 2 for unit in range(18)], coefficient)
    assert found.estimate == 1.0
    assert has_no_interval(found)
    assert "does not make it certain" in found.reason


def test_a_value_found_in_one_document_alone_leaves_alpha_without_interval():
    """Without that document nothing varies; the message names it."""
    values = [list("aaaa") * 6 + list("abba"), list("aaaa") * 6 + list("abaa")]
    found = interval_of(values, [f"D{unit // 4}" for unit in range(28)])
    assert "without cluster D6" in found.reason
    assert has_no_interval(found)


@pytest.mark.parametrize("coefficient", ["alpha", "ac1", "raw"])
def test_a_value_found_in_few_documents_gets_no_interval_however_many_documents_there_are(coefficient):
    values = [list("aaaa") * 20 + list("abba") * 3, list("aaaa") * 20 + list("abaa") * 3]
    found = interval_of(values, [unit // 4 for unit in range(92)], coefficient)
    assert found.n_clusters == 23
    assert "only 3 clusters hold anything but the commonest value" in found.reason
    assert has_no_interval(found)


def test_a_rare_value_that_was_never_agreed_on_gets_no_deceptively_narrow_alpha_interval():
    first, second = list("aaaaaaab") * 8 + list("aaaaabba"), list("aaaaaaba") * 8 + list("aaaaaaab")
    clusters = [unit // 8 for unit in range(72)]
    assert "never agreed on anything but the commonest value" in interval_of([first, second], clusters).reason


def test_degrees_of_freedom_count_clusters_that_hold_something_rare():
    values = [list("aaaa") * 20 + list("abba") * 7, list("aaaa") * 20 + list("abaa") * 3 + list("abba") * 4]
    clusters = [unit // 4 for unit in range(108)]
    sums = agreement_sums(values, values_domain=("a", "b"), clusters=clusters)
    assert informative_clusters(sums) == 7
    assert interval_of(values, clusters).method.endswith("t(6)")


def test_a_wider_confidence_level_gives_a_wider_interval_inside_the_scale(made_up, rng):
    values = made_up(rng, n_units=60, error=0.05)
    widths = []
    for confidence_level in (0.5, 0.9, 0.999999):
        found = agreement_interval(
            values,
            [unit // 6 for unit in range(60)],
            coefficient="raw",
            level_of_measurement="nominal",
            values_domain=range(4),
            confidence_level=confidence_level,
        )
        assert 0.0 <= found.lower <= found.estimate <= found.upper <= 1.0
        widths.append(found.upper - found.lower)
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coefficient": "kappa"}, "Unknown coefficient 'kappa'"),
        ({"coefficient": "ac1", "level_of_measurement": "ordinal"}, "Gwet's AC1 is nominal here"),
        ({"confidence_level": 95}, r"must be in \(0, 1\)"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(made_up, rng, change, message):
    arguments = {
        "coefficient": "alpha",
        "level_of_measurement": "nominal",
        "values_domain": range(4),
    } | change
    with pytest.raises(InputError, match=message):
        agreement_interval(made_up(rng), [unit // 5 for unit in range(40)], **arguments)


def test_an_undefined_coefficient_has_no_interval_either():
    with pytest.raises(UndefinedError, match="one value alone"):
        interval_of([["a"] * 10] * 2, range(10))


def clustered_data(rng, n_documents, n_units=15):
    """Draw two coders whose disagreement is clustered: some documents are misread, most are not."""
    share_misread = np.repeat(rng.beta(0.5, 1.5, size=n_documents), n_units)
    prevalence = np.repeat(rng.dirichlet([4, 3, 3], size=n_documents), n_units, axis=0)
    truth = (rng.random((len(prevalence), 1)) > prevalence.cumsum(axis=1)[:, :-1]).sum(axis=1)
    misread = rng.random((2, len(truth))) < share_misread
    coded = np.where(misread, rng.integers(3, size=misread.shape), truth)
    return coded, np.repeat(np.arange(n_documents), n_units)


def clustered_truth():
    """Return the coefficients of the population that `clustered_data` draws from, in closed form.

    The share misread has mean 1/4, and both coders read a unit right with probability 5/8.
    """
    prevalence = 3 / 4 * np.array([0.4, 0.3, 0.3]) + 1 / 4 / 3
    raw = 5 / 8 + 3 / 8 / 3
    varied = 1 - (prevalence**2).sum()
    chance = varied / 2
    return {"alpha": 1 - (1 - raw) / varied, "ac1": (raw - chance) / (1 - chance), "raw": raw}


def coverage(draw, truth, coefficient, domain, *, n_runs, seed):
    """Count the runs that gave an interval, and those whose interval covered the truth."""
    rng = np.random.default_rng(seed)
    given = covered = 0
    for _ in range(n_runs):
        try:
            found = interval_of(*draw(rng), coefficient, domain)
        except UndefinedError:
            continue
        given += not math.isnan(found.lower)
        covered += found.lower <= truth <= found.upper
    return given, covered


@pytest.mark.slow
@pytest.mark.parametrize("n_documents", [8, 20, 60])
@pytest.mark.parametrize("coefficient", ["alpha", "ac1", "raw"])
def test_the_interval_covers_what_it_promises(coefficient, n_documents):
    """Coverage lies within what a binomial allows (one in a thousand on each side).

    Two points below the level are granted, the known shortfall of a jackknife of a skewed ratio.
    """
    n_given, covered = coverage(
        lambda rng: clustered_data(rng, n_documents),
        clustered_truth()[coefficient],
        coefficient,
        range(3),
        n_runs=1000,
        seed=2017,
    )
    assert n_given == 1000
    lowest, highest = stats.binom.ppf([0.001, 0.999], n_given, [0.93, 0.95])
    assert lowest <= covered <= highest


@pytest.mark.slow
def test_units_taken_for_clusters_would_cover_far_too_little():
    """The reason for clustering: the same intervals with every unit its own cluster."""

    def unclustered(rng):
        drawn, documents = clustered_data(rng, 20)
        return drawn, np.arange(len(documents))

    n_given, covered = coverage(
        unclustered, clustered_truth()["alpha"], "alpha", range(3), n_runs=400, seed=2018
    )
    assert covered < stats.binom.ppf(0.001, n_given, 0.8)


def rare_value(rng, n_documents, n_units=30):
    """Draw two coders who look for a value that one segment in fifty holds, in some documents many."""
    documents = np.repeat(np.arange(n_documents), n_units)
    truth = rng.random(len(documents)) < rng.beta(0.04, 1.96, size=n_documents)[documents]
    error = rng.beta(1, 5, size=n_documents)[documents]
    missed = rng.random((2, len(documents))) < error
    invented = rng.random((2, len(documents))) < error * 0.006
    return np.where(truth, ~missed, invented).astype(int), documents


def rare_truth():
    """Return alpha of what `rare_value` draws from; the error has mean 1/6 and mean square 1/21."""
    chosen = 0.02 * 5 / 6 + 0.98 * 0.006 / 6
    by_both = 0.02 * (1 - 2 / 6 + 1 / 21) + 0.98 * 0.006**2 / 21
    return 1 - (chosen - by_both) / (chosen * (1 - chosen))


@pytest.mark.slow
def test_a_rare_value_is_covered_nearly_as_promised_where_an_interval_is_given():
    """Four points are granted: with few documents that hold the value the spread itself is poorly known."""
    n_given, covered = coverage(
        lambda rng: rare_value(rng, 60), rare_truth(), "alpha", (0, 1), n_runs=1000, seed=2019
    )
    assert n_given > 500
    assert covered >= stats.binom.ppf(0.001, n_given, 0.91)
