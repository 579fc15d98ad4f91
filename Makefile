# peercompare: `make report` and `make test` are the two commands; `make help` lists the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
STUDY ?= notebooks/study.toml

.DEFAULT_GOAL := help
.PHONY: help install report verify manifest test test-slow test-embeddings test-scale test-browser bench check format lock clean

help:  ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

install: $(VENV)/.core  ## Make .venv and install the locked requirements and the package

$(VENV)/.core: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) from requirements.lock (once; a minute or two) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "peercompare needs Python 3.11 or newer; call: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.core
	@echo "Adding what the tests need from requirements-test.lock ..."
	@$(PIP) --require-hashes --only-binary :all: -r requirements-test.lock
	@touch $@

report: $(VENV)/.core  ## Run the default study into results/ and render results/report.html
	@$(BIN)/peercompare run $(STUDY)

# By file, since a file's tests share what was costly to make (groups are not kept under pytest 9.2).
test: $(VENV)/.test  ## Pass all tests but the slow simulations, on every core
	@$(BIN)/python -m pytest -m "not slow" --numprocesses auto --dist loadfile --no-loadscope-reorder

test-slow: $(VENV)/.test  ## Check the intervals' coverage by simulation
	@$(BIN)/python -m pytest -m slow

test-embeddings: $(VENV)-embeddings/.installed  ## Test models on embeddings, in an environment of their own (large)
	@$(VENV)-embeddings/bin/python -m pytest tests/classifier/embeddings -m "not slow"

$(VENV)-embeddings/.installed: requirements-embeddings-test.txt requirements-test.lock requirements.lock pyproject.toml
	@echo "Setting up $(VENV)-embeddings with torch and sentence-transformers (once; several minutes) ..."
	@$(MAKE) --no-print-directory VENV=$(VENV)-embeddings $(VENV)-embeddings/.test
	@$(VENV)-embeddings/bin/python -m pip --disable-pip-version-check --quiet install -r requirements-embeddings-test.txt
	@touch $@

test-scale: $(VENV)-scale/.installed  ## Test work on several processes with Dask, in an environment of its own (kills and restarts them)
	@$(VENV)-scale/bin/python -m pytest tests/scale

$(VENV)-scale/.installed: requirements-scale-test.txt requirements-test.lock requirements.lock pyproject.toml
	@echo "Setting up $(VENV)-scale with dask and distributed (once; some minutes) ..."
	@$(MAKE) --no-print-directory VENV=$(VENV)-scale $(VENV)-scale/.test
	@$(VENV)-scale/bin/python -m pip --disable-pip-version-check --quiet install -r requirements-scale-test.txt
	@touch $@

test-browser: $(VENV)-browser/.installed  ## Test the pages in Chromium with axe-core (adds a driver in a folder of its own)
	@PEERCOMPARE_BROWSER_TOOLS=$(abspath $(VENV)-browser) PYTHONPATH=$(abspath $(VENV)-browser)/python $(BIN)/python -m pytest tests/browser

$(VENV)-browser/.installed: requirements-browser-test.txt tests/browser/package-lock.json $(VENV)/.test
	@command -v npm >/dev/null || { echo "axe-core is installed by npm: install Node.js, and a Chromium or Chrome"; exit 2; }
	@echo "Adding to $(VENV)-browser what drives a browser (playwright, without one of its own) and axe-core ..."
	@mkdir -p $(VENV)-browser
	@$(PIP) --upgrade --no-deps --target $(VENV)-browser/python -r requirements-browser-test.txt
	@cp tests/browser/package.json tests/browser/package-lock.json $(VENV)-browser/
	@npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)-browser
	@touch $@

bench: $(VENV)/.test report  ## Compare with others side by side: time and memory (slow; into results/benchmarks)
	@$(BIN)/python tests/benchmarks/run_all.py

verify: $(VENV)/.core  ## Run the default study again and compare its main numbers with notebooks/manifest.json
	@$(BIN)/peercompare verify $(STUDY) --against $(dir $(STUDY))manifest.json

manifest: report  ## For developers: keep the main numbers of the default study in notebooks/manifest.json
	@$(BIN)/peercompare verify $(STUDY) --write $(dir $(STUDY))manifest.json --force

check: $(VENV)/.test  ## Check style and docstrings
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(VENV)/.test  ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock:  ## For developers with uv: write the lock files anew (no URL, no host)
	echo 'setuptools>=77' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml - --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra test --constraint requirements.lock pyproject.toml --output-file requirements-test.lock

clean:  ## Remove results and the virtual environment
	rm -rf results $(VENV) $(VENV)-embeddings $(VENV)-scale $(VENV)-browser $(VENV)-bench-*
