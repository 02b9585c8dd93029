"""Distinctive words: the formulas, the minimum of articles, and uncertainty that knows of articles."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from research import keyness


def quotes(rows: Sequence[tuple[str | None, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["speaker", "doc_id", "text"])


def filler(generator: np.random.Generator, length: int) -> str:
    return " ".join(f"w{number}" for number in generator.integers(0, 40, length))


def test_log_odds_are_those_of_the_paper_by_hand() -> None:
    counts, prior = np.array([[3.0, 7.0], [1.0, 9.0]]), np.array([0.5, 1.5])
    odds, error = keyness.log_odds(counts, prior)
    expected = math.log(3.5 / (12 - 3.5)) - math.log(1.5 / (12 - 1.5))
    assert odds[0, 0] == pytest.approx(expected)
    assert error[0, 0] == pytest.approx(math.sqrt(1 / 3.5 + 1 / 1.5))


def test_g2_is_that_of_the_contingency_table() -> None:
    from scipy.stats import chi2_contingency

    counts = np.array([[30.0, 970.0], [10.0, 990.0]])
    expected = chi2_contingency(counts, correction=False, lambda_="log-likelihood").statistic
    assert keyness.signed_g2(counts)[0, 0] == pytest.approx(expected)
    assert keyness.signed_g2(counts)[1, 0] == pytest.approx(-expected)


def test_log_ratio_of_twice_the_rate_is_one() -> None:
    assert keyness.log_ratio(np.array([[20.0, 980.0], [10.0, 990.0]]))[0, 0] == pytest.approx(1)


def test_three_speakers_are_compared_jointly() -> None:
    rows = [(name, str(n), f"{word} and we go on") for name, word in zip("ABC", ("peace", "war", "trade"), strict=True)
            for n in range(5)]  # fmt: skip
    found = keyness.distinctive_words(quotes(rows), draws=50, prior_words=20)
    assert found.groupby("speaker")["word"].first().to_dict() == {"A": "peace", "B": "war", "C": "trade"}


def test_a_word_of_one_article_is_not_listed_however_often() -> None:
    rows = [("A", "1", "bakhmut " * 50), *(("A", str(n), "we hold peace") for n in range(2, 6))]
    rows += [("B", str(n), "we go on") for n in range(1, 6)]
    found = keyness.distinctive_words(quotes(rows), draws=50)
    assert "bakhmut" not in set(found["word"])
    assert {"hold", "peace"} <= set(found.loc[found["speaker"] == "A", "word"])


def test_uncertainty_is_wider_when_a_word_comes_from_few_articles() -> None:
    generator = np.random.default_rng(1)
    rows = []
    for article in range(30):
        bundled = "bundled " * 10 if article < 3 else ""
        rows.append(("A", str(article), f"spread {bundled}{filler(generator, 30)}"))
        rows.append(("B", str(article), filler(generator, 30)))
    found = keyness.distinctive_words(quotes(rows), draws=200, top=None).set_index("word")
    width = found["high"] - found["low"]
    assert found.loc["bundled", "count"] == found.loc["spread", "count"] == 30
    assert width["bundled"] > 2 * width["spread"]
    assert found.loc["spread", "low"] > 0


def test_two_speakers_of_the_same_words_are_not_told_apart() -> None:
    generator = np.random.default_rng(2)
    rows = [(name, str(article), filler(generator, 40)) for article in range(20) for name in "AB"]
    found = keyness.distinctive_words(quotes(rows), draws=200, top=None)
    assert (found["low"] > 0).mean() < 0.15


def test_the_same_seed_gives_the_same_table() -> None:
    rows = [(name, str(n), f"word{n} common {name}x") for name in "AB" for n in range(6)]
    pd.testing.assert_frame_equal(
        keyness.distinctive_words(quotes(rows), draws=20), keyness.distinctive_words(quotes(rows), draws=20)
    )


@pytest.mark.parametrize("rows", [[], [("A", "1", "alone")], [(None, "1", "nobody")]])
def test_fewer_than_two_speakers_give_an_empty_table(rows: list[tuple[str | None, str, str]]) -> None:
    found = keyness.distinctive_words(quotes(rows))
    assert found.empty and found.attrs["seed"] == 0
    assert list(found.columns) == ["speaker", *keyness.COLUMNS]


def test_the_table_remembers_how_it_was_made() -> None:
    rows = [(name, str(n), f"word{n} common {name}x") for name in "AB" for n in range(6)]
    found = keyness.distinctive_words(quotes(rows), least_articles=2, prior_words=20, draws=30, top=3, seed=4)
    assert found.attrs == {
        "by": "speaker", "least_articles": 2, "prior_words": 20, "draws": 30, "top": 3, "seed": 4, "level": 0.95
    }  # fmt: skip


def test_inserted_words_are_nobodys() -> None:
    rows = [("A", str(n), "we [peace] go") for n in range(4)] + [("B", str(n), "they stay") for n in range(4)]
    assert "peace" not in set(keyness.distinctive_words(quotes(rows), draws=20, top=None)["word"])


def test_a_words_quotes_can_be_read() -> None:
    table = quotes([("A", str(n), "peace, peace" if n % 2 else "we go on") for n in range(8)]
                   + [("B", str(n), "we go on") for n in range(8)])  # fmt: skip
    listed = keyness.distinctive_words(table.assign(quote_id=[f"q{n}" for n in range(16)]), draws=20)
    row = listed.set_index(["speaker", "word"]).loc[("A", "peace")]
    assert row["quote_ids"] == ("q1", "q3", "q5", "q7") and row["count"] == 8
    assert keyness.distinctive_words(table, draws=20)["quote_ids"].map(len).sum() == 0


def test_the_draws_of_one_speaker_at_a_time_are_held() -> None:
    speakers, words, draws = 40, 500, 100
    rows = [{"speaker": f"s{number}", "doc_id": f"{number % 9}", "text": " ".join(f"w{i}" for i in range(words))}
            for number in range(speakers)]  # fmt: skip
    counts = keyness.count_words(pd.DataFrame(rows))
    tracemalloc.start()
    keyness.draw_articles(counts, np.ones(words), draws, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < draws * speakers * words * np.dtype(np.float32).itemsize
