# The two commands a fresh machine with only Python and make needs: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SAMPLE := samples/llm-assistant
# `dev,lab` also compiles uWSGI for the lab.
EXTRAS ?= dev
# Each seed makes other edits.
SEEDS ?= 1

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint types layers unit lab incidents mutation bench peers docs clean

help:
	@echo "make demo    install into $(VENV) and run the main job on $(SAMPLE)"
	@echo "make test    lint, types, layers and tests, with everything they need"
	@echo "make lab     predicted against measured seconds and attempts of the installed nginx"
	@echo "make incidents  which real public incidents are found before their fix, and what is said after it"
	@echo "make mutation  which single edits of files that keep their budget are noticed (SEEDS=20 for more)"
	@echo "make bench   how long budgetcheck takes to start, for the samples, a very large file, and a difference"
	@echo "make peers   what other linters say about the samples; installs them, so it needs a network"
	@echo "make docs    write README.md's generated parts, docs/ and schemas/ again"
	@echo "make clean   remove $(VENV) and all caches"

demo: $(VENV)/.installed
	@echo '$$ budgetcheck $(SAMPLE)/infra $(SAMPLE)/app.yaml'
	@$(BIN)/budgetcheck $(SAMPLE)/infra $(SAMPLE)/app.yaml; status=$$?; \
	  echo; echo "exit code $$status: 1 is right here, the sample holds a fault"; \
	  test $$status -eq 1

test: lint types layers unit

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

unit: $(VENV)/.installed-dev
	$(BIN)/pytest -n auto

lab: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.lab.table

incidents: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.incidents.table

mutation: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.mutation.table $(SEEDS)

bench: $(VENV)/.installed
	@$(BIN)/python benchmarks/start.py
	@$(BIN)/python benchmarks/large.py
	@$(BIN)/python benchmarks/python_files.py
	@$(BIN)/python benchmarks/diff.py

peers: $(BIN)/python
	@$(BIN)/python benchmarks/peers.py

docs: $(VENV)/.installed-dev
	$(BIN)/python tests/meta/regenerate.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: a second run installs again only when the requirements have changed.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "budgetcheck needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS)]'
	@touch $@ $(VENV)/.installed
