"""A mention's words → a person's name and the titles before it; and whether two names can be one person's."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from research.attribution import Reading, load_models
from research.lexicon import Lexicon, load_lexicon
from research.mentions import ANSWER_LABELS, LABEL, QUESTION_LABELS, Mentions
from research.registry import SUFFIXES, cyrillic, fold, sound
from research.segmentation import GENITIVES
from research.tagging import subjects_of_cues
from research.turns import UNNAMED

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
COURTESY = frozenset("mr mrs ms miss mx dr sir dame lord lady prof professor doctor".split())
IN_OFFICES = frozenset("of the and for".split())  # words of an office, in a transcript's label
DATE_OPENERS = frozenset("in on since until till by from last next this early late mid during".split())
PEERS = frozenset(  # of a place, which is no name then: the Duke of Sussex
    "duke duchess prince princess king queen emperor empress earl countess marquess baron baroness viscount archbishop "
    "bishop emir sultan".split()
)
SETTLEMENTS = frozenset("village town city port hamlet suburb settlement island district municipality".split())
HEIGHTS = frozenset(("Mount", "Mt.", "Lake", "Cape", "Loch", "Fort", "Camp", "Port"))
SITES = frozenset(  # ends of places' names that hardly end a person's
    "street bridge heights hills road avenue lane gardens gare station airport castle forest valley bay beach".split()
)
GROUNDS = frozenset("moss heath wood woods fen moor green vale hall park hill common dale glen farm mill".split())
VESSELS = frozenset("ship boat trawler ferry yacht tanker freighter barge schooner destroyer frigate submarine".split())
FAMILY_FIRST = frozenset(  # Vietnamese family names, which stand before given names: Pham Minh Chinh
    "nguyen tran le pham phan vo vu dang bui ngo duong ly hoang huynh truong dinh luong".split()
)
FIRMS = [[w] for w in "sons co company brothers bros associates partners daughters".split()]
SIBLINGS = frozenset("twins brothers sisters siblings".split())
POSSESSIVES = tuple([mark] for mark in (*GENITIVES, "’", "'"))  # the words behind an owner
DETERMINERS = frozenset("the a an one another this that".split())
ABBREVIATED = {  # titles in short, and the role nouns that later stand for their bearers
    "sen": "senator", "gov": "governor", "rep": "representative", "gen": "general", "lt": "lieutenant",
    "col": "colonel", "capt": "captain", "sgt": "sergeant", "maj": "major", "cpl": "corporal", "adm": "admiral",
    "prof": "professor", "rev": "reverend", "det": "detective", "supt": "superintendent", "insp": "inspector",
    "dr": "doctor", "justice": "judge", "pres": "president", "atty": "attorney", "amb": "ambassador",
}  # fmt: skip
ATTRIBUTES = frozenset("based born backed trained educated raised old elect".split())
MOST_PARTICLES = 3  # Vasht | van de la Wit
SPEAKS = 0.25  # chance to be the subject of a cue from which somebody is taken to say something
SAYS = 0.5  # chance that a capitalised word is a cue at which it is no name
INITIALS = re.compile(r"(?:[A-Z]\.){2,3}")
LOST = "\ufffd"  # stands where a letter could not be decoded
CAMEL = re.compile(r"(?!Mac|Fitz|Van|Von)[A-Z][a-z]{2,}[A-Z]|[A-Z]{2,}[a-z]|[A-Z]{2,5}$")  # PolitiFact, AZCentral, CNN


class NameReader:
    """Reads the names of one document's mentions, by the tagger's entities and the word lists."""

    def __init__(self, reading: Reading):
        self.reading, self.lexicon = reading, load_lexicon()
        self.words, self.classes = reading.tokens.words, load_models().tagger.names
        self.nouns = {word for word in self.words if word.islower()}
        speaking = np.flatnonzero(subjects_of_cues(reading.tags) > SPEAKS)
        self.speaking = {self.words[place] for place in speaking.tolist()}

    def parts(self, mention: int) -> tuple[Name, set[str]]:
        """A mention's name without titles (empty: it is no person's name), and the titles and role words before it."""
        m = self.reading.mentions
        if m.form[mention] == LABEL:
            return self._label(self.reading.text[slice(*m.spans[mention])]), set()
        first, head, last = int(m.first[mention]), int(m.head[mention]), int(m.last[mention])
        start = head
        while start > first and (self._is_name_word(start - 1) or self._goes_on(start)):
            start -= 1
        if start == first:
            start = first = self._before_particles(start)
        words = self.words[start : last + 1]
        whole = " ".join(w for w in self.words[first : last + 1] if w.lower() not in DETERMINERS)
        if whole.lower() in self.lexicon.countries:
            return (), set()
        if words[-1] in CALENDAR or self._is_firm(last) or (len(words) == 1 and self._is_month(start)):
            return (), set()
        opening = self._opening(words, start)
        if self.words[first] == "@" or peerage(self.words, first) or peerage(self.words, start):
            return (), set()
        if start > first and self.words[start - 1] == "of":
            given = (i for i, w in enumerate(words) if fold(w) in self.lexicon.first_names)
            opening = next(given, min(1, len(words) - 1))
        titles = {w.rstrip(".").lower() for w in self.words[first:start] + words[:opening]}
        opening += self._untagged(words[opening:], start + opening)
        words = (words[opening:] if opening else self._before_nickname(start) + words) + self._behind_nickname(last)
        if len(words) == 1 and (self._is_particle(words[0]) or not fold(words[0])):
            words = []
        if len(words) == 1 and self._is_organisation(words[0], self.words[first : head]):
            return (), set()
        titles |= {ABBREVIATED[t] for t in titles if t in ABBREVIATED}
        before = [word.lower() for word in self.words[max(0, start - 2) : start]]
        if titles & VESSELS or (before[-1:] == ["of"] and before[0] in SETTLEMENTS | PEERS):
            return (), set()
        return (tuple(words), titles) if self._names_a_person(words, titles, head) else ((), set())

    def _label(self, text: str) -> Name:
        """The name in a transcript's label: nothing in Question, the President, Governor of the Murmansk Region."""
        words = [w.title() if w.isupper() else w.rstrip(",") for w in text.split()]
        words = [w for w in words if w.rstrip(".").lower() not in self.lexicon.titles]
        small = [i for i, w in enumerate(words) if w.lower() in IN_OFFICES]
        behind = words[small[-1] + 1 :] if small else words
        given = next((i for i, w in enumerate(behind[:-1]) if fold(w) in self.lexicon.first_names), None)
        if given is not None and len(words) > 2:
            return tuple(behind[given:])
        if small:
            return tuple(behind[-2:] if len(behind) > 2 else ())
        return () if len(words) == 1 and words[0].lower().rstrip(".") in UNNAMED else tuple(words)

    def _names_a_person(self, words: Sequence[str], titles: set[str], head: int) -> bool:
        """Whether capitalised words name a person: tagged so, titled, or opened by a given name; never a country."""
        last = words[-1].lower() if words else ""
        if words and (words[0] in HEIGHTS or (len(words) == 1 and words[0] in QUESTION_LABELS | ANSWER_LABELS)):
            return False
        if not words or " ".join(words).lower() in self.lexicon.countries or (len(words) > 1 and len(fold(last)) == 1):
            return False
        is_given = len(words) == 1 and fold(last) in self.lexicon.first_names  # Bill, Grace
        opened = len(words) > 1 and fold(words[0]) in self.lexicon.first_names  # David French
        opened = opened or (len(words) == 2 and self._is_initials(words[0]) and words[1].istitle())  # T.J. O’Hanrahan
        titled = any(t in self.lexicon.titles or self.lexicon.role_kinds.get(t) == "family" for t in titles)
        is_whole = opened and self.is_person_word(head) and self.lexicon.things.get(last) != "organisation"
        if len(words) > 1 and not titles and self._is_site(words):
            return False
        if not (titles & COURTESY or is_whole):
            if last in self.lexicon.groups or last in ("street", "house", "cross"):
                return False
            if last in self.lexicon.things and not (is_given and words[0].istitle()):
                return False
        return self.is_person_word(head) or titled or opened

    def _is_site(self, words: Sequence[str]) -> bool:
        """Whether a name is a place's by its last word, which nowhere in the article says anything: Victoria Street."""
        last = words[-1].lower()
        is_given = fold(words[0]) in self.lexicon.first_names
        return words[-1] not in self.speaking and (last in SITES or (last in GROUNDS and not is_given))

    def _is_initials(self, word: str) -> bool:
        """Whether a word is initials, and not of a country: T.J., but not U.S."""
        return bool(INITIALS.fullmatch(word)) and word.lower() not in self.lexicon.countries

    def _is_month(self, place: int) -> bool:
        """Whether a word that may be a name is a month or day here: in May."""
        word, before = self.words[place], self.words[place - 1].lower() if place else ""
        return (word == "May" or word in CALENDAR) and (before.isdigit() or before in DATE_OPENERS)

    def _is_firm(self, last: int) -> bool:
        """Whether a firm's name goes on behind the mention: Hartmann & Sons, Berg Inc."""
        following = [w.rstrip(".").lower() for w in self.words[last + 1 : last + 3]]
        return following[:1] in (["inc"], ["ltd"], ["llc"]) or (following[:1] == ["&"] and following[1:] in FIRMS)

    def _is_organisation(self, word: str, before: Sequence[str]) -> bool:
        """Whether a word that stands alone names no person, whatever the tagger says: Reuters, PolitiFact, the Hill."""
        titles = [w for w in before if w.lower() not in DETERMINERS]
        if len(before) > len(titles) and (not titles or word.lower() in self.lexicon.roles):
            return True
        if titles or fold(word) in self.lexicon.first_names:
            return False
        return word in self.lexicon.organisations or bool(CAMEL.match(word))

    def _is_particle(self, word: str) -> bool:
        """Whether a word that stands alone is no name: van, but not Ben."""
        return word.lower() in PARTICLES and not (word[0].isupper() and fold(word) in self.lexicon.first_names)

    def _before_particles(self, place: int) -> int:
        """Where a name opens whose particles cut it in two: Ana | de Wit."""
        first = place
        while first > 0 and place - first < MOST_PARTICLES and self.words[first - 1] in PARTICLES:
            first -= 1
        given = self.is_person_word(first - 1) or fold(self.words[first - 1]) in self.lexicon.first_names
        is_cut = 0 < first < place and given and any(self.is_person_word(at) for at in range(place, place + 2))
        return first - 1 if is_cut and self.words[first - 1][0].isupper() else place

    def _goes_on(self, place: int) -> bool:
        """Whether a name's first word lies before a token that the tagger takes for a name's second, third … word.

        Or before a particle, if it is a given name: Ana de Wit.
        """
        classes, before = self.classes["entity"], self.words[place - 1]
        if self.words[place] in PARTICLES and before.istitle() and before not in CALENDAR:
            return fold(before) in self.lexicon.first_names or not self._is_title(before, place - 1)
        is_inside = classes[int(self.reading.tags.entity[place])] == "I-PERSON"
        return is_inside and before.istitle() and before not in CALENDAR and not self._is_title(before, place - 1)

    def _before_nickname(self, start: int) -> list[str]:
        """The given names before a nickname in quotation marks: Robert C. “Bobby” Scott."""
        place = start - 1
        if not self._is_nickname(place):
            return []
        first = place
        while first > 0 and self._is_name_word(first - 1) and self.reading.tokens.segments[first - 1] < 0:
            first -= 1
        words = self.words[first:place]
        return words[self._opening([*words, "X"], first) :]

    def _behind_nickname(self, last: int) -> list[str]:
        """The surname behind a nickname, where the tagger does not take it for a name: Marcia “Cia” Price."""
        following = self.words[last + 2 : last + 3]
        is_surname = self._is_nickname(last + 1) and following and following[0].istitle()
        return following if is_surname and fold(self.words[last]) in self.lexicon.first_names else []

    def _is_nickname(self, place: int) -> bool:
        """Whether a token is one or two capitalised words in quotation marks."""
        tokens = self.reading.tokens
        if not 0 < place < len(self.words) or tokens.segments[place] < 0:
            return False
        words = self.reading.text[slice(*self.reading.scan.segments[tokens.segments[place]].span)].split()
        return 0 < len(words) <= 2 and all(w[0].isupper() and w.isalpha() for w in words)

    def _opening(self, words: Sequence[str], start: int) -> int:
        """Where the name starts: after the last title or role word, or at a given name behind a place."""
        opening = 0
        for place, word in enumerate(words[:-1] if len(words) > 1 else words):
            if word == "of" or self._is_title(word, start + place):
                opening = place + 1
        given = (i for i in range(opening, len(words) - 1) if fold(words[i]) in self.lexicon.first_names)
        found = next(given, opening)
        is_family = opening < len(words) and fold(words[opening]) in FAMILY_FIRST
        if not is_family and any(self._is_place_word(start + i) for i in range(opening, found)):
            return found
        return min(opening, len(words))

    def _untagged(self, words: Sequence[str], start: int) -> int:
        """How many words before a given name are no part of the name to the tagger: Marine Peter Vane."""
        count = 0
        while count < len(words) - 1 and self.is_no_name(words[count], start + count):
            count += 1
        return count if count < len(words) - 1 and fold(words[count]) in self.lexicon.first_names else 0

    def is_no_name(self, word: str, place: int) -> bool:
        """Whether a capitalised word before a name is none itself: neither tagged as one, nor an initial, nor given."""
        return not self.entity(place) and len(fold(word)) > 1 and "." not in word and (
            fold(word) not in self.lexicon.first_names and fold(word) not in FAMILY_FIRST)

    def _is_title(self, word: str, place: int) -> bool:
        """Whether a word before a name is a title or role, not a name that happens to be one too (Dean, Don, Park).

        It is one if the tagger begins the name behind it, or the article has it as a noun, too (Dean Moss, a dean).
        Texas-based and Korean-born count as titles.
        """
        if word in PARTICLES:
            return False
        if word.rpartition("-")[2] in ATTRIBUTES:
            return True
        bare = word.rstrip(".").lower()
        titles, roles = self.lexicon.titles, self.lexicon.roles
        is_plural = bare in self.lexicon.groups or (bare.endswith("s") and bare.removesuffix("s") in roles)
        if is_plural and bare not in roles and fold(word) not in self.lexicon.first_names:
            return True
        if self.lexicon.role_kinds.get(bare) == "family" and fold(word) not in self.lexicon.first_names:
            return True
        if len(bare) < 2 or not (bare in titles or bare.removeprefix("co-") in roles):
            return False
        if self._begins(place + 1) or (bare in self.nouns and (bare in titles or bare not in self.lexicon.first_names)):
            return True
        if bare in ALWAYS_TITLES or (word[-1] == "." and len(word) > 2) or not self.is_person_word(place):
            return True
        return bare not in self.lexicon.first_names and (bare in titles or self.is_person_word(place + 2))

    def entity(self, place: int) -> str:
        """The entity class that the tagger gives a token: PERSON, LOCATION, ORGANIZATION, MISC or nothing."""
        if not 0 <= place < len(self.words):
            return ""
        return self.classes["entity"][int(self.reading.tags.entity[place])][2:]

    def _begins(self, place: int) -> bool:
        """Whether the tagger begins a person's name at a token."""
        return place < len(self.words) and self.classes["entity"][int(self.reading.tags.entity[place])] == "B-PERSON"

    def is_person_word(self, place: int) -> bool:
        """Whether the tagger takes a token for a person's name."""
        return self.entity(place) == "PERSON"

    def _is_place_word(self, place: int) -> bool:
        return self.entity(place) in ("LOCATION", "ORGANIZATION", "MISC")

    def _is_name_word(self, place: int) -> bool:
        word = self.words[place]
        before = self.words[place - 1].lower() if place else ""
        if self._is_month(place):
            return False
        if word in CALENDAR and fold(word) in self.lexicon.first_names and self.is_person_word(place + 1):
            return True
        if word in CALENDAR or not (word[0].isupper() or word.lower() in PARTICLES):
            return False
        if word.lower() in PARTICLES and place and (before in PARTICLES or self.words[place - 1][0].isupper()):
            return True
        if self.is_person_word(place) or fold(word) in FAMILY_FIRST:
            return True
        pos = self.classes["pos"][int(self.reading.tags.pos[place])]
        is_apart = self._begins(place + 1) and word.lower() in self.lexicon.things  # Secretary of State | Ann Lee
        is_verb = self.reading.tags.probability["cue"][place] > SAYS  # Continued Lee
        return pos.startswith("NNP") and not (self.entity(place) or is_apart or is_verb)


def with_shared_surnames(
    words: Sequence[str], mentions: Mentions, named: Sequence[tuple[int, Name, set[str]]], lexicon: Lexicon
) -> list[tuple[int, Name, set[str]]]:
    """Give the first of "Bill and Hillary Clinton", or of "twins Ilo and Vasht Clinton", the surname of the second."""
    out = []
    following = {i: name for i, name, _ in named}
    for i, name, titles in named:
        partner = following.get(i + 1, ())
        gap = words[int(mentions.last[i]) + 1 : int(mentions.first[i + 1])] if partner else []
        is_given = len(name) == 1 and (fold(name[0]) in lexicon.first_names or bool(titles & SIBLINGS))
        if gap in (["and"], ["&"]) and is_given and len(partner) == 2:
            name = (name[0], partner[1])
        out.append((i, name, titles))
    return out


def peerage(words: Sequence[str], first: int) -> str:
    """The dignity of a place that a phrase opens with, in lower case; nothing where it opens with none.

    >>> peerage(["The", "Duke", "of", "Sussex", "said"], 0)
    'duke of sussex'
    """
    first += words[first].lower() == "the"
    dignity, of, *place = [*words[first : first + 4], "", ""][:4]
    if dignity.lower() not in PEERS or of != "of" or not place[0][:1].isupper():
        return ""
    return " ".join([dignity, of, place[0], *(p for p in place[1:] if p[:1].isupper())]).lower()


def bare(name: Sequence[str]) -> Sequence[str]:
    """A name without its suffix.

    >>> bare(("Donald", "Trump", "Jr."))
    ('Donald', 'Trump')
    """
    return name[:-1] if len(name) > 1 and suffix(name) else name


def suffix(name: Sequence[str]) -> str:
    """A name's suffix: jr, sr, ii, iii, iv, or nothing."""
    last = name[-1].rstrip(".").lower()
    return last if last in SUFFIXES else ""


def is_tail(name: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a name is the end of a longer one: de Blasio, García Lorca, Trump Jr.

    >>> is_tail(("de", "Blasio"), ("Bill", "de", "Blasio"))
    True
    """
    return len(name) < len(longer) and [w.lower() for w in name] == [w.lower() for w in longer[-len(name) :]]


def is_opening(name: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a name is the opening of a longer one: Anna Mae, Hillary Rodham.

    >>> is_opening(("Anna", "Mae"), ("Anna", "Mae", "Collier")), is_opening(("Walter", "Lee"), ("Walter", "Lee", "Jr."))
    (True, False)
    """
    whole = bare(longer)
    return 1 < len(name) < len(whole) and [fold(w) for w in name] == [fold(w) for w in whole[: len(name)]]


def are_compatible(a: Sequence[str], b: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether two full names can be one person's: same last name; first names equal, initial, or nickname."""
    x, y = fold(a[0]), fold(b[0])
    is_respelled = x != y and lexicon.spellings.get(x, x) == lexicon.spellings.get(y, y)
    surnames = bare(a)[-1], bare(b)[-1]
    are_alike = _sound_alike(*surnames) or (is_respelled and cyrillic(surnames[0]) == cyrillic(surnames[1]))
    if not are_alike or suffix(a) != suffix(b) or _middles_differ(a, b):
        return False
    if is_respelled:
        return True
    if _sound_alike(a[0], b[0]) or (len(min(x, y, key=len)) == 1 and x[:1] == y[:1]):
        return True
    return bool((lexicon.nicknames.get(x, frozenset()) | {x}) & (lexicon.nicknames.get(y, frozenset()) | {y}))


def _sound_alike(a: str, b: str) -> bool:
    """Whether two words are one in two spellings: folded alike, one transliterated otherwise, or with a lost letter."""
    if LOST in a + b:
        return len(a) == len(b) and all(x == y or LOST in (x, y) for x, y in zip(a.lower(), b.lower(), strict=True))
    return fold(a) == fold(b) or sound(a) == sound(b)


def _middles_differ(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether both names have middle initials, and not the same: George W. and George H. W. Bush."""
    x, y = ("".join(w[0] for w in bare(n)[1:-1] if len(fold(w)) == 1) for n in (a, b))
    return bool(x and y and x != y)
