# From a fresh checkout `make figures` or `make test` sets everything up first: Python 3.11 to 3.14 and make are enough.
.DEFAULT_GOAL := help
.PHONY: help figures test lint bench train lock clean

# The newest Python is not always the one that requirements.lock has wheels for, so look further than python3.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo "$$name" && break; done)
PY := .venv/bin/python
READY := .venv/.installed
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
UV ?= uv

# One thread and one hash seed, so that two runs draw the same figures; nothing is read from or written to the home
# folder, so that a reader's own Jupyter or matplotlib settings don't show in them.
REPRODUCIBLE := PYTHONHASHSEED=0 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MPLBACKEND=agg
export MPLCONFIGDIR := $(CURDIR)/build/matplotlib
export IPYTHONDIR := $(CURDIR)/build/ipython
export JUPYTER_CONFIG_DIR := $(CURDIR)/build/jupyter/config
export JUPYTER_DATA_DIR := $(CURDIR)/build/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CURDIR)/build/jupyter/runtime

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

figures: $(READY) ## run every notebook: figures/ (image and table), executed copies in build/notebooks/
	$(REPRODUCIBLE) $(PY) -m nbconvert --to html --execute --output-dir build/notebooks \
		--ExecutePreprocessor.kernel_name=python3 --ExecutePreprocessor.timeout=900 $(NOTEBOOKS)
	$(REPRODUCIBLE) $(PY) -m benchmarks.corpus_extraction

test: lint ## lint, types, tests, and the examples in docstrings and README
	$(PY) -m pytest -q

lint: $(READY) ## ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m mypy

bench: $(READY) ## how fast and how large
	$(REPRODUCIBLE) $(PY) -m benchmarks.speed

train: $(READY) ## fit the models again; needs the data in $ON_THE_RECORD_DATA
	$(REPRODUCIBLE) $(PY) -m research.training.all

# One version of each package for all Pythons (fewest), so that results don't differ by Python.
lock: ## refresh requirements.lock from pyproject.toml; needs uv
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=path/to/uv" >&2; exit 1; }
	$(UV) pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-header --no-annotate --group build \
		--extra figures --extra notebooks --extra parquet --extra reader --extra test \
		pyproject.toml --output-file requirements.lock

clean: ## remove what the tools made, .venv too; figures/ stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find research tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "On the Record needs Python 3.11 to 3.14 and found $$(python3 --version 2>&1)." \
		"Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null || { echo \
		"On the Record needs Python 3.11 to 3.14; PYTHON=$(PYTHON) is $$("$(PYTHON)" --version 2>&1)." >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
