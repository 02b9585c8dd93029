"""Means, differences and rankings: against textbook formulas, under reordering, and with known truth."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from benchmarks.simulation import (
    ARTICLES,
    DESIGNS,
    Size,
    draw_null,
    reject_default,
    reject_naive,
    tabulate_one_hit_rate,
    tabulate_one_rate,
)
from research.attrition import count_steps
from research.change import compare_over_time, compare_periods, find_break, fit_break
from research.clustering import (
    Cells,
    Estimate,
    adjust_p_values,
    estimate_contrast,
    estimate_correlation,
    find_hit_interval,
    find_rate_difference,
)
from research.columns import mark_flags
from research.comparison import (
    compare,
    compare_pairs,
    concat_tables,
    describe_correlation,
    describe_pairs,
    draw_means,
    leave_one_out,
    rank_speakers,
)
from research.design import Design
from research.pooling import estimate_between, pool_speakers, smooth_variances
from research.regression import compare_adjusted, fit_clustered
from research.sample import prepare_sample
from research.variants import find_variants, merge_copies


def make_quotes(seed: int = 0, articles: int = 30, shift: float = 0.0) -> pd.DataFrame:
    """Quotes of three speakers nested in articles; the second is `shift` higher than the others."""
    random = np.random.default_rng(seed)
    rows = []
    for article in range(articles):
        effect = random.normal() * 0.2
        for number in range(1 + random.poisson(4)):
            speaker = random.choice(3, p=[0.5, 0.3, 0.2])
            rows.append({
                "doc_id": f"a{article:03}", "quote_id": f"a{article:03}:{number}", "speaker": "ABC"[speaker],
                "speaker_kind": "person", "text": f"{random.bytes(12).hex()} {random.bytes(12).hex()}",
                "tone": shift * (speaker == 1) + effect + random.normal() * 0.3,
                "outlet": f"o{article % 4}", "event": f"e{article // 2}", "flags": "inserted" if number % 2 else "",
                "date": str(np.datetime64("2022-01-03") + 20 * article),
            })  # fmt: skip
    return pd.DataFrame(rows)


def brute_force(
    quotes: pd.DataFrame, names: tuple[str, ...], contrast: np.ndarray, correlation: float
) -> tuple[float, ...]:
    """CR2 and Satterthwaite straight from their matrices, N by N; weighted by `words` if there are any."""
    root = np.sqrt(quotes["words"].to_numpy(float)) if "words" in quotes else np.ones(len(quotes))
    design = root[:, None] * np.column_stack([(quotes["speaker"] == name).to_numpy(float) for name in names])
    y, articles = root * quotes["tone"].to_numpy(), quotes["doc_id"].to_numpy()
    bread = np.linalg.inv(design.T @ design)
    residual_maker = np.eye(len(y)) - design @ bread @ design.T
    same = articles[:, None] == articles[None, :]
    working = np.outer(root, root) * (np.where(same, correlation, 0.0) + (1 - correlation) * np.eye(len(y)))
    columns, variance = [], 0.0
    for article in np.unique(articles):
        rows = np.flatnonzero(articles == article)
        values, vectors = np.linalg.eigh(residual_maker[np.ix_(rows, rows)])
        root = (vectors / np.sqrt(values)) @ vectors.T
        weights = root @ design[rows] @ bread @ contrast
        columns.append(residual_maker[:, rows] @ weights)
        variance += (weights @ (residual_maker @ y)[rows]) ** 2
    matrix = np.array(columns) @ working @ np.array(columns).T
    return float(contrast @ bread @ design.T @ y), variance**0.5, np.trace(matrix) ** 2 / (matrix**2).sum()


@pytest.mark.parametrize("contrast", [[1, 0, 0], [0, 0, 1], [1, -1, 0], [0.5, 0.5, -1]])
def test_cr2_and_degrees_of_freedom_equal_their_matrix_definition(contrast: list[float]) -> None:
    quotes = make_quotes(1)
    sample = prepare_sample(quotes, "tone")
    correlation = estimate_correlation(sample.cells())
    found = estimate_contrast(sample.cells(), np.array(contrast, float), correlation)
    expected = brute_force(sample.rows, sample.names, np.array(contrast, float), float(correlation))
    assert (float(found.value), float(found.se), float(found.degrees_of_freedom)) == pytest.approx(expected, rel=1e-9)


def test_regression_on_speakers_alone_is_the_comparison_of_means() -> None:
    sample = prepare_sample(make_quotes(2), "tone")
    contrasts = np.array([[1, 0, 0], [1, -1, 0]], float)
    fitted = fit_clustered(np.eye(3)[sample.group], sample, contrasts)
    correlation = estimate_correlation(sample.cells())
    for number, contrast in enumerate(contrasts):
        found = estimate_contrast(sample.cells(), contrast, correlation)
        for part in ("value", "se", "degrees_of_freedom"):
            assert getattr(fitted, part)[number] == pytest.approx(float(getattr(found, part)), rel=1e-8)


@pytest.mark.parametrize("contrast", [[1, 0, 0], [1, -1, 0]])
def test_with_weights_means_and_regression_equal_their_matrix_definition(contrast: list[float]) -> None:
    quotes = make_quotes(2).assign(words=lambda table: np.random.default_rng(2).integers(1, 40, len(table)))
    sample = prepare_sample(quotes, "tone", design=Design(weight="words"))
    expected = brute_force(sample.rows, sample.names, np.array(contrast, float), float(sample.correlation))
    mean = estimate_contrast(sample.cells(), np.array(contrast, float), sample.correlation)
    fitted = fit_clustered(np.eye(3)[sample.group], sample, np.array([contrast], float))
    for found in (mean, fitted):
        parts = (found.value.item(), found.se.item(), found.degrees_of_freedom.item())
        assert parts == pytest.approx(expected, rel=1e-8)


def test_a_stack_of_runs_gives_what_each_run_gives() -> None:
    cells = draw_null(np.random.default_rng(3), 5, 12, "some of both")
    contrast = np.array([1.0, -1.0])
    together = estimate_contrast(cells, contrast, estimate_correlation(cells))
    for run in range(cells.count.shape[0]):
        one = Cells(**{name: getattr(cells, name)[run] for name in Cells.__slots__})
        alone = estimate_contrast(one, contrast, estimate_correlation(one))
        assert float(alone.se) == pytest.approx(together.se[run])
        assert float(alone.degrees_of_freedom) == pytest.approx(together.degrees_of_freedom[run])


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("articles", ARTICLES)
def test_default_test_keeps_its_level_without_any_difference(design: str, articles: int) -> None:
    """3.5 to 6.5 %, of 6,000 runs (Monte Carlo error 0.3 points); the simulation of README has more."""
    random = np.random.default_rng([7, articles, DESIGNS.index(design)])
    share = np.mean([reject_default(draw_null(random, 1000, articles, design)) for _ in range(6)])
    assert 0.035 <= share <= 0.065


def test_ignoring_articles_does_not_keep_the_level() -> None:
    cells = draw_null(np.random.default_rng(8), 2000, 30, "different articles")
    assert reject_naive(cells) > 0.15


def test_order_of_rows_changes_nothing_not_even_the_last_digit() -> None:
    quotes = make_quotes(4)
    shuffled = quotes.sample(frac=1, random_state=1)
    for design in (Design(), Design(interval="bootstrap", draws=200), Design(cluster=("outlet", "event"))):
        one, other = compare(quotes, design=design), compare(shuffled, design=design)
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@settings(max_examples=30, deadline=None)
@given(shift=st.floats(-5, 5), scale=st.floats(0.01, 100), seed=st.integers(0, 5))
def test_shifting_and_scaling_the_measure_shifts_and_scales_the_interval(shift: float, scale: float, seed: int) -> None:
    quotes = make_quotes(seed, articles=8)
    one, other = compare(quotes), compare(quotes.assign(tone=quotes["tone"] * scale + shift))
    np.testing.assert_allclose(one["low"] * scale + shift, other["low"], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(one["degrees_of_freedom"], other["degrees_of_freedom"], rtol=1e-4)


@pytest.mark.parametrize("speakers", [5, 30, 73])
def test_many_speakers_do_not_look_like_correlation(speakers: int) -> None:
    """400 independent quotes in 73 articles."""
    random = np.random.default_rng(9)
    found = []
    for _ in range(20):
        places, articles = random.integers(0, speakers, 400), random.integers(0, 73, 400)
        table = pd.DataFrame({"doc_id": articles.astype(str), "speaker": places, "tone": random.normal(size=400)})
        found.append(compare(table))
    assert np.mean([table.attrs["correlation"] for table in found]) < 0.2
    assert np.mean([table["effective_quotes"][0] / table["quotes"][0] for table in found]) > 0.93


def test_the_correlation_is_that_of_the_textbook_and_the_same_by_either_way() -> None:
    """Equal groups of one speaker: (MSB - MSW) / (MSB + (n - 1) MSW)."""
    values = np.array([[0.1, 0.3, 0.2], [0.9, 0.7, 0.8], [0.5, 0.1, 0.6], [0.4, 0.4, 0.3]])
    quotes = pd.DataFrame({"doc_id": np.repeat(list("abcd"), 3), "speaker": "A", "tone": values.ravel()})
    within = values.var(axis=1, ddof=1).mean()
    between = 3 * values.mean(axis=1).var(ddof=1)
    expected = (between - within) / (between + 2 * within)
    assert compare(quotes).attrs["correlation"] == pytest.approx(expected)
    sample = prepare_sample(make_quotes(5), "tone")
    assert float(sample.correlation) == pytest.approx(float(estimate_correlation(sample.cells())))


def test_one_quote_an_article_tells_no_correlation_and_counts_fully() -> None:
    quotes = pd.DataFrame({"doc_id": list("abcdef"), "speaker": ["A", "B"] * 3, "tone": [0.1, 0.4, 0.2, 0.1, 0.3, 0.2]})
    table = compare(quotes)
    assert np.isnan(table.attrs["correlation"]) and (table["effective_quotes"] == table["quotes"]).all()
    assert describe_correlation(table).startswith("here taken as 0")
    assert describe_correlation(compare(make_quotes(5))).startswith("here 0.")


def test_effective_quotes_never_exceed_quotes_and_fall_with_correlation() -> None:
    quotes = make_quotes(5)
    table = compare(quotes)
    assert (table["effective_quotes"] <= table["quotes"] + 1e-9).all()
    same = quotes.assign(tone=quotes["doc_id"].map(dict(zip(quotes["doc_id"].unique(), itertools.count()))))
    copied = compare(same)
    assert (copied["effective_quotes"] <= copied["articles"] + 1e-9).all()
    assert copied.attrs["correlation"] > 0.9 > table.attrs["correlation"]


def test_one_article_has_no_interval_and_says_so() -> None:
    quotes = make_quotes(6)
    third = quotes["speaker"] == "C"
    alone = quotes[~third | (quotes["doc_id"] == quotes.loc[third, "doc_id"].iloc[0])]
    row = compare(alone).set_index("speaker").loc["C"]
    assert np.isnan(row["se"]) and np.isnan(row["low"]) and row["warning"] == "one article: no interval"
    pairs = compare_pairs(alone).set_index(["first", "second"])
    assert np.isnan(pairs.loc[("A", "C"), "p"]) and np.isfinite(pairs.loc[("A", "B"), "p"])


def test_few_articles_carry_a_warning() -> None:
    assert compare(make_quotes(7, articles=6))["warning"].str.contains("few articles").all()
    assert (compare(make_quotes(7, articles=80))["warning"] == "").all()


def test_rows_without_speaker_or_measure_are_left_out_and_counted() -> None:
    quotes = make_quotes(8)
    quotes.loc[0, "speaker"], quotes.loc[1, "tone"], quotes.loc[2, "tone"] = None, np.nan, np.inf
    table = compare(quotes)
    assert table["quotes"].sum() == len(quotes) - 3
    assert (table.attrs["quotes_given"], table.attrs["quotes_used"]) == (len(quotes), len(quotes) - 3)


def test_every_number_can_be_followed_to_its_quotes() -> None:
    quotes = make_quotes(9)
    for row in compare(quotes).itertuples():
        own = quotes[quotes["quote_id"].isin(row.quote_ids)]
        assert len(own) == row.quotes and own["tone"].mean() == pytest.approx(row.mean)


def test_missing_columns_are_named_all_at_once() -> None:
    with pytest.raises(KeyError, match=r"no column nothing, outlet.*It has: speaker, tone"):
        compare(pd.DataFrame({"speaker": [], "tone": []}), "nothing", design=Design(cluster=("outlet",)))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"level": 95.0}, "between 0 and 1"), ({"cluster": ()}, "0 columns"), ({"interval": "z"}, 'Use "t" or')],
)
def test_impossible_designs_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Design(**options)  # type: ignore[arg-type]


# --- units, clusters, bootstrap -------------------------------------------------------------------------------------


def test_a_copied_quote_counts_once_by_quote_and_twice_by_occurrence() -> None:
    quotes = make_quotes(10)
    copied = quotes.iloc[[0]].assign(doc_id="copy", quote_id="copy:0")
    both = pd.concat([quotes, copied], ignore_index=True)
    name = quotes["speaker"].iloc[0]
    once = compare(both, design=Design(unit="quote")).set_index("speaker").loc[name]
    assert once["mean"] == pytest.approx(quotes.loc[quotes["speaker"] == name, "tone"].mean())
    twice = compare(both).set_index("speaker").loc[name]
    assert twice["mean"] == pytest.approx(both.loc[both["speaker"] == name, "tone"].mean())


def make_copies(values: dict[str, list[float]], copies: int = 8) -> pd.DataFrame:
    """Each value is said once and printed in several articles of its own."""
    return pd.DataFrame([
        {"doc_id": f"{name}{i}-{j}", "quote_id": f"{name}{i}-{j}:0", "speaker": name, "variant": i, "tone": value}
        for name, own in values.items() for i, value in enumerate(own) for j in range(copies)
    ])  # fmt: skip


def test_copies_are_no_evidence() -> None:
    """Six utterances, each in eight articles, tell what the six tell."""
    quotes = make_copies({"A": [-0.5, 0.4, 0.1, -0.2, 0.6, -0.1]})
    copied = compare(quotes, design=Design(unit="quote"))
    alone = compare(quotes[quotes["doc_id"].str.endswith("-0")])
    columns = ["quotes", "articles", "mean", "se", "low", "high", "degrees_of_freedom", "effective_quotes"]
    pd.testing.assert_frame_equal(copied[columns], alone[columns])
    assert copied.loc[0, "quotes"] == 6 and len(copied.loc[0, "quote_ids"]) == 48


def test_by_quote_two_equal_speakers_copied_at_random_are_seldom_told_apart() -> None:
    random = np.random.default_rng(30)
    found = []
    for _ in range(60):
        rows = [(name, i, random.normal(), 1 + random.integers(6)) for name in "AB" for i in range(12)]
        table = pd.DataFrame(
            [(f"{name}{i}{j}", name, i, value) for name, i, value, times in rows for j in range(times)],
            columns=["doc_id", "speaker", "variant", "tone"],
        )
        found.append(compare_pairs(table, design=Design(unit="quote"))["p"].iloc[0] < 0.05)
    assert np.mean(found) <= 0.1


def test_a_quotation_counts_where_it_was_printed_first() -> None:
    quotes = pd.DataFrame({
        "doc_id": ["late", "early", "same day", "undated"], "quote_id": list("wxyz"), "speaker": "A",
        "variant": [0, 0, 1, 1], "tone": [0.4, 0.0, 0.2, 0.6], "words": [1, 3, 2, 2],
        "date": ["2022-05-02", "2022-05-01", "2022-05-03", None],
    })  # fmt: skip
    merged = merge_copies(quotes, "tone", weight="words")
    assert merged["doc_id"].tolist() == ["early", "same day"]
    assert merged["tone"].tolist() == pytest.approx([0.1, 0.4]) and merged["words"].tolist() == [2, 2]
    assert merged["occurrences"].tolist() == [("x", "w"), ("y", "z")]
    assert merge_copies(quotes.drop(columns="date"), "tone")["doc_id"].tolist() == ["late", "same day"]
    assert len(merge_copies(quotes.assign(variant=None), "tone")) == 4


def test_equal_weight_per_outlet_is_the_mean_of_outlet_means() -> None:
    quotes = make_quotes(11)
    table = compare(quotes, design=Design(unit="outlet")).set_index("speaker")
    for name, own in quotes.groupby("speaker"):
        assert table.loc[name, "mean"] == pytest.approx(own.groupby("outlet")["tone"].mean().mean())


def test_rates_per_word_weighted_by_words_are_hits_over_words() -> None:
    quotes = make_quotes(26)
    random = np.random.default_rng(26)
    quotes["words"] = random.integers(1, 40, len(quotes))
    quotes["hits"] = random.binomial(quotes["words"], 0.1)
    rates = quotes.assign(rate=1000 * quotes["hits"] / quotes["words"])
    table = compare(rates, "rate", design=Design(weight="words")).set_index("speaker")
    for name, own in quotes.groupby("speaker"):
        assert table.loc[name, "mean"] == pytest.approx(1000 * own["hits"].sum() / own["words"].sum())
    with pytest.raises(ValueError, match="1 rows have a words of 0 or less"):
        compare(rates.assign(words=rates["words"].where(rates.index > 0, 0)), "rate", design=Design(weight="words"))


@pytest.mark.parametrize(
    ("texts", "distinct"),
    [
        (["We will take the city back.", "“We will take the city back,”"], 1),
        (["We will never give up our land to anyone", "We will never give up our land to anybody"], 1),
        (["The talks were useful.", "Nobody asked the soldiers."], 2),
        (["", "…"], 2),
        (["Yes."], 1),
    ],
)
def test_variants_of_one_utterance(texts: list[str], distinct: int) -> None:
    table = pd.DataFrame({"speaker": "A", "text": texts})
    assert find_variants(table).nunique() == distinct


def test_quotes_without_a_speaker_are_a_quotation_each() -> None:
    texts = ["It rained all day", "Prices rise every month", "Trains were late", "We like tea", "We like tea"]
    quotes = pd.DataFrame({"doc_id": list("abcde"), "outlet": "o", "speaker": [None] * 3 + ["Z"] * 2, "text": texts,
                           "tone": [0.0, 0.1, 0.2, 0.3, 0.4]})  # fmt: skip
    marked = quotes.assign(variant=find_variants(quotes))
    assert marked["variant"].tolist() == [-1, -1, -1, 0, 0]
    assert compare(marked, by="outlet", design=Design(unit="quote"))["quotes"].tolist() == [4]


def test_variants_do_not_depend_on_row_labels_or_on_the_kind_of_column() -> None:
    quotes = pd.DataFrame({"speaker": ["A", "B", None, "A"], "text": ["We like tea"] * 4})
    both = pd.concat([quotes, quotes])
    found = find_variants(both)
    assert found.tolist() == [0, 1, -1, 0] * 2 and found.index.equals(both.index)
    unused = pd.Categorical(quotes["speaker"], categories=["A", "B", "C"])
    assert find_variants(quotes.assign(speaker=unused)).tolist() == [0, 1, -1, 0]


def test_the_same_words_from_two_mouths_are_two_utterances() -> None:
    table = pd.DataFrame({"speaker": ["A", "B"], "text": ["No comment on this."] * 2})
    assert find_variants(table).nunique() == 2


def test_two_way_clustering_of_nested_clusters_is_the_outer_one() -> None:
    quotes = make_quotes(12)
    outer = compare(quotes, design=Design(cluster=("outlet",)))
    both = compare(quotes, design=Design(cluster=("doc_id", "outlet")))
    assert (both["se"] >= outer["se"] - 1e-12).all()
    np.testing.assert_allclose(both["se"], np.maximum(outer["se"], compare(quotes)["se"]), rtol=1e-9)


def test_one_cluster_of_the_second_kind_is_said_and_clusters_keep_their_names() -> None:
    quotes = make_quotes(12).assign(outlet="one paper")
    table = compare(quotes, design=Design(cluster=("doc_id", "outlet")))
    assert table["low"].isna().all() and (table["warning"] == "one outlet: no interval").all()
    sentence = describe_pairs(compare_pairs(quotes, design=Design(cluster=("doc_id", "outlet"))))[0]
    assert "one outlet: no interval" in sentence
    outlets = compare(make_quotes(12), design=Design(cluster=("outlet",)))["warning"]
    assert outlets.str.contains("few outlets").all() and not outlets.str.contains("article").any()


def test_a_permutation_of_two_kinds_of_clusters_is_refused() -> None:
    with pytest.raises(ValueError, match="one kind of cluster, not doc_id and outlet"):
        compare_pairs(make_quotes(12), test="permutation", design=Design(cluster=("doc_id", "outlet")))
    with pytest.raises(ValueError, match='Use "t" or "permutation"'):
        compare_pairs(make_quotes(12), test="z")  # type: ignore[arg-type]


def test_bootstrap_is_repeatable_and_near_the_clustered_error_with_many_articles() -> None:
    quotes = make_quotes(13, articles=150)
    design = Design(interval="bootstrap", draws=1000)
    first, second = compare(quotes, design=design), compare(quotes, design=design)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    spread = draw_means(prepare_sample(quotes, "tone"), design).std(axis=0)
    np.testing.assert_allclose(spread, compare(quotes).sort_values("speaker")["se"], rtol=0.12)
    other = compare(quotes, design=Design(interval="bootstrap", draws=1000, seed=1))
    assert (first["low"] != other["low"]).any()


# --- pairs, ranks, pooling ------------------------------------------------------------------------------------------


def test_a_real_difference_is_found_by_both_tests() -> None:
    quotes = make_quotes(14, articles=60, shift=0.6)
    for test in ("t", "permutation"):
        pairs = compare_pairs(quotes, test=test).set_index(["first", "second"])  # type: ignore[arg-type]
        assert pairs.loc[("A", "B"), "p_adjusted"] < 0.01
        assert pairs.loc[("A", "C"), "p_adjusted"] > 0.05
        assert pairs.loc[("A", "B"), "difference"] < 0


def test_pairs_against_one_speaker_have_him_second() -> None:
    pairs = compare_pairs(make_quotes(15), against="B")
    assert pairs["second"].tolist() == ["B", "B"] and pairs["first"].tolist() == ["A", "C"]


def test_pairs_periods_and_lines_say_on_what_they_rest() -> None:
    quotes = make_quotes(15, articles=40)
    speakers = compare(quotes).set_index("speaker")
    pair = compare_pairs(quotes).iloc[0]
    assert pair["quote_ids"] == speakers.loc["A", "quote_ids"] + speakers.loc["B", "quote_ids"]
    effective = pair[["effective_quotes_first", "effective_quotes_second"]].tolist()
    assert effective == pytest.approx(speakers.loc[["A", "B"], "effective_quotes"].tolist())
    day = sorted(quotes["date"].unique())[20]
    periods = compare_periods(quotes, at=day).set_index("speaker")
    assert set(periods.loc["A", "quote_ids"]) == set(speakers.loc["A", "quote_ids"])
    assert (periods["effective_quotes_after"] < periods["quotes_after"] + 1e-9).all()
    lines = fit_break(quotes, at=day)
    assert lines["quote_ids"].map(len).tolist() == lines["quotes"].tolist()
    assert (lines["effective_quotes"] <= lines["quotes"]).all()
    near_the_end = fit_break(quotes, at=sorted(quotes["date"].unique())[-6])
    assert near_the_end["warning"].str.contains("few articles").all()
    found = find_break(quotes, design=Design(draws=20)).iloc[0]
    assert len(found["quote_ids"]) == found["quotes"] == len(quotes)


def test_sentences_say_what_the_table_says() -> None:
    quotes = make_quotes(27, articles=60, shift=0.6)
    sentences = describe_pairs(compare_pairs(quotes))
    assert sentences[0].startswith("A is lower in tone than B: difference -0.")
    assert sentences[1].startswith("A and C: no difference in tone can be shown: difference")
    few = pd.DataFrame({"doc_id": ["a", "b", "c"], "speaker": ["A", "B", "B"], "tone": [0.1, 0.2, 0.4]})
    assert describe_pairs(compare_pairs(few)) == [
        "A and B cannot be compared in tone: one article: no interval; few articles (2); one article holds 50% of the "
        "weight (1 quote in 1 article, 2 in 2)."
    ]


def test_sentences_of_a_table_that_was_a_file_are_the_same(tmp_path: Path) -> None:
    pairs = compare_pairs(make_quotes(27, articles=60, shift=0.6))
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    assert (pairs["warning"] == "").all()
    assert describe_pairs(pd.read_csv(tmp_path / "pairs.csv")) == describe_pairs(pairs)


@pytest.mark.parametrize("columns", [("outlet",), ("doc_id", "outlet"), ("event",)])
def test_articles_of_a_pair_are_documents_whatever_the_clusters_are(columns: tuple[str, ...]) -> None:
    quotes, design = make_quotes(15, articles=40), Design(cluster=columns)
    pair, alone = compare_pairs(quotes, design=design).iloc[0], compare(quotes, design=design).set_index("speaker")
    own = [set(quotes.loc[quotes["speaker"] == name, "doc_id"]) for name in "AB"]
    assert pair[["articles_first", "articles_second", "shared_articles"]].tolist() == [
        len(own[0]), len(own[1]), len(own[0] & own[1])
    ]  # fmt: skip
    assert alone.loc[["A", "B"], "articles"].tolist() == [len(own[0]), len(own[1])]
    periods = compare_periods(quotes, at=sorted(quotes["date"].unique())[20], design=design).set_index("speaker")
    assert periods.loc["A", "articles_before"] + periods.loc["A", "articles_after"] == len(own[0])


def make_rates(first: list[int], second: list[int]) -> pd.DataFrame:
    """One quote an article; the articles of two speakers are others."""
    values = [*first, *second]
    speakers = ["A"] * len(first) + ["B"] * len(second)
    return pd.DataFrame({"doc_id": [f"d{i}" for i in range(len(values))], "speaker": speakers, "hit": values})


def test_never_against_always_is_no_certainty() -> None:
    pairs = compare_pairs(make_rates([0] * 5, [1] * 5), "hit")
    pair = pairs.iloc[0]
    assert pair["low"] == pytest.approx(-1) and -0.7 < pair["high"] < 0 and 0 < pair["p"] < 0.05
    assert describe_pairs(pairs)[0].startswith("A is lower in hit than B: difference -1.00, 95 % interval -1.00 to -0.")


def test_the_interval_of_two_rates_is_newcombes() -> None:
    """56 of 70 and 48 of 80: .0524 to .3339 in Newcombe (1998), method 10, whose quotes are independent and many."""
    rates = Estimate(value=np.array(0.8), se=np.sqrt(np.array(0.16 / 70)), degrees_of_freedom=np.array(1e6))
    other = Estimate(value=np.array(0.6), se=np.sqrt(np.array(0.24 / 80)), degrees_of_freedom=np.array(1e6))
    low, high = find_rate_difference([rates, other], [70, 80], 0, 0.95)
    assert (float(low), float(high)) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_p_of_two_rates_is_where_their_interval_reaches_zero() -> None:
    random = np.random.default_rng(31)
    quotes = make_quotes(31, articles=40).assign(rare=lambda table: random.random(len(table)) < 0.3)
    p = compare_pairs(quotes, "rare")["p"].iloc[0]
    wider, narrower = (compare_pairs(quotes, "rare", design=Design(level=1 - p * by)).iloc[0] for by in (0.99, 1.01))
    assert wider["low"] < 0 < wider["high"] and not narrower["low"] < 0 < narrower["high"]


def test_differences_of_rates_are_covered_where_the_t_interval_does_not() -> None:
    """Five articles each, true rates .95 and .05: the t interval of the difference covers 41 %."""
    random, covered = np.random.default_rng(32), []
    for _ in range(100):
        table = make_rates(list(random.binomial(1, 0.95, 5)), list(random.binomial(1, 0.05, 5)))
        pair = compare_pairs(table.assign(hit=table["hit"] == 1), "hit").iloc[0]
        covered.append(pair["low"] <= 0.9 <= pair["high"])
    assert np.mean(covered) > 0.9


def test_what_has_shown_no_error_has_no_interval() -> None:
    quotes = make_rates([0] * 6, [12, 30, 0, 40, 22, 9]).rename(columns={"hit": "us_per_1000_words"})
    table = compare(quotes, "us_per_1000_words").set_index("speaker")
    assert np.isnan(table.loc["A", "low"]) and table.loc["A", "warning"].startswith("no two articles of A differ")
    pairs = compare_pairs(quotes, "us_per_1000_words")
    assert pairs[["low", "high", "p"]].isna().all(axis=None)
    assert describe_pairs(pairs)[0].startswith("A and B cannot be compared in us per 1000 words: no two articles of A")
    nobody = compare(quotes.assign(us_per_1000_words=0), "us_per_1000_words")
    assert nobody["low"].isna().all() and (compare(quotes.assign(hit=False), "hit")["high"] < 1).all()


def test_sentences_print_the_level_of_the_design() -> None:
    pairs = compare_pairs(make_quotes(27), design=Design(level=0.5))
    assert all("50 % interval" in sentence for sentence in describe_pairs(pairs))
    assert "90 % interval" in describe_pairs(pairs, level=0.9)[0]


def test_higher_and_lower_need_interval_and_adjusted_p() -> None:
    pairs = compare_pairs(make_quotes(27, articles=60, shift=0.6))
    said = "A is lower in tone"
    assert describe_pairs(pairs)[0].startswith(said) and pairs["high"].iloc[0] < 0
    unsure = describe_pairs(pairs.assign(p_adjusted=0.06))[0]
    assert unsure.startswith("A and B: no difference in tone can be shown") and "adjusted p 0.06 (" in unsure
    assert not any(said in sentence for sentence in describe_pairs(pairs.assign(p_adjusted=np.nan)))


def test_of_twelve_equal_speakers_one_is_seldom_called_higher() -> None:
    random, said = np.random.default_rng(33), []
    for _ in range(30):
        places = np.repeat(np.arange(12), 12)
        table = pd.DataFrame({"doc_id": np.arange(144), "speaker": places, "tone": random.normal(size=144)})
        sentences = describe_pairs(compare_pairs(table, against=0))
        said.append(any(" is " in sentence for sentence in sentences))
    assert np.mean(said) <= 0.15


def test_many_variants_are_linked_across_blocks() -> None:
    texts = [f"{number} is the number of this sentence here" for number in ("alpha", "omega")] * 600
    assert find_variants(pd.DataFrame({"speaker": "A", "text": texts})).nunique() <= 2


def test_what_two_speakers_share_in_an_article_cancels_out() -> None:
    """Articles differ wildly, the two speakers within them by exactly 0.1."""
    rows = [{"doc_id": f"a{i}", "speaker": s, "tone": float(i) + 0.1 * (s == "B")} for i in range(8) for s in "AB"]
    pair = compare_pairs(pd.DataFrame(rows)).iloc[0]
    assert pair["difference"] == pytest.approx(-0.1) and pair["se"] == pytest.approx(0, abs=1e-12)
    assert (compare(pd.DataFrame(rows))["se"] > 0.8).all()


def test_p_values_adjusted_as_statsmodels_does() -> None:
    """Expected values: statsmodels.stats.multitest.multipletests 0.14 on the same six p values."""
    p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.041]
    np.testing.assert_allclose(adjust_p_values(p, "holm"), [0.05, 0.12, 0.12, 0.03, 0.2, 0.12])
    np.testing.assert_allclose(adjust_p_values(p, "bh"), [0.03, 0.0492, 0.0492, 0.03, 0.2, 0.0492])
    assert np.isnan(adjust_p_values([0.01, np.nan], "holm")[1])
    assert adjust_p_values([0.01, np.nan], "holm")[0] == 0.01


def test_between_variance_as_statsmodels_finds_it() -> None:
    """Expected: statsmodels.stats.meta_analysis.combine_effects 0.14, method_re="iterated" (Paule-Mandel)."""
    mean, se = np.array([0.0, 0.1, 0.9, 1.0, 0.3]), np.array([0.1, 0.1, 0.2, 0.6, 0.3])
    assert estimate_between(mean, se**2) == pytest.approx(0.1288293082, rel=1e-4)
    assert estimate_between(np.array([0.1, 0.1, 0.1]), np.ones(3)) == 0


def test_pooling_moves_the_uncertain_most_and_helps_on_average() -> None:
    random = np.random.default_rng(16)
    own = pooled = covered = 0.0
    for _ in range(200):
        truth, se = random.normal(size=12) * 0.2, random.uniform(0.05, 0.5, 12)
        table = pool_speakers(pd.DataFrame({"mean": truth + random.normal(size=12) * se, "se": se}))
        own += ((table["mean"] - truth) ** 2).sum()
        pooled += ((table["pooled"] - truth) ** 2).sum()
        covered += ((table["pooled_low"] <= truth) & (truth <= table["pooled_high"])).mean()
        assert (table.sort_values("se")["own_weight"].diff().dropna() <= 1e-12).all()
    assert pooled < 0.6 * own
    assert 0.92 < covered / 200 < 0.98


def test_pooled_intervals_cover_speakers_in_two_articles_and_have_the_tables_level() -> None:
    random, covered = np.random.default_rng(34), []
    for _ in range(30):
        truth = random.normal(size=20) * 0.15
        speakers = np.repeat(np.arange(20), 2)
        tone = truth[speakers] + random.normal(size=40) * 0.3
        table = compare(pd.DataFrame({"doc_id": np.arange(40), "speaker": speakers, "tone": tone}))
        pooled = pool_speakers(table).sort_values("speaker")
        covered.append(((pooled["pooled_low"] <= truth) & (truth <= pooled["pooled_high"])).mean())
    assert 0.91 < np.mean(covered) < 0.99
    wide, narrow = pool_speakers(table), pool_speakers(table.assign())
    narrow.attrs["level"] = 0.5
    narrow = pool_speakers(narrow)
    assert (narrow["pooled_high"] - narrow["pooled_low"] < 0.5 * (wide["pooled_high"] - wide["pooled_low"])).all()


def test_variances_are_pulled_together_the_more_the_fewer_degrees_of_freedom_they_have() -> None:
    random = np.random.default_rng(35)
    freedom = np.tile([1.0, 2.0, 40.0], 20)
    same = random.chisquare(freedom) / freedom
    smoothed, total = smooth_variances(same, freedom)
    assert np.abs(smoothed - 1).max() < 0.5 < np.abs(same - 1).max() and (total > freedom).all()
    apart = np.exp(random.normal(size=60)) * same
    kept, _ = smooth_variances(apart, freedom)
    moved = np.abs(np.log(kept / apart))
    assert moved[freedom == 40].mean() < 0.5 * moved[freedom == 1].mean()


def test_ranks_are_open_without_evidence_and_closed_with_it() -> None:
    unclear = rank_speakers(make_quotes(17))
    assert unclear["rank_low"].min() == 1 and unclear["rank_high"].max() == 3
    clear = rank_speakers(make_quotes(18, articles=80, shift=1.5)).set_index("speaker")
    assert clear.loc["B", ["rank", "rank_low", "rank_high"]].tolist() == [3, 3, 3]


def test_leaving_one_out_equals_comparing_the_rest() -> None:
    quotes = make_quotes(19)
    table = leave_one_out(quotes, leave="outlet")
    rest = compare(quotes[quotes["outlet"] != "o1"]).set_index("speaker")["mean"]
    left = table[table["left_out"] == "o1"].set_index("speaker")
    np.testing.assert_allclose(left["mean"], rest.reindex(left.index))
    whole = compare(quotes).set_index("speaker")["mean"].reindex(left.index)
    np.testing.assert_allclose(left["change"], left["mean"] - whole)


# --- time and covariates --------------------------------------------------------------------------------------------


def test_a_planted_break_is_found_on_its_day() -> None:
    quotes = make_quotes(20, articles=60)
    day = "2023-07-06"
    quotes["tone"] += 1.0 * (quotes["date"] >= day)
    found = find_break(quotes, design=Design(draws=200)).iloc[0]
    assert abs((pd.Timestamp(found["at"]) - pd.Timestamp(day)).days) <= 40 and found["p"] < 0.02
    days = quotes.groupby("doc_id")["date"].first()
    for tried in ("first_tried", "last_tried"):
        assert 0.15 <= (days < found[tried]).mean() <= 0.85
    between = sorted(set(days[days.between(found["first_tried"], found["last_tried"])]))
    assert len(between) == found["days_tried"] and found["at"] in between
    periods = compare_periods(quotes, at=day)
    assert (periods["low"] > 0.5).all() and periods["speaker"].tolist() == ["A", "B", "C"]
    jumps = fit_break(quotes, at=day).query("term == 'jump'")
    assert (jumps["low"] < 1).all() and (jumps["high"] > 1).all()


def test_no_break_is_seldom_found() -> None:
    found = [find_break(make_quotes(seed, articles=20), design=Design(draws=99))["p"].iloc[0] for seed in range(40)]
    assert np.mean(np.array(found) <= 0.05) <= 0.15


def make_days(random: np.random.Generator, days: int = 20, articles: int = 5, shared: float = 1.0) -> pd.DataFrame:
    """Articles of one quote without any break, those of a day alike by `shared`."""
    day = np.repeat(np.arange(days), articles)
    tone = shared * random.normal(size=days)[day] + random.normal(size=len(day))
    dates = pd.Series(pd.Timestamp("2022-01-01") + pd.to_timedelta(day, unit="D")).astype(str)
    return pd.DataFrame({"doc_id": np.arange(len(day)), "speaker": "A", "date": dates, "tone": tone, "outlet": day % 4})


def test_articles_that_share_the_news_of_their_day_are_no_break() -> None:
    """Shuffled one by one, they were: 17 of these 40 had a p of .05 or less."""
    random = np.random.default_rng(39)
    found = [find_break(make_days(random), design=Design(draws=59))["p"].iloc[0] for _ in range(40)]
    assert np.mean(np.array(found) <= 0.05) <= 0.125


def test_a_break_lies_between_days_so_clusters_have_one() -> None:
    quotes = make_days(np.random.default_rng(40), shared=0.0)
    quotes["tone"] += 2.0 * (quotes["date"] >= "2022-01-11")
    for column in ("doc_id", "date"):
        row = find_break(quotes, design=Design(cluster=(column,), draws=99)).iloc[0]
        assert (row["at"], row["p"]) == ("2022-01-11", 0.01)
    with pytest.raises(ValueError, match=r"shuffles days, and 4 outlets have several. Cluster by doc_id or date"):
        find_break(quotes, design=Design(cluster=("outlet",)))


def make_reprints() -> pd.DataFrame:
    """Forty quotations, the later twenty 1 higher; each is printed again in each of the two months that follow."""
    rows = [
        {"quote_id": f"{said}:{again}", "doc_id": f"d{said}-{again}", "speaker": "A", "variant": said,
         "tone": float(said >= 20) + 0.01 * (said % 7),
         "date": str((pd.Timestamp("2022-01-01") + pd.Timedelta(days=2 * said + 30 * again)).date())}
        for said in range(40) for again in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_quotation_is_of_the_period_in_which_it_was_printed_first() -> None:
    quotes, design = make_reprints(), Design(unit="quote")
    first = merge_copies(quotes, "tone").drop(columns=["variant", "occurrences"])
    periods, alone = compare_periods(quotes, at="2022-02-10", design=design), compare_periods(first, at="2022-02-10")
    counts = ["quotes_before", "quotes_after", "difference", "low", "high", "p"]
    pd.testing.assert_frame_equal(periods[counts], alone[counts])
    assert periods.loc[0, counts[:2]].tolist() == [20, 20] and periods.loc[0, "difference"] > 0.9
    assert len(periods.loc[0, "quote_ids"]) == 120 and periods.attrs["unit"] == "quote"
    months = compare_over_time(quotes, period="M", design=design)
    assert months["quotes"].tolist() == [16, 14, 10] and compare_over_time(quotes, period="M")["quotes"].sum() == 120


def test_copies_of_a_yes_no_measure_stay_yes_and_no_in_time() -> None:
    quotes = make_reprints().assign(high=lambda table: table["tone"] >= 1)
    table = compare_over_time(quotes, "high", period="Q", design=Design(unit="quote"))
    assert table["mean"].tolist() == [0.5] and 0.3 < table.loc[0, "low"] < table.loc[0, "high"] < 0.7


def test_a_corpus_without_dates_is_told_so_and_undated_quotes_are_counted() -> None:
    quotes = make_quotes(21)
    for date in (None, "03/04/2021"):
        for find in (compare_over_time, find_break):
            with pytest.raises(ValueError, match="no quote has a date that can be read"):
                find(quotes.assign(date=date))
        for find_at in (compare_periods, fit_break):
            with pytest.raises(ValueError, match="no quote has a date that can be read"):
                find_at(quotes.assign(date=date), at="2022-10-01")
    half = quotes.assign(date=quotes["date"].where(quotes.index % 2 == 0, "03/04/2021"))
    tables = [compare_over_time(half), find_break(half, design=Design(draws=9)), compare_periods(half, at="2022-10-01"),
              fit_break(half, at="2022-10-01")]  # fmt: skip
    for table in tables[:3]:
        counts = (table.attrs["quotes_given"], table.attrs["quotes_used"])
        assert counts == (len(quotes), (len(quotes) + 1) // 2)
    assert tables[3].attrs["quotes_given"] == len(quotes) and tables[3].attrs["quotes_used"] == sum(
        tables[3].drop_duplicates("speaker")["quotes"]
    )
    assert compare_over_time(quotes.assign(tone=np.nan)).empty


def test_periods_partition_the_quotes() -> None:
    quotes = make_quotes(21)
    table = compare_over_time(quotes, period="Y")
    assert table["quotes"].sum() == len(quotes)
    for row in table.itertuples():
        own = quotes[(quotes["speaker"] == row.speaker) & (quotes["date"].str[:4] == row.period)]
        assert own["tone"].mean() == pytest.approx(row.mean)


def test_a_covariate_that_explains_the_difference_takes_it_away() -> None:
    quotes = make_quotes(22, articles=60)
    random = np.random.default_rng(22)
    often = np.where(quotes["speaker"] == "B", 0.9, 0.1)
    quotes["flags"] = np.where(random.random(len(quotes)) < often, "translated", "")
    quotes["tone"] += 1.0 * (quotes["flags"] == "translated")
    table = compare_adjusted(mark_flags(quotes), covariates=["flag_translated"]).set_index("speaker")
    assert table.loc["B", "mean"] - table.loc["A", "mean"] > 0.6
    assert abs(table.loc["B", "adjusted"] - table.loc["A", "adjusted"]) < 0.2
    estimate, low, high = table.attrs["covariates"]["flag_translated"]
    assert low < 1 < high and estimate == pytest.approx(1, abs=0.2)


def test_categories_become_levels() -> None:
    table = compare_adjusted(make_quotes(23), covariates=["outlet"])
    assert sorted(table.attrs["covariates"]) == ["outlet_o1", "outlet_o2", "outlet_o3"]


def test_a_covariate_that_is_a_speaker_is_refused() -> None:
    quotes = make_quotes(23).assign(same=lambda table: table["speaker"] == "A")
    with pytest.raises(ValueError, match="same cannot be told from the speaker"):
        compare_adjusted(quotes, covariates=["same"])


def test_covariates_that_cannot_be_told_from_one_another_have_no_estimate() -> None:
    quotes = make_quotes(23).assign(one=lambda table: table["flags"] == "inserted", other=lambda table: table["one"])
    table = compare_adjusted(quotes, covariates=["one", "other"])
    assert np.isnan(table.attrs["covariates"]["one"]).all() and table["adjusted_low"].notna().all()
    np.testing.assert_allclose(table["adjusted_high"], compare_adjusted(quotes, covariates=["one"])["adjusted_high"])


def test_a_speaker_in_one_article_has_no_adjusted_interval() -> None:
    quotes = make_quotes(23).assign(length=lambda table: np.random.default_rng(23).normal(size=len(table)))
    third = quotes["speaker"] == "C"
    alone = quotes[~third | (quotes["doc_id"] == quotes.loc[third, "doc_id"].value_counts().index[0])]
    table = compare_adjusted(alone, covariates=["length"]).set_index("speaker")
    assert np.isnan(table.loc["C", "adjusted_low"]) and table.loc[["A", "B"], "adjusted_low"].notna().all()


@pytest.mark.parametrize("design", [Design(cluster=("doc_id", "outlet")), Design(interval="bootstrap")])
def test_designs_that_a_regression_does_not_follow_are_refused(design: Design) -> None:
    quotes = make_quotes(23)
    with pytest.raises(ValueError, match=r"compare_adjusted (clusters by one column|has no bootstrap)"):
        compare_adjusted(quotes, covariates=["flags"], design=design)
    with pytest.raises(ValueError, match=r"fit_break (clusters by one column|has no bootstrap)"):
        fit_break(quotes, at="2022-10-01", design=design)
    if len(design.cluster) > 1:
        with pytest.raises(ValueError, match="find_break clusters by one column"):
            find_break(quotes, design=design)


def make_line(after: list[str]) -> pd.DataFrame:
    """Eight articles over the spring, and one article on each day given."""
    days = [*(f"2022-{1 + i // 2:02}-{1 + 14 * (i % 2):02}" for i in range(8)), *after]
    tone = np.random.default_rng(36).normal(size=2 * len(days))
    rows = [{"doc_id": f"d{i // 2}", "speaker": "A", "tone": t, "date": days[i // 2]} for i, t in enumerate(tone)]
    return pd.DataFrame(rows)


def test_a_bend_that_one_day_or_one_article_decides_is_not_told() -> None:
    one_day = fit_break(make_line(["2022-07-01"] * 5), at="2022-06-01").set_index("term")
    assert one_day.loc[["jump", "bend"], ["estimate", "se", "p"]].isna().all(axis=None)
    assert one_day.loc[["level", "trend"], "low"].notna().all()
    assert one_day["warning"].str.contains("too few days to tell jump and bend").all()
    on_it = fit_break(make_line(["2022-06-01"] * 5), at="2022-06-01").set_index("term")
    assert on_it.loc["bend", ["estimate", "se"]].isna().all() and np.isfinite(on_it.loc["jump", "low"])
    last = fit_break(make_line(["2022-06-01"] * 4 + ["2022-08-01"]), at="2022-06-01").set_index("term")
    assert np.isfinite(last.loc["bend", "estimate"]) and np.isnan(last.loc["bend", "low"])
    assert last["warning"].str.contains("no interval of bend").all()


def test_what_scripts_import_from_comparison_is_there() -> None:
    import research
    from research import comparison, design

    assert comparison.Design is design.Design and comparison.compare_pairs is compare_pairs
    assert research.compare is comparison.compare


def test_steps_count_down() -> None:
    quotes = make_quotes(24)
    quotes.loc[:4, "speaker"] = None
    quotes.loc[5:6, "speaker_kind"] = "group"
    quotes.loc[7, "tone"] = np.nan
    steps = count_steps(quotes, articles=33).set_index("step")
    assert steps.loc["read", "articles"] == 33
    assert steps["quotes"].tolist() == [len(quotes), len(quotes), len(quotes) - 5, len(quotes) - 6]
    assert steps.index.tolist() == ["read", "quotes found", "with a speaker", "with tone"]
    assert steps.attrs == {"measure": "tone", "by": "speaker"}


def test_the_last_step_is_what_is_compared() -> None:
    quotes = make_quotes(24)
    quotes.loc[:4, "speaker"] = None
    quotes.loc[5:6, "speaker_kind"] = "group"
    quotes.loc[7:9, "tone"] = [np.nan, np.inf, 0.1]
    alone = quotes.head(1).assign(doc_id="elsewhere", speaker="Once Quoted")
    quotes = pd.concat([quotes, alone], ignore_index=True)
    last = count_steps(quotes).iloc[-1]
    assert last["quotes"] == compare(quotes)["quotes"].sum() == len(quotes) - 7
    assert last["articles"] == quotes.loc[quotes["speaker"].notna() & np.isfinite(quotes["tone"]), "doc_id"].nunique()


def test_tables_put_together_keep_how_they_were_made() -> None:
    quotes = make_quotes(24)
    design = Design(level=0.9, draws=7, seed=3)
    tables = [compare(quotes.assign(size=quotes["tone"].abs()), measure, design=design) for measure in ("tone", "size")]
    whole = concat_tables(tables)
    assert (whole.attrs["level"], whole.attrs["draws"], whole.attrs["seed"]) == (0.9, 7, 3)
    assert whole.attrs["cluster"] == ["doc_id"] and "measure" not in whole.attrs
    pd.testing.assert_frame_equal(whole, pd.concat(tables))
    assert tables[0].attrs["measure"] == "tone" and concat_tables(tables[:1]).attrs == tables[0].attrs


def test_rates_stay_between_0_and_1_and_cover_where_the_t_interval_does_not() -> None:
    quotes = make_quotes(25, articles=12)
    table = compare(quotes.assign(rare=quotes["tone"] > quotes["tone"].quantile(0.93), never=False), "rare")
    assert table["low"].between(0, 1).all() and table["high"].between(0, 1).all()
    never = compare(quotes.assign(never=False), "never")
    assert (never["mean"] == 0).all() and (never["low"] == 0).all() and never["high"].between(0.01, 0.6).all()
    covered = np.array(
        [[float(cell.rstrip("%")) for cell in row[2:]] for row in tabulate_one_rate(Size(resampled=800))]
    )
    assert covered[:, 1].min() > 93 and covered[0, 0] < 91


def test_the_interval_of_independent_hits_is_garwoods() -> None:
    """Three hits of a Poisson variable: 0.62 to 8.77, Garwood (1936)."""
    hits = Estimate(value=np.array(3.0), se=np.sqrt(np.array(3.0)), degrees_of_freedom=np.array(1e9))
    assert [float(end) for end in find_hit_interval(hits, 0.95)] == pytest.approx([0.6187, 8.7673], abs=1e-4)
    none = Estimate(value=np.zeros(2), se=np.array([0.0, np.nan]), degrees_of_freedom=np.array([5.0, np.nan]))
    assert np.isnan(find_hit_interval(none, 0.95)).all()


def test_rates_of_hits_stay_above_0_and_cover_where_the_t_interval_does_not() -> None:
    random = np.random.default_rng(41)
    quotes = pd.DataFrame({"doc_id": np.arange(60) // 3, "speaker": np.repeat(["A", "B"], 30)})
    quotes["words"] = random.integers(5, 40, 60)
    quotes["us_per_1000_words"] = 1000 * random.poisson(0.01 * quotes["words"]) / quotes["words"]
    for design in (Design(weight="words"), Design()):
        table = compare(quotes, "us_per_1000_words", design=design)
        reach = stdtrit(table["degrees_of_freedom"], 0.975) * table["se"]
        assert (table["mean"] - reach).min() < 0 < table["low"].min() and (table["high"] > table["mean"] + reach).all()
        assert compare(quotes.assign(shift=quotes["us_per_1000_words"]), "shift", design=design)["low"].min() < 0
    rows = tabulate_one_hit_rate(Size(default=2000))
    shares = np.array([[float(cell.rstrip("%")) for cell in row[3:]] for row in rows])
    assert shares[:, 0].max() < 94.5 < shares[:, 3].min() and shares[:, 1].min() > 4.5 > shares[:, 4].max()


def test_statsmodels_agrees_where_it_has_the_same() -> None:
    """Adjusted p values, pooled variance, and coefficients; it has neither CR2 errors nor their degrees of freedom."""
    reason = "statsmodels is not installed; it is a dependency, so make test has it"
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason=reason)
    meta = pytest.importorskip("statsmodels.stats.meta_analysis", reason=reason)
    linear = pytest.importorskip("statsmodels.regression.linear_model", reason=reason)
    random = np.random.default_rng(28)
    p, mean, se = random.random(30) ** 2, random.normal(size=12), random.uniform(0.1, 0.5, 12)
    np.testing.assert_allclose(adjust_p_values(p, "holm"), multitest.multipletests(p, method="holm")[1])
    np.testing.assert_allclose(adjust_p_values(p, "bh"), multitest.multipletests(p, method="fdr_bh")[1])
    tau2 = meta.combine_effects(mean, se**2, method_re="iterated").tau2
    assert estimate_between(mean, se**2) == pytest.approx(tau2, rel=1e-3)
    sample = prepare_sample(make_quotes(28), "tone")
    columns = np.column_stack([np.eye(3)[sample.group], random.normal(size=len(sample.group))])
    expected = linear.WLS(sample.value, columns, weights=sample.weight).fit()
    np.testing.assert_allclose(fit_clustered(columns, sample, np.eye(4)).value, expected.params)
