"""Names across documents: a surname that one article leaves bare is completed from the articles that spell it out.

An article that says only "Mr. Obama" relies on a reader who has read others. What the other articles of a corpus call
people is gathered in `Names`, one small record for each name however many articles there are. A bare surname is
completed only where the corpus leaves no doubt: the name is spelled out in several articles, far more than that of
anybody else of that surname; gender and office do not contradict; and it is nobody whom the article itself keeps apart
by spelling the name out. Otherwise it stays as it is: no full name is better than a wrong one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from research.identity import Named
from research.names import COURTESY, bare, suffix
from research.registry import fold

ARTICLES = 2  # in how many a name must be spelled out to complete another article's surname
LEAD = 10  # and how many times as many as the next of that surname
CERTAINTY = 0.97  # of completed names, so many are right: python -m research.training.completion
ABBREVIATIONS = {
    "adm": "admiral",
    "atty": "attorney",
    "capt": "captain",
    "col": "colonel",
    "gen": "general",
    "gov": "governor",
    "lt": "lieutenant",
    "pres": "president",
    "prof": "professor",
    "rep": "representative",
    "rev": "reverend",
    "sen": "senator",
    "sgt": "sergeant",
}
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
            record = self._records.setdefault(place[0], {}).setdefault(place[1], _Record())
            record.articles += 1
            record.spellings[person.name] += 1
            record.offices.update(_in_full(person.titles | person.roles))
            record.genders.update([person.gender] if person.gender else [])

    def complete(self, person: Named, article: Sequence[Named]) -> Completion | None:
        """Who somebody is whom an article, whose people are given, knows by a surname alone; None if unsure.

        A name that is spelled out gets the spelling that most articles have, None if that is its own.
        """
        if person.speaker_id:
            return None
        if person.given:
            return _respell(person, self._records.get(_surname(person), {}))
        apart = [_key(other) for other in article if other.given and _surname(other) == _surname(person)]
        bearers = {
            key: record
            for key, record in self._records.get(_surname(person), {}).items()
            if not any(_is_same(key, other) for other in apart) and _may_be(person, record)
        }
        return _choose(bearers)


def _choose(bearers: Mapping[_Key, _Record]) -> Completion | None:
    """The bearer of a surname who leads by far."""
    ranked = sorted(bearers.items(), key=_rank)
    same: list[tuple[_Key, _Record]] = []
    others: list[tuple[str, int]] = []
    for key, record in ranked:
        if all(_is_same(key, other) for other, _ in same):
            same.append((key, record))
        else:
            others.append((record.name, record.articles))
    articles = sum(record.articles for _, record in same)
    if articles < max(ARTICLES, LEAD * max((n for _, n in others), default=0)):
        return None
    known = next(((key, record) for key, record in same if key.speaker_id), same[0])
    return Completion(name=known[1].name, speaker_id=known[0].speaker_id, articles=articles, others=tuple(others[:3]))


def _respell(person: Named, bearers: Mapping[_Key, _Record]) -> Completion | None:
    """The spelling that most articles have of a name: Zelensky for Zelenskyy, James Comey for James B. Comey.

    Not the other way: which of those with initials a George Bush is, no count of articles tells.
    """
    own = _key(person)
    same = [
        (key, record)
        for key, record in sorted(bearers.items(), key=_rank)
        if (key.first, key.suffix) == (own.first, own.suffix)
    ]
    fit = [(key, record) for key, record in same if key.initials in ("", own.initials)]
    if not fit or not all(_is_same(a, b) for a, _ in same for b, _ in same):
        return None
    key, record = next(((k, r) for k, r in fit if k.speaker_id and k.initials == own.initials), fit[0])
    if record.name == person.name:
        return None
    return Completion(name=record.name, speaker_id=key.speaker_id, articles=record.articles, others=(), respelled=True)


def complete_rows(
    rows: Sequence[dict[str, Any]], people: Sequence[Named], spoken_by: Sequence[int | None], names: Names
) -> list[dict[str, Any]]:
    """One document's rows, bare surnames completed; `spoken_by` says for each row whom of `people` it quotes."""
    found = {place: names.complete(people[place], people) for place in {*spoken_by} if place is not None}
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


def _may_be(person: Named, record: _Record) -> bool:
    """Whether gender and office allow it: President Obama is somebody whom other articles call so, not Michelle."""
    if person.gender and record.gender and person.gender != record.gender:
        return False
    offices = _in_full(person.titles)
    return not offices or any(office in record.offices for office in offices)


def _in_full(titles: Iterable[str]) -> set[str]:
    """Offices and professions, spelled out; Mr and Mrs are none."""
    return {ABBREVIATIONS.get(title, title) for title in titles} - COURTESY


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
