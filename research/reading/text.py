"""Plain text files: one article a file, with its metadata in front matter, in an opening date, or nowhere."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace

from research.documents import Problem
from research.reading.article import (
    Reading,
    ReadingConfig,
    build_reading,
    normalise_newlines,
    refuse,
    split_opening_date,
)
from research.reading.sources import SourceFile

_KEY_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?:[ \t]+(.*))?")

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FrontMatterError(ValueError):
    """A line of the front matter that is not what front matter has; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_text_file(file: SourceFile, config: ReadingConfig) -> Iterator[Reading]:
    """Read one article; its id is the file's unless the front matter gives one."""
    source = file.name
    with file.path.open("rb") as stream:
        data = stream.read(config.largest_document_bytes + 1)
    flaw = find_byte_flaw(data, config.largest_document_bytes)
    if flaw:
        yield refuse(source, "", *flaw)
        return
    text = normalise_newlines(data.decode("utf-8"))
    metadata, text, problems = _take_metadata(text, source)
    reading = build_reading(text, metadata, fallback_id=file.doc_id, source=source, place="", config=config)
    yield replace(reading, problems=problems + reading.problems)


def find_byte_flaw(data: bytes, largest: int) -> tuple[str, str] | None:
    r"""Say why these bytes are not text in UTF-8, and the remedy; None if they are.

    >>> find_byte_flaw(b"caf\xe9", 1000)
    ('is not UTF-8: byte 3 is 0xe9.', 'Save it as UTF-8.')
    """
    if len(data) > largest:
        return too_large(largest)
    if data.startswith(UTF16_MARKS):
        return "is UTF-16.", "Save it as UTF-8."
    if b"\0" in data:
        return f"is not text: byte {data.index(0)} is NUL.", "Export the article as plain text in UTF-8."
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}.", "Save it as UTF-8."
    return None


def too_large(largest: int) -> tuple[str, str]:
    """Say that something is larger than a document may be."""
    return f"is larger than {largest / 1e6:g} MB.", "Split it into one article each, or raise largest_document_bytes."


def _take_metadata(text: str, source: str) -> tuple[dict[str, str], str, tuple[Problem, ...]]:
    """Take front matter or an opening date off a text; front matter that is none stays, and is a problem."""
    try:
        metadata, body = split_front_matter(text)
    except FrontMatterError as error:
        remedy = "Write 'key: value' lines between two lines of '---'; the whole file was read as the article."
        problem = Problem(source=source, place=f"line {error.line}", message=str(error), remedy=remedy)
        return {}, text, (problem,)
    if metadata:
        return metadata, body, ()
    date, body = split_opening_date(text)
    return {"date": date} if date else {}, body, ()


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    r"""Split a text into what stands between two ``---`` lines at its very top, and the rest.

    A small language of our own rather than YAML, whose parsers turn ``no`` into False and ``2022-12-21``
    into an object: a value is the characters after ``key:``, or the ``- item`` lines below it, joined by
    line ends. A text without front matter has no metadata.

    >>> split_front_matter("---\ntitle: No: a history\nsources:\n- one\n- two\n---\n\nHe said no.")
    ({'title': 'No: a history', 'sources': 'one\ntwo'}, 'He said no.')
    >>> split_front_matter("He said no.")
    ({}, 'He said no.')
    """
    lines = _read_lines(text)
    if next(lines, (0, ""))[1].rstrip() != "---":
        return {}, text
    values: dict[str, list[str]] = {}
    for number, (start, line) in enumerate(lines, 2):
        if line.rstrip() == "---":
            return {key: "\n".join(items) for key, items in values.items()}, _skip_blank_lines(text, start + len(line))
        _add_line(values, number, line.rstrip())
    raise FrontMatterError(1, "'---' opens front matter that no second '---' closes.")


def _read_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give each line with where it begins, without copying a text that may be large."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, text[start:end]
        start = end + 1


def _skip_blank_lines(text: str, position: int) -> str:
    blank = _BLANK_LINES.match(text, position)
    return text[blank.end() if blank else position :]


def _add_line(values: dict[str, list[str]], number: int, line: str) -> None:
    """Add a line of front matter to the values read so far."""
    if not line:
        return
    if line.startswith("- ") and values:
        values[next(reversed(values))].append(line[2:].strip())
        return
    matched = _KEY_LINE.fullmatch(line)
    if matched is None:
        raise FrontMatterError(number, "this line of the front matter is not 'key: value'.")
    if matched[1] in values:
        raise FrontMatterError(number, f"the front matter gives {matched[1]!r} a second time.")
    values[matched[1]] = [matched[2].strip()] if matched[2] else []
