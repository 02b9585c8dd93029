"""How varied and how hard to read a text is: measures of words as words, whatever they mean.

Both take words in small letters (`research.rhetoric.find_tokens`) and give NaN where a text is too short for them:
a type-token ratio of ten words measures the ten words and not the speaker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_NOTHING = float("nan")

LEAST_WORDS_FOR_DIVERSITY = 50
LEAST_WORDS_FOR_READABILITY = 100


def mtld(words: Sequence[str], threshold: float = 0.72) -> float:
    """Measure of textual lexical diversity: words it takes, on average, until the type-token ratio falls to .72.

    McCarthy & Jarvis (2010), "MTLD, vocd-D, and HD-D", Behavior Research Methods 42, who found it the only one of
    these that does not change with length; the mean of a reading forwards and one backwards. NaN under 50 words, and
    where no word comes twice: it cannot be told how many more would not. With a repetition or two it is large and
    hardly known.

    >>> mtld(["so"] * 100)
    2.0
    >>> mtld(["too", "short"])
    nan
    >>> mtld([f"w{number}" for number in range(60)])
    nan
    """
    if len(words) < LEAST_WORDS_FOR_DIVERSITY:
        return _NOTHING
    return (_mtld_one_way(words, threshold) + _mtld_one_way(words[::-1], threshold)) / 2


def _mtld_one_way(words: Sequence[str], threshold: float) -> float:
    """Words per factor, the last and unfinished factor counted by how far it got; NaN where none even began."""
    factors, types, count = 0.0, set[str](), 0
    for word in words:
        types.add(word)
        count += 1
        if len(types) / count <= threshold:
            factors, types, count = factors + 1, set(), 0
    if count:
        factors += (1 - len(types) / count) / (1 - threshold)
    return len(words) / factors if factors else _NOTHING


def mattr(words: Sequence[str], window: int = LEAST_WORDS_FOR_DIVERSITY) -> float:
    """Moving-average type-token ratio: the mean share of different words in every stretch of 50 words.

    Covington & McFall (2010), "Cutting the Gordian Knot", Journal of Quantitative Linguistics 17. NaN under 50 words.

    >>> mattr(["a", "b"] * 50)
    0.04
    """
    if len(words) < window:
        return _NOTHING
    inside = Counter(words[:window])
    total = len(inside)
    for leaving, entering in zip(words, words[window:], strict=False):
        inside[leaving] -= 1
        if not inside[leaving]:
            del inside[leaving]
        inside[entering] += 1
        total += len(inside)
    return total / window / (len(words) - window + 1)


_VOWELS = re.compile(r"[aeiouy]+")


def count_syllables(word: str) -> int:
    """Syllables of an English word by its groups of vowels, a silent last e taken off.

    >>> [count_syllables(word) for word in ("war", "peace", "table", "government")]
    [1, 1, 2, 3]
    """
    groups = len(_VOWELS.findall(word))
    silent = word.endswith(("e", "es", "ed")) and not word.endswith(("le", "ted", "ded", "ses", "ces", "ges", "ches"))
    return max(1, groups - (silent and groups > 1))


def flesch_reading_ease(words: Sequence[str], sentence_count: int) -> float:
    """Flesch's reading ease, about 0 (hard) to 100 (easy): a measure of sentence and word length, nothing more.

    Flesch (1948), "A new readability yardstick", Journal of Applied Psychology 32. NaN under 100 words, which is what
    he took samples of.
    """
    if len(words) < LEAST_WORDS_FOR_READABILITY or not sentence_count:
        return _NOTHING
    syllables = sum(map(count_syllables, words))
    return 206.835 - 1.015 * len(words) / sentence_count - 84.6 * syllables / len(words)
