"""Who says a quote by where it stands on the page: the rules around the ranker, which reads sentences.

signature    a name alone follows: after a dash (“…” — Ann Lee), or on a line of its own under each of several quotes
relayed      “…,” X said, according to Y: X speaks
interview    lone quotes answer paragraphs without quotes that say "you": the first whom the article tells of speaks;
             or labels part questions from answers (Q: …, A: “…”): the first named in more than one word answers
label        a transcript's label opens the quote or its turn (WALLACE: …), or a name and a colon are all that stands
             before it; or a list says what it is about (On taxes: “…”), and the first whom the article names speaks
alternating  short quotes with a line each and no cue: the two speakers take turns, and nobody calls himself by name
floating     the quote is all of its paragraph, and one person acts in the paragraph before, or nobody, and it goes to
             who said the surest of the lone quotes before
continued    the quote goes on with a quotation whose speaker is known: over paragraphs, or split by its cue

Each rule looks at a quote and the lines next to it once, so all are linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from research.documents import Span
from research.evidence import Pairs
from research.mentions import ANSWER_LABELS, LABEL, LIKELY, NAME, PLACE, PRONOUN, QUESTION_LABELS, ROLE, Mentions
from research.quotes import DASHES as DASH_CHARACTERS
from research.quotes import QuoteScan, Segment
from research.segmentation import GENITIVES, PARAGRAPH_TOKEN, SENTENCE_ENDS, Tokens
from research.tagging import Tags

DASHES = DASH_CHARACTERS | {"--"}
FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
LONGEST_LINE = 14  # tokens of a line that is a name, with age, work and place
SETTLING = frozenset(("label", "signature", "interview", "alternating"))  # whose speaker the whole quotation takes
LONGEST_QUESTION = 60  # tokens of what an interviewer says
FEWEST_TOPICS = 2  # that make a list of what somebody said on each
FEWEST_QUESTIONS = 3  # that make an interview
ASKERS = frozenset("reporter journalist correspondent interviewer questioner".split())  # who asks does not answer
YOU = frozenset(("you", "your", "yours", "yourself"))
LONGEST_PARAGRAPH = 150  # tokens looked back at for who acts in a paragraph
MOST_TURNS = 6  # quotes looked back at for the other speaker
VOCATIVE = re.compile(r"(?:^|, )(?:(?:Mr|Mrs|Ms|Dr)\.? )?([^\W\d_][\w’'-]{1,30})(?=[,.?!])")  # by name, in a quote
REPLIES = frozenset("replied replies answered answers agreed agrees retorted countered responded snapped back".split())
LONGEST_TURN = 90  # characters of a quote in a quick exchange
SURE_OF_OWN = 0.9  # share from which a quote keeps the ranker’s speaker: one that goes on with another, and a lone one
SHORTEST_SENTENCE = 5  # words of a sentence that is speech whatever the gate says: “The economy, stupid.” is none
SURE_OF_LATER = 0.95  # the same of a lone quote whose speaker is described only after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of one quote.

    `mention` numbers the mention that says it (None: nobody, or nobody found); `attributed` is the gate's probability
    that it is speech at all; `share` the ranker's probability of the mention; `confidence` the calibrated probability
    that the quote is speech and the mention its source; `cue` the span of the cue.
    """

    kind: str
    mention: int | None
    attributed: float
    share: float
    confidence: float
    rule: str
    cue: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the rules look at.

    `opened` gives the mention that opens at a token, `named` pronouns too; `subject` is each token's chance to be the
    subject of its head, `cue` to be of a cue; `finite` marks finite verbs. What ends a line or precedes a comma is
    none, but a participle: Ann Lee, retired.
    """

    text: str
    scan: QuoteScan
    tokens: Tokens
    mentions: Mentions
    pairs: Pairs
    shares: NDArray[np.float64]
    opened: Mapping[int, int]
    named: Mapping[int, int]
    finite: Sequence[bool]
    subject: NDArray[np.float32]
    cue: NDArray[np.float32]


def lay_out(
    text: str,
    scan: QuoteScan,
    tokens: Tokens,
    tags: Tags,
    mentions: Mentions,
    pairs: Pairs,
    shares: NDArray[np.float64],
    names: Mapping[str, Sequence[str]],
) -> Page:
    """Gather what the rules look at."""
    verbs = {number for number, name in enumerate(names["pos"]) if name in FINITE}
    return Page(
        text=text,
        scan=scan,
        tokens=tokens,
        mentions=mentions,
        pairs=pairs,
        shares=shares,
        opened={int(f): i for i, f in enumerate(mentions.first) if mentions.form[i] not in (LABEL, PRONOUN)},
        named={int(f): i for i, f in enumerate(mentions.first) if mentions.form[i] != LABEL},
        subject=tags.probability["subject"],
        cue=tags.probability["cue"],
        finite=[
            number in verbs and _word(tokens, place + 1) not in (",", PARAGRAPH_TOKEN)
            for place, number in enumerate(tags.pos.tolist())
        ],
    )


def apply_rules(page: Page, decisions: Sequence[Decision]) -> list[Decision]:
    """Apply the rules, the later ones seeing what the earlier decided."""
    out = list(decisions)
    for quote, mention in (_signatures(page, out) | _captions(page)).items():
        out[quote] = _settled(out[quote], mention, "signature")
    for quote, mention in _interviews(page).items():
        out[quote] = _settled(out[quote], mention, "interview")
    for quote, mention in (_names_before_colons(page) | _labels(page) | _on_topics(page)).items():
        out[quote] = _settled(out[quote], mention, "label")
    for quote, decision in enumerate(out):
        utterer = _utterer(page, quote, decision)
        if utterer is not None:
            out[quote] = replace(decision, mention=utterer, rule="relayed")
    return _join(page, _take_turns(page, _float(page, out)))


def _settled(decision: Decision, mention: int, rule: str) -> Decision:
    """The decision, now that the layout says who speaks."""
    return replace(
        decision, kind="direct", mention=mention, rule=rule, cue=None, attributed=1.0, share=1.0, confidence=0.97
    )


# --- names -----------------------------------------------------------------------------------------------------------


def _name_in(page: Page, start: int, end: int, *, role: bool) -> int | None:
    """The mention that the tokens from `start` to `end` are: a name with age, work or place, and no sentence.

    With `role` it need not be a name (a nurse from Oban); “Ann’s sister, Bea” is Bea.
    """
    tokens, mentions = page.tokens, page.mentions
    if not 0 < end - start <= LONGEST_LINE or any(page.finite[place] for place in range(start, end)):
        return None
    mention = page.opened.get(start)
    if mention is not None and _word(tokens, int(mentions.last[mention]) + 1) in GENITIVES:
        mention = page.opened.get(int(mentions.last[mention]) + 2)
    if mention is None:
        return None
    rest = int(mentions.last[mention]) + 1
    if not _is_name(page, mention):
        named = page.opened.get(rest + 1) if _word(tokens, rest) == "," else None
        if named is not None and _is_name(page, named):
            return named
        return mention if role else None
    return mention if rest >= end or role or tokens.words[rest] in (",", "(", "/", ".") else None


def _is_name(page: Page, mention: int) -> bool:
    return page.tokens.words[int(page.mentions.head[mention])][0].isupper()


def _head(page: Page, mention: int) -> str:
    return page.tokens.words[int(page.mentions.head[mention])].lower()


def _word(tokens: Tokens, place: int) -> str:
    """The word at a place, the mark of a paragraph beyond the last."""
    return tokens.words[place] if place < len(tokens) else PARAGRAPH_TOKEN


def _line_end(page: Page, place: int) -> int:
    """Where the line that goes on at `place` ends: at a paragraph or the next quote, looked for a line's length far."""
    end = place
    while end - place <= LONGEST_LINE and _word(page.tokens, end) != PARAGRAPH_TOKEN and page.tokens.segments[end] < 0:
        end += 1
    return end


# --- relays ----------------------------------------------------------------------------------------------------------


def _utterer(page: Page, quote: int, decision: Decision) -> int | None:
    """X in “…,” X said, according to Y: the words are X's, and Y passes them on; None elsewhere."""
    words, m, place = page.tokens.words, page.mentions, page.tokens.quote_places[quote]
    if decision.mention is None or decision.cue is None:
        return None
    source, cue = int(m.first[decision.mention]), bisect_left(page.tokens.starts, decision.cue.start)
    if [word.lower() for word in words[max(0, source - 2) : source]] != ["according", "to"] or source < place:
        return None
    if cue == place + 1:
        return page.named.get(cue + 1)
    mention = page.named.get(place + 1)
    behind = -1 if mention is None else int(m.last[mention]) + 1
    verbs = (cue, source - 4 if words[source - 3] == "," else source - 3)  # a word alone before "according" is one
    is_verb = 0 < behind < source and page.cue[behind] > LIKELY
    return mention if behind in verbs or is_verb else None


# --- signatures ------------------------------------------------------------------------------------------------------


def _signatures(page: Page, decisions: Sequence[Decision]) -> dict[int, int]:
    """The quotes that a dash and a name alone follow, there or on the next line.

    On the next line it may be the agency's or the reporter's, under an article whose last quote has a cue of its own.
    """
    found = {}
    for quote, place in enumerate(page.tokens.quote_places):
        opens = page.tokens.words[place - 1] == PARAGRAPH_TOKEN
        next_line = _word(page.tokens, place + 1) == PARAGRAPH_TOKEN
        if next_line and not opens and _has_cue(page, decisions[quote], quote):
            continue
        dash = place + 1 + next_line
        if _word(page.tokens, dash) not in DASHES or not (opens or "fragment" not in page.scan.segments[quote].flags):
            continue
        end = _line_end(page, dash + 1)
        if _word(page.tokens, end - 1) in DASHES:
            continue
        mention = _name_in(page, dash + 1, end, role=opens)
        if mention is not None:
            found[quote] = mention
    return found


def _has_cue(page: Page, decision: Decision, quote: int) -> bool:
    """Whether a colon opens a quote, or its cue stands in its paragraph."""
    if page.tokens.words[page.tokens.quote_places[quote] - 1] == ":":
        return True
    paragraph = page.scan.paragraphs[page.scan.segments[quote].paragraph]
    return decision.cue is not None and paragraph.start <= decision.cue.start < paragraph.end


def _captions(page: Page) -> dict[int, int]:
    """The quotes of a row in which each stands above, or each under, a line that is a name.

    Two or more, so that it is a row: a single name on a line may as well head what follows it.
    """
    found = {}
    for row in _rows(_lines(page)):
        if len(row) >= 4 and len(row) % 2 == 0:
            for pair in zip(row[::2], row[1::2], strict=True):
                (_, quote), (_, mention) = sorted(pair)
                found[quote] = mention
    return found


def _rows(lines: Iterable[tuple[bool, int] | None]) -> Iterator[list[tuple[bool, int]]]:
    """The longest stretches in which quotes and names take turns."""
    row: list[tuple[bool, int]] = []
    for line in lines:
        if row and (line is None or line[0] == row[-1][0]):
            yield row
            row = []
        if line is not None:
            row.append(line)
    yield row


def _lines(page: Page) -> Iterator[tuple[bool, int] | None]:
    """Each paragraph: (False, quote) if it is a quote, (True, mention) if it is a name, else None.

    Paragraphs that go on with the quotation of the one before are left out.
    """
    quotes = {page.tokens.quote_places[q]: q for q in range(len(page.scan.segments)) if _stands_alone(page, q)}
    for place, word in enumerate(page.tokens.words):
        if word != PARAGRAPH_TOKEN or page.tokens.starts[place] != page.tokens.ends[place]:
            continue
        quote = quotes.get(place + 1)
        if quote is None:
            mention = _name_alone(page, place + 1)
            yield None if mention is None else (True, mention)
        elif "continued" not in page.scan.segments[quote].flags:
            yield False, quote


def _name_alone(page: Page, place: int) -> int | None:
    """The name that the line at `place` is."""
    end = _line_end(page, place)
    if _word(page.tokens, end) != PARAGRAPH_TOKEN or _word(page.tokens, end - 1) in SENTENCE_ENDS | {":", ","}:
        return None
    mention = _name_in(page, place, end, role=False)
    return mention if mention is not None and page.mentions.form[mention] == NAME else None


def _stands_alone(page: Page, quote: int) -> bool:
    """Whether a quote is all of its paragraph, but for marks after it."""
    tokens, place = page.tokens, page.tokens.quote_places[quote]
    if tokens.words[place - 1] != PARAGRAPH_TOKEN:
        return False
    after = place + 1
    while after < len(tokens) and tokens.segments[after] < 0 and not tokens.words[after][0].isalnum():
        if tokens.words[after] == PARAGRAPH_TOKEN:
            return True
        after += 1
    return after == len(tokens)


# --- interviews ------------------------------------------------------------------------------------------------------


def _interviews(page: Page) -> dict[int, int]:
    """The quotes that answer questions: paragraphs of their own, each run of them below a paragraph that says "you"."""
    found: dict[int, int] = {}
    introduced = _introduced(page)
    if introduced is not None:
        found |= dict.fromkeys(_labelled_answers(page, int(page.mentions.first[introduced])), introduced)
    interviewee = _first_told_of(page)
    for questions, answers in _exchanges(page):
        if interviewee is None or len(questions) < FEWEST_QUESTIONS:
            continue
        if page.mentions.first[interviewee] < questions[0]:
            found |= dict.fromkeys(answers, interviewee)
    return found


def _introduced(page: Page) -> int | None:
    """The first name of several words, but for a reporter's: We spoke to Ann Lee."""
    for name in np.flatnonzero(page.mentions.form == NAME).tolist():
        words = page.tokens.words[int(page.mentions.first[name]) : int(page.mentions.last[name]) + 1]
        if sum(word[0].isupper() for word in words) > 1 and ASKERS.isdisjoint(words):
            return int(name)
    return None


def _labelled_answers(page: Page, start: int) -> list[int]:
    """The quotes behind the label of an answer (A: “…”, A. “…”) and behind `start`, if questions are labelled, too."""
    words = page.tokens.words
    openings = [i for i, word in enumerate(words[:-1]) if word == PARAGRAPH_TOKEN]
    if not any(words[i + 1] in QUESTION_LABELS for i in openings):
        return []
    answers = [i + 2 + (_word(page.tokens, i + 2) == ":") for i in openings if words[i + 1] in ANSWER_LABELS]
    quotes = {place: quote for quote, place in enumerate(page.tokens.quote_places)}
    return [quotes[place] for place in answers if place in quotes and place > start]


def _exchanges(page: Page) -> Iterator[tuple[list[int], list[int]]]:
    """The longest stretches of questions and answers: where the questions open, and the quotes that answer them."""
    quotes = {page.tokens.quote_places[q]: q for q in range(len(page.scan.segments)) if _stands_alone(page, q)}
    questions: list[int] = []
    answers: list[int] = []
    asked = False
    for place in [p + 1 for p, word in enumerate(page.tokens.words) if word == PARAGRAPH_TOKEN]:
        if place in quotes and questions:
            answers.append(quotes[place])
            asked = False
        elif not asked and _asks(page, place):
            questions.append(place)
            asked = True
        elif place < len(page.tokens):
            yield questions[: len(questions) - asked], answers
            questions, answers, asked = [], [], False
    yield questions, answers


def _asks(page: Page, place: int) -> bool:
    """Whether the paragraph that opens at `place` has no quotes and speaks to somebody."""
    end = place
    while end - place <= LONGEST_QUESTION and _word(page.tokens, end) != PARAGRAPH_TOKEN:
        if page.tokens.segments[end] >= 0:
            return False
        end += 1
    words = {word.lower() for word in page.tokens.words[place:end]}
    return end - place <= LONGEST_QUESTION and not YOU.isdisjoint(words)


def _first_told_of(page: Page) -> int | None:
    """The first name that is a subject."""
    names = np.flatnonzero(page.mentions.form == NAME)
    subjects = names[page.subject[page.mentions.head[names]] > 0.5]
    return int(subjects[0]) if len(subjects) else None


# --- labels ----------------------------------------------------------------------------------------------------------


def _labels(page: Page) -> dict[int, int]:
    """The quotes that open with a transcript's label, and all of a turn: after A: that of the one introduced before."""
    quote_at = {place: quote for quote, place in enumerate(page.tokens.quote_places)}
    spans = page.mentions.spans
    labels = {spans[m]: m for m in np.flatnonzero(page.mentions.form == LABEL).tolist()}
    found = {quote_at[int(page.mentions.head[m])]: m for m in labels.values()}
    introduced = _introduced(page)
    for quote, segment in enumerate(page.scan.segments):
        if segment.label is not None:
            is_answer = page.text[slice(*segment.label)] in ANSWER_LABELS
            found[quote] = labels[segment.label]
            if is_answer and introduced is not None and spans[introduced] < segment.label:
                found[quote] = introduced
    return found


def _names_before_colons(page: Page) -> dict[int, int]:
    """The quotes before which a sentence is a name and a colon: The pianist, Ann Lee: “…”."""
    found = {}
    for quote, place in enumerate(page.tokens.quote_places):
        if page.tokens.words[place - 1] != ":":
            continue
        start = place - 1
        while place - start <= LONGEST_LINE and not _opens_sentence(page, start):
            start -= 1
        mention = _name_in(page, start, place - 1, role=False) if _opens_sentence(page, start) else None
        is_letter = page.tokens.words[place - 2] in QUESTION_LABELS | ANSWER_LABELS
        if mention is not None and page.mentions.form[mention] == NAME and not is_letter:
            found[quote] = mention
    return found


def _on_topics(page: Page) -> dict[int, int]:
    """The quotes of a list that says what each is about, 1. On taxes: “…”: the one introduced above speaks in all."""
    introduced = _introduced(page)
    heads = {quote: _head_of_line(page, place) for quote, place in enumerate(page.tokens.quote_places)}
    topics = [quote for quote, head in heads.items() if next(filter(str.isalpha, head), "") in ("On", "About")]
    if introduced is None or len(topics) < FEWEST_TOPICS:
        return {}
    if all(heads[quote][0].isdecimal() for quote in topics):
        topics = [quote for quote, head in heads.items() if head and head[0].isdecimal()]
    first = int(page.mentions.first[introduced])
    return {quote: introduced for quote in topics if page.tokens.quote_places[quote] > first}


def _head_of_line(page: Page, place: int) -> list[str]:
    """The words of a line before a place if a colon is the last of them; none where it is not."""
    words = page.tokens.words
    start = place - 1
    while words[start] != PARAGRAPH_TOKEN and place - start <= LONGEST_LINE:
        start -= 1
    return words[start + 1 : place] if words[place - 1] == ":" and words[start] == PARAGRAPH_TOKEN else []


def _opens_sentence(page: Page, place: int) -> bool:
    before = page.tokens.words[place - 1]
    return before == PARAGRAPH_TOKEN or before in SENTENCE_ENDS or page.tokens.segments[place - 1] >= 0


# --- turns -----------------------------------------------------------------------------------------------------------


def _take_turns(page: Page, decisions: Sequence[Decision]) -> list[Decision]:
    """In quick dialogue, a quote that is a paragraph of its own is not the last speaker's.

    It goes to the one who spoke before, in the same paragraph or the one before it; after a question or a reply, if
    nobody did, to the likeliest other person; nor is a quote said by the one whom it calls by name. Only among short
    quotes: longer ones alone in a paragraph mostly go on with the last speaker, and one who goes on over paragraphs
    leaves the mark open.
    """
    out = list(decisions)
    names = _names_by_head(page)
    for quote in range(len(out)):
        if _speaks_to_self(page, out[quote], quote, names):
            head = _head(page, int(out[quote].mention or 0))
            other = _likeliest_but(page, out[quote], quote, head)
            out[quote] = out[quote] if other is None else replace(other, rule="alternating", cue=None)
            continue
        if not quote or out[quote].rule in SETTLING or out[quote - 1].kind != "direct" or not _is_turn(page, quote):
            continue
        other = _other_speaker(page, out, quote)
        if other is None and (_is_question(page, quote - 1) or _is_reply(page, out[quote - 1])):
            other = _likeliest_but(page, out[quote], quote, _speaker(page, out, quote - 1))
        if other is not None:
            confidence = min(other.confidence, 0.8)
            out[quote] = replace(other, rule="alternating", cue=None, kind="direct", confidence=confidence)
    return out


def _names_by_head(page: Page) -> dict[str, set[str]]:
    """The words of the names that end in each word: otis and greer for greer."""
    names: dict[str, set[str]] = {}
    for mention in np.flatnonzero(page.mentions.form == NAME).tolist():
        head = int(page.mentions.head[mention])
        words = page.tokens.words[int(page.mentions.first[mention]) : head + 1]
        names.setdefault(page.tokens.words[head].lower(), set()).update(word.lower() for word in words)
    return names


def _speaks_to_self(page: Page, decision: Decision, quote: int, names: Mapping[str, set[str]]) -> bool:
    """Whether a short quote, all of its paragraph, would be said by the one whom it calls by name: “Hurry, Otis.”."""
    segment = page.scan.segments[quote]
    if decision.kind != "direct" or decision.mention is None or decision.rule in SETTLING - {"alternating"}:
        return False
    if not _is_short(segment) or not _stands_alone(page, quote):
        return False
    called = {found.lower() for found in VOCATIVE.findall(page.text[slice(*segment.span)]) if found[0].isupper()}
    return not called.isdisjoint(names.get(_head(page, decision.mention), ()))


def _is_turn(page: Page, quote: int) -> bool:
    """Whether a quote is short and all of its paragraph, after a short one that asks, or opens or ends its own."""
    segment, before = page.scan.segments[quote], page.scan.segments[quote - 1]
    return (
        before.paragraph == segment.paragraph - 1
        and "continued" not in segment.flags
        and "unclosed" not in before.flags
        and _is_short(segment)
        and _is_short(before)
        and (_opens_paragraph(page, quote - 1) or _ends_paragraph(page, quote - 1) or _is_question(page, quote - 1))
        and _stands_alone(page, quote)
    )


def _opens_paragraph(page: Page, quote: int) -> bool:
    """Whether nothing but quotes of its paragraph stands before a quote, and what a quote there is told with."""
    paragraph = page.scan.segments[quote].paragraph
    while quote and page.scan.segments[quote - 1].paragraph == paragraph:
        quote -= 1
    return page.tokens.words[page.tokens.quote_places[quote] - 1] == PARAGRAPH_TOKEN


def _ends_paragraph(page: Page, quote: int) -> bool:
    return _word(page.tokens, page.tokens.quote_places[quote] + 1) == PARAGRAPH_TOKEN


def _is_short(segment: Segment) -> bool:
    return segment.span.end - segment.span.start <= LONGEST_TURN


def _is_reply(page: Page, decision: Decision) -> bool:
    """Whether a cue says that somebody else had spoken: she replied."""
    return decision.cue is not None and not REPLIES.isdisjoint(page.text[slice(*decision.cue)].lower().split())


def _other_speaker(page: Page, decisions: Sequence[Decision], quote: int) -> Decision | None:
    """The last decision for somebody other than the last speaker, in short quotes of the two paragraphs before."""
    speaker = _speaker(page, decisions, quote - 1)
    for before in range(quote - 2, max(quote - 2 - MOST_TURNS, -1), -1):
        segment, decision = page.scan.segments[before], decisions[before]
        if segment.paragraph < page.scan.segments[quote].paragraph - 2 or not _is_short(segment):
            return None
        if decision.kind != "direct":
            return None
        if _speaker(page, decisions, before) != speaker:
            return decision
    return None


def _speaker(page: Page, decisions: Sequence[Decision], quote: int) -> str:
    """The word for who says a quote; for a pronoun, the name it follows in its paragraph, if a quote has one."""
    paragraph = page.scan.segments[quote].paragraph
    word = ""
    for before in range(quote, max(quote - MOST_TURNS, -1), -1):
        mention = decisions[before].mention
        if page.scan.segments[before].paragraph != paragraph or mention is None:
            break
        word = _head(page, mention)
        if page.mentions.form[mention] != PRONOUN:
            break
    return word


def _likeliest_but(page: Page, decision: Decision, quote: int, speaker: str) -> Decision | None:
    """The decision for the named candidate with the largest share that is not this speaker."""
    low, high = np.searchsorted(page.pairs.quote, [quote, quote + 1])
    candidates = page.pairs.mention[low:high].tolist()
    rows = [low + i for i, m in enumerate(candidates) if page.mentions.form[m] == NAME and _head(page, m) != speaker]
    if not rows:
        return None
    best = max(rows, key=lambda r: float(page.shares[r]))
    return replace(decision, mention=int(page.pairs.mention[best]), share=float(page.shares[best]), confidence=0.6)


# --- floating quotes --------------------------------------------------------------------------------------------------


def _float(page: Page, decisions: Sequence[Decision]) -> list[Decision]:
    """A quote that is all of its paragraph goes, where the ranker is unsure, to the one who acts in the one before.

    Only where that paragraph has no quote, announces none with a colon, and only one named subject acts in it; and not
    where the ranker has a pronoun, which may well be of somebody named earlier, or the reader has decided, but for a
    place. Where nobody acts there, it goes to who said the surest of the lone quotes before. If the paragraph before is
    a lone quote, too, it goes on with that one's speaker, of whom the ranker is surer. A whole sentence that stands
    alone is speech, whatever the gate says.
    """
    out = list(decisions)
    quoted = {segment.paragraph for segment in page.scan.segments}
    lone: list[int] = []
    for quote, segment in enumerate(page.scan.segments):
        if not _stands_alone(page, quote):
            continue
        if out[quote].rule == "gate":
            out[quote] = _ungated(page, out[quote], quote)
        if _may_float(page, out[quote], quote):
            if segment.paragraph - 1 not in quoted:
                out[quote] = _floated(page, out[quote], quote, [out[before] for before in lone[-MOST_TURNS:]])
            elif lone[-1:] == [quote - 1] and _goes_on(page, out, quote):
                out[quote] = _said_by(out[quote], out[quote - 1].mention)
        if out[quote].kind == "direct" and out[quote].mention is not None:
            lone.append(quote)
    return out


def _goes_on(page: Page, decisions: Sequence[Decision], quote: int) -> bool:
    """Whether a lone quote goes on with the speaker of the one in the paragraph before: not in a quick exchange."""
    before, segment = page.scan.segments[quote - 1], page.scan.segments[quote]
    return (
        before.paragraph == segment.paragraph - 1
        and not (_is_short(before) and _is_short(segment))
        and decisions[quote - 1].share > decisions[quote].share
    )


def _said_by(own: Decision, mention: int | None) -> Decision:
    return replace(own, mention=mention, rule="floating", cue=None, confidence=min(own.confidence, 0.7))


def _may_float(page: Page, own: Decision, quote: int) -> bool:
    """Whether the ranker is unsure enough of a lone quote: more so of somebody who comes only after it."""
    if own.kind != "direct" or own.rule not in ("ranker", "reader") or "continued" in page.scan.segments[quote].flags:
        return False
    if own.mention is None:
        return own.share < SURE_OF_OWN
    form, place = page.mentions.form[own.mention], page.tokens.quote_places[quote]
    if _head(page, own.mention) in ASKERS and not _is_question(page, quote):
        return True
    if own.rule == "reader":
        return bool(form == PLACE)
    is_later = page.mentions.first[own.mention] > place and form == ROLE
    return bool(form != PRONOUN and own.share < (SURE_OF_LATER if is_later else SURE_OF_OWN))


def _is_question(page: Page, quote: int) -> bool:
    return page.text[page.scan.segments[quote].span.end - 1] == "?"


def _floated(page: Page, own: Decision, quote: int, lone: Sequence[Decision]) -> Decision:
    actors = _actors_before(page, page.tokens.quote_places[quote] - 1)
    mention = actors[0] if actors and len({_head(page, m) for m in actors}) == 1 else None
    if actors == [] and lone:
        mention = max(lone, key=lambda d: d.share).mention
        if mention is not None and page.mentions.form[mention] == PRONOUN:
            mention = None
    if mention in (None, own.mention):
        return own
    return _said_by(own, mention)


def _ungated(page: Page, own: Decision, quote: int) -> Decision:
    """A gated quote as the ranker has it, if it is a whole sentence: no title, no headline, no motto."""
    low, high = np.searchsorted(page.pairs.quote, [quote, quote + 1])
    if low == high or not _is_sentence(page, page.scan.segments[quote]):
        return own
    best = int(low + page.shares[low:high].argmax())
    share = float(page.shares[best])
    return replace(
        own, kind="direct", mention=int(page.pairs.mention[best]), share=share, attributed=0.6, rule="ranker",
        confidence=0.6,
    )


def _is_sentence(page: Page, segment: Segment) -> bool:
    """Whether a segment opens with a capital, ends like a sentence, and has mostly small words in it."""
    words = page.text[slice(*segment.span)].split()
    small = sum(word[0].islower() for word in words)
    return (
        not {"fragment", "unclosed", "continued"} & set(segment.flags)
        and words[0][0].isupper()
        and words[-1][-1] in SENTENCE_ENDS
        and len(words) >= SHORTEST_SENTENCE
        and 2 * small > len(words)
    )


def _actors_before(page: Page, end: int) -> list[int] | None:
    """The named subjects of the paragraph that ends at the token `end`; None after a colon, or without one."""
    start = end - 1
    while start > 0 and end - start < LONGEST_PARAGRAPH and page.tokens.words[start] != PARAGRAPH_TOKEN:
        start -= 1
    if start < 0 or page.tokens.words[end - 1] == ":":
        return None
    low, high = np.searchsorted(page.mentions.first, [start, end])
    return [m for m in range(low, high) if page.mentions.form[m] == NAME and page.subject[page.mentions.head[m]] > 0.5]


# --- quotations of several segments ----------------------------------------------------------------------------------


def _join(page: Page, decisions: Sequence[Decision]) -> list[Decision]:
    """Segments of one quotation share its speaker: a label's until the next label, else that of the surest segment."""
    out = list(decisions)
    groups: dict[int, list[int]] = {}
    for quote, segment in enumerate(page.scan.segments):
        groups.setdefault(segment.quotation, []).append(quote)
    for group in groups.values():
        if len(group) > 1:
            _join_group(page, out, group)
    return out


def _join_group(page: Page, decisions: list[Decision], group: list[int]) -> None:
    settled = [q for q in group if decisions[q].rule in SETTLING]
    apart = {q for q in group[1:] if _is_apart(page, q)}
    surest = max(group, key=lambda q: (q not in apart, decisions[q].mention is not None, decisions[q].share))
    leader = decisions[settled[0] if settled else surest]
    # Over paragraphs all is speech, whatever the gate says; but "(CROSSTALK)" between a transcript's labels is not.
    is_speech = leader.rule != "label" and any("continued" in page.scan.segments[q].flags for q in group)
    for quote in group:
        own = decisions[quote]
        if own.rule in SETTLING:
            leader = own
        elif leader.mention in (own.mention, None) or (own.rule == "gate" and not is_speech):
            continue
        elif settled or own.share < SURE_OF_OWN or quote in apart:
            kind = leader.kind if own.rule == "gate" else own.kind
            decisions[quote] = replace(leader, rule="continued", cue=own.cue or leader.cue, kind=kind)


def _is_apart(page: Page, quote: int) -> bool:
    """Whether an advertisement or a headline parts a continued quote from what it continues: it says nothing of who."""
    before, segment = page.scan.segments[quote - 1], page.scan.segments[quote]
    return "continued" in segment.flags and segment.paragraph > before.paragraph + 1 and _stands_alone(page, quote)
