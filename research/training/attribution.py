"""Fit the ranker, the gate and the confidence of `research.attribution`, and write them with their card.

Everything fitted on tags is fitted on out-of-fold tags: an article's rows come from the tagger that has not seen it.
The gate and the confidence are fitted on out-of-fold scores of the ranker, the threshold on out-of-fold chances of the
gate.

    python -m research.training.attribution FOLDER     (FOLDER holds tagger_0.npz … tagger_4.npz and tagger_-1.npz)
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from research.attribution import calibrated, shares_of, winners
from research.evidence import CANDIDATES, COLUMNS, GATE_COLUMNS, Pairs, gate_features, pair_up
from research.mentions import LABEL, Mentions, find_mentions
from research.tagging import Tagger, Tags, tag
from research.training.copies import with_more_breaks, with_more_quotes
from research.training.listwise import fit_lists
from research.training.polnear import FOLDS, Article, fold_of, prepare, read_articles
from research.training.synthetic import articles as synthetic_articles
from research.training.tagger import ALL, MODELS, load_taggers
from research.trees import trees_from_sklearn

Reals = NDArray[np.float64]

RANKER = dict(max_iter=400, max_depth=6, max_leaf_nodes=20, learning_rate=0.04, min_samples_leaf=60, max_features=0.5,
              l2_regularization=1.0, random_state=0)
GATE = dict(max_iter=150, max_depth=4, max_leaf_nodes=10, learning_rate=0.06, min_samples_leaf=30,
            l2_regularization=2.0, random_state=0, early_stopping=False)
BROKEN_WEIGHT = 0.5  # weight of the copies with more paragraph breaks
QUOTED_WEIGHT, QUOTED_SEED = 0.6, 99  # of the mixed quotes made of indirect ones
# Made-up articles and copies of another seed than the tagger's: their tags are to be no better than an unseen
# article's.
MADE_UP, MADE_UP_SEED, MADE_UP_WEIGHT = 1100, 99, 1.0
LOOSE_WEIGHT = 0.3  # weight, as wrong, of a mention that overlaps the source but does not hold its head (joint ranker)
KEPT = 0.977  # share of the attributed quotes that the gate is to let through
BINS = 10  # of confidence, for the expected calibration error
ASKED = ("direct", "mixed")
SIZE = re.compile(r"arrays \(\d+ kB")  # in the card


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One article's rows: features, which are right (by head, and by overlap), their weights; and its quotes' gold.

    `reachable` says of each quote whether any mention of the article overlaps its source.
    """

    article: Article
    tags: Tags
    names: Mapping[str, Sequence[str]]
    pairs: Pairs
    right: NDArray[np.bool_]
    overlaps: NDArray[np.bool_]
    weight: NDArray[np.float32]
    reachable: NDArray[np.bool_]
    fold: int

    @property
    def quotes(self) -> int:
        """How many quotes the article has."""
        return len(self.article.scan.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The articles that have quotes: training and dev articles; what else the ranker is fitted on, with a weight."""

    train: Sequence[Example]
    dev: Sequence[Example]
    helping: Sequence[tuple[float, Sequence[Example]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What became of each quote of some articles, as arrays.

    rows : gate features; gold : 1 attributed, 0 nobody's, -1 unknown; fold : of its article; share : the ranker's of
    its winner; right : whether the winner overlaps the source; kind : a number into `ASKED`, -1 without a source;
    reachable and listed : whether any mention, or any candidate, overlaps the source.
    """

    rows: NDArray[np.float32]
    gold: NDArray[np.int64]
    fold: NDArray[np.int64]
    share: Reals
    right: NDArray[np.bool_]
    kind: NDArray[np.int64]
    reachable: NDArray[np.bool_]
    listed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """All that was fitted, and what came of the quotes it was measured on."""

    ranker: HistGradientBoostingRegressor
    gate: HistGradientBoostingClassifier
    threshold: float
    calibration: Sequence[float]
    held_out: Verdicts
    held_out_chances: Reals
    dev: Verdicts
    dev_chances: Reals


# --- examples ---------------------------------------------------------------------------------------------------------


def read_material(taggers: Mapping[int, Tagger]) -> Material:
    """Run the chain up to the pairs over all articles, each with the tagger that has not seen it."""
    train = read_articles("train")

    def examples(records: Iterable[Mapping[str, Any]], tagger_of: Callable[[str], Tagger]) -> list[Example]:
        made = (example_of(record, tagger_of(record["id"])) for record in records)
        return [example for example in made if example.quotes]

    def unseen(records: Iterable[Mapping[str, Any]]) -> list[Example]:
        return examples(records, lambda doc_id: taggers[fold_of(doc_id)])

    return Material(
        train=unseen(train), dev=examples(read_articles("dev"), lambda doc_id: taggers[ALL]),
        helping=[(BROKEN_WEIGHT, unseen(map(with_more_breaks, train))),
                 (QUOTED_WEIGHT, unseen(map(only_new_quotes, train))),
                 (MADE_UP_WEIGHT, unseen(synthetic_articles(MADE_UP, seed=MADE_UP_SEED)))])


def only_new_quotes(record: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with more mixed quotes, in which nothing is known of the quotes that were there before."""
    copy, _ = with_more_quotes(record, seed=QUOTED_SEED)
    return {**copy, "quotes": [quote for quote in copy["quotes"] if quote.get("new")]}


def example_of(record: Mapping[str, Any], tagger: Tagger) -> Example:
    """Run the chain up to the pairs and mark the right ones."""
    article = prepare(record)
    tags = tag(tagger, article.text, article.scan, article.tokens)
    mentions = find_mentions(article.text, article.scan, article.tokens, tags, tagger.names)
    pairs = pair_up(article.scan, article.tokens, tags, mentions, tagger.names)
    right, overlaps, weight = mark_right(article, tags, mentions, pairs)
    reachable = np.array([any(hits(span, sources_of(gold)) for span in mentions.spans) for gold in article.gold], bool)
    return Example(article=article, tags=tags, names=tagger.names, pairs=pairs, right=right, overlaps=overlaps,
                   weight=weight, reachable=reachable, fold=fold_of(article.doc_id))


def sources_of(gold: Mapping[str, Any] | None) -> Sequence[Sequence[Any]]:
    """The human's source spans of a quote."""
    return (gold or {}).get("source") or []


def mark_right(article: Article, tags: Tags, mentions: Mentions, pairs: Pairs
               ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32]]:
    """For each pair whether it is the right one, whether it overlaps the source, and its weight."""
    right, overlaps = np.zeros(len(pairs.quote), bool), np.zeros(len(pairs.quote), bool)
    weight = np.ones(len(pairs.quote), np.float32)
    for quote, gold in enumerate(article.gold):
        sources = sources_of(gold)
        low, high = np.searchsorted(pairs.quote, [quote, quote + 1])
        rows = [r for r in range(low, high) if hits(mentions.spans[pairs.mention[r]], sources)]
        overlaps[rows] = True
        weight[rows] = LOOSE_WEIGHT
        chosen = _holds_head(article, tags, mentions, pairs, rows, sources)
        if chosen is not None:
            right[chosen], weight[chosen] = True, 1.0
    return right, overlaps, weight


def hits(span: Sequence[int], sources: Iterable[Sequence[Any]]) -> bool:
    """Whether a span overlaps any source.

    >>> hits((0, 5), [(4, 9, "Ann")]), hits((0, 4), [(4, 9, "Ann")])
    (True, False)
    """
    return any(span[0] < end and span[1] > start for start, end, _ in sources)


def _holds_head(article: Article, tags: Tags, mentions: Mentions, pairs: Pairs, rows: list[int],
                sources: Sequence[Any]) -> int | None:
    """The row whose mention holds the source's head: a label, else the first whose head points out of the source."""
    for row in rows:
        if mentions.form[pairs.mention[row]] == LABEL:
            return row
    for row in rows:
        place = int(tags.head[mentions.head[pairs.mention[row]]])
        if not hits((article.tokens.starts[place], article.tokens.ends[place]), sources):
            return row
    return rows[0] if rows else None


# --- fitting ----------------------------------------------------------------------------------------------------------


def fit(material: Material, report: Callable[[str], None] = lambda line: None) -> Fitted:
    """Fit the ranker and the gate, set the threshold, and fit the confidence; the last three on out-of-fold numbers."""
    scores = score_out_of_fold(material, report)
    held_out = verdicts(material.train, scores)
    ranker = fit_ranker([(1.0, material.train), *material.helping])
    dev = verdicts(material.dev, score(ranker, material.dev))
    report("ranker fitted on everything")
    known = held_out.gold >= 0
    chances = np.zeros(len(known))
    for fold in range(FOLDS):
        own = held_out.fold == fold
        chances[own] = fit_gate(held_out, known & ~own).predict_proba(held_out.rows[own])[:, 1]
    gate = fit_gate(held_out, known)
    threshold = threshold_for(chances, held_out.gold, KEPT)
    return Fitted(ranker=ranker, gate=gate, threshold=threshold, calibration=calibrate(held_out, chances, threshold),
                  held_out=held_out, held_out_chances=chances, dev=dev,
                  dev_chances=gate.predict_proba(dev.rows)[:, 1])


def score_out_of_fold(material: Material, report: Callable[[str], None]) -> list[Reals]:
    """Each training article's scores by the ranker that has not seen it."""
    scores: list[Reals] = [np.zeros(0)] * len(material.train)
    for fold in range(FOLDS):
        ranker = fit_without(fold, material)
        held = [number for number, example in enumerate(material.train) if example.fold == fold]
        for number, own in zip(held, score(ranker, [material.train[i] for i in held]), strict=True):
            scores[number] = own
        report(f"ranker fitted without fold {fold}")
    return scores


def fit_without(fold: int, material: Material) -> HistGradientBoostingRegressor:
    """The ranker that has not seen a fold."""
    return fit_ranker([(weight, [example for example in part if example.fold != fold])
                       for weight, part in ((1.0, material.train), *material.helping)])


def fit_ranker(weighted: Iterable[tuple[float, Sequence[Example]]]) -> HistGradientBoostingRegressor:
    """Fit on the quotes that have a right pair, without mentions that overlap the source but do not hold its head."""
    parts = [(example, weight) for weight, examples in weighted for example in examples]
    keep = [answered(e) & (e.right | ~e.overlaps) for e, _ in parts]
    first = np.cumsum([0, *(e.quotes for e, _ in parts)])
    return fit_lists(
        np.concatenate([e.pairs.values[k] for (e, _), k in zip(parts, keep, strict=True)]),
        np.concatenate([e.right[k] for (e, _), k in zip(parts, keep, strict=True)]),
        np.concatenate([e.pairs.quote[k] + n for (e, _), k, n in zip(parts, keep, first, strict=False)]),
        np.concatenate([np.full(k.sum(), w) for (_, w), k in zip(parts, keep, strict=True)]), **RANKER)


def answered(example: Example) -> NDArray[np.bool_]:
    """Which pairs belong to a quote that has a right pair."""
    answered = np.zeros(example.quotes, bool)
    answered[example.pairs.quote[example.right]] = True
    return answered[example.pairs.quote]


def score(ranker: HistGradientBoostingRegressor, examples: Sequence[Example]) -> list[Reals]:
    """Each example's scores, in one call."""
    if not examples:
        return []
    scores = ranker.predict(np.concatenate([e.pairs.values for e in examples]))
    return np.split(scores, np.cumsum([len(e.pairs.quote) for e in examples])[:-1])


def fit_gate(verdicts: Verdicts, chosen: NDArray[np.bool_]) -> HistGradientBoostingClassifier:
    """Fit the gate on some of the quotes."""
    return HistGradientBoostingClassifier(**GATE).fit(verdicts.rows[chosen], verdicts.gold[chosen])


def verdicts(examples: Sequence[Example], scores: Sequence[Reals]) -> Verdicts:
    """What the ranker's scores make of each quote."""
    parts = [_verdicts(example, own) for example, own in zip(examples, scores, strict=True)]
    return Verdicts(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in Verdicts.__slots__})


def _verdicts(example: Example, scores: Reals) -> Verdicts:
    article, pairs, quotes = example.article, example.pairs, example.quotes
    best, share, chance = winners(pairs, scores, shares_of(pairs, scores, quotes), quotes)
    listed = np.zeros(quotes, bool)
    listed[pairs.quote[example.overlaps]] = True
    return Verdicts(
        rows=gate_features(article.text, article.scan, article.tokens, example.tags, example.names, share, chance),
        gold=np.array([-1 if g is None else int(g["attributed"]) for g in article.gold]),
        fold=np.full(quotes, example.fold), share=share.astype(np.float64),
        right=(best >= 0) & np.append(example.overlaps, False)[best],
        kind=np.array([ASKED.index(g["kind"]) if g is not None and g["source"] else -1 for g in article.gold]),
        reachable=example.reachable, listed=listed)


def threshold_for(chances: Reals, gold: NDArray[Any], kept: float) -> float:
    """The largest threshold, to three digits, that lets at least `kept` of the attributed quotes through.

    >>> threshold_for(np.array([0.2, 0.4, 0.6, 0.8]), np.array([1, 1, 1, 0]), 0.5)
    0.4
    """
    return float(np.floor(np.quantile(chances[gold == 1], 1 - kept, method="lower") * 1000 + 1e-9) / 1000)


def decided(verdicts: Verdicts, chances: Reals, threshold: float) -> NDArray[np.bool_]:
    """The quotes let through of which it is known whether the named mention is right."""
    return (chances >= threshold) & (verdicts.gold >= 0) & ~((verdicts.gold == 1) & (verdicts.kind < 0))


def calibrate(verdicts: Verdicts, chances: Reals, threshold: float) -> list[float]:
    """Platt's (1999) map from share and gate to the chance that the quote is speech and the winner says it."""
    chosen = decided(verdicts, chances, threshold)
    inputs = np.stack([log_odds(verdicts.share[chosen]), log_odds(chances[chosen])], axis=1)
    right = (verdicts.gold == 1) & verdicts.right
    fitted = LogisticRegression(C=100).fit(inputs, right[chosen])
    return [float(fitted.intercept_[0]), *map(float, fitted.coef_[0])]


def log_odds(chances: Reals) -> Reals:
    """Log-odds, bounded as `research.attribution.calibrated` bounds them."""
    inside = np.clip(chances, 1e-4, 1 - 1e-4)
    return np.log(inside / (1 - inside))


# --- measuring and writing --------------------------------------------------------------------------------------------


def calibration_error(confidence: Reals, right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins (Guo et al. 2017, ICML): the mean gap of confidence and share right.

    >>> calibration_error(np.array([0.9, 0.9, 0.1, 0.1]), np.array([True, True, False, True])).__round__(2)
    0.25
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(BINS)]
    return float(sum(gaps) / len(right))


def measure(fitted: Fitted, verdicts: Verdicts, chances: Reals) -> dict[str, tuple[float, int]]:
    """What the card says of one set of quotes: a number, and of how many quotes."""
    known, chosen = verdicts.gold >= 0, decided(verdicts, chances, fitted.threshold)
    passed, sourced = chances >= fitted.threshold, verdicts.kind >= 0
    nobody, speech = verdicts.gold == 0, verdicts.gold == 1
    confidence = np.array([calibrated(fitted.calibration, s, c)
                           for s, c in zip(verdicts.share[chosen], chances[chosen], strict=True)])
    right = (speech & verdicts.right)[chosen]

    def share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> tuple[float, int]:
        return float(of[among].mean()), int(among.sum())

    return {
        "some mention overlaps the source": share(verdicts.reachable, sourced),
        f"one of the {CANDIDATES} candidates does": share(verdicts.listed, sourced),
        **{f"ranker right, {kind}": share(verdicts.right, verdicts.kind == i) for i, kind in enumerate(ASKED)},
        "gate, area under the ROC curve": (float(roc_auc_score(speech[known], chances[known])), int(known.sum())),
        "speech let through": share(passed, speech),
        "nobody's words let through (false positives)": share(passed, nobody),
        "right among those let through": (float(right.mean()), len(right)),
        "mean confidence of those": (float(confidence.mean()), len(right)),
        "expected calibration error": (calibration_error(confidence, right), len(right)),
    }


def export(fitted: Fitted, to: Path = MODELS) -> str:
    """Write attribution.npz, check that it scores as scikit-learn does, and write the card."""
    ranker, gate = trees_from_sklearn(fitted.ranker), trees_from_sklearn(fitted.gate)
    gap = np.abs(gate.score(fitted.dev.rows) - fitted.gate.decision_function(fitted.dev.rows)).max()
    if gap > 1e-4:
        raise ValueError(f"The stored gate is off by {gap:.1g} from the fitted one: check research/trees.py.")
    stored: dict[str, Any] = {**ranker.to_arrays("ranker"), **gate.to_arrays("gate")}
    np.savez_compressed(to / "attribution.npz", threshold=fitted.threshold, calibration=np.array(fitted.calibration),
                        **stored)
    held_out = measure(fitted, fitted.held_out, fitted.held_out_chances)
    dev = measure(fitted, fitted.dev, fitted.dev_chances)
    write_page(write_card(fitted, held_out, dev), to)
    return (to / "attribution.md").read_text("utf8")


def write_page(page: str, to: Path) -> None:
    """Write attribution.md, which tells the size that attribution.npz has now: later recipes add to both."""
    kilobytes = round((to / "attribution.npz").stat().st_size / 1000)
    sized = SIZE.sub(f"arrays ({kilobytes} kB", page, count=1)
    (to / "attribution.md").write_text(sized, encoding="utf-8", newline="\n")


def write_card(fitted: Fitted, held_out: Mapping[str, tuple[float, int]], dev: Mapping[str, tuple[float, int]]) -> str:
    """The card beside the parameters; its numbers come from this run, its size from the file."""
    rows = [f"| {f'**{what}**' if what.startswith('ranker') else what} | {value:.3f} | {count:,} | "
            f"{dev[what][0]:.3f} | {dev[what][1]:,} |" for what, (value, count) in held_out.items()]
    return CARD.format(
        trees=RANKER["max_iter"], gate_trees=GATE["max_iter"], columns=len(COLUMNS),
        gate_columns=len(GATE_COLUMNS), candidates=CANDIDATES, threshold=fitted.threshold, kept=KEPT,
        broken_weight=BROKEN_WEIGHT, quoted_weight=QUOTED_WEIGHT, made_up=MADE_UP, made_up_weight=MADE_UP_WEIGHT,
        rows="\n".join(rows),
        calibration=", ".join(f"{value:.3f}" for value in fitted.calibration))


CARD = """# attribution.npz: who says a quote, and whether anybody does
Two sets of boosted trees fitted by scikit-learn's histogram gradient boosting, stored as arrays (0 kB, no
pickle) and evaluated in numpy (`research/trees.py`). The ranker ({trees} trees, {columns} numbers a pair; see
`research/evidence.py`) scores a quote with each of its {candidates} likeliest mentions, fitted on whole quotes by the
share that the right mention gets among them (`research/training/listwise.py`). The gate ({gate_trees} trees,
{gate_columns} numbers a quote) gives the chance that a segment is anybody's speech, not a title or a scare quote; below
{threshold:.3f} it is nobody's. The threshold lets {kept:.1%} of the speech through, held out, a share chosen with
dev's false positives in view. Confidence is a logistic map of the winner's share and the gate's chance (intercept and
slopes {calibration}).

## Fitted on
The quoted segments of 840 US political news articles of 2015-16 (PolNeAR 1.0, training part) with human sources;
besides, the ranker on copies with some paragraphs broken in two (weight {broken_weight}), on indirect quotations made
mixed by marks round some of their words ({quoted_weight}) and on {made_up:,} made-up articles ({made_up_weight}). Tags
come from taggers that have not seen the article; the gate, the threshold and the confidence rest on scores of rankers
that have not. No text of an article is in the file.

## Measured
Held out: five folds of whole training articles. Dev: 84 articles that nothing was fitted on. "Right": the winner
overlaps the human's source. The rules around the ranker (labels, signatures, joined quotations) are not in these
numbers.

| measure | held out | quotes | dev | quotes of dev |
|---|---:|---:|---:|---:|
{rows}

American political news in straight reports: there the source is nearly always in the quote's own paragraph. Expect less
of dialogue, of quotes that float alone, and of other varieties of English; `confidence` is calibrated on such articles
alone.

Made and measured by `python -m research.training.attribution`.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit everything, write it, print the card."""
    parser = argparse.ArgumentParser(description="Fit the ranker, the gate and the confidence.")
    parser.add_argument("folder", type=Path, help="holds tagger_-1.npz and tagger_0.npz … tagger_4.npz")
    parser.add_argument("--to", type=Path, default=MODELS, help="where to write")
    chosen = parser.parse_args(arguments)
    material = read_material(load_taggers(chosen.folder))
    print(f"{len(material.train)} training and {len(material.dev)} dev articles with quotes", flush=True)
    print(export(fit(material, lambda line: print(line, flush=True)), chosen.to))


if __name__ == "__main__":
    main()
