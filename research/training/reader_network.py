"""The reader's network: fine-tuning, reading what was held out, and export; the part of its recipe that needs torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel

from research.reader import OUTPUTS
from research.training.reader import MADE

EPOCHS, BATCH, RATE, WARM_UP = 5, 64, 2e-4, 0.1
GROUP = 64  # batches whose examples are sorted by length together: a third less padding
FARTHEST = -1e4  # a logit that is never chosen
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Reader(nn.Module):
    """A BERT with four scores a piece: the mention opens here, closes here; a name of the speaker's opens, closes."""

    def __init__(self, base: str):
        super().__init__()
        self.b = AutoModel.from_pretrained(base, dtype=torch.float32, add_pooling_layer=False)
        self.o, self.d = nn.Linear(self.b.config.hidden_size, len(OUTPUTS)), nn.Dropout(0.1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """(batch, length) ids → logits of each of `OUTPUTS`."""
        hidden = self.b(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits = self.o(self.d(hidden)).float().masked_fill(~attention_mask.bool()[..., None], FARTHEST)
        return logits.unbind(-1)


class Examples:
    """The prepared examples on the device, handed out as padded batches."""

    def __init__(self, raw: Mapping[str, np.ndarray]):
        self.length, width = raw["length"], int(raw["length"].max())
        filled = np.arange(width)[None] < self.length[:, None]
        ids = np.zeros(filled.shape, np.int32)
        ids[filled] = raw["ids"]
        self.ids, self.filled = torch.tensor(ids).to(DEVICE), torch.tensor(filled).to(DEVICE)
        rows = np.repeat(np.arange(len(ids)), np.maximum(raw["named"], 0))
        names = np.zeros((2, *ids.shape), bool)
        for side in range(2):
            names[side, rows, raw["names"][:, side]] = True
        self.names, self.known = torch.tensor(names).to(DEVICE), torch.tensor(raw["named"] > 0).to(DEVICE)
        self.answer = torch.tensor(raw["answer"].astype(np.int64)).to(DEVICE)
        self.made = torch.tensor(np.isin(raw["part"], MADE)).to(DEVICE)

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """The numbers of some rows on the device, their ids and their mask."""
        width, chosen = int(self.length[rows].max()), torch.as_tensor(rows).to(DEVICE)
        return chosen, self.ids[chosen, :width].long(), self.filled[chosen, :width].long()

    def loss(self, chosen: Tensor, logits: Sequence[Tensor]) -> Tensor:
        """Of the mention: cross entropy; of the names: of any of the right places, where they are known.

        Made quotes always have a speaker, so they do not teach whether anybody speaks: "nobody" is no choice there.
        """
        gold, known = self.answer[chosen], self.known[chosen]
        total = torch.zeros((), device=gold.device)
        for side in range(2):
            nobody = torch.zeros_like(logits[side], dtype=torch.bool)
            nobody[:, 0] = self.made[chosen]
            total = total + nn.functional.cross_entropy(logits[side].masked_fill(nobody, FARTHEST), gold[:, side])
            scores = logits[2 + side]
            right = scores.masked_fill(~self.names[side, chosen, : scores.shape[1]], FARTHEST)
            missed = scores.logsumexp(1) - right.logsumexp(1)
            total = total + (missed * known).sum() / len(known)
        return total


def fit_reader(examples: Examples, training: np.ndarray, base: str, seed: int, epochs: int = EPOCHS) -> Reader:
    """Fine-tune on the training rows."""
    torch.manual_seed(seed)
    model, rng = Reader(base).to(DEVICE), np.random.default_rng(seed)
    steps = epochs * (len(training) // BATCH + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: min(t / (WARM_UP * steps), max(0.0, (steps - t) / ((1 - WARM_UP) * steps))))
    for _ in range(epochs):
        for rows in batches(rng.permutation(training), examples.length, rng):
            chosen, tokens, mask = examples.batch(rows)
            with torch.autocast(DEVICE, torch.bfloat16):
                logits = model(tokens, mask)
            optimizer.zero_grad()
            examples.loss(chosen, logits).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return model.eval()


def mean_of(models: Sequence[Reader]) -> Reader:
    """One reader with the mean of several readers' parameters."""
    states = [model.state_dict() for model in models]
    mean = {name: torch.stack([state[name].float() for state in states]).mean(0).to(value.dtype)
            for name, value in states[0].items()}
    models[0].load_state_dict(mean)
    return models[0]


def batches(order: np.ndarray, length: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Cut shuffled rows into batches of similar length, in random order within each group."""
    out = []
    for group in np.array_split(order, max(1, len(order) // (BATCH * GROUP))):
        sorted_group = group[np.argsort(length[group], kind="stable")]
        parts = np.array_split(sorted_group, max(1, len(group) // BATCH))
        out += [parts[k] for k in rng.permutation(len(parts))]
    return out


@torch.no_grad()
def read_held_out(model: Reader, examples: Examples, held: np.ndarray) -> tuple[np.ndarray, float]:
    """The logits of the held-out rows, one after the other, and how often the mention's start or end is right."""
    out, hits = [], []
    for rows in np.array_split(held, max(1, len(held) // 128)):
        chosen, tokens, mask = examples.batch(rows)
        logits, gold = torch.stack(model(tokens, mask), 2), examples.answer[chosen]
        hits += ((logits[..., 0].argmax(1) == gold[:, 0]) | (logits[..., 1].argmax(1) == gold[:, 1])).tolist()
        out += [own[: examples.length[i]].cpu().numpy().astype(np.float16) for own, i in zip(logits, rows, strict=True)]
    return np.concatenate(out), float(np.mean(hits))


class Unmasked(nn.Module):
    """A reader of one input at a time: where nothing is padded nothing need be masked, which is faster."""

    def __init__(self, reader: Reader):
        super().__init__()
        self.b, self.o = reader.b, reader.o

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """(1, length) ids → logits of each of `OUTPUTS`."""
        return self.o(self.b(input_ids=input_ids).last_hidden_state).unbind(-1)


def export(model: Reader, folder: Path) -> None:
    """Write reader-int8.onnx."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole, axes = folder / "reader.onnx", {name: {1: "length"} for name in ("input_ids", *OUTPUTS)}
    torch.onnx.export(Unmasked(model.cpu().eval()), (torch.randint(1000, 2000, (1, 64)),), str(whole),
                      opset_version=17, dynamo=False, input_names=["input_ids"], output_names=list(OUTPUTS),
                      dynamic_axes=axes)
    quantize_dynamic(whole, folder / "reader-int8.onnx", weight_type=QuantType.QInt8, per_channel=True)
