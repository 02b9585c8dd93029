"""How well a person met lately fits a pronoun or a bare role noun: evidence as named columns, and the fitted trees.

`research.training.identity` fits the trees and prints how often the person they choose is right; the card stands in
research/models/identity.md.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from research.attribution import Reading, load_models
from research.people import People, Person
from research.segmentation import PARAGRAPH_TOKEN
from research.trees import Trees, trees_from_arrays

COLUMNS = (
    # the mention that is asked about
    "is_role",
    "is_female",
    "follows_quote",
    "opens_sentence",
    "opens_paragraph",
    "rivals",
    # where the person was met last
    "rank",
    "main_subject",
    "told",
    "paragraphs_apart",
    "sentences_apart",
    "log_gap",
    "subject",
    "source",
    "possessor",
    "modifier",
    "object",
    "by_pronoun",
    "led_sentence",
    # where the person was met in the last sentences
    "subject_here",
    "subject_before",
    "source_before",
    "main_subject_before",
    "told_before",
    "main_apart",
    "met_in_paragraph",
    "led_paragraph",
    # the person
    "gender_agrees",
    "is_named",
    "has_full_name",
    "in_heading",
    # what was said last
    "spoke_last",
    "spoke_near",
    "last_pronoun",
)
ENDS = frozenset((".", "!", "?", PARAGRAPH_TOKEN))
MOST = 6.0  # log-odds beyond which the margin says nothing more
LIKELY = 0.5
NEAR = 3  # sentences back that count as near


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A mention that stands for somebody: its first token, the gender it tells, and whether it is a role noun.

    `speaking` said the last quote before it; `last` is whom the last pronoun of the same gender meant.
    """

    place: int
    gender: str | None
    is_role: bool
    speaking: Person | None
    last: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The fitted trees, and the weights (one, winner's log-odds, margin) that make a probability of their scores."""

    trees: Trees
    calibration: tuple[float, float, float]


@functools.cache
def load_antecedents() -> Models:
    """The model that the package ships."""
    with resources.as_file(resources.files("research") / "models" / "identity.npz") as path:
        stored = np.load(path, allow_pickle=False)
        one, fit, margin = stored["calibration"].tolist()
        return Models(trees=trees_from_arrays(stored, "antecedent"), calibration=(one, fit, margin))


class Evidence:
    """The evidence of one document."""

    def __init__(self, reading: Reading, people: People):
        self.people, self.words = people, reading.tokens.words
        self.paragraphs, self.segments = reading.tokens.paragraphs, reading.tokens.segments
        relations = load_models().tagger.names["relation"]
        self.relation = [relations[i] for i in reading.tags.relation.tolist()]
        self.subject = reading.tags.probability["subject"].tolist()
        self.source = reading.tags.probability["source"].tolist()
        self.sentences = _sentences(self.words)
        heads, cue = reading.tags.head.tolist(), reading.tags.probability["cue"].tolist()
        self.main_subject = [s * (self.relation[h] == "root") for s, h in zip(self.subject, heads, strict=True)]
        self.told = [s * cue[h] for s, h in zip(self.subject, heads, strict=True)]

    def rows(self, asked: Asked, people: Sequence[Person]) -> NDArray[np.float32]:
        """(candidates, columns): what speaks for each of the people, the one met last standing first."""
        about = self._about(asked, len(people))
        rows = [(*about, *self._about_person(asked, person, rank)) for rank, person in enumerate(people)]
        return np.array(rows, np.float32)

    def _about(self, asked: Asked, rivals: int) -> tuple[float, ...]:
        place = asked.place
        return (
            float(asked.is_role),
            float(asked.gender == "female"),
            float(any(s >= 0 for s in self.segments[max(0, place - 2) : place])),
            float(self.sentences[place] != self.sentences[max(0, place - 2)]),
            float(PARAGRAPH_TOKEN in self.words[max(0, place - 2) : place]),
            float(rivals),
        )

    def _about_person(self, asked: Asked, person: Person, rank: int) -> tuple[float, ...]:
        place, seen = asked.place, person.seen
        last = seen[-1]
        sentence, paragraph = self.sentences[place], self.paragraphs[place]
        near = [s for s in seen[-6:] if sentence - self.sentences[s] <= NEAR]
        here = [s for s in near if self.sentences[s] == sentence]
        before = [s for s in near if self.sentences[s] < sentence]
        relation = self.relation[last]
        following = self.words[last + 1] if last + 1 < len(self.words) else ""
        apart = paragraph - self.paragraphs[last]
        return (
            float(rank),
            self.main_subject[last],
            self.told[last],
            float(min(apart, 4)),
            float(min(sentence - self.sentences[last], 8)),
            math.log1p(max(place - last, 0)),
            self.subject[last],
            self.source[last],
            float(relation == "nmod:poss" or following in ("’s", "'s", "’", "'")),
            float(relation == "nmod"),
            float(relation in ("dobj", "iobj")),
            float(self.words[last].lower() in ("he", "she", "him", "her", "his")),
            float(self._leads(last)),
            max((self.subject[s] for s in here), default=0.0),
            max((self.subject[s] for s in before), default=0.0),
            max((self.source[s] for s in before), default=0.0),
            max((self.main_subject[s] for s in before), default=0.0),
            max((self.told[s] for s in before), default=0.0),
            min((sentence - self.sentences[s] for s in near if self.main_subject[s] > LIKELY), default=NEAR + 1.0),
            float(sum(self.paragraphs[s] == paragraph for s in near)),
            float(any(self._leads(s) for s in near if self.paragraphs[s] == self.paragraphs[last])),
            float(asked.gender is not None and self.people.gender(person) == asked.gender),
            float(bool(person.names)),
            float(person.speaker_id is not None or any(len(n) > 1 for n in person.names[:1])),
            float(any(self.paragraphs[p] == 0 for p in person.places[:1])),
            float(person is asked.speaking),
            float(person is asked.speaking and apart <= 1),
            float(person is asked.last),
        )

    def _leads(self, place: int) -> bool:
        """Whether a token stands within the first few words of its sentence."""
        return self.sentences[place] != self.sentences[max(0, place - 4)] or place < 4


def _sentences(words: Sequence[str]) -> list[int]:
    """The number of the sentence of each token; a folded quote is part of the sentence around it."""
    numbers, number = [], 0
    for word in words:
        numbers.append(number)
        number += word in ENDS
    return numbers


def choose(models: Models, rows: NDArray[np.float32]) -> tuple[int, float]:
    """The candidate that fits best, and the probability that it is the right one."""
    scores = models.trees.score(rows)
    terms = zip(models.calibration, terms_of(scores), strict=True)
    return int(scores.argmax()), 1 / (1 + math.exp(-sum(weight * term for weight, term in terms)))


def terms_of(scores: NDArray[np.float64]) -> tuple[float, float, float]:
    """What the probability is made of: one, the winner's log-odds, and its odds against all others, logged, bounded."""
    best = float(scores.max())
    rest = float(np.exp(scores - best).sum()) - 1.0
    return 1.0, best, min(-math.log(rest), MOST) if rest > 0 else MOST
