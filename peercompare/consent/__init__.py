"""Consent: what people may be asked for, their records, and the question put to a record at each use."""

from peercompare.consent.asking import POLICIES, PURPOSES, Consents

__all__ = ["POLICIES", "PURPOSES", "Consents"]
