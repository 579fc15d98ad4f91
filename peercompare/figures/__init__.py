"""Charts of a study's tables: axes in, axes out, with the words that go with them.

Figures never estimate: they draw the rows they are handed. Each carries alt text, a caption and a summary
that are written from those rows (`get_text`), and `show` puts them into a notebook's output.
"""

from peercompare.figures.agreement import agreement_dots
from peercompare.figures.canvas import figure_bytes, notebook_bundle, save_figure, show
from peercompare.figures.classifier import calibration_curves, confusion_matrix
from peercompare.figures.composition import change_parts
from peercompare.figures.consent import consent_chart
from peercompare.figures.differences import ablation_chart, comparison_chart
from peercompare.figures.drift import site_drift
from peercompare.figures.duties import duty_chart
from peercompare.figures.employers import employer_years
from peercompare.figures.events import event_change
from peercompare.figures.framework_chart import framework_chart
from peercompare.figures.learning import learning_curve_chart
from peercompare.figures.markers import marker_chart
from peercompare.figures.plane import document_shares, stance_plane
from peercompare.figures.planning import planning_curves
from peercompare.figures.sensitivity import sensitivity_chart
from peercompare.figures.stances import stance_chart
from peercompare.figures.style import house_style
from peercompare.figures.terms import term_bars
from peercompare.figures.text import FigureText, caption_for, get_alt_text, get_text, set_alt_text
from peercompare.figures.timelines import timeline_chart
from peercompare.figures.titles import title_duties
from peercompare.figures.validity import validity_chart

__all__ = [
    "FigureText",
    "ablation_chart",
    "agreement_dots",
    "calibration_curves",
    "caption_for",
    "change_parts",
    "comparison_chart",
    "confusion_matrix",
    "consent_chart",
    "document_shares",
    "duty_chart",
    "employer_years",
    "event_change",
    "figure_bytes",
    "framework_chart",
    "get_alt_text",
    "get_text",
    "house_style",
    "learning_curve_chart",
    "marker_chart",
    "notebook_bundle",
    "planning_curves",
    "save_figure",
    "sensitivity_chart",
    "set_alt_text",
    "show",
    "site_drift",
    "stance_chart",
    "stance_plane",
    "term_bars",
    "timeline_chart",
    "title_duties",
    "validity_chart",
]
