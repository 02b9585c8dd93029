"""A mention → a person, within one document: who says a quote, by canonical name.

`research.people` clusters the names, `research.reference` resolves what stands for a name; here the two are put
together, and who or what is no named person gets a kind. Who stays unclear stays unknown: `Identity.name` is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from research.attribution import Reading, load_models
from research.documents import Document
from research.mentions import NAME, ORGANISATION, PLACE, PRONOUN
from research.names import PARTICLES, bare
from research.people import People, Person
from research.reference import Link, References
from research.registry import Registry, fold

THING_PRONOUNS = frozenset(("it", "which", "that", "itself"))
SINGLES = frozenset("one another someone somebody anyone anybody".split())
QUANTITIES = frozenset(
    "percent half majority most many several few both two three four five dozens hundreds thousands millions some "
    "others".split()
)
PERSONAL = frozenset("self-described self-proclaimed young old elderly female male fellow".split())
AGENTS = ("er", "or", "ist", "ian", "man", "woman", "person")  # endings of nouns for who does something
OWNS = (["’s"], ["'s"], ["’"], ["'"])  # behind an owner
REACH = 8  # mentions back that "it" may stand for
GROUP_PRONOUNS = frozenset(("they", "them", "we", "us", "you", "themselves", "others", "many", "some", "those"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a mention stands for.

    kind is person, unnamed person, organisation, group or document (None: cannot be told); name is the canonical name
    of a person or organisation; reason says which way it was resolved. An unnamed person has a description, the same
    all through the article: how it first calls him or her.
    """

    name: str | None
    speaker_id: str | None
    kind: str | None
    certainty: float
    reason: str
    description: str | None = None


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


def resolve(document: Document, reading: Reading, registry: Registry) -> list[Identity | None]:
    """Who says each quote of a document; None where the quote has no mention."""
    resolver = Resolver(document, reading, registry)
    return [None if d.mention is None else resolver.identity(d.mention) for d in reading.decisions]


class Resolver:
    """One document's people, and who each of its mentions is."""

    def __init__(self, document: Document, reading: Reading, registry: Registry):
        self.document, self.reading = document, reading
        self.people = People(document, reading, registry)
        self.references = References(document, reading, self.people)
        self._names: dict[int, str | None] = {}

    @property
    def links(self) -> Mapping[int, Link]:
        """The mentions that stand for a person."""
        return self.references.links

    def identity(self, mention: int) -> Identity:
        """Who `mention` is."""
        mention = self._possession(mention)
        link = self.links.get(mention)
        if link is None:
            return self._other_identity(mention)
        person = link.person
        if id(person) not in self._names:
            self._names[id(person)] = person.name
        return Identity(
            name=self._names[id(person)],
            speaker_id=person.speaker_id,
            kind="person" if person.names else "unnamed person",
            certainty=link.certainty,
            reason=link.reason,
            description=person.description,
        )

    def _possession(self, mention: int) -> int:
        """The one who speaks where a name is only the owner's (Clinton's campaign, The Post's Ruth Marcus).

        Clinton's remarks are Clinton's.
        """
        m, words, lexicon = self.reading.mentions, self.reading.tokens.words, self.people.lexicon
        place = int(m.last[mention]) + 1
        if mention + 1 >= len(m) or m.form[mention] == PRONOUN or words[place : place + 1] not in OWNS:
            return mention
        noun = words[int(m.head[mention + 1])].lower()
        speaks = mention + 1 in self.people.of_mention or noun in lexicon.roles or noun in lexicon.groups
        speaks = speaks or lexicon.things.get(noun) == "organisation"
        return mention + 1 if speaks and int(m.first[mention + 1]) == place + 1 else mention

    def named(self, mentions: Sequence[int | None]) -> tuple[tuple[Named, ...], tuple[int | None, ...]]:
        """Everybody whom the article names, and whom of them each of some mentions stands for."""
        links = [None if mention is None else self.links.get(mention) for mention in mentions]
        named = [(person, self._named(person)) for person in self.people.everybody if person.names]
        number = {id(person): place for place, (person, _) in enumerate(named)}
        places = tuple(None if link is None else number.get(id(link.person)) for link in links)
        return tuple(made for _, made in named), places

    def _named(self, person: Person) -> Named:
        lexicon = self.people.lexicon
        spelled = Counter(n for n in person.names if len(n) > 1) or Counter(person.names)
        words = max(spelled, key=lambda n: (spelled[n], len(n), n))
        first, particle = fold(words[0]), words[0].lower() in PARTICLES
        spelled_out = len(bare(words)) > 1 and len(first) > 1 and not (particle and first not in lexicon.first_names)
        return Named(
            name=person.name or " ".join(words),
            words=words,
            given=lexicon.nicknames.get(first, frozenset()) | {first} if spelled_out else frozenset(),
            speaker_id=person.speaker_id,
            gender=self.people.gender(person),
            titles=frozenset(t for t in person.titles if t in lexicon.titles),
            roles=frozenset(t for t in person.titles if t in lexicon.roles),
        )

    def _other_identity(self, mention: int) -> Identity:
        m = self.reading.mentions
        kind = self._kind(mention)
        if kind == "organisation" and m.form[mention] in (ORGANISATION, NAME):
            name = " ".join(self.document.text[slice(*m.spans[mention])].split())
            return Identity(name=name, speaker_id=None, kind=kind, certainty=0.8, reason="organisation")
        return Identity(
            name=None, speaker_id=None, kind=kind, certainty=0.0, reason="unnamed" if kind else "unresolved"
        )

    def _kind(self, mention: int) -> str | None:
        """What sort of speaker a mention is that stands for no known person."""
        m, words = self.reading.mentions, self.reading.tokens.words
        form, head = int(m.form[mention]), int(m.head[mention])
        noun = words[head].lower()
        if form == PRONOUN:
            return self._kind_of_pronoun(mention, noun)
        if noun in SINGLES or noun.endswith("-old"):
            return "unnamed person"
        if noun in QUANTITIES or noun in self.people.lexicon.groups:
            return "group"
        if form in (ORGANISATION, PLACE, NAME):
            return self._kind_of_name(mention, noun)
        if noun in self.people.lexicon.things:
            return self.people.lexicon.things[noun]
        if noun in self.people.lexicon.roles:
            return "unnamed person"
        if self._is_plural(head):
            singular = noun.removesuffix("s")
            return "document" if self.people.lexicon.things.get(singular) == "document" else "group"
        before = {w.lower() for w in words[int(m.first[mention]) : head]}
        is_personal = bool(before & PERSONAL) or (bool(before) and noun.endswith(AGENTS))
        return "unnamed person" if is_personal else "document"

    def _kind_of_name(self, mention: int, noun: str) -> str:
        """A capitalised phrase: an organisation, unless its noun is a role, or stands alone and is a thing."""
        m, lexicon = self.reading.mentions, self.people.lexicon
        words = self.reading.tokens.words[int(m.first[mention]) : int(m.head[mention]) + 1]
        if noun in lexicon.roles:
            return "unnamed person"
        if len(words) == 1 or words[-1].islower():
            return lexicon.things.get(noun, "organisation")
        return "organisation"

    def _kind_of_pronoun(self, mention: int, noun: str) -> str | None:
        """It, which and that are the last subject that is an organisation or a document; "who" cannot be told."""
        if noun in GROUP_PRONOUNS:
            return "group"
        if noun not in THING_PRONOUNS:
            return None
        before = range(mention - 1, max(-1, mention - 1 - REACH), -1)
        heads, subject = self.reading.mentions.head, self.reading.tags.probability["subject"]
        things = [i for i in before if self.reading.mentions.form[i] != PRONOUN and i not in self.links]
        subjects = [i for i in things if subject[int(heads[i])] > 0.5]
        kinds = (self._kind(i) for i in [*subjects, *things])
        return next((kind for kind in kinds if kind in ("organisation", "document")), None)

    def _is_plural(self, place: int) -> bool:
        return load_models().tagger.names["pos"][int(self.reading.tags.pos[place])] in ("NNS", "NNPS")
