"""Measures of rhetoric: how often a speaker hedges, threatens, blames, says "we" and so on, per 1,000 words with n.

Every measure is a word list of our own with a definition (models/rhetoric.toml), examples that count and that don't
(tests/cases/rhetoric.jsonl), and a precision judged hit by hit (models/rhetoric.md); or, for questions, imperatives and
passives, a pattern below. A word list counts words, not meanings: compare rates, read the hits, and trust a measure as
far as its precision goes. Every hit has its place in the text, so a figure can be traced to words.

>>> [hit.measure for hit in find_rhetoric("We must never forget.")]
['us', 'must', 'certainty', 'negation']
>>> text = "Perhaps they were killed."
>>> [(hit.measure, text[slice(*hit.span)]) for hit in find_rhetoric(text)]
[('hedging', 'Perhaps'), ('them', 'they'), ('passive', 'were killed'), ('violence', 'killed')]
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.diversity import flesch_reading_ease, mattr, mtld
from research.documents import Span
from research.sentences import find_sentences
from research.typography import fold

if TYPE_CHECKING:
    import pandas as pd

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
"""A word: letters and digits, held together by apostrophes and hyphens. Its count is the n of every rate."""

LONGEST_STEM = 14
"""No starred stem of the lists is longer (tested), so longer words need no longer look."""

_NOTHING = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where a measure counts: ``text[slice(*hit.span)]`` are the words."""

    measure: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """One word list: what it counts, in words, and the phrases; see the head of models/rhetoric.toml."""

    name: str
    definition: str
    count: tuple[str, ...]
    but_not: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of the text, in small letters, and where it stands."""

    word: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrase:
    """A phrase of a list, cut into words."""

    measure: str
    words: tuple[str, ...]
    counts: bool


@cache
def _stored() -> dict[str, Any]:
    """models/rhetoric.toml as it stands."""
    path = Path(__file__).with_name("models") / "rhetoric.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def lexicons() -> dict[str, Lexicon]:
    """The word lists by name, in the order of the file."""
    return {name: _lexicon(name, table) for name, table in _stored().items() if name not in ("cue", "pattern")}


@cache
def cue_lexicons() -> dict[str, Lexicon]:
    """The word lists of the journalist's cue verbs: neutral, doubting, endorsing, hostile."""
    return {name: _lexicon(name, table) for name, table in _stored()["cue"].items()}


@cache
def _word_set(name: str) -> frozenset[str]:
    """A set of words that a pattern asks for."""
    return frozenset(_stored()["pattern"][name].split())


def _lexicon(name: str, table: Mapping[str, Any]) -> Lexicon:
    """One table of the file as a record."""
    return Lexicon(
        name=name,
        definition=table["definition"],
        count=_phrases(table["count"]),
        but_not=_phrases(table.get("but_not", "")),
        names=tuple(table.get("names", ())),
    )


def _phrases(listed: str) -> tuple[str, ...]:
    """Phrases separated by slashes."""
    return tuple(phrase for part in listed.split("/") if (phrase := " ".join(part.split())))


@cache
def _index() -> dict[str, list[_Phrase]]:
    """Phrases by their first word (with its star), those that do not count first, then the longest first."""
    index: dict[str, list[_Phrase]] = {}
    for lexicon in lexicons().values():
        for phrase in {*lexicon.count, *lexicon.but_not}:
            entry = _Phrase(measure=lexicon.name, words=tuple(phrase.split()), counts=phrase not in lexicon.but_not)
            index.setdefault(entry.words[0], []).append(entry)
    return {first: sorted(found, key=lambda e: (e.counts, -len(e.words), e.words)) for first, found in index.items()}


def find_tokens(text: str) -> list[Token]:
    """The words of a text; typography is folded, so that "don\u2019t" is one word spelt "don't".

    >>> [token.word for token in find_tokens("We don\u2019t \u2014 ever.")]
    ['we', "don't", 'ever']
    """
    return [Token(word=match[0].lower(), span=Span(*match.span())) for match in WORD.finditer(fold(text))]


def blank_insertions(text: str) -> str:
    """The text with [inserted words] made blank, so that they do not count and every offset holds.

    >>> blank_insertions("[W]e met [Putin] there.")
    '  We met         there.'
    """
    return _IN_BRACKETS.sub(lambda match: (match["initial"] or "").rjust(len(match[0])), text)


_IN_BRACKETS = re.compile(r"(?<![^\W\d_])\[(?P<initial>[^\W\d_])\](?=[^\W\d_])|\[[^\[\]\n]*\]")


def _first_words(word: str) -> Iterator[str]:
    """The keys under which a phrase may begin at this word: itself, its clitic, its stems with a star."""
    yield word
    for clitic in ("n't", "'ll", "'ve", "'s", "'d"):
        if word.endswith(clitic) and word != clitic:
            yield clitic
    yield from (word[:length] + "*" for length in range(3, min(len(word), LONGEST_STEM) + 1))


def _follows(tokens: Sequence[Token], place: int, words: Sequence[str], text: str) -> bool:
    """Whether the words after the first of a phrase stand at `place` + 1 and on, only blanks or a hyphen between."""
    if place + len(words) > len(tokens):
        return False
    for offset, word in enumerate(words[1:], start=1):
        before, token = tokens[place + offset - 1], tokens[place + offset]
        if token.word != word or text[before.span.end : token.span.start].strip("- \t\n\xa0"):
            return False
    return True


def find_listed(text: str, tokens: Sequence[Token]) -> list[Hit]:
    """Hits of the word lists. In each list a word belongs to one phrase at most; what does not count wins."""
    index, free, hits = _index(), Counter[str](), []
    names = {(name, lexicon.name) for lexicon in lexicons().values() for name in lexicon.names}
    for place, token in enumerate(tokens):
        written = text[slice(*token.span)]
        for phrase in (phrase for key in _first_words(token.word) for phrase in index.get(key, ())):
            if free[phrase.measure] > place or (written, phrase.measure) in names:
                continue
            if _follows(tokens, place, phrase.words, text):
                free[phrase.measure] = place + len(phrase.words)
                if phrase.counts:
                    end = tokens[place + len(phrase.words) - 1].span.end
                    hits.append(Hit(measure=phrase.measure, span=Span(token.span.start, end)))
    return hits


_BE = r"(?:am|is|are|was|were|be|been|being|isn't|aren't|wasn't|weren't)"


@cache
def _passive() -> re.Pattern[str]:
    """The pattern of `find_passives`."""
    return re.compile(
        rf"""
        (?<![\w-]){_BE}(?![\w-])                    # a form of "to be"
        (?:\s+(?:not|never|also|now|just|still|being|been|already|always|only|all|both|\w+ly)){{0,3}}+
        \s+(?!(?:{"|".join(sorted(_word_set("participles_of_mood")))})\b)
        (?:\w{{2,}}ed|{"|".join(sorted(_word_set("irregular_participles")))})(?![\w-])  # a past participle
        """,
        re.VERBOSE | re.IGNORECASE,
    )


_AGENT = re.compile(r"\s+(?:\w+\s+){0,2}?by\s+(?!\d|now\b|then\b|the\s+(?:end|time)\b)\w", re.IGNORECASE)
_QUESTION = re.compile(r"(?<!!)!*+\?[?!]*")
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_FIGURES = re.compile(
    rf"{_MONTHS}\s+\d+(?:-\d+)?|(?P<figure>(?<![\w.,'])(?!(?:1[4-9]|20)\d\d(?![\d.,]*\d))\d[\d.,]*(?<![.,]))",
    re.IGNORECASE,
)


def find_questions(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Runs of marks with a question mark among them."""
    return (Span(*match.span()) for match in _QUESTION.finditer(text))


def find_figures(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Quantities in digits; days of a month, and four digits from 1400 to 2099 (years), are left out."""
    return (Span(*match.span()) for match in _FIGURES.finditer(fold(text)) if match["figure"])


_ASIDE = re.compile(r"(?:look|see|listen),|believe it or not", re.IGNORECASE)
"""Bare verbs that only call for attention."""


def find_imperatives(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Sentences that open with a bare verb, perhaps after "please", "never" or "and".

    A verb that may be a noun ("Help is near") is let go where a finite verb follows, and a fragment that opens with a
    small letter ("pay their fair share") was no sentence of its own.
    """
    starts = {token.span.start: place for place, token in enumerate(tokens)}
    for sentence in find_sentences(text):
        place = next((starts[i] for i in range(*sentence) if i in starts), None)
        if place is None or text[tokens[place].span.start].islower():
            continue
        if text[slice(*sentence)].rstrip("\"'\u201d\u2019)").endswith("?"):
            continue
        if tokens[place].word in ("and", "but", "so", "never", "please", "just") and place + 1 < len(tokens):
            place += tokens[place].word != "please"
        if _ASIDE.match(text, tokens[place].span.start):
            continue
        following = tokens[place + 1].word if place + 1 < len(tokens) else ""
        if tokens[place].word in _word_set("bare_verbs") and following not in _word_set("not_after_a_bare_verb"):
            yield tokens[place].span


def find_passives(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """A form of "to be" and a past participle: "mistakes were made". Participles of mood (worried) are left out.

    So are contracted forms: 's is mostly "has" or an owner's, and of the 27 hits in the data of models/rhetoric.md that
    're and 'm would add, 15 were passives by our reading ("we're warned", but "I'm used to it").
    """
    return (Span(*match.span()) for match in _passive().finditer(fold(text)))


def find_agents(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Passives that name who did it: "was taken by force" counts too, since a list cannot tell."""
    folded = fold(text)
    return (span for span in find_passives(folded, tokens) if _AGENT.match(folded, span.end))


def find_doing(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """The speaker as the doer: I or we, and within four words a verb of doing, not of thinking or being.

    After a form of "be" only an -ing counts, after one of "have" only a participle: "we have elections" is no deed.
    """
    for place, token in enumerate(tokens):
        subject, _, clitic = token.word.partition("'")
        if subject not in ("i", "we"):
            continue
        auxiliary = clitic
        for verb in tokens[place + 1 : place + 5]:
            if verb.word not in _word_set("between_subject_and_verb"):
                if _is_deed(verb.word, auxiliary):
                    yield Span(token.span.start, verb.span.end)
                break
            auxiliary = verb.word if verb.word in _AUXILIARIES else auxiliary


_BE_AFTER_SUBJECT = frozenset(("am", "are", "was", "were", "m", "re"))
_HAVE_AFTER_SUBJECT = frozenset(("have", "had", "ve", "haven't", "hadn't"))
_AUXILIARIES = _BE_AFTER_SUBJECT | _HAVE_AFTER_SUBJECT | {"will", "to", "do", "did", "can", "could", "should", "must"}


def _is_deed(verb: str, auxiliary: str) -> bool:
    """Whether a word after a subject and its auxiliary is a verb of doing in a fitting form."""
    if verb in _word_set("no_verbs_of_doing") or verb.endswith("ly"):
        return False
    if auxiliary in _BE_AFTER_SUBJECT:
        return verb.endswith("ing")
    if auxiliary in _HAVE_AFTER_SUBJECT:
        return verb.endswith("ed") or verb in _word_set("irregular_participles")
    return True


PATTERNS: Mapping[str, Callable[[str, Sequence[Token]], Iterator[Span]]] = {
    "questions": find_questions,
    "imperatives": find_imperatives,
    "numbers": find_figures,
    "passive": find_passives,
    "passive_with_agent": find_agents,
    "self_doing": find_doing,
}
"""Measures that are patterns; figures join the number words of the list under one name."""


@cache
def measures() -> tuple[str, ...]:
    """The names of all rates, in the order of the columns."""
    return tuple(dict.fromkeys([*lexicons(), *PATTERNS]))


def find_rhetoric(text: str) -> list[Hit]:
    """Every hit of every measure, in the order of the text; [inserted words] hold none.

    >>> [hit.measure for hit in find_rhetoric("[Perhaps] it is.")]
    []
    """
    own = blank_insertions(text)
    tokens = find_tokens(own)
    hits = find_listed(own, tokens)
    for name, find in PATTERNS.items():
        hits += [Hit(measure=name, span=span) for span in find(own, tokens)]
    return _join_numbers(sorted(hits, key=lambda hit: (hit.span.start, -hit.span.end, hit.measure)), own)


def _join_numbers(hits: Sequence[Hit], text: str) -> list[Hit]:
    """Hits in order, the words of one quantity ("300 million") made one."""
    joined: list[Hit] = []
    last: int | None = None
    for hit in hits:
        if hit.measure == "numbers":
            if last is not None and not text[joined[last].span.end : hit.span.start].strip(" -\xa0"):
                joined[last] = Hit(measure="numbers", span=Span(joined[last].span.start, hit.span.end))
                continue
            last = len(joined)
        joined.append(hit)
    return joined


def measure_text(text: object) -> dict[str, float]:
    """All measures of one text: `words`, for each measure its hits and rate, then diversity and readability.

    Rates per 1,000 words are NaN where there is no word, diversity and readability where there are too few.

    >>> measured = measure_text("We must, we must, we must.")
    >>> measured["words"], measured["must_n"], measured["must_per_1000_words"]
    (6, 3, 500.0)
    """
    own = blank_insertions(text) if isinstance(text, str) else ""
    return _find_rates([own]) | _measure_words(own)


def _find_rates(texts: Sequence[str]) -> dict[str, float]:
    """The words of texts, and for each measure its hits and rate; a phrase does not run from one text into the next."""
    words = sum(len(find_tokens(text)) for text in texts)
    counts = Counter(hit.measure for text in texts for hit in find_rhetoric(text))
    measured: dict[str, float] = {"words": words}
    for name in measures():
        measured[f"{name}_n"] = counts[name]
        measured[f"{name}_per_1000_words"] = 1000 * counts[name] / words if words else _NOTHING
    return measured


def _measure_words(text: str) -> dict[str, float]:
    """Diversity and readability of a text without insertions."""
    words = [token.word for token in find_tokens(text)]
    reading_ease = flesch_reading_ease(words, len(find_sentences(text)))
    return {"mtld": mtld(words), "mattr": mattr(words), "flesch_reading_ease": reading_ease}


def rhetoric(table: pd.DataFrame) -> pd.DataFrame:
    """The measures of each quote, a row a quote under the table's own index.

    >>> import pandas as pd
    >>> rhetoric(pd.DataFrame({"text": ["Perhaps.", None]}))["hedging_n"].tolist()
    [1, 0]
    """
    import pandas as pd

    return pd.DataFrame([measure_text(text) for text in table["text"]], index=table.index)


def rhetoric_by(table: pd.DataFrame, by: str = "speaker") -> pd.DataFrame:
    """The measures of each group's quotes taken together, with how many quotes and articles they come from.

    Rates of a group are hits over words, those of its quotes added up, so a long quote weighs more than a short one.
    Rows without a group are left out. Diversity and readability, which single quotes are mostly too short for, are of
    the texts one after another.
    """
    import pandas as pd

    rows = []
    for group, quotes in table.dropna(subset=[by, "text"]).groupby(by, sort=True):
        articles = quotes["doc_id"].nunique() if "doc_id" in quotes else _NOTHING
        own = [blank_insertions(text) for text in quotes["text"]]
        measured = _find_rates(own) | _measure_words("\n\n".join(own))
        rows.append({by: group, "quotes": len(quotes), "articles": articles, **measured})
    return pd.DataFrame(rows)


def frame_cue(cue: object) -> str | None:
    """How the journalist frames what was said: neutral, doubting, endorsing or hostile; None for an unlisted cue.

    The first listed word decides; "pointed out" is a phrase of its own.

    >>> [frame_cue(cue) for cue in ("said", "has claimed", "pointed out", "ranted", "smiled", None)]
    ['neutral', 'doubting', 'endorsing', 'hostile', None, None]
    """
    if not isinstance(cue, str):
        return None
    frames = _cue_frames()
    words = [token.word for token in find_tokens(cue)]
    phrases = ((" ".join(words[i : i + 2]), words[i]) for i in range(len(words)))
    found = (frames[phrase] for pair in phrases for phrase in pair if phrase in frames)
    return next(found, None)


@cache
def _cue_frames() -> dict[str, str]:
    """Each listed cue's frame; a cue of two lists belongs to the first of the file."""
    return {cue: name for name, lexicon in reversed(cue_lexicons().items()) for cue in lexicon.count}


def frame_cues(table: pd.DataFrame) -> pd.DataFrame:
    """The table with `cue_frame` added, from its column `cue`: a measure of the journalist, not of the speaker."""
    return table.assign(cue_frame=[frame_cue(cue) for cue in table["cue"]])
