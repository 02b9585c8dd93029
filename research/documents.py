"""What an article is once it has been read: a text that never changes, and what is known about it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open stretch of code points: ``text[slice(*span)]`` is what it covers.

    >>> "He said no."[slice(*Span(3, 7))]
    'said'
    """

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article: its text, to which every offset refers, and its metadata.

    The text is the one that was read: front matter or an opening date taken off, line ends written as one character.

    `doc_id` is the file's name without its ending (its path, where two files have one name) or the record's id.
    `extra` keeps whatever else the source said of the article, as strings, so that nothing is lost on the way to
    the table.

    >>> Document(doc_id="a", text="“No,” she said.").text[1:4]
    'No,'
    """

    doc_id: str
    text: str
    date: datetime.date | None = None
    outlet: str | None = None
    title: str | None = None
    author: str | None = None
    url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no text or no day, here where it can be named: it would fail far from its cause."""
        for name in ("doc_id", "text"):
            _require(name, getattr(self, name), isinstance(getattr(self, name), str), "a text")
        for name in ("outlet", "title", "author", "url"):
            _require(name, getattr(self, name), isinstance(getattr(self, name), str | None), "a text or None")
        is_day = isinstance(self.date, datetime.date | None) and not isinstance(self.date, datetime.datetime)
        _require("date", self.date, is_day, "a datetime.date (datetime.date.fromisoformat('2021-04-03')) or None")

    def as_row(self) -> dict[str, str | None]:
        """The article as a row of a table of texts, `ARTICLE_COLUMNS`, which can be read again as articles."""
        values = {name: getattr(self, name) for name in ARTICLE_COLUMNS}
        return values | {"date": self.date.isoformat() if self.date else None}


def _require(name: str, value: object, fits: bool, kind: str) -> None:
    if not fits:
        raise TypeError(f"an article's {name} is {value!r:.60}, not {kind}.")


ARTICLE_COLUMNS = ("doc_id", "text", "date", "outlet", "title", "author", "url")
"""The columns of a table of texts as they were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that could not be read or decided: where it is, what it is, and what to do about it.

    >>> print(Problem(source="a.csv", place="line 41", message="'published' is '3/4/21'.",
    ...               remedy="Write dates as 2021-04-03."))
    a.csv line 41: 'published' is '3/4/21'. Write dates as 2021-04-03.
    """

    source: str
    place: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """One line for a person: source, place, message, remedy."""
        where = f"{self.source} {self.place}".strip()
        return f"{where}: {self.message} {self.remedy}"
