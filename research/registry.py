"""Known speakers: names, other spellings, and the offices they held with the days they held them.

Two sources, merged by id: the gazetteer of office holders that the package ships, and a roster, `corpus/speakers.toml`
or the user's own file, whose word counts more: of an office that it gives somebody, it gives all the terms. An unknown
speaker is better than a wrong one: a name that two people share belongs to neither unless the date or the first name
tells them apart.
"""

from __future__ import annotations

import datetime
import difflib
import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
HOUSEHOLD_TITLES = frozenset(
    ("president", "prime minister", "chancellor", "presidential nominee", "vice president", "pope")
)
SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))


class RosterError(ValueError):
    """A roster file that cannot be used: says which entry and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An office: title, the country or body it belongs to, and when it was held (open where None; `end` excluded).

    Where several hold an office at once (senator), `names_holder` is False: it confirms a person but names none. An
    open-ended office names its holder up to `known_until` only.
    """

    title: str
    of: str = ""
    adjective: str | None = None
    start: datetime.date | None = None
    end: datetime.date | None = None
    names_holder: bool = True
    known_until: datetime.date | None = None

    def held_on(self, date: datetime.date) -> bool:
        """Whether the office was held on `date`."""
        return (self.start is None or self.start <= date) and (self.end is None or date < self.end)

    def may_name(self, date: datetime.date) -> bool:
        """Whether "the <title> of <of>" on `date` means this holder."""
        fresh = self.end is not None or self.known_until is None or date <= self.known_until
        return self.names_holder and fresh and self.held_on(date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One known person."""

    speaker_id: str
    name: str
    aliases: tuple[str, ...] = ()
    gender: str | None = None
    wikidata: str | None = None
    roles: tuple[Role, ...] = ()

    def active_on(self, date: datetime.date | None) -> bool:
        """Whether any of the person's dated offices was held on `date`."""
        return date is not None and any(r.held_on(date) for r in self.roles if r.start or r.end)

    def is_household_name(self) -> bool:
        """Whether a bare surname in an undated text can mean this person, a head of government, say, or a nominee."""
        return any(r.title.lower() in HOUSEHOLD_TITLES for r in self.roles)


UNDECOMPOSED = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})


@functools.lru_cache(maxsize=65536)
def fold(name: str) -> str:
    """A name for comparison: lower case, no accents, dots or suffixes; other scripts stay.

    >>> fold("José Núñez, Jr."), fold("Volodymyr  Zelenskyy’s"), fold("Şükrü Yıldırım")
    ('jose nunez', 'volodymyr zelenskyy', 'sukru yildirim')
    """
    plain = unicodedata.normalize("NFKD", repaired(name)).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(UNDECOMPOSED)
    plain = re.sub(r"['’]s\b", "", plain)
    words = re.sub(r"[^\w\s-]", " ", plain.replace("'", "").replace("’", "")).replace("-", " ").split()
    return " ".join(w for w in words if w not in SUFFIXES)


def spelling(title: str) -> str:
    """A title for comparison, in one of its spellings.

    >>> spelling("Defense Secretary"), spelling("vice-president")
    ('defence secretary', 'vice president')
    """
    return (
        title.lower()
        .replace("-", " ")
        .replace("defense", "defence")
        .replace("advisor", "adviser")
        .replace("labour", "labor")
    )


def repaired(name: str) -> str:
    r"""UTF-8 that was once read as Windows-1252, read right, for comparison only.

    >>> repaired("JosÃ© MartÃ\xadnez")
    'José Martínez'
    """
    if "Ã" not in name and "Â" not in name and "Å" not in name:
        return name
    for encoding in ("cp1252", "latin-1"):
        try:
            return repaired(name.encode(encoding).decode("utf8"))
        except UnicodeError:
            continue
    return name


@functools.lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """A word as transliterations from Cyrillic agree on it.

    >>> sound("Aleksey") == sound("Alexei"), sound("Zelenskyy") == sound("Zelenskiy"), sound("Ana") == sound("Ann")
    (True, True, False)
    """
    letters = fold(word)
    for written, said in (("x", "ks"), ("kh", "h"), ("w", "v"), ("j", "i"), ("y", "i"), ("ei", "i")):
        letters = letters.replace(written, said)
    return "".join(c for i, c in enumerate(letters) if c != letters[i - 1] or i == 0)


SLAVIC = re.compile(r"(?:[oe]va?|sk(?:i|a|aia)|ina?|ko|i?uk|ich|ets|ian|dze|vili)$")  # endings of surnames, by `sound`


@functools.lru_cache(maxsize=65536)
def cyrillic(name: str) -> str:
    """A name as most transliterations from Cyrillic agree on it, Ukrainian and German ones too; others as `sound`.

    >>> cyrillic("Chodorkowski") == cyrillic("Khodorkovsky"), cyrillic("Hnatiuk") == cyrillic("Gnatyuk")
    (True, True)
    >>> cyrillic("Hill") == cyrillic("Gill")
    False
    """
    letters = sound(name)
    if not SLAVIC.search(letters):
        return letters
    for written, said in (("iov", "iev"), ("tsch", "h"), ("sch", "s"), ("sh", "s"), ("ch", "h"), ("g", "h")):
        letters = letters.replace(written, said)
    return letters


def find_near(name: str, known: Sequence[str], *, alike: float = 0.6) -> list[str]:
    """Up to three known names that a name may be a slip for: those that end alike, else the most alike.

    `alike` is the least likeness, from 0 to 1, by `difflib`; the longer the list of names, the more there must be.

    >>> find_near("Ana Berg", ["Anna Berg", "Ana Bern"]), find_near("Ana Ber", ["Anna Berg", "Bo Ray"])
    (['Anna Berg'], ['Anna Berg'])
    """
    namesakes = [each for each in known if each.split()[-1:] == name.split()[-1:]]
    return (namesakes or difflib.get_close_matches(name, known, cutoff=alike))[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All known speakers, with the ways to find them."""

    speakers: Mapping[str, Speaker]
    by_name: Mapping[str, tuple[str, ...]]
    by_sound: Mapping[str, tuple[str, ...]]
    by_surname: Mapping[str, tuple[str, ...]]
    by_role: Mapping[tuple[str, str], tuple[tuple[str, Role], ...]]
    roster: frozenset[str] = field(default_factory=frozenset)

    def named(self, name: str) -> Speaker | None:
        """The one speaker of that full name or alias."""
        return self._only(self.by_name.get(fold(name), ()))

    def sounding(self, name: str) -> Speaker | None:
        """The one speaker whose name is the same in another transliteration: Dmitri Medwedew."""
        return self._only(self.by_sound.get(sound(name), ()) or self.by_sound.get(cyrillic(name), ()))

    def of_surname(self, surname: str) -> list[Speaker]:
        """All speakers of a surname."""
        return [self.speakers[i] for i in self.by_surname.get(fold(surname), ())]

    def holder(self, title: str, of: str, date: datetime.date) -> Speaker | None:
        """Who held an office on a day; `of` is a country, a body or its adjective."""
        held = {i for i, role in self.by_role.get((spelling(title), of.lower()), ()) if role.may_name(date)}
        return self._only(tuple(held))

    def _only(self, ids: Sequence[str]) -> Speaker | None:
        if len(ids) > 1:
            ids = [i for i in ids if i in self.roster]
        return self.speakers[ids[0]] if len(ids) == 1 else None


def registry_of(speakers: Iterable[Speaker], roster: Iterable[str] = ()) -> Registry:
    """Index speakers; entries of one id are merged, the later name and dates winning.

    An office that the later entry has, too, is the later one's alone: all its terms there, and none of the earlier's.
    """
    merged: dict[str, Speaker] = {}
    for speaker in speakers:
        merged[speaker.speaker_id] = _merge(merged.get(speaker.speaker_id), speaker)
    names: dict[str, list[str]] = {}
    surnames: dict[str, list[str]] = {}
    tails: dict[str, list[str]] = {}
    roles: dict[tuple[str, str], list[tuple[str, Role]]] = {}
    for key, speaker in merged.items():
        for name in dict.fromkeys(map(fold, (speaker.name, *speaker.aliases))):
            names.setdefault(name, []).append(key)
            surnames.setdefault(name.split()[-1] if name else "", []).append(key)
        for words in (name.split() for name in (speaker.name, *speaker.aliases)):
            surnames.setdefault(fold(words[-1]), []).append(key)
            for start in range(1, len(words) - 1):
                tail = fold(" ".join(words[start:]))
                if " " in tail:
                    tails.setdefault(tail, []).append(key)
        for role in speaker.roles:
            for of in dict.fromkeys(w.lower() for w in (role.of, role.adjective) if w):
                roles.setdefault((spelling(role.title), of), []).append((key, role))
    sounds: dict[str, list[str]] = {}
    for name, ids in names.items():
        for heard in {sound(name), cyrillic(name)}:
            sounds.setdefault(heard, []).extend(ids)
    names = {**tails, **names}  # a whole name counts before the end of a longer one: de Blasio, Suu Kyi
    return Registry(
        speakers=merged,
        by_name={k: tuple(dict.fromkeys(v)) for k, v in names.items()},
        by_sound={k: tuple(dict.fromkeys(v)) for k, v in sounds.items()},
        by_surname={k: tuple(dict.fromkeys(v)) for k, v in surnames.items()},
        by_role={k: tuple(v) for k, v in roles.items()},
        roster=frozenset(roster),
    )


def _merge(old: Speaker | None, new: Speaker) -> Speaker:
    if old is None:
        return new
    return replace(
        new,
        aliases=tuple(dict.fromkeys((*old.aliases, old.name, *new.aliases))),
        gender=new.gender or old.gender,
        wikidata=new.wikidata or old.wikidata,
        roles=_merge_roles(old.roles, new.roles),
    )


def _merge_roles(old: Sequence[Role], new: Sequence[Role]) -> tuple[Role, ...]:
    """The new roles, and the old ones of other offices; what an adjective was stays, where the new role gives none."""
    adjectives = {_office(role): role.adjective for role in old}
    changed = {_office(role) for role in new}
    kept = [role for role in old if _office(role) not in changed]
    renewed = [replace(role, adjective=role.adjective or adjectives.get(_office(role))) for role in new]
    return tuple(dict.fromkeys((*kept, *renewed)))


def _office(role: Role) -> tuple[str, str]:
    """What makes two roles one office, whenever it was held."""
    return spelling(role.title), role.of.lower()


def read_speakers(path: Path) -> list[Speaker]:
    """Read a roster or gazetteer file.

    Raises
    ------
    RosterError
        If the file is not TOML, or holds anything that a roster has no place for; all such entries are named at once.
    """
    return _parse_speakers(path, _read_roster(path))


def _read_roster(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise RosterError(f"{path}: there is no such file of speakers. Check the spelling of the path.") from error
    except OSError as error:
        raise RosterError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise RosterError(_NOT_TOML.format(path, error)) from error


def _parse_speakers(path: Path, content: str) -> list[Speaker]:
    """The speakers that a file holds; `path` is what its flaws are told with."""
    try:
        stored = tomllib.loads(content)
    except ValueError as error:
        raise RosterError(_NOT_TOML.format(path, error)) from error
    wrong = list(_find_roster_flaws(stored))
    if wrong:
        more = f"; and {len(wrong) - _MOST_FLAWS} more" if len(wrong) > _MOST_FLAWS else ""
        raise RosterError(f"{path}: {'; '.join(wrong[:_MOST_FLAWS])}{more}. {_FORM}")
    return [_speaker(entry, stored.get("about", {})) for entry in stored.get("speaker", [])]


_FORM = "corpus/speakers.toml shows the form."
_NOT_TOML = f"{{}}: is not a registry of speakers in TOML ({{}}). {_FORM}"
_MOST_FLAWS = 20
_ENTRY_TYPES = {"id": str, "name": str, "aliases": list, "gender": str, "wikidata": str, "source": str, "roles": list}
_ROLE_TYPES = {"title": str, "of": str, "adjective": str, "start": datetime.date, "end": datetime.date}
_ABOUT_TYPES = {"checked_to": datetime.date, "shared_titles": list}
_TYPE_NAMES = {
    str: 'a text, such as "…"',
    list: 'a list, such as ["…", "…"]',
    datetime.date: "a day without quotation marks, such as 2020-01-31",
}


def _find_roster_flaws(stored: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a roster, each flaw with its entry."""
    for name in (name for name in stored if name not in ("speaker", "about")):
        yield f"{name!r} means nothing here: each person is a [[speaker]]"
    entries, about = stored.get("speaker", []), stored.get("about", {})
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        yield "each person is a [[speaker]], in two pairs of brackets"
        return
    yield from _find_type_flaws("[about]", about, _ABOUT_TYPES)
    met: dict[str, int] = {}
    for number, entry in enumerate(entries, 1):
        yield from _find_entry_flaws(f"entry {number}", entry)
        first = met.setdefault(str(entry.get("id")), number)
        if first != number and "id" in entry:
            yield f"entry {number} has the id {entry['id']!r} of entry {first}"


def _find_entry_flaws(place: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one person of a roster."""
    yield from _find_type_flaws(place, entry, _ENTRY_TYPES, needed=("id", "name"))
    aliases, roles = entry.get("aliases", []), entry.get("roles", [])
    if isinstance(aliases, list) and not all(isinstance(each, str) and each.strip() for each in aliases):
        yield f"{place}: an alias is not a text"
    for role in roles if isinstance(roles, list) else []:
        flaws = list(_find_type_flaws(f"{place}, a role", role, _ROLE_TYPES, needed=("title",)))
        yield from flaws
        if not flaws and "start" in role and "end" in role and role["end"] <= role["start"]:
            yield f"{place}, a role: ends on {role['end']}, and starts on {role['start']}"


def _find_type_flaws(place: str, values: Any, types: Mapping[str, type], needed: Sequence[str] = ()) -> Iterator[str]:
    """Names that are unknown, missing or empty, and values of another type than their name has."""
    if not isinstance(values, dict):
        yield f"{place} is {values!r}, not a table such as {{{next(iter(types))} = …}}"
        return
    for name, value in values.items():
        if name not in types:
            yield f"{place} has {name!r}, which means nothing here (it may have {', '.join(types)})"
        elif not isinstance(value, types[name]) or isinstance(value, datetime.datetime):
            yield f"{place}: {name} is {value!r}, not {_TYPE_NAMES[types[name]]}"
    for name in needed:
        if name not in values or (isinstance(values[name], str) and not values[name].strip()):
            yield f"{place} has no {name}"


def _speaker(entry: Mapping[str, Any], about: Mapping[str, Any]) -> Speaker:
    shared = about.get("shared_titles", ())
    roles = tuple(
        Role(
            title=r["title"],
            of=r.get("of", ""),
            adjective=r.get("adjective"),
            start=r.get("start"),
            end=r.get("end"),
            names_holder=r["title"] not in shared,
            known_until=about.get("checked_to"),
        )
        for r in entry.get("roles", ())
    )
    return Speaker(
        speaker_id=entry["id"],
        name=entry["name"],
        aliases=tuple(entry.get("aliases", ())),
        gender=entry.get("gender"),
        wikidata=entry.get("wikidata"),
        roles=roles,
    )


def load_registry(roster: Path | None = None, *, known: bool = True) -> Registry:
    """The shipped gazetteer with the roster laid over it; `known=False` leaves everybody unknown.

    The roster is read each time, since it may have been edited meanwhile.
    """
    if not known:
        return registry_of(())
    path = roster or default_roster()
    return _lay_over(path, _read_roster(path))


@functools.lru_cache(maxsize=4)
def _lay_over(path: Path, content: str) -> Registry:
    """A roster of that content over the gazetteer; kept, since it takes 20 ms to make, as long as an article."""
    own = _parse_speakers(path, content)
    return registry_of([*_load_gazetteer(), *own], roster=[speaker.speaker_id for speaker in own])


@functools.cache
def _load_gazetteer() -> tuple[Speaker, ...]:
    """The office holders that the package ships."""
    return tuple(each for path in sorted((PACKAGE / "gazetteer").glob("*.toml")) for each in read_speakers(path))


def default_roster() -> Path:
    """The corpus's roster: inside the package where it was installed from a wheel, beside it in a checkout."""
    inside = PACKAGE / "speakers.toml"
    return inside if inside.exists() else PACKAGE.parent / "corpus" / "speakers.toml"
