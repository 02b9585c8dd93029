"""Fit the confidence of a named speaker: from attribution's and identity's, on our annotation of training articles.

Attribution's confidence is about the mention, identity's certainty about whom it means; that the two go wrong
together, or that a wrong mention means the right person, only whole rows tell. The annotated articles are read by
models that have not seen them, their quotes' speakers are resolved, and Platt's (1999) logistic map is fitted to
whether the surname is right: once without the reader and once with it. The same rows tell how often persons and kinds
are right, end to end and held out. Run after `research.training.second_opinion`.

    python -m research.training.confidence FOLDER     (FOLDER holds taggers and readers: tagger_0.npz, reader_0.npz …)
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from research.attribution import Models, load_models, read
from research.documents import Document
from research.identity import Identity, resolve
from research.lexicon import load_lexicon
from research.names import are_compatible, bare
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
    score,
    write_page,
)
from research.training.held_out import HeldOut
from research.training.polnear import FOLDS, fold_of, prepare, read_articles
from research.training.second_opinion import fit_joint, joint_rows, second
from research.training.speakers import read_speakers
from research.training.tagger import MODELS, load_taggers
from research.trees import trees_from_sklearn

NAMES = {False: "named", True: "reader.named"}  # of the coefficients in attribution.npz: without the reader and with
NOBODY = Identity(name=None, speaker_id=None, kind=None, certainty=0.0, reason="no mention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A quote as read: both confidences, whether the row names a person, and what is right about it.

    surname : whether the surname is right, None where nobody knows; whole : whether the full name is, or of no named
    person the kind; kind, form : the annotated ones.
    """

    attribution: float
    identity: float
    names_person: bool
    surname: bool | None
    whole: bool
    kind: str | None
    form: str | None
    is_direct: bool
    fold: int


def fold_models(
    material: Material, fitted: Fitted, taggers: Mapping[int, Tagger], held_out: HeldOut
) -> Iterator[tuple[int, Models]]:
    """For each fold, models that have not seen its articles."""
    shipped, known, train = load_models(), fitted.held_out.gold >= 0, material.train
    rankers = [fit_without(number, material) for number in range(FOLDS)]
    scores = [score(rankers[example.fold], [example])[0] for example in train]
    rows = joint_rows(train, scores, second(train, held_out))
    for number in range(FOLDS):
        others = [place for place, example in enumerate(train) if example.fold != number]
        gate = fit_gate(fitted.held_out, known & (fitted.held_out.fold != number))
        joint = fit_joint([train[place] for place in others], [rows[place] for place in others])
        yield number, replace(
            shipped, tagger=taggers[number], ranker=trees_from_sklearn(rankers[number]), gate=trees_from_sklearn(gate),
            threshold=fitted.threshold, calibration=fitted.calibration,
            reader=replace(shipped.reader, joint=trees_from_sklearn(joint)))


def read_rows(number: int, models: Models, held_out: HeldOut | None) -> Iterator[Row]:
    """The rows of a fold's annotated articles whose quotes have gold."""
    annotated, registry = read_speakers(), load_registry()
    for record in read_articles("train"):
        if record["id"] not in annotated or fold_of(record["id"]) != number:
            continue
        article = prepare(record)
        reading = read(record["text"], models, opinions=held_out.quotes(article) if held_out else None)
        identities = resolve(Document(doc_id=record["id"], text=record["text"]), reading, registry)
        for decision, found, gold in zip(reading.decisions, identities, article.gold, strict=True):
            if gold is not None:
                own, identity = annotated[record["id"]].get(gold["start"]), found or NOBODY
                known = own is not None and own["kind"] != "unknown" and not own.get("source_wrong")
                yield Row(
                    attribution=decision.confidence, identity=identity.certainty,
                    names_person=identity.kind == "person" and identity.name is not None,
                    surname=is_right(identity.name, gold, own), whole=bool(own and known and is_whole(identity, own)),
                    kind=own["kind"] if own and known else None, form=own["form"] if own else None,
                    is_direct=gold["kind"] == "direct", fold=number)


def is_whole(identity: Identity, annotated: Mapping[str, Any]) -> bool:
    """Whether a person's full name is right (Ken for Kenneth will do), or the kind of who is no named person."""
    if annotated["kind"] != "person" or identity.kind != "person":
        return bool(identity.kind == annotated["kind"])
    return are_compatible((identity.name or "-").split(), annotated["speaker"].split(), load_lexicon())


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


def inputs_of(rows: Sequence[Row]) -> Reals:
    """(rows, 2): both probabilities as log-odds."""
    return log_odds(np.array([[row.attribution, row.identity] for row in rows]))


def fit_named(rows: Sequence[Row]) -> LogisticRegression:
    """Platt's map, fitted on the rows that name a person."""
    named = naming(rows)
    return LogisticRegression(C=100).fit(inputs_of(named), [bool(row.surname) for row in named])


def naming(rows: Sequence[Row]) -> list[Row]:
    """The rows that name a person where it is known who speaks."""
    return [row for row in rows if row.names_person and row.surname is not None]


def errors(rows: Sequence[Row]) -> tuple[float, float]:
    """Expected calibration error of the map, held out by article, and of the product of the two confidences."""
    named = naming(rows)
    right, held_out = np.array([bool(row.surname) for row in named]), np.zeros(len(named))
    for number in range(FOLDS):
        own = np.array([row.fold == number for row in named])
        others = fit_named([row for row in rows if row.fold != number])
        held_out[own] = others.predict_proba(inputs_of([row for row in named if row.fold == number]))[:, 1]
    product = np.array([row.attribution * row.identity for row in named])
    return calibration_error(held_out, right), calibration_error(product, right)


def shares(rows: Sequence[Row]) -> dict[str, str]:
    """How many are right, of what: the lines of the card."""
    persons, named = [row for row in rows if row.kind == "person"], naming(rows)
    groups = {
        "full name right, of the quotes of named persons": persons,
        "… direct": [row for row in persons if row.is_direct],
        **{f"… whose source is a {form}": [row for row in persons if row.form == form]
           for form in ("name", "pronoun", "nominal")},
        "kind right, of who is no named person": [row for row in rows if row.kind not in (None, "person")],
    }
    out = {what: f"{np.mean([row.whole for row in group]):.3f} of {len(group):,}" for what, group in groups.items()}
    out["surname right, where a person is named"] = f"{np.mean([row.surname for row in named]):.3f} of {len(named):,}"
    return out


def card(without: Sequence[Row], with_reader: Sequence[Row]) -> str:
    """What comes of whole rows, held out, and what the maps are."""
    sides = (without, with_reader)
    tables = [shares(rows) for rows in sides]
    fitted = [fit_named(rows) for rows in sides]
    numbers = [", ".join(f"{value:.3f}" for value in (one.intercept_[0], *one.coef_[0])) for one in fitted]
    return "\n".join([
        "", "## Persons, end to end",
        "Whole rows of the annotated training articles, read by models that have not seen them.",
        "", "| held out | ranker alone | with the reader |", "|---|---:|---:|",
        *(f"| {what} | {value} | {tables[1][what]} |" for what, value in tables[0].items()),
        "", "## Confidence in a person",
        "Of a row that names a person, `confidence` is a logistic map of attribution's confidence and identity's",
        f"certainty: intercept and slopes {numbers[0]} without the reader, {numbers[1]} with it, fitted on those rows.",
        "Expected calibration error there, held out by article, and that of the product of the two: "
        + "; with the reader ".join("{:.3f} and {:.3f}".format(*errors(rows)) for rows in sides) + ".",
        "", "Made and measured by `python -m research.training.confidence`.", ""])


def add(fitted: Mapping[bool, LogisticRegression], page: str, to: Path = MODELS) -> None:
    """Add the coefficients to attribution.npz and their numbers to its card."""
    with np.load(to / "attribution.npz", allow_pickle=False) as old:
        stored: dict[str, Any] = {name: old[name] for name in old.files}
    for has_reader, one in fitted.items():
        stored[NAMES[has_reader]] = np.array([one.intercept_[0], *one.coef_[0]])
    np.savez_compressed(to / "attribution.npz", **stored)
    text = (to / "attribution.md").read_text("utf8").split("\n## Persons, end to end")[0].rstrip("\n")
    write_page(f"{text}\n{page}", to)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, add, print."""
    parser = argparse.ArgumentParser(description="Fit the confidence of rows that name a person.")
    parser.add_argument("folder", type=Path, help="holds tagger_-1.npz … tagger_4.npz and reader_-1.npz … reader_4.npz")
    parser.add_argument("--to", type=Path, default=MODELS, help="where to write")
    chosen = parser.parse_args(arguments)
    taggers, held_out = load_taggers(chosen.folder), HeldOut(chosen.folder)
    material = read_material(taggers)
    fitted = fit(material, lambda line: print(line, flush=True))
    every = list(fold_models(material, fitted, taggers, held_out))
    without, with_reader = (
        [row for number, models in every for row in read_rows(number, models, opinions)]
        for opinions in (None, held_out))
    page = card(without, with_reader)
    add({False: fit_named(without), True: fit_named(with_reader)}, page, chosen.to)
    print(page)


if __name__ == "__main__":
    main()
