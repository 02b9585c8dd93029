"""Boosted trees that rank a quote's candidates: fitted on whole quotes, by the share that each gives its right one.

The loss is minus the log of the softmax share of the right candidate among the quote's (listwise: Cao et al. 2007,
ICML; Bruch et al. 2019, ICTIR), which is the share that `research.attribution` works with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.loss import HalfSquaredError
from sklearn.ensemble import HistGradientBoostingRegressor

Reals = NDArray[np.float64]
LEAST_CURVATURE = 1e-6


class ListwiseSoftmax(HalfSquaredError):
    """Cross entropy of the right candidate and the softmax of a list's scores, for scikit-learn's boosting.

    `lists` : (n,) numbers of the list that each row belongs to, rows of a list being neighbours; `weight` : (n,) of the
    rows' lists. Each list has one row whose target is 1, the others' is 0.

    >>> loss = ListwiseSoftmax(np.array([0, 0, 1, 1]), np.ones(4))
    >>> gradient, _ = loss.gradient_hessian(np.array([1.0, 0.0, 0.0, 1.0]), np.zeros(4))
    >>> gradient.tolist()
    [-0.5, 0.5, 0.5, -0.5]
    """

    def __init__(self, lists: NDArray[np.int64], weight: Reals):
        super().__init__()
        self.constant_hessian = False
        self.starts = np.flatnonzero(np.r_[True, lists[1:] != lists[:-1]])
        self.number = np.repeat(np.arange(len(self.starts)), np.diff(np.r_[self.starts, len(lists)]))
        self.weight = weight

    def fit_intercept_only(self, y_true: Reals, sample_weight: Reals | None = None) -> Reals:
        """A constant changes no share: none is needed."""
        return np.zeros(1)

    def gradient_hessian(self, y_true: Reals, raw_prediction: Reals, sample_weight: Reals | None = None,
                         gradient_out: Any = None, hessian_out: Any = None, n_threads: int = 1) -> tuple[Any, Any]:
        """First derivatives and the diagonal of the second ones, by the row's score."""
        scores = raw_prediction.ravel()
        odds = np.exp(scores - np.maximum.reduceat(scores, self.starts)[self.number])
        share = odds / np.add.reduceat(odds, self.starts)[self.number]
        gradient = np.empty(len(scores)) if gradient_out is None else gradient_out
        hessian = np.empty(len(scores)) if hessian_out is None else hessian_out
        gradient[:] = self.weight * (share - y_true)
        hessian[:] = np.maximum(self.weight * share * (1 - share), LEAST_CURVATURE)
        return gradient, hessian


def fit_lists(rows: NDArray[np.float32], right: NDArray[np.bool_], lists: NDArray[np.int64], weight: Reals,
              **parameters: Any) -> HistGradientBoostingRegressor:
    """Fit trees whose softmax within each list gives the right row a large share; `predict` returns their scores."""
    loss = ListwiseSoftmax(lists, weight)
    return HistGradientBoostingRegressor(loss=loss, early_stopping=False, **parameters).fit(rows, right.astype(float))
