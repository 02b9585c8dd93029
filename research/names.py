"""A mention's words → a person's name and the titles before it; and whether two names can be one person's."""

from __future__ import annotations

from collections.abc import Sequence

from research.attribution import Reading, load_models
from research.lexicon import Lexicon, load_lexicon
from research.mentions import LABEL, Mentions
from research.registry import fold

Name = tuple[str, ...]

PARTICLES = frozenset(
    "de da di del della der den van von bin al el la le du dos st. ben ibn abu ter ten".split()
)
ALWAYS_TITLES = frozenset(
    "mr mrs ms miss mx sir dame lord lady dr prof professor president senator governor mayor representative "
    "congressman congresswoman secretary".split()
)
CALENDAR = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August "
    "September October November December".split()
)
LONGEST_NICKNAME = 20  # characters, of the quotation marks in Robert C. “Bobby” Scott


class NameReader:
    """Reads the names of one document's mentions, by the tagger's entities and the word lists."""

    def __init__(self, reading: Reading):
        self.reading, self.lexicon = reading, load_lexicon()
        self.words, self.classes = reading.tokens.words, load_models().tagger.names

    def parts(self, mention: int) -> tuple[Name, set[str]]:
        """A mention's name without titles (empty: it is no person's name), and the titles and role words before it."""
        m = self.reading.mentions
        if m.form[mention] == LABEL:
            return self._label(self.reading.text[slice(*m.spans[mention])]), set()
        first, head, last = int(m.first[mention]), int(m.head[mention]), int(m.last[mention])
        start = head
        while start > first and self._is_name_word(start - 1):
            start -= 1
        words = self.words[start : last + 1]
        if words[-1] in CALENDAR:
            return (), set()
        opening = self._opening(words, start)
        if start > first and self.words[start - 1] == "of":
            given = (i for i, w in enumerate(words) if fold(w) in self.lexicon.first_names)
            opening = next(given, min(1, len(words) - 1))
        titles = {w.rstrip(".").lower() for w in self.words[first:start] + words[:opening]}
        words = words[opening:] if opening else self._before_nickname(start) + words
        if len(words) == 1 and (words[0].lower() in PARTICLES or not fold(words[0])):
            words = []
        return (tuple(words), titles) if self._names_a_person(words, titles, head) else ((), set())

    def _label(self, text: str) -> Name:
        words = (w.title() if w.isupper() else w for w in text.split())
        return tuple(w for w in words if w.rstrip(".").lower() not in self.lexicon.titles)

    def _names_a_person(self, words: Sequence[str], titles: set[str], head: int) -> bool:
        """Whether capitalised words name a person: tagged so, titled, or opened by a given name; never a country."""
        last = words[-1].lower() if words else ""
        if not words or " ".join(words).lower() in self.lexicon.countries or (len(words) > 1 and len(fold(last)) == 1):
            return False
        if last in self.lexicon.things or last in self.lexicon.groups or last in ("street", "house", "cross"):
            return False
        titled = any(t in self.lexicon.titles for t in titles)
        return self.is_person_word(head) or titled or (len(words) > 1 and fold(words[0]) in self.lexicon.first_names)

    def _before_nickname(self, start: int) -> list[str]:
        """The given names before a nickname in quotation marks: Robert C. “Bobby” Scott."""
        tokens, place = self.reading.tokens, start - 1
        if place < 1 or tokens.segments[place] < 0:
            return []
        span = self.reading.scan.segments[tokens.segments[place]].span
        if span.end - span.start > LONGEST_NICKNAME:
            return []
        first = place
        while first > 0 and self._is_name_word(first - 1) and tokens.segments[first - 1] < 0:
            first -= 1
        words = self.words[first:place]
        return words[self._opening([*words, "X"], first) :]

    def _opening(self, words: Sequence[str], start: int) -> int:
        """Where the name starts: after the last title or role word, or at a given name behind a place."""
        opening = 0
        for place, word in enumerate(words[:-1] if len(words) > 1 else words):
            if word == "of" or self._is_title(word, start + place):
                opening = place + 1
        given = (i for i in range(opening, len(words) - 1) if fold(words[i]) in self.lexicon.first_names)
        found = next(given, opening)
        if any(self._is_place_word(start + i) for i in range(opening, found)):
            return found
        return min(opening, len(words))

    def _is_title(self, word: str, place: int) -> bool:
        """Whether a word before a name is a title or role, not a name that happens to be one too (Dean, Don, Park)."""
        bare = word.rstrip(".").lower()
        titles, roles = self.lexicon.titles, self.lexicon.roles
        if len(bare) < 2 or not (bare in titles or bare in roles):
            return False
        if bare in ALWAYS_TITLES or (word[-1] == "." and len(word) > 2) or not self.is_person_word(place):
            return True
        return bare not in self.lexicon.first_names and (bare in titles or self.is_person_word(place + 2))

    def entity(self, place: int) -> str:
        """The entity class that the tagger gives a token: PERSON, LOCATION, ORGANIZATION, MISC or nothing."""
        if not 0 <= place < len(self.words):
            return ""
        return self.classes["entity"][int(self.reading.tags.entity[place])][2:]

    def is_person_word(self, place: int) -> bool:
        """Whether the tagger takes a token for a person's name."""
        return self.entity(place) == "PERSON"

    def _is_place_word(self, place: int) -> bool:
        return self.entity(place) in ("LOCATION", "ORGANIZATION", "MISC")

    def _is_name_word(self, place: int) -> bool:
        word = self.words[place]
        if word in CALENDAR or not (word[0].isupper() or word.lower() in PARTICLES):
            return False
        pos = self.classes["pos"][int(self.reading.tags.pos[place])]
        return self.is_person_word(place) or (not self.entity(place) and pos.startswith("NNP"))


def with_shared_surnames(
    words: Sequence[str], mentions: Mentions, named: Sequence[tuple[int, Name, set[str]]], lexicon: Lexicon
) -> list[tuple[int, Name, set[str]]]:
    """Give the first of "Bill and Hillary Clinton" the surname of the second."""
    out = []
    following = {i: name for i, name, _ in named}
    for i, name, titles in named:
        partner = following.get(i + 1, ())
        gap = words[int(mentions.last[i]) + 1 : int(mentions.first[i + 1])] if partner else []
        if gap in (["and"], ["&"]) and len(name) == 1 and len(partner) == 2 and fold(name[0]) in lexicon.first_names:
            name = (name[0], partner[1])
        out.append((i, name, titles))
    return out


def bare(name: Sequence[str]) -> Sequence[str]:
    """A name without its suffix.

    >>> bare(("Donald", "Trump", "Jr."))
    ('Donald', 'Trump')
    """
    return name[:-1] if len(name) > 1 and suffix(name) else name


def suffix(name: Sequence[str]) -> str:
    """A name's suffix: jr, sr, ii, iii, iv, or nothing."""
    last = name[-1].rstrip(".").lower()
    return last if last in ("jr", "sr", "ii", "iii", "iv") else ""


def is_tail(name: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a name is the end of a longer one: de Blasio, García Lorca, Trump Jr.

    >>> is_tail(("de", "Blasio"), ("Bill", "de", "Blasio"))
    True
    """
    return len(name) < len(longer) and [w.lower() for w in name] == [w.lower() for w in longer[-len(name) :]]


def are_compatible(a: Sequence[str], b: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether two full names can be one person's: same last name; first names equal, initial, or nickname."""
    if fold(bare(a)[-1]) != fold(bare(b)[-1]) or suffix(a) != suffix(b) or _middles_differ(a, b):
        return False
    x, y = fold(a[0]), fold(b[0])
    if x == y or (len(min(x, y, key=len)) == 1 and x[:1] == y[:1]):
        return True
    return bool((lexicon.nicknames.get(x, frozenset()) | {x}) & (lexicon.nicknames.get(y, frozenset()) | {y}))


def _middles_differ(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether both names have middle initials, and not the same: George W. and George H. W. Bush."""
    x, y = ("".join(w[0] for w in bare(n)[1:-1] if len(fold(w)) == 1) for n in (a, b))
    return bool(x and y and x != y)
