"""One quotation in many reports: copies, cuts and translations are found, and merged into one row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.columns import find_weights, need_columns

VARIANT_SIMILARITY = 0.6
"""Cosine of character n-grams from which two quotes of one speaker are the same utterance, cut or translated."""


def find_variants(quotes: pd.DataFrame, by: str = "speaker", similarity: float = VARIANT_SIMILARITY) -> pd.Series:
    """Find the distinct utterances and number them: one speaker's quotes that repeat or retranslate one another.

    News agencies carry the same sentence in several cuts and translations; counting each as new evidence makes a
    speaker who is copied often look certain. Single linkage over the cosine of TF-IDF character n-grams, within a
    speaker. Quotes without a speaker are not looked at: -1, which `merge_copies` takes for a quotation each.

    >>> table = pd.DataFrame({"speaker": ["A", "A", "A"], "text": [
    ...     "We will never surrender this city.", "“We will never surrender this city”", "The talks go on."]})
    >>> find_variants(table).tolist()
    [0, 0, 1]
    """
    need_columns(quotes, [by, "text"])
    labels, first = np.full(len(quotes), -1), 0
    texts = np.array([str(text) for text in quotes["text"]], dtype=object)
    speakers = quotes[by].astype(object).reset_index(drop=True)
    for places in speakers.groupby(speakers, sort=True).indices.values():
        labels[places] = _link_texts(list(texts[places]), similarity) + first
        first = int(labels[places].max()) + 1
    return pd.Series(labels, index=quotes.index, name="variant")


def _link_texts(texts: list[str], similarity: float) -> NDArray[np.intp]:
    """Find connected components of near-identical texts, numbered by first appearance."""
    from scipy.sparse import vstack
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    folded = ["".join(c if c.isalnum() else " " for c in text.casefold()) for text in texts]
    if len(texts) < 2 or not any(text.strip() for text in folded):
        return np.arange(len(texts), dtype=np.intp)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(folded)
    blocks = (vectors[start : start + 500] for start in range(0, len(texts), 500))
    near = vstack([(block @ vectors.T) >= similarity for block in blocks])
    return np.asarray(pd.factorize(connected_components(near, directed=False)[1])[0])


def merge_copies(quotes: pd.DataFrame, measure: str, by: str = "speaker", weight: str | None = None) -> pd.DataFrame:
    """Keep one row for each distinct quotation of a speaker: the mean of its occurrences, where it was printed first.

    Copies carry no news about the speaker, and counted in each article that prints them they look like independent
    articles. First is the earliest `date`; without dates, or on one day, the order of the table. `variant` says which
    rows are one quotation (`find_variants` if there is none); a row with -1 or null is one by itself. `occurrences`
    lists the ids of all, the first one first. With a `weight` the mean is weighted, and the row gets the mean weight.

    >>> quotes = pd.DataFrame({"doc_id": ["a", "b", "c"], "speaker": "Y", "variant": [0, 0, 1], "tone": [0.1, 0.3, 0.5],
    ...                        "date": ["2022-03-02", "2022-03-01", "2022-03-02"]})
    >>> merge_copies(quotes, "tone")[["doc_id", "tone"]].to_dict("list")
    {'doc_id': ['b', 'c'], 'tone': [0.2, 0.5]}
    """
    rows = quotes.reset_index(drop=True)
    key = rows["variant"] if "variant" in rows else find_variants(rows, by)
    key = key.astype(object).where(key.notna() & (key != -1), [f"row {number}" for number in range(len(rows))])
    rows = rows.assign(code=pd.Series(list(zip(rows[by], key, strict=True))), share=find_weights(rows, weight))
    if "date" in rows:
        day = pd.to_datetime(rows["date"], errors="coerce", format="ISO8601", utc=True)
        rows = rows.loc[day.sort_values(kind="stable").index]
    code = pd.factorize(rows["code"])[0]
    value, share = rows[measure].to_numpy(float), rows["share"].to_numpy(float)
    total = np.bincount(code, share)
    found = {measure: np.bincount(code, share * value) / total}
    if weight:
        found[weight] = total / np.bincount(code)
    if "quote_id" in rows:
        found["occurrences"] = rows.groupby(code)["quote_id"].agg(tuple).to_numpy()
    return rows[~rows["code"].duplicated()].drop(columns=["code", "share"]).assign(**found)
