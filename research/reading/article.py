"""From a text and what its source says of it to a document, by the same rules whatever the source's format."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from research.documents import Document, Problem

METADATA_FIELDS = ("id", "title", "date", "outlet", "author", "url")
"""What a source may say of an article and a document has a place for; the rest is kept in `Document.extra`."""

FIELDS = ("text", *METADATA_FIELDS)

_ISO_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9]{2}:[0-9]{2}\S*)?")

_OPENING_DATE = re.compile(
    r"""
    [ \t\u00a0]* date           # blanks and the word, as the first article of this project has them
    [ \t\u00a0]+ ([0-9]{4}-[0-9]{2}-[0-9]{2})
    (?: [ \t\u00a0]+ | (?=\n) | \Z )   # a date that runs on into other characters is part of the prose
    """,
    re.VERBOSE,
)

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_DAMAGED = (  # what hides quotation marks or names: how to find it, what it is, what to do
    (
        re.compile(r"&(?:quot|[lr][ds]quo|#(?:34|821[67]|822[01]|[xX]201[89cdCD]));"),
        "has quotation marks written as HTML",
        "Write them as characters, in Python with html.unescape: such marks are not found.",
    ),
    (
        re.compile("[\x91-\x94]"),
        "has quotation marks of Windows-1252 that were read as Latin-1",
        "Read the file as cp1252 and save it as UTF-8: such marks are not found.",
    ),
    (
        re.compile("\u00e2\u20ac(?:\u0153|\u009d|\u2122|\u02dc)"),
        "has UTF-8 that was read as Windows-1252",
        "Export it again as UTF-8, or repair it with ftfy: such marks are not found.",
    ),
    (
        re.compile(r"</?(?:p|a|b|i|em|strong|span|div|br|li|h[1-6])\b[^<>\n]{0,300}>(?=(?s:.*?<){2})"),
        "has HTML tags",
        "Extract the text first: names and quotes with tags in them are not found.",
    ),
)


class UnknownFieldError(ValueError):
    """A column map names a field that documents do not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is not a field of an article. The fields are: {', '.join(FIELDS)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingConfig:
    """How sources are read.

    columns
        Field → the name a source has for it, such as ``{"text": "body", "date": "published"}``. Empty by
        default: a source that uses our names needs no map.
    largest_document_bytes
        A document larger than this is not read: 64 MB is more than ten times the Bible in plain text, so a
        larger one is a dump of many articles, or no text at all, and would fill the memory.
    leave_out
        Files not to be read although they lie in a folder that is: the result of the last run, for one.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    largest_document_bytes: int = 64_000_000
    leave_out: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        """Refuse fields that do not exist: a misspelt one would be ignored without a word."""
        for name in self.columns:
            if name not in FIELDS:
                raise UnknownFieldError(name)

    def columns_for(self, name: str) -> tuple[str, ...]:
        """Give the columns that may hold a field, the best first.

        >>> ReadingConfig(columns={"text": "body"}).columns_for("text")
        ('body',)
        >>> ReadingConfig().columns_for("id")
        ('doc_id', 'id')
        """
        if name in self.columns:
            return (self.columns[name],)
        return ("doc_id", "id") if name == "id" else (name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one article: the document, or None where it had to be left out, and the problems met."""

    source: str
    place: str = ""
    document: Document | None = None
    problems: tuple[Problem, ...] = ()


def refuse(source: str, place: str, message: str, remedy: str) -> Reading:
    """Leave an article out, and say why."""
    problem = Problem(source=source, place=place, message=message, remedy=remedy)
    return Reading(source=source, place=place, problems=(problem,))


def normalise_newlines(text: str) -> str:
    r"""Drop the byte order mark and write every line end as ``\n``: from here on a text never changes.

    >>> normalise_newlines("\ufeffOne.\r\nTwo.\rThree.")
    'One.\nTwo.\nThree.'
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def split_opening_date(text: str) -> tuple[str | None, str]:
    """Take ``date YYYY-MM-DD`` off the front of a text that opens with it, with the blanks around it.

    >>> split_opening_date(" date 2022-12-21 Ukraine’s resistance")
    ('2022-12-21', 'Ukraine’s resistance')
    >>> split_opening_date("date night in Kyiv")
    (None, 'date night in Kyiv')
    """
    opening = _OPENING_DATE.match(text)
    if opening is None or parse_date(opening[1]) is None:
        return None, text
    return opening[1], text[opening.end() :]


def parse_date(written: str) -> datetime.date | None:
    """Read a date written as ISO 8601 has it; a time of day after it is allowed, any other form is not.

    3/4/21 is in March or in April, by the country: we ask rather than guess.

    >>> parse_date("2021-04-03T09:30:00Z")
    datetime.date(2021, 4, 3)
    >>> parse_date("3/4/21") is None
    True
    """
    matched = _ISO_DATE.fullmatch(written.strip())
    try:
        return datetime.date.fromisoformat(matched[1]) if matched else None
    except ValueError:
        return None


def find_flaw(text: str) -> tuple[str, str] | None:
    r"""Say what makes a text unfit to be read, and the remedy; None if nothing does.

    >>> find_flaw("  \n")
    ('is empty.', 'Fill it or remove it.')
    """
    if not text or text.isspace():
        return "is empty.", "Fill it or remove it."
    if "\0" in text:
        return f"has a NUL at character {text.index(chr(0))}: this is not text.", "Export it again as plain text."
    lone = _LONE_SURROGATE.search(text)
    if lone:
        return (
            f"has half a character (\\u{ord(lone[0]):04x}) at character {lone.start()}.",
            "Export it again as UTF-8: such halves are left where a text was cut.",
        )
    return None


def build_reading(
    text: str, metadata: Mapping[str, str], *, fallback_id: str, source: str, place: str, config: ReadingConfig
) -> Reading:
    """Make a document of a text and its metadata; a text that cannot be used is left out with its problem."""
    flaw = find_flaw(text)
    if flaw:
        return refuse(source, place, *flaw)
    problems = (*_find_damage(text, source, place), *_find_metadata_problems(metadata, source, place, config))
    document = _build_document(text, metadata, fallback_id, config)
    return Reading(source=source, place=place, document=document, problems=problems)


def _find_damage(text: str, source: str, place: str) -> Iterator[Problem]:
    """Name what hides quotation marks or names, once each; the text is read as it is."""
    for pattern, message, remedy in _DAMAGED:
        found = pattern.search(text)
        if found:
            where = f"{message}: {shorten(found[0], 20)} at character {found.start()}."
            yield Problem(source=source, place=place, message=where, remedy=remedy)


def _build_document(text: str, metadata: Mapping[str, str], fallback_id: str, config: ReadingConfig) -> Document:
    clean = {name: value for name, value in metadata.items() if not _LONE_SURROGATE.search(name + value)}
    used = {name: _find_column(name, clean, config) for name in METADATA_FIELDS}
    values = {name: clean[column].strip() if column else None for name, column in used.items()}
    date = parse_date(values["date"] or "")
    said = {column for name, column in used.items() if column and not _loses_date(name, values[name], date)}
    return Document(
        doc_id=values["id"] or fallback_id,
        text=text,
        date=date,
        outlet=values["outlet"],
        title=values["title"],
        author=values["author"],
        url=values["url"],
        extra={name: value for name, value in clean.items() if name not in said},
    )


def _loses_date(name: str, written: str | None, date: datetime.date | None) -> bool:
    """Whether the date as written says more than the date as read, so that it has to be kept beside it."""
    return name == "date" and (date is None or written != date.isoformat())


def _find_column(name: str, metadata: Mapping[str, str], config: ReadingConfig) -> str | None:
    return next((column for column in config.columns_for(name) if metadata.get(column, "").strip()), None)


def _find_metadata_problems(
    metadata: Mapping[str, str], source: str, place: str, config: ReadingConfig
) -> Iterator[Problem]:
    for name, value in metadata.items():
        if _LONE_SURROGATE.search(name + value):
            message = f"{name!a} has half a character and was left out."
            yield Problem(source=source, place=place, message=message, remedy="Export it again as UTF-8.")
    column = _find_column("date", metadata, config)
    if column and parse_date(metadata[column]) is None:
        message = f"{column!r} is {shorten(metadata[column])}."
        yield Problem(source=source, place=place, message=message, remedy="Write dates as 2021-04-03.")


def shorten(value: str, length: int = 40) -> str:
    """Quote a value in a message, cut where it is long, on one line whatever it holds.

    >>> shorten("3/4/21")
    "'3/4/21'"
    """
    return repr(value if len(value) <= length else value[: length - 1] + "…")
