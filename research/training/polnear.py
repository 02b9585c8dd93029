"""PolNeAR articles and their labels, cut into the tokens that the chain sees at run time.

PolNeAR 1.0 (Newell, Margolin & Ruths 2018, LREC) marks sources, cues and contents of attributions in US political news.
The silver layer holds CoreNLP's automatic tags of the same articles. Neither is part of the project; see README.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.documents import Span
from research.quotes import QuoteScan, find_quotes
from research.segmentation import Tokens, tokenize

IGNORE = -100
ENTITIES = ("PERSON", "ORGANIZATION", "LOCATION", "MISC")
KINDS = ("none", "direct", "mixed")
FOLDS = 5
FOUND_IOU = 0.5


def data_folder() -> Path:
    """Where the data lies: $ON_THE_RECORD_DATA, or shared/data beside the repository."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("ON_THE_RECORD_DATA", default))


def read_articles(name: str) -> list[dict[str, Any]]:
    """The articles of ``train`` or ``dev``, or the ``silver`` tags."""
    folder = data_folder() / "polnear"
    path = folder / f"{name}.jsonl"
    if path.exists():
        return [json.loads(line) for line in path.read_text("utf8").splitlines()]
    with gzip.open(f"{path}.gz", "rt", encoding="utf8") as lines:
        return [json.loads(line) for line in lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article with its tokens and the gold of each of its segments (None where no gold segment matches)."""

    doc_id: str
    text: str
    scan: QuoteScan
    tokens: Tokens
    gold: list[dict[str, Any] | None]
    attributions: list[dict[str, Any]]
    record: Mapping[str, Any]


def prepare(record: Mapping[str, Any]) -> Article:
    """Scan and cut one article, and match its gold segments to those found (IoU of at least .5)."""
    text = record["text"]
    scan = find_quotes(text)
    gold = [_matching(segment.span, record["quotes"]) for segment in scan.segments]
    return Article(doc_id=record["id"], text=text, scan=scan, tokens=tokenize(text, scan), gold=gold,
                   attributions=record["attributions"], record=record)


def _matching(span: Span, quotes: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    best = max(quotes, key=lambda q: _iou(span, q["inner"]), default=None)
    return best if best is not None and _iou(span, best["inner"]) >= FOUND_IOU else None


def _iou(a: Sequence[int], b: Sequence[int]) -> float:
    shared = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / ((a[1] - a[0]) + (b[1] - b[0]) - shared) if shared else 0.0


def fold_of(doc_id: str) -> int:
    """The fold of an article, by a stable hash of its id."""
    return zlib.crc32(doc_id.encode()) % FOLDS


def tokens_in(tokens: Tokens, start: int, end: int) -> range:
    """The places of the tokens that overlap [start, end)."""
    first = bisect_left(tokens.ends, start + 1)
    last = bisect_left(tokens.starts, end)
    while first < last and tokens.ends[first] <= start:
        first += 1
    return range(first, last)


def labels(article: Article, silver: Mapping[str, Any] | None) -> dict[str, Any]:
    """Token and quote labels of one article, as plain lists.

    ``pos``, ``relation`` (strings or None), ``entity`` (BIO strings), ``head`` (token place, own place for a root,
    IGNORE unknown), ``source`` and ``cue`` (0 outside, 1 begin, 2 inside), ``kind`` a segment, ``sources`` and ``cues``
    lists of token places a segment.
    """
    tokens = article.tokens
    out = _silver_labels(tokens, silver)
    out["source"], out["cue"] = _role_labels(article, "source"), _role_labels(article, "cue")
    out["kind"], out["sources"], out["cues"] = [], [], []
    for gold in article.gold:
        out["kind"].append(IGNORE if gold is None else KINDS.index(gold["kind"] or "none") if gold["attributed"] else 0)
        out["sources"].append(_places(article, gold, "source"))
        out["cues"].append(_places(article, gold, "cue"))
    return out


def _places(article: Article, gold: Mapping[str, Any] | None, role: str) -> list[int]:
    spans = (gold or {}).get(role) or []
    places = [p for span in spans for p in tokens_in(article.tokens, span[0], span[1])]
    return [p for p in places if article.tokens.segments[p] < 0 and article.tokens.words[p] != "¶"]


def _role_labels(article: Article, role: str) -> list[int]:
    marked = [0] * len(article.tokens)
    for attribution in article.attributions:
        for start, end in attribution[role]:
            for number, place in enumerate(tokens_in(article.tokens, start, end)):
                if article.tokens.segments[place] < 0:
                    marked[place] = 2 if number else 1
    return marked


def _silver_labels(tokens: Tokens, silver: Mapping[str, Any] | None) -> dict[str, Any]:
    size = len(tokens)
    out: dict[str, Any] = {"pos": [None] * size, "relation": [None] * size, "entity": [None] * size,
                           "head": [IGNORE] * size}
    starts = {start: place for place, start in enumerate(tokens.starts) if tokens.words[place] != "¶"}
    for sentence in (silver or {}).get("sentences", ()):
        places = [_place_of(tokens, starts, token) for token in sentence]
        previous = "O"
        for (_, _, pos, entity, head, relation), place in zip(sentence, places, strict=True):
            if place is None:
                continue
            target = place if head == 0 else places[head - 1]
            folded = tokens.segments[place] >= 0
            if folded and (target == place or out["head"][place] != IGNORE):
                continue
            out["head"][place] = IGNORE if target is None else target
            out["relation"][place] = relation
            if not folded:
                out["pos"][place] = pos
                kept = entity if entity in ENTITIES else "O"
                out["entity"][place] = kept if kept == "O" else f"{'I' if previous == kept else 'B'}-{kept}"
                previous = kept
    return out


def _place_of(tokens: Tokens, starts: Mapping[int, int], token: Sequence[Any]) -> int | None:
    place = starts.get(token[0])
    if place is not None:
        return place
    around = tokens_in(tokens, token[0], token[1])
    return around[0] if around and tokens.segments[around[0]] >= 0 else None
