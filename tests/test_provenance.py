"""What stands beside a table: how it was made, handed on by score and read by methods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from research.cli import main
from research.methods import describe_methods
from research.provenance import find_provenance, read_provenance, write_provenance
from research.storage import StorageError


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    one = "“We stay,” Mayor Ann Lee said. She went to see the film “The Long Ferry” on Sunday."
    (folder / "one.txt").write_text(one, encoding="utf-8")
    (folder / "two.txt").write_text("“It rains,” Jon Orr said.", encoding="utf-8")
    (folder / "three.txt").write_text("Nobody spoke.", encoding="utf-8")
    return folder


def run(*arguments: object) -> int:
    return main([str(each) for each in arguments])


def test_extraction_says_how_its_table_was_made(articles: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.toml"
    roster.write_text('[[speaker]]\nid = "lee"\nname = "Ann Lee"\n', encoding="utf-8")
    table = tmp_path / "quotes.csv"
    assert run("extract", articles, "--no-reader", "--each-alone", "--speakers", roster, "-o", table) == 0
    made = read_provenance(table)
    assert made is not None
    assert (made.articles, made.problems, made.quotes, made.nobodys, made.reader) == (3, 0, 2, 1, False)
    assert made.options.keys() == {"no_reader", "each_alone", "speakers"}
    assert str(made.options["speakers"]).startswith("roster.toml, SHA-256 ")
    assert str(tmp_path) not in find_provenance(table).read_text("utf-8")


def test_two_runs_write_the_same(articles: Path, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        assert run("extract", articles, "--no-reader", "-o", tmp_path / name) == 0
    first, second = (find_provenance(tmp_path / name).read_bytes() for name in ("a.csv", "b.csv"))
    assert first == second


def test_it_is_no_article_and_no_problem(articles: Path) -> None:
    assert run("extract", articles, "--no-reader", "-o", articles / "quotes.jsonl") == 0
    assert run("extract", articles, "--no-reader", "-o", articles / "quotes.jsonl") == 0
    made = read_provenance(articles / "quotes.jsonl")
    assert made is not None and made.articles == 3


def test_score_hands_it_on_and_methods_reads_it(articles: Path, tmp_path: Path) -> None:
    table, scored = tmp_path / "quotes.csv", tmp_path / "scored.csv"
    run("extract", articles, "--no-reader", "-o", table)
    run("score", table, "-o", scored)
    assert read_provenance(scored) == read_provenance(table)
    text = describe_methods(scored).text
    assert "We read 3 articles, and found 2 quotations in 2 articles" in text
    assert "1 segment in quotation marks that nobody says count nowhere." in text
    assert "and joined, where it is unsure" not in text and "more were extracted" not in text


def test_rows_that_were_taken_out_are_counted(articles: Path, tmp_path: Path) -> None:
    table, scored = tmp_path / "quotes.csv", tmp_path / "scored.csv"
    run("extract", articles, "--no-reader", "-o", table)
    run("score", table, "-o", scored)
    lines = scored.read_text("utf-8").splitlines(keepends=True)
    scored.write_text("".join(lines[:-1]), encoding="utf-8")
    assert "1 quotation more were extracted and are not in the table." in describe_methods(scored).text


def test_an_older_one_does_not_stay_beside_a_table_of_unknown_origin(articles: Path, tmp_path: Path) -> None:
    table, scored = tmp_path / "quotes.csv", tmp_path / "scored.csv"
    run("extract", articles, "--no-reader", "-o", table)
    run("score", table, "-o", scored)
    find_provenance(table).unlink()
    run("score", table, "-o", scored)
    assert read_provenance(scored) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said | {"articles": "three"},
        lambda said: said | {"articles": -1},
        lambda said: said | {"reader": None},
        lambda said: said | {"versions": {}},
        lambda said: {"articles": 3},
        lambda said: [said],
    ],
)
def test_a_damaged_one_is_refused_by_name(articles: Path, tmp_path: Path, change, capsys) -> None:
    table = tmp_path / "quotes.csv"
    run("extract", articles, "--no-reader", "-o", table)
    path = find_provenance(table)
    path.write_text(json.dumps(change(json.loads(path.read_text("utf-8")))), encoding="utf-8")
    with pytest.raises(StorageError, match="Remove it, or extract again"):
        read_provenance(table)
    assert run("score", table, "-o", tmp_path / "scored.csv") == 2
    assert str(path) in capsys.readouterr().err
    assert not (tmp_path / "scored.csv").exists()


def test_none_is_written_as_nothing(tmp_path: Path) -> None:
    write_provenance(None, tmp_path / "quotes.csv")
    assert list(tmp_path.iterdir()) == []
