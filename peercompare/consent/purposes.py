"""The five purposes of consent in plain words, written for the person who is asked.

These words are for the consent form itself (see form) and the receipt. They say what the tool does, so that a
change of what it does is a change here. They aim at grade 6 to 7 of reading; form prints what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en",)
"""Languages in which the explanations exist."""


@dataclass(frozen=True)
class Explanation:
    """One purpose for the person who is asked.

    Parameters
    ----------
    purpose : str
        One of `peercompare.consent.PURPOSES`.
    title : str
        What it is, in a few words.
    question : str
        What the person says yes or no to.
    means : tuple of str
        What a yes means for their words, a sentence each.
    does_not_mean : tuple of str
        What it does not mean.
    to_stop : tuple of str
        How to stop it, and what stopping cannot undo.
    """

    purpose: str
    title: str
    question: str
    means: tuple[str, ...]
    does_not_mean: tuple[str, ...]
    to_stop: tuple[str, ...]

    def text(self) -> str:
        """Return all of it as running text, to be measured."""
        return " ".join([f"{self.title}.", self.question, *self.means, *self.does_not_mean, *self.to_stop])


_STOP = "Tell the study team that you want to stop. You do not have to say why."

_ALL = (
    Explanation(
        "analysis",
        "Reading what you said",
        "May the team read and count what you said?",
        (
            "People on the team read a written copy of your talk.",
            "They mark each part. Does it sound like peer support, like a clinic, or like both?",
            "A computer counts the marks.",
            "The counts from many people go into a report.",
        ),
        (
            "No one gives you a grade.",
            "Your boss, your doctor and the court do not get your words from us.",
            "Your words are not put in the report. That is a different question.",
        ),
        (
            _STOP,
            "From that day, we no longer read or count your words.",
            "We make the counts again without you.",
            "We can not take back a report that is out by then.",
        ),
    ),
    Explanation(
        "training",
        "Teaching a computer with your words",
        "May a computer program learn from what you said?",
        (
            "The program looks at your words and at the marks that people gave them.",
            "It learns which words go with which mark.",
            "Then it can mark new talk by itself.",
            "The program keeps a list of words. Some of your words can be on that list.",
        ),
        (
            "The program does not talk like you.",
            "It does not keep your whole story.",
            "It may not be used to hire, pay or punish anyone.",
        ),
        (
            _STOP,
            "We throw away every program here that learned from you and make a new one without you.",
            "We can not reach copies that others took before that day.",
        ),
    ),
    Explanation(
        "quotation",
        "Showing a few of your words to others",
        "May a report show something that you said, word for word?",
        (
            "A few of your words may stand in a report, a talk or a class.",
            "Your name is not put with them.",
        ),
        (
            "It does not mean that no one can know you. Someone who was there, or who knows how you talk, "
            "may know that it is you.",
            "We do not show your whole story.",
        ),
        (
            _STOP,
            "We take your words out of our reports and make them again.",
            "We can not take back what others have read, printed or saved.",
        ),
    ),
    Explanation(
        "sharing",
        "Giving your words to other teams",
        "May other research teams get a copy of what you said?",
        (
            "Other teams may get the written copy of your talk, without your name.",
            "They can read it and count it to check our work or to ask new things.",
            "They must keep the same promises that we make to you.",
        ),
        (
            "We do not sell your words.",
            "We do not give them to your boss, to the police or to a court. A judge can still force us to "
            "hand over what we have.",
        ),
        (
            _STOP,
            "From that day, we give your words to no one else.",
            "We ask those who have a copy to delete it. We can not make sure that they do.",
        ),
    ),
    Explanation(
        "individual_feedback",
        "A letter to you about your own work",
        "Do you want a page about how you talk at work? This is only for people who work in the sessions.",
        (
            "The computer counts your own talk and makes one page for you.",
            "The page shows how often your talk was marked as peer, as clinic or as both.",
            "It shows how sure the counts are. With few sessions they are not very sure.",
            "Only you get this page.",
        ),
        (
            "It is not a grade, and it does not say that you are good or bad at your job.",
            "Your boss does not get it from us. No one may ask you to show it.",
            "We do not put you in order with other people.",
        ),
        (
            _STOP,
            "From that day, we make no more pages about you and delete the ones that we have.",
            "We can not take back the page that you hold.",
        ),
    ),
)

EXPLANATIONS: Mapping[str, Explanation] = {each.purpose: each for each in _ALL}
"""The explanations by purpose, in the order in which a form asks."""

OPENING = (
    "We study how peer support workers talk with people. To do this, we record some talks and write them "
    "down.",
    "You choose what we may do with your words. You can say yes to one thing and no to the next.",
    "Saying no does not change the support, the care or the job that you get.",
    "You can change your mind on any day.",
)
"""What stands above the purposes."""

CLOSING = (
    "We keep a note of what you said yes to, the day, and which form you saw. Your name is kept apart from "
    "your words.",
    "If you are under 18, we need a yes from you and from your parent or guardian.",
    "If you are in jail, held, or here by order of a court, others who are not on our team check first that "
    "you are free to say no.",
    "You get a copy of this page.",
)
"""What stands below them."""
