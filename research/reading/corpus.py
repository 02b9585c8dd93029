"""A corpus: articles that are read anew, one at a time, each time somebody goes through them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from research.documents import Document, Problem
from research.reading.article import Reading, ReadingConfig, shorten
from research.reading.records import read_csv_file, read_jsonl_file
from research.reading.sources import SourceFile, describe_failure, find_source_files
from research.reading.text import read_text_file

READERS: Mapping[str, Callable[[SourceFile, ReadingConfig], Iterator[Reading]]] = {
    ".txt": read_text_file,
    ".jsonl": read_jsonl_file,
    ".csv": read_csv_file,
}

_MORE_REMEDY = "They are likely to have one cause: start with the first."

_MOST_PROBLEMS = 1000
"""Problems of one source that are kept: a file of a million broken lines is one finding, not a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many articles a pass has read, how many files and rows it had to leave out, and the problems met."""

    documents: int = 0
    skipped: int = 0
    problems: int = 0


class _Pass:
    """What one pass through a corpus has met so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts = Counts()
        self.seen: dict[str, str] = {}
        self.problems_by_source: Counter[str] = Counter()

    def take(self, reading: Reading) -> Document | None:
        """Note what came of an article, and give the document if it is to be used."""
        for problem in reading.problems:
            self.note(problem)
        document = reading.document
        if document is not None and document.doc_id in self.seen:
            self.note(_describe_repeated_id(reading, document.doc_id, self.seen[document.doc_id]))
            document = None
        if document is not None:
            self.seen[document.doc_id] = f"{reading.source} {reading.place}".strip()
        self.count(document)
        return document

    def list_problems(self) -> tuple[Problem, ...]:
        """Give the problems kept, and for each source with more of them how many more."""
        more = {source: met - _MOST_PROBLEMS for source, met in self.problems_by_source.items()}
        return (*self.problems, *(_describe_more(source, number) for source, number in more.items() if number > 0))

    def note(self, problem: Problem) -> None:
        """Keep a problem, unless its source has had too many."""
        self.problems_by_source[problem.source] += 1
        if self.problems_by_source[problem.source] <= _MOST_PROBLEMS:
            self.problems.append(problem)

    def count(self, document: Document | None) -> None:
        """Count an article as read or left out."""
        read = document is not None
        self.counts = Counts(
            documents=self.counts.documents + read,
            skipped=self.counts.skipped + (not read),
            problems=self.problems_by_source.total(),
        )


def _describe_repeated_id(reading: Reading, doc_id: str, first: str) -> Problem:
    return Problem(
        source=reading.source,
        place=reading.place,
        message=f"has the id {shorten(doc_id)}, which {first} has already.",
        remedy="Give each article an id of its own; this one was left out.",
    )


def _describe_more(source: str, number: int) -> Problem:
    return Problem(source=source, place="", message=f"has {number:,} more problems.", remedy=_MORE_REMEDY)


class Corpus:
    """Articles that can be gone through as often as one likes, read anew each time, one in memory at a time.

    What could not be read never stops a pass: `problems` and `counts` tell of the latest one, and are
    complete once it is. Only the ids stay in memory, so that an id met twice is noticed: some 200 bytes
    an article.
    """

    def __init__(self, paths: Iterable[Path], config: ReadingConfig) -> None:
        self.paths = tuple(paths)
        self.config = config
        self._latest = _Pass()

    def __iter__(self) -> Iterator[Document]:
        """Begin a new pass."""
        self._latest = _Pass()
        return self._read(self._latest)

    def __repr__(self) -> str:
        """Name the paths, without reading them."""
        return f"Corpus({', '.join(map(str, self.paths))})"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read in the latest pass, in the order it was met."""
        return self._latest.list_problems()

    @property
    def counts(self) -> Counts:
        """How much was read in the latest pass."""
        return self._latest.counts

    def _read(self, current: _Pass) -> Iterator[Document]:
        """Give the documents, and leave everything else with the pass."""
        left_out = {path.resolve() for path in self.config.leave_out}
        for found in find_source_files(self.paths):
            if isinstance(found, Problem):
                current.take(Reading(source=found.source, problems=(found,)))
            elif not left_out or found.path.resolve() not in left_out:
                for reading in _read_file(found, self.config):
                    document = current.take(reading)
                    if document is not None:
                        yield document


def _read_file(file: SourceFile, config: ReadingConfig) -> Iterator[Reading]:
    """Read a file by its ending; a system that refuses is a problem like any other."""
    try:
        yield from READERS[file.path.suffix.lower()](file, config)
    except OSError as error:
        yield Reading(source=file.name, problems=(describe_failure(file.path, error),))


def read_corpus(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    columns: Mapping[str, str] | None = None,
    config: ReadingConfig | None = None,
) -> Corpus:
    """Read articles from files and folders of .txt, .jsonl and .csv; nothing is read until one asks for them.

    Parameters
    ----------
    path
        A file, a folder, or several of them. Folders are read whole, hidden files left out.
    columns
        Where a table calls things by other names than ours: ``{"text": "body", "date": "published"}``.
    config
        What else can be chosen; `columns` given beside it count.

    Raises
    ------
    UnknownFieldError
        When `columns` names a field that articles do not have. Nothing about the articles raises.

    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "visit.txt").write_text(" date 2022-12-21 “No,” she said.", encoding="utf-8")
    >>> _ = (folder / "empty.txt").write_text("", encoding="utf-8")
    >>> corpus = read_corpus(folder)
    >>> [(document.doc_id, document.text, str(document.date)) for document in corpus]
    [('visit', '“No,” she said.', '2022-12-21')]
    >>> corpus.counts, corpus.problems[0].message
    (Counts(documents=1, skipped=1, problems=1), 'is empty.')
    """
    paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    config = config or ReadingConfig()
    config = config if columns is None else replace(config, columns=dict(columns))
    return Corpus([Path(each) for each in paths], config)
