"""How far coders agree: coefficients and intervals on arrays, tables on DataFrames."""

from peercompare.agreement.background import agreement_by_background
from peercompare.agreement.coefficients import gwet_ac1, krippendorff_alpha, raw_agreement
from peercompare.agreement.disagreement import disagreement_table, discussion_counts, segments_to_discuss
from peercompare.agreement.documents import document_agreement_table
from peercompare.agreement.intervals import AgreementEstimate, agreement_interval
from peercompare.agreement.tables import COLUMNS, agreement_table

__all__ = [
    "COLUMNS",
    "AgreementEstimate",
    "agreement_by_background",
    "agreement_interval",
    "agreement_table",
    "disagreement_table",
    "discussion_counts",
    "document_agreement_table",
    "gwet_ac1",
    "krippendorff_alpha",
    "raw_agreement",
    "segments_to_discuss",
]
