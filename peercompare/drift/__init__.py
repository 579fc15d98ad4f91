"""How far practice has moved from peer towards clinical, with intervals that say how sure one may be.

Start from `corpus_scores` (or `score_table`), choose a `population`, make a `Plan`, then ask for
`estimate_table`, `trend_table` or `anchored_table`. Each withholds by itself what would expose individuals.
To publish several tables of one corpus, draft them (`draft_estimates`, `draft_trend`, `draft_anchored`) and
`publish` them together, for one table may give away what another withholds. Corpora whose documents name
workers are under the rule of five workers; public postings, which organisations write, are not.
"""

from peercompare.drift.adjusted import draft_adjusted_slope
from peercompare.drift.anchored import References, anchor, anchored_table, draft_anchored
from peercompare.drift.assumptions import Assumptions, assumptions_from, read_assumptions
from peercompare.drift.change_points import change_point_table
from peercompare.drift.coder_pool import coder_scores, draft_coder_pool
from peercompare.drift.composition import composition_table
from peercompare.drift.estimands import draft_estimates, estimate_table
from peercompare.drift.events import draft_events
from peercompare.drift.external import external_table, read_external
from peercompare.drift.feedback import worker_feedback
from peercompare.drift.group_differences import difference_table, draft_differences
from peercompare.drift.groups import check_groups, read_groupings
from peercompare.drift.known_groups import Claim, judge_claims, ordered_differences
from peercompare.drift.moderators import draft_moderator
from peercompare.drift.pilot import pilot_components
from peercompare.drift.plan import COLUMNS, LIKE_THESE, THIS_CORPUS, Plan
from peercompare.drift.planning import Components
from peercompare.drift.planning_tables import (
    Designs,
    LearningCurve,
    allocation_table,
    needed_codes,
    planning_table,
)
from peercompare.drift.publishing import publish, publish_beside
from peercompare.drift.sampling import draw_sample
from peercompare.drift.scores import (
    corpus_scores,
    population,
    score_table,
    with_periods,
    with_predictions,
    with_role_types,
    with_sample,
)
from peercompare.drift.sensitivity import sensitivity_table
from peercompare.drift.showing import Draft, refused
from peercompare.drift.shrinkage import draft_shrunken
from peercompare.drift.simulation import Design, simulate
from peercompare.drift.standardised import draft_standardised
from peercompare.drift.timelines import timeline_table
from peercompare.drift.trends import draft_trend, trend_table
from peercompare.drift.variants import CONTESTED, VARIANTS
from peercompare.drift.waves import draw_wave, joint_sample
from peercompare.drift.whole_sessions import measures_table, session_measures

__all__ = [
    "COLUMNS",
    "CONTESTED",
    "LIKE_THESE",
    "THIS_CORPUS",
    "VARIANTS",
    "Assumptions",
    "Claim",
    "Components",
    "Design",
    "Designs",
    "Draft",
    "LearningCurve",
    "Plan",
    "References",
    "allocation_table",
    "anchor",
    "anchored_table",
    "assumptions_from",
    "change_point_table",
    "check_groups",
    "coder_scores",
    "composition_table",
    "corpus_scores",
    "difference_table",
    "draft_adjusted_slope",
    "draft_anchored",
    "draft_coder_pool",
    "draft_differences",
    "draft_estimates",
    "draft_events",
    "draft_moderator",
    "draft_shrunken",
    "draft_standardised",
    "draft_trend",
    "draw_sample",
    "draw_wave",
    "estimate_table",
    "external_table",
    "joint_sample",
    "judge_claims",
    "measures_table",
    "needed_codes",
    "ordered_differences",
    "pilot_components",
    "planning_table",
    "population",
    "publish",
    "publish_beside",
    "read_assumptions",
    "read_external",
    "read_groupings",
    "refused",
    "score_table",
    "sensitivity_table",
    "session_measures",
    "simulate",
    "timeline_table",
    "trend_table",
    "with_periods",
    "with_predictions",
    "with_role_types",
    "with_sample",
    "worker_feedback",
]
