"""Short made-up news articles with gold quotes, from a grammar written for this project.

PolNeAR has the source in the paragraph of its quote in 98 of 100 direct quotes, and next to no dialogue, interviews,
galleries, continued quotations or signs, so a tagger fitted on it alone learns that the nearest name speaks. These
articles hold the constructions it lacks, among plain ones. They teach where a speaker stands, not what people say: a
quote is folded into one token before the tagger sees it, so contents are assembled from a few hundred clauses.

A template is text with marks, and the labels come out of it while it is written, so offsets are right by construction:

``[s1 …]`` ``[c1 …]`` ``[k1 …]``
    source, cue and content of attribution 1 of the template.
``[q1 np.]``
    a quote of attribution 1: a kind of words (see `_Writer.words_for`; none is a sentence) and what ends it. ``+``
    leaves it open, as where the next paragraph goes on; ``@b`` names a person in it.
``[q<a .]`` ``[q>a .]``
    a quote whose source is the nearest mention before (after) it of the person a.
``[u title]``
    a quote that is nobody's speech.
``$a`` ``$b:he`` ``$place``
    a person of the cast, in some form; a word from the table of that name.
``$topic`` ``$filler``
    a part of a template, from `PARTS` of `research.training.templates`, where the constructions and their weights are.
``{x|y|}`` ``¶``
    alternatives; a new paragraph.

>>> first = next(articles(1))
>>> all(first["text"][quote["start"] + 1:].startswith(quote["text"]) for quote in first["quotes"])
True
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from research.documents import Span
from research.training.lexicon import LAST, MEN, OFFICES, WOMEN, WORDS
from research.training.templates import ALONE, CONSTRUCTIONS, PARTS, WEIGHTS

# Share of articles in percent; marks, those of a quotation in a quotation last; British commas; apostrophe.
HOUSES = (
    (44, "“”‘’", False, "’"),
    (16, "“”‘’", True, "’"),
    (20, "\"\"''", False, "'"),
    (5, "\"\"''", True, "'"),
    (8, "‘’“”", True, "’"),
    (2, "‘’“”", False, "’"),
    (3, "«»“”", True, "’"),
    (2, "„“‚‘", True, "’"),
)
SENTENCE_COUNTS = (1, 1, 1, 1, 1, 2, 2, 3)
BARE = frozenset({"title", "slogan", "nick", "term", "notice"})

ATOM = re.compile(
    r"""
    \[(?P<role>[sck])(?P<group>\d)[ ]                                            # a labelled stretch opens
    | (?P<close>\])                                                              # … and closes
    | \[(?P<quote>q\d|q[<>][a-e]|u)[ ](?P<words>[a-z]*)(?P<end>[.,?!;+—]?)(?:@(?P<named>[a-e]))?\]
    | \$(?P<name>\w+)(?::(?P<form>\w+))?                                         # a person or a word
    | (?P<paragraph>¶)
    | (?P<literal>[^\[\]$¶]+)
    """,
    re.VERBOSE,
)
CHOICE = re.compile(r"\{([^{}]*)\}")
WORD = re.compile(r"\$(\w+)")
PART = re.compile(r"\$(filler|headline|topic|aside)\b")
OPENING = re.compile(r"(?<=[.?!] )[a-z]")  # of a sentence within a literal
LETTERS = "abcde"
FRAGMENTS = frozenset({"np", "adj", "vp", "cl"})
HEADLINE_SHARE, FILLER_SHARE, TAIL_SHARE, PARAGRAPH_SHARE = 0.25, 0.22, 0.2, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in an article, with the ways to name them. `role` needs an article, `office` stands before a name."""

    first: str
    last: str
    gender: str
    title: str
    role: str
    office: str
    age: int

    @property
    def full(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An outlet's style: its marks, where it puts commas, how it names people the second time."""

    opening: str
    closing: str
    inner: str
    british: bool
    apostrophe: str
    later: str
    break_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote as written: with its marks, within them, and how to find its source."""

    span: Span
    inner: Span
    closed: bool
    kind: str
    owner: str
    label: Span | None
    construction: str


@dataclass(slots=True)
class _Writer:
    """An article as it grows. ``3.1`` is attribution 1 of its third template."""

    rng: random.Random
    house: House
    cast: Sequence[Person]
    text: str = ""
    block: int = 0
    construction: str = ""
    order: dict[str, Person] = field(default_factory=dict)
    spans: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    quotes: list[Quoted] = field(default_factory=list)
    mentions: list[tuple[Person, Span]] = field(default_factory=list)
    possessors: set[Span] = field(default_factory=set)
    introduced: set[str] = field(default_factory=set)
    comma_due: bool = False
    stopped_at: int = 0

    # Templates

    def write(self, template: str) -> None:
        """Write a template's text and keep its labels."""
        self.block += 1
        opened: list[tuple[str, str, int]] = []
        for atom in ATOM.finditer(self.complete(template)):
            if atom["role"]:
                opened.append((atom["role"], f"{self.block}.{atom['group']}", -1))
                continue
            if atom["close"]:
                self._close(opened.pop())
                continue
            start = self._write_atom(atom)
            opened = [(role, group, start if at < 0 else at) for role, group, at in opened]

    def complete(self, template: str) -> str:
        """The template with the parts of templates that it names put in, and its alternatives chosen."""
        template = self.chosen(template)
        while (found := PART.search(template)) is not None:
            part = self.chosen(self.rng.choice(PARTS[found[1]]))
            template = template[: found.start()] + part + template[found.end() :]
        return template

    def chosen(self, template: str) -> str:
        """The template with one of each set of alternatives, innermost first."""
        while (found := CHOICE.search(template)) is not None:
            template = template[: found.start()] + self.rng.choice(found[1].split("|")) + template[found.end() :]
        return template

    def _close(self, opened: tuple[str, str, int]) -> None:
        role, group, start = opened
        self.spans.setdefault((role, group), []).append(Span(start, len(self.text)))

    def _write_atom(self, atom: re.Match[str]) -> int:
        """Write one atom and say where it starts."""
        if atom["paragraph"]:
            return self.end_paragraph()
        if atom["literal"]:
            return self.add(OPENING.sub(lambda first: first[0].upper(), self._as_sentence_opens(atom["literal"])))
        if atom["quote"]:
            return self._quote(atom)
        if atom["name"] in self.order:
            return self._mention(self.order[atom["name"]], atom["form"] or "auto")
        return self.add(self._as_sentence_opens(self.expand(f"${atom['name']}")))

    def add(self, text: str) -> int:
        """Append text, with the comma that an apposition before it is owed, and say where it starts."""
        if self.comma_due and text[:1] not in ",.;:?!)—":
            self.text += ","
        self.comma_due = False
        start = len(self.text)
        self.text += (
            text.replace("'", self.house.apostrophe).replace("<", self.house.inner[0]).replace(">", self.house.inner[1])
        )
        return start

    def end_paragraph(self) -> int:
        """Start a new paragraph."""
        self.comma_due = False
        if self.text:
            self.text = self.text.rstrip() + self.house.break_
        return len(self.text)

    def expand(self, text: str) -> str:
        """Put words from the tables in place of their names, until none is left."""
        text = self.chosen(text)
        while (found := WORD.search(text)) is not None:
            words = self.chosen(self.rng.choice(WORDS[found[1]]))
            text = text[: found.start()] + words + text[found.end() :]
        return text

    def _as_sentence_opens(self, text: str) -> str:
        return text[:1].upper() + text[1:] if self._sentence_opens() else text

    def _sentence_opens(self) -> bool:
        before = self.text.rstrip(" ")
        return not before or before[-1] in ".\n" or len(before) == self.stopped_at

    # People

    def _mention(self, person: Person, form: str) -> int:
        """Name a person: in full the first time, then as the house does; a pronoun only where it is clear."""
        known = person.full in self.introduced
        words = FORMS[form](person) if form in FORMS else self._named(person, form, known)
        if person.full in words:
            self.introduced.add(person.full)
        start = self.add(self._as_sentence_opens(words))
        self.mentions.append((person, Span(start, len(self.text))))
        if form == "his":
            self.possessors.add(self.mentions[-1][1])
        self.comma_due = form == "auto" and ", " in words
        return start

    def _named(self, person: Person, form: str, known: bool) -> str:
        if form in PRONOUNS and known and self._is_clear(person):
            return PRONOUNS[form][person.gender]
        if form in ("poss", "his"):
            return f"{self._later(person) if known else person.full}'s"
        if known or form != "auto":
            return self._later(person) if known else person.full
        return self._introduction(person)

    def _is_clear(self, person: Person) -> bool:
        """Whether nobody of the same gender was named since."""
        alike = [p for p, _ in self.mentions[-3:] if p.gender == person.gender]
        return bool(alike) and alike[-1] is person

    def _later(self, person: Person) -> str:
        dot = "" if self.house.british else "."
        courtesy = person.title or {"m": "Mr", "f": "Ms"}[person.gender]
        styled = f"{courtesy}{dot} {person.last}"
        drawn = self.rng.random()
        if drawn < 0.08:
            return f"the {person.office.lower()}"
        if drawn < 0.12:
            return person.full
        return styled if self.house.later == "title" else person.first if self.house.later == "first" else person.last

    def _introduction(self, person: Person) -> str:
        dot = "" if self.house.british else "."
        title = f"{person.title}{dot} " if person.title else ""
        ways = (
            f"{title}{person.full}",
            f"{title}{person.full}",
            f"{title}{person.full}, {self.expand(person.role)}",
            f"{title}{person.full}, {self.expand(person.role)}",
            f"{person.office} {person.full}",
            f"the {person.office.lower()}, {person.full}",
            f"{person.full}, {person.age}",
            f"{person.full}, {person.age}, {self.expand(person.role)}",
            f"{person.office} {person.full}",
        )
        return self.rng.choice(ways)

    # Quotes

    def _quote(self, atom: re.Match[str]) -> int:
        words, end, named = atom["words"], atom["end"], self.order.get(atom["named"] or "")
        body = self._as_sentence_opens(self.words_for(words, end, named))
        after = ""
        if self.house.british and words in FRAGMENTS | BARE and end in (".", ","):
            body, after = body[:-1], end
        start = self.add(self.house.opening)
        inner = Span(self.add(body), len(self.text))
        closed = end != "+"
        if closed:
            self.add(self.house.closing)
        label = Span(inner.start, inner.start + len(named.last)) if words == "label" and named else None
        span = Span(start, len(self.text))
        owner = self._owner(atom["quote"])
        kind = "" if atom["quote"] == "u" else "mixed" if words in FRAGMENTS else "direct"
        self.quotes.append(
            Quoted(
                span=span,
                inner=inner,
                closed=closed,
                kind=kind,
                label=label,
                owner=owner,
                construction=self.construction,
            )
        )
        self.add(after)
        self.stopped_at = len(self.text) if end in (".", "+") else 0
        return start

    def _owner(self, mark: str) -> str:
        """The attribution a quote belongs to, or which way to look for whom."""
        return f"{mark[1]}{self.order[mark[2]].full}" if mark[1:2] in ("<", ">") else f"{self.block}.{mark[1:]}"

    def words_for(self, kind: str, end: str, named: Person | None) -> str:
        """Words to quote: a sentence, several (``long``), a phrase, a title, a vocative or a transcript's line."""
        if kind in FRAGMENTS or kind in BARE:
            return self.expand(f"${kind}") + end
        if kind == "cl":
            return self.expand("$cl") + end
        count = (
            1
            if kind in ("short", "voc")
            else self.rng.choice((2, 2, 3))
            if kind == "long"
            else self.rng.choice(SENTENCE_COUNTS)
        )
        sentences = [
            self._sentence(kind, end if last else ".", named) for last in (i == count - 1 for i in range(count))
        ]
        text = " ".join(sentences)
        if kind == "label" and named is not None:
            return f"{named.last.upper()}: {text}"
        return text[:1].lower() + text[1:] if end == ";" and not text.startswith("I ") else text

    def _sentence(self, kind: str, end: str, named: Person | None) -> str:
        table = "question" if end == "?" else "short" if kind == "short" else "sentence"
        words = self.expand(f"${table}")
        if kind == "voc" and named is not None:
            words = f"{self.expand('$order')}, {named.first}"
        drawn = self.rng.random()
        if end in ".,+;" and kind != "voc" and drawn < 0.12:
            words, mark = (words, "!") if drawn < 0.04 else (self.expand("$question"), "?")
            return words[:1].upper() + words[1:] + mark
        return words[:1].upper() + words[1:] + {"+": ".", ";": "."}.get(end, end)

    # Labels

    def record(self, doc_id: str) -> dict[str, Any]:
        """The article in the shape of PolNeAR's records."""
        return {
            "id": doc_id,
            "publisher": "synthetic",
            "text": self.text,
            "quotes": [self._gold(q) for q in self.quotes],
            "attributions": self._attributions(),
        }

    def _gold(self, quote: Quoted) -> dict[str, Any]:
        attributed = quote.kind != ""
        source = self._source_of(quote) if attributed else []
        cue = self.spans.get(("c", quote.owner), []) if attributed else []
        return {
            "start": quote.span.start,
            "end": quote.span.end,
            "inner": [*quote.inner],
            "text": self.text[slice(*quote.inner)],
            "closed": quote.closed,
            "attributed": attributed,
            "kind": quote.kind or None,
            "construction": quote.construction,
            "source": [self._marked(span) for span in source],
            "cue": [self._marked(span) for span in cue],
        }

    def _source_of(self, quote: Quoted) -> list[Span]:
        if quote.label is not None:
            return [quote.label]
        if quote.owner[0] not in "<>":
            return self.spans.get(("s", quote.owner), [])
        return [self._linked(quote)]

    def _linked(self, quote: Quoted) -> Span:
        person = quote.owner[1:]
        spans = [span for who, span in self.mentions if who.full == person and span not in self.possessors]
        if quote.owner[0] == "<":
            return max(span for span in spans if span.end <= quote.span.start)
        return min(span for span in spans if span.start >= quote.span.end)

    def _marked(self, span: Span) -> list[Any]:
        return [span.start, span.end, self.text[slice(*span)]]

    def _attributions(self) -> list[dict[str, Any]]:
        groups = dict.fromkeys(group for _, group in self.spans)
        return [
            {
                "id": group,
                "source": self._spans("s", group),
                "cue": self._spans("c", group),
                "content": self._spans("k", group) + [[*q.span] for q in self.quotes if q.owner == group],
            }
            for group in groups
        ]

    def _spans(self, role: str, group: str) -> list[list[int]]:
        return [[*span] for span in self.spans.get((role, group), [])]


PRONOUNS = {"he": {"m": "he", "f": "she"}, "him": {"m": "him", "f": "her"}, "his": {"m": "his", "f": "her"}}
FORMS: dict[str, Callable[[Person], str]] = {
    "full": lambda p: p.full,
    "last": lambda p: p.last,
    "first": lambda p: p.first,
    "caps": lambda p: p.last.upper(),
    "pro": lambda p: PRONOUNS["he"][p.gender],
    "age": lambda p: f"{p.full}, {p.age}",
    "office": lambda p: f"the {p.office.lower()}",
}


def articles(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """`count` articles, the same for the same seed, as records in the shape of PolNeAR's.

    >>> list(articles(2, seed=5)) == list(articles(2, seed=5))
    True
    """
    for number in range(1, count + 1):
        yield _article(random.Random(f"{seed}/{number}"), f"synthetic-{number:05d}")


def _article(rng: random.Random, doc_id: str) -> dict[str, Any]:
    writer = _Writer(rng=rng, house=_house(rng), cast=_cast(rng))
    if rng.random() < HEADLINE_SHARE:
        _write_block(writer, "$headline", "headline")
    for _ in range(rng.randint(2, 5)):
        _write_construction(writer)
    return writer.record(doc_id)


def _write_construction(writer: _Writer) -> None:
    """Draw a way to report speech, and often a sentence or two to stand beside it."""
    rng = writer.rng
    name = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    parts = [rng.choice(CONSTRUCTIONS[name])]
    if name not in ALONE:
        parts = ["$filler "] * (rng.random() < FILLER_SHARE) + parts + [" $filler"] * (rng.random() < TAIL_SHARE)
    if rng.random() < PARAGRAPH_SHARE:
        parts = ["$filler", " $filler" * (rng.random() < 0.5), "¶", *parts]
    _write_block(writer, "".join(parts), name)


def _write_block(writer: _Writer, template: str, name: str) -> None:
    """Write a template in paragraphs of its own, with its persons drawn from the cast."""
    writer.end_paragraph()
    writer.order = dict(zip(LETTERS, writer.rng.sample(writer.cast, len(writer.cast)), strict=True))
    writer.construction = name
    writer.write(template)


def _house(rng: random.Random) -> House:
    marks, british, apostrophe = rng.choices([row[1:] for row in HOUSES], [row[0] for row in HOUSES])[0]
    return House(
        opening=marks[0],
        closing=marks[1],
        inner=marks[2:],
        british=british,
        apostrophe=apostrophe,
        later=rng.choices(("last", "title", "first"), (60, 32, 8))[0],
        break_=rng.choice(("\n", "\n\n")),
    )


def _cast(rng: random.Random) -> list[Person]:
    """Five people with different first and last names."""
    cast: list[Person] = []
    while len(cast) < len(LETTERS):
        person = _person(rng)
        if not any(p.first == person.first or p.last == person.last for p in cast):
            cast.append(person)
    return cast


def _person(rng: random.Random) -> Person:
    gender = rng.choice("mf")
    first = rng.choice(MEN if gender == "m" else WOMEN)
    last = rng.choice(LAST)
    if rng.random() < 0.04:
        last = f"{last}-{rng.choice(LAST)}"
    office, role, title = rng.choice(OFFICES)
    return Person(
        first=first,
        last=last,
        gender=gender,
        title=title if rng.random() < 0.5 else "",
        role=role,
        office=office,
        age=rng.randint(18, 91),
    )
