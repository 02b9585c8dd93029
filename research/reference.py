"""What stands for a name → a person: pronouns (he), role nouns (the former officer), offices (the Russian president).

The text is read through once, in order; each mention is resolved against the people met lately.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.antecedent import WEIGHTS, WITH_READER, Asked, Evidence, choose
from research.attribution import Reading
from research.documents import Document
from research.genders import HE, NONBINARY, SHE
from research.lexicon import FEMALE, MALE
from research.mentions import NAME, ORGANISATION, PLACE, PRONOUN, RELATIVE_PRONOUNS, ROLE
from research.names import DETERMINERS, POSSESSIVES, SPEAKS, bare, peerage
from research.people import People
from research.person import FIRST, KIN, Person
from research.reader import Opinion
from research.registry import fold
from research.roles import COUNTERPARTS, Roles
from research.segmentation import PARAGRAPH_TOKEN

THEY = frozenset(("they", "them", "themselves", "theirs"))
I_WORDS = frozenset(("i", "me", "myself"))
RECENT = 10  # people that a pronoun may stand for: those met last
SPELLED = r"[^\W\d_][\w.'’-]*"
BYLINE = re.compile(
    rf"^(?:By|Words by|Text by|Story by|Report by|Interview by) (?P<name>{SPELLED}(?: {SPELLED}){{1,3}})$", re.MULTILINE
)
CLOSING = re.compile(rf"(?P<name>{SPELLED}(?: {SPELLED}){{0,3}}) (?:is|was|teaches|writes|covers|works) ")
WORD = re.compile(r"\w+")
ONE_OF_A_PEOPLE = ("an", "ard", "wede", "urk", "man", "woman", "on", "er")  # endings: the Ivorian, the Spaniard
SPEECH_NOUNS = frozenset(
    "answer reply response order remark remarks comment comments statement words claim account message "
    "tweet post letter speech verdict warning promise complaint question description".split()
)
APPOSITION_TAILS = frozenset(
    "of for at in from who whose with and on to accused charged convicted suspected known named called born".split()
)
SURE_OF_FOCUS = 0.4  # how probable the best person must be for a bare role noun ("the officer") to mean him or her
TOPIC_RIGHT = 0.74  # of persons found by topic, who may be alone in the text: python -m benchmarks.identity
SHOWN = 60  # mentions on that the reader may be shown
SECONDED = 0.1  # the reader's chance for that person if the role is somebody's (Lee's manager)
ACTS = 0.5  # chance that somebody unnamed is the subject of the sentence that he or she opens
UNSURE = 0.9  # below this probability of the best person the reader is asked
READ_SURE = 0.7  # the least chance of a person by the reader for a role or a thing, or by all for a noun on no list
# Log-odds, chosen on train: holds the role; alone, by the text; of the place; meant by it last; is told another one.
HOLDS, ALONE, SEAT, CALLED, OTHERWISE = 5.0, 4.0, 2.0, 2.0, -2.0
AGENTS = ("er", "or", "ist", "ian", "man", "woman", "person", "voice")  # endings of nouns for who does something
KINSFOLK = KIN | frozenset(
    "cousin nephew niece uncle aunt grandson granddaughter grandfather grandmother".split()
)
UNTOLD = frozenset("the this former latter first second other same new old".split())
BECOMES = frozenset("am is are was were be been being as become becomes became like".split())
LONGEST_WAY = 60  # words back that an unnamed person may be meant by a pronoun
LEAD = 2  # number of the paragraph up to which an article may call by a role whom it names below
LONGEST_DESCRIPTION = 15  # words from a name to the "who" behind its description
ADDRESSING = frozenset("told tells asked asks reminded warned assured informed advised answered".split())
CLAUSE = 30  # words back that a clause may reach
CLAUSE_ENDS = frozenset((PARAGRAPH_TOKEN, *", ; : . ! ? ( ) — – - that and but or who whom which when while".split()))
SHORT = {"pm": "prime minister", "fm": "foreign minister"}
FRAMES = frozenset("the his her their its".split())
DEFINITE = ("the", "this", "that")
SINGULAR_ARTICLES = frozenset(("a", "an", "one", "another"))


@dataclass(frozen=True, slots=True)
class Link:
    """Which person a mention was taken for, how, and how often that way is right."""

    person: Person
    reason: str
    certainty: float


class References:
    """Everything in one document that stands for a person: `links` says for whom, by mention."""

    def __init__(self, document: Document, reading: Reading, people: People):
        self.document, self.reading, self.people = document, reading, people
        mentions = reading.mentions
        self.first, self.last, self.head = (each.tolist() for each in (mentions.first, mentions.last, mentions.head))
        self.words, self.lexicon = people.words, people.lexicon
        self.said = self._quotes_of_sources()
        self.links: dict[int, Link] = {}
        self.evidence, self.roles = Evidence(reading, people, self.said), Roles(document, people)
        self.byline = BYLINE.search(document.text, 0, 3000)
        self.bylines = self._mentions_in_byline()
        self.recent: list[Person] = []
        self.strangers: dict[str, Person] = {}
        self.dignities: dict[str, Person] = {}  # whom the text calls the Duke of Sussex
        self.lately: list[Person] = []  # strangers, the one met last first
        self.called: dict[str, Person] = {}  # whom a bare role meant last
        self._link_appositions()
        self._link_offices()
        self._read_through()

    def _quotes_of_sources(self) -> dict[int, list[int]]:
        """The numbers of the quotes that each mention says."""
        quotes: dict[int, list[int]] = {}
        for number, decision in enumerate(self.reading.decisions):
            if decision.mention is not None:
                quotes.setdefault(decision.mention, []).append(number)
        return quotes

    # ---- appositions ------------------------------------------------------------------------------------------------

    def _link_appositions(self) -> None:
        """Give a role beside a name (Igor Girkin, a former officer) to the person, here and later."""
        m, named = self.reading.mentions, self.people.of_mention
        for i in range(len(m) - 1):
            gap = self.words[self.last[i] + 1 : self.first[i + 1]]
            if i in named and gap == [","] and (dignity := peerage(self.words, self.first[i + 1])):
                self.dignities[dignity] = named[i]
            name, role = (i, i + 1) if i in named else (i + 1, i)
            if self._shares_bearer(i, gap):
                self.links[i] = Link(named[i + 1], "apposition", 0.98)
                continue
            if gap[:1] in (["of"], ["for"], ["at"], ["in"], ["to"]) and i + 2 in named and i not in named:
                name, role = i + 2, i
                gap = self.words[self.last[i + 1] + 1 : self.first[i + 2]]
            if len(gap) > 1 or (gap and gap[0] not in (",", "(", "—", "–", "-", "as")):
                continue
            if role > name and self.words[self.first[role]].lower() == "whose":
                continue
            closes = gap == ["as"] or role < name or self._closes(role)
            if name in named and m.form[role] == ROLE and gap and closes:
                words = [w.lower() for w in self.words[self.first[role] : self.head[role] + 1]]
                if words[-1] in self.lexicon.roles or (role < name and self._frames(role, name)):
                    self.roles.tell(named[name], words)
                    self.links[role] = Link(named[name], "apposition", 0.98)

    def _link_offices(self) -> None:
        """Give the office before a name to its holder: Head of the Office of the President Ann Lee."""
        named = self.people.of_mention
        for name in self.people.office_holders.keys() & named.keys():
            mention = name - 1
            while mention >= 0 and mention not in named:
                gap, role = self.words[self.last[mention] + 1 : self.first[mention + 1]], self.words[self.head[mention]]
                if gap not in (["of"], *POSSESSIVES):
                    break
                if (role := role.lower()) in self.lexicon.roles and gap == ["of"]:
                    self.roles.tell(named[name], [role])
                    self.links[mention] = Link(named[name], "apposition", 0.98)
                mention -= 1

    def _shares_bearer(self, role: int, gap: Sequence[str]) -> bool:
        """Whether a role is held by the person named next: former prosecutor and New York Mayor Rudy Giuliani."""
        m, person = self.reading.mentions, self.people.of_mention.get(role + 1)
        if person is None or role in self.people.of_mention or m.form[role] == PRONOUN:
            return False
        opener, following = (self.words[self.first[i]] for i in (role, role + 1))
        if self.words[self.head[role]].lower() not in self.lexicon.roles or opener.lower() in DETERMINERS:
            return False
        joined = gap == ["and"] and len(person.titles) > 0 and following not in person.names[0]
        return joined or (gap == ["of"] and following.islower())

    def _frames(self, role: int, name: int) -> bool:
        """Whether a noun that is on no list is what somebody is, by its place: The harbour master, Ann Lee, said."""
        first, behind = self.first[role], self.last[name] + 1
        noun, before = self.words[self.head[role]].lower(), self.words[first - 1].lower() if first else "."
        is_thing = noun in self.lexicon.things or noun in self.lexicon.groups
        opens = (before in CLAUSE_ENDS or before == "by") and self.words[first].lower() in FRAMES
        closers = ([","], [";"]) if before != "by" else ([","], [";"], ["."])
        return opens and not is_thing and noun.isalpha() and self.words[behind : behind + 1] in closers

    def _closes(self, role: int) -> bool:
        """Whether an apposition after a name ends as one does (Ann Lee, the mayor,) and no clause follows it."""
        place = self.last[role] + 1
        following = self.words[place] if place < len(self.words) else "."
        return not following[0].isalnum() or following in APPOSITION_TAILS

    # ---- reading through --------------------------------------------------------------------------------------------

    def _read_through(self) -> None:
        """Resolve roles and pronouns in reading order, each against the people met lately."""
        m = self.reading.mentions
        for mention, form in enumerate(m.form.tolist()):
            link = self.links.get(mention) or self._link(mention, form)
            if link is None:
                continue
            self.links[mention] = link
            person = link.person
            person.seen.append(self.head[mention])
            person.spoken += mention in self.said
            if person.description:
                self.lately = [person, *(p for p in self.lately if p is not person)][:RECENT]
            if link.reason != "author" and mention not in self.bylines and self._may_be_meant(person, mention):
                if person in self.recent:
                    self.recent.remove(person)
                self.recent.insert(0, person)
                del self.recent[RECENT:]

    def _may_be_meant(self, person: Person, mention: int) -> bool:
        """Whether "he" or "she" can mean this person: more is known than one capitalised word, or it says something.

        An unnamed person can who has said something or opens a sentence as its subject (A driver had little
        sympathy), but for a judge or heckler. A relative who comes in beside somebody (a cousin, Kit Lee) and says
        nothing cannot.
        """
        if person.description:
            head = self.head[mention]
            acts = _is_introduced(person) and self.evidence.opens(head) and self.evidence.subject[head] > ACTS
            return bool(person.spoken or acts) and person.titles.isdisjoint(COUNTERPARTS)
        if "a" in person.titles and not (person.spoken or person.speaker_id or person.titles.isdisjoint(KINSFOLK)):
            return False
        return bool(
            person.speaker_id
            or person.titles
            or len(person.names) > 1
            or self.evidence.of_cue[self.head[mention]] > SPEAKS
            or any(len(name) > 1 or fold(name[0]) in self.lexicon.first_names for name in person.names)
        )

    def _link(self, mention: int, form: int) -> Link | None:
        person = self.people.of_mention.get(mention)
        if person is not None:
            return Link(person, "name", 0.99)
        word = self.words[self.head[mention]].lower()
        if word in HE | SHE:
            gender = MALE if word in HE else FEMALE
            return self._meant(mention, gender, "pronoun")
        if word in THEY and any(self.people.genders.of(p) == NONBINARY for p in self.recent):
            return self._meant(mention, NONBINARY, "pronoun")
        if form == PRONOUN and word in RELATIVE_PRONOUNS:
            found = self._before(mention)
            return Link(found, "relative pronoun", 0.97) if found else None
        opener = self.words[self.first[mention]].lower()
        if (
            (form == PRONOUN and word in I_WORDS)
            or (opener == "this" and word in ("reporter", "writer", "correspondent"))
            or (opener == "my" and word in SPEECH_NOUNS)
        ):
            found = self.author
            return Link(found, "author", 0.9) if found else None
        if opener in ("his", "her") and (word in SPEECH_NOUNS or self._says_something_of(mention, form, word)):
            return self._meant(mention, MALE if opener == "his" else FEMALE, "possessive")
        dignity = peerage(self.words, self.first[mention])
        if dignity in self.dignities:
            return Link(self.dignities[dignity], "role", 0.95)
        link = self._role_holder(mention) if form in (ROLE, NAME, ORGANISATION, PLACE) else None
        return self._read(mention, link) or link

    def _read(self, mention: int, link: Link | None) -> Link | None:
        """The person whom the reader names for a source that nothing else tells."""
        is_told = link is not None and link.reason not in ("topic", "unnamed")
        if is_told or self.reading.opinions is None or mention not in self.said:
            return None
        m = self.reading.mentions
        opener, noun = (self.words[int(place[mention])].lower() for place in (m.first, m.head))
        may_be = m.form[mention] == ROLE or (m.form[mention] != PRONOUN and opener in DETERMINERS)
        if not may_be or noun in self.lexicon.groups or noun in self.lexicon.things:
            return None
        gender = self.lexicon.roles.get(noun)
        near, owner = [*self.recent, *self._named_only_after(mention)], self._owner(mention)
        fits = [p for p in near if p is not owner and self._may_fit(p, gender) and not self.roles.rules_out(p, [noun])]
        opinion = self.opinion(mention) if fits else None
        if opinion is None:
            return None
        chances = [self.evidence.chance(opinion, person) for person in fits]
        best = max(range(len(fits)), key=chances.__getitem__)
        share = chances[best] / (sum(chances) + opinion.nameless)
        return Link(fits[best], "topic", share) if share >= READ_SURE else None

    def _owner(self, mention: int) -> Person | None:
        """Whose role it is: Ann Lee's lawyer."""
        first, before = self.first[mention], mention - 1
        gap = self.words[self.last[before] + 1 : first] if before in self.links else []
        return self.links[before].person if gap in POSSESSIVES else None

    def _named_only_after(self, mention: int) -> list[Person]:
        """The people whom the text names for the first time soon after a mention: known, or with a given name."""
        behind = range(mention + 1, min(mention + SHOWN, len(self.reading.mentions)))
        found = [self.people.of_mention[i] for i in behind if i in self.people.of_mention]
        new = {id(person): person for person in found if not person.seen and self._is_spelled_out(person)}
        return list(new.values())

    def _is_spelled_out(self, person: Person) -> bool:
        given, names = self.lexicon.first_names, person.names[:FIRST]
        return person.speaker_id is not None or any(len(name) > 1 and fold(name[0]) in given for name in names)

    def _says_something_of(self, mention: int, form: int, noun: str) -> bool:
        """Whether a quote's source is no speaker but something that a speaker has or does (his willingness to help)."""
        lexicon = self.lexicon
        speaks = noun in lexicon.roles or noun in lexicon.groups or noun in lexicon.things
        return mention in self.said and form == ROLE and not speaks

    @functools.cached_property
    def author(self) -> Person | None:
        """Who "I" is: the one who says "My name is", else the author, by the document, a byline, or the last line."""
        _m, named = self.reading.mentions, self.people.of_mention
        for mention, person in named.items():
            first = self.first[mention]
            if [w.lower() for w in self.words[max(0, first - 3) : first]] == ["my", "name", "is"]:
                return person
        name = self.document.author or (self.byline["name"] if self.byline else self._told_last())
        name = name.removeprefix("By ")
        return self.people.named(name) if name.split() else None

    def _told_last(self) -> str:
        """The author's name where the last line introduces him or her: Ann Lee is a nurse in Kyiv."""
        text = self.document.text.rstrip()
        last = text.rfind("\n") + 1
        told = CLOSING.match(text, last)
        return told["name"] if told and told["name"][0].isupper() and text.find(told["name"]) == last else ""

    def _mentions_in_byline(self) -> frozenset[int]:
        """The mentions that are part of the byline: nobody whom the text goes on about."""
        if self.byline is None:
            return frozenset()
        start, end = self.byline.span()
        spans = self.reading.mentions.spans
        return frozenset(m for m in self.people.of_mention if start <= spans[m].start < end)

    def _before(self, mention: int) -> Person | None:
        """The person met just before a relative pronoun."""
        place, named = self.first[mention], self.people.of_mention
        near = [i for i in range(max(0, mention - 3), mention) if place - self.last[i] <= 3]
        found = next((named[i] for i in reversed(near) if i in named), None)
        found = found or next((self.links[i].person for i in reversed(near) if i in self.links), None)
        return found or self._before_aside(mention)

    def _before_aside(self, mention: int) -> Person | None:
        """The person whose description stands before ", who": Ann Lee, the deputy for Longford-Westmeath, who."""
        place, named = self.first[mention], self.people.of_mention
        for i in range(mention - 1, max(-1, mention - 5), -1):
            if self.words[place - 1] != "," or place - self.last[i] > LONGEST_DESCRIPTION:
                return None
            if i in named:
                aside = self.words[self.last[i] + 1 : place - 1]
                return named[i] if aside[:1] == [","] and "," not in aside[1:] else None
            if self.evidence.subject[self.head[i]] > ACTS:
                return None
        return None

    # ---- roles ------------------------------------------------------------------------------------------------------

    def _role_holder(self, mention: int) -> Link | None:
        """Whom a noun phrase stands for."""
        first, head = self.first[mention], self.head[mention]
        if self.words[head].lower() not in self.lexicon.roles:
            return self._unlisted(mention, first, head)
        words = [w.lower() for w in self.words[first : head + 1]]
        words[-1:] = SHORT.get(words[-1], words[-1]).split()
        gender = self.lexicon.roles[words[-1]]
        aged = self.roles.of_age(words, [p for p in self.recent if self._may_fit(p, gender)])
        if aged is not None:
            return Link(aged, "role", 0.9)
        if words[0] in SINGULAR_ARTICLES:
            return self._stranger(mention, words)
        holder = self.roles.office_holder(words, head)
        if holder is not None:
            self.roles.tell(holder, words[-1:])
            return Link(holder, "office", 0.98)
        relative = self._relative(mention, words)
        return Link(relative, "role", 0.8) if relative is not None else self._listed(mention, words)

    def _listed(self, mention: int, words: Sequence[str]) -> Link | None:
        """Whom a role means: who holds it, who is spoken of, or a stranger."""
        owner, head = self._owner(mention), self.head[mention]
        others = (self._acting_before(mention) if owner is None else [owner]) + self._addressed(mention)
        holders = [p for p in self.roles.holders(words, self.recent) if p not in others]
        stranger = self.strangers.get(words[-1])
        is_bare = words[0] in DEFINITE and len(words) <= 4
        is_bare = is_bare and self.words[head + 1 : head + 2] not in (["of"], ["for"])
        if holders and not is_bare and owner is None:
            return Link(holders[0], "role", 0.95)
        if stranger is not None and _is_introduced(stranger) and _is_latest(stranger, holders):
            return Link(stranger, "unnamed", 1.0)
        link = self._in_focus(mention, words, holders, others) if is_bare or owner is not None else None
        if link is not None and (owner is None or link.reason == "role" or self._is_seconded(mention, link.person)):
            return link
        below = self._named_below(mention, words) if mention in self.said else None
        if below is not None:
            return Link(below, "named below", 0.85)
        return Link(stranger, "unnamed", 1.0) if stranger is not None else self._stranger(mention, words)

    def _named_below(self, mention: int, words: Sequence[str]) -> Person | None:
        """Whom a lead calls by a role, and the next paragraph opens with the name of: The judge …⏎Ann Lee."""
        paragraphs = self.reading.tokens.paragraphs
        here = paragraphs[self.first[mention]]
        if here > LEAD:
            return None
        behind = range(mention + 1, min(mention + SHOWN, len(self.first)))
        following = next((i for i in behind if i in self.people.of_mention), None)
        if following is None or paragraphs[self.first[following]] != here + 1:
            return None
        person, opener = self.people.of_mention[following], self.first[following] - 1
        if self.words[opener] != PARAGRAPH_TOKEN or self.evidence.subject[self.head[following]] < ACTS or person.seen:
            return None
        told = person.titles & self.lexicon.roles.keys()
        is_other = bool(told) and words[-1] not in told
        fits = self._may_fit(person, self.lexicon.roles.get(words[-1])) and not self.roles.rules_out(person, words)
        return person if fits and not is_other else None

    def _unlisted(self, mention: int, first: int, head: int) -> Link | None:
        """Whom a noun on no list of roles means: the 46-year-old, what the text has called somebody, the Ivorian."""
        noun, is_definite = self.words[head].lower(), self.words[first].lower() == "the"
        age = self._age(first, head)
        kin = noun.partition("-of-")[0]
        if is_definite and kin != noun and kin in self.lexicon.roles:
            return self._in_focus(mention, ["the", kin], [], [])  # the mother-of-two
        is_native = is_definite and noun in self.lexicon.countries
        if age is None and not is_native and not (is_definite and noun in self.roles.told and noun not in UNTOLD):
            if self._is_somebody(mention, noun):
                return self._stranger(mention, [noun])
            is_met = is_definite and self._is_agent(mention, noun)
            met = self._in_focus(mention, ["the", noun], [], []) if is_met else None
            return met if met is not None and met.certainty >= READ_SURE else None
        words = ["the", age] if age is not None else [w.lower() for w in self.words[first : head + 1]]
        person = self._titled(words)
        if person is not None:
            return Link(person, "role", 0.95)
        if age is not None or (is_native and noun.endswith(ONE_OF_A_PEOPLE)):
            return self._in_focus(mention, words, [], [])
        return self._stranger(mention, words) if self._is_somebody(mention, noun) else None

    def _is_agent(self, mention: int, noun: str) -> bool:
        """Whether a source is somebody by its ending, and met already by its article: the retired docker."""
        is_thing = noun in self.lexicon.things or noun in self.lexicon.groups
        is_noun = self.words[self.head[mention]].islower() and noun.endswith(AGENTS)
        return mention in self.said and is_noun and not is_thing

    def _age(self, first: int, head: int) -> str | None:
        """The age by which somebody is called: the 46-year-old."""
        behind = head + 2
        if behind < len(self.words) and self.words[behind] == "year-old" and self.words[behind - 1] == "-":
            return self.words[head].lower()
        if self.words[head].lower() == "year-old" and first > 1 and self.words[first - 1] == "-":
            return self.words[first - 2]
        return None

    def _is_somebody(self, mention: int, noun: str) -> bool:
        """Whether a noun that is on no list is a person, by the "who" behind it: the rescuer, who gave no name."""
        place = self.last[mention] + 1
        if self.words[place : place + 1] != ["who"] and self.words[place : place + 2] != [",", "who"]:
            return False
        is_common = self.words[self.head[mention]].islower()
        return is_common and noun not in self.lexicon.things and noun not in self.lexicon.groups

    def _relative(self, mention: int, words: Sequence[str]) -> Person | None:
        """Whom "his brother" means, where just one other person of his surname has been met."""
        if words[0] not in ("his", "her") or words[-1] not in KINSFOLK or self.roles.holders(words, self.recent):
            return None
        owner = self._meant(mention, MALE if words[0] == "his" else FEMALE, "possessive")
        surnames = {fold(bare(n)[-1]) for n in owner.person.names[:FIRST] if len(n) > 1} if owner else set()
        gender = self.lexicon.roles.get(words[-1])
        found = [p for p in self.people.everybody[:50] if owner and p is not owner.person and self._may_fit(p, gender)
                 and any(len(n) > 1 and fold(bare(n)[-1]) in surnames for n in p.names[:FIRST])]
        return found[0] if len(found) == 1 else None

    def _stranger(self, mention: int, words: Sequence[str]) -> Link | None:
        """Somebody without a name, met here for the first time (a former officer); not in “he was a former officer”."""
        first = self.first[mention]
        if first and self.words[first - 1].lower() in BECOMES:
            return None
        description = " ".join(self.document.text[slice(*self.reading.mentions.spans[mention])].split())
        stranger = self.strangers[words[-1]] = Person(description=description)
        self.roles.tell(stranger, words)
        return Link(stranger, "unnamed", 1.0)

    def _in_focus(self, mention: int, words: Sequence[str], holders: Sequence[Person], others: Sequence[Person]
                  ) -> Link | None:
        """The one whom a bare role means: who holds it counts for more, but who is spoken of lately may do so, too."""
        gender, met = self.lexicon.roles.get(words[-1]), [p for p in self.recent if p not in others]
        fits = [p for p in met if p in holders or (self._may_fit(p, gender) and not self.roles.rules_out(p, words))]
        fits += [p for p in holders if p.seen and p not in fits]
        if not fits:
            return Link(holders[0], "role", 0.95) if holders else None
        rows = self.evidence.rows(self._asked(mention, gender), fits)
        seat, phrase = set(words[:-1]) - UNTOLD, " ".join(words[words[0] in DEFINITE :])
        called, noun = self.called.get(phrase), words[-1]
        held = [
            (p in holders, holders == [p] and self.roles.is_told(p, noun), bool(seat & p.titles), p is called,
             self.roles.is_otherwise(p, noun))
            for p in fits
        ]
        weights = (HOLDS, ALONE, SEAT, CALLED, OTHERWISE)
        place, certainty = self._weigh(mention, fits, np.column_stack([held, rows]), weights)
        best = self.called[phrase] = fits[place]
        if best in holders:
            return Link(best, "role", certainty)
        return Link(best, "topic", min(certainty, TOPIC_RIGHT)) if certainty >= SURE_OF_FOCUS else None

    def _is_seconded(self, mention: int, person: Person) -> bool:
        """Whether the reader, too, may mean somebody by a role that is another's: Lee's lawyer is mostly a newcomer."""
        opinion = self.opinion(mention)
        return opinion is not None and self.evidence.chance(opinion, person) >= SECONDED

    def _acting_before(self, mention: int) -> list[Person]:
        """Those before a role in its clause, whom it does not mean: Lee had a question for the mayor.

        A full noun phrase is free (Chomsky 1981, principle C), unless it says what somebody is or becomes.
        """
        first = place = self.first[mention]
        if first and self.words[first - 1].lower() in BECOMES:
            return []
        while place > max(0, first - CLAUSE) and self.words[place - 1].lower() not in CLAUSE_ENDS:
            place -= 1
        clause = range(bisect_left(self.reading.mentions.first, place), mention)
        return [self.links[before].person for before in clause if before in self.links]

    def _addressed(self, mention: int) -> list[Person]:
        """Whom a source speaks to, who is not the source: the doctor told Dunn."""
        place, following = self.last[mention] + 1, mention + 1
        is_near = following < len(self.first) and self.first[following] == place + 1
        if not is_near or self.words[place].lower() not in ADDRESSING:
            return []
        person, word = self.people.of_mention.get(following), self.words[self.head[following]].lower()
        if person is None and word in ("him", "her"):
            link = self._meant(following, MALE if word == "him" else FEMALE, "pronoun")
            person = link.person if link else None
        return [person] if person is not None else []

    def _titled(self, words: Sequence[str]) -> Person | None:
        """The person whom the text gave this role, or who is known to hold it: the one met last."""
        return next(iter(self.roles.holders(words, self.recent)), None)

    # ---- pronouns ---------------------------------------------------------------------------------------------------

    def _meant(self, mention: int, gender: str | None, reason: str) -> Link | None:
        """The best of the people met lately for a pronoun; None if nobody fits."""
        fits = [p for p in self.recent if self._may_fit(p, gender)]
        if not fits:
            named = self._named_after(mention, gender) if reason == "pronoun" else None
            return Link(named, reason, 0.7) if named else self._stranger_meant(mention, gender)
        return self.choose(mention, self._asked(mention, gender), fits, reason)

    def _stranger_meant(self, mention: int, gender: str | None) -> Link | None:
        """The unnamed person met last before a pronoun that can mean nobody else."""
        near = self.first[mention] - LONGEST_WAY
        fits = (p for p in self.lately if p.seen[-1] > near and self._may_fit(p, gender))
        stranger = next(fits, None)
        return Link(stranger, "unnamed", 1.0) if stranger else None

    def _asked(self, mention: int, gender: str | None) -> Asked:
        """What is to be resolved."""
        return Asked(place=self.first[mention], gender=gender, quoted=self._words_said(mention))

    def _weigh(self, mention: int, fits: Sequence[Person], rows: NDArray[np.float64], first: Sequence[float] = ()
               ) -> tuple[int, float]:
        """Who fits best, and how surely; where that is not sure, the reader has a say. `first` weighs more columns."""
        place, certainty = choose(rows, np.concatenate([first, WEIGHTS]))
        opinion = self.opinion(mention) if certainty < UNSURE else None
        if opinion is None:
            return place, certainty
        read = self.evidence.read(opinion, fits)
        return choose(np.column_stack([rows, read]), np.concatenate([first, WITH_READER]))

    def opinion(self, mention: int) -> Opinion | None:
        """The reader's opinion on the first quote that a mention says, where the reader has a say."""
        opinions, quotes = self.reading.opinions, self.said.get(mention)
        return opinions.on(quotes[0]) if opinions is not None and quotes else None

    def _words_said(self, mention: int) -> frozenset[str]:
        """The words of the quotes that a mention says."""
        spans = (self.reading.scan.segments[quote].span for quote in self.said.get(mention, ()))
        return frozenset(word for span in spans for word in WORD.findall(self.document.text[slice(*span)]))

    def _named_after(self, mention: int, gender: str | None) -> Person | None:
        """The first person named behind a pronoun in its paragraph, if it stands before any name."""
        m, paragraphs = self.reading.mentions, self.reading.tokens.paragraphs
        for following in range(mention + 1, min(mention + 6, len(m))):
            person = self.people.of_mention.get(following)
            if paragraphs[self.first[following]] != paragraphs[self.first[mention]]:
                return None
            if person and self._may_fit(person, gender):
                return person
        return None

    def choose(self, mention: int, asked: Asked, fits: Sequence[Person], reason: str) -> Link:
        """The person whom the fitted model prefers."""
        best, certainty = self._weigh(mention, fits, self.evidence.rows(asked, fits))
        return Link(fits[best], reason, certainty)

    def _may_fit(self, person: Person, gender: str | None) -> bool:
        """Whether the person's gender does not speak against it."""
        known = self.people.genders.of(person)
        if gender not in (MALE, FEMALE, NONBINARY):
            return True
        return known == gender or (known is None and gender != NONBINARY)


def _is_latest(stranger: Person, others: Sequence[Person]) -> bool:
    """Whether somebody was met after all the others."""
    return all(stranger.seen[-1:] > other.seen[-1:] for other in others)


def _is_introduced(stranger: Person) -> bool:
    """Whether an unnamed person came in with "a" or "an"."""
    return bool(stranger.description) and str(stranger.description).split()[0].lower() in SINGULAR_ARTICLES
