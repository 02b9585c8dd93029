r"""Characters made safe to compare and to show: typography folded to the keyboard's, and text escaped for HTML.

Curly is folded to straight, one character to one character, so that offsets survive. Lexicons and rules are written
with straight apostrophes, newspapers print curly ones: VADER reads "They don’t support this deal." as +.40 and the same
words with a straight apostrophe as -.31, since the negation is lost. Each fix below is one function that does one
thing; `fold` does them all. Every fix keeps the length of its text.

>>> fold("“They don’t support this deal…”")
'"They don\'t support this deal."'
"""

from __future__ import annotations

import html
import unicodedata

_DOUBLE_QUOTES = dict.fromkeys(map(ord, "“”„‟«»″＂〝〞"), '"')
_SINGLE_QUOTES = dict.fromkeys(map(ord, "‘’‚‛‹›′`´ʼ＇"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_SPACES = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
_ELLIPSES = {ord("…"): "."}
_DIRECTING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))  # by unicodedata.bidirectional
_DIRECTION_MARKS = "\u200e\u200f\u061c"  # which are letters to it: left to right, right to left, and the Arabic one
_ALL = _DOUBLE_QUOTES | _SINGLE_QUOTES | _DASHES | _SPACES | _ELLIPSES


def fold_double_quotes(text: str) -> str:
    """Double marks of any kind to the straight one.

    >>> fold_double_quotes("„Nein“, «non», “no”")
    '"Nein", "non", "no"'
    """
    return text.translate(_DOUBLE_QUOTES)


def fold_apostrophes(text: str) -> str:
    """Single marks, apostrophes, primes and grave accents standing alone to the straight apostrophe.

    >>> fold_apostrophes("don’t, don`t, ‘so-called’")
    "don't, don't, 'so-called'"
    """
    return text.translate(_SINGLE_QUOTES)


def fold_dashes(text: str) -> str:
    """Dashes, hyphens and the minus sign of any length to the hyphen.

    >>> fold_dashes("a well‑known fact — 1939–1945")
    'a well-known fact - 1939-1945'
    """
    return text.translate(_DASHES)


def fold_spaces(text: str) -> str:
    r"""Blanks of any width to the space. Line ends are left alone, for they separate paragraphs.

    >>> fold_spaces("10\u00a0000\u202fkm\n")
    '10 000 km\n'
    """
    return text.translate(_SPACES)


def fold_ellipses(text: str) -> str:
    """The ellipsis character to a single full stop: three would move every offset after it.

    >>> fold_ellipses("We will… see")
    'We will. see'
    """
    return text.translate(_ELLIPSES)


def fold(text: str) -> str:
    """Every fix of this module at once, in one pass.

    >>> fold("It’s — ‘over’") == fold_apostrophes(fold_dashes("It’s — ‘over’"))
    True
    >>> len(fold("„Ну что ж…“")) == len("„Ну что ж…“")
    True
    """
    return text.translate(_ALL)


def escape(text: str) -> str:
    """Escape for HTML, with control and direction characters shown as U+FFFD instead of obeyed.

    >>> escape("<b>" + chr(0x202E) + "a")
    '&lt;b&gt;�a'
    """
    seen = "".join("\ufffd" if _hidden(c) else c for c in text)
    return html.escape(seen, quote=True)


def _hidden(character: str) -> bool:
    """Whether a character acts on the text around it instead of being read."""
    acts = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    return acts or character in _DIRECTION_MARKS or unicodedata.bidirectional(character) in _DIRECTING
