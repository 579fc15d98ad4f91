"""The report's fixed words: what was asked, methods, limits, how to use it and how not to.

Plain sentences, and no words of the system for people: a test reads them against the framework's own word
lists. In Markdown, where a single line break is a space.
"""

QUESTION = """\
How much of what is written in job descriptions, and said in sessions, is practice from the {low}
perspective, how much from the {high} one, and how much is owned by both? Has that moved over the years or
the months? And do titles match the duties under them?

The yardstick is {title}. It has {n_dimensions} dimensions and {n_stances} stances. Coders gave each piece
of text one code, or none where the words take no stance. What is coded is what the words ask for or do,
never who says them."""

COMPOSED = """\
**The texts were composed by a language model and the codings are machine passes.** No real person speaks in
them and no real employer wrote them. The numbers show that the instrument works, from text to estimate.
They say nothing about how people work anywhere. The gold codings are machine-adjudicated."""

CONSENT = """\
Nobody's words are read unless that person's consent covers this purpose on the day of the study. What
consent does not cover is left out or blacked out, and counted here."""

METHODS = """\
- **Shares** are of the segments that take a stance. Segments without a stance are outside them; their share
  is given beside.
- **The index** is the share of {high} less the share of {low}. What both own counts as the middle by
  default. That is a convention, not a finding, so the index comes second, and is also given with other
  values for the middle.
- **Intervals** treat workers or employers as the units that were drawn, since segments of one worker
  resemble one another. With fewer than five such groups the point is given without an interval, and the
  reason.
- **Nothing that rests on fewer than five workers is shown**, differences that would reveal it included.
  Only a composed corpus may waive this, and whatever uses the waiver says so.
- **Where only part is coded**, predictions for every segment are put right with the coded sample, whose
  chances of being drawn are recorded. The estimate stays unbiased even where the predictions are poor; poor
  predictions only widen it.
- **Change over time** is read within the same workers, or within the same employers, so that a change in
  who is there does not look like a change in practice.
- **Agreement** is Krippendorff's alpha for nominal codes beside Gwet's AC1 and raw agreement; the gold
  codings are never a coder. Intervals leave out one group of documents at a time.
- **The classifier** is tested on employers or workers that it never saw, beside baselines and beside the
  coders themselves.
- The report estimates nothing: it prints what the study's tables hold. They lie beside it, with every row
  and its reason."""

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

NOT_USE = """\
- **Not for hiring, discipline or pay.**
- Never to rank people or to flag a person. The numbers are about texts and groups; nothing here measures a
  worker.
- Not to police how somebody speaks, and not to decide who is “peer enough”.
- Not to close, defund or accredit a programme."""

SYSTEMS = """\
The Declaration of Peer Roles reminds its readers that roles “are also influenced by the systems and
programs” around them ({credit}). What law or a payer requires is tagged, and the estimates are also given
without it."""

CREDIT_OF = "wmpn2014"
"""The source of the line on systems; the paragraph is left out where a framework does not rest on it."""

REVIEWED = "Who with lived experience of peer work has reviewed the framework: **{reviewed}**."

ALL_WORDS = (QUESTION, COMPOSED, CONSENT, METHODS, LIMITS, USE, NOT_USE, SYSTEMS, REVIEWED)
"""Every fixed text, for the test that reads them."""
