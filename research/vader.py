"""VADER, unchanged: the same numbers as vaderSentiment's own, in time that grows with the text and not its square.

VADER (Hutto & Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text",
ICWSM) is the measure most readers know, so it must stay the one they know: lexicon, rules and rounding are the
package's own, called word by word. vaderSentiment lower-cases the whole text again for every lexicon word, so
that the time it takes grows with the square of the text. But no rule of it looks further than three words back and two
ahead; handing it only those gives the same valences.

>>> read_vader("The plot was good, but the dialogue is not great.").compound
-0.5409
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

WORDS_BACK, WORDS_AHEAD = 3, 2
"""The reach of VADER's rules around a word: negation and boosters look back 3, idioms ahead 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaderReading:
    """What VADER makes of a text: its words, the valence of each (about -4..4, after all rules), and the compound."""

    words: tuple[str, ...]
    valences: tuple[float, ...]
    compound: float


class _Window(NamedTuple):
    """The part of vaderSentiment's SentiText that its rules read."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


@cache
def _analyser() -> SentimentIntensityAnalyzer:
    """vaderSentiment's analyser, made once: it reads its lexicon from disk."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def vader_lexicon() -> dict[str, float]:
    """VADER's lexicon as its package ships it: word → mean human valence, -4..4."""
    return dict(_analyser().lexicon)


def read_vader(text: str) -> VaderReading:
    """VADER's reading of `text` as it stands: fold the typography first (`typography.fold`).

    >>> read_vader("They don't support this deal.").compound
    -0.3089
    >>> read_vader("").compound
    0.0
    """
    spelt_out = _without_emoji(text).strip()
    words, is_cap_diff = _words(spelt_out)
    valences = [_valence(words, is_cap_diff, place) for place in range(len(words))]
    weighted = weigh_around_but(words, valences)
    compound = float(_analyser().score_valence(weighted, spelt_out)["compound"])
    return VaderReading(words=tuple(words), valences=tuple(weighted), compound=compound)


def _without_emoji(text: str) -> str:
    """Emoji replaced by VADER's descriptions of them, blanks set as VADER sets them."""
    emojis = _analyser().emojis
    if not any(character in emojis for character in set(text)):
        return text
    parts: list[str] = []
    after_space = True
    for character in text:
        description = emojis.get(character)
        parts.append(character if description is None else description if after_space else f" {description}")
        after_space = description is None and character == " "
    return "".join(parts)


def _words(text: str) -> tuple[list[str], bool]:
    """VADER's words, and whether some but not all of them are in capitals."""
    from vaderSentiment.vaderSentiment import SentiText

    split = SentiText(text)
    return split.words_and_emoticons, split.is_cap_diff


def _valence(words: list[str], is_cap_diff: bool, place: int) -> float:
    """The valence of one word among its neighbours, before the rule about "but"."""
    from vaderSentiment.vaderSentiment import BOOSTER_DICT

    word = words[place].lower()
    if word not in _analyser().lexicon or word in BOOSTER_DICT:
        return 0.0
    if word == "kind" and words[place + 1 : place + 2] and words[place + 1].lower() == "of":
        return 0.0
    first = max(0, place - WORDS_BACK)
    window = _Window(words[first : place + WORDS_AHEAD + 1], is_cap_diff)
    found: list[float] = _analyser().sentiment_valence(0, window, words[place], place - first, [])
    return found[0]


def weigh_around_but(words: list[str], valences: list[float]) -> list[float]:
    """VADER's rule about "but": valences before it count half, after it half as much again.

    vaderSentiment means that, but changes, for each valence it meets, the first equal one in the list. Whoever
    wants VADER unchanged wants this too; a heap of places for each value keeps it from taking quadratic time.

    >>> weigh_around_but(["good", "but", "bad"], [1.9, 0.0, -2.5])
    [0.95, 0.0, -3.75]
    """
    lowered = [word.lower() for word in words]
    if "but" not in lowered:
        return valences
    turn, changed = lowered.index("but"), list(valences)
    places: dict[float, list[int]] = defaultdict(list)
    for place, valence in enumerate(valences):
        places[valence].append(place)
    for place in range(len(changed)):
        _weigh_first_equal(changed, places, changed[place], turn)
    return changed


def _weigh_first_equal(changed: list[float], places: dict[float, list[int]], valence: float, turn: int) -> None:
    """Weigh the first place that holds `valence`, and note where it went."""
    if not valence:
        return
    heap = places[valence]
    first = heap[0]
    if first == turn:
        return
    heappop(heap)
    changed[first] = valence * (0.5 if first < turn else 1.5)
    heappush(places[changed[first]], first)
