"""The reports of our own corpus: checked against what they promise, and a first draft of their gold.

Researchers may not pass newspaper articles on, so the corpus is written by us around documented quotations. That
is worth something only if three promises hold: the quotations stand to the letter, the prose is ours, and the gold
annotation fits the text. Each promise is one function that finds problems; `check_report` asks all of them.

A corpus is a folder: ``reports/*.txt``, ``gold.jsonl`` (one row a quoted segment), ``speakers.toml`` (the registry)
and ``newspaper-runs.txt`` (fingerprints of the one article our prose must not echo). What a folder lacks is not
checked, except the report itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from research.documents import Document, Problem, Span
from research.quotes import find_quotes
from research.reading.article import normalise_newlines, parse_date
from research.reading.text import FrontMatterError, split_front_matter
from research.registry import RosterError, read_speakers
from research.storage import StorageError, TableWriter, find_format
from research.typography import fold

REQUIRED = ("title", "date", "outlet", "place", "event", "rights", "sources")
LICENCE = "CC-BY-4.0"

WORDS_ALLOWED = range(180, 501)
"""A short agency report: long enough for speech to be followed over paragraphs, short enough to be read at once."""

QUOTATIONS_ALLOWED = range(3, 13)
"""Three at least, so that a report has somebody to be mistaken for; 12 are what our longest one needs."""

RUN_WORDS = 6
"""Six words in a row are where two independent reports of one event cease to agree by chance."""

GOLD_COLUMNS = (
    "doc_id", "quote_id", "start", "end", "text", "kind", "attributed", "speaker", "speaker_id", "speaker_kind",
    "mention", "mention_start", "mention_end", "cue", "cue_start", "cue_end", "quotation", "quotation_id",
)  # fmt: skip

_FILE_NAME = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9]+(?:-[a-z0-9]+)*\.txt")
_QUOTATION_ID = re.compile(r"[a-z]+-\d{4}-\d\d-\d\d-\d\d")
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+\.[a-z]{2,}(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
_IN_PRINT = re.compile(r"newspaper report of \d{1,2} [A-Z][a-z]+ \d{4}")
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_TRAILING = ",.!?"

Row = Mapping[str, Any]


class CorpusError(StorageError):
    """A file of a corpus that nothing can be checked by or written to; the message says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report as it stands in its file: front matter, sources, and the body that all offsets refer to."""

    name: str
    front: Mapping[str, str]
    sources: tuple[tuple[str, str], ...]
    body: str

    @property
    def doc_id(self) -> str:
        """The file's stem, which is the document's id wherever it is read."""
        return self.name.removesuffix(".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFolder:
    """What a report is checked against.

    `gold` holds the rows by report; `quotations` the exact words by quotation id, empty where the collection they
    come from is not at hand; `runs` the fingerprints of the article that our prose must not echo.
    """

    gold: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    speakers: Mapping[str, str] | None = None
    quotations: Mapping[str, str] = field(default_factory=dict)
    runs: frozenset[str] = frozenset()


def find_reports(given: Sequence[str]) -> list[Path]:
    """The reports that are meant; what stands beside them in their corpus must be readable for any check."""
    paths: list[Path] = []
    for path in map(Path, given):
        if not path.exists():
            raise CorpusError(f"{path}: does not exist. Check the spelling of the path.")
        paths += sorted(path.resolve().glob("*.txt")) if path.is_dir() else [path.resolve()]
    if not paths:
        raise CorpusError(f"{given[0]}: holds no report. Name .txt files, or the folder they are in.")
    for corpus in sorted({path.parent.parent for path in paths}):
        if (corpus / "gold.jsonl").is_file():
            check_json_lines(corpus / "gold.jsonl", GOLD_COLUMNS)
        if (corpus / "speakers.toml").is_file():
            _check_speakers(corpus / "speakers.toml")
    return paths


def _check_speakers(path: Path) -> None:
    try:
        read_speakers(path)
    except RosterError as error:
        raise CorpusError(str(error)) from error


def count_without_gold(paths: Sequence[Path]) -> int:
    """How many reports have no gold: of their quotations and speakers nothing could be checked."""
    gold = {corpus: read_gold(corpus / "gold.jsonl") for corpus in {path.parent.parent for path in paths}}
    return sum(path.stem not in gold[path.parent.parent] for path in paths)


def check_json_lines(path: Path, columns: Sequence[str]) -> None:
    """Refuse a file of JSON lines that somebody's editing has damaged, and say in which line."""
    for number, line in enumerate(_read_lines(path), start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{path}: line {number} is not JSON ({error}). Correct it.") from error
        missing = [name for name in columns if not isinstance(row, dict) or name not in row]
        if missing:
            raise CorpusError(f"{path}: line {number} has no {missing[0]!r}. Add it.")


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not text in UTF-8. Save it as UTF-8.") from error


def check_report(path: Path, *, quotations: Mapping[str, str] | None = None) -> list[Problem]:
    """Check one report of a corpus folder: everything it promises, all problems at once.

    Parameters
    ----------
    path
        The report, in the ``reports`` folder of its corpus.
    quotations
        The documented words by quotation id, where they are at hand: then each quoted segment must be a part of
        them, to the letter.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "visit.txt"
    >>> _ = path.write_text("He came.", encoding="utf-8")
    >>> [problem.message for problem in check_report(path)][:2]
    ['is not named after its date and subject.', 'has no front matter.']
    """
    folder = read_corpus_folder(path.parent.parent, quotations=quotations or {})
    try:
        report = read_report(path)
    except (OSError, UnicodeDecodeError, FrontMatterError) as error:
        remedy = "Save it as UTF-8, with 'key: value' lines between two lines of ---."
        return [Problem(source=path.name, place="", message=f"cannot be read: {error}.", remedy=remedy)]
    return [problem for find in CHECKS for problem in find(report, folder)]


def read_report(path: Path) -> Report:
    """Read a report; offsets are into its body, as the readers of articles count them."""
    front, body = split_front_matter(normalise_newlines(path.read_text(encoding="utf-8")))
    sources = [line.split(maxsplit=1) for line in front.get("sources", "").split("\n") if line.strip()]
    pairs = tuple((parts[0], parts[1] if len(parts) > 1 else "") for parts in sources)
    return Report(name=path.name, front=front, sources=pairs, body=body)


def read_corpus_folder(folder: Path, *, quotations: Mapping[str, str] | None = None) -> CorpusFolder:
    """Read what stands beside the reports: gold, registry and fingerprints, each only if it is there."""
    runs = folder / "newspaper-runs.txt"
    registry = folder / "speakers.toml"
    return CorpusFolder(
        gold=read_gold(folder / "gold.jsonl"),
        speakers=_read_names(registry) if registry.is_file() else None,
        quotations=quotations or {},
        runs=frozenset(_uncommented(runs)) if runs.is_file() else frozenset(),
    )


def read_gold(path: Path) -> dict[str, list[Row]]:
    """Read gold rows by report, in the order of the file; nothing where there is no file."""
    rows: dict[str, list[Row]] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault(row["doc_id"], []).append(row)
    return rows


def read_quotations(path: Path) -> dict[str, str]:
    """Read the documented words by quotation id from a collection in .jsonl: one ``id`` and ``quote`` a line."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: row["quote"] for row in rows}


def _read_names(path: Path) -> dict[str, str]:
    with path.open("rb") as stream:
        return {speaker["id"]: speaker["name"] for speaker in tomllib.load(stream)["speaker"]}


def _uncommented(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def find_name_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """The file is named after its day and its subject, so that a listing of the folder is a table of contents."""
    if not _FILE_NAME.fullmatch(report.name):
        yield _problem(report, "is not named after its date and subject.", "Call it 2022-12-21-bakhmut-visit.txt.")
    elif report.front.get("date", report.name[:10]) != report.name[:10]:
        yield _problem(report, f"is dated {report.front['date']}.", "Give the file's name and its date the same day.")


def find_front_matter_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """The front matter is complete, the date is one, and the licence is the corpus's."""
    if not report.front:
        yield _problem(report, "has no front matter.", f"Open it with {', '.join(REQUIRED)} between two lines of ---.")
        return
    for key in REQUIRED:
        if not report.front.get(key, "").strip():
            yield _problem(report, f"has no {key}.", f"Add a line '{key}: …' to the front matter.")
    if report.front.get("date") and parse_date(report.front["date"]) is None:
        yield _problem(report, f"is dated {report.front['date']!r}.", "Write dates as 2021-04-03.")
    if report.front.get("rights", LICENCE) != LICENCE:
        yield _problem(report, f"is under {report.front['rights']}.", f"Reports are shared under {LICENCE}.")


def find_source_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """Each quotation used has one source line, and its address can be opened (or says that it stood in print)."""
    listed = [quotation for quotation, _ in report.sources]
    for quotation, address in report.sources:
        if not _QUOTATION_ID.fullmatch(quotation):
            yield _problem(report, f"names a source {quotation!r}.", "Write 'speaker-2022-12-21-01 https://…'.")
        if not is_address(address):
            yield _problem(report, f"gives {quotation} the address {address!r}.", "Give the page's https:// address.")
        if listed.count(quotation) > 1:
            yield _problem(report, f"lists {quotation} twice.", "Keep one line for each quotation.")
    used = {row["quotation_id"] for row in folder.gold.get(report.doc_id, ()) if row["quotation_id"]}
    if report.doc_id in folder.gold and used != set(listed):
        odd = ", ".join(sorted(used ^ set(listed)))
        yield _problem(report, f"has sources that do not fit its quotations: {odd}.", "List exactly those it uses.")


def is_address(address: str) -> bool:
    """Whether this is an https address, or the day of a report that was printed and has none.

    >>> is_address("https://example.org/news/1"), is_address("newspaper report of 21 December 2022")
    (True, True)
    >>> is_address("see above"), is_address("https://example .org")
    (False, False)
    """
    return bool(_ADDRESS.fullmatch(address) or _IN_PRINT.fullmatch(address))


def find_form_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """The body has the length and the layout of the others: one blank line between paragraphs, no stray blanks."""
    words = len(report.body.split())
    if words not in WORDS_ALLOWED:
        allowed = f"{WORDS_ALLOWED.start} to {WORDS_ALLOWED.stop - 1}"
        yield _problem(report, f"has {words} words.", f"Reports have {allowed}.")
    if re.search(r"\n\n\n|[^\n]\n[^\n]|[ \t]\n|\n[ \t]|  |\t", report.body.rstrip("\n")) or report.body[-2:-1] == "\n":
        yield _problem(report, "is not laid out evenly.", "One blank line between paragraphs, none elsewhere.")
    for stray in find_quotes(report.body).strays:
        place = f"character {stray.span.start}"
        yield _problem(report, f"has {stray.reason}.", "Give each quotation its two marks.", place)


def find_quotation_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """Every quoted segment is part of the documented words, and there are neither too few quotations nor too many."""
    rows = folder.gold.get(report.doc_id, ())
    for row in rows:
        words = folder.quotations.get(row["quotation_id"] or "")
        place, name = row["quote_id"], row["quotation_id"]
        if words is not None and not stands_to_the_letter(row["text"], words):
            yield _problem(report, f"quotes {row['text']!r}, which {name} does not say.", "Quote an exact part.", place)
        if name and folder.quotations and words is None:
            yield _problem(report, f"quotes {name}, which is not documented.", "Use a documented quotation.", place)
    count = len({row["quotation"] for row in rows if row["attributed"]})
    if rows and count not in QUOTATIONS_ALLOWED:
        allowed = f"{QUOTATIONS_ALLOWED.start} to {QUOTATIONS_ALLOWED.stop - 1}"
        yield _problem(report, f"has {count} quotations.", f"Reports have {allowed}.")


def stands_to_the_letter(segment: str, documented: str) -> bool:
    """Whether a segment is an exact part of the documented words, but for the mark that its sentence needs at its end.

    >>> stands_to_the_letter("We stay,", "We stay. All of us.")
    True
    >>> stands_to_the_letter("we stay", "We stay. All of us.")
    False
    """
    return any(bare in documented for bare in (segment, segment[:-1] if segment[-1:] in _TRAILING else segment))


def find_gold_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """The gold fits the body: offsets, marks on both sides, mentions and cues, speakers of the registry."""
    for row in folder.gold.get(report.doc_id, ()):
        for message in _row_flaws(row, report.body, folder.speakers):
            yield _problem(report, message, "Draft the row again, or correct it.", row["quote_id"])
    segments = [Span(row["start"], row["end"]) for row in folder.gold.get(report.doc_id, ())]
    if report.doc_id in folder.gold:
        for segment in find_quotes(report.body).segments:
            if not any(segment.span.overlaps(span) for span in segments):
                place = f"character {segment.span.start}"
                yield _problem(report, "has a quoted segment without gold.", "Add its row.", place)


def _row_flaws(row: Row, body: str, speakers: Mapping[str, str] | None) -> Iterator[str]:
    """What is wrong with one gold row."""
    if set(row) != set(GOLD_COLUMNS):
        yield "has other columns than gold has."
        return
    for key, words in (("", row["text"]), ("mention_", row["mention"]), ("cue_", row["cue"])):
        start, end = row[f"{key}start"], row[f"{key}end"]
        if (words is None) != (start is None) or (words is not None and body[start:end] != words):
            yield f"{key or 'text_'}offsets {start}:{end} do not hold {words!r}."
    if row["quote_id"] != f"{row['doc_id']}:{row['start']}":
        yield "is not named after its report and its start."
    if row["kind"] not in ("direct", "mixed", "none") or row["attributed"] != (row["kind"] != "none"):
        yield f"is {row['kind']!r} and attributed={row['attributed']}."
    if row["attributed"] and not (row["speaker"] and row["mention"]):
        yield "is attributed but lacks a speaker or a mention."
    if not row["attributed"] and (row["speaker"] or row["mention"] or row["quotation_id"]):
        yield "is nobody's speech but has a speaker."
    if speakers is not None and row["speaker_id"] and speakers.get(row["speaker_id"]) != row["speaker"]:
        yield f"is said by {row['speaker']} ({row['speaker_id']}), whom the registry does not have."


def find_echo_problems(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """No six words in a row of the headline or the prose are those of the newspaper article we started from."""
    for passage in [report.front.get("title", ""), *prose_of(report.body)]:
        for run in word_runs(passage):
            if fingerprint_run(run) in folder.runs:
                yield _problem(report, f"echoes a newspaper: {' '.join(run)!r}.", "Say it in other words.")


def prose_of(body: str) -> list[str]:
    """The passages of a text between its quotations.

    >>> prose_of("“We stay,” she said. “All of us.”")
    ['', ' she said. ', '']
    """
    edges = [0, *(edge for segment in find_quotes(body).segments for edge in segment.outer), len(body)]
    return [body[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def word_runs(text: str, words: int = RUN_WORDS) -> Iterator[tuple[str, ...]]:
    """Every run of so many words, in small letters, whatever marks stand between them.

    >>> list(word_runs("He didn’t go, she said", 4))
    [('he', "didn't", 'go', 'she'), ("didn't", 'go', 'she', 'said')]
    """
    found = _WORD.findall(fold(text).lower())
    return (tuple(found[i : i + words]) for i in range(len(found) - words + 1))


def fingerprint_run(run: Iterable[str]) -> str:
    """A run of words as 16 hexadecimal digits: enough to recognise it, and nothing to read it from."""
    return hashlib.blake2b(" ".join(run).encode(), digest_size=8).hexdigest()


def find_shared_quotations(report: Report, folder: CorpusFolder) -> Iterator[Problem]:
    """Two reports share one quotation at most: otherwise one of them adds nothing, and rows are not independent."""
    own = _quotations_in(folder.gold.get(report.doc_id, ()))
    others = {doc_id: _quotations_in(rows) for doc_id, rows in folder.gold.items() if doc_id != report.doc_id}
    for doc_id, quotations in others.items():
        if len(shared := own & quotations) > 1:
            yield _problem(report, f"shares {len(shared)} quotations with {doc_id}.", "Drop all but one.")


def _quotations_in(rows: Iterable[Row]) -> frozenset[str]:
    return frozenset(row["quotation_id"] for row in rows if row.get("quotation_id"))


CHECKS: tuple[Callable[[Report, CorpusFolder], Iterator[Problem]], ...] = (
    find_name_problems,
    find_front_matter_problems,
    find_source_problems,
    find_form_problems,
    find_quotation_problems,
    find_gold_problems,
    find_echo_problems,
    find_shared_quotations,
)


def _problem(report: Report, message: str, remedy: str, place: str = "") -> Problem:
    return Problem(source=report.name, place=place, message=message, remedy=remedy)


def check_draft(path: str) -> None:
    """Refuse to draft over a file, since it may be gold that somebody has corrected, or in another format than gold."""
    if find_format(path) != ".jsonl":
        raise CorpusError(f"{path}: gold is kept as JSON lines. Give the draft a name that ends in .jsonl.")
    if Path(path).exists():
        raise CorpusError(f"{path}: exists, and a draft overwrites nothing. Give the draft another name.")


def write_draft(paths: Sequence[Path], output: str, quotations: Mapping[str, str] | None = None) -> int:
    """Write drafts of the gold of all reports that can be read, and give the number of rows; see `draft_gold`."""
    drafted = 0
    with TableWriter(output, GOLD_COLUMNS) as writer:
        for path in paths:
            try:
                read_report(path)
            except (OSError, UnicodeDecodeError, FrontMatterError):
                continue
            rows = draft_gold(path, quotations=quotations)
            writer.write(rows)
            drafted += len(rows)
    return drafted


def draft_gold(path: Path, *, quotations: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Draft the gold of a new report from the extractor: a row for every quoted segment, to be read and corrected.

    A draft is the machine's opinion, not gold: whoever adds a report reads each row against the text. Segments
    that the extractor gives to nobody are drafted as nobody's speech. The quotation's id is that of the source in
    the front matter whose documented words hold the segment; without those words it is left empty.
    """
    report = read_report(path)
    rows = _extract_rows(report)
    drafts = []
    for segment in find_quotes(report.body).segments:
        row = rows.get(segment.span.start, {})
        drafts.append(_draft_row(report, segment.span, segment.quotation + 1, row, quotations or {}))
    return drafts


def _extract_rows(report: Report) -> dict[int, Mapping[str, Any]]:
    """The extractor's rows by where they start. The import stands here because it brings pandas with it."""
    from research.extraction import extract_quotes

    date = parse_date(report.front.get("date", ""))
    document = Document(doc_id=report.doc_id, text=report.body, date=date, title=report.front.get("title"))
    table = extract_quotes([document])
    return {int(row["start"]): row for row in table.to_dict("records")}


def _draft_row(
    report: Report, span: Span, quotation: int, row: Mapping[str, Any], quotations: Mapping[str, str]
) -> dict[str, Any]:
    """One drafted gold row; what the extractor does not know is None."""
    text = report.body[slice(*span)]
    kind = row.get("kind") or "none"
    ids = [i for i, _ in report.sources if i in quotations and stands_to_the_letter(text, quotations[i])]
    draft: dict[str, Any] = dict.fromkeys(GOLD_COLUMNS)
    for column in ("speaker", "speaker_id", "speaker_kind", "mention", "cue"):
        draft[column] = _known(row.get(column)) if kind != "none" else None
    for column in ("mention", "cue"):
        for edge in ("start", "end"):
            value = _known(row.get(f"{column}_{edge}"))
            draft[f"{column}_{edge}"] = int(value) if value is not None and draft[column] else None
    return draft | {
        "doc_id": report.doc_id,
        "quote_id": f"{report.doc_id}:{span.start}",
        "start": span.start,
        "end": span.end,
        "text": text,
        "kind": kind,
        "attributed": kind != "none",
        "quotation": quotation,
        "quotation_id": ids[0] if ids and kind != "none" else None,
    }


def _known(value: Any) -> Any:
    """The value, or None where a table has one of its several ways to say that there is none."""
    return None if value is None or value != value or value == "" or str(value) == "<NA>" else value
