"""Trees fitted by scikit-learn and stored as arrays score as scikit-learn does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from research.trees import ROWS_AT_ONCE, Trees, trees_from_arrays, trees_from_sklearn


def fitted(seed: int, **options: int) -> tuple[HistGradientBoostingClassifier, np.ndarray]:
    """A small classifier on noisy numbers, some of them few-valued as features of text are, and its rows."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(300, 6)).astype(np.float32)
    values[:, ::2] = np.round(values[:, ::2])
    right = values[:, 0] + values[:, 1] * values[:, 2] + random.normal(size=len(values)) > 0.5
    options = {"max_iter": 20, "max_depth": 4, "min_samples_leaf": 5, **options}
    return HistGradientBoostingClassifier(**options, early_stopping=False, random_state=seed).fit(values, right), values


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), depth=st.integers(1, 6))
def test_trees_score_as_scikit_learn_does(seed: int, depth: int) -> None:
    classifier, values = fitted(seed, max_depth=depth)
    fresh = np.random.default_rng(seed + 1).normal(size=values.shape).astype(np.float32)
    for rows in (values, fresh):
        expected = classifier.decision_function(rows)
        np.testing.assert_allclose(trees_from_sklearn(classifier).score(rows), expected, atol=1e-6)


def test_values_on_a_threshold_and_beyond_all_of_them() -> None:
    classifier, values = fitted(3)
    trees = trees_from_sklearn(classifier)
    edges = np.unique(trees.threshold[np.isfinite(trees.threshold)])[:50]
    ends = np.array([*edges, 1e30, -1e30], dtype=np.float32)
    rows = np.repeat(ends[:, None], values.shape[1], axis=1)
    np.testing.assert_allclose(trees.score(rows), classifier.decision_function(rows), atol=1e-6)


def test_rows_scored_in_parts_score_as_alone() -> None:
    classifier, values = fitted(4)
    many = np.resize(values, (ROWS_AT_ONCE + 7, values.shape[1]))
    trees = trees_from_sklearn(classifier)
    assert trees.score(many)[[0, ROWS_AT_ONCE, -1]].tolist() == trees.score(many[[0, ROWS_AT_ONCE, -1]]).tolist()


def test_no_rows_give_no_scores() -> None:
    classifier, values = fitted(5)
    assert trees_from_sklearn(classifier).score(values[:0]).shape == (0,)


def test_stored_trees_come_back_the_same(tmp_path) -> None:
    classifier, values = fitted(6)
    trees = trees_from_sklearn(classifier)
    np.savez_compressed(tmp_path / "trees.npz", **trees.to_arrays("gate"))
    with np.load(tmp_path / "trees.npz", allow_pickle=False) as stored:
        again = trees_from_arrays(stored, "gate")
    assert trees.score(values).tolist() == again.score(values).tolist()


def test_a_tree_written_by_hand() -> None:
    """One split: at most 2.5 → -1, else 1; the baseline is added."""
    trees = Trees(
        feature=np.array([1, 0, 0], np.int32), threshold=np.array([2.5, np.inf, np.inf], np.float32),
        left=np.array([1, 1, 2], np.int32), value=np.array([0, -1, 1], np.float32),
        roots=np.array([0], np.int32), depth=1, baseline=0.25)
    assert trees.score(np.array([[9, 2.5], [0, 2.6]], np.float32)).tolist() == [-0.75, 1.25]


@pytest.mark.parametrize("rows", [1, 2, 17])
def test_a_row_scores_alike_in_any_company(rows: int) -> None:
    classifier, values = fitted(7)
    trees = trees_from_sklearn(classifier)
    assert trees.score(values[:rows]).tolist() == trees.score(values)[:rows].tolist()


def test_neighbouring_numbers_are_told_apart() -> None:
    """A threshold between two neighbouring 32-bit numbers is rounded to the lower one: the upper stays above it."""
    low = np.nextafter(np.float32(1), np.float32(2)) * np.arange(1, 10, dtype=np.float32)
    for column in np.stack([low, np.nextafter(low, np.float32(np.inf))], axis=1):
        values = np.repeat(column, 20)[:, None]
        classifier = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5).fit(values, np.repeat([0, 1], 20))
        scores = trees_from_sklearn(classifier).score(values)
        np.testing.assert_allclose(scores, classifier.decision_function(values), atol=1e-6)
