"""On the Record: who said what in the news, and how.

>>> import research
>>> quotes = research.extract_quotes(research.read_corpus("corpus/reports"))  # doctest: +SKIP
>>> research.compare(research.score(quotes), "tone", by="speaker")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.9.0"
__all__ = ["compare", "extract_quotes", "read_corpus", "score"]

if TYPE_CHECKING:
    from research.comparison import compare
    from research.extraction import extract_quotes
    from research.reading import read_corpus
    from research.tone import score

_HOME = {"read_corpus": "research.reading", "extract_quotes": "research.extraction", "score": "research.tone",
         "compare": "research.comparison"}


def __getattr__(name: str) -> Any:
    """Load the four entry points when they are first used, so that importing the package costs nothing."""
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'research' has no attribute {name!r}")
