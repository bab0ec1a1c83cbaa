# Everything runs in the project's own environment, .venv. Start with `make demo`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
SETS := tests/evaluation
FAULT_SECONDS ?= 600

.PHONY: help setup demo test chaos check format bench evaluate cover train lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv and install everything (quick when nothing changed)

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Copilot needs Python 3.11, 3.12 or 3.13; {sys.executable} is {v[0]}.{v[1]}. Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup ## the bot at work in a browser, with nothing configured
	@$(BIN)/copilot demo

test: setup ## all tests
	$(BIN)/pytest -n 2 --dist loadgroup

chaos: setup ## the fault run (FAULT_SECONDS, ten minutes), then the whole crash matrix (about half an hour)
	$(BIN)/python -m tests.chaos.fault_run --seconds $(FAULT_SECONDS)
	CHAOS_CELLS=0 $(BIN)/pytest -n 2 tests/chaos

check: setup ## format, lint, types, import contracts, floors of understanding
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/copilot eval --quiet --floor $(SETS)/floors.json

evaluate: setup ## measure how strangers are understood; writes a report beside the sets
	$(BIN)/copilot eval --floor $(SETS)/floors.json --report $(SETS)/REPORT.md --plot $(SETS)/reliability.png

format: setup ## mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

cover: setup ## tests with coverage; fails below the floor
	$(BIN)/pytest -n 2 --dist loadgroup --cov --cov-report=term --cov-fail-under=85

bench: setup ## measure; prints a table, writes build/bench.json
	$(BIN)/python -m tests.benchmarks.run

train: setup ## make the models anew from training/: intents (a minute) and severity
	$(BIN)/python -m training.train
	$(BIN)/python -m training.severity

lock: setup ## compile the requirement lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev -o requirements-dev.txt pyproject.toml

clean: ## remove the environment, build output and the demo's data
	rm -rf .venv build .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
