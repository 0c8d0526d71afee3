# Everything a person or CI runs here. `make help` lists it. Needs Python 3.11+, git and make; the rest is set up in
# .venv on first use.

# Which Python makes .venv: `make test PYTHON=python3.12`.
PYTHON ?= python3
# The share of branches and lines, in per cent, that tests must run.
COVERAGE_FLOOR ?= 85
# How many tests run side by side.
JOBS ?= 2
# How many examples `make fuzz` tries for each property.
EXAMPLES ?= 5000
# More words for the command behind a target: `make bench ARGS=--quick`, `make unit ARGS='-k slugs'`.
ARGS ?=

BIN := .venv/bin
export COVERAGE_FLOOR JOBS EXAMPLES
# pip's downloads stay inside the checkout too, and serve the smoke run of the wheel.
export PIP_CACHE_DIR ?= $(CURDIR)/.venv/cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Inside a git hook these point at the repository being committed to; a test that inherits them writes into it.
unexport GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
unexport GIT_COMMON_DIR GIT_PREFIX GIT_NAMESPACE GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Hundreds of tests start a command: each would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.NOTPARALLEL:
.PHONY: help demo test unit lint format docs bench race fuzz soak venv venv-runtime clean

help:
	@echo 'make demo     a guided tour of the sample tracker, in a new repository of its own'
	@echo 'make test     everything CI runs: lint, types, layers, docs, tests with coverage, the built wheel'
	@echo 'make unit     the tests alone, without coverage    (ARGS=tests/model, ARGS="-k slugs")'
	@echo 'make lint     the parts of make test that run no test'
	@echo 'make format   rewrite the code as ruff format and ruff check --fix want it'
	@echo 'make docs     write the generated pages of docs/ again'
	@echo 'make bench    time the commands against their targets    (ARGS=--quick, ARGS=--markdown)'
	@echo 'make race     many processes write at once: what fails, and what is lost'
	@echo 'make fuzz     the property tests, with many examples    (EXAMPLES=5000)'
	@echo 'make soak     the tests that run for minutes'
	@echo 'make venv     set up .venv with the development tools, and nothing else'
	@echo 'make clean    remove what these made: .venv, caches, coverage, bench/out'
	@echo
	@echo 'PYTHON=... chooses the interpreter (3.11 or later).'

demo: venv-runtime
	@$(BIN)/python tools/demo.py $(ARGS)

test: venv
	@$(BIN)/python tools/gate.py test

lint: venv
	@$(BIN)/python tools/gate.py lint

unit: venv
	@$(BIN)/python -m pytest -n $(JOBS) -m 'not soak' $(ARGS)

format: venv
	@$(BIN)/python -m ruff check --fix --quiet . ; $(BIN)/python -m ruff format .

docs: venv
	@$(BIN)/python tools/docs.py

bench: venv
	@$(BIN)/python -m bench.run $(ARGS)

race: venv
	@$(BIN)/python -m bench.concurrency $(ARGS)

fuzz: venv
	@PYTHONPATH=tools $(BIN)/python -m pytest -p fuzz_profile --hypothesis-profile=fuzz -m hypothesis \
	  -n $(JOBS) $(ARGS) || { test $$? -ne 5 || echo 'make fuzz: there is no property test' >&2; exit 1; }

soak: venv
	@$(BIN)/python -m pytest -m soak $(ARGS) || { test $$? -ne 5 || echo 'make soak: no test is marked soak' >&2; exit 1; }

venv:
	@sh tools/venv.sh '$(PYTHON)' dev

venv-runtime:
	@sh tools/venv.sh '$(PYTHON)' runtime

clean:
	@rm -rf .venv dist build bench/out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@rm -f .coverage .coverage.*
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@echo 'make clean: done'
