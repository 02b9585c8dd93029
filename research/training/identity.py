"""Fit how well a person met lately fits a pronoun: a conditional logit (McFadden 1974) on our annotation of train.

The right person of a "he" or "she" that says a quote is the one whose name is annotated (speakers.md). The articles are
read with the tagger that has not seen them, the human's sources given; while weights are fitted, earlier pronouns stand
for whom they should. Prints how often the person chosen is right in articles that the weights were not fitted on (five
folds, earlier pronouns resolved by the same weights, as at run time), and the weights fitted on all, to copy into
`research.antecedent.WEIGHTS`.

Tried and left out, as they did not help in the other folds: CoreNLP's coreference chains as further examples, at any
weight; how many people were met since, and how many tokens ago; who said the last quote; who is new; possessors and
people behind a preposition; whether the pronoun opens its sentence or follows its quote.

    python -m research.training.identity FOLDER     (FOLDER holds tagger_-1.npz … tagger_4.npz)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from research.lexicon import load_lexicon
from research.mentions import find_mentions
from research.names import are_compatible
from research.people import People, Person
from research.reader import Opinion
from research.reference import Link, References
from research.registry import fold, load_registry
from research.tagging import Tagger, tag
from research.training.attribution import hits, sources_of
from research.training.held_out import HeldOut
from research.training.polnear import FOLDS, fold_of, prepare, read_articles
from research.training.speakers import read_pronouns, read_speakers
from research.training.tagger import load_taggers

RIDGE = 0.5

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """An article as read; the annotated speakers of the mentions that stand for a name, and what the reader says.

    opinions : on indirect speech, by mention; those on quotes are with the reading.
    """

    document: Document
    reading: Reading
    speakers: Mapping[int, str]
    opinions: Mapping[int, Opinion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An annotated pronoun: its candidates' rows, the right one if it is among them, the one chosen, and the fold.

    says : whether it is the source of a quote; of indirect speech otherwise.
    """

    says: bool
    rows: NDArray[np.float64]
    right: int | None
    chosen: int
    fold: int


class Recorder(References):
    """Notes each annotated pronoun's candidates; goes on with the right one if `is_told`, else with the one chosen."""

    def __init__(self, article: Annotated, people: People, weights: Weights, *, is_told: bool):
        self.speakers, self.opinions = article.speakers, article.opinions
        self.weights, self.is_told = weights, is_told
        self.choices: list[Choice] = []
        super().__init__(article.document, article.reading, people)

    def choose(self, mention: int, asked: Asked, fits: Sequence[Person], reason: str) -> Link:
        """The right person, where it is annotated and may be told, else the one that fits best."""
        rows = self.evidence.rows(asked, fits)
        best, certainty = choose(rows, self.weights)
        if mention in self.speakers:
            found = [place for place, person in enumerate(fits) if is_called(person, self.speakers[mention])]
            right = found[0] if len(found) == 1 else None
            self.choices.append(Choice(rows=rows, right=right, chosen=best, fold=fold_of(self.document.doc_id),
                                       says=mention in self.said))
            best = right if right is not None and self.is_told else best
        return Link(fits[best], reason, certainty)


    def opinion(self, mention: int) -> Opinion | None:
        """The held-out reader's."""
        return self.opinions.get(mention) or super().opinion(mention)


def is_called(person: Person, name: str) -> bool:
    """Whether a person may bear a full name; of one whom the article calls by the surname alone that must do."""
    own, words = (person.name or "-").split(), name.split()
    return are_compatible(own, words, load_lexicon()) or (len(own) == 1 and fold(own[0]) == fold(words[-1]))


def read_with_sources(record: Mapping[str, Any], tagger: Tagger, held_out: HeldOut | None = None) -> Reading:
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
                   pairs=None, shares=np.zeros(0), decisions=tuple(decisions),  # type: ignore[arg-type]
                   opinions=held_out.quotes(article) if held_out else None)


def read_annotated(taggers: Mapping[int, Tagger], held_out: HeldOut | None = None) -> Iterator[Annotated]:
    """The annotated articles, with the speakers of all sources that are a pronoun and stand for a named person."""
    for record in read_articles("train"):
        own, pronouns = read_speakers().get(record["id"], {}), read_pronouns().get(record["id"], {})
        if not own and not pronouns:
            continue
        reading = read_with_sources(record, taggers[fold_of(record["id"])], held_out)
        quotes = zip(reading.decisions, prepare(record).gold, strict=True)
        sources = {d.mention: own.get(gold["start"]) for d, gold in quotes if gold and d.mention is not None}
        place = {span.start: mention for mention, span in enumerate(reading.mentions.spans)}
        indirect = {place[start]: source for start, source in pronouns.items() if start in place}
        opinions = held_out.pronouns(record) if held_out else {}
        every = indirect | sources
        yield Annotated(
            document=Document(doc_id=record["id"], text=record["text"]), reading=reading,
            speakers={m: source["speaker"] for m, source in every.items() if source and _is_asked(source)},
            opinions={place[start]: opinion for start, opinion in opinions.items() if start in place})


def _is_asked(source: Mapping[str, Any]) -> bool:
    return source["form"] == "pronoun" and source["kind"] == "person" and not source.get("source_wrong")


def record_choices(
    articles: Iterable[Annotated], weights_of: Callable[[int], Weights] = lambda _: WEIGHTS, *, is_told: bool = False
) -> list[Choice]:
    """The annotated pronouns, each article resolved with the weights of its fold."""
    registry, choices = load_registry(), []
    for article in articles:
        weights = weights_of(fold_of(article.document.doc_id))
        people = People(article.document, article.reading, registry)
        choices += Recorder(article, people, weights, is_told=is_told).choices
    return choices


def fit(choices: Sequence[Choice]) -> Weights:
    """Weights that make the right people likeliest, with a light ridge."""

    def loss(weights: Weights) -> tuple[float, Weights]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for choice in choices:
            if choice.right is not None:
                scores = choice.rows @ weights
                p = np.exp(scores - scores.max())
                p /= p.sum()
                total -= float(np.log(p[choice.right] + 1e-12))
                slope = slope + choice.rows.T @ p - choice.rows[choice.right]
        return total, slope

    fitted: Weights = minimize(loss, np.zeros(len(COLUMNS)), jac=True, method="L-BFGS-B").x
    return fitted


def share_right(choices: Sequence[Choice]) -> float:
    """How often the right person was chosen; where it was not among the candidates, it was not."""
    return float(np.mean([choice.right == choice.chosen for choice in choices]))


def main() -> None:
    """Fit on four folds, measure on the fifth, five times; then fit on all: without the reader, and with it."""
    parser = argparse.ArgumentParser(description="Fit how well a person met lately fits a pronoun.")
    parser.add_argument("folder", type=Path, help="holds the taggers tagger_-1.npz … and the reader's reader_0.npz …")
    folder = parser.parse_args().folder
    taggers = load_taggers(folder)
    for name, held_out in (("without the reader", None), ("with the reader", HeldOut(folder))):
        print(name)
        measure(list(read_annotated(taggers, held_out)))


def measure(articles: Sequence[Annotated]) -> None:
    """Print how often the right person is chosen, held out, and the weights fitted on all."""
    told = record_choices(articles, is_told=True)
    by_fold = {fold: fit([choice for choice in told if choice.fold != fold]) for fold in range(FOLDS)}
    held_out = record_choices(articles, by_fold.__getitem__)
    quotes = [choice for choice in held_out if choice.says]
    missing = np.mean([choice.right is None for choice in quotes])
    last = np.mean([choice.right == 0 for choice in quotes])
    print(f"{len(held_out)} annotated pronouns: right, held out {share_right(held_out):.3f}; {len(quotes)} of quotes "
          f"{share_right(quotes):.3f}; the person met last {last:.3f}; not among the candidates {missing:.3f}")
    print(dict(zip(COLUMNS, fit(told).round(2).tolist(), strict=True)))


if __name__ == "__main__":
    main()
