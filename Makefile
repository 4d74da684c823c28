# Two commands for everybody: make run, make test. The others are for those who change things. See docs/operating.md.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-all bench lint lock css translations

PORT ?= 8000
PYTHON_HERE := .venv/bin/python
TRANSLATIONS := portal/translations
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --upgrade pyproject.toml requirements/build.in

help: ## Explain every command in a line
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Prepare this clone: .venv with the locked dependencies, and the system packages they need
	@bin/setup

run: ## Start the demonstration on http://localhost:8000 (another port: make run PORT=8123)
	@bin/setup
	@exec .venv/bin/portal demo --port $(PORT)

test: ## Run every test that a change must pass (under ten minutes on two cores)
	@bin/setup --test
	@$(PYTHON_HERE) -m pytest -n 2 --dist loadfile -m "not slow"

test-all: ## Run every test, the slow ones too (under two hours)
	@bin/setup --test
	@$(PYTHON_HERE) -m pytest -n 2 --dist loadfile -m "slow or not slow"

bench: ## Measure against the bare limit of this machine; prints JSON lines
	@bin/setup --test
	@$(PYTHON_HERE) -m bench
	@$(PYTHON_HERE) -m bench.alone
	@$(PYTHON_HERE) -m bench.drop
	@$(PYTHON_HERE) -m bench.slots
	@$(PYTHON_HERE) -m bench.screening
	@$(PYTHON_HERE) -m bench.strangers

lint: ## Check style, types and who imports whom
	@bin/setup --test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(PYTHON_HERE) -m mypy portal demo
	@.venv/bin/lint-imports

lock: ## Write the locks anew with the newest versions that pyproject.toml allows (needs uv)
	@$(LOCK) --output-file requirements/run.txt
	@$(LOCK) --extra dev --output-file requirements/develop.txt

css: ## Compile the style sheet from its sources (needs node; nobody else does)
	@cd assets && npm install --silent --no-package-lock --no-audit --no-fund && npm run --silent build

translations: ## Collect the texts and bring the French catalogue up to date
	@bin/setup
	@$(PYTHON_HERE) -m babel.messages.frontend extract --mapping-file=babel.cfg --keyword=_l --keyword=lazy_gettext \
	  --keyword=Lazy --no-location --sort-output --project=Passage --output-file=$(TRANSLATIONS)/messages.pot .
	@$(PYTHON_HERE) -m babel.messages.frontend update --input-file=$(TRANSLATIONS)/messages.pot \
	  --output-dir=$(TRANSLATIONS) --locale=fr --no-fuzzy-matching --ignore-obsolete
