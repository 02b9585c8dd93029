"""A number with its noun, as a sentence or a table's label needs it."""

from __future__ import annotations


def count_of(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> count_of(1200, "article"), count_of(1, "quotation")
    ('1,200 articles', '1 quotation')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
