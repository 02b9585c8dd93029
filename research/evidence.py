"""What speaks for each pair of a quote and a mention, as a row of named numbers; and for a quote being speech at all.

Which features help was first mapped by O'Keefe et al. (2012, EMNLP) and Pareti et al. (2013, EMNLP). Everything here is
a pure function of the layers before it; nothing is fitted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.mentions import LABEL, Mentions
from research.quotes import QuoteScan, Segment
from research.segmentation import GENITIVES, PARAGRAPH_TOKEN, Tokens
from research.tagging import AFTER, BEFORE, Tags

Numbers = NDArray[np.int64]
Reals = NDArray[np.float32]
Column = Reals | Numbers | NDArray[np.bool_] | NDArray[np.float64]

CANDIDATES = 14  # a quote's mentions that the ranker sees; the right one is among .997 (models/attribution.md)

PRONOUN_CLASS = {"he": 1, "she": 2, "they": 3, "i": 4, "we": 5, "it": 6, "you": 7, "who": 8, "which": 9, "that": 9,
                 "him": 10, "her": 10, "them": 10, "me": 10, "us": 10, "what": 11}
POS_CLASS = {"VBD": 1, "VBZ": 2, "VBP": 2, "VB": 3, "VBG": 4, "VBN": 5, "MD": 6, "IN": 7, "TO": 8, ",": 9, ":": 10,
             ".": 11, "POS": 12, "WP": 13, "WDT": 13, "CC": 14, "RB": 15, "NN": 16, "NNS": 16, "NNP": 17, "PRP": 18,
             "DT": 19, "-LRB-": 20, "-RRB-": 20, "JJ": 21, "WRB": 22}
QUOTE_NEIGHBOUR, PARAGRAPH_NEIGHBOUR = 30, 31
QUOTES_AT_ONCE = 512  # of which all mentions in reach are listed: a long article's would take hundreds of MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The pairs of one document: quote and mention numbers, and one row of `COLUMNS` each, grouped by quote."""

    quote: Numbers
    mention: Numbers
    values: Reals


@dataclass(frozen=True, slots=True)
class _View:
    """What the feature groups read: the document's layers and the pairs' token places."""

    scan: QuoteScan
    tokens: Tokens
    tags: Tags
    mentions: Mentions
    pos_class: Numbers
    quote: Numbers
    mention: Numbers
    place: Numbers
    first: Numbers
    last: Numbers
    head: Numbers
    sums: Reals


def pair_up(scan: QuoteScan, tokens: Tokens, tags: Tags, mentions: Mentions, names: Mapping[str, Sequence[str]]
            ) -> Pairs:
    """The rows of every quote with its likeliest candidates."""
    places = np.array(tokens.quote_places, dtype=np.int64)
    sums = _pointer_sums(tags.source)
    parts = [_candidates(sums, places, mentions, start) for start in range(0, max(len(places), 1), QUOTES_AT_ONCE)]
    quote, mention = (np.concatenate(column) for column in zip(*parts, strict=True))
    view = _View(scan, tokens, tags, mentions, _pos_classes(tokens, tags, names), quote, mention, places[quote],
                 mentions.first[mention], mentions.last[mention], mentions.head[mention], sums)
    values = np.empty((len(quote), len(COLUMNS)), dtype=np.float32)
    for group in (_pointer_features, _cue_features, _mention_features, _distance_features, _quote_features,
                  _discourse_features):
        for name, column in group(view).items():
            values[:, COLUMN_NUMBER[name]] = column
    return Pairs(quote=quote, mention=mention, values=values)


def _candidates(sums: Reals, places: Numbers, mentions: Mentions, start: int) -> tuple[Numbers, Numbers]:
    """The candidates of `QUOTES_AT_ONCE` quotes from `start` on."""
    quote, mention = _nearby(places[start:start + QUOTES_AT_ONCE], mentions)
    quote = quote + start
    return _likeliest(quote, mention, _pointer_mass(sums, places, mentions, quote, mention), places, mentions)


def gate_features(text: str, scan: QuoteScan, tokens: Tokens, tags: Tags, names: Mapping[str, Sequence[str]],
                  share: Reals, chance: Reals) -> Reals:
    """(quotes, GATE_COLUMNS) numbers: whether a quote is anybody's speech.

    `share` and `chance` are the ranker's: the winner's share of the quote's pairs, and its score through the logistic
    function, which is large where the ranker has much evidence.
    """
    places = np.array(tokens.quote_places, dtype=np.int64)
    classes = _pos_classes(tokens, tags, names)
    looks = np.array([_look(text, segment) for segment in scan.segments], dtype=np.float32).reshape(-1, len(LOOKS))
    paragraph = np.array([s.paragraph for s in scan.segments], dtype=np.int64)
    alike = [text[slice(*s.span)].strip(" .,").lower() for s in scan.segments]
    count = Counter(alike)
    before = np.array([_BEFORE_QUOTE.get(tokens.words[p - 1].lower(), 0) for p in places.tolist()], dtype=np.float32)
    columns = [
        tags.kind[:, 0], tags.kind[:, 1], tags.source[:, -1], tags.cue[:, -1], tags.cue[:, :-1].max(1, initial=0),
        tags.source[:, :-1].max(1, initial=0), share, chance, classes[places - 1], classes[places - 2],
        classes[places + 1], classes[np.minimum(places + 2, len(classes) - 1)], before, paragraph == 0,
        np.bincount(paragraph, minlength=1)[paragraph] if len(paragraph) else paragraph,
        np.array([count[words] for words in alike]), np.full(len(places), len(places)), *looks.T,
    ]
    return np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1)


def _look(text: str, segment: Segment) -> tuple[float, ...]:
    """What the words inside the marks look like, from the first 400 characters: see `LOOKS`."""
    words = text[segment.span.start:min(segment.span.end, segment.span.start + 400)].strip()
    found = WORD.findall(words)
    long = [w for w in found if len(w) > 3]
    capitals = sum(w[0].isupper() for w in long) / max(1, len(long))
    lowered = {w.lower() for w in found}
    return (len(found), capitals, words[:1].islower(), words[-1:] == ",", words[-1:] in ".?!",
            "unclosed" in segment.flags, len(lowered & _FIRST_PERSON), len(lowered & _VERBS),
            text[max(0, segment.outer.start - 1)] == "=", any(c.isdigit() for c in words), "http" in words,
            len(words) and words.isupper())


LOOKS = ("words", "capitals", "starts_lower", "ends_comma", "ends_stop", "is_unclosed", "first_person", "verbs",
         "after_equals", "digits", "address", "all_capitals")
GATE_COLUMNS = (
    "none", "direct", "source_none", "cue_none", "cue_best", "source_best", "share", "chance", "class_before",
    "class_before_that", "class_after", "class_after_that", "word_before", "first_paragraph", "quotes_in_paragraph",
    "alike", "quotes", *LOOKS,
)
WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_BEFORE_QUOTE = {word: number for number, group in enumerate((
    ("called", "dubbed", "titled", "entitled", "named", "labeled", "labelled", "nicknamed", "known", "termed"),
    ("so-called", "word", "words", "term", "phrase", "slogan", "motto", "song", "film", "book", "show", "series",
     "album", "movie", "hashtag", "play", "musical", "novel", "magazine", "headline"),
    ("the", "a", "an"), ("his", "her", "its", "their", "my", "our"), ("that",), (":",), (",",), ("as",),
    ("of", "in", "on"), ("said", "says", "saying", "told", "tweeted", "wrote", "added"), ("not", "or", "and"),
    ("(", "[", "/"), GENITIVES,
), start=1) for word in group}
_FIRST_PERSON = frozenset((
    "i", "we", "you", "my", "our", "your", "me", "us", "i'm", "we're", "i’m", "we’re", "it's", "it’s", "don't",
    "don’t"))
_VERBS = frozenset((
    "is", "are", "was", "were", "be", "been", "has", "have", "had", "do", "does", "did", "will", "would", "can",
    "could", "should", "must", "going", "think", "know", "want", "need", "get", "got", "make", "made", "said", "go"))


def _pos_classes(tokens: Tokens, tags: Tags, names: Mapping[str, Sequence[str]]) -> Numbers:
    """A coarse class of each token for its neighbours to see; one extra place stands for the text's edges."""
    lookup = np.array([POS_CLASS.get(name, 0) for name in names["pos"]], dtype=np.int64)
    classes = np.append(lookup[tags.pos], PARAGRAPH_NEIGHBOUR)
    classes[np.array(tokens.quote_places, dtype=np.int64)] = QUOTE_NEIGHBOUR
    classes[[i for i, word in enumerate(tokens.words) if word == PARAGRAPH_TOKEN]] = PARAGRAPH_NEIGHBOUR
    return classes


def _nearby(places: Numbers, mentions: Mentions) -> tuple[Numbers, Numbers]:
    """Pairs of each quote with the mentions in reach, and with its own label."""
    low = np.searchsorted(mentions.head, places - BEFORE)
    high = np.searchsorted(mentions.head, places + AFTER, side="right")
    counts = high - low
    quote = np.repeat(np.arange(len(places)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    mention = np.repeat(low, counts) + offsets
    foreign = (mentions.form[mention] == LABEL) & (mentions.head[mention] != places[quote])
    return quote[~foreign], mention[~foreign]


def _pointer_sums(scores: Reals) -> Reals:
    """(quotes, window + 1) sums of the pointer's probability over the window's tokens before each."""
    sums = np.zeros(scores.shape, dtype=np.float32)
    np.cumsum(scores[:, :-1], axis=1, out=sums[:, 1:])
    return sums


def _pointer_mass(sums: Reals, places: Numbers, mentions: Mentions, quote: Numbers, mention: Numbers) -> Reals:
    """The pointer's probability on each pair's mention; 1 for a quote's own label."""
    low = np.clip(mentions.first[mention] - places[quote] + BEFORE, 0, BEFORE + AFTER + 1)
    high = np.clip(mentions.last[mention] - places[quote] + BEFORE + 1, 0, BEFORE + AFTER + 1)
    mass: Reals = sums[quote, high] - sums[quote, low]
    return np.where(mentions.form[mention] == LABEL, np.float32(1), mass)


def _likeliest(quote: Numbers, mention: Numbers, mass: Reals, places: Numbers, mentions: Mentions
               ) -> tuple[Numbers, Numbers]:
    """Each quote's best `CANDIDATES` mentions by pointer, nearness breaking near-ties, back in reading order."""
    nearness = 1e-3 / (1 + np.abs(mentions.head[mention] - places[quote]))
    order = np.lexsort((-(mass + nearness), quote))
    starts = np.searchsorted(quote[order], quote[order])
    kept = np.sort(order[np.arange(len(order)) - starts < CANDIDATES])
    return quote[kept], mention[kept]


def _group_max(values: Reals, quote: Numbers) -> Reals:
    """The largest value of each pair's quote, on every pair."""
    if not len(values):
        return values
    starts = np.flatnonzero(np.r_[True, quote[1:] != quote[:-1]])
    return np.repeat(np.maximum.reduceat(values, starts), np.diff(np.r_[starts, len(values)]))


def _group_rank(values: Reals, quote: Numbers) -> Numbers:
    """The rank of each value in its quote: 0 for the largest, 1 for the next."""
    order = np.lexsort((-values, quote))
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.arange(len(values)) - np.searchsorted(quote[order], quote[order])
    return ranks


def _pointer_features(v: _View) -> dict[str, Column]:
    """What the tagger's source pointer says of the pair, of its rivals, and of nobody."""
    mass = _pointer_mass_at(v, v.quote)
    best = _group_max(mass, v.quote)
    return {"pointer": mass, "pointer_share": mass / np.maximum(best, 1e-6), "pointer_rank": _group_rank(mass, v.quote),
            "pointer_best": best, "pointer_none": v.tags.source[v.quote, -1]}


def _cue_features(v: _View) -> dict[str, Column]:
    """How the mention stands to the quote's cue: its subject, next to it, on which side."""
    cue = v.tags.cue[:, :-1]
    best_place = cue.argmax(1) + np.array(v.tokens.quote_places, dtype=np.int64) - BEFORE if len(cue) else v.quote
    best = best_place[v.quote]
    head_of = v.tags.head[v.head]
    grand = v.tags.head[head_of]
    gap = np.where(best > v.last, best - v.last, np.where(best < v.first, best - v.first, 0))
    between = (np.minimum(v.head, v.place) < best) & (best < np.maximum(v.head, v.place))
    return {"cue_best": cue.max(1)[v.quote] if len(cue) else v.quote.astype(np.float32),
            "cue_gap": np.clip(gap, -30, 30), "cue_is_head": head_of == best, "cue_is_grand_head": grand == best,
            "cue_between": between,
            "cue_at_head": _at(v.tags.cue, v, head_of), "cue_side": np.sign(best - v.place),
            "cue_after": _at(v.tags.cue, v, v.last + 1), "cue_before": _at(v.tags.cue, v, v.first - 1),
            "cue_near": sum((_at(v.tags.cue, v, v.last + i) for i in (2, 3)), _at(v.tags.cue, v, v.first - 2))}


def _at(scores: Reals, v: _View, place: Numbers) -> Reals:
    """Each quote's pointer probability at a token place; 0 out of reach."""
    offset = place - v.place + BEFORE
    inside = (offset >= 0) & (offset <= BEFORE + AFTER)
    return np.where(inside, scores[v.quote, np.clip(offset, 0, BEFORE + AFTER)], np.float32(0))


def _mention_features(v: _View) -> dict[str, Column]:
    """What the mention is, and what stands on both sides of it."""
    words = [w.lower() for w in v.tokens.words]
    pronoun = np.array([PRONOUN_CLASS.get(words[h], 0) for h in v.mentions.head.tolist()], dtype=np.int64)
    to = np.array([w == "to" for w in words] + [False])
    by = np.array([w in ("by", "per", "from", "with") for w in words] + [False])
    of = np.array([w in ("of", "for") for w in words] + [False])
    before, after = v.pos_class[v.first - 1], v.pos_class[np.minimum(v.last + 1, len(words))]
    role = v.tags.probability
    return {"form": v.mentions.form[v.mention], "pronoun": pronoun[v.mention], "length": v.last - v.first + 1,
            "source_role": np.maximum(role["source"][v.head], role["source"][v.first]),
            "cue_role_before": role["cue"][v.first - 1], "cue_role_after": np.append(role["cue"], 0)[v.last + 1],
            "subject": role["subject"][v.head], "pos_before": before, "pos_after": after,
            "after_to": to[v.first - 1], "after_by": by[v.first - 1], "after_of": of[v.first - 1],
            "head_pos": v.pos_class[v.head], "head_is_before": v.tags.head[v.head] < v.head}


def _running(flags: Sequence[bool] | Column) -> Numbers:
    """Prefix sums: element i counts what stands before token i."""
    return np.concatenate([[0], np.cumsum(flags)])


def _distance_features(v: _View) -> dict[str, Column]:
    """How far apart quote and mention stand, in tokens and in what lies between them."""
    words = v.tokens.words
    after = v.first > v.place
    low, high = np.where(after, v.place, v.last) + 1, np.where(after, v.first, v.place)
    high = np.maximum(high, low)

    def between(flags: Sequence[bool] | Column) -> Numbers:
        sums = _running(flags)
        counts: Numbers = sums[high] - sums[low]
        return counts

    heads = np.zeros(len(words), dtype=np.int64)
    np.add.at(heads, v.mentions.head, 1)
    paragraphs = np.array(v.tokens.paragraphs, dtype=np.int64)
    verbs = (v.pos_class[:-1] >= 1) & (v.pos_class[:-1] <= 3)
    return {"gap": np.clip(np.where(after, high - low, low - high), -60, 60), "after": after,
            "paragraphs_apart": np.clip(paragraphs[v.first] - paragraphs[v.place], -6, 6),
            "sentences_between": between(_sentence_ends(v)),
            "quotes_between": between(v.pos_class[:-1] == QUOTE_NEIGHBOUR),
            "commas_between": between([w == "," for w in words]),
            "verbs_between": between(verbs),
            "colons_between": between([w in (":", "—", "–", "―", "--") for w in words]),
            "mentions_between": between(heads), "cue_role_between": between(v.tags.probability["cue"]),
            "nearest_rank": _group_rank(-np.abs(v.head - v.place).astype(np.float32), v.quote)}


def _sentence_ends(v: _View) -> list[bool]:
    """Whether a sentence ends with each token: a full stop, or a quote that ends in one before a capital."""
    words, shapes = v.tokens.words, [w[:1].isupper() for w in v.tokens.words] + [True]
    ends = [w in (".", "?", "!", PARAGRAPH_TOKEN) for w in words]
    for place, segment in zip(v.tokens.quote_places, v.scan.segments, strict=True):
        ends[place] = "fragment" not in segment.flags and shapes[place + 1] and (
            place + 1 == len(words) or words[place + 1] == PARAGRAPH_TOKEN)
    return ends


def _quote_features(v: _View) -> dict[str, Column]:
    """What the quote is and what stands on both sides of it."""
    places = np.array(v.tokens.quote_places, dtype=np.int64)
    flags = [s.flags for s in v.scan.segments]
    paragraph = np.array([s.paragraph for s in v.scan.segments], dtype=np.int64)
    lengths = np.array([s.span.end - s.span.start for s in v.scan.segments], dtype=np.float32)
    per_paragraph = np.bincount(paragraph, minlength=1)[paragraph] if len(paragraph) else paragraph
    lower_next = np.array([p + 1 < len(v.tokens) and v.tokens.words[p + 1][0].islower() for p in places.tolist()], bool)
    columns = {"quote_length": np.log1p(lengths), "fragment": np.array(["fragment" in f for f in flags], bool),
               "unclosed": np.array(["unclosed" in f for f in flags], bool),
               "continued": np.array(["continued" in f for f in flags], bool),
               "quotes_in_paragraph": per_paragraph, "pos_before_quote": v.pos_class[places - 1],
               "pos_after_quote": v.pos_class[places + 1], "lower_after_quote": lower_next,
               "chance_direct": v.tags.kind[:, 1], "chance_mixed": v.tags.kind[:, 2]}
    return {name: np.asarray(column)[v.quote] for name, column in columns.items()}


def _discourse_features(v: _View) -> dict[str, Column]:
    """What the neighbouring quotes and the rest of the article say of the mention and of its namesakes."""
    names = [v.tokens.words[h].lower() for h in v.mentions.head.tolist()]
    numbered = {name: number for number, name in enumerate(dict.fromkeys(names))}
    namesake = np.array([numbered[name] for name in names], dtype=np.int64)
    places = np.array(v.tokens.quote_places, dtype=np.int64)
    mass = _pointer_mass_at(v, v.quote)
    total = np.bincount(namesake[v.mention], weights=mass, minlength=len(numbered) + 1)
    own = _sums_by(v.quote, namesake[v.mention], mass, len(numbered) + 1)
    count = np.bincount(namesake, minlength=len(numbered) + 1)
    columns: dict[str, Column] = {
        "namesakes": np.log1p(count[namesake[v.mention]]),
        "namesake_mass": np.log1p(np.maximum(total[namesake[v.mention]] - own, 0))}
    quotation = np.array([s.quotation for s in v.scan.segments], dtype=np.int64)
    for name, step in (("previous", -1), ("next", 1)):
        other = v.quote + step
        exists = (other >= 0) & (other < len(places))
        other = np.clip(other, 0, max(len(places) - 1, 0))
        columns[f"{name}_mass"] = np.where(exists, _pointer_mass_at(v, other), np.float32(0))
        columns[f"{name}_same_quotation"] = exists & (quotation[other] == quotation[v.quote])
        columns[f"{name}_apart"] = np.where(exists, np.clip(np.abs(places[other] - v.place), 0, 60), 99)
    return columns


def _sums_by(quote: Numbers, group: Numbers, mass: Reals, groups: int) -> NDArray[np.float64]:
    """For each pair the mass of all pairs of its quote that share its group."""
    keys, inverse = np.unique(quote * groups + group, return_inverse=True)
    totals = np.asarray(np.bincount(inverse, weights=mass, minlength=len(keys)), dtype=np.float64)
    sums: NDArray[np.float64] = totals[inverse]
    return sums


def _pointer_mass_at(v: _View, other: Numbers) -> Reals:
    """The pointer's mass on each pair's mention as seen from some quote."""
    places = np.array(v.tokens.quote_places, dtype=np.int64)
    return _pointer_mass(v.sums, places, v.mentions, other, v.mention)


COLUMNS = (
    "pointer", "pointer_share", "pointer_rank", "pointer_best", "pointer_none",
    "cue_best", "cue_gap", "cue_is_head", "cue_is_grand_head", "cue_between", "cue_at_head", "cue_side", "cue_after",
    "cue_before", "cue_near",
    "form", "pronoun", "length", "source_role", "cue_role_before", "cue_role_after", "subject", "pos_before",
    "pos_after", "after_to", "after_by", "after_of", "head_pos", "head_is_before",
    "gap", "after", "paragraphs_apart", "sentences_between", "quotes_between", "commas_between", "verbs_between",
    "colons_between", "mentions_between", "cue_role_between", "nearest_rank",
    "quote_length", "fragment", "unclosed", "continued", "quotes_in_paragraph", "pos_before_quote", "pos_after_quote",
    "lower_after_quote", "chance_direct", "chance_mixed",
    "namesakes", "namesake_mass", "previous_mass", "previous_same_quotation", "previous_apart", "next_mass",
    "next_same_quotation", "next_apart",
)
COLUMN_NUMBER = {name: number for number, name in enumerate(COLUMNS)}
