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
from scipy.special import stdtrit

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
    find_rate_interval,
    permute_pair,
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

    Rows are sorted by speaker; `starts` says where each speaker's begin, and last where they all end.
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

    @property
    def correlation(self) -> Array:
        """What `estimate_correlation` gives for all speakers together, without their table."""
        return correlate(self.clusters[0], self.group, self.value)


def prepare_sample(quotes: pd.DataFrame, measure: str, by: str = "speaker", design: Design = DEFAULT) -> Sample:
    """Keep the rows with a speaker, a measure and a cluster, in an order that doesn't depend on the table's.

    Sorting makes sums the same to the last digit whatever order the rows arrive in.
    """
    columns = [measure, by, *design.cluster, *([design.weight] if design.weight else [])]
    need_columns(quotes, columns)
    rows = quotes.assign(**{measure: pd.to_numeric(quotes[measure], errors="coerce").astype(float)})
    rows = rows[rows[columns].notna().all(axis=1) & np.isfinite(rows[measure])]
    if design.unit == "quote":
        rows = merge_copies(rows, measure, by, design.weight)
    order = [by, *design.cluster, *(c for c in ("quote_id",) if c in rows), measure]
    rows = rows.sort_values(order, kind="stable").reset_index(drop=True)
    group, names = pd.factorize(rows[by], sort=True)
    keys = [pd.factorize(rows[column], sort=True)[0] for column in design.cluster]
    if len(keys) == 2:
        keys.append(pd.factorize(pd.Series(list(zip(*keys, strict=True))))[0])
    return Sample(
        rows=rows,
        measure=measure,
        by=by,
        names=tuple(names),
        group=group,
        starts=np.searchsorted(group, np.arange(len(names) + 1)),
        clusters=tuple(keys),
        value=rows[measure].to_numpy(),
        weight=weigh_rows(rows, by, design.unit) * _find_weights(rows, design.weight),
    )


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

    A yes/no measure gives a rate, with Wilson's interval. One row a speaker, most quoted first: `quotes`, `articles`,
    `mean`, `se`, `low`, `high`, `degrees_of_freedom`, `effective_quotes` (independent quotes that would tell as
    much), `effective_articles` (articles, were they of equal size), `warning` ("" if none) and `quote_ids`.
    `attrs["correlation"]` is that of a speaker's quotes in one article, NaN where they cannot tell it: quotes then
    count as independent in `effective_quotes`.

    >>> quotes = pd.DataFrame({"doc_id": list("aabbcc"), "speaker": ["Y", "Z"] * 3, "tone": [0., 1, .2, .8, .1, .6]})
    >>> compare(quotes, "tone")[["speaker", "quotes", "articles", "mean"]].round(2).to_dict("list")
    {'speaker': ['Y', 'Z'], 'quotes': [3, 3], 'articles': [3, 3], 'mean': [0.1, 0.8]}
    """
    sample = prepare_sample(quotes, measure, by, design)
    correlation = sample.correlation
    estimates = [estimate_speakers(sample, {place: 1.0}, correlation) for place in range(len(sample.names))]
    single = [sample.cells([place]) for place in range(len(sample.names))]
    effective = np.array([float(estimate_effective_quotes(cells, correlation)[0]) for cells in single])
    table = pd.DataFrame({by: list(sample.names), "measure": measure, **_sizes(sample)})
    table["mean"] = [float(e.value) for e in estimates]
    table["se"] = [float(e.se) for e in estimates]
    table["low"], table["high"] = _ends(sample, estimates, effective, design)
    table["degrees_of_freedom"] = [float(e.degrees_of_freedom) for e in estimates]
    table["effective_quotes"] = effective
    table["effective_articles"] = [1 / float((cells.share**2).sum()) for cells in single]
    table["warning"] = [_warn(cells.share, e) for cells, e in zip(single, estimates, strict=True)]
    ids = [find_quote_ids(sample, place) for place in range(len(sample.names))]
    table["quote_ids"] = pd.Series(ids, dtype=object)
    table = table.sort_values(["quotes", by], ascending=[False, True], kind="stable").reset_index(drop=True)
    table.attrs = describe_design(quotes, sample, design) | {"correlation": float(correlation)}
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


def _warn(share: Array, estimate: Estimate) -> str:
    """Say what a reader should know before believing an interval; "" if nothing."""
    clusters = int((share > 0).sum())
    if clusters <= 1:
        return "one article: no interval"
    reasons = []
    if clusters < FEW_ARTICLES:
        reasons.append(f"few articles ({clusters})")
    if share.max() >= 0.5:
        reasons.append(f"one article holds {share.max():.0%} of the weight")
    if float(estimate.degrees_of_freedom) < 4:
        reasons.append("under 4 degrees of freedom")
    return "; ".join(reasons)


def estimate_speakers(sample: Sample, contrast: dict[int, float], correlation: Array) -> Estimate:
    """Estimate a contrast of speakers' means, given by place; two-way clustering adds the ways less their intersection.

    Two-way variance after Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, never
    below the larger one-way variance, with the smaller degrees of freedom (MacKinnon, Nielsen & Webb 2021).
    """
    places, weights = list(contrast), np.array(list(contrast.values()))
    ways = [estimate_contrast(sample.cells(places, way), weights, correlation) for way in range(len(sample.clusters))]
    if len(ways) == 1:
        return ways[0]
    first, second, both = (way.se**2 for way in ways)
    variance = np.maximum(np.maximum(first, second), first + second - np.nan_to_num(both))
    freedom = np.minimum(ways[0].degrees_of_freedom, ways[1].degrees_of_freedom)
    return replace(ways[0], se=np.sqrt(variance), degrees_of_freedom=freedom)


def _ends(
    sample: Sample, estimates: list[Estimate], effective: Array, design: Design
) -> tuple[list[float], list[float]]:
    """Find both ends of each speaker's interval, by the design's method; rates get an interval inside 0 and 1."""
    if design.interval == "t":
        rate = bool(np.isin(sample.value, (0.0, 1.0)).all())
        ends = [
            find_rate_interval(estimate, number, design.level) if rate else estimate.interval(design.level)
            for estimate, number in zip(estimates, effective, strict=True)
        ]
        return [float(low) for low, _ in ends], [float(high) for _, high in ends]
    means = draw_means(sample, design)
    single = np.array([not np.isfinite(e.se) for e in estimates])
    low, high = _percentiles(means, design.level)
    return np.where(single, np.nan, low).tolist(), np.where(single, np.nan, high).tolist()


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
    (cluster-robust) or "permutation" (see `permute_pair`). `quote_ids` are those of both.
    """
    sample = prepare_sample(quotes, measure, by, design)
    correlation = sample.correlation
    pairs = [pair for pair in itertools.combinations(sample.names, 2) if against is None or against in pair]
    pairs = [(a, b) if against is None or b == against else (b, a) for a, b in pairs]
    rows = [compare_pair(sample, pair, correlation, test, design) for pair in pairs]
    table = pd.DataFrame(rows, columns=PAIR_COLUMNS)
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(float), adjust)
    table.attrs = describe_design(quotes, sample, design) | {"test": test, "adjust": adjust}
    return table


PAIR_COLUMNS = [
    "first", "second", "measure", "quotes_first", "quotes_second", "articles_first", "articles_second",
    "shared_articles", "effective_quotes_first", "effective_quotes_second", "difference", "se", "low", "high",
    "degrees_of_freedom", "p", "warning", "quote_ids",
]  # fmt: skip


def compare_pair(sample: Sample, pair: tuple[Any, Any], correlation: Array, test: Test, design: Design) -> list[Any]:
    """One row of the table of pairs."""
    places = [sample.names.index(name) for name in pair]
    estimate = estimate_speakers(sample, {places[0]: 1.0, places[1]: -1.0}, correlation)
    low, high = estimate.interval(design.level)
    cells = sample.cells(places)
    if design.interval == "bootstrap" and np.isfinite(estimate.se):
        drawn = draw_means(sample, design)[:, places]
        low, high = _percentiles(drawn[:, 0] - drawn[:, 1], design.level)
    p = estimate.p if test == "t" else permute_pair(cells, correlation, draws=design.draws, seed=design.seed)
    articles = (cells.count > 0).sum(-2)
    warnings = dict.fromkeys(_warn(cells.share[:, i], estimate) for i in range(2))
    return [
        *pair, sample.measure,
        *cells.count.sum(-2).astype(int), *articles.astype(int), int((cells.count > 0).all(-1).sum()),
        *map(float, estimate_effective_quotes(cells, correlation)),
        float(estimate.value), float(estimate.se), float(low), float(high),
        float(estimate.degrees_of_freedom), float(p), "; ".join(w for w in warnings if w),
        sum((find_quote_ids(sample, place) for place in places), ()),
    ]  # fmt: skip


def describe_pairs(pairs: pd.DataFrame, level: float = 0.95) -> list[str]:
    """Say in a sentence each what a table of pairs shows, and how sure it is.

    >>> pair = {"first": "Ann", "second": "Bo", "measure": "tone", "difference": -0.25, "low": -0.4, "high": -0.1,
    ...         "quotes_first": 40, "quotes_second": 1, "articles_first": 20, "articles_second": 1, "warning": ""}
    >>> print(describe_pairs(pd.DataFrame([pair]))[0])
    Ann is lower in tone than Bo: difference -0.25, 95 % interval -0.40 to -0.10 (40 quotes in 20 articles, 1 in 1).
    """
    return [_describe_pair(row, level) for row in pairs.to_dict("records")]


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

    With dozens of rarely quoted speakers the extremes are mostly noise. The variance between speakers is estimated
    by Paule and Mandel's method; intervals carry Morris's correction for having estimated it. Morris (1983), Journal
    of the American Statistical Association 78; Paule & Mandel (1982). Adds `pooled`, `pooled_low`, `pooled_high` and
    `own_weight` (1: the speaker's own mean stands; 0: the common mean). A speaker with one article gets NaN.

    >>> table = pd.DataFrame({"mean": [0.0, 0.1, 0.9, 1.0], "se": [0.1, 0.1, 0.1, 0.6]})
    >>> pool_speakers(table)["pooled"].round(2).tolist()
    [0.01, 0.1, 0.89, 0.87]
    """
    mean, variance = table["mean"].to_numpy(float), table["se"].to_numpy(float) ** 2
    known = np.isfinite(variance) & (variance > 0)
    if known.sum() < 3:
        raise ValueError(f"{known.sum()} speakers have an interval. Pooling needs at least 3.")
    between = estimate_between(mean[known], variance[known])
    weight = np.where(known, 1 / np.where(known, between + variance, 1), 0)
    common = float((weight[known] * mean[known]).sum() / weight.sum())
    count = int(known.sum())
    own = 1 - (max(count - 3, 1) / (count - 1)) * variance / (between + variance)
    correction = 2 / max(count - 3, 1) * (1 - own) ** 2 * (mean - common) ** 2
    spread = np.sqrt(variance * (1 - (count - 1) / count * (1 - own)) + correction)
    reach = -stdtrit(1e6, 0.025) * spread
    pooled = common + own * (mean - common)
    added = {"pooled": pooled, "pooled_low": pooled - reach, "pooled_high": pooled + reach, "own_weight": own}
    result = table.assign(**{name: np.where(known, value, np.nan) for name, value in added.items()})
    result.attrs = table.attrs | {"common_mean": common, "between_variance": between}
    return result


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
    as categories), CR2 intervals. Adds `adjusted` and its ends to the columns of `compare`; `attrs["covariates"]`
    holds the covariates' own estimates. Rows without a covariate are left out of both means.
    """
    need_columns(quotes, covariates)
    complete = quotes[quotes[list(covariates)].notna().all(axis=1)]
    sample = prepare_sample(complete, measure, by, design)
    extra = _covariate_columns(sample.rows, covariates)
    level = np.eye(len(sample.names))[sample.group]
    columns = np.column_stack([level, extra.to_numpy(float)])
    fitted = fit_clustered(columns, sample, np.eye(columns.shape[1]))
    low, high = fitted.interval(design.level)
    size = len(sample.names)
    adjusted = pd.DataFrame({by: list(sample.names), "adjusted": fitted.value[:size]})
    adjusted = adjusted.assign(adjusted_low=low[:size], adjusted_high=high[:size])
    table = compare(complete, measure, by, design)
    result = table.merge(adjusted, on=by, how="left", validate="one_to_one")
    terms = {name: [float(fitted.value[size + i]), float(low[size + i]), float(high[size + i])]
             for i, name in enumerate(extra.columns)}  # fmt: skip
    result.attrs = table.attrs | {"covariates": terms}
    return result


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
