"""Fit how well a person met lately fits a pronoun: a conditional logit (McFadden 1974) over silver coreference chains.

The right person of a "he" or "she" that says a quote is the one whose name stands in the pronoun's CoreNLP chain;
pronouns without such a name are left out. The articles are training articles, read with the tagger that has not seen
them, the human's sources given. Prints how often the person chosen is right, held out by article in five folds, and the
weights fitted on all, to copy into `research.antecedent.WEIGHTS`.

    python -m research.training.identity FOLDER     (FOLDER holds tagger_-1.npz … tagger_4.npz)
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from research.antecedent import COLUMNS, WEIGHTS, Asked, choose
from research.attribution import Reading
from research.documents import Document
from research.layout import Decision
from research.mentions import find_mentions
from research.people import People, Person
from research.reference import Link, References
from research.registry import load_registry
from research.tagging import Tagger, tag
from research.training.attribution import hits, sources_of
from research.training.polnear import FOLDS, fold_of, prepare, read_articles
from research.training.tagger import load_taggers

SPEAKERS = Path(__file__).with_name("speakers.jsonl")
SHORT = 3  # characters of the longest pronoun asked about
RIDGE = 0.5

Chains = Sequence[Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A pronoun with an answer: its candidates' rows, which is right, and the fold of its article."""

    rows: NDArray[np.float64]
    right: int
    fold: int


class Recorder(References):
    """Notes each pronoun's candidates and the right one by the silver chains, and goes on with the right one."""

    def __init__(self, document: Document, reading: Reading, people: People, chains: Chains):
        self.chain_of = {s: chain for chain in chains for s, e, _ in chain if e - s <= SHORT}
        self.choices: list[Choice] = []
        super().__init__(document, reading, people)

    def choose(self, mention: int, asked: Asked, fits: Sequence[Person], reason: str) -> Link:
        """The right person, where the chains know, else the fitted choice."""
        chain = self.chain_of.get(self.reading.mentions.spans[mention].start, ())
        right = [place for place, person in enumerate(fits) if self._is_in(person, chain)]
        if len(right) != 1 or reason != "pronoun":
            return super().choose(mention, asked, fits, reason)
        if len(fits) > 1 and mention in self.sources:
            fold = fold_of(self.document.doc_id)
            self.choices.append(Choice(rows=self.evidence.rows(asked, fits), right=right[0], fold=fold))
        return Link(fits[right[0]], reason, 1.0)

    def _is_in(self, person: Person, chain: Sequence[Sequence[Any]]) -> bool:
        tokens = self.reading.tokens
        return any(s <= tokens.starts[p] and tokens.ends[p] <= e for p in person.places for s, e, _ in chain)


def read_speakers() -> dict[str, dict[int, dict[str, Any]]]:
    """Our annotation of who a quote's source is, by article and by the quote's start; see speakers.md beside it."""
    articles = map(json.loads, SPEAKERS.read_text("utf8").splitlines())
    return {a["doc_id"]: {source["start"]: source for source in a["sources"]} for a in articles}


def read_with_sources(record: Mapping[str, Any], tagger: Tagger) -> Reading:
    """The layers of an article, its quotes given to the mentions that overlap the human's sources."""
    article = prepare(record)
    tags = tag(tagger, article.text, article.scan, article.tokens)
    mentions = find_mentions(article.text, article.scan, article.tokens, tags, tagger.names)
    decisions = []
    for gold in article.gold:
        sources = sources_of(gold)
        mention = next((m for m, span in enumerate(mentions.spans) if hits(span, sources)), None)
        decisions.append(Decision(kind="direct", mention=mention, attributed=1.0, share=1.0, confidence=1.0,
                                  rule="ranker", cue=None))
    return Reading(text=article.text, scan=article.scan, tokens=article.tokens, tags=tags, mentions=mentions,
                   pairs=None, shares=np.zeros(0), decisions=tuple(decisions))  # type: ignore[arg-type]


def record_choices(taggers: Mapping[int, Tagger]) -> Iterator[Choice]:
    """The pronouns with an answer of all training articles that have silver chains."""
    silver, registry = {row["id"]: row["coref"] for row in read_articles("silver")}, load_registry()
    for record in read_articles("train"):
        if record["id"] in silver:
            reading = read_with_sources(record, taggers[fold_of(record["id"])])
            document = Document(doc_id=record["id"], text=record["text"])
            people = People(document, reading, registry)
            yield from Recorder(document, reading, people, silver[record["id"]]).choices


def fit(choices: Sequence[Choice]) -> NDArray[np.float64]:
    """Weights that make the right people likeliest, with a light ridge."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for choice in choices:
            scores = choice.rows @ weights
            p = np.exp(scores - scores.max())
            p /= p.sum()
            total -= float(np.log(p[choice.right] + 1e-12))
            slope = slope + choice.rows.T @ p - choice.rows[choice.right]
        return total, slope

    fitted: NDArray[np.float64] = minimize(loss, np.zeros(len(COLUMNS)), jac=True, method="L-BFGS-B").x
    return fitted


def is_right(choice: Choice, weights: NDArray[np.float64]) -> bool:
    """Whether the right person is chosen."""
    return choose(choice.rows, weights)[0] == choice.right


def main() -> None:
    """Fit on four folds, measure on the fifth, five times; then fit on all."""
    parser = argparse.ArgumentParser(description="Fit how well a person met lately fits a pronoun.")
    parser.add_argument("folder", type=Path, help="holds tagger_-1.npz and tagger_0.npz … tagger_4.npz")
    choices = list(record_choices(load_taggers(parser.parse_args().folder)))
    by_fold = {fold: fit([c for c in choices if c.fold != fold]) for fold in range(FOLDS)}
    held_out = np.mean([is_right(c, by_fold[c.fold]) for c in choices])
    shipped, last = np.mean([is_right(c, WEIGHTS) for c in choices]), np.mean([c.right == 0 for c in choices])
    print(f"{len(choices)} pronouns with several candidates: right, held out {held_out:.3f}; "
          f"the shipped weights {shipped:.3f}; the person met last {last:.3f}")
    print(dict(zip(COLUMNS, fit(choices).round(3).tolist(), strict=True)))


if __name__ == "__main__":
    main()
