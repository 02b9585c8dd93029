"""What stands for a name → a person: pronouns (he), role nouns (the former officer), offices (the Russian president).

The text is read through once, in order; each mention is resolved against the people met lately.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from research.attribution import Reading
from research.documents import Document
from research.lexicon import FEMALE, MALE
from research.mentions import NAME, ORGANISATION, PLACE, PRONOUN, ROLE
from research.people import People, Person
from research.registry import fold
from research.segmentation import PARAGRAPH_TOKEN

HE = frozenset(("he", "him", "himself", "his"))
SHE = frozenset(("she", "her", "herself", "hers"))
I_WORDS = frozenset(("i", "me", "myself"))
RELATIVE = frozenset(("who", "which", "that", "whom"))
RECENT = 8  # people that a pronoun may stand for: those met last
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


@dataclass(frozen=True, slots=True)
class Link:
    """Which person a mention was taken for, how, and how often that way is right."""

    person: Person
    reason: str
    certainty: float


class References:
    """Everything in one document that stands for a person: `links` says for whom, by mention."""

    def __init__(self, document: Document, reading: Reading, people: People):
        self.document, self.reading, self.people = document, reading, people
        self.words, self.lexicon = people.words, people.lexicon
        self.sources = frozenset(d.mention for d in reading.decisions if d.mention is not None)
        self.links: dict[int, Link] = {}
        self._link_appositions()
        self._read_through()

    # ---- appositions ------------------------------------------------------------------------------------------------

    def _link_appositions(self) -> None:
        """Give a role beside a name (Igor Girkin, a former officer) to the person, here and later."""
        m, named = self.reading.mentions, self.people.of_mention
        for i in range(len(m) - 1):
            gap = self.words[int(m.last[i]) + 1 : int(m.first[i + 1])]
            name, role = (i, i + 1) if i in named else (i + 1, i)
            if gap[:1] in (["of"], ["for"], ["at"], ["in"]) and i + 2 in named and i not in named:
                name, role = i + 2, i
                gap = self.words[int(m.last[i + 1]) + 1 : int(m.first[i + 2])]
            if len(gap) > 1 or (gap and gap[0] not in (",", "(", "—", "–", "-")):
                continue
            if name in named and m.form[role] == ROLE and gap and (role < name or self._closes(role)):
                words = [w.lower() for w in self.words[int(m.first[role]) : int(m.head[role]) + 1]]
                if words[-1] in self.lexicon.roles:
                    named[name].titles.update(words)
                    self.links[role] = Link(named[name], "apposition", 0.98)

    def _closes(self, role: int) -> bool:
        """Whether an apposition after a name ends as one does (Ann Lee, the mayor,) and no clause follows it."""
        place = int(self.reading.mentions.last[role]) + 1
        following = self.words[place] if place < len(self.words) else "."
        return not following[0].isalnum() or following in APPOSITION_TAILS

    # ---- reading through --------------------------------------------------------------------------------------------

    def _read_through(self) -> None:
        """Resolve roles and pronouns in reading order, each against the people met lately."""
        m = self.reading.mentions
        recent: list[Person] = []
        speaking: Person | None = None
        for mention, form in enumerate(m.form.tolist()):
            link = self.links.get(mention) or self._link(mention, form, recent, speaking)
            if link is None:
                continue
            self.links[mention] = link
            person, place = link.person, int(m.head[mention])
            person.seen.append((place, float(self.reading.tags.probability["subject"][place])))
            if link.reason != "author" and self._may_be_meant(person):
                if person in recent:
                    recent.remove(person)
                recent.insert(0, person)
                del recent[RECENT:]
            if mention in self.sources:
                speaking = person

    def _may_be_meant(self, person: Person) -> bool:
        """Whether "he" or "she" can mean this person: more is known than one capitalised word."""
        return bool(
            person.speaker_id
            or person.titles
            or len(person.names) > 1
            or len(person.names[0]) > 1
            or fold(person.names[0][0]) in self.lexicon.first_names
        )

    def _link(self, mention: int, form: int, recent: Sequence[Person], speaking: Person | None) -> Link | None:
        person = self.people.of_mention.get(mention)
        if person is not None:
            return Link(person, "name", 0.99)
        word = self.words[int(self.reading.mentions.head[mention])].lower()
        if form == PRONOUN and word in HE | SHE:
            found = self.antecedent(mention, MALE if word in HE else FEMALE, recent, speaking)
            return Link(found, "pronoun", 0.95) if found else None
        if form == PRONOUN and word in RELATIVE:
            found = self._before(mention)
            return Link(found, "relative pronoun", 0.97) if found else None
        opener = self.words[int(self.reading.mentions.first[mention])].lower()
        if (
            (form == PRONOUN and word in I_WORDS)
            or (opener == "this" and word in ("reporter", "writer", "correspondent"))
            or (opener == "my" and word in SPEECH_NOUNS)
        ):
            found = self._author()
            return Link(found, "author", 0.9) if found else None
        if opener in ("his", "her") and word in SPEECH_NOUNS:
            found = self.antecedent(mention, MALE if opener == "his" else FEMALE, recent, speaking)
            return Link(found, "possessive", 0.8) if found else None
        if form in (ROLE, NAME, ORGANISATION, PLACE):
            return self._role_holder(mention, recent, speaking)
        return None

    def _author(self) -> Person | None:
        name = (self.document.author or self._byline()).removeprefix("By ")
        return self.people.named(name) if name.split() else None

    def _byline(self) -> str:
        """The author that a line of the text itself names: By Ann Lee; Words by Ann Lee."""
        found = BYLINE.search(self.document.text, 0, 3000)
        return found["name"] if found else ""

    def _before(self, mention: int) -> Person | None:
        """The person named just before a relative pronoun."""
        place, named = int(self.reading.mentions.first[mention]), self.people.of_mention
        near = [i for i in range(max(0, mention - 3), mention) if place - int(self.reading.mentions.last[i]) <= 3]
        return next((named[i] for i in reversed(near) if i in named), None)

    # ---- roles ------------------------------------------------------------------------------------------------------

    def _role_holder(self, mention: int, recent: Sequence[Person], speaking: Person | None) -> Link | None:
        m = self.reading.mentions
        first, head = int(m.first[mention]), int(m.head[mention])
        words = [w.lower() for w in self.words[first : head + 1]]
        noun = words[-1]
        if noun not in self.lexicon.roles or words[0] in SINGULAR_ARTICLES:
            return None
        holder = self._office_holder(words, head)
        if holder is not None:
            holder.titles.add(noun)
            return Link(holder, "office", 0.98)
        person = self._titled(words, recent)
        if person is not None:
            return Link(person, "role", 0.95)
        if (
            words[0] in ("the", "this", "that")
            and len(words) <= 4
            and self.words[head + 1 : head + 2] not in (["of"], ["for"])
        ):
            found = self.antecedent(mention, self.lexicon.roles.get(noun), recent, speaking)
            return Link(found, "topic", 0.7) if found else None
        return None

    def _office_holder(self, words: Sequence[str], head: int) -> Person | None:
        """Who held the office that a phrase names (the Russian president, president of France) that day."""
        if self.document.date is None:
            return None
        titles = [" ".join(words[-n:]) for n in (2, 1) if len(words) >= n]
        following = self.words[head + 1 : head + 5]
        places = [*words[:-1], *(" ".join(words[i : i + 2]) for i in range(len(words) - 2))]
        if following[:1] == ["of"]:
            places += [w.lower() for w in following[1:3]] + [" ".join(following[1:3]).lower()]
        before = head - len(words)
        if before > 0 and self.words[before] in ("’s", "'s"):
            places.append(self.words[before - 1].lower())
        holder, date = self.people.registry.holder, self.document.date
        for title in titles:
            for place in places:
                speaker = holder(title, self.lexicon.countries.get(place, place), date) or holder(title, place, date)
                if speaker is not None:
                    return self.people.known_person(speaker.speaker_id)
        return None

    def _titled(self, words: Sequence[str], recent: Sequence[Person]) -> Person | None:
        """The person whom the text gave this role, or who is known to hold it: the one met last."""
        noun, modifiers = words[-1], set(words[:-1]) - {"the", "this", "that", "former", "then"}
        met = [*recent, *(p for p in self.people.everybody[:50] if p not in recent and p.places)]
        found = [p for p in met if noun in p.titles or noun in self._offices(p)]
        closer = [p for p in found if modifiers & p.titles]
        return next(iter(closer or found), None)

    def _offices(self, person: Person) -> set[str]:
        if person.speaker_id is None or self.document.date is None:
            return set()
        roles = self.people.registry.speakers[person.speaker_id].roles
        return {r.title.split()[-1].lower() for r in roles if r.held_on(self.document.date)}

    # ---- pronouns ---------------------------------------------------------------------------------------------------

    def antecedent(
        self, mention: int, gender: str | None, recent: Sequence[Person], speaking: Person | None
    ) -> Person | None:
        """The best of the people met lately for a pronoun or a bare role; None if nobody fits."""
        fits = self.fitting(gender, recent)
        if not fits:
            return None
        place = int(self.reading.mentions.first[mention])
        rows = [self.antecedent_features(p, rank, place, gender, speaking) for rank, p in enumerate(fits)]
        scores = [sum(w * x for w, x in zip(ANTECEDENT_WEIGHTS, row, strict=True)) for row in rows]
        return fits[max(range(len(fits)), key=scores.__getitem__)]

    def fitting(self, gender: str | None, recent: Sequence[Person]) -> list[Person]:
        """The people met lately whose gender does not speak against it."""
        told = {id(p): self.people.gender(p) for p in recent}
        return [p for p in recent if gender not in (MALE, FEMALE) or told[id(p)] in (None, gender)]

    def antecedent_features(
        self, person: Person, rank: int, place: int, gender: str | None, speaking: Person | None
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
            float(self.people.gender(person) == gender),
            math.log1p(len(person.seen)),
            float(person is speaking),
            float(person is speaking and apart <= 1),
            float(self._opens_sentence(last)),
            float(len(person.names[0]) > 1 or person.speaker_id is not None),
        )

    def _opens_sentence(self, place: int) -> bool:
        """Whether a mention's head stands within the first few words of its sentence."""
        return any(w in (".", "!", "?", PARAGRAPH_TOKEN) for w in self.words[max(0, place - 4) : place])
