"""The corpus keeps its promises: quotations to the letter, prose of our own, gold that fits, a registry that holds.

Most of it is checked from the corpus alone. What needs the collection of documented quotations, or the newspaper
article whose prose must not be echoed, is skipped where they are not at hand (ON_THE_RECORD_DATA names the folder).
"""

from __future__ import annotations

import collections
import datetime
import doctest
import itertools
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from research import corpus_check
from research.corpus_check import (
    check_report,
    fingerprint_run,
    prose_of,
    read_gold,
    read_quotations,
    read_report,
    word_runs,
)
from research.reading import read_corpus

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"
REPORTS = sorted((CORPUS / "reports").glob("*.txt"))
DATA = Path(os.environ.get("ON_THE_RECORD_DATA", ROOT / ".." / "shared" / "data"))
QUOTATIONS = DATA / "quotations" / "quotations.jsonl"
ARTICLE = DATA / ".." / "seed" / "2022-12-21-bakhmut.txt"

needs_quotations = pytest.mark.skipif(not QUOTATIONS.is_file(), reason="the documented quotations are not at hand")
needs_article = pytest.mark.skipif(not ARTICLE.is_file(), reason="the newspaper article is not at hand")

GOLD = read_gold(CORPUS / "gold.jsonl")
ROWS = [row for rows in GOLD.values() for row in rows]
SAID = {(row["doc_id"], row["quotation"]): row for row in ROWS if row["attributed"]}
with (CORPUS / "speakers.toml").open("rb") as stream:
    SPEAKERS: list[dict[str, Any]] = tomllib.load(stream)["speaker"]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_report_keeps_its_promises(path: Path) -> None:
    quotations = read_quotations(QUOTATIONS) if QUOTATIONS.is_file() else None
    assert [str(problem) for problem in check_report(path, quotations=quotations)] == []


def test_gold_and_reports_are_the_same_set() -> None:
    assert set(GOLD) == {path.stem for path in REPORTS}


def test_corpus_is_as_large_as_it_says() -> None:
    said_by = collections.Counter(row["speaker_id"] for row in SAID.values())
    assert len(REPORTS) >= 55
    assert len(SAID) >= 290
    assert len(said_by) >= 15
    assert said_by["volodymyr-zelensky"] >= 80
    assert said_by["vladimir-putin"] >= 55
    assert said_by["igor-girkin"] >= 25


def test_quote_ids_are_unique_and_in_document_order() -> None:
    ids = [row["quote_id"] for row in ROWS]
    assert len(ids) == len(set(ids))
    assert all(a["end"] <= b["start"] for rows in GOLD.values() for a, b in itertools.pairwise(rows))


def test_mentions_and_cues_stand_outside_quotations() -> None:
    inside = [
        (row["quote_id"], key)
        for row in ROWS
        for key in ("mention", "cue")
        if row[key] and any(r["start"] <= row[f"{key}_start"] < r["end"] for r in GOLD[row["doc_id"]])
    ]
    assert inside == []


def test_mention_and_cue_stand_on_one_side_of_their_quotation() -> None:
    sides = [
        (row["quote_id"], row["cue_start"] < row["start"], row["mention_start"] < row["start"])
        for row in ROWS
        if row["cue"]
    ]
    assert [quote_id for quote_id, cue_before, mention_before in sides if cue_before != mention_before] == []


def test_reader_sees_the_body_that_gold_counts_in() -> None:
    texts = {document.doc_id: document.text for document in read_corpus(CORPUS / "reports")}
    assert texts == {path.stem: read_report(path).body for path in REPORTS}


def test_reports_vary_what_articles_vary() -> None:
    bodies = {path.stem: read_report(path).body for path in REPORTS}
    marks = collections.Counter(bodies[row["doc_id"]][row["start"] - 1] for row in ROWS)
    kinds = collections.Counter(row["kind"] for row in ROWS)
    before = sum(row["mention_start"] < row["start"] for row in SAID.values())
    assert all(marks[mark] >= 15 for mark in "“‘\"'")
    assert all(kinds[kind] >= 15 for kind in ("direct", "mixed", "none"))
    assert 0.2 < before / len(SAID) < 0.8
    assert sum(row["mention"] in ("he", "He", "she", "She") for row in ROWS) >= 40
    assert sum(row["attributed"] and row["cue"] is None for row in ROWS) >= 5


def test_the_first_article_has_a_report_with_its_twelve_quotations() -> None:
    used = {row["quotation_id"] for row in GOLD["2022-12-21-bakhmut-visit"]}
    assert {f"seed-2022-12-21-{number:02}" for number in range(1, 13)} <= used


@needs_quotations
def test_gold_speaker_is_the_documented_one_and_spoke_before_the_report() -> None:
    documented = {row["id"]: row for row in map(json.loads, QUOTATIONS.read_text(encoding="utf-8").splitlines())}
    for row in SAID.values():
        quotation = documented[row["quotation_id"]]
        assert (row["quote_id"], row["speaker"]) == (row["quote_id"], quotation["speaker"])
        assert quotation["date"] <= row["doc_id"][:10], row["quote_id"]


@needs_quotations
def test_sources_are_the_documented_addresses() -> None:
    documented = {row["id"]: row for row in map(json.loads, QUOTATIONS.read_text(encoding="utf-8").splitlines())}
    for path in REPORTS:
        for quotation, address in read_report(path).sources:
            assert address == (documented[quotation]["source_url"] or "newspaper report of 21 December 2022")


@needs_article
def test_fingerprints_are_those_of_the_article() -> None:
    article = ARTICLE.read_text(encoding="utf-8")
    runs = {fingerprint_run(run) for passage in prose_of(article) for run in word_runs(passage)}
    assert runs == corpus_check.read_corpus_folder(CORPUS).runs


def test_datasheet_counts_what_the_files_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(str(CORPUS / "README.md"), module_relative=False)
    assert failed == 0
    assert tried > 5


def test_completion_of_the_registry_belong_to_one_person_each() -> None:
    names = collections.Counter(name for s in SPEAKERS for name in {s["name"], *s["aliases"]})
    ids = collections.Counter(s["id"] for s in SPEAKERS)
    assert [name for name, count in (names + ids).items() if count > 1] == []
    assert all(s["gender"] in ("male", "female") for s in SPEAKERS)


def test_no_office_of_the_registry_is_held_by_two_on_one_day() -> None:
    open_start, open_end = datetime.date.min, datetime.date.max
    held = [
        (role["title"], role["of"], role.get("start", open_start), role.get("end", open_end), s["id"])
        for s in SPEAKERS
        for role in s["roles"]
    ]
    assert all(start < end for _, _, start, end, _ in held)
    clashes = [(a, b) for a, b in itertools.combinations(held, 2) if a[:2] == b[:2] and a[2] < b[3] and b[2] < a[3]]
    assert clashes == []


BODY = (
    "“We stay,” Anna Lee said. “All of us.”\n\n"
    + "\n\n".join(
        f"“Part {n} holds,” she said. " + "The rest of this paragraph tells what happened there. " * 7 for n in range(3)
    )
    .replace(" \n", "\n")
    .rstrip()
)


def small_corpus(folder: Path, body: str = BODY, **front: str) -> Path:
    """A corpus of one report that passes, unless its body or front matter is changed."""
    sources = "\n".join(f"- lee-2022-05-01-0{n} https://example.org/{n}" for n in range(1, 5))
    values = {
        "title": "Anna Lee stays", "date": "2022-05-01", "outlet": "On the Record", "place": "Kyiv",
        "event": "stay-2022-05-01", "rights": "CC-BY-4.0", "sources": "\n" + sources,
    } | front  # fmt: skip
    lines = "\n".join(f"{key}: {value}".replace(": \n", ":\n") for key, value in values.items() if value)
    path = folder / "reports" / "2022-05-01-lee-stays.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"---\n{lines}\n---\n\n{body}\n", encoding="utf-8")
    registry = '[[speaker]]\nid = "anna-lee"\nname = "Anna Lee"\naliases = []\ngender = "female"\nroles = []\n'
    (folder / "speakers.toml").write_text(registry, encoding="utf-8")
    return path


def write_gold(path: Path, **changes: Any) -> None:
    """Gold for the small corpus, its first row changed as asked."""
    body = read_report(path).body
    rows = []
    for number, words in enumerate(["We stay,", "All of us.", *(f"Part {n} holds," for n in range(3))]):
        start = BODY.index(words)
        row = dict.fromkeys(corpus_check.GOLD_COLUMNS) | {
            "doc_id": path.stem, "start": start, "end": start + len(words), "text": words, "kind": "direct",
            "attributed": True, "speaker": "Anna Lee", "speaker_id": "anna-lee", "speaker_kind": "person",
            "mention": "Anna Lee", "mention_start": body.index("Anna"), "mention_end": body.index("Anna") + 8,
            "quotation": max(1, number), "quotation_id": f"lee-2022-05-01-0{max(1, number)}",
            "quote_id": f"{path.stem}:{start}",
        }  # fmt: skip
        rows.append(row | (changes if not number else {}))
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (path.parent.parent / "gold.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


WORDS = {"lee-2022-05-01-01": "We stay. All of us."} | {
    f"lee-2022-05-01-0{n + 2}": f"Part {n} holds." for n in range(3)
}


def messages(path: Path) -> str:
    return " ".join(problem.message for problem in check_report(path, quotations=WORDS))


def test_sound_report_has_no_problem(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    write_gold(path)
    assert messages(path) == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": ""}, "has no title"),
        ({"sources": ""}, "has no sources"),
        ({"rights": "all reserved"}, "is under all reserved"),
        ({"date": "1 May 2022"}, "is dated '1 May 2022'"),
        ({"date": "2022-05-02"}, "is dated 2022-05-02"),
        ({"sources": "\n- lee-2022-05-01-01 example.org"}, "the address 'example.org'"),
        ({"sources": "\n- Lee https://example.org/1"}, "a source 'Lee'"),
        ({"sources": "\n- lee-2022-05-01-01 https://example.org/1"}, "sources that do not fit"),
        ({"body": "“We stay,” Anna Lee said."}, "has 5 words"),
        ({"body": BODY.replace("said. The", "said.  The", 1)}, "not laid out evenly"),
        ({"body": BODY.replace("\n\n", "\n", 1)}, "not laid out evenly"),
        ({"body": BODY.replace("All of us.”", "All of us.", 1)}, "do not hold"),
        ({"body": BODY + "\n\nThe “Lion” came."}, "a quoted segment without gold"),
        ({"body": BODY + "\n\nShe left.”"}, "a closing mark with nothing open"),
    ],
)  # fmt: skip
def test_damaged_report_is_noticed(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    path = small_corpus(tmp_path)
    write_gold(path)
    small_corpus(tmp_path, **changes)
    assert expected in messages(path)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start": 0}, "do not hold 'We stay,'"),
        ({"text": "We go,"}, "do not hold 'We go,'"),
        ({"mention_start": 3}, "do not hold 'Anna Lee'"),
        ({"cue": "said"}, "do not hold 'said'"),
        ({"kind": "indirect"}, "is 'indirect'"),
        ({"kind": "none"}, "is 'none' and attributed=True"),
        ({"speaker": None}, "lacks a speaker"),
        ({"speaker_id": "anna-li"}, "whom the registry does not have"),
        ({"quotation_id": "lee-2022-05-01-02"}, "which lee-2022-05-01-02 does not say"),
        ({"quotation_id": "lee-2022-05-01-09"}, "which is not documented"),
        ({"note": "new"}, "has other columns"),
        ({"attributed": False}, "is nobody's speech but has a speaker"),
    ],
)
def test_damaged_gold_is_noticed(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    path = small_corpus(tmp_path)
    write_gold(path, **changes)
    assert expected in messages(path)


@pytest.mark.parametrize(("shared", "expected"), [(2, "shares 2 quotations with 2022-05-02-lee-goes."), (1, "")])
def test_two_reports_share_one_quotation_at_most(tmp_path: Path, shared: int, expected: str) -> None:
    path = small_corpus(tmp_path)
    write_gold(path)
    gold = path.parent.parent / "gold.jsonl"
    rows = [{"doc_id": "2022-05-02-lee-goes", "quotation_id": f"lee-2022-05-01-0{n + 1}"} for n in range(shared)]
    gold.write_text(gold.read_text("utf-8") + "".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert messages(path) == expected


def test_echo_of_the_newspaper_is_noticed(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    write_gold(path)
    run = next(word_runs("this paragraph TELLS what happened there"))
    (tmp_path / "newspaper-runs.txt").write_text(f"# a comment\n{fingerprint_run(run)}\n", encoding="utf-8")
    assert "echoes a newspaper: 'this paragraph tells what happened there'" in messages(path)


def test_words_inside_quotations_are_no_echo(tmp_path: Path) -> None:
    body = BODY + "\n\n“Nobody here has ever left us,” she said."
    path = small_corpus(tmp_path, body=body)
    run = next(word_runs("nobody here has ever left us"))
    (tmp_path / "newspaper-runs.txt").write_text(fingerprint_run(run) + "\n", encoding="utf-8")
    assert "echoes" not in messages(path)


def test_missing_report_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    assert "cannot be read" in messages(tmp_path / "reports" / "2022-05-01-nothing.txt")


def test_draft_has_a_row_for_every_segment_and_knows_the_documented_words(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    drafts = corpus_check.draft_gold(path, quotations=WORDS)
    assert [row["text"] for row in drafts] == ["We stay,", "All of us.", *(f"Part {n} holds," for n in range(3))]
    assert all(tuple(row) == corpus_check.GOLD_COLUMNS for row in drafts)
    assert drafts[0]["speaker"] == "Anna Lee"
    assert drafts[0]["quotation_id"] == "lee-2022-05-01-01"
    assert json.loads(json.dumps(drafts)) == drafts


def check(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    """Run ``research check-report`` there; give its exit status and what it said."""
    command = [sys.executable, "-m", "research", "check-report", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120)
    assert result.stdout == ""
    return result.returncode, result.stderr


def documented_words(folder: Path) -> Path:
    path = folder / "words.jsonl"
    lines = (json.dumps({"id": name, "quote": quote}) for name, quote in WORDS.items())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_command_checks_a_report_wherever_it_is_called_from(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    write_gold(path)
    words = documented_words(tmp_path)
    well = (0, "1 report checked; 0 problems\n")
    assert check(tmp_path, "reports", "--quotations", words) == well
    assert check(path.parent, path.name, "--quotations", words) == well


def test_command_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    path = small_corpus(tmp_path, rights="all reserved")
    write_gold(path, quotation_id="lee-2022-05-01-02")
    status, said = check(tmp_path, path, "--quotations", documented_words(tmp_path))
    lines = said.splitlines()
    assert status == 1
    assert lines[0] == f"{path.name}: is under all reserved. Reports are shared under CC-BY-4.0."
    assert any("'We stay,', which lee-2022-05-01-02 does not say" in line for line in lines)
    assert lines[-1] == f"1 report checked; {len(lines) - 1} problems"


def test_command_drafts_gold_that_passes_the_check_when_it_is_right(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    words = documented_words(tmp_path)
    assert check(tmp_path, path, "--quotations", words, "--draft", "draft.jsonl") == (
        0,
        "1 report checked; 1 without gold; 5 rows drafted; 0 problems\n",
    )
    drafted = read_gold(tmp_path / "draft.jsonl")[path.stem]
    assert drafted == corpus_check.draft_gold(path, quotations=WORDS)
    assert [row["quotation_id"] for row in drafted][::2] == [f"lee-2022-05-01-0{n}" for n in (1, 2, 4)]


def test_draft_of_an_unreadable_report_is_empty_and_the_others_are_drafted(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    (path.parent / "2022-05-02-bad.txt").write_bytes(b"caf\xe9")
    status, said = check(tmp_path, "reports", "--draft", "draft.jsonl")
    assert status == 1
    assert "2022-05-02-bad.txt: cannot be read" in said
    assert said.endswith("2 reports checked; 2 without gold; 5 rows drafted; 1 problem\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("missing.txt",), "research: missing.txt: does not exist. Check the spelling of the path.\n"),
        (("empty",), "research: empty: holds no report. Name .txt files, or the folder they are in.\n"),
        (
            ("reports", "--draft", "gold.jsonl"),
            "research: gold.jsonl: exists, and a draft overwrites nothing. Give the draft another name.\n",
        ),
        (
            ("reports", "--draft", "draft.csv"),
            "research: draft.csv: gold is kept as JSON lines. Give the draft a name that ends in .jsonl.\n",
        ),
        (("reports", "--quotations", "bad.jsonl"), "research: bad.jsonl: line 2 has no 'quote'. Add it.\n"),
        (("reports", "--quotations", "none.jsonl"), "research: none.jsonl: No such file or directory.\n"),
    ],
)
def test_command_that_cannot_be_carried_out(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    write_gold(small_corpus(tmp_path))
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jsonl").write_text('{"id": "a", "quote": "b"}\n{"id": "c"}\n', encoding="utf-8")
    before = (tmp_path / "gold.jsonl").read_bytes()
    assert check(tmp_path, *arguments) == (2, expected)
    assert (tmp_path / "gold.jsonl").read_bytes() == before


def test_damaged_line_of_gold_is_named(tmp_path: Path) -> None:
    path = small_corpus(tmp_path)
    write_gold(path)
    gold = tmp_path / "gold.jsonl"
    gold.write_text(gold.read_text(encoding="utf-8") + '{"doc_id": \n', encoding="utf-8")
    status, said = check(tmp_path, path)
    assert status == 2
    assert said.startswith(f"research: {gold.resolve()}: line 6 is not JSON (")
