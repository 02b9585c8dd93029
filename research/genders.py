"""Whether somebody is he or she: told by titles, the registry, the given name, or "his" or "her" beside the name."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from research.lexicon import FEMALE, MALE, load_lexicon
from research.person import KIN, Person
from research.registry import Registry, fold
from research.segmentation import PARAGRAPH_TOKEN, SENTENCE_ENDS

REACH_IN_WORDS = 8  # words behind a name in which a possessive tells the bearer's gender
HE, SHE = frozenset(("he", "him", "himself", "his")), frozenset(("she", "her", "herself", "hers"))
HIS, HERS = HE - {"he", "him"}, SHE - {"she", "hers"}  # those that are of the clause's own subject
CLAUSE_MARKS = SENTENCE_ENDS | {";", ":", PARAGRAPH_TOKEN}
ASIDE_ENDS = ([","], ["."], [";"], [")"], ["—"], ["–"])
NONBINARY = "nonbinary"


class Genders:
    """The genders of one document's people."""

    def __init__(self, words: Sequence[str], registry: Registry):
        self.words, self.registry, self.lexicon = words, registry, load_lexicon()
        self._untold: dict[Person, tuple[int, int, str | None]] = {}  # what was known when it did not tell

    def of(self, person: Person) -> str | None:
        """Male or female, where a title, the registry or the given name says so.

        A woman may be called a spokesman or the chairman: such a title counts after her name. What is not told yet may
        be later: by a title before another mention, or once the registry knows the person.
        """
        known = (len(person.titles), len(person.names), person.speaker_id)
        if person.gender is None and self._untold.get(person) != known:
            self._untold[person] = known
            telling = [t for t in person.titles if not t.endswith("man") or t.endswith("woman")]
            told = self.of_titles(telling) or self._known(person)
            person.gender = told or self.of_titles(person.titles)
        return person.gender

    def learn(self, named: Mapping[int, Person], starts: Container[int]) -> None:
        """Who has no gender by title, registry or given name gets that of the "his" or "her" next to the name.

        `named` has the places behind each name, `starts` those where names open. Who is called nonbinary is neither he
        nor she, whatever the given name tells.
        """
        votes: dict[int, Counter[str]] = {}
        for place, person in named.items():
            told = self.behind(place, starts)
            if told == NONBINARY:
                person.gender = told
            elif told and self.of(person) is None:
                votes.setdefault(id(person), Counter())[told] += 1
        for person in named.values():
            told_of = votes.get(id(person))
            if told_of and len(told_of) == 1:
                person.gender = next(iter(told_of))

    def behind(self, place: int, starts: Container[int]) -> str | None:
        """The gender of the first "his" or "her" before anybody else is named or the sentence ends."""
        for at in range(place, min(place + REACH_IN_WORDS, len(self.words))):
            word = self.words[at].lower()
            if word in ("nonbinary", "non-binary"):
                return NONBINARY
            if at in starts or word in CLAUSE_MARKS:
                return None
            if word in HIS or word in HERS:
                return MALE if word in HIS else FEMALE
        return None

    def of_titles(self, titles: Iterable[str]) -> str | None:
        """The gender that titles and roles tell: Mrs, duke, spokeswoman."""
        genders = {self.lexicon.titles.get(t) for t in titles} | {self.lexicon.roles.get(t) for t in titles}
        return MALE if MALE in genders else FEMALE if FEMALE in genders else None

    def of_bearer(self, words: set[str]) -> str | None:
        """The gender that "her" tells before a name, if it is the bearer's: In her closing speech Keller."""
        if any(word in self.lexicon.roles or word in KIN for word in words):
            return None
        return FEMALE if "her" in words else MALE if "his" in words else None

    def of_kin(self, first: int, behind: int) -> str | None:
        """The gender of the kin that a name between commas is: the man's sister, Aroha Walker, came."""
        kin, *commas = (self.words[place : place + 1] for place in (first - 2, first - 1, behind))
        is_aside = first > 1 and commas[0] == [","] and commas[1] in ASIDE_ENDS
        return self.of_titles(KIN.intersection(map(str.lower, kin))) if is_aside else None

    def _known(self, person: Person) -> str | None:
        if person.speaker_id:
            return self.registry.speakers[person.speaker_id].gender
        name = next(itertools.chain(person.full_names, person.names), None)
        first = self.lexicon.first_names.get(fold(name[0])) if name else None
        return first if first in (MALE, FEMALE) else None
