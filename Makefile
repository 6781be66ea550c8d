# Needs only make and Python 3.11 or later: each target sets up what it uses.
include layers/build.mk
PORT ?= 3000
DATA_DIR ?= .local
DEMO ?= 1
WORKERS ?= 2
HOST ?= localhost
LOCALSTACK_HOST ?= localhost:4566
ARCHITECTURE ?= x86_64
export SMOKE BEFORE PORT DATA_DIR DEMO WORKERS HOST WRITE_ORIGINS DYNAMODB SOURCE FROM TO DAYS REPAIR ARCHITECTURE
export SAM_CLI_TELEMETRY = 0

BIN := .venv/bin
SAM := .tools/sam/bin/sam
COMMAND := exec $(BIN)/python -m local.commands.rollup
BUILT := .aws-sam/build
# The lists are complete, so pip has nothing to resolve.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r
OVERRIDES = --parameter-overrides Architecture=$(ARCHITECTURE)
NO_BYTECODE = No bytecode can be made: no Python 3.13 was found (PYTHON=/path/to/python3.13 names one). \
	Functions then compile all they import at each cold start, in 2.6 to 3.2 times the processor time.
CODE := layers/common/python/quarterhour functions local tests $(wildcard bench/*.py)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

start: .venv/local.stamp ## Serve the API with demo data: PORT=3000 DATA_DIR=.local DEMO=1 WORKERS=2 HOST=localhost
	@exec $(BIN)/python -m local

test: .venv/dev.stamp ## Run the tests, less those of .ci/run: COVERAGE=1 (which takes twice as long)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not real_data" $(if $(COVERAGE),--cov --cov-report=term)

e2e: .venv/dev.stamp ## Test a running service over HTTP (writes two ships and a house): URL=http://127.0.0.1:3000
	@QH_URL="$(URL)" $(BIN)/python -m pytest -m http tests/e2e

e2e-sam: .venv/dev.stamp ## Test sam-local in real containers: Docker, or podman, runc and debootstrap as root on Debian
	@$(BIN)/python -m pytest -m opt_in tests/e2e/test_sam_local.py

lint: .venv/dev.stamp ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)

fix: .venv/dev.stamp ## Correct what the style checks can correct
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: .venv/local.stamp ## Generate the OpenAPI document from the functions
	$(BIN)/python -m local.commands.openapi

build: tools ## Build the functions and the layer for Lambda: ARCHITECTURE=x86_64 (or arm64)
	$(SAM) validate --lint
	PYTHON="$(CURDIR)/.tools/sam/bin/python" LAMBDA_PYTHON="$(LAMBDA_PYTHON)" $(SAM) build $(OVERRIDES)
	@test -n "$(LAMBDA_PYTHON)" || echo "$(NO_BYTECODE)" >&2

deploy: bytecode build ## Show what would change, then deploy to AWS: ARCHITECTURE, STACK, PARAMETERS, BYTECODE (docs/aws.md)
	$(SAM) deploy $(STACK:%=--stack-name %) $(OVERRIDES) $(PARAMETERS)

bytecode:
	@test -n "$(LAMBDA_PYTHON)$(filter no,$(BYTECODE))" || \
		{ echo "$(NO_BYTECODE) To deploy without: make deploy BYTECODE=no" >&2; exit 1; }

localstack: .venv/local.stamp ## Serve the API here with its table in LocalStack: LOCALSTACK_HOST=localhost:4566
	@exec env LOCALSTACK_HOST=$(LOCALSTACK_HOST) $(BIN)/python -m local

sam-local: build .venv/local.stamp ## Serve the built functions in containers: PORT=3000 DATA_DIR=.local, or DYNAMODB=<URL of a DynamoDB>
	@exec $(BIN)/python -m local.commands.sam_local

rollup: .venv/local.stamp ## Settle now what the schedule would settle later: DATA_DIR=.local, or TABLE_NAME and SHARDS
	@$(COMMAND) rollup

rebuild: .venv/local.stamp ## Rebuild everything derived from readings: SOURCE=1 (a ship) or H1 (a house) FROM=2018-08-24 TO=2018-08-31
	@$(COMMAND) rebuild

check: .venv/local.stamp ## Compare random closed days with the readings: SOURCE=1 (or H1; all without it) DAYS=10, REPAIR=1 marks what differs
	@exec $(BIN)/python -m local.commands.check

e2e-emulated: .venv/dev.stamp tools .tools/emulated.stamp ## Deploy to an emulated AWS and test it there; proves nothing about AWS (takes minutes)
	@$(BIN)/python -m pytest -m opt_in tests/e2e/emulated

bench: .tools/bench.stamp ## Measure beside Flask with SQLite and PostgreSQL, write docs/performance.md (takes minutes): SMOKE=1, BEFORE=checkout
	@PYTHONPATH=layers/common/python .tools/bench/bin/python -m bench

tools: .tools/sam.stamp ## Install the AWS SAM CLI under .tools/

clean: ## Remove everything that was set up or built; keeps the data under .local/
	rm -rf .venv .tools .aws-sam .hypothesis .coverage .coverage.* .*_cache

.venv/%.stamp: requirements/%.txt
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or later is needed: make PYTHON=/path/to/python3.11")'
	@echo "Setting up Python in .venv: $$(grep -c == $<) packages of $< (once, a minute or two) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python $(INSTALL) $< && touch $@

.tools/%.stamp: requirements/%.txt
	@echo "Setting up Python in .tools/$*: $$(grep -c == $<) packages of $< (once, a minute or two) ..." >&2
	@$(PYTHON) -m venv .tools/$*
	@.tools/$*/bin/python $(INSTALL) $< && touch $@

.PHONY: help start test e2e e2e-sam e2e-emulated lint fix openapi build deploy bytecode localstack sam-local rollup rebuild check bench tools clean
