"""The command line as a person meets it: real processes, exact words, exit status."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from research.cli import COMMANDS, make_parser
from research.storage import QUOTE_COLUMNS, iterate_rows, read_table, write_table

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "100"}

ARTICLE = "“We will stay in the city,” Anna Berg said on Monday.\n"
ONE_QUOTE = "1 quote by 1 speaker in 1 document; 0 problems\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "research", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=120)


def fails(folder: Path, arguments: str, message: str) -> None:
    """Assert that a command ends with status 2, nothing on standard output and exactly this on standard error."""
    result = run(folder, *shlex.split(arguments))
    assert (result.returncode, result.stdout, result.stderr) == (2, "", message + "\n")


def test_extract_writes_the_table_and_says_what_it_found(tmp_path: Path) -> None:
    (tmp_path / "visit.txt").write_text(ARTICLE, encoding="utf-8")
    result = run(tmp_path, "extract", "visit.txt", "-o", "quotes.jsonl")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", ONE_QUOTE)
    (row,) = [json.loads(line) for line in (tmp_path / "quotes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert tuple(row) == QUOTE_COLUMNS
    assert ARTICLE[row["start"] : row["end"]] == row["text"] == "We will stay in the city,"
    assert (row["doc_id"], row["quote_id"], row["speaker"]) == ("visit", "visit:1", "Anna Berg")


def test_extract_without_output_writes_json_lines(tmp_path: Path) -> None:
    (tmp_path / "visit.txt").write_text(ARTICLE, encoding="utf-8")
    result = run(tmp_path, "extract", "visit.txt")
    assert (result.returncode, result.stderr) == (0, ONE_QUOTE)
    assert json.loads(result.stdout)["quote_id"] == "visit:1"


def test_extract_tells_every_problem_and_goes_on(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "visit.txt").write_text(ARTICLE, encoding="utf-8")
    (articles / "bad.txt").write_bytes(b"caf\xe9")
    (articles / "rows.jsonl").write_text('{"body": 1}\n{"body": 2}\n{"body": 3}\n')
    (articles / "notes.docx").write_text("")
    result = run(tmp_path, "extract", "articles", "missing", "-o", "quotes.csv")
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "articles: 1 file was not read for the ending: notes.docx. "
        "Save articles as .txt, or as the rows of a .jsonl or .csv.",
        "articles/bad.txt: is not UTF-8: byte 3 is 0xe9. Save it as UTF-8.",
        "articles/rows.jsonl line 1: has no 'text'; it has: body. "
        "Say which column holds the article: --column text=NAME, or columns={'text': 'NAME'}. "
        "(2 more like it, the last at line 3.)",
        "missing: does not exist. Check the spelling of the path.",
        "1 quote by 1 speaker in 1 document; 6 problems",
    ]
    assert len((tmp_path / "quotes.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_extract_takes_names_of_columns(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(f'body,published,nr\n"{ARTICLE}",2021-04-03,7\n', encoding="utf-8")
    columns = ("--column", "text=body", "--column", "date=published", "--column", "id=nr")
    result = run(tmp_path, "extract", "export.csv", *columns, "-o", "quotes.jsonl")
    assert (result.returncode, result.stderr) == (0, ONE_QUOTE)
    row = json.loads((tmp_path / "quotes.jsonl").read_text(encoding="utf-8"))
    assert (row["doc_id"], row["date"]) == ("7", "2021-04-03")


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_offsets_count_in_the_texts_as_read(tmp_path: Path, ending: str) -> None:
    (tmp_path / "in").mkdir()
    front = b"---\r\ntitle: T\r\ndate: 2021-04-03\r\n---\r\n\r\nLate.\r\n"
    (tmp_path / "in" / "a.txt").write_bytes(front + ARTICLE.encode())
    row = {"text": f"date 2024-01-01 Late.\r\n{ARTICLE}", "outlet": "The Gazette"}
    (tmp_path / "in" / "b.jsonl").write_text(json.dumps(row) + "\n")
    result = run(tmp_path, "extract", "in", "-o", "q.jsonl", "--texts", f"texts.{ending}", "--no-reader")
    assert (result.returncode, result.stderr) == (0, "2 quotes by 1 speaker in 2 documents; 0 problems\n")
    texts = {row["doc_id"]: row for row in iterate_rows(read_table(tmp_path / f"texts.{ending}"))}
    quotes = [json.loads(line) for line in (tmp_path / "q.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in quotes:
        assert texts[row["doc_id"]]["text"][row["start"] : row["end"]] == row["text"]
    assert [(text["date"], text["title"], text["outlet"]) for text in texts.values()] == [
        ("2021-04-03", "T", None), ("2024-01-01", None, "The Gazette")]
    run(tmp_path, "extract", f"texts.{ending}", "-o", "again.jsonl", "--no-reader")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "q.jsonl").read_bytes()


def test_nothing_read_is_a_failure_and_leaves_the_last_result(tmp_path: Path) -> None:
    (tmp_path / "quotes.csv").write_text("the last result")
    fails(
        tmp_path,
        "extract missing -o quotes.csv",
        "missing: does not exist. Check the spelling of the path.\n"
        "research: no article could be read. Name .txt, .jsonl or .csv files, or folders of them.",
    )
    assert (tmp_path / "quotes.csv").read_text() == "the last result"
    assert os.listdir(tmp_path) == ["quotes.csv"]


def test_an_article_without_quotes_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Nobody spoke.\n")
    result = run(tmp_path, "extract", "a.txt", "-o", "quotes.csv")
    assert (result.returncode, result.stderr) == (0, "0 quotes by 0 speakers in 1 document; 0 problems\n")
    assert (tmp_path / "quotes.csv").read_text() == ",".join(QUOTE_COLUMNS) + "\n"


USAGE = [
    ("extract", "research extract: the following arguments are required: PATH. Read 'research extract --help'."),
    (
        "extract a.txt --column body",
        "research extract: argument --column: 'body' is not FIELD=COLUMN, such as text=body. "
        "Read 'research extract --help'.",
    ),
    (
        "extract a.txt --column body=text",
        "research: --column: 'body' is not a field of an article. "
        "The fields are: text, id, title, date, outlet, author, url.",
    ),
    (
        "extract a.txt -o quotes.xlsx",
        "research: quotes.xlsx: the ending '.xlsx' is no table's. Use one of .jsonl, .csv, .parquet.",
    ),
    ("extract a.txt -o no/quotes.csv", "research: no/quotes.csv: the folder no does not exist. Create it first."),
    (
        "extract a.txt b.jsonl -o ./b.jsonl",
        "research: ./b.jsonl: is an input and would be overwritten. Give the output another name.",
    ),
    (
        "extract . -o b.jsonl",
        "research: b.jsonl: is an input and would be overwritten. Give the output another name.",
    ),
    (
        "extract a.txt --speakers nobody.toml",
        "research: nobody.toml: there is no such file of speakers. Check the spelling of the path.",
    ),
    (
        "extract a.txt --speakers a.txt",
        "research: a.txt: is not a registry of speakers in TOML (Invalid statement (at line 1, column 1)). "
        "corpus/speakers.toml shows the form.",
    ),
    (
        "extract a.txt -o folder.csv",
        "research: folder.csv: is a folder. Give the table a name that no folder has.",
    ),
    ("score b.jsonl -o no/b.csv", "research: no/b.csv: the folder no does not exist. Create it first."),
    (
        "extract a.txt --corrections own.csv -o own.csv",
        "research: own.csv: is an input and would be overwritten. Give the output another name.",
    ),
    (
        "extract . -o own.csv",
        "research: own.csv: holds corrections and would be overwritten. Give the output another name.",
    ),
    (
        "score b.jsonl -o own.csv",
        "research: own.csv: holds corrections and would be overwritten. Give the output another name.",
    ),
    *[
        (
            f"{command} --speakers bad.toml",
            "research: bad.toml: entry 1 has no id. corpus/speakers.toml shows the form.",
        )
        for command in ("extract a.txt", "speakers a.txt", "explain a.txt", "correct q.jsonl --quote a:1 --unknown")
    ],
    (
        "extract a.txt -o q.csv --texts q.csv",
        "research: q.csv: cannot hold both the quotes and the texts. Give --texts another name.",
    ),
    (
        "extract b.jsonl --texts b.jsonl",
        "research: b.jsonl: is an input and would be overwritten. Give the output another name.",
    ),
    (
        "extract . --texts texts.csv",
        "research: texts.csv: lies among the articles and would be read as some. Write it to another folder.",
    ),
    ("extract a.txt --colum text=body", "research: unrecognized arguments: --colum text=body. Read 'research --help'."),
    ("score missing.csv", "research: missing.csv: does not exist. Check the spelling of the path."),
    ("score a.txt", "research: a.txt: the ending '.txt' is no table's. Use one of .jsonl, .csv, .parquet."),
    ("score folder.csv", "research: folder.csv: cannot be read (Is a directory)."),
    (
        "score b.jsonl -o b.jsonl",
        "research: b.jsonl: is an input and would be overwritten. Give the output another name.",
    ),
    ("score empty.jsonl", "research: empty.jsonl: has no rows."),
    ("score notext.csv", "research: notext.csv: has no column 'text'; its columns are: body, speaker."),
    (
        "compare notext.csv --measure tone",
        "research: notext.csv: has no column 'tone'; its columns are: body, speaker. Add it with 'research score'.",
    ),
    (
        "compare notext.csv --measure body",
        "research: notext.csv: 'body' must hold numbers to be compared, and one is 'No.'.",
    ),
    (
        "compare notext.csv",
        "research compare: the following arguments are required: --measure. Read 'research compare --help'.",
    ),
]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "Nobody spoke."}\n')
    (tmp_path / "notext.csv").write_text("body,speaker\nNo.,Anna Berg\n")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "bad.toml").write_text('[[speaker]]\nname = "Ann Lee"\n')
    row = dict.fromkeys(QUOTE_COLUMNS) | {"quote_id": "a:1", "text": "No.", "kind": "direct"}
    (tmp_path / "q.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "own.csv").write_text("quote_id,speaker,note\na:1,Eva Falk,she told me\n")
    (tmp_path / "folder.csv").mkdir()
    return tmp_path


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=[arguments for arguments, _ in USAGE])
def test_what_cannot_be_done_is_said_in_a_line(inputs: Path, arguments: str, message: str) -> None:
    before = sorted(inputs.iterdir())
    fails(inputs, arguments, message)
    assert sorted(inputs.iterdir()) == before


def test_the_last_result_in_the_folder_of_articles_is_not_read_as_articles(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    for _ in range(2):
        result = run(tmp_path, "extract", ".", "-o", "quotes.csv")
        assert (result.returncode, result.stderr) == (0, ONE_QUOTE)


def test_a_name_cannot_forge_a_line_or_drive_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J\nresearch: all is well.txt").write_text("")
    result = run(tmp_path, "extract", ".")
    assert result.stderr.splitlines()[0] == ("a\\x1b[2J\\nresearch: all is well.txt: is empty. Fill it or remove it.")


def test_score_and_compare(tmp_path: Path) -> None:
    rows = [
        {"doc_id": f"{name}{number}", "text": text, "speaker": name}
        for name, text in [("Anna Berg", "This is a great and happy day."), ("Carl Dahl", "This is a terrible war.")]
        for number in range(6)
    ]
    (tmp_path / "quotes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = run(tmp_path, "score", "quotes.jsonl", "-o", "scored.csv")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "12 texts scored; 0 problems\n")
    result = run(tmp_path, "compare", "scored.csv", "--measure", "compound", "--by", "speaker")
    assert (result.returncode, result.stderr) == (0, "2 rows; 0 problems\n")
    assert [line.split("compound")[0].strip() for line in result.stdout.splitlines()[1:]] == ["Anna Berg", "Carl Dahl"]
    result = run(tmp_path, "compare", "scored.csv", "--measure", "compound", "-o", "differences.jsonl")
    assert (result.returncode, result.stdout) == (0, "")
    compared = [json.loads(line) for line in (tmp_path / "differences.jsonl").read_text().splitlines()]
    assert compared[0]["mean"] > 0 > compared[1]["mean"]


def test_a_row_without_a_text_gets_no_score(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "A great day."}\n{"text": null}\n')
    result = run(tmp_path, "score", "a.jsonl", "-o", "b.jsonl")
    assert (result.returncode, result.stderr) == (
        1,
        "a.jsonl: 1 row without a text got no score.\n1 text scored; 1 problem\n",
    )
    scored = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert [row["compound"] is None for row in scored] == [False, True]


# Names across articles, and corrections

TOWN = {
    "first.txt": "“We stay,” Senator Carla Dahlgren told reporters in Bergen.\n",
    "second.txt": "“Nobody leaves,” Carla Dahlgren said on Monday.\n",
    "third.txt": "“Not now,” Ms. Dahlgren said on Tuesday.\n",
}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "town").mkdir()
    for name, text in TOWN.items():
        (tmp_path / "town" / name).write_text(text, encoding="utf-8")
    return tmp_path


def read_speakers(path: Path) -> list[tuple[str, str, str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["speaker"], row["rule"], row["flags"]) for row in rows]


def test_extract_completes_names_from_the_other_articles(town: Path) -> None:
    result = run(town, "extract", "town", "-o", "a.jsonl", "--no-reader")
    assert (result.returncode, result.stderr) == (0, "3 quotes by 1 speaker in 3 documents; 0 problems\n")
    assert read_speakers(town / "a.jsonl")[2] == ("Carla Dahlgren", "ranker", "completed")
    run(town, "extract", "town", "-o", "a.jsonl", "--no-reader", "--each-alone")
    assert read_speakers(town / "a.jsonl")[2] == ("Dahlgren", "ranker", "")
    listed = run(town, "speakers", "town", "--no-reader")
    assert "  completed    Ms. Dahlgren (Carla Dahlgren is spelled out in 2 other articles)\n" in listed.stdout
    assert "completed" not in run(town, "speakers", "town", "--no-reader", "--each-alone").stdout


def test_explain_completes_names_as_an_extraction_of_the_same_articles_does(town: Path) -> None:
    run(town, "extract", "town", "-o", "a.jsonl", "--no-reader")
    row = json.loads((town / "a.jsonl").read_text(encoding="utf-8").splitlines()[2])
    asked = ("explain", "town", "--no-reader", "--quote", row["quote_id"])
    said = " ".join(run(town, *asked).stdout.split())
    assert "Speaker: Carla Dahlgren, named here as “Ms. Dahlgren”, by the cue “said”." in said
    assert f" Confidence {row['confidence']:.0%}." in said
    assert " Completed: Carla Dahlgren is spelled out in 2 other articles." in said
    alone = " ".join(run(town, *asked, "--each-alone").stdout.split())
    assert "Speaker: Dahlgren, named here as “Ms. Dahlgren”" in alone and "Completed" not in alone


def test_extract_can_forget_everybody(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("“We stay,” Vladimir Putin said on Monday.\n", encoding="utf-8")
    ids = []
    for options in ([], ["--speakers", "none"]):
        run(tmp_path, "extract", "a.txt", "-o", "a.jsonl", "--no-reader", *options)
        ids.append(json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))["speaker_id"])
    assert ids == ["vladimir-putin", None]


CORRECTED = """\
third:1 “Not now,”
  before  Carla Dahlgren, direct
  after   Eva Falk, direct
"""
OBEY = "Obey it with 'research extract … --corrections'.\n"


def test_a_correction_lasts(town: Path) -> None:
    run(town, "extract", "town", "-o", "a.jsonl", "--no-reader")
    before = (town / "a.jsonl").read_bytes()
    for written in ("1 correction written", "0 corrections written, 1 there already"):
        result = run(town, "correct", "a.jsonl", "--quote", "third:1", "--speaker", "Eva Falk")
        assert (result.returncode, result.stdout) == (0, CORRECTED)
        assert result.stderr == (
            f"'Eva Falk' is the name of nobody in the table or the register.\ncorrections.csv: {written}. {OBEY}"
        )
    assert (town / "a.jsonl").read_bytes() == before
    for _ in range(2):
        result = run(town, "extract", "town", "-o", "b.jsonl", "--no-reader", "--corrections", "corrections.csv")
        assert (result.returncode, result.stderr) == (0, "3 quotes by 2 speakers in 3 documents; 0 problems\n")
        assert read_speakers(town / "b.jsonl")[2] == ("Eva Falk", "corrected", "")


def test_an_edited_copy_corrects(town: Path) -> None:
    run(town, "extract", "town", "-o", "a.csv", "--no-reader")
    edited = (town / "a.csv").read_text(encoding="utf-8").replace("direct,Carla Dahlgren", "direct,Dahlgren", 1)
    (town / "edited.csv").write_text(edited, encoding="utf-8")
    result = run(town, "correct", "a.csv", "edited.csv", "--corrections", "own.csv")
    assert (result.returncode, result.stderr) == (
        0,
        "'Dahlgren' is the name of nobody in the table or the register. Did you mean: Carla Dahlgren?\n"
        f"own.csv: 1 correction written. {OBEY}",
    )
    fails(
        town,
        "correct a.csv a.csv",
        "research: a.csv: says the same as a.csv. Edit speaker or kind, and save it.",
    )


def test_a_spreadsheets_copy_corrects_if_its_letters_are_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("“Schön,” Jorge Núñez said. “Gut,” Ann Lee said.\n", encoding="utf-8")
    run(tmp_path, "extract", "a.txt", "-o", "q.csv", "--no-reader")
    table = (tmp_path / "q.csv").read_text(encoding="utf-8")
    edited = table.replace("direct,Ann Lee", "direct,Bo Ray").replace(",", ";").replace('"Schön;"', '"Schön,"')
    (tmp_path / "c.csv").write_text(edited.replace('"Gut;"', '"Gut,"'), encoding="utf-8-sig")
    result = run(tmp_path, "correct", "q.csv", "c.csv")
    assert (result.returncode, result.stdout.splitlines()[0]) == (0, "a:28 “Gut,”")
    assert "1 correction written" in result.stderr
    (tmp_path / "c.csv").write_text(table.replace(",Ann", ",Eva").encode().decode("cp1252"), encoding="utf-8")
    result = run(tmp_path, "correct", "q.csv", "c.csv", "--corrections", "k.csv")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("research: the edited copy has other words than the table, in: a:1. Edit speaker")
    assert not (tmp_path / "k.csv").exists()


def test_a_correction_that_is_lost_is_a_problem(town: Path) -> None:
    (town / "town" / "c.csv").write_text("quote_id,speaker\nthird:7,Eva Falk\nfourth:1,Eva Falk\nfifth:1,Eva Falk\n")
    result = run(town, "extract", "town", "-o", "b.jsonl", "--no-reader", "--corrections", "town/c.csv")
    assert (result.returncode, result.stderr.splitlines()) == (
        1,
        [
            "town/c.csv line 2: the quote third:7 is not in its article any more. "
            "Give its new quote_id, or remove the line.",
            "town/c.csv line 3: the article of this correction was not read. Read it too, or remove the line. "
            "(1 more like it, the last at line 4.)",
            "3 quotes by 1 speaker in 3 documents; 3 problems",
        ],
    )


CORRECT = [
    ("", "name the quote with --quote ID and who says it with --speaker NAME, or an edited copy."),
    ("--quote third:1", "say who says the quote: --speaker NAME, --unknown, or --nobody if it is no quote."),
    ("--quote third:1 --speaker X --unknown", "--speaker, --unknown and --nobody exclude each other. Give one."),
    ("b.csv --speaker-id x", "name an edited copy of the table, or one --quote and what is right; not both."),
    (
        "--quote third:1 --speaker ' '",
        "--speaker and --speaker-id need a name and an id. If it cannot be told who, give --unknown.",
    ),
    (
        "--quote third:1 --unknown --speaker-id abc",
        "--speaker-id and --speaker-kind say more of a --speaker. Name the speaker, too.",
    ),
    (
        "--quote third:1 --kind mixed --speaker-kind group",
        "--speaker-id and --speaker-kind say more of a --speaker. Name the speaker, too.",
    ),
    ("b.csv --quote third:1", "name an edited copy of the table, or one --quote and what is right; not both."),
    (
        "--quote third:9 --nobody",
        "--quote third:9: is not one quote. The quotes are: first:1, second:1, third:1.",
    ),
    (
        "--quote third:1 --speaker X --corrections x.txt",
        "x.txt: corrections are kept as CSV. Give the file a name that ends in .csv.",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), CORRECT, ids=[arguments for arguments, _ in CORRECT])
def test_what_cannot_be_corrected_is_said(town: Path, arguments: str, message: str) -> None:
    run(town, "extract", "town", "-o", "a.jsonl", "--no-reader")
    fails(town, f"correct a.jsonl {arguments}", f"research: {message}")
    assert not (town / "corrections.csv").exists()


# Explanations


INTERVIEW = """\
“We stay,” Mayor Ann Lee told Bo Ray on Monday. “All of us,” she added.

“Not I,” said Bo Ray. Mr. Ray left.
"""


@pytest.fixture
def interview(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(INTERVIEW, encoding="utf-8")
    (tmp_path / "none.txt").write_text("Nobody spoke.\n")
    return tmp_path


def test_explain_one_quote(interview: Path) -> None:
    result = run(interview, "explain", "a.txt", "--quote", "a:1", "--no-reader")
    assert (result.returncode, result.stderr) == (0, "1 quote explained in 1 document; 0 problems\n")
    assert result.stdout.startswith("a:1\n\n    >>>“We stay,”<<< Mayor Ann Lee told")
    assert "Speaker: Ann Lee, named here as “Mayor Ann Lee”, by the cue “told”." in result.stdout
    assert run(interview, "explain", "a.txt", "--quote", "1", "--no-reader").stdout == result.stdout


def test_explain_every_quote(interview: Path) -> None:
    result = run(interview, "explain", "a.txt", "--no-reader")
    assert (result.returncode, result.stderr) == (0, "3 quotes explained in 1 document; 0 problems\n")
    assert [line for line in result.stdout.splitlines() if line.startswith("a:")] == ["a:1", "a:49", "a:74"]


def test_explain_refuses_a_quote_that_is_not_there(interview: Path) -> None:
    fails(interview, "explain a.txt --quote a:2 --no-reader",
          "research: --quote a:2: is not one quote. The quotes are: a:1, a:49, a:74.")
    fails(interview, "explain none.txt --quote 1", "research: there is no quote to explain.")


def test_speakers_lists_who_was_found(interview: Path) -> None:
    result = run(interview, "speakers", "a.txt", "--no-reader")
    assert (result.returncode, result.stderr) == (0, "2 speakers in 1 document; 0 problems\n")
    assert result.stdout.splitlines() == [
        "Ann Lee (person): 2 quotes, 2 mentions in 1 article",
        "  name         Mayor Ann Lee",
        "  pronoun      she",
        "",
        "Bo Ray (person): 1 quote, 3 mentions in 1 article",
        "  name         Bo Ray ×2, Mr. Ray",
        "",
    ]
    result = run(interview, "speakers", "a.txt", "--no-reader", "-o", "mentions.jsonl")
    assert (result.returncode, result.stdout) == (0, "")
    rows = [json.loads(line) for line in (interview / "mentions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["speaker"], row["mention"], row["times"]) for row in rows] == [
        ("Ann Lee", "Mayor Ann Lee", 1), ("Ann Lee", "she", 1), ("Bo Ray", "Bo Ray", 2), ("Bo Ray", "Mr. Ray", 1)]


# Two speakers, and the methods


@pytest.fixture
def two_speakers(tmp_path: Path) -> Path:
    rows = [
        {"doc_id": f"{number}", "quote_id": f"{number}:{start}", "speaker": name, "date": "2022-01-01",
         "text": text + " So it is." * (number % (4 + start) == 0), "outlet": "The Gazette"}
        for start, (name, text) in enumerate(
            [("Anna Berg", "A great and happy day."), ("Carl Dahl", "A terrible war.")]
        )
        for number in range(12)
    ]
    (tmp_path / "quotes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_two_speakers_are_compared_in_one_command(two_speakers: Path) -> None:
    command = shlex.split("compare quotes.jsonl --measure compound --speaker 'Carl Dahl' --against 'Anna Berg'")
    result = run(two_speakers, *command)
    assert (result.returncode, result.stderr.splitlines()) == (0, [
        "quotes.jsonl: has no 'compound' yet; its 24 texts are scored first.", "1 comparison; 0 problems"])
    assert result.stdout.startswith("Carl Dahl is lower in compound than Anna Berg: difference -1.")
    result = run(two_speakers, *command, "-o", "pairs.jsonl")
    (row,) = [json.loads(line) for line in (two_speakers / "pairs.jsonl").read_text().splitlines()]
    assert (row["first"], row["second"], row["shared_articles"]) == ("Carl Dahl", "Anna Berg", 12)
    assert row["high"] < 0


def test_a_quotation_printed_often_can_count_once(tmp_path: Path) -> None:
    texts = ["The bridge is shut.", "Taxes stay where they are.", "Nobody was hurt today."]
    quotes = [("Gazette", 1, "We won.")] * 9 + [("Post", 0, text) for text in texts]
    rows = [{"doc_id": f"a{n}", "text": text, "speaker": "Ann Lee", "outlet": outlet, "tone": tone}
            for n, (outlet, tone, text) in enumerate(quotes)]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    means = {}
    for unit in ("occurrence", "quote", "outlet"):
        run(tmp_path, "compare", "q.jsonl", "--measure", "tone", "--unit", unit, "-o", f"{unit}.jsonl")
        means[unit] = json.loads((tmp_path / f"{unit}.jsonl").read_text())["mean"]
    assert means == pytest.approx({"occurrence": 9 / 12, "quote": 1 / 4, "outlet": 1 / 2})
    fails(tmp_path, "compare q.jsonl --measure tone --unit newsroom",
          "research: q.jsonl: the table has no column newsroom. It has: doc_id, text, speaker, outlet, tone.")


def test_a_speaker_who_is_not_there_is_refused_with_a_suggestion(two_speakers: Path) -> None:
    fails(two_speakers, "compare quotes.jsonl --measure tone --against 'Ana Berg'",
          "research: quotes.jsonl: no row has the speaker 'Ana Berg'. Did you mean: Anna Berg?")
    fails(two_speakers, "compare quotes.jsonl --measure tone --speaker 'Anna Berg'",
          "research: --speaker needs --against: say with whom to compare.")
    fails(two_speakers, "compare quotes.jsonl --measure tone --speaker 'Anna Berg' --against 'Anna Berg'",
          "research: 'Anna Berg' cannot be compared with itself. Name two.")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(("column", "one", "other"), [("year", 2022, 2023), ("war", True, False), ("share", 0.5, 2.0)])
def test_groups_may_be_numbers_or_yes_and_no(
    tmp_path: Path, ending: str, column: str, one: object, other: object
) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow", reason="Parquet is an extra: pip install on-the-record[parquet]")
    rows = [{"doc_id": f"a{n}", "tone": n, column: one} for n in range(9)]
    rows += [{"doc_id": f"a{n}", "tone": -n, column: other} for n in range(9)]
    write_table(pd.DataFrame(rows), tmp_path / f"q.{ending}")
    for names in (("--speaker", str(one)), ()):
        asked = ("--measure", "tone", "--by", column, *names, "--against", str(other).removesuffix(".0"))
        result = run(tmp_path, "compare", f"q.{ending}", *asked)
        assert (result.returncode, result.stderr) == (0, "1 comparison; 0 problems\n")
        assert result.stdout.startswith(f"{one} is higher in tone than {other}")


def test_a_comparison_of_nothing_is_refused(two_speakers: Path) -> None:
    with (two_speakers / "quotes.jsonl").open("a") as stream:
        stream.write('{"doc_id": "x", "quote_id": "x:0", "speaker": "Eva Falk", "tone": 0.5}\n')
    result = run(two_speakers, "compare", "quotes.jsonl", "--measure", "tone", "--against", "Anna Berg")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("research: quotes.jsonl: ")


def test_methods_writes_the_section_and_its_references(two_speakers: Path) -> None:
    assert run(two_speakers, "score", "quotes.jsonl", "-o", "scored.csv").returncode == 0
    result = run(two_speakers, "methods", "scored.csv", "-o", "paper")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == f"{Path('paper/methods.md')} and {Path('paper/methods.bib')} written; 0 problems\n"
    text = (two_speakers / "paper" / "methods.md").read_text(encoding="utf-8")
    assert text.startswith("# Methods\n\nWe read at least 12 articles from 1 outlet, dated 2022-01-01")
    printed = run(two_speakers, "methods", "scored.csv").stdout
    assert printed == text + "\n" + (two_speakers / "paper" / "methods.bib").read_text(encoding="utf-8")
    assert "We read 40 articles" in run(two_speakers, "methods", "scored.csv", "--articles", "40").stdout


def test_methods_refuses_what_is_no_run(two_speakers: Path) -> None:
    fails(two_speakers, "methods nowhere",
          "research: nowhere does not exist. Give a quotes table, or the folder it is in.")
    result = run(two_speakers, "methods", "quotes.jsonl")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("research: quotes.jsonl: has no column 'tone'; its columns are: doc_id, quote_id")
    assert result.stderr.endswith("Add it with 'research score'.\n")
    fails(two_speakers, "methods .", "research: . holds no table of quotes with a column 'tone', but quotes.jsonl. "
          "Score one.")
    (two_speakers / "sp.csv").write_text("speaker,quotes\nAnn Lee,3\n")
    fails(two_speakers, "methods sp.csv", "research: sp.csv: has no column 'doc_id'; its columns are: speaker, quotes.")
    run(two_speakers, "score", "quotes.jsonl", "-o", "scored.csv")
    assert run(two_speakers, "methods", ".").returncode == 0
    fails(two_speakers, "methods scored.csv --articles 3",
          "research: scored.csv: the table has quotes of 12 articles, and 3 are said to have been read.")


# Help


def test_help_answers_without_heavy_imports(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom research.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'numpy', 'pandas', 'nltk', 'sklearn', 'matplotlib', 'tqdm'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"
    for command in COMMANDS:
        assert f"    {command.name} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=[command.name for command in COMMANDS])
def test_every_command_teaches(tmp_path: Path, command) -> None:  # type: ignore[no-untyped-def]
    result = run(tmp_path, command.name, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert command.teaching in result.stdout
    assert result.stdout.endswith(f"examples:\n{command.examples.rstrip()}\n")
    assert all(settings.get("help") for _, settings in command.options), "an option without a word of help"


EXAMPLES = [line.strip() for command in COMMANDS for line in command.examples.splitlines() if line.strip()]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_command_that_exists(example: str) -> None:
    words = shlex.split(example.partition("|")[0])
    assert words[0] == "research"
    assert make_parser().parse_args(words[1:]).run in {command.run for command in COMMANDS}


def test_a_defect_of_the_program_is_no_problem_of_the_input() -> None:
    program = "import sys\nfrom research import cli\ncli._run = lambda _: 1 / 0\nsys.exit(cli.main([]))"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert result.returncode == 2
    *trace, said = result.stderr.splitlines()
    assert trace[-1] == "ZeroDivisionError: division by zero"
    assert said.startswith("research: this is a defect of On the Record. Please report it")


def test_version_and_no_command(tmp_path: Path) -> None:
    result = run(tmp_path, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("research ")
    result = run(tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("usage: research [-h] [--version] COMMAND ...\n")


# Interruptions


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start an extraction whose output is far larger than a pipe holds, and wait for its first line."""
    (folder / "long.txt").write_text((ARTICLE + "\n") * 3000, encoding="utf-8")
    command = [sys.executable, "-m", "research", "extract", "long.txt", "--no-reader"]
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        # A shell that runs the tests in the background lets its children ignore interruptions: undo that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b'{"doc_id": "long"')
    return process


def test_an_interruption_ends_with_130_and_a_line(tmp_path: Path) -> None:
    process = start(tmp_path)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said == b"research: interrupted; no output file was written or changed.\n"


def test_a_reader_who_has_seen_enough_hears_no_complaint(tmp_path: Path) -> None:
    process = start(tmp_path)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=120) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    command = [sys.executable, "-m", "research", "extract", "a.txt"]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, timeout=120
        )
    assert (result.returncode, result.stderr.splitlines()[-1]) == (
        2,
        b"research: standard output: No space left on device.",
    )


@pytest.mark.skipif(os.name != "posix", reason="the size of a file can be limited on POSIX systems only")
def test_a_full_temporary_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE * 500, encoding="utf-8")
    limited = f"ulimit -f 40; exec {shlex.quote(sys.executable)} -m research extract a.txt --no-reader -o q.jsonl"
    environment = ENVIRONMENT | {"TMPDIR": str(tmp_path)}
    result = subprocess.run(["sh", "-c", limited], cwd=tmp_path, env=environment, capture_output=True, timeout=120)
    assert (result.returncode, result.stderr.decode()) == (
        2,
        f"research: {tmp_path}: what is found waits there for the last article and could not be written "
        "(File too large). Name a roomier folder in TMPDIR.\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt"]
