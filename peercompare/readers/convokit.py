"""ConvoKit's folder of five files, read and written without ConvoKit.

A folder holds utterances.jsonl, speakers.json, conversations.json, corpus.json and index.json. Utterances
are read one at a time from their places in the file, so that memory grows with the number of utterances,
not with their words.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from peercompare.consent.asking import speakers_of
from peercompare.corpus import Corpus
from peercompare.corpus.turns import REDACTED, turns
from peercompare.errors import ConsentError, InputError, Problem
from peercompare.files import make_private, refuse_to_overwrite
from peercompare.readers.document import ReadDocument, SpokenTurn, named_id, spoken_document
from peercompare.readers.sources import decoded, read_bytes, refusal

UTTERANCES = "utterances.jsonl"
TABLES = ("speakers.json", "conversations.json", "corpus.json", "index.json")
_VERSION = 1
_MAX_FAULTS = 20


def is_convokit_folder(path: str | Path) -> bool:
    """Say whether a folder is in ConvoKit's format."""
    return (Path(path) / UTTERANCES).is_file()


def read_convokit(path: str | Path) -> Iterator[ReadDocument]:
    """Yield the conversations of a ConvoKit corpus as transcripts.

    Utterances stand in the order of their timestamps where all of a conversation have numbers, else in
    that of the file. The format does not say what a timestamp counts, so none is taken for a time of a
    recording.

    Parameters
    ----------
    path : str or Path
        The folder.

    Yields
    ------
    ReadDocument
        Metadata hold the conversation's own ``meta`` (texts and numbers alone).

    Raises
    ------
    InputError
        Lists every fault: files absent or broken, lines that are no utterance, replies to nothing.
    """
    folder = Path(path)
    _, conversations = (_table(folder, name) for name in TABLES[:2])
    places, ids, replies, problems = _places(folder / UTTERANCES)
    problems += [
        Problem(f"{UTTERANCES}, line {line}", f"it replies to {parent!r}, which no utterance has as its id")
        for line, parent in replies
        if parent not in ids
    ][: _MAX_FAULTS]  # fmt: skip
    if problems:
        raise InputError(f"{folder} cannot be read", problems)
    if not places:
        raise refusal(folder / UTTERANCES, "no utterance is in it", "is it the right folder?")
    taken: dict[str, str] = {}
    with open(folder / UTTERANCES, "rb") as stream:
        for conversation, lines in places.items():
            document_id = named_id(conversation)
            if document_id in taken:
                both = f"{taken[document_id]!r} and {conversation!r}"
                what = f"the conversations {both} become one id, {document_id!r}"
                raise refusal(folder / UTTERANCES, what, "rename one of them")
            taken[document_id] = conversation
            yield _conversation(stream, lines, document_id, folder, _meta(conversations.get(conversation)))


def write_convokit(corpus: Corpus, path: str | Path) -> Path:
    """Write a corpus of transcripts in ConvoKit's format.

    Parameters
    ----------
    corpus : Corpus
        Opened, past the consent gate; everybody who speaks must have agreed to sharing on that day.
    path : str or Path
        A folder that does not exist yet; it is made whole or not at all.

    Returns
    -------
    Path
        The folder written. Utterances carry the coded segments that lie in them; redacted turns are left out.

    Raises
    ------
    ConsentError
        Lists the people whose consent does not cover sharing.
    InputError
        Where nobody speaks in the corpus, or the folder exists.
    """
    folder = Path(path)
    if "speakers" not in corpus.documents.columns:
        raise InputError(
            f"{corpus.name} has no conversations to write", remedy="ConvoKit holds transcripts alone"
        )
    refuse_to_overwrite(folder)
    _need_sharing(corpus)
    corpus.record("share", "sharing", corpus.documents["document_id"])
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    try:
        _write_all(corpus, part)
        make_private(part)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return folder


def _table(folder: Path, name: str) -> Mapping[str, Any]:
    """Return one of the JSON files of a folder."""
    text = decoded(read_bytes(folder / name), folder / name)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refusal(folder / name, f"the JSON is broken: {error}", "dump the corpus anew") from None
    if not isinstance(value, Mapping):
        raise refusal(folder / name, "it holds no object {...}", "dump the corpus anew")
    return value


def _places(
    path: Path,
) -> tuple[dict[str, list[tuple[int, int]]], set[str], list[tuple[int, str]], list[Problem]]:
    """Return where each conversation's utterances stand (offset, line), all ids, replies, and faults."""
    places: dict[str, list[tuple[int, int]]] = {}
    ids: set[str] = set()
    replies: list[tuple[int, str]] = []
    problems: list[Problem] = []
    with open(path, "rb") as stream:
        offset = 0
        for number, line in enumerate(stream, start=1):
            utterance, fault = _utterance(line)
            if fault:
                problems.append(Problem(f"{path.name}, line {number}", fault))
            elif utterance is not None:
                if utterance["id"] in ids:
                    problems.append(
                        Problem(
                            f"{path.name}, line {number}",
                            f"a second utterance has the id {utterance['id']!r}",
                        )
                    )
                ids.add(utterance["id"])
                parent = utterance.get("reply-to", utterance.get("reply_to"))
                if parent is not None:
                    replies.append((number, str(parent)))
                places.setdefault(_root(utterance), []).append((offset, number))
            offset += len(line)
            if len(problems) >= _MAX_FAULTS:
                break
    return places, ids, replies, problems


def _utterance(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """Return an utterance, or what is wrong with its line; neither for an empty one."""
    if not line.strip():
        return None, ""
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return None, "the line is not UTF-8"
    except (ValueError, RecursionError) as error:
        return None, f"the JSON is broken: {error}"
    if not isinstance(value, dict) or not isinstance(value.get("text", ""), str | None):
        return None, "the line holds no utterance"
    missing = [name for name, there in (("id", "id" in value), ("speaker", _speaker(value))) if not there]
    if missing or not _root(value):
        return None, f"{', '.join(missing or ['conversation_id'])} is missing"
    value["id"] = str(value["id"])
    return value, ""


def _root(utterance: Mapping[str, Any]) -> str:
    """Return the conversation of an utterance; dumps of older versions call it root."""
    return str(utterance.get("conversation_id") or utterance.get("root") or "")


def _speaker(utterance: Mapping[str, Any]) -> str:
    """Return the speaker of an utterance; dumps of older versions say user."""
    speaker = utterance.get("speaker", utterance.get("user"))
    return str(speaker.get("id", "") if isinstance(speaker, Mapping) else speaker or "")


def _conversation(
    stream, lines: Sequence[tuple[int, int]], document_id: str, folder: Path, metadata: Mapping[str, object]
) -> ReadDocument:
    """Return one conversation, its utterances read from their places."""
    found = []
    for offset, number in lines:
        stream.seek(offset)
        found.append((number, json.loads(stream.readline())))
    if all(isinstance(each.get("timestamp"), int | float) for _, each in found):
        found.sort(key=lambda pair: pair[1]["timestamp"])
    spoken = [
        SpokenTurn(_speaker(each), each.get("text") or "", place=f"{UTTERANCES}, line {number}")
        for number, each in found
    ]
    wordless = sum(not turn.text.strip() for turn in spoken)
    warnings = [f"{document_id}: {wordless} utterances without words are left out"] if wordless else []
    metadata = {**metadata, "source": folder.name}
    return spoken_document(document_id, spoken, metadata=metadata, warnings=warnings)


def _meta(conversation: Any) -> dict[str, object]:
    """Return what a conversation's meta tells in texts and numbers."""
    if not isinstance(conversation, Mapping):
        return {}
    meta = conversation.get("meta", conversation)
    meta = meta if isinstance(meta, Mapping) else {}
    return {
        str(key): value
        for key, value in meta.items()
        if isinstance(value, str | int | float) and key != "vectors"
    }


def _need_sharing(corpus: Corpus) -> None:
    """Raise where somebody who speaks has not agreed to sharing."""
    people = sorted(
        {person for cell in corpus.documents["speakers"] for person in speakers_of(cell).values()}
    )
    today = date.today()  # words are handed on now, whatever day the corpus was opened for
    refused = [
        person
        for person in people
        if not corpus.person_permits(person, "sharing") or corpus.consents.has_withdrawn(person, today)
    ]
    if refused:
        problems = [
            Problem("consents.csv", f"{person} has not agreed to sharing, or no longer") for person in refused
        ]
        remedy = (
            'open the corpus with purpose=["analysis", "sharing"], which leaves their documents out; where '
            "somebody withdrew, as of a day since then"
        )
        raise ConsentError(f"{corpus.name} may not be written for others", problems, remedy=remedy)


def _write_all(corpus: Corpus, folder: Path) -> None:
    """Write the five files."""
    speakers: dict[str, dict] = {}
    conversations: dict[str, dict] = {}
    free: dict[str, Any] = {}
    coded = {name: group for name, group in corpus.segments.groupby("document_id", sort=False)}
    with open(folder / UTTERANCES, "w", encoding="utf-8", newline="\n") as stream:
        for document in corpus.documents.to_dict("records"):
            people = speakers_of(document["speakers"])
            speakers |= {person: {"meta": {}, "vectors": []} for person in people.values()}
            free = {
                key: _plain(value) for key, value in document.items() if key not in ("document_id", "text")
            }
            conversations[document["document_id"]] = {"meta": free, "vectors": []}
            segments = coded.get(document["document_id"])
            for line in _utterances(document, people, segments):
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    meta = {
        "name": corpus.name,
        "title": corpus.title,
        "licence": corpus.licence,
        "citation": corpus.citation,
    }
    index = {
        "utterances-index": {"label": ["<class 'str'>"], "segments": ["<class 'list'>"]},
        "speakers-index": {}, "conversations-index": {key: ["<class 'str'>"] for key in free},
        "overall-index": {key: ["<class 'str'>"] for key in meta}, "vectors": [], "version": _VERSION,
    }  # fmt: skip
    for name, value in zip(TABLES, (speakers, conversations, meta, index), strict=True):
        (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _utterances(document: Mapping[str, Any], people: Mapping[str, str], segments) -> Iterator[dict[str, Any]]:
    """Yield the utterances of a document, each replying to the one before it."""
    text, before, number = document["text"], None, 0
    spans = (
        []
        if segments is None
        else list(zip(segments["segment_id"], segments["start"], segments["end"], strict=True))
    )
    for turn in turns(text):
        words = text[turn.start : turn.end]
        if not words.strip(REDACTED + " \r\n"):
            continue
        number += 1
        # a conversation has the id of its first utterance
        name = document["document_id"] if number == 1 else f"{document['document_id']}.{number:04d}"
        inside = [
            {"segment_id": segment, "start": int(start) - turn.start, "end": int(end) - turn.start}
            for segment, start, end in spans
            if turn.start <= start and end <= turn.end
        ]
        yield {
            "id": name, "conversation_id": document["document_id"], "text": words,
            "speaker": people[turn.label], "meta": {"label": turn.label, "segments": inside},
            "reply-to": before, "timestamp": number, "vectors": [],
        }  # fmt: skip
        before = name


def _plain(value: Any) -> Any:
    """Return a cell as JSON can hold it."""
    return value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else str(value)
