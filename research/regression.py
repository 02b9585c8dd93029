"""Linear regression with errors clustered by article: for covariates, and for lines that jump and bend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.clustering import Array, Estimate, assume_correlation, satterthwaite

if TYPE_CHECKING:
    from research.comparison import Sample


def fit_clustered(columns: Array, sample: Sample, contrasts: Array) -> Estimate:
    """Fit weighted least squares, with CR2 standard errors and Satterthwaite degrees of freedom for each contrast.

    `columns` (rows, terms) goes with the sample's rows; `contrasts` is (contrasts, terms). For group means alone it
    gives what `estimate_contrast` gives. References there.
    """
    root = np.sqrt(sample.weight)
    design, outcome = columns * root[:, None], sample.value * root
    bread = np.asarray(np.linalg.pinv(design.T @ design, hermitian=True), float)
    beta = bread @ design.T @ outcome
    residual = outcome - design @ beta
    parts = [_cluster_part(design[rows], residual[rows], bread, contrasts) for rows in _cluster_rows(sample)]
    scores, lengths, sums, gradients, totals = (np.stack(part) for part in zip(*parts, strict=True))
    correlation = sample.correlation
    freedom = [
        _regression_freedom(lengths[:, i], sums[:, i], gradients[:, i], totals, bread, correlation)
        for i in range(len(contrasts))
    ]
    return Estimate(
        value=contrasts @ beta,
        se=np.sqrt((scores**2).sum(0)),
        degrees_of_freedom=np.array(freedom, float),
    )


def _cluster_rows(sample: Sample) -> list[NDArray[np.intp]]:
    """The row numbers of each cluster."""
    codes = sample.clusters[0]
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def _cluster_part(design: Array, residual: Array, bread: Array, contrasts: Array) -> tuple[Array, ...]:
    """One cluster's CR2-adjusted score, and the sums its degrees of freedom need, for each contrast."""
    values, vectors = np.linalg.eigh(np.eye(len(design)) - design @ bread @ design.T)
    inverse_root = np.where(values > 1e-9, 1 / np.sqrt(np.maximum(values, 1e-9)), 0)
    adjusted = (vectors * inverse_root) @ vectors.T @ design @ bread @ contrasts.T
    return adjusted.T @ residual, (adjusted**2).sum(0), adjusted.sum(0), adjusted.T @ design, design.sum(0)


def _regression_freedom(
    lengths: Array, sums: Array, gradients: Array, totals: Array, bread: Array, correlation: Array
) -> Array:
    """Satterthwaite degrees of freedom of one contrast of a regression, quotes of an article equally correlated."""
    own = float(assume_correlation(correlation))
    pulled = gradients @ bread
    diagonal = (1 - own) * lengths + own * sums**2
    mixed = own * sums[:, None] * totals
    core = own * totals.T @ totals
    left = np.concatenate([pulled, mixed], 1)
    right = np.concatenate([-(1 - own) * gradients - mixed + pulled @ core, -pulled], 1)
    return satterthwaite(diagonal, left, right)
