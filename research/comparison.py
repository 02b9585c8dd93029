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
from scipy.optimize import brentq
from scipy.special import digamma, polygamma, stdtrit

from research.clustering import (
    Adjustment,
    Array,
    Cells,
    Estimate,
    adjust_p_values,
    correlate,
    divide,
    estimate_contrast,
    estimate_effective_quotes,
    find_rate_difference,
    find_rate_interval,
    permute_pair,
    weigh_rate_difference,
)
from research.regression import fit_clustered

Interval = Literal["t", "bootstrap"]


Test = Literal["t", "permutation"]


FEW_ARTICLES = 10
"""Below this many articles a speaker's interval carries a warning: the smallest design in the simulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How quotes are grouped, weighted and turned into an interval.

    cluster
        The columns whose values are drawn together. Articles by default; ("outlet", "event") gives two-way
        clustering (Cameron, Gelbach & Miller 2011).
    unit
        What counts once. "occurrence": each quote, as a reader meets it. "quote": each distinct quotation of a
        speaker, however many reports carry it: the mean of its occurrences, in the article that printed it first
        (see `merge_copies`). The name of a column such as "outlet" or "event": each of its values, equally.
    weight
        A column that says how much each row counts besides, such as "words": the mean of hits per 1,000 words of each
        quote, weighted by words, is hits over words. None by default: a quote is a quote.
    interval
        "t": cluster-robust t interval (CR2, Satterthwaite), the default because it keeps its level with ten articles
        where the percentile bootstrap ("bootstrap") does not; see benchmarks/simulation.md.
    level
        Coverage aimed at.
    draws, seed
        Resamples or permutations, and the seed that makes them repeatable.
    """

    cluster: tuple[str, ...] = ("doc_id",)
    unit: str = "occurrence"
    weight: str | None = None
    interval: Interval = "t"
    level: float = 0.95
    draws: int = 2000
    seed: int = 20221221

    def __post_init__(self) -> None:
        """Refuse what no table could satisfy, at once and with the remedy."""
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level}. Give a share between 0 and 1, such as 0.95.")
        if not 1 <= len(self.cluster) <= 2:
            raise ValueError(f"cluster names {len(self.cluster)} columns. Give one, or two for two-way clustering.")
        if self.interval not in ("t", "bootstrap"):
            raise ValueError(f'interval is {self.interval!r}. Use "t" or "bootstrap".')


DEFAULT = Design()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The rows of a quotes table that can be analysed, as arrays: value, weight, speaker and clusters as codes.

    Rows are sorted by speaker; `starts` says where each speaker's begin, and last where they all end. `rate`: the
    measure is yes/no. `correlation`: what `estimate_correlation` gives for all speakers together.
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


def prepare_sample(quotes: pd.DataFrame, measure: str, by: str = "speaker", design: Design = DEFAULT) -> Sample:
    """Keep the rows with a speaker, a measure and a cluster, in an order that doesn't depend on the table's.

    Sorting makes sums the same to the last digit whatever order the rows arrive in.
    """
    columns = [measure, by, *design.cluster, *([design.weight] if design.weight else [])]
    need_columns(quotes, columns)
    rows = quotes.assign(**{measure: pd.to_numeric(quotes[measure], errors="coerce").astype(float)})
    rows = rows[rows[columns].notna().all(axis=1) & np.isfinite(rows[measure])]
    rate = is_yes_no(quotes.loc[rows.index, measure])
    if design.unit == "quote":
        rows = merge_copies(rows, measure, by, design.weight)
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
        weight=weigh_rows(rows, by, design.unit) * _find_weights(rows, design.weight),
        rate=rate,
        correlation=correlate(keys[0], group, value),
    )


def is_yes_no(column: pd.Series) -> bool:
    """Tell a yes/no measure: true and false, or numbers that are all 0 or 1 and not all the same.

    Nothing but zeros may as well be a count that nobody reaches, whose mean is no share.

    >>> is_yes_no(pd.Series([False, False])), is_yes_no(pd.Series([0, 1])), is_yes_no(pd.Series([0, 0]))
    (True, True, False)
    """
    if pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return True
    return set(pd.to_numeric(column, errors="coerce").dropna().unique()) == {0, 1}


def need_columns(table: pd.DataFrame, columns: Iterable[str]) -> None:
    """Say which columns are missing, all at once."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise KeyError(f"the table has no column {', '.join(missing)}. It has: {', '.join(map(str, table.columns))}.")


def merge_copies(quotes: pd.DataFrame, measure: str, by: str = "speaker", weight: str | None = None) -> pd.DataFrame:
    """Keep one row for each distinct quotation of a speaker: the mean of its occurrences, where it was printed first.

    Copies carry no news about the speaker, and counted in each article that prints them they look like independent
    articles. First is the earliest `date`; without dates, or on one day, the order of the table. `variant` says which
    rows are one quotation (`find_variants` if there is none). `occurrences` lists the ids of all, the first one first.
    With a `weight` the mean is weighted, and the row gets the mean weight.

    >>> quotes = pd.DataFrame({"doc_id": ["a", "b", "c"], "speaker": "Y", "variant": [0, 0, 1], "tone": [0.1, 0.3, 0.5],
    ...                        "date": ["2022-03-02", "2022-03-01", "2022-03-02"]})
    >>> merge_copies(quotes, "tone")[["doc_id", "tone"]].to_dict("list")
    {'doc_id': ['b', 'c'], 'tone': [0.2, 0.5]}
    """
    rows = quotes.reset_index(drop=True)
    key = rows["variant"] if "variant" in rows else find_variants(rows, by)
    key = key.astype(object).where(key.notna(), [f"row {number}" for number in range(len(rows))])
    rows = rows.assign(code=pd.Series(list(zip(rows[by], key, strict=True))), share=_find_weights(rows, weight))
    if "date" in rows:
        day = pd.to_datetime(rows["date"], errors="coerce", format="ISO8601", utc=True)
        rows = rows.loc[day.sort_values(kind="stable").index]
    code = pd.factorize(rows["code"])[0]
    value, share = rows[measure].to_numpy(float), rows["share"].to_numpy(float)
    total = np.bincount(code, share)
    found = {measure: np.bincount(code, share * value) / total}
    if weight:
        found[weight] = total / np.bincount(code)
    if "quote_id" in rows:
        found["occurrences"] = rows.groupby(code)["quote_id"].agg(tuple).to_numpy()
    return rows[~rows["code"].duplicated()].drop(columns=["code", "share"]).assign(**found)


def weigh_rows(rows: pd.DataFrame, by: str, unit: str) -> Array:
    """Weights that let each unit count once for its speaker (see `Design.unit`); `merge_copies` left one quote each."""
    if unit in ("occurrence", "quote"):
        return np.ones(len(rows))
    need_columns(rows, [unit])
    key = rows[unit].astype(object).where(rows[unit].notna(), "not given")
    sizes = pd.DataFrame({"speaker": rows[by], "key": key}).groupby(["speaker", "key"])["key"].transform("size")
    return np.asarray(1.0 / sizes.to_numpy(float))


def _find_weights(rows: pd.DataFrame, column: str | None) -> Array:
    """Take weights from a column; they must be above 0, since a quote that counts for nothing is no observation."""
    weights = np.ones(len(rows)) if column is None else rows[column].to_numpy(float)
    if not (weights > 0).all():
        raise ValueError(f"{int((~(weights > 0)).sum())} rows have a {column} of 0 or less. Leave them out first.")
    return weights


VARIANT_SIMILARITY = 0.6
"""Cosine of character n-grams from which two quotes of one speaker are the same utterance, cut or translated."""


def find_variants(quotes: pd.DataFrame, by: str = "speaker", similarity: float = VARIANT_SIMILARITY) -> pd.Series:
    """Find the distinct utterances and number them: one speaker's quotes that repeat or retranslate one another.

    News agencies carry the same sentence in several cuts and translations; counting each as new evidence makes a
    speaker who is copied often look certain. Single linkage over the cosine of TF-IDF character n-grams, within a
    speaker.

    >>> table = pd.DataFrame({"speaker": ["A", "A", "A"], "text": [
    ...     "We will never surrender this city.", "“We will never surrender this city”", "The talks go on."]})
    >>> find_variants(table).tolist()
    [0, 0, 1]
    """
    need_columns(quotes, [by, "text"])
    labels = pd.Series(-1, index=quotes.index, name="variant")
    first = 0
    for _, texts in quotes.groupby(by, sort=True)["text"]:
        found = _link_texts([str(text) for text in texts], similarity)
        labels.loc[texts.index] = found + first
        first += int(found.max()) + 1
    return labels


def _link_texts(texts: list[str], similarity: float) -> NDArray[np.intp]:
    """Find connected components of near-identical texts, numbered by first appearance."""
    from scipy.sparse import vstack
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    folded = ["".join(c if c.isalnum() else " " for c in text.casefold()) for text in texts]
    if len(texts) < 2 or not any(text.strip() for text in folded):
        return np.arange(len(texts), dtype=np.intp)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(folded)
    blocks = (vectors[start : start + 500] for start in range(0, len(texts), 500))
    near = vstack([(block @ vectors.T) >= similarity for block in blocks])
    return np.asarray(pd.factorize(connected_components(near, directed=False)[1])[0])


def compare(quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", design: Design = DEFAULT) -> pd.DataFrame:
    """Compare speakers: the mean of a measure for each, with an interval that is clustered by article.

    A yes/no measure gives a rate, with Wilson's interval. In any other measure a speaker whose articles do not differ
    gets no interval: an error that has not shown is not 0. One row a speaker, most quoted first: `quotes`,
    `articles`, `mean`, `se`, `low`, `high`, `degrees_of_freedom`, `effective_quotes` (independent quotes that would
    tell as much), `effective_articles` (articles, were they of equal size), `warning` ("" if none) and `quote_ids`.
    `attrs["correlation"]` is that of a speaker's quotes in one article, NaN where they cannot tell it: quotes then
    count as independent in `effective_quotes`.

    >>> quotes = pd.DataFrame({"doc_id": list("aabbcc"), "speaker": ["Y", "Z"] * 3, "tone": [0., 1, .2, .8, .1, .6]})
    >>> compare(quotes, "tone")[["speaker", "quotes", "articles", "mean"]].round(2).to_dict("list")
    {'speaker': ['Y', 'Z'], 'quotes': [3, 3], 'articles': [3, 3], 'mean': [0.1, 0.8]}
    """
    sample = prepare_sample(quotes, measure, by, design)
    singles = estimate_singles(sample, design)
    table = pd.DataFrame({by: list(sample.names), "measure": measure, **_sizes(sample)})
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


def describe_correlation(table: pd.DataFrame) -> str:
    """Say how alike quotes of one speaker in one article are, as `compare` found it, for a sentence on methods.

    >>> one = pd.DataFrame({"doc_id": ["a", "b"], "speaker": ["Y", "Y"], "tone": [0.1, 0.2]})
    >>> describe_correlation(compare(one))
    'here taken as 0, for no two quotes of a speaker in one article tell it'
    """
    correlation = float(table.attrs["correlation"])
    if np.isfinite(correlation):
        return f"here {correlation:.2f}"
    return "here taken as 0, for no two quotes of a speaker in one article tell it"


def _sizes(sample: Sample) -> dict[str, NDArray[np.int64]]:
    """Count quotes and articles of each speaker; articles are documents, whatever the clusters are."""
    document = sample.rows["doc_id"] if "doc_id" in sample.rows else pd.Series(sample.clusters[0])
    articles = document.groupby(sample.group).nunique().reindex(range(len(sample.names))).to_numpy()
    return {"quotes": np.diff(sample.starts).astype(np.int64), "articles": articles.astype(np.int64)}


def find_quote_ids(sample: Sample, place: int) -> tuple[str, ...]:
    """List the quotes behind a speaker's numbers, every copy too, so that they can be followed to the words."""
    rows = sample.rows.iloc[sample.starts[place] : sample.starts[place + 1]]
    if "occurrences" in rows:
        return tuple(str(one) for ids in rows["occurrences"] for one in ids)
    return tuple(rows["quote_id"].astype(str)) if "quote_id" in rows else ()


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
    """Estimate each speaker's mean, with the interval of the design; a yes/no measure gets one inside 0 and 1."""
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
    has no interval, or where the difference is the same in every article. `quote_ids` are those of both.
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
    told = np.isfinite(low) or not all(np.isfinite(single.low) for single in own)
    also = "" if told else f"the difference is the same in every {_name_cluster(design)}: no interval"
    return [
        *pair, sample.measure,
        *cells.count.sum(-2).astype(int), *(cells.count > 0).sum(-2).astype(int),
        int((cells.count > 0).all(-1).sum()), *(single.effective_quotes for single in own),
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
    `pandas.concat` keeps only where tables agree in all of it), unless given.

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
    if not np.isfinite(row["low"]):
        return f"{first} and {second} cannot be compared in {measure}: {row['warning'] or 'too few articles'} {counts}."
    sure = f"difference {row['difference']:+.2f}, {level * 100:g} % interval {row['low']:+.2f} to {row['high']:+.2f}"
    doubt = f" Read with care: {row['warning']}." if row["warning"] else ""
    if row["low"] <= 0 <= row["high"]:
        return f"{first} and {second}: no difference in {measure} can be shown: {sure} {counts}.{doubt}"
    if not row["p_adjusted"] < 1 - level:
        sure += f", adjusted p {row['p_adjusted']:.2g}"
        return f"{first} and {second}: no difference in {measure} can be shown: {sure} {counts}.{doubt}"
    side = "lower" if row["difference"] < 0 else "higher"
    return f"{first} is {side} in {measure} than {second}: {sure} {counts}.{doubt}"


def count_of(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> count_of(1200, "article"), count_of(1, "quotation")
    ('1,200 articles', '1 quotation')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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


def mark_flags(quotes: pd.DataFrame) -> pd.DataFrame:
    """Turn the words of `flags` into yes/no columns `flag_…`, to be used as covariates.

    >>> mark_flags(pd.DataFrame({"flags": ["inserted fragment", ""]}))["flag_inserted"].tolist()
    [True, False]
    """
    need_columns(quotes, ["flags"])
    words = [set(str(flags).split()) for flags in quotes["flags"].fillna("")]
    known = sorted(set().union(*words))
    return quotes.assign(**{f"flag_{flag.replace('-', '_')}": [flag in row for row in words] for flag in known})


def compare_adjusted(
    quotes: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    *,
    covariates: Sequence[str],
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Compare speakers as if each had been edited, translated and cut like the average quote.

    Linear regression with a level for each speaker and the covariates (numbers as they are, yes/no as 0 and 1, words
    as categories), CR2 intervals. Adds `adjusted` and its ends to the columns of `compare`; the ends are NaN where a
    speaker's level rests on one article. `attrs["covariates"]` holds the covariates' own estimates, NaN where they
    cannot be told from one another. Rows without a covariate are left out of both means. ValueError where a covariate
    cannot be told from the speakers, and for designs with two kinds of clusters or with bootstrap intervals.
    """
    refuse_design(design, "compare_adjusted")
    need_columns(quotes, covariates)
    complete = quotes[quotes[list(covariates)].notna().all(axis=1)]
    sample = prepare_sample(complete, measure, by, design)
    extra = _covariate_columns(sample.rows, covariates)
    columns = np.column_stack([np.eye(len(sample.names))[sample.group], extra.to_numpy(float)])
    fitted = fit_clustered(columns, sample, np.eye(columns.shape[1]))
    low, high = fitted.interval(design.level)
    size = len(sample.names)
    if not np.isfinite(fitted.value[:size]).all():
        mixed = ", ".join(
            name for name, value in zip(extra.columns, fitted.value[size:], strict=True) if np.isnan(value)
        )
        raise ValueError(f"{mixed} cannot be told from the {by}: leave out what only one {by} has and always has.")
    adjusted = pd.DataFrame({by: list(sample.names), "adjusted": fitted.value[:size]})
    adjusted = adjusted.assign(adjusted_low=low[:size], adjusted_high=high[:size])
    table = compare(complete, measure, by, design)
    result = table.merge(adjusted, on=by, how="left", validate="one_to_one")
    lost = result["adjusted_low"].isna() & result["low"].notna()
    result.loc[lost, "warning"] = [
        "; ".join(part for part in (warning, "adjusted: rests on one article, no interval") if part)
        for warning in result.loc[lost, "warning"]
    ]
    terms = {name: [float(fitted.value[size + i]), float(low[size + i]), float(high[size + i])]
             for i, name in enumerate(extra.columns)}  # fmt: skip
    result.attrs = table.attrs | {"covariates": terms}
    return result


def refuse_design(design: Design, name: str, bootstrap: bool = False) -> None:
    """Refuse two kinds of clusters, and bootstrap intervals where there are none, instead of ignoring the wish."""
    if len(design.cluster) > 1:
        raise ValueError(f"{name} clusters by one column, not by {' and '.join(design.cluster)}. Give one.")
    if design.interval == "bootstrap" and not bootstrap:
        raise ValueError(f'{name} has no bootstrap intervals. Use interval="t".')


def _covariate_columns(rows: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """Make covariates numbers, centred so that the speakers' levels are those of the average quote."""
    parts = []
    for name in covariates:
        column = rows[name]
        if column.dtype.kind in "biuf":
            parts.append(column.astype(float).rename(name))
        else:
            parts.append(pd.get_dummies(column.astype(str), prefix=name, dtype=float).iloc[:, 1:])
    extra = pd.concat(parts, axis=1)
    extra = extra.loc[:, extra.nunique() > 1]
    return extra - extra.mean()


def count_steps(
    quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", *, articles: int | None = None
) -> pd.DataFrame:
    """How many articles and quotes are left after each step, from what was read to what is compared.

    `articles` is the number read, which the quotes table cannot know (an article without a quote has no row).
    """
    need_columns(quotes, ["doc_id", by, measure])
    named = quotes[quotes[by].notna()]
    steps = {"quotes found": quotes, f"with a {by.replace('_', ' ')}": named}
    if "speaker_kind" in quotes and by == "speaker":
        named = named[named["speaker_kind"] == "person"]
        steps["said by a named person"] = named
    scored = named[named[measure].notna()]
    steps[f"with {measure.replace('_', ' ')}"] = scored
    often = scored.groupby(by)["doc_id"].transform("nunique") >= 2
    steps[f"{by.replace('_', ' ')} in two articles or more"] = scored[often]
    rows = [{"step": name, "articles": rest["doc_id"].nunique(), "quotes": len(rest)} for name, rest in steps.items()]
    read = articles if articles is not None else quotes["doc_id"].nunique()
    return pd.DataFrame([{"step": "read", "articles": read, "quotes": len(quotes)}, *rows])
