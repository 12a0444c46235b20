# Liuhen 留痕. On a machine with Python 3.11 or newer and make:
#   make run    environment, demonstration data, server on 127.0.0.1:8000
#   make test   environment, then every check

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Further arguments: make unit ARGS="-k supplement -x", make bench ARGS=--full
ARGS   ?=
# make lock keeps what still fits; make lock UPGRADE=--upgrade takes the newest
UPGRADE ?=
CODE   := domain adapters projections api tests bench

.DEFAULT_GOAL := help
.PHONY: help env run test lint types imports unit bench format lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 10

env: $(VENV)/.installed ## make .venv from the lock

# Made anew whenever the lock changes, so that nothing stays behind which the lock does not name.
$(VENV)/.locked: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# The project itself: entry points and the path to the repository. No isolation, because the
# build backend is in the lock too.
$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: env ## load the eight evaluations, print them, serve on 127.0.0.1:8000
	$(BIN)/liuhen demo

test: lint types imports unit ## every check

lint: env ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: env ## mypy, strict, tests included
	$(BIN)/mypy

imports: env ## import-linter: imports point inwards
	$(BIN)/lint-imports

unit: env ## pytest on every core
	$(BIN)/python -m pytest -n auto $(ARGS)

bench: env ## measure against the raw limits, some minutes; ARGS=--full takes longer
	$(BIN)/python -m bench $(ARGS)

format: env ## format and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Universal: one lock for every platform and every Python from 3.11 on. The runtime lock is
# held to the versions of the development lock.
lock: ## make requirements*.txt from pyproject.toml
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	$(PYTHON) -m venv "$$scratch/uv"; \
	"$$scratch/uv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'; \
	compile() { "$$scratch/uv/bin/uv" pip compile --quiet $(UPGRADE) --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links "$$@"; }; \
	compile --extra dev --output-file requirements-dev.txt pyproject.toml; \
	compile --constraint requirements-dev.txt --no-annotate --output-file requirements.txt pyproject.toml; \
	printf 'editables\nhatchling\n' | compile --constraint requirements-dev.txt --no-annotate --output-file requirements-build.txt -

clean: ## remove the environment and everything made by the tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage build dist
	find $(wildcard $(CODE) examples) -name __pycache__ -type d -prune -exec rm -rf {} +
