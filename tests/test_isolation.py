"""Nothing is fetched or looked for at run time: no network, no nltk_data, no home folder, a light import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Ends the process at once: an exception could be caught by the code under test and go unseen.
WATCH = """
import os, runpy, sys

def stop(event, args):
    network = event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
    if network or (event == "open" and "nltk_data" in str(args[0])):
        os.write(2, f"forbidden: {event} {args}".encode())
        os._exit(97)

sys.addaudithook(stop)
"""
RUN_COMMAND = "sys.argv[0] = 'research'; runpy.run_module('research', run_name='__main__', alter_sys=True)"

ARTICLE = """\
The bridge over the Aller will open again in May, the town hall said on Monday.

“We have waited two years for this,” Mayor Anna Berg said. “Nobody will miss the ferry.”

The engineer Tom Hale was less pleased. “The north pier is a terrible mistake,” he said.
"""


def run_watched(code: str, *args: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` away from the repository, with an empty home and no NLTK data, under the watch."""
    home = folder / "home"
    (home / "nltk_data").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "NLTK_DATA": str(home / "nltk_data"),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, "-c", WATCH + code, *map(str, args)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 9), timeout=0.1)",
        "import socket; socket.getaddrinfo('example.invalid', 80)",
        "open(os.path.join(os.environ['NLTK_DATA'], 'punkt.zip'))",
    ],
    ids=["connect", "look up a host", "read nltk_data"],
)
def test_the_watch_sees_what_it_is_there_for(attempt: str, tmp_path: Path) -> None:
    caught = run_watched(f"try:\n    {attempt}\nexcept Exception:\n    pass", folder=tmp_path)
    assert caught.returncode == 97
    assert caught.stderr.startswith("forbidden: ")


def test_import_is_light(tmp_path: Path) -> None:
    heavy = {"pandas", "sklearn", "matplotlib", "nltk", "scipy", "statsmodels", "torch", "onnxruntime"}
    loaded = run_watched(f"import research; print(sorted({heavy} & set(sys.modules)))", folder=tmp_path)
    assert (loaded.returncode, loaded.stdout, loaded.stderr) == (0, "[]\n", "")


def test_help_needs_nothing(tmp_path: Path) -> None:
    shown = run_watched(RUN_COMMAND, "--help", folder=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "extract" in shown.stdout
    assert "score" in shown.stdout


def test_extract_and_score_need_nothing_but_the_article(tmp_path: Path) -> None:
    article, quotes, scored = tmp_path / "bridge.txt", tmp_path / "quotes.jsonl", tmp_path / "scored.jsonl"
    article.write_text(ARTICLE, encoding="utf-8", newline="\n")

    extracted = run_watched(RUN_COMMAND, "extract", article, "-o", quotes, folder=tmp_path)
    assert extracted.returncode == 0, extracted.stderr
    assert [ARTICLE[row["start"] : row["end"]] for row in rows(quotes)] == [row["text"] for row in rows(quotes)]
    assert [row["speaker"] for row in rows(quotes)] == ["Anna Berg", "Anna Berg", "Tom Hale"]

    with_tone = run_watched(RUN_COMMAND, "score", quotes, "-o", scored, folder=tmp_path)
    assert with_tone.returncode == 0, with_tone.stderr
    assert all(-1 <= row["compound"] <= 1 and isinstance(row["tone"], float) for row in rows(scored))
    assert [row["text"] for row in rows(scored)] == [row["text"] for row in rows(quotes)]


def test_nothing_is_written_into_the_home_folder(tmp_path: Path) -> None:
    run_watched(RUN_COMMAND, "--help", folder=tmp_path)
    run_watched("import research; research.extract_quotes", folder=tmp_path)
    assert [path.name for path in (tmp_path / "home").rglob("*")] == ["nltk_data"]
