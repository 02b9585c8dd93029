"""How well a person met lately fits a pronoun or a bare role noun: evidence as named columns, and fitted weights.

The weights are a conditional logit's (McFadden 1974), fitted by `research.training.identity`, which prints how
often the person they choose is right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.attribution import Reading
from research.people import People, Person
from research.segmentation import PARAGRAPH_TOKEN

COLUMNS = (
    "rank",  # 0 for the person met last
    "paragraphs_apart",
    "log_gap",  # of tokens
    "subject",  # where met last, in this paragraph or the one before
    "gender_agrees",
    "spoke_last",
    "spoke_near",  # in this paragraph or the one before
    "led_sentence",  # where met last
    "has_full_name",
)
WEIGHTS = np.array((0.088, -1.37, -0.319, 0.866, 0.441, -0.259, 0.278, 0.399, 0.296))
ENDS = frozenset((".", "!", "?", PARAGRAPH_TOKEN))
FIRST_WORDS = 4  # of a sentence: who stands there leads it


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A mention that stands for somebody: its first token, and the gender it tells; `speaking` said the last quote."""

    place: int
    gender: str | None
    speaking: Person | None


class Evidence:
    """The evidence of one document."""

    def __init__(self, reading: Reading, people: People):
        self.people, self.words, self.paragraphs = people, reading.tokens.words, reading.tokens.paragraphs
        self.subject = reading.tags.probability["subject"]

    def rows(self, asked: Asked, people: Sequence[Person]) -> NDArray[np.float64]:
        """(candidates, `COLUMNS`): what speaks for each of the people, the one met last standing first."""
        return np.array([self._row(asked, person, rank) for rank, person in enumerate(people)])

    def _row(self, asked: Asked, person: Person, rank: int) -> tuple[float, ...]:
        last = person.seen[-1]
        apart = self.paragraphs[asked.place] - self.paragraphs[last]
        return (
            float(rank),
            float(min(apart, 4)),
            math.log1p(max(asked.place - last, 0)),
            float(self.subject[last]) * (apart <= 1),
            float(asked.gender is not None and self.people.gender(person) == asked.gender),
            float(person is asked.speaking),
            float(person is asked.speaking and apart <= 1),
            float(any(word in ENDS for word in self.words[max(0, last - FIRST_WORDS) : last])),
            float(person.speaker_id is not None or any(len(name) > 1 for name in person.names[:1])),
        )


def choose(rows: NDArray[np.float64], weights: NDArray[np.float64] = WEIGHTS) -> tuple[int, float]:
    """The candidate that fits best, and its probability among them.

    >>> choose(np.eye(2, len(COLUMNS)))[0]
    0
    """
    scores = rows @ weights
    odds = np.exp(scores - scores.max())
    return int(scores.argmax()), float(odds.max() / odds.sum())
