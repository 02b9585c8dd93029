"""Articles in: files and folders become a stream of documents, and whatever cannot be read becomes a problem.

>>> corpus = read_corpus("no-such-folder")
>>> list(corpus)
[]
>>> print(corpus.problems[0])
no-such-folder: does not exist. Check the spelling of the path.
"""

from __future__ import annotations

from research.reading.article import Reading, ReadingConfig, UnknownFieldError
from research.reading.corpus import Corpus, Counts, read_corpus

__all__ = ["Corpus", "Counts", "Reading", "ReadingConfig", "UnknownFieldError", "read_corpus"]
