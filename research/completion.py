"""Names across documents: a surname that one article leaves bare is completed from the articles that spell it out.

An article that says only "Mr. Obama" relies on a reader who has read others. What the other articles of a corpus call
people is gathered in `Names`, one small record for each name however many articles there are. A bare surname is
completed only where the corpus leaves no doubt: the name is spelled out in several articles, far more than that of
anybody else of that surname; gender and office do not contradict; and it is nobody whom the article itself keeps apart
by spelling the name out. Otherwise it stays as it is: no full name is better than a wrong one.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from research.identity import Named
from research.names import ABBREVIATED, COURTESY, bare, suffix
from research.registry import fold

ARTICLES = 2  # in how many a name must be spelled out to complete another article's surname
LEAD = 10  # and how many times as many as the next of that surname
CERTAINTY = 0.975  # of completed names, so many are right: python -m research.training.completion
ANY = "*"  # initials of which none are asked for
ENDINGS = {"ei": "ey", "ej": "ey", "yy": "y", "iy": "y", "ij": "y", "ii": "y", "yi": "y", "i": "y"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A bare surname completed: whose it is, in how many articles the name is spelled out, and who else bears it.

    `others` counts the articles that spell out other people of that surname, most first. `respelled` is set where the
    article has a whole name that most articles spell otherwise.
    """

    name: str
    speaker_id: str | None
    articles: int
    others: tuple[tuple[str, int], ...]
    respelled: bool = False

    @property
    def certainty(self) -> float:
        """How likely it is that the name is right, if the one who was completed is: another spelling risks nothing."""
        return 1.0 if self.respelled else CERTAINTY

    def __str__(self) -> str:
        """The reason, in words.

        >>> print(Completion(name="Ann Lee", speaker_id=None, articles=20, others=(("Bo Lee", 1),)))
        Ann Lee is spelled out in 20 other articles, Bo Lee in 1
        """
        rest = "".join(f", {name} in {number:,}" for name, number in self.others)
        return f"{self.name} is spelled out in {self.articles:,} other articles{rest}"


@dataclass(frozen=True, slots=True)
class _Key:
    """What tells two spelled-out names of one surname apart."""

    first: str
    given: frozenset[str]
    initials: str
    suffix: str
    speaker_id: str | None


@dataclass(slots=True)
class _Record:
    """How the corpus names one person of a surname: numbers of articles."""

    articles: int = 0
    spellings: Counter[str] = field(default_factory=Counter)
    offices: Counter[str] = field(default_factory=Counter)
    genders: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return max(self.spellings, key=lambda n: (self.spellings[n], len(n), n))

    @property
    def gender(self) -> str | None:
        (first, most), (_, less) = (*self.genders.most_common(2), ("", 0), ("", 0))[:2]
        return first if most > less else None


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A record as it stands when everything is added."""

    key: _Key
    name: str
    articles: int
    gender: str | None
    offices: frozenset[str]


def fingerprint(text: str) -> int:
    r"""A number that a text shares with its copies, blanks and line ends aside, and with no other text.

    >>> fingerprint("We stay,\n she said.") == fingerprint("We stay, she said."), fingerprint("a") == fingerprint("b")
    (True, False)
    """
    words = " ".join(text.split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(words, digest_size=8).digest(), "big")


class Names:
    """What the articles of a corpus call people. The order in which they are added does not matter.

    Of articles with the same text the first counts.

    >>> ann = Named(name="Ann Lee", words=("Ann", "Lee"), given=frozenset(["ann"]), gender="female")
    >>> lee = Named(name="Lee", words=("Lee",), titles=frozenset(["ms"]))
    >>> names = Names()
    >>> for article in ([ann], [ann], [lee]):
    ...     names.add(article)
    >>> names.complete(lee, [lee]).name
    'Ann Lee'
    """

    def __init__(self) -> None:
        self._records: dict[str, dict[_Key, _Record]] = {}
        self._families: dict[str, _Family] = {}
        self._texts: set[int] = set()

    def add(self, people: Iterable[Named], text: int | None = None) -> None:
        """Count the names that one article spells out, each once; nothing if `text`, its fingerprint, was there."""
        if text in self._texts:
            return
        if text is not None:
            self._texts.add(text)
        met: set[tuple[str, _Key]] = set()
        for person in people:
            if not person.given or (place := (_surname(person), _key(person))) in met:
                continue
            met.add(place)
            self._families.pop(place[0], None)
            record = self._records.setdefault(place[0], {}).setdefault(place[1], _Record())
            record.articles += 1
            record.spellings[person.name] += 1
            record.offices.update(_in_full(person.titles | person.roles))
            record.genders.update([person.gender] if person.gender else [])

    def complete(self, person: Named, article: Sequence[Named]) -> Completion | None:
        """Who somebody is whom an article, whose people are given, knows by a surname alone; None if unsure.

        A name that is spelled out gets the spelling that most articles have, None if that is its own.
        """
        return self.complete_all([person], article)[0]

    def complete_all(self, asked: Iterable[Named], article: Iterable[Named]) -> list[Completion | None]:
        """Complete several people of one article, which is looked through once for all of them."""
        spelled: defaultdict[str, set[_Key]] = defaultdict(set)
        for other in article:
            if other.given:
                spelled[_surname(other)].add(_key(other))
        apart = {surname: frozenset(keys) for surname, keys in spelled.items()}
        return [self._complete(person, apart) for person in asked]

    def _complete(self, person: Named, apart: Mapping[str, frozenset[_Key]]) -> Completion | None:
        if person.speaker_id or (surname := _surname(person)) not in self._records:
            return None
        if surname not in self._families:
            self._families[surname] = _Family(self._records[surname])
        family = self._families[surname]
        return family.respell(person) if person.given else family.complete(person, apart.get(surname, frozenset()))


class _Family:
    """All who bear a surname, once all articles are added: ranked once, and no question is answered twice.

    In a large corpus thousands bear one name and thousands of articles leave it bare; each question is to cost no more
    than looking up the few who could be one person.
    """

    def __init__(self, records: Mapping[_Key, _Record]) -> None:
        self._bearers = [
            _Bearer(key, record.name, record.articles, record.gender, frozenset(record.offices))
            for key, record in sorted(records.items(), key=_rank)
        ]
        self._allowed: dict[tuple[str | None, frozenset[str]], _Ranking] = {}
        self._chosen: dict[tuple[str | None, frozenset[str], frozenset[_Key]], Completion | None] = {}
        self._namesakes: defaultdict[tuple[str, str], list[_Bearer]] = defaultdict(list)
        for bearer in self._bearers:
            self._namesakes[bearer.key.first, bearer.key.suffix].append(bearer)
        self._is_one: dict[tuple[str, str], bool] = {}

    def complete(self, person: Named, apart: frozenset[_Key]) -> Completion | None:
        """Whom the bare surname means: somebody whom gender and office allow, and nobody of those told `apart`."""
        told = person.gender, frozenset(_in_full(person.titles))
        if told not in self._allowed:
            self._allowed[told] = _Ranking([bearer for bearer in self._bearers if _may_be(*told, bearer)])
        question = (*told, apart)
        if question not in self._chosen:
            self._chosen[question] = _choose(self._allowed[told], apart)
        return self._chosen[question]

    def respell(self, person: Named) -> Completion | None:
        """The spelling that most articles have of a name: Zelensky for Zelenskyy, James Comey for James B. Comey.

        Not the other way: which of those with initials a George Bush is, no count of articles tells.
        """
        own = _key(person)
        first = own.first, own.suffix
        same = self._namesakes.get(first, [])
        if first not in self._is_one:
            self._is_one[first] = all(_is_same(a.key, b.key) for a in same for b in same)
        if not self._is_one[first]:
            return None
        fit = [bearer for bearer in same if bearer.key.initials in ("", own.initials)]
        known = (bearer for bearer in fit if bearer.key.speaker_id and bearer.key.initials == own.initials)
        found = next(known, fit[0] if fit else None)
        if found is None or found.name == person.name:
            return None
        return Completion(
            name=found.name, speaker_id=found.key.speaker_id, articles=found.articles, others=(), respelled=True
        )


class _Ranking:
    """Bearers of a surname, most articles first, and an index of who of them could be the same person as somebody."""

    def __init__(self, bearers: Sequence[_Bearer]) -> None:
        self.bearers = bearers
        self._index = _Index([bearer.key for bearer in bearers])

    def same_person(self, apart: _Index) -> list[int]:
        """Places of those who can all be one person with the first who is not apart, the first included."""
        first = next((place for place, bearer in enumerate(self.bearers) if not apart.has(bearer.key)), None)
        same: list[int] = []
        for place in self._index.find(self.bearers[first].key) if first is not None else ():
            key = self.bearers[place].key
            if not apart.has(key) and all(_is_same(key, self.bearers[other].key) for other in same):
                same.append(place)
        return same


class _Index:
    """Names of one surname by what makes two of them one person's: finds what `_is_same` would, without comparing all.

    >>> jim, jim_b, jim_c = (_Key("jim", frozenset(["jim"]), initials, "", None) for initials in ("", "b", "c"))
    >>> index = _Index([jim, jim_b])
    >>> index.find(jim), index.find(jim_c), index.has(jim_c)
    ([0, 1], [0], True)
    """

    def __init__(self, keys: Iterable[_Key]) -> None:
        self._places: defaultdict[tuple[str | bool, ...], list[int]] = defaultdict(list)
        for place, key in enumerate(keys):
            for entry in self._entries(key):
                self._places[entry].append(place)

    def find(self, key: _Key) -> list[int]:
        """Places of the names that are the same as one, in order."""
        return sorted({place for question in self._questions(key) for place in self._places.get(question, ())})

    def has(self, key: _Key) -> bool:
        """Whether any name is the same as one."""
        return any(question in self._places for question in self._questions(key))

    @staticmethod
    def _entries(key: _Key) -> Iterator[tuple[str | bool, ...]]:
        """Under what a name is filed: who it is known to be, and each given name with suffix and initials."""
        if key.speaker_id:
            yield (key.speaker_id,)
        for word in key.given:
            for initials in {key.initials, ANY}:
                yield word, key.suffix, initials, bool(key.speaker_id)

    @staticmethod
    def _questions(key: _Key) -> Iterator[tuple[str | bool, ...]]:
        """Where to look for it: of two who are both known only that counts, and no initials go with all initials."""
        if key.speaker_id:
            yield (key.speaker_id,)
        for word in key.given:
            for initials in {key.initials, ""} if key.initials else {ANY}:
                for known in {False, not key.speaker_id}:
                    yield word, key.suffix, initials, known


def _choose(ranking: _Ranking, apart: frozenset[_Key]) -> Completion | None:
    """The bearer of a surname who leads by far, of those whom the article does not tell apart."""
    told_apart = _Index(apart)
    same = ranking.same_person(told_apart)
    if not same:
        return None
    bearers, left = [ranking.bearers[place] for place in same], {*same}
    rest = (each for place, each in enumerate(ranking.bearers) if place not in left and not told_apart.has(each.key))
    others = tuple((other.name, other.articles) for other in itertools.islice(rest, 3))
    articles = sum(bearer.articles for bearer in bearers)
    if articles < max(ARTICLES, LEAD * max((number for _, number in others), default=0)):
        return None
    known = next((bearer for bearer in bearers if bearer.key.speaker_id), bearers[0])
    return Completion(name=known.name, speaker_id=known.key.speaker_id, articles=articles, others=others)


def complete_rows(
    rows: Sequence[dict[str, Any]], people: Sequence[Named], spoken_by: Sequence[int | None], names: Names
) -> list[dict[str, Any]]:
    """One document's rows, bare surnames completed; `spoken_by` says for each row whom of `people` it quotes."""
    quoted = sorted({place for place in spoken_by if place is not None})
    found = dict(zip(quoted, names.complete_all([people[place] for place in quoted], people), strict=True))
    return [
        _with_name(row, found[place]) if place is not None and row["speaker"] else row
        for row, place in zip(rows, spoken_by, strict=True)
    ]


def _with_name(row: dict[str, Any], completion: Completion | None) -> dict[str, Any]:
    if completion is None:
        return row
    named = row | {"speaker": completion.name, "speaker_id": completion.speaker_id}
    if completion.respelled:
        return named
    flags = " ".join(sorted({*row["flags"].split(), "completed"}))
    return named | {"confidence": round(row["confidence"] * completion.certainty, 4), "flags": flags}


def _rank(bearer: tuple[_Key, _Record]) -> tuple[int, str, str, str, str]:
    """Most articles first, then by name, whatever the order of the articles."""
    key, record = bearer
    return -record.articles, key.first, key.initials, key.suffix, key.speaker_id or ""


def _may_be(gender: str | None, offices: frozenset[str], bearer: _Bearer) -> bool:
    """Whether gender and office allow it: President Obama is somebody whom other articles call so, not Michelle."""
    if gender and bearer.gender and gender != bearer.gender:
        return False
    return not offices or not offices.isdisjoint(bearer.offices)


def _in_full(titles: Iterable[str]) -> set[str]:
    """Offices and professions, spelled out; Mr and Mrs are none."""
    return {ABBREVIATED.get(title, title) for title in titles} - COURTESY


def _is_same(a: _Key, b: _Key) -> bool:
    """Whether two names of one surname are one person's: the first name or a short form of it, no other initials."""
    if a.speaker_id and b.speaker_id:
        return a.speaker_id == b.speaker_id
    initials = not (a.initials and b.initials) or a.initials == b.initials
    return initials and a.suffix == b.suffix and bool(a.given & b.given)


def _key(person: Named) -> _Key:
    words = bare(person.words)
    return _Key(
        first=_spelling(fold(words[0])),
        given=frozenset(map(_spelling, person.given)),
        initials="".join(fold(w)[:1] for w in words[1:-1] if len(fold(w)) == 1),
        suffix=suffix(person.words),
        speaker_id=person.speaker_id,
    )


def _surname(person: Named) -> str:
    return _spelling(fold(bare(person.words)[-1]))


def _spelling(word: str) -> str:
    """One spelling for the endings that Slavic names are transliterated with.

    >>> [_spelling(word) for word in ("zelenskyy", "zelenskiy", "zelensky", "sergei", "dmitri")]
    ['zelensky', 'zelensky', 'zelensky', 'sergey', 'dmitry']
    """
    ending = next((each for each in ENDINGS if word.endswith(each) and len(word) > len(each) + 2), "")
    return word.removesuffix(ending) + ENDINGS.get(ending, "")
