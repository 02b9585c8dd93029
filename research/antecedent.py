"""How well a person met lately fits a pronoun or a bare role noun: evidence as named columns, and fitted weights.

The weights are a conditional logit's (McFadden 1974), fitted by `research.training.identity`, which prints how
often the person they choose is right. These are of 0.7.0: fitted anew for 0.8.0, which finds more speakers among the
candidates, they differ little and do no better end to end (`research.training.confidence`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from research.attribution import Reading
from research.documents import Span
from research.names import POSSESSIVES
from research.people import People
from research.person import Person
from research.reader import Opinion
from research.segmentation import PARAGRAPH_TOKEN, SENTENCE_ENDS
from research.tagging import softmax, subjects_of_cues

COLUMNS = (
    "paragraphs_apart",  # from where met last
    "gender_agrees",  # is known, and is what the mention tells
    "has_full_name",
    "times_here",  # met in the mention's paragraph
    "opens_here",  # stood at the opening of a sentence there: it is about him or her
    "met_last",  # nobody else was met in a later sentence
    "subject",  # in the sentence where met last
    "subject_before",  # in the sentence before the mention's: "Lee left. He said"
    "spoke",  # or was a cue's subject in the mention's paragraph, else in the last one where anybody was met
    "named_in_quote",  # by the words that the mention says: few talk of themselves by name
)
READ = "read"  # one column more where the neural reader is asked: the logarithm of the chance it gives the person
WEIGHTS = np.array((-0.89, 0.86, 1.1, 0.74, 0.73, 1.17, 1.23, 0.29, 1.54, -2.07))
WITH_READER = np.array((-0.48, 0.44, 0.7, 0.57, 0.6, 1.32, 0.94, 0.0, 0.72, -1.68, 0.45))
FAINTEST = 1e-3  # the least chance that counts
ENDS = SENTENCE_ENDS | {PARAGRAPH_TOKEN}
WHO = frozenset(("who", "whom"))  # the subject of a clause, not of the sentence
VIEWED = (["in"], ["In"], ["to"], ["To"], ["by"], ["By"])
VIEWS = frozenset("view words opinion telling account eyes judgment judgement reckoning mind".split())
SUBJECT, REACH_IN_WORDS = 0.5, 16  # chance to be a subject; words from it to its cue
FOLDED = "“…”"
SEEN = 12  # places of a person that are looked at: the last ones
NEAR_IN_PARAGRAPHS = 2  # paragraphs back that they may lie
SPELLINGS = 20  # of a name that are looked for in a quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A mention that stands for somebody: its first token, the gender it tells, and the words that it says."""

    place: int
    gender: str | None
    quoted: Collection[str]


class Evidence:
    """The evidence of one document; `sources` are the mentions that quotes are given to."""

    def __init__(self, reading: Reading, people: People, sources: Iterable[int]):
        tokens, tags, mentions = reading.tokens, reading.tags, reading.mentions
        self.people, self.words, self.paragraphs = people, tokens.words, tokens.paragraphs
        self.subject: list[float] = tags.probability["subject"].tolist()
        self.of_cue: list[float] = subjects_of_cues(tags).tolist()
        for mention in people.of_mention:
            first, head = int(mentions.first[mention]), int(mentions.head[mention])
            if self._has_a_view(first, head):
                self.of_cue[head] = 1.0
        self.heads = frozenset(int(mentions.head[mention]) for mention in sources)
        self.first = dict(zip(mentions.head.tolist(), mentions.first.tolist(), strict=True))
        self.sentence = list(accumulate((word in ENDS for word in self.words), initial=0))
        self._let_openers_speak(mentions.head.tolist(), tags.probability["cue"].tolist())
        self.named: dict[int, list[Span]] = {}
        for mention, person in people.of_mention.items():
            self.named.setdefault(id(person), []).append(mentions.spans[mention])

    def _let_openers_speak(self, heads: Sequence[int], cue: Sequence[float]) -> None:
        """Who opens a sentence as its subject speaks at its first cue, past what parts them: A man in a hat said."""
        for number, head in enumerate(heads):
            if self.subject[head] < SUBJECT or not self.opens(head):
                continue
            for place in range(head + 1, min(head + REACH_IN_WORDS, len(cue))):
                if self.sentence[place] != self.sentence[head] or self.words[place] == FOLDED:
                    break
                if cue[place] > SUBJECT:
                    between = heads[number + 1 : bisect_left(heads, place)]
                    if not any(self.subject[other] > SUBJECT for other in between):
                        self.of_cue[head] = max(self.of_cue[head], cue[place])
                    break

    def _has_a_view(self, first: int, head: int) -> bool:
        """Whether something is said to be so for a person: in Lee's view."""
        before, behind = self.words[max(0, first - 1) : first], self.words[head + 1 : head + 3]
        return before in VIEWED and behind[:1] in POSSESSIVES and behind[-1] in VIEWS

    def rows(self, asked: Asked, people: Sequence[Person]) -> NDArray[np.float64]:
        """(candidates, `COLUMNS`): what speaks for each of the people."""
        here = self.paragraphs[asked.place]
        places = [self._places(person, here) for person in people]
        before = max((self.paragraphs[p] for near in places for p in near if self.paragraphs[p] < here), default=-1)
        newest = max((self.sentence[person.seen[-1]] for person in people), default=-1)
        return np.array([self._row(asked, *each, before, newest) for each in zip(people, places, strict=True)])

    def _places(self, person: Person, here: int) -> list[int]:
        """Where the person was met lately."""
        return [place for place in person.seen[-SEEN:] if self.paragraphs[place] >= here - NEAR_IN_PARAGRAPHS]

    def _row(self, asked: Asked, person: Person, places: list[int], before: int, newest: int) -> tuple[float, ...]:
        last, here = person.seen[-1], self.paragraphs[asked.place]
        sentence = self.sentence[asked.place]
        in_paragraph = [place for place in places if self.paragraphs[place] == here]
        last_ones = in_paragraph or [place for place in places if self.paragraphs[place] == before]
        final = [p for p in places if self.sentence[p] == self.sentence[last] and self.words[p].lower() not in WHO]
        return (
            float(min(here - self.paragraphs[last], 4)),
            float(asked.gender is not None and self.people.genders.of(person) == asked.gender),
            float(person.speaker_id is not None or any(len(name) > 1 for name in person.names[:1])),
            float(len(in_paragraph)),
            float(any(self.opens(place) for place in in_paragraph)),
            float(self.sentence[last] == newest),
            max((self.subject[place] for place in final), default=0.0),
            max((self.subject[place] for place in places if self.sentence[place] == sentence - 1), default=0.0),
            max((1.0 if place in self.heads else self.of_cue[place] for place in last_ones), default=0.0),
            float(self._is_named(person, asked.quoted)),
        )

    def read(self, opinion: Opinion, people: Sequence[Person]) -> NDArray[np.float64]:
        """(candidates,): the column `READ`; an unnamed person has the chance of "no name here"."""
        chances = [self.chance(opinion, person) if person.names else opinion.nameless for person in people]
        return np.log(np.array(chances) + FAINTEST)

    def chance(self, opinion: Opinion, person: Person) -> float:
        """The chance that the reader gives all that names a person in what it was shown."""
        if not len(opinion.spans):
            return 0.0
        named = self.named.get(id(person), [])
        low = bisect_left(named, Span(int(opinion.spans[0, 0]), 0))
        near = named[low : bisect_right(named, Span(int(opinion.spans[-1, 1]), 0))]
        return float(opinion.name_mass(near).sum())

    def opens(self, place: int) -> bool:
        """Whether a mention, given by its head, opens a sentence, but for one word or mark."""
        first = self.first.get(place, place)
        return first < 2 or not ENDS.isdisjoint(self.words[first - 2 : first])

    def _is_named(self, person: Person, quoted: Collection[str]) -> bool:
        return bool(quoted) and any(w in quoted for name in person.names[:SPELLINGS] for w in name if len(w) > 2)


def choose(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[int, float]:
    """The candidate that fits best, and its probability among them.

    >>> choose(np.eye(2, len(COLUMNS)), WEIGHTS)[0]  # a paragraph apart against gender that agrees
    1
    """
    scores = rows @ weights
    return int(scores.argmax()), float(softmax(scores).max())
