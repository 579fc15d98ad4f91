"""Every sentence of the report that holds a number, with a reference where the number stands.

No digit is written here: a test looks. `peercompare.report.references.say` resolves a sentence against the
study's tables when the report is made. Rows are called ``row`` where there is one; other names are words.
"""

from __future__ import annotations

# ----------------------------------------------------------------------------------- what was read

CORPUS_SIZE = "{title}: {row.n_documents:n document}, {row.n_segments:n coded segment}."
CORPUS_DAYS = "{title}: the first is of {row.first_date:day}, the last of {row.last_date:day}."
NOTHING_LEFT = "{title}: after consent nothing is left to read, so this report says nothing about it."
GONE = (
    "{title}: words of {row.n_documents_gone:n document} were removed after the day of the study; numbers "
    "as of that day cannot be reproduced, and these are of what is left."
)
LEFT_OUT_HIDDEN = "{title}: how much consent left out is withheld, since it tells of too few people."
LEFT_OUT = (
    "{title}: {row.n_documents_left_out:n document} {row.outcome:text}, {row.n_segments_left_out:n segment}."
)

# ------------------------------------------------------------------------------- titles and duties

TITLES_NOT_GIVEN = "Titles against duties are not given: {row:reason}."
TITLES = (
    "Of {row.n_peer_titles:n job description} with a {low} title, {row.n_over_clinical_duties:count} were "
    "judged, read whole, to stand over {high} duties: {row:percent}."
)
TITLES_BY_RULES = "Read by the program alone it would be {row.n_over_clinical_duties:count}: {row:percent}."
DUTY = "{label}: in {row.n:count} of {row.n_documents:n job description}."

# ---------------------------------------------------------------------------------------- practice

SHARES_NOT_GIVEN = "The shares of the stances are not given: {row:reason}."
SHARE = "{row:percent} {label}"
SHARES = (
    "Of the {first.n_segments:count} segments that take a stance ({first.target:text}; "
    "{first.n_documents:n document}, {first.n_clusters:n cluster}), the shares are {shares:and}."
)
NO_STANCE = "Segments that take no stance are outside these shares; they are {row:percent} of all."
INDEX_NOT_GIVEN = "The index is not given: {row:reason}."
INDEX = (
    "The index, the share of {high} less the share of {low}, is {row:signed}; it would be minus one if all "
    "were {low} and plus one if all were {high}."
)
INDEX_ENDS = (
    "Where {middle} counts not as the middle but a quarter of the way to either end: "
    "{toward_low.estimate:signed} to {toward_high.estimate:signed}."
)
SLOPE_NOT_GIVEN = "Change over time is not given: {row:reason}."
SLOPE = (
    "Over time the index (from minus one, all {low}, to plus one, all {high}) changes by {row:fine} a {unit} "
    "({row.target:text}; {row.n_documents:n document}, {row.n_clusters:n cluster}). {reading}"
)
CONTESTED_HIDDEN = "Workers contest codes; how many is {row.withheld:text}."
CONTESTED = (
    "Workers contest the codes of {row.n_contested:count} of {row.n_segments:n segment} and name another "
    "code for {row.n_with_another_code:count}. Estimates stand below as coded and as contested: with the "
    "code that the worker names, or without the segment."
)
TOO_LONG = "By {heading}: {row.n_groups:n group}, too many to print; the table estimates.csv has every row."

TURNS = (
    "These rest on {row.n_turns:n turn}. Left out are {row.n_turns_refused:n turn} of people whose consent "
    "does not cover this, and {row.n_turns_beside:n turn} of others in the same sessions."
)
TURNS_HIDDEN = "These rest on {row.n_turns:n turn}; how many consent leaves out is {row.withheld:text}."

# ------------------------------------------------------------------------ agreement and classifier

ALPHA_NOT_GIVEN = "{title}: alpha is not given: {row:reason}."
ALPHA = (
    "{title}: on the stance, {row.n_coders:count} coders reach an alpha of {row:number} over "
    "{row.n_segments:n segment}."
)
ALPHA_CHANCE = (
    "{title}: the chance that alpha lies below two thirds, the least for tentative conclusions, is "
    "{row.p_below_667:percent}."
)
MACRO_F1 = (
    "{title}: on segments of {groups} that it never saw, the classifier reaches a macro-F1 of {own:number}."
)
MACRO_F1_BESIDE = (
    "{title}: on segments of {groups} that it never saw, the classifier reaches a macro-F1 of {own:number};"
    " the best baseline ({baseline}) reaches {best:number}."
)
COVERAGE = (
    "{title}: sets of labels that should hold the true one nine times in ten hold it in {covered:percent} "
    "of segments. For {abstained:percent} of segments the set holds more than one label or none, and the "
    "classifier abstains; they are counted in every estimate all the same."
)
UNLIKE = (
    "{title}: of {row.n_documents:n document}, {row.n_out_of_domain:count} {verb} unlike the texts that "
    "their model learned from; one in twenty would be expected by chance."
)
MISREAD = "{title}: {row:percent} of segments that are truly {low} are taken for {high}."
NEEDED = (
    "{title}: to see that one group's words are misread more often by ten points, each group would need "
    "{row.needed_10:n such segment}."
)
LARGEST = "{title}: the largest group of documents has {row.n_segments:n such segment}."
PAIRS_STAY = (
    "Minimal pairs: where a name, a title, a place or a spelling changes, the label stays in {row:percent} "
    "of {row.n_cases:n case}."
)
PAIRS_MOVE = (
    'Minimal pairs: where "not" or another word turns the meaning, the probability moves as it should in '
    "{row:percent} of {row.n_cases:n case}."
)

# --------------------------------------------------------------------------------- what could be wrong

WARNING = "Take care. {title}, {row.what:text}: {row.verdict:text}."
WARNING_AND_REMEDY = "Take care. {title}, {row.what:text}: {row.verdict:text}. To do: {row.remedy:text}."

# ---------------------------------------------------------------------------------- in plain words

PLAIN_READ = {
    "job_description": "We read {row.n_documents:n job description}.",
    "session_transcript": "We read {row.n_documents:n talk}. A worker and one or more people spoke in each.",
    "": "We read {row.n_documents:n text}.",
}
PLAIN_LEFT_OUT = "We left out {row.n_documents_left_out:n text}. Not all who spoke in them had said yes."
PLAIN_NOTHING = "{title}: no text was left to read. Not all who spoke had said yes."
PLAIN_TITLES = (
    "We looked at {row.n_peer_titles:n job} with a {low} title. In {row.n_over_clinical_duties:count} of "
    "them the main tasks were {high}. That is {row:percent!}."
)
PLAIN_SHARES = (
    "{title}: we took the parts that lean one way. Of these, {low_row:percent!} were {low} and "
    "{high_row:percent!} were {high}. The rest fit both."
)
PLAIN_MOVED = (
    "{title}: over time the words moved to the {end} side. The move is {row:fine!} a {unit}, on a scale "
    "from minus one to plus one."
)
PLAIN_STILL = (
    "{title}: we can not tell if the words moved over time. The move found is {row:fine!} a {unit}, and no "
    "move at all fits too."
)
PLAIN_AGREE = (
    "{title}: two or more readers marked the same parts. On a scale where one means that they agree each "
    "time and zero means luck, they got {row:number!}."
)
PLAIN_LEVEL = (
    "How hard this page is to read: grade {row.grade:grade} by the Flesch-Kincaid rule. That is close to "
    "the school year in which most could read it. The rule counts words and beats; it does not know if the "
    "page is clear."
)

# ---------------------------------------------------------------------------- question and methods

YARDSTICK = (
    "The yardstick is “{framework}”. It has {row.n_dimensions:n dimension} and {row.n_stances:n stance}. "
    "Coders gave each piece of text one code, or none where the words take no stance. What is coded is what"
    " the words ask for or do, never who says them."
)
RUN_LEVEL = "Confidence level: {row.confidence_level:percent}."
RUN_SEED = "Seed of everything drawn by chance: {row.seed:text}."
RUN_FRAMEWORK = "Framework: {row.framework_id:text}, version {row.version:text}, checksum {row.sha256:text}…"
RUN_VERSION = "{row.library:text} {row.version:text}"

# -------------------------------------------------------------------------------------- checklists

SIZE = (
    "{row.title:text}: {row.n_documents:n document}, {row.n_segments:n coded segment}, {row.n_coders:n "
    "coder}."
)
SAMPLE = (
    "{row.title:text}: {row.n_documents:n document} of {row.n_clusters:n cluster}, from "
    "{row.first_date:day} to {row.last_date:day}."
)
CODERS = "{row.title:text}: {row.n_coders:n coder}."
TREE = (
    "{row.n_codes:n code}: {row.n_dimensions:n dimension} by {row.n_stances:n stance}; "
    "{row.n_markers:n marker} and {row.n_role_types:n role type} of whole documents."
)
