"""Simulation with known truth: do intervals cover and tests keep their level, with quotes nested in articles?

    python -m benchmarks.simulation          prints six tables and writes them to benchmarks/simulation.md
    python -m benchmarks.simulation --quick  a tenth of the runs, printed only

The whole takes nine minutes of one processor.

Values look like tone: between -1 and 1, a third of them near 0, those of one article correlated at 0.3 before that.
Nothing here is fitted to the results; the seed is fixed, and a second run prints the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr, stdtrit

from research.clustering import (
    Array,
    Cells,
    estimate_contrast,
    estimate_correlation,
    estimate_effective_quotes,
    find_hit_interval,
    find_rate_interval,
    permute_pair,
)
from research.debiasing import ESTIMATORS, Audit, Corrected, estimate_naive
from research.imputation import estimate_imputed
from research.validation import correct_rate

SEED = 20221221
CORRELATION = 0.3
PAIR = np.array([1.0, -1.0])
ARTICLES = (10, 30, 100)
DESIGNS = ("same articles", "different articles", "some of both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How often each simulation is repeated.

    The Monte Carlo error of a share of 5 % is 0.15 points at 20,000 runs, 0.5 at 2,000 and 0.7 at 1,000.
    """

    default: int = 20_000
    resampled: int = 1_000
    audits: int = 2_000


# --- tests without any difference -----------------------------------------------------------------------------------


def shape_like_tone(latent: Array) -> Array:
    """Turn normal values into what scorers give: bounded, and exactly 0 for a third of the quotes."""
    return np.where(np.abs(latent) < 0.43, 0.0, np.tanh(latent))


def draw_counts(random: np.random.Generator, runs: int, articles: int, design: str) -> NDArray[np.int64]:
    """Draw how often each of two speakers is quoted in each article, shape (runs, articles, 2)."""
    if design == "same articles":
        return 1 + random.poisson(1.5, (runs, articles, 2))
    quotes = 1 + random.geometric(0.25, (runs, articles))
    if design == "different articles":
        first = np.where(np.arange(articles) < articles // 2, quotes, 0)
    else:
        first = random.binomial(quotes, random.beta(0.7, 0.7, (runs, articles)))
    return np.stack([first, quotes - first], axis=-1)


def draw_null(random: np.random.Generator, runs: int, articles: int, design: str) -> Cells:
    """Draw quotes of two speakers without any difference between them, summed by article and speaker."""
    counts = draw_counts(random, runs, articles, design)
    counts = counts[((counts > 0).sum(1) >= 2).all(-1)]
    article = random.normal(size=(*counts.shape[:2], 1, 1)) * np.sqrt(CORRELATION)
    latent = article + random.normal(size=(*counts.shape, counts.max())) * np.sqrt(1 - CORRELATION)
    value = shape_like_tone(latent) * (np.arange(counts.max()) < counts[..., None])
    return make_cells(counts.astype(float), value)


def make_cells(counts: Array, value: Array) -> Cells:
    """Sum values (…, articles, speakers, quotes), 0 where there is no quote, each quote counting once."""
    total = value.sum(-1)
    return Cells(weight=counts, squared_weight=counts, total=total, count=counts, sum=total, square=(value**2).sum(-1))


def pick(cells: Cells, run: int) -> Cells:
    """One run of many."""
    names = ("weight", "squared_weight", "total", "count", "sum", "square")
    return Cells(**{name: getattr(cells, name)[run] for name in names})


def reject_default(cells: Cells) -> float:
    """Share of runs in which the package's default test finds a difference at 5 %."""
    return float((estimate_contrast(cells, PAIR, estimate_correlation(cells)).p < 0.05).mean())


def reject_naive(cells: Cells) -> float:
    """Share of runs in which Welch's t test on quotes, articles ignored, finds a difference at 5 %."""
    number = cells.count.sum(-2)
    mean = cells.sum.sum(-2) / number
    variance = (cells.square.sum(-2) / number - mean**2) / (number - 1)
    freedom = variance.sum(-1) ** 2 / (variance**2 / (number - 1)).sum(-1)
    statistic = np.abs(mean[:, 0] - mean[:, 1]) / np.sqrt(variance.sum(-1))
    return float((2 * stdtr(freedom, -statistic) < 0.05).mean())


def reject_bootstrap(cells: Cells, random: np.random.Generator, draws: int = 499) -> float:
    """Share of runs in which the percentile interval of resampled articles leaves out 0."""
    articles = cells.count.shape[1]
    times = random.multinomial(articles, np.full(articles, 1 / articles), size=draws).astype(float)
    found = 0
    for run in range(cells.count.shape[0]):
        with np.errstate(invalid="ignore"):
            means = (times @ cells.total[run]) / (times @ cells.weight[run])
        low, high = np.nanpercentile(means[:, 0] - means[:, 1], [2.5, 97.5])
        found += not low <= 0 <= high
    return found / cells.count.shape[0]


def reject_permutation(cells: Cells, draws: int = 199) -> float:
    """Share of runs in which the restricted permutation test finds a difference at 5 %."""
    runs = [pick(cells, run) for run in range(cells.count.shape[0])]
    p = [float(permute_pair(run, np.asarray(0.0), draws=draws)) for run in runs]
    return float((np.array(p) <= 0.05).mean())


def tabulate_level(size: Size) -> list[list[str]]:
    """How often each test finds a difference that is not there, by design and number of articles."""
    rows = []
    for design in DESIGNS:
        for articles in ARTICLES:
            random = np.random.default_rng([SEED, articles, DESIGNS.index(design)])
            many = [
                draw_null(random, min(1000, size.default), articles, design) for _ in range(-(-size.default // 1000))
            ]
            few = draw_null(random, size.resampled, articles, design)
            shares = [
                np.mean([reject_naive(cells) for cells in many]),
                reject_bootstrap(few, random),
                reject_permutation(few),
                np.mean([reject_default(cells) for cells in many]),
            ]
            rows.append([design, str(articles), *(f"{share:.1%}" for share in shares)])
    return rows


def tabulate_one_mean(size: Size) -> list[list[str]]:
    """How often the interval of a single speaker's mean covers it, by number of articles."""
    rows = []
    for articles in (5, *ARTICLES):
        random = np.random.default_rng([SEED, articles])
        cells = draw_null(random, size.resampled, articles, "same articles")
        one = Cells(**{name: getattr(cells, name)[..., :1] for name in Cells.__slots__})
        estimate = estimate_contrast(one, np.ones(1), estimate_correlation(one))
        low, high = estimate.interval(0.95)
        number = one.count.sum((-2, -1))
        spread = np.sqrt(one.square.sum((-2, -1)) / number - estimate.value**2)
        naive = np.abs(estimate.value) <= stdtrit(number - 1, 0.975) * spread / np.sqrt(number - 1)
        resampled = 1 - reject_zero(one, random)
        rows.append(
            [str(articles), f"{naive.mean():.1%}", f"{resampled:.1%}", f"{((low <= 0) & (high >= 0)).mean():.1%}"]
        )
    return rows


def reject_zero(cells: Cells, random: np.random.Generator, draws: int = 499) -> float:
    """Share of runs in which the percentile interval of one mean leaves out 0."""
    articles = cells.count.shape[1]
    times = random.multinomial(articles, np.full(articles, 1 / articles), size=draws).astype(float)
    means = (times @ cells.total[..., 0].T) / (times @ cells.weight[..., 0].T)
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return float(((low > 0) | (high < 0)).mean())


def tabulate_one_rate(size: Size) -> list[list[str]]:
    """How often the interval of a speaker's rate covers it, by rate and number of articles."""
    rows = []
    for rate in (0.07, 0.2, 0.5):
        for articles in (10, 30):
            random = np.random.default_rng([SEED, articles, int(rate * 100)])
            counts = draw_counts(random, size.resampled, articles, "same articles")[..., :1]
            article = random.normal(size=(*counts.shape, 1)) * np.sqrt(CORRELATION)
            latent = article + random.normal(size=(*counts.shape, counts.max())) * np.sqrt(1 - CORRELATION)
            yes = (latent < ndtri(rate)) & (np.arange(counts.max()) < counts[..., None])
            cells = make_cells(counts.astype(float), yes.astype(float))
            correlation = estimate_correlation(cells)
            estimate = estimate_contrast(cells, np.ones(1), correlation)
            effective = estimate_effective_quotes(cells, correlation)[..., 0]
            ends = estimate.interval(0.95), find_rate_interval(estimate, effective, 0.95)
            covered = [((low <= rate) & (rate <= high)).mean() for low, high in ends]
            rows.append([f"{rate:.0%}", str(articles), *(f"{share:.1%}" for share in covered)])
    return rows


HITS = ((10, 20, True), (20, 5, True), (20, 20, True), (40, 5, True), (10, 10, False), (20, 5, False))
"""Articles, hits per 1,000 words, and whether hits come together in some articles (a gamma effect of shape 1)."""


def draw_hits(random: np.random.Generator, runs: int, articles: int, rate: float, bursty: bool) -> Cells:
    """Draw hits in quotes of 25 words, 2.5 an article, as rates per 1,000 words that are weighted by words."""
    counts = 1 + random.poisson(1.5, (runs, articles, 1))
    words = (5 + random.poisson(20, (*counts.shape, counts.max()))) * (np.arange(counts.max()) < counts[..., None])
    article = random.gamma(1, size=(*counts.shape, 1)) if bursty else 1.0
    found = 1000 * random.poisson(rate / 1000 * words * article) / np.maximum(words, 1)
    return Cells(
        weight=words.sum(-1).astype(float), squared_weight=(words**2).sum(-1).astype(float),
        total=(words * found).sum(-1), count=counts.astype(float), sum=found.sum(-1), square=(found**2).sum(-1),
    )  # fmt: skip


def tabulate_one_hit_rate(size: Size) -> list[list[str]]:
    """How often the intervals of a rate of hits cover it, are too low, and reach below 0; and how many have none."""
    rows = []
    for articles, rate, bursty in HITS:
        random = np.random.default_rng([SEED, articles, rate, bursty])
        ends = []
        for _ in range(-(-size.default // 1000)):
            cells = draw_hits(random, min(1000, size.default), articles, rate, bursty)
            estimate = estimate_contrast(cells, np.ones(1), estimate_correlation(cells))
            ends.append([*estimate.interval(0.95), *find_hit_interval(estimate, 0.95)])
        found = np.concatenate(ends, axis=1)
        low, high, own_low, own_high = found[:, np.isfinite(found).all(0)]
        shares = [((low <= rate) & (rate <= high)).mean(), (high < rate).mean(), (low < 0).mean(),
                  ((own_low <= rate) & (rate <= own_high)).mean(), (own_high < rate).mean()]  # fmt: skip
        kind = "bursty" if bursty else "independent"
        rows.append([str(articles), str(rate), kind, *(f"{share:.1%}" for share in shares)])
    return rows


# --- machine errors -------------------------------------------------------------------------------------------------

MEANS = np.array([-0.25, 0.0, 0.30])
RIGHT = np.array([0.95, 0.88, 0.80])
CONTRASTS = np.vstack([np.eye(3), [-1.0, 0.0, 1.0]])


def draw_audit(
    random: np.random.Generator, *, noisy: bool, too_sure: bool = False, articles: int = 100, audited: int = 60
) -> Audit:
    """Draw quotes of three speakers, attribution right for 95, 88 and 80 %, and an audit of 60 quotes of each.

    A wrong quote goes to another speaker of its article, the more readily the more he is quoted there. With `noisy`
    the machine's tone is 0.6 of the true one plus 0.1 plus noise of 0.3 (it correlates with the truth at .63). Stated
    confidences are calibrated; with `too_sure` they state half the doubt there is.
    """
    article = np.repeat(np.arange(articles), 1 + random.poisson(7, articles))
    rows = np.arange(len(article))
    chance = random.dirichlet([1.5, 1.2, 0.9], articles)[article]
    speaker = draw_rows(chance, random)
    effect = random.normal(size=articles)[article] * 0.18 + random.normal(size=len(rows)) * 0.36
    tone = MEANS[speaker] + effect
    confidence = random.beta(20 * RIGHT[speaker], 20 * (1 - RIGHT[speaker]))
    elsewhere = chance.copy()
    elsewhere[rows, speaker] = 0
    wrong = random.random(len(rows)) >= confidence
    given = np.where(wrong, draw_rows(elsewhere, random), speaker)
    drawn, probability = draw_strata(given, audited, random)
    stated = calibrate(given, confidence, given == speaker)
    said = 0.6 * tone + 0.1 + random.normal(size=len(rows)) * 0.3 if noisy else tone
    return Audit(
        names=("one", "two", "three"),
        article=article,
        given=given,
        value=said,
        confidence=(1 + stated) / 2 if too_sure else stated,
        audited=drawn,
        probability=probability,
        stratum=given,
        true_speaker=np.where(drawn, speaker, -1),
        true_value=np.where(drawn, tone, said),
    )


def draw_rows(chance: Array, random: np.random.Generator) -> NDArray[np.intp]:
    """Draw a column for each row, with the given weights."""
    steps = np.cumsum(chance, axis=1)
    return np.asarray((steps < random.random((len(chance), 1)) * steps[:, -1:]).sum(1).clip(max=2))


def draw_strata(given: NDArray[np.intp], audited: int, random: np.random.Generator) -> tuple[NDArray[np.bool_], Array]:
    """Draw as many quotes of each speaker, and say with which probability."""
    drawn, probability = np.zeros(len(given), bool), np.ones(len(given))
    for code in range(3):
        members = np.flatnonzero(given == code)
        chosen = random.choice(members, min(audited, len(members)), replace=False)
        drawn[chosen] = True
        probability[members] = len(chosen) / max(len(members), 1)
    return drawn, probability


def calibrate(given: NDArray[np.intp], confidence: Array, right: NDArray[np.bool_]) -> Array:
    """State a confidence that is calibrated: the share of right quotes among those with a similar one."""
    key = given * 11 + (confidence * 10).astype(int)
    share = np.bincount(key, right) / np.maximum(np.bincount(key), 1)
    return np.asarray(share[key])


SIMULATED: Mapping[str, Callable[[Audit, int], Corrected]] = {"naive": estimate_naive, **ESTIMATORS}


def find_intervals(audit: Audit, method: str, run: int) -> tuple[Array, Array, Array, Array]:
    """Estimates, both ends and standard errors for three means and the difference of the outer two, shape (4,) each."""
    if method.startswith("imputation"):
        unseen = replace(audit, audited=np.zeros_like(audit.audited))
        imputed = estimate_imputed(unseen if "without" in method else audit, CONTRASTS, seed=run)
        return (imputed.value, *imputed.interval(0.95), imputed.se)
    means = [SIMULATED[method](audit, code) for code in range(3)]
    found = [*means, means[2].minus(means[0])]
    low, high = np.array([one.interval(0.95) for one in found]).T
    return np.array([one.value for one in found]), low, high, np.array([one.se for one in found])


ERRORS: Mapping[str, tuple[Mapping[str, bool], tuple[str, ...]]] = {
    "speakers": (
        {"noisy": False},
        ("naive", "imputation without audit", "imputation", "audit only", "ppi", "dsl"),
    ),
    "speakers, too sure": (
        {"noisy": False, "too_sure": True},
        ("imputation without audit", "imputation", "dsl"),
    ),
    "speakers and tone": ({"noisy": True}, ("naive", "audit only", "ppi", "dsl")),
}
"""What the machine errs in, how `draw_audit` makes it, and the methods that are tried on it."""


def tabulate_correction(size: Size) -> list[list[str]]:
    """Bias, error, width and coverage of naive and corrected intervals, for three kinds of machine error."""
    truth = CONTRASTS @ MEANS
    rows = []
    for wrong, (options, methods) in ERRORS.items():
        for method in methods:
            random = np.random.default_rng([SEED, int(options["noisy"])])
            audits = (draw_audit(random, **options) for _ in range(size.audits))
            runs = np.array([find_intervals(audit, method, run) for run, audit in enumerate(audits)])
            value, low, high, se = np.moveaxis(runs, 1, 0)
            bias = (value - truth).mean(0)
            covered = ((low <= truth) & (truth <= high)).mean(0)
            stated = np.sqrt((se**2).mean(0)) / value.std(0)
            rows.append([
                wrong, method, f"{np.abs(bias[:3]).max():.3f}", f"{bias[3]:+.3f}",
                f"{stated.min():.2f} to {stated.max():.2f}", f"{(high - low)[:, 3].mean():.2f}",
                f"{covered[:3].min():.1%} to {covered[:3].max():.1%}", f"{covered[3]:.1%}",
            ])  # fmt: skip
    return rows


def tabulate_rates(size: Size) -> list[list[str]]:
    """Coverage of a rate's interval when the machine finds 80 % of the yes and 90 % of the no."""
    rows = []
    for rate in (0.1, 0.3, 0.5):
        random = np.random.default_rng([SEED, int(rate * 100)])
        hits = np.zeros(2)
        for _ in range(size.audits):
            share = random.binomial(300, rate * 0.8 + (1 - rate) * 0.1) / 300
            yes = random.binomial(120, 0.3)
            found, passed = random.binomial(yes, 0.8) / yes, random.binomial(120 - yes, 0.9) / (120 - yes)
            low, high = correct_rate(share, 300, (1.0, 1e9), (1.0, 1e9))[1:]
            hits[0] += low <= rate <= high
            low, high = correct_rate(share, 300, (found, yes), (passed, 120 - yes))[1:]
            hits[1] += low <= rate <= high
        rows.append([f"{rate:.0%}", *(f"{share:.1%}" for share in hits / size.audits)])
    return rows


# --- the report -----------------------------------------------------------------------------------------------------


def format_table(header: list[str], rows: list[list[str]]) -> str:
    """A markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


CORRECTED = [
    "machine errs in", "method", "largest bias of a mean", "bias of the difference", "stated / true error",
    "width (difference)", "coverage of means", "of the difference",
]  # fmt: skip


ONE_RATE = ["rate", "articles", "t interval", "**default**"]

FOUND_RATES = ["true rate", "naive", "corrected"]

HIT_RATES = [
    "articles", "rate", "hits", "t interval", "it is too low", "it reaches below 0", "**default**", "it is too low",
]  # fmt: skip


def write_report(size: Size) -> str:
    """All six tables as markdown, with what each shows."""
    level = ["two speakers in", "articles", "t test on quotes", "percentile bootstrap", "permutation", "**default**"]
    mean = ["articles", "quotes as independent", "percentile bootstrap", "**default**"]
    return f"""# Simulation with known truth

Written by `python -m benchmarks.simulation`; a second run writes the same.

## Two speakers who do not differ: how often is a difference found at 5 %?

Quotes nested in articles, correlation {CORRELATION} within an article before rounding to tone-like values.
{size.default:,} runs for the t test and the default, {size.resampled:,} for the resampling tests.

{format_table(level, tabulate_level(size))}

## One mean: how often does the 95 % interval cover it?

{size.resampled:,} runs.

{format_table(mean, tabulate_one_mean(size))}

## One rate: how often does the 95 % interval cover it?

{size.resampled:,} runs.

{format_table(ONE_RATE, tabulate_one_rate(size))}

## One rate of hits per 1,000 words: how often does the 95 % interval cover it?

Quotes of 25 words, 2.5 an article; hits are independent, or come together in some articles (bursty). {size.default:,}
runs, less those without a hit.

{format_table(HIT_RATES, tabulate_one_hit_rate(size))}

## Machine errors: naive and corrected 95 % intervals

Three speakers in 100 articles of 8 quotes; attribution right for 95, 88 and 80 %; 60 quotes of each audited.
Imputation is for wrong speakers only; without an audit it believes the confidences, which are calibrated but where
the machine is too sure: there it states half of its doubt. Stated / true error: the root of the mean squared standard
error over the standard deviation of the estimates, least and most of the three means and the difference.
{size.audits:,} runs; the Monte Carlo error of a coverage of 95 % is {np.sqrt(0.95 * 0.05 / size.audits):.1%}.

{format_table(CORRECTED, tabulate_correction(size))}

## A rate when the machine finds 80 % of the yes and 90 % of the no

300 effective quotes, 120 audited. {size.audits:,} runs.

{format_table(FOUND_RATES, tabulate_rates(size))}
"""


def main() -> None:
    """Print the report, and write it beside this file unless it is a quick one."""
    parser = argparse.ArgumentParser(description="Simulation with known truth: level of tests, coverage of intervals.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs, printed only")
    quick = parser.parse_args().quick
    report = write_report(Size(default=2000, resampled=100, audits=100) if quick else Size())
    print(report)
    if not quick:
        Path(__file__).with_name("simulation.md").write_text(report, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
