"""Reads every token in its context: part of speech, entity, source, cue, and what each folded quote points to.

The tagger is a small convolutional network (five residual layers over word, ending and shape embeddings; Collobert et
al. 2011, JMLR 12, is the ancestor). It is fitted by `research.training.tagger` and evaluated here in numpy: 3 MB of
parameters, no framework, about 20 µs a token on one core. Text is read in blocks, so cost is linear and memory small.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from research.quotes import QuoteScan
from research.segmentation import Tokens
from research.vocabulary import Vocabulary, vocabulary_of

Floats = NDArray[np.float32]
Real = TypeVar("Real", np.float32, np.float64)

BLOCK = 2048  # tokens read at once, so that memory does not grow with the text
MARGIN = 128  # tokens read on both sides of a block: a quote's window (96) and, beyond it, the layers' reach (9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What the tagger makes of one document of n tokens and q quotes.

    pos, entity, relation : (n,) numbers into `Tagger.names`; probability : dict of (n,) arrays, the chance that a token
    is in a source, in a cue, or the subject of its head; head : (n,) the place of each token's likeliest head;
    kind : (q, 3) chances of none, direct, mixed; source, cue : (q, BEFORE + AFTER + 2) chances of each token around the
    quote to be its source or cue, the last for none of them.
    """

    pos: NDArray[np.int64]
    entity: NDArray[np.int64]
    relation: NDArray[np.int64]
    head: NDArray[np.int64]
    probability: Mapping[str, Floats]
    kind: Floats
    source: Floats
    cue: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagger:
    """Fitted parameters and the names of the classes."""

    vocabulary: Vocabulary
    names: Mapping[str, Sequence[str]]
    weights: Mapping[str, Floats]


BEFORE, AFTER, ARC_REACH = 96, 48, 24
DILATIONS = (1, 1, 2, 4, 1)


def tag(tagger: Tagger, text: str, scan: QuoteScan, tokens: Tokens) -> Tags:
    """Read one document."""
    codes = np.array(tagger.vocabulary.encode(text, scan, tokens), dtype=np.int64).reshape(-1, 3)
    places = np.array(tokens.quote_places, dtype=np.int64)
    with _thread_pools().limit(limits=1, user_api="blas"):
        parts = [_tag_block(tagger, codes, places, *block) for block in _blocks(len(codes))]
    return _joined(parts) if len(parts) > 1 else parts[0]


@functools.cache
def _thread_pools() -> ThreadpoolController:
    """The thread pools of numpy's BLAS, to be held to one thread: these matrices are too small to be worth sharing.

    With two threads on two busy cores, our reports took four times the CPU seconds and five times as long.
    """
    return ThreadpoolController()


def _blocks(size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, max(size, 1), BLOCK):
        yield start, min(size, start + BLOCK)


def _tag_block(tagger: Tagger, codes: NDArray[np.int64], places: NDArray[np.int64], start: int, end: int) -> Tags:
    """The tags of tokens start … end and of the quotes among them, read with a margin of context."""
    weights, left = tagger.weights, max(0, start - MARGIN)
    around = _encode(weights, codes[left:end + MARGIN])
    hidden = around[start - left:end - left]
    quotes = places[slice(*np.searchsorted(places, [start, end]))] - left
    roles = {name: softmax(_linear(weights, f"heads.{name}", hidden)) for name in ("source", "cue")}
    relation = softmax(_linear(weights, "heads.relation", hidden))
    subjects = [i for i, name in enumerate(tagger.names["relation"]) if name.startswith("nsubj")]
    return Tags(
        pos=_linear(weights, "heads.pos", hidden).argmax(1), entity=_linear(weights, "heads.entity", hidden).argmax(1),
        relation=relation.argmax(1), head=_heads(weights, around)[start - left:end - left] + left,
        probability={"source": 1 - roles["source"][:, 0], "cue": 1 - roles["cue"][:, 0],
                     "subject": relation[:, subjects].sum(1)},
        kind=softmax(_linear(weights, "heads.kind", around[quotes])),
        source=_point(weights, "pointers.source", around, quotes), cue=_point(weights, "pointers.cue", around, quotes),
    )


def _joined(parts: Sequence[Tags]) -> Tags:
    """The tags of a document from those of its blocks."""
    columns = ("pos", "entity", "relation", "head", "kind", "source", "cue")
    joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    chances = {name: np.concatenate([part.probability[name] for part in parts]) for name in parts[0].probability}
    return Tags(probability=chances, **joined)


def _encode(weights: Mapping[str, Floats], codes: NDArray[np.int64]) -> Floats:
    """The hidden states of some tokens; those at both ends lack their context."""
    x = np.concatenate([weights[f"{name}.weight"][codes[:, column]]
                        for column, name in enumerate(("word", "suffix", "shape"))], axis=1)
    x = _linear(weights, "mix", x)
    for layer, dilation in enumerate(DILATIONS):
        y = _normalize(weights, f"norms.{layer}", x)
        x = x + np.maximum(_convolve(weights, f"convolutions.{layer}", y, dilation), 0)
    return _normalize(weights, "final", x)


def _linear(weights: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    y: Floats = x @ weights[f"{name}.weight"].T
    bias = weights.get(f"{name}.bias")
    return y if bias is None else y + bias


def _normalize(weights: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    centred = x - x.mean(1, keepdims=True)
    scale = 1 / np.sqrt(np.square(centred).mean(1, keepdims=True) + 1e-5)
    out: Floats = centred * scale * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return out


def _convolve(weights: Mapping[str, Floats], name: str, x: Floats, dilation: int) -> Floats:
    """A width-3 convolution as one product; the kernel is stored as (3·in, out)."""
    padded = np.zeros((len(x) + 2 * dilation, x.shape[1]), dtype=np.float32)
    padded[dilation:dilation + len(x)] = x
    size = len(x)
    joined = np.concatenate([padded[:size], x, padded[2 * dilation:2 * dilation + size]], axis=1)
    out: Floats = joined @ weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return out


def subjects_of_cues(tags: Tags) -> NDArray[np.float32]:
    """Each token's chance to be the subject of a cue: (tokens,)."""
    out: NDArray[np.float32] = tags.probability["subject"] * tags.probability["cue"][tags.head]
    return out


def softmax(scores: NDArray[Real]) -> NDArray[Real]:
    """Scores along the last axis → chances that add up to 1."""
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    out: NDArray[Real] = powers / powers.sum(-1, keepdims=True)
    return out


def _heads(weights: Mapping[str, Floats], hidden: Floats) -> NDArray[np.int64]:
    """The place of each token's likeliest head within the arcs' reach; its own place for a root."""
    source, target = _linear(weights, "arc_from", hidden), _linear(weights, "arc_to", hidden)
    size, width = len(hidden), 2 * ARC_REACH + 1
    padded = np.zeros((size + 2 * ARC_REACH, target.shape[1]), dtype=np.float32)
    padded[ARC_REACH:ARC_REACH + size] = target
    scores = np.empty((size, width), dtype=np.float32)
    for offset in range(width):
        np.einsum("ld,ld->l", source, padded[offset:offset + size], out=scores[:, offset])
    scores = scores / np.float32(source.shape[1] ** 0.5) + weights["arc_distance"]
    heads: NDArray[np.int64] = np.clip(np.arange(size) + scores.argmax(1) - ARC_REACH, 0, max(size - 1, 0))
    return heads


def _point(weights: Mapping[str, Floats], name: str, hidden: Floats, places: NDArray[np.int64]) -> Floats:
    """(quotes, window + 1) chances that each token around a quote is what it points to, the last for none."""
    tokens = _linear(weights, f"{name}.token", hidden)
    quotes = _linear(weights, f"{name}.quote", hidden[places])
    none = _linear(weights, f"{name}.none", hidden[places])
    out = np.empty((len(places), BEFORE + AFTER + 2), dtype=np.float32)
    offsets = np.arange(-BEFORE, AFTER + 1)
    for start in range(0, len(places), 64):
        part = slice(start, start + 64)
        windows = places[part, None] + offsets
        outside = (windows < 0) | (windows >= len(hidden))
        joint = tokens[np.where(outside, 0, windows)]
        joint += quotes[part, None]
        joint += weights[f"{name}.distance"]
        np.maximum(joint, 0, out=joint)
        scores = joint @ weights[f"{name}.score.weight"][0] + weights[f"{name}.score.bias"]
        scores[outside] = -1e4
        out[part] = softmax(np.concatenate([scores, none[part]], axis=1))
    return out


def from_arrays(arrays: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> Tagger:
    """A tagger from arrays named as the fitted network's, convolution kernels (out, in, 3) turned for `_convolve`."""
    weights = {name: np.asarray(value, dtype=np.float32) for name, value in arrays.items()}
    for name in [n for n in weights if n.startswith("convolutions") and n.endswith("weight")]:
        kernel = weights[name]
        if kernel.ndim == 3:
            weights[name] = np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, kernel.shape[0]))
    return Tagger(vocabulary=vocabulary_of(names["words"]), names=names, weights=weights)
