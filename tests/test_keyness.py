"""Distinctive words: the formulas, the minimum of articles, and uncertainty that knows of articles."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace

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
    assert (found["p_adjusted"] > 0.05).all()


def zipf(generator: np.random.Generator, length: int, burst: float = 0.0) -> str:
    """Words as frequent as their rank says; with a `burst` each article has words of its own more often."""
    share = 1 / np.arange(1, 1001) * (generator.gamma(burst, 1 / burst, 1000) if burst else 1.0)
    return " ".join(f"w{number}" for number in generator.choice(1000, length, p=share / share.sum()))


@pytest.mark.parametrize(("lengths", "burst"), [((80, 80), 0.0), ((80, 80), 0.3), ((150, 50), 0.0), ((150, 50), 0.3)])
def test_of_many_words_the_surest_is_seldom_sure_where_nobody_differs(lengths: tuple[int, int], burst: float) -> None:
    """Two speakers in articles of their own, 20 times; of the words listed 40 to 70 % have an interval above 0."""
    generator, sure, above = np.random.default_rng(3), [], []
    for _ in range(20):
        rows = [(name, f"{name}{article}", zipf(generator, 5 + int(generator.exponential(length)), burst))
                for name, length in zip("AB", lengths, strict=True) for article in range(25)]  # fmt: skip
        found = keyness.distinctive_words(quotes(rows), draws=50, permutations=99).groupby("speaker")
        sure += (found["p_adjusted"].min() <= 0.05).tolist()
        above += found["low"].agg(lambda low: (low > 0).mean()).tolist()
    assert len(sure) == 40 and np.mean(sure) <= 0.125 and np.mean(above) > 0.3


def test_a_planted_word_is_sure_though_others_come_in_bursts() -> None:
    generator = np.random.default_rng(4)
    rows = [(name, f"{name}{article}", zipf(generator, 80, 0.3) + (" planted" if name == "A" and article % 2 else ""))
            for name in "AB" for article in range(40)]  # fmt: skip
    found = keyness.distinctive_words(quotes(rows), draws=20, permutations=199, top=None).set_index("word")
    assert found.loc["planted", "p_adjusted"] <= 0.01
    assert (found.drop("planted")["p_adjusted"] > 0.05).all()


def test_permuted_maxima_are_those_of_the_table_with_other_names() -> None:
    generator = np.random.default_rng(5)
    rows = [(name, str(article), filler(generator, 3 + 9 * (article % 3))) for name in "ABC" for article in range(8)]
    counts = keyness.count_words(quotes(rows))
    options = {"least_articles": 3, "prior_words": 50.0, "permutations": 5, "seed": 6}
    largest = keyness.permute_speakers(counts, **options)  # type: ignore[arg-type]
    again, size = np.random.default_rng(6), np.log2(counts.table.sum(axis=1)).astype(int).ravel()
    for best in largest:
        renamed = replace(counts, speaker_of_row=keyness._shuffle(counts.speaker_of_row, np.asarray(size)[0], again))
        table = renamed.by_speaker()
        odds, error = keyness.log_odds(table, keyness.make_prior(table, 50.0))
        z = odds / error / np.sqrt(keyness.measure_dispersion(counts))
        assert best == pytest.approx(np.where(renamed.articles_by_speaker() >= 3, z, -np.inf).max(axis=1))


def test_nobody_is_shuffled_with_who_speaks_at_another_length() -> None:
    rows = [(name, f"{name}{n}", f"{word} {filler(np.random.default_rng(n), length)}")
            for name, word, length in (("A", "peace", 200), ("B", "war", 20)) for n in range(12)]  # fmt: skip
    found = keyness.distinctive_words(quotes(rows), draws=20, permutations=49).set_index("word")
    assert found.loc[["peace", "war"], "p_adjusted"].tolist() == [1, 1]


def test_dispersion_is_that_of_the_counts() -> None:
    rows = [("A", str(n), "even " + ("burst " * 5 if n % 5 == 0 else "calm " * 5)) for n in range(10)]
    counts = keyness.count_words(quotes(rows))
    found = dict(zip(counts.words, keyness.measure_dispersion(counts), strict=True))
    assert found["even"] == 1 and found["burst"] == pytest.approx((2 * 4**2 + 8 * 1) / 10)


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
        "by": "speaker", "least_articles": 2, "prior_words": 20, "draws": 30, "permutations": 999, "top": 3, "seed": 4,
        "level": 0.95,
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
