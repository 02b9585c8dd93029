"""Tone toward a target: how the words treat one named person or thing, from -1 (against) to 1 (for).

"She thanked Mr. Sunak and condemned Mr. Putin" is for the one and against the other; a sentence has one tone, its
targets have each their own. The model is that of `research.tone_model` with more to look at: the rated words, and
the single words, left and right of the target. models/tone_target.md says how far it gets: further than the
sentence's tone, and not far. Read it as a tendency over many quotes, never as a verdict on one.

>>> text = "She thanked Mr. Sunak for his support and condemned Mr. Putin for his crimes."
>>> tone_toward(text, Span(12, 21)) > 0 > tone_toward(text, Span(52, 61))
True
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from research.documents import Span
from research.rhetoric import blank_insertions
from research.sentences import find_sentences
from research.tone_model import (
    SentenceTraits,
    ToneModel,
    find_traits,
    mark_negation,
    mask_names,
    read_tone_model,
    valence_features,
)
from research.typography import fold

if TYPE_CHECKING:
    import pandas as pd

NEAR_IN_WORDS = 6
"""Words on either side of the target that are looked at one by one."""


def find_target_traits(sentence: str, target: Span, valence: Mapping[str, float]) -> SentenceTraits:
    """What the model looks at: the sentence's own traits, and what stands left and right of the target."""
    whole = find_traits(sentence, valence)
    left = mark_negation(mask_names(sentence[: target.start], valence), valence)
    right = mark_negation(mask_names("x " + sentence[target.end :], valence), valence)[1:]
    near = [*(f"< {word}" for word in left[-NEAR_IN_WORDS:]), *(f"> {word}" for word in right[:NEAR_IN_WORDS])]
    touching = [f"<< {' '.join(left[-n:])}" for n in (1, 2) if len(left) >= n]
    touching += [f">> {' '.join(right[:n])}" for n in (1, 2) if len(right) >= n]
    dense = [value for words in (left, right, left[-5:], right[:5], right[:10])
             for value in valence_features(words, valence)]  # fmt: skip
    return SentenceTraits(
        words=whole.words, phrases=(*whole.phrases, *near, *touching), dense=(*whole.dense, *map(float, dense))
    )


@cache
def shipped_target_model() -> ToneModel:
    """The model of models/tone_target.npz, read once."""
    return read_tone_model(Path(__file__).with_name("models") / "tone_target.npz")


def tone_toward(text: str, target: Span) -> float:
    """The expected polarity, -1..1, of the sentence around `target` toward what stands there."""
    return tones_toward(text, [target])[0]


def tones_toward(text: str, targets: Sequence[Span]) -> list[float]:
    """`tone_toward` for each of some targets of one text, which is cut into sentences once."""
    folded, model = fold(blank_insertions(text)), shipped_target_model()
    sentences = find_sentences(folded)
    ends = [sentence.end for sentence in sentences]
    tones = []
    for target in targets:
        following = bisect_right(ends, target.start)
        nearest = [span for span in sentences[following : following + 1] if span.overlaps(target)]
        sentence = nearest[0] if nearest else Span(0, len(folded))
        place = Span(max(target.start, sentence.start) - sentence.start, min(target.end, sentence.end) - sentence.start)
        tones.append(model.rate_traits(find_target_traits(folded[slice(*sentence)], place, model.valence)))
    return tones


def find_targets(text: str, names: Iterable[str]) -> list[Span]:
    """Where one of the names stands in a text as a word of its own, the longest first where they overlap.

    >>> find_targets("Putin’s war is Vladimir Putin’s.", ["Putin", "Vladimir Putin"])
    [Span(start=0, end=5), Span(start=15, end=29)]
    """
    listed = "|".join(re.escape(fold(name)) for name in sorted(names, key=len, reverse=True) if name)
    if not listed:
        return []
    return [Span(*match.span()) for match in re.finditer(rf"(?<!\w)(?:{listed})(?!\w)", fold(text))]


def score_toward(table: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The table with `tone_target` added: the mean tone toward the places that name the target, NaN where none does.

    `names` are the ways one target is called ("Putin", "the Kremlin"). Pronouns are not followed: give "he" only where
    it can mean no other.

    >>> import pandas as pd
    >>> quotes = pd.DataFrame({"text": ["We thank Mr. Sunak for his courage.", "It rained."]})
    >>> scored = score_toward(quotes, ["Sunak"])["tone_target"]
    >>> bool(scored[0] > 0), bool(scored.isna()[1])
    (True, True)
    """
    called = list(names)
    tones = []
    for text in table["text"]:
        places = find_targets(text, called) if isinstance(text, str) else []
        tones.append(fmean(tones_toward(text, places)) if places else float("nan"))
    return table.assign(tone_target=tones)
