"""How wrong the machine is, and what is left of a comparison once that is taken into account.

The loop: draw quotes with known probabilities and have two people code them (`research/coding.py`), measure the
machine's precision and recall, and carry the audited quotes into every mean and difference (`correct_means`,
`correct_pairs`). A comparison of machine labels alone treats errors as facts; the corrected one
(`research/debiasing.py`) is right on average whatever the machine's errors are, because the audit says how large
they are and its own uncertainty is in the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from research.clustering import Array, Estimate
from research.coding import NOBODY
from research.comparison import DEFAULT, Design, compare, compare_pairs
from research.debiasing import ESTIMATORS, Audit, Corrected, prepare_audit
from research.imputation import estimate_imputed, find_misread

Method = Literal["naive", "audit only", "ppi", "dsl", "imputation"]

METHODS: tuple[Method, ...] = ("naive", "audit only", "ppi", "dsl", "imputation")


# --- precision, recall, calibration ---------------------------------------------------------------------------------


def measure_attribution(audited: pd.DataFrame, by: str = "speaker", level: float = 0.95) -> pd.DataFrame:
    """Measure precision and recall of attribution for each speaker, weighted to the whole table.

    Precision: of the quotes the machine gives a speaker, the share that are his. Recall: of the quotes that are his,
    the share the machine gives him. `audited` has `true_speaker` and, where it is a sample, `inclusion_probability`.
    Intervals are Wilson's with Kish's effective number of quotes (Wilson 1927; Korn & Graubard 1998).
    """
    weight = 1 / audited.get("inclusion_probability", pd.Series(1.0, index=audited.index)).to_numpy(float)
    given = audited[by].astype(object).where(audited[by].notna(), NOBODY).to_numpy()
    true = audited["true_speaker"].astype(object).where(audited["true_speaker"].notna(), NOBODY).to_numpy()
    ids = audited.get("quote_id", pd.Series(audited.index)).astype(str).to_numpy()
    rows = []
    for name in sorted((set(given) | set(true)) - {NOBODY}, key=str):
        right = (given == name) & (true == name)
        row: dict[str, Any] = {by: name, "audited": int((given == name).sum())}
        row["effective_quotes"] = _effective(weight[given == name])
        for measure, among in (("precision", given == name), ("recall", true == name)):
            share, low, high = wilson_interval(right[among], weight[among], level)
            row |= {measure: share, f"{measure}_low": low, f"{measure}_high": high}
        row["quote_ids"] = tuple(ids[(given == name) | (true == name)])
        rows.append(row)
    return pd.DataFrame(rows).sort_values(["audited", by], ascending=[False, True], ignore_index=True)


def wilson_interval(right: Array | NDArray[np.bool_], weight: Array, level: float = 0.95) -> tuple[float, float, float]:
    """Give a weighted share with Wilson's interval at the effective number of observations; NaN for none.

    >>> [round(x, 2) for x in wilson_interval(np.array([1, 1, 1, 1.0]), np.ones(4))]
    [1.0, 0.51, 1.0]
    """
    if len(right) == 0:
        return float("nan"), float("nan"), float("nan")
    share = float((right * weight).sum() / weight.sum())
    number = _effective(weight)
    z = float(-stdtrit(1e9, (1 - level) / 2))
    centre = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    reach = z / (1 + z**2 / number) * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return share, float(max(centre - reach, 0)), float(min(centre + reach, 1))


def _effective(weight: Array) -> float:
    """Count how many equal weights would tell as much: Kish's effective number; 0 for none."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def tabulate_reliability(audited: pd.DataFrame, by: str = "speaker", bins: int = 10) -> pd.DataFrame:
    """Set stated confidence against how often the speaker was right, in bins of equally many quotes.

    `attrs["calibration_error"]` is the expected calibration error: the mean distance of the two, weighted by quotes
    (Naeini, Cooper & Hauskrecht 2015). Only quotes with a speaker count.
    """
    rows = audited[audited[by].notna()].sort_values(["confidence", "quote_id"], kind="stable")
    right = (rows[by] == rows["true_speaker"]).to_numpy(float)
    stated = rows["confidence"].to_numpy(float)
    parts = [part for part in np.array_split(np.arange(len(rows)), min(bins, max(len(rows), 1))) if len(part)]
    ids = rows["quote_id"].astype(str).to_numpy()
    table = pd.DataFrame(
        [(stated[p].mean(), *wilson_interval(right[p], np.ones(len(p))), len(p), tuple(ids[p])) for p in parts],
        columns=["confidence", "right", "low", "high", "quotes", "quote_ids"],
    )
    distance = (table["confidence"] - table["right"]).abs()
    error = float((distance * table["quotes"]).sum() / max(table["quotes"].sum(), 1))
    table.attrs = {"by": by, "calibration_error": error}
    return table


# --- the tables -----------------------------------------------------------------------------------------------------

FEW_AUDITED = 20
"""Below this many audited quotes of a speaker a corrected estimate carries a warning."""


def correct_means(
    quotes: pd.DataFrame,
    audited: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    *,
    methods: Sequence[Method] = METHODS,
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Put naive and corrected means of each speaker side by side, one row a speaker and method.

    `audited` is an audit sample with `inclusion_probability`, `true_speaker` and, if people coded it,
    `true_<measure>`. "naive" is what `compare` gives; the others carry the audit (see `research/debiasing.py` and
    `research/imputation.py` for what each assumes). All intervals are clustered by article. `effective_quotes`:
    how many independent quotes would tell as much. Multiple imputation corrects speakers only, and has no interval
    where people's values are not the machine's. All methods follow the `design`'s weight, level and column to cluster
    by; a unit, two columns or a bootstrap are for "naive" alone, a ValueError with the others. `attrs["left_out"]`:
    audited quotes without an answer.
    """
    audit = _prepare(quotes, audited, measure, by, methods, design)
    naive = compare(quotes, measure, by, design).set_index(by)
    imputed = estimate_imputed(audit, seed=design.seed) if "imputation" in methods else None
    rows = []
    for code, name in enumerate(audit.names):
        given, checked = int((audit.given == code).sum()), _count_checked(audit, code)
        facts = {by: name, "measure": measure, "quotes": given, "audited": checked}
        plain = naive.loc[name] if name in naive.index else pd.Series(dtype=object)
        for method in methods:
            if method == "naive":
                numbers = _naive_numbers(plain, "mean")
            elif imputed is not None and method == "imputation":
                numbers = _imputed_numbers(imputed, code, design.level)
            else:
                numbers = _lay_out(ESTIMATORS[method](audit, code), design.level)
            known = float(plain.get("effective_quotes", np.nan))
            effective = known if method == "naive" else _count_effective(audit, code, numbers["se"])
            rest = {"effective_quotes": effective, "warning": _warn(method, checked, numbers["se"], audit, [code])}
            rows.append({**facts, "method": method, **numbers, **rest, "quote_ids": plain.get("quote_ids", ())})
    table = pd.DataFrame(rows).sort_values(["quotes", by], ascending=[False, True], kind="stable", ignore_index=True)
    table.attrs = _describe(audit, measure, by, design)
    return table


def _prepare(
    quotes: pd.DataFrame, audited: pd.DataFrame, measure: str, by: str, methods: Sequence[Method], design: Design
) -> Audit:
    """Prepare an audit by the design, which machine labels alone may follow where a correction cannot."""
    return prepare_audit(quotes, audited, measure, by, DEFAULT if set(methods) == {"naive"} else design)


def _describe(audit: Audit, measure: str, by: str, design: Design) -> dict[str, Any]:
    """How a table was made: the design, and how many audited quotes had an answer or none."""
    made = {"cluster": list(design.cluster), "unit": design.unit, "weight": design.weight, "level": design.level}
    checked = {"audited": int(audit.audited.sum()), "left_out": audit.left_out}
    return {"measure": measure, "by": by, **made, "seed": design.seed, **checked}


def _count_checked(audit: Audit, code: int) -> int:
    """Count the audited quotes that are a speaker's by the machine or in truth."""
    return int((audit.audited & ((audit.given == code) | (audit.true_speaker == code))).sum())


def _naive_numbers(plain: pd.Series, value: str) -> dict[str, float]:
    """Take an estimate from machine labels; a speaker only people found has none."""
    names = {"estimate": value, "se": "se", "low": "low", "high": "high"}
    return {name: float(plain.get(column, np.nan)) for name, column in names.items()}


def _imputed_numbers(imputed: Estimate, place: int, level: float) -> dict[str, float]:
    """Take one estimate of several by imputation."""
    low, high = imputed.interval(level)
    ends = {"low": float(low[place]), "high": float(high[place])}
    return {"estimate": float(imputed.value[place]), "se": float(imputed.se[place]), **ends}


def _count_effective(audit: Audit, code: int, error: float) -> float:
    """Find how many independent quotes, spread as the audited quotes of a speaker are, have such an error."""
    own = audit.audited & (audit.true_speaker == code)
    if own.sum() < 2 or not error > 0:
        return float("nan")
    weight, value = (audit.weight / audit.probability)[own], audit.true_value[own]
    variance = np.average((value - np.average(value, weights=weight)) ** 2, weights=weight)
    return float(variance * own.sum() / (own.sum() - 1) / error**2)


def _lay_out(found: Corrected, level: float) -> dict[str, float]:
    """Lay out an estimate as the columns of a table."""
    low, high = found.interval(level)
    return {"estimate": found.value, "se": found.se, "low": low, "high": high}


def _warn(method: str, audited: int, error: float, audit: Audit, codes: Sequence[int]) -> str:
    """Say what a reader should know before believing a corrected estimate; "" if nothing."""
    if method == "naive":
        return "errors of the machine are not in the interval"
    unseen = int((audit.unseen & np.isin(audit.given, codes)).sum())
    reasons = _doubt_imputation(audited, error, audit) if method == "imputation" else _doubt_audit(audited, error)
    reasons += [f"the machine is believed in strata without an audit ({unseen} of the quotes)"] * (unseen > 0)
    reasons += [f"audited quotes without an answer left out: {audit.left_out}"] * (audit.left_out > 0)
    return "; ".join(reasons)


def _doubt_imputation(audited: int, error: float, audit: Audit) -> list[str]:
    """What speaks against imputed speakers."""
    if find_misread(audit):
        return [
            "no interval: imputation corrects speakers only, and the audit finds errors of the measure too; "
            "use prediction-powered inference (ppi) or design-based supervised learning (dsl)"
        ]
    lone = "an imputation leaves a speaker one article: no interval"
    return ["believes the stated confidences"] * (not audited) + [lone] * (not np.isfinite(error))


def _doubt_audit(audited: int, error: float) -> list[str]:
    """What speaks against an estimate that rests on the audited quotes."""
    few = f"few audited quotes ({audited})"
    return [few] * (audited < FEW_AUDITED) + ["under two audited articles: no interval"] * (not np.isfinite(error))


def correct_pairs(
    quotes: pd.DataFrame,
    audited: pd.DataFrame,
    first: str,
    second: str,
    measure: str = "tone",
    by: str = "speaker",
    *,
    methods: Sequence[Method] = METHODS,
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Put the naive and the corrected difference of two speakers side by side, one row a method.

    `effective_quotes_first` and `_second` as in `correct_means`; `quote_ids` are those of both.
    """
    audit = _prepare(quotes, audited, measure, by, methods, design)
    codes = [audit.names.index(name) for name in (first, second)]
    pair = compare_pairs(quotes[quotes[by].isin([first, second])], measure, by, against=second, design=design)
    plain = pair.iloc[0] if len(pair) else pd.Series(dtype=object)
    checked = [_count_checked(audit, code) for code in codes]
    rows = []
    for method in methods:
        if method == "naive":
            numbers = _naive_numbers(plain, "difference")
            effective = [float(plain.get(f"effective_quotes_{side}", np.nan)) for side in ("first", "second")]
        elif method == "imputation":
            means = np.eye(len(audit.names))[codes]
            imputed = estimate_imputed(audit, np.vstack([means, means[:1] - means[1:]]), seed=design.seed)
            numbers = _imputed_numbers(imputed, 2, design.level)
            effective = [_count_effective(audit, code, float(se)) for code, se in zip(codes, imputed.se, strict=False)]
        else:
            one, other = (ESTIMATORS[method](audit, code) for code in codes)
            numbers = _lay_out(one.minus(other), design.level)
            effective = [_count_effective(audit, code, part.se) for code, part in zip(codes, (one, other), strict=True)]
        facts: dict[str, Any] = {"first": first, "second": second, "measure": measure, "method": method, **numbers}
        for place, side in enumerate(("first", "second")):
            facts[f"quotes_{side}"] = int((audit.given == codes[place]).sum())
            facts[f"audited_{side}"], facts[f"effective_quotes_{side}"] = checked[place], effective[place]
        warning = _warn(method, min(checked), numbers["se"], audit, codes)
        rows.append({**facts, "warning": warning, "quote_ids": plain.get("quote_ids", ())})
    table = pd.DataFrame(rows)
    table.attrs = _describe(audit, measure, by, design)
    return table


def correct_rates(
    quotes: pd.DataFrame, audited: pd.DataFrame, measure: str, by: str = "speaker", *, design: Design = DEFAULT
) -> pd.DataFrame:
    """Correct each speaker's rate of a yes/no measure for the machine's misses and false alarms.

    Sensitivity and specificity come from the audited quotes (`true_<measure>`) and are taken to be the same for all
    speakers; the intervals carry their uncertainty. Rogan & Gladen (1978), American Journal of Epidemiology 107;
    interval of Lang & Reiczigel (2014), Preventive Veterinary Medicine 113, with the effective number of quotes.
    Speakers are taken as the machine gives them.
    """
    truth, said = (audited[column].astype(bool).to_numpy() for column in (f"true_{measure}", measure))
    weight = 1 / audited["inclusion_probability"].to_numpy(float)
    sensitivity, specificity = (_hit_rate(hit, weight[among]) for hit, among in
                                ((said[truth], truth), (~said[~truth], ~truth)))  # fmt: skip
    naive = compare(quotes.assign(**{measure: quotes[measure].astype(float)}), measure, by, design)
    columns = [by, "measure", "quotes", "articles", "effective_quotes", "mean", "low", "high", "warning", "quote_ids"]
    table = naive[columns].rename(columns={"mean": "naive", "low": "naive_low", "high": "naive_high"})
    ends = [
        correct_rate(share, number, sensitivity, specificity, design.level)
        for share, number in zip(table["naive"], table["effective_quotes"], strict=True)
    ]
    for place, name in enumerate(("corrected", "low", "high")):
        table.insert(table.columns.get_loc("warning"), name, [found[place] for found in ends])
    table.attrs = naive.attrs | {"sensitivity": sensitivity[0], "specificity": specificity[0]}
    return table


def _hit_rate(hit: NDArray[np.bool_], weight: Array) -> tuple[float, float]:
    """Give a weighted share of hits and the effective number of quotes it rests on."""
    if len(hit) == 0:
        raise ValueError("the audit has no quote with, or none without, the measure. Audit more quotes.")
    return float((hit * weight).sum() / weight.sum()), _effective(weight)


def correct_rate(
    share: float,
    number: float,
    sensitivity: tuple[float, float],
    specificity: tuple[float, float],
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Correct one rate; `sensitivity` and `specificity` are pairs of a share and the number it rests on.

    >>> [round(x, 2) for x in correct_rate(0.32, 400, (0.8, 100), (0.9, 100))]
    [0.31, 0.21, 0.41]
    """
    z = float(-stdtrit(1e9, (1 - level) / 2))
    raw, size = (share * number + z**2 / 2) / (number + z**2), number + z**2
    (found, hits), (passed, misses) = (((rate * n + 1) / (n + 2), n + 2) for rate, n in (sensitivity, specificity))
    skill = found + passed - 1
    if skill <= 0:
        return float("nan"), 0.0, 1.0
    rate = float(np.clip((raw + passed - 1) / skill, 0, 1))
    noise = (rate**2 * found * (1 - found) / hits, (1 - rate) ** 2 * passed * (1 - passed) / misses)
    shift = 2 * z**2 * (rate * found * (1 - found) / hits - (1 - rate) * passed * (1 - passed) / misses)
    reach = z * float(np.sqrt(raw * (1 - raw) / size + sum(noise))) / skill
    plain = (share + specificity[0] - 1) / (sensitivity[0] + specificity[0] - 1)
    centre = rate + shift
    return float(np.clip(plain, 0, 1)), max(centre - reach, 0.0), min(centre + reach, 1.0)
