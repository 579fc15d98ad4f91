"""Consents as FHIR `Consent` resources: out as R4, in as R4 or R5 by a mapping.

Only a consent that is ``active`` counts. One that is ``inactive`` was given and has ended: it is read as
withdrawn on the day that the mapping points to, and refused where nothing states that day. Drafts, proposals,
refusals, what was not done, is unknown or was entered in error is no given consent and is skipped; a status
that the release does not define is refused.

Rules are read strictly. In R4 a rule says ``permit`` or ``deny``, and a root rule without either follows
``policyRule`` (OPTIN or OPTOUT). In R5 each level of provisions negates the one above, beginning with
``decision``. What is denied anywhere is not granted. A rule with limits that a record cannot hold (an actor,
a kind of data) is refused unless the mapping leaves them behind by name.

References
----------
HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource Consent; code systems consent-state-codes of both releases;
elements Consent.provision.type (R4) and Consent.decision (R5).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from peercompare.consent.asking import PURPOSES
from peercompare.consent.mapping import ConsentMapping, checked_records, translated
from peercompare.consent.record import COLUMNS, ConsentRecord
from peercompare.consent.redcap import Imported
from peercompare.consent.restrictions import DUO_SYSTEM
from peercompare.consent.table import place
from peercompare.errors import ConsentError, Problem

STATUSES = {
    "R4": ("draft", "proposed", "active", "rejected", "inactive", "entered-in-error"),
    "R5": ("draft", "active", "inactive", "not-done", "entered-in-error", "unknown"),
}
"""The statuses that each release defines."""

COUNTED = ("active", "inactive")
EXTENSION = "urn:peercompare:consent-record"
"""The extension that holds what FHIR has no element for."""

PURPOSE_SYSTEM = "urn:peercompare:purpose"

_R5_ALONE = ("subject", "date", "grantor", "grantee", "manager", "controller", "regulatoryBasis", "decision")
_R4_ALONE = ("patient", "dateTime", "scope", "policyRule", "performer", "organization")
_OF_A_RULE = ("type", "purpose", "provision", "id", "extension")
_IN_FHIR = ("person_id", "purposes", "granted_on", "expires_on")
"""Fields that our own resources hold in FHIR's elements; the others stand in the extension."""


@dataclass
class _Rules:
    """Codes of purposes granted and denied, and limits that a record cannot hold."""

    granted: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    untold: bool = False


def to_bundle(records: Iterable[ConsentRecord]) -> dict:
    """Return records as a FHIR R4 Bundle of Consent resources.

    Parameters
    ----------
    records : iterable of ConsentRecord
        What is exported: ids, days and purposes; nobody's words and no signed form.

    Returns
    -------
    dict
        Ready for JSON. A record that was withdrawn is ``inactive``, every other ``active``, with its period.
    """
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": to_r4(record)} for record in records],
    }


def to_r4(record: ConsentRecord) -> dict:
    """Return a record as a FHIR R4 Consent resource."""
    period = {"start": str(record.granted_on)} | (
        {"end": str(record.expires_on)} if record.expires_on else {}
    )
    purposes = [{"system": PURPOSE_SYSTEM, "code": each} for each in record.purposes]
    permits = {"provision": [{"type": "permit", "purpose": purposes}]} if purposes else {}
    cells = {name: cell for name, cell in record.cells().items() if cell and name not in _IN_FHIR}
    return {
        "resourceType": "Consent",
        "extension": [
            {"url": EXTENSION, "extension": [_extension(name, cell) for name, cell in cells.items()]}
        ],
        "status": "inactive" if record.withdrawn_on else "active",
        "scope": _concept("http://terminology.hl7.org/CodeSystem/consentscope", "research"),
        "category": [_concept("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "research")],
        "patient": {"type": "Patient", "identifier": {"value": record.person_id}},
        "dateTime": str(record.granted_on),
        "policyRule": _concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN"),
        "provision": {"period": period} | permits,
    }


def records_of_fhir(text: str, mapping: ConsentMapping | None = None, *, file: str) -> Imported:
    """Read consents out of FHIR Consent resources.

    Parameters
    ----------
    text : str
        JSON: one Consent, a Bundle, a list, or one resource a line (NDJSON).
    mapping : ConsentMapping, optional
        Paths, purposes and constants; not needed for resources that peercompare wrote.
    file : str
        Its name in messages, which count resources from 1 as rows.

    Returns
    -------
    Imported
        Complete records, and the number of resources that are no given consent.

    Raises
    ------
    ConsentError
        Where the text is not JSON or holds no Consent, or with every fault of every resource.
    """
    cells: dict[int, Mapping[str, str]] = {}
    problems, n_skipped, n_consents = [], 0, 0
    for number, resource in enumerate(_resources(text, file), start=1):
        if not isinstance(resource, dict) or resource.get("resourceType") != "Consent":
            n_skipped += 1
            continue
        n_consents += 1
        index = number - 2  # so that `place` counts resources from 1
        faults = _status_faults(resource, index, file)
        if not faults and resource["status"] not in COUNTED:
            n_skipped += 1
            continue
        found, more = _safe_cells(resource, mapping, index, file) if not faults else ({}, [])
        problems += [*faults, *more]
        if not faults and not more:
            cells[index] = found
    if not n_consents:
        raise ConsentError(f"{file} holds no FHIR Consent resource", remedy="export the Consent resources")
    return Imported(checked_records(cells, problems, file), n_skipped)


def _extension(name: str, cell: str) -> dict:
    """Return a field of a record as an extension; restrictions as codes of their ontology."""
    if name == "restrictions":
        codes = [
            {"url": "term", "valueCoding": {"system": DUO_SYSTEM, "code": each}} for each in cell.split()
        ]
        return {"url": name, "extension": codes}
    return {"url": name, "valueString": cell}


def _concept(system: str, code: str) -> dict:
    """Return a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def _resources(text: str, file: str) -> Iterator[object]:
    """Yield the resources of a Consent, a Bundle, a list or NDJSON."""
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    try:
        whole = json.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        try:
            whole = [json.loads(line) for line in lines] if len(lines) > 1 else None
        except ValueError:
            whole = None
        if whole is None:
            line = getattr(error, "lineno", 1)
            remedy = "export one resource, a Bundle, or one resource a line (NDJSON)"
            raise ConsentError(
                f"{file} is not JSON: the fault begins in line {line}", remedy=remedy
            ) from None
    for each in whole if isinstance(whole, list) else [whole]:
        entries = (
            each.get("entry", []) if isinstance(each, dict) and each.get("resourceType") == "Bundle" else None
        )
        yield from [each] if entries is None else (entry.get("resource") for entry in entries)


def _release(resource: Mapping) -> str:
    """Return the release of a resource by its elements; empty where they do not tell or tell both."""
    provision = resource.get("provision")
    r5 = isinstance(provision, list) or any(name in resource for name in _R5_ALONE)
    r4 = isinstance(provision, dict) or any(name in resource for name in _R4_ALONE)
    return "" if r4 == r5 else "R5" if r5 else "R4"


def _status_faults(resource: Mapping, index: int, file: str) -> list[Problem]:
    """Return a release that cannot be told, a status it does not define, and what may not be ignored."""
    where, release, status = place(file, index), _release(resource), resource.get("status")
    if not release:
        remedy = "R4 has patient and dateTime, R5 subject and date; a resource is one or the other"
        return [Problem(where, "it is neither a Consent of FHIR R4 nor one of R5", remedy)]
    problems = []
    if status not in STATUSES[release]:
        allowed = f"{release} defines {', '.join(STATUSES[release])}"
        problems.append(
            Problem(where, "its status is not defined" if status else "it has no status", allowed)
        )
    problems += [
        Problem(where, f"it has {name}, which may change what all the rest means", "ask who wrote it")
        for name in ("modifierExtension", "implicitRules")
        if name in resource
    ]
    return problems


def _safe_cells(
    resource: Mapping, mapping: ConsentMapping | None, index: int, file: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return `_cells`, or the fault of a resource with a list, an object or a text where FHIR has another."""
    try:
        return _cells(resource, mapping, index, file)
    except (AttributeError, TypeError):
        return {}, [Problem(place(file, index), "its elements are not of FHIR's form", "validate it as FHIR")]


def _cells(
    resource: Mapping, mapping: ConsentMapping | None, index: int, file: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return the cells of a record for a resource, and what cannot be read."""
    ours = [each for each in resource.get("extension", []) if each.get("url") == EXTENSION]
    if mapping is None and not ours:
        remedy = "pass a mapping; corpora/README.md shows one"
        return {}, [
            Problem(place(file, index), "peercompare did not write it: its fields are unknown", remedy)
        ]
    rules = _rules(resource)
    if mapping is None:
        mapping, theirs = ConsentMapping(), _own_cells(resource, ours[0])
        problems = []
    else:
        theirs, problems = _mapped_cells(resource, mapping, place(file, index))
    where = place(file, index, theirs.get("person_id", ""))
    if "purposes" not in mapping.columns and "purposes" not in mapping.constants:
        if not (rules.granted or rules.denied or ours):
            remedy = "say in the mapping what such a consent covers, as constants.purposes"
            problems.append(Problem(where, "none of its rules names a purpose", remedy))
        theirs["purposes"] = " ".join(rules.granted)
    cells, faults = translated(theirs, mapping, where)
    denied = {mapping.values.get("purposes", {}).get(code, code) for code in rules.denied}
    cells["purposes"] = " ".join(each for each in cells.get("purposes", "").split() if each not in denied)
    problems += [*faults, *_rule_faults(rules, denied, mapping, where)]
    if resource["status"] == "inactive" and not cells.get("withdrawn_on"):
        remedy = (
            'point to it in the mapping, as columns.withdrawn_on = "meta.lastUpdated" where that is the day'
        )
        problems.append(Problem(where, "it is inactive, and nothing states the day of withdrawal", remedy))
    return cells, problems


def _mapped_cells(
    resource: Mapping, mapping: ConsentMapping, where: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return what stands at the paths of a mapping; a day of withdrawal for what is inactive alone."""
    cells, problems = {}, []
    for name, path in mapping.columns.items():
        if name == "withdrawn_on" and resource["status"] != "inactive":
            continue
        found = list(dict.fromkeys(_at(resource, path.split("."))))
        if path.endswith(".reference"):
            found = [each.rsplit("/", 1)[-1] for each in found]
        if len(found) > 1 and name not in ("purposes", "restrictions"):
            problems.append(
                Problem(where, f"there are {len(found)} values at {path}", "point to one of them")
            )
        cells[name] = " ".join(found)
    return cells, problems


def _own_cells(resource: Mapping, extension: Mapping) -> dict[str, str]:
    """Return the fields of a resource that peercompare wrote."""
    cells = {
        "person_id": " ".join(_at(resource, ["patient", "identifier", "value"])),
        "granted_on": " ".join(_at(resource, ["provision", "period", "start"])),
        "expires_on": " ".join(_at(resource, ["provision", "period", "end"])),
    }
    for each in extension.get("extension", []):
        if each.get("url") in COLUMNS and each["url"] not in _IN_FHIR:
            inner = _at(each, ["extension", "valueCoding", "code"])
            cells[each["url"]] = each.get("valueString") or " ".join(inner)
    return cells


def _at(node: object, path: list[str]) -> Iterator[str]:
    """Yield the plain values at a path, through every element of a list."""
    if isinstance(node, list):
        for each in node:
            yield from _at(each, path)
    elif path and isinstance(node, dict):
        yield from _at(node.get(path[0]), path[1:])
    elif not path and isinstance(node, str | int):
        yield str(node)


def _rules(resource: Mapping) -> _Rules:
    """Gather what the rules of a resource grant and deny."""
    rules, provision = _Rules(), resource.get("provision") or {}
    if _release(resource) == "R4":
        policy = set(_at(resource.get("policyRule"), ["coding", "code"]))
        base = "permit" if "OPTIN" in policy else "deny" if "OPTOUT" in policy else ""
        _walk_r4(provision, base, rules, is_root=True)
    else:
        negated = {"permit": "deny", "deny": "permit"}
        _walk_r5(provision or [], negated.get(resource.get("decision"), ""), rules, is_root=True)
    return rules


def _walk_r4(rule: Mapping, base: str, rules: _Rules, *, is_root: bool) -> None:
    """Gather an R4 rule and those under it."""
    _gather(rule, rule.get("type") or (base if is_root else ""), rules, is_root=is_root)
    for each in rule.get("provision", []):
        _walk_r4(each, base, rules, is_root=False)


def _walk_r5(provisions: object, decision: str, rules: _Rules, *, is_root: bool) -> None:
    """Gather R5 provisions, each level the negation of the one above."""
    for rule in provisions if isinstance(provisions, list) else [provisions]:
        _gather(rule, decision, rules, is_root=is_root)
        other = {"permit": "deny", "deny": "permit"}.get(decision, "")
        _walk_r5(rule.get("provision", []), other, rules, is_root=False)


def _gather(rule: Mapping, decision: str, rules: _Rules, *, is_root: bool) -> None:
    """Add one rule's purposes to what is granted or denied, and its limits."""
    codes = list(_at(rule.get("purpose"), ["code"]))
    limits = [name for name in rule if name not in _OF_A_RULE and not (is_root and name == "period")]
    rules.limits += limits
    rules.untold |= bool(codes or limits) and not decision
    (rules.granted if decision == "permit" else rules.denied).extend(codes)


def _rule_faults(rules: _Rules, denied: set[str], mapping: ConsentMapping, where: str) -> list[Problem]:
    """Return rules that cannot be told, limits that cannot be held, and codes denied that nobody knows."""
    problems = [
        Problem(
            where, f"a rule is limited by {name}, which a record cannot hold",
            f'if that limit may be left behind, add not_carried = ["{name}"] to the mapping',
        )
        for name in dict.fromkeys(rules.limits)
        if name not in mapping.not_carried
    ]  # fmt: skip
    if rules.untold:
        remedy = "R4 needs a type in each rule or a policyRule of OPTIN or OPTOUT, R5 a decision"
        problems.append(Problem(where, "nothing says whether a rule permits or denies", remedy))
    if any(each not in PURPOSES and each for each in denied):
        remedy = 'translate it under [values.purposes], to "" where it means nothing here'
        problems.append(Problem(where, "a purpose is denied that nobody defined", remedy))
    return problems
