"""Who holds a role in one document: the offices, occupations and ages that text and registry tell of people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from research.documents import Document
from research.people import AGES, PARTIES, People
from research.person import Person
from research.registry import Role
from research.segmentation import GENITIVES

STAFF = frozenset("spokesman spokeswoman spokesperson aide adviser advisor".split())  # who holds an office has them
COUNTERPARTS = frozenset(  # whom the one that a story is about meets: not himself
    "announcer caller judge moderator host interviewer questioner heckler narrator supporter source".split()
)
OCCUPATIONS = frozenset(("office", "military", "profession", "spokesperson"))  # the kinds of role that exclude others
FORMER = frozenset(("former", "ex", "previous"))


class Roles:
    """Who holds which role in one document; `told` has every word that the text has called somebody."""

    def __init__(self, document: Document, people: People):
        self.document, self.people = document, people
        self.words, self.lexicon = people.words, people.lexicon
        self.told = {title for person in people.everybody for title in person.titles}

    def tell(self, person: Person, words: Iterable[str]) -> None:
        """Note what the text calls somebody."""
        person.titles.update(words)
        self.told.update(words)

    def holders(self, words: Sequence[str], recent: Sequence[Person]) -> list[Person]:
        """Those whom the text gave this role, or who are known to hold it; the one met last first."""
        noun, former = words[-1], FORMER & set(words)
        modifiers = set(words[:-1]) - {"the", "this", "that", "then"} - FORMER
        met = [*recent, *(p for p in self.people.everybody[:50] if p not in recent and p.places)]
        country = self.lexicon.countries.get(noun)
        if country is not None:
            found = [p for p in met if country in self._countries(p)]
        elif former:
            found = [p for p in met if (noun in p.titles and former & p.titles) or noun in self._offices(p, past=True)]
        elif self.document.date is None:
            found = [p for p in met if noun in p.titles or self._fits_place(p, modifiers, noun)]
        else:
            found = [p for p in met if noun in p.titles or noun in self._offices(p)]
        closer = [p for p in found if modifiers & p.titles]
        if noun in PARTIES.values() and not modifiers.isdisjoint(self.lexicon.countries):
            return closer  # the Utah Republican
        if len(found) < 2:
            return found
        return closer or [p for p in found if self._fits_place(p, modifiers, noun)] or found

    def office_holder(self, words: Sequence[str], head: int) -> Person | None:
        """Who held the office that a phrase names (the Russian president, president of France) that day."""
        if self.document.date is None:
            return None
        titles = [" ".join(words[-n:]) for n in (2, 1) if len(words) >= n]
        following = self.words[head + 1 : head + 5]
        places = [*words[:-1], *(" ".join(words[i : i + 2]) for i in range(len(words) - 2))]
        if following[:2] in (["of", "the"], ["of", "The"]):
            following = ["of", *self.words[head + 3 : head + 6]]
        if following[:1] == ["of"]:
            places += [w.lower() for w in following[1:3]] + [" ".join(following[1:n]).lower() for n in (3, 4)]
        before = head - len(words)
        if before > 0 and self.words[before] in GENITIVES:
            places += [self.words[before - 1].lower(), " ".join(self.words[max(0, before - 2) : before]).lower()]
        holder, date = self.people.registry.holder, self.document.date
        for title in titles:
            for place in places:
                speaker = holder(title, self.lexicon.countries.get(place, place), date) or holder(title, place, date)
                if speaker is not None:
                    return self.people.known_person(speaker.speaker_id)
        return None

    def of_age(self, words: Sequence[str], met: Iterable[Person]) -> Person | None:
        """The younger or the older of those whose age the text tells: the younger man."""
        told = next((AGES[word] for word in words[:-1] if word in AGES), None)
        ages = {p: int(t) for p in met for t in p.titles if t.isdecimal()}
        if told is None or len(ages) < 2:
            return None
        return (max if told == "elder" else min)(ages, key=ages.__getitem__)

    def is_told(self, person: Person, noun: str) -> bool:
        """Whether the text tells this of somebody. An office does not count: its other holders go without a name."""
        return noun in person.titles and self.lexicon.role_kinds.get(noun) != "office"

    def is_otherwise(self, person: Person, noun: str) -> bool:
        """Whether the text tells an occupation of somebody, and it is not this one."""
        kinds = self.lexicon.role_kinds
        is_told = any(kinds.get(title) in OCCUPATIONS for title in person.titles)
        return is_told and kinds.get(noun) in OCCUPATIONS and noun not in person.titles

    def rules_out(self, person: Person, words: Sequence[str]) -> bool:
        """Whether what somebody is tells against a role: an office for staff, another party, the office held still."""
        noun = words[-1]
        if noun in COUNTERPARTS:
            return noun not in person.titles
        if noun in STAFF:
            return bool(self._offices(person))
        if noun in PARTIES.values():
            return not person.titles.isdisjoint(PARTIES.values())
        if noun.isdecimal():
            return any(title.isdecimal() for title in person.titles)
        if noun in self.lexicon.countries:
            return bool(self._countries(person) - {self.lexicon.countries[noun]})
        return bool(FORMER & set(words)) and noun in person.titles

    def _countries(self, person: Person) -> set[str]:
        """The countries that the text or an office gives somebody."""
        offices = (role.of.lower() for role in self._roles(person))
        named = (self.lexicon.countries.get(word) for word in (*person.titles, *offices))
        return {country for country in named if country}

    def _roles(self, person: Person, past: bool = False) -> list[Role]:
        """The offices that somebody is known to hold on the article's day, or to have held; if it has none, all."""
        date = self.document.date
        roles = self.people.registry.speakers[person.speaker_id].roles if person.speaker_id else ()
        return [r for r in roles if date is None or r.held_on(date) != past]

    def _offices(self, person: Person, past: bool = False) -> set[str]:
        titles = [role.title.lower() for role in self._roles(person, past)]
        return {title.split(" of ")[0].split()[-1] for title in titles}

    def _fits_place(self, person: Person, modifiers: Collection[str], noun: str) -> bool:
        """Whether a modifier names where the office is held: the Indiana governor."""
        return bool(person.speaker_id and modifiers) and any(
            noun in r.title.lower() and (r.of.lower() in modifiers or (r.adjective or "-").lower() in modifiers)
            for r in self._roles(person)
        )
