"""Measure the extraction on our own corpus by speaker, and write the table into README.md and corpus/README.md.

    python -m benchmarks.corpus_extraction

Found: a gold segment has a row with the same words. Right speaker: that row names the gold speaker. Precision: of the
rows that name a speaker, the share that is right; a row on a segment that is nobody's speech counts as wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = (REPOSITORY / "README.md", REPOSITORY / "corpus" / "README.md")
COLUMNS = ("speaker", "gold quotes", "found", "right speaker", "wrong speaker", "no speaker", "recall", "precision")


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without blanks and marks at its edges."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def extracted(documents: Sequence[Any], *, reader: bool) -> dict[tuple[str, int, int], Any]:
    """The extracted rows by document and bare span."""
    from research.extraction import ExtractionConfig, extract_corpus

    texts = {document.doc_id: document.text for document in documents}
    rows = [row for r in extract_corpus(documents, ExtractionConfig(use_reader=reader)) for row in r.rows]
    return {(row["doc_id"], *bare(texts[row["doc_id"]], row["start"], row["end"])): row for row in rows}


def count(gold: Sequence[Mapping[str, Any]], rows: Mapping[Any, Any], texts: Mapping[str, str]) -> dict[str, list[int]]:
    """For each speaker: gold quotes, found, right, wrong, none, and rows that name the speaker."""
    counts: dict[str, list[int]] = {}
    for row in rows.values():
        if row["speaker"]:
            counts.setdefault(row["speaker"], [0] * 6)[5] += 1
    for quote in gold:
        if not quote["attributed"]:
            continue
        row = rows.get((quote["doc_id"], *bare(texts[quote["doc_id"]], quote["start"], quote["end"])))
        own = counts.setdefault(quote["speaker"], [0] * 6)
        own[0] += 1
        own[1] += row is not None
        if row is not None:
            own[2 if row["speaker"] == quote["speaker"] else 3 if row["speaker"] else 4] += 1
    return counts


def table(counts: Mapping[str, Sequence[int]]) -> list[str]:
    """The lines of the markdown table, most quoted first, the sum last."""
    named = sorted((name for name, c in counts.items() if c[0]), key=lambda name: (-counts[name][0], name))
    total = [sum(counts[name][i] for name in counts) for i in range(6)]
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|" + "---:|" * (len(COLUMNS) - 1)]
    for name, c in [*((name, counts[name]) for name in named), ("**all**", total)]:
        lines.append(f"| {name} | {' | '.join(map(str, c[:5]))} | {c[2] / c[0]:.3f} | {c[2] / max(c[5], 1):.3f} |")
    return lines


def version() -> str:
    """The package's version and the models' first eight hexadecimal digits."""
    from research import __version__

    digest = hashlib.sha256()
    for name in ("tagger.npz", "attribution.npz", "reader/reader-int8.onnx"):
        digest.update((REPOSITORY / "research" / "models" / name).read_bytes())
    return f"on-the-record {__version__}, models {digest.hexdigest()[:8]}"


def write(page: Path, lines: Sequence[str], name: str = "measured") -> None:
    """Put the lines between the page's marks of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, rest = page.read_text("utf8").split(begin)
    text = f"{head}{begin}\n{chr(10).join(lines)}\n{end}{rest.split(end)[1]}"
    page.write_text(text, encoding="utf8", newline="\n")


def main() -> None:
    """Measure with and without the reader, print, and write into the pages."""
    import research
    from research.reader import is_available

    documents = list(research.read_corpus(REPOSITORY / "corpus" / "reports"))
    texts = {document.doc_id: document.text for document in documents}
    gold = [json.loads(line) for line in (REPOSITORY / "corpus" / "gold.jsonl").read_text("utf8").splitlines()]
    without = count(gold, extracted(documents, reader=False), texts)
    counts = count(gold, extracted(documents, reader=True), texts) if is_available() else without
    sums = [[sum(c[i] for c in side.values()) for i in range(6)] for side in (counts, without)]
    lines = [f"`python -m benchmarks.corpus_extraction` ({version()}), over {len(documents)} reports: "
             f"{sums[0][1] / sums[0][0]:.3f} of the gold quotes found, {sums[0][2] / sums[0][1]:.3f} of those with the "
             f"right speaker (without the reader {sums[1][1] / sums[1][0]:.3f} and {sums[1][2] / sums[1][1]:.3f}).", "",
             *table(counts)]
    print("\n".join(lines))
    for page in PAGES:
        write(page, lines)


if __name__ == "__main__":
    main()
