"""Reading Label Studio's JSON: tasks with the annotations of each annotator.

The shape is that of its documentation ("Label Studio JSON format of annotated tasks"). Positions are
UTF-16 units in older exports and code points in newer ones, and both occur: the words that each region
keeps tell which, task by task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.assembling import Assembly, Named
from peercompare.exchange.json_files import read_json
from peercompare.exchange.project import CodedProject

_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|data:|/data/)\S*", re.IGNORECASE)
_PATHS = ("hypertextlabels", "paragraphlabels")
_NO_TEXT = "tasks without a text in them (pictures, sound, files kept elsewhere)"


def read_label_studio(
    path: str | Path, *, text_key: str = "", name_key: str = "", convention: Named = None
) -> CodedProject:
    """Read tasks of texts with their labels.

    Parameters
    ----------
    path : str or Path
        A JSON export (not JSON-MIN, which leaves out what a label belongs to).
    text_key : str, default ""
        Which of a task's data is its text; by default ``text``, or the only one that is a string.
    name_key : str, default ""
        Which of a task's data is its name; by default tasks are named by their ids.
    convention : str, Convention or mapping of str, optional
        How positions were counted, where the words of the regions cannot tell.

    Returns
    -------
    CodedProject
        One document for each task, its other data as metadata; one span for each label of a region, and
        one over the whole text for each choice about a task. The coder is `completed_by`: an address, else
        a number. Predictions, relations, and tasks and regions of pictures and sound are counted in
        `not_carried`.

    Raises
    ------
    ExchangeError
        Lists every fault: a task without text, a region of an HTML page or a dialogue (its positions are
        paths, not characters), positions past the text, or tasks whose way of counting cannot be told.
    """
    path = Path(path)
    tasks = read_json(path)
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise _no_export(path.name, "it is no list of tasks")
    if tasks and not any("annotations" in task or "completions" in task for task in tasks):
        raise _no_export(path.name, "its tasks have no annotations; JSON-MIN leaves out whose they are")
    gathered = Assembly(path.name, "Label Studio")
    for number, task in enumerate(tasks, start=1):
        _take(gathered, task, f"task {task.get('id', number)}", text_key, name_key)
    return gathered.project(path.stem, convention=convention)


def _no_export(file: str, what: str) -> ExchangeError:
    """Return the error of a file that is no export of annotations."""
    fault = Problem(file, what, "in the project: Export, JSON (not JSON-MIN, CSV or COCO)")
    return ExchangeError(f"{file} is no export of Label Studio", [fault])


def _take(gathered: Assembly, task: Mapping[str, Any], where: str, text_key: str, name_key: str) -> None:
    """Add one task and what everybody labelled in it."""
    data = task.get("data")
    text, key = _text_of(data, text_key)
    if text is None:
        gathered.fault(where, "it has no text, or several", "name the one that is (--reading text_key=NAME)")
        return
    if _LINK.fullmatch(text):
        if _codes_text(task):
            what = "its text is a link, and not in the export"
            gathered.fault(where, what, "give Label Studio the texts themselves, and export again")
        gathered.miss(_NO_TEXT)
        return
    if gathered.has_document(where):
        gathered.fault(where, "the id stands there twice", "export the project once more")
        return
    others = {each: str(value) for each, value in data.items() if each != key and _is_plain(value)}
    gathered.document(where, str(data.get(name_key) or where), text, metadata=others)
    for kind in ("predictions", "drafts"):
        gathered.miss(kind, count=len(_objects(gathered, task.get(kind), where)))
    for annotation in _objects(gathered, task.get("annotations", task.get("completions")), where):
        if annotation.get("was_cancelled"):
            gathered.miss("annotations that were skipped")
            continue
        coder = gathered.coder(_who(annotation.get("completed_by")))
        for result in _objects(gathered, annotation.get("result"), where):
            _take_result(gathered, result, where, coder, text)


def _codes_text(task: Mapping[str, Any]) -> bool:
    """Say whether a task has any region of a text, whatever else is wrong with it."""
    made = task.get("annotations", task.get("completions"))
    results = [
        result
        for annotation in (made if isinstance(made, list) else [])
        for result in (annotation.get("result") or [] if isinstance(annotation, Mapping) else [])
    ]
    return any(isinstance(each, Mapping) and each.get("type") in ("labels", *_PATHS) for each in results)


def _text_of(data: Any, text_key: str) -> tuple[str | None, str]:
    """Return a task's text and the key of it."""
    if not isinstance(data, Mapping):
        return None, ""
    texts = [key for key, value in data.items() if isinstance(value, str)]
    key = text_key or ("text" if "text" in texts else texts[0] if len(texts) == 1 else "")
    return (data[key], key) if key in texts else (None, key)


def _is_plain(value: Any) -> bool:
    """Say whether a value can be metadata."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _who(completed_by: Any) -> str:
    """Return who made an annotation: an address or a name where there is one, else a number."""
    if isinstance(completed_by, Mapping):
        completed_by = completed_by.get("email") or completed_by.get("username") or completed_by.get("id")
    return "" if completed_by is None else str(completed_by)


def _take_result(gathered: Assembly, result: Mapping[str, Any], where: str, coder: str, text: str) -> None:
    """Add the labels of one region, or the choices about a task."""
    kind, value = result.get("type", ""), result.get("value")
    place = f"{where}, region {result.get('id', '')}"
    if not isinstance(value, Mapping):
        gathered.miss(f"results of the kind {kind!r}")
    elif kind == "choices" and "start" not in value:
        for name in _names(gathered, value.get("choices"), place):
            gathered.mark_whole(where, code=gathered.code(name), coder=coder, where=place)
    elif kind in _PATHS or (kind == "labels" and isinstance(value.get("start"), str)):
        what = "it is a region of an HTML page or a dialogue: its positions are paths, not characters"
        gathered.fault(place, what, "label plain text (a Text object), or bring a table with the words")
    elif kind == "labels" and _is_placed(value):
        for name in _names(gathered, value.get("labels"), place):
            gathered.mark(
                where, (value["start"], value["end"]), code=gathered.code(name), coder=coder, where=place,
                quote=_words(value.get("text"), text),
            )  # fmt: skip
        gathered.miss("regions without a label", count=int(not value.get("labels")))
    elif kind == "labels":
        gathered.fault(place, "its start and end are no whole numbers")
    else:
        gathered.miss(f"results of the kind {kind!r}")


def _objects(gathered: Assembly, value: Any, where: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list, nothing as none; note what is no list of objects."""
    found = value if isinstance(value, list) else [] if value is None else [None]
    kept = [each for each in found if isinstance(each, Mapping)]
    if len(kept) < len(found):
        gathered.fault(
            where, "where a list of objects should stand there is something else", "export it anew"
        )
    return kept


def _names(gathered: Assembly, value: Any, where: str) -> list[str]:
    """Return a list of labels, nothing as none; note what is no list of words."""
    found = value if isinstance(value, list) else [] if value is None else [None]
    kept = [each for each in found if isinstance(each, str) and each.strip()]
    if len(kept) < len(found):
        gathered.fault(where, "where a list of labels should stand there is something else", "export it anew")
    return kept


def _is_placed(value: Mapping[str, Any]) -> bool:
    """Say whether a region has whole numbers for positions."""
    return type(value.get("start")) is int and type(value.get("end")) is int


def _words(quote: Any, text: str) -> str:
    """Return a region's words; some versions write a line end as a backslash and an n."""
    words = quote if isinstance(quote, str) else ""
    return words if "\\n" in text else words.replace("\\n", "\n")
