"""The reading view: escaped, without scripts, and never losing a word of the article."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.documents import Document
from research.typography import escape
from research.view import TINTS, View, show_article, show_quotes

TEXT = "“We will win,” Ann Lee said.\n\nShe added: “Soon. “Very” soon.”"


def rows(*spans: tuple[int, int, str | None], doc_id: str = "a", **more: Any) -> pd.DataFrame:
    return pd.DataFrame(
        [{"doc_id": doc_id, "quote_id": f"{doc_id}:{start}", "start": start, "end": end, "speaker": speaker, **more}
         for start, end, speaker in spans], columns=["doc_id", "quote_id", "start", "end", "speaker", *more],
    )  # fmt: skip


def words_of(view: View) -> str:
    """The article's own words: the page without tags, speaker labels, head and legend."""
    body = re.sub(r'<span class="who">.*?</span>', "", view.body)
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", p)) for p in re.findall(r'<p dir="auto">(.*?)</p>', body, re.S))


class Checker(HTMLParser):
    """Notes tags and attributes, and that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


def check(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


def test_quotes_are_marked_and_speakers_named_in_words() -> None:
    view = show_article(Document(doc_id="a", text=TEXT), rows((1, 13, "Ann Lee"), (42, 60, "Ann Lee")))
    assert (
        '<mark id="q-1" style="background:#CCE3F0">We will win,</mark><span class="who">[Ann Lee]</span>' in view.body
    )
    assert view.body.count("<mark") == 2
    assert words_of(view) == TEXT.replace("\n", "")


def test_the_page_allows_nothing_to_run_or_load() -> None:
    evil = "“<script>alert(1)</script>” said <img src=x onerror=alert(1)> \"'&"
    document = Document(doc_id="a", text=evil, title="<b>&", outlet='" onload="x')
    page = show_article(document, rows((1, 26, '"><script>alert(2)</script>'))).page
    checker = check(page)
    assert not checker.tags & {"script", "img", "link", "iframe", "b", "object", "form"}
    assert not {name for name in checker.names if name.startswith("on")} | (checker.names & {"src", "href"})
    assert "default-src 'none'" in page and 'lang="en"' in page


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet=st.sampled_from(list("ab “”<>&\"'\n\t\u202e\u2066\x00\U0001f600é")), max_size=60),
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6),
)
def test_no_word_is_lost_or_doubled_whatever_the_spans(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [(min(a, b), min(max(a, b), len(text)), "X") for a, b in spans if min(a, b) <= len(text)]
    view = show_article(Document(doc_id="a", text=text), rows(*inside, mention_start=0, mention_end=2, cue_start=None))
    check(view.page)
    expected = "".join(html.unescape(escape(line)) for line in text.split("\n") if line.strip())
    assert words_of(view) == expected


def test_many_quotes_are_counted_as_everywhere() -> None:
    quotes = rows(*((place, place + 1, "Bo") for place in range(1200)))
    assert "</span> 1,200 quotes</li>" in show_article(Document(doc_id="a", text="x" * 1200), quotes).body


def test_direction_marks_are_shown_not_obeyed() -> None:
    assert escape("a\u202eb\u2066c\x07") == "a\ufffdb\ufffdc\ufffd"
    assert escape("5\u200f-\u200f3\u200e\u061c") == "5\ufffd-\ufffd3\ufffd\ufffd"  # or a score may be read backwards
    assert escape("שלום é 👍\n") == "שלום é 👍\n"


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    text = "“One.\n\n“Two.”"
    view = show_article(Document(doc_id="a", text=text), rows((1, 12, "X")))
    assert view.body.count("<mark") == 2 and ">One.</mark>" in view.body


def test_a_hard_wrapped_quote_has_its_id_on_the_first_line_and_its_name_on_the_last() -> None:
    text = "“One\n\ntwo\nthree,” Bo said. “Four.”"
    body = show_article(Document(doc_id="a", text=text), rows((1, 16, "Bo"), (28, 33, "Bo"))).body
    look, name = 'style="background:#CCE3F0"', '<span class="who">[Bo]</span>'
    assert [line for line in body.split("\n") if line.startswith("<p dir")] == [
        f'<p dir="auto">“<mark id="q-1" {look}>One</mark></p>',
        f'<p dir="auto"><mark {look}>two</mark></p>',
        f'<p dir="auto"><mark {look}>three,</mark>{name}” Bo said. “<mark id="q-2" {look}>Four.</mark>{name}”</p>',
    ]


def test_many_lines_take_linear_time(count_steps: Callable[[Callable[[], object]], int]) -> None:
    def steps(count: int) -> int:
        quotes = rows(*((9 * line + 1, 9 * line + 4, "Bo") for line in range(count)))
        document = Document(doc_id="a", text="“No,” I.\n" * count)
        return count_steps(lambda: show_article(document, quotes))

    steps(10)
    assert steps(800) < 5 * steps(200)


def test_quotes_without_a_speaker_say_so() -> None:
    view = show_article(Document(doc_id="a", text="The “deal” died."), rows((5, 9, None)))
    assert 'class="nobody">deal</mark><span class="who">[no speaker]</span>' in view.body


def test_mentions_and_cues_are_set_apart() -> None:
    quotes = rows((1, 13, "Ann Lee"), mention_start=15, mention_end=22, cue_start=23, cue_end=27)
    body = show_article(Document(doc_id="a", text=TEXT), quotes).body
    assert '<span class="mention">Ann Lee</span> <span class="cue">said</span>' in body


def contrast(colour: str) -> float:
    """WCAG contrast of black text on a colour."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) / 0.05


@pytest.mark.parametrize("tint", TINTS)
def test_text_on_every_tint_is_readable(tint: str) -> None:
    assert contrast(tint) > 14


def test_numbers_can_be_followed_to_their_words() -> None:
    documents = [Document(doc_id="a", text=TEXT), Document(doc_id="b", text="Nothing.")]
    quotes = rows((1, 13, "Ann Lee"), (42, 60, "Ann Lee"), rule="same paragraph", confidence=0.987)
    view = show_quotes(documents, quotes, ("a:42",), around=5)
    assert view.title == "1 quote" and "a:42; rule: same paragraph; confidence 0.99" in view.body
    assert ">Soon. “Very” soon.</mark>" in view.body and "Ann Lee said" not in view.body


def test_unknown_quotes_and_articles_are_named() -> None:
    quotes = rows((1, 13, "Ann Lee"))
    with pytest.raises(KeyError, match="1 quotes are not in the table, the first a:7"):
        show_quotes([], quotes, ["a:7"])
    with pytest.raises(KeyError, match="1 articles are not in the corpus, the first a"):
        show_quotes([], quotes, ["a:1"])


def test_twenty_thousand_quotes_are_rendered_in_one_piece() -> None:
    """A quadratic renderer would need hours here; the suite's patience is the clock."""
    text = "“a” x said. " * 20_000
    spans = [(12 * i + 1, 12 * i + 2, "X") for i in range(20_000)]
    assert show_article(Document(doc_id="a", text=text), rows(*spans)).body.count("<mark") == 20_000


def test_a_view_writes_itself(tmp_path: Path) -> None:
    view = show_article(Document(doc_id="a", text=TEXT, title="T"), rows((1, 13, "Ann Lee")))
    assert view.write(tmp_path / "a.html").read_text(encoding="utf-8") == view.page
    assert repr(view) == "View('T')" and view._repr_html_().startswith("<style>")
