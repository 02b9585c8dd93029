"""The people's side of an audit: samples, sheets, codes, agreement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.coding import (
    NOBODY,
    OTHERS,
    UNCLEAR,
    draw_audit_sample,
    keep_coded,
    make_coding_sheet,
    measure_agreement,
    read_codes,
    settle_codes,
    show_coding_form,
    write_coding_sheet,
)
from research.documents import Document


def make_table(articles: int = 60) -> pd.DataFrame:
    """Eight quotes an article, each of three speakers at random."""
    random = np.random.default_rng(0)
    rows = [{"doc_id": f"a{i:03}", "quote_id": f"a{i:03}:{n}"} for i in range(articles) for n in range(8)]
    return pd.DataFrame(rows).assign(speaker=random.choice(list("ABC"), len(rows), p=[0.5, 0.3, 0.2]))


def test_probabilities_of_the_sample_add_up_to_the_table() -> None:
    quotes = make_table()
    quotes.loc[:30, "speaker"] = None
    quotes.loc[31:33, "speaker"] = ["Rare One", "Rare Two", "Rare Two"]
    sample = draw_audit_sample(quotes, 25)
    weights = (1 / sample["inclusion_probability"]).groupby(sample["stratum"]).sum()
    assert weights.sum() == pytest.approx(len(quotes))
    assert weights[NOBODY] == pytest.approx(31) and weights[OTHERS] == pytest.approx(3)
    assert sample["quote_id"].is_unique


def test_the_sample_is_repeatable_whatever_the_order_of_rows() -> None:
    quotes = make_table()
    first, second = draw_audit_sample(quotes, 10), draw_audit_sample(quotes.sample(frac=1, random_state=3), 10)
    assert first["quote_id"].tolist() == second["quote_id"].tolist()
    assert first["quote_id"].tolist() != draw_audit_sample(quotes, 10, seed=5)["quote_id"].tolist()


def test_every_quote_is_drawn_as_often_as_its_probability_says() -> None:
    quotes = make_table(articles=5)
    drawn = pd.Series(0.0, index=quotes["quote_id"])
    for seed in range(400):
        drawn[draw_audit_sample(quotes, 5, seed=seed)["quote_id"]] += 1 / 400
    stated = draw_audit_sample(quotes, 5).groupby("speaker")["inclusion_probability"].first()
    assert (drawn.to_numpy() - quotes["speaker"].map(stated).to_numpy()).std() < 0.03


def test_a_sample_is_the_same_of_categories_and_of_repeated_row_labels() -> None:
    quotes = make_table(articles=10).assign(speaker=lambda table: table["speaker"].where(table.index > 3))
    expected = draw_audit_sample(quotes, 20)["quote_id"].tolist()
    assert draw_audit_sample(quotes.astype({"speaker": "category"}), 20)["quote_id"].tolist() == expected
    assert draw_audit_sample(quotes.set_axis([0] * len(quotes)), 20)["quote_id"].tolist() == expected
    with pytest.raises(ValueError, match="no quotes to draw from"):
        draw_audit_sample(quotes.iloc[:0])


def sheet_of(text: str, start: int, end: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    sample = pd.DataFrame([{
        "doc_id": "a", "quote_id": f"a:{start}", "start": start, "end": end, "speaker": "Secret Machine Answer",
        "stratum": "Secret Machine Answer", "inclusion_probability": 1.0,
    }])  # fmt: skip
    return make_coding_sheet(sample, [Document(doc_id="a", text=text, title="T")], "one"), sample


def test_the_sheet_shows_the_words_and_nothing_of_the_machine() -> None:
    sheet, _ = sheet_of("He said: “No, never.” Then he left.", 10, 20)
    row = sheet.iloc[0]
    assert (row["before"], row["quote"], row["after"]) == ("He said: “", "No, never.", "” Then he left.")
    assert "Secret" not in sheet.to_csv() and "a:10" not in sheet.to_csv()


def test_two_coders_see_the_same_quotes_in_different_orders() -> None:
    quotes = make_table(articles=6)
    sample = draw_audit_sample(quotes.assign(start=0, end=4), 10)
    documents = [Document(doc_id=doc_id, text="“No.”") for doc_id in quotes["doc_id"].unique()]
    one, two = (make_coding_sheet(sample, documents, coder) for coder in ("one", "two"))
    assert sorted(one["item"]) == sorted(two["item"]) and one["item"].tolist() != two["item"].tolist()
    again = make_coding_sheet(sample, documents, "one")
    assert one["item"].tolist() == again["item"].tolist()


def test_a_missing_article_is_named() -> None:
    sample = pd.DataFrame([{"doc_id": "b", "quote_id": "b:0", "start": 0, "end": 1}])
    with pytest.raises(KeyError, match="1 articles are not in the corpus, the first b"):
        make_coding_sheet(sample, [], "one")


def test_a_filled_in_sheet_comes_back_and_formulas_do_not_run(tmp_path: Path) -> None:
    sheet, sample = sheet_of('=HYPERLINK("http://x") “Yes.”', 24, 28)
    sheet["coded_speaker"], sheet["coded_tone"] = "Ann Lee", "0,5"
    path = write_coding_sheet(sheet, tmp_path / "one.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and ",\"'=HYPERLINK" in path.read_text("utf-8-sig")
    codes = read_codes(path, sample)
    assert codes.to_dict("list") == {"quote_id": ["a:24"], "coded_speaker": ["Ann Lee"], "coded_tone": [0.5]}


@pytest.mark.parametrize("answer", ["@realname", "-", "+44", "=1+1", "'Tis", "O'Hara", "'", "-0.5"])
def test_an_answer_comes_back_as_it_was_written(tmp_path: Path, answer: str) -> None:
    sheet, sample = sheet_of("“Yes.”", 1, 5)
    sheet["coded_speaker"], sheet["coded_tone"] = answer, "0.5"
    path = write_coding_sheet(sheet, tmp_path / "one.csv")
    assert read_codes(path, sample)["coded_speaker"].tolist() == [answer]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sheet_may_come_back_with_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    _, sample = sheet_of("“Yes.”", 1, 5)
    cells = [["item", "coded_speaker", "coded_tone"], ["item-0001", "Ann Lee", '"0,5"']]
    path = tmp_path / "one.csv"
    path.write_text("\r\n".join(delimiter.join(row) for row in cells), encoding="utf-8-sig")
    assert read_codes(path, sample)["coded_tone"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("item,coded_speaker,coded_tone\nitem-0001,José,0\n".encode("cp1252"), "one.csv is not UTF-8. Save it"),
        (b"item,coded_speaker\nitem-0001,A\nitem-0001,A,B,C\n", r"one.csv is not CSV \(.*line 3.*\). Save it"),
        (b"", "one.csv is not CSV"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    _, sample = sheet_of("“Yes.”", 1, 5)
    (tmp_path / "one.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_codes(tmp_path / "one.csv", sample)


def test_faults_of_a_sheet_are_listed_together(tmp_path: Path) -> None:
    _, sample = sheet_of("“Yes.” and “No.”", 1, 5)
    path = tmp_path / "two.csv"
    path.write_text("item,coded_speaker,coded_tone\nitem-0001,A,7\nitem-0009,A,\nitem-0001,B,0\n")
    with pytest.raises(
        ValueError, match=r"two.csv line 2: tone is '7'; line 3: no such item 'item-0009'; line 4.*again"
    ):
        read_codes(path, sample)


def test_empty_cells_stay_empty(tmp_path: Path) -> None:
    sheet, sample = sheet_of("“Yes.”", 1, 5)
    codes = read_codes(write_coding_sheet(sheet, tmp_path / "c.csv"), sample)
    assert codes["coded_speaker"].isna().all() and codes["coded_tone"].isna().all()


def test_nobody_with_a_capital_is_nobody_and_no_person(tmp_path: Path) -> None:
    cells = ["Nobody", " NOBODY ", "Unclear", "nobody", "Nobody Jones", ""]
    sample = pd.DataFrame({"quote_id": list("abcdef"), "doc_id": "a"})
    items = [f"item-{number:04d}" for number in range(1, 7)]
    path = tmp_path / "one.csv"
    pd.DataFrame({"item": items, "coded_speaker": cells, "coded_tone": "0"}).to_csv(path, index=False)
    found = read_codes(path, sample)["coded_speaker"].astype(object).where(lambda names: names.notna(), None)
    assert found.tolist() == [NOBODY, NOBODY, UNCLEAR, NOBODY, "Nobody Jones", None]


def test_alpha_as_in_krippendorffs_example() -> None:
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability, section B: 10 units, two coders, alpha 0.095."""
    one, two = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    codes = {
        name: pd.DataFrame({"quote_id": range(10), "coded_speaker": values})
        for name, values in (("1", one), ("2", two))
    }
    found = measure_agreement(codes, distance="nominal")
    assert found["alpha"] == pytest.approx(0.095, abs=5e-4) and found["agreement"] == pytest.approx(0.6)


def test_alpha_uses_every_quote_that_two_coders_share() -> None:
    """Krippendorff (2011), section C: 12 units, four coders, codes missing; alpha .743 nominal, .849 interval."""
    none = None
    values = {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, none, none, none],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, none, 3],
        "C": [none, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, none],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, none],
    }
    codes = {name: pd.DataFrame({"quote_id": range(12), "coded_speaker": row}) for name, row in values.items()}
    nominal, interval = (measure_agreement(codes, distance=kind) for kind in ("nominal", "interval"))
    assert nominal["alpha"] == pytest.approx(0.743, abs=5e-4) and interval["alpha"] == pytest.approx(0.849, abs=5e-4)
    assert nominal["quotes"] == 11 and nominal["agreement"] == pytest.approx(8 / 11)


def test_alpha_of_tones_forgives_small_distances() -> None:
    ids = list("abcdef")
    one = pd.DataFrame({"quote_id": ids, "coded_tone": [-1, -0.5, 0, 0.5, 1, np.nan]})
    two = pd.DataFrame({"quote_id": ids, "coded_tone": [-1, -0.5, 0, 0.5, 0.75, 1]})
    found = measure_agreement({"1": one, "2": two}, "coded_tone", distance="interval")
    assert found["alpha"] > 0.95 and found["quotes"] == 5


def test_agreement_needs_shared_quotes() -> None:
    one = pd.DataFrame({"quote_id": ["a"], "coded_speaker": ["X"]})
    with pytest.raises(ValueError, match="2 coders share 0 quotes"):
        measure_agreement({"1": one, "2": one.assign(quote_id="b")}, distance="nominal")


def test_disagreement_stays_open_until_settled() -> None:
    one = pd.DataFrame({"quote_id": ["a", "b"], "coded_speaker": ["X", "X"], "coded_tone": [0.0, 1.0]})
    two = one.assign(coded_speaker=["X", "Y"], coded_tone=[0.5, 0.0])
    open_ = settle_codes([one, two])
    assert open_["true_speaker"].tolist()[0] == "X" and pd.isna(open_["true_speaker"][1])
    assert open_["true_tone"].tolist() == [0.25, 0.5]
    settled = settle_codes([one, two], pd.DataFrame({"quote_id": ["b"], "coded_speaker": ["Y"]}))
    assert settled["true_speaker"].tolist() == ["X", "Y"]


def test_an_empty_cell_leaves_a_quote_open_whoever_left_it() -> None:
    one = pd.DataFrame({"quote_id": list("abcd"), "coded_speaker": ["X", None, NOBODY, UNCLEAR], "coded_tone": 0.0})
    two = one.assign(coded_speaker=[None, "X", NOBODY, UNCLEAR])
    for pair in ([one, two], [two, one]):
        found = settle_codes(pair)["true_speaker"]
        assert found.isna().tolist() == [True, True, False, False] and found.tolist()[2:] == [NOBODY, UNCLEAR]


def test_a_quote_on_one_sheet_only_is_its_coders() -> None:
    one = pd.DataFrame({"quote_id": ["a", "b"], "coded_speaker": ["X", "Y"], "coded_tone": [0.0, 1.0]})
    assert settle_codes([one, one.iloc[:1]])["true_speaker"].tolist() == ["X", "Y"]


def test_coded_quotes_stand_for_the_open_ones_of_their_stratum() -> None:
    table = pd.DataFrame({"stratum": list("AAAABBC"), "inclusion_probability": [0.5] * 4 + [0.1] * 2 + [1.0]})
    table["true_speaker"] = ["A", "A", None, NOBODY, "B", "B", None]
    kept = keep_coded(table)
    assert kept.attrs["left_out"] == 2 and kept["true_speaker"].tolist() == ["A", "A", NOBODY, "B", "B"]
    weight = (1 / kept["inclusion_probability"]).groupby(kept["stratum"]).sum()
    assert weight.to_dict() == pytest.approx({"A": 8 * 29 / 28, "B": 20 * 29 / 28}), "nobody answered for C, the 29th"
    assert keep_coded(table.drop(columns=["inclusion_probability", "stratum"]))["inclusion_probability"].round(
        9).tolist() == [round(5 / 7, 9)] * 5  # fmt: skip
    undrawn = table.assign(inclusion_probability=table["inclusion_probability"].where(table["stratum"] != "C"))
    assert keep_coded(undrawn).attrs["left_out"] == 1
    with pytest.raises(ValueError, match="no audited quote has an answer"):
        keep_coded(table.assign(true_speaker=None))
    with pytest.raises(ValueError, match="inclusion_probability"):
        keep_coded(table.assign(inclusion_probability=0.0))


def test_the_form_writes_every_answer_at_once(tmp_path: Path) -> None:
    pytest.importorskip("ipywidgets", reason="ipywidgets comes with the extra notebooks")
    sheet, sample = sheet_of("“Yes.”", 1, 5)
    _, text, speaker, tone, _, save = show_coding_form(sheet, tmp_path / "form.csv").children
    assert "<mark>Yes.</mark>" in text.value
    speaker.value, tone.value = "Ann Lee", -0.5
    save.click()
    assert read_codes(tmp_path / "form.csv", sample)["coded_tone"].tolist() == [-0.5]
    assert save.disabled


def test_the_form_goes_on_where_it_was_left(tmp_path: Path) -> None:
    pytest.importorskip("ipywidgets", reason="ipywidgets comes with the extra notebooks")
    article = Document(doc_id="a", text="“Yes.” “No.”")
    sample = draw_audit_sample(pd.DataFrame([
        {"quote_id": "a:1", "doc_id": "a", "start": 1, "end": 5, "speaker": "X"},
        {"quote_id": "a:8", "doc_id": "a", "start": 8, "end": 11, "speaker": "X"},
    ]))  # fmt: skip
    sheet = make_coding_sheet(sample, [article], coder="one")
    for name in ("@ann", "Bo"):
        _, _, speaker, _, _, save = show_coding_form(sheet, tmp_path / "form.csv").children
        speaker.value = name
        save.click()
    assert sorted(read_codes(tmp_path / "form.csv", sample)["coded_speaker"]) == ["@ann", "Bo"]
    assert show_coding_form(sheet, tmp_path / "form.csv").children[-1].disabled
    with pytest.raises(ValueError, match="another sheet"):
        show_coding_form(sheet.iloc[:1], tmp_path / "form.csv")
