"""Speakers over time: periods side by side, before and after a day, and the day on which most changed.

With `Design(unit="quote")` a quotation counts once, on the day it was printed first, however long it goes on being
cited: copies are merged before time is parted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.clustering import (
    Adjustment,
    Array,
    Cells,
    Codes,
    Estimate,
    adjust_p_values,
    estimate_effective_quotes,
    map_cells,
    studentise,
)
from research.columns import need_columns
from research.comparison import FEW_ARTICLES, PAIR_COLUMNS, compare_pair, describe_design, estimate_singles, tabulate
from research.design import DEFAULT, Design, refuse_design
from research.regression import fit_clustered
from research.sample import Sample, find_quote_ids, prepare_sample


def _date_rows(quotes: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows with a date, as a timestamp column `when`; the day is all that news articles give."""
    need_columns(quotes, ["date"])
    when = pd.to_datetime(quotes["date"], errors="coerce", format="ISO8601")
    if not when.notna().any():
        raise ValueError("no quote has a date that can be read. Give articles with dates, written as 2021-04-03.")
    return quotes.assign(when=when)[when.notna()]


def _sample_parts(quotes: pd.DataFrame, measure: str, by: str, part: pd.Series, design: Design) -> Sample:
    """Treat each speaker in each part of time as a speaker, named "speaker, tab, part"."""
    names = [None if pd.isna(name) else f"{name}\t{label}" for name, label in zip(quotes[by], part, strict=True)]
    group = pd.Series(names, index=quotes.index, dtype=object)
    return prepare_sample(quotes.assign(part=group), measure, "part", design, speaker=by)


def compare_over_time(
    quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", *, period: str = "Q", design: Design = DEFAULT
) -> pd.DataFrame:
    """Compare each speaker's means by month, quarter, half-year or year ("M", "Q", "H", "Y"), for small multiples.

    Columns as in `compare`, with `period`, and `middle`, the day in its middle. Quotes without a date are left out:
    `attrs` has `quotes_given` and `quotes_used`. ValueError where none has a date.
    """
    dated = _date_rows(quotes)
    spans = find_periods(dated["when"], period)
    table = tabulate(quotes, _sample_parts(dated, measure, by, spans["period"], design), design)
    split = table["part"].astype(str).str.rsplit("\t", n=1)
    middle = split.str[1].map(dict(zip(spans["period"], spans["middle"], strict=True)))
    attrs = table.attrs | {"by": by, "period": period}
    first = pd.DataFrame({by: split.str[0], "period": split.str[1], "middle": middle})
    table = pd.concat([first, table.drop(columns="part")], axis=1).sort_values([by, "middle"], ignore_index=True)
    table.attrs = attrs
    return table


def find_periods(when: pd.Series, period: str) -> pd.DataFrame:
    """Name the period each day is in, and the day in its middle.

    >>> find_periods(pd.Series(pd.to_datetime(["2022-05-01"])), "H").to_dict("records")
    [{'period': '2022H1', 'middle': '2022-04-02'}]
    """
    months = {"M": 1, "Q": 3, "H": 6, "Y": 12}.get(period)
    if months is None:
        raise ValueError(f'period is {period!r}. Use "M", "Q", "H" or "Y".')
    number = (when.dt.month - 1) // months
    start = pd.to_datetime({"year": when.dt.year, "month": number * months + 1, "day": 1})
    middle = start + pd.to_timedelta(months * 365.25 / 24, unit="D")
    year = when.dt.year.astype(str)
    name = (
        year
        if period == "Y"
        else year + ("-" if period == "M" else period) + (number + 1).astype(str).str.zfill(2 if period == "M" else 1)
    )
    return pd.DataFrame({"period": name, "middle": middle.dt.strftime("%Y-%m-%d")})


def compare_periods(
    quotes: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    *,
    at: str,
    adjust: Adjustment = "holm",
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Compare each speaker after the day `at` (it included) with before; one row a speaker heard on both sides.

    A difference is not an effect of what happened that day: who is quoted, and on what, changes too.
    """
    dated = _date_rows(quotes)
    side = pd.Series(np.where(dated["when"] >= pd.Timestamp(at), "after", "before"), index=dated.index)
    sample = _sample_parts(dated, measure, by, side, design)
    singles = estimate_singles(sample, design)
    speakers = sorted({name.rsplit("\t", 1)[0] for name in sample.names})
    pairs = [(f"{name}\tafter", f"{name}\tbefore") for name in speakers]
    pairs = [pair for pair in pairs if set(pair) <= set(sample.names)]
    rows = [compare_pair(sample, pair, singles, "t", design) for pair in pairs]
    renamed = [column.replace("first", "after").replace("second", "before") for column in PAIR_COLUMNS]
    table = pd.DataFrame(rows, columns=renamed).drop(columns=["before", "shared_articles"])
    table = table.rename(columns={"after": by}).assign(**{by: [pair[0].rsplit("\t", 1)[0] for pair in pairs]})
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(float), adjust)
    table.attrs = describe_design(quotes, sample, design) | {"by": by, "at": at, "adjust": adjust}
    return table


def fit_break(
    quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", *, at: str, design: Design = DEFAULT
) -> pd.DataFrame:
    """Fit for each speaker a line over time that may jump and bend on the day `at`: interrupted time series.

    Terms: `level` (just before the day), `trend` (a year, before), `jump` (on the day), `bend` (change of trend a
    year). CR2 intervals clustered by article. Bernal, Cummins & Gasparrini (2017), International Journal of
    Epidemiology 46. Speakers with fewer than four articles on either side are left out: they cannot tell a jump from
    a bend. Nor can articles of one day: a term that the days do not tell is NaN, one that a single article decides
    has no interval, and `warning` says so. ValueError for two kinds of clusters or bootstrap intervals.
    """
    refuse_design(design, "fit_break")
    dated = _date_rows(quotes)
    dated = dated.assign(years=(dated["when"] - pd.Timestamp(at)).dt.days / 365.25)
    tables, used = [], 0
    for name, rows in dated[dated[by].notna()].groupby(by, sort=True):
        sample = prepare_sample(rows, measure, by, design)
        years = sample.rows["years"].to_numpy(float)
        articles = [sample.rows.loc[side, "doc_id"].nunique() for side in (years < 0, years >= 0)]
        if min(articles) < 4:
            continue
        used += len(sample.rows)
        after = (years >= 0).astype(float)
        columns = np.column_stack([np.ones_like(years), years, after, after * years])
        fitted = fit_clustered(columns, sample, np.eye(4))
        warning = _warn_of_break(min(articles), fitted)
        facts = {by: name, "measure": measure, **_count_sample(sample), "warning": warning}
        table = _term_table(facts, BREAK_TERMS, fitted, design)
        tables.append(table.assign(quote_ids=[find_quote_ids(sample, 0)] * len(table)))
    if not tables:
        raise ValueError(f"no {by} has four articles before {at} and four after. Choose another day.")
    result = pd.concat(tables, ignore_index=True)
    result.attrs = describe_design(quotes, sample, design) | {"at": at, "quotes_used": used}
    return result


BREAK_TERMS = ("level", "trend", "jump", "bend")


def _warn_of_break(articles: int, fitted: Estimate) -> str:
    """Say what a reader should know before believing a line with a break; "" if nothing."""
    reasons = [f"few articles ({articles} on one side)"] * (articles < FEW_ARTICLES)
    untold = [term for term, value in zip(BREAK_TERMS, fitted.value, strict=True) if np.isnan(value)]
    alone = [
        term
        for term, value, se in zip(BREAK_TERMS, fitted.value, fitted.se, strict=True)
        if np.isnan(se) and not np.isnan(value)
    ]
    reasons += [f"too few days to tell {' and '.join(untold)}"] * bool(untold)
    reasons += [f"no interval of {' and '.join(alone)}: rests on one article, or no article differs"] * bool(alone)
    return "; ".join(reasons)


def _count_sample(sample: Sample) -> dict[str, Any]:
    """How much there is of a sample of one speaker: quotes, articles, and as how many independent quotes they count."""
    effective = estimate_effective_quotes(sample.cells(), sample.correlation)[0]
    articles = sample.rows["doc_id"].nunique()
    return {"quotes": len(sample.rows), "articles": int(articles), "effective_quotes": float(effective)}


def _term_table(labels: dict[str, Any], terms: Sequence[str], fitted: Estimate, design: Design) -> pd.DataFrame:
    """Lay out the terms of a regression, one a row."""
    low, high = fitted.interval(design.level)
    facts = {"estimate": fitted.value, "se": fitted.se, "low": low, "high": high}
    freedom = {"degrees_of_freedom": fitted.degrees_of_freedom, "p": fitted.p}
    return pd.DataFrame({**{k: [v] * len(terms) for k, v in labels.items()}, "term": list(terms), **facts, **freedom})


def find_break(
    quotes: pd.DataFrame, measure: str = "tone", *, margin: float = 0.15, design: Design = DEFAULT
) -> pd.DataFrame:
    """Look for the day on which a mean changed most, and ask how often chance alone does as well.

    Every day that leaves `margin` of the articles on both sides is tried, and the largest studentised difference is
    compared with its distribution when the days are shuffled, each with all its articles: trying many days is paid
    for, and so is the news that articles of one day share (sup-test, Andrews 1993, Econometrica 61; permutation
    version). Days are taken to be exchangeable: news that lasts for weeks can still pass for a break. One row: `at`,
    `difference`, `statistic`, `p`, and which days were tried: no break before `first_tried` or after `last_tried` can
    be found. ValueError for two kinds of clusters, and for clusters of several days.
    """
    refuse_design(design, "find_break", bootstrap=True)
    dated = _date_rows(quotes).assign(everybody="all")
    sample = prepare_sample(dated, measure, "everybody", design)
    cells, (when, day) = sample.cells(), np.unique(_date_clusters(sample, design), return_inverse=True)
    order, edges = _order_days(day, np.arange(len(when)), margin)
    if not len(edges):
        raise ValueError(f"{len(order)} articles leave no day to try. Give more articles, or a smaller margin.")
    observed = _split_statistics(cells, order, edges)
    random = np.random.default_rng(design.seed)
    shuffled = (_order_days(day, random.permutation(len(when)), margin) for _ in range(design.draws))
    best = [_split_statistics(cells, *days).max(initial=0) for days in shuffled]
    at = edges[int(observed.argmax())]
    means = _split(cells, order, [at]).means[0]
    p = (1 + sum(float(value) >= observed.max() - 1e-9 for value in best)) / (1 + design.draws)
    days = when[day[order[[at, edges[0], edges[-1]]]]]
    found, first, last = (pd.Timestamp(each).strftime("%Y-%m-%d") for each in days)
    row = {"at": found, "difference": means[1] - means[0], "statistic": observed.max(), "p": p}
    tried = {"days_tried": len(edges), "first_tried": first, "last_tried": last}
    facts = {**_count_sample(sample), "quote_ids": find_quote_ids(sample, 0)}
    table = pd.DataFrame([{**row, **tried, **facts}])
    table.attrs = describe_design(quotes, sample, design) | {"by": None, "margin": margin}
    return table


def _date_clusters(sample: Sample, design: Design) -> NDArray[np.datetime64]:
    """Find the day of each cluster (articles, mostly), in the order of the sample's cells; several are refused."""
    column = design.cluster[0]
    days = sample.rows["when"].dt.normalize().groupby(sample.rows[column], sort=True)
    several = int((days.nunique() > 1).sum())
    if several:
        raise ValueError(f"find_break shuffles days, and {several} {column}s have several. Cluster by doc_id or date.")
    return np.asarray(days.first())


def _order_days(day: Codes, rank: Codes, margin: float) -> tuple[Codes, Codes]:
    """Put articles in the order of their days' ranks, and find the places between two days that leave the margin."""
    order = np.argsort(rank[day], kind="stable")
    edges = np.flatnonzero(np.diff(rank[day[order]])) + 1
    return order, edges[(margin * len(order) <= edges) & (edges <= (1 - margin) * len(order))]


def _split(cells: Cells, order: Codes, edges: Sequence[int] | Codes) -> Cells:
    """Divide articles in order into before and after, one replicate an edge."""
    later = np.empty((len(edges), len(order)), bool)
    later[:, order] = np.arange(len(order)) >= np.asarray(edges)[:, None]
    return map_cells(cells, lambda array: np.stack([array[:, 0] * ~later, array[:, 0] * later], -1))


def _split_statistics(cells: Cells, order: Codes, edges: Codes) -> Array:
    """Compute the studentised difference at every edge."""
    return studentise(_split(cells, order, edges), np.array([-1.0, 1.0]))
