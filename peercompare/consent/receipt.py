"""Receipts: what a person takes home about what they agreed to, after Kantara's Consent Receipt 1.1.0.

A receipt holds the person's id, the purposes in the words of the form, and how to stop each; nobody's words.
Who runs the study is in no record: it comes from a small TOML file.

References
----------
Kantara Initiative, Consent Receipt Specification 1.1.0 (20 February 2018), sections 4.2 to 4.8.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from peercompare.consent.purposes import EXPLANATIONS
from peercompare.consent.record import ConsentRecord
from peercompare.errors import ConsentError, Problem

VERSION = "KI-CR-v1.1.0"
METHODS = {
    "written": "signed on paper",
    "verbal_recorded": "spoken and recorded",
    "electronic": "signed electronically",
    "verbal": "spoken",
}
SENSITIVE = ["Health"]
"""What people say in peer support tells of their health, whatever else it tells of."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Controller(BaseModel):
    """Who answers for a study; every field is needed, for a receipt names somebody who can be reached.

    Parameters
    ----------
    name : str
        The organisation.
    contact : str
        Whom to ask for there.
    address, email, phone : str
        How to reach them.
    policy_url : str
        Where the study's privacy notice stands.
    service : str
        What the study is called for those who take part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: _Text
    contact: _Text
    address: _Text
    email: _Text
    phone: _Text
    policy_url: _Text
    service: _Text


def read_controller(path: str | Path) -> Controller:
    """Read who answers for a study.

    Parameters
    ----------
    path : str or Path
        TOML with the keys name, contact, address, email, phone, policy_url and service.

    Raises
    ------
    ConsentError
        Lists every key that is missing, empty or unknown.
    """
    path = Path(path)
    try:
        return Controller(**tomllib.loads(path.read_bytes().decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConsentError(f"{path.name} is not TOML", [Problem(path.name, str(error))]) from None
    except ValidationError as error:
        problems = [
            Problem(f"{path.name}, {'.'.join(str(part) for part in each['loc'])}", each["msg"])
            for each in error.errors(include_input=False, include_url=False)
        ]
        remedy = f"a receipt needs {', '.join(Controller.model_fields)}"
        raise ConsentError(f"{path.name} cannot be used", problems, remedy=remedy) from None


def receipt(record: ConsentRecord, controller: Controller) -> dict:
    """Return the receipt of one record.

    Parameters
    ----------
    record : ConsentRecord
        One that says under whose law it was given.
    controller : Controller
        Who answers for the study.

    Returns
    -------
    dict
        Ready for JSON. The receipt's id is computed from the record: the same record has the same receipt.
        The timestamp is the beginning of the day of consent in UTC, since records hold no hour. A record that
        was withdrawn says so under ``termination``.

    Raises
    ------
    ConsentError
        Where the record has no jurisdiction, or no purpose to give a receipt for.
    """
    problems = [
        Problem(record.person_id, what, remedy)
        for what, remedy, missing in (
            ("the record has no jurisdiction", "fill in the column jurisdiction", not record.jurisdiction),
            ("the person agreed to nothing", "there is nothing to give a receipt for", not record.purposes),
        )
        if missing
    ]
    if problems:
        raise ConsentError("No receipt can be written", problems)
    day = datetime(record.granted_on.year, record.granted_on.month, record.granted_on.day, tzinfo=UTC)
    return {
        "version": VERSION,
        "jurisdiction": record.jurisdiction,
        "consentTimestamp": int(day.timestamp()),
        "collectionMethod": METHODS[record.obtained],
        "consentReceiptID": hashlib.sha256("\n".join(record.cells().values()).encode()).hexdigest(),
        "language": record.language,
        "piiPrincipalId": record.person_id,
        "piiControllers": [_controller(controller)],
        "policyUrl": controller.policy_url,
        "services": [
            {"service": controller.service, "purposes": [_purpose(record, each) for each in record.purposes]}
        ],
        "sensitive": True,
        "spiCat": SENSITIVE,
    }


def _controller(controller: Controller) -> Mapping[str, object]:
    """Return who answers for the study in the receipt's words."""
    return {
        "piiController": controller.name,
        "onBehalf": False,
        "contact": controller.contact,
        "address": {"streetAddress": controller.address},
        "email": controller.email,
        "phone": controller.phone,
    }


def _purpose(record: ConsentRecord, purpose: str) -> Mapping[str, object]:
    """Return one purpose in the receipt's words."""
    explained = EXPLANATIONS[purpose]
    ends = f"It ends on {record.expires_on}. " if record.expires_on else ""
    if record.withdrawn_on:
        ends = f"It was withdrawn on {record.withdrawn_on}. "
    shared = purpose == "sharing"
    return {
        "purpose": f"{explained.title}. {' '.join(explained.means)}",
        "purposeCategory": [purpose],
        "consentType": "EXPLICIT",
        "piiCategory": ["words that were recorded"],
        "primaryPurpose": purpose == "analysis",
        "termination": f"{ends}{' '.join(explained.to_stop)}",
        "thirdPartyDisclosure": shared,
        **({"thirdPartyName": "other research teams that keep the same promises"} if shared else {}),
    }
