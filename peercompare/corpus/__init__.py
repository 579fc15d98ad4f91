"""Corpora on disk, the consent gate, and the `Corpus` that passes it."""

from peercompare.consent.asking import POLICIES, PURPOSES, Consents
from peercompare.corpus.corpus import Corpus
from peercompare.corpus.folder import Manifest, read_manifest, register
from peercompare.corpus.opening import open_corpus
from peercompare.corpus.status import ConsentStatus, consent_status
from peercompare.corpus.turns import Turn

__all__ = [
    "POLICIES",
    "PURPOSES",
    "ConsentStatus",
    "Consents",
    "Corpus",
    "Manifest",
    "Turn",
    "consent_status",
    "open_corpus",
    "read_manifest",
    "register",
]
