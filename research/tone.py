"""Tone of quoted words: VADER under its own name, and a calibrated tone beside it.

Four numbers, each under the name of what it is:

- `compound_whole`: VADER's compound of the whole text as it stands, exactly vaderSentiment's own on straight
  typography. Report it to compare with earlier studies. It grows with length: feeling words add up, so long quotes
  look extreme.
- `compound`: the mean of VADER's compound over the quote's sentences, [inserted words] left out. Report it where
  readers expect VADER.
- `tone`: what a human rater would on average say, divided by 4 (`research.tone_model`), mean over the same sentences.
  Report it where the question is about feeling: it agrees better with human ratings (models/tone.md has the numbers).
- `tone_se`: the standard error of `tone` as an estimate of the raters' mean.

Quoted words are folded to straight typography first, and texts of nothing (None, NaN, blank, all inserted) have no
tone: NaN, never 0.

>>> score_text("They don’t support this deal.").compound
-0.3089
>>> score_text("It was a brutal siege.").tone < score_text("It was a long walk.").tone
True
>>> score_text("[laughter]").tone
nan
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from research.sentences import find_sentences
from research.tone_model import shipped_tone_model
from research.typography import fold
from research.vader import read_vader

if TYPE_CHECKING:
    import pandas as pd

SCORE_COLUMNS = ("compound", "compound_whole", "tone", "tone_se")

_NOTHING = float("nan")

_INSERTED_AND_BLANK = re.compile(
    r"""
    (?<![^\W\d_]) \[ (?P<initial>[^\W\d_]) \] (?=[^\W\d_])  # [W]e: a changed capital, the letter is the speaker's
    | [^\S\n]? \[ [^\[\]\n]* \] (?=[^\w\s]|\s|$)              # of [inserted] words: the blank before goes with them
    | \[ [^\[\]\n]* \] [^\S\n]?                               # at the very start, or glued to what follows
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneScores:
    """The scores of one text, each from -1 (worst) to 1 (best), NaN where there is nothing to score."""

    compound: float
    compound_whole: float
    tone: float
    tone_se: float


def without_insertions(text: str) -> str:
    """The speaker's own words: [inserted words] gone, the letter of a changed capital kept.

    >>> without_insertions("[Putin] is [not] a man of peace [sic].")
    'is a man of peace.'
    >>> without_insertions("[W]e want[ed] peace.")
    'We want peace.'
    """
    return _INSERTED_AND_BLANK.sub(lambda match: match["initial"] or "", text).strip()


def sentences_of(text: str) -> list[str]:
    """The sentences of a folded text that hold a word; all of them where none does (emoji, dots).

    >>> sentences_of("... Yes. No!")
    ['Yes.', 'No!']
    """
    sentences = [text[slice(*span)] for span in find_sentences(text)]
    return [s for s in sentences if any(map(str.isalnum, s))] or sentences


def score_text(text: str | None) -> ToneScores:
    """The scores of one text; see the module for what they are.

    >>> score_text("We want [no] peace.").compound == score_text("We want peace.").compound
    True
    >>> score_text("A good day. A good day.").compound == score_text("A good day.").compound
    True
    """
    if not isinstance(text, str) or not text.strip():
        return ToneScores(compound=_NOTHING, compound_whole=_NOTHING, tone=_NOTHING, tone_se=_NOTHING)
    folded = fold(text)
    whole = read_vader(folded).compound
    sentences = sentences_of(without_insertions(folded))
    if not sentences:
        return ToneScores(compound=_NOTHING, compound_whole=whole, tone=_NOTHING, tone_se=_NOTHING)
    model = shipped_tone_model()
    return ToneScores(
        compound=fmean(read_vader(sentence).compound for sentence in sentences),
        compound_whole=whole,
        tone=fmean(map(model.rate, sentences)),
        tone_se=model.standard_error([len(sentence.split()) for sentence in sentences]),
    )


def score(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the four scores added; any table with a `text` column will do.

    The table given is left as it is. Equal texts are scored once. Rows without text get NaN.

    >>> import pandas as pd
    >>> score(pd.DataFrame({"text": ["It is a disgrace.", None]}))["compound"].round(3).tolist()
    [-0.494, nan]
    """
    if "text" not in table.columns:
        raise KeyError("The table has no column 'text'. Rename the column that holds the quoted words to 'text'.")
    known: dict[str, ToneScores] = {}
    rows = []
    for text in table["text"]:
        key = text if isinstance(text, str) else ""
        if key not in known:
            known[key] = score_text(key)
        rows.append(known[key])
    return table.assign(**{name: [getattr(row, name) for row in rows] for name in SCORE_COLUMNS})
