"""The neural reader: what it is shown, what its logits become, and whom it names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from research.documents import Document, Span
from research.identity import resolve
from research.reader import CLS, QUOTE_END, QUOTE_START, SEP, Opinions, Pieces, input_of, is_available, opinion_of
from research.registry import load_registry

needs_reader = pytest.mark.skipif(not is_available(), reason="The reader is not installed: on-the-record[reader].")

WORDS = "Ann Lee spoke . “ We stay , ” she said .".split()
QUOTE = Span(18, 27)


def pieces(words: Sequence[str] = WORDS) -> Pieces:
    """Made-up word pieces, one a word, a blank between."""
    starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])]).tolist()
    ends = [start + len(word) for start, word in zip(starts, words, strict=True)]
    return Pieces(ids=list(range(1000, 1000 + len(words))), starts=starts, ends=ends)


def peaked(size: int, *places: int) -> np.ndarray:
    """Logits that are high in some places."""
    logits = np.full(size, -20.0, np.float32)
    logits[list(places)] = 5.0
    return logits


def test_an_input_marks_the_quote_and_knows_which_piece_stands_where() -> None:
    ids, shown = input_of(pieces(), QUOTE)
    assert ids[0] == CLS and ids[-1] == SEP
    inside = ids[ids.index(QUOTE_START) + 1 : ids.index(QUOTE_END)]
    assert inside == [1005, 1006, 1007]
    assert [number for number in shown if number >= 0] == [0, 1, 2, 3, 4, 8, 9, 10, 11]


def test_logits_become_chances_of_mentions_of_names_and_of_none() -> None:
    own = pieces()
    ids, shown = input_of(own, QUOTE)
    she, ann, lee = shown.index(9), shown.index(0), shown.index(1)
    inside = ids.index(QUOTE_START) + 1
    logits = [peaked(len(ids), she, inside), peaked(len(ids), she, inside), peaked(len(ids), ann, 0),
              peaked(len(ids), lee, 0)]  # fmt: skip
    opinion = opinion_of(logits, shown, own)
    spans = [Span(0, 7), Span(own.starts[9], own.ends[9])]
    assert opinion.mass(spans).tolist() == pytest.approx([0.0, 1.0], abs=1e-6)
    assert opinion.name_mass(spans).tolist() == pytest.approx([0.5, 0.0], abs=1e-6)
    assert opinion.nobody == pytest.approx(0, abs=1e-6) and opinion.nameless == pytest.approx(0.5, abs=1e-6)


def test_a_mention_outside_what_is_shown_has_no_chance() -> None:
    own = pieces()
    ids, shown = input_of(own, QUOTE)
    opinion = opinion_of([peaked(len(ids), 1)] * 4, shown, own)
    assert opinion.mass([Span(500, 510)]).tolist() == [0.0]


@needs_reader
def test_an_opinion_is_formed_once_and_points_at_the_pronoun_and_at_the_name() -> None:
    text = "Ann Lee met the council on Monday. “We stay,” she said. The mayor of Ghent left early."
    opinions = Opinions(text, [Span(text.index("We"), text.index("”"))])
    opinion = opinions.on(0)
    assert opinions.on(0) is opinion
    she, lee, council = (Span(text.index(w), text.index(w) + len(w)) for w in ("she", "Ann Lee", "the council"))
    assert opinion.mass([she, lee, council]).argmax() == 0
    assert opinion.name_mass([she, lee, council]).argmax() == 1


@needs_reader
def test_the_reader_names_who_a_thing_stands_for_and_without_it_nobody_does() -> None:
    from research.attribution import read

    text = (
        "Irina Falk met students in Iowa on Wednesday. Falk told them of her youth. "
        "“I never planned any of it,” the Stanford graduate said."
    )
    document = Document(doc_id="a", text=text)
    names = [[i.name if i else None for i in resolve(document, read(text, use_reader=use), load_registry())]
             for use in (True, False)]  # fmt: skip
    assert names[0] == ["Irina Falk"] and names[1] == [None]
