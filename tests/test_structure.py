"""How the package is built: data flows one way, only the command line prints, and no function is long."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "research"

PIPELINE = {
    "what all may use": "counts cards delimiters typography documents storage trees",
    "articles": "reading.article reading.sources reading.text reading.records reading.corpus reading",
    "quotes and sentences": "paragraphs quotes turns sentences segmentation",
    "words": "vocabulary tagging registry lexicon mentions",
    "who says a quote": "evidence layout wording reader attribution",
    "who that is": "nouns names person genders aliases people antecedent roles reference institutions kinds identity",
    "the table": "completion corrections extraction explanation provenance corpus_check",
    "measures": "vader tone_model tone diversity rhetoric tone_target",
    "comparison": "clustering columns design variants sample comparison regression change pooling keyness attrition",
    "validation": "coding debiasing imputation validation",
    "what readers see": "figures view methods",
    "the command": "cli __main__ __init__",
}
"""Every module but the training's, in the order in which data flows: none may import one that comes later."""

ORDER = " ".join(PIPELINE.values()).split()
BACKWARDS = {("training.reader", "training.reader_network")}  # which is imported where the training starts
LONGEST_FUNCTION = 50  # lines
PRINTERS = {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}


def name_of(path: Path) -> str:
    """A module by its name below `research`; a package by its own."""
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def find_imports(tree: ast.Module) -> set[str]:
    """The modules of the package that a module imports, at its top, in a function, or for its types."""
    named = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            named += [each if each.removeprefix("research.") in MODULES else node.module for each in inside]
    own = {name.removeprefix("research.") for name in named if name.partition(".")[0] == "research"}
    return {"__init__" if name == "research" else name for name in own}


def test_each_module_has_its_place() -> None:
    assert len(set(ORDER)) == len(ORDER)
    assert set(ORDER) == {name for name in MODULES if name.partition(".")[0] != "training"}


def test_an_import_is_found_wherever_it_stands() -> None:
    lines = "from research import cli, score", "import re, research.quotes", "def f():", " from research.view import x"
    tree = ast.parse("\n".join(lines))
    assert find_imports(tree) == {"cli", "__init__", "quotes", "view"}


@pytest.mark.parametrize("name", ORDER)
def test_no_module_imports_one_that_comes_later(name: str) -> None:
    later = ORDER[ORDER.index(name) :]
    assert [each for each in find_imports(MODULES[name]) if each in later or each.startswith("training")] == []


def test_trainings_import_each_other_one_way() -> None:
    imports = {name: find_imports(tree) for name, tree in MODULES.items() if name.startswith("training")}
    for one, other in BACKWARDS:
        imports[one].remove(other)
    TopologicalSorter(imports).prepare()  # raises CycleError where some import each other


@pytest.mark.parametrize("name", [name for name in ORDER if name not in ("cli", "__main__")])
def test_only_the_command_line_prints_or_exits(name: str) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(MODULES[name]) if isinstance(node, ast.Call)]
    assert sorted(PRINTERS & set(calls)) == []


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_function_is_long(name: str) -> None:
    functions = [node for node in ast.walk(MODULES[name]) if isinstance(node, ast.FunctionDef)]
    lengths = [(each.name, (each.end_lineno or 0) - each.lineno + 1) for each in functions]
    assert [(each, length) for each, length in lengths if length > LONGEST_FUNCTION] == []


def test_all_tests_can_be_collected_where_there_is_no_posix() -> None:
    modules = [f"tests.{path.stem}" for path in sorted((ROOT / "tests").glob("test_*.py"))]
    code = (
        "import importlib, os\n"
        "for name in ('geteuid', 'getuid', 'mkfifo', 'fork'):\n    vars(os).pop(name, None)\n"
        f"for name in {modules}:\n    importlib.import_module(name)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120)
    assert result.stderr == ""
