"""What every test shares: where the annotated articles are, and property tests that draw the same examples each run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("same-every-run", derandomize=True, deadline=None, database=None)
settings.load_profile("same-every-run")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of annotated articles, which are other people's text and no part of the project."""
    folder = Path(os.environ.get("ON_THE_RECORD_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "polnear").is_dir():
        pytest.skip(f"The annotated articles are not in {folder}. Name their folder in ON_THE_RECORD_DATA.")
    return folder


@pytest.fixture(scope="session")
def count_steps() -> Callable[[Callable[[], object]], int]:
    """How many steps of Python a call takes, the same on every machine: what growth is told by, not by seconds."""

    def count(call: Callable[[], object]) -> int:
        steps = 0

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal steps
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
            steps += event == "opcode"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(before)
        return steps

    return count
