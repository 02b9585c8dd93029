"""What the csv module does not know of a file: the delimiter between its cells, and how large they may be.

The delimiter is a comma, or the semicolon or tab that spreadsheets write in half of Europe.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager

DELIMITERS = ",;\t"

LARGEST_CELL = 2**31 - 1
"""More than any quote or article has; the csv module's own limit of 131,072 characters is less than a long one."""


def find_delimiter(first_line: str) -> str:
    r"""Give the delimiter by which the names of the columns fall into most cells; a comma if none stands there.

    By the names alone: `csv.Sniffer` looks at the rows too, and the words of quotes are full of commas.

    >>> [find_delimiter(line) for line in ("quote_id;speaker;note\n", '"speaker; or who else",quote\n', "text\n")]
    [';', ',', ',']
    """
    return max(DELIMITERS, key=lambda delimiter: _count_cells(first_line, delimiter))


@contextmanager
def allowing_cells(largest: int = LARGEST_CELL) -> Iterator[None]:
    """Let the csv module read cells of that many characters meanwhile: its limit belongs to the whole process.

    >>> with allowing_cells():
    ...     len(next(csv.reader(["x" * 200_000]))[0])
    200000
    """
    before = csv.field_size_limit(largest)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _count_cells(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(line.splitlines()[:1], delimiter=delimiter), []))
    except csv.Error:  # a cell larger than the csv module takes: no line of names
        return 0
