"""What stands between the cells of CSV: a comma, or the semicolon or tab that spreadsheets write in half of Europe."""

from __future__ import annotations

import csv

DELIMITERS = ",;\t"


def find_delimiter(first_line: str) -> str:
    r"""Give the delimiter by which the names of the columns fall into most cells; a comma if none stands there.

    By the names alone: `csv.Sniffer` looks at the rows too, and the words of quotes are full of commas.

    >>> [find_delimiter(line) for line in ("quote_id;speaker;note\n", '"speaker; or who else",quote\n', "text\n")]
    [';', ',', ',']
    """
    return max(DELIMITERS, key=lambda delimiter: _count_cells(first_line, delimiter))


def _count_cells(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(line.splitlines()[:1], delimiter=delimiter), []))
    except csv.Error:  # a cell larger than the csv module takes: no line of names
        return 0
