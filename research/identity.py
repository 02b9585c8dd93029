"""A mention → a person: name clusters, pronouns, role nouns and public figures, within one document.

Names are clustered first (Volodymyr Zelensky, Mr Zelensky, Zelensky), then everything that stands for a name (he, the
former officer, the Russian president) is resolved to a cluster or to a known office holder. Who stays unclear stays
unknown: `Identity.name` is None.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from research.attribution import Reading
from research.documents import Document, Span
from research.mentions import LABEL, NAME, ORGANISATION, PLACE, PRONOUN, ROLE
from research.registry import PACKAGE, Registry, fold
from research.segmentation import PARAGRAPH_TOKEN

MALE, FEMALE = "male", "female"
HE = frozenset(("he", "him", "himself", "his"))
SHE = frozenset(("she", "her", "herself", "hers"))
I_WORDS = frozenset(("i", "me", "myself"))
GROUP_PRONOUNS = frozenset(("they", "them", "we", "us", "you", "themselves", "others", "many", "some", "those"))
RELATIVE = frozenset(("who", "which", "that", "whom"))
PARTICLES = frozenset(("de", "da", "di", "del", "della", "der", "den", "van", "von", "bin", "al", "el", "la", "le", "du", "dos",
                       "st.", "ben", "ibn", "abu", "ter", "ten"))
SINGULAR_ARTICLES = frozenset(("a", "an", "one", "another"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a mention stands for.

    kind is person, unnamed person, organisation, group or document (None: cannot be told); name is the canonical name
    of a person or organisation; reason says which way it was resolved.
    """

    name: str | None
    speaker_id: str | None
    kind: str | None
    certainty: float
    reason: str


UNKNOWN = Identity(name=None, speaker_id=None, kind=None, certainty=0.0, reason="unresolved")


@dataclass(slots=True, kw_only=True)
class _Person:
    """A cluster of names while a document is being read; never leaves this module."""

    names: list[tuple[str, ...]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    gender: str | None = None
    speaker_id: str | None = None
    known_name: str | None = None

    @property
    def last(self) -> str:
        return fold(self.names[0][-1])

    @property
    def name(self) -> str:
        if self.known_name:
            return self.known_name
        full = [n for n in self.names if len(n) > 1] or self.names
        best = max(full, key=lambda n: (full.count(n), len(n)))
        return " ".join(best)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The word lists that resolution reads, from research/gazetteer."""

    first_names: Mapping[str, str]
    nicknames: Mapping[str, frozenset[str]]
    titles: Mapping[str, str]
    roles: Mapping[str, str]
    groups: frozenset[str]
    things: Mapping[str, str]
    countries: Mapping[str, str]


@functools.cache
def _lists() -> _Lists:
    folder = PACKAGE / "gazetteer"
    nicknames: dict[str, set[str]] = {}
    for row in _rows(folder / "nicknames.tsv"):
        for formal in row[1].split(","):
            nicknames.setdefault(fold(row[0]), set()).add(fold(formal))
    countries = {}
    for row in _rows(folder / "countries.tsv"):
        for words in (row[0], *row[1].split(";"), *(row[2].split(";") if len(row) > 2 else ())):
            countries[words.strip().lower()] = row[0]
    return _Lists(
        first_names={fold(r[0]): r[1] for r in _rows(folder / "first_names.tsv")},
        nicknames={k: frozenset(v) for k, v in nicknames.items()},
        titles={r[0].lower().rstrip("."): r[1] for r in _rows(folder / "titles.tsv")},
        roles={r[0].lower(): r[2] if len(r) > 2 else "both" for r in _rows(folder / "roles.tsv")},
        groups=frozenset(r[0].lower() for r in _rows(folder / "groups.tsv")),
        things={r[0].lower(): r[1] for r in _rows(folder / "things.tsv")}, countries=countries,
    )


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text("utf8").splitlines() if path.exists() else []
    return [line.split("\t") for line in lines if line and not line.startswith("#") and "\t" in line or line and path.stem == "groups"]


def resolve(document: Document, reading: Reading, registry: Registry) -> list[Identity | None]:
    """Who says each quote of a document; None where the quote has no mention."""
    resolver = _Resolver(document, reading, registry)
    return [None if d.mention is None else resolver.identity(quote, d.mention) for quote, d in enumerate(reading.decisions)]


class _Resolver:
    """One document's people, built once, asked for each quote in order."""

    def __init__(self, document: Document, reading: Reading, registry: Registry):
        self.document, self.reading, self.registry = document, reading, registry
        self.words, self.lists = reading.tokens.words, _lists()
        self.people: list[_Person] = []
        self.person_of: dict[int, _Person] = {}
        self.said: dict[int, _Person] = {}
        self._cluster()
        self._identify()
        self._link_appositions()
        self.places = sorted((place, person) for person in self.people for place in person.places)if False else sorted(
            ((place, i) for i, person in enumerate(self.people) for place in person.places))

    # ---- names ------------------------------------------------------------------------------------------------------

    def _cluster(self) -> None:
        """Full names make clusters; then surnames and first names join them, or stand alone."""
        named = [(i, *self._name_parts(i)) for i in range(len(self.reading.mentions))
                 if self.reading.mentions.form[i] in (NAME, LABEL)]
        named = [(i, name, titles) for i, name, titles in named if name]
        for i, name, titles in named:
            if len(name) > 1:
                self._join(i, name, titles, self._full_match(name))
        for i, name, titles in named:
            if len(name) == 1:
                self._join(i, name, titles, self._single_match(i, name[0], titles))

    def _join(self, mention: int, name: tuple[str, ...], titles: set[str], person: _Person | None) -> None:
        if person is None:
            person = _Person()
            self.people.append(person)
        person.names.append(name)
        person.places.append(int(self.reading.mentions.head[mention]))
        person.titles |= titles
        self.person_of[mention] = person

    def _name_parts(self, mention: int) -> tuple[tuple[str, ...], set[str]]:
        """A mention's name without titles, and the titles and role words before it."""
        m, text = self.reading.mentions, self.document.text
        if m.form[mention] == LABEL:
            words = text[slice(*m.spans[mention])].split()
            return tuple(w.title() if w.isupper() else w for w in words if w.rstrip(".").lower() not in self.lists.titles), set()
        first, last = int(m.first[mention]), int(m.head[mention])
        start = last
        while start > first and self._is_name_word(start - 1):
            start -= 1
        words = self.words[start:last + 1]
        titles = {w.rstrip(".").lower() for w in self.words[first:start]}
        while words and (words[0].rstrip(".").lower() in self.lists.titles or words[0].lower() in self.lists.roles):
            titles.add(words[0].rstrip(".").lower())
            words = words[1:]
        if len(words) > 1 and fold(words[-1]) == "":
            words = words[:-1]
        while words and words[0].lower() in PARTICLES and len(words) == 1:
            words = []
        return tuple(words), titles

    def _is_name_word(self, place: int) -> bool:
        word, tags = self.words[place], self.reading.tags
        names = self.tag_names
        if word[0].isupper() or word.lower() in PARTICLES:
            entity = names["entity"][int(tags.entity[place])]
            return entity.endswith("PERSON") or (entity == "O" and names["pos"][int(tags.pos[place])].startswith("NNP"))
        return False

    @functools.cached_property
    def tag_names(self) -> Mapping[str, Sequence[str]]:
        from research.attribution import load_models

        return load_models().tagger.names

    def _full_match(self, name: tuple[str, ...]) -> _Person | None:
        for person in self.people:
            if any(len(other) > 1 and self._compatible(name, other) for other in person.names):
                return person
        return None

    def _compatible(self, a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        """Whether two full names can be one person's: same last name; first names equal, initial, or nickname."""
        if fold(a[-1]) != fold(b[-1]) or _suffix(a) != _suffix(b):
            return False
        x, y = fold(a[0]), fold(b[0])
        if x == y or (len(min(x, y, key=len)) == 1 and x[:1] == y[:1]):
            return True
        return bool(self._formal(x) & self._formal(y))

    def _formal(self, first: str) -> frozenset[str]:
        return self.lists.nicknames.get(first, frozenset()) | {first}

    def _single_match(self, mention: int, name: str, titles: set[str]) -> _Person | None:
        """The cluster a bare name belongs to: by surname, else by first name; the latest before it, else the first after."""
        folded, place = fold(name), int(self.reading.mentions.head[mention])
        gender = self._title_gender(titles)
        for part in (-1, 0):
            found = [p for p in self.people if any(fold(n[part]) == folded for n in p.names)
                     and not (gender and self._gender(p) and self._gender(p) != gender)]
            if found:
                before = [p for p in found if min(p.places) <= place]
                return max(before, key=lambda p: max(x for x in p.places if x <= place)) if before else found[0]
        return None

    def _title_gender(self, titles: Iterable[str]) -> str | None:
        genders = {self.lists.titles.get(t) for t in titles} | {self.lists.roles.get(t) for t in titles}
        return MALE if MALE in genders else FEMALE if FEMALE in genders else None

    def _gender(self, person: _Person) -> str | None:
        if person.gender is None:
            person.gender = self._title_gender(person.titles) or self._known_gender(person) or ""
        return person.gender or None

    def _known_gender(self, person: _Person) -> str | None:
        if person.speaker_id:
            return self.registry.speakers[person.speaker_id].gender
        first = next((self.lists.first_names.get(fold(n[0])) for n in person.names if len(n) > 1), None)
        return first if first in (MALE, FEMALE) else None

    # ---- public figures ---------------------------------------------------------------------------------------------

    def _identify(self) -> None:
        """Give clusters the registry's identity; clusters that turn out to be one person become one."""
        known: dict[str, _Person] = {}
        for person in list(self.people):
            speaker = next((s for n in person.names if (s := self.registry.named(" ".join(n)))), None)
            if speaker is None and all(len(n) == 1 for n in person.names):
                speaker = self.registry.of_surname(person.names[0][-1], self.document.date)
            if speaker is None:
                continue
            person.speaker_id, person.known_name = speaker.speaker_id, speaker.name
            if speaker.speaker_id in known:
                self._absorb(known[speaker.speaker_id], person)
            else:
                known[speaker.speaker_id] = person

    def _absorb(self, kept: _Person, gone: _Person) -> None:
        kept.names += gone.names
        kept.places += gone.places
        kept.titles |= gone.titles
        self.people = [p for p in self.people if p is not gone]
        self.person_of = {m: kept if p is gone else p for m, p in self.person_of.items()}

    # ---- role nouns -------------------------------------------------------------------------------------------------

    def _link_appositions(self) -> None:
        """"Igor Girkin, a former officer" and "the mayor, Ann Lee": the role is the person's, here and later."""
        m = self.reading.mentions
        for i in range(len(m) - 1):
            gap = self.words[int(m.last[i]) + 1:int(m.first[i + 1])]
            if len(gap) > 1 or (gap and gap[0] not in (",", "(", "—", "–", "-")):
                continue
            name, role = (i, i + 1) if i in self.person_of else (i + 1, i)
            if name in self.person_of and role not in self.person_of and m.form[role] == ROLE and gap:
                head = self.words[int(m.head[role])].lower()
                if head in self.lists.roles:
                    self.person_of[name].titles |= {w.lower() for w in self.words[int(m.first[role]):int(m.head[role]) + 1]}
                    self.person_of[role] = self.person_of[name]

    def identity(self, quote: int, mention: int) -> Identity:
        """Who `mention` is, asked for `quote`."""
        form = int(self.reading.mentions.form[mention])
        found = self._person_identity(quote, mention, form)
        if found is not None:
            person, reason, certainty = found
            self.said[quote] = person
            return Identity(name=person.name, speaker_id=person.speaker_id, kind="person", certainty=certainty, reason=reason)
        return self._other_identity(mention, form)

    def _person_identity(self, quote: int, mention: int, form: int) -> tuple[_Person, str, float] | None:
        person = self.person_of.get(mention)
        if person is not None:
            return person, "name" if form in (NAME, LABEL) else "apposition", 0.97
        word = self.words[int(self.reading.mentions.head[mention])].lower()
        if form == PRONOUN and word in I_WORDS:
            return self._author()
        if form == PRONOUN and word in HE | SHE:
            person = self._antecedent(quote, mention, MALE if word in HE else FEMALE)
            return None if person is None else (person, "pronoun", 0.85)
        if form == PRONOUN and word in RELATIVE:
            person = self._before(mention)
            return None if person is None else (person, "relative pronoun", 0.9)
        if form in (ROLE, NAME, ORGANISATION, PLACE):
            return self._role_holder(quote, mention)
        return None

    def _author(self) -> tuple[_Person, str, float] | None:
        if not self.document.author:
            return None
        words = tuple(w for w in self.document.author.removeprefix("By ").split() if w)
        person = next((p for p in self.people if self._compatible(words, max(p.names, key=len))), None) if words else None
        if person is None and words:
            speaker = self.registry.named(" ".join(words))
            person = _Person(names=[words], speaker_id=speaker.speaker_id if speaker else None,
                             known_name=speaker.name if speaker else None)
        return (person, "author", 0.9) if person else None

    def _before(self, mention: int) -> _Person | None:
        """The person named just before a relative pronoun."""
        place = int(self.reading.mentions.first[mention])
        near = [i for i in range(max(0, mention - 3), mention) if place - int(self.reading.mentions.last[i]) <= 3]
        return next((self.person_of[i] for i in reversed(near) if i in self.person_of), None)

    def _role_holder(self, quote: int, mention: int) -> tuple[_Person, str, float] | None:
        m = self.reading.mentions
        first, head = int(m.first[mention]), int(m.head[mention])
        words = [w.lower() for w in self.words[first:head + 1]]
        noun = words[-1]
        if noun not in self.lists.roles or words[0] in SINGULAR_ARTICLES:
            return None
        holder = self._office_holder(words, head)
        if holder is not None:
            return holder, "office", 0.95
        person = self._titled(words, int(m.first[mention]))
        if person is not None:
            return person, "role", 0.85
        if words[0] in ("the", "this", "that") and len(words) <= 4:
            person = self._antecedent(quote, mention, self.lists.roles.get(noun))
            return None if person is None else (person, "topic", 0.6)
        return None

    def _office_holder(self, words: Sequence[str], head: int) -> _Person | None:
        """Who holds the office a phrase names ("the Russian president", "president of France") on the article's date."""
        if self.document.date is None:
            return None
        titles = [" ".join(words[-n:]) for n in (2, 1) if len(words) >= n]
        following = self.words[head + 1:head + 5]
        places = [w for w in words[:-1]] + [" ".join(words[i:i + 2]) for i in range(len(words) - 2)]
        if following[:1] == ["of"]:
            places += [w.lower() for w in following[1:3]] + [" ".join(following[1:3]).lower()]
        before = head - len(words)
        if self.words[before + 1:before + 2] and before >= 0 and self.words[before] in ("’s", "'s") and before:
            places.append(self.words[before - 1].lower())
        for title in titles:
            for place in places:
                of = self.lists.countries.get(place, place)
                speaker = self.registry.holder(title, of, self.document.date) or self.registry.holder(title, place, self.document.date)
                if speaker is not None:
                    return self._known(speaker.speaker_id)
        return None

    def _known(self, speaker_id: str) -> _Person:
        person = next((p for p in self.people if p.speaker_id == speaker_id), None)
        if person is None:
            speaker = self.registry.speakers[speaker_id]
            person = _Person(names=[tuple(speaker.name.split())], speaker_id=speaker_id, known_name=speaker.name)
            self.people.append(person)
        return person

    def _titled(self, words: Sequence[str], place: int) -> _Person | None:
        """The person who was given this role in the text, or holds it; the latest mentioned before, if several."""
        noun, modifiers = words[-1], set(words[:-1]) - {"the", "this", "that", "former", "then"}
        found = [p for p in self.people if noun in p.titles or noun in self._offices(p)]
        closer = [p for p in found if modifiers & p.titles]
        found = closer or found
        if not found:
            return None
        return max(found, key=lambda p: max([x for x in p.places if x < place], default=-1))

    def _offices(self, person: _Person) -> set[str]:
        if person.speaker_id is None or self.document.date is None:
            return set()
        roles = self.registry.speakers[person.speaker_id].roles
        return {r.title.split()[-1].lower() for r in roles if r.held_on(self.document.date)}

    # ---- pronouns ---------------------------------------------------------------------------------------------------

    def _antecedent(self, quote: int, mention: int, gender: str | None) -> _Person | None:
        """The best person before a pronoun or a bare role: near, subject of its sentence, lately speaking, of that gender."""
        place = int(self.reading.mentions.first[mention])
        paragraph = self.reading.tokens.paragraphs
        best, best_score = None, -math.inf
        for person in self.people:
            own = self._gender(person)
            if own and gender in (MALE, FEMALE) and own != gender:
                continue
            before = [x for x in person.places if x < place]
            if not before:
                continue
            score = self._salience(quote, person, before, place, paragraph) + (0.5 if own == gender else 0)
            if score > best_score:
                best, best_score = person, score
        return best

    def _salience(self, quote: int, person: _Person, before: Sequence[int], place: int, paragraph: Sequence[int]) -> float:
        last = max(before)
        apart = paragraph[place] - paragraph[last]
        between = sum(1 for p, _ in self.places if last < p < place)
        subject = max((float(self.reading.tags.probability["subject"][x]) for x in before if paragraph[x] == paragraph[last]),
                      default=0.0)
        score = -0.8 * min(apart, 5) - 0.25 * min(between, 8) + 1.2 * subject + 0.25 * math.log1p(len(before))
        for back in (1, 2):
            if self.said.get(quote - back) is person:
                score += 1.6 / back
        return score

    # ---- everybody else ---------------------------------------------------------------------------------------------

    def _other_identity(self, mention: int, form: int) -> Identity:
        m = self.reading.mentions
        first, head = int(m.first[mention]), int(m.head[mention])
        phrase = self.document.text[slice(*m.spans[mention])]
        noun = self.words[head].lower()
        kind = self._kind(form, noun, self.words[first].lower(), head)
        if kind == "organisation" and form in (ORGANISATION, NAME):
            words = phrase.split()
            name = " ".join(words[1:] if words[0].lower() in ("the", "a", "an") and len(words) > 1 and False else words)
            return Identity(name=name, speaker_id=None, kind=kind, certainty=0.8, reason="organisation")
        return Identity(name=None, speaker_id=None, kind=kind, certainty=0.0, reason="unnamed" if kind else "unresolved")

    def _kind(self, form: int, noun: str, opener: str, head: int) -> str | None:
        if form == PRONOUN:
            return "group" if noun in GROUP_PRONOUNS else None
        if noun in self.lists.groups:
            return "group"
        if noun in self.lists.things:
            return self.lists.things[noun]
        if noun in self.lists.roles:
            return "unnamed person"
        if form in (ORGANISATION, PLACE) or form == NAME:
            return "organisation"
        plural = self.tag_names["pos"][int(self.reading.tags.pos[head])] in ("NNS", "NNPS")
        return "group" if plural else "unnamed person"


def _suffix(name: Sequence[str]) -> str:
    last = name[-1].rstrip(".").lower()
    return last if last in ("jr", "sr", "ii", "iii", "iv") else ""
