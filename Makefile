VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: run quick test check lint types docs bench install install-dev

run: install  ## the app on http://localhost:8501
	$(BIN)/streamlit run app.py

quick: install-dev  ## what needs no browser, real model, real data or training: two minutes on two cores
	$(BIN)/pytest --quick -n 2 --dist worksteal

test: install-dev  ## all tests; those that need a browser, real models or real data skip with a reason without them
	$(BIN)/pytest -n 2 --dist loadscope

check: lint types test docs  ## everything CI runs, in CI's order

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy emoclf db jobs commands

docs: install-dev
	$(BIN)/cog --check -I . docs/architecture.md docs/api.md docs/configuration.md

bench: install-dev  ## every benchmark; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.all

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

$(VENV)/installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/installed
