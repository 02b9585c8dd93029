"""What is lost on the way from what was read to what is compared."""

from __future__ import annotations

import pandas as pd

from research.columns import need_columns


def count_steps(
    quotes: pd.DataFrame, measure: str = "tone", by: str = "speaker", *, articles: int | None = None
) -> pd.DataFrame:
    """How many articles and quotes are left after each step, from what was read to what is compared.

    `articles` is the number read, which the quotes table cannot know (an article without a quote has no row).
    """
    need_columns(quotes, ["doc_id", by, measure])
    named = quotes[quotes[by].notna()]
    steps = {"quotes found": quotes, f"with a {by.replace('_', ' ')}": named}
    if "speaker_kind" in quotes and by == "speaker":
        named = named[named["speaker_kind"] == "person"]
        steps["said by a named person"] = named
    scored = named[named[measure].notna()]
    steps[f"with {measure.replace('_', ' ')}"] = scored
    often = scored.groupby(by)["doc_id"].transform("nunique") >= 2
    steps[f"{by.replace('_', ' ')} in two articles or more"] = scored[often]
    rows = [{"step": name, "articles": rest["doc_id"].nunique(), "quotes": len(rest)} for name, rest in steps.items()]
    read = articles if articles is not None else quotes["doc_id"].nunique()
    return pd.DataFrame([{"step": "read", "articles": read, "quotes": len(quotes)}, *rows])
