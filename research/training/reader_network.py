"""The reader's network: fine-tuning, reading what was held out, and export; the part of its recipe that needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel

EPOCHS, BATCH, RATE, WARM_UP = 5, 32, 1.5e-4, 0.1
GROUP = 64  # batches whose examples are sorted by length together: a third less padding


class Reader(nn.Module):
    """A BERT with two scores a piece: the mention opens here, the mention closes here."""

    def __init__(self, base: str):
        super().__init__()
        self.b = AutoModel.from_pretrained(base, dtype=torch.float32, add_pooling_layer=False)
        self.o, self.d = nn.Linear(self.b.config.hidden_size, 2), nn.Dropout(0.1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, length) ids → start and end logits."""
        hidden = self.b(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits = self.o(self.d(hidden)).float().masked_fill(~attention_mask.bool()[..., None], -1e4)
        return logits[..., 0], logits[..., 1]


class Examples:
    """The prepared examples, handed out as padded batches."""

    def __init__(self, raw: Mapping[str, np.ndarray]):
        bounds = np.concatenate([[0], np.cumsum(raw["length"])])
        self.ids = [torch.tensor(part.astype(np.int64)) for part in np.split(raw["ids"], bounds[1:-1])]
        self.answer, self.length = torch.tensor(raw["answer"]).cuda(), raw["length"]

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """Ids, mask and right answers of some rows."""
        joined = nn.utils.rnn.pad_sequence([self.ids[i] for i in rows], batch_first=True)
        lengths = torch.tensor([len(self.ids[i]) for i in rows])
        mask = (torch.arange(joined.shape[1])[None] < lengths[:, None]).long()
        return joined.cuda(), mask.cuda(), self.answer[torch.as_tensor(rows).cuda()]


def fit_reader(examples: Examples, training: np.ndarray, base: str, seed: int) -> Reader:
    """Fine-tune on the training rows."""
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    model, rng = Reader(base).cuda(), np.random.default_rng(seed)
    steps = EPOCHS * (len(training) // BATCH + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: min(t / (WARM_UP * steps), max(0.0, (steps - t) / ((1 - WARM_UP) * steps))))
    for _ in range(EPOCHS):
        for rows in batches(rng.permutation(training), examples.length, rng):
            tokens, mask, gold = examples.batch(rows)
            with torch.autocast("cuda", torch.bfloat16):
                start, end = model(tokens, mask)
            loss = nn.functional.cross_entropy(start, gold[:, 0]) + nn.functional.cross_entropy(end, gold[:, 1])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return model.eval()


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
    """The logits of the held-out rows, one after the other, and how often start or end is right."""
    logits, hits = [], []
    for rows in np.array_split(held, max(1, len(held) // 128)):
        tokens, mask, gold = examples.batch(rows)
        start, end = model(tokens, mask)
        hits += ((start.argmax(1) == gold[:, 0]) | (end.argmax(1) == gold[:, 1])).tolist()
        for k, i in enumerate(rows):
            logits.append(torch.stack([start[k], end[k]], 1)[:examples.length[i]].cpu().numpy().astype(np.float16))
    return np.concatenate(logits), float(np.mean(hits))


def export(model: Reader, folder: Path) -> None:
    """Write reader-int8.onnx."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    example = torch.randint(1000, 2000, (2, 64))
    axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask", "start", "end")}
    whole = folder / "reader.onnx"
    torch.onnx.export(model.cpu(), (example, torch.ones_like(example)), str(whole), opset_version=17, dynamo=False,
                      input_names=["input_ids", "attention_mask"], output_names=["start", "end"], dynamic_axes=axes)
    quantize_dynamic(whole, folder / "reader-int8.onnx", weight_type=QuantType.QInt8, per_channel=True)
