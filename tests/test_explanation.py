"""Why a quote was given to its speaker: what is said is what was decided, for any rule, reason and candidate."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from pathlib import Path

import pytest

from research import attribution, identity, reference
from research.attribution import read
from research.documents import Document
from research.evidence import COLUMN_NUMBER
from research.explanation import (
    REASONS,
    RULES,
    WIDTH,
    Candidate,
    Question,
    ask_all,
    contrast,
    explain,
    find_candidates,
    find_sightings,
    gather_people,
    list_mentions,
    say_found,
    say_rule,
)
from research.registry import Speaker, load_registry, registry_of

TEXT = """\
“We stay,” Mayor Ann Lee told Bo Ray on Monday. “All of us,” she added. The song “The Long Way Home” closed the evening.

“Not I,” said Bo Ray, a former officer. Mr. Ray left.

“We wait.” — Carl Dahl
"""
DOCUMENT = Document(doc_id="a", text=TEXT)


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return ask_all(DOCUMENT, read(TEXT), load_registry())


def test_the_answer_names_speaker_words_cue_and_rule(questions: list[Question]) -> None:
    answer = explain(questions[0])
    assert answer.startswith("a:1\n\n    >>>“We stay,”<<< Mayor Ann Lee told Bo Ray on Monday.")
    assert "Speaker: Ann Lee, named here as “Mayor Ann Lee”, by the cue “told”." in answer
    assert "\nRule: ranker, that is, " in answer
    assert "\nIdentity: name: " in answer
    assert re.search(r"\n  \* +\d+\.\d%  Mayor Ann Lee\n", answer)
    assert "\nWhat spoke for “Mayor Ann Lee” (a) rather than “" in answer
    assert re.search(r"\n  \+ a is likelier the subject of its clause \(\d+%\) than b \(\d+%\)\n", answer)


def test_a_pronoun_is_explained_as_the_person(questions: list[Question]) -> None:
    answer = explain(questions[1])
    assert "Speaker: Ann Lee, named here as “she”" in answer
    assert f"Identity: pronoun: {REASONS['pronoun']}." in answer


def test_nobodys_words_are_explained_as_such(questions: list[Question]) -> None:
    answer = explain(questions[2])
    assert "Speaker: nobody; it is no quote" in answer
    assert "Rule: gate" in answer
    assert "Identity:" not in answer and "What spoke for" not in answer


def test_a_rule_that_overrides_the_ranker_is_named(questions: list[Question]) -> None:
    answer = explain(questions[-1])
    assert "Speaker: Carl Dahl" in answer
    assert "Rule: signature, that is, a name alone stands by the quote, after a dash or on a line." in answer


def test_shares_are_the_readings_and_in_order(questions: list[Question]) -> None:
    for question in questions:
        candidates = find_candidates(question)
        assert sum(candidate.share for candidate in candidates) == pytest.approx(1)
        assert [c.share for c in candidates] == sorted((c.share for c in candidates), reverse=True)


def test_lines_fit_a_terminal(questions: list[Question]) -> None:
    assert all(len(line) <= WIDTH for question in questions for line in explain(question).splitlines())


def test_an_article_cannot_drive_the_terminal() -> None:
    text = "\x1b[2J“We\x07 stay,” Ann\u202e Lee said.\n\n“No.” Bo\x00 Ray said {a} {0} %s."
    forged = Document(doc_id="a\x1b[2J\nSpeaker: Forged [q1]", text=text)
    for question in ask_all(forged, read(text), load_registry()):
        lines = explain(question).split("\n")
        assert all(line.isprintable() for line in lines)
        assert sum(line.startswith("Speaker: ") for line in lines) == 1


def test_a_roster_cannot_drive_the_terminal() -> None:
    text = "“We stay,” said Ann Lee."
    registry = registry_of([Speaker(speaker_id="a\x1b[2J\n", name="Ann Lee")])
    (question,) = ask_all(Document(doc_id="a", text=text), read(text), registry)
    assert "[a?[2J]" in explain(question)
    (found,) = gather_people(find_sightings(question.document, question.reading, registry))
    assert "(person, a?[2J)" in say_found(found)


QUESTIONED = """\
Ann Lee has kept pigs since 1991, and talks of them in her kitchen.

{}Why do you keep pigs, of all the animals in the world?

{}“They are honest, and they sing.”

{}And who buys them from you?

{}“A king did, once, and paid in salt.”

{}Will you ever stop?

{}“When they do.”
"""
ANSWERED = [
    (("", "") * 3, "lone quotes answer paragraphs that say “you”"),
    (("Q: ", "A: ") * 3, "“A:” marks the quote as an answer, and this is the first who is named in more than one word"),
]


@pytest.mark.parametrize(("labels", "reason"), ANSWERED)
def test_each_way_of_an_interview_is_told(labels: tuple[str, ...], reason: str) -> None:
    text = QUESTIONED.format(*labels)
    for question in ask_all(Document(doc_id="a", text=text), read(text), load_registry()):
        answer = " ".join(explain(question).split())
        assert "Speaker: Ann Lee" in answer
        assert "Rule: interview, that is, " in answer and reason in answer


def test_a_list_by_topics_is_told() -> None:
    text = "5 things Ann Lee said\n\n1. On tides: “They turn.”\n\n2. On boats: “They float.”"
    document = Document(doc_id="a", text=text)
    for question in ask_all(document, read(text), load_registry()):
        answer = " ".join(explain(question).split())
        assert "Speaker: Ann Lee" in answer and "Rule: label, that is, " in answer
        assert "in a list that says what each quote is about (On taxes: …)" in answer


def test_every_rule_is_explained() -> None:
    listed = re.findall(r"^([a-z]+)  +\S", inspect.getdoc(attribution) or "", re.MULTILINE)
    assert set(listed) == set(RULES)


def test_every_reason_is_explained() -> None:
    trees = [ast.parse(Path(inspect.getfile(each)).read_text(encoding="utf-8")) for each in (identity, reference)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    given = [argument for call in calls if call.func.id == "Link" for argument in call.args[1:2]]  # type: ignore[attr-defined]
    methods = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    given += [argument for call in methods if call.func.attr == "_meant" for argument in call.args[2:3]]  # type: ignore[attr-defined]
    given += [word.value for call in calls for word in call.keywords if word.arg == "reason"]
    texts = {node.value for each in given for node in ast.walk(each) if isinstance(node, ast.Constant)}
    assert len(texts) > 8
    assert texts == set(REASONS)


def test_an_unknown_rule_is_named_without_a_gloss(questions: list[Question]) -> None:
    decisions = (replace(questions[0].decision, rule="whim"), *questions[0].reading.decisions[1:])
    question = replace(questions[0], reading=replace(questions[0].reading, decisions=decisions))
    assert say_rule(question) == "Rule: whim."


def candidate(**evidence: float) -> Candidate:
    return Candidate(mention=0, words="x", share=0.5, evidence=dict.fromkeys(COLUMN_NUMBER, 0.0) | evidence)


CONTRASTS = [
    ({"pointer": 0.9}, {"pointer": 0.1}, "read in context, the quote points to a (90%) rather than b (10%)"),
    ({"cue_is_head": 1, "cue_at_head": 0.9}, {}, "a belongs to “said” in grammar; b does not"),
    ({"subject": 0.9}, {"subject": 0.2}, "a is likelier the subject of its clause (90%) than b (20%)"),
    ({"cue_gap": 1, "cue_best": 1}, {"cue_gap": -6}, "a stands next to “said”, b 5 words from it"),
    ({}, {"after_to": 1}, "b follows “to”; a does not"),
    ({}, {"paragraphs_apart": -1}, "a is in the quote’s own paragraph; b is not"),
    ({}, {"sentences_between": 2}, "fewer sentences end between a and the quote"),
    ({"gap": -2}, {"gap": 9}, "a is nearer to the quote: 2 words off, b 9"),
    ({}, {"quotes_between": 1}, "another quote stands between b and this one"),
    ({"form": 0}, {"form": 1}, "a is a name, b a pronoun"),
    ({"source_role": 0.9}, {"source_role": 0.1}, "a reads like somebody who is cited (90%), b less (10%)"),
    ({"namesake_mass": 1}, {}, "other quotes of the article point to the same name as a"),
    ({"previous_mass": 1}, {}, "the quote before points to a"),
    ({"next_mass": 1}, {}, "the quote after points to a"),
]


@pytest.mark.parametrize(("one", "other", "sentence"), CONTRASTS, ids=[sentence for _, _, sentence in CONTRASTS])
def test_each_difference_is_a_sentence(one: dict[str, float], other: dict[str, float], sentence: str) -> None:
    a, b = candidate(**one), candidate(**other)
    assert list(contrast(a, b, "“said”")) == [sentence]
    assert sentence not in list(contrast(b, a, "“said”"))


def test_alike_candidates_give_no_reason_and_names_can_be_turned() -> None:
    assert list(contrast(candidate(), candidate(), "“said”")) == []
    (turned,) = contrast(candidate(next_mass=1), candidate(), "“said”", names=("b", "a"))
    assert turned == "the quote after points to b"


def test_people_are_gathered_with_their_words_and_reasons() -> None:
    sightings = find_sightings(DOCUMENT, read(TEXT), load_registry())
    people = {found.name: found for found in gather_people(sightings)}
    assert {name: found.quotes for name, found in people.items()} == {"Ann Lee": 2, "Bo Ray": 1, "Carl Dahl": 1}
    assert people["Ann Lee"].words == {("name", "Mayor Ann Lee"): 1, ("pronoun", "she"): 1}
    assert people["Bo Ray"].words[("name", "Mr. Ray")] == 1
    assert people["Bo Ray"].words[("apposition", "a former officer")] == 1
    assert say_found(people["Ann Lee"]).splitlines()[0] == "Ann Lee (person): 2 quotes, 2 mentions in 1 article"


def test_people_of_one_name_in_two_articles_are_one_and_rows_count_them() -> None:
    sightings = [
        sighting for doc_id in ("a", "b")
        for sighting in find_sightings(replace(DOCUMENT, doc_id=doc_id), read(TEXT), load_registry())
    ]
    people = gather_people(sightings)
    assert people[0].doc_ids == ("a", "b") and people[0].quotes == 4
    rows = list(list_mentions(people))
    assert sum(int(str(row["times"])) for row in rows) == len(sightings)
    assert {row["articles"] for row in rows} == {2}
