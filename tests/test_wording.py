"""Who says a quote by set forms of words: each form where it holds, and where it must keep out."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from research.attribution import Reading, load_models, read
from research.layout import Decision, lay_out
from research.wording import apply_wordings


def reread(text: str, chosen: str) -> tuple[str, str | None]:
    """(rule, mention) of the last quote where the ranker had chosen these words."""
    reading, models = read(text), load_models()
    own = next(m for m, span in enumerate(reading.mentions.spans) if text[slice(*span)] == chosen)
    return _say(reading, _reapply(reading, replace(_sure(reading), mention=own), models.tagger.names))


def ungated(text: str) -> tuple[str, str | None]:
    """(rule, mention) of the last quote where the gate had said that it is nobody's."""
    reading = read(text)
    gated = replace(_sure(reading), kind="none", mention=None, rule="gate", cue=None)
    return _say(reading, _reapply(reading, gated, load_models().tagger.names))


def _sure(reading: Reading) -> Decision:
    return replace(reading.decisions[-1], kind="direct", rule="ranker", share=0.95)


def _reapply(reading: Reading, decision: Decision, names: dict[str, list[str]]) -> Decision:
    page = lay_out(reading.text, reading.scan, reading.tokens, reading.tags, reading.mentions, reading.pairs,
                   reading.shares, names)
    return apply_wordings(page, [*reading.decisions[:-1], decision])[-1]


def _say(reading: Reading, decision: Decision) -> tuple[str, str | None]:
    mention = decision.mention
    return decision.rule, None if mention is None else reading.text[slice(*reading.mentions.spans[mention])]


@pytest.mark.parametrize(
    ("text", "chosen", "speaker"),
    [
        ("Ann Lee was met at the gate with Bo Ray’s “We sold it in May”.", "Ann Lee", "Bo Ray"),
        ("The bridge, to quote its builder Bo Ray, is “a plank”.", "The bridge", "its builder Bo Ray"),
        ("The bridge is, if Bo Ray is to be believed, “a plank”.", "The bridge", "Bo Ray"),
        ("In the words of Bo Ray, Ann Lee is “a plank”.", "Ann Lee", "Bo Ray"),
        ("Ann Lee said she had heard from Bo Ray that the soup was “warm”.", "Ann Lee", "Bo Ray"),
        ("Ann Lee said that Bo Ray ran out and shouted: “Where is my horse?”", "Ann Lee", "Bo Ray"),
        ("According to Ann Lee, the clerk Bo Ray shouted “not now” at the horse.", "Ann Lee", "the clerk Bo Ray"),
        ("The clerk, Ann Lee, read from the diary of Bo Ray: “Today I sold it.”", "The clerk", "Bo Ray"),
        ("Ann Lee read to us the letter that Bo Ray had sent: “Today I sold it.”", "Ann Lee", "Bo Ray"),
        ("On Ann Lee’s door was a note: “I have sold the horse.”", "Ann Lee", "a note"),
        ("Bo Ray, on a horse lent to him by Ann Lee, said the river was “a ditch”.", "Ann Lee", "Bo Ray"),
        ("The Herald quoted the clerk Bo Ray as saying: “I sold the horse.”", "The Herald", "the clerk Bo Ray"),
        ("“I sold the horse,” the Herald quoted Bo Ray as telling the court.", "the Herald", "Bo Ray"),
        ("Bo Ray was later quoted by the Herald as saying that it was “a plank”.", "the Herald", "Bo Ray"),
        ("Bo Ray was cited as saying by the Herald that it was “a plank”.", "the Herald", "Bo Ray"),
        ("“Did you sell the horse?” Ann Lee was asked by the clerk, Bo Ray.", "Ann Lee", "the clerk"),
        ("“He never rode,” it was said of Ann Lee by the clerk, Bo Ray.", "Ann Lee", "the clerk"),
    ],
)
def test_a_set_form_names_the_speaker(text: str, chosen: str, speaker: str) -> None:
    assert reread(text + "\n", chosen) == ("wording", speaker)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("Ann Lee wants to mend Bo Ray’s “broken” bridge.", "Ann Lee"),
        ("Ann Lee said that Bo Ray called the bridge “a plank”.", "Ann Lee"),
        ("Ann Lee said that Bo Ray had left early and said: “Where is my horse?”", "Ann Lee"),
        ("According to Ann Lee, the clerk Bo Ray called the horse “a pony”.", "Ann Lee"),
        ("Ann Lee learned from Bo Ray. She called the soup “warm”.", "She"),
        ("In May, Ann Lee left a note: “I have sold the horse.”", "Ann Lee"),
        ("The horse of Bo Ray, says Ann Lee, is, she adds, “a pony”.", "Ann Lee"),
        ("The owner, Ann Lee, said the river was “a ditch”.", "Ann Lee"),
        ("Bo Ray, according to Ann Lee, said the river was “a ditch”.", "Ann Lee"),
    ],
)
def test_what_only_resembles_a_set_form_changes_nothing(text: str, chosen: str) -> None:
    assert reread(text + "\n", chosen) == ("ranker", chosen)


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("The “third autumn” of which Bo Ray spoke came in May.", "Bo Ray"),
        ("Under the terms of the treaty, farmers “shall keep one horse”.", "the terms"),
        ("The winners — Bo Ray — “I sold it and bought it back” — and Ann Lee went home.", "Bo Ray"),
    ],
)
def test_some_forms_are_speech_whatever_the_gate_says(text: str, speaker: str) -> None:
    assert ungated(text + "\n") == ("wording", speaker)


@pytest.mark.parametrize(
    "text",
    [
        "The “third autumn” of which Bo Ray was afraid came in May.",
        "Under the bridge stood farmers with “one horse”.",
        "The winners — Bo Ray — “Dawn of the Horse” — and Ann Lee went home.",
    ],
)
def test_the_gate_keeps_what_is_no_such_form(text: str) -> None:
    assert ungated(text + "\n") == ("gate", None)


def test_forms_take_time_in_proportion_to_the_text() -> None:
    def seconds(repeats: int) -> float:
        text = "Under the law of X, if heard from read letter of, to quote — " * repeats + "“it”"
        reading, names = read(text), load_models().tagger.names
        start = time.perf_counter()
        for _ in range(20):
            _reapply(reading, _sure(reading), names)
        return time.perf_counter() - start

    assert seconds(160) < 40 * seconds(10) + 0.5
