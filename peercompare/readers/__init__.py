"""Documents that nobody has coded yet: transcripts and postings of every kind, made into a corpus."""

from peercompare.readers.building import ImportReport, documents_to_corpus
from peercompare.readers.convokit import read_convokit, write_convokit
from peercompare.readers.document import ReadDocument, SpokenTurn
from peercompare.readers.reading import read_documents, with_facts
from peercompare.readers.roster import Roster, Speaker, apply_roster, draft_roster, read_roster
from peercompare.readers.tables import TableMapping, read_mapping

__all__ = [
    "ImportReport",
    "ReadDocument",
    "Roster",
    "Speaker",
    "SpokenTurn",
    "TableMapping",
    "apply_roster",
    "documents_to_corpus",
    "draft_roster",
    "read_convokit",
    "read_documents",
    "read_mapping",
    "read_roster",
    "with_facts",
    "write_convokit",
]
