"""The audit loop: samples, sheets, agreement, and corrected estimates with known truth."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.simulation import CONTRASTS, MEANS, draw_audit, find_intervals
from research.documents import Document
from research.validation import (
    NOBODY,
    OTHERS,
    Audit,
    correct_means,
    correct_pairs,
    correct_rate,
    correct_rates,
    draw_audit_sample,
    estimate_audit_only,
    estimate_dsl,
    estimate_imputed,
    estimate_naive,
    estimate_ppi,
    impute_speakers,
    make_coding_sheet,
    measure_agreement,
    measure_attribution,
    prepare_audit,
    read_codes,
    settle_codes,
    tabulate_reliability,
    wilson_interval,
    write_coding_sheet,
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


# --- drawing and coding ---------------------------------------------------------------------------------------------


def test_probabilities_of_the_sample_add_up_to_the_table() -> None:
    quotes, _ = make_table()
    quotes.loc[:30, "speaker"] = None
    quotes.loc[31:33, "speaker"] = ["Rare One", "Rare Two", "Rare Two"]
    sample = draw_audit_sample(quotes, 25)
    weights = (1 / sample["inclusion_probability"]).groupby(sample["stratum"]).sum()
    assert weights.sum() == pytest.approx(len(quotes))
    assert weights[NOBODY] == pytest.approx(31) and weights[OTHERS] == pytest.approx(3)
    assert sample["quote_id"].is_unique


def test_the_sample_is_repeatable_whatever_the_order_of_rows() -> None:
    quotes, _ = make_table()
    first, second = draw_audit_sample(quotes, 10), draw_audit_sample(quotes.sample(frac=1, random_state=3), 10)
    assert first["quote_id"].tolist() == second["quote_id"].tolist()
    assert first["quote_id"].tolist() != draw_audit_sample(quotes, 10, seed=5)["quote_id"].tolist()


def test_every_quote_is_drawn_as_often_as_its_probability_says() -> None:
    quotes, _ = make_table(articles=5)
    drawn = pd.Series(0.0, index=quotes["quote_id"])
    for seed in range(400):
        drawn[draw_audit_sample(quotes, 5, seed=seed)["quote_id"]] += 1 / 400
    stated = draw_audit_sample(quotes, 5).groupby("speaker")["inclusion_probability"].first()
    assert (drawn.to_numpy() - quotes["speaker"].map(stated).to_numpy()).std() < 0.03


def sheet_of(text: str, start: int, end: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    sample = pd.DataFrame([{
        "doc_id": "a", "quote_id": f"a:{start}", "start": start, "end": end, "speaker": "Secret Machine Answer",
        "stratum": "Secret Machine Answer", "inclusion_probability": 1.0,
    }])  # fmt: skip
    return make_coding_sheet(sample, [Document(doc_id="a", text=text, title="T")], "one"), sample


def test_the_sheet_shows_the_words_and_nothing_of_the_machine() -> None:
    sheet, _ = sheet_of("He said: “No, never.” Then he left.", 10, 20)
    row = sheet.iloc[0]
    assert (row["before"], row["quote"], row["after"]) == ("He said: “", "No, never.", "” Then he left.")
    assert "Secret" not in sheet.to_csv() and "a:10" not in sheet.to_csv()


def test_two_coders_see_the_same_quotes_in_different_orders() -> None:
    quotes, _ = make_table(articles=6)
    sample = draw_audit_sample(quotes.assign(start=0, end=4), 10)
    documents = [Document(doc_id=doc_id, text="“No.”") for doc_id in quotes["doc_id"].unique()]
    one, two = (make_coding_sheet(sample, documents, coder) for coder in ("one", "two"))
    assert sorted(one["item"]) == sorted(two["item"]) and one["item"].tolist() != two["item"].tolist()
    again = make_coding_sheet(sample, documents, "one")
    assert one["item"].tolist() == again["item"].tolist()


def test_a_missing_article_is_named() -> None:
    sample = pd.DataFrame([{"doc_id": "b", "quote_id": "b:0", "start": 0, "end": 1}])
    with pytest.raises(KeyError, match="1 articles are not in the corpus, the first b"):
        make_coding_sheet(sample, [], "one")


def test_a_filled_in_sheet_comes_back_and_formulas_do_not_run(tmp_path: Path) -> None:
    sheet, sample = sheet_of('=HYPERLINK("http://x") “Yes.”', 24, 28)
    sheet["coded_speaker"], sheet["coded_tone"] = "Ann Lee", "0,5"
    path = write_coding_sheet(sheet, tmp_path / "one.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and ",\"'=HYPERLINK" in path.read_text("utf-8-sig")
    codes = read_codes(path, sample)
    assert codes.to_dict("list") == {"quote_id": ["a:24"], "coded_speaker": ["Ann Lee"], "coded_tone": [0.5]}


def test_faults_of_a_sheet_are_listed_together(tmp_path: Path) -> None:
    _, sample = sheet_of("“Yes.” and “No.”", 1, 5)
    path = tmp_path / "two.csv"
    path.write_text("item,coded_speaker,coded_tone\nitem-0001,A,7\nitem-0009,A,\nitem-0001,B,0\n")
    with pytest.raises(
        ValueError, match=r"two.csv line 2: tone is '7'; line 3: no such item 'item-0009'; line 4.*again"
    ):
        read_codes(path, sample)


def test_empty_cells_stay_empty(tmp_path: Path) -> None:
    sheet, sample = sheet_of("“Yes.”", 1, 5)
    codes = read_codes(write_coding_sheet(sheet, tmp_path / "c.csv"), sample)
    assert codes["coded_speaker"].isna().all() and codes["coded_tone"].isna().all()


# --- agreement and accuracy -----------------------------------------------------------------------------------------


def test_alpha_as_in_krippendorffs_example() -> None:
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability, section B: 10 units, two coders, alpha 0.095."""
    one, two = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    codes = {
        name: pd.DataFrame({"quote_id": range(10), "coded_speaker": values})
        for name, values in (("1", one), ("2", two))
    }
    found = measure_agreement(codes, distance="nominal")
    assert found["alpha"] == pytest.approx(0.095, abs=5e-4) and found["agreement"] == pytest.approx(0.6)


def test_alpha_of_tones_forgives_small_distances() -> None:
    ids = list("abcdef")
    one = pd.DataFrame({"quote_id": ids, "coded_tone": [-1, -0.5, 0, 0.5, 1, np.nan]})
    two = pd.DataFrame({"quote_id": ids, "coded_tone": [-1, -0.5, 0, 0.5, 0.75, 1]})
    found = measure_agreement({"1": one, "2": two}, "coded_tone", distance="interval")
    assert found["alpha"] > 0.95 and found["quotes"] == 5


def test_agreement_needs_shared_quotes() -> None:
    one = pd.DataFrame({"quote_id": ["a"], "coded_speaker": ["X"]})
    with pytest.raises(ValueError, match="2 coders share 0 quotes"):
        measure_agreement({"1": one, "2": one.assign(quote_id="b")}, distance="nominal")


def test_disagreement_stays_open_until_settled() -> None:
    one = pd.DataFrame({"quote_id": ["a", "b"], "coded_speaker": ["X", "X"], "coded_tone": [0.0, 1.0]})
    two = one.assign(coded_speaker=["X", "Y"], coded_tone=[0.5, 0.0])
    open_ = settle_codes([one, two])
    assert open_["true_speaker"].tolist()[0] == "X" and pd.isna(open_["true_speaker"][1])
    assert open_["true_tone"].tolist() == [0.25, 0.5]
    settled = settle_codes([one, two], pd.DataFrame({"quote_id": ["b"], "coded_speaker": ["Y"]}))
    assert settled["true_speaker"].tolist() == ["X", "Y"]


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
    off = tabulate_reliability(table.assign(confidence=1.0))
    assert off.attrs["calibration_error"] == pytest.approx(1 - right.mean())


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


def test_imputation_keeps_what_is_known_and_spreads_what_is_not() -> None:
    drawn = draw_audit(np.random.default_rng(9), noisy=False)
    codes = impute_speakers(drawn, imputations=30)
    assert (codes[:, drawn.audited] == drawn.true_speaker[drawn.audited]).all()
    kept = (codes[:, ~drawn.audited] == drawn.given[~drawn.audited]).mean()
    assert kept == pytest.approx(drawn.confidence[~drawn.audited].mean(), abs=0.04)
    sure = replace(drawn, confidence=np.ones_like(drawn.confidence), audited=np.zeros_like(drawn.audited))
    assert (impute_speakers(sure, imputations=2) == sure.given).all()


def test_the_table_puts_naive_and_corrected_side_by_side() -> None:
    quotes, truth = make_table(10)
    table = correct_means(quotes, audit(quotes, truth))
    assert table["method"].tolist()[:5] == ["naive", "audit only", "ppi", "dsl", "imputation"]
    wide = table.pivot(index="speaker", columns="method", values="estimate")
    true = truth.groupby("true_speaker")["true_tone"].mean()
    assert (wide["naive"] - true).abs().max() > 0.15
    assert (wide["dsl"] - true).abs().max() < 0.12
    assert (table["quote_ids"].map(len) == table["quotes"]).all()
    pd.testing.assert_frame_equal(table, correct_means(quotes, audit(quotes, truth)), check_exact=True)


def test_the_committed_simulation_holds() -> None:
    """benchmarks/simulation.md is written by the simulation; these are the promises README makes of it."""
    report = (Path(__file__).parents[1] / "benchmarks" / "simulation.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in report.splitlines() if line[:1] == "|"]
    levels = [
        float(row[5].rstrip("%")) for row in rows if row[0] in ("same articles", "different articles", "some of both")
    ]
    assert len(levels) == 9 and min(levels) >= 3.5 and max(levels) <= 6.5
    covered = {(row[0], row[1]): [float(share) for share in re.findall(r"[\d.]+(?=%)", row[4] + row[5])] for row in rows
               if len(row) > 5 and row[1] in ("naive", "ppi", "dsl", "audit only")}  # fmt: skip
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


def test_a_machine_without_skill_corrects_nothing() -> None:
    assert correct_rate(0.5, 100, (0.4, 50), (0.4, 50))[1:] == (0.0, 1.0)


def test_the_form_writes_every_answer_at_once(tmp_path: Path) -> None:
    pytest.importorskip("ipywidgets", reason="ipywidgets comes with the extra notebooks")
    from research.validation import show_coding_form

    sheet, sample = sheet_of("“Yes.”", 1, 5)
    _, text, speaker, tone, _, save = show_coding_form(sheet, tmp_path / "form.csv").children
    assert "<mark>Yes.</mark>" in text.value
    speaker.value, tone.value = "Ann Lee", -0.5
    save.click()
    assert read_codes(tmp_path / "form.csv", sample)["coded_tone"].tolist() == [-0.5]
    assert save.disabled
