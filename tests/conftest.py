"""What every test shares: where the annotated articles are, and property tests that draw the same examples each run."""

from __future__ import annotations

import os
from pathlib import Path

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
