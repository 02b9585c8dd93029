"""The columns of a quotes table that are compared: whether they are there, what they measure, how much rows weigh."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from research.clustering import Array


def need_columns(table: pd.DataFrame, columns: Iterable[str]) -> None:
    """Say which columns are missing, all at once."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise KeyError(f"the table has no column {', '.join(missing)}. It has: {', '.join(map(str, table.columns))}.")


def is_yes_no(column: pd.Series) -> bool:
    """Tell a yes/no measure: true and false, or numbers that are all 0 or 1 and not all the same.

    Nothing but zeros may as well be a count that nobody reaches, whose mean is no share.

    >>> is_yes_no(pd.Series([False, False])), is_yes_no(pd.Series([0, 1])), is_yes_no(pd.Series([0, 0]))
    (True, True, False)
    """
    if pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return True
    return set(pd.to_numeric(column, errors="coerce").dropna().unique()) == {0, 1}


def is_hit_rate(name: str, column: pd.Series) -> bool:
    """Tell a rate of hits: a measure named so, as `rhetoric` names them, without a negative number.

    >>> is_hit_rate("us_per_1000_words", pd.Series([0.0, 40.0])), is_hit_rate("tone", pd.Series([0.0, 0.4]))
    (True, False)
    """
    return name.endswith("_per_1000_words") and not (pd.to_numeric(column, errors="coerce") < 0).any()


def find_weights(rows: pd.DataFrame, column: str | None) -> Array:
    """Take weights from a column; they must be above 0, since a quote that counts for nothing is no observation."""
    weights = np.ones(len(rows)) if column is None else rows[column].to_numpy(float)
    if not (weights > 0).all():
        raise ValueError(f"{int((~(weights > 0)).sum())} rows have a {column} of 0 or less. Leave them out first.")
    return weights


def mark_flags(quotes: pd.DataFrame) -> pd.DataFrame:
    """Turn the words of `flags` into yes/no columns `flag_…`, to be used as covariates.

    >>> mark_flags(pd.DataFrame({"flags": ["inserted fragment", ""]}))["flag_inserted"].tolist()
    [True, False]
    """
    need_columns(quotes, ["flags"])
    words = [set(str(flags).split()) for flags in quotes["flags"].fillna("")]
    known = sorted(set().union(*words))
    return quotes.assign(**{f"flag_{flag.replace('-', '_')}": [flag in row for row in words] for flag in known})
