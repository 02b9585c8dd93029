"""Fit how much the reader's word counts beside the ranker's and the gate's, out of fold; add it to attribution.npz.

An article's ranker scores and reader logits both come from models that have not seen it. Run after
`research.training.attribution` and `research.training.reader`; adds its numbers to the card.

    python -m research.training.second_opinion FOLDER
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from research.attribution import GATE_SURE, JOINT_COLUMNS, joint_features, shares_of
from research.mentions import find_mentions
from research.training.attribution import (
    ASKED,
    Example,
    Fitted,
    Reals,
    answered,
    calibration_error,
    fit,
    log_odds,
    read_material,
    score,
    score_out_of_fold,
    threshold_for,
    write_page,
)
from research.training.held_out import HeldOut
from research.training.polnear import FOLDS
from research.training.tagger import MODELS, load_taggers
from research.trees import trees_from_sklearn

SURE = 0.9  # the share from which the ranker's word stands
JOINT = dict(max_iter=150, max_depth=4, max_leaf_nodes=12, learning_rate=0.06, min_samples_leaf=40,
             l2_regularization=1.0, random_state=0, early_stopping=False)
KEPT = 0.985  # share of the attributed quotes that the combined gate is to let through


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The reader on some articles: for each article a mass a pair, for each quote the chance of nobody."""

    mass: list[Reals]
    nobody: Reals


def second(examples: Sequence[Example], held_out: HeldOut) -> Second:
    """The reader's word on every quote that has gold."""
    masses, nobody = [], []
    for example in examples:
        article, pairs = example.article, example.pairs
        opinions = held_out.quotes(article).formed
        spans = find_mentions(article.text, article.scan, article.tokens, example.tags, example.names).spans
        mass = np.zeros(len(pairs.quote))
        for quote in range(len(article.gold)):
            nobody.append(opinions[quote].nobody if quote in opinions else np.nan)
            if quote in opinions:
                low, high = np.searchsorted(pairs.quote, [quote, quote + 1])
                mass[low:high] = opinions[quote].mass([spans[m] for m in pairs.mention[low:high]])
        masses.append(mass)
    return Second(mass=masses, nobody=np.array(nobody))


def joint_rows(examples: Sequence[Example], scores: Sequence[Reals], opinions: Second) -> list[NDArray[np.float32]]:
    """For each example a row of `JOINT_COLUMNS` a pair."""
    made = []
    for example, own, mass in zip(examples, scores, opinions.mass, strict=True):
        shares, quote = shares_of(example.pairs, own, example.quotes), example.pairs.quote
        bounds = np.searchsorted(quote, np.arange(example.quotes + 1))
        mixedness = example.tags.kind[:, 2] - example.tags.kind[:, 1]
        parts = [
            joint_features(shares[low:high], mass[low:high], float(mixed))
            for low, high, mixed in zip(bounds[:-1], bounds[1:], mixedness, strict=True)
            if high > low
        ]
        made.append(np.concatenate([np.empty((0, len(JOINT_COLUMNS)), np.float32), *parts]))
    return made


def fit_joint(examples: Sequence[Example], rows: Sequence[NDArray[np.float32]]) -> HistGradientBoostingClassifier:
    """Fit the joint ranker on the pairs of quotes that have a right pair."""
    keep = [answered(example) for example in examples]
    return HistGradientBoostingClassifier(**JOINT).fit(
        np.concatenate([own[k] for own, k in zip(rows, keep, strict=True)]),
        np.concatenate([example.right[k] for example, k in zip(examples, keep, strict=True)]),
        sample_weight=np.concatenate([example.weight[k] for example, k in zip(examples, keep, strict=True)]),
    )


def joint_scores(fitted: HistGradientBoostingClassifier, rows: Sequence[NDArray[np.float32]]) -> list[Reals]:
    """Each example's scores by the joint ranker."""
    scores = fitted.decision_function(np.concatenate(rows))
    return np.split(scores, np.cumsum([len(own) for own in rows])[:-1])


def joint_out_of_fold(examples: Sequence[Example], rows: Sequence[NDArray[np.float32]]) -> list[Reals]:
    """Each training article's scores by the joint ranker that has not seen it."""
    scores: list[Reals] = [np.zeros(0)] * len(examples)
    for fold in range(FOLDS):
        others = [number for number, example in enumerate(examples) if example.fold != fold]
        own = [number for number, example in enumerate(examples) if example.fold == fold]
        fitted = fit_joint([examples[i] for i in others], [rows[i] for i in others])
        for number, made in zip(own, joint_scores(fitted, [rows[i] for i in own]), strict=True):
            scores[number] = made
    return scores


def combine(
    examples: Sequence[Example], scores: Sequence[Reals], joint: Sequence[Reals]
) -> tuple[NDArray[np.bool_], Reals, NDArray[np.bool_]]:
    """For each quote: was the reader asked, the winner's share, and is the winner right, as at run time."""
    asked, shares, right = [], [], []
    for example, own, both in zip(examples, scores, joint, strict=True):
        ranked, joined = (shares_of(example.pairs, s, example.quotes) for s in (own, both))
        for quote in range(example.quotes):
            low, high = np.searchsorted(example.pairs.quote, [quote, quote + 1])
            ask = bool(high > low and ranked[low:high].max() < SURE)
            p = (joined if ask else ranked)[low:high]
            asked.append(ask)
            shares.append(p.max(initial=0.0))
            right.append(bool(example.overlaps[low:high][p.argmax()]) if high > low else False)
    return np.array(asked), np.array(shares), np.array(right)


def gate_inputs(chances: Reals, nobody: Reals) -> NDArray[np.float64]:
    """Log-odds of the gate and of the reader's nobody."""
    return np.stack([log_odds(chances), log_odds(np.nan_to_num(nobody, nan=0.5))], axis=1)


def fit_second_opinion(folder: Path, report: Any = print) -> tuple[dict[str, Any], str]:
    """Fit everything; the arrays to store and the lines for the card."""
    material = read_material(load_taggers(folder))
    fitted = fit(material, report)
    held_out = HeldOut(folder)
    oof, dev = score_out_of_fold(material, report), score(fitted.ranker, material.dev)
    seen, unseen = second(material.train, held_out), second(material.dev, held_out)
    rows, own = joint_rows(material.train, oof, seen), joint_rows(material.dev, dev, unseen)
    joint = fit_joint(material.train, rows)
    train = combine(material.train, oof, joint_out_of_fold(material.train, rows))
    held = combine(material.dev, dev, joint_scores(joint, own))
    return _stored(fitted, joint, train, held, seen, unseen)


def _stored(
    fitted: Fitted, joint: HistGradientBoostingClassifier, train: Any, held: Any, seen: Second, unseen: Second
) -> tuple[dict[str, Any], str]:
    sides = {}
    asked = train[0] | (fitted.held_out_chances < GATE_SURE)
    asked_gate = asked & (fitted.held_out.gold >= 0) & ~np.isnan(seen.nobody)
    gate = LogisticRegression(C=100).fit(
        gate_inputs(fitted.held_out_chances, seen.nobody)[asked_gate], fitted.held_out.gold[asked_gate]
    )
    for name, verdicts, chances, opinions, made in (
        ("held out", fitted.held_out, fitted.held_out_chances, seen, train),
        ("dev", fitted.dev, fitted.dev_chances, unseen, held),
    ):
        ask = (made[0] | (chances < GATE_SURE)) & ~np.isnan(opinions.nobody)
        both = np.where(ask, gate.predict_proba(gate_inputs(chances, opinions.nobody))[:, 1], chances)
        sides[name] = (verdicts, both, made, ask)
    verdicts, both, made, ask = sides["held out"]
    threshold = threshold_for(both, verdicts.gold, KEPT)
    chosen = ask & (both >= threshold) & (verdicts.gold >= 0) & ~((verdicts.gold == 1) & (verdicts.kind < 0))
    right = (verdicts.gold == 1) & made[2]
    platt = LogisticRegression(C=100).fit(np.stack([log_odds(made[1]), log_odds(both)], 1)[chosen], right[chosen])
    stored = {
        **trees_from_sklearn(joint).to_arrays("reader.joint"),
        "reader.gate": np.array([gate.intercept_[0], *gate.coef_[0]]),
        "reader.threshold": threshold,
        "reader.calibration": np.array([platt.intercept_[0], *platt.coef_[0]]),
        "reader.sure": SURE,
    }
    return stored, _card(sides, threshold, platt)


def _card(sides: Mapping[str, Any], threshold: float, platt: LogisticRegression) -> str:
    lines = [
        "",
        "## With the reader",
        f"Asked where the ranker's share is below {SURE} or the gate below {GATE_SURE}; the two are joined by a",
        f"joint ranker ({JOINT['max_iter']} trees on {len(JOINT_COLUMNS)} numbers of both), the gates by a logistic "
        "map, both fitted out of fold.",
        "",
        "| | held out | dev |",
        "|---|---:|---:|",
    ]
    rows: dict[str, list[str]] = {}
    for verdicts, both, made, ask in sides.values():
        rows.setdefault("share of quotes put to the reader", []).append(f"{ask.mean():.3f}")
        for number, kind in enumerate(ASKED):
            rows.setdefault(f"right, {kind}", []).append(f"{made[2][verdicts.kind == number].mean():.3f}")
        known, speech, nobody = verdicts.gold >= 0, verdicts.gold == 1, verdicts.gold == 0
        rows.setdefault("gate, area under the ROC curve", []).append(f"{roc_auc_score(speech[known], both[known]):.3f}")
        rows.setdefault("speech let through", []).append(f"{(both >= threshold)[speech].mean():.3f}")
        rows.setdefault("nobody's words let through", []).append(f"{(both >= threshold)[nobody].mean():.3f}")
        chosen = ask & (both >= threshold) & known & ~(speech & (verdicts.kind < 0))
        confidence = platt.predict_proba(np.stack([log_odds(made[1]), log_odds(both)], 1)[chosen])[:, 1]
        rows.setdefault("expected calibration error of those asked", []).append(
            f"{calibration_error(confidence, (speech & made[2])[chosen]):.3f}"
        )
    lines += [f"| {what} | {' | '.join(values)} |" for what, values in rows.items()]
    return "\n".join([*lines, "", "Made and measured by `python -m research.training.second_opinion`.", ""])


def add(stored: Mapping[str, Any], card: str, to: Path = MODELS) -> None:
    """Add the weights to attribution.npz and their numbers to its card."""
    path = to / "attribution.npz"
    with np.load(path, allow_pickle=False) as old:
        kept = {name: old[name] for name in old.files if not name.startswith("reader.")}
    np.savez_compressed(path, **kept, **stored)
    text = (to / "attribution.md").read_text("utf8").split("\n## With the reader")[0].rstrip("\n")
    write_page(f"{text}\n{card}", to)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, add, print."""
    parser = argparse.ArgumentParser(description="Fit how much the reader's word counts.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", type=Path, default=MODELS)
    chosen = parser.parse_args(arguments)
    stored, card = fit_second_opinion(chosen.folder)
    add(stored, card, chosen.to)
    print(card)


if __name__ == "__main__":
    main()
