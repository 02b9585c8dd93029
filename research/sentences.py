"""Where sentences begin and end: Punkt, with parameters of our own shipped as data.

Punkt (Kiss & Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection", Computational Linguistics 32)
learns abbreviations, collocations over a full stop, and words that often open sentences from plain text, and decides
each full stop by them. NLTK's own parameters have to be downloaded; ours were learnt by NLTK's trainer
(``python -m research.training.punkt``) and lie in ``models/punkt.json`` with their card. The decision is made here,
in a few lines, rather than by NLTK's tokeniser: importing NLTK takes over a second, and the card shows both measured.

>>> text = "Gov. Brown met Mr. Smith of the U.S. Senate. “It’s over!” he said. “Go.” They went."
>>> [text[slice(*span)] for span in find_sentences(text)]
['Gov. Brown met Mr. Smith of the U.S. Senate.', '“It’s over!” he said.', '“Go.”', 'They went.']
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from research.documents import Span
from research.typography import fold

_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?![^\S\n]*\n))*")

_CANDIDATE = re.compile(
    r"""
    (?<![.?!])(?P<end>[.?!]+)     # marks that may end a sentence
    (?P<closing>["')\]}]*)        # marks that close with it
    \s++                          # a blank: nothing ends inside "3.5" or "example.org"
    (?=(?P<opening>["'(\[{\s-]*+) # marks that open what follows
    (?P<next>\w+|\S))             # the word after
    """,
    re.VERBOSE,
)
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PunktParameters:
    """What Punkt learnt, in small letters: words that end in a full stop, pairs around one, words that open."""

    abbreviations: frozenset[str]
    collocations: frozenset[tuple[str, str]]
    sentence_starters: frozenset[str]


def make_parameters(stored: Mapping[str, Iterable[str | list[str]]]) -> PunktParameters:
    """The parameters from a JSON object of three lists under the names of the fields."""
    return PunktParameters(
        abbreviations=frozenset(map(str, stored["abbreviations"])),
        collocations=frozenset((pair[0], pair[1]) for pair in stored["collocations"]),
        sentence_starters=frozenset(map(str, stored["sentence_starters"])),
    )


@cache
def shipped_parameters() -> PunktParameters:
    """The parameters of models/punkt.json."""
    stored = Path(__file__).with_name("models").joinpath("punkt.json").read_text(encoding="utf-8")
    return make_parameters(json.loads(stored))


def split_paragraphs(text: str) -> list[Span]:
    r"""Stretches between blank lines, without the blanks around them. A single line end separates nothing.

    >>> split_paragraphs("One\nline.\n \nTwo.\n")
    [Span(start=0, end=9), Span(start=12, end=16)]
    """
    found = _PARAGRAPH.finditer(text)
    return [Span(match.start(), match.start() + len(match[0].rstrip())) for match in found]


def find_sentences(text: str, parameters: PunktParameters | None = None) -> list[Span]:
    """Sentences in the order of the text, closing marks included. A blank line ends a sentence.

    Offsets are into `text` as given: the folding of its typography keeps every length.

    >>> find_sentences("Is he “alive?” He is.")
    [Span(start=0, end=14), Span(start=15, end=21)]
    >>> find_sentences(" ")
    []
    """
    parameters = parameters or shipped_parameters()
    folded = fold(text)
    return [span for paragraph in split_paragraphs(text) for span in _cut(folded, paragraph, parameters)]


def _cut(text: str, paragraph: Span, parameters: PunktParameters) -> Iterator[Span]:
    """The sentences of one paragraph of a folded text."""
    start = seen = paragraph.start
    for match in _CANDIDATE.finditer(text, *paragraph):
        before = text[seen : match.start()].split()
        seen = match.end("closing")
        if _ends_sentence(before[-1] if before else "", match, parameters):
            yield Span(start, match.end("closing"))
            start = match.start("opening")
    yield Span(start, paragraph.end)


def _ends_sentence(word: str, match: re.Match[str], parameters: PunktParameters) -> bool:
    """Punkt's decision on one candidate: `word` stands before it, `match` holds the rest.

    A small letter never opens a sentence (“It’s over!” he said), nor does a mark such as a comma or a dash.
    """
    after = match["next"]
    if after.islower() or not after[0].isalnum():
        return False
    if "." not in match["end"] or len(match["end"]) > 1:
        return True
    word = word.lower().lstrip("\"'([{")
    if (word, after.lower()) in parameters.collocations:
        return False
    if len(word) == 1 and word.isalpha():
        return bool(match["closing"])
    abbreviation = word in parameters.abbreviations or word.rpartition("-")[2] in parameters.abbreviations
    if abbreviation or _INITIALS.fullmatch(word):
        return bool(match["closing"]) or (after[0].isupper() and after.lower() in parameters.sentence_starters)
    return True
