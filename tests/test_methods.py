"""The written half: what the methods section says is what the table says, and everything cited is in the BibTeX."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from research import storage
from research.cards import find_measured, read_card, read_table
from research.documents import Document
from research.methods import REFERENCES, Methods, describe_methods, describe_run, find_run, write_methods


def make_quotes() -> pd.DataFrame:
    rows = [
        {"doc_id": f"a{i}", "quote_id": f"a{i}:{j}", "start": j, "end": j + 4, "text": "Words.", "kind": "direct",
         "speaker": name, "speaker_kind": "person", "tone": 0.1 * i - 0.2 * j, "date": f"2022-0{i + 1}-01",
         "outlet": "The Paper", "flags": "", "rule": "ranker"}
        for i in range(6) for j, name in enumerate(["Ann Lee", "Bo Ek", None])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def write(measure: str = "tone", **options: int) -> Methods:
    return write_methods(find_run(make_quotes().rename(columns={"tone": measure}), measure=measure, **options))


def test_counts_are_the_tables() -> None:
    text = write(articles=8).text
    assert "We read 8 articles from 1 outlet, dated 2022-01-01 to 2022-06-01" in text
    assert "We read at least 6 articles from 1 outlet" in write().text and "| read, at least | 6 | 18 |" in write().text
    assert "found 18 quotations in 6 articles, 12 of them with `tone` and by 2 speakers." in text
    assert "| with a speaker | 6 | 12 |" in text


@pytest.mark.parametrize("articles", [-5, 0, 5])
def test_no_fewer_articles_were_read_than_the_table_has(articles: int) -> None:
    with pytest.raises(ValueError, match=f"quotes of 6 articles, and {articles} are said to have been read"):
        write(articles=articles)


def test_what_nobody_says_counts_nowhere() -> None:
    quotes = make_quotes()
    titles = quotes.loc[quotes["speaker"].isna()].assign(kind="none", doc_id="b")
    text = write_methods(find_run(pd.concat([quotes, titles]), measure="tone")).text
    assert "at least 7 articles" in text and "found 18 quotations in 6 articles" in text
    assert "6 segments in quotation marks that nobody says count nowhere." in text


def test_the_days_are_those_of_the_dated_articles() -> None:
    quotes = make_quotes()
    quotes.loc[quotes["doc_id"] != "a2", "date"] = None
    quotes.loc[quotes["doc_id"] == "a3", "date"] = "\x1b[2J1999"
    text = write_methods(find_run(quotes, measure="tone")).text
    assert "dated 2022-03-01 to 2022-03-01 (5 articles with quotations had no date), and" in text
    assert "\x1b" not in text


def test_hits_per_1000_words_have_poissons_interval() -> None:
    quotes = make_quotes().rename(columns={"tone": "us_per_1000_words"})
    quotes["us_per_1000_words"] = quotes["us_per_1000_words"].abs() * 40
    text = write_methods(find_run(quotes, measure="us_per_1000_words")).text
    assert "Poisson's 95 % interval [@garwood1936fiducial]" in text and "Satterthwaite" not in text


def find_shares(text: str) -> list[str]:
    found = re.search(r"right for (\S+) of direct and (\S+) of mixed quotations, the full name for (\S+) of", text)
    assert found
    return list(found.groups())


def test_the_errors_are_those_of_the_way_that_was_used() -> None:
    card = read_card("attribution")
    persons = read_table(card, "Persons, end to end")["full name right, of the quotes of named persons"]
    alone, reader = read_table(card, "Measured"), read_table(card, "With the reader")
    text = write().text
    ranker = [alone["ranker right, direct"]["held out"], alone["ranker right, mixed"]["held out"]]
    assert find_shares(text) == [*ranker, persons["ranker alone"].split()[0]] and "neural reader [@" not in text
    quotes = make_quotes()
    quotes.loc[0, "rule"] = "reader"
    text = write_methods(find_run(quotes, measure="tone")).text
    both = [reader["right, direct"]["held out"], reader["right, mixed"]["held out"]]
    assert find_shares(text) == [*both, persons["with the reader"].split()[0]]
    assert "neural reader [@wang2020minilm]" in text


def test_what_was_measured_names_the_way_with_the_reader_too() -> None:
    reader = read_table(read_card("attribution"), "With the reader")
    told = find_measured()["attribution"]
    for kind in ("direct", "mixed"):
        assert f"with the reader right, {kind} (held out {reader[f'right, {kind}']['held out']}, " in told
        assert f"ranker right, {kind} (held out " in told
    assert "reader" not in find_measured()["tone"]


def test_correlations_say_of_what_they_are() -> None:
    assert re.search(r"`tone` correlates with the mean rating of human readers at r = 0\.\d+ over 4,275", write().text)
    assert "tone_target" not in write().text
    assert "correlates" not in write("words").text


def test_corrections_and_completed_names_are_told() -> None:
    assert "by hand" not in write().text and "completed" not in write().text
    quotes = make_quotes()
    quotes.loc[:2, "rule"], quotes.loc[:1, "flags"] = "corrected", "completed fragment"
    text = write_methods(find_run(quotes, measure="tone")).text
    assert "3 quotations got the speaker by hand (rule `corrected`)" in text
    assert "In 2 quotations a surname that the article leaves bare was completed" in text


def test_a_share_gets_the_interval_that_it_has() -> None:
    text = write_methods(find_run(make_quotes().assign(war=[True, False, True] * 6), measure="war")).text
    assert "the share of quotations with `war`, with Wilson's 95 % interval" in text and "Satterthwaite" not in text


def test_dates_and_outlets_may_be_missing() -> None:
    text = write_methods(find_run(make_quotes()[["doc_id", "speaker", "tone"]], measure="tone")).text
    assert "We read at least 6 articles, and found 18 quotations" in text


def test_every_citation_is_in_the_bibliography_and_nothing_else() -> None:
    for measure in ("tone", "compound", "war"):
        quotes = make_quotes().rename(columns={"tone": measure})
        quotes.loc[:9, "rule"] = "reader" if measure == "tone" else "ranker"
        quotes = quotes.assign(war=[1, 0, 1] * 6)
        methods = write_methods(find_run(quotes, measure=measure))
        cited = set(re.findall(r"@([a-z0-9]+)", methods.text))
        assert cited == set(re.findall(r"@\w+\{(\w+),", methods.bibliography))


@pytest.mark.parametrize("key", REFERENCES)
def test_bibtex_is_well_formed(key: str) -> None:
    entry = REFERENCES[key]
    assert re.match(rf"@(article|inproceedings|software)\{{{key},\n", entry)
    assert entry.count("{") == entry.count("}")
    for field in ("title", "author"):
        assert re.search(rf"^  {field} = \{{", entry, re.MULTILINE)


def test_it_says_what_the_intervals_do_not_carry() -> None:
    text = write().text
    assert "journalists choose" in text and "only where an audit sample was used" in text
    assert "2 speakers of 2 carry a warning" in text


def test_a_run_is_a_table_or_the_folder_it_is_in(tmp_path: Path) -> None:
    storage.write_table(make_quotes(), tmp_path / "scored.jsonl")
    storage.write_table(pd.DataFrame({"speaker": ["A"], "mean": [0.1]}), tmp_path / "means.csv")
    storage.write_table(make_quotes().drop(columns="tone"), tmp_path / "quotes.csv")
    (tmp_path / "corrections.csv").write_text("quote_id,speaker\na0:0,Bo Ek\n")
    (tmp_path / "broken.csv").write_bytes(b"\xff\xfe")
    assert describe_methods(tmp_path).text == describe_methods(tmp_path / "scored.jsonl").text
    places = describe_methods(tmp_path).write(tmp_path / "out")
    assert [place.name for place in places] == ["methods.md", "methods.bib"]
    with pytest.raises(FileNotFoundError, match="does not exist"):
        describe_methods(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match=r"out holds no table of quotes\. Make one"):
        describe_methods(tmp_path / "out")
    with pytest.raises(FileNotFoundError, match="column 'compound', but quotes"):
        describe_methods(tmp_path, measure="compound")
    storage.write_table(make_quotes(), tmp_path / "again.csv")
    with pytest.raises(FileNotFoundError, match="several tables of quotes with a column 'tone'"):
        describe_methods(tmp_path)


def test_provenance_changes_with_what_was_read_and_found() -> None:
    documents = [Document(doc_id="a", text="“No.”"), Document(doc_id="b", text="“Yes.”")]

    def hashes(texts: list[Document], quotes: pd.DataFrame) -> list[str]:
        table = describe_run(texts, quotes)
        return table.loc[table["what"].str.contains("SHA"), "value"].tolist()

    quotes = make_quotes()
    base = hashes(documents, quotes)
    assert hashes(documents[::-1], quotes.sample(frac=1, random_state=1)) == base
    assert hashes([documents[0], Document(doc_id="b", text="“Yes!”")], quotes)[0] != base[0]
    assert hashes(documents, quotes.assign(speaker="X"))[1] != base[1]
