"""Turns of a transcript that quotes without marks → segments: VLADIMIR PUTIN: Good afternoon, colleagues.

A turn opens with a paragraph that opens with a label, and goes on to the next one; each of its paragraphs is a segment
of one quotation, with the flag `turn`. Marks inside it enclose what the speaker cites and open no segment of their own.
What stands in brackets alone (Applause.) or has no small letter (END 2:33 P.M.) is nobody's.

A text is a transcript where several paragraphs open with labels, of two speakers at least, one of whom speaks again,
and where those are no rare thing among the paragraphs: Photo: or Read more: now and then make none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from research.documents import Span
from research.quotes import QuoteScan, Segment, find_flags

SPEAKER_LABEL = re.compile(
    r"""
    \s* (?:[(\[][^()\[\]\n]{1,40}[)\]]\s+)?                 # what is heard before it: (Laughter.)
    (?P<name>
        [^\W\d_a-z][\w.'’-]{0,30}                           # Vladimir, V., MS.
        (?:,?[ \xa0](?:(?:and|of|the|for|de|da|von|van|der|bin|al|el)[ \xa0])*[^\W\d_a-z][\w.'’-]{0,30}){0,11}
    )
    (?:[ \xa0]?[(\[][^()\[\]\n]{1,60}[)\]])? [ \xa0]? :     # (retranslated), and the colon
    (?=\s|\Z)
    """,
    re.VERBOSE,
)
LETTER_LABEL = re.compile(r"\s*(?P<name>Q(?=[.:]?\s)|A(?=[.:]\s))[.:]?[ \t\xa0]+(?=[A-Z“\"…—-])")  # Q    Thank you.
UNNAMED = frozenset(  # labels that name nobody
    "q a question questioner interviewer reporter journalist correspondent moderator presenter host anchor operator "
    "announcer narrator translator interpreter remark voice reply answer audience all".split()
)
BESIDE = frozenset(  # what a web page writes before a colon beside the article
    "also advertisement caption correction credit date disclaimer editor’s email explore follow gallery graphic image "
    "images keywords listen location more note photo photograph photographs photos picture pictures place published "
    "read recommended related see share source sources subscribe tags time topics tweet update updated video watch "
    "website when where who why".split()
)
IN_BRACKETS = re.compile(r"\s*[(\[<][^()\[\]<>\n]{1,200}[)\]>][\s.]*")
FEWEST_TURNS = 3
FEWEST_LABELS = 0.08  # share of the paragraphs, from the first label on, that open with one


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker says until the next one does: the label, and each paragraph's words in the text."""

    label: Span
    paragraphs: tuple[tuple[int, Span], ...]


def find_turns(text: str, scan: QuoteScan) -> tuple[Turn, ...]:
    """Find the turns of `text` that stand without marks; none where it is no transcript.

    >>> from research.quotes import find_quotes
    >>> lines = ["Ann Lee: Is the bridge safe?", "Mayor Orr: It is.", "We checked it.", "Ann Lee: Thank you."]
    >>> text = chr(10).join(lines)
    >>> [text[slice(*turn.label)] for turn in find_turns(text, find_quotes(text))]
    ['Ann Lee', 'Mayor Orr', 'Ann Lee']
    """
    labels = _labels(text, scan)
    times = Counter(text[slice(*label)] for label, _ in labels.values())
    is_transcript = len(labels) >= FEWEST_TURNS and len(times) > 1 and max(times.values()) > 1
    if not is_transcript or len(labels) < FEWEST_LABELS * (len(scan.paragraphs) - min(labels)):
        return ()
    return tuple(_turns(text, scan, labels))


def with_turns(text: str, scan: QuoteScan) -> QuoteScan:
    """The scan with a segment for each paragraph of a turn, in place of what marks enclose in it.

    >>> from research.quotes import find_quotes
    >>> text = chr(10).join(["Ann Lee: Is it safe?", "Mayor Orr: “Very,” they say.", "Ann Lee: Thank you."])
    >>> [text[slice(*segment.span)] for segment in with_turns(text, find_quotes(text)).segments]
    ['Is it safe?', '“Very,” they say.', 'Thank you.']
    """
    turns = find_turns(text, scan)
    taken = {number for turn in turns for number, _ in turn.paragraphs}
    starts = [paragraph.start for paragraph in scan.paragraphs]
    nested = {segment.paragraph for segment in scan.segments} & taken
    segments = [segment for segment in scan.segments if segment.paragraph not in taken]
    for number, turn in enumerate(turns, start=len(scan.segments)):
        segments += _segments(text, scan.paragraphs, turn, number, nested)
    strays = tuple(s for s in scan.strays if bisect_right(starts, s.span.start) - 1 not in taken)
    return replace(scan, segments=_renumbered(segments), strays=strays)


def _labels(text: str, scan: QuoteScan) -> dict[int, tuple[Span, int]]:
    """For each paragraph that opens with a label the label, and where the words behind it start.

    What never returns is none if it is a word in small letters (First: the bridge.) or heads a line without a full stop
    (Mayor Lee: All Is Well), nor is ever what stands before marks round the whole paragraph.
    """
    found: dict[int, tuple[Span, int]] = {}
    marked = {segment.outer.start: segment.outer.end for segment in scan.segments}
    for number, paragraph in enumerate(scan.paragraphs):
        label = SPEAKER_LABEL.match(text, *paragraph) or LETTER_LABEL.match(text, *paragraph)
        if label is None or label["name"].split(maxsplit=1)[0].lower() in BESIDE:
            continue
        start = _stripped(text, Span(label.end(), paragraph.end)).start
        if start not in marked or any(map(str.isalnum, text[marked[start] : paragraph.end])):
            found[number] = Span(*label.span("name")), start
    times = Counter(text[slice(*label)] for label, _ in found.values())
    return {
        number: (label, start)
        for number, (label, start) in found.items()
        if times[name := text[slice(*label)]] > 1
        or name.lower() in UNNAMED
        or ((" " in name or name.isupper()) and not _is_headline(text[slice(*scan.paragraphs[number])]))
    }


def _is_headline(line: str) -> bool:
    """Whether a line ends without a full stop: Mayor Lee: ‘All Is Well’."""
    return line.rstrip(" \t\xa0’”'\"")[-1:].isalnum()


def _turns(text: str, scan: QuoteScan, labels: Mapping[int, tuple[Span, int]]) -> Iterator[Turn]:
    """Each label's turn, which goes on to the next label; without what nobody says.

    The last one goes on for no more paragraphs than the longest before it: the reporter's own words may follow.
    """
    openings = sorted(labels)
    longest = max(after - opening for opening, after in pairwise(openings))
    end_of_last = min(openings[-1] + longest, len(scan.paragraphs))
    for opening, after in zip_longest(openings, openings[1:], fillvalue=end_of_last):
        label, start = labels[opening]
        spoken = []
        for number in range(opening, after):
            end = scan.paragraphs[number].end
            span = Span(start if number == opening else scan.paragraphs[number].start, end)
            words = text[slice(*span)]
            is_said = any(map(str.isalnum, words)) and not IN_BRACKETS.fullmatch(words)
            if is_said and (number == opening or words.upper() != words):
                spoken.append((number, _stripped(text, span)))
        if spoken:
            yield Turn(label=label, paragraphs=tuple(spoken))


def _stripped(text: str, span: Span) -> Span:
    """A span without the blanks at its ends."""
    words = text[slice(*span)]
    return Span(span.end - len(words.lstrip()), span.start + len(words.rstrip()))


def _segments(
    text: str, paragraphs: tuple[Span, ...], turn: Turn, quotation: int, nested: set[int]
) -> Iterator[Segment]:
    """A turn's paragraphs as segments of one quotation; the label is part of the first one's outer span."""
    for place, (number, span) in enumerate(turn.paragraphs):
        outer = _stripped(text, paragraphs[number])
        flags = find_flags(text, span, outer) | {"turn"}
        if place:
            flags.add("continued")
        if number in nested:
            flags.add("nested")
        yield Segment(
            span=span, outer=outer, paragraph=number, quotation=quotation, flags=frozenset(flags), label=turn.label
        )


def _renumbered(segments: list[Segment]) -> tuple[Segment, ...]:
    """The segments in order, their quotations numbered anew."""
    ordered = sorted(segments, key=lambda segment: segment.span)
    numbers = {old: new for new, old in enumerate(dict.fromkeys(segment.quotation for segment in ordered))}
    return tuple(replace(segment, quotation=numbers[segment.quotation]) for segment in ordered)
