"""Boosted trees as data: fitted by scikit-learn, stored as arrays, evaluated in numpy.

Reading a quotes table should not cost the second that importing scikit-learn takes, nor a pickle's trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32]
ROWS_AT_ONCE = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Binary decision trees, their nodes in one list.

    A node sends a row left if its `feature` is at most `threshold`. A leaf's children are itself. `roots` are the first
    nodes of the trees; `depth` is the longest path; a row's score is `baseline` plus its leaves' `value`.
    """

    feature: NDArray[np.int16]
    threshold: Reals
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: Reals
    roots: NDArray[np.int32]
    depth: int
    baseline: float

    def score(self, rows: Reals) -> NDArray[np.float64]:
        """(n, features) → (n,) log-odds."""
        parts = [self._score(rows[i:i + ROWS_AT_ONCE]) for i in range(0, len(rows), ROWS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _score(self, rows: Reals) -> NDArray[np.float64]:
        flat, width = np.ascontiguousarray(rows, dtype=np.float32).ravel(), rows.shape[1]
        base = (np.arange(len(rows), dtype=np.int32) * width)[:, None]
        node = np.repeat(self.roots[None, :], len(rows), axis=0)
        for _ in range(self.depth):
            goes_left = flat[base + self.feature[node]] <= self.threshold[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        total: NDArray[np.float64] = self.value[node].sum(axis=1, dtype=np.float64) + self.baseline
        return total

    def to_arrays(self, name: str) -> dict[str, Any]:
        """The arrays to store, each under ``name.field``."""
        return {f"{name}.{field}": getattr(self, field) for field in self.__slots__}


def trees_from_arrays(arrays: Mapping[str, Any], name: str) -> Trees:
    """The reverse of `Trees.to_arrays`."""
    values = {field: arrays[f"{name}.{field}"] for field in Trees.__slots__}
    return Trees(**{**values, "depth": int(values["depth"]), "baseline": float(values["baseline"])})


def trees_from_sklearn(fitted: Any) -> Trees:
    """From a fitted binary HistGradientBoostingClassifier on numbers without gaps."""
    nodes = [stage[0].nodes for stage in fitted._predictors]
    sizes = [len(n) for n in nodes]
    roots = np.cumsum([0, *sizes[:-1]])
    joined = np.concatenate(nodes)
    own = np.arange(len(joined))
    offset = np.repeat(roots, sizes)
    leaf = joined["is_leaf"].astype(bool)
    return Trees(
        feature=np.where(leaf, 0, joined["feature_idx"]).astype(np.int16),
        threshold=_rounded_down(np.where(leaf, np.inf, joined["num_threshold"])),
        left=np.where(leaf, own, joined["left"] + offset).astype(np.int32),
        right=np.where(leaf, own, joined["right"] + offset).astype(np.int32),
        value=np.where(leaf, joined["value"], 0).astype(np.float32), roots=roots.astype(np.int32),
        depth=int(joined["depth"].max()), baseline=float(np.ravel(fitted._baseline_prediction)[0]),
    )


def _rounded_down(thresholds: NDArray[np.float64]) -> Reals:
    """Thresholds in 32 bits, never above the 64 bits: a value just above one must not come to lie on it."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
