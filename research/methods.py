"""The written half of a result: provenance, the methods paragraph and its references.

What a reviewer asks (which data, which versions, how many were lost at each step, how wrong are the models) is known
to the machine that made the figure. It writes it down here, so that nobody has to remember it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from research import storage
from research.attrition import count_steps
from research.cards import read_card, read_table
from research.columns import is_hit_rate, is_yes_no
from research.comparison import compare, describe_correlation
from research.completion import CERTAINTY
from research.corrections import CORRECTED
from research.counts import count_of
from research.documents import Document
from research.provenance import Provenance, find_versions, read_provenance
from research.reading.article import parse_date


def describe_run(documents: Iterable[Document], quotes: pd.DataFrame) -> pd.DataFrame:
    """List versions, counts and hashes: two runs that agree here have read the same and found the same.

    >>> table = describe_run([Document(doc_id="a", text="“No,” she said.")], pd.DataFrame({"quote_id": ["a:1"]}))
    >>> table.set_index("what").loc[["articles", "quotes"], "value"].tolist()
    ['1', '1']
    """
    texts = sorted((document.doc_id, document.text) for document in documents)
    facts = {
        **find_versions(),
        "articles": str(len(texts)),
        "articles, SHA-256": hash_rows(f"{doc_id}\0{text}" for doc_id, text in texts),
        "quotes": str(len(quotes)),
        "quotes, SHA-256": hash_rows(_quote_lines(quotes)),
    }
    return pd.DataFrame({"what": list(facts), "value": list(facts.values())})


def hash_rows(rows: Iterable[str]) -> str:
    """Hash lines of text, each with its length, so that no two lists of lines share a hash.

    >>> hash_rows(["a", "b"]) == hash_rows(["ab"])
    False
    """
    digest = hashlib.sha256()
    for row in rows:
        data = row.encode("utf-8", "surrogatepass")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def _quote_lines(quotes: pd.DataFrame) -> Iterable[str]:
    """Write what was found as lines: which words, said by whom."""
    columns = [column for column in ("quote_id", "end", "speaker") if column in quotes]
    return sorted("\0".join(str(cell) for cell in row) for row in quotes[columns].itertuples(index=False))


# --- the methods paragraph ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the methods paragraph says of a run; counts are of articles and quotes.

    is_rate, is_hits : the measure is yes or no, or hits per 1,000 words. undated : articles with quotes and without a
    date. reader : whether the neural reader had a say. turns, corrected, completed : rows that are a transcript's
    without marks, that somebody corrected, and whose surname was completed; left_out : rows that were extracted and are
    not in the table; nobodys : segments that are nobody's speech, which are in no other count.
    """

    measure: str
    by: str
    steps: pd.DataFrame
    compared: pd.DataFrame
    is_rate: bool
    is_hits: bool
    first: str
    last: str
    undated: int
    outlets: int
    reader: bool
    turns: int
    corrected: int
    completed: int
    left_out: int
    nobodys: int
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """A methods section in Markdown, with `[@key]` citations as pandoc reads them, and its BibTeX."""

    text: str
    bibliography: str

    def write(self, folder: str | Path) -> tuple[Path, Path]:
        """Write methods.md and methods.bib."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        places = folder / "methods.md", folder / "methods.bib"
        for place, content in zip(places, (self.text, self.bibliography), strict=True):
            place.write_text(content, encoding="utf-8", newline="\n")
        return places


def describe_methods(
    run: str | Path, *, measure: str = "tone", by: str = "speaker", articles: int | None = None
) -> Methods:
    """Write the methods section of a run: a scored quotes table, or a folder that holds one.

    `articles` is the number of articles read, where no `research.provenance` beside the table says so; without either
    the paragraph says how many there are at least.
    """
    path = find_table(run, measure)
    provenance = read_provenance(path)
    return write_methods(find_run(storage.read_table(path), provenance, measure=measure, by=by, articles=articles))


def find_table(run: str | Path, measure: str = "tone") -> Path:
    """Find the quotes table of a run: the file itself, or the one table of quotes in a folder that has the measure."""
    path = Path(run)
    if path.is_file():
        return path
    if not path.is_dir():
        raise FileNotFoundError(f"{path} does not exist. Give a quotes table, or the folder it is in.")
    files = sorted(each for each in path.iterdir() if each.suffix.lower() in storage.ENDINGS and each.is_file())
    tables = {each: columns for each in files if {"doc_id", "quote_id", "speaker"} <= (columns := _find_columns(each))}
    if not tables:
        raise FileNotFoundError(f"{path} holds no table of quotes. Make one with 'research extract'.")
    found = [each for each, columns in tables.items() if measure in columns]
    if not found:
        names = ", ".join(each.name for each in tables)
        raise FileNotFoundError(f"{path} holds no table of quotes with a column {measure!r}, but {names}. Score one.")
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise FileNotFoundError(f"{path} holds several tables of quotes with a column {measure!r}: {names}. Name one.")
    return found[0]


def _find_columns(path: Path) -> set[str]:
    """The columns of a table, none where it cannot be read: a folder may hold anything."""
    try:
        return set(storage.read_columns(path))
    except storage.StorageError:
        return set()


def find_run(
    quotes: pd.DataFrame,
    provenance: Provenance | None = None,
    *,
    measure: str,
    by: str = "speaker",
    articles: int | None = None,
) -> Run:
    """Gather from a scored table and its provenance what its methods paragraph needs.

    Raises ValueError if fewer articles were read than it has.
    """
    known = quotes["doc_id"].nunique()
    if articles is None and provenance is not None:
        articles = provenance.articles
    if articles is not None and articles < known:
        raise ValueError(f"the table has quotes of {known:,} articles, and {articles:,} are said to have been read.")
    said = quotes[quotes["kind"] != "none"] if "kind" in quotes else quotes
    steps = count_steps(said, measure, by, articles=known if articles is None else articles)
    flags, dated = _find_texts(said, "flags"), _find_dates(said)
    rules = _find_texts(said, "rule")
    return Run(
        measure=measure,
        by=by,
        steps=steps.replace({"step": {"read": "read, at least"}}) if articles is None else steps,
        compared=compare(said, measure, by),
        is_rate=is_yes_no(said[measure]),
        is_hits=is_hit_rate(measure, said[measure]),
        first=min(dated.values(), default=""),
        last=max(dated.values(), default=""),
        undated=said["doc_id"].nunique() - len(dated),
        outlets=_find_texts(said, "outlet").nunique(),
        reader=provenance.reader if provenance else bool((rules == "reader").any()),
        turns=_count_flag(flags, "turn"),
        corrected=int((rules == CORRECTED).sum()),
        completed=_count_flag(flags, "completed"),
        left_out=max(0, provenance.quotes - len(said)) if provenance else 0,
        nobodys=provenance.nobodys if provenance else len(quotes) - len(said),
        versions=dict(provenance.versions) if provenance else find_versions(),
    )


def _find_texts(quotes: pd.DataFrame, column: str) -> pd.Series:
    """The texts of a column, none if the table has no such column."""
    return quotes[column].dropna().astype(str) if column in quotes else pd.Series(dtype=str)


def _find_dates(quotes: pd.DataFrame) -> dict[str, str]:
    """The day of each article that has one; what is no day, such as a cell from elsewhere, is none."""
    if "date" not in quotes:
        return {}
    days = {str(doc_id): parse_date(str(date)) for doc_id, date in zip(quotes["doc_id"], quotes["date"], strict=True)}
    return {doc_id: day.isoformat() for doc_id, day in days.items() if day is not None}


def _count_flag(flags: pd.Series, flag: str) -> int:
    return int(flags.str.split().map(lambda each: flag in each).sum())


def write_methods(run: Run) -> Methods:
    """Write the section: data, models, estimator, limits, each in a paragraph."""
    parts = [_write_data(run), _write_models(run), _write_errors(run), _write_estimator(run), _write_limits(run)]
    text = "# Methods\n\n" + "\n\n".join(parts) + "\n\n" + _write_steps(run) + "\n"
    cited = [key for key in REFERENCES if f"@{key}" in text]
    return Methods(text=text, bibliography="\n\n".join(REFERENCES[key] for key in cited) + "\n")


def _write_data(run: Run) -> str:
    """Say what was read."""
    (read, found), articles = run.steps["step"].iloc[:2], run.steps.set_index("step")["articles"]
    least = "at least " if read != "read" else ""
    without = f" ({count_of(run.undated, 'article')} with quotations had no date)" if run.undated else ""
    when = f", dated {run.first} to {run.last}{without}" if run.first else ""
    outlets = f" from {count_of(run.outlets, 'outlet')}" if run.outlets else ""
    asides = [
        (run.turns, f"{count_of(run.turns, 'quotation')} are turns of transcripts without marks (flag `turn`)."),
        (run.left_out, f"{count_of(run.left_out, 'quotation')} more were extracted and are not in the table."),
        (run.nobodys, f"{count_of(run.nobodys, 'segment')} in quotation marks that nobody says count nowhere."),
    ]
    return (
        f"We read {least}{count_of(articles[read], 'article')}{outlets}{when}, and found "
        f"{count_of(run.steps['quotes'].iloc[1], 'quotation')} in {count_of(articles[found], 'article')}, "
        f"{run.steps['quotes'].iloc[-1]:,} of them with `{run.measure}` and "
        f"{'by' if run.by == 'speaker' else 'of'} {count_of(len(run.compared), run.by)}. "
        + "".join(f"{aside} " for number, aside in asides if number)
        + "The table below gives the numbers left after each step."
    )


def _write_models(run: Run) -> str:
    """Say with what quotes were found, attributed and scored."""
    version = run.versions["on-the-record"].replace("not installed", "(not installed)")
    scored = {
        "tone": "`tone` is a ridge regression of human ratings of editorials' sentences, and of annotators' polarities "
        "of news sentences, on VADER's evidence [@hutto2014vader], words, phrases and ratings expected from sentence "
        "vectors [@wang2020minilm]",
        "compound": "`compound` is VADER's score [@hutto2014vader], averaged over sentences",
        "compound_whole": "`compound_whole` is VADER's score of the whole quotation [@hutto2014vader]",
    }.get(run.measure, f"`{run.measure}` was computed for each quotation")
    reader = " and joined, where it is unsure, by a neural reader [@wang2020minilm]" if run.reader else ""
    software = ", ".join(f"{name} {number}" for name, number in run.versions.items() if name != "on-the-record")
    return (
        f"Quotations were extracted and attributed with *On the Record* {version} [@ontherecord], whose ranker was "
        f"fitted on PolNeAR [@newell2018polnear]{reader}; {scored}. Software: {software}."
    )


def _write_errors(run: Run) -> str:
    """Say how wrong the models are on articles that they were not fitted on, and what was changed afterwards."""
    parts = [
        _write_attribution_error(run),
        _write_tone_error(run.measure),
        _write_completed(run.completed),
        _write_corrected(run.corrected),
    ]
    return " ".join(part for part in parts if part)


def _write_attribution_error(run: Run) -> str:
    """Say how often speakers are right: by the reader's figures if it had a say, else by the ranker's."""
    direct, mixed, full = _find_accuracies(with_reader=run.reader)
    other = ", ".join(_find_accuracies(with_reader=not run.reader))
    otherwise = "without the reader" if run.reader else "with the neural reader, which decided none of these,"
    return (
        "In US political news that the models were not fitted on, the mention that names the speaker was right for "
        f"{direct} of direct and {mixed} of mixed quotations, the full name for {full} of those by named persons "
        f"({otherwise} {other})."
    )


def _find_accuracies(*, with_reader: bool) -> list[str]:
    """Read from the card the shares right, held out: the mention of direct and mixed quotations, and the full name."""
    card = read_card("attribution")
    section, right = ("With the reader", "right") if with_reader else ("Measured", "ranker right")
    mentions = read_table(card, section)
    persons = read_table(card, "Persons, end to end")["full name right, of the quotes of named persons"]
    full = persons["with the reader" if with_reader else "ranker alone"].partition(" ")[0]
    return [*(mentions[f"{right}, {kind}"]["held out"] for kind in ("direct", "mixed")), full]


def _write_tone_error(measure: str) -> str:
    """Say how well a measure of tone agrees with human readers; nothing of any other measure."""
    row = {
        "tone": "all: + polarities toward targets",
        "compound": "VADER, mean over sentences (`compound`)",
        "compound_whole": "VADER, whole text (`compound_whole`)",
    }.get(measure)
    if row is None:
        return ""
    column, value = next(iter(read_table(read_card("tone"), "Measured")[row].items()))
    sentences = int("".join(filter(str.isdecimal, column)))
    return (
        f"`{measure}` correlates with the mean rating of human readers at r = {value} over {sentences:,} sentences of "
        "newspaper editorials that it was not fitted on."
    )


def _write_completed(rows: int) -> str:
    if not rows:
        return ""
    return (
        f"In {count_of(rows, 'quotation')} a surname that the article leaves bare was completed from the other "
        f"articles (flag `completed`; held out, {CERTAINTY} of such names are right)."
    )


def _write_corrected(rows: int) -> str:
    if not rows:
        return ""
    return f"{count_of(rows, 'quotation')} got the speaker by hand (rule `{CORRECTED}`); these count as certain."


def _write_estimator(run: Run) -> str:
    """Say how means, intervals and tests were computed."""
    if run.is_rate:
        return (
            f"For each {run.by} we give the share of quotations with `{run.measure}`, with Wilson's 95 % interval "
            "[@wilson1927probable] at the number of independent quotations that its error is worth; the error is "
            "clustered by article, with CR2 standard errors [@bell2002bias; @pustejovsky2018small]. "
            f"Differences between {run.by}s have the interval that follows from both [@newcombe1998interval], and p "
            "values adjusted by Holm's method [@holm1979simple]."
        )
    if run.is_hits:
        return (
            f"For each {run.by} we give the mean of `{run.measure}` with Poisson's 95 % interval "
            "[@garwood1936fiducial] for as many independent hits as its error is worth [@korn1998confidence]; the "
            "error is clustered by article, with CR2 standard errors [@bell2002bias; @pustejovsky2018small]. "
            f"Differences between {run.by}s are tested with these errors, and p values adjusted by Holm's method "
            "[@holm1979simple]."
        )
    return (
        f"For each {run.by} we give the mean of `{run.measure}` with a 95 % interval clustered by article: CR2 "
        "standard errors [@bell2002bias; @pustejovsky2018small] and Satterthwaite degrees of freedom under equal "
        f"correlation within articles [@imbens2016robust], {describe_correlation(run.compared)}. Differences "
        f"between {run.by}s are tested the same way, and p values adjusted by Holm's method [@holm1979simple]."
    )


def _write_limits(run: Run) -> str:
    """Say what a reader should hold against the result."""
    warned = int((run.compared["warning"] != "").sum())
    few = f" {count_of(warned, run.by)} of {len(run.compared)} carry a warning (few articles or a lopsided sample)."
    return (
        "Means describe what was quoted, not what was said: journalists choose. Intervals carry the sampling of "
        "articles; errors of attribution and of the measure are in them only where an audit sample was used to correct "
        f"them [@angelopoulos2023prediction; @egami2023using].{few if warned else ''}"
    )


def _write_steps(run: Run) -> str:
    """Set the attrition table as Markdown."""
    lines = ["| step | articles | quotations |", "| --- | ---: | ---: |"]
    lines += [f"| {row.step} | {row.articles:,} | {row.quotes:,} |" for row in run.steps.itertuples()]
    return "\n".join(lines)


REFERENCES = {
    "ontherecord": """@software{ontherecord,
  title = {On the Record: quotes, speakers and honest comparisons},
  author = {{The On the Record authors}},
  note = {Python package on-the-record}
}""",
    "newell2018polnear": """@inproceedings{newell2018polnear,
  title = {An Attribution Relations Corpus for Political News},
  author = {Newell, Edward and Margolin, Drew and Ruths, Derek},
  booktitle = {Proceedings of the Eleventh International Conference on Language Resources and Evaluation},
  year = {2018}
}""",
    "wang2020minilm": """@inproceedings{wang2020minilm,
  title = {{MiniLM}: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained Transformers},
  author = {Wang, Wenhui and Wei, Furu and Dong, Li and Bao, Hangbo and Yang, Nan and Zhou, Ming},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {33},
  year = {2020}
}""",
    "hutto2014vader": """@inproceedings{hutto2014vader,
  title = {{VADER}: A Parsimonious Rule-Based Model for Sentiment Analysis of Social Media Text},
  author = {Hutto, C. J. and Gilbert, Eric},
  booktitle = {Proceedings of the International AAAI Conference on Web and Social Media},
  volume = {8},
  year = {2014}
}""",
    "bell2002bias": """@article{bell2002bias,
  title = {Bias Reduction in Standard Errors for Linear Regression with Multi-Stage Samples},
  author = {Bell, Robert M. and McCaffrey, Daniel F.},
  journal = {Survey Methodology},
  volume = {28},
  year = {2002}
}""",
    "pustejovsky2018small": """@article{pustejovsky2018small,
  title = {Small-Sample Methods for Cluster-Robust Variance Estimation and Hypothesis Testing in Fixed Effects Models},
  author = {Pustejovsky, James E. and Tipton, Elizabeth},
  journal = {Journal of Business \\& Economic Statistics},
  volume = {36},
  year = {2018}
}""",
    "imbens2016robust": """@article{imbens2016robust,
  title = {Robust Standard Errors in Small Samples: Some Practical Advice},
  author = {Imbens, Guido W. and Koles{\\'a}r, Michal},
  journal = {Review of Economics and Statistics},
  volume = {98},
  year = {2016}
}""",
    "wilson1927probable": """@article{wilson1927probable,
  title = {Probable Inference, the Law of Succession, and Statistical Inference},
  author = {Wilson, Edwin B.},
  journal = {Journal of the American Statistical Association},
  volume = {22},
  year = {1927}
}""",
    "garwood1936fiducial": """@article{garwood1936fiducial,
  title = {Fiducial Limits for the {Poisson} Distribution},
  author = {Garwood, F.},
  journal = {Biometrika},
  volume = {28},
  year = {1936}
}""",
    "korn1998confidence": """@article{korn1998confidence,
  title = {Confidence Intervals for Proportions with Small Expected Number of Positive Counts Estimated from Survey
    Data},
  author = {Korn, Edward L. and Graubard, Barry I.},
  journal = {Survey Methodology},
  volume = {24},
  year = {1998}
}""",
    "newcombe1998interval": """@article{newcombe1998interval,
  title = {Interval Estimation for the Difference Between Independent Proportions: Comparison of Eleven Methods},
  author = {Newcombe, Robert G.},
  journal = {Statistics in Medicine},
  volume = {17},
  year = {1998}
}""",
    "holm1979simple": """@article{holm1979simple,
  title = {A Simple Sequentially Rejective Multiple Test Procedure},
  author = {Holm, Sture},
  journal = {Scandinavian Journal of Statistics},
  volume = {6},
  year = {1979}
}""",
    "angelopoulos2023prediction": """@article{angelopoulos2023prediction,
  title = {Prediction-Powered Inference},
  author = {Angelopoulos, Anastasios N. and Bates, Stephen and Fannjiang, Clara and Jordan, Michael I. and
    Zrnic, Tijana},
  journal = {Science},
  volume = {382},
  year = {2023}
}""",
    "egami2023using": """@inproceedings{egami2023using,
  title = {Using Imperfect Surrogates for Downstream Inference: Design-Based Supervised Learning for Social Science
    Applications of Large Language Models},
  author = {Egami, Naoki and Hinck, Musashi and Stewart, Brandon M. and Wei, Hanying},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {36},
  year = {2023}
}""",
}
"""What the section may cite, as BibTeX; only what it does cite is written out."""
