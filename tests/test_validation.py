"""How wrong the machine is, and corrected estimates with known truth."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.simulation import CONTRASTS, MEANS, draw_audit, find_intervals
from research.coding import draw_audit_sample
from research.debiasing import Audit, estimate_audit_only, estimate_dsl, estimate_naive, estimate_ppi, prepare_audit
from research.design import Design
from research.imputation import estimate_imputed
from research.validation import (
    correct_means,
    correct_pairs,
    correct_rate,
    correct_rates,
    measure_attribution,
    tabulate_reliability,
    wilson_interval,
)


def make_table(seed: int = 0, articles: int = 60, right: float = 0.8) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quotes as the machine has them, and the truth of each: the machine's tone is 0.2 too low."""
    random = np.random.default_rng(seed)
    rows = []
    for article in range(articles):
        effect = random.normal() * 0.15
        for number in range(8):
            true = "ABC"[random.choice(3, p=[0.5, 0.3, 0.2])]
            said = true if random.random() < right else "ABC"[random.choice(3)]
            tone = {"A": -0.3, "B": 0.0, "C": 0.3}[true] + effect + random.normal() * 0.3
            rows.append({"doc_id": f"a{article:03}", "quote_id": f"a{article:03}:{number}", "speaker": said,
                         "confidence": right + (1 - right) / 3, "tone": tone - 0.2,
                         "true_speaker": true, "true_tone": tone})  # fmt: skip
    table = pd.DataFrame(rows)
    return table.drop(columns=["true_speaker", "true_tone"]), table


def audit(quotes: pd.DataFrame, truth: pd.DataFrame, number: int = 60, seed: int = 1) -> pd.DataFrame:
    """An audit sample with the truth filled in."""
    sample = draw_audit_sample(quotes, number, seed=seed)
    return sample.merge(truth[["quote_id", "true_speaker", "true_tone"]], on="quote_id")


# --- accuracy ---------------------------------------------------------------------------------------------------------


def test_precision_and_recall_of_a_full_audit_are_the_plain_ones() -> None:
    table = pd.DataFrame({"speaker": ["A", "A", "B", None], "true_speaker": ["A", "B", "B", "A"]})
    found = measure_attribution(table).set_index("speaker")
    assert found.loc["A", ["precision", "recall"]].tolist() == [0.5, 0.5]
    assert found.loc["B", ["precision", "recall"]].tolist() == [1.0, 0.5]


def test_weights_undo_the_stratification() -> None:
    quotes, truth = make_table(3, articles=200)
    full = measure_attribution(truth).set_index("speaker")
    sampled = measure_attribution(audit(quotes, truth, 150)).set_index("speaker")
    assert (sampled["recall_low"] <= full["recall"]).all() and (full["recall"] <= sampled["recall_high"]).all()


@pytest.mark.parametrize("missed", [10, 20, 40])
def test_recall_knows_of_misses_that_were_hardly_drawn(missed: int) -> None:
    """40 of 1,500 quotes without a speaker are drawn, each for 37: with Wilson's interval 22, 38 and 60 % covered."""
    true = ["A"] * (60 + missed) + ["nobody"] * (1500 - missed)
    quotes = pd.DataFrame({"quote_id": range(1560), "speaker": ["A"] * 60 + [None] * 1500, "true_speaker": true})
    found = [measure_attribution(draw_audit_sample(quotes, 40, seed=seed)).iloc[0] for seed in range(60)]
    truth = 60 / (60 + missed)
    assert np.mean([one["recall_low"] <= truth <= one["recall_high"] for one in found]) >= 0.95
    assert all(one["recall_high"] == 1 for one in found if one["recall"] == 1)


def test_recall_of_whom_the_machine_hardly_finds() -> None:
    table = pd.DataFrame({"speaker": ["A", "B", "B", "B"], "true_speaker": ["A", "A", "A", "B"]})
    found = measure_attribution(table.assign(inclusion_probability=[1.0, 0.5, 0.5, 0.5])).set_index("speaker")
    assert found.loc["A", "recall"] == pytest.approx(1 / 5)
    assert 0 < found.loc["A", "recall_low"] < 0.2 < found.loc["A", "recall_high"] < 1
    never = measure_attribution(table.assign(speaker="B", inclusion_probability=[1.0, 0.5, 0.5, 0.5]))
    assert never.set_index("speaker").loc["A", ["recall", "recall_low"]].tolist() == [0, 0]
    assert 0 < never.set_index("speaker").loc["A", "recall_high"] < 1


def test_open_and_unclear_quotes_are_no_speakers() -> None:
    table = pd.DataFrame({"speaker": ["A"] * 20, "true_speaker": ["A"] * 14 + [None] * 5 + ["unclear"]})
    found = measure_attribution(table)
    assert found["speaker"].tolist() == ["A"] and found.attrs["left_out"] == 5
    assert found.loc[0, ["precision", "audited"]].tolist() == [14 / 15, 15]
    reliable = tabulate_reliability(table.assign(confidence=1.0, quote_id=range(20)), bins=1)
    assert reliable.loc[0, "right"] == pytest.approx(14 / 15) and reliable.attrs["left_out"] == 5


def test_errors_that_come_by_the_article_widen_precision() -> None:
    """20 articles, each right or wrong as a whole: intervals of independent quotes covered 60 %."""
    random, covered = np.random.default_rng(39), []
    for _ in range(60):
        table = pd.DataFrame({"doc_id": np.repeat(np.arange(20), 6), "speaker": "A"})
        table["true_speaker"] = np.where(random.random(20) < 0.85, "A", "B")[table["doc_id"]]
        found = measure_attribution(table).set_index("speaker").loc["A"]
        covered.append(found["precision_low"] <= 0.85 <= found["precision_high"])
    assert np.mean(covered) > 0.88 and found["effective_quotes"] < 30


def test_wilson_covers() -> None:
    random = np.random.default_rng(4)
    found = [wilson_interval(random.random(40) < 0.9, np.ones(40)) for _ in range(2000)]
    covered = np.mean([low <= 0.9 <= high for _, low, high in found])
    assert 0.93 < covered < 0.98


def test_reliability_of_a_calibrated_machine_is_the_diagonal() -> None:
    random = np.random.default_rng(5)
    confidence = random.uniform(0.5, 1, 4000)
    right = random.random(4000) < confidence
    table = pd.DataFrame({"quote_id": range(4000), "speaker": "A", "confidence": confidence,
                          "true_speaker": np.where(right, "A", "B")})  # fmt: skip
    found = tabulate_reliability(table)
    assert found.attrs["calibration_error"] < 0.03 and found["quotes"].sum() == 4000
    assert (found.attrs["level"], found.attrs["bins"], found.attrs["audited"]) == (0.95, 10, 4000)
    off = tabulate_reliability(table.assign(confidence=1.0))
    assert off.attrs["calibration_error"] == pytest.approx(1 - right.mean())


def test_reliability_is_weighted_to_the_whole_table() -> None:
    """4,000 quotes of .9 and 100 of .5, 100 of each audited: the table is right about .89, its audit .7."""
    random = np.random.default_rng(38)
    sure = np.repeat([0.9, 0.5], 100)
    table = pd.DataFrame({"quote_id": range(200), "speaker": "A", "confidence": sure})
    table["true_speaker"] = np.where(random.random(200) < sure, "A", "B")
    table["inclusion_probability"] = np.repeat([100 / 4000, 1.0], 100)
    right = (table["true_speaker"] == "A").to_numpy()
    found = tabulate_reliability(table, bins=1)
    assert found.loc[0, "right"] == pytest.approx((40 * right[:100].sum() + right[100:].sum()) / 4100)
    assert found.loc[0, "confidence"] == pytest.approx((4000 * 0.9 + 100 * 0.5) / 4100)
    two = tabulate_reliability(table, bins=2)
    distance = (two["confidence"] - two["right"]).abs()
    assert two.attrs["calibration_error"] == pytest.approx((distance[0] * 100 + distance[1] * 4000) / 4100)


# --- corrected estimates --------------------------------------------------------------------------------------------


def full_audit(audit: Audit) -> Audit:
    """Every quote audited: the corrected estimates must be the true ones."""
    return replace(audit, audited=np.ones_like(audit.audited), probability=np.ones_like(audit.probability))


def test_a_full_audit_gives_the_truth_whatever_the_machine_says() -> None:
    random = np.random.default_rng(6)
    drawn = draw_audit(random, noisy=True, audited=10**6)
    assert drawn.audited.all()
    for code in range(3):
        own = drawn.true_speaker == code
        for estimate in (estimate_audit_only, estimate_ppi, estimate_dsl):
            assert estimate(full_audit(drawn), code).value == pytest.approx(drawn.true_value[own].mean(), abs=1e-9)
    assert estimate_imputed(drawn).value[0] == pytest.approx(drawn.true_value[drawn.true_speaker == 0].mean())


def test_a_perfect_machine_makes_an_audit_nearly_as_good_as_all_labels() -> None:
    drawn = draw_audit(np.random.default_rng(7), noisy=False)
    naive = estimate_naive(drawn, 0)
    perfect = replace(drawn, true_speaker=np.where(drawn.audited, drawn.given, -1), true_value=drawn.value)
    assert estimate_ppi(perfect, 0).value == pytest.approx(naive.value, abs=0.002)
    assert estimate_ppi(perfect, 0).se == pytest.approx(naive.se, rel=0.02)
    assert estimate_audit_only(perfect, 0).se > 1.3 * naive.se


@pytest.mark.parametrize("method", ["audit only", "ppi", "dsl"])
def test_corrected_intervals_cover_where_naive_ones_fail(method: str) -> None:
    """150 audits; the simulation of README has 1,000. Monte Carlo error of 95 % over 600 intervals: 0.9 points."""
    truth = CONTRASTS @ MEANS
    covered = {}
    for name in ("naive", method):
        random = np.random.default_rng(8)
        runs = np.array([find_intervals(draw_audit(random, noisy=True), name, run) for run in range(150)])
        covered[name] = ((runs[:, 1] <= truth) & (truth <= runs[:, 2])).mean()
    assert covered[method] > 0.92 and covered["naive"] < 0.4


def draw_each(random: np.random.Generator, chances: tuple[float, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quotes of one speaker, a machine that is .5 too high, and an audit in which each is drawn for itself."""
    true, number = random.normal(0, 0.3, 400), np.arange(400)
    probability = np.array(chances)[number % 2]
    drawn = random.random(400) < probability
    quotes = pd.DataFrame({"quote_id": number, "doc_id": number // 5, "speaker": "A"})
    quotes["tone"] = true + 0.5 + random.normal(0, 0.05, 400)
    audited = quotes.loc[drawn, ["quote_id"]].assign(true_speaker="A", true_tone=true[drawn])
    return quotes, audited.assign(inclusion_probability=probability[drawn])


@pytest.mark.parametrize("chances", [(0.1, 0.1), (0.05, 0.4)])
def test_quotes_that_were_drawn_each_for_itself_are_corrected_rightly(chances: tuple[float, float]) -> None:
    """120 audits; of these intervals 42 and 38 % covered when the number drawn was left to chance."""
    random, covered = np.random.default_rng(30), []
    for _ in range(120):
        low, high = estimate_ppi(prepare_audit(*draw_each(random, chances)), 0).interval(0.95)
        covered.append(low <= 0 <= high)
    assert np.mean(covered) > 0.88


def test_the_callers_strata_are_kept() -> None:
    quotes, truth = make_table(31)
    outlet = np.where(np.arange(len(quotes)) % 3 == 0, "x", "y")
    drawn = truth.assign(stratum=outlet, inclusion_probability=1.0).groupby("stratum").head(30)
    drawn["inclusion_probability"] = drawn["stratum"].map(30 / pd.Series(outlet).value_counts())
    with pytest.raises(ValueError, match="cut across speakers"):
        prepare_audit(quotes, drawn)
    prepared = prepare_audit(quotes.assign(stratum=outlet), drawn)
    assert (prepared.stratum == (outlet == "y")).all()
    with pytest.raises(ValueError, match="10 audited quotes have another stratum"):
        prepare_audit(quotes.assign(stratum=outlet), drawn.assign(stratum=["z"] * 10 + list(drawn["stratum"])[10:]))


def test_open_quotes_stay_out_of_the_audit_and_the_others_stand_for_them() -> None:
    quotes, truth = make_table(32)
    checked = audit(quotes, truth)
    opened = checked.assign(true_speaker=checked["true_speaker"].where(checked.index % 4 > 0))
    prepared = prepare_audit(quotes, opened)
    assert (
        prepared.left_out
        == opened["true_speaker"].isna().sum()
        == prepare_audit(quotes, checked).audited.sum() - (prepared.audited.sum())
    )
    assert (1 / prepared.probability[prepared.audited]).sum() == pytest.approx(len(quotes))
    partly = checked.assign(true_tone=checked["true_tone"].where(checked.index > 4))
    assert prepare_audit(quotes, partly).left_out == 5
    nobodys = partly.assign(true_speaker=partly["true_speaker"].where(partly.index > 4, "nobody"))
    assert prepare_audit(quotes, nobodys).left_out == 0 and prepare_audit(quotes, nobodys).audited.sum() == len(checked)


def test_one_audited_quote_a_speaker_gives_no_error_of_0() -> None:
    quotes, truth = make_table(33)
    prepared = prepare_audit(quotes, audit(quotes, truth, 1))
    assert prepared.audited.sum() == 3
    for estimate in (estimate_audit_only, estimate_ppi, estimate_dsl):
        found = [estimate(prepared, code) for code in range(3)]
        assert all(np.isnan(one.se) or one.se > 0.01 for one in found)
        assert all(np.isnan(one.interval(0.95)).all() for one in found if np.isnan(one.se))
    assert np.isnan(estimate_audit_only(prepared, 0).se)


def test_the_table_puts_naive_and_corrected_side_by_side() -> None:
    quotes, truth = make_table(10)
    table = correct_means(quotes, audit(quotes, truth))
    assert table["method"].tolist()[:5] == ["naive", "audit only", "ppi", "dsl", "imputation"]
    wide = table.pivot(index="speaker", columns="method", values="estimate")
    true = truth.groupby("true_speaker")["true_tone"].mean()
    assert (wide["naive"] - true).abs().max() > 0.15
    assert (wide["dsl"] - true).abs().max() < 0.12
    assert (table["quote_ids"].map(len) == table["quotes"]).all()
    effective = table.pivot(index="speaker", columns="method", values="effective_quotes")
    assert (effective["audit only"] < effective["dsl"]).all()
    assert (effective.max(axis=1) <= truth["true_speaker"].value_counts()).all()
    pd.testing.assert_frame_equal(table, correct_means(quotes, audit(quotes, truth)), check_exact=True)


def test_imputation_gives_no_interval_where_people_read_the_measure_otherwise() -> None:
    quotes, truth = make_table(34)
    table = correct_means(quotes, audit(quotes, truth)).set_index("method")
    assert table.loc["imputation", ["se", "low", "high"]].isna().all(axis=None)
    assert table.loc["imputation", "warning"].str.contains(r"speakers only.*\(ppi\).*\(dsl\)").all()
    assert table.loc[["ppi", "dsl"], ["low", "high"]].notna().all(axis=None)
    pair = correct_pairs(quotes, audit(quotes, truth), "A", "B").set_index("method")
    assert np.isnan(pair.loc["imputation", "low"]) and "speakers only" in pair.loc["imputation", "warning"]
    same = audit(quotes, truth).assign(true_tone=lambda rows: rows["tone"])
    assert correct_means(quotes, same)["low"].notna().all()


def test_how_many_audited_quotes_had_no_answer_is_said() -> None:
    quotes, truth = make_table(35)
    opened = audit(quotes, truth).assign(true_speaker=lambda rows: rows["true_speaker"].where(rows.index > 2))
    table = correct_means(quotes, opened, methods=["naive", "dsl"])
    assert table.attrs["left_out"] == 3 and table.attrs["audited"] == len(opened) - 3
    assert (table["warning"].str.contains("without an answer left out: 3") == (table["method"] == "dsl")).all()
    unseen = audit(quotes, truth).query("stratum != 'B'")
    warned = correct_means(quotes, unseen, methods=["ppi"]).set_index("speaker")["warning"]
    assert "believed in strata without an audit" in warned["B"] and "believed" not in warned["A"]


def test_every_method_weighs_and_clusters_as_the_design_says() -> None:
    """Where the audit finds no error all methods must give the weighted mean, and close to its error."""
    quotes, truth = make_table(36, right=1.0)
    quotes["words"] = np.where(quotes["tone"] > 0, 30, 3)
    quotes["event"] = quotes["doc_id"].str[:3]
    checked = audit(quotes, truth).assign(true_tone=lambda rows: rows["tone"])
    for design in (Design(weight="words"), Design(weight="words", cluster=("event",))):
        table = correct_means(quotes, checked, design=design).pivot(index="speaker", columns="method")
        for method in ("ppi", "dsl", "imputation"):
            np.testing.assert_allclose(table["estimate"][method], table["estimate"]["naive"], atol=0.03)
            np.testing.assert_allclose(table["se"][method], table["se"]["naive"], rtol=0.35)
    pair = correct_pairs(quotes, checked, "A", "B", design=Design(weight="words"))
    assert pair["estimate"].std() < 0.05
    full = truth.assign(inclusion_probability=1.0, words=quotes["words"])
    weighed = [part["true_tone"] @ part["words"] / part["words"].sum() for _, part in full.groupby("true_speaker")]
    for estimate in (estimate_audit_only, estimate_ppi, estimate_dsl):
        prepared = prepare_audit(quotes, full, design=Design(weight="words"))
        assert [estimate(prepared, code).value for code in range(3)] == pytest.approx(weighed)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (Design(unit="doc_id"), "unit is 'doc_id'"),
        (Design(unit="quote"), "unit is 'quote'"),
        (Design(cluster=("doc_id", "event")), "clustered by one column"),
        (Design(interval="bootstrap"), "interval is 'bootstrap'"),
        (Design(weight="nothing"), "nothing of 0 or less"),
    ],
)
def test_a_design_that_a_correction_cannot_follow_is_refused(design: Design, said: str) -> None:
    quotes, truth = make_table(37)
    quotes = quotes.assign(event=quotes["doc_id"].str[:3], nothing=0, variant=range(len(quotes)))
    for correct in (correct_means, lambda *given, **more: correct_pairs(*given, "A", "B", **more)):
        with pytest.raises(ValueError, match=said):
            correct(quotes, audit(quotes, truth), design=design)
    if design.weight is None:
        assert (
            correct_means(quotes, audit(quotes, truth), methods=["naive"], design=design)["method"] == "naive"
        ).all()


def test_the_committed_simulation_holds() -> None:
    """benchmarks/simulation.md is written by the simulation; these are the promises README makes of it."""
    report = (Path(__file__).parents[1] / "benchmarks" / "simulation.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in report.splitlines() if line[:1] == "|"]
    levels = [
        float(row[5].rstrip("%")) for row in rows if row[0] in ("same articles", "different articles", "some of both")
    ]
    assert len(levels) == 9 and min(levels) >= 3.5 and max(levels) <= 6.5
    covered = {(row[0], row[1]): [float(share) for share in re.findall(r"[\d.]+(?=%)", row[6] + row[7])] for row in rows
               if len(row) > 7 and row[1] in ("naive", "imputation", "ppi", "dsl", "audit only")}  # fmt: skip
    assert len(covered) == 11 and ("speakers, too sure", "imputation") in covered
    for (_, method), shares in covered.items():
        assert len(shares) == 3
        assert (min(shares) < 70) if method == "naive" else (min(shares) >= 93 and max(shares) <= 97)


def test_without_coded_tones_only_the_speakers_are_corrected() -> None:
    quotes, truth = make_table(11)
    checked = audit(quotes, truth).drop(columns="true_tone")
    assert (prepare_audit(quotes, checked).true_value == prepare_audit(quotes, checked).value).all()
    pair = correct_pairs(quotes, checked, "C", "A").set_index("method")
    assert pair.loc["dsl", "estimate"] > pair.loc["naive", "estimate"] + 0.05
    assert pair.loc["dsl", "low"] < 0.6 < pair.loc["dsl", "high"]
    assert (pair["quote_ids"].map(len) == pair["quotes_first"] + pair["quotes_second"]).all()
    assert (pair["effective_quotes_first"] < truth["true_speaker"].value_counts()["C"]).all()


def test_an_audited_quote_that_is_not_in_the_table_is_an_error() -> None:
    quotes, truth = make_table(12)
    with pytest.raises(KeyError, match="1 audited quotes are not in the table"):
        prepare_audit(quotes, audit(quotes, truth).assign(quote_id=lambda t: t["quote_id"].where(t.index > 0, "x:1")))


def test_few_audited_quotes_carry_a_warning() -> None:
    quotes, truth = make_table(13)
    table = correct_means(quotes, audit(quotes, truth, 5), methods=["dsl"])
    assert table["warning"].str.contains("few audited quotes").all()


def test_rates_are_corrected_and_carry_the_audits_uncertainty() -> None:
    quotes, truth = make_table(14, articles=150, right=1.0)
    random = np.random.default_rng(14)
    negative = truth["true_tone"] < 0
    quotes["negative"] = np.where(negative, random.random(len(quotes)) < 0.8, random.random(len(quotes)) < 0.1)
    checked = audit(quotes, truth, 150)
    checked["true_negative"] = checked["true_tone"] < 0
    table = correct_rates(quotes, checked, "negative").set_index("speaker")
    rate = negative.groupby(truth["true_speaker"]).mean()
    assert ((table["low"] <= rate) & (rate <= table["high"])).all()
    assert ((table["high"] - table["low"]) > (table["naive_high"] - table["naive_low"])).any()
    assert abs(table.loc["A", "corrected"] - rate["A"]) < abs(table.loc["A", "naive"] - rate["A"])


def test_uncoded_quotes_are_no_yes() -> None:
    quotes, truth = make_table(40, right=1.0)
    quotes["negative"] = truth["true_tone"] < 0
    checked = audit(quotes, truth, 40).assign(true_negative=lambda rows: rows["negative"].astype(object))
    checked.loc[::2, "true_negative"] = None
    table = correct_rates(quotes, checked, "negative")
    assert table.attrs["sensitivity"] == table.attrs["specificity"] == 1
    assert table.attrs["left_out"] == 60 and table["warning"].str.contains("without an answer left out: 60").all()
    with pytest.raises(ValueError, match="no audited quote has an answer"):
        correct_rates(quotes, checked.assign(true_negative=None), "negative")
    with pytest.raises(ValueError, match="none without"):
        correct_rates(quotes, checked.assign(true_negative=True), "negative")


def test_rates_are_weighted_in_the_audit_as_in_the_table() -> None:
    quotes, truth = make_table(41, right=1.0)
    quotes = quotes.assign(negative=truth["true_tone"] < 0, words=np.where(np.arange(len(quotes)) % 2, 9, 1))
    checked = audit(quotes, truth, 60).assign(true_negative=lambda rows: rows["negative"] | (rows["words"] == 1))
    weighed, plain = (correct_rates(quotes, checked, "negative", design=design) for design in
                      (Design(weight="words"), Design()))  # fmt: skip
    assert weighed.attrs["sensitivity"] > plain.attrs["sensitivity"] + 0.1


@pytest.mark.parametrize(
    ("share", "sensitivity", "specificity"),
    [
        (0.5, (0.4, 50), (0.4, 50)),
        (0.1, (0.2, 5), (0.75, 100)),  # below chance by the plain rates, above it by the shrunken ones: was 1.0
        (0.9, (0.2, 5), (0.75, 100)),  # was 0.0
        (0.3, (0.4, 5), (0.6, 100)),  # was a division by 0
    ],
)
def test_a_machine_without_skill_corrects_nothing(
    share: float, sensitivity: tuple[float, float], specificity: tuple[float, float]
) -> None:
    rate, low, high = correct_rate(share, 100, sensitivity, specificity)
    assert np.isnan(rate) and (low, high) == (0.0, 1.0)


def test_a_measure_that_misses_nearly_every_true_yes_is_said_to_correct_nothing() -> None:
    """Of five true yes two are found, of twenty true no eight are taken for yes: right as often as a coin."""
    said, true = [True] * 2 + [False] * 3 + [True] * 8 + [False] * 12, [True] * 5 + [False] * 20
    quotes = pd.DataFrame({"doc_id": [f"d{i}" for i in range(25)], "quote_id": range(25), "speaker": "A",
                           "threat": said})  # fmt: skip
    row = correct_rates(quotes, quotes.assign(true_threat=true), "threat").iloc[0]
    assert np.isnan(row["corrected"]) and (row["low"], row["high"]) == (0.0, 1.0)
    assert row["warning"] == "the measure is no better than chance in the audit: no corrected rate"
