"""Who else may have said it: the true speaker of every quote drawn several times over, and what that does to a mean.

An imputation is proper only if everything it rests on is drawn anew for each (Rubin 1987): how often the machine is
right about each speaker, whom it takes for whom, the speakers' means and the articles' own levels. And it must know
what the analysis knows: that quotes come in articles, and that tone tells speakers apart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from research.clustering import Array, Cells, Estimate, assume_correlation, correlate, divide, estimate_contrast
from research.debiasing import Audit


def impute_speakers(audit: Audit, *, imputations: int = 20, rounds: int = 5, seed: int = 20221221) -> NDArray[np.intp]:
    """Draw the true speaker of every quote several times over; codes of shape (imputations, quotes), K for nobody.

    A quote keeps its speaker with the probability `confidence`, as the audit corrects it; otherwise it goes to the
    others quoted in its article in proportion, more readily to those the audit finds it mistaken for and to those
    whose quotes there have such a value (data augmentation, Tanner & Wong 1987, with normal values and an effect of
    each article). Audited quotes keep their true speaker. Where nothing was audited the confidences are believed;
    where there is an audit, prefer the estimators that believe nothing.
    """
    random = np.random.default_rng(seed)
    others = _weigh_others(audit)
    drawn = np.empty((imputations, len(audit.value)), int)
    for number in range(imputations):
        prior = _draw_chances(audit, others, random)
        codes = _draw_codes(prior, random)
        for _ in range(rounds):
            codes = _draw_codes(prior * _draw_fit(audit, codes, random), random)
        drawn[number] = codes
    return drawn


def _coded(audit: Audit, speaker: NDArray[np.intp]) -> NDArray[np.intp]:
    """Codes with K for nobody in place of -1."""
    return np.where(speaker < 0, len(audit.names), speaker)


def _count_by_article(audit: Audit, codes: NDArray[np.intp], amount: Array | None = None) -> Array:
    """Count quotes, or sum an amount, by article and speaker: shape (articles, K + 1)."""
    articles, size = int(audit.article.max()) + 1, len(audit.names) + 1
    sums = np.bincount(audit.article * size + codes, amount, articles * size)
    return sums.astype(float).reshape(articles, size)


def _weigh_others(audit: Audit) -> Array:
    """How much each other speaker of a quote's article is quoted there: shape (quotes, K + 1), its own speaker 0.

    An article of few quotes says little of who speaks in it, so its counts are smoothed toward those of all articles,
    as much as speakers differ between articles: the concentration of a Dirichlet-multinomial, by moments.
    """
    own = _coded(audit, audit.given)
    counts = _count_by_article(audit, own)
    quotes, overall = counts.sum(1), counts.sum(0) / counts.sum()
    same = divide((counts * (counts - 1)).sum(), (quotes * (quotes - 1)).sum())
    chance = (overall**2).sum()
    concentration = (1 - same) / max(float(same - chance), 1e-3)
    others = counts[audit.article] + concentration * overall
    others[np.arange(len(own)), own] = 0
    return np.asarray(others)


def _draw_chances(audit: Audit, others: Array, random: np.random.Generator) -> Array:
    """Draw the chance of each speaker for each quote before its value is looked at; the last column is nobody."""
    rows, own = np.arange(len(audit.given)), _coded(audit, audit.given)
    confidence = _draw_confidence(audit, random)
    pulled = others * _draw_pull(audit, others, random)[own]
    chance = (1 - confidence)[:, None] * divide(pulled, pulled.sum(1, keepdims=True))
    chance[rows, own] = confidence
    known = np.flatnonzero(audit.audited)
    chance[known] = 0
    chance[known, _coded(audit, audit.true_speaker)[known]] = 1
    return np.asarray(chance)


def _draw_confidence(audit: Audit, random: np.random.Generator) -> Array:
    """Draw how sure to be of each quote: stated confidences, moved in each stratum to a precision the audit allows.

    The precision is drawn from its Beta posterior, the stated mean counting as one audited quote; all confidences of
    the stratum move by the same amount on the logit scale. A stratum without an audit keeps what is stated.
    """
    size = int(audit.stratum.max()) + 1

    def total(amount: Any) -> Array:
        return np.bincount(audit.stratum, amount, size).astype(float)

    right = audit.audited & (audit.true_speaker == audit.given)
    stated = np.clip(audit.confidence, 1e-4, 1 - 1e-4)
    odds = logit(stated)
    quotes, checked, hits = np.maximum(total(None), 1), total(audit.audited), total(right)
    mean = np.clip(total(stated) / quotes, 1e-4, 1 - 1e-4)
    precision = random.beta(mean + hits, 1 - mean + checked - hits)
    low, high = np.full(size, -30.0), np.full(size, 30.0)
    for _ in range(40):
        middle = (low + high) / 2
        short = total(expit(odds + middle[audit.stratum])) / quotes < precision
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    moved = expit(odds + high[audit.stratum])
    return np.where(checked[audit.stratum] > 0, moved, audit.confidence)


def _draw_pull(audit: Audit, others: Array, random: np.random.Generator) -> Array:
    """Draw how much oftener than articles suggest a wrong quote of one speaker is another's, as the audit has it."""
    own, true = _coded(audit, audit.given), _coded(audit, audit.true_speaker)
    wrong = audit.audited & (own != true)
    size = others.shape[1]
    seen, expected = np.zeros((size, size)), np.zeros((size, size))
    np.add.at(seen, (own[wrong], true[wrong]), 1.0)
    np.add.at(expected, own[wrong], divide(others[wrong], others[wrong].sum(1, keepdims=True)))
    return np.asarray(random.gamma(seen + 1) / (expected + 1))


def _draw_codes(weights: Array, random: np.random.Generator) -> NDArray[np.intp]:
    """Draw a code for each row with the given weights."""
    steps = np.cumsum(weights, axis=1)
    place = random.random((len(weights), 1)) * steps[:, -1:]
    return np.asarray((steps < place).sum(1).clip(max=weights.shape[1] - 1))


def _draw_fit(audit: Audit, codes: NDArray[np.intp], random: np.random.Generator) -> Array:
    """Draw how well each quote's value fits each speaker in its article: shape (quotes, K + 1).

    Values are normal around a speaker's mean plus their article's effect, and both are drawn. Without the effect,
    quotes of a gloomy article are handed to gloomy speakers, and completed tables vary too little between articles.
    """
    correlation, variance = _find_spread(audit, codes)
    mean = _draw_means(audit, codes, correlation, random)
    noise = (1 - correlation) * variance
    quotes = np.bincount(audit.article)
    residual = np.bincount(audit.article, audit.true_value - mean[codes])
    pooled = correlation / (1 - correlation + quotes * correlation)
    effect = pooled * residual + np.sqrt(noise * pooled) * random.normal(size=len(quotes))
    distance = (audit.true_value - effect[audit.article])[:, None] - mean
    return np.asarray(np.exp(-0.5 * distance**2 / noise) + 1e-9)


def _find_spread(audit: Audit, codes: NDArray[np.intp]) -> tuple[float, float]:
    """Estimate the correlation within articles, at most .99, and the variance around speakers' means."""
    number, total = (np.bincount(codes, amount).astype(float) for amount in (None, audit.true_value))
    residual = audit.true_value - divide(total, number)[codes]
    squares, speakers = (residual**2).sum(), (number > 0).sum()
    correlation = correlate(audit.article, codes, audit.true_value)
    return float(assume_correlation(correlation)), float(squares / max(len(codes) - speakers, 1)) + 1e-12


def _draw_means(audit: Audit, codes: NDArray[np.intp], correlation: float, random: np.random.Generator) -> Array:
    """Draw speakers' means: Bayesian bootstrap over articles (Rubin 1981) of the least-squares fit with their effects.

    Weighting by the correlation within articles makes them as precise as the analysis that follows, or more: drawn
    from plain means, imputations exaggerate whatever difference there is and intervals become too short (Meng 1994).
    """
    articles, size = int(audit.article.max()) + 1, len(audit.names) + 1
    weight = random.exponential(size=articles)[:, None]
    count, total = _count_by_article(audit, codes), _count_by_article(audit, codes, audit.true_value)
    shared = weight * correlation / (1 - correlation + correlation * count.sum(1, keepdims=True))
    normal = np.diag((weight * count).sum(0) + 1e-6) - count.T @ (shared * count)
    target = (weight * total).sum(0) - count.T @ (shared * total.sum(1, keepdims=True))[:, 0]
    return np.asarray(np.linalg.solve(normal, target + 1e-6 * audit.true_value.mean()).reshape(size))


def estimate_imputed(audit: Audit, contrasts: Array | None = None, **options: Any) -> Estimate:
    """Estimate means (or contrasts of them, one a row) over imputed speakers, combined by Rubin's rules.

    Each completed table gets the error and degrees of freedom of the default comparison (CR2, Satterthwaite).
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys; degrees of freedom of Barnard & Rubin (1999),
    Biometrika 86. NaN where an imputation leaves a speaker fewer than two articles. Speakers are all that is imputed:
    where the audit shows that the measure errs too (`find_misread`), the estimate is still of the machine's measure
    and has no standard error; `debiasing.estimate_ppi` and `estimate_dsl` correct both.
    """
    weights = np.eye(len(audit.names)) if contrasts is None else contrasts
    drawn = impute_speakers(audit, **options)
    correlation = np.array([_find_spread(audit, codes)[0] for codes in drawn])
    parts = [_combine(_estimate_completed(audit, drawn, row, correlation)) for row in weights]
    names = ("value", "se", "degrees_of_freedom")
    found = Estimate(**{name: np.array([getattr(part, name) for part in parts]) for name in names})
    return replace(found, se=np.full_like(found.se, np.nan)) if find_misread(audit) else found


def find_misread(audit: Audit) -> bool:
    """Whether people's value of some audited quote is not the machine's, and there are quotes nobody looked at."""
    return bool((audit.audited & (audit.true_value != audit.value)).any() and not audit.audited.all())


def _estimate_completed(audit: Audit, drawn: NDArray[np.intp], contrast: Array, correlation: Array) -> Estimate:
    """Estimate a contrast in each completed table: shape (imputations,)."""
    speakers = np.flatnonzero(contrast)
    articles = int(audit.article.max()) + 1
    shape = (len(drawn), articles, len(speakers))
    column = np.full(len(audit.names) + 1, -1)
    column[speakers] = np.arange(len(speakers))
    place = (np.arange(len(drawn))[:, None] * articles + audit.article) * len(speakers) + column[drawn]
    used = column[drawn] >= 0
    value, weight = (np.broadcast_to(amount, used.shape)[used] for amount in (audit.true_value, audit.weight))

    def gather(amount: Array | None) -> Array:
        return np.bincount(place[used], amount, int(np.prod(shape))).astype(float).reshape(shape)

    cells = Cells(
        weight=gather(weight),
        squared_weight=gather(weight**2),
        total=gather(weight * value),
        count=gather(None),
        sum=gather(value),
        square=gather(value**2),
    )
    return estimate_contrast(cells, contrast[speakers], correlation)


def _combine(parts: Estimate) -> Estimate:
    """Combine the estimates of all imputations by Rubin's rules: shape ()."""
    number = len(parts.value)
    within, between = (parts.se**2).mean(), (1 + 1 / number) * parts.value.var(ddof=1)
    total = within + between
    share = np.clip(between / total, 1e-12, 1)
    complete = parts.degrees_of_freedom.mean()
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    freedom = 1 / (share**2 / (number - 1) + 1 / np.maximum(observed, 1e-12))
    return Estimate(value=parts.value.mean(), se=np.sqrt(total), degrees_of_freedom=freedom)
