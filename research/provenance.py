"""Where a table comes from: ``quotes.csv.provenance.json``, a small file that `research extract` writes beside it.

It says what the table cannot: how many articles were read, also those without a quote, with which versions and options,
and whether the neural reader was at hand. `research score` hands it on, `research methods` reads it. It names no folder
of the machine and no time, so that two runs of the same articles with the same versions write the same file.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib import metadata
from pathlib import Path

from research.reading.sources import PROVENANCE
from research.storage import StorageError, replacing

PACKAGES = (
    "on-the-record", "numpy", "scipy", "pandas", "onnxruntime", "tokenizers", "nltk", "vaderSentiment", "scikit-learn",
    "matplotlib",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a table of quotes was made.

    articles, problems, quotes and nobodys are counts: articles that were read, problems that were named, rows that are
    somebody's speech, and segments that are nobody's, whether the table has them or not. reader: whether the neural
    reader was at hand. options: those that differ from the default, a file by its name and the SHA-256 of what it held.
    versions: of Python and of the packages whose code touches a result.
    """

    articles: int
    problems: int
    quotes: int
    nobodys: int
    reader: bool
    options: Mapping[str, str | bool]
    versions: Mapping[str, str]


def find_versions() -> dict[str, str]:
    """Give the versions of Python and of the packages whose code touches a result.

    >>> find_versions()["python"].startswith("3.")
    True
    """
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def find_provenance(table: str | Path) -> Path:
    """The file that says where a table comes from.

    >>> find_provenance("results/quotes.csv").name
    'quotes.csv.provenance.json'
    """
    return Path(f"{table}{PROVENANCE}")


def write_provenance(provenance: Provenance | None, table: str | Path) -> None:
    """Write where a table comes from beside it; None where nobody knows, so that no older file says something else."""
    if provenance is None:
        find_provenance(table).unlink(missing_ok=True)
        return
    with replacing(find_provenance(table)) as partial:
        written = json.dumps(asdict(provenance), ensure_ascii=False, indent=1) + "\n"
        partial.write_text(written, encoding="utf-8", newline="\n")


def read_provenance(table: str | Path) -> Provenance | None:
    """Read where a table comes from; None where nothing beside it says so, StorageError where that cannot be read."""
    path = find_provenance(table)
    if not path.exists():
        return None
    try:
        said = json.loads(path.read_text("utf-8"))
        provenance = Provenance(**{each.name: said[each.name] for each in fields(Provenance)})
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(_UNREADABLE.format(path)) from error
    if not _is_whole(provenance):
        raise StorageError(_UNREADABLE.format(path))
    return provenance


def name_file(path: str | Path) -> str:
    """A file as an option: its name and the SHA-256 of what it holds, but not the folder it lies in."""
    path = Path(path)
    return f"{path.name}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _is_whole(provenance: Provenance) -> bool:
    """Whether the values are of the types that they should be."""
    counts = (provenance.articles, provenance.problems, provenance.quotes, provenance.nobodys)
    tables = (provenance.options, provenance.versions)
    return (
        all(type(count) is int and count >= 0 for count in counts)
        and type(provenance.reader) is bool
        and all(isinstance(table, dict) for table in tables)
        and all(isinstance(value, str) for value in provenance.versions.values())
        and "on-the-record" in provenance.versions
    )


_UNREADABLE = "{}: is not what 'research extract' writes beside a table. Remove it, or extract again."
