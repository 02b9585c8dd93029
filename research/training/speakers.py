"""Our annotation of who the sources of training articles are, and where their texts name a person.

`speakers.jsonl` holds the annotation; speakers.md beside it says how it was made.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from research.documents import Span
from research.lexicon import FEMALE, MALE, load_lexicon
from research.names import COURTESY, are_compatible, bare, suffix
from research.registry import fold

SPEAKERS = Path(__file__).with_name("speakers.jsonl")
MEN, WOMEN = frozenset(("mr", "sir", "lord")), frozenset(("mrs", "ms", "miss", "dame", "lady"))
BEFORE = 4  # words before a surname that may belong to the name
PRONOUN_GENDER = {"he": MALE, "she": FEMALE}

Annotation = Mapping[str, Any]


@functools.cache
def read_speakers() -> Mapping[str, Mapping[int, Annotation]]:
    """Who a quote's source is, by article and by the place of the quote's opening mark."""
    return {a["doc_id"]: {source["start"]: source for source in a["sources"]} for a in _articles()}


@functools.cache
def read_pronouns() -> Mapping[str, Mapping[int, Annotation]]:
    """Who a pronoun is that is the source of indirect speech, by article and by the pronoun's place."""
    return {a["doc_id"]: {source["start"]: source for source in a.get("pronouns", ())} for a in _articles()}


def _articles() -> Iterator[dict[str, Any]]:
    return map(json.loads, SPEAKERS.read_text("utf8").splitlines())


def people_of(doc_id: str) -> list[str]:
    """The full names of the persons that are annotated in an article."""
    every = (*read_speakers().get(doc_id, {}).values(), *read_pronouns().get(doc_id, {}).values())
    return list(dict.fromkeys(a["speaker"] for a in every if a["kind"] == "person"))


def gender_of(name: str, record: Mapping[str, Any]) -> str | None:
    """A person's gender: by the pronouns annotated in the article, else by the first name."""
    text, quotes = record["text"], {quote["start"]: quote for quote in record["quotes"]}
    words = [text[start : start + 3] for start, a in read_pronouns().get(record["id"], {}).items()
             if a["speaker"] == name]
    words += [quotes[start]["source"][0][2] for start, a in read_speakers().get(record["id"], {}).items()
              if a["speaker"] == name and a["form"] == "pronoun" and quotes[start]["source"]]
    told = {PRONOUN_GENDER[w.strip().lower()] for w in words if w.strip().lower() in PRONOUN_GENDER}
    gender = told.pop() if len(told) == 1 else load_lexicon().first_names.get(fold(name.split()[0]))
    return gender if gender in (MALE, FEMALE) else None


def named_at(text: str, name: str, blocked: Sequence[tuple[int, int]] = ()) -> list[Span]:
    """Where a text names a person, outside some stretches: by the surname, unless another's first name stands before.

    >>> text = "Ann Lee spoke. Bob Lee did not, Ms. Lee said."
    >>> [text[slice(*span)] for span in named_at(text, "Ann Lee")]
    ['Ann Lee', 'Lee']
    """
    words = name.split()
    found = (_spelled(text, hit, words) for hit in re.finditer(rf"\b{re.escape(bare(words)[-1])}\b", text))
    return [span for span in found if span and not any(span.start < end and start < span.end for start, end in blocked)]


def _spelled(text: str, surname: re.Match[str], name: Sequence[str]) -> Span | None:
    """The words of a name that ends in a surname; None where they are another person's."""
    following = text[surname.end() : surname.end() + 5].strip(" ,").split()[:1]
    if following and suffix(("", *following)) and not suffix(name):
        return None
    shift, lexicon = max(0, surname.start() - 60), load_lexicon()
    before = list(re.finditer(r"\S+", text[shift : surname.start()]))[-BEFORE:]
    for word in reversed(before):
        plain = word[0].rstrip(".").lower()
        if not word[0][0].isupper() or word[0][-1] in ",;:!?)\"”’":
            break
        if plain in COURTESY:
            gender = lexicon.first_names.get(fold(name[0]))
            wrong = (plain in MEN and gender == FEMALE) or (plain in WOMEN and gender == MALE)
            return None if wrong else Span(surname.start(), surname.end())
        if fold(word[0]) in lexicon.first_names or fold(word[0]) == fold(name[0]):
            same = are_compatible([word[0], bare(name)[-1]], [name[0], bare(name)[-1]], lexicon)
            same = same or any(fold(word[0]) == fold(own) for own in name)
            return Span(shift + word.start(), surname.end()) if same else None
    return Span(surname.start(), surname.end())


def annotated_names(record: Mapping[str, Any]) -> dict[str, list[Span]]:
    """Where an article names each of its annotated persons, outside its quotes."""
    blocked = [(quote["start"], quote["end"]) for quote in record["quotes"]]
    return {name: named_at(record["text"], name, blocked) for name in people_of(record["id"])}
