# `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: coverage migration psql help run test check fast format bench faults openapi fuzz requirements audit sbom clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/run ## Serve on 127.0.0.1:$PORT (8000), with an embedded PostgreSQL unless DATABASE_URL is set
	@exec ./pulso-server

test: $(VENV)/dev ## Run the whole suite on a real PostgreSQL
	@$(BIN)/python -m pytest

check: $(VENV)/dev ## Check style, types and imports
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fast: $(VENV)/dev ## Run the tests that need no database
	@$(BIN)/python -m pytest -q tests/unit tests/house

format: $(VENV)/dev ## Put the code into its form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: $(VENV)/dev ## Measure speed as ratios, all in one run
	@$(BIN)/python -m benchmarks

faults: $(VENV)/dev ## Kill, cut, freeze and fill what there is, and look whether anything is lost
	@$(BIN)/python -m faults

openapi: $(VENV)/dev ## Write the released OpenAPI document, unless that would break clients
	@$(BIN)/python -m tests.contract.release

fuzz: $(VENV)/dev ## Send 10,000 requests made from the OpenAPI document, and 24,000 mutated ones
	@FUZZ_CASES=600 $(BIN)/python -m pytest -q tests/contract/test_fuzz.py tests/e2e/test_lost_in_silence.py

requirements: $(VENV)/dev ## Compile the pinned requirements from the .in files
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --upgrade requirements.in --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --upgrade requirements-dev.in --output-file requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --upgrade requirements-otel.in --output-file requirements-otel.txt

audit: $(VENV)/dev ## Look the pinned libraries up among the known vulnerabilities
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off \
		-r requirements.txt -r requirements-dev.txt

sbom: $(VENV)/dev ## Write sbom.json, the libraries of the service as CycloneDX
	@$(BIN)/cyclonedx-py requirements --output-reproducible --output-file sbom.json requirements.txt
	@echo "sbom.json lists what the service needs to run."

coverage: $(VENV)/dev ## Run the tests, and hold the branch coverage of app/domain and app/services
	@# Without the tests that measure time, which coverage lengthens.
	@$(BIN)/coverage run -m pytest -q tests/unit tests/services tests/store tests/api tests/cli tests/concurrency \
		--ignore=tests/unit/test_csv_hostile.py
	@$(BIN)/coverage report

psql: $(VENV)/run ## Open psql on the embedded database, or on that of DATABASE_URL
	@./pulso-server psql

migration: $(VENV)/dev ## Write the next migration: make migration NAME=what_it_does
	@echo '$(NAME)' | grep -qE '^[a-z][a-z0-9_]{2,39}$$' || { \
		echo 'NAME must be 3 to 40 small letters, digits and underscores: make migration NAME=what_it_does'; exit 1; }
	@$(BIN)/alembic -c migrations/alembic.ini revision --message '$(NAME)' \
		--rev-id $$(printf '%04d' $$(($$(ls migrations/versions/[0-9]*.py | wc -l) + 1)))

clean: ## Remove caches and reports; keep .venv and the data under var/
	@find . \( -path ./$(VENV) -o -path ./var -o -path ./.git \) -prune -o -name __pycache__ -type d -print0 \
		| xargs -0 rm -rf
	@rm -rf .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache sbom.json
	@echo "Removed caches and reports. The libraries in $(VENV) and the data under var/ are kept."

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pulso needs Python 3.11 or later")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the service needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what working on the service needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run
