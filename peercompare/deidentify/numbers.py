"""Rules for numbers, codes and addresses on a network: paragraphs (D) to (O) and (R) of the list."""

from __future__ import annotations

import re

from peercompare.deidentify.patterns import (
    CODE,
    DIGITS,
    NUMBER_WORD,
    TENS,
    PatternRule,
    compiled,
    labelled,
)

_EXTENSION = r"(?:,?[ \t]*(?:ext\.?|extension|x)[ \t]*\d{1,6})?"
_PHONE = (
    r"(?:\+\d{1,3}(?:[ .\t-]?\(?\d{1,5}\)?){2,5}"
    r"|(?:\+?1[ .-]?)?(?:\(\d{3}\)[ \t]*|\d{3}[ .-])\d{3}[ .-]\d{4}"
    r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"
    rf"|\d{{3}}[ .-]\d{{4}}|[2-9]\d{{9}}){_EXTENSION}"
)
_TOP = "com|org|net|edu|gov|mil|info|io|co|us|uk|ca|eu|app|health|care"


def _spoken(words: str, least: int) -> str:
    """Return the pattern of so many number words in a row, without the blank after the last."""
    return rf"(?:\b(?:{words}|double|triple)\b[ \t,.-]*){{{least - 1},40}}\b(?:{words})\b"


def _money(match: re.Match[str]) -> bool:
    """Say whether a match stands after a currency sign."""
    return match.string[: match.start()].rstrip().endswith(("$", "£", "€"))


NUMBER_RULES = (
    PatternRule("medicare_number", "health_plan", compiled(
        r"(?<![\w-])[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}(?![\w-])")),
    PatternRule("health_plan_number", "health_plan", labelled(
        "health[ -]plan|insurance|medicaid|medicare|member(?:ship)?|policy|group|subscriber|beneficiary|nhs",
        least=4)),
    PatternRule("record_number", "medical_record", labelled(
        r"mrn|medical record|patient record|record|chart|patient", least=3)),
    PatternRule("ssn", "ssn", re.compile(r"(?<![\w-])\d{3}[- .]\d{2}[- .]\d{4}(?![\w-])")),
    PatternRule("ssn_named", "ssn", compiled(
        r"\b(?:ssn|social security|social)\b[^\n\d]{0,30}(?P<it>\d{3}[- ]?\d{2}[- ]?\d{4}|\d{4})(?![\w-])")),
    PatternRule("fax", "fax", compiled(rf"\bfax\b[^\n\d(+]{{0,25}}(?P<it>(?<![\w]){_PHONE})(?![\w-])")),
    PatternRule("account_number", "account", labelled(
        r"account|acct\.?|iban|routing|card|direct debit", least=4)),
    PatternRule("card_number", "account", re.compile(
        r"(?<![\w-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])")),
    PatternRule("iban", "account", re.compile(
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),
    PatternRule("licence_number", "licence", labelled(
        r"licen[cs]e|certificate|certification|registration|npi|dea|permit|passport", least=4)),
    PatternRule("vin", "vehicle", compiled(
        r"(?<![\w-])(?=[A-Z]*\d)(?=\d*[A-Z])[A-HJ-NPR-Z0-9]{17}(?![\w-])")),
    PatternRule("plate", "vehicle", compiled(
        rf"\b(?:licen[cs]e plate|plates?|tag){NUMBER_WORD}"
        r"(?P<it>(?=[A-Z-]{0,4}[ ]?\d)(?!(?:was|is)\b)[A-Z0-9]{1,8}(?:[ -][A-Z0-9]{1,4}){0,2})\b")),
    PatternRule("serial_number", "device", labelled(
        r"serial|imei|udi|device|pacemaker|meid|sn", least=4)),
    PatternRule("mac_address", "device", compiled(r"(?<![\w:-])(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}(?![\w:-])")),
    PatternRule("email", "email", compiled(
        r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")),
    PatternRule("email_spoken", "email", compiled(
        rf"\b\w+(?:[ \t]+(?:dot|dash|hyphen|underscore)[ \t]+\w+){{0,4}}[ \t]+at[ \t]+\w+"
        rf"(?:[ \t]+dot[ \t]+\w+){{0,2}}[ \t]+dot[ \t]+(?:{_TOP})\b")),
    PatternRule("url", "url", compiled(
        rf"(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"]*[^\s<>\".,;:!?)\]']"
        rf"|(?<![@\w.-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:{_TOP})"
        r"(?:/[^\s<>\",;]*[^\s<>\".,;:!?)])?(?![\w@-])")),
    PatternRule("ip4", "ip", re.compile(
        r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)")),
    PatternRule("ip6", "ip", compiled(
        r"(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){7})(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])")),
    PatternRule("phone", "phone", re.compile(rf"(?<![\w-]){_PHONE}(?![\w-])")),
    PatternRule("phone_spoken", "phone", compiled(_spoken(f"{DIGITS}|{TENS}", 7))),
    PatternRule("number_named", "other_number", labelled(
        r"case|docket|claim|inmate|booking|badge|file|reference|confirmation|student|employee|payroll|voucher|"
        r"warrant|ticket|pin|password|barcode", least=3)),
    PatternRule("handle", "other_number", re.compile(r"(?<![\w@.])@[A-Za-z_][\w.]*\w")),
    PatternRule("number_spoken", "other_number", compiled(_spoken(DIGITS, 4))),
    PatternRule("code", "other_number", re.compile(
        rf"(?<![\w$£€.,-])(?<!\w/)(?=(?:[A-Za-z/-]*\d){{4}})(?!(?:1[89]|20)\d\d(?![\w-])){CODE}(?![\w-]|[.,]\d)"),
        sound=lambda match: not _money(match) and not _HARMLESS.fullmatch(match.group())),
)  # fmt: skip
"""The most telling first: where two find stretches of one length, the first says what it is."""

_HARMLESS = re.compile(r"(?:1[89]|20)\d\d(?:s|[-/](?:1[89]|20)?\d\d)?|\d{1,3}[-/]\d{1,3}")
"""Years, decades, ranges of years and of small numbers: these may stay."""
