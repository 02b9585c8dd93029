"""How far two annotators of our corpus agree: the gold as it was first written, and a second reading made blind.

    python -m benchmarks.corpus_agreement             prints the table that stands in corpus/README.md
    python -m benchmarks.corpus_agreement --list      prints every segment on which they differ as well

Eighteen reports were drawn by ``random.Random(5).sample(sorted(names), 18)`` from the 73 there were. The second
annotator found their segments anew, and had neither the gold nor the documented quotations. Both annotations are kept
as they were when the second was finished, so that the figures still hold when gold or reports are corrected; their
offsets are those of the text that was read. Only segments that both marked are compared; those of one are counted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nltk.metrics.agreement import AnnotationTask

from research.corpus_check import read_gold

CORPUS = Path(__file__).parent.parent / "corpus"

CODED = {"attributed or nobody's": "attributed", "kind": "kind", "speaker": "speaker_id", "continues": "continues"}
"""What is decided by choosing one of a few values, so that agreement by chance has to be taken off: alpha."""

MARKED = {"mention": ("mention_start", "mention_end"), "cue": ("cue_start", "cue_end")}
"""What is decided by marking words: chance hardly finds the same ones, so the share of equal spans says enough."""

OF_SPEECH = {"speaker", "continues", *MARKED}
"""What only segments have that both annotators give to somebody."""

Row = Mapping[str, Any]
Pair = tuple[Row, Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One line of the table; `alpha` is None where words are marked, and where all values are one."""

    what: str
    segments: int
    equal: int
    alpha: float | None


def read_annotation(path: Path) -> dict[str, list[Row]]:
    """Read rows by report; each learns whether it `continues` the quotation of the segment before it.

    Quotations are numbered in a report, and whether nobody's words are counted is of no interest: two annotators
    agree on a quotation's extent if they agree on where one ends and the next begins.
    """
    return {doc_id: list(_mark_continuations(rows)) for doc_id, rows in read_gold(path).items()}


def _mark_continuations(rows: Sequence[Row]) -> Iterator[Row]:
    before = None
    for row in sorted(rows, key=lambda row: int(row["start"])):
        yield {**row, "continues": row["quotation"] == before}
        before = row["quotation"]


def pair_rows(first: Mapping[str, Sequence[Row]], second: Mapping[str, Sequence[Row]]) -> tuple[list[Pair], list[Row]]:
    """Pair the rows of the reports that both read by their span; the rest is what only one of them marked."""
    shared = sorted(first.keys() & second.keys())
    ours, theirs = ({_span(row): row for doc_id in shared for row in rows[doc_id]} for rows in (first, second))
    alone = [(ours | theirs)[span] for span in sorted(ours.keys() ^ theirs.keys())]
    return [(ours[span], theirs[span]) for span in sorted(ours.keys() & theirs.keys())], alone


def _span(row: Row) -> tuple[str, int, int]:
    return row["doc_id"], row["start"], row["end"]


def measure_alpha(labels: Sequence[tuple[Any, Any]]) -> float | None:
    """Krippendorff's alpha of two annotators for nominal values (Krippendorff 2004), by NLTK's AnnotationTask.

    None where every value is the same one: then nothing could have been disagreed on.

    >>> measure_alpha([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")])
    0.5333333333333333
    """
    if len({label for pair in labels for label in pair}) < 2:
        return None
    rows = [(coder, item, label) for item, pair in enumerate(labels) for coder, label in enumerate(pair)]
    return float(AnnotationTask(rows).alpha())


def measure_agreement(pairs: Sequence[Pair]) -> Iterator[Agreement]:
    """Compare the pairs by everything that is coded or marked."""
    for what in (*CODED, *MARKED):
        compared = [pair for pair in pairs if what not in OF_SPEECH or all(row["attributed"] for row in pair)]
        labels = [(read_value(one, what), read_value(other, what)) for one, other in compared]
        alpha = measure_alpha(labels) if what in CODED else None
        equal = sum(one == other for one, other in labels)
        yield Agreement(what=what, segments=len(labels), equal=equal, alpha=alpha)


def read_value(row: Row, what: str) -> Any:
    """What an annotator decided: a value, or the place of the marked words."""
    return row[CODED[what]] if what in CODED else tuple(row[edge] for edge in MARKED[what])


def write_table(lines: Sequence[Agreement]) -> str:
    """The table as markdown."""
    rows = [
        f"| {line.what} | {line.segments} | {line.equal} | {line.equal / line.segments:.1%} |"
        f" {'' if line.alpha is None else f'{line.alpha:.3f}'} |"
        for line in lines
    ]
    return "\n".join(["| | segments | equal | share | alpha |", "|---|---:|---:|---:|---:|", *rows])


def list_differences(pairs: Sequence[Pair], alone: Sequence[Row]) -> Iterator[str]:
    """One line for each segment and decision on which the two differ: the first annotator's, then the second's."""
    for row in alone:
        yield f"{row['quote_id']} {row['text']!r}: marked by one alone"
    for one, other in pairs:
        for what in (*CODED, *MARKED):
            if read_value(one, what) != read_value(other, what):
                values = (row[what] if what in MARKED else row[CODED[what]] for row in (one, other))
                yield f"{one['quote_id']} {one['text'][:40]!r} {what}: {' / '.join(map(repr, values))}"


def main() -> None:
    """Print how many reports and segments were compared, and the table."""
    parser = argparse.ArgumentParser(description="Agreement of the gold with a second, blind annotation.")
    parser.add_argument("--list", action="store_true", help="print every difference too")
    wants_list = parser.parse_args().list
    second = read_annotation(CORPUS / "second_annotation.jsonl")
    pairs, alone = pair_rows(read_annotation(CORPUS / "first_annotation.jsonl"), second)
    print(f"{len(second)} reports; {len(pairs)} segments marked by both, {len(alone)} by one alone\n")
    print(write_table(list(measure_agreement(pairs))))
    if wants_list:
        print("", *list_differences(pairs, alone), sep="\n")


if __name__ == "__main__":
    main()
