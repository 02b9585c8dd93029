"""How quotes are grouped, weighted and turned into an interval: what a comparison is told besides its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Interval = Literal["t", "bootstrap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How quotes are grouped, weighted and turned into an interval.

    cluster
        The columns whose values are drawn together. Articles by default; ("outlet", "event") gives two-way
        clustering (Cameron, Gelbach & Miller 2011).
    unit
        What counts once. "occurrence": each quote, as a reader meets it. "quote": each distinct quotation of a
        speaker, however many reports carry it: the mean of its occurrences, in the article that printed it first
        (see `merge_copies`). The name of a column such as "outlet" or "event": each of its values, equally.
    weight
        A column that says how much each row counts besides, such as "words": the mean of hits per 1,000 words of each
        quote, weighted by words, is hits over words. None by default: a quote is a quote.
    interval
        "t": cluster-robust t interval (CR2, Satterthwaite), the default because it keeps its level with ten articles
        where the percentile bootstrap ("bootstrap") does not; see benchmarks/simulation.md. Yes/no measures and hits
        per 1,000 words, whose t intervals are too low, have intervals of their own from the same error.
    level
        Coverage aimed at.
    draws, seed
        Resamples or permutations, and the seed that makes them repeatable.
    """

    cluster: tuple[str, ...] = ("doc_id",)
    unit: str = "occurrence"
    weight: str | None = None
    interval: Interval = "t"
    level: float = 0.95
    draws: int = 2000
    seed: int = 20221221

    def __post_init__(self) -> None:
        """Refuse what no table could satisfy, at once and with the remedy."""
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level}. Give a share between 0 and 1, such as 0.95.")
        if not 1 <= len(self.cluster) <= 2:
            raise ValueError(f"cluster names {len(self.cluster)} columns. Give one, or two for two-way clustering.")
        if self.interval not in ("t", "bootstrap"):
            raise ValueError(f'interval is {self.interval!r}. Use "t" or "bootstrap".')


DEFAULT = Design()


def refuse_design(design: Design, name: str, bootstrap: bool = False) -> None:
    """Refuse two kinds of clusters, and bootstrap intervals where there are none, instead of ignoring the wish."""
    if len(design.cluster) > 1:
        raise ValueError(f"{name} clusters by one column, not by {' and '.join(design.cluster)}. Give one.")
    if design.interval == "bootstrap" and not bootstrap:
        raise ValueError(f'{name} has no bootstrap intervals. Use interval="t".')
