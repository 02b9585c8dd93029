"""Rows of a JSON Lines or CSV file: one article a row, its text in a column and its metadata in others."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO

from research.delimiters import allowing_cells, find_delimiter
from research.reading.article import (
    Reading,
    ReadingConfig,
    build_reading,
    normalise_newlines,
    refuse,
    shorten,
    split_opening_date,
)
from research.reading.sources import SourceFile
from research.reading.text import UTF16_MARKS, find_byte_flaw, too_large

_EMPTY = ("has no rows.", "Fill it or remove it.")

_QUOTES_NOT_ARTICLES = (
    "is a table of quotes, not of articles.",
    "Leave it out, or say which column holds the articles: --column text=NAME.",
)

_ONE_OBJECT = "Write one JSON object a line."

_TEXT_REMEDY = "Say which column holds the article: --column text=NAME, or columns={'text': 'NAME'}."

_CSV_REMEDY = (
    "Write a quotation mark inside a cell twice; where rows begin after this one is not known, so they were not read."
)


class RowsUnreadableError(Exception):
    """The rest of a CSV file cannot be read: where its rows begin is no longer known."""


def read_jsonl_file(file: SourceFile, config: ReadingConfig) -> Iterator[Reading]:
    """Read one article a line; a line that is broken is a problem, and the next line is read."""
    met: dict[str, None] = {}
    source, number = file.name, 0
    with file.path.open("rb") as stream:
        if flaw := _find_opening_flaw(stream):
            yield refuse(source, "", *flaw)
            return
        for number, start, line in _read_byte_lines(stream, config.largest_document_bytes):
            record = _parse_line(line, start, config.largest_document_bytes)
            if isinstance(record, tuple):
                yield refuse(source, f"line {number}", *record)
                continue
            if not met and is_quotes_table(record, config):
                yield refuse(source, "", *_QUOTES_NOT_ARTICLES)
                return
            met.update(dict.fromkeys(record))
            yield _read_record(record, f"{file.doc_id}-{number}", source, f"line {number}", config)
    yield from _find_file_problems(number, met, source, config)


def _find_opening_flaw(stream: BinaryIO) -> tuple[str, str] | None:
    """Look at the first bytes for an encoding that would make every single row a problem."""
    opening = stream.read(3)
    stream.seek(0)
    return ("is UTF-16.", "Save it as UTF-8.") if opening.startswith(UTF16_MARKS) else None


def _find_file_problems(rows: int, met: Collection[str], source: str, config: ReadingConfig) -> Iterator[Reading]:
    """Report what only the whole file shows: that it has no rows, or lacks a column that was asked for."""
    if not rows:
        yield refuse(source, "", *_EMPTY)
    for name, column in config.columns.items():
        if met and column not in met and name != "text":
            message = f"has no column {column!r}, which was to give the {name}; its columns are: {_list_names(met)}."
            yield refuse(source, "", message, "Check the spelling of the column.")


def _read_byte_lines(stream: BinaryIO, largest: int) -> Iterator[tuple[int, int, bytes]]:
    """Give each line that is not blank with its number and its first byte, cut just after the largest size."""
    number, start = 0, 0
    while line := stream.readline(largest + 1):
        number += 1
        length = len(line) + (_skip_line(stream) if len(line) > largest and not line.endswith(b"\n") else 0)
        if line.strip():
            yield number, start, line
        start += length


def _skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line a megabyte at a time, and say how many bytes that was."""
    length = 0
    while part := stream.readline(1_000_000):
        length += len(part)
        if part.endswith(b"\n"):
            break
    return length


def _parse_line(line: bytes, start: int, largest: int) -> dict[str, object] | tuple[str, str]:
    """Parse a line to its record, or say what is wrong with it and the remedy."""
    if len(line) > largest:
        return too_large(largest)
    try:
        record = json.loads(line.rstrip().decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        at = error.start
        return f"is not UTF-8: byte {start + at} of the file is 0x{line[at]:02x}.", "Save it as UTF-8."
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg} at character {error.pos}.", _ONE_OBJECT
    except (ValueError, RecursionError):
        return "holds a number too long or lists too deep to be read.", _ONE_OBJECT
    return record if isinstance(record, dict) else (f"is {_name_type(record)}, not a JSON object.", _ONE_OBJECT)


def _name_type(value: object) -> str:
    """Name a JSON type as a person would."""
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "null" if value is None else names.get(type(value), "an object")


def is_quotes_table(columns: Iterable[str], config: ReadingConfig) -> bool:
    """Whether these are the columns of a table of quotes: its rows have a `text` too, but are no articles.

    >>> is_quotes_table(["doc_id", "start", "end", "text"], ReadingConfig())
    True
    """
    names = set(columns)
    return "text" not in config.columns and ("quote_id" in names or names >= {"doc_id", "start", "end"})


def _read_record(
    record: Mapping[str, object], fallback_id: str, source: str, place: str, config: ReadingConfig
) -> Reading:
    """Make a document of a record: its text, and every other value as metadata."""
    column = config.columns_for("text")[0]
    text = record.get(column)
    if column not in record:
        message = f"has no {column!r}; it has: {_list_names(record)}."
        return refuse(source, place, message, _TEXT_REMEDY)
    if not isinstance(text, str):
        return refuse(source, place, f"{column!r} is {_name_type(text)}, not a text.", "Give the article as a text.")
    date, body = split_opening_date(normalise_newlines(text))
    metadata = {name: _write_value(value) for name, value in record.items() if name != column and value is not None}
    if date and not any(metadata.get(name) for name in config.columns_for("date")):
        metadata[config.columns_for("date")[0]] = date
    return build_reading(body, metadata, fallback_id=fallback_id, source=source, place=place, config=config)


def _write_value(value: object) -> str:
    """Write a value as metadata: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _list_names(names: Collection[str], most: int = 20) -> str:
    """List column names for a message, not more of them than a person reads."""
    shown = ", ".join(shorten(name)[1:-1] for name in list(names)[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def read_csv_file(file: SourceFile, config: ReadingConfig) -> Iterator[Reading]:
    """Read one article a row, the first row naming the columns; commas, semicolons or tabs stand between.

    Rows are counted as a spreadsheet does: the names are row 1, and a cell may have many lines.
    """
    source, number = file.name, 0
    header: list[str] = []
    with file.path.open("rb") as raw:
        if flaw := _find_opening_flaw(raw):
            yield refuse(source, "", *flaw)
            return
        try:
            for number, cells in enumerate(_read_rows(raw, config.largest_document_bytes), 1):
                if number > 1 and cells:
                    yield _read_cells(header, cells, f"{file.doc_id}-{number}", source, f"row {number}", config)
                elif number == 1:
                    header = [name.strip() for name in cells]
                    if flaw := _find_header_flaw(header, config):
                        yield refuse(source, "", *flaw)
                        return
        except RowsUnreadableError as error:
            yield refuse(source, f"row {number + 1}", str(error), _CSV_REMEDY)
            return
    yield from _find_file_problems(number - 1 if number else 0, header, source, config)


def _read_rows(raw: BinaryIO, largest: int) -> Iterator[list[str]]:
    """Give the rows of a CSV file; bytes that are not UTF-8 come out as lone surrogates, to be found later.

    The csv module's limit on the size of a cell belongs to the whole process, so it is ours only while a
    row is being read. Strict, because a lenient reader drops quotation marks, and those are what we are after.
    """
    stream = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    first = stream.readline(largest + 1)
    lines = chain([first], iter(lambda: stream.readline(largest + 1), ""))
    reader = csv.reader(_refuse_long_lines(lines, largest), delimiter=find_delimiter(first), strict=True)
    while True:
        try:
            with allowing_cells(largest):
                row = next(reader, None)
        except csv.Error as error:
            raise RowsUnreadableError(f"is not CSV: {error}.") from error
        if row is None:
            return
        yield row


def _refuse_long_lines(lines: Iterable[str], largest: int) -> Iterator[str]:
    for line in lines:
        if len(line) > largest:
            raise RowsUnreadableError(too_large(largest)[0])
        yield line


def _find_header_flaw(header: Sequence[str], config: ReadingConfig) -> tuple[str, str] | None:
    """Say why no article can be read from a table with these columns."""
    column = config.columns_for("text")[0]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if not any(header):
        return _EMPTY
    if twice:
        return f"has more than one column {_list_names(twice)}.", "Give each column a name of its own."
    if column not in header:
        return f"has no column {column!r}; its columns are: {_list_names(header)}.", _TEXT_REMEDY
    if is_quotes_table(header, config):
        return _QUOTES_NOT_ARTICLES
    return None


def _read_cells(
    header: Sequence[str], cells: Sequence[str], fallback_id: str, source: str, place: str, config: ReadingConfig
) -> Reading:
    """Make a document of a row of cells; an empty cell is nothing said."""
    if len(cells) != len(header):
        message = f"has {len(cells)} cells where the table has {len(header)} columns."
        return refuse(source, place, message, "Put a cell that has a comma or a line end in quotation marks.")
    for name, cell in zip(header, cells, strict=True):
        if flaw := find_byte_flaw(cell.encode("utf-8", "surrogateescape"), config.largest_document_bytes):
            return refuse(source, f"{place}, {name}", *flaw)
    column = config.columns_for("text")[0]
    record = {name: cell for name, cell in zip(header, cells, strict=True) if cell or name == column}
    return _read_record(record, fallback_id, source, place, config)
