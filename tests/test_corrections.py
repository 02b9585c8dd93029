"""Corrections that last: from the file into the table, and nothing lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from research.corrections import (
    COLUMNS,
    Correction,
    CorrectionError,
    add_corrections,
    compare_tables,
    correct_rows,
    find_unread,
    is_corrections,
    read_corrections,
)
from research.documents import Document
from research.extraction import ExtractionConfig, extract_quotes
from research.registry import Speaker, registry_of

TEXT = "“We stay,” Anna Berg told Bo Ray. “Never,” Mr. Ray said. “Never,” said Carl Dahl. He likes “Hamlet” a lot.\n"
KNOWN = registry_of([Speaker(speaker_id="dahl", name="Carl Dahl", aliases=("Karl Dahl",))])


def table(tmp_path: Path, corrections: str, text: str = TEXT, **options: bool):  # type: ignore[no-untyped-def]
    path = tmp_path / "corrections.csv"
    path.write_text(corrections, encoding="utf-8")
    config = ExtractionConfig(use_reader=False, corrections=path, **options)  # type: ignore[arg-type]
    return extract_quotes([Document(doc_id="a", text=text)], config).set_index("quote_id")


def test_a_correction_is_obeyed(tmp_path: Path) -> None:
    before = table(tmp_path, "quote_id,speaker\n")
    after = table(tmp_path, "quote_id,speaker,note\na:1,Eva Falk,she told me\n")
    row = after.loc["a:1"]
    assert (row["speaker"], row["speaker_kind"], row["rule"], row["confidence"]) == (
        "Eva Falk",
        "person",
        "corrected",
        1,
    )
    assert row[["mention", "mention_start", "cue", "cue_start"]].isna().all()
    assert before.loc["a:1", "speaker"] == "Anna Berg"
    assert after.drop("a:1").to_csv() == before.drop("a:1").to_csv()


def test_a_confirmed_row_keeps_its_mention(tmp_path: Path) -> None:
    row = table(tmp_path, "quote_id,speaker\na:1,Anna Berg\n").loc["a:1"]
    assert (row["mention"], row["cue"], row["confidence"]) == ("Anna Berg", "told", 1)


def test_nobody_and_unknown(tmp_path: Path) -> None:
    corrections = "quote_id,speaker,kind\na:1,,none\na:35,,\n"
    after = table(tmp_path, corrections)
    assert "a:1" not in after.index
    assert after["speaker"].isna()["a:35"] and after.loc["a:35", "rule"] == "corrected"
    kept = table(tmp_path, corrections, include_unattributed=True)
    assert (kept.loc["a:1", "kind"], kept.loc["a:1", "rule"]) == ("none", "corrected")


def test_what_the_machine_left_out_can_be_put_in() -> None:
    row = {"quote_id": "a:1", "text": "Hamlet", "kind": "none", "speaker": None, "speaker_id": None}
    ((after,), lost) = correct_rows([row], [Correction(quote_id="a:1", speaker="Karl Dahl", quote="Hamlet")], KNOWN)
    assert (after["kind"], after["speaker"], after["speaker_id"], lost) == ("direct", "Carl Dahl", "dahl", [])


@pytest.mark.parametrize(
    ("correction", "speaker"),
    [
        (Correction(quote_id="a:1", speaker="Karl Dahl"), ("Carl Dahl", "dahl", "person")),
        (Correction(quote_id="a:1", speaker="Charlie", speaker_id="dahl"), ("Charlie", "dahl", "person")),
        (Correction(quote_id="a:1", speaker_id="dahl"), ("Carl Dahl", "dahl", "person")),
        (Correction(quote_id="a:1", speaker="Eva Falk", speaker_id="falk"), ("Eva Falk", "falk", "person")),
        (Correction(quote_id="a:1", speaker="NATO", speaker_kind="organisation"), ("NATO", None, "organisation")),
    ],
)
def test_the_speaker_is_looked_up(correction: Correction, speaker: tuple[str, str | None, str]) -> None:
    row = {"quote_id": "a:1", "text": "x", "kind": "direct", "speaker": None}
    ((after,), _) = correct_rows([row], [correction], KNOWN)
    assert (after["speaker"], after["speaker_id"], after["speaker_kind"]) == speaker


def test_a_quote_that_has_moved_is_found_by_its_words(tmp_path: Path) -> None:
    after = table(tmp_path, 'quote_id,speaker,quote\na:1,Eva Falk,"We  stay,"\n', text="It was late.\n" + TEXT)
    assert after.loc["a:14", "speaker"] == "Eva Falk"


def test_what_stands_at_its_place_counts_more_than_what_has_moved(tmp_path: Path) -> None:
    for order in ((0, 1), (1, 0)):
        lines = ['a:900,Bo Ray,"We stay,"\n', 'a:1,Eva Falk,"We stay,"\n']
        after = table(tmp_path, "quote_id,speaker,quote\n" + "".join(lines[n] for n in order))
        assert after.loc["a:1", "speaker"] == "Eva Falk"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('a:900,Eva Falk,"Gone,"', "line 2: the quote a:900 is not in its article any more."),
        ('a:1,Eva Falk,"Gone,"', "line 2: the quote a:1 is not in its article any more."),
        ("a:2,Eva Falk,", "line 2: the quote a:2 is not in its article any more."),
        ('a:900,Eva Falk,"Never,"', "line 2: the quote a:900 has moved, and its words stand there more than once."),
        ("b:1,Eva Falk,", "line 2: the article of this correction was not read."),
    ],
)
def test_a_lost_correction_is_said(tmp_path: Path, line: str, message: str) -> None:
    with pytest.warns(UserWarning, match=message.replace("(", r"\(")) as caught:
        table(tmp_path, f"quote_id,speaker,quote\n{line}\n")
    assert len(caught) == 1


def test_corrections_of_articles_that_were_not_read() -> None:
    corrections = {name: [Correction(quote_id=f"{name}:1", source="c.csv", place="line 2")] for name in ("a", "b")}
    (problem,) = find_unread(corrections, ["a"])
    assert str(problem) == (
        "c.csv line 2: the article of this correction was not read. Read it too, or remove the line."
    )


WRONG = [
    ("", "has no column 'quote_id'"),
    ("quote_id\na:1\n", "has no column 'speaker'"),
    ("quote_id,speaker,speeker\n", "has the column 'speeker', which means nothing here"),
    ("quote_id,speaker\na,X\n\n,Y\n", "line 2 has the quote_id 'a', .*; line 4 has the quote_id ''"),
    ("quote_id,speaker,kind\na:1,X,nobody\n", "line 2 has the kind 'nobody', not one of direct, mixed, none"),
    ("quote_id,speaker,kind\na:1,X,none\n", "line 2 has a speaker of what is nobody's speech"),
    ("quote_id,speaker,speaker_kind\na:1,X,man\n", "line 2 has the speaker_kind 'man'"),
    ("quote_id,speaker\na:1,X,Y\n", "line 2 has more cells than there are columns"),
    ("quote_id,speaker\na:1,X\na:1,Y\n", "line 3 decides a:1 otherwise than line 2"),
]


@pytest.mark.parametrize(("content", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_a_file_that_cannot_be_used_says_where_and_why(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(content)
    with pytest.raises(CorrectionError, match=message):
        read_corrections(path)
    with pytest.raises(CorrectionError):
        add_corrections(path, [Correction(quote_id="a:1", speaker="X")])
    assert path.read_text() == content


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(CorrectionError, match="there is no such file"):
        read_corrections(tmp_path / "c.csv")
    (tmp_path / "c.csv").write_bytes(b"quote_id,speaker\na:1,Jos\xe9\n")
    with pytest.raises(CorrectionError, match="is not UTF-8"):
        read_corrections(tmp_path / "c.csv")
    with pytest.raises(CorrectionError, match=r"ends in \.csv"):
        add_corrections(tmp_path / "c.jsonl", [])


def test_a_spreadsheets_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes('\ufeffquote_id;speaker;note\r\na:b:1;Eva Falk;"a, b"\r\n;;\r\n'.encode())
    (correction,) = read_corrections(path)["a:b"]
    assert (correction.quote_id, correction.speaker, correction.note) == ("a:b:1", "Eva Falk", "a, b")


def test_adding_twice_changes_nothing_and_the_last_word_counts(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    first = Correction(quote_id="a:1", speaker="Eva Falk", quote="“No,” he\nsaid", note="why")
    assert add_corrections(path, [first]) == 1
    written = path.read_bytes()
    assert add_corrections(path, [Correction(quote_id="a:1", speaker="Eva Falk", quote="x")]) == 0
    assert path.read_bytes() == written
    other = Correction(quote_id="a:9", kind="none")
    assert add_corrections(path, [Correction(quote_id="a:1", speaker="Bo Ray", quote=first.quote), other]) == 2
    one, two = read_corrections(path)["a"]
    assert (one.speaker, one.quote, one.note) == ("Bo Ray", first.quote, "why")
    assert (two.quote_id, two.kind, two.speaker) == ("a:9", "none", None)
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)


ROW = {"quote_id": "a:1", "text": "No.", "kind": "direct", "speaker": "X", "speaker_id": "x", "speaker_kind": "person"}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, None),
        ({"text": " No.\r\n", "start": 9}, None),
        ({"speaker": "Y"}, Correction(quote_id="a:1", quote="No.", speaker="Y")),
        ({"speaker": None}, Correction(quote_id="a:1", quote="No.")),
        ({"kind": "none"}, Correction(quote_id="a:1", quote="No.", kind="none")),
        (
            {"kind": "mixed"},
            Correction(quote_id="a:1", quote="No.", kind="mixed", speaker="X", speaker_id="x", speaker_kind="person"),
        ),
    ],
)
def test_an_edited_copy_becomes_corrections(edit: dict[str, object], expected: Correction | None) -> None:
    assert compare_tables([ROW], [ROW | edit]) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("row", "edit"),
    [
        ({}, {"text": "Nâ€™importe."}),
        ({"speaker": "Jorge Núñez"}, {"speaker": "Jorge NÃºÃ±ez"}),
        ({"speaker": "Ed O’Brien"}, {"speaker": "Ed Oâ€™Brien"}),
        ({"speaker": "Jorge Núñez"}, {"speaker": "Jorge N√∫√±ez"}),
    ],
)
def test_a_copy_that_was_read_in_a_wrong_encoding_is_refused(row: dict[str, str], edit: dict[str, str]) -> None:
    with pytest.raises(CorrectionError, match=r"has other words than the table, in: a:1\. .* as UTF-8"):
        compare_tables([ROW | row], [ROW | row | edit])
    assert compare_tables([ROW | row | edit], [ROW | row | edit | {"speaker": "Bo Ray"}])


def test_an_id_alone_must_be_known() -> None:
    row = {"quote_id": "a:1", "text": "x", "kind": "direct", "speaker": "X", "speaker_id": None, "rule": "ranker"}
    correction = Correction(quote_id="a:1", speaker_id="abc", source="c.csv", place="line 2")
    (after,), (problem,) = correct_rows([row], [correction], KNOWN)
    assert after == row
    assert str(problem) == (
        "c.csv line 2: nobody in the register has the id 'abc', and no speaker is named. "
        "Write the speaker's name, or correct the id."
    )


def test_a_file_of_corrections_is_known_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    assert not is_corrections(path)
    for header in ("quote_id,speaker", "\ufeffquote_id;speaker;note;"):
        path.write_text(header + "\n", encoding="utf-8")
        assert is_corrections(path)
    for header in ("quote_id,speaker,text", "x,y", ""):
        path.write_text(header + "\n", encoding="utf-8")
        assert not is_corrections(path)


def test_an_edited_copy_of_another_table_is_refused() -> None:
    with pytest.raises(CorrectionError, match="quotes that the table has not: b:7"):
        compare_tables([ROW], [ROW | {"quote_id": "b:7"}])


def test_a_correction_of_a_very_long_quote_is_read_again(tmp_path: Path) -> None:
    correction = Correction(quote_id="a:1", speaker="Ann Lee", quote="x" * 140_000)  # above the csv module’s limit
    add_corrections(tmp_path / "corrections.csv", [correction])
    (kept,) = read_corrections(tmp_path / "corrections.csv")["a"]
    assert (kept.speaker, kept.quote) == (correction.speaker, correction.quote)
