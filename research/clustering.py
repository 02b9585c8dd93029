"""Standard errors for quotes that come in articles: everything is computed from sums by article and speaker.

Leading axes are replicates, so that simulations run the very code that makes the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtri, stdtr, stdtrit

Array = NDArray[np.float64]

Codes = NDArray[np.intp]

Adjustment = Literal["holm", "bh", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Sums by article and speaker; arrays of shape (..., articles, speakers), leading axes being replicates.

    `weight` is Σw, `squared_weight` Σw², `total` Σwy; `count`, `sum` and `square` are the unweighted n, Σy and Σy²,
    from which the correlation within articles is estimated. An article in which a speaker is silent has weight 0.
    """

    weight: Array
    squared_weight: Array
    total: Array
    count: Array
    sum: Array
    square: Array

    @property
    def share(self) -> Array:
        """Each article's share of its speaker's weight: the leverage of a cluster on a mean."""
        return divide(self.weight, self.weight.sum(-2, keepdims=True))

    @property
    def means(self) -> Array:
        """The weighted mean of each speaker, shape (..., speakers)."""
        return divide(self.total.sum(-2), self.weight.sum(-2), empty=np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A contrast of means: value, standard error and Satterthwaite degrees of freedom, shape (...)."""

    value: Array
    se: Array
    degrees_of_freedom: Array

    def interval(self, level: float) -> tuple[Array, Array]:
        """Give both ends of the t interval; NaN where a single article leaves nothing to estimate from."""
        reach = stdtrit(self.degrees_of_freedom, 0.5 + level / 2) * self.se
        return self.value - reach, self.value + reach

    @property
    def p(self) -> Array:
        """Two-sided p against a contrast of 0."""
        return np.asarray(2 * stdtr(self.degrees_of_freedom, -np.abs(divide(self.value, self.se, empty=np.nan))))


def divide(above: ArrayLike, below: ArrayLike, empty: float = 0.0) -> Array:
    """Divide, with `empty` wherever the divisor is 0."""
    above, below = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    return np.asarray(np.divide(above, below, out=np.full(above.shape, empty), where=below != 0))


def estimate_correlation(cells: Cells) -> Array:
    """Correlation of two quotes of one speaker in one article: one-way ANOVA estimator, in [0, 1], shape (...).

    Each speaker's quotes in an article are a group, and groups are compared within speakers, so that neither many
    speakers nor differences between them look like correlation. NaN where that cannot be told: no group of two
    quotes, no speaker in two articles, or no variation at all. Used only to weigh articles (degrees of freedom,
    effective size), never for the error. Donner, A. (1986). A review of inference procedures for the intraclass
    correlation coefficient. International Statistical Review 54.
    """
    number, groups = cells.count.sum(-2), (cells.count > 0).sum((-2, -1))
    centre = divide(cells.sum.sum(-2) ** 2, number).sum(-1)
    within = cells.square.sum((-2, -1)) - divide(cells.sum**2, cells.count).sum((-2, -1))
    between = divide(cells.sum**2, cells.count).sum((-2, -1)) - centre
    spread = number.sum(-1) - divide((cells.count**2).sum(-2), number).sum(-1)
    return _compare_squares(between, within, groups - (number > 0).sum(-1), number.sum(-1) - groups, spread)


def correlate(article: Codes, speaker: Codes, value: Array) -> Array:
    """Find what `estimate_correlation` finds from the quotes themselves, without a table of articles by speakers.

    All three of shape (quotes,), articles and speakers as codes; the correlation has shape ().
    """
    number = np.bincount(speaker).astype(float)
    residual = value - divide(np.bincount(speaker, value), number)[speaker]
    group, place = np.unique(article + speaker * (int(article.max(initial=0)) + 1), return_inverse=True)
    size, owner = np.bincount(place, minlength=len(group)).astype(float), np.zeros(len(group), np.intp)
    owner[place] = speaker
    squares = (residual**2).sum()
    if squares <= 1e-20 * (value**2).sum():
        return np.asarray(np.nan)
    between = divide(np.bincount(place, residual, len(group)) ** 2, size).sum()
    spread = len(value) - divide(np.bincount(owner, size**2, len(number)), number).sum()
    return _compare_squares(
        between, squares - between, len(group) - (number > 0).sum(), np.asarray(len(value) - len(group)), spread
    )


def _compare_squares(between: Array, within: Array, groups: Codes, quotes: Codes, spread: Array) -> Array:
    """Correlation from sums of squares, their degrees of freedom, and Σn - Σn²/N, which sizes unequal groups."""
    across, inside = divide(between, groups), divide(np.maximum(within, 0), quotes)
    found = divide(across - inside, across + (divide(spread, groups) - 1) * inside, empty=np.nan)
    return np.asarray(np.where((groups > 0) & (quotes > 0), np.clip(found, 0, 1), np.nan))


def estimate_contrast(cells: Cells, contrast: Array, correlation: Array) -> Estimate:
    """Estimate a contrast of speakers' means with CR2 standard error and Satterthwaite degrees of freedom.

    For group means Bell and McCaffrey's correction has a closed form: an article's residual sum is divided by
    √(1 - its share of the speaker's quotes). Degrees of freedom assume quotes of one article equally correlated, as
    Imbens and Kolesár advise. Bell & McCaffrey (2002), Survey Methodology 28; Imbens & Kolesár (2016), Review of
    Economics and Statistics 98; Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36.
    """
    used = contrast != 0
    value = (np.where(used, cells.means, 0) * contrast).sum(-1)
    alone = (np.isclose(cells.share, 1) & used).any((-2, -1)) | ~np.isfinite(value)
    variance = (_article_scores(cells, contrast) ** 2).sum(-1)
    return Estimate(
        value=value,
        se=np.where(alone, np.nan, np.sqrt(variance)),
        degrees_of_freedom=np.where(alone, np.nan, _degrees_of_freedom(cells, contrast, correlation)),
    )


def _leverage(cells: Cells) -> Array:
    """Each article's share, inflated as CR2 inflates its residual; 0 where the speaker has one article only."""
    share = cells.share
    rest = np.where(np.isclose(share, 1), 0, 1 - share)
    return divide(share, np.sqrt(rest))


def _article_scores(cells: Cells, contrast: Array) -> Array:
    """Find what each article adds to the contrast's error, shape (..., articles); squares sum to the variance."""
    average = divide(cells.total, cells.weight)
    centred = np.where(cells.weight > 0, average - cells.means[..., None, :], 0)
    return np.asarray((_leverage(cells) * np.where(contrast != 0, centred, 0) * contrast).sum(-1))


def _degrees_of_freedom(cells: Cells, contrast: Array, correlation: Array) -> Array:
    """Satterthwaite's ν = (tr M)² / tr M² for the variance estimator's matrix M under equal correlation.

    M is a diagonal plus a product of thin matrices, so that ten thousand articles need no square matrix of them.
    """
    share, signed = cells.share, _leverage(cells) * contrast
    own = assume_correlation(correlation)[..., None, None]
    noise = (1 - own) * divide(cells.squared_weight, cells.weight**2)
    total = signed.sum(-1, keepdims=True)
    diagonal = (own * total**2)[..., 0] + (signed**2 * noise).sum(-1)
    mixed = own * total * share + signed * share * noise
    core = own * (np.swapaxes(share, -1, -2) @ share) + (share**2 * noise).sum(-2)[..., None] * np.eye(share.shape[-1])
    return satterthwaite(
        diagonal, np.concatenate([signed, mixed], -1), np.concatenate([signed @ core - mixed, -signed], -1)
    )


def assume_correlation(correlation: Array) -> Array:
    """Take the correlation as the degrees of freedom use it: 0 where it cannot be told, and less than complete.

    If quotes of one article were all the same, a difference within articles would have no error and no freedom.
    """
    return np.minimum(np.nan_to_num(np.asarray(correlation)), 0.99)


def satterthwaite(diagonal: Array, left: Array, right: Array) -> Array:
    """Compute (tr M)² / tr M² of the symmetric matrix M = diag(diagonal) + left @ rightᵀ."""
    crossed = (left * right).sum(-1)
    small = np.swapaxes(right, -1, -2) @ left
    square = (diagonal**2 + 2 * diagonal * crossed).sum(-1) + (small * np.swapaxes(small, -1, -2)).sum((-2, -1))
    return divide((diagonal + crossed).sum(-1) ** 2, np.maximum(square, 0), empty=np.nan)


def estimate_effective_quotes(cells: Cells, correlation: Array) -> Array:
    """How many independent quotes would tell as much about each mean, shape (..., speakers).

    Kish, L. (1965). Survey Sampling: the design effect of unequal weights and of correlation within articles. Quotes
    count as independent where their correlation cannot be told.
    """
    own = np.nan_to_num(np.asarray(correlation))[..., None, None]
    noise = np.where(cells.weight > 0, own + (1 - own) * divide(cells.squared_weight, cells.weight**2), 0)
    return divide(np.ones(cells.share.shape[:-2] + cells.share.shape[-1:]), (cells.share**2 * noise).sum(-2))


def find_rate_interval(estimate: Estimate, effective: Array | float, level: Array | float) -> tuple[Array, Array]:
    """Find Wilson's interval of a rate, with as many independent quotes as the clustered error is worth.

    The t interval of a rate of 7 % in ten articles covers 82 % of the time and reaches below 0; this one covers 98 %
    (benchmarks/simulation.md). Where all quotes agree the clustered error is 0 and `effective` quotes are taken
    instead. Wilson (1927); for clustered samples Korn & Graubard (1998), Survey Methodology 24.
    """
    rate, variance = np.clip(estimate.value, 0, 1), np.asarray(estimate.se) ** 2
    number = np.where(variance > 1e-12, divide(rate * (1 - rate), np.maximum(variance, 1e-12)), effective)
    freedom = np.where(variance > 1e-12, estimate.degrees_of_freedom, np.maximum(np.asarray(effective) - 1, 1))
    z = stdtrit(freedom, 0.5 + level / 2)
    centre = (rate + z**2 / (2 * number)) / (1 + z**2 / number)
    reach = z / (1 + z**2 / number) * np.sqrt(rate * (1 - rate) / number + z**2 / (4 * number**2))
    known = np.where(np.isfinite(variance), 1.0, np.nan)
    return np.maximum(centre - reach, 0) * known, np.minimum(centre + reach, 1) * known


def find_hit_interval(estimate: Estimate, level: float) -> tuple[Array, Array]:
    """Find the interval of a rate of hits, such as per 1,000 words: Poisson's, for as many hits as its error is worth.

    With n = (rate / se)² (z / t)² independent hits the ends are rate G(α/2; n) / n and rate G(1 - α/2; n + 1) / n, G
    being the quantile of the gamma distribution: Garwood (1936), Biometrika 28; an effective number as Korn & Graubard
    (1998) take it, Survey Methodology 24. NaN without a hit, or where no article differs. For 5 to 20 hits per 1,000
    words in 10 to 40 articles the 95 % t interval covers 90 to 93 % of the time, is too low nearly always when it does
    not, and reaches below 0 for up to half; this one covers 95 to 99 % (`python -m benchmarks.simulation`).
    """
    rate = np.where(np.asarray(estimate.se) > 0, estimate.value, np.nan)
    t = stdtrit(estimate.degrees_of_freedom, 0.5 + level / 2)
    hits = (divide(rate, estimate.se, empty=np.nan) * ndtri(0.5 + level / 2) / t) ** 2
    low, high = gammaincinv(hits, 0.5 - level / 2), gammaincinv(hits + 1, 0.5 + level / 2)
    return divide(rate * low, hits, empty=np.nan), divide(rate * high, hits, empty=np.nan)


def find_rate_difference(
    rates: Sequence[Estimate], effective: Sequence[Array | float], together: Array | float, level: Array | float
) -> tuple[Array, Array]:
    """Find the interval of a difference of two rates from the interval of each (`find_rate_interval`), shape (...).

    A t interval of the difference has no width where both rates are 0 or 1, and covers too seldom near there.
    `together` is the correlation of the two estimates, which share articles. Newcombe (1998), Statistics in Medicine
    17; with correlation Zou & Donner (2008), Statistics in Medicine 27.
    """
    ends = [find_rate_interval(rate, number, level) for rate, number in zip(rates, effective, strict=True)]
    (first, second), ((low, high), (other_low, other_high)) = ([rate.value for rate in rates], ends)

    def reach(one: Array, other: Array) -> Array:
        return np.asarray(np.sqrt(np.maximum(one**2 + other**2 - 2 * together * one * other, 0)))

    difference = first - second
    return (
        difference - reach(first - low, other_high - second),
        difference + reach(high - first, second - other_low),
    )


def weigh_rate_difference(
    rates: Sequence[Estimate], effective: Sequence[Array | float], together: Array | float
) -> Array:
    """Two-sided p of two rates' difference: 1 less the level at which its interval begins to reach 0, shape (...).

    Found by trying finer and finer grids of log p, so that p and interval cannot disagree; at least 1e-12.
    """
    wide = [
        Estimate(**{part: np.asarray(getattr(rate, part))[..., None] for part in ("value", "se", "degrees_of_freedom")})
        for rate in rates
    ]
    numbers, shared = [np.asarray(number)[..., None] for number in effective], np.asarray(together)[..., None]
    below, width = np.zeros((*np.shape(rates[0].value), 1)), 12.0
    for _ in range(6):
        tried = below + width * np.linspace(0, 1, 33)
        low, high = find_rate_difference(wide, numbers, shared, 1 - 10**-tried)
        away = ((low > 0) | (high < 0)).sum(-1, keepdims=True)
        width /= 32
        below = below + width * np.clip(away - 1, 0, 31)
    return np.where(np.isfinite(low[..., 0]), 10 ** -below[..., 0], np.nan)


def permute_pair(cells: Cells, correlation: Array, *, draws: int = 2000, seed: int = 20221221) -> Array:
    """P value of a restricted permutation test of two speakers' difference, shape ().

    Whole articles are the exchangeable units: an article that quotes both has its two sides swapped or not, articles
    that quote one of them exchange their labels. The statistic is studentised, so that unequal variances do not
    break its level (Janssen 1997; Chung & Romano 2013; restricted schemes after Anderson & ter Braak 2003).
    """
    contrast = np.array([1.0, -1.0])
    observed = estimate_contrast(cells, contrast, correlation)
    random = np.random.default_rng(seed)
    both = np.asarray((cells.count > 0).all(-1))
    alone = np.flatnonzero(~both)
    extreme, batch = 0, 500
    if not observed.se >= 0 or (observed.se == 0 and observed.value == 0):
        return np.asarray(np.nan if not observed.se >= 0 else 1.0)
    reached = float(divide(np.abs(observed.value), observed.se, empty=np.inf))
    for start in range(0, draws, batch):
        number = min(batch, draws - start)
        side = np.where(both, random.integers(0, 2, (number, len(both))), 0)
        first = np.broadcast_to(cells.count[:, 0] > 0, side.shape).copy()
        shuffled = random.permuted(first[:, alone], axis=1)
        side[:, alone] = shuffled != first[:, alone]
        statistic = studentise(_swap_sides(cells, side.astype(bool)), contrast)
        extreme += int((statistic >= reached - 1e-9).sum())
    return np.asarray((1 + extreme) / (1 + draws))


def _swap_sides(cells: Cells, swapped: NDArray[np.bool_]) -> Cells:
    """Exchange the two speakers in the articles marked, one replicate a row of `swapped`."""
    return map_cells(cells, lambda array: np.where(swapped[..., None], array[:, ::-1], array))


def studentise(cells: Cells, contrast: Array) -> Array:
    """Compute the absolute studentised contrast; infinite where a permutation leaves no variation."""
    error = np.sqrt((_article_scores(cells, contrast) ** 2).sum(-1))
    return divide(np.abs((cells.means * contrast).sum(-1)), error, empty=np.inf)


def map_cells(cells: Cells, change: Any) -> Cells:
    """Make the same change to each of the sums."""
    names = ("weight", "squared_weight", "total", "count", "sum", "square")
    return Cells(**{name: change(getattr(cells, name)) for name in names})


def adjust_p_values(p: Sequence[float] | Array, method: Adjustment = "holm") -> Array:
    """Adjust p values for their number; NaN stays NaN and is not counted.

    "holm" keeps the chance of any false claim (Holm 1979), "bh" the share of false claims among those made
    (Benjamini & Hochberg 1995).

    >>> adjust_p_values([0.01, 0.04, 0.03], "holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust_p_values([0.01, 0.04, 0.03], "bh").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = np.asarray(p, float)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    ranks = np.arange(1, len(order) + 1)
    if method == "holm":
        steps = np.maximum.accumulate(values[order] * (len(order) - ranks + 1))
    elif method == "bh":
        steps = np.minimum.accumulate((values[order] * len(order) / ranks)[::-1])[::-1]
    elif method == "none":
        steps = values[order]
    else:
        raise ValueError(f'method is {method!r}. Use "holm", "bh" or "none".')
    adjusted[order] = np.minimum(steps, 1)
    return adjusted
