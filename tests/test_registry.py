"""A roster of one's own: what is read, and what is refused with its place and a remedy."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from research import extract_quotes
from research.documents import Document
from research.extraction import ExtractionConfig
from research.registry import PACKAGE, RosterError, load_registry, read_speakers

PERSON = '[[speaker]]\nid = "ann-lee"\nname = "Ann Lee"\n'

FLAWS = [
    ("a = ", "is not a registry of speakers in TOML (Invalid value"),
    ("[[speakers]]\n", "'speakers' means nothing here: each person is a [[speaker]]"),
    ("people = 3\n", "'people' means nothing here"),
    ('[speaker]\nid = "a"\n', "each person is a [[speaker]], in two pairs of brackets"),
    ('[[speaker]]\nname = "Ann Lee"\n', "entry 1 has no id"),
    (PERSON + '[[speaker]]\nid = "b"\nname = " "\n', "entry 2 has no name"),
    ('[[speaker]]\nid = 3\nname = "Ann Lee"\n', "entry 1: id is 3, not a text"),
    (PERSON + PERSON, "entry 2 has the id 'ann-lee' of entry 1"),
    (PERSON + 'alias = ["Annie"]\n', "entry 1 has 'alias', which means nothing here (it may have id, name, aliases,"),
    (PERSON + 'aliases = "Annie"\n', "entry 1: aliases is 'Annie', not a list"),
    (PERSON + 'aliases = ["Annie", ""]\n', "entry 1: an alias is not a text"),
    (PERSON + 'roles = "mayor"\n', "entry 1: roles is 'mayor', not a list"),
    (PERSON + 'roles = ["mayor"]\n', "entry 1, a role is 'mayor', not a table such as {title = …}"),
    (PERSON + 'roles = [{of = "Bergen"}]\n', "entry 1, a role has no title"),
    (PERSON + 'roles = [{title = "mayor", speaker = "x"}]\n', "entry 1, a role has 'speaker', which means nothing"),
    (
        PERSON + 'roles = [{title = "mayor", start = "2020"}]\n',
        "entry 1, a role: start is '2020', not a day without quotation marks, such as 2020-01-31",
    ),
    (
        PERSON + 'roles = [{title = "mayor", start = 2020-01-01T00:00:00}]\n',
        "entry 1, a role: start is datetime.datetime(2020, 1, 1, 0, 0), not a day",
    ),
    (
        PERSON + 'roles = [{title = "mayor", start = 2020-01-01, end = 2019-01-01}]\n',
        "entry 1, a role: ends on 2019-01-01, and starts on 2020-01-01",
    ),
]


@pytest.mark.parametrize(("content", "message"), FLAWS, ids=[message[:50] for _, message in FLAWS])
def test_what_a_roster_has_no_place_for_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "own.toml").write_text(content, encoding="utf-8")
    with pytest.raises(RosterError) as caught:
        read_speakers(tmp_path / "own.toml")
    assert f"own.toml: {message}" in str(caught.value)
    assert str(caught.value).endswith("corpus/speakers.toml shows the form.")


def test_all_flaws_of_a_roster_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[[speaker]]\nid = 3\nalias = "x"\n' * 30)
    with pytest.raises(RosterError, match=r"entry 1: id is 3.*entry 1 has 'alias'.*entry 1 has no name.*and \d+ more"):
        read_speakers(tmp_path / "own.toml")


def test_a_mark_at_the_front_is_no_part_of_a_roster(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(PERSON, encoding="utf-8-sig")
    assert [speaker.name for speaker in read_speakers(tmp_path / "own.toml")] == ["Ann Lee"]


def test_a_roster_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="there is no such file of speakers"):
        read_speakers(tmp_path / "own.toml")


BIDEN = '[[speaker]]\nid = "joe-biden"\nname = "Joe Biden"\nroles = [{title = "president", of = "United States"%s}]\n'
ENDED = BIDEN % ', adjective = "American", start = 2021-01-20, end = 2022-01-01'
SUCCESSOR = (
    '[[speaker]]\nid = "ann-lee"\nname = "Ann Lee"\n'
    'roles = [{title = "president", of = "United States", adjective = "American", start = 2022-01-01}]\n'
)

OFFICES = [
    ("", ["joe-biden"]),
    (ENDED, [None]),
    (ENDED + SUCCESSOR, ["ann-lee"]),
    (BIDEN % ", start = 2021-01-20, end = 2022-01-01", [None]),
    (BIDEN % ", start = 2021-01-20, end = 2023-01-01", ["joe-biden"]),  # its adjective need not be said again
    (BIDEN.replace("president", "chairman") % "", ["joe-biden"]),  # another office changes nothing
]


@pytest.mark.parametrize(("roster", "speaker_ids"), OFFICES)
def test_a_roster_corrects_an_office(tmp_path: Path, roster: str, speaker_ids: list[str | None]) -> None:
    (tmp_path / "own.toml").write_text(roster, encoding="utf-8")
    text = "“We go home,” the American president said."
    article = Document(doc_id="a", text=text, date=datetime.date(2022, 6, 1))
    quotes = extract_quotes([article], ExtractionConfig(use_reader=False, speakers=tmp_path / "own.toml"))
    assert [each or None for each in quotes.speaker_id] == speaker_ids


def test_the_corpus_roster_takes_no_term_of_office_away() -> None:
    """What a roster leaves out of an office, it takes away: ours must repeat all terms that the gazetteer has."""
    known = load_registry().speakers
    terms = [
        (shipped.speaker_id, role.title, role.of, role.start)
        for shipped in read_speakers(PACKAGE / "gazetteer" / "office_holders.toml")
        for role in shipped.roles
        if not any(own.start == role.start and own.of == role.of for own in known[shipped.speaker_id].roles)
    ]
    assert terms == []


def test_a_roster_is_read_again_after_an_edit(tmp_path: Path) -> None:
    roster = tmp_path / "own.toml"
    article = Document(doc_id="a", text="“We go home,” the mayor of Oban said.", date=datetime.date(2022, 6, 1))
    config = ExtractionConfig(use_reader=False, speakers=roster)
    for name in ("Ann Lee", "Bob Day"):  # two files of one size, maybe written within one tick of the clock
        entry = f'[[speaker]]\nid = "x"\nname = "{name}"\nroles = [{{title = "mayor", of = "Oban"}}]\n'
        roster.write_text(entry, encoding="utf-8")
        assert extract_quotes([article], config).speaker.tolist() == [name]
