"""Tokens → the small integers that the tagger looks up: the word, its ending, its shape.

A quoted segment gets a word of its own that says what a reader sees at a glance: a sentence or a fragment, how it
ends, whether it is closed, how long it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from research.quotes import QuoteScan, Segment
from research.segmentation import Tokens

UNKNOWN = 1
SUFFIX_ROWS = 2048
SHAPES = ("", "lower", "Title", "UPPER", "Mixed", "initial", "number", "mark", "title-hyphen", "abbreviation",
          "quote-lower", "quote-Title", "quote-Sentence", "quote-label", "paragraph")
SHAPE_NUMBER = {name: number for number, name in enumerate(SHAPES)}
LENGTH_BUCKETS = (1, 2, 3, 5, 8, 13, 21, 40)
DIGITS = re.compile(r"\d")
WORD = re.compile(r"[^\W\d_][\w’'-]*")
SURNAMES_LIKE_CUES = frozenset(("Said",))  # Edward Said: such a name is read as a word that nobody has heard of
LABEL = re.compile(r"\s*[A-Z][A-Z.'’ -]{1,40}:\s")


def normal_form(word: str) -> str:
    """A word as the vocabulary lists it: lower case, digits as 0, straight apostrophes.

    >>> normal_form("Don’t"), normal_form("1,234")
    ("don't", '0,000')
    """
    return DIGITS.sub("0", word.lower().replace("’", "'"))


def shape(word: str) -> str:
    """The look of a word, one of `SHAPES`.

    >>> [shape(w) for w in ("he", "Obama", "FBI", "McCain", "J.", "2016", ",")]
    ['lower', 'Title', 'UPPER', 'Mixed', 'initial', 'number', 'mark']
    """
    first = word[0]
    if first.isdigit():
        return "number"
    if not first.isalpha():
        return "mark" if word != "¶" else "paragraph"
    if word.islower():
        return "lower"
    if word[-1] == ".":
        return "initial" if len(word) == 2 else "abbreviation"
    if word.isupper():
        return "UPPER" if len(word) > 1 else "Title"
    if "-" in word and first.isupper():
        return "title-hyphen"
    return "Title" if first.isupper() and word[1:].islower() else "Mixed"


def quote_word(text: str, segment: Segment) -> tuple[str, str, str]:
    """A folded segment's word, length and shape."""
    words = text[slice(*segment.span)].strip()
    end = "," if words.endswith((",", "—", "–")) else words[-1:] if words[-1:] in ".?!" else ""
    form = "fragment" if "fragment" in segment.flags else "sentence"
    tail = "|" if "unclosed" in segment.flags else "+" if "continued" in segment.flags else ""
    found = WORD.findall(words[:400])
    bucket = sum(len(found) > limit for limit in LENGTH_BUCKETS)
    return f"“{form}{end}”{tail}", f"“{bucket}", _quote_shape(words, found)


def _quote_shape(words: str, found: list[str]) -> str:
    if LABEL.match(words):
        return "quote-label"
    if not found or not found[0][0].isupper():
        return "quote-lower"
    capitals = sum(w[0].isupper() for w in found[:12] if len(w) > 3)
    return "quote-Title" if capitals >= sum(len(w) > 3 for w in found[:12]) else "quote-Sentence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words the tagger knows, numbered from 2; 1 is any other word, 0 is padding."""

    words: Mapping[str, int]
    seen: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def encode(self, text: str, scan: QuoteScan, tokens: Tokens) -> list[tuple[int, int, int]]:
        """(word, suffix, shape) numbers of every token."""
        seen = self.seen
        if len(seen) > 200_000:
            seen.clear()
        codes = [seen.get(word) or self._remember(word) for word in tokens.words]
        for place, segment in zip(tokens.quote_places, scan.segments, strict=True):
            word, length, look = quote_word(text, segment)
            codes[place] = (self.words.get(word, UNKNOWN), suffix_number(length), SHAPE_NUMBER[look])
        for place, word in enumerate(tokens.words):
            if word in SURNAMES_LIKE_CUES and place and tokens.words[place - 1][0].isalpha():
                codes[place] = (UNKNOWN, *codes[place][1:])
        return codes

    def _remember(self, word: str) -> tuple[int, int, int]:
        form = normal_form(word)
        code = (self.words.get(form, UNKNOWN), suffix_number(form[-3:]), SHAPE_NUMBER[shape(word)])
        self.seen[word] = code
        return code


def suffix_number(suffix: str) -> int:
    """A stable number for a word's last letters."""
    return 1 + zlib.crc32(suffix.encode("utf8", "surrogatepass")) % (SUFFIX_ROWS - 1)


def vocabulary_of(words: Sequence[str]) -> Vocabulary:
    """A vocabulary from a list in order of its numbers (2, 3, …)."""
    return Vocabulary(words={word: number for number, word in enumerate(words, start=2)})
