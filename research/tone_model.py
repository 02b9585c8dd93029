"""The calibrated tone of a sentence: what a human rater would on average say of it, from -1 to 1.

VADER tracks human judgement of political prose at r = .49 (models/tone.md) and takes names for feeling ("the United
States and the United Kingdom support the Security Council resolution" reads +.87). This model keeps VADER's evidence
and adds what it lacks, in one linear sum that can be taken apart: names and institutions are masked first, then

- evidence: what VADER finds, split into its parts (positive, negative, extremes, position, negation, "but");
- valences: a rating for each of 20,000 words: VADER's own, ours (models/tone_words.json), or one expected from the
  word's neighbours in a vector space;
- pull: a weight for each word, spread over neighbours in the same space;
- phrases: weights of single words and pairs that occurred in the training sentences, negation marked.

models/tone.md says how it was fitted and how well it does. Nothing here needs scikit-learn.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from research.vader import VaderReading, read_vader, vader_lexicon

NAME = "Name"
RATING_SCALE = 4.0
"""Human ratings run from -4 to 4; tone is a rating divided by this."""

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['-][^\W\d_]+)*")
_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\d.,]*|[!?;:,.-]")
_OPENS = re.compile(r"[:\"(\[]\s*\Z")


def _words(listed: str) -> tuple[str, ...]:
    """Words separated by blanks."""
    return tuple(listed.split())


_INSTITUTION_OPENERS = frozenset(
    _words(
        "united security supreme great new free good grand democratic liberal freedom peace justice defense defence"
        " national general european federal world social labour labor conservative green progress liberty"
    )
)
NEGATIONS = frozenset(
    _words(
        "no not never none nobody nothing neither nor nowhere cannot without hardly scarcely barely rarely seldom lack"
        " lacks lacked lacking"
    )
)
NEGATION_REACH = 4
"""Words after a negation that it marks, if no mark or "but" comes before: VADER's reach and one more."""
_TURNS = frozenset(("but", "although", "though"))
_FIRST_PERSON = re.compile(r"I(?:'[a-z]+)?")
_SPELLINGS = (
    (re.compile(r"(?<=\w{3})our(?=s?$|ed$|ing$|able$|ably$)"), "or"),
    (re.compile(r"is(?=e[ds]?$|ing$|ation$|ations$|ers?$)"), "iz"),
    (re.compile(r"ence(?=s?$)"), "ense"),
    (re.compile(r"tre(?=s?$)"), "ter"),
    (re.compile(r"ogramme(?=s?$)"), "ogram"),
)


def mask_names(sentence: str, known: Collection[str]) -> str:
    """Each run of names replaced by one "Name", so that who is meant cannot count as feeling.

    A capital inside a sentence makes a name. At its opening, where every word has one, a word is a name if it is not
    among the `known` (small-letter) words, or is one of those that institutions begin with and a capital follows.

    >>> mask_names("Putin and the United Nations met in New York.", {"and", "the"})
    'Name and the Name met in Name.'
    >>> mask_names("United Nations troops WILL leave, I hope.", {"united", "will"})
    'Name troops WILL leave, I hope.'
    """
    found = list(_WORD.finditer(sentence))
    capitals = sum(match[0][0].isupper() for match in found)
    if 2 * capitals > len(found) > 3 and sum(match[0].isupper() for match in found) > capitals / 2:
        return sentence
    parts: list[str] = []
    end = name_end = -1
    for number, match in enumerate(found):
        following = found[number + 1][0] if number + 1 < len(found) else ""
        opens = number == 0 or bool(_OPENS.search(sentence, max(0, match.start() - 3), match.start()))
        if _is_name(match[0], following, opens, known):
            if not (name_end == end and sentence[end : match.start()].isspace()):
                parts += [sentence[max(end, 0) : match.start()], NAME]
            name_end = end = match.end()
        else:
            parts.append(sentence[max(end, 0) : match.end()])
            end = match.end()
    return "".join([*parts, sentence[max(end, 0) :]])


def _is_name(word: str, following: str, opens: bool, known: Collection[str]) -> bool:
    """Whether one capitalised word is a name; see `mask_names`."""
    if not word[0].isupper() or _FIRST_PERSON.fullmatch(word):
        return False
    lowered = word.lower()
    if word.isupper() and len(word) > 3 and lowered in known:
        return False
    if not opens:
        return True
    return lowered not in known or (lowered in _INSTITUTION_OPENERS and following[:1].isupper())


def american(word: str, known: Collection[str]) -> str:
    """The word as most training texts, American ones, would spell it, if that is a known word.

    >>> american("honour", {"honor"}), american("our", {"our", "or"}), american("organisations", {"organizations"})
    ('honor', 'our', 'organizations')
    """
    for pattern, spelling in _SPELLINGS:
        respelt = pattern.sub(spelling, word)
        if respelt != word and respelt in known:
            return respelt
    return word


def mark_negation(masked: str, known: Collection[str]) -> list[str]:
    """Small-letter words of a masked sentence; those a negation reaches are marked ``not_``; "!" and "?" are kept.

    >>> mark_negation("We do not support Name, but peace!", ())
    ['we', 'do', 'not', 'not_support', 'not_Name', 'but', 'peace', '!']
    """
    words: list[str] = []
    reach = 0
    for match in _TOKEN.finditer(masked):
        token = match[0]
        if not token[0].isalpha():
            words += [token] if token in "!?" else ["0"] if token[0].isdigit() else []
            reach = reach if token == "-" or token[0].isdigit() else 0
            continue
        word = NAME if token == NAME else american(token.lower(), known)
        reach = 0 if word in _TURNS else reach
        negates = word in NEGATIONS or word.endswith("n't")
        words.append(f"not_{word}" if reach > 0 and not negates else word)
        reach = NEGATION_REACH if negates else reach - 1
    return words


def phrases_of(words: Sequence[str]) -> list[str]:
    """Single words and pairs, as the model counts them.

    >>> phrases_of(["not", "not_good"])
    ['not', 'not_good', 'not not_good']
    """
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


EVIDENCE = _words(
    "compound positive negative positives negatives highest lowest first_half second_half positive_density"
    " negative_density negations negated negated_compound but exclamations questions log_words last_three squashed"
)
VALENCES = _words(
    "valence_sum valence_mean valence_positive valence_negative valence_highest valence_lowest valence_lowest_three"
    " valence_highest_three strong_sum strong_squashed valence_second_half strong_positives strong_negatives"
)
NEGATED_VALENCE = -0.5
"""A negated word counts the other way at half its weight: "not good" is milder than "bad"."""
STRONG = 0.8
MOST_MARKS = 3
"""Exclamation and question marks of a sentence beyond this many add nothing."""


def evidence_features(masked: str, reading: VaderReading, words: Sequence[str]) -> list[float]:
    """VADER's reading of a masked sentence, taken apart; named in `EVIDENCE`."""
    valences = reading.valences or (0.0,)
    positive = sum(v for v in valences if v > 0)
    negative = sum(v for v in valences if v < 0)
    root = math.sqrt(max(len(reading.words), 1))
    negations = sum(word in NEGATIONS or word.endswith("n't") for word in words)
    half = len(valences) // 2
    return [
        reading.compound, positive, negative,
        sum(v > 0 for v in valences), sum(v < 0 for v in valences), max(valences), min(valences),
        sum(valences[:half]), sum(valences[half:]), positive / root, negative / root,
        negations, negations > 0, negations * reading.compound, "but" in words,
        min(masked.count("!"), MOST_MARKS), min(masked.count("?"), MOST_MARKS), math.log(max(len(reading.words), 1)),
        sum(valences[-3:]), math.tanh(sum(valences) / 4),
    ]  # fmt: skip


def valence_features(words: Sequence[str], valence: Mapping[str, float]) -> list[float]:
    """How the rated words of a sentence are spread; named in `VALENCES`."""
    found = [
        NEGATED_VALENCE * valence[word[4:]] if word.startswith("not_") else valence[word]
        for word in words
        if word.removeprefix("not_") in valence
    ] or [0.0]
    ordered, count = sorted(found), len(found)
    strong = sum(v for v in found if abs(v) > STRONG)
    root, half = math.sqrt(count), found[count // 2 :]
    return [
        sum(found), sum(found) / count,
        sum(v for v in found if v > 0) / root, sum(v for v in found if v < 0) / root,
        ordered[-1], ordered[0],
        sum(ordered[:3]) / len(ordered[:3]), sum(ordered[-3:]) / len(ordered[-3:]),
        strong / root, math.tanh(strong / 4), sum(half) / len(half),
        sum(v > STRONG for v in found) / count, sum(v < -STRONG for v in found) / count,
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceTraits:
    """All that the model looks at in one sentence: words and phrases as in `mark_negation`, and dense features."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    dense: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorModel:
    """How far a human mean lies from the tone given, as fitted out-of-fold; see `standard_error`."""

    base: float
    per_log_word: float
    shared: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneModel:
    """The fitted sum; `pull` and `phrases` hold (inverse document frequency, weight) of a word or phrase."""

    valence: Mapping[str, float]
    pull: Mapping[str, tuple[float, float]]
    phrases: Mapping[str, tuple[float, float]]
    coefficients: tuple[float, ...]
    intercept: float
    error: ErrorModel

    def rate(self, sentence: str) -> float:
        """The expected human rating of a folded sentence divided by 4, clipped to [-1, 1]."""
        return self.rate_traits(find_traits(sentence, self.valence))

    def rate_traits(self, traits: SentenceTraits) -> float:
        """`rate` of a sentence whose traits are known."""
        rating = self.intercept + sum(map(float.__mul__, self.coefficients, traits.dense))
        rating += pooled_weight(traits.words, self.pull) + phrase_weight(traits.phrases, self.phrases)
        return max(-1.0, min(1.0, rating / RATING_SCALE))

    def standard_error(self, word_counts: Sequence[int]) -> float:
        """Of the tone of a text with so many words in each sentence, in units of tone.

        The errors of sentences that stand together share a part (`shared`), so the mean of many sentences is not
        as exact as independent errors would have it.
        """
        variances = [math.exp(self.error.base + self.error.per_log_word * math.log(max(n, 1))) for n in word_counts]
        count = len(variances)
        mean = sum(variances) / count
        return math.sqrt(mean * (self.error.shared + (1 - self.error.shared) / count))


def find_traits(sentence: str, valence: Mapping[str, float]) -> SentenceTraits:
    """What the model looks at in a folded sentence; the words of `valence` are the known ones."""
    masked = mask_names(sentence, valence)
    words = mark_negation(masked, valence)
    dense = evidence_features(masked, read_vader(masked), words) + valence_features(words, valence)
    return SentenceTraits(words=tuple(words), phrases=tuple(phrases_of(words)), dense=tuple(map(float, dense)))


def pooled_weight(words: Sequence[str], pull: Mapping[str, tuple[float, float]]) -> float:
    """The mean weight of a sentence's words, each counted by its rarity."""
    found = [pull[bare] for word in words if (bare := word.removeprefix("not_")) in pull]
    return sum(rarity * weight for rarity, weight in found) / max(sum(rarity for rarity, _ in found), 1.0)


def phrase_weight(found: Sequence[str], phrases: Mapping[str, tuple[float, float]]) -> float:
    """The weighted sum of a sentence's phrases as sublinear TF-IDF of length 1 (Salton & Buckley 1988)."""
    total = squares = 0.0
    for phrase, count in Counter(found).items():
        if phrase in phrases:
            rarity, weight = phrases[phrase]
            value = (1 + math.log(count)) * rarity
            total += value * weight
            squares += value * value
    return total / math.sqrt(squares) if squares else 0.0


def pack_words(words: Sequence[str]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Words as bytes, one a line: numpy's own strings would pad each to the longest."""
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


def unpack_words(packed: np.ndarray[Any, np.dtype[np.uint8]]) -> list[str]:
    """The words that `pack_words` packed."""
    return packed.tobytes().decode().split("\n")


def read_tone_model(path: Path) -> ToneModel:
    """A model from its .npz: arrays only, no pickle. Ratings of VADER's words come from VADER's own package."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    words, phrases = unpack_words(arrays["words"]), unpack_words(arrays["phrases"])
    rated = dict(zip(words, np.round(arrays["valence"].astype(float), 3).tolist(), strict=True)) | vader_lexicon()
    return ToneModel(
        valence=rated,
        pull=dict(zip(words, zip(*arrays["pull"].tolist(), strict=True), strict=True)),
        phrases=dict(zip(phrases, zip(*arrays["phrase_weights"].tolist(), strict=True), strict=True)),
        coefficients=tuple(arrays["coefficients"].tolist()),
        intercept=float(arrays["intercept"]),
        error=ErrorModel(**dict(zip(("base", "per_log_word", "shared"), arrays["error"].tolist(), strict=True))),
    )


@cache
def shipped_tone_model() -> ToneModel:
    """The model of models/tone.npz, read once."""
    return read_tone_model(Path(__file__).with_name("models") / "tone.npz")
