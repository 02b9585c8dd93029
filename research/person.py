"""Somebody in a document: all spellings of the name, what the text tells of him or her, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from research.lexicon import load_lexicon
from research.names import LOST, Name, is_tail
from research.registry import fold, repaired

FIRST = 20  # spellings that are looked at first: most names come back as they came, and a long article stays fast
KIN = frozenset("husband wife son daughter brother sister twin mother father mum mom dad widow widower child".split())


@dataclass(slots=True, kw_only=True, eq=False)
class Person:
    """Somebody in a document that is being read: all spellings of the name, and where they stand.

    `seen` holds the places that were taken for the person so far, pronouns included; `spoken` counts the quotes,
    `surnamed` the names that are more than a given name; `speaks` is how often the full name is a cue's subject;
    `family` is the surname of a relative. An unnamed person has a `description`: what the text first calls him or her.
    """

    names: list[Name] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    gender: str | None = None
    speaker_id: str | None = None
    known_name: str | None = None
    description: str | None = None
    seen: list[int] = field(default_factory=list)
    surnamed: int = 0
    family: str | None = None
    spoken: int = 0
    speaks: float = 0.0
    _counts: Counter[Name] = field(default_factory=Counter)
    _counted: int = 0

    @property
    def spellings(self) -> Counter[Name]:
        """How often the text has each spelling, the first one first; only names that are new are counted."""
        if self._counted < len(self.names):
            self._counts.update(self.names[self._counted :])
            self._counted = len(self.names)
        return self._counts

    @property
    def full_names(self) -> Iterator[Name]:
        """The spellings of more than one word, each once."""
        return (name for name in self.spellings if len(name) > 1)

    @property
    def name(self) -> str | None:
        """The canonical name: the registry's, else the fullest that the text has."""
        if self.known_name or not self.names:
            return self.known_name
        counts = self.spellings
        whole = {n: counts[n] for n in counts if not any(LOST in word for word in n)} or counts
        full = {n: whole[n] for n in whole if len(n) > 1} or whole
        best = self._spelled_out(max(full, key=lambda n: (full[n], len(n))), full)
        if len(best) == 1 and self.family:
            best = (best[0], self.family)
        formal = load_lexicon().nicknames.get(fold(best[0]), frozenset())
        return repaired(" ".join(next((n for n in full if fold(n[0]) in formal), best)).replace("\u00ad", ""))

    def _spelled_out(self, name: Name, spellings: Iterable[Name]) -> Name:
        """The name with what the article once puts before it: Lily Eskelsen García, whom it calls Eskelsen García."""
        lexicon = load_lexicon()
        if fold(name[0]) in lexicon.first_names:
            return name
        longer = [n for n in spellings if len(n) > len(name) and is_tail(name, n)]
        given = (n for n in longer if fold(n[0]) in lexicon.first_names)
        foreign = (n for n in longer if len(name) > 1 and n[0].lower() not in lexicon.countries)
        return next(given, next(foreign, name))
