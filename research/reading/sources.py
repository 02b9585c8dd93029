"""Which files to read: those named, and those in the folders named, in the order of their names.

A file's name without its ending is the id of its article. Where two files in different folders have one name, each
goes by its path: ``2022/03/bridge``. It is a name like any other then, and never opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from research.documents import Problem
from research.reading.article import shorten

ENDINGS = (".txt", ".jsonl", ".csv")

PROVENANCE = ".provenance.json"
"""The ending of what an extraction writes beside its table, which is no article."""

_ENDING_REMEDY = "Save articles as .txt, or as the rows of a .jsonl or .csv."

_MOST_NAMES = 5
"""How many of the files that were not read a message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read, the name by which messages speak of it, and the id of its article (or the front of its rows')."""

    path: Path
    name: str
    doc_id: str


def find_source_files(paths: Sequence[Path]) -> Iterator[SourceFile | Problem]:
    """Find the files to read, one at a time, each with an id of its own; for that the folders are walked twice."""
    shared = _find_shared_ids(paths)
    top = _find_top(paths) if shared else ""
    for found in _find_files(paths):
        if isinstance(found, SourceFile) and _find_kind(found) in shared:
            found = replace(found, doc_id=_write_path(found.path, top))
        yield found


def _find_shared_ids(paths: Sequence[Path]) -> set[tuple[bool, str]]:
    """The ids that more than one file would have."""
    first: dict[tuple[bool, str], str] = {}
    files = (found for found in _find_files(paths) if isinstance(found, SourceFile))
    return {
        _find_kind(file)
        for file in files
        if first.setdefault(_find_kind(file), os.path.abspath(file.path)) != os.path.abspath(file.path)
    }


def _find_kind(file: SourceFile) -> tuple[bool, str]:
    """A file's id, and whether it is a text: the rows of a table are numbered, and share no id with a text."""
    return file.path.suffix.lower() == ".txt", file.doc_id


def _find_top(paths: Sequence[Path]) -> str:
    """The folder that holds all that is read: paths from there are the same on another machine."""
    folders = [os.path.abspath(path if path.is_dir() else path.parent) for path in paths]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # on several drives
        return ""


def _write_path(path: Path, top: str) -> str:
    """A path below a folder as an id; the ending tells two tables of one folder apart."""
    below = Path(os.path.abspath(path))
    below = below.relative_to(top) if top else below
    return (below.with_suffix("") if below.suffix.lower() == ".txt" else below).as_posix()


def _find_files(paths: Sequence[Path]) -> Iterator[SourceFile | Problem]:
    """Find the files to read, one at a time; whatever is there but cannot be read is a problem.

    Folders are walked in the order of their names, files and folders alike, so that two runs give the same
    order on any machine. Hidden files are left out. Links to folders are followed, each folder once.
    """
    walked: set[tuple[int, int]] = set()
    for path in paths:
        try:
            yield from _find_in_folder(path, walked) if path.is_dir() else _check_file(path)
        except (OSError, ValueError) as error:
            yield describe_failure(path, error)


def describe_failure(path: Path, error: OSError | ValueError) -> Problem:
    """Say what the system answered when a path was to be read."""
    if isinstance(error, FileNotFoundError):
        message, remedy = "does not exist.", "Check the spelling of the path."
    elif isinstance(error, PermissionError):
        message, remedy = "cannot be read: permission denied.", "Ask for the right to read it."
    else:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message, remedy = f"cannot be read: {reason.lower()}.", "Check the path, or leave it out."
    return _describe(show_path(path), message, remedy)


def show_path(path: Path) -> str:
    r"""Write a path for a message, a byte that is not UTF-8 as an escape such as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _check_file(path: Path) -> Iterator[SourceFile | Problem]:
    """Give a file that can be read, and a problem for anything else."""
    name = show_path(path)
    path.stat()
    ending = path.suffix.lower()
    if not path.is_file():
        yield _describe(name, "is neither a file nor a folder.", "Name a file or a folder.")
    elif ending not in ENDINGS:
        said = f"has the ending {shorten(path.suffix)}, which cannot be read." if ending else "has no ending."
        yield _describe(name, said, _ENDING_REMEDY)
    elif name.encode() != os.fsencode(path):
        yield _describe(name, "has a name that is not UTF-8.", "Rename it: an article's id must be text.")
    else:
        yield SourceFile(path=path, name=name, doc_id=path.stem)


def _describe(source: str, message: str, remedy: str) -> Problem:
    return Problem(source=source, place="", message=message, remedy=remedy)


def _find_in_folder(folder: Path, walked: set[tuple[int, int]]) -> Iterator[SourceFile | Problem]:
    """Walk a folder depth first with a list of what is still to visit, since folders nest as deep as they like."""
    left = [folder]
    found = False
    while left:
        path = left.pop()
        try:
            if path.is_dir():
                entries, problems = _list_folder(path, walked)
                left.extend(reversed(entries))
                yield from problems
                found = found or bool(problems)
            else:
                yield from _check_file(path)
                found = True
        except OSError as error:
            yield describe_failure(path, error)
            found = True
    if not found:
        yield _describe(show_path(folder), "holds no articles.", _ENDING_REMEDY)


def _list_folder(folder: Path, walked: set[tuple[int, int]]) -> tuple[list[Path], list[Problem]]:
    """List what is to be read in a folder, in order, and the problems with the rest."""
    status = folder.stat()
    if (status.st_dev, status.st_ino) in walked:
        message = "is a folder that was read already: a link leads back to it."
        remedy = "Remove the link, or name the folder once."
        return [], [_describe(show_path(folder), message, remedy)]
    walked.add((status.st_dev, status.st_ino))
    shown = (path for path in folder.iterdir() if not path.name.startswith("."))
    entries = sorted(path for path in shown if not path.name.endswith(PROVENANCE))
    others = [path for path in entries if path.suffix.lower() not in ENDINGS and path.is_file()]
    unread = set(others)
    return [path for path in entries if path not in unread], _report_others(folder, others)


def _report_others(folder: Path, others: Sequence[Path]) -> list[Problem]:
    """Report the files of a folder whose ending cannot be read, in one problem however many they are."""
    if not others:
        return []
    names = ", ".join(show_path(Path(path.name)) for path in others[:_MOST_NAMES])
    more = f" and {len(others) - _MOST_NAMES} more" if len(others) > _MOST_NAMES else ""
    count = "1 file was" if len(others) == 1 else f"{len(others)} files were"
    message = f"{count} not read for the ending: {names}{more}."
    return [_describe(show_path(folder), message, _ENDING_REMEDY)]
