"""Replication packages: a study that somebody else can check, with only the words that may be handed on."""

from peercompare.packing.pack import Packed, pack_study
from peercompare.packing.replaying import verify_package
from peercompare.packing.sharing import Handed, handed_on

__all__ = ["Handed", "Packed", "handed_on", "pack_study", "verify_package"]
