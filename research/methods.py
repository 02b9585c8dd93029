"""The written half of a result: provenance, the methods paragraph and its references.

What a reviewer asks (which data, which versions, how many were lost at each step, how wrong are the models) is known
to the machine that made the figure. It writes it down here, so that nobody has to remember it.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import pandas as pd

from research import storage
from research.comparison import compare, count_of, count_steps, describe_correlation
from research.documents import Document

PACKAGES = ("on-the-record", "numpy", "pandas", "scikit-learn", "nltk", "vaderSentiment", "matplotlib")


def find_versions() -> dict[str, str]:
    """Give the versions of Python and of the packages whose code touches a result.

    >>> find_versions()["python"].startswith("3.")
    True
    """
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


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
    """What the methods paragraph says of a run; counts are of articles and quotes."""

    measure: str
    by: str
    steps: pd.DataFrame
    speakers: int
    compared: pd.DataFrame
    first: str
    last: str
    outlets: int
    versions: dict[str, str]
    measured: dict[str, str]


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

    `articles` is the number of articles read; without it the paragraph says how many had a quote.
    """
    return write_methods(find_run(storage.read_table(find_table(run)), measure=measure, by=by, articles=articles))


def find_table(run: str | Path) -> Path:
    """Find the quotes table of a run: the file itself, or the only table in the folder that has one's columns."""
    path = Path(run)
    if path.is_file():
        return path
    if not path.is_dir():
        raise FileNotFoundError(f"{path} does not exist. Give a quotes table, or the folder it is in.")
    tables = sorted(each for each in path.iterdir() if each.suffix.lower() in storage.ENDINGS)
    found = [each for each in tables if {"quote_id", "speaker"} <= set(storage.read_columns(each))]
    if len(found) != 1:
        raise FileNotFoundError(f"{path} holds {len(found)} quotes tables. Name one of them.")
    return found[0]


def find_run(quotes: pd.DataFrame, *, measure: str, by: str = "speaker", articles: int | None = None) -> Run:
    """Gather from a scored table what its methods paragraph needs."""
    dates = quotes["date"].dropna().astype(str)
    return Run(
        measure=measure,
        by=by,
        steps=count_steps(quotes, measure, by, articles=articles),
        speakers=int(quotes[by].nunique()),
        compared=compare(quotes, measure, by),
        first=dates.min() if len(dates) else "",
        last=dates.max() if len(dates) else "",
        outlets=int(quotes["outlet"].nunique()),
        versions=find_versions(),
        measured=find_measured(),
    )


def find_measured() -> dict[str, str]:
    """Read from the models' cards what was measured of each: the rows in bold of the tables under "Measured"."""
    cards = [each for each in resources.files("research.models").iterdir() if each.name.endswith(".md")]
    found = {card.name.removesuffix(".md"): read_measured(card.read_text(encoding="utf-8")) for card in cards}
    return {name: what for name, what in sorted(found.items()) if what}


def read_measured(card: str) -> str:
    r"""Read the rows in bold of the tables of a card's section "Measured".

    >>> read_measured("## Measured\n| model | F1 |\n|---|---|\n| old | 0.8 |\n| **ours** | 0.9 |\n")
    'F1 0.9'
    """
    section = card.partition("## Measured")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in section.splitlines() if line[:1] == "|"]
    header: list[str] = []
    found = []
    for row, following in zip(rows, [*rows[1:], [""]], strict=False):
        if set(following[0]) == {"-"}:
            header = row
        elif row[0].startswith("**"):
            numbers = [f"{name} {value}" for name, value in zip(header[1:], row[1:], strict=False)]
            found.append((row[0].strip("*"), ", ".join(numbers)))
    return found[0][1] if len(found) == 1 else "; ".join(f"{name} ({numbers})" for name, numbers in found)


def write_methods(run: Run) -> Methods:
    """Write the section: data, models, estimator, limits, each in a paragraph."""
    parts = [_write_data(run), _write_models(run), _write_estimator(run), _write_limits(run)]
    text = "# Methods\n\n" + "\n\n".join(parts) + "\n\n" + _write_steps(run) + "\n"
    cited = [key for key in REFERENCES if f"@{key}" in text]
    return Methods(text=text, bibliography="\n\n".join(REFERENCES[key] for key in cited) + "\n")


def _write_data(run: Run) -> str:
    """Say what was read."""
    steps = run.steps.set_index("step")
    when = f", dated {run.first} to {run.last}" if run.first else ""
    outlets = f" from {run.outlets} {'outlet' if run.outlets == 1 else 'outlets'}" if run.outlets else ""
    return (
        f"We read {count_of(steps.loc['read', 'articles'], 'article')}{outlets}{when}, and found "
        f"{count_of(steps.loc['quotes found', 'quotes'], 'quotation')} in "
        f"{count_of(steps.loc['quotes found', 'articles'], 'article')}, said by {count_of(run.speakers, run.by)}. "
        "The table below gives the numbers left after each step."
    )


def _write_models(run: Run) -> str:
    """Say with what quotes were found, attributed and scored, and how wrong that is."""
    version = run.versions["on-the-record"].replace("not installed", "(not installed)")
    scored = {
        "tone": "`tone` is a linear model of human ratings of valence over VADER's evidence [@hutto2014vader]",
        "compound": "`compound` is VADER's score [@hutto2014vader], averaged over sentences",
        "compound_whole": "`compound_whole` is VADER's score of the whole quotation [@hutto2014vader]",
    }.get(run.measure, f"`{run.measure}` was computed for each quotation")
    errors = "; ".join(f"{name}: {what}" for name, what in run.measured.items())
    known = f" Measured errors of the models: {errors}." if errors else ""
    software = ", ".join(f"{name} {number}" for name, number in run.versions.items() if name != "on-the-record")
    return (
        f"Quotations were extracted and attributed with *On the Record* {version} [@ontherecord], whose ranker was "
        f"fitted on PolNeAR [@newell2018polnear]; {scored}.{known} Software: {software}."
    )


def _write_estimator(run: Run) -> str:
    """Say how means, intervals and tests were computed."""
    return (
        f"For each {run.by} we give the mean of `{run.measure}` with a 95 % interval clustered by article: CR2 "
        "standard errors [@bell2002bias; @pustejovsky2018small] and Satterthwaite degrees of freedom under equal "
        f"correlation within articles [@imbens2016robust], {describe_correlation(run.compared)}. Differences "
        "between speakers are tested the same way, and p values adjusted by Holm's method [@holm1979simple]."
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
