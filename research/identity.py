"""A mention → a person, within one document: who says a quote, by canonical name.

`research.people` clusters the names, `research.reference` resolves what stands for a name; here the two are put
together, and who or what is no named person gets a kind. Who stays unclear stays unknown: `Identity.name` is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from research.attribution import Reading, load_models
from research.documents import Document
from research.mentions import NAME, ORGANISATION, PLACE, PRONOUN
from research.people import People
from research.reference import Link, References
from research.registry import Registry

GROUP_PRONOUNS = frozenset(("they", "them", "we", "us", "you", "themselves", "others", "many", "some", "those"))


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
        self._names: dict[int, str] = {}

    @property
    def links(self) -> Mapping[int, Link]:
        """The mentions that stand for a person."""
        return self.references.links

    def identity(self, mention: int) -> Identity:
        """Who `mention` is."""
        link = self.links.get(mention)
        if link is None:
            return self._other_identity(mention)
        person = link.person
        if id(person) not in self._names:
            self._names[id(person)] = person.name
        return Identity(
            name=self._names[id(person)],
            speaker_id=person.speaker_id,
            kind="person",
            certainty=link.certainty,
            reason=link.reason,
        )

    def _other_identity(self, mention: int) -> Identity:
        m = self.reading.mentions
        head, form = int(m.head[mention]), int(m.form[mention])
        kind = self._kind(form, self.reading.tokens.words[head].lower(), head)
        if kind == "organisation" and form in (ORGANISATION, NAME):
            name = " ".join(self.document.text[slice(*m.spans[mention])].split())
            return Identity(name=name, speaker_id=None, kind=kind, certainty=0.8, reason="organisation")
        return Identity(
            name=None, speaker_id=None, kind=kind, certainty=0.0, reason="unnamed" if kind else "unresolved"
        )

    def _kind(self, form: int, noun: str, head: int) -> str | None:
        lexicon = self.people.lexicon
        if form == PRONOUN:
            return "group" if noun in GROUP_PRONOUNS else None
        if noun in lexicon.groups:
            return "group"
        if noun in lexicon.things:
            return lexicon.things[noun]
        if noun in lexicon.roles:
            return "unnamed person"
        if form in (ORGANISATION, PLACE, NAME):
            return "organisation"
        plural = load_models().tagger.names["pos"][int(self.reading.tags.pos[head])] in ("NNS", "NNPS")
        return "group" if plural else "unnamed person"
