"""Score the chain on PolNeAR's dev articles, through the real command line, with the scorer kept beside the data.

    python -m benchmarks.polnear [--no-reader] [--unknown-people]

Beneath the scorer's report stands a table of its own: how often the kind of speaker is right, by gold kind. A quote is
found if one of the rows overlaps it by half or more (IoU, as in the scorer); one that was not found counts as wrong.

Needs the data (see README): the folder in $ON_THE_RECORD_DATA, its scorer in ../tools/score.py from there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
FOUND_IOU = 0.5
DATA = Path(os.environ.get("ON_THE_RECORD_DATA", REPOSITORY.parent / "shared" / "data"))


def write_articles(gold: Path, folder: Path) -> None:
    """Write each article as a text file named after its id."""
    for line in gold.read_text("utf8").splitlines():
        article = json.loads(line)
        (folder / f"{article['id']}.txt").write_text(article["text"], encoding="utf8", newline="")


def extract(folder: Path, out: Path, *, reader: bool, known_people: bool) -> None:
    """Extract by the command line."""
    command = [sys.executable, "-m", "research", "extract", str(folder), "-o", str(out)]
    command += [] if reader else ["--no-reader"]
    command += [] if known_people else ["--speakers", "none"]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL, cwd=REPOSITORY)


KINDS = {  # as the gold calls them, and as the table does
    "person": "person",
    "unnamed_person": "unnamed person",
    "organization": "organisation",
    "group": "group",
    "document": "document",
}


def judge_kinds(gold: Path, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[bool]]:
    """For each gold kind, of every quote whether its row's `speaker_kind` is that kind."""
    by_article: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_article.setdefault(row["doc_id"], []).append(row)
    judged: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for line in gold.read_text("utf8").splitlines():
        article = json.loads(line)
        found = by_article.get(article["id"], [])
        for quote in article["quotes"]:
            if quote.get("speaker_kind") in KINDS and quote["start"] is not None:
                row = max(found, key=lambda r: overlap(r, quote["inner"]), default=None)
                is_found = row is not None and overlap(row, quote["inner"]) >= FOUND_IOU
                judged[quote["speaker_kind"]].append(
                    bool(row and is_found and row["speaker_kind"] == KINDS[quote["speaker_kind"]])
                )
    return judged


def overlap(row: Mapping[str, Any], span: Sequence[int]) -> float:
    """Intersection over union of a row's quote and a span."""
    shared = max(0, min(row["end"], span[1]) - max(row["start"], span[0]))
    return shared / (row["end"] - row["start"] + span[1] - span[0] - shared) if shared else 0.0


def say_kinds(judged: Mapping[str, Sequence[bool]]) -> str:
    """The table of kinds, and all but named persons together."""
    shown = {**judged, "all but person": [right for kind in judged if kind != "person" for right in judged[kind]]}
    return "\n".join(
        f"kind {kind:14}  gold {len(rights):4}  right {sum(rights):4}  {sum(rights) / max(1, len(rights)):.3f}"
        for kind, rights in shown.items()
    )


def main() -> int:
    """Print the scorer's report."""
    parser = argparse.ArgumentParser(description="Score the chain on PolNeAR's dev articles.")
    parser.add_argument("--no-reader", action="store_true", help="the ranker alone")
    parser.add_argument("--unknown-people", action="store_true", help="without roster and gazetteer")
    chosen = parser.parse_args()
    gold, scorer = DATA / "polnear" / "dev.jsonl", DATA.parent / "tools" / "score.py"
    if not (gold.exists() and scorer.exists()):
        print(f"The data is not at {DATA}. Name its folder in ON_THE_RECORD_DATA.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "articles", Path(place) / "quotes.jsonl"
        folder.mkdir()
        write_articles(gold, folder)
        extract(folder, out, reader=not chosen.no_reader, known_people=not chosen.unknown_people)
        code = subprocess.run([sys.executable, str(scorer), str(gold), str(out)], check=False).returncode
        print(say_kinds(judge_kinds(gold, [json.loads(line) for line in out.read_text("utf8").splitlines()])))
        return code


if __name__ == "__main__":
    sys.exit(main())
