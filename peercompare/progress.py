"""Progress bars where somebody is watching, and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

SWITCH = "PEERCOMPARE_PROGRESS"
"""Environment variable; ``off`` silences every bar, as when a notebook is executed for a report."""


def progress(
    items: Iterable[Item],
    *,
    description: str,
    total: int | None = None,
    done: Callable[[], int] | None = None,
) -> Iterator[Item]:
    """Yield the items, with a progress bar on a terminal's standard error or in a notebook.

    A bar in an executed notebook would differ at every run, so execution for a report switches it off.

    Parameters
    ----------
    items : iterable
        What is worked through.
    description : str
        A few words before the bar.
    total : int, optional
        How many items there are, where `items` does not know; with `done`, how many bytes.
    done : callable, optional
        Says how many bytes have been worked through. The bar then shows per cent of `total` bytes, which is
        known before the first item is read; how many items they hold is not.
    """
    if not _watched():
        yield from items
        return
    from tqdm.auto import tqdm

    if done is None:
        yield from tqdm(items, desc=description, total=total, file=sys.stderr, leave=False)
        return
    with tqdm(desc=description, total=total, unit="B", unit_scale=True, file=sys.stderr, leave=False) as bar:
        for item in items:
            bar.update(done() - bar.n)
            yield item


def _watched() -> bool:
    """Tell whether a person sees the bar: a terminal, or a notebook that is not executed for a report."""
    if os.environ.get(SWITCH, "").lower() == "off":
        return False
    return sys.stderr.isatty() or "ipykernel" in sys.modules
