"""Tokens of a text with its quotes folded: nothing lost, nothing twice, and growth on hostile text."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.quotes import find_quotes
from research.segmentation import PARAGRAPH_TOKEN, Tokens, tokenize


def tokens_of(text: str) -> Tokens:
    return tokenize(text, find_quotes(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mr. Orr left.", ["Mr.", "Orr", "left", "."]),
        ("J.R. Orr of the U.S. Senate", ["J.R.", "Orr", "of", "the", "U.S.", "Senate"]),
        ("Ann B. Orr, Plan B. Then", ["Ann", "B.", "Orr", ",", "Plan", "B.", "Then"]),
        ("They don’t; don't they?", ["They", "don’t", ";", "don't", "they", "?"]),
        ("Ann's and O’Brien’s part-time cat", ["Ann", "'s", "and", "O’Brien", "’s", "part-time", "cat"]),
        ("the boys’ 1,000.5 m on 21st May, 5pm", ["the", "boys", "’", "1,000.5", "m", "on", "21st", "May", ",", "5pm"]),
        ("wait -- what... now", ["wait", "--", "what", "...", "now"]),
        ("x_y 3D €5", ["x_y", "3D", "€", "5"]),
        ("“A,” she said, “b.”", ["“…”", "she", "said", ",", "“…”"]),
        ("שלום “a” é", ["שלום", "“…”", "é"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [word for word in tokens_of(text).words if word != PARAGRAPH_TOKEN] == words


def test_each_paragraph_opens_with_its_token() -> None:
    tokens = tokens_of("A b.\n\n“C,” he said.\n \nD")
    assert tokens.words == ["¶", "A", "b", ".", "¶", "“…”", "he", "said", ".", "¶", "D"]
    assert tokens.paragraphs == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert tokens.segments == [-1, -1, -1, -1, -1, 0, -1, -1, -1, -1, -1]
    assert tokens.quote_places == [5]
    assert len(tokens) == 11


def test_a_hard_wrapped_paragraph_is_one() -> None:
    assert tokens_of("The door\nwas shut and\nstayed so.").words.count(PARAGRAPH_TOKEN) == 1


MARKS = ["“", "”", '"', "’", "'", "'s", "-", "--", "..", "_", " ", "\n", "🐟"]
PIECES = [*MARKS, "Mr.", "U.S.", "B.", "a", "Word", "1,000", "5th", "é"]


@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=50).map("".join), st.text(max_size=60)))
def test_every_character_is_in_one_token_and_every_segment_is_one(text: str) -> None:
    scan = find_quotes(text)
    tokens = tokenize(text, scan)
    columns = (tokens.words, tokens.starts, tokens.ends, tokens.segments, tokens.paragraphs)
    assert {len(column) for column in columns} == {len(tokens)}
    assert [tokens.segments[place] for place in tokens.quote_places] == list(range(len(scan.segments)))
    assert [n for n in tokens.segments if n >= 0] == list(range(len(scan.segments)))
    times = [0] * len(text)
    for word, start, end, segment in zip(tokens.words, tokens.starts, tokens.ends, tokens.segments, strict=True):
        assert word == (PARAGRAPH_TOKEN if start == end else "“…”" if segment >= 0 else text[start:end])
        for place in range(start, end):
            times[place] += 1
    assert all(times[place] == 1 or character.isspace() for place, character in enumerate(text))
    assert max(times, default=0) <= 1


def cpu_seconds(text: str, times: int) -> float:
    scan = find_quotes(text)
    gc.collect()
    gc.disable()
    start = time.process_time()
    for _ in range(times):
        tokenize(text, scan)
    gc.enable()
    return time.process_time() - start


HOSTILE = ["1", "1a", "a-", "a'", "a.", "1.", "1,1a", "A. ", "-", ".", "_", "Mr.", "'s", "“a b” ", "“a\n"]


@pytest.mark.parametrize("unit", HOSTILE)
def test_ten_times_the_text_costs_no_more_than_twenty_times_the_time(unit: str) -> None:
    count = 100_000 // len(unit)
    assert cpu_seconds(unit * count + "a", 1) <= 20 * cpu_seconds(unit * (count // 10) + "a", 3) / 3
