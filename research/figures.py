"""Figures as functions of a table: `plot_*(table) -> Axes`, and `save_figure`, which keeps the table with the image.

Colours are Okabe and Ito's (2008, Color Universal Design), told apart by people who are colour-blind; every series
has its own marker too, so that a grey print says the same. Nothing here touches matplotlib's global state.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.dates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from research import storage
from research.columns import need_columns
from research.counts import count_of

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000", "#F0E442")
"""Neighbours differ in lightness by 0.12 or more, so that a grey print keeps them apart."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
GREY = "#666666"
PALE = "#D9D9D9"

STYLE = {
    "font.family": "DejaVu Sans",  # ships with matplotlib, so that outlines are the same everywhere
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "svg.fonttype": "path",
    "svg.hashsalt": "on-the-record",
    "text.parse_math": False,  # a speaker called "$x$" is a name, not a formula
}


def _new_axes(width: float, height: float, columns: int = 1, rows: int = 1, **options: Any) -> Any:
    """Axes of a fresh figure, shape (rows, columns), drawn in our style whatever the session's settings are."""
    figure = Figure(figsize=(width, height), layout="constrained", dpi=150)
    FigureCanvasAgg(figure)
    return figure.subplots(rows, columns, squeeze=False, **options)


def _styled(function: Any) -> Any:
    """Run a plotting function under `STYLE`."""
    import functools

    @functools.wraps(function)
    def plot(*arguments: Any, **options: Any) -> Any:
        with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
            return function(*arguments, **options)

    return plot


def _text(value: Any, width: int = 40) -> str:
    """One printable line of a value that may come from an untrusted article."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _by(table: pd.DataFrame, by: str | None) -> str:
    """Find the column that names the rows: asked for, remembered from `compare`, or the speaker."""
    return by or str(table.attrs.get("by", "speaker"))


def _name_rows(axes: Axes, names: Sequence[Any]) -> None:
    """Put names on the vertical axis, the first on top."""
    axes.set_yticks(range(len(names)), [_text(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, pad=8)  # room for the arrowhead of an interval that is cut


def _draw_interval(axes: Axes, row: pd.Series, value: str, ends: tuple[str, str], place: float, **look: Any) -> None:
    """Draw a point with its interval; hollow where the table carries a warning."""
    hollow = _warns(row.get("warning", ""))
    colour, marker = look.get("colour", PALETTE[0]), look.get("marker", "o")
    if np.isfinite(row[ends[0]]) and np.isfinite(row[ends[1]]):
        axes.plot([row[ends[0]], row[ends[1]]], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot(
        [row[value]], [place], marker, color=colour, markersize=8,
        markerfacecolor="white" if hollow else colour, markeredgewidth=1.6, label=look.get("label"),
    )  # fmt: skip


@_styled
def plot_forest(
    table: pd.DataFrame,
    *,
    by: str | None = None,
    value: str = "mean",
    label: str | None = None,
    title: str = "",
    reference: float | None = 0.0,
    axes: Axes | None = None,
) -> Axes:
    """Speakers, lowest first, each with its interval and with how many quotes and articles stand behind it.

    A hollow point has a warning in the table (few articles); a point without a line has no interval. `reference` is
    where the vertical line stands (None for no line).

    >>> table = pd.DataFrame({"speaker": ["A"], "mean": [0.1], "low": [-0.1], "high": [0.3], "quotes": [9],
    ...                       "articles": [4], "warning": [""]})
    >>> plot_forest(table, label="tone").get_xlabel()
    'tone, mean and 95 % interval'
    """
    name = _by(table, by)
    need_columns(table, [name, value, "low", "high", "quotes", "articles"])
    rows = table.sort_values([value, name], kind="stable")
    axes = axes if axes is not None else _new_axes(8.0, 1.5 + 0.36 * len(rows))[0, 0]
    if reference is not None:
        axes.axvline(reference, color=PALE, linewidth=1, zorder=0)
    for place, (_, row) in enumerate(rows.iterrows()):
        _draw_interval(axes, row, value, ("low", "high"), place)
        _write_count(axes, row, place)
    _name_rows(axes, list(rows[name]))
    limits = _find_limits(rows, value)
    axes.set_xlim(*limits)
    _mark_cuts(axes, range(len(rows)), rows, limits)
    axes.set_title(_text(title, 90))
    axes.set_xlabel("\n".join([_describe_interval(label or _measure(table), table), *_note_warnings(rows)]))
    return axes


def _write_count(axes: Axes, row: pd.Series, place: int) -> None:
    """Write how many quotes and articles stand behind a row to the right of it."""
    count = f"{count_of(row['quotes'], 'quote')}, {count_of(row['articles'], 'article')}"
    axes.annotate(count, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=9, color=GREY)


def _warns(warning: Any) -> bool:
    """Whether a cell holds a warning; an empty one comes back from a CSV file as NaN.

    >>> _warns("few articles (4)"), _warns(""), _warns(float("nan"))
    (True, False, False)
    """
    return bool(warning) and not (isinstance(warning, float) and math.isnan(warning))


def _note_warnings(rows: pd.DataFrame, such_as: str = "few articles, a lopsided sample, …") -> list[str]:
    """Say what a hollow point is, in a line of its own; no line where none is hollow."""
    doubtful = "warning" in rows and any(map(_warns, rows["warning"]))
    return [f"hollow: with a warning in the table ({such_as})"] if doubtful else []


def _describe_interval(label: str, table: pd.DataFrame) -> str:
    """Say what points and lines are.

    >>> _describe_interval("tone", pd.DataFrame())
    'tone, mean and 95 % interval'
    """
    return f"{_text(label)}, mean and {_level(table)} interval"


def _mark_cuts(
    axes: Axes,
    places: Iterable[Any],
    rows: pd.DataFrame,
    limits: tuple[float, float],
    *,
    colour: str = PALETTE[0],
    upright: bool = False,
) -> None:
    """Put an arrowhead on the frame where an interval goes on beyond it; `upright` for one drawn from low to high."""
    heads = "v^" if upright else "<>"
    for place, low, high in zip(places, rows["low"], rows["high"], strict=True):
        beyond = [(limits[0], heads[0])] * bool(low < limits[0]) + [(limits[1], heads[1])] * bool(high > limits[1])
        for limit, head in beyond:
            point = (place, limit) if upright else (limit, place)
            axes.plot(*([one] for one in point), head, color=colour, markersize=6, clip_on=False, zorder=4)


def _measure(table: pd.DataFrame) -> str:
    """Name what was compared, as the table remembers it."""
    return str(table.attrs.get("measure", "value")).replace("_", " ")


def _level(table: pd.DataFrame) -> str:
    """Write the coverage aimed at, for a label.

    >>> _level(pd.DataFrame())
    '95 %'
    """
    return f"{float(table.attrs.get('level', 0.95)) * 100:g} %"


@_styled
def plot_counts(table: pd.DataFrame, *, by: str | None = None, title: str = "") -> Any:
    """Draw articles and quotes as bars side by side, in the table's order; returns the two Axes."""
    name = _by(table, by)
    need_columns(table, [name, "articles", "quotes"])
    panels = _new_axes(8.0, 1.1 + 0.36 * len(table), columns=2, sharey=True)[0]
    for axes, counted, colour in zip(panels, ("articles", "quotes"), PALETTE, strict=False):
        numbers = table[counted].to_numpy()
        axes.barh(range(len(table)), numbers, color=colour, height=0.6)
        for place, number in enumerate(numbers):
            axes.annotate(f"{number:,}", (number, place), (5, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_xlim(0, max(numbers.max(initial=0), 1) * 1.2)
        axes.set_xticks([])
        axes.set_xlabel(counted)
        axes.spines["bottom"].set_visible(False)
    _name_rows(panels[0], list(table[name]))
    panels[1].tick_params(axis="y", length=0)
    panels[0].set_title(_text(title, 90))
    return panels


def plot_attrition(table: pd.DataFrame, *, title: str = "From articles to analysed quotes") -> Any:
    """Draw what is left after each step, in articles and in quotes (see `attrition.count_steps`)."""
    return plot_counts(table, by="step", title=title)


@_styled
def plot_over_time(
    table: pd.DataFrame,
    *,
    by: str | None = None,
    value: str = "mean",
    events: Sequence[tuple[str, str]] = (),
    label: str | None = None,
    title: str = "",
) -> Any:
    """Draw small multiples over time, one panel a speaker, on common axes; returns the Axes.

    `table` is `change.compare_over_time`'s. `events` are pairs of an ISO date and a name: numbered lines in every
    panel, their names below. The number of quotes stands beside each point. A hollow point has a warning in the table;
    a point without a line has no interval (one article); an arrowhead says that an interval goes on.
    """
    name = _by(table, by)
    need_columns(table, [name, value, "low", "high", "middle", "quotes"])
    names = sorted(table[name].unique(), key=lambda one: (-table.loc[table[name] == one, "quotes"].sum(), str(one)))
    height = 1.5 + 1.35 * len(names) + 0.16 * len(events)
    panels = _new_axes(8.0, height, rows=len(names), sharex=True, sharey=True)[:, 0]
    limits = _find_limits(table, value)
    for place, (axes, one) in enumerate(zip(panels, names, strict=True)):
        look = {"colour": PALETTE[place % len(PALETTE)], "marker": MARKERS[place % len(MARKERS)]}
        _draw_times(axes, table[table[name] == one], value, look, limits)
        _mark_events(axes, [when for when, _ in events], numbered=place == 0)
        axes.axhline(0, color=PALE, linewidth=1, zorder=0)
        axes.set_title(_text(one), fontsize=10, loc="right", pad=6 if place or not events else 14)
    panels[0].set_ylim(*limits)
    _set_heading(panels[0], title)
    listed = [f"{number} {_text(what, 60)} ({when})" for number, (when, what) in enumerate(events, start=1)]
    notes = ["number beside a point: quotes", *_note_warnings(table), *listed]
    panels[-1].set_xlabel("\n".join(notes), fontsize=8, loc="left")
    panels[-1].figure.supylabel(_describe_interval(label or _measure(table), table), fontsize=9)
    return panels


def _set_heading(axes: Axes, title: str) -> None:
    """Write the title of a figure of several panels."""
    if title:
        axes.figure.suptitle(_text(title, 90), x=0.01, ha="left", fontsize=12, fontweight="bold")


def _find_limits(table: pd.DataFrame, value: str) -> tuple[float, float]:
    """Choose limits that hold every point and all but the widest intervals, whose ends run off the panel.

    An interval over three times as wide as the median one says "not known"; drawn whole it would squeeze the others
    into dots. Nothing is shown beyond -1 and 1 of a measure that stays within.
    """
    points, low, high = (table[column].to_numpy(float) for column in (value, "low", "high"))
    points = points[np.isfinite(points)]
    width = high - low
    shown = width <= 3 * np.nanmedian(width) if np.isfinite(width).any() else np.zeros(len(width), bool)
    lowest, highest = min([*low[shown], *points, 0.0]), max([*high[shown], *points, 0.0])
    if len(points) and np.abs(points).max() <= 1:
        lowest, highest = max(lowest, -1.0), min(highest, 1.0)
    margin = 0.04 * max(highest - lowest, 1e-9)
    return lowest - margin, highest + margin


def _draw_times(
    axes: Axes, rows: pd.DataFrame, value: str, look: Mapping[str, str], limits: tuple[float, float]
) -> None:
    """Draw one speaker's points, larger for more quotes, with their intervals and numbers of quotes."""
    when = pd.to_datetime(rows["middle"]).to_numpy()
    known = np.isfinite(rows["low"].to_numpy(float))
    low, high = (rows[end].to_numpy(float)[known] for end in ("low", "high"))
    axes.vlines(when[known], low, high, color=look["colour"], linewidth=1.6)
    _mark_cuts(axes, when, rows, limits, colour=look["colour"], upright=True)
    sizes = 14 + 10 * np.sqrt(rows["quotes"].to_numpy(float))
    doubtful = rows["warning"].map(_warns).astype(bool) if "warning" in rows else np.zeros(len(rows), bool)
    faces = ["white" if one else look["colour"] for one in doubtful]
    axes.scatter(
        when, rows[value], s=sizes, marker=look["marker"], facecolors=faces, edgecolors=look["colour"], zorder=3
    )
    for day, height, quotes, size in zip(when, rows[value], rows["quotes"], sizes, strict=True):
        beside: Any = (np.sqrt(size) / 2 + 3, 0)
        axes.annotate(
            f"{quotes:,}", (day, height), beside, textcoords="offset points", va="center", fontsize=7.5, color=GREY
        )
    axes.margins(x=0.04)
    formatter: Any = matplotlib.dates.ConciseDateFormatter
    axes.xaxis.set_major_formatter(formatter(axes.xaxis.get_major_locator()))


def _mark_events(axes: Axes, dates: Sequence[str], *, numbered: bool) -> None:
    """Draw a dotted line at each event, with its number above the first panel."""
    for number, date in enumerate(dates, start=1):
        place: Any = pd.Timestamp(date).to_datetime64()
        axes.axvline(place, color=GREY, linewidth=1, linestyle=":", zorder=1)
        if numbered:
            axes.annotate(str(number), (place, 1.0), (0, 1), ("data", "axes fraction"), "offset points",
                          ha="center", va="bottom", fontsize=8, color=GREY)  # fmt: skip


@_styled
def plot_distinctive_words(
    table: pd.DataFrame,
    *,
    by: str | None = None,
    word: str = "word",
    value: str = "log_odds",
    most: int = 8,
    label: str = "log-odds against everybody else",
    title: str = "",
) -> Any:
    """Draw the words that set each speaker apart, strongest first, one panel a speaker; returns the Axes.

    `table` has one row a speaker and word, the surest first, with `low`, `high` and `p_adjusted`
    (`keyness.distinctive_words`). A point is hollow where that p is .05 or more: of so many words some stand out by
    chance.
    """
    name = _by(table, by)
    need_columns(table, [name, word, value, "low", "high", "p_adjusted"])
    names = list(dict.fromkeys(table[name]))
    across = min(3, max(len(names), 1))
    down = -(-len(names) // across)
    grid = _new_axes(3.0 * across + 0.6, 0.7 + (0.6 + 0.24 * most) * down, columns=across, rows=down, sharex=True)
    panels = grid.ravel()
    for place, (axes, one) in enumerate(zip(panels, names, strict=False)):
        rows = table[table[name] == one].head(most).sort_values([value, word], ascending=[False, True])
        look = {"colour": PALETTE[place % len(PALETTE)], "marker": MARKERS[place % len(MARKERS)]}
        for line, (_, row) in enumerate(rows.assign(warning=~(rows["p_adjusted"] < 0.05)).iterrows()):
            _draw_interval(axes, row, value, ("low", "high"), line, **look)
        _name_rows(axes, list(rows[word]))
        axes.axvline(0, color=PALE, linewidth=1, zorder=0)
        axes.set_title(_text(one), fontsize=10)
        axes.tick_params(labelbottom=True)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    described = f"{_text(label)}, {_level(table)} interval; hollow: p ≥ .05, adjusted for all words"
    panels[0].figure.supxlabel(described, fontsize=9)
    _set_heading(panels[0], title)
    return panels


@_styled
def plot_measures(
    table: pd.DataFrame,
    *,
    by: str | None = None,
    kind: str = "measure",
    value: str = "mean",
    label: str = "per 1,000 words",
    limits: tuple[float, float] | None = None,
    title: str = "",
) -> Any:
    """Draw several measures side by side, one panel a measure, the speakers in the table's order; returns the Axes.

    `table` has one row a speaker and `kind`, with `low` and `high`. Each panel has its own scale unless `limits` give
    one for all. Quotes and articles stand on the right where they are the same for all measures.
    """
    name = _by(table, by)
    need_columns(table, [name, kind, value, "low", "high"])
    kinds, names = list(dict.fromkeys(table[kind])), list(dict.fromkeys(table[name]))
    counts = _find_shared_counts(table, name)
    width, height = 1.6 + 2.1 * len(kinds) + 1.6 * bool(len(counts)), 1.6 + 0.32 * len(names)
    panels = _new_axes(width, height, columns=max(len(kinds), 1), sharey=True)[0]
    for place, (axes, one) in enumerate(zip(panels, kinds, strict=False)):
        rows = table[table[kind] == one]
        look = {"colour": PALETTE[place % len(PALETTE)], "marker": MARKERS[place % len(MARKERS)]}
        places = [names.index(each) for each in rows[name]]
        for line, (_, row) in zip(places, rows.iterrows(), strict=True):
            _draw_interval(axes, row, value, ("low", "high"), line, **look)
        ends = limits or _find_limits(rows, value)
        axes.set_xlim(*ends)
        _mark_cuts(axes, places, rows, ends, colour=look["colour"])
        axes.set_title(_text(str(one).replace("_", " ")), fontsize=10)
        axes.grid(axis="y", color=PALE, linewidth=0.6)
    _name_rows(panels[0], names)
    for _, row in counts.iterrows():
        _write_count(panels[-1], row, names.index(row[name]))
    _set_heading(panels[0], title)
    panels[0].figure.supxlabel("\n".join([_describe_interval(label, table), *_note_warnings(table)]), fontsize=9)
    return panels


def _find_shared_counts(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Find quotes and articles of each row of a figure where all panels have the same; no rows where they differ."""
    columns = [name, "quotes", "articles"]
    counts = table[columns].drop_duplicates() if set(columns) <= set(table) else table.head(0)
    return counts if counts[name].is_unique else counts.head(0)


def plot_framing(table: pd.DataFrame, *, by: str | None = None, kind: str = "cue_frame", title: str = "") -> Any:
    """Draw how speakers' words are introduced: the share of each kind of cue verb, one panel a kind.

    Quotes whose verb is on no list (`rhetoric.frame_cues`) are not in the shares.
    """
    label = "share of quotes with a listed verb"
    return plot_measures(table, by=by, kind=kind, label=label, limits=(-0.06, 1.06), title=title)


@_styled
def plot_naive_and_corrected(
    table: pd.DataFrame, *, by: str | None = None, label: str | None = None, title: str = "", axes: Axes | None = None
) -> Axes:
    """Draw each speaker's estimates by all methods one under the other: what the machine's errors do to a mean.

    `table` is `validation.correct_means`': one row a speaker and `method`, with `estimate`, `low`, `high`. A hollow
    point has a warning in the table; that of "naive" is that the machine's errors are not in its interval.
    """
    name = _by(table, by)
    need_columns(table, [name, "method", "estimate", "low", "high"])
    names, methods = list(dict.fromkeys(table[name])), list(dict.fromkeys(table["method"]))
    axes = axes if axes is not None else _new_axes(8.0, 1.2 + 0.2 * len(names) * (len(methods) + 1))[0, 0]
    for place, method in enumerate(methods):
        shift = (place - (len(methods) - 1) / 2) * 0.8 / max(len(methods), 1)
        look = {
            "colour": PALETTE[(place - 1) % len(PALETTE)] if place else GREY,
            "marker": MARKERS[place % len(MARKERS)],
        }
        for number, (_, row) in enumerate(table[table["method"] == method].iterrows()):
            text = {"label": _text(method)} if number == 0 else {}
            _draw_interval(axes, row, "estimate", ("low", "high"), names.index(row[name]) + shift, **look, **text)
    _name_rows(axes, names)
    axes.axvline(0, color=PALE, linewidth=1, zorder=0)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9)
    axes.set_title(_text(title, 90))
    notes = _note_warnings(table, "naive: the machine's errors are not in the interval")
    axes.set_xlabel("\n".join([_describe_interval(label or _measure(table), table), *notes]))
    return axes


@_styled
def plot_reliability(table: pd.DataFrame, *, title: str = "", axes: Axes | None = None) -> Axes:
    """Draw stated confidence against the share that was right; on the diagonal the machine knows what it knows.

    `table` is `validation.tabulate_reliability`'s.
    """
    need_columns(table, ["confidence", "right", "low", "high", "quotes"])
    axes = axes if axes is not None else _new_axes(5.0, 4.6)[0, 0]
    axes.plot([0, 1], [0, 1], color=PALE, linewidth=1.5, zorder=0)
    axes.vlines(table["confidence"], table["low"], table["high"], color=PALETTE[0], linewidth=2)
    axes.plot(table["confidence"], table["right"], "o", color=PALETTE[0], markersize=7)
    least = float(np.floor(10 * min(table["low"].min(), table["confidence"].min())) / 10)
    axes.set_xlim(least, 1.02)
    axes.set_ylim(least, 1.02)
    axes.set_xlabel(f"stated confidence ({int(table['quotes'].sum()):,} quotes in {len(table)} bins)")
    axes.set_ylabel(f"share with the right speaker, {_level(table)} interval")
    axes.set_title(_text(title, 90))
    return axes


@_styled
def plot_agreement(
    table: pd.DataFrame,
    *,
    first: str = "first",
    second: str = "second",
    value: str = "correlation",
    title: str = "",
    axes: Axes | None = None,
) -> Axes:
    """Draw how measures agree: one cell a pair, its number written in it, bold where the interval leaves out zero.

    `table` has one row a pair of measures, with `low` and `high`; correlations run from -1 (purple) to 1 (orange).

    >>> table = pd.DataFrame({"first": ["b"], "second": ["a"], "correlation": [0.5], "low": [0.2], "high": [0.7]})
    >>> [text.get_text() for text in plot_agreement(table).texts]
    ['0.50']
    """
    need_columns(table, [first, second, value, "low", "high"])
    columns, rows = list(dict.fromkeys(table[second])), list(dict.fromkeys(table[first]))
    axes = axes if axes is not None else _new_axes(3.0 + 0.52 * len(columns), 2.2 + 0.36 * len(rows))[0, 0]
    cells = np.full((len(rows), len(columns)), np.nan)
    for _, row in table.iterrows():
        place = rows.index(row[first]), columns.index(row[second])
        cells[place] = row[value]
        _write_cell(axes, place, row[value], sure=bool(row["low"] > 0 or row["high"] < 0))
    axes.pcolormesh(np.ma.masked_invalid(cells), cmap="PuOr_r", vmin=-1, vmax=1, edgecolors="white", linewidth=1)
    axes.set_xticks(np.arange(len(columns)) + 0.5, [_text(one) for one in columns], rotation=40, ha="right")
    axes.set_yticks(np.arange(len(rows)) + 0.5, [_text(one) for one in rows])
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(f"{_text(value)}; bold: the {_level(table)} interval leaves out zero", loc="left")
    axes.set_title(_text(title, 90))
    return axes


def _write_cell(axes: Axes, place: tuple[int, int], number: float, *, sure: bool) -> None:
    """Write a number into its cell, white on dark and black on light."""
    if np.isfinite(number):
        axes.text(
            place[1] + 0.5, place[0] + 0.5, f"{round(number, 2) + 0.0:.2f}", ha="center", va="center", fontsize=8,
            color="white" if abs(number) > 0.65 else "black", fontweight="bold" if sure else "normal",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFigure:
    """The files that belong to one figure; a notebook shows the image."""

    svg: Path
    png: Path
    csv: Path
    made: Path
    description: str = ""

    def _repr_html_(self) -> str:
        """Show the image in a notebook, with its description for those who cannot see it."""
        data = base64.b64encode(self.png.read_bytes()).decode()
        alt = html.escape(self.description or self.png.stem, quote=True)
        return f'<img alt="{alt}" src="data:image/png;base64,{data}">'

    def __repr__(self) -> str:
        """Name the files without the folder, which differs from machine to machine."""
        return f"SavedFigure({self.png.stem}: {', '.join(p.name for p in (self.svg, self.png, self.csv, self.made))})"


def save_figure(
    axes: Any,
    table: pd.DataFrame,
    stem: str,
    folder: str | Path,
    *,
    notebook: str = "",
    description: str = "",
) -> SavedFigure:
    """Write image (SVG and PNG), the table behind it (CSV) and how it was made (JSON), all byte for byte repeatable.

    `axes` is what a `plot_*` function returned; `description` says in words what the figure shows, for readers who
    cannot see it. No date, path or random identifier goes into any of the files.
    """
    if Path(stem).name != stem or stem in ("", ".", ".."):
        raise ValueError(f"stem is {stem!r}. Give a bare file name such as 02-tone-by-speaker.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    first = np.ravel(np.asarray(axes, dtype=object))[0]
    figure = first.figure
    paths = {kind: folder / f"{stem}.{kind}" for kind in ("svg", "png", "csv", "json")}
    facts = {
        "Date": None,
        "Creator": "On the Record",
        "Title": figure.get_suptitle() or first.get_title("left") or stem,
    }
    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        figure.savefig(paths["svg"], metadata={**facts, "Description": description or None})
        figure.savefig(paths["png"], metadata={"Software": None}, dpi=150)
    written = write_table(table, paths["csv"])
    paths["json"].write_text(_describe_making(table, stem, notebook, description, written), encoding="utf-8")
    return SavedFigure(
        svg=paths["svg"], png=paths["png"], csv=paths["csv"], made=paths["json"], description=description
    )


def write_table(table: pd.DataFrame, path: Path) -> str:
    """Write a figure's table as CSV with ten significant digits; returns the SHA-256 of what was written.

    Ten digits are more than any of these numbers means, and fewer than processors disagree about.
    """
    plain = table.copy()
    for column in plain.columns:
        if plain[column].dtype.kind == "f":
            plain[column] = [float(f"{number:.10g}") for number in plain[column]]
    storage.write_table(plain, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _describe_making(table: pd.DataFrame, stem: str, notebook: str, description: str, digest: str) -> str:
    """How a figure was made, as JSON with sorted keys."""
    facts = {
        "figure": stem,
        "notebook": notebook,
        "description": description,
        "table_rows": len(table),
        "table_sha256": digest,
        "made_with": {key: _jsonable(value) for key, value in sorted(table.attrs.items())},
        "versions": {
            "python": platform.python_version(),
            "matplotlib": matplotlib.__version__,
            "numpy": np.__version__,
            "pandas": pd.__version__,
        },
    }
    return json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _jsonable(value: Any) -> Any:
    """Turn a table's remembered facts into what JSON knows; floats to ten digits, like the table."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value if isinstance(value, (bool, int)) else str(value)
