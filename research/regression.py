"""Linear regression with errors clustered by article: speakers adjusted for covariates, lines that jump and bend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.clustering import Array, Estimate, assume_correlation, satterthwaite
from research.columns import need_columns
from research.comparison import compare
from research.design import DEFAULT, Design, refuse_design
from research.sample import Sample, prepare_sample

UNSEEN = 0.1
"""Share of a contrast's variance that may lie where single articles fit perfectly, so that no residual shows it.

A speaker in one article has it all there; others have a little, if only one article has some covariate.
"""


def compare_adjusted(
    quotes: pd.DataFrame,
    measure: str = "tone",
    by: str = "speaker",
    *,
    covariates: Sequence[str],
    design: Design = DEFAULT,
) -> pd.DataFrame:
    """Compare speakers as if each had been edited, translated and cut like the average quote.

    Linear regression with a level for each speaker and the covariates (numbers as they are, yes/no as 0 and 1, words
    as categories), CR2 intervals. Adds `adjusted` and its ends to the columns of `compare`; the ends are NaN where a
    speaker's level rests on one article. `attrs["covariates"]` holds the covariates' own estimates, NaN where they
    cannot be told from one another. Rows without a covariate are left out of both means. ValueError where a covariate
    cannot be told from the speakers, and for designs with two kinds of clusters or with bootstrap intervals.
    """
    refuse_design(design, "compare_adjusted")
    need_columns(quotes, covariates)
    complete = quotes[quotes[list(covariates)].notna().all(axis=1)]
    sample = prepare_sample(complete, measure, by, design)
    extra = _covariate_columns(sample.rows, covariates)
    columns = np.column_stack([np.eye(len(sample.names))[sample.group], extra.to_numpy(float)])
    fitted = fit_clustered(columns, sample, np.eye(columns.shape[1]))
    low, high = fitted.interval(design.level)
    size = len(sample.names)
    if not np.isfinite(fitted.value[:size]).all():
        mixed = ", ".join(
            name for name, value in zip(extra.columns, fitted.value[size:], strict=True) if np.isnan(value)
        )
        raise ValueError(f"{mixed} cannot be told from the {by}: leave out what only one {by} has and always has.")
    adjusted = pd.DataFrame({by: list(sample.names), "adjusted": fitted.value[:size]})
    adjusted = adjusted.assign(adjusted_low=low[:size], adjusted_high=high[:size])
    table = compare(complete, measure, by, design)
    result = table.merge(adjusted, on=by, how="left", validate="one_to_one")
    lost = result["adjusted_low"].isna() & result["low"].notna()
    result.loc[lost, "warning"] = [
        "; ".join(part for part in (warning, "adjusted: rests on one article, no interval") if part)
        for warning in result.loc[lost, "warning"]
    ]
    terms = {name: [float(fitted.value[size + i]), float(low[size + i]), float(high[size + i])]
             for i, name in enumerate(extra.columns)}  # fmt: skip
    result.attrs = table.attrs | {"covariates": terms}
    return result


def _covariate_columns(rows: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """Make covariates numbers, centred so that the speakers' levels are those of the average quote."""
    parts = []
    for name in covariates:
        column = rows[name]
        if column.dtype.kind in "biuf":
            parts.append(column.astype(float).rename(name))
        else:
            parts.append(pd.get_dummies(column.astype(str), prefix=name, dtype=float).iloc[:, 1:])
    extra = pd.concat(parts, axis=1)
    extra = extra.loc[:, extra.nunique() > 1]
    return extra - extra.mean()


def fit_clustered(columns: Array, sample: Sample, contrasts: Array) -> Estimate:
    """Fit weighted least squares, with CR2 standard errors and Satterthwaite degrees of freedom for each contrast.

    `columns` (rows, terms) goes with the sample's rows; `contrasts` is (contrasts, terms). For group means alone it
    gives what `estimate_contrast` gives, weighted or not. References there. A contrast that the columns do not
    identify is NaN; one that rests on a single article (`UNSEEN`), or that no residual speaks of, has no standard
    error. ValueError if the sample has two kinds of clusters.
    """
    if len(sample.clusters) > 1:
        raise ValueError("a regression clusters by one column. Give a design with one.")
    root = np.sqrt(sample.weight)
    design, outcome = columns * root[:, None], sample.value * root
    bread, told = _invert(design, contrasts)
    beta = bread @ design.T @ outcome
    residual = outcome - design @ beta
    clusters = _cluster_rows(sample)
    parts = [_cluster_part(design[rows], root[rows], residual[rows], bread, contrasts) for rows in clusters]
    scores, lengths, sums, noise, gradients, totals, unseen = (np.stack(part) for part in zip(*parts, strict=True))
    own = float(assume_correlation(sample.correlation))
    core = (1 - own) * (design * sample.weight[:, None]).T @ design + own * totals.T @ totals
    diagonal = (1 - own) * lengths + own * sums**2
    mixed = (1 - own) * noise + own * sums[..., None] * totals[:, None]
    freedom = [
        _regression_freedom(diagonal[:, i], mixed[:, i], gradients[:, i] @ bread, core) for i in range(len(contrasts))
    ]
    se = np.sqrt((scores**2).sum(0))
    variance = np.einsum("ij,jk,ik->i", contrasts, bread, contrasts)
    shown = (unseen.sum(0) <= UNSEEN * variance) & (se > 1e-9 * np.abs(sample.value).max(initial=0)) & told
    return Estimate(
        value=np.where(told, contrasts @ beta, np.nan),
        se=np.where(shown, se, np.nan),
        degrees_of_freedom=np.where(shown, freedom, np.nan),
    )


def _invert(design: Array, contrasts: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Invert the normal matrix as far as the columns go, and tell which contrasts they identify.

    Columns are brought to one length first; directions with less than 1e-10 of the largest eigenvalue are rounding.
    """
    length = np.sqrt((design**2).sum(0))
    length = np.where(length > 0, length, 1)
    values, vectors = np.linalg.eigh((design / length).T @ (design / length))
    kept = values > 1e-10 * values.max()
    basis = vectors[:, kept] / length[:, None]
    scaled = contrasts / length
    left_over = scaled - scaled @ vectors[:, kept] @ vectors[:, kept].T
    told = np.linalg.norm(left_over, axis=1) <= 1e-6 * np.linalg.norm(scaled, axis=1)
    return np.asarray((basis / values[kept]) @ basis.T), told


def _cluster_rows(sample: Sample) -> list[NDArray[np.intp]]:
    """The row numbers of each cluster."""
    codes = sample.clusters[0]
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def _cluster_part(design: Array, root: Array, residual: Array, bread: Array, contrasts: Array) -> tuple[Array, ...]:
    """One cluster's CR2-adjusted score, and the sums its degrees of freedom need, for each contrast.

    The last is the part of each contrast's variance in directions that the cluster fits perfectly.
    """
    values, vectors = np.linalg.eigh(np.eye(len(design)) - design @ bread @ design.T)
    seen = values > 1e-9
    turned = vectors.T @ design @ bread @ contrasts.T
    adjusted = (vectors * np.where(seen, 1 / np.sqrt(np.maximum(values, 1e-9)), 0)) @ turned
    weighted = root[:, None] * adjusted
    return (
        adjusted.T @ residual,
        (weighted**2).sum(0),
        weighted.sum(0),
        (root[:, None] * weighted).T @ design,
        adjusted.T @ design,
        root @ design,
        (turned[~seen] ** 2).sum(0),
    )


def _regression_freedom(diagonal: Array, mixed: Array, pulled: Array, core: Array) -> Array:
    """Satterthwaite degrees of freedom of one contrast of a regression, quotes of an article equally correlated.

    The variance estimator's matrix is diag(d) - P Mᵀ - M Pᵀ + P C Pᵀ: `diagonal` d (clusters,), `mixed` M and `pulled`
    P (clusters, terms), `core` C (terms, terms).
    """
    left = np.concatenate([pulled, mixed], 1)
    right = np.concatenate([pulled @ core - mixed, -pulled], 1)
    return satterthwaite(diagonal, left, right)
