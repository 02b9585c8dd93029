"""Other names that an article gives somebody: call signs, stage names, nicknames (Danylo Reva, call sign “Notary”)."""

from __future__ import annotations

import re
from collections.abc import Iterator

WORD = r"[^\W\d_a-zß-öø-ÿ][\w’'-]{1,30}"  # one that opens with a capital, É too
ALIAS = re.compile(
    r"\b(?:"
    r"(?:call[ -]?sign|code[ -]?name|nom de guerre|pseudonym|stage name|pen name|alias|nickname)(?: is| was| of|,|:)?"
    r"|(?:goes by|nicknamed|a\.?k\.?a\.?|writes as|(?:performs|records|raps|sings|tours) as|calls (?:him|her)self)"
    r"(?: the name| simply)?"
    r"|known(?: [a-z][a-z ]{0,30})? as"
    rf") [“\"‘']?(?P<alias>{WORD}(?: {WORD})?)"
)
NICKNAME = re.compile(rf"[“\"‘'(](?<=[\w.] .)(?P<alias>{WORD}(?: {WORD})?)[”\"’')] {WORD}")
REACH = 160  # characters from a name to what the text says of it


def aliases_in(text: str) -> Iterator[tuple[int, str]]:
    """Where a text tells another name of somebody named before, and that name.

    >>> list(aliases_in("Ann Lee, who goes by DJ Marrow, Bo, call sign “Smoker”, and Robert “Buck” Danner met."))
    [(13, 'DJ Marrow'), (36, 'Smoker'), (67, 'Buck')]
    """
    for found in ALIAS.finditer(text):
        yield found.start(), found["alias"]
    for found in NICKNAME.finditer(text):
        if text[text.rfind(" ", 0, found.start() - 1) + 1].isupper():
            yield found.start(), found["alias"]
