"""What a publication gives away as a whole: recoveries by subtraction, tried by brute force."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import (
    Plan,
    References,
    draft_anchored,
    draft_estimates,
    draft_trend,
    estimate_table,
    population,
    publish,
    publish_beside,
    refused,
    score_table,
    with_sample,
)
from peercompare.drift.showing import SIZES_WITHHELD
from peercompare.errors import DisclosureError

PLAN = Plan("shed", "worker_id")


def shed(workers, codes_of, gold, framework, **options):
    """Scores of sessions: `workers` lists the documents' columns, `codes_of` gives each its codes."""
    documents = pd.DataFrame(workers)
    documents.insert(0, "document_id", [f"D{place:03d}" for place in range(len(documents))])
    codes = {
        f"{row.document_id}:{place}": code
        for row in documents.itertuples()
        for place, code in enumerate(codes_of(row))
    }
    segments = pd.DataFrame([{"segment_id": name, "document_id": name.split(":")[0]} for name in codes])
    return score_table(gold(codes), segments, documents, framework, **options)


def pair_of_codes(row):
    return ["tools/shared", "harvest/managed"]


def kept(table, **values):
    """Whether there is an estimate of the index over all dimensions, by group."""
    rows = table[(table["estimand"] == "index") & (table["dimension"] == "all")]
    for column, value in values.items():
        rows = rows[rows[column] == value]
    return rows.set_index("group")["estimate"].notna().to_dict()


def test_a_population_beside_everybody_does_not_give_one_clinician_away(gold, tiny_framework):
    # Six peers and one clinician on the phone: phone of everybody less phone of peers would be the clinician.
    rows = [
        {"worker_id": f"P{n}", "worker_role": "peer", "kind": kind}
        for n in range(6)
        for kind in "phone walk".split()
    ]
    rows += [{"worker_id": f"C{n}", "worker_role": "clinical", "kind": "walk"} for n in range(6)]
    rows += [{"worker_id": "C0", "worker_role": "clinical", "kind": "phone"}]
    everybody = shed(rows, pair_of_codes, gold, tiny_framework)
    peers = population(everybody, "worker_role", "peer", words="peers")
    drafts = [
        draft_estimates(peers, tiny_framework, plan=PLAN, group_by=["all", "kind"]),
        draft_estimates(everybody, tiny_framework, plan=PLAN, group_by=["kind"]),
    ]
    table = publish(drafts, plan=PLAN)
    own, compared = table.iloc[: len(drafts[0].estimates)], table.iloc[len(drafts[0].estimates) :]
    assert kept(own)["all"]
    assert kept(compared) == {"phone": True, "walk": True}
    assert not kept(own)["phone"]
    apart = pd.concat(
        [
            estimate_table(peers, tiny_framework, plan=PLAN, group_by=["all", "kind"]),
            estimate_table(everybody, tiny_framework, plan=PLAN, group_by=["kind"]),
        ]
    )
    assert apart["estimate"].notna().sum() > table["estimate"].notna().sum()


def test_fine_groups_beside_groups_do_not_give_one_worker_away(gold, tiny_framework):
    # The big house has six workers by day and one of another kind by night.
    rows = [{"worker_id": f"W{n}", "big": "yes", "shift": "day"} for n in range(6)]
    rows += [{"worker_id": "W6", "big": "yes", "shift": "night"}]
    rows += [{"worker_id": f"V{n}", "big": "no", "shift": "day"} for n in range(6)]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    table = publish(
        [
            draft_estimates(scores, tiny_framework, plan=PLAN, group_by=["all", "big"]),
            draft_estimates(scores, tiny_framework, plan=PLAN, group_by=[("big", "shift")], dimensions=False),
        ],
        plan=PLAN,
    )
    assert kept(table) == {
        "all": True,
        "no": True,
        "yes": True,
        "no | day": True,
        "yes | day": False,
        "yes | night": False,
    }


def random_shed(rng, gold, framework):
    """Sessions of peers and clinicians at three sites over three half years, with all codes at random."""
    sites = rng.choice(list("NSE"), size=18, p=[0.5, 0.3, 0.2])
    rows = [
        {
            "worker_id": f"W{worker}",
            "worker_role": "peer" if worker % 3 else "clinical",
            "site_id": sites[worker],
            "kind": rng.choice(["phone", "walk"]),
            "date": pd.Timestamp(rng.choice(["2021-02-01", "2021-09-01", "2022-03-01"])),
        }
        for worker in range(18)
        for _ in range(int(rng.integers(1, 5)))
    ]
    return shed(rows, lambda _: rng.choice((*framework.code_ids, "none"), size=3), gold, framework)


def everything(scores, framework):
    """Drafts as a study makes them, each with the segments that it is about."""
    peers = population(scores, "worker_role", "peer", words="peers")
    groups = ["all", "site_id", "kind", "half_year"]
    ends = References("worker_role", "peer", "clinical")
    return [
        draft_estimates(peers, framework, plan=PLAN, group_by=groups),
        draft_estimates(peers, framework, plan=PLAN, group_by=[("site_id", "half_year")], dimensions=False),
        draft_estimates(scores, framework, plan=PLAN, group_by=["worker_role", "kind", "site_id"]),
        draft_trend(peers, framework, per="month", plan=PLAN, group_by=["all", "site_id"]),
        draft_anchored(scores, framework, references=ends, plan=PLAN, group_by=["site_id", "kind"]),
    ]


def published_sets(drafts, table):
    """Segments behind every published row of shares and indices, by what can be subtracted from what."""
    sets = {"share_none": [], "index": []}
    start = 0
    for number, draft in enumerate(drafts):
        rows = table.iloc[start : start + len(draft.estimates)]
        start += len(draft.estimates)
        for row in rows[rows["estimate"].notna()].itertuples():
            kind = {"share_none": "share_none", "index": "index", "index_anchored": "index"}.get(row.estimand)
            if kind is None:
                continue
            inside = draft.scores["coded"] if kind == "share_none" else draft.scores["taking"]
            if row.dimension != "all":
                inside = inside & (draft.scores["dimension"] == row.dimension)
            if row.group_by != "all":
                for column, value in zip(row.group_by.split(" x "), row.group.split(" | "), strict=True):
                    inside = inside & (draft.scores[column] == value)
            family = (number, row.estimand, row.group_by, row.dimension)
            sets[kind].append((family, frozenset(draft.scores.loc[inside, "segment_id"])))
    return sets


@pytest.mark.parametrize("seed", range(12))
def test_no_published_rows_differ_by_the_segments_of_one_to_four_workers(gold, tiny_framework, seed):
    scores = random_shed(np.random.default_rng(seed), gold, tiny_framework)
    drafts = everything(scores, tiny_framework)
    table = publish(drafts, plan=PLAN)
    worker = scores.set_index("segment_id")["worker_id"].to_dict()

    def exposed(segments):
        return 0 < len({worker[segment] for segment in segments}) < 5

    seen = 0
    for sets in published_sets(drafts, table).values():
        seen += len(sets)
        assert not any(exposed(rows) for _, rows in sets)
        for (_, one), (_, other) in combinations(sets, 2):
            assert not exposed(one ^ other)
        for family in {name for name, _ in sets}:
            siblings = [rows for name, rows in sets if name == family]
            for n in range(2, len(siblings) + 1):
                for some in combinations(siblings, n):
                    together = frozenset().union(*some)
                    for _, rows in sets:
                        assert not (together <= rows and exposed(rows - together))
                        assert not (rows <= together and exposed(together - rows))
    assert seen > 8


def cells_of_workers(sets, worker):
    """Which published cells hold a segment: a column for those of a worker that stand in the same cells."""
    columns = sorted({(worker[each], tuple(each in rows for _, rows in sets)) for each in worker})
    return np.array([held for _, held in columns], dtype=float).T, np.array([who for who, _ in columns])


@pytest.mark.parametrize("seed", [2, 5])
def test_no_sum_or_difference_of_any_rows_comes_down_to_four_workers(gold, tiny_framework, seed):
    scores = random_shed(np.random.default_rng(seed), gold, tiny_framework)
    drafts = everything(scores, tiny_framework)
    worker = scores.set_index("segment_id")["worker_id"].to_dict()
    sets = published_sets(drafts, publish(drafts, plan=PLAN))["share_none"]
    cells, whose = cells_of_workers(sets, worker)
    whole = np.linalg.matrix_rank(cells)

    def reached(few):
        """Whether some combination of published cells is zero outside a few workers' segments."""
        return np.linalg.matrix_rank(cells[:, ~np.isin(whose, few)]) < whole

    names = sorted(set(worker.values()))
    assert not any(reached(some) for some in combinations(names, 4))
    assert reached(names[1:])


def test_a_group_withheld_of_all_codings_is_withheld_of_a_sample_too(gold, tiny_framework):
    # N and S have six workers each and E two: E is withheld, and the smaller of N and S with it.
    rows = [
        {"worker_id": f"{site}{n}", "site_id": site}
        for site, many in zip("NSE", (7, 6, 2), strict=True)
        for n in range(many)
    ]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    # The sample holds one of the two segments of S and both of N, so that by itself it would withhold N.
    drawn = ~(scores["segment_id"].str.endswith(":1") & (scores["site_id"] == "N"))
    sample = pd.DataFrame({"segment_id": scores["segment_id"], "pi": 0.5, "sampled": drawn})
    table = publish(
        [
            draft_estimates(scores, tiny_framework, plan=PLAN, group_by=["all", "site_id"]),
            draft_estimates(
                with_sample(scores, sample),
                tiny_framework,
                plan=PLAN,
                group_by=["all", "site_id"],
                labels="probability_sample",
            ),
        ],
        plan=PLAN,
    )
    assert kept(table, labels="all_codings") == {"all": True, "N": True, "S": False, "E": False}
    assert not kept(table, labels="probability_sample")["S"]


def test_a_variant_that_changes_one_worker_is_withheld_and_the_headline_is_not(gold, tiny_framework):
    rows = [{"worker_id": f"W{n}"} for n in range(8)]
    plain = shed(rows, pair_of_codes, gold, tiny_framework)
    varied = plain.assign(variant="without_required", changed=plain["segment_id"] == "D003:0")
    drafts = [draft_estimates(scores, tiny_framework, plan=PLAN) for scores in (plain, varied)]
    table = publish(drafts, plan=PLAN)
    assert kept(table, variant="as_coded") == {"all": True}
    assert kept(table, variant="without_required") == {"all": False}
    reasons = table.loc[table["variant"] == "without_required", "reason"]
    assert reasons.str.contains("what this variant changes").any()


def test_a_slope_beside_a_share_does_not_tell_the_sizes_of_a_worker_seen_once(gold, tiny_framework):
    days = [pd.Timestamp("2021-02-01"), pd.Timestamp("2021-09-01")]
    rows = [{"worker_id": f"W{n}", "date": day} for n in range(7) for day in days[: 1 if n == 6 else 2]]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    alone = draft_trend(scores, tiny_framework, per="month", plan=PLAN)
    slopes = publish([alone], plan=PLAN)
    assert slopes["n_segments"].notna().all()
    table = publish([draft_estimates(scores, tiny_framework, plan=PLAN), alone], plan=PLAN)
    beside = table[table["estimand"] == "slope"]
    assert beside["estimate"].notna().all()
    assert beside["n_segments"].isna().all()
    assert beside["reason"].str.endswith(SIZES_WITHHELD).all()
    assert table.loc[table["estimand"] == "index", "n_segments"].notna().all()


def test_what_could_not_be_estimated_is_published_with_its_reason():
    table = publish([refused(PLAN, "nobody was seen twice", estimand="slope", population="peers")], plan=PLAN)
    (row,) = table.itertuples()
    assert (row.estimand, row.group_by, row.group, row.labels, row.variant) == (
        "slope",
        "all",
        "all",
        "all_codings",
        "as_coded",
    )
    assert np.isnan(row.estimate)
    assert not row.waiver
    assert row.reason == "nobody was seen twice"
    assert row.target == "workers like these (peers)"


def test_public_postings_are_published_in_full(gold, tiny_framework):
    rows = [{"employer_id": f"E{n}", "site_id": "NS"[n % 2]} for n in range(4)]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    plan = Plan("shed", "employer_id")
    table = publish([draft_estimates(scores, tiny_framework, plan=plan, group_by=["site_id"])], plan=plan)
    assert kept(table) == {"N": True, "S": True}


def test_a_waiver_for_a_publication_about_real_people_is_refused(gold, tiny_framework):
    scores = shed([{"worker_id": "W0"}], pair_of_codes, gold, tiny_framework)
    with pytest.raises(DisclosureError, match="cannot be waived"):
        publish(
            [draft_estimates(scores, tiny_framework, plan=PLAN)],
            plan=Plan("shed", "worker_id", waive=True),
        )


def test_the_waiver_is_said_only_where_an_estimate_is_shown(gold, tiny_framework):
    rows = [{"worker_id": f"W{n}", "worker_role": "peer" if n else "clinical"} for n in range(6)]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    plan = Plan("shed", "worker_id", composed=True, waive=True)
    ends = References("worker_role", "peer", "clinical")
    anchored = draft_anchored(scores, tiny_framework, references=ends, plan=plan, group_by=["worker_role"])
    table = publish(
        [anchored, draft_estimates(scores, tiny_framework, plan=plan, group_by=["worker_role"])], plan=plan
    )
    refusals = table[table["estimand"] == "index_anchored"]
    assert refusals["estimate"].isna().all()
    assert not refusals["waiver"].any()
    assert (
        table.loc[table["group"] == "clinical"]
        .query("estimand == 'index' and dimension == 'all'")["waiver"]
        .all()
    )


def test_no_row_without_an_interval_speaks_of_degrees_of_freedom(gold, tiny_framework):
    days = [pd.Timestamp("2021-02-01"), pd.Timestamp("2021-09-01")]
    rows = [{"worker_id": f"W{n}", "site_id": "NS"[n > 6], "date": day} for n in range(9) for day in days]
    rng = np.random.default_rng(4)
    scores = shed(rows, lambda _: rng.choice(tiny_framework.code_ids, size=9), gold, tiny_framework)
    plan = Plan("shed", "worker_id", composed=True, waive=True)
    groups = ["all", "site_id"]
    table = publish(
        [
            draft_estimates(scores, tiny_framework, plan=plan, group_by=groups),
            draft_trend(scores, tiny_framework, per="month", plan=plan, group_by=groups),
        ],
        plan=plan,
    )
    speaks = table["method"].str.contains("degrees of freedom")
    assert (speaks == table["lower"].notna()).all()
    assert speaks.nunique() == 2
    assert not table["method"].str.contains("nan").any()


def test_a_site_of_which_nothing_was_sampled_is_not_estimated_from_predictions(gold, tiny_framework):
    rows = [{"worker_id": f"W{n}", "site_id": "NS"[n > 6]} for n in range(14)]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    for label in tiny_framework.labels:
        scores["p_" + label] = 1 / len(tiny_framework.labels)
    drawn = (scores["site_id"] == "N") & scores["segment_id"].str.endswith(":0")
    sample = pd.DataFrame({"segment_id": scores["segment_id"], "pi": 0.5, "sampled": drawn})
    plan = Plan("shed", "worker_id", composed=True, waive=True)
    table = estimate_table(
        with_sample(scores, sample),
        tiny_framework,
        plan=plan,
        group_by=["site_id"],
        labels="probability_sample",
    )
    south = table[table["group"] == "S"]
    assert south["estimate"].isna().all()
    assert south["reason"].str.startswith(("no sampled", "no stance-taking")).all()
    assert not south["waiver"].any()
    assert kept(table)["N"]


def test_a_population_without_named_workers_leaves_the_others_under_the_rule(gold, tiny_framework):
    rows = [{"worker_id": f"W{n}", "worker_role": "peer", "site_id": "NS"[n > 5]} for n in range(8)]
    rows += [{"worker_id": None, "worker_role": "guest", "site_id": "N"} for _ in range(3)]
    scores = shed(rows, pair_of_codes, gold, tiny_framework)
    plan = Plan("shed", "document_id")
    parts = [population(scores, "worker_role", role, words=role) for role in ("guest", "peer")]
    drafts = [draft_estimates(part, tiny_framework, plan=plan, group_by=["all", "site_id"]) for part in parts]
    table = publish(drafts, plan=plan)
    peers = table.iloc[len(drafts[0].estimates) :]
    assert kept(peers) == {"all": True, "N": False, "S": False}


def sites(**sizes):
    """Workers of sites of some sizes, two sessions each; ids tell the site."""
    return [
        {"worker_id": f"{site}{n}", "site_id": site}
        for site, size in sizes.items()
        for n in range(size)
        for _ in range(2)
    ]


def shown_sites(rows, gold, framework, told=()):
    scores = shed(rows, pair_of_codes, gold, framework)
    drafts = [draft_estimates(scores, framework, plan=PLAN, group_by=["all", "site_id"])]
    return kept(publish(drafts, plan=PLAN, told=told))


def test_a_site_of_two_of_whom_one_has_a_table_of_their_own_exposes_nobody(gold, tiny_framework):
    shown = shown_sites(sites(A=2, B=8, C=8), gold, tiny_framework, told=["A0"])
    assert not shown["A"]
    # Everybody less B less C would be the two, and less the told one the other.
    assert not (shown["all"] and shown["B"] and shown["C"])


def test_five_workers_are_four_to_the_one_among_them_who_knows_their_own_part(gold, tiny_framework):
    rows = sites(A=5, B=9, C=9)
    assert shown_sites(rows, gold, tiny_framework)["A"]
    shown = shown_sites(rows, gold, tiny_framework, told=["A0"])
    assert not shown["A"]
    assert not (shown["all"] and shown["B"] and shown["C"])


def test_six_workers_of_whom_one_knows_their_own_part_stay(gold, tiny_framework):
    assert all(shown_sites(sites(A=6, B=9), gold, tiny_framework, told=["A0"]).values())


def test_what_is_withheld_beside_feedback_says_so(gold, tiny_framework):
    scores = shed(sites(A=5, B=9, C=9), pair_of_codes, gold, tiny_framework)
    drafts = [draft_estimates(scores, tiny_framework, plan=PLAN, group_by=["site_id"])]
    table = publish(drafts, plan=PLAN, told=["A0"])
    said = table.loc[table["group"] == "A", "reason"]
    assert said.str.contains("told of their own sessions").all()


@pytest.fixture
def two_rooms(gold, tiny_framework):
    """Ten workers, each in one of two rooms of five."""
    rows = [{"worker_id": f"W{n}", "room": "AB"[n % 2], "hut": "XY"[n < 6]} for n in range(10)]
    return shed(rows, pair_of_codes, gold, tiny_framework)


def test_a_further_table_gives_way_to_what_is_published(two_rooms, tiny_framework):
    # Without W0 everybody is nine: beside everybody that would be W0.
    whole = draft_estimates(two_rooms, tiny_framework, plan=PLAN)
    rest = two_rooms[two_rooms["worker_id"] != "W0"].reset_index(drop=True)
    nine = draft_estimates(rest, tiny_framework, plan=PLAN)
    (table,) = publish_beside([nine], [whole], plan=PLAN)
    assert table["estimate"].isna().all()
    assert table["reason"].str.startswith("withheld").all()
    assert publish([whole], plan=PLAN)["estimate"].notna().any()


def test_the_further_table_gives_way_though_the_published_one_is_smaller(two_rooms, tiny_framework):
    rest = two_rooms[two_rooms["worker_id"] != "W0"].reset_index(drop=True)
    nine = draft_estimates(rest, tiny_framework, plan=PLAN)
    (table,) = publish_beside([draft_estimates(two_rooms, tiny_framework, plan=PLAN)], [nine], plan=PLAN)
    assert table["estimate"].isna().all()


def test_a_further_table_that_would_take_back_what_is_published_is_withheld_whole(gold, tiny_framework):
    # The rooms of ten are published; everybody, who are eleven, less both rooms would be the eleventh.
    rows = [{"worker_id": f"W{n}", "room": "AB"[n % 2]} for n in range(10)]
    rows.append({"worker_id": "W10", "room": "C"})
    eleven = shed(rows, pair_of_codes, gold, tiny_framework)
    ten = eleven[eleven["room"] != "C"].reset_index(drop=True)
    rooms = draft_estimates(ten, tiny_framework, plan=PLAN, group_by=["room"])
    (table,) = publish_beside([draft_estimates(eleven, tiny_framework, plan=PLAN)], [rooms], plan=PLAN)
    assert publish([rooms], plan=PLAN)["estimate"].notna().any()
    assert table["estimate"].isna().all()


def test_a_further_table_that_tells_of_nobody_is_shown_as_it_would_be_alone(two_rooms, tiny_framework):
    whole = draft_estimates(two_rooms, tiny_framework, plan=PLAN)
    rooms = draft_estimates(two_rooms, tiny_framework, plan=PLAN, group_by=["room"])
    (table,) = publish_beside([rooms], [whole], plan=PLAN)
    pd.testing.assert_frame_equal(table, publish([rooms], plan=PLAN))
    assert table["estimate"].notna().any()


def test_what_was_withheld_before_is_not_shown_by_a_further_table(two_rooms, tiny_framework):
    # Six and four by the hut: both are withheld, and stay so when they are asked again.
    huts = draft_estimates(two_rooms, tiny_framework, plan=PLAN, group_by=["all", "hut"])
    again = draft_estimates(two_rooms, tiny_framework, plan=PLAN, group_by=["hut"], dimensions=False)
    (table,) = publish_beside([again], [huts], plan=PLAN)
    assert table["estimate"].isna().all()


def test_several_further_tables_are_judged_one_after_another(two_rooms, tiny_framework):
    whole = draft_estimates(two_rooms, tiny_framework, plan=PLAN)
    rooms = draft_estimates(two_rooms, tiny_framework, plan=PLAN, group_by=["room"], dimensions=False)
    rest = two_rooms[two_rooms["worker_id"] != "W0"].reset_index(drop=True)
    nine = draft_estimates(rest, tiny_framework, plan=PLAN, dimensions=False)
    shown = publish_beside([rooms, nine], [whole], plan=PLAN)
    assert [table["estimate"].notna().any() for table in shown] == [True, False]


def test_beside_a_waiver_nothing_is_blanked_and_all_that_would_be_is_marked(two_rooms, tiny_framework):
    waived = Plan("shed", "worker_id", composed=True, waive=True)
    whole = draft_estimates(two_rooms, tiny_framework, plan=waived)
    huts = draft_estimates(two_rooms, tiny_framework, plan=waived, group_by=["hut"], dimensions=False)
    (table,) = publish_beside([huts], [whole], plan=waived)
    index = table[table["estimand"] == "index"]
    assert index["estimate"].notna().all()
    assert index["waiver"].all()
