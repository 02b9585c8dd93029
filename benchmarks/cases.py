"""How many of the hard cases in tests/cases come out right, by kind of difficulty.

``python -m benchmarks.cases`` prints a table of each kind and puts them into README; with ``--known-failures`` it also
rewrites tests/cases/known-failures.txt, the list of cases that the tests expect to fail, and fail on when they do not.
The rules of scoring are in tests/cases/README.md.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus_extraction import write
from research.attribution import load_models
from research.documents import Document
from research.extraction import ExtractionConfig, extract_document
from research.reader import is_available
from research.registry import load_registry, repaired

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases"
KNOWN_FAILURES = CASES / "known-failures.txt"
KINDS = ("attribution", "identity")
SETS = {"": "first", "-later": "later", "-unseen": "unseen"}  # endings of the files' names, and their columns' heads
WORKED_ON = ("", "-later")
NEWS = {"": "worked on", "-unseen": "unseen"}
NEWS_ASKED = {"attribution": "mention", "identity": "person"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one case: for each of its segments in order None, or what is wrong with its row."""

    kind: str
    case_id: str
    group: str
    wrong: tuple[str | None, ...]

    @property
    def is_right(self) -> bool:
        """Whether every row is."""
        return not any(self.wrong)


def read_cases(name: str) -> list[Row]:
    """The cases of a file."""
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def read_worked_on(kind: str) -> list[Row]:
    """The cases of a kind that have been worked on."""
    return [case for ending in WORKED_ON for case in read_cases(kind + ending)]


def read_known_failures(path: Path = KNOWN_FAILURES) -> frozenset[tuple[str, str]]:
    """(kind, case_id) of every case that is known to fail."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return frozenset((kind, case_id) for kind, _, case_id in (line.partition(" ") for line in lines if line))


def as_document(case: Row) -> Document:
    """A case as the article it would be."""
    date = case.get("date")
    return Document(
        doc_id=case["id"],
        text=case["text"],
        date=datetime.date.fromisoformat(date) if date else None,
        title=case.get("title"),
        author=case.get("author"),
    )


def judge_case(kind: str, case: Row, *, reader: bool = False) -> Outcome:
    """Extract a case's quotes and compare them with what they should be; the tests do without the reader, an extra."""
    result = extract_document(as_document(case), ExtractionConfig(use_reader=reader), load_models(), load_registry())
    found = {row["start"]: row for row in result.rows}
    judge = judge_attribution if kind == "attribution" else judge_identity
    wrong = tuple(_judge_row(judge, asked, found.get(asked["start"])) for asked in case["quotes"])
    return Outcome(kind=kind, case_id=case["id"], group=case["group"], wrong=wrong)


def _judge_row(judge: Any, asked: Row, row: Row | None) -> str | None:
    """None if a row is right, else what was asked and what came out."""
    if not asked.get("attributed", True):
        return None if row is None else f"{asked['text'][:60]!r} is nobody's, but became {_say(row)}"
    if row is None:
        return f"{asked['text'][:60]!r} did not come out"
    return None if judge(asked, row) else f"{asked['text'][:60]!r} is {_say(asked)}, but became {_say(row)}"


def judge_attribution(asked: Row, row: Row) -> bool:
    """Whether the mention found is one of those asked for, or names the person asked for."""
    spans = asked.get("mention_spans") or ()
    start, end = row["mention_start"], row["mention_end"]
    if start is not None and any(start < last and first < end for first, last in spans):
        return True
    return asked["speaker"] is not None and plain(row["speaker"]) == plain(asked["speaker"])


def judge_identity(asked: Row, row: Row) -> bool:
    """Whether the person is right, and the kind of speaker where it is asked; a name is never asked of a thing."""
    kind = asked.get("speaker_kind")
    if kind and row["speaker_kind"] != kind:
        return False
    if asked["speaker"] is None and kind not in (None, "person", "unnamed person"):
        return True
    return plain(row["speaker"]) == plain(asked["speaker"])


def plain(name: str | None) -> str | None:
    """A name as two annotators would agree on it: mojibake repaired, no accents, no case, initials without dots.

    >>> plain("J. J. NÃºÃ±ez Jr.")
    'j j nunez jr'
    """
    if name is None:
        return None
    letters = unicodedata.normalize("NFKD", repaired(name)).casefold()
    return " ".join("".join(c for c in letters if c != "." and not unicodedata.combining(c)).split())


def _say(row: Row) -> str:
    """A row in short: mention, person, kind."""
    return f"{row.get('mention')!r} = {row.get('speaker')!r} ({row.get('speaker_kind')})"


@functools.cache
def judge_all(name: str, *, reader: bool = False, kind: str = "") -> tuple[Outcome, ...]:
    """Every case of a file, judged; the kind of judgement is in its name, or given."""
    return tuple(judge_case(kind or name.partition("-")[0], case, reader=reader) for case in read_cases(name))


def set_table(kind: str, *, reader: bool) -> list[str]:
    """Rows right by group as Markdown, of each set of cases, without and with the reader."""
    readers = (False, True) if reader else (False,)
    sides = [judge_all(kind + ending, reader=use) for ending in SETS for use in readers]
    heads = [f"{name}, {'reader' if use else 'ranker'}" for name in SETS.values() for use in readers]
    lines = [f"| {kind} | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    groups = sorted({outcome.group for outcome in sides[0]}, key=str.casefold)
    for group in groups:
        lines.append(_set_line(group, [[o for o in side if o.group == group] for side in sides]))
    return [*lines, _set_line("**all**", sides)]


def news_table(*, reader: bool) -> list[str]:
    """Mentions and persons right in ordinary articles as Markdown, by sort of paper."""
    readers = (False, True) if reader else (False,)
    each = [(kind, ending, use) for kind in KINDS for ending in NEWS for use in readers]
    sides = [judge_all(f"news{ending}", reader=use, kind=kind) for kind, ending, use in each]
    heads = [f"{NEWS_ASKED[kind]}, {NEWS[ending]}, {'reader' if use else 'ranker'}" for kind, ending, use in each]
    lines = [f"| ordinary news | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for group in sorted({outcome.group for outcome in sides[0]}, key=str.casefold):
        lines.append(_set_line(group, [[o for o in side if o.group == group] for side in sides]))
    return [*lines, _set_line("**all**", sides)]


def _set_line(name: str, sides: Sequence[Sequence[Outcome]]) -> str:
    shares = (_share([wrong is None for outcome in side for wrong in outcome.wrong]) for side in sides)
    return f"| {name} | {' | '.join(shares)} |"


def _share(flags: Sequence[bool]) -> str:
    return f"{sum(flags) / len(flags):.2f} of {len(flags)}" if flags else ""


INTRODUCTION = (
    "`python -m benchmarks.cases`: share of quotes right, by what makes them hard. The first cases were in view while "
    "rules and made-up articles were written. The later ones were written by somebody who had not seen the package, to "
    "find out what it cannot do; what failed has been worked on since. So were the unseen ones, and nobody has worked "
    "on what fails among them."
)


NEWS_INTRODUCTION = (
    "Ordinary articles, invented in the ways of many papers by language models that had not seen the package: who says "
    "a quote, by mention and by person. Half of them, parted by number, were read to find out what to mend."
)


def set_tables() -> list[str]:
    """The tables of ordinary news and of both kinds of cases as lines of Markdown."""
    reader = is_available()
    hard = [line for kind in KINDS for line in ("", *set_table(kind, reader=reader))]
    return [NEWS_INTRODUCTION, "", *news_table(reader=reader), "", INTRODUCTION, *hard]


def list_failures(outcomes: Iterable[Outcome]) -> str:
    """The cases that fail, one a line."""
    return "".join(sorted(f"{o.kind} {o.case_id}\n" for o in outcomes if not o.is_right))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--known-failures", action="store_true", help="rewrite tests/cases/known-failures.txt")
    parser.add_argument("--show", metavar="GROUP", help="print what is wrong in a group, and write nothing")
    given = parser.parse_args(arguments)
    outcomes = [outcome for kind in KINDS for ending in WORKED_ON for outcome in judge_all(kind + ending)]
    if given.show:
        shown = [o for o in outcomes if o.group == given.show]
        sys.stdout.writelines(f"{o.kind} {o.case_id}: {wrong}\n" for o in shown for wrong in o.wrong if wrong)
        return
    lines = set_tables()
    sys.stdout.write("\n".join(lines) + "\n")
    write(ROOT / "README.md", lines, "cases")
    if given.known_failures:
        KNOWN_FAILURES.write_text(list_failures(outcomes), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
