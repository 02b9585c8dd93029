"""Who says each quote, and whether anybody does: the fitted ranker and gate, the rules around them, and confidence.

Way of deciding (the table's `rule`):

ranker     the fitted ranker's best pair, its probability calibrated
label      a transcript's label opens the quote (WALLACE: …)
signature  a name alone follows the quote after a dash (“…” — Ann Lee)
continued  the quote goes on with a quotation whose speaker is known: over paragraphs, or split by its cue
gate       nobody's speech: a title, a scare quote, a slogan
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.documents import Span
from research.evidence import COLUMNS, Pairs, gate_features, pair_up
from research.mentions import LABEL, PRONOUN, Mentions, find_mentions
from research.quotes import QuoteScan, find_quotes
from research.segmentation import PARAGRAPH_TOKEN, Tokens, tokenize
from research.tagging import BEFORE, Tagger, Tags, from_arrays, tag
from research.trees import Trees, trees_from_arrays

DASHES = frozenset("—–―-") | {"--"}
SURE = 0.9  # a continued quote keeps a speaker of its own if the ranker is at least this sure of another


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of one quote.

    `mention` numbers the mention that says it (None: nobody, or nobody found); `attributed` is the gate's probability that
    it is speech at all; `share` the ranker's probability of the mention; `confidence` the calibrated probability that
    the quote is speech and the mention its source; `cue` the span of the cue.
    """

    kind: str
    mention: int | None
    attributed: float
    share: float
    confidence: float
    rule: str
    cue: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One document with every layer that attribution rests on, for the stages to its right and for explanations."""

    text: str
    scan: QuoteScan
    tokens: Tokens
    tags: Tags
    mentions: Mentions
    pairs: Pairs
    shares: NDArray[np.float64]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The fitted parameters attribution needs."""

    tagger: Tagger
    ranker: Trees
    gate: Trees
    threshold: float
    calibration: Sequence[float]


@functools.cache
def load_models() -> Models:
    """The models that the package ships; their cards stand beside them in research/models."""
    folder = resources.files("research") / "models"
    with resources.as_file(folder / "tagger.npz") as path, np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    with resources.as_file(folder / "attribution.npz") as path, np.load(path, allow_pickle=False) as stored:
        fitted = {name: stored[name] for name in stored.files}
    names = {name[6:]: "".join(map(chr, arrays.pop(name))).split("\n") for name in list(arrays) if name.startswith("names.")}
    scales = {name[6:]: arrays.pop(name) for name in list(arrays) if name.startswith("scale.")}
    weights = {name: value * scales[name] if name in scales else value for name, value in arrays.items()}
    return Models(tagger=from_arrays(weights, names), ranker=trees_from_arrays(fitted, "ranker"),
                  gate=trees_from_arrays(fitted, "gate"), threshold=float(fitted["threshold"]),
                  calibration=fitted["calibration"].tolist())


def read(text: str, models: Models | None = None) -> Reading:
    """Find the quotes of `text` and decide who says each.

    >>> text = "“We will rebuild,” Mayor Ann Lee said on Monday."
    >>> reading = read(text)
    >>> text[slice(*reading.mentions.spans[reading.decisions[0].mention])]
    'Mayor Ann Lee'
    """
    models = models or load_models()
    scan = find_quotes(text)
    tokens = tokenize(text, scan)
    tags = tag(models.tagger, text, scan, tokens)
    names = models.tagger.names
    mentions = find_mentions(text, scan, tokens, tags, names)
    pairs = pair_up(text, scan, tokens, tags, mentions, names)
    scores = models.ranker.score(pairs.values)
    shares = shares_of(pairs, scores, len(scan.segments))
    best, share, chance = winners(pairs, scores, shares, len(scan.segments))
    gate = _sigmoid(models.gate.score(gate_features(text, scan, tokens, tags, names, share, chance)))
    decisions = [
        _decide(models, tokens, tags, quote, int(best[quote]), float(share[quote]), float(gate[quote]), pairs)
        for quote in range(len(scan.segments))
    ]
    decisions = _signed(text, scan, tokens, mentions, decisions)
    decisions = _labelled(mentions, tokens, decisions)
    decisions = _joined(scan, decisions)
    return Reading(text=text, scan=scan, tokens=tokens, tags=tags, mentions=mentions, pairs=pairs, shares=shares,
                   decisions=tuple(decisions))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(x, -50, 50)))
    return out


def shares_of(pairs: Pairs, scores: NDArray[np.float64], quotes: int) -> NDArray[np.float64]:
    """Each pair's share of its quote: odds, normalised."""
    odds = np.exp(np.clip(scores, -30, 30))
    total = np.bincount(pairs.quote, weights=odds, minlength=quotes)
    out: NDArray[np.float64] = odds / total[pairs.quote]
    return out


def winners(pairs: Pairs, scores: NDArray[np.float64], shares: NDArray[np.float64], quotes: int
            ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """For each quote its best pair (-1 without candidates), that pair's share, and its score as a probability."""
    best = np.full(quotes, -1, dtype=np.int64)
    order = np.argsort(scores, kind="stable")
    best[pairs.quote[order]] = order
    has = best >= 0
    share, chance = np.zeros(quotes, np.float32), np.zeros(quotes, np.float32)
    share[has], chance[has] = shares[best[has]], _sigmoid(scores[best[has]])
    return best, share, chance


def calibrated(calibration: Sequence[float], share: float, attributed: float) -> float:
    """Platt's (1999) logistic map from share and gate to the probability that the named mention is right."""
    def logit(p: float) -> float:
        return math.log(min(max(p, 1e-4), 1 - 1e-4) / (1 - min(max(p, 1e-4), 1 - 1e-4)))
    z = calibration[0] + calibration[1] * logit(share) + calibration[2] * logit(attributed)
    return 1 / (1 + math.exp(-z))


def _decide(models: Models, tokens: Tokens, tags: Tags, quote: int, pair: int, share: float, attributed: float,
            pairs: Pairs) -> Decision:
    """The ranker's and the gate's word on one quote."""
    kind = "direct" if tags.kind[quote, 1] >= tags.kind[quote, 2] else "mixed"
    if attributed < models.threshold:
        return Decision(kind="none", mention=None, attributed=attributed, share=0.0, confidence=1 - attributed, rule="gate",
                        cue=None)
    mention = int(pairs.mention[pair]) if pair >= 0 else None
    return Decision(kind=kind, mention=mention, attributed=attributed, share=share,
                    confidence=calibrated(models.calibration, share, attributed) if mention is not None else 0.0,
                    rule="ranker", cue=_cue(tokens, tags, quote))


def _cue(tokens: Tokens, tags: Tags, quote: int) -> Span | None:
    """The cue's span: the token the quote points to, with neighbours that look like part of a cue."""
    scores = tags.cue[quote, :-1]
    if not len(scores) or scores.max() < 0.25:
        return None
    place = tokens.quote_places[quote] - BEFORE + int(scores.argmax())
    first = last = place
    role = tags.probability["cue"]
    while last + 1 < len(tokens) and last - place < 3 and role[last + 1] > 0.5 and tokens.words[last + 1][0].isalpha():
        last += 1
    while first > 0 and place - first < 3 and role[first - 1] > 0.5 and tokens.words[first - 1][0].isalpha():
        first -= 1
    return Span(tokens.starts[first], tokens.ends[last])


def _signed(text: str, scan: QuoteScan, tokens: Tokens, mentions: Mentions, decisions: list[Decision]) -> list[Decision]:
    """Quotes followed by a dash and a name alone are that name's."""
    by_first = {int(first): i for i, first in enumerate(mentions.first) if tokens.words[int(mentions.head[i])][0].isupper()
                and mentions.form[i] not in (LABEL, PRONOUN)}
    out = list(decisions)
    for quote, place in enumerate(tokens.quote_places):
        mention = by_first.get(place + 2)
        if mention is None or tokens.words[place + 1] not in DASHES:
            continue
        if _ends_line(tokens, int(mentions.last[mention]) + 1):
            out[quote] = replace(decisions[quote], kind="direct", mention=mention, rule="signature", cue=None,
                                 attributed=1.0, share=1.0, confidence=0.97)
    return out


def _ends_line(tokens: Tokens, place: int) -> bool:
    """Whether nothing but a full stop, a place or an age follows before the paragraph ends."""
    rest = []
    while place < len(tokens) and tokens.words[place] != PARAGRAPH_TOKEN and len(rest) < 7:
        rest.append(tokens.words[place])
        place += 1
    words = [w for w in rest if w[0].isalnum()]
    return len(rest) < 7 and (not words or rest[0] in (",", "(", "/")) and all(not w[0].islower() for w in words)


def _labelled(mentions: Mentions, tokens: Tokens, decisions: list[Decision]) -> list[Decision]:
    """Quotes that open with a transcript's label are the label's."""
    out = list(decisions)
    quote_at = {place: quote for quote, place in enumerate(tokens.quote_places)}
    for mention in np.flatnonzero(mentions.form == LABEL).tolist():
        quote = quote_at[int(mentions.head[mention])]
        out[quote] = replace(decisions[quote], kind="direct", mention=mention, rule="label", cue=None, attributed=1.0, share=1.0,
                             confidence=0.97)
    return out


def _joined(scan: QuoteScan, decisions: list[Decision]) -> list[Decision]:
    """Segments of one quotation share its speaker: a label's until the next label, else that of the surest segment."""
    out = list(decisions)
    groups: dict[int, list[int]] = {}
    for quote, segment in enumerate(scan.segments):
        groups.setdefault(segment.quotation, []).append(quote)
    for group in groups.values():
        if len(group) > 1:
            _join(out, group)
    return out


def _join(decisions: list[Decision], group: list[int]) -> None:
    labels = [q for q in group if decisions[q].rule in ("label", "signature")]
    surest = max(group, key=lambda q: (decisions[q].mention is not None, decisions[q].share))
    for quote in group:
        own = decisions[quote]
        earlier = [q for q in labels if q <= quote]
        leader = decisions[earlier[-1]] if earlier else decisions[labels[0]] if labels else decisions[surest]
        if own.rule in ("label", "signature") or leader.mention in (own.mention, None):
            continue
        if labels or own.share < SURE:
            decisions[quote] = replace(leader, rule="continued", cue=own.cue or leader.cue,
                                       kind=leader.kind if own.kind == "none" else own.kind)
