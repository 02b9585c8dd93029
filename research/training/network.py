"""The tagger's network and how it is fitted; the only part of training that needs torch.

One encoder learns, at once, CoreNLP's silver parts of speech, entities and dependencies, and PolNeAR's sources, cues
and kinds of quotes, with two pointers from each folded quote: to its source and to its cue. `research.tagging` runs the
same arithmetic in numpy, and tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from research.tagging import AFTER, ARC_REACH, BEFORE, DILATIONS
from research.training.polnear import IGNORE
from research.vocabulary import SHAPE_NUMBER, SHAPES, SUFFIX_ROWS, UNKNOWN

SUFFIX_SIZE, SHAPE_SIZE, SHAPE_ROWS = 24, 16, len(SHAPES) + 1
HIDDEN, ARC_SIZE, POINTER_SIZE = 192, 48, 64
DROPOUT = 0.3
EPOCHS, ARTICLES_A_BATCH, RATE = 12, 8, 3e-3
GO_ON_RATE = 1e-3  # where a fitted network goes on
GROUP = 8  # batches whose articles are sorted by length together, for less padding

NAMELIKE = [SHAPE_NUMBER[name] for name in ("Title", "UPPER", "Mixed", "initial", "title-hyphen", "abbreviation")]
HIDDEN_NAMES, HIDDEN_WORDS = 0.3, 0.05  # shares of words hidden in training, so that no name carries the model
TASKS = {"pos": 0.5, "entity": 0.5, "relation": 0.5, "source": 1.0, "cue": 1.0}  # weights: attribution leads
ARC_WEIGHT = 0.5

Arrays = Mapping[str, np.ndarray]


class Network(nn.Module):
    """Embeddings of word, ending and shape; residual convolutions; a head for each task."""

    def __init__(self, vectors: Tensor, sizes: Mapping[str, int]):
        super().__init__()
        self.word = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        self.suffix = nn.Embedding(SUFFIX_ROWS, SUFFIX_SIZE, padding_idx=0)
        self.shape = nn.Embedding(SHAPE_ROWS, SHAPE_SIZE, padding_idx=0)
        self.mix = nn.Linear(vectors.shape[1] + SUFFIX_SIZE + SHAPE_SIZE, HIDDEN)
        self.norms = nn.ModuleList(nn.LayerNorm(HIDDEN) for _ in DILATIONS)
        self.convolutions = nn.ModuleList(nn.Conv1d(HIDDEN, HIDDEN, 3, padding=d, dilation=d) for d in DILATIONS)
        self.final = nn.LayerNorm(HIDDEN)
        self.heads = nn.ModuleDict({name: nn.Linear(HIDDEN, size) for name, size in sizes.items()})
        self.arc_from, self.arc_to = nn.Linear(HIDDEN, ARC_SIZE), nn.Linear(HIDDEN, ARC_SIZE)
        self.arc_distance = nn.Parameter(torch.zeros(2 * ARC_REACH + 1))
        self.pointers = nn.ModuleDict({name: Pointer() for name in ("source", "cue")})
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, codes: Tensor) -> Tensor:
        """(batch, length, 3) codes → (batch, length, HIDDEN)."""
        x = torch.cat([self.word(codes[..., 0]), self.suffix(codes[..., 1]), self.shape(codes[..., 2])], -1)
        x = self.mix(self.dropout(x))
        keep = (codes[..., 2] > 0).unsqueeze(-1).float()
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            y = convolution((norm(x) * keep).transpose(1, 2)).transpose(1, 2)
            x = x + self.dropout(F.relu(y))
        return self.final(x) * keep

    def arcs(self, h: Tensor) -> Tensor:
        """(batch, length, 2·reach+1) scores of each token's head, itself (the root) in the middle."""
        source, target = self.arc_from(h), self.arc_to(h)
        padded = F.pad(target, (0, 0, ARC_REACH, ARC_REACH))
        windows = padded.unfold(1, 2 * ARC_REACH + 1, 1)
        return torch.einsum("bld,bldw->blw", source, windows) / ARC_SIZE**0.5 + self.arc_distance


class Pointer(nn.Module):
    """Scores the tokens around a folded quote; the last score is for "none of them"."""

    def __init__(self) -> None:
        super().__init__()
        self.quote, self.token = nn.Linear(HIDDEN, POINTER_SIZE), nn.Linear(HIDDEN, POINTER_SIZE, bias=False)
        self.distance = nn.Parameter(torch.randn(BEFORE + AFTER + 1, POINTER_SIZE) * 0.02)
        self.score, self.none = nn.Linear(POINTER_SIZE, 1), nn.Linear(HIDDEN, 1)

    def forward(self, h: Tensor, rows: Tensor, places: Tensor, windows: Tensor, dropout: nn.Module) -> Tensor:
        """(quotes, window+1) scores; `windows` holds token places, -1 outside the article."""
        quote = h[rows, places]
        tokens = h[rows.unsqueeze(1), windows.clamp(min=0)]
        joint = F.relu(self.quote(quote).unsqueeze(1) + self.token(tokens) + self.distance)
        scores = self.score(dropout(joint)).squeeze(-1).masked_fill(windows < 0, -1e4)
        return torch.cat([scores, self.none(quote)], 1)


def fit_network(examples: Sequence[Sequence[Arrays]], vectors: np.ndarray, sizes: Mapping[str, int], *,
                start: Arrays | None = None, epochs: int = EPOCHS, seed: int = 0,
                report: Callable[[str], None] = lambda line: None) -> Network:
    """Fit on articles, each in one or more versions of which an epoch draws one; Adam with a one-cycle rate.

    With `start`, parameters fitted before, it goes on from there. On a GPU the same seed need not give the same last
    digits.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Network(torch.tensor(vectors), sizes).to(device)
    if start is not None:
        model.load_state_dict({name: torch.tensor(value) for name, value in start.items()})
    rate = RATE if start is None else GO_ON_RATE
    batches = len(parts_of([versions[0] for versions in examples], rng))
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * batches + 1)
    for epoch in range(epochs):
        model.train()
        total = 0.0
        drawn = [versions[int(rng.integers(len(versions)))] for versions in examples]
        for part in parts_of(drawn, rng):
            loss = losses(model, batch_of([drawn[i] for i in part], rng, device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        report(f"epoch {epoch + 1} of {epochs}: loss {total / batches:.3f}")
    return model.eval()


def parts_of(articles: Sequence[Arrays], rng: np.random.Generator) -> list[list[int]]:
    """Shuffle articles into batches of similar length, the batches in random order."""
    parts: list[list[int]] = []
    for group in np.array_split(rng.permutation(len(articles)), max(1, len(articles) // (ARTICLES_A_BATCH * GROUP))):
        by_length = sorted(group.tolist(), key=lambda i: len(articles[i]["codes"]))
        parts += [part.tolist() for part in np.array_split(by_length, max(1, len(group) // ARTICLES_A_BATCH))]
    return [parts[i] for i in rng.permutation(len(parts))]


def arrays_of(model: nn.Module) -> dict[str, np.ndarray]:
    """The fitted parameters by name."""
    return {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}


def batch_of(articles: Sequence[Arrays], rng: np.random.Generator | None, device: str) -> dict[str, Tensor]:
    """Pad articles to one length; where `rng` is given, hide some words behind "unknown", names more often."""
    length = max(len(a["codes"]) for a in articles)
    out: dict[str, Any] = {"codes": np.zeros((len(articles), length, 3), int)}
    for row, a in enumerate(articles):
        out["codes"][row, :len(a["codes"])] = a["codes"]
    for name in (*TASKS, "head"):
        out[name] = np.full((len(articles), length), IGNORE)
        for row, a in enumerate(articles):
            out[name][row, :len(a[name])] = a[name]
    if rng is not None:
        words, shapes = out["codes"][..., 0], out["codes"][..., 2]
        hidden = rng.random(words.shape) < np.where(np.isin(shapes, NAMELIKE), HIDDEN_NAMES, HIDDEN_WORDS)
        words[hidden & (words > 0) & (shapes < SHAPE_NUMBER["quote-lower"])] = UNKNOWN
    out.update(_quote_batch(articles))
    return {name: torch.as_tensor(value, device=device) for name, value in out.items()}


def _quote_batch(articles: Sequence[Arrays]) -> dict[str, np.ndarray]:
    rows = np.concatenate([np.full(len(a["places"]), row) for row, a in enumerate(articles)])
    places = np.concatenate([a["places"] for a in articles])
    lengths = np.concatenate([np.full(len(a["places"]), len(a["codes"])) for a in articles])
    windows = places[:, None] + np.arange(-BEFORE, AFTER + 1)
    windows = np.where((windows < 0) | (windows >= lengths[:, None]), -1, windows)
    return {"rows": rows, "places": places, "windows": windows,
            "kind": np.concatenate([a["kind"] for a in articles]).astype(np.int64),
            "gold_source": np.concatenate([a["gold_source"] for a in articles]),
            "gold_cue": np.concatenate([a["gold_cue"] for a in articles])}


def losses(model: Network, batch: Mapping[str, Tensor]) -> Tensor:
    """The sum of all tasks' losses."""
    x = model.dropout(model(batch["codes"]))
    total = ARC_WEIGHT * _cross_entropy(model.arcs(x), batch["head"])
    for name, weight in TASKS.items():
        total = total + weight * _cross_entropy(model.heads[name](x), batch[name])
    rows, places = batch["rows"], batch["places"]
    if len(rows):
        total = total + _cross_entropy(model.heads["kind"](x[rows, places]), batch["kind"])
        for name, pointer in model.pointers.items():
            scores = pointer(x, rows, places, batch["windows"], model.dropout)
            total = total + pointer_loss(scores, batch[f"gold_{name}"])
    return total


def _cross_entropy(scores: Tensor, gold: Tensor) -> Tensor:
    if not (gold != IGNORE).any():
        return scores.sum() * 0
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), gold.reshape(-1), ignore_index=IGNORE)


def pointer_loss(scores: Tensor, gold: Tensor) -> Tensor:
    """Minus log of the probability on any right token; a row without a right token is left out."""
    known = gold.any(1)
    if not known.any():
        return scores.sum() * 0
    logp = scores[known].log_softmax(1)
    return -logp.masked_fill(~gold[known], -1e9).logsumexp(1).mean()
