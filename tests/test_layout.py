"""Who says a quote by where it stands on the page: each rule where it holds, and where it must keep out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from research.attribution import load_models, read
from research.layout import apply_rules, lay_out


def said(text: str) -> list[tuple[str, str | None]]:
    """(rule, mention) of every quote."""
    reading = read(text)
    spans = reading.mentions.spans
    return [(d.rule, None if d.mention is None else text[slice(*spans[d.mention])]) for d in reading.decisions]


def speakers(text: str, rule: str) -> list[str | None]:
    return [mention for own, mention in said(text) if own == rule]


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("— Bea Holt", "Bea Holt"),
        ("-- Bea Holt, 41, Ghent", "Bea Holt"),
        ("\n― Bea Holt", "Bea Holt"),
        ("\n— a retired baker from Ghent", "a retired baker"),
        ("— Carl’s neighbour, Bea Holt", "Bea Holt"),
    ],
)
def test_a_name_after_a_dash_signs_the_quote(line: str, speaker: str) -> None:
    assert said(f"We asked readers about the fair.\n\n“It rained on the pigs.” {line}\n") == [("signature", speaker)]


def test_a_sentence_after_a_dash_is_no_signature() -> None:
    text = "Ann Lee sat down.\n\n“It rained on the pigs” — Bea Holt shut the gate — “and on us.”\n"
    assert not speakers(text, "signature")
    assert not speakers("He called them “the pigs” — Bea Holt, Carl Dahl.", "signature")


def test_an_agency_or_reporter_under_an_article_signs_no_quote_with_a_cue() -> None:
    text = "Ann Lee spoke after the vote. “We cannot go on,” she said. “We will appeal.”\n\n– AAP"
    assert not speakers(text, "signature")
    assert not speakers("Ann Lee said after the vote: “We will appeal.”\n\n- Carl Dahl, Oban Times", "signature")


def test_a_quotation_goes_on_over_an_advertisement() -> None:
    text = "Ann Lee spoke. “We will appeal,” she said. “It is odd.\n\n{}\n\n“It is odd and everybody knows it.”"
    for line in ("Story continues below advertisement", "Read more: Bo Ray quits"):
        assert said(text.format(line))[-1][1] == "she"


def test_an_answer_that_is_labelled_so_is_the_interviewees() -> None:
    text = "Our reporter Sam Cole met the diver Ann Lee.\n\nQ: “Is it dark?”\n\nA: “On land.”\n\nQ. Cold?\n\nA. “No.”"
    assert speakers(text, "interview") == ["the diver Ann Lee"] * 2


def test_a_quote_below_a_told_line_is_no_turn() -> None:
    text = ("A clerk was there. “It will hold,” she said by telephone.\n\nAt the mill, Ann Lee said nothing had "
            "changed. “They walk around it,” Ann Lee said.\n\n“It is a thousand feet long.”")
    assert said(text)[-1][1] == "Ann Lee"


NAMES = ("Bea Holt, 41, baker", "Carl Dahl, 19, student", "Ines Vega, 70")
QUOTES = ("“It rained on the pigs.”", "“I sold one shoe.”", "“Never again.”")


def test_names_under_or_over_the_quotes_of_a_row_are_their_speakers() -> None:
    named = ["Bea Holt", "Carl Dahl", "Ines Vega"]
    under = "\n".join(f"{quote}\n{name}\n" for quote, name in zip(QUOTES, NAMES, strict=True))
    over = "\n".join(f"{name}\n{quote}\n" for quote, name in zip(QUOTES, NAMES, strict=True))
    for row in (under, over):
        assert speakers(f"We asked visitors about the fair.\n\n{row}\nIt closed on Sunday.\n", "signature") == named


def test_one_name_on_a_line_is_no_row() -> None:
    assert not speakers(f"{QUOTES[0]}\n{NAMES[0]}\n", "signature")


def test_a_name_and_a_colon_alone_before_a_quote_label_it() -> None:
    text = "It was settled at once. The pianist, Ann Lee: “It is too wide.” The mover, Bo Ray: “It was wide in May.”"
    assert speakers(text, "label") == ["Ann Lee", "Bo Ray"]
    assert not speakers("After talks with the mover Bo Ray, the pianist, Ann Lee, said: “It is too wide.”", "label")


DIALOGUE = "“Is it far?” asked Ann Lee.\n\n“It was not far in May,” said Bo Ray.\n\n"


def test_quotes_alone_on_their_lines_take_turns() -> None:
    turns = said(DIALOGUE + "“And now?”\n\n“Now there is a lake.”\n\n“How deep?”\n")
    assert turns[2:] == [("alternating", "Ann Lee"), ("alternating", "Bo Ray"), ("alternating", "Ann Lee")]


def test_a_pronoun_keeps_the_turn_of_the_name_before_it_in_the_paragraph() -> None:
    text = DIALOGUE.rstrip() + " “Look,” he added.\n\n“I see it.”\n"
    assert said(text)[-1] == ("alternating", "Ann Lee")


def test_an_answer_is_not_the_askers() -> None:
    text = "Bo Ray did not look up when I came in.\n\n“May I watch?” I asked.\n\n“You may sweep.”\n"
    assert said(text)[-1] == ("alternating", "Bo Ray")


def test_a_long_quote_or_one_after_a_fragment_is_no_turn() -> None:
    assert not speakers(f"{DIALOGUE}“{'We walked to the lake and back again. ' * 4}”\n", "alternating")
    text = "Ann Lee spoke of “a long walk” and Bo Ray of “a swim”.\n\n“Now there is a lake.”\n"
    assert not speakers(text, "alternating")


def test_a_quotation_over_paragraphs_is_one_speakers() -> None:
    text = "Ann Lee gave her verdict.\n\n“The pig is innocent.\n\n“The gate was open.\n\n“We rise.”\n"
    reading = read(text)
    assert {d.kind for d in reading.decisions} == {"direct"}
    assert len({d.mention for d in reading.decisions}) == 1


def ruled(text: str, share: float = 0.95) -> tuple[str, str | None]:
    """(rule, mention) of a text's one quote, had the ranker decided for its last mention."""
    reading = read(text)
    page = lay_out(
        text,
        reading.scan,
        reading.tokens,
        reading.tags,
        reading.mentions,
        reading.pairs,
        reading.shares,
        load_models().tagger.names,
    )
    last = replace(reading.decisions[0], rule="ranker", kind="direct", share=share, mention=len(reading.mentions) - 1)
    (decision,) = apply_rules(page, [last])
    assert decision.mention is not None
    return decision.rule, text[slice(*reading.mentions.spans[decision.mention])]


def floated(text: str) -> str | None:
    """Who floats to an unsure quote, if anybody."""
    rule, mention = ruled(text, share=0.3)
    return mention if rule == "floating" else None


@pytest.mark.parametrize("words", ["Ann Lee said", "said Ann Lee", "she said"])
def test_who_says_the_words_speaks_not_who_passes_them_on(words: str) -> None:
    rule, mention = ruled(f"“It was a good pig,” {words}, according to the broadcaster Radio Ghent.")
    assert (rule, mention) == ("relayed", words.replace("said", "").strip())


def test_according_to_alone_names_the_speaker() -> None:
    assert ruled("The pig was “good”, according to the broadcaster Radio Ghent.")[0] == "ranker"



def test_an_unsure_quote_alone_on_its_line_goes_to_the_one_who_acts_in_the_paragraph_before() -> None:
    quote = "“It was a good pig, I thought then.”"
    assert floated(f"Ann Lee sold the pig to a man from Ghent.\n\n{quote}\n\nBo Ray bought the pig.\n") == "Ann Lee"
    assert floated(f"Ann Lee sold the pig. Carl Dahl bought the pig.\n\n{quote}\n\nBo Ray ate the pig.\n") is None
    assert floated(f"Ann Lee sold the pig.\n\n{quote}\n\nBo Ray asked her.\n") is None, "a pronoun stays"
    assert floated(f"The pig was sold in May.\n\n{quote}\n\nBo Ray bought the pig.\n") is None


LONE = "Ann Lee keeps pigs in Ghent.\n\n“I count the pigs at night.”\n\n"


def last_of(text: str, change: dict[str, object]) -> tuple[str, str | None]:
    """(rule, mention) of a text's last quote, had ranker and gate said this of it."""
    reading = read(text)
    page = lay_out(text, reading.scan, reading.tokens, reading.tags, reading.mentions, reading.pairs, reading.shares,
                   load_models().tagger.names)
    first = replace(reading.decisions[0], rule="ranker", kind="direct", share=0.99, mention=0)
    last = replace(reading.decisions[-1], **{"rule": "ranker", "kind": "direct", "cue": None, **change})
    decision = apply_rules(page, [first, last])[-1]
    mention = decision.mention
    return decision.rule, None if mention is None else text[slice(*reading.mentions.spans[mention])]


def test_where_nobody_acts_a_lone_quote_goes_to_who_said_the_surest_before() -> None:
    unsure = {"mention": None, "share": 0.3}
    assert last_of(LONE + "In May it rained.\n\n“I sold a pig to the king.”\n", unsure) == ("floating", "Ann Lee")
    both = "Bo Ray keeps hens. Carl Dahl keeps bees.\n\n"
    assert last_of(LONE + both + "“I sold a pig to the king.”\n", unsure) == ("ranker", None), "one of them may"


@pytest.mark.parametrize(("words", "share", "speaker"), [
    ("“I sold a pig to the king, who has a castle and nine more pigs, and he paid me in silver and in salt.”", 0.3,
     "Ann Lee"),
    ("“I sold a pig to the king, who has a castle and nine more pigs, and he paid me in silver and in salt.”", 0.99,
     None),
    ("“I did too.”", 0.3, None),
])
def test_a_lone_quote_goes_on_with_the_lone_quote_before_unless_they_are_an_exchange(
        words: str, share: float, speaker: str | None) -> None:
    assert last_of(LONE + words + "\n", {"mention": None, "share": share})[1] == speaker


def test_a_sentence_alone_on_its_line_is_speech_whatever_the_gate_says() -> None:
    gated = {"rule": "gate", "kind": "none", "mention": None, "share": 0.0}
    assert last_of(LONE + "In May it rained.\n\n“I sold a pig to the king.”\n", gated)[0] != "gate"
    for words in ("The Pig and the King", "The pig, stupid.", "Pigs of the King Sold in May."):
        assert last_of(LONE + f"In May it rained.\n\n“{words}”\n", gated) == ("gate", None)


def test_a_label_may_follow_what_is_heard_before_it() -> None:
    text = "The tape reads as follows.\n\n“(A bell) CAPTAIN HOLT: Whose pig is that?”\n\n“COOK: Yours, sir.”\n"
    assert said(text) == [("label", "CAPTAIN HOLT"), ("label", "COOK")]


INTERVIEW = (
    "Ann Lee has kept pigs since 1991 and sold three of them to a king.\n\n{}\n\n“He paid in salt.”\n\n"
    "{}\n\n“He has nine more.”\n\n{}\n\n“They sing.”\n"
)


def test_lone_quotes_answer_whoever_says_you() -> None:
    asked = ("What did you get for them?", "Bo Berg says you were cheated.", "And what do your own pigs do?")
    assert said(INTERVIEW.format(*asked)) == [("interview", "Ann Lee")] * 3
    told = ("The king was pleased.", "Bo Berg was not.", "And then it rained.")
    assert "interview" not in {rule for rule, _ in said(INTERVIEW.format(*told))}


def test_nobody_calls_himself_by_name_in_a_quick_exchange() -> None:
    text = "Ann Lee and Bo Berg argued about the pigs on Monday.\n\n“You left the gate of the sty open, {}.”\n"
    for called, speaker in (("Ann", "Bo Berg"), ("Bo", "Ann Lee")):
        assert [name for _, name in said(text.format(called))] == [speaker]


@pytest.mark.parametrize("unit", ["“No.” ", "“No.”\n\n", "“No.\n\n", "“A: No.\n\n", "“No.” — Ann Lee\n\n", "“No.” ! ",
                                  "You left.\n\n“No.”\n\n", "“A b: No, Lee.”\n\n"])
def test_many_quotes_take_linear_time(unit: str, count_steps: Callable[[Callable[[], object]], int]) -> None:
    def steps(count: int) -> int:
        return count_steps(lambda: read("Ann Lee sat down.\n\n" + unit * count))

    steps(10)
    few, many = steps(100), steps(400)
    assert many < 5 * few
