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
ROWS_AT_ONCE = 256  # times 400 trees: what a processor keeps at hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Binary decision trees, their nodes in one list.

    A node sends a row to its `left` child if its `feature` is at most `threshold`, else to the one after that. A leaf's
    child is itself, its threshold infinite. `roots` are the first nodes of the trees; `depth` is the longest path; a
    row's score is `baseline` plus its leaves' `value`.
    """

    feature: NDArray[np.int32]
    threshold: Reals
    left: NDArray[np.int32]
    value: Reals
    roots: NDArray[np.int32]
    depth: int
    baseline: float

    def score(self, rows: Reals) -> NDArray[np.float64]:
        """(n, features) → (n,) scores: log-odds of a gate, log of a share but for a constant of a ranker."""
        parts = [self._score(rows[i:i + ROWS_AT_ONCE]) for i in range(0, len(rows), ROWS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _score(self, rows: Reals) -> NDArray[np.float64]:
        flat, width = np.ascontiguousarray(rows, dtype=np.float32).ravel(), rows.shape[1]
        base = (np.arange(len(rows), dtype=np.int32) * width)[:, None]
        node = np.repeat(self.roots[None, :], len(rows), axis=0)
        for _ in range(self.depth):
            is_above = flat.take(base + self.feature.take(node)) > self.threshold.take(node)
            node = self.left.take(node) + is_above
        total: NDArray[np.float64] = self.value.take(node).sum(axis=1, dtype=np.float64) + self.baseline
        return total

    def to_arrays(self, name: str) -> dict[str, Any]:
        """The arrays to store, each under ``name.field``."""
        return {f"{name}.{field}": getattr(self, field) for field in self.__slots__}


def trees_from_arrays(arrays: Mapping[str, Any], name: str) -> Trees:
    """The reverse of `Trees.to_arrays`."""
    values = {field: arrays[f"{name}.{field}"] for field in Trees.__slots__}
    return Trees(**{**values, "depth": int(values["depth"]), "baseline": float(values["baseline"])})


def trees_from_sklearn(fitted: Any) -> Trees:
    """From a fitted HistGradientBoosting of one score, a binary classifier or a regressor, on numbers without gaps."""
    trees = [_by_level(stage[0].nodes) for stage in fitted._predictors]
    sizes = [len(nodes) for nodes, _ in trees]
    roots = np.cumsum([0, *sizes[:-1]])
    joined, child = (np.concatenate(part) for part in zip(*trees, strict=True))
    leaf = joined["is_leaf"].astype(bool)
    return Trees(
        feature=np.where(leaf, 0, joined["feature_idx"]).astype(np.int32),
        threshold=_rounded_down(np.where(leaf, np.inf, joined["num_threshold"])),
        left=(child + np.repeat(roots, sizes)).astype(np.int32),
        value=np.where(leaf, joined["value"], 0).astype(np.float32), roots=roots.astype(np.int32),
        depth=int(joined["depth"].max()), baseline=float(np.ravel(fitted._baseline_prediction)[0]),
    )


def _by_level(nodes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A tree's nodes level by level, so that siblings are neighbours, and the place of each node's left child."""
    order, child = [0], list[int]()
    for node in order:
        child.append(len(child) if nodes["is_leaf"][node] else len(order))
        order += [] if nodes["is_leaf"][node] else [int(nodes["left"][node]), int(nodes["right"][node])]
    return nodes[order], np.array(child, dtype=np.int64)


def _rounded_down(thresholds: NDArray[np.float64]) -> Reals:
    """Thresholds in 32 bits, never above the 64 bits: a value just above one must not come to lie on it."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
