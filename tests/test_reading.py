"""Reading: what becomes a document, what becomes a problem, and that nothing raises."""

from __future__ import annotations

import json
import os
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.documents import Document
from research.reading import Corpus, ReadingConfig, UnknownFieldError, read_corpus
from research.reading.article import find_flaw, normalise_newlines, split_opening_date
from research.reading.text import FrontMatterError, split_front_matter

DATA = Path(os.environ.get("ON_THE_RECORD_DATA", Path(__file__).parents[2] / "shared" / "data"))
SEED = DATA.parent / "seed" / "2022-12-21-bakhmut.txt"

posix_only = pytest.mark.skipif(os.name != "posix", reason="this system has other links, pipes or permissions")


def read(path: Path, content: bytes | str, **columns: str) -> tuple[list[Document], list[str], Corpus]:
    """Write a file and read it: the documents, the problems without the path, and the corpus."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    corpus = read_corpus(path, columns=columns)
    documents = list(corpus)
    return documents, [str(problem).replace(str(path), path.name) for problem in corpus.problems], corpus


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# Texts


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not on this machine")
def test_the_seed_article_begins_after_its_date() -> None:
    (document,) = read_corpus(SEED)
    assert document.text.startswith("Ukraine’s resistance in Bakhmut is “breaking”")
    assert (document.doc_id, document.date) == ("2022-12-21-bakhmut", date(2022, 12, 21))


TEXTS = [
    ("plain", b"He said no.\n", "He said no.\n", None),
    ("windows line ends", b"One.\r\n\r\nTwo.\r\n", "One.\n\nTwo.\n", None),
    ("old Mac line ends", b"One.\r\rTwo.\r", "One.\n\nTwo.\n", None),
    ("byte order mark", b"\xef\xbb\xbfHe said no.", "He said no.", None),
    ("mark and date", b"\xef\xbb\xbfdate 2022-12-21 He said no.", "He said no.", date(2022, 12, 21)),
    ("date and tab", b"\tdate\t2022-12-21\tHe said no.", "He said no.", date(2022, 12, 21)),
    ("date alone on its line", b"date 2022-12-21\nHe said no.", "\nHe said no.", date(2022, 12, 21)),
    ("no such date", b"date 2022-13-41 He said no.", "date 2022-13-41 He said no.", None),
    ("date runs on", b"date 2022-12-21-bis He said no.", "date 2022-12-21-bis He said no.", None),
    ("date further down", b"No.\ndate 2022-12-21 He said.", "No.\ndate 2022-12-21 He said.", None),
    ("word date in prose", b"date night in Kyiv", "date night in Kyiv", None),
    ("blanks are kept", b"  He said no.  \n\n", "  He said no.  \n\n", None),
    ("other separators are kept", "One.\u2028Two.\x85Three.\x0c".encode(), "One.\u2028Two.\x85Three.\x0c", None),
]


@pytest.mark.parametrize(("content", "text", "day"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_text_file(tmp_path: Path, content: bytes, text: str, day: date | None) -> None:
    documents, problems, _ = read(tmp_path / "visit.txt", content)
    assert documents == [Document(doc_id="visit", text=text, date=day)]
    assert problems == []


DAMAGED = {
    "&ldquo;No,&rdquo; she said.": "has quotation marks written as HTML: '&ldquo;' at character 0.",
    "He: &#8220;No&#8221;.": "has quotation marks written as HTML: '&#8220;' at character 4.",
    "\x93No,\x94 she said.": "has quotation marks of Windows-1252 that were read as Latin-1: '\\x93' at character 0.",
    "â€œNo,â€\x9d she said.": "has UTF-8 that was read as Windows-1252: 'â€œ' at character 0.",
    "<p>“No,” said <b>Ann</b>.</p>": "has HTML tags: '<p>' at character 0.",
}


@pytest.mark.parametrize(("text", "message"), DAMAGED.items())
def test_marks_that_cannot_be_found_are_a_problem_and_the_text_is_read(tmp_path: Path, text: str, message: str) -> None:
    documents, problems, _ = read(tmp_path / "visit.txt", text)
    assert [document.text for document in documents] == [text]
    assert len(problems) == 1 and message in problems[0]


@pytest.mark.parametrize("text", ["M&amp;S: “No.”", "3 < 4, a <b and “x”", "JosÃ© said “no”.", "It’s 5 > 3 <br>"])
def test_what_hides_no_marks_is_no_problem(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "visit.txt", text)[1] == []


def test_front_matter_becomes_metadata(tmp_path: Path) -> None:
    content = (
        "---\r\ntitle: No: a history\r\ndate: 2022-02-24\r\noutlet: On the Record\r\nplace: Kyiv\r\n"
        "sources:\r\n- q1 https://example.org/a\r\n- q2 https://example.org/b\r\nnote:\r\n---\r\n"
        "\r\n \r\nHe said no.\r\n"
    )
    documents, problems, _ = read(tmp_path / "visit.txt", content)
    assert problems == []
    assert documents == [
        Document(
            doc_id="visit",
            text="He said no.\n",
            date=date(2022, 2, 24),
            outlet="On the Record",
            title="No: a history",
            extra={
                "place": "Kyiv",
                "sources": "q1 https://example.org/a\nq2 https://example.org/b",
                "note": "",
            },
        )
    ]


BROKEN_FRONT_MATTER = [
    ("---\ntitle: A\nHe said no.\n", "line 3: this line of the front matter is not 'key: value'."),
    ("---\ntitle: A\n", "line 1: '---' opens front matter that no second '---' closes."),
    ("---\ntitle: A\ntitle: B\n---\nNo.", "line 3: the front matter gives 'title' a second time."),
    ("---\n- item\n---\nNo.", "line 2: this line of the front matter is not 'key: value'."),
    ("---\ntitle:A\n---\nNo.", "line 2: this line of the front matter is not 'key: value'."),
]


@pytest.mark.parametrize(("content", "message"), BROKEN_FRONT_MATTER)
def test_broken_front_matter_stays_in_the_text(tmp_path: Path, content: str, message: str) -> None:
    documents, problems, corpus = read(tmp_path / "visit.txt", content)
    remedy = "Write 'key: value' lines between two lines of '---'; the whole file was read as the article."
    assert [document.text for document in documents] == [content]
    assert problems == [f"visit.txt {message} {remedy}"]
    assert (corpus.counts.documents, corpus.counts.skipped) == (1, 0)


def test_the_opening_date_is_not_looked_for_below_front_matter(tmp_path: Path) -> None:
    (document,), _, _ = read(tmp_path / "visit.txt", "---\ntitle: A\n---\ndate 2022-12-21 He said no.")
    assert (document.text, document.date) == ("date 2022-12-21 He said no.", None)


UNREADABLE_TEXTS = [
    (b"", "is empty. Fill it or remove it."),
    (b" \n\t\n", "is empty. Fill it or remove it."),
    (b"---\ntitle: A\n---\n", "is empty. Fill it or remove it."),
    (b"caf\xe9 owner", "is not UTF-8: byte 3 is 0xe9. Save it as UTF-8."),
    (b"\xef\xbb\xbfcaf\xe9", "is not UTF-8: byte 6 is 0xe9. Save it as UTF-8."),
    (b"cut \xe2\x80", "is not UTF-8: byte 4 is 0xe2. Save it as UTF-8."),
    (b"\xed\xa0\x80", "is not UTF-8: byte 0 is 0xed. Save it as UTF-8."),
    (b"GIF89a\0\1", "is not text: byte 6 is NUL. Export the article as plain text in UTF-8."),
    ("He said no.".encode("utf-16"), "is UTF-16. Save it as UTF-8."),
]


@pytest.mark.parametrize(("content", "message"), UNREADABLE_TEXTS)
def test_what_is_not_text_is_left_out(tmp_path: Path, content: bytes, message: str) -> None:
    documents, problems, corpus = read(tmp_path / "visit.txt", content)
    assert documents == []
    assert problems == [f"visit.txt: {message}"]
    assert (corpus.counts.documents, corpus.counts.skipped, corpus.counts.problems) == (0, 1, 1)


def test_a_document_may_be_large_but_not_as_large_as_one_likes(tmp_path: Path) -> None:
    for name, content in {
        "a.txt": "He said no. " * 200,
        "b.jsonl": lines({"text": "No. " * 500}, {"text": "He said no."}),
        "c.csv": "text,title\n" + "No. " * 500 + ",A\n",
    }.items():
        (tmp_path / name).write_text(content)
    corpus = read_corpus(tmp_path, config=ReadingConfig(largest_document_bytes=1000))
    assert [document.doc_id for document in corpus] == ["b-2"]
    assert [problem.message for problem in corpus.problems] == ["is larger than 0.001 MB."] * 3


def test_a_line_of_20_megabytes_is_read(tmp_path: Path) -> None:
    text = "“No,” she said. " * 1_250_000
    for name, content in {
        "a.txt": text,
        "b.jsonl": lines({"text": text}),
        "c.csv": f'text\n"{text}"\n',
    }.items():
        documents, problems, _ = read(tmp_path / name, content)
        assert problems == []
        assert [len(document.text) for document in documents] == [20_000_000]


# Rows


def test_records_with_names_of_their_own(tmp_path: Path) -> None:
    record = {"body": " date 2022-12-21 He\r\nsaid no.", "published": "2021-04-03T09:30:00Z", "id": 17, "tags": ["a"]}
    documents, problems, _ = read(tmp_path / "export.jsonl", lines(record), text="body", date="published")
    assert problems == []
    assert documents == [
        Document(
            doc_id="17",
            text="He\nsaid no.",
            date=date(2021, 4, 3),
            extra={"published": "2021-04-03T09:30:00Z", "tags": '["a"]'},
        )
    ]


def test_a_table_has_every_field_a_document_has(tmp_path: Path) -> None:
    content = (
        "\ufeffdoc_id,text,title,date,outlet,author,url,desk\r\n"
        'a,"He said ""no"",\r\nthen left.",A,2021-04-03,The Paper,Anna Berg,https://example.org,\r\n'
    )
    documents, problems, _ = read(tmp_path / "export.csv", content)
    assert problems == []
    assert documents == [
        Document(
            doc_id="a",
            text='He said "no",\nthen left.',
            title="A",
            date=date(2021, 4, 3),
            outlet="The Paper",
            author="Anna Berg",
            url="https://example.org",
        )
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_of_a_table_is_seen(tmp_path: Path, separator: str) -> None:
    content = f'id{separator}text\n1{separator}"He said no; then, yes."\n'
    (document,), problems, _ = read(tmp_path / "export.csv", content)
    assert (document.doc_id, document.text, problems) == ("1", "He said no; then, yes.", [])


def test_rows_without_an_id_are_numbered_by_their_place(tmp_path: Path) -> None:
    assert [d.doc_id for d in read(tmp_path / "a.jsonl", '{"text": "One."}\n\n{"text": "Two."}\n')[0]] == ["a-1", "a-3"]
    assert [d.doc_id for d in read(tmp_path / "a.csv", "text\nOne.\n\nTwo.\n")[0]] == ["a-2", "a-4"]


TEXT_REMEDY = "Say which column holds the article: --column text=NAME, or columns={'text': 'NAME'}."
BROKEN_LINES = [
    ('{"text": "No."', "is not JSON: Expecting ',' delimiter at character 14. Write one JSON object a line."),
    ("[1]", "is a list, not a JSON object. Write one JSON object a line."),
    ("[" * 100_000, "holds a number too long or lists too deep to be read. Write one JSON object a line."),
    (
        '{"n": 1' + "0" * 5000 + "}",
        "holds a number too long or lists too deep to be read. Write one JSON object a line.",
    ),
    ('{"body": "No.", "id": 2}', f"has no 'text'; it has: body, id. {TEXT_REMEDY}"),
    ('{"text": null}', "'text' is null, not a text. Give the article as a text."),
    ('{"text": 5}', "'text' is a number, not a text. Give the article as a text."),
    ('{"text": ""}', "is empty. Fill it or remove it."),
    ('{"text": "a\\u0000b"}', "has a NUL at character 1: this is not text. Export it again as plain text."),
    (
        '{"text": "half \\ud800"}',
        "has half a character (\\ud800) at character 5. "
        "Export it again as UTF-8: such halves are left where a text was cut.",
    ),
]


@pytest.mark.parametrize(("line", "message"), BROKEN_LINES, ids=range(len(BROKEN_LINES)))
def test_a_broken_line_costs_that_line_only(tmp_path: Path, line: str, message: str) -> None:
    content = f'{{"text": "One.", "id": "x"}}\n{line}\n{{"text": "Two."}}\n'
    documents, problems, _ = read(tmp_path / "a.jsonl", content)
    assert [document.text for document in documents] == ["One.", "Two."]
    assert problems == [f"a.jsonl line 2: {message}"]


def test_a_byte_that_is_not_utf8_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    documents, problems, _ = read(tmp_path / "a.jsonl", b'{"text": "One."}\n{"text": "caf\xe9"}\n{"text": "Two."}\n')
    assert problems == ["a.jsonl line 2: is not UTF-8: byte 30 of the file is 0xe9. Save it as UTF-8."]
    assert len(documents) == 2
    documents, problems, _ = read(tmp_path / "a.csv", b"id,text\n1,One.\n2,caf\xe9\n3,Two.\n")
    assert problems == ["a.csv row 3, text: is not UTF-8: byte 3 is 0xe9. Save it as UTF-8."]
    assert len(documents) == 2


BROKEN_TABLES = [
    ("", 0, "a.csv: has no rows. Fill it or remove it."),
    ("text\n", 0, "a.csv: has no rows. Fill it or remove it."),
    ("id,body\n1,No.\n", 0, f"a.csv: has no column 'text'; its columns are: id, body. {TEXT_REMEDY}"),
    ("text,text\nA,B\n", 0, "a.csv: has more than one column text. Give each column a name of its own."),
    (
        "id,text\n1,One.\n2,Two, three.\n4,Four.\n",
        2,
        "a.csv row 3: has 3 cells where the table has 2 columns. "
        "Put a cell that has a comma or a line end in quotation marks.",
    ),
    (
        'id,text\n1,One.\n2,"He said "no", twice."\n3,Three.\n',
        1,
        "a.csv row 3: is not CSV: ',' expected after '\"'. Write a quotation mark inside a cell twice; "
        "where rows begin after this one is not known, so they were not read.",
    ),
    (
        'id,text\n1,One.\n2,"Never closed.\n3,Three.\n',
        1,
        "a.csv row 3: is not CSV: unexpected end of data. Write a quotation mark inside a cell twice; "
        "where rows begin after this one is not known, so they were not read.",
    ),
    (
        "id,text\n1,One\0.\n2,Two.\n",
        1,
        "a.csv row 2, text: is not text: byte 3 is NUL. Export the article as plain text in UTF-8.",
    ),
]


@pytest.mark.parametrize(("content", "read_anyway", "message"), BROKEN_TABLES, ids=range(len(BROKEN_TABLES)))
def test_a_broken_table(tmp_path: Path, content: str, read_anyway: int, message: str) -> None:
    documents, problems, _ = read(tmp_path / "a.csv", content)
    assert problems == [message]
    assert len(documents) == read_anyway


def test_all_bad_dates_of_a_file_are_told_and_kept(tmp_path: Path) -> None:
    content = "text,date\nOne.,3/4/21\nTwo.,2021-04-03\nThree.,2021-02-30\nFour.,\n"
    documents, problems, _ = read(tmp_path / "smith.csv", content)
    assert problems == [
        "smith.csv row 2: 'date' is '3/4/21'. Write dates as 2021-04-03.",
        "smith.csv row 4: 'date' is '2021-02-30'. Write dates as 2021-04-03.",
    ]
    assert [document.date for document in documents] == [None, date(2021, 4, 3), None, None]
    assert documents[0].extra == {"date": "3/4/21"}


def test_a_column_that_was_asked_for_and_is_not_there_is_told_once(tmp_path: Path) -> None:
    for name, content in {
        "a.csv": "text,day\nOne.,2021-04-03\n",
        "a.jsonl": lines({"text": "One.", "day": "2021-04-03"}),
    }.items():
        documents, problems, _ = read(tmp_path / name, content, date="published")
        assert len(documents) == 1
        assert problems == [
            f"{name}: has no column 'published', which was to give the date; its columns are: text, day. "
            "Check the spelling of the column."
        ]


def test_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownFieldError, match=r"'body' is not a field of an article\. The fields are: text, id,"):
        read_corpus("anywhere", columns={"body": "text"})


def test_a_table_of_quotes_is_not_read_as_articles(tmp_path: Path) -> None:
    quote = {"doc_id": "a", "quote_id": "a:1", "start": 1, "end": 4, "text": "No."}
    message = (
        "is a table of quotes, not of articles. "
        "Leave it out, or say which column holds the articles: --column text=NAME."
    )
    assert read(tmp_path / "q.jsonl", lines(quote, quote))[:2] == ([], [f"q.jsonl: {message}"])
    assert read(tmp_path / "q.csv", "quote_id,text\na:1,No.\n")[:2] == ([], [f"q.csv: {message}"])
    assert len(read(tmp_path / "q.jsonl", lines(quote), text="text", id="quote_id")[0]) == 1


def test_metadata_with_half_a_character_is_left_out_and_the_article_kept(tmp_path: Path) -> None:
    (document,), problems, _ = read(tmp_path / "a.jsonl", '{"text": "No.", "title": "\\udfff", "desk": "x"}')
    assert (document.title, document.extra) == (None, {"desk": "x"})
    assert problems == ["a.jsonl line 1: 'title' has half a character and was left out. Export it again as UTF-8."]


# Folders


def test_folders_are_read_in_the_order_of_names_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/B.TXT", "c/d/e.txt", ".hidden.txt", ".git/x.txt", "b.partial/f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("No.")
    corpus = read_corpus(tmp_path)
    assert [document.doc_id for document in corpus] == ["B", "z", "f", "b", "e"]
    assert corpus.problems == ()


def test_files_of_other_endings_are_one_problem_a_folder(tmp_path: Path) -> None:
    for name in ("a.txt", "1.docx", "2.docx", "3.pdf", "4.pdf", "5.pdf", "6.pdf", "README"):
        (tmp_path / name).write_text("No.")
    corpus = read_corpus(tmp_path)
    assert [document.doc_id for document in corpus] == ["a"]
    assert [str(problem).replace(str(tmp_path), "articles") for problem in corpus.problems] == [
        "articles: 7 files were not read for the ending: 1.docx, 2.docx, 3.pdf, 4.pdf, 5.pdf and 2 more. "
        "Save articles as .txt, or as the rows of a .jsonl or .csv."
    ]


def test_an_id_met_twice_is_left_out(tmp_path: Path) -> None:
    for year in ("2021", "2022"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "visit.txt").write_text(f"---\nid: visit\n---\nIn {year} he said no.")
    corpus = read_corpus(tmp_path)
    assert [document.text for document in corpus] == ["In 2021 he said no."]
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in corpus.problems] == [
        "2022/visit.txt: has the id 'visit', which 2021/visit.txt has already. "
        "Give each article an id of its own; this one was left out."
    ]


def test_files_of_one_name_go_by_their_paths(tmp_path: Path) -> None:
    for name in ("bridge.txt", "2022/03/bridge.txt", "2022/04/bridge.TXT", "2022/once.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("No.")
    for name in ("a/export.csv", "b/export.csv", "b/export.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text": "No."}\n' if name.endswith("jsonl") else "text\nNo.\n")
    expected = ["2022/03/bridge", "2022/04/bridge", "once", "a/export.csv-2", "b/export.csv-2", "b/export.jsonl-1"]
    corpus = read_corpus(tmp_path)
    assert [document.doc_id for document in corpus] == [*expected, "bridge"]
    assert corpus.problems == ()
    corpus = read_corpus([tmp_path / "2022" / "03", tmp_path / "2022" / "04" / "bridge.TXT"])
    assert [document.doc_id for document in corpus] == ["03/bridge", "04/bridge"]


def test_a_file_that_is_named_twice_keeps_its_id(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "visit.txt").write_text("No.")
    corpus = read_corpus([tmp_path, tmp_path / "a" / "visit.txt", tmp_path / "missing"])
    assert [document.doc_id for document in corpus] == ["visit"]
    assert [problem.message[:18] for problem in corpus.problems] == ["has the id 'visit'", "does not exist."]


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "note.docx").write_text("No.")
    (tmp_path / "noending").write_text("No.")
    (tmp_path / "empty").mkdir()
    names = ["note.docx", "noending", "empty", "missing"]
    corpus = read_corpus([tmp_path / name for name in names])
    assert list(corpus) == []
    remedy = "Save articles as .txt, or as the rows of a .jsonl or .csv."
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in corpus.problems] == [
        f"note.docx: has the ending '.docx', which cannot be read. {remedy}",
        f"noending: has no ending. {remedy}",
        f"empty: holds no articles. {remedy}",
        "missing: does not exist. Check the spelling of the path.",
    ]


@posix_only
def test_links_and_pipes_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    corpus = read_corpus([tmp_path / name for name in ("loop.txt", "gone.txt", "pipe.txt", "nul\0.txt")])
    assert list(corpus) == []
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in corpus.problems] == [
        "loop.txt: cannot be read: too many levels of symbolic links. Check the path, or leave it out.",
        "gone.txt: does not exist. Check the spelling of the path.",
        "pipe.txt: is neither a file nor a folder. Name a file or a folder.",
        "nul\0.txt: cannot be read: embedded null byte. Check the path, or leave it out.",
    ]


@posix_only
def test_a_folder_that_leads_back_to_itself_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("No.")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "back").symlink_to(tmp_path, target_is_directory=True)
    corpus = read_corpus(tmp_path)
    assert [document.doc_id for document in corpus] == ["a"]
    assert [problem.message for problem in corpus.problems] == [
        "is a folder that was read already: a link leads back to it."
    ]


@posix_only
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_files_without_permission(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("No.")
    (tmp_path / "a.txt").chmod(0)
    corpus = read_corpus(tmp_path)
    assert list(corpus) == []
    assert corpus.problems[0].message == "cannot be read: permission denied."


def test_a_name_that_is_not_utf8_is_told_in_a_way_that_can_be_printed(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("No.")
    except OSError:
        pytest.skip("this file system takes no such name")
    corpus = read_corpus(tmp_path)
    assert list(corpus) == []
    ending = "caf\\xe9.txt: has a name that is not UTF-8. Rename it: an article's id must be text."
    assert str(corpus.problems[0]).endswith(ending)


# Passes


def test_a_corpus_is_read_anew_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("No.")
    (tmp_path / "b.txt").write_text("")
    corpus = read_corpus(tmp_path)
    assert corpus.problems == ()
    assert list(corpus) == list(corpus)
    assert len(corpus.problems) == 1
    (tmp_path / "b.txt").write_text("Yes.")
    assert [document.doc_id for document in corpus] == ["a", "b"]
    assert corpus.problems == ()
    assert (corpus.counts.documents, corpus.counts.skipped) == (2, 0)


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines({"text": "One."}) + "broken\n")
    corpus = read_corpus(tmp_path)
    assert next(iter(corpus)).text == "One."
    assert corpus.problems == ()


def test_problems_of_a_hopeless_file_are_counted_not_hoarded(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("broken\n" * 1500)
    corpus = read_corpus(tmp_path)
    assert list(corpus) == []
    assert (len(corpus.problems), corpus.counts.problems) == (1001, 1500)
    assert corpus.problems[-1].message == "has 500 more problems."


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_memory_does_not_grow_with_the_corpus(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"many{ending}"
    text = "He said no. " * 2000

    def measure_peak(articles: int) -> int:
        with path.open("w") as stream:
            stream.write("text\n" if ending == ".csv" else "")
            stream.writelines(f"{text}\n" if ending == ".csv" else lines({"text": text}) for _ in range(articles))
        tracemalloc.start()
        assert sum(1 for _ in read_corpus(path)) == articles
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few, many = measure_peak(20), measure_peak(400)
    assert many - few < 10 * len(text), "380 more articles should cost less than the text of 10"


# Whatever comes


@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_a_problem(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    for ending in (".txt", ".jsonl", ".csv"):
        documents, problems, corpus = read(folder / f"a{ending}", content)
        assert documents or problems
        assert corpus.counts.documents == len(documents)
        for document in documents:
            assert find_flaw(document.text) is None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_a_text_is_changed_in_its_line_ends_only(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    documents, _, _ = read(path, lines({"text": text}))
    expected = split_opening_date(normalise_newlines(text))[1]
    assert [document.text for document in documents] == ([expected] if expected and not expected.isspace() else [])


@given(st.text(alphabet="-: \nab\t", max_size=60))
def test_front_matter_takes_a_prefix_off_or_nothing(text: str) -> None:
    try:
        metadata, body = split_front_matter(text)
    except FrontMatterError:
        assert text.startswith("---")
        return
    assert text.endswith(body)
    assert text.startswith("---") or (metadata, body) == ({}, text)
