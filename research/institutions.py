"""Organisations and documents that look like people: the State Department, the Union Leader, Der Spiegel."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from research.mentions import ORGANISATION, PRONOUN
from research.names import Name, suffix
from research.nouns import Nouns
from research.people import PARTIES, People
from research.person import Person
from research.reference import Link
from research.registry import fold
from research.segmentation import GENITIVES

MASTHEADS = frozenset(  # role nouns that are a paper's name: the Union Leader, the Daily Caller, The Plain Dealer
    "advertiser advocate believer caller champion citizen courier dealer defender democrat economist enquirer examiner "
    "federalist forerunner guardian independent inquirer insider intelligencer interpreter investigator leader "
    "messenger monitor nation observer patriot pilot pioneer ranger reader reporter republican scotsman sentinel "
    "spectator star statesman voice".split()
)
LEADERS = frozenset(  # of these, those that stand for a person, too, when they are capitalised
    "caller champion dealer defender democrat forerunner insider interpreter investigator leader messenger patriot "
    "pilot pioneer ranger reader reporter republican star statesman voice".split()
)


class Institutions:
    """The mentions of one document that were taken for people and are none; `links` are those taken for people."""

    def __init__(self, nouns: Nouns, people: People, links: Mapping[int, Link]):
        self.nouns, self.people, self.links = nouns, people, links
        self.words, self.lexicon, self.mentions = nouns.words, nouns.lexicon, nouns.mentions
        self._institutions = self._find_institutions()

    def includes(self, mention: int) -> bool:
        """Whether a mention that was taken for a person is an organisation or document: the State Department."""
        link = self.links.get(mention)
        if link is None:
            return False
        if self.is_listed(mention):
            return True
        if link.reason == "name":
            return id(link.person) in self._institutions
        if link.reason not in ("role", "unnamed", "topic") or self.mentions.form[mention] == PRONOUN:
            return False
        noun, place = self.nouns.noun(mention), self.nouns.place(mention)
        if noun in self.lexicon.roles:
            is_told = link.reason == "role" and noun in link.person.titles  # her publisher, Ann Lee
            return self.is_masthead(mention) or (self.nouns.fixed(mention) == "organisation" and not is_told)
        is_name = self.mentions.form[mention] == ORGANISATION and self.nouns.is_upper(place)
        is_name = is_name and noun not in self.lexicon.countries  # the Ivorian
        return is_name or self.nouns.thing(noun) is not None

    def is_listed(self, mention: int) -> bool:
        """Whether a phrase of several words is on the list of organisations: Human Rights Watch, the Daily Caller."""
        words = self.words[int(self.mentions.first[mention]) : self.nouns.place(mention) + 1]
        words = words[words[0].lower() == "the" :]
        return len(words) > 1 and " ".join(words) in self.lexicon.organisations

    def is_masthead(self, mention: int) -> bool:
        """Whether a capitalised role noun ends a paper's name: The New Hampshire Union Leader."""
        first, place, noun = int(self.mentions.first[mention]), self.nouns.place(mention), self.nouns.noun(mention)
        words = [w for w in self.words[first:place] if w.lower() != "the"]
        if noun in PARTIES.values() and " ".join(words).lower() in self.lexicon.countries:
            return False  # the Utah Republican
        if noun not in MASTHEADS or not all(w[0].isupper() or w == "of" for w in [*words, self.words[place]]):
            return False
        is_tagged = self.mentions.form[mention] == ORGANISATION or place != self.mentions.head[mention]
        return (is_tagged and bool(words)) or (noun not in LEADERS and self.nouns.opener(mention) == "the")

    def _find_institutions(self) -> frozenset[int]:
        """The ids of "people" who are none: called a newspaper or a firm beside their name, or named like one."""
        found = {id(person) for person in self.people.everybody if self._is_named_like_one(person)}
        found.update(id(person) for i, person in self.people.of_mention.items() if self._is_called_one(i, person))
        found.update(id(person) for person in self.people.everybody if self._is_named_after_one(person))
        return frozenset(found)

    def _is_named_like_one(self, person: Person) -> bool:
        """Whether a name is listed, begins with The or ends in an abbreviation: Der Spiegel, Priorities USA."""
        if not person.names or person.speaker_id is not None:
            return False
        if any(" ".join(n) in self.lexicon.organisations for n in dict.fromkeys(person.names) if len(n) > 1):
            return True
        if not self._may_be_one(person):
            return False
        name = max(person.names, key=len)
        ends_short = len(name[-1]) > 1 and name[-1].isupper() and name[-1].isalpha() and not suffix(name)
        return len(name) > 1 and (name[0] == "The" or (ends_short and name[0].istitle()))

    def _is_named_after_one(self, person: Person) -> bool:
        """Whether the tagger once took the name for an organisation's, whole or with more: Vane, the Vane Report."""
        longest: Name = max(person.names, key=len, default=())
        return bool(longest) and self._may_be_one(person) and not self._of_firms.isdisjoint(longest)

    @functools.cached_property
    def _of_firms(self) -> frozenset[str]:
        """The first capitalised word of each organisation."""
        m = self.mentions
        firms = (self.words[int(m.first[i]) : int(m.head[i]) + 1] for i in range(len(m)) if m.form[i] == ORGANISATION)
        return frozenset(next((w for w in words if w[0].isupper() and w != "The"), "") for words in firms)

    def _may_be_one(self, person: Person) -> bool:
        return self._is_bare(person) and not person.titles & self.lexicon.roles.keys()

    def _is_bare(self, person: Person) -> bool:
        """Whether neither register nor given name nor title speaks for a person."""
        is_given = any(fold(name[0]) in self.lexicon.first_names for name in person.names[:20])
        return person.speaker_id is None and not is_given and not person.titles & self.lexicon.titles.keys()

    def _is_called_one(self, mention: int, person: Person) -> bool:
        """Whether a noun beside the name says so: the newspaper Haaretz; Hurun, a research firm."""
        m, things = self.mentions, self.lexicon.things
        words = self.words[int(m.first[mention]) : int(m.head[mention]) + 1]
        name = " ".join(words[words[0].lower() == "the" :])
        if len(name) < len(" ".join(words)) and name in self.lexicon.organisations:
            return True
        if words[-1] + "'s" in self.lexicon.organisations and self.nouns.follows(mention) in GENITIVES:
            return self._may_be_one(person)
        lower = [w for w in words if w.islower() and w not in ("the", "a", "an")]
        if words[0].lower() == "the" and len(words) > 1 and not lower:
            return self._may_be_one(person)
        if lower:
            return things.get(lower[-1]) == "organisation" and self._is_bare(person)
        following = mention + 1
        return (
            following < len(m) and self._may_be_one(person)
            and self.nouns.gap(mention) == [","] and self.nouns.opener(following) in ("a", "an", "the")
            and self.nouns.follows(following) not in GENITIVES
            and things.get(self.nouns.noun(following)) == "organisation"
        )
