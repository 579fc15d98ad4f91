"""Roles: markers of role integrity, role types, and titles against duties, document by document."""

from peercompare.roles.duties import duties_under_titles
from peercompare.roles.ladder import role_confusion, role_ladder
from peercompare.roles.markers import find_markers
from peercompare.roles.scores import score_markers, score_roles
from peercompare.roles.shares import marker_shares
from peercompare.roles.titles import mask_titles, title_against_duties, title_family
from peercompare.roles.types import RoleRules, classify_roles, role_features

__all__ = [
    "RoleRules",
    "classify_roles",
    "duties_under_titles",
    "find_markers",
    "marker_shares",
    "mask_titles",
    "role_confusion",
    "role_features",
    "role_ladder",
    "score_markers",
    "score_roles",
    "title_against_duties",
    "title_family",
]
