"""The made-up training articles: labels that fit the text, quotes that the scanner finds, every construction drawn."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from research.training.lexicon import WORDS
from research.training.polnear import prepare
from research.training.synthetic import ATOM, articles
from research.training.templates import CONSTRUCTIONS, PARTS, WEIGHTS

COUNT = 300
REACH = 90  # tokens, with quotes folded, that the tagger's pointer looks back


@pytest.fixture(scope="module")
def records() -> list[dict]:
    return list(articles(COUNT, seed=11))


def all_quotes(records: list[dict]) -> list[tuple[str, dict]]:
    return [(record["text"], quote) for record in records for quote in record["quotes"]]


def test_offsets_hold_the_words_they_claim_to(records):
    for text, quote in all_quotes(records):
        assert text[slice(*quote["inner"])] == quote["text"]
        assert quote["start"] == quote["inner"][0] - 1
        assert quote["end"] == quote["inner"][1] + quote["closed"]
        for start, end, words in [*quote["source"], *quote["cue"]]:
            assert text[start:end] == words == words.strip() != ""


def test_no_article_holds_leftovers_of_a_template_or_a_doubled_comma(records):
    for record in records:
        assert not re.search(r"[$\[\]{}|¶<>*_]|,,|  |,\.|\.\.| ,", record["text"]), record["text"]


def test_every_sentence_of_an_article_opens_large(records):
    for record in records:
        for line in filter(None, record["text"].split("\n")):
            first = next(c for c in line if c.isalnum())
            assert not first.islower() or line[0] in '“"‘«„—', line


def test_a_sentence_within_a_paragraph_opens_large(records):
    for record in records:
        assert not re.search(r"[a-z]{3}[.?!] [a-z]", record["text"]), record["text"]


def test_a_fragment_is_written_large_where_it_opens_a_sentence():
    fragments = [(t, q) for t, q in all_quotes(list(articles(800, seed=6))) if q["kind"] == "mixed"]
    opening = [q["text"] for t, q in fragments if t[: q["start"]].rstrip()[-1:] in ("", ".")]
    assert opening
    assert all(text[0].isupper() for text in opening)
    assert sum(q["text"][0].islower() for _, q in fragments) > 0.8 * len(fragments)


def test_the_scanner_finds_the_quotes_and_nothing_else(records):
    gold = sum(len(record["quotes"]) for record in records)
    scans = [prepare(record).scan for record in records]
    found = sum(
        {tuple(q["inner"]) for q in record["quotes"]} == {tuple(s.span) for s in scan.segments}
        for record, scan in zip(records, scans, strict=True)
    )
    assert gold > 3 * COUNT
    assert found >= 0.99 * COUNT


def test_an_unattributed_quote_has_no_source_and_an_attributed_one_has(records):
    for _, quote in all_quotes(records):
        assert quote["attributed"] == bool(quote["source"]) == (quote["kind"] in ("direct", "mixed"))
        assert quote["attributed"] or not quote["cue"]


def test_a_source_is_within_the_reach_of_the_pointer(records):
    for record in records:
        article = prepare(record)
        for place, gold in zip(article.tokens.quote_places, article.gold, strict=True):
            if gold is None or not gold["attributed"] or gold["construction"] == "transcript":
                continue
            start = gold["source"][-1][0]
            source = max(i for i, at in enumerate(article.tokens.starts) if at <= start)
            assert -48 < place - source < REACH


def test_a_quote_without_a_cue_belongs_to_the_nearest_mention_of_its_speaker():
    for record in articles(400, seed=2):
        text = record["text"]
        for quote in record["quotes"]:
            if quote["construction"] != "alternating dialogue" or quote["cue"]:
                continue
            (start, end, name) = quote["source"][0]
            assert name not in text[end : quote["start"]] or start > quote["end"]


def test_transcripts_have_their_source_in_the_quote():
    quotes = [q for _, q in all_quotes(list(articles(500, seed=4))) if q["construction"] == "transcript"]
    assert quotes
    for quote in quotes:
        (start, _, name) = quote["source"][0]
        assert start == quote["inner"][0]
        assert quote["text"].startswith(f"{name}: ")
        assert name.isupper()


def test_a_source_of_a_passive_follows_by(records):
    passive = [(t, q) for t, q in all_quotes(records) if q["construction"] == "passive" and q["attributed"]]
    assert passive
    for text, quote in passive:
        assert text[: quote["source"][0][0]].endswith("by ")


def test_attributions_list_the_spans_of_their_quotes(records):
    for record in records:
        by_content = {tuple(span): a for a in record["attributions"] for span in a["content"]}
        for quote in record["quotes"]:
            if quote["cue"]:
                attribution = by_content[quote["start"], quote["end"]]
                assert (
                    attribution["source"] == [span[:2] for span in quote["source"]]
                    or quote["construction"] == "transcript"
                )
                assert attribution["cue"] == [span[:2] for span in quote["cue"]]


def test_no_two_articles_are_alike_and_the_same_seed_gives_the_same(records):
    assert len({record["text"] for record in records}) == COUNT
    assert records == list(articles(COUNT, seed=11))
    assert records[0]["text"] != next(articles(1, seed=12))["text"]


def test_the_first_articles_of_a_longer_run_are_those_of_a_shorter(records):
    assert records[:5] == list(articles(5, seed=11))


def test_every_construction_is_drawn_and_the_mix_is_the_one_intended():
    quotes = [q for _, q in all_quotes(list(articles(1500, seed=3)))]
    drawn = Counter(q["construction"] for q in quotes)
    assert set(WEIGHTS) == set(CONSTRUCTIONS) == set(drawn)
    assert 0.3 < sum(list(WEIGHTS.values())[:3]) / sum(WEIGHTS.values()) < 0.36
    assert 0.09 < sum(not q["attributed"] for q in quotes) / len(quotes) < 0.15
    assert sum(q["kind"] == "mixed" for q in quotes) / len(quotes) > 0.2
    assert len({q["source"][0][2] for q in quotes if q["source"]}) > 2000


def test_every_template_parses_to_its_last_character_and_names_known_tables():
    templates = [t for group in (*CONSTRUCTIONS.values(), *PARTS.values()) for t in group]
    for template in templates:
        plain = re.sub(r"[{}|]", "", template)
        assert "".join(m.group() for m in ATOM.finditer(plain)) == plain, template
        names = set(re.findall(r"\$(\w+)", template)) - set("abcde") - set(PARTS)
        assert names <= set(WORDS), template


def test_a_labelled_group_has_one_speaker_and_every_quote_of_a_group_has_a_source():
    for template in (t for group in CONSTRUCTIONS.values() for t in group):
        quoted = set(re.findall(r"\[q(\d) (?!label)", template))
        assert quoted <= set(re.findall(r"\[s(\d) ", template)), template
