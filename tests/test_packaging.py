"""The files that install and describe the package agree with each other, and name no place of one machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import research

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED_EXTRAS = ["figures", "notebooks", "parquet", "reader", "test"]

# Written so that none matches its own source.
ONE_MACHINE = re.compile(r"(?<![\w.])/(?:[w]ork|[r]oot|[o]pt|[h]ome|[U]sers)/")
REGISTRY = re.compile(r"index[-]url|pypi[.]org|pythonhosted[.]org|https?[:]//\S+/[s]imple\b|find[-]links")
BINARY = {".png", ".onnx", ".npz", ".gz"}


def requirements(*extras: str) -> dict[str, Requirement]:
    """What the package needs, with these extras, by canonical name."""
    optional = PROJECT["project"]["optional-dependencies"]
    lines = PROJECT["project"]["dependencies"] + [line for extra in extras for line in optional[extra]]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def locked() -> dict[str, Version]:
    """Each package in the lock and its version."""
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, flags=re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pins}


def conda() -> dict[str, Requirement]:
    """What environment.yml asks of conda, by canonical name."""
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    parsed = [Requirement(line) for line in wanted if isinstance(line, str)]
    return {canonicalize_name(r.name): r for r in parsed}


def committed_files() -> list[Path]:
    """Every file that git would commit; in a tree without git, the folders that are."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]
    folders = ["research", "tests", "corpus", "notebooks", "figures", "benchmarks"]
    below = [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return [path for path in [*ROOT.glob("*.*"), ROOT / "Makefile", *below] if path.is_file()]


@pytest.mark.parametrize("extras", [[], LOCKED_EXTRAS], ids=["core", "extras"])
def test_every_dependency_is_locked_at_a_version_it_allows(extras: list[str]) -> None:
    pins = locked()
    wrong = [str(r) for name, r in requirements(*extras).items() if name not in pins or pins[name] not in r.specifier]
    assert wrong == []


def test_conda_asks_for_the_same_ranges() -> None:
    wanted, asked = requirements(*LOCKED_EXTRAS), conda()
    assert {name: str(r.specifier) for name, r in asked.items() if name in wanted} == {
        name: str(r.specifier) for name, r in wanted.items()
    }


def test_conda_asks_for_nothing_else_but_what_installs_the_package() -> None:
    assert set(conda()) - set(requirements(*LOCKED_EXTRAS)) == {"python", "pip", "hatchling"}


def test_conda_and_pip_start_from_the_same_python() -> None:
    assert "3.11" in conda()["python"].specifier
    assert "3.10" not in conda()["python"].specifier
    assert PROJECT["project"]["requires-python"] == ">=3.11"


def test_the_lock_holds_what_builds_the_package_without_fetching_more() -> None:
    build = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependency-groups"]["build"]}
    assert build <= set(locked())
    assert {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]} <= build


def test_every_locked_package_has_a_hash() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    without = [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}$", entry)]
    assert len(entries) == len(locked())
    assert without == []


def test_the_lock_says_nothing_but_packages_and_hashes() -> None:
    line = re.compile(r"[a-z0-9-]+==[\w.!+]+(?: ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert [text for text in LOCK.splitlines() if not line.fullmatch(text)] == []


def test_one_version_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert newest is not None
    assert {citation["version"], newest[1], research.__version__} == {PROJECT["project"]["version"]}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without fetching anything."""
    builder = pytest.importorskip("hatchling.builders.wheel", reason="hatchling comes with requirements.lock")
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(builder.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def extract_with(package: Path, folder: Path) -> str:
    """The quotes table of a small article, made by the package that lies in `package`, run from somewhere else."""
    article, table = folder / "bridge.txt", folder / "quotes.jsonl"
    article.write_text("“We will rebuild,” said Volodymyr Zelensky. “Nothing is lost,” he added.\n", encoding="utf-8")
    command = [sys.executable, "-m", "research", "extract", str(article), "-o", str(table)]
    environment = os.environ | {"PYTHONPATH": str(package)}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return table.read_text(encoding="utf-8")


def test_the_wheel_carries_all_of_research_and_the_speakers(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {path.relative_to(ROOT).as_posix() for path in committed_files() if ROOT / "research" in path.parents}
    assert names == sources | {"research/speakers.toml"}


def test_the_wheel_extracts_what_the_checkout_extracts(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    from_wheel = extract_with(tmp_path / "installed", tmp_path)
    assert "Volodymyr Zelensky" in from_wheel
    assert from_wheel == extract_with(ROOT, tmp_path)


def test_no_file_names_one_machine_or_a_registry() -> None:
    found = []
    for path in committed_files():
        if path.suffix not in BINARY:
            text = path.read_text(encoding="utf-8", errors="replace")
            hits = [match[0] for pattern in (ONE_MACHINE, REGISTRY) for match in pattern.finditer(text)]
            found += [f"{path.relative_to(ROOT).as_posix()}: {hit}" for hit in hits]
    assert found == []


@pytest.mark.parametrize("target", ["figures", "test", "bench", "train", "lint", "lock", "clean", "help"])
def test_make_explains_each_target(target: str) -> None:
    assert re.search(rf"^{target}:.*## \w", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_make_runs_only_modules_that_are_here() -> None:
    modules = re.findall(r"-m ((?:research|benchmarks)[\w.]*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert modules
    assert [name for name in modules if not (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()] == []
