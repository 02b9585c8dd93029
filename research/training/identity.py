"""Fit how well a person met lately fits a pronoun: a conditional logit (McFadden 1974) over silver coreference chains.

The right person of a "he" or "she" is the one whose name stands in the pronoun's CoreNLP chain; pronouns without such
a name
are left out. Prints the weights to copy into `research.reference.ANTECEDENT_WEIGHTS` and the accuracy on held-out
articles.

    python -m research.training.identity
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from research.attribution import load_models, read
from research.documents import Document
from research.people import People
from research.reference import ANTECEDENT_COLUMNS, ANTECEDENT_WEIGHTS, References
from research.registry import load_registry
from research.training.polnear import fold_of, read_articles

Choice = tuple[NDArray[np.float64], int]


class Recorder(References):
    """A resolver that notes each pronoun's candidates and the right one by the silver chains, and follows it."""

    def __init__(
        self, document: Document, reading: Any, people: People, chain_of: Mapping[int, Sequence[Sequence[Any]]]
    ):
        self.chain_of = chain_of
        self.choices: list[Choice] = []
        super().__init__(document, reading, people)

    def antecedent(self, mention: int, gender: str | None, recent: Sequence[Any], speaking: Any) -> Any:
        """Record the choice if the chains know the answer, and answer with it; else with the fitted choice."""
        start = self.reading.mentions.spans[mention].start
        chain = self.chain_of.get(start)
        fits = self.fitting(gender, recent)
        right = [i for i, person in enumerate(fits) if chain and self._in_chain(person, chain)]
        if len(right) == 1 and len(fits) > 1 and mention in self.sources:
            place = int(self.reading.mentions.first[mention])
            rows = [self.antecedent_features(p, rank, place, gender, speaking) for rank, p in enumerate(fits)]
            self.choices.append((np.array(rows), right[0]))
        return fits[right[0]] if len(right) == 1 else super().antecedent(mention, gender, recent, speaking)

    def _in_chain(self, person: Any, chain: Sequence[Sequence[Any]]) -> bool:
        tokens = self.reading.tokens
        return any(s <= tokens.starts[p] and tokens.ends[p] <= e for p in person.places for s, e, _ in chain)


def choices_of(article: Mapping[str, Any], chains: Sequence[Sequence[Sequence[Any]]]) -> list[Choice]:
    """The recorded choices of one article."""
    chain_of = {mention[0]: chain for chain in chains for mention in chain if mention[1] - mention[0] <= 3}
    document = Document(doc_id=article["id"], text=article["text"])
    reading = read(article["text"], load_models())
    return Recorder(document, reading, People(document, reading, load_registry()), chain_of).choices


def fit(choices: Sequence[Choice]) -> NDArray[np.float64]:
    """Weights that make the right people likeliest, with a light ridge."""

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = 0.5 * float(w @ w), w.copy()
        for rows, right in choices:
            scores = rows @ w
            p = np.exp(scores - scores.max())
            p /= p.sum()
            total -= float(np.log(p[right] + 1e-12))
            slope += rows.T @ p - rows[right]
        return total, slope

    fitted: NDArray[np.float64] = minimize(loss, np.array(ANTECEDENT_WEIGHTS), jac=True, method="L-BFGS-B").x
    return fitted


def accuracy(choices: Sequence[Choice], weights: NDArray[np.float64]) -> float:
    """How often the right person scores highest."""
    return float(np.mean([int((rows @ weights).argmax()) == right for rows, right in choices]))


def main() -> None:
    """Fit on four folds, report on the fifth; then on all."""
    silver = {s["id"]: s["coref"] for s in read_articles("silver")}
    articles = [a for a in read_articles("train") if a["id"] in silver]
    made = [(fold_of(a["id"]), choices_of(a, silver[a["id"]])) for a in articles]
    training = [c for fold, choices in made if fold for c in choices]
    held = [c for fold, choices in made if not fold for c in choices]
    print(
        f"{len(training) + len(held)} pronouns; held-out accuracy, "
        f"before {accuracy(held, np.array(ANTECEDENT_WEIGHTS)):.4f}, "
        f"fitted {accuracy(held, fit(training)):.4f}"
    )
    weights = fit(training + held)
    print(dict(zip(ANTECEDENT_COLUMNS, weights.round(3).tolist(), strict=True)))
    print(tuple(weights.round(3).tolist()))


if __name__ == "__main__":
    main()
