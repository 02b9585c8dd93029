"""The written half: what the methods section says is what the table says, and everything cited is in the BibTeX."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from research import storage
from research.documents import Document
from research.methods import REFERENCES, Methods, describe_methods, describe_run, find_run, write_methods


def make_quotes() -> pd.DataFrame:
    rows = [
        {"doc_id": f"a{i}", "quote_id": f"a{i}:{j}", "start": j, "end": j + 4, "text": "Words.", "kind": "direct",
         "speaker": name, "speaker_kind": "person", "tone": 0.1 * i - 0.2 * j, "date": f"2022-0{i + 1}-01",
         "outlet": "The Paper", "flags": "", "rule": "r"}
        for i in range(6) for j, name in enumerate(["Ann Lee", "Bo Ek", None])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def write(measure: str = "tone", **options: int) -> Methods:
    return write_methods(find_run(make_quotes(), measure=measure, **options))


def test_counts_are_the_tables() -> None:
    text = write(articles=8).text
    assert "We read 8 articles from 1 outlet, dated 2022-01-01 to 2022-06-01" in text
    assert "found 18 quotations in 6 articles, said by 2 speakers" in text
    assert "| with a speaker | 6 | 12 |" in text


def test_every_citation_is_in_the_bibliography_and_nothing_else() -> None:
    for measure in ("tone", "compound"):
        methods = write_methods(find_run(make_quotes().rename(columns={"tone": measure}), measure=measure))
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
    assert describe_methods(tmp_path).text == describe_methods(tmp_path / "scored.jsonl").text
    places = describe_methods(tmp_path).write(tmp_path / "out")
    assert [place.name for place in places] == ["methods.md", "methods.bib"]
    with pytest.raises(FileNotFoundError, match="does not exist"):
        describe_methods(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="holds 0 quotes tables"):
        describe_methods(tmp_path / "out")


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
