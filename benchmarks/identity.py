"""How often the person, or the kind of speaker, that a human's source stands for is resolved rightly, on train.

785 training articles of PolNeAR have been annotated by us with who each quote's source is
(`research/training/speakers.jsonl`). The human's source is given, so that only identity is measured; each article is
read with the tagger and the reader that have not seen it, or, without FOLDER, with the shipped tagger, which has seen
all, and no reader.

    python -m benchmarks.identity [FOLDER] [--no-reader] [--errors FORM]   (FOLDER holds tagger_0.npz …, reader_0.npz …)
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.attribution import load_models
from research.documents import Document
from research.identity import Identity, resolve
from research.registry import load_registry
from research.tagging import Tagger
from research.training.confidence import is_whole
from research.training.held_out import HeldOut
from research.training.identity import read_with_sources
from research.training.polnear import FOLDS, fold_of, prepare, read_articles
from research.training.speakers import read_speakers
from research.training.tagger import load_taggers

NONE = Identity(name=None, speaker_id=None, kind=None, certainty=0.0, reason="no mention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One quote: our annotation, the human's words for the source, who was found, and whether that is right."""

    doc_id: str
    gold: Mapping[str, Any]
    source: str
    found: Identity
    is_right: bool


def judge(taggers: Mapping[int, Tagger], held_out: HeldOut | None) -> Iterator[Judged]:
    """Every annotated quote whose source is no slip of the annotator's."""
    gold, registry = read_speakers(), load_registry()
    for record in read_articles("train"):
        own = gold.get(record["id"], {})
        if not own:
            continue
        reading = read_with_sources(record, taggers[fold_of(record["id"])], held_out)
        identities = resolve(Document(doc_id=record["id"], text=record["text"]), reading, registry)
        for identity, quote in zip(identities, prepare(record).gold, strict=True):
            annotated = own.get(quote["start"]) if quote else None
            if quote and annotated and annotated["kind"] != "unknown" and not annotated.get("source_wrong"):
                found = identity or NONE
                source = " / ".join(words for *_, words in quote["source"])
                yield Judged(doc_id=record["id"], gold=annotated, source=source, found=found,
                             is_right=is_whole(found, annotated))


def say(judged: Sequence[Judged]) -> str:
    """The share right, for persons by the form of the source, for others by kind; for those found by the reason."""
    groups: dict[str, list[bool]] = {}
    for one in judged:
        kind = one.gold["kind"]
        for group in (f"person, {one.gold['form']}", "person, all") if kind == "person" else (kind, "no named person"):
            groups.setdefault(group, []).append(one.is_right)
        if one.found.kind == "person":
            groups.setdefault(f"by {one.found.reason}", []).append(one.is_right)
    return "\n".join(f"{group:19} {len(rights):5} {sum(rights) / len(rights):.3f}" for group, rights in groups.items())


def main() -> None:
    """Print the table, and on request what went wrong."""
    parser = argparse.ArgumentParser(description="Measure identity on our annotation of training articles.")
    holds = "holds tagger_-1.npz … tagger_4.npz and reader_-1.npz … reader_4.npz"
    parser.add_argument("folder", type=Path, nargs="?", help=holds)
    parser.add_argument("--no-reader", action="store_true", help="without the reader's word on pronouns and roles")
    parser.add_argument("--errors", metavar="FORM", help="list the errors: name, nominal, pronoun, or a kind")
    chosen = parser.parse_args()
    shipped = dict.fromkeys(range(FOLDS), load_models().tagger)
    taggers = load_taggers(chosen.folder) if chosen.folder else shipped
    judged = list(judge(taggers, HeldOut(chosen.folder) if chosen.folder and not chosen.no_reader else None))
    for one in judged:
        if not one.is_right and chosen.errors in (one.gold["form"], one.gold["kind"]):
            print(one.doc_id, one.gold["start"], f"“{one.source}”", one.gold["speaker"] or one.gold["kind"], "|",
                  one.found.name, one.found.kind, one.found.reason)
    print(say(judged))


if __name__ == "__main__":
    main()
