"""Fine-tune the reader: a small BERT that points at the mention of a marked quote's speaker, and at his or her name.

Besides the quotes, every other attribution of the training articles (indirect speech) is an example, its content
playing the quote; so are made-up articles, and copies of the articles with more mixed quotes and with more pronouns.
Whose name is meant is known where we have annotated it (speakers.md) or put a pronoun in a name's place. Fitted once
on everything and once for each fold, so that what combines it with the ranker can be fitted out of fold; each time from
several seeds, whose mean is kept (Wortsman et al. 2022, CVPR).

    python -m research.training.reader prepare FILE.npz           (needs the data and tokenizers)
    python -m research.training.reader fit FILE.npz BASE FOLD OUT (needs torch, transformers)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from research.documents import Span
from research.training.copies import with_more_pronouns, with_more_quotes
from research.training.polnear import KINDS, fold_of, read_articles
from research.training.speakers import (
    annotated_names,
    gender_of,
    people_of,
    read_pronouns,
    read_speakers,
)
from research.training.synthetic import articles as synthetic_articles

SYNTHETIC_FOLD = 99
SYNTHETIC, QUOTED, PRONOUNS, SEEDS = 1250, 2, 3, 4  # made-up articles; copies of each; fits whose mean is kept
PARTS = ("own", "indirect", "synthetic", "quoted", "pronouns")
MADE = (PARTS.index("quoted"), PARTS.index("pronouns"))
FORMS = ("", "name", "pronoun", "nominal")
NOWHERE = [(0, 0)]  # the first piece, which stands for nobody and no name


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One quote as the reader sees it.

    ids : word pieces; answer : the mention's first and last; names : first and last piece of each place that names the
    speaker, `NOWHERE` where none does, None where it is not known; part, kind, form : what the example is, as numbers.
    """

    ids: list[int]
    answer: tuple[int, int]
    names: list[tuple[int, int]] | None
    part: int
    kind: int = 0
    form: int = 0


def training_quotes(article: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An article's quotes, and its other attributions with their longest content as the quote."""
    used = {q.get("attribution") for q in article["quotes"] if q["attributed"]}
    text = article["text"]
    indirect = [
        {
            "inner": max(a["content"], key=lambda s: s[1] - s[0]),
            "attributed": True,
            "own": False,
            "attribution": a["id"],
            "source": [[s, e, text[s:e]] for s, e in a["source"]],
        }
        for a in article["attributions"]
        if a["id"] not in used and a["source"] and a["content"]
    ]
    return [{**q, "own": True} for q in article["quotes"]] + indirect


class Article:
    """An article's word pieces, and where it names whom."""

    def __init__(self, record: Mapping[str, Any], tokenizer: Any, named: Mapping[str, Sequence[Span]]):
        from research.reader import pieces_of

        self.record, self.named, self.pieces = record, named, pieces_of(record["text"], tokenizer)

    def example(self, quote: Mapping[str, Any], part: int, speaker: Mapping[str, Any] | None) -> Example:
        """One quote, with who says it as far as that is annotated."""
        from research.reader import input_of

        inner = Span(*quote["inner"])
        ids, shown = input_of(self.pieces, inner)
        source = quote.get("source") or []
        near = min(source, key=lambda s: min(abs(s[0] - inner.end), abs(inner.start - s[1])), default=None)
        answer = self._shown_at(near[0], near[1], shown) if quote["attributed"] and near else None
        names = None if speaker is None else self._names(speaker, shown)
        kind = KINDS.index(quote.get("kind") or "none") if quote["attributed"] else 0
        return Example(ids=ids, answer=answer or (0, 0), names=names, part=part, kind=kind,
                       form=FORMS.index(speaker["form"]) if speaker else 0)

    def _names(self, speaker: Mapping[str, Any], shown: Sequence[int]) -> list[tuple[int, int]]:
        spans = self.named.get(speaker["speaker"], ()) if speaker["kind"] == "person" else ()
        return [place for span in spans if (place := self._shown_at(*span, shown))] or NOWHERE

    def _shown_at(self, start: int, end: int, shown: Sequence[int]) -> tuple[int, int] | None:
        """The first and the last place of an input that show a stretch of text."""
        starts, ends = self.pieces.starts, self.pieces.ends
        hit = [k for k, p in enumerate(shown) if p >= 0 and ends[p] > starts[p] and starts[p] < end and ends[p] > start]
        return (hit[0], hit[-1]) if hit else None


def own_examples(record: Mapping[str, Any], tokenizer: Any) -> Iterator[Example]:
    """The examples of an article as it is: its quotes, then its indirect speech."""
    article = Article(record, tokenizer, annotated_names(record))
    annotated, pronouns = read_speakers().get(record["id"], {}), read_pronouns().get(record["id"], {})
    for quote in training_quotes(record):
        if quote["own"]:
            speaker = annotated.get(quote["start"])
            known = speaker and speaker["kind"] != "unknown" and not speaker.get("source_wrong")
            yield article.example(quote, PARTS.index("own"), speaker if known else None)
        else:
            start, end = quote["source"][0][:2]
            yield article.example(quote, PARTS.index("indirect"),
                                  pronouns.get(start) or _named_in(start, end, article.named))


def _named_in(start: int, end: int, named: Mapping[str, Sequence[Span]]) -> Mapping[str, Any] | None:
    """The annotated person whom a source names, if it is one."""
    found = [name for name, spans in named.items() if any(start <= s.start and s.end <= end for s in spans)]
    return {"speaker": found[0], "kind": "person", "form": "name"} if len(found) == 1 else None


def quoted_examples(record: Mapping[str, Any], tokenizer: Any, seed: int) -> Iterator[Example]:
    """The new mixed quotes of a copy."""
    copy, _ = with_more_quotes(record, seed=seed)
    article = Article(copy, tokenizer, {})
    for quote in copy["quotes"]:
        if quote.get("new"):
            yield article.example(quote, PARTS.index("quoted"), None)


def pronoun_examples(record: Mapping[str, Any], tokenizer: Any, seed: int) -> Iterator[Example]:
    """The quotes and the indirect speech of a copy whose source is a pronoun now."""
    genders = {name: gender_of(name, record) for name in people_of(record["id"])}
    copy, named, meant = with_more_pronouns(record, annotated_names(record), genders, seed=seed)
    article = Article(copy, tokenizer, named)
    for quote in training_quotes(copy):
        if name := meant.get(quote.get("attribution") or ""):
            yield article.example(quote, PARTS.index("pronouns"),
                                  {"speaker": name, "kind": "person", "form": "pronoun"})


def prepare(path: str) -> None:
    """Write the examples of the training, dev and made-up articles, and of the copies, as arrays."""
    from research.reader import load_tokenizer

    tokenizer, train = load_tokenizer(), read_articles("train")
    rows: list[tuple[int, Example]] = []

    def add(fold: int, made: Iterable[Example]) -> None:
        rows.extend((fold, example) for example in made)

    for record in train:
        add(fold_of(record["id"]), own_examples(record, tokenizer))
    for record in read_articles("dev"):
        add(-1, own_examples(record, tokenizer))
    for record in synthetic_articles(SYNTHETIC, seed=7):
        article = Article(record, tokenizer, {})
        add(SYNTHETIC_FOLD, (article.example(q, PARTS.index("synthetic"), None) for q in training_quotes(record)))
    for record in train:
        for seed in range(QUOTED):
            add(fold_of(record["id"]), quoted_examples(record, tokenizer, seed))
        for seed in range(PRONOUNS):
            add(fold_of(record["id"]), pronoun_examples(record, tokenizer, seed))
    save(path, [fold for fold, _ in rows], [example for _, example in rows])


def save(path: str, folds: Sequence[int], rows: Sequence[Example]) -> None:
    """Store the examples end to end; `named` counts the places of a name, -1 where it is not known."""
    np.savez_compressed(
        path,
        ids=np.concatenate([np.array(row.ids, np.uint16) for row in rows]),
        length=np.array([len(row.ids) for row in rows]),
        answer=np.array([row.answer for row in rows], np.int16),
        named=np.array([-1 if row.names is None else len(row.names) for row in rows], np.int16),
        names=np.array([place for row in rows for place in row.names or ()], np.int16).reshape(-1, 2),
        own=np.array([row.part == PARTS.index("own") for row in rows]),
        fold=np.array(folds, np.int8),
        part=np.array([row.part for row in rows], np.int8),
        kind=np.array([row.kind for row in rows], np.int8),
        form=np.array([row.form for row in rows], np.int8),
    )


def fit(path: str, base: str, fold: int, out: str, seeds: int = SEEDS) -> None:
    """Fit on all but one fold (all of them for -1) and read what was left out (dev for -1)."""
    from research.training.reader_network import Examples, export, fit_reader, mean_of, read_held_out

    raw = {name: value for name, value in np.load(path).items()}
    rows = Examples(raw)
    training = np.flatnonzero((raw["fold"] >= 0) & (raw["fold"] != fold))
    model = mean_of([fit_reader(rows, training, base, seed) for seed in range(seeds)])
    held = np.flatnonzero((raw["fold"] == fold) & is_asked(raw))
    logits, right = read_held_out(model, rows, held)
    print(fold, "start or end right", round(right, 4), flush=True)
    if fold < 0:
        export(model, Path(out))
    np.savez_compressed(f"{out}/reader_{fold}.npz", rows=held, logits=logits)


def is_asked(raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """The examples whose held-out logits are kept: the quotes, and indirect speech of an annotated pronoun."""
    indirect = (raw["part"] == PARTS.index("indirect")) & (raw["form"] == FORMS.index("pronoun"))
    return np.asarray(raw["own"] | indirect)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    else:
        fit(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
