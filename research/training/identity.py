"""Fit how well a person met lately fits a pronoun or a bare role noun: boosted trees, a row for each candidate.

The right person of a "he" or a "the senator" is the one who stands in its CoreNLP chain (silver), or whom we named
ourselves: pronouns.tsv holds our own reading of pronouns that say a quote, where the chain and an earlier resolver
disagree or the chain has no name (article, offset, name; - for somebody unnamed). All articles are training articles,
read with the tagger that has not seen them, the human's sources given. Prints accuracy by fold held out, then fits on
everything and writes the model with its card.

    python -m research.training.identity FOLDER     (FOLDER holds tagger_0.npz … tagger_4.npz)
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from research.antecedent import COLUMNS, Asked, Models, terms_of
from research.attribution import Decision, Reading
from research.documents import Document
from research.mentions import PRONOUN, find_mentions
from research.people import People, Person
from research.reference import Link, References
from research.registry import fold, load_registry
from research.tagging import Tagger, tag
from research.training.attribution import hits, sources_of
from research.training.polnear import FOLDS, fold_of, prepare, read_articles
from research.training.tagger import MODELS, load_taggers
from research.trees import trees_from_sklearn

TREES = dict(max_iter=100, max_depth=4, max_leaf_nodes=12, learning_rate=0.06, min_samples_leaf=20,
             l2_regularization=2.0, random_state=0, early_stopping=False)
# What can only speak for, or only against, a person: with a thousand answers the trees need to be told.
FOR = ("subject", "main_subject", "told", "source", "subject_before", "source_before", "main_subject_before",
       "told_before", "met_in_paragraph", "led_paragraph", "gender_agrees", "is_named", "has_full_name",
       "spoke_near", "last_pronoun")
AGAINST = ("rank", "paragraphs_apart", "sentences_apart", "log_gap", "main_apart", "possessor", "modifier", "object")
OWN = Path(__file__).with_name("pronouns.tsv")
# Our own readings are of hard pronouns, a sample of those that the chains get wrong or leave open.
OWN_WEIGHT, CHAIN_WEIGHT = 6.0, 0.7
SHORT = 5  # tokens of a chain's mention that is taken to end in its head

Chains = Sequence[Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A mention that was asked about: its candidates' rows, which is right (-1: none), and where that is known from."""

    rows: NDArray[np.float32]
    right: int
    is_own: bool
    is_role: bool
    fold: int

    @property
    def weight(self) -> float:
        """How much it counts in fitting."""
        return OWN_WEIGHT if self.is_own else CHAIN_WEIGHT


class Recorder(References):
    """Notes each choice whose answer is known. Goes on with what `models` choose; without models, with what is right.

    Fitted only on histories without a slip, trees would lean too much on whom the last pronoun meant.
    """

    def __init__(self, document: Document, reading: Reading, people: People, chains: Chains,
                 own: Mapping[int, str], models: Models | None):
        self.chain_of = {s: chain for chain in chains for s, e, _ in chain if e - s <= 40}
        self.own, self.models, self.choices = own, models, list[Choice]()
        super().__init__(document, reading, people)

    def choose(self, mention: int, asked: Asked, fits: Sequence[Person], reason: str) -> Link:
        """The models' choice; without them the right one, where it is known, else the one met last."""
        start = self.reading.mentions.spans[mention].start
        rows = self.evidence.rows(asked, fits)
        is_own = start in self.own and reason == "pronoun"
        right = self._named(fits, self.own[start]) if is_own else self._in_chain(fits, self.chain_of.get(start, ()))
        if is_own or (right >= 0 and (asked.is_role or mention in self.sources)):
            self.choices.append(Choice(rows=rows, right=right, is_own=is_own, is_role=asked.is_role,
                                       fold=fold_of(self.document.doc_id)))
        chosen = int(self.models.trees.score(rows).argmax()) if self.models else max(right, 0)
        return Link(fits[chosen], reason, 1.0)

    def _named(self, fits: Sequence[Person], name: str) -> int:
        last = fold(name).split()[-1:]
        for place, person in enumerate(fits):
            if (name == "-" and not person.names) or (last and fold(person.name or "").split()[-1:] == last):
                return place
        return -1

    def _in_chain(self, fits: Sequence[Person], chain: Sequence[Sequence[Any]]) -> int:
        """The one candidate whose name heads a mention of the chain; else the unnamed one who does."""
        heads = {place for s, e, _ in chain if (place := self._head(s, e)) is not None}
        for found in ([p for p in fits if heads.intersection(p.places)],
                      [p for p in fits if not p.names and heads.intersection(p.seen)]):
            if len(found) == 1:
                return fits.index(found[0])
            if found:
                break
        return -1

    def _head(self, start: int, end: int) -> int | None:
        tokens = self.reading.tokens
        low = int(np.searchsorted(tokens.starts, start))
        high = int(np.searchsorted(tokens.starts, end))
        if high <= low:
            return None
        if high - low <= SHORT:
            return high - 1 if tokens.words[high - 1] not in ("’s", "'s") else high - 2
        return next((p for p in range(low, low + SHORT) if p in self._places), None)

    @property
    def _places(self) -> set[int]:
        return {int(self.reading.mentions.head[m]) for m in self.people.of_mention}


def read_own() -> dict[str, dict[int, str]]:
    """Our own readings: article → offset → name."""
    own: dict[str, dict[int, str]] = {}
    for line in OWN.read_text("utf8").splitlines():
        doc_id, start, name = line.split("\t")
        own.setdefault(doc_id, {})[int(start)] = name
    return own


def read_with_sources(record: Mapping[str, Any], tagger: Tagger) -> Reading:
    """A reading of an article whose quotes have the human's sources instead of the ranker's."""
    article = prepare(record)
    tags = tag(tagger, article.text, article.scan, article.tokens)
    mentions = find_mentions(article.text, article.scan, article.tokens, tags, tagger.names)
    decisions = []
    for gold in article.gold:
        found = [i for i, span in enumerate(mentions.spans) if hits(span, sources_of(gold))]
        pronouns = [i for i in found if mentions.form[i] == PRONOUN]
        decisions.append(Decision(kind="direct", mention=next(iter(pronouns or found), None), attributed=1.0, share=1.0,
                                  confidence=1.0, rule="ranker", cue=None))
    empty: Any = None
    return Reading(text=article.text, scan=article.scan, tokens=article.tokens, tags=tags, mentions=mentions,
                   pairs=empty, shares=empty, decisions=tuple(decisions))


def record_choices(readings: Mapping[str, Reading], chains: Mapping[str, Chains],
                   models: Mapping[int, Models] | None = None) -> list[Choice]:
    """Every choice with a known answer, each article read on with the model that has not seen it."""
    own, registry = read_own(), load_registry()
    out: list[Choice] = []
    for doc_id, reading in readings.items():
        document = Document(doc_id=doc_id, text=reading.text)
        people = People(document, reading, registry)
        recorder = Recorder(document, reading, people, chains.get(doc_id, ()), own.get(doc_id, {}),
                            models[fold_of(doc_id)] if models else None)
        out += recorder.choices
    return out


def fit(choices: Sequence[Choice]) -> Models:
    """Trees over the candidates of all choices; their probability is set by `calibrate`."""
    known = [c for c in choices if c.right >= 0]
    rows = np.concatenate([c.rows for c in known])
    right = np.concatenate([np.arange(len(c.rows)) == c.right for c in known])
    weight = np.concatenate([np.full(len(c.rows), c.weight) for c in known])
    direction = [(name in FOR) - (name in AGAINST) for name in COLUMNS]
    trees = HistGradientBoostingClassifier(**TREES, monotonic_cst=direction).fit(rows, right, weight)
    return Models(trees=trees_from_sklearn(trees), calibration=(0.0, 1.0, 0.0))


def fit_by_fold(choices: Sequence[Choice]) -> dict[int, Models]:
    """For each fold the model fitted on the others."""
    return {fold: fit([c for c in choices if c.fold != fold]) for fold in range(FOLDS)}


def is_right(choice: Choice, models: Models) -> bool:
    """Whether the model prefers the right person."""
    return int(models.trees.score(choice.rows).argmax()) == choice.right


def calibrate(choices: Sequence[Choice], by_fold: Mapping[int, Models]) -> tuple[float, float, float]:
    """Weights of `terms_of` that make a probability, on folds held out."""
    terms = np.array([terms_of(by_fold[c.fold].trees.score(c.rows)) for c in choices])
    right = [is_right(c, by_fold[c.fold]) for c in choices]
    fitted = LogisticRegression(C=1.0).fit(terms[:, 1:], right)
    fit_weight, margin_weight = fitted.coef_[0].tolist()
    return float(fitted.intercept_[0]), fit_weight, margin_weight


def report(choices: Sequence[Choice], by_fold: Mapping[int, Models]) -> list[str]:
    """How often the model of the other folds is right, and how often the person met last is, by kind of choice."""
    lines = ["| asked about | answer from | n | right | the person met last |", "|---|---|---:|---:|---:|"]
    for name, is_role, source, is_own in KINDS:
        some = [c for c in choices if (c.is_role, c.is_own) == (is_role, is_own)]
        right = np.mean([is_right(c, by_fold[c.fold]) for c in some])
        last = np.mean([c.right == 0 for c in some])
        lines.append(f"| {name} | {source} | {len(some)} | {right:.3f} | {last:.3f} |")
    return lines


def write(models: Models, lines: Sequence[str], folder: Path) -> None:
    """The model and its card."""
    arrays = models.trees.to_arrays("antecedent")
    np.savez_compressed(folder / "identity.npz", calibration=np.array(models.calibration), **arrays)
    card = [CARD, *lines, "", f"Evidence: {', '.join(COLUMNS)}.", ""]
    (folder / "identity.md").write_text("\n".join(card), encoding="utf-8", newline="\n")


CARD = """# identity.npz: whom a pronoun or a bare role noun means

Written by `python -m research.training.identity`. Boosted trees score each of the people met lately by the columns
below; a logistic curve over the winner's score and its margin, fitted on held-out folds, makes the certainty.

Fitted on PolNeAR's training articles: answers by CoreNLP's coreference chains, and by our own reading of pronouns that
say a quote, of which most are those that the chains and an earlier resolver disagreed on. They are harder than
pronouns in general. Held out by article, five folds; beside it, always taking the person met last:
"""
KINDS = (
    ("pronouns", False, "our reading, of hard ones", True),
    ("pronouns", False, "chains", False),
    ("role nouns", True, "chains", False),
)


def main() -> None:
    """Fit, print, and write."""
    parser = argparse.ArgumentParser(description="Fit whom a pronoun means.")
    parser.add_argument("folder", type=Path, help="holds tagger_0.npz … tagger_4.npz")
    parser.add_argument("--to", type=Path, default=MODELS, help="where the model and its card go")
    given = parser.parse_args()
    taggers = load_taggers(given.folder)
    readings = {r["id"]: read_with_sources(r, taggers[fold_of(r["id"])]) for r in read_articles("train")}
    chains = {s["id"]: s["coref"] for s in read_articles("silver")}
    choices = record_choices(readings, chains, fit_by_fold(record_choices(readings, chains)))
    by_fold = fit_by_fold(choices)
    lines = report(choices, by_fold)
    print("\n".join(lines))
    fitted = fit(choices)
    write(Models(trees=fitted.trees, calibration=calibrate(choices, by_fold)), lines, given.to)


if __name__ == "__main__":
    main()
