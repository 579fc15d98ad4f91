"""Documents on the plane of three stances: a triangle whose corners are the stances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from peercompare.errors import UndefinedError
from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, of_corpus, require_columns, stance_label, waiver_note
from peercompare.figures.style import (
    BASE,
    INK,
    MARKERS,
    PAPER,
    QUIET,
    RULE,
    SMALL,
    in_house_style,
    looks,
    tint,
)
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    listing,
    percent,
    plural,
    range_of,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

HEIGHT = np.sqrt(3) / 2
PREFIX = "share_"
OTHERS = "other groups"


def to_plane(shares: np.ndarray) -> np.ndarray:
    """Return where shares of three stances lie in the triangle.

    Parameters
    ----------
    shares : array of shape (n_documents, 3)
        Shares of the first, middle and last stance; rows need not add up to 1 and are divided by their sum.

    Returns
    -------
    array of shape (n_documents, 2)
        First stance at (0, 0), last at (1, 0), the middle one at (0.5, 0.866...).

    Examples
    --------
    >>> to_plane([[1, 0, 0], [0, 0, 1], [1, 0, 1]]).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]]
    """
    shares = np.asarray(shares, dtype=float)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return np.column_stack([shares[:, 2] + shares[:, 1] / 2, shares[:, 1] * HEIGHT])


def document_shares(
    estimates: pd.DataFrame,
    documents: pd.DataFrame,
    framework: Framework,
    *,
    where: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Lay out the shares estimated for each document as the table of `stance_plane`.

    Parameters
    ----------
    estimates : DataFrame
        Rows ``share_<stance>`` with ``group_by`` "document_id" and ``dimension`` "all".
    documents : DataFrame
        ``document_id`` and whatever tells the shapes apart, e.g. ``role_type`` or ``setting``.
    framework : Framework
    where : mapping, optional
        Values that columns of `estimates` must have.

    Returns
    -------
    DataFrame
        The documents that have estimates, with ``share_<stance>``, ``n_segments`` and ``corpus``.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    columns = [PREFIX + stance for stance in framework.stance_ids]
    require_columns(estimates, ("estimand", "group_by", "group", "dimension", "estimate"), "estimates")
    require_columns(documents, ("document_id",), "documents")
    wanted = {"group_by": "document_id", "dimension": "all", **dict(where or {})}
    table = choose(estimates, wanted, one_of=("corpus", "variant", "labels"))
    table = table[table["estimand"].isin(columns)]
    shares = table.pivot(index="group", columns="estimand", values="estimate").reindex(columns=columns)
    extra = [name for name in ("corpus", "n_segments", "waiver") if name in table]
    shares = shares.join(table.groupby("group")[extra].max()) if extra else shares
    plain = documents.drop(columns=[name for name in shares.columns if name in documents])
    return plain.merge(shares, left_on="document_id", right_index=True, how="inner").reset_index(drop=True)


@in_house_style
def stance_plane(
    documents: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    shape_by: str = "role_type",
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw each document at its mix of three stances, with a shape for its group.

    Parameters
    ----------
    documents : DataFrame
        One row for each document: ``share_<stance>`` for each of the three stances (of stance-taking
        segments), the column `shape_by`, and ``corpus, n_segments`` where known. Documents whose shares are
        absent are counted in the note.
    framework : Framework
        With exactly three stances; the middle one is the top of the triangle.
    ax : Axes, optional
        Where to draw; a new figure without it.
    shape_by : str, default "role_type"
        The column that gives the shape; ids of role types and settings get the framework's labels.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without documents it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    UndefinedError
        Where the framework has other than three stances.
    """
    if len(framework.stances) != 3:
        raise UndefinedError(f"a triangle needs three stances; {framework.id} has {len(framework.stances)}")
    columns = [PREFIX + stance for stance in framework.stance_ids]
    require_columns(documents, [*columns, shape_by], "documents")
    table = choose(documents, where)
    drawn = table[all_finite(table, *columns)]
    drawn = drawn[drawn[columns].sum(axis=1) > 0].reset_index(drop=True)
    title = title or of_corpus("Where each document stands", table)
    canvas = canvas_for(ax, height=4.5 if len(drawn) else 0.8)
    if drawn.empty:
        say_nothing_to_draw(canvas, title, "no document has a segment that takes a stance")
        return canvas.ax
    _triangle(canvas.ax, framework)
    groups = _groups(drawn, framework, shape_by)
    key = _points(canvas.ax, drawn, framework, groups, shape_by)
    absent = len(table) - len(drawn)
    notes = [
        "Each point is one document, placed by its shares of the segments that take a stance. "
        "Shaded: more than half of them of one stance. Points that coincide are set side by side.",
        f"{plural(absent, 'document')} without such segments not drawn." if absent else "",
        waiver_note(drawn),
    ]
    finish(canvas, _words(drawn, framework, groups, shape_by, title), notes=notes, key=key)
    return canvas.ax


def _triangle(ax: Axes, framework: Framework) -> None:
    """Draw the triangle, the regions where one stance holds the majority, the grid and the names."""
    ids, styles = framework.stance_ids, looks(framework)
    for place, stance in enumerate(ids):
        corner = np.full((3, 3), 0.0)
        corner[:, place] = 0.5
        corner[np.arange(3), np.arange(3)] += 0.5
        ax.fill(*to_plane(corner).T, facecolor=tint(styles[stance].colour, 0.13), edgecolor="none", zorder=0)
    for share in (0.25, 0.5, 0.75):
        _grid_lines(ax, share)
    ax.plot([0, 1, 0.5, 0], [0, 0, HEIGHT, 0], color=QUIET, linewidth=1.2, zorder=1)
    _names(ax, framework)
    ax.set_xlim(-0.06, 1.06)
    ax.set_ylim(-0.155, HEIGHT + 0.075)
    ax.set_aspect("equal")
    ax.set_axis_off()


def _grid_lines(ax: Axes, share: float) -> None:
    """Draw the lines on which a stance has the given share; the line of one half is stronger."""
    rest = 1 - share
    width, colour = (1.1, "#9a9a9a") if share == 0.5 else (0.7, RULE)
    for place in range(3):
        ends = np.zeros((2, 3))
        ends[:, place] = share
        ends[0, (place + 1) % 3] = ends[1, (place + 2) % 3] = rest
        ax.plot(*to_plane(ends).T, color=colour, linewidth=width, zorder=0.5)


def _names(ax: Axes, framework: Framework) -> None:
    """Name the corners, the regions and the shares along base and left edge."""
    names = [wrap(stance_label(framework, stance), 90, lines=1) for stance in framework.stance_ids]
    first, middle, last = names
    bold = {"fontsize": BASE, "weight": "bold"}
    small = {"fontsize": SMALL, "color": INK}
    ax.text(-0.06, -0.04, f"all {first}", ha="left", va="top", **bold)
    ax.text(1.06, -0.04, f"all {last}", ha="right", va="top", **bold)
    ax.text(0.5, HEIGHT + 0.025, f"all {middle}", ha="center", va="bottom", **bold)
    for share in (0.25, 0.5, 0.75):
        ax.text(share, -0.04, percent(share), ha="center", va="top", **small)
        word = "" if share < 0.5 else f"{middle} "
        ax.text(share / 2 - 0.03, share * HEIGHT, f"{word}{percent(share)}", ha="right", va="center", **small)
    ax.text(0.24, -0.1, f"mostly {first}", ha="center", va="top", **small)
    ax.text(0.76, -0.1, f"mostly {last}", ha="center", va="top", **small)
    ax.text(
        0.67,
        0.65,
        f"mostly {middle}",
        rotation=-60,
        rotation_mode="anchor",
        ha="center",
        va="center",
        **small,
    )


def _groups(drawn: pd.DataFrame, framework: Framework, shape_by: str) -> dict[str, str]:
    """Return the labels of the groups that get a shape, the framework's in its order."""
    known = {item.id: item.label for item in (*framework.role_types, *framework.settings)}
    present = list(dict.fromkeys(_keys(drawn, shape_by)))
    order = [item for item in known if item in present] + [item for item in present if item not in known]
    return {item: known.get(item, item.replace("_", " ") or "not given") for item in order}


def _keys(drawn: pd.DataFrame, shape_by: str) -> pd.Series:
    """Return each document's group; with more groups than shapes the later ones are drawn as one."""
    keys = drawn[shape_by].fillna("").astype(str)
    kept = list(dict.fromkeys(keys))
    return keys.where(keys.isin(kept[: len(MARKERS) - 1]), OTHERS) if len(kept) > len(MARKERS) else keys


def _points(
    ax: Axes, drawn: pd.DataFrame, framework: Framework, groups: Mapping[str, str], shape_by: str
) -> list[Line2D]:
    """Draw the documents, group by group, and return a key that counts them."""
    places = to_plane(drawn[[PREFIX + stance for stance in framework.stance_ids]].to_numpy(dtype=float))
    places = side_by_side(places)
    keys = _keys(drawn, shape_by).to_numpy()
    key = []
    for rank, (group, label) in enumerate(groups.items()):
        sign = {
            "linestyle": "none",
            "marker": MARKERS[rank % len(MARKERS)],
            "markersize": 6.5,
            "markerfacecolor": _face(framework, group, rank),
            "markeredgecolor": INK,
            "markeredgewidth": 0.9,
        }
        chosen = places[keys == group]
        ax.plot(*chosen.T, zorder=3, clip_on=False, **sign)
        key.append(Line2D([], [], label=f"{wrap(label, 250, lines=1)} ({len(chosen)})", **sign))
    return key


def _face(framework: Framework, group: str, rank: int) -> str:
    """Return the fill of a group: for a role type by its duties, hollow where it leads workers."""
    for role_type in framework.role_types:
        if role_type.id == group:
            return PAPER if role_type.leads_workers else looks(framework)[role_type.duties].colour
    return (QUIET, PAPER)[rank % 2]


def side_by_side(places: np.ndarray, *, radius: float = 0.016) -> np.ndarray:
    """Set points that coincide side by side, so that each can be seen and counted.

    Parameters
    ----------
    places : array of shape (n_points, 2)
    radius : float
        How far a point is moved at most, in sides of the triangle.

    Examples
    --------
    >>> side_by_side(np.array([[0.5, 0.0], [0.5, 0.0], [0.9, 0.0]])).round(3).tolist()
    [[0.516, 0.0], [0.484, 0.0], [0.9, 0.0]]
    """
    moved = np.array(places, dtype=float)
    _, groups = np.unique(np.round(moved, 2), axis=0, return_inverse=True)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        if len(members) > 1:
            turns = 2 * np.pi * np.arange(len(members)) / len(members)
            size = radius * max(1.0, len(members) / 5)
            moved[members] = moved[members].mean(axis=0) + size * np.column_stack(
                [np.cos(turns), np.sin(turns)]
            )
    return moved


def _words(
    drawn: pd.DataFrame, framework: Framework, groups: Mapping[str, str], shape_by: str, title: str
) -> FigureText:
    """Build alt text, caption and summary from the documents that were drawn."""
    columns = [PREFIX + stance for stance in framework.stance_ids]
    names = [stance_label(framework, stance) for stance in framework.stance_ids]
    keys = _keys(drawn, shape_by)
    lines, majority = [], {}
    for group, label in groups.items():
        shares = drawn.loc[keys == group, columns]
        said = (
            f"{name} {percent(shares[column].min())} to {percent(shares[column].max())}"
            for name, column in zip(names, columns, strict=True)
        )
        lines.append(f"{label}, {plural(len(shares), 'document')}: {listing(said)}.")
    for name, column in zip(names, columns, strict=True):
        majority[name] = int((drawn[column] > 0.5).sum())
    held = listing(f"{n} mostly {name}" for name, n in majority.items())
    alt = (
        f"Triangle with the corners {listing(names)}; {plural(len(drawn), 'document')} as points, "
        f"with a shape for each of {plural(len(groups), 'group')}. "
        f"By more than half of the stance-taking segments: {held}."
    )
    what = f"Documents by their shares of {listing(names)} among segments that take a stance"
    if size := range_of(drawn, "n_segments", "segment"):
        what += f"; the documents hold {size}"
    bare = drawn.drop(columns="n_segments", errors="ignore")
    return FigureText(title, alt, caption_for(bare, what), "\n".join(lines), drawn)
