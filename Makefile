# Everything a person does with this repository. Needs Python 3.11 or later and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv)
#: Where the data sets of the guard are (make model, make bench)
DATA ?= ../shared/data
#: What people marked, from /platform/guard/training.jsonl (make model)
MARKS ?=
#: Arguments for pytest, as in: make test ARGS="tests/ledger -x"
ARGS ?=

# One line that counts the packages instead of three lines for each; faults are told as ever.
COUNT = awk -v tty="$$(test -t 1 && echo 1 || true)" \
    '/^Collecting / && tty { printf "\r  %d packages", ++n; fflush() } END { if (tty) print "" }'

PO := $(wildcard src/gongdao/base/locale/zh/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)

.PHONY: help setup assets demo test check docs audit bench model lock clean

help: ## Say what there is to do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed $(MO) assets ## Make everything ready: environment, translations, front-end files

demo: setup ## Fill a small marketplace and serve it (PORT=..., GONGDAO_DATABASE_URL=... are honoured)
	@exec $(BIN)/gongdao demo

test: setup ## Run the whole suite (ARGS=... goes to pytest)
	@$(BIN)/pytest $(ARGS)

check: setup ## Format, lint, types, import contracts, house rules
	@echo "format";           $(BIN)/ruff format --quiet --check .
	@echo "lint";             $(BIN)/ruff check --quiet .
	@echo "types";            $(BIN)/basedpyright --level error
	@echo "calls of tests";   $(BIN)/basedpyright --level error -p tests
	@echo "import contracts"; $(BIN)/lint-imports --no-logo
	@echo "house rules";      $(BIN)/pytest tests/house

docs: setup ## Draw the pages of docs/ that come from the code
	@$(BIN)/gongdao dialect page > docs/dialects.md
	@$(BIN)/python -m tests.house.coverage

audit: .venv/.installed ## Ask the advisory service about the locked packages (needs the network)
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/run.txt

bench: setup ## Run the benchmarks: one JSON line each, with its limit or peer
	@for name in commands ruling deadlines replays pages whatif simulate routing chat chat_search day guard_rings guard; do DATA="$(DATA)" $(BIN)/python -m bench.bench_$$name; done

model: setup ## Train the guard's small model again from what may be shipped (DATA=folder MARKS=own marks)
	@if [ -n "$(UV)" ]; then "$(UV)" pip install --python $(BIN)/python --require-hashes -r requirements/model.txt; \
	else $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements/model.txt; fi
	@$(BIN)/python -m training.train_guard "$(DATA)" $(MARKS)

lock: .venv/.made ## Lock the newest versions that pyproject.toml allows
	@uv="$(UV)"; if [ -z "$$uv" ]; then $(BIN)/pip install --quiet uv; uv=$(BIN)/uv; fi; \
	compile=("$$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml); \
	"$${compile[@]}" -o requirements/run.txt; \
	"$${compile[@]}" --extra dev -c requirements/run.txt -o requirements/dev.txt; \
	"$${compile[@]}" --extra model -c requirements/dev.txt -o requirements/model.txt

clean: ## Remove what setup made; the data in var/ stays
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf src/gongdao/web/node_modules src/gongdao/web/static/vendor
	rm -f $(MO)

assets: .venv/.installed
	@$(BIN)/python -m gongdao.web.assets

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; name one: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "Python cannot make virtual environments here: apt install python3-venv" >&2; exit 1; }
	@echo "Making the virtual environment"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.made requirements/dev.txt pyproject.toml
	@echo "Installing the locked packages"
	@if [ -n "$(UV)" ]; then \
	    "$(UV)" pip install --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
	    "$(UV)" pip install --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	    $(BIN)/python -m pip install --no-compile --disable-pip-version-check --require-hashes -r requirements/dev.txt | $(COUNT); \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

%.mo: %.po .venv/.installed
	@$(BIN)/pybabel --quiet compile -i $< -o $@
