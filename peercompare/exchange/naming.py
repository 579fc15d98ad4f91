"""What a user names of how positions were counted: it answers what the quotes leave open, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from peercompare.exchange.calibration import SourceCalibration, calibrate
from peercompare.exchange.counting import CONVENTIONS, Convention, Placement, Ruler


def calibrate_as_named(
    ruler: Ruler,
    starts: Sequence[int],
    ends: Sequence[int],
    quotes: Sequence[str],
    *,
    convention: Convention,
    source_id: str = "",
    source: str = "",
) -> tuple[SourceCalibration, Placement | None]:
    """Tell how the selections of one source were counted where the user named a convention.

    The name answers what the quotes leave open. Where they settle the matter they count, so that a name
    given for one source moves no coding of another; where some conventions explain all quotes and the named
    one does not, nothing is placed.

    Parameters
    ----------
    ruler, starts, ends, quotes, source_id, source
        As in `calibrate`.
    convention : Convention
        What the user named.

    Returns
    -------
    calibration : SourceCalibration
        Its `status` is "refused", and `ruled_out` says the convention named, where quotes speak against it.
    placement : Placement or None
        As in `calibrate`.
    """
    about = {"source_id": source_id, "source": source}
    found, placement = calibrate(ruler, starts, ends, quotes, **about)
    if placement is not None:
        return found, placement
    if found.left() and convention.id not in found.left():
        return replace(found, ruled_out=convention.id), None
    return calibrate(ruler, starts, ends, quotes, convention=convention, **about)


def told(calibrations: Iterable[SourceCalibration]) -> tuple[str, ...]:
    """Return, in a line for each way of counting, how the positions of a project were understood.

    Examples
    --------
    >>> one = SourceCalibration("1", "A", "quotes", "utf16-raw-nobom", 4, 4, 4)
    >>> line, = told([one, replace(one, source="B", n_selections=3, n_verified=2)])
    >>> line.split("; ")[1]
    '6 of 7 selections verified by quote'
    """
    alike: dict[tuple[str, str], list[SourceCalibration]] = {}
    for each in calibrations:
        if each.convention:
            alike.setdefault((each.convention, each.status), []).append(each)
    lines = []
    for (convention, status), group in alike.items():
        verified, n = (sum(getattr(each, name) for each in group) for name in ("n_verified", "n_selections"))
        whose = f"positions of {len(group)} document{'s' if len(group) > 1 else ''}"
        how = f"{CONVENTIONS[convention]} ({status})"
        lines.append(f"{whose}: {how}; {verified} of {n} selections verified by quote")
    return tuple(lines)
