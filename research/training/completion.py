"""How often a bare surname, completed from the other articles, gets the right name.

    python -m research.training.completion

The training articles have no annotation of full names, but most spell theirs out: each person whose name an article
spells out is asked for by the surname alone, with the titles that stand beside it there, against the names of the other
folds' articles. That is harder than what the package does: an article spells a name out because its readers may not
know it, or because somebody else is better known by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from research.attribution import load_models, read
from research.completion import Names
from research.documents import Document
from research.identity import Named, Resolver
from research.lexicon import FEMALE, MALE, load_lexicon
from research.registry import fold, load_registry
from research.training.polnear import read_articles

FOLDS = 10
PEOPLE = load_lexicon()


def hide(person: Named) -> Named:
    """A person as an article names him who gives the surname alone."""
    genders = {PEOPLE.titles.get(title) for title in person.titles}
    gender = MALE if MALE in genders else FEMALE if FEMALE in genders else None
    return replace(person, name=person.words[-1], words=person.words[-1:], given=frozenset(), gender=gender)


def is_right(name: str, person: Named) -> bool:
    """Whether a full name of the same surname has the person's first name, or one that it is short for."""
    first = fold(name.split()[0])
    return bool((PEOPLE.nicknames.get(first, frozenset()) | {first}) & person.given)


def measure(articles: Sequence[Sequence[Named]]) -> Counter[str]:
    """Count who was asked for, given a name, and given the right one."""
    counts: Counter[str] = Counter()
    for held in range(FOLDS):
        names = Names()
        for number, people in enumerate(articles):
            if number % FOLDS != held:
                names.add(people)
        for people in articles[held::FOLDS]:
            for person in (each for each in people if each.given):
                others = [other for other in people if other is not person]
                found = names.complete(hide(person), others)
                counts["asked"] += 1
                counts["given"] += found is not None
                counts["right"] += found is not None and is_right(found.name, person)
    return counts


def name_people(record: Mapping[str, Any]) -> tuple[Named, ...]:
    """Everybody whom an article names, with nobody known beforehand."""
    document = Document(doc_id=record["id"], text=record["text"])
    reading = read(document.text, load_models(), use_reader=False)
    return Resolver(document, reading, load_registry(known=False)).named([])[0]


def main() -> None:
    """Print how many were asked for, given a name, and given the right one."""
    counts = measure([name_people(record) for record in read_articles("train")])
    print(
        f"{counts['asked']} people asked for by surname; {counts['given'] / counts['asked']:.3f} given a full name, "
        f"{counts['right'] / counts['given']:.3f} of these the right one"
    )


if __name__ == "__main__":
    main()
