"""Copies of annotated articles that show more of what they seldom do: quotes in their own paragraphs, mixed ones, he.

In a copy, paragraphs are broken beside a quote; or marks are put round some words of an indirect quotation, which so
becomes a mixed one whose source and cue people have annotated; or he and she stand where the article has a name again,
so that whom they mean is known. But for those pronouns no word is new.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from research.documents import Span
from research.lexicon import MALE

BREAKABLE = re.compile(r"(?<=[.!?,”\"’])[ ](?=[“\"‘])|(?<=[.!?][”\"])[ ](?=[A-Z])")
WORD = re.compile(r"\S+")
WEAK_ENDS = frozenset("a an the of to in on at for by with and or but that as is are was were his her its".split())
AT_THE_END = 0.5  # share of the new quotes that end where their quotation ends, as about half of PolNeAR's mixed do
AMERICAN = 0.8  # share of the new quotes that a comma or full stop joins inside the marks
LONGEST = 25  # words
MARKS = ("“", "”")
MIDST = tuple("abcdefghijklmnopqrstuvwxyz,;:-—–)")  # what stands before a word within a sentence
NEARBY = 600  # characters that a name may stand before the pronoun that replaces it


def with_more_breaks(record: Mapping[str, Any], share: float = 0.5) -> dict[str, Any]:
    """The same article with some paragraphs broken before or after a quote; no offset moves.

    In PolNeAR 98 % of direct quotes have their source in the same paragraph; elsewhere a quote often has a paragraph to
    itself. A break in place of a blank teaches that without a new word.
    """
    rng = random.Random(record["id"])
    text = BREAKABLE.sub(lambda blank: "\n" if rng.random() < share else " ", record["text"])
    return {**record, "text": text}


def with_more_quotes(record: Mapping[str, Any], silver: Mapping[str, Any] | None = None, *, share: float = 0.6,
                     seed: int = 0) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The same article with marks round some words of a share of its indirect quotations, and its silver tags.

    PolNeAR has twice as many indirect quotations as quoted ones. All offsets move with the marks put in; silver
    coreference chains are left out.
    """
    rng = random.Random(f"{seed} {record['id']}")
    chosen = sorted(_new_quotes(record, share, rng), key=lambda pair: pair[0])
    points = sorted(point for (start, end), _ in chosen for point in (start, end))

    def moved(start: int, end: int) -> list[int]:
        return [start + bisect_right(points, start), end + bisect_left(points, end)]

    cuts = [0, *points, len(record["text"])]
    parts = [record["text"][a:b] for a, b in pairwise(cuts)]
    text = parts[0] + "".join(MARKS[number % 2] + part for number, part in enumerate(parts[1:]))
    attributions = [{**a, **{role: [moved(*span) for span in a[role]] for role in ("source", "cue", "content")}}
                    for a in record["attributions"]]
    by_id = {a["id"]: a for a in attributions}
    quotes = [_moved_quote(quote, moved) for quote in record["quotes"]]
    quotes += [_made_quote(text, moved(*span), by_id[name]) for span, name in chosen]
    shifted = None if silver is None else {**silver, "coref": [], "sentences": [
        [[*moved(token[0], token[1]), *token[2:]] for token in sentence] for sentence in silver["sentences"]]}
    return {**record, "text": text, "attributions": attributions,
            "quotes": sorted(quotes, key=lambda quote: quote["start"])}, shifted


def _new_quotes(record: Mapping[str, Any], share: float, rng: random.Random) -> Iterator[tuple[tuple[int, int], str]]:
    """Spans to put marks round, with the attribution of each; none near a quote that is there already."""
    taken = [(q["start"], q["end"]) for q in record["quotes"]]
    for attribution in record["attributions"]:
        if not attribution["source"] or not attribution["content"] or rng.random() > share:
            continue
        content = max(attribution["content"], key=lambda span: span[1] - span[0])
        own = (*attribution["source"], *attribution["cue"])
        span = _some_words(record["text"], content, rng)
        blocked = [*taken, *own, *(span for other in record["attributions"] if other is not attribution
                                   for role in ("source", "cue", "content") for span in other[role])]
        if span and not any(span[0] < end + 1 and span[1] + 1 > start for start, end in blocked):
            taken.append(span)
            yield span, attribution["id"]


def _some_words(text: str, content: Sequence[int], rng: random.Random) -> tuple[int, int] | None:
    """Some words of a quotation that no mark stands in, as PolNeAR's mixed quotes are: mostly few, often its last."""
    words = [word.span() for word in WORD.finditer(text, *content)]
    if len(words) < 3 or any(mark in text[slice(*content)] for mark in "“”\"\n"):
        return None
    count = min(1 + int(rng.expovariate(1 / 4)), LONGEST, len(words) - 1)
    first = len(words) - count if rng.random() < AT_THE_END else rng.randrange(len(words) - count + 1)
    last = first + count - 1
    while last > first and text[slice(*words[last])].lower() in WEAK_ENDS:
        last -= 1
    start, end = words[first][0], words[last][1]
    inside = text[start:end].rstrip(",.;:!?)")
    stop = start + len(inside)
    if text[stop:stop + 1] in (",", ".") and rng.random() < AMERICAN:
        stop += 1
    return (start, stop) if inside and text[start].islower() else None


def _moved_quote(quote: Mapping[str, Any], moved: Any) -> dict[str, Any]:
    start, end = moved(quote["start"], quote["end"])
    out = {**quote, "start": start, "end": end, "inner": moved(*quote["inner"])}
    for role in ("source", "cue"):
        if quote.get(role):
            out[role] = [[*moved(s, e), words] for s, e, words in quote[role]]
    return out


def _made_quote(text: str, span: Sequence[int], attribution: Mapping[str, Any]) -> dict[str, Any]:
    """The quote between new marks."""
    start, end = span
    return {"start": start - 1, "end": end + 1, "inner": [start, end], "text": text[start:end], "closed": True,
            "new": True, "attributed": True, "kind": "mixed", "attribution": attribution["id"],
            **{role: [[s, e, text[s:e]] for s, e in attribution[role]] for role in ("source", "cue")}}


# --- pronouns in place of names ---------------------------------------------------------------------------------------


def with_more_pronouns(record: Mapping[str, Any], named: Mapping[str, Sequence[Span]], gender: Mapping[str, str | None],
                       *, share: float = 0.4, seed: int = 0
                       ) -> tuple[dict[str, Any], dict[str, list[Span]], dict[str, str]]:
    """The same article with he or she in place of some sources that name somebody named shortly before.

    `named` says where the article names each person, `gender` what each is. Returns the article, where it names them
    then, and whom the pronoun means for each attribution whose source is one now. Words of sources stay as they were.
    """
    rng = random.Random(f"{seed} {record['id']}")
    edits = sorted(_new_pronouns(record, named, gender, share, rng))
    cuts = [0, *(place for edit in edits for place in edit.span), len(record["text"])]
    kept = [record["text"][a:b] for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    text = kept[0] + "".join(edit.word + part for edit, part in zip(edits, kept[1:], strict=True))
    ends = [edit.span.end for edit in edits]
    shift = [0, *accumulate(len(edit.word) - (edit.span.end - edit.span.start) for edit in edits)]

    def moved(start: int, end: int) -> list[int]:
        return [start + shift[bisect_right(ends, start)], end + shift[bisect_right(ends, end)]]

    attributions = [{**a, **{role: [moved(*span) for span in a[role]] for role in ("source", "cue", "content")}}
                    for a in record["attributions"]]
    quotes = [_moved_quote(quote, moved) for quote in record["quotes"]]
    left = {name: [Span(*moved(*span)) for span in spans if not any(edit.covers(span) for edit in edits)]
            for name, spans in named.items()}
    copy = {**record, "text": text, "attributions": attributions, "quotes": quotes}
    meant = {edit.span: edit.name for edit in edits}
    sources = {a["id"]: Span(*a["source"][0]) for a in record["attributions"] if a["source"]}
    return copy, left, {name: meant[span] for name, span in sources.items() if span in meant}


class _Edit(NamedTuple):
    """A source to put a pronoun for: where, the pronoun, and whom it means."""

    span: Span
    word: str
    name: str

    def covers(self, span: Span) -> bool:
        return self.span.start <= span.start and span.end <= self.span.end


def _new_pronouns(record: Mapping[str, Any], named: Mapping[str, Sequence[Span]], gender: Mapping[str, str | None],
                  share: float, rng: random.Random) -> Iterator[_Edit]:
    """The sources to replace: all of a source is the name."""
    sources = dict.fromkeys(Span(*a["source"][0]) for a in record["attributions"] if len(a["source"]) == 1)
    for source in sources:
        bearers = [(span, name) for name, spans in named.items() for span in spans
                   if source.start <= span.start and span.end == source.end]
        if len(bearers) != 1 or rng.random() > share:
            continue
        span, name = bearers[0]
        is_whole = source.start == span.start - len(_courtesy(record["text"][source.start : span.start]))
        is_known = any(source.start - NEARBY < before.start < source.start for before in named[name])
        if is_whole and is_known and gender[name] is not None:
            word = "he" if gender[name] == MALE else "she"
            opens = not record["text"][:source.start].rstrip(" ”\"’'").endswith(MIDST)
            yield _Edit(source, word.title() if opens else word, name)


def _courtesy(before: str) -> str:
    """A title at the opening of a source, if that is all there is."""
    return before if re.fullmatch(r"(?:Mr|Ms|Mrs|Sen|Rep|Gov|Dr)\. ", before) else ""
