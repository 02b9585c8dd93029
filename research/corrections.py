"""Corrections that last: what somebody has decided of single quotes, kept in a file and obeyed by every later run.

A correction names its quote by `quote_id` and says who speaks. Where the words of the quote are kept with it, they are
looked up too: a quote that has moved, since somebody edited its article, is found again by its words; one that is gone
is a `Problem`, never passed over. The file is CSV, one row a quote:

quote_id      the quote, as in the table (needed)
speaker       who says it; empty: it cannot be told
speaker_id    an id of the register of speakers (empty: looked up by the name)
speaker_kind  person, unnamed person, organisation, group or document (empty: person)
kind          direct, mixed, or none: nobody's speech (empty: as it was)
quote         the words of the quote
note          why, for whoever reads the file
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.delimiters import allowing_cells, find_delimiter
from research.documents import Problem
from research.storage import StorageError, TableWriter, read_columns

if TYPE_CHECKING:
    from research.registry import Registry

CORRECTED = "corrected"
COLUMNS = ("quote_id", "speaker", "speaker_id", "speaker_kind", "kind", "quote", "note")
_SOURCE = ("mention", "mention_start", "mention_end", "cue", "cue_start", "cue_end")
_HEADER = ",".join(COLUMNS)
KINDS = ("direct", "mixed", "none")
SPEAKER_KINDS = ("person", "unnamed person", "organisation", "group", "document")


class CorrectionError(StorageError):
    """A file of corrections that cannot be used: names every line at fault and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What somebody has decided of one quote; see this module for the meaning of each field.

    `source` and `place` say where it is written.
    """

    quote_id: str
    speaker: str | None = None
    speaker_id: str | None = None
    speaker_kind: str | None = None
    kind: str | None = None
    quote: str | None = None
    note: str | None = None
    source: str = ""
    place: str = ""

    @property
    def doc_id(self) -> str:
        """The article of the quote."""
        return self.quote_id.rpartition(":")[0]


def read_corrections(path: str | os.PathLike[str]) -> dict[str, list[Correction]]:
    """Read a file of corrections, by article.

    Raises
    ------
    CorrectionError
        If anything in it cannot be understood; all such lines are named at once.
    """
    path = Path(path)
    header, lines = _read_lines(path)
    found, wrong = [], []
    for number, cells in lines:
        correction = _make_correction(path, number, header, cells)
        flaw = _find_flaw(correction) if isinstance(correction, Correction) else correction
        if flaw:
            wrong.append(f"line {number} {flaw}")
        elif isinstance(correction, Correction):
            found.append(correction)
    wrong += _find_contradictions(found)
    if wrong:
        raise CorrectionError(f"{path}: {'; '.join(wrong)}. Correct these lines; the columns are {', '.join(COLUMNS)}.")
    by_document: dict[str, list[Correction]] = {}
    for correction in {each.quote_id: each for each in found}.values():
        by_document.setdefault(correction.doc_id, []).append(correction)
    return by_document


def is_corrections(path: str | os.PathLike[str]) -> bool:
    """Whether a file of that name holds corrections, which somebody made by hand and nothing may write over.

    >>> is_corrections("no-such-file.csv")
    False
    """
    if not os.path.isfile(path) or Path(path).suffix.lower() != ".csv":
        return False
    try:
        columns = {name.strip() for name in read_columns(path)}
    except StorageError:
        return False
    return {"quote_id", "speaker"} <= columns <= {*COLUMNS, ""}


def _read_lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each row that is not empty with its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CorrectionError(f"{path}: there is no such file. Check the spelling of the path.") from error
    except UnicodeDecodeError as error:
        raise CorrectionError(f"{path}: is not UTF-8. Save it as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text.partition("\n")[0]))
    try:
        with allowing_cells():
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise CorrectionError(f"{path} line {reader.line_num}: is not CSV ({error}). Export it again.") from error
    missing = [name for name in ("quote_id", "speaker") if not rows or name not in rows[0][1]]
    if missing:
        raise CorrectionError(f"{path}: has no column {missing[0]!r}. The first line names them, such as {_HEADER}.")
    unknown = [name for name in rows[0][1] if name and name not in COLUMNS]
    if unknown:
        raise CorrectionError(
            f"{path}: has the column {unknown[0]!r}, which means nothing here. Use {', '.join(COLUMNS)}."
        )
    return rows[0][1], [(number, row) for number, row in rows[1:] if any(row)]


def _make_correction(path: Path, number: int, header: Sequence[str], cells: Sequence[str]) -> Correction | str:
    if len(cells) > len(header):
        return "has more cells than there are columns (put a cell that has a comma in quotation marks)"
    values = {name: cell or None for name, cell in zip(header, cells, strict=False) if name}
    quote_id = values.pop("quote_id", None) or ""
    return Correction(quote_id=quote_id, source=str(path), place=f"line {number}", **values)


def _find_flaw(correction: Correction) -> str | None:
    """What is wrong with a correction, in words that follow its line."""
    if not (correction.doc_id and correction.quote_id.rpartition(":")[2].isdecimal()):
        return f"has the quote_id {correction.quote_id!r}, not one such as visit:1205"
    if correction.kind not in (None, *KINDS):
        return f"has the kind {correction.kind!r}, not one of {', '.join(KINDS)}"
    if correction.speaker_kind not in (None, *SPEAKER_KINDS):
        return f"has the speaker_kind {correction.speaker_kind!r}, not one of {', '.join(SPEAKER_KINDS)}"
    if correction.kind == "none" and (correction.speaker or correction.speaker_id):
        return "has a speaker of what is nobody's speech (kind none)"
    return None


def _find_contradictions(corrections: Iterable[Correction]) -> list[str]:
    """Quotes that two lines decide differently."""
    met: dict[str, Correction] = {}
    wrong = []
    for correction in corrections:
        first = met.setdefault(correction.quote_id, correction)
        if _decision(first) != _decision(correction):
            wrong.append(f"{correction.place} decides {correction.quote_id} otherwise than {first.place}")
    return wrong


def _decision(correction: Correction) -> tuple[str | None, ...]:
    return correction.speaker, correction.speaker_id, correction.speaker_kind, correction.kind


def correct_rows(
    rows: Sequence[dict[str, Any]], corrections: Sequence[Correction], registry: Registry
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """One document's rows, those of nobody's speech included, with corrections in place; and corrections that are lost.

    A corrected row has the rule `corrected` and confidence 1; the mention and the cue that the machine took for
    another speaker's are dropped.
    """
    if not corrections:
        return list(rows), []
    by_id = {row["quote_id"]: number for number, row in enumerate(rows)}
    by_words: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_words.setdefault(_words(row["text"]), []).append(number)
    corrected, lost = list(rows), []
    for correction in sorted(corrections, key=lambda each: each.quote_id in by_id):  # what has moved counts less
        place = by_id.get(correction.quote_id)
        alike = [place] if correction.quote is None else by_words.get(_words(correction.quote), [])
        if place is None or place not in alike:
            place = alike[0] if len(alike) == 1 else None
        if place is None:
            lost.append(_lose(correction, len(alike)))
        elif correction.speaker_id and not correction.speaker and correction.speaker_id not in registry.speakers:
            lost.append(_find_nobody(correction))
        else:
            corrected[place] = _correct(rows[place], correction, registry)
    return corrected, lost


def _words(text: str) -> str:
    return " ".join(text.split())


def _lose(correction: Correction, alike: int) -> Problem:
    """The problem that a correction found no quote; `alike` quotes have its words."""
    flaw = "has moved, and its words stand there more than once." if alike > 1 else "is not in its article any more."
    return Problem(
        source=correction.source,
        place=correction.place,
        message=f"the quote {correction.quote_id} {flaw}",
        remedy="Give its new quote_id, or remove the line.",
    )


def _find_nobody(correction: Correction) -> Problem:
    """The problem that a correction names its speaker by an id alone that the register does not know."""
    return Problem(
        source=correction.source,
        place=correction.place,
        message=f"nobody in the register has the id {correction.speaker_id!r}, and no speaker is named.",
        remedy="Write the speaker's name, or correct the id.",
    )


def _correct(row: dict[str, Any], correction: Correction, registry: Registry) -> dict[str, Any]:
    kind = correction.kind or ("direct" if row["kind"] == "none" and correction.speaker else row["kind"])
    name, speaker_id, speaker_kind = _find_speaker(correction, registry)
    same = kind == row["kind"] and name == row["speaker"]
    decided = {"kind": kind, "speaker": name, "speaker_id": speaker_id, "speaker_kind": speaker_kind}
    return row | dict.fromkeys(() if same else _SOURCE) | decided | {"confidence": 1.0, "rule": CORRECTED}


def _find_speaker(correction: Correction, registry: Registry) -> tuple[str | None, str | None, str | None]:
    """Name, id and kind of a correction's speaker, by the register's name where it knows the one that was written."""
    known = registry.speakers.get(correction.speaker_id or "")
    if known:
        return correction.speaker or known.name, known.speaker_id, correction.speaker_kind or "person"
    if correction.speaker is None:
        return None, correction.speaker_id, correction.speaker_kind
    found = registry.named(correction.speaker) if correction.speaker_kind in (None, "person") else None
    if found and not correction.speaker_id:
        return found.name, found.speaker_id, "person"
    return correction.speaker, correction.speaker_id, correction.speaker_kind or "person"


def find_unread(corrections: Mapping[str, Sequence[Correction]], doc_ids: Iterable[str]) -> list[Problem]:
    """Corrections of articles that were not read: each a problem, since it had no effect."""
    met = set(doc_ids)
    return [
        Problem(
            source=correction.source,
            place=correction.place,
            message="the article of this correction was not read.",
            remedy="Read it too, or remove the line.",
        )
        for doc_id, own in corrections.items()
        if doc_id not in met
        for correction in own
    ]


def add_corrections(path: str | os.PathLike[str], new: Iterable[Correction]) -> int:
    """Add corrections to a file, in place of earlier ones of the same quotes; give how many lines that changed.

    The file is made if there is none; one that cannot be read is left as it is, and `CorrectionError` raised.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise CorrectionError(f"{path}: corrections are kept as CSV. Give the file a name that ends in .csv.")
    kept = {each.quote_id: each for own in (read_corrections(path) if path.exists() else {}).values() for each in own}
    changed = 0
    for correction in new:
        old = kept.get(correction.quote_id)
        if old is not None and _decision(old) == _decision(correction) and correction.note in (None, old.note):
            continue
        kept[correction.quote_id] = replace(correction, note=correction.note or (old.note if old else None))
        changed += 1
    if changed:
        with TableWriter(path, COLUMNS) as writer:
            writer.write({name: asdict(each)[name] for name in COLUMNS} for each in kept.values())
    return changed


def compare_tables(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Correction]:
    """The corrections that lead from a table of quotes to a copy that somebody has edited; both give rows.

    Raises
    ------
    CorrectionError
        If the copy has a quote that the table has not, or other words, as one that was read in a wrong encoding has.
    """
    own = {row["quote_id"]: row for row in before}
    edited = list(after)
    unknown = [str(row.get("quote_id")) for row in edited if row.get("quote_id") not in own]
    if unknown:
        raise CorrectionError(
            f"the edited copy has quotes that the table has not: {_list_some(unknown)}. Edit a copy of it."
        )
    pairs = [(own[row["quote_id"]], row) for row in edited]
    garbled = [row["quote_id"] for row, other in pairs if _is_garbled(row, other)]
    if garbled:
        raise CorrectionError(_GARBLED.format(_list_some(garbled)))
    return [_difference(row, other) for row, other in pairs if any(_differs(row, other, n) for n in _EDITABLE)]


_EDITABLE = ("speaker", "speaker_id", "speaker_kind", "kind")

_GARBLED = (
    "the edited copy has other words than the table, in: {}. Edit speaker and kind only; in a spreadsheet, import the "
    "table as UTF-8 with its columns as text (in Excel: Data, From Text/CSV) rather than double-click it."
)


def _list_some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _is_garbled(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a copy's words or names are other ones, which nobody edited: UTF-8 that was read as something else."""
    if _words(other.get("text") or row["text"]) != _words(row["text"]):
        return True
    return any(_is_misread(row.get(name) or "", other.get(name) or "") for name in ("speaker", "speaker_id"))


def _is_misread(name: str, copied: str) -> bool:
    """Whether a name was written in UTF-8 and read in the encoding of Windows or of old Macs.

    >>> _is_misread("José", "JosÃ©"), _is_misread("José", "Jose")
    (True, False)
    """
    encoded = name.encode("utf-8", "surrogatepass")
    return name != copied and any(encoded.decode(each, "replace") == copied for each in ("cp1252", "mac-roman"))


def _differs(row: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    return name in other and (row.get(name) or None) != (other[name] or None)


def _difference(row: Mapping[str, Any], other: Mapping[str, Any]) -> Correction:
    """A correction with what was edited: a new name leaves the old id and kind behind."""
    changed: dict[str, Any] = {name: other[name] or None for name in _EDITABLE if _differs(row, other, name)}
    if "speaker" not in changed and changed.get("kind") != "none":
        changed = {name: row.get(name) for name in ("speaker", "speaker_id", "speaker_kind")} | changed
    return Correction(quote_id=str(row["quote_id"]), quote=row["text"], **changed)
