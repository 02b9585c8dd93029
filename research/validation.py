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
from scipy.special import gammaincinv, stdtrit

from research.clustering import Array, Estimate, estimate_effective_quotes
from research.coding import NOBODY, UNCLEAR, keep_coded
from research.columns import need_columns
from research.comparison import compare, compare_pairs
from research.debiasing import ESTIMATORS, Audit, Corrected, prepare_audit
from research.design import DEFAULT, Design
from research.imputation import estimate_imputed, find_misread
from research.sample import prepare_sample

Method = Literal["naive", "audit only", "ppi", "dsl", "imputation"]

METHODS: tuple[Method, ...] = ("naive", "audit only", "ppi", "dsl", "imputation")


# --- precision, recall, calibration ---------------------------------------------------------------------------------


def measure_attribution(audited: pd.DataFrame, by: str = "speaker", level: float = 0.95) -> pd.DataFrame:
    """Measure precision and recall of attribution for each speaker, weighted to the whole table.

    Precision: of the quotes the machine gives a speaker, the share that are his. Recall: of the quotes that are his,
    the share the machine gives him. `audited` has `true_speaker` and, where it is a sample, `inclusion_probability`;
    quotes without an answer are left out (`keep_coded`) and counted in `attrs["left_out"]`. Intervals are Wilson's
    with as many quotes as errors that come together in articles (`doc_id`) leave independent, `effective_quotes`
    (Wilson 1927; Korn & Graubard 1998); where misses were harder to draw than hits, recall's is `recall_interval`.
    """
    rows = _lay_out_audit(audited, by)
    number = {side: _count_independent(rows, side) for side in ("given", "true")}
    table = []
    for name in sorted((set(rows["given"]) | set(rows["true"])) - {NOBODY, UNCLEAR}, key=str):
        given, own = (rows[side] == name for side in ("given", "true"))
        row: dict[str, Any] = {
            by: name,
            "audited": int(given.sum()),
            "effective_quotes": number["given"].get(name, 0.0),
        }
        found = {
            "precision": _find_rate(rows[given], number["given"].get(name), level),
            "recall": _find_recall(rows, name, number["true"].get(name), level),
        }
        for measure, ends in found.items():
            row |= dict(zip((measure, f"{measure}_low", f"{measure}_high"), ends, strict=True))
        table.append(row | {"quote_ids": tuple(rows.loc[given | own, "quote_id"])})
    result = pd.DataFrame(table).sort_values(["audited", by], ascending=[False, True], ignore_index=True)
    result.attrs = {"by": by, "level": level, "audited": len(rows), "left_out": rows.attrs["left_out"]}
    return result


def _lay_out_audit(audited: pd.DataFrame, by: str) -> pd.DataFrame:
    """Lay out who is given, who is true and what a quote weighs; a table without articles has one for each quote."""
    coded = keep_coded(audited).reset_index(drop=True)
    rows = pd.DataFrame({
        "quote_id": coded.get("quote_id", pd.Series(coded.index)).astype(str),
        "doc_id": coded.get("doc_id", pd.Series(coded.index)),
        "given": coded[by].astype(object).where(coded[by].notna(), NOBODY),
        "true": coded["true_speaker"].astype(object),
        "confidence": coded.get("confidence", pd.Series(np.nan, coded.index)),
        "weight": 1 / coded["inclusion_probability"],
    })  # fmt: skip
    rows["right"] = rows["given"] == rows["true"]
    rows.attrs = coded.attrs
    return rows


def _count_independent(rows: pd.DataFrame, group: str) -> dict[Any, float]:
    """Count the quotes of each group that would tell as much were they independent, not of the same articles.

    How alike the errors of one group in one article are is estimated from all groups together: a speaker without an
    error would show nothing of it.
    """
    known = rows[~rows[group].isin([NOBODY, UNCLEAR])]
    cell = known.groupby(["doc_id", group]).ngroup()
    sample = prepare_sample(known.assign(cell=cell), "right", group, Design(cluster=("cell",), weight="weight"))
    alike = np.nan_to_num(sample.correlation)
    return {
        name: float(estimate_effective_quotes(sample.cells([place]), alike)[0])
        for place, name in enumerate(sample.names)
    }


def _find_rate(rows: pd.DataFrame, number: float | None, level: float) -> tuple[float, float, float]:
    """Find the share that is right and its interval."""
    return wilson_interval(rows["right"].to_numpy(), rows["weight"].to_numpy(), level, number)


def _find_recall(rows: pd.DataFrame, name: Any, number: float | None, level: float) -> tuple[float, float, float]:
    """Find the share of a speaker's quotes that were given to him: Wilson's interval if all had the same chance."""
    own, given, weight = rows["true"] == name, (rows["given"] == name).to_numpy(), rows["weight"].to_numpy()
    if not own.any() or np.allclose(weight, weight[0]):
        return _find_rate(rows[own], number, level)
    by_article = rows["weight"].where(own, 0).groupby([rows["doc_id"], given]).sum().unstack(fill_value=0.0)
    counts = []
    for side, among in ((True, given), (False, ~given)):
        largest = weight[among].max() if among.any() else weight.sum()
        counts.append(
            count_interval(by_article[side].to_numpy() if side in by_article else np.zeros(1), largest, level)
        )
    hits, misses = counts
    return hits[0] / (hits[0] + misses[0]), *recall_interval(hits, misses)


def count_interval(weight: Array, largest: float, level: float = 0.95) -> tuple[float, float, float]:
    """Give a weighted count with its interval; `weight` is what was found, shape (found,), 0 for what was not.

    `largest` is the largest weight that anything could have had: what was never drawn can be that many, 3.7 times
    over at 95 %. Weights are gamma distributed at the ends: Fay & Feuer (1997), Statistics in Medicine 16.

    >>> [[round(end, 1) for end in count_interval(weight, 1.0)] for weight in (np.zeros(0), np.ones(9))]
    [[0.0, 0.0, 3.7], [9.0, 4.1, 17.1]]
    """
    total, square = float(weight.sum()), float((weight**2).sum())
    low = square / total * float(gammaincinv(total**2 / square, (1 - level) / 2)) if total > 0 else 0.0
    more, spread = total + largest, square + largest**2
    return total, low, spread / more * float(gammaincinv(more**2 / spread, (1 + level) / 2))


def recall_interval(hits: tuple[float, float, float], misses: tuple[float, float, float]) -> tuple[float, float]:
    """Give both ends of a recall from weighted counts of hits and misses, each with its interval.

    A miss hides among the many quotes of other speakers and of nobody, where few are drawn and each stands for many:
    one that was not drawn is no sign that there is none. The ratio of the rarer to the commoner is by the method of
    variance estimates recovery: Donner & Zou (2012), Statistical Methods in Medical Research 21.

    >>> [round(end, 2) for end in recall_interval((60, 44, 80), (0, 0, 138))]
    [0.3, 1.0]
    """
    rare, common = (misses, hits) if misses[0] <= hits[0] else (hits, misses)
    product = rare[0] * common[0]

    def ratio(end: float, other: float) -> float:
        parts = end * (2 * rare[0] - end), other * (2 * common[0] - other)
        root = np.sqrt(max(product**2 - parts[0] * parts[1], 0.0))
        if end <= rare[0]:
            return parts[0] / (product + root) if end > 0 else 0.0
        return float(product + root) / parts[1]

    low, high = ratio(rare[1], common[2]), ratio(rare[2], common[1])
    if rare is misses:
        return float(1 / (1 + high)), float(1 / (1 + low))
    return float(low / (1 + low)), float(high / (1 + high))


def wilson_interval(
    right: Array | NDArray[np.bool_], weight: Array, level: float = 0.95, number: float | None = None
) -> tuple[float, float, float]:
    """Give a weighted share with Wilson's interval at the effective number of observations; NaN for none.

    `number` is how many independent observations there are; by default what the weights leave (Kish 1965).

    >>> [round(x, 2) for x in wilson_interval(np.array([1, 1, 1, 1.0]), np.ones(4))]
    [1.0, 0.51, 1.0]
    """
    if len(right) == 0:
        return float("nan"), float("nan"), float("nan")
    share = float((right * weight).sum() / weight.sum())
    number = _effective(weight) if number is None else number
    z = float(-stdtrit(1e9, (1 - level) / 2))
    centre = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    reach = z / (1 + z**2 / number) * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return share, float(max(centre - reach, 0)), float(min(centre + reach, 1))


def _effective(weight: Array) -> float:
    """Count how many equal weights would tell as much: Kish's effective number; 0 for none."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def tabulate_reliability(audited: pd.DataFrame, by: str = "speaker", bins: int = 10) -> pd.DataFrame:
    """Set stated confidence against how often the speaker was right, in bins of equally many audited quotes.

    Shares and confidences are weighted to the whole table where `audited` has `inclusion_probability`, and intervals
    are those of `measure_attribution`'s precision. `attrs["calibration_error"]` is the expected calibration error: the
    mean distance of the two, weighted by quotes (Naeini, Cooper & Hauskrecht 2015). Only quotes with a speaker and an
    answer count; `attrs["left_out"]` have none.
    """
    rows = _lay_out_audit(audited[audited[by].notna()], by)
    rows = rows.sort_values(["confidence", "quote_id"], kind="stable")
    rows["bin"] = np.repeat(*_cut_evenly(len(rows), bins))
    number = _count_independent(rows, "bin")
    weight = rows["weight"].groupby(rows["bin"]).sum()
    table = pd.DataFrame(
        [
            (np.average(part["confidence"], weights=part["weight"]), *_find_rate(part, number[name], 0.95), len(part),
             tuple(part["quote_id"]))
            for name, part in rows.groupby("bin")
        ],
        columns=["confidence", "right", "low", "high", "quotes", "quote_ids"],
    )  # fmt: skip
    error = float(np.average((table["confidence"] - table["right"]).abs(), weights=weight))
    facts = {"calibration_error": error, "audited": len(rows), "left_out": rows.attrs["left_out"]}
    table.attrs = {"by": by, "level": 0.95, "bins": len(table), **facts}
    return table


def _cut_evenly(number: int, bins: int) -> tuple[NDArray[np.intp], list[int]]:
    """Number bins that differ in size by one at most, with their sizes."""
    parts = np.array_split(np.arange(number), min(bins, number))
    return np.arange(len(parts)), [len(part) for part in parts]


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
    Speakers are taken as the machine gives them. Audited quotes that either side left without a yes or no are left
    out (`keep_coded`), which `warning` and `attrs["left_out"]` count. A `design`'s weight holds for the audit, too.
    A measure that is no better than chance in the audit corrects nothing (see `correct_rate`), and `warning` says so.
    """
    skill, left_out = _find_skill(audited, measure, design)
    naive = compare(quotes.assign(**{measure: quotes[measure].astype(float)}), measure, by, design)
    columns = [by, "measure", "quotes", "articles", "effective_quotes", "mean", "low", "high", "warning", "quote_ids"]
    table = naive[columns].rename(columns={"mean": "naive", "low": "naive_low", "high": "naive_high"})
    ends = [
        correct_rate(share, number, skill[True], skill[False], design.level)
        for share, number in zip(table["naive"], table["effective_quotes"], strict=True)
    ]
    for place, name in enumerate(("corrected", "low", "high")):
        table.insert(table.columns.get_loc("warning"), name, [found[place] for found in ends])
    said = [f"audited quotes without an answer left out: {left_out}"] * (left_out > 0)
    if table["corrected"].isna().all():
        said.append("the measure is no better than chance in the audit: no corrected rate")
    table["warning"] = ["; ".join([*[known] * (known != ""), *said]) for known in table["warning"]]
    found = {"sensitivity": skill[True][0], "specificity": skill[False][0], "left_out": left_out}
    table.attrs = naive.attrs | found
    return table


def _find_skill(audited: pd.DataFrame, measure: str, design: Design) -> tuple[dict[bool, tuple[float, float]], int]:
    """Find how often a true yes and a true no are found, each with the number of quotes it rests on; and the uncoded.

    Keys are the truth: sensitivity is that of True, specificity that of False.
    """
    need_columns(audited, [measure, f"true_{measure}", *([design.weight] if design.weight else [])])
    audited = audited.reset_index(drop=True)
    said, truth = (pd.to_numeric(audited[column], errors="coerce") for column in (measure, f"true_{measure}"))
    coded = keep_coded(audited, said.notna() & truth.notna())
    rows = pd.DataFrame({
        "doc_id": coded.get(design.cluster[0], pd.Series(range(len(coded)), index=coded.index)),
        "truth": truth[coded.index].astype(bool),
        "right": said[coded.index].astype(bool) == truth[coded.index].astype(bool),
        "weight": (coded[design.weight] if design.weight else 1.0) / coded["inclusion_probability"],
    })  # fmt: skip
    if rows["truth"].nunique() < 2:
        raise ValueError("the audit has no quote with, or none without, the measure. Audit more quotes.")
    number = _count_independent(rows, "truth")
    share = {value: np.average(part["right"], weights=part["weight"]) for value, part in rows.groupby("truth")}
    return {bool(value): (float(share[value]), number[value]) for value in share}, coded.attrs["left_out"]


def correct_rate(
    share: float,
    number: float,
    sensitivity: tuple[float, float],
    specificity: tuple[float, float],
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Correct one rate; `sensitivity` and `specificity` are pairs of a share and the number it rests on.

    Where both add up to 1 or less the measure finds no more yes among true yes than among true no, and dividing by
    what is left would turn the rate round: no rate (NaN), and anything from 0 to 1 may be true.

    >>> [round(x, 2) for x in correct_rate(0.32, 400, (0.8, 100), (0.9, 100))]
    [0.31, 0.21, 0.41]
    """
    z = float(-stdtrit(1e9, (1 - level) / 2))
    raw, size = (share * number + z**2 / 2) / (number + z**2), number + z**2
    (found, hits), (passed, misses) = (((rate * n + 1) / (n + 2), n + 2) for rate, n in (sensitivity, specificity))
    skill = found + passed - 1
    if min(skill, sensitivity[0] + specificity[0] - 1) <= 1e-9:
        return float("nan"), 0.0, 1.0
    rate = float(np.clip((raw + passed - 1) / skill, 0, 1))
    noise = (rate**2 * found * (1 - found) / hits, (1 - rate) ** 2 * passed * (1 - passed) / misses)
    shift = 2 * z**2 * (rate * found * (1 - found) / hits - (1 - rate) * passed * (1 - passed) / misses)
    reach = z * float(np.sqrt(raw * (1 - raw) / size + sum(noise))) / skill
    plain = (share + specificity[0] - 1) / (sensitivity[0] + specificity[0] - 1)
    centre = rate + shift
    return float(np.clip(plain, 0, 1)), max(centre - reach, 0.0), min(centre + reach, 1.0)
