"""Whether `confidence` keeps its word: reliability of the rows extracted from PolNeAR's dev articles.

    python -m benchmarks.reliability

Prints a table and writes benchmarks/reliability.md. A row is right if it is anybody's speech and, where the source is a
person, the surname is right (as the scorer beside the data compares names), else if the mention overlaps the source.
Left out are rows whose speech has no source in the text, or whose source is a person while the row names none: there is
no named speaker to be sure of. The expected calibration error is Guo et al.'s (2017, ICML), over ten bins.
Needs the data, as benchmarks.polnear does.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.polnear import DATA, REPOSITORY, extract, write_articles

BINS = 10
Judged = tuple[float, bool]  # a row's confidence, and whether it is right


def load_scorer(path: Path) -> Any:
    """The scorer kept beside the data, as a module."""
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judge(gold: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], scorer: Any) -> Iterator[Judged]:
    """Each row that names a speaker, with its confidence and whether it is right."""
    of_article = defaultdict(list)
    for row in rows:
        of_article[row["doc_id"]].append(row)
    for article in gold:
        quotes = [(scorer.strip_edges(article["text"], q["start"], q["end"]), q) for q in article["quotes"]]
        for row in of_article[article["id"]]:
            span = scorer.strip_edges(article["text"], row["start"], row["end"])
            there, quote = max(quotes, key=lambda q: scorer.iou(q[0], span), default=(span, None))
            if quote is not None and scorer.iou(there, span) >= scorer.FOUND_IOU:
                right = is_right(row, quote, scorer)
                if right is not None:
                    yield row["confidence"], right


def is_right(row: Mapping[str, Any], quote: Mapping[str, Any], scorer: Any) -> bool | None:
    """Whether a row's speaker is right; None where there is nothing to be right about."""
    if not quote["attributed"]:
        return False
    if not quote["source"]:
        return None
    if quote.get("speaker_kind") == "person":
        return bool(scorer.same_surname(row["speaker"], quote["speaker"])) if row["speaker"] else None
    mention = (row["mention_start"] or 0, row["mention_end"] or 0)
    return any(scorer.overlap(mention, source[:2]) > 0 for source in quote["source"])


def set_table(judged: Sequence[Judged]) -> str:
    """Reliability by bin, and the expected calibration error, as Markdown."""
    lines = ["| confidence | rows | mean confidence | right |", "|---|---:|---:|---:|"]
    gap: float = 0
    for number in range(BINS):
        own = [(c, r) for c, r in judged if min(int(c * BINS), BINS - 1) == number]
        if own:
            sure, right = sum(c for c, _ in own), sum(r for _, r in own)
            gap += abs(sure - right)
            lines.append(f"| {number / BINS:.1f}–{(number + 1) / BINS:.1f} | {len(own)} | {sure / len(own):.3f} | "
                         f"{right / len(own):.3f} |")
    means = [sum(column) / len(judged) for column in zip(*judged, strict=True)]
    lines += [f"| all | {len(judged)} | {means[0]:.3f} | {means[1]:.3f} |", "",
              f"Expected calibration error: {gap / len(judged):.3f}."]
    return "\n".join(lines)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> int:
    """Extract with and without the reader, judge, print and write."""
    gold, scorer = DATA / "polnear" / "dev.jsonl", DATA.parent / "tools" / "score.py"
    if not (gold.exists() and scorer.exists()):
        print(f"The data is not at {DATA}. Name its folder in ON_THE_RECORD_DATA.", file=sys.stderr)
        return 2
    parts = ["# Does `confidence` keep its word?",
             "Written by `python -m benchmarks.reliability`, whose docstring says what is right; PolNeAR, dev."]
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "articles", Path(place) / "quotes.jsonl"
        folder.mkdir()
        write_articles(gold, folder)
        for title, reader in (("With the reader", True), ("Without it", False)):
            extract(folder, out, reader=reader, known_people=True)
            table = set_table(list(judge(read_lines(gold), read_lines(out), load_scorer(scorer))))
            parts += [f"## {title}", table]
    report = "\n\n".join(parts) + "\n"
    print(report, end="")
    (REPOSITORY / "benchmarks" / "reliability.md").write_text(report, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
