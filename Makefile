# cspbill: `make help` lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export CSPBILL_HOME ?= $(CURDIR)/var
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install emulators demo test lint format chaos bench ui docs lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(STAMP) ## Create .venv from the lock file (Python 3.11 or newer is all it needs)

$(STAMP): requirements.lock requirements-bootstrap.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cspbill needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Say which one with: make PYTHON=python3.12 …")'
	@echo "Installing into $(VENV) (about a minute with an empty package cache) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## Bill a demo reseller's month end to end, by the real Airflow DAGs
	@$(BIN)/python dags/support/run_demo.py

emulators: $(STAMP) ## Install the services that tests start (Azurite, a BigQuery emulator) into .emulators
	@tests/emulators/install.sh

test: $(STAMP) ## Lint and run every test
	@$(MAKE) --no-print-directory emulators
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(STAMP) ## ruff, mypy, sqlfluff and the money lint
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models

format: $(STAMP) ## Format Python and SQL in place
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --processes 2 --disable-progress-bar dbt_project/models

chaos: $(STAMP) ## kill -9 at 20 random moments of run and of issue; rerun; compare
	@$(BIN)/python tests/chaos/run.py --moments 20

bench: $(STAMP) ## Time 1 M and 10 M row months, landing 2 GB, issuing 5,000 documents
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/issue.py
	@$(BIN)/python benchmarks/land.py

ui: $(STAMP) ## Start the Airflow UI with the DAGs and print where to log in
	@$(BIN)/python dags/support/serve_ui.py

docs: $(STAMP) ## Regenerate docs/reference/tables.md from dbt
	@$(BIN)/python docs/generate_tables.py

lock: $(STAMP) ## Resolve requirements.lock anew
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header tests/emulators/requirements-bigquery.in -o tests/emulators/requirements-bigquery.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header tests/emulators/requirements-focus.in -o tests/emulators/requirements-focus.lock

clean: ## Remove everything made here, except .venv and .emulators
	@rm -rf var dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
