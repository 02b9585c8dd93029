"""Fine-tune the reader: a small BERT that points at the mention of a marked quote's speaker.

Besides the quotes, every other attribution of the training articles (indirect speech) is an example, its content
playing
the quote, and so are synthetic articles. Fitted once on everything and once for each fold, so that what combines it
with
the ranker can be fitted out of fold.

    python -m research.training.reader prepare FILE.npz           (needs the data and tokenizers)
    python -m research.training.reader fit FILE.npz BASE FOLD OUT (needs torch, transformers; a GPU)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

EPOCHS, BATCH, RATE, WARM_UP = 5, 32, 1.5e-4, 0.1
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
    """Fit on all but one fold (all of them for -1); print the accuracy on what was left out (dev for -1)."""
    import torch
    from torch import nn
    from transformers import AutoModel

    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    raw = {name: value for name, value in np.load(path).items()}
    bounds = np.concatenate([[0], np.cumsum(raw["length"])])
    ids = [torch.tensor(raw["ids"][bounds[i] : bounds[i + 1]].astype(np.int64)) for i in range(len(raw["length"]))]
    answer = torch.tensor(raw["answer"]).cuda()

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.b = AutoModel.from_pretrained(base, dtype=torch.float32, add_pooling_layer=False)
            self.o, self.d = nn.Linear(self.b.config.hidden_size, 2), nn.Dropout(0.1)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.b(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            logits = self.o(self.d(hidden)).float().masked_fill(~attention_mask.bool()[..., None], -1e4)
            return logits[..., 0], logits[..., 1]

    def batch(rows: np.ndarray) -> Any:
        joined = nn.utils.rnn.pad_sequence([ids[i] for i in rows], batch_first=True)
        mask = (torch.arange(joined.shape[1])[None] < torch.tensor([len(ids[i]) for i in rows])[:, None]).long()
        return joined.cuda(), mask.cuda(), answer[torch.as_tensor(rows).cuda()]

    model = Reader().cuda()
    training = np.flatnonzero((raw["fold"] >= 0) & (raw["fold"] != fold))
    steps = EPOCHS * (len(training) // BATCH + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: min(t / (WARM_UP * steps), max(0.0, (steps - t) / ((1 - WARM_UP) * steps)))
    )
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = rng.permutation(training)
        # similar lengths together inside groups of 64 batches: a third less padding
        for group in np.array_split(order, max(1, len(order) // (BATCH * 64))):
            group = group[np.argsort(raw["length"][group], kind="stable")]
            parts = np.array_split(group, max(1, len(group) // BATCH))
            for k in rng.permutation(len(parts)):
                tokens, mask, gold = batch(parts[k])
                with torch.autocast("cuda", torch.bfloat16):
                    start, end = model(tokens, mask)
                loss = nn.functional.cross_entropy(start, gold[:, 0]) + nn.functional.cross_entropy(end, gold[:, 1])
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
    model.eval()
    held = np.flatnonzero((raw["fold"] == (fold if fold >= 0 else -1)) & raw["own"])
    logits, hits = [], []
    with torch.no_grad():
        for rows in np.array_split(held, max(1, len(held) // 128)):
            tokens, mask, gold = batch(rows)
            start, end = model(tokens, mask)
            hits += ((start.argmax(1) == gold[:, 0]) | (end.argmax(1) == gold[:, 1])).tolist()
            for k, i in enumerate(rows):
                logits.append(torch.stack([start[k], end[k]], 1)[: raw["length"][i]].cpu().numpy().astype(np.float16))
    print(fold, "start or end right", round(float(np.mean(hits)), 4), flush=True)
    np.savez_compressed(f"{out}/reader_{fold}.npz", rows=held, logits=np.concatenate(logits))
    if fold < 0:
        model = model.cpu()
        example = torch.randint(1000, 2000, (2, 64))
        axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask", "start", "end")}
        torch.onnx.export(
            model,
            (example, torch.ones_like(example)),
            f"{out}/reader.onnx",
            opset_version=17,
            dynamo=False,
            input_names=["input_ids", "attention_mask"],
            output_names=["start", "end"],
            dynamic_axes=axes,
        )
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(f"{out}/reader.onnx", f"{out}/reader-int8.onnx", weight_type=QuantType.QInt8, per_channel=True)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    else:
        fit(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
