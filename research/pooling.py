"""Many speakers at once: means and standard errors that rest on little are pulled toward what all have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import digamma, polygamma, stdtrit

from research.clustering import Array


def pool_speakers(table: pd.DataFrame) -> pd.DataFrame:
    """Pull each mean toward the common mean, the more the less is known of it: parametric empirical Bayes.

    With dozens of rarely quoted speakers the extremes are mostly noise, and so are the standard errors of those in two
    or three articles: these are pulled toward the pooled error first (`smooth_variances`), by the `degrees_of_freedom`
    and `effective_quotes` of the table (where it has none, `se` is taken as known). The variance between speakers is
    estimated by Paule and Mandel's method; intervals carry Morris's correction for having estimated it, and are t
    intervals of the table's level. Morris (1983), Journal of the American Statistical Association 78; Paule & Mandel
    (1982). Adds `pooled`, `pooled_low`, `pooled_high` and `own_weight` (1: the speaker's own mean stands; 0: the
    common mean). A speaker with one article gets NaN.

    >>> table = pd.DataFrame({"mean": [0.0, 0.1, 0.9, 1.0], "se": [0.1, 0.1, 0.1, 0.6]})
    >>> pool_speakers(table)["pooled"].round(2).tolist()
    [0.01, 0.1, 0.89, 0.87]
    """
    mean, variance = table["mean"].to_numpy(float), table["se"].to_numpy(float) ** 2
    known = np.isfinite(variance) & (variance > 0)
    count = int(known.sum())
    if count < 3:
        raise ValueError(f"{count} speakers have an interval. Pooling needs at least 3.")
    variance[known], freedom = _smooth_errors(table[known], variance[known])
    between = estimate_between(mean[known], variance[known])
    weight = np.where(known, 1 / np.where(known, between + variance, 1), 0)
    common = float((weight[known] * mean[known]).sum() / weight.sum())
    own = 1 - (max(count - 3, 1) / (count - 1)) * variance / (between + variance)
    correction = 2 / max(count - 3, 1) * (1 - own) ** 2 * (mean - common) ** 2
    spread = np.sqrt(variance * (1 - (count - 1) / count * (1 - own)) + correction)
    reach = np.zeros(len(mean))
    reach[known] = stdtrit(freedom, 0.5 + table.attrs.get("level", 0.95) / 2) * spread[known]
    pooled = common + own * (mean - common)
    added = {"pooled": pooled, "pooled_low": pooled - reach, "pooled_high": pooled + reach, "own_weight": own}
    result = table.assign(**{name: np.where(known, value, np.nan) for name, value in added.items()})
    result.attrs = table.attrs | {"common_mean": common, "between_variance": between}
    return result


def _smooth_errors(table: pd.DataFrame, variance: Array) -> tuple[Array, Array]:
    """Pull squared standard errors together, as of one quote each, and give the degrees of freedom they then have."""
    if "degrees_of_freedom" not in table:
        return variance, np.full(len(variance), 1e6)
    number = table["effective_quotes"].to_numpy(float) if "effective_quotes" in table else np.ones(len(table))
    smoothed, freedom = smooth_variances(variance * number, table["degrees_of_freedom"].to_numpy(float))
    return smoothed / number, freedom


def smooth_variances(variance: Array, freedom: Array) -> tuple[Array, Array]:
    """Pull variances toward their pooled value, each the more the fewer its degrees of freedom; shape (speakers,).

    The pooled variance counts as so many degrees of freedom as the variances' spread leaves over what chance explains
    (at most 1e6: it explains all). Gives the variances and their degrees of freedom. Smyth (2004), Statistical
    Applications in Genetics and Molecular Biology 3.

    >>> smoothed, freedom = smooth_variances(np.array([1.0, 4.0, 2.0]), np.array([1.0, 1.0, 30.0]))
    >>> smoothed.round(2).tolist()
    [2.03, 2.03, 2.03]
    """
    pooled = float((freedom * variance).sum() / freedom.sum())
    log = np.log(variance) - digamma(freedom / 2) + np.log(freedom / 2)
    centre = (freedom * log).sum() / freedom.sum()
    spread = (log - centre) ** 2 * len(log) / (len(log) - 1) - polygamma(1, freedom / 2)
    excess = float((freedom * spread).sum() / freedom.sum())
    prior = 1e6
    if excess > polygamma(1, prior / 2):
        prior = float(brentq(lambda number: polygamma(1, number / 2) - excess, 1e-3, 1e6))
    return (prior * pooled + freedom * variance) / (prior + freedom), prior + freedom


def estimate_between(mean: Array, variance: Array) -> float:
    """Variance between speakers' true means: the τ² at which the weighted squares equal their expectation.

    Paule & Mandel (1982), Journal of Research of the National Bureau of Standards 87. 0 if speakers differ no more
    than their errors. Solved by bisection, to about 1e-12 of the range.
    """

    def excess(between: float) -> float:
        weight = 1 / (between + variance)
        centre = (weight * mean).sum() / weight.sum()
        return float((weight * (mean - centre) ** 2).sum() - (len(mean) - 1))

    low, high = 0.0, float(np.var(mean) * len(mean) + 1e-12)
    if excess(low) <= 0:
        return 0.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2
