"""Fit the confidence of a named speaker: from attribution's and identity's, on our annotation of training articles.

Attribution's confidence is about the mention, identity's certainty about whom it means; that the two go wrong
together, or that a wrong mention means the right person, only whole rows tell. 384 annotated articles are read by a
tagger, a ranker and a gate that have not seen them, their quotes' speakers are resolved, and Platt's (1999) logistic
map is fitted to whether the surname is right. The reader has no part in it. Run after
`research.training.second_opinion`.

    python -m research.training.confidence FOLDER     (FOLDER holds tagger_-1.npz … tagger_4.npz)
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from research.attribution import Models, load_models, read
from research.documents import Document
from research.identity import resolve
from research.names import bare
from research.registry import fold, load_registry
from research.tagging import Tagger
from research.training.attribution import (
    Fitted,
    Material,
    Reals,
    calibration_error,
    fit,
    fit_gate,
    fit_without,
    log_odds,
    read_material,
)
from research.training.polnear import FOLDS, fold_of, prepare, read_articles
from research.training.speakers import read_speakers
from research.training.tagger import MODELS, load_taggers
from research.trees import trees_from_sklearn

NAME = "named"  # of the coefficients in attribution.npz


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A row that names a person: attribution's confidence, identity's certainty, whether it is right, the fold."""

    attribution: float
    identity: float
    is_right: bool
    fold: int


def fold_models(material: Material, fitted: Fitted, taggers: Mapping[int, Tagger]) -> Iterator[tuple[int, Models]]:
    """For each fold, models that have not seen its articles."""
    shipped, known = load_models(), fitted.held_out.gold >= 0
    for number in range(FOLDS):
        ranker = fit_without(number, material)
        gate = fit_gate(fitted.held_out, known & (fitted.held_out.fold != number))
        yield number, Models(tagger=taggers[number], ranker=trees_from_sklearn(ranker), gate=trees_from_sklearn(gate),
                             threshold=fitted.threshold, calibration=fitted.calibration, named=shipped.named,
                             reader=shipped.reader)


def named_rows(number: int, models: Models) -> Iterator[Named]:
    """The rows that name a person, of the annotated articles of a fold."""
    annotated, registry = read_speakers(), load_registry()
    for record in read_articles("train"):
        if record["id"] not in annotated or fold_of(record["id"]) != number:
            continue
        reading = read(record["text"], models)
        identities = resolve(Document(doc_id=record["id"], text=record["text"]), reading, registry)
        for decision, identity, gold in zip(reading.decisions, identities, prepare(record).gold, strict=True):
            right = None if gold is None else is_right(identity.name if identity else None, gold,
                                                       annotated[record["id"]].get(gold["start"]))
            if identity and identity.name and identity.kind == "person" and right is not None:
                yield Named(attribution=decision.confidence, identity=identity.certainty, is_right=right, fold=number)


def is_right(name: str | None, gold: Mapping[str, Any], annotated: Mapping[str, Any] | None) -> bool | None:
    """Whether a name has the right surname; None where nobody knows.

    >>> is_right("Ann Lee", {"attributed": True}, {"kind": "person", "speaker": "Mary Ann Lee"})
    True
    """
    if not gold["attributed"]:
        return False
    if annotated is None or annotated["kind"] == "unknown" or annotated.get("source_wrong"):
        return None
    return annotated["kind"] == "person" and _surname(name or "-") == _surname(annotated["speaker"])


def _surname(name: str) -> str:
    return fold(bare(name.split())[-1])


def inputs_of(rows: Sequence[Named]) -> Reals:
    """(rows, 2): both probabilities as log-odds."""
    return log_odds(np.array([[row.attribution, row.identity] for row in rows]))


def fit_named(rows: Sequence[Named]) -> LogisticRegression:
    """Platt's map."""
    return LogisticRegression(C=100).fit(inputs_of(rows), [row.is_right for row in rows])


def card(rows: Sequence[Named], fitted: LogisticRegression) -> str:
    """What the map is, and how well it keeps its word, held out by article, beside the product of the two."""
    right, held_out = np.array([row.is_right for row in rows]), np.zeros(len(rows))
    for number in range(FOLDS):
        own = np.array([row.fold == number for row in rows])
        others = fit_named([row for row in rows if row.fold != number])
        held_out[own] = others.predict_proba(inputs_of([row for row in rows if row.fold == number]))[:, 1]
    product = np.array([row.attribution * row.identity for row in rows])
    numbers = ", ".join(f"{value:.3f}" for value in (fitted.intercept_[0], *fitted.coef_[0]))
    return "\n".join([
        "", "## Confidence in a person",
        "Of a row that names a person, `confidence` is a logistic map of attribution's confidence and identity's",
        f"certainty (intercept and slopes {numbers}), fitted without the reader on {len(rows):,} such rows",
        "of the 384 annotated training articles, read by models that have not seen them. Expected calibration error",
        f"there, held out by article: {calibration_error(held_out, right):.3f}; of the product of the two: "
        f"{calibration_error(product, right):.3f}. The surname is right in {right.mean():.3f}.",
        "", "Made and measured by `python -m research.training.confidence`.", ""])


def add(fitted: LogisticRegression, page: str, to: Path = MODELS) -> None:
    """Add the coefficients to attribution.npz and their numbers to its card."""
    with np.load(to / "attribution.npz", allow_pickle=False) as old:
        stored: dict[str, Any] = {name: old[name] for name in old.files}
    stored[NAME] = np.array([fitted.intercept_[0], *fitted.coef_[0]])
    np.savez_compressed(to / "attribution.npz", **stored)
    whole = to / "attribution.md"
    text = whole.read_text("utf8").split("\n## Confidence in a person")[0].rstrip("\n")
    whole.write_text(f"{text}\n{page}", encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, add, print."""
    parser = argparse.ArgumentParser(description="Fit the confidence of rows that name a person.")
    parser.add_argument("folder", type=Path, help="holds tagger_-1.npz and tagger_0.npz … tagger_4.npz")
    parser.add_argument("--to", type=Path, default=MODELS, help="where to write")
    chosen = parser.parse_args(arguments)
    taggers = load_taggers(chosen.folder)
    material = read_material(taggers)
    every = fold_models(material, fit(material, lambda line: print(line, flush=True)), taggers)
    rows = [row for number, models in every for row in named_rows(number, models)]
    fitted = fit_named(rows)
    page = card(rows, fitted)
    add(fitted, page, chosen.to)
    print(page)


if __name__ == "__main__":
    main()
