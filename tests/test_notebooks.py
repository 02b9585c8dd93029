"""Notebooks as stored: without outputs, short, with parameters, an answer, asserts and provenance."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def read_cells(path: Path, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in load(path)["cells"] if cell["cell_type"] == kind]


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_are_notebooks() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_is_stored_without_outputs(self, path: Path) -> None:
        for cell in load(path)["cells"]:
            assert cell.get("outputs", []) == [] and cell.get("execution_count") is None
        assert load(path)["metadata"]["kernelspec"]["name"] == "python3"

    def test_is_short(self, path: Path) -> None:
        code = read_cells(path, "code")
        assert len(code) <= 25
        for cell in code:
            for node in ast.walk(ast.parse(cell)):
                if isinstance(node, ast.FunctionDef):
                    assert (node.end_lineno or 0) - node.lineno < 5

    def test_opens_with_question_data_and_answer(self, path: Path) -> None:
        opening = read_cells(path, "markdown")[0]
        for part in ("# ", "**Question.**", "**Data.**", "**Answer.**"):
            assert part in opening
        answer = opening.split("**Answer.**")[1].strip()
        assert 1 <= len(re.findall(r"[.!?](?=\s|$)", answer)) <= 3

    def test_has_one_cell_of_parameters_relative_to_the_repository(self, path: Path) -> None:
        tagged = [cell for cell in load(path)["cells"] if "parameters" in cell["metadata"].get("tags", [])]
        assert len(tagged) == 1
        source = "".join(tagged[0]["source"])
        assert "corpus_folder" in source and "figures_folder" in source and '"/' not in source

    def test_asserts_its_claims(self, path: Path) -> None:
        asserts = [node for cell in read_cells(path, "code") for node in ast.walk(ast.parse(cell))
                   if isinstance(node, ast.Assert)]  # fmt: skip
        assert len(asserts) >= 4

    def test_ends_with_provenance(self, path: Path) -> None:
        assert "describe_run(" in read_cells(path, "code")[-1]

    def test_uses_only_the_public_interface(self, path: Path) -> None:
        for cell in read_cells(path, "code"):
            for node in ast.walk(ast.parse(cell)):
                if isinstance(node, ast.ImportFrom):
                    assert node.module is not None
                    assert not any(name.name.startswith("_") for name in node.names)
                if isinstance(node, ast.Attribute):
                    assert not node.attr.startswith("_")


def test_figures_readme_keys_every_figure_to_table_notebook_and_command() -> None:
    readme = (NOTEBOOKS[0].parents[1] / "figures" / "README.md").read_text(encoding="utf-8")
    saved = {
        (stem, path.stem)
        for path in NOTEBOOKS
        for cell in read_cells(path, "code")
        for stem in re.findall(r'"(\d\d-[a-z-]+)", figures_folder', re.sub(r"\s+", " ", cell))
    }
    assert len(saved) >= 5
    for stem, notebook in saved:
        assert f"({stem}.png)" in readme and f"[{stem}.csv]({stem}.csv)" in readme
        assert f"## {stem}\n" in readme and f"make figures NOTEBOOKS=notebooks/{notebook}.ipynb" in readme
    assert {stem for stem, _ in saved} == set(re.findall(r"^## (\S+)$", readme, re.MULTILINE))


def test_figures_readme_says_of_each_figure_what_its_notebook_says() -> None:
    readme = (NOTEBOOKS[0].parents[1] / "figures" / "README.md").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        for cell in read_cells(path, "code"):
            for stem, told in re.findall(r'"(\d\d-[a-z-]+)",.*?description="(.*?)"', cell, re.DOTALL):
                assert f"| [{stem}]({stem}.svg) | {told} |" in readme and f"![{told}]({stem}.png)" in readme


FIGURES = sorted((NOTEBOOKS[0].parents[1] / "figures").glob("*.json"))


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_figures_note_says_how_it_was_made_and_of_which_table(path: Path) -> None:
    made = load(path)
    assert made["made_with"] and f"{made['notebook']}.ipynb" in {each.name for each in NOTEBOOKS}
    assert made["table_sha256"] == hashlib.sha256(path.with_suffix(".csv").read_bytes()).hexdigest()


def run_own_corpus(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the code of the notebook for one's own folder, on one article, as one script."""
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text(text, encoding="utf-8")
    (path,) = (path for path in NOTEBOOKS if "your_own_corpus" in path.name)
    places = {"ON_THE_RECORD_CORPUS": str(folder / "texts"), "ON_THE_RECORD_FIGURES": str(folder / "figures")}
    command = [sys.executable, "-c", "\n".join(read_cells(path, "code"))]
    environment = {**os.environ, **places}
    return subprocess.run(command, env=environment, cwd=path.parent, capture_output=True, text=True, check=False)


def test_your_own_corpus_says_that_nobody_is_quoted_and_draws_nothing(tmp_path: Path) -> None:
    done = run_own_corpus("The town is quiet. Nobody spoke.\n", tmp_path)
    said = f"AssertionError: no quote with a speaker and a value of tone was found in {tmp_path / 'texts'}"
    assert said in done.stderr and not (tmp_path / "figures").exists()


def test_your_own_corpus_may_be_one_article_with_one_speaker(tmp_path: Path) -> None:
    done = run_own_corpus("“We want peace,” said Ann Lee. “Now,” she added.\n", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "figures").glob("*.png"))) == 2
