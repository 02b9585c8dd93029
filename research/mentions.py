"""Who could be speaking: every noun phrase and pronoun of a text, and the label that opens a line of a transcript.

Phrases are read off the tagger's parts of speech without recursion ("a spokesman", "the president", "Mr Putin" in "a
spokesman for the president, Mr Putin"); a possessor is a mention of its own. On .998 of the quotes of PolNeAR's
training articles one of them overlaps the human's source: `python -m research.training.attribution` prints the figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.documents import Span
from research.quotes import QuoteScan
from research.segmentation import PARAGRAPH_TOKEN, Tokens
from research.tagging import Tags

Numbers = NDArray[np.int64]

NAME, PRONOUN, ROLE, ORGANISATION, PLACE, LABEL = range(6)
FORMS = ("name", "pronoun", "role", "organisation", "place", "label")

NOUNS = frozenset(("NN", "NNS", "NNP", "NNPS"))
OPENERS = frozenset(("DT", "PDT", "PRP$", "WP$"))
MODIFIERS = frozenset(("JJ", "JJR", "JJS", "CD", "FW"))
PRONOUNS = frozenset(("PRP", "WP", "WDT"))
PRONOUN_WORDS = frozenset(
    "i me myself you yourself yourselves he him himself she her herself it itself we us ourselves they them "
    "themselves one oneself mine yours his hers ours theirs who whom whoever which that what whatever whichever".split()
)
RELATIVE_PRONOUNS = frozenset(("who", "whom", "which", "that"))
PROPER = frozenset(("NNP", "NNPS"))
CLOSED = frozenset(("IN", "DT", "CC", "MD", "TO", "EX", "PDT", "RP", "WRB"))  # classes that no name joins
CLOSED_WORDS = frozenset(
    "a aboard about above across after against albeit all along although amid among an and another any around as "
    "at atop away back because before behind below beneath beside besides between beyond both but by can can't "
    "cannot could couldn't despite down during each either every except for from half how if in inside instead "
    "into lest like may might minus must near neither next nor no of off on once onto or out outside over past "
    "per plus quite shall should shouldn't since so some such than that the there these this those though through "
    "throughout till to toward towards under underneath unless unlike until up upon versus via what when whenever "
    "where whereas wherever whether which while whilst why will with within without won't would wouldn't yet & v. "
    "vs. ought dare need amidst amongst alongside concerning considering excluding following given granted "
    "including notwithstanding opposite pending provided regarding respecting save supposing touching".split()
)

TRANSCRIPT_LABEL = re.compile(
    r"""
    \s*(?:\([^()\n]{1,40}\)\s)?                                    # what is heard before it (Bell rings)
    (?P<name>[^\W\d_][\w.'’-]{0,30}(?:\ [^\W\d_][\w.'’-]{0,30}){0,4})
    (?:\ \([^()\n]{1,40}\))?:\s                                    # who that is, and the colon
    """,
    re.VERBOSE,
)
QUESTION_LABELS, ANSWER_LABELS = frozenset(("Q", "Q.", "Question")), frozenset(("A", "A.", "Answer"))
FEWEST_LABELS = 3  # quotes that open with a label in small letters (Mr. Ruiz: …), so that it is a transcript's
LONGEST_PHRASE = 16
LIKELY = 0.5  # chance to be a cue or a subject from which a word is taken for one
ADVERBIAL = frozenset("in on at during over amid via".split())
PLATFORMS = frozenset(
    "Telegram Facebook Twitter X Instagram VKontakte VK TikTok YouTube WhatsApp LinkedIn Threads Bluesky Weibo".split()
)
HYPHENED_KIN = re.compile(
    r"[a-z]+-in-law|(?:great|step|half|god)-(?:aunt|uncle|niece|nephew|mother|father|sister|brother|son|daughter|grand\w+)"
)
SUFFIXES = frozenset(("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The mentions of one document, as parallel arrays in reading order.

    first, last : places of the first and the last token; head : place of the head noun; form : a number into `FORMS`.
    A label stands inside a folded quote (a turn's sometimes on the line above it): its `spans` entry says where, its
    token places are the quote's.
    """

    first: Numbers
    last: Numbers
    head: Numbers
    form: Numbers
    spans: list[Span]

    def __len__(self) -> int:
        """How many mentions there are."""
        return len(self.spans)


def find_mentions(
    text: str, scan: QuoteScan, tokens: Tokens, tags: Tags, names: Mapping[str, Sequence[str]]
) -> Mentions:
    """Find every mention of `text`."""
    pos = _parts_of_speech(tokens, [names["pos"][i] for i in tags.pos.tolist()])
    entity = [names["entity"][i] for i in tags.entity.tolist()]
    phrases = _phrases(tokens, pos, entity, tags.probability["subject"])
    found = [(first, last, head, _form(pos, entity, head)) for first, last, head in phrases]
    spans = [Span(tokens.starts[first], tokens.ends[last]) for first, last, _, _ in found]
    for quote, label in _labels(text, scan).items():
        found.append((tokens.quote_places[quote],) * 3 + (LABEL,))
        spans.append(label)
    order = sorted(range(len(found)), key=lambda i: spans[i])
    columns = np.array([found[i] for i in order], dtype=np.int64).reshape(-1, 4).T
    return Mentions(
        first=columns[0], last=columns[1], head=columns[2], form=columns[3], spans=[spans[i] for i in order]
    )


def _labels(text: str, scan: QuoteScan) -> dict[int, Span]:
    """The labels of turns, and those that quotes open with: in capitals, or several and of more than one name."""
    turns = {segment.label: quote for quote, segment in reversed([*enumerate(scan.segments)]) if segment.label}
    found: dict[int, Span] = {}
    for quote, segment in enumerate(scan.segments):
        if segment.label is not None:
            continue
        label = TRANSCRIPT_LABEL.match(text, *segment.span)
        if label and all(word[0].isupper() for word in label["name"].split()):
            found[quote] = Span(*label.span("name"))
    is_small = {quote: not text[slice(*label)].isupper() for quote, label in found.items()}
    small = [text[slice(*label)] for quote, label in found.items() if is_small[quote]]
    if len(small) < FEWEST_LABELS or len(set(small)) == 1:
        found = {quote: label for quote, label in found.items() if not is_small[quote]}
    return found | {quote: label for label, quote in turns.items()}


def _parts_of_speech(tokens: Tokens, pos: list[str]) -> list[str]:
    """The tagger's parts of speech, the closed classes checked against lists: an unheard-of name is no pronoun."""
    for place, word in enumerate(tokens.words):
        if tokens.starts[place] == tokens.ends[place]:
            pos[place] = PARAGRAPH_TOKEN  # a paragraph's opening is part of no phrase, whatever the tagger says
        elif HYPHENED_KIN.fullmatch(word):
            pos[place] = "NN"
            if tokens.words[place - 1].lower() in ("his", "her"):
                pos[place - 1] = "PRP$"
        elif pos[place] in PRONOUNS and word.lower() not in PRONOUN_WORDS:
            pos[place] = "NNP" if word[0].isupper() else "NN"
        elif pos[place] in CLOSED and word.istitle() and word.lower().replace("’", "'") not in CLOSED_WORDS:
            pos[place] = "NNP"
    return pos


def _phrases(
    tokens: Tokens, pos: Sequence[str], entity: Sequence[str], subject: NDArray[np.float32]
) -> list[tuple[int, int, int]]:
    """(first, last, head) of each noun phrase and pronoun."""
    phrases: list[tuple[int, int, int]] = []
    place, size = 0, len(pos)
    while place < size:
        if tokens.segments[place] >= 0:
            place += 1
        elif pos[place] in PRONOUNS:
            phrases.append((place, place, place))
            place += 1
        elif pos[place] in OPENERS or pos[place] in MODIFIERS or pos[place] in NOUNS:
            end, head = _phrase_end(tokens, pos, entity, subject, place)
            phrases.append((place, end, head))
            place = end + 1
        else:
            place += 1
    return phrases


def _phrase_end(
    tokens: Tokens, pos: Sequence[str], entity: Sequence[str], subject: NDArray[np.float32], start: int
) -> tuple[int, int]:
    """The last token of the phrase that starts at `start`, and its head: the last noun, else the last word."""
    end = start + 1
    limit = min(len(pos), start + LONGEST_PHRASE)
    while (
        end < limit
        and tokens.segments[end] < 0
        and (
            (
                pos[end] in NOUNS
                and not _is_verb(tokens, pos, entity, subject, end)
                and not _acts_itself(tokens, pos, subject, start, end)
            )
            or (pos[end] in MODIFIERS and not _opens_anew(tokens, pos, entity, end))
            or (pos[end] in OPENERS and end == start + 1 and pos[start] == "PDT")
            or (end > start and _joins_title(tokens, pos, entity, end))
        )
    ):
        end += 1
    nouns = [i for i in range(start, end) if pos[i] in NOUNS]
    if nouns:
        is_suffix = len(nouns) > 1 and tokens.words[nouns[-1]] in SUFFIXES
        return nouns[-1], nouns[-1 - is_suffix]
    return end - 1, end - 1


def _is_verb(
    tokens: Tokens, pos: Sequence[str], entity: Sequence[str], subject: NDArray[np.float32], place: int
) -> bool:
    """Whether a plural behind a name is the verb of which the name is the subject: Ann Lee | steps off the curb."""
    is_plural = pos[place] == "NNS" and tokens.words[place].islower() and entity[place - 1].endswith("PERSON")
    return is_plural and bool(subject[place - 1] > subject[place])


def _acts_itself(
    tokens: Tokens, pos: Sequence[str], subject: NDArray[np.float32], start: int, place: int
) -> bool:
    """Whether a name behind an adverbial is the subject, and no part of it: In a tweet | Trump said."""
    if pos[place] not in PROPER or start == 0 or tokens.words[start - 1].lower() not in ADVERBIAL:
        return False
    if not (tokens.words[place - 1].islower() or tokens.words[place - 1] in PLATFORMS):
        return False
    last = place
    while last + 1 < len(pos) and pos[last + 1] in PROPER and tokens.segments[last + 1] < 0 and last - place < 5:
        last += 1
    return bool(subject[last] > LIKELY)


def _opens_anew(tokens: Tokens, pos: Sequence[str], entity: Sequence[str], place: int) -> bool:
    """Whether a modifier is of another phrase than the name before it: told Lee | last week, gave Lee | seven days."""
    if entity[place - 1].endswith("PERSON"):
        return not entity[place].endswith("PERSON")
    return pos[place] == "CD" and pos[place - 1] in PROPER and tokens.words[place].islower()


def _joins_title(tokens: Tokens, pos: Sequence[str], entity: Sequence[str], place: int) -> bool:
    """Whether "of" stands between two capitalised nouns: Secretary of State John Kerry, Bank of America."""
    return (
        tokens.words[place] == "of"
        and place + 1 < len(pos)
        and pos[place - 1] in PROPER
        and pos[place + 1] in PROPER
        and tokens.segments[place + 1] < 0
        and not entity[place - 1].endswith("PERSON")
    )


def _form(pos: Sequence[str], entity: Sequence[str], head: int) -> int:
    """A mention's form, by its head's entity class and part of speech."""
    if pos[head] in PRONOUNS:
        return PRONOUN
    kind = entity[head][2:]
    if kind == "PERSON":
        return NAME
    if kind == "ORGANIZATION":
        return ORGANISATION
    if kind == "LOCATION":
        return PLACE
    return NAME if pos[head] in PROPER else ROLE
