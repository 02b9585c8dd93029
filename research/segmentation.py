"""Text → tokens, with every quoted segment folded into one.

Who says a quote is decided by the words around it, so the words inside only put distance between a cue and its
source. Folding each segment into a single token keeps `“A,” he said, “B,” adding …` as short for the chain as it is
for a reader, and the chain need not look at most of a text at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from research.documents import Span
from research.quotes import QuoteScan, Segment

# Letters and what sticks to them: combining accents, soft hyphens, the replacement character, and UTF-8 once misread.
WORD_CHARACTER = r"(?:\w|[\u0300-\u036f\u00ad\ufffd]|(?<=[ÃÅ])[\u0080-\u00bf\u0152-\u0161\u2018-\u203a])"

TOKEN = re.compile(
    r"""
    (?:Mr|Mrs|Ms|Mx|Dr|Drs|Del|Prof|Sen|Sens|Rep|Reps|Gov|Govs|Gen|Lt|Col|Maj|Capt|Cmdr|Sgt|Adm|Rev|Hon|Pres|St|Jr|Sr|
       Messrs|Mme|Supt|Det|Atty|Amb|Ft|Mt|Inc|Corp|Co|Ltd|No|vs|v|Jan|Feb|Mar|Apr|Aug|Sept|Sep|Oct|Nov|Dec)\.(?!\w)
    | (?:[^\W\d_]\.){2,}                     # U.S., J.R.R.
    | [A-Z]\.(?=[ \xa0\n]?(?:[A-Z][\w.]|\Z))    # an initial before a name, or before a nickname in quotes
    | \d+(?:[.,:/]\d+)*(?:st|nd|rd|th|s|m|bn|pm|am)?\b  # numbers
    | ['’]s\b                                # the possessive stands alone
    | [^\W\d_]{W}*(?:-{W}+)*(?:['’](?!s\b){W}+(?:-{W}+)*)?  # words; don’t, O’Brien and part-time are one
    | \w+ | --+ | \.\.+ | [^\w\s]            # the rest: odd words, dashes, dots, any other mark
    """.replace("{W}", WORD_CHARACTER),
    re.VERBOSE,
)

PARAGRAPH_TOKEN = "¶"
SENTENCE_ENDS = frozenset(".?!")
GENITIVES = frozenset(("’s", "'s"))  # the token behind an owner, if not a bare apostrophe


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of one document, as parallel lists in reading order.

    `words` are the tokens as printed; a folded segment is ``“…”`` and a paragraph opens with ``¶``. `segments` gives
    the number of the folded segment, -1 elsewhere. `quote_places` is the reverse: the token of each segment.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]
    segments: list[int]
    paragraphs: list[int]
    quote_places: list[int]

    def __len__(self) -> int:
        """How many tokens there are."""
        return len(self.words)


def tokenize(text: str, scan: QuoteScan) -> Tokens:
    """Cut `text` into tokens with its segments folded.

    >>> from research.quotes import find_quotes
    >>> text = "“We stay,” Mr. Orr said."
    >>> tokenize(text, find_quotes(text)).words
    ['¶', '“…”', 'Mr.', 'Orr', 'said', '.']
    """
    tokens = Tokens(words=[], starts=[], ends=[], segments=[], paragraphs=[], quote_places=[])
    numbered = _by_paragraph(scan)
    for number, paragraph in enumerate(scan.paragraphs):
        _append(tokens, PARAGRAPH_TOKEN, Span(paragraph.start, paragraph.start), -1, number)
        place = paragraph.start
        for index, segment in numbered.get(number, ()):
            _append_words(tokens, text, Span(place, segment.outer.start), number)
            tokens.quote_places.append(len(tokens))
            _append(tokens, "“…”", segment.outer, index, number)
            place = segment.outer.end
        _append_words(tokens, text, Span(place, paragraph.end), number)
    return tokens


def _by_paragraph(scan: QuoteScan) -> dict[int, list[tuple[int, Segment]]]:
    groups: dict[int, list[tuple[int, Segment]]] = {}
    for index, segment in enumerate(scan.segments):
        groups.setdefault(segment.paragraph, []).append((index, segment))
    return groups


def _append(tokens: Tokens, word: str, span: Span, segment: int, paragraph: int) -> None:
    tokens.words.append(word)
    tokens.starts.append(span.start)
    tokens.ends.append(span.end)
    tokens.segments.append(segment)
    tokens.paragraphs.append(paragraph)


def _append_words(tokens: Tokens, text: str, span: Span, paragraph: int) -> None:
    """Append the words of a stretch outside quotes; one call a stretch, so the loop is kept tight."""
    found = list(TOKEN.finditer(text, *span))
    tokens.words.extend([m.group() for m in found])
    tokens.starts.extend([m.start() for m in found])
    tokens.ends.extend([m.end() for m in found])
    tokens.segments.extend([-1] * len(found))
    tokens.paragraphs.extend([paragraph] * len(found))
