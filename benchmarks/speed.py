"""How fast and how large: words per CPU second of each stage, memory, start-up, growth, hostile articles.

    python -m benchmarks.speed             prints the report and writes it to benchmarks/speed.md
    python -m benchmarks.speed --quick     a shorter run, printed only

Everything is measured in processes of its own with one BLAS thread, as CPU time (user and system), so that other work
on the machine disturbs it little; figures are medians. The text is that of our own reports, and of PolNeAR's dev
articles where the data folder is there. This module imports nothing heavy: a child's peak memory counts its parent's.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research.documents import Document

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "corpus" / "reports"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
LIMIT_IN_SECONDS = 180  # of wall clock for one measurement; what takes longer is reported as that
SOURCES = {"reports": "our reports", "polnear": "PolNeAR dev"}

WORDS_A_SECOND, START_UP_IN_SECONDS, MEMORY_IN_MB, GROWTH = 20_000, 1.0, 300, 11.0
"""What we want to reach: speed of the whole chain, start-up, a command's peak, the cost of ten times the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured. Reports and the articles of PolNeAR hold some 25,000 and 55,000 words."""

    copies: int = 3
    runs: int = 5
    growth_runs: int = 3
    long_article: int = 5_000_000
    quotes: int = 20_000
    marks: int = 100_000


QUICK = Size(copies=1, runs=1, growth_runs=1, long_article=200_000, quotes=1_000, marks=5_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What a child process printed, and what it cost; `output` is None where it failed or took too long."""

    output: Any
    cpu_seconds: float
    peak_mb: float
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the report."""

    title: str
    note: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def __str__(self) -> str:
        """The table as markdown, numbers to the right."""
        lines = [
            f"## {self.title}",
            "",
            self.note,
            "",
            "| " + " | ".join(self.columns) + " |",
            "|---|" + "---:|" * (len(self.columns) - 1),
        ]
        return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in self.rows), ""])


# --- processes --------------------------------------------------------------------------------------------------------


def run_child(arguments: Sequence[str], cwd: Path = ROOT) -> Child:
    """Run Python and note CPU time and peak memory as the system counts them."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **ONE_THREAD},
        )
        timer = threading.Timer(LIMIT_IN_SECONDS, process.kill)
        timer.start()
        printed = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        errors.seek(0)
        complaint = errors.read().decode("utf8", "replace").strip().splitlines()
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    return Child(
        output=printed.decode("utf8"),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / unit,
        trouble=_trouble(process.returncode, complaint),
    )


def _trouble(status: int, complaint: Sequence[str]) -> str:
    """What went wrong, if anything. A command that met an odd article says so and exits with 1: that is no failure."""
    if status < 0:
        return f"not within {LIMIT_IN_SECONDS} s"
    failed = status > 1 or any(line.startswith("Traceback") for line in complaint)
    return (complaint or [f"exit status {status}"])[-1][:80] if failed else ""


def measure_apart(name: str, size: Size, *arguments: str) -> Child:
    """Run one of `MEASURES` in a process of its own and parse what it prints."""
    child = run_child(["-m", "benchmarks.speed", "--measure", json.dumps([name, asdict(size), *arguments])])
    output = None if child.trouble else json.loads(child.output)
    return Child(output=output, cpu_seconds=child.cpu_seconds, peak_mb=child.peak_mb, trouble=child.trouble)


def cpu_seconds(work: Callable[[], object], runs: int) -> float:
    """The median CPU time of doing some work."""
    costs = []
    for _ in range(runs):
        start = time.process_time()
        work()
        costs.append(time.process_time() - start)
    return median(costs)


def cpu_seconds_in_turn(works: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median CPU time of each work, all done in turn in each run, so that a slow minute hits them alike."""
    costs = [{name: cpu_seconds(work, 1) for name, work in works.items()} for _ in range(runs)]
    return {name: median(run[name] for run in costs) for name in works}


# --- text -------------------------------------------------------------------------------------------------------------


def data_folder() -> Path:
    """Where the annotated articles lie, if anywhere: the same place as for the tests."""
    return Path(os.environ.get("ON_THE_RECORD_DATA", ROOT.parent / "shared" / "data"))


def available_sources() -> list[str]:
    """The names of the texts that can be had here."""
    return [name for name in SOURCES if name == "reports" or (data_folder() / "polnear" / "dev.jsonl").is_file()]


def write_articles(source: str, folder: Path, copies: int) -> None:
    """Write a source out as .txt files; reports are copied, so that there are more of them."""
    if source == "reports":
        for path in REPORTS.glob("*.txt"):
            for copy in range(copies):
                (folder / f"{path.stem}-{copy}.txt").write_bytes(path.read_bytes())
    else:
        lines = (data_folder() / "polnear" / "dev.jsonl").read_text("utf8").splitlines()
        for row in map(json.loads, lines):
            (folder / f"{row['id']}.txt").write_text(row["text"], "utf8")


def read_reports(copies: int = 1) -> list[Document]:
    """Our reports, each as often as wanted, with ids of their own."""
    from dataclasses import replace

    from research import read_corpus

    documents = list(read_corpus(REPORTS))
    return [replace(d, doc_id=f"{d.doc_id}-{copy}") for copy in range(copies) for d in documents]


def renamed(text: str, copy: int) -> str:
    """The text with every name in the middle of a sentence made another one, so that each copy has people of its own.

    >>> renamed("He saw Ann Lee.", 27)
    'He saw Annbb Leebb.'
    """
    ending = chr(97 + copy // 26) + chr(97 + copy % 26)
    return re.sub(r"(?<=[\w,] )[A-Z][a-z]+", lambda found: found.group() + ending, text)


def hostile_texts(marks: int) -> dict[str, str]:
    """Articles of one paragraph that no editor would print; each with about so many marks, or words."""
    return {
        "opening marks, nothing else": "“" * marks,
        "“a “a “a, never closed": "“a " * marks,
        "“a” “a” “a”": "“a” " * (marks // 2),
        '"a "a "a': '"a ' * marks,
        "straight marks, nothing else": '"' * marks,
        "‘a’ ‘a’ ‘a’": "‘a’ " * (marks // 2),
        '“a «b "c, never closed': '“a «b "c ' * (marks // 3),
        "“a” he said, “a” he said": "“a” he said, " * (marks // 2),
        "s’ s’ s’": "s’ " * marks,
        "[[[ in one quote": f"“{'[' * marks}”",
        "Ann Lee Ann Lee": "Ann Lee " * (marks // 2),
        "A. A. A.": "A. " * marks,
        "one word": "x" * marks,
        "blanks": f"“a” said{' ' * marks}Ann.",
    }


def crowded_text(quotes: int) -> str:
    """One article of so many quotes, each by somebody new, every third sentence by a pronoun."""

    def name(number: int) -> str:
        return "".join(chr(97 + number // 26**i % 26) for i in range(4)).capitalize()

    speakers = [f"Ann {name(i)}" if i % 3 else "she" for i in range(quotes)]
    return "\n".join(f"“We will stay {i} days,” {speaker} said on Monday." for i, speaker in enumerate(speakers))


# --- measurements, each run in a process of its own -------------------------------------------------------------------


def measure_stages(size: Size, source: str) -> dict[str, Any]:
    """CPU seconds of each stage over all articles of a source, of the whole chain, and of NLTK's tokenisers."""
    from nltk.tokenize import NLTKWordTokenizer, TreebankWordTokenizer

    from research import read_corpus
    from research.attribution import load_models
    from research.extraction import ExtractionConfig, extract_corpus
    from research.reader import is_available

    plain = ExtractionConfig(use_reader=False)
    with tempfile.TemporaryDirectory() as folder:
        write_articles(source, Path(folder), size.copies)
        documents = list(read_corpus(folder))
        load_models()
        list(extract_corpus(documents[:20], plain))
        works: dict[str, Callable[[], object]] = {"read files": lambda: list(read_corpus(folder))}
        works |= _stages(documents)
        works["whole chain"] = lambda: list(extract_corpus(documents, plain))
        for their in (NLTKWordTokenizer(), TreebankWordTokenizer()):
            works[type(their).__name__] = lambda t=their: [t.tokenize(d.text) for d in documents]
        costs = cpu_seconds_in_turn(works, size.runs)
    if is_available():
        reading = ExtractionConfig(use_reader=True)
        costs["whole chain with the neural reader"] = cpu_seconds(lambda: list(extract_corpus(documents, reading)), 1)
    return {
        "costs": costs,
        "articles": len(documents),
        "words": sum(len(d.text.split()) for d in documents),
        "quotes": sum(len(r.rows) + r.nobody for r in extract_corpus(documents, plain)),
    }


def _stages(documents: Sequence[Document]) -> dict[str, Callable[[], object]]:
    """Each stage on its own, given what the stages before it made."""
    from research.attribution import load_models, read, shares_of, winners
    from research.evidence import gate_features, pair_up
    from research.identity import resolve
    from research.mentions import find_mentions
    from research.quotes import find_quotes
    from research.registry import load_registry
    from research.segmentation import tokenize
    from research.tagging import tag

    models, registry = load_models(), load_registry()
    names, pairs = models.tagger.names, list(zip(documents, [read(d.text, models) for d in documents], strict=True))

    def decide(text: str, r: Any) -> object:
        scores, quotes = models.ranker.score(r.pairs.values), len(r.scan.segments)
        _, share, chance = winners(r.pairs, scores, shares_of(r.pairs, scores, quotes), quotes)
        return models.gate.score(gate_features(text, r.scan, r.tokens, r.tags, names, share, chance))

    stages: dict[str, Callable[[Document, Any], object]] = {
        "quotes": lambda d, r: find_quotes(d.text),
        "tokens": lambda d, r: tokenize(d.text, r.scan),
        "tagger": lambda d, r: tag(models.tagger, d.text, r.scan, r.tokens),
        "mentions": lambda d, r: find_mentions(d.text, r.scan, r.tokens, r.tags, names),
        "evidence": lambda d, r: pair_up(r.scan, r.tokens, r.tags, r.mentions, names),
        "ranker and gate": lambda d, r: decide(d.text, r),
        "identity": lambda d, r: resolve(d, r, registry),
    }
    return {name: lambda s=stage: [s(d, r) for d, r in pairs] for name, stage in stages.items()}


def measure_growth(size: Size, way: str) -> dict[str, float]:
    """CPU seconds of the chain on some text and on ten times as much, as many articles or as one."""
    from research.documents import Document
    from research.extraction import ExtractionConfig, extract_corpus

    plain = ExtractionConfig(use_reader=False)
    documents = read_reports()[:36]
    text = "\n".join(d.text for d in documents)
    wholes = {
        "many articles": (documents, [d for _ in range(10) for d in documents]),
        "one article, the same people": tuple([Document(doc_id="a", text="\n".join([text] * n))] for n in (1, 10)),
        "one article, new people": tuple(
            [Document(doc_id="a", text="\n".join(renamed(text, copy) for copy in range(n)))] for n in (1, 10)
        ),
    }
    list(extract_corpus(documents[:5], plain))
    small, large = (cpu_seconds(lambda d=d: list(extract_corpus(d, plain)), size.growth_runs) for d in wholes[way])
    return {"words": len(text.split()), "small": small, "large": large}


def measure_article(size: Size, kind: str) -> dict[str, float]:
    """CPU seconds of the chain on one huge article, once."""
    from research.documents import Document
    from research.extraction import ExtractionConfig, extract_corpus

    plain = ExtractionConfig(use_reader=False)
    if kind == "long":
        once = "\n".join(d.text for d in read_reports())
        text = "\n".join(renamed(once, copy) for copy in range(1 + size.long_article // len(once)))[: size.long_article]
    else:
        text = crowded_text(size.quotes)
    list(extract_corpus(read_reports()[:5], plain))
    rows: list[Any] = []
    documents = [Document(doc_id="a", text=text)]

    def extract_all() -> None:
        rows.extend(row for result in extract_corpus(documents, plain) for row in result.rows)

    cost = cpu_seconds(extract_all, 1)
    return {"words": len(text.split()), "bytes": len(text.encode()), "quotes": len(rows), "cost": cost}


def measure_hostile(size: Size, name: str) -> dict[str, float]:
    """CPU seconds of the chain on a hostile article with a tenth of the marks, and with all."""
    from research.documents import Document
    from research.extraction import ExtractionConfig, extract_corpus

    plain = ExtractionConfig(use_reader=False)
    list(extract_corpus(read_reports()[:5], plain))
    small, large = (
        cpu_seconds(lambda n=n: list(extract_corpus([Document(doc_id="a", text=hostile_texts(n)[name])], plain)), 1)
        for n in (size.marks // 10, size.marks)
    )
    return {"small": small, "large": large}


def measure_scoring(size: Size) -> dict[str, float]:
    """CPU seconds to score each different quote of our reports: VADER, all scores, and vaderSentiment's own code."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    from research.extraction import extract_corpus
    from research.tone import score_text
    from research.typography import fold
    from research.vader import read_vader

    texts = sorted({row["text"] for result in extract_corpus(read_reports()) for row in result.rows})
    theirs = SentimentIntensityAnalyzer()
    ways: dict[str, Callable[[str], object]] = {
        "`compound_whole` (VADER, `research.vader`)": lambda t: read_vader(fold(t)),
        "all four scores (`research.tone`)": score_text,
        "vaderSentiment's own code, whole text": lambda t: theirs.polarity_scores(fold(t)),
    }
    score_text(texts[0])
    costs = {name: cpu_seconds(lambda w=way: [w(t) for t in texts], size.runs) for name, way in ways.items()}
    return {"quotes": len(texts), **costs}


MEASURES: Mapping[str, Callable[..., Mapping[str, Any]]] = {
    "stages": measure_stages,
    "growth": measure_growth,
    "article": measure_article,
    "hostile": measure_hostile,
    "scoring": measure_scoring,
}


# --- the report -------------------------------------------------------------------------------------------------------


def report_stages(size: Size) -> Iterator[Table]:
    """Words per CPU second by stage, one table a source."""
    for source in available_sources():
        child = measure_apart("stages", size, source)
        if child.output is None:
            yield Table(title=f"Stages: {SOURCES[source]}", note=child.trouble, columns=("stage",))
            continue
        costs, words = child.output["costs"], child.output["words"]
        whole, nltk = costs["whole chain"], costs["NLTKWordTokenizer"]
        table = Table(
            title=f"Stages: {SOURCES[source]}",
            columns=("stage", "words per CPU second", "µs a word", "of the chain"),
            note=f"{child.output['articles']} articles, {words:,} words (between blanks), {child.output['quotes']:,} "
            f"quoted segments; medians of {size.runs}. The chain is what `extract_corpus` does, models loaded; "
            f"`decisions, rows` is what the stages before leave of it, with what they cost more one after the other "
            f"than each alone (caches). Wanted: {WORDS_A_SECOND:,} words a second. "
            f"The chain costs {whole / nltk:.1f} times what NLTK's word tokeniser costs on the same text.",
        )
        table.rows.extend(_stage_rows(costs, words))
        yield table


def _stage_rows(costs: Mapping[str, float], words: int) -> Iterator[Sequence[str]]:
    """One row a stage; what is no part of the chain has no share of it."""
    whole = costs["whole chain"]
    names = list(costs)
    chain = {name: costs[name] for name in names[names.index("read files") + 1 : names.index("whole chain")]}
    chain["decisions, rows"] = max(0.0, whole - sum(chain.values()))
    for name, cost in {"read files": costs["read files"], **chain, **costs}.items():
        speed = f"{words / cost:,.0f}" if cost > 0 else ""
        share = f"{cost / whole:.0%}" if name in chain else ""
        yield f"**{name}**" if name == "whole chain" else name, speed, f"{1e6 * cost / words:.2f}", share


def report_commands(size: Size) -> Iterator[Table]:
    """Start-up and memory of real commands."""
    table = Table(
        title="Start-up and memory",
        columns=("command", "CPU seconds", "peak memory, MB"),
        note=f"Whole processes, Python's own start included; medians of {size.runs}. Wanted: under "
        f"{START_UP_IN_SECONDS:g} s to start, under {MEMORY_IN_MB} MB.",
    )
    first = (
        "from research import documents, extraction; "
        "list(extraction.extract_corpus([documents.Document(doc_id='a', text='“No,” Ann Lee said.')]))"
    )
    report = min(REPORTS.glob("*.txt"))
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "`python -c pass`": ["-c", "pass"],
            "`import research`": ["-c", "import research"],
            "`research --help`": ["-m", "research", "--help"],
            "first quote, models loaded": ["-c", first],
            "`research extract` one report": ["-m", "research", "extract", str(report), "-o", f"{folder}/one.jsonl"],
        }
        for name, arguments in commands.items():
            children = [run_child(arguments) for _ in range(size.runs)]
            table.rows.append(_command_row(name, children))
        for source in available_sources():
            articles = Path(folder) / source
            articles.mkdir()
            write_articles(source, articles, size.copies)
            child = run_child(["-m", "research", "extract", str(articles), "-o", f"{folder}/{source}.jsonl"])
            table.rows.append(_command_row(f"`research extract`, {SOURCES[source]}", [child]))
    yield table


def _command_row(name: str, children: Sequence[Child]) -> Sequence[str]:
    trouble = next((c.trouble for c in children if c.trouble), "")
    cost = f"{median(c.cpu_seconds for c in children):.2f}"
    return name, trouble or cost, f"{median(c.peak_mb for c in children):.0f}"


def report_growth(size: Size) -> Iterator[Table]:
    """What ten times the text costs, and huge articles."""
    table = Table(
        title="Growth",
        columns=("text", "words", "CPU seconds", "10 times the text", "ratio", "peak memory, MB"),
        note=f"CPU seconds of the chain without the reader, whose cost goes by the quotes put to it; medians of "
        f"{size.growth_runs}. Wanted: a ratio of at most {GROWTH:g}.",
    )
    for way in ("many articles", "one article, the same people", "one article, new people"):
        child = measure_apart("growth", size, way)
        cells = ["", child.trouble, "", ""] if child.output is None else _growth_cells(child.output)
        table.rows.append((way, *cells, f"{child.peak_mb:.0f}"))
    yield table
    huge = Table(
        title="Huge articles",
        note="One article each, once, without the reader.",
        columns=("article", "bytes", "words", "quotes", "CPU seconds", "words a second", "peak memory, MB"),
    )
    for name, kind in (
        ("reports on end, new people in each", "long"),
        ("quotes on end, each of somebody new", "crowded"),
    ):
        child = measure_apart("article", size, kind)
        found = child.output
        cells = (
            ["", "", "", child.trouble, ""]
            if found is None
            else [
                f"{found['bytes']:,}",
                f"{found['words']:,}",
                f"{found['quotes']:,}",
                f"{found['cost']:.1f}",
                f"{found['words'] / found['cost']:,.0f}",
            ]
        )
        huge.rows.append((name, *cells, f"{child.peak_mb:.0f}"))
    yield huge


def _growth_cells(found: Mapping[str, float]) -> list[str]:
    return [f"{found['words']:,}", *_from_small_to_large(found)]


def _from_small_to_large(found: Mapping[str, float]) -> list[str]:
    """Two costs and their ratio."""
    small, large = found["small"], found["large"]
    return [f"{small:.2f}", f"{large:.2f}", f"{large / small:.1f}" if small >= 0.005 else ""]


def report_hostile(size: Size) -> Iterator[Table]:
    """Articles that were made to be slow."""
    table = Table(
        title="Hostile articles",
        columns=(
            "one paragraph of",
            f"CPU seconds, {size.marks // 10:,} marks",
            f"CPU seconds, {size.marks:,} marks",
            "ratio",
            "peak memory, MB",
        ),
        note="The chain on one paragraph, once.",
    )
    for name in hostile_texts(1):
        child = measure_apart("hostile", size, name)
        cells = [child.trouble, "", ""] if child.output is None else _from_small_to_large(child.output)
        table.rows.append((f"`{name}`", *cells, f"{child.peak_mb:.0f}"))
    yield table


def report_scoring(size: Size) -> Iterator[Table]:
    """Scoring tone."""
    child = measure_apart("scoring", size)
    found = dict(child.output or {})
    quotes = found.pop("quotes", 0)
    table = Table(
        title="Scoring",
        columns=("score", "CPU seconds per 1,000 quotes"),
        note=child.trouble or f"{quotes} different quotes of our reports; medians of {size.runs}.",
    )
    table.rows.extend((name, f"{1000 * cost / quotes:.3f}") for name, cost in found.items())
    yield table


def describe_machine() -> str:
    """Day, Python, and processor; nothing that names this machine."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"^model name\s*: (.+)$", info.read_text("utf8"), re.MULTILINE) if info.exists() else []
    processor = models[0] if models else platform.processor() or platform.machine()
    return (
        f"{datetime.datetime.now(datetime.UTC).date()}, Python {platform.python_version()}, {platform.system()}, "
        f"{processor}, one core."
    )


def write_report(size: Size) -> Iterator[str]:
    """The parts of the report, as they are measured."""
    yield f"# How fast and how large\n\nWritten by `make bench` (`python -m benchmarks.speed`): {describe_machine()}\n"
    for report in (report_stages, report_commands, report_growth, report_hostile, report_scoring):
        yield from map(str, report(size))


def main() -> None:
    """Print the report, and write it beside this file unless it is a quick one."""
    parser = argparse.ArgumentParser(description="Words per CPU second, memory, start-up, growth.")
    parser.add_argument("--quick", action="store_true", help="less text, one run, printed only")
    parser.add_argument("--measure", metavar="JSON", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        name, size, *rest = json.loads(arguments.measure)
        print(json.dumps(MEASURES[name](Size(**size), *rest)))
        return
    parts = []
    for part in write_report(QUICK if arguments.quick else Size()):
        print(part, flush=True)
        parts.append(part)
    if not arguments.quick:
        Path(__file__).with_name("speed.md").write_text("\n".join(parts), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
