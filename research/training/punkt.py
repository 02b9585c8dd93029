"""Learn Punkt's parameters from the text of the PolNeAR training articles, measure them, write them with a card.

``python -m research.training.punkt`` prints the table of the card and rewrites models/punkt.json and punkt.md.
Training is unsupervised (Kiss & Strunk 2006). Two filters, since a list that ships should not carry one
election's names: a type must occur in at least `MIN_ARTICLES` articles, and a sentence starter must be written small
at least half the time (Punkt took Clinton and Trump, who open many sentences, for words like "the", and so cut
"Mrs. Clinton" in two).
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from research.documents import Span
from research.sentences import find_sentences, make_parameters, split_paragraphs
from research.typography import fold

Gold = Mapping[str, tuple[str, list[tuple[int, int]]]]
Splitter = Callable[[str, Mapping[str, Any]], Sequence[tuple[int, int]]]

MIN_ARTICLES = 3
"""A type of fewer articles is a typing error or one writer's (“a.c.a”, “e.p.r.p”, “'mr”)."""

_OWN = (
    "jan apr jun jul sept mon tue wed thu fri prof hon messrs mme maj cmdr cpl pvt brig supt amb fr sr st gens"
    " cf e.g i.e viz approx est dept univ corp ltd bros assn ave blvd rd mt u.s u.k u.n e.u u.a.e p.r.c d.p.r.k"
    " conn kan minn mont neb okla penn tenn ph.d m.d d.c a.m p.m"
)
OWN_ABBREVIATIONS = tuple(_OWN.split())
"""Our own supplement: titles, months, states and states' initials that seven US outlets of 2015-16 may lack."""

ENGLISH_WORDS = frozenset(("ill", "ark", "ind"))
"""Learnt abbreviations (of states mostly) that end sentences as words more often in quoted speech."""


def data_folder() -> Path:
    """Where the training data lies: ON_THE_RECORD_DATA, or the folder shared/data beside the repository."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    return Path(os.environ.get("ON_THE_RECORD_DATA", beside))


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a .jsonl or .jsonl.gz file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def learn(texts: Iterable[str]) -> Any:
    """NLTK's trainer, finished, over typography-folded texts."""
    from nltk.tokenize.punkt import PunktTrainer

    trainer = PunktTrainer()
    for text in texts:
        trainer.train(fold(text), finalize=False)
    trainer.finalize_training()
    return trainer


def article_counts(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each blank-separated word occurs as written, stripped of the marks around it."""
    return Counter(word for text in texts for word in {w.strip("\"'()[],.") for w in fold(text).split()})


def filtered(parameters: Any, as_written: Counter[str]) -> dict[str, Any]:
    """What ships: the three lists of the module's docstring, sorted."""
    articles: Counter[str] = Counter()
    for word, count in as_written.items():
        articles[word.lower()] += count
    abbreviations = {a for a in parameters.abbrev_types if re.search("[a-z]", a) and articles[a] >= MIN_ARTICLES}
    starters = {w for w in parameters.sent_starters if 2 * as_written[w] >= articles[w] or w == "i"}
    collocations = [c for c in parameters.collocations if min(articles[c[0]], articles[c[1]]) >= MIN_ARTICLES]
    return {
        "abbreviations": sorted((abbreviations - ENGLISH_WORDS) | set(OWN_ABBREVIATIONS)),
        "collocations": sorted(c for c in collocations if len(c[0]) > 1),
        "sentence_starters": sorted(starters),
    }


def boundaries(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    """First word character of each sentence that does not open a paragraph: marks before it don't count."""

    def word(place: int) -> int:
        return next((k for k in range(place, len(text)) if text[k].isalnum()), len(text))

    openings = {word(span.start) for span in split_paragraphs(text)}
    return {word(start) for start, _ in spans} - openings


def nltk_sentences(text: str, stored: Mapping[str, Any]) -> list[Span]:
    """The sentences by NLTK's own tokeniser with the same parameters, to compare with."""
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types = set(stored["abbreviations"])
    parameters.collocations = set(map(tuple, stored["collocations"]))
    parameters.sent_starters = set(stored["sentence_starters"])
    tokenizer, folded = PunktSentenceTokenizer(parameters), fold(text)
    return [
        Span(paragraph.start + start, paragraph.start + end)
        for paragraph in split_paragraphs(text)
        for start, end in tokenizer.span_tokenize(folded[slice(*paragraph)])
    ]


def our_sentences(text: str, stored: Mapping[str, Any]) -> list[Span]:
    """The sentences as the package finds them."""
    return find_sentences(text, make_parameters(stored))


def measure(split: Splitter, stored: Mapping[str, Any], gold: Gold) -> dict[str, float]:
    """Boundaries inside paragraphs against CoreNLP's: count, precision, recall, F1."""
    right = found = wanted = 0
    for text, sentences in gold.values():
        mine, theirs = boundaries(text, split(text, stored)), boundaries(text, sentences)
        right, found, wanted = right + len(mine & theirs), found + len(mine), wanted + len(theirs)
    return {
        "boundaries": wanted,
        "precision": right / found,
        "recall": right / wanted,
        "f1": 2 * right / (found + wanted),
    }


def silver_sentences(folder: Path, texts: Mapping[str, str]) -> Gold:
    """CoreNLP's sentences of the articles given, as (text, spans)."""
    rows = read_jsonl(folder / "polnear" / "silver.jsonl.gz")
    return {
        row["id"]: (texts[row["id"]], [(s[0][0], s[-1][1]) for s in row["sentences"] if s])
        for row in rows
        if row["id"] in texts
    }


def write_card(rows: Mapping[str, Mapping[str, float]], stored: Mapping[str, list[Any]], n_articles: int) -> str:
    """The card beside the parameters; its numbers come from this run."""
    measured = "\n".join(
        f"| {name} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |" for name, row in rows.items()
    )
    boundary_count = next(iter(rows.values()))["boundaries"]
    return CARD.format(
        abbreviations=len(stored["abbreviations"]),
        collocations=len(stored["collocations"]),
        starters=len(stored["sentence_starters"]),
        articles=n_articles,
        least=MIN_ARTICLES,
        own=len(OWN_ABBREVIATIONS),
        boundaries=boundary_count,
        measured=measured,
    )


CARD = """# punkt.json: where English news sentences end
Parameters of Punkt (Kiss & Strunk 2006), learnt by NLTK's `PunktTrainer`: {abbreviations} abbreviations,
{collocations} collocations over a full stop, {starters} words that open sentences. JSON, no pickle, no download.

Learnt without supervision from the typography-folded text of {articles} US political news articles of 2015-16 (PolNeAR
1.0, training part), then filtered: a type must occur in {least} articles or more (this drops every collocation; all
were names), a sentence starter must be written small at least half the time. {own} abbreviations of our own are
added. Neither text nor annotation of an article is in the file.

## Measured
Sentence boundaries inside paragraphs, against CoreNLP's automatic ones, on PolNeAR's dev articles ({boundaries}
boundaries; not learnt from, though our rules were looked at on them). CoreNLP errs too: it breaks after "(D-", in
tweets and in addresses, so 1.00 is not to be had.
`research.sentences` makes Punkt's decision itself and never opens
a sentence with a small letter.

| parameters | precision | recall | F1 |
|---|---|---|---|
{measured}

Made and measured by `python -m research.training.punkt`.
"""


def main() -> None:
    """Train, measure, write."""
    folder = data_folder()
    train = {row["id"]: row["text"] for row in read_jsonl(folder / "polnear" / "train.jsonl.gz")}
    dev = {row["id"]: row["text"] for row in read_jsonl(folder / "polnear" / "dev.jsonl")}
    parameters = learn(train[key] for key in sorted(train)).get_params()
    stored = filtered(parameters, article_counts(train.values()))
    unfiltered = {
        "abbreviations": parameters.abbrev_types,
        "collocations": parameters.collocations,
        "sentence_starters": parameters.sent_starters,
    }
    gold = silver_sentences(folder, dev)
    empty: dict[str, list[str]] = {"abbreviations": [], "collocations": [], "sentence_starters": []}
    rows = {
        "none, NLTK's tokeniser": measure(nltk_sentences, empty, gold),
        "as learnt, NLTK's tokeniser": measure(nltk_sentences, unfiltered, gold),
        "shipped, NLTK's tokeniser": measure(nltk_sentences, stored, gold),
        "none, `research.sentences`": measure(our_sentences, empty, gold),
        "**shipped, `research.sentences`**": measure(our_sentences, stored, gold),
    }
    models = Path(__file__).parents[1] / "models"
    lines = json.dumps(stored, ensure_ascii=False, indent=0).replace("\n[\n", "\n[")
    (models / "punkt.json").write_text(lines + "\n", encoding="utf-8")
    (models / "punkt.md").write_text(write_card(rows, stored, len(train)), encoding="utf-8")
    for name, row in rows.items():
        sys.stdout.write(f"{name:30} P {row['precision']:.4f} R {row['recall']:.4f} F1 {row['f1']:.4f}\n")


if __name__ == "__main__":
    main()
