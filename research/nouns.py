"""What a document's mentions are made of: their head nouns, what stands before, between and behind them."""

from __future__ import annotations

from research.attribution import Reading, load_models
from research.lexicon import Lexicon
from research.mentions import NOUNS

SAYS = 0.4  # chance that a noun is a cue at which it is taken for a verb (the two write)


class Nouns:
    """The nouns of one document's mentions, and what the lists say of them."""

    def __init__(self, reading: Reading, lexicon: Lexicon):
        self.words, self.mentions, self.tags = reading.tokens.words, reading.mentions, reading.tags
        self.lexicon = lexicon
        self._pos = load_models().tagger.names["pos"]

    def noun(self, mention: int) -> str:
        """The head noun, in small letters."""
        return self.words[self.place(mention)].lower()

    def place(self, mention: int) -> int:
        """The place of the head noun; before a verb that the tagger took for one (the document states), or a number."""
        first, place = int(self.mentions.first[mention]), int(self.mentions.head[mention])
        while place > first and self._is_no_noun(place, first):
            place -= 1
        return place

    def _is_no_noun(self, place: int, first: int) -> bool:
        """Whether the last word of a phrase is a verb (the foundation predicts), a participle or a number."""
        word, before = self.words[place].lower(), self.words[place - 1].lower()
        if self.is_listed(word):
            return False
        acts = self.thing(before) == "organisation" and word.endswith("s") and not self.is_listed(word[:-1])
        is_verb = place - 1 > first and (acts or self.tags.probability["cue"][place] > SAYS)
        if self.is_personal(before) and self.words[place + 1 : place + 2] in (["to"], ["with"]):
            return True  # a person close to Lee, a source familiar with the plan
        is_number = word.isdigit() and self.part_of_speech(place - 1) in NOUNS
        return is_verb or is_number or (word.endswith("ing") and self.is_listed(before))

    def gap(self, mention: int) -> list[str]:
        """The words between a mention and the next."""
        return self.words[int(self.mentions.last[mention]) + 1 : int(self.mentions.first[mention + 1])]

    def opener(self, mention: int) -> str:
        """The first word, in small letters."""
        return self.words[int(self.mentions.first[mention])].lower()

    def follows(self, mention: int) -> str:
        """The word behind a mention, in small letters."""
        place = int(self.mentions.last[mention]) + 1
        return self.words[place].lower() if place < len(self.words) else ""

    def thing(self, noun: str) -> str | None:
        """Whether the list has a noun as an organisation or a document."""
        return self.lexicon.things.get(noun)

    def fixed(self, mention: int) -> str | None:
        """The kind of a phrase of two words that the list of things has: intelligence community, super PAC."""
        first, place = int(self.mentions.first[mention]), self.place(mention)
        return self.thing(" ".join(self.words[place - 1 : place + 1]).lower()) if place > first else None

    def is_listed(self, noun: str) -> bool:
        """Whether a list has a noun at all."""
        return noun in self.lexicon.things or self.is_personal(noun)

    def is_people(self, noun: str) -> bool:
        """Whether a noun is several people: officials, questioners, others."""
        return noun in self.lexicon.groups or noun == "others" or (
            noun.endswith("s") and noun.removesuffix("s") in self.lexicon.roles and noun not in self.lexicon.roles
        )

    def is_personal(self, noun: str) -> bool:
        """Whether a noun is somebody: a role, or several people."""
        return noun in self.lexicon.roles or self.is_people(noun)

    def is_plural(self, mention: int) -> bool:
        """Whether the head noun is a plural."""
        return self.part_of_speech(self.place(mention)) in ("NNS", "NNPS")

    def is_upper(self, place: int) -> bool:
        """Whether the word at a place is capitalised."""
        return self.words[place][:1].isupper()

    def part_of_speech(self, place: int) -> str:
        """The tagger's part of speech of the word at a place."""
        return self._pos[int(self.tags.pos[place])]
