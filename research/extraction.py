"""The pipeline: documents → rows of the quotes table."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from research.attribution import Models, Reading, load_models, read
from research.completion import Names, complete_rows, fingerprint
from research.corrections import CORRECTED, Correction, correct_rows, find_unread, read_corrections
from research.counts import count_of
from research.documents import Document, Problem, Span
from research.identity import Identity, Named, Resolver, confidence_of
from research.layout import Decision
from research.reader import MISSING, is_available, warn_if_missing
from research.registry import Registry, load_registry
from research.storage import QUOTE_COLUMNS, StorageError
from research.turns import find_turns

if TYPE_CHECKING:
    import pandas as pd

PLACE_WIDTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionConfig:
    """How to extract.

    include_unattributed
        Keep segments that are nobody's speech, as rows of kind none. Off: a table of quotes is what most want.
    speakers
        A roster of your own in place of corpus/speakers.toml.
    known_people
        Off, nobody is known beforehand: names come from the article alone. For measuring how much fame carries.
    complete_names
        Complete a surname that an article leaves bare from the other articles (`research.completion`). `extract_rows`,
        which gives each article as soon as it is read, cannot.
    corrections
        A file of rows that somebody has corrected (`research.corrections`): their word counts.
    transcripts
        Take the turns of a transcript, which stand without marks behind their speakers' labels, for quotes. Off: they
        are often long and of another sort than what newspapers quote; a text that has some is named as a problem.
    use_reader
        Ask the neural reader where the ranker is unsure. None: where its extra is installed, with a warning where not.
    """

    include_unattributed: bool = False
    speakers: Path | None = None
    known_people: bool = True
    complete_names: bool = True
    corrections: Path | None = None
    transcripts: bool = False
    use_reader: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResult:
    """What one document gave: rows in document order, and problems.

    Every segment and stray mark is in one of them, or (without `include_unattributed`) in `nobody`, the number of
    segments that are nobody's speech. `lost` are problems, too: corrections that no quote fits. `people` is everybody
    whom the article names, `spoken_by` for each row the place of its speaker among them, `fingerprint` the number that
    copies of its text share.
    """

    doc_id: str
    rows: list[dict[str, Any]]
    problems: list[Problem] = field(default_factory=list)
    lost: list[Problem] = field(default_factory=list)
    nobody: int = 0
    people: tuple[Named, ...] = ()
    spoken_by: tuple[int | None, ...] = ()
    fingerprint: int | None = None


def extract_corpus(documents: Iterable[Document], config: ExtractionConfig | None = None) -> Iterator[DocumentResult]:
    """Extract the quotes of all documents; then complete the names that one leaves bare from the others.

    Nothing is given before the last document was read. What was found waits in a temporary file meanwhile, so that
    memory grows with the number of different names, and by a number for each article.
    """
    config = config or ExtractionConfig()
    if not config.complete_names:
        yield from extract_rows(documents, config)
        return
    names = Names()
    with _open_waiting() as waiting:
        for result in extract_rows(documents, config):
            names.add(result.people, result.fingerprint)
            with _naming_temporary():
                waiting.write(_pack(result))
        with _naming_temporary():
            waiting.seek(0)
        for line in waiting:
            result = _unpack(line)
            yield replace(result, rows=complete_rows(result.rows, result.people, result.spoken_by, names))


@contextmanager
def _open_waiting() -> Iterator[IO[str]]:
    """A temporary file that is gone afterwards; what it could not hold has been told of by then."""
    with _naming_temporary():
        waiting = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115
    try:
        yield waiting
    finally:
        with suppress(OSError):
            waiting.close()


@contextmanager
def _naming_temporary() -> Iterator[None]:
    """Name the folder of temporary files, which the system's error does not, and what to do about it."""
    try:
        yield
    except OSError as error:
        where = tempfile.tempdir or "temporary files"
        what = f"what is found waits there for the last article and could not be written ({error.strerror or error})"
        raise StorageError(f"{where}: {what}. Name a roomier folder in TMPDIR.") from error


def extract_rows(documents: Iterable[Document], config: ExtractionConfig | None = None) -> Iterator[DocumentResult]:
    """Extract the quotes of each document, one document at a time."""
    config = config or ExtractionConfig()
    if config.use_reader and not is_available():
        raise ModuleNotFoundError(MISSING)
    if config.use_reader is None:
        warn_if_missing()
    models = load_models()
    registry = load_registry(config.speakers, known=config.known_people)
    corrections = read_corrections(config.corrections) if config.corrections else {}
    for document in documents:
        if not isinstance(document, Document):
            raise TypeError(f"{document!r:.60} is no Document. Read articles first: research.read_corpus(path).")
        yield extract_document(document, config, models, registry, corrections.get(document.doc_id, ()))


def extract_quotes(documents: Iterable[Document], config: ExtractionConfig | None = None) -> pd.DataFrame:
    """The quotes of all documents as one table, one row a quote.

    >>> from research.documents import Document
    >>> quotes = extract_quotes([Document(doc_id="a", text="“We stay,” Mayor Ann Lee said. “All of us.”")])
    >>> quotes.speaker.tolist()
    ['Ann Lee', 'Ann Lee']

    Names are completed across the documents, and a correction that no quote fits is warned of.
    """
    from research.storage import make_table

    config = config or ExtractionConfig()
    rows, doc_ids, lost = [], set(), []
    for result in extract_corpus(documents, config):
        rows += result.rows
        doc_ids.add(result.doc_id)
        lost += result.lost
    if config.corrections:
        lost += find_unread(read_corrections(config.corrections), doc_ids)
    for problem in lost:
        warnings.warn(str(problem), stacklevel=2)
    return make_table({name: [row[name] for row in rows] for name in QUOTE_COLUMNS})


def extract_document(
    document: Document,
    config: ExtractionConfig,
    models: Models,
    registry: Registry,
    corrections: Sequence[Correction] = (),
) -> DocumentResult:
    """Read one document and lay its decisions out as rows, the user's corrections in place of the machine's."""
    use_reader = is_available() if config.use_reader is None else config.use_reader
    reading = read(document.text, models, use_reader=use_reader, transcripts=config.transcripts)
    resolver = Resolver(document, reading, registry)
    mentions = [decision.mention for decision in reading.decisions]
    identities = [None if mention is None else resolver.identity(mention) for mention in mentions]
    people, spoken_by = resolver.named(mentions)
    decided = enumerate(zip(reading.decisions, identities, strict=True))
    rows = [_row(document, reading, quote, decision, identity) for quote, (decision, identity) in decided]
    rows, lost = correct_rows(rows, corrections, registry)
    kept = [n for n, row in enumerate(rows) if config.include_unattributed or row["kind"] != "none"]
    return DocumentResult(
        doc_id=document.doc_id,
        rows=[rows[n] for n in kept],
        problems=[*_problems(document, reading), *_unread_turns(document, reading, config)],
        lost=lost,
        nobody=len(rows) - len(kept),
        people=people,
        spoken_by=tuple(None if rows[n]["rule"] == CORRECTED else spoken_by[n] for n in kept),
        fingerprint=fingerprint(document.text),
    )


def _row(
    document: Document, reading: Reading, quote: int, decision: Decision, identity: Identity | None
) -> dict[str, Any]:
    segment = reading.scan.segments[quote]
    mention = None if decision.mention is None else reading.mentions.spans[decision.mention]
    return {
        "doc_id": document.doc_id,
        "quote_id": f"{document.doc_id}:{segment.span.start}",
        "start": segment.span.start,
        "end": segment.span.end,
        "text": document.text[slice(*segment.span)],
        "kind": decision.kind,
        "speaker": identity.name if identity else None,
        "speaker_id": identity.speaker_id if identity else None,
        "speaker_kind": identity.kind if identity else None,
        **_span_columns(document.text, "mention", mention),
        **_span_columns(document.text, "cue", decision.cue),
        "confidence": round(confidence_of(decision, identity, has_reader=reading.opinions is not None), 4),
        "rule": decision.rule,
        "flags": " ".join(sorted(segment.flags)),
        "date": document.date.isoformat() if document.date else None,
        "outlet": document.outlet,
        "title": document.title,
    }


def _span_columns(text: str, name: str, span: Span | None) -> dict[str, Any]:
    if span is None:
        return {name: None, f"{name}_start": None, f"{name}_end": None}
    return {name: text[slice(*span)], f"{name}_start": span.start, f"{name}_end": span.end}


def _problems(document: Document, reading: Reading) -> list[Problem]:
    """Marks that belong to no segment, named with their place and surroundings."""
    text = document.text
    return [
        Problem(
            source=document.doc_id,
            place=f"character {stray.span.start}",
            message=f"{stray.reason}: {_around(text, stray.span)!r}.",
            remedy="Check the quotation marks there; the rest of the article was read.",
        )
        for stray in reading.scan.strays
    ]


def _unread_turns(document: Document, reading: Reading, config: ExtractionConfig) -> list[Problem]:
    """Turns of a transcript that nobody asked to be read, named with the first one's place."""
    turns = () if config.transcripts else find_turns(document.text, reading.scan)
    if not turns:
        return []
    label = turns[0].label
    return [
        Problem(
            source=document.doc_id,
            place=f"character {label.start}",
            message=f"{count_of(len(turns), 'turn')} of a transcript without quotation marks, such as "
            f"{document.text[slice(*label)]!r}: …, were not read.",
            remedy="Read them as quotes with --transcripts (ExtractionConfig(transcripts=True)).",
        )
    ]


def _around(text: str, span: Span) -> str:
    return text[max(0, span.start - PLACE_WIDTH // 2) : span.end + PLACE_WIDTH // 2].replace("\n", " ")


def _pack(result: DocumentResult) -> str:
    """A result as a line of JSON, for the time that it waits for the other articles' names."""
    people = [[p.name, p.words, [*p.given], p.speaker_id, p.gender, [*p.titles], [*p.roles]] for p in result.people]
    problems, lost = (
        [[p.source, p.place, p.message, p.remedy] for p in found] for found in (result.problems, result.lost)
    )
    whole = [result.doc_id, result.rows, problems, lost, result.nobody, people, result.spoken_by, result.fingerprint]
    return json.dumps(whole) + "\n"


def _unpack(line: str) -> DocumentResult:
    doc_id, rows, problems, lost, nobody, people, spoken_by, text = json.loads(line)
    return DocumentResult(
        doc_id=doc_id,
        rows=rows,
        problems=_unpack_problems(problems),
        lost=_unpack_problems(lost),
        nobody=nobody,
        people=tuple(
            Named(
                name=name,
                words=tuple(words),
                given=frozenset(given),
                speaker_id=speaker_id,
                gender=gender,
                titles=frozenset(titles),
                roles=frozenset(roles),
            )
            for name, words, given, speaker_id, gender, titles, roles in people
        ),
        spoken_by=tuple(spoken_by),
        fingerprint=text,
    )


def _unpack_problems(problems: Iterable[Sequence[str]]) -> list[Problem]:
    return [Problem(source=p[0], place=p[1], message=p[2], remedy=p[3]) for p in problems]
