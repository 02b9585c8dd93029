"""Why a quote was given to its speaker, in words; and who was found, under which names.

An attribution that cannot be questioned cannot be trusted: everything the tables say can be asked for its reasons here.
All functions give text or records; nothing is decided, only told from what `research.attribution` and
`research.identity` decided.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.attribution import Reading
from research.completion import Completion, Names, fingerprint
from research.counts import count_of
from research.documents import Document, Span
from research.evidence import COLUMN_NUMBER
from research.identity import Identity, Named, Resolver, confidence_of
from research.layout import Decision
from research.mentions import FORMS
from research.registry import Registry

WIDTH = 100  # columns of a terminal
CONTEXT = 200  # characters shown on either side of a quote
CANDIDATES_SHOWN = 5
LEAST_SHARE = 0.001  # below, a candidate's share would be shown as 0.0 %

Articles = Mapping[str, tuple[tuple[Named, ...], int]]  # by id: the people of an article, and its text's fingerprint

RULES = {
    "ranker": "the candidates were weighed against each other, and this one had the most for it",
    "reader": "the fast ranking was unsure, and a neural reader of the passage tipped the scales",
    "wording": "a set form of words around the quote names who speaks, as “X’s” right before it or “to quote X” do",
    "relayed": "this person says the words beside them, and somebody else, after “according to”, passes them on",
    "label": "a name and a colon open the quote, as in a transcript, or are all that stands before it; behind “A:”, "
    "and in a list that says what each quote is about (On taxes: …), speaks the first who is named in more than one "
    "word",
    "interview": "either lone quotes answer paragraphs that say “you”, and this is the first person whom the article "
    "tells of; or “A:” marks the quote as an answer, and this is the first who is named in more than one word",
    "signature": "a name alone stands by the quote, after a dash or on a line",
    "alternating": "short quotes stand on lines of their own without a cue, and the two speakers take turns; nobody "
    "calls himself by name",
    "floating": "the quote is all of its paragraph, and this is the one person who acts in the paragraph before it, "
    "or, if nobody does, who said such a quote before",
    "continued": "the quote goes on with a quotation whose speaker is known, over a paragraph's end or around its cue",
    "gate": "it reads like nobody's speech: a title, a nickname, a slogan or a word held at arm's length",
}
"""What each rule of `research.attribution` means."""

REASONS = {
    "name": "the words are the name, or part of a name that the article gives in full",
    "apposition": "the description stands beside the name, as in “Ann Lee, the mayor”",
    "pronoun": "of the people mentioned shortly before, this one fits the pronoun best",
    "relative pronoun": "“who” follows the name",
    "possessive": "“his” or “her” stands for the person before it whom it fits best",
    "author": "“I” outside quotation marks is the author of the article",
    "office": "this person held the office on the day of the article",
    "role": "the article, or the register of office holders, gives this person that role",
    "named below": "the article's lead quotes somebody by a role, and the next paragraph opens with this name; a guess",
    "topic": "of the people mentioned shortly before, this one fits the description best; a guess",
    "joint": "it is said together with others, as in “Lee and Berg said”",
    "organisation": "an organisation speaks, by its name",
    "unnamed": "the words describe somebody or something without a name",
    "unresolved": "it cannot be told whom the words stand for",
}
"""What each reason of `research.identity` means."""

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One mention that might say a quote: its words, its share of the ranker's belief, and the evidence by name."""

    mention: int
    words: str
    share: float
    evidence: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an explanation is about: one quote of a document that was read and whose people were resolved.

    person : who says it, if it is one of the `people` whom the article names; completion : the name that the other
    articles give a bare surname.
    """

    document: Document
    reading: Reading
    quote: int
    identity: Identity | None
    person: Named | None = None
    people: tuple[Named, ...] = ()
    completion: Completion | None = None

    @property
    def decision(self) -> Decision:
        """What was decided."""
        return self.reading.decisions[self.quote]

    @property
    def quote_id(self) -> str:
        """The id of the quote in the table."""
        return f"{self.document.doc_id}:{self.reading.scan.segments[self.quote].span.start}"


def ask_all(document: Document, reading: Reading, registry: Registry) -> list[Question]:
    """A question for each quote of a document.

    >>> from research.attribution import read
    >>> from research.registry import load_registry
    >>> document = Document(doc_id="a", text="“We stay,” Mayor Ann Lee said.")
    >>> [question.quote_id for question in ask_all(document, read(document.text), load_registry())]
    ['a:1']
    """
    resolver = Resolver(document, reading, registry)
    people, places = resolver.named([decision.mention for decision in reading.decisions])
    return [
        Question(document=document, reading=reading, quote=quote, people=people,
                 identity=None if decision.mention is None else resolver.identity(decision.mention),
                 person=None if place is None else people[place])
        for quote, (decision, place) in enumerate(zip(reading.decisions, places, strict=True))
    ]


def complete_questions(questions: Sequence[Question], articles: Articles | None = None) -> list[Question]:
    """Bare surnames completed from the other articles asked about, as an extraction of the same articles does.

    `articles` are all articles by id, where not all their questions are given.
    """
    asked = [(question.person, question.people) for question in questions]
    known = articles or {q.document.doc_id: (q.people, fingerprint(q.document.text)) for q in questions}
    completions = _complete(asked, known)
    return [replace(question, completion=found) for question, found in zip(questions, completions, strict=True)]


def _complete(
    asked: Sequence[tuple[Named | None, tuple[Named, ...]]], articles: Articles
) -> list[Completion | None]:
    """For each person and the people of the article, whose name the articles give; each person is looked up once.

    The people of an article are one object. Of articles with the same text the first counts.
    """
    names = Names()
    for people, text in articles.values():
        names.add(people, text)
    wanted: dict[int, tuple[tuple[Named, ...], dict[int, Named]]] = {}
    for person, people in asked:
        if person:
            wanted.setdefault(id(people), (people, {}))[1][id(person)] = person
    found: dict[tuple[int, int], Completion | None] = {}
    for article, (people, persons) in wanted.items():
        completions = names.complete_all(persons.values(), people)
        found |= {(article, person): each for person, each in zip(persons, completions, strict=True)}
    return [found.get((id(people), id(person))) for person, people in asked]


# --- one quote ------------------------------------------------------------------------------------------------------


def explain(question: Question) -> str:
    """The whole answer: the quote in its place, the verdict and its rule, the candidates, what spoke for the winner."""
    parts = [
        f"{_printable(question.quote_id)}\n\n{show_in_context(question)}",
        "\n".join(_wrap(line) for line in [say_speaker(question), say_rule(question), say_identity(question)] if line),
        say_candidates(question),
        say_why(question),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def show_in_context(question: Question) -> str:
    """The quote between >>> and <<<, with the words around it, indented."""
    text, outer = question.document.text, question.reading.scan.segments[question.quote].outer
    start, end = max(0, outer.start - CONTEXT), min(len(text), outer.end + CONTEXT)
    before = _from_word(text[start:outer.start]) if start else text[:outer.start]
    after = _to_word(text[outer.end:end]) if end < len(text) else text[outer.end:]
    shown = f"{before}>>>{text[slice(*outer)]}<<<{after}"
    paragraphs = [_printable(paragraph) for paragraph in shown.split("\n\n") if paragraph.strip()]
    return "\n\n".join(textwrap.indent(textwrap.fill(each, WIDTH - 4), "    ") for each in paragraphs)


def _from_word(words: str) -> str:
    return "… " + words.partition(" ")[2]


def _to_word(words: str) -> str:
    return words.rpartition(" ")[0] + " …"


def _wrap(line: str) -> str:
    return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def _printable(words: str) -> str:
    r"""Words of an article for a terminal: on one line, without what could drive the terminal.

    >>> _printable("a\x1b[2J\nb")
    'a?[2J b'
    """
    return "".join(c if c.isprintable() else "?" for c in " ".join(words.split()))


def say_speaker(question: Question) -> str:
    """Who says it, by which words, and how sure that is."""
    decision, identity = question.decision, question.identity
    if decision.kind == "none":
        return f"Speaker: nobody; it is no quote ({decision.confidence:.0%} sure)."
    if decision.mention is None or identity is None:
        return "Speaker: not found; nothing in reach could be one."
    words = _mention_words(question, decision.mention)
    what = identity.kind or "it cannot be told what"
    described = f": {_printable(identity.description)}" if identity.description else ""
    named = question.completion or identity
    person = _printable(named.name) if named.name else f"unknown ({what}{described})"
    known = f" [{_printable(named.speaker_id)}]" if named.speaker_id else ""
    cue = f", by the cue “{_words(question, decision.cue)}”" if decision.cue else ""
    confidence = confidence_of(decision, identity, has_reader=question.reading.opinions is not None)
    if question.completion:
        confidence *= question.completion.certainty
    return f"Speaker: {person}{known}, named here as “{words}”{cue}. Confidence {confidence:.0%}."


def say_rule(question: Question) -> str:
    """By which rule it was decided."""
    rule = question.decision.rule
    return f"Rule: {rule}, that is, {RULES[rule]}." if rule in RULES else f"Rule: {rule}."


def say_identity(question: Question) -> str:
    """Why the words stand for this person; nothing where there are no words."""
    identity = question.identity
    if identity is None:
        return ""
    meaning = f": {REASONS[identity.reason]}" if identity.reason in REASONS else ""
    why = question.completion
    completed = f" {_way(why).capitalize()}: {_printable(str(why))}." if why else ""
    return f"Identity: {identity.reason}{meaning}.{completed}"


def _way(completion: Completion) -> str:
    """What was done to a name: a whole one spelled as most articles spell it, or a bare surname completed."""
    return "spelling" if completion.respelled else "completed"


def _words(question: Question, span: Span) -> str:
    return _printable(question.document.text[slice(*span)])


def _mention_words(question: Question, mention: int) -> str:
    return _words(question, question.reading.mentions.spans[mention])


def find_candidates(question: Question) -> list[Candidate]:
    """The mentions that were weighed for a quote, the likeliest first."""
    pairs, shares = question.reading.pairs, question.reading.shares
    places = np.flatnonzero(pairs.quote == question.quote)
    places = places[np.argsort(-shares[places], kind="stable")]
    return [
        Candidate(mention=int(pairs.mention[place]), words=_mention_words(question, int(pairs.mention[place])),
                  share=float(shares[place]),
                  evidence={name: float(pairs.values[place, column]) for name, column in COLUMN_NUMBER.items()})
        for place in places
    ]


def say_candidates(question: Question) -> str:
    """The candidates with their shares; the one that was chosen is marked."""
    candidates = find_candidates(question)
    if not candidates:
        return "No word or name near the quote could be its speaker."
    shown = [c for c in candidates if c.share >= LEAST_SHARE][:CANDIDATES_SHOWN]
    lines = [f"  {'*' if c.mention == question.decision.mention else ' '} {c.share:6.1%}  {c.words}" for c in shown]
    rest = len(candidates) - len(shown)
    return "\n".join(["Candidates, and the belief in each:", *lines, *([f"    and {rest} more"] if rest else [])])


def say_why(question: Question) -> str:
    """What spoke for the choice against its strongest rival, and what against it."""
    candidates, chosen = find_candidates(question), question.decision.mention
    if chosen is None or not candidates:
        return ""
    winner = next((c for c in candidates if c.mention == chosen), None)
    rival = next((c for c in candidates if c.mention != chosen), None)
    if winner is None:
        return f"“{_mention_words(question, chosen)}” was not among the candidates; the rule alone decided."
    if rival is None:
        return f"“{winner.words}” was the only candidate."
    cue = f"“{_words(question, question.decision.cue)}”" if question.decision.cue else "the verb of saying"
    return "\n".join(_set_reasons(winner, rival, cue))


def _set_reasons(winner: Candidate, rival: Candidate, cue: str) -> Iterator[str]:
    for_it = list(contrast(winner, rival, cue)) or ["no single thing stands out; many small ones add up"]
    against_it = list(contrast(rival, winner, cue, names=("b", "a")))
    yield _wrap(f"What spoke for “{winner.words}” (a) rather than “{rival.words}” (b):")
    yield from (_wrap(f"  + {reason}") for reason in for_it)
    if against_it:
        yield "What spoke for b:"
        yield from (_wrap(f"  - {reason}") for reason in against_it)


def contrast(one: Candidate, other: Candidate, cue: str, names: tuple[str, str] = ("a", "b")) -> Iterator[str]:
    """What speaks for `one` against `other`, a sentence each, in which they are called `names`; silent where alike."""
    for compare in (_contrast_grammar, _contrast_place, _contrast_words):
        for sentence in compare(one.evidence, other.evidence):
            yield sentence.format(a=names[0], b=names[1], cue=cue)


def _contrast_grammar(a: Row, b: Row) -> Iterator[str]:
    """What the tagger's reading of the sentence says: its pointer, the cue, subjects, prepositions."""
    if a["pointer"] - b["pointer"] > 0.1:
        yield f"read in context, the quote points to {{a}} ({a['pointer']:.0%}) rather than {{b}} ({b['pointer']:.0%})"
    if a["cue_is_head"] and not b["cue_is_head"] and a["cue_at_head"] > 0.2:
        yield "{a} belongs to {cue} in grammar; {b} does not"
    elif a["cue_at_head"] - b["cue_at_head"] > 0.2:
        yield "the verb that {a} belongs to is likelier to introduce the quote than {b}’s"
    if a["subject"] - b["subject"] > 0.3:
        yield f"{{a}} is likelier the subject of its clause ({a['subject']:.0%}) than {{b}} ({b['subject']:.0%})"
    if abs(b["cue_gap"]) - abs(a["cue_gap"]) > 2 and abs(a["cue_gap"]) <= 5 and a["cue_best"] > 0.25:
        yield f"{{a}} stands {_words_away(a['cue_gap'])} {{cue}}, {{b}} {_words_away(b['cue_gap'])} it"
    for name, word in (("after_to", "to"), ("after_of", "of” or “for"), ("after_by", "by”, “from” or “with")):
        if b[name] and not a[name]:
            yield f"{{b}} follows “{word}”; {{a}} does not"


def _words_away(gap: float) -> str:
    """How far off, in words; the evidence counts to 30.

    >>> _words_away(1), _words_away(-4), _words_away(30)
    ('next to', '3 words from', '29 words or more from')
    """
    between = max(0, round(abs(gap)) - 1)
    noun = "word" if between == 1 else "words or more" if between >= 29 else "words"
    return f"{between} {noun} from" if between else "next to"


def _contrast_place(a: Row, b: Row) -> Iterator[str]:
    """Which of the two stands nearer to the quote."""
    if abs(a["paragraphs_apart"]) < abs(b["paragraphs_apart"]):
        own = not a["paragraphs_apart"]
        yield "{a} is in the quote’s own paragraph; {b} is not" if own else "{a} is in a nearer paragraph"
    elif a["sentences_between"] < b["sentences_between"]:
        yield "fewer sentences end between {a} and the quote"
    elif abs(b["gap"]) - abs(a["gap"]) > 3:
        yield f"{{a}} is nearer to the quote: {abs(a['gap']):.0f} words off, {{b}} {abs(b['gap']):.0f}"
    if a["quotes_between"] < b["quotes_between"]:
        yield "another quote stands between {b} and this one"


def _contrast_words(a: Row, b: Row) -> Iterator[str]:
    """What the two are, and what the other quotes of the article say of them."""
    form_a, form_b = FORMS[int(a["form"])], FORMS[int(b["form"])]
    if form_a == "name" and form_b in PLAINER:
        yield f"{{a}} is a name, {{b}} a {PLAINER[form_b]}"
    if a["source_role"] - b["source_role"] > 0.3:
        yield f"{{a}} reads like somebody who is cited ({a['source_role']:.0%}), {{b}} less ({b['source_role']:.0%})"
    if a["namesake_mass"] - b["namesake_mass"] > 0.3:
        yield "other quotes of the article point to the same name as {a}"
    if a["previous_mass"] - b["previous_mass"] > 0.3:
        yield "the quote before points to {a}"
    if a["next_mass"] - b["next_mass"] > 0.3:
        yield "the quote after points to {a}"


PLAINER = {"place": "place", "role": "description", "pronoun": "pronoun"}
"""Forms of mentions, in a reader's words, that make worse sources than names do."""


# --- who was found --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Somebody who was found in articles: how often quoted, in which articles, and which words were taken for them.

    `words` counts (reason, words of a mention); the reasons are those of `REASONS`, or
    "completed: " or "spelling: " and why.
    """

    name: str
    speaker_id: str | None
    kind: str
    quotes: int
    doc_ids: tuple[str, ...]
    words: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One mention that was taken for somebody: `person`, if it is one of the `people` whom the article names.

    `fingerprint` is that of the article's text.
    """

    doc_id: str
    identity: Identity
    words: str
    quotes: int
    fingerprint: int
    person: Named | None = None
    people: tuple[Named, ...] = ()


def find_sightings(document: Document, reading: Reading, registry: Registry) -> list[Sighting]:
    """Every mention of a document that stands for somebody with a name, and how many quotes are said by it."""
    resolver = Resolver(document, reading, registry)
    said = Counter(decision.mention for decision in reading.decisions if decision.mention is not None)
    own, sightings, mentions = fingerprint(document.text), [], sorted(resolver.links.keys() | said.keys())
    people, places = resolver.named(mentions)
    for mention, place in zip(mentions, places, strict=True):
        identity = resolver.identity(mention)
        if identity.name:
            words = _printable(document.text[slice(*reading.mentions.spans[mention])])
            sightings.append(Sighting(doc_id=document.doc_id, identity=identity, words=words, quotes=said[mention],
                                      fingerprint=own, person=None if place is None else people[place], people=people))
    return sightings


def complete_sightings(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Bare surnames completed from the other articles, as an extraction does; the reason says from how many."""
    asked = [(sighting.person, sighting.people) for sighting in sightings]
    completions = _complete(asked, {s.doc_id: (s.people, s.fingerprint) for s in sightings})
    return [_with_name(sighting, found) for sighting, found in zip(sightings, completions, strict=True)]


def _with_name(sighting: Sighting, completion: Completion | None) -> Sighting:
    if not completion:
        return sighting
    identity = replace(sighting.identity, name=completion.name, speaker_id=completion.speaker_id,
                       reason=f"{_way(completion)}: {completion}")
    return replace(sighting, identity=identity)


def gather_people(sightings: Iterable[Sighting]) -> list[Found]:
    """Merge sightings of one person: by id, else by kind and name. The most quoted come first, then the most mentioned.

    Two people of one name who are not in the register of speakers are merged too; give them ids in a register of your
    own to keep them apart.
    """
    groups: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        identity = sighting.identity
        key = ("", identity.speaker_id) if identity.speaker_id else (identity.kind or "", identity.name or "")
        groups.setdefault(key, []).append(sighting)
    found = [_merge(group) for group in groups.values()]
    return sorted(found, key=lambda each: (-each.quotes, -sum(each.words.values()), each.name))


def _merge(group: Sequence[Sighting]) -> Found:
    names = Counter(sighting.identity.name or "" for sighting in group)
    first = group[0].identity
    return Found(name=names.most_common(1)[0][0], speaker_id=first.speaker_id, kind=first.kind or "unknown",
                 quotes=sum(sighting.quotes for sighting in group),
                 doc_ids=tuple(dict.fromkeys(sighting.doc_id for sighting in group)),
                 words=Counter((sighting.identity.reason, sighting.words) for sighting in group))


def say_found(found: Found) -> str:
    """One person: name, id, quotes; then a line a reason with the words it merged.

    >>> print(say_found(Found(name="Ann Lee", speaker_id=None, kind="person", quotes=2, doc_ids=("a",),
    ...                       words={("name", "Ms Lee"): 2, ("pronoun", "she"): 1})))
    Ann Lee (person): 2 quotes, 3 mentions in 1 article
      name         Ms Lee ×2
      pronoun      she
    """
    known = f"{found.kind}, {_printable(found.speaker_id)}" if found.speaker_id else found.kind
    mentions = sum(found.words.values())
    lines = [f"{_printable(found.name)} ({known}): {count_of(found.quotes, 'quote')}, "
             f"{count_of(mentions, 'mention')} in {count_of(len(found.doc_ids), 'article')}"]
    for reason in dict.fromkeys(reason for reason, _ in found.words):
        counts = Counter({words: n for (why, words), n in found.words.items() if why == reason})
        spelled = ", ".join(words if n == 1 else f"{words} ×{n}" for words, n in counts.most_common())
        way, _, why = reason.partition(": ")
        spelled += f" ({_printable(why)})" if why else ""
        lines.append(textwrap.fill(spelled, WIDTH, initial_indent=f"  {way:<12} ", subsequent_indent=" " * 15,
                                   break_long_words=False, break_on_hyphens=False))
    return "\n".join(lines)


def list_mentions(people: Iterable[Found]) -> Iterator[dict[str, object]]:
    """The same as rows of a table: one for each person, reason and spelling."""
    for found in people:
        for (reason, words), times in found.words.items():
            yield {"speaker": found.name, "speaker_id": found.speaker_id, "speaker_kind": found.kind,
                   "quotes": found.quotes, "articles": len(found.doc_ids), "mention": words, "reason": reason,
                   "times": times}


SPEAKER_COLUMNS = ("speaker", "speaker_id", "speaker_kind", "quotes", "articles", "mention", "reason", "times")
