"""Fit the ranker, the gate and the confidence of `research.attribution`, and write them with their card.

Everything fitted on tags is fitted on out-of-fold tags: an article's rows come from the tagger that has not seen it.

    python -m research.training.attribution FOLDER     (FOLDER holds tagger_0.npz … tagger_4.npz and tagger_-1.npz)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from research.attribution import DASHES, shares_of, winners
from research.evidence import Pairs, gate_features, pair_up
from research.mentions import LABEL, Mentions, find_mentions
from research.tagging import Tagger, Tags, tag
from research.training.polnear import FOLDS, Article, fold_of, prepare, read_articles, with_more_breaks
from research.trees import trees_from_sklearn

# 300 shallow trees do as well as 200 of 24 leaves on held-out articles and cost a third to evaluate.
RANKER = dict(max_iter=300, max_depth=4, max_leaf_nodes=12, learning_rate=0.08, min_samples_leaf=40,
              l2_regularization=1.0, random_state=0, early_stopping=False)
GATE = dict(max_iter=150, max_depth=4, max_leaf_nodes=10, learning_rate=0.06, min_samples_leaf=30,
            l2_regularization=2.0, random_state=0, early_stopping=False)
BROKEN_WEIGHT = 0.3  # weight of the copies with more paragraph breaks
LOOSE_WEIGHT = 0.3  # weight, as wrong, of a mention that overlaps the source but does not hold its head


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One article's rows: features, which are right (by head, and by overlap), their weights; and its quotes' gold."""

    article: Article
    tags: Tags
    names: Mapping[str, Sequence[str]]
    pairs: Pairs
    right: NDArray[np.bool_]
    overlaps: NDArray[np.bool_]
    weight: NDArray[np.float32]
    fold: int

    @property
    def quotes(self) -> int:
        """How many quotes the article has."""
        return len(self.article.scan.segments)


def example_of(record: Mapping[str, Any], tagger: Tagger) -> Example:
    """Run the chain up to the pairs and mark the right ones."""
    article = prepare(record)
    tags = tag(tagger, article.text, article.scan, article.tokens)
    mentions = find_mentions(article.text, article.scan, article.tokens, tags, tagger.names)
    pairs = pair_up(article.text, article.scan, article.tokens, tags, mentions, tagger.names)
    right, overlaps, weight = _truth(article, tags, mentions, pairs)
    return Example(article=article, tags=tags, names=tagger.names, pairs=pairs, right=right, overlaps=overlaps, weight=weight,
                   fold=fold_of(article.doc_id))


def _truth(article: Article, tags: Tags, mentions: Mentions, pairs: Pairs
           ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32]]:
    right, overlaps = np.zeros(len(pairs.quote), bool), np.zeros(len(pairs.quote), bool)
    weight = np.ones(len(pairs.quote), np.float32)
    for quote, gold in enumerate(article.gold):
        sources = (gold or {}).get("source") or []
        low, high = np.searchsorted(pairs.quote, [quote, quote + 1])
        rows = [r for r in range(low, high) if _hits(mentions.spans[pairs.mention[r]], sources)]
        overlaps[rows] = True
        weight[rows] = LOOSE_WEIGHT
        chosen = _holds_head(article, tags, mentions, pairs, rows, sources)
        if chosen is not None:
            right[chosen], weight[chosen] = True, 1.0
    return right, overlaps, weight


def _hits(span: Sequence[int], sources: Iterable[Sequence[Any]]) -> bool:
    return any(span[0] < end and span[1] > start for start, end, _ in sources)


def _holds_head(article: Article, tags: Tags, mentions: Mentions, pairs: Pairs, rows: list[int],
                sources: Sequence[Any]) -> int | None:
    """The row whose mention holds the source's head: a label, else the first whose head points out of the source."""
    for row in rows:
        if mentions.form[pairs.mention[row]] == LABEL:
            return row
    for row in rows:
        place = int(tags.head[mentions.head[pairs.mention[row]]])
        if not _hits((article.tokens.starts[place], article.tokens.ends[place]), sources):
            return row
    return rows[0] if rows else None


def fit_ranker(examples: Sequence[Example], broken: Sequence[Example]) -> HistGradientBoostingClassifier:
    """Fit on the pairs of quotes that have a right pair."""
    parts = [(e, 1.0) for e in examples] + [(e, BROKEN_WEIGHT) for e in broken]
    keep = [_answered(e) for e, _ in parts]
    rows = np.concatenate([e.pairs.values[k] for (e, _), k in zip(parts, keep, strict=True)])
    right = np.concatenate([e.right[k] for (e, _), k in zip(parts, keep, strict=True)])
    weight = np.concatenate([e.weight[k] * w for (e, w), k in zip(parts, keep, strict=True)])
    return HistGradientBoostingClassifier(**RANKER).fit(rows, right, sample_weight=weight)


def _answered(example: Example) -> NDArray[np.bool_]:
    answered = np.zeros(example.quotes, bool)
    answered[example.pairs.quote[example.right]] = True
    return answered[example.pairs.quote]


def score(ranker: HistGradientBoostingClassifier, examples: Sequence[Example]) -> list[NDArray[np.float64]]:
    """Each example's scores, in one call."""
    rows = np.concatenate([e.pairs.values for e in examples])
    scores = ranker.decision_function(rows)
    return np.split(scores, np.cumsum([len(e.pairs.quote) for e in examples])[:-1])


def gate_rows(examples: Sequence[Example], scores: Sequence[NDArray[np.float64]]
              ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Gate features, gold (1 attributed, 0 nobody's, -1 unknown), fold, and (share, winner overlaps) a quote."""
    rows, gold, folds, wins = [], [], [], []
    for e, s in zip(examples, scores, strict=True):
        shares = shares_of(e.pairs, s, e.quotes)
        best, share, chance = winners(e.pairs, s, shares, e.quotes)
        a = e.article
        rows.append(gate_features(a.text, a.scan, a.tokens, e.tags, e.names, share, chance))
        gold += [-1 if g is None else int(g["attributed"]) for g in a.gold]
        folds += [e.fold] * e.quotes
        wins += [(share[q], e.overlaps[best[q]] if best[q] >= 0 else False,
                  -1 if g is None or not g["source"] else ("direct", "mixed").index(g["kind"])) for q, g in enumerate(a.gold)]
    return (np.concatenate(rows), np.array(gold, float), np.array(folds), np.array(wins, float).reshape(-1, 3))


def accuracy(wins: NDArray[np.float64]) -> dict[str, str]:
    """How often the winner overlaps the human's source, by kind of quote."""
    return {kind: f"{wins[wins[:, 2] == i, 1].mean():.4f} (n {int((wins[:, 2] == i).sum())})"
            for i, kind in enumerate(("direct", "mixed"))}


def threshold_for(chance: NDArray[np.float64], gold: NDArray[np.float64], kept: float) -> float:
    """The largest threshold that lets at least `kept` of the attributed quotes through."""
    return float(np.quantile(chance[gold == 1], 1 - kept))
