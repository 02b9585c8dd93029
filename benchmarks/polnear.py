"""Score the chain on PolNeAR's dev articles, through the real command line, with the scorer kept beside the data.

    python -m benchmarks.polnear [--no-reader] [--unknown-people]

Needs the data (see README): the folder in $ON_THE_RECORD_DATA, its scorer in ../tools/score.py from there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
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
        return subprocess.run([sys.executable, str(scorer), str(gold), str(out)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
