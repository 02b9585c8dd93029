"""The word lists that names and roles are read with: given names, titles, roles, groups, things and countries.

They lie in research/gazetteer, one a file; the first lines of each say what its columns hold.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from research.registry import PACKAGE, fold

MALE, FEMALE = "male", "female"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The lists, for look-up.

    first_names, titles, roles : word → the gender it tells (male, female or both); role_kinds : a role → office,
    profession, military, spokesperson, family or other; nicknames : short form → formal names; spellings : a given name
    → the first of its spellings (sergei → serhiy); groups : nouns for several people; things : noun → organisation or
    document; organisations : names that could be taken for a person's, as they are written but without "the";
    countries : a country's name, adjective or capital → its name.
    """

    first_names: Mapping[str, str]
    nicknames: Mapping[str, frozenset[str]]
    spellings: Mapping[str, str]
    titles: Mapping[str, str]
    roles: Mapping[str, str]
    role_kinds: Mapping[str, str]
    groups: frozenset[str]
    things: Mapping[str, str]
    organisations: frozenset[str]
    countries: Mapping[str, str]


@functools.cache
def load_lexicon() -> Lexicon:
    """The lists that the package ships."""
    folder = PACKAGE / "gazetteer"
    nicknames: dict[str, set[str]] = {}
    for row in _rows(folder / "nicknames.tsv"):
        for formal in row[1].split(","):
            nicknames.setdefault(fold(row[0]), set()).add(fold(formal))
    spelled = (row for row in _rows(folder / "spellings.tsv"))
    spellings = {fold(word): fold(row[0]) for row in spelled for word in (row[0], *row[1].split(","))}
    countries = {}
    for row in _rows(folder / "countries.tsv"):
        for words in (row[0], *row[1].split(";"), *(row[2].split(";") if len(row) > 2 else ())):
            if words.strip():
                countries[words.strip().lower()] = row[0]
    return Lexicon(
        first_names={fold(r[0]): r[1] for r in _rows(folder / "first_names.tsv")},
        nicknames={k: frozenset(v) for k, v in nicknames.items()},
        spellings=spellings,
        titles={r[0].lower().rstrip("."): r[1] for r in _rows(folder / "titles.tsv")},
        roles={r[0].lower(): r[2] if len(r) > 2 else "both" for r in _rows(folder / "roles.tsv")},
        role_kinds={r[0].lower(): r[1] for r in _rows(folder / "roles.tsv")},
        groups=frozenset(r[0].lower() for r in _rows(folder / "groups.tsv")),
        things={r[0].lower(): r[1] for r in _rows(folder / "things.tsv")},
        organisations=frozenset(r[0] for r in _rows(folder / "organisations.tsv")),
        countries=countries,
    )


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text("utf8").splitlines() if path.exists() else []
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
