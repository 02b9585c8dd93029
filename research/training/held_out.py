"""The opinions of readers on training articles that they have not seen, as `research.training.reader` left them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from research.documents import Span
from research.reader import Opinion, Opinions, Pieces, input_of, load_tokenizer, opinion_of, pieces_of
from research.training.polnear import FOLDS, Article, read_articles
from research.training.reader import training_quotes


class Formed(Opinions):
    """Opinions on the quotes of an article that were formed before; on a quote without gold, the shipped reader's."""

    def __init__(self, article: Article, pieces: Pieces, formed: Mapping[int, Opinion]):
        self.quotes, self.pieces = [segment.span for segment in article.scan.segments], pieces
        self.formed = dict(formed)


class HeldOut:
    """What was stored in a folder: `reader.npz`, and the logits `reader_-1.npz` (of dev) to `reader_4.npz`."""

    def __init__(self, folder: Path):
        self.logits, self.first = read_logits(folder), first_rows()

    def quotes(self, article: Article) -> Formed:
        """The opinions on an article's quotes that have gold, by the quote's number."""
        pieces = pieces_of(article.text, load_tokenizer())
        row = {id(quote): self.first[article.doc_id] + place for place, quote in enumerate(article.record["quotes"])}
        formed = {number: self._opinion(pieces, gold, row[id(gold)])
                  for number, gold in enumerate(article.gold) if gold is not None}
        return Formed(article, pieces, formed)

    def pronouns(self, record: Mapping[str, Any]) -> dict[int, Opinion]:
        """The opinions on indirect speech whose source is an annotated pronoun, by the pronoun's place."""
        pieces = pieces_of(record["text"], load_tokenizer())
        every = enumerate(training_quotes(record), start=self.first[record["id"]])
        return {quote["source"][0][0]: self._opinion(pieces, quote, row)
                for row, quote in every if not quote["own"] and row in self.logits}

    def _opinion(self, pieces: Pieces, quote: Mapping[str, Any], row: int) -> Opinion:
        _, shown = input_of(pieces, Span(*quote["inner"]))
        return opinion_of([*self.logits[row].T], shown, pieces)


def read_logits(folder: Path) -> dict[int, np.ndarray]:
    """Each example's logits by the reader that has not seen its article."""
    length, logits = np.load(folder / "reader.npz")["length"], {}
    for fold in range(-1, FOLDS):
        stored = np.load(folder / f"reader_{fold}.npz")
        cuts = np.cumsum(length[stored["rows"]])[:-1]
        for row, part in zip(stored["rows"].tolist(), np.split(stored["logits"], cuts), strict=True):
            logits[row] = part.astype(np.float32)
    return logits


def first_rows() -> dict[str, int]:
    """Where each article's examples start, in the order of `research.training.reader.prepare`."""
    starts, row = {}, 0
    for article in [*read_articles("train"), *read_articles("dev")]:
        starts[article["id"]] = row
        row += len(training_quotes(article))
    return starts
