# Needs make and Python 3.11 or later, nothing else: each target sets up what it uses.
PYTHON ?= python3
PORT ?= 3000
DATA_DIR ?= .local
DEMO ?= 1
WORKERS ?= 2
DYNAMODB ?= http://host.docker.internal:4566
export PORT DATA_DIR DEMO WORKERS SOURCE FROM TO
export SAM_CLI_TELEMETRY = 0

BIN := .venv/bin
SAM := .tools/sam/bin/sam
COMMAND := exec env PYTHONPATH=layers/common/python $(BIN)/python -m local.rollup
BUILT := .aws-sam/build
LOCALSTACK_URL := from localstack_client import config; print(config.get_service_endpoint('dynamodb'))
# The lists are complete, so pip has nothing to resolve.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r
CODE := layers/common/python/quarterhour functions local tests $(wildcard bench/*.py)

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

start: .venv/local.stamp ## Serve the API with demo data: PORT=3000 DATA_DIR=.local DEMO=1 WORKERS=2
	@exec $(BIN)/python -m local

test: .venv/dev.stamp ## Run the tests, less those of .ci/run
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not real_data" --cov --cov-report=term

lint: .venv/dev.stamp ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)

fix: .venv/dev.stamp ## Put right what the style checks can put right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: .venv/local.stamp ## Write the OpenAPI document from the functions
	$(BIN)/python -m local.openapi

build: tools ## Build the functions and the layer for Lambda
	$(SAM) validate --lint
	PYTHON="$(CURDIR)/.tools/sam/bin/python" $(SAM) build

deploy: build ## Deploy to AWS, after showing what would change
	$(SAM) deploy

localstack: .venv/local.stamp ## Serve the API here, its table in LocalStack: LOCALSTACK_HOST=localhost:4566
	@export AWS_ENDPOINT_URL_DYNAMODB=$$($(BIN)/python -c "$(LOCALSTACK_URL)") && exec $(BIN)/python -m local

sam-local: build ## Serve the built functions in containers, on that table: DYNAMODB=<its URL there>
	awk '1; sub(/LOG_LEVEL:.*/, "AWS_ENDPOINT_URL_DYNAMODB: $(DYNAMODB)")' $(BUILT)/template.yaml > $(BUILT)/local.yaml
	echo '{"Parameters": {"TABLE_NAME": "quarterhour-local"}}' > $(BUILT)/local.json
	$(SAM) local start-api --template $(BUILT)/local.yaml --env-vars $(BUILT)/local.json --port $(PORT)

rollup: .venv/local.stamp ## Settle what is due now; else the schedule does it: DATA_DIR=.local, or TABLE_NAME and SHARDS
	@$(COMMAND) rollup

rebuild: .venv/local.stamp ## Make anew all that is derived from readings: SOURCE=1 (a ship) or H1 (a house) FROM=2018-08-24 TO=2018-08-31
	@$(COMMAND) rebuild

bench: .tools/bench.stamp ## Measure against the budgets, and against Flask + pandas + SQLite (some minutes)
	@PYTHONPATH=layers/common/python .tools/bench/bin/python -m bench

tools: .tools/sam.stamp ## Install the AWS SAM CLI under .tools/

clean: ## Remove everything that was set up or built; data under .local/ stay
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

.PHONY: help start test lint fix openapi build deploy localstack sam-local rollup rebuild bench tools clean
