"""The shipped facts about people, offices and words: well formed, and not contradicting themselves."""

from __future__ import annotations

import datetime
import itertools
import re
import tomllib
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GAZETTEER = ROOT / "research" / "gazetteer"
ROLE_KEYS = {"title", "of", "adjective", "start", "end"}
GENDERS = {"male", "female", "both"}
ROLE_KINDS = {"office", "spokesperson", "military", "family", "profession", "other"}

# file: columns, rows at least, and what each later column may hold
TABLES: dict[str, tuple[int, int, tuple[set[str] | None, ...]]] = {
    "first_names": (2, 2500, (GENDERS,)),
    "nicknames": (2, 250, (None,)),
    "roles": (3, 900, (ROLE_KINDS, GENDERS)),
    "groups": (1, 300, ()),
    "things": (2, 350, ({"organisation", "document"},)),
    "organisations": (1, 100, ()),
    "titles": (2, 200, (GENDERS,)),
    "countries": (3, 240, (None, None)),
}


def table(name: str) -> list[list[str]]:
    lines = (GAZETTEER / f"{name}.tsv").read_text("utf8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


@pytest.fixture(scope="module")
def gazetteer() -> dict[str, Any]:
    return tomllib.loads((GAZETTEER / "office_holders.toml").read_text("utf8"))


@pytest.fixture(scope="module")
def people(gazetteer: dict[str, Any]) -> list[dict[str, Any]]:
    return gazetteer["speaker"]


@pytest.fixture(scope="module")
def roster() -> dict[str, dict[str, Any]]:
    entries = tomllib.loads((ROOT / "corpus" / "speakers.toml").read_text("utf8"))["speaker"]
    return {entry["id"]: entry for entry in entries}


def names(person: dict[str, Any]) -> list[str]:
    return [person["name"], *person["aliases"]]


def holders(people: list[dict[str, Any]]) -> dict[tuple[str, str], list[tuple[datetime.date, datetime.date, str]]]:
    """Who held each office, by title and by the body or its adjective, in order."""
    found = defaultdict(set)
    for person in people:
        for role in person["roles"]:
            term = (role.get("start", datetime.date.min), role.get("end", datetime.date.max), person["id"])
            for of in {role.get("of"), role.get("adjective")} - {None}:
                found[role["title"], of].add(term)
    return {office: sorted(terms) for office, terms in found.items()}


def test_ids_are_unique_and_plain(people: list[dict[str, Any]]) -> None:
    ids = [person["id"] for person in people]
    assert len(ids) == len(set(ids)) >= 350
    assert [i for i in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i)] == []


def test_every_entry_has_the_roster_form_and_a_source(people: list[dict[str, Any]]) -> None:
    for person in people:
        assert set(person) == {"id", "name", "aliases", "gender", "source", "roles"}, person["id"]
        assert person["gender"] in {"male", "female"}
        assert person["source"].strip(), person["id"]
        assert person["roles"], person["id"]
        for role in person["roles"]:
            assert {"title"} <= set(role) <= ROLE_KEYS, (person["id"], role)


def test_dates_are_days_in_order(people: list[dict[str, Any]]) -> None:
    for person, role in ((p, r) for p in people for r in p["roles"]):
        start, end = role.get("start"), role.get("end")
        assert all(type(day) is datetime.date for day in (start, end) if day is not None), (person["id"], role)
        assert start is None or end is None or start < end, (person["id"], role)


def test_no_role_is_given_twice(people: list[dict[str, Any]]) -> None:
    for person in people:
        assert len({tuple(sorted(r.items(), key=str)) for r in person["roles"]}) == len(person["roles"]), person["id"]


def test_nobody_holds_one_office_twice_at_once(people: list[dict[str, Any]]) -> None:
    for person in people:
        for office, terms in holders([person]).items():
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(terms)), (person["id"], office)


def test_one_holder_at_a_time_unless_the_file_says_that_a_title_is_shared(
    gazetteer: dict[str, Any], people: list[dict[str, Any]]
) -> None:
    shared = set(gazetteer["about"]["shared_titles"])
    offices = {office: terms for office, terms in holders(people).items() if office[0] not in shared}
    overlaps = [
        (office, a, b) for office, terms in offices.items() for a, b in itertools.pairwise(terms) if a[1] > b[0]
    ]
    assert overlaps == []
    assert len(offices) > 200


def test_a_shared_title_is_held_by_several(gazetteer: dict[str, Any], people: list[dict[str, Any]]) -> None:
    held = defaultdict(set)
    for person, role in ((p, r) for p in people for r in p["roles"]):
        held[role["title"]].add(person["id"])
    assert [title for title in gazetteer["about"]["shared_titles"] if not held[title]] == []


@pytest.mark.parametrize(
    ("title", "of", "day", "expected"),
    [
        ("president", "Russia", "2022-12-21", "vladimir-putin"),
        ("president", "Russian", "2010-01-01", "dmitry-medvedev"),
        ("president", "United States", "2004-07-01", "george-w-bush"),
        ("president", "American", "2021-01-20", "joe-biden"),
        ("prime minister", "United Kingdom", "2022-09-10", "liz-truss"),
        ("chancellor", "German", "2010-06-01", "angela-merkel"),
        ("president", "Ukraine", "2014-08-24", "petro-poroshenko"),
        ("presidential nominee", "Republican", "2016-10-01", "donald-trump"),
        ("secretary-general", "NATO", "2022-06-01", "jens-stoltenberg"),
        ("mayor", "London", "2012-07-27", "boris-johnson"),
        ("press secretary", "White House", "2015-06-01", "josh-earnest"),
        ("speaker", "House", "2015-06-01", "john-boehner"),
    ],
)
def test_the_office_depends_on_the_day(
    people: list[dict[str, Any]], title: str, of: str, day: str, expected: str
) -> None:
    date = datetime.date.fromisoformat(day)
    assert [i for start, end, i in holders(people)[title, of] if start <= date < end] == [expected]


def test_an_open_role_began_before_it_was_last_checked(gazetteer: dict[str, Any], people: list[dict[str, Any]]) -> None:
    checked = gazetteer["about"]["checked_to"]
    assert type(checked) is datetime.date
    late = [(p["id"], r["title"]) for p in people for r in p["roles"] if r.get("start", checked) > checked]
    # Later changes that we are certain of are in, with their predecessors' last day.
    assert len(late) < 0.02 * sum(len(p["roles"]) for p in people)


def test_a_name_belongs_to_one_person(people: list[dict[str, Any]], roster: dict[str, dict[str, Any]]) -> None:
    owners = defaultdict(set)
    for person in [*people, *roster.values()]:
        for name in names(person):
            owners[folded(name)].add(person["id"])
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_who_is_in_the_roster_has_the_same_name_there(
    people: list[dict[str, Any]], roster: dict[str, dict[str, Any]]
) -> None:
    both = [p for p in people if p["id"] in roster]
    assert len(both) > 10
    assert [p["id"] for p in both if p["name"] != roster[p["id"]]["name"]] == []
    assert [p["id"] for p in both if p["gender"] != roster[p["id"]]["gender"]] == []


def test_completion_are_clean(people: list[dict[str, Any]]) -> None:
    strings = [s for p in people for s in names(p)]
    strings += [r[k] for p in people for r in p["roles"] for k in ("title", "of", "adjective") if k in r]
    for string in strings:
        assert string == string.strip() == unicodedata.normalize("NFC", string), string
        assert not re.search(r"[\"“”;|\t\n<>&\d]|\s\s|Ã|Â", string), string


def test_completion_do_not_repeat_and_a_single_word_is_no_given_name(people: list[dict[str, Any]]) -> None:
    given = {folded(row[0]) for row in table("first_names")}
    for person in people:
        assert len(set(names(person))) == len(names(person)), person["id"]
        assert [n for n in names(person) if " " not in n and folded(n) in given] == [], person["id"]


@pytest.mark.parametrize("name", TABLES)
def test_table_is_well_formed(name: str) -> None:
    columns, least, allowed = TABLES[name]
    rows = table(name)
    assert len(rows) >= least
    for row in rows:
        assert len(row) == columns, row
        assert all(cell == cell.strip() == unicodedata.normalize("NFC", cell) for cell in row), row
        assert row[0], row
        assert not any(re.search(r"[\"“”<>|]|\s\s|Ã|Â", cell) for cell in row), row
        for cell, values in zip(row[1:], allowed, strict=True):
            assert values is None or cell in values, row


@pytest.mark.parametrize("name", TABLES)
def test_table_says_what_it_is_names_nothing_twice_and_ends_in_a_newline(name: str) -> None:
    text = (GAZETTEER / f"{name}.tsv").read_text("utf8")
    keys = [row[0] for row in table(name)]
    assert text.startswith("# ") and text.endswith("\n") and "\r" not in text
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", TABLES)
def test_table_is_sorted(name: str) -> None:
    keys = [(folded(row[0]), row[0]) for row in table(name)]
    assert keys == sorted(keys)


def test_spellings_that_fold_alike_tell_the_same_gender() -> None:
    told = defaultdict(set)
    for name, gender in table("first_names"):
        told[folded(name)].add(gender)
    assert {name: genders for name, genders in told.items() if len(genders) > 1} == {}


@pytest.mark.parametrize(
    ("name", "gender"),
    [("Donald", "male"), ("Hillary", "female"), ("Kerry", "both"), ("Volodymyr", "male"), ("Olena", "female"),
     ("Recep", "male"), ("Xavier", "male"), ("Kellyanne", "female"), ("Leslie", "both"), ("Narendra", "male")],
)  # fmt: skip
def test_given_names_tell_what_readers_expect(name: str, gender: str) -> None:
    assert dict(table("first_names"))[name] == gender


def test_the_people_and_the_given_names_agree(people: list[dict[str, Any]]) -> None:
    told = {folded(name): gender for name, gender in table("first_names")}
    wrong = [
        person["name"]
        for person in people
        if told.get(folded(person["name"].split()[0]), "both") not in ("both", person["gender"])
    ]
    assert wrong == []


def test_nicknames_stand_for_other_names() -> None:
    for nickname, formal in table("nicknames"):
        names_meant = formal.split(",")
        assert nickname not in names_meant, nickname
        assert all(re.fullmatch(r"[A-Z][a-z]+", name) for name in names_meant), nickname
        assert len(set(names_meant)) == len(names_meant), nickname


def test_a_noun_is_one_person_several_or_none() -> None:
    roles, groups, things = ({row[0].lower() for row in table(n)} for n in ("roles", "groups", "things"))
    assert roles & groups == set()
    assert groups & things == {"authorities"}
    assert roles & things == set()


def test_a_country_word_stands_for_one_country() -> None:
    owners = defaultdict(set)
    for country, adjectives, seats in table("countries"):
        for word in [country, *adjectives.split(";"), *filter(None, seats.split(";"))]:
            assert word == word.strip() != "", country
            owners[word.lower()].add(country)
    assert {word: countries for word, countries in owners.items() if len(countries) > 1} == {}


def test_every_country_of_an_office_is_in_the_table_with_its_adjective(people: list[dict[str, Any]]) -> None:
    adjectives = {row[0]: row[1].split(";") for row in table("countries")}
    national = {"president", "prime minister", "foreign minister", "defence minister", "king"}
    bodies = re.compile(
        r"Commission|Council|Parliament|Bank|Party|Congress|Authority|ICC|Republika|Catalonia|Yugoslavia"
    )
    offices = {
        (r["of"], r["adjective"]) for p in people for r in p["roles"] if r["title"] in national and "adjective" in r
    }
    assert [o for o in offices if not bodies.search(o[0]) and o[1] not in adjectives.get(o[0], ())] == []
