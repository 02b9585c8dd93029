"""Who says a quote by set forms of words around it, which grammar decides and nearness misleads about.

possessed  X’s “…”: X speaks
credited   to quote X, “…”; “…”, if X is to be believed; in the words of X, “…”
told       heard from X that … “…”
spoken of  the “…” of which X spoke
embedded   Y said that X shouted: “…”; according to Y, X shouted “…”: X speaks
read out   Y read from the diary of X: “…”; Y read the telegram that X had sent: “…”
presented  on the door was a note: “…”: the note speaks
aside      X, on a mule lent by Y, wrote “…”: X speaks
ruled      under the terms of the lease tenants “shall keep no pigs”: the terms speak
relayed    Y quoted X as saying “…”; “…,” X was quoted by Y as saying: X speaks
told by    “…,” Y was told by X: X speaks
dashed     X — “I never win anything” — and Y shared the prize: X speaks

Each form is looked for in the sentence of the quote, `LONGEST_SENTENCE` far at most, so all are linear in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from research.layout import DASHES, Decision, Page
from research.mentions import LIKELY, NAME, PRONOUN
from research.segmentation import GENITIVES, PARAGRAPH_TOKEN, SENTENCE_ENDS

LONGEST_SENTENCE = 60  # tokens looked at on either side of a quote
LONGEST_OBJECT = 6  # tokens between a verb and the quote that it introduces: asked the surgeon “…”
ATTACHING = frozenset("of for to from in at with by".split())  # what follows is part of the phrase before
SPEAKING_OF = frozenset("spoke speaks talked talks wrote writes warned warns boasted boasts".split())
DOCUMENTS = frozenset(
    "letter letters note diary journal telegram message email e-mail text statement poem postcard memo will".split()
)
READING = frozenset(("read", "reads", "reading", "recited", "recites"))
PLACING = frozenset("inside on in at under above over beneath below behind beside outside near across".split())
STANDING = frozenset("was is were are hung hangs stood stands lay lies".split())
TERMS = frozenset("terms rules law laws lease contract agreement treaty constitution code charter regulations".split())
MODALS = frozenset(("shall", "must", "may", "will", "cannot", "should"))
EXCLAIMING = frozenset("asked asks shouted shouts cried cries yelled yells whispered muttered muttering".split())
CREDITING = frozenset(("according", "as"))  # Moscow, according to Lee, chose “a path of evil”
ANSWERING = frozenset(("with", "by", "to"))  # met with, greeted by, replied to
SHORTEST_UTTERANCE = 4  # words
RELAYING = frozenset("quoted quotes quoting cited cites citing reported reports reporting".split())
QUOTED_AS = frozenset(
    "saying telling stating writing adding declaring describing calling warning insisting arguing asking having".split()
)
LONGEST_RELAY = 20  # tokens from “quoted” to “as saying”
BE = frozenset("was were is are been be being".split())
TOLD = frozenset("said told asked reminded warned advised informed assured".split())
NEAR_IN_TOKENS = 14  # tokens behind a quote within which a clause that was told by somebody has its verb
LOWER_IN_TITLES = frozenset("a an and as at but by for from in of on or the to with".split())

Form = Callable[[Page, range, int, Decision], int | None]


def apply_wordings(page: Page, decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions, but where a set form of words names the speaker."""
    return [_apply(page, quote, decision) for quote, decision in enumerate(decisions)]


def _apply(page: Page, quote: int, decision: Decision) -> Decision:
    place = page.tokens.quote_places[quote]
    before = range(_sentence_start(page, place), place)
    for form in CLEAR if decision.mention is None else FORMS:
        mention = form(page, before, place, decision)
        if mention is not None:
            return decision if mention == decision.mention else _worded(decision, mention)
    return decision


def _worded(decision: Decision, mention: int) -> Decision:
    kind = "mixed" if decision.kind == "none" else decision.kind
    return replace(decision, kind=kind, mention=mention, rule="wording", attributed=0.9, share=0.9, confidence=0.85)


# --- sentences and phrases -------------------------------------------------------------------------------------------


def _sentence_start(page: Page, place: int) -> int:
    """The first token of the sentence in which a quote stands."""
    start = place
    while place - start < LONGEST_SENTENCE and start > 0:
        word = page.tokens.words[start - 1]
        if word == PARAGRAPH_TOKEN or word in SENTENCE_ENDS or page.tokens.segments[start - 1] >= 0:
            break
        start -= 1
    return start


def _lower(page: Page, place: int) -> str:
    return page.tokens.words[place].lower() if 0 <= place < len(page.tokens) else PARAGRAPH_TOKEN


def _ending_at(page: Page, place: int) -> int | None:
    """The mention whose last token is at `place`."""
    mention = bisect_left(page.mentions.first, place + 1) - 1
    return mention if mention >= 0 and int(page.mentions.last[mention]) == place else None


def _behind(page: Page, mention: int) -> int:
    return int(page.mentions.last[mention]) + 1


def _mentions_in(page: Page, places: Iterable[int]) -> Iterator[int]:
    """The mentions that open at these places, pronouns too."""
    return (page.named[place] for place in places if place in page.named)


def _named_or_first(page: Page, places: range) -> int | None:
    """The name in a phrase (the accused, Ann Lee), else the mention that opens it."""
    found = list(_mentions_in(page, places))
    names = [m for m in found if page.mentions.form[m] == NAME]
    return next(iter(names or found), None)


def _chosen_place(page: Page, decision: Decision) -> int:
    assert decision.mention is not None
    return int(page.mentions.first[decision.mention])


# --- forms -----------------------------------------------------------------------------------------------------------


def _possessed(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “met with X’s ‘…’”: only utterances, for X’s “broken” system is somebody else’s word."""
    mention = _ending_at(page, place - 2) if _lower(page, place - 1) in GENITIVES else None
    if mention is None or page.mentions.form[mention] != NAME or not _is_utterance(page, place):
        return None
    return mention if _lower(page, int(page.mentions.first[mention]) - 1) in ANSWERING else None


def _credited(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “to quote X”, “in the words of X” and “if X is to be believed”."""
    for at in before:
        opening = (_lower(page, at - 1), _lower(page, at))
        if opening in (("to", "quote"), ("words", "of")):
            return page.named.get(at + 1)
        mention = page.named.get(at + 1) if opening[1] == "if" else None
        if mention is not None:
            behind = _behind(page, mention)
            if [_lower(page, i) for i in range(behind + 1, behind + 4)] == ["to", "be", "believed"]:
                return mention
    return None


def _told(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “heard from X that … ‘…’”."""
    for at in before:
        if _lower(page, at) in ("heard", "learned", "learnt") and _lower(page, at + 1) == "from":
            that = next((i for i in range(at + 2, min(at + 14, place)) if _lower(page, i) == "that"), None)
            return None if that is None else _named_or_first(page, range(at + 2, that))
    return None


def _spoken_of(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “the ‘…’ of which X spoke”."""
    if _lower(page, place + 1) not in ("of", "about") or _lower(page, place + 2) != "which":
        return None
    mention = page.named.get(place + 3)
    return mention if mention is not None and _lower(page, _behind(page, mention)) in SPEAKING_OF else None


def _embedded(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “Y said that X shouted: ‘…’” and “according to Y, X shouted ‘…’”, where Y was chosen.

    The first only of whole utterances: words that X only called something may well be Y’s; and X must exclaim or ask:
    what “and said” introduces may be Y’s, too.
    """
    chosen, verb = _chosen_place(page, decision), _introducing(page, before, place)
    if verb is None or not before.start <= chosen < verb:
        return None
    subjects = [m for m in _mentions_in(page, range(before.start, verb)) if _is_subject(page, m)]
    inner = subjects[-1] if subjects else None
    if inner is None or page.mentions.form[inner] == PRONOUN or int(page.mentions.first[inner]) <= chosen:
        return None
    first = int(page.mentions.first[inner])
    if _lower(page, before.start) == "according":
        return inner if _lower(page, first - 1) == "," else None
    outer = first - 2 if _lower(page, first - 1) == "that" else first - 1
    if not _is_utterance(page, place):
        return None
    return inner if outer > chosen and page.cue[outer] > LIKELY and page.tokens.words[outer][0].isalpha() else None


def _introducing(page: Page, before: range, place: int) -> int | None:
    """The verb of exclaiming or asking right before the quote, but for a comma, a colon and an object."""
    end = place - 1 if page.tokens.words[place - 1] in (",", ":") else place
    for at in range(end - 1, max(end - 2 - LONGEST_OBJECT, before.start), -1):
        if not page.tokens.words[at][0].isalpha():
            return None
        if _lower(page, at) in EXCLAIMING:
            return at
    return None


def _is_utterance(page: Page, place: int) -> bool:
    """Whether a quote opens with a capital, is no title and has as many words as a sentence."""
    words = page.text[slice(*page.scan.segments[page.tokens.segments[place]].span)].split()
    return len(words) >= SHORTEST_UTTERANCE and words[0][0].isupper() and not _is_title(words)


def _is_subject(page: Page, mention: int) -> bool:
    return any(page.subject[i] > 0.3 for i in range(int(page.mentions.first[mention]), _behind(page, mention)))


def _read_out(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “Y read from the diary of X: ‘…’” and “Y read the telegram that X had sent: ‘…’”."""
    if page.tokens.words[place - 1] not in (":", ","):
        return None
    verb = next((i for i in before if _lower(page, i) in READING), place)
    paper = next((i for i in range(verb, place) if _lower(page, i) in DOCUMENTS), place)
    if _lower(page, paper + 1) not in ("of", "from", "by", "that", "which"):
        return None
    return _named_or_first(page, range(paper + 2, place))


def _presented(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """The note in “on the door was a note: ‘…’”."""
    if page.tokens.words[place - 1] != ":" or _lower(page, before.start) not in PLACING:
        return None
    verb = next((i for i in before if page.finite[i]), place)
    if _lower(page, verb) not in STANDING or "," in page.tokens.words[before.start : place]:
        return None
    return page.named.get(verb + 1)


def _aside(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “X, on a mule lent by Y, wrote ‘…’”, where somebody in the aside was chosen; a name that opens it is X’s."""
    chosen, words = _chosen_place(page, decision), page.tokens.words
    verb = next((i for i in reversed(before) if page.cue[i] > LIKELY and page.cue[i - 1] < LIKELY), before.start)
    closing = words[verb - 1]
    if closing not in DASHES | {","} or not before.start <= chosen < verb or words[verb].endswith("ing"):
        return None
    for opener in range(before.start, chosen):
        if page.finite[opener] or _lower(page, opener + 1) in CREDITING:
            return None
        outer = _phrase_before(page, opener) if words[opener] == closing else None
        if outer is not None and _is_subject(page, outer):
            is_same = opener + 1 == chosen and page.mentions.form[page.named[chosen]] == NAME
            reports = any(page.finite[i] and page.cue[i] > LIKELY for i in range(opener, verb))
            return None if is_same or reports else outer
    return None


def _phrase_before(page: Page, end: int) -> int | None:
    """The mention that heads the phrase before `end`: an aide to the minister, and no more of it."""
    mention = _ending_at(page, end - 1)
    while mention is not None and _lower(page, int(page.mentions.first[mention]) - 1) in ATTACHING:
        mention = _ending_at(page, int(page.mentions.first[mention]) - 2)
    return mention


def _is_title(words: Sequence[str]) -> bool:
    return all(word[0].isupper() or word in LOWER_IN_TITLES for word in words)


def _ruled(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """The lease in “under the terms of the lease, tenants ‘shall keep no pigs’”."""
    start = before.start
    if _lower(page, start) != "under" or not TERMS & {_lower(page, i) for i in range(start + 1, start + 6)}:
        return None
    words = page.text[slice(*page.scan.segments[page.tokens.segments[place]].span)].split()
    return page.named.get(start + 1) if words and words[0].lower() in MODALS else None


def _dashed(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “X — ‘I never win’ — and Y shared the prize”."""
    words, flags = page.tokens.words, page.scan.segments[page.tokens.segments[place]].flags
    if words[place - 1] not in DASHES or _lower(page, place + 1) not in DASHES or "fragment" in flags:
        return None
    mention = _ending_at(page, place - 2)
    named = mention is not None and page.mentions.form[mention] == NAME and _is_utterance(page, place)
    return mention if named else None


def _relayed(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “Y quoted X as saying ‘…’” and “‘…,’ X was quoted by Y as saying”, unless somebody after X was chosen."""
    for places in (before, _after(page, place)):
        for at in places:
            behind = range(at + 1, min(at + LONGEST_RELAY, places.stop)) if _lower(page, at) in RELAYING else ()
            saying = next((i for i in behind if _is_saying(page, i)), None)
            if saying is None:
                continue
            relayed_until = saying + 3 if _lower(page, saying + 1) == "by" else saying
            if places is not before or _chosen_place(page, decision) < relayed_until:
                verb = next((i for i in range(at - 1, max(at - 3, places.start), -1) if _lower(page, i) in BE), None)
                if verb is None:
                    return _object_of(page, range(at + 1, saying))
                return _subject_of(page, range(places.start, verb))
    return None


def _after(page: Page, place: int) -> range:
    """The tokens behind a quote, up to the end of its sentence or the next quote."""
    end = place + 1
    while end < min(len(page.tokens), place + LONGEST_SENTENCE) and page.tokens.segments[end] < 0:
        if page.tokens.words[end] == PARAGRAPH_TOKEN or page.tokens.words[end] in SENTENCE_ENDS:
            break
        end += 1
    return range(place + 1, end)


def _is_saying(page: Page, place: int) -> bool:
    """Whether a word is the saying of “as saying”; “quoted her saying” will do."""
    word = _lower(page, place)
    return word in QUOTED_AS and (word == "saying" or _lower(page, place - 1) == "as")


def _subject_of(page: Page, before: range) -> int | None:
    """The mention right before a verb, else the nearest that is a subject."""
    beside = _ending_at(page, before.stop - 1)
    subjects = (m for m in _mentions_in(page, reversed(before)) if _is_subject(page, m))
    return beside if beside is not None else next(subjects, None)


def _object_of(page: Page, places: range) -> int | None:
    """The first mention of a phrase that owns nothing: Russia’s | foreign minister Sergei Lavrov."""
    found = _mentions_in(page, places)
    return next((m for m in found if _lower(page, _behind(page, m)) not in GENITIVES), None)


def _told_by(page: Page, before: range, place: int, decision: Decision) -> int | None:
    """X in “‘…,’ Y was told by X” and “‘…,’ it was said of Y by X”."""
    after = _after(page, place)
    verb = next((i for i in after[:NEAR_IN_TOKENS] if page.finite[i]), place)
    if _lower(page, verb) not in BE or _lower(page, verb + 1) not in TOLD:
        return None
    by = next((i for i in after[:NEAR_IN_TOKENS] if i > verb and _lower(page, i) == "by"), None)
    is_of = _lower(page, verb + 2) == "of"
    return _object_of(page, range(by + 1, after.stop)) if by == verb + 2 or (by and is_of) else None


CLEAR: Sequence[Form] = (_spoken_of, _ruled, _dashed)  # these hold whatever the gate says
FORMS: Sequence[Form] = (
    *CLEAR, _possessed, _credited, _told, _embedded, _read_out, _presented, _aside, _relayed, _told_by
)  # fmt: skip
