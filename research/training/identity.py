"""Fit how well a person met lately fits a pronoun: a conditional logit (McFadden 1974) on our annotation of train.

The right person of a "he" or "she" that says a quote is the one whose name is annotated (speakers.md). The articles are
read with the tagger that has not seen them, the human's sources given; while weights are fitted, earlier pronouns stand
for whom they should. Prints how often the person chosen is right in articles that the weights were not fitted on (five
folds, earlier pronouns resolved by the same weights, as at run time), and the weights fitted on all, to copy into
`research.antecedent`: `WEIGHTS`, and `WITH_READER` for the pronouns of which the neural reader is asked.

Tried and left out, as they did not help in the other folds: CoreNLP's coreference chains as further examples, at any
weight; how many people were met since, and how many tokens ago; who said the last quote; who is new; possessors and
people behind a preposition; whether the pronoun opens its sentence or follows its quote; how often a person is named or
quoted in the article, and whether he or she is named again soon after.

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

from research.antecedent import COLUMNS, READ, WEIGHTS, WITH_READER, Asked, choose
from research.attribution import Reading
from research.documents import Document
from research.layout import Decision
from research.lexicon import load_lexicon
from research.mentions import find_mentions
from research.names import are_compatible
from research.people import People
from research.person import Person
from research.reader import Opinion
from research.reference import UNSURE, Link, References
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

    rows : (candidates, `COLUMNS`); read : the same and `READ`, where a reader was asked; says : whether it is the
    source of a quote; of indirect speech otherwise.
    """

    rows: NDArray[np.float64]
    read: NDArray[np.float64] | None
    right: int | None
    chosen: int
    fold: int
    says: bool


class Recorder(References):
    """Notes each annotated pronoun's candidates; goes on with the right one if `is_told`, else with the one chosen.

    `weights` are those without the reader and those with it.
    """

    def __init__(self, article: Annotated, people: People, weights: tuple[Weights, Weights], *, is_told: bool):
        self.speakers, self.opinions = article.speakers, article.opinions
        self.weights, self.is_told = weights, is_told
        self.choices: list[Choice] = []
        super().__init__(article.document, article.reading, people)

    def choose(self, mention: int, asked: Asked, fits: Sequence[Person], reason: str) -> Link:
        """The right person, where it is annotated and may be told, else the one that fits best."""
        rows, opinion = self.evidence.rows(asked, fits), self.opinion(mention)
        read = None if opinion is None else np.column_stack([rows, self.evidence.read(opinion, fits)])
        best, certainty = choose(rows, self.weights[0])
        if read is not None and certainty < UNSURE:
            best, certainty = choose(read, self.weights[1])
        if mention in self.speakers:
            found = [place for place, person in enumerate(fits) if is_called(person, self.speakers[mention])]
            right = found[0] if len(found) == 1 else None
            self.choices.append(Choice(rows=rows, read=read, right=right, chosen=best, says=mention in self.said,
                                       fold=fold_of(self.document.doc_id)))
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
    articles: Iterable[Annotated], weights_of: Callable[[int], tuple[Weights, Weights]], *, is_told: bool = False
) -> list[Choice]:
    """The annotated pronouns, each article resolved with the weights of its fold."""
    registry, choices = load_registry(), []
    for article in articles:
        weights = weights_of(fold_of(article.document.doc_id))
        people = People(article.document, article.reading, registry)
        choices += Recorder(article, people, weights, is_told=is_told).choices
    return choices


def fit_both(choices: Sequence[Choice]) -> tuple[Weights, Weights]:
    """Weights without the reader, and with it."""
    asked = [(choice.read, choice.right) for choice in choices if choice.read is not None]
    return fit([(choice.rows, choice.right) for choice in choices]), fit(asked)


def fit(choices: Sequence[tuple[NDArray[np.float64], int | None]]) -> Weights:
    """Weights that make the right people likeliest, with a light ridge."""

    def loss(weights: Weights) -> tuple[float, Weights]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for rows, right in choices:
            if right is not None:
                scores = rows @ weights
                p = np.exp(scores - scores.max())
                p /= p.sum()
                total -= float(np.log(p[right] + 1e-12))
                slope = slope + rows.T @ p - rows[right]
        return total, slope

    start = np.zeros(choices[0][0].shape[1] if choices else 0)
    fitted: Weights = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return fitted


def share_right(choices: Sequence[Choice]) -> float:
    """How often the right person was chosen; where it was not among the candidates, it was not."""
    return float(np.mean([choice.right == choice.chosen for choice in choices]))


def main() -> None:
    """Fit on four folds, measure on the fifth, five times; then fit on all."""
    parser = argparse.ArgumentParser(description="Fit how well a person met lately fits a pronoun.")
    parser.add_argument("folder", type=Path, help="holds the taggers tagger_0.npz … and the reader's reader_0.npz …")
    folder = parser.parse_args().folder
    taggers = load_taggers(folder)
    alone, asked = list(read_annotated(taggers)), list(read_annotated(taggers, HeldOut(folder)))
    told = record_choices(asked, lambda _: (WEIGHTS, WITH_READER), is_told=True)
    by_fold = {fold: fit_both([choice for choice in told if choice.fold != fold]) for fold in range(FOLDS)}
    for name, articles in (("without the reader", alone), ("with the reader", asked)):
        print(f"{name}: {say(record_choices(articles, by_fold.__getitem__))}")
    for names, weights in zip((COLUMNS, (*COLUMNS, READ)), fit_both(told), strict=True):
        print(dict(zip(names, weights.round(2).tolist(), strict=True)))


def say(held_out: Sequence[Choice]) -> str:
    """How often the right person is chosen."""
    quotes = [choice for choice in held_out if choice.says]
    missing = np.mean([choice.right is None for choice in quotes])
    last = np.mean([choice.right == 0 for choice in quotes])
    return (f"{len(held_out)} annotated pronouns, right, held out: {share_right(held_out):.3f}; {len(quotes)} of "
            f"quotes: {share_right(quotes):.3f}; the person met last: {last:.3f}; not among the candidates: "
            f"{missing:.3f}")


if __name__ == "__main__":
    main()
