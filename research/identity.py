"""A mention → a person, within one document: who says a quote, by canonical name.

`research.people` clusters the names, `research.reference` resolves what stands for a name; here the two are put
together, and who or what is no named person gets a kind. Who stays unclear stays unknown: `Identity.name` is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from research.attribution import Reading, calibrated, load_models
from research.documents import Document
from research.kinds import Kinds
from research.layout import Decision
from research.mentions import NAME, ORGANISATION
from research.names import PARTICLES, bare
from research.people import People
from research.person import Person
from research.reference import Link, References
from research.registry import Registry, fold

BY_WHOM = "by whom"
BY_WHOM_REACH = 100  # characters behind a quote in which it is said to be nobody's: “…”, though nobody knows by whom


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


def confidence_of(decision: Decision, identity: Identity | None, *, has_reader: bool) -> float:
    """The probability that a row's speaker is right: of a person, that the name is; else that the mention is.

    Attribution's confidence and identity's certainty are joined by one of Platt's (1999) maps, fitted on whole rows by
    `research.training.confidence`: with the reader and without.
    """
    if identity is None or not identity.name:
        return decision.confidence
    if identity.kind != "person":
        return decision.confidence * identity.certainty
    models = load_models()
    return calibrated(models.reader.named if has_reader else models.named, decision.confidence, identity.certainty)


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
        self.kinds = Kinds(reading, self.people, self.links)
        self._names: dict[int, str | None] = {}
        self._untold = self._find_untold()

    @property
    def links(self) -> Mapping[int, Link]:
        """The mentions that stand for a person."""
        return self.references.links

    def _find_untold(self) -> frozenset[int]:
        """The mentions taken for a source behind the word that it is not known: “…”, though nobody knows by whom."""
        text, spans = self.document.text, self.reading.mentions.spans
        pairs = zip(self.reading.decisions, self.reading.scan.segments, strict=True)
        said = ((d.mention, segment.span.end) for d, segment in pairs if d.mention is not None)
        return frozenset(m for m, end in said if text.find(BY_WHOM, end, min(spans[m].start, end + BY_WHOM_REACH)) >= 0)

    def identity(self, mention: int) -> Identity:
        """Who `mention` is."""
        if mention in self._untold:
            return Identity(name=None, speaker_id=None, kind=None, certainty=0.0, reason="unresolved")
        mention = self.kinds.speaking(mention)
        if self.kinds.is_joint(mention):
            return Identity(name=None, speaker_id=None, kind="group", certainty=0.0, reason="joint")
        link = self.links.get(mention)
        if link is None or self.kinds.institutions.includes(mention):
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
            gender=self.people.genders.of(person),
            titles=frozenset(t for t in person.titles if t in lexicon.titles),
            roles=frozenset(t for t in person.titles if t in lexicon.roles),
        )

    def _other_identity(self, mention: int) -> Identity:
        m = self.reading.mentions
        kind = self.kinds.kind(mention)
        if kind == "organisation" and m.form[mention] in (ORGANISATION, NAME):
            name = " ".join(self.document.text[slice(*m.spans[mention])].split())
            return Identity(name=name, speaker_id=None, kind=kind, certainty=0.8, reason="organisation")
        return Identity(
            name=None, speaker_id=None, kind=kind, certainty=0.0, reason="unnamed" if kind else "unresolved"
        )
