"""The whole pipeline: what holds of any text, and how much of the annotated articles comes out right."""

from __future__ import annotations

import datetime
import json
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from research import extraction, reader
from research.corpus_check import read_gold
from research.documents import Document
from research.extraction import DocumentResult, ExtractionConfig, extract_quotes, extract_rows
from research.quotes import find_quotes
from research.reader import is_available
from research.reading import read_corpus
from research.storage import QUOTE_COLUMNS

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "corpus" / "reports"
FAST = ExtractionConfig(use_reader=False)  # what everybody has: the neural reader is an extra
SEED = 20221221
MUTANTS = 2000
LONGEST = 1500  # a mutant's characters: enough for a dozen quotes, few enough for 2,000 mutants in seconds

MARKS = "“”‘’\"'«»„‟‹›—–-:…,.?!()[]"
CONTROLS = "".join(map(chr, [*range(32), 127, 0x85, 0xA0, 0xAD, 0x200B, 0x2028, 0x2029, 0xFEFF, 0xFFFD]))
RIGHT_TO_LEFT = ("\u202e", "\u2067", "\u200f", " שלום ", " قال الرئيس ", "“مرحبا” ")
PIECES = (
    "", "\n\n", "\n", " said ", " he said. ", "I", " — ", "PUTIN: ", "“", "”", "Mr ", " of ", "the ", "👩‍👩‍👧",
    "e\u0301", "ﬁ", "ß", "İ", "\ud800", "𝒜", "Ã©", "’s", "<b>", "&quot;", "%s", "\\",
)


# Any text


@pytest.fixture(scope="module")
def reports() -> list[Document]:
    return list(read_corpus(REPORTS))


def cut(rng: random.Random, text: str) -> str:
    start = rng.randrange(len(text))
    return text[start:start + rng.randrange(LONGEST)]


def shuffle_marks(rng: random.Random, text: str) -> str:
    return "".join(rng.choice(MARKS) if c in MARKS and rng.random() < 0.6 else c for c in text)


def drop_characters(rng: random.Random, text: str) -> str:
    return "".join(c for c in text if rng.random() > 0.05)


def insert_unicode(rng: random.Random, text: str) -> str:
    return scatter(rng, text, [chr(rng.randrange(0x20, 0x110000)) for _ in range(30)])


def insert_controls(rng: random.Random, text: str) -> str:
    return scatter(rng, text, rng.choices(CONTROLS, k=30))


def insert_right_to_left(rng: random.Random, text: str) -> str:
    return scatter(rng, text, rng.choices(RIGHT_TO_LEFT, k=10))


def insert_pieces(rng: random.Random, text: str) -> str:
    return scatter(rng, text, rng.choices(PIECES, k=25))


def shuffle_words(rng: random.Random, text: str) -> str:
    words = text.split(" ")
    rng.shuffle(words)
    return " ".join(words)


def scatter(rng: random.Random, text: str, pieces: Sequence[str]) -> str:
    for piece in pieces:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + piece + text[place:]
    return text


MUTATIONS = (
    shuffle_marks, drop_characters, insert_unicode, insert_controls, insert_right_to_left, insert_pieces, shuffle_words
)


def mutate(documents: Sequence[Document]) -> list[Document]:
    """Articles that no newsroom would print; the same ones in every run."""
    rng = random.Random(SEED)
    mutants = []
    for number in range(MUTANTS):
        text = cut(rng, rng.choice(documents).text)
        for mutation in rng.sample(MUTATIONS, rng.randrange(4)):
            text = mutation(rng, text)
        date, author = rng.choice((None, datetime.date(2022, 12, 21))), rng.choice((None, "By Ann Lee", "", " "))
        mutants.append(Document(doc_id=f"m{number}", text=text, date=date, author=author))
    return mutants


@pytest.fixture(scope="module")
def mutants(reports: list[Document]) -> list[Document]:
    return mutate(reports)


@pytest.fixture(scope="module")
def results(mutants: list[Document]) -> list[DocumentResult]:
    return list(extract_rows(mutants, FAST))


def test_the_mutants_are_hostile_enough(mutants: list[Document], results: list[DocumentResult]) -> None:
    assert len(mutants) == len(results) == MUTANTS
    assert sum(len(result.rows) for result in results) > 1.5 * MUTANTS
    assert sum(len(result.problems) for result in results) > MUTANTS
    assert sum("\x00" in mutant.text for mutant in mutants) > 50


def test_every_offset_is_the_text(mutants: list[Document], results: list[DocumentResult]) -> None:
    for document, result in zip(mutants, results, strict=True):
        for row in result.rows:
            assert document.text[row["start"]:row["end"]] == row["text"]
            for name in ("mention", "cue"):
                start, end = row[f"{name}_start"], row[f"{name}_end"]
                assert (start is None) == (end is None) == (row[name] is None)
                assert start is None or document.text[start:end] == row[name] != ""


def test_every_row_has_the_columns_and_their_values(results: list[DocumentResult]) -> None:
    for result in results:
        for row in result.rows:
            assert tuple(row) == QUOTE_COLUMNS
            assert row["quote_id"] == f"{row['doc_id']}:{row['start']}"
            assert 0 <= row["confidence"] <= 1
            assert row["kind"] in ("direct", "mixed")
            assert row["speaker_kind"] in ("person", "unnamed person", "organisation", "group", "document", None)
            assert row["speaker"] != "" and (row["speaker"] is None or row["mention"] is not None)


def test_every_segment_is_a_row_or_nobodys_and_every_stray_mark_a_problem(
    mutants: list[Document], results: list[DocumentResult]
) -> None:
    for document, result in zip(mutants, results, strict=True):
        scan = find_quotes(document.text)
        assert len(result.rows) + result.nobody == len(scan.segments)
        places = [problem.place for problem in result.problems]
        assert places == [f"character {stray.span.start}" for stray in scan.strays]
        starts = [row["start"] for row in result.rows]
        assert starts == sorted(set(starts))
        assert set(starts) <= {segment.span.start for segment in scan.segments}


def test_all_keeps_every_segment(mutants: list[Document]) -> None:
    some = mutants[:200]
    for document, result in zip(some, extract_rows(some, replace(FAST, include_unattributed=True)), strict=True):
        assert [row["start"] for row in result.rows] == [s.span.start for s in find_quotes(document.text).segments]
        assert result.nobody == 0
        for row in result.rows:
            assert row["kind"] in ("direct", "mixed", "none")
            assert row["kind"] != "none" or row["mention"] is row["speaker"] is None


def test_two_runs_agree(mutants: list[Document], results: list[DocumentResult]) -> None:
    assert list(extract_rows(mutants[:300], FAST)) == results[:300]


def test_a_document_does_not_depend_on_its_neighbours(mutants: list[Document], results: list[DocumentResult]) -> None:
    assert list(extract_rows(reversed(mutants[:100]), FAST)) == results[:100][::-1]


def test_nobody_known_finds_the_same_words(mutants: list[Document], results: list[DocumentResult]) -> None:
    unknown = list(extract_rows(mutants[:300], replace(FAST, known_people=False)))
    for with_fame, without in zip(results[:300], unknown, strict=True):
        assert [row["start"] for row in without.rows] == [row["start"] for row in with_fame.rows]
        assert all(row["speaker_id"] is None for row in without.rows)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "“", "”", "“”", "\x00", "\ufeff", "\ud800", "\"" * 50, "“I,” he said", "“A”" * 40]
)
def test_tiny_texts(text: str) -> None:
    (result,) = extract_rows([Document(doc_id="a", text=text)], FAST)
    scan = find_quotes(text)
    assert len(result.rows) + result.nobody == len(scan.segments)
    assert len(result.problems) == len(scan.strays)


@pytest.mark.skipif(not is_available(), reason="The reader is not installed: pip install 'on-the-record[reader]'.")
def test_the_reader_takes_anything_and_moves_no_quote(mutants: list[Document], results: list[DocumentResult]) -> None:
    asked = list(extract_rows(mutants[:60], replace(FAST, use_reader=True)))
    assert list(extract_rows(mutants[:60], replace(FAST, use_reader=True))) == asked
    for document, result, without in zip(mutants, asked, results[:60], strict=False):
        assert len(result.rows) + result.nobody == len(without.rows) + without.nobody
        assert all(document.text[row["start"]:row["end"]] == row["text"] for row in result.rows)


# The open corpus


def judge_corpus(documents: Sequence[Document], config: ExtractionConfig) -> tuple[int, int, int]:
    """How many attributed gold segments there are, come out, and come out with the right person."""
    rows = {row["quote_id"]: row for result in extract_rows(documents, config) for row in result.rows}
    annotated = read_gold(ROOT / "corpus" / "gold.jsonl").values()
    gold = [row for rows_of in annotated for row in rows_of if row["attributed"]]
    found = [(asked, rows[asked["quote_id"]]) for asked in gold if asked["quote_id"] in rows]
    return len(gold), len(found), sum(row["speaker"] == asked["speaker"] for asked, row in found)


def test_the_open_corpus_comes_out(reports: list[Document]) -> None:
    asked, found, right = judge_corpus(reports, FAST)
    assert asked > 400
    assert found >= 0.97 * asked
    assert right >= 0.93 * asked


def test_fame_helps_and_is_not_all(reports: list[Document]) -> None:
    asked, found, right = judge_corpus(reports, replace(FAST, known_people=False))
    known = judge_corpus(reports, FAST)
    assert found == known[1]
    assert 0.5 * asked <= right < known[2]


def test_the_table_is_the_rows(reports: list[Document]) -> None:
    table = extract_quotes(reports[:5], FAST)
    rows = [row for result in extract_rows(reports[:5], FAST) for row in result.rows]
    assert tuple(table.columns) == QUOTE_COLUMNS
    assert table["quote_id"].tolist() == [row["quote_id"] for row in rows]
    assert table["speaker"].fillna("").tolist() == [row["speaker"] or "" for row in rows]


# The article the project started from


@pytest.fixture(scope="module")
def first_article() -> tuple[Document, list[dict[str, Any]]]:
    """An article that is a newspaper's and no part of the project, with its annotation."""
    default = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("ON_THE_RECORD_DATA", default)).parent / "seed"
    if not (folder / "gold.jsonl").is_file():
        pytest.skip(f"The first article is not in {folder}. Put its folder beside the one named in ON_THE_RECORD_DATA.")
    gold = json.loads((folder / "gold.jsonl").read_text(encoding="utf-8"))
    (document,) = read_corpus(folder / f"{gold['id']}.txt")
    return document, gold["quotes"]


def test_the_first_article_comes_out_whole(first_article: tuple[Document, list[dict[str, Any]]]) -> None:
    document, gold = first_article
    assert document.date == datetime.date(2022, 12, 21)
    (result,) = extract_rows([document], FAST)
    found = [(row["text"], row["speaker"], row["speaker_kind"]) for row in result.rows]
    assert found == [(asked["text"], asked["speaker"], asked["speaker_kind"]) for asked in gold]
    assert len(found) == 12
    assert (result.problems, result.nobody) == ([], 0)


def test_the_first_article_names_the_source_at_each_quote(first_article: tuple[Document, list[dict[str, Any]]]) -> None:
    document, gold = first_article
    (result,) = extract_rows([document], FAST)
    for row, asked in zip(result.rows, gold, strict=True):
        assert any(words in row["mention"] or row["mention"] in words for _, _, words in asked["source"]), row

def test_a_missing_reader_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (reader, extraction):
        monkeypatch.setattr(module, "is_available", lambda: False)
    reader.warn_if_missing.cache_clear()
    with pytest.warns(UserWarning, match=r"on-the-record\[reader\]") as said:
        extract_quotes([])
        extract_quotes([])
    assert len(said) == 1
    reader.warn_if_missing.cache_clear()


def test_a_reader_asked_for_and_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "is_available", lambda: False)
    with pytest.raises(ModuleNotFoundError, match="reader"):
        extract_quotes([], ExtractionConfig(use_reader=True))


def test_only_lost_corrections_are_warned_of(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    corrections = tmp_path / "None"
    corrections.write_text("quote_id,speaker,quote\nNone:90,Ann Lee,We stay.\n", encoding="utf-8")
    article = Document(doc_id="None", text="A pond.” He said.")  # its lonely mark is a problem, too
    extract_quotes([article], FAST)
    assert [str(each.message) for each in recwarn] == []
    for document in (article, replace(article, doc_id=str(corrections))):
        extract_quotes([document], replace(FAST, corrections=corrections))
    messages = [str(each.message) for each in recwarn]
    assert len(messages) == 2
    assert all("line 2: the" in message and "closing mark" not in message for message in messages)


def test_what_is_no_article_is_refused_in_words() -> None:
    with pytest.raises(TypeError, match=r"'t' is no Document\. Read articles first: research\.read_corpus\(path\)\."):
        extract_quotes("txt")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"date": "2023-08-01"}, r"date is '2023-08-01', not a datetime\.date \("),
        ({"date": datetime.datetime(2023, 8, 1)}, r"date is datetime\.datetime\(2023, 8, 1, 0, 0\), not a datetime"),
        ({"text": None}, "text is None, not a text"),
        ({"doc_id": 7}, "doc_id is 7, not a text"),
        ({"title": float("nan")}, "title is nan, not a text or None"),
    ],
)
def test_an_article_of_the_wrong_types_is_refused_when_it_is_made(values: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"an article's {message}"):
        Document(**({"doc_id": "a", "text": "x"} | values))
