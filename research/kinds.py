"""What sort of speaker a mention is that names no person: unnamed person, organisation, group or document.

A mention may be cut short or be only the owner of what speaks ("one of her ads", "a CNN/ORC poll", "the group's
website"); `Kinds.speaking` goes on to the noun that says what speaks, `Kinds.kind` tells its kind by that noun.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Mapping

from research.attribution import Reading, load_models
from research.mentions import NAME, NOUNS, ORGANISATION, PLACE, PRONOUN
from research.names import CALENDAR, POSSESSIVES, Name, suffix
from research.people import PARTIES, People, Person
from research.reference import SINGULAR_ARTICLES, SPEECH_NOUNS, Link
from research.registry import fold

THING_PRONOUNS = frozenset(("it", "which", "that", "itself", "what"))
RELATIVES = frozenset(("who", "whom", "which", "that"))
GROUP_PRONOUNS = frozenset(("they", "them", "we", "us", "you", "themselves", "others", "many", "some", "those"))
SINGLES = frozenset("one another someone somebody anyone anybody everyone everybody nobody".split())
QUANTITIES = frozenset(
    "percent % half majority minority most many several few both two three four five six seven eight nine ten eleven "
    "twelve twenty thirty forty fifty dozen dozens hundreds thousands millions some others all third quarter thirds "
    "quarters pair duo trio".split()
)
PARTS = frozenset(  # "of" behind them says what they are parts of: a lot of people, a group of artists, a series of ads
    "lot lots number group array army mix mixture series handful host slew string bunch batch set crowd band couple "
    "chorus raft collection majority minority plurality percent % half third quarter two-thirds three-quarters".split()
)
PERSONAL = frozenset("self-described self-proclaimed young old elderly female male fellow".split())
AGENTS = ("er", "or", "ist", "ian", "man", "woman", "person", "voice")  # endings of nouns for who does something
WORKS = frozenset(  # what somebody has made but does not say: they speak themselves
    "ad ads advert advertisement advertisements commercial commercials spot book memoir autobiography biography novel "
    "film movie documentary video website site page homepage plan report study survey poll lawsuit complaint brief "
    "brochure flier flyer mailer poster sign song album podcast newsletter platform playbook dossier".split()
)
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
PIECES = frozenset("article editorial piece story".split())  # a paper speaks in them, but a person in his or her own
LAWS = frozenset("constitution bible koran quran amendment act article".split())
OWNED = frozenset("my our your his her its their".split())
SAYS = 0.4  # chance that a noun is a cue at which it is taken for a verb (the two write)
SUBJECT = 0.5
NEAR = 2  # paragraphs on that "they" may stand for what spoke
REACH = 8  # mentions back that "it" may stand for
SHORT = 5  # letters of an abbreviation that is a word, too (CREW)
STEPS = 4  # mentions on that a cut phrase may reach


class Kinds:
    """The kinds of one document's mentions; `links` are those that stand for a person."""

    def __init__(self, reading: Reading, people: People, links: Mapping[int, Link]):
        self.reading, self.people, self.links = reading, people, links
        self.words, self.lexicon, self.mentions = reading.tokens.words, people.lexicon, reading.mentions
        sources = {d.mention for d in reading.decisions if d.mention is not None}
        self._spoke = sorted(i for i in sources if self.mentions.form[i] != PRONOUN)
        self._pos = load_models().tagger.names["pos"]
        self._institutions = self._find_institutions()

    # ---- who speaks -------------------------------------------------------------------------------------------------

    def speaking(self, mention: int) -> int:
        """The mention whose noun says who or what speaks: behind a cut phrase (the 46-year-old), a part or an owner."""
        for _ in range(STEPS):
            following = self._completed(mention) or self._owned(mention) or mention
            if following == mention:
                break
            mention = following
        body = self._body(mention)
        return mention if body is None else body

    def _completed(self, mention: int) -> int | None:
        """The end of a phrase that is cut before its noun: the famously | gruff senator, a CNN/ | ORC poll."""
        m = self.mentions
        if mention + 1 >= len(m) or m.form[mention] == PRONOUN or mention in self.links:
            return None
        gap, head, following = self._gap(mention), int(m.head[mention]), int(m.head[mention + 1])
        word, is_lower = self.words[head], self.words[following].islower()
        if gap == ["/"] or (gap == ["&"] and word[0].isupper() and is_lower):
            return mention + 1
        if self._part_of_speech(head) not in NOUNS and word.lower() not in QUANTITIES | SINGLES:
            between = range(int(m.last[mention]) + 1, int(m.first[mention + 1]))
            if len(between) == 1 and (
                gap in (["-"], ["–"]) or self._part_of_speech(between[0]) in ("RB", "VBG", "VBN")
            ):
                return mention + 1
        if self._opener(mention) in SINGULAR_ARTICLES and word[0].isupper() and word.lower() not in SINGLES:
            return self._behind_a_name(mention)
        return None

    def _behind_a_name(self, mention: int) -> int | None:
        """The noun that an organisation's long name stands before: a University of California at San Diego | paper."""
        m = self.mentions
        for end in range(mention + 1, min(mention + STEPS, len(m))):
            if self._gap(end - 1) not in (["of"], ["at"], ["for"]):
                return None
            word = self.words[int(m.head[end])]
            if word.islower() and int(m.first[end]) < int(m.head[end]) and self._is_listed(word):
                return end
        return None

    def _owned(self, mention: int) -> int | None:
        """The one who speaks where a name is only the owner's (Clinton's campaign, The Post's Ruth Marcus).

        Clinton's remarks are Clinton's, her ads are not; what an organisation or a stranger owns speaks for itself.
        """
        m = self.mentions
        owned = mention + 1
        if owned >= len(m) or m.form[mention] == PRONOUN or self._gap(mention) not in POSSESSIVES:
            return None
        owned = self._completed(owned) or owned
        noun, things = self._noun(owned), self.lexicon.things
        link = self.links.get(mention)
        is_person = link is not None and bool(link.person.names) and not self.is_institution(mention)
        if is_person and noun in PIECES:
            return None
        speaks = owned in self.people.of_mention or self._is_personal(noun) or things.get(noun) == "organisation"
        speaks = speaks or int(m.form[owned]) == ORGANISATION
        works = noun in WORKS or (not is_person and self._thing(noun) == "document")
        return owned if speaks or (works and noun not in (SPEECH_NOUNS if is_person else ())) else None

    def _body(self, mention: int) -> int | None:
        """The organisation that is named after the mention and speaks before it: the campaign of | Ann Lee said."""
        body = mention - 1
        if body < 0 or mention not in self.links or self._gap(body) != ["of"]:
            return None
        noun = self._noun(body)
        is_one = self._thing(noun) == "organisation" and self.words[int(self.mentions.head[body])].islower()
        return body if is_one and noun not in PIECES else None

    def is_joint(self, mention: int) -> bool:
        """Whether a mention speaks together with another: Lee and Berg said, Lee and her husband said."""
        if self._is_conjoined(mention, mention + 1) or self._opens_list(mention):
            return True
        if mention == 0 or not self._is_conjoined(mention - 1, mention):
            return False
        heads, subject = self.mentions.head, self.reading.tags.probability["subject"]
        before, place = int(heads[mention - 1]), int(heads[mention])
        return int(self.reading.tags.head[place]) == before or bool(subject[before] > SUBJECT)

    def _opens_list(self, mention: int) -> bool:
        """Whether a mention is the first of three or more: Lee, Berg and Roe said; Lee, her husband and her aides."""
        m, last = self.mentions, mention + 2
        if last >= len(m) or self._gap(mention) != [","] or self._gap(mention + 1) not in (["and"], [",", "and"]):
            return False
        first, second = self.links.get(mention), self.links.get(mention + 1)
        if first and second and first.person is second.person:
            return last in self.people.of_mention and self.words[int(m.first[last])][0].isupper()
        return all(map(self._stands_alone, (mention, mention + 1))) and (
            self._stands_alone(last) or self._opener(last) in OWNED
        )

    def _is_conjoined(self, first: int, second: int) -> bool:
        """Whether two mentions stand side by side with "and" between, and each would do alone."""
        m = self.mentions
        if second >= len(m):
            return False
        gap = self._gap(first)
        if gap in (["of"], ["from"]) and m.form[second] == PLACE and second + 1 < len(m):
            gap, second = self._gap(second), second + 1
        if gap not in (["and"], ["&"]):
            return False
        if second in self.people.of_mention and first not in self.people.of_mention:
            return self._stands_alone(first) and self.words[int(m.first[second])][0].isupper()
        return self._stands_alone(first) and self._stands_alone(second)

    def _stands_alone(self, mention: int) -> bool:
        """Whether a mention is a person or people by itself: a name, he, a plural, or a role with its article."""
        noun = self._noun(mention)
        if mention in self.people.of_mention or noun in ("he", "she", "i"):
            return True
        if self._is_people(noun):
            return True
        return noun in self.lexicon.roles and self._opener(mention) in OWNED | {"the", "a", "an"}

    # ---- kinds ------------------------------------------------------------------------------------------------------

    def kind(self, mention: int, depth: int = 0) -> str | None:
        """What sort of speaker a mention is that stands for no known person; `depth` parts of parts have been left."""
        m = self.mentions
        noun = self._noun(mention)
        if m.form[mention] == PRONOUN:
            return self._kind_of_pronoun(mention, noun)
        whole = self._kind_of_whole(mention, noun, depth) if depth < STEPS else None
        if whole is not None:
            return whole
        if noun == "one" and self._is_share(mention):
            return "group"
        if noun == "those":
            return "group"
        if noun in SINGLES or noun.endswith("-old"):
            return "unnamed person"
        place = self._noun_place(mention)
        if not self._is_league(mention) and (
            noun in QUANTITIES or self._is_group(mention, noun) or self._is_number(mention, noun)
        ):
            return "group"
        if m.form[mention] in (ORGANISATION, PLACE, NAME) or (place != m.head[mention] and self._is_upper(place)):
            return self._kind_of_name(mention, noun)
        return self._kind_of_noun(mention, noun)

    def _kind_of_whole(self, mention: int, noun: str, depth: int) -> str | None:
        """The kind of what a part is taken of: one of her ads, a group of artists, just shy of half."""
        m = self.mentions
        is_part = noun in PARTS | SINGLES or self._part_of_speech(int(m.head[mention])) not in NOUNS
        if not is_part or mention + 1 >= len(m) or self._gap(mention) != ["of"]:
            return None
        whole = self.speaking(mention + 1)
        if m.form[whole] == PRONOUN or (whole in self.links and not self._is_plural(whole)):
            return None
        kind = self.kind(whole, depth + 1)
        if noun in SINGLES:
            return "unnamed person" if kind == "group" and not self._is_a_thing(whole) else kind
        return kind if kind == "group" or self._is_plural(whole) else None

    def _is_a_thing(self, mention: int) -> bool:
        singular = self._noun(mention).removesuffix("s")
        return self._thing(singular) is not None and not self._is_people(self._noun(mention))

    def _is_group(self, mention: int, noun: str) -> bool:
        """Whether a noun is several people, and not in a fixed phrase (the intelligence community) or a name (CREW)."""
        return noun in self.lexicon.groups and self._fixed(mention) is None

    def _is_league(self, mention: int) -> bool:
        """Whether a capitalised phrase is a body of people: the American Federation of Teachers, CREW."""
        if self._is_listed_name(mention):
            return True
        words = self.words[int(self.mentions.first[mention]) : self._noun_place(mention) + 1]
        if self.mentions.form[mention] in (ORGANISATION, NAME) and words[-1].isupper() and 1 < len(words[-1]) <= SHORT:
            return True
        return "of" in words[1:-1] and words[-1][0].isupper() and any(
            self._thing(word.lower()) == "organisation" for word in words[: words.index("of")]
        )

    def _fixed(self, mention: int) -> str | None:
        """The kind of a phrase of two words that the list of things has: intelligence community, super PAC."""
        first, place = int(self.mentions.first[mention]), self._noun_place(mention)
        return self._thing(" ".join(self.words[place - 1 : place + 1]).lower()) if place > first else None

    def _kind_of_noun(self, mention: int, noun: str) -> str:
        """A common noun: by the lists, else by its number and ending."""
        first, place = int(self.mentions.first[mention]), self._noun_place(mention)
        thing = self._fixed(mention) or self._thing(noun)
        is_owned = self._opener(mention) in OWNED or self.words[first - 1 : first] in POSSESSIVES
        if noun in ("website", "site") and is_owned:
            return "document"
        if thing is not None:
            return thing
        if noun in self.lexicon.roles:
            return "unnamed person"
        if self._is_plural(mention):
            return "document" if self._thing(noun.removesuffix("s")) == "document" else "group"
        before = {w.lower() for w in self.words[first:place]}
        is_personal = bool(before & PERSONAL) or (bool(before) and noun.endswith(AGENTS))
        return "unnamed person" if is_personal else "document"

    def _kind_of_name(self, mention: int, noun: str) -> str:
        """A capitalised phrase: an organisation, unless its noun is a role, or stands alone and is a thing."""
        words = self.words[int(self.mentions.first[mention]) : self._noun_place(mention) + 1]
        if noun in self.lexicon.roles and not (self._is_masthead(mention) or self._is_listed_name(mention)):
            return "unnamed person"
        if words[0].lower() == "the" and len(words) == 2 and self._is_family(noun):
            return "group"
        if noun in LAWS and words[-1][0].isupper():
            return "document"
        if len(words) == 1 or words[-1].split("-")[-1].islower():
            return self._thing(noun) or "organisation"
        return "organisation"

    def _is_family(self, noun: str) -> bool:
        """Whether a noun is a surname's plural: the Clintons, the Bushes."""
        known = self.people.registry.of_surname
        return noun.endswith("s") and bool(known(noun.removesuffix("s")) or known(noun.removesuffix("es")))

    def _kind_of_pronoun(self, mention: int, noun: str) -> str | None:
        """They are a group, or an organisation that spoke last; "it" is the last subject that is no person."""
        if noun in RELATIVES:
            return self._kind_before(mention, noun)
        if noun in ("they", "them", "themselves"):
            return self._kind_of_they(mention)
        if noun in GROUP_PRONOUNS:
            return "group"
        if noun not in THING_PRONOUNS:
            return None
        if noun == "what" or self._follows(mention) in ("read", "reads"):
            return "document"
        before = self._mentions_before(mention)
        if "voice" in map(self._noun, before):
            return "unnamed person"
        heads, subject = self.mentions.head, self.reading.tags.probability["subject"]
        subjects = [i for i in before if subject[int(heads[i])] > SUBJECT]
        kinds = (self.kind(i) for i in [*subjects, *before])
        return next((kind for kind in kinds if kind in ("organisation", "document")), None)

    def _kind_before(self, mention: int, noun: str) -> str | None:
        """The kind of the noun just before a relative pronoun: the paper, which; leaders who; articles that."""
        for before in self._mentions_before(mention):
            if self.words[int(self.mentions.head[before])] in CALENDAR:
                continue
            kind = self.kind(before)
            if noun in ("who", "whom"):
                return {"organisation": "group", "document": None}.get(kind or "", kind)
            if kind in ("organisation", "document"):
                return kind
            if kind == "group" and not self._is_people(self._noun(before)):
                return "document"
        return None

    def _kind_of_they(self, mention: int) -> str:
        """An organisation that said the last quote goes on as "they"; else several people are meant."""
        place = bisect_left(self._spoke, mention) - 1
        last = self._spoke[place] if place >= 0 else None
        paragraphs, first = self.reading.tokens.paragraphs, self.mentions.first
        if last is None or paragraphs[int(first[mention])] - paragraphs[int(first[last])] > NEAR:
            return "group"
        is_known = last in self.links and not self.is_institution(last)
        if is_known or self.kind(last) != "organisation":
            return "group"
        between = range(max(last + 1, mention - REACH), mention)
        return "group" if any(self.is_joint(i) for i in between) else "organisation"

    def _mentions_before(self, mention: int) -> list[int]:
        """The mentions lately that are neither pronouns nor people, the nearest first."""
        before = range(mention - 1, max(-1, mention - 1 - REACH), -1)
        form = self.mentions.form
        return [i for i in before if form[i] != PRONOUN and (i not in self.links or self.is_institution(i))]

    # ---- institutions -----------------------------------------------------------------------------------------------

    def is_institution(self, mention: int) -> bool:
        """Whether a mention that was taken for a person is an organisation or document: the State Department."""
        link = self.links.get(mention)
        if link is None:
            return False
        if self._is_listed_name(mention):
            return True
        if link.reason == "name":
            return id(link.person) in self._institutions
        if link.reason not in ("role", "unnamed", "topic") or self.mentions.form[mention] == PRONOUN:
            return False
        noun, place = self._noun(mention), self._noun_place(mention)
        if noun in self.lexicon.roles:
            return self._is_masthead(mention) or self._fixed(mention) == "organisation"
        is_name = self.mentions.form[mention] == ORGANISATION and self._is_upper(place)
        return is_name or self._thing(noun) is not None

    def _is_listed_name(self, mention: int) -> bool:
        """Whether a phrase of several words is on the list of organisations: Human Rights Watch, the Daily Caller."""
        words = self.words[int(self.mentions.first[mention]) : self._noun_place(mention) + 1]
        words = words[words[0].lower() == "the" :]
        return len(words) > 1 and " ".join(words) in self.lexicon.organisations

    def _is_masthead(self, mention: int) -> bool:
        """Whether a capitalised role noun ends a paper's name: The New Hampshire Union Leader."""
        first, place, noun = int(self.mentions.first[mention]), self._noun_place(mention), self._noun(mention)
        words = [w for w in self.words[first:place] if w.lower() != "the"]
        if noun in PARTIES.values() and " ".join(words).lower() in self.lexicon.countries:
            return False  # the Utah Republican
        if noun not in MASTHEADS or not all(w[0].isupper() or w == "of" for w in [*words, self.words[place]]):
            return False
        is_tagged = self.mentions.form[mention] == ORGANISATION or place != self.mentions.head[mention]
        return (is_tagged and bool(words)) or (noun not in LEADERS and self._opener(mention) == "the")

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
        if words[-1] + "'s" in self.lexicon.organisations and self._follows(mention) in ("'s", "’s"):
            return self._may_be_one(person)
        lower = [w for w in words if w.islower() and w not in ("the", "a", "an")]
        if words[0].lower() == "the" and len(words) > 1 and not lower:
            return self._may_be_one(person)
        if lower:
            return things.get(lower[-1]) == "organisation" and self._is_bare(person)
        following = mention + 1
        return (
            following < len(m) and self._may_be_one(person)
            and self._gap(mention) == [","] and self._opener(following) in ("a", "an")
            and things.get(self._noun(following)) == "organisation"
        )

    # ---- words ------------------------------------------------------------------------------------------------------

    def _thing(self, noun: str) -> str | None:
        return self.lexicon.things.get(noun)

    def _noun_place(self, mention: int) -> int:
        """The place of the head noun; before a verb that the tagger took for one (the document states), or a number."""
        first, place = int(self.mentions.first[mention]), int(self.mentions.head[mention])
        while place > first and self._is_no_noun(place, first):
            place -= 1
        return place

    def _is_no_noun(self, place: int, first: int) -> bool:
        """Whether the last word of a phrase is a verb (the foundation predicts), a participle or a number."""
        word, before = self.words[place].lower(), self.words[place - 1].lower()
        if self._is_listed(word):
            return False
        acts = self._thing(before) == "organisation" and word.endswith("s") and not self._is_listed(word[:-1])
        is_verb = place - 1 > first and (acts or self.reading.tags.probability["cue"][place] > SAYS)
        if self._is_personal(before) and self.words[place + 1 : place + 2] in (["to"], ["with"]):
            return True  # a person close to Lee, a source familiar with the plan
        is_number = word.isdigit() and self._part_of_speech(place - 1) in NOUNS
        return is_verb or is_number or (word.endswith("ing") and self._is_listed(before))

    def _noun(self, mention: int) -> str:
        return self.words[self._noun_place(mention)].lower()

    def _is_listed(self, noun: str) -> bool:
        return noun in self.lexicon.things or self._is_personal(noun)

    def _is_people(self, noun: str) -> bool:
        """Whether a noun is several people: officials, questioners, others."""
        return noun in self.lexicon.groups or noun == "others" or (
            noun.endswith("s") and noun.removesuffix("s") in self.lexicon.roles and noun not in self.lexicon.roles
        )

    def _is_personal(self, noun: str) -> bool:
        return noun in self.lexicon.roles or self._is_people(noun)

    def _is_number(self, mention: int, noun: str) -> bool:
        first = int(self.mentions.first[mention])
        return noun.isdigit() and (first == 0 or self.words[first - 1] != "$")

    def _is_share(self, mention: int) -> bool:
        """Whether "one" is a share: one in five Americans."""
        first = self.mentions.first[mention + 1 :]
        return len(first) > 0 and self._gap(mention) == ["in"] and self._part_of_speech(int(first[0])) == "CD"

    def _is_plural(self, mention: int) -> bool:
        return self._part_of_speech(self._noun_place(mention)) in ("NNS", "NNPS")

    def _is_upper(self, place: int) -> bool:
        return self.words[place][:1].isupper()

    def _part_of_speech(self, place: int) -> str:
        return self._pos[int(self.reading.tags.pos[place])]

    def _opener(self, mention: int) -> str:
        return self.words[int(self.mentions.first[mention])].lower()

    def _gap(self, mention: int) -> list[str]:
        """The words between a mention and the next."""
        return self.words[int(self.mentions.last[mention]) + 1 : int(self.mentions.first[mention + 1])]

    def _follows(self, mention: int) -> str:
        place = int(self.mentions.last[mention]) + 1
        return self.words[place].lower() if place < len(self.words) else ""

