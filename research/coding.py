"""Drawing quotes for people to check, and reading what they found: the sample, the sheets, the coders' agreement.

Quotes are drawn with known probabilities (`draw_audit_sample`) and coded by two people who see the words in their
article and nothing of the machine's answer (`make_coding_sheet`); what they disagree on a third settles
(`settle_codes`).
"""

from __future__ import annotations

import importlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from research.delimiters import find_delimiter
from research.documents import Document
from research.typography import escape

NOBODY = "nobody"
"""What a coder writes when the words are nobody's speech, and the stratum of quotes without a speaker."""

UNCLEAR = "unclear"
"""What a coder writes when the text does not say whose words they are: an answer, unlike an empty cell."""

OTHERS = "(others)"
"""The stratum of speakers who are quoted too rarely to have one of their own."""


def draw_audit_sample(
    quotes: pd.DataFrame, per_speaker: int = 40, *, by: str = "speaker", seed: int = 20221221
) -> pd.DataFrame:
    """Draw quotes to be checked by people: stratified by the machine's speaker, with known probabilities.

    A simple random sample of `per_speaker` quotes from each speaker; speakers with fewer quotes than that are pooled
    in one stratum, quotes without a speaker form another, since that is where missed quotes hide. Adds `stratum` and
    `inclusion_probability`. ValueError for a table without quotes. Neyman (1934), Journal of the Royal Statistical
    Society 97.

    >>> quotes = pd.DataFrame({"quote_id": list("abcd"), "speaker": ["A", "A", "A", None]})
    >>> draw_audit_sample(quotes, 2)[["stratum", "inclusion_probability"]].round(2).value_counts().to_dict()
    {('A', 0.67): 2, ('nobody', 1.0): 1}
    """
    if per_speaker < 1:
        raise ValueError(f"per_speaker is {per_speaker}. Draw at least 1 quote a speaker.")
    if quotes.empty:
        raise ValueError("the table has no quotes to draw from. Give the quotes of the corpus to be checked.")
    random = np.random.default_rng(seed)
    rows = quotes.sort_values("quote_id", kind="stable")
    strata = find_strata(rows[by], per_speaker)
    drawn = []
    for name, members in rows.groupby(strata, sort=True):
        number = min(per_speaker, len(members))
        places = np.sort(random.choice(len(members), number, replace=False))
        drawn.append(members.iloc[places].assign(stratum=name, inclusion_probability=number / len(members)))
    return pd.concat(drawn, ignore_index=True)


def find_strata(speakers: pd.Series, smallest: int) -> pd.Series:
    """Name each quote's stratum: its speaker, `OTHERS` for the rarely quoted, `NOBODY` for none."""
    names = speakers.astype(object)
    return names.where(names.map(names.value_counts()) >= smallest, OTHERS).where(names.notna(), NOBODY)


SHEET_COLUMNS = ("item", "title", "date", "before", "quote", "after", "coded_speaker", "coded_tone", "note")


def make_coding_sheet(
    sample: pd.DataFrame, documents: Iterable[Document], coder: str, *, around: int = 600, seed: int = 20221221
) -> pd.DataFrame:
    """Make a sheet for one coder: the words in their context, empty cells to fill in, nothing of what the machine said.

    Coders write the speaker's full name ("nobody" if the words are nobody's speech, "unclear" if the text does not
    say) in `coded_speaker`, and in `coded_tone` a number from -1 (as negative as words get) to 1. The order is
    shuffled for each coder, so that neither strata nor confidence can be guessed from it. `item` stands for the
    quote; `read_codes` turns it back.
    """
    needed = set(sample["doc_id"])
    articles = {document.doc_id: document for document in documents if document.doc_id in needed}
    missing = sorted(needed - set(articles))
    if missing:
        raise KeyError(f"{len(missing)} articles are not in the corpus, the first {missing[0]}. Give their corpus.")
    rows = [
        {**_sheet_context(articles[row["doc_id"]], int(row["start"]), int(row["end"]), around), "item": item}
        for item, row in zip(_items(sample), sample.to_dict("records"), strict=True)
    ]
    key = [seed, *coder.encode()]
    order = np.random.default_rng(key).permutation(len(rows))
    blank = dict.fromkeys(SHEET_COLUMNS, "")
    return pd.DataFrame([blank | rows[i] for i in order], columns=list(SHEET_COLUMNS), dtype=object)


def _items(sample: pd.DataFrame) -> list[str]:
    """Number the quotes of a sample in the order of their ids, which says nothing of strata."""
    order = sample["quote_id"].rank(method="first").astype(int)
    return [f"item-{number:04d}" for number in order]


def _sheet_context(document: Document, start: int, end: int, around: int) -> dict[str, str]:
    """Cut a quote and the words around it from its article."""
    return {
        "title": document.title or "",
        "date": str(document.date or ""),
        "before": document.text[max(0, start - around) : start],
        "quote": document.text[start:end],
        "after": document.text[end : end + around],
    }


def write_coding_sheet(sheet: pd.DataFrame, path: str | Path) -> Path:
    """Write a sheet as CSV that a spreadsheet opens rightly: byte order mark, and no cell that is run as a formula."""
    path = Path(path)
    plain = sheet.apply(lambda column: column.map(_disarm))
    plain.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def _disarm(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula; numbers stay numbers.

    >>> _disarm("=1+1"), _disarm("-0.5")
    ("'=1+1", '-0.5')
    """
    risky = isinstance(cell, str) and cell.lstrip().startswith(("=", "+", "-", "@"))
    return "'" + cell if risky and not re.fullmatch(r"-?[0-9.]{1,20}", cell) else cell


def _rearm(cell: str) -> str:
    """Take off the apostrophe that `_disarm` has put before a text.

    >>> _rearm("'=1+1"), _rearm("'Tis over")
    ('=1+1', "'Tis over")
    """
    return cell[1:] if cell == _disarm(cell[1:]) else cell


def read_codes(path: str | Path, sample: pd.DataFrame) -> pd.DataFrame:
    """Read a filled-in sheet: `quote_id`, `coded_speaker` and `coded_tone` (empty cells are None and NaN).

    "Nobody" and "UNCLEAR" are what spreadsheets and people make of the two words that are no names: read in small
    letters. A tone that is no number between -1 and 1 and an item that is not in the sample are errors, all listed at
    once.
    """
    sheet = _read_sheet(Path(path))
    absent = [column for column in ("item", "coded_speaker", "coded_tone") if column not in sheet]
    if absent:
        raise ValueError(f"{Path(path).name} has no column {', '.join(absent)}. Keep the first line as it was written.")
    ids = dict(zip(_items(sample), sample["quote_id"], strict=True))
    tone = pd.to_numeric(sheet["coded_tone"].str.replace(",", ".").replace("", None), errors="coerce")
    wrong_tone = (sheet["coded_tone"].str.strip() != "") & ~tone.between(-1, 1)
    faults = [f"line {i + 2}: tone is {sheet['coded_tone'][i]!r}" for i in np.flatnonzero(wrong_tone)]
    faults += [f"line {i + 2}: no such item {item!r}" for i, item in enumerate(sheet["item"]) if item not in ids]
    faults += [f"line {i + 2}: {sheet['item'][i]} again" for i in np.flatnonzero(sheet["item"].duplicated())]
    if faults:
        raise ValueError(f"{Path(path).name} {'; '.join(faults)}. Write tones from -1 to 1, and keep the items.")
    speaker = sheet["coded_speaker"].str.strip().map(_read_name)
    return pd.DataFrame({"quote_id": sheet["item"].map(ids), "coded_speaker": speaker, "coded_tone": tone})


def _read_name(cell: str) -> str | None:
    """Read who a coder says it is: a name as written, nobody and unclear in small letters, an empty cell as None.

    >>> _read_name("Nobody"), _read_name("Nobody Jones"), _read_name("")
    ('nobody', 'Nobody Jones', None)
    """
    return cell.casefold() if cell.casefold() in (NOBODY, UNCLEAR) else cell or None


def _read_sheet(path: Path) -> pd.DataFrame:
    """Read the cells of a sheet as texts, whatever the spreadsheet put between them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            delimiter = find_delimiter(stream.readline())
        cells = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False, sep=delimiter)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not UTF-8. Save it as CSV in UTF-8.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path.name} is not CSV ({str(error).strip()}). Save it as CSV in UTF-8.") from error
    return cells.apply(lambda column: column.map(_rearm))


def show_coding_form(sheet: pd.DataFrame, path: str | Path) -> Any:
    """Show the sheet as a form in a notebook, one quote at a time; every answer is written to `path` at once.

    Where the file is there already its answers are kept, and the form goes on behind the last of them; ValueError if
    it is of another sheet. Needs ipywidgets, which comes with the extra `notebooks`.
    """
    widgets: Any = importlib.import_module("ipywidgets")
    filled, done = _resume(sheet, Path(path))
    text = widgets.HTML()
    speaker, note = widgets.Text(description="speaker"), widgets.Text(description="note")
    tone = widgets.FloatSlider(description="tone", min=-1, max=1, step=0.25)
    progress, save = widgets.IntProgress(max=len(filled)), widgets.Button(description="save and next")
    place = itertools.count(done)
    state = {"row": next(place)}

    def show() -> None:
        row = filled.iloc[state["row"]] if state["row"] < len(filled) else None
        text.value = _form_text(row) if row is not None else "<p>Done. Thank you.</p>"
        save.disabled, progress.value = row is None, state["row"]
        speaker.value, note.value, tone.value = "", "", 0.0

    def keep(_: Any) -> None:
        answers = {"coded_speaker": speaker.value, "coded_tone": f"{tone.value:g}", "note": note.value}
        for column, answer in answers.items():
            filled.iat[state["row"], filled.columns.get_loc(column)] = answer
        write_coding_sheet(filled, path)
        state["row"] = next(place)
        show()

    save.on_click(keep)
    show()
    return widgets.VBox([progress, text, speaker, tone, note, save])


def _resume(sheet: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, int]:
    """Take the answers of an earlier sitting into a copy of the sheet; and how many rows were done."""
    filled = sheet.copy()
    if not path.exists():
        return filled, 0
    earlier = _read_sheet(path)
    if list(earlier.get("item", ())) != list(sheet["item"]):
        raise ValueError(f"{path.name} is there and holds another sheet. Give the form a file of its own.")
    answers = ["coded_speaker", "coded_tone", "note"]
    filled[answers] = earlier[answers].to_numpy(dtype=object)
    done = np.flatnonzero((earlier[answers] != "").any(axis=1))
    return filled, int(done[-1]) + 1 if len(done) else 0


def _form_text(row: pd.Series) -> str:
    """Set a quote in its context as HTML, everything escaped."""
    head = f"<p><b>{escape(row['title'])}</b> {escape(row['date'])}</p>"
    return f"{head}<p>{escape(row['before'])}<mark>{escape(row['quote'])}</mark>{escape(row['after'])}</p>"


def measure_agreement(
    codes: Mapping[str, pd.DataFrame], column: str = "coded_speaker", *, distance: Literal["nominal", "interval"]
) -> dict[str, float]:
    """Measure how far coders agree on a column: Krippendorff's alpha, plain agreement and the number of quotes.

    Alpha is 1 where they always agree, 0 where they agree as chance would; "agreement" is the share of quotes on
    which all who coded them agree. Krippendorff (2004), Content Analysis; computed by NLTK's AnnotationTask. A quote
    counts if two or more coded it: those that a third coder was not given are not lost.

    >>> one = pd.DataFrame({"quote_id": ["a", "b", "c"], "coded_speaker": ["X", "X", "Y"]})
    >>> two = pd.DataFrame({"quote_id": ["a", "b", "c"], "coded_speaker": ["X", "Y", "Y"]})
    >>> found = measure_agreement({"one": one, "two": two}, distance="nominal")
    >>> round(found["alpha"], 3), round(found["agreement"], 3), found["quotes"]
    (0.444, 0.667, 3)
    """
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import binary_distance, interval_distance

    wide = pd.concat({name: table.set_index("quote_id")[column] for name, table in codes.items()}, axis=1)
    wide = wide[wide.notna().sum(axis=1) >= 2]
    if wide.shape[1] < 2 or wide.empty:
        raise ValueError(f"{wide.shape[1]} coders share {len(wide)} quotes. Give two coders' codes of the same quotes.")
    same = (wide.nunique(axis=1) == 1).mean()
    if wide.stack().nunique() == 1:
        return {"alpha": float("nan"), "agreement": float(same), "quotes": len(wide)}
    data = [(coder, item, label) for coder in wide for item, label in wide[coder].dropna().items()]
    metric = binary_distance if distance == "nominal" else interval_distance
    alpha = AnnotationTask(data=data, distance=metric).alpha()
    return {"alpha": float(alpha), "agreement": float(same), "quotes": len(wide)}


def settle_codes(codes: Sequence[pd.DataFrame], settled: pd.DataFrame | None = None) -> pd.DataFrame:
    """Make one answer of several coders': `true_speaker` where all agree or a third person settled it, mean tone.

    A disagreement that nobody settled stays open (None) and keeps the quote out of the audit (see `keep_coded`), and
    so does a cell that one of them left empty; settle them all, since quotes people disagree on are the hard ones. A
    quote that is only on some of the sheets has the answer of those who were given it. "nobody" and "unclear" are
    answers like any other. The tone is the mean of those who gave one.
    """
    everything = pd.concat(codes, ignore_index=True)
    grouped = everything.groupby("quote_id", sort=True)
    speaker = grouped["coded_speaker"].agg(_agreed)
    if settled is not None:
        speaker = settled.set_index("quote_id")["coded_speaker"].reindex(speaker.index).fillna(speaker)
    table = pd.DataFrame({"true_speaker": speaker, "true_tone": grouped["coded_tone"].mean()})
    return table.rename_axis("quote_id").reset_index()


def _agreed(names: pd.Series) -> Any:
    """Give the name that all wrote; None if they differ or a cell is empty."""
    return names.iloc[0] if names.notna().all() and names.nunique() == 1 else None


def keep_coded(audited: pd.DataFrame, coded: pd.Series | None = None) -> pd.DataFrame:
    """Keep the audited quotes that have an answer, and let each stand for the open ones of its stratum.

    `coded` marks them, shape (quotes,); by default those with a `true_speaker`. Inclusion probabilities are lowered
    so that a stratum (`stratum`, all quotes where there is none) weighs what it did, and a stratum without any answer
    is shared out among the others. That takes the open ones to be missing at random within their stratum, which hard
    quotes are not: settle them. `attrs["left_out"]` is their number. A quote without `inclusion_probability` was not
    drawn; a table without that column is taken as a full audit. Weighting classes: Little & Rubin (2019), Statistical
    Analysis with Missing Data.

    >>> table = pd.DataFrame({"true_speaker": ["A", None, "nobody"], "inclusion_probability": [0.5, 0.5, 0.5]})
    >>> keep_coded(table)["inclusion_probability"].round(3).tolist()
    [0.333, 0.333]
    """
    answered = audited["true_speaker"].notna() if coded is None else coded
    probability = audited.get("inclusion_probability", pd.Series(1.0, index=audited.index)).astype(float)
    if not probability.dropna().between(0, 1, inclusive="right").all():
        raise ValueError("an inclusion_probability is not above 0 and at most 1. Give the chance of being drawn.")
    drawn, known = (part.to_numpy(bool) for part in (probability.notna(), probability.notna() & answered))
    if not known.any():
        raise ValueError("no audited quote has an answer. Have them coded, and disagreements settled.")
    stratum = audited.get("stratum", pd.Series("all", index=audited.index)).to_numpy()
    weight = pd.Series(np.where(drawn, 1 / probability.to_numpy(), 0.0))
    whole, kept = (part.groupby(stratum, dropna=False).transform("sum") for part in (weight, weight.where(known, 0.0)))
    raised = (weight * whole / kept.where(kept > 0))[known]
    raised *= weight.sum() / raised.sum()
    rows = audited[known].assign(inclusion_probability=1 / raised.to_numpy())
    rows.attrs = audited.attrs | {"left_out": int((drawn & ~known).sum())}
    return rows
