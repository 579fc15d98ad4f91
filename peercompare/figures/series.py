"""Groups over time: which series a row belongs to, and where its period lies on the axis of time."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from peercompare.errors import InputError
from peercompare.figures.rows import choose, require_columns
from peercompare.figures.style import RULE
from peercompare.figures.text import plural

TIMES = " x "
NOT_GIVEN = "not given"
MOST_YEARS = 6
"""An axis names at most so many years."""

BESIDE = re.compile(r"\s+(?:\||x|×)\s+")
COLUMNS = ("estimand", "group_by", "group", "estimate", "lower", "upper")
_PERIOD = re.compile(r"^(\d{4})(?:[- ]?([HhQq])([1-4])|-(\d{4})|-(\d{1,2})(?:-\d{1,2})?)?$")


def series_of(
    estimates: pd.DataFrame, by: str, *, estimand: str = "index", where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the rows of one estimand grouped by `by` and time, with their series and place in time.

    Parameters
    ----------
    estimates : DataFrame
        The estimates table; rows whose ``group_by`` reads ``"<by> x <time>"`` and whose ``group`` reads
        ``"<series> | <period>"`` are kept.
    by : str
        The column that tells the series apart, e.g. ``site_id``.
    estimand : str, default "index"
    where : mapping, optional
        Values that columns must have.

    Returns
    -------
    DataFrame
        With ``series``, ``period`` and ``time`` (years, as a decimal number, at the middle of the period),
        sorted. Rows whose period is "not given" are left out and counted in ``attrs["undated"]``.

    Raises
    ------
    InputError
        Where columns are missing, where rows of several groupings would be mixed, or where a period is not a
        year, half-year, quarter, month, day or range of years.
    """
    require_columns(estimates, COLUMNS, "estimates")
    wanted = {"estimand": estimand, **dict(where or {})}
    if "dimension" in estimates.columns:
        wanted.setdefault("dimension", "all")
    over_time = estimates["group_by"].astype("string").str.startswith(f"{by}{TIMES}").fillna(False)
    kept = choose(
        estimates[over_time], wanted, one_of=("corpus", "group_by", "dimension", "variant", "labels")
    )
    parts = [BESIDE.split(str(group), maxsplit=1) for group in kept["group"]]
    kept["series"] = [part[0] for part in parts]
    kept["period"] = [part[-1] for part in parts]
    dated = kept[kept["period"] != NOT_GIVEN].copy()
    dated["time"] = [middle_of(period) for period in dated["period"]]
    dated = dated.sort_values(["series", "time"], kind="stable").reset_index(drop=True)
    dated.attrs["undated"] = len(kept) - len(dated)
    return dated


def undated_note(table: pd.DataFrame) -> str:
    """Return a note on the rows that `series_of` left out because their period is not given."""
    undated = table.attrs.get("undated", 0)
    return f"{plural(undated, 'value')} without a date not drawn." if undated else ""


def middle_of(period: str) -> float:
    """Return the middle of a period in years.

    Examples
    --------
    >>> middle_of("2022"), middle_of("2022-H2"), middle_of("2022Q1"), middle_of("2010-2014")
    (2022.5, 2022.75, 2022.125, 2012.5)

    Raises
    ------
    InputError
        Where the text is no period.
    """
    found = _PERIOD.match(str(period).strip())
    if not found:
        raise InputError(
            f"{period!r} is no period of time", remedy="write a year, 2022-H1, 2022-Q1, 2022-03 or 2010-2014"
        )
    year, kind, part, last, month = found.groups()
    if kind:
        length = 2 if kind.upper() == "H" else 4
        return int(year) + (int(part) - 0.5) / length
    if last:
        return (int(year) + int(last) + 1) / 2
    return int(year) + ((int(month) - 0.5) / 12 if month else 0.5)


def day_in_years(day: object) -> float:
    """Return a day as a decimal year.

    Examples
    --------
    >>> day_in_years("2022-07-02")
    2022.4986301369863
    """
    stamp = pd.Timestamp(day)
    length = 366 if stamp.is_leap_year else 365
    return stamp.year + (stamp.day_of_year - 1) / length


def half_width(times: np.ndarray) -> float:
    """Return half the shortest distance between two periods, in years; a quarter where there is only one."""
    distinct = np.unique(np.round(np.asarray(times, dtype=float), 6))
    return float(np.diff(distinct).min()) / 2 if len(distinct) > 1 else 0.25


def name_years(ax: Axes) -> None:
    """Name each year under the middle of what is shown of it, and draw a line where it begins."""
    low, high = ax.get_xlim()
    first, last = int(np.floor(low)), int(np.floor(high))
    step = max(1, -(-(last - first + 1) // MOST_YEARS))
    parts = {year: (max(low, year), min(high, year + 1)) for year in range(first, last + 1)}
    named = [year for year, (start, end) in parts.items() if end - start > 0.4][::step]
    ax.set_xticks([sum(parts[year]) / 2 for year in named], [str(year) for year in named])
    for year in range(first + 1, last + 1):
        ax.axvline(year, color=RULE, linewidth=0.7, zorder=0)
    ax.set_xlim(low, high)
