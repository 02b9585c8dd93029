"""Who says each quote, and whether anybody does: the fitted ranker and gate, the rules around them, and confidence.

Way of deciding (the table's `rule`):

ranker     the fitted ranker's best pair, its probability calibrated
reader     the neural reader, asked where it can change the answer, tipped the ranker's scales to another mention
label      a transcript's label opens the quote (WALLACE: …)
signature  a name alone follows the quote after a dash (“…” — Ann Lee), there or on the next line
alternating  short quotes with a line each and no cue: the two speakers take turns
continued  the quote goes on with a quotation whose speaker is known: over paragraphs, or split by its cue
gate       nobody's speech: a title, a scare quote, a slogan
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from research.documents import Span
from research.evidence import Pairs, gate_features, pair_up
from research.mentions import LABEL, PRONOUN, Mentions, find_mentions
from research.quotes import QuoteScan, Segment, find_quotes
from research.reader import read_quotes
from research.segmentation import PARAGRAPH_TOKEN, Tokens, tokenize
from research.tagging import BEFORE, Tagger, Tags, from_arrays, tag
from research.trees import Trees, trees_from_arrays

DASHES = frozenset("—–―-") | {"--"}
LONGEST_TURN = 90  # characters of a quote in a quick exchange
SURE = 0.9  # a continued quote keeps a speaker of its own if the ranker is at least this sure of another


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of one quote.

    `mention` numbers the mention that says it (None: nobody, or nobody found); `attributed` is the gate's probability
    that
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
    reader: ReaderWeights


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderWeights:
    """How the reader's word counts beside the ranker's, fitted out-of-fold.

    share, mass : weights of the logarithms of the ranker's share and of the reader's mass on a mention, for direct and
    mixed quotes; gate : intercept, weight of the gate's log-odds and of the reader's log-odds of nobody; threshold and
    calibration : of the combination. The reader is asked where the share is below `sure` or the gate below `SURE`.
    """

    share: Sequence[float]
    mass: Sequence[float]
    gate: Sequence[float]
    threshold: float
    calibration: Sequence[float]
    sure: float


@functools.cache
def load_models() -> Models:
    """The models that the package ships; their cards stand beside them in research/models."""
    folder = resources.files("research") / "models"
    with resources.as_file(folder / "tagger.npz") as path, np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    with resources.as_file(folder / "attribution.npz") as path, np.load(path, allow_pickle=False) as stored:
        fitted = {name: stored[name] for name in stored.files}
    names = {
        name[6:]: "".join(map(chr, arrays.pop(name))).split("\n") for name in list(arrays) if name.startswith("names.")
    }
    scales = {name[6:]: arrays.pop(name) for name in list(arrays) if name.startswith("scale.")}
    weights = {name: value * scales[name] if name in scales else value for name, value in arrays.items()}
    return Models(
        tagger=from_arrays(weights, names),
        ranker=trees_from_arrays(fitted, "ranker"),
        gate=trees_from_arrays(fitted, "gate"),
        threshold=float(fitted["threshold"]),
        calibration=fitted["calibration"].tolist(),
        reader=ReaderWeights(
            share=fitted["reader.share"].tolist(),
            mass=fitted["reader.mass"].tolist(),
            gate=fitted["reader.gate"].tolist(),
            threshold=float(fitted["reader.threshold"]),
            calibration=fitted["reader.calibration"].tolist(),
            sure=float(fitted["reader.sure"]),
        ),
    )


def read(text: str, models: Models | None = None, *, use_reader: bool = False) -> Reading:
    """Find the quotes of `text` and decide who says each; with `use_reader` the neural reader has a say.

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
    asked: frozenset[int] = frozenset()
    ranked = best
    if use_reader:
        asked, shares, gate = _ask_reader(text, scan, mentions, tags, pairs, shares, share, gate, models.reader)
        best, share, _ = winners(pairs, shares, shares, len(scan.segments))
    decisions = [
        _decide(models, tokens, tags, quote, int(best[quote]), float(share[quote]), float(gate[quote]), pairs,
                asked=quote in asked, changed=best[quote] != ranked[quote], use_reader=use_reader)
        for quote in range(len(scan.segments))
    ]
    ruled = _apply_rules(text, scan, tokens, mentions, decisions)
    return Reading(text=text, scan=scan, tokens=tokens, tags=tags, mentions=mentions, pairs=pairs, shares=shares,
                   decisions=tuple(ruled))


def _apply_rules(text: str, scan: QuoteScan, tokens: Tokens, mentions: Mentions, decisions: list[Decision]
                 ) -> list[Decision]:
    """The rules around the models, the later ones seeing what the earlier decided."""
    signed = _signed(text, scan, tokens, mentions, decisions)
    labelled = _labelled(mentions, tokens, signed)
    return _joined(scan, _alternated(scan, tokens, mentions, labelled))


def _ask_reader(
    text: str,
    scan: QuoteScan,
    mentions: Mentions,
    tags: Tags,
    pairs: Pairs,
    shares: NDArray[np.float64],
    share: NDArray[np.float32],
    gate: NDArray[np.float64],
    weights: ReaderWeights,
) -> tuple[frozenset[int], NDArray[np.float64], NDArray[np.float64]]:
    """Put the quotes where it can matter to the reader: which were asked, and shares and gate with its word in them."""
    mixed = tags.kind[:, 2] > tags.kind[:, 1]
    asked = np.flatnonzero((share < weights.sure) | (gate < SURE))
    shares, gate = shares.copy(), gate.copy()
    opinions = read_quotes(text, [scan.segments[q].span for q in asked.tolist()])
    for quote, opinion in zip(asked.tolist(), opinions, strict=True):
        low, high = np.searchsorted(pairs.quote, [quote, quote + 1])
        mass = opinion.mass([mentions.spans[m] for m in pairs.mention[low:high].tolist()])
        kind = int(mixed[quote])
        scores = weights.share[kind] * np.log(np.clip(shares[low:high], 1e-4, 1)) + weights.mass[kind] * np.log(
            mass + 1e-3
        )
        odds = np.exp(scores - scores.max(initial=-np.inf))
        shares[low:high] = odds / odds.sum()
        gate[quote] = 1 / (
            1
            + math.exp(
                -(
                    weights.gate[0]
                    + weights.gate[1] * logit(float(gate[quote]))
                    + weights.gate[2] * logit(opinion.nobody)
                )
            )
        )
    return frozenset(asked.tolist()), shares, gate


def logit(p: float) -> float:
    """Log-odds, bounded at one in ten thousand."""
    return math.log(min(max(p, 1e-4), 1 - 1e-4) / (1 - min(max(p, 1e-4), 1 - 1e-4)))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(x, -50, 50)))
    return out


def shares_of(pairs: Pairs, scores: NDArray[np.float64], quotes: int) -> NDArray[np.float64]:
    """Each pair's share of its quote: odds, normalised."""
    odds = np.exp(np.clip(scores, -30, 30))
    total = np.bincount(pairs.quote, weights=odds, minlength=quotes)
    out: NDArray[np.float64] = odds / total[pairs.quote]
    return out


def winners(
    pairs: Pairs, scores: NDArray[np.float64], shares: NDArray[np.float64], quotes: int
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
    z = calibration[0] + calibration[1] * logit(share) + calibration[2] * logit(attributed)
    return 1 / (1 + math.exp(-z))


def _decide(
    models: Models,
    tokens: Tokens,
    tags: Tags,
    quote: int,
    pair: int,
    share: float,
    attributed: float,
    pairs: Pairs,
    *,
    asked: bool,
    changed: bool,
    use_reader: bool,
) -> Decision:
    """The word of ranker and gate (and reader, where asked) on one quote."""
    kind = "direct" if tags.kind[quote, 1] >= tags.kind[quote, 2] else "mixed"
    calibration = models.reader.calibration if asked else models.calibration
    if attributed < (models.reader.threshold if use_reader else models.threshold):
        return Decision(
            kind="none",
            mention=None,
            attributed=attributed,
            share=0.0,
            confidence=1 - attributed,
            rule="gate",
            cue=None,
        )
    mention = int(pairs.mention[pair]) if pair >= 0 else None
    return Decision(
        kind=kind,
        mention=mention,
        attributed=attributed,
        share=share,
        confidence=calibrated(calibration, share, attributed) if mention is not None else 0.0,
        rule="reader" if changed else "ranker",
        cue=_cue(tokens, tags, quote),
    )


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


def _signed(
    text: str, scan: QuoteScan, tokens: Tokens, mentions: Mentions, decisions: list[Decision]
) -> list[Decision]:
    """Quotes followed by a dash and a name alone are that name's."""
    by_first = {
        int(first): i
        for i, first in enumerate(mentions.first)
        if tokens.words[int(mentions.head[i])][0].isupper() and mentions.form[i] not in (LABEL, PRONOUN)
    }
    out = list(decisions)
    for quote, place in enumerate(tokens.quote_places):
        next_line = place + 1 < len(tokens) and tokens.words[place + 1] == PARAGRAPH_TOKEN
        mention = by_first.get(place + 2 + next_line)
        if mention is None or tokens.words[place + 1 + next_line] not in DASHES:
            continue
        if _ends_line(tokens, int(mentions.last[mention]) + 1):
            out[quote] = replace(
                decisions[quote],
                kind="direct",
                mention=mention,
                rule="signature",
                cue=None,
                attributed=1.0,
                share=1.0,
                confidence=0.97,
            )
    return out


def _ends_line(tokens: Tokens, place: int) -> bool:
    """Whether nothing but a full stop, a place or an age follows before the paragraph ends."""
    rest: list[str] = []
    while place < len(tokens) and tokens.words[place] != PARAGRAPH_TOKEN and len(rest) < 7:
        rest.append(tokens.words[place])
        place += 1
    words = [w for w in rest if w[0].isalnum()]
    return len(rest) < 7 and (not words or rest[0] in (",", "(", "/")) and all(not w[0].islower() for w in words)


def _alternated(scan: QuoteScan, tokens: Tokens, mentions: Mentions, decisions: list[Decision]) -> list[Decision]:
    """In quick dialogue, a quote that is a paragraph of its own goes to the one who spoke before the last speaker.

    Only where both spoke in the two paragraphs before and all three quotes are short: a speaker who goes on over
    paragraphs
    would have left the mark open, and longer quotes alone in a paragraph mostly go on with the last speaker.
    """
    out = list(decisions)
    last_quote = {segment.paragraph: quote for quote, segment in enumerate(scan.segments)}
    for quote, segment in enumerate(scan.segments):
        turn = [last_quote.get(segment.paragraph - back) for back in (1, 2)]
        if (
            None in turn
            or not _stands_alone(scan, tokens, quote)
            or (out[quote].share >= SURE
            and out[quote].kind != "none")
        ):
            continue
        last, other = (out[q] for q in turn if q is not None)
        if (
            last.mention is None
            or other.mention is None
            or not all(_is_short(scan.segments[q]) for q in (quote, *turn) if q is not None)
        ):
            continue
        if (
            tokens.words[int(mentions.head[last.mention])].lower()
            != tokens.words[int(mentions.head[other.mention])].lower()
        ):
            out[quote] = replace(
                other, rule="alternating", cue=None, kind="direct", confidence=min(other.confidence, 0.8)
            )
    return out


def _stands_alone(scan: QuoteScan, tokens: Tokens, quote: int) -> bool:
    """Whether a quote is all of its paragraph."""
    place, paragraph = tokens.quote_places[quote], scan.segments[quote].paragraph
    after = place + 1
    while after < len(tokens) and tokens.paragraphs[after] == paragraph and not tokens.words[after][0].isalnum():
        after += 1
    ends = after >= len(tokens) or tokens.paragraphs[after] != paragraph
    return tokens.words[place - 1] == PARAGRAPH_TOKEN and ends and tokens.segments[after - 1] in (-1, quote)


def _is_short(segment: Segment) -> bool:
    return segment.span.end - segment.span.start <= LONGEST_TURN and "unclosed" not in segment.flags


def _labelled(mentions: Mentions, tokens: Tokens, decisions: list[Decision]) -> list[Decision]:
    """Quotes that open with a transcript's label are the label's."""
    out = list(decisions)
    quote_at = {place: quote for quote, place in enumerate(tokens.quote_places)}
    for mention in np.flatnonzero(mentions.form == LABEL).tolist():
        quote = quote_at[int(mentions.head[mention])]
        out[quote] = replace(
            decisions[quote],
            kind="direct",
            mention=mention,
            rule="label",
            cue=None,
            attributed=1.0,
            share=1.0,
            confidence=0.97,
        )
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
        if own.rule in ("label", "signature", "gate") or leader.mention in (own.mention, None):
            continue
        if labels or own.share < SURE:
            decisions[quote] = replace(
                leader,
                rule="continued",
                cue=own.cue or leader.cue,
                kind=own.kind,
            )
