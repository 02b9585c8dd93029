"""The reading view: an article as HTML with its quotes highlighted and their speakers named.

A number in a figure can be followed to its words: a table's `quote_ids` go in, the passages come out. Articles are
untrusted: every character is escaped, the page carries a policy that forbids scripts, images and connections, and
invisible direction marks, which could show words in another order, are made visible.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from research.counts import count_of
from research.documents import Document, Span
from research.typography import escape

TINTS = ("#CCE3F0", "#FAECCC", "#CCECE3", "#F5E3EE", "#F7DCC9", "#DDF0FA", "#E6E6E6", "#FCFAD0")
"""Pale versions of the figures' colours; black text on each has a contrast above 14:1 (WCAG asks 4.5:1)."""

STYLE = """
.otr { font: 1rem/1.6 Georgia, serif; color: #000; background: #fff; max-width: 42em; margin: 1em auto; padding: 0 1em }
.otr h1, .otr h2 { font-size: 1.3em; line-height: 1.3; margin: .5em 0 }
.otr p, .otr li { unicode-bidi: isolate }
.otr mark { color: inherit; padding: .1em .15em; border-bottom: 2px solid #000; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; unicode-bidi: isolate }
.otr mark.nobody { background: none; border-bottom-style: dotted }
.otr .who { font: .75em/1 sans-serif; white-space: nowrap; margin-left: .2em }
.otr .mention { border-bottom: 1px dashed #000 }
.otr .cue { font-style: italic }
.otr .meta, .otr .legend { font: .85em/1.5 sans-serif; color: #333; list-style: none; padding: 0 }
.otr .legend span { padding: .1em .4em; border-bottom: 2px solid #000 }
@media print { .otr mark { background: none } }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A piece of HTML that shows itself in a notebook, and can be written as a page of its own."""

    title: str
    body: str

    def _repr_html_(self) -> str:
        """Show the view in a notebook."""
        return f'<style>{STYLE}</style><div class="otr">{self.body}</div>'

    def __repr__(self) -> str:
        """Name the title only: the body is for browsers."""
        return f"View({self.title!r})"

    @property
    def page(self) -> str:
        """A whole page: no script, no image, no connection, readable with styles switched off.

        >>> "<script>" in View(title="<script>", body="").page
        False
        """
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
            f'<body>\n<main class="otr">\n{self.body}\n</main>\n</body>\n</html>\n'
        )

    def write(self, path: str | Path) -> Path:
        """Write the page as UTF-8."""
        path = Path(path)
        path.write_text(self.page, encoding="utf-8", newline="\n")
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A span of the article and its tag with what it looks like; `rank` decides where two overlap.

    Over several lines it is tagged in each: the first has the `anchor`, and the `label` follows the last.
    """

    span: Span
    tag: str
    look: str
    rank: int
    anchor: str = ""
    label: str = ""

    def tagged(self, words: str, *, is_first: bool, is_last: bool) -> str:
        """Words of the stretch between its tags."""
        opening = f"<{self.tag}{self.anchor if is_first else ''} {self.look}>"
        return f"{opening}{words}</{self.tag}>{self.label if is_last else ''}"


def show_article(document: Document, quotes: pd.DataFrame) -> View:
    """Show the whole article, its quotes marked and each followed by its speaker's name.

    `quotes` may hold other articles' rows too. Mentions are underlined and cues set in italics where the table has
    their places. Speakers are told apart by colour and, always, by name.

    >>> document = Document(doc_id="a", text="“No & no,” she said.")
    >>> quotes = pd.DataFrame([{"doc_id": "a", "quote_id": "a:1", "start": 1, "end": 9, "speaker": "Ann Lee"}])
    >>> '<mark id="q-1"' in show_article(document, quotes).body
    True
    """
    rows = quotes[quotes["doc_id"] == document.doc_id].sort_values(["start", "end"], kind="stable")
    tints = _choose_tints(rows["speaker"])
    windows, stretches = _paragraphs(document.text), _without_overlaps(_find_stretches(rows, tints))
    body = [_head(document), _legend(rows, tints)]
    body += [f'<p dir="auto">{marked}</p>' for marked in _mark(document.text, windows, stretches)]
    return View(title=document.title or document.doc_id, body="\n".join(body))


def _choose_tints(speakers: Iterable[Any]) -> dict[str, str]:
    """Give each speaker a tint, in order of first appearance, starting over after the last."""
    names = dict.fromkeys(str(name) for name in speakers if not pd.isna(name))
    return {name: TINTS[place % len(TINTS)] for place, name in enumerate(names)}


def _head(document: Document) -> str:
    """Show the title and what is known of the article."""
    facts = [str(fact) for fact in (document.outlet, document.date, document.author) if fact is not None]
    title = escape(document.title or document.doc_id)
    return f'<h1 dir="auto">{title}</h1>\n<p class="meta">{escape(" · ".join(facts))}</p>'


def _legend(rows: pd.DataFrame, tints: Mapping[str, str]) -> str:
    """Who speaks, in which colour, and how often."""
    counts = rows["speaker"].dropna().astype(str).value_counts()
    items = [
        f'<li><span style="background:{tint}">{escape(name)}</span> {count_of(counts[name], "quote")}</li>'
        for name, tint in tints.items()
    ]
    return f'<ul class="legend" aria-label="Speakers">{"".join(items)}</ul>'


def _find_stretches(rows: pd.DataFrame, tints: Mapping[str, str]) -> list[_Stretch]:
    """Find everything to be tagged: quotes first, then mentions and cues."""
    stretches = []
    for number, row in enumerate(rows.to_dict("records"), start=1):
        stretches.append(_quote_stretch(row, number, tints))
        for rank, part in enumerate(("mention", "cue"), start=1):
            start, end = row.get(f"{part}_start"), row.get(f"{part}_end")
            if not pd.isna(start) and not pd.isna(end) and start is not None and end is not None:
                span = Span(int(start), int(end))
                stretches.append(_Stretch(span=span, tag="span", look=f'class="{part}"', rank=rank))
    return stretches


def _quote_stretch(row: Mapping[Any, Any], number: int, tints: Mapping[str, str]) -> _Stretch:
    """Mark a quote with its speaker's tint, and put the speaker's name after it."""
    speaker = row.get("speaker")
    unknown = speaker is None or pd.isna(speaker)
    look = 'class="nobody"' if unknown else f'style="background:{tints[str(speaker)]}"'
    name = "no speaker" if unknown else escape(str(speaker))
    return _Stretch(
        span=Span(int(row["start"]), int(row["end"])),
        tag="mark",
        look=look,
        rank=0,
        anchor=f' id="q-{number}"',
        label=f'<span class="who">[{name}]</span>',
    )


def _paragraphs(text: str) -> list[Span]:
    """Find the lines that hold something."""
    spans, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            spans.append(Span(start, start + len(line)))
        start += len(line) + 1
    return spans


def _mark(text: str, windows: Sequence[Span], stretches: Sequence[_Stretch]) -> Iterator[str]:
    """Tag windows of the text, such as its lines; both windows and stretches lie side by side, in order."""
    starts, ends = [s.span.start for s in stretches], [s.span.end for s in stretches]
    ended = [0, *(window.end for window in windows)]
    begins = [*(window.start for window in windows[1:]), max(ends, default=0)]
    for window, before, behind in zip(windows, ended, begins, strict=False):
        pieces, place = [], window.start
        for stretch in stretches[bisect_right(ends, window.start) : bisect_left(starts, window.end)]:
            start, end = max(stretch.span.start, window.start), min(stretch.span.end, window.end)
            is_first, is_last = before <= stretch.span.start, stretch.span.end <= behind
            words = escape(text[start:end])
            pieces += [escape(text[place:start]), stretch.tagged(words, is_first=is_first, is_last=is_last)]
            place = end
        yield "".join([*pieces, escape(text[place : window.end])])


def _without_overlaps(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Keep what can stand side by side: where two overlap the quote, then the earlier, keeps the words."""
    kept: list[_Stretch] = []
    for _, group in itertools.groupby(sorted(stretches, key=lambda s: (s.rank, s.span)), key=lambda s: s.rank):
        starts = [k.span.start for k in kept]
        added: list[_Stretch] = []
        for stretch in group:
            place = bisect_left(starts, stretch.span.end)
            free = place == 0 or kept[place - 1].span.end <= stretch.span.start
            if (
                free
                and stretch.span.start >= (added[-1].span.end if added else 0)
                and stretch.span[0] < stretch.span[1]
            ):
                added.append(stretch)
        kept = sorted(kept + added, key=lambda s: s.span)
    return kept


def show_quotes(
    documents: Iterable[Document], quotes: pd.DataFrame, quote_ids: Iterable[str], around: int = 200
) -> View:
    """Show the words behind a number: each quote of `quote_ids` with `around` characters of its article.

    Give it the `quote_ids` of a row of any table; each passage also says which rule decided, and how surely.
    """
    wanted = set(quote_ids)
    rows = quotes[quotes["quote_id"].isin(wanted)].sort_values(["doc_id", "start"], kind="stable")
    unknown = sorted(wanted - set(rows["quote_id"]))
    if unknown:
        raise KeyError(f"{len(unknown)} quotes are not in the table, the first {unknown[0]}. Use its own quote_ids.")
    tints, needed = _choose_tints(rows["speaker"]), set(rows["doc_id"])
    articles = {document.doc_id: document for document in documents if document.doc_id in needed}
    missing = sorted(needed - set(articles))
    if missing:
        raise KeyError(f"{len(missing)} articles are not in the corpus, the first {missing[0]}. Give their corpus.")
    items = [
        _passage(articles[row["doc_id"]], row, number, tints, around)
        for number, row in enumerate(rows.to_dict("records"), start=1)
    ]
    return View(title=count_of(len(items), "quote"), body="\n".join(["<ol>", *items, "</ol>"]))


def _passage(document: Document, row: Mapping[Any, Any], number: int, tints: Mapping[str, str], around: int) -> str:
    """Show one quote in the words around it, with what decided its speaker."""
    stretch = _quote_stretch(row, number, tints)
    start, end = stretch.span
    window = Span(max(0, start - around), min(len(document.text), end + around))
    facts = [str(row["quote_id"])]
    facts += [f"rule: {row['rule']}"] if isinstance(row.get("rule"), str) else []
    facts += [f"confidence {row['confidence']:.2f}"] if isinstance(row.get("confidence"), float) else []
    (marked,) = _mark(document.text, [window], [stretch])
    return f'<li dir="auto">…{marked}… <span class="meta">{escape("; ".join(facts))}</span></li>'
