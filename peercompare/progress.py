"""Progress bars where somebody is watching, and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

SWITCH = "PEERCOMPARE_PROGRESS"
"""Environment variable; ``off`` silences every bar, as when a notebook is executed for a report."""


def progress(items: Iterable[Item], *, description: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items, with a progress bar on a terminal's standard error or in a notebook.

    A bar in an executed notebook would differ at every run, so execution for a report switches it off.

    Parameters
    ----------
    items : iterable
        What is worked through.
    description : str
        A few words before the bar.
    total : int, optional
        How many items there are, where `items` does not know.
    """
    if not _watched():
        yield from items
        return
    from tqdm.auto import tqdm

    yield from tqdm(items, desc=description, total=total, file=sys.stderr, leave=False)


def _watched() -> bool:
    """Tell whether a person sees the bar: a terminal, or a notebook that is not executed for a report."""
    if os.environ.get(SWITCH, "").lower() == "off":
        return False
    return sys.stderr.isatty() or "ipykernel" in sys.modules
