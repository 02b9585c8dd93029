"""Who says each quote, and whether anybody does: the fitted ranker and gate, the rules around them, and confidence.

Way of deciding (the table's `rule`):

ranker     the fitted ranker's best pair, its probability calibrated
reader     the neural reader, asked where it can change the answer, tipped the ranker's scales to another mention
label      a transcript's label opens the quote or its turn (WALLACE: …), or a name and a colon are all before it; or a
           list says what each quote is about (On taxes: …), and the first whom the article names speaks
signature  a name alone follows the quote after a dash, or stands under (over) each of a row of quotes
wording    a set form of words names the speaker (X’s “…”; to quote X, “…”): see `research.wording`
relayed    “…,” X said, according to Y: X speaks, whom Y passes on
interview  lone quotes that answer paragraphs which say "you": by the first whom the article tells of; or quotes
           behind the label of an answer (A: “…”): by the first who is named in more than one word
alternating  short quotes with a line each and no cue: the two speakers take turns, and nobody calls himself by name
floating   the quote is all of its paragraph, the ranker unsure, and one person acts in the paragraph before, or nobody:
           then it goes to who said the surest of the lone quotes before
continued  the quote goes on with a quotation whose speaker is known: over paragraphs, or split by its cue
gate       nobody's speech: a title, a scare quote, a slogan
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from research.documents import Span
from research.evidence import Pairs, gate_features, pair_up
from research.layout import Decision, apply_rules, lay_out
from research.mentions import Mentions, find_mentions
from research.quotes import QuoteScan, find_quotes, unwrapped
from research.reader import Opinions
from research.segmentation import Tokens, tokenize
from research.tagging import BEFORE, Tagger, Tags, from_arrays, tag
from research.trees import Trees, trees_from_arrays
from research.turns import with_turns
from research.wording import apply_wordings

GATE_SURE = 0.75  # the gate's chance from which the reader need not be asked; chosen held out
JOINT_COLUMNS = ("share", "mass", "share_behind", "mass_behind", "mass_of_all", "mixedness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One document with every layer that attribution rests on, for the stages to its right and for explanations.

    opinions : the neural reader's, where it has a say.
    """

    text: str
    scan: QuoteScan
    tokens: Tokens
    tags: Tags
    mentions: Mentions
    pairs: Pairs
    shares: NDArray[np.float64]
    decisions: tuple[Decision, ...]
    opinions: Opinions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The fitted parameters attribution needs; `named` turns its confidence into that of a row that names a person."""

    tagger: Tagger
    ranker: Trees
    gate: Trees
    threshold: float
    calibration: Sequence[float]
    named: Sequence[float]
    reader: ReaderWeights


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderWeights:
    """How the reader's word counts beside the ranker's and the gate's, fitted out of fold (stacking, Wolpert 1992).

    joint : trees that score a pair from what both say, see `JOINT_COLUMNS`; gate : intercept, weight of the gate's
    log-odds and of the reader's log-odds of nobody; threshold, calibration and named : of the combination. The reader
    is asked where the share is below `sure` or the gate below `GATE_SURE`.
    """

    joint: Trees
    gate: Sequence[float]
    threshold: float
    calibration: Sequence[float]
    sure: float
    named: Sequence[float]


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
        named=fitted["named"].tolist(),
        reader=ReaderWeights(
            joint=trees_from_arrays(fitted, "reader.joint"),
            gate=fitted["reader.gate"].tolist(),
            threshold=float(fitted["reader.threshold"]),
            calibration=fitted["reader.calibration"].tolist(),
            sure=float(fitted["reader.sure"]),
            named=fitted["reader.named"].tolist(),
        ),
    )


def read(text: str, models: Models | None = None, *, use_reader: bool = False,
         opinions: Opinions | None = None, transcripts: bool = False) -> Reading:
    """Find the quotes of `text` and decide who says each; with `use_reader` the neural reader has a say.

    `opinions` are the reader's, where they are to be others than the shipped reader's. With `transcripts` a turn that
    stands without marks behind its speaker's label is a quote, too.

    >>> text = "“We will rebuild,” Mayor Ann Lee said on Monday."
    >>> reading = read(text)
    >>> text[slice(*reading.mentions.spans[reading.decisions[0].mention])]
    'Mayor Ann Lee'
    """
    models = models or load_models()
    scan = with_turns(text, find_quotes(text)) if transcripts else find_quotes(text)
    tokens = tokenize(text, scan)
    tags = tag(models.tagger, text, scan, tokens)
    names = models.tagger.names
    mentions = find_mentions(text, scan, tokens, tags, names)
    pairs = pair_up(scan, tokens, tags, mentions, names)
    scores = models.ranker.score(pairs.values)
    shares = shares_of(pairs, scores, len(scan.segments))
    best, share, chance = winners(pairs, scores, shares, len(scan.segments))
    gate = _sigmoid(models.gate.score(gate_features(text, scan, tokens, tags, names, share, chance)))
    asked: frozenset[int] = frozenset()
    ranked = best
    if use_reader and opinions is None:
        opinions = Opinions(unwrapped(text, scan), [segment.span for segment in scan.segments])
    if opinions is not None:
        is_labelled = np.array([segment.label is not None for segment in scan.segments], dtype=bool)
        gate = np.where(is_labelled, 1.0, gate)
        share = np.where(is_labelled, np.float32(1), share)
        asked, shares, gate = _ask_reader(opinions, mentions, tags, pairs, shares, share, gate, models.reader)
        best, share, _ = winners(pairs, shares, shares, len(scan.segments))
    decisions = [
        _decide(models, tokens, tags, quote, int(best[quote]), float(share[quote]), float(gate[quote]), pairs,
                asked=quote in asked, changed=best[quote] != ranked[quote], has_reader=opinions is not None)
        for quote in range(len(scan.segments))
    ]
    page = lay_out(text, scan, tokens, tags, mentions, pairs, shares, names)
    ruled = apply_rules(page, apply_wordings(page, decisions))
    return Reading(text=text, scan=scan, tokens=tokens, tags=tags, mentions=mentions, pairs=pairs, shares=shares,
                   decisions=tuple(ruled), opinions=opinions)


def _ask_reader(
    opinions: Opinions,
    mentions: Mentions,
    tags: Tags,
    pairs: Pairs,
    shares: NDArray[np.float64],
    share: NDArray[np.float32],
    gate: NDArray[np.float64],
    weights: ReaderWeights,
) -> tuple[frozenset[int], NDArray[np.float64], NDArray[np.float64]]:
    """Put the quotes where it can matter to the reader: which were asked, and shares and gate with its word in them."""
    mixedness = tags.kind[:, 2] - tags.kind[:, 1]
    asked = np.flatnonzero((share < weights.sure) | (gate < GATE_SURE)).tolist()
    shares, gate = shares.copy(), gate.copy()
    for quote in asked:
        opinion = opinions.on(quote)
        low, high = np.searchsorted(pairs.quote, [quote, quote + 1])
        mass = opinion.mass([mentions.spans[m] for m in pairs.mention[low:high].tolist()])
        if high > low:
            odds = np.exp(weights.joint.score(joint_features(shares[low:high], mass, float(mixedness[quote]))))
            shares[low:high] = odds / odds.sum()
        z = weights.gate[0] + weights.gate[1] * logit(float(gate[quote])) + weights.gate[2] * logit(opinion.nobody)
        gate[quote] = 1 / (1 + math.exp(-z))
    return frozenset(asked), shares, gate


def joint_features(shares: NDArray[np.float64], mass: NDArray[np.float64], mixedness: float) -> NDArray[np.float32]:
    """(pairs, `JOINT_COLUMNS`) of one quote: the ranker's shares, the reader's mass, how far each is behind the best.

    >>> joint_features(np.array([0.9, 0.1]), np.array([0.2, 0.7]), -1.0).shape
    (2, 6)
    """
    share, read = np.log(np.clip(shares, 1e-4, 1)), np.log(mass + 1e-3)
    every = np.ones(len(shares))
    columns = (share, read, share - share.max(), read - read.max(), every * mass.sum(), every * mixedness)
    return np.stack(columns, axis=1).astype(np.float32)


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
    """For each quote its best pair (-1 without candidates), its share, and its score through the logistic function."""
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
    has_reader: bool,
) -> Decision:
    """The word of ranker and gate (and reader, where asked) on one quote."""
    kind = "direct" if tags.kind[quote, 1] >= tags.kind[quote, 2] else "mixed"
    calibration = models.reader.calibration if asked else models.calibration
    if attributed < (models.reader.threshold if has_reader else models.threshold):
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
