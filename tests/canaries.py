"""A made-up corpus in which everybody has a letter of their own, and a reader that finds it in anything.

A person's canary is a syllable of the Ethiopic script that nobody else uses: upper and lower case leave it
alone, and every n-gram that has it was that person's.
"""

import csv
import gzip
import html
import io
import json
import re
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.corpus import register

AS_OF = "2024-06-30"
PAIRS = 8
PEOPLE = [f"{kind}{n}" for n in range(1, PAIRS + 1) for kind in ("W", "P")]
CANARY = {person: chr(0x1210 + 8 * at) for at, person in enumerate(PEOPLE)}
ALL_PURPOSES = ("analysis", "training", "quotation", "sharing", "individual_feedback")
SAID = {
    "peer": "I was in that hospital too, we walk",
    "clinical": "I chart symptoms, adjust medication",
    "overlap": "We plan, I call the clinic",
    "none": "The bus leaves at nine",
}
FILLER = (
    "slowly often again near north south early late maybe soon garden window kettle river ladder purple "
    "seven carpet orange button silver market winter bottle"
).split()


def phrase(person):
    """The words that only this person says."""
    letter = CANARY[person]
    return f"{letter * 2} {letter * 3}"


def write_corpus(folder, codes, *, lacking=None, name="canaries", **records):
    """Write a corpus of eight workers with one participant each, two sessions a pair.

    Parameters
    ----------
    folder : Path
    codes : dict of str to str
        A code for each label.
    lacking : dict of str to str
        The one purpose that each of some people's records lacks.
    records : dict of str to str
        Further cells of single people's records.
    """
    lacking = lacking or {}
    (folder / "texts").mkdir(parents=True)
    documents, segments, codings = [], [], []
    for pair in range(1, PAIRS + 1):
        for session in (1, 2):
            document = f"D{pair}{session}"
            text, cuts = _transcript(pair, session)
            (folder / "texts" / f"{document}.txt").write_text(text, encoding="utf-8")
            documents.append(
                {
                    "document_id": document, "worker_id": f"W{pair}", "worker_role": "peer",
                    "site_id": f"S{pair % 2}", "setting": "community", "date": f"202{session + 1}-03-0{pair}",
                    "speakers": f"A=W{pair} B=P{pair}",
                }
            )  # fmt: skip
            for position, (start, end, label) in enumerate(cuts, start=1):
                segment = f"{document}:{position:02d}"
                segments.append((segment, document, position, start, end, "A"))
                for coder in ("ann", "bo", "gold"):
                    given = "none" if coder == "bo" and position == 2 else label
                    memo = f"{phrase(f'W{pair}')} says so" if coder == "gold" else ""
                    codings.append((segment, coder, codes[given], "true", "", memo))
    people = [_record(who, lacking.get(who), records.get(who, {})) for who in PEOPLE]
    _table(folder / "documents.csv", list(documents[0]), [row.values() for row in documents])
    _table(
        folder / "segments.csv",
        ["segment_id", "document_id", "position", "start", "end", "speaker"],
        segments,
    )
    _table(folder / "codings.csv", ["segment_id", "coder_id", "code", "is_primary", "tags", "memo"], codings)
    _table(folder / "consents.csv", list(people[0]), [row.values() for row in people])
    (folder / "DATASHEET.md").write_text("# Datasheet\n", encoding="utf-8")
    (folder / "corpus.toml").write_text(
        f'name = "{name}"\ntitle = "Canaries"\ngenre = "session_transcript"\ncomposed = true\n'
        'framework = "deegan2017"\nlicence = "CC0"\ncitation = "made up"\ncoding = "by hand"\n'
        'cluster = "worker_id"\n',
        encoding="utf-8",
    )
    register(folder)
    return folder


def canaries_in(value):
    """Return the people whose letters stand anywhere in a value, file or folder, however it is packed."""
    found = set()
    for text in texts_in(value):
        for reading in {text, html.unescape(text), _unescaped(text)}:
            found |= {person for person, letter in CANARY.items() if letter in reading}
    return found


def texts_in(value, _seen=None):
    """Yield every text in a value: cells, keys, attributes, members of archives, rows of databases."""
    seen = {} if _seen is None else _seen
    if value is None or isinstance(value, bool | int | float | complex) or id(value) in seen:
        return
    seen[id(value)] = value  # kept, so that no other object takes its id
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes | bytearray):
        yield from _texts_of_bytes(bytes(value), seen)
    elif isinstance(value, Written):
        yield from _texts_of_path(value.path, seen)
    elif isinstance(value, Path):
        yield str(value)
    else:
        yield from _texts_of_object(value, seen)


class Written:
    """A file or folder that a function wrote, to be read whole."""

    def __init__(self, path):
        self.path = Path(path)


def _texts_of_object(value, seen):
    import matplotlib.artist

    yield from _shown(value)
    if isinstance(value, pd.DataFrame):
        parts = [list(value.columns), list(value.index), value.attrs, *(value[c].tolist() for c in value)]
    elif isinstance(value, pd.Series | pd.Index):
        parts = [value.tolist(), getattr(value, "index", None), value.name]
    elif isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, matplotlib.artist.Artist):
        figure = value.get_figure() or value
        parts = [[each.get_text() for each in figure.findobj(match=lambda a: hasattr(a, "get_text"))]]
    elif isinstance(value, type):
        parts = []
    elif isinstance(value, list | tuple | set | frozenset) or hasattr(value, "tolist"):
        parts = value.tolist() if hasattr(value, "tolist") else value
        parts = parts if isinstance(parts, list | tuple | set | frozenset) else [parts]
    elif hasattr(value, "__next__"):
        parts = list(value)
    elif hasattr(value, "__dict__"):
        parts = list(vars(value).values())
    else:
        parts = []
    for part in parts:
        yield from texts_in(part, seen)


def _shown(value):
    for way in ("__repr__", "_repr_html_", "_repr_mimebundle_", "__str__"):
        try:
            shown = getattr(value, way)()
        except Exception:
            continue
        yield shown if isinstance(shown, str) else json.dumps(shown, default=str, ensure_ascii=False)


def _texts_of_path(path, seen):
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    for each in files:
        yield str(each)
        if each.suffix == ".parquet":
            yield from texts_in(pd.read_parquet(each), seen)
        elif each.suffix != ".png":
            yield from _texts_of_bytes(each.read_bytes(), seen, each)


def _holds_wide_numbers(array):
    """Tell numbers from what may be a text, byte by byte."""
    return array.dtype.kind in "fiu" and array.dtype.itemsize > 1


def _texts_of_bytes(data, seen, path=None):
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from _texts_of_bytes(archive.read(name), seen)
    elif data[:6] == b"\x93NUMPY" and _holds_wide_numbers(array := np.load(io.BytesIO(data))):
        # Bytes of numbers would spell any letter sooner or later; numbers themselves spell none.
        yield f"{array.dtype} {array.shape}"
    elif data[:2] == b"\x1f\x8b":
        yield from _texts_of_bytes(gzip.decompress(data), seen)
    elif data[:15] == b"SQLite format 3" and path is not None:
        with sqlite3.connect(path) as base:
            yield "\n".join(base.iterdump())
    else:
        # What is compressed is read unpacked alone: its bytes would spell any letter sooner or later.
        wide = data.count(0) > len(data) // 4
        for encoding in ("utf-16-le", "utf-16-be") if wide else ("utf-8",):
            yield data.decode(encoding, errors="ignore")


def _unescaped(text):
    """Undo the escapes of JSON."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)


def _transcript(pair, session):
    """Return a session and where its worker's turns stand, with their labels."""
    lines, cuts, at = [], [], 0
    labels = list(SAID)
    for turn in range(6):
        label = labels[(turn + pair + session) % len(labels)]
        words = f"{SAID[label]} {FILLER[(turn * pair + session) % len(FILLER)]} {phrase(f'W{pair}')}."
        for speaker, said in (("A", words), ("B", f"Yes {phrase(f'P{pair}')}.")):
            line = f"{speaker}: {said}\n"
            if speaker == "A":
                cuts.append((at + 3, at + 3 + len(said), label))
            lines.append(line)
            at += len(line)
    return "".join(lines), cuts


def _record(person, lacks, cells):
    return {
        "person_id": person, "purposes": " ".join(each for each in ALL_PURPOSES if each != lacks),
        "granted_on": "2021-01-01", "expires_on": "", "withdrawn_on": "", "age_group": "adult",
        "guardian_consent": "", "assent": "", "legal_standing": "free", "extra_review": "", **cells,
    }  # fmt: skip


def _table(path, header, rows):
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8")
