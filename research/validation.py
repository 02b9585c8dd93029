"""How wrong the machine is, and what is left of a comparison once that is taken into account.

The loop: draw quotes with known probabilities (`draw_audit_sample`), have two people code them without seeing the
machine's answer (`make_coding_sheet`), measure their agreement and the machine's precision and recall, and carry the
audited quotes into every mean and difference (`correct_means`, `correct_pairs`). A comparison of machine labels alone
treats errors as facts; the corrected one is right on average whatever the machine's errors are, because the audit
says how large they are and its own uncertainty is in the interval.
"""

from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from research.clustering import Array
from research.comparison import DEFAULT, Design, compare
from research.documents import Document

Method = Literal["naive", "audit only", "ppi", "dsl", "imputation"]

METHODS: tuple[Method, ...] = ("naive", "audit only", "ppi", "dsl", "imputation")

NOBODY = "nobody"
"""What a coder writes when the words are nobody's speech, and the stratum of quotes without a speaker."""

OTHERS = "(others)"
"""The stratum of speakers who are quoted too rarely to have one of their own."""


# --- drawing and coding ---------------------------------------------------------------------------------------------


def draw_audit_sample(
    quotes: pd.DataFrame, per_speaker: int = 40, *, by: str = "speaker", seed: int = 20221221
) -> pd.DataFrame:
    """Draw quotes to be checked by people: stratified by the machine's speaker, with known probabilities.

    A simple random sample of `per_speaker` quotes from each speaker; speakers with fewer quotes than that are pooled
    in one stratum, quotes without a speaker form another, since that is where missed quotes hide. Adds `stratum` and
    `inclusion_probability`. Neyman (1934), Journal of the Royal Statistical Society 97.

    >>> quotes = pd.DataFrame({"quote_id": list("abcd"), "speaker": ["A", "A", "A", None]})
    >>> draw_audit_sample(quotes, 2)[["stratum", "inclusion_probability"]].round(2).value_counts().to_dict()
    {('A', 0.67): 2, ('nobody', 1.0): 1}
    """
    if per_speaker < 1:
        raise ValueError(f"per_speaker is {per_speaker}. Draw at least 1 quote a speaker.")
    random = np.random.default_rng(seed)
    rows = quotes.sort_values("quote_id", kind="stable")
    strata = find_strata(rows[by], per_speaker)
    drawn = []
    for name, members in rows.groupby(strata, sort=True):
        number = min(per_speaker, len(members))
        places = np.sort(random.choice(len(members), number, replace=False))
        drawn.append(members.iloc[places].assign(stratum=name, inclusion_probability=number / len(members)))
    return pd.concat(drawn, ignore_index=True)


def find_strata(speakers: pd.Series, smallest: int) -> pd.Series:
    """Name each quote's stratum: its speaker, `OTHERS` for the rarely quoted, `NOBODY` for none."""
    sizes = speakers.map(speakers.value_counts())
    return speakers.astype(object).where(sizes >= smallest, OTHERS).where(speakers.notna(), NOBODY)


SHEET_COLUMNS = ("item", "title", "date", "before", "quote", "after", "coded_speaker", "coded_tone", "note")


def make_coding_sheet(
    sample: pd.DataFrame, documents: Iterable[Document], coder: str, *, around: int = 600, seed: int = 20221221
) -> pd.DataFrame:
    """Make a sheet for one coder: the words in their context, empty cells to fill in, nothing of what the machine said.

    Coders write the speaker's full name ("nobody" if the words are nobody's speech, "unclear" if the text does not
    say) in `coded_speaker`, and in `coded_tone` a number from -1 (as negative as words get) to 1. The order is
    shuffled for each coder, so that neither strata nor confidence can be guessed from it. `item` stands for the
    quote; `read_codes` turns it back.
    """
    needed = set(sample["doc_id"])
    articles = {document.doc_id: document for document in documents if document.doc_id in needed}
    missing = sorted(needed - set(articles))
    if missing:
        raise KeyError(f"{len(missing)} articles are not in the corpus, the first {missing[0]}. Give their corpus.")
    rows = [
        {**_sheet_context(articles[row["doc_id"]], int(row["start"]), int(row["end"]), around), "item": item}
        for item, row in zip(_items(sample), sample.to_dict("records"), strict=True)
    ]
    key = [seed, *coder.encode()]
    order = np.random.default_rng(key).permutation(len(rows))
    blank = dict.fromkeys(SHEET_COLUMNS, "")
    return pd.DataFrame([blank | rows[i] for i in order], columns=list(SHEET_COLUMNS), dtype=object)


def _items(sample: pd.DataFrame) -> list[str]:
    """Number the quotes of a sample in the order of their ids, which says nothing of strata."""
    order = sample["quote_id"].rank(method="first").astype(int)
    return [f"item-{number:04d}" for number in order]


def _sheet_context(document: Document, start: int, end: int, around: int) -> dict[str, str]:
    """Cut a quote and the words around it from its article."""
    return {
        "title": document.title or "",
        "date": str(document.date or ""),
        "before": document.text[max(0, start - around) : start],
        "quote": document.text[start:end],
        "after": document.text[end : end + around],
    }


def write_coding_sheet(sheet: pd.DataFrame, path: str | Path) -> Path:
    """Write a sheet as CSV that a spreadsheet opens rightly: byte order mark, and no cell that is run as a formula."""
    path = Path(path)
    plain = sheet.apply(lambda column: column.map(_disarm))
    plain.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def _disarm(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula; numbers stay numbers.

    >>> _disarm("=1+1"), _disarm("-0.5")
    ("'=1+1", '-0.5')
    """
    risky = isinstance(cell, str) and cell.lstrip().startswith(("=", "+", "-", "@"))
    return "'" + cell if risky and not re.fullmatch(r"-?[0-9.]{1,20}", cell) else cell


def read_codes(path: str | Path, sample: pd.DataFrame) -> pd.DataFrame:
    """Read a filled-in sheet: `quote_id`, `coded_speaker` and `coded_tone` (empty cells are None and NaN).

    A tone that is no number between -1 and 1 and an item that is not in the sample are errors, all listed at once.
    """
    sheet = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    absent = [column for column in ("item", "coded_speaker", "coded_tone") if column not in sheet]
    if absent:
        raise ValueError(f"{Path(path).name} has no column {', '.join(absent)}. Keep the first line as it was written.")
    ids = dict(zip(_items(sample), sample["quote_id"], strict=True))
    tone = pd.to_numeric(sheet["coded_tone"].str.replace(",", ".").replace("", None), errors="coerce")
    wrong_tone = (sheet["coded_tone"].str.strip() != "") & ~tone.between(-1, 1)
    faults = [f"line {i + 2}: tone is {sheet['coded_tone'][i]!r}" for i in np.flatnonzero(wrong_tone)]
    faults += [f"line {i + 2}: no such item {item!r}" for i, item in enumerate(sheet["item"]) if item not in ids]
    faults += [f"line {i + 2}: {sheet['item'][i]} again" for i in np.flatnonzero(sheet["item"].duplicated())]
    if faults:
        raise ValueError(f"{Path(path).name} {'; '.join(faults)}. Write tones from -1 to 1, and keep the items.")
    speaker = sheet["coded_speaker"].str.strip().replace("", None)
    return pd.DataFrame({"quote_id": sheet["item"].map(ids), "coded_speaker": speaker, "coded_tone": tone})


def show_coding_form(sheet: pd.DataFrame, path: str | Path) -> Any:
    """Show the sheet as a form in a notebook, one quote at a time; every answer is written to `path` at once.

    Needs ipywidgets, which comes with the extra `notebooks`.
    """
    widgets: Any = importlib.import_module("ipywidgets")
    filled = sheet.copy()
    text = widgets.HTML()
    speaker, note = widgets.Text(description="speaker"), widgets.Text(description="note")
    tone = widgets.FloatSlider(description="tone", min=-1, max=1, step=0.25)
    progress, save = widgets.IntProgress(max=len(filled)), widgets.Button(description="save and next")
    place = itertools.count()
    state = {"row": next(place)}

    def show() -> None:
        row = filled.iloc[state["row"]] if state["row"] < len(filled) else None
        text.value = _form_text(row) if row is not None else "<p>Done. Thank you.</p>"
        save.disabled, progress.value = row is None, state["row"]
        speaker.value, note.value, tone.value = "", "", 0.0

    def keep(_: Any) -> None:
        answers = {"coded_speaker": speaker.value, "coded_tone": f"{tone.value:g}", "note": note.value}
        for column, answer in answers.items():
            filled.iat[state["row"], filled.columns.get_loc(column)] = answer
        write_coding_sheet(filled, path)
        state["row"] = next(place)
        show()

    save.on_click(keep)
    show()
    return widgets.VBox([progress, text, speaker, tone, note, save])


def _form_text(row: pd.Series) -> str:
    """Set a quote in its context as HTML, everything escaped."""
    from research.view import escape

    head = f"<p><b>{escape(row['title'])}</b> {escape(row['date'])}</p>"
    return f"{head}<p>{escape(row['before'])}<mark>{escape(row['quote'])}</mark>{escape(row['after'])}</p>"


# --- agreement, precision, recall, calibration ----------------------------------------------------------------------


def measure_agreement(
    codes: Mapping[str, pd.DataFrame], column: str = "coded_speaker", *, distance: Literal["nominal", "interval"]
) -> dict[str, float]:
    """Measure how far coders agree on a column: Krippendorff's alpha, plain agreement and the number of quotes.

    Alpha is 1 where they always agree, 0 where they agree as chance would. Krippendorff (2004), Content Analysis;
    computed by NLTK's AnnotationTask. Quotes that only one of them coded are left out.

    >>> one = pd.DataFrame({"quote_id": ["a", "b", "c"], "coded_speaker": ["X", "X", "Y"]})
    >>> two = pd.DataFrame({"quote_id": ["a", "b", "c"], "coded_speaker": ["X", "Y", "Y"]})
    >>> found = measure_agreement({"one": one, "two": two}, distance="nominal")
    >>> round(found["alpha"], 3), round(found["agreement"], 3), found["quotes"]
    (0.444, 0.667, 3)
    """
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import binary_distance, interval_distance

    wide = pd.concat({name: table.set_index("quote_id")[column] for name, table in codes.items()}, axis=1).dropna()
    if wide.shape[1] < 2 or wide.empty:
        raise ValueError(f"{wide.shape[1]} coders share {len(wide)} quotes. Give two coders' codes of the same quotes.")
    same = (wide.nunique(axis=1) == 1).mean()
    if len(pd.unique(wide.to_numpy().ravel())) == 1:
        return {"alpha": float("nan"), "agreement": float(same), "quotes": len(wide)}
    data = [(coder, item, label) for coder in wide for item, label in wide[coder].items()]
    metric = binary_distance if distance == "nominal" else interval_distance
    alpha = AnnotationTask(data=data, distance=metric).alpha()
    return {"alpha": float(alpha), "agreement": float(same), "quotes": len(wide)}


def settle_codes(codes: Sequence[pd.DataFrame], settled: pd.DataFrame | None = None) -> pd.DataFrame:
    """Make one answer of several coders': `true_speaker` where all agree or a third person settled it, mean tone.

    A disagreement that nobody settled stays open (None) and keeps the quote out of the audit; settle them all, since
    quotes people disagree on are the hard ones.
    """
    everything = pd.concat(codes, ignore_index=True)
    grouped = everything.groupby("quote_id", sort=True)
    speaker = grouped["coded_speaker"].agg(lambda names: names.iloc[0] if names.nunique() == 1 else None)
    if settled is not None:
        speaker = settled.set_index("quote_id")["coded_speaker"].reindex(speaker.index).fillna(speaker)
    table = pd.DataFrame({"true_speaker": speaker, "true_tone": grouped["coded_tone"].mean()})
    return table.rename_axis("quote_id").reset_index()


def measure_attribution(audited: pd.DataFrame, by: str = "speaker", level: float = 0.95) -> pd.DataFrame:
    """Measure precision and recall of attribution for each speaker, weighted to the whole table.

    Precision: of the quotes the machine gives a speaker, the share that are his. Recall: of the quotes that are his,
    the share the machine gives him. `audited` has `true_speaker` and, where it is a sample, `inclusion_probability`.
    Intervals are Wilson's with Kish's effective number of quotes (Wilson 1927; Korn & Graubard 1998).
    """
    weight = 1 / audited.get("inclusion_probability", pd.Series(1.0, index=audited.index)).to_numpy(float)
    given = audited[by].astype(object).where(audited[by].notna(), NOBODY).to_numpy()
    true = audited["true_speaker"].astype(object).where(audited["true_speaker"].notna(), NOBODY).to_numpy()
    rows = []
    for name in sorted((set(given) | set(true)) - {NOBODY}, key=str):
        right = (given == name) & (true == name)
        row: dict[str, Any] = {by: name, "audited": int((given == name).sum())}
        for measure, among in (("precision", given == name), ("recall", true == name)):
            share, low, high = wilson_interval(right[among], weight[among], level)
            row |= {measure: share, f"{measure}_low": low, f"{measure}_high": high}
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
    number = float(weight.sum() ** 2 / (weight**2).sum())
    z = float(-stdtrit(1e9, (1 - level) / 2))
    centre = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    reach = z / (1 + z**2 / number) * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return share, float(max(centre - reach, 0)), float(min(centre + reach, 1))


def tabulate_reliability(audited: pd.DataFrame, by: str = "speaker", bins: int = 10) -> pd.DataFrame:
    """Set stated confidence against how often the speaker was right, in bins of equally many quotes.

    `attrs["calibration_error"]` is the expected calibration error: the mean distance of the two, weighted by quotes
    (Naeini, Cooper & Hauskrecht 2015). Only quotes with a speaker count.
    """
    rows = audited[audited[by].notna()].sort_values(["confidence", "quote_id"], kind="stable")
    right = (rows[by] == rows["true_speaker"]).to_numpy(float)
    stated = rows["confidence"].to_numpy(float)
    parts = [part for part in np.array_split(np.arange(len(rows)), min(bins, max(len(rows), 1))) if len(part)]
    table = pd.DataFrame(
        [(stated[p].mean(), *wilson_interval(right[p], np.ones(len(p))), len(p)) for p in parts],
        columns=["confidence", "right", "low", "high", "quotes"],
    )
    distance = (table["confidence"] - table["right"]).abs()
    error = float((distance * table["quotes"]).sum() / max(table["quotes"].sum(), 1))
    table.attrs = {"by": by, "calibration_error": error}
    return table


# --- corrected estimates --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All quotes as arrays of shape (quotes,), with people's answers for the audited ones.

    `given` is the machine's speaker as a code into `names`, -1 for none; `true_speaker` and `true_value` mean
    something only where `audited`. `probability` is the chance with which a quote was drawn.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An estimate, and what each article adds to its error: shape (articles,), summing to about 0."""

    value: float
    influence: Array
    articles: int

    @property
    def se(self) -> float:
        """Standard error, clustered by article."""
        number = max(len(self.influence), 2)
        return float(np.sqrt((self.influence**2).sum() * number / (number - 1)))

    def minus(self, other: Corrected) -> Corrected:
        """Subtract another estimate from the same articles: what they share cancels out."""
        articles = min(self.articles, other.articles)
        return Corrected(value=self.value - other.value, influence=self.influence - other.influence, articles=articles)

    def interval(self, level: float) -> tuple[float, float]:
        """Give both ends of the t interval, with the audited articles less one as degrees of freedom."""
        if self.articles < 2 or not np.isfinite(self.value):
            return float("nan"), float("nan")
        reach = float(stdtrit(self.articles - 1, 0.5 + level / 2)) * self.se
        return self.value - reach, self.value + reach


def prepare_audit(quotes: pd.DataFrame, audited: pd.DataFrame, measure: str = "tone", by: str = "speaker") -> Audit:
    """Join all quotes with the audited ones, which have `quote_id`, `inclusion_probability` and `true_speaker`.

    `true_<measure>` is used where it is there; without it only the speakers are corrected. An audited quote without a
    true speaker counts as nobody's.
    """
    rows = quotes[pd.to_numeric(quotes[measure], errors="coerce").notna()].sort_values("quote_id", kind="stable")
    strange = sorted(set(audited["quote_id"]) - set(quotes["quote_id"]))
    if strange:
        raise KeyError(f"{len(strange)} audited quotes are not in the table, the first {strange[0]}.")
    answers = audited.set_index("quote_id").reindex(rows["quote_id"])
    checked = answers["inclusion_probability"].notna().to_numpy()
    names = sorted(set(rows[by].dropna()) | set(answers["true_speaker"].dropna()) - {NOBODY, "unclear"}, key=str)
    codes = {name: code for code, name in enumerate(names)}
    value = rows[measure].to_numpy(float)
    told = answers.get(f"true_{measure}", pd.Series(np.nan, index=answers.index)).to_numpy(float)
    stratum = answers["stratum"] if "stratum" in answers else pd.Series("all", index=answers.index)
    return Audit(
        names=tuple(names),
        article=pd.factorize(rows["doc_id"], sort=True)[0],
        given=rows[by].map(codes).fillna(-1).to_numpy(int),
        value=value,
        confidence=rows.get("confidence", pd.Series(1.0, index=rows.index)).fillna(1.0).to_numpy(float),
        audited=checked,
        probability=answers["inclusion_probability"].fillna(1.0).to_numpy(float),
        stratum=_fill_strata(rows[by], stratum, checked),
        true_speaker=answers["true_speaker"].map(codes).fillna(-1).to_numpy(int),
        true_value=np.where(checked & np.isfinite(told), told, value),
    )


def _fill_strata(speakers: pd.Series, stratum: pd.Series, checked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give quotes that were not drawn the stratum they were in: known from those drawn with the same speaker."""
    own = speakers.astype(object).where(speakers.notna(), NOBODY).to_numpy()
    known = dict(zip(own[checked], stratum.to_numpy()[checked], strict=True))
    return np.asarray(pd.factorize(pd.Series([known.get(name, OTHERS) for name in own]), sort=True)[0])


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
    own = (audit.given == speaker).astype(float)
    return _Moments(top=own * audit.value, bottom=own)


def _true_moments(audit: Audit, speaker: int) -> _Moments:
    """The equation as the audited quotes have it; 0 for the others."""
    own = ((audit.true_speaker == speaker) & audit.audited).astype(float)
    return _Moments(top=own * audit.true_value, bottom=own)


def _rectify(audit: Audit, machine: Array, truth: Array, trust: Array | float) -> Array:
    """Replace each quote's machine value by one that is right on average: the machine's, plus the audit's correction.

    Within a stratum the mean correction is spread over all quotes, which leaves the sum as it is and takes out of
    the variance what stratification takes out.
    """
    difference = np.where(audit.audited, truth - trust * machine, 0.0)
    size = int(audit.stratum.max(initial=-1)) + 1
    drawn = np.bincount(audit.stratum, audit.audited.astype(float), size)
    mean = np.bincount(audit.stratum, difference, size) / np.maximum(drawn, 1)
    spread = np.sqrt(drawn / np.maximum(drawn - 1, 1))[audit.stratum]
    rest = np.where(audit.audited, (difference - mean[audit.stratum]) / audit.probability, 0.0)
    return np.asarray(trust * machine + mean[audit.stratum] + rest * spread)


def _solve(audit: Audit, machine: _Moments, truth: _Moments, trust: Array | float) -> Corrected:
    """Solve the corrected equation for θ, and give each article's influence on it."""
    factor = audit.audited / audit.probability
    bottom = (trust * machine.bottom + factor * (truth.bottom - trust * machine.bottom)).sum()
    top = (trust * machine.top + factor * (truth.top - trust * machine.top)).sum()
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
    """Estimate from the audited quotes alone, weighted by their probabilities (Hájek 1971): no use of the machine."""
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
    article, and the known probabilities keep the result unbiased however bad they are. Egami, Hinck, Stewart & Wei
    (2023), Using imperfect surrogates for downstream inference, NeurIPS 36.
    """
    features = _surrogates(audit, speaker)
    truth = _true_moments(audit, speaker)
    machine = _Moments(
        top=_cross_fit(audit, features, truth.top, folds), bottom=_cross_fit(audit, features, truth.bottom, folds)
    )
    found = _solve(audit, machine, truth, 1.0)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputed:
    """Estimates over several imputations, by Rubin's rules: shape (speakers,)."""

    value: Array
    se: Array
    degrees_of_freedom: Array

    def interval(self, level: float) -> tuple[Array, Array]:
        """Give both ends of the t interval."""
        reach = stdtrit(self.degrees_of_freedom, 0.5 + level / 2) * self.se
        return self.value - reach, self.value + reach


def impute_speakers(audit: Audit, *, imputations: int = 20, rounds: int = 5, seed: int = 20221221) -> Array:
    """Draw the true speaker of every quote several times over; codes of shape (imputations, quotes), K for nobody.

    A quote keeps its speaker with the probability `confidence`; otherwise it goes to the others quoted in its article
    in proportion, more readily to those whose quotes have such a value (data augmentation, Tanner & Wong 1987, with
    normal values of one variance). Audited quotes keep the true speaker, and their errors say who is taken for whom.
    It needs no audit, but it believes the confidences; where there is an audit, prefer the estimators that believe
    nothing.
    """
    random = np.random.default_rng(seed)
    drawn = np.empty((imputations, len(audit.value)), int)
    for number in range(imputations):
        prior = _speaker_probabilities(audit, random)
        codes = _draw_codes(prior, random)
        for _ in range(rounds):
            codes = _draw_codes(prior * _likelihood(audit, codes, random), random)
        drawn[number] = codes
    return drawn


def _speaker_probabilities(audit: Audit, random: np.random.Generator) -> Array:
    """The chance of each speaker for each quote before its value is looked at; the last column is nobody."""
    size, rows = len(audit.names), np.arange(len(audit.given))
    own = np.where(audit.given < 0, size, audit.given)
    counts = np.zeros((int(audit.article.max()) + 1, size + 1))
    np.add.at(counts, (audit.article, own), 1.0)
    overall = counts.sum(0) / counts.sum()
    others = counts[audit.article] + 0.1 * overall
    others[rows, own] = 0
    others = others * _draw_pull(audit, own, others, random)[own]
    chance = (1 - audit.confidence)[:, None] * others / np.maximum(others.sum(1, keepdims=True), 1e-12)
    chance[rows, own] = audit.confidence
    known = np.flatnonzero(audit.audited)
    chance[known] = 0
    chance[known, np.where(audit.true_speaker[known] < 0, size, audit.true_speaker[known])] = 1
    return np.asarray(chance)


def _draw_pull(audit: Audit, own: NDArray[np.intp], others: Array, random: np.random.Generator) -> Array:
    """Draw how much oftener than articles suggest a wrong quote of one speaker is another's, as the audit has it."""
    wrong = audit.audited & (audit.true_speaker != audit.given)
    size = others.shape[1]
    true = np.where(audit.true_speaker < 0, size - 1, audit.true_speaker)
    seen, expected = np.zeros((size, size)), np.zeros((size, size))
    np.add.at(seen, (own[wrong], true[wrong]), 1.0)
    np.add.at(expected, own[wrong], others[wrong] / np.maximum(others[wrong].sum(1, keepdims=True), 1e-12))
    return np.asarray(random.gamma(seen + 1) / (expected + 1))


def _draw_codes(weights: Array, random: np.random.Generator) -> NDArray[np.intp]:
    """Draw a code for each row with the given weights."""
    steps = np.cumsum(weights, axis=1)
    place = random.random((len(weights), 1)) * steps[:, -1:]
    return np.asarray((steps < place).sum(1).clip(max=weights.shape[1] - 1))


def _likelihood(audit: Audit, codes: NDArray[np.intp], random: np.random.Generator) -> Array:
    """How well each quote's value fits each speaker, whose mean is itself drawn (Bayesian bootstrap over articles)."""
    size = len(audit.names) + 1
    weight = random.exponential(size=int(audit.article.max()) + 1)[audit.article]
    total = np.bincount(codes, weight, size)
    overall = float((weight * audit.true_value).sum() / weight.sum())
    mean = np.where(total > 0, np.bincount(codes, weight * audit.true_value, size) / np.maximum(total, 1e-12), overall)
    spread = float(np.sqrt((weight * (audit.true_value - mean[codes]) ** 2).sum() / weight.sum())) + 1e-12
    return np.asarray(np.exp(-0.5 * ((audit.true_value[:, None] - mean) / spread) ** 2) + 1e-9)


def estimate_imputed(audit: Audit, contrasts: Array | None = None, **options: Any) -> Imputed:
    """Estimate means (or contrasts of them, one a row) over imputed speakers, combined by Rubin's rules.

    Its 95 % intervals cover 92 to 94 % in benchmarks/simulation.md, where confidences are calibrated.
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys; degrees of freedom of Barnard & Rubin (1999),
    Biometrika 86, with the articles less one as those of complete data.
    """
    size = len(audit.names)
    weights = np.eye(size) if contrasts is None else contrasts
    drawn = impute_speakers(audit, **options)
    parts = [_completed(audit, codes, weights) for codes in drawn]
    values = np.stack([value for value, _ in parts])
    within = np.stack([variance for _, variance in parts]).mean(0)
    between = values.var(axis=0, ddof=1)
    total = within + (1 + 1 / len(drawn)) * between
    share = np.clip((1 + 1 / len(drawn)) * between / total, 1e-12, 1)
    complete = float(audit.article.max())
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    freedom = 1 / (share**2 / (len(drawn) - 1) + 1 / np.maximum(observed, 1e-12))
    return Imputed(value=values.mean(0), se=np.sqrt(total), degrees_of_freedom=freedom)


def _completed(audit: Audit, codes: NDArray[np.intp], weights: Array) -> tuple[Array, Array]:
    """Estimates and clustered variances of one completed table."""
    size, articles = len(audit.names), int(audit.article.max()) + 1
    place = audit.article * (size + 1) + codes
    count = np.bincount(place, minlength=articles * (size + 1)).reshape(articles, -1)[:, :size].astype(float)
    total = np.bincount(place, audit.true_value, articles * (size + 1)).reshape(articles, -1)[:, :size]
    number = np.maximum(count.sum(0), 1)
    mean = total.sum(0) / number
    leverage = np.sqrt(np.maximum(1 - count / number, 1e-9))
    influence = (total - count * mean) / number / leverage @ weights.T
    return weights @ mean, (influence**2).sum(0)


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
    `true_<measure>`. "naive" is what `compare` gives; the others carry the audit (see the module's functions for what
    each assumes). All intervals are clustered by article.
    """
    audit = prepare_audit(quotes, audited, measure, by)
    naive = compare(quotes, measure, by, design).set_index(by)
    imputed = estimate_imputed(audit, seed=design.seed) if "imputation" in methods else None
    rows = []
    for code, name in enumerate(audit.names):
        given = int((audit.given == code).sum())
        checked = int((audit.audited & ((audit.given == code) | (audit.true_speaker == code))).sum())
        facts = {by: name, "measure": measure, "quotes": given, "audited": checked}
        ids = naive.loc[name, "quote_ids"] if name in naive.index else ()
        for method in methods:
            numbers = (
                _naive_numbers(naive, name) if method == "naive" else _numbers(audit, code, method, imputed, design)
            )
            rows.append({**facts, "method": method, **numbers, "warning": _warn(method, checked), "quote_ids": ids})
    table = pd.DataFrame(rows).sort_values(["quotes", by], ascending=[False, True], kind="stable", ignore_index=True)
    table.attrs = {"measure": measure, "by": by, "level": design.level, "seed": design.seed, "audited": len(audited)}
    return table


def _naive_numbers(naive: pd.DataFrame, name: str) -> dict[str, float]:
    """Look up a speaker in the table of machine labels; a speaker only people found has no naive mean."""
    if name not in naive.index:
        return dict.fromkeys(("estimate", "se", "low", "high"), float("nan"))
    row = naive.loc[name]
    return {"estimate": row["mean"], "se": row["se"], "low": row["low"], "high": row["high"]}


def _numbers(audit: Audit, code: int, method: str, imputed: Imputed | None, design: Design) -> dict[str, float]:
    """Estimate one speaker's mean by one method."""
    if imputed is not None and method == "imputation":
        low, high = imputed.interval(design.level)
        ends = {"low": float(low[code]), "high": float(high[code])}
        return {"estimate": float(imputed.value[code]), "se": float(imputed.se[code]), **ends}
    found = ESTIMATORS[method](audit, code)
    return _laid_out(found, design.level)


def _laid_out(found: Corrected, level: float) -> dict[str, float]:
    """Lay out an estimate as the columns of a table."""
    low, high = found.interval(level)
    return {"estimate": found.value, "se": found.se, "low": low, "high": high}


def _warn(method: str, audited: int) -> str:
    """Say what a reader should know before believing a corrected estimate; "" if nothing."""
    if method == "naive":
        return "errors of the machine are not in the interval"
    if method == "imputation":
        return "" if audited else "believes the stated confidences"
    return f"few audited quotes ({audited})" if audited < FEW_AUDITED else ""


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
    """Put the naive and the corrected difference of two speakers side by side, one row a method."""
    from research.comparison import compare_pairs

    audit = prepare_audit(quotes, audited, measure, by)
    codes = [audit.names.index(name) for name in (first, second)]
    rows = []
    for method in methods:
        if method == "naive":
            pair = compare_pairs(quotes[quotes[by].isin([first, second])], measure, by, against=second, design=design)
            numbers = (
                pair.rename(columns={"difference": "estimate"})[["estimate", "se", "low", "high"]].iloc[0].to_dict()
            )
        elif method == "imputation":
            contrast = np.eye(len(audit.names))[codes[0]] - np.eye(len(audit.names))[codes[1]]
            imputed = estimate_imputed(audit, contrast[None, :], seed=design.seed)
            numbers = _numbers(audit, 0, method, imputed, design)
        else:
            one, other = (ESTIMATORS[method](audit, code) for code in codes)
            numbers = _laid_out(one.minus(other), design.level)
        rows.append({"first": first, "second": second, "measure": measure, "method": method, **numbers})
    table = pd.DataFrame(rows)
    table.attrs = {"measure": measure, "by": by, "level": design.level, "seed": design.seed, "audited": len(audited)}
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
    columns = [by, "measure", "quotes", "articles", "effective_quotes", "mean", "low", "high"]
    table = naive[columns].rename(columns={"mean": "naive", "low": "naive_low", "high": "naive_high"})
    ends = [
        correct_rate(share, number, sensitivity, specificity, design.level)
        for share, number in zip(table["naive"], table["effective_quotes"], strict=True)
    ]
    table[["corrected", "low", "high"]] = ends
    table.attrs = naive.attrs | {"sensitivity": sensitivity[0], "specificity": specificity[0]}
    return table


def _hit_rate(hit: NDArray[np.bool_], weight: Array) -> tuple[float, float]:
    """Give a weighted share of hits and the effective number of quotes it rests on."""
    if len(hit) == 0:
        raise ValueError("the audit has no quote with, or none without, the measure. Audit more quotes.")
    return float((hit * weight).sum() / weight.sum()), float(weight.sum() ** 2 / (weight**2).sum())


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
