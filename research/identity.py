"""A mention → a person: name clusters, pronouns, role nouns and public figures, within one document.

Names are clustered first (Volodymyr Zelensky, Mr Zelensky, Zelensky), then everything that stands for a name (he, the
former officer, the Russian president) is resolved to a cluster or to a known office holder. Who stays unclear stays
unknown: `Identity.name` is None.
"""

from __future__ import annotations

import functools
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from research.attribution import Reading, load_models
from research.documents import Document
from research.mentions import LABEL, NAME, ORGANISATION, PLACE, PRONOUN, ROLE, Mentions
from research.registry import PACKAGE, Registry, Speaker, fold, repaired
from research.segmentation import PARAGRAPH_TOKEN

MALE, FEMALE = "male", "female"
HE = frozenset(("he", "him", "himself", "his"))
SHE = frozenset(("she", "her", "herself", "hers"))
I_WORDS = frozenset(("i", "me", "myself"))
GROUP_PRONOUNS = frozenset(("they", "them", "we", "us", "you", "themselves", "others", "many", "some", "those"))
RELATIVE = frozenset(("who", "which", "that", "whom"))
PARTICLES = frozenset(
    (
        "de",
        "da",
        "di",
        "del",
        "della",
        "der",
        "den",
        "van",
        "von",
        "bin",
        "al",
        "el",
        "la",
        "le",
        "du",
        "dos",
        "st.",
        "ben",
        "ibn",
        "abu",
        "ter",
        "ten",
    )
)
ALWAYS_TITLES = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "dame",
        "lord",
        "lady",
        "dr",
        "prof",
        "professor",
        "president",
        "senator",
        "governor",
        "mayor",
        "representative",
        "congressman",
        "congresswoman",
        "secretary",
    )
)
RECENT = 8  # people that a pronoun may stand for: those met last
CALENDAR = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August "
    "September October November December".split()
)
BYLINE = re.compile(
    r"^(?:By|Words by|Text by|Story by|Report by|Interview by) "
    r"(?P<name>[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3})$",
    re.MULTILINE,
)
ANTECEDENT_COLUMNS = (
    "rank",
    "paragraphs_apart",
    "log_gap",
    "subject",
    "gender",
    "log_count",
    "speaking",
    "speaking_near",
    "opens_sentence",
    "full_name",
)
ANTECEDENT_WEIGHTS = (-0.027, -1.279, -0.25, 0.813, 0.447, -0.039, -0.235, 0.392, 0.316, 0.25)
SPEECH_NOUNS = frozenset(
    "answer reply response order remark remarks comment comments statement words claim account message "
    "tweet post letter speech verdict warning promise complaint question description".split()
)
APPOSITION_TAILS = frozenset("of for at in from who whose with and on to with".split())
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What one article calls one person, for `research.completion`.

    name is the canonical name; words the name without titles as the article spells it most often, a surname alone where
    it never spells it out; given the first name, folded, and what it is short for, nothing where the article has none;
    titles and roles the words beside the name that are one, in lower case; gender what all that tells.
    """

    name: str
    words: tuple[str, ...]
    given: frozenset[str] = frozenset()
    speaker_id: str | None = None
    gender: str | None = None
    titles: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


UNKNOWN = Identity(name=None, speaker_id=None, kind=None, certainty=0.0, reason="unresolved")


@dataclass(slots=True, kw_only=True, eq=False)
class _Person:
    """A cluster of names while a document is being read; never leaves this module."""

    names: list[tuple[str, ...]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    gender: str | None = None
    speaker_id: str | None = None
    known_name: str | None = None
    seen: list[tuple[int, float]] = field(default_factory=list)

    @property
    def name(self) -> str:
        if self.known_name:
            return self.known_name
        full = Counter(n for n in self.names if len(n) > 1) or Counter(self.names)
        best = max(full, key=lambda n: (full[n], len(n)))
        formal = _lists().nicknames.get(fold(best[0]), frozenset())
        return repaired(" ".join(next((n for n in full if fold(n[0]) in formal), best)).replace("\u00ad", ""))


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
        things={r[0].lower(): r[1] for r in _rows(folder / "things.tsv")},
        countries=countries,
    )


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text("utf8").splitlines() if path.exists() else []
    return [
        line.split("\t")
        for line in lines
        if (line and not line.startswith("#") and "\t" in line) or (line and path.stem == "groups")
    ]


def resolve(document: Document, reading: Reading, registry: Registry) -> list[Identity | None]:
    """Who says each quote of a document; None where the quote has no mention."""
    resolver = Resolver(document, reading, registry)
    return [None if d.mention is None else resolver.identity(d.mention) for d in reading.decisions]


@dataclass(frozen=True, slots=True)
class _Link:
    """Which person a mention was taken for, how, and how often that way is right."""

    person: _Person
    reason: str
    certainty: float


class Resolver:
    """One document's people: names are clustered first, then the text is read once for what stands for a name."""

    def __init__(self, document: Document, reading: Reading, registry: Registry):
        self.document, self.reading, self.registry = document, reading, registry
        self.words, self.lists = reading.tokens.words, _lists()
        self.names = load_models().tagger.names
        self.people: list[_Person] = []
        self.by_last: dict[str, list[_Person]] = {}
        self.by_first: dict[str, list[_Person]] = {}
        self.by_middle: dict[str, list[_Person]] = {}
        self.person_of: dict[int, _Person] = {}
        self.links: dict[int, _Link] = {}
        self._cluster()
        self._identify()
        self._link_appositions()
        self._read_through()
        self.name_of: dict[int, str] = {}

    # ---- names ------------------------------------------------------------------------------------------------------

    def _cluster(self) -> None:
        """Full names make clusters; then surnames and first names join them, or stand alone."""
        named = [
            (i, *self._name_parts(i))
            for i in range(len(self.reading.mentions))
            if self.reading.mentions.form[i] in (NAME, LABEL, PLACE)
        ]
        named = _with_shared_surnames(self.words, self.reading.mentions, [n for n in named if n[1]], self.lists)
        for i, name, titles in sorted(named, key=lambda n: -len(n[1])):
            if len(name) > 1:
                self._join(i, name, titles, self._full_match(name))
        for i, name, titles in named:
            if len(name) == 1:
                self._join(i, name, titles, self._single_match(i, name[0], titles))
        self._join_untagged()

    def _join_untagged(self) -> None:
        """Capitalised heads that the tagger took for something else but that are a named person's surname."""
        m = self.reading.mentions
        surnames = {fold(_bare(n)[-1]) for p in self.people for n in set(p.names) if len(n) > 1}
        for i in range(len(m)):
            word = self.words[int(m.head[i])]
            if (
                i not in self.person_of
                and m.form[i] not in (PRONOUN, LABEL)
                and word[0].isupper()
                and m.last[i] - m.first[i] < 3
            ):
                person = self._single_match(i, word, set()) if fold(word) in surnames else None
                if person is not None:
                    self._join(i, (word,), set(), person)

    def _join(self, mention: int, name: tuple[str, ...], titles: set[str], person: _Person | None) -> None:
        if person is None:
            person = _Person()
            self.people.append(person)
        if name not in person.names:
            _index(self.by_last, fold(_bare(name)[-1]), person)
            _index(self.by_first, fold(name[0]), person)
            for word in _bare(name)[1:-1]:
                _index(self.by_middle, fold(word), person)
        person.names.append(name)
        person.places.append(int(self.reading.mentions.head[mention]))
        person.titles |= titles
        self.person_of[mention] = person

    def _name_parts(self, mention: int) -> tuple[tuple[str, ...], set[str]]:
        """A mention's name without titles, and the titles and role words before it."""
        m, text = self.reading.mentions, self.document.text
        if m.form[mention] == LABEL:
            words = text[slice(*m.spans[mention])].split()
            return tuple(
                w.title() if w.isupper() else w for w in words if w.rstrip(".").lower() not in self.lists.titles
            ), set()
        first, head, last = int(m.first[mention]), int(m.head[mention]), int(m.last[mention])
        start = head
        while start > first and self._is_name_word(start - 1):
            start -= 1
        words = self.words[start : last + 1]
        if words[-1] in CALENDAR:
            return (), set()
        opening = self._name_opening(words, start)
        if start > first and self.words[start - 1] == "of":
            opening = next(
                (i for i, w in enumerate(words) if fold(w) in self.lists.first_names), min(1, len(words) - 1)
            )
        titles = {w.rstrip(".").lower() for w in self.words[first:start] + words[:opening]}
        words = self._before_nickname(start) + words[opening:] if not opening else words[opening:]
        if words and ((words[0].lower() in PARTICLES and len(words) == 1) or (not fold(words[-1]) and len(words) == 1)):
            words = []
        return (tuple(words), titles) if self._names_a_person(words, titles, head) else ((), set())

    def _names_a_person(self, words: Sequence[str], titles: set[str], head: int) -> bool:
        """Whether capitalised words name a person: tagged so, titled, or opened by a given name; never a country."""
        last = words[-1].lower() if words else ""
        if len(words) > 1 and len(fold(last)) == 1:
            return False
        if not words or (" ".join(words).lower() in self.lists.countries and fold(last) not in self.by_last):
            return False
        if last in self.lists.things or last in self.lists.groups or last in ("street", "house", "cross"):
            return False
        personal = any(t in self.lists.titles for t in titles)
        return self._is_person_word(head) or personal or (len(words) > 1 and fold(words[0]) in self.lists.first_names)

    def _before_nickname(self, start: int) -> list[str]:
        """The given names before a nickname in quotation marks: Robert C. “Bobby” Scott."""
        place = start - 1
        if place < 1 or self.reading.tokens.segments[place] < 0 or start - place != 1:
            return []
        segment = self.reading.scan.segments[self.reading.tokens.segments[place]]
        if segment.span.end - segment.span.start > 20:
            return []
        first = place
        while first > 0 and self._is_name_word(first - 1) and self.reading.tokens.segments[first - 1] < 0:
            first -= 1
        words = self.words[first:place]
        return words[self._name_opening([*words, "X"], first) :]

    def _name_opening(self, words: Sequence[str], start: int) -> int:
        """Where the name starts: after the last title or role word, or at a given name behind a place."""
        lists, opening = self.lists, 0
        for place, word in enumerate(words[:-1] if len(words) > 1 else words):
            bare = word.rstrip(".").lower()
            if bare == "of" or self._is_title(word, start + place):
                opening = place + 1 + (bare == "of")
        given = next((i for i in range(opening, len(words) - 1) if fold(words[i]) in lists.first_names), opening)
        if any(self._is_place_word(start + i) for i in range(opening, given)):
            return given
        return min(opening, len(words))

    def _is_title(self, word: str, place: int) -> bool:
        """Whether a word before a name is a title or role, not a name that happens to be one too (Dean, Don, Park)."""
        bare = word.rstrip(".").lower()
        if len(bare) < 2 or not (bare in self.lists.titles or bare in self.lists.roles):
            return False
        if bare in ALWAYS_TITLES or (word[-1] == "." and len(word) > 2) or not self._is_person_word(place):
            return True
        return bare not in self.lists.first_names and (bare in self.lists.titles or self._is_person_word(place + 2))

    def _is_place_word(self, place: int) -> bool:
        entity = self.names["entity"][int(self.reading.tags.entity[place])] if 0 <= place < len(self.words) else "O"
        return entity.endswith(("LOCATION", "ORGANIZATION", "MISC"))

    def _is_person_word(self, place: int) -> bool:
        if place < 0 or place >= len(self.words):
            return False
        return self.names["entity"][int(self.reading.tags.entity[place])].endswith("PERSON")

    def _is_name_word(self, place: int) -> bool:
        word, tags = self.words[place], self.reading.tags
        names = self.names
        if word in CALENDAR:
            return False
        if word[0].isupper() or word.lower() in PARTICLES:
            entity = names["entity"][int(tags.entity[place])]
            return entity.endswith("PERSON") or (entity == "O" and names["pos"][int(tags.pos[place])].startswith("NNP"))
        return False

    def _full_match(self, name: tuple[str, ...]) -> _Person | None:
        for person in self.by_last.get(fold(_bare(name)[-1]), ()):
            if any(
                len(other) > 1 and (self._compatible(name, other) or _is_tail(name, other))
                for other in set(person.names)
            ):
                return person
        return None

    def _compatible(self, a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        """Whether two full names can be one person's: same last name; first names equal, initial, or nickname."""
        if fold(_bare(a)[-1]) != fold(_bare(b)[-1]) or _suffix(a) != _suffix(b) or _middles_differ(a, b):
            return False
        x, y = fold(a[0]), fold(b[0])
        if x == y or (len(min(x, y, key=len)) == 1 and x[:1] == y[:1]):
            return True
        return bool(self._formal(x) & self._formal(y))

    def _formal(self, first: str) -> frozenset[str]:
        return self.lists.nicknames.get(first, frozenset()) | {first}

    def _single_match(self, mention: int, name: str, titles: set[str]) -> _Person | None:
        """The cluster a bare name belongs to: by surname, else by first name; of several the most prominent."""
        folded, place = fold(name), int(self.reading.mentions.head[mention])
        gender = self._title_gender(titles)
        for index in (self.by_last, self.by_first, self.by_middle):
            found = [p for p in index.get(folded, ()) if not (gender and self._gender(p) and self._gender(p) != gender)]
            if index is self.by_last and found and self._is_someone_else(name, titles, found):
                return None
            if found:
                return max(found, key=lambda p: self._prominence(p, place))
        return None

    def _is_someone_else(self, name: str, titles: set[str], found: Sequence[_Person]) -> bool:
        """Whether a titled surname means an office holder who is none of those found: President Obama, not Michelle."""
        offices = titles & {"president", "chancellor", "pope", "queen", "king"}
        holders = [s for s in self.registry.of_surname(name) if offices & {r.title.lower() for r in s.roles}]
        return bool(holders) and not any(
            h.name == p.name or self._compatible(tuple(h.name.split()), n)
            for h in holders
            for p in found
            for n in set(p.names)
            if len(n) > 1
        )

    def _prominence(self, person: _Person, place: int) -> float:
        """How likely a bare surname means this person: named often, known, named before, named lately."""
        nearest = person.places[bisect_right(person.places, place) - 1] if person.places else place + 1
        full = next((i for i, n in enumerate(person.names[:50]) if len(n) == 1), min(len(person.names), 50))
        known = any(self.registry.named(" ".join(n)) for n in dict.fromkeys(person.names[:20]) if len(n) > 1)
        lately = 1 / (1 + (place - nearest) / 40) if nearest <= place else 0
        return (
            math.log1p(len(person.names))
            + 0.5 * math.log1p(full)
            + 0.7 * known
            + 1.0 * (nearest <= place)
            + 1.2 * lately
        )

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
        self.absorbed: dict[int, _Person] = {}
        for person in self.people:
            speaker = next((s for n in person.names if (s := self.registry.named(" ".join(n)))), None)
            if speaker is None and all(len(n) == 1 for n in person.names):
                speaker = self._famous(person)
            if speaker is None:
                continue
            person.speaker_id, person.known_name = speaker.speaker_id, speaker.name
            if speaker.speaker_id in known:
                self._absorb(known[speaker.speaker_id], person)
            else:
                known[speaker.speaker_id] = person
        self.people = [p for p in self.people if id(p) not in self.absorbed]
        self.person_of = {m: self.absorbed.get(id(p), p) for m, p in self.person_of.items()}
        self.known = known

    def _famous(self, person: _Person) -> Speaker | None:
        """The public figure a bare surname means: holding the title, or in office, or a household name."""
        gender = self._title_gender(person.titles)
        found = [
            s for s in self.registry.of_surname(person.names[0][-1]) if not (gender and s.gender and s.gender != gender)
        ]
        own = [s for s in found if s.speaker_id in self.registry.roster]
        if len(own) == 1:
            return own[0]
        titled = [s for s in found if person.titles & {w for r in s.roles for w in r.title.lower().split()}]
        if len(titled) > 1 and self.document.date:
            titled = [s for s in titled if any(r.held_on(self.document.date) for r in s.roles)]
        if len(titled) == 1:
            return titled[0]
        date = self.document.date
        ranked = [s for s in found if (s.active_on(date) if date else s.is_household_name())]
        return ranked[0] if len(ranked) == 1 else None

    def _absorb(self, kept: _Person, gone: _Person) -> None:
        kept.names += gone.names
        kept.places += gone.places
        kept.titles |= gone.titles
        kept.places.sort()
        self.absorbed[id(gone)] = kept

    # ---- role nouns -------------------------------------------------------------------------------------------------

    def _link_appositions(self) -> None:
        """Give a role beside a name (Igor Girkin, a former officer) to the person, here and later."""
        m = self.reading.mentions
        for i in range(len(m) - 1):
            gap = self.words[int(m.last[i]) + 1 : int(m.first[i + 1])]
            name, role = (i, i + 1) if i in self.person_of else (i + 1, i)
            if gap[:1] in (["of"], ["for"], ["at"], ["in"]) and i + 2 in self.person_of and i not in self.person_of:
                name, role = i + 2, i
                gap = self.words[int(m.last[i + 1]) + 1 : int(m.first[i + 2])]
            if len(gap) > 1 or (gap and gap[0] not in (",", "(", "—", "–", "-")):
                continue
            if name in self.person_of and m.form[role] == ROLE and gap and (role < name or self._closes(role)):
                head = self.words[int(m.head[role])].lower()
                if head in self.lists.roles:
                    self.person_of[name].titles |= {
                        w.lower() for w in self.words[int(m.first[role]) : int(m.head[role]) + 1]
                    }
                    self.links[role] = _Link(self.person_of[name], "apposition", 0.98)

    def _closes(self, role: int) -> bool:
        """Whether an apposition after a name ends as one does (Ann Lee, the mayor,) and no clause follows it."""
        place = int(self.reading.mentions.last[role]) + 1
        following = self.words[place] if place < len(self.words) else "."
        return not following[0].isalnum() or following in APPOSITION_TAILS

    # ---- reading through
    # ----------------------------------------------------------------------------------------------

    def _read_through(self) -> None:
        """Resolve roles and pronouns in reading order, each against the people met lately."""
        m, forms = self.reading.mentions, self.reading.mentions.form.tolist()
        source_of = {d.mention: q for q, d in enumerate(self.reading.decisions) if d.mention is not None}
        recent: list[_Person] = []
        speaking: _Person | None = None
        self.sources = frozenset(source_of)
        for mention, form in enumerate(forms):
            link = self.links.get(mention) or self._link(mention, form, recent, speaking)
            if link is None:
                continue
            self.links[mention] = link
            person = link.person
            place = int(m.head[mention])
            person.seen.append((place, float(self.reading.tags.probability["subject"][place])))
            if link.reason != "author" and self._may_be_meant(person):
                if person in recent:
                    recent.remove(person)
                recent.insert(0, person)
                del recent[RECENT:]
            if mention in source_of:
                speaking = person

    def _may_be_meant(self, person: _Person) -> bool:
        """Whether "he" or "she" can mean this person: more is known than one capitalised word."""
        return bool(
            person.speaker_id
            or person.titles
            or len(person.names) > 1
            or len(person.names[0]) > 1
            or fold(person.names[0][0]) in self.lists.first_names
        )

    def _link(self, mention: int, form: int, recent: Sequence[_Person], speaking: _Person | None) -> _Link | None:
        person = self.person_of.get(mention)
        if person is not None:
            return _Link(person, "name", 0.99)
        word = self.words[int(self.reading.mentions.head[mention])].lower()
        if form == PRONOUN and word in HE | SHE:
            found = self.antecedent(mention, MALE if word in HE else FEMALE, recent, speaking)
            return _Link(found, "pronoun", 0.95) if found else None
        if form == PRONOUN and word in RELATIVE:
            found = self._before(mention)
            return _Link(found, "relative pronoun", 0.97) if found else None
        opener = self.words[int(self.reading.mentions.first[mention])].lower()
        if (
            (form == PRONOUN and word in I_WORDS)
            or (opener == "this" and word in ("reporter", "writer", "correspondent"))
            or (opener == "my" and word in SPEECH_NOUNS)
        ):
            found = self._author()
            return _Link(found, "author", 0.9) if found else None
        if opener in ("his", "her") and word in SPEECH_NOUNS:
            found = self.antecedent(mention, MALE if opener == "his" else FEMALE, recent, speaking)
            return _Link(found, "possessive", 0.8) if found else None
        if form in (ROLE, NAME, ORGANISATION, PLACE):
            return self._role_holder(mention, recent, speaking)
        return None

    def identity(self, mention: int) -> Identity:
        """Who `mention` is."""
        link = self.links.get(mention)
        if link is None:
            return self._other_identity(mention, int(self.reading.mentions.form[mention]))
        person = link.person
        if id(person) not in self.name_of:
            self.name_of[id(person)] = person.name
        name = self.name_of[id(person)]
        return Identity(
            name=name, speaker_id=person.speaker_id, kind="person", certainty=link.certainty, reason=link.reason
        )

    def named(self, mentions: Sequence[int | None]) -> tuple[tuple[Named, ...], tuple[int | None, ...]]:
        """Everybody whom the article names, and whom of them each of some mentions stands for."""
        links = [None if mention is None else self.links.get(mention) for mention in mentions]
        number = {id(person): place for place, person in enumerate(self.people)}
        people = tuple(self._named(person) for person in self.people)
        return people, tuple(None if link is None else number.get(id(link.person)) for link in links)

    def _named(self, person: _Person) -> Named:
        spelled = Counter(n for n in person.names if len(n) > 1) or Counter(person.names)
        words = max(spelled, key=lambda n: (spelled[n], len(n), n))
        first, particle = fold(words[0]), words[0].lower() in PARTICLES
        spelled_out = (
            len(_bare(words)) > 1 and len(first) > 1 and not (particle and first not in self.lists.first_names)
        )
        return Named(
            name=person.name,
            words=words,
            given=self._formal(first) if spelled_out else frozenset(),
            speaker_id=person.speaker_id,
            gender=self._gender(person),
            titles=frozenset(t for t in person.titles if t in self.lists.titles),
            roles=frozenset(t for t in person.titles if t in self.lists.roles),
        )

    def _author(self) -> _Person | None:
        words = tuple((self.document.author or self._byline()).removeprefix("By ").split())
        if not words:
            return None
        person = self._full_match(words) if len(words) > 1 else None
        if person is None:
            speaker = self.registry.named(" ".join(words))
            person = _Person(
                names=[words],
                speaker_id=speaker.speaker_id if speaker else None,
                known_name=speaker.name if speaker else None,
            )
            _index(self.by_last, fold(words[-1]), person)
        return person

    def _byline(self) -> str:
        """The author that a line of the text itself names: By Ann Lee; Words by Ann Lee."""
        found = BYLINE.search(self.document.text, 0, 3000)
        return found["name"] if found else ""

    def _before(self, mention: int) -> _Person | None:
        """The person named just before a relative pronoun."""
        place = int(self.reading.mentions.first[mention])
        near = [i for i in range(max(0, mention - 3), mention) if place - int(self.reading.mentions.last[i]) <= 3]
        return next((self.person_of[i] for i in reversed(near) if i in self.person_of), None)

    def _role_holder(self, mention: int, recent: Sequence[_Person], speaking: _Person | None) -> _Link | None:
        m = self.reading.mentions
        first, head = int(m.first[mention]), int(m.head[mention])
        words = [w.lower() for w in self.words[first : head + 1]]
        noun = words[-1]
        if noun not in self.lists.roles or words[0] in SINGULAR_ARTICLES:
            return None
        holder = self._office_holder(words, head)
        if holder is not None:
            holder.titles.add(noun)
            return _Link(holder, "office", 0.98)
        person = self._titled(words, recent)
        if person is not None:
            return _Link(person, "role", 0.95)
        if (
            words[0] in ("the", "this", "that")
            and len(words) <= 4
            and self.words[head + 1 : head + 2] not in (["of"], ["for"])
        ):
            found = self.antecedent(mention, self.lists.roles.get(noun), recent, speaking)
            return _Link(found, "topic", 0.7) if found else None
        return None

    def _office_holder(self, words: Sequence[str], head: int) -> _Person | None:
        """Who held the office that a phrase names (the Russian president, president of France) that day."""
        if self.document.date is None:
            return None
        titles = [" ".join(words[-n:]) for n in (2, 1) if len(words) >= n]
        following = self.words[head + 1 : head + 5]
        places = [w for w in words[:-1]] + [" ".join(words[i : i + 2]) for i in range(len(words) - 2)]
        if following[:1] == ["of"]:
            places += [w.lower() for w in following[1:3]] + [" ".join(following[1:3]).lower()]
        before = head - len(words)
        if self.words[before + 1 : before + 2] and before >= 0 and self.words[before] in ("’s", "'s") and before:
            places.append(self.words[before - 1].lower())
        for title in titles:
            for place in places:
                of = self.lists.countries.get(place, place)
                speaker = self.registry.holder(title, of, self.document.date) or self.registry.holder(
                    title, place, self.document.date
                )
                if speaker is not None:
                    return self._known(speaker.speaker_id)
        return None

    def _known(self, speaker_id: str) -> _Person:
        person = self.known.get(speaker_id)
        if person is None:
            speaker = self.registry.speakers[speaker_id]
            person = _Person(names=[tuple(speaker.name.split())], speaker_id=speaker_id, known_name=speaker.name)
            self.known[speaker_id] = person
            self.people.append(person)
        return person

    def _titled(self, words: Sequence[str], recent: Sequence[_Person]) -> _Person | None:
        """The person whom the text gave this role, or who is known to hold it: the one met last."""
        noun, modifiers = words[-1], set(words[:-1]) - {"the", "this", "that", "former", "then"}
        met = [*recent, *(p for p in self.people[:50] if p not in recent and p.places)]
        found = [p for p in met if noun in p.titles or noun in self._offices(p)]
        closer = [p for p in found if modifiers & p.titles]
        return next(iter(closer or found), None)

    def _offices(self, person: _Person) -> set[str]:
        if person.speaker_id is None or self.document.date is None:
            return set()
        roles = self.registry.speakers[person.speaker_id].roles
        return {r.title.split()[-1].lower() for r in roles if r.held_on(self.document.date)}

    # ---- pronouns ---------------------------------------------------------------------------------------------------

    def antecedent(
        self, mention: int, gender: str | None, recent: Sequence[_Person], speaking: _Person | None
    ) -> _Person | None:
        """The best of the people met lately for a pronoun or a bare role; None if nobody fits."""
        fits = self.fitting(gender, recent)
        if not fits:
            return None
        place = int(self.reading.mentions.first[mention])
        rows = [self.antecedent_features(p, rank, place, gender, speaking) for rank, p in enumerate(fits)]
        scores = [sum(w * x for w, x in zip(ANTECEDENT_WEIGHTS, row, strict=True)) for row in rows]
        return fits[max(range(len(fits)), key=scores.__getitem__)]

    def fitting(self, gender: str | None, recent: Sequence[_Person]) -> list[_Person]:
        """The people met lately whose gender does not speak against it."""
        return [p for p in recent if not (gender in (MALE, FEMALE) and self._gender(p) and self._gender(p) != gender)]

    def antecedent_features(
        self, person: _Person, rank: int, place: int, gender: str | None, speaking: _Person | None
    ) -> tuple[float, ...]:
        """What speaks for a person being a pronoun's antecedent; see `ANTECEDENT_COLUMNS`."""
        paragraphs = self.reading.tokens.paragraphs
        last, subject = person.seen[-1]
        apart = paragraphs[place] - paragraphs[last]
        return (
            float(rank),
            float(min(apart, 4)),
            math.log1p(place - last),
            subject * (apart <= 1),
            float(self._gender(person) == gender),
            math.log1p(len(person.seen)),
            float(person is speaking),
            float(person is speaking and apart <= 1),
            float(self._opens_sentence(last)),
            float(len(person.names[0]) > 1 or person.speaker_id is not None),
        )

    def _opens_sentence(self, place: int) -> bool:
        """Whether a mention's head stands within the first few words of its sentence."""
        return any(w in (".", "!", "?", PARAGRAPH_TOKEN) for w in self.words[max(0, place - 4) : place])

    # ---- everybody else ---------------------------------------------------------------------------------------------

    def _other_identity(self, mention: int, form: int) -> Identity:
        m = self.reading.mentions
        first, head = int(m.first[mention]), int(m.head[mention])
        phrase = self.document.text[slice(*m.spans[mention])]
        noun = self.words[head].lower()
        kind = self._kind(form, noun, self.words[first].lower(), head)
        if kind == "organisation" and form in (ORGANISATION, NAME):
            name = " ".join(phrase.split())
            return Identity(name=name, speaker_id=None, kind=kind, certainty=0.8, reason="organisation")
        return Identity(
            name=None, speaker_id=None, kind=kind, certainty=0.0, reason="unnamed" if kind else "unresolved"
        )

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
        plural = self.names["pos"][int(self.reading.tags.pos[head])] in ("NNS", "NNPS")
        return "group" if plural else "unnamed person"


def _bare(name: Sequence[str]) -> Sequence[str]:
    """A name without its suffix."""
    return name[:-1] if len(name) > 1 and _suffix(name) else name


def _is_tail(name: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a name is the end of a longer one: de Blasio, García Lorca, Trump Jr."""
    return len(name) < len(longer) and [w.lower() for w in name] == [w.lower() for w in longer[-len(name) :]]


def _middles_differ(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether both names have middle initials, and not the same: George W. and George H. W. Bush."""
    x, y = ("".join(w[0] for w in _bare(n)[1:-1] if len(fold(w)) == 1) for n in (a, b))
    return bool(x and y and x != y)


def _with_shared_surnames(
    words: Sequence[str], mentions: Mentions, named: list[tuple[int, tuple[str, ...], set[str]]], lists: _Lists
) -> list[tuple[int, tuple[str, ...], set[str]]]:
    """Give the first of "Bill and Hillary Clinton" the surname of the second."""
    out = []
    following = {i: name for i, name, _ in named}
    for i, name, titles in named:
        partner = following.get(i + 1, ())
        joined = i + 1 < len(mentions) and words[int(mentions.last[i]) + 1 : int(mentions.first[i + 1])] in (
            ["and"],
            ["&"],
        )
        if joined and len(name) == 1 and len(partner) == 2 and fold(name[0]) in lists.first_names:
            name = (name[0], partner[1])
        out.append((i, name, titles))
    return out


def _index(index: dict[str, list[_Person]], key: str, person: _Person) -> None:
    people = index.setdefault(key, [])
    if person not in people:
        people.append(person)


def _suffix(name: Sequence[str]) -> str:
    last = name[-1].rstrip(".").lower()
    return last if last in ("jr", "sr", "ii", "iii", "iv") else ""
