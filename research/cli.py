"""The command line: the only place that prints, exits or draws a progress bar.

Exit status: 0 when all is well, 1 when some inputs had problems and the rest was written, 2 when the
command could not be carried out (with a traceback where the program itself is at fault), 130 when it was interrupted.

A new command is one function that takes the parsed arguments and gives the exit status, and one `Command`
in `COMMANDS`. Heavy modules are imported inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from research import storage
from research.corrections import SPEAKER_KINDS, is_corrections
from research.counts import count_of
from research.documents import ARTICLE_COLUMNS, Document, Problem
from research.reading import Corpus, ReadingConfig, read_corpus
from research.reading.records import is_quotes_table

if TYPE_CHECKING:
    import pandas as pd

    from research.attribution import Reading
    from research.corrections import Correction
    from research.registry import Registry

_Result = TypeVar("_Result")
ALL_WELL, SOME_PROBLEMS, FAILED, BROKEN_PIPE, INTERRUPTED = 0, 1, 2, 141, 130


class UsageError(Exception):
    """A command that cannot be carried out; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One subcommand: what it is called, what its help teaches, what it takes, and the function that runs it."""

    name: str
    summary: str
    teaching: str
    examples: str
    options: tuple[tuple[tuple[str, ...], dict[str, Any]], ...]
    run: Callable[[argparse.Namespace], int]


def option(*flags: str, **settings: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Describe an argument in the words of `argparse.ArgumentParser.add_argument`."""
    return flags, settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        _say("research: interrupted; no output file was written or changed.")
        return INTERRUPTED
    except (UsageError, storage.StorageError) as error:
        _say(f"research: {error}")
        return FAILED
    except OSError as error:
        _close_output()
        _say(f"research: {error.filename or 'standard output'}: {error.strerror}.")
        return FAILED
    except Exception:
        _report_defect()
        return FAILED
    return status


def _report_defect() -> None:
    """Show where the program itself went wrong: what a user did wrong is said in a line, and never ends here."""
    import traceback

    traceback.print_exc()
    _say("research: this is a defect of On the Record. Please report it with the lines above; no output was changed.")


def _close_output() -> None:
    """Send what is left of standard output nowhere, or Python would complain of it on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str] | None) -> int:
    parser = make_parser()
    parsed = parser.parse_args(arguments)
    if parsed.version:
        print(f"research {_find_version()}")
        return ALL_WELL
    if "run" not in parsed:
        parser.print_help(sys.stderr)
        return FAILED
    status: int = parsed.run(parsed)
    return status


def _find_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("on-the-record")
    except PackageNotFoundError:
        return "(not installed)"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and say where to read on."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with status 2."""
        self.exit(FAILED, f"{self.prog}: {message}. Read '{self.prog} --help'.\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help that leaves room for the longest command: argparse forgets that commands are indented once more."""

    def add_argument(self, action: argparse.Action) -> None:
        """Count the command's own indentation in."""
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            indent = self._current_indent + self._indent_increment
            self._action_max_length = max(self._action_max_length, indent + max(map(len, action.choices)))


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    parser = _Parser(
        prog="research",
        allow_abbrev=False,
        formatter_class=_Help,
        description="On the Record: who said what in news articles, in what tone, and how speakers compare.",
        epilog="exit status: 0 all is well; 1 some inputs had problems, the rest was written; 2 nothing could be done",
    )
    parser.add_argument("--version", action="store_true", help="say which version this is")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        _add_command(commands, command)
    return parser


def _add_command(commands: argparse._SubParsersAction[_Parser], command: Command) -> None:
    parser = commands.add_parser(
        command.name,
        help=command.summary,
        description=command.teaching,
        epilog=f"examples:\n{command.examples}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for flags, settings in command.options:
        parser.add_argument(*flags, **settings)
    parser.set_defaults(run=command.run)


def _say(message: str) -> None:
    print(_on_one_line(message), file=sys.stderr)


def _on_one_line(message: str) -> str:
    r"""Write a message on one line, so that an article's name can neither forge a line nor drive the terminal.

    >>> _on_one_line("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in message)


def _report(problems: Iterable[Problem]) -> None:
    """Print problems, one a line; the same one in many rows of a file is printed once, with their number."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.source, problem.message, problem.remedy), []).append(problem)
    for first, *others in alike.values():
        more = f" ({len(others):,} more like it, the last at {others[-1].place}.)" if others else ""
        _say(f"{first}{more}")


def _with_progress(documents: Iterable[Document]) -> Iterable[Document]:
    """Draw a bar where somebody sits at a terminal; how many articles there are is not known before the end."""
    if not sys.stderr.isatty():
        return documents
    from tqdm import tqdm

    bar: Iterable[Document] = tqdm(documents, unit=" articles", file=sys.stderr, leave=False)
    return bar


@contextmanager
def _open_rows(output: str | None, columns: Sequence[str]) -> Iterator[Callable[[Iterable[storage.Row]], None]]:
    """Give what takes rows: a file's writer, or JSON lines on standard output."""
    if output is None:
        yield lambda rows: sys.stdout.writelines(storage.format_json_row(row, columns) for row in rows)
        return
    with storage.TableWriter(output, columns) as writer:
        yield writer.write


@contextmanager
def _keeping_texts(documents: Iterable[Document], path: str | None) -> Iterator[Iterable[Document]]:
    """Give the articles, each written on its way to a table of texts if one is asked for."""
    if path is None:
        yield documents
        return
    with storage.TableWriter(path, ARTICLE_COLUMNS) as writer:
        yield _write_on_the_way(documents, writer)


def _write_on_the_way(documents: Iterable[Document], writer: storage.TableWriter) -> Iterator[Document]:
    for document in documents:
        writer.write([document.as_row()])
        yield document


def _check_texts(arguments: argparse.Namespace) -> None:
    """Refuse a table of texts that would replace another file, or be read as articles by the next run."""
    if not arguments.texts:
        return
    if arguments.output and os.path.abspath(arguments.texts) == os.path.abspath(arguments.output):
        raise UsageError(f"{arguments.texts}: cannot hold both the quotes and the texts. Give --texts another name.")
    _check_output([*arguments.paths, *filter(None, [arguments.corrections])], arguments.texts)
    if _is_below(arguments.texts, arguments.paths):
        raise UsageError(
            f"{arguments.texts}: lies among the articles and would be read as some. Write it to another folder."
        )


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(Path(folder).resolve() in Path(path).resolve().parents for folder in folders)


def _check_output(inputs: Sequence[str], output: str | None) -> None:
    """Refuse an output that no table can be written to, or that is somebody's work, before any work is done."""
    if not output:
        return
    storage.check_target(output)
    for path in inputs:
        if os.path.exists(path) and os.path.exists(output) and os.path.samefile(path, output):
            raise UsageError(_WOULD_OVERWRITE.format(output))
    if is_corrections(output):
        raise UsageError(_WOULD_OVERWRITE_CORRECTIONS.format(output))


_WOULD_OVERWRITE = "{}: is an input and would be overwritten. Give the output another name."

_WOULD_OVERWRITE_CORRECTIONS = "{}: holds corrections and would be overwritten. Give the output another name."


def parse_column(given: str) -> tuple[str, str]:
    """Parse FIELD=COLUMN.

    >>> parse_column("text=body")
    ('text', 'body')
    """
    name, equals, column = given.partition("=")
    if not (name and equals and column):
        raise argparse.ArgumentTypeError(f"{given!r} is not FIELD=COLUMN, such as text=body")
    return name, column


def run_extract(arguments: argparse.Namespace) -> int:
    """Find the quotes and their speakers in articles."""
    _check_texts(arguments)
    corpus = _open_corpus(arguments, arguments.output)
    from research.corrections import find_unread, read_corrections
    from research.extraction import ExtractionConfig, extract_corpus
    from research.reader import MISSING, is_available

    config = ExtractionConfig(
        include_unattributed=arguments.all,
        speakers=_roster(arguments),
        known_people=arguments.speakers != "none",
        complete_names=not arguments.each_alone,
        corrections=Path(arguments.corrections) if arguments.corrections else None,
        transcripts=arguments.transcripts,
        use_reader=not arguments.no_reader and is_available(),
    )
    if not arguments.no_reader and not is_available():
        _say(f"research: {MISSING}")
    corrections = read_corrections(config.corrections) if config.corrections else {}
    met, tally = set(), _Tally()
    with _open_rows(arguments.output, storage.QUOTE_COLUMNS) as write, _keeping_texts(corpus, arguments.texts) as texts:
        for result in extract_corpus(_with_progress(texts), config):
            write(result.rows)
            tally.add(result.rows, [*result.problems, *result.lost], result.nobody)
            met |= {result.doc_id} & corrections.keys()
        _refuse_empty(corpus)
    tally.add([], find_unread(corrections, met))
    _report((*corpus.problems, *tally.problems))
    problems = corpus.counts.problems + len(tally.problems)
    if arguments.output:
        _write_provenance(arguments, tally, corpus.counts.documents, problems, reader=bool(config.use_reader))
    _say(tally.summarise(corpus.counts.documents, problems))
    return SOME_PROBLEMS if problems else ALL_WELL


def _write_provenance(
    arguments: argparse.Namespace, tally: _Tally, articles: int, problems: int, *, reader: bool
) -> None:
    """Write beside the table how it was made: what differs from the defaults, and what the table cannot tell."""
    from research.provenance import Provenance, find_versions, name_file, write_provenance

    options: dict[str, str | bool] = {name: True for name in _SWITCHES if getattr(arguments, name)}
    for name in ("speakers", "corrections"):
        if given := getattr(arguments, name):
            options[name] = given if given == "none" else name_file(given)
    if arguments.column:
        options["column"] = ", ".join("=".join(pair) for pair in arguments.column)
    provenance = Provenance(
        articles=articles,
        problems=problems,
        quotes=tally.quotes,
        nobodys=tally.nobodys + tally.left_out,
        reader=reader,
        options=options,
        versions=find_versions(),
    )
    write_provenance(provenance, arguments.output)


_SWITCHES = ("all", "each_alone", "transcripts", "no_reader")


def _roster(arguments: argparse.Namespace) -> Path | None:
    """The user's own roster; `none` is a word, and means that nobody is known."""
    return Path(arguments.speakers) if arguments.speakers not in (None, "none") else None


def _open_corpus(arguments: argparse.Namespace, output: str | None) -> Corpus:
    """Check everything that can be checked before the first article is read."""
    own = getattr(arguments, "corrections", None)
    _check_output([*arguments.paths, *filter(None, [own])], output)
    if roster := _roster(arguments):
        _check_speakers(str(roster))
    left_out = _find_last_result(arguments.paths, output)
    if own:
        left_out = (*left_out, Path(own))
    try:
        config = ReadingConfig(columns=dict(arguments.column), leave_out=left_out)
    except ValueError as error:
        raise UsageError(f"--column: {error}") from error
    return read_corpus(arguments.paths, config=config)


def _check_speakers(path: str) -> None:
    """Refuse a registry that cannot be used, in the words of what is wrong with it."""
    from research.registry import RosterError, read_speakers

    try:
        read_speakers(Path(path))
    except RosterError as error:
        raise UsageError(str(error)) from error


def _find_last_result(inputs: Sequence[str], output: str | None) -> tuple[Path, ...]:
    """Leave the last run's result out of a folder that is read again; refuse if it is no such result."""
    if not output or not os.path.exists(output):
        return ()
    target = Path(output).resolve()
    if not _is_below(output, inputs):
        return ()
    try:
        ours = is_quotes_table(storage.read_columns(target), ReadingConfig())
    except storage.StorageError:
        ours = False
    if not ours:
        raise UsageError(_WOULD_OVERWRITE.format(output))
    return (target,)


class _Tally:
    """What an extraction has found so far."""

    def __init__(self) -> None:
        self.quotes = 0
        self.nobodys = self.left_out = 0
        self.speakers: set[str] = set()
        self.problems: list[Problem] = []

    def add(self, rows: Sequence[storage.Row], problems: Sequence[Problem], left_out: int = 0) -> None:
        """Count the rows of one article, and the segments that nobody says that are none of them."""
        said = [row for row in rows if row["kind"] != "none"]
        self.quotes += len(said)
        self.nobodys += len(rows) - len(said)
        self.left_out += left_out
        self.speakers.update(row["speaker_id"] or row["speaker"] for row in said if row["speaker"])
        self.problems.extend(problems)

    def summarise(self, documents: int, problems: int) -> str:
        """Say in a line what was found."""
        nobodys = f" and {count_of(self.nobodys, 'segment')} that nobody says" if self.nobodys else ""
        quotes = f"{count_of(self.quotes, 'quote')} by {count_of(len(self.speakers), 'speaker')}{nobodys}"
        return f"{quotes} in {count_of(documents, 'document')}; {count_of(problems, 'problem')}"


def _read_input(path: str) -> pd.DataFrame:
    try:
        return storage.read_table(path)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: does not exist. Check the spelling of the path.") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error


def _require_columns(path: str, table: pd.DataFrame, names: Iterable[str]) -> None:
    if not len(table.columns):
        raise UsageError(f"{path}: has no rows.")
    for name in names:
        if name not in table.columns:
            listed = ", ".join(map(str, table.columns))
            scored = " Add it with 'research score'." if name in storage.NUMBER_COLUMNS else ""
            raise UsageError(f"{path}: has no column {name!r}; its columns are: {listed}.{scored}")


def run_score(arguments: argparse.Namespace) -> int:
    """Add the tone of each text to a table."""
    _check_output([arguments.table], arguments.output)
    table = _read_input(arguments.table)
    _require_columns(arguments.table, table, ["text"])
    from research.provenance import read_provenance, write_provenance
    from research.tone import score

    provenance = read_provenance(arguments.table)
    scored = score(table)
    _write_result(scored, arguments.output)
    if arguments.output:
        write_provenance(provenance, arguments.output)
    without = int(scored["compound"].isna().sum())
    if without:
        _say(f"{arguments.table}: {count_of(without, 'row')} without a text got no score.")
    _say(f"{count_of(len(scored) - without, 'text')} scored; {count_of(without, 'problem')}")
    return SOME_PROBLEMS if without else ALL_WELL


def _write_result(table: pd.DataFrame, output: str | None) -> None:
    """Write a table to its file, or as JSON lines to standard output."""
    if output:
        storage.write_table(table, output)
        return
    columns = [str(name) for name in table.columns]
    sys.stdout.writelines(storage.format_json_row(row, columns) for row in storage.iterate_rows(table))


def run_compare(arguments: argparse.Namespace) -> int:
    """Compare the groups of a table in one measure."""
    if arguments.speaker is not None and arguments.against is None:
        raise UsageError("--speaker needs --against: say with whom to compare.")
    _check_output([arguments.table], arguments.output)
    table = _read_input(arguments.table)
    _require_columns(arguments.table, table, [arguments.by])
    arguments.speaker, arguments.against = _find_groups(arguments, table)
    table = _score_if_needed(arguments.table, table, arguments.measure)
    _require_columns(arguments.table, table, [arguments.measure])
    table = _with_numbers(arguments.table, table, arguments.measure)
    return _compare_groups(arguments, table) if arguments.against is None else _compare_pairs(arguments, table)


def _score_if_needed(path: str, table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Score the texts of a table that has no tone yet, so that one command answers."""
    if measure not in ("tone", "compound", "compound_whole") or measure in table.columns or "text" not in table.columns:
        return table
    from research.tone import score

    _say(f"{path}: has no {measure!r} yet; its {count_of(len(table), 'text')} are scored first.")
    return score(table)


def _compare_groups(arguments: argparse.Namespace, table: pd.DataFrame) -> int:
    """Give each group's mean with its interval."""
    from research.comparison import compare
    from research.design import Design

    design = Design(unit=arguments.unit)
    compared = _attempt(arguments.table, lambda: compare(table, arguments.measure, by=arguments.by, design=design))
    if compared.empty:
        raise UsageError(f"{arguments.table}: no row has both {arguments.by!r} and {arguments.measure!r}.")
    if arguments.output:
        _write_result(compared, arguments.output)
    else:
        shown = compared.drop(columns="quote_ids", errors="ignore")
        texts = shown.select_dtypes(include=["object", "string"]).columns
        shown = shown.assign(**{name: shown[name].map(lambda cell: _on_one_line(str(cell))) for name in texts})
        print(shown.to_string(index=False, float_format="{:.3f}".format, na_rep=""))
    _say(f"{count_of(len(compared), 'row')}; 0 problems")
    return ALL_WELL


def _compare_pairs(arguments: argparse.Namespace, table: pd.DataFrame) -> int:
    """Say whether one group is higher than another, and how sure that is; without --speaker, of every group."""
    from research.comparison import compare_pairs, describe_pairs
    from research.design import Design

    both = [arguments.speaker, arguments.against]
    kept = table if arguments.speaker is None else table[table[arguments.by].isin(both)]
    pairs = _attempt(
        arguments.table,
        lambda: compare_pairs(
            kept, arguments.measure, by=arguments.by, against=arguments.against, design=Design(unit=arguments.unit)
        ),
    )
    if pairs.empty:
        named = " and ".join(_name_group(each) for each in both if each is not None)
        lacking = f"too few rows have both {arguments.by!r} and {arguments.measure!r} to compare {named}."
        raise UsageError(f"{arguments.table}: {lacking}")
    if arguments.output:
        _write_result(pairs, arguments.output)
    else:
        sys.stdout.writelines(f"{_on_one_line(sentence)}\n" for sentence in describe_pairs(pairs))
    _say(f"{count_of(len(pairs), 'comparison')}; 0 problems")
    return ALL_WELL


def _find_groups(arguments: argparse.Namespace, table: pd.DataFrame) -> list[Any]:
    """Find the values of the two groups named, which are no texts where the column holds numbers or yes and no."""
    if arguments.speaker is not None and arguments.speaker == arguments.against:
        raise UsageError(f"{arguments.speaker!r} cannot be compared with itself. Name two.")
    groups = {_name_group(each): each for each in table[arguments.by].value_counts().index}
    named = arguments.speaker, arguments.against
    return [None if name is None else _find_group(arguments, groups, name) for name in named]


def _name_group(value: Any) -> str:
    """Write a group's value as a person types it.

    >>> _name_group(2022.0), _name_group(True), _name_group("Ann Lee")
    ('2022', 'True', 'Ann Lee')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _find_group(arguments: argparse.Namespace, groups: Mapping[str, Any], name: str) -> Any:
    """Refuse a name that no row has, and suggest the names that come nearest or most often."""
    from research.registry import find_near

    if name in groups:
        return groups[name]
    near = find_near(name, list(groups)) or list(groups)[:3]
    listed = f" Did you mean: {', '.join(near)}?" if near else ""
    raise UsageError(f"{arguments.table}: no row has the {arguments.by} {name!r}.{listed}")


def _attempt(path: str, job: Callable[[], _Result]) -> _Result:
    """Do what a table may not be fit for, and say of the table what is wrong."""
    try:
        return job()
    except (KeyError, ValueError) as error:
        raise UsageError(f"{path}: {error.args[0]}") from error


def _with_numbers(path: str, table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Read a measure that CSV gave as text, such as 0.50, as the numbers it is."""
    import pandas

    numbers = pandas.to_numeric(table[measure], errors="coerce")
    wrong = table[measure][numbers.isna() & table[measure].notna()]
    if len(wrong):
        raise UsageError(f"{path}: {measure!r} must hold numbers to be compared, and one is {wrong.iloc[0]!r}.")
    return table.assign(**{measure: numbers})


def run_explain(arguments: argparse.Namespace) -> int:
    """Say of one quote, or of all, who says it and why."""
    from research.completion import fingerprint
    from research.explanation import ask_all, complete_questions, explain

    corpus = _open_corpus(arguments, None)
    asked, quote_ids, articles = [], [], {}
    for read in _readings(arguments, corpus):  # of other articles only what completion needs is kept
        for question in ask_all(*read):
            quote_ids.append(question.quote_id)
            articles[question.document.doc_id] = question.people, fingerprint(question.document.text)
            if arguments.quote in (None, question.quote_id, question.quote_id.rpartition(":")[2]):
                asked.append(question)
    if not arguments.each_alone:
        asked = complete_questions(asked, articles)
    _refuse_empty(corpus)
    if arguments.quote and len(asked) != 1:
        raise UsageError(_say_which(arguments.quote, [each.quote_id for each in asked] or quote_ids))
    print("\n".join(explain(question) for question in asked), end="")
    return _end_reading(corpus, f"{count_of(len(asked), 'quote')} explained")


def _say_which(given: str, known: Sequence[str]) -> str:
    """Name the quotes there are."""
    listed = ", ".join(known[:10]) + (", …" if len(known) > 10 else "")
    return f"--quote {given}: is not one quote. The quotes are: {listed}." if known else "there is no quote to explain."


def run_speakers(arguments: argparse.Namespace) -> int:
    """Say who was found in articles, and which names and words were taken for them."""
    from research.explanation import (
        SPEAKER_COLUMNS,
        complete_sightings,
        find_sightings,
        gather_people,
        list_mentions,
        say_found,
    )

    corpus = _open_corpus(arguments, arguments.output)
    sightings = [each for read in _readings(arguments, corpus) for each in find_sightings(*read)]
    people = gather_people(sightings if arguments.each_alone else complete_sightings(sightings))
    _refuse_empty(corpus)
    shown = [found for found in people if found.quotes or arguments.all]
    if arguments.output:
        with storage.TableWriter(arguments.output, SPEAKER_COLUMNS) as writer:
            writer.write(list_mentions(shown))
    else:
        sys.stdout.writelines(f"{say_found(found)}\n\n" for found in shown)
    return _end_reading(corpus, count_of(len(shown), "speaker"))


def _readings(arguments: argparse.Namespace, corpus: Corpus) -> Iterator[tuple[Document, Reading, Registry]]:
    """Read each article with every layer that explanations rest on."""
    from research.attribution import load_models, read
    from research.reader import is_available
    from research.registry import load_registry

    models, use_reader = load_models(), not arguments.no_reader and is_available()
    registry = load_registry(_roster(arguments), known=arguments.speakers != "none")
    for document in _with_progress(corpus):
        yield document, read(document.text, models, use_reader=use_reader, transcripts=arguments.transcripts), registry


def _refuse_empty(corpus: Corpus) -> None:
    if not corpus.counts.documents:
        _report(corpus.problems)
        raise UsageError("no article could be read. Name .txt, .jsonl or .csv files, or folders of them.")


def _end_reading(corpus: Corpus, found: str) -> int:
    """Report what could not be read, and say in a line what was found."""
    _report(corpus.problems)
    problems = corpus.counts.problems
    _say(f"{found} in {count_of(corpus.counts.documents, 'document')}; {count_of(problems, 'problem')}")
    return SOME_PROBLEMS if problems else ALL_WELL


def run_correct(arguments: argparse.Namespace) -> int:
    """Keep what somebody has decided of quotes in a file that every later extraction obeys."""
    from research.corrections import add_corrections, correct_rows
    from research.registry import load_registry

    _check_correction(arguments)
    table = _read_input(arguments.table)
    _require_columns(arguments.table, table, storage.QUOTE_COLUMNS[:9])
    rows = list(storage.iterate_rows(table))
    made = _read_edits(arguments, rows) if arguments.edited else [_make_correction(arguments, rows)]
    if roster := _roster(arguments):
        _check_speakers(str(roster))
    registry = load_registry(roster, known=arguments.speakers != "none")
    own = {row["quote_id"]: row for row in rows}
    target = arguments.corrections or str(Path(arguments.table).with_name("corrections.csv"))
    changed = add_corrections(target, made)
    for correction in made:
        row = own[correction.quote_id]
        ((after,), _) = correct_rows([row], [correction], registry)
        print(_on_one_line(f"{row['quote_id']} “{row['text'][:60]}”"))
        print(_on_one_line(f"  before  {_say_speaker(row)}"))
        print(_on_one_line(f"  after   {_say_speaker(after)}"))
    _doubt_names({each.speaker for each in made if each.speaker}, {row["speaker"] for row in rows}, registry)
    same = "" if changed == len(made) else f", {len(made) - changed:,} there already"
    _say(f"{target}: {count_of(changed, 'correction')} written{same}. Obey it with 'research extract … --corrections'.")
    return ALL_WELL


def _check_correction(arguments: argparse.Namespace) -> None:
    """Refuse a correction that says nothing, or two things at once."""
    said = [arguments.speaker is not None, arguments.unknown, arguments.nobody]
    described = [arguments.speaker_id is not None, arguments.speaker_kind is not None]
    if arguments.edited:
        if arguments.quote or any(said) or any(described) or arguments.kind:
            raise UsageError("name an edited copy of the table, or one --quote and what is right; not both.")
    elif not arguments.quote:
        raise UsageError("name the quote with --quote ID and who says it with --speaker NAME, or an edited copy.")
    elif sum(said) > 1 or (arguments.nobody and arguments.kind):
        raise UsageError("--speaker, --unknown and --nobody exclude each other. Give one.")
    elif not any(said) and not arguments.kind:
        raise UsageError("say who says the quote: --speaker NAME, --unknown, or --nobody if it is no quote.")
    elif any(described) and arguments.speaker is None:
        raise UsageError("--speaker-id and --speaker-kind say more of a --speaker. Name the speaker, too.")
    elif "" in (each.strip() for each in (arguments.speaker, arguments.speaker_id) if each is not None):
        raise UsageError("--speaker and --speaker-id need a name and an id. If it cannot be told who, give --unknown.")


def _make_correction(arguments: argparse.Namespace, rows: Sequence[storage.Row]) -> Correction:
    from research.corrections import Correction

    quote = arguments.quote
    found = [row for row in rows if quote in (row["quote_id"], str(row["quote_id"]).rpartition(":")[2])]
    if len(found) != 1:
        raise UsageError(_say_which(quote, [row["quote_id"] for row in found or rows]))
    row = found[0]
    given = {
        "speaker": arguments.speaker,
        "speaker_id": arguments.speaker_id,
        "speaker_kind": arguments.speaker_kind,
    }
    kept = given if arguments.speaker or arguments.unknown or arguments.nobody else {name: row[name] for name in given}
    kind = "none" if arguments.nobody else arguments.kind
    return Correction(quote_id=row["quote_id"], quote=row["text"], kind=kind, note=arguments.note, **kept)


def _read_edits(arguments: argparse.Namespace, rows: Sequence[storage.Row]) -> list[Correction]:
    """What an edited copy of the table says otherwise."""
    from research.corrections import compare_tables

    copy = _read_input(arguments.edited)
    _require_columns(arguments.edited, copy, ["quote_id"])
    made = compare_tables(rows, storage.iterate_rows(copy))
    if not made:
        raise UsageError(f"{arguments.edited}: says the same as {arguments.table}. Edit speaker or kind, and save it.")
    return [replace(correction, note=arguments.note) for correction in made]


def _doubt_names(given: Iterable[str], met: Iterable[str | None], registry: Registry) -> None:
    """Point out a name that nobody else has: it may be a slip for one that somebody has."""
    from research.registry import find_near

    known = sorted({name for name in met if name} | {speaker.name for speaker in registry.speakers.values()})
    for name in sorted(given):
        if name in known or registry.named(name):
            continue
        near = find_near(name, known, alike=0.8)
        hint = f" Did you mean: {', '.join(near)}?" if near else ""
        _say(f"{name!r} is the name of nobody in the table or the register.{hint}")


def _say_speaker(row: storage.Row) -> str:
    """Who says a quote, in a line."""
    if row["kind"] == "none":
        return "nobody says it"
    known = f" ({row['speaker_id']})" if row["speaker_id"] else ""
    return f"{row['speaker'] or 'unknown'}{known}, {row['kind']}"


def run_methods(arguments: argparse.Namespace) -> int:
    """Write the methods section of a run."""
    from research.methods import find_run, find_table, write_methods
    from research.provenance import read_provenance

    measure, by = arguments.measure, arguments.by
    try:
        path = str(find_table(arguments.run_path, measure))
    except FileNotFoundError as error:
        raise UsageError(str(error)) from error
    table = _read_input(path)
    _require_columns(path, table, ["doc_id", by, measure])
    table = _with_numbers(path, table, measure)
    options = {"measure": measure, "by": by, "articles": arguments.articles}
    run = _attempt(path, lambda: find_run(table, read_provenance(path), **options))
    methods = write_methods(run)
    if arguments.output:
        written = methods.write(arguments.output)
        _say(f"{' and '.join(map(str, written))} written; 0 problems")
    else:
        print(methods.text, methods.bibliography, sep="\n", end="")
    return ALL_WELL


def run_check_report(arguments: argparse.Namespace) -> int:
    """Check reports of an open corpus against what they promise, and draft their gold if asked."""
    from research import corpus_check

    paths = corpus_check.find_reports(arguments.paths)
    if arguments.draft:
        corpus_check.check_draft(arguments.draft)
    if arguments.quotations:
        corpus_check.check_json_lines(Path(arguments.quotations), ("id", "quote"))
    quotations = corpus_check.read_quotations(Path(arguments.quotations)) if arguments.quotations else None
    problems = [problem for path in paths for problem in corpus_check.check_report(path, quotations=quotations)]
    _report(problems)
    found = [f"{count_of(len(paths), 'report')} checked", count_of(len(problems), "problem")]
    if without := corpus_check.count_without_gold(paths):
        found.insert(1, f"{without:,} without gold")
    if arguments.draft:
        found.insert(-1, f"{count_of(corpus_check.write_draft(paths, arguments.draft, quotations), 'row')} drafted")
    _say("; ".join(found))
    return SOME_PROBLEMS if problems else ALL_WELL


_OUTPUT = option(
    "-o", "--output", metavar="FILE", help=".jsonl, .csv or .parquet by its ending (default: to standard output)"
)

_READING_OPTIONS = (
    option(
        "--column",
        metavar="FIELD=COLUMN",
        action="append",
        default=[],
        type=parse_column,
        help="what a table calls text, id, title, date, outlet, author or url; may be repeated",
    ),
    option(
        "--speakers",
        metavar="FILE",
        help="a registry of speakers, with their names and roles (.toml); 'none' to know nobody beforehand",
    ),
    option(
        "--transcripts",
        action="store_true",
        help="take a transcript's turns for quotes (VLADIMIR PUTIN: Good afternoon.), though no marks enclose them",
    ),
    option("--no-reader", action="store_true", help="use the fast attribution only"),
)

_EACH_ALONE = option(
    "--each-alone", action="store_true", help="complete no bare surname from the other articles' full names"
)

COMMANDS = (
    Command(
        name="extract",
        summary="find the quotes and their speakers in articles",
        teaching="""\
Reads articles and writes a table with a row for each quote, in the order of the text: the words (text),
where they stand (start, end: characters into the article as read), who says them (speaker), the words that
name the speaker (mention), the verb (cue), how sure the attribution is (confidence, 0 to 1) and the way it was
decided (rule). A speaker who cannot be told is left empty, and the quote is kept. With --all, what nobody says
is kept as well (kind none); confidence there is how sure that is.

Where an article says only "Mr. Obama", the name is completed from the other articles, if they leave no doubt
whose it is; such rows have the flag 'completed', and 'research speakers' says why. Rows that you have
corrected stay as you left them in every later run with --corrections.

Articles are .txt files, one each, or the rows of a .jsonl or .csv with a column 'text', in UTF-8, dates written
as 2021-04-03. Front matter and a 'date 2021-04-03' at the very top are taken off, and line ends are written as
one character: start and end count in the text that is left, which --texts writes. A file's name is its article's
id; files of one name in several folders go by their paths. Whatever cannot be read is named on standard error
and counted; the rest is read. So are the turns of a transcript without quotation marks (VLADIMIR PUTIN: Good
afternoon.), unless --transcripts takes each of their paragraphs for a quote.

Beside FILE stands FILE.provenance.json: articles read, options, versions. 'research methods' reads it.

CSV is UTF-8 without a mark: in Excel, import it (Data, From Text/CSV) rather than double-click it.""",
        examples="""\
  research extract articles/ -o quotes.jsonl
  research extract export.csv --column text=body --column date=published -o quotes.csv
  research extract articles/ --speakers speakers.toml -o quotes.parquet
  research extract articles/ --corrections corrections.csv -o quotes.csv
  research extract articles/ -o quotes.jsonl --texts texts.jsonl
  research extract transcripts/ --transcripts -o turns.jsonl
  research extract visit.txt | head""",
        options=(
            option("paths", metavar="PATH", nargs="+", help="files or folders of .txt, .jsonl or .csv"),
            _OUTPUT,
            option("--all", action="store_true", help="keep what stands in quotation marks but nobody says"),
            option("--corrections", metavar="FILE", help="rows that you have corrected, by 'research correct' (.csv)"),
            option("--texts", metavar="FILE", help="write the articles as read, too: start and end count in these"),
            _EACH_ALONE,
            *_READING_OPTIONS,
        ),
        run=run_extract,
    ),
    Command(
        name="score",
        summary="add the tone of each text to a table",
        teaching="""\
Adds to a table with a column 'text' how positive or negative each text sounds: compound (VADER, the mean
over sentences, -1 to 1), compound_whole (VADER over the whole text at once) and tone (calibrated against
human readers, with its standard error tone_se).""",
        examples="""\
  research score quotes.jsonl -o scored.jsonl
  research score quotes.csv -o scored.csv""",
        options=(option("table", metavar="FILE", help="a table: .jsonl, .csv or .parquet"), _OUTPUT),
        run=run_score,
    ),
    Command(
        name="compare",
        summary="compare speakers, with intervals",
        teaching="""\
Compares groups of quotes in one measure and says how sure the difference is. Quotes of one article are not
independent of each other, and the intervals allow for that. With --speaker and --against the answer is a
sentence: whether the one is higher or lower than the other, by how much, and how sure that is. A table of
quotes without a tone is scored first.""",
        examples="""\
  research compare scored.jsonl --measure tone --by speaker
  research compare quotes.jsonl --measure tone --speaker "Vladimir Putin" --against "Volodymyr Zelensky"
  research compare scored.jsonl --measure tone --against "Volodymyr Zelensky" -o pairs.csv
  research compare scored.jsonl --measure tone --unit quote
  research compare scored.jsonl --measure compound --by outlet -o differences.csv""",
        options=(
            option("table", metavar="FILE", help="a table of quotes: .jsonl, .csv or .parquet"),
            option("--measure", metavar="COLUMN", required=True, help="the column to compare, such as tone"),
            option("--by", metavar="COLUMN", default="speaker", help="the column of the groups (default: speaker)"),
            option("--speaker", metavar="NAME", help="whom (or which other group) to compare with --against"),
            option("--against", metavar="NAME", help="compare with this one; without --speaker, all others"),
            option(
                "--unit",
                default="occurrence",
                metavar="UNIT",
                help="what counts once: occurrence (each quote, the "
                "default), quote (each distinct quotation, however often printed), or a column such as outlet, "
                "whose values then weigh the same",
            ),
            _OUTPUT,
        ),
        run=run_compare,
    ),
    Command(
        name="explain",
        summary="say why a quote was given to its speaker",
        teaching="""\
Shows a quote where it stands and says who says it, by which rule, which other candidates there were and how
strongly each was believed, what spoke for the one and for the other, and why the words that name the speaker
stand for that person. A bare surname is completed from the other articles given, as 'research extract' does:
give it the same articles.""",
        examples="""\
  research explain visit.txt --quote visit:1205
  research explain visit.txt --quote 1205 --speakers speakers.toml
  research explain visit.txt | less""",
        options=(
            option("paths", metavar="FILE", nargs="+", help="articles: .txt, .jsonl or .csv"),
            option("--quote", metavar="ID", help="the quote_id of the table, or its start (default: every quote)"),
            _EACH_ALONE,
            *_READING_OPTIONS,
        ),
        run=run_explain,
    ),
    Command(
        name="speakers",
        summary="list who was found, and under which names",
        teaching="""\
Lists everybody who is quoted in articles: name, id in the register of speakers, how many quotes, and every
spelling, description and pronoun that was taken for them, sorted by the reason: name, office, pronoun, …;
"completed" is a surname that an article leaves bare, with the other articles that spell the name out.
Read it to see whether two people became one, or one became two.""",
        examples="""\
  research speakers visit.txt
  research speakers articles/ --speakers speakers.toml -o mentions.csv""",
        options=(
            option("paths", metavar="PATH", nargs="+", help="files or folders of .txt, .jsonl or .csv"),
            option("--all", action="store_true", help="also those who are named but never quoted"),
            _EACH_ALONE,
            *_READING_OPTIONS,
            _OUTPUT,
        ),
        run=run_speakers,
    ),
    Command(
        name="correct",
        summary="correct speakers, for this run and every later one",
        teaching="""\
Keeps what you decide of a quote in a file of corrections (by default corrections.csv beside the table), which
'research extract … --corrections corrections.csv' obeys: those rows get the rule 'corrected' and confidence 1.
Name one quote and who says it; or save a copy of the table in a spreadsheet, correct speaker and kind there,
and name the copy: what differs becomes corrections. The table itself stays as it is.

A correction keeps the words of its quote, by which it is found again if the article was edited; one that is
not found is reported. The file is one row a quote, and may be edited: quote_id, speaker, speaker_id,
speaker_kind, kind, quote, note. To undo a correction, remove its line.""",
        examples="""\
  research correct quotes.csv --quote visit:1205 --speaker "Anna Berg"
  research correct quotes.csv --quote visit:1205 --unknown --note "the article does not say"
  research correct quotes.csv --quote visit:1340 --nobody
  research correct quotes.csv edited.csv --corrections corrections.csv""",
        options=(
            option("table", metavar="FILE", help="a table of quotes: .jsonl, .csv or .parquet"),
            option("edited", metavar="EDITED", nargs="?", help="a copy of it in which you have corrected rows"),
            option("--quote", metavar="ID", help="the quote_id of the table, or its start"),
            option("--speaker", metavar="NAME", help="who says it"),
            option("--speaker-id", metavar="ID", help="the speaker's id (default: looked up by the name)"),
            option("--speaker-kind", choices=SPEAKER_KINDS, metavar="KIND", help=", ".join(SPEAKER_KINDS)),
            option("--unknown", action="store_true", help="who says it cannot be told"),
            option("--nobody", action="store_true", help="it is nobody's speech: a title, say, or a slogan"),
            option("--kind", choices=("direct", "mixed"), help="whether all of what is attributed is quoted"),
            option("--note", metavar="TEXT", help="why, for whoever reads the file"),
            option("--corrections", metavar="FILE", help="the file to keep it in (default: corrections.csv)"),
            option("--speakers", metavar="FILE", help="your registry of speakers, to look names up in (.toml)"),
        ),
        run=run_correct,
    ),
    Command(
        name="methods",
        summary="write the methods section of a run",
        teaching="""\
Writes what a reviewer asks of a result, from the scored table itself: which articles, which versions, how many
quotes were lost at each step, how the intervals were computed, and what to cite. How often the models are right
is not measured on your articles: it is what their cards say of articles that they were not fitted on. Names
completed from other articles and rows that you have corrected are counted and described.""",
        examples="""\
  research methods scored.jsonl
  research methods results/ --measure compound --articles 500 -o paper/""",
        options=(
            option("run_path", metavar="RUN", help="a scored table of quotes, or a folder with one such table"),
            option("--measure", metavar="COLUMN", default="tone", help="the measure of the result (default: tone)"),
            option("--by", metavar="COLUMN", default="speaker", help="the column of the groups (default: speaker)"),
            option(
                "--articles",
                metavar="NUMBER",
                type=int,
                help="how many articles were read (default: as the table's .provenance.json says, else those that "
                "have a quote, as the least there were)",
            ),
            option("-o", "--output", metavar="FOLDER", help="write methods.md and methods.bib there (default: print)"),
        ),
        run=run_methods,
    ),
    Command(
        name="check-report",
        summary="check reports of an open corpus, and draft their gold",
        teaching="""\
Checks reports written for a corpus that may be shared, such as the one in corpus/: front matter, addresses,
length and layout, gold that fits the text, speakers of the registry, and prose that echoes no newspaper. What
stands beside a report's folder is taken as its corpus: gold.jsonl, speakers.toml, newspaper-runs.txt. Given
the documented quotations, it also checks that every quoted word stands to the letter.

A draft of the gold is the extractor's opinion: read each row against the text before it becomes gold.""",
        examples="""\
  research check-report corpus/reports/2022-12-21-bakhmut-visit.txt
  research check-report corpus/reports/ --quotations quotations.jsonl
  research check-report corpus/reports/2026-01-05-new.txt --draft draft.jsonl""",
        options=(
            option("paths", metavar="REPORT", nargs="+", help="reports, or folders of them (.txt)"),
            option("--quotations", metavar="FILE", help="the documented quotations, an id and a quote a row (.jsonl)"),
            option("--draft", metavar="FILE", help="draft the gold from the extractor, into a new file (.jsonl)"),
        ),
        run=run_check_report,
    ),
)
