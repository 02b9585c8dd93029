r"""Tables in and out: JSON Lines, CSV and Parquet, the same values whichever the format.

JSON Lines is the format to work in: one row a line, every value with its type, null for what is not known.
CSV is the one everybody can open, and has no types and no null. Its rules here:

* Written with commas; read with semicolons or tabs, too, as spreadsheets save it (`research.delimiters`).
* An empty cell is null, except in `ALWAYS_TEXT` columns, which are never null: there it is the empty text.
* The columns of a quotes table have the types they always have. Any other column becomes numbers only if
  writing them back gives the same characters, so that ``007``, ``1e5``, ``NA`` and ``null`` stay what they are, and
  yes and no only from ``True`` and ``False``, as Python writes them.
* UTF-8 without a byte order mark: with one, Python's csv module and R's ``read.csv`` would take it for a part of the
  first column's name. In Excel, import the table (Data, From Text/CSV, 65001: UTF-8) rather than double-click it.
* The words of a quote are written exactly. A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to
  a spreadsheet: import such columns as text when the articles come from people you do not trust.

A file is written beside its final place and moved there when it is complete, so that an interrupted run
leaves the last result as it was.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from research.delimiters import allowing_cells, find_delimiter

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

_FormatRow = Callable[[Row, Sequence[str]], str]

ENDINGS = (".jsonl", ".csv", ".parquet")

QUOTE_COLUMNS = (
    "doc_id",
    "quote_id",
    "start",
    "end",
    "text",
    "kind",
    "speaker",
    "speaker_id",
    "speaker_kind",
    "mention",
    "mention_start",
    "mention_end",
    "cue",
    "cue_start",
    "cue_end",
    "confidence",
    "rule",
    "flags",
    "date",
    "outlet",
    "title",
)
"""The columns of a quotes table, in their order."""

INTEGER_COLUMNS = frozenset({"start", "end", "mention_start", "mention_end", "cue_start", "cue_end"})

NUMBER_COLUMNS = frozenset({"confidence", "compound", "compound_whole", "tone", "tone_se"})

ALWAYS_TEXT = frozenset({"doc_id", "quote_id", "text", "kind", "rule", "flags"})
"""Text columns that are never null."""

COUNT_COLUMNS = frozenset({"quotes", "articles", "times"})
"""Whole numbers of the tables that are written row by row beside quotes (`explanation.SPEAKER_COLUMNS`)."""

TEXT_COLUMNS = frozenset(QUOTE_COLUMNS) - INTEGER_COLUMNS - NUMBER_COLUMNS

_ROWS_AT_A_TIME = 10_000
"""Rows of a table turned into text at once: some 10 MB, and large enough for Parquet's row groups."""

_LARGEST_INTEGER = 2**63 - 1
"""A whole number beyond this is a label, not a count, and pandas has no column for it."""


class StorageError(ValueError):
    """A table that cannot be read or written as asked; the message says where and what to do."""


def find_format(path: str | os.PathLike[str]) -> str:
    """Give the format of a path by its ending.

    >>> find_format("results/quotes.CSV")
    '.csv'
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        said = f"the ending {ending!r} is no table's" if ending else "it has no ending"
        raise StorageError(f"{os.fspath(path)}: {said}. Use one of {', '.join(ENDINGS)}.")
    return ending


def check_target(path: str | os.PathLike[str]) -> None:
    """Refuse a path that no table can be written to, so that nothing is computed for it in vain."""
    ending = find_format(path)
    if Path(path).is_dir():
        raise StorageError(f"{os.fspath(path)}: is a folder. Give the table a name that no folder has.")
    _require_folder(Path(path))
    if ending == ".parquet":
        import_parquet()


def _require_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise StorageError(f"{path}: the folder {path.parent} does not exist. Create it first.")


def format_json_row(row: Row, columns: Sequence[str]) -> str:
    r"""Write a row as one line of JSON.

    >>> format_json_row({"text": "“No.”", "start": None}, ["text", "start"])
    '{"text": "“No.”", "start": null}\n'
    """
    values = {name: _plain(row.get(name)) for name in columns}
    try:
        return json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError as error:
        names = ", ".join(name for name, value in values.items() if isinstance(value, float))
        message = f"JSON has no infinity, and one of these columns holds one: {names}. Write .csv or .parquet."
        raise StorageError(message) from error


def format_csv_row(row: Row, columns: Sequence[str]) -> str:
    r"""Write a row as one line of CSV, in quotation marks whatever a reader could take for a separator.

    By hand, since the csv module leaves a lone carriage return bare where lines end in ``\n``.

    >>> format_csv_row({"text": 'He said "no", twice', "start": None}, ["text", "start"])
    '"He said ""no"", twice",\n'
    """
    cells = [_format_cell(_plain(row.get(name))) for name in columns]
    return (",".join(cells) if cells != [""] else '""') + "\n"


def _format_cell(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        value = repr(value) if isinstance(value, (bool, int, float)) else json.dumps(value, ensure_ascii=False)
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n;\t') else text


def _plain(value: Any) -> Any:
    """Give the plain Python value of a cell: None for whatever stands for a missing one."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if hasattr(value, "isoformat"):
        return None if value != value else value.isoformat()
    if type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn what the system or the encoder says of a file that cannot be written into what to do about it."""
    try:
        yield
    except OSError as error:
        _require_folder(path)
        raise StorageError(f"{path}: cannot be written ({error.strerror}). Write somewhere else.") from error
    except UnicodeEncodeError as error:
        message = f"{path}: a text holds half a character ({error.object[error.start]!a}). Take it out."
        raise StorageError(message) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to that takes the place of `path` if all goes well, and disappears if not.

    In the same folder, since a file can be moved in one step only within a file system; hidden, so that a
    folder of articles is not read with it; through a link, so that the link stays.
    """
    target = path.resolve()
    partial = target.with_name(f".{secrets.token_hex(6)}.partial")
    try:
        yield partial
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


class TableWriter:
    r"""Writes a table row by row, so that its size does not matter; the file appears when it is complete.

    Parameters
    ----------
    path
        Where to, the format by its ending. An error inside the ``with`` leaves what was there before.
    columns
        The columns in their order. A row may lack some, which are null, but not have others.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "quotes.csv"
    >>> with TableWriter(path, ["doc_id", "speaker"]) as writer:
    ...     writer.write([{"doc_id": "a", "speaker": None}])
    >>> path.read_text()
    'doc_id,speaker\na,\n'
    """

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str] = QUOTE_COLUMNS) -> None:
        self.format = find_format(path)
        self.path = Path(path)
        self.columns = tuple(columns)
        repeated = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if repeated:
            raise StorageError(f"{path}: more than one column is called {', '.join(repeated)}. Rename them.")
        self._known = frozenset(self.columns)

    def __enter__(self) -> Self:
        """Open the file, and write the names of the columns where the format has them."""
        check_target(self.path)
        with _naming(self.path), ExitStack() as stack:
            partial = stack.enter_context(replacing(self.path))
            self._sink: _Sink = _SINKS[self.format](partial, self.columns)
            stack.callback(self._sink.close)
            self._stack = stack.pop_all()
        return self

    def write(self, rows: Iterable[Row]) -> None:
        """Write some rows."""
        rows = list(rows)
        for row in rows:
            if not row.keys() <= self._known:
                extra = ", ".join(sorted(row.keys() - self._known))
                raise StorageError(f"{self.path}: a row has a column that the table has not: {extra}.")
        with _naming(self.path):
            self._sink.write(rows)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, and move it to its place unless there was an error."""
        with _naming(self.path):
            self._stack.__exit__(kind, error, trace)


class _TextSink:
    """Rows as lines of text."""

    def __init__(self, path: Path, columns: Sequence[str], header: str, format_row: _FormatRow) -> None:
        self._columns = columns
        self._format_row = format_row
        self._stream: IO[str] = path.open("x", encoding="utf-8", newline="")
        self._stream.write(header)

    def write(self, rows: Sequence[Row]) -> None:
        self._stream.writelines(self._format_row(row, self._columns) for row in rows)

    def close(self) -> None:
        """Close once the rows are on the disk, not merely on their way: the move that follows may be quicker."""
        with self._stream:
            self._stream.flush()
            os.fsync(self._stream.fileno())


class _ParquetSink:
    """Rows as groups of a Parquet file, gathered until there are enough for one."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        arrow = import_parquet()
        types = dict.fromkeys(INTEGER_COLUMNS | COUNT_COLUMNS, arrow.int64())
        types |= dict.fromkeys(NUMBER_COLUMNS, arrow.float64())
        self._schema = arrow.schema([(name, types.get(name, arrow.string())) for name in columns])
        self._arrow = arrow
        self._writer = arrow.parquet.ParquetWriter(path, self._schema)
        self._waiting: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) >= _ROWS_AT_A_TIME:
            self._write_group()

    def close(self) -> None:
        self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        rows = [{name: _plain(value) for name, value in row.items()} for row in self._waiting]
        self._writer.write_table(self._arrow.Table.from_pylist(rows, schema=self._schema))
        self._waiting = []


_Sink = _TextSink | _ParquetSink


def _open_jsonl(path: Path, columns: Sequence[str]) -> _Sink:
    return _TextSink(path, columns, "", format_json_row)


def _open_csv(path: Path, columns: Sequence[str]) -> _Sink:
    return _TextSink(path, columns, format_csv_row(dict(zip(columns, columns, strict=True)), columns), format_csv_row)


_SINKS: Mapping[str, Callable[[Path, Sequence[str]], _Sink]] = {
    ".jsonl": _open_jsonl,
    ".csv": _open_csv,
    ".parquet": _ParquetSink,
}


def import_parquet() -> Any:
    """Import pyarrow where Parquet is asked for: a large package that JSON Lines and CSV do without."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        message = "Parquet needs pyarrow: pip install on-the-record[parquet]. Or use .jsonl or .csv."
        raise StorageError(message) from error
    return pyarrow


def write_table(table: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table, its index left out, in the format of the path's ending.

    >>> import pandas, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "quotes.csv"
    >>> write_table(pandas.DataFrame({"text": ["NA", "1e5"], "speaker": ["Putin", None]}), path)
    >>> read_table(path)["text"].tolist(), read_table(path)["speaker"].isna().tolist()
    (['NA', '1e5'], [False, True])
    """
    check_target(path)
    table = _with_whole_numbers(table)
    if find_format(path) == ".parquet":
        with _naming(Path(path)), replacing(Path(path)) as partial:
            table.to_parquet(partial, engine="pyarrow", index=False)
        return
    columns = [str(name) for name in table.columns]
    with TableWriter(path, columns) as writer:
        for start in range(0, len(table), _ROWS_AT_A_TIME):
            writer.write(iterate_rows(table.iloc[start : start + _ROWS_AT_A_TIME]))


def _with_whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Make offsets whole again: pandas turns a column of them into floats as soon as one is missing."""
    floats = [name for name in table.columns if name in INTEGER_COLUMNS and table[name].dtype.kind == "f"]
    whole = [name for name in floats if (table[name].dropna() % 1 == 0).all()]
    return table.astype(dict.fromkeys(whole, "Int64"))


def iterate_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Give the rows of a table as plain Python values, None for a missing one."""
    columns = [str(name) for name in table.columns]
    values = [table.iloc[:, number].astype(object).tolist() for number in range(len(columns))]
    for row in zip(*values, strict=True):
        yield {name: _plain(value) for name, value in zip(columns, row, strict=True)}


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a table in the format of the path's ending; raises `StorageError` where it is broken."""
    path = Path(path)
    ending = find_format(path)
    if ending == ".parquet":
        return _read_parquet(path)
    columns = _read_jsonl_columns(path) if ending == ".jsonl" else _read_csv_columns(path)
    return make_table(columns)


def read_columns(path: str | os.PathLike[str]) -> list[str]:
    """Read the names of a table's columns, and nothing else (in JSON Lines: those of its first row)."""
    path = Path(path)
    ending = find_format(path)
    if ending == ".parquet":
        return [str(name) for name in import_parquet().parquet.read_schema(path).names]
    with path.open("rb") as stream:
        line = stream.readline()
    if ending == ".jsonl":
        return list(_parse_row(path, 1, line)) if line.strip() else []
    return _split_csv(path, line)[0]


def make_table(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Make a table of columns of plain values; whole numbers stay whole where some are missing.

    >>> make_table({"mention_start": [4, None]})["mention_start"].dtype
    Int64Dtype()
    """
    import pandas

    return _with_whole_numbers(pandas.DataFrame({name: _make_column(name, each) for name, each in columns.items()}))


def _make_column(name: str, values: Sequence[Any]) -> pd.Series[Any]:
    import pandas

    return pandas.Series(list(values), dtype=_choose_dtype(name, values))


def _choose_dtype(name: str, values: Sequence[Any]) -> str | type | None:
    """Choose the type of a column by its values, or by its name where it has none."""
    kinds = {type(value) for value in values if value is not None}
    gaps = None in values
    if kinds == {bool}:
        return "boolean" if gaps else "bool"
    if any(type(value) is int and abs(value) > _LARGEST_INTEGER for value in values):
        return object
    if kinds == {int}:
        return "Int64" if gaps else "int64"
    if kinds and kinds <= {int, float}:
        return "float64"
    if not kinds and name in INTEGER_COLUMNS | NUMBER_COLUMNS:
        return "Int64" if name in INTEGER_COLUMNS else "float64"
    return None if kinds == {str} else object


def _read_jsonl_columns(path: Path) -> dict[str, list[Any]]:
    """Read rows that may differ in what they have, the columns in the order they are first met."""
    columns: dict[str, list[Any]] = {}
    rows = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                row = _parse_row(path, number, line)
                for name in row:
                    columns.setdefault(name, [None] * rows)
                for name, values in columns.items():
                    values.append(row.get(name))
                rows += 1
    return columns


def _parse_row(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = f"{path} line {number}: is not JSON in UTF-8 ({error}). Write one JSON object a line."
        raise StorageError(message) from error
    if not isinstance(row, dict):
        raise StorageError(f"{path} line {number}: is not a JSON object. Write one JSON object a line.")
    return row


def _read_csv_columns(path: Path) -> dict[str, list[Any]]:
    header, rows = _read_csv_rows(path)
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            message = f"{path} row {number}: has {len(row)} cells where the table has {len(header)} columns."
            raise StorageError(f"{message} Put a cell that has a comma, semicolon or tab in quotation marks.")
    if len(set(header)) < len(header):
        raise StorageError(f"{path} row 1: two columns have one name. Rename one.")
    cells = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: _parse_cells(name, list(column)) for name, column in zip(header, cells, strict=True)}


def _read_csv_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    rows = _split_csv(path, path.read_bytes())
    return rows[0], rows[1:]


def _split_csv(path: Path, data: bytes) -> list[list[str]]:
    """Split CSV into rows, of which there is at least one."""
    try:
        text = data.decode("utf-8-sig")
        with allowing_cells():
            delimiter = find_delimiter(text.partition("\n")[0])
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise StorageError(f"{path}: is not CSV in UTF-8 ({error}). Export it again.") from error
    if not rows:
        raise StorageError(f"{path}: is empty. A table has the names of its columns in the first row.")
    return rows


def _parse_cells(name: str, cells: list[str]) -> list[Any]:
    """Give the cells of a CSV column their type: the known one, or numbers where nothing is lost by it."""
    if name in ALWAYS_TEXT:
        return list(cells)
    known = _parse_whole if name in INTEGER_COLUMNS else _parse_number if name in NUMBER_COLUMNS else None
    parsers: tuple[Callable[[str], float], ...] = (int, float, _parse_truth)
    for parse in (known,) if known else () if name in TEXT_COLUMNS else parsers:
        try:
            values = [parse(cell) if cell else None for cell in cells]
        except ValueError:
            continue
        if known or all(value is None or _reads_back(value, cell) for value, cell in zip(values, cells, strict=True)):
            return values
    return [cell or None for cell in cells]


def _parse_whole(cell: str) -> int:
    """Parse a whole number, also as pandas writes one in a column with gaps.

    >>> _parse_whole("12"), _parse_whole("12.0")
    (12, 12)
    """
    return int(cell.removesuffix(".0"))


def _parse_truth(cell: str) -> bool:
    """Parse yes or no as `format_csv_row` writes it."""
    if cell not in ("True", "False"):
        raise ValueError(cell)
    return cell == "True"


def _parse_number(cell: str) -> float:
    """Parse a number, also as a spreadsheet writes one where a decimal comma is usual.

    >>> _parse_number("0.97"), _parse_number("0,97")
    (0.97, 0.97)
    """
    return float(cell.replace(",", "."))


def _reads_back(value: float, cell: str) -> bool:
    """Whether writing the number gives the same characters: a text of digits may not be a number.

    >>> [_reads_back(float(cell), cell) for cell in ("0.5", "1e5", "0.50", "nan")]
    [True, False, False, False]
    """
    return repr(value) == cell and value == value and (isinstance(value, float) or abs(value) <= _LARGEST_INTEGER)


def _read_parquet(path: Path) -> pd.DataFrame:
    arrow = import_parquet()
    import pandas

    try:
        return pandas.read_parquet(path, engine="pyarrow")
    except arrow.ArrowInvalid as error:
        raise StorageError(f"{path}: is not a Parquet file ({error}).") from error
