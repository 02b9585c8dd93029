"""Quotation marks → quoted segments: offsets, how segments belong together, and what is odd about them.

A segment is one stretch between an opening and a closing mark, within one paragraph. A quotation is one or
more segments: a speech that runs over several paragraphs, or one that its cue splits in two (“A,” he said. “B.”).

Marks are paired paragraph by paragraph, so that one forgotten mark cannot turn the rest of an article inside
out (textacy raises an error there, CoreNLP loses the article's quotes). Whether a mark opens or closes is read
off its neighbours first and its shape second: a closing “ or a flipped straight mark is common in the wild. Within
a paragraph marks are matched like brackets, so that “a “b” c,” is one segment and “a “b” leaves the first unclosed.

Every double mark is accounted for: it lies in a segment or at its edge, or is a `Stray`, or is recognised as no
quotation mark: an inch mark (12"), a Hebrew acronym (דו"ח), a » bullet. All steps are linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from research.documents import Span
from research.paragraphs import FULL_STOPS, find_paragraphs, first_word

DOUBLE_MARK = re.compile(r"[“”„‟«»＂\"]|''|``|‘‘|’’")
SINGLE_MARK = re.compile(r"[‘’‚‛'‹›](?:(?!\w)|(?<!\w.))")  # not the apostrophe inside a word
ELLIPSIS = re.compile(r"…|\.\.\.|\. \. \.")
BRACKETED = re.compile(r"\[[^\[\]]{1,300}\]")
ELIDED = re.compile(r"(?:tis|twas|em|n|\d0s)\b", re.IGNORECASE)  # word processors turn these round: ‘em, ‘90s
ELIDED_OR_QUOTED = re.compile(
    r"""
    (?:cause|til|till|bout|round|\d\d)\b
    (?!  # '10 people died,' she said: a closing mark after punctuation shows that the first one opens
        (?:[^'‘’“”"\n] | (?<=\w)['’](?=\w)){0,300} (?<=[,.!?])['’]
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
CLAUSE_END = re.compile(r"[,;:)\]}]|\.(?![.\w])")  # no quotation opens with these: « Oui », dit-il
POSSESSIVE_TAIL = re.compile(r"[ \xa0][a-z]|[,.!?;]+[’']")
OPENS_IN_SINGLE_MARKS = re.compile(r"\n\s*[‘']")
# Verbs that are used of saying and little else, since nothing but one of them tells single-marked speech from a term in
# a text of double marks; not called, which a nickname follows. Those of the last line change nothing on PolNeAR.
SAYING = r"""(?x:
    said|says|added|adds|told|tells|wrote|writes|asked|asks|replied|replies|continued|explained|tweeted|
    claimed|claims|insisted|insists|warned|warns|argued|argues|declared|recalled|admitted|stated|announced|answered
)"""
LONGEST_CUE = 60  # characters of a sentence's end in which its verb of saying is looked for
TOLD_BEFORE = re.compile(rf"\b{SAYING}\b[^.!?:\n]*: $")
SAID_IN_HEADLINE = re.compile(rf"\b{SAYING} $")  # Mayor says ‘We will not pay’
TOLD_BEHIND = re.compile(
    rf" (?:(?:he|she|they|the \w+|(?!(?:He|She|They|It|We|I)\b)[A-Z]\w+(?: [A-Z]\w+)?) )?{SAYING}\b"
)
WRONG_CLOSER = re.compile(r"[,.!?](?P<mark>['’])(?=\s+[a-zA-Z])")
SINGLE_OPENING = re.compile(r"(?<!\w)[‘'’](?=\w)")
BEFORE_SPEECH = (": ", ", ", ". ", "? ", "! ")
WORD = re.compile(r"\w+")
SENTENCE_BREAK = re.compile(
    r"""
    [.!?]
    (?<![A-Z].) (?<!\b[DJMS]r.) (?<!\b(?:Ms|St|Lt).) (?<!\b(?:Mrs|Sen|Rep|Gov|Gen|Col|Rev|Sgt).)  # a title or initial
    (?<!\b(?:Capt|Prof|Sens|Reps|Govs).)
    [)\]]* \s+ \S
    """,
    re.VERBOSE,
)

INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
STRAIGHT = frozenset("\"＂")
DASHES = frozenset("—–―-")
OPENING = frozenset("“„‟«‘‚‛‹`")
CLOSING = frozenset("”»’›")
BEFORE_OPENING = OPENING | DASHES | frozenset("([{/=:>\"'" + INVISIBLE)
AFTER_CLOSING = CLOSING | DASHES | frozenset(".,;:!?)]}/<…،؛؟\"'" + INVISIBLE)
BREAKS_OFF = DASHES | frozenset(",;،؛")
NOTHING_OPEN = "a closing mark with nothing open before it"
FAMILY = {
    "“": "“", "”": "“", "„": "“", "‟": "“", '"': '"', "＂": '"', "«": "«", "»": "«", "'": "'", "`": "'",
    "‘": "‘", "’": "‘",
}  # fmt: skip

# The longest cues between two halves in the PolNeAR training articles have 30 to 34 words: 6 of the 1,519 pairs that
# the annotators gave to one source and that `_is_split` links; see test_halves_of_a_quotation_have_one_source.
LONGEST_SPLIT_GAP_IN_WORDS = 40

LONGEST_INTERRUPTION = 10  # words of an advertisement, a headline or a link between two paragraphs of a quotation
LONGEST_SIGNATURE = 8  # words
MOST_LINES = 30  # over which a quotation may run in a text with a line for each sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One quoted stretch. `span` holds the words inside the marks, `outer` the marks as well.

    `quotation` numbers the quotation in the document that the segment belongs to. `flags` is drawn from
    unclosed, continued, split, bracketed, ellipsis, fragment, nested, turn. `label` is where the speaker's label
    stands of a transcript's turn without marks (`research.turns`).
    """

    span: Span
    outer: Span
    paragraph: int
    quotation: int
    flags: frozenset[str] = frozenset()
    label: Span | None = None


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


@dataclass(frozen=True, slots=True)
class _Pairing:
    """How one paragraph's marks belong together, by their places in it.

    `closed_by` gives for each opening mark the closing one, None where none closes it. `holding` are the opening
    marks with a pair inside their own, `clashing` those of them where that pair is marked like their own. `alone`
    are closing marks that close nothing.
    """

    closed_by: dict[int, int | None] = field(default_factory=dict)
    holding: set[int] = field(default_factory=set)
    clashing: set[int] = field(default_factory=set)
    alone: list[Span] = field(default_factory=list)


def find_quotes(text: str) -> QuoteScan:
    """Find every quoted segment of `text`.

    >>> scan = find_quotes("“We stay,” she said. “All of us.”")
    >>> ["We stay,", "All of us."] == ["“We stay,” she said. “All of us.”"[slice(*s.span)] for s in scan.segments]
    True
    >>> [s.quotation for s in scan.segments]
    [0, 0]
    """
    paragraphs = find_paragraphs(text)
    doubles = _group(_marks(text, DOUBLE_MARK), paragraphs)
    segments, strays = _paired(text, paragraphs, doubles)
    rejoined = _rejoined(text, paragraphs, segments, strays)
    if len(rejoined) < len(paragraphs):
        paragraphs, doubles = rejoined, _group(_marks(text, DOUBLE_MARK), rejoined)
        segments, strays = _paired(text, paragraphs, doubles)
    singles = _single_style(text, paragraphs, segments)
    if singles:
        segments, strays = _around(text, paragraphs, doubles, singles)
    strays.sort(key=lambda stray: stray.span)
    return QuoteScan(paragraphs=paragraphs, segments=_linked(text, paragraphs, segments), strays=tuple(strays))


def unwrapped(text: str, scan: QuoteScan) -> str:
    """The text with the line ends inside its paragraphs as blanks, so that only paragraphs end a line.

    >>> text = "“We stay,” she said to the" + chr(10) + "men of the town, and they did."
    >>> unwrapped(text, find_quotes(text))
    '“We stay,” she said to the men of the town, and they did.'
    """
    broken = [span for span in scan.paragraphs if text.find("\n", *span) >= 0]
    parts, place = [], 0
    for span in broken:
        parts += [text[place : span.start], text[slice(*span)].replace("\n", " ")]
        place = span.end
    return "".join([*parts, text[place:]])


# Paragraphs that a quotation runs over, and marks


def _rejoined(
    text: str, paragraphs: Sequence[Span], segments: Sequence[Segment], strays: Sequence[Stray]
) -> tuple[Span, ...]:
    """The paragraphs, those made one over whose line ends a quotation runs: “We stay.⏎We all do,” he said."""
    starts = [p.start for p in paragraphs]
    opens = {s.paragraph for s in segments if "unclosed" in s.flags and s.outer.end == paragraphs[s.paragraph].end}
    marked: dict[int, int] = {}
    for segment in reversed(segments):
        marked[segment.paragraph] = segment.outer.start
    closes: set[int] = set()
    for stray in strays:
        number = bisect_right(starts, stray.span.start) - 1
        is_first = stray.reason == NOTHING_OPEN and stray.span.start < marked.get(number, stray.span.end)
        if is_first and not _is_signature(text[paragraphs[number].start : stray.span.start]):
            closes.add(number)
        marked.setdefault(number, stray.span.start)
    joined: list[Span] = []
    kept = 0  # paragraphs that are part of the last one already
    for number, paragraph in enumerate(paragraphs):
        if number < kept:
            continue
        last = number
        while number in opens and last - number < MOST_LINES and _follows_on(paragraphs, last):
            last += 1
            if last in marked:
                break
        kept = last + 1 if last in closes and last > number else number + 1
        joined.append(Span(paragraph.start, paragraphs[kept - 1].end))
    return tuple(joined)


def _is_signature(line: str) -> bool:
    """Whether a line is a name and what its bearer is: Ann Lee, Institute of Tides."""
    words = line.split()
    capitals = sum(word[0].isupper() for word in words)
    is_line = line[:1].isupper() and line.endswith(".") and 1 < len(words) <= LONGEST_SIGNATURE
    return is_line and (2 * capitals >= len(words) or (words[1][0].isupper() and words[1].endswith(",")))


def _follows_on(paragraphs: Sequence[Span], number: int) -> bool:
    """Whether the next paragraph stands on the next line."""
    return number + 1 < len(paragraphs) and paragraphs[number + 1].start == paragraphs[number].end + 1


def _group(marks: Iterable[_Mark], paragraphs: Sequence[Span]) -> list[list[_Mark]]:
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
        if "א" <= before <= "ת" and "א" <= after <= "ת":
            continue  # a Hebrew acronym wears a mark before its last letter
        may_open = (before in BEFORE_OPENING or before.isspace()) and not after.isspace()
        may_open = may_open and not (after in ",.;:)]}" and CLAUSE_END.match(text, end))
        may_close = (after in AFTER_CLOSING or after.isspace()) and not before.isspace()
        yield _Mark(Span(start, end), found.group()[0], may_open, may_close)


def _single_marks(text: str) -> Iterator[_Mark]:
    """Single marks that can be quotation marks: no apostrophe inside a word, no elision such as ’tis or ’90s."""
    for mark in _marks(text, SINGLE_MARK):
        before, after = _neighbours(text, *mark.span)
        doubled = mark.char in (before, after)
        if not doubled and not (mark.may_open and _is_elision(text, mark)):
            yield mark


def _is_elision(text: str, mark: _Mark) -> bool:
    """Whether a word without its first letters follows: ’tis, ’90s."""
    if ELIDED.match(text, mark.span.end):
        return True
    return mark.char != "‘" and ELIDED_OR_QUOTED.match(text, mark.span.end) is not None


def _following(text: str, marks: Sequence[_Mark]) -> list[bool | None]:
    """For each mark whether the next plain one opens: one that can only open or close and measures nothing."""
    following: list[bool | None] = []
    plain: bool | None = None
    for mark in reversed(marks):
        following.append(plain)
        if mark.may_open != mark.may_close and not _follows_digit(text, mark):
            plain = mark.may_open
    return following[::-1]


def _follows_digit(text: str, mark: _Mark) -> bool:
    """Whether `mark` may stand for inches or seconds."""
    return not mark.may_open and mark.char in "\"'”" and mark.span.start > 0 and text[mark.span.start - 1].isdigit()


# Double marks


def _paired(
    text: str, paragraphs: Sequence[Span], marks: Sequence[Sequence[_Mark]]
) -> tuple[list[Segment], list[Stray]]:
    """The segments and strays of each paragraph's double marks."""
    segments: list[Segment] = []
    strays: list[Stray] = []
    for number, paragraph in enumerate(paragraphs):
        if marks[number]:
            _pair(text, number, paragraph, _turned(text, marks[number]), segments, strays)
    return segments, strays


def _turned(text: str, marks: Sequence[_Mark]) -> Sequence[_Mark]:
    """Straight marks with blanks on the wrong sides, turned: He said" It works. "and left."""
    if len(marks) % 2 or any(m.may_open == m.may_close or m.may_open != place % 2 for place, m in enumerate(marks)):
        return marks
    closing, opening = marks[::2], marks[1::2]
    if any(m.char not in STRAIGHT or not text[m.span.start - 1].isalpha() for m in closing):
        return marks
    if any(m.char not in STRAIGHT or text[m.span.start - 2] not in ".,!?" for m in opening):
        return marks
    return [replace(m, may_open=m.may_close, may_close=m.may_open) for m in marks]


def _pair(
    text: str, number: int, paragraph: Span, marks: Sequence[_Mark], segments: list[Segment], strays: list[Stray]
) -> None:
    """Append what one paragraph's marks enclose. A segment whose mark is never closed ends where the next one opens."""
    pairing = _matched(text, paragraph, marks)
    outermost = _outermost(pairing)
    outers = []
    for place, after in zip_longest(outermost, outermost[1:]):
        closing = pairing.closed_by[place]
        end = paragraph.end if after is None else marks[after].span.start
        close = _wrongly_closed(text, marks[place], end) if closing is None else marks[closing].span
        outers.append(Span(marks[place].span.start, close.end))
        nested = closing is not None and place in pairing.holding
        found = _between(text, number, marks[place].span, close, nested=nested)
        if isinstance(found, Segment):
            segments.append(found)
        else:
            strays.append(found)
    strays.extend(Stray(span=span, reason=NOTHING_OPEN) for span in _outside(pairing.alone, outers))


def _wrongly_closed(text: str, opening: _Mark, end: int) -> Span:
    """Where a segment that no double mark closes ends: at a single mark (“We stay,’ he said), else at `end`."""
    found = WRONG_CLOSER.search(text, opening.span.end, end)
    is_inner = found is not None and SINGLE_OPENING.search(text, opening.span.end, found.start()) is not None
    return Span(end, end) if found is None or is_inner else Span(*found.span("mark"))


def _outermost(pairing: _Pairing) -> list[int]:
    """The places of the opening marks that stand inside no pair."""
    outermost: list[int] = []
    for place in pairing.closed_by:
        around = pairing.closed_by[outermost[-1]] if outermost else None
        if around is None or place > around:
            outermost.append(place)
    return outermost


def _matched(text: str, paragraph: Span, marks: Sequence[_Mark]) -> _Pairing:
    """Match opening with closing marks as brackets are matched."""
    pairing = _Pairing()
    opened: list[int] = []
    closers = _last_closers(marks)
    first = first_word(text, paragraph)
    for place, (mark, next_opens) in enumerate(zip(marks, _following(text, marks), strict=True)):
        if _is_measure(text, mark, bool(opened), next_opens) or _is_bullet(text, mark, bool(opened)):
            continue
        if _opens(mark, bool(opened), mark.span.start == first, next_opens):
            pairing.closed_by[place] = None
            opened.append(place)
        elif not opened or _closes_inner(marks[opened[-1]], mark, closers, place):
            pairing.alone.append(mark.span)
        else:
            _close(text, marks, place, opened, pairing)
    return pairing


def _close(text: str, marks: Sequence[_Mark], place: int, opened: list[int], pairing: _Pairing) -> None:
    """Close the last opened pair, unless it holds another that looks alike and is the likelier one to end here."""
    inner = opened.pop()
    if inner in pairing.clashing and not _ends_utterance(text, marks[place]):
        pairing.alone.append(marks[place].span)
    else:
        pairing.closed_by[inner] = place
    if opened:
        pairing.holding.add(opened[-1])
        if _look_alike(marks[opened[-1]], marks[inner]):
            pairing.clashing.add(opened[-1])


def _look_alike(outer: _Mark, inner: _Mark) -> bool:
    """Whether a pair inside a pair is marked no differently, so that either may be meant to stand alone."""
    return FAMILY[outer.char] == FAMILY[inner.char] or {FAMILY[outer.char], FAMILY[inner.char]} == {"“", '"'}


def _ends_utterance(text: str, mark: _Mark) -> bool:
    """Whether a closing mark surely ends a speech, not a phrase in it: a comma before it, or the inner closing mark.

    Of `“A “b” c,” he said` all is one segment. In `“A “b” c.”` either the first or the last mark is one too many, and
    the PolNeAR annotators took “A to be unclosed.
    """
    return text[mark.span.start - 1] in (",", mark.char)


def _opens(mark: _Mark, is_open: bool, is_first: bool, next_opens: bool | None) -> bool:
    """Whether `mark` opens: its neighbours decide; where they allow both or neither, its shape; then the state."""
    if mark.may_open != mark.may_close:
        return mark.may_open
    if is_first:
        return mark.char not in CLOSING or next_opens is False
    if mark.char in OPENING or mark.char in CLOSING:
        return mark.char in OPENING
    return not is_open and (mark.char != "'" or next_opens is False)  # '' between blanks is an empty pair


def _is_measure(text: str, mark: _Mark, is_open: bool, next_opens: bool | None) -> bool:
    """Whether a mark after a digit stands for inches or seconds: if open, only where a better closing mark follows."""
    return _follows_digit(text, mark) and (not is_open or next_opens is False)


def _is_bullet(text: str, mark: _Mark, is_open: bool) -> bool:
    """Whether » stands between blanks as a list's bullet or in a path of links, Home » News."""
    if mark.char != "»" or is_open or mark.may_open or mark.may_close:
        return False
    return text[mark.span.end:mark.span.end + 1].isspace()


def _last_closers(marks: Sequence[_Mark]) -> dict[str, int]:
    """For each family of marks the place of its last one that can only close."""
    return {FAMILY[m.char]: i for i, m in enumerate(marks) if m.may_close and not m.may_open}


def _closes_inner(opened: _Mark, mark: _Mark, closers: dict[str, int], place: int) -> bool:
    """Whether a closing mark belongs to a quotation inside the open segment, whose own closing mark comes later."""
    outer, inner = FAMILY[opened.char], FAMILY[mark.char]
    mixed = {outer, inner} == {"“", '"'}
    return outer != inner and closers.get(outer, -1) > place and not mixed


def _between(text: str, number: int, opening: Span, closing: Span, *, nested: bool) -> Segment | Stray:
    """The segment between two marks, or a stray where there is no word inside."""
    span, outer = Span(opening.end, closing.start), Span(opening.start, closing.end)
    if not any(c.isalnum() for c in text[slice(*span)]):
        return Stray(span=outer, reason="marks with no word inside")
    flags = find_flags(text, span, outer)
    if closing.end == closing.start:
        flags.add("unclosed")
    if nested:
        flags.add("nested")
    return Segment(span=span, outer=outer, paragraph=number, quotation=0, flags=frozenset(flags))


# What the words show


def find_flags(text: str, span: Span, outer: Span) -> set[str]:
    """What the words inside the marks show: edits, gaps, other quotations, and whether they are a sentence."""
    words = text[slice(*span)]
    flags = set()
    if BRACKETED.search(words):
        flags.add("bracketed")
    if ELLIPSIS.search(words):
        flags.add("ellipsis")
    if not is_sentence(words) and not _is_announced(text, outer, words):
        flags.add("fragment")
    if _holds_single_marks(words):
        flags.add("nested")
    return flags


def is_sentence(words: str) -> bool:
    """Whether quoted words stand as a sentence: they open like one and close like one (or break off before a cue).

    >>> is_sentence("We stay,"), is_sentence("idiotic"), is_sentence("Shark Tank")
    (True, False, False)
    """
    bare = words.strip(" \t\xa0[(‘'’“”\"…—–―." + INVISIBLE)
    if not bare or bare[0].islower():
        return False
    end = _last(words)
    return end in FULL_STOPS or end in BREAKS_OFF or len(bare.split()) > 6


def _last(words: str) -> str:
    """The last character of quoted words, past closing brackets and inner marks."""
    return words.rstrip(" \t\xa0)]’'”\"" + INVISIBLE)[-1:]


def _is_announced(text: str, outer: Span, words: str) -> bool:
    """Whether a colon before or a comma behind shows words to be more than a name: His reply was: “I never left”."""
    rest = words.split()[1:]
    if len(rest) < 2 or not words[0].isupper() or sum(word[0].islower() for word in rest) <= len(rest) / 2:
        return False
    return text.startswith(",", outer.end) or text[max(0, outer.start - 3):outer.start].rstrip().endswith(":")


def _holds_single_marks(words: str) -> bool:
    """Whether single marks enclose something inside the words."""
    is_open = False
    for mark in _single_marks(words):
        if is_open and mark.may_close:
            return True
        is_open = is_open or (mark.may_open and not mark.may_close)
    return False


# Single marks


def _single_style(text: str, paragraphs: Sequence[Span], doubles: Sequence[Segment]) -> list[Segment]:
    """The single-marked segments if the text quotes in them, as British papers do; else those with a verb of saying.

    It does if more of them lie outside double-marked segments than the other way round.
    """
    marks = list(_single_marks(text))
    opening = [m.span for m in marks if m.may_open and not m.may_close and m.char in "‘'‚‹"]
    if not _outside(opening, [s.outer for s in doubles]):
        return []
    grouped = _group(marks, paragraphs)
    singles = [s for number, group in enumerate(grouped) for s in _pair_single(text, number, paragraphs[number], group)]
    closed = [s.outer for s in singles if "unclosed" not in s.flags]
    around = [s.outer for s in doubles]
    if len(_outside(closed, around)) > len(_outside(around, closed)):
        return singles
    free = set(_outside(closed, around))
    return [s for s in singles if s.outer in free and _is_told(text, s)]


def _is_told(text: str, segment: Segment) -> bool:
    """Whether a verb of saying stands beside whole sentences (He added: 'I ran.' 'I ran,' he said) or in a headline."""
    before = text[max(0, segment.outer.start - LONGEST_CUE) : segment.outer.start]
    if SAID_IN_HEADLINE.search(before) and text[segment.outer.end : segment.outer.end + 1] in ("", "\n"):
        return text[segment.span.end - 1] not in FULL_STOPS
    if "fragment" in segment.flags:
        return False
    return TOLD_BEFORE.search(before) is not None or (
        text[segment.span.end - 1] in ",?!" and TOLD_BEHIND.match(text, segment.outer.end) is not None
    )


def _outside(spans: Sequence[Span], around: Sequence[Span]) -> list[Span]:
    """The spans that start in none of those `around`, which are in order and don't overlap."""
    starts = [s.start for s in around]
    places = [bisect_right(starts, span.start) - 1 for span in spans]
    return [span for span, place in zip(spans, places, strict=True) if place < 0 or span.start >= around[place].end]


def _pair_single(text: str, number: int, paragraph: Span, marks: Sequence[_Mark]) -> Iterator[Segment]:
    """Pair one paragraph's single marks."""
    opened: _Mark | None = None
    following = _following(text, marks)
    continued = OPENS_IN_SINGLE_MARKS.match(text, paragraph.end) is not None
    first = first_word(text, paragraph) if continued else paragraph.end
    goes_on = False  # whether what is open may go on in the next paragraph
    for mark, next_opens in zip(marks, following, strict=True):
        if mark.may_open and not mark.may_close and (opened is None or mark.char in "‘‚‹"):
            if opened is not None:
                yield from _single(text, number, opened, Span(mark.span.start, mark.span.start))
            opened, goes_on = mark, continued and _opens_speech(text, first, mark)
        elif opened is not None and mark.may_close and not _is_possessive(text, mark, next_opens, goes_on):
            yield from _single(text, number, opened, mark.span)
            opened = None
    if opened is not None and (opened.char in "‘‚‹" or goes_on):
        yield from _single(text, number, opened, Span(paragraph.end, paragraph.end))


def _opens_speech(text: str, first: int, mark: _Mark) -> bool:
    """Whether a mark opens its paragraph, or stands behind a colon, a comma or a sentence: He said: 'I was there."""
    return mark.span.start == first or text.endswith(BEFORE_SPEECH, first, mark.span.start)


def _single(text: str, number: int, opened: _Mark, closing: Span) -> Iterator[Segment]:
    """The segment between two single marks, unless no word stands there."""
    nested = len(DOUBLE_MARK.findall(text, opened.span.end, closing.start)) > 1
    found = _between(text, number, opened.span, closing, nested=nested)
    if isinstance(found, Segment):
        yield found


def _is_possessive(text: str, mark: _Mark, next_opens: bool | None, goes_on: bool) -> bool:
    """Whether ’ after an s is an apostrophe (the soldiers’ pay): a better closing mark follows, or none is to come."""
    start, end = mark.span
    if text[start - 1] not in "sS" or not POSSESSIVE_TAIL.match(text, end):
        return False
    return next_opens is False or (next_opens is None and goes_on)


def _around(
    text: str, paragraphs: Sequence[Span], doubles: Sequence[Sequence[_Mark]], singles: Sequence[Segment]
) -> tuple[list[Segment], list[Stray]]:
    """Single-marked segments with the double-marked ones outside them; a single one inside a double one is nested."""
    inside = [s.outer for s in singles]
    free = set(_outside([m.span for marks in doubles for m in marks], inside))
    segments, strays = _paired(text, paragraphs, [[m for m in marks if m.span in free] for marks in doubles])
    kept = set(_outside(inside, [s.outer for s in segments]))
    return sorted([*segments, *(s for s in singles if s.outer in kept)], key=lambda s: s.outer), strays


# Which segments make one quotation


def _linked(text: str, paragraphs: Sequence[Span], segments: Sequence[Segment]) -> tuple[Segment, ...]:
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


def _continues(text: str, paragraphs: Sequence[Span], before: Segment, segment: Segment) -> bool:
    """Whether `segment` opens the paragraph after one whose quotation was left open, straight as straight.

    A line without a sentence may stand between them: Story continues below advertisement.
    """
    return (
        "unclosed" in before.flags
        and segment.paragraph - before.paragraph in (1, 2)
        and all(_is_interruption(text[slice(*p)]) for p in paragraphs[before.paragraph + 1 : segment.paragraph])
        and (text[segment.outer.start] in STRAIGHT) == (text[before.outer.start] in STRAIGHT)
        and not text[before.outer.end:paragraphs[before.paragraph].end].strip()
        and not text[paragraphs[segment.paragraph].start:segment.outer.start].strip()
        and not _is_name(text, segment)
    )


def _is_interruption(line: str) -> bool:
    """Whether a line is short and no sentence."""
    return line.rstrip()[-1] not in FULL_STOPS | BREAKS_OFF | {":"} and len(line.split()) <= LONGEST_INTERRUPTION


def _is_name(text: str, segment: Segment) -> bool:
    """Whether the reporter's sentence runs on after a title: “The Long Ferry” runs for four hours."""
    if "fragment" not in segment.flags or "unclosed" in segment.flags:
        return False
    return text[segment.span.start].isupper() and _after(text, segment)[:1].islower()


def _after(text: str, segment: Segment) -> str:
    """What stands close behind a segment."""
    return text[segment.outer.end:segment.outer.end + 40].lstrip()


def _is_split(text: str, before: Segment, segment: Segment) -> bool:
    """Whether a cue stands between two halves of one quotation: “A,” he said, “b”. Not: “A,” said A. “B,” said B."""
    if segment.paragraph != before.paragraph or "unclosed" in before.flags:
        return False
    gap = text[before.outer.end:segment.outer.start].strip()
    if not 0 < len(WORD.findall(gap)) <= LONGEST_SPLIT_GAP_IN_WORDS or SENTENCE_BREAK.search(gap):
        return False
    if gap[0] in DASHES and gap[-1] in DASHES:
        return text[before.span.start].isupper() and text[segment.span.start].islower()
    if not _breaks_off(text, before, gap):
        return False
    if gap[-1] == ",":
        return text[segment.span.start].islower() or not _is_introduced(text, before)
    return gap[-1] in DASHES or (gap[-1] in ".;" and not _has_own_cue(text, segment))


def _breaks_off(text: str, before: Segment, gap: str) -> bool:
    """Whether a segment's last words leave room for a cue."""
    last = _last(text[slice(*before.span)])
    if "fragment" in before.flags:
        return last == ","
    return last in ",?!…" or last in DASHES or gap.startswith(",")


def _has_own_cue(text: str, segment: Segment) -> bool:
    """Whether the words behind a segment are its own cue: “A,” said Per. “B,” said Liv."""
    return _last(text[slice(*segment.span)]) == "," or _after(text, segment)[:1].islower()


def _is_introduced(text: str, segment: Segment) -> bool:
    """Whether the cue of a segment stands before it, as in: The baker said, “A,” and his wife, “B”."""
    return text[max(0, segment.outer.start - 4):segment.outer.start].rstrip().endswith((",", ":"))
