"""Distinctive words: which words each speaker uses more than the others do, and how sure that is.

Three measures stand side by side, since each misleads in its own way:

- `log_odds` with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, "Fightin' Words", Political Analysis
  16): the log of the odds of a word with a speaker against all others, drawn towards the pooled rate as a rare word
  should be; `z` is its distance from 0 in standard errors.
- `g2`: the likelihood ratio (Dunning 1993, Computational Linguistics 19), signed: evidence, which grows with text.
- `log_ratio`: the binary log of the two rates (Hardie 2014): size, which rare words exaggerate.

Words of one article are no independent draws: a speech quoted at length repeats its words. So `low` and `high` come
from drawing whole articles again, and a word must occur in a minimum of a speaker's articles to be listed at all.

Of hundreds of words some stand out by chance: of two speakers who drew from the same words each had 13 among his 20
surest with an interval above 0. `p_adjusted` allows for that: it is how often any word of a speaker stands out as far
when it is shuffled who speaks.

>>> import pandas as pd
>>> quotes = pd.DataFrame({
...     "speaker": ["A", "A", "A", "B", "B", "B"],
...     "doc_id": ["1", "2", "3", "1", "2", "3"],
...     "text": ["peace now", "peace today", "we want peace", "war now", "war today", "we want war"],
... })
>>> distinctive_words(quotes, prior_words=5, draws=100)[["speaker", "word", "count", "articles"]].values.tolist()
[['A', 'peace', 3, 3], ['B', 'war', 3, 3]]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from research.rhetoric import blank_insertions, find_tokens

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

Floats = np.ndarray[Any, np.dtype[np.float64]]

Places = np.ndarray[Any, np.dtype[np.int64]]

COLUMNS = (
    "word", "count", "articles", "per_1000_words", "others_per_1000_words", "log_odds", "z", "low", "high",
    "p_adjusted", "g2", "log_ratio", "quote_ids",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCounts:
    """Counts of words: a row for what one speaker says in one article, a column a word."""

    table: csr_matrix
    words: tuple[str, ...]
    speakers: tuple[str, ...]
    speaker_of_row: Places
    article_of_row: Places

    def by_speaker(self, article_weights: Floats | None = None) -> Floats:
        """Counts of each speaker (rows) and word, articles weighted."""
        weights = None if article_weights is None else article_weights[self.article_of_row]
        return np.asarray((_add_rows(self.speaker_of_row, weights) @ self.table).todense(), dtype=float)

    def articles_by_speaker(self) -> Floats:
        """In how many articles each speaker (rows) uses each word."""
        return np.asarray((_add_rows(self.speaker_of_row) @ (self.table > 0).astype(float)).todense(), dtype=float)


def _add_rows(speaker_of_row: Places, weights: Floats | None = None) -> csr_matrix:
    """The matrix that adds up the rows of each speaker: one row a speaker, with weights (1) in the columns of his."""
    from scipy.sparse import csr_matrix

    weights = np.ones(len(speaker_of_row)) if weights is None else weights
    return csr_matrix((weights, (speaker_of_row, np.arange(len(speaker_of_row)))))


def count_words(quotes: pd.DataFrame, by: str = "speaker") -> WordCounts:
    """The words of each speaker in each article; rows without a speaker, and [inserted words], are left out."""
    from scipy.sparse import csr_matrix

    counts: dict[tuple[str, str], Counter[str]] = {}
    kept = quotes.dropna(subset=[by, "text", "doc_id"])
    for speaker, article, text in zip(kept[by], kept["doc_id"], kept["text"], strict=True):
        said = Counter(token.word for token in find_tokens(blank_insertions(text)))
        counts.setdefault((str(speaker), str(article)), Counter()).update(said)
    keys = sorted(counts)
    words = sorted(set().union(*counts.values()))
    speakers, articles = sorted({key[0] for key in keys}), sorted({key[1] for key in keys})
    place, speaker_place, article_place = (_places(names) for names in (words, speakers, articles))
    cells = [(row, place[word], count) for row, key in enumerate(keys) for word, count in counts[key].items()]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    return WordCounts(
        table=csr_matrix((np.array(values, dtype=float), (rows, columns)), shape=(len(keys), len(words))),
        words=tuple(words),
        speakers=tuple(speakers),
        speaker_of_row=np.array([speaker_place[key[0]] for key in keys], dtype=np.int64),
        article_of_row=np.array([article_place[key[1]] for key in keys], dtype=np.int64),
    )


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def log_odds(counts: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """Log-odds of each word (columns) with each speaker (rows) against the rest, and its standard error.

    `prior` holds a pseudo-count for each word. Equations 16, 20 and 22 of Monroe, Colaresi & Quinn (2008); the rest
    of the speakers takes the place of the second one.
    """
    return _log_odds_against(counts, counts.sum(axis=0) - counts, prior)


def _log_odds_against(counts: Floats, rest: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """`log_odds` from the counts of the rest, row by row."""
    own, other = counts + prior, rest + prior
    return _compare_odds(own, other, own.sum(axis=1, keepdims=True), other.sum(axis=1, keepdims=True))


def _compare_odds(own: Floats, other: Floats, own_words: Floats, other_words: Floats) -> tuple[Floats, Floats]:
    """Log-odds of words and its standard error, from counts and numbers of words that hold their prior."""
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.log(own / (own_words - own)) - np.log(other / (other_words - other))
        error = np.sqrt(1 / own + 1 / other)
    return difference, error


def make_prior(counts: Floats, prior_words: float) -> Floats:
    """Pseudo-counts in proportion to the pooled rate of each word, `prior_words` in all."""
    pooled = counts.sum(axis=0)
    shares: Floats = prior_words * pooled / max(pooled.sum(), 1.0)
    return shares


def signed_g2(counts: Floats) -> Floats:
    """Likelihood ratio of each word with each speaker against the rest, negative where the rest uses it more."""
    rest = counts.sum(axis=0) - counts
    own_words, rest_words = counts.sum(axis=1, keepdims=True), rest.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (counts + rest) / (own_words + rest_words)
        parts = [
            np.where(seen > 0, seen * np.log(seen / expected), 0.0)
            for seen, expected in (
                (counts, own_words * rate), (rest, rest_words * rate),
                (own_words - counts, own_words * (1 - rate)), (rest_words - rest, rest_words * (1 - rate)),
            )
        ]  # fmt: skip
        sign = np.where(counts / own_words >= rest / rest_words, 1.0, -1.0)
    result: Floats = 2 * sum(parts) * sign
    return result


def log_ratio(counts: Floats) -> Floats:
    """Binary log of each speaker's rate over the rest's; half a word stands where one of them has none."""
    rest = counts.sum(axis=0) - counts
    own_words, rest_words = counts.sum(axis=1, keepdims=True), rest.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = np.log2(np.maximum(counts, 0.5) / own_words) - np.log2(np.maximum(rest, 0.5) / rest_words)
    return ratio


def draw_articles(counts: WordCounts, prior: Floats, draws: int, seed: int) -> tuple[Floats, Floats]:
    """95 % intervals of the log-odds, whole articles drawn again; the same seed gives the same interval.

    The draws of one speaker at a time are held, (draws, words) numbers: those of 500 speakers would be 500 times that.
    """
    generator = np.random.default_rng(seed)
    articles = int(counts.article_of_row.max()) + 1
    drawn = np.empty((draws, articles), dtype=np.int32)
    for number in range(draws):
        drawn[number] = np.bincount(generator.integers(0, articles, articles), minlength=articles)
    words = counts.table.T.tocsr()
    total = np.stack([words @ weights[counts.article_of_row].astype(float) for weights in drawn])
    low, high = np.empty((2, len(counts.speakers), len(counts.words)))
    for speaker in range(len(counts.speakers)):
        rows = np.flatnonzero(counts.speaker_of_row == speaker)
        own = np.ascontiguousarray((words[:, rows] @ drawn[:, counts.article_of_row[rows]].T.astype(float)).T)
        odds = _log_odds_against(own, total - own, prior)[0].astype(np.float32)
        low[speaker], high[speaker] = np.quantile(odds, (0.025, 0.975), axis=0)
    return low, high


def measure_dispersion(counts: WordCounts) -> Floats:
    """How unevenly each word is spread over rows: the variance of its counts by that of Poisson's, 1 at least.

    A word of one subject comes in bursts, and its `z`, which takes words for independent, is too large. McCullagh &
    Nelder (1989), Generalized Linear Models, the dispersion of overdispersed counts.
    """
    table, said = counts.table, np.asarray(counts.table.sum(axis=1)).ravel()
    pooled = np.maximum(np.asarray(table.sum(axis=0)).ravel(), 1.0)
    rate = pooled / max(said.sum(), 1.0)
    squares = np.asarray(table.multiply(table).sum(axis=0)).ravel()
    squares = squares - 2 * rate * (table.T @ said) + rate**2 * (said**2).sum()
    return np.asarray(np.maximum(squares / pooled, 1.0))


def permute_speakers(counts: WordCounts, *, least_articles: int, prior_words: float, permutations: int,
                     seed: int) -> Floats:  # fmt: skip
    """The largest `z` by the root of its dispersion of any word, when who speaks is shuffled: (permutations, speakers).

    What a speaker says in an article is shuffled as a whole, and only among what is about as long (from one power of
    two to the next): who says much in an article has more room for a rare word. Only words that could be listed
    count; -inf where there is none. Taking the largest of all allows for their number and for how they go together:
    Westfall & Young (1993), Resampling-Based Multiple Testing.
    """
    said, generator = np.asarray(counts.table.sum(axis=1)).ravel(), np.random.default_rng(seed)
    kept = np.asarray((counts.table > 0).sum(axis=0)).ravel() >= least_articles
    table, dispersion = counts.table[:, kept], measure_dispersion(counts)[kept]
    uses, pooled = (table > 0).astype(float), np.asarray(table.sum(axis=0)).ravel()
    prior, size = prior_words * pooled / max(said.sum(), 1.0), np.log2(np.maximum(said, 1)).astype(int)
    largest = np.full((permutations, len(counts.speakers)), -np.inf)
    for best in largest:
        sums = _add_rows(_shuffle(counts.speaker_of_row, size, generator))
        found, articles = sums @ table, (sums @ uses).tocoo()  # two products of one pattern: their entries correspond
        listed = articles.data >= least_articles
        speaker, word, own = articles.row[listed], articles.col[listed], found.data[listed]
        words = (sums @ said)[speaker]
        odds, error = _compare_odds(own + prior[word], pooled[word] - own + prior[word], words + prior_words,
                                    said.sum() - words + prior_words)  # fmt: skip
        np.fmax.at(best, speaker, odds / error / np.sqrt(dispersion[word]))
    return largest


def _shuffle(names: Places, group: Places, generator: np.random.Generator) -> Places:
    """Shuffle names within groups."""
    shuffled = np.empty_like(names)
    shuffled[np.argsort(group, kind="stable")] = names[np.lexsort((generator.random(len(names)), group))]
    return shuffled


def adjust_z(z: Floats, largest: Floats) -> Floats:
    """P of each z (speakers, words), adjusted for all words: the share of permuted maxima that reach it, itself one."""
    below = [np.searchsorted(np.sort(best), own - 1e-9) for own, best in zip(z, largest.T, strict=True)]
    return np.where(np.isnan(z), np.nan, (1 + len(largest) - np.array(below)) / (1 + len(largest)))


def keep_words(counts: WordCounts, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> WordCounts:
    """The counts with some words only; the others are pooled in one last column, so that rates keep their base."""
    from scipy.sparse import csr_matrix, hstack

    others = csr_matrix(counts.table[:, ~kept].sum(axis=1))
    return WordCounts(
        table=hstack([counts.table[:, kept], others]).tocsr(),
        words=(*(word for word, keep in zip(counts.words, kept, strict=True) if keep), ""),
        speakers=counts.speakers,
        speaker_of_row=counts.speaker_of_row,
        article_of_row=counts.article_of_row,
    )


def distinctive_words(quotes: pd.DataFrame, by: str = "speaker", *, least_articles: int = 3, prior_words: float = 500.0,
                      draws: int = 300, permutations: int = 999, top: int | None = 20,
                      seed: int = 0) -> pd.DataFrame:  # fmt: skip
    """The words that each speaker uses more than all others together, the surest first, a row a speaker and word.

    `least_articles`: in so many of his articles a word must occur; under 3, one article's subject passes for style.
    `prior_words`: how many words' worth of the pooled text each speaker is drawn towards; more is more cautious.
    `top`: rows for each speaker, None for all. Only words with a positive `log_odds` are listed. `quote_ids` are the
    quotes that have the word, where the table has ids. Needs `text`, `doc_id` and `by`.

    `low` and `high` bound `log_odds` at 95 % for one word chosen beforehand. For words picked from this list they are
    no proof: where nobody differs about half of the surest 20 lie above 0. They are too narrow with fewer than 10
    articles, and where the others never use the word.

    `p_adjusted` allows for the picking: the share of `permutations` of who speaks in which any word of the speaker
    stands out as far, a word that comes in bursts less than its `z` says (`permute_speakers`). It is adjusted for all
    words of the speaker, not for the number of speakers. Where nobody differs about 5 % of the speakers have any word
    at .05 (tests/test_keyness.py has a small simulation), none where all are quoted in the same articles; it is 1
    where nobody else's quotes in an article are about as long. A share of .05 of 999 has a Monte Carlo error of .007.
    """
    import pandas as pd

    counts = count_words(quotes, by)
    columns = [by, *COLUMNS]
    made = {"by": by, "least_articles": least_articles, "prior_words": prior_words, "draws": draws,
            "permutations": permutations, "top": top, "seed": seed, "level": 0.95}  # fmt: skip
    if len(counts.speakers) < 2:
        return _with_facts(pd.DataFrame(columns=columns), made)
    enough = counts.articles_by_speaker().max(axis=0) >= least_articles
    largest = permute_speakers(counts, least_articles=least_articles, prior_words=prior_words,
                               permutations=permutations, seed=seed)  # fmt: skip
    counts = keep_words(counts, enough)
    table = counts.by_speaker()
    prior = make_prior(table, prior_words)
    odds, error = log_odds(table, prior)
    low, high = draw_articles(counts, prior, draws, seed)
    rates = 1000 * table / table.sum(axis=1, keepdims=True)
    rest = table.sum(axis=0) - table
    measured = {
        "count": table, "articles": counts.articles_by_speaker(), "per_1000_words": rates,
        "others_per_1000_words": 1000 * rest / rest.sum(axis=1, keepdims=True), "log_odds": odds, "z": odds / error,
        "low": low, "high": high, "g2": signed_g2(table), "log_ratio": log_ratio(table),
        "p_adjusted": adjust_z(odds / error / np.sqrt(measure_dispersion(counts)), largest),
    }  # fmt: skip
    rows = [_rows(counts, measured, number, by, least_articles, top) for number in range(len(counts.speakers))]
    listed = pd.concat(rows, ignore_index=True).astype({"count": int, "articles": int})
    uses = find_uses(quotes, by)
    listed["quote_ids"] = [tuple(uses.get(pair, ())) for pair in zip(listed[by], listed["word"], strict=True)]
    return _with_facts(listed[columns], made)


def _with_facts(table: pd.DataFrame, made: dict[str, Any]) -> pd.DataFrame:
    """The table, knowing how it was made."""
    table.attrs = made
    return table


def find_uses(quotes: pd.DataFrame, by: str = "speaker") -> dict[tuple[str, str], list[str]]:
    """The ids of the quotes in which each speaker uses each word; empty for a table without ids."""
    uses: dict[tuple[str, str], list[str]] = {}
    if "quote_id" not in quotes:
        return uses
    kept = quotes.dropna(subset=[by, "text", "doc_id"])
    for speaker, quote_id, text in zip(kept[by], kept["quote_id"], kept["text"], strict=True):
        for word in {token.word for token in find_tokens(blank_insertions(text))}:
            uses.setdefault((str(speaker), word), []).append(str(quote_id))
    return uses


def _rows(counts: WordCounts, measured: dict[str, Floats], number: int, by: str, least_articles: int,
          top: int | None) -> pd.DataFrame:  # fmt: skip
    """One speaker's rows, the highest z first, words in alphabetical order where it ties."""
    import pandas as pd

    frame = pd.DataFrame({name: values[number] for name, values in measured.items()})
    frame.insert(0, "word", counts.words)
    frame.insert(0, by, counts.speakers[number])
    listed = frame[(frame["articles"] >= least_articles) & (frame["log_odds"] > 0) & (frame["word"] != "")]
    return listed.sort_values(["z", "word"], ascending=[False, True]).head(top or len(listed))
