"""The paragraphs of an article: its lines, but where a mail program or a printer has wrapped them.

A quotation that goes on in the next paragraph opens a mark anew, and a forgotten mark must do no harm beyond its own
paragraph; so `research.quotes` needs to know whether a line end also ends a paragraph. Nothing here knows of marks.
Others mean other things by the word: `sentences.split_paragraphs` are stretches between blank lines, whose sentences
may run over line ends; `view` shows each line of the article as it stands. All steps are linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from research.documents import Span

LINE = re.compile(r"[^\n]+")
FULL_STOPS = frozenset(".!?…؟۔。")  # characters of any script

# Half as many again as the 80 columns of a mail program; an article that isn't wrapped has longer lines.
LONGEST_WRAPPED_LINE = 120
MOSTLY, SOME = 0.55, 0.15  # shares of a block's lines by which it is taken for wrapped
WIDER, NARROWER = 1.1, 0.9  # how far the width of a block may be from that of the wrapped ones


def find_paragraphs(text: str) -> tuple[Span, ...]:
    """Every line that isn't blank; in a hard-wrapped block of lines every run up to an indent or a line cut short.

    >>> find_paragraphs("One line." + chr(10) + "Another.")
    (Span(start=0, end=9), Span(start=10, end=18))
    >>> find_paragraphs("A paragraph that a mail program" + chr(10) + "has wrapped.")
    (Span(start=0, end=44),)
    """
    blocks = list(_blocks([Span(*m.span()) for m in LINE.finditer(text) if not m.group().isspace()]))
    wrapped = [_is_wrapped(text, block) for block in blocks]
    widths = sorted(_width(text, block) for block, is_one in zip(blocks, wrapped, strict=True) if is_one)
    width = widths[len(widths) // 2] if widths else 0
    paragraphs: list[Span] = []
    for block, is_one in zip(blocks, wrapped, strict=True):
        paragraphs += _unwrapped(text, block) if is_one or _fills(text, block, width) else block
    return tuple(paragraphs)


def _blocks(lines: Sequence[Span]) -> Iterator[list[Span]]:
    """The runs of lines with no blank line between them, and none too long for a wrapped one."""
    block: list[Span] = []
    for line in lines:
        is_long = line.end - line.start > LONGEST_WRAPPED_LINE
        if block and (is_long or line.start != block[-1].end + 1):
            yield block
            block = []
        if is_long:
            yield [line]
        else:
            block.append(line)
    if block:
        yield block


def _width(text: str, block: Sequence[Span]) -> int:
    """The characters of a block's longest line, blanks at its end left out."""
    return max(len(text[slice(*line)].rstrip()) for line in block)


def _is_wrapped(text: str, block: Sequence[Span]) -> bool:
    """Whether most lines that follow on another go on in the middle of its sentence.

    Or some do, and most lines have no room for the next one's first word.
    """
    joints, width = len(block) - 1, _width(text, block)
    if not joints:
        return False
    goes_on = full = 0
    for above, below in pairwise(block):
        first = first_word(text, below)
        goes_on += text[first].islower() and text[slice(*above)].rstrip()[-1] not in FULL_STOPS
        full += not _has_room(text, above, below, width)
    return goes_on > joints / 2 or (full > MOSTLY * joints and goes_on > SOME * joints)


def _has_room(text: str, above: Span, below: Span, width: int) -> bool:
    """Whether a line of at most `width` characters could have taken up the next one's first word, too."""
    word = text[first_word(text, below) : below.end].split(" ", maxsplit=1)[0]
    return len(text[slice(*above)].rstrip()) + 1 + len(word) <= width


def _fills(text: str, block: Sequence[Span], width: int) -> bool:
    """Whether no line of a block has room for the next one's first word, had it the width of the wrapped ones."""
    if not width or len(block) < 2 or _width(text, block) > width * WIDER:
        return False
    return not any(_has_room(text, above, below, int(width * NARROWER)) for above, below in pairwise(block))


def _unwrapped(text: str, block: Sequence[Span]) -> list[Span]:
    """A wrapped block's paragraphs: each opens with an indent, or behind a sentence whose line had room for a word."""
    margin = min(first_word(text, line) - line.start for line in block)
    width = _width(text, block)
    paragraphs = list(block[:1])
    for above, below in pairwise(block):
        ends = text[slice(*above)].rstrip().rstrip("\"”’'»)")[-1:] in FULL_STOPS
        if first_word(text, below) - below.start > margin or (ends and _has_room(text, above, below, width)):
            paragraphs.append(below)
        else:
            paragraphs[-1] = Span(paragraphs[-1].start, below.end)
    return paragraphs


def first_word(text: str, paragraph: Span) -> int:
    """Where a paragraph's first character stands that isn't blank."""
    return paragraph.end - len(text[slice(*paragraph)].lstrip())
