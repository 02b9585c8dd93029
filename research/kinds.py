"""What sort of speaker a mention is that names no person: unnamed person, organisation, group or document.

A mention may be cut short or be only the owner of what speaks ("one of her ads", "a CNN/ORC poll", "the group's
website"); `Kinds.speaking` goes on to the noun that says what speaks, `Kinds.kind` tells its kind by that noun.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from research.attribution import Reading
from research.institutions import Institutions
from research.mentions import (
    ANSWER_LABELS,
    LABEL,
    NAME,
    NOUNS,
    ORGANISATION,
    PLACE,
    PRONOUN,
    QUESTION_LABELS,
    RELATIVE_PRONOUNS,
)
from research.names import CALENDAR, POSSESSIVES, peerage
from research.nouns import Nouns
from research.people import People
from research.reference import AGENTS, SINGULAR_ARTICLES, SPEECH_NOUNS, Link
from research.segmentation import PARAGRAPH_TOKEN, SENTENCE_ENDS

THING_PRONOUNS = frozenset(("it", "which", "that", "itself", "what"))
GROUP_PRONOUNS = frozenset(("they", "them", "we", "us", "you", "themselves", "others", "many", "some", "those"))
LABELS_OF_MANY = frozenset(("all", "audience", "voices"))
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
WORKS = frozenset(  # what somebody has made but does not say: they speak themselves
    "ad ads advert advertisement advertisements commercial commercials spot book memoir autobiography biography novel "
    "film movie documentary video website site page homepage plan report study survey poll lawsuit complaint brief "
    "brochure flier flyer mailer poster sign song album podcast newsletter platform playbook dossier".split()
)
PIECES = frozenset("article editorial piece story".split())  # a paper speaks in them, but a person in his or her own
LAWS = frozenset("constitution bible koran quran amendment act article".split())
OWNED = frozenset("my our your his her its their".split())
SUBJECT, HARDLY = 0.5, 0.25  # chances to be a subject: of any mention, of one that opens its sentence
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
        self.nouns = Nouns(reading, people.lexicon)
        self.institutions = Institutions(self.nouns, people, links)

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
        gap, head, following = self.nouns.gap(mention), int(m.head[mention]), int(m.head[mention + 1])
        word, is_lower = self.words[head], self.words[following].islower()
        if gap == ["/"] or (gap == ["&"] and word[0].isupper() and is_lower):
            return mention + 1
        if self.nouns.part_of_speech(head) not in NOUNS and word.lower() not in QUANTITIES | SINGLES:
            between = range(int(m.last[mention]) + 1, int(m.first[mention + 1]))
            if len(between) == 1 and (
                gap in (["-"], ["–"]) or self.nouns.part_of_speech(between[0]) in ("RB", "VBG", "VBN")
            ):
                return mention + 1
        if self.nouns.opener(mention) in SINGULAR_ARTICLES and word[0].isupper() and word.lower() not in SINGLES:
            return self._behind_a_name(mention)
        return None

    def _behind_a_name(self, mention: int) -> int | None:
        """The noun that an organisation's long name stands before: a University of California at San Diego | paper."""
        m = self.mentions
        for end in range(mention + 1, min(mention + STEPS, len(m))):
            if self.nouns.gap(end - 1) not in (["of"], ["at"], ["for"]):
                return None
            word = self.words[int(m.head[end])]
            if word.islower() and int(m.first[end]) < int(m.head[end]) and self.nouns.is_listed(word):
                return end
        return None

    def _owned(self, mention: int) -> int | None:
        """The one who speaks where a name is only the owner's (Clinton's campaign, The Post's Ruth Marcus).

        Clinton's remarks are Clinton's, her ads are not; what an organisation or a stranger owns speaks for itself.
        """
        m = self.mentions
        owned = mention + 1
        if owned >= len(m) or m.form[mention] == PRONOUN or self.nouns.gap(mention) not in POSSESSIVES:
            return None
        owned = self._completed(owned) or owned
        noun, things = self.nouns.noun(owned), self.lexicon.things
        link = self.links.get(mention)
        is_person = link is not None and bool(link.person.names) and not self.institutions.includes(mention)
        if is_person and noun in SPEECH_NOUNS | PIECES:
            return None
        speaks = owned in self.people.of_mention or self.nouns.is_personal(noun) or things.get(noun) == "organisation"
        speaks = speaks or int(m.form[owned]) == ORGANISATION
        works = noun in WORKS or (not is_person and self.nouns.thing(noun) == "document")
        return owned if speaks or works else None

    def _body(self, mention: int) -> int | None:
        """The organisation that is named after the mention and speaks before it: the campaign of | Ann Lee said."""
        body = mention - 1
        if body < 0 or mention not in self.links or self.nouns.gap(body) != ["of"]:
            return None
        noun = self.nouns.noun(body)
        is_one = self.nouns.thing(noun) == "organisation" and self.words[int(self.mentions.head[body])].islower()
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
        gap = self.nouns.gap
        if last >= len(m) or gap(mention) != [","] or gap(mention + 1) not in (["and"], [",", "and"]):
            return False
        first, second = self.links.get(mention), self.links.get(mention + 1)
        if first and second and first.person is second.person:
            return last in self.people.of_mention and self.words[int(m.first[last])][0].isupper()
        return all(map(self._stands_alone, (mention, mention + 1))) and (
            self._stands_alone(last) or self.nouns.opener(last) in OWNED
        )

    def _is_conjoined(self, first: int, second: int) -> bool:
        """Whether two mentions stand side by side with "and" between, and each would do alone."""
        m = self.mentions
        if second >= len(m):
            return False
        gap = self.nouns.gap(first)
        if gap in (["of"], ["from"]) and m.form[second] == PLACE and second + 1 < len(m):
            gap, second = self.nouns.gap(second), second + 1
        if gap not in (["and"], ["&"]):
            return False
        if second in self.people.of_mention and first not in self.people.of_mention:
            return self._stands_alone(first) and self.words[int(m.first[second])][0].isupper()
        return self._stands_alone(first) and self._stands_alone(second)

    def _stands_alone(self, mention: int) -> bool:
        """Whether a mention is a person or people by itself: a name, he, a plural, or a role with its article."""
        noun = self.nouns.noun(mention)
        if mention in self.people.of_mention or noun in ("he", "she", "i"):
            return True
        if self.nouns.is_people(noun):
            return True
        return noun in self.lexicon.roles and self.nouns.opener(mention) in OWNED | {"the", "a", "an"}

    # ---- kinds ------------------------------------------------------------------------------------------------------

    def kind(self, mention: int, depth: int = 0) -> str | None:
        """What sort of speaker a mention is that stands for no known person; `depth` parts of parts have been left."""
        m = self.mentions
        noun = self.nouns.noun(mention)
        if m.form[mention] == PRONOUN:
            return self._kind_of_pronoun(mention, noun)
        first = int(m.first[mention])
        is_handle = self.words[first] == "@" and not self.words[int(m.head[mention])].isupper()  # @annalee, not @NATO
        if is_handle or peerage(self.words, first):
            return "unnamed person"
        if m.form[mention] == LABEL:
            label = self.reading.text[slice(*m.spans[mention])].lower()
            return "group" if label in LABELS_OF_MANY else "unnamed person"
        whole = self._kind_of_whole(mention, noun, depth) if depth < STEPS else None
        if whole is not None:
            return whole
        if noun == "one" and self._is_share(mention):
            return "group"
        if noun == "those":
            return "group"
        is_label = self.words[int(m.head[mention])] in QUESTION_LABELS | ANSWER_LABELS
        if noun in SINGLES or noun.endswith("-old") or is_label:
            return "unnamed person"
        place = self.nouns.place(mention)
        if not self._is_league(mention) and (
            noun in QUANTITIES or self._is_group(mention, noun) or self._is_number(mention, noun)
        ):
            return "group"
        if m.form[mention] in (ORGANISATION, PLACE, NAME) or (place != m.head[mention] and self.nouns.is_upper(place)):
            return self._kind_of_name(mention, noun)
        return self._kind_of_noun(mention, noun)

    def _kind_of_whole(self, mention: int, noun: str, depth: int) -> str | None:
        """The kind of what a part is taken of: one of her ads, a group of artists, just shy of half."""
        m = self.mentions
        is_part = noun in PARTS | SINGLES or self.nouns.part_of_speech(int(m.head[mention])) not in NOUNS
        if not is_part or mention + 1 >= len(m) or self.nouns.gap(mention) != ["of"]:
            return None
        whole = self.speaking(mention + 1)
        if m.form[whole] == PRONOUN or (whole in self.links and not self.nouns.is_plural(whole)):
            return None
        kind = self.kind(whole, depth + 1)
        if noun in SINGLES:
            return "unnamed person" if kind == "group" and not self._is_a_thing(whole) else kind
        return kind if kind == "group" or self.nouns.is_plural(whole) else None

    def _is_a_thing(self, mention: int) -> bool:
        singular = self.nouns.noun(mention).removesuffix("s")
        return self.nouns.thing(singular) is not None and not self.nouns.is_people(self.nouns.noun(mention))

    def _is_group(self, mention: int, noun: str) -> bool:
        """Whether a noun is several people, and not in a fixed phrase (the intelligence community) or a name (CREW)."""
        return noun in self.lexicon.groups and self.nouns.fixed(mention) is None

    def _is_league(self, mention: int) -> bool:
        """Whether a capitalised phrase is a body of people: the American Federation of Teachers, CREW."""
        if self.institutions.is_listed(mention):
            return True
        words = self.words[int(self.mentions.first[mention]) : self.nouns.place(mention) + 1]
        if self.mentions.form[mention] in (ORGANISATION, NAME) and words[-1].isupper() and 1 < len(words[-1]) <= SHORT:
            return True
        return "of" in words[1:-1] and words[-1][0].isupper() and any(
            self.nouns.thing(word.lower()) == "organisation" for word in words[: words.index("of")]
        )

    def _kind_of_noun(self, mention: int, noun: str) -> str:
        """A common noun: by the lists, else by its number and ending."""
        first, place = int(self.mentions.first[mention]), self.nouns.place(mention)
        thing = self.nouns.fixed(mention) or self.nouns.thing(noun)
        is_owned = self.nouns.opener(mention) in OWNED or self.words[first - 1 : first] in POSSESSIVES
        if noun in ("website", "site") and is_owned:
            return "document"
        if thing is not None:
            return thing
        if noun in self.lexicon.roles:
            return "unnamed person"
        if self.nouns.is_plural(mention):
            return "document" if self.nouns.thing(noun.removesuffix("s")) == "document" else "group"
        before = {w.lower() for w in self.words[first:place]}
        is_personal = bool(before & PERSONAL) or (bool(before) and noun.endswith(AGENTS))
        return "unnamed person" if is_personal else "document"

    def _kind_of_name(self, mention: int, noun: str) -> str:
        """A capitalised phrase: an organisation, unless its noun is a role, or stands alone and is a thing."""
        words = self.words[int(self.mentions.first[mention]) : self.nouns.place(mention) + 1]
        institutions = self.institutions
        if noun in self.lexicon.roles and not (institutions.is_masthead(mention) or institutions.is_listed(mention)):
            return "unnamed person"
        if words[0].lower() == "the" and len(words) == 2 and self._is_family(noun):
            return "group"
        if noun in LAWS and words[-1][0].isupper():
            return "document"
        if len(words) == 1 or words[-1].split("-")[-1].islower():
            return self.nouns.thing(noun) or "organisation"
        return "organisation"

    def _is_family(self, noun: str) -> bool:
        """Whether a noun is a surname's plural: the Clintons, the Bushes."""
        known = self.people.registry.of_surname
        return noun.endswith("s") and bool(known(noun.removesuffix("s")) or known(noun.removesuffix("es")))

    def _kind_of_pronoun(self, mention: int, noun: str) -> str | None:
        """They are a group, or an organisation that spoke last; "it" is the last subject that is no person."""
        if noun in RELATIVE_PRONOUNS:
            return self._kind_before(mention, noun)
        if noun in ("they", "them", "themselves"):
            return self._kind_of_they(mention)
        if noun in GROUP_PRONOUNS:
            return "group"
        if noun not in THING_PRONOUNS:
            return None
        if noun == "what" or self.nouns.follows(mention) in ("read", "reads"):
            return "document"
        before = self._mentions_before(mention)
        if "voice" in map(self.nouns.noun, before):
            return "unnamed person"
        heads, subject = self.mentions.head, self.reading.tags.probability["subject"]
        subjects = [i for i in before if subject[int(heads[i])] > SUBJECT]
        openers = [i for i in before if self._opens_last(i, mention) and subject[int(heads[i])] > HARDLY]
        kinds = (self.kind(i) for i in [*openers, *subjects, *before])
        return next((kind for kind in kinds if kind in ("organisation", "document")), None)

    def _opens_last(self, mention: int, later: int) -> bool:
        """Whether a mention opens the sentence before that of a later one."""
        first, end = int(self.mentions.first[mention]), int(self.mentions.first[later])
        opens = first == 0 or self.words[first - 1] == PARAGRAPH_TOKEN or self.words[first - 1] in SENTENCE_ENDS
        return opens and sum(word in SENTENCE_ENDS for word in self.words[first:end]) == 1

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
            if kind == "group" and not self.nouns.is_people(self.nouns.noun(before)):
                return "document"
        return None

    def _kind_of_they(self, mention: int) -> str:
        """An organisation that said the last quote goes on as "they"; else several people are meant."""
        if self._is_one(mention):
            return "unnamed person"
        place = bisect_left(self._spoke, mention) - 1
        last = self._spoke[place] if place >= 0 else None
        paragraphs, first = self.reading.tokens.paragraphs, self.mentions.first
        if last is None or paragraphs[int(first[mention])] - paragraphs[int(first[last])] > NEAR:
            return "group"
        is_known = last in self.links and not self.institutions.includes(last)
        if is_known or self.kind(last) != "organisation":
            return "group"
        between = range(max(last + 1, mention - REACH), mention)
        return "group" if any(self.is_joint(i) for i in between) else "organisation"

    def _is_one(self, mention: int) -> bool:
        """Whether "they" is one person of no told gender, who opens the sentence before: A spokesperson said … They."""
        subject, heads = self.reading.tags.probability["subject"], self.mentions.head
        before = range(mention - 1, max(-1, mention - 1 - REACH), -1)
        opener = next((i for i in before if self._opens_last(i, mention) and subject[int(heads[i])] > SUBJECT), None)
        return opener is not None and self.nouns.noun(opener).endswith("person")

    def _mentions_before(self, mention: int) -> list[int]:
        """The mentions lately that are neither pronouns nor people, the nearest first."""
        before = range(mention - 1, max(-1, mention - 1 - REACH), -1)
        form = self.mentions.form
        return [i for i in before if form[i] != PRONOUN and (i not in self.links or self.institutions.includes(i))]

    def _is_number(self, mention: int, noun: str) -> bool:
        first = int(self.mentions.first[mention])
        return noun.isdigit() and (first == 0 or self.words[first - 1] != "$")

    def _is_share(self, mention: int) -> bool:
        """Whether "one" is a share: one in five Americans."""
        first = self.mentions.first[mention + 1 :]
        return len(first) > 0 and self.nouns.gap(mention) == ["in"] and self.nouns.part_of_speech(int(first[0])) == "CD"
