"""The rows of a quotes table that can be compared, as arrays, and their sums by article and speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.clustering import Array, Cells, correlate
from research.columns import find_weights, is_hit_rate, is_yes_no, need_columns
from research.design import DEFAULT, Design
from research.variants import merge_copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The rows of a quotes table that can be analysed, as arrays: value, weight, speaker and clusters as codes.

    Rows are sorted by speaker; `starts` says where each speaker's begin, and last where they all end. `rate`: the
    measure is yes/no; `hits`: it is hits per 1,000 words. `correlation`: what `estimate_correlation` gives for all
    speakers together.
    """

    rows: pd.DataFrame
    measure: str
    by: str
    names: tuple[Any, ...]
    group: NDArray[np.intp]
    starts: NDArray[np.intp]
    clusters: tuple[NDArray[np.intp], ...]
    value: Array
    weight: Array
    rate: bool
    hits: bool
    correlation: Array

    def cells(self, places: Sequence[int] | None = None, dimension: int = 0) -> Cells:
        """Sum by cluster and speaker, for some speakers and the clusters they are in.

        `dimension` is which clusters; the last of several is their intersection. All speakers of a large corpus at
        once would be a table of articles times speakers; one or two at a time are small.
        """
        places = range(len(self.names)) if places is None else places
        rows = np.concatenate([np.arange(self.starts[g], self.starts[g + 1]) for g in places] or [np.arange(0)])
        codes = np.unique(self.clusters[dimension][rows], return_inverse=True)[1]
        columns = np.repeat(np.arange(len(places)), [self.starts[g + 1] - self.starts[g] for g in places])
        shape = (int(codes.max(initial=-1)) + 1, len(places))
        target = codes * shape[1] + columns

        def gather(amount: Array) -> Array:
            sums = np.bincount(target, amount, minlength=shape[0] * shape[1])
            return sums.astype(float).reshape(shape)

        w, y = self.weight[rows], self.value[rows]
        return Cells(
            weight=gather(w),
            squared_weight=gather(w * w),
            total=gather(w * y),
            count=gather(np.ones_like(w)),
            sum=gather(y),
            square=gather(y * y),
        )


def prepare_sample(
    quotes: pd.DataFrame, measure: str, by: str = "speaker", design: Design = DEFAULT, *, speaker: str | None = None
) -> Sample:
    """Keep the rows with a speaker, a measure and a cluster, in an order that doesn't depend on the table's.

    Sorting makes sums the same to the last digit whatever order the rows arrive in. `speaker` is the column within
    which copies of a quotation are merged, `by` unless `by` parts a speaker's quotes (in time, for instance).
    """
    columns = [measure, by, *design.cluster, *([design.weight] if design.weight else [])]
    need_columns(quotes, columns)
    rows = quotes.assign(**{measure: pd.to_numeric(quotes[measure], errors="coerce").astype(float)})
    rows = rows[rows[columns].notna().all(axis=1) & np.isfinite(rows[measure])]
    hits = is_hit_rate(measure, rows[measure])
    rate = is_yes_no(quotes.loc[rows.index, measure]) and not hits
    if design.unit == "quote":
        rows = merge_copies(rows, measure, speaker or by, design.weight)
    order = [by, *design.cluster, *(c for c in ("quote_id",) if c in rows), measure]
    rows = rows.sort_values(order, kind="stable").reset_index(drop=True)
    group, names = pd.factorize(rows[by], sort=True)
    keys = [pd.factorize(rows[column], sort=True)[0] for column in design.cluster]
    if len(keys) == 2:
        keys.append(pd.factorize(pd.Series(list(zip(*keys, strict=True))))[0])
    value = rows[measure].to_numpy(float)
    return Sample(
        rows=rows,
        measure=measure,
        by=by,
        names=tuple(names),
        group=group,
        starts=np.searchsorted(group, np.arange(len(names) + 1)),
        clusters=tuple(keys),
        value=value,
        weight=weigh_rows(rows, by, design.unit) * find_weights(rows, design.weight),
        rate=rate,
        hits=hits,
        correlation=correlate(keys[0], group, value),
    )


def weigh_rows(rows: pd.DataFrame, by: str, unit: str) -> Array:
    """Weights that let each unit count once for its speaker (see `Design.unit`); `merge_copies` left one quote each."""
    if unit in ("occurrence", "quote"):
        return np.ones(len(rows))
    need_columns(rows, [unit])
    key = rows[unit].astype(object).where(rows[unit].notna(), "not given")
    sizes = pd.DataFrame({"speaker": rows[by], "key": key}).groupby(["speaker", "key"])["key"].transform("size")
    return np.asarray(1.0 / sizes.to_numpy(float))


def find_quote_ids(sample: Sample, place: int) -> tuple[str, ...]:
    """List the quotes behind a speaker's numbers, every copy too, so that they can be followed to the words."""
    rows = sample.rows.iloc[sample.starts[place] : sample.starts[place + 1]]
    if "occurrences" in rows:
        return tuple(str(one) for ids in rows["occurrences"] for one in ids)
    return tuple(rows["quote_id"].astype(str)) if "quote_id" in rows else ()
