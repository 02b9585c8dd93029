"""What tone and rhetoric cost: CPU milliseconds per quote for each score, the start, and growth with length.

``python benchmarks/tone.py`` times documented quotations where ON_THE_RECORD_DATA has them, sentences of our own where
not, and prints one line a measure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

START = time.process_time()

import pandas as pd  # noqa: E402

from research.rhetoric import rhetoric  # noqa: E402
from research.tone import score, score_text  # noqa: E402
from research.training.punkt import data_folder, read_jsonl  # noqa: E402

OWN = (
    "We will not surrender, and we don't believe a word of it. They bombed the bridge on Monday.",
    "Perhaps there is hope: the talks were useful, and the hostages may come home.",
    "It is a disgrace.",
    "The programme of the ministry has been extended by two years.",
)
HOSTILE = ("but bad " * 10_000, "a" * 100_000, "[ " * 50_000, "!" * 100_000, "will not " * 10_000, "“’" * 50_000)


def quotes() -> list[str]:
    """Quotes to time: 1,000 of them, repeated with a number so that none is scored for another."""
    path = data_folder() / "quotations" / "quotations.jsonl"
    texts = [row["quote"] for row in read_jsonl(path)] if path.exists() else list(OWN)
    return [f"{texts[number % len(texts)]} {number}" for number in range(1000)]


def cpu_seconds(job: Callable[[], object]) -> float:
    """CPU time of this process for one run."""
    start = time.process_time()
    job()
    return time.process_time() - start


def main() -> None:
    """Time and print."""
    sys.stdout.write(f"import: {time.process_time() - START:.2f} CPU s\n")
    sys.stdout.write(f"first score: {cpu_seconds(lambda: score_text('Good.')):.2f} CPU s\n")
    table = pd.DataFrame({"text": quotes()})
    sys.stdout.write(f"score, 1,000 quotes: {cpu_seconds(lambda: score(table)):.2f} CPU s\n")
    sys.stdout.write(f"rhetoric, 1,000 quotes: {cpu_seconds(lambda: rhetoric(table)):.2f} CPU s\n")
    for text in HOSTILE:
        once, tenfold = (cpu_seconds(partial(score_text, text * n)) for n in (1, 10))
        sys.stdout.write(f"{text[:8]!r} x {len(text):,}: {once:.2f} CPU s, ten times: {tenfold:.2f} CPU s\n")


if __name__ == "__main__":
    main()
