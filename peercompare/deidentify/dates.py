"""Rules for dates other than the year and for ages over 89: paragraph (C) of the list. Written for English.

Days of the week and feast days are finer than a year too. They stand in nearly every talk and tell little
by themselves, so that their rules are off unless they are asked for.
"""

from __future__ import annotations

import re

from peercompare.deidentify.patterns import PatternRule, compiled

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan\.?|feb\.?|mar\.?|apr\.?|jun\.?|jul\.?|aug\.?|sept?\.?|oct\.?|nov\.?|dec\.?"
)
_SURE_MONTHS = "january|february|april|june|july|august|september|october|november|december"
_ORDINALS = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|"
    "fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|"
    "twenty[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirty[ -]first"
)
_DAY = rf"(?:(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b|(?:{_ORDINALS})\b)"
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_ON = r"(?:\b(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ \t]+(?:the[ \t]+)?)?"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_AGE = rf"(?:9\d|1[01]\d|120|ninety(?:[ -](?:{_ONES}))?|(?:a|one)?[ ]?hundred(?:[ ]and[ ](?:{_ONES}|ten))?)"
_OVER = "[age over 89]"


def _keeping_the_year(match: re.Match[str]) -> str:
    """Return what stands for a date: its year may stay."""
    year = match.groupdict().get("year")
    return f"[date in {year}]" if year else "[date]"


DATE_RULES = (
    PatternRule("iso_date", "date", re.compile(
        rf"(?<![\w-]){_YEAR}(?P<p>[-/.])(?:0?[1-9]|1[0-2])(?:(?P=p)(?:0?[1-9]|[12]\d|3[01]))?(?![\w-])"),
        _keeping_the_year),
    PatternRule("figures_date", "date", re.compile(
        r"(?<![\w/.-])(?:0?[1-9]|[12]\d|3[01])(?P<p>[-/.])(?:0?[1-9]|[12]\d|3[01])(?P=p)"
        r"(?:(?P<year>(?:1[89]|20)\d\d)|\d\d)(?![\w/-])"), _keeping_the_year),
    PatternRule("short_date", "date", compiled(
        rf"{_ON}(?<![\w/.$-])"
        r"(?:(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])|(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2]))"
        r"(?![\w/-]|\.\d)")),
    PatternRule("month_and_year_in_figures", "date", re.compile(
        rf"(?<![\w/.-])(?:0?[1-9]|1[0-2])/{_YEAR}(?![\w/-])"),
        _keeping_the_year),
    PatternRule("month_day", "date", compiled(
        rf"{_ON}\b(?:{_MONTHS})[ \t]+(?:the[ \t]+)?{_DAY}(?:,?[ \t]+{_YEAR}\b)?"), _keeping_the_year),
    PatternRule("day_month", "date", compiled(
        rf"{_ON}\b(?:the[ \t]+)?{_DAY}[ \t]+(?:of[ \t]+)?(?:{_MONTHS})(?!\w)(?:,?[ \t]+{_YEAR}\b)?"),
        _keeping_the_year),
    PatternRule("month_year", "date", compiled(
        rf"\b(?:{_MONTHS})(?:,|[ \t]+of)?[ \t]+{_YEAR}\b"), _keeping_the_year),
    PatternRule("month", "date", compiled(
        rf"\b(?:{_SURE_MONTHS})\b")),
    PatternRule("may_or_march", "date", compiled(
        r"\b(?:in|last|next|this|since|until|till|by|from|early|late|mid|every|of|each|before|after)[ \t-]+"
        r"(?P<it>(?-i:May|March))\b(?![ \t]+I\b)")),
    PatternRule("day_of_the_month", "date", compiled(
        rf"\b(?:on|by|until|till|since|before|after|from)[ \t]+(?P<it>the[ \t]+(?:\d{{1,2}}(?:st|nd|rd|th)\b|"
        rf"(?:{_ORDINALS})(?=[ \t]*[.,;?!\n]|\Z)))")),
    PatternRule("age_over_89", "date", compiled(
        rf"\b{_AGE}[ -]+(?:years?|yrs?\.?)[ -]+(?:old|of[ ]age)\b|\b{_AGE}[ -]year[ -]old\b|"
        rf"\b(?:aged?|age[ ]of|at[ ]age)[ \t]+{_AGE}\b(?![ \t]*%)"), _OVER),
    PatternRule("age_said", "date", compiled(
        r"\b(?:i['’]?m|i[ ]am|(?:s?he|who)(?:['’]s|[ ]is|[ ]was)|they['’]?re|"
        r"turn(?:ed|s|ing)?|is|was|to[ ]be)[ \t]+"
        r"(?:just[ \t]+|only[ \t]+|about[ \t]+|almost[ \t]+|now[ \t]+)?"
        rf"(?P<it>{_AGE})\b(?=[ \t]*(?:[.,;!?\n]|\Z|(?:and|now|when|then|this|last|next)\b))"), _OVER),
    PatternRule("year_of_birth", "date", compiled(
        r"\b(?:born|birth|birthday|dob|d\.o\.b\.)\b[^\n\d]{0,15}(?P<it>(?:1[89]|20)\d\d)(?![\w/-])"),
        "[year of birth]"),
    PatternRule("weekday", "date", compiled(rf"\b(?:{_WEEKDAY})s?\b"), on=False),
    PatternRule("feast_day", "date", compiled(
        r"\b(?:christmas(?:[ ]eve)?|easter|thanksgiving|halloween|labou?r[ ]day|memorial[ ]day|"
        r"new[ ]year['’]?s(?:[ ](?:eve|day))?|"
        r"(?:fourth|4th)[ ]of[ ]july|hanukkah|passover|yom[ ]kippur|ramadan|eid|diwali|juneteenth|"
        r"mother['’]?s[ ]day|father['’]?s[ ]day|valentine['’]?s(?:[ ]day)?)\b"), on=False),
)  # fmt: skip
"""The most telling first. A year alone may stay, but for a year of birth, which can tell an age over 89."""
