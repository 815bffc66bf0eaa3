# `make` lists what there is. VENV=folder uses another environment, PYTHON=path another interpreter, JOBS=1 one process for all tests.
VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
JOBS ?= auto
ALL_TESTS := $(PY) -m pytest $(if $(filter 1,$(JOBS)),,-n $(JOBS) --maxprocesses 8 --dist worksteal)
READY := $(VENV)/.ready
CODE := main.py functions shared emulators infra tests
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup up demo test test-fast test-pipeline check bench mutants nightly bundle docs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## Create the environment from the locked dependencies

$(READY): requirements-dev.txt infra/pip.txt infra/setup.sh
	@PYTHON="$(PYTHON)" sh infra/setup.sh "$(VENV)"

up: $(READY) ## Start the suite and print its URLs; STATE=folder keeps its data between runs
	@$(BIN)/sdr up $(if $(STATE),--state "$(STATE)")

demo: $(READY) ## Watch three form submissions become drafts in Gmail and entries in HubSpot
	@$(BIN)/sdr demo

test: check ## Check style and types, then run all tests, one process per core (JOBS=3 for three)
	@$(ALL_TESTS)

test-fast: $(READY) ## Run the tests that need no sockets and no processes
	@$(PY) -m pytest tests/unit

test-pipeline: $(READY) ## Run the journeys; EMULATORS=official takes Google's own emulators of Firestore and Pub/Sub
	@$(PY) -m pytest tests/pipeline

check: $(READY) ## Lint, format and types (import rings are tests)
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --quiet --check $(CODE) || { echo "run: $(BIN)/ruff format $(CODE)" >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary

bench: $(READY) ## Measure and write docs/benchmarks.md
	@$(PY) -m tests.bench

mutants: $(READY) ## Break the domain and the stages on purpose and count what the tests notice
	@$(PY) -m infra.mutants

nightly: test ## Everything `make test` runs, the slow tests and the mutants
	@$(ALL_TESTS) -m nightly
	@$(PY) -m infra.mutants

bundle: $(READY) ## Write every function's zip to build/
	@$(PY) -m infra.bundle --all

docs: $(READY) ## Regenerate functions/README.md and docs/settings.md
	@$(PY) -m infra.readme
	@$(PY) -m infra.settings_doc

lock: $(READY) ## Resolve pyproject.toml anew into both requirements files
	@$(UV_COMPILE) -o requirements.txt
	@$(UV_COMPILE) --group test -c requirements.txt -o requirements-dev.txt

clean: ## Remove what was generated; the environment and the suite's data stay
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
