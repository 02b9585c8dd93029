"""A small neural reader as a second opinion: given one quote marked in its context, it points at the speaker's mention.

It points, too, at what names the speaker where that mention is a pronoun or a role: `research.reference` hears it.
MiniLM (Wang et al. 2020, NeurIPS 33) with span heads, fitted by `research.training.reader`, run from an int8 ONNX file
on the CPU. It is optional (`pip install on-the-record[reader]`), slower by two orders of magnitude than the ranker, and
better on quoted fragments; `research.attribution` asks it only where it can change the answer.
"""

from __future__ import annotations

import functools
import importlib.util
import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.documents import Span
from research.tagging import softmax

FOLDER = Path(__file__).parent / "models" / "reader"
CLS, SEP, QUOTE_START, QUOTE_END, CUT, NEWLINE = 101, 102, 2, 3, 4, 5  # [unused1] … [unused4] are 2 … 5
OUTPUTS = ("start", "end", "name_start", "name_end")
LENGTH, LEFT_SHARE = 256, 0.6  # word pieces an input; the share of the room that goes before the quote
LONG, KEEP = 48, 24  # a quote of more pieces keeps its first and last 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A text as word pieces: ids and the characters each covers. A newline is a piece of its own."""

    ids: list[int]
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The reader's word on one quote.

    mention, name : for each piece outside the quote the mean of the chances that the mention (a name of the speaker's)
    opens there and that it closes there; spans : the pieces' characters; nobody, nameless : the chances that nobody
    says it, and that nothing shown names who does.
    """

    mention: NDArray[np.float64]
    name: NDArray[np.float64]
    spans: NDArray[np.int32]
    nobody: float
    nameless: float

    def mass(self, mentions: Sequence[Span]) -> NDArray[np.float64]:
        """For each mention the chance that it is the speaker's."""
        return self._within(self.mention, mentions)

    def name_mass(self, mentions: Sequence[Span]) -> NDArray[np.float64]:
        """For each mention the chance that it is what names the speaker."""
        return self._within(self.name, mentions)

    def _within(self, chances: NDArray[np.float64], mentions: Sequence[Span]) -> NDArray[np.float64]:
        sums = np.concatenate([[0.0], np.cumsum(chances)])
        low = np.searchsorted(self.spans[:, 1], [m.start for m in mentions], side="right")
        high = np.searchsorted(self.spans[:, 0], [m.end for m in mentions], side="left")
        out: NDArray[np.float64] = sums[np.maximum(high, low)] - sums[low]
        return out


def is_available() -> bool:
    """Whether the extra is installed."""
    return all(importlib.util.find_spec(name) for name in ("onnxruntime", "tokenizers")) and FOLDER.exists()


MISSING = (
    "The reader is not installed, and the ranker decides alone: speakers of quoted fragments are right less often "
    "(README has both figures). To add it: pip install 'on-the-record[reader]'."
)


@functools.cache
def warn_if_missing() -> None:
    """Warn, once, that the extra is not installed."""
    if not is_available():
        warnings.warn(MISSING, stacklevel=3)


@functools.cache
def load_tokenizer() -> Any:
    """The word-piece tokenizer that the reader was fitted with."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@functools.cache
def load_session() -> Any:
    """The reader, on one thread, so that CPU seconds are what they seem."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(FOLDER / "reader-int8.onnx"), options, providers=["CPUExecutionProvider"])


def pieces_of(text: str, tokenizer: Any) -> Pieces:
    """Cut a text into word pieces, line by line, which is linear and keeps newlines."""
    out = Pieces(ids=[], starts=[], ends=[])
    place = 0
    for line in text.split("\n"):
        if place:
            out.ids.append(NEWLINE)
            out.starts.append(place)
            out.ends.append(place)
        whole = line.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair, which is no text, becomes "?"
        encoded = tokenizer.encode(whole, add_special_tokens=False)
        out.ids.extend(encoded.ids)
        out.starts.extend([place + a for a, _ in encoded.offsets])
        out.ends.extend([place + b for _, b in encoded.offsets])
        place += len(line) + 1
    return out


def input_of(pieces: Pieces, quote: Span) -> tuple[list[int], list[int]]:
    """The reader's input for one quote: ids, and for each the number of the piece it shows (-1: marks, the quote)."""
    low = bisect_left(pieces.ends, quote.start + 1)
    high = max(low, bisect_left(pieces.starts, quote.end))
    inside = pieces.ids[low:high]
    if len(inside) > LONG:
        inside = [*inside[:KEEP], CUT, *inside[-KEEP:]]
    room = LENGTH - 4 - len(inside)
    first = max(0, low - int(room * LEFT_SHARE))
    last = min(len(pieces.ids), high + room - (low - first))
    ids = [CLS, *pieces.ids[first:low], QUOTE_START, *inside, QUOTE_END, *pieces.ids[high:last], SEP]
    shown = [-1, *range(first, low), -1, *[-1] * len(inside), -1, *range(high, last), -1]
    return ids, shown


class Opinions:
    """The reader's opinions on the quotes of a text, each formed when first asked for."""

    def __init__(self, text: str, quotes: Sequence[Span]):
        self.quotes, self.pieces = quotes, pieces_of(text, load_tokenizer())
        self.formed: dict[int, Opinion] = {}

    def on(self, quote: int) -> Opinion:
        """The opinion on a quote, given by its number."""
        if quote not in self.formed:
            ids, shown = input_of(self.pieces, self.quotes[quote])
            logits = load_session().run(list(OUTPUTS), {"input_ids": np.array([ids], dtype=np.int64)})
            self.formed[quote] = opinion_of([own[0] for own in logits], shown, self.pieces)
        return self.formed[quote]


def opinion_of(logits: Sequence[NDArray[Any]], shown: Sequence[int], pieces: Pieces) -> Opinion:
    """Logits over an input, of each of `OUTPUTS` → chances over the pieces it shows. The first piece is for none."""
    where = np.array(shown)
    may = where >= 0
    may[0] = True
    start, end, opens, closes = (softmax(np.where(may, own.astype(float), -1e9)) for own in logits)
    outside = np.flatnonzero(where >= 0)
    spans = np.array([[pieces.starts[k], pieces.ends[k]] for k in where[outside]], dtype=np.int32).reshape(-1, 2)
    return Opinion(mention=(start + end)[outside] / 2, name=(opens + closes)[outside] / 2, spans=spans,
                   nobody=float(start[0]), nameless=float(opens[0] + closes[0]) / 2)
