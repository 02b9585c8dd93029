"""Transcripts that quote without marks: turns as quotes, and what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import research
from research.documents import Document
from research.extraction import ExtractionConfig, extract_rows
from research.quotes import find_quotes
from research.turns import find_turns, with_turns

MEETING = """\
Meeting on ferries

Vladimir Putin held a meeting on the ferries by videoconference.

President of Russia Vladimir Putin: Good afternoon, colleagues.

We return to the “Northern Line” today. I have read the papers.

Minister of Transport of the Russian Federation Pyotr Orlov: Mr President, colleagues,

The first two ships have been handed over.

Vladimir Putin: When will the third be?

Governor of the Murmansk Region Anna Belova (via video): “We have waited for nine years,” people here say.

<…>

Question (retranslated): Mr President, will fares rise?

Vladimir Putin: They will not.

* * *
"""

BRIEFING = """\
James S. Brady Press Briefing Room

2:04 P.M. EDT

MS. LEE:  Good afternoon, everyone.

Q    Thank you.  Will the President sign it?

MS. LEE:  He will.

(Cross-talk.)

THE PRESIDENT:  Tomorrow.  I told you so.

END             2:33 P.M. EDT
"""

INTERVIEW = """\
The pianist Mira Olsen opens the season on Friday.

INTERVIEWER:
How do you feel?

MIRA OLSEN:
Well, thank you. The hall is lovely.

INTERVIEWER:
And now?

OLSEN:
Now I sleep.
"""

QUESTIONS = """\
The actress Diane Moreno told us about her book.

Q: When did you write it?

A: Last winter.

At night, mostly.

Q: And now?

A: Now I read.
"""


def extract(text, **options):
    """The quotes of one article, read without the reader."""
    config = ExtractionConfig(use_reader=False, **options)
    return research.extract_quotes([Document(doc_id="a", text=text)], config)


def said(text):
    quotes = extract(text, transcripts=True)
    return list(zip(quotes.speaker.fillna("?"), quotes.text.str.split().str[0], strict=True))


def test_every_paragraph_of_a_turn_is_a_quote_of_its_speaker():
    assert said(MEETING) == [
        ("Vladimir Putin", "Good"),
        ("Vladimir Putin", "We"),
        ("Pyotr Orlov", "Mr"),
        ("Pyotr Orlov", "The"),
        ("Vladimir Putin", "When"),
        ("Anna Belova", "“We"),
        ("?", "Mr"),
        ("Vladimir Putin", "They"),
    ]


def test_questions_without_a_colon_and_roles_are_no_names():
    assert said(BRIEFING) == [("Lee", "Good"), ("?", "Thank"), ("Lee", "He"), ("?", "Tomorrow.")]
    assert set(extract(BRIEFING, transcripts=True).speaker_kind) == {"person", "unnamed person"}


def test_labels_on_lines_of_their_own():
    assert said(INTERVIEW) == [("?", "How"), ("Mira Olsen", "Well,"), ("?", "And"), ("Mira Olsen", "Now")]


def test_answers_are_of_the_one_introduced_before():
    assert said(QUESTIONS) == [
        ("?", "When"),
        ("Diane Moreno", "Last"),
        ("Diane Moreno", "At"),
        ("?", "And"),
        ("Diane Moreno", "Now"),
    ]


def test_turns_are_flagged_and_keep_what_they_cite():
    quotes = extract(MEETING, transcripts=True).set_index("start")
    assert all("turn" in flags.split() for flags in quotes["flags"])
    assert set(quotes.rule) == {"label"}
    assert set(quotes.kind) == {"direct"}
    cited = quotes[quotes.text.str.contains("“")]
    assert len(cited) == 2 and all("nested" in flags.split() for flags in cited["flags"])
    assert all(MEETING[start : row.end] == row.text for start, row in quotes.iterrows())


def test_unread_turns_are_a_problem_by_default():
    (result,) = extract_rows([Document(doc_id="a", text=MEETING)], ExtractionConfig(use_reader=False))
    (problem,) = result.problems
    assert problem.message.startswith("6 turns of a transcript without quotation marks")
    assert MEETING[int(problem.place.split()[1]) :].startswith("President of Russia Vladimir Putin:")
    assert "--transcripts" in problem.remedy
    assert extract(MEETING).text.tolist() == ["We have waited for nine years,"]


@pytest.mark.parametrize(
    "text",
    [
        "Photo: Reuters\n\nPutin said: “We will see.”\n\nRead more: Another day\n\nPhoto: AP\n\nRelated: The bridge\n",
        "First: the bridge is old. Second: it is narrow.\n\nFirst: money.\n\nSecond: time.\n",
        "Ann: “We stay.”\n\nBert: “We go.”\n\nAnn: “As you like.”\n",
        "Name: Ann Lee\n\nAge: 31\n\nTown: Oban\n",
        "Mayor Lee: ‘All Is Well’\n\nThe mayor spoke on Monday.\n\nMayor Orr: ‘Nothing Is’\n\nMayor Lee: ‘It Is’\n",
    ],
)
def test_what_is_no_transcript_is_left_as_it_is(text):
    scan = find_quotes(text)
    assert find_turns(text, scan) == ()
    assert with_turns(text, scan) == scan


def test_a_reporters_words_behind_the_last_turn_are_not_the_speakers():
    text = "Ann Lee: Is it safe?\n\nJon Orr: It is.\n\nAnn Lee: Thank you.\n\nThe two then left.\n\nIt rained.\n"
    assert said(text)[-1] == ("Ann Lee", "Thank")


LINES = st.lists(
    st.sampled_from(
        ["Ann Lee: We stay.", "ORR: “No,” he said.", "“Open", "closed” he said.", "(Applause.)", "Q  Why?", "A: So.",
         "It rained “hard” there.", "Ann Lee:", "», :", "ORR: OK.", "ORR: …", "—"]
    ),
    max_size=14,
)  # fmt: skip


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_segments_are_in_order_and_apart_and_no_mark_is_lost(lines):
    text = "\n\n".join(lines)
    before = find_quotes(text)
    scan = with_turns(text, before)
    edges = [edge for segment in scan.segments for edge in segment.outer]
    assert edges == sorted(edges)
    numbers = [segment.quotation for segment in scan.segments]
    assert numbers == sorted(numbers) and set(numbers) == set(range(len(set(numbers))))
    kept = [*(s.outer for s in scan.segments), *(s.span for s in scan.strays)]
    for lost in [*(s.outer for s in before.segments), *(s.span for s in before.strays)]:
        assert any(span.start <= lost.start and lost.end <= span.end for span in kept)
