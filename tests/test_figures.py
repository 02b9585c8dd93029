"""Figures: functions of a table, repeatable to the byte, readable without colour."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.image import imread

from research import figures
from research.figures import PALETTE, plot_forest, save_figure, write_table

NAMES = ["Ann Lee", "Bo $x$ <b>", "Čy\u202eDé"]


def forest_table() -> pd.DataFrame:
    table = pd.DataFrame({
        "speaker": NAMES, "mean": [0.1, -0.2, 0.0], "low": [0.0, -0.5, np.nan], "high": [0.2, 0.1, np.nan],
        "quotes": [30, 9, 1], "articles": [12, 4, 1], "warning": ["", "few articles (4)", "one article: no interval"],
        "quote_ids": [("a:1", "a:2"), ("b:1",), ("c:1",)],
    })  # fmt: skip
    table.attrs = {"by": "speaker", "measure": "tone", "level": 0.95, "seed": 1, "correlation": 1 / 3}
    return table


def time_table() -> pd.DataFrame:
    rows = [
        {"speaker": name, "middle": day, "mean": 0.1 * i, "low": 0.1 * i - 0.3, "high": 0.1 * i + 0.3, "quotes": 3 + i}
        for i, name in enumerate(NAMES)
        for day in ("2022-02-14", "2022-05-15", "2022-08-15")
    ]
    return pd.DataFrame(rows)


def long_table(column: str, values: list[str], value: str = "mean") -> pd.DataFrame:
    rows = [
        {"speaker": name, column: one, value: 0.1 * i + 0.2 * j, "low": 0.1 * i - 0.1, "high": 0.1 * i + 0.5}
        for i, name in enumerate(NAMES)
        for j, one in enumerate(values)
    ]
    return pd.DataFrame(rows)


def reliability_table() -> pd.DataFrame:
    share = np.array([0.7, 0.85, 0.95])
    return pd.DataFrame(
        {"confidence": share, "right": share - 0.02, "low": share - 0.1, "high": share + 0.04, "quotes": [30, 30, 30]}
    )


def agreement_table() -> pd.DataFrame:
    return pd.DataFrame({
        "first": [NAMES[1], NAMES[2], NAMES[2]], "second": [NAMES[0], NAMES[0], NAMES[1]],
        "correlation": [0.9, -0.004, np.nan], "low": [0.8, -0.4, np.nan], "high": [0.95, 0.1, np.nan],
    })  # fmt: skip


def words_table() -> pd.DataFrame:
    return long_table("word", ["x", "$y$"], "log_odds").assign(p_adjusted=0.2)


STEPS = pd.DataFrame({"step": ["read", "quotes found"], "articles": [10, 8], "quotes": [40, 40]})

PLOTS: dict[str, Callable[[], tuple[Any, pd.DataFrame]]] = {
    "forest": lambda: (plot_forest(forest_table(), title="Tone"), forest_table()),
    "attrition": lambda: (figures.plot_attrition(STEPS), STEPS),
    "time": lambda: (figures.plot_over_time(time_table(), events=[("2022-03-01", "An event")]), time_table()),
    "words": lambda: (figures.plot_distinctive_words(words_table(), title="W"), STEPS),
    "framing": lambda: (figures.plot_framing(long_table("cue_frame", ["neutral", "doubting"]), title="F"), STEPS),
    "corrected": lambda: (figures.plot_naive_and_corrected(long_table("method", ["naive", "dsl"], "estimate")), STEPS),
    "reliability": lambda: (figures.plot_reliability(reliability_table()), reliability_table()),
    "agreement": lambda: (figures.plot_agreement(agreement_table(), title="A"), agreement_table()),
}


@pytest.mark.parametrize("name", PLOTS)
def test_two_runs_write_the_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        axes, table = PLOTS[name]()
        save_figure(axes, table, name, tmp_path / folder, description="What it shows")
    for ending in ("svg", "png", "csv", "json"):
        one, two = ((tmp_path / folder / f"{name}.{ending}").read_bytes() for folder in ("one", "two"))
        assert one == two and len(one) >= 50


def test_another_process_with_other_settings_writes_the_same_bytes(tmp_path: Path) -> None:
    """Another hash seed, folder and matplotlib configuration: what a second machine would differ in."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); import matplotlib; matplotlib.rcParams['font.size'] = 30;"
        "import test_figures as t; a, b = t.PLOTS['forest'](); t.save_figure(a, b, 'forest', sys.argv[1])"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", script, str(tmp_path / seed), str(Path(__file__).parent)]
        subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parents[1])
    here = tmp_path / "here"
    save_figure(*PLOTS["forest"](), "forest", here)
    for ending in ("svg", "png", "csv", "json"):
        made = {(folder / f"forest.{ending}").read_bytes() for folder in (tmp_path / "1", tmp_path / "2", here)}
        assert len(made) == 1


@pytest.mark.parametrize("name", PLOTS)
def test_completion_from_articles_are_text_not_markup(name: str, tmp_path: Path) -> None:
    axes, table = PLOTS[name]()
    svg = save_figure(axes, table, name, tmp_path).svg.read_text(encoding="utf-8")
    assert "<b>" not in svg and "<script" not in svg and str(tmp_path) not in svg


def test_what_was_drawn_is_what_the_table_says() -> None:
    axes = plot_forest(forest_table())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Bo $x$ <b>", "Čy Dé", "Ann Lee"]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in points] == [-0.2, 0.0, 0.1]
    assert [line.get_markerfacecolor() == "white" for line in points] == [True, True, False]
    counts = [text.get_text() for text in axes.texts]
    assert counts[0] == "9 quotes, 4 articles" and "hollow" in axes.get_xlabel()


WIDE = {"low": [-0.1, -0.1, -0.1, -9.0], "high": [0.1, 0.1, 0.1, 9.0]}
"""Four intervals, the last far wider than the others: it is cut at the frame."""


def find_heads(axes: Axes) -> list[tuple[str, float, float]]:
    """Each arrowhead with its place: "<" and ">", or "v" and "^" for upright intervals."""
    lines = [line for line in axes.lines if line.get_marker() in ("<", ">", "v", "^") and not line.get_clip_on()]
    places = [(line.get_xdata(orig=False)[0], line.get_ydata(orig=False)[0]) for line in lines]
    return [(str(line.get_marker()), float(x), float(y)) for line, (x, y) in zip(lines, places, strict=True)]


def wide_table(**columns: Any) -> pd.DataFrame:
    table = pd.DataFrame({"speaker": list("abcd"), "mean": [0.0] * 4, **WIDE, "quotes": 9, "articles": 4})
    return table.assign(**columns)


def test_an_interval_that_is_cut_gets_arrowheads_that_leave_the_names_alone() -> None:
    axes = plot_forest(wide_table())
    assert [(head, y) for head, _, y in find_heads(axes)] == [("<", 3), (">", 3)]
    axes.figure.canvas.draw()  # type: ignore[attr-defined]
    reach = 3 * axes.figure.dpi / 72  # half an arrowhead of 6 points
    left = axes.transData.transform((find_heads(axes)[0][1], 3))[0] - reach
    assert axes.get_yticklabels()[3].get_window_extent().x1 < left


def test_an_interval_below_zero_is_drawn_whole_where_all_means_are_above() -> None:
    axes = plot_forest(wide_table(mean=0.05, low=-0.1, high=0.2))
    assert not find_heads(axes) and axes.get_xlim()[0] < -0.1


def test_an_interval_over_time_that_is_cut_gets_arrowheads() -> None:
    table = wide_table(speaker="a", middle=["2022-02-14", "2022-05-15", "2022-08-15", "2022-11-15"])
    heads = find_heads(figures.plot_over_time(table)[0])
    assert [head for head, _, _ in heads] == ["v", "^"]
    assert {day for _, day, _ in heads} == {float(matplotlib.dates.date2num(np.datetime64("2022-11-15")))}


def test_an_interval_of_a_measure_that_is_cut_gets_arrowheads() -> None:
    panel = figures.plot_measures(wide_table(measure="us"))[0]
    assert [(head, y) for head, _, y in find_heads(panel)] == [("<", 3), (">", 3)]


def test_points_over_time_are_hollow_where_the_table_warns_and_have_their_quotes_beside_them() -> None:
    warnings = ["", "few articles (4)", "", "one article: no interval", ""]
    panel = figures.plot_over_time(time_table().head(5).assign(speaker="a", warning=warnings))[0]
    faces = panel.collections[-1].get_facecolors()
    assert [bool((face == 1).all()) for face in faces] == [bool(warning) for warning in warnings]
    read_back = time_table().head(5).assign(speaker="a", warning=np.nan)
    assert "hollow" not in figures.plot_over_time(read_back)[0].get_xlabel()
    assert [text.get_text() for text in panel.texts] == ["3", "3", "3", "4", "4"]
    assert "hollow" in panel.get_xlabel() and "quotes" in panel.get_xlabel()
    sure = figures.plot_over_time(time_table().assign(warning="", low=np.nan, high=np.nan))[-1]
    assert "hollow" not in sure.get_xlabel() and (sure.collections[-1].get_facecolors() != 1).any()


def test_measures_say_what_lines_hollow_points_and_numbers_are() -> None:
    table = wide_table(measure="us", warning=["", "few articles (4)", "", ""])
    table.attrs = {"level": 0.9}
    panels = figures.plot_measures(table)
    note = panels[0].figure.get_supxlabel()
    assert "per 1,000 words, mean and 90 % interval" in note and "hollow" in note and "below" not in note
    assert [text.get_text() for text in panels[-1].texts] == ["9 quotes, 4 articles"] * 4
    assert "hollow" not in figures.plot_measures(table.drop(columns="warning"))[0].figure.get_supxlabel()
    other = pd.concat([table, table.assign(measure="them", quotes=8)])
    assert not figures.plot_measures(other)[-1].texts
    framing = figures.plot_framing(table.assign(cue_frame="neutral"))[0]
    assert "share of quotes with a listed verb" in framing.figure.get_supxlabel()


def test_a_word_that_chance_may_have_picked_is_hollow() -> None:
    ends = {"log_odds": [2.0, 1.0], "low": [0.5, 0.1], "high": [3.0, 2.0], "p_adjusted": [0.01, 0.4]}
    table = pd.DataFrame({"speaker": "a", "word": ["x", "y"], **ends})
    panel = figures.plot_distinctive_words(table)[0]
    points = [line for line in panel.lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() == "white" for line in points] == [False, True]
    assert "hollow: p ≥ .05, adjusted for all words" in panel.figure.get_supxlabel()


def test_corrected_means_are_hollow_where_the_table_warns() -> None:
    table = long_table("method", ["naive", "dsl"], "estimate").assign(warning=["errors", ""] * 3)
    axes = figures.plot_naive_and_corrected(table)
    points = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    assert [line.get_markerfacecolor() == "white" for line in points] == [True] * 3 + [False] * 3
    assert "hollow" in axes.get_xlabel()


def test_one_is_singular() -> None:
    written = [text.get_text() for text in plot_forest(forest_table()).texts]
    assert "1 quote, 1 article" in written and "30 quotes, 12 articles" in written


def test_agreement_writes_each_known_number_into_its_cell() -> None:
    axes = figures.plot_agreement(agreement_table())
    written = {text.get_position(): (text.get_text(), text.get_fontweight()) for text in axes.texts}
    assert written == {(0.5, 0.5): ("0.90", "bold"), (0.5, 1.5): ("0.00", "normal")}
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Bo $x$ <b>", "Čy Dé"]
    assert axes.yaxis_inverted()


def test_the_table_goes_with_the_figure(tmp_path: Path) -> None:
    saved = save_figure(plot_forest(forest_table()), forest_table(), "f", tmp_path, notebook="02", description="Words")
    made = json.loads(saved.made.read_text(encoding="utf-8"))
    assert made["made_with"]["correlation"] == 0.3333333333 and made["notebook"] == "02"
    assert made["table_rows"] == 3 and made["description"] == "Words"
    table = figures.storage.read_table(saved.csv)
    assert json.loads(table["quote_ids"][0]) == ["a:1", "a:2"]
    assert table["mean"].tolist() == [0.1, -0.2, 0.0]
    assert saved._repr_html_().startswith('<img alt="Words" src="data:image/png;base64,iVBOR')
    assert str(tmp_path) not in repr(saved)


def test_tables_keep_ten_digits(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"x": [1 / 3, 0.1 + 0.2]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "x\n0.3333333333\n0.3\n"


@pytest.mark.parametrize("stem", ["", "..", "a/b", "/etc/x"])
def test_a_stem_is_a_bare_name(stem: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bare file name"):
        save_figure(plot_forest(forest_table()), forest_table(), stem, tmp_path)


def test_a_plot_says_which_columns_it_misses() -> None:
    with pytest.raises(KeyError, match="no column quotes, articles"):
        plot_forest(forest_table().drop(columns=["quotes", "articles"]))


def luminance(colour: str) -> float:
    red, green, blue = matplotlib.colors.to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_series_differ_in_marker_and_neighbours_in_grey() -> None:
    assert len(set(figures.MARKERS)) == len(figures.MARKERS) == len(PALETTE) == len(set(PALETTE))
    greys = [luminance(colour) for colour in PALETTE]
    assert min(abs(a - b) for a, b in itertools.pairwise(greys)) >= 0.12


def test_the_image_is_neither_empty_nor_cut_off(tmp_path: Path) -> None:
    image = imread(save_figure(plot_forest(forest_table(), title="T"), forest_table(), "f", tmp_path).png)[..., :3]
    assert (image < 0.5).any()
    for edge in (image[0], image[-1], image[:, 0], image[:, -1]):
        assert (edge > 0.99).all()


def test_plots_leave_the_sessions_settings_alone() -> None:
    before = dict(matplotlib.rcParams)
    for make in PLOTS.values():
        make()
    assert dict(matplotlib.rcParams) == before
