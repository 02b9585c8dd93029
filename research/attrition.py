"""What is lost on the way from what was read to what is compared."""

from __future__ import annotations

import pandas as pd

from research.columns import need_columns
from research.sample import prepare_sample


def count_steps(
    quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", *, articles: int | None = None
) -> pd.DataFrame:
    """How many articles and quotes are left after each step, from what was read to what is compared.

    The last step is what `compare` takes: its quotes are those of the speakers' means together. `articles` is the
    number read, which the quotes table cannot know (an article without a quote has no row).

    >>> quotes = pd.DataFrame({"doc_id": list("aab"), "speaker": ["Y", None, "Z"], "tone": [0.1, 0.2, None]})
    >>> count_steps(quotes, articles=3).values.tolist()
    [['read', 3, 3], ['quotes found', 2, 3], ['with a speaker', 2, 2], ['with tone', 1, 1]]
    """
    need_columns(quotes, ["doc_id", by, measure])
    steps = {
        "quotes found": quotes,
        f"with a {by.replace('_', ' ')}": quotes[quotes[by].notna()],
        f"with {measure.replace('_', ' ')}": prepare_sample(quotes, measure, by).rows,
    }
    rows = [{"step": name, "articles": rest["doc_id"].nunique(), "quotes": len(rest)} for name, rest in steps.items()]
    read = articles if articles is not None else quotes["doc_id"].nunique()
    table = pd.DataFrame([{"step": "read", "articles": read, "quotes": len(quotes)}, *rows])
    table.attrs = {"measure": measure, "by": by}
    return table
