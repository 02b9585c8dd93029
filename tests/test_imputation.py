"""Imputed speakers: what is known stays, what is not is spread as the audit, the articles and the values say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.simulation import CONTRASTS, MEANS, draw_audit
from research.comparison import compare, compare_pairs
from research.imputation import estimate_imputed, impute_speakers


def test_imputation_keeps_what_is_known_and_spreads_what_is_not() -> None:
    drawn = draw_audit(np.random.default_rng(9), noisy=False)
    codes = impute_speakers(drawn, imputations=30)
    assert (codes[:, drawn.audited] == drawn.true_speaker[drawn.audited]).all()
    kept = (codes[:, ~drawn.audited] == drawn.given[~drawn.audited]).mean()
    assert kept == pytest.approx(drawn.confidence[~drawn.audited].mean(), abs=0.04)
    sure = replace(drawn, confidence=np.ones_like(drawn.confidence), audited=np.zeros_like(drawn.audited))
    assert (impute_speakers(sure, imputations=2) == sure.given).all()


def test_a_full_audit_gives_the_default_comparison_of_the_true_speakers() -> None:
    drawn = draw_audit(np.random.default_rng(20), noisy=False, audited=10**6)
    names = np.array(drawn.names)[drawn.true_speaker]
    quotes = pd.DataFrame({"doc_id": drawn.article, "speaker": names, "tone": drawn.true_value})
    table = compare(quotes).set_index("speaker").loc[list(drawn.names)]
    pair = compare_pairs(quotes).set_index(["first", "second"]).loc[("one", "three")]
    imputed = estimate_imputed(drawn, CONTRASTS, imputations=3, rounds=1)
    np.testing.assert_allclose(imputed.value, [*table["mean"], -pair["difference"]])
    np.testing.assert_allclose(imputed.se, [*table["se"], pair["se"]])


def test_a_machine_that_is_too_sure_is_seen_through() -> None:
    drawn = draw_audit(np.random.default_rng(21), noisy=False, too_sure=True, articles=400, audited=400)
    others = ~drawn.audited
    truth = 1 - 2 * (1 - drawn.confidence[others].mean())
    kept = (impute_speakers(drawn)[:, others] == drawn.given[others]).mean()
    assert kept == pytest.approx(truth, abs=0.03)
    believed = replace(drawn, audited=np.zeros_like(drawn.audited))
    kept = (impute_speakers(believed)[:, others] == drawn.given[others]).mean()
    assert kept == pytest.approx(drawn.confidence[others].mean(), abs=0.02)


def test_an_unsure_precision_widens_the_interval() -> None:
    drawn = draw_audit(np.random.default_rng(22), noisy=False, audited=400)
    few = replace(drawn, audited=drawn.audited & (np.random.default_rng(23).random(len(drawn.given)) < 0.03))
    widths = [np.diff(estimate_imputed(audit, CONTRASTS, imputations=60).interval(0.95), axis=0)[0, 3] for audit in
              (drawn, few)]  # fmt: skip
    assert widths[1] > 1.1 * widths[0]


def test_imputed_means_are_right_on_average() -> None:
    random = np.random.default_rng(24)
    found = np.array([estimate_imputed(draw_audit(random, noisy=False), seed=run).value for run in range(60)])
    assert np.abs(found.mean(0) - MEANS).max() < 0.02


def test_an_articles_own_level_does_not_pass_for_a_speaker() -> None:
    """Articles differ by far more than speakers do: a wrong quote goes by its distance from its own article's level."""
    random = np.random.default_rng(25)
    drawn = draw_audit(random, noisy=False)
    level = 3 * random.normal(size=drawn.article.max() + 1)[drawn.article]
    shifted = replace(drawn, value=drawn.value + level, true_value=drawn.true_value + level)
    one, other = (np.mean(impute_speakers(audit, imputations=40) == 0, axis=0) for audit in (drawn, shifted))
    doubtful = ~drawn.audited & (drawn.confidence < 0.97)
    assert np.corrcoef(one[doubtful], other[doubtful])[0, 1] > 0.96


def test_a_speaker_in_one_article_has_no_interval() -> None:
    drawn = draw_audit(np.random.default_rng(26), noisy=False, audited=10**6)
    alone = drawn.article == drawn.article[drawn.true_speaker == 2][0]
    lone = replace(drawn, true_speaker=np.where((drawn.true_speaker == 2) & ~alone, 0, drawn.true_speaker))
    imputed = estimate_imputed(lone, imputations=2)
    assert np.isnan(imputed.se[2]) and np.isfinite(imputed.se[:2]).all() and np.isfinite(imputed.value).all()
