"""Rhetoric: what each list counts and doesn't, rates with their n, diversity that length does not move."""

from __future__ import annotations

import json
import math
import os
import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research import rhetoric
from research.diversity import flesch_reading_ease, mattr, mtld
from research.training import rhetoric as card
from research.typography import fold

CASES = Path(__file__).with_name("cases")
DATA = Path(os.environ.get("ON_THE_RECORD_DATA", Path(__file__).parents[2] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "polnear").exists(), reason="needs the training data: set ON_THE_RECORD_DATA to its folder"
)


def examples() -> list[dict[str, object]]:
    return [json.loads(line) for line in (CASES / "rhetoric.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", examples(), ids=lambda case: f"{case['measure']}: {case['text']}")
def test_examples_count_and_do_not_count(case: dict[str, object]) -> None:
    text = str(case["text"])
    found = [text[slice(*hit.span)] for hit in rhetoric.find_rhetoric(text) if hit.measure == case["measure"]]
    assert found == case["hits"]


@pytest.mark.parametrize("measure", rhetoric.measures())
def test_every_measure_has_examples_that_count_and_that_do_not(measure: str) -> None:
    hits = [bool(case["hits"]) for case in examples() if case["measure"] == measure]
    assert True in hits
    assert False in hits


@pytest.mark.parametrize("measure", rhetoric.measures())
def test_every_measure_has_fifty_judged_hits(measure: str) -> None:
    verdicts = Counter(j["counts"] for j in card.read_judgements() if j["measure"] == measure)
    assert verdicts.total() >= 50
    assert verdicts[True] / verdicts.total() >= 0.8


def test_the_card_shows_the_judgements_as_they_are() -> None:
    assert card.CARD.read_text(encoding="utf-8") == card.describe(card.read_judgements())


@needs_data
def test_the_judged_hits_are_still_found() -> None:
    assert card.find_lost(card.read_judgements(), card.segments_of(DATA)) == []


@pytest.mark.parametrize("lexicon", rhetoric.lexicons().values(), ids=lambda lexicon: lexicon.name)
def test_lists_are_well_formed(lexicon: rhetoric.Lexicon) -> None:
    phrases = [*lexicon.count, *lexicon.but_not]
    assert all(phrase == phrase.lower() for phrase in phrases)
    assert not set(lexicon.count) & set(lexicon.but_not)
    assert all(len(phrase.removesuffix("*")) < rhetoric.LONGEST_STEM for phrase in phrases if phrase.endswith("*"))
    assert lexicon.definition.endswith(".")


def test_no_cue_verb_has_two_frames() -> None:
    counts = Counter(cue for lexicon in rhetoric.cue_lexicons().values() for cue in set(lexicon.count))
    assert [cue for cue, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    ("cue", "frame"),
    [
        ("said", "neutral"), ("told reporters", "neutral"), ("according to", "neutral"), ("has claimed", "doubting"),
        ("insisted", "doubting"), ("pointed out", "endorsing"), ("admitted", "endorsing"), ("lashed out", "hostile"),
        ("boasted", "hostile"), ("in", None), ("", None), (float("nan"), None),
    ],
)  # fmt: skip
def test_cues_are_framed(cue: object, frame: str | None) -> None:
    assert rhetoric.frame_cue(cue) == frame


@given(st.text(max_size=200))
def test_hits_lie_inside_the_text_whatever_it_is(text: str) -> None:
    assert all(0 <= hit.span.start < hit.span.end <= len(text) for hit in rhetoric.find_rhetoric(text))


@given(st.lists(st.sampled_from([str(case["text"]) for case in examples()]), max_size=4))
def test_counts_add_up_over_paragraphs(texts: list[str]) -> None:
    together = Counter(hit.measure for hit in rhetoric.find_rhetoric("\n\n".join(texts)))
    apart = Counter(hit.measure for text in texts for hit in rhetoric.find_rhetoric(text))
    assert together == apart


@pytest.mark.parametrize("case", examples(), ids=lambda case: str(case["text"]))
def test_curly_and_straight_typography_count_the_same(case: dict[str, object]) -> None:
    curly = str(case["text"])
    assert rhetoric.measure_text(curly).keys() == rhetoric.measure_text(curly.replace("’", "'")).keys()
    hits = [(hit.measure, hit.span) for hit in rhetoric.find_rhetoric(curly)]
    assert hits == [(hit.measure, hit.span) for hit in rhetoric.find_rhetoric(curly.replace("’", "'"))]


def test_inserted_words_do_not_count() -> None:
    assert rhetoric.measure_text("We [must] go.")["must_n"] == 0
    assert rhetoric.measure_text("We [must] go.")["words"] == 2


def test_rates_are_hits_over_words_and_nothing_has_none() -> None:
    table = rhetoric.rhetoric(pd.DataFrame({"text": ["We must go now", None, ""]}, index=[5, 6, 7]))
    assert table.loc[5, "must_per_1000_words"] == 250
    assert table.loc[[6, 7], "words"].tolist() == [0, 0]
    assert table.loc[[6, 7], "must_per_1000_words"].isna().all()


def test_groups_pool_words_and_say_how_many_quotes_and_articles() -> None:
    quotes = pd.DataFrame(
        {
            "speaker": ["A", "A", "B", None],
            "doc_id": ["1", "2", "2", "3"],
            "text": ["We must go.", "No", "Perhaps.", "Must?"],
        }
    )
    grouped = rhetoric.rhetoric_by(quotes).set_index("speaker")
    assert grouped.loc["A", ["quotes", "articles", "words", "must_n"]].tolist() == [2, 2, 4, 1]
    assert grouped.loc["A", "must_per_1000_words"] == 250
    assert list(grouped.index) == ["A", "B"]


@pytest.mark.parametrize(
    "texts",
    [["This is where they are", "killed and wounded"], ["That is all we have", "to go on with it"], ["We must", None]],
)
def test_a_group_has_the_hits_of_its_quotes_and_no_phrase_across_two(texts: list[str | None]) -> None:
    table = pd.DataFrame({"speaker": "A", "text": texts})
    counts = ["words", *(f"{name}_n" for name in rhetoric.measures())]
    assert rhetoric.rhetoric_by(table)[counts].iloc[0].tolist() == rhetoric.rhetoric(table)[counts].sum().tolist()


def speech(length: int) -> list[str]:
    generator = random.Random(3)
    return [f"w{int(generator.paretovariate(1.0))}" for _ in range(length)]


def test_diversity_does_not_depend_on_length_as_type_token_ratio_does() -> None:
    short, long = speech(400), speech(4000)
    ratio = (len(set(short)) / len(short)) / (len(set(long)) / len(long))
    assert ratio > 1.5
    assert mtld(short) / mtld(long) == pytest.approx(1, abs=0.2)
    assert mattr(short) / mattr(long) == pytest.approx(1, abs=0.1)


def test_mattr_is_the_mean_over_windows() -> None:
    words = speech(120)
    windows = [len(set(words[i : i + 50])) / 50 for i in range(71)]
    assert mattr(words) == pytest.approx(sum(windows) / 71)


@pytest.mark.parametrize("number", [60, 200])
def test_mtld_of_words_that_never_repeat_is_not_known(number: int) -> None:
    """They are no less varied than the same words with one repetition, of which it takes a thousand."""
    words = [f"w{i}" for i in range(number)]
    assert math.isnan(mtld(words)) and mtld([*words[:59], words[0]]) > 1000


def test_readability_falls_with_longer_words_and_sentences() -> None:
    easy, hard = ["we", "go", "home"] * 40, ["institutional", "prioritisation", "deteriorates"] * 40
    assert flesch_reading_ease(easy, 40) > 90 > 0 > flesch_reading_ease(hard, 4)
    assert math.isnan(flesch_reading_ease(easy[:30], 10))


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "will not " * 10_000, "is really " * 10_000, "1," * 50_000, "so-" * 50_000, "a" + "!" * 200_000],
)
def test_hostile_text_is_measured(text: str) -> None:
    assert rhetoric.measure_text(text)["words"] >= 1


def test_a_run_of_marks_is_a_question_wherever_its_question_mark_stands() -> None:
    marks = ["!?", "?!", "!!?!!", "?", "!!"]
    assert [[tuple(span) for span in rhetoric.find_questions(f"Go{each} No{each}", [])] for each in marks] == [
        [(2, 4), (7, 9)], [(2, 4), (7, 9)], [(2, 7), (10, 15)], [(2, 3), (6, 7)], []
    ]  # fmt: skip


def test_a_text_is_folded_once_however_many_passives_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[str] = []

    def fold_and_note(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(rhetoric, "fold", fold_and_note)
    assert len(list(rhetoric.find_agents("It was killed by them. " * 50, []))) == 50
    assert len(folded) == 2
