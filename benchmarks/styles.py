"""How well quotes and speakers are found when the same articles follow other houses' styles.

    python -m benchmarks.styles [--no-reader]

PolNeAR's dev articles are American: double marks, commas inside them. Here each is set anew by rules, with its gold:
commas behind the marks, single marks as in Britain, guillemets, low marks as in German, straight marks, lines broken
at 72 characters as in old e-mails. What is asked and how it is scored are as in `benchmarks.polnear`, but that
precision is left out: in single marks the headlines' own quotations are found, too, which the annotators left alone.

Needs the data (see README): the folder in $ON_THE_RECORD_DATA, its scorer in ../tools/score.py from there.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.polnear import DATA, extract, write_articles

WIDTH = 72  # characters of a broken line
MEASURES = {
    "quotes found": r"^A exact .*R ([\d.]+)",
    "direct": r"^B direct .*end-to-end ([\d.]+)",
    "mixed": r"^B mixed .*end-to-end ([\d.]+)",
    "all": r"^B all .*end-to-end ([\d.]+)",
    "full name": r"^C all .*full name ([\d.]+)",
}
INNER = re.compile(r"(?<!\w)[‘'“\"](?=\w)([^‘’'“”\"\n]*(?:(?<=\w)['’](?=\w)[^‘’'“”\"\n]*)*)(?<=[\w.,!?…])[’'”\"](?!\w)")

Edit = tuple[int, int, str]  # from, to, what stands there now


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a house sets quotations: marks, marks inside marks, apostrophe, whether a comma stands behind the mark."""

    marks: tuple[str, str] | None = None
    inner: tuple[str, str] = ("‘", "’")
    apostrophe: str | None = None
    comma_behind: bool = True


STYLES: Mapping[str, Style | None] = {
    "as published": Style(comma_behind=False),
    "“X”, said Y": Style(),
    "‘X’, said Y": Style(marks=("‘", "’"), inner=("“", "”"), apostrophe="’"),
    "'X', said Y": Style(marks=("'", "'"), inner=('"', '"'), apostrophe="'"),
    '"X," said Y': Style(marks=('"', '"'), inner=("'", "'"), apostrophe="'", comma_behind=False),
    "«X», said Y": Style(marks=("«", "»"), inner=("“", "”")),
    "« X », said Y": Style(marks=("«\xa0", "\xa0»"), inner=("“", "”")),
    "„X“, said Y": Style(marks=("„", "“"), inner=("‚", "‘")),
    "lines of 72 characters": None,
}


def restyled(article: Mapping[str, Any], style: Style | None) -> dict[str, Any]:
    """The article in a style (None: with broken lines), all offsets of its gold moved along."""
    edits = list(_broken_lines(article["text"]) if style is None else _edits(article, style))
    text, moved = _applied(article["text"], edits)

    def at(span: list[Any]) -> list[Any]:
        return [moved(span[0]), moved(span[1]), *span[2:]]

    quotes = [
        {
            **quote,
            "start": moved(quote["start"]),
            "end": moved(quote["end"]),
            "inner": at(quote["inner"]),
            "source": [at(span) for span in quote.get("source") or []],
        }
        for quote in article["quotes"]
        if quote["start"] is not None
    ]
    return {**article, "text": text, "quotes": quotes}


def _edits(article: Mapping[str, Any], style: Style) -> Iterator[Edit]:
    """What changes, in the order of the text."""
    text, place = article["text"], 0
    spans = sorted((q["start"], *q["inner"], q["end"]) for q in article["quotes"] if q["start"] is not None)
    for start, first, last, end in spans:
        if start < place:
            continue
        yield from _apostrophes(text, place, start, style)
        behind = style.comma_behind and end > last and text[last - 1] == "," and last - first > 1
        opening, closing = style.marks or (text[start:first], text[last:end])
        yield start, first, opening
        yield from _inside(text, first, last - behind, style)
        yield last - behind, end, (closing if end > last else "") + ("," if behind else "")
        place = end
    yield from _apostrophes(text, place, len(text), style)


def _inside(text: str, start: int, end: int, style: Style) -> Iterator[Edit]:
    """The marks inside a quotation; those as published stay."""
    place = start
    for found in INNER.finditer(text, start, end) if style.marks else ():
        yield from _apostrophes(text, place, found.start(), style)
        yield found.start(), found.start() + 1, style.inner[0]
        yield from _apostrophes(text, found.start() + 1, found.end() - 1, style)
        yield found.end() - 1, found.end(), style.inner[1]
        place = found.end()
    yield from _apostrophes(text, place, end, style)


def _apostrophes(text: str, start: int, end: int, style: Style) -> Iterator[Edit]:
    if style.apostrophe is not None:
        for found in re.compile("['’]").finditer(text, start, end):
            yield found.start(), found.end(), style.apostrophe


def _broken_lines(text: str) -> Iterator[Edit]:
    """Line ends where a line grows too long, and an empty line between paragraphs."""
    line = 0
    space: int | None = None
    for place, letter in enumerate(text):
        if letter == "\n":
            if place - line > WIDTH and space is not None:
                yield space, space + 1, "\n"
            is_double = text[place - 1 : place] == "\n" or text[place + 1 : place + 2] == "\n"
            yield place, place + 1, "\n" if is_double else "\n\n"
            line, space = place + 1, None
        elif letter == " ":
            if place - line > WIDTH and space is not None:
                line, before = space + 1, space
                space = place
                yield before, before + 1, "\n"
            else:
                space = place


def _applied(text: str, edits: list[Edit]) -> tuple[str, Callable[[int], int]]:
    """The new text, and where each old place lies in it."""
    parts, places, done, size = [], [], 0, 0
    for start, end, new in edits:
        parts += [text[done:start], new]
        places += [*range(size, size + start - done), *[size + start - done] * (end > start)]
        size += start - done + len(new)
        places += [size] * max(0, end - start - 1)
        done = end
    parts.append(text[done:])
    places += range(size, size + len(text) - done + 1)
    return "".join(parts), places.__getitem__


def measure(gold: Path, style: Style | None, *, reader: bool) -> dict[str, str]:
    """The scorer's numbers of one style."""
    with tempfile.TemporaryDirectory() as place:
        folder, out, new = Path(place) / "articles", Path(place) / "quotes.jsonl", Path(place) / "gold.jsonl"
        folder.mkdir()
        articles = (restyled(json.loads(line), style) for line in gold.read_text("utf8").splitlines())
        new.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf8")
        write_articles(new, folder)
        extract(folder, out, reader=reader, known_people=True)
        scorer = [sys.executable, str(DATA.parent / "tools" / "score.py"), str(new), str(out)]
        report = subprocess.run(scorer, check=True, capture_output=True, text=True, encoding="utf8").stdout
    return {name: re.search(pattern, report, re.MULTILINE)[1] for name, pattern in MEASURES.items()}  # type: ignore[index]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Score the chain on PolNeAR's dev articles in other houses' styles.")
    parser.add_argument("--no-reader", action="store_true", help="the ranker alone")
    chosen = parser.parse_args()
    gold = DATA / "polnear" / "dev.jsonl"
    if not gold.exists():
        print(f"The data is not at {DATA}. Name its folder in ON_THE_RECORD_DATA.", file=sys.stderr)
        return 2
    print("| style | " + " | ".join(MEASURES) + " |\n|---" + "|---:" * len(MEASURES) + "|")
    for name, style in STYLES.items():
        numbers = measure(gold, style, reader=not chosen.no_reader)
        print(f"| {name} | " + " | ".join(numbers.values()) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
