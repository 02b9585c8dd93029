"""The pipeline: documents → rows of the quotes table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.attribution import Models, Reading, load_models, read
from research.documents import Document, Problem, Span
from research.identity import Identity, resolve
from research.layout import Decision
from research.reader import is_available
from research.registry import Registry, load_registry
from research.storage import QUOTE_COLUMNS

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
    use_reader
        Ask the neural reader where the ranker is unsure. None: where its extra is installed.
    """

    include_unattributed: bool = False
    speakers: Path | None = None
    known_people: bool = True
    use_reader: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResult:
    """What one document gave: rows in document order, and problems.

    Every segment and stray mark is in one of them, or (without `include_unattributed`) in `nobody`, the number of
    segments that are nobody's speech.
    """

    doc_id: str
    rows: list[dict[str, Any]]
    problems: list[Problem] = field(default_factory=list)
    nobody: int = 0


def extract_rows(documents: Iterable[Document], config: ExtractionConfig | None = None) -> Iterator[DocumentResult]:
    """Extract the quotes of each document, one document at a time."""
    config = config or ExtractionConfig()
    models = load_models()
    registry = load_registry(config.speakers, known=config.known_people)
    for document in documents:
        yield extract_document(document, config, models, registry)


def extract_quotes(documents: Iterable[Document], config: ExtractionConfig | None = None) -> pd.DataFrame:
    """The quotes of all documents as one table, one row a quote.

    >>> from research.documents import Document
    >>> quotes = extract_quotes([Document(doc_id="a", text="“We stay,” Mayor Ann Lee said. “All of us.”")])
    >>> quotes.speaker.tolist()
    ['Ann Lee', 'Ann Lee']
    """
    from research.storage import make_table

    rows = [row for result in extract_rows(documents, config) for row in result.rows]
    return make_table({name: [row[name] for row in rows] for name in QUOTE_COLUMNS})


def extract_document(
    document: Document, config: ExtractionConfig, models: Models, registry: Registry
) -> DocumentResult:
    """Read one document and lay its decisions out as rows."""
    reading = read(document.text, models, use_reader=is_available() if config.use_reader is None else config.use_reader)
    identities = resolve(document, reading, registry)
    rows, nobody = [], 0
    for quote, (decision, identity) in enumerate(zip(reading.decisions, identities, strict=True)):
        if decision.kind == "none" and not config.include_unattributed:
            nobody += 1
        else:
            rows.append(_row(document, reading, quote, decision, identity))
    return DocumentResult(doc_id=document.doc_id, rows=rows, problems=_problems(document, reading), nobody=nobody)


def _row(
    document: Document, reading: Reading, quote: int, decision: Decision, identity: Identity | None
) -> dict[str, Any]:
    segment = reading.scan.segments[quote]
    mention = None if decision.mention is None else reading.mentions.spans[decision.mention]
    certainty = identity.certainty if identity and identity.name else 1.0
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
        "confidence": round(decision.confidence * certainty, 4),
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


def _around(text: str, span: Span) -> str:
    return text[max(0, span.start - PLACE_WIDTH // 2) : span.end + PLACE_WIDTH // 2].replace("\n", " ")
