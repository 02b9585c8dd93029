"""Fine-tune the reader: a small BERT that points at the mention of a marked quote's speaker.

Besides the quotes, every other attribution of the training articles (indirect speech) is an example, its content
playing the quote, and so are synthetic articles. Fitted once on everything and once for each fold, so that what
combines it with the ranker can be fitted out of fold.

    python -m research.training.reader prepare FILE.npz           (needs the data and tokenizers)
    python -m research.training.reader fit FILE.npz BASE FOLD OUT (needs torch, transformers; a GPU)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

SYNTHETIC_FOLD = 99


def training_quotes(article: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An article's quotes, and its other attributions with their longest content as the quote."""
    used = {q.get("attribution") for q in article["quotes"] if q["attributed"]}
    text = article["text"]
    indirect = [
        {
            "inner": max(a["content"], key=lambda s: s[1] - s[0]),
            "attributed": True,
            "own": False,
            "source": [[s, e, text[s:e]] for s, e in a["source"]],
        }
        for a in article["attributions"]
        if a["id"] not in used and a["source"] and a["content"]
    ]
    return [{**q, "own": True} for q in article["quotes"]] + indirect


def examples(article: Mapping[str, Any], tokenizer: Any) -> Iterator[tuple[list[int], int, int, bool]]:
    """(input ids, start place, end place, is it a quote) of each training quote; 0, 0 for nobody."""
    from research.documents import Span
    from research.reader import input_of, pieces_of

    pieces = pieces_of(article["text"], tokenizer)
    for quote in training_quotes(article):
        inner = Span(*quote["inner"])
        ids, shown = input_of(pieces, inner)
        start = stop = 0
        if quote["attributed"] and quote["source"]:
            source = min(quote["source"], key=lambda s: min(abs(s[0] - inner.end), abs(inner.start - s[1])))
            hit = [
                k
                for k, p in enumerate(shown)
                if p >= 0
                and pieces.ends[p] > pieces.starts[p]
                and pieces.starts[p] < source[1]
                and pieces.ends[p] > source[0]
            ]
            if hit:
                start, stop = hit[0], hit[-1]
        yield ids, start, stop, quote["own"]


def prepare(path: str, synthetic: int = 2500) -> None:
    """Write the examples of the training, dev and synthetic articles as arrays."""
    from research.reader import load_tokenizer
    from research.training.polnear import fold_of, read_articles
    from research.training.synthetic import articles

    tokenizer = load_tokenizer()
    sets = [(a, fold_of(a["id"])) for a in read_articles("train")] + [(a, -1) for a in read_articles("dev")]
    sets += [(a, SYNTHETIC_FOLD) for a in articles(synthetic, seed=7)]
    rows = [(ids, s, e, own, fold) for article, fold in sets for ids, s, e, own in examples(article, tokenizer)]
    np.savez_compressed(
        path,
        ids=np.concatenate([np.array(r[0], np.uint16) for r in rows]),
        length=np.array([len(r[0]) for r in rows]),
        answer=np.array([r[1:3] for r in rows]),
        own=np.array([r[3] for r in rows]),
        fold=np.array([r[4] for r in rows]),
    )


def fit(path: str, base: str, fold: int, out: str, seed: int = 0) -> None:
    """Fit on all but one fold (all of them for -1) and read what was left out (dev for -1)."""
    from research.training.reader_network import Examples, export, fit_reader, read_held_out

    raw = {name: value for name, value in np.load(path).items()}
    rows = Examples(raw)
    model = fit_reader(rows, np.flatnonzero((raw["fold"] >= 0) & (raw["fold"] != fold)), base, seed)
    held = np.flatnonzero((raw["fold"] == (fold if fold >= 0 else -1)) & raw["own"])
    logits, right = read_held_out(model, rows, held)
    print(fold, "start or end right", round(right, 4), flush=True)
    np.savez_compressed(f"{out}/reader_{fold}.npz", rows=held, logits=logits)
    if fold < 0:
        export(model, Path(out))


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    else:
        fit(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
