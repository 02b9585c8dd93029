"""The people of one document: clusters of their names (Volodymyr Zelensky, Mr Zelensky, Zelensky), and who is known.

Full names make clusters; then surnames and first names join them, or stand alone. A cluster whose name the registry
knows gets its canonical name and id.
"""

from __future__ import annotations

import datetime
import math
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from research.aliases import REACH as ALIAS_REACH
from research.aliases import aliases_in
from research.attribution import Reading
from research.documents import Document
from research.genders import HERS, HIS, Genders
from research.lexicon import FEMALE, MALE, load_lexicon
from research.mentions import LABEL, NAME, ORGANISATION, PLACE, PRONOUN
from research.names import (
    CALENDAR,
    COURTESY,
    POSSESSIVES,
    Name,
    NameReader,
    are_compatible,
    bare,
    is_opening,
    is_tail,
    suffix,
    with_shared_surnames,
)
from research.person import FIRST, KIN, Person
from research.registry import Registry, Speaker, cyrillic, fold
from research.segmentation import GENITIVES, PARAGRAPH_TOKEN, SENTENCE_ENDS

WORDS = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]{2,})*")  # of a name: O’Brien, but not the ’s of Lee’s
NamedMention = tuple[int, Name, set[str]]  # the mention, its name, and the titles before it
EVERYBODYS = frozenset(("mr", "mrs", "ms", "miss", "mx"))
RELIGIOUS = frozenset("brother sister father mother friar dom".split())
NAMING = frozenset((NAME, LABEL, PLACE))  # the forms of mention that may name a person
SHORTEST_IN_HANDLE = 4  # letters of a surname that is looked for in a handle
MOST_INITIALS = 3  # between a given name and a surname
MOST = 100  # people of one surname or given name that a further mention is compared with
FAMILY = 60  # words back that "her" of "her husband" may stand for
BEHIND = re.compile(  # Rubio, R-Fla., Scott (D-N.H.), Lee (Democrat, Ohio), Cotton, Republican of Arkansas, Trump, 46,
    r"(?:,? ?\(|, )(?P<party>[RDI])(?:-|(?:epublican|emocrat|ndependent), )(?P<seat>[A-Z][A-Za-z. ]{1,15}?) ?[,);]"
    r"|(?:, (?P<member>Republican|Democrat|independent))? of (?P<state>[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
    r"|, (?P<age>\d{1,3})[,.;]"
)
OFFICES = frozenset("office staff ministry department council committee board".split())
PARTIES = {"R": "republican", "D": "democrat", "I": "independent"}
AGES = {"elder": "elder", "older": "elder", "senior": "elder", "younger": "younger", "junior": "younger"}
ALONE_IN_OFFICE = frozenset(("president", "chancellor", "pope", "queen", "king"))


class People:
    """Everybody whom a document names; `of_mention` says who a mention names."""

    def __init__(self, document: Document, reading: Reading, registry: Registry):
        self.document, self.reading, self.registry = document, reading, registry
        self.words, self.lexicon = reading.tokens.words, load_lexicon()
        self.genders = Genders(self.words, registry)
        self.everybody: list[Person] = []
        self.of_mention: dict[int, Person] = {}
        self.known: dict[str, Person] = {}
        self.office_holders: dict[int, Name] = {}  # mentions that end in a name: of the Navy Ann Lee
        self._by_last: dict[str, list[Person]] = {}
        self._by_sound: dict[str, list[Person]] = {}  # of the surname, in every transliteration
        self._by_first: dict[str, list[Person]] = {}
        self._by_middle: dict[str, list[Person]] = {}
        self._by_opening: dict[str, list[Person]] = {}  # the first two words of longer names
        self._by_initials: dict[str, list[Person]] = {}
        self._cluster()
        self._join_aliases()
        self._identify()
        last = reading.mentions.last
        self.genders.learn({int(last[m]) + 1: person for m, person in self.of_mention.items()}, self._starts)

    # ---- clusters ---------------------------------------------------------------------------------------------------

    def _cluster(self) -> None:
        """Full names make clusters; then surnames and first names join them, or stand alone."""
        m, reader = self.reading.mentions, NameReader(self.reading)
        forms = enumerate(m.form.tolist())
        named_so = (i for i, form in forms if form in NAMING or (form == ORGANISATION and self._is_titled(i)))
        read = [(i, *reader.parts(i)) for i in named_so]
        read = [(i, max(name, self._known_by_all(i), key=len), titles) for i, name, titles in read]
        read = self._with_office_holders(read)
        read = self._with_given_names(read)
        named = with_shared_surnames(self.words, m, [n for n in read if n[1]], self.lexicon)
        named = self._without_openers(named, reader)
        self._starts = {int(m.first[i]) for i, _, _ in named}
        for i, name, titles in sorted(named, key=lambda n: -len(n[1])):
            if len(name) > 1:
                self._join(i, name, titles, self.full_match(name))
        self._learn_kin()
        for i, name, titles in named:
            if len(name) == 1:
                self._join(i, name, titles, self._single_match(i, name[0], titles))
        self._join_untagged()
        self._spell_out()
        self._name_relatives()
        self._learn_seats()

    def _with_office_holders(self, read: Sequence[NamedMention]) -> list[NamedMention]:
        """The names, and those at the end of what the tagger takes for a body: Commander of the Navy Ann Lee."""
        organisations = np.flatnonzero(self.reading.mentions.form == ORGANISATION).tolist()
        self.office_holders = {i: name for i in organisations if (name := self._behind_office(i))}
        others = [one for one in read if one[0] not in self.office_holders]
        return sorted([*others, *((i, name, set()) for i, name in self.office_holders.items())], key=lambda n: n[0])

    def _with_given_names(self, read: Sequence[NamedMention]) -> list[NamedMention]:
        """The names, and given names that share the surname of the next: Dawn and Karl Lee."""
        m, full = self.reading.mentions, {i for i, name, _ in read if len(name) == 2}
        out = []
        for i, name, titles in read:
            words = self.words[int(m.first[i]) : int(m.last[i]) + 1]
            is_given = not name and len(words) == 1 and fold(words[0]) in self.lexicon.first_names
            gap = self.words[int(m.last[i]) + 1 : int(m.first[i + 1])] if i + 1 in full else []
            if is_given and words[0].istitle() and gap in (["and"], ["&"]):
                name = (words[0],)
            out.append((i, name, titles))
        return out

    def _known_by_all(self, mention: int) -> Name:
        """A public figure's full name that a mention is, behind titles, whatever the tagger takes its words for."""
        m = self.reading.mentions
        words = tuple(self.words[int(m.first[mention]) : int(m.last[mention]) + 1])
        while words and (words[0].lower() in self.lexicon.countries or words[0].lower() in self.lexicon.titles):
            words = words[1:]
        return words if len(words) > 1 and self.registry.named(" ".join(words)) else ()

    def _behind_office(self, mention: int) -> Name:
        """The name that a phrase for an office ends with: of the Navy Ann Lee."""
        first, last = int(self.reading.mentions.first[mention]), int(self.reading.mentions.last[mention])
        words, before = self.words[first : last + 1], [w.lower() for w in self.words[max(0, first - 2) : first]]
        is_office = before[1:] == ["of"] and (before[0] in self.lexicon.roles or before[0] in OFFICES)
        is_owned = before[1:] in POSSESSIVES and words[0].lower() in OFFICES
        if not (is_office and words[0].lower() == "the") and not is_owned:
            return ()
        given = next((i for i, word in enumerate(words) if i and fold(word) in self.lexicon.first_names), len(words))
        is_name = given + 1 < len(words) and all(word.istitle() for word in words[given:])
        return tuple(words[given:]) if is_name else ()

    def _is_titled(self, mention: int) -> bool:
        """Whether a title opens what the tagger takes for an organisation: Dr Beatrix Oyelaran, Chinese Premier Li."""
        first, last = int(self.reading.mentions.first[mention]), int(self.reading.mentions.last[mention])
        first = min(first + (self.words[first].lower() in self.lexicon.countries), last)
        title, given = self.words[first].rstrip(".").lower(), fold(self.words[min(first + 1, last)])
        is_known = given in self.lexicon.first_names or self.registry.named(" ".join(self.words[first + 1 : last + 1]))
        is_office = title in self.lexicon.titles and last - first > 1 and bool(is_known)
        return title in COURTESY or is_office

    def _without_openers(self, named: Sequence[NamedMention], reader: NameReader) -> list[NamedMention]:
        """The names, without what only opens a sentence before a name that is known (Enter Vane, Brave Jodie)."""
        whole = [name for _, name, _ in named if len(name) > 1 and fold(name[0]) in self.lexicon.first_names]
        known, given = {fold(name[-1]) for name in whole}, {fold(name[0]) for name in whole}
        heads = self.reading.mentions.head.tolist()

        def opens(mention: int, name: Name) -> bool:
            place, is_given = heads[mention] - 1, fold(name[0]) in self.lexicon.first_names
            if fold(name[-1]) in given - known and not is_given and len(fold(name[0])) > 1:
                return self.words[place - 1] in SENTENCE_ENDS | {PARAGRAPH_TOKEN}
            return fold(name[-1]) in known and reader.is_no_name(name[0], place)

        return [(i, name[1:] if len(bare(name)) == len(name) == 2 and opens(i, name) else name, titles)
                for i, name, titles in named]

    def _spell_out(self) -> None:
        """Full names that stand only inside other phrases (a Bernie Sanders rally), for those with a surname alone.

        Or only inside quotes or in the title; or the text tells the first name: Lady Ogle's first name is Marjorie.
        """
        short: dict[str, list[Person]] = {}
        for person in self.everybody:
            if all(len(name) == 1 for name in person.names[:FIRST]):
                short.setdefault(person.names[0][0], []).append(person)
        alone = {word: people[0] for word, people in short.items() if len(people) == 1}
        whose: dict[Name, Person | None] = {}
        for words in (self.words, *self._words_elsewhere(alone)):
            for place, word in [(place, word) for place, word in enumerate(words) if word in alone]:
                name = (*self._given_names_before(words, place), word)
                if len(name) > 1 and name not in whose:
                    whose[name] = self.full_match(name)
                if len(name) > 1 and whose[name] in (None, alone[word]):
                    alone[word].names.append(name)
        for mention, person in self.of_mention.items():
            place = int(self.reading.mentions.last[mention]) + 1
            told, given = [w.lower() for w in self.words[place : place + 4]], self.words[place + 4 : place + 5]
            if told[1:] in (["first", "name", "is"], ["first", "name", "was"]) and given[0].istitle():
                person.names.append((given[0], bare(person.names[0])[-1]))

    def _name_relatives(self) -> None:
        """Give who has a given name alone the surname of a relative: Rosalind Pyke. Her husband, Mervyn."""
        owners = {int(self.reading.mentions.last[i]): person for i, person in self.of_mention.items()}
        absorbed: dict[int, Person] = {}
        for mention, person in self.of_mention.items():
            name = person.names[0]
            if id(person) in absorbed:
                continue
            if any(len(n) > 1 for n in person.names[:FIRST]) or fold(name[0]) not in self.lexicon.first_names:
                continue
            place = int(self.reading.mentions.head[mention]) - 1
            place -= self.words[place] == ","
            owner = self._owner(place, owners) if place > 0 and self.words[place].lower() in KIN else None
            surname = next((bare(n)[-1] for n in owner.names[:FIRST] if len(n) > 1), None) if owner else None
            person.family = surname or person.family
            other = self._titled_relative(person, owner, surname) if owner and surname else None
            if other is not None and id(other) not in absorbed:
                person.titles |= other.titles
                person.places = sorted([*person.places, *other.places])
                absorbed[id(other)] = person
        self._forget(absorbed)

    def _titled_relative(self, relative: Person, owner: Person, surname: str) -> Person | None:
        """Who is a relative by the surname and Mr or Mrs, and is not the owner: Mrs. Lee, of his wife, Alma."""
        for other in self._by_last.get(fold(surname), ()):
            bare_name = all(len(name) == 1 for name in other.names[:FIRST])
            gender = self.genders.of_titles(other.titles)
            if other is owner or other is relative or not bare_name or gender is None:
                continue
            if gender == self.genders.of(relative) and gender != self.genders.of(owner):
                return other
        return None

    def _learn_kin(self) -> None:
        """Give who has no gender by title or given name that of the kin before the name: his sister, Aroha Walker."""
        m = self.reading.mentions
        for mention, person in self.of_mention.items():
            kin = self.genders.of_kin(int(m.first[mention]), int(m.last[mention]) + 1)
            if kin and self.genders.of(person) is None:
                person.gender = kin

    def _is_kin_at(self, place: int) -> bool:
        """Whether a relative stands at a place, or before a comma there: his nephew, Ibrahim."""
        place -= self.words[place] == ","
        return self.lexicon.role_kinds.get(self.words[place].lower()) == "family"

    def _owner(self, kin: int, owners: Mapping[int, Person]) -> Person | None:
        """Whose relative the noun at a place tells of: Schilling's eldest son, her husband."""
        for place in range(kin - 1, max(0, kin - 3), -1):
            word = self.words[place].lower()
            if word in GENITIVES:
                return owners.get(place - 1)
            if word in HIS or word in HERS or word == "their":
                gender = MALE if word in HIS else FEMALE if word in HERS else None
                before = [at for at in range(place - 1, max(0, place - FAMILY), -1) if at in owners]
                near = [owners[at] for at in before if not self._is_somebodys(at, owners[at])]
                fits = [p for p in near if gender is None or self.genders.of(p) in (None, gender)]
                found = [p for p in fits if any(len(n) > 1 for n in p.names[:FIRST])]
                return found[0] if found and (gender or _are_one_family(found)) else None
        return None

    def _is_somebodys(self, last: int, person: Person) -> bool:
        """Whether a name that ends at a token comes in as somebody else's: his lawyer, Peter Holt."""
        first = last - len(person.names[0])
        before = self.words[max(0, first - 3) : first + 1]
        before = before[:-1] if before[-1:] == [","] else before
        return any(word.lower() in HIS | HERS | {"their"} for word in before[-3:-1])

    def _join_aliases(self) -> None:
        """Make one person of somebody and of the other name that the text gives him or her: Danylo Reva and Notary."""
        mentions = sorted(self.of_mention)
        starts = [self.reading.mentions.spans[mention].start for mention in mentions]
        absorbed: dict[int, Person] = {}
        for place, alias in aliases_in(self.document.text):
            before = bisect_left(starts, place) - 1
            if before < 0 or place - starts[before] > ALIAS_REACH or "\n" in self.document.text[starts[before] : place]:
                continue
            bearer, words = self.of_mention[mentions[before]], tuple(alias.split())
            bearer = _remaining(bearer, absorbed)
            if all(len(name) == 1 for name in bearer.names[:FIRST]):
                continue
            for other in self._by_last.get(fold(words[-1]), ()):
                if other is not bearer and id(other) not in absorbed and _is_called(other, words):
                    absorbed[id(other)] = bearer
                    bearer.places = sorted([*bearer.places, *other.places])
                    bearer.titles |= other.titles
        self._forget(absorbed)

    def _learn_seats(self) -> None:
        """Party, state and age, where they stand behind a name, for "the Florida senator" or "the 46-year-old"."""
        for mention, person in self.of_mention.items():
            start = max(0, int(self.reading.mentions.first[mention]) - 2)
            before = self.words[start : start + 2]
            if before[1:] in POSSESSIVES and before[0].lower() in self.lexicon.countries:
                person.titles.add(before[0].lower())  # Spain's Ann Lee
            found = BEHIND.match(self.reading.text, self.reading.mentions.spans[mention].end)
            if found is None:
                continue
            state = self.lexicon.countries.get((found["seat"] or found["state"] or "-").lower(), "")
            person.titles.update(state.lower().split())
            told = (PARTIES.get(found["party"]), (found["member"] or "").lower(), found["age"])
            person.titles.update(word for word in told if word)

    def _words_elsewhere(self, surnames: Mapping[str, Person]) -> Iterator[list[str]]:
        """The words of the title and of each quote that holds one of some surnames."""
        spans = (segment.span for segment in self.reading.scan.segments)
        for text in (self.document.title or "", *(self.document.text[slice(*span)] for span in spans)):
            words = WORDS.findall(text)
            if any(word in surnames for word in words):
                yield words

    def _given_names_before(self, words: Sequence[str], place: int) -> Name:
        """The given name, with an initial if there is one, before a surname; nothing where none stands there."""
        first = place - 1
        while first > max(0, place - 1 - MOST_INITIALS) and len(fold(words[first])) == 1 and words[first][0].isupper():
            first -= 1
        word = words[first] if first >= 0 else ""
        is_given = word.istitle() and word not in CALENDAR and fold(word) in self.lexicon.first_names
        return tuple(words[first:place]) if is_given else ()

    def _join_untagged(self) -> None:
        """Capitalised heads that the tagger took for something else but that are a named person's surname.

        Or a name alone that is somebody's given name, or stands for one who is known by it alone: Xi.
        """
        m = self.reading.mentions
        surnames = {fold(bare(n)[-1]) for p in self.everybody for n in p.full_names}
        given = {fold(n[0]) for p in self.everybody for n in p.full_names}
        bearers = self.everybody[:MOST] if "@" in self.words else []
        people = [(p, {fold(bare(n)[-1]) for n in islice(p.full_names, FIRST)}) for p in bearers]
        firsts, heads = m.first.tolist(), m.head.tolist()
        for i, form in enumerate(m.form.tolist()):
            if i in self.of_mention or form in (PRONOUN, LABEL) or not self.words[heads[i]][0].isupper():
                continue
            words = self.words[firsts[i] : heads[i] + 1]
            if words[0] == "@" and len(words) == 2:
                owner = _owner_of_handle(words[1], people)
                if owner is not None:
                    self._join(i, owner.names[0], set(), owner)
                continue
            fuller = self._short_form(words)
            if fuller is not None:
                self._join(i, tuple(words), set(), fuller)
                continue
            is_given = len(words) == 1 and fold(words[0]) in given
            is_given = is_given and (form == NAME or self.registry.named(words[0]) is not None)
            if m.last[i] - m.first[i] < 3 and (is_given or fold(words[-1]) in surnames):
                person = self._single_match(i, words[-1], set())
                if person is not None:
                    self._join(i, (words[-1],), set(), person)

    def _short_form(self, words: Sequence[str]) -> Person | None:
        """The person whom the article otherwise calls only by the end of these capitalised words."""
        if not 1 < len(words) <= 4 or not all(w[0].isupper() and w.isalpha() for w in words):
            return None
        if any(w.lower() in self.lexicon.roles or w.lower() in self.lexicon.titles for w in words):
            return None
        for person in self._by_last.get(fold(words[-1]), ()):
            longest = max(person.names, key=len)
            if person.titles & COURTESY and is_tail(longest, words) and self.registry.of_surname(words[-1]) == []:
                return person
        return None

    def _join(self, mention: int, name: Name, titles: set[str], person: Person | None) -> None:
        if person is None:
            person = Person()
            self.everybody.append(person)
        if name not in person.spellings:
            _index(self._by_last, fold(bare(name)[-1]), person)
            _index(self._by_sound, cyrillic(bare(name)[-1]), person)
            _index(self._by_first, fold(name[0]), person)
            if len(name) > 2:
                _index(self._by_opening, " ".join(map(fold, name[:2])), person)
            if initials := _initials(name):
                _index(self._by_initials, initials, person)
            for word in bare(name)[1:-1]:
                _index(self._by_middle, fold(word), person)
        person.names.append(name)
        person.surnamed += fold(bare(name)[-1]) == fold(bare(person.names[0])[-1])
        head = int(self.reading.mentions.head[mention])
        insort(person.places, head)
        if len(name) > 1:
            tags = self.reading.tags
            person.speaks += float(tags.probability["subject"][head] * tags.probability["cue"][tags.head[head]])
        person.titles |= titles
        self.of_mention[mention] = person

    def full_match(self, name: Name) -> Person | None:
        """The cluster that a full name belongs to."""
        surname = bare(name)[-1]
        same = self._by_last.get(fold(surname), [])
        for person in (*same, *(p for p in self._by_sound.get(cyrillic(surname), ()) if p not in same)):
            if name in person.names[:FIRST]:
                return person
            spelled = islice(person.full_names, FIRST)
            if any(are_compatible(name, n, self.lexicon) or is_tail(name, n) for n in spelled):
                return person
        return self._opened_by(name) or self._junior(name)

    def _junior(self, name: Name) -> Person | None:
        """Who is meant by a given name and a suffix: Raymond Jr., of Raymond Tolliver Jr."""
        if len(bare(name)) > 1:
            return None
        same = self._by_first.get(fold(name[0]), [])[:FIRST]
        return next((p for p in same if any(suffix(n) == suffix(name) for n in p.names[:FIRST])), None)

    def _opened_by(self, name: Name) -> Person | None:
        """The one person whose longer name opens with this one: Anna Mae, of Anna Mae Ruth Collier."""
        same = self._by_opening.get(" ".join(map(fold, name[:2])), ())
        found = [p for p in same if any(is_opening(name, n) for n in p.names[:FIRST])]
        return found[0] if len(found) == 1 else None

    def _single_match(self, mention: int, name: str, titles: set[str]) -> Person | None:
        """The cluster a bare name belongs to: by surname, else by first name; of several the most prominent."""
        folded, place = fold(name), int(self.reading.mentions.head[mention])
        gender = self.genders.of_titles(titles) or self.genders.of_bearer(titles)
        if gender is None and len(self._by_last.get(folded, ())) > 1:
            gender = self.genders.behind(int(self.reading.mentions.last[mention]) + 1, self._starts)
            gender = gender or self._gender_before(mention)
        for index in (self._by_last, self._by_first, self._by_middle):
            found = [p for p in index.get(folded, ()) if not gender or self.genders.of(p) in (None, gender)]
            found = [p for p in found if gender and self.genders.of(p) == gender] or found
            if index is self._by_last and found and self._is_someone_else(name, titles, found):
                return None
            if len(found) > 1 and titles & AGES.keys():
                found = self._of_age(titles, found)
            if len(found) > 1:
                found = [p for p in found if p.titles & self._offices_in(titles)] or found
            if found:
                return max(found, key=lambda p: self._prominence(p, place))
        formal = [p for name in self.lexicon.nicknames.get(folded, ()) for p in self._by_first.get(name, ())]
        formal = formal or self._sounding(name, gender) or self._respelled(folded) or self._by_initials.get(folded, [])
        return max(formal, key=lambda p: self._prominence(p, place), default=None)

    def _gender_before(self, mention: int) -> str | None:
        """What a pronoun right before a name tells of its bearer: In her closing speech Keller asked."""
        m = self.reading.mentions
        if not mention or m.last[mention - 1] + 1 != m.first[mention]:
            return None
        opener = self.words[int(m.first[mention - 1])].lower()
        return MALE if opener in HIS else FEMALE if opener in HERS else None

    def _offices_in(self, titles: set[str]) -> set[str]:
        """The titles that few bear: Dr, Sir, Senator, but not Mr."""
        return {title for title in titles if title in self.lexicon.titles} - EVERYBODYS

    def _sounding(self, surname: str, gender: str | None) -> list[Person]:
        """Those whose surname is another transliteration of one."""
        same, found = self._by_last.get(fold(surname), []), self._by_sound.get(cyrillic(surname), [])
        return [p for p in found if p not in same and not (gender and self.genders.of(p) not in (None, gender))]

    def _respelled(self, given: str) -> list[Person]:
        """Those whose given name is the same in another language: Sergei, of Serhiy Bondarenko."""
        first = self.lexicon.spellings.get(given)
        people = [p for p in self.everybody if len(p.names[0]) > 1] if first else []
        return [p for p in people if self.lexicon.spellings.get(fold(p.names[0][0])) == first]

    def _of_age(self, titles: set[str], found: list[Person]) -> list[Person]:
        """The elder or the younger of a name, if each is a Jr. or known to have held an office from some day on."""
        since = [self._since(person) for person in found]
        days = [day for day in since if day is not None]
        if len(days) < len(found):
            return found
        asked = max(days) if any(AGES.get(t) == "younger" for t in titles) else min(days)
        return [person for person, day in zip(found, since, strict=True) if day == asked]

    def _since(self, person: Person) -> datetime.date | None:
        """The first day of a person's first office; for a Jr. the last day there is, for a Sr. the first."""
        suffixes = {suffix(n) for n in person.names[:FIRST]} - {""}
        if suffixes:
            return datetime.date.min if suffixes == {"sr"} else datetime.date.max
        known = (self._registered(n) for n in dict.fromkeys(person.names[:FIRST]) if len(n) > 1)
        speaker = next((s for s in known if s is not None), None)
        return min((r.start for r in speaker.roles if r.start), default=None) if speaker else None

    def _is_someone_else(self, name: str, titles: set[str], found: Sequence[Person]) -> bool:
        """Whether a titled surname means an office holder who is none of those found: President Obama, not Michelle."""
        offices = titles & ALONE_IN_OFFICE
        holders = [s for s in self.registry.of_surname(name) if offices & {r.title.lower() for r in s.roles}]
        return bool(holders) and not any(
            h.name == p.name or are_compatible(tuple(h.name.split()), n, self.lexicon)
            for h in holders
            for p in found
            for n in p.full_names
        )

    def _prominence(self, person: Person, place: int) -> float:
        """How likely a bare surname means this person: named often, known, named before and lately, said something."""
        nearest = person.places[bisect_right(person.places, place) - 1] if person.places else place + 1
        full = next((i for i, n in enumerate(person.names[:50]) if len(n) == 1), min(len(person.names), 50))
        known = any(self.registry.named(" ".join(n)) for n in dict.fromkeys(person.names[:20]) if len(n) > 1)
        lately = 1 / (1 + (place - nearest) / 40) if nearest <= place else 0
        return (
            math.log1p(person.surnamed) + 0.5 * math.log1p(full) + 0.7 * known + 4 * (nearest <= place) + 1.2 * lately
            + 2 * min(1.0, person.speaks)
        )


    # ---- public figures ---------------------------------------------------------------------------------------------

    def _identify(self) -> None:
        """Give clusters the registry's identity; clusters that turn out to be one person become one."""
        absorbed: dict[int, Person] = {}
        for person in self.everybody:
            speaker = next((s for n in dict.fromkeys(person.names) if (s := self._registered(n))), None)
            if speaker is None and all(len(n) == 1 for n in person.names):
                speaker = self._famous(person)
            if speaker is None:
                continue
            person.speaker_id, person.known_name = speaker.speaker_id, speaker.name
            kept = self.known.setdefault(speaker.speaker_id, person)
            if kept is not person:
                _absorb(kept, person)
                absorbed[id(person)] = kept
        self._forget(absorbed)

    def _forget(self, absorbed: Mapping[int, Person]) -> None:
        """Put others in the place of people who have turned out to be them."""
        self.everybody = [p for p in self.everybody if id(p) not in absorbed]
        self.of_mention = {m: _remaining(p, absorbed) for m, p in self.of_mention.items()}

    def _registered(self, name: Name) -> Speaker | None:
        """Whom the registry knows by a name; a junior is his father only if the registry calls him junior, too."""
        speaker = self.registry.named(" ".join(name))
        if speaker is None and len(name) > 1:
            alike = self.registry.sounding(" ".join(name))
            speaker = alike if alike and alike.active_on(self.document.date) else None
        if speaker is None or not suffix(name):
            return speaker
        spellings = (speaker.name, *speaker.aliases)
        return speaker if any(suffix(n.split()) == suffix(name) for n in spellings) else None

    def _famous(self, person: Person) -> Speaker | None:
        """The public figure a bare surname means: holding the title, or in office, or a household name."""
        gender, date = self.genders.of_titles(person.titles), self.document.date
        is_kin = any(self.lexicon.role_kinds.get(title) == "family" for title in person.titles)
        is_kin = is_kin or any(self._is_kin_at(place - 1) for place in person.places[:FIRST])
        if is_kin or person.titles & RELIGIOUS:
            return None
        named = self.registry.of_surname(person.names[0][-1])
        found = [s for s in named if not (gender and s.gender and s.gender != gender)]
        own = [s for s in found if s.speaker_id in self.registry.roster]
        if len(own) == 1:
            return own[0]
        titled = [s for s in found if person.titles & {w for r in s.roles for w in r.title.lower().split()}]
        if len(titled) > 1 and date:
            titled = [s for s in titled if any(r.held_on(date) for r in s.roles)]
        if len(titled) == 1:
            return titled[0]
        ranked = [s for s in found if (s.active_on(date) if date else s.is_household_name())]
        return ranked[0] if len(ranked) == 1 else None

    def known_person(self, speaker_id: str) -> Person:
        """Somebody of the registry, whom the text may not have named."""
        person = self.known.get(speaker_id)
        if person is None:
            speaker = self.registry.speakers[speaker_id]
            person = Person(names=[tuple(speaker.name.split())], speaker_id=speaker_id, known_name=speaker.name)
            self.known[speaker_id] = person
            self.everybody.append(person)
        return person

    def named(self, name: str) -> Person:
        """Somebody by a full name that may stand outside the text, such as the author's."""
        words = tuple(name.split())
        person = self.full_match(words) if len(words) > 1 else None
        if person is None:
            speaker = self.registry.named(name)
            person = Person(names=[words])
            if speaker is not None:
                person.speaker_id, person.known_name = speaker.speaker_id, speaker.name
            _index(self._by_last, fold(words[-1]), person)
        return person


def _owner_of_handle(handle: str, people: Sequence[tuple[Person, set[str]]]) -> Person | None:
    """The one of some people, given with their surnames, of whom one is part of a handle: @ZelenskyyUa."""
    written = fold(handle).replace(" ", "")
    owners = [p for p, names in people if any(len(name) >= SHORTEST_IN_HANDLE and name in written for name in names)]
    return owners[0] if len(owners) == 1 else None


def _are_one_family(people: Sequence[Person]) -> bool:
    """Whether the first of some people shares a surname with another of them, or they are one person."""
    surnames = {id(p): {fold(bare(n)[-1]) for n in p.names[:FIRST] if len(n) > 1} for p in people}
    first = surnames.pop(id(people[0]))
    return not surnames or any(first & others for others in surnames.values())


def _initials(name: Name) -> str:
    """The initials before a surname, as `fold` has them: "e t" of E. T. Harkness."""
    return fold(" ".join(name[:-1])) if len(name) > 1 and all(len(fold(word)) == 1 for word in name[:-1]) else ""


def _is_called(person: Person, alias: Name) -> bool:
    """Whether somebody is called nothing but an alias, or the end of it: Marrow, of DJ Marrow."""
    return all(name == alias or is_tail(name, alias) for name in person.names[:FIRST])


def _absorb(kept: Person, gone: Person) -> None:
    kept.names += gone.names
    kept.places += gone.places
    kept.titles |= gone.titles
    kept.places.sort()


def _remaining(person: Person, absorbed: Mapping[int, Person]) -> Person:
    """Who somebody has turned out to be; nobody is put in the place of one who is gone already, so that this ends."""
    while id(person) in absorbed:
        person = absorbed[id(person)]
    return person


def _index(index: dict[str, list[Person]], key: str, person: Person) -> None:
    people = index.setdefault(key, [])
    if len(people) < MOST and person not in people:
        people.append(person)
