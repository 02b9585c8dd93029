"""Fit the calibrated tone model, measure it out-of-fold, write it with its card.

``python -m research.training.tone`` prints the table of models/tone.md and rewrites models/tone.npz and the card, from
the human-rated editorial sentences (nyt_train), the political news sentences with polarity toward a target
(mtsc_train), and the word vectors of models/tone_vectors.npz. The same data give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from research.tone_model import (
    EVIDENCE,
    RATING_SCALE,
    VALENCES,
    ErrorModel,
    SentenceTraits,
    ToneModel,
    find_traits,
    mark_negation,
    mask_names,
    pack_words,
    read_tone_model,
    unpack_words,
)
from research.training.punkt import data_folder, read_jsonl
from research.typography import fold
from research.vader import read_vader, vader_lexicon

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]

FOLDS = 5
MODELS = Path(__file__).parents[1] / "models"
NO_ERROR = ErrorModel(base=0.0, per_log_word=0.0, shared=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What the fit depends on. Values were chosen on nyt_train out-of-fold, in steps of about 2.

    `ridge`: the penalty. `dense_share`: the weight of the dense features beside the phrases in the
    ridge's penalty. `target_weight`: a polarity toward a target is a noisy rating of its sentence, so it counts less
    than the mean of 20 ratings; 0 drops them.
    """

    ridge: float = 4.0
    dense_share: float = 0.05
    least_sentences: int = 2
    valence_ridge: float = 0.3
    pull_dimensions: int = 64
    target_weight: float = 0.3
    with_valences: bool = True
    with_pull: bool = True
    with_phrases: bool = True
    with_own_words: bool = True
    with_expected_valences: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """Training sentences: folded texts, ratings on -4..4, the article of each, and which set they come from."""

    texts: tuple[str, ...]
    ratings: Floats
    articles: tuple[str, ...]
    rated_by_many: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """A vector for each word of the vocabulary; nothing in them depends on a rating."""

    words: tuple[str, ...]
    places: Mapping[str, int]
    rows: Floats


def read_sentences_to_learn(folder: Path) -> Sentences:
    """Editorial sentences with their mean rating, then news sentences with the mean polarity over their targets."""
    editorial = list(read_jsonl(folder / "sentiment" / "nyt_train.jsonl"))
    polarities: dict[str, list[float]] = defaultdict(list)
    articles: dict[str, str] = {}
    for row in read_jsonl(folder / "sentiment" / "mtsc_train.jsonl"):
        polarities[row["text"]].append(row["polarity"])
        articles[row["text"]] = f"mtsc {row['article']}"
    return Sentences(
        texts=tuple(map(fold, [*(row["text"] for row in editorial), *polarities])),
        ratings=np.array([*(row["mean"] for row in editorial), *(np.mean(p) for p in polarities.values())]),
        articles=(*(row["article"] for row in editorial), *(articles[text] for text in polarities)),
        rated_by_many=np.arange(len(editorial) + len(polarities)) < len(editorial),
    )


@cache
def read_vectors() -> Vectors:
    """The vectors of models/tone_vectors.npz."""
    with np.load(MODELS / "tone_vectors.npz", allow_pickle=False) as stored:
        words = tuple(unpack_words(stored["words"]))
        rows = stored["vectors"].astype(float) * float(stored["step"])
    return Vectors(words=words, places={word: place for place, word in enumerate(words)}, rows=rows)


@cache
def own_ratings() -> dict[str, float]:
    """Our own list: ratings, -4..4, of words that VADER lacks."""
    stored: dict[str, float] = json.loads((MODELS / "tone_words.json").read_text(encoding="utf-8"))
    return stored


def expected_valences(recipe: Recipe, vectors: Vectors) -> dict[str, float]:
    """A rating for each word: VADER's, ours, or what a ridge over the rated words' vectors expects."""
    from sklearn.linear_model import Ridge

    rated = (own_ratings() if recipe.with_own_words else {}) | vader_lexicon()
    if not recipe.with_expected_valences:
        return {word: rated.get(word, 0.0) for word in vectors.words} | vader_lexicon()
    known = [word for word in vectors.words if word in rated]
    places = [vectors.places[word] for word in known]
    model = Ridge(recipe.valence_ridge).fit(vectors.rows[places], [rated[word] for word in known])
    expected = dict(zip(vectors.words, np.round(model.predict(vectors.rows), 3).tolist(), strict=True))
    return expected | rated


def assign_folds(articles: Sequence[str]) -> Integers:
    """Five folds of whole articles, shuffled by a fixed seed."""
    names = sorted(set(articles))
    np.random.default_rng(0).shuffle(names)
    fold_of = {name: number % FOLDS for number, name in enumerate(names)}
    return np.array([fold_of[name] for name in articles])


def word_rarities(traits: Sequence[SentenceTraits]) -> dict[str, float]:
    """Inverse document frequency of each word, negation marks taken off."""
    counts = Counter(word for trait in traits for word in {w.removeprefix("not_") for w in trait.words})
    return {word: float(np.log((len(traits) + 1) / (count + 1))) for word, count in counts.items()}


def pool(traits: Sequence[SentenceTraits], rarities: Mapping[str, float], vectors: Vectors, dimensions: int) -> Floats:
    """The mean vector of each sentence's words, each counted by its rarity."""
    unseen = float(np.log(len(traits) + 1))
    pooled = np.zeros((len(traits), dimensions))
    for row, trait in enumerate(traits):
        words = [w for word in trait.words if (w := word.removeprefix("not_")) in vectors.places]
        weights = np.array([rarities.get(word, unseen) for word in words])
        if words:
            found = vectors.rows[[vectors.places[word] for word in words], :dimensions]
            pooled[row] = weights @ found / max(weights.sum(), 1.0)
    return pooled


def dense_table(traits: Sequence[SentenceTraits], recipe: Recipe) -> Floats:
    """The dense features; those a recipe goes without are 0."""
    table = np.array([trait.dense for trait in traits])
    if not recipe.with_valences:
        table[:, len(EVIDENCE) : len(EVIDENCE) + len(VALENCES)] = 0
    return table


def fit(traits: Sequence[SentenceTraits], sentences: Sentences, recipe: Recipe, valence: Mapping[str, float],
        error: ErrorModel) -> ToneModel:  # fmt: skip
    """One ridge over phrases, dense features and pooled vectors, folded into the sums that `ToneModel` takes."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    vectors, rarities = read_vectors(), word_rarities(traits)
    dense = dense_table(traits, recipe)
    pooled = pool(traits, rarities, vectors, recipe.pull_dimensions) * recipe.with_pull
    both = np.hstack([dense, pooled])
    middle, scale = both.mean(0), recipe.dense_share / (both.std(0) + 1e-9)
    vectorizer = TfidfVectorizer(analyzer=lambda trait: trait.phrases, min_df=recipe.least_sentences, sublinear_tf=True)
    phrases = vectorizer.fit_transform(traits) * float(recipe.with_phrases)
    other = (~sentences.rated_by_many).astype(float)[:, None]
    table = hstack([phrases, csr_matrix((both - middle) * scale), csr_matrix(other)]).tocsr()
    weights = np.where(sentences.rated_by_many, 1.0, recipe.target_weight)
    ridge = Ridge(recipe.ridge, solver="sparse_cg", tol=1e-6).fit(table, sentences.ratings, sample_weight=weights)
    names, many = vectorizer.get_feature_names_out(), phrases.shape[1]
    slopes = ridge.coef_[many:-1] * scale
    word_weights = vectors.rows[:, : recipe.pull_dimensions] @ slopes[dense.shape[1] :]
    unseen = float(np.log(len(traits) + 1))
    return ToneModel(
        valence=valence,
        pull={w: (rarities.get(w, unseen), float(word_weights[i])) for i, w in enumerate(vectors.words)},
        phrases={str(n): (float(vectorizer.idf_[i]), float(ridge.coef_[i])) for i, n in enumerate(names)},
        coefficients=tuple(slopes[: dense.shape[1]].tolist()),
        intercept=float(ridge.intercept_ - middle @ slopes),
        error=error,
    )


def take(sentences: Sentences, places: Integers) -> Sentences:
    """Some of the sentences."""
    return Sentences(
        texts=tuple(sentences.texts[i] for i in places),
        ratings=sentences.ratings[places],
        articles=tuple(sentences.articles[i] for i in places),
        rated_by_many=sentences.rated_by_many[places],
    )


def predict_out_of_fold(sentences: Sentences, recipe: Recipe) -> Floats:
    """Each sentence's tone by a model that saw nothing of its article."""
    valence = expected_valences(recipe, read_vectors())
    traits = [find_traits(text, valence) for text in sentences.texts]
    folds, tones = assign_folds(sentences.articles), np.zeros(len(traits))
    usable = sentences.rated_by_many if recipe.target_weight == 0 else np.ones(len(traits), dtype=bool)
    for number in range(FOLDS):
        seen = np.flatnonzero((folds != number) & usable)
        model = fit([traits[i] for i in seen], take(sentences, seen), recipe, valence, NO_ERROR)
        for place in np.flatnonzero(folds == number):
            tones[place] = model.rate_traits(traits[place])
    return tones


def correlation(first: Floats, second: Floats) -> float:
    """Pearson's r."""
    return float(np.corrcoef(first, second)[0, 1])


def has_negation(text: str) -> bool:
    """Whether a negation stands in the sentence, as the model counts them."""
    words = mark_negation(mask_names(text, read_vectors().places), read_vectors().places)
    return any(word.startswith("not_") or word in ("no", "not") for word in words)


def groups_of(articles: Sequence[str], size: int) -> list[list[int]]:
    """Runs of `size` consecutive sentences of one article."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, article in enumerate(articles):
        places[article].append(place)
    return [run[i : i + size] for run in places.values() for i in range(0, len(run) - size + 1, size)]


def means(values: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """The mean over each group."""
    return np.array([values[list(group)].mean() for group in groups])


def bootstrap_difference(ours: Floats, theirs: Floats, ratings: Floats, articles: Sequence[str]) -> tuple[float, float]:
    """95 % interval of the difference of two correlations with the ratings, whole articles drawn 2,000 times."""
    generator = np.random.default_rng(0)
    names = sorted(set(articles))
    places = {name: np.flatnonzero(np.array(articles) == name) for name in names}
    differences = []
    for _ in range(2000):
        drawn = np.concatenate([places[names[i]] for i in generator.integers(0, len(names), len(names))])
        differences.append(correlation(ours[drawn], ratings[drawn]) - correlation(theirs[drawn], ratings[drawn]))
    low, high = np.quantile(differences, (0.025, 0.975))
    return float(low), float(high)


def calibrate(model: ToneModel, tones: Floats, sentences: Sentences) -> ToneModel:
    """The model stretched until its tones out-of-fold have slope 1 and intercept 0: the ridge shrinks too much."""
    rated = sentences.rated_by_many
    slope, shift = np.polyfit(tones[rated], sentences.ratings[rated] / RATING_SCALE, 1)
    return replace(
        model,
        pull={word: (rarity, weight * slope) for word, (rarity, weight) in model.pull.items()},
        phrases={phrase: (rarity, weight * slope) for phrase, (rarity, weight) in model.phrases.items()},
        coefficients=tuple(coefficient * slope for coefficient in model.coefficients),
        intercept=float(model.intercept * slope + shift * RATING_SCALE),
    )


def calibrated(tones: Floats, sentences: Sentences) -> Floats:
    """Tones out-of-fold as a model calibrated on the other folds gives them."""
    folds, stretched = assign_folds(sentences.articles), np.array(tones)
    for number in range(FOLDS):
        seen, own = sentences.rated_by_many & (folds != number), folds == number
        slope, shift = np.polyfit(tones[seen], sentences.ratings[seen] / RATING_SCALE, 1)
        stretched[own] = np.clip(tones[own] * slope + shift, -1, 1)
    return stretched


def fit_errors(tones: Floats, sentences: Sentences) -> ErrorModel:
    """The error's variance by length of the sentence (maximum likelihood), and the part that neighbours share."""
    from scipy.optimize import minimize

    rated = np.flatnonzero(sentences.rated_by_many)
    lengths = np.log([max(len(sentences.texts[i].split()), 1) for i in rated])
    errors = tones[rated] - sentences.ratings[rated] / RATING_SCALE

    def unlikelihood(parameters: Floats) -> float:
        log_variance = parameters[0] + parameters[1] * lengths
        return float(np.sum(log_variance + errors**2 / np.exp(log_variance)))

    base, per_log_word = minimize(unlikelihood, np.array([-3.0, 0.0]), method="Nelder-Mead").x
    groups = groups_of([sentences.articles[i] for i in rated], 5)
    variance = np.exp(base + per_log_word * lengths)
    ratio = float(np.mean(means(errors, groups) ** 2) / np.mean(means(variance, groups)))
    return ErrorModel(base=float(base), per_log_word=float(per_log_word), shared=max(0.0, (5 * ratio - 1) / 4))


ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "evidence of VADER on masked names": {
        "with_valences": False, "with_pull": False, "with_phrases": False, "target_weight": 0,
    },
    "+ ratings of VADER's and our words": {
        "with_expected_valences": False, "with_pull": False, "with_phrases": False, "target_weight": 0,
    },
    "+ expected ratings": {"with_pull": False, "with_phrases": False, "target_weight": 0},
    "+ pull": {"with_phrases": False, "target_weight": 0},
    "+ phrases": {"target_weight": 0},
    "**all: + polarities toward targets**": {},
    "all but our own words": {"with_own_words": False},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Correlations with human means out-of-fold: sentences, those with negation, texts of five, other news."""

    sentences: float
    negated: float
    fives: float
    news: float


def measure(tones: Floats, sentences: Sentences, fives: Floats | None = None) -> Measured:
    """How the tones agree with the ratings; `fives` replaces the means over five sentences."""
    rated = np.flatnonzero(sentences.rated_by_many)
    other = np.flatnonzero(~sentences.rated_by_many)
    negated = [i for i in rated if has_negation(sentences.texts[i])]
    groups = groups_of([sentences.articles[i] for i in rated], 5)
    ratings = sentences.ratings
    return Measured(
        sentences=correlation(tones[rated], ratings[rated]),
        negated=correlation(tones[negated], ratings[negated]),
        fives=correlation(means(tones, groups) if fives is None else fives, means(ratings, groups)),
        news=correlation(tones[other], ratings[other]),
    )


def measure_all(sentences: Sentences) -> tuple[dict[str, Measured], Floats, Floats]:
    """The table's rows, and the tones of VADER and of the whole model out-of-fold."""
    compound = np.array([read_vader(text).compound for text in sentences.texts])
    rated = np.flatnonzero(sentences.rated_by_many)
    groups = groups_of([sentences.articles[i] for i in rated], 5)
    whole = np.array([read_vader(" ".join(sentences.texts[i] for i in group)).compound for group in groups])
    rows = {
        "VADER, whole text (`compound_whole`)": measure(compound, sentences, whole),
        "VADER, mean over sentences (`compound`)": measure(compound, sentences),
    }
    tones = compound
    for name, changes in ABLATIONS.items():
        predicted = predict_out_of_fold(sentences, replace(Recipe(), **changes))
        rows[name] = measure(predicted, sentences)
        tones = predicted if not changes else tones
    return rows, compound, tones


def coverage(model: ToneModel, tones: Floats, sentences: Sentences, size: int) -> tuple[float, float]:
    """The share of human means within 1.96 standard errors, and the mean standard error, for texts of `size`."""
    rated = np.flatnonzero(sentences.rated_by_many)
    groups = groups_of([sentences.articles[i] for i in rated], size)
    errors = np.array([model.standard_error([len(sentences.texts[i].split()) for i in group]) for group in groups])
    misses = np.abs(means(tones, groups) - means(sentences.ratings, groups) / RATING_SCALE)
    return float(np.mean(misses <= 1.96 * errors)), float(errors.mean())


def write_model(model: ToneModel, vectors: Vectors, path: Path) -> None:
    """The model as arrays of 32-bit floats and bytes: no pickle."""
    phrases = sorted(model.phrases)
    columns: dict[str, Any] = {
        "words": pack_words(vectors.words),
        "valence": np.array([model.valence[word] for word in vectors.words], dtype=np.float32),
        "pull": np.array([model.pull[word] for word in vectors.words], dtype=np.float32).T,
        "phrases": pack_words(phrases),
        "phrase_weights": np.array([model.phrases[phrase] for phrase in phrases], dtype=np.float32).T,
        "coefficients": np.array(model.coefficients),
        "intercept": np.array(model.intercept),
        "error": np.array([model.error.base, model.error.per_log_word, model.error.shared]),
    }
    np.savez_compressed(path, **columns)


def fit_whole(sentences: Sentences, recipe: Recipe, error: ErrorModel) -> ToneModel:
    """The model that ships: fitted on everything."""
    valence = expected_valences(recipe, read_vectors())
    return fit([find_traits(text, valence) for text in sentences.texts], sentences, recipe, valence, error)


def describe(rows: Mapping[str, Measured], facts: Mapping[str, object]) -> str:
    """The card beside the model; its numbers come from this run."""
    table = "\n".join(
        f"| {name} | {row.sentences:.3f} | {row.negated:.3f} | {row.fives:.3f} | {row.news:.3f} |"
        for name, row in rows.items()
    )
    return CARD.format(table=table, **facts)


CARD = """# tone.npz: the calibrated tone of quoted words
What a human rater would on average say of a sentence's feeling, from -1 (extremely negative) to 1 (extremely positive):
the mean of 20 people's ratings on -4..4, divided by 4. A quote's `tone` is the mean over its sentences, with [inserted
words] left out. The range used is narrow, since means of ratings seldom leave -.6..+.5: a tone of -.25 is a full point
on the raters' scale.

A scikit-learn ridge over phrases and features, folded into one sum (`research/tone_model.py` says which):
{phrase_count} phrases, {word_count} words, {feature_count} features; {size_kb} kB, read with numpy alone. Names
and institutions are masked.

## Fitted on
{rated_count} sentences of {article_count} newspaper editorials with the mean of 20 human ratings, and
{other_count} sentences of political news with annotators' polarity toward a target (-1, 0, 1; weight {target_weight}).
Word ratings: VADER's lexicon (MIT, through its package), {own_count} words of our own (`tone_words.json`), and ratings
expected from word vectors (`tone_vectors.npz`), which derive from all-MiniLM-L6-v2 (sentence-transformers,
Apache-2.0), reduced to 128 dimensions of bytes. No training sentence is in any file; phrases of
one or two words that occur in two sentences or more are.

## Measured
Pearson's r with human means, out-of-fold (5 folds of whole articles; VADER, which fits nothing, on the same sentences).
Five: texts of five consecutive sentences. News: with the mean polarity toward the sentence's targets.

| measure | sentences ({rated_count}) | with negation ({negated_count}) | five ({five_count}) | news ({other_count}) |
|---|---|---|---|---|
{table}

- `tone` minus VADER on sentences: {difference:+.3f}, 95 % interval {low:+.3f} to {high:+.3f} (articles drawn
  again).
- Calibration: the slope of human means on `tone` is {slope:.2f}, the intercept {intercept:+.3f} (stretched by a line
  fitted on the other folds).
- `tone_se`: 1.96 standard errors hold the human mean of {cover_one:.1%} of single sentences (mean standard error
  {se_one:.3f}) and of {cover_five:.1%} of texts of five ({se_five:.3f}). It never falls below the error that
  neighbouring sentences share, so a long quote is not as certain as its many sentences suggest. It
  knows nothing of irony.
- Tone toward a named target is another model with another card: `tone_target.md`.

## Where it fails
- Irony, quotation within quotation, and praise of a bad thing. It reads what is felt in the words, not who is meant.
- Editorials of US newspapers taught it: other registers may shift its level. Compare speakers within one register.
- A capital at the opening of a sentence hides whether a word is a name; "Hope" may count as a feeling there.
- It is English only: other languages get a tone near the intercept, and that means nothing.

Made and measured by `python -m research.training.tone`; the vectors by `python -m research.training.tone_vectors`.
"""


def collect_facts(model: ToneModel, sentences: Sentences, compound: Floats, tones: Floats) -> dict[str, object]:
    """The numbers of the card beside its table."""
    rated = np.flatnonzero(sentences.rated_by_many)
    ratings, articles = sentences.ratings[rated], [sentences.articles[i] for i in rated]
    low, high = bootstrap_difference(tones[rated], compound[rated], ratings, articles)
    slope, intercept = np.polyfit(tones[rated], ratings / RATING_SCALE, 1)
    cover_one, se_one = coverage(model, tones, sentences, 1)
    cover_five, se_five = coverage(model, tones, sentences, 5)
    return {
        "phrase_count": len(model.phrases), "word_count": len(model.pull), "feature_count": len(model.coefficients),
        "size_kb": (MODELS / "tone.npz").stat().st_size // 1000, "rated_count": len(rated),
        "article_count": len(set(articles)), "other_count": len(sentences.texts) - len(rated),
        "negated_count": sum(has_negation(sentences.texts[i]) for i in rated),
        "five_count": len(groups_of(articles, 5)),
        "target_weight": Recipe().target_weight, "own_count": len(own_ratings()),
        "difference": correlation(tones[rated], ratings) - correlation(compound[rated], ratings),
        "low": low, "high": high, "slope": slope, "intercept": intercept, "cover_one": cover_one, "se_one": se_one,
        "cover_five": cover_five, "se_five": se_five,
    }  # fmt: skip


def main() -> None:
    """Fit, measure, write, and show that what was written gives what was fitted."""
    sentences = read_sentences_to_learn(data_folder())
    rows, compound, tones = measure_all(sentences)
    stretched = calibrated(tones, sentences)
    model = calibrate(fit_whole(sentences, Recipe(), fit_errors(stretched, sentences)), tones, sentences)
    write_model(model, read_vectors(), MODELS / "tone.npz")
    reread = read_tone_model(MODELS / "tone.npz")
    drift = max(abs(model.rate(text) - reread.rate(text)) for text in sentences.texts[:200])
    card = describe(rows, collect_facts(model, sentences, compound, stretched))
    (MODELS / "tone.md").write_text(card, encoding="utf-8")
    sys.stdout.write(f"{card}\nLargest change by writing and reading: {drift:.1e}\n")


if __name__ == "__main__":
    main()
