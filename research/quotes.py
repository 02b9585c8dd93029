"""Quotation marks → quoted segments: offsets, how segments belong together, and what is odd about them.

A segment is one stretch between an opening and a closing mark, within one paragraph. A quotation is one or
more segments: a speech that runs over several paragraphs, or one that its cue splits in two (“A,” he said. “B.”).

Marks are paired paragraph by paragraph, so that one forgotten mark cannot turn the rest of an article inside
out (textacy raises an error there, CoreNLP loses the article's quotes). Whether a mark opens or closes is read
off its neighbours first and its shape second: a closing “ or a flipped straight mark is common in the wild.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from research.documents import Span

DOUBLE_MARK = re.compile(r"[“”„‟«»＂\"]|''|``|‘‘|’’")
SINGLE_MARK = re.compile(r"[‘’‚‛'‹›]")
PARAGRAPH = re.compile(r"[^\n]+")
ELLIPSIS = re.compile(r"…|\.\.\.|\. \. \.")
BRACKETED = re.compile(r"\[[^\[\]\n]{1,300}\]")
FEET_AND_INCHES = re.compile(r"\d\s?['’′]\s?\d{1,2}(?:\.\d)?\s?$")
ELIDED = re.compile(r"(?:tis|twas|em|cause|til|till|bout|round|n|\d0s|\d\d)\b", re.IGNORECASE)
WORD = re.compile(r"\w+")

OPENING = frozenset("“„‟«‘‚‛‹`")
CLOSING = frozenset("”»’›")
BEFORE_OPENING = frozenset("([{—–-/=:>\u200b\u200e\u200f\u202a\u202b")
AFTER_CLOSING = frozenset(".,;:!?)]}—–-/<…\u200b\u200e\u200f\u202c")
SENTENCE_END = frozenset(".!?…")

# A cue between two halves of one quotation is short. 14 words cover 99 % of the gaps between neighbouring
# segments that share one attribution and one sentence in the PolNeAR training articles.
LONGEST_SPLIT_GAP_IN_WORDS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One quoted stretch. `span` holds the words inside the marks, `outer` the marks as well.

    `quotation` numbers the quotation in the document that the segment belongs to. `flags` is drawn from
    unclosed, continued, split, bracketed, ellipsis, fragment, nested.
    """

    span: Span
    outer: Span
    paragraph: int
    quotation: int
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A mark that belongs to no segment: a closing one with nothing open, or a pair with nothing inside."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteScan:
    """All that a text's quotation marks amount to: its paragraphs, its segments in order, and stray marks."""

    paragraphs: tuple[Span, ...]
    segments: tuple[Segment, ...]
    strays: tuple[Stray, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark with what its neighbours allow it to be."""

    span: Span
    char: str
    may_open: bool
    may_close: bool


def find_quotes(text: str) -> QuoteScan:
    """Find every quoted segment of `text`.

    >>> scan = find_quotes("“We stay,” she said. “All of us.”")
    >>> ["We stay,", "All of us."] == ["“We stay,” she said. “All of us.”"[slice(*s.span)] for s in scan.segments]
    True
    >>> [s.quotation for s in scan.segments]
    [0, 0]
    """
    paragraphs = tuple(Span(*m.span()) for m in PARAGRAPH.finditer(text) if not m.group().isspace())
    marks_by_paragraph = _group(_marks(text, DOUBLE_MARK), paragraphs)
    found = [_pair(text, span, marks) for span, marks in zip(paragraphs, marks_by_paragraph, strict=True)]
    if _prefers_single_marks(text, sum(len(segments) for segments, _ in found)):
        singles = _group(_single_marks(text), paragraphs)
        found = [_pair_single(text, span, marks, outer) for span, marks, outer in
                 zip(paragraphs, singles, found, strict=True)]
    segments = [replace(s, paragraph=i) for i, (pairs, _) in enumerate(found) for s in pairs]
    strays = tuple(stray for _, more in found for stray in more)
    return QuoteScan(paragraphs=paragraphs, segments=_linked(text, paragraphs, segments), strays=strays)


def _group(marks: Iterable[_Mark], paragraphs: tuple[Span, ...]) -> list[list[_Mark]]:
    """Deal the marks out to the paragraphs they stand in."""
    groups: list[list[_Mark]] = [[] for _ in paragraphs]
    starts = [p.start for p in paragraphs]
    for mark in marks:
        groups[bisect_right(starts, mark.span.start) - 1].append(mark)
    return groups


def _neighbours(text: str, start: int, end: int) -> tuple[str, str]:
    """The characters on both sides, a blank at the edges of the text."""
    return text[start - 1] if start else " ", text[end] if end < len(text) else " "


def _marks(text: str, pattern: re.Pattern[str]) -> Iterator[_Mark]:
    for found in pattern.finditer(text):
        start, end = found.span()
        before, after = _neighbours(text, start, end)
        may_open = (before.isspace() or before in BEFORE_OPENING or before in OPENING) and not after.isspace()
        may_close = (after.isspace() or after in AFTER_CLOSING or after in CLOSING) and not before.isspace()
        yield _Mark(Span(start, end), found.group()[0], may_open, may_close)


def _single_marks(text: str) -> Iterator[_Mark]:
    """Single marks that can be quotation marks: no apostrophe inside a word, no elision such as ’tis or ’90s."""
    for mark in _marks(text, SINGLE_MARK):
        before, after = _neighbours(text, *mark.span)
        inside_word = before.isalnum() and after.isalnum()
        doubled = before == mark.char or after == mark.char
        elided = mark.char != "‘" and mark.may_open and ELIDED.match(text, mark.span.end)
        if not inside_word and not doubled and not elided:
            yield mark


def _prefers_single_marks(text: str, double_segments: int) -> bool:
    """Whether the text quotes in single marks, as British papers do, rather than using them inside double ones."""
    marks = list(_single_marks(text))
    opened = sum(m.may_open and not m.may_close and m.char in "‘'‚‹" for m in marks)
    closed = sum(m.may_close and not m.may_open and m.char in "’'‘›" for m in marks)
    return min(opened, closed) > double_segments


def _opens(mark: _Mark, is_open: bool, is_first: bool) -> bool:
    """Whether `mark` opens: its neighbours decide; where they allow both or neither, its shape; then the state."""
    if mark.may_open != mark.may_close:
        return mark.may_open
    if is_first:
        return True
    if mark.char in OPENING or mark.char in CLOSING:
        return mark.char in OPENING
    return not is_open


def _pair(text: str, paragraph: Span, marks: list[_Mark]) -> tuple[list[Segment], list[Stray]]:
    """Pair one paragraph's double marks. An opening mark inside an open segment ends that one, unclosed."""
    segments: list[Segment] = []
    strays: list[Stray] = []
    opened: _Mark | None = None
    guillemets_reversed = bool(marks) and marks[0].char == "»" and marks[0].may_open
    straight_left = sum(m.char in '"＂' for m in marks)
    closers = _last_closers(marks)
    for place, mark in enumerate(marks):
        straight_left -= mark.char in '"＂'
        if _is_inch_mark(text, mark, opened is not None, straight_left):
            continue
        opens = (mark.char == "»") if guillemets_reversed and mark.char in "«»" else _opens(mark, opened is not None, not text[paragraph.start:mark.span.start].strip())
        if opens and opened is not None and _nests(opened, mark, closers, place):
            continue
        if opened is not None and not opens and _closes_inner(opened, mark, closers, place):
            continue
        if opened is not None:
            end = mark.span.start if opens else mark.span.end
            _add(segments, strays, text, opened, Span(mark.span.start, end), closed=not opens)
        elif not opens:
            strays.append(Stray(span=mark.span, reason="a closing mark with nothing open before it"))
        opened = mark if opens else None
    if opened is not None:
        _add(segments, strays, text, opened, Span(paragraph.end, paragraph.end), closed=False)
    return segments, strays


FAMILY = {"“": "“", "”": "“", "„": "“", "‟": "“", '"': '"', "＂": '"', "«": "«", "»": "«", "'": "'", "`": "'",
          "‘": "‘", "’": "‘"}


def _last_closers(marks: list[_Mark]) -> dict[str, int]:
    """For each family of marks the place of its last one that can only close."""
    return {FAMILY[m.char]: i for i, m in enumerate(marks) if m.may_close and not m.may_open}


def _nests(opened: _Mark, mark: _Mark, closers: dict[str, int], place: int) -> bool:
    """Whether an opening mark inside an open segment starts a quotation inside it: another family, closed later."""
    outer, inner = FAMILY[opened.char], FAMILY[mark.char]
    return outer != inner and closers.get(outer, -1) > closers.get(inner, -1) > place


def _closes_inner(opened: _Mark, mark: _Mark, closers: dict[str, int], place: int) -> bool:
    """Whether a closing mark belongs to a quotation inside the open segment, whose own closing mark comes later."""
    outer, inner = FAMILY[opened.char], FAMILY[mark.char]
    mixed = {outer, inner} == {"“", '"'}
    return outer != inner and closers.get(outer, -1) > place and not mixed


def _is_inch_mark(text: str, mark: _Mark, is_open: bool, straight_left: int) -> bool:
    """Whether a straight mark after a digit measures inches: 6'2" always, 12" where no segment is open."""
    start = mark.span.start
    if mark.char not in "\"'" or not start or not text[start - 1].isdigit() or mark.may_open:
        return False
    feet = FEET_AND_INCHES.search(text, max(0, start - 8), start) is not None
    return (feet and straight_left > 0) or not is_open


def _add(segments: list[Segment], strays: list[Stray], text: str, opened: _Mark, close: Span, *, closed: bool) -> None:
    """Append the segment between two marks, or a stray where there is no word inside."""
    span, outer = Span(opened.span.end, close.start), Span(opened.span.start, close.end)
    if not any(c.isalnum() for c in text[span.start:span.end]):
        strays.append(Stray(span=outer, reason="marks with no word inside"))
        return
    flags = _flags(text, span) | (frozenset() if closed else {"unclosed"})
    segments.append(Segment(span=span, outer=outer, paragraph=0, quotation=0, flags=flags))


def _flags(text: str, span: Span) -> frozenset[str]:
    """What the words inside the marks show: edits, gaps, other quotations, and whether they are a sentence."""
    words = text[span.start:span.end]
    flags = set()
    if BRACKETED.search(words):
        flags.add("bracketed")
    if ELLIPSIS.search(words):
        flags.add("ellipsis")
    if not is_sentence(words):
        flags.add("fragment")
    if DOUBLE_MARK.search(words) or any(m.may_open and not m.may_close for m in _single_marks(words)):
        flags.add("nested")
    return frozenset(flags)


def is_sentence(words: str) -> bool:
    """Whether quoted words stand as a sentence: they open like one and close like one (or break off before a cue).

    >>> is_sentence("We stay,"), is_sentence("idiotic"), is_sentence("Shark Tank")
    (True, False, False)
    """
    bare = words.strip(" \t\xa0[(‘'’“”\"…—–.")
    end = words.rstrip(" \t\xa0)]’'”\"")[-1:]
    if not bare or bare[0].islower():
        return False
    return end in SENTENCE_END or end in ",—–-;" or len(bare.split()) > 6


def _pair_single(
    text: str, paragraph: Span, marks: list[_Mark], outer: tuple[list[Segment], list[Stray]]
) -> tuple[list[Segment], list[Stray]]:
    """Pair one paragraph's single marks; double-marked segments inside them are nested, others stay."""
    segments: list[Segment] = []
    strays = list(outer[1])
    opened: _Mark | None = None
    for place, mark in enumerate(marks):
        opens = mark.may_open and (opened is None or mark.char in "‘‚‹") and not mark.may_close
        if opens and opened is None:
            opened = mark
        elif opens and opened is not None:
            _add(segments, strays, text, opened, Span(mark.span.start, mark.span.start), closed=False)
            opened = mark
        elif opened is not None and mark.may_close and not _is_possessive(text, marks, place):
            _add(segments, strays, text, opened, mark.span, closed=True)
            opened = None
    if opened is not None and opened.char in "‘‚‹":
        _add(segments, strays, text, opened, Span(paragraph.end, paragraph.end), closed=False)
    return _outermost(segments + outer[0]), strays


def _is_possessive(text: str, marks: list[_Mark], place: int) -> bool:
    """Whether ’ after an s is an apostrophe (the soldiers’ pay): a better closing mark follows before the next opening."""
    start, end = marks[place].span
    if text[start - 1].lower() != "s" or not re.match(r" [a-z]", text[end:end + 2]):
        return False
    for mark in marks[place + 1:]:
        if mark.may_open and not mark.may_close:
            return False
        if mark.may_close and not mark.may_open:
            return True
    return False


def _outermost(segments: list[Segment]) -> list[Segment]:
    """Only the segments that lie in no other, in order; one that holds another is nested."""
    kept: list[Segment] = []
    for segment in sorted(segments, key=lambda s: (s.outer.start, -s.outer.end)):
        if not kept or segment.outer.start >= kept[-1].outer.end:
            kept.append(segment)
        else:
            kept[-1] = replace(kept[-1], flags=kept[-1].flags | {"nested"})
    return kept


def _linked(text: str, paragraphs: tuple[Span, ...], segments: list[Segment]) -> tuple[Segment, ...]:
    """Number the quotations: segments continued over paragraphs, or split by a cue, share a number."""
    linked: list[Segment] = []
    for segment in segments:
        before = linked[-1] if linked else None
        if before is not None and _continues(text, paragraphs, before, segment):
            linked.append(replace(segment, quotation=before.quotation, flags=segment.flags | {"continued"}))
        elif before is not None and _is_split(text, before, segment):
            linked[-1] = replace(before, flags=before.flags | {"split"})
            linked.append(replace(segment, quotation=before.quotation, flags=segment.flags | {"split"}))
        else:
            linked.append(replace(segment, quotation=before.quotation + 1 if before else 0))
    return tuple(linked)


def _continues(text: str, paragraphs: tuple[Span, ...], before: Segment, segment: Segment) -> bool:
    """Whether `segment` opens the paragraph after one whose quotation was left open at its end."""
    return (
        "unclosed" in before.flags
        and segment.paragraph == before.paragraph + 1
        and not text[before.outer.end:paragraphs[before.paragraph].end].strip()
        and not text[paragraphs[segment.paragraph].start:segment.outer.start].strip()
    )


def _is_split(text: str, before: Segment, segment: Segment) -> bool:
    """Whether a short cue stands between two halves of one quotation: “A,” he said, “b.” or “A,” he said. “B.”"""
    if segment.paragraph != before.paragraph or "unclosed" in before.flags:
        return False
    last = text[before.span.start:before.span.end].rstrip()[-1:]
    gap = text[before.outer.end:segment.outer.start]
    if (last not in ",?!—–-…" and not gap.startswith(",")) or "fragment" in before.flags and last != ",":
        return False
    words = len(WORD.findall(gap))
    ends_cleanly = gap.rstrip()[-1:] in {",", ".", ":", ";", "—", "–"}
    return 0 < words <= LONGEST_SPLIT_GAP_IN_WORDS and ends_cleanly and ". " not in gap.rstrip()[:-1]
