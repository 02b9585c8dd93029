"""Tables in and out: the same values in every format, and the old file until the new one is complete."""

from __future__ import annotations

import csv
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.storage import (
    QUOTE_COLUMNS,
    StorageError,
    TableWriter,
    find_format,
    iterate_rows,
    read_columns,
    read_table,
    write_table,
)

ROWS: list[dict[str, Any]] = [
    {
        "doc_id": "007",
        "quote_id": "007:5",
        "start": 5,
        "end": 9,
        "text": 'He said "no",\nthen left.',
        "kind": "direct",
        "speaker": "Null",
        "mention": "NA",
        "mention_start": 17,
        "mention_end": 19,
        "confidence": 0.1 + 0.2,
        "rule": "nearest",
        "flags": "",
        "date": "2022-12-21",
    },
    {
        "doc_id": "1e5",
        "quote_id": "1e5:0",
        "start": 0,
        "end": 3,
        "text": "=1+1",
        "kind": "none",
        "rule": "",
        "flags": "a b",
    },
]


def complete(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in QUOTE_COLUMNS}


def needs_parquet(ending: str) -> None:
    if ending == ".parquet":
        pytest.importorskip("pyarrow", reason="Parquet is an extra: pip install on-the-record[parquet]")


ENDINGS = [".jsonl", ".csv", ".parquet"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_quotes_table_comes_back_as_it_was(tmp_path: Path, ending: str) -> None:
    needs_parquet(ending)
    path = tmp_path / f"quotes{ending}"
    with TableWriter(path) as writer:
        writer.write(ROWS[:1])
        writer.write(ROWS[1:])
    table = read_table(path)
    assert tuple(table.columns) == QUOTE_COLUMNS == tuple(read_columns(path))
    assert list(iterate_rows(table)) == [complete(row) for row in ROWS]
    again = tmp_path / f"again{ending}"
    write_table(table, again)
    assert list(iterate_rows(read_table(again))) == [complete(row) for row in ROWS]


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"quotes{ending}"
    write_table(pd.DataFrame({"start": [1, 2], "mention_start": [4, None], "cue_start": [None, None]}), path)
    table = read_table(path)
    assert table["start"].dtype == "int64"
    assert table["mention_start"].dtype == "Int64"
    assert table["cue_start"].dtype == "Int64"
    assert table["mention_start"].tolist() == [4, pd.NA]


def test_what_stands_for_missing_in_pandas_is_null(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [None], "b": [np.nan], "c": [pd.NA], "d": [pd.NaT]}, dtype=object)
    table["e"], table["f"], table["g"] = np.float32(0.5), np.int8(3), pd.Timestamp("2022-12-21")
    write_table(table, tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text() == (
        '{"a": null, "b": null, "c": null, "d": null, "e": 0.5, "f": 3, "g": "2022-12-21T00:00:00"}\n'
    )
    write_table(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a,b,c,d,e,f,g\n,,,,0.5,3,2022-12-21T00:00:00\n"


def test_files_are_utf8_without_a_mark_and_as_people_write(tmp_path: Path) -> None:
    for ending in (".jsonl", ".csv"):
        write_table(pd.DataFrame({"text": ["“Ні,” сказав він — 🙂"]}), tmp_path / f"a{ending}")
        content = (tmp_path / f"a{ending}").read_bytes()
        assert "“Ні,” сказав він — 🙂".encode() in content
        assert not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheets_copy_is_read(tmp_path: Path, delimiter: str) -> None:
    rows = [["quote_id", "text", "confidence"], ["a:1", '"No; never, ever"', "0,97"]]
    (tmp_path / "a.csv").write_text("\r\n".join(delimiter.join(row) for row in rows), encoding="utf-8-sig")
    assert read_columns(tmp_path / "a.csv") == rows[0]
    expected = {"quote_id": "a:1", "text": "No; never, ever", "confidence": 0.97}
    assert list(iterate_rows(read_table(tmp_path / "a.csv"))) == [expected]


@pytest.mark.parametrize("ending", ENDINGS)
def test_yes_and_no_are_the_same_in_every_format(tmp_path: Path, ending: str) -> None:
    needs_parquet(ending)
    write_table(pd.DataFrame({"text": ["a", "b"], "war": [True, False]}), tmp_path / f"a{ending}")
    assert read_table(tmp_path / f"a{ending}")["war"].dtype == bool


def test_counts_are_whole_numbers_in_parquet(tmp_path: Path) -> None:
    needs_parquet(".parquet")
    with TableWriter(tmp_path / "a.parquet", ["speaker", "quotes", "articles", "times"]) as writer:
        writer.write([{"speaker": "Ann Lee", "quotes": 3, "articles": 2, "times": None}])
    (row,) = iterate_rows(read_table(tmp_path / "a.parquet"))
    assert row == {"speaker": "Ann Lee", "quotes": 3, "articles": 2, "times": None}


def test_a_folder_is_no_table_and_is_refused_first(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(StorageError, match=r"a\.csv: is a folder\."), TableWriter(tmp_path / "a.csv", ["text"]):
        pytest.fail("the writer opened a folder")
    with pytest.raises(StorageError, match=r"a\.csv: is a folder\."):
        write_table(pd.DataFrame({"text": ["x"]}), tmp_path / "a.csv")


def test_an_excel_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufefftext,note\r\nNo.,x\r\n".encode())
    assert list(iterate_rows(read_table(tmp_path / "a.csv"))) == [{"text": "No.", "note": "x"}]


WHAT_CSV_CELLS_MEAN = [
    (["1", "2"], [1, 2]),
    (["1", ""], [1, None]),
    (["0.5", "1.0"], [0.5, 1.0]),
    (["1", "0.5"], ["1", "0.5"]),
    (["007"], ["007"]),
    (["1e5"], ["1e5"]),
    (["0.50"], ["0.50"]),
    (["NA"], ["NA"]),
    (["nan"], ["nan"]),
    (["null", ""], ["null", None]),
    (["1_000"], ["1_000"]),
    (["٣"], ["٣"]),
    (["-0"], ["-0"]),
    (["9" * 30], ["9" * 30]),
    (["9" * 5000], ["9" * 5000]),
    (["True", "False"], [True, False]),
    (["True", ""], [True, None]),
    (["True", "1"], ["True", "1"]),
    (["TRUE"], ["TRUE"]),
    ([" 1"], [" 1"]),
]


@pytest.mark.parametrize(("cells", "values"), WHAT_CSV_CELLS_MEAN, ids=range(len(WHAT_CSV_CELLS_MEAN)))
def test_a_csv_column_is_numbers_only_if_nothing_is_lost(
    tmp_path: Path, cells: list[str], values: list[object]
) -> None:
    content = "topic,text\n" + "".join(f"{cell},x\n" for cell in cells)
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    table = read_table(tmp_path / "a.csv")
    read = [row["topic"] for row in iterate_rows(table)]
    assert [(type(value), value) for value in read] == [(type(value), value) for value in values]
    write_table(table, tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text(encoding="utf-8") == content


CHARACTERS = st.characters(exclude_categories=["Cs"])
CELLS = st.one_of(
    st.none(), st.text(CHARACTERS), st.sampled_from(["NA", "null", "1e5", "=1+1", "a\rb", '"', "\n", "\0"])
)
TEXTS = st.one_of(st.text(CHARACTERS), st.sampled_from(["", "NA", "a\r\nb", ',"', " "]))
INTEGERS = st.one_of(st.none(), st.integers(-(2**62), 2**62))
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
QUOTE_ROWS = st.lists(
    st.fixed_dictionaries(
        {"doc_id": TEXTS, "start": INTEGERS, "text": TEXTS, "speaker": CELLS, "confidence": NUMBERS, "flags": TEXTS}
    ),
    max_size=5,
)


@given(QUOTE_ROWS)
def test_any_row_comes_back_from_json_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    with TableWriter(path, ["doc_id", "start", "text", "speaker", "confidence", "flags"]) as writer:
        writer.write(rows)
    assert list(iterate_rows(read_table(path))) == rows
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]] == rows


@given(QUOTE_ROWS)
def test_any_row_comes_back_from_csv(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / "a.csv"
    with TableWriter(path, ["doc_id", "start", "text", "speaker", "confidence", "flags"]) as writer:
        writer.write(rows)
    table = read_table(path)
    assert list(iterate_rows(table)) == [{**row, "speaker": row["speaker"] or None} for row in rows]
    write_table(table, folder / "b.csv")
    assert (folder / "b.csv").read_bytes() == path.read_bytes()
    with path.open(encoding="utf-8", newline="") as stream:
        assert [row["text"] for row in csv.DictReader(stream)] == [row["text"] for row in rows]


@given(st.lists(CELLS, max_size=4))
def test_any_other_column_is_written_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, cells: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("any")
    with TableWriter(folder / "a.csv", ["topic"]) as writer:
        writer.write({"topic": cell} for cell in cells)
    write_table(read_table(folder / "a.csv"), folder / "b.csv")
    assert (folder / "b.csv").read_bytes() == (folder / "a.csv").read_bytes()


def test_json_rows_may_differ_in_what_they_have(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"b": 1}\n\n{"a": "x", "c": [1]}\n')
    table = read_table(tmp_path / "a.jsonl")
    assert list(iterate_rows(table)) == [{"b": 1, "a": None, "c": None}, {"b": None, "a": "x", "c": [1]}]


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_a_table_without_rows_has_its_columns_where_the_format_allows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    with TableWriter(path):
        pass
    assert len(read_table(path)) == 0
    assert tuple(read_columns(path)) == (QUOTE_COLUMNS if ending == ".csv" else ())


# Errors


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("quotes.xlsx", "quotes.xlsx: the ending '.xlsx' is no table's. Use one of .jsonl, .csv, .parquet."),
        ("quotes", "quotes: it has no ending. Use one of .jsonl, .csv, .parquet."),
    ],
)
def test_an_unknown_ending_names_the_known_ones(name: str, message: str) -> None:
    for attempt in (find_format, read_table, TableWriter, lambda path: write_table(pd.DataFrame(), path)):
        with pytest.raises(StorageError) as caught:
            attempt(name)
        assert str(caught.value) == message


BROKEN = [
    ("a.jsonl", "{}\n{", "line 2: is not JSON in UTF-8 (Expecting property name enclosed in double quotes: "),
    ("a.jsonl", "{}\n[]\n", "line 2: is not a JSON object. Write one JSON object a line."),
    ("a.jsonl", "[" * 100_000, "line 1: is not JSON in UTF-8 ("),
    ("a.csv", "", "is empty. A table has the names of its columns in the first row."),
    ("a.csv", "a,b\n1\n", "row 2: has 1 cells where the table has 2 columns."),
    ("a.csv", "a,a\n1,2\n", "row 1: two columns have one name. Rename one."),
    ("a.csv", 'a\n"b"c\n', "is not CSV in UTF-8 (',' expected after '\"'). Export it again."),
    ("a.csv", b"a\n\xff\n", "is not CSV in UTF-8 ('utf-8' codec can't decode byte 0xff in position 2"),
]


@pytest.mark.parametrize(("name", "content", "message"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_table_says_where(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StorageError) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_row_with_a_column_too_many_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="a row has a column that the table has not: b"),
        TableWriter(tmp_path / "a.csv", ["a"]) as writer,
    ):
        writer.write([{"a": 1, "b": 2}])
    with pytest.raises(StorageError, match="more than one column is called a"):
        TableWriter(tmp_path / "a.csv", ["a", "a"])
    assert os.listdir(tmp_path) == []


def test_json_has_no_infinity_and_csv_has(tmp_path: Path) -> None:
    table = pd.DataFrame({"tone": [float("inf"), -0.5]})
    with pytest.raises(StorageError, match="JSON has no infinity, and one of these columns holds one: tone"):
        write_table(table, tmp_path / "a.jsonl")
    write_table(table, tmp_path / "a.csv")
    assert read_table(tmp_path / "a.csv")["tone"].tolist() == [float("inf"), -0.5]
    assert os.listdir(tmp_path) == ["a.csv"]


def test_half_a_character_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a text holds half a character \('\\ud800'\)"):
        write_table(pd.DataFrame({"text": ["\ud800"]}, dtype=object), tmp_path / "a.csv")
    assert os.listdir(tmp_path) == []


def test_parquet_without_its_package_says_which_extra_to_install(tmp_path: Path) -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        with pytest.raises(StorageError) as caught:
            write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.parquet")
        assert str(caught.value) == (
            "Parquet needs pyarrow: pip install on-the-record[parquet]. Or use .jsonl or .csv."
        )
        return
    pytest.skip("pyarrow is installed")


# Files


def test_an_error_leaves_the_last_result_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("the last result")
    with pytest.raises(KeyboardInterrupt), TableWriter(path, ["a"]) as writer:
        writer.write([{"a": 1}])
        raise KeyboardInterrupt
    assert path.read_text() == "the last result"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_the_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with TableWriter(path, ["a"]) as writer:
        writer.write([{"a": 1}])
        assert not path.exists()
        assert all(name.startswith(".") for name in os.listdir(tmp_path)), "a half-written file must be hidden"
    assert os.listdir(tmp_path) == ["a.csv"]


@pytest.mark.skipif(os.name != "posix", reason="this system has other links and permissions")
def test_a_result_has_the_permissions_of_any_new_file_and_links_stay(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    (tmp_path / "results").mkdir()
    (tmp_path / "a.csv").symlink_to("results/a.csv")
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").is_symlink()
    assert (tmp_path / "results" / "a.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results" / "a.csv"
    with pytest.raises(StorageError) as caught:
        write_table(pd.DataFrame({"a": [1]}), path)
    assert str(caught.value) == f"{path}: the folder {path.parent} does not exist. Create it first."


def test_writing_does_not_hold_the_table_in_memory(tmp_path: Path) -> None:
    def measure_peak(rows: int) -> int:
        tracemalloc.start()
        with TableWriter(tmp_path / "a.jsonl", ["text"]) as writer:
            for _ in range(rows):
                writer.write([{"text": "x" * 10_000}])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert measure_peak(1000) - measure_peak(50) < 500_000


def test_reading_does_not_change_the_csv_module_for_others(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    write_table(pd.DataFrame({"text": ["x" * (before + 1)]}), tmp_path / "a.csv")
    assert len(read_table(tmp_path / "a.csv")["text"][0]) == before + 1
    assert csv.field_size_limit() == before
