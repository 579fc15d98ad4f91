"""Out-of-fold predictions kept between runs: a fold that was predicted once is not trained again.

What is kept is numbers by segment id, and no word. They are found again by everything that they were made
of: the rows that taught, word for word and with whose words they are, the texts predicted, the framework and
its examples, the settings, and the program. So consent that ended since finds nothing of what was made with
it, and where anything differs a model is trained.

Features of segments are not kept. Counts of terms would save nothing: with all of them in memory from before,
folds took as long again, since the time goes into solving. Weights of terms belong to one fitted model, whose
predictions are there already, and take forty times the room of the texts.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import partial
from importlib.metadata import version
from typing import Any

import pandas as pd

from peercompare.caches import Store, package_hash, user_store
from peercompare.classifier.model import Learn, train
from peercompare.framework import Framework
from peercompare.framework.examples import read_examples

FOLDER = "answers"
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy")


def answers_store() -> Store | None:
    """Return where answers are kept; None where nothing is to be."""
    return user_store(FOLDER)


def remembered_answers(
    learn: Learn,
    rows: pd.DataFrame,
    framework: Framework,
    held: pd.DataFrame,
    *,
    fold: int,
    **teaching: Any,
) -> pd.DataFrame:
    """Learn from rows and answer for others, or recall what was answered before.

    Parameters
    ----------
    learn : callable
        What learns. Only of `train`, and of it with some arguments given, is anything kept.
    rows : DataFrame
        From which it learns.
    framework : Framework
    held : DataFrame
        ``segment_id, document_id, text`` and context: what the model is asked.
    fold : int
        The fold of the rows held out.
    teaching
        Further keyword arguments of `learn`: plain values, and texts.

    Returns
    -------
    DataFrame
        As `Model.answers`; the same whether it was recalled or not.
    """
    settings, store = _settings(learn), answers_store()
    key = None
    if settings is not None and store is not None:
        key = _key(rows, framework, held, {**settings, **teaching, "fold": fold})
    kept = store.get(key) if key else None
    if kept is not None:
        return _table_in(kept)
    found = learn(rows, framework, **teaching).answers(held, fold=fold)
    if key:
        store.put(key, _bytes_of(found))
    return found


def _settings(learn: Learn) -> dict[str, Any] | None:
    """Return the arguments that a learner was given, where it is `train`; None of any other."""
    if isinstance(learn, partial) and not learn.args:
        return dict(learn.keywords) if learn.func is train else None
    return {} if learn is train else None


def _key(
    rows: pd.DataFrame, framework: Framework, held: pd.DataFrame, settings: dict[str, Any]
) -> str | None:
    """Hash all that answers depend on; None where a setting has no plain value."""
    texts = {name: list(value) for name, value in settings.items() if isinstance(value, pd.Series)}
    made_of = {
        "package": package_hash(),
        "versions": {name: version(name) for name in _LIBRARIES},
        "framework": [framework.sha256, read_examples(framework).attrs.get("sha256", "")],
        "settings": {**settings, **texts},
    }
    try:
        total = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode())
    except TypeError:
        return None
    for table in (rows, held):
        total.update(json.dumps([str(each) for each in table.columns]).encode())
        total.update(table.to_csv(index=False).encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def _bytes_of(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet, with the types of its columns beside it."""
    types = json.dumps({name: str(kind) for name, kind in table.dtypes.items()})
    return types.encode() + b"\n" + table.to_parquet(index=False)


def _table_in(data: bytes) -> pd.DataFrame:
    """Return the table that `_bytes_of` wrote."""
    types, _, content = data.partition(b"\n")
    return pd.read_parquet(io.BytesIO(content)).astype(json.loads(types))
