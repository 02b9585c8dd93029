"""Means corrected by an audit: right on average whatever the machine's errors are.

The audited quotes say how large the machine's errors are, and their own uncertainty is in the interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from research.clustering import Array, divide
from research.coding import NOBODY, OTHERS, UNCLEAR, keep_coded
from research.columns import need_columns
from research.design import DEFAULT, Design


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All quotes as arrays of shape (quotes,), with people's answers for the audited ones.

    `given` is the machine's speaker as a code into `names`, -1 for none; `true_speaker` and `true_value` mean
    something only where `audited`. `probability` is the chance with which a quote was drawn, `weight` how much it
    counts in a mean, `left_out` the number of quotes that were drawn but have no answer. `article` is whatever the
    design clusters by.
    """

    names: tuple[str, ...]
    article: NDArray[np.intp]
    given: NDArray[np.intp]
    value: Array
    confidence: Array
    audited: NDArray[np.bool_]
    probability: Array
    stratum: NDArray[np.intp]
    true_speaker: NDArray[np.intp]
    true_value: Array
    weight: Array | float = 1.0
    left_out: int = 0

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Quotes of a stratum in which nobody looked: there the machine is believed; shape (quotes,)."""
        return np.asarray(np.bincount(self.stratum, self.audited)[self.stratum] == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An estimate, and what each article adds to its error: shape (articles,), summing to about 0."""

    value: float
    influence: Array
    articles: int

    @property
    def se(self) -> float:
        """Standard error, clustered by article; NaN where a single audited article leaves nothing to compare."""
        if self.articles < 2:
            return float("nan")
        number = max(len(self.influence), 2)
        return float(np.sqrt((self.influence**2).sum() * number / (number - 1)))

    def minus(self, other: Corrected) -> Corrected:
        """Subtract another estimate from the same articles: what they share cancels out."""
        articles = min(self.articles, other.articles)
        return Corrected(value=self.value - other.value, influence=self.influence - other.influence, articles=articles)

    def interval(self, level: float) -> tuple[float, float]:
        """Give both ends of the t interval, with the audited articles less one as degrees of freedom."""
        reach = float(stdtrit(max(self.articles - 1, 1), 0.5 + level / 2)) * self.se
        return self.value - reach, self.value + reach


def prepare_audit(
    quotes: pd.DataFrame,
    audited: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    design: Design = DEFAULT,
) -> Audit:
    """Join all quotes with the audited ones, which have `quote_id`, `inclusion_probability` and `true_speaker`.

    Quotes may have been drawn as many as `draw_audit_sample` draws of each stratum, or each for itself. `stratum` is
    needed of every quote: taken from `quotes` if that has the column, otherwise from the audited quotes of the same
    speaker; strata that cut across speakers and are not in `quotes` are an error. `true_<measure>` is used where it
    is there; without it only the speakers are corrected. Quotes that are "nobody"'s or "unclear" are no speaker's;
    those without a true speaker, or without the measure where people coded it, are open: left out and counted
    (`keep_coded`). Of a `design` the weight, the level and one column to cluster by can be followed; another is an
    error.
    """
    _refuse(design)
    rows = _find_rows(quotes, measure, design)
    strange = sorted(set(audited["quote_id"]) - set(quotes["quote_id"]))
    if strange:
        raise KeyError(f"{len(strange)} audited quotes are not in the table, the first {strange[0]}.")
    coded = keep_coded(audited, _answered(audited, f"true_{measure}"))
    answers = coded.set_index("quote_id").reindex(rows["quote_id"])
    checked = answers["inclusion_probability"].notna().to_numpy()
    names = sorted(set(rows[by].dropna()) | set(answers["true_speaker"].dropna()) - {NOBODY, UNCLEAR}, key=str)
    codes = {name: code for code, name in enumerate(names)}
    value = rows[measure].to_numpy(float)
    told = answers.get(f"true_{measure}", pd.Series(np.nan, index=answers.index)).to_numpy(float)
    return Audit(
        names=tuple(names),
        article=pd.factorize(rows[design.cluster[0]], sort=True)[0],
        given=rows[by].map(codes).fillna(-1).to_numpy(int),
        value=value,
        confidence=rows.get("confidence", pd.Series(1.0, index=rows.index)).fillna(1.0).to_numpy(float),
        audited=checked,
        probability=answers["inclusion_probability"].fillna(1.0).to_numpy(float),
        stratum=_find_strata(rows, audited, by),
        true_speaker=answers["true_speaker"].map(codes).fillna(-1).to_numpy(int),
        true_value=np.where(checked & np.isfinite(told), told, value),
        weight=rows[design.weight].to_numpy(float) if design.weight else 1.0,
        left_out=coded.attrs["left_out"],
    )


def _refuse(design: Design) -> None:
    """Refuse a design that a correction cannot follow, with the reason."""
    if design.unit != "occurrence":
        raise ValueError(
            f"unit is {design.unit!r}: how many quotes of a speaker share one is not known where speakers may be "
            'wrong. Use unit="occurrence", or the method "naive".'
        )
    if len(design.cluster) > 1:
        raise ValueError('corrected means are clustered by one column. Name one, or use the method "naive".')
    if design.interval != "t":
        raise ValueError(f'interval is {design.interval!r}: corrected means have t intervals. Use "t", or "naive".')


def _find_rows(quotes: pd.DataFrame, measure: str, design: Design) -> pd.DataFrame:
    """Keep the quotes that a comparison would use whoever says them, in the order of their ids."""
    needed = [measure, design.cluster[0], *([design.weight] if design.weight else [])]
    need_columns(quotes, [*needed, "quote_id"])
    usable = pd.to_numeric(quotes[measure], errors="coerce").notna() & quotes[needed].notna().all(axis=1)
    if design.weight and not (quotes.loc[usable, design.weight] > 0).all():
        raise ValueError(f"some quotes have a {design.weight} of 0 or less. Leave them out first.")
    return quotes[usable].sort_values("quote_id", kind="stable")


def _answered(audited: pd.DataFrame, column: str) -> pd.Series:
    """Mark the quotes with a true speaker and, where people coded the measure, a value; shape (quotes,)."""
    speaker, told = audited["true_speaker"], audited.get(column, pd.Series(np.nan, index=audited.index))
    return speaker.notna() & (told.notna() | speaker.isin([NOBODY, UNCLEAR]) | told.isna().all())


def _find_strata(rows: pd.DataFrame, audited: pd.DataFrame, by: str) -> NDArray[np.intp]:
    """Find the stratum each quote was drawn from, as a code: as it says, or as its speaker's audited quotes say."""
    if "stratum" not in audited and "stratum" not in rows:
        return np.zeros(len(rows), np.intp)
    drawn = audited.set_index("quote_id").get("stratum", pd.Series(dtype=object)).reindex(rows["quote_id"]).to_numpy()
    if "stratum" in rows:
        own = rows["stratum"].to_numpy()
        wrong = int((pd.notna(drawn) & (drawn != own)).sum())
        if wrong:
            raise ValueError(f"{wrong} audited quotes have another stratum in the table. Give both the same.")
        return np.asarray(pd.factorize(own, sort=True, use_na_sentinel=False)[0])
    speaker = rows[by].astype(object).where(rows[by].notna(), NOBODY)
    known = pd.Series(drawn, index=speaker.to_numpy()).dropna()
    strata = known.groupby(level=0).agg(["first", "nunique"])
    if (strata["nunique"] > 1).any():
        raise ValueError("the strata of the audit cut across speakers. Give all quotes the column stratum.")
    return np.asarray(pd.factorize(speaker.map(strata["first"]).fillna(OTHERS), sort=True)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moments:
    """Σ (top - θ · bottom) = 0 defines a mean θ; arrays of shape (quotes,)."""

    top: Array
    bottom: Array

    def error(self, theta: float) -> Array:
        """Each quote's part in the equation."""
        return self.top - theta * self.bottom


def _machine_moments(audit: Audit, speaker: int) -> _Moments:
    """The equation as the machine sees it."""
    own = (audit.given == speaker) * audit.weight
    return _Moments(top=own * audit.value, bottom=own)


def _true_moments(audit: Audit, speaker: int) -> _Moments:
    """The equation as the audited quotes have it; 0 for the others."""
    own = ((audit.true_speaker == speaker) & audit.audited) * audit.weight
    return _Moments(top=own * audit.true_value, bottom=own)


def _weigh(audit: Audit) -> Array:
    """How many quotes an audited one stands for: a stratum's add up to its size (Hájek 1971); shape (quotes,).

    Where as many were drawn as the probabilities say, that is one over the probability. Where each was drawn for
    itself their number is left to chance, which would be in the corrected sum if it were not divided out.
    """
    plain = audit.audited / audit.probability
    whole, drawn = (_sum_strata(audit, amount) for amount in (np.ones_like(plain), plain))
    return np.asarray(plain * divide(whole, drawn)[audit.stratum])


def _sum_strata(audit: Audit, amount: Array | NDArray[np.bool_]) -> Array:
    """Sum by stratum: shape (strata,)."""
    return np.bincount(audit.stratum, amount).astype(float)


def _rectify(audit: Audit, machine: Array, truth: Array, trust: Array | float) -> Array:
    """Replace each quote's machine value by one that is right on average: the machine's, plus the audit's correction.

    Within a stratum the mean correction is spread over all quotes, which leaves the sum as it is and takes out of
    the variance what stratification takes out. A single quote of a stratum shows no spread and keeps its whole
    correction, which makes the variance too large rather than too small.
    """
    weight = _weigh(audit)
    difference = np.where(audit.audited, truth - trust * machine, 0.0)
    drawn, total, whole = (_sum_strata(audit, part) for part in (audit.audited, weight * difference, weight))
    mean = divide(total, whole)
    shared = np.where(drawn > 1, mean, 0.0)[audit.stratum]
    spread = np.sqrt(drawn / np.maximum(drawn - 1, 1))[audit.stratum]
    return np.asarray(trust * machine + shared + weight * (difference - shared) * spread)


def _solve(audit: Audit, machine: _Moments, truth: _Moments, trust: Array | float) -> Corrected:
    """Solve the corrected equation for θ, and give each article's influence on it."""
    weight = _weigh(audit)
    bottom = (trust * machine.bottom + weight * (truth.bottom - trust * machine.bottom)).sum()
    top = (trust * machine.top + weight * (truth.top - trust * machine.top)).sum()
    relevant = audit.audited & ((machine.bottom != 0) | (truth.bottom != 0))
    articles = len(np.unique(audit.article[relevant]))
    if bottom <= 0:
        return Corrected(value=np.nan, influence=np.full(int(audit.article.max()) + 1, np.nan), articles=articles)
    theta = float(top / bottom)
    rectified = _rectify(audit, machine.error(theta), truth.error(theta), trust)
    return Corrected(value=theta, influence=np.bincount(audit.article, rectified) / bottom, articles=articles)


def estimate_naive(audit: Audit, speaker: int) -> Corrected:
    """Estimate from the machine's labels as if they were facts; what the others are compared with."""
    machine = _machine_moments(audit, speaker)
    unaudited = replace(audit, audited=np.zeros_like(audit.audited))
    found = _solve(unaudited, machine, machine, 1.0)
    return replace(found, articles=int(audit.article.max()) + 1)


def estimate_audit_only(audit: Audit, speaker: int) -> Corrected:
    """Estimate from the audited quotes alone, weighted by their probabilities: no use of the machine."""
    return _solve(audit, _machine_moments(audit, speaker), _true_moments(audit, speaker), trust=0.0)


def estimate_ppi(audit: Audit, speaker: int, folds: int = 5) -> Corrected:
    """Estimate by prediction-powered inference, the machine trusted as far as it lowers the variance.

    Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382; the tuned trust is PPI++ (Angelopoulos, Duchi
    & Zrnic 2023). Here with unequal probabilities, clustered by article, and the trust of each article chosen from
    the other folds: chosen from all at once it makes intervals a little too short.
    """
    machine, truth = _machine_moments(audit, speaker), _true_moments(audit, speaker)
    without, full = _solve(audit, machine, truth, 0.0), _solve(audit, machine, truth, 1.0)
    if not np.isfinite(without.value) or not np.isfinite(full.value):
        return full
    step = without.influence - full.influence
    fold = np.arange(len(step)) % folds
    gain = (without.influence * step).sum() - np.bincount(fold, without.influence * step, folds)
    scale = (step**2).sum() - np.bincount(fold, step**2, folds)
    trust = np.clip(np.divide(gain, scale, out=np.ones(folds), where=scale > 0), 0, 1)
    return _solve(audit, machine, truth, trust[audit.article % folds])


def estimate_dsl(audit: Audit, speaker: int, folds: int = 5) -> Corrected:
    """Estimate by design-based supervised learning: predict the truth from the machine's answer, then correct.

    The audited quotes teach what the machine's speaker, confidence and value mean; predictions are cross-fitted by
    article before they are weighted, and the known probabilities keep the result unbiased however bad they are.
    Egami, Hinck, Stewart & Wei (2023), Using imperfect surrogates for downstream inference, NeurIPS 36.
    """
    features = _surrogates(audit, speaker)
    plain, truth = _true_moments(replace(audit, weight=1.0), speaker), _true_moments(audit, speaker)
    top, bottom = (_cross_fit(audit, features, part, folds) for part in (plain.top, plain.bottom))
    found = _solve(audit, _Moments(top=audit.weight * top, bottom=audit.weight * bottom), truth, 1.0)
    relevant = audit.audited & ((audit.given == speaker) | (truth.bottom != 0))
    return replace(found, articles=len(np.unique(audit.article[relevant])))


def _surrogates(audit: Audit, speaker: int) -> Array:
    """What the machine says of each quote, as columns to predict the truth from."""
    own = (audit.given == speaker).astype(float)
    columns = [np.ones_like(own), own, own * audit.confidence, own * audit.value, (1 - own) * audit.value]
    return np.column_stack(columns)


def _cross_fit(audit: Audit, features: Array, target: Array, folds: int) -> Array:
    """Predict by weighted ridge regression, each article by a fit that has not seen it."""
    fold = audit.article % folds
    predicted = np.zeros(len(target))
    small = 1e-3 * np.eye(features.shape[1])
    for number in range(folds):
        train = audit.audited & (fold != number)
        weighted = features[train] / audit.probability[train, None]
        coefficients = np.linalg.solve(weighted.T @ features[train] + small, weighted.T @ target[train])
        predicted[fold == number] = features[fold == number] @ coefficients
    return predicted


ESTIMATORS = {"audit only": estimate_audit_only, "ppi": estimate_ppi, "dsl": estimate_dsl}
