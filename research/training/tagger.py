"""Fit the tagger: a small convolutional network over tokens with folded quotes.

One encoder learns, at once, CoreNLP's silver parts of speech, entities and dependencies, and PolNeAR's sources, cues and
kinds of quotes, with two pointers from each folded quote: to its source and to its cue. It is fitted once on all training
articles and once for each of five folds, so that the ranker can be fitted on out-of-fold tags.

    python -m research.training.tagger prepare FILE.npz      (needs the data)
    python -m research.training.tagger fit FILE.npz FOLD OUT (needs torch; FOLD -1 fits on everything)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

WORD_SIZE, SUFFIX_SIZE, SHAPE_SIZE = 64, 24, 16
HIDDEN, LAYERS, ARC_SIZE, POINTER_SIZE = 192, (1, 1, 2, 4, 1), 48, 64
ARC_REACH, BEFORE, AFTER = 24, 96, 48
SUFFIXES, SHAPES = 2048, 16
IGNORE = -100


class Tagger(nn.Module):
    """The network; `research.tagging` runs the same arithmetic in numpy."""

    def __init__(self, words: Tensor, sizes: dict[str, int], hidden: int = HIDDEN, layers: Sequence[int] = LAYERS):
        super().__init__()
        self.word = nn.Embedding.from_pretrained(words, freeze=False, padding_idx=0)
        self.suffix = nn.Embedding(SUFFIXES, SUFFIX_SIZE, padding_idx=0)
        self.shape = nn.Embedding(SHAPES, SHAPE_SIZE, padding_idx=0)
        self.mix = nn.Linear(WORD_SIZE + SUFFIX_SIZE + SHAPE_SIZE, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in layers)
        self.convolutions = nn.ModuleList(nn.Conv1d(hidden, hidden, 3, padding=d, dilation=d) for d in layers)
        self.final = nn.LayerNorm(hidden)
        self.heads = nn.ModuleDict({name: nn.Linear(hidden, size) for name, size in sizes.items()})
        self.arc_from, self.arc_to = nn.Linear(hidden, ARC_SIZE), nn.Linear(hidden, ARC_SIZE)
        self.arc_distance = nn.Parameter(torch.zeros(2 * ARC_REACH + 1))
        self.pointers = nn.ModuleDict({name: Pointer(hidden) for name in ("source", "cue")})
        self.dropout = nn.Dropout(0.3)

    def forward(self, codes: Tensor) -> Tensor:
        """(batch, length, 3) codes → (batch, length, hidden)."""
        x = torch.cat([self.word(codes[..., 0]), self.suffix(codes[..., 1]), self.shape(codes[..., 2])], -1)
        x = self.mix(self.dropout(x))
        keep = (codes[..., 2] > 0).unsqueeze(-1).float()
        for norm, convolution in zip(self.norms, self.convolutions):
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

    def __init__(self, hidden: int):
        super().__init__()
        self.quote, self.token = nn.Linear(hidden, POINTER_SIZE), nn.Linear(hidden, POINTER_SIZE, bias=False)
        self.distance = nn.Parameter(torch.randn(BEFORE + AFTER + 1, POINTER_SIZE) * 0.02)
        self.score, self.none = nn.Linear(POINTER_SIZE, 1), nn.Linear(hidden, 1)

    def forward(self, h: Tensor, rows: Tensor, places: Tensor, windows: Tensor, dropout: nn.Module) -> Tensor:
        """(quotes, window+1) scores; `windows` holds token places, -1 outside the article."""
        quote = h[rows, places]
        tokens = h[rows.unsqueeze(1), windows.clamp(min=0)]
        joint = F.relu(self.quote(quote).unsqueeze(1) + self.token(tokens) + self.distance)
        scores = self.score(dropout(joint)).squeeze(-1).masked_fill(windows < 0, -1e4)
        return torch.cat([scores, self.none(quote)], 1)


def fit(articles: list[dict[str, np.ndarray]], words: np.ndarray, sizes: dict[str, int], *, epochs: int = 22,
        seed: int = 0, device: str = "cpu", hidden: int = HIDDEN, layers: Sequence[int] = LAYERS,
        verbose: list[dict[str, np.ndarray]] | None = None) -> Tagger:
    """Fit on prepared articles; Adam with a one-cycle rate, word dropout on names so that no name carries the model."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Tagger(torch.tensor(words), sizes, hidden, layers).to(device)
    batches = max(1, len(articles) // 8)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=epochs * batches + 1)
    for epoch in range(epochs):
        model.train()
        order = rng.permutation(len(articles))
        total = 0.0
        drawn = [rng.choice(a["versions"]) if "versions" in a else a for a in articles]
        for part in np.array_split(order, batches):
            loss = losses(model, batch_of([drawn[i] for i in part], rng, device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss)
        if verbose is not None and (epoch % 4 == 3 or epoch == epochs - 1):
            print(epoch, round(total / batches, 4), evaluate(model, verbose, device), flush=True)
    return model.eval()


def batch_of(articles: list[dict[str, np.ndarray]], rng: np.random.Generator | None, device: str) -> dict[str, Tensor]:
    """Pad articles to one length; where `rng` is given, hide some words behind "unknown" (names more often)."""
    length = max(len(a["codes"]) for a in articles)
    out: dict[str, Any] = {}
    for name in ("pos", "entity", "head", "relation", "source", "cue"):
        out[name] = np.full((len(articles), length), IGNORE)
        for row, a in enumerate(articles):
            out[name][row, :len(a[name])] = a[name]
    out["codes"] = np.zeros((len(articles), length, 3), int)
    for row, a in enumerate(articles):
        out["codes"][row, :len(a["codes"])] = a["codes"]
    if rng is not None:
        names = np.isin(out["codes"][..., 2], (2, 3, 4, 5, 8, 9))
        hidden = rng.random(names.shape) < np.where(names, 0.3, 0.05)
        out["codes"][..., 0][hidden & (out["codes"][..., 0] > 0) & (out["codes"][..., 2] < 10)] = 1
    out.update(_quote_batch(articles))
    return {name: torch.as_tensor(value, device=device) for name, value in out.items()}


def _quote_batch(articles: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    rows = np.concatenate([np.full(len(a["places"]), row) for row, a in enumerate(articles)])
    places = np.concatenate([a["places"] for a in articles])
    lengths = np.concatenate([np.full(len(a["places"]), len(a["codes"])) for a in articles])
    windows = places[:, None] + np.arange(-BEFORE, AFTER + 1)
    windows = np.where((windows < 0) | (windows >= lengths[:, None]), -1, windows)
    return {"rows": rows, "places": places, "windows": windows,
            "kind": np.concatenate([a["kind"] for a in articles]).astype(np.int64),
            "gold_source": np.concatenate([a["gold_source"] for a in articles]),
            "gold_cue": np.concatenate([a["gold_cue"] for a in articles])}


def losses(model: Tagger, batch: dict[str, Tensor]) -> Tensor:
    """The sum of all tasks' losses, weighted so that attribution leads."""
    h = model(batch["codes"])
    x = model.dropout(h)
    total = torch.zeros((), device=h.device)
    for name, weight in (("pos", 0.5), ("entity", 0.5), ("relation", 0.5), ("source", 1.0), ("cue", 1.0)):
        total = total + weight * _cross_entropy(model.heads[name](x), batch[name])
    total = total + 0.5 * _cross_entropy(model.arcs(x), batch["head"])
    rows, places = batch["rows"], batch["places"]
    if len(rows):
        total = total + _cross_entropy(model.heads["kind"](x[rows, places]), batch["kind"])
        for name in ("source", "cue"):
            scores = model.pointers[name](x, rows, places, batch["windows"], model.dropout)
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


@torch.no_grad()
def evaluate(model: Tagger, articles: list[dict[str, np.ndarray]], device: str) -> dict[str, float]:
    """Accuracy of each task on held-out articles; pointers by kind of quote."""
    model.eval()
    hits: dict[str, list[float]] = {}
    for a in articles:
        batch = batch_of([a], None, device)
        h = model(batch["codes"])
        guesses = {name: model.heads[name](h).argmax(-1) for name in ("pos", "entity", "relation", "source", "cue")}
        guesses["head"] = model.arcs(h).argmax(-1)
        for name, guess in guesses.items():
            gold = batch[name]
            hits.setdefault(name, []).extend((guess == gold)[gold != IGNORE].tolist())
        if not len(batch["rows"]):
            continue
        kinds = model.heads["kind"](h[batch["rows"], batch["places"]]).argmax(-1)
        known = batch["kind"] != IGNORE
        hits.setdefault("kind", []).extend((kinds == batch["kind"])[known].tolist())
        hits.setdefault("gate", []).extend(((kinds > 0) == (batch["kind"] > 0))[known].tolist())
        for name in ("source", "cue"):
            scores = model.pointers[name](h, batch["rows"], batch["places"], batch["windows"], nn.Identity())
            best = scores[:, :-1].argmax(1)
            gold = batch[f"gold_{name}"]
            right = gold.gather(1, best.unsqueeze(1)).squeeze(1)
            for kind, label in ((1, "direct"), (2, "mixed")):
                take = (batch["kind"] == kind) & gold[:, :-1].any(1)
                hits.setdefault(f"{name}_{label}", []).extend(right[take].tolist())
    return {name: round(float(np.mean(values)), 4) for name, values in hits.items()}


def load(path: str) -> tuple[list[dict[str, np.ndarray]], np.ndarray, dict[str, int], np.ndarray]:
    """Read what `prepare` wrote: articles, word vectors, sizes of the tasks, fold of each article (-1 dev)."""
    raw = np.load(path)
    names = [n for n in raw.files if n.startswith("flat_")]
    bounds, quote_bounds = raw["bounds"], raw["quote_bounds"]
    articles = []
    flat = {n: raw[n] for n in names}
    for i in range(len(bounds) - 1):
        token, quote = slice(bounds[i], bounds[i + 1]), slice(quote_bounds[i], quote_bounds[i + 1])
        articles.append({n[5:]: flat[n][quote if n[5:] in ("places", "kind", "gold_source", "gold_cue") else token]
                         for n in names})
    for a in articles:
        for n in ("gold_source", "gold_cue"):
            a[n] = np.unpackbits(a[n], axis=1)[:, :BEFORE + AFTER + 2].astype(bool)
    return articles, raw["words"].astype(np.float32), json.loads(str(raw["sizes"])), raw["fold"]


if __name__ == "__main__":
    articles, words, sizes, folds = load(sys.argv[1])
    fold = int(sys.argv[2])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    held = -1 if fold < 0 else fold
    originals = [(a, f) for a, f in zip(articles, folds) if f < 10]
    broken = [a for a, f in zip(articles, folds) if f >= 10]
    training = [{"versions": [a, a, b]} for (a, f), b in zip([(a, f) for a, f in originals if f >= 0], broken)
                if f != fold]
    testing = [a for a, f in zip(articles, folds) if f == held]
    options = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
    model = fit(training, words, sizes, device=device, verbose=testing, **options)
    np.savez(Path(sys.argv[3]), **{k: v.detach().cpu().numpy() for k, v in model.state_dict().items()})
