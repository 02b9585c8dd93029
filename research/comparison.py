"""Means, differences and rankings of speakers, with intervals that know quotes come in articles.

Quotes of one article share its subject, its day and its editor, so they are not independent observations. Everything
here is computed from sums by article and speaker (`Cells`), and every standard error is clustered by article.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.clustering import (
    Adjustment,
    Array,
    Estimate,
    adjust_p_values,
    divide,
    estimate_contrast,
    estimate_effective_quotes,
    find_hit_interval,
    find_rate_difference,
    find_rate_interval,
    permute_pair,
    weigh_rate_difference,
)
from research.columns import need_columns
from research.counts import count_of
from research.design import DEFAULT, Design
from research.sample import Sample, find_quote_ids, prepare_sample

Test = Literal["t", "permutation"]

FEW_ARTICLES = 10
"""Below this many articles a speaker's interval carries a warning: the smallest design in the simulation."""


def compare(quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", design: Design = DEFAULT) -> pd.DataFrame:
    """Compare speakers: the mean of a measure for each, with an interval that is clustered by article.

    A yes/no measure gives a rate, with Wilson's interval; hits per 1,000 words (a measure so named, "…_per_1000_words")
    have that of `find_hit_interval`. But for yes and no, a speaker whose articles do not differ gets no interval: an
    error that has not shown is not 0. One row a speaker, most quoted first: `quotes`, `articles`, `mean`, `se`, `low`,
    `high`, `degrees_of_freedom`, `effective_quotes` (independent quotes that would tell as much), `effective_articles`
    (articles, were they of equal size), `warning` ("" if none) and `quote_ids`.
    `attrs["correlation"]` is that of a speaker's quotes in one article, NaN where they cannot tell it: quotes then
    count as independent in `effective_quotes`.

    >>> quotes = pd.DataFrame({"doc_id": list("aabbcc"), "speaker": ["Y", "Z"] * 3, "tone": [0., 1, .2, .8, .1, .6]})
    >>> compare(quotes, "tone")[["speaker", "quotes", "articles", "mean"]].round(2).to_dict("list")
    {'speaker': ['Y', 'Z'], 'quotes': [3, 3], 'articles': [3, 3], 'mean': [0.1, 0.8]}
    """
    return tabulate(quotes, prepare_sample(quotes, measure, by, design), design)


def tabulate(quotes: pd.DataFrame, sample: Sample, design: Design) -> pd.DataFrame:
    """Lay out the table of `compare` for a sample of quotes."""
    singles, by = estimate_singles(sample, design), sample.by
    table = pd.DataFrame({by: list(sample.names), "measure": sample.measure, **_sizes(sample)})
    table["mean"] = [float(single.estimate.value) for single in singles]
    table["se"] = [float(single.estimate.se) for single in singles]
    table["low"], table["high"] = [single.low for single in singles], [single.high for single in singles]
    table["degrees_of_freedom"] = [float(single.estimate.degrees_of_freedom) for single in singles]
    table["effective_quotes"] = [single.effective_quotes for single in singles]
    table["effective_articles"] = [single.effective_articles for single in singles]
    table["warning"] = [_write_warning(single.estimate, single) for single in singles]
    ids = [find_quote_ids(sample, place) for place in range(len(sample.names))]
    table["quote_ids"] = pd.Series(ids, dtype=object)
    table = table.sort_values(["quotes", by], ascending=[False, True], kind="stable").reset_index(drop=True)
    table.attrs = describe_design(quotes, sample, design) | {"correlation": float(sample.correlation)}
    return table


def concat_tables(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put tables one under the other, as of several measures, and keep how they were made where all agree.

    `pd.concat` drops all of `attrs` where one thing differs, and a figure's note would say nothing of seed and level.

    >>> one, two = pd.DataFrame({"mean": [0.1]}), pd.DataFrame({"mean": [0.2]})
    >>> one.attrs, two.attrs = {"measure": "tone", "level": 0.95}, {"measure": "compound", "level": 0.95}
    >>> concat_tables([one, two]).attrs
    {'level': 0.95}
    """
    tables = list(tables)
    first, *others = (table.attrs for table in tables)
    whole = pd.concat(tables)
    missing = object()
    whole.attrs = {key: told for key, told in first.items() if all(attrs.get(key, missing) == told for attrs in others)}
    return whole


def describe_correlation(table: pd.DataFrame) -> str:
    """Say how alike quotes of one speaker in one article are, as `compare` found it, for a sentence on methods.

    >>> one = pd.DataFrame({"doc_id": ["a", "b"], "speaker": ["Y", "Y"], "tone": [0.1, 0.2]})
    >>> describe_correlation(compare(one))
    'here taken as 0, for no two quotes of a speaker in one article tell it'
    """
    correlation = float(table.attrs["correlation"])
    if np.isfinite(correlation):
        return f"here {correlation:.2f}"
    return f"here taken as 0, for no two quotes of a {table.attrs['by']} in one article tell it"


def _name_articles(sample: Sample) -> pd.Series:
    """Name the article of each row: its document, whatever the clusters are; its cluster in a table without any."""
    return sample.rows["doc_id"] if "doc_id" in sample.rows else pd.Series(sample.clusters[0])


def _sizes(sample: Sample) -> dict[str, NDArray[np.int64]]:
    """Count quotes and articles of each speaker."""
    articles = _name_articles(sample).groupby(sample.group).nunique().reindex(range(len(sample.names))).to_numpy()
    return {"quotes": np.diff(sample.starts).astype(np.int64), "articles": articles.astype(np.int64)}


def describe_design(quotes: pd.DataFrame, sample: Sample, design: Design) -> dict[str, Any]:
    """How the table was made, for the file that goes with the figure."""
    return {
        "measure": sample.measure,
        "by": sample.by,
        "cluster": list(design.cluster),
        "unit": design.unit,
        "weight": design.weight,
        "interval": design.interval,
        "level": design.level,
        "draws": design.draws,
        "seed": design.seed,
        "quotes_given": len(quotes),
        "quotes_used": len(sample.rows),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """What is known of one speaker alone: the mean, how much it rests on, its interval, and reasons for doubt."""

    estimate: Estimate
    effective_quotes: float
    effective_articles: float
    low: float
    high: float
    doubts: tuple[str, ...]


def estimate_singles(sample: Sample, design: Design) -> list[Single]:
    """Estimate each speaker's mean, with the interval of the design; yes/no and hits get one inside their range."""
    places = range(len(sample.names))
    if design.interval == "t":
        return [_estimate_single(sample, place, design) for place in places]
    low, high = _percentiles(draw_means(sample, design), design.level)
    return [_estimate_single(sample, place, design, (low[place], high[place])) for place in places]


def _estimate_single(sample: Sample, place: int, design: Design, drawn: tuple[float, float] | None = None) -> Single:
    """Estimate one speaker's mean; `drawn` are the ends of its interval if they come from resamples."""
    cells, estimate = sample.cells([place]), estimate_speakers(sample, {place: 1.0})
    quotes = float(estimate_effective_quotes(cells, sample.correlation)[0])
    doubts = _find_doubts(sample, place, design)
    if drawn is not None:
        low, high = drawn
    elif sample.hits:
        low, high = map(float, find_hit_interval(estimate, design.level))
    elif sample.rate:
        low, high = map(float, find_rate_interval(estimate, quotes, design.level))
    else:
        low, high = map(float, estimate.interval(design.level))
    flat = _is_flat(estimate, sample) and (drawn is not None or not sample.rate)
    if flat:
        doubts = (f"no two {_name_cluster(design)}s of {sample.names[place]} differ: no interval", *doubts)
    if flat or not np.isfinite(estimate.se):
        low = high = np.nan
    return Single(
        estimate=estimate,
        effective_quotes=quotes,
        effective_articles=1 / float((cells.share**2).sum()),
        low=low,
        high=high,
        doubts=doubts,
    )


def _is_flat(estimate: Estimate, sample: Sample) -> bool:
    """Tell a standard error of 0, up to rounding: no article differs from another, which is no proof of certainty."""
    return bool(estimate.se <= 1e-9 * np.abs(sample.value).max(initial=0))


def _name_cluster(design: Design, way: int = 0) -> str:
    """Name what a column of clusters counts: an article, or the column's own name."""
    column = design.cluster[way]
    return "article" if column == "doc_id" else column.replace("_", " ")


def _find_doubts(sample: Sample, place: int, design: Design) -> tuple[str, ...]:
    """Say of one speaker what a reader should know before believing an interval; nothing if all is well."""
    doubts = []
    for way in range(len(design.cluster)):
        share, noun = sample.cells([place], way).share, _name_cluster(design, way)
        number = int((share > 0).sum())
        if number <= 1:
            return (f"one {noun}: no interval",)
        if number < FEW_ARTICLES:
            doubts.append(f"few {noun}s ({number})")
        if share.max() >= 0.5:
            doubts.append(f"one {noun} holds {share.max():.0%} of the weight")
    return tuple(doubts)


def _write_warning(estimate: Estimate, *singles: Single, also: str = "") -> str:
    """Put together the doubts about an estimate, each said once; "" if there are none."""
    doubts = [also, *(doubt for single in singles for doubt in single.doubts)]
    if float(estimate.degrees_of_freedom) < 4:
        doubts.append("under 4 degrees of freedom")
    return "; ".join(dict.fromkeys(doubt for doubt in doubts if doubt))


def estimate_speakers(sample: Sample, contrast: dict[int, float]) -> Estimate:
    """Estimate a contrast of speakers' means, given by place; two-way clustering adds the ways less their intersection.

    Two-way variance after Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, never
    below the larger one-way variance, with the smaller degrees of freedom (MacKinnon, Nielsen & Webb 2021).
    """
    places, weights = list(contrast), np.array(list(contrast.values()))
    ways = [
        estimate_contrast(sample.cells(places, way), weights, sample.correlation) for way in range(len(sample.clusters))
    ]
    if len(ways) == 1:
        return ways[0]
    first, second, both = (way.se**2 for way in ways)
    variance = np.maximum(np.maximum(first, second), first + second - np.nan_to_num(both))
    freedom = np.minimum(ways[0].degrees_of_freedom, ways[1].degrees_of_freedom)
    return replace(ways[0], se=np.sqrt(variance), degrees_of_freedom=freedom)


def _percentiles(draws: Array, level: float) -> tuple[Array, Array]:
    """Percentile interval over the first axis, leaving out resamples in which a speaker is absent."""
    if draws.size == 0:
        return np.array([]), np.array([])
    low, high = np.nanpercentile(draws, [50 - 50 * level, 50 + 50 * level], axis=0)
    return low, high


def draw_means(sample: Sample, design: Design = DEFAULT) -> Array:
    """Speakers' means in resamples of whole articles, shape (draws, speakers).

    With two cluster columns each row's multiplicity is the product of both (Owen 2007, The pigeonhole bootstrap,
    Annals of Applied Statistics 1). Articles are drawn jointly for all speakers, so differences keep their pairing.
    """
    random = np.random.default_rng(design.seed)
    ways = sample.clusters[:2]
    sizes = [int(codes.max(initial=-1)) + 1 for codes in ways]
    if not len(sample.group):
        return np.empty((design.draws, 0))
    batches = []
    for start in range(0, design.draws, 200):
        number = min(200, design.draws - start)
        times = np.ones((number, len(sample.group)))
        for codes, size in zip(ways, sizes, strict=True):
            times = times * random.multinomial(size, np.full(size, 1 / max(size, 1)), size=number)[:, codes]
        weighted = times * sample.weight
        sums = [np.add.reduceat(part, sample.starts[:-1], axis=1) for part in (weighted * sample.value, weighted)]
        batches.append(divide(sums[0], sums[1], empty=np.nan))
    return np.concatenate(batches)


def compare_pairs(
    quotes: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    *,
    against: Any = None,
    adjust: Adjustment = "holm",
    test: Test = "t",
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Compare each two speakers: the difference (or each and `against`), with interval, p and adjusted p.

    Articles that quote both speakers are compared within themselves: what they share cancels out. `test` is "t"
    (cluster-robust) or "permutation" (see `permute_pair`; one column of clusters only). Of a yes/no measure the
    interval is that of `find_rate_difference`, and p is where it begins to reach 0. Neither is given where a speaker
    has no interval, or where the difference is the same in every article. `articles_first`, `articles_second` and
    `shared_articles` count documents, whatever the clusters are; `quote_ids` are those of both.
    """
    if test not in ("t", "permutation"):
        raise ValueError(f'test is {test!r}. Use "t" or "permutation".')
    if test == "permutation" and len(design.cluster) > 1:
        both = " and ".join(design.cluster)
        raise ValueError(f'a permutation test shuffles one kind of cluster, not {both}. Use test="t", or one column.')
    sample = prepare_sample(quotes, measure, by, design)
    singles = estimate_singles(sample, design)
    pairs = [pair for pair in itertools.combinations(sample.names, 2) if against is None or against in pair]
    pairs = [(a, b) if against is None or b == against else (b, a) for a, b in pairs]
    rows = [compare_pair(sample, pair, singles, test, design) for pair in pairs]
    table = pd.DataFrame(rows, columns=PAIR_COLUMNS)
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(float), adjust)
    table.attrs = describe_design(quotes, sample, design) | {"test": test, "adjust": adjust}
    return table


PAIR_COLUMNS = [
    "first", "second", "measure", "quotes_first", "quotes_second", "articles_first", "articles_second",
    "shared_articles", "effective_quotes_first", "effective_quotes_second", "difference", "se", "low", "high",
    "degrees_of_freedom", "p", "warning", "quote_ids",
]  # fmt: skip


def compare_pair(
    sample: Sample, pair: tuple[Any, Any], singles: Sequence[Single], test: Test, design: Design
) -> list[Any]:
    """One row of the table of pairs; `singles` as `estimate_singles` gives them."""
    places = [sample.names.index(name) for name in pair]
    estimate = estimate_speakers(sample, {places[0]: 1.0, places[1]: -1.0})
    cells, own = sample.cells(places), [singles[place] for place in places]
    low, high, p = _find_pair_interval(sample, places, own, estimate, design)
    if test == "permutation" and np.isfinite(low):
        p = float(permute_pair(cells, sample.correlation, draws=design.draws, seed=design.seed))
    articles = [set(_name_articles(sample).iloc[slice(*sample.starts[g : g + 2])].dropna()) for g in places]
    told = np.isfinite(low) or not all(np.isfinite(single.low) for single in own)
    also = "" if told else f"the difference is the same in every {_name_cluster(design)}: no interval"
    return [
        *pair, sample.measure,
        *cells.count.sum(-2).astype(int), *map(len, articles), len(articles[0] & articles[1]),
        *(single.effective_quotes for single in own),
        float(estimate.value), float(estimate.se), low, high,
        float(estimate.degrees_of_freedom), p, _write_warning(estimate, *own, also=also),
        sum((find_quote_ids(sample, place) for place in places), ()),
    ]  # fmt: skip


def _find_pair_interval(
    sample: Sample, places: Sequence[int], own: Sequence[Single], estimate: Estimate, design: Design
) -> tuple[float, float, float]:
    """Find both ends and p of a difference; NaN where one of the two has no interval, or the difference no error."""
    flat = _is_flat(estimate, sample) and (design.interval == "bootstrap" or not sample.rate)
    if flat or not np.isfinite([float(estimate.se), *(single.low for single in own)]).all():
        return np.nan, np.nan, np.nan
    if sample.rate:
        rates, numbers = [single.estimate for single in own], [single.effective_quotes for single in own]
        together = _correlate_rates(estimate, rates)
        low, high = find_rate_difference(rates, numbers, together, design.level)
        p = weigh_rate_difference(rates, numbers, together)
    else:
        (low, high), p = estimate.interval(design.level), estimate.p
    if design.interval == "bootstrap":
        drawn = draw_means(sample, design)[:, places]
        low, high = _percentiles(drawn[:, 0] - drawn[:, 1], design.level)
    return float(low), float(high), float(p)


def _correlate_rates(estimate: Estimate, rates: Sequence[Estimate]) -> float:
    """Correlation of two rates whose speakers share articles, from the error of their difference; 0 if it has none."""
    one, other = (float(rate.se) for rate in rates)
    if min(one, other, float(estimate.se)) < 1e-6:
        return 0.0
    return float(np.clip((one**2 + other**2 - float(estimate.se) ** 2) / (2 * one * other), -1, 1))


def describe_pairs(pairs: pd.DataFrame, level: float | None = None) -> list[str]:
    """Say in a sentence each what a table of pairs shows, and how sure it is.

    "Higher" and "lower" are said only where the interval excludes 0 and so does the test, its p adjusted for the
    number of pairs: `p_adjusted` is below 1 - level. The level is that of the table's design (in `attrs`, which
    `pandas.concat` keeps only where tables agree in all of it, and `pandas.read_csv` does not know), unless given.

    >>> pair = {"first": "Ann", "second": "Bo", "measure": "tone", "difference": -0.25, "low": -0.4, "high": -0.1,
    ...         "quotes_first": 40, "quotes_second": 9, "articles_first": 20, "articles_second": 8, "warning": "",
    ...         "p_adjusted": 0.01}
    >>> print(describe_pairs(pd.DataFrame([pair]))[0])
    Ann is lower in tone than Bo: difference -0.25, 95 % interval -0.40 to -0.10 (40 quotes in 20 articles, 9 in 8).
    """
    aim = float(pairs.attrs.get("level", 0.95)) if level is None else level
    return [_describe_pair(row, aim) for row in pairs.to_dict("records")]


def _describe_pair(row: dict[Any, Any], level: float) -> str:
    """Say what one pair shows: higher, lower, no difference that could be shown, or nothing at all."""
    first, second, measure = row["first"], row["second"], str(row["measure"]).replace("_", " ")
    counts = (
        f"({count_of(row['quotes_first'], 'quote')} in {count_of(row['articles_first'], 'article')}, "
        f"{row['quotes_second']} in {row['articles_second']})"
    )
    warning = row["warning"] if isinstance(row["warning"], str) else ""  # pandas reads an empty cell as NaN
    if not np.isfinite(row["low"]):
        return f"{first} and {second} cannot be compared in {measure}: {warning or 'too few articles'} {counts}."
    sure = f"difference {row['difference']:+.2f}, {level * 100:g} % interval {row['low']:+.2f} to {row['high']:+.2f}"
    doubt = f" Read with care: {warning}." if warning else ""
    if row["low"] <= 0 <= row["high"]:
        return f"{first} and {second}: no difference in {measure} can be shown: {sure} {counts}.{doubt}"
    if not row["p_adjusted"] < 1 - level:
        sure += f", adjusted p {row['p_adjusted']:.2g}"
        return f"{first} and {second}: no difference in {measure} can be shown: {sure} {counts}.{doubt}"
    side = "lower" if row["difference"] < 0 else "higher"
    return f"{first} is {side} in {measure} than {second}: {sure} {counts}.{doubt}"


def rank_speakers(
    quotes: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    *,
    adjust: Adjustment = "holm",
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Speakers from lowest to highest mean, each with the ranks the data cannot rule out.

    A speaker is placed above those, and only those, from whom he differs after adjustment for all pairs; resampled
    ranks look far surer than they are. Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91.
    """
    table = compare(quotes, measure, by, design)
    pairs = compare_pairs(quotes, measure, by, adjust=adjust, design=design)
    differs = pairs[pairs["p_adjusted"] < 1 - design.level]
    higher = differs["first"].where(differs["difference"] > 0, differs["second"])
    lower = differs["second"].where(differs["difference"] > 0, differs["first"])
    table = table.sort_values(["mean", by], kind="stable").reset_index(drop=True)
    table["rank"] = np.arange(1, len(table) + 1)
    table["rank_low"] = 1 + table[by].map(higher.value_counts()).fillna(0).astype(int)
    table["rank_high"] = len(table) - table[by].map(lower.value_counts()).fillna(0).astype(int)
    return table


def leave_one_out(
    quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", leave: str = "outlet", design: Design = DEFAULT
) -> pd.DataFrame:
    """Each speaker's mean with one outlet (event, article, speaker …) left out at a time, and how far it moves.

    One row a left-out value and speaker: `left_out`, the columns of `compare`, and `change` from the full mean.
    """
    need_columns(quotes, [leave])
    whole = compare(quotes, measure, by, design).set_index(by)["mean"]
    tables = []
    for value in sorted(quotes[leave].dropna().unique(), key=str):
        rest = quotes[(quotes[leave] != value).fillna(True)]
        table = compare(rest, measure, by, design).drop(columns="quote_ids")
        table.insert(0, "left_out", value)
        table["change"] = table["mean"] - table[by].map(whole)
        tables.append(table)
    if not tables:
        raise ValueError(f"column {leave} is empty. Name a column that has values, such as doc_id.")
    return pd.concat(tables, ignore_index=True)


