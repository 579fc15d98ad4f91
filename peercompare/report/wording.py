"""The report's fixed words: what was asked, methods, limits, how to use it and how not to.

Plain sentences, and no words of the system for people: a test reads them against the framework's own word
lists. In Markdown, where a single line break is a space. No digit stands here, since a number that no table
gave could disagree with one; sentences with numbers are in `peercompare.report.sentences`.
"""

# ---------------------------------------------------------------------------------- in plain words

PLAIN_ABOUT = """\
This page tells in plain words what was found. The parts that come after it tell how, and how sure we are.
A range in brackets shows how far off a number may be."""

PLAIN_COMPOSED = """\
**A computer program made up these texts, and programs marked them.** No real person speaks in them, and no
real boss wrote them. So the numbers show that the tool works from end to end. They do not show how people
work."""

PLAIN_ASKED = """\
We asked if the words fit the {low} view, the {high} view, or both. We asked if that has moved over time.
We asked if job titles fit the tasks below them. No view is good work or bad work."""

PLAIN_WARNS = """\
**Some checks warn that a number may mislead.** They stand at the top of the part called Findings. Read them
first."""

PLAIN_CARE = """\
**Not for hiring, discipline or pay.** Do not use it to rank people or to pick someone out. Places and
rules shape how people work. So take a high number as a thing to ask a place about. It is not a mark for a
worker."""

REVIEWED = "Who with lived experience of peer work has reviewed the framework: **{reviewed}**."

# --------------------------------------------------------------------------------------- questions

QUESTION = """\
How much of what is written in job descriptions, and said in sessions, is practice from the {low}
perspective, how much from the {high} one, and how much is owned by both? Has that moved over the years or
the months? And do titles match the duties under them?"""

SYSTEMS = """\
The Declaration of Peer Roles says of the people who wrote it: “{declaration}” ({credit}). A high number is
therefore a question to an organisation, its rules, its payers and its surroundings. What law or a payer
requires is tagged, and the estimates are also given without it."""

DECLARATION = (
    "We recognize that our roles are also influenced by the systems and programs within which we work."
)
"""The Declaration's own words, from the paragraph "Our Actions"; free to share with credit to the Network."""

CREDIT_OF = "wmpn2014"
"""The source of the line on systems; the paragraph is left out where a framework does not rest on it."""

FOR_WHOM = {
    "funder": """\
This report is for those who pay for services. It speaks of kinds of places and kinds of roles. It names no
single site and no employer: too few people stand behind each, and a list of them would be read as a ranking.
Where a kind of place has one site only, its number is about that site all the same.""",
    "team": """\
This report is for a team, its peer workers and its supervisors. It ends with a sheet for talking over what
was found. It speaks of what a role asks for, never of how well anybody does it.""",
    "methods": """\
This report is for people who check and reuse methods. It holds every section and ends with two checklists
for reporting qualitative research.""",
}

CDC_ABOUT = """\
The sections follow the steps of the evaluation framework of the Centers for Disease Control and Prevention
(Kidder and others). What a program cannot know is for the evaluator to add."""

CDC_STEPS = {
    "Assess the context": "“Before you read on”; who asked for it, and why, is for the evaluator to add",
    "Describe the program": (
        "“What was looked at” and, among the findings, titles and duties; aims and means of the services are "
        "for the evaluator to add"
    ),
    "Focus the evaluation questions and design": "“Questions” and “Methods”",
    "Gather credible evidence": "“What was looked at” and “Data quality and consent”",
    "Generate and support conclusions": (
        "“Findings” with their intervals, “How far the numbers can be trusted”, “Limits”"
    ),
    "Act on findings": (
        "“How to use this report” and “How not to use it”; what will be done is for those whom it is about"
    ),
}
"""The steps of the framework, and where in the report each stands."""

FINDINGS = """\
Each number stands with its interval in brackets, or with the reason why it has none. Neither end of the
axis is good or bad work."""

NO_FINDINGS = """\
There is nothing to report: no text was left to read after consent, or no question was asked of the texts."""

TRUST = """\
What the numbers rest on: how far coders agree, and how well a program reads what coders did not."""

# ------------------------------------------------------------------------------- titles and duties

MARKERS_UNDER = """\
Under each family of titles, the share of postings that show a marker. A marker is a sign in the posting; it
says nothing about whoever holds the post."""

LADDER = """\
A program that reads the whole posting should do better than its title alone, and cannot be asked to do
better than coders do beside each other."""

READERS = {
    "program": "The program",
    "title_alone": "The title alone",
}

# -------------------------------------------------------------------------------- beside the index

SESSIONS = """\
What can be counted in a whole session without reading a single code: who speaks, how much, and who asks.
Each session weighs the same. No number here is good or bad, and each has something that it cannot tell; the
list below the table says what."""

MEASURES = {
    "index": "The index",
    "worker_talk_share": "The worker's share of the words",
    "worker_question_share": "The worker's share of the questions",
    "worker_questions_a_turn": "Questions in a turn of the worker's",
    "worker_first_use_share": "Of words that both sides use, the share that the worker said first",
    "worker_turn_words": "Words in a turn of the worker's",
    "other_turn_words": "Words in a turn of everybody else's",
}
"""What the measures of sessions are called, in the order in which they are printed."""

OUTSIDE = """\
Scores that somebody else gave to sites, month by month, laid beside the index of the same sites and months.
A correlation says whether the two go together. It does not say which is right or what brings it about; and
one near zero may mean no more than few segments in a month."""

OUTSIDE_KINDS = {
    "correlation_within_sites": "over months within the same sites",
    "correlation_between_sites": "between the sites",
}

# -------------------------------------------------------------------------------- data and consent

COMPOSED = """\
**The texts were composed by a language model and the codings are machine passes.** No real person speaks in
them and no real employer wrote them. The numbers show that the instrument works, from text to estimate.
They say nothing about how people work anywhere. The gold codings are machine-adjudicated."""

CONSENT = """\
Nobody's words are read unless that person's consent covers this purpose on the day of the study. What
consent does not cover is left out or blacked out, and counted here."""

NOTHING_LEFT_OUT = "Nothing was left out."

POLICIES = {
    "exclude": "Here a document is left out whole.",
    "redact": "Here the turns of a person who did not agree are blacked out.",
    "raise": "Here the study stops where consent is lacking.",
}

QUOTATIONS = """\
Each stands with the turns before and after it, since words alone mislead. Everybody whose words are shown
has agreed to be quoted."""

QUOTATIONS_UNCODED = """\
No code is printed beside what somebody said, and words that a coder read as {high} are left out: a
quotation is not evidence against a worker."""

# ----------------------------------------------------------------------------------------- methods

METHODS = {
    "shares": """\
**Shares** are of the segments that take a stance. Segments without a stance are outside them; their share
is given beside.""",
    "index": """\
**The index** is the share of {high} less the share of {low}. What both own counts as the middle by default.
That is a convention, not a finding, so the index comes second, and is also given with other values for the
middle.""",
    "intervals": """\
**Intervals** treat workers or employers as the units that were drawn, since segments of one worker resemble
one another. With fewer than five such groups the point is given without an interval, and the reason.""",
    "withheld": """\
**Nothing that rests on fewer than five workers is shown**, differences that would reveal it included. Only
a composed corpus may waive this, and whatever uses the waiver says so.""",
    "sampled": """\
**Where only part is coded**, predictions for every segment are put right with the coded sample, whose
chances of being drawn are recorded. The estimate stays unbiased even where the predictions are poor; poor
predictions only widen it.""",
    "slope": """\
**Change over time** is read within the same workers, or within the same employers, so that a change in who
is there does not look like a change in practice.""",
    "agreement": """\
**Agreement** is Krippendorff's alpha for nominal codes beside Gwet's coefficient and raw agreement; the
gold codings are never a coder. Intervals leave out one group of documents at a time.""",
    "classifier": """\
**The classifier** is tested on employers or workers that it never saw, beside baselines and beside the
coders themselves.""",
    "prints": """\
The report estimates nothing: it prints what the study's tables hold. They lie beside it, with every row and
its reason.""",
}
"""By what a study ran: a method that did not run is not told."""

LIMITS = """\
- The codebook was drawn from published sources. Until people with lived experience of peer work have
  reviewed it, read every finding as a trial of the instrument.
- Coders of one kind agree with one another more than people will. Agreement between machine passes is an
  upper bound.
- A text is not a day's work. A job description says what an employer asks for; a transcript holds what was
  said aloud. Neither shows what was felt, or left unsaid.
- Neither end of the axis is good or bad work. Clinicians do clinical work. The question is whether a role
  that is named and paid as a peer role is allowed to be one.
- Groups were not assigned by chance. A difference between settings or years does not say what caused it.
- Intervals cover the drawing of workers or employers. They do not cover mistakes in the codebook itself."""

USE = """\
- Bring it to the people whose roles it describes, and ask them what it means, before anybody decides
  anything.
- Look at duties, rules, caseloads, supervision and surroundings where the numbers lean: those are what an
  organisation can change.
- Read the texts behind a number, where consent allows it, before repeating the number."""

USE_FOR = {
    "funder": """\
- Ask what your own rules ask for: billing, notes, productivity and reporting are often what pulls a role.
- Ask for the whole interval. Where it is wide, the next step is to learn more, not to act on the middle.""",
    "team": """\
- Use the sheet at the end in a meeting in which nobody is assessed, and in which peer workers speak first.
- Say aloud who decides on each duty: what a team can change itself, and what it must carry further.""",
    "methods": """\
- Run it again: the study file, the seed and the versions are printed under “Methods”.
- Fill in the blanks of the checklists before you submit; a blank means that no table answers the item.""",
}

NOT_USE = """\
- **Not for hiring, discipline or pay.**
- Never to rank people or to flag a person. The numbers are about texts and groups; nothing here measures a
  worker.
- Not to police how somebody speaks, and not to decide who is “peer enough”.
- Not to close, defund or accredit a programme."""

# -------------------------------------------------------------------------------- reflection sheet

REFLECTION = """\
This sheet is for peer workers and supervisors to talk over together. It is about the role, not about a
person. Nothing that is said needs to be written down, and nobody keeps it."""

REFLECTION_ASKS = (
    "What the Declaration of Peer Roles asks, in our words ({credit}; read the Declaration itself):"
)

REFLECTION_AVOIDS = "What it says that people in peer roles stay out of:"

REFLECTION_DUTIES = "What the job descriptions of this study ask for, of what the Declaration names:"

REFLECTION_TALK = "Questions to talk over:"

REFLECTION_LENSES = "And from the framework's other sources:"

REFLECTION_QUESTIONS = """\
- Which of these does your role leave room for? Which does it crowd out, and who decided that?
- Which duties that you are asked to do would the Declaration have you stay out of? Who could take them?
- What is asked by law or by a payer, and what only by habit?
- When did you last use your own experience on purpose? What made it possible?
- Whose words fill your notes and meetings? Could the person you support read them beside you?
- Whom in a peer role do you talk to about this work? Is there time for it?
- Supervisors: what do you ask about first, and what does that tell the person about their job?
- What in these numbers does not fit what you know? What would you want counted instead?"""

# -------------------------------------------------------------------------------------- checklists

CHECKLISTS = """\
Filled where the study's own tables or files answer; a blank is for the authors. Both lists were made for
studies in which people are interviewed; some items do not fit coded texts, and it is for the authors to say
so. COREQ is by Tong, Sainsbury and Craig; SRQR is by O'Brien, Harris, Beckman, Reed and Cook. Item names are
theirs."""

ANSWERS = {
    "theory": "Directed content analysis with a framework drawn up before: {title}.",
    "themes": "Set beforehand: every code is in the framework file, with its source.",
    "quoted": "Yes, under “In their own words”, with the turns around each.",
    "not_quoted": "No: this study names none to quote.",
    "findings": "See “Findings”.",
    "abstract": "See “In plain words”.",
    "questions": "See “Questions”.",
    "consent": "See “Data quality and consent”: who agreed to what, and what was left out.",
    "processing": "Documents were read in segments, and only past a consent gate.",
    "analysis": "See “Methods”.",
    "trust": "Agreement between coders is under “How far the numbers can be trusted”.",
    "limits": "See “Limits”.",
}
"""What the checklists are answered with where a section of the report holds the answer."""

ALL_WORDS = (
    PLAIN_ABOUT, PLAIN_COMPOSED, PLAIN_ASKED, PLAIN_WARNS, PLAIN_CARE, REVIEWED, QUESTION, SYSTEMS,
    DECLARATION, *FOR_WHOM.values(), CDC_ABOUT, *CDC_STEPS, *CDC_STEPS.values(), FINDINGS, NO_FINDINGS,
    TRUST, COMPOSED, CONSENT, NOTHING_LEFT_OUT, *POLICIES.values(), QUOTATIONS, QUOTATIONS_UNCODED,
    *METHODS.values(), SESSIONS, *MEASURES.values(), OUTSIDE, *OUTSIDE_KINDS.values(), MARKERS_UNDER, LADDER,
    *READERS.values(), LIMITS, USE, *USE_FOR.values(), NOT_USE, REFLECTION, REFLECTION_ASKS,
    REFLECTION_AVOIDS, REFLECTION_DUTIES, REFLECTION_TALK, REFLECTION_LENSES, REFLECTION_QUESTIONS,
    CHECKLISTS, *ANSWERS.values(),
)  # fmt: skip
"""Every fixed text, for the tests that read them."""
