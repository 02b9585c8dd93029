"""Write the card of the word lists: definition, size and judged precision of every measure.

``python -m research.training.rhetoric`` reads our judgements (tests/cases/rhetoric_precision.jsonl: the place of each
hit and whether it counts, no words of others), checks that every hit is still found where the data is at hand, and
rewrites models/rhetoric.md.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from research.rhetoric import PATTERNS, find_rhetoric, lexicons, measures
from research.training.punkt import data_folder, read_jsonl

JUDGEMENTS = Path(__file__).parents[2] / "tests" / "cases" / "rhetoric_precision.jsonl"
CARD = Path(__file__).parents[1] / "models" / "rhetoric.md"

Judgement = Mapping[str, Any]


def read_judgements() -> list[Judgement]:
    """Our judgements of hits."""
    return [json.loads(line) for line in JUDGEMENTS.read_text(encoding="utf-8").splitlines()]


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927).

    >>> low, high = wilson_interval(50, 52)
    >>> round(low, 3), round(high, 3)
    (0.87, 0.989)
    """
    z = 1.96
    middle = (right + z * z / 2) / (total + z * z)
    half = z * (right * (total - right) / total + z * z / 4) ** 0.5 / (total + z * z)
    return middle - half, middle + half


def segments_of(folder: Path) -> dict[tuple[str, str, int], str]:
    """The quoted words that hits were drawn from, by source, id and place."""
    segments = {
        ("quotations", row["id"], 0): row["quote"] for row in read_jsonl(folder / "quotations/quotations.jsonl")
    }
    for row in read_jsonl(folder / "polnear" / "train.jsonl.gz"):
        for quote in row["quotes"]:
            segments["polnear", row["id"], quote["start"]] = row["text"][quote["start"] : quote["end"]]
    return segments


def find_lost(judgements: Iterable[Judgement], segments: Mapping[tuple[str, str, int], str]) -> list[Judgement]:
    """Judged hits that the lists no longer find: these need a new sample."""
    return [
        judgement
        for judgement in judgements
        if (judgement["measure"], judgement["start"], judgement["end"])
        not in {
            (hit.measure, *hit.span)
            for hit in find_rhetoric(segments[judgement["source"], judgement["id"], judgement["segment_start"]])
        }
    ]


def describe(judgements: Iterable[Judgement]) -> str:
    """The card as Markdown."""
    verdicts: dict[str, list[bool]] = defaultdict(list)
    for judgement in judgements:
        verdicts[judgement["measure"]].append(judgement["counts"])
    rows = [describe_measure(name, verdicts[name]) for name in measures()]
    return HEAD.format(count=sum(map(len, verdicts.values())), rows="\n".join(rows))


def describe_measure(name: str, verdicts: list[bool]) -> str:
    """One row of the table."""
    low, high = wilson_interval(sum(verdicts), len(verdicts))
    lexicon = lexicons().get(name)
    definition = lexicon.definition if lexicon else str(PATTERNS[name].__doc__).split("\n")[0]
    size = f"{len(lexicon.count)}" if lexicon else "pattern"
    share = sum(verdicts) / len(verdicts)
    return f"| {name} | {definition} | {size} | {len(verdicts)} | {share:.2f} ({low:.2f} to {high:.2f}) |"


HEAD = """# rhetoric.toml: word lists of rhetoric
Our own lists; none is copied from a published lexicon. A hit is a word or phrase in a quote; a rate is hits per 1,000
words. Examples that count and that do not: `tests/cases/rhetoric.jsonl`.

## Precision, judged hit by hit
{count} hits read in their context and judged against the definition by the author of the lists in one pass, drawn at
random from quoted speech: up to 22 a measure from documented quotations on the war in Ukraine, the rest from PolNeAR's
training articles (US politics, 2015-16). After the reading, exclusions were added to seven measures ("Reagan Democrats"
are no appeal to history); hits so lost were replaced by others drawn at random. What the lists miss (recall) was not
measured. The author was a language model, and there was no second coder: take the interval, which knows of chance only,
as the best case.

| measure | what counts | phrases | n | precision (95 % interval) |
|---|---|---|---|---|
{rows}

## Cue verbs
The journalist's cue is framed as neutral, doubting, endorsing or hostile by its verb, and says nothing of the speaker.
The lists follow one question each: does the verb leave the truth open (claim), take it for granted (point out,
admit), or judge the manner (rant)? An unlisted cue has no frame.

Rewritten by `python -m research.training.rhetoric`.
"""


def main() -> None:
    """Check that the judged hits are still found, and write the card."""
    judgements, folder = read_judgements(), data_folder()
    if folder.exists():
        lost = find_lost(judgements, segments_of(folder))
        sys.stdout.write(f"{len(judgements)} judged hits, {len(lost)} no longer found\n")
    CARD.write_text(describe(judgements), encoding="utf-8")


if __name__ == "__main__":
    main()
